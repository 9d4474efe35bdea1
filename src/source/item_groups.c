/*
 * item_groups.c
 *	  Groups of items: the values of columns of the relation of their attributes.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/relation.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "server/memory.h"
#include "server/messages.h"
#include "source/attributes.h"
#include "source/item_groups.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/typcache.h"

/* Rows that are fetched at once. */
#define FETCHED_ROWS 1000

/* ---- the relation ---- */

static void
refuse_column(Relation rel, const char *column, const char *argument)
{
	TupleDesc	desc = RelationGetDescr(rel);
	const char **names = palloc(sizeof(char *) * Max(desc->natts, 1));
	int			n = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i)->attisdropped)
			names[n++] = NameStr(TupleDescAttr(desc, i)->attname);
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("column \"%s\" does not exist in \"%s\"", shown_text(column),
					RelationGetRelationName(rel)),
			 errdetail("The argument %s names it.", argument),
			 hint_nearest(column, names, n)));
}

static void
open_column(Relation rel, GroupColumn *column, const char *name, const char *argument,
			MemoryContext context)
{
	Form_pg_attribute attribute = NULL;
	Oid			element;
	Oid			base;
	TypeCacheEntry *entry;
	IdType		type;

	for (int i = 0; i < RelationGetDescr(rel)->natts && attribute == NULL; i++)
	{
		Form_pg_attribute one = TupleDescAttr(RelationGetDescr(rel), i);

		if (!one->attisdropped && strcmp(NameStr(one->attname), name) == 0)
			attribute = one;
	}
	if (attribute == NULL)
		refuse_column(rel, name, argument);
	column->name = pstrdup(name);
	column->type = attribute->atttypid;
	element = get_element_type(getBaseType(column->type));
	column->is_array = OidIsValid(element);
	base = getBaseType(column->is_array ? element : column->type);
	entry = lookup_type_cache(base, TYPECACHE_HASH_PROC | TYPECACHE_EQ_OPR | TYPECACHE_CMP_PROC);
	if (!OidIsValid(entry->hash_proc) || !OidIsValid(entry->eq_opr) || !OidIsValid(entry->cmp_proc))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the values of column \"%s\" of \"%s\" cannot be told apart", name,
						RelationGetRelationName(rel)),
				 errdetail("The argument %s names it. Type %s cannot be both hashed and sorted.",
						   argument, format_type_be(base)),
				 errhint("Let the attributes be a view that casts it, for example to text.")));
	id_type_init(&type, base, -1, attribute->attcollation, name, context);
	column->values = id_dictionary_create(&type, context);
}

ItemGroups *
item_groups_open(Oid relid, const Source *source, int n_columns, char *const *columns,
				 const char *const *argument_of, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	ItemGroups *groups = palloc0(sizeof(ItemGroups));
	AttrNumber	key = attributes_key(relid, source->item_column);
	Relation	rel = relation_open(relid, NoLock);

	if (!relkind_has_rows(rel->rd_rel->relkind) || key <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("no column of \"%s\" says which item a row is of",
						RelationGetRelationName(rel)),
				 errdetail("It has no column \"%s\", as source \"%s\" has, and no primary key of "
						   "one column.",
						   source->item_column, get_rel_name(source->relid)),
				 errhint("Let it be a view that calls the column so.")));
	groups->relid = relid;
	groups->name = quoted_relation(relid);
	groups->key_column = get_attname(relid, key, false);
	groups->key_type = get_atttype(relid, key);
	groups->source = source;
	groups->n_columns = n_columns;
	groups->columns = palloc0(sizeof(GroupColumn) * Max(n_columns, 1));
	groups->context = context;
	for (int c = 0; c < n_columns; c++)
		open_column(rel, &groups->columns[c], columns[c], argument_of[c], context);
	relation_close(rel, NoLock);
	MemoryContextSwitchTo(old);
	return groups;
}

/* ---- values ---- */

/* An array of n elements that has room for one more; NULL: none are there. */
static int32 *
grow(int32 *array, int32 n, int32 *room, MemoryContext context)
{
	if (n < *room)
		return array;
	*room = Max(64, 2 * *room);
	return array == NULL ? MemoryContextAllocHuge(context, sizeof(int32) * *room)
						 : repalloc_huge(array, sizeof(int32) * (Size) *room);
}

static int32
group_of_value(ItemGroups *groups, int c, Datum value)
{
	GroupColumn *column = &groups->columns[c];
	int32		n = column->values->n;
	int32		number = id_dictionary_add(column->values, value);

	if (number < n)
		return column->groups[number];
	column->groups = grow(column->groups, n, &column->room, groups->context);
	groups->column = grow(groups->column, groups->n_groups, &groups->room, groups->context);
	groups->column[groups->n_groups] = c;
	column->groups[number] = groups->n_groups;
	return groups->n_groups++;
}

/* The groups of a row. */
typedef struct RowGroups
{
	int32	   *groups;
	int32		n;
	int32		room;
	MemoryContext context;
} RowGroups;

/* Adds a group that the row has not got from the same column, whose groups begin at `first`. */
static void
add_group(RowGroups *row, int32 first, int32 group)
{
	for (int32 i = first; i < row->n; i++)
	{
		if (row->groups[i] == group)
			return;
	}
	row->groups = grow(row->groups, row->n, &row->room, row->context);
	row->groups[row->n++] = group;
}

static void
add_value(ItemGroups *groups, int c, Datum value, RowGroups *row)
{
	GroupColumn *column = &groups->columns[c];
	int32		first = row->n;
	ArrayIterator iterator;
	Datum		element;
	bool		is_null;

	if (!column->is_array)
	{
		/* also of a value that lies elsewhere or is compressed */
		if (column->values->type.length == -1)
			value = PointerGetDatum(PG_DETOAST_DATUM(value));
		add_group(row, first, group_of_value(groups, c, value));
		return;
	}
	iterator = array_create_iterator(DatumGetArrayTypeP(value), 0, NULL);
	while (array_iterate(iterator, &element, &is_null))
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_null)
			add_group(row, first, group_of_value(groups, c, element));
	}
	array_free_iterator(iterator);
}

/* ---- reading ---- */

static char *
groups_query(const ItemGroups *groups, bool only_some)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfo(&s, "SELECT %s", quote_identifier(groups->key_column));
	for (int c = 0; c < groups->n_columns; c++)
		appendStringInfo(&s, ", %s", quote_identifier(groups->columns[c].name));
	appendStringInfo(&s, " FROM %s", groups->name);
	if (only_some)
		appendStringInfo(&s, " WHERE %s",
						 source_among(&groups->source->item, groups->key_column, 1));
	return s.data;
}

/* A column was altered after the relation was opened, which a lock prevents, except of a view. */
static void
check_types(const ItemGroups *groups, TupleDesc desc)
{
	for (int c = 0; c < groups->n_columns; c++)
	{
		if (SPI_gettypeid(desc, c + 2) != groups->columns[c].type)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" of \"%s\" changed its type", groups->columns[c].name,
							get_rel_name(groups->relid)),
					 errhint("Ask again.")));
	}
}

void
item_groups_read(ItemGroups *groups, const IdDictionary *only, VisitItemGroups visit, void *state)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rec groups of items",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext row_context =
		AllocSetContextCreate(context, "rec row of groups", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	const IdType *type = &groups->source->item;
	IdDictionary *seen = id_dictionary_create(type, context);
	RowGroups	row = {.context = context};
	Oid			only_type = InvalidOid;
	Datum		only_ids = only == NULL ? (Datum) 0 : source_id_array(only, &only_type);
	SPIPlanPtr	plan =
		SPI_prepare(groups_query(groups, only != NULL), only == NULL ? 0 : 1, &only_type);
	Portal		portal;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, &only_ids, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, FETCHED_ROWS);
		if (SPI_processed == 0)
			break;
		check_types(groups, SPI_tuptable->tupdesc);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			HeapTuple	tuple = SPI_tuptable->vals[i];
			TupleDesc	desc = SPI_tuptable->tupdesc;
			bool		is_null;
			Datum		key = SPI_getbinval(tuple, desc, 1, &is_null);
			Datum		id;
			int32		n = seen->n;

			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(row_context);
			MemoryContextSwitchTo(row_context);
			if (is_null || !id_convert_kept(key, groups->key_type, type, row_context, &id))
				continue;
			if (id_dictionary_add(seen, id) != n)
				ereport(ERROR,
						(errcode(ERRCODE_UNIQUE_VIOLATION),
						 errmsg("\"%s\" has more than one row for item %s",
								get_rel_name(groups->relid), id_to_text(type, id)),
						 errhint("Let the attributes be a view with one row for each item; "
								 "array_agg() makes a set of several values.")));
			row.n = 0;
			for (int c = 0; c < groups->n_columns; c++)
			{
				Datum		value = SPI_getbinval(tuple, desc, c + 2, &is_null);

				if (!is_null)
					add_value(groups, c, value, &row);
			}
			visit(state, id, (GroupList) {row.n, row.groups});
		}
		SPI_freetuptable(SPI_tuptable);
		memory_require((double) MemoryContextMemAllocated(context, true) +
						   (double) MemoryContextMemAllocated(groups->context, true),
					   psprintf("the columns of \"%s\" that lists are to heed",
								get_rel_name(groups->relid)));
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* ---- tables ---- */

/* Rows as they are read. */
typedef struct TableRows
{
	IdList	   *known;
	IdDictionary *more;
	int64	   *length;			/* by item: how many groups it has */
	int64	   *first;			/* by item: where they begin */
	int32	   *groups;
	int64		n;
	int64		room;
	MemoryContext context;
} TableRows;

static void
add_row(void *state, Datum item, GroupList groups)
{
	TableRows  *rows = state;
	int64		number = rows->known == NULL ? -1 : id_list_find(rows->known, item);

	if (number < 0 && rows->more != NULL)
	{
		number = id_dictionary_find(rows->more, item);
		if (number >= 0 && rows->known != NULL)
			number += rows->known->block->n;
	}
	if (number < 0)
		return;
	if (rows->n + groups.n > rows->room)
	{
		rows->room = Max(2 * rows->room, rows->n + groups.n);
		memory_require((double) rows->room * sizeof(int32), "the groups of items");
		rows->groups = repalloc_huge(rows->groups, sizeof(int32) * rows->room);
	}
	rows->first[number] = rows->n;
	rows->length[number] = groups.n;
	if (groups.n > 0)
		memcpy(rows->groups + rows->n, groups.groups, sizeof(int32) * groups.n);
	rows->n += groups.n;
}

static GroupTable *
new_table(int64 n_items, int64 entries)
{
	GroupTable *table = palloc0(sizeof(GroupTable));

	table->n_items = n_items;
	table->start = palloc_extended(sizeof(int64) * (n_items + 1), MCXT_ALLOC_HUGE);
	table->group = palloc_extended(sizeof(int32) * Max(entries, 1), MCXT_ALLOC_HUGE);
	table->start[0] = 0;
	return table;
}

/* Adds the groups of the next item, i. */
static void
fill_item(GroupTable *table, int64 i, const int32 *groups, int64 n)
{
	if (i % 65536 == 0)
		CHECK_FOR_INTERRUPTS();
	if (n > 0)
		memcpy(table->group + table->start[i], groups, sizeof(int32) * n);
	table->start[i + 1] = table->start[i] + n;
}

GroupTable *
item_groups_table(ItemGroups *groups, IdList *known, IdDictionary *more)
{
	int64		n_items = (known == NULL ? 0 : known->block->n) + (more == NULL ? 0 : more->n);
	TableRows	rows = {.known = known, .more = more, .room = 1024};
	GroupTable *table;

	memory_require((double) n_items * 3 * sizeof(int64), "the groups of items");
	rows.length =
		palloc_extended(sizeof(int64) * Max(n_items, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rows.first = palloc_extended(sizeof(int64) * Max(n_items, 1), MCXT_ALLOC_HUGE);
	rows.groups = palloc(sizeof(int32) * rows.room);
	item_groups_read(groups, NULL, add_row, &rows);
	table = new_table(n_items, rows.n);
	for (int64 i = 0; i < n_items; i++)
		fill_item(table, i, rows.length[i] == 0 ? NULL : rows.groups + rows.first[i],
				  rows.length[i]);
	table->n_groups = groups->n_groups;
	table->column = groups->column;
	pfree(rows.length);
	pfree(rows.first);
	pfree(rows.groups);
	return table;
}

GroupTable *
group_table_of(const GroupTable *table, const int32 *numbers, int64 n)
{
	int64		entries = 0;
	GroupTable *of;

	for (int64 i = 0; i < n; i++)
		entries += table->start[numbers[i] + 1] - table->start[numbers[i]];
	of = new_table(n, entries);
	for (int64 i = 0; i < n; i++)
		fill_item(of, i, table->group + table->start[numbers[i]],
				  table->start[numbers[i] + 1] - table->start[numbers[i]]);
	of->n_groups = table->n_groups;
	of->column = table->column;
	return of;
}
