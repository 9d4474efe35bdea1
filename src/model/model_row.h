/*
 * model_row.h
 *	  A model's properties besides its tables.
 *
 * They are a row of rec.model (catalog.h), and most of them also a row of a table beside the model
 * (description.h).
 */
#ifndef REC_MODEL_ROW_H
#define REC_MODEL_ROW_H

#include "algorithm/algorithm.h"
#include "server/compat.h"
#include "source/relation.h"
#include "storage/itemptr.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

/*
 * The format of a model's properties and tables. It is raised where an older library would misread
 * them. 0: written before 0.6.0, which did not record a format.
 */
#define MODEL_FORMAT 1

/*
 * A model's tables: those of its sides; the one that describes it (description.h); and, where its
 * source is tracked, the one of what has changed there and in its attributes (changes.h).
 */
enum
{
	TABLE_DESCRIPTION = N_SIDES,
	TABLE_CHANGES,
	N_TABLES
};

/* The relations that a model learns from, whose changes can be tracked. */
typedef enum LearnedRelation
{
	LEARNED_SOURCE,
	LEARNED_ITEMS,				/* attributes of the items */
	LEARNED_USERS,				/* attributes of the users */
	N_LEARNED
} LearnedRelation;

typedef struct ModelRow
{
	Oid			model;			/* the items' table */
	/* the items' table is the model; InvalidOid: there is no such table */
	Oid			tables[N_TABLES];
	NotedSource source;
	/* attributes of the items and of the users; name NULL: there are none */
	NotedRelation attributes[SIDE_USERS + 1];
	char	   *algorithm;
	Jsonb	   *options;
	/* number of trainings; 0: not trained, and the following members are undefined */
	int64		version;
	TimestampTz trained_at;
	int64		rows;			/* ratings of the training, after merging */
	int64		n_rows[N_SIDES];	/* set for users, too, where they have no table */
	/* of the ratings; the deviation is 1 where the model was trained before 0.5.0 */
	RatingScale scale;
	double		loss;			/* NaN: the algorithm has none */
	double		seconds;
	/* changes that refreshes have taken into account since the last training; 0: none */
	int64		refreshed;
	TimestampTz refreshed_at;	/* the last refresh since then */
	Jsonb	   *decided;		/* options that training decided from the source, or NULL */

	/* transaction and place of the row, which identify this version of it */
	TransactionId xmin;
	ItemPointerData tid;
} ModelRow;

/* The noted relations; InvalidOid: there is none. */
static inline void
model_row_learned(const ModelRow *row, Oid learned[N_LEARNED])
{
	learned[LEARNED_SOURCE] = row->source.relid;
	learned[LEARNED_ITEMS] = row->attributes[SIDE_ITEMS].relid;
	learned[LEARNED_USERS] = row->attributes[SIDE_USERS].relid;
}

/* Columns of rec.model, as in function/model.sql. */
enum
{
	MODEL_MODEL,
	MODEL_USER_TABLE,
	MODEL_SOURCE,
	MODEL_SOURCE_NAME,
	MODEL_ALGORITHM,
	MODEL_OPTIONS,
	MODEL_USER_COLUMN,
	MODEL_ITEM_COLUMN,
	MODEL_RATING_COLUMN,
	MODEL_TIME_COLUMN,
	MODEL_VERSION,
	MODEL_TRAINED_AT,
	MODEL_ROWS,
	MODEL_USERS,
	MODEL_ITEMS,
	MODEL_MEAN,
	MODEL_MINIMUM,
	MODEL_MAXIMUM,
	MODEL_LOSS,
	MODEL_SECONDS,
	MODEL_SOURCE_OID,
	MODEL_SOURCE_OWNER,
	MODEL_SOURCE_COLUMNS,
	MODEL_USER_TABLE_OID,
	MODEL_USER_TABLE_NAME,
	MODEL_DEVIATION,
	MODEL_DECIDED,
	MODEL_SESSIONS,
	MODEL_FORMAT_NUMBER,
	MODEL_REFRESHED,
	MODEL_REFRESHED_AT,
	MODEL_ITEM_RELATION,
	MODEL_ITEM_RELATION_NAME,
	MODEL_ITEM_RELATION_OID,
	MODEL_ITEM_RELATION_OWNER,
	MODEL_ITEM_FEATURES,
	MODEL_USER_RELATION,		/* and the others, in the same order as of the items */
	MODEL_USER_RELATION_NAME,
	MODEL_USER_RELATION_OID,
	MODEL_USER_RELATION_OWNER,
	MODEL_USER_FEATURES,
	MODEL_CONTEXT_COLUMNS,
	MODEL_CONTEXT_FEATURES,
	MODEL_COLUMNS
};

typedef struct ModelColumn
{
	const char *name;
	Oid			type;
} ModelColumn;

extern const ModelColumn model_columns[MODEL_COLUMNS];

/* The values of a row for the columns of rec.model. */
extern void model_row_fill(const ModelRow *row, Datum *values, bool *nulls);

/*
 * The row with these values, or an error where training cannot have written them. written: where
 * the values are from, for messages. Values that are not available are passed as NULL.
 */
extern ModelRow *model_row_read(Oid model, const char *written, const Datum *values,
								const bool *nulls);

/*
 * Sets the columns of the context from a value of rec.model.context_columns; false if training did
 * not write it. Never raises an error.
 */
extern bool model_row_contexts(Datum value, NotedSource *source);

/* The source in these values; false if training did not write them. Never raises an error. */
extern bool model_row_source(Oid model, const Datum *values, const bool *nulls,
							 NotedSource *source);

#endif							/* REC_MODEL_ROW_H */
