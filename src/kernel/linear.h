/*
 * linear.h
 *	  Linear layers: y = x W' + b, by OpenBLAS, with a poll between pieces of bounded work; and the
 *	  rectifier that follows some of them.
 *
 * Matrices lie row by row, without gaps: x is n x inputs, y n x outputs, W outputs x inputs, b a
 * vector of outputs. The names of gradients begin with d_: those of W and b are added to.
 */
#ifndef REC_LINEAR_H
#define REC_LINEAR_H

#include <stdint.h>

/* b NULL: zero */
extern void linear_forward(const float *x, int64_t n, int inputs, const float *w, const float *b,
						   int outputs, float *y);

/*
 * Sets d_x; NULL: it is not wanted. d_b NULL: likewise.
 */
extern void linear_backward(const float *x, int64_t n, int inputs, const float *w, int outputs,
							const float *d_y, float *d_x, float *d_w, float *d_b);

/* sums[j] += sum over the n rows of column j. */
extern void add_column_sums(const float *rows, int64_t n, int columns, float *sums);

/* The rectifier: negative numbers become 0. */
extern void rectify(float *y, int64_t n);

/* The gradient before the rectifier: what is 0 after it has none. */
extern void rectify_backward(const float *restrict y, float *restrict d, int64_t n);

#endif							/* REC_LINEAR_H */
