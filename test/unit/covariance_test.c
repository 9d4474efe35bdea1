/*
 * covariance_test.c
 *	  Covariances against the inverse of the whole matrix, with the bias, by Gauss and Jordan.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/covariance.h"
#include "kernel/random.h"

#define MOST 70

/* Inverts the n x n matrix a, which is positive definite, into inverse. */
static void
invert(const double *a, int n, double *inverse)
{
	double	   *m = zeroed(sizeof(double) * n * 2 * n);

	for (int r = 0; r < n; r++)
	{
		memcpy(m + r * 2 * n, a + r * n, sizeof(double) * n);
		m[r * 2 * n + n + r] = 1;
	}
	for (int p = 0; p < n; p++)
	{
		double		pivot = m[p * 2 * n + p];

		for (int c = 0; c < 2 * n; c++)
			m[p * 2 * n + c] /= pivot;
		for (int r = 0; r < n; r++)
		{
			double		factor = m[r * 2 * n + p];

			for (int c = 0; c < 2 * n && r != p; c++)
				m[r * 2 * n + c] -= factor * m[p * 2 * n + c];
		}
	}
	for (int r = 0; r < n; r++)
		memcpy(inverse + r * n, m + r * 2 * n + n, sizeof(double) * n);
	free(m);
}

/* A row with n ratings of columns with random factors, with or without a bias. */
static void
compare(int k, int n, bool biases, double lambda, double scale)
{
	int			size = k + 1;
	double	   *whole = zeroed(sizeof(double) * size * size);
	double	   *inverse = zeroed(sizeof(double) * size * size);
	float	   *a = zeroed(sizeof(float) * (k * k + 1));
	float	   *sum = zeroed(sizeof(float) * (k + 1));
	float	   *variances = zeroed(sizeof(float) * (k + 1));
	void	   *memory = zeroed(covariance_bytes(k));
	float		q[MOST];
	double		expected = 0;
	Covariance	c;

	for (int j = 0; j < n; j++)
	{
		double		f[MOST + 1];

		for (int r = 0; r < k; r++)
			f[r] = 0.3 + random_normal(1, (uint64_t) (j * MOST + r));
		f[k] = biases;
		for (int r = 0; r < size; r++)
			for (int s = 0; s < size; s++)
				whole[r * size + s] += f[r] * f[s];
	}
	for (int r = 0; r < k; r++)
		whole[r * size + r] += lambda * scale;
	whole[k * size + k] += biases ? lambda : 1;
	for (int r = 0; r < k; r++)
	{
		sum[r] = (float) whole[k * size + r];
		q[r] = (float) random_normal(2, (uint64_t) r);
		for (int s = 0; s < k; s++)
			a[r * k + s] = s > r ? NAN
						   : (float) (whole[r * size + s] -
									  (biases ? whole[k * size + r] * whole[k * size + s] /
									   whole[k * size + k] : 0));
	}
	invert(whole, size, inverse);
	CHECK(covariance_compute(a, biases ? sum : NULL, whole[k * size + k], k, memory, &c));
	for (int r = 0; r < size; r++)
		for (int s = 0; s < size; s++)
		{
			if (!biases && (r == k || s == k))
				continue;
			expected += inverse[r * size + s] * (r < k ? q[r] : 1) * (s < k ? q[s] : 1);
		}
	CHECK_NEAR(covariance_product(&c, q) / expected, 1, 1e-4);
	covariance_diagonal(&c, variances);
	CHECK_NEAR(variances[0] / (biases ? inverse[k * size + k] : 1), biases, 1e-4);
	for (int r = 0; r < k; r++)
		CHECK_NEAR(variances[1 + r] / inverse[r * size + r], 1, 1e-4);

	/* without ratings it is the prior's */
	if (n == 0)
	{
		double		squares = 0;

		for (int r = 0; r < k; r++)
			squares += (double) q[r] * q[r];
		CHECK(covariance_of_prior(lambda, scale, biases, k, memory, &c));
		CHECK_NEAR(covariance_product(&c, q), expected, 1e-6 * expected);
		CHECK_NEAR(covariance_product(&c, q),
				   (biases ? 1 / lambda : 0) + squares / (lambda * scale), 1e-9 * expected);
	}
	free(whole);
	free(inverse);
	free(a);
	free(sum);
	free(variances);
	free(memory);
}

/*
 * One factor: two ratings of columns with the factors 1 and 3, lambda 2, scale 1. The matrix is
 * (12 4; 4 4), its inverse (4 -4; -4 12) / 32. The variance of 2 x + b is (16 - 16 + 12) / 32.
 */
static void
by_hand(void)
{
	char		memory[1024] __attribute__((aligned(64)));
	float		a = 12 - 4 * 4 / 4;
	float		sum = 4;
	float		q = 2;
	float		variances[2];
	Covariance	c;

	CHECK(covariance_bytes(1) <= sizeof(memory));
	CHECK(covariance_compute(&a, &sum, 4, 1, memory, &c));
	CHECK_NEAR(covariance_product(&c, &q), 12 / 32.0, 1e-7);
	covariance_diagonal(&c, variances);
	CHECK_NEAR(variances[0], 12 / 32.0, 1e-7);
	CHECK_NEAR(variances[1], 4 / 32.0, 1e-7);

	/* no factors at all */
	CHECK(covariance_compute(NULL, variances, 4, 0, memory, &c));
	CHECK_NEAR(covariance_product(&c, NULL), 0.25, 0);
}

/* What nothing is known of has a large variance, and nothing is infinite. */
static void
singular(void)
{
	float		a[4] = {1, NAN, 1, 1};
	float		zero[4] = {0};
	float		known[2] = {1, 1};
	float		unknown[2] = {1, -1};
	float		variances[3];
	char		memory[1024] __attribute__((aligned(64)));
	Covariance	c;

	CHECK(covariance_compute(a, NULL, 0, 2, memory, &c));
	CHECK_NEAR(covariance_product(&c, known), 1, 1e-5);
	CHECK(covariance_product(&c, unknown) > 1e5);
	covariance_diagonal(&c, variances);
	CHECK(isfinite(variances[1]) && variances[1] > 1e5);
	CHECK(!covariance_compute(zero, NULL, 0, 2, memory, &c));
	CHECK(!covariance_compute(a, known, 0, 2, memory, &c));
	a[0] = NAN;
	CHECK(!covariance_compute(a, NULL, 0, 2, memory, &c));
	CHECK(!covariance_of_prior(0, 1, true, 2, memory, &c));
}

int
main(void)
{
	by_hand();
	singular();
	for (int k = 1; k <= MOST; k = k * 2 + 1)
	{
		for (int n = 0; n < 100; n = n * 3 + 1)
		{
			compare(k, n, true, 0.7, 1.5);
			compare(k, n, false, 0.7, 1);
		}
	}
	return passed("covariance");
}
