/*
 * top.h
 *	  The n best of a stream of scored items.
 *
 * Better is the higher score, and at equal scores the lower index, so the answer does not depend
 * on the order in which items are offered.
 */
#ifndef REC_TOP_H
#define REC_TOP_H

#include <stdint.h>

typedef struct Scored
{
	float		score;
	int32_t		index;
} Scored;

typedef struct Top
{
	int64_t		capacity;		/* n */
	int64_t		count;			/* entries held, at most capacity */
	Scored	   *heap;			/* room for capacity entries, the worst first */
} Top;

extern void top_offer(Top *top, float score, int32_t index);

/* Offers scores[i] of item first + i, except items whose bit is set in skip (NULL: none). */
extern void top_offer_range(Top *top, const float *scores, int64_t first, int64_t n,
							const uint64_t *skip);

/* Offers scores[i] of item items[i], n items. */
extern void top_offer_items(Top *top, const float *scores, const int32_t *items, int64_t n);

/* Sorts the kept entries, the best first. The heap is no heap afterwards. */
extern void top_sort(Top *top);

/* Sorts the kept entries by ascending index. */
extern void top_sort_by_index(Top *top);

#endif							/* REC_TOP_H */
