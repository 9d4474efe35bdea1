/*
 * explain.c
 *	  Why a model gives a score: rec.explain.
 */
#include "postgres.h"
#include "server/compat.h"

#include "fmgr.h"
#include "function/arguments.h"
#include "function/rows.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "server/memory.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_explain);

typedef struct Reason
{
	float		rating;
	float		contribution;
	int32		number;
} Reason;

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

PGDLLEXPORT Datum
rec_explain(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	Oid			returned = TupleDescAttr(rows.desc, 0)->atttypid;
	LoadedModel *loaded;
	const Model *model;
	const Algorithm *algorithm;
	Asker	   *asker;
	const Profile *profile;
	int32		item;
	int32		n;
	float	   *contributions;
	int64		length;
	float		baseline;
	Reason	   *reasons;
	int64		n_reasons = 0;

	for (int i = 0; i < 4; i++)
	{
		if (PG_ARGISNULL(i))
			return (Datum) 0;
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
	profile = &asker->profile;
	item = id_list_find(loaded->ids[SIDE_ITEMS],
						id_convert(PG_GETARG_DATUM(2), get_fn_expr_argtype(fcinfo->flinfo, 2),
								   &loaded->ids[SIDE_ITEMS]->type));
	if (item < 0 || profile->n == 0)
		return (Datum) 0;

	length = profile_length(profile);
	contributions = palloc_extended(sizeof(float) * profile->n, MCXT_ALLOC_HUGE);
	algorithm->explain(model, profile, asker->query, item, contributions, &baseline,
					   profile_scratch(loaded, model_explain_scratch_bytes(model, length)));
	finite_number(baseline);
	reasons = palloc_extended(sizeof(Reason) * profile->n, MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < profile->n; i++)
	{
		/* what adds nothing is no reason */
		if (finite_number(contributions[i]) != 0)
			reasons[n_reasons++] = (Reason){asker->merged[i], contributions[i], profile->items[i]};
	}
	qsort(reasons, n_reasons, sizeof(Reason), compare_reasons);
	for (int64 i = 0; i < Min(n, n_reasons); i++)
	{
		Datum		item = id_list_get(loaded->ids[SIDE_ITEMS], reasons[i].number);
		Datum values[4] = {returned_id(fcinfo, 2, item, &loaded->ids[SIDE_ITEMS]->type, returned,
									   "item", loaded->relid),
						   Float4GetDatum(reasons[i].rating),
						   Float4GetDatum(reasons[i].contribution), Float4GetDatum(baseline)};
		bool		nulls[4] = {false};

		rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}
