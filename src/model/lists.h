/*
 * lists.h
 *	  What a list of items is, whoever makes it: one for a question, one for everybody, or one that
 *	  is measured.
 *
 * A list begins with the items that the model's scores rank, the highest first, equal scores in
 * the order of the items. Scores are those of the profile where it says something of items; an
 * algorithm that is the same for all ranks for everybody. An item whose score is NaN is not
 * ranked by scores. Behind them come the other items, the most popular first, and last the
 * candidates that the model does not know, in their order. So the first of a long list are a
 * short one.
 */
#ifndef REC_LISTS_H
#define REC_LISTS_H

#include "algorithm/algorithm.h"
#include "kernel/search.h"
#include "kernel/top.h"

/* Whoever asks a model. */
typedef struct ListQuery
{
	const Model *model;
	const void *query;			/* the algorithm's */
	/* the profile says something of items; false where it is empty, or the query is rounding */
	bool		speaks;
} ListQuery;

extern ListQuery list_query(const Model *model, const Profile *profile, const void *query);

/* Whether scores rank items; else popularity alone does. */
static inline bool
list_is_scored(const ListQuery *q)
{
	return q->speaks || q->model->algorithm->impersonal;
}

/* Whether what scores rank is the asker's own. */
static inline bool
list_is_personal(const ListQuery *q)
{
	return q->speaks && !q->model->algorithm->impersonal;
}

/* ---- popularity ---- */

/*
 * The share of the users that the model was trained on who have an item, the more recent ones
 * counting more where there are times: what is ranked by where nothing else is known. 0 for an
 * item (-1) that the model does not know.
 */
extern float list_popularity(const Model *model, int32 item);

/* Fills Model.popular: the most popular first, and items as popular in their own order. */
extern void list_rank_popular(Model *model);

/* ---- scores ---- */

/*
 * The score of one item (-1: one that the model does not know) as it is shown, whatever part of a
 * list it is on: the algorithm's, or where nothing is known of the asker, and scores are no
 * ratings, the item's popularity. Predicted ratings stay within the range of the ratings, unless
 * the option clip is false.
 */
extern float list_score(const ListQuery *q, int32 item);

/* What scores rank by, of a query that is scored: Algorithm.score_items, the faster way. */
extern void list_score_items(const ListQuery *q, const int32 *items, int64 first, int64 n,
							 float *scores);

/*
 * What items first .. first + n - 1 are ranked by, for the whole ranking to be looked at. NaN:
 * behind the others, by popularity.
 */
extern void list_scores(const ListQuery *q, int64 first, int64 n, float *scores);

/* ---- making lists ---- */

/* The items that are to choose from. */
typedef struct ListItems
{
	/* a bit for each item, unknown ones too, which is 1 where it may not be on the list */
	uint64	   *skip;
	/* where only few may, these, each once; NULL: all but skip */
	const int32 *candidates;
	int64		n_candidates;
	/* items n_rows, n_rows + 1, ..., of which the model knows nothing */
	int64		n_unknown;
} ListItems;

/*
 * Whether so many candidates are few of all items, and scored one by one: else all items are
 * ranked, and the others are skipped.
 */
extern bool list_candidates_are_few(const Model *model, int64 n_candidates);

/* Lets all items that the model knows be skipped but the candidates. */
extern void list_skip_others(const Model *model, const int32 *candidates, int64 n_candidates,
							 uint64 *skip);

/* Offers the items to top, by their scores, for a query that is scored. */
extern void list_scan(const ListQuery *q, const ListItems *items, Top *top, void *scratch);
extern Size list_scan_bytes(const ListItems *items);

/*
 * Where what scores rank is found by the search of inner products: the query's vector and
 * constant; NULL: it is found by list_scan().
 */
extern const float *list_vector(const ListQuery *q, const SearchIndex *index,
								const ListItems *items, float *constant);

/*
 * Puts what scores rank into order, fills the list up to its capacity, and lets scores be as they
 * are shown. Returns how many entries, the first ones, are personal.
 */
extern int64 list_finish(const ListQuery *q, const ListItems *items, Top *top);

#endif							/* REC_LISTS_H */
