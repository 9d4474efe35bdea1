/*
 * sparse.h
 *	  Sparse matrices in compressed rows.
 */
#ifndef REC_SPARSE_H
#define REC_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SparseMatrix
{
	int64_t		n_rows;
	int64_t		n_columns;
	int64_t    *start;			/* n_rows + 1: row r is entries start[r] .. start[r + 1] - 1 */
	int32_t    *column;			/* of each entry, ascending within a row */
	float	   *value;			/* of each entry */
	int64_t    *time;			/* of each entry, or NULL: order of events, in any unit */
	/* of each entry, or NULL: a number; entries of one row and column ascend by it */
	int32_t    *context;
} SparseMatrix;

/*
 * An entry on its way into a matrix; with times it is a TimedEntry, with contexts a ContextEntry.
 */
typedef struct Entry
{
	int32_t		row;
	int32_t		column;
	float		value;
} Entry;

typedef struct TimedEntry
{
	Entry		entry;
	/* the halves of an int64_t, so that nothing is padded: there may be billions of entries */
	int32_t		time[2];
} TimedEntry;

typedef struct ContextEntry
{
	TimedEntry	timed;
	int32_t		context;		/* -1: nothing is known of it */
} ContextEntry;

/*
 * Makes a matrix of n entries in any order, of entry_bytes each: the size of an Entry, a TimedEntry
 * or a ContextEntry. Entries of one row and column are in the order of their contexts, and
 * otherwise keep their order. The caller sets n_rows, n_columns and start (n_rows + 2 elements,
 * zero). column, value, time and context are made in one of the two buffers, which are aligned to 8
 * bytes, hold n entries each, and are both overwritten.
 */
extern void sparse_build(SparseMatrix *m, void *entries, void *other, size_t entry_bytes,
						 int64_t n);

/*
 * Fills to with the transpose of from. The caller sets the arrays; start has from->n_columns + 2
 * elements, all zero.
 */
extern void sparse_transpose(const SparseMatrix *from, SparseMatrix *to);

/* The number of entries of the row that has most of them; 0 without rows. */
extern int64_t sparse_longest_row(const SparseMatrix *m);

/* What several entries of one row and column become. */
typedef enum MergeRule
{
	/* their sum, in an order of its own, so that it does not depend on the order of arrival */
	MERGE_SUM,
	/* the latest by time (at equal times the larger value); without times the last to arrive */
	MERGE_LATEST
} MergeRule;

/*
 * Merges entries of the same row, column and context, which must be neighbours. Returns how many
 * entries were merged into others.
 */
extern int64_t sparse_merge(SparseMatrix *m, MergeRule rule);

/*
 * The number of entries in the row of an entry, averaged over all entries: the sum of the squares
 * of the rows' numbers of entries over the sum of these numbers.
 */
extern double sparse_mean_row(const SparseMatrix *m);

/* The sum over n entries of value[e] * x[index[e]]; value NULL: all 1. */
extern float sparse_dot(const int32_t *index, const float *value, int64_t n, const float *x);

/* x[index[e]] += factor * value[e] for n entries, no index twice; value NULL: all 1. */
extern void sparse_add(float factor, const int32_t *index, const float *value, int64_t n, float *x);

/*
 * The first entry of ascending column[begin .. end - 1] that is not less than `least`; end where
 * there is none.
 */
static inline int64_t
sparse_find(const int32_t *column, int64_t begin, int64_t end, int64_t least)
{
	int64_t		n = end - begin;

	while (n > 0)
	{
		int64_t		half = n / 2;

		if (column[begin + half] < least)
		{
			begin += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	return begin;
}

/* The same in steps that double: fast where the result is near to begin. */
static inline int64_t
sparse_find_near(const int32_t *column, int64_t begin, int64_t end, int64_t least)
{
	int64_t		step = 1;

	while (begin + step < end && column[begin + step] < least)
	{
		begin += step;
		step *= 2;
	}
	return sparse_find(column, begin, begin + step < end ? begin + step : end, least);
}

/*
 * Whether x is among n ascending columns. *at, 0 at first, is where the last search ended: fast
 * where x is never much larger than in the last call.
 */
static inline bool
sparse_has(const int32_t *column, int64_t n, int32_t x, int64_t *at)
{
	if (*at > 0 && column[*at - 1] >= x)
		*at = 0;
	*at = sparse_find_near(column, *at, n, x);
	return *at < n && column[*at] == x;
}

#endif							/* REC_SPARSE_H */
