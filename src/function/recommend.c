/*
 * recommend.c
 *	  Asking a model: rec.recommend, rec.recommend_for, rec.predict.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "function/arguments.h"
#include "function/item_arguments.h"
#include "function/ranking.h"
#include "miscadmin.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(rec_recommend);
PG_FUNCTION_INFO_V1(rec_recommend_for);
PG_FUNCTION_INFO_V1(rec_predict);

static void
score_items(void *state, const int32 *items, int64 first, int64 n, float *scores)
{
	Asker	   *asker = state;

	profile_scores(&asker->loaded->model, asker->query, items, first, n, scores);
}

static void
score_popularity(void *state, const int32 *items, int64 first, int64 n, float *scores)
{
	const Model *model = &((Asker *) state)->loaded->model;

	for (int64 i = 0; i < n; i++)
		scores[i] = item_popularity(model, item_of(items, first + i));
}

/* The n best of all items that are not in skip. */
static Top
rank_all(Asker *asker, int64 n, const NumberSet *skip)
{
	const LoadedModel *loaded = asker->loaded;
	const Model *model = &loaded->model;
	InnerProduct product;
	const float *vector = NULL;
	float		constant;
	Top			top;

	if (loaded->index != NULL && has_inner_product(model, &product))
		vector = model->algorithm->query_vector(model, asker->query, &constant);
	if (vector == NULL)
		return rank_range(score_items, asker, model->sides[SIDE_ITEMS].n_rows, n, skip);
	top = ranking_top(n, model->sides[SIDE_ITEMS].n_rows);
	search_one(
		loaded->index, vector, constant, skip->bits, score_items, asker, &top,
		profile_scratch(asker->loaded, search_one_scratch_bytes(model->sides[SIDE_ITEMS].n_rows,
																product.width, top.capacity)));
	top_sort(&top);
	return top;
}

/*
 * Fills a sorted list up to n with the most popular items that are neither in it nor in skip,
 * which is changed: of the given numbers, or of all where numbers is NULL.
 */
static void
fill_up(Asker *asker, Top *top, int64 n, const int32 *numbers, int64 n_numbers, NumberSet *skip)
{
	int64		missing = Min(n, n_numbers) - top->count;
	int64		kept = 0;
	int32	   *left;
	Top			popular;

	if (missing <= 0)
		return;
	for (int64 i = 0; i < top->count; i++)
		number_set_add(skip, top->heap[i].index);
	if (numbers == NULL)
		popular = rank_range(score_popularity, asker, n_numbers, missing, skip);
	else
	{
		left = palloc_extended(sizeof(int32) * n_numbers, MCXT_ALLOC_HUGE);
		for (int64 i = 0; i < n_numbers; i++)
		{
			if (!number_set_has(skip, numbers[i]))
				left[kept++] = numbers[i];
		}
		popular = rank_numbers(score_popularity, asker, left, kept, missing);
	}
	memcpy(top->heap + top->count, popular.heap, sizeof(Scored) * popular.count);
	top->count += popular.count;
}

/*
 * The ranking for an asker: what the model says something of, then by popularity what it does
 * not, then by their ids the candidates that it does not know; there are n rows whenever there
 * are so many candidates. The arguments n, exclude_seen, candidates and exclude of both functions
 * come one after the other, beginning with the one of the given number.
 */
static Ranking *
recommend(FunctionCallInfo fcinfo, Asker *asker, int first_argument)
{
	LoadedModel *loaded = asker->loaded;
	const Model *model = &loaded->model;
	int64		n = ranking_length(PG_GETARG_INT32(first_argument));
	ItemFilter	filter = item_filter(fcinfo, loaded, first_argument + 2, first_argument + 3);
	bool		answers = asker->profile.n > 0 || model->algorithm->impersonal;
	int64		n_numbers = model->sides[SIDE_ITEMS].n_rows;
	Ranking    *ranking;
	Top			top;
	int64		own;

	if (PG_GETARG_BOOL(first_argument + 1))
	{
		for (int64 i = 0; i < asker->n_seen; i++)
			number_set_add(&filter.skip, asker->seen[i]);
		for (int64 i = 0; i < asker->n_seen_unknown && filter.unwanted != NULL; i++)
			id_dictionary_add(filter.unwanted, asker->seen_unknown[i]);
	}
	item_filter_settle(&filter);
	if (filter.candidates != NULL)
		n_numbers = filter.n_candidates;
	if (!answers)
		top = ranking_top(n, n_numbers);
	else if (filter.candidates != NULL)
		top = rank_numbers(score_items, asker, filter.candidates, n_numbers, n);
	else
		top = rank_all(asker, n, &filter.skip);
	own = top.count;
	fill_up(asker, &top, n, filter.candidates, n_numbers, &filter.skip);

	ranking = ranking_from_top(fcinfo, &top, loaded->ids[SIDE_ITEMS], "item", loaded->relid);
	ranking->n_personal = asker->profile.n > 0 && !model->algorithm->impersonal ? own : 0;
	for (int64 i = 0; i < ranking->n; i++)
	{
		float		score = i < own
						  ? top.heap[i].score
						  : profile_score(model, asker->query, asker->profile.n, top.heap[i].index);

		ranking->scores[i] = shown_score(model, score);
	}
	if (filter.unknown != NULL && ranking->n < n)
		ranking_append(fcinfo, ranking, n, item_filter_unknown(&filter),
					   shown_score(model, profile_score(model, asker->query, asker->profile.n, -1)),
					   loaded->relid);
	return ranking;
}

static Ranking *
make_recommend(FunctionCallInfo fcinfo)
{
	LoadedModel *loaded;

	refuse_arguments(fcinfo, 6);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return ranking_empty();
	ranking_length(PG_GETARG_INT32(2));
	loaded = loaded_model(PG_GETARG_OID(0));
	return recommend(
		fcinfo, ask_as_user(loaded, PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1)), 2);
}

PGDLLEXPORT Datum
rec_recommend(PG_FUNCTION_ARGS)
{
	return ranking_rows(fcinfo, make_recommend);
}

static Ranking *
make_recommend_for(FunctionCallInfo fcinfo)
{
	LoadedModel *loaded;

	refuse_arguments(fcinfo, 7);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		return ranking_empty();
	ranking_length(PG_GETARG_INT32(3));
	loaded = loaded_model(PG_GETARG_OID(0));
	return recommend(fcinfo, profile_arguments(fcinfo, loaded, 1, 2), 3);
}

PGDLLEXPORT Datum
rec_recommend_for(PG_FUNCTION_ARGS)
{
	return ranking_rows(fcinfo, make_recommend_for);
}

/* ---- predictions ---- */

/* Askers that a call site remembers, at most. */
#define MAX_ASKERS 4096
#define MAX_ASKER_BYTES (16 * 1024 * 1024)

/*
 * What a call site of rec.predict remembers from row to row: the askers it has met, for as long
 * as the model, the snapshot and the current user stay the same. A user's rows are thus read once
 * in a query, and read again in the next statement.
 */
typedef struct PredictState
{
	Oid			user_type;		/* of the arguments */
	Oid			item_type;
	MemoryContext context;		/* of what follows, reset when it is void */
	Oid			relid;
	uint64		load;
	Oid			current_user;
	Snapshot	snapshot;		/* a copy, for comparison only */
	IdDictionary *users;
	Asker	  **askers;			/* by the user's number */
} PredictState;

static bool
same_snapshot(Snapshot a, Snapshot b)
{
	return a->snapshot_type == b->snapshot_type &&
		a->xmin == b->xmin && a->xmax == b->xmax && a->curcid == b->curcid &&
		a->xcnt == b->xcnt && a->subxcnt == b->subxcnt &&
		a->suboverflowed == b->suboverflowed && a->takenDuringRecovery == b->takenDuringRecovery &&
		(a->xcnt == 0 || memcmp(a->xip, b->xip, sizeof(TransactionId) * a->xcnt) == 0) &&
		(a->subxcnt == 0 || memcmp(a->subxip, b->subxip, sizeof(TransactionId) * a->subxcnt) == 0);
}

static Snapshot
copy_snapshot(Snapshot from)
{
	Snapshot	to = palloc(sizeof(SnapshotData));

	*to = *from;
	to->xip = palloc(sizeof(TransactionId) * Max(from->xcnt, 1));
	to->subxip = palloc(sizeof(TransactionId) * Max(from->subxcnt, 1));
	if (from->xcnt > 0)
		memcpy(to->xip, from->xip, sizeof(TransactionId) * from->xcnt);
	if (from->subxcnt > 0)
		memcpy(to->subxip, from->subxip, sizeof(TransactionId) * from->subxcnt);
	return to;
}

static PredictState *
predict_state(FunctionCallInfo fcinfo)
{
	PredictState *state = fcinfo->flinfo->fn_extra;

	if (state == NULL)
	{
		state = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PredictState));
		state->user_type = get_fn_expr_argtype(fcinfo->flinfo, 1);
		state->item_type = get_fn_expr_argtype(fcinfo->flinfo, 2);
		if (!OidIsValid(state->user_type) || !OidIsValid(state->item_type))
			ereport(ERROR,
					(errcode(ERRCODE_INDETERMINATE_DATATYPE),
					 errmsg("could not determine the types of the ids")));
		state->context =
			AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "rec.predict", ALLOCSET_DEFAULT_SIZES);
		fcinfo->flinfo->fn_extra = state;
	}
	return state;
}

/*
 * Forgets the askers where they are not those of this model, snapshot and user; or where they are
 * many.
 */
static void
renew(PredictState *state, LoadedModel *loaded)
{
	Snapshot	snapshot = GetActiveSnapshot();
	int			limit =
		Max(1, (int) (MAX_ASKER_BYTES / Max(model_query_bytes(&loaded->model, 100), 1)));
	MemoryContext old;
	IdType		type;

	if (state->users != NULL && state->relid == loaded->relid && state->load == loaded->load &&
		state->current_user == GetUserId() && same_snapshot(state->snapshot, snapshot) &&
		state->users->n < Min(MAX_ASKERS, limit))
		return;
	state->users = NULL;
	MemoryContextReset(state->context);
	old = MemoryContextSwitchTo(state->context);
	state->relid = loaded->relid;
	state->load = loaded->load;
	state->current_user = GetUserId();
	state->snapshot = copy_snapshot(snapshot);
	state->askers = palloc(sizeof(Asker *) * MAX_ASKERS);

	/* An id of any type is remembered by the text or the number that was passed. */
	if (state->user_type == UNKNOWNOID)
		id_type_init(&type, TEXTOID, -1, DEFAULT_COLLATION_OID, "the user id", state->context);
	else
		id_type_init(&type, state->user_type, -1, get_typcollation(state->user_type), "the user id",
					 state->context);
	state->users = id_dictionary_create(&type, state->context);
	MemoryContextSwitchTo(old);
}

static Asker *
find_asker(PredictState *state, LoadedModel *loaded, Datum user)
{
	Oid			type = state->user_type;
	int32		number;
	MemoryContext old;
	Asker	   *asker;

	if (type == UNKNOWNOID)
	{
		user = CStringGetTextDatum(DatumGetCString(user));
		type = TEXTOID;
	}
	number = id_dictionary_find(state->users, user);
	if (number >= 0)
		return state->askers[number];

	old = MemoryContextSwitchTo(state->context);
	asker = ask_as_user(loaded, user, type);
	state->askers[id_dictionary_add(state->users, user)] = asker;
	MemoryContextSwitchTo(old);
	return asker;
}

PGDLLEXPORT Datum
rec_predict(PG_FUNCTION_ARGS)
{
	PredictState *state = predict_state(fcinfo);
	LoadedModel *loaded = loaded_model(PG_GETARG_OID(0));
	const Model *model = &loaded->model;
	Asker	   *asker;
	int32		item;

	renew(state, loaded);
	asker = find_asker(state, loaded, PG_GETARG_DATUM(1));
	item = id_list_find(loaded->ids[SIDE_ITEMS], id_convert(PG_GETARG_DATUM(2), state->item_type,
															&loaded->ids[SIDE_ITEMS]->type));
	PG_RETURN_FLOAT4(
		shown_score(model, profile_score(model, asker->query, asker->profile.n, item)));
}
