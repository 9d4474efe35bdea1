/*
 * few_rows.h
 *	  Products of few rows and a matrix that stays in the caches.
 *
 * A recurrent network multiplies its few rows with one matrix again and again. OpenBLAS rearranges
 * the matrix for each product, which for few rows takes longer than the product.
 */
#ifndef REC_FEW_ROWS_H
#define REC_FEW_ROWS_H

#include <stdint.h>

/*
 * out += a w, for n rows of a and out, stride apart; w is k_a x k_out without gaps. A row of out
 * has the same bits whatever the other rows are.
 */
extern void few_rows_multiply(const float *a, int64_t stride_a, int k_a, const float *w, int k_out,
							  int64_t n, float *out, int64_t stride_out);

#endif							/* REC_FEW_ROWS_H */
