/*
 * selection.h
 *	  Choosing the items of a list among ranked candidates: diverse, within caps, calibrated.
 *
 * Items are chosen one after the other, each the best by what is on the list already. Candidates
 * come in windows, the best ranked first; a window is used up before the next one is looked at. So
 * the first n items of a longer list are the list of length n, and an item that is not on a list
 * that ended early would break a cap.
 */
#ifndef REC_SELECTION_H
#define REC_SELECTION_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/top.h"

/* Candidates that are compared with one another. */
#define SELECTION_WINDOW 200

/*
 * The weight of the calibration against relevance and diversity (lambda of Steck 2018). On
 * MovieLens it more than halves the divergence, and costs 7 % of ndcg (docs/accuracy.md).
 */
#define CALIBRATION_WEIGHT 0.9

/* The share of the profile's distribution in the smoothed one of the list (Steck 2018, (7)). */
#define CALIBRATION_SMOOTHING 0.01

/* The groups that an item is in, each once. */
typedef struct GroupList
{
	int32_t		n;
	const int32_t *groups;
} GroupList;

/*
 * Groups of items: the values of some columns. The arrays by group must be all 0 at first, and are
 * again after groups_clear(); they may move between two calls.
 */
typedef struct Groups
{
	const int32_t *column;		/* by group */
	const int32_t *limits;		/* by column: the most items of a group; -1: any number */
	int			calibrated;		/* the column in which the list follows the profile, or -1 */
	int32_t    *taken;			/* by group: its items on the list */
	/* of the calibrated column: by group, the share of the profile and the sum over the list */
	double	   *share;
	double	   *listed;
	int32_t    *profile;		/* groups of the profile, in the order in which they came */
	int64_t		n_profile;
	int32_t    *used;			/* groups of the list, likewise */
	int64_t		n_used;
	/* items of the profile, and of the list, that have a group of the column */
	int64_t		n_profile_items;
	int64_t		n_listed_items;
} Groups;

/* Bytes of the arrays of a list in the making; groups_place() sets them, in zeroed memory. */
extern size_t groups_bytes(int64_t n_groups);
extern void groups_place(Groups *groups, int64_t n_groups, void *memory);

/* Adds an item of the profile. Each counts 1, divided among its groups. */
extern void groups_add_profile(Groups *groups, GroupList item);

/* Whether the item may be on the list, beside those that are. */
extern int	groups_have_room(const Groups *groups, GroupList item);

/* Puts an item on the list. */
extern void groups_take(Groups *groups, GroupList item);

/* The Kullback-Leibler divergence of the list, as it is, from the profile. */
extern double groups_list_divergence(const Groups *groups);

/*
 * The same with one more item, which has groups of the calibrated column. base: groups_base(), for
 * one that has none of the profile's.
 */
extern double groups_base(const Groups *groups);
extern double groups_divergence(const Groups *groups, double base, GroupList item);

/* Forgets the list and the profile. */
extern void groups_clear(Groups *groups);

/* Sets the similarity of an item to each of n others; NaN: nothing is known of it. */
typedef void (*SimilarTo) (void *state, int32_t item, const int32_t *others, int64_t n,
						   float *similarity);

/* A list in the making. */
typedef struct Selection
{
	double		diversity;		/* 0 .. 1 */
	SimilarTo	similar;		/* NULL: nothing is known of the similarity of these candidates */
	void	   *state;
	Groups	   *groups;			/* NULL: there are none */
	int64_t		most;			/* the length of the list */
	int64_t		n;
	Scored	   *chosen;			/* room for `most` */
} Selection;

/*
 * Chooses among n candidates, at most SELECTION_WINDOW, the best ranked first. groups: by
 * candidate; of use only if there are groups.
 */
extern void selection_add(Selection *selection, const Scored *candidates, const GroupList *groups,
						  int64_t n);

#endif							/* REC_SELECTION_H */
