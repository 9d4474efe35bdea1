/*
 * source.h
 *	  The relation that a model learns from: its columns, all of its rows for
 *	  training, one user's rows for a profile.
 *
 * The relation is read through the executor as the calling user, so that views, row security,
 * partitions and foreign tables work as in any query.
 */
#ifndef REC_SOURCE_H
#define REC_SOURCE_H

#include "algorithm/algorithm.h"
#include "kernel/recency.h"
#include "executor/spi.h"
#include "server/workers.h"
#include "source/identifier.h"
#include "source/relation.h"

typedef struct Source
{
	Oid			relid;
	char	   *name;			/* quoted and qualified */
	char	   *user_column;
	char	   *item_column;
	char	   *rating_column;	/* or NULL */
	char	   *time_column;	/* or NULL */
	int			n_contexts;
	char	  **context_columns;
	char	  **noted_contexts; /* the names that these columns had when they were noted */
	Oid			rating_type;	/* base type of the column */
	Oid			time_type;
	IdType		user;
	IdType		item;
	/* of contexts: jsonb objects as text, with a member for each column */
	IdType		context;
	/* the column has a wider integer type than item, which is the model's */
	bool		narrow_items;
	Feedback	feedback;
	Weight		weight;			/* what merged weights count */
	char	   *condition;		/* for reading all rows: a condition on them; NULL: none */
	/* for reading all rows: only those of these users, or of these items; NULL, both: all */
	IdDictionary *only_users;
	IdDictionary *only_items;
	/* for reading all rows: items to train on even if no row has them; NULL: none */
	IdDictionary *more_items;
	/* for reading all rows: compute the items' popularity by recency, if there are times */
	bool		by_recency;
	/* what all rows become: NEEDS_RATINGS, unless the caller of source_open sets other flags */
	unsigned	needs;
	/* with events: keep the rating or weight of each event, and its context */
	bool		event_ratings;
} Source;

/*
 * Looks the noted columns up in a relation. Raises an error that names what is missing or has the
 * wrong type. The result is in the given context.
 */
extern Source *source_open(const NotedSource *noted, Oid relid, const CommonOptions *options,
						   MemoryContext context);

/*
 * Opens the model's source, locked, for reading all of its rows. To be called before the snapshot
 * for reading is taken: if the relation were rewritten while this waits for the lock, an older
 * snapshot would show no rows.
 */
extern Source *source_open_locked(const NotedSource *noted, const CommonOptions *options,
								  MemoryContext context);

/*
 * Notes the number of each column and the relation's name and owner, if the relation exists;
 * otherwise that it does not.
 */
extern void source_note(NotedSource *noted);

/*
 * The number of each noted column in the relation; 0: there is no such column, or none is noted.
 * Never raises an error.
 */
extern void source_find_columns(const NotedSource *noted, Oid relid,
								AttrNumber attnums[SOURCE_COLUMNS]);

/* The same of the columns of the context. */
extern void source_find_contexts(const NotedSource *noted, Oid relid, AttrNumber *attnums);

/* Raises an error where one column of the source has two roles. */
extern void source_check_roles(const NotedSource *noted);

/*
 * Whether the ids are of wider integer types than the columns of the model's tables. Raises an
 * error where they are of other types than the tables were created with.
 */
extern void source_check_types(const Source *source, Oid model, Oid users, bool *wider_users,
							   bool *wider_items);

/*
 * Prepares a source for a model that is already trained, with items of this type: an item that the
 * type has no room for is read as NULL.
 */
extern void source_serve(Source *source, Oid model, Oid users, const IdType *items);

/*
 * The source's column of this name, or an error with the nearest name; argument says what the
 * column is for.
 */
extern AttrNumber source_column(const Source *source, const char *column, const char *argument);


/* Whether the contexts of ratings are read. */
static inline bool
source_has_contexts(const Source *source)
{
	return (source->needs & USES_CONTEXTS) != 0 && source->n_contexts > 0;
}

/* ---- the values of a row ---- */

/* The most columns of a result: user, item, rating, time, and the context. */
#define RESULT_COLUMNS 5

/* How many of them there are. */
static inline int
source_result_columns(const Source *source)
{
	return source_has_contexts(source) ? RESULT_COLUMNS : RESULT_COLUMNS - 1;
}

/*
 * "item, rating, time" and, if it is read, the context: the SELECT list, without the user, for
 * source_rating and source_time.
 */
extern char *source_columns(const Source *source);

/*
 * Raises an error where column 0 to 4 (user, item, rating, time, context) of a result has another
 * type than when the source was opened.
 */
extern void source_check_column(const Source *source, int column, Oid type);

/* What is wrong with a rating. */
typedef enum RatingFault
{
	RATING_FINE,
	RATING_NULL,
	RATING_NOT_FINITE,
	RATING_NEGATIVE
} RatingFault;

extern double source_rating(const Source *source, Datum value);
extern RatingFault source_rating_fault(const Source *source, Datum value, bool is_null,
									   float *rating);

/* A value of the time column as an integer in the same order; NULL comes first. */
extern int64 source_time(const Source *source, Datum value, bool is_null);

/*
 * Such a time in microseconds, as in Ratings. A number is taken for seconds; numbers out of range
 * become the largest or smallest finite time. NULL still comes first.
 */
extern int64 source_microseconds(const Source *source, int64 time);

/*
 * The current time in microseconds: in the session's time zone if the column's type has none, and
 * since 1970 if the column is a number.
 */
extern int64 source_now(const Source *source);

/* ---- all rows, in source_read.c ---- */

/* The ratings of all rows, and the ids of the rows and columns of the matrices. */
typedef struct TrainingData
{
	Ratings		ratings;
	IdDictionary *users;
	IdDictionary *items;
	IdDictionary *contexts;		/* NULL: none were read */
	int64	   *context_ratings;	/* by context: how many ratings have it, after merging */
	int64		rows;			/* rows of the source that were read */
	int64		null_ids;		/* rows left out because an id is NULL */
	int64		zero_weights;	/* rows left out because their weight is 0 */
	/* rows merged into another of the same user, item and context */
	int64		duplicates;
	int64		kept;			/* rows that were not left out, before merging */
	int64		in_future;		/* kept rows with a time later than now, where times are kept */
	int64		at_infinity;	/* of these, rows with a time of infinity */
	/* events with the same time as another event of their user, where events are needed */
	int64		tied;
	float	   *event_ratings;	/* by event; NULL unless source->event_ratings */
	int32	   *event_contexts; /* likewise; NULL also if there are no contexts */
	/*
	 * by item: popularity by recency, the share of the users who have the item; NULL: not computed
	 */
	float	   *popularity;
	/* by side of features: their names, or NULL */
	IdDictionary *features[N_SIDES];
	struct Reader *reader;		/* the ratings, until source_build */
} TrainingData;

/*
 * Reads the source with the active snapshot; SPI must be connected. Afterwards the ids are known,
 * and source_build can put the ratings into matrices.
 */
extern TrainingData *source_read(const Source *source, MemoryContext context);

/*
 * Reads the rows of some users or items in the same way. No rows are no error; then source_build is
 * not to be called.
 */
extern TrainingData *source_read_some(const Source *source, MemoryContext context);

/*
 * Reads the profiles of all users. Items have the model's numbers; those of `more` (NULL: none) are
 * numbered after them. Rows of other items only add their user. Ratings that training would refuse
 * become NaN. With only_users, exactly these are the users, whether they have rows or not.
 */
extern TrainingData *source_read_profiles(const Source *source, IdList *known, IdDictionary *more,
										  MemoryContext context);

/* Items that users have, and for each the bin of its age. */
typedef struct RecentItems
{
	int64		n;
	const int32 *items;
	const uint16 *ages;
} RecentItems;

/*
 * The items' popularity by recency: the share of the users who have each item, where an event
 * counts by its age. The items come in several pieces; recency has counted all of their ages.
 */
extern void source_weigh_by_recency(Recency *recency, const RecentItems *pieces, int n_pieces,
									int64 n_items, int64 n_users, float *popularity);

/* Reports which rows were left out. */
extern void source_report_left_out(const TrainingData *data, const Source *source);

/* Reports how many rows lie in the future; for algorithms that use ages. */
extern void source_report_future(const TrainingData *data, const Source *source);

/* Reports where many events have no order. */
extern void source_report_ties(const TrainingData *data, const Source *source);

/*
 * Reports where explicit ratings look like weights of events. Among at least a hundred ratings:
 * nine of ten are equal, or half have the lowest value, or none is negative and the highest exceeds
 * ten times the mean. Ratings on a scale are seldom like that; counts, and weights of a few kinds
 * of events, usually are.
 */
extern void source_note_weights(const Source *source, const SparseMatrix *by_user);

/* Bytes of the matrices and histories. */
extern double source_bytes(const TrainingData *data);

/* Puts the rows into matrices and histories, in three pieces of the training's memory. */
extern void source_build(TrainingData *data, TrainingMemory *memory);

/* Allocates a matrix in a piece of its own, with start all zero. */
extern void source_allocate_matrix(SparseMatrix *m, int64 n_rows, int64 n_columns, int64 entries,
								   bool times, TrainingMemory *memory);

/* Adds contexts to a matrix with this many entries, in a piece of their own. */
extern void source_allocate_contexts(SparseMatrix *m, int64 entries, TrainingMemory *memory);

/* Allocates histories in a piece of their own. */
extern void source_allocate_history(History *h, int64 n_users, int64 n_events, bool times,
									TrainingMemory *memory);

/* Sets mean, deviation, minimum and maximum of the ratings by user. */
extern void source_scale(Ratings *ratings);

/* Completes ratings by user: adds the matrix by item, in a piece of its own, and the scale. */
extern void source_complete(Ratings *ratings, TrainingMemory *memory);

/*
 * Puts the rows of profiles into a matrix by user. Where all ratings of a user and item are NaN,
 * the matrix has one entry with NaN: the item was seen, but has no rating.
 */
extern void source_build_profiles(TrainingData *data, TrainingMemory *memory);

/*
 * source_among: "column = ANY (SELECT ...)", the condition that the id in a column of this type is
 * in the array that is the numbered parameter. source_id_array: such an array.
 */
extern char *source_among(const IdType *type, const char *column, int parameter);
extern Datum source_id_array(const IdDictionary *ids, Oid *type);

/* ---- one user's rows ---- */

/* The rows of a user, as they were read. */
typedef struct ProfileRows
{
	int64		n;
	Datum	   *items;			/* as IdType item */
	float	   *ratings;		/* NaN where training would refuse the rating */
	int64	   *times;			/* in microseconds; all 0 without a time column */
	Datum	   *contexts;		/* as IdType context; NULL: not read */
} ProfileRows;

/*
 * A plan that reads the rows of one user. It is saved, and is freed with SPI_freeplan. SPI must be
 * connected.
 */
extern SPIPlanPtr source_profile_plan(const Source *source);

/*
 * Runs the plan with the active snapshot. The result is in the given context. SPI must be
 * connected.
 */
extern ProfileRows *source_read_profile(const Source *source, SPIPlanPtr plan, Datum user,
										MemoryContext context);

/* ---- one item's rows ---- */

typedef void (*VisitUser) (void *state, Datum user);

/*
 * Calls visit for each row of an item, as the active snapshot shows them. The user is of the type
 * IdType user, and is valid during the call only. SPI must be connected.
 */
extern void source_read_item_users(const Source *source, Datum item, VisitUser visit, void *state);

/* The rule for merging several rows of one user and item. */
extern MergeRule source_merge_rule(Feedback feedback);

#endif							/* REC_SOURCE_H */
