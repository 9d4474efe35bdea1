/*
 * top_lists.c
 *	  Top-N lists for many users at once, by several processes.
 *
 * The model's items, the derived block, the profiles and the lists are in memory that workers
 * share. A pass over users turns a block of profiles into queries. Where scores are inner products,
 * the items are searched for all of these queries together (kernel/search.h); other queries score
 * all items, one query after the other. Of a user's scores, only those on the list are kept.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/search.h"
#include "miscadmin.h"
#include "model/invariants.h"
#include "model/layout.h"
#include "model/lists.h"
#include "run/fit.h"
#include "run/top_lists.h"
#include "server/memory.h"
#include "server/progress.h"
#include "utils/memutils.h"

/* The most bytes of the queries of a block; a block has at least one query. */
#define QUERIES_BYTES ((Size) 16 * 1024 * 1024)

/*
 * The approximate number of scores in one pass. It takes seconds, and workers hold a snapshot for
 * that time.
 */
#define SCORES_PER_PASS ((int64) 2 * 1024 * 1024 * 1024)

/* Blocks of a pass for each process, so that all processes have work until the end. */
#define BLOCKS_PER_PROCESS 8

enum
{
	ARRAY_LISTS,				/* Scored, users x n */
	ARRAY_COUNTS,				/* int32, users */
	ARRAY_PERSONAL,				/* int32, users: number of personal entries, which come first */
	ARRAY_INDEX,				/* SearchIndex; NULL: scores are not inner products */
	/* int64, users + 1: where each user's seen items begin; NULL: seen items may be on lists */
	ARRAY_SEEN_START,
	/* int32: the seen items of user u are SEEN_START[u] to before SEEN_START[u + 1], ascending */
	ARRAY_SEEN,
	/* uint64: a bit for each item, 1 if it may be on no list; NULL: all may */
	ARRAY_SKIP,
	/* int32: the candidates, if they are few; NULL: all items except those of SKIP are scored */
	ARRAY_CANDIDATES,
	ARRAY_IS_KNOWN				/* bool: ListFilter.is_known */
};

/* The argument of top_lists_pass. */
typedef struct ListsArgument
{
	int64		n;
	int64		block_users;
	int64		longest;		/* the largest profile_length() */
	int64		n_candidates;	/* in ARRAY_CANDIDATES */
	Size		scan_bytes;		/* scratch of list_scan */
	int64		n_unknown;		/* candidates that are not in the model */
} ListsArgument;

/* The memory of a process for one block of users. */
typedef struct Workspace
{
	Profile    *profiles;		/* block_users */
	char	   *queries;		/* block_users, made by the algorithm */
	Size		query_bytes;
	float	   *vectors;		/* block_users x stride */
	float	   *constants;		/* block_users */
	bool	   *searched;		/* block_users: whether the query is searched for */
	bool	   *made;			/* block_users: whether there is a query */
	ListQuery  *asked;			/* block_users */
	Top		   *tops;			/* block_users */
	void	   *scan;			/* scratch of list_scan */
	/* a bit for each item, including unknown ones; equal to ARRAY_SKIP between two users */
	uint64	   *skip;
	void	   *make;			/* scratch of model_make_queries */
	void	   *search;			/* scratch of search_batch */
} Workspace;

static Size
skip_bytes(const Model *model, int64 n_unknown)
{
	return sizeof(uint64) * ((model->sides[SIDE_ITEMS].n_rows + n_unknown) / 64 + 1);
}

/* Lays a workspace out in memory and returns its size; with memory NULL, only the size. */
static Size
lay_out_workspace(const Model *model, const ListsArgument *a, void *memory, Workspace *w)
{
	InnerProduct product;
	bool		is_product = has_inner_product(model, &product);
	Pieces		p = {memory, 0};

	w->query_bytes = cache_lines(model_query_bytes(model, a->longest));
	w->profiles = add_piece(&p, sizeof(Profile) * a->block_users);
	w->queries = add_piece(&p, w->query_bytes * a->block_users);
	w->vectors = add_piece(&p, is_product ? sizeof(float) * product.stride * a->block_users : 0);
	w->constants = add_piece(&p, sizeof(float) * a->block_users);
	w->searched = add_piece(&p, sizeof(bool) * a->block_users);
	w->made = add_piece(&p, sizeof(bool) * a->block_users);
	w->asked = add_piece(&p, sizeof(ListQuery) * a->block_users);
	w->tops = add_piece(&p, sizeof(Top) * a->block_users);
	w->scan = add_piece(&p, a->scan_bytes);
	w->skip = add_piece(&p, skip_bytes(model, a->n_unknown));
	w->make = add_piece(&p, model_query_scratch_bytes(model, a->longest));
	w->search = add_piece(&p, !is_product ? 0 :
						  search_batch_scratch_bytes(model->sides[SIDE_ITEMS].n_rows,
													 product.width, a->n));
	return p.bytes;
}

/* ---- the pass ---- */

/*
 * Skips a user's seen items, in addition to those that may be on no list; with done, reverts that.
 */
static void
skip_seen(const Task *task, int64 user, bool done, Workspace *w)
{
	const int64 *start = task->arrays[ARRAY_SEEN_START];
	const int32 *seen = task->arrays[ARRAY_SEEN];
	const uint64 *always = task->arrays[ARRAY_SKIP];

	if (start == NULL)
		return;
	for (int64 i = start[user]; i < start[user + 1]; i++)
	{
		int32		word = seen[i] / 64;

		if (done)
			w->skip[word] = always == NULL ? 0 : always[word];
		else
			w->skip[word] |= UINT64CONST(1) << (seen[i] % 64);
	}
}

void
fill_profiles(const Ratings *ratings, int64 first, int64 n, Profile *profiles)
{
	const SparseMatrix *m = &ratings->by_user;
	const SparseMatrix *f = &ratings->user_features.by_row;
	const History *h = &ratings->events;

	for (int64 i = 0; i < n; i++)
	{
		int64		at = m->start[first + i];

		profiles[i] = (Profile){.n = m->start[first + i + 1] - at,
								.items = m->column + at,
								.ratings = m->value + at};
		if (f->n_rows > 0)
		{
			at = f->start[first + i];
			profiles[i].n_features = f->start[first + i + 1] - at;
			profiles[i].features = f->column + at;
			profiles[i].feature_values = f->value + at;
		}
		if (m->context != NULL && ratings->contexts.by_row.n_rows > 0)
		{
			profiles[i].contexts = m->context + m->start[first + i];
			profiles[i].context_features = &ratings->contexts.by_row;
		}
		if (ratings->asked_context != NULL && ratings->asked_context[first + i] >= 0)
		{
			const SparseMatrix *c = &ratings->contexts.by_row;

			at = c->start[ratings->asked_context[first + i]];
			profiles[i].n_context = c->start[ratings->asked_context[first + i] + 1] - at;
			profiles[i].context = c->column + at;
			profiles[i].context_values = c->value + at;
		}
		if (h->n_users == 0)
			continue;
		at = h->start[first + i];
		profiles[i].n_events = h->start[first + i + 1] - at;
		profiles[i].events = h->items + at;
		profiles[i].times = h->times == NULL ? NULL : h->times + at;
	}
}

int64
longest_profile(const Ratings *ratings)
{
	const SparseMatrix *m = &ratings->by_user;
	int64		longest = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		Profile		profile;

		fill_profiles(ratings, u, 1, &profile);
		longest = Max(longest, profile_length(&profile));
	}
	return longest;
}

static void
score_searched(void *state, int64_t query, const int32_t *items, int64_t first, int64_t n,
			   float *scores)
{
	list_score_items((const ListQuery *) state + query, items, first, n, scores);
}

/*
 * Searches for all queries of users begin .. end - 1 at once. The seen items of consecutive users
 * are passed as they are, so queries that cannot be searched for take part as vectors of zeros, and
 * their answers are ignored.
 */
static void
search(const Task *task, const SearchIndex *index, const InnerProduct *product, int64 begin,
	   int64 end, Workspace *w)
{
	const int64 *seen_start = task->arrays[ARRAY_SEEN_START];
	SearchBatch batch = {
		.n_queries = end - begin,
		.vectors = w->vectors,
		.constants = w->constants,
		.skip_start = seen_start == NULL ? NULL : seen_start + begin,
		.skip = task->arrays[ARRAY_SEEN],
		.skip_always = task->arrays[ARRAY_SKIP],
		.score = score_searched,
		.state = w->asked
	};

	search_batch(index, product, &batch, w->tops, w->search);
}

static void
top_lists_pass(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const ListsArgument *a = argument;
	const Model *model = task->model;
	const SearchIndex *index = task->arrays[ARRAY_INDEX];
	const uint64 *skip = task->arrays[ARRAY_SKIP];
	Scored	   *lists = task->arrays[ARRAY_LISTS];
	int32	   *counts = task->arrays[ARRAY_COUNTS];
	int32	   *personal = task->arrays[ARRAY_PERSONAL];
	InnerProduct product;
	Workspace	w;
	ListItems	items;
	bool		any_searched = false;

	lay_out_workspace(model, a, scratch, &w);
	if (skip == NULL)
		memset(w.skip, 0, skip_bytes(model, a->n_unknown));
	else
		memcpy(w.skip, skip, skip_bytes(model, a->n_unknown));
	items = (ListItems){.skip = w.skip,
						.candidates = task->arrays[ARRAY_CANDIDATES],
						.n_candidates = a->n_candidates,
						.n_unknown = a->n_unknown,
						.is_known = task->arrays[ARRAY_IS_KNOWN]};
	if (index != NULL)
		has_inner_product(model, &product);
	fill_profiles(task->ratings, begin, end - begin, w.profiles);
	model_make_queries(model, w.profiles, end - begin, w.queries, w.query_bytes, w.made, w.make);
	for (int64 q = 0; q < end - begin; q++)
	{
		char	   *query = w.queries + q * w.query_bytes;
		const float *vector = NULL;

		poll();
		w.tops[q] = (Top) {.capacity = a->n, .heap = lists + (begin + q) * a->n};
		w.constants[q] = 0;
		/* the list stays empty, but search() needs a query */
		if (!w.made[q])
			model_make_unknown_query(model, query, w.make);
		w.asked[q] = list_query(model, &w.profiles[q], query);
		if (w.made[q])
			vector = list_vector(&w.asked[q], index, &items, &w.constants[q]);
		w.searched[q] = vector != NULL;
		any_searched = any_searched || vector != NULL;
		if (index == NULL)
			continue;
		memset(w.vectors + q * product.stride, 0, sizeof(float) * product.stride);
		if (vector != NULL)
			memcpy(w.vectors + q * product.stride, vector, sizeof(float) * product.width);
	}
	if (any_searched)
		search(task, index, &product, begin, end, &w);
	for (int64 q = 0; q < end - begin; q++)
	{
		Top		   *top = &w.tops[q];

		counts[begin + q] = w.made[q] ? 0 : -1;
		personal[begin + q] = 0;
		if (!w.made[q])
			continue;
		skip_seen(task, begin + q, false, &w);
		if (!w.searched[q])
		{
			top->count = 0;
			if (list_is_scored(&w.asked[q]))
				list_scan(&w.asked[q], &items, top, w.scan);
		}
		if (list_is_scored(&w.asked[q]))
			list_scan_new(&w.asked[q], &items, top);
		personal[begin + q] = (int32) list_finish(&w.asked[q], &items, top);
		counts[begin + q] = (int32) top->count;
		skip_seen(task, begin + q, true, &w);
	}
}

void
batch_define_pass(void)
{
	workers_define_pass(PASS_TOP_LISTS, top_lists_pass);
}

/* ---- a batch ---- */

/* Whether an entry of a profile has a usable rating of an item in the model. */
static inline bool
is_usable(const SparseMatrix *profiles, int64 i, int64 n_items)
{
	return !isnan(profiles->value[i]) && profiles->column[i] < n_items;
}

/*
 * The profiles without unusable entries: items that were only seen, or that are not in the model.
 * The same matrix if there are none, otherwise a copy.
 */
static SparseMatrix
usable_profiles(const SparseMatrix *profiles, int64 n_items, TrainingMemory *memory)
{
	SparseMatrix usable = *profiles;
	int64		entries = profiles->start[profiles->n_rows];
	int64		kept = 0;

	for (int64 i = 0; i < entries; i++)
	{
		if (i % 1048576 == 0)
			CHECK_FOR_INTERRUPTS();
		kept += is_usable(profiles, i, n_items);
	}
	usable.n_columns = n_items;
	if (kept == entries)
		return usable;
	training_memory_reserve(memory, training_memory_size(sizeof(int64) * (profiles->n_rows + 1)) +
							(profiles->context == NULL ? 2 : 3) *
								training_memory_size(sizeof(int32) * Max(kept, 1)));
	usable.start = training_memory_allocate(memory, sizeof(int64) * (profiles->n_rows + 1));
	usable.column = training_memory_allocate(memory, sizeof(int32) * Max(kept, 1));
	usable.value = training_memory_allocate(memory, sizeof(float) * Max(kept, 1));
	if (profiles->context != NULL)
		usable.context = training_memory_allocate(memory, sizeof(int32) * Max(kept, 1));
	kept = 0;
	for (int64 u = 0; u < profiles->n_rows; u++)
	{
		if (u % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int64 i = profiles->start[u]; i < profiles->start[u + 1]; i++)
		{
			if (!is_usable(profiles, i, n_items))
				continue;
			usable.column[kept] = profiles->column[i];
			usable.value[kept] = profiles->value[i];
			if (usable.context != NULL)
				usable.context[kept] = profiles->context[i];
			kept++;
		}
		usable.start[u + 1] = kept;
	}
	return usable;
}

/* The filter, with the number of candidates set. NULL stands for all items except seen ones. */
static ListFilter
whole_filter(const Model *model, const ListFilter *filter)
{
	ListFilter	whole = {.exclude_seen = true};

	if (filter != NULL)
		whole = *filter;
	if (whole.candidates == NULL)
		whole.n_candidates = model->sides[SIDE_ITEMS].n_rows;
	return whole;
}

/* Whether the candidates are scored one by one. */
static bool
candidates_are_few(const Model *model, const ListFilter *filter)
{
	return filter->candidates != NULL && list_candidates_are_few(model, filter->n_candidates);
}

/* The items that may be on no list, as bits; NULL where all items may be. */
static uint64 *
make_skip(const Model *model, const ListFilter *filter, TrainingMemory *memory)
{
	Size		bytes = skip_bytes(model, filter->n_unknown);
	uint64	   *skip;

	if (filter->skip == NULL && filter->candidates == NULL)
		return NULL;
	skip = training_memory_allocate(memory, bytes);
	memset(skip, 0, bytes);
	if (filter->skip != NULL)
		memcpy(skip, filter->skip, skip_bytes(model, 0));
	if (filter->candidates != NULL)
		list_skip_others(model, filter->candidates, filter->n_candidates, skip);
	return skip;
}

/* The most entries of a list. */
static int64
entries_of_list(int64 n, const ListFilter *filter)
{
	return Min(n, filter->n_candidates + filter->n_unknown);
}

/* Bytes of the lists. A double, as n and the number of users may be very large. */
static double
lists_bytes(const Model *model, int64 n_users, int64 n, const ListFilter *filter)
{
	return (double) training_memory_size(sizeof(int32) * filter->n_candidates) +
		   training_memory_size(skip_bytes(model, filter->n_unknown)) +
		   (double) n_users *
			   (sizeof(Scored) * (double) entries_of_list(n, filter) + 2 * sizeof(int32)) +
		   3 * ALIGNMENT;
}

static ListsArgument
lists_argument(const Model *model, int64 n_users, int64 n, const ListFilter *filter,
			   int64 longest)
{
	ListsArgument a = {.n = entries_of_list(n, filter),
					   .longest = longest,
					   .n_candidates = filter->n_candidates,
					   .n_unknown = filter->n_unknown};
	ListItems	items = {
		.candidates = candidates_are_few(model, filter) ? filter->candidates : NULL,
		.n_candidates = filter->n_candidates
	};
	int64		processes = workers_allowed() + 1;

	a.scan_bytes = list_scan_bytes(&items);
	a.block_users = Min(SEARCH_BATCH, n_users / (processes * BLOCKS_PER_PROCESS) + 1);
	a.block_users = Max(
		1, Min(a.block_users, (int64) (QUERIES_BYTES / Max(1, model_query_bytes(model, longest)))));
	return a;
}

double
batch_bytes(const Model *model, int64 n_users, int64 n, const ListFilter *filter)
{
	ListFilter	whole = whole_filter(model, filter);
	Workspace	w;
	/* a profile has at most all items */
	ListsArgument a = lists_argument(model, n_users, n, &whole, model->sides[SIDE_ITEMS].n_rows);

	return lists_bytes(model, n_users, n, &whole) +
		   (double) lay_out_workspace(model, &a, NULL, &w) * (workers_allowed() + 1);
}

Size
batch_model_bytes(const LoadedModel *loaded)
{
	/* a last part without bytes takes a place in the memory, too */
	Size		bytes = ALIGNMENT;

	for (int s = 0; s < N_SIDES; s++)
	{
		if (model_may_ask(&loaded->model, s) && loaded->images[s] != NULL)
			bytes += training_memory_size(image_bytes(loaded->images[s]));
	}
	return bytes;
}

static char *
copy_image(const char *image, TrainingMemory *memory)
{
	return memcpy(training_memory_allocate(memory, image_bytes(image)), image, image_bytes(image));
}

const SearchIndex *
batch_copy_model(const LoadedModel *loaded, Model *copy, TrainingMemory *memory)
{
	const Model *model = &loaded->model;
	const char *item_image = NULL;

	training_memory_reserve(memory, batch_model_bytes(loaded));
	*copy = *model;
	copy->options = memcpy(MemoryContextAlloc(memory->context, model->algorithm->options_size),
						   model->options, model->algorithm->options_size);
	model_keep_asked(copy);
	for (int s = 0; s < N_SIDES; s++)
	{
		char	   *image;

		if (!model_may_ask(model, s) || loaded->images[s] == NULL)
			continue;
		image = copy_image(loaded->images[s], memory);
		image_attach(image, copy, s);
		if (s == SIDE_ITEMS)
			item_image = image;
	}
	return image_index(item_image);
}

/* A VisitArray: copies an array into the memory. */
static void
copy_array(void *context, void *pointer, size_t bytes)
{
	if (bytes > 0)
		set_visited_array(pointer, memcpy(training_memory_allocate(context, bytes),
										  visited_array(pointer), bytes));
}

/* Moves new items into the memory that workers share. */
static void
share_new_items(Batch *batch, Model *model, TrainingMemory *memory)
{
	Size		bytes = training_memory_size(Max(model->new_items.n_rows, 1));

	if (model->new_items.n_rows == 0)
		return;
	side_visit(&model->new_items, add_training_bytes, &bytes);
	memory_require((double) bytes, "items that are not in the model");
	training_memory_reserve(memory, bytes);
	side_visit(&model->new_items, copy_array, memory);
	batch->task.arrays[ARRAY_IS_KNOWN] =
		memcpy(training_memory_allocate(memory, model->new_items.n_rows), batch->filter.is_known,
			   model->new_items.n_rows);
}

Batch *
batch_create(Model *model, const SearchIndex *index, const Ratings *asked, int64 n,
			 const ListFilter *filter, TrainingMemory *memory)
{
	Batch	   *batch = MemoryContextAllocZero(memory->context, sizeof(Batch));
	Task	   *task = &batch->task;
	const SparseMatrix *profiles = &asked->by_user;
	int64		n_users = profiles->n_rows;

	assert_matrix(profiles);
	assert_model(model);
	batch->filter = whole_filter(model, filter);
	filter = &batch->filter;
	batch->profiles.by_user = usable_profiles(profiles, model->sides[SIDE_ITEMS].n_rows, memory);
	batch->profiles.events = asked->events;
	batch->profiles.user_features = asked->user_features;
	batch->profiles.contexts = asked->contexts;
	batch->profiles.asked_context = asked->asked_context;
	training_memory_reserve(memory, (Size) lists_bytes(model, n_users, n, filter));
	batch->memory = memory;
	batch->n = entries_of_list(n, filter);
	task->model = model;
	task->ratings = &batch->profiles;
	task->arrays[ARRAY_LISTS] =
		training_memory_allocate(memory, sizeof(Scored) * batch->n * n_users);
	task->arrays[ARRAY_COUNTS] = training_memory_allocate(memory, sizeof(int32) * n_users);
	task->arrays[ARRAY_PERSONAL] = training_memory_allocate(memory, sizeof(int32) * n_users);
	task->arrays[ARRAY_INDEX] = unconstify(SearchIndex *, index);
	task->arrays[ARRAY_SKIP] = make_skip(model, filter, memory);
	if (candidates_are_few(model, filter))
	{
		Size		bytes = sizeof(int32) * filter->n_candidates;

		task->arrays[ARRAY_CANDIDATES] = training_memory_allocate(memory, bytes);
		memcpy(task->arrays[ARRAY_CANDIDATES], filter->candidates, bytes);
	}
	share_new_items(batch, model, memory);
	if (filter->exclude_seen)
	{
		task->arrays[ARRAY_SEEN_START] = profiles->start;
		task->arrays[ARRAY_SEEN] = profiles->column;
	}
	batch->lists = task->arrays[ARRAY_LISTS];
	batch->counts = task->arrays[ARRAY_COUNTS];
	batch->personal = task->arrays[ARRAY_PERSONAL];
	return batch;
}

void
batch_run(Batch *batch)
{
	const SparseMatrix *profiles = &batch->profiles.by_user;
	int64		n_users = profiles->n_rows;
	int64		users_per_pass;
	ListsArgument a;
	Workspace	w;

	a = lists_argument(batch->task.model, n_users, batch->n, &batch->filter,
					   longest_profile(&batch->profiles));
	users_per_pass = Max(1, SCORES_PER_PASS / Max(1, batch->task.model->sides[SIDE_ITEMS].n_rows) /
								a.block_users) *
					 a.block_users;
	progress_phase(PHASE_SCORING, n_users);
	for (int64 first = 0; first < n_users; first += users_per_pass)
		workers_run_pass(&batch->task, batch->memory, PASS_TOP_LISTS, &a, sizeof(a),
						 lay_out_workspace(batch->task.model, &a, NULL, &w),
						 first, Min(first + users_per_pass, n_users), n_users, a.block_users);
}
