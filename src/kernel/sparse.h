/*
 * sparse.h
 *	  Sparse matrices in compressed rows.
 */
#ifndef REC_SPARSE_H
#define REC_SPARSE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct SparseMatrix
{
	int64_t		n_rows;
	int64_t		n_columns;
	int64_t    *start;			/* n_rows + 1: row r is entries start[r] .. start[r + 1] - 1 */
	int32_t    *column;			/* of each entry, ascending within a row */
	float	   *value;			/* of each entry */
	int64_t    *time;			/* of each entry, or NULL: order of events, in any unit */
} SparseMatrix;

/*
 * Building a matrix from triples that come in chunks: count each chunk into
 * start, then sparse_starts(), then scatter each chunk. start must be zero at first, and of
 * n_rows + 2 elements. Entries of a row stay in the order of arrival.
 */
extern void sparse_count(SparseMatrix *m, const int32_t *rows, int64_t n);
extern void sparse_starts(SparseMatrix *m);
extern void sparse_scatter(SparseMatrix *m, const int32_t *rows, const int32_t *columns,
						   const float *values, const int64_t *times, int64_t n);

/* Fills to (arrays given, start of n_columns of from + 2 elements, all zero) with the transpose of from. */
extern void sparse_transpose(const SparseMatrix *from, SparseMatrix *to);

/* What several entries of one row and column become. */
typedef enum MergeRule
{
	MERGE_SUM,					/* their sum, in an order of its own, so that order of arrival plays no part */
	MERGE_LATEST				/* the last by time (the larger value where times are equal), or of arrival without times */
} MergeRule;

/* Merges entries of the same row and column, which must be neighbours; returns how many entries went. */
extern int64_t sparse_merge(SparseMatrix *m, MergeRule rule);

#endif							/* REC_SPARSE_H */
