/*
 * explain.c
 *	  Why a model gives a score: rec.explain.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "function/arguments.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "server/memory.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_explain);

typedef struct Reason
{
	Datum		item;			/* as the function returns it */
	float		rating;
	float		contribution;
	int32		number;
} Reason;

typedef struct Explanation
{
	int64		n;
	Reason	   *reasons;
	float		baseline;
} Explanation;

/* What speaks for the item most comes first. */
static int
compare_reasons(const void *a, const void *b)
{
	const Reason *x = a;
	const Reason *y = b;

	return x->contribution > y->contribution   ? -1
		   : x->contribution < y->contribution ? 1
											   : (x->number > y->number) - (x->number < y->number);
}

static Explanation *
explain(FunctionCallInfo fcinfo, Oid returned)
{
	Explanation *explanation = palloc0(sizeof(Explanation));
	LoadedModel *loaded;
	const Model *model;
	const Algorithm *algorithm;
	Asker	   *asker;
	Profile		profile;
	int32		item;
	int32		n;
	float	   *contributions;

	for (int i = 0; i < 4; i++)
	{
		if (PG_ARGISNULL(i))
			return explanation;
	}
	n = PG_GETARG_INT32(3);
	if (n < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be at least 1, not %d", n)));
	loaded = loaded_model(PG_GETARG_OID(0));
	model = &loaded->model;
	algorithm = model->algorithm;
	asker = ask_as_user(loaded, PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1));
	item = id_list_find(loaded->items,
						id_convert(PG_GETARG_DATUM(2), get_fn_expr_argtype(fcinfo->flinfo, 2),
								   &loaded->items->type));
	if (item < 0 || asker->n_items == 0)
		return explanation;

	profile.n = asker->n_items;
	profile.items = asker->items;
	profile.ratings = asker->ratings;
	contributions = palloc_extended(sizeof(float) * profile.n, MCXT_ALLOC_HUGE);
	algorithm->explain(model, &profile, asker->query, item, contributions, &explanation->baseline,
					   profile_scratch(loaded, model_explain_scratch_bytes(model, profile.n)));
	explanation->reasons = palloc_extended(sizeof(Reason) * profile.n, MCXT_ALLOC_HUGE);
	finite_number(explanation->baseline);
	for (int64 i = 0; i < profile.n; i++)
	{
		/* what adds nothing is no reason */
		if (finite_number(contributions[i]) != 0)
			explanation->reasons[explanation->n++] =
				(Reason){(Datum) 0, asker->merged[i], contributions[i], profile.items[i]};
	}
	qsort(explanation->reasons, explanation->n, sizeof(Reason), compare_reasons);
	explanation->n = Min(n, explanation->n);
	for (int64 i = 0; i < explanation->n; i++)
		explanation->reasons[i].item =
			returned_id(fcinfo, 2, id_list_get(loaded->items, explanation->reasons[i].number),
						&loaded->items->type, returned, "item", loaded->relid);
	return explanation;
}

PGDLLEXPORT Datum
rec_explain(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Explanation *explanation;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		TupleDesc	desc;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "the result of rec.explain is not a row");
		call->tuple_desc = BlessTupleDesc(desc);
		call->user_fctx = explain(fcinfo, TupleDescAttr(desc, 0)->atttypid);
		MemoryContextSwitchTo(old);
	}

	call = SRF_PERCALL_SETUP();
	explanation = call->user_fctx;
	if (call->call_cntr < (uint64) explanation->n)
	{
		const Reason *reason = &explanation->reasons[call->call_cntr];
		Datum		values[4] = {reason->item, Float4GetDatum(reason->rating),
						   Float4GetDatum(reason->contribution),
						   Float4GetDatum(explanation->baseline)};
		bool		nulls[4] = {false};
		Datum		row = HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls));

		SRF_RETURN_NEXT(call, row);
	}
	SRF_RETURN_DONE(call);
}
