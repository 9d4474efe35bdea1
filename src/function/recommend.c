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
#include "function/ranking.h"
#include "miscadmin.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "server/memory.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(rec_recommend);
PG_FUNCTION_INFO_V1(rec_recommend_for);
PG_FUNCTION_INFO_V1(rec_predict);

/* ---- filters ---- */

/*
 * The numbers of the known items of an array argument, each once. The ids of the others are added
 * to a dictionary, unless it is NULL.
 */
static int64
array_items(FunctionCallInfo fcinfo, int argument, const char *name, LoadedModel *loaded,
			int32 **numbers, IdDictionary *unknown)
{
	Datum	   *ids;
	int			n =
		id_array_elements(PG_GETARG_DATUM(argument), get_fn_expr_argtype(fcinfo->flinfo, argument),
						  &loaded->ids[SIDE_ITEMS]->type, name, &ids);
	NumberSet	taken = number_set(loaded->model.sides[SIDE_ITEMS].n_rows);
	int64		known = 0;

	*numbers = palloc_extended(sizeof(int32) * Max(n, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < n; i++)
	{
		int32		number = id_list_find(loaded->ids[SIDE_ITEMS], ids[i]);

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (number >= 0 && !number_set_has(&taken, number))
		{
			number_set_add(&taken, number);
			(*numbers)[known++] = number;
		}
		else if (number < 0 && unknown != NULL)
			id_dictionary_add(unknown, ids[i]);
	}
	return known;
}

static void
score_items(void *state, int64 first, int64 n, float *scores)
{
	Asker	   *asker = state;
	const Model *model = &asker->loaded->model;

	model->algorithm->score_range(model, asker->query, first, n, scores);
}

static void
score_popularity(void *state, int64 first, int64 n, float *scores)
{
	const Model *model = &((Asker *) state)->loaded->model;

	for (int64 i = 0; i < n; i++)
		scores[i] = item_popularity(model, (int32) (first + i));
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

/* The ids of one dictionary that are not in the other, in the order of their type. */
static IdDictionary *
sorted_difference(const IdDictionary *ids, IdDictionary *without)
{
	IdDictionary *left = id_dictionary_create(&ids->type, CurrentMemoryContext);

	for (int32 i = 0; i < ids->n; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (id_dictionary_find(without, ids->ids[i]) < 0)
			id_dictionary_add(left, ids->ids[i]);
	}
	pfree(id_dictionary_sort(left));
	return left;
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
	NumberSet	skip = number_set(model->sides[SIDE_ITEMS].n_rows);
	bool		answers = asker->profile.n > 0 || model->algorithm->impersonal;
	int32	   *numbers = NULL;
	int64		n_numbers = model->sides[SIDE_ITEMS].n_rows;
	IdDictionary *unknown = NULL;	/* candidates that the model does not know, */
	IdDictionary *unwanted = NULL;	/* and what is excluded, or seen, of such */
	Ranking    *ranking;
	Top			top;
	int64		own;

	if (!PG_ARGISNULL(first_argument + 2))
	{
		unknown = id_dictionary_create(&loaded->ids[SIDE_ITEMS]->type, CurrentMemoryContext);
		unwanted = id_dictionary_create(&loaded->ids[SIDE_ITEMS]->type, CurrentMemoryContext);
	}
	if (PG_GETARG_BOOL(first_argument + 1))
	{
		for (int64 i = 0; i < asker->n_seen; i++)
			number_set_add(&skip, asker->seen[i]);
		for (int64 i = 0; i < asker->n_seen_unknown && unwanted != NULL; i++)
			id_dictionary_add(unwanted, asker->seen_unknown[i]);
	}
	if (!PG_ARGISNULL(first_argument + 3))
	{
		int32	   *excluded;
		int64		n_excluded =
			array_items(fcinfo, first_argument + 3, "exclude", loaded, &excluded, unwanted);

		for (int64 i = 0; i < n_excluded; i++)
			number_set_add(&skip, excluded[i]);
	}
	if (!PG_ARGISNULL(first_argument + 2))
	{
		int64		candidates =
			array_items(fcinfo, first_argument + 2, "candidates", loaded, &numbers, unknown);

		n_numbers = 0;
		for (int64 i = 0; i < candidates; i++)
		{
			if (!number_set_has(&skip, numbers[i]))
				numbers[n_numbers++] = numbers[i];
		}
	}
	if (!answers)
		top = ranking_top(n, n_numbers);
	else if (numbers != NULL)
		top = rank_numbers(score_items, asker, numbers, n_numbers, n);
	else
		top = rank_all(asker, n, &skip);
	own = top.count;
	fill_up(asker, &top, n, numbers, n_numbers, &skip);

	ranking = ranking_from_top(fcinfo, &top, loaded->ids[SIDE_ITEMS], "item", loaded->relid);
	ranking->n_personal = asker->profile.n > 0 && !model->algorithm->impersonal ? own : 0;
	for (int64 i = 0; i < ranking->n; i++)
	{
		float		score = i < own
						  ? top.heap[i].score
						  : profile_score(model, asker->query, asker->profile.n, top.heap[i].index);

		ranking->scores[i] = shown_score(model, score);
	}
	if (unknown != NULL && ranking->n < n)
		ranking_append(fcinfo, ranking, n, sorted_difference(unknown, unwanted),
					   shown_score(model, profile_score(model, asker->query, asker->profile.n, -1)),
					   loaded->relid);
	return ranking;
}

static Ranking *
make_recommend(FunctionCallInfo fcinfo)
{
	LoadedModel *loaded;

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

/* A rating given by hand, the number-th from 1. */
static float
checked_rating(const LoadedModel *loaded, double value, int number)
{
	float		rating = (float) value;

	if (!isfinite(rating))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg(isfinite(value) ? "rating %d is out of range for type real"
											   : "rating %d is not finite",
							   number)));
	if (rating < 0 && !model_predicts_ratings(&loaded->model))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("rating %d is negative", number),
				 errdetail("Model \"%s\" was trained on implicit feedback, where it is a weight.",
						   get_rel_name(loaded->relid))));
	return rating;
}

static Ranking *
make_recommend_for(FunctionCallInfo fcinfo)
{
	LoadedModel *loaded;
	ArrayType  *items;
	ArrayIterator item_iterator;
	ArrayIterator rating_iterator = NULL;
	Oid			item_type;
	Oid			rating_type = InvalidOid;
	MemoryContext scratch;
	Datum		item;
	bool		is_null;
	int			n;
	int			kept = 0;
	Datum	   *ids;
	float	   *ratings = NULL;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		return ranking_empty();
	ranking_length(PG_GETARG_INT32(3));
	loaded = loaded_model(PG_GETARG_OID(0));

	items = id_array(PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1),
					 &loaded->ids[SIDE_ITEMS]->type, sizeof(float), "item_ids", &item_type);
	scratch =
		AllocSetContextCreate(CurrentMemoryContext, "rec ids of an array", ALLOCSET_DEFAULT_SIZES);
	n = ArrayGetNItems(ARR_NDIM(items), ARR_DIMS(items));
	ids = palloc_extended(sizeof(Datum) * Max(n, 1), MCXT_ALLOC_HUGE);
	item_iterator = array_create_iterator(items, 0, NULL);
	if (!PG_ARGISNULL(2))
	{
		ArrayType  *array = memory_array(PG_GETARG_DATUM(2), 0, "ratings");
		int			length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

		if (length != n)
			ereport(ERROR,
					(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
					 errmsg("there are %d items, but %d ratings", n, length)));
		ratings = palloc_extended(sizeof(float) * Max(n, 1), MCXT_ALLOC_HUGE);
		rating_type = ARR_ELEMTYPE(array);
		rating_iterator = array_create_iterator(array, 0, NULL);
	}
	for (int i = 0; array_iterate(item_iterator, &item, &is_null); i++)
	{
		if (i % 1024 == 0)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(scratch);
		}
		if (ratings != NULL)
		{
			Datum		rating;
			bool		no_rating;

			array_iterate(rating_iterator, &rating, &no_rating);
			ratings[kept] =
				no_rating ? NAN : checked_rating(loaded, real_value(rating, rating_type), i + 1);
		}
		if (!is_null &&
			id_convert_kept(item, item_type, &loaded->ids[SIDE_ITEMS]->type, scratch, &ids[kept]))
			kept++;
	}
	return recommend(fcinfo, ask_as_profile(loaded, kept, ids, ratings), 3);
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
