/*
 * markov.c
 *	  Markov chains: the items that came after an item, by how often they did.
 *
 * With c_ab the number of times that b came after a, and P0(b) the share of b among all events,
 *
 *	P(b | a) = (c_ab + smoothing P0(b)) / (c_a + smoothing),	c_a = sum over b of c_ab
 *
 * is the probability that b comes next after a: the mean of a Dirichlet posterior. An event at
 * distance d after another, up to `window`, counts 1 / d: these are the sequential rules of
 * Kamehkhosh, Jannach & Ludewig 2017, "A comparison of frequent pattern techniques and a deep
 * learning method for session-based recommendation"; with a window of 1 only direct successors
 * count. Transitions decay with a half-life; their age is counted from the newest event.
 *
 * A chain of a higher order uses the last `order` events, each with its own transitions: the
 * mixture transition distribution of Raftery 1985, "A model for high-order Markov chains",
 *
 *	score(i) = sum over l of lambda_l P(i | the l-th last event),	lambda_l ~ 1 / l,
 *
 * with the weights of Ludewig & Jannach 2018, "Evaluation of session-based recommendation
 * algorithms". An event without transitions is skipped; its weight goes to the other events, and an
 * earlier event takes its place: so the chain backs off. Unlike a chain whose states are pairs and
 * triples of events, this one does not grow with its order, and can score after sequences that are
 * new.
 *
 * An item that came after none of these events has no score.
 *
 * Training takes one pass over the items, which counts the events after each event of an item. It
 * needs 4 bytes an event in addition to the events.
 */
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/lists.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/top.h"

#define MAX_ORDER 3

typedef struct MarkovOptions
{
	CommonOptions common;
	int32_t		order;
	int32_t		window;
	int32_t		transitions;
	double		half_life;		/* seconds */
	double		smoothing;
} MarkovOptions;

static const Option markov_options[] = {
	FEEDBACK_OPTION,
	{"order", OPTION_INTEGER, offsetof(MarkovOptions, order), {"3", "3"}, 1, MAX_ORDER, NULL,
	"how many of the last events predict the next one, the l-th last with a weight of 1 / l; "
	"events without transitions are skipped"},
	{"window", OPTION_INTEGER, offsetof(MarkovOptions, window), {"10", "10"}, 1, 100, NULL,
	"the distance up to which an event counts as coming after another one, with a weight of 1 / "
	"distance"},
	{"transitions", OPTION_INTEGER, offsetof(MarkovOptions, transitions), {"200", "200"}, 1, 10000,
	NULL,
	"the most items that are kept as coming after an item: those with the greatest weights"},
	{"half_life", OPTION_INTERVAL, offsetof(MarkovOptions, half_life), {"0", "0"}, 0,
	1e6 * 86400.0, NULL,
	"the age at which a transition counts half, from the newest event, or from now if that lies in "
	"the future, such as \"30 days\" (a month counts 30); 0: all count alike"},
	{"smoothing", OPTION_REAL, offsetof(MarkovOptions, smoothing), {"10", "10"}, 0, 1e12, NULL,
	"each item counts as if this many more events had come after it, distributed by popularity"},
	{NULL}
};

enum
{
	COLUMN_POPULARITY,
	COLUMN_TOTAL,
	COLUMN_NEXT,
	COLUMN_NEXT_WEIGHTS,
	N_COLUMNS
};

static int
markov_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_POPULARITY] = (Column)
	{
		"share", COLUMN_NUMBER, 0, "the share of the item in all events"
	};
	columns[COLUMN_TOTAL] = (Column)
	{
		"transitions", COLUMN_NUMBER, 0, "the sum of the weights of all events that came after the "
										 "item"
	};
	columns[COLUMN_NEXT] = (Column)
	{
		"next_items", COLUMN_ITEMS, 0, "the items that came after the item"
	};
	columns[COLUMN_NEXT_WEIGHTS] = (Column)
	{
		"next_weights", COLUMN_WEIGHTS, 0, "the weight of each of the next items"
	};
	return N_COLUMNS;
}

static unsigned
markov_needs(const void *options)
{
	return NEEDS_EVENTS | (((const MarkovOptions *) options)->half_life > 0 ? NEEDS_TIMES : 0);
}

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The most entries that the list of an item with this many events can have. */
static inline int64_t
list_length(const MarkovOptions *o, int64_t n_items, int64_t events)
{
	return min64(min64(o->transitions, n_items), events * o->window);
}

static int64_t
markov_list_entries(const void *options, const Extent *extent, SideKind side)
{
	const MarkovOptions *o = options;

	return min64(extent->n_items * list_length(o, extent->n_items, extent->n_events),
				 extent->n_events * o->window);
}

enum
{
	ARRAY_PLACES,				/* int32_t: positions of events in the history, grouped by item */
	/* int64_t, items + 1: the positions of item i are STARTS[i] .. STARTS[i + 1] - 1 */
	ARRAY_STARTS,
	ARRAY_LAST,					/* a bit for each event, set if it is the last event of its user */
	ARRAY_LISTS,				/* int64_t, items + 1: where the list of each item is built */
	ARRAY_LENGTHS,				/* int32_t, items: length of the list */
	N_ARRAYS
};

static int
markov_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	bytes[ARRAY_PLACES] = sizeof(int32_t) * extent->n_events;
	bytes[ARRAY_STARTS] = sizeof(int64_t) * (extent->n_items + 1);
	bytes[ARRAY_LAST] = sizeof(uint64_t) * (extent->n_events / 64 + 1);
	bytes[ARRAY_LISTS] = sizeof(int64_t) * (extent->n_items + 1);
	bytes[ARRAY_LENGTHS] = sizeof(int32_t) * extent->n_items;
	return N_ARRAYS;
}

/* ---- training ---- */

/* Events between two polls: some hundred microseconds of random access. */
#define POLL_EVENTS 8192

/* The number of events by which fetching into the cache is ahead of counting. */
#define AHEAD 16

/* The private memory of a worker. */
typedef struct Workspace
{
	double	   *weights;		/* by item: weight as a successor; all zero between two items */
	int32_t    *touched;		/* items whose weight is not zero */
	Scored	   *kept;			/* the successors with the greatest weights */
} Workspace;

/* Lays a workspace out in memory; with memory NULL only returns the bytes it needs. */
static size_t
lay_out_workspace(const MarkovOptions *o, int64_t n_items, void *memory, Workspace *w)
{
	Pieces		p = {memory, 0};

	w->weights = add_piece(&p, sizeof(double) * n_items);
	w->touched = add_piece(&p, sizeof(int32_t) * n_items);
	w->kept = add_piece(&p, sizeof(Scored) * min64(o->transitions, n_items));
	return p.bytes;
}

static size_t
markov_scratch_bytes(const void *options, const Extent *extent)
{
	Workspace	w;

	return lay_out_workspace(options, extent->n_items, NULL, &w);
}

/* The argument of the pass. */
typedef struct Decay
{
	double		newest;			/* the time from which ages are counted */
	double		rate;			/* half-lives a microsecond; 0: no decay */
} Decay;

static inline double
weight_of_time(const Decay *decay, const History *h, int64_t event)
{
	return decay->rate == 0
			   ? 1
			   : exp2(decay->rate * fmin((double) h->times[event] - decay->newest, 0));
}

/*
 * Sums up the weights of an item's successors in w->weights; returns their number, with the items
 * in w->touched.
 */
static int64_t
count_successors(const Task *task, const Decay *decay, int64_t item, const Workspace *w)
{
	const MarkovOptions *o = task->model->options;
	const History *h = &task->ratings->events;
	const int64_t *starts = task->arrays[ARRAY_STARTS];
	const int32_t *places = (const int32_t *) task->arrays[ARRAY_PLACES] + starts[item];
	const uint64_t *last = task->arrays[ARRAY_LAST];
	int64_t		n = starts[item + 1] - starts[item];
	double		own = 0;
	double		total = 0;
	int64_t		n_touched = 0;

	for (int64_t i = 0; i < n; i++)
	{
		int64_t		place = places[i];

		if (i % POLL_EVENTS == 0)
			poll();
		if (i + AHEAD < n)
			__builtin_prefetch(h->items + places[i + AHEAD]);
		own += weight_of_time(decay, h, place);
		for (int d = 1; d <= o->window; d++)
		{
			double		weight;
			int32_t		next;

			if (last[(place + d - 1) / 64] >> ((place + d - 1) % 64) & 1)
				break;
			next = h->items[place + d];
			weight = weight_of_time(decay, h, place + d) / d;
			if (w->weights[next] == 0)
				w->touched[n_touched++] = next;
			w->weights[next] += weight;
			total += weight;
			/* a transition whose weight is 0 would be added to w->touched repeatedly */
			if (w->weights[next] == 0)
				n_touched--;
		}
	}
	task->model->sides[SIDE_ITEMS].values[COLUMN_POPULARITY][item] = (float) own;
	task->model->sides[SIDE_ITEMS].values[COLUMN_TOTAL][item] = (float) total;
	return n_touched;
}

static void
pass_count(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const MarkovOptions *o = task->model->options;
	const Decay *decay = argument;
	const int64_t *lists = task->arrays[ARRAY_LISTS];
	int32_t    *lengths = task->arrays[ARRAY_LENGTHS];
	SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;
	Workspace	w;

	lay_out_workspace(o, list->n_rows, scratch, &w);
	memset(w.weights, 0, sizeof(double) * list->n_rows);
	for (int64_t item = begin; item < end; item++)
	{
		int64_t		n = count_successors(task, decay, item, &w);
		Top			top = {min64(o->transitions, list->n_rows), 0, w.kept};

		for (int64_t i = 0; i < n; i++)
		{
			float		weight = (float) w.weights[w.touched[i]];

			/* the weight may be below the range of float */
			if (weight > 0)
				top_offer(&top, weight, w.touched[i]);
			w.weights[w.touched[i]] = 0;
		}
		top_sort_by_index(&top);
		lengths[item] = (int32_t) top.count;
		for (int64_t i = 0; i < top.count; i++)
		{
			list->column[lists[item] + i] = top.heap[i].index;
			list->value[lists[item] + i] = top.heap[i].score;
		}
	}
}

enum
{
	PASS_COUNT
};

static const Pass markov_passes[] = {
	[PASS_COUNT] = pass_count
};

/* Groups the positions of events by item; marks the last event of each user. */
static void
place_events(const Task *task)
{
	const History *h = &task->ratings->events;
	int64_t		n_items = task->model->sides[SIDE_ITEMS].n_rows;
	int64_t    *starts = task->arrays[ARRAY_STARTS];
	int32_t    *places = task->arrays[ARRAY_PLACES];
	uint64_t   *last = task->arrays[ARRAY_LAST];
	int64_t		before = 0;

	for (int64_t i = 0; i < h->start[h->n_users]; i++)
	{
		starts[h->items[i] + 1]++;
		if (i % POLL_EVENTS == 0)
			poll();
	}
	for (int64_t i = 0; i < n_items; i++)
		starts[i + 1] += starts[i];
	for (int64_t i = 0; i < h->start[h->n_users]; i++)
	{
		places[starts[h->items[i]]++] = (int32_t) i;
		if (i % POLL_EVENTS == 0)
			poll();
	}
	/* each start has moved to the start of the next item */
	for (int64_t i = 0; i < n_items; i++)
	{
		int64_t		end = starts[i];

		starts[i] = before;
		before = end;
	}
	for (int64_t u = 0; u < h->n_users; u++)
	{
		if (h->start[u + 1] > h->start[u])
			last[(h->start[u + 1] - 1) / 64] |= UINT64_C(1) << ((h->start[u + 1] - 1) % 64);
	}
}

/* Ages are counted from the newest event; future events have age 0. */
static Decay
make_decay(const Task *task)
{
	const MarkovOptions *o = task->model->options;
	const History *h = &task->ratings->events;
	int64_t		newest = INT64_MIN;

	if (o->half_life == 0)
		return (Decay) {0, 0};
	for (int64_t i = 0; i < h->start[h->n_users]; i++)
	{
		if (h->times[i] > newest && h->times[i] < INT64_MAX)
			newest = h->times[i];
		if (i % POLL_EVENTS == 0)
			poll();
	}
	newest = min64(newest, task->ratings->now);
	return (Decay) {(double) newest, 1 / (o->half_life * 1e6)};
}

static const char *
markov_train(const Task *task, Services *services)
{
	const MarkovOptions *o = task->model->options;
	SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;
	float	   *popularity = task->model->sides[SIDE_ITEMS].values[COLUMN_POPULARITY];
	int64_t		n_items = task->model->sides[SIDE_ITEMS].n_rows;
	const int64_t *starts = task->arrays[ARRAY_STARTS];
	int64_t    *lists = task->arrays[ARRAY_LISTS];
	const int32_t *lengths = task->arrays[ARRAY_LENGTHS];
	Decay		decay = make_decay(task);
	double		total = 0;

	place_events(task);
	for (int64_t i = 0; i < n_items; i++)
		lists[i + 1] = lists[i] + list_length(o, n_items, starts[i + 1] - starts[i]);
	run_pass(services, PASS_COUNT, &decay, sizeof(decay), n_items, 16);

	/* joins the lists */
	for (int64_t i = 0; i < n_items; i++)
	{
		if (i % 1024 == 0)
			poll();
		memmove(list->column + list->start[i], list->column + lists[i],
				sizeof(int32_t) * lengths[i]);
		memmove(list->value + list->start[i], list->value + lists[i], sizeof(float) * lengths[i]);
		list->start[i + 1] = list->start[i] + lengths[i];
		total += popularity[i];
	}
	for (int64_t i = 0; i < n_items && total > 0; i++)
		popularity[i] = (float) (popularity[i] / total);
	services->iteration_done(services, 1, NAN);
	return NULL;
}

/* ---- asking ---- */

/* The last events that have transitions, each item once. */
typedef struct Query
{
	int32_t		n;
	int32_t		items[MAX_ORDER];
	float		amounts[MAX_ORDER]; /* lambda / (c + smoothing) */
	float		share;			/* the weight of popularity */
} Query;

static size_t
markov_query_bytes(const Model *model, int64_t profile_length)
{
	return sizeof(Query);
}

static bool
markov_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	const MarkovOptions *o = model->options;
	const float *totals = model->sides[SIDE_ITEMS].values[COLUMN_TOTAL];
	Query	   *q = query;
	double		sum = 0;
	double		share = 0;
	int			at = 0;

	memset(q, 0, sizeof(Query));
	for (int64_t e = profile->n_events - 1; e >= 0 && at < o->order; e--)
	{
		if (totals[profile->events[e]] > 0)
			sum += 1.0 / ++at;
	}
	at = 0;
	for (int64_t e = profile->n_events - 1; e >= 0 && at < o->order; e--)
	{
		int32_t		item = profile->events[e];
		double		lambda;
		int			i = 0;

		if (!(totals[item] > 0))
			continue;
		lambda = 1.0 / ++at / sum;
		while (i < q->n && q->items[i] != item)
			i++;
		if (i == q->n)
			q->n++;
		q->items[i] = item;
		q->amounts[i] += (float) (lambda / (totals[item] + o->smoothing));
		share += lambda * o->smoothing / (totals[item] + o->smoothing);
	}
	q->share = (float) (at > 0 ? share : 1);
	return true;
}

/* No weight is negative, so a sum of zero has no terms. */
static void
markov_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
				   int64_t n, float *scores)
{
	const Query *q = query;
	const float *popularity = model->sides[SIDE_ITEMS].values[COLUMN_POPULARITY];

	for (int64_t i = 0; i < n && items != NULL; i++)
		markov_score_items(model, query, NULL, items[first + i], 1, &scores[i]);
	if (items != NULL)
		return;
	lists_score_range(&model->sides[SIDE_ITEMS].list, q->items, q->amounts, q->n, first, n, scores,
					  NULL);
	for (int64_t i = 0; i < n; i++)
		scores[i] = scores[i] > 0 ? scores[i] + q->share * popularity[first + i] : NAN;
}

static float
markov_expected_score(const Model *model, const void *query, int32_t item)
{
	return item < 0 ? 0
					: ((const Query *) query)->share *
						  model->sides[SIDE_ITEMS].values[COLUMN_POPULARITY][item];
}

static void
markov_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
			   float *contributions, float *baseline, void *scratch)
{
	const Query *q = query;

	memset(contributions, 0, sizeof(float) * profile->n);
	for (int i = 0; i < q->n; i++)
	{
		float		contribution;

		lists_score_range(&model->sides[SIDE_ITEMS].list, &q->items[i], &q->amounts[i], 1, item, 1,
						  &contribution, NULL);
		for (int64_t j = 0; j < profile->n; j++)
		{
			if (profile->items[j] == q->items[i])
				contributions[j] = contribution;
		}
	}
	*baseline = q->share * model->sides[SIDE_ITEMS].values[COLUMN_POPULARITY][item];
}

/* The share of an item among the transitions from the other item. */
static void
markov_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	float		total = model->sides[SIDE_ITEMS].values[COLUMN_TOTAL][item];
	float		amount = total > 0 ? 1 / total : 0;

	lists_score_range(&model->sides[SIDE_ITEMS].list, &item, &amount, 1, first, n, similarity,
					  NULL);
	for (int64_t i = 0; i < n; i++)
		similarity[i] = similarity[i] > 0 ? fminf(similarity[i], 1) : NAN;
}

const Algorithm markov_algorithm = {
	.name = "markov",
	.description = "Markov chain: the items that came next after a user's last events",
	.options = markov_options,
	.options_size = sizeof(MarkovOptions),
	.columns = markov_columns,
	.needs = markov_needs,
	.list_entries = markov_list_entries,
	.arrays = markov_arrays,
	.passes = markov_passes,
	.scratch_bytes = markov_scratch_bytes,
	.train = markov_train,
	.query_bytes = markov_query_bytes,
	.make_query = markov_make_query,
	.score_items = markov_score_items,
	.range_speed = 64,
	.expected_score = markov_expected_score,
	.explain = markov_explain,
	.similar_items = markov_similar_items
};
