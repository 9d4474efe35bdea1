/*
 * network.h
 *	  Networks over histories: what the trainer (network.c) and the architectures (gru.c, lstm.c,
 *	  caser.c, sasrec.c) share.
 *
 * An architecture turns a sequence of events into an output for each of them, a vector of k
 * `factors`, that depends on this event and those before it. The score of item i after an event
 * with output h is h . e_i + b_i, where e_i is the item's embedding, which is also what the network
 * reads of the item's events (tied weights), and b_i its bias.
 */
#ifndef REC_NETWORK_H
#define REC_NETWORK_H

#include <math.h>

#include "algorithm/algorithm.h"
#include "algorithm/factors.h"
#include "kernel/dropout.h"

typedef struct NetworkOptions
{
	CommonOptions common;
	int32_t		factors;		/* k */
	int32_t		layers;
	int32_t		heads;			/* of attention */
	int32_t		window;			/* of convolutions: the events that they see */
	int32_t		max_length;		/* the most events of a sequence */
	int32_t		batch_size;		/* events */
	int32_t		negatives;		/* 0: all items */
	int32_t		iterations;
	int32_t		patience;
	int32_t		seed;
	double		learning_rate;
	double		dropout;
	double		time_budget;	/* seconds; 0: none */
	double		relevant_from;	/* the least rating of an event that is read */
} NetworkOptions;

/* As relevant_from: no rating is lower. */
#define ALL_RELEVANT (-1e30)

/*
 * Sequences of events, packed: none is padded. Sequences are in the order of descending length.
 * Each event has a row of k numbers in matrices that lie row by row, without gaps.
 *
 * An architecture chooses the order of the rows. By sequence: the rows of sequence s are begin[s]
 * .. begin[s] + length[s] - 1. By time (time_major): the rows of all first events, then those of
 * all second events and so on; event t of sequence s has row begin[t] + s, and the sequences with
 * an event t are 0 .. begin[t + 1] - begin[t] - 1.
 */
typedef struct Sequences
{
	int32_t		n;
	int32_t		n_rows;
	int32_t		longest;		/* the length of the longest, sequence 0 */
	const int32_t *length;		/* of each sequence; at least 1 */
	const int32_t *begin;		/* n + 1 of sequences, or longest + 1 of times */
} Sequences;

/* What the numbers of a matrix or vector are at first. */
typedef enum Initial
{
	INITIAL_ZERO,
	INITIAL_ONE,
	/*
	 * uniform within sqrt(6 / (rows + columns)) of 0 (Glorot & Bengio 2010, "Understanding the
	 * difficulty of training deep feedforward neural networks", (16))
	 */
	INITIAL_GLOROT,
	INITIAL_SMALL				/* normal with a deviation of 0.02 */
} Initial;

/* A matrix or vector that training learns, besides the numbers of the items. */
typedef struct Weights
{
	const char *name;
	int32_t		rows;			/* 1: a vector */
	int32_t		columns;
	Initial		initial;
	/* where the numbers begin among those of all weights: a multiple of 16 */
	int64_t		offset;
	int			layer;			/* from 1; 0: of no layer */
} Weights;

/* The most layers of a network. */
#define MOST_LAYERS 8

/* Sets the offsets of n weights; returns the number of all their numbers, with gaps. */
extern int64_t place_weights(Weights *weights, int n);

typedef struct Architecture
{
	bool		time_major;

	/* Sets the weights and returns how many there are; weights NULL: only returns that. */
	int			(*weights) (const NetworkOptions *o, Weights *weights);

	/* The bytes of space that forward() and, training, backward() need. */
	size_t		(*space_bytes) (const NetworkOptions *o, int64_t n_rows, int64_t n_sequences,
								bool training);

	/*
	 * From x, n_rows x k, the outputs, n_rows x k. x may be overwritten. weights are the numbers of
	 * all weights. What backward() needs stays in the space, if training; otherwise only the
	 * outputs after the last events of sequences need be set. The outputs of a sequence are the
	 * same, to rounding, with whatever other sequences they are computed.
	 */
	void		(*forward) (const NetworkOptions *o, const float *weights,
							const Sequences *sequences, float *x, float *outputs,
							const Dropout *dropout, bool training, void *space);

	/*
	 * After forward(), from the gradient of the outputs: that of x, n_rows x k, which is set, and
	 * those of the weights, which are added to. d_outputs may be overwritten.
	 */
	void		(*backward) (const NetworkOptions *o, const float *weights,
							 const Sequences *sequences, float *d_outputs, float *d_x,
							 float *d_weights, const Dropout *dropout, void *space);
} Architecture;

/* The most weights of an architecture. */
#define MOST_WEIGHTS (16 * MOST_LAYERS + 8)

/* The columns of the items. */
enum
{
	NETWORK_BIAS,
	NETWORK_FACTORS,
	NETWORK_COLUMNS
};

/* Events, the latest last. */
typedef struct EventList
{
	const int32_t *items;
	int64_t		n;
} EventList;

/* Memory for computing the outputs of some sequences. */
typedef struct OutputSpace
{
	int32_t    *length;			/* by sequence */
	int32_t    *begin;			/* Sequences.begin */
	float	   *x;				/* rows x k */
	float	   *outputs;		/* rows x k */
	void	   *space;			/* of the architecture */
} OutputSpace;

/*
 * Lays out memory for n_sequences with n_rows events together, each of at most max_length; returns
 * the bytes.
 */
extern size_t network_lay_out(const Architecture *architecture, const NetworkOptions *o,
							  int64_t n_sequences, int64_t n_rows, const void *memory,
							  OutputSpace *w);

/*
 * Sets where each sequence, or each time, begins. The lengths are set, in descending order; begin
 * has room for as many numbers as there are sequences or times, and one more.
 */
extern void network_place_rows(const Architecture *architecture, Sequences *sequences,
							   int32_t *begin);

/* The row of event t of sequence s. */
static inline int64_t
network_row(const Architecture *architecture, const Sequences *sequences, int s, int t)
{
	return architecture->time_major ? sequences->begin[t] + s : sequences->begin[s] + t;
}

/*
 * The outputs, k numbers each, after the last events of n histories, which have at least one event
 * and are in the order of descending length up to max_length.
 */
extern void network_outputs(const Architecture *architecture, const Model *model,
							const EventList *histories, int n, float *outputs,
							const OutputSpace *w);

/* The number of the numbers of all weights, with gaps. */
extern int64_t network_numbers(const Architecture *architecture, const NetworkOptions *o);

/* The events of a batch. */
extern int32_t network_batch_size(const NetworkOptions *o, int64_t n_events);

/*
 * The most items that the next one is compared with: those that are drawn for a step, or all.
 */
extern int64_t network_candidates(const NetworkOptions *o, int64_t n_items);

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t
max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* ---- the contract's functions (algorithm.h); some also take the architecture ---- */

extern void network_decide(const Ratings *ratings, void *options);
extern unsigned network_needs(const void *options);
extern int	network_columns(const void *options, SideKind side, Column *columns);
extern int	network_parameters(const Architecture *architecture, const void *options,
							   Parameter *parameters);
extern int	network_arrays(const Architecture *architecture, const void *options,
						   const Extent *extent, size_t *bytes);
extern size_t network_scratch_bytes(const Architecture *architecture, const void *options,
									const Extent *extent);
extern int	network_iterations(const void *options);
extern const char *network_refuses_refresh(const void *options);
extern const char *network_train(const Architecture *architecture, const Task *task,
								 Services *services);
extern void network_descend(const Architecture *architecture, const Task *task,
							const void *argument, int64_t begin, int64_t end, void *scratch);
extern void network_validate(const Architecture *architecture, const Task *task, int64_t begin,
							 int64_t end, void *scratch);
extern void network_map(const Task *task, const void *argument, int64_t begin, int64_t end,
						void *scratch);
/* ---- the map of the items' features (network_features.c) ---- */

/* The bytes of memory for fitting the map. */
extern size_t network_map_bytes(const NetworkOptions *o, const Extent *extent);
extern void network_fit_map(const Task *task, const void *memory, int64_t begin, int64_t end);
/* Fits the map, if items have features, and applies it to the items without events. */
extern void network_map_cold_items(const Task *task, Services *services, void *memory);
extern void network_map_items(const Model *model, const Features *features, Side *items);
extern void network_explain_features(const Model *model, const void *query, int32_t item,
									 const int32_t *features, const float *values, int64_t n,
									 float *contributions);

/* ---- asking ---- */

extern size_t network_derived_bytes(const Model *model);
extern void network_prepare(Model *model);
extern size_t network_query_bytes(const Model *model, int64_t profile_length);
/* Algorithm.query_scratch_bytes, and explain_scratch_bytes. */
extern size_t network_query_scratch_bytes(const Architecture *architecture, const Model *model,
										  int64_t profile_length);
extern bool network_make_query(const Architecture *architecture, const Model *model,
							   const Profile *profile, void *query, void *scratch);
extern bool network_speaks(const Model *model, const void *query);
extern bool network_inner_product(const Model *model, InnerProduct *product);
extern const float *network_query_vector(const Model *model, const void *query, float *constant);
extern void network_explain(const Architecture *architecture, const Model *model,
							const Profile *profile, const void *query, int32_t item,
							float *contributions, float *baseline, void *scratch);
extern void network_similar_items(const Model *model, int32_t item, int64_t first, int64_t n,
								  float *similarity);

/* The passes of a training. */
enum
{
	NETWORK_DESCEND,
	NETWORK_VALIDATE,
	NETWORK_MAP
};

/* The options that all architectures have, after those of their own. */
#define NETWORK_OPTIONS \
	{"factors", OPTION_INTEGER, offsetof(NetworkOptions, factors), {"64", "64"}, 1, 1024, NULL, \
	"numbers that describe an item, and a history"}, \
	{"max_length", OPTION_INTEGER, offsetof(NetworkOptions, max_length), {"200", "200"}, 1, 1000, \
	NULL, \
	"the last events of a history that the network reads"}, \
	{"dropout", OPTION_REAL, offsetof(NetworkOptions, dropout), {"0.2", "0.2"}, 0, 0.95, NULL, \
	"the share of numbers that are set to zero at random in training, so that none is relied on " \
	"alone"}, \
	{"learning_rate", OPTION_REAL, offsetof(NetworkOptions, learning_rate), {"0.002", "0.002"}, \
	1e-7, 1, NULL, \
	"length of the steps of gradient descent (Adam)"}, \
	{"batch_size", OPTION_INTEGER, offsetof(NetworkOptions, batch_size), {NULL, NULL}, 1, \
	1048576, NULL, \
	"events from which a step of gradient descent is computed; default: 256 to 4096, so that an " \
	"iteration has some 250 steps"}, \
	{"negatives", OPTION_INTEGER, offsetof(NetworkOptions, negatives), {NULL, NULL}, 0, 1048576, \
	NULL, \
	"items that are drawn for each step, which the next item is compared with; 0: it is compared " \
	"with all; default: 0 for up to 10,000 items, otherwise 4096"}, \
	{"iterations", OPTION_INTEGER, offsetof(NetworkOptions, iterations), {"100", "100"}, 1, 10000, \
	NULL, \
	"the most passes over all events"}, \
	{"patience", OPTION_INTEGER, offsetof(NetworkOptions, patience), {"5", "5"}, 1, 10000, NULL, \
	"training ends when so many iterations in succession have not improved the lists for users " \
	"whose last event is held out; the best model is kept"}, \
	{"time_budget", OPTION_INTERVAL, offsetof(NetworkOptions, time_budget), {"0", "0"}, 0, \
	1e6 * 86400.0, NULL, \
	"no iteration begins that would probably end later than this after the first began, such as " \
	"\"10 minutes\"; 0: no limit"}, \
	{"relevant_from", OPTION_REAL, offsetof(NetworkOptions, relevant_from), \
	{"-1e30", "-1e30"}, ALL_RELEVANT, 1e30, NULL, \
	"events with a lower rating or weight are left out of histories; the default leaves none " \
	"out"}, \
	MIN_COUNT_OPTION, \
	{"seed", OPTION_INTEGER, offsetof(NetworkOptions, seed), {"0", "0"}, 0, 2147483647, NULL, \
	"seed of the random numbers that training draws: the same data, options and seed give the " \
	"same model"}

/* Defines NAME_algorithm by NAME_architecture and NAME_options. */
#define DEFINE_NETWORK(which, says) \
	static int which##_parameters(const void *options, Parameter *parameters) \
	{ \
		return network_parameters(&which##_architecture, options, parameters); \
	} \
	static int which##_arrays(const void *options, const Extent *extent, size_t *bytes) \
	{ \
		return network_arrays(&which##_architecture, options, extent, bytes); \
	} \
	static size_t which##_scratch_bytes(const void *options, const Extent *extent) \
	{ \
		return network_scratch_bytes(&which##_architecture, options, extent); \
	} \
	static void which##_descend(const Task *task, const void *argument, int64_t begin, \
							   int64_t end, void *scratch) \
	{ \
		network_descend(&which##_architecture, task, argument, begin, end, scratch); \
	} \
	static void which##_validate(const Task *task, const void *argument, int64_t begin, \
								int64_t end, void *scratch) \
	{ \
		network_validate(&which##_architecture, task, begin, end, scratch); \
	} \
	static const Pass which##_passes[] = { \
		[NETWORK_DESCEND] = which##_descend, \
		[NETWORK_VALIDATE] = which##_validate, \
		[NETWORK_MAP] = network_map \
	}; \
	static const char *which##_train(const Task *task, Services *services) \
	{ \
		return network_train(&which##_architecture, task, services); \
	} \
	static size_t which##_query_scratch_bytes(const Model *model, int64_t profile_length) \
	{ \
		return network_query_scratch_bytes(&which##_architecture, model, profile_length); \
	} \
	static bool which##_make_query(const Model *model, const Profile *profile, void *query, \
								  void *scratch) \
	{ \
		return network_make_query(&which##_architecture, model, profile, query, scratch); \
	} \
	static void which##_explain(const Model *model, const Profile *profile, const void *query, \
							   int32_t item, float *contributions, float *baseline, \
							   void *scratch) \
	{ \
		network_explain(&which##_architecture, model, profile, query, item, contributions, \
						baseline, scratch); \
	} \
	const Algorithm which##_algorithm = { \
		.name = #which, \
		.description = says, \
		.options = which##_options, \
		.options_size = sizeof(NetworkOptions), \
		.decide = network_decide, \
		.columns = network_columns, \
		.parameters = which##_parameters, \
		.needs = network_needs, \
		.arrays = which##_arrays, \
		.passes = which##_passes, \
		.scratch_bytes = which##_scratch_bytes, \
		.train = which##_train, \
		.refuses_refresh = network_refuses_refresh, \
		.iterations = network_iterations, \
		.asks = {[SIDE_PARAMETERS] = true}, \
		.derived_bytes = network_derived_bytes, \
		.prepare = network_prepare, \
		.query_bytes = network_query_bytes, \
		.query_scratch_bytes = which##_query_scratch_bytes, \
		.make_query = which##_make_query, \
		.speaks = network_speaks, \
		.score_items = factors_score_items, \
		.inner_product = network_inner_product, \
		.query_vector = network_query_vector, \
		.explain = which##_explain, \
		.explain_scratch_bytes = which##_query_scratch_bytes, \
		.map_items = network_map_items, \
		.explain_features = network_explain_features, \
		.similar_items = network_similar_items \
	}

#endif							/* REC_NETWORK_H */
