/*
 * recommend_all.c
 *	  The lists of all users, written to a table: rec.recommend_all.
 *
 * Three steps: read all profiles from the source, in one snapshot; score, without a snapshot except
 * those that workers need (see run/top_lists.c); write. Outside a transaction block each step is a
 * transaction of its own. Profiles and lists are in memory, so neither the model nor the source is
 * needed after reading, and the table is looked up again when it is written.
 *
 * Rows of the same user and rank are updated where they differ; where other unique constraints
 * might be violated on the way, all rows are deleted and inserted. Rows are written below the
 * executor, new ones many at a time. DELETE and INSERT statements are used where that would have
 * other effects, as with triggers (and so foreign keys), partitions, foreign tables and tables of
 * Citus; and also where lists are written for some users only, as an index then finds their rows.
 * Row security, rules and inheritance are refused: with them, DELETE and INSERT do not replace a
 * table's rows.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "function/arguments.h"
#include "function/item_arguments.h"
#include "function/ranking.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/model_cache.h"
#include "model/new_items.h"
#include "model/profile.h"
#include "model/store.h"
#include "nodes/makefuncs.h"
#include "rewrite/rewriteHandler.h"
#include "run/top_lists.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/progress.h"
#include "server/sql.h"
#include "server/table_writer.h"
#include "source/source.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

PG_FUNCTION_INFO_V1(rec_recommend_all);

/*
 * The fillfactor of a table that is created. It leaves room for the next lists beside these, which
 * then need no index entries (HOT updates).
 */
#define FILLFACTOR 50

/* Rows between two progress reports and resets of the memory that comparing rows needs. */
#define ROWS_PER_RESET 1024

/* The lists to write. All of it outlives the transaction that it was read in. */
typedef struct Lists
{
	char	   *model;			/* the model's name, for messages when it may have been dropped */
	const Source *source;
	IdDictionary *users;		/* in the order of the profiles */
	Datum	   *items;			/* ids of the model's rows, then of other candidates */
	Model		copy;			/* the model that makes the lists */
	Batch	   *batch;
} Lists;

/* ---- the table ---- */

enum
{
	COLUMN_USER,
	COLUMN_RANK,
	COLUMN_ITEM,
	COLUMN_SCORE,
	COLUMN_PERSONAL,			/* an existing table may lack it */
	N_COLUMNS
};

static const char *const column_names[N_COLUMNS] = {"user_id", "rank", "item_id", "score",
"personal"};

/* For RangeVarGetRelidExtended: only a user who may write the table gets a lock on it. */
static void
check_target_privilege(const RangeVar *name, Oid relid, Oid old_relid, void *arg)
{
	AclResult	result;

	if (!OidIsValid(relid) || get_rel_name(relid) == NULL)
		return;
	result = pg_class_aclcheck(relid, GetUserId(), ACL_INSERT);
	if (result == ACLCHECK_OK)
		result = pg_class_aclcheck(relid, GetUserId(), ACL_DELETE);
	if (result != ACLCHECK_OK)
		aclcheck_error(result, get_relkind_objtype(get_rel_relkind(relid)), get_rel_name(relid));
}

static void
refuse_kind(Relation rel, const char *what, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("\"%s\" %s", RelationGetRelationName(rel), what),
			 errdetail("%s", detail),
			 errhint("Name a table, or a name that is not in use.")));
}

static void
refuse_feature(Relation rel, const char *feature)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("table \"%s\" has %s", RelationGetRelationName(rel), feature),
			 errdetail("rec.recommend_all replaces its rows as a whole."),
			 errhint("Drop them, or name another table.")));
}

/* Raises an error where lists cannot be written to a relation, whatever its columns are. */
static void
check_kind(Relation rel, const Lists *lists)
{
	Oid			relid = RelationGetRelid(rel);

	if (relid == lists->source->relid)
		refuse_kind(rel, "is the model's source", "Its rows would be replaced.");
	if (catalog_find(relid, NULL) != NULL)
		refuse_kind(rel, "is a model", "Its rows would be replaced.");
	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE &&
		rel->rd_rel->relkind != RELKIND_FOREIGN_TABLE)
		refuse_kind(rel, "is not a table",
		"Lists can be written to plain, partitioned and foreign tables, and to tables distributed "
		"by Citus.");
	if (rel->rd_rel->relispartition)
		refuse_kind(rel, "is a partition", "Lists must be written to a table of their own.");
	if (rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE &&
		find_inheritance_children(relid, NoLock) != NIL)
		refuse_kind(rel, "has tables that inherit from it",
		"Lists must be written to a table of their own.");
	if (RELATION_IS_OTHER_TEMP(rel))
		refuse_kind(rel, "is a temporary table of another session",
		"This session cannot access its rows.");
	if (rel->rd_rules != NULL)
		refuse_feature(rel, "rules");
	if (check_enable_rls(relid, InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table \"%s\" has row-level security", RelationGetRelationName(rel)),
				 errdetail("rec.recommend_all replaces its rows as a whole."),
				 errhint("Call it as the table's owner, or name another table.")));
	table_writer_check(rel);
}

static void
refuse_shape(Relation rel, const Lists *lists, const char *detail)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_DATATYPE_MISMATCH),
		 errmsg("table \"%s\" cannot hold the lists of model \"%s\"", RelationGetRelationName(rel),
				lists->model),
		 errdetail("%s", detail),
		 errhint("It must have the columns user_id %s, rank integer, item_id %s and score real; "
				 "other columns must have a default or allow NULL.",
				 format_type_with_typemod(lists->source->user.type, lists->source->user.typmod),
				 format_type_with_typemod(lists->source->item.type, lists->source->item.typmod))));
}

/* Raises an error where another column of the table has no default and cannot be NULL. */
static void
check_other_column(Relation rel, const Lists *lists, Form_pg_attribute attribute)
{
	if (attribute->attgenerated || build_column_default(rel, attribute->attnum) != NULL)
		return;
	if (attribute->attnotnull || DomainHasConstraints(attribute->atttypid))
		refuse_shape(rel, lists,
					 psprintf("Column \"%s\" cannot be NULL, and has no default.",
							  NameStr(attribute->attname)));
}

/* Finds the columns, or raises an error. */
static void
find_columns(Relation rel, const Lists *lists, AttrNumber *columns)
{
	Oid			types[N_COLUMNS] =
		{lists->source->user.type, INT4OID, lists->source->item.type, FLOAT4OID, BOOLOID};
	int32		typmods[N_COLUMNS] =
		{lists->source->user.typmod, -1, lists->source->item.typmod, -1, -1};
	TupleDesc	desc = RelationGetDescr(rel);

	memset(columns, 0, sizeof(AttrNumber) * N_COLUMNS);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		int			c = 0;

		if (attribute->attisdropped)
			continue;
		while (c < N_COLUMNS && strcmp(NameStr(attribute->attname), column_names[c]) != 0)
			c++;
		if (c == N_COLUMNS)
		{
			check_other_column(rel, lists, attribute);
			continue;
		}
		if (attribute->attgenerated || attribute->attidentity == ATTRIBUTE_IDENTITY_ALWAYS)
			refuse_shape(rel, lists, psprintf("Its column \"%s\" is generated.", column_names[c]));
		if (attribute->atttypid != types[c] ||
			(attribute->atttypmod != -1 && attribute->atttypmod != typmods[c]))
			refuse_shape(
				rel, lists,
				psprintf("Its column \"%s\" is of type %s.", column_names[c],
						 format_type_with_typemod(attribute->atttypid, attribute->atttypmod)));
		columns[c] = attribute->attnum;
	}
	for (int c = 0; c < N_COLUMNS; c++)
	{
		if (columns[c] == 0 && c != COLUMN_PERSONAL)
			refuse_shape(rel, lists, psprintf("It has no column \"%s\".", column_names[c]));
	}
}

/*
 * The existing target, locked and checked; NULL where there is none, and the caller may create it.
 * The name is qualified, so that it refers to the same table later.
 */
static Relation
open_target(RangeVar *name, const Lists *lists, LOCKMODE lock, AttrNumber *columns)
{
	Oid			relid =
		RangeVarGetRelidExtended(name, lock, RVR_MISSING_OK, check_target_privilege, NULL);
	Relation	rel;

	if (!OidIsValid(relid))
	{
		Oid			namespace = RangeVarGetAndCheckCreationNamespace(name, NoLock, NULL);

		name->schemaname = get_namespace_name(namespace);
		/* for a temporary table, the schema's name is enough */
		name->relpersistence = RELPERSISTENCE_PERMANENT;
		return NULL;
	}
	name->schemaname = get_namespace_name(get_rel_namespace(relid));
	rel = relation_open(relid, NoLock);
	check_kind(rel, lists);
	find_columns(rel, lists, columns);
	return rel;
}

/* ---- writing ---- */

/* The primary key is added after the rows, which is faster. */
static Relation
create_target(RangeVar *name, const Lists *lists, AttrNumber *columns)
{
	char	   *qualified = quote_qualified_identifier(name->schemaname, name->relname);
	Relation	rel;

	sql_execute(
		psprintf("CREATE TABLE %s (user_id %s NOT NULL, rank pg_catalog.int4 NOT NULL, item_id %s "
				 "NOT NULL, score pg_catalog.float4 NOT NULL, personal pg_catalog.bool NOT NULL)"
				 " WITH (fillfactor = %d)",
				 qualified, id_type_declaration(&lists->source->user),
				 id_type_declaration(&lists->source->item), FILLFACTOR));
	sql_execute(
		psprintf("COMMENT ON TABLE %s IS %s", qualified,
				 quote_literal_cstr(psprintf(
					 "recommendations of the model %s for every user, written by rec.recommend_all",
					 lists->model))));
	rel = table_openrv(name, ShareRowExclusiveLock);
	find_columns(rel, lists, columns);
	return rel;
}

typedef struct ListWriter
{
	TableWriter table;
	const Lists *lists;
	AttrNumber	columns[N_COLUMNS];
	bool	   *written;		/* by place in the batch's lists: the row is in the table */
	int64		done;			/* rows that are in the table or wait to be inserted */
	int64		looked_at;		/* rows, including old ones */
	MemoryContext row_context;
} ListWriter;

static void
row_is_done(ListWriter *w)
{
	CHECK_FOR_INTERRUPTS();
	if (++w->looked_at % ROWS_PER_RESET == 0)
	{
		progress_done(w->done);
		MemoryContextReset(w->row_context);
	}
}

static float
score_at(const Lists *lists, int64 place)
{
	return lists->batch->lists[place].score;
}

static Datum
item_at(const Lists *lists, int64 place)
{
	return lists->items[lists->batch->lists[place].index];
}

static bool
personal_at(const Lists *lists, int64 place)
{
	const Batch *batch = lists->batch;

	return place % batch->n < batch->personal[place / batch->n];
}

/* A row for the table, with the entry at a place in the lists. */
static TupleTableSlot *
new_row(ListWriter *w, int64 place)
{
	const Lists *lists = w->lists;
	int64		capacity = lists->batch->n;
	TupleTableSlot *slot = table_writer_new_row(&w->table);

	for (int c = 0; c < N_COLUMNS; c++)
	{
		if (w->columns[c] > 0)
			slot->tts_isnull[w->columns[c] - 1] = false;
	}
	slot->tts_values[w->columns[COLUMN_USER] - 1] = lists->users->ids[place / capacity];
	slot->tts_values[w->columns[COLUMN_RANK] - 1] = Int32GetDatum((int32) (place % capacity + 1));
	slot->tts_values[w->columns[COLUMN_ITEM] - 1] = item_at(lists, place);
	slot->tts_values[w->columns[COLUMN_SCORE] - 1] = Float4GetDatum(score_at(lists, place));
	if (w->columns[COLUMN_PERSONAL] > 0)
		slot->tts_values[w->columns[COLUMN_PERSONAL] - 1] = BoolGetDatum(personal_at(lists, place));
	return slot;
}

/*
 * Whether rows can be updated to those of the same user and rank, instead of deleting all rows
 * first: no unique or exclusion constraint is on other columns, so new rows cannot conflict with
 * old ones.
 */
static bool
can_update(const ListWriter *w)
{
	const ResultRelInfo *relinfo = w->table.relinfo;

	for (int i = 0; i < relinfo->ri_NumIndices; i++)
	{
		const IndexInfo *index = relinfo->ri_IndexRelationInfo[i];

		if (!index->ii_Unique && index->ii_ExclusionOps == NULL)
			continue;
		if (index->ii_Predicate != NIL)
			return false;
		for (int c = 0; c < index->ii_NumIndexKeyAttrs; c++)
		{
			AttrNumber	column = index->ii_IndexAttrNumbers[c];

			if (column != w->columns[COLUMN_USER] && column != w->columns[COLUMN_RANK])
				return false;
		}
	}
	return true;
}

/* The place of an old row's user and rank in the lists, or -1. */
static int64
place_of(ListWriter *w, TupleTableSlot *old)
{
	const Batch *batch = w->lists->batch;
	MemoryContext outer;
	bool		is_null;
	Datum		value = slot_getattr(old, w->columns[COLUMN_RANK], &is_null);
	int32		rank = is_null ? 0 : DatumGetInt32(value);
	int32		user = -1;

	value = slot_getattr(old, w->columns[COLUMN_USER], &is_null);
	if (!is_null)
	{
		outer = MemoryContextSwitchTo(w->row_context);
		user = id_dictionary_find(w->lists->users, value);
		MemoryContextSwitchTo(outer);
	}
	return user < 0 || rank < 1 || rank > batch->counts[user] ? -1 : user * batch->n + rank - 1;
}

/* Whether the old row equals the one to be written. */
static bool
same_row(ListWriter *w, TupleTableSlot *old, int64 place)
{
	const IdType *type = &w->lists->source->item;
	bool		null_item;
	bool		null_score;
	Datum		item = slot_getattr(old, w->columns[COLUMN_ITEM], &null_item);
	Datum		score = slot_getattr(old, w->columns[COLUMN_SCORE], &null_score);
	float		new_score = score_at(w->lists, place);
	float		old_score;
	MemoryContext outer;
	bool		same;

	/* rows with other columns are written, so that these get their defaults again */
	if (null_item || null_score ||
		RelationGetDescr(w->table.rel)->natts >
			(w->columns[COLUMN_PERSONAL] > 0 ? N_COLUMNS : N_COLUMNS - 1))
		return false;
	if (w->columns[COLUMN_PERSONAL] > 0)
	{
		bool		null_personal;
		Datum		personal = slot_getattr(old, w->columns[COLUMN_PERSONAL], &null_personal);

		if (null_personal || DatumGetBool(personal) != personal_at(w->lists, place))
			return false;
	}
	old_score = DatumGetFloat4(score);
	if (memcmp(&old_score, &new_score, sizeof(float)) != 0)
		return false;
	outer = MemoryContextSwitchTo(w->row_context);
	same = datum_image_eq(item, item_at(w->lists, place), type->by_value, type->length);
	MemoryContextSwitchTo(outer);
	return same;
}

static void
check_modified(Relation rel, TM_Result result)
{
	if (result == TM_Updated || result == TM_Deleted)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not replace the rows of table \"%s\" due to a concurrent update",
						RelationGetRelationName(rel)),
				 errhint("Try again, in a new transaction.")));
	if (result != TM_Ok)
		elog(ERROR, "unexpected result %d of writing to \"%s\"", result,
			 RelationGetRelationName(rel));
}

/* Updates or deletes the existing rows. */
static void
replace_rows(ListWriter *w)
{
	Relation	rel = w->table.rel;
	/*
	 * the latest rows, as no other session can write now, unless the transaction must see an old
	 * snapshot
	 */
	Snapshot	snapshot = RegisterSnapshot(IsolationUsesXactSnapshot() ? GetTransactionSnapshot()
																	 : GetLatestSnapshot());
	TupleTableSlot *old = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	bool		update = can_update(w);

	while (table_scan_getnextslot(scan, ForwardScanDirection, old))
	{
		int64		place = update ? place_of(w, old) : -1;

		if (place >= 0 && !w->written[place])
		{
			if (!same_row(w, old, place))
				check_modified(rel, table_writer_update(&w->table, &old->tts_tid, new_row(w, place),
														CMD_INSERT, snapshot));
			w->written[place] = true;
			w->done++;
		}
		else
			check_modified(rel, table_writer_delete(&w->table, &old->tts_tid, snapshot));
		row_is_done(w);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(old);
	UnregisterSnapshot(snapshot);
}

/* Inserts the entries that are not in the table. */
static void
insert_rows(ListWriter *w)
{
	const Batch *batch = w->lists->batch;

	for (int64 u = 0; u < w->lists->users->n; u++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < batch->counts[u]; i++)
		{
			int64		place = u * batch->n + i;

			if (w->written[place])
				continue;
			new_row(w, place);
			table_writer_insert(&w->table);
			w->done++;
			row_is_done(w);
		}
	}
}

static void
write_rows(Relation rel, const Lists *lists, const AttrNumber *columns)
{
	ListWriter	w = {.lists = lists};

	table_writer_open(&w.table, rel);
	memcpy(w.columns, columns, sizeof(w.columns));
	for (int c = 0; c < N_COLUMNS; c++)
	{
		if (columns[c] > 0)
			w.table.defaults[columns[c] - 1] = NULL;
	}
	w.row_context =
		AllocSetContextCreate(CurrentMemoryContext, "rec row of lists", ALLOCSET_DEFAULT_SIZES);
	w.written =
		MemoryContextAllocExtended(CurrentMemoryContext, Max(lists->batch->n * lists->users->n, 1),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	replace_rows(&w);
	insert_rows(&w);
	table_writer_close(&w.table);
	pfree(w.written);
	MemoryContextDelete(w.row_context);
}

/* ---- writing by the executor ---- */

/* Rows that are inserted by one statement. */
#define ROWS_PER_STATEMENT 65536

/*
 * Whether rows must be written with statements: the relation is not a plain table, or has triggers.
 * Citus has a trigger on each of its tables.
 */
static bool
needs_executor(Relation rel)
{
	return rel->rd_rel->relkind != RELKIND_RELATION || rel->trigdesc != NULL;
}

/* Inserts rows many at a time, as arrays of their columns. */
typedef struct ListInserter
{
	SPIPlanPtr	plan;
	int			n_columns;
	IdType		types[N_COLUMNS];
	Oid			array_types[N_COLUMNS];
	Datum	   *values[N_COLUMNS];
	int			n;				/* waiting rows */
	MemoryContext context;		/* for the arrays */
} ListInserter;

static void
prepare_insert(ListInserter *w, const char *qualified, const Lists *lists,
			   const AttrNumber *columns)
{
	const Oid	types[N_COLUMNS] = {lists->source->user.type, INT4OID, lists->source->item.type,
								  FLOAT4OID, BOOLOID};
	StringInfoData names;
	StringInfoData arrays;

	w->context =
		AllocSetContextCreate(CurrentMemoryContext, "rec rows of lists", ALLOCSET_DEFAULT_SIZES);
	w->n_columns = columns[COLUMN_PERSONAL] > 0 ? N_COLUMNS : N_COLUMNS - 1;
	initStringInfo(&names);
	initStringInfo(&arrays);
	for (int c = 0; c < w->n_columns; c++)
	{
		IdType	   *type = &w->types[c];

		type->type = types[c];
		get_typlenbyvalalign(type->type, &type->length, &type->by_value, &type->align);
		w->array_types[c] = get_array_type(type->type);
		if (!OidIsValid(w->array_types[c]))
			ereport(
				ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("could not find array type for data type %s", format_type_be(type->type)),
				 errdetail(
					 "Rows of table %s are inserted many at a time, as arrays of their columns.",
					 qualified),
				 errhint("Name a plain table without triggers.")));
		w->values[c] = palloc(sizeof(Datum) * ROWS_PER_STATEMENT);
		appendStringInfo(&names, "%s%s", c == 0 ? "" : ", ", column_names[c]);
		appendStringInfo(&arrays, "%spg_catalog.unnest($%d)", c == 0 ? "" : ", ", c + 1);
	}
	w->plan = SPI_prepare(psprintf("INSERT INTO %s (%s) SELECT * FROM ROWS FROM (%s) AS lists",
								   qualified, names.data, arrays.data),
						  w->n_columns, w->array_types);
	if (w->plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
}

static void
insert_waiting(ListInserter *w)
{
	MemoryContext old = MemoryContextSwitchTo(w->context);
	Datum		arrays[N_COLUMNS];
	int			result;

	for (int c = 0; c < w->n_columns; c++)
		arrays[c] = PointerGetDatum(construct_array(w->values[c], w->n, w->types[c].type,
													w->types[c].length, w->types[c].by_value,
													w->types[c].align));
	MemoryContextSwitchTo(old);
	result = SPI_execute_plan(w->plan, arrays, NULL, false, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
	MemoryContextReset(w->context);
	w->n = 0;
}

/* Deletes the rows of the users whose lists are written. */
static void
delete_rows(const char *qualified, const Lists *lists)
{
	Oid			type;
	Datum		users;
	int			result;

	if (lists->source->only_users == NULL)
	{
		sql_execute(psprintf("DELETE FROM %s", qualified));
		return;
	}
	users = source_id_array(lists->users, &type);
	result = SPI_execute_with_args(
		psprintf("DELETE FROM %s WHERE %s", qualified,
				 source_among(&lists->source->user, column_names[COLUMN_USER], 1)),
		1, &type, &users, NULL, false, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
	CommandCounterIncrement();
}

/* Replaces the rows with DELETE and INSERT. */
static void
write_rows_by_executor(const char *qualified, const Lists *lists, const AttrNumber *columns)
{
	const Batch *batch = lists->batch;
	ListInserter w = {0};
	int64		done = 0;

	delete_rows(qualified, lists);
	prepare_insert(&w, qualified, lists, columns);
	for (int64 u = 0; u < lists->users->n; u++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < batch->counts[u]; i++)
		{
			int64		place = u * batch->n + i;

			w.values[COLUMN_USER][w.n] = lists->users->ids[u];
			w.values[COLUMN_RANK][w.n] = Int32GetDatum(i + 1);
			w.values[COLUMN_ITEM][w.n] = item_at(lists, place);
			w.values[COLUMN_SCORE][w.n] = Float4GetDatum(score_at(lists, place));
			if (w.n_columns > COLUMN_PERSONAL)
				w.values[COLUMN_PERSONAL][w.n] = BoolGetDatum(personal_at(lists, place));
			done++;
			if (++w.n == ROWS_PER_STATEMENT)
			{
				insert_waiting(&w);
				progress_done(done);
			}
		}
	}
	if (w.n > 0)
		insert_waiting(&w);
	SPI_freeplan(w.plan);
	MemoryContextDelete(w.context);
}

/* ---- the step ---- */

static int64
count_rows(const Lists *lists)
{
	int64		rows = 0;

	for (int64 u = 0; u < lists->users->n; u++)
		rows += Max(lists->batch->counts[u], 0);
	return rows;
}

static void
write_lists(RangeVar *name, const Lists *lists)
{
	char	   *qualified;
	AttrNumber	columns[N_COLUMNS];
	Relation	rel;
	bool		create;

	/* This lock blocks other writers, so that two calls cannot mix their lists, but no reader. */
	progress_phase(PHASE_WAITING, 0);
	rel = open_target(name, lists, ShareRowExclusiveLock, columns);
	create = rel == NULL;
	qualified = quote_qualified_identifier(name->schemaname, name->relname);
	progress_phase(PHASE_WRITING, count_rows(lists));
	PushActiveSnapshot(GetTransactionSnapshot());
	if (create)
		rel = create_target(name, lists, columns);
	if (needs_executor(rel) || lists->source->only_users != NULL)
		write_rows_by_executor(qualified, lists, columns);
	else
		write_rows(rel, lists, columns);
	relation_close(rel, NoLock);
	CommandCounterIncrement();
	if (create)
		sql_execute(psprintf("ALTER TABLE %s ADD PRIMARY KEY (user_id, rank)", qualified));
	PopActiveSnapshot();
}

/* ---- reading and scoring ---- */

/* The ids of the items, and of more unless it is NULL. */
static Datum *
copy_ids(const IdList *ids, const IdDictionary *more)
{
	int32		n = ids->block->n;
	int32		n_more = more == NULL ? 0 : more->n;
	Datum	   *copies = palloc_extended(sizeof(Datum) * Max(n + n_more, 1), MCXT_ALLOC_HUGE);

	for (int32 i = 0; i < n + n_more; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		copies[i] = datumCopy(i < n ? id_list_get(ids, i) : more->ids[i - n], ids->type.by_value,
							  ids->type.length);
	}
	return copies;
}

static void
report_null_ids(const TrainingData *data, const Lists *lists)
{
	if (data->null_ids > 0)
		ereport(NOTICE, (errmsg_plural("left out " INT64_FORMAT " row of \"%s\" with a NULL user",
									   "left out " INT64_FORMAT " rows of \"%s\" with a NULL user",
									   data->null_ids, data->null_ids,
									   get_rel_name(lists->source->relid))));
}

static void
report_without_query(const Lists *lists)
{
	int64		n = 0;

	for (int64 u = 0; u < lists->users->n; u++)
		n += lists->batch->counts[u] < 0;
	if (n > 0)
		ereport(NOTICE, (errmsg_plural("left out " INT64_FORMAT
									   " user whose ratings are too large for model \"%s\"",
									   "left out " INT64_FORMAT
									   " users whose ratings are too large for model \"%s\"",
									   n, n, lists->model)));
}

/* The arguments of rec.recommend_all. */
typedef struct Order
{
	FunctionCallInfo fcinfo;
	Oid			model;
	RangeVar   *target;
	int64		n;
	bool		exclude_seen;
} Order;

/* Numbers of arguments, which older declarations may lack. */
enum
{
	ARGUMENT_EXCLUDE_SEEN = 3,
	ARGUMENT_CANDIDATES,
	ARGUMENT_EXCLUDE,
	ARGUMENT_USERS,
	N_ARGUMENTS					/* later arguments are refused */
};

/* The users in the argument users; NULL: all users. */
static IdDictionary *
users_argument(FunctionCallInfo fcinfo, const Source *source)
{
	IdDictionary *users;
	Datum	   *ids;
	int			n;

	if (!argument_is_given(fcinfo, ARGUMENT_USERS))
		return NULL;
	n = id_array_elements(PG_GETARG_DATUM(ARGUMENT_USERS),
						  get_fn_expr_argtype(fcinfo->flinfo, ARGUMENT_USERS), &source->user,
						  "users", &ids);
	users = id_dictionary_create(&source->user, CurrentMemoryContext);
	for (int i = 0; i < n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		id_dictionary_add(users, ids[i]);
	}
	pfree(id_dictionary_sort(users));
	return users;
}

/*
 * Reads the profiles for this table, if it exists, and copies the model and allocates the lists, in
 * the current memory context.
 */
static void
read_profiles(const Order *order, Lists *lists, LoadedModel *loaded, Oid target)
{
	MemoryContext context = CurrentMemoryContext;
	TrainingMemory *memory = training_memory_create(context);
	const Model *model = &loaded->model;
	ItemFilter	items = item_filter(order->fcinfo, loaded, ARGUMENT_CANDIDATES, ARGUMENT_EXCLUDE);
	IdDictionary *unknown = NULL;
	ListFilter	filter = {.exclude_seen = order->exclude_seen};
	const Model *with_new = NULL;
	TrainingData *data;
	const SearchIndex *index;

	item_filter_settle(&items);
	filter.skip = items.skip.bits;
	filter.candidates = items.candidates;
	filter.n_candidates =
		items.candidates == NULL ? model->sides[SIDE_ITEMS].n_rows : items.n_candidates;
	if (items.candidates != NULL)
		unknown = item_filter_unknown(&items);
	filter.n_unknown = unknown == NULL ? 0 : unknown->n;
	progress_phase(PHASE_READING, 0);
	PushActiveSnapshot(GetTransactionSnapshot());
	data = source_read_profiles(lists->source, loaded->ids[SIDE_ITEMS], unknown, context);
	profiles_read_features(loaded, data, memory);
	if (filter.n_unknown > 0 && model_maps_items(model))
		with_new = model_with_new_items(loaded, unknown, &filter.is_known);
	PopActiveSnapshot();
	report_null_ids(data, lists);
	store_check_ids(target, SIDE_USERS, data->users, lists->source->user_column,
					get_rel_name(lists->source->relid));
	/* including a mark for each row while the lists are written */
	memory_require(source_bytes(data) + batch_model_bytes(loaded) +
					   batch_bytes(model, data->users->n, order->n, &filter) +
					   (double) data->users->n *
						   Min(order->n, filter.n_candidates + filter.n_unknown),
				   psprintf("writing recommendations of model \"%s\" for " INT64_FORMAT " users",
							lists->model, (int64) data->users->n));
	source_build_profiles(data, memory);
	lists->users = data->users;
	lists->items = copy_ids(loaded->ids[SIDE_ITEMS], unknown);
	index = batch_copy_model(loaded, &lists->copy, memory);
	if (with_new != NULL)
		lists->copy.new_items = with_new->new_items;
	lists->batch = batch_create(&lists->copy, index, &data->ratings, order->n, &filter,
								memory);
}

static void
recommend_all(const Order *order, bool nonatomic)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	Lists		lists = {0};
	AttrNumber	columns[N_COLUMNS];
	LoadedModel *loaded;
	Source	   *source;
	Relation	rel;
	Oid			table = InvalidOid;

	if (SPI_connect_ext(nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");

	/*
	 * This context lives until the procedure ends, across transactions, as SPI's own context does.
	 */
	context = AllocSetContextCreate(CurrentMemoryContext, "rec lists", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);

	/* read */
	loaded = loaded_model(order->model);
	lists.model = pstrdup(get_rel_name(order->model));
	source = source_open_locked(&loaded->row->source, loaded->model.options, context);
	source_serve(source, loaded->row->model, loaded->row->tables[SIDE_USERS],
				 &loaded->ids[SIDE_ITEMS]->type);
	source->needs = profile_needs(&loaded->model);
	source->only_users = users_argument(order->fcinfo, source);
	lists.source = source;
	rel = open_target(order->target, &lists, AccessShareLock, columns);
	if (rel != NULL)
	{
		table = RelationGetRelid(rel);
		relation_close(rel, NoLock);
	}
	progress_begin(order->model, 0);
	read_profiles(order, &lists, loaded, table);
	if (nonatomic)
	{
		SPI_commit();
		MemoryContextSwitchTo(context);
	}

	/* score */
	batch_run(lists.batch);
	report_without_query(&lists);

	/* write */
	write_lists(order->target, &lists);
	progress_end();

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	SPI_finish();
}

PGDLLEXPORT Datum
rec_recommend_all(PG_FUNCTION_ARGS)
{
	Order		order = {.fcinfo = fcinfo, .exclude_seen = true};

	require_argument(fcinfo, 0, "model");
	require_argument(fcinfo, 1, "target");
	require_argument(fcinfo, 2, "n");
	PreventCommandIfReadOnly("rec.recommend_all");
	PreventCommandIfParallelMode("rec.recommend_all");
	PreventCommandDuringRecovery("rec.recommend_all");
	refuse_arguments(fcinfo, N_ARGUMENTS);
	order.model = PG_GETARG_OID(0);
	order.target = makeRangeVarFromNameList(textToQualifiedNameList(PG_GETARG_TEXT_PP(1)));
	order.n = ranking_length(PG_GETARG_INT32(2));
	if (PG_NARGS() > ARGUMENT_EXCLUDE_SEEN)
	{
		require_argument(fcinfo, ARGUMENT_EXCLUDE_SEEN, "exclude_seen");
		order.exclude_seen = PG_GETARG_BOOL(ARGUMENT_EXCLUDE_SEEN);
	}
	recommend_all(&order, called_nonatomic(fcinfo));
	PG_RETURN_VOID();
}
