/*
 * nonnegative.h
 *	  Small least squares whose solution has no negative numbers.
 */
#ifndef REC_NONNEGATIVE_H
#define REC_NONNEGATIVE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the x of k numbers, none negative, that minimises x'a x - 2 b'x, beginning with what is in
 * x: the sum is never larger than it was there, with negative numbers taken for zero. a is k x k,
 * as dense.h has it, and positive semidefinite but for rounding; its upper triangle is written.
 * Returns false where the result is not finite (an input was not).
 */
extern bool solve_nonnegative(float *a, const float *b, int k, float *x, void *scratch);

/* Bytes of scratch that it needs for k unknowns, or fewer. */
extern size_t solve_nonnegative_scratch(int k);

#endif							/* REC_NONNEGATIVE_H */
