/*
 * evaluation.c
 *	  How good an algorithm is on a split.
 *
 * The lists are those of top_lists.c, which rec.recommend_all writes: all items are ranked, except
 * those of the user's profile unless repeats are asked for. A second pass over the users then
 * compares each list with the held-out items.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "kernel/metrics.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "miscadmin.h"
#include "model/layout.h"
#include "model/lists.h"
#include "run/evaluation.h"
#include "run/fit.h"
#include "run/top_lists.h"
#include "run/validation.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/progress.h"
#include "utils/float.h"
#include "utils/memutils.h"

/* Items that are scored between two polls. */
#define SCAN_ITEMS 2048

/* Users that a worker takes at once. */
#define BLOCK_USERS 16

/*
 * The baseline of predicted ratings: damping, as a number of ratings, and at most BIAS_SWEEPS
 * sweeps over users and items, until no bias changes by more than BIAS_TOLERANCE.
 */
#define BIAS_DAMPING 5
#define BIAS_SWEEPS 30
#define BIAS_TOLERANCE 1e-7

static bool
is_of_users(Figure figure)
{
	return !metrics[figure].is_of_all_lists;
}

/* ---- the pass over users ---- */

enum
{
	ARRAY_LISTS,				/* Scored, users x stride */
	ARRAY_COUNTS,				/* int32, users: entries of each list; -1 where there is no query */
	ARRAY_HELD_START,			/* the held-out items, as in Split.held */
	ARRAY_HELD,
	ARRAY_HELD_VALUE,
	ARRAY_ALWAYS_SKIPPED,		/* a bit for each item that is on no list; NULL: none */
	/* int64, items + 1: where the users begin who have an item, each once */
	ARRAY_USERS_START,
	ARRAY_SUMS					/* double, users x N_FIGURES x 2: each figure's sum and weight */
};

/* The argument of figures_pass. */
typedef struct FiguresArgument
{
	int64		k;
	int64		stride;			/* entries from one list to the next */
	int64		longest_known;
	int64		longest_held;
	double		relevant_from;
	bool		probabilities;
	bool		exclude_seen;
	bool		among_all;		/* only the figures among all items */
} FiguresArgument;

typedef struct Workspace
{
	Profile    *profiles;		/* BLOCK_USERS */
	char	   *queries;		/* BLOCK_USERS, made by the algorithm */
	Size		query_bytes;
	bool	   *made;			/* BLOCK_USERS: whether there is a query */
	void	   *make;			/* scratch of model_make_queries */
	float	   *scores;			/* by item */
	const uint64 *always_skip;	/* a bit for each item that is on no list; NULL: none */
	uint64	   *skip;			/* the same, and the user's own while figures of one are made */
	float	   *relevant;		/* scores of relevant items, ascending */
	/* popularity of relevant items without a score, ascending */
	float	   *silent;
	bool	   *hit;			/* k */
} Workspace;

static Size
lay_out_workspace(const Model *model, const FiguresArgument *a, void *memory, Workspace *w)
{
	Pieces		p = {memory, 0};

	w->query_bytes = cache_lines(model_query_bytes(model, a->longest_known));
	w->profiles = add_piece(&p, sizeof(Profile) * BLOCK_USERS);
	w->queries = add_piece(&p, w->query_bytes * BLOCK_USERS);
	w->made = add_piece(&p, sizeof(bool) * BLOCK_USERS);
	w->make = add_piece(&p, model_query_scratch_bytes(model, a->longest_known));
	w->scores = add_piece(&p, sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
	w->skip = add_piece(&p, sizeof(uint64) * (model->sides[SIDE_ITEMS].n_rows / 64 + 1));
	w->relevant = add_piece(&p, sizeof(float) * a->longest_held);
	w->silent = add_piece(&p, sizeof(float) * a->longest_held);
	w->hit = add_piece(&p, sizeof(bool) * a->k);
	return p.bytes;
}

/* What the figures of one user are computed from. */
typedef struct User
{
	const Model *model;
	const int64 *users_start;	/* by item: where the users who have it begin */
	ListQuery	query;
	const FiguresArgument *a;
	Profile		known;
	int64		n_held;
	const int32 *held;			/* ascending; -1 for items that were not trained on */
	const float *held_value;
	int64		n_relevant;
	int64		n_list;
	const Scored *list;
	double	   *sums;
} User;

static inline void
add(const User *user, Figure figure, double sum, double weight)
{
	if (user->a->among_all)
		figure += FIGURE_PRECISION_AMONG_ALL - FIGURE_PRECISION;
	user->sums[2 * figure] = sum;
	user->sums[2 * figure + 1] = weight;
}

static bool
is_relevant(const User *user, int64 i)
{
	return isnan(user->a->relevant_from) || user->held_value[i] >= user->a->relevant_from;
}

/* The place of an item among the held-out items, or -1. */
static int64
find_held(const User *user, int32 item)
{
	int64		place = sparse_find(user->held, 0, user->n_held, item);

	return place < user->n_held && user->held[place] == item ? place : -1;
}

static void
compare_predictions(const User *user)
{
	double		squares = 0;
	double		absolute = 0;

	for (int64 i = 0; i < user->n_held; i++)
	{
		double		error =
			list_score(&user->query, user->held[i]) - (double) user->held_value[i];

		squares += error * error;
		absolute += fabs(error);
	}
	add(user, FIGURE_RMSE, squares, user->n_held);
	add(user, FIGURE_MSE, squares, user->n_held);
	add(user, FIGURE_MAE, absolute, user->n_held);
}

static void
measure_hits(const User *user, Workspace *w)
{
	int64		k = user->a->k;

	for (int64 i = 0; i < user->n_list; i++)
	{
		int64		at = find_held(user, user->list[i].index);

		w->hit[i] = at >= 0 && is_relevant(user, at);
	}
	add(user, FIGURE_PRECISION, metric_precision(w->hit, user->n_list, user->n_relevant, k), 1);
	add(user, FIGURE_RECALL, metric_recall(w->hit, user->n_list, user->n_relevant, k), 1);
	add(user, FIGURE_NDCG, metric_ndcg(w->hit, user->n_list, user->n_relevant, k), 1);
	add(user, FIGURE_MAP, metric_average_precision(w->hit, user->n_list, user->n_relevant, k), 1);
	add(user, FIGURE_MRR, metric_reciprocal_rank(w->hit, user->n_list, user->n_relevant, k), 1);
	add(user, FIGURE_HIT_RATE, metric_hit_rate(w->hit, user->n_list, user->n_relevant, k), 1);
}

/*
 * The number of users who have an item. With contexts, there are fewer than ratings of it in the
 * model.
 */
static int64
users_of(const User *user, int32 item)
{
	return user->users_start[item + 1] - user->users_start[item];
}

/* The share of the users who have an item. */
static double
share_of(const User *user, int32 item)
{
	return (double) users_of(user, item) / (double) user->model->n_users;
}

/* The mean share of n > 0 ascending items, each of which counts once. */
static double
mean_popularity(const User *user, const int32 *items, int64 n)
{
	double		sum = 0;
	int64		different = 0;

	for (int64 i = 0; i < n; i++)
	{
		if (i > 0 && items[i] == items[i - 1])
			continue;
		sum += share_of(user, items[i]);
		different++;
	}
	return sum / different;
}

/* Properties of the list that do not depend on the held-out items. */
static void
measure_list(const User *user)
{
	const Model *model = user->model;
	double		information = 0;
	double		popularity = 0;
	double		distance = 0;
	int64		pairs = 0;

	if (user->n_list == 0)
		return;
	for (int64 i = 0; i < user->n_list; i++)
	{
		double		share = share_of(user, user->list[i].index);

		information -= log2(share);
		popularity += share;
		poll();
		for (int64 j = 0; j < i; j++)
		{
			float		similarity;

			model->algorithm->similar_items(model, user->list[i].index, user->list[j].index, 1,
											&similarity);
			if (isnan(similarity))
				continue;
			/* coefficients, as of slim, may exceed 1: they count as 1 */
			distance += 1 - Max(-1, Min(1, (double) similarity));
			pairs++;
		}
	}
	add(user, FIGURE_NOVELTY, information, user->n_list);
	if (pairs > 0)
		add(user, FIGURE_DIVERSITY, distance / pairs, 1);
	if (user->known.n > 0)
		add(user, FIGURE_POPULARITY_BIAS, popularity / user->n_list,
			mean_popularity(user, user->known.items, user->known.n));
}

/* The scores by which all items are ranked; NaN for items for which nothing speaks. */
static void
score_all(const User *user, Workspace *w)
{
	const Model *model = user->model;

	for (int64 first = 0; first < model->sides[SIDE_ITEMS].n_rows; first += SCAN_ITEMS)
	{
		int64		n = Min(SCAN_ITEMS, model->sides[SIDE_ITEMS].n_rows - first);

		poll();
		list_scores(&user->query, first, n, w->scores + first);
	}
}

static int
compare_floats(const void *a, const void *b)
{
	float		x = *(const float *) a;
	float		y = *(const float *) b;

	return (x > y) - (x < y);
}

/*
 * The number of ascending numbers that are greater than x; numbers that equal x count half. Without
 * branches that depend on the numbers, as this is called for all items of all users.
 */
static inline double
count_greater(const float *numbers, int64 n, float x)
{
	int64		smaller = 0;
	int64		equal = 0;

	for (int64 left = n; left > 0;)
	{
		int64		half = (left + 1) / 2;

		smaller = numbers[smaller + half - 1] < x ? smaller + half : smaller;
		left -= half;
	}
	while (smaller + equal < n && numbers[smaller + equal] == x)
		equal++;
	return n - smaller - equal / 2.0;
}

/* Lets an item be skipped only if it always is, with the others of its word. */
static void
reset_skip(Workspace *w, int32 item)
{
	w->skip[item / 64] = w->always_skip == NULL ? 0 : w->always_skip[item / 64];
}

/*
 * The area under the ROC curve: the share of pairs of a relevant item and another item that may be
 * on a list in which the relevant item is ranked first. Items without a score are ranked after all
 * others, by popularity. Relevant items that were not trained on, or may not be on a list, are
 * ranked last.
 */
static void
measure_ranking(const User *user, Workspace *w)
{
	const Model *model = user->model;
	int64		n_items = model->sides[SIDE_ITEMS].n_rows;
	int64		n_relevant = 0;
	int64		n_silent = 0;
	int64		n_seen = user->a->exclude_seen ? user->known.n : 0;
	int64		others = 0;
	double		won = 0;

	for (int64 i = 0; i < n_seen; i++)
		w->skip[user->known.items[i] / 64] |= UINT64CONST(1) << (user->known.items[i] % 64);
	for (int64 i = 0; i < user->n_held; i++)
	{
		int32		item = user->held[i];

		if (item < 0 || !is_relevant(user, i) || w->skip[item / 64] >> (item % 64) & 1)
			continue;
		w->skip[item / 64] |= UINT64CONST(1) << (item % 64);
		if (isnan(w->scores[item]))
			w->silent[n_silent++] = list_popularity(model, item);
		else
			w->relevant[n_relevant++] = w->scores[item];
	}
	qsort(w->relevant, n_relevant, sizeof(float), compare_floats);
	qsort(w->silent, n_silent, sizeof(float), compare_floats);
	for (int64 i = 0; i < n_items; i++)
	{
		if (i % 16384 == 0)
			poll();
		if (w->skip[i / 64] >> (i % 64) & 1)
			continue;
		others++;
		if (isnan(w->scores[i]))
			won +=
				n_relevant + count_greater(w->silent, n_silent, list_popularity(model, (int32) i));
		else
			won += count_greater(w->relevant, n_relevant, w->scores[i]);
	}
	if (others > 0)
		add(user, FIGURE_AUC, won / others / user->n_relevant, 1);
	for (int64 i = 0; i < n_seen; i++)
		reset_skip(w, user->known.items[i]);
	for (int64 i = 0; i < user->n_held; i++)
	{
		if (user->held[i] >= 0)
			reset_skip(w, user->held[i]);
	}
}

/* ln(1 + e^x) */
static double
softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/*
 * The binary cross-entropy over all items that may be on a list: the truth is 1 for relevant
 * held-out items, and 0 for others. For an unknown user, and for an algorithm whose scores are not
 * logistic, the probability is the share of the users who have the item, with one more user who has
 * it and one more who does not.
 */
static void
measure_probabilities(const User *user, Workspace *w)
{
	const Model *model = user->model;
	bool		shares =
		!gives_probabilities(model->algorithm, model->options) || !user->query.speaks;
	int64		n_seen = user->a->exclude_seen ? user->known.n : 0;
	double		sum = 0;
	int64		known = 0;
	int64		others = 0;

	for (int64 i = 0; i < model->sides[SIDE_ITEMS].n_rows; i++)
	{
		int64		at;
		bool		actual;
		bool		is_seen = false;

		if (i % 4096 == 0)
			poll();
		/* once for each context */
		for (; known < n_seen && user->known.items[known] == i; known++)
			is_seen = true;
		if (is_seen)
			continue;
		others++;
		at = find_held(user, (int32) i);
		actual = at >= 0 && is_relevant(user, at);
		if (shares)
			sum += metric_cross_entropy(
				(users_of(user, (int32) i) + 1.0) / (model->n_users + 2.0), actual);
		else
			sum += softplus(actual ? -w->scores[i] : w->scores[i]);
	}
	add(user, FIGURE_CROSS_ENTROPY, sum, others);
}

static void
figures_pass(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FiguresArgument *a = argument;
	const Model *model = task->model;
	const int64 *held_start = task->arrays[ARRAY_HELD_START];
	const int32 *counts = task->arrays[ARRAY_COUNTS];
	Workspace	w;

	lay_out_workspace(model, a, scratch, &w);
	w.always_skip = task->arrays[ARRAY_ALWAYS_SKIPPED];
	for (int64 word = 0; word <= model->sides[SIDE_ITEMS].n_rows / 64; word++)
		w.skip[word] = w.always_skip == NULL ? 0 : w.always_skip[word];
	fill_profiles(task->ratings, begin, end - begin, w.profiles);
	model_make_queries(model, w.profiles, end - begin, w.queries, w.query_bytes, w.made, w.make);
	for (int64 u = begin; u < end; u++)
	{
		char	   *query = w.queries + (u - begin) * w.query_bytes;
		User		user = {
			.model = model,
			.users_start = task->arrays[ARRAY_USERS_START],
			.a = a,
			.known = w.profiles[u - begin],
			.n_held = held_start[u + 1] - held_start[u],
			.held = (const int32 *) task->arrays[ARRAY_HELD] + held_start[u],
			.held_value = (const float *) task->arrays[ARRAY_HELD_VALUE] + held_start[u],
			.n_list = Max(counts[u], 0),
			.list = (const Scored *) task->arrays[ARRAY_LISTS] + u * a->stride,
			.sums = (double *) task->arrays[ARRAY_SUMS] + u * N_FIGURES * 2
		};

		poll();
		for (int64 i = 0; i < user.n_held; i++)
			user.n_relevant += is_relevant(&user, i);
		if (!w.made[u - begin])
		{
			user.known.n = 0;
			model_make_unknown_query(model, query, w.make);
		}
		user.query = list_query(model, &user.known, query);
		if (!a->among_all)
		{
			if (model_predicts_ratings(model))
				compare_predictions(&user);
			measure_list(&user);
		}
		if (user.n_relevant == 0)
			continue;
		measure_hits(&user, &w);
		score_all(&user, &w);
		measure_ranking(&user, &w);
		if (a->probabilities && !a->among_all)
			measure_probabilities(&user, &w);
	}
}

void
evaluation_define_pass(void)
{
	workers_define_pass(PASS_FIGURES, figures_pass);
}

/* ---- one training, and its questions ---- */

Evaluation *
evaluation_create(int64 n_users)
{
	Evaluation *evaluation = palloc0(sizeof(Evaluation));

	evaluation->n_users = n_users;
	for (int f = 0; f < N_FIGURES; f++)
	{
		if (is_of_users(f))
		{
			evaluation->sum[f] =
				palloc_extended(sizeof(double) * n_users, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
			evaluation->weight[f] =
				palloc_extended(sizeof(double) * n_users, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		}
	}
	return evaluation;
}

void
evaluation_free(Evaluation *evaluation)
{
	for (int f = 0; f < N_FIGURES; f++)
	{
		if (is_of_users(f))
		{
			pfree(evaluation->sum[f]);
			pfree(evaluation->weight[f]);
		}
	}
	pfree(evaluation);
}

/* Bytes of the values in a table of the model. */
static int64
stored_bytes(const Side *side)
{
	int64		bytes = sizeof(int32) * side->n_rows;

	for (int i = 0; i < side->n_columns; i++)
	{
		if (side->columns[i].type == COLUMN_NUMBERS)
			bytes += sizeof(float) * side_floats(side, i);
		else if (column_stride(&side->columns[i]) > 0)
			bytes += sizeof(float) * side->n_rows * Max(side->columns[i].width, 1);
	}
	if (side->time != NULL)
		bytes += sizeof(int64) * side->n_rows;
	if (side->list.start != NULL)
		bytes += (sizeof(int32) + (side->list.value != NULL ? sizeof(float) : 0)) *
				 side->list.start[side->n_rows];
	return bytes;
}

/*
 * Allocates and computes what asking needs besides the columns, in a piece of the memory. Returns
 * the search index, NULL where there is none.
 */
static SearchIndex *
prepare_model(Model *model, TrainingMemory *memory)
{
	Size		popular = sizeof(int32) * model->sides[SIDE_ITEMS].n_rows;
	Size		derived = model_derived_bytes(model);
	InnerProduct product;
	Size		index_bytes = 0;
	SearchIndex *index = NULL;

	if (has_inner_product(model, &product))
		index_bytes = search_index_bytes(model->sides[SIDE_ITEMS].n_rows, product.width);
	training_memory_reserve(memory, training_memory_size(popular) + training_memory_size(derived) +
										training_memory_size(index_bytes) + ALIGNMENT);
	model->popular = training_memory_allocate(memory, popular);
	list_rank_popular(model);
	model->derived = training_memory_allocate(memory, derived);
	if (index_bytes > 0)
		index = training_memory_allocate(memory, index_bytes);
	model_complete(model, true, index);
	return index;
}

static int
compare_counts(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	/* the sort has no check of its own */
	CHECK_FOR_INTERRUPTS();
	return (x > y) - (x < y);
}

/* Counts over all lists of a run. */
typedef struct Exposure
{
	int64	   *shown;			/* by item: number of lists that it is on */
	int64		n_items;
	int64		lists;			/* number of lists that are not empty */
	int64		room;			/* the most entries of a list */
} Exposure;

static void
add_exposure(Exposure *exposure, const Batch *batch, int64 n_users)
{
	for (int64 u = 0; u < n_users; u++)
	{
		CHECK_FOR_INTERRUPTS();
		exposure->lists += batch->counts[u] > 0;
		for (int32 i = 0; i < batch->counts[u]; i++)
			exposure->shown[batch->lists[u * batch->n + i].index]++;
	}
}

/* Coverage, Gini coefficient and personalisation, which are of all lists together. */
static void
measure_exposure(Evaluation *evaluation, Exposure *exposure)
{
	int64		n_items = exposure->n_items;
	double		lists = exposure->lists;
	int64		shown = 0;
	double		common = 0;

	/* number of pairs of lists that have the item in common */
	for (int64 i = 0; i < n_items; i++)
	{
		shown += exposure->shown[i] > 0;
		common += exposure->shown[i] * (exposure->shown[i] - 1.0) / 2;
	}
	evaluation->whole[FIGURE_COVERAGE] += (double) shown / n_items;
	evaluation->whole[FIGURE_PERSONALISATION] +=
		lists > 1 ? 1 - common / (lists * (lists - 1) / 2) / exposure->room : get_float8_nan();
	qsort(exposure->shown, n_items, sizeof(int64), compare_counts);
	evaluation->whole[FIGURE_GINI] += metric_gini(exposure->shown, n_items);
}

/* Bytes of two numbers for each user and figure. */
static Size
sums_bytes(int64 n_users)
{
	return sizeof(double) * 2 * N_FIGURES * n_users;
}

/* Adds the sums of the pass for each user. A user may occur several times. */
static void
add_sums(Evaluation *evaluation, const Asked *asked, const double *sums)
{
	for (int64 u = 0; u < asked->held.n_rows; u++)
	{
		for (int f = 0; f < N_FIGURES; f++)
		{
			if (!is_of_users(f))
				continue;
			evaluation->sum[f][asked->user[u]] += sums[(u * N_FIGURES + f) * 2];
			evaluation->weight[f][asked->user[u]] += sums[(u * N_FIGURES + f) * 2 + 1];
		}
	}
}

/* Bytes of the values of a matrix. */
static Size
value_bytes(const SparseMatrix *m)
{
	return training_memory_size(sizeof(float) * Max(m->start[m->n_rows], 1));
}

/*
 * Bytes for weighing the ratings to train on. The weights are copied, as the split also serves
 * other candidates, whose option "weight" may differ.
 */
static Size
weighed_bytes(const Ratings *train, Weight weight)
{
	return weight == WEIGHT_LINEAR ? 0 : 2 * value_bytes(&train->by_user);
}

/* Gives a matrix weighed values of its own. */
static void
weigh_matrix(SparseMatrix *m, Weight weight, TrainingMemory *memory)
{
	float	   *values = training_memory_allocate(memory, value_bytes(m));

	memcpy(values, m->value, sizeof(float) * m->start[m->n_rows]);
	weigh_events(weight, values, m->start[m->n_rows]);
	m->value = values;
}

/* Bytes of a question besides its profile: a list, and the sums of its figures. */
static Size
question_bytes(const Split *split, const Questions *questions)
{
	return Min(questions->k, split->train.by_user.n_columns) * sizeof(Scored) + sums_bytes(1);
}

/*
 * Bytes of a run besides the split and the training. Further memory for asking is checked when the
 * model is known.
 */
static double
asking_bytes(int64 n_users, const Split *split, const Ratings *train, const void *options,
			 const Questions *questions)
{
	Weight		weight = weight_of_events(options);
	double		bytes = sums_bytes(n_users) + weighed_bytes(train, weight);

	/* with sessions or contexts, there is only one block at a time */
	if (split->sessions == NULL && !split->has_contexts)
		bytes += (double) split->asked.held.n_rows * question_bytes(split, questions) +
				 (weight == WEIGHT_LINEAR ? 0 : value_bytes(&split->asked.known.by_user));
	return bytes;
}

double
evaluation_bytes(const Evaluation *evaluation, const Split *split, const Algorithm *algorithm,
				 const void *options, const Questions *questions)
{
	Model		model = {.algorithm = algorithm,
				   .options = options,
				   .has_times = split->popularity != NULL,
				   .has_contexts = split->context_features != NULL &&
								   algorithm_uses(algorithm, options, SIDE_CONTEXT_FEATURES)};
	Ratings		train = model.has_contexts ? split->train_in_contexts : split->train;
	Extent		extent;

	if (model.has_contexts)
		train.contexts = *split->context_features;
	extent = ratings_extent(&train);
	return asking_bytes(evaluation->n_users, split, &train, options, questions) +
		   compute_bytes(&model, &extent);
}

/*
 * A copy of the options, in which those that are left to the source can be decided. It outlives the
 * run.
 */
static void *
decided_options(Evaluation *evaluation, const Algorithm *algorithm, const void *options)
{
	if (evaluation->options == NULL)
		evaluation->options =
			MemoryContextAlloc(GetMemoryChunkContext(evaluation), algorithm->options_size);
	return memcpy(evaluation->options, options, algorithm->options_size);
}

/* A trained model and the questions to it. */
typedef struct Run
{
	Evaluation *evaluation;
	const Split *split;
	Model	   *model;
	const SearchIndex *index;
	const Questions *questions;
	bool		among_all;		/* lists have all items, where items are held out */
	/* users of the interactions x features; NULL: there are no attributes of users */
	const SparseMatrix *users;
	const Features *contexts;	/* NULL: the model uses none */
	Exposure	exposure;
	const char *name;
} Run;

/* By user of the interactions: whether there are ratings of the user to train on. */
static int64 *
trained_users(const Split *split, MemoryContext context)
{
	int64	   *is_trained = MemoryContextAllocExtended(
		context, sizeof(int64) * Max(split->n_all_users, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int64 u = 0; u < split->train.by_user.n_rows; u++)
		is_trained[split->train_users[u]] = 1;
	return is_trained;
}

/* Makes a matrix of n rows of another. Uses pieces of the memory. */
static void
take_rows(const SparseMatrix *from, const int32 *rows, int64 n, SparseMatrix *to,
		  TrainingMemory *memory)
{
	int64		entries = 0;
	SparseMatrix m = {0};

	for (int64 r = 0; r < n; r++)
		entries += from->start[rows[r] + 1] - from->start[rows[r]];
	source_allocate_matrix(&m, n, from->n_columns, entries, false, memory);
	for (int64 r = 0; r < n; r++)
	{
		int64		at = from->start[rows[r]];
		int64		length = from->start[rows[r] + 1] - at;

		CHECK_FOR_INTERRUPTS();
		memcpy(m.column + m.start[r], from->column + at, sizeof(int32) * length);
		memcpy(m.value + m.start[r], from->value + at, sizeof(float) * length);
		m.start[r + 1] = m.start[r] + length;
	}
	*to = m;
}

/* Asks some of the questions of the split. Uses pieces of the memory. */
static void
ask(Run *run, Asked *asked, TrainingMemory *memory)
{
	const Questions *questions = run->questions;
	SparseMatrix *known = &asked->known.by_user;
	int64		n = asked->held.n_rows;
	Weight		weight = weight_of_events(run->model->options);
	Task		task = {.model = run->model, .ratings = &asked->known};
	uint64	   *skip = run->among_all ? NULL : run->split->skip;
	ListFilter	filter = {.exclude_seen = questions->exclude_seen, .skip = skip};
	FiguresArgument a = {.k = questions->k,
						 .longest_held = sparse_longest_row(&asked->held),
						 .relevant_from = questions->relevant_from,
						 .probabilities = questions->probabilities,
						 .exclude_seen = questions->exclude_seen,
						 .among_all = run->among_all};
	Workspace	w;
	Batch	   *batch;

	memory_require(batch_bytes(run->model, n, a.k, &filter) + sums_bytes(n),
				   psprintf("evaluating \"%s\" for " INT64_FORMAT " users", run->name, n));
	/* held-out ratings keep their weights, which relevant_from refers to */
	if (weight != WEIGHT_LINEAR)
	{
		training_memory_reserve(memory, value_bytes(known));
		weigh_matrix(known, weight, memory);
	}
	if (run->users != NULL)
		take_rows(run->users, asked->user, n, &asked->known.user_features.by_row, memory);
	if (run->contexts != NULL)
		asked->known.contexts = *run->contexts;
	batch = batch_create(run->model, run->index, &asked->known, a.k, &filter, memory);
	batch_run(batch);

	training_memory_reserve(memory, training_memory_size(sums_bytes(n)));
	a.stride = batch->n;
	a.longest_known = longest_profile(&asked->known);
	task.arrays[ARRAY_LISTS] = unconstify(Scored *, batch->lists);
	task.arrays[ARRAY_COUNTS] = unconstify(int32 *, batch->counts);
	task.arrays[ARRAY_HELD_START] = asked->held.start;
	task.arrays[ARRAY_HELD] = asked->held.column;
	task.arrays[ARRAY_HELD_VALUE] = asked->held.value;
	task.arrays[ARRAY_ALWAYS_SKIPPED] = skip;
	task.arrays[ARRAY_USERS_START] = run->split->train.by_item.start;
	task.arrays[ARRAY_SUMS] = training_memory_allocate(memory, sums_bytes(n));
	progress_phase(PHASE_SCORING, n);
	workers_run_pass(&task, memory, PASS_FIGURES, &a, sizeof(a),
					 lay_out_workspace(run->model, &a, NULL, &w), 0, n, n, BLOCK_USERS);
	add_sums(run->evaluation, asked, task.arrays[ARRAY_SUMS]);
	if (run->among_all)
		return;
	run->exposure.room = Min(a.k, batch->n);
	add_exposure(&run->exposure, batch, n);
}

/* Asks all questions of the split, block by block. */
static void
ask_all(Run *run, const TrainingMemory *memory)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec questions", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Size		more_bytes = question_bytes(run->split, run->questions);
	AskedSoFar	so_far = {0};
	Asked		asked;

	for (;;)
	{
		TrainingMemory *more = training_memory_extend(memory, context);

		if (!split_ask(run->split, &so_far, run->model->has_contexts, more_bytes, more, &asked))
			break;
		ask(run, &asked, more);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

void
evaluation_run(Evaluation *evaluation, const Split *split, const Algorithm *algorithm,
			   const void *options, const Questions *questions, const TrainingMemory *lender,
			   const char *name)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec evaluation", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	TrainingMemory *memory = training_memory_extend(lender, context);
	int64		n_items = split->train.by_user.n_columns;
	Model		model = {.algorithm = algorithm,
				   .options = decided_options(evaluation, algorithm, options),
				   .has_times = split->popularity != NULL,
				   .has_item_features =
					   split->attributes != NULL && algorithm_uses(algorithm, options, SIDE_ITEMS),
				   .has_user_features = split->user_attributes != NULL &&
										algorithm_uses(algorithm, options, SIDE_USERS),
				   .has_contexts = split->has_contexts &&
								   algorithm_uses(algorithm, options, SIDE_CONTEXT_FEATURES)};
	Task		task = {.model = &model};
	EncodedAttributes *encoded = NULL;
	EncodedAttributes *of_users = NULL;
	EncodedAttributes *of_contexts = NULL;
	Features	all_users = {.count = NULL};
	Ratings		train = model.has_contexts ? split->train_in_contexts : split->train;
	Extent		extent = ratings_extent(&train);
	Weight		weight = weight_of_events(options);
	Run			run = {.evaluation = evaluation, .split = split, .model = &model,
					   .questions = questions, .name = name};
	Iterations	iterations;
	instr_time	began;

	INSTR_TIME_SET_CURRENT(began);
	if (model.has_item_features)
	{
		encoded = attributes_encode(split->attributes, split->attribute_items, n_items,
									split->is_rated,
									((const CommonOptions *) options)->min_count,
									algorithm_needs(algorithm, options), context);
	}
	if (model.has_user_features)
		of_users = attributes_encode(split->user_attributes, split->attribute_users,
									 split->n_all_users, trained_users(split, context),
									 ((const CommonOptions *) options)->min_count,
									 algorithm_needs(algorithm, options), context);
	if (model.has_contexts && split->context_features == NULL)
		of_contexts = attributes_encode(split->context_attributes, split->attribute_contexts,
										split->n_contexts, split->context_ratings,
										((const CommonOptions *) options)->min_count,
										algorithm_needs(algorithm, options), context);
	set_feature_extent(&extent, encoded, of_users, of_contexts);
	if (model.has_contexts && of_contexts == NULL)
	{
		train.contexts = *split->context_features;
		run.contexts = &train.contexts;
		extent.n_contexts = train.contexts.by_row.n_rows;
		extent.n_context_features = train.contexts.by_row.n_columns;
		extent.n_context_values = train.contexts.by_row.start[extent.n_contexts];
	}
	/* refuse sources that are too large, or unfit for the algorithm, before the training */
	compute_require(&model, &extent,
					asking_bytes(evaluation->n_users, split, &train, options, questions) +
						(encoded == NULL ? 0 : attributes_bytes(encoded, n_items)) +
						(of_users == NULL ? 0
										  : 3 * attributes_bytes(of_users, split->n_all_users)) +
						(of_contexts == NULL ? 0
											 : attributes_bytes(of_contexts, split->n_contexts)),
					name);
	if (weight != WEIGHT_LINEAR)
	{
		training_memory_reserve(memory, weighed_bytes(&train, weight));
		weigh_matrix(&train.by_user, weight, memory);
		weigh_matrix(&train.by_item, weight, memory);
		source_scale(&train);
	}
	if (encoded != NULL)
		attributes_build(encoded, split->attribute_items, n_items, memory, &train.item_features);
	if (of_users != NULL)
	{
		attributes_build(of_users, split->attribute_users, split->n_all_users, memory, &all_users);
		train.user_features = all_users;
		take_rows(&all_users.by_row, split->train_users, train.by_user.n_rows,
				  &train.user_features.by_row, memory);
		run.users = &all_users.by_row;
	}
	if (of_contexts != NULL)
	{
		attributes_build(of_contexts, split->attribute_contexts, split->n_contexts, memory,
						 &train.contexts);
		run.contexts = &train.contexts;
	}
	decide_options(&model, &train, memory, name);
	compute_prepare(&task, &train, memory);
	iterations = compute_model(&task, split->popularity, memory, name);
	evaluation->too_large = iterations.too_large;
	model_keep_asked(&model);
	evaluation->model_bytes = 0;
	for (int s = 0; s < N_SIDES; s++)
		evaluation->model_bytes += stored_bytes(&model.sides[s]);
	evaluation->iterations = iterations.n;
	evaluation->train_seconds += seconds_since(began);

	INSTR_TIME_SET_CURRENT(began);
	run.index = prepare_model(&model, memory);
	run.exposure.n_items = n_items;
	run.exposure.shown =
		palloc_extended(sizeof(int64) * n_items, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	ask_all(&run, memory);
	measure_exposure(evaluation, &run.exposure);
	if (split->skip != NULL)
	{
		run.among_all = true;
		ask_all(&run, memory);
	}
	evaluation->runs++;
	evaluation->score_seconds += seconds_since(began);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

bool
is_unfit(int sqlerrcode)
{
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	/* lack of system resources is not the candidate's fault, and is not tolerated */
	return category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_PROGRAM_LIMIT_EXCEEDED ||
		   sqlerrcode == ERRCODE_CONFIGURATION_LIMIT_EXCEEDED ||
		   sqlerrcode == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE ||
		   sqlerrcode == ERRCODE_FEATURE_NOT_SUPPORTED;
}

/* The arguments of evaluation_run. */
typedef struct Attempt
{
	Evaluation *evaluation;
	const Split *split;
	const Algorithm *algorithm;
	const void *options;
	const Questions *questions;
	const TrainingMemory *lender;
	const char *name;
} Attempt;

static void
run_attempt(void *arg)
{
	const Attempt *a = arg;

	evaluation_run(a->evaluation, a->split, a->algorithm, a->options, a->questions, a->lender,
				   a->name);
}

char *
evaluation_attempt(Evaluation *evaluation, const Split *split, const Algorithm *algorithm,
				   const void *options, const Questions *questions, const TrainingMemory *lender,
				   const char *name)
{
	Attempt		attempt = {evaluation, split, algorithm, options, questions, lender, name};
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(outer, "rec attempt", ALLOCSET_DEFAULT_SIZES);
	char	   *error;

	MemoryContextSwitchTo(context);
	error = memory_attempt(run_attempt, &attempt, is_unfit, "an evaluation failed");
	MemoryContextSwitchTo(outer);
	error = error == NULL ? NULL : pstrdup(error);
	/* also frees the shared memory segments of an attempt that failed */
	MemoryContextDelete(context);
	return error;
}

/* ---- the baseline of predicted ratings ---- */

/* Fits the biases of one side, given those of the other. Returns the largest change. */
static double
fit_biases(const SparseMatrix *m, double mean, const double *other, double *bias)
{
	double		change = 0;

	for (int64 r = 0; r < m->n_rows; r++)
	{
		double		sum = 0;
		double		fitted;

		if (r % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int64 i = m->start[r]; i < m->start[r + 1]; i++)
			sum += m->value[i] - mean - other[m->column[i]];
		fitted = sum / (m->start[r + 1] - m->start[r] + BIAS_DAMPING);
		change = Max(change, fabs(fitted - bias[r]));
		bias[r] = fitted;
	}
	return change;
}

/* Adds the errors of ratings that are predicted from biases. */
static void
compare_biases(Evaluation *evaluation, const RatingScale *scale, const Asked *asked,
			   const double *item, const double *user)
{
	for (int64 u = 0; u < asked->held.n_rows; u++)
	{
		int32		who = asked->user[u];

		for (int64 i = asked->held.start[u]; i < asked->held.start[u + 1]; i++)
		{
			int32		what = asked->held.column[i];
			double		predicted = scale->mean + user[u] + (what < 0 ? 0 : item[what]);
			double		clipped = Max(scale->minimum, Min(scale->maximum, predicted));
			double		error = clipped - asked->held.value[i];

			evaluation->sum[FIGURE_RMSE][who] += error * error;
			evaluation->sum[FIGURE_MSE][who] += error * error;
			evaluation->sum[FIGURE_MAE][who] += fabs(error);
			evaluation->weight[FIGURE_RMSE][who]++;
			evaluation->weight[FIGURE_MSE][who]++;
			evaluation->weight[FIGURE_MAE][who]++;
		}
	}
}

/*
 * Rating = mean + bias of the user + bias of the item. The squared error plus damping times the
 * squared biases is minimised over both (Koren 2010, "Factor in the neighbors", section 2.1, fitted
 * by alternating exact minimisation). A tested user's bias is then fitted to the user's profile, so
 * that users who are held out as a whole have one.
 */
void
evaluation_run_biases(Evaluation *evaluation, const Split *split)
{
	const Ratings *ratings = &split->train;
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec biases", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	int64		n_users = ratings->by_user.n_rows;
	int64		n_items = ratings->by_item.n_rows;
	double	   *user = palloc_extended(sizeof(double) * n_users, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	double	   *item = palloc_extended(sizeof(double) * n_items, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	MemoryContext block;
	AskedSoFar	so_far = {0};
	Asked		asked;

	for (int sweep = 0; sweep < BIAS_SWEEPS; sweep++)
	{
		double		item_change = fit_biases(&ratings->by_item, ratings->scale.mean, user, item);
		double		user_change = fit_biases(&ratings->by_user, ratings->scale.mean, item, user);

		if (item_change < BIAS_TOLERANCE && user_change < BIAS_TOLERANCE)
			break;
	}
	block = AllocSetContextCreate(context, "rec questions", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(block);
	while (split_ask(split, &so_far, false, sizeof(double), training_memory_create(block), &asked))
	{
		double	   *bias = palloc_extended(sizeof(double) * asked.held.n_rows,
										   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

		fit_biases(&asked.known.by_user, ratings->scale.mean, item, bias);
		compare_biases(evaluation, &ratings->scale, &asked, item, bias);
		MemoryContextReset(block);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* ---- figures of an evaluation ---- */

double
evaluation_value(const Evaluation *e, Figure figure)
{
	double		sum = 0;
	double		weight = 0;

	if (!is_of_users(figure))
		return e->runs > 0 ? e->whole[figure] / e->runs : get_float8_nan();
	for (int64 u = 0; u < e->n_users; u++)
	{
		sum += e->sum[figure][u];
		weight += e->weight[figure][u];
	}
	return figure_value(figure, sum, weight);
}

int64
evaluation_users(const Evaluation *e, Figure figure)
{
	int64		users = 0;

	/* figures of all lists count users with a list that is not empty, as novelty does */
	if (!is_of_users(figure))
		figure = FIGURE_NOVELTY;
	for (int64 u = 0; u < e->n_users; u++)
		users += e->weight[figure][u] > 0;
	return users;
}
