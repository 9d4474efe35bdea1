/*
 * call.c
 *	  How an SQL function was called.
 */
#include "postgres.h"
#include "model/compat.h"

#include "funcapi.h"
#include "function/call.h"
#include "nodes/parsenodes.h"

void
require_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be NULL", name)));
}

bool
called_nonatomic(FunctionCallInfo fcinfo)
{
	CallContext *call = (CallContext *) fcinfo->context;

	return call != NULL && IsA(call, CallContext) && !call->atomic;
}

Datum
return_rows(FunctionCallInfo fcinfo, MakeRows make)
{
	FuncCallContext *call;
	Rows	   *rows;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		TupleDesc	desc;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "the result is not a row");
		rows = palloc0(sizeof(Rows));
		make(fcinfo, BlessTupleDesc(desc), rows);
		call->user_fctx = rows;
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	rows = call->user_fctx;
	if (call->call_cntr < (uint64) rows->n)
	{
		/* not within the macro, which counts first */
		Datum		row = HeapTupleGetDatum(rows->tuples[call->call_cntr]);

		SRF_RETURN_NEXT(call, row);
	}
	SRF_RETURN_DONE(call);
}
