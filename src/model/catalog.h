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

/* The row of a model, with the snapshot, or NULL for the latest; NULL where there is none. */
extern ModelRow *catalog_find(Oid model, Snapshot snapshot);

/* The same, or an error that names the nearest model. */
extern ModelRow *catalog_get(Oid model, Snapshot snapshot);

extern void catalog_insert(const ModelRow *row);
extern void catalog_update(const ModelRow *row);
extern void catalog_delete(Oid model);

/* Adds the iterations of a version, and removes those of all but the last few. */
extern void catalog_log(Oid model, int64 version, const IterationRow *iterations, int n);

#endif							/* REC_CATALOG_H */
