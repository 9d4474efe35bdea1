/*
 * list_update.h
 *	  Lists of the best, some of which are computed again.
 *
 * Row i of a square matrix lists the items that are best for item i, with weights above 0, at most
 * `capacity` of them. Some items are solved again: everything about them is known anew. Their lists
 * are made from nothing but what is offered. Of the lists of other items they are removed, and what
 * is offered is put in their place, as far as it is among the best. A list that was full and has
 * lost an item stays shorter, because it is not known what was left out of it.
 */
#ifndef REC_LIST_UPDATE_H
#define REC_LIST_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sparse.h"
#include "kernel/top.h"

/* Returns zeroed memory that lasts until the work is done, aligned to a cache line. */
typedef struct Allocator
{
	void	   *(*allocate) (void *context, size_t bytes);
	void	   *context;
} Allocator;

static inline void *
allocate(const Allocator *a, size_t bytes)
{
	return a->allocate(a->context, bytes);
}

typedef struct ListUpdate
{
	/* set by the caller */
	const SparseMatrix *lists;	/* before */
	const bool *solved;			/* by row: it is solved again, or gone */
	int64_t		capacity;
	/* by item: at equal weights a lower rank is better; and the item of each rank. NULL: the item
	 * is its rank. */
	const int32_t *rank;
	const int32_t *order;
	const Allocator *allocator;
	/* by row: the list so far, with ranks for items; the heap is NULL where the list stays */
	Top		   *tops;
	float	   *least;			/* by row: no lower weight is among the best; 0: there is room */
} ListUpdate;

/* Takes the items that are solved again from all lists. */
extern void list_update_begin(ListUpdate *update);

/* For list_update_offer(), where the weight may be among the best. */
extern void list_update_put(ListUpdate *update, int64_t row, int32_t item, float weight);

/* Offers an item to the list `row`. weight is above 0. */
static inline void
list_update_offer(ListUpdate *update, int64_t row, int32_t item, float weight)
{
	if (weight >= update->least[row])
		list_update_put(update, row, item, weight);
}

/*
 * Replaces the lists by those that have changed, the others being empty, and sets changed[row] of
 * the former.
 */
extern void list_update_end(ListUpdate *update, SparseMatrix *lists, bool *changed);

#endif							/* REC_LIST_UPDATE_H */
