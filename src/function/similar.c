/*
 * similar.c
 *	  Looking for alike: rec.similar_items, rec.similar_users.
 */
#include "postgres.h"
#include "model/compat.h"

#include "fmgr.h"
#include "function/ranking.h"
#include "model/loaded.h"
#include "model/profile.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(rec_similar_items);
PG_FUNCTION_INFO_V1(rec_similar_users);

typedef struct ItemLikeness
{
	const Model *model;
	int32		item;
} ItemLikeness;

static void
score_likeness_to_item(void *state, int64 first, int64 n, float *scores)
{
	ItemLikeness *likeness = state;

	likeness->model->algorithm->similar_items(likeness->model, likeness->item, first, n, scores);
}

static void
score_likeness_to_asker(void *state, int64 first, int64 n, float *scores)
{
	Asker	   *asker = state;
	const Model *model = &asker->loaded->model;

	model->algorithm->similar_users(model, asker->query, first, n, scores);
}

/* The ranking of one side's rows, without the one who asks (-1: it is not among them). */
static Ranking *
rank_likeness(FunctionCallInfo fcinfo, ScoreRange score, void *state, const Side *side, int32 self,
			  IdList *ids, Oid model)
{
	NumberSet	skip = number_set(side->n_rows);
	Top			top;

	if (self >= 0)
		number_set_add(&skip, self);
	top = rank_range(score, state, side->n_rows, ranking_length(PG_GETARG_INT32(2)), &skip);
	return ranking_from_top(fcinfo, &top, ids, model);
}

static Ranking *
make_similar_items(FunctionCallInfo fcinfo)
{
	LoadedModel *loaded;
	ItemLikeness likeness;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return ranking_empty();
	ranking_length(PG_GETARG_INT32(2));
	loaded = loaded_model(PG_GETARG_OID(0));
	likeness.model = &loaded->model;
	likeness.item = id_list_find(loaded->items, id_convert(PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1),
																 &loaded->items->type));
	if (likeness.item < 0)
		return ranking_empty();
	return rank_likeness(fcinfo, score_likeness_to_item, &likeness, &loaded->model.items, likeness.item,
						 loaded->items, loaded->relid);
}

/* rec.similar_items(model regclass, id anyelement, n int) -> (rank int, item_id anyelement, similarity real) */
PGDLLEXPORT Datum
rec_similar_items(PG_FUNCTION_ARGS)
{
	return ranking_rows(fcinfo, make_similar_items);
}

static Ranking *
make_similar_users(FunctionCallInfo fcinfo)
{
	LoadedModel *loaded;
	Asker	   *asker;
	Oid			id_type = get_fn_expr_argtype(fcinfo->flinfo, 1);
	int32		self;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return ranking_empty();
	ranking_length(PG_GETARG_INT32(2));
	loaded = loaded_model_with_users(PG_GETARG_OID(0));
	asker = ask_as_user(loaded, PG_GETARG_DATUM(1), id_type);
	if (asker->n_items == 0)
		return ranking_empty();
	self = id_list_find(loaded->users, id_convert(PG_GETARG_DATUM(1), id_type, &loaded->users->type));
	return rank_likeness(fcinfo, score_likeness_to_asker, asker, &loaded->model.users, self, loaded->users, loaded->relid);
}

/* rec.similar_users(model regclass, id anyelement, n int) -> (rank int, user_id anyelement, similarity real) */
PGDLLEXPORT Datum
rec_similar_users(PG_FUNCTION_ARGS)
{
	return ranking_rows(fcinfo, make_similar_users);
}
