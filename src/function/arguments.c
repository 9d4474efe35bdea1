/*
 * arguments.c
 *	  Arguments of SQL functions.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "function/arguments.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "server/messages.h"
#include "source/source.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

void
require_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be NULL", name)));
}

static char *
argument_name(FunctionCallInfo fcinfo, int argument)
{
	HeapTuple	function = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	Datum		modes;
	Datum		names;
	bool		no_modes;
	bool		no_names;
	char	  **input_names;
	char	   *name = NULL;

	if (!HeapTupleIsValid(function))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	names = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_proargnames, &no_names);
	modes = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_proargmodes, &no_modes);
	if (!no_names &&
		get_func_input_arg_names(names, no_modes ? (Datum) 0 : modes, &input_names) > argument)
		name = input_names[argument];
	ReleaseSysCache(function);
	return name != NULL ? name : psprintf("$%d", argument + 1);
}

/* Whether an argument has a value other than NULL, 0 or an empty array. */
static bool
is_given(FunctionCallInfo fcinfo, int argument)
{
	Oid			type;

	if (PG_ARGISNULL(argument))
		return false;
	type = get_fn_expr_argtype(fcinfo->flinfo, argument);
	if (type == FLOAT8OID)
		return PG_GETARG_FLOAT8(argument) != 0;
	return !OidIsValid(get_element_type(type)) || ARR_NDIM(PG_GETARG_ARRAYTYPE_P(argument)) > 0;
}

/* Functions that an older version declared have fewer arguments. */
void
refuse_arguments(FunctionCallInfo fcinfo, int first)
{
	for (int i = first; i < PG_NARGS(); i++)
	{
		Oid			function = fcinfo->flinfo->fn_oid;

		if (!is_given(fcinfo, i))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("argument \"%s\" of function %s is not supported yet",
						argument_name(fcinfo, i),
						quote_qualified_identifier(
							get_namespace_name(get_func_namespace(function)),
							get_func_name(function))),
				 errhint("Leave it out.")));
	}
}

void
check_source_privilege(Oid source)
{
	Oid			user = GetUserId();

	if (pg_class_aclcheck(source, user, ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck_all(source, user, ACL_SELECT, ACLMASK_ANY) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(source)),
					   get_rel_name(source));
}

double
real_value(Datum value, Oid type)
{
	return type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value);
}

float
real_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		value;

	require_argument(fcinfo, argument, name);
	value = real_value(PG_GETARG_DATUM(argument), get_fn_expr_argtype(fcinfo->flinfo, argument));
	if (isfinite(value) && !isfinite((float) value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" is out of range for type real", name)));
	return (float) value;
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

/*
 * Whether the column exists, and the current user may read it. Reports a column that is left out.
 */
static bool
may_read_column(Oid relid, const char *name)
{
	AttrNumber	column = get_attnum(relid, name);

	if (column <= 0)
		return false;
	/* a user who may read no column gets the error later, from reading the source */
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck(relid, column, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_SELECT, ACLMASK_ANY) != ACLCHECK_OK)
		return true;
	ereport(NOTICE, (errmsg("column \"%s\" of source \"%s\" is not read, because you lack the "
							"privilege to read it",
							name, get_rel_name(relid)),
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
	row->source.relid = PG_GETARG_OID(source);
	if (get_rel_name(row->source.relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source with OID %u does not exist", row->source.relid)));
	row->source.name = quoted_relation(row->source.relid);
	row->source.user_column = name_argument(fcinfo, columns);
	row->source.item_column = name_argument(fcinfo, columns + 1);
	row->source.rating_column = optional_column(name_argument(fcinfo, columns + 2));
	row->source.time_column = optional_column(name_argument(fcinfo, columns + 3));
	/* a column "rating" that has another role is not the rating column */
	if (PG_ARGISNULL(columns + 2) && strcmp(row->source.user_column, "rating") != 0 &&
		strcmp(row->source.item_column, "rating") != 0 &&
		(row->source.time_column == NULL || strcmp(row->source.time_column, "rating") != 0) &&
		may_read_column(row->source.relid, "rating"))
		row->source.rating_column = pstrdup("rating");
	source_check_roles(&row->source);
	return row;
}

void
attributes_argument(FunctionCallInfo fcinfo, int argument, SideKind kind, ModelRow *row)
{
	Oid			relid = argument_is_given(fcinfo, argument) ? PG_GETARG_OID(argument) : InvalidOid;

	row->attributes[kind] = (NotedRelation) {0};
	if (!OidIsValid(relid))
		return;
	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u, which is to say what the %s are like, does not "
						"exist",
						relid, kind == SIDE_USERS ? "users" : "items")));
	row->attributes[kind] =
		(NotedRelation) {relid, quoted_relation(relid), relation_owner(relid)};
}

void
contexts_argument(FunctionCallInfo fcinfo, int argument, ModelRow *row)
{
	ArrayType  *array =
		argument_is_given(fcinfo, argument) ? PG_GETARG_ARRAYTYPE_P(argument) : NULL;
	int			n = array == NULL ? 0 : ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	row->source.n_contexts = 0;
	if (n == 0)
		return;
	if (array_contains_nulls(array))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("context_columns has a NULL")));
	if (n > MOST_CONTEXT_COLUMNS || ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("context_columns must be an array of at most %d names, of one dimension",
						MOST_CONTEXT_COLUMNS)));
	model_row_contexts(PointerGetDatum(array), &row->source);
}

Jsonb *
jsonb_argument(FunctionCallInfo fcinfo, int argument)
{
	return argument < PG_NARGS() && !PG_ARGISNULL(argument) ? PG_GETARG_JSONB_P(argument) : NULL;
}

bool
called_nonatomic(FunctionCallInfo fcinfo)
{
	CallContext *call = (CallContext *) fcinfo->context;

	return call != NULL && IsA(call, CallContext) && !call->atomic;
}

/* ---- ids that are returned ---- */

/* Whether an error says that a value cannot be converted to a type. */
static bool
is_of_value(const ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION ||
		   error->sqlerrcode == ERRCODE_DATATYPE_MISMATCH ||
		   error->sqlerrcode == ERRCODE_CHECK_VIOLATION;
}

/* An argument as a literal; the argument's name if the literal is long. */
static char *
argument_literal(FunctionCallInfo fcinfo, int argument)
{
	Oid			output;
	bool		is_varlena;
	char	   *text;

	getTypeOutputInfo(get_fn_expr_argtype(fcinfo->flinfo, argument), &output, &is_varlena);
	text = OidOutputFunctionCall(output, PG_GETARG_DATUM(argument));
	return strlen(text) > 100 ? argument_name(fcinfo, argument) : quote_literal_cstr(text);
}

/*
 * The call with the argument whose type decides how ids are returned, its last one here, cast so
 * that ids can be returned: to their own type, or to text.
 */
static char *
call_with_cast(FunctionCallInfo fcinfo, int argument, const IdType *type, Oid model)
{
	Oid			function = fcinfo->flinfo->fn_oid;
	Oid			passed = get_fn_expr_argtype(fcinfo->flinfo, argument);
	Oid			element = get_base_element_type(passed);
	bool		as_number =
		id_is_number(type->base) && id_is_number(OidIsValid(element) ? element : passed);
	StringInfoData call;

	initStringInfo(&call);
	appendStringInfo(&call, "%s(%s",
					 quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
												get_func_name(function)),
					 quote_literal_cstr(quoted_relation(model)));
	for (int i = 1; i <= argument; i++)
		appendStringInfo(&call, ", %s", argument_literal(fcinfo, i));
	appendStringInfo(&call, "::%s%s)", as_number ? format_type_be(type->base) : "text",
					 OidIsValid(element) ? "[]" : "");
	return call.data;
}

Datum
returned_id(FunctionCallInfo fcinfo, int argument, Datum id, const IdType *type, Oid to,
			const char *what, Oid model)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile Datum returned;

	PG_TRY();
	{
		returned = id_return(id, type, to);
	}
	PG_CATCH();
	{
		ErrorData  *error;
		char	   *name;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		if (!is_of_value(error))
			PG_RE_THROW();
		FlushErrorState();
		name = argument_name(fcinfo, argument);
		ereport(ERROR,
				(errcode(error->sqlerrcode),
				 errmsg("%s ids of model \"%s\" are of type %s and %s is of type %s, so that %ss "
						"cannot be returned as %s",
						what, get_rel_name(model), format_type_be(type->type), name,
						format_type_be(get_fn_expr_argtype(fcinfo->flinfo, argument)), what,
						format_type_be(to)),
				 errdetail_internal("%s", error->message),
				 errhint("Cast %s: %s", name, call_with_cast(fcinfo, argument, type, model))));
	}
	PG_END_TRY();
	return returned;
}
