/*
 * search.c
 *	  The n best items by inner product, found without scoring them all.
 */
#include <stdbool.h>

#include "kernel/poll.h"
#include "kernel/search.h"

/* Items that are scored at once where all are. */
#define SCAN_ITEMS 1024

struct SearchIndex
{
	int64_t		n_items;
	int64_t		width;
};

size_t
search_index_bytes(int64_t n_items, int width)
{
	return sizeof(SearchIndex);
}

size_t
search_build_scratch_bytes(int64_t n_items, int width)
{
	return 0;
}

void
search_index_build(SearchIndex *index, const InnerProduct *product, int64_t n_items, void *scratch)
{
	index->n_items = n_items;
	index->width = product->width;
}

/* All items, as it is done without an index. */
static void
scan(int64_t n_items, const uint64_t *skip, SearchScore score, void *state, Top *top)
{
	float		scores[SCAN_ITEMS];

	for (int64_t first = 0; first < n_items; first += SCAN_ITEMS)
	{
		int64_t		n = n_items - first < SCAN_ITEMS ? n_items - first : SCAN_ITEMS;

		score(state, first, n, scores);
		top_offer_range(top, scores, first, n, skip);
		poll();
	}
}

void
search_one(const SearchIndex *index, const float *vector, float constant, const uint64_t *skip,
		   SearchScore score, void *state, Top *top, void *scratch)
{
	scan(index->n_items, skip, score, state, top);
}

size_t
search_one_scratch_bytes(int64_t n_items, int width, int64_t n)
{
	return 0;
}

static bool
skips(const int32_t *skip, int64_t n, int32_t item)
{
	while (n > 0)
	{
		int64_t		middle = n / 2;

		if (skip[middle] == item)
			return true;
		if (skip[middle] < item)
		{
			skip += middle + 1;
			n -= middle + 1;
		}
		else
			n = middle;
	}
	return false;
}

void
search_batch(const SearchIndex *index, const InnerProduct *product, const SearchBatch *batch, Top *tops, void *scratch)
{
	float		scores[SCAN_ITEMS];

	for (int64_t q = 0; q < batch->n_queries; q++)
	{
		int64_t		n_skip = batch->skip_start == NULL ? 0 : batch->skip_start[q + 1] - batch->skip_start[q];
		const int32_t *skip = n_skip == 0 ? NULL : batch->skip + batch->skip_start[q];

		for (int64_t first = 0; first < index->n_items; first += SCAN_ITEMS)
		{
			int64_t		n = index->n_items - first < SCAN_ITEMS ? index->n_items - first : SCAN_ITEMS;

			batch->score(batch->state, q, first, n, scores);
			for (int64_t i = 0; i < n; i++)
				if (!skips(skip, n_skip, (int32_t) (first + i)))
					top_offer(&tops[q], scores[i], (int32_t) (first + i));
			poll();
		}
	}
}

size_t
search_batch_scratch_bytes(int64_t n_items, int width, int64_t n)
{
	return 0;
}
