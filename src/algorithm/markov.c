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
 *
 * A refresh counts what came after the items that are solved again, and what came before them, in
 * the histories of all users who have them. So all transitions from and to these items are those of
 * a training. Of the transitions between other items nothing is known; they stay.
 */
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/list_update.h"
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
	COLUMN_EVENTS,
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
	columns[COLUMN_EVENTS] = (Column)
	{
		"events", COLUMN_OPTIONAL, 0, "the weight of the item's events"
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

/* Where in the histories the events of each item are. */
typedef struct Places
{
	const History *events;
	int64_t    *starts;			/* the arrays of ARRAY_STARTS, */
	int32_t    *places;			/* ARRAY_PLACES */
	uint64_t   *last;			/* and ARRAY_LAST */
} Places;

static Places
task_places(const Task *task)
{
	return (Places) {&task->ratings->events, task->arrays[ARRAY_STARTS],
					 task->arrays[ARRAY_PLACES], task->arrays[ARRAY_LAST]};
}

/* Whether the event at this place is the last one of its user. */
static inline bool
is_last(const Places *p, int64_t place)
{
	return p->last[place / 64] >> (place % 64) & 1;
}

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

/* Adds the weight of a transition to an item that is `touched` then; returns by how many more. */
static inline int64_t
add_weight(const Workspace *w, int32_t item, double weight, int64_t n_touched)
{
	int64_t		more = 0;

	if (w->weights[item] == 0)
	{
		w->touched[n_touched] = item;
		more = 1;
	}
	w->weights[item] += weight;
	/* a transition whose weight is 0 would be added to w->touched repeatedly */
	return w->weights[item] == 0 ? 0 : more;
}

/*
 * Sums up the weights of an item's successors in w->weights; returns their number, with the items
 * in w->touched. own, total: the weights of the item's events, and of all transitions from it.
 */
static int64_t
count_successors(const MarkovOptions *o, const Places *p, const Decay *decay, int64_t item,
				 const Workspace *w, double *own, double *total)
{
	const History *h = p->events;
	const int32_t *places = p->places + p->starts[item];
	int64_t		n = p->starts[item + 1] - p->starts[item];
	int64_t		n_touched = 0;

	*own = *total = 0;
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		place = places[i];

		if (i % POLL_EVENTS == 0)
			poll();
		if (i + AHEAD < n)
			__builtin_prefetch(h->items + places[i + AHEAD]);
		*own += weight_of_time(decay, h, place);
		for (int d = 1; d <= o->window && !is_last(p, place + d - 1); d++)
		{
			double		weight = weight_of_time(decay, h, place + d) / d;

			n_touched += add_weight(w, h->items[place + d], weight, n_touched);
			*total += weight;
		}
	}
	return n_touched;
}

/*
 * Puts the items in w->touched with the greatest weights into w->kept. The weights are zero
 * afterwards.
 */
static Top
keep_best(const MarkovOptions *o, int64_t n_items, const Workspace *w, int64_t n_touched)
{
	Top			top = {min64(o->transitions, n_items), 0, w->kept};

	for (int64_t i = 0; i < n_touched; i++)
	{
		float		weight = (float) w->weights[w->touched[i]];

		/* the weight may be below the range of float */
		if (weight > 0)
			top_offer(&top, weight, w->touched[i]);
		w->weights[w->touched[i]] = 0;
	}
	return top;
}

static void
pass_count(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const MarkovOptions *o = task->model->options;
	Side	   *side = &task->model->sides[SIDE_ITEMS];
	const int64_t *lists = task->arrays[ARRAY_LISTS];
	int32_t    *lengths = task->arrays[ARRAY_LENGTHS];
	SparseMatrix *list = &side->list;
	Places		places = task_places(task);
	Workspace	w;

	lay_out_workspace(o, list->n_rows, scratch, &w);
	memset(w.weights, 0, sizeof(double) * list->n_rows);
	for (int64_t item = begin; item < end; item++)
	{
		double		own;
		double		total;
		Top			top = keep_best(
			o, list->n_rows, &w,
			count_successors(o, &places, argument, item, &w, &own, &total));

		side->values[COLUMN_EVENTS][item] = (float) own;
		side->values[COLUMN_TOTAL][item] = (float) total;
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
place_events(const Places *p, int64_t n_items)
{
	const History *h = p->events;
	int64_t		before = 0;

	for (int64_t i = 0; i < h->start[h->n_users]; i++)
	{
		p->starts[h->items[i] + 1]++;
		if (i % POLL_EVENTS == 0)
			poll();
	}
	for (int64_t i = 0; i < n_items; i++)
		p->starts[i + 1] += p->starts[i];
	for (int64_t i = 0; i < h->start[h->n_users]; i++)
	{
		p->places[p->starts[h->items[i]]++] = (int32_t) i;
		if (i % POLL_EVENTS == 0)
			poll();
	}
	/* each start has moved to the start of the next item */
	for (int64_t i = 0; i < n_items; i++)
	{
		int64_t		end = p->starts[i];

		p->starts[i] = before;
		before = end;
	}
	for (int64_t u = 0; u < h->n_users; u++)
	{
		if (h->start[u + 1] > h->start[u])
			p->last[(h->start[u + 1] - 1) / 64] |= UINT64_C(1) << ((h->start[u + 1] - 1) % 64);
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
	const float *events = task->model->sides[SIDE_ITEMS].values[COLUMN_EVENTS];
	int64_t		n_items = task->model->sides[SIDE_ITEMS].n_rows;
	Places		places = task_places(task);
	int64_t    *lists = task->arrays[ARRAY_LISTS];
	const int32_t *lengths = task->arrays[ARRAY_LENGTHS];
	Decay		decay = make_decay(task);
	double		total = 0;

	place_events(&places, n_items);
	for (int64_t i = 0; i < n_items; i++)
		lists[i + 1] =
			lists[i] + list_length(o, n_items, places.starts[i + 1] - places.starts[i]);
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
		total += events[i];
	}
	for (int64_t i = 0; i < n_items && total > 0; i++)
		popularity[i] = (float) (events[i] / total);
	services->iteration_done(services, 1, NAN, NAN);
	return NULL;
}

/* ---- refreshing ---- */

static const char *
markov_refuses_refresh(const void *options)
{
	return ((const MarkovOptions *) options)->half_life > 0
			   ? "With a half-life, every new event changes the weights of all transitions."
			   : NULL;
}

/* The same for the events before an item, up to `window`, by the weights of their transitions. */
static int64_t
count_predecessors(const MarkovOptions *o, const Places *p, int64_t item, const Workspace *w)
{
	const History *h = p->events;
	int64_t		n_touched = 0;

	for (int64_t i = p->starts[item]; i < p->starts[item + 1]; i++)
	{
		int64_t		place = p->places[i];

		if (i % POLL_EVENTS == 0)
			poll();
		for (int d = 1; d <= o->window && place >= d && !is_last(p, place - d); d++)
			n_touched += add_weight(w, h->items[place - d], 1.0 / d, n_touched);
	}
	return n_touched;
}

/* What a refresh works with. */
typedef struct Refreshed
{
	const MarkovOptions *o;
	const Refresh *refresh;
	Side	   *items;
	SparseMatrix before;		/* the lists before the refresh */
	double	   *totals;			/* by item: the weights of all transitions from it */
	ListUpdate	update;
	Workspace	w;
} Refreshed;

/* Whether all items that came after this one are on its list of before. */
static inline bool
was_complete(const Refreshed *r, int64_t item)
{
	return r->before.start[item + 1] - r->before.start[item] < r->update.capacity;
}

/* Takes the transitions to the items that are solved again from the totals of the others. */
static void
forget_transitions(const Refreshed *r)
{
	for (int64_t item = 0; item < r->items->n_rows; item++)
	{
		if (item % 64 == 0)
			poll();
		r->totals[item] =
			r->refresh->solved[SIDE_ITEMS][item] ? 0 : r->items->values[COLUMN_TOTAL][item];
		for (int64_t at = r->before.start[item];
			 at < r->before.start[item + 1] && !r->refresh->solved[SIDE_ITEMS][item]; at++)
		{
			if (r->refresh->solved[SIDE_ITEMS][r->before.column[at]])
				r->totals[item] -= r->before.value[at];
		}
	}
}

/* The weight of a transition that a full list leaves out, but that may be in its total. */
static float
left_out(const Refreshed *r, int64_t item, int32_t next, float weight)
{
	float		least = INFINITY;

	if (was_complete(r, item))
		return 0;
	for (int64_t at = r->before.start[item]; at < r->before.start[item + 1]; at++)
	{
		if (r->before.column[at] == next)
			return 0;
		least = fminf(least, r->before.value[at]);
	}
	return fminf(least, weight);
}

/* Counts what came after an item, and what came before it. */
static void
count_item(Refreshed *r, const Places *p, int32_t item)
{
	static const Decay no_decay = {0, 0};
	double		own;
	int64_t		n = count_successors(r->o, p, &no_decay, item, &r->w, &own, &r->totals[item]);
	Top			top = keep_best(r->o, r->items->n_rows, &r->w, n);
	bool		is_new = r->items->values[COLUMN_EVENTS][item] == 0;

	r->items->values[COLUMN_EVENTS][item] = (float) own;
	for (int64_t i = 0; i < top.count; i++)
		list_update_offer(&r->update, item, top.heap[i].index, top.heap[i].score);
	n = count_predecessors(r->o, p, item, &r->w);
	for (int64_t i = 0; i < n; i++)
	{
		int32_t		before = r->w.touched[i];
		float		weight = (float) r->w.weights[before];

		if (i % 64 == 0)
			poll();
		r->w.weights[before] = 0;
		/* of an item that is solved again itself, all that came after it is counted */
		if (r->refresh->solved[SIDE_ITEMS][before])
			continue;
		r->totals[before] += weight - (is_new ? 0 : left_out(r, before, item, weight));
		list_update_offer(&r->update, before, item, weight);
	}
}

/* Sets the numbers of the rows that have changed. */
static void
set_numbers(const Refreshed *r)
{
	const Refresh *refresh = r->refresh;
	const SparseMatrix *list = &r->items->list;
	const float *events = r->items->values[COLUMN_EVENTS];
	double		all = 0;

	for (int64_t item = 0; item < r->items->n_rows; item++)
		all += events[item];
	for (int64_t row = 0; row < refresh->by_item.n_rows; row++)
		r->items->values[COLUMN_POPULARITY][refresh->items[row]] =
			(float) (events[refresh->items[row]] / all);
	for (int64_t item = 0; item < r->items->n_rows; item++)
	{
		double		listed = 0;
		bool		complete =
			was_complete(r, item) && list->start[item + 1] - list->start[item] < r->update.capacity;

		if (item % 64 == 0)
			poll();
		if (!refresh->changed[SIDE_ITEMS][item])
			continue;
		for (int64_t at = list->start[item]; at < list->start[item + 1]; at++)
			listed += list->value[at];
		/* sums of differences round */
		r->items->values[COLUMN_TOTAL][item] =
			(float) ((complete && !refresh->solved[SIDE_ITEMS][item]) || r->totals[item] < listed
						 ? listed
						 : r->totals[item]);
	}
}

static const char *
markov_refresh(Model *model, const Refresh *refresh, void *scratch)
{
	Side	   *items = &model->sides[SIDE_ITEMS];
	const History *events = &refresh->events;
	Extent		extent = {.n_items = items->n_rows, .n_events = events->start[events->n_users]};
	Refreshed	r = {
		.o = model->options, .refresh = refresh, .items = items, .before = items->list};
	size_t		bytes[N_ARRAYS];
	Places		places = {.events = events};

	markov_arrays(r.o, &extent, bytes);
	places.starts = allocate(&refresh->allocator, bytes[ARRAY_STARTS]);
	places.places = allocate(&refresh->allocator, bytes[ARRAY_PLACES]);
	places.last = allocate(&refresh->allocator, bytes[ARRAY_LAST]);
	place_events(&places, items->n_rows);
	lay_out_workspace(r.o, items->n_rows,
					  allocate(&refresh->allocator, markov_scratch_bytes(r.o, &extent)), &r.w);
	r.totals = allocate(&refresh->allocator, sizeof(double) * (size_t) items->n_rows);
	r.update = (ListUpdate) {.lists = &r.before, .solved = refresh->solved[SIDE_ITEMS],
							 .capacity = min64(r.o->transitions, items->n_rows),
							 .allocator = &refresh->allocator};
	forget_transitions(&r);
	list_update_begin(&r.update);
	for (int64_t row = 0; row < refresh->by_item.n_rows; row++)
		count_item(&r, &places, refresh->items[row]);
	list_update_end(&r.update, &items->list, refresh->changed[SIDE_ITEMS]);
	set_numbers(&r);
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
	.refuses_refresh = markov_refuses_refresh,
	.refresh = markov_refresh,
	.query_bytes = markov_query_bytes,
	.make_query = markov_make_query,
	.score_items = markov_score_items,
	.range_speed = 64,
	.expected_score = markov_expected_score,
	.explain = markov_explain,
	.similar_items = markov_similar_items
};
