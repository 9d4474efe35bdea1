/*
 * model_row.h
 *	  What is known of a model beside its tables.
 *
 * It is a row of rec.model (catalog.h), and most of it also one of a table beside the model
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
 * The format of what is written of a model and in its tables: a higher number where an older
 * library would misread it. 0: of before 0.6.0, which did not write it down.
 */
#define MODEL_FORMAT 1

/* A model's tables: those of its sides, and the one that says what it is. */
enum
{
	TABLE_DESCRIPTION = N_SIDES,
	N_TABLES
};

typedef struct ModelRow
{
	Oid			model;			/* the table of items */
	Oid			tables[N_TABLES];	/* of items the model; InvalidOid: there is none */
	NotedSource source;			/* what it learns from */
	char	   *algorithm;
	Jsonb	   *options;
	/* how often it was trained; 0: not yet, and then what follows is void */
	int64		version;
	TimestampTz trained_at;
	int64		rows;			/* ratings it was trained on, duplicates merged */
	int64		n_rows[N_SIDES];	/* of users also where they have no table */
	/* of the ratings; the deviation is 1 where a version before 0.5.0 trained the model */
	RatingScale scale;
	double		loss;			/* NaN: the algorithm has none */
	double		seconds;
	Jsonb	   *decided;		/* the options that training decided from the source, or NULL */

	/* where the row was found: no two versions of it have both in common */
	TransactionId xmin;
	ItemPointerData tid;
} ModelRow;

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
	MODEL_COLUMNS
};

typedef struct ModelColumn
{
	const char *name;
	Oid			type;
} ModelColumn;

extern const ModelColumn model_columns[MODEL_COLUMNS];

/* The values that a row has in the columns of rec.model. */
extern void model_row_fill(const ModelRow *row, Datum *values, bool *nulls);

/*
 * The row that has these values, or an error where training did not write them. written: what they
 * are from, for messages; values that it does not have are NULL.
 */
extern ModelRow *model_row_read(Oid model, const char *written, const Datum *values,
								const bool *nulls);

#endif							/* REC_MODEL_ROW_H */
