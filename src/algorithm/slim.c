/*
 * slim.c
 *	  A sparse linear model of items by items.
 *
 * Ning & Karypis 2011, "SLIM: Sparse linear methods for top-N recommender systems". With X the
 * users x items matrix of events, each column is predicted from the others by non-negative weights:
 *
 *	minimize 1/2 |x_i - X w_i|^2 + l2/2 |w_i|^2 + l1 sum_j w_ji, w_ji >= 0, w_ii = 0
 *
 * and a profile's score of item i is the sum of a_j w_ji over its items j, where a_j is an entry of
 * X. The list of item i keeps its largest weights. The diagonal is zero so that training cannot
 * predict each item by itself. Where the scored item is in the profile, it speaks for itself with a
 * weight of 1, so that items that are bought again come first where repeats are wanted.
 *
 * The columns are independent problems, each solved by coordinate descent (Friedman, Hastie &
 * Tibshirani 2010, "Regularization paths for generalized linear models via coordinate descent"),
 * with r = x_i - X w_i kept:
 *
 *	w_ji := max(0, x_j'r + |x_j|^2 w_ji - l1) / (|x_j|^2 + l2)
 *
 * in sweeps over all candidates, with sweeps in between over the candidates whose weight is not
 * zero, until a sweep over all changes no weight noticeably. Candidates are the most similar items
 * by cosine (the paper's fsSLIM), found by accumulating x_i'X over the rows of the users who have
 * item i. As X has no negative entry, neither have the products of its columns, so an item with
 * x_j'x_i <= l1 has weight zero and is no candidate; that rules out most of a large catalogue.
 *
 * There is no warm start. The problems are convex, so that the weights are the same from any start,
 * to the tolerance; from zero the first sweep takes its products from the search for candidates,
 * which is necessary anyway, whereas from the last version's weights it would have to compute all
 * of them.
 *
 * Cost: to find candidates, the sum over users of the square of their number of events; to descend,
 * for each item and sweep, the number of events of its candidates; after the first few sweeps only
 * candidates with a weight take part. Memory: besides the model's lists 24 bytes per item; for each
 * worker 8 bytes per item, 4 per user and 24 per candidate. A column whose candidates have many
 * events takes no more memory, only more time.
 *
 * Feedback: each rating (explicit feedback) counts as 1, whatever its value, as in the publication;
 * events (implicit feedback) count with their weights. Scores serve for ranking: they are not on
 * the scale of ratings.
 */
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/lists.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/top.h"

typedef struct SlimOptions
{
	CommonOptions common;
	int32_t		neighbors;
	int32_t		candidates;
	int32_t		iterations;
	double		l1;
	double		l2;
	double		tolerance;
} SlimOptions;

static const Option slim_options[] = {
	FEEDBACK_OPTION,
	{"l1", OPTION_REAL, offsetof(SlimOptions, l1), {NULL, NULL}, 0, 1e12, NULL,
	"weight of the weights in the loss: how many users two items must have in common; a higher "
	"value leaves fewer weights; default: half of the square of the smallest weight, so that one "
	"user is enough"},
	{"l2", OPTION_REAL, offsetof(SlimOptions, l2), {NULL, NULL}, 0, 1e12, NULL,
	"weight of the squared weights in the loss: about how many events an item needs to count "
	"fully; default: 30"},
	{"neighbors", OPTION_INTEGER, offsetof(SlimOptions, neighbors), {"50", "50"}, 1, 10000, NULL,
	"the most items on the list of an item; those with the largest weights are kept"},
	{"candidates", OPTION_INTEGER, offsetof(SlimOptions, candidates), {"100", "100"}, 1, 100000,
	NULL,
	"the number of most similar items, by cosine, that may have a weight; more of them take "
	"longer"},
	{"iterations", OPTION_INTEGER, offsetof(SlimOptions, iterations), {"100", "100"}, 1, 10000,
	NULL,
	"the most sweeps over the weights of an item"},
	{"tolerance", OPTION_REAL, offsetof(SlimOptions, tolerance), {"0.003", "0.003"}, 0, 1, NULL,
	"stop when no weight moves the predictions of its item by more than this share of the item's "
	"norm"},
	VALIDATE_OPTION("false", "false"),
	WEIGHT_OPTION("log"),
	{NULL}
};

enum
{
	COLUMN_NEIGHBORS,
	COLUMN_WEIGHT_LIST,
	N_COLUMNS
};

/* Events between two polls: about a millisecond of scattered additions. */
#define POLL_ENTRIES 262144

/*
 * Weights of events below this count as none; the product of two weights above it does not
 * underflow.
 */
#define TOO_SMALL 1e-15f
/* Numbers that are too large: a sum of their products might overflow. */
#define TOO_LARGE 1e18

/* The element of X for a rating. */
static inline float
amount(const SlimOptions *o, float rating)
{
	return o->common.feedback == FEEDBACK_EXPLICIT ? 1 : rating < TOO_SMALL ? 0 : rating;
}

/*
 * Two items that have one user in common have the product of the weights of both events. An l1
 * above that product rules them out as candidates for each other, and on sparse data few pairs of
 * items have two users in common.
 */
static void
slim_decide(const Ratings *ratings, void *options)
{
	SlimOptions *o = options;
	const SparseMatrix *m = &ratings->by_user;
	float		smallest = INFINITY;

	if (isnan(o->l2))
		o->l2 = 30;
	if (!isnan(o->l1))
		return;
	for (int64_t e = 0; e < m->start[m->n_rows]; e++)
	{
		float		a = amount(o, m->value[e]);

		if (a > 0 && a < smallest)
			smallest = a;
		if (e % POLL_ENTRIES == 0)
			poll();
	}
	o->l1 = smallest < INFINITY ? fmin(1e12, 0.5 * (double) smallest * smallest) : 0;
}

static int
slim_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_NEIGHBORS] = (Column)
	{
		"neighbors", COLUMN_ITEMS, 0, "the items that speak for the item"
	};
	columns[COLUMN_WEIGHT_LIST] = (Column)
	{
		"weights", COLUMN_WEIGHTS, 0, "what having each of the neighbors adds to the item's score"
	};
	return N_COLUMNS;
}

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The most entries that an item's list can have. */
static int64_t
list_length(const SlimOptions *o, int64_t n_items)
{
	return min64(min64(o->neighbors, o->candidates), n_items - 1);
}

static int64_t
slim_list_entries(const void *options, const Extent *extent, SideKind side)
{
	return extent->n_items * list_length(options, extent->n_items);
}

enum
{
	ARRAY_FAILED,				/* int32_t, set to 1 where a number is too large or not finite */
	ARRAY_SQUARES,				/* float for each item: |x_j|^2 */
	/*
	 * int32_t for each item: the length of its list, which begins at the item's number times the
	 * maximum length
	 */
	ARRAY_LENGTHS,
	ARRAY_LOSS,					/* double for each item */
	N_ARRAYS
};

static int
slim_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	bytes[ARRAY_FAILED] = sizeof(int32_t);
	bytes[ARRAY_SQUARES] = sizeof(float) * extent->n_items;
	bytes[ARRAY_LENGTHS] = sizeof(int32_t) * extent->n_items;
	bytes[ARRAY_LOSS] = sizeof(double) * extent->n_items;
	return N_ARRAYS;
}

/* ---- training ---- */

/* A worker's own memory. */
typedef struct Workspace
{
	float	   *residual;		/* by user; all zero between two items */
	float	   *products;		/* x_i'x_j by item; all zero between two items */
	int32_t    *touched;		/* items whose product is not zero */
	/* the candidates by descending similarity; then the weights that are kept */
	Scored	   *similar;
	float	   *weights;		/* by candidate */
	float	   *first;			/* by candidate: x_i'x_j */
	int32_t    *moved;			/* by candidate: whether the weight was ever other than zero */
} Workspace;

/* Lays a workspace out in memory and returns its size; with memory NULL, only the size. */
static size_t
lay_out_workspace(const SlimOptions *o, int64_t n_users, int64_t n_items, void *memory,
				  Workspace *w)
{
	int64_t		candidates = min64(o->candidates, n_items);
	Pieces		p = {memory, 0};

	w->residual = add_piece(&p, sizeof(float) * n_users);
	w->products = add_piece(&p, sizeof(float) * n_items);
	w->touched = add_piece(&p, sizeof(int32_t) * (n_items + 1));
	w->similar = add_piece(&p, sizeof(Scored) * candidates);
	w->weights = add_piece(&p, sizeof(float) * candidates);
	w->first = add_piece(&p, sizeof(float) * candidates);
	w->moved = add_piece(&p, sizeof(int32_t) * candidates);
	return p.bytes;
}

static size_t
slim_scratch_bytes(const void *options, const Extent *extent)
{
	Workspace	w;

	return lay_out_workspace(options, extent->n_users, extent->n_items, NULL, &w);
}

static void
fail(const Task *task)
{
	__atomic_store_n((int32_t *) task->arrays[ARRAY_FAILED], 1, __ATOMIC_RELAXED);
}

/* A pass over the items: |x_j|^2. */
static void
pass_squares(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SlimOptions *o = task->model->options;
	const SparseMatrix *ratings = &task->ratings->by_item;
	float	   *squares = task->arrays[ARRAY_SQUARES];

	for (int64_t j = begin; j < end; j++)
	{
		double		sum = 0;

		poll();
		for (int64_t e = ratings->start[j]; e < ratings->start[j + 1]; e++)
		{
			double		x = amount(o, ratings->value[e]);

			sum += x * x;
		}
		squares[j] = (float) sum;
		if (!(sum < TOO_LARGE))
			fail(task);
	}
}

/*
 * Computes x_i'x_j for all items j, to w->products. Where few products are other than zero, their
 * items are in w->touched, and their number is returned; otherwise -1.
 */
static int64_t
multiply_columns(const Task *task, int64_t item, const Workspace *w)
{
	const SlimOptions *o = task->model->options;
	const SparseMatrix *by_item = &task->ratings->by_item;
	const SparseMatrix *by_user = &task->ratings->by_user;
	float	   *products = w->products;
	int32_t    *touched = w->touched;
	int64_t		n = 0;
	int64_t		since_poll = 0;
	int64_t		work = 0;

	for (int64_t e = by_item->start[item]; e < by_item->start[item + 1]; e++)
		work += by_user->start[by_item->column[e] + 1] - by_user->start[by_item->column[e]];
	for (int64_t e = by_item->start[item]; e < by_item->start[item + 1]; e++)
	{
		int64_t		user = by_item->column[e];
		const int32_t *column = by_user->column + by_user->start[user];
		const float *value = by_user->value + by_user->start[user];
		int64_t		entries = by_user->start[user + 1] - by_user->start[user];
		float		x = amount(o, by_item->value[e]);

		/* the next user's entries lie anywhere in memory */
		if (e + 1 < by_item->start[item + 1])
		{
			int64_t		next = by_user->start[by_item->column[e + 1]];

			__builtin_prefetch(by_user->column + next);
			__builtin_prefetch(by_user->value + next);
		}
		if (work > by_item->n_rows)
		{
			for (int64_t i = 0; i < entries; i++)
				products[column[i]] += x * amount(o, value[i]);
		}
		else
		{
			for (int64_t i = 0; i < entries; i++)
			{
				float		product = x * amount(o, value[i]);

				/* without a branch: an item that is not new is overwritten by the next one */
				touched[n] = column[i];
				n += products[column[i]] == 0 && product > 0;
				products[column[i]] += product;
			}
		}
		since_poll += entries;
		if (since_poll >= POLL_ENTRIES)
		{
			poll();
			since_poll = 0;
		}
	}
	return work > by_item->n_rows ? -1 : n;
}

/* Finds the candidates for the list of an item, the most similar first; returns how many. */
static int64_t
find_candidates(const Task *task, int64_t item, const Workspace *w)
{
	const SlimOptions *o = task->model->options;
	const float *squares = task->arrays[ARRAY_SQUARES];
	int64_t		n_items = task->model->sides[SIDE_ITEMS].n_rows;
	int64_t		n_touched = multiply_columns(task, item, w);
	float		l1 = (float) o->l1;
	Top			top = {min64(o->candidates, n_items), 0, w->similar};

	for (int64_t t = 0; t < (n_touched < 0 ? n_items : n_touched); t++)
	{
		int32_t		other = n_touched < 0 ? (int32_t) t : w->touched[t];

		if (w->products[other] > l1 && other != item)
			top_offer(&top, w->products[other] / sqrtf(squares[other]), other);
	}
	top_sort(&top);
	for (int64_t c = 0; c < top.count; c++)
		w->first[c] = w->products[top.heap[c].index];
	if (n_touched < 0)
		memset(w->products, 0, sizeof(float) * n_items);
	for (int64_t t = 0; t < n_touched; t++)
		w->products[w->touched[t]] = 0;
	return top.count;
}

/* A column of X: the users who have an item. */
typedef struct ItemColumn
{
	int64_t		n;
	const int32_t *users;
	const float *values;		/* NULL: all 1 */
} ItemColumn;

static inline ItemColumn
item_column(const Task *task, int64_t item)
{
	const SparseMatrix *m = &task->ratings->by_item;
	const SlimOptions *o = task->model->options;
	ItemColumn	column = {
		m->start[item + 1] - m->start[item], m->column + m->start[item],
		o->common.feedback == FEEDBACK_EXPLICIT ? NULL : m->value + m->start[item]
	};

	return column;
}

/* Computes the weights of an item's n candidates, to w->weights. Returns the loss. */
static double
descend(const Task *task, int64_t item, int64_t n, const Workspace *w)
{
	const SlimOptions *o = task->model->options;
	const float *squares = task->arrays[ARRAY_SQUARES];
	float		l1 = (float) o->l1;
	float		l2 = (float) o->l2;
	double		enough = o->tolerance * o->tolerance * squares[item];
	ItemColumn	target = item_column(task, item);
	bool		all = true;
	double		loss = 0;

	memset(w->weights, 0, sizeof(float) * n);
	memset(w->moved, 0, sizeof(int32_t) * n);
	sparse_add(1, target.users, target.values, target.n, w->residual);
	for (int sweep = 0; sweep < o->iterations; sweep++)
	{
		bool		untouched = sweep == 0;	/* the residual is still x_i */
		double		most = 0;
		int64_t		since_poll = 0;

		for (int64_t c = 0; c < n; c++)
		{
			int64_t		other = w->similar[c].index;
			float		weight = w->weights[c];
			float		square = squares[other];
			ItemColumn	column;
			float		product;
			float		change;

			if (!all && weight == 0)
				continue;
			column = item_column(task, other);
			product = untouched ? w->first[c]
								: sparse_dot(column.users, column.values, column.n, w->residual);
			change = product + square * weight - l1;
			change = (change > 0 ? change / (square + l2) : 0) - weight;
			since_poll += column.n;
			if (change != 0)
			{
				sparse_add(-change, column.users, column.values, column.n, w->residual);
				w->weights[c] = weight + change;
				w->moved[c] = 1;
				untouched = false;
				since_poll += column.n;
				most = fmax(most, (double) change * change * square);
			}
			if (since_poll >= POLL_ENTRIES)
			{
				poll();
				since_poll = 0;
			}
		}
		if (most > enough)
			all = false;
		else if (all)
			break;
		else
			all = true;
	}

	/* computes the loss, and sets the residual back to zero */
	for (int64_t c = -1; c < n; c++)
	{
		ItemColumn	column;

		if (c >= 0 && !w->moved[c])
			continue;
		column = c < 0 ? target : item_column(task, w->similar[c].index);
		for (int64_t e = 0; e < column.n; e++)
		{
			float	   *r = &w->residual[column.users[e]];

			loss += 0.5 * *r * *r;
			*r = 0;
		}
		if (c >= 0)
			loss += w->weights[c] * (o->l1 + 0.5 * o->l2 * w->weights[c]);
		poll();
	}
	return loss;
}

/* Keeps the largest weights of n candidates as the item's list. */
static void
keep_weights(const Task *task, int64_t item, int64_t n, const Workspace *w)
{
	const SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;
	int64_t		length =
		list_length(task->model->options, task->model->sides[SIDE_ITEMS].n_rows);
	int32_t    *columns = list->column + item * length;
	float	   *values = list->value + item * length;
	int32_t    *lengths = task->arrays[ARRAY_LENGTHS];
	Top			top = {length, 0, w->similar};

	/* the heap holds at most c entries, so candidates are not overwritten before they are read */
	for (int64_t c = 0; c < n; c++)
	{
		int32_t		other = w->similar[c].index;

		if (w->weights[c] > 0)
			top_offer(&top, w->weights[c], other);
	}
	for (int64_t i = 0; i < top.count; i++)
	{
		int64_t		at = i;

		/* ascending, by insertion: the lists are short */
		for (; at > 0 && columns[at - 1] > top.heap[i].index; at--)
		{
			columns[at] = columns[at - 1];
			values[at] = values[at - 1];
		}
		columns[at] = top.heap[i].index;
		values[at] = top.heap[i].score;
	}
	lengths[item] = (int32_t) top.count;
}

/* A pass over the items: their lists. */
static void
pass_solve(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SlimOptions *o = task->model->options;
	int64_t		n_users = task->ratings->by_user.n_rows;
	int64_t		n_items = task->ratings->by_item.n_rows;
	double	   *losses = task->arrays[ARRAY_LOSS];
	Workspace	w;

	lay_out_workspace(o, n_users, n_items, scratch, &w);
	memset(w.residual, 0, sizeof(float) * n_users);
	memset(w.products, 0, sizeof(float) * n_items);
	for (int64_t item = begin; item < end; item++)
	{
		int64_t		n = find_candidates(task, item, &w);

		losses[item] = descend(task, item, n, &w);
		for (int64_t c = 0; c < n; c++)
		{
			if (!(w.weights[c] < (float) TOO_LARGE))
				fail(task);
		}
		keep_weights(task, item, n, &w);
	}
}

enum
{
	PASS_SQUARES,
	PASS_SOLVE
};

static const Pass slim_passes[] = {
	[PASS_SQUARES] = pass_squares,
	[PASS_SOLVE] = pass_solve
};

/*
 * Items that a worker takes at once: few, as some take long; more in a large catalogue, as a
 * worker's memory is cleared each time.
 */
static int64_t
block_items(int64_t n_items)
{
	int64_t		items = n_items / 4096;

	return items < 1 ? 1 : items > 64 ? 64 : items;
}

static const char *
slim_train(const Task *task, Services *services)
{
	SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;
	int64_t		n_items = task->model->sides[SIDE_ITEMS].n_rows;
	int64_t		length = list_length(task->model->options, n_items);
	const int32_t *lengths = task->arrays[ARRAY_LENGTHS];
	const double *losses = task->arrays[ARRAY_LOSS];
	double		loss = 0;

	run_pass(services, PASS_SQUARES, NULL, 0, n_items, 64);
	run_pass(services, PASS_SOLVE, NULL, 0, n_items, block_items(n_items));
	if (*(const int32_t *) task->arrays[ARRAY_FAILED])
		return "numbers are too large for single precision";

	/* moves the lists together, without gaps */
	for (int64_t item = 0; item < n_items; item++)
	{
		if (item % 1024 == 0)
			poll();
		memmove(list->column + list->start[item], list->column + item * length,
				sizeof(int32_t) * lengths[item]);
		memmove(list->value + list->start[item], list->value + item * length,
				sizeof(float) * lengths[item]);
		list->start[item + 1] = list->start[item] + lengths[item];
		loss += losses[item];
	}
	if (!isfinite(loss))
		return "the loss is not finite";
	services->iteration_done(services, 1, loss, NAN);
	if (list->start[n_items] == 0)
		services->nothing_learned(services, "l1");
	return NULL;
}

/* ---- asking ---- */

static size_t
slim_derived_bytes(const Model *model)
{
	return inverse_lists_bytes(&model->sides[SIDE_ITEMS].list);
}

static void
slim_prepare(Model *model)
{
	inverse_lists_build(&model->sides[SIDE_ITEMS].list, model->derived);
}

/* A query is the profile with amounts. It is followed by its items, then by their amounts. */
typedef struct Query
{
	int64_t		n;
} Query;

static inline int32_t *
query_items(const Query *query)
{
	return (int32_t *) (query + 1);
}

static inline float *
query_amounts(const Query *query)
{
	return (float *) (query_items(query) + query->n);
}

static size_t
slim_query_bytes(const Model *model, int64_t profile_items)
{
	return sizeof(Query) + (sizeof(int32_t) + sizeof(float)) * profile_items;
}

static bool
slim_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	Query	   *q = query;
	double		total = 0;

	q->n = profile->n;
	for (int64_t i = 0; i < profile->n; i++)
	{
		query_items(q)[i] = profile->items[i];
		query_amounts(q)[i] = amount(model->options, profile->ratings[i]);
		total += query_amounts(q)[i];
	}
	/* weights are below TOO_LARGE, too, so no score overflows */
	return total < TOO_LARGE;
}

/* Neither weights nor amounts are negative, so a sum of zero has no addend. */
static void
slim_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
				 int64_t n, float *scores)
{
	const Query *q = query;
	SparseMatrix inverse = inverse_lists(model->derived);

	lists_score_rows(&model->sides[SIDE_ITEMS].list, &inverse, query_items(q), query_amounts(q),
					 q->n, items, first, n, scores, NULL);
	lists_add_own(query_items(q), query_amounts(q), q->n, NULL, items, first, n, scores, NULL);
	for (int64_t i = 0; i < n; i++)
		scores[i] = scores[i] != 0 ? scores[i] : NAN;
}

static void
slim_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
			 float *contributions, float *baseline, void *scratch)
{
	lists_weights(&model->sides[SIDE_ITEMS].list, item, profile->items, profile->n, contributions);
	for (int64_t j = 0; j < profile->n; j++)
		contributions[j] = (contributions[j] + (profile->items[j] == item ? 1 : 0)) *
						   amount(model->options, profile->ratings[j]);
	*baseline = 0;
}

/*
 * The similarity is what having `item` adds to the score of the other item; 1 for the item itself.
 */
static void
slim_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	SparseMatrix inverse = inverse_lists(model->derived);
	float		one = 1;

	lists_score_range(&inverse, &item, &one, 1, first, n, similarity, NULL);
	for (int64_t i = 0; i < n; i++)
		similarity[i] = first + i == item ? 1 : similarity[i] > 0 ? similarity[i] : NAN;
}

static const char *
slim_refuses_refresh(const void *options)
{
	return "The weights of an item depend on the whole histories of all items that its users have.";
}

const Algorithm slim_algorithm = {.name = "slim",
								  .description =
									  "sparse linear model of items by items with non-negative "
									  "weights (SLIM), for ranking, for catalogues of any size",
								  .options = slim_options,
								  .options_size = sizeof(SlimOptions),
								  .decide = slim_decide,
								  /* on data without individual tastes, 100 times as much is best */
								  .varied = "l2",
								  .factor = 4,
								  .columns = slim_columns,
								  .list_entries = slim_list_entries,
								  .arrays = slim_arrays,
								  .passes = slim_passes,
								  .scratch_bytes = slim_scratch_bytes,
								  .train = slim_train,
								  .refuses_refresh = slim_refuses_refresh,
								  .derived_bytes = slim_derived_bytes,
								  .prepare = slim_prepare,
								  .query_bytes = slim_query_bytes,
								  .make_query = slim_make_query,
								  .score_items = slim_score_items,
								  .range_speed = 64,
								  .explain = slim_explain,
								  .similar_items = slim_similar_items};
