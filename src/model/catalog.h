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

#include "model/model_row.h"
#include "utils/snapshot.h"

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

/* The schema that the extension is in; InvalidOid where it is not installed. */
extern Oid	catalog_namespace(void);

/* Whether the extension's tables are there: not while it is being dropped. */
extern bool catalog_exists(void);

/*
 * Errors out where the extension's tables have no place yet for all that a training finds out,
 * until ALTER EXTENSION UPDATE.
 */
extern void catalog_require_current(void);

/* The row of a model, with the snapshot, or NULL for the latest; NULL where there is none. */
extern ModelRow *catalog_find(Oid model, Snapshot snapshot);

/* The same, or an error that names the nearest model. */
extern ModelRow *catalog_get(Oid model, Snapshot snapshot);

/* What a side of a model, or TABLE_DESCRIPTION, is called. */
extern const char *side_name(int kind);

/*
 * The table of a side, or TABLE_DESCRIPTION. Errors out where there is none; or where it has
 * another owner than the model, as a row of rec.model_table may be written by hand, and would hand
 * out a stranger's table.
 */
extern Oid	catalog_side_table(const ModelRow *row, int kind);

/* These write rec.model_table too. */
extern void catalog_insert(const ModelRow *row);
extern void catalog_update(const ModelRow *row);

/*
 * Replaces columns of a model's row in rec.model, without a look at what they say. Where a column
 * that must not be NULL would be, or there is no such row, nothing is replaced.
 */
extern void catalog_replace(Oid model, Datum *values, bool *nulls, bool *replace);

/* The model that a table says what it is of, by rec.model_table; or InvalidOid. */
extern Oid	catalog_described(Oid table);

/* Whether there is rec.model_table: not before ALTER EXTENSION UPDATE to 0.6.0. */
extern bool catalog_has_tables(void);

/* Writes down which tables a model has beside its own; InvalidOid: none of this side. */
extern void catalog_set_tables(Oid model, const Oid tables[N_TABLES]);

/*
 * Deletes what is known of a model, whatever its row says; false where there is none. tables: those
 * that it named, or InvalidOid.
 */
extern bool catalog_delete(Oid model, Oid tables[N_TABLES]);

/* Forgets what trainings of the model reported. */
extern void catalog_forget_iterations(Oid model);

/* Deletes what is known of models whose tables were dropped unseen, with event triggers off. */
extern void catalog_sweep(void);

/* The losses that a version reached after each iteration, n of them, the first first. */
extern double *catalog_losses(Oid model, int64 version, int *n);

/* Adds the iterations of a version, and removes those of all but the last few. */
extern void catalog_log(Oid model, int64 version, const IterationRow *iterations, int n);

#endif							/* REC_CATALOG_H */
