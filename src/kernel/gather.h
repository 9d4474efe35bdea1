/*
 * gather.h
 *	  Products with, and sums over, rows of a matrix that are named by an index list, as
 *	  the ratings of a user name rows of the item factors.
 *
 * Rows are n floats, stride floats apart, where n is a multiple of 16 (padded with zeros); vectors
 * are of n floats as well. Both operations are bound by reading the rows from memory, so a caller
 * that needs both of the same rows calls them for GATHER_ROWS rows at a time.
 */
#ifndef REC_GATHER_H
#define REC_GATHER_H

#include <stdint.h>

/* This many rows stay in the first-level cache, unless they are long. */
#define GATHER_ROWS 64

/*
 * out[j] = rows[index[j]] . vector. Meanwhile the first of the rows that are named by index[count]
 * .. index[count + ahead - 1] are fetched into the cache.
 */
extern void gather_dot(const float *rows, int64_t stride, const int32_t *index, int64_t count,
					   int64_t ahead, int n, const float *vector, float *out);

/* gather_dot in double arithmetic. */
extern void gather_dot_double(const float *rows, int64_t stride, const int32_t *index,
							  int64_t count, int n, const float *vector, double *out);

/* out += sum_j coefficient[j] * rows[index[j]] */
extern void gather_sum(const float *rows, int64_t stride, const int32_t *index,
					   const float *coefficient, int64_t count, int n, float *out);

#endif							/* REC_GATHER_H */
