/*
 * call.h
 *	  How an SQL function was called.
 */
#ifndef REC_CALL_H
#define REC_CALL_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "fmgr.h"
#include "model/catalog.h"

/* Errors out where the argument is NULL. */
extern void require_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/* Arguments that must not be NULL. */
extern float real_argument(FunctionCallInfo fcinfo, int argument, const char *name);
extern int	integer_argument(FunctionCallInfo fcinfo, int argument, const char *name);
extern char *text_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/* An argument of type name; NULL where it is NULL. */
extern char *name_argument(FunctionCallInfo fcinfo, int argument);

/* A name that was given, or NULL where it is NULL or empty: there is no such column. */
extern char *optional_column(char *name);

/*
 * What is said of a source: the row of a model on it, without the model. columns: the first of the arguments user_column, item_column,
 * rating_column and time_column.
 */
extern ModelRow *source_arguments(FunctionCallInfo fcinfo, int source, int columns);

/* Whether a procedure was called so that it may commit: outside of a transaction block. */
extern bool called_nonatomic(FunctionCallInfo fcinfo);

/* Rows that a set-returning function returns one by one. */
typedef struct Rows
{
	int			n;
	HeapTuple  *tuples;
} Rows;

/* Makes all of them, in a memory context that lives until the last is returned. */
typedef void (*MakeRows) (FunctionCallInfo fcinfo, TupleDesc desc, Rows *rows);

/* What such a function does. */
extern Datum return_rows(FunctionCallInfo fcinfo, MakeRows make);

#endif							/* REC_CALL_H */
