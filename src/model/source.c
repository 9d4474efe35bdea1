/*
 * source.c
 *	  The relation that a model learns from: its columns, and one user's rows. All of its rows: source_read.c.
 */
#include "postgres.h"
#include "model/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "model/names.h"
#include "model/source.h"
#include "model/sql.h"
#include "parser/parse_coerce.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* ---- columns ---- */

AttrNumber
source_column(Oid relid, const char *column, const char *argument)
{
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum == InvalidAttrNumber || attnum < 0)
	{
		Relation	rel = relation_open(relid, AccessShareLock);
		const char **names = palloc(sizeof(char *) * RelationGetDescr(rel)->natts);
		int			n = 0;

		for (int i = 0; i < RelationGetDescr(rel)->natts; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), i);

			if (!attribute->attisdropped)
				names[n++] = pstrdup(NameStr(attribute->attname));
		}
		relation_close(rel, AccessShareLock);
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of source \"%s\" does not exist", column, get_rel_name(relid)),
				 errdetail("It is the model's %s.", argument),
				 hint_nearest(column, names, n)));
	}
	return attnum;
}

static void
open_id_column(const Source *source, const char *column, const char *argument, IdType *type, MemoryContext context)
{
	AttrNumber	attnum = source_column(source->relid, column, argument);
	Oid			type_oid;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(source->relid, attnum, &type_oid, &typmod, &collation);
	id_type_init(type, type_oid, typmod, collation,
				 psprintf("column \"%s\" of source \"%s\"", column, get_rel_name(source->relid)), context);
}

static bool
is_time_type(Oid base)
{
	switch (base)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case DATEOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return true;
	}
	return false;
}

Source *
source_open(const ModelRow *row, Feedback feedback, MemoryContext context)
{
	Source	   *source = MemoryContextAllocZero(context, sizeof(Source));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(row->source));
	char		kind;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source \"%s\" of model \"%s\" does not exist", row->source_name, get_rel_name(row->model)),
				 errhint("It was dropped; drop the model, and create one on another source.")));
	kind = ((Form_pg_class) GETSTRUCT(tuple))->relkind;
	ReleaseSysCache(tuple);
	if (kind != RELKIND_RELATION && kind != RELKIND_VIEW && kind != RELKIND_MATVIEW &&
		kind != RELKIND_PARTITIONED_TABLE && kind != RELKIND_FOREIGN_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" can't be a source", get_rel_name(row->source)),
				 errdetail("A source is a table, view, materialized view, partitioned table or foreign table.")));

	source->relid = row->source;
	source->name = MemoryContextStrdup(context, quoted_relation(row->source));
	source->user_column = MemoryContextStrdup(context, row->user_column);
	source->item_column = MemoryContextStrdup(context, row->item_column);
	source->feedback = feedback;
	open_id_column(source, row->user_column, "user_column", &source->user, context);
	open_id_column(source, row->item_column, "item_column", &source->item, context);
	if (row->rating_column != NULL)
	{
		Oid			type = getBaseType(get_atttype(row->source, source_column(row->source, row->rating_column, "rating_column")));

		if (TypeCategory(type) != TYPCATEGORY_NUMERIC || !can_coerce_type(1, &type, &(Oid) {FLOAT8OID}, COERCION_EXPLICIT))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("rating column \"%s\" of source \"%s\" must be a number, not %s",
							row->rating_column, get_rel_name(row->source), format_type_be(type)),
					 errhint("Let the source be a view that casts it to real.")));
		source->rating_column = MemoryContextStrdup(context, row->rating_column);
		source->rating_type = type;
	}
	if (row->time_column != NULL)
	{
		Oid			type = getBaseType(get_atttype(row->source, source_column(row->source, row->time_column, "time_column")));

		if (!is_time_type(type))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("time column \"%s\" of source \"%s\" must be a timestamp, a date or a number, not %s",
							row->time_column, get_rel_name(row->source), format_type_be(type))));
		source->time_column = MemoryContextStrdup(context, row->time_column);
		source->time_type = type;
	}
	return source;
}

static void
check_type(const Source *source, const char *column, const IdType *type, Oid model, Oid table, const char *id_column)
{
	Oid			created;
	AttrNumber	attnum;

	if (!OidIsValid(table) || (attnum = get_attnum(table, id_column)) <= 0)
		return;
	created = get_atttype(table, attnum);
	if (created != type->type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of source \"%s\" is of type %s, but model \"%s\" was created for type %s",
						column, get_rel_name(source->relid), format_type_be(type->type),
						get_rel_name(model), format_type_be(created)),
				 errhint("Drop the model and create it again.")));
}

void
source_check_types(const Source *source, const ModelRow *row)
{
	check_type(source, source->item_column, &source->item, row->model, row->model, "item_id");
	check_type(source, source->user_column, &source->user, row->model, row->user_table, "user_id");
}

Source *
source_open_locked(const ModelRow *row, Feedback feedback, MemoryContext context)
{
	Source	   *source;

	LockRelationOid(row->source, AccessShareLock);
	source = source_open(row, feedback, context);
	source_check_types(source, row);
	return source;
}

MergeRule
source_merge_rule(Feedback feedback)
{
	return feedback == FEEDBACK_EXPLICIT ? MERGE_LATEST : MERGE_SUM;
}

/* Doubles as integers in the same order. */
static int64
double_time(double value)
{
	int64		bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits < 0 ? PG_INT64_MIN - bits - 1 : bits;
}

int64
source_time(const Source *source, Datum value, bool is_null)
{
	if (is_null)
		return PG_INT64_MIN;
	switch (source->time_type)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case INT8OID:
			return DatumGetInt64(value);
		case DATEOID:
		case INT4OID:
			return DatumGetInt32(value);
		case INT2OID:
			return DatumGetInt16(value);
		case FLOAT4OID:
			return double_time(DatumGetFloat4(value));
		case FLOAT8OID:
			return double_time(DatumGetFloat8(value));
		case NUMERICOID:
			return double_time(DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value)));
	}
	pg_unreachable();
}

int64
source_microseconds(const Source *source, int64 time)
{
	double		microseconds;
	double		value;

	switch (source->time_type)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
			return time;
		case DATEOID:
			microseconds = (double) time * USECS_PER_DAY;
			break;
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			/* back from double_time */
			time = time < 0 ? PG_INT64_MIN - time - 1 : time;
			memcpy(&value, &time, sizeof(value));
			microseconds = value * USECS_PER_SEC;
			break;
		default:
			microseconds = (double) time * USECS_PER_SEC;
	}
	if (!(microseconds > (double) PG_INT64_MIN))
		return PG_INT64_MIN;
	return microseconds >= (double) PG_INT64_MAX ? PG_INT64_MAX : (int64) microseconds;
}

char *
source_columns(const Source *source)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfo(&s, "%s, ", quote_identifier(source->item_column));
	/* numeric has values that float8 has not, which we refuse ourselves, naming the row */
	if (source->rating_column == NULL)
		appendStringInfoString(&s, "1::pg_catalog.float8, ");
	else if (source->rating_type == NUMERICOID || source->rating_type == FLOAT4OID)
		appendStringInfo(&s, "%s, ", quote_identifier(source->rating_column));
	else
		appendStringInfo(&s, "%s::pg_catalog.float8, ", quote_identifier(source->rating_column));
	appendStringInfoString(&s, source->time_column != NULL ? quote_identifier(source->time_column) : "NULL::pg_catalog.int8");
	return s.data;
}

double
source_rating(const Source *source, Datum value)
{
	switch (source->rating_type)
	{
		case NUMERICOID:
			return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
		case FLOAT4OID:
			return DatumGetFloat4(value);
	}
	return DatumGetFloat8(value);
}

RatingFault
source_rating_fault(const Source *source, Datum value, bool is_null, float *rating)
{
	if (is_null)
		return RATING_NULL;
	*rating = (float) source_rating(source, value);
	if (!isfinite(*rating))
		return RATING_NOT_FINITE;
	if (source->feedback == FEEDBACK_IMPLICIT && *rating < 0)
		return RATING_NEGATIVE;
	return RATING_FINE;
}

void
source_check_column(const Source *source, int column, Oid type)
{
	Oid			expected[4] = {
		source->user.type,
		source->item.type,
		source->rating_type == NUMERICOID || source->rating_type == FLOAT4OID ? source->rating_type : FLOAT8OID,
		source->time_column != NULL ? source->time_type : INT8OID
	};

	/* of ids the type itself counts, as it is the model's; a column's domain may come and go */
	if (column >= 2)
		type = getBaseType(type);
	if (type != expected[column])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("source \"%s\" was altered concurrently", get_rel_name(source->relid)),
				 errhint("Try again.")));
}

/* ---- one user's rows ---- */

SPIPlanPtr
source_profile_plan(const Source *source)
{
	/* the operator that the type's hash and sort order agree with, wherever it is */
	TypeCacheEntry *entry = lookup_type_cache(source->user.type, TYPECACHE_EQ_OPR);
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(entry->eq_opr));
	Form_pg_operator operator;
	Oid			type = source->user.type;
	const char *left = "";
	const char *right = "";
	char	   *equals;
	char	   *query;
	SPIPlanPtr	plan;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", entry->eq_opr);
	operator = (Form_pg_operator) GETSTRUCT(tuple);
	equals = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(operator->oprnamespace)), NameStr(operator->oprname));
	/* where others than superusers may make operators: one for the column's domain would suit better than its base's */
	if (operator->oprnamespace != PG_CATALOG_NAMESPACE && !IsPolymorphicType(operator->oprleft) && !IsPolymorphicType(operator->oprright))
	{
		left = psprintf("::%s", format_type_be_qualified(operator->oprleft));
		right = psprintf("::%s", format_type_be_qualified(operator->oprright));
	}
	ReleaseSysCache(tuple);

	query = psprintf("SELECT %s FROM %s WHERE %s%s %s $1%s", source_columns(source), source->name,
					 quote_identifier(source->user_column), left, equals, right);
	plan = sql_prepare(query, 1, &type, CURSOR_OPT_GENERIC_PLAN);
	/* Citus has generic plans of some queries only, and of others one that costs more than any, so that it is never chosen */
	if (sql_is_custom_scan(plan))
	{
		SPI_freeplan(plan);
		plan = sql_prepare(query, 1, &type, 0);
	}
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
	return plan;
}

ProfileRows *
source_read_profile(const Source *source, SPIPlanPtr plan, Datum user, MemoryContext context)
{
	ProfileRows *profile = MemoryContextAllocZero(context, sizeof(ProfileRows));
	int			result;
	TupleDesc	desc;
	MemoryContext old;

	/* each time, as the plan may have been made anew */
	sql_forbid_jit(plan, true);
	result = SPI_execute_plan(plan, &user, NULL, true, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
	desc = SPI_tuptable->tupdesc;
	for (int i = 0; i < desc->natts; i++)
		source_check_column(source, i + 1, TupleDescAttr(desc, i)->atttypid);
	old = MemoryContextSwitchTo(context);
	profile->items = palloc_extended(sizeof(Datum) * Max(SPI_processed, 1), MCXT_ALLOC_HUGE);
	profile->ratings = palloc_extended(sizeof(float) * Max(SPI_processed, 1), MCXT_ALLOC_HUGE);
	profile->times = palloc_extended(sizeof(int64) * Max(SPI_processed, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		is_null;
		Datum		item = heap_getattr(tuple, 1, desc, &is_null);
		int64		n = profile->n;
		Datum		value;

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (is_null)
			continue;
		profile->items[n] = datumCopy(item, source->item.by_value, source->item.length);
		value = heap_getattr(tuple, 2, desc, &is_null);
		if (source_rating_fault(source, value, is_null, &profile->ratings[n]) != RATING_FINE)
			profile->ratings[n] = get_float4_nan();
		value = heap_getattr(tuple, 3, desc, &is_null);
		profile->times[n] = source->time_column == NULL ? 0 : source_time(source, value, is_null);
		profile->n++;
	}
	MemoryContextSwitchTo(old);
	SPI_freetuptable(SPI_tuptable);
	return profile;
}
