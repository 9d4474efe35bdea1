/*
 * attributes.c
 *	  The relation of the attributes of items or users: reading and encoding it.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "server/memory.h"
#include "server/messages.h"
#include "source/attributes.h"
#include "tsearch/ts_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* Rows that are fetched at once. */
#define FETCHED_ROWS 1000

/*
 * Longest category, in bytes. An index entry has room for such a category and the longest name of a
 * column.
 */
#define MOST_CATEGORY_BYTES 2000

/* The contexts that are read in one array have at most so many bytes. */
#define MOST_CONTEXT_BYTES (INT64CONST(512) * 1024 * 1024)

/* Characters of a title that are read; their bytes are fewer than those of the longest category. */
#define TITLE_CHARACTERS 400

/* ---- the relation ---- */

/* For messages. */
static const char *
one_of(SideKind kind)
{
	return kind == SIDE_USERS ? "user" : kind == SIDE_ITEMS ? "item" : "context";
}

static const IdType *
type_of_ids(const Attributes *attributes, const Source *source)
{
	return attributes->kind == SIDE_USERS	? &source->user
		   : attributes->kind == SIDE_ITEMS ? &source->item
											: &source->context;
}

Oid
attributes_relation(SideKind kind, const NotedRelation *noted, Oid model)
{
	Oid			relid;

	if (!OidIsValid(model))
		return noted->relid;
	switch (relation_meant(noted, model, &relid))
	{
		case RELATION_SAME:
		case RELATION_REPLACED:
			break;
		case RELATION_REFUSED:
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("relation %s is not taken for the attributes of model \"%s\"",
							noted->name, get_rel_name(model)),
					 errdetail("It has the name of the relation that was there, but belongs "
							   "neither to its owner, nor to that of the model, nor to a "
							   "superuser."),
					 errhint("SELECT rec.alter_model(%s, %ss => %s) by the model's owner says "
							 "that it is meant.",
							 quote_literal_cstr(quoted_relation(model)), one_of(kind),
							 quote_literal_cstr(noted->name))));
		case RELATION_GONE:
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("relation %s, which says what the %ss of model \"%s\" are like, does "
							"not exist",
							noted->name, one_of(kind), get_rel_name(model)),
					 errhint("SELECT rec.alter_model(%s, %ss => '...') names another.",
							 quote_literal_cstr(quoted_relation(model)), one_of(kind))));
	}
	return relid;
}

/* The only column of the primary key; 0 if there is no such key. */
static AttrNumber
primary_key_column(Oid relid)
{
	Relation	rel = table_open(IndexRelationId, AccessShareLock);
	AttrNumber	column = InvalidAttrNumber;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, IndexIndrelidIndexId, true, NULL, 1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);

		if (form->indisprimary && form->indislive && form->indnkeyatts == 1)
			column = form->indkey.values[0];
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return column;
}

AttrNumber
attributes_key(Oid relid, const char *id_column)
{
	AttrNumber	key = get_attnum(relid, id_column);

	return key > 0 ? key : primary_key_column(relid);
}

/* Whether a column is part of a foreign key. */
static bool
is_foreign_key(Oid relid, AttrNumber column)
{
	Relation	rel = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, NULL, 1, &key);
	while (!found && (tuple = systable_getnext(scan)) != NULL)
	{
		bool		is_null;
		Datum		value =
			heap_getattr(tuple, Anum_pg_constraint_conkey, RelationGetDescr(rel), &is_null);
		ArrayType  *columns;

		if (is_null || ((Form_pg_constraint) GETSTRUCT(tuple))->contype != CONSTRAINT_FOREIGN)
			continue;
		columns = DatumGetArrayTypeP(value);
		for (int i = 0; i < ARR_DIMS(columns)[0]; i++)
			found = found || ((int16 *) ARR_DATA_PTR(columns))[i] == column;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/* ---- how types are encoded ---- */

static bool
is_number_type(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INTERVALOID:
			return true;
	}
	return false;
}

static bool
is_time_type(Oid type)
{
	return TypeCategory(type) == TYPCATEGORY_DATETIME || TypeCategory(type) == TYPCATEGORY_TIMESPAN;
}

static bool
is_integer_type(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/*
 * Whether values of the type can be categories: they can be hashed, and are not documents. Types
 * that have a cast to json, such as hstore and geometries, are documents.
 */
static bool
is_category_type(Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_HASH_PROC);
	Oid			function;

	if (!OidIsValid(entry->hash_proc) || type == JSONBOID || type == BYTEAOID || type == CASHOID ||
		find_coercion_pathway(JSONOID, type, COERCION_EXPLICIT, &function) == COERCION_PATH_FUNC)
		return false;
	return entry->typtype == TYPTYPE_BASE || entry->typtype == TYPTYPE_ENUM;
}

/*
 * Whether a type is one of pgvector's. The type is known by its name, because its oid differs from
 * database to database.
 */
static bool
is_vector_type(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	CoercionPathType path;
	Oid			function;
	bool		is_named;

	if (!HeapTupleIsValid(tuple))
		return false;
	is_named = strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), "vector") == 0 ||
			   strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), "halfvec") == 0;
	ReleaseSysCache(tuple);
	if (!is_named)
		return false;
	path = find_coercion_pathway(FLOAT4ARRAYOID, type, COERCION_EXPLICIT, &function);
	return path == COERCION_PATH_FUNC || path == COERCION_PATH_RELABELTYPE;
}

/*
 * Chooses the encoding of a column by its type; false if there is none. Integers are categories, if
 * they are codes.
 */
static bool
choose_encoding(Oid type, bool is_code, AttributeColumn *column)
{
	const char *quoted = quote_identifier(column->name);
	Oid			base = getBaseType(type);
	Oid			element = get_element_type(base);

	column->is_integer = is_integer_type(base);
	column->is_time = is_time_type(OidIsValid(element) ? getBaseType(element) : base);
	if (is_number_type(base) && !(column->is_integer && is_code))
	{
		column->kind = FEATURE_NUMBER;
		column->expression =
			base == BOOLOID
				? psprintf("%s::pg_catalog.int4::pg_catalog.float8", quoted)
			: column->is_time
				? psprintf("pg_catalog.date_part('epoch', %s)", quoted)
				: psprintf("%s::pg_catalog.float8", quoted);
		return true;
	}
	column->is_integer = false;
	if (base == TSVECTOROID)
	{
		column->kind = FEATURE_WORDS;
		column->expression = psprintf("%s::pg_catalog.tsvector", quoted);
	}
	else if (element == FLOAT4OID || element == FLOAT8OID || is_vector_type(base))
	{
		column->kind = FEATURE_EMBEDDING;
		column->expression =
			psprintf(element == FLOAT8OID ? "%s::pg_catalog.float8[]"
										  : "%s::pg_catalog.float4[]::pg_catalog.float8[]",
					 quoted);
	}
	else if (OidIsValid(element) &&
			 (is_category_type(getBaseType(element)) || is_integer_type(getBaseType(element))))
	{
		column->kind = FEATURE_SET;
		column->expression = psprintf("%s::pg_catalog.text[]", quoted);
	}
	else if (!OidIsValid(element) && is_category_type(base))
	{
		column->kind = FEATURE_CATEGORY;
		column->is_text = TypeCategory(base) == TYPCATEGORY_STRING;
		column->expression = psprintf("%s::pg_catalog.text", quoted);
	}
	else
		return false;
	return true;
}

Attributes *
attributes_open(SideKind kind, Oid relid, const Source *source, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Attributes *attributes = palloc0(sizeof(Attributes));
	const char *id_column = kind == SIDE_USERS ? source->user_column : source->item_column;
	AttrNumber	key = attributes_key(relid, id_column);
	char		relkind = get_rel_relkind(relid);
	StringInfoData left_out;
	Relation	rel;
	TupleDesc	desc;

	if (!relkind_has_rows(relkind))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" cannot say what %ss are like", get_rel_name(relid),
							   one_of(kind)),
						errdetail("Attributes are the columns of a table, view, materialized view, "
								  "partitioned table or foreign table.")));
	attributes->kind = kind;
	attributes->relid = relid;
	attributes->name = quoted_relation(relid);
	if (key <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("no column of \"%s\" says which %s a row is of", get_rel_name(relid),
						one_of(kind)),
				 errdetail("It has no column \"%s\", as source \"%s\" has, and no primary key of "
						   "one column.",
						   id_column, get_rel_name(source->relid)),
				 errhint("Let it be a view that calls the column so.")));
	rel = relation_open(relid, AccessShareLock);
	desc = RelationGetDescr(rel);
	attributes->columns = palloc0(sizeof(AttributeColumn) * desc->natts);
	initStringInfo(&left_out);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		AttributeColumn *column = &attributes->columns[attributes->n_columns];

		if (attribute->attisdropped)
			continue;
		if (attribute->attnum == key)
		{
			attributes->key_column = pstrdup(NameStr(attribute->attname));
			attributes->key_type = attribute->atttypid;
			continue;
		}
		*column = (AttributeColumn) {.name = pstrdup(NameStr(attribute->attname))};
		if (choose_encoding(attribute->atttypid, is_foreign_key(relid, attribute->attnum), column))
			attributes->n_columns++;
		else
			appendStringInfo(&left_out, "%s\"%s\" (%s)", left_out.len > 0 ? ", " : "",
							 column->name, format_type_be(attribute->atttypid));
	}
	relation_close(rel, NoLock);
	if (left_out.len > 0)
		attributes->left_out = left_out.data;
	MemoryContextSwitchTo(old);
	return attributes;
}

/*
 * The type of a context's member that stands for a column, in SQL: that of the column, so that 7
 * and 7.0, or times in different zones, are the same. Of a domain it is the type below, as what is
 * left out, or was never seen, may be no value of the domain; labels of enums are texts for the
 * same reason.
 */
static char *
type_of_member(Oid type)
{
	Oid			base = getBaseType(type);
	Oid			element = get_element_type(base);
	bool		is_array = OidIsValid(element);

	if (is_array)
		base = getBaseType(element);
	if (type_is_enum(base))
		base = TEXTOID;
	/* without the flag, character would be character(1) */
	return psprintf("%s%s",
					format_type_extended(base, -1,
										 FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY),
					is_array ? "[]" : "");
}

/* A context is a jsonb object, of which a record is made. */
Attributes *
contexts_open(const Source *source, bool of_model, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Attributes *attributes = palloc0(sizeof(Attributes));
	StringInfoData s;

	attributes->kind = SIDE_CONTEXT_FEATURES;
	attributes->of_model = of_model;
	attributes->relid = source->relid;
	attributes->key_type = TEXTOID;
	attributes->columns = palloc0(sizeof(AttributeColumn) * Max(source->n_contexts, 1));
	/* a name that no column of the record has */
	attributes->key_column = pstrdup("context");
	for (int c = 0; c < source->n_contexts; c++)
	{
		if (strcmp(source->context_columns[c], attributes->key_column) == 0)
		{
			attributes->key_column = psprintf("%s_", attributes->key_column);
			c = -1;
		}
	}
	initStringInfo(&s);
	appendStringInfo(&s,
					 "pg_catalog.unnest($1) AS contexts (%s), "
					 "LATERAL pg_catalog.jsonb_to_record(%s::pg_catalog.jsonb) AS record (",
					 quote_identifier(attributes->key_column),
					 quote_identifier(attributes->key_column));
	for (int c = 0; c < source->n_contexts; c++)
	{
		AttributeColumn *column = &attributes->columns[attributes->n_columns++];
		Oid			type;

		column->name = source->context_columns[c];
		type = get_atttype(source->relid, get_attnum(source->relid, column->name));
		if (!choose_encoding(type, true, column))
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("column \"%s\" of source \"%s\" cannot be a context, as it is "
								   "of type %s",
								   column->name, get_rel_name(source->relid),
								   format_type_be(type)),
							errhint("Let the source be a view that has numbers, texts, times, or "
									"arrays of them in its place.")));
		appendStringInfo(&s, "%s%s %s", c == 0 ? "" : ", ", quote_identifier(column->name),
						 type_of_member(type));
		if (of_model)
			column->name = source->noted_contexts[c];
	}
	appendStringInfoChar(&s, ')');
	attributes->name = s.data;
	MemoryContextSwitchTo(old);
	return attributes;
}

/* ---- reading ---- */

static void
refuse_value(const AttributeRows *rows, const AttributeColumn *column, Datum id, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("column \"%s\" of \"%s\" has %s for %s %s", column->name,
					get_rel_name(rows->attributes->relid), what, one_of(rows->attributes->kind),
					id_to_text(&rows->ids->type, id)),
			 rows->attributes->of_model
				 ? 0
				 : errhint("Let the relation be a view that leaves it out, or has NULL in its "
						   "place.")));
}

/* Adds a category or word to the row that is being read. */
static void
add_entry(AttributeValues *values, text *category, float times, MemoryContext context)
{
	int32		number;

	/* left out, like a rare category */
	if (VARSIZE_ANY_EXHDR(category) > MOST_CATEGORY_BYTES)
		return;
	if (values->n_entries == values->entry_room)
	{
		values->entry_room = Max(1024, 2 * values->entry_room);
		values->entries =
			values->entries == NULL
				? MemoryContextAllocHuge(context, sizeof(AttributeEntry) * values->entry_room)
				: repalloc_huge(values->entries, sizeof(AttributeEntry) * values->entry_room);
	}
	number = id_dictionary_add(values->categories, PointerGetDatum(category));
	values->entries[values->n_entries++] = (AttributeEntry) {number, times};
}

static void
read_set(AttributeValues *values, Datum value, int64 first, MemoryContext context)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		int64		before = values->n_entries;

		if (nulls[i])
			continue;
		add_entry(values, DatumGetTextPP(elements[i]), 1, context);
		/* a repeated element counts once */
		for (int64 e = first; e < before && values->n_entries > before; e++)
		{
			if (values->entries[e].category == values->entries[before].category)
				values->n_entries = before;
		}
	}
}

static void
read_words(AttributeValues *values, Datum value, MemoryContext context)
{
	TSVector	vector = DatumGetTSVector(value);
	WordEntry  *words = ARRPTR(vector);

	for (int i = 0; i < vector->size; i++)
		add_entry(values,
				  cstring_to_text_with_len(STRPTR(vector) + words[i].pos, words[i].len),
				  words[i].haspos ? Max(POSDATALEN(vector, &words[i]), 1) : 1, context);
}

/* NULL and the empty array become zeros. */
static void
read_embedding(AttributeRows *rows, int c, Datum value, bool is_null, int64 row, int64 room,
			   Datum id)
{
	const AttributeColumn *column = &rows->attributes->columns[c];
	AttributeValues *values = &rows->values[c];
	ArrayType  *array = is_null ? NULL : DatumGetArrayTypeP(value);
	int			n = is_null ? 0 : ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	const double *numbers;
	double		largest = 0;
	float	   *to;

	if (n > 0 && array_contains_nulls(array))
		refuse_value(rows, column, id, "an embedding with a NULL");
	if (n > 0 && values->width == 0)
	{
		values->width = n;
		values->embeddings = MemoryContextAllocExtended(
			rows->context, sizeof(float) * room * n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	}
	if (n > 0 && n != values->width)
		refuse_value(rows, column, id,
					 psprintf("an embedding of %d numbers, and others of %d,", n, values->width));
	if (values->width == 0)
		return;
	to = values->embeddings + row * values->width;
	memset(to, 0, sizeof(float) * values->width);
	numbers = n == 0 ? NULL : (const double *) ARR_DATA_PTR(array);
	for (int i = 0; i < n; i++)
	{
		if (!isfinite(numbers[i]))
			refuse_value(rows, column, id, "an embedding with NaN or infinity");
		largest = Max(largest, fabs(numbers[i]));
	}
	/* scale in double precision first, because a number may be out of the range of float */
	for (int i = 0; i < n && largest > 0; i++)
		to[i] = (float) (numbers[i] / largest);
	scale_to_unit_length(to, n);
}

static void
read_value(AttributeRows *rows, int c, Datum value, bool is_null, int64 row, int64 room,
		   Datum id)
{
	const AttributeColumn *column = &rows->attributes->columns[c];
	AttributeValues *values = &rows->values[c];

	switch (column->kind)
	{
		case FEATURE_NUMBER:
			values->numbers[row] = is_null ? get_float8_nan() : DatumGetFloat8(value);
			/* like a category that was never seen, it says nothing to a model */
			if (rows->attributes->of_model && !isfinite(values->numbers[row]))
				values->numbers[row] = get_float8_nan();
			else if (!is_null && !isfinite(values->numbers[row]))
				refuse_value(rows, column, id,
							 isnan(values->numbers[row]) ? "NaN" : "infinity");
			return;
		case FEATURE_EMBEDDING:
			read_embedding(rows, c, value, is_null, row, room, id);
			return;
		case FEATURE_CATEGORY:
			if (!is_null)
				add_entry(values, DatumGetTextPP(value), 1, rows->context);
			break;
		case FEATURE_SET:
			if (!is_null)
				read_set(values, value, values->start[row], rows->context);
			break;
		case FEATURE_WORDS:
			if (!is_null)
				read_words(values, value, rows->context);
			break;
	}
	values->start[row + 1] = values->n_entries;
}

/* Enlarges the arrays that have an element for each row. */
static void
make_room(AttributeRows *rows, int64 old_room, int64 room)
{
	for (int c = 0; c < rows->attributes->n_columns; c++)
	{
		AttributeValues *values = &rows->values[c];

		switch (rows->attributes->columns[c].kind)
		{
			case FEATURE_NUMBER:
				values->numbers =
					old_room == 0
						? MemoryContextAllocHuge(rows->context, sizeof(double) * room)
						: repalloc_huge(values->numbers, sizeof(double) * room);
				break;
			case FEATURE_EMBEDDING:
				if (values->embeddings != NULL)
					values->embeddings =
						repalloc_huge(values->embeddings, sizeof(float) * room * values->width);
				break;
			case FEATURE_CATEGORY:
			case FEATURE_SET:
			case FEATURE_WORDS:
				values->start =
					old_room == 0
						? MemoryContextAllocHuge(rows->context, sizeof(int64) * (room + 1))
						: repalloc_huge(values->start, sizeof(int64) * (room + 1));
				values->start[0] = 0;
				break;
		}
	}
	memory_require((double) MemoryContextMemAllocated(rows->context, true),
				   psprintf("attributes of \"%s\"", get_rel_name(rows->attributes->relid)));
}

static char *
attributes_query(const Attributes *attributes, const Source *source, bool only_some)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfo(&s, "SELECT %s", quote_identifier(attributes->key_column));
	for (int c = 0; c < attributes->n_columns; c++)
		appendStringInfo(&s, ", %s", attributes->columns[c].expression);
	appendStringInfo(&s, " FROM %s", attributes->name);
	/* contexts are given, and make their relation */
	if (only_some && attributes->kind != SIDE_CONTEXT_FEATURES)
		appendStringInfo(
			&s, " WHERE %s",
			source_among(type_of_ids(attributes, source), attributes->key_column, 1));
	return s.data;
}

AttributeRows *
attributes_read(const Attributes *attributes, const Source *source, const IdDictionary *only,
				MemoryContext context)
{
	AttributeRows *rows = MemoryContextAllocZero(context, sizeof(AttributeRows));
	MemoryContext row_context;
	MemoryContext scratch;
	IdType		text_type;
	SPIPlanPtr	plan;
	Portal		portal;
	int64		room = FETCHED_ROWS;
	int64		n = 0;
	Oid			only_type = InvalidOid;
	Datum		only_ids;

	if (attributes->kind == SIDE_CONTEXT_FEATURES && id_dictionary_bytes(only) > MOST_CONTEXT_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("source \"%s\" has too many different contexts, %d",
						get_rel_name(attributes->relid), only->n),
				 errdetail("They take %d MB as texts, and may take %d.",
						   (int) (id_dictionary_bytes(only) >> 20),
						   (int) (MOST_CONTEXT_BYTES >> 20)),
				 errhint("Let the source be a view that rounds the numbers and times of the "
						 "context, and cuts its texts.")));
	only_ids = only == NULL ? (Datum) 0 : source_id_array(only, &only_type);
	rows->attributes = attributes;
	rows->context = AllocSetContextCreate(context, "rec attributes", ALLOCSET_DEFAULT_SIZES);
	rows->ids = id_dictionary_create(type_of_ids(attributes, source), rows->context);
	rows->values = MemoryContextAllocZero(rows->context, sizeof(AttributeValues) *
															 Max(attributes->n_columns, 1));
	row_context = AllocSetContextCreate(context, "rec row of attributes", ALLOCSET_DEFAULT_SIZES);
	scratch = AllocSetContextCreate(context, "rec id of attributes", ALLOCSET_DEFAULT_SIZES);
	feature_name_type(&text_type, rows->context);
	for (int c = 0; c < attributes->n_columns; c++)
		rows->values[c].categories = id_dictionary_create(&text_type, rows->context);
	make_room(rows, 0, room);
	plan = SPI_prepare(attributes_query(attributes, source, only != NULL), only == NULL ? 0 : 1,
					   &only_type);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, &only_ids, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, FETCHED_ROWS);
		if (SPI_processed == 0)
			break;
		if (n + (int64) SPI_processed > room)
		{
			int64		more = Max(2 * room, n + (int64) SPI_processed);

			make_room(rows, room, more);
			room = more;
		}
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			HeapTuple	tuple = SPI_tuptable->vals[i];
			TupleDesc	desc = SPI_tuptable->tupdesc;
			MemoryContext old = MemoryContextSwitchTo(row_context);
			bool		is_null;
			Datum		key = SPI_getbinval(tuple, desc, 1, &is_null);
			Datum		id;

			CHECK_FOR_INTERRUPTS();
			if (!is_null &&
				id_convert_kept(key, attributes->key_type, &rows->ids->type, scratch, &id))
			{
				if (id_dictionary_add(rows->ids, id) != n)
					ereport(ERROR,
							(errcode(ERRCODE_UNIQUE_VIOLATION),
							 errmsg("\"%s\" has more than one row for %s %s",
									get_rel_name(attributes->relid), one_of(attributes->kind),
									id_to_text(&rows->ids->type, id)),
							 errhint("Let the attributes be a view with one row for each %s; "
									 "array_agg() makes a set of several values.",
									 one_of(attributes->kind))));
				for (int c = 0; c < attributes->n_columns; c++)
				{
					Datum		value = SPI_getbinval(tuple, desc, c + 2, &is_null);

					read_value(rows, c, value, is_null, n, room, id);
				}
				n++;
			}
			MemoryContextSwitchTo(old);
			MemoryContextReset(row_context);
			MemoryContextReset(scratch);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	MemoryContextDelete(row_context);
	MemoryContextDelete(scratch);
	return rows;
}

int32 *
attributes_numbers(const AttributeRows *rows, IdDictionary *ids, MemoryContext context)
{
	int32	   *numbers = MemoryContextAllocHuge(context, sizeof(int32) * Max(rows->ids->n, 1));

	for (int32 r = 0; r < rows->ids->n; r++)
	{
		if (r % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[r] = id_dictionary_find(ids, rows->ids->ids[r]);
	}
	return numbers;
}

/* ---- titles ---- */

const AttributeColumn *
attributes_title(const Attributes *attributes)
{
	for (int c = 0; c < attributes->n_columns; c++)
	{
		if (attributes->columns[c].is_text)
			return &attributes->columns[c];
	}
	return NULL;
}

char **
attributes_titles(const Attributes *attributes, const Source *source, IdDictionary *items,
				  MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	AttributeColumn column = *attributes_title(attributes);
	Attributes	only = *attributes;
	char	  **titles = palloc0(sizeof(char *) * Max(items->n, 1));
	AttributeRows *rows;
	const AttributeValues *values;
	int32	   *numbers;

	column.expression =
		psprintf("pg_catalog.\"left\"(%s, %d)", column.expression, TITLE_CHARACTERS);
	only.n_columns = 1;
	only.columns = &column;
	rows = attributes_read(&only, source, items, context);
	values = &rows->values[0];
	numbers = attributes_numbers(rows, items, context);
	MemoryContextSwitchTo(context);
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		char	   *title;

		if (numbers[r] < 0 || values->start[r] == values->start[r + 1])
			continue;
		title = TextDatumGetCString(
			values->categories->ids[values->entries[values->start[r]].category]);
		if (title[0] != '\0')
			titles[numbers[r]] = title;
	}
	MemoryContextSwitchTo(old);
	return titles;
}

/* ---- encoding ---- */

/* A feature before the features are numbered. */
typedef struct NewFeature
{
	int32		column;
	int32		place;			/* the category, or the place in an embedding */
	int32		count;
	NumberEncoding encoding;
} NewFeature;

typedef struct Encoder
{
	EncodedAttributes *encoded;
	const int64 *times;			/* by row: how many times it counts for the encodings */
	int64		n_rows;			/* the sum of these */
	int			min_count;
	NewFeature *features;		/* in the order of arrival */
	int64		n;
	int64		room;
	MemoryContext context;
} Encoder;

static const NumberEncoding no_encoding = {NAN, NAN, NAN, NAN};

static void
add_feature(Encoder *e, int column, int32 place, int64 count, NumberEncoding encoding)
{
	if (e->n == e->room)
	{
		e->room = Max(1024, 2 * e->room);
		e->features = e->features == NULL
						  ? MemoryContextAllocHuge(e->context, sizeof(NewFeature) * e->room)
						  : repalloc_huge(e->features, sizeof(NewFeature) * e->room);
	}
	e->features[e->n++] = (NewFeature) {column, place, (int32) count, encoding};
}

/* Adds the text for a column to the notice. */
static void
report_column(Encoder *e, int column, const char *format,...) pg_attribute_printf(3, 4);

static void
report_column(Encoder *e, int column, const char *format,...)
{
	StringInfo	s = &e->encoded->report;
	va_list		args;
	int			needed;

	appendStringInfo(s, "%s\"%s\": ", s->len > 0 ? "; " : "",
					 e->encoded->rows->attributes->columns[column].name);
	for (;;)
	{
		va_start(args, format);
		needed = appendStringInfoVA(s, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(s, needed);
	}
}

/* Whether a column has few different numbers, each in several rows, as codes of categories do. */
static bool
has_few_numbers(const double *sorted, int64 n)
{
	int64		distinct = n > 0;

	for (int64 i = 1; i < n; i++)
		distinct += sorted[i] != sorted[i - 1];
	return distinct > 2 && n >= 20 && distinct <= n / 20;
}

static void
encode_numbers(Encoder *e, int column)
{
	const AttributeRows *rows = e->encoded->rows;
	const double *numbers = rows->values[column].numbers;
	double	   *known;
	int64		n = 0;
	NumberEncoding encoding;

	memory_require((double) e->n_rows * sizeof(double),
				   psprintf("the encoding of \"%s\"", rows->attributes->columns[column].name));
	known = MemoryContextAllocHuge(e->context, sizeof(double) * Max(e->n_rows, 1));

	e->encoded->features[column] = MemoryContextAlloc(e->context, sizeof(int32));
	e->encoded->features[column][0] = -1;
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		for (int64 i = 0; i < e->times[r] && !isnan(numbers[r]); i++)
			known[n++] = numbers[r];
	}
	if (number_encoding(known, n, &encoding))
	{
		bool		few = rows->attributes->columns[column].is_integer && has_few_numbers(known, n);

		report_column(e, column, "a number from %g to %g%s", encoding.low, encoding.high,
					  few ? " (few values, often repeated)" : "");
		e->encoded->has_few_integers = e->encoded->has_few_integers || few;
		add_feature(e, column, 0, n, encoding);
	}
	else
		report_column(e, column, "left out, as no two values differ");
	pfree(known);
}

static void
encode_categories(Encoder *e, int column)
{
	const AttributeRows *rows = e->encoded->rows;
	const AttributeValues *values = &rows->values[column];
	FeatureKind kind = rows->attributes->columns[column].kind;
	int32		n_categories = values->categories->n;
	int64	   *count = MemoryContextAllocExtended(e->context, sizeof(int64) * Max(n_categories, 1),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int32	   *features =
		MemoryContextAllocHuge(e->context, sizeof(int32) * Max(n_categories, 1));
	int64		kept = 0;
	int64		seen = 0;

	for (int32 r = 0; r < rows->ids->n; r++)
	{
		if (r % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int64 i = values->start[r]; i < values->start[r + 1]; i++)
			count[values->entries[i].category] += e->times[r];
	}
	for (int32 c = 0; c < n_categories; c++)
	{
		NumberEncoding encoding = no_encoding;

		features[c] = -1;
		seen += count[c] > 0;
		/* a category that all rows have does not distinguish them */
		if (count[c] < e->min_count || count[c] == e->n_rows)
			continue;
		encoding.scale = inverse_document_frequency(count[c], e->n_rows);
		add_feature(e, column, c, count[c], encoding);
		kept++;
	}
	e->encoded->features[column] = features;
	if (kept == 0)
		report_column(e, column,
					  seen == 0 ? "left out, as it has no values"
					  : seen == 1 ? "left out, as no two values differ"
					  : kind == FEATURE_CATEGORY
						  ? "left out, as each value is in fewer than %d rows; a view with "
							"to_tsvector() makes words of it"
						  : "left out, as each of its values is in fewer than %d rows",
					  e->min_count);
	else
		report_column(e, column, INT64_FORMAT " %s" "%s", kept,
					  kind == FEATURE_WORDS		 ? "words"
					  : kind == FEATURE_CATEGORY ? "categories"
												 : "categories in sets",
					  seen > kept ? psprintf(", and " INT64_FORMAT " that are too rare, or in all "
											 "rows",
											 seen - kept)
								  : "");
	pfree(count);
}

static void
encode_embeddings(Encoder *e, int column)
{
	const AttributeRows *rows = e->encoded->rows;
	const AttributeValues *values = &rows->values[column];
	int64		n = 0;

	e->encoded->features[column] =
		MemoryContextAllocHuge(e->context, sizeof(int32) * Max(values->width, 1));
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		bool		is_zero = true;

		for (int i = 0; i < values->width && is_zero; i++)
			is_zero = values->embeddings[(int64) r * values->width + i] == 0;
		n += is_zero ? 0 : e->times[r];
	}
	for (int i = 0; i < values->width; i++)
		add_feature(e, column, i, n, no_encoding);
	if (values->width == 0)
		report_column(e, column, "left out, as it has no values");
	else
		report_column(e, column, "an embedding of %d numbers", values->width);
}

static int
decimal_digits(int n)
{
	int			digits = 1;

	while (n >= 10)
	{
		n /= 10;
		digits++;
	}
	return digits;
}

/*
 * Not quote_identifier: what that quotes depends on a setting, and on the keywords of a version of
 * PostgreSQL.
 */
char *
feature_column(const char *column)
{
	StringInfoData s;

	if ((column[0] == '_' || (column[0] >= 'a' && column[0] <= 'z')) &&
		strspn(column, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(column))
		return pstrdup(column);
	initStringInfo(&s);
	appendStringInfoChar(&s, '"');
	for (; *column != '\0'; column++)
	{
		if (*column == '"')
			appendStringInfoChar(&s, '"');
		appendStringInfoChar(&s, *column);
	}
	appendStringInfoChar(&s, '"');
	return s.data;
}

/* The feature that all rows have. No column is called so: its name would be quoted. */
#define INTERCEPT "(intercept)"

/*
 * The name of a feature: its column, and for all but numbers "=" and the category or place. column
 * -1: the intercept.
 */
static Datum
feature_name(const AttributeRows *rows, int number, int32 place)
{
	const AttributeColumn *column = &rows->attributes->columns[number];
	const AttributeValues *values = &rows->values[number];
	const char *quoted;

	if (number < 0)
		return CStringGetTextDatum(INTERCEPT);
	quoted = feature_column(column->name);
	switch (column->kind)
	{
		case FEATURE_NUMBER:
			return CStringGetTextDatum(quoted);
		case FEATURE_EMBEDDING:
			return CStringGetTextDatum(psprintf("%s=%0*d", quoted, decimal_digits(values->width),
												place + 1));
		case FEATURE_CATEGORY:
		case FEATURE_SET:
		case FEATURE_WORDS:
			break;
	}
	return CStringGetTextDatum(
		psprintf("%s=%s", quoted, TextDatumGetCString(values->categories->ids[place])));
}

void
feature_name_type(IdType *type, MemoryContext context)
{
	id_type_init(type, TEXTOID, -1, C_COLLATION_OID, "names of features", context);
}

/* Names the features and numbers them in the order of their names. */
static void
number_features(Encoder *e)
{
	EncodedAttributes *encoded = e->encoded;
	MemoryContext row_context =
		AllocSetContextCreate(e->context, "rec name of a feature", ALLOCSET_DEFAULT_SIZES);
	IdType		name_type;
	int32	   *number;

	feature_name_type(&name_type, e->context);
	encoded->names = id_dictionary_create(&name_type, e->context);
	for (int64 f = 0; f < e->n; f++)
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		Datum		name = feature_name(encoded->rows, e->features[f].column, e->features[f].place);
		int32		at = id_dictionary_add(encoded->names, name);

		CHECK_FOR_INTERRUPTS();
		if (at != f)
			elog(ERROR, "two features are called \"%s\"", TextDatumGetCString(name));
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	MemoryContextDelete(row_context);
	number = id_dictionary_sort(encoded->names);
	encoded->n_features = encoded->names->n;
	encoded->count = MemoryContextAllocHuge(e->context, sizeof(int32) * Max(e->n, 1));
	encoded->column = MemoryContextAllocHuge(e->context, sizeof(int32) * Max(e->n, 1));
	encoded->kind = MemoryContextAllocHuge(e->context, sizeof(int32) * Max(e->n, 1));
	encoded->encoding = MemoryContextAllocHuge(e->context, sizeof(NumberEncoding) * Max(e->n, 1));
	for (int64 f = 0; f < e->n; f++)
	{
		const NewFeature *feature = &e->features[f];
		int32		at = number[f];

		if (feature->column < 0)
			encoded->intercept = at;
		else
			encoded->features[feature->column][feature->place] = at;
		encoded->count[at] = feature->count;
		encoded->column[at] = feature->column;
		encoded->kind[at] = feature->column < 0
								? FEATURE_NUMBER
								: encoded->rows->attributes->columns[feature->column].kind;
		encoded->encoding[at] = feature->encoding;
	}
	pfree(number);
}

/* The value of a feature in a row. */
typedef struct FeatureValue
{
	int32		feature;
	float		value;
} FeatureValue;

static int
compare_features(const void *a, const void *b)
{
	int32		x = ((const FeatureValue *) a)->feature;
	int32		y = ((const FeatureValue *) b)->feature;

	return (x > y) - (x < y);
}

/* An upper bound of the number of a row's values. */
static int64
most_values(const AttributeRows *rows, int32 row)
{
	int64		n = 1;			/* the intercept */

	for (int c = 0; c < rows->attributes->n_columns; c++)
	{
		const AttributeValues *values = &rows->values[c];

		n += values->numbers != NULL ? 1
			 : values->start != NULL ? values->start[row + 1] - values->start[row]
									 : values->width;
	}
	return n;
}

/* Computes the values of a row in a column; returns their number. */
static int64
encode_value(const EncodedAttributes *encoded, int column, int32 row, FeatureValue *to)
{
	const AttributeValues *values = &encoded->rows->values[column];
	FeatureKind kind = encoded->rows->attributes->columns[column].kind;
	const int32 *features = encoded->features[column];
	double		squares = 0;
	int64		n = 0;

	if (kind == FEATURE_NUMBER)
	{
		if (features[0] >= 0 && !isnan(values->numbers[row]))
			to[n++] = (FeatureValue) {features[0],
									  encode_number(&encoded->encoding[features[0]],
													values->numbers[row])};
		return n;
	}
	if (kind == FEATURE_EMBEDDING)
	{
		for (int i = 0; i < values->width; i++)
		{
			float		value = values->embeddings[(int64) row * values->width + i];

			if (value != 0 && features[i] >= 0)
				to[n++] = (FeatureValue) {features[i], value};
		}
		return n;
	}
	for (int64 i = values->start[row]; i < values->start[row + 1]; i++)
	{
		const AttributeEntry *entry = &values->entries[i];
		int32		feature = features[entry->category];

		if (feature >= 0)
			to[n++] = (FeatureValue) {feature,
									  kind == FEATURE_WORDS
										  ? entry->times * (float) encoded->encoding[feature].scale
										  : 1};
	}
	for (int64 i = 0; i < n; i++)
		squares += (double) to[i].value * to[i].value;
	for (int64 i = 0; i < n && kind != FEATURE_CATEGORY; i++)
		to[i].value = (float) (to[i].value / sqrt(squares));
	return n;
}

/*
 * Computes the values of a row, by ascending feature; returns their number. row -1 is an item
 * without a row.
 */
static int64
encode_row(const EncodedAttributes *encoded, int32 row, FeatureValue *to)
{
	int64		n = 0;

	for (int c = 0; row >= 0 && c < encoded->rows->attributes->n_columns; c++)
		n += encode_value(encoded, c, row, to + n);
	if (encoded->intercept >= 0)
		to[n++] = (FeatureValue) {encoded->intercept, 1};
	qsort(to, n, sizeof(FeatureValue), compare_features);
	return n;
}

/* Whether a model has embeddings of another length in a column than the rows have. */
static bool
has_other_length(const AttributeRows *rows, int column, IdList *names)
{
	const char *name = feature_column(rows->attributes->columns[column].name);
	int			width = rows->values[column].width;

	/* the places are numbered with as many digits as the last of them needs */
	for (int digits = 1; digits <= 10 && width > 0; digits++)
	{
		bool		has[3];
		int			places[] = {1, width, width + 1};

		for (int i = 0; i < 3; i++)
			has[i] = id_list_find(names, CStringGetTextDatum(psprintf("%s=%0*d", name, digits,
																	  places[i]))) >= 0;
		if (has[0] && (!has[1] || has[2]))
			return true;
	}
	return false;
}

/* How many features a column may have: values, or places of an embedding. */
static int32
most_features(const AttributeRows *rows, int column)
{
	switch (rows->attributes->columns[column].kind)
	{
		case FEATURE_NUMBER:
			return 1;
		case FEATURE_EMBEDDING:
			return rows->values[column].width;
		case FEATURE_CATEGORY:
		case FEATURE_SET:
		case FEATURE_WORDS:
			break;
	}
	return rows->values[column].categories->n;
}

/* The features of a column, of those that a model has; -1 for a value that is none. */
static int32 *
find_features(const AttributeRows *rows, int column, IdList *names, MemoryContext context)
{
	FeatureKind kind = rows->attributes->columns[column].kind;
	int32		n = most_features(rows, column);
	int32	   *features = MemoryContextAllocHuge(context, sizeof(int32) * Max(n, 1));

	if (kind == FEATURE_EMBEDDING && has_other_length(rows, column, names))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column \"%s\" of \"%s\" has embeddings of %d numbers",
						rows->attributes->columns[column].name,
						get_rel_name(rows->attributes->relid), n),
				 errdetail("The model was trained with embeddings of another length."),
				 errhint("rec.train trains it with the present ones.")));
	for (int32 place = 0; place < n; place++)
	{
		Datum		name = feature_name(rows, column, place);

		CHECK_FOR_INTERRUPTS();
		features[place] = id_list_find(names, name);
		pfree(DatumGetPointer(name));
	}
	return features;
}

EncodedAttributes *
attributes_encode_known(const AttributeRows *rows, IdList *names, const NumberEncoding *encoding,
						MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	EncodedAttributes *encoded = palloc0(sizeof(EncodedAttributes));
	FeatureValue *values;
	int64		longest = 1;

	encoded->rows = rows;
	encoded->n_features = names->block->n;
	encoded->encoding = unconstify(NumberEncoding *, encoding);
	encoded->features = palloc0(sizeof(int32 *) * Max(rows->attributes->n_columns, 1));
	for (int c = 0; c < rows->attributes->n_columns; c++)
		encoded->features[c] = find_features(rows, c, names, context);
	encoded->intercept = id_list_find(names, CStringGetTextDatum(INTERCEPT));
	for (int32 r = 0; r < rows->ids->n; r++)
		longest = Max(longest, most_values(rows, r));
	values = palloc_extended(sizeof(FeatureValue) * longest, MCXT_ALLOC_HUGE);
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		CHECK_FOR_INTERRUPTS();
		encoded->n_values += encode_row(encoded, r, values);
	}
	pfree(values);
	MemoryContextSwitchTo(old);
	return encoded;
}

void
attributes_describe(const EncodedAttributes *encoded, Features *features)
{
	const AttributeRows *rows = encoded->rows;

	for (int c = 0; c < rows->attributes->n_columns; c++)
	{
		for (int32 place = 0; place < most_features(rows, c); place++)
		{
			int32		feature = encoded->features[c][place];

			if (feature < 0)
				continue;
			features->column[feature] = c;
			features->kind[feature] = rows->attributes->columns[c].kind;
		}
	}
	if (encoded->intercept >= 0)
		features->column[encoded->intercept] = -1;
}

EncodedAttributes *
attributes_encode(const AttributeRows *rows, const int32 *numbers, int64 n,
				  const int64 *times, int min_count, unsigned needs, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	EncodedAttributes *encoded = palloc0(sizeof(EncodedAttributes));
	int64	   *row_times = palloc_extended(sizeof(int64) * Max(rows->ids->n, 1), MCXT_ALLOC_HUGE);
	Encoder		e = {.encoded = encoded, .times = row_times, .min_count = min_count,
					 .context = context};
	FeatureValue *values;
	int64		longest = 1;
	int64		n_present = 0;

	encoded->rows = rows;
	encoded->intercept = -1;
	encoded->features = palloc0(sizeof(int32 *) * Max(rows->attributes->n_columns, 1));
	initStringInfo(&encoded->report);
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		row_times[r] = numbers[r] < 0 ? 0 : times == NULL ? 1 : times[numbers[r]];
		e.n_rows += row_times[r];
		longest = Max(longest, most_values(rows, r));
	}
	for (int c = 0; c < rows->attributes->n_columns; c++)
	{
		switch (rows->attributes->columns[c].kind)
		{
			case FEATURE_NUMBER:
				encode_numbers(&e, c);
				break;
			case FEATURE_CATEGORY:
			case FEATURE_SET:
			case FEATURE_WORDS:
				encode_categories(&e, c);
				break;
			case FEATURE_EMBEDDING:
				encode_embeddings(&e, c);
				break;
		}
	}
	if ((needs & NEEDS_INTERCEPT) != 0 && rows->attributes->kind == SIDE_ITEMS)
		add_feature(&e, -1, 0, e.n_rows, no_encoding);
	number_features(&e);
	values = palloc_extended(sizeof(FeatureValue) * longest, MCXT_ALLOC_HUGE);
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		CHECK_FOR_INTERRUPTS();
		if (numbers[r] < 0)
			continue;
		encoded->n_values += encode_row(encoded, r, values);
		n_present++;
	}
	encoded->n_values += (n - n_present) * encode_row(encoded, -1, values);
	pfree(values);
	pfree(row_times);
	if (e.features != NULL)
		pfree(e.features);
	MemoryContextSwitchTo(old);
	return encoded;
}

void
attributes_report(const EncodedAttributes *encoded)
{
	const Attributes *attributes = encoded->rows->attributes;
	int			n = encoded->names->n - (encoded->intercept >= 0 ? 1 : 0);

	ereport(NOTICE,
			(attributes->kind == SIDE_CONTEXT_FEATURES
				 ? errmsg_plural("contexts have %d feature, from %d different ones in \"%s\"",
								 "contexts have %d features, from %d different ones in \"%s\"", n,
								 n, encoded->rows->ids->n, get_rel_name(attributes->relid))
				 : errmsg_plural("%ss have %d feature, from %d rows of \"%s\"",
								 "%ss have %d features, from %d rows of \"%s\"", n,
								 one_of(attributes->kind), n, encoded->rows->ids->n,
								 get_rel_name(attributes->relid)),
			 encoded->report.len > 0 || attributes->left_out != NULL
				 ? errdetail("%s%s%s.", encoded->report.data,
							 attributes->left_out == NULL ? ""
							 : encoded->report.len > 0	   ? "; of a type that is left out: "
														   : "Of a type that is left out: ",
							 attributes->left_out == NULL ? "" : attributes->left_out)
				 : errdetail("It has no columns beside the key."),
			 encoded->has_few_integers
				 ? errhint("Where a number stands for a category, let a view cast its column to "
						   "text.")
				 : 0));
}

double
attributes_bytes(const EncodedAttributes *encoded, int64 n)
{
	return (double) encoded->n_values * (sizeof(int32) + sizeof(float)) +
		   (double) n * sizeof(int64) +
		   (double) encoded->names->n * (3 * sizeof(int32) + sizeof(NumberEncoding));
}

void
attributes_fill(const EncodedAttributes *encoded, const int32 *numbers, SparseMatrix *m)
{
	const AttributeRows *rows = encoded->rows;
	int32	   *row_of = palloc_extended(sizeof(int32) * Max(m->n_rows, 1), MCXT_ALLOC_HUGE);
	FeatureValue *values;
	int64		longest = 1;
	int64		n = 0;

	memset(row_of, -1, sizeof(int32) * m->n_rows);
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		longest = Max(longest, most_values(rows, r));
		if (numbers[r] >= 0)
			row_of[numbers[r]] = r;
	}
	values = palloc_extended(sizeof(FeatureValue) * longest, MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < m->n_rows; i++)
	{
		int64		length = encode_row(encoded, row_of[i], values);

		CHECK_FOR_INTERRUPTS();
		for (int64 v = 0; v < length; v++)
		{
			m->column[n] = values[v].feature;
			m->value[n++] = values[v].value;
		}
		m->start[i + 1] = n;
	}
	pfree(values);
	pfree(row_of);
}

void
attributes_build(const EncodedAttributes *encoded, const int32 *numbers, int64 n,
				 TrainingMemory *memory, Features *features)
{
	int64		n_features = encoded->n_features;
	Size		int_bytes = sizeof(int32) * Max(n_features, 1);
	Size		encoding_bytes = sizeof(NumberEncoding) * Max(n_features, 1);

	training_memory_reserve(memory, 3 * training_memory_size(int_bytes) +
										training_memory_size(encoding_bytes));
	features->count = training_memory_allocate(memory, int_bytes);
	features->column = training_memory_allocate(memory, int_bytes);
	features->kind = training_memory_allocate(memory, int_bytes);
	features->encoding = training_memory_allocate(memory, encoding_bytes);
	memcpy(features->count, encoded->count, sizeof(int32) * n_features);
	memcpy(features->column, encoded->column, sizeof(int32) * n_features);
	memcpy(features->kind, encoded->kind, sizeof(int32) * n_features);
	memcpy(features->encoding, encoded->encoding, sizeof(NumberEncoding) * n_features);
	source_allocate_matrix(&features->by_row, n, n_features, encoded->n_values, false, memory);
	attributes_fill(encoded, numbers, &features->by_row);
}
