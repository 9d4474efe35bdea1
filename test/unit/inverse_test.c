/*
 * inverse_test.c
 *	  The inverse of a large matrix by blocks: by hand, against its definition, and with blocks in
 *	  any order.
 */
#define _GNU_SOURCE
#include "unit.h"

#include <cblas.h>
#include <dlfcn.h>

#include "kernel/blas.h"
#include "kernel/inverse.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/vector.h"

static bool
invert(float *a, int64_t stride, int64_t n, int backwards)
{
	void	   *shared = zeroed(inverse_shared_bytes(n));
	void	   *scratch = zeroed(inverse_scratch_bytes(n));
	int64_t		blocks = inverse_blocks(n);
	bool		done = inverse_begin(a, stride, n, shared);

	for (int64_t step = 0; step < blocks && done; step++)
	{
		for (int64_t i = 0; i < blocks && done; i++)
		{
			memset(scratch, 0x5a, inverse_scratch_bytes(n));
			done =
				inverse_step(a, stride, n, shared, step, backwards ? blocks - 1 - i : i, scratch);
		}
	}
	free(shared);
	free(scratch);
	return done;
}

/* The inverse of (4 2; 2 3) is (3 -2; -2 4) / 8. */
static void
test_by_hand(void)
{
	float	   *a = zeroed(sizeof(float) * 2 * 16);

	a[0] = 4;
	a[16] = 2;
	a[17] = 3;
	CHECK(invert(a, 16, 2, 0));
	CHECK_NEAR(a[0], -3.0 / 8, 1e-6);
	CHECK_NEAR(a[16], 2.0 / 8, 1e-6);
	CHECK_NEAR(a[17], -4.0 / 8, 1e-6);
	a[0] = 5;
	CHECK(invert(a, 16, 1, 0));
	CHECK_NEAR(a[0], -1.0 / 5, 1e-7);
	free(a);
}

/*
 * A times its inverse is the identity, checked in some columns in double; the bits do not depend on
 * the order of blocks.
 */
static void
test_definition(int64_t n)
{
	int64_t		stride = PADDED(n);
	float	   *a = zeroed(sizeof(float) * n * stride);
	float	   *first = zeroed(sizeof(float) * n * stride);
	float	   *second = zeroed(sizeof(float) * n * stride);

	/* diagonally dominant on average: eigenvalues around sqrt(n) */
	for (int64_t i = 0; i < n; i++)
	{
		for (int64_t j = 0; j < i; j++)
			a[i * stride + j] =
				(float) ((random_bits(1, (uint64_t) (i * n + j)) >> 11) * 0x1p-53 - 0.5);
		a[i * stride + i] = (float) (1.5 * sqrt((double) n));
		/* the part above the diagonal is not read */
		for (int64_t j = i + 1; j < n; j++)
			a[i * stride + j] = NAN;
	}
	memcpy(first, a, sizeof(float) * n * stride);
	memcpy(second, a, sizeof(float) * n * stride);
	CHECK(invert(first, stride, n, 0));
	CHECK(invert(second, stride, n, 1));
	for (int64_t i = 0; i < n; i++)
		CHECK(memcmp(first + i * stride, second + i * stride, sizeof(float) * (i + 1)) == 0);
	for (int64_t c = 0; c < n; c += 97)
	{
		for (int64_t i = 0; i < n; i++)
		{
			double		sum = 0;

			for (int64_t j = 0; j < n; j++)
				sum -= (double) (j <= i ? a[i * stride + j] : a[j * stride + i]) *
					(j >= c ? first[j * stride + c] : first[c * stride + j]);
			CHECK_NEAR(sum, i == c, 2e-5);
		}
	}
	free(a);
	free(first);
	free(second);
}

/*
 * A singular matrix is refused, whether the singularity shows in the first block, in a later one,
 * or in the rest that rounding leaves.
 */
static void
test_refusals(void)
{
	int64_t		n = INVERSE_BLOCK + 40;
	int64_t		stride = PADDED(n);
	float	   *a = zeroed(sizeof(float) * n * stride);

	for (int where = 0; where < 4; where++)
	{
		int64_t		bad = where % 2 == 0 ? 7 : n - 3;

		memset(a, 0, sizeof(float) * n * stride);
		for (int64_t i = 0; i < n; i++)
			a[i * stride + i] = 3;
		CHECK(invert(a, stride, n, 0));
		memset(a, 0, sizeof(float) * n * stride);
		for (int64_t i = 0; i < n; i++)
			a[i * stride + i] = 3;
		if (where < 2)
			a[bad * stride + bad] = where == 0 ? -1 : INFINITY;
		else
		{
			/* twice the same row */
			a[bad * stride + bad - 1] = 3;
		}
		CHECK(!invert(a, stride, n, 0));
	}
	free(a);
}

/* ---- polls ---- */

/*
 * A limit on the operations of matrix products between two polls. The slowest of the library's
 * loops (SSE2) do about 30 in a nanosecond: less than ten milliseconds.
 */
#define MOST_OPERATIONS 2.5e8

static double operations = 0;
static double most_operations = 0;

static void
forget_operations(void)
{
	operations = 0;
}

/* Counts operations, and calls the function of the library. */
void
cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE trans_a, CBLAS_TRANSPOSE trans_b, blasint m,
			blasint n, blasint k, float alpha, const float *a, blasint lda, const float *b,
			blasint ldb, float beta, float *c, blasint ldc)
{
	static void (*library)(CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint,
						   float, const float *, blasint, const float *, blasint, float, float *,
						   blasint) = NULL;

	/* not a cast: in C, a function pointer cannot be converted to an object pointer */
	if (library == NULL)
		*(void **) &library = dlsym(RTLD_NEXT, "cblas_sgemm");
	CHECK(library != NULL);
	operations += 2.0 * m * n * k;
	most_operations = fmax(most_operations, operations);
	library(order, trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/* Products between two polls are bounded for matrices of any size. */
static void
test_polls(void)
{
	int64_t		n = 6 * INVERSE_BLOCK + 50;
	int64_t		stride = PADDED(n);
	float	   *a = zeroed(sizeof(float) * n * stride);

	for (int64_t i = 0; i < n; i++)
		a[i * stride + i] = 1;
	most_operations = operations = 0;
	poll_hook = forget_operations;
	CHECK(invert(a, stride, n, 0));
	poll_hook = NULL;
	/* the count includes the products */
	CHECK(most_operations >= 2.0 * INVERSE_BLOCK * INVERSE_BLOCK * INVERSE_BLOCK);
	CHECK(most_operations <= MOST_OPERATIONS);
	free(a);
}

int
main(void)
{
	blas_use_processor();
	test_by_hand();
	test_definition(100);
	test_definition(INVERSE_BLOCK);
	test_definition(INVERSE_BLOCK + 1);
	test_definition(2 * INVERSE_BLOCK + 75);
	test_refusals();
	test_polls();
	return passed("inverse");
}
