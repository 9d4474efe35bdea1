/*
 * source.h
 *	  The relation that a model learns from: its columns, all of its rows for
 *	  training, one user's rows for a profile.
 *
 * It is read through the executor as the caller, so that views, row security, partitions and
 * foreign tables work as in any query.
 */
#ifndef REC_SOURCE_H
#define REC_SOURCE_H

#include "algorithm/algorithm.h"
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
	Oid			rating_type;	/* the base type of that column */
	Oid			time_type;
	IdType		user;
	IdType		item;
	/* the column is of a wider integer type than item: that is the model's */
	bool		narrow_items;
	Feedback	feedback;
	Weight		weight;			/* what merged weights count */
	char	   *condition;		/* of the rows that are read all at once; NULL: there is none */
	IdDictionary *only_users;	/* whose rows are read all at once; NULL: those of all */
	/* whether reading all rows finds out what items are worth by recency, where there are times */
	bool		by_recency;
	/* what becomes of all rows: NEEDS_RATINGS, unless whoever opened it sets something else */
	unsigned	needs;
	bool		event_ratings;	/* with events: what each is rated, or weighs */
} Source;

/*
 * Looks the columns that are noted up in a relation; errors out, naming what is missing, where
 * they can't serve. In the given context.
 */
extern Source *source_open(const NotedSource *noted, Oid relid, const CommonOptions *options,
						   MemoryContext context);

/*
 * The same of the relation that is meant, locked, of which all rows are to be read: before
 * the snapshot that they are read with, as one that was rewritten while this waits would show no
 * rows to an older one.
 */
extern Source *source_open_locked(const NotedSource *noted, const CommonOptions *options,
								  MemoryContext context);

/*
 * Notes the number of each column and the relation's name and owner, as long as it is there; else
 * that it is gone.
 */
extern void source_note(NotedSource *noted);

/* Errors out where one column of the source has two roles. */
extern void source_check_roles(const NotedSource *noted);

/*
 * Whether the ids are of wider integer types than the columns of the model's tables; errors out
 * where they are of others than these were created with.
 */
extern void source_check_types(const Source *source, Oid model, Oid users, bool *wider_users,
							   bool *wider_items);

/*
 * Lets the source serve a model that was trained already, with items of this type: an item that
 * the type can't hold is read as NULL.
 */
extern void source_serve(Source *source, Oid model, Oid users, const IdType *items);

/*
 * The column of the source by this name, or an error with the nearest name; argument says what it
 * is for.
 */
extern AttrNumber source_column(const Source *source, const char *column, const char *argument);


/* ---- what a row is made of ---- */

/*
 * "item, rating, time": what is selected of a row beside the user, as source_rating and
 * source_time take it.
 */
extern char *source_columns(const Source *source);

/*
 * Errors out where column 0 to 3 (user, item, rating, time) of a result has another type than it
 * had when the source was opened.
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

/* A value of the time column as an integer in the same order; NULL comes before all others. */
extern int64 source_time(const Source *source, Datum value, bool is_null);

/*
 * The same in microseconds, as Ratings has them: a number is taken as seconds, of which those
 * that an int64 does not reach become the largest or smallest that is not infinite. NULL stays
 * before all others.
 */
extern int64 source_microseconds(const Source *source, int64 time);

/*
 * This moment, as a time in microseconds: in the session's time zone where times have none, and
 * as seconds since 1970 where they are numbers.
 */
extern int64 source_now(const Source *source);

/* ---- all rows, in source_read.c ---- */

/* The ratings of all rows, and who stands for which row and column of the matrix. */
typedef struct TrainingData
{
	Ratings		ratings;
	IdDictionary *users;
	IdDictionary *items;
	int64		rows;			/* of the source that were read */
	int64		null_ids;		/* rows left out because an id is NULL */
	int64		zero_weights;	/* rows left out because they weigh nothing */
	int64		duplicates;		/* rows merged into another of the same user and item */
	int64		kept;			/* rows that are not left out, before merging */
	int64		in_future;		/* of those, where times are kept, later than now */
	int64		at_infinity;	/* of those in turn, infinitely later */
	/* events, where they are needed, of the time of another of their user */
	int64		tied;
	float	   *event_ratings;	/* of each event, where the source is to have them */
	/* of each item, by recency: the share of the users who have it; NULL: not found out */
	float	   *popularity;
	struct Reader *reader;		/* the ratings, until they are put into matrices */
} TrainingData;

/*
 * Reads the source, with the active snapshot; SPI must be connected. Afterwards the ids are
 * known, and the ratings are waiting to be put into matrices.
 */
extern TrainingData *source_read(const Source *source, MemoryContext context);

/*
 * The same for the profiles of all users, with the model's numbers of the items, and behind them
 * those of more (NULL: none). Rows of other items say only that there is such a user. Ratings
 * that training would refuse say nothing: they are NaN. Where only some users are meant, these
 * are the users, whether or not they have a row.
 */
extern TrainingData *source_read_profiles(const Source *source, IdList *known, IdDictionary *more,
										  MemoryContext context);

/* When users came to have items; times in microseconds. */
typedef struct TimedItems
{
	int64		n;
	const int32 *items;
	const int64 *times;
} TimedItems;

/* What items are worth by recency: each's part of the users, an event counting by its age. */
extern float *source_weigh_by_recency(const TimedItems *rows, int n_pieces, int64 n_items,
									  int64 n_users, int64 now, MemoryContext context);

/* Says which rows were left out. */
extern void source_report_left_out(const TrainingData *data, const Source *source);

/* Says how many rows lie in the future; for whom ages count. */
extern void source_report_future(const TrainingData *data, const Source *source);

/* Says where many events have no order. */
extern void source_report_ties(const TrainingData *data, const Source *source);

/*
 * Says where explicit ratings look like weights of events: among a hundred or more nine of ten
 * are equal, or half have the lowest value, or none is negative and the highest is more than ten
 * times the mean. Ratings on a scale are seldom so; counts, and weights of a few kinds of events,
 * mostly.
 */
extern void source_note_weights(const Source *source, const SparseMatrix *by_user);

/* Bytes that the matrices and histories take. */
extern double source_bytes(const TrainingData *data);

/*
 * Puts the rows into matrices and histories in the training's memory, of which it takes three
 * pieces.
 */
extern void source_build(TrainingData *data, TrainingMemory *memory);

/* Takes a piece of memory for a matrix, with start all zero. */
extern void source_allocate_matrix(SparseMatrix *m, int64 n_rows, int64 n_columns, int64 entries,
								   bool times, TrainingMemory *memory);

/* The same for histories. */
extern void source_allocate_history(History *h, int64 n_users, int64 n_events, bool times,
									TrainingMemory *memory);

/* Mean, minimum and maximum of ratings by user. */
extern void source_scale(Ratings *ratings);

/* Of ratings by user makes the rest: by item, in a piece of the memory, and their scale. */
extern void source_complete(Ratings *ratings, TrainingMemory *memory);

/*
 * The same for profiles, by user only. Where all ratings of a user and item are NaN, the matrix
 * has one entry, which is NaN: seen, but says nothing.
 */
extern void source_build_profiles(TrainingData *data, TrainingMemory *memory);

/*
 * "user = ANY (SELECT ...)": a condition that the column (user_column, or one of the same type)
 * has an id that is in the array which is the numbered parameter; and such an array.
 */
extern char *source_among_users(const Source *source, const char *column, int parameter);
extern Datum source_user_array(const Source *source, const IdDictionary *users, Oid *type);

/* ---- one user's rows ---- */

/* As they are. */
typedef struct ProfileRows
{
	int64		n;
	Datum	   *items;			/* as IdType item */
	float	   *ratings;		/* NaN where the rating is one that training would refuse */
	int64	   *times;			/* in microseconds; all 0 without a time column */
} ProfileRows;

/*
 * A plan that reads one user's rows; saved, so to be freed with SPI_freeplan. SPI must be
 * connected.
 */
extern SPIPlanPtr source_profile_plan(const Source *source);

/* Runs it, with the active snapshot; the result is in the given context. SPI must be connected. */
extern ProfileRows *source_read_profile(const Source *source, SPIPlanPtr plan, Datum user,
										MemoryContext context);

/* How several rows of one user and item are merged. */
extern MergeRule source_merge_rule(Feedback feedback);

#endif							/* REC_SOURCE_H */
