/*
 * blend.c
 *	  Lists of several models as one, without training.
 *
 * The inputs are other models. Each gives its best items for whoever is asking, and the score of an
 * item is a sum over the lists that it is on, weighted by input:
 *
 *	- of 1 / (rank_constant + rank), reciprocal rank fusion (Cormack, Clarke & Buettcher 2009,
 *	  "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods"). Only
 *	  ranks count, so that scores of any scale go together.
 *	- or of scores (Fox & Shaw 1994, "Combination of multiple searches", CombSUM), divided by their
 *	  standard deviation on the list. Scores count from the lowest on the list, as which an item
 *	  that is not on the list counts.
 *
 * An item on no list has no score. The model's table has the items of its source, with which lists
 * are filled up by popularity.
 */
#include <math.h>
#include <stdlib.h>

#include "algorithm/algorithm.h"
#include "kernel/poll.h"

enum
{
	METHOD_RANKS,
	METHOD_SCORES
};

static const char *const method_choices[] = {"ranks", "scores", NULL};

typedef struct BlendOptions
{
	CommonOptions common;
	int32_t		method;
	double		rank_constant;
	InputNumbers weights;
} BlendOptions;

static const Option blend_options[] = {
	FEEDBACK_OPTION,
	{"method", OPTION_CHOICE, offsetof(BlendOptions, method), {"ranks", "ranks"}, 0, 0,
	 method_choices,
	 "what is added up of the lists of the inputs: ranks (reciprocal rank fusion, whatever the "
	 "scales of the scores are) or scores (divided by their deviation on the list)"},
	{"weights", OPTION_INPUTS, offsetof(BlendOptions, weights), {"[]", "[]"}, 0, 1e6, NULL,
	 "an array with the weight of each input, in the order of the inputs; []: each weighs 1"},
	{"rank_constant", OPTION_REAL, offsetof(BlendOptions, rank_constant), {"60", "60"}, 0, 1e6,
	 NULL,
	 "method ranks: a place on a list adds weight / (rank_constant + rank); the larger it is, the "
	 "less do first places count above others"},
	CANDIDATES_EACH_OPTION,
	{NULL}
};

enum
{
	COLUMN_SHARE
};

static int
blend_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_SHARE] = (Column) {"share", COLUMN_NUMBER, 1,
									  "the share of the users of the source who have the item"};
	return 1;
}

static unsigned
blend_needs(const void *options)
{
	return NEEDS_RATINGS | NEEDS_INPUTS;
}

/* Items between two polls. */
#define POLL_ITEMS 65536

static const char *
blend_train(const Task *task, Services *services)
{
	Side	   *items = &task->model->sides[SIDE_ITEMS];

	for (int64_t i = 0; i < items->n_rows; i++)
	{
		if (i % POLL_ITEMS == 0)
			poll();
		items->values[COLUMN_SHARE][i] =
			(float) items->n_ratings[i] / (float) task->model->n_users;
	}
	return NULL;
}

/* ---- asking ---- */

/* What a place on a list adds to the score of its item. */
typedef struct Part
{
	int32_t		item;
	int32_t		input;
	double		amount;
} Part;

/* Items on lists, ascending, each once. */
typedef struct Query
{
	int64_t		n;
	struct
	{
		int32_t		item;
		float		score;
	}			scored[];
} Query;

static int64_t
most_parts(const Model *model)
{
	const BlendOptions *o = model->options;

	return (int64_t) model->n_inputs * o->common.candidates_each;
}

static size_t
blend_query_bytes(const Model *model, int64_t profile_length)
{
	return offsetof(Query, scored) + sizeof(((Query *) NULL)->scored[0]) * most_parts(model);
}

static size_t
blend_query_scratch_bytes(const Model *model, int64_t profile_length)
{
	return sizeof(Part) * most_parts(model);
}

static int
compare_parts(const void *a, const void *b)
{
	const Part *x = a;
	const Part *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return (x->input > y->input) - (x->input < y->input);
}

/* 1 / the standard deviation of the scores on a list; 0 where all are equal. */
static double
scale_of(const InputList *list)
{
	double		mean = 0;
	double		squares = 0;

	for (int64_t i = 0; i < list->n; i++)
		mean += list->entries[i].score / (double) list->n;
	for (int64_t i = 0; i < list->n; i++)
		squares += (list->entries[i].score - mean) * (list->entries[i].score - mean);
	/* the mean of equal scores has an error of rounding */
	if (list->n < 2 || list->entries[0].score == list->entries[list->n - 1].score)
		return 0;
	return sqrt((double) list->n / squares);
}

/* Sets the parts of an input's list, and returns how many there are. */
static int64_t
parts_of_list(const BlendOptions *o, const Profile *profile, int input, Part *parts)
{
	const InputList *list = &profile->inputs[input];
	double		weight = o->weights.n > 0 ? o->weights.numbers[input] : 1;
	double		scale = o->method == METHOD_SCORES ? scale_of(list) : 0;

	for (int64_t i = 0; i < list->n; i++)
	{
		double		above = (double) list->entries[i].score - list->entries[list->n - 1].score;

		parts[i] = (Part) {list->entries[i].index, input,
						   o->method == METHOD_RANKS
							   ? weight / (o->rank_constant + (double) (i + 1))
							   : weight * scale * above};
	}
	return list->n;
}

static bool
blend_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	Query	   *q = query;
	Part	   *parts = scratch;
	int64_t		n = 0;

	q->n = 0;
	for (int i = 0; i < model->n_inputs && profile->inputs != NULL; i++)
		n += parts_of_list(model->options, profile, i, parts + n);
	qsort(parts, n, sizeof(Part), compare_parts);
	for (int64_t i = 0; i < n;)
	{
		int32_t		item = parts[i].item;
		double		sum = 0;

		for (; i < n && parts[i].item == item; i++)
			sum += parts[i].amount;
		if (!isfinite((float) sum))
			return false;
		q->scored[q->n].item = item;
		q->scored[q->n++].score = (float) sum;
	}
	return true;
}

/* The first place of a query whose item is not less than this one. */
static int64_t
find_item_at(const Query *q, int64_t item)
{
	int64_t		low = 0;
	int64_t		high = q->n;

	while (low < high)
	{
		int64_t		middle = (low + high) / 2;

		if (q->scored[middle].item < item)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
blend_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
				  int64_t n, float *scores)
{
	const Query *q = query;

	for (int64_t i = 0; i < n; i++)
		scores[i] = NAN;
	if (items == NULL)
	{
		for (int64_t at = find_item_at(q, first); at < q->n && q->scored[at].item < first + n; at++)
			scores[q->scored[at].item - first] = q->scored[at].score;
		return;
	}
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		at = find_item_at(q, items[first + i]);

		if (at < q->n && q->scored[at].item == items[first + i])
			scores[i] = q->scored[at].score;
	}
}

static void
blend_explain_inputs(const Model *model, const Profile *profile, const void *query, int32_t item,
					 float *contributions, void *scratch)
{
	Part	   *parts = scratch;

	for (int i = 0; i < model->n_inputs; i++)
	{
		int64_t		n = parts_of_list(model->options, profile, i, parts);

		contributions[i] = 0;
		for (int64_t j = 0; j < n; j++)
		{
			if (parts[j].item == item)
				contributions[i] = (float) parts[j].amount;
		}
	}
}

/* Items are compared by the inputs themselves. */
static void
blend_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	for (int64_t i = 0; i < n; i++)
		similarity[i] = NAN;
}

const Algorithm blend_algorithm = {.name = "blend",
								   .description =
									   "the lists of several models as one, by their ranks or "
									   "scores; without training",
								   .options = blend_options,
								   .options_size = sizeof(BlendOptions),
								   .columns = blend_columns,
								   .needs = blend_needs,
								   .train = blend_train,
								   .query_bytes = blend_query_bytes,
								   .query_scratch_bytes = blend_query_scratch_bytes,
								   .make_query = blend_make_query,
								   .score_items = blend_score_items,
								   .explain_inputs = blend_explain_inputs,
								   .similar_items = blend_similar_items};
