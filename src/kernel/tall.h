/*
 * tall.h
 *	  Products of tall matrices, with many rows and few columns, and small matrices.
 *
 * Matrices are row-major, with the given number of floats from one row to the next.
 */
#ifndef REC_TALL_H
#define REC_TALL_H

#include <stdint.h>

/*
 * out += a' b (k_a x k_b), for n rows of a and b: the inner products of their columns. Some hundred
 * rows at a time are summed in float, and these sums in double. scratch has room for k_a x k_b
 * floats.
 */
extern void tall_inner(const float *a, int64_t stride_a, int k_a, const float *b, int64_t stride_b,
					   int k_b, int64_t n, double *out, float *scratch);

/*
 * out = scale * out + factor * a c for n rows, where c is k_a x k_out without gaps. out must not be
 * a.
 */
extern void tall_multiply(const float *a, int64_t stride_a, int k_a, const float *c, int k_out,
						  float factor, int64_t n, float scale, float *out, int64_t stride_out);

#endif							/* REC_TALL_H */
