/*
 * catalog.h
 *	  The extension's own tables: rec.model, one row per model; rec.model_table, which tables it has
 *	  beside its own; rec.iteration, what its last trainings reported; and rec.unknown_change, the
 *	  transactions whose changes of its source are not known.
 *
 * Rows are read and written without SQL, so that users of a model need no privilege on these
 * tables. They hold what a model's own tables cannot hold.
 */
#ifndef REC_CATALOG_H
#define REC_CATALOG_H

#include "model/model_row.h"
#include "nodes/pg_list.h"
#include "utils/snapshot.h"

/* The report of an iteration. */
typedef struct IterationRow
{
	double		loss;			/* NaN: there is none */
	double		seconds;
	double		validation;		/* quality on what the training holds out, or NaN */
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

/* Whether the extension's tables exist. They do not while the extension is being dropped. */
extern bool catalog_exists(void);

/*
 * Raises an error where the extension's tables lack columns for the result of a training, until
 * ALTER EXTENSION UPDATE.
 */
extern void catalog_require_current(void);

/*
 * The row of a model that the snapshot shows; NULL: the latest. Returns NULL where there is no row.
 */
extern ModelRow *catalog_find(Oid model, Snapshot snapshot);

/* The row of a model, or an error that names the nearest model. */
extern ModelRow *catalog_get(Oid model, Snapshot snapshot);

/* The name of a kind of table: of a side, TABLE_DESCRIPTION or TABLE_CHANGES. */
extern const char *side_name(int kind);

/*
 * The model's table of a kind. Raises an error where there is none, or where its owner is not the
 * model's: a row of rec.model_table may be written by hand, and could name a table of another user.
 */
extern Oid	catalog_side_table(const ModelRow *row, int kind);

/* These functions write rec.model_table, too. */
extern void catalog_insert(const ModelRow *row);
extern void catalog_update(const ModelRow *row);

/*
 * Replaces columns of a model's row in rec.model, without checking the values. Does nothing where
 * there is no such row, or where a column that must not be NULL would be set to NULL.
 */
extern void catalog_replace(Oid model, Datum *values, bool *nulls, bool *replace);

/* The model that a table describes according to rec.model_table, or InvalidOid. */
extern Oid	catalog_described(Oid table);

/* Whether rec.model_table exists. It does not before ALTER EXTENSION UPDATE to 0.6.0. */
extern bool catalog_has_tables(void);

/* Records which tables a model has beside its own; InvalidOid: no table of this side. */
extern void catalog_set_tables(Oid model, const Oid tables[N_TABLES]);

/* The table of a kind beside a model according to rec.model_table, or InvalidOid. */
extern Oid	catalog_table(Oid model, int kind);

/*
 * Deletes all rows of a model, whatever they say; false where there is none. tables is set to the
 * tables that they named, or InvalidOid; learned likewise to what it learned from.
 */
extern bool catalog_delete(Oid model, Oid tables[N_TABLES], Oid learned[N_LEARNED]);

/* ---- changes of sources, for changes.c */

/* A model that has a table of changes, and learns from a relation. */
typedef struct TrackedModel
{
	Oid			model;
	LearnedRelation relation;	/* what the relation is to it */
	Oid			changes;		/* the table, which may be gone */
	NotedSource source;
} TrackedModel;

/*
 * The models, as TrackedModel, that learn from a relation and have a table of changes. A model that
 * the relation is several things to is there several times. Raises no error if these tables were
 * changed by hand.
 */
extern List *catalog_tracked(Oid relid);

/*
 * Notes that the changes of this transaction in a model's source are not known. Does not wait: if
 * the table is locked, nothing is noted.
 */
extern void catalog_note_unknown(Oid model);

/* Is shown a row of rec.unknown_change, by the transaction that wrote it. */
typedef void (*VisitUnknown) (void *context, TransactionId writer, bool *forget);

/* Shows the rows of a model, and deletes those for which *forget is set. */
extern void catalog_visit_unknown(Oid model, Snapshot snapshot, VisitUnknown visit, void *context);

/* Deletes the model's rows of rec.iteration. */
extern void catalog_forget_iterations(Oid model);

/* Deletes the rows of models whose tables were dropped while event triggers were off. */
extern void catalog_sweep(void);

/* The iterations of the last training up to a version, in order; sets their number n. */
extern IterationRow *catalog_iterations(Oid model, int64 version, int *n);

/* Adds the iterations of a version, and removes those of old versions. */
extern void catalog_log(Oid model, int64 version, const IterationRow *iterations, int n);

#endif							/* REC_CATALOG_H */
