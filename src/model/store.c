/*
 * store.c
 *	  Model tables: creating, writing, reading.
 *
 * A training replaces rows under MVCC, so that readers use the old version until it commits. Half
 * of each page is left free (fillfactor 50): the new version of a row finds room on the same page,
 * no index entry is added (a HOT update), and the next training reuses the space of versions that
 * are dead to all.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/genam.h"
#include "access/heaptoast.h"
#include "access/nbtree.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "kernel/vector.h"
#include "miscadmin.h"
#include "model/store.h"
#include "server/citus.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/progress.h"
#include "server/sql.h"
#include "server/table_writer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/varlena.h"

#define FILLFACTOR 50

/* Rows between two resets of the memory context in which they are built. */
#define ROWS_PER_RESET 256

const char *
side_id_column(SideKind kind)
{
	static const char *const columns[N_SIDES] = {"item_id", "user_id", "session_id", "feature",
												   "feature", "feature", "name"};

	return columns[kind];
}

const char *
side_count_column(SideKind kind)
{
	return side_has_names(kind) ? "n_rows" : kind == SIDE_PARAMETERS ? NULL : "n_ratings";
}

/* ---- parameters ---- */

/* The parameters that the model has by its options; NULL for tables of other sides. */
static Parameter *
known_parameters(const Model *model, SideKind kind)
{
	Parameter  *parameters;

	if (kind != SIDE_PARAMETERS)
		return NULL;
	parameters = palloc(sizeof(Parameter) * MAX_PARAMETERS);
	model_parameters(model, parameters);
	return parameters;
}

/* The number of one of n parameters by its name, or -1. */
static int32
find_parameter(const Parameter *parameters, int64 n, Datum name)
{
	text	   *value = DatumGetTextPP(name);

	for (int32 p = 0; p < n; p++)
	{
		if (VARSIZE_ANY_EXHDR(value) == strlen(parameters[p].name) &&
			memcmp(VARDATA_ANY(value), parameters[p].name, VARSIZE_ANY_EXHDR(value)) == 0)
			return p;
	}
	return -1;
}

static Datum
shape_array(const Parameter *parameter)
{
	Datum		lengths[2] = {Int32GetDatum(parameter->shape[0]),
						  Int32GetDatum(parameter->shape[1])};

	return PointerGetDatum(construct_array(lengths, parameter->n_dimensions, INT4OID,
										   sizeof(int32), true, TYPALIGN_INT));
}

/* Whether a stored shape is that of the parameter. */
static bool
has_shape(const Parameter *parameter, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);

	return ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] == parameter->n_dimensions &&
		   !ARR_HASNULL(array) &&
		   memcmp(ARR_DATA_PTR(array), parameter->shape,
				  sizeof(int32) * parameter->n_dimensions) == 0;
}

/* ---- creating ---- */

/* The type of a column in a table. */
static Oid
column_type(const Column *column, Oid item_type)
{
	Oid			array;

	switch (column->type)
	{
		case COLUMN_NUMBER:
		case COLUMN_OPTIONAL:
			return FLOAT4OID;
		case COLUMN_VECTOR:
		case COLUMN_WEIGHTS:
		case COLUMN_NUMBERS:
			return FLOAT4ARRAYOID;
		case COLUMN_SESSIONS:
		case COLUMN_FEATURES:
		case COLUMN_SHAPE:
			return INT4ARRAYOID;
		case COLUMN_ROW:
			return INT4OID;
		case COLUMN_DOUBLE:
			return FLOAT8OID;
		case COLUMN_TIME:
			return INT8OID;
		case COLUMN_ITEMS:
		case COLUMN_SEQUENCE:
			array = get_array_type(item_type);
			if (!OidIsValid(array))
				ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
								errmsg("could not find array type for data type %s",
									   format_type_be(item_type)),
								errdetail("Models of this algorithm hold lists of items."),
								errhint("Use a view as the source that casts the item ids, for "
										"example to text.")));
			return array;
	}
	pg_unreachable();
}

static void
describe_column(const char *table, const Column *column)
{
	/* Compressing random floats is lost work. */
	if (column->type == COLUMN_VECTOR || list_has_weights(column->type) ||
		column->type == COLUMN_WEIGHTS || column->type == COLUMN_NUMBERS)
		sql_execute(psprintf("ALTER TABLE %s ALTER %s SET STORAGE EXTERNAL", table, column->name));
	sql_execute(psprintf("COMMENT ON COLUMN %s.%s IS %s", table, column->name,
						 quote_literal_cstr(column->description)));
}

/* Whether a value of the column is one number, and not an array. */
static bool
is_number(const Column *column)
{
	return column->type == COLUMN_NUMBER || column->type == COLUMN_TIME ||
		   column->type == COLUMN_ROW;
}

static bool
may_be_null(const Column *column)
{
	return column->type == COLUMN_OPTIONAL || column->type == COLUMN_DOUBLE;
}

Oid
store_create_table(const char *qualified_name, SideKind kind, const Side *side,
				   const IdType *id_type, const IdType *item_type, const char *comment)
{
	StringInfoData s;
	Oid			relid;

	initStringInfo(&s);
	appendStringInfo(&s, "CREATE TABLE %s (%s %s PRIMARY KEY", qualified_name,
					 side_id_column(kind),
					 kind == SIDE_SESSIONS ? "pg_catalog.int4" : id_type_declaration(id_type));
	if (side_count_column(kind) != NULL)
		appendStringInfo(&s, ", %s pg_catalog.int4 NOT NULL", side_count_column(kind));
	for (int i = 0; i < side->n_columns; i++)
		appendStringInfo(&s, ", %s %s%s", side->columns[i].name,
						 format_type_extended(column_type(&side->columns[i], item_type->type), -1,
											  FORMAT_TYPE_FORCE_QUALIFY),
						 may_be_null(&side->columns[i]) ? "" : " NOT NULL");
	appendStringInfo(&s, ") WITH (fillfactor = %d)", FILLFACTOR);
	sql_execute(s.data);

	relid = RangeVarGetRelid(
		makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(qualified_name))), NoLock,
		false);

	sql_execute(psprintf("COMMENT ON TABLE %s IS %s", qualified_name, quote_literal_cstr(comment)));
	if (side_count_column(kind) != NULL)
		sql_execute(psprintf(
			"COMMENT ON COLUMN %s.%s IS '%s'", qualified_name, side_count_column(kind),
			kind == SIDE_ITEM_FEATURES		? "items that have the feature"
			: kind == SIDE_USER_FEATURES	? "users that have the feature"
			: kind == SIDE_CONTEXT_FEATURES ? "ratings or events whose context has the feature"
											: "ratings or events that it was trained on"));
	for (int i = 0; i < side->n_columns; i++)
		describe_column(qualified_name, &side->columns[i]);
	return relid;
}

/* Whether the side has this column with the same type. */
static bool
has_column(const Side *side, const Column *column)
{
	for (int i = 0; i < side->n_columns; i++)
	{
		if (strcmp(side->columns[i].name, column->name) == 0 &&
			side->columns[i].type == column->type)
			return true;
	}
	return false;
}

void
store_replace_columns(Oid relid, const Side *old, const Side *side, const IdType *item_type)
{
	const char *table = quoted_relation(relid);

	for (int i = 0; i < old->n_columns; i++)
	{
		if (!has_column(side, &old->columns[i]) &&
			get_attnum(relid, old->columns[i].name) != InvalidAttrNumber)
			sql_execute(psprintf("ALTER TABLE %s DROP COLUMN %s", table, old->columns[i].name));
	}
	for (int i = 0; i < side->n_columns; i++)
	{
		const Column *column = &side->columns[i];

		if (has_column(old, column) || column->type == COLUMN_OPTIONAL)
			continue;
		/* Existing rows need a value; new rows are written with one. */
		sql_execute(psprintf("ALTER TABLE %s ADD COLUMN %s %s NOT NULL DEFAULT %s", table,
							 column->name,
							 format_type_extended(column_type(column, item_type->type), -1,
												  FORMAT_TYPE_FORCE_QUALIFY),
							 is_number(column) ? "0" : "'{}'"));
		sql_execute(psprintf("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT", table, column->name));
		describe_column(table, column);
	}
}

bool
store_add_columns(Oid relid, const Side *side)
{
	const char *table = quoted_relation(relid);
	bool		added = false;

	for (int i = 0; i < side->n_columns; i++)
	{
		const Column *column = &side->columns[i];

		if (column->type != COLUMN_OPTIONAL || get_attnum(relid, column->name) != InvalidAttrNumber)
			continue;
		sql_execute(psprintf("ALTER TABLE %s ADD COLUMN %s %s", table, column->name,
							 format_type_extended(column_type(column, InvalidOid), -1,
												  FORMAT_TYPE_FORCE_QUALIFY)));
		describe_column(table, column);
		added = true;
	}
	return added;
}

void
store_widen(Oid relid, SideKind kind, const Side *side, const IdType *id_type,
			const IdType *item_type)
{
	StringInfoData s;
	const char *comma = "";

	initStringInfo(&s);
	appendStringInfo(&s, "ALTER TABLE %s", quoted_relation(relid));
	if (id_type != NULL)
	{
		appendStringInfo(&s, " ALTER COLUMN %s TYPE %s", side_id_column(kind),
						 id_type_declaration(id_type));
		comma = ",";
	}
	for (int i = 0; i < side->n_columns && item_type != NULL; i++)
	{
		if (side->columns[i].type != COLUMN_ITEMS && side->columns[i].type != COLUMN_SEQUENCE)
			continue;
		appendStringInfo(&s, "%s ALTER COLUMN %s TYPE %s", comma, side->columns[i].name,
						 format_type_extended(column_type(&side->columns[i], item_type->type), -1,
											  FORMAT_TYPE_FORCE_QUALIFY));
		comma = ",";
	}
	if (comma[0] != '\0')
		sql_execute(s.data);
}

/* ---- the columns of an existing table ---- */

typedef struct Layout
{
	AttrNumber	id;
	AttrNumber	n_ratings;		/* InvalidAttrNumber: the side has no such column */
	AttrNumber	columns[MAX_COLUMNS];
} Layout;

static AttrNumber
find_column(Oid relid, const char *name, Oid type)
{
	AttrNumber	attnum = get_attnum(relid, name);

	if (attnum <= 0 || (OidIsValid(type) && get_atttype(relid, attnum) != type))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("model table \"%s\" has no column \"%s\"%s%s", get_rel_name(relid),
							   name, OidIsValid(type) ? " of type " : "",
							   OidIsValid(type) ? format_type_be(type) : ""),
						errdetail("The table was altered since the model was created."),
						errhint("Restore the column, or drop the model and create it again.")));
	return attnum;
}

static Layout
find_layout(Oid relid, SideKind kind, const Side *side, const IdType *item_type)
{
	Layout		layout;

	layout.id = find_column(relid, side_id_column(kind),
							kind == SIDE_SESSIONS	  ? INT4OID
							: kind == SIDE_PARAMETERS ? TEXTOID
													  : InvalidOid);
	layout.n_ratings = side_count_column(kind) == NULL
						   ? InvalidAttrNumber
						   : find_column(relid, side_count_column(kind), INT4OID);
	for (int i = 0; i < side->n_columns; i++)
	{
		const Column *column = &side->columns[i];

		layout.columns[i] = InvalidAttrNumber;
		if (column->type != COLUMN_OPTIONAL || get_attnum(relid, column->name) != InvalidAttrNumber)
			layout.columns[i] =
				find_column(relid, column->name, column_type(column, item_type->type));
	}
	return layout;
}

/* Errors out unless the ids that will be looked up or written are of the column's type. */
static void
check_id_type(Oid relid, SideKind kind, AttrNumber column, const IdType *type)
{
	if (get_atttype(relid, column) != type->type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of model table \"%s\" is of type %s, but the source's is %s",
						side_id_column(kind), get_rel_name(relid),
						format_type_be(get_atttype(relid, column)),
						format_type_be(type->type)),
				 errhint("Drop the model and create it again.")));
}

void
store_id_type(Oid relid, SideKind kind, IdType *type, MemoryContext context)
{
	AttrNumber	attnum = find_column(relid, side_id_column(kind), InvalidOid);
	Oid			type_oid;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, attnum, &type_oid, &typmod, &collation);
	id_type_init(type, type_oid, typmod, collation,
				 psprintf("column \"%s\" of model table \"%s\"", side_id_column(kind),
						  get_rel_name(relid)),
				 context);
}

/* ---- writing ---- */

typedef struct Writer
{
	TableWriter table;
	Layout		layout;
	IdDictionary *ids;			/* NULL: rows have numbers */
	IdDictionary *items;		/* the items of lists */
	const Side *side;
	const Parameter *parameters;	/* NULL: rows are no parameters */
	TupleTableSlot *slot;		/* the row to update */
	MemoryContext row_context;
	int64		done;
} Writer;

static Datum
float_array(const float *values, int n)
{
	Size		bytes = ARR_OVERHEAD_NONULLS(1) + sizeof(float) * n;
	ArrayType  *array;

	if (n == 0)
		return PointerGetDatum(construct_empty_array(FLOAT4OID));
	array = palloc0(bytes);

	SET_VARSIZE(array, bytes);
	array->ndim = 1;
	array->elemtype = FLOAT4OID;
	ARR_DIMS(array)[0] = n;
	ARR_LBOUND(array)[0] = 1;
	memcpy(ARR_DATA_PTR(array), values, sizeof(float) * n);
	return PointerGetDatum(array);
}

typedef struct ListEntry
{
	int32		item;
	float		weight;
} ListEntry;

/* Descending by weight, so that the first elements matter most. */
static int
compare_weights(const void *a, const void *b)
{
	const ListEntry *x = a;
	const ListEntry *y = b;

	return x->weight > y->weight   ? -1
		   : x->weight < y->weight ? 1
								   : (x->item > y->item) - (x->item < y->item);
}

static int
compare_items(const void *a, const void *b)
{
	const ListEntry *x = a;
	const ListEntry *y = b;

	return (x->item > y->item) - (x->item < y->item);
}

/* Lists of items have ids, others numbers. */
static bool
lists_ids(ColumnType type)
{
	return listed_side(type) == SIDE_ITEMS;
}

static Datum
list_element(const Writer *w, ColumnType type, int32 entry)
{
	return lists_ids(type) ? w->items->ids[entry] : Int32GetDatum(entry);
}

static Datum
list_array(const Writer *w, ColumnType type, Datum *elements, int64 n)
{
	const IdType *id = &w->items->type;

	return PointerGetDatum(
		lists_ids(type)
			? construct_array(elements, (int) n, id->type, id->length, id->by_value, id->align)
			: construct_array(elements, (int) n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

/* The list of row `number` as the two arrays of its columns. */
static void
make_list(const Writer *w, int32 number, ColumnType type, Datum *items, Datum *weights)
{
	const SparseMatrix *list = &w->side->list;
	int64		n = list->start[number + 1] - list->start[number];
	ListEntry  *entries = palloc_extended(sizeof(ListEntry) * Max(n, 1), MCXT_ALLOC_HUGE);
	Datum	   *ids = palloc_extended(sizeof(Datum) * Max(n, 1), MCXT_ALLOC_HUGE);
	float	   *values = palloc_extended(sizeof(float) * Max(n, 1), MCXT_ALLOC_HUGE);

	for (int64 i = 0; i < n; i++)
		entries[i] = (ListEntry){list->column[list->start[number] + i],
								 list->value[list->start[number] + i]};
	qsort(entries, n, sizeof(ListEntry), compare_weights);
	for (int64 i = 0; i < n; i++)
	{
		ids[i] = list_element(w, type, entries[i].item);
		values[i] = entries[i].weight;
	}
	*items = list_array(w, type, ids, n);
	*weights = float_array(values, (int) n);
}

/* Makes the array of the list of row `number`, which has an order of its own and no weights. */
static Datum
make_sequence(const Writer *w, int32 number, ColumnType type)
{
	const SparseMatrix *list = &w->side->list;
	const int32 *entries = list->column + list->start[number];
	int64		n = list->start[number + 1] - list->start[number];
	Datum	   *elements = palloc_extended(sizeof(Datum) * Max(n, 1), MCXT_ALLOC_HUGE);

	for (int64 i = 0; i < n; i++)
		elements[i] = list_element(w, type, entries[i]);
	return list_array(w, type, elements, n);
}

/* Puts row `number` of the side into the slot. */
static void
fill_values(Writer *w, TupleTableSlot *slot, int32 number)
{
	const Side *side = w->side;
	Datum	   *values = slot->tts_values;
	bool	   *nulls = slot->tts_isnull;
	MemoryContext old = MemoryContextSwitchTo(w->row_context);

	if (w->layout.n_ratings != InvalidAttrNumber)
	{
		values[w->layout.n_ratings - 1] = Int32GetDatum(side->n_ratings[number]);
		nulls[w->layout.n_ratings - 1] = false;
	}
	for (int i = 0; i < side->n_columns; i++)
	{
		const Column *column = &side->columns[i];
		const float *value = side->values[i] + number * column_stride(column);
		Datum	   *to;

		if (w->layout.columns[i] == InvalidAttrNumber)
			continue;
		to = &values[w->layout.columns[i] - 1];
		nulls[w->layout.columns[i] - 1] = false;
		switch (column->type)
		{
			case COLUMN_NUMBER:
			case COLUMN_OPTIONAL:
				*to = Float4GetDatum(*value);
				break;
			case COLUMN_VECTOR:
				*to = float_array(value, column->width);
				break;
			case COLUMN_ITEMS:
			case COLUMN_FEATURES:
				make_list(w, number, column->type, to, &values[w->layout.columns[i + 1] - 1]);
				break;
			case COLUMN_WEIGHTS:
				break;
			case COLUMN_SEQUENCE:
			case COLUMN_SESSIONS:
				*to = make_sequence(w, number, column->type);
				break;
			case COLUMN_TIME:
				*to = Int64GetDatum(side->time[number]);
				break;
			case COLUMN_ROW:
				*to = Int32GetDatum(number);
				break;
			case COLUMN_DOUBLE:
				*to = Float8GetDatum(side_double(side, i, number));
				nulls[w->layout.columns[i] - 1] = isnan(side_double(side, i, number));
				break;
			case COLUMN_SHAPE:
				*to = shape_array(&w->parameters[number]);
				break;
			case COLUMN_NUMBERS:
				*to = float_array(value + parameter_offset(w->parameters, number),
								  (int) parameter_numbers(&w->parameters[number]));
				break;
		}
	}
	MemoryContextSwitchTo(old);
}

static void
row_is_done(Writer *w)
{
	CHECK_FOR_INTERRUPTS();
	if (++w->done % ROWS_PER_RESET == 0)
	{
		MemoryContextReset(w->row_context);
		progress_done(w->done);
	}
}

/* Errors out if a row that was to be updated or deleted has changed since the snapshot. */
static void
check_modified(const Writer *w, TM_Result result)
{
	switch (result)
	{
		case TM_Ok:
			return;
		case TM_Updated:
		case TM_Deleted:
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("could not store model \"%s\" due to a concurrent update of its table",
							RelationGetRelationName(w->table.rel)),
					 errhint("Train it again.")));
			break;
		default:
			elog(ERROR, "unexpected result %d of writing to \"%s\"", result,
				 RelationGetRelationName(w->table.rel));
	}
}

static void
update_row(Writer *w, TupleTableSlot *old, int32 number, Snapshot snapshot)
{
	int			n = RelationGetDescr(w->table.rel)->natts;

	slot_getallattrs(old);
	memcpy(w->slot->tts_values, old->tts_values, sizeof(Datum) * n);
	memcpy(w->slot->tts_isnull, old->tts_isnull, sizeof(bool) * n);
	fill_values(w, w->slot, number);
	check_modified(w, table_writer_update(&w->table, &old->tts_tid, w->slot, CMD_UPDATE, snapshot));
}

static void
delete_row(Writer *w, ItemPointer old, Snapshot snapshot)
{
	check_modified(w, table_writer_delete(&w->table, old, snapshot));
}

/* The number of a row by its id; -1 if the model no longer has the row. */
static int32
find_row(const Writer *w, Datum id)
{
	if (w->ids != NULL)
		return id_dictionary_find(w->ids, id);
	if (w->parameters != NULL)
		return find_parameter(w->parameters, w->side->n_rows, id);
	return DatumGetInt32(id) >= 0 && DatumGetInt32(id) < w->side->n_rows ? DatumGetInt32(id) : -1;
}

/* Fills a new row, for an id that the table does not have. */
static TupleTableSlot *
fill_new_row(Writer *w, int32 number)
{
	TupleTableSlot *slot = table_writer_new_row(&w->table);

	slot->tts_values[w->layout.id - 1] =
		w->ids != NULL			? w->ids->ids[number]
		: w->parameters != NULL ? CStringGetTextDatum(w->parameters[number].name)
								: Int32GetDatum(number);
	slot->tts_isnull[w->layout.id - 1] = false;
	fill_values(w, slot, number);
	return slot;
}

/* Replaces a row that is no longer in the model by a new row. */
static void
insert_in_place(Writer *w, int32 number, ItemPointer gone, Snapshot snapshot)
{
	check_modified(
		w, table_writer_update(&w->table, gone, fill_new_row(w, number), CMD_INSERT, snapshot));
}

static void
insert_row(Writer *w, int32 number)
{
	fill_new_row(w, number);
	table_writer_insert(&w->table);
}

/*
 * Before PostgreSQL 16 a rule could turn a table into a view; and rec.model may have been edited by
 * hand.
 */
static void
check_is_table(Relation rel)
{
	if (rel->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table", RelationGetRelationName(rel)),
				 errhint("Drop the model and create it again.")));
}

/* Errors out if training cannot replace the table's rows. */
static void
check_writable(Relation rel)
{
	if (rel->trigdesc != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("model table \"%s\" has triggers", RelationGetRelationName(rel)),
				 errdetail("Training replaces its rows without firing any; a foreign key that "
						   "refers to the table is made of triggers too."),
				 errhint("Drop the triggers, or use a view or a copy of the table instead.")));
	table_writer_check(rel);
}

Relation
store_open(Oid relid, LOCKMODE lock)
{
	const char *name = get_rel_name(relid);
	Relation	rel = try_relation_open(relid, lock);

	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 name != NULL ? errmsg("model table \"%s\" was dropped concurrently", name) :
				 errmsg("model table with OID %u does not exist", relid),
				 errhint("Drop the model and create it again.")));
	check_is_table(rel);
	citus_refuse_model(relid);
	return rel;
}

void
store_check_columns(Oid relid, SideKind kind, const Side *side, const IdType *item_type)
{
	Relation	rel = store_open(relid, AccessShareLock);

	find_layout(relid, kind, side, item_type);
	relation_close(rel, AccessShareLock);
}

void
store_check(Oid relid, SideKind kind, const Side *side, const IdType *item_type)
{
	Relation	rel = store_open(relid, AccessShareLock);

	find_layout(relid, kind, side, item_type);
	check_writable(rel);
	relation_close(rel, AccessShareLock);
}

/*
 * The most bytes of a btree entry with its header: BTMaxItemSize of nbtree, as a page must have
 * room for three.
 */
#define MOST_ENTRY_BYTES \
	MAXALIGN_DOWN((BLCKSZ - MAXALIGN(SizeOfPageHeaderData + 3 * sizeof(ItemIdData) + \
									 3 * sizeof(ItemPointerData)) - \
				   MAXALIGN(sizeof(BTPageOpaqueData))) / 3)

/* An id of at most this size always fits, compressed or not, whatever the other columns are. */
#define SHORT_ID_BYTES (MOST_ENTRY_BYTES / 2)

/* How an index whose first column is the id stores it. */
typedef struct IdIndex
{
	char		storage;		/* of the column, as in pg_type.h */
	char		compression;	/* its compression method */
	Size		room;			/* the most bytes of the id */
} IdIndex;

static void
check_id_lengths(const IdIndex *index, const IdDictionary *ids, const char *source_column,
				 const char *source)
{
	for (int32 i = 0; i < ids->n; i++)
	{
		Datum		id = ids->ids[i];
		Size		bytes = VARSIZE_ANY(DatumGetPointer(id));

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (bytes <= SHORT_ID_BYTES)
			continue;
		CHECK_FOR_INTERRUPTS();
		/* compressed as index_form_tuple does */
		if (index->storage == TYPSTORAGE_EXTENDED || index->storage == TYPSTORAGE_MAIN)
		{
			Datum		compressed = toast_compress_datum(id, index->compression);

			if (DatumGetPointer(compressed) != NULL)
			{
				bytes = VARSIZE(DatumGetPointer(compressed));
				pfree(DatumGetPointer(compressed));
			}
		}
		if (bytes > index->room)
			ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							errmsg("an id in column \"%s\" of source \"%s\" is too long",
								   source_column, source),
							errdetail("It begins with \"%s\". In an index it takes %zu bytes, "
									  "which has room for %zu.",
									  shown_text(id_to_text(&ids->type, id)), bytes - VARHDRSZ,
									  index->room - VARHDRSZ),
							errhint("Use a view as the source that shortens it, for example by "
									"pg_catalog.md5(%s).",
									quote_identifier(source_column))));
	}
}

void
store_check_ids(Oid relid, SideKind kind, const IdDictionary *ids,
				const char *source_column, const char *source)
{
	Size		most = MOST_ENTRY_BYTES - MAXALIGN(sizeof(IndexTupleData));
	IdIndex		index = {get_typstorage(ids->type.type), InvalidCompressionMethod,
					 most - sizeof(int32)};
	Relation	rel;
	AttrNumber	column;
	ListCell   *lc;

	if (ids->type.length != -1)
		return;
	if (!OidIsValid(relid))
	{
		check_id_lengths(&index, ids, source_column, source);
		return;
	}
	rel = try_relation_open(relid, AccessShareLock);
	/* a function in the source may have dropped the table; store_write reports that */
	if (rel == NULL)
		return;
	column = get_attnum(relid, side_id_column(kind));
	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	it = index_open(lfirst_oid(lc), AccessShareLock);

		if (it->rd_rel->relam == BTREE_AM_OID && it->rd_index->indkey.values[0] == column)
		{
			TupleDesc	desc = RelationGetDescr(it);

			index.storage = TupleDescAttr(desc, 0)->attstorage;
			index.compression = TupleDescAttr(desc, 0)->attcompression;
			index.room = most;
			for (int i = 1; i < desc->natts; i++)
				index.room = TYPEALIGN_DOWN(TupleDescAttr(desc, i)->attlen == sizeof(int32)
												? sizeof(int32)
												: MAXIMUM_ALIGNOF,
											index.room - Max(TupleDescAttr(desc, i)->attlen, 1));
			check_id_lengths(&index, ids, source_column, source);
		}
		index_close(it, NoLock);
	}
	relation_close(rel, NoLock);
}

/* Users and sessions without ratings have no row. */
static RowAction
action_of(SideKind kind, const Side *side, const RowAction *actions, int32 number)
{
	if ((kind == SIDE_USERS || kind == SIDE_SESSIONS) && side->n_ratings[number] == 0)
		return ROW_DELETE;
	return actions == NULL ? ROW_WRITE : actions[number];
}

void
store_write(Oid relid, SideKind kind, IdDictionary *ids, IdDictionary *items,
			const Model *model, const RowAction *actions)
{
	const Side *side = &model->sides[kind];
	Writer		w = {0};
	Relation	rel = store_open(relid, RowExclusiveLock);
	/* the current rows, unless the isolation level requires the transaction's snapshot */
	Snapshot	snapshot = RegisterSnapshot(IsolationUsesXactSnapshot() ? GetTransactionSnapshot()
																	 : GetLatestSnapshot());
	bool	   *written = MemoryContextAllocExtended(CurrentMemoryContext, Max(side->n_rows, 1),
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int64		n_gone = 0;		/* rows whose ids are no longer in the model */
	int64		gone_capacity = 64;
	ItemPointerData *gone = palloc(sizeof(ItemPointerData) * gone_capacity);
	TupleTableSlot *old;
	TableScanDesc scan;

	check_writable(rel);
	old = table_slot_create(rel, NULL);
	table_writer_open(&w.table, rel);
	w.layout = find_layout(relid, kind, side, &items->type);
	if (ids != NULL)
		check_id_type(relid, kind, w.layout.id, &ids->type);
	w.ids = ids;
	w.items = items;
	w.side = side;
	w.parameters = known_parameters(model, kind);
	w.slot = MakeSingleTupleTableSlot(RelationGetDescr(rel), &TTSOpsVirtual);
	w.row_context = AllocSetContextCreate(CurrentMemoryContext, "rec row of a model table",
										  ALLOCSET_DEFAULT_SIZES);

	progress_phase(PHASE_WRITING, side->n_rows);
	scan = table_beginscan(rel, snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, old))
	{
		bool		is_null;
		Datum		id = slot_getattr(old, w.layout.id, &is_null);
		int32		number;
		MemoryContext outer = MemoryContextSwitchTo(w.row_context);

		number = is_null ? -1 : find_row(&w, id);
		MemoryContextSwitchTo(outer);
		if (number < 0 || written[number] || action_of(kind, side, actions, number) == ROW_DELETE)
		{
			if (n_gone == gone_capacity)
			{
				gone_capacity *= 2;
				gone = repalloc_huge(gone, sizeof(ItemPointerData) * gone_capacity);
			}
			gone[n_gone++] = old->tts_tid;
			CHECK_FOR_INTERRUPTS();
		}
		else
		{
			if (action_of(kind, side, actions, number) == ROW_WRITE)
			{
				update_row(&w, old, number, snapshot);
				row_is_done(&w);
			}
			else
				CHECK_FOR_INTERRUPTS();
			written[number] = true;
		}
	}
	table_endscan(scan);

	/*
	 * A new row replaces one that is no longer in the model, whose page has room for it. Otherwise
	 * the rows that come and go with each training would be inserted at the end, and the table
	 * would grow until a vacuum ran between two trainings.
	 */
	for (int32 number = 0; number < side->n_rows; number++)
	{
		/* a missing row with ROW_KEEP was deleted by hand */
		if (written[number] || action_of(kind, side, actions, number) != ROW_WRITE)
			continue;
		if (n_gone > 0)
			insert_in_place(&w, number, &gone[--n_gone], snapshot);
		else
			insert_row(&w, number);
		row_is_done(&w);
	}
	while (n_gone > 0)
	{
		delete_row(&w, &gone[--n_gone], snapshot);
		row_is_done(&w);
	}
	ExecDropSingleTupleTableSlot(w.slot);
	ExecDropSingleTupleTableSlot(old);
	table_writer_close(&w.table);
	UnregisterSnapshot(snapshot);
	MemoryContextDelete(w.row_context);
	pfree(written);
	pfree(gone);
	table_close(rel, NoLock);
}

/* ---- reading ---- */

static void
report_damage(Relation rel, const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("model table \"%s\" holds what training did not write",
						   RelationGetRelationName(rel)),
					errdetail("%s", what), errhint("Training the model again writes it anew.")));
}

static bool
are_finite(const float *values, int64 n)
{
	for (int64 i = 0; i < n; i++)
	{
		if (!isfinite(values[i]))
			return false;
	}
	return true;
}

/*
 * Writes a stored array to memory, and zeros behind it. Returns false if it does not hold n finite
 * numbers; some may have been written then.
 */
static bool
convert_array(Datum value, int64 n, float *target)
{
	ArrayType  *array = DatumGetArrayTypeP(value);

	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != n || ARR_HASNULL(array))
		return false;
	memcpy(target, ARR_DATA_PTR(array), sizeof(float) * n);
	memset(target + n, 0, sizeof(float) * (PADDED(n) - n));
	return are_finite(target, n);
}

/* The same for a value of any column of numbers or vectors. */
static bool
convert_floats(const Column *column, Datum value, float *target)
{
	if (column->type == COLUMN_VECTOR)
		return convert_array(value, column->width, target);
	*target = DatumGetFloat4(value);
	return are_finite(target, 1);
}

static void
read_floats(Relation rel, const Column *column, Datum value, float *target)
{
	if (!convert_floats(column, value, target))
		report_damage(rel, column->type != COLUMN_VECTOR
							   ? psprintf("A value of column \"%s\" is not finite.", column->name)
							   : psprintf("A value of column \"%s\" is not %d finite numbers.",
										  column->name, column->width));
}

static void
read_shape(Relation rel, const Parameter *parameter, Datum value)
{
	if (!has_shape(parameter, value))
		report_damage(rel, parameter->n_dimensions == 1
							   ? psprintf("The shape of parameter \"%s\" is not {%d}.",
										  parameter->name, parameter->shape[0])
							   : psprintf("The shape of parameter \"%s\" is not {%d,%d}.",
										  parameter->name, parameter->shape[0],
										  parameter->shape[1]));
}

static void
read_numbers(Relation rel, const Parameter *parameter, Datum value, float *target)
{
	if (!convert_array(value, parameter_numbers(parameter), target))
		report_damage(rel, psprintf("The values of parameter \"%s\" are not " INT64_FORMAT
									" finite numbers.",
									parameter->name, parameter_numbers(parameter)));
}

/*
 * Begins at the table's first page, and does not join other scans, so that two scans return the
 * rows in the same order.
 */
static TableScanDesc
scan_in_order(Relation rel, Snapshot snapshot)
{
	return table_beginscan_strat(rel, snapshot, 0, NULL, true, false);
}

/* The number of elements of a list. Only the head of the array is read. */
static int64
stored_list_length(Relation rel, Datum value)
{
	ArrayType  *head =
		(ArrayType *) PG_DETOAST_DATUM_SLICE(value, 0, ARR_OVERHEAD_NONULLS(1) - VARHDRSZ);

	if (ARR_NDIM(head) > 1)
		report_damage(rel, "A list has several dimensions.");
	return ARR_NDIM(head) == 0 ? 0 : ARR_DIMS(head)[0];
}

/* The number of the column with lists of items, or 0. */
static AttrNumber
list_column(const Layout *layout, const Side *side)
{
	ColumnType	type = side_list_type(side);

	for (int i = 0; i < side->n_columns && type != COLUMN_NUMBER; i++)
	{
		if (side->columns[i].type == type)
			return layout->columns[i];
	}
	return 0;
}

/*
 * Notes where the list of each row begins. lengths: of the lists of n rows, in the order of the
 * scan.
 */
static void
note_list_starts(StoredRows *rows, const int64 *lengths, int64 n)
{
	rows->list_start = palloc_extended(sizeof(int64) * (rows->n_rows + 1),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int64 i = 0; i < n; i++)
		rows->list_start[rows->numbers[i] + 1] = lengths[i];
	for (int64 r = 0; r < rows->n_rows; r++)
		rows->list_start[r + 1] += rows->list_start[r];
}

/*
 * The number of a row that has a number instead of an id. taken: the numbers of the rows before it.
 */
static int32
read_number(Relation rel, Datum id, int64 n_rows, bool *taken)
{
	int32		number = DatumGetInt32(id);

	if (number < 0 || number >= n_rows)
		report_damage(rel, psprintf("Row %d is not one of the " INT64_FORMAT
									" that were trained.",
									number, n_rows));
	if (taken[number])
		report_damage(rel, "A number occurs twice.");
	taken[number] = true;
	return number;
}

/* The same for a parameter. */
static int32
read_parameter_number(Relation rel, const Parameter *parameters, int64 n_rows, Datum name,
					  bool *taken)
{
	int32		number = find_parameter(parameters, n_rows, name);

	if (number < 0)
		report_damage(rel, psprintf("\"%s\" is not a parameter of the model.",
									shown_text(TextDatumGetCString(name))));
	if (taken[number])
		report_damage(rel, psprintf("Parameter \"%s\" occurs twice.", parameters[number].name));
	taken[number] = true;
	return number;
}

StoredRows *
store_read_ids(Relation rel, SideKind kind, const Model *model, const IdType *item_type,
			   int64 n_rows, Snapshot snapshot, MemoryContext context)
{
	const Side *side = &model->sides[kind];
	const Parameter *parameters = known_parameters(model, kind);
	StoredRows *rows = MemoryContextAllocZero(context, sizeof(StoredRows));
	Layout		layout = find_layout(RelationGetRelid(rel), kind, side, item_type);
	AttrNumber	list = list_column(&layout, side);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	MemoryContext row_context = AllocSetContextCreate(
		CurrentMemoryContext, "rec row of a model table", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	int64	   *lengths = NULL;
	bool	   *taken = NULL;
	int64		n = 0;
	TableScanDesc scan;
	IdType		type;

	if (n_rows < 0 || n_rows > PG_INT32_MAX)
		report_damage(rel, psprintf("It cannot have " INT64_FORMAT
									" rows, as table rec.model says.",
									n_rows));
	if (side_has_ids(kind))
	{
		store_id_type(RelationGetRelid(rel), kind, &type, context);
		rows->ids = id_dictionary_create(&type, context);
	}
	else
	{
		taken = palloc_extended(Max(n_rows, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		rows->numbers = palloc_extended(sizeof(int32) * Max(n_rows, 1), MCXT_ALLOC_HUGE);
	}
	if (list != 0)
		lengths = palloc_extended(sizeof(int64) * Max(n_rows, 1), MCXT_ALLOC_HUGE);
	scan = scan_in_order(rel, snapshot);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		is_null;
		Datum		id = slot_getattr(slot, layout.id, &is_null);

		CHECK_FOR_INTERRUPTS();
		if (is_null)
			report_damage(rel, "A row has a NULL.");
		/* of a row more, it is said which parameter it claims to be */
		if (parameters != NULL)
			rows->numbers[n] = read_parameter_number(rel, parameters, n_rows, id, taken);
		else if (n >= n_rows)
			report_damage(
				rel,
				psprintf("It has more than the " INT64_FORMAT " rows that were trained.", n_rows));
		else if (rows->ids == NULL)
			rows->numbers[n] = read_number(rel, id, n_rows, taken);
		else if (id_dictionary_add(rows->ids, id) != n)
			report_damage(rel, "An id occurs twice.");
		if (list != 0)
		{
			Datum		value = slot_getattr(slot, list, &is_null);

			if (is_null)
				report_damage(rel, "A row has a NULL.");
			MemoryContextSwitchTo(row_context);
			lengths[n] = stored_list_length(rel, value);
			MemoryContextSwitchTo(context);
			if (n % ROWS_PER_RESET == 0)
				MemoryContextReset(row_context);
		}
		n++;
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	for (int64 p = 0; p < n_rows && parameters != NULL; p++)
	{
		if (!taken[p])
			report_damage(rel, psprintf("Parameter \"%s\" is missing.", parameters[p].name));
	}
	/* if rows with numbers were deleted, the other rows keep their numbers */
	rows->n_found = n;
	rows->n_rows = rows->ids == NULL ? n_rows : n;
	if (rows->ids != NULL)
		rows->numbers = id_dictionary_sort(rows->ids);
	if (list != 0)
	{
		note_list_starts(rows, lengths, n);
		pfree(lengths);
	}
	if (taken != NULL)
		pfree(taken);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return rows;
}

static void
take_list_apart(ArrayType *array, ColumnType type, const IdList *ids, Datum **elements, int *n)
{
	if (lists_ids(type))
		deconstruct_array(array, ids->type.type, ids->type.length, ids->type.by_value,
						  ids->type.align, elements, NULL, n);
	else
		deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT, elements, NULL, n);
}

/* The number of the row that an element of a list names. */
static int32
find_listed(Relation rel, const SparseMatrix *list, ColumnType type, Datum element, IdList *ids)
{
	static const char *const missing[N_SIDES] = {
		[SIDE_ITEMS] = "A list has an item that is not in the model.",
		[SIDE_SESSIONS] = "A list has a session that is not in the model.",
		[SIDE_ITEM_FEATURES] = "A list has a feature that is not in the model."
	};
	int32		number = lists_ids(type) ? id_list_find(ids, element) : DatumGetInt32(element);

	if (number < 0 || number >= list->n_columns)
		report_damage(rel, missing[listed_side(type)]);
	return number;
}

/* Reads the list of row r, whose place in the side is known. */
static void
read_list(Relation rel, const Side *side, int64 r, ColumnType type, Datum items, Datum weights,
		  IdList *ids)
{
	const SparseMatrix *list = &side->list;
	int64		n = list->start[r + 1] - list->start[r];
	ArrayType  *item_array = DatumGetArrayTypeP(items);
	ArrayType  *weight_array = DatumGetArrayTypeP(weights);
	ListEntry  *entries = palloc_extended(sizeof(ListEntry) * Max(n, 1), MCXT_ALLOC_HUGE);
	Datum	   *elements;
	int			n_items;

	if (array_contains_nulls(item_array) || array_contains_nulls(weight_array))
		report_damage(rel, "A list has a NULL.");
	take_list_apart(item_array, type, ids, &elements, &n_items);
	if (n_items != n || ArrayGetNItems(ARR_NDIM(weight_array), ARR_DIMS(weight_array)) != n)
		report_damage(rel, "A list and that of its weights differ in length.");
	for (int64 i = 0; i < n; i++)
	{
		entries[i].item = find_listed(rel, list, type, elements[i], ids);
		entries[i].weight = ((float *) ARR_DATA_PTR(weight_array))[i];
		if (!isfinite(entries[i].weight))
			report_damage(rel, "A number of a list is not finite.");
	}
	qsort(entries, n, sizeof(ListEntry), compare_items);
	for (int64 i = 0; i < n; i++)
	{
		if (i > 0 && entries[i].item == entries[i - 1].item)
			report_damage(rel, "A list has something twice.");
		list->column[list->start[r] + i] = entries[i].item;
		list->value[list->start[r] + i] = entries[i].weight;
	}
}

/* The same for a list with an order of its own and without weights. */
static void
read_sequence(Relation rel, const Side *side, int64 r, ColumnType type, Datum value, IdList *ids)
{
	const SparseMatrix *list = &side->list;
	int64		n = list->start[r + 1] - list->start[r];
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *elements;
	int			n_elements;

	if (array_contains_nulls(array))
		report_damage(rel, "A list has a NULL.");
	take_list_apart(array, type, ids, &elements, &n_elements);
	Assert(n_elements == n);
	for (int64 i = 0; i < n; i++)
		list->column[list->start[r] + i] = find_listed(rel, list, type, elements[i], ids);
}

bool
store_read_rows(Relation rel, SideKind kind, const Model *model, const StoredRows *rows,
				IdList *items, Snapshot snapshot)
{
	const Side *side = &model->sides[kind];
	const Parameter *parameters = known_parameters(model, kind);
	Layout		layout = find_layout(RelationGetRelid(rel), kind, side, &items->type);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	MemoryContext row_context = AllocSetContextCreate(
		CurrentMemoryContext, "rec row of a model table", ALLOCSET_DEFAULT_SIZES);
	TableScanDesc scan = scan_in_order(rel, snapshot);
	bool		others_may_see = true;
	int64		n = 0;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		int64		r = rows->numbers[n];
		bool		is_null;
		TransactionId writer =
			DatumGetTransactionId(slot_getsysattr(slot, MinTransactionIdAttributeNumber, &is_null));

		CHECK_FOR_INTERRUPTS();
		if (TransactionIdIsCurrentTransactionId(writer))
			others_may_see = false;
		slot_getallattrs(slot);
		if (layout.n_ratings == InvalidAttrNumber)
			side->n_ratings[r] = 0;
		else if (slot->tts_isnull[layout.n_ratings - 1])
			report_damage(rel, "A row has a NULL.");
		else
			side->n_ratings[r] = DatumGetInt32(slot->tts_values[layout.n_ratings - 1]);
		if (side->n_ratings[r] < 0)
			report_damage(rel, "A row has a negative number of ratings.");
		for (int i = 0; i < side->n_columns; i++)
		{
			const Column *column = &side->columns[i];
			Datum		value;

			if (column->type == COLUMN_OPTIONAL && (layout.columns[i] == InvalidAttrNumber ||
										slot->tts_isnull[layout.columns[i] - 1]))
			{
				side->values[i][r] = get_float4_nan();
				continue;
			}
			value = slot->tts_values[layout.columns[i] - 1];
			if (column->type == COLUMN_DOUBLE)
			{
				side_set_double(side, i, r,
								slot->tts_isnull[layout.columns[i] - 1] ? get_float8_nan()
																		 : DatumGetFloat8(value));
				continue;
			}
			if (slot->tts_isnull[layout.columns[i] - 1])
				report_damage(rel, parameters == NULL
									   ? "A row has a NULL."
									   : psprintf("Parameter \"%s\" has a NULL.",
												  parameters[r].name));
			if (column->type == COLUMN_ROW && DatumGetInt32(value) != r)
				report_damage(rel, "A row has another number than its place among the others.");
			if (list_has_weights(column->type) && slot->tts_isnull[layout.columns[i + 1] - 1])
				report_damage(rel, "A row has a NULL.");
			if ((list_has_weights(column->type) || column->type == COLUMN_SEQUENCE ||
				 column->type == COLUMN_SESSIONS) && side->list.column == NULL)
				continue;
			if (list_has_weights(column->type))
				read_list(rel, side, r, column->type, value,
						  slot->tts_values[layout.columns[i + 1] - 1], items);
			else if (column->type == COLUMN_SEQUENCE || column->type == COLUMN_SESSIONS)
				read_sequence(rel, side, r, column->type, value, items);
			else if (column->type == COLUMN_TIME)
				side->time[r] = DatumGetInt64(value);
			else if (column->type == COLUMN_SHAPE)
				read_shape(rel, &parameters[r], value);
			else if (column->type == COLUMN_NUMBERS)
				read_numbers(rel, &parameters[r], value,
							 side->values[i] + parameter_offset(parameters, r));
			else if (column->type != COLUMN_WEIGHTS && column->type != COLUMN_ROW)
				read_floats(rel, column, value, side->values[i] + r * column_stride(column));
		}
		MemoryContextSwitchTo(old);
		if (++n % ROWS_PER_RESET == 0)
			MemoryContextReset(row_context);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row_context);
	return others_may_see;
}

/*
 * store_read_known of a row of parameters: its shape and its values, which are in target. Returns
 * whether they are those that training can write; zeroes them if not.
 */
static bool
read_known_parameter(const Parameter *parameter, const Layout *layout, TupleTableSlot *slot,
					 float *target)
{
	AttrNumber	shape = layout->columns[PARAMETER_SHAPE] - 1;
	AttrNumber	numbers = layout->columns[PARAMETER_NUMBERS] - 1;

	if (!slot->tts_isnull[shape] && !slot->tts_isnull[numbers] &&
		has_shape(parameter, slot->tts_values[shape]) &&
		convert_array(slot->tts_values[numbers], parameter_numbers(parameter), target))
		return true;
	memset(target, 0, sizeof(float) * parameter_stride(parameter));
	return false;
}

/* The number of the row in the slot, or -1. */
static int32
find_known(const Layout *layout, TupleTableSlot *slot, IdDictionary *ids,
		   const Parameter *parameters, int64 n_rows)
{
	Datum		id = slot->tts_values[layout->id - 1];

	if (slot->tts_isnull[layout->id - 1])
		return -1;
	return parameters == NULL ? id_dictionary_find(ids, id)
							  : find_parameter(parameters, n_rows, id);
}

int64
store_read_known(Relation rel, SideKind kind, IdDictionary *ids, IdDictionary *items,
				 const Model *model, Snapshot snapshot)
{
	const Side *side = &model->sides[kind];
	const Parameter *parameters = known_parameters(model, kind);
	Layout		layout = find_layout(RelationGetRelid(rel), kind, side, &items->type);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	MemoryContext row_context = AllocSetContextCreate(
		CurrentMemoryContext, "rec row of a model table", ALLOCSET_DEFAULT_SIZES);
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	int64		rows = 0;
	int64		found = 0;

	Assert(side_has_ids(kind) || parameters != NULL);
	if (parameters == NULL)
		check_id_type(RelationGetRelid(rel), kind, layout.id, &ids->type);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		int32		r;

		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		r = find_known(&layout, slot, ids, parameters, side->n_rows);
		if (parameters != NULL && r >= 0 &&
			!read_known_parameter(&parameters[r], &layout, slot,
								  model_numbers(model) + parameter_offset(parameters, r)))
			r = -1;
		for (int i = 0; i < side->n_columns && r >= 0 && parameters == NULL; i++)
		{
			const Column *column = &side->columns[i];

			if (side->values[i] != NULL && column->type != COLUMN_DOUBLE &&
				layout.columns[i] != InvalidAttrNumber &&
				!slot->tts_isnull[layout.columns[i] - 1] &&
				!convert_floats(column, slot->tts_values[layout.columns[i] - 1],
								side->values[i] + r * column_stride(column)))
				memset(side->values[i] + r * column_stride(column), 0,
					   sizeof(float) * column_stride(column));
		}
		found += r >= 0;
		MemoryContextSwitchTo(old);
		if (++rows % ROWS_PER_RESET == 0)
			MemoryContextReset(row_context);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row_context);
	return found;
}
