/*
 * similar.c
 *	  Similar items and users: rec.similar_items, rec.similar_users.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "function/item_arguments.h"
#include "function/ranking.h"
#include "miscadmin.h"
#include "model/model_cache.h"
#include "model/new_items.h"
#include "model/profile.h"
#include "server/memory.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_similar_items);
PG_FUNCTION_INFO_V1(rec_similar_users);

typedef struct ItemLikeness
{
	const Model *model;
	int32		item;
} ItemLikeness;

static void
score_likeness_to_item(void *state, const int32 *items, int64 first, int64 n, float *scores)
{
	ItemLikeness *likeness = state;
	const Model *model = likeness->model;

	if (items == NULL)
		model->algorithm->similar_items(model, likeness->item, first, n, scores);
	for (int64 i = 0; items != NULL && i < n; i++)
		model->algorithm->similar_items(model, likeness->item, items[first + i], 1, &scores[i]);
}

static void
score_likeness_to_asker(void *state, const int32 *users, int64 first, int64 n, float *scores)
{
	Asker	   *asker = state;
	const Model *model = &asker->loaded->model;

	Assert(users == NULL);
	model->algorithm->similar_users(model, asker->query.query, first, n, scores);
}

PGDLLEXPORT Datum
rec_similar_items(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	LoadedModel *loaded;
	ItemLikeness likeness;
	ItemFilter	filter;
	int64		n;
	Top			top;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return (Datum) 0;
	n = ranking_length(PG_GETARG_INT32(2));
	loaded = loaded_model(PG_GETARG_OID(0));
	likeness.model = &loaded->model;
	likeness.item = find_item(loaded,
							  id_convert(PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1),
										 &loaded->ids[SIDE_ITEMS]->type),
							  &likeness.model);
	filter = item_filter(fcinfo, loaded, 3, 4);
	if (likeness.item < 0)
		return (Datum) 0;
	if (likeness.item < loaded->model.sides[SIDE_ITEMS].n_rows)
		number_set_add(&filter.skip, likeness.item);
	item_filter_settle(&filter);
	if (filter.candidates != NULL)
		top = rank_numbers(score_likeness_to_item, &likeness, filter.candidates,
						   filter.n_candidates, n);
	else
		top = rank_range(score_likeness_to_item, &likeness,
						 loaded->model.sides[SIDE_ITEMS].n_rows, n, &filter.skip);
	return ranking_return(fcinfo, &rows, &top, 0, loaded->ids[SIDE_ITEMS], NULL, "item",
						  loaded->relid);
}

/* ---- users of algorithms without a users' table ---- */

/* The asker's profile, and those of all users. */
typedef struct ProfileLikeness
{
	const float *ratings;		/* by item of the model; NaN where the item is not in the profile */
	double		norm;			/* of the profile */
	const SparseMatrix *profiles;
} ProfileLikeness;

/*
 * The cosine of whole profiles, where a missing rating is 0. NaN where no item is common, or one
 * profile has only zeros.
 */
static void
score_likeness_of_profiles(void *state, const int32 *users, int64 first, int64 n, float *scores)
{
	const ProfileLikeness *likeness = state;
	const SparseMatrix *m = likeness->profiles;

	Assert(users == NULL);
	for (int64 u = first; u < first + n; u++)
	{
		double		product = 0;
		double		square = 0;
		bool		common = false;

		CHECK_FOR_INTERRUPTS();
		for (int64 i = m->start[u]; i < m->start[u + 1]; i++)
		{
			float		mine = likeness->ratings[m->column[i]];

			if (isnan(m->value[i]))
				continue;
			square += (double) m->value[i] * m->value[i];
			if (isnan(mine))
				continue;
			product += (double) m->value[i] * mine;
			common = true;
		}
		product /= likeness->norm * sqrt(square);
		scores[u - first] =
			common && isfinite(product) ? (float) Max(-1, Min(1, product)) : get_float4_nan();
	}
}

/*
 * Ranks all users of the source by their present profiles: reads the whole source, whose ratings
 * are in memory meanwhile.
 */
static Datum
rank_profiles(FunctionCallInfo fcinfo, const Rows *rows, Asker *asker, Datum self)
{
	LoadedModel *loaded = asker->loaded;
	int64		n_items = loaded->model.sides[SIDE_ITEMS].n_rows;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rec profiles of all users",
												  ALLOCSET_DEFAULT_SIZES);
	float	   *ratings = MemoryContextAllocHuge(context, sizeof(float) * n_items);
	TrainingMemory *memory;
	TrainingData *data;
	ProfileLikeness likeness = {.ratings = ratings};
	IdList		users;
	NumberSet	skip;
	int32		number;
	Top			top;

	for (int64 i = 0; i < n_items; i++)
		ratings[i] = get_float4_nan();
	for (int64 i = 0; i < asker->profile.n; i++)
	{
		ratings[asker->profile.items[i]] = asker->profile.ratings[i];
		likeness.norm += (double) asker->profile.ratings[i] * asker->profile.ratings[i];
	}
	likeness.norm = sqrt(likeness.norm);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	loaded_model_need_source(loaded);
	data = source_read_profiles(loaded->source, loaded->ids[SIDE_ITEMS], NULL, context);
	SPI_finish();
	memory_require(source_bytes(data) + (double) id_block_bytes(data->users),
				   psprintf("comparing " INT64_FORMAT " users of model \"%s\"",
							(int64) data->users->n, get_rel_name(loaded->relid)));
	memory = training_memory_create(context);
	memory->shared = false;		/* no workers */
	source_build_profiles(data, memory);
	likeness.profiles = &data->ratings.by_user;

	/* ids by reference point into this list, which must outlive the context */
	users = id_list_create(data->users);
	skip = number_set(users.block->n);
	number = id_list_find(&users, self);
	if (number >= 0)
		number_set_add(&skip, number);
	top = rank_range(score_likeness_of_profiles, &likeness, users.block->n,
					 ranking_length(PG_GETARG_INT32(2)), &skip);
	ranking_return(fcinfo, rows, &top, 0, &users, NULL, "user", loaded->relid);
	MemoryContextDelete(context);
	return (Datum) 0;
}

PGDLLEXPORT Datum
rec_similar_users(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	LoadedModel *loaded;
	Asker	   *asker;
	Oid			id_type = get_fn_expr_argtype(fcinfo->flinfo, 1);
	NumberSet	skip;
	int32		self;
	Top			top;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return (Datum) 0;
	ranking_length(PG_GETARG_INT32(2));
	loaded = loaded_model(PG_GETARG_OID(0));
	if (loaded->model.algorithm->similar_users != NULL)
		loaded = loaded_model_with(PG_GETARG_OID(0), SIDE_USERS);
	asker = ask_as_user(loaded, PG_GETARG_DATUM(1), id_type, NULL);
	if (asker->profile.n == 0)
		return (Datum) 0;
	if (loaded->model.algorithm->similar_users == NULL)
		return rank_profiles(fcinfo, &rows, asker,
							 id_convert(PG_GETARG_DATUM(1), id_type, &loaded->source->user));
	skip = number_set(loaded->model.sides[SIDE_USERS].n_rows);
	self = loaded_user(loaded, id_convert(PG_GETARG_DATUM(1), id_type, &loaded->source->user));
	if (self >= 0)
		number_set_add(&skip, self);
	top = rank_range(score_likeness_to_asker, asker, loaded->model.sides[SIDE_USERS].n_rows,
					 ranking_length(PG_GETARG_INT32(2)), &skip);
	return ranking_return(fcinfo, &rows, &top, 0, loaded->ids[SIDE_USERS], NULL, "user",
						  loaded->relid);
}
