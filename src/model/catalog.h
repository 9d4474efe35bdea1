/*
 * catalog.h
 *	  The extension's own tables: rec.model, one row per model; rec.model_table, which tables it has
 *	  beside its own; and rec.iteration, what its last trainings reported.
 *
 * Rows are read and written without SQL, so that whoever may use a model needs no privilege on
 * these tables. They hold what a model's own tables can't.
 */
#ifndef REC_CATALOG_H
#define REC_CATALOG_H

#include "access/attnum.h"
#include "algorithm/algorithm.h"
#include "server/compat.h"
#include "storage/itemptr.h"
#include "utils/jsonb.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

/* The columns of a source, in the order of their arguments. */
typedef enum SourceColumn
{
	SOURCE_USER,
	SOURCE_ITEM,
	SOURCE_RATING,
	SOURCE_TIME,
	SOURCE_COLUMNS
} SourceColumn;

typedef struct ModelRow
{
	Oid			model;			/* the table of items */
	Oid tables[N_SIDES];		/* of the sides, of items the model; InvalidOid: there is none */
	/* as written down, or InvalidOid; source_relation says which one is meant now */
	Oid			source;
	char	   *source_name;	/* qualified and quoted, when it was written down */
	char	   *algorithm;
	Jsonb	   *options;
	char	   *user_column;
	char	   *item_column;
	char	   *rating_column;	/* or NULL */
	char	   *time_column;	/* or NULL */
	/* how often it was trained; 0: not yet, and then what follows is void */
	int64		version;
	TimestampTz trained_at;
	int64		rows;			/* ratings it was trained on, duplicates merged */
	int64		n_rows[N_SIDES];	/* of users also where they have no table */
	/* of the ratings; the deviation is 1 where a version before 0.5.0 trained the model */
	RatingScale scale;
	double		loss;			/* NaN: the algorithm has none */
	double		seconds;
	Oid			source_owner;	/* of the source, when it was written down; or InvalidOid */
	/* the numbers of its columns then; 0: none, or not known */
	AttrNumber	source_columns[SOURCE_COLUMNS];
	Jsonb	   *decided;		/* the options that training decided from the source, or NULL */

	/* where the row was found: no two versions of it have both in common */
	TransactionId xmin;
	ItemPointerData tid;
} ModelRow;

/* What an iteration reported. */
typedef struct IterationRow
{
	double		loss;
	double		seconds;
} IterationRow;

/* Whether both are the same version of a model's row, with the same tables. */
static inline bool
catalog_same_row(ModelRow *a, ModelRow *b)
{
	return a->xmin == b->xmin && ItemPointerEquals(&a->tid, &b->tid) &&
		   memcmp(a->tables, b->tables, sizeof(a->tables)) == 0;
}

/* Whether the extension's tables are there: not while it is being dropped. */
extern bool catalog_exists(void);

/* The error that the library is newer than the extension's objects. */
pg_noreturn extern void catalog_refuse_older(const char *detail);

/*
 * Errors out where the extension's tables have no place yet for all that a training finds out,
 * until ALTER EXTENSION UPDATE.
 */
extern void catalog_require_current(void);

/* The row of a model, with the snapshot, or NULL for the latest; NULL where there is none. */
extern ModelRow *catalog_find(Oid model, Snapshot snapshot);

/* The same, or an error that names the nearest model. */
extern ModelRow *catalog_get(Oid model, Snapshot snapshot);

/* The owner of a relation; InvalidOid where that is gone. */
extern Oid	catalog_owner(Oid relid);

/* What a side of a model is called. */
extern const char *side_name(SideKind kind);

/*
 * The table of a side. Errors out where there is none; or where it has another owner than the
 * model, as a row of rec.model may be written by hand, and would hand out a stranger's table.
 */
extern Oid	catalog_side_table(const ModelRow *row, SideKind kind);

/* The name of a column of the source as the row has it, or NULL. */
extern char *catalog_source_column(const ModelRow *row, SourceColumn column);

/* The number of the row's column in the relation, by its name; 0 where it has none. */
extern AttrNumber catalog_source_attnum(const ModelRow *row, Oid relid, SourceColumn column);

/*
 * Sets in the row what is to be known of the source and of its columns, by their names there, as
 * long as it is there.
 */
extern void catalog_note_source(ModelRow *row);

/* These write rec.model_table too. */
extern void catalog_insert(const ModelRow *row);
extern void catalog_update(const ModelRow *row);

/* Whether there is rec.model_table: not before ALTER EXTENSION UPDATE to 0.6.0. */
extern bool catalog_has_tables(void);

/* Writes down which tables a model has beside its own; InvalidOid: none of this side. */
extern void catalog_set_tables(Oid model, const Oid tables[N_SIDES]);

/*
 * Deletes what is known of a model, whatever its row says; false where there is none. tables: those
 * that it named, or InvalidOid.
 */
extern bool catalog_delete(Oid model, Oid tables[N_SIDES]);

/* Forgets what trainings of the model reported. */
extern void catalog_forget_iterations(Oid model);

/* Deletes what is known of models whose tables were dropped unseen, with event triggers off. */
extern void catalog_sweep(void);

/* The losses that a version reached after each iteration, n of them, the first first. */
extern double *catalog_losses(Oid model, int64 version, int *n);

/* Adds the iterations of a version, and removes those of all but the last few. */
extern void catalog_log(Oid model, int64 version, const IterationRow *iterations, int n);

#endif							/* REC_CATALOG_H */
