/*
 * inverse.c
 *	  The inverse of a large symmetric positive definite matrix, in place and in independent parts.
 *
 * Gauss-Jordan elimination by blocks (the sweep operator: Goodnight 1979, "A tutorial on the
 * SWEEP operator"; that it is stable without pivoting on positive definite matrices: Peters &
 * Wilkinson 1975). With D = (A_kk)^-1, the step of block k is
 *
 *	A_ij -= A_ik D A_kj		for all other blocks i, j
 *	A_ik := A_ik D
 *	A_kk := -D
 *
 * and after all steps A is the negated inverse; all along it is symmetric, so half of it is kept.
 * That is n^3 operations, as many as a Cholesky factorisation and an inversion from it take
 * (LAPACK's potrf and potri), but all of them in products of matrices, and in each step the
 * blocks of rows need nothing of each other: where Cholesky's have to wait for a panel, here each
 * step prepares the next one's: whoever updates a tile of the next step's panel copies it to
 * where that step will read it from, and whoever updates its diagonal block inverts it. So there
 * is one pass over the rows a step.
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
 * A pivot is lost where so little is left of the element of the diagonal that it began as.
 * Rounding errors of the sums that were taken from it grow about with the root of their number,
 * which for 2^16 rows is this many units.
 */
#define LOST (256 * FLT_EPSILON)

/*
 * Blocks of columns of one product: it is over in some milliseconds, also with a processor's
 * slowest instructions. Four are no faster.
 */
#define RUN 2

/*
 * The panels of two steps, of n x INVERSE_BLOCK; the inverses of their diagonal blocks; the
 * diagonal.
 */
typedef struct Shared
{
	float	   *panel[2];
	float	   *pivot[2];
	float	   *diagonal;		/* as it was at first */
} Shared;

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Floats from row to row of panels and pivots. */
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
 * The inverse of a diagonal block of n rows, whole, to pivot; diagonal is what its diagonal was
 * before all steps.
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

/* The transpose of n_rows x n, by squares that fit the cache. */
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
	/* the tile of the step's own rows that nobody else has the numbers of */
	if (block < step)
		copy_transposed(product, ld, rows, depth, a + pivot_begin * stride + begin, stride);
	for (int64_t column_block = 0, next; column_block <= block; column_block = next)
	{
		int64_t		column = column_block * INVERSE_BLOCK;
		float	   *tile = a + begin * stride + column;
		int			columns;

		/*
		 * several blocks of columns before the diagonal at once, so that the rows are arranged
		 * for their products once
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
			/* on the diagonal without most of what is above it */
			int			upper = rows / 2;

			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, upper, upper, depth,
						-1, product, ld, panel + column * ld, ld, 1, tile, (int) stride);
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows - upper, rows, depth, -1,
						product + (int64_t) upper * ld, ld, panel + column * ld, ld, 1,
						tile + upper * stride, (int) stride);
		}

		/* what the next step needs of it */
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
