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
#include "model/new_items.h"
#include "model/profile.h"
#include "server/memory.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_explain);
PG_FUNCTION_INFO_V1(rec_explain_for);

/* An item of the profile, or a feature. */
typedef struct Reason
{
	float		rating;			/* of an item */
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
 * Returns the n reasons that contribute most. They are rows of a side: items, whose type is that of
 * argument 2, or features.
 */
static void
return_reasons(FunctionCallInfo fcinfo, const LoadedModel *loaded, Reason *reasons, int64 n_reasons,
			   SideKind side, float baseline, int64 n, Rows *rows)
{
	const IdList *ids = loaded->ids[side];
	bool		are_features = side_has_names(side);

	qsort(reasons, n_reasons, sizeof(Reason), compare_reasons);
	for (int64 i = 0; i < Min(n, n_reasons); i++)
	{
		Datum		values[5] = {0};
		bool		nulls[5] = {false};
		int			c = 0;

		if (are_features)
			nulls[c++] = true;
		else
			values[c++] = returned_id(fcinfo, 2, id_list_get(ids, reasons[i].number),
									  &ids->type, TupleDescAttr(rows->desc, 0)->atttypid, "item",
									  loaded->relid);
		/* the column feature, which did not exist before 0.6.0 */
		if (rows->desc->natts > 4)
		{
			nulls[c] = !are_features;
			if (are_features)
				values[c] = id_list_get(ids, reasons[i].number);
			c++;
		}
		nulls[c] = are_features;
		values[c++] = Float4GetDatum(reasons[i].rating);
		values[c++] = Float4GetDatum(reasons[i].contribution);
		values[c++] = Float4GetDatum(baseline);
		rows_add(rows, values, nulls);
	}
}

/* The items of the asker's profile that contribute to the score of an item. */
static void
explain_by_items(FunctionCallInfo fcinfo, Asker *asker, const Model *model, int32 item, int64 n,
				 Rows *rows)
{
	const Profile *profile = &asker->profile;
	float	   *contributions = palloc_extended(sizeof(float) * profile->n, MCXT_ALLOC_HUGE);
	Reason	   *reasons = palloc_extended(sizeof(Reason) * profile->n, MCXT_ALLOC_HUGE);
	int64		n_reasons = 0;
	float		baseline;

	model->algorithm->explain(
		model, profile, asker->query.query, item, contributions, &baseline,
		profile_scratch(asker->loaded,
						model_explain_scratch_bytes(model, profile_length(profile))));
	finite_number(baseline);
	for (int64 i = 0; i < profile->n; i++)
	{
		/* an item that contributes nothing is no reason */
		if (finite_number(contributions[i]) != 0)
			reasons[n_reasons++] = (Reason){asker->merged[i], contributions[i], profile->items[i]};
	}
	return_reasons(fcinfo, asker->loaded, reasons, n_reasons, SIDE_ITEMS, baseline, n, rows);
}

/*
 * Explains the score of an item by n_features features of a side, of which each has a contribution.
 */
static void
return_features(FunctionCallInfo fcinfo, Asker *asker, const Model *model, int32 item,
				SideKind side, const int32 *features, const float *contributions, int64 n_features,
				int64 n, Rows *rows)
{
	Reason	   *reasons = palloc_extended(sizeof(Reason) * Max(n_features, 1), MCXT_ALLOC_HUGE);
	int64		n_reasons = 0;
	double		baseline = model_score_item(model, asker->query.query, item);

	for (int64 i = 0; i < n_features; i++)
	{
		if (finite_number(contributions[i]) == 0)
			continue;
		baseline -= contributions[i];
		reasons[n_reasons++] = (Reason){0, contributions[i], features[i]};
	}
	return_reasons(fcinfo, asker->loaded, reasons, n_reasons, side, (float) baseline, n, rows);
}

/* The features of an item that contribute to its score. */
static void
explain_by_features(FunctionCallInfo fcinfo, Asker *asker, const Model *model, int32 item,
					Datum id, int64 n, Rows *rows)
{
	IdDictionary *ids =
		id_dictionary_create(&asker->loaded->ids[SIDE_ITEMS]->type, CurrentMemoryContext);
	const SparseMatrix *m;
	int64		n_features;
	float	   *contributions;

	id_dictionary_add(ids, id);
	m = &known_attributes(asker->loaded, SIDE_ITEMS, ids)->features;
	n_features = m->start[1];
	contributions = palloc_extended(sizeof(float) * Max(n_features, 1), MCXT_ALLOC_HUGE);
	model->algorithm->explain_features(model, asker->query.query, item, m->column, m->value,
									   n_features, contributions);
	return_features(fcinfo, asker, model, item, SIDE_ITEM_FEATURES, m->column, contributions,
					n_features, n, rows);
}

/* The features of the question's context that contribute to the score of an item. */
static void
explain_by_context(FunctionCallInfo fcinfo, Asker *asker, const Model *model, int32 item, int64 n,
				   Rows *rows)
{
	const Profile *profile = &asker->profile;
	float	   *contributions =
		palloc_extended(sizeof(float) * profile->n_context, MCXT_ALLOC_HUGE);

	model->algorithm->explain_context(model, asker->query.query, item, profile->context,
									  profile->context_values, profile->n_context, contributions);
	return_features(fcinfo, asker, model, item, SIDE_CONTEXT_FEATURES, profile->context,
					contributions, profile->n_context, n, rows);
}

/*
 * Explains the score of an item, which is argument 2: by n items, by n of its features, and by n of
 * those of the context.
 */
static Datum
explain(FunctionCallInfo fcinfo, Asker *asker, int32 n, Rows *rows)
{
	LoadedModel *loaded = asker->loaded;
	const Model *model = &loaded->model;
	Datum		id = id_convert(PG_GETARG_DATUM(2), get_fn_expr_argtype(fcinfo->flinfo, 2),
								&loaded->ids[SIDE_ITEMS]->type);
	int32		item = find_item(loaded, id, &model);

	/* a score that is the item's popularity has no reasons */
	if (item < 0 || asker->profile.n == 0 ||
		(!asker->query.speaks && !model_predicts_ratings(model)))
		return (Datum) 0;
	explain_by_items(fcinfo, asker, model, item, n, rows);
	if (model->sides[SIDE_ITEM_FEATURES].n_rows > 0 &&
		model->algorithm->explain_features != NULL &&
		may_read_attributes(loaded))
		explain_by_features(fcinfo, asker, model, item, id, n, rows);
	if (asker->profile.n_context > 0 && model->algorithm->explain_context != NULL)
		explain_by_context(fcinfo, asker, model, item, n, rows);
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
							   get_fn_expr_argtype(fcinfo->flinfo, 1), jsonb_argument(fcinfo, 4)),
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
	return explain(fcinfo,
				   profile_arguments(fcinfo, loaded_model(PG_GETARG_OID(0)), 1, 3, NULL), n,
				   &rows);
}
