/*
 * inverse.h
 *	  The inverse of a large symmetric positive definite matrix, in place and in independent parts.
 *
 * The matrix is n x n, row-major, with `stride` floats (a multiple of 16) from row to row, and only
 * its lower triangle is used. It is inverted in steps, and each step in blocks of rows, which may
 * be done in any order and by several workers. No block reads what another block of the same step
 * writes, and no two blocks write the same element: a block writes to its own rows, and to one tile
 * in the rows of the step's block. The result of a block is the same, to the bit, in whichever
 * worker.
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
 * Rows of a block. A step multiplies matrices with this inner size, at which a product is near its
 * full speed, and each product of a step takes some milliseconds. The value is small where the
 * thread sanitizer watches workers on small matrices.
 */
#ifndef INVERSE_BLOCK
#define INVERSE_BLOCK 384
#endif

extern int64_t inverse_blocks(int64_t n);

/* Bytes that the workers share besides the matrix: about 3 KB x n, aligned to a cache line. */
extern size_t inverse_shared_bytes(int64_t n);
/* Bytes of scratch of each worker, aligned to a cache line: at most 0.6 MB. */
extern size_t inverse_scratch_bytes(int64_t n);

/*
 * Both return false where float arithmetic finds that the matrix is not positive definite: its
 * numbers are not finite, or what is left of an element of the diagonal is rounding.
 */
extern bool inverse_begin(const float *a, int64_t stride, int64_t n, void *shared);
extern bool inverse_step(float *a, int64_t stride, int64_t n, void *shared, int64_t step,
						 int64_t block, void *scratch);

#endif							/* REC_INVERSE_H */
