/*
 * recommend_users.c
 *	  Whom to show an item: rec.recommend_users.
 *
 * A user is on the list if rec.recommend would have the item among the user's personal rows. Where
 * scores are inner products (Algorithm.user_product), the users' side of the model is searched.
 * Otherwise the profiles of all users are read from the source, and the item is scored for each.
 */
#include "postgres.h"
#include "server/compat.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "function/arguments.h"
#include "function/ranking.h"
#include "miscadmin.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "run/top_lists.h"
#include "server/memory.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_recommend_users);

/* What rec.recommend_users was called with. */
typedef struct Question
{
	int32		item;
	int64		n;
	bool		exclude_seen;
} Question;

/* ---- users of the last training ---- */

typedef struct UserScores
{
	const Model *model;
	int32		item;
	void	   *query;			/* memory for one */
	bool		silent;			/* some user had no score */
} UserScores;

/*
 * A SearchScore: the item's scores for users. NaN for a user whose factors say nothing of items,
 * because they are nothing but rounding.
 */
static void
score_users(void *state, const int32 *users, int64 first, int64 n, float *scores)
{
	UserScores *s = state;
	const Model *model = s->model;

	for (int64 i = 0; i < n; i++)
	{
		int32		user = item_of(users, first + i);
		Profile		profile = {.n = model->sides[SIDE_USERS].n_ratings[user]};
		ListQuery	q;

		model->algorithm->user_query(model, user, s->query);
		q = list_query(model, &profile, s->query);
		scores[i] = get_float4_nan();
		if (list_is_personal(&q))
			list_score_items(&q, &s->item, 0, 1, &scores[i]);
		else
			s->silent = true;
	}
}

/* The users who have the item. */
typedef struct Owners
{
	const LoadedModel *loaded;
	NumberSet	users;
} Owners;

static void
add_owner(void *state, Datum user)
{
	Owners	   *owners = state;
	int32		number = loaded_user(owners->loaded, user);

	if (number >= 0)
		number_set_add(&owners->users, number);
}

/*
 * The best users that are not in skip. The search takes every user for one with a score. Where it
 * met one without, all users are scored.
 */
static Top
search_users(const LoadedModel *loaded, const Question *question, const InnerProduct *users,
			 float constant, const NumberSet *skip)
{
	const Model *model = &loaded->model;
	int64		n_users = model->sides[SIDE_USERS].n_rows;
	UserScores	scores = {.model = model, .item = question->item};
	InnerProduct items;
	const float *vector;
	Top			top = ranking_top(question->n, n_users);

	has_inner_product(model, &items);
	vector = items.factors + items.stride * question->item;
	if (items.bias != NULL)
		constant += items.bias[question->item];
	scores.query = memory_aligned(CurrentMemoryContext, model_query_bytes(model, 0));
	search_one(loaded->user_index, vector, constant, skip->bits, score_users, &scores, &top,
			   memory_aligned(CurrentMemoryContext,
							  search_one_scratch_bytes(n_users, users->width, top.capacity)));
	if (scores.silent)
		return rank_range(score_users, &scores, n_users, question->n, skip);
	top_sort(&top);
	return top;
}

/* ---- users of the source ---- */

/*
 * Makes a list for every user of the source with the item as the only candidate. A user whose list
 * has the item as a personal row is ranked. The lists are made with a copy of the model whose
 * option clip is false, so users are ranked by unclipped scores.
 */
static Datum
rank_profiles(FunctionCallInfo fcinfo, const Rows *rows, LoadedModel *loaded,
			  const Question *question)
{
	const char *name = get_rel_name(loaded->relid);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rec profiles of all users",
												  ALLOCSET_DEFAULT_SIZES);
	ListFilter	filter = {.exclude_seen = question->exclude_seen,
						  .candidates = &question->item,
						  .n_candidates = 1};
	TrainingMemory *memory;
	TrainingData *data;
	Source	   *source;
	const SearchIndex *index;
	Model		copy;
	Batch	   *batch;
	IdList		users;
	Top			top;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	source = source_open_locked(&loaded->row->source, loaded->model.options, context);
	source_serve(source, loaded->row->model, loaded->row->tables[SIDE_USERS],
				 &loaded->ids[SIDE_ITEMS]->type);
	source->needs = profile_needs(&loaded->model);
	data = source_read_profiles(source, loaded->ids[SIDE_ITEMS], NULL, context);
	memory = training_memory_create(context);
	profiles_read_features(loaded, data, memory);
	SPI_finish();
	memory_require(source_bytes(data) + batch_model_bytes(loaded) +
					   batch_bytes(&loaded->model, data->users->n, 1, &filter) +
					   (double) id_block_bytes(data->users),
				   psprintf("ranking " INT64_FORMAT " users of model \"%s\"",
							(int64) data->users->n, name));
	source_build_profiles(data, memory);
	index = batch_copy_model(loaded, &copy, memory);
	((CommonOptions *) unconstify(void *, copy.options))->clip = false;
	batch = batch_create(&copy, index, &data->ratings, 1, &filter, memory);
	batch_run(batch);

	top = ranking_top(question->n, data->users->n);
	for (int64 u = 0; u < data->users->n; u++)
	{
		if (u % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (batch->counts[u] > 0 && batch->personal[u] > 0)
			top_offer(&top, batch->lists[u * batch->n].score, (int32) u);
	}
	top_sort(&top);
	for (int64 i = 0; i < top.count; i++)
		top.heap[i].score = list_shown(&loaded->model, top.heap[i].score);
	/* ids by reference point into this list */
	users = id_list_create(data->users);
	ranking_return(fcinfo, rows, &top, 0, &users, NULL, "user", loaded->relid);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* ---- the function ---- */

/* Errors out if the algorithm's scores do not depend on the user. */
static void
require_personal(const LoadedModel *loaded)
{
	const Algorithm *algorithm = loaded->model.algorithm;

	if (algorithm->impersonal)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("model \"%s\" cannot say whom to show an item",
						get_rel_name(loaded->relid)),
				 errdetail("Algorithm \"%s\" scores an item the same for every user.",
						   algorithm->name),
				 errhint("Ask a model of another algorithm.")));
}

PGDLLEXPORT Datum
rec_recommend_users(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	LoadedModel *loaded;
	Question	question;
	InnerProduct product;
	float		constant;
	Owners		owners;
	Datum		id;
	Top			top;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return (Datum) 0;
	question.n = ranking_length(PG_GETARG_INT32(2));
	question.exclude_seen = PG_GETARG_BOOL(3);
	loaded = loaded_model(PG_GETARG_OID(0));
	require_personal(loaded);
	if (loaded->model.algorithm->user_product != NULL)
		loaded = loaded_model_with(PG_GETARG_OID(0), SIDE_USERS);
	id = id_convert(PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1),
					&loaded->ids[SIDE_ITEMS]->type);
	question.item = id_list_find(loaded->ids[SIDE_ITEMS], id);

	/* the same privileges are needed whether or not the source is read */
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	loaded_model_need_source(loaded);
	check_source_privilege(loaded->source->relid);
	SPI_finish();
	if (question.item < 0)
		return (Datum) 0;
	if (!has_user_product(&loaded->model, &product, &constant))
		return rank_profiles(fcinfo, &rows, loaded, &question);

	owners = (Owners) {loaded, number_set(loaded->model.sides[SIDE_USERS].n_rows)};
	if (question.exclude_seen)
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		source_read_item_users(loaded->source, id, add_owner, &owners);
		SPI_finish();
	}
	top = search_users(loaded, &question, &product, constant, &owners.users);
	for (int64 i = 0; i < top.count; i++)
		top.heap[i].score = list_shown(&loaded->model, top.heap[i].score);
	return ranking_return(fcinfo, &rows, &top, 0, loaded->ids[SIDE_USERS], NULL, "user",
						  loaded->relid);
}
