/*
 * call.h
 *	  How an SQL function was called.
 */
#ifndef REC_CALL_H
#define REC_CALL_H

#include "fmgr.h"

/* Errors out where the argument is NULL. */
extern void require_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/* Whether a procedure was called so that it may commit: outside of a transaction block. */
extern bool called_nonatomic(FunctionCallInfo fcinfo);

#endif							/* REC_CALL_H */
