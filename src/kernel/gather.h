/*
 * gather.h
 *	  Products with, and sums over, rows of a matrix that are named by an index list, as
 *	  the ratings of a user name rows of the item factors.
 *
 * Rows are n floats, stride floats apart, where n is a multiple of 16 (padded with zeros);
 * vectors are of n floats as well. Both are bound by the memory that the rows come from, so
 * whoever needs both of the same rows asks for GATHER_ROWS at a time.
 */
#ifndef REC_GATHER_H
#define REC_GATHER_H

#include <stdint.h>

/* So many rows stay in the first-level cache, if they are not long. */
#define GATHER_ROWS 64

/*
 * out[j] = rows[index[j]] . vector. Of the entries index[count] .. index[count + ahead - 1] the
 * first rows are fetched to the cache meanwhile.
 */
extern void gather_dot(const float *rows, int64_t stride, const int32_t *index, int64_t count,
					   int64_t ahead, int n, const float *vector, float *out);

/* The same in double arithmetic. */
extern void gather_dot_double(const float *rows, int64_t stride, const int32_t *index,
							  int64_t count, int n, const float *vector, double *out);

/* out += sum_j coefficient[j] * rows[index[j]] */
extern void gather_sum(const float *rows, int64_t stride, const int32_t *index,
					   const float *coefficient, int64_t count, int n, float *out);

#endif							/* REC_GATHER_H */
