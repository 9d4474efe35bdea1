/*
 * call.h
 *	  How an SQL function was called.
 */
#ifndef REC_CALL_H
#define REC_CALL_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "fmgr.h"

/* Errors out where the argument is NULL. */
extern void require_argument(FunctionCallInfo fcinfo, int argument, const char *name);

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
