/*
 * table_writer.c
 *	  Writing rows below the executor, as the table's definition asks for.
 */
#include "postgres.h"
#include "model/compat.h"

#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "model/table_writer.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"

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
table_writer_open(TableWriter *w, Relation rel)
{
	w->rel = rel;
	w->estate = CreateExecutorState();
	w->relinfo = makeNode(ResultRelInfo);
	InitResultRelInfo(w->relinfo, rel, 0, NULL, 0);
	ExecOpenIndices(w->relinfo, false);
	prepare_defaults(w);
}

void
table_writer_close(TableWriter *w)
{
	ExecCloseIndices(w->relinfo);
	FreeExecutorState(w->estate);
}

void
table_writer_defaults(TableWriter *w, TupleTableSlot *slot)
{
	ExprContext *context = GetPerTupleExprContext(w->estate);

	for (int i = 0; i < RelationGetDescr(w->rel)->natts; i++)
	{
		if (w->defaults[i] != NULL)
			slot->tts_values[i] = ExecEvalExprSwitchContext(w->defaults[i], context, &slot->tts_isnull[i]);
	}
}

void
table_writer_constrain(TableWriter *w, TupleTableSlot *slot, CmdType command)
{
	TupleConstr *constraints = RelationGetDescr(w->rel)->constr;

	if (constraints == NULL)
		return;
	slot->tts_tableOid = RelationGetRelid(w->rel);
	if (constraints->has_generated_stored)
		ExecComputeStoredGenerated(w->relinfo, w->estate, slot, command);
	ExecConstraints(w->relinfo, slot, w->estate);
}
