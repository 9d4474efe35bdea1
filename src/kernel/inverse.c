/*
 * inverse.c
 *	  The inverse of a large symmetric positive definite matrix, in place and in independent parts.
 *
 * Gauss-Jordan elimination by blocks (the sweep operator: Goodnight 1979, "A tutorial on the SWEEP
 * operator"; its stability without pivoting on positive definite matrices: Peters & Wilkinson
 * 1975). With D = (A_kk)^-1, the step of block k is
 *
 *	A_ij -= A_ik D A_kj		for all other blocks i, j
 *	A_ik := A_ik D
 *	A_kk := -D
 *
 * and after all steps A is the negated inverse. A is symmetric after every step, so only its lower
 * half is kept. The steps take n^3 operations, as many as a Cholesky factorisation and an inversion
 * from it (LAPACK's potrf and potri), but all of them are products of matrices, and the blocks of
 * rows of a step are independent of each other, where those of Cholesky's wait for a panel. Each
 * step prepares the next one: the block that updates a tile of the next step's panel also copies
 * the tile to the place where the next step reads it, and the block that updates the next diagonal
 * block inverts it. So a step is one pass over the rows.
 */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/inverse.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* LAPACK, by its Fortran names: column-major, so that our lower triangle is its upper one. */
extern void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info);

/*
 * A pivot is lost where less than this part is left of its original element of the diagonal.
 * Rounding errors of the sums that were subtracted grow about with the root of the number of terms,
 * which for 2^16 rows is this many units.
 */
#define LOST (256 * FLT_EPSILON)

/*
 * Blocks of columns in one product. It takes some milliseconds, even with a processor's slowest
 * instructions. Four blocks are no faster.
 */
#define RUN 2

/*
 * Memory that the workers share: the panels of two steps (n x INVERSE_BLOCK each), the inverses of
 * their diagonal blocks, and the diagonal.
 */
typedef struct Shared
{
	float	   *panel[2];
	float	   *pivot[2];
	float	   *diagonal;		/* of the matrix before the first step */
} Shared;

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Floats from one row of panels and pivots to the next. */
static inline int64_t
width(int64_t n)
{
	return min64(PADDED(n), INVERSE_BLOCK);
}

static Shared
lay_out_shared(void *memory, int64_t n)
{
	Shared		s;
	float	   *at = memory;

	for (int i = 0; i < 2; i++)
	{
		s.panel[i] = at;
		at += n * width(n);
		s.pivot[i] = at;
		at += width(n) * width(n);
	}
	s.diagonal = at;
	return s;
}

int64_t
inverse_blocks(int64_t n)
{
	return (n + INVERSE_BLOCK - 1) / INVERSE_BLOCK;
}

size_t
inverse_shared_bytes(int64_t n)
{
	return sizeof(float) * (2 * (n * width(n) + width(n) * width(n)) + n);
}

size_t
inverse_scratch_bytes(int64_t n)
{
	return sizeof(float) * width(n) * width(n);
}

/*
 * Writes the inverse of a diagonal block of n rows, both triangles, to pivot; diagonal is the
 * diagonal of the block before all steps.
 */
static bool
invert_block(const float *a, int64_t stride, int n, const float *diagonal, float *pivot, int lda)
{
	int			info;

	for (int64_t i = 0; i < n; i++)
		memcpy(pivot + i * lda, a + i * stride, sizeof(float) * (i + 1));
	spotrf_("U", &n, pivot, &lda, &info);
	if (info != 0)
		return false;
	for (int64_t i = 0; i < n; i++)
	{
		float		root = pivot[i * lda + i];

		if (!(root * root > LOST * diagonal[i]) || !isfinite(root))
			return false;
	}
	poll();
	spotri_("U", &n, pivot, &lda, &info);
	if (info != 0)
		return false;
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < i; j++)
			pivot[j * lda + i] = pivot[i * lda + j];
	poll();
	return true;
}

static void
copy_rows(const float *from, int64_t from_stride, int64_t n_rows, int64_t n, float *to,
		  int64_t to_stride)
{
	for (int64_t i = 0; i < n_rows; i++)
		memcpy(to + i * to_stride, from + i * from_stride, sizeof(float) * n);
}

/* The transpose of n_rows x n, by squares that fit into the cache. */
static void
copy_transposed(const float *from, int64_t from_stride, int64_t n_rows, int64_t n, float *to,
				int64_t to_stride)
{
	enum
	{
		SQUARE = 32
	};

	for (int64_t r = 0; r < n_rows; r += SQUARE)
		for (int64_t c = 0; c < n; c += SQUARE)
			for (int64_t j = c; j < min64(c + SQUARE, n); j++)
				for (int64_t i = r; i < min64(r + SQUARE, n_rows); i++)
					to[j * to_stride + i] = from[i * from_stride + j];
}

bool
inverse_begin(const float *a, int64_t stride, int64_t n, void *shared)
{
	Shared		s = lay_out_shared(shared, n);
	int64_t		first = min64(n, INVERSE_BLOCK);

	for (int64_t i = 0; i < n; i++)
	{
		s.diagonal[i] = a[i * stride + i];
		if (i % INVERSE_BLOCK == 0)
			poll();
		if (i >= first)
			copy_rows(a + i * stride, stride, 1, first, s.panel[0] + i * width(n), width(n));
	}
	return invert_block(a, stride, (int) first, s.diagonal, s.pivot[0], (int) width(n));
}

bool
inverse_step(float *a, int64_t stride, int64_t n, void *shared, int64_t step, int64_t block,
			 void *scratch)
{
	Shared		s = lay_out_shared(shared, n);
	int			ld = (int) width(n);
	const float *panel = s.panel[step % 2];
	const float *pivot = s.pivot[step % 2];
	float	   *next_panel = s.panel[1 - step % 2];
	float	   *product = scratch;	/* the block's rows of the panel times the pivot */
	int64_t		begin = block * INVERSE_BLOCK;
	int			rows = (int) min64(n - begin, INVERSE_BLOCK);
	int64_t		pivot_begin = step * INVERSE_BLOCK;
	int			depth = (int) min64(n - pivot_begin, INVERSE_BLOCK);

	if (block == step)
	{
		float	   *tile = a + begin * stride + begin;

		for (int64_t i = 0; i < rows; i++)
			for (int64_t j = 0; j <= i; j++)
				tile[i * stride + j] = -pivot[i * ld + j];
		return true;
	}
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, depth, depth,
				1, panel + begin * ld, ld, pivot, ld, 0, product, ld);
	poll();
	/* the block's tile in the step's own rows: no other block has its numbers */
	if (block < step)
		copy_transposed(product, ld, rows, depth, a + pivot_begin * stride + begin, stride);
	for (int64_t column_block = 0, next; column_block <= block; column_block = next)
	{
		int64_t		column = column_block * INVERSE_BLOCK;
		float	   *tile = a + begin * stride + column;
		int			columns;

		/*
		 * several blocks of columns before the diagonal in one product, so that OpenBLAS packs the
		 * rows once
		 */
		for (next = column_block + 1;
			 column_block != step && next < block && next != step && next < column_block + RUN;
			 next++)
			;
		columns = (int) (min64(n, next * INVERSE_BLOCK) - column);
		poll();
		if (column_block == step)
			copy_rows(product, ld, rows, columns, tile, stride);
		else if (column_block < block)
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, columns, depth,
						-1, product, ld, panel + column * ld, ld, 1, tile, (int) stride);
		else
		{
			/* the diagonal tile, without most of its upper triangle */
			int			upper = rows / 2;

			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, upper, upper, depth,
						-1, product, ld, panel + column * ld, ld, 1, tile, (int) stride);
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows - upper, rows, depth, -1,
						product + (int64_t) upper * ld, ld, panel + column * ld, ld, 1,
						tile + upper * stride, (int) stride);
		}

		/* copies what the next step reads of this tile */
		if (block == step + 1 && column_block < block)
			copy_transposed(tile, stride, rows, columns, next_panel + column * ld, ld);
		else if (block == step + 1)
		{
			if (!invert_block(tile, stride, rows, s.diagonal + begin, s.pivot[1 - step % 2], ld))
				return false;
		}
		else if (column_block <= step + 1 && step + 1 < next)
			copy_rows(a + begin * stride + (step + 1) * INVERSE_BLOCK, stride, rows,
					  min64(n - (step + 1) * INVERSE_BLOCK, INVERSE_BLOCK), next_panel + begin * ld,
					  ld);
	}
	return true;
}
