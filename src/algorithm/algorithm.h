/*
 * algorithm.h
 *	  The contract between algorithms and everything else.
 *
 * An algorithm is one file that defines one Algorithm, and a line in ALGORITHMS below. It knows
 * nothing of PostgreSQL: it is handed matrices and services, and says
 *
 *	- what its options are,
 *	- which tables a model of it has, and with which columns,
 *	- how to train a model from a rating matrix,
 *	- how to turn a profile (whoever is asking, as a list of items and ratings) into a query, and
 *	  a query into scores of items,
 *	- how alike two items or two users are.
 *
 * All else (SQL, privileges, ids, storage, caching, filters, top-N) is written once, above it.
 */
#ifndef REC_ALGORITHM_H
#define REC_ALGORITHM_H

#include <stdbool.h>
#include <float.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/history.h"
#include "kernel/search.h"
#include "kernel/sparse.h"

/* ---- options ---- */

typedef enum OptionType
{
	OPTION_BOOLEAN,				/* bool */
	OPTION_INTEGER,				/* int32_t */
	OPTION_REAL,				/* double */
	/* double: seconds, a month being 30 days, as are minimum and maximum */
	OPTION_INTERVAL,
	OPTION_CHOICE				/* int32_t: the index in choices */
} OptionType;

typedef enum Feedback
{
	FEEDBACK_EXPLICIT,			/* ratings: a low one is a dislike, a missing one unknown */
	FEEDBACK_IMPLICIT			/* events with a weight: a missing one speaks faintly against */
} Feedback;

/*
 * What an event of weight w counts; several of one user and item are one, whose weight is their
 * sum. The logarithm is that of Hu, Koren & Volinsky 2008, "Collaborative filtering for implicit
 * feedback datasets", (6), where plays of a song say ever less.
 */
typedef enum Weight
{
	WEIGHT_LINEAR,				/* w */
	WEIGHT_LOG					/* log2(1 + w), which is 1 for a weight of 1 too */
} Weight;

typedef struct Option
{
	const char *name;
	OptionType	type;
	size_t		offset;			/* of the value in the algorithm's options struct */
	/* the default as text, by Feedback; NULL: left to the source, see Algorithm.decide */
	const char *initial[2];
	double		minimum;
	double		maximum;
	const char *const *choices; /* NULL-terminated, for OPTION_CHOICE */
	const char *description;
} Option;

/* An OPTION_INTEGER that is left to the source, and not decided yet; an OPTION_REAL is NaN then. */
#define UNDECIDED INT32_MIN

/* Every algorithm's options struct begins with this. */
typedef struct CommonOptions
{
	int32_t		feedback;		/* Feedback */
	bool		warm_start;		/* where the algorithm has the option */
	bool		clip;			/* likewise */
	bool		validate;		/* likewise */
	int32_t		weight;			/* likewise: Weight */
} CommonOptions;

extern const char *const feedback_choices[];
extern const char *const weight_choices[];

/* The first option of every algorithm. */
#define FEEDBACK_OPTION \
	{"feedback", OPTION_CHOICE, offsetof(CommonOptions, feedback), {NULL, NULL}, 0, 0, \
	feedback_choices, \
	"what a row says: explicit (a rating) or implicit (an event, weighted by the rating column " \
	"if there is one); " \
	"default: explicit where there is a rating column"}

/* An option of algorithms that can begin with the last version's model. */
#define WARM_START_OPTION \
	{"warm_start", OPTION_BOOLEAN, offsetof(CommonOptions, warm_start), {"true", "true"}, 0, 0, \
	NULL, \
	"training again begins with the model that there is, and so needs fewer iterations; false: " \
	"it begins as at first, and gives the same model again"}

/* An option of algorithms whose scores may be ratings. */
#define CLIP_OPTION \
	{"clip", OPTION_BOOLEAN, offsetof(CommonOptions, clip), {"true", "true"}, 0, 0, NULL, \
	"predicted ratings are kept within the range of the ratings that the model was trained on; " \
	"false: they are shown as they were computed"}

/*
 * An option of algorithms that make use of the weights of events. What they are trained on and
 * asked with are the weights as they count: weigh_events has been there before.
 */
#define WEIGHT_OPTION(initial) \
	{"weight", OPTION_CHOICE, offsetof(CommonOptions, weight), {initial, initial}, 0, 0, \
	weight_choices, \
	"implicit feedback: what an event of weight w counts, several of one user and item being " \
	"one, whose weight is their sum; linear: w; " \
	"log: log2(1 + w), so that the hundredth play of a song says less than the first; either way " \
	"a weight of 1 counts 1"}

/* By how much the events of a source count by these options: ratings always are what they are. */
static inline Weight
weight_of_events(const CommonOptions *options)
{
	return options->feedback == FEEDBACK_IMPLICIT ? (Weight) options->weight : WEIGHT_LINEAR;
}

/* Replaces n weights, merged to one per user and item, by what they count. */
extern void weigh_events(Weight weight, float *values, int64_t n);

/*
 * An option of algorithms that have other values to try of what is left to the source, see
 * Algorithm.vary.
 */
#define VALIDATE_OPTION(explicit, implicit) \
	{"validate", OPTION_BOOLEAN, offsetof(CommonOptions, validate), {explicit, implicit}, 0, 0, \
	NULL, \
	"options that are left to the source are tried against others, in short trainings on a part " \
	"of the ratings, and give way to those that are " \
	"probably better; training takes several times as long"}

/* ---- models ---- */

typedef enum ColumnType
{
	COLUMN_NUMBER,				/* a real */
	COLUMN_VECTOR,				/* a real[] of width numbers */
	COLUMN_ITEMS,				/* a list of items of any length: an array of their ids, */
	COLUMN_WEIGHTS,				/* and in the next column a real[], a number for each of them */
	/* a list of items in an order of their own, in which an item may be several times */
	COLUMN_SEQUENCE,
	COLUMN_SESSIONS,			/* a list of rows of SIDE_SESSIONS, by their numbers: an int[] */
	COLUMN_TIME,				/* an int8: microseconds, as Ratings has times */
	/* a real that a table may lack, or have as NULL, until the next training: NaN then */
	COLUMN_OPTIONAL
} ColumnType;

/* The width of a vector that has a number for each item of the model. */
#define WIDTH_ITEMS (-1)

/* A column that an algorithm adds to its model table. */
typedef struct Column
{
	const char *name;
	ColumnType	type;
	/* of a vector; WIDTH_ITEMS only until the number of items is known */
	int			width;
	const char *description;
} Column;

#define MAX_COLUMNS 8

/*
 * Floats from one row of a column of numbers or vectors to the next in memory: vectors are padded
 * to cache lines.
 */
extern int64_t column_stride(const Column *column);

/*
 * The sides of a model: each is a table. Rows of items and users have the source's ids, and are in
 * their order; those of sessions have numbers, from 0. To come, with what is first to use them:
 * features of items and of users (a row for each column and category), and parameters, rows by a
 * name with a shape and numbers.
 */
typedef enum SideKind
{
	SIDE_ITEMS,					/* every model has it */
	SIDE_USERS,
	SIDE_SESSIONS,
	N_SIDES
} SideKind;

/* One side of a model in memory. A new array is added in side_visit (arrays.c) too. */
typedef struct Side
{
	int64_t		n_rows;
	/*
	 * how many ratings each row was trained on: of items and users before train() begins, of other
	 * sides as train() says
	 */
	int32_t    *n_ratings;
	int			n_columns;
	Column		columns[MAX_COLUMNS];
	/*
	 * of each column of numbers or vectors, n_rows x column_stride, 64-byte aligned, padded with
	 * 0
	 */
	float	   *values[MAX_COLUMNS];
	int64_t    *time;			/* of each row, where there is a column COLUMN_TIME */
	/*
	 * n_rows x items, or sessions, where there is a column of lists, of which there is one at most.
	 * Entries ascend within a row, and have values, where there are COLUMN_ITEMS and
	 * COLUMN_WEIGHTS; else they have an order of their own, may repeat, and value is NULL.
	 */
	SparseMatrix list;
	int64_t		list_room;		/* the entries that there is memory for */
} Side;

typedef struct Algorithm Algorithm;

/* What ratings are like. */
typedef struct RatingScale
{
	double		mean;
	double		deviation;		/* standard deviation; 0 where all are equal */
	double		minimum;
	double		maximum;
} RatingScale;

typedef struct Model
{
	const Algorithm *algorithm;
	const void *options;		/* the algorithm's options struct */
	int64_t		n_users;		/* that it was trained on */
	RatingScale scale;			/* of the ratings that it was trained on */
	/* the source has times: the last column of the items is their popularity by recency */
	bool		has_times;
	Side		sides[N_SIDES]; /* n_rows = 0 where a side is not loaded, or there is none */
	void	   *derived;		/* what prepare() made, of derived_bytes() */
	int32_t    *popular;		/* the items, the most popular first, once asking is prepared for */
} Model;

/* What an algorithm is trained on, and asked with: flags. */
enum
{
	NEEDS_RATINGS = 1,			/* matrices of users and items */
	NEEDS_TIMES = 2,			/* the times of what it needs */
	NEEDS_EVENTS = 4			/* histories */
};

/*
 * What is trained on. Ratings are finite, and merged to one per user and item; events are as they
 * came. Times are in microseconds, INT64_MAX being infinity, and INT64_MIN minus infinity, or not
 * known; that of a rating is the time of the latest event that it was merged from. Clocks go
 * wrong, so that events lie in the future too.
 *
 * To come with the first algorithms that need them: features of the items, of the users and of
 * each event, and ratings that are held out for validation. A new array is added in task_visit
 * (arrays.c) too.
 */
typedef struct Ratings
{
	/* users x items. Without NEEDS_RATINGS only start is there, which counts the merged ratings, */
	SparseMatrix by_user;
	SparseMatrix by_item;		/* and likewise of its transpose */
	History		events;			/* empty without NEEDS_EVENTS */
	int64_t		now;			/* when they were read, as a time */
	RatingScale scale;
} Ratings;

/* How large what is trained on is. */
typedef struct Extent
{
	int64_t		n_users;
	int64_t		n_items;
	int64_t		n_ratings;		/* merged */
	int64_t		n_events;		/* 0 without NEEDS_EVENTS */
} Extent;

static inline Extent
ratings_extent(const Ratings *ratings)
{
	const History *events = &ratings->events;

	return (Extent) {ratings->by_user.n_rows, ratings->by_item.n_rows,
					 ratings->by_user.start[ratings->by_user.n_rows],
					 events->n_users > 0 ? events->start[events->n_users] : 0};
}

/*
 * Whoever is asking: known items, each once, ascending, with their ratings; and, where the
 * algorithm needs events, these in the order of time, the latest last, an item as often as it
 * came.
 *
 * To come with the first algorithms that need them: the row of the users' side, the user's
 * features, and the context of the question.
 */
typedef struct Profile
{
	int64_t		n;
	const int32_t *items;
	const float *ratings;
	int64_t		n_events;
	const int32_t *events;
	const int64_t *times;		/* of the events; NULL: not known */
} Profile;

/* ---- training in passes ---- */

/* Arrays that an algorithm has beside the model's columns, at most. */
#define MAX_ARRAYS 16

/*
 * A training as each of its workers sees it. All of it is shared: what one worker writes, the
 * others read in the next pass, or step. Addresses differ from worker to worker, so no pointer
 * may be kept in an array or in a pass's argument.
 */
typedef struct Task
{
	const Ratings *ratings;
	Model	   *model;
	void	   *arrays[MAX_ARRAYS];
	/*
	 * the columns of numbers and vectors hold the last version's values; rows that are new to it
	 * are zero
	 */
	bool		warm;
	double		last_loss;		/* that the last version reached, where training is warm */
} Task;

/*
 * Rows begin .. end - 1 of a pass. The blocks of a pass (of a step, where it has several:
 * run_steps) are done in any order, by several workers at once: a row's result may depend on
 * nothing that another row of the same pass, or step, writes, but for what is the same in
 * whatever order they write it (and then they take care of each other: kernel/neighbors.h). So
 * the result is the same, to the bit, whoever does what. argument is a copy of what the pass was
 * run with; scratch is this worker's own, aligned to a cache line, with arbitrary contents.
 */
typedef void (*Pass) (const Task *task, const void *argument, int64_t begin, int64_t end,
					  void *scratch);

#define MAX_ARGUMENT_BYTES 64

typedef struct Services Services;
struct Services
{
	/*
	 * Runs a pass of the algorithm (a number in its array of passes) in n_steps steps of n_rows
	 * rows each, of which a step begins when the one before is done: rows 0 .. n_rows - 1 of the
	 * pass are the first step, the next n_rows the second. Workers take blocks of block_rows
	 * rows, and come once for all steps, where a pass for each would call for them each time.
	 * Where there are several, block_rows divides n_rows.
	 */
	void		(*run_steps) (Services *services, int pass, const void *argument,
							  size_t argument_bytes,
							  int64_t n_steps, int64_t n_rows, int64_t block_rows);

	/* Says that an iteration (from 1) is over, with the loss it reached; NaN: there is none. */
	void		(*iteration_done) (Services *services, int iteration, double loss);

	/*
	 * Says that nothing was learned of single users: what the model says of them is no better
	 * than what is said of everybody. too_large: the option that is to be lowered.
	 */
	void		(*nothing_learned) (Services *services, const char *too_large);
};

/* Runs a pass over rows 0 .. n_rows - 1. */
static inline void
run_pass(Services *services, int pass, const void *argument, size_t argument_bytes, int64_t n_rows,
		 int64_t block_rows)
{
	services->run_steps(services, pass, argument, argument_bytes, 1, n_rows, block_rows);
}

/* What a few operations in single precision lose of a number of size 1. */
#define ROUNDING (8 * FLT_EPSILON)

/* ---- the contract ---- */

struct Algorithm
{
	const char *name;
	const char *description;
	const Option *options;		/* ends with a name of NULL */
	size_t		options_size;

	/*
	 * Decides the options that are left to the source, once the ratings are known. NULL where
	 * there are none. Sizes are asked for before as well, and then are the largest of what this
	 * may decide.
	 */
	void		(*decide) (const Ratings *ratings, void *options);

	/*
	 * Other values for what was left to the source, in place of what decide() said, which is in
	 * options; of those that are undecided in given only. They come in lines, from 0, of steps,
	 * from 0: a line is followed for as long as each step is better than the one before. False:
	 * the line has no such step, or with step 0 there is no such line. NULL: there are none.
	 * shorten: lets a training be as short as tells which is better; NULL: it is whole.
	 */
	bool		(*vary) (const void *given, int line, int step, void *options);
	void		(*shorten) (void *options);
	/* In place of vary: an option that has two lines, up and down by a factor with each step. */
	const char *varied;
	double		factor;

	/* The columns of a side; returns how many. 0: models of the algorithm have no such side. */
	int			(*columns) (const void *options, SideKind side, Column *columns);

	/* What training and profiles need, NEEDS_RATINGS and so on; NULL: ratings. */
	unsigned	(*needs) (const void *options);

	/*
	 * Why so large a source is not for this algorithm, or NULL; asked before any memory is taken.
	 * NULL: any is. alternative: the algorithm that is for larger ones, or NULL.
	 */
	const char *(*refuses) (const void *options, const Extent *extent);
	const char *alternative;

	/*
	 * The rows that a side has at most that is neither of the items nor of the users; train() sets
	 * its n_rows to how many there are. NULL where there is no such side.
	 */
	int64_t		(*side_rows) (const void *options, const Extent *extent, SideKind side);
	/* The entries that the lists of a side have at most, together; NULL where no side has lists. */
	int64_t		(*list_entries) (const void *options, const Extent *extent, SideKind side);

	/*
	 * The arrays that training needs beside the model's columns: how many bytes each; returns how
	 * many. NULL: none.
	 */
	int			(*arrays) (const void *options, const Extent *extent, size_t *bytes);
	/* The passes that training consists of, and the scratch that any of them needs. NULL: none. */
	const Pass *passes;
	size_t		(*scratch_bytes) (const void *options, const Extent *extent);

	/*
	 * Fills the columns of the task's model, which are zero at first (but see Task.warm), as are
	 * the arrays; of lists, start (n_rows + 2 elements), column, and value where there is one.
	 * Returns NULL, or why there is no model (numbers that are not finite), and then nothing is
	 * stored.
	 */
	const char *(*train) (const Task *task, Services *services);
	/* How many iterations train() does at most, for reporting progress. NULL: one. */
	int			(*iterations) (const void *options);

	/* The sides that asking needs beside the items': they are loaded with every model. */
	bool		asks[N_SIDES];

	/*
	 * Makes what scoring needs beside the columns, once per loaded model. Other processes may see
	 * it at another address, so it holds no pointers. NULL, both: it needs nothing.
	 */
	size_t		(*derived_bytes) (const Model *model);
	void		(*prepare) (Model *model);

	/*
	 * Turns a profile into a query. A profile without items gives the query of someone unknown.
	 * False: its numbers are too large for there to be one. The query may point into itself, and
	 * not to the profile. NULL for bytes: none. profile_length is the number of the profile's
	 * items, or of its events where these are more.
	 */
	size_t		(*query_bytes) (const Model *model, int64_t profile_length);
	size_t		(*query_scratch_bytes) (const Model *model, int64_t profile_length);
	bool		(*make_query) (const Model *model, const Profile *profile, void *query,
							   void *scratch);
	/*
	 * In place of make_query, where several are made faster together; each is the same, to the
	 * bit, as alone. The queries lie query_bytes apart; made[i] is false where there is none.
	 */
	void		(*make_queries) (const Model *model, const Profile *profiles, int64_t n,
								 void *queries, size_t query_bytes, bool *made, void *scratch);

	/*
	 * Whether the query of a profile with items says more of items than the rounding of its numbers
	 * does. Where it does not, the caller ranks by popularity. NULL: it always does.
	 */
	bool		(*speaks) (const Model *model, const void *query);

	/*
	 * The scores of the items items[first] .. items[first + n - 1], known ones in any order; items
	 * NULL: of the items first .. first + n - 1. An item's score is the same, to the bit, whatever
	 * it is scored with. NaN: nothing speaks for the item, so it is no candidate; the caller ranks
	 * those by popularity, behind the others.
	 */
	void		(*score_items) (const Model *model, const void *query, const int32_t *items,
								int64_t first, int64_t n, float *scores);
	/*
	 * How many items of a range are scored in the time of a single one, about: sets of as large a
	 * part of all items are scored as ranges. 0: no more.
	 */
	int			range_speed;
	/*
	 * What is expected of an item for which nothing speaks, or of one that the model has never
	 * seen, -1: never NaN. NULL: 0.
	 */
	float		(*expected_score) (const Model *model, const void *query, int32_t item);

	/*
	 * What each item of the profile contributes to the score of an item that the model knows, or
	 * where that is NaN to what is expected, by a query made from the profile: contributions[j] of
	 * profile->items[j], which together with the baseline, what is left without a profile, add up
	 * to the score.
	 */
	void		(*explain) (const Model *model, const Profile *profile, const void *query,
							int32_t item,
							float *contributions, float *baseline, void *scratch);
	/* NULL: none */
	size_t		(*explain_scratch_bytes) (const Model *model, int64_t profile_length);

	/*
	 * Where scores are inner products: their items' side; false where they are not, as is NULL.
	 * Of such scores the best are found without computing all of them (kernel/search.h).
	 */
	bool		(*inner_product) (const Model *model, InnerProduct *product);
	/* A query's side, and the constant; NULL where this query's scores are something else. */
	const float *(*query_vector) (const Model *model, const void *query, float *constant);
	/* Scores do not depend on the profile. */
	bool		impersonal;
	/* The logistic function of a score is the probability that the user takes the item. */
	bool		logistic;
	/*
	 * Whether scores are predictions of ratings, and so are shown within the range of the
	 * ratings; NULL: never.
	 */
	bool		(*predicts_ratings) (const Model *model);

	/* How alike item `item` is to items first .. first + n - 1; NaN where that is undefined. */
	void		(*similar_items) (const Model *model, int32_t item, int64_t first, int64_t n,
								  float *similarity);
	/*
	 * How alike a query is to the users first .. first + n - 1. NULL where there is no user
	 * table: users are then as alike as their profiles are, which the caller compares
	 * (function/similar.c).
	 */
	void		(*similar_users) (const Model *model, const void *query, int64_t first, int64_t n,
								  float *similarity);
};

/* Does what Algorithm.vary, or varied in place of it, says. */
extern bool vary_options(const Algorithm *algorithm, const void *given, int line, int step,
						 void *options);

/* Whether an option is left to the source, and not decided yet. */
extern bool option_is_undecided(const Option *option, const void *options);

extern bool model_predicts_ratings(const Model *model);

/* The number of a profile's items, or of its events where these are more. */
static inline int64_t
profile_length(const Profile *profile)
{
	return profile->n > profile->n_events ? profile->n : profile->n_events;
}

/* For score_items(): the item at a place of the items, or of the range where items is NULL. */
static inline int32_t
item_of(const int32_t *items, int64_t at)
{
	return items == NULL ? (int32_t) at : items[at];
}

/* What the contract's members of these names say, or their being NULL. */
extern unsigned algorithm_needs(const Algorithm *algorithm, const void *options);
extern int	training_arrays(const Model *model, const Extent *extent, size_t *bytes);
extern size_t training_scratch_bytes(const Model *model, const Extent *extent);
extern int	training_iterations(const Algorithm *algorithm, const void *options);
extern size_t model_derived_bytes(const Model *model);
extern void model_prepare(Model *model);
extern size_t model_query_bytes(const Model *model, int64_t profile_length);
extern size_t model_query_scratch_bytes(const Model *model, int64_t profile_length);
/*
 * Makes the queries of n profiles, query_bytes apart. made[i] is false where there is none, and
 * the bytes are void: the profile has numbers that are not finite, as of weights that were
 * merged, or too large.
 */
extern void model_make_queries(const Model *model, const Profile *profiles, int64_t n,
							   void *queries, size_t query_bytes, bool *made, void *scratch);
/* The query of someone of whom nothing is known. */
extern void model_make_unknown_query(const Model *model, void *query, void *scratch);
/* Algorithm.score_items, the faster way. */
extern void model_score_items(const Model *model, const void *query, const int32_t *items,
							  int64_t first, int64_t n, float *scores);
/* Algorithm.expected_score. */
extern float model_expected_score(const Model *model, const void *query, int32_t item);
/*
 * The score of one item, or where that is NaN, or the item is -1, what is expected of it: never
 * NaN.
 */
extern float model_score_item(const Model *model, const void *query, int32_t item);
extern size_t model_explain_scratch_bytes(const Model *model, int64_t profile_length);

/* Whether the model's scores are inner products, and then of what. */
extern bool has_inner_product(const Model *model, InnerProduct *product);

/* Lets the model have its algorithm's columns, and its own, for so many items. */
extern void model_set_items(Model *model, int64_t n_items);

/*
 * Of each item the share of the users who have it, each counted by how recent it is
 * (kernel/recency.h); NULL where there are no times.
 */
static inline float *
model_recent(const Model *model)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	return model->has_times ? items->values[items->n_columns - 1] : NULL;
}

/* The type of the side's column of lists; COLUMN_NUMBER where it has none. */
extern ColumnType side_list_type(const Side *side);

/* Whether asking needs the side. */
static inline bool
model_asks(const Algorithm *algorithm, SideKind side)
{
	return side == SIDE_ITEMS || algorithm->asks[side];
}

/* The side that is loaded last of those that asking needs, and so completes the model. */
extern SideKind last_asked_side(const Algorithm *algorithm);

/* Lets the model be without the sides that asking does not need. */
extern void model_keep_asked(Model *model);

/* ---- the arrays of a model, and of what it is trained on (arrays.c) ---- */

/* Is shown an array: the pointer to it, by its address, and how many bytes it has. */
typedef void (*VisitArray) (void *context, void *pointer, size_t bytes);

/*
 * Shows every array of a side, whose n_rows, columns and list_room are set. Memory for a side is
 * laid out by this.
 */
extern void side_visit(Side *side, VisitArray visit, void *context);

/*
 * Shows every array that a task refers to, some of them with 0 for their bytes. Processes tell each
 * other by this where the arrays are.
 */
extern void task_visit(Task *task, Model *model, Ratings *ratings, VisitArray visit,
					   void *context);

/* For a VisitArray: where the pointer points to, and to set that. */
extern void *visited_array(const void *pointer);
extern void set_visited_array(void *pointer, void *array);

/* The registry: every algorithm, the default first. */
#define ALGORITHMS(each) \
	each(als) \
	each(svd) \
	each(bpr) \
	each(item_knn) \
	each(user_knn) \
	each(ease) \
	each(slim) \
	each(markov) \
	each(session_knn) \
	each(popular)

#define DECLARE_ALGORITHM(name) extern const Algorithm name##_algorithm;
ALGORITHMS(DECLARE_ALGORITHM)

/* The same, ending with NULL. */
extern const Algorithm *const algorithms[];
extern const Algorithm *find_algorithm(const char *name);

#endif							/* REC_ALGORITHM_H */
