/*
 * lists.c
 *	  The policy for lists of items; see lists.h.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "kernel/poll.h"
#include "miscadmin.h"
#include "model/invariants.h"
#include "model/lists.h"
#include "model/profile.h"

ListQuery
list_query(const Model *model, const Profile *profile, const void *query)
{
	return (ListQuery){model, query,
					   (profile->n > 0 || profile->n_features > 0) &&
						   (model->algorithm->speaks == NULL ||
							model->algorithm->speaks(model, query))};
}

/* ---- popularity ---- */

/* Without times: all users of the item count alike. */
static float
share_of_users(const Model *model, int32 item)
{
	return (float) model->sides[SIDE_ITEMS].n_ratings[item] / (float) model->n_users;
}

float
list_popularity(const Model *model, int32 item)
{
	const float *recent = model_recent(model);

	if (item < 0)
		return 0;
	return recent != NULL ? recent[item] : share_of_users(model, item);
}

static int
compare_popularity(const void *a, const void *b, void *arg)
{
	const Model *model = arg;
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;
	float		p = list_popularity(model, x);
	float		q = list_popularity(model, y);

	/* the sort has no check of its own, and takes half a second for a million items */
	CHECK_FOR_INTERRUPTS();
	return p > q ? -1 : p < q ? 1 : (x > y) - (x < y);
}

/*
 * Sets missing popularity by recency. If all of it is missing, the table was last written by a
 * version before 0.6.0, or while the model had no time column: then all users of an item count
 * alike. If single rows lack it, they were written by hand.
 */
static void
complete_recent(Model *model)
{
	float	   *recent = model_recent(model);
	int64		n = model->sides[SIDE_ITEMS].n_rows;
	bool		lacks = true;

	for (int64 i = 0; recent != NULL && i < n; i++)
		lacks = lacks && isnan(recent[i]);
	for (int64 i = 0; recent != NULL && i < n; i++)
	{
		if (isnan(recent[i]))
			recent[i] = lacks ? share_of_users(model, (int32) i) : 0;
	}
}

void
list_rank_popular(Model *model)
{
	int64		n = model->sides[SIDE_ITEMS].n_rows;

	complete_recent(model);
	for (int32 i = 0; i < n; i++)
		model->popular[i] = i;
	qsort_arg(model->popular, n, sizeof(int32), compare_popularity, model);
}

/* ---- scores ---- */

/* Items of a range that are scored at once. Their scores fit into the first-level cache. */
#define SCAN_ITEMS 2048

/* Candidates that are scored at once. Scoring many at once is faster. */
#define SCAN_CANDIDATES 65536

float
list_shown(const Model *model, float score)
{
	finite_number(score);
	if (!model_predicts_ratings(model) || !((const CommonOptions *) model->options)->clip)
		return score;
	return score < model->scale.minimum	  ? (float) model->scale.minimum
		   : score > model->scale.maximum ? (float) model->scale.maximum
										  : score;
}

/*
 * Whether the scores that are shown are popularity: nothing is known of the asker, and the model
 * does not predict ratings.
 */
static bool
shows_popularity(const ListQuery *q)
{
	return !list_is_scored(q) && !model_predicts_ratings(q->model);
}

/* Whether the item came after the training. */
static bool
is_new(const Model *model, int32 item)
{
	return item >= model->sides[SIDE_ITEMS].n_rows;
}

float
list_score(const ListQuery *q, int32 item)
{
	if (is_new(q->model, item) && shows_popularity(q))
		item = -1;
	return shows_popularity(q) ? list_popularity(q->model, item)
							   : list_shown(q->model, model_score_item(q->model, q->query, item));
}

void
list_score_items(const ListQuery *q, const int32 *items, int64 first, int64 n, float *scores)
{
	assert_items(q->model, items, first, n);
	model_score_items(q->model, q->query, items, first, n, scores);
}

void
list_scores(const ListQuery *q, int64 first, int64 n, float *scores)
{
	if (list_is_scored(q))
		list_score_items(q, NULL, first, n, scores);
	else
		for (int64 i = 0; i < n; i++)
			scores[i] = NAN;
}

/* ---- making lists ---- */

/* Candidates are few if there are at least this many items for each. */
#define ITEMS_PER_CANDIDATE 8

bool
list_candidates_are_few(const Model *model, int64 n_candidates)
{
	return n_candidates * ITEMS_PER_CANDIDATE <= model->sides[SIDE_ITEMS].n_rows;
}

static inline bool
is_skipped(const ListItems *items, int32 item)
{
	return (items->skip[item / 64] >> (item % 64) & 1) != 0;
}

void
list_skip_others(const Model *model, const int32 *candidates, int64 n_candidates, uint64 *skip)
{
	int64		n_items = model->sides[SIDE_ITEMS].n_rows;

	/* the last word may also have bits of items that are not in the model */
	memset(skip, 0xff, sizeof(uint64) * (n_items / 64));
	skip[n_items / 64] |= (UINT64CONST(1) << (n_items % 64)) - 1;
	for (int64 i = 0; i < n_candidates; i++)
		skip[candidates[i] / 64] &= ~(UINT64CONST(1) << (candidates[i] % 64));
}

Size
list_scan_bytes(const ListItems *items)
{
	return items->candidates == NULL ? sizeof(float) * SCAN_ITEMS
									 : (sizeof(float) + sizeof(int32)) *
										   Min(items->n_candidates, SCAN_CANDIDATES);
}

void
list_scan(const ListQuery *q, const ListItems *items, Top *top, void *scratch)
{
	int64		n_items = q->model->sides[SIDE_ITEMS].n_rows;
	float	   *scores = scratch;
	int32	   *wanted = (int32 *) (scores + Min(items->n_candidates, SCAN_CANDIDATES));
	int64		at = 0;

	while (items->candidates != NULL && at < items->n_candidates)
	{
		int64		n = 0;

		for (; at < items->n_candidates && n < SCAN_CANDIDATES; at++)
		{
			if (!is_skipped(items, items->candidates[at]))
				wanted[n++] = items->candidates[at];
		}
		poll();
		list_score_items(q, wanted, 0, n, scores);
		top_offer_items(top, scores, wanted, n);
	}
	for (int64 first = 0; items->candidates == NULL && first < n_items; first += SCAN_ITEMS)
	{
		int64		n = Min(SCAN_ITEMS, n_items - first);

		poll();
		list_score_items(q, NULL, first, n, scores);
		top_offer_range(top, scores, first, n, items->skip);
	}
}

void
list_scan_new(const ListQuery *q, const ListItems *items, Top *top)
{
	int64		n_items = q->model->sides[SIDE_ITEMS].n_rows;

	for (int64 i = 0; items->is_known != NULL && i < items->n_unknown; i++)
	{
		int32		item = (int32) (n_items + i);
		float		score;

		if (!items->is_known[i] || is_skipped(items, item))
			continue;
		if (i % SCAN_ITEMS == 0)
			poll();
		model_score_items(q->model, q->query, &item, 0, 1, &score);
		top_offer_items(top, &score, &item, 1);
	}
}

const float *
list_vector(const ListQuery *q, const SearchIndex *index, const ListItems *items, float *constant)
{
	if (index == NULL || items->candidates != NULL || !list_is_scored(q))
		return NULL;
	return q->model->algorithm->query_vector(q->model, q->query, constant);
}

/* Ranks the few candidates that are not skipped by popularity, which replaces their scores. */
static void
rank_candidates(const ListQuery *q, const ListItems *items, Top *top)
{
	for (int64 i = 0; i < items->n_candidates; i++)
	{
		int32		item = items->candidates[i];

		if (i % SCAN_ITEMS == 0)
			poll();
		if (!is_skipped(items, item))
			top_offer(top, list_popularity(q->model, item), item);
	}
	top_sort(top);
}

/* Ranks all items that are not skipped by popularity. Scores are not set. */
static void
rank_all(const ListQuery *q, const ListItems *items, Top *top)
{
	const Model *model = q->model;

	for (int64 i = 0; i < model->sides[SIDE_ITEMS].n_rows && top->count < top->capacity; i++)
	{
		if (i % 65536 == 0)
			poll();
		if (!is_skipped(items, model->popular[i]))
			top->heap[top->count++] = (Scored){0, model->popular[i]};
	}
}

/* Sets the scores of entries with known items to those of list_score(), many at a time. */
static void
score_entries(const ListQuery *q, Scored *entries, int64 n)
{
	int32		items[SCAN_ITEMS];
	float		scores[SCAN_ITEMS];

	for (int64 first = 0; first < n; first += SCAN_ITEMS)
	{
		int64		some = Min(SCAN_ITEMS, n - first);

		poll();
		for (int64 i = 0; i < some; i++)
			items[i] = entries[first + i].index;
		if (!shows_popularity(q))
			list_score_items(q, items, 0, some, scores);
		for (int64 i = 0; i < some; i++)
		{
			if (shows_popularity(q))
				entries[first + i].score = list_popularity(q->model, items[i]);
			else
				entries[first + i].score =
					list_shown(q->model, isnan(scores[i])
											 ? model_expected_score(q->model, q->query, items[i])
											 : scores[i]);
		}
	}
}

/* Fills a list up with the most popular items, and then with unknown ones. */
static void
fill_up(const ListQuery *q, const ListItems *items, Top *top)
{
	int64		n_items = q->model->sides[SIDE_ITEMS].n_rows;
	int64		scored = top->count;
	Top			rest = {top->capacity - scored, 0, top->heap + scored};

	for (int64 i = 0; i < scored; i++)
		items->skip[top->heap[i].index / 64] |= UINT64CONST(1) << (top->heap[i].index % 64);
	if (items->candidates != NULL)
		rank_candidates(q, items, &rest);
	else
		rank_all(q, items, &rest);
	score_entries(q, rest.heap, rest.count);
	for (int64 i = n_items; i < n_items + items->n_unknown && rest.count < rest.capacity; i++)
	{
		if (i % 65536 == 0)
			poll();
		if (!is_skipped(items, (int32) i))
			rest.heap[rest.count++] = (Scored){list_score(q, -1), (int32) i};
	}
	for (int64 i = 0; i < scored; i++)
		items->skip[top->heap[i].index / 64] &= ~(UINT64CONST(1) << (top->heap[i].index % 64));
	top->count += rest.count;
}

int64
list_finish(const ListQuery *q, const ListItems *items, Top *top)
{
	int64		scored = top->count;

	top_sort(top);
	if (scored < top->capacity)
		fill_up(q, items, top);
	for (int64 i = 0; i < scored; i++)
		top->heap[i].score = list_shown(q->model, top->heap[i].score);
	return list_is_personal(q) ? scored : 0;
}
