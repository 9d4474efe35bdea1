/*
 * vector_test.c
 *	  Dot products: against double arithmetic, and of one row against many rows.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/random.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

static void
fill(float *x, int64_t n, uint64_t seed)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = (float) random_normal(seed, (uint64_t) i);
}

static void
check_length(int n)
{
	float	   *a = zeroed(sizeof(float) * n);
	float	   *b = zeroed(sizeof(float) * n);
	double		expected = 0;
	double		size = 0;

	fill(a, n, 1);
	fill(b, n, 2);
	for (int i = 0; i < n; i++)
	{
		expected += (double) a[i] * b[i];
		size += fabs((double) a[i] * b[i]);
	}
	CHECK_NEAR(vector_dot(a, b, n), expected, 1e-6 * size);
	CHECK(vector_dot(a, b, n) == vector_dot(b, a, n));
	CHECK_NEAR(vector_dot_double(a, b, n), expected, 1e-14 * size);
	CHECK_NEAR(vector_norm(a, n) * vector_norm(a, n), vector_dot_double(a, a, n), 1e-13 * n * 9);
	free(a);
	free(b);
}

/*
 * The score of a row is the same to the bit if it is alone and at any place among other rows, in
 * any order and with repetitions.
 */
static void
check_rows(int k, int64_t n_rows)
{
	int64_t		stride = PADDED(k);
	float	   *a = zeroed(sizeof(float) * k);
	float	   *rows = zeroed(sizeof(float) * stride * n_rows);
	float	   *out = zeroed(sizeof(float) * n_rows);
	int32_t    *index = zeroed(sizeof(int32_t) * n_rows);

	fill(a, k, 3);
	for (int64_t j = 0; j < n_rows; j++)
		fill(rows + j * stride, k, 100 + (uint64_t) j);
	for (int64_t first = 0; first < n_rows && first < 5; first++)
	{
		vector_dot_rows(a, rows + first * stride, stride, n_rows - first, k, out);
		for (int64_t j = first; j < n_rows; j++)
		{
			float		alone = vector_dot(a, rows + j * stride, k);

			CHECK(memcmp(&alone, &out[j - first], sizeof(float)) == 0);
		}
		for (int64_t j = 0; j < n_rows; j++)
			index[j] = (int32_t) ((n_rows - 1 - j) / (first + 1));
		vector_dot_named(a, rows, stride, index, first, n_rows - first, k, out);
		for (int64_t j = first; j < n_rows; j++)
		{
			float		alone = vector_dot(a, rows + index[j] * stride, k);

			CHECK(memcmp(&alone, &out[j - first], sizeof(float)) == 0);
		}
	}
	free(index);
	free(a);
	free(rows);
	free(out);
}

int
main(void)
{
	float		a[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	float		b[] = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
	float		large[] = {1e30f, 1e30f};

	for (int level = SIMD_BASELINE; level <= SIMD_AVX512; level++)
	{
		simd_limit(level);
		if (simd_level() != level)
			continue;			/* the processor lacks these instructions */

		/* 1 - 2 + 3 - 4 ... = -5; 1 + 4 + 9 + ... + 100 = 385 */
		CHECK(vector_dot(a, b, 10) == -5);
		CHECK(vector_dot(a, a, 10) == 385);
		CHECK(vector_dot(a, b, 0) == 0);
		CHECK(vector_dot_double(a, b, 10) == -5);
		CHECK_NEAR(vector_norm(a, 10), 19.621416870348583, 1e-14);
		CHECK(vector_norm(a, 0) == 0);
		/* no overflow, as sums are in double */
		CHECK_NEAR(vector_norm(large, 2) / 1e30, sqrt(2), 1e-6);
		CHECK(isnan(vector_dot((float[]) {NAN, 1}, a, 2)));

		for (int n = 1; n <= 140; n++)
			check_length(n);
		check_length(1000);
		check_length(1024);
		for (int k = 1; k <= 140; k++)
			check_rows(k, 1 + k % 13);
		check_rows(64, 1000);
	}
	return passed("vector");
}
