/*
 * source.c
 *	  The relation that a model learns from: its columns, and the rows of one user. source_read.c
 *	  reads all rows.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "server/messages.h"
#include "server/sql.h"
#include "source/relation.h"
#include "source/source.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

/* ---- columns ---- */

#define CONTEXT_ARGUMENT "context_columns"

static const char *const column_arguments[SOURCE_COLUMNS] = {"user_column", "item_column",
															 "rating_column", "time_column"};

/*
 * Raises the error that there is no such column, with a hint that names a column without another
 * role. model: InvalidOid where there is no model to be altered.
 */
static void
refuse_column(Oid relid, const char *column, const char *argument, const AttrNumber *taken,
			  Oid model)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	const char **names = palloc(sizeof(char *) * RelationGetDescr(rel)->natts);
	const char *nearest;
	int			n = 0;

	for (int i = 0; i < RelationGetDescr(rel)->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), i);
		bool		is_taken = false;

		for (int c = 0; c < SOURCE_COLUMNS; c++)
			is_taken = is_taken || taken[c] == attribute->attnum;
		if (!attribute->attisdropped && !is_taken)
			names[n++] = pstrdup(NameStr(attribute->attname));
	}
	relation_close(rel, AccessShareLock);
	nearest = nearest_name(column, names, n);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("column \"%s\" of source \"%s\" does not exist", column, get_rel_name(relid)),
			 strcmp(argument, CONTEXT_ARGUMENT) == 0
				 ? errdetail("It is one of the model's context_columns.")
				 : errdetail("It is the model's %s.", argument),
			 !OidIsValid(model) ? hint_nearest(column, names, n)
			 : strcmp(argument, CONTEXT_ARGUMENT) == 0
				 ? errhint("SELECT rec.alter_model(%s, context_columns => '{...}') names others.",
						   quote_literal_cstr(quoted_relation(model)))
				 : errhint("SELECT rec.alter_model(%s, %s => %s) names another.",
						   quote_literal_cstr(quoted_relation(model)), argument,
						   nearest == NULL ? "'...'" : quote_literal_cstr(nearest))));
}

AttrNumber
source_column(const Source *source, const char *column, const char *argument)
{
	const char *const names[SOURCE_COLUMNS] = {source->user_column, source->item_column,
											   source->rating_column, source->time_column};
	AttrNumber	attnum = get_attnum(source->relid, column);
	AttrNumber	taken[SOURCE_COLUMNS];

	if (attnum > 0)
		return attnum;
	for (int c = 0; c < SOURCE_COLUMNS; c++)
		taken[c] = names[c] == NULL ? InvalidAttrNumber : get_attnum(source->relid, names[c]);
	refuse_column(source->relid, column, argument, taken, InvalidOid);
	pg_unreachable();
}

/* The noted name of a column, or NULL. */
static const char *
column_name(const NotedSource *noted, SourceColumn column)
{
	switch (column)
	{
		case SOURCE_USER:
			return noted->user_column;
		case SOURCE_ITEM:
			return noted->item_column;
		case SOURCE_RATING:
			return noted->rating_column;
		case SOURCE_TIME:
			return noted->time_column;
		case SOURCE_COLUMNS:
			break;
	}
	pg_unreachable();
}

/* The number of the relation's column with a name, which may be NULL; 0 where there is none. */
static AttrNumber
named_column(Oid relid, const char *name)
{
	return name == NULL ? InvalidAttrNumber : Max(get_attnum(relid, name), InvalidAttrNumber);
}

void
source_note(NotedSource *noted)
{
	memset(noted->attnums, 0, sizeof(noted->attnums));
	noted->context_attnums = palloc0(sizeof(AttrNumber) * Max(noted->n_contexts, 1));
	noted->owner = OidIsValid(noted->relid) ? relation_owner(noted->relid) : InvalidOid;
	if (!OidIsValid(noted->owner))
	{
		noted->relid = InvalidOid;
		return;
	}
	noted->name = quoted_relation(noted->relid);
	for (int c = 0; c < SOURCE_COLUMNS; c++)
		noted->attnums[c] = named_column(noted->relid, column_name(noted, c));
	for (int c = 0; c < noted->n_contexts; c++)
		noted->context_attnums[c] = named_column(noted->relid, noted->context_columns[c]);
}

/*
 * The number of the relation's column with the noted name. Where no column has the name and the
 * relation is the noted one, the column with the noted number; in other relations, and after a
 * dump, numbers mean something else. 0 where there is no such column, or where it has the name of
 * another noted column.
 */
static AttrNumber
find_noted(const NotedSource *noted, Oid relid, const char *name, AttrNumber number)
{
	AttrNumber	attnum = named_column(relid, name);
	HeapTuple	tuple;

	if (attnum > 0 || relid != noted->relid || number <= 0)
		return attnum;
	tuple = SearchSysCacheAttNum(relid, number);
	if (!HeapTupleIsValid(tuple))
		return InvalidAttrNumber;
	ReleaseSysCache(tuple);
	for (int c = 0; c < SOURCE_COLUMNS; c++)
	{
		if (named_column(relid, column_name(noted, c)) == number)
			return InvalidAttrNumber;
	}
	for (int c = 0; c < noted->n_contexts; c++)
	{
		if (named_column(relid, noted->context_columns[c]) == number)
			return InvalidAttrNumber;
	}
	return number;
}

static AttrNumber
find_column(const NotedSource *noted, Oid relid, SourceColumn column)
{
	return find_noted(noted, relid, column_name(noted, column), noted->attnums[column]);
}

void
source_find_columns(const NotedSource *noted, Oid relid, AttrNumber attnums[SOURCE_COLUMNS])
{
	for (int c = 0; c < SOURCE_COLUMNS; c++)
		attnums[c] = find_column(noted, relid, c);
}

void
source_find_contexts(const NotedSource *noted, Oid relid, AttrNumber *attnums)
{
	for (int c = 0; c < noted->n_contexts; c++)
		attnums[c] = find_noted(noted, relid, noted->context_columns[c],
								noted->context_attnums[c]);
}

void
source_check_roles(const NotedSource *noted)
{
	for (int i = 1; i < SOURCE_COLUMNS; i++)
	{
		const char *name = column_name(noted, i);

		for (int j = 0; j < i; j++)
		{
			const char *other = column_name(noted, j);

			if (name != NULL && other != NULL && strcmp(name, other) == 0)
				ereport(
					ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" cannot be both %s and %s", name, column_arguments[j],
							column_arguments[i]),
					 errhint("If that is intended, use a view that has the column twice as the "
							 "source.")));
		}
	}
	for (int i = 0; i < noted->n_contexts; i++)
	{
		const char *name = noted->context_columns[i];

		/* the time of a rating may well be its context */
		for (int c = 0; c < SOURCE_TIME; c++)
		{
			if (column_name(noted, c) != NULL && strcmp(name, column_name(noted, c)) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("column \"%s\" cannot be both %s and one of the context_columns",
								name, column_arguments[c])));
		}
		for (int j = 0; j < i; j++)
		{
			if (strcmp(name, noted->context_columns[j]) == 0)
				ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
								errmsg("column \"%s\" is twice among the context_columns", name)));
		}
	}
}

/* The number of a noted column, or an error. Sets name to its present name. */
static AttrNumber
get_column(const NotedSource *noted, Oid relid, SourceColumn column, MemoryContext context,
		   char **name)
{
	AttrNumber	attnum = find_column(noted, relid, column);
	AttrNumber	taken[SOURCE_COLUMNS];

	if (attnum > 0)
	{
		*name = MemoryContextStrdup(context, get_attname(relid, attnum, false));
		return attnum;
	}
	for (int c = 0; c < SOURCE_COLUMNS; c++)
		taken[c] = find_column(noted, relid, c);
	refuse_column(relid, column_name(noted, column), column_arguments[column], taken, noted->model);
	pg_unreachable();
}

static void
open_id_column(const NotedSource *noted, Source *source, SourceColumn column, IdType *type,
			   char **name, MemoryContext context)
{
	AttrNumber	attnum = get_column(noted, source->relid, column, context, name);
	Oid			type_oid;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(source->relid, attnum, &type_oid, &typmod, &collation);
	id_type_init(type, type_oid, typmod, collation,
				 psprintf("column \"%s\" of source \"%s\"", *name, get_rel_name(source->relid)),
				 context);
}

/* Looks the columns of the context up. */
static void
open_contexts(const NotedSource *noted, Source *source, MemoryContext context)
{
	AttrNumber	attnums[MOST_CONTEXT_COLUMNS];

	source->n_contexts = noted->n_contexts;
	source->context_columns =
		MemoryContextAlloc(context, sizeof(char *) * Max(noted->n_contexts, 1));
	source->noted_contexts =
		MemoryContextAlloc(context, sizeof(char *) * Max(noted->n_contexts, 1));
	source_find_contexts(noted, source->relid, attnums);
	for (int c = 0; c < noted->n_contexts; c++)
	{
		AttrNumber	taken[SOURCE_COLUMNS];

		if (attnums[c] <= 0)
		{
			source_find_columns(noted, source->relid, taken);
			refuse_column(source->relid, noted->context_columns[c], CONTEXT_ARGUMENT, taken,
						  noted->model);
		}
		source->context_columns[c] =
			MemoryContextStrdup(context, get_attname(source->relid, attnums[c], false));
		source->noted_contexts[c] = MemoryContextStrdup(context, noted->context_columns[c]);
	}
	if (noted->n_contexts > 0)
		id_type_init(&source->context, TEXTOID, -1, C_COLLATION_OID, "contexts", context);
}

/* For ereport: a hint for a relation that has the source's name now, but cannot be the source. */
static int
hint_other_source(Oid model)
{
	return OidIsValid(model)
			   ? errhint("SELECT rec.alter_model(%s, source => '...') names another relation.",
						 quote_literal_cstr(quoted_relation(model)))
			   : 0;
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
source_open(const NotedSource *noted, Oid relid, const CommonOptions *options,
			MemoryContext context)
{
	Source	   *source = MemoryContextAllocZero(context, sizeof(Source));
	char		kind = get_rel_relkind(relid);

	if (kind == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source %s was dropped concurrently", noted->name)));
	if (!relkind_has_rows(kind))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" cannot be a source", get_rel_name(relid)),
						errdetail("A source is a table, view, materialized view, partitioned table "
								  "or foreign table."),
						hint_other_source(noted->model)));

	source->relid = relid;
	source->name = MemoryContextStrdup(context, quoted_relation(relid));
	source->feedback = options->feedback;
	source->weight = weight_of_events(options);
	source->needs = NEEDS_RATINGS;
	open_id_column(noted, source, SOURCE_USER, &source->user, &source->user_column, context);
	open_id_column(noted, source, SOURCE_ITEM, &source->item, &source->item_column, context);
	if (noted->rating_column != NULL)
	{
		AttrNumber	attnum =
			get_column(noted, relid, SOURCE_RATING, context, &source->rating_column);
		Oid			type = getBaseType(get_atttype(relid, attnum));

		if (TypeCategory(type) != TYPCATEGORY_NUMERIC ||
			!can_coerce_type(1, &type, &(Oid){FLOAT8OID}, COERCION_EXPLICIT))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("rating column \"%s\" of source \"%s\" must be a number, not %s",
							source->rating_column, get_rel_name(relid), format_type_be(type)),
					 !OidIsValid(noted->model)
						 ? errhint("Use a view that casts it to real as the source.")
						 : errhint("Use a view that casts it to real as the source; SELECT "
								   "rec.alter_model(%s, source => '...') names it.",
								   quote_literal_cstr(quoted_relation(noted->model)))));
		source->rating_type = type;
	}
	if (noted->time_column != NULL)
	{
		AttrNumber	attnum = get_column(noted, relid, SOURCE_TIME, context, &source->time_column);
		Oid			type = getBaseType(get_atttype(relid, attnum));

		if (!is_time_type(type))
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("time column \"%s\" of source \"%s\" must be a timestamp, a "
								   "date or a number, not %s",
								   source->time_column, get_rel_name(relid), format_type_be(type)),
							hint_other_source(noted->model)));
		source->time_type = type;
	}
	open_contexts(noted, source, context);
	return source;
}

Source *
source_open_locked(const NotedSource *noted, const CommonOptions *options, MemoryContext context)
{
	return source_open(noted, source_relation_locked(noted), options, context);
}

static int
integer_width(Oid type)
{
	return type == INT2OID ? 2 : type == INT4OID ? 4 : type == INT8OID ? 8 : 0;
}

/* Whether a type is an integer type that is wider than another integer type. */
static bool
is_wider_integer(Oid type, Oid than)
{
	return integer_width(than) > 0 && integer_width(type) > integer_width(than);
}

/* The type of the model's ids: that of the table's id_column; InvalidOid where there is none. */
static Oid
created_type(Oid table, const char *id_column)
{
	AttrNumber	attnum = OidIsValid(table) ? get_attnum(table, id_column) : InvalidAttrNumber;

	return attnum > 0 ? get_atttype(table, attnum) : InvalidOid;
}

/*
 * Whether the source's ids are of a wider integer type than the model's. Raises an error where they
 * are of another type.
 */
static bool
check_type(const Source *source, const char *column, const IdType *type, Oid model, Oid created)
{
	if (!OidIsValid(created) || created == type->type)
		return false;
	if (!is_wider_integer(type->type, created))
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" of source \"%s\" is of type %s, but model \"%s\" was "
							   "created for type %s",
							   column, get_rel_name(source->relid), format_type_be(type->type),
							   get_rel_name(model), format_type_be(created)),
						errhint("Drop the model and create it again; or SELECT rec.alter_model(%s, "
								"source => '...') names another relation.",
								quote_literal_cstr(quoted_relation(model)))));
	return true;
}

void
source_check_types(const Source *source, Oid model, Oid users, bool *wider_users, bool *wider_items)
{
	*wider_items = check_type(source, source->item_column, &source->item, model,
							  created_type(model, "item_id"));
	*wider_users = check_type(source, source->user_column, &source->user, model,
							  created_type(users, "user_id"));
}

void
source_serve(Source *source, Oid model, Oid users, const IdType *items)
{
	bool		wider_users;

	source_check_types(source, model, users, &wider_users, &source->narrow_items);
	if (source->narrow_items)
		source->item = *items;
}

MergeRule
source_merge_rule(Feedback feedback)
{
	return feedback == FEEDBACK_EXPLICIT ? MERGE_LATEST : MERGE_SUM;
}

/* Maps doubles to integers in the same order. */
static int64
double_time(double value)
{
	int64		bits;

	/* NaN counts as no time */
	if (isnan(value))
		return PG_INT64_MIN;
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
			return double_time(
				DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value)));
	}
	pg_unreachable();
}

int64
source_microseconds(const Source *source, int64 time)
{
	double		microseconds;
	double		value;

	if (time == PG_INT64_MIN)
		return time;
	switch (source->time_type)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
			return time;
		case DATEOID:
			if (DATE_NOT_FINITE(time))
				return DATE_IS_NOBEGIN(time) ? PG_INT64_MIN : PG_INT64_MAX;
			microseconds = (double) time * USECS_PER_DAY;
			break;
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			/* the inverse of double_time */
			time = time < 0 ? PG_INT64_MIN - time - 1 : time;
			memcpy(&value, &time, sizeof(value));
			if (isinf(value))
				return value < 0 ? PG_INT64_MIN : PG_INT64_MAX;
			microseconds = value * USECS_PER_SEC;
			break;
		default:
			microseconds = (double) time * USECS_PER_SEC;
	}
	if (!(microseconds > (double) PG_INT64_MIN))
		return PG_INT64_MIN + 1;
	return microseconds >= (double) PG_INT64_MAX ? PG_INT64_MAX - 1 : (int64) microseconds;
}

int64
source_now(const Source *source)
{
	TimestampTz now = GetCurrentTimestamp();

	switch (source->time_type)
	{
		case TIMESTAMPTZOID:
			return now;
		case TIMESTAMPOID:
		case DATEOID:
			return DatumGetTimestamp(
				DirectFunctionCall1(timestamptz_timestamp, TimestampTzGetDatum(now)));
	}
	return now + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
}

char *
source_columns(const Source *source)
{
	const char *item = quote_identifier(source->item_column);
	StringInfoData s;

	initStringInfo(&s);
	/* an item that the model's id type has no room for is not in the model */
	if (source->narrow_items)
		appendStringInfo(&s,
						 "CASE WHEN %s OPERATOR(pg_catalog.>=) '%d'::pg_catalog.int8 AND %s "
						 "OPERATOR(pg_catalog.<=) "
						 "'%d'::pg_catalog.int8 THEN %s::%s END, ",
						 item, source->item.type == INT2OID ? PG_INT16_MIN : PG_INT32_MIN, item,
						 source->item.type == INT2OID ? PG_INT16_MAX : PG_INT32_MAX, item,
						 source->item.type == INT2OID ? "pg_catalog.int2" : "pg_catalog.int4");
	else
		appendStringInfo(&s, "%s, ", item);
	/*
	 * numeric has values that float8 does not have; source_rating_fault refuses them, naming the
	 * row
	 */
	if (source->rating_column == NULL)
		appendStringInfoString(&s, "1::pg_catalog.float8, ");
	else if (source->rating_type == NUMERICOID || source->rating_type == FLOAT4OID)
		appendStringInfo(&s, "%s, ", quote_identifier(source->rating_column));
	else
		appendStringInfo(&s, "%s::pg_catalog.float8, ", quote_identifier(source->rating_column));
	appendStringInfoString(&s, source->time_column != NULL ? quote_identifier(source->time_column)
														   : "NULL::pg_catalog.int8");
	for (int c = 0; c < source->n_contexts && source_has_contexts(source); c++)
		appendStringInfo(&s, "%s%s, %s", c == 0 ? ", pg_catalog.jsonb_build_object(" : ", ",
						 quote_literal_cstr(source->context_columns[c]),
						 quote_identifier(source->context_columns[c]));
	if (source_has_contexts(source))
		appendStringInfoString(&s, ")::pg_catalog.text");
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
	Oid			expected[RESULT_COLUMNS] = {source->user.type, source->item.type,
					   source->rating_type == NUMERICOID || source->rating_type == FLOAT4OID
						   ? source->rating_type
						   : FLOAT8OID,
					   source->time_column != NULL ? source->time_type : INT8OID, TEXTOID};

	/*
	 * an id must be of the model's type; of a rating or time, a domain over the type may come and
	 * go
	 */
	if (column >= 2)
		type = getBaseType(type);
	if (type != expected[column])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("source \"%s\" was altered concurrently", get_rel_name(source->relid)),
				 errhint("Try again.")));
}

/* ---- one user's rows ---- */

/* How a column of ids is compared with a value of the id type. */
typedef struct Comparison
{
	char	   *left;			/* a cast of the column */
	char	   *equals;
	Oid			right;			/* the type to cast the value to, or InvalidOid */
} Comparison;

static Comparison
compare_id(const IdType *type)
{
	/* the equality operator of the type's hash and btree operator classes, in any schema */
	TypeCacheEntry *entry = lookup_type_cache(type->type, TYPECACHE_EQ_OPR);
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(entry->eq_opr));
	Form_pg_operator operator;
	Comparison	c = {.left = "", .right = InvalidOid};

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", entry->eq_opr);
	operator = (Form_pg_operator) GETSTRUCT(tuple);
	c.equals =
		psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(operator->oprnamespace)),
				 NameStr(operator->oprname));
	/*
	 * In schemas other than pg_catalog, users may create operators: one for the column's domain
	 * would be preferred to the one for the base type. The casts rule that out.
	 */
	if (operator->oprnamespace != PG_CATALOG_NAMESPACE && !IsPolymorphicType(operator->oprleft) &&
		!IsPolymorphicType(operator->oprright))
	{
		c.left = psprintf("::%s", format_type_be_qualified(operator->oprleft));
		c.right = operator->oprright;
	}
	ReleaseSysCache(tuple);
	return c;
}

/* "::type", or nothing. */
static const char *
cast_to(Oid type)
{
	return OidIsValid(type) ? psprintf("::%s", format_type_be_qualified(type)) : "";
}

/* A semijoin: the planner can hash many ids, and look few up in an index. */
char *
source_among(const IdType *type, const char *column, int parameter)
{
	Comparison	c = compare_id(type);

	return psprintf("%s%s %s ANY (SELECT pg_catalog.unnest($%d)%s)", quote_identifier(column),
					c.left, c.equals, parameter, cast_to(c.right));
}

Datum
source_id_array(const IdDictionary *ids, Oid *type)
{
	const IdType *id = &ids->type;

	*type = get_array_type(id->type);
	if (!OidIsValid(*type))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("could not find array type for data type %s",
							   format_type_be(id->type))));
	return PointerGetDatum(construct_array(ids->ids, ids->n, id->type, id->length, id->by_value,
										   id->align));
}

SPIPlanPtr
source_profile_plan(const Source *source)
{
	Oid			type = source->user.type;
	Comparison	c = compare_id(&source->user);
	char	   *query =
		psprintf("SELECT %s FROM %s WHERE %s%s %s $1%s", source_columns(source), source->name,
				 quote_identifier(source->user_column), c.left, c.equals, cast_to(c.right));
	SPIPlanPtr	plan = sql_prepare(query, 1, &type, 0);

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

	/* each time, as the plan may be a new one */
	sql_settle_plan(plan, true, source->relid);
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
	if (source_has_contexts(source))
		profile->contexts =
			palloc_extended(sizeof(Datum) * Max(SPI_processed, 1), MCXT_ALLOC_HUGE);
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
		profile->times[n] =
			source->time_column == NULL
				? 0
				: source_microseconds(source, source_time(source, value, is_null));
		if (profile->contexts != NULL)
			profile->contexts[n] =
				datumCopy(heap_getattr(tuple, 4, desc, &is_null), false, -1);
		profile->n++;
	}
	MemoryContextSwitchTo(old);
	SPI_freetuptable(SPI_tuptable);
	return profile;
}

/* ---- one item's rows ---- */

/* Rows that are fetched at once. An item may have more rows than fit into memory. */
#define FETCHED_ROWS 4096

void
source_read_item_users(const Source *source, Datum item, VisitUser visit, void *state)
{
	Oid			type = source->item.type;
	Comparison	c = compare_id(&source->item);
	const char *user = quote_identifier(source->user_column);
	char	   *query = psprintf("SELECT %s FROM %s WHERE %s%s %s $1%s AND %s IS NOT NULL", user,
								 source->name, quote_identifier(source->item_column), c.left,
								 c.equals, cast_to(c.right), user);
	SPIPlanPtr	plan = sql_prepare(query, 1, &type, 0);
	Portal		portal;

	sql_settle_plan(plan, false, source->relid);
	portal = SPI_cursor_open(NULL, plan, &item, NULL, true);
	if (portal == NULL)
		elog(ERROR, "SPI_cursor_open failed: %s", SPI_result_code_string(SPI_result));
	for (;;)
	{
		SPI_cursor_fetch(portal, true, FETCHED_ROWS);
		if (SPI_processed == 0)
			break;
		source_check_column(source, 0, TupleDescAttr(SPI_tuptable->tupdesc, 0)->atttypid);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		is_null;

			visit(state, heap_getattr(SPI_tuptable->vals[i], 1, SPI_tuptable->tupdesc, &is_null));
		}
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
}
