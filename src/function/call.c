/*
 * call.c
 *	  How an SQL function was called.
 */
#include "postgres.h"
#include "model/compat.h"

#include "funcapi.h"
#include "function/call.h"
#include "miscadmin.h"
#include "model/names.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

void
require_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be NULL", name)));
}

float
real_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	require_argument(fcinfo, argument, name);
	return PG_GETARG_FLOAT4(argument);
}

int
integer_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	require_argument(fcinfo, argument, name);
	return PG_GETARG_INT32(argument);
}

char *
text_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	require_argument(fcinfo, argument, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

char *
name_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : pstrdup(NameStr(*PG_GETARG_NAME(argument)));
}

/* Whether there is such a column, and the current user may read it; says where there is one that is left out. */
static bool
may_read_column(Oid relid, const char *name)
{
	AttrNumber	column = get_attnum(relid, name);

	if (column <= 0)
		return false;
	/* who may read nothing of it is told so by whoever reads it */
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck(relid, column, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_SELECT, ACLMASK_ANY) != ACLCHECK_OK)
		return true;
	ereport(NOTICE,
			(errmsg("column \"%s\" of source \"%s\" is not read, as you lack the privilege", name, get_rel_name(relid)),
			 errdetail("Every row counts 1.")));
	return false;
}

char *
optional_column(char *name)
{
	return name == NULL || name[0] == '\0' ? NULL : name;
}

ModelRow *
source_arguments(FunctionCallInfo fcinfo, int source, int columns)
{
	ModelRow   *row = palloc0(sizeof(ModelRow));

	require_argument(fcinfo, source, "source");
	require_argument(fcinfo, columns, "user_column");
	require_argument(fcinfo, columns + 1, "item_column");
	row->source = PG_GETARG_OID(source);
	if (get_rel_name(row->source) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source with OID %u does not exist", row->source)));
	row->source_name = quoted_relation(row->source);
	row->user_column = name_argument(fcinfo, columns);
	row->item_column = name_argument(fcinfo, columns + 1);
	row->rating_column = optional_column(name_argument(fcinfo, columns + 2));
	row->time_column = optional_column(name_argument(fcinfo, columns + 3));
	if (PG_ARGISNULL(columns + 2) && may_read_column(row->source, "rating"))
		row->rating_column = pstrdup("rating");
	return row;
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
