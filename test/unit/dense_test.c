/*
 * dense_test.c
 *	  Gram matrices and solves: by hand, against double arithmetic, alone
 *	  against many at once, singular and broken systems.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/dense.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

#define N_FACTORS 700

static long polls = 0;

static void
count_poll(void)
{
	polls++;
}

/* N_FACTORS random rows, padded with zeros. */
static float *
random_factors(int k, uint64_t seed)
{
	float	   *factors = zeroed(sizeof(float) * PADDED(k) * N_FACTORS);

	for (int64_t i = 0; i < N_FACTORS; i++)
		for (int j = 0; j < k; j++)
			factors[i * PADDED(k) + j] = (float) random_normal(seed, (uint64_t) (i * k + j));
	return factors;
}

/* normal_equations and gram_add against the same sums in double. */
static void
check_gram(int k, int n)
{
	int64_t		stride = PADDED(k);
	float	   *factors = random_factors(k, (uint64_t) k);
	int32_t    *index = zeroed(sizeof(int32_t) * n);
	float	   *weight = zeroed(sizeof(float) * n);
	float	   *target = zeroed(sizeof(float) * n);
	float	   *a = zeroed(sizeof(float) * k * k);
	float	   *again = zeroed(sizeof(float) * k * k);
	double	   *exact = zeroed(sizeof(double) * k * k);
	float	   *b = zeroed(sizeof(float) * k);
	float	   *sum = zeroed(sizeof(float) * k);
	void	   *scratch = zeroed(normal_equations_scratch(k));
	void	   *doubles = zeroed(sizeof(double) * N_FACTORS * k);

	for (int j = 0; j < n; j++)
	{
		index[j] = (int32_t) (random_bits(5, (uint64_t) j) % N_FACTORS);
		weight[j] = (float) (random_bits(6, (uint64_t) j) % 5);
		target[j] = (float) random_normal(7, (uint64_t) j);
	}

	for (int weighted = 0; weighted < 2; weighted++)
	{
		double		tolerance = 3e-6 * (n + 10);

		for (int i = 0; i < k; i++)
		{
			b[i] = 1;
			sum[i] = 2;
			for (int j = 0; j < k; j++)
				/* the part above the diagonal is not read */
				a[i * k + j] = again[i * k + j] = j <= i ? 3 : NAN;
		}
		normal_equations(factors, stride, index, weighted ? weight : NULL, target, n, 0, k, a, a, b,
						 sum, scratch);
		normal_equations(factors, stride, index, weighted ? weight : NULL, NULL, n, 0, k, again,
						 again, NULL, NULL, scratch);
		for (int r = 0; r < k; r++)
		{
			double		expected_b = 1;
			double		expected_sum = 2;

			for (int j = 0; j < n; j++)
			{
				expected_b += (double) target[j] * factors[index[j] * stride + r];
				expected_sum += factors[index[j] * stride + r];
			}
			CHECK_NEAR(b[r], expected_b, tolerance);
			CHECK_NEAR(sum[r], expected_sum, tolerance);
			for (int c = 0; c <= r; c++)
			{
				double		expected = 3;

				for (int j = 0; j < n; j++)
					expected += (weighted ? weight[j] : 1.0) * factors[index[j] * stride + r] *
								factors[index[j] * stride + c];
				CHECK_NEAR(a[r * k + c], expected, 4 * tolerance);
				CHECK(a[r * k + c] == again[r * k + c]);
			}
		}
	}

	/* the same with another base, with rows fetched ahead, and without rows */
	memcpy(again, a, sizeof(float) * k * k);
	memset(b, 0, sizeof(float) * k);
	normal_equations(factors, stride, index, NULL, NULL, n / 2, n - n / 2, k, NULL, a, NULL, NULL,
					 scratch);
	normal_equations(factors, stride, index + n / 2, NULL, target, n - n / 2, 0, k, a, again, b,
					 NULL, scratch);
	for (int r = 0; r < k; r++)
		for (int c = 0; c <= r; c++)
		{
			double		expected = 0;

			for (int j = 0; j < n; j++)
				expected +=
					(double) factors[index[j] * stride + r] * factors[index[j] * stride + c];
			CHECK_NEAR(again[r * k + c], expected, 3e-6 * (n + 10) * 4);
		}
	memset(a, 255, sizeof(float) * k * k);
	normal_equations(factors, stride, index, NULL, target, 0, n, k, again, a, b, sum, scratch);
	for (int r = 0; r < k; r++)
		CHECK(memcmp(a + r * k, again + r * k, sizeof(float) * (r + 1)) == 0);
	normal_equations(factors, stride, index, NULL, target, 0, 0, k, NULL, a, b, sum, scratch);
	for (int r = 0; r < k; r++)
		for (int c = 0; c <= r; c++)
			CHECK(a[r * k + c] == 0);

	gram_add(factors, stride, N_FACTORS, k, exact, doubles);
	for (int r = 0; r < k; r++)
		for (int c = 0; c <= r; c++)
		{
			double		expected = 0;

			for (int j = 0; j < N_FACTORS; j++)
				expected += (double) factors[j * stride + r] * factors[j * stride + c];
			CHECK_NEAR(exact[r * k + c], expected, 1e-9);
		}

	free(factors);
	free(index);
	free(weight);
	free(target);
	free(a);
	free(again);
	free(exact);
	free(b);
	free(sum);
	free(scratch);
	free(doubles);
}

/* A random system of this rank (k or more: regular) times scale, with NaN above the diagonal. */
static void
random_system(int k, int rank, double ridge, double scale, uint64_t seed, float *a, float *b)
{
	double	   *rows = zeroed(sizeof(double) * k * (rank + 1));
	double	   *solution = zeroed(sizeof(double) * k);
	double	   *right = zeroed(sizeof(double) * k);

	for (int i = 0; i < k * rank; i++)
		rows[i] = random_normal(seed, (uint64_t) i);
	for (int i = 0; i < k; i++)
		solution[i] = random_normal(seed + 1, (uint64_t) i);
	for (int r = 0; r < k; r++)
	{
		for (int c = 0; c <= r; c++)
		{
			double		sum = r == c ? ridge : 0;

			for (int p = 0; p < rank; p++)
				sum += rows[r * rank + p] * rows[c * rank + p];
			a[c * k + r] = NAN;
			a[r * k + c] = (float) (sum * scale);
			right[r] += sum * scale * solution[c];
			right[c] += c < r ? sum * scale * solution[r] : 0;
		}
	}
	for (int r = 0; r < k; r++)
		b[r] = (float) right[r];
	free(rows);
	free(solution);
	free(right);
}

/* max |a x - b| / max |b|. */
static double
residual(const float *a, const float *b, const float *x, int k)
{
	double		worst = 0;
	double		size = 0;

	for (int r = 0; r < k; r++)
	{
		double		rest = b[r];

		for (int c = 0; c < k; c++)
			rest -= (double) (c <= r ? a[r * k + c] : a[c * k + r]) * x[c];
		worst = fmax(worst, fabs(rest));
		size = fmax(size, fabs(b[r]));
	}
	return size > 0 ? worst / size : worst;
}

/*
 * `count` systems solved at once have right solutions, the same to the bit as if solved one by one.
 */
static void
check_solve(int k, int count)
{
	size_t		matrix = (size_t) SYSTEM_STRIDE(k);
	float	   *a = zeroed(sizeof(float) * matrix * count);
	float	   *copy = zeroed(sizeof(float) * matrix * count);
	float	   *b = zeroed(sizeof(float) * k * count);
	float	   *x = zeroed(sizeof(float) * k * count);
	float	   *alone = zeroed(sizeof(float) * k);
	void	   *scratch = zeroed(solve_symmetric_scratch(count, k));
	void	   *small_scratch = zeroed(solve_symmetric_scratch(1, k));

	for (int s = 0; s < count; s++)
		random_system(k, 2 * k, 1, pow(10, s % 7 - 3), (uint64_t) (1000 * k + s), a + matrix * s,
					  b + k * s);
	/* a singular system does not affect the others */
	if (count > 2)
		random_system(k, k / 2, 0, 1, (uint64_t) (3000 + k), a + matrix, b + k);
	memcpy(copy, a, sizeof(float) * matrix * count);
	memcpy(x, b, sizeof(float) * k * count);
	memset(scratch, 255, solve_symmetric_scratch(count, k));
	CHECK(solve_symmetric(a, x, count, k, scratch));
	CHECK(memcmp(a, copy, sizeof(float) * matrix * count) == 0);
	for (int s = 0; s < count; s++)
	{
		CHECK(residual(a + matrix * s, b + k * s, x + k * s, k) < 1e-4);
		memcpy(alone, b + k * s, sizeof(float) * k);
		CHECK(solve_symmetric(a + matrix * s, alone, 1, k, small_scratch));
		CHECK(memcmp(alone, x + k * s, sizeof(float) * k) == 0);
	}
	free(a);
	free(copy);
	free(b);
	free(x);
	free(alone);
	free(scratch);
	free(small_scratch);
}

/* A singular system is solved, by nearly the shortest solution. */
static void
check_singular(int k, int rank, double scale)
{
	float	   *a = zeroed(sizeof(float) * k * k);
	float	   *b = zeroed(sizeof(float) * k);
	float	   *x = zeroed(sizeof(float) * k);
	void	   *scratch = zeroed(solve_symmetric_scratch(1, k));
	double		length = 0;

	random_system(k, rank, 0, scale, (uint64_t) (17 * k + rank), a, b);
	memcpy(x, b, sizeof(float) * k);
	CHECK(solve_symmetric(a, x, 1, k, scratch));
	CHECK(residual(a, b, x, k) < 1e-3);
	/*
	 * The solution that the system was made from has a length of about sqrt(k), the shortest one of
	 * about sqrt(rank). Near full rank there are nearly singular directions as well.
	 */
	for (int i = 0; i < k; i++)
		length += (double) x[i] * x[i];
	if (2 * rank <= k + 1 && (rank == 1 || rank < k - 1))
		CHECK(length < 4 * k + 20);
	free(a);
	free(b);
	free(x);
	free(scratch);
}

static void
check_by_hand(void)
{
	/* (4 2; 2 3) x = (8, 7): x = (1.25, 1.5); the element above the diagonal is not read */
	float		a[4] = {4, NAN, 2, 3};
	float		b[2] = {8, 7};
	/* (1 1; 1 1) x = (2, 2): the shortest is (1, 1) */
	float		ones[4] = {1, 1, 1, 1};
	float		twos[2] = {2, 2};
	/* (1 0; 0 0) x = (3, 0): the shortest is (3, 0) */
	float		half[4] = {1, 0, 0, 0};
	float		three[2] = {3, 0};
	float		zeros[9] = {0};
	float		x[3] = {0};
	float		tiny[1] = {1e-42f};
	float		tiny_right[1] = {2e-42f};
	/* indefinite: the solution is finite */
	float		saddle[4] = {1, 0, 3, 1};
	float		factors[32] = {1, 2, [16] = 3, 4};
	int32_t		index[3] = {1, 0, 1};
	float		weight[3] = {1, 2, 0};
	float		target[3] = {1, 10, 100};
	float		gram[4] = {0};
	float		right[2] = {0};
	float		sum[2] = {0};
	void	   *scratch = zeroed(solve_symmetric_scratch(4, 3) + normal_equations_scratch(2));

	CHECK(solve_symmetric(a, b, 1, 2, scratch));
	CHECK_NEAR(b[0], 1.25, 1e-6);
	CHECK_NEAR(b[1], 1.5, 1e-6);
	CHECK(solve_symmetric(ones, twos, 1, 2, scratch));
	CHECK_NEAR(twos[0], 1, 1e-4);
	CHECK_NEAR(twos[1], 1, 1e-4);
	CHECK(solve_symmetric(half, three, 1, 2, scratch));
	CHECK_NEAR(three[0], 3, 1e-4);
	CHECK_NEAR(three[1], 0, 1e-4);
	CHECK(solve_symmetric(zeros, x, 1, 3, scratch));
	CHECK(x[0] == 0 && x[1] == 0 && x[2] == 0);
	CHECK(solve_symmetric(tiny, tiny_right, 1, 1, scratch));
	CHECK_NEAR(tiny_right[0], 2, 0.01);
	x[0] = x[1] = 1;
	CHECK(solve_symmetric(saddle, x, 1, 2, scratch));
	CHECK(isfinite(x[0]) && isfinite(x[1]));
	CHECK(solve_symmetric(a, b, 0, 2, scratch));

	/*
	 * rows (1, 2) and (3, 4): 1 (3,4)(3,4)' + 2 (1,2)(1,2)' + 0 = (11 16; 16 24), 1 (3,4) + 10
	 * (1,2) + 100 (3,4) = (313, 424), and the plain sum is (7, 10)
	 */
	normal_equations(factors, 16, index, weight, target, 3, 0, 2, NULL, gram, right, sum, scratch);
	CHECK_NEAR(gram[0], 11, 1e-5);
	CHECK_NEAR(gram[2], 16, 1e-5);
	CHECK_NEAR(gram[3], 24, 1e-5);
	CHECK_NEAR(right[0], 313, 1e-4);
	CHECK_NEAR(right[1], 424, 1e-4);
	CHECK_NEAR(sum[0], 7, 1e-5);
	CHECK_NEAR(sum[1], 10, 1e-5);
	free(scratch);
}

/* A system with a number that is not finite is reported, and does not affect the other systems. */
static void
check_not_finite(int k)
{
	static const float broken[] = {NAN, INFINITY, -INFINITY};
	size_t		matrix = (size_t) SYSTEM_STRIDE(k);
	float	   *a = zeroed(sizeof(float) * matrix * 3);
	float	   *b = zeroed(sizeof(float) * k * 3);
	float	   *x = zeroed(sizeof(float) * k * 3);
	float	   *expected = zeroed(sizeof(float) * k * 3);
	void	   *scratch = zeroed(solve_symmetric_scratch(3, k));

	for (int s = 0; s < 3; s++)
		random_system(k, k + 5, 1, 1, (uint64_t) (50 + s), a + matrix * s, b + k * s);
	memcpy(expected, b, sizeof(float) * k * 3);
	CHECK(solve_symmetric(a, expected, 3, k, scratch));
	for (int i = 0; i < 3; i++)
	{
		float		saved;
		size_t		place = matrix + (size_t) (k - 1) * k + (size_t) (k / 2);

		memcpy(x, b, sizeof(float) * k * 3);
		x[k + k / 3] = broken[i];
		CHECK(!solve_symmetric(a, x, 3, k, scratch));
		CHECK(memcmp(x, expected, sizeof(float) * k) == 0);
		CHECK(memcmp(x + 2 * k, expected + 2 * k, sizeof(float) * k) == 0);

		memcpy(x, b, sizeof(float) * k * 3);
		saved = a[place];
		a[place] = broken[i];
		CHECK(!solve_symmetric(a, x, 3, k, scratch));
		a[place] = saved;
		CHECK(memcmp(x, expected, sizeof(float) * k) == 0);
		CHECK(memcmp(x + 2 * k, expected + 2 * k, sizeof(float) * k) == 0);
	}
	free(a);
	free(b);
	free(x);
	free(expected);
	free(scratch);
}

int
main(void)
{
	static const int sizes[] = {1, 2, 3, 7, 8, 10, 16, 20, 33, 64, 65, 96, 128, 129, 160};

	poll_hook = count_poll;
	for (int level = SIMD_BASELINE; level <= SIMD_AVX512; level++)
	{
		simd_limit(level);
		if (simd_level() != level)
			continue;			/* the processor lacks these instructions */

		check_by_hand();
		for (int i = 0; i < (int) (sizeof(sizes) / sizeof(sizes[0])); i++)
		{
			int			k = sizes[i];

			check_gram(k, 1);
			check_gram(k, 97);
			check_gram(k, 600);
			check_singular(k, (k + 1) / 2, 1);
			check_singular(k, k > 1 ? k - 1 : 1, 1e4);
			check_singular(k, 1, 1e-3);
			check_not_finite(k);
		}
		for (int k = 1; k <= 130; k++)
			check_solve(k, 1 + k % 11);
		/* the largest size that is solved side by side, and the next larger one */
		check_solve(256, 3);
		check_solve(257, 3);
		check_gram(257, 97);
	}
	CHECK(polls > 0);
	return passed("dense");
}
