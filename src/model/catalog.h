/*
 * catalog.h
 *	  The extension's own tables: rec.model, one row per model, and rec.iteration,
 *	  what its last trainings reported.
 *
 * Rows are read and written without SQL, so that whoever may use a model needs
 * no privilege on these tables. They hold what a model's own tables can't.
 */
#ifndef REC_CATALOG_H
#define REC_CATALOG_H

#include "storage/itemptr.h"
#include "utils/jsonb.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

typedef struct ModelRow
{
	Oid			model;			/* the item table */
	Oid			user_table;		/* or InvalidOid */
	Oid			source;
	char	   *source_name;	/* as it was last seen, for messages after it is gone */
	char	   *algorithm;
	Jsonb	   *options;
	char	   *user_column;
	char	   *item_column;
	char	   *rating_column;	/* or NULL */
	char	   *time_column;	/* or NULL */
	int64		version;		/* how often it was trained; 0: not yet, and then what follows is void */
	TimestampTz trained_at;
	int64		rows;			/* ratings it was trained on, duplicates merged */
	int64		users;
	int64		items;
	double		mean;			/* of the ratings */
	double		minimum;
	double		maximum;
	double		loss;
	double		seconds;
	double		deviation;		/* of the ratings; 1 where a version before 0.5.0 trained the model */
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

/* Whether the extension's tables are there: not while it is being dropped. */
extern bool catalog_exists(void);

/* The error that the library is newer than the extension's objects. */
extern void catalog_refuse_older(const char *detail) pg_attribute_noreturn();

/* Errors out where the extension's tables have no place yet for all that a training finds out, until ALTER EXTENSION UPDATE. */
extern void catalog_require_current(void);

/* The row of a model, with the snapshot, or NULL for the latest; NULL where there is none. */
extern ModelRow *catalog_find(Oid model, Snapshot snapshot);

/* The same, or an error that names the nearest model. */
extern ModelRow *catalog_get(Oid model, Snapshot snapshot);

/* The owner of a relation; InvalidOid where that is gone. */
extern Oid	catalog_owner(Oid relid);

/*
 * The model's table of users. Errors out where there is none; or where it has another owner than the model, as a row
 * of rec.model may be written by hand, and would hand out a stranger's table.
 */
extern Oid	catalog_user_table(const ModelRow *row);

extern void catalog_insert(const ModelRow *row);
extern void catalog_update(const ModelRow *row);

/*
 * Deletes what is known of a model, whatever its row says; false where there is none. user_table: what the row named,
 * or InvalidOid.
 */
extern bool catalog_delete(Oid model, Oid *user_table);

/* The losses that a version reached after each iteration, n of them, the first first. */
extern double *catalog_losses(Oid model, int64 version, int *n);

/* Adds the iterations of a version, and removes those of all but the last few. */
extern void catalog_log(Oid model, int64 version, const IterationRow *iterations, int n);

#endif							/* REC_CATALOG_H */
