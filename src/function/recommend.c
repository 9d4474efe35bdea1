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
#include "model/new_items.h"
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
	list_score_items(state, items, first, n, scores);
}

/* Offers items to top, with the scores of the asker's query. */
static void
rank_by_scores(Asker *asker, const ListItems *items, Top *top)
{
	LoadedModel *loaded = asker->loaded;
	ListQuery  *q = &asker->query;
	int64		n_items = q->model->sides[SIDE_ITEMS].n_rows;
	float		constant;
	const float *vector = list_vector(q, loaded->index, items, &constant);
	InnerProduct product;

	if (vector == NULL || !has_inner_product(q->model, &product))
		list_scan(q, items, top, profile_scratch(loaded, list_scan_bytes(items)));
	else
		search_one(loaded->index, vector, constant, items->skip, score_items, q, top,
				   profile_scratch(loaded, search_one_scratch_bytes(n_items, product.width,
																	top->capacity)));
}

/*
 * Returns the list for an asker. The arguments n, exclude_seen, candidates and exclude are
 * consecutive in both functions, from first_argument on.
 */
static Datum
recommend(FunctionCallInfo fcinfo, const Rows *rows, Asker *asker, int first_argument)
{
	LoadedModel *loaded = asker->loaded;
	const Model *model = &loaded->model;
	ItemFilter	filter = item_filter(fcinfo, loaded, first_argument + 2, first_argument + 3);
	IdDictionary *unknown = NULL;
	ListItems	items = {.skip = filter.skip.bits};
	int64		n_items = model->sides[SIDE_ITEMS].n_rows;
	Top			top;
	int64		n_personal;

	if (PG_GETARG_BOOL(first_argument + 1))
	{
		for (int64 i = 0; i < asker->n_seen; i++)
			number_set_add(&filter.skip, asker->seen[i]);
		for (int64 i = 0; i < asker->n_seen_unknown && filter.unwanted != NULL; i++)
			id_dictionary_add(filter.unwanted, asker->seen_unknown[i]);
	}
	if (filter.candidates != NULL)
	{
		item_filter_settle(&filter);
		unknown = item_filter_unknown(&filter);
		n_items = filter.n_candidates;
		items.n_unknown = unknown->n;
		if (list_candidates_are_few(model, n_items))
		{
			items.candidates = filter.candidates;
			items.n_candidates = n_items;
		}
		else
			list_skip_others(model, filter.candidates, n_items, items.skip);
		if (unknown->n > 0 && model_maps_items(model))
			asker->query.model = model_with_new_items(loaded, unknown, &items.is_known);
	}
	top = ranking_top(ranking_length(PG_GETARG_INT32(first_argument)), n_items + items.n_unknown);
	if (list_is_scored(&asker->query))
	{
		rank_by_scores(asker, &items, &top);
		list_scan_new(&asker->query, &items, &top);
	}
	n_personal = list_finish(&asker->query, &items, &top);
	return ranking_return(fcinfo, rows, &top, n_personal, loaded->ids[SIDE_ITEMS], unknown, "item",
						  loaded->relid);
}

PGDLLEXPORT Datum
rec_recommend(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	LoadedModel *loaded;

	refuse_arguments(fcinfo, 7);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return (Datum) 0;
	ranking_length(PG_GETARG_INT32(2));
	loaded = loaded_model(PG_GETARG_OID(0));
	return recommend(fcinfo, &rows,
					 ask_as_user(loaded, PG_GETARG_DATUM(1),
								 get_fn_expr_argtype(fcinfo->flinfo, 1), jsonb_argument(fcinfo, 6)),
					 2);
}

PGDLLEXPORT Datum
rec_recommend_for(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);

	refuse_arguments(fcinfo, 8);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		return (Datum) 0;
	ranking_length(PG_GETARG_INT32(3));
	return recommend(fcinfo, &rows,
					 profile_arguments(fcinfo, loaded_model(PG_GETARG_OID(0)), 1, 2,
									   jsonb_argument(fcinfo, 7)),
					 3);
}

/* ---- predictions ---- */

/* The most askers that a call site remembers. */
#define MAX_ASKERS 4096
#define MAX_ASKER_BYTES (16 * 1024 * 1024)

/* The asker of a user in a context. */
typedef struct ContextAsker
{
	Jsonb	   *context;		/* or NULL */
	Asker	   *asker;
	struct ContextAsker *next;	/* of the same user, in another context */
} ContextAsker;

/* An item that may have come after the training. */
typedef struct NewItem
{
	const Model *model;			/* has the item */
	int32		item;			/* or -1: nothing is known of it */
} NewItem;

/*
 * What a call site of rec.predict remembers from row to row: the askers of earlier rows, while the
 * model, the snapshot and the current user stay the same. So a user's rows are read once per query,
 * and again in the next statement.
 */
typedef struct PredictState
{
	Oid			user_type;		/* of the arguments */
	Oid			item_type;
	MemoryContext context;		/* of the following members; reset when they are invalid */
	Oid			relid;
	uint64		load;
	Oid			current_user;
	Snapshot	snapshot;		/* a copy, for comparison only */
	IdDictionary *users;
	ContextAsker **askers;		/* by the user's number */
	int			n_askers;
	IdDictionary *unknown;		/* items that are not in the model */
	NewItem    *new_items;		/* by their number: what is known of them */
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

/* Forgets all askers and new items. */
static void
forget_askers(PredictState *state, LoadedModel *loaded)
{
	MemoryContext old;
	IdType		type;

	state->users = NULL;
	MemoryContextReset(state->context);
	old = MemoryContextSwitchTo(state->context);
	state->relid = loaded->relid;
	state->load = loaded->load;
	state->current_user = GetUserId();
	state->snapshot = copy_snapshot(GetActiveSnapshot());
	state->askers = palloc0(sizeof(ContextAsker *) * MAX_ASKERS);
	state->n_askers = 0;
	state->unknown = id_dictionary_create(&loaded->ids[SIDE_ITEMS]->type, state->context);
	state->new_items = palloc(sizeof(NewItem) * MAX_ASKERS);

	/* If the type is unknown, the id's text is remembered. */
	if (state->user_type == UNKNOWNOID)
		id_type_init(&type, TEXTOID, -1, DEFAULT_COLLATION_OID, "the user id", state->context);
	else
		id_type_init(&type, state->user_type, -1, get_typcollation(state->user_type), "the user id",
					 state->context);
	state->users = id_dictionary_create(&type, state->context);
	MemoryContextSwitchTo(old);
}

/*
 * Forgets the askers if they are not for this model, snapshot and user, or if there are too many
 * new items.
 */
static void
forget_stale_askers(PredictState *state, LoadedModel *loaded)
{
	if (state->users == NULL || state->relid != loaded->relid || state->load != loaded->load ||
		state->current_user != GetUserId() ||
		!same_snapshot(state->snapshot, GetActiveSnapshot()) || state->unknown->n >= MAX_ASKERS)
		forget_askers(state, loaded);
}

static Asker *
find_asker(PredictState *state, LoadedModel *loaded, Datum user, Jsonb *context)
{
	Oid			type = state->user_type;
	int32		number;
	MemoryContext old;
	ContextAsker *found;

	if (type == UNKNOWNOID)
	{
		user = CStringGetTextDatum(DatumGetCString(user));
		type = TEXTOID;
	}
	number = id_dictionary_find(state->users, user);
	for (found = number < 0 ? NULL : state->askers[number]; found != NULL; found = found->next)
	{
		if (context == NULL
				? found->context == NULL
				: found->context != NULL &&
					  compareJsonbContainers(&context->root, &found->context->root) == 0)
			return found->asker;
	}

	/* the last one stays until there is another, however large it is */
	if (state->n_askers >= MAX_ASKERS ||
		MemoryContextMemAllocated(state->context, true) > MAX_ASKER_BYTES)
		forget_askers(state, loaded);
	old = MemoryContextSwitchTo(state->context);
	found = palloc(sizeof(ContextAsker));
	found->context =
		context == NULL ? NULL : memcpy(palloc(VARSIZE(context)), context, VARSIZE(context));
	found->asker = ask_as_user(loaded, user, type, found->context);
	number = id_dictionary_add(state->users, user);
	found->next = state->askers[number];
	state->askers[number] = found;
	state->n_askers++;
	MemoryContextSwitchTo(old);
	return found->asker;
}

static const NewItem *
find_new_item(PredictState *state, LoadedModel *loaded, Datum id)
{
	int32		number = id_dictionary_find(state->unknown, id);
	MemoryContext old;
	NewItem		found = {&loaded->model, -1};

	if (number >= 0)
		return &state->new_items[number];
	old = MemoryContextSwitchTo(state->context);
	found.item = find_item(loaded, id, &found.model);
	number = id_dictionary_add(state->unknown, id);
	state->new_items[number] = found;
	MemoryContextSwitchTo(old);
	return &state->new_items[number];
}

PGDLLEXPORT Datum
rec_predict(PG_FUNCTION_ARGS)
{
	PredictState *state = predict_state(fcinfo);
	LoadedModel *loaded;
	IdList	   *items;
	Datum		id;
	int32		item;
	ListQuery	query;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	loaded = loaded_model(PG_GETARG_OID(0));
	items = loaded->ids[SIDE_ITEMS];
	forget_stale_askers(state, loaded);
	query = find_asker(state, loaded, PG_GETARG_DATUM(1), jsonb_argument(fcinfo, 3))->query;
	id = id_convert(PG_GETARG_DATUM(2), state->item_type, &items->type);
	item = id_list_find(items, id);
	if (item < 0 && model_maps_items(&loaded->model))
	{
		const NewItem *found = find_new_item(state, loaded, id);

		query.model = found->model;
		item = found->item;
	}
	PG_RETURN_FLOAT4(list_score(&query, item));
}
