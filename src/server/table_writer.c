/*
 * table_writer.c
 *	  Writing rows below the executor, as the table's definition requires.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/tableam.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "server/table_writer.h"
#include "utils/memutils.h"

static void
prepare_defaults(TableWriter *w)
{
	TupleDesc	desc = RelationGetDescr(w->rel);

	w->defaults = palloc0(sizeof(ExprState *) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		Node	   *expression;

		if (attribute->attisdropped || attribute->attgenerated)
			continue;
		expression = build_column_default(w->rel, i + 1);
		if (expression != NULL)
			w->defaults[i] = ExecInitExpr(expression_planner((Expr *) expression), NULL);
	}
}

void
table_writer_check(Relation rel)
{
	CheckCmdReplicaIdentity(rel, CMD_UPDATE);
	CheckCmdReplicaIdentity(rel, CMD_DELETE);
}

void
table_writer_open(TableWriter *w, Relation rel)
{
	memset(w, 0, sizeof(TableWriter));
	w->rel = rel;
	w->estate = CreateExecutorState();
	w->relinfo = makeNode(ResultRelInfo);
	InitResultRelInfo(w->relinfo, rel, 0, NULL, 0);
	ExecOpenIndices(w->relinfo, false);
	prepare_defaults(w);
	w->bulk = GetBulkInsertState();
	w->context =
		AllocSetContextCreate(CurrentMemoryContext, "rec rows to insert", ALLOCSET_DEFAULT_SIZES);
}

/* Inserts the waiting rows. */
static void
insert_waiting(TableWriter *w)
{
	MemoryContext old = MemoryContextSwitchTo(w->context);

	if (w->n_waiting > 0)
		table_multi_insert(w->rel, w->slots, w->n_waiting, GetCurrentCommandId(true), 0, w->bulk);
	MemoryContextSwitchTo(old);
	for (int i = 0; i < w->n_waiting; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (w->relinfo->ri_NumIndices > 0)
			compat_ExecInsertIndexTuples(w->relinfo, w->slots[i], w->estate, false);
		ResetPerTupleExprContext(w->estate);
		ExecClearTuple(w->slots[i]);
	}
	w->n_waiting = 0;
	MemoryContextReset(w->context);
}

void
table_writer_close(TableWriter *w)
{
	insert_waiting(w);
	for (int i = 0; i < ROWS_PER_INSERT && w->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(w->slots[i]);
	FreeBulkInsertState(w->bulk);
	table_finish_bulk_insert(w->rel, 0);
	ExecCloseIndices(w->relinfo);
	FreeExecutorState(w->estate);
	MemoryContextDelete(w->context);
}

TupleTableSlot *
table_writer_new_row(TableWriter *w)
{
	ExprContext *context = GetPerTupleExprContext(w->estate);
	int			n = RelationGetDescr(w->rel)->natts;
	TupleTableSlot *slot = w->slots[w->n_waiting];

	if (slot == NULL)
		slot = w->slots[w->n_waiting] = table_slot_create(w->rel, NULL);
	memset(slot->tts_values, 0, sizeof(Datum) * n);
	memset(slot->tts_isnull, true, sizeof(bool) * n);
	for (int i = 0; i < n; i++)
	{
		if (w->defaults[i] != NULL)
			slot->tts_values[i] =
				ExecEvalExprSwitchContext(w->defaults[i], context, &slot->tts_isnull[i]);
	}
	return slot;
}

/*
 * Computes generated columns, and raises an error where a row that is about to be written violates
 * a constraint.
 */
static void
constrain(TableWriter *w, TupleTableSlot *slot, CmdType command)
{
	TupleConstr *constraints = RelationGetDescr(w->rel)->constr;

	if (constraints == NULL)
		return;
	slot->tts_tableOid = RelationGetRelid(w->rel);
	if (constraints->has_generated_stored)
		ExecComputeStoredGenerated(w->relinfo, w->estate, slot, command);
	ExecConstraints(w->relinfo, slot, w->estate);
}

void
table_writer_insert(TableWriter *w)
{
	TupleTableSlot *slot = w->slots[w->n_waiting];

	ExecStoreVirtualTuple(slot);
	constrain(w, slot, CMD_INSERT);
	/*
	 * values of defaults and generated columns are in per-tuple memory, which is reset before the
	 * row is written
	 */
	ExecMaterializeSlot(slot);
	ResetPerTupleExprContext(w->estate);
	if (++w->n_waiting == ROWS_PER_INSERT)
		insert_waiting(w);
}

TM_Result
table_writer_update(TableWriter *w, ItemPointer old, TupleTableSlot *slot, CmdType command,
					Snapshot snapshot)
{
	TM_FailureData failure;
	LockTupleMode lock_mode;
	UpdateIndexesFlag update_indexes;
	TM_Result	result;

	ExecStoreVirtualTuple(slot);
	constrain(w, slot, command);
	result = table_tuple_update(w->rel, old, slot, GetCurrentCommandId(true), snapshot,
								InvalidSnapshot, true, &failure, &lock_mode, &update_indexes);
	if (result == TM_Ok && w->relinfo->ri_NumIndices > 0 && update_needs_indexes(update_indexes))
		compat_ExecInsertIndexTuples(w->relinfo, slot, w->estate, true);
	ExecClearTuple(slot);
	ResetPerTupleExprContext(w->estate);
	return result;
}

TM_Result
table_writer_delete(TableWriter *w, ItemPointer old, Snapshot snapshot)
{
	TM_FailureData failure;

	return table_tuple_delete(w->rel, old, GetCurrentCommandId(true), snapshot, InvalidSnapshot,
							  true, &failure, false);
}
