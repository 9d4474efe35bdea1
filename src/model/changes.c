/*
 * changes.c
 *	  The table beside a model that says what has changed in its source.
 *
 * What is written for a writer of a source is written below SQL. No privileges of the writer are
 * checked, and no code of other users runs. The relation on which a trigger fires decides for which
 * models a change is noted, as the extension's own tables say. So a user who creates a trigger that
 * calls the function can note changes of own relations at most.
 *
 * A training removes the rows that its snapshot showed, because the same snapshot showed the
 * changes of the source. When the training writes, the snapshot is gone. But a snapshot shows
 * either all rows of a (sub)transaction or none, so the training remembers the transactions.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/changes.h"
#include "model/side_tables.h"
#include "model/tracking.h"
#include "nodes/makefuncs.h"
#include "server/messages.h"
#include "server/sql.h"
#include "storage/lmgr.h"
#include "storage/sinval.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/varlena.h"

/* The columns of the table: the ids, and how many rows with these ids came and went. */
enum
{
	CHANGE_USER,
	CHANGE_ITEM,
	CHANGE_CAME,
	CHANGE_WENT,
	CHANGE_COLUMNS
};

static const char *const change_columns[CHANGE_COLUMNS] = {"user_id", "item_id", "came", "went"};

/* ---- the models that track a relation ---- */

/* A model that tracks a relation. */
typedef struct Listener
{
	Oid			model;
	Oid			source;			/* the relation, or a table that it is a partition of */
	Oid			changes;		/* the table, which may be gone */
	bool		usable;			/* changes can be written there */
	AttrNumber	attnums[SOURCE_COLUMNS];	/* in the relation */
	AttrNumber	columns[CHANGE_COLUMNS];	/* in the table */
	Oid			types[CHANGE_COLUMNS];
} Listener;

typedef struct Watched
{
	Oid			relid;			/* the key */
	int			n;
	Listener   *listeners;
} Watched;

/* The relations that this session has written to, and the models that track them. */
static HTAB *watched_relations = NULL;
static MemoryContext watched_context = NULL;
static bool watched_outdated = false;

/* A relation changed: perhaps a source, a model or its table. InvalidOid: any relation. */
static void
note_relation(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS status;
	Watched    *watched;

	if (watched_relations == NULL || watched_outdated)
		return;
	if (!OidIsValid(relid))
	{
		watched_outdated = true;
		return;
	}
	hash_seq_init(&status, watched_relations);
	while ((watched = hash_seq_search(&status)) != NULL)
	{
		bool		concerns = watched->relid == relid;

		for (int i = 0; i < watched->n && !concerns; i++)
			concerns = watched->listeners[i].model == relid ||
				watched->listeners[i].source == relid || watched->listeners[i].changes == relid;
		watched_outdated = watched_outdated || concerns;
	}
}

static void
begin_watching(void)
{
	static bool registered = false;
	HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(Watched)};

	if (watched_context == NULL)
		watched_context = AllocSetContextCreate(TopMemoryContext, "rec tracked sources",
												ALLOCSET_SMALL_SIZES);
	if (!registered)
		CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
	registered = true;
	watched_relations = NULL;
	MemoryContextReset(watched_context);
	control.hcxt = watched_context;
	watched_relations = hash_create("rec tracked sources", 16, &control,
									HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	watched_outdated = false;
}

/* Whether a role may read the columns of the ids. */
static bool
may_read_ids(Oid relid, Oid role, const AttrNumber *attnums)
{
	return pg_class_aclcheck(relid, role, ACL_SELECT) == ACLCHECK_OK ||
		(pg_attribute_aclcheck(relid, attnums[SOURCE_USER], role, ACL_SELECT) == ACLCHECK_OK &&
		 pg_attribute_aclcheck(relid, attnums[SOURCE_ITEM], role, ACL_SELECT) == ACLCHECK_OK);
}

/* Finds the columns of a table of changes. Returns false if one is missing or of another type. */
static bool
find_change_columns(Oid changes, const Oid types[CHANGE_COLUMNS],
					AttrNumber columns[CHANGE_COLUMNS])
{
	for (int c = 0; c < CHANGE_COLUMNS; c++)
	{
		columns[c] = get_attnum(changes, change_columns[c]);
		if (columns[c] <= 0 || get_atttype(changes, columns[c]) != types[c])
			return false;
	}
	return true;
}

/* How a model tracks a relation, which is its source or a partition of it. */
static Listener
make_listener(Oid relid, const TrackedModel *tracked)
{
	Oid			source = tracked->source.relid;
	Oid			owner = relation_owner(tracked->model);
	Listener	it = {.model = tracked->model, .source = source, .changes = tracked->changes};
	bool		has_ids;

	source_find_columns(&tracked->source, source, it.attnums);
	has_ids = it.attnums[SOURCE_USER] > 0 && it.attnums[SOURCE_ITEM] > 0 &&
		may_read_ids(source, owner, it.attnums);
	/* a partition has the same columns, perhaps with other numbers */
	for (int c = 0; c < SOURCE_COLUMNS && relid != source; c++)
	{
		if (it.attnums[c] > 0)
			it.attnums[c] = get_attnum(relid, get_attname(source, it.attnums[c], false));
	}
	it.types[CHANGE_CAME] = it.types[CHANGE_WENT] = INT4OID;
	if (has_ids)
	{
		it.types[CHANGE_USER] = get_atttype(relid, it.attnums[SOURCE_USER]);
		it.types[CHANGE_ITEM] = get_atttype(relid, it.attnums[SOURCE_ITEM]);
	}
	it.usable = has_ids && relation_owner(tracked->changes) == owner &&
		find_change_columns(tracked->changes, it.types, it.columns);
	return it;
}

/* The relation, and the tables that it is a partition of. */
static List *
with_ancestors(Oid relid)
{
	return get_rel_relispartition(relid) ? lcons_oid(relid, get_partition_ancestors(relid))
										 : list_make1_oid(relid);
}

/* Looks up the models that track a relation. */
static void
look_up(Watched *watched)
{
	List	   *tracked = NIL;
	MemoryContext old;
	ListCell   *lc;

	foreach(lc, with_ancestors(watched->relid))
		tracked = list_concat(tracked, catalog_tracked(lfirst_oid(lc)));
	old = MemoryContextSwitchTo(watched_context);
	watched->listeners = palloc(sizeof(Listener) * Max(list_length(tracked), 1));
	MemoryContextSwitchTo(old);
	watched->n = 0;
	foreach(lc, tracked)
	{
		const TrackedModel *model = lfirst(lc);

		if (OidIsValid(relation_owner(model->model)))
			watched->listeners[watched->n++] = make_listener(watched->relid, model);
	}
}

/* The models that track a relation. */
static const Watched *
watch(Oid relid)
{
	for (;;)
	{
		Watched    *watched;
		uint64		changes;
		bool		found;

		if (watched_relations == NULL || watched_outdated)
			begin_watching();
		watched = hash_search(watched_relations, &relid, HASH_FIND, NULL);
		if (watched != NULL)
			return watched;
		watched = palloc0(sizeof(Watched));
		watched->relid = relid;
		changes = SharedInvalidMessageCounter;
		look_up(watched);
		/* a change that was reported meanwhile may make it outdated */
		if (changes == SharedInvalidMessageCounter)
			return memcpy(hash_search(watched_relations, &relid, HASH_ENTER, &found), watched,
						  sizeof(Watched));
		watched_outdated = true;
	}
}

/* ---- noting ---- */

/*
 * Whether a row can be written below SQL: the columns are as they were looked up, none requires a
 * value, and there is no index.
 */
static bool
is_plain(Relation rel, const Listener *it)
{
	TupleDesc	desc = RelationGetDescr(rel);

	if (rel->rd_rel->relkind != RELKIND_RELATION ||
		(rel->rd_rel->relhasindex && RelationGetIndexList(rel) != NIL))
		return false;
	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attnotnull)
			return false;
	}
	for (int c = 0; c < CHANGE_COLUMNS; c++)
	{
		if (it->columns[c] > desc->natts ||
			TupleDescAttr(desc, it->columns[c] - 1)->atttypid != it->types[c])
			return false;
	}
	return true;
}

/* A value as it can be stored in another table. */
static Datum
stored(Datum value, Form_pg_attribute attribute)
{
	return attribute->attlen == -1 ? PointerGetDatum(PG_DETOAST_DATUM_PACKED(value)) : value;
}

/* Inserts a row into the table, which is_plain. */
static void
insert_change(Relation rel, const Listener *it, const Datum *values, const bool *nulls)
{
	TupleDesc	desc = RelationGetDescr(rel);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);

	memset(slot->tts_isnull, true, sizeof(bool) * desc->natts);
	for (int c = 0; c < CHANGE_COLUMNS; c++)
	{
		if (nulls[c])
			continue;
		slot->tts_values[it->columns[c] - 1] =
			stored(values[c], TupleDescAttr(desc, it->columns[c] - 1));
		slot->tts_isnull[it->columns[c] - 1] = false;
	}
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(rel, slot, GetCurrentCommandId(true), 0, NULL);
	ExecDropSingleTupleTableSlot(slot);
}

/* Writes a row for a writer of the source; false where that is not possible without waiting. */
static bool
write_change(const Listener *it, const Datum values[CHANGE_COLUMNS])
{
	static const bool no_nulls[CHANGE_COLUMNS] = {false};
	Relation	rel;
	bool		can;

	if (!it->usable || !ConditionalLockRelationOid(it->changes, RowExclusiveLock))
		return false;
	rel = try_relation_open(it->changes, NoLock);
	if (rel == NULL)
		return false;
	can = is_plain(rel, it);
	if (can)
		insert_change(rel, it, values, no_nulls);
	table_close(rel, NoLock);
	return can;
}

/* The columns of a row of the source that a model uses. */
typedef struct SourceRow
{
	Datum		values[SOURCE_COLUMNS];
	bool		nulls[SOURCE_COLUMNS];
} SourceRow;

static SourceRow
source_row(HeapTuple tuple, TupleDesc desc, const Listener *it)
{
	SourceRow	row;

	for (int c = 0; c < SOURCE_COLUMNS; c++)
	{
		row.nulls[c] = true;
		row.values[c] = (Datum) 0;
		if (it->attnums[c] > 0 && it->attnums[c] <= desc->natts)
			row.values[c] = heap_getattr(tuple, it->attnums[c], desc, &row.nulls[c]);
	}
	return row;
}

/* Whether the first n columns of two rows are the same. */
static bool
same_values(const SourceRow *a, const SourceRow *b, int n, const Listener *it, TupleDesc desc)
{
	for (int c = 0; c < n; c++)
	{
		Form_pg_attribute attribute;

		if (a->nulls[c] != b->nulls[c])
			return false;
		if (a->nulls[c])
			continue;
		attribute = TupleDescAttr(desc, it->attnums[c] - 1);
		if (!datum_image_eq(a->values[c], b->values[c], attribute->attbyval, attribute->attlen))
			return false;
	}
	return true;
}

/* A row without an id is in no model. */
static bool
note_row(const Listener *it, const SourceRow *row, int came, int went)
{
	Datum		values[CHANGE_COLUMNS] = {row->values[SOURCE_USER], row->values[SOURCE_ITEM],
										  Int32GetDatum(came), Int32GetDatum(went)};

	if (it->usable && (row->nulls[SOURCE_USER] || row->nulls[SOURCE_ITEM]))
		return true;
	return write_change(it, values);
}

void
changes_note(const TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	const Watched *watched = watch(RelationGetRelid(trigger->tg_relation));
	int			n = watched->n;
	Listener   *listeners = palloc(sizeof(Listener) * Max(n, 1));

	/* a copy: while a change is noted, they may be looked up again */
	memcpy(listeners, watched->listeners, sizeof(Listener) * n);
	for (int i = 0; i < n; i++)
	{
		const Listener *it = &listeners[i];
		SourceRow	row = source_row(trigger->tg_trigtuple, desc, it);
		bool		noted;

		if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
			noted = note_row(it, &row, 1, 0);
		else if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
			noted = note_row(it, &row, 0, 1);
		else
		{
			SourceRow	new = source_row(trigger->tg_newtuple, desc, it);

			if (same_values(&row, &new, SOURCE_COLUMNS, it, desc))
				continue;
			if (same_values(&row, &new, SOURCE_RATING, it, desc))
				noted = note_row(it, &row, 1, 1);
			else
			{
				noted = note_row(it, &row, 0, 1);
				noted = note_row(it, &new, 1, 0) && noted;
			}
		}
		if (!noted && OidIsValid(relation_owner(it->model)))
			catalog_note_unknown(it->model);
	}
}

void
changes_note_all(Oid relid)
{
	ListCell   *lc;
	ListCell   *model;

	foreach(lc, with_ancestors(relid))
	{
		foreach(model, catalog_tracked(lfirst_oid(lc)))
		{
			Oid			it = ((TrackedModel *) lfirst(model))->model;

			if (OidIsValid(relation_owner(it)))
				catalog_note_unknown(it);
		}
	}
}

/* ---- the table ---- */

/* Whether there is a table to which changes of the source can be written. */
static bool
is_usable(const ModelRow *row, const Source *source)
{
	Oid			changes = row->tables[TABLE_CHANGES];
	Listener	it = {.types = {source->user.type, source->item.type, INT4OID, INT4OID}};
	Relation	rel;
	bool		usable;

	if (!OidIsValid(changes) || relation_owner(changes) != relation_owner(row->model) ||
		!find_change_columns(changes, it.types, it.columns))
		return false;
	rel = try_relation_open(changes, AccessShareLock);
	usable = rel != NULL && is_plain(rel, &it);
	if (rel != NULL)
		relation_close(rel, AccessShareLock);
	return usable;
}

static Oid
create_table(Oid model, const Source *source)
{
	char	   *name = side_table_name(model, TABLE_CHANGES);
	Oid			relid;

	/* while a vacuum truncates a table, writers could not lock it */
	sql_execute(psprintf("CREATE TABLE %s (user_id %s, item_id %s, came pg_catalog.int4, "
						 "went pg_catalog.int4) WITH (vacuum_truncate = false)",
						 name, id_type_declaration(&source->user),
						 id_type_declaration(&source->item)));
	sql_execute(psprintf(
		"COMMENT ON TABLE %s IS %s", name,
		quote_literal_cstr(psprintf("what has changed in the source of the recommendation model "
									"%s since it was last trained or refreshed, written by "
									"triggers of rec.track",
									quoted_relation(model)))));
	relid = RangeVarGetRelid(
		makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(name))), NoLock, false);
	side_table_bind(relid, model);
	return relid;
}

static void
drop_table(const ModelRow *row)
{
	Oid			changes = row->tables[TABLE_CHANGES];

	if (!OidIsValid(changes) || get_rel_name(changes) == NULL ||
		relation_owner(changes) != relation_owner(row->model))
		return;
	sql_execute(psprintf("DROP TABLE %s", quoted_relation(changes)));
}

static void
require_tracking(Oid relid)
{
	const char *hindrance = tracking_hindrance(relid);

	if (hindrance != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("changes of \"%s\" cannot be tracked", get_rel_name(relid)),
				 errdetail("%s", hindrance)));
	if (!tracking_is_allowed(relid))
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(relid)),
					   get_rel_name(relid));
}

void
changes_begin(ModelRow *row, const Source *source)
{
	bool		is_new = !is_usable(row, source);
	List	   *relations;
	ListCell   *lc;

	require_tracking(source->relid);
	/*
	 * Waits for present writers. Later writers learn of this model when they have locked the
	 * relation, as they read the invalidation messages then.
	 */
	relations = tracking_lock(source->relid, ShareRowExclusiveLock);
	if (is_new)
	{
		drop_table(row);
		row->tables[TABLE_CHANGES] = create_table(row->model, source);
		catalog_set_tables(row->model, row->tables);
	}
	is_new = tracking_begin(source->relid) || is_new;
	/* changes between the last training and now */
	if (is_new && row->version > 0)
		catalog_note_unknown(row->model);
	foreach(lc, relations)
		CacheInvalidateRelcacheByRelid(lfirst_oid(lc));
	CacheInvalidateRelcacheByRelid(row->model);
	CommandCounterIncrement();
}

static void
forget_all(void *context, TransactionId writer, bool *forget)
{
	*forget = true;
}

void
changes_end(ModelRow *row, Oid source)
{
	ModelRow	before = *row;

	row->tables[TABLE_CHANGES] = InvalidOid;
	catalog_set_tables(row->model, row->tables);
	CommandCounterIncrement();
	/* writers lock the source before the table, too */
	if (OidIsValid(source) && get_rel_name(source) != NULL)
		tracking_end(source, true);
	drop_table(&before);
	catalog_visit_unknown(row->model, NULL, forget_all, NULL);
	CacheInvalidateRelcacheByRelid(row->model);
	CommandCounterIncrement();
}

/* Whether the ids are in the same columns of the same relation. */
static bool
same_ids(const NotedSource *a, const NotedSource *b)
{
	return a->relid == b->relid && strcmp(a->user_column, b->user_column) == 0 &&
		strcmp(a->item_column, b->item_column) == 0;
}

void
changes_move(const ModelRow *before, ModelRow *row, const Source *source)
{
	const char *hindrance;

	if (!OidIsValid(row->tables[TABLE_CHANGES]) || same_ids(&before->source, &row->source))
		return;
	changes_end(row, before->source.relid);
	hindrance = tracking_hindrance(source->relid);
	if (hindrance == NULL && !tracking_is_allowed(source->relid))
		hindrance = "The model's owner may not put triggers on it.";
	if (hindrance == NULL)
		changes_begin(row, source);
	else
		ereport(NOTICE, (errmsg("changes of \"%s\", which is the source of model \"%s\" now, are "
								"not tracked",
								get_rel_name(source->relid), get_rel_name(row->model)),
						 errdetail("%s", hindrance)));
}

/* ---- trainings and refreshes ---- */

struct SeenChanges
{
	HTAB	   *writers;		/* the transactions that wrote the rows */
	TransactionId last;			/* the last one that was added, or InvalidTransactionId */
};

static void
add_writer(SeenChanges *seen, TransactionId writer)
{
	if (writer == seen->last)
		return;
	hash_search(seen->writers, &writer, HASH_ENTER, NULL);
	seen->last = writer;
}

static void
see_unknown(void *context, TransactionId writer, bool *forget)
{
	add_writer(context, writer);
}

static void
forget_seen(void *context, TransactionId writer, bool *forget)
{
	*forget = hash_search(((const SeenChanges *) context)->writers, &writer, HASH_FIND, NULL) !=
		NULL;
}

static void
is_unknown(void *context, TransactionId writer, bool *forget)
{
	*(bool *) context = true;
}

static TransactionId
writer_of(TupleTableSlot *slot)
{
	bool		is_null;

	return DatumGetTransactionId(
		slot_getsysattr(slot, MinTransactionIdAttributeNumber, &is_null));
}

/* The table of the model's changes, locked; NULL where there is none. */
static Relation
open_changes(Oid changes, LOCKMODE lock)
{
	Relation	rel = OidIsValid(changes) ? try_relation_open(changes, lock) : NULL;

	if (rel != NULL && rel->rd_rel->relkind != RELKIND_RELATION)
	{
		relation_close(rel, lock);
		return NULL;
	}
	return rel;
}

static SeenChanges *
create_seen(MemoryContext context)
{
	HASHCTL		control = {.keysize = sizeof(TransactionId), .entrysize = sizeof(TransactionId),
						   .hcxt = context};
	SeenChanges *seen = MemoryContextAllocZero(context, sizeof(SeenChanges));

	seen->writers = hash_create("rec changes that were seen", 64, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return seen;
}

SeenChanges *
changes_see(const ModelRow *row, Snapshot snapshot, MemoryContext context)
{
	SeenChanges *seen = create_seen(context);
	Relation	rel = open_changes(row->tables[TABLE_CHANGES], AccessShareLock);

	if (rel != NULL)
	{
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			CHECK_FOR_INTERRUPTS();
			add_writer(seen, writer_of(slot));
		}
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
		table_close(rel, NoLock);
	}
	seen->last = InvalidTransactionId;
	catalog_visit_unknown(row->model, snapshot, see_unknown, seen);
	return seen;
}

/* Adds a row of the table. */
static void
add_change(Changes *changes, TupleTableSlot *slot, const AttrNumber *columns, int64 *capacity)
{
	Datum		values[CHANGE_COLUMNS];
	bool		nulls[CHANGE_COLUMNS];

	for (int c = 0; c < CHANGE_COLUMNS; c++)
		values[c] = slot_getattr(slot, columns[c], &nulls[c]);
	add_writer(changes->seen, writer_of(slot));
	if (!nulls[CHANGE_USER])
	{
		changes->n++;
		id_dictionary_add(changes->users, values[CHANGE_USER]);
	}
	if (!nulls[CHANGE_ITEM])
	{
		int32		item = id_dictionary_add(changes->items, values[CHANGE_ITEM]);

		if (item >= *capacity)
		{
			changes->rows = repalloc_huge(changes->rows, sizeof(int64) * 2 * *capacity);
			memset(changes->rows + *capacity, 0, sizeof(int64) * *capacity);
			*capacity *= 2;
		}
		changes->rows[item] += (nulls[CHANGE_CAME] ? 0 : DatumGetInt32(values[CHANGE_CAME])) +
			(nulls[CHANGE_WENT] ? 0 : DatumGetInt32(values[CHANGE_WENT]));
	}
}

Changes *
changes_read(const ModelRow *row, const Source *source, Snapshot snapshot, MemoryContext context)
{
	Changes    *changes = MemoryContextAllocZero(context, sizeof(Changes));
	Relation	rel = open_changes(row->tables[TABLE_CHANGES], AccessShareLock);
	Listener	it = {.types = {source->user.type, source->item.type, INT4OID, INT4OID}};
	int64		capacity = 1024;

	changes->seen = create_seen(context);
	changes->users = id_dictionary_create(&source->user, context);
	changes->items = id_dictionary_create(&source->item, context);
	changes->rows =
		MemoryContextAllocExtended(context, sizeof(int64) * capacity, MCXT_ALLOC_ZERO);
	changes->unknown =
		rel == NULL || !find_change_columns(RelationGetRelid(rel), it.types, it.columns);
	if (!changes->unknown)
	{
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			CHECK_FOR_INTERRUPTS();
			add_change(changes, slot, it.columns, &capacity);
		}
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
	}
	if (rel != NULL)
		table_close(rel, NoLock);
	catalog_visit_unknown(row->model, snapshot, is_unknown, &changes->unknown);
	return changes;
}

void
changes_leave(const ModelRow *row, const Source *source, const Changes *changes, const bool *left)
{
	Relation	rel = open_changes(row->tables[TABLE_CHANGES], RowExclusiveLock);
	Listener	it = {.types = {source->user.type, source->item.type, INT4OID, INT4OID}};

	if (rel == NULL)
		return;
	if (find_change_columns(RelationGetRelid(rel), it.types, it.columns) && is_plain(rel, &it))
	{
		for (int32 i = 0; i < changes->items->n; i++)
		{
			Datum		values[CHANGE_COLUMNS] = {
				(Datum) 0, changes->items->ids[i],
				Int32GetDatum((int32) Min(changes->rows[i], PG_INT32_MAX)), Int32GetDatum(0)};

			CHECK_FOR_INTERRUPTS();
			if (left[i])
				insert_change(rel, &it, values, (bool[CHANGE_COLUMNS]) {[CHANGE_USER] = true});
		}
	}
	table_close(rel, NoLock);
}

/* Deletes a row, unless another transaction has deleted it. */
static void
delete_change(Relation rel, ItemPointer tid, Snapshot snapshot)
{
	TM_FailureData failure;
	TM_Result	result = table_tuple_delete(rel, tid, GetCurrentCommandId(true), snapshot,
											InvalidSnapshot, true, &failure, false);

	if (result != TM_Ok && result != TM_Deleted && result != TM_Updated)
		elog(ERROR, "unexpected result %d of deleting from \"%s\"", result,
			 RelationGetRelationName(rel));
}

void
changes_forget(const ModelRow *row, const SeenChanges *seen)
{
	Relation	rel = open_changes(row->tables[TABLE_CHANGES], RowExclusiveLock);

	if (rel != NULL && relation_owner(RelationGetRelid(rel)) == relation_owner(row->model))
	{
		Snapshot	snapshot = RegisterSnapshot(
			IsolationUsesXactSnapshot() ? GetTransactionSnapshot() : GetLatestSnapshot());
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			bool		was_seen;

			CHECK_FOR_INTERRUPTS();
			forget_seen((void *) seen, writer_of(slot), &was_seen);
			if (was_seen)
				delete_change(rel, &slot->tts_tid, snapshot);
		}
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
		UnregisterSnapshot(snapshot);
	}
	if (rel != NULL)
		table_close(rel, NoLock);
	catalog_visit_unknown(row->model, NULL, forget_seen, (void *) seen);
}

int64
changes_count(Oid model, Snapshot snapshot)
{
	Relation	rel = open_changes(catalog_table(model, TABLE_CHANGES), AccessShareLock);
	bool		unknown = rel == NULL;
	int64		n = 0;

	catalog_visit_unknown(model, snapshot, is_unknown, &unknown);
	if (rel != NULL && !unknown)
	{
		AttrNumber	user = get_attnum(RelationGetRelid(rel), change_columns[CHANGE_USER]);
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			CHECK_FOR_INTERRUPTS();
			n += user > 0 && !slot_attisnull(slot, user);
		}
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
	}
	if (rel != NULL)
		table_close(rel, NoLock);
	return unknown ? -1 : n;
}
