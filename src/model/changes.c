/*
 * changes.c
 *	  The table beside a model that says what has changed in its source, and in its attributes.
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
#include "source/attributes.h"
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

/*
 * The columns of the table: the ids, and how many rows of the source with these ids came and went.
 * There are three kinds of rows:
 *
 *	user, item, came, went		rows of the source have changed
 *	NULL, item, came, went		so many had, when a refresh did not solve the item
 *	one of both, NULL, NULL		attributes of the item, or of the user, have changed
 */
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

/* The most columns of a source that a model uses. */
#define MOST_SOURCE_COLUMNS (SOURCE_COLUMNS + MOST_CONTEXT_COLUMNS)

/* A model that tracks a relation. */
typedef struct Listener
{
	Oid			model;
	LearnedRelation relation;	/* what the relation is to the model */
	Oid			tracked;		/* the relation, or a table that it is a partition of */
	Oid			source;			/* of the model */
	Oid			changes;		/* the table, which may be gone */
	bool		usable;			/* changes can be written there */
	/* of the columns of the source in the relation, if it is that; those of the context follow */
	int			n_attnums;
	AttrNumber	attnums[MOST_SOURCE_COLUMNS];
	AttrNumber	key;			/* in the relation, if it has attributes */
	Oid			key_type;
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
				watched->listeners[i].tracked == relid || watched->listeners[i].source == relid ||
				watched->listeners[i].changes == relid;
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

/* Whether a role may read a column of ids. */
static bool
may_read(Oid relid, AttrNumber column, Oid role)
{
	return pg_class_aclcheck(relid, role, ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck(relid, column, role, ACL_SELECT) == ACLCHECK_OK;
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

/* The column of a partition of `relid` that is its column, perhaps with another number. */
static AttrNumber
in_partition(Oid partition, Oid relid, AttrNumber column)
{
	return partition == relid || column <= 0
			   ? column
			   : get_attnum(partition, get_attname(relid, column, false));
}

/*
 * How a model tracks a relation, of which `relid` may be a partition. Returns false if changes of
 * these attributes cannot be noted at all, which rec.track has said.
 */
static bool
make_listener(Oid relid, Oid tracked_relid, const TrackedModel *tracked, Listener *it)
{
	Oid			source = tracked->source.relid;
	Oid			owner = relation_owner(tracked->model);
	bool		has_ids;

	*it = (Listener) {
		.model = tracked->model, .relation = tracked->relation, .tracked = tracked_relid,
		.source = source, .changes = tracked->changes,
		.n_attnums = SOURCE_COLUMNS + tracked->source.n_contexts
	};
	source_find_columns(&tracked->source, source, it->attnums);
	source_find_contexts(&tracked->source, source, it->attnums + SOURCE_COLUMNS);
	has_ids = it->attnums[SOURCE_USER] > 0 && it->attnums[SOURCE_ITEM] > 0;
	it->types[CHANGE_CAME] = it->types[CHANGE_WENT] = INT4OID;
	if (has_ids)
	{
		it->types[CHANGE_USER] = get_atttype(source, it->attnums[SOURCE_USER]);
		it->types[CHANGE_ITEM] = get_atttype(source, it->attnums[SOURCE_ITEM]);
	}
	if (it->relation == LEARNED_SOURCE)
	{
		has_ids = has_ids && may_read(source, it->attnums[SOURCE_USER], owner) &&
			may_read(source, it->attnums[SOURCE_ITEM], owner);
		for (int c = 0; c < it->n_attnums; c++)
			it->attnums[c] = in_partition(relid, source, it->attnums[c]);
	}
	else if (has_ids)
	{
		bool		of_users = it->relation == LEARNED_USERS;

		it->key = attributes_key(
			tracked_relid,
			get_attname(source, it->attnums[of_users ? SOURCE_USER : SOURCE_ITEM], false));
		if (it->key <= 0)
			return false;
		it->key_type = get_atttype(tracked_relid, it->key);
		if (!id_converts_plainly(it->key_type, it->types[of_users ? CHANGE_USER : CHANGE_ITEM]))
			return false;
		has_ids = may_read(tracked_relid, it->key, owner);
		it->key = in_partition(relid, tracked_relid, it->key);
	}
	it->usable = has_ids && relation_owner(tracked->changes) == owner &&
		find_change_columns(tracked->changes, it->types, it->columns);
	return true;
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
	List	   *found = NIL;
	ListCell   *lc;
	ListCell   *model;

	foreach(lc, with_ancestors(watched->relid))
	{
		foreach(model, catalog_tracked(lfirst_oid(lc)))
		{
			const TrackedModel *tracked = lfirst(model);
			Listener   *it = palloc(sizeof(Listener));

			if (OidIsValid(relation_owner(tracked->model)) &&
				make_listener(watched->relid, lfirst_oid(lc), tracked, it))
				found = lappend(found, it);
		}
	}
	watched->n = 0;
	watched->listeners =
		MemoryContextAlloc(watched_context, sizeof(Listener) * Max(list_length(found), 1));
	foreach(lc, found)
		watched->listeners[watched->n++] = *(const Listener *) lfirst(lc);
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

/* Writes a row for a writer of a relation; false where that is not possible without waiting. */
static bool
write_change(const Listener *it, const Datum *values, const bool *nulls)
{
	Relation	rel;
	bool		can;

	if (!it->usable || !ConditionalLockRelationOid(it->changes, RowExclusiveLock))
		return false;
	rel = try_relation_open(it->changes, NoLock);
	if (rel == NULL)
		return false;
	can = is_plain(rel, it);
	if (can)
		insert_change(rel, it, values, nulls);
	table_close(rel, NoLock);
	return can;
}

/* The columns of a row of the source that a model uses. */
typedef struct SourceRow
{
	Datum		values[MOST_SOURCE_COLUMNS];
	bool		nulls[MOST_SOURCE_COLUMNS];
} SourceRow;

static SourceRow
source_row(HeapTuple tuple, TupleDesc desc, const Listener *it)
{
	SourceRow	row;

	for (int c = 0; c < it->n_attnums; c++)
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
	return write_change(it, values, (const bool[CHANGE_COLUMNS]) {false});
}

/* Notes the change of a row of the source. */
static bool
note_source_change(const Listener *it, const TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	SourceRow	row = source_row(trigger->tg_trigtuple, desc, it);
	SourceRow	new;
	bool		noted;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return note_row(it, &row, 1, 0);
	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return note_row(it, &row, 0, 1);
	new = source_row(trigger->tg_newtuple, desc, it);
	if (same_values(&row, &new, it->n_attnums, it, desc))
		return true;
	if (same_values(&row, &new, SOURCE_RATING, it, desc))
		return note_row(it, &row, 1, 1);
	noted = note_row(it, &row, 0, 1);
	return note_row(it, &new, 1, 0) && noted;
}

/* Whether two rows of attributes are the same. */
static bool
same_attributes(HeapTuple a, HeapTuple b, TupleDesc desc)
{
	Datum	   *values = palloc(sizeof(Datum) * 2 * desc->natts);
	bool	   *nulls = palloc(sizeof(bool) * 2 * desc->natts);

	heap_deform_tuple(a, desc, values, nulls);
	heap_deform_tuple(b, desc, values + desc->natts, nulls + desc->natts);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		Datum		value = values[i];
		Datum		other = values[desc->natts + i];

		if (attribute->attisdropped)
			continue;
		if (nulls[i] != nulls[desc->natts + i])
			return false;
		/* most long values are where they were, and need not be read */
		if (!nulls[i] && !datumIsEqual(value, other, attribute->attbyval, attribute->attlen) &&
			!datum_image_eq(value, other, attribute->attbyval, attribute->attlen))
			return false;
	}
	return true;
}

/* Notes that the attributes of the item or user in a row have changed. */
static bool
note_described(const Listener *it, HeapTuple tuple, TupleDesc desc)
{
	int			c = it->relation == LEARNED_USERS ? CHANGE_USER : CHANGE_ITEM;
	IdType		type = {.type = it->types[c], .base = getBaseType(it->types[c])};
	Datum		values[CHANGE_COLUMNS] = {0};
	bool		nulls[CHANGE_COLUMNS] = {true, true, true, true};
	Datum		key = (Datum) 0;
	bool		is_null = true;

	if (!it->usable)
		return false;
	if (it->key > 0 && it->key <= desc->natts)
		key = heap_getattr(tuple, it->key, desc, &is_null);
	get_typlenbyval(type.type, &type.length, &type.by_value);
	/* a number that the source's ids have no room for is nobody's */
	if (is_null || !id_convert_kept(key, it->key_type, &type, CurrentMemoryContext, &values[c]))
		return true;
	nulls[c] = false;
	return write_change(it, values, nulls);
}

/* Notes the change of a row of attributes. */
static bool
note_attributes_change(const Listener *it, const TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	HeapTuple	row = trigger->tg_trigtuple;
	HeapTuple	new = trigger->tg_newtuple;
	Form_pg_attribute key;
	Datum		ids[2];
	bool		nulls[2];
	bool		noted;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return note_described(it, row, desc);
	if (same_attributes(row, new, desc))
		return true;
	noted = note_described(it, row, desc);
	if (it->key <= 0 || it->key > desc->natts)
		return noted;
	ids[0] = heap_getattr(row, it->key, desc, &nulls[0]);
	ids[1] = heap_getattr(new, it->key, desc, &nulls[1]);
	key = TupleDescAttr(desc, it->key - 1);
	if (nulls[0] == nulls[1] &&
		(nulls[0] || datum_image_eq(ids[0], ids[1], key->attbyval, key->attlen)))
		return noted;
	return note_described(it, new, desc) && noted;
}

void
changes_note(const TriggerData *trigger)
{
	const Watched *watched = watch(RelationGetRelid(trigger->tg_relation));
	int			n = watched->n;
	Listener   *listeners = palloc(sizeof(Listener) * Max(n, 1));

	/* a copy: while a change is noted, they may be looked up again */
	memcpy(listeners, watched->listeners, sizeof(Listener) * n);
	for (int i = 0; i < n; i++)
	{
		const Listener *it = &listeners[i];
		bool		noted = it->relation == LEARNED_SOURCE ? note_source_change(it, trigger)
														   : note_attributes_change(it, trigger);

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
	IdType		user = source->user;
	IdType		item = source->item;
	Oid			relid;

	/* ids of attributes may be longer than those of the source */
	user.typmod = item.typmod = -1;

	/* while a vacuum truncates a table, writers could not lock it */
	sql_execute(psprintf("CREATE TABLE %s (user_id %s, item_id %s, came pg_catalog.int4, "
						 "went pg_catalog.int4) WITH (vacuum_truncate = false)",
						 name, id_type_declaration(&user), id_type_declaration(&item)));
	sql_execute(psprintf(
		"COMMENT ON TABLE %s IS %s", name,
		quote_literal_cstr(psprintf("what has changed in the source and in the attributes of the "
									"recommendation model %s since it was last trained or "
									"refreshed, written by triggers of rec.track",
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

/*
 * The reason why changes of a model's attributes cannot be tracked, for a detail message; NULL:
 * they can be. Sets the relation that is meant; InvalidOid: there is none.
 */
static const char *
attributes_hindrance(const ModelRow *row, SideKind kind, const Source *source, Oid *relid)
{
	const IdType *id = kind == SIDE_USERS ? &source->user : &source->item;
	const char *hindrance;
	AttrNumber	key;

	switch (relation_meant(&row->attributes[kind], row->model, relid))
	{
		case RELATION_SAME:
		case RELATION_REPLACED:
			break;
		case RELATION_REFUSED:
		case RELATION_GONE:
			*relid = InvalidOid;
			return "It does not exist, or is another user's.";
	}
	LockRelationOid(*relid, AccessShareLock);
	hindrance = tracking_hindrance(*relid);
	if (hindrance != NULL)
		return hindrance;
	if (!tracking_is_allowed(*relid))
		return "The model's owner may not put triggers on it.";
	key = attributes_key(*relid,
						 kind == SIDE_USERS ? source->user_column : source->item_column);
	if (key <= 0 || !id_converts_plainly(get_atttype(*relid, key), id->type))
		return "Its key is of another type than the ids in the source.";
	return NULL;
}

const char *
changes_missing(const ModelRow *row, const Source *source)
{
	if (!tracking_is_whole(source->relid))
		return "Triggers of rec.track are missing or disabled.";
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		Oid			relid;

		if (row->attributes[kind].name == NULL ||
			attributes_hindrance(row, kind, source, &relid) != NULL)
			continue;
		if (relid != row->attributes[kind].relid)
			return "Its attributes are in another relation than before.";
		if (tracking_has_triggers(relid) && !tracking_is_whole(relid))
			return "Triggers of rec.track are missing or disabled.";
	}
	return NULL;
}

/* The relations of the model whose changes are tracked; says which are not. */
static List *
relations_to_track(const ModelRow *row, const Source *source)
{
	List	   *relations = list_make1_oid(source->relid);

	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		const char *hindrance;
		Oid			relid;

		if (row->attributes[kind].name == NULL)
			continue;
		hindrance = attributes_hindrance(row, kind, source, &relid);
		if (hindrance == NULL)
			relations = list_append_unique_oid(relations, relid);
		else
			ereport(NOTICE, (errmsg("changes of %s, the attributes of model \"%s\", are not "
									"tracked",
									row->attributes[kind].name, get_rel_name(row->model)),
							 errdetail("%s", hindrance),
							 errhint("Attributes that change there count from the next training "
									 "on.")));
	}
	return relations;
}

void
changes_begin(ModelRow *row, const Source *source)
{
	bool		is_new = !is_usable(row, source);
	List	   *tracked;
	List	   *relations;
	ListCell   *lc;

	require_tracking(source->relid);
	tracked = relations_to_track(row, source);
	/*
	 * Waits for present writers. Later writers learn of this model when they have locked the
	 * relation, as they read the invalidation messages then.
	 */
	relations = tracking_lock_all(tracked, ShareRowExclusiveLock);
	if (is_new)
	{
		drop_table(row);
		row->tables[TABLE_CHANGES] = create_table(row->model, source);
		catalog_set_tables(row->model, row->tables);
	}
	foreach(lc, tracked)
		is_new = tracking_begin(lfirst_oid(lc)) || is_new;
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
changes_end(ModelRow *row, const ModelRow *tracked)
{
	ModelRow	before = *row;
	Oid			relations[N_LEARNED];

	row->tables[TABLE_CHANGES] = InvalidOid;
	catalog_set_tables(row->model, row->tables);
	CommandCounterIncrement();
	/* writers lock these relations before the table, too */
	model_row_learned(tracked, relations);
	tracking_end(relations, N_LEARNED, true);
	drop_table(&before);
	catalog_visit_unknown(row->model, NULL, forget_all, NULL);
	CacheInvalidateRelcacheByRelid(row->model);
	CommandCounterIncrement();
}

/* Whether two rows have the same relations, and the ids in the same columns of the source. */
static bool
same_relations(const ModelRow *a, const ModelRow *b)
{
	Oid			of_a[N_LEARNED];
	Oid			of_b[N_LEARNED];

	model_row_learned(a, of_a);
	model_row_learned(b, of_b);
	return memcmp(of_a, of_b, sizeof(of_a)) == 0 &&
		strcmp(a->source.user_column, b->source.user_column) == 0 &&
		strcmp(a->source.item_column, b->source.item_column) == 0;
}

void
changes_move(const ModelRow *before, ModelRow *row, const Source *source)
{
	const char *hindrance;

	if (!OidIsValid(row->tables[TABLE_CHANGES]) || same_relations(before, row))
		return;
	changes_end(row, before);
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

/* Whether a row of the table is a change that no refresh has taken into account. */
static bool
is_pending(const bool nulls[CHANGE_COLUMNS])
{
	return !nulls[CHANGE_USER] || nulls[CHANGE_CAME];
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
	changes->n += is_pending(nulls);
	if (!nulls[CHANGE_USER])
		id_dictionary_add(nulls[CHANGE_ITEM] ? changes->described_users : changes->users,
						  values[CHANGE_USER]);
	if (!nulls[CHANGE_ITEM])
	{
		int32		item = id_dictionary_add(changes->items, values[CHANGE_ITEM]);

		if (item >= *capacity)
		{
			changes->rows = repalloc_huge(changes->rows, sizeof(int64) * 2 * *capacity);
			memset(changes->rows + *capacity, 0, sizeof(int64) * *capacity);
			changes->described = repalloc_huge(changes->described, 2 * *capacity);
			memset(changes->described + *capacity, 0, *capacity);
			*capacity *= 2;
		}
		changes->rows[item] += (nulls[CHANGE_CAME] ? 0 : DatumGetInt32(values[CHANGE_CAME])) +
			(nulls[CHANGE_WENT] ? 0 : DatumGetInt32(values[CHANGE_WENT]));
		changes->described[item] =
			changes->described[item] || (nulls[CHANGE_USER] && nulls[CHANGE_CAME]);
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
	changes->described_users = id_dictionary_create(&source->user, context);
	changes->rows =
		MemoryContextAllocExtended(context, sizeof(int64) * capacity, MCXT_ALLOC_ZERO);
	changes->described = MemoryContextAllocZero(context, capacity);
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
		AttrNumber	came = get_attnum(RelationGetRelid(rel), change_columns[CHANGE_CAME]);
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			const bool	nulls[CHANGE_COLUMNS] = {
				[CHANGE_USER] = user <= 0 || slot_attisnull(slot, user),
				[CHANGE_CAME] = came <= 0 || slot_attisnull(slot, came)
			};

			CHECK_FOR_INTERRUPTS();
			n += is_pending(nulls);
		}
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
	}
	if (rel != NULL)
		table_close(rel, NoLock);
	return unknown ? -1 : n;
}
