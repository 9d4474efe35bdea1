/*
 * gather_test.c
 *	  Products with gathered rows and sums of them: by hand, and against double arithmetic.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/gather.h"
#include "kernel/random.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

#define N_ROWS 50

/*
 * rows (1, 2) and (3, 4), and the vector (10, 1): 34 and 12; 2 (3, 4) - (1, 2) + (100, 100) =
 * (105, 106)
 */
static void
check_by_hand(void)
{
	float		rows[32] = {1, 2, [16] = 3, 4};
	float		vector[16] = {10, 1};
	float		coefficients[2] = {2, -1};
	float		sum[16] = {100, 100};
	int32_t		index[2] = {1, 0};
	float		products[2];
	double		doubles[2];

	gather_dot(rows, 16, index, 2, 0, 16, vector, products);
	CHECK(products[0] == 34 && products[1] == 12);
	gather_dot_double(rows, 16, index, 2, 16, vector, doubles);
	CHECK(doubles[0] == 34 && doubles[1] == 12);
	gather_sum(rows, 16, index, coefficients, 2, 16, sum);
	CHECK(sum[0] == 105 && sum[1] == 106 && sum[2] == 0);
}

/*
 * Checks `count` rows of n floats, with 16 floats between rows; the last `ahead` entries are only
 * fetched.
 */
static void
check(int n, int count, int ahead)
{
	int			stride = n + 16;
	float	   *rows = zeroed(sizeof(float) * stride * N_ROWS);
	float	   *vector = zeroed(sizeof(float) * n);
	int32_t    *index = zeroed(sizeof(int32_t) * (count + ahead));
	float	   *coefficients = zeroed(sizeof(float) * count);
	float	   *products = zeroed(sizeof(float) * count);
	float	   *again = zeroed(sizeof(float) * count);
	double	   *doubles = zeroed(sizeof(double) * count);
	float	   *sum = zeroed(sizeof(float) * n);

	for (int i = 0; i < stride * N_ROWS; i++)
		rows[i] = (float) random_normal(1, (uint64_t) i);
	for (int i = 0; i < n; i++)
		vector[i] = (float) random_normal(2, (uint64_t) i);
	for (int j = 0; j < count + ahead; j++)
		index[j] = (int32_t) (random_bits(3, (uint64_t) j) % N_ROWS);
	for (int j = 0; j < count; j++)
		coefficients[j] = (float) random_normal(4, (uint64_t) j);

	gather_dot(rows, stride, index, count, ahead, n, vector, products);
	gather_dot_double(rows, stride, index, count, n, vector, doubles);
	for (int j = 0; j < count; j++)
	{
		double		expected = 0;

		for (int i = 0; i < n; i++)
			expected += (double) rows[index[j] * stride + i] * vector[i];
		CHECK_NEAR(doubles[j], expected, 1e-12 * n);
		CHECK_NEAR(products[j], expected, 1e-6 * n);
		/* one row alone gives the same bits */
		gather_dot(rows, stride, index + j, 1, 0, n, vector, again + j);
		CHECK(again[j] == products[j]);
	}
	gather_sum(rows, stride, index, coefficients, count, n, sum);
	for (int i = 0; i < n; i++)
	{
		double		expected = 0;

		for (int j = 0; j < count; j++)
			expected += (double) coefficients[j] * rows[index[j] * stride + i];
		CHECK_NEAR(sum[i], expected, 2e-6 * (count + 10));
	}
	free(rows);
	free(vector);
	free(index);
	free(coefficients);
	free(products);
	free(again);
	free(doubles);
	free(sum);
}

int
main(void)
{
	static const int counts[] = {0, 1, 3, 4, 7, 64, 2051};

	for (int level = SIMD_BASELINE; level <= SIMD_AVX512; level++)
	{
		simd_limit(level);
		if (simd_level() != level)
			continue;			/* the processor lacks these instructions */
		check_by_hand();
		for (int n = 16; n <= 272; n += 16)
			for (int c = 0; c < 7; c++)
				check(n, counts[c], c % 3 * 20);
	}
	return passed("gather");
}
