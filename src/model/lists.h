/*
 * lists.h
 *	  The policy for lists of items: for one question, for all users, and for evaluation alike.
 *
 * A list begins with the items that are ranked by the model's scores, the highest score first,
 * equal scores in the order of the items. Scores are those of the profile if it says anything about
 * items; an algorithm that is the same for everybody always ranks by scores. An item whose score is
 * NaN is not ranked by scores. Next come the other items, the most popular first, and last the
 * candidates that are not in the model, in their order, unless they are new items with a score. So
 * the first n entries of a longer list are the list of length n.
 */
#ifndef REC_LISTS_H
#define REC_LISTS_H

#include "algorithm/algorithm.h"
#include "kernel/search.h"
#include "kernel/top.h"

/* A question to a model. */
typedef struct ListQuery
{
	const Model *model;
	const void *query;			/* made by the algorithm */
	/*
	 * the profile says something about items; false for an empty profile without attributes, or a
	 * query that is only rounding
	 */
	bool		speaks;
} ListQuery;

extern ListQuery list_query(const Model *model, const Profile *profile, const void *query);

/* Whether items are ranked by scores; otherwise by popularity alone. */
static inline bool
list_is_scored(const ListQuery *q)
{
	return q->speaks || q->model->algorithm->impersonal;
}

/* Whether the items that are ranked by scores are personal. */
static inline bool
list_is_personal(const ListQuery *q)
{
	return q->speaks && !q->model->algorithm->impersonal;
}

/* ---- popularity ---- */

/*
 * The popularity of an item: the share of the model's users who have the item, where recent users
 * count more if there are times. Items are ranked by it where nothing else is known. 0 for an item
 * that is not in the model (-1).
 */
extern float list_popularity(const Model *model, int32 item);

/*
 * Fills Model.popular: the most popular items first, items of equal popularity in their own order.
 */
extern void list_rank_popular(Model *model);

/* ---- scores ---- */

/*
 * The score that is shown for an item (-1: an item that is not in the model), wherever on a list it
 * is. It is the algorithm's score; where nothing is known of the asker, and the model does not
 * predict ratings, it is the item's popularity. Predicted ratings are clipped to the range of the
 * ratings, unless the option clip is false.
 */
extern float list_score(const ListQuery *q, int32 item);

/* The scores that items are ranked by, for a query that ranks by scores. */
extern void list_score_items(const ListQuery *q, const int32 *items, int64 first, int64 n,
							 float *scores);

/* The score that is shown for a score that items are ranked by. */
extern float list_shown(const Model *model, float score);

/*
 * The scores that items first .. first + n - 1 are ranked by, for evaluating the whole ranking.
 * NaN: the item is ranked by popularity, after the others.
 */
extern void list_scores(const ListQuery *q, int64 first, int64 n, float *scores);

/* ---- making lists ---- */

/* The items to choose from. */
typedef struct ListItems
{
	/* a bit for each item, including unknown ones: 1 where the item must not be on the list */
	uint64	   *skip;
	/* if only a few items may be on the list: these, each once; otherwise NULL */
	const int32 *candidates;
	int64		n_candidates;
	/* items n_rows, n_rows + 1, ..., which are not in the model, or are its new items */
	int64		n_unknown;
	const bool *is_known;		/* of each of these: it is a new item; NULL: none is */
} ListItems;

/*
 * Whether this many candidates are few. Few candidates are scored one by one; otherwise all items
 * are ranked, and the others are skipped.
 */
extern bool list_candidates_are_few(const Model *model, int64 n_candidates);

/* Sets skip for all items of the model except the candidates. */
extern void list_skip_others(const Model *model, const int32 *candidates, int64 n_candidates,
							 uint64 *skip);

/* Offers the items to top, by their scores, for a query that ranks by scores. */
extern void list_scan(const ListQuery *q, const ListItems *items, Top *top, void *scratch);
extern Size list_scan_bytes(const ListItems *items);

/*
 * The query's vector and constant, if the best items can be found by the search of inner products;
 * NULL: they are found by list_scan().
 */
extern const float *list_vector(const ListQuery *q, const SearchIndex *index,
								const ListItems *items, float *constant);

/* Offers the new items to top, by their scores, for a query that ranks by scores. */
extern void list_scan_new(const ListQuery *q, const ListItems *items, Top *top);

/*
 * Sorts the items that are ranked by scores, fills the list up to its capacity, and sets the scores
 * that are shown. Returns how many entries, from the first, are personal.
 */
extern int64 list_finish(const ListQuery *q, const ListItems *items, Top *top);

#endif							/* REC_LISTS_H */
