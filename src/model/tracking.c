/*
 * tracking.c
 *	  The triggers on a source, and on the relations of attributes, that note changes.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/comment.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/changes.h"
#include "model/tracking.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "server/citus.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* The triggers' function; InvalidOid before the extension was updated. */
static Oid
note_function(void)
{
	Oid			namespace = catalog_namespace();

	return OidIsValid(namespace)
			   ? LookupFuncName(list_make2(makeString(get_namespace_name(namespace)),
										   makeString("note_change")),
								0, NULL, true)
			   : InvalidOid;
}

/* ---- triggers of one relation ---- */

typedef enum TrackingTrigger
{
	TRIGGER_OF_ROWS,
	TRIGGER_OF_TRUNCATE,
	TRACKING_TRIGGERS
} TrackingTrigger;

/* The triggers of a relation that call the function; of each the oid, or InvalidOid. */
typedef struct Triggers
{
	Oid			oids[TRACKING_TRIGGERS];
	bool		fires[TRACKING_TRIGGERS];	/* always */
} Triggers;

static Triggers
find_triggers(Relation rel, Oid function)
{
	Triggers	found = {0};
	const int16 all_rows = TRIGGER_TYPE_INSERT | TRIGGER_TYPE_DELETE | TRIGGER_TYPE_UPDATE;

	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];
		TrackingTrigger kind = TRIGGER_FOR_ROW(trigger->tgtype) ? TRIGGER_OF_ROWS
															   : TRIGGER_OF_TRUNCATE;
		int16		events = kind == TRIGGER_OF_ROWS ? all_rows : TRIGGER_TYPE_TRUNCATE;

		/* other triggers of the same function were created by users */
		if (trigger->tgfoid != function || !TRIGGER_FOR_AFTER(trigger->tgtype) ||
			(trigger->tgtype & (all_rows | TRIGGER_TYPE_TRUNCATE)) != events ||
			trigger->tgqual != NULL || trigger->tgnattr > 0 || trigger->tginitdeferred)
			continue;
		found.oids[kind] = trigger->tgoid;
		found.fires[kind] = trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
	}
	return found;
}

bool
tracking_has_triggers(Oid relid)
{
	Oid			function = note_function();
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	bool		has = false;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, TriggerRelidNameIndexId, true, NULL, 1, &key);
	while (!has && (tuple = systable_getnext(scan)) != NULL)
		has = OidIsValid(function) &&
			((Form_pg_trigger) GETSTRUCT(tuple))->tgfoid == function;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return has;
}

/* Whether a trigger is part of the partitioned table's trigger. */
static bool
is_clone(Oid trigger)
{
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		clone;

	ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(trigger));
	scan = systable_beginscan(rel, TriggerOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	clone = HeapTupleIsValid(tuple) &&
		OidIsValid(((Form_pg_trigger) GETSTRUCT(tuple))->tgparentid);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return clone;
}

static void
create_trigger(Oid relid, TrackingTrigger kind, Oid function, bool explain)
{
	CreateTrigStmt *statement = makeNode(CreateTrigStmt);
	ObjectAddress trigger;

	statement->trigname = kind == TRIGGER_OF_ROWS ? "rec_note_changes" : "rec_note_truncate";
	statement->row = kind == TRIGGER_OF_ROWS;
	statement->timing = TRIGGER_TYPE_AFTER;
	statement->events = kind == TRIGGER_OF_ROWS
							? TRIGGER_TYPE_INSERT | TRIGGER_TYPE_DELETE | TRIGGER_TYPE_UPDATE
							: TRIGGER_TYPE_TRUNCATE;
	trigger = CreateTriggerFiringOn(statement, NULL, relid, InvalidOid, InvalidOid, InvalidOid,
									function, InvalidOid, NULL, false, false,
									TRIGGER_FIRES_ALWAYS);
	if (explain)
		CreateComments(trigger.objectId, TriggerRelationId, 0,
					   "notes changes for recommendation models; rec.untrack drops it");
	CommandCounterIncrement();
}

/* Drops a trigger, unless it is part of another. */
static void
drop_trigger(Oid trigger)
{
	ObjectAddress address = {TriggerRelationId, trigger, 0};

	if (!OidIsValid(trigger) || is_clone(trigger))
		return;
	performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
	CommandCounterIncrement();
}

static Triggers
triggers_of(Oid relid, Oid function)
{
	Relation	rel = relation_open(relid, NoLock);
	Triggers	found = find_triggers(rel, function);

	relation_close(rel, NoLock);
	return found;
}

/* Whether the relation has the trigger, and it fires always. */
static bool
fires(Oid relid, Oid function, TrackingTrigger kind)
{
	Triggers	found = triggers_of(relid, function);

	return OidIsValid(found.oids[kind]) && found.fires[kind];
}

/* ---- the relation and its partitions ---- */

List *
tracking_lock(Oid relid, LOCKMODE lock)
{
	LockRelationOid(relid, lock);
	return find_all_inheritors(relid, lock, NULL);
}

/*
 * Locks the relation and its partitions without waiting; false if that is not possible. Adds those
 * that were locked to the list.
 */
static bool
lock_now(Oid relid, LOCKMODE lock, List **locked)
{
	ListCell   *lc;
	bool		can = ConditionalLockRelationOid(relid, lock);

	if (!can)
		return false;
	*locked = lappend_oid(*locked, relid);
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (lfirst_oid(lc) == relid)
			continue;
		can = can && ConditionalLockRelationOid(lfirst_oid(lc), lock);
		if (can)
			*locked = lappend_oid(*locked, lfirst_oid(lc));
	}
	return can;
}

static void
unlock(const List *locked, LOCKMODE lock)
{
	ListCell   *lc;

	foreach(lc, locked)
		UnlockRelationOid(lfirst_oid(lc), lock);
}

List *
tracking_lock_all(const List *relids, LOCKMODE lock)
{
	int			first = 0;

	for (;;)
	{
		List	   *locked = tracking_lock(list_nth_oid(relids, first), lock);
		int			busy = -1;

		for (int i = 0; i < list_length(relids) && busy < 0; i++)
		{
			if (i != first && !lock_now(list_nth_oid(relids, i), lock, &locked))
				busy = i;
		}
		if (busy < 0)
			return locked;
		unlock(locked, lock);
		first = busy;
	}
}

const char *
tracking_hindrance(Oid relid)
{
	char		kind = get_rel_relkind(relid);
	ListCell   *lc;

	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		return "It is not a table, so triggers do not fire when its rows change.";
	if (citus_manages(relid))
		return "Citus manages this table, so triggers do not fire when its rows change.";
	if (kind == RELKIND_RELATION && has_subclass(relid))
		return "It has child tables, whose rows do not fire its triggers.";
	foreach(lc, tracking_lock(relid, AccessShareLock))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			return psprintf("Partition \"%s\" is a foreign table, whose rows may be written "
							"elsewhere.",
							get_rel_name(lfirst_oid(lc)));
	}
	return NULL;
}

bool
tracking_is_allowed(Oid relid)
{
	ListCell   *lc;

	foreach(lc, tracking_lock(relid, AccessShareLock))
	{
		if (pg_class_aclcheck(lfirst_oid(lc), GetUserId(), ACL_TRIGGER) != ACLCHECK_OK)
			return false;
	}
	return true;
}

bool
tracking_begin(Oid relid)
{
	Oid			function = note_function();
	List	   *parts = tracking_lock(relid, ShareRowExclusiveLock);
	bool		made = false;
	ListCell   *lc;

	/* the row trigger of a partitioned table replaces those of its partitions */
	if (!fires(relid, function, TRIGGER_OF_ROWS))
	{
		foreach(lc, parts)
			drop_trigger(triggers_of(lfirst_oid(lc), function).oids[TRIGGER_OF_ROWS]);
		create_trigger(relid, TRIGGER_OF_ROWS, function, true);
		made = true;
	}
	foreach(lc, parts)
	{
		if (fires(lfirst_oid(lc), function, TRIGGER_OF_TRUNCATE))
			continue;
		drop_trigger(triggers_of(lfirst_oid(lc), function).oids[TRIGGER_OF_TRUNCATE]);
		create_trigger(lfirst_oid(lc), TRIGGER_OF_TRUNCATE, function, lfirst_oid(lc) == relid);
		made = true;
	}
	return made;
}

/*
 * Whether a model tracks the relation itself. It may have attributes there that its owner was not
 * allowed to track, which is no reason to keep triggers of others.
 */
static bool
is_tracked_itself(Oid relid)
{
	ListCell   *lc;

	foreach(lc, catalog_tracked(relid))
	{
		const TrackedModel *tracked = lfirst(lc);
		Oid			owner = relation_owner(tracked->model);

		if (tracked->relation == LEARNED_SOURCE ||
			(OidIsValid(owner) && pg_class_aclcheck(relid, owner, ACL_TRIGGER) == ACLCHECK_OK))
			return true;
	}
	return false;
}

/* Whether a model tracks the relation, or a table that it is a partition of. */
static bool
is_tracked(Oid relid)
{
	ListCell   *lc;

	if (is_tracked_itself(relid))
		return true;
	if (!get_rel_relispartition(relid))
		return false;
	foreach(lc, get_partition_ancestors(relid))
	{
		if (is_tracked_itself(lfirst_oid(lc)))
			return true;
	}
	return false;
}

/* Drops the triggers of a relation, which is locked. */
static void
end_relation(Oid relid, Oid function)
{
	List	   *parts = tracking_lock(relid, AccessExclusiveLock);
	ListCell   *lc;

	foreach(lc, parts)
	{
		for (int kind = 0; kind < TRACKING_TRIGGERS; kind++)
			drop_trigger(triggers_of(lfirst_oid(lc), function).oids[kind]);
	}
	/* a partition may be the source of another model */
	foreach(lc, parts)
	{
		if (is_tracked(lfirst_oid(lc)))
			tracking_begin(lfirst_oid(lc));
	}
}

void
tracking_end(const Oid *relids, int n, bool wait)
{
	Oid			function = note_function();
	List	   *ended = NIL;
	ListCell   *lc;

	if (!OidIsValid(function))
		return;
	for (int i = 0; i < n; i++)
	{
		if (OidIsValid(relids[i]) && get_rel_name(relids[i]) != NULL &&
			tracking_has_triggers(relids[i]) && !is_tracked(relids[i]) &&
			(wait || lock_now(relids[i], AccessExclusiveLock, &(List *) {NIL})))
			ended = list_append_unique_oid(ended, relids[i]);
	}
	if (ended != NIL && wait)
		tracking_lock_all(ended, AccessExclusiveLock);
	foreach(lc, ended)
		end_relation(lfirst_oid(lc), function);
}

bool
tracking_is_whole(Oid relid)
{
	Oid			function = note_function();
	ListCell   *lc;

	if (!OidIsValid(function) || tracking_hindrance(relid) != NULL)
		return false;
	foreach(lc, tracking_lock(relid, AccessShareLock))
	{
		for (int kind = 0; kind < TRACKING_TRIGGERS; kind++)
		{
			if (!fires(lfirst_oid(lc), function, kind))
				return false;
		}
	}
	return true;
}

/* ---- partitions that come and go ---- */

/* Whether it is an empty table. */
static bool
is_empty(Oid relid)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	bool		empty = rel->rd_rel->relkind == RELKIND_RELATION;

	if (empty)
	{
		Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

		empty = !table_scan_getnextslot(scan, ForwardScanDirection, slot);
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
		UnregisterSnapshot(snapshot);
	}
	relation_close(rel, NoLock);
	return empty;
}

void
tracking_attached(Oid partition, bool is_new)
{
	Oid			function = note_function();
	ListCell   *lc;

	if (!OidIsValid(function) || !get_rel_relispartition(partition) || !is_tracked(partition))
		return;
	/* PostgreSQL has created the row triggers */
	foreach(lc, tracking_lock(partition, ShareRowExclusiveLock))
	{
		if (get_rel_relkind(lfirst_oid(lc)) != RELKIND_FOREIGN_TABLE &&
			!OidIsValid(triggers_of(lfirst_oid(lc), function).oids[TRIGGER_OF_TRUNCATE]))
			create_trigger(lfirst_oid(lc), TRIGGER_OF_TRUNCATE, function, false);
	}
	if (!is_new && !is_empty(partition))
		changes_note_all(partition);
}

void
tracking_detached(Oid partition, Oid parent)
{
	if (!is_tracked(parent))
		return;
	changes_note_all(parent);
	tracking_end(&partition, 1, false);
}

/*
 * The table that a dropped relation was a partition of, or InvalidOid. This command has deleted the
 * row of pg_inherits, but it can still be read.
 */
static Oid
dropped_parent(Oid partition)
{
	Relation	rel = table_open(InheritsRelationId, AccessShareLock);
	Oid			parent = InvalidOid;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(partition));
	scan = systable_beginscan(rel, InheritsRelidSeqnoIndexId, true, SnapshotAny, 1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		if (TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(tuple->t_data)))
			parent = ((Form_pg_inherits) GETSTRUCT(tuple))->inhparent;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return parent;
}

void
tracking_dropped(Oid partition)
{
	Oid			parent = dropped_parent(partition);

	if (OidIsValid(parent) && get_rel_name(parent) != NULL)
		changes_note_all(parent);
}
