/*
 * rows.h
 *	  Result rows of set-returning functions.
 */
#ifndef REC_ROWS_H
#define REC_ROWS_H

#include "access/tupdesc.h"
#include "fmgr.h"
#include "utils/tuplestore.h"

typedef struct Rows
{
	TupleDesc	desc;
	Tuplestorestate *store;
} Rows;

/*
 * Makes the function return the rows that are added later; its own return value is void. The rows
 * live as long as the query, and are on disk where they exceed work_mem.
 */
extern Rows rows_begin(FunctionCallInfo fcinfo);

/* Adds a copy of a row. */
extern void rows_add(const Rows *rows, const Datum *values, const bool *nulls);

/* Sets a column to a number; NaN becomes NULL. */
extern void set_number(Datum *values, bool *nulls, int column, double number);

/* Sets a column to a text; NULL becomes NULL. */
extern void set_text(Datum *values, bool *nulls, int column, const char *text);

#endif							/* REC_ROWS_H */
