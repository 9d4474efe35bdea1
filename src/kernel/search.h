/*
 * search.h
 *	  The n best items by inner product, found without scoring them all.
 *
 * The answer is that of scoring every item and offering it to a Top, to the bit and with the same
 * ties: bounds only decide which items need not be scored, and the others are scored by the
 * caller's function.
 */
#ifndef REC_SEARCH_H
#define REC_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/top.h"

/*
 * Scores that are inner products: the score of an item is a constant of the query + the item's bias
 * + the query's vector times the item's factors. Sums are in float arithmetic, in any order. All
 * numbers are finite.
 */
typedef struct InnerProduct
{
	int			width;			/* of a vector */
	int64_t		stride;			/* floats from one item's factors to the next */
	const float *factors;		/* by item */
	const float *bias;			/* by item; NULL: none */
} InnerProduct;

/*
 * The index of the items: one block of memory without pointers, aligned to a cache line, valid at
 * any address, and read-only once it is built. It takes a quarter of the factors' bytes and 17 more
 * bytes per item.
 */
typedef struct SearchIndex SearchIndex;

extern size_t search_index_bytes(int64_t n_items, int width);
extern size_t search_build_scratch_bytes(int64_t n_items, int width);

/* Builds the index over items 0 .. n_items - 1; n_items is less than 2^31. */
extern void search_index_build(SearchIndex *index, const InnerProduct *product, int64_t n_items,
							   void *scratch);

/* ---- one query ---- */

/*
 * The scores of the items items[first] .. items[first + n - 1]; items NULL: of the items first ..
 * first + n - 1.
 */
typedef void (*SearchScore) (void *state, const int32_t *items, int64_t first, int64_t n,
							 float *scores);

/*
 * Offers to top, which is empty, the best items except those whose bit is set in skip (NULL: none).
 * The contents of top are the same as after scoring all items and top_offer_range(); top_sort()
 * puts them into order. All items are scored where there are few, where many are asked for, where
 * scores may exceed the range of float, and, after a try, where more scores lie closer to each
 * other than bounds can tell apart.
 */
extern void search_one(const SearchIndex *index, const float *vector, float constant,
					   const uint64_t *skip, SearchScore score, void *state, Top *top,
					   void *scratch);

/* Bytes of scratch that search_one() needs for the n best: about 8 KB + 64 n + the width. */
extern size_t search_one_scratch_bytes(int64_t n_items, int width, int64_t n);

/* ---- many queries ---- */

/* Scores items for one of the queries, as SearchScore does. */
typedef void (*SearchBatchScore) (void *state, int64_t query, const int32_t *items, int64_t first,
								  int64_t n, float *scores);

typedef struct SearchBatch
{
	int64_t		n_queries;
	const float *vectors;		/* n_queries x the product's stride */
	const float *constants;		/* by query */
	const int64_t *skip_start;	/* n_queries + 1; NULL: nothing is skipped */
	/* query q skips the items skip[skip_start[q]] .. skip[skip_start[q + 1] - 1], ascending */
	const int32_t *skip;
	const uint64_t *skip_always;	/* all queries skip the items whose bit is set; NULL: none */
	SearchBatchScore score;
	void	   *state;
} SearchBatch;

/*
 * search_one() for each of many queries: tops[q] is that of query q; all are empty and of the same
 * capacity. Fastest with SEARCH_BATCH queries or a multiple of it.
 */
extern void search_batch(const SearchIndex *index, const InnerProduct *product,
						 const SearchBatch *batch, Top *tops, void *scratch);

#define SEARCH_BATCH 512

/*
 * Bytes of scratch that search_batch() needs for the n best: a few megabytes for usual n, however
 * many queries.
 */
extern size_t search_batch_scratch_bytes(int64_t n_items, int width, int64_t n);

#endif							/* REC_SEARCH_H */
