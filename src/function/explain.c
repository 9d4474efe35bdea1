/*
 * explain.c
 *	  The reasons for a score: rec.explain, rec.explain_for.
 */
#include "postgres.h"
#include "server/compat.h"

#include "fmgr.h"
#include "function/arguments.h"
#include "function/item_arguments.h"
#include "function/ranking.h"
#include "function/rows.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "server/memory.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_explain);
PG_FUNCTION_INFO_V1(rec_explain_for);

typedef struct Reason
{
	float		rating;
	float		contribution;
	int32		number;
} Reason;

/* Orders reasons by descending contribution. */
static int
compare_reasons(const void *a, const void *b)
{
	const Reason *x = a;
	const Reason *y = b;

	return x->contribution > y->contribution   ? -1
		   : x->contribution < y->contribution ? 1
											   : (x->number > y->number) - (x->number < y->number);
}

/*
 * Returns the n items of the asker's profile that contribute most to the score of an item. The item
 * is argument 2 of both functions, and ids are returned in its type.
 */
static Datum
explain(FunctionCallInfo fcinfo, Asker *asker, int32 n, Rows *rows)
{
	LoadedModel *loaded = asker->loaded;
	const Model *model = &loaded->model;
	IdList	   *items = loaded->ids[SIDE_ITEMS];
	const Profile *profile = &asker->profile;
	int32		item = id_list_find(items, id_convert(PG_GETARG_DATUM(2),
													  get_fn_expr_argtype(fcinfo->flinfo, 2),
													  &items->type));
	float	   *contributions;
	float		baseline;
	Reason	   *reasons;
	int64		n_reasons = 0;

	/* a score that is the item's popularity has no reasons */
	if (item < 0 || profile->n == 0 || (!asker->query.speaks && !model_predicts_ratings(model)))
		return (Datum) 0;
	contributions = palloc_extended(sizeof(float) * profile->n, MCXT_ALLOC_HUGE);
	model->algorithm->explain(
		model, profile, asker->query.query, item, contributions, &baseline,
		profile_scratch(loaded, model_explain_scratch_bytes(model, profile_length(profile))));
	finite_number(baseline);
	reasons = palloc_extended(sizeof(Reason) * profile->n, MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < profile->n; i++)
	{
		/* an item that contributes nothing is no reason */
		if (finite_number(contributions[i]) != 0)
			reasons[n_reasons++] = (Reason){asker->merged[i], contributions[i], profile->items[i]};
	}
	qsort(reasons, n_reasons, sizeof(Reason), compare_reasons);
	for (int64 i = 0; i < Min(n, n_reasons); i++)
	{
		Datum		values[5] = {0};
		bool		nulls[5] = {false};
		int			c = 0;

		values[c++] = returned_id(fcinfo, 2, id_list_get(items, reasons[i].number), &items->type,
								  TupleDescAttr(rows->desc, 0)->atttypid, "item", loaded->relid);
		/* the column feature, which did not exist before 0.6.0 */
		if (rows->desc->natts > 4)
			nulls[c++] = true;
		values[c++] = Float4GetDatum(reasons[i].rating);
		values[c++] = Float4GetDatum(reasons[i].contribution);
		values[c++] = Float4GetDatum(baseline);
		rows_add(rows, values, nulls);
	}
	return (Datum) 0;
}

PGDLLEXPORT Datum
rec_explain(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	int32		n;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return (Datum) 0;
	n = ranking_length(PG_GETARG_INT32(3));
	return explain(fcinfo,
				   ask_as_user(loaded_model(PG_GETARG_OID(0)), PG_GETARG_DATUM(1),
							   get_fn_expr_argtype(fcinfo->flinfo, 1)),
				   n, &rows);
}

PGDLLEXPORT Datum
rec_explain_for(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	int32		n;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(4))
		return (Datum) 0;
	n = ranking_length(PG_GETARG_INT32(4));
	return explain(fcinfo, profile_arguments(fcinfo, loaded_model(PG_GETARG_OID(0)), 1, 3), n,
				   &rows);
}
