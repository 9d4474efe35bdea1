/*
 * selection.c
 *	  Choosing the items of a list among ranked candidates: diverse, within caps, calibrated.
 */
#include "kernel/selection.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel/pieces.h"
#include "kernel/poll.h"

/* ---- groups ---- */

static size_t
place_arrays(Groups *g, int64_t n_groups, void *memory)
{
	Pieces		p = {memory, 0};

	g->taken = add_piece(&p, sizeof(int32_t) * n_groups);
	g->used = add_piece(&p, sizeof(int32_t) * n_groups);
	g->profile = add_piece(&p, sizeof(int32_t) * n_groups);
	g->share = add_piece(&p, sizeof(double) * n_groups);
	g->listed = add_piece(&p, sizeof(double) * n_groups);
	return p.bytes;
}

size_t
groups_bytes(int64_t n_groups)
{
	Groups		groups;

	return place_arrays(&groups, n_groups, NULL);
}

void
groups_place(Groups *g, int64_t n_groups, void *memory)
{
	place_arrays(g, n_groups, memory);
}

/* How many groups of the calibrated column an item has. */
static int32_t
count_calibrated(const Groups *g, GroupList item)
{
	int32_t		n = 0;

	for (int32_t i = 0; i < item.n; i++)
		n += g->column[item.groups[i]] == g->calibrated;
	return n;
}

void
groups_add_profile(Groups *g, GroupList item)
{
	int32_t		n = count_calibrated(g, item);

	if (n == 0)
		return;
	g->n_profile_items++;
	for (int32_t i = 0; i < item.n; i++)
	{
		int32_t		group = item.groups[i];

		if (g->column[group] != g->calibrated)
			continue;
		if (g->share[group] == 0)
			g->profile[g->n_profile++] = group;
		g->share[group] += 1.0 / n;
	}
}

int
groups_have_room(const Groups *g, GroupList item)
{
	for (int32_t i = 0; i < item.n; i++)
	{
		int32_t		limit = g->limits[g->column[item.groups[i]]];

		if (limit >= 0 && g->taken[item.groups[i]] >= limit)
			return false;
	}
	return true;
}

void
groups_take(Groups *g, GroupList item)
{
	int32_t		n = count_calibrated(g, item);

	g->n_listed_items += n > 0;
	for (int32_t i = 0; i < item.n; i++)
	{
		int32_t		group = item.groups[i];

		if (g->taken[group]++ == 0)
			g->used[g->n_used++] = group;
		if (g->column[group] == g->calibrated)
			g->listed[group] += 1.0 / n;
	}
}

void
groups_clear(Groups *g)
{
	for (int64_t i = 0; i < g->n_used; i++)
	{
		g->taken[g->used[i]] = 0;
		g->listed[g->used[i]] = 0;
	}
	for (int64_t i = 0; i < g->n_profile; i++)
		g->share[g->profile[i]] = 0;
	g->n_used = g->n_profile = 0;
	g->n_listed_items = g->n_profile_items = 0;
}

/*
 * A group's part of the divergence: p log(p / q~), q~ = (1 - alpha) q + alpha p, where p is the
 * group's share of the profile and q that of a list of so many items (Steck 2018, "Calibrated
 * recommendations", (6) and (7)).
 */
static double
part(const Groups *g, int32_t group, double listed, int64_t n_items)
{
	double		p = g->share[group] / (double) g->n_profile_items;
	double		q = n_items > 0 ? listed / (double) n_items : 0;

	return p * log(p / ((1 - CALIBRATION_SMOOTHING) * q + CALIBRATION_SMOOTHING * p));
}

static double
divergence(const Groups *g, int64_t n_items)
{
	double		sum = 0;

	for (int64_t i = 0; i < g->n_profile; i++)
		sum += part(g, g->profile[i], g->listed[g->profile[i]], n_items);
	return sum;
}

double
groups_list_divergence(const Groups *g)
{
	return divergence(g, g->n_listed_items);
}

double
groups_base(const Groups *g)
{
	return divergence(g, g->n_listed_items + 1);
}

double
groups_divergence(const Groups *g, double base, GroupList item)
{
	int32_t		n = count_calibrated(g, item);
	int64_t		n_items = g->n_listed_items + 1;
	double		sum = base;

	for (int32_t i = 0; i < item.n; i++)
	{
		int32_t		group = item.groups[i];

		if (g->column[group] == g->calibrated && g->share[group] > 0)
			sum += part(g, group, g->listed[group] + 1.0 / n, n_items) -
				   part(g, group, g->listed[group], n_items);
	}
	return sum;
}

/* ---- scales ---- */

/* Mean and standard deviation of numbers; a deviation of 0 becomes 1. */
typedef struct Scale
{
	double		mean;
	double		deviation;
} Scale;

static Scale
scale_of(double n, double sum, double squares)
{
	Scale		scale = {0, 1};
	double		variance;

	if (n == 0)
		return scale;
	scale.mean = sum / n;
	variance = squares / n - scale.mean * scale.mean;
	/* less is the rounding of the sums */
	if (variance > 1e-12 * squares / n)
		scale.deviation = sqrt(variance);
	return scale;
}

static void
standardise_scores(const Scored *candidates, int64_t n, double *relevance)
{
	double		sum = 0;
	double		squares = 0;
	Scale		scale;

	for (int64_t i = 0; i < n; i++)
	{
		/* so that squares of large scores are finite, and those of close ones are exact enough */
		relevance[i] = (double) candidates[i].score - candidates[0].score;
		sum += relevance[i];
		squares += relevance[i] * relevance[i];
	}
	scale = scale_of((double) n, sum, squares);
	for (int64_t i = 0; i < n; i++)
		relevance[i] = (relevance[i] - scale.mean) / scale.deviation;
}

/* A similarity of which nothing is known is none. */
static double
known(float similarity)
{
	return isnan(similarity) ? 0 : similarity;
}

/*
 * The scale of the similarities of candidates, from the pairs whose ranks differ by a power of two:
 * all pairs would take longer than the choice.
 */
static Scale
scale_similarities(const Selection *s, const int32_t *items, int64_t n)
{
	int32_t		others[16];
	float		similarity[16];
	double		pairs = 0;
	double		sum = 0;
	double		squares = 0;

	for (int64_t i = 0; i < n; i++)
	{
		int64_t		k = 0;

		for (int64_t gap = 1; i + gap < n; gap *= 2)
			others[k++] = items[i + gap];
		s->similar(s->state, items[i], others, k, similarity);
		for (int64_t j = 0; j < k; j++)
		{
			double		x = known(similarity[j]);

			sum += x;
			squares += x * x;
		}
		pairs += (double) k;
	}
	return scale_of(pairs, sum, squares);
}

/* ---- choosing ---- */

/* The candidates of a window. */
typedef struct Window
{
	int64_t		n;
	const GroupList *groups;	/* by candidate; NULL: there are no groups */
	bool		calibrates;
	bool		diversifies;
	bool		left[SELECTION_WINDOW];	/* may still be chosen */
	int32_t		items[SELECTION_WINDOW];
	/* standardised scores, and the highest standardised similarity to an item of the list */
	double		relevance[SELECTION_WINDOW];
	double		redundancy[SELECTION_WINDOW];
	Scale		similarity;
	/* the divergence of the list as it is, and groups_base() */
	double		divergence;
	double		base;
} Window;

static void
compare_with(const Selection *s, int32_t item, Window *w)
{
	float		similarity[SELECTION_WINDOW];

	s->similar(s->state, item, w->items, w->n, similarity);
	for (int64_t i = 0; i < w->n; i++)
	{
		double		x = (known(similarity[i]) - w->similarity.mean) / w->similarity.deviation;

		w->redundancy[i] = fmax(w->redundancy[i], x);
	}
}

/*
 * What an item adds to the list: its marginal relevance (Carbonell & Goldstein 1998, "The use of
 * MMR, diversity-based reranking", with lambda = 1 - diversity), against the divergence of the list
 * with it (Steck 2018, (8)).
 */
static double
value_of(const Selection *s, const Window *w, int64_t i)
{
	double		value = w->relevance[i];

	if (w->diversifies)
		value = (1 - s->diversity) * value -
				(s->n > 0 ? s->diversity * w->redundancy[i] : 0);
	if (w->calibrates)
		value = (1 - CALIBRATION_WEIGHT) * value -
				CALIBRATION_WEIGHT *
					(count_calibrated(s->groups, w->groups[i]) > 0
						 ? groups_divergence(s->groups, w->base, w->groups[i])
						 : w->divergence);
	return value;
}

/* The best candidate, at equal values the best ranked; -1: none may be chosen. */
static int64_t
best_candidate(const Selection *s, Window *w)
{
	double		best_value = 0;
	int64_t		best = -1;

	for (int64_t i = 0; i < w->n; i++)
	{
		double		value;

		if (!w->left[i])
			continue;
		if (w->groups != NULL && !groups_have_room(s->groups, w->groups[i]))
		{
			/* groups only fill, so there is no room later either */
			w->left[i] = false;
			continue;
		}
		if (!w->calibrates && !w->diversifies)
			return i;
		value = value_of(s, w, i);
		if (best < 0 || value > best_value)
		{
			best = i;
			best_value = value;
		}
	}
	return best;
}

void
selection_add(Selection *s, const Scored *candidates, const GroupList *groups, int64_t n)
{
	Window		w = {.n = n,
					 .groups = s->groups == NULL ? NULL : groups,
					 .calibrates = s->groups != NULL && s->groups->n_profile > 0,
					 .diversifies = s->similar != NULL && s->diversity > 0};

	for (int64_t i = 0; i < n; i++)
	{
		w.left[i] = true;
		w.items[i] = candidates[i].index;
		w.redundancy[i] = -INFINITY;
	}
	if (w.calibrates || w.diversifies)
		standardise_scores(candidates, n, w.relevance);
	if (w.diversifies)
		w.similarity = scale_similarities(s, w.items, n);
	for (int64_t i = 0; i < s->n && w.diversifies; i++)
	{
		poll();
		compare_with(s, s->chosen[i].index, &w);
	}
	while (s->n < s->most)
	{
		int64_t		best;

		poll();
		if (w.calibrates)
		{
			w.divergence = groups_list_divergence(s->groups);
			w.base = groups_base(s->groups);
		}
		best = best_candidate(s, &w);
		if (best < 0)
			return;
		w.left[best] = false;
		if (w.groups != NULL)
			groups_take(s->groups, w.groups[best]);
		s->chosen[s->n++] = candidates[best];
		if (w.diversifies && s->n < s->most)
			compare_with(s, w.items[best], &w);
	}
}
