/*
 * inverse.h
 *	  The inverse of a large symmetric positive definite matrix, in place and in independent parts.
 *
 * The matrix is n x n, row-major, with `stride` floats (a multiple of 16) from row to row, and
 * only its lower triangle counts. It is inverted in steps, and each step in blocks of rows, which
 * may be done in any order and by several workers: no block reads what another of the same step
 * writes, nor do two write the same (what a block writes is in its own rows, but for one tile in
 * the step's). A block's result is the same, to the bit, whoever computes it.
 *
 *	inverse_begin(...);
 *	for (step = 0; step < inverse_blocks(n); step++)
 *		for (block = 0; block < inverse_blocks(n); block++)		(in parallel)
 *			inverse_step(..., step, block, ...);
 *
 * leaves the NEGATED inverse in the lower triangle.
 */
#ifndef REC_INVERSE_H
#define REC_INVERSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Rows of a block. A step multiplies matrices with this as the inner size, for which the product
 * is near its full speed; each of a step's products is over in some milliseconds. (Small where
 * the work of threads on small matrices is watched.)
 */
#ifndef INVERSE_BLOCK
#define INVERSE_BLOCK 384
#endif

extern int64_t inverse_blocks(int64_t n);

/* Bytes that the blocks share, beside the matrix: about 3 KB x n, aligned to a cache line. */
extern size_t inverse_shared_bytes(int64_t n);
/* Bytes of scratch of each worker, aligned to a cache line: 0.6 MB at most. */
extern size_t inverse_scratch_bytes(int64_t n);

/*
 * Both return false where the matrix is not positive definite, as far as float arithmetic can
 * tell: its numbers are not finite, or what is left of an element of the diagonal is rounding.
 */
extern bool inverse_begin(const float *a, int64_t stride, int64_t n, void *shared);
extern bool inverse_step(float *a, int64_t stride, int64_t n, void *shared, int64_t step,
						 int64_t block, void *scratch);

#endif							/* REC_INVERSE_H */
