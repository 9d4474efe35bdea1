/*
 * algorithm.h
 *	  The contract between algorithms and everything else.
 *
 * An algorithm is one file that defines one Algorithm, and a line in ALGORITHMS below. It includes
 * no PostgreSQL header: it is given matrices and services, and says
 *
 *	- what its options are,
 *	- which tables a model of it has, and with which columns,
 *	- how to train a model from a rating matrix,
 *	- how to turn a profile (the known items and ratings of whoever is asking) into a query, and a
 *	  query into scores of items,
 *	- how similar two items or two users are.
 *
 * Everything else (SQL, privileges, ids, storage, caching, filters, top-N) is written once, above
 * it.
 */
#ifndef REC_ALGORITHM_H
#define REC_ALGORITHM_H

#include <stdbool.h>
#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernel/features.h"
#include "kernel/history.h"
#include "kernel/list_update.h"
#include "kernel/search.h"
#include "kernel/sparse.h"
#include "kernel/vector.h"

/* ---- options ---- */

typedef enum OptionType
{
	OPTION_BOOLEAN,				/* bool */
	OPTION_INTEGER,				/* int32_t */
	OPTION_REAL,				/* double */
	/* double: seconds, a month being 30 days; minimum and maximum are in seconds, too */
	OPTION_INTERVAL,
	OPTION_CHOICE				/* int32_t: the index in choices */
} OptionType;

typedef enum Feedback
{
	FEEDBACK_EXPLICIT,			/* ratings: a low one is a dislike, a missing one is unknown */
	/* events with a weight: a missing one is weak evidence of a dislike */
	FEEDBACK_IMPLICIT
} Feedback;

/*
 * What an event of weight w counts. Several events of one user and item are merged into one, whose
 * weight is their sum. The logarithm is that of Hu, Koren & Volinsky 2008, "Collaborative filtering
 * for implicit feedback datasets", (6), where each further play of a song counts less.
 */
typedef enum Weight
{
	WEIGHT_LINEAR,				/* w */
	WEIGHT_LOG					/* log2(1 + w), which is 1 for a weight of 1, like w */
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

/*
 * The value of an OPTION_INTEGER that is left to the source and not decided yet; for OPTION_REAL,
 * NaN.
 */
#define UNDECIDED INT32_MIN

/* Every algorithm's options struct begins with this. */
typedef struct CommonOptions
{
	int32_t		feedback;		/* Feedback */
	bool		warm_start;		/* where the algorithm has the option */
	bool		clip;			/* likewise */
	bool		validate;		/* likewise */
	int32_t		weight;			/* likewise: Weight */
	int32_t		min_count;		/* likewise */
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
	"another training starts from the present model, and so needs fewer iterations; false: it " \
	"starts from the beginning, and gives the same model for the same data"}

/* An option of algorithms whose scores may be ratings. */
#define CLIP_OPTION \
	{"clip", OPTION_BOOLEAN, offsetof(CommonOptions, clip), {"true", "true"}, 0, 0, NULL, \
	"predicted ratings are clipped to the range of the ratings that the model was trained on; " \
	"false: they are returned as computed"}

/*
 * An option of algorithms that use the weights of events. weigh_events() is applied before training
 * and asking: the algorithm only sees what the weights count.
 */
#define WEIGHT_OPTION(initial) \
	{"weight", OPTION_CHOICE, offsetof(CommonOptions, weight), {initial, initial}, 0, 0, \
	weight_choices, \
	"implicit feedback: what an event of weight w counts, where several events of one user and " \
	"item are one, whose weight is their sum; linear: w; " \
	"log: log2(1 + w), so that the hundredth play of a song says less than the first; with both, " \
	"a weight of 1 counts 1"}

/* An option of algorithms that learn from attributes. */
#define MIN_COUNT_OPTION \
	{"min_count", OPTION_INTEGER, offsetof(CommonOptions, min_count), {"5", "5"}, 1, INT32_MAX, \
	NULL, \
	"categories and words of attributes that fewer items have are left out"}

/* What the events of a source count by these options; ratings are always used as they are. */
static inline Weight
weight_of_events(const CommonOptions *options)
{
	return options->feedback == FEEDBACK_IMPLICIT ? (Weight) options->weight : WEIGHT_LINEAR;
}

/* Replaces n weights, merged to one per user and item, by what they count. */
extern void weigh_events(Weight weight, float *values, int64_t n);

/*
 * An option of algorithms that can try other values for options that are left to the source; see
 * Algorithm.vary.
 */
#define VALIDATE_OPTION(explicit, implicit) \
	{"validate", OPTION_BOOLEAN, offsetof(CommonOptions, validate), {explicit, implicit}, 0, 0, \
	NULL, \
	"other values are tried for options that are left to the source, in short trainings on a " \
	"part of the ratings, and are used if they are probably better; training takes several " \
	"times as long"}

/* ---- models ---- */

typedef enum ColumnType
{
	COLUMN_NUMBER,				/* a real */
	COLUMN_VECTOR,				/* a real[] of width numbers */
	COLUMN_ITEMS,				/* a list of items of any length: an array of their ids */
	/* follows COLUMN_ITEMS: a real[] with a number for each of its items */
	COLUMN_WEIGHTS,
	/* a list of items in an order of their own, in which an item may occur several times */
	COLUMN_SEQUENCE,
	/* a set of rows of SIDE_SESSIONS, by their numbers, which ascend: an int[] */
	COLUMN_SESSIONS,
	/* a list of rows of SIDE_ITEM_FEATURES, by number: an int[]; COLUMN_WEIGHTS follows */
	COLUMN_FEATURES,
	COLUMN_ROW,					/* an int4: the number of the row, by which lists refer to it */
	/* a double precision that may be NULL; NaN in memory, where it takes the room of two floats */
	COLUMN_DOUBLE,
	COLUMN_TIME,				/* an int8: microseconds, as the times of Ratings */
	/* a real that may be NULL, or the column missing, until the next training; NaN in memory */
	COLUMN_OPTIONAL,
	COLUMN_SHAPE,				/* of a parameter: an int[], not in memory */
	/* of a parameter: a real[] of as many numbers as its shape says; width: floats of all rows */
	COLUMN_NUMBERS
} ColumnType;

/* The width of a vector that has a number for each item of the model. */
#define WIDTH_ITEMS (-1)

/* A column that an algorithm adds to its model table. */
typedef struct Column
{
	const char *name;
	ColumnType	type;
	/* of a vector; WIDTH_ITEMS until the number of items is known */
	int			width;
	const char *description;
} Column;

#define MAX_COLUMNS 8

/*
 * Floats from one row of a column of numbers or vectors to the next in memory. Vectors are padded
 * to cache lines. 0: other columns, and parameters, each of which has a length of its own.
 */
extern int64_t column_stride(const Column *column);

/*
 * A vector or a matrix of numbers that belongs to a model as a whole, like a weight of a network.
 * It has fewer than 2^27 numbers, and all parameters of a model together fewer than 2^31.
 */
typedef struct Parameter
{
	char		name[32];		/* in ASCII */
	int			n_dimensions;	/* 1 or 2 */
	int32_t		shape[2];		/* of a matrix: its rows, and its columns */
} Parameter;

#define MAX_PARAMETERS 256

/* The columns of parameters, the same for all algorithms. */
enum
{
	PARAMETER_SHAPE,
	PARAMETER_NUMBERS
};

/* How many numbers a parameter has. */
static inline int64_t
parameter_numbers(const Parameter *parameter)
{
	return (int64_t) parameter->shape[0] * (parameter->n_dimensions == 2 ? parameter->shape[1] : 1);
}

/* Floats from the beginning of a parameter to that of the next one in memory. */
static inline int64_t
parameter_stride(const Parameter *parameter)
{
	return PADDED(parameter_numbers(parameter));
}

/*
 * The sides of a model; each is a table. Rows of items and users have the source's ids, and are in
 * the order of the ids. Rows of sessions have numbers from 0, which say nothing of their order.
 * Rows of features have names, column=category or only the column, and are in the order of the
 * names. Rows of parameters have names, and are in the order of Algorithm.parameters. Users and
 * sessions whose n_ratings is 0 have no row in the table.
 */
typedef enum SideKind
{
	SIDE_ITEMS,					/* every model has it */
	SIDE_USERS,
	SIDE_SESSIONS,
	SIDE_ITEM_FEATURES,
	SIDE_USER_FEATURES,
	SIDE_CONTEXT_FEATURES,
	SIDE_PARAMETERS,
	N_SIDES
} SideKind;

/* The side of the features of the items, of the users or, SIDE_CONTEXT_FEATURES, of contexts. */
static inline SideKind
side_of_features(SideKind kind)
{
	return kind == SIDE_ITEMS ? SIDE_ITEM_FEATURES : kind == SIDE_USERS ? SIDE_USER_FEATURES : kind;
}

/* Whether the rows of a side are features, which have names. */
static inline bool
side_has_names(SideKind kind)
{
	return kind == SIDE_ITEM_FEATURES || kind == SIDE_USER_FEATURES ||
		   kind == SIDE_CONTEXT_FEATURES;
}

/*
 * One side of a model in memory. An array that is added here must be added to side_visit
 * (arrays.c).
 */
typedef struct Side
{
	int64_t		n_rows;
	/*
	 * the number of ratings that each row was trained on: set before train() for items and users,
	 * by train() for other sides, of no use to parameters. train() and refresh() set it to 0 for
	 * users without a row.
	 */
	int32_t    *n_ratings;
	int			n_columns;
	Column		columns[MAX_COLUMNS];
	/*
	 * of each column of numbers, doubles or vectors: n_rows x column_stride, aligned to 64 bytes,
	 * padded with 0; of parameters: one behind the other, parameter_stride apart, likewise
	 */
	float	   *values[MAX_COLUMNS];
	int64_t    *time;			/* by row, where there is a COLUMN_TIME */
	/*
	 * n_rows x items, x sessions or x features, where there is a column of lists; a side has at
	 * most one. With COLUMN_WEIGHTS, entries ascend within a row and have values. Otherwise value
	 * is NULL, and items have an order of their own and may repeat.
	 */
	SparseMatrix list;
	int64_t		list_room;		/* the number of entries that there is memory for */
} Side;

typedef struct Algorithm Algorithm;

/* Mean, deviation and range of the ratings. */
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
	int64_t		n_users;		/* users that the model was trained on */
	RatingScale scale;			/* of the ratings that the model was trained on */
	/* the source has times: the last column of the items is their popularity by recency */
	bool		has_times;
	bool		has_item_features;	/* the model has a relation of the items' attributes */
	bool		has_user_features;	/* likewise */
	bool		has_contexts;		/* the model has columns of the source that are the context */
	/*
	 * n_rows is 0 where a side does not exist; of items and users also where it is not loaded. That
	 * of parameters follows from the options.
	 */
	Side		sides[N_SIDES];
	void	   *derived;		/* made by prepare(), of derived_bytes() bytes */
	/*
	 * items that came after the training, made by map_items(); their numbers follow those of the
	 * items. n_rows 0: there are none.
	 */
	Side		new_items;
	/* the items by descending popularity; set once the model is prepared for asking */
	int32_t    *popular;
} Model;

/* Flags: what an algorithm needs in training and in profiles. */
enum
{
	NEEDS_RATINGS = 1,			/* matrices of users and items */
	NEEDS_TIMES = 2,			/* the times of ratings or events */
	NEEDS_EVENTS = 4,			/* histories */
	NEEDS_ITEM_FEATURES = 8,	/* attributes of the items, in training only */
	USES_ITEM_FEATURES = 16,	/* the same, but there need not be any */
	NEEDS_INTERCEPT = 32,		/* one of the features of items is 1 for all */
	/* attributes of the users, in training and in profiles; there need not be any */
	USES_USER_FEATURES = 64,
	/* contexts of ratings and of questions; there need not be any */
	USES_CONTEXTS = 128
};

/*
 * The data that a model is trained on. Ratings are finite, and merged to one per user and item;
 * events are as they came. Times are in microseconds; INT64_MAX is infinity, and INT64_MIN is minus
 * infinity or unknown. The time of a rating is that of the latest event that was merged into it.
 * Events may lie in the future, because clocks may be wrong.
 *
 * Planned, with the first algorithms that need them: ratings that are held out for validation. An
 * array that is added here must be added to task_visit (arrays.c).
 *
 * With contexts, ratings are merged to one per user, item and context: a row of by_user may have an
 * item several times, each time in another context, and these entries are neighbours.
 */
typedef struct Ratings
{
	/* users x items; without NEEDS_RATINGS only start, which counts the merged ratings */
	SparseMatrix by_user;
	SparseMatrix by_item;		/* the transpose, likewise */
	History		events;			/* empty without NEEDS_EVENTS */
	/* empty without NEEDS_ITEM_FEATURES or USES_ITEM_FEATURES */
	Features	item_features;
	Features	user_features;	/* empty without USES_USER_FEATURES */
	/* contexts x features, each different context once; empty without USES_CONTEXTS */
	Features	contexts;
	/*
	 * of profiles: by row of by_user, the context of the question, or -1: nothing is known of it;
	 * NULL: nothing is known of any
	 */
	int32_t    *asked_context;
	int64_t		now;			/* the time when the source was read */
	RatingScale scale;
} Ratings;

/* The size of the data that a model is trained on. */
typedef struct Extent
{
	int64_t		n_users;
	int64_t		n_items;
	int64_t		n_ratings;		/* after merging */
	int64_t		n_events;		/* 0 without NEEDS_EVENTS */
	int64_t		n_item_features;	/* 0 without features of items */
	int64_t		n_item_values;	/* of the features of all items, together */
	int64_t		n_user_features;
	int64_t		n_user_values;
	int64_t		n_contexts;
	int64_t		n_context_features;
	int64_t		n_context_values;
} Extent;

static inline Extent
ratings_extent(const Ratings *ratings)
{
	const History *events = &ratings->events;
	const SparseMatrix *items = &ratings->item_features.by_row;
	const SparseMatrix *users = &ratings->user_features.by_row;
	const SparseMatrix *contexts = &ratings->contexts.by_row;

	return (Extent) {ratings->by_user.n_rows, ratings->by_item.n_rows,
					 ratings->by_user.start[ratings->by_user.n_rows],
					 events->n_users > 0 ? events->start[events->n_users] : 0,
					 items->n_columns,
					 items->n_rows > 0 ? items->start[items->n_rows] : 0,
					 users->n_columns,
					 users->n_rows > 0 ? users->start[users->n_rows] : 0,
					 contexts->n_rows,
					 contexts->n_columns,
					 contexts->n_rows > 0 ? contexts->start[contexts->n_rows] : 0};
}

/*
 * What is known of whoever is asking: known items, ascending, each once, with their ratings; and,
 * with NEEDS_EVENTS, the events in the order of time, the latest last, where an item may occur
 * several times. With USES_CONTEXTS, an item is known once for each of its contexts.
 *
 * Planned, with the first algorithm that needs it: the row of the users' side.
 */
typedef struct Profile
{
	int64_t		n;
	const int32_t *items;
	const float *ratings;
	int64_t		n_events;
	const int32_t *events;
	const int64_t *times;		/* of each event; NULL: unknown */
	/* with USES_USER_FEATURES: the user's features; 0: no attributes of the user are known */
	int64_t		n_features;
	const int32_t *features;
	const float *feature_values;
	/*
	 * with USES_CONTEXTS: of each item, the context as a row of context_features, or -1: nothing is
	 * known of it; NULL: nothing is known of any
	 */
	const int32_t *contexts;
	const SparseMatrix *context_features;
	/* the features of the question's own context; 0: nothing is known of it */
	int64_t		n_context;
	const int32_t *context;
	const float *context_values;
} Profile;

/* ---- training in passes ---- */

/* The most arrays that an algorithm has besides the model's columns. */
#define MAX_ARRAYS 20

/*
 * A training as each of its workers sees it. All of it is shared: what one worker writes, the
 * others can read in the next pass or step. Addresses differ between workers, so no pointer may be
 * stored in an array or in a pass's argument.
 */
typedef struct Task
{
	const Ratings *ratings;
	Model	   *model;
	void	   *arrays[MAX_ARRAYS];
	/*
	 * columns of numbers and vectors, and parameters, hold the last version's values; rows that are
	 * new are zero, and so are parameters that had another shape
	 */
	bool		warm;
	double		last_loss;		/* the last version's loss, where warm */
} Task;

/*
 * Processes rows begin .. end - 1 of a pass. The blocks of a pass, or of a step of run_steps, are
 * done in any order and by several workers at once. The result for a row must therefore not depend
 * on anything that another row of the same pass or step writes, unless that is the same in whatever
 * order it is written; rows that write to the same place must lock it (kernel/neighbors.h). So the
 * result of a pass is the same, to the bit, with any number of workers. argument is a copy of what
 * the pass was run with. scratch belongs to this worker, is aligned to a cache line, and has
 * arbitrary contents.
 */
typedef void (*Pass) (const Task *task, const void *argument, int64_t begin, int64_t end,
					  void *scratch);

#define MAX_ARGUMENT_BYTES 64

typedef struct Services Services;
struct Services
{
	/*
	 * Runs a pass of the algorithm (a number in its array of passes) in n_steps steps of n_rows
	 * rows each: rows 0 .. n_rows - 1 of the pass are the first step, the next n_rows rows the
	 * second. A step begins when the one before is done. Workers take blocks of block_rows rows.
	 * They are started once for all steps, whereas a pass for each step would start them each time.
	 * With several steps, block_rows must divide n_rows.
	 */
	void		(*run_steps) (Services *services, int pass, const void *argument,
							  size_t argument_bytes,
							  int64_t n_steps, int64_t n_rows, int64_t block_rows);

	/*
	 * Reports that an iteration (from 1) is over, with its loss, and its quality on a part of the
	 * ratings that the training holds out. NaN: there is no such number.
	 */
	void		(*iteration_done) (Services *services, int iteration, double loss,
								   double validation);

	/* Seconds since the training began to compute. */
	double		(*seconds) (Services *services);

	/* Tells the user that a limit of the time ends the training, which is not repeatable then. */
	void		(*time_is_up) (Services *services);

	/*
	 * Reports that the model is no better for single users than for everybody alike. too_large: the
	 * option that should be lowered.
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

/* The relative error of a few operations in single precision. */
#define ROUNDING (8 * FLT_EPSILON)

/* ---- refreshing ---- */

/*
 * What of a trained model is solved again: users and items, each with its full history. A history
 * is a row of a matrix as in Ratings. Rows without entries are only of items that have attributes.
 *
 * Where the items' side has lists of items, the users are those who have one of the items, each
 * with the full history, in matrices of their own: users are their rows of by_user, and are the
 * columns of by_item. Without NEEDS_RATINGS these matrices have only start, which counts.
 *
 * Where it has lists of sessions, the lists of items and of users are there, and the sessions'
 * times, but not what they consist of. Sessions without n_ratings are free: there are enough of
 * them for all that the users' events may be split into, and the side's lists, which are empty,
 * have room for these events. The users' side need not have everybody (n_ratings).
 */
typedef struct Refresh
{
	SparseMatrix by_user;		/* changed users x all items; empty without a users' side */
	const int32_t *users;		/* the user of each row; NULL where users are rows of by_user */
	SparseMatrix by_item;		/* new items, and those that have changed much, x all users */
	const int32_t *items;		/* the item of each row */
	/*
	 * of the rows of by_item and of by_user, encoded as in the training; empty where the model has
	 * no such features
	 */
	Features	item_features;
	Features	user_features;
	/*
	 * with USES_CONTEXTS: contexts x features, encoded as in the training, of the contexts of
	 * by_item and of by_user
	 */
	SparseMatrix item_contexts;
	SparseMatrix user_contexts;
	/*
	 * with USES_CONTEXTS and implicit feedback, where by_item has rows: by row of the users' side,
	 * the contexts of all events, as rows of item_contexts; no columns and values
	 */
	SparseMatrix situations;

	/* of use where the items' side has lists of items or of sessions */
	History		events;			/* of the rows of by_user; empty without NEEDS_EVENTS */
	/* by item or user: it is solved again, or has no history any more; NULL: no such side */
	const bool *solved[SIDE_USERS + 1];
	/* by row of a side: refresh() sets it for other rows that it changes */
	bool	   *changed[SIDE_SESSIONS + 1];
	Allocator	allocator;		/* of memory that lasts until the refresh is done */
} Refresh;

/* ---- the contract ---- */

struct Algorithm
{
	const char *name;
	const char *description;
	const Option *options;		/* terminated by a name of NULL */
	size_t		options_size;

	/*
	 * Decides the options that are left to the source, once the ratings are known. NULL: no option
	 * is left to the source. Sizes are computed before that as well; with undecided options they
	 * must be the largest that decide() may lead to.
	 */
	void		(*decide) (const Ratings *ratings, void *options);

	/*
	 * Puts other values, in place of decide()'s, into options. Only options that are undecided in
	 * given are changed. The values form lines, numbered from 0, of steps, numbered from 0: a line
	 * is followed as long as each step is better than the one before. Returns false where the line
	 * has no such step; for step 0, where there is no such line. NULL: there are no other values.
	 * shorten() makes a training just long enough to tell which values are better; NULL: it is not
	 * shortened.
	 */
	bool		(*vary) (const void *given, int line, int step, void *options);
	void		(*shorten) (void *options);
	/*
	 * Instead of vary: the name of an option with two lines, whose steps multiply and divide it by
	 * factor.
	 */
	const char *varied;
	double		factor;

	/*
	 * Sets the columns of a side and returns how many. 0: models of the algorithm have no such
	 * side.
	 */
	int			(*columns) (const void *options, SideKind side, Column *columns);

	/*
	 * Describes the model's parameters in their order in memory, and returns how many there are, at
	 * most MAX_PARAMETERS. parameters NULL: only returns how many. Names differ. NULL: models of
	 * the algorithm have no parameters.
	 */
	int			(*parameters) (const void *options, Parameter *parameters);

	/* What training and profiles need: flags NEEDS_RATINGS and so on. NULL: NEEDS_RATINGS. */
	unsigned	(*needs) (const void *options);

	/*
	 * Returns why the algorithm cannot be trained on a source of this size, or NULL if it can;
	 * called before any memory is taken. NULL: any size is accepted. alternative: the algorithm to
	 * use for larger sources, or NULL.
	 */
	const char *(*refuses) (const void *options, const Extent *extent);
	const char *alternative;

	/*
	 * The most rows of a side other than items, users and parameters; train() sets its n_rows to
	 * the actual number. NULL: there is no such side.
	 */
	int64_t		(*side_rows) (const void *options, const Extent *extent, SideKind side);
	/* The most entries of all lists of a side together. NULL: no side has lists. */
	int64_t		(*list_entries) (const void *options, const Extent *extent, SideKind side);

	/*
	 * Sets how many bytes each of the arrays has that training needs besides the model's columns,
	 * and returns how many arrays there are. NULL: none.
	 */
	int			(*arrays) (const void *options, const Extent *extent, size_t *bytes);
	/*
	 * The passes of the training, and the bytes of scratch that the largest of them needs. NULL:
	 * none.
	 */
	const Pass *passes;
	size_t		(*scratch_bytes) (const void *options, const Extent *extent);

	/*
	 * Fills the columns of the task's model. They are zero at first (but see Task.warm), and so are
	 * the arrays. Of lists, start (n_rows + 2 elements), column, and value where there is one, are
	 * filled. Returns NULL, or why there is no model (numbers that are not finite); then nothing is
	 * stored.
	 */
	const char *(*train) (const Task *task, Services *services);
	/*
	 * Solves rows of a trained model again, while the other rows stay as they are. The numbers of
	 * ratings are the new ones. New rows are zero at first. Lists of the users' side are empty and
	 * have room for the histories of the users. Lists of items on the items' side, and lists of
	 * sessions, are there; refresh() replaces them by lists of its own, of which those of rows that
	 * stay may be empty. Lists of features are empty and have room for the features of the items.
	 * Parameters are not there, and stay as they are. Returns NULL, or a message if numbers are not
	 * finite; then nothing is stored. NULL: the algorithm cannot refresh.
	 */
	const char *(*refresh) (Model *model, const Refresh *refresh, void *scratch);
	/* The scratch that refresh() needs, in bytes. NULL: none. */
	size_t		(*refresh_scratch_bytes) (const Model *model, const Refresh *refresh);
	/*
	 * The reason why models with these options cannot be refreshed, or NULL: they can. NULL: all
	 * can, if the algorithm can.
	 */
	const char *(*refuses_refresh) (const void *options);

	/* The most iterations of train(), for reporting progress. NULL: one. */
	int			(*iterations) (const void *options);

	/* The sides besides the items' that asking needs. They are loaded with every model. */
	bool		asks[N_SIDES];

	/*
	 * Computes, once per loaded model, what scoring needs besides the columns. The derived block is
	 * shared with other processes at other addresses, so it must not hold pointers. NULL, both:
	 * nothing.
	 */
	size_t		(*derived_bytes) (const Model *model);
	void		(*prepare) (Model *model);

	/*
	 * Turns a profile into a query. A profile without items gives the query of an unknown user.
	 * Returns false where the profile's numbers are too large for a query. The query may point into
	 * itself, but not into the profile. query_bytes or query_scratch_bytes NULL: 0. profile_length
	 * is the number of the profile's items or of its events, whichever is larger.
	 */
	size_t		(*query_bytes) (const Model *model, int64_t profile_length);
	size_t		(*query_scratch_bytes) (const Model *model, int64_t profile_length);
	bool		(*make_query) (const Model *model, const Profile *profile, void *query,
							   void *scratch);
	/*
	 * Instead of make_query, where making several queries at once is faster. Each query is the
	 * same, to the bit, as if made alone. Queries lie query_bytes apart; made[i] is false where
	 * make_query would return false.
	 */
	void		(*make_queries) (const Model *model, const Profile *profiles, int64_t n,
								 void *queries, size_t query_bytes, bool *made, void *scratch);

	/*
	 * Whether the query of a profile with items distinguishes items by more than the rounding of
	 * its numbers. If not, the caller ranks by popularity. NULL: it always does.
	 */
	bool		(*speaks) (const Model *model, const void *query);

	/*
	 * Sets the scores of the items items[first] .. items[first + n - 1], in any order; items NULL:
	 * of the items first .. first + n - 1. The score of an item is the same, to the bit, whichever
	 * items are scored with it. NaN means that nothing in the profile speaks for the item: the
	 * caller ranks such items by popularity, after all others.
	 */
	void		(*score_items) (const Model *model, const void *query, const int32_t *items,
								int64_t first, int64_t n, float *scores);
	/*
	 * About how many items of a range are scored in the time of a single item. A set of items that
	 * is at least 1 / range_speed of all items is scored as ranges. 0: sets are never scored as
	 * ranges.
	 */
	int			range_speed;
	/*
	 * The expected score of an item for which nothing speaks, or of one that is not in the model
	 * (-1). Never NaN. NULL: 0.
	 */
	float		(*expected_score) (const Model *model, const void *query, int32_t item);

	/*
	 * What each item of the profile contributes to the score of an item of the model or, where the
	 * score is NaN, to its expected score, by a query made from the profile. contributions[j] is
	 * that of profile->items[j]; the baseline is what remains without a profile. Together they add
	 * up to the score.
	 */
	void		(*explain) (const Model *model, const Profile *profile, const void *query,
							int32_t item,
							float *contributions, float *baseline, void *scratch);
	/* NULL: 0 */
	size_t		(*explain_scratch_bytes) (const Model *model, int64_t profile_length);

	/*
	 * Where scores are inner products: sets the items' part of the product and returns true.
	 * Otherwise it returns false, or is NULL. The items with the highest inner products are found
	 * without computing all scores (kernel/search.h).
	 */
	bool		(*inner_product) (const Model *model, InnerProduct *product);
	/*
	 * The query's part of the product; NULL where the scores of this query are no inner products.
	 */
	const float *(*query_vector) (const Model *model, const void *query, float *constant);
	/*
	 * The users' side of the inner product, for finding the users with the highest score of an
	 * item. A user's score is constant + the user's bias + the item's bias (inner_product) + the
	 * product of the factors. Returns false where the users' table lacks a column for that, which
	 * tables of earlier versions may. NULL: users cannot be searched.
	 */
	bool		(*user_product) (const Model *model, InnerProduct *product, float *constant);
	/* Makes the query of a user of the users' side. The query may point into the model. */
	void		(*user_query) (const Model *model, int32_t user, void *query);
	/* Scores do not depend on the profile. */
	bool		impersonal;
	/*
	 * The logistic function of a score that is no predicted rating is the probability that the user
	 * takes the item.
	 */
	bool		logistic;
	/*
	 * Whether scores are predictions of ratings. Such scores are shown within the range of the
	 * ratings. NULL: they never are.
	 */
	bool		(*predicts_ratings) (const Model *model);

	/*
	 * Fills the columns of items that came after the training, by their features. Count and
	 * encoding are those of the training; column and kind are set for the features that occur.
	 * NULL: the algorithm cannot. With it, explain() and similar_items() accept new items as
	 * `item`.
	 */
	void		(*map_items) (const Model *model, const Features *features, Side *items);
	/*
	 * What each of n features of an item contributes to its score by a query. `item` may be a new
	 * item. NULL: features do not contribute. What is not of features is the rest of the score.
	 */
	void		(*explain_features) (const Model *model, const void *query, int32_t item,
									 const int32_t *features, const float *values, int64_t n,
									 float *contributions);
	/* The same of n features of the question's context, which the query was made with. */
	void		(*explain_context) (const Model *model, const void *query, int32_t item,
									const int32_t *features, const float *values, int64_t n,
									float *contributions);

	/* How similar item `item` is to items first .. first + n - 1; NaN where that is undefined. */
	void		(*similar_items) (const Model *model, int32_t item, int64_t first, int64_t n,
								  float *similarity);
	/*
	 * How similar the user of a query is to the users first .. first + n - 1. NULL where there is
	 * no users' table: then the caller compares the profiles (function/similar.c).
	 */
	void		(*similar_users) (const Model *model, const void *query, int64_t first, int64_t n,
								  float *similarity);
};

/* Calls Algorithm.vary, or applies Algorithm.varied. */
extern bool vary_options(const Algorithm *algorithm, const void *given, int line, int step,
						 void *options);

/* Whether an option is left to the source and not decided yet. */
extern bool option_is_undecided(const Option *option, const void *options);

extern bool model_predicts_ratings(const Model *model);

/* Whether the scores of models with these options stand for probabilities (Algorithm.logistic). */
extern bool gives_probabilities(const Algorithm *algorithm, const void *options);

/* The number of a profile's items or of its events, whichever is larger. */
static inline int64_t
profile_length(const Profile *profile)
{
	return profile->n > profile->n_events ? profile->n : profile->n_events;
}

/* For score_items(): the item at a place of items, or of the range where items is NULL. */
static inline int32_t
item_of(const int32_t *items, int64_t at)
{
	return items == NULL ? (int32_t) at : items[at];
}

/* These call the member of the contract with that name, and know what NULL means. */
extern unsigned algorithm_needs(const Algorithm *algorithm, const void *options);
/* Whether the flags ask for attributes of items or users or, SIDE_CONTEXT_FEATURES, contexts. */
static inline bool
needs_attributes(unsigned needs, SideKind kind)
{
	return (needs & (kind == SIDE_ITEMS	  ? NEEDS_ITEM_FEATURES | USES_ITEM_FEATURES
					 : kind == SIDE_USERS ? USES_USER_FEATURES
										  : USES_CONTEXTS)) != 0;
}

/* Whether the algorithm learns from these attributes. */
extern bool algorithm_uses(const Algorithm *algorithm, const void *options, SideKind kind);
extern int	training_arrays(const Model *model, const Extent *extent, size_t *bytes);
extern size_t training_scratch_bytes(const Model *model, const Extent *extent);
extern int	training_iterations(const Algorithm *algorithm, const void *options);
extern size_t model_derived_bytes(const Model *model);
extern void model_prepare(Model *model);
extern size_t model_query_bytes(const Model *model, int64_t profile_length);
extern size_t model_query_scratch_bytes(const Model *model, int64_t profile_length);
/*
 * Makes the queries of n profiles, query_bytes apart. made[i] is false, and the query undefined,
 * where the profile has numbers that are too large or not finite (merged weights may overflow).
 */
extern void model_make_queries(const Model *model, const Profile *profiles, int64_t n,
							   void *queries, size_t query_bytes, bool *made, void *scratch);
/* Makes the query of an unknown user. */
extern void model_make_unknown_query(const Model *model, void *query, void *scratch);
/* Algorithm.score_items, also of new items. A large set of items is scored as ranges. */
extern void model_score_items(const Model *model, const void *query, const int32_t *items,
							  int64_t first, int64_t n, float *scores);
/* Algorithm.expected_score. */
extern float model_expected_score(const Model *model, const void *query, int32_t item);
/* The score of one item; where that is NaN, or the item is -1, its expected score. Never NaN. */
extern float model_score_item(const Model *model, const void *query, int32_t item);
extern size_t model_explain_scratch_bytes(const Model *model, int64_t profile_length);

/* Whether the model's scores are inner products; then sets the items' part of the product. */
extern bool has_inner_product(const Model *model, InnerProduct *product);
/* Whether users can be searched, and what Algorithm.user_product sets. */
extern bool has_user_product(const Model *model, InnerProduct *product, float *constant);

/*
 * Sets the columns of the model's sides: those of its algorithm, and "popularity"; and the number
 * of parameters. n_items is the width of vectors that have a number for each item.
 */
extern void model_set_items(Model *model, int64_t n_items);

/* Writes what decodes features into the columns of their side, if the model has it. */
extern void model_fill_features(Model *model, SideKind side, const Features *features);

/*
 * By item: the share of the users who have the item, each counted by recency (kernel/recency.h).
 * NULL where the source has no times.
 */
static inline float *
model_recent(const Model *model)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	return model->has_times ? items->values[items->n_columns - 1] : NULL;
}

/* The type of the side's column of lists; COLUMN_NUMBER where the side has none. */
extern ColumnType side_list_type(const Side *side);

/* The side whose rows the lists of a column of this type have. */
extern SideKind listed_side(ColumnType type);

/* Whether the lists of a column of this type have a value for each entry. */
static inline bool
list_has_weights(ColumnType type)
{
	return type == COLUMN_ITEMS || type == COLUMN_FEATURES;
}

/* A value of a column of doubles. */
static inline double
side_double(const Side *side, int column, int64_t row)
{
	double		value;

	memcpy(&value, side->values[column] + 2 * row, sizeof(value));
	return value;
}

static inline void
side_set_double(const Side *side, int column, int64_t row, double value)
{
	memcpy(side->values[column] + 2 * row, &value, sizeof(value));
}

/* Algorithm.parameters. */
extern int	model_parameters(const Model *model, Parameter *parameters);

/* Where a parameter begins among the numbers of all. */
static inline int64_t
parameter_offset(const Parameter *parameters, int number)
{
	int64_t		offset = 0;

	for (int p = 0; p < number; p++)
		offset += parameter_stride(&parameters[p]);
	return offset;
}

/* The numbers of all parameters; NULL where they are not loaded. */
static inline float *
model_numbers(const Model *model)
{
	return model->sides[SIDE_PARAMETERS].values[PARAMETER_NUMBERS];
}

/* Whether asking needs the side. */
static inline bool
model_asks(const Model *model, SideKind side)
{
	return side == SIDE_ITEMS ||
		   (model->algorithm->asks[side] &&
			(side != SIDE_PARAMETERS || model_parameters(model, NULL) > 0)) ||
		   (side == SIDE_CONTEXT_FEATURES && model->has_contexts);
}

/* Whether asking may need the side: features of users are loaded when there is such a user. */
static inline bool
model_may_ask(const Model *model, SideKind side)
{
	return model_asks(model, side) || side == SIDE_USER_FEATURES;
}

/* The side that is loaded last of those that asking needs. With it the model is complete. */
extern SideKind last_asked_side(const Model *model);

/*
 * Empties the sides that asking cannot need. The number of rows stays for those that lists of
 * items refer to.
 */
extern void model_keep_asked(Model *model);

/* How a feature is encoded: a row of the features' side. */
extern NumberEncoding model_feature_encoding(const Model *model, SideKind side, int64_t feature);

/* The side that an item is on, and its row there. */
static inline const Side *
side_of_item(const Model *model, int32_t item, int64_t *row)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	*row = item < items->n_rows ? item : item - items->n_rows;
	return item < items->n_rows ? items : &model->new_items;
}

/* ---- the arrays of a model and of the data that it is trained on (arrays.c) ---- */

/* Is called with the address of a pointer to an array, and the number of bytes of the array. */
typedef void (*VisitArray) (void *context, void *pointer, size_t bytes);

/*
 * Visits every array of a side, whose n_rows, columns and list_room are set. Memory for a side is
 * laid out with this.
 */
extern void side_visit(Side *side, VisitArray visit, void *context);

/* The bytes of all of these arrays. */
extern size_t side_bytes(Side *side);

/* The floats of a column in memory: the length of the side's values[column]. */
extern int64_t side_floats(const Side *side, int column);

/*
 * Visits every array that a task refers to; the bytes of some are given as 0. Processes exchange
 * the addresses of the arrays with this.
 */
extern void task_visit(Task *task, Model *model, Ratings *ratings, VisitArray visit,
					   void *context);

/* For a VisitArray: read and write the pointer whose address is given. */
extern void *visited_array(const void *pointer);
extern void set_visited_array(void *pointer, void *array);

/* The registry: every algorithm, the default first. */
#define ALGORITHMS(each) \
	each(als) \
	each(fm) \
	each(svd) \
	each(bpr) \
	each(item_knn) \
	each(user_knn) \
	each(ease) \
	each(slim) \
	each(markov) \
	each(session_knn) \
	each(gru) \
	each(lstm) \
	each(caser) \
	each(sasrec) \
	each(content) \
	each(popular)

#define DECLARE_ALGORITHM(name) extern const Algorithm name##_algorithm;
ALGORITHMS(DECLARE_ALGORITHM)

/* The same, ending with NULL. */
extern const Algorithm *const algorithms[];
extern const Algorithm *find_algorithm(const char *name);

#endif							/* REC_ALGORITHM_H */
