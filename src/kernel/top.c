/*
 * top.c
 *	  The n best of a stream of scored items: a binary heap with the worst of the
 *	  kept items at its root, so that most items cost one comparison.
 */
#include <stdbool.h>
#include <stddef.h>

#include "kernel/poll.h"
#include "kernel/top.h"
#include "kernel/vector.h"

/* Scores that are compared together before any is offered singly. */
#define BLOCK 64

static inline bool
worse(Scored a, Scored b)
{
	return a.score < b.score || (a.score == b.score && a.index > b.index);
}

/* Moves an entry from the root of a heap of count entries down to its place. */
static inline void
sink(Scored *heap, int64_t count, Scored entry)
{
	int64_t		place = 0;

	for (;;)
	{
		int64_t		child = 2 * place + 1;

		if (child >= count)
			break;
		if (child + 1 < count && worse(heap[child + 1], heap[child]))
			child++;
		if (!worse(heap[child], entry))
			break;
		heap[place] = heap[child];
		place = child;
	}
	heap[place] = entry;
}

static inline void
offer(Top *top, float score, int32_t index)
{
	Scored		entry = {score, index};

	if (score != score)
		return;					/* NaN is no score */
	if (top->count < top->capacity)
	{
		int64_t		place = top->count++;

		while (place > 0)
		{
			int64_t		parent = (place - 1) / 2;

			if (!worse(entry, top->heap[parent]))
				break;
			top->heap[place] = top->heap[parent];
			place = parent;
		}
		top->heap[place] = entry;
	}
	else if (top->capacity > 0 && worse(top->heap[0], entry))
		sink(top->heap, top->count, entry);
}

void
top_offer(Top *top, float score, int32_t index)
{
	offer(top, score, index);
}

/* Whether any of BLOCK scores is at least as high as bound. */
FASTEST_INSTRUCTIONS
static int
any_reaches(const float *scores, float bound)
{
	int			any = 0;

	for (int i = 0; i < BLOCK; i++)
		any |= scores[i] >= bound;
	return any;
}

void
top_offer_range(Top *top, const float *scores, int64_t first, int64_t n, const uint64_t *skip)
{
	if (top->capacity <= 0)
		return;
	for (int64_t begin = 0; begin < n; begin += BLOCK)
	{
		int64_t		end = n - begin < BLOCK ? n : begin + BLOCK;

		/*
		 * Not "higher": an equal score wins where its index is lower, which happens when ranges are
		 * offered out of order.
		 */
		if (top->count == top->capacity && end - begin == BLOCK &&
			!any_reaches(scores + begin, top->heap[0].score))
			continue;
		for (int64_t i = begin; i < end; i++)
		{
			int64_t		item = first + i;

			if (top->count == top->capacity && !(scores[i] >= top->heap[0].score))
				continue;
			if (skip != NULL && (skip[item / 64] >> (item % 64) & 1))
				continue;
			offer(top, scores[i], (int32_t) item);
		}
	}
}

void
top_offer_items(Top *top, const float *scores, const int32_t *items, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		offer(top, scores[i], items[i]);
}

/* Heapsort: the worst of the remaining entries goes to the end, again and again. */
void
top_sort(Top *top)
{
	for (int64_t remaining = top->count - 1; remaining > 0; remaining--)
	{
		Scored		entry = top->heap[remaining];

		if (remaining % 16384 == 0)
			poll();
		top->heap[remaining] = top->heap[0];
		sink(top->heap, remaining, entry);
	}
}

/* Shell's sort, with the gaps of Knuth: there are few entries. */
void
top_sort_by_index(Top *top)
{
	int64_t		gap = 1;

	while (gap < top->count / 3)
		gap = 3 * gap + 1;
	for (; gap > 0; gap /= 3)
	{
		for (int64_t i = gap; i < top->count; i++)
		{
			Scored		entry = top->heap[i];
			int64_t		place = i;

			if (i % 16384 == 0)
				poll();
			for (; place >= gap && top->heap[place - gap].index > entry.index; place -= gap)
				top->heap[place] = top->heap[place - gap];
			top->heap[place] = entry;
		}
	}
}
