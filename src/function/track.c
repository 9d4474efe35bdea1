/*
 * track.c
 *	  What has changed in a model's source and attributes since it was trained: rec.track,
 *	  rec.untrack, and what its triggers call.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/event_trigger.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "function/arguments.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/changes.h"
#include "model/options.h"
#include "model/tracking.h"
#include "nodes/parsenodes.h"
#include "run/refresh.h"
#include "run/training.h"
#include "source/source.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(rec_note_change);
PG_FUNCTION_INFO_V1(rec_track);
PG_FUNCTION_INFO_V1(rec_untrack);
PG_FUNCTION_INFO_V1(rec_refresh);
PG_FUNCTION_INFO_V1(rec_follow_partitions);
PG_FUNCTION_INFO_V1(rec_pending_changes);

/* ---- noting ---- */

PGDLLEXPORT Datum
rec_note_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("rec.note_change() is called by a trigger after rows are written only")));
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		changes_note_all(RelationGetRelid(trigger->tg_relation));
	else if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		changes_note(trigger);
	return PointerGetDatum(NULL);
}

/* ---- beginning and ending ---- */

/* The row of the caller's model, locked. */
static ModelRow *
lock_argument(FunctionCallInfo fcinfo, const char *function)
{
	Oid			relid;
	const char *name;

	require_argument(fcinfo, 0, "model");
	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
	PreventCommandDuringRecovery(function);
	relid = PG_GETARG_OID(0);
	name = get_rel_name(relid);
	if (name != NULL && !relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
	catalog_get(relid, NULL);
	catalog_require_current();
	return lock_model(relid, name);
}

PGDLLEXPORT Datum
rec_track(PG_FUNCTION_ARGS)
{
	ModelRow   *row = lock_argument(fcinfo, "rec.track");
	const Algorithm *algorithm = algorithm_by_name(row->algorithm);
	ModelRow	before;
	Source	   *source;
	Caller		caller;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	caller = act_as_owner(row->model);
	source = source_open_locked(&row->source, options_read(algorithm, row->options, row),
								CurrentMemoryContext);
	check_source_privilege(source->relid);
	/* what the triggers fire on is what rec.model names */
	before = *row;
	if (note_relations(row, source))
	{
		catalog_update(row);
		CommandCounterIncrement();
		if (OidIsValid(before.tables[TABLE_CHANGES]))
			changes_end(row, &before);
	}
	changes_begin(row, source);
	act_as_caller(&caller);
	SPI_finish();
	PG_RETURN_VOID();
}

PGDLLEXPORT Datum
rec_untrack(PG_FUNCTION_ARGS)
{
	ModelRow   *row = lock_argument(fcinfo, "rec.untrack");
	Caller		caller;

	if (!OidIsValid(row->tables[TABLE_CHANGES]))
	{
		ereport(NOTICE, (errmsg("model \"%s\" is not tracked", get_rel_name(row->model))));
		PG_RETURN_VOID();
	}
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	caller = act_as_owner(row->model);
	changes_end(row, row);
	act_as_caller(&caller);
	SPI_finish();
	PG_RETURN_VOID();
}

/* ---- refreshing ---- */

/* rec.refresh(model regclass, item_share float8), a procedure */
PGDLLEXPORT Datum
rec_refresh(PG_FUNCTION_ARGS)
{
	float		share;

	require_argument(fcinfo, 0, "model");
	share = real_argument(fcinfo, 1, "item_share");
	if (!(share >= 0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"item_share\" must not be negative")));
	refresh_model(PG_GETARG_OID(0), share, called_nonatomic(fcinfo));
	PG_RETURN_VOID();
}

/* ---- partitions ---- */

/* The event trigger on ddl_command_end of CREATE TABLE and ALTER TABLE. */
PGDLLEXPORT Datum
rec_follow_partitions(PG_FUNCTION_ARGS)
{
	Node	   *command;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("rec.follow_partitions() is called by an event trigger only")));
	command = ((EventTriggerData *) fcinfo->context)->parsetree;
	if (IsA(command, CreateStmt) && ((CreateStmt *) command)->partbound != NULL)
	{
		Oid			relid = RangeVarGetRelid(((CreateStmt *) command)->relation, NoLock, true);

		if (OidIsValid(relid))
			tracking_attached(relid, true);
	}
	else if (IsA(command, AlterTableStmt))
	{
		ListCell   *lc;

		foreach(lc, ((AlterTableStmt *) command)->cmds)
		{
			AlterTableCmd *part = lfirst_node(AlterTableCmd, lc);
			bool		attached = part->subtype == AT_AttachPartition;
			Oid			partition;

			if (!attached && part->subtype != AT_DetachPartition &&
				part->subtype != AT_DetachPartitionFinalize)
				continue;
			partition = RangeVarGetRelid(((PartitionCmd *) part->def)->name, NoLock, true);
			if (OidIsValid(partition) && attached)
				tracking_attached(partition, false);
			else if (OidIsValid(partition))
				tracking_detached(partition,
								  RangeVarGetRelid(((AlterTableStmt *) command)->relation, NoLock,
												   true));
		}
	}
	PG_RETURN_NULL();
}

/* ---- looking ---- */

PGDLLEXPORT Datum
rec_pending_changes(PG_FUNCTION_ARGS)
{
	bool		is_missing = false;
	int64		n;

	if (PG_ARGISNULL(0) ||
		pg_class_aclcheck_ext(PG_GETARG_OID(0), GetUserId(), ACL_SELECT, &is_missing) !=
			ACLCHECK_OK ||
		is_missing)
		PG_RETURN_NULL();
	n = changes_count(PG_GETARG_OID(0), GetActiveSnapshot());
	if (n < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(n);
}
