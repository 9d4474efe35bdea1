/*
 * gather.h
 *	  Sums over rows of a matrix that are named by an index list, as the ratings
 *	  of a user name rows of the item factors.
 *
 * Rows are n floats, stride floats apart, where n is a multiple of 16 (padded
 * with zeros); vectors are of n floats as well.
 */
#ifndef REC_GATHER_H
#define REC_GATHER_H

#include <stdint.h>

/* out += sum_j coefficient[j] * rows[index[j]]; coefficient NULL: all 1 */
extern void gather_sum(const float *rows, int64_t stride, const int32_t *index, const float *coefficient,
					   int64_t count, int n, float *out);

/*
 * With each row extended by an element 1, and vector by vector_last:
 * (out, *out_last) += sum_j weight[j] (row_j . vector) row_j; weight NULL: all 1
 */
extern void gather_multiply(const float *rows, int64_t stride, const int32_t *index, const float *weight,
							int64_t count, int n, const float *vector, float vector_last,
							float *out, float *out_last);

#endif							/* REC_GATHER_H */
