/*
 * exponential_test.c
 *	  exp, the logistic function and tanh of floats, against the library's in double, for a float in
 *	  each thousand of all there are.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/exponential.h"
#include "kernel/vector.h"

#define N 1024

FASTEST_INSTRUCTIONS static void
apply(const float *x, float *exps, float *sigmoids, float *tanhs)
{
	for (int i = 0; i < N; i++)
		exps[i] = fast_exp(x[i]);
	for (int i = 0; i < N; i++)
		sigmoids[i] = fast_sigmoid(x[i]);
	for (int i = 0; i < N; i++)
		tanhs[i] = fast_tanh(x[i]);
}

static float
float_of(uint32_t bits)
{
	float		x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

int
main(void)
{
	float		x[N];
	float		exps[N];
	float		sigmoids[N];
	float		tanhs[N];
	double		exp_error = 0;
	double		sigmoid_error = 0;
	double		tanh_error = 0;

	/* both signs, all exponents up to infinity; denormal numbers count as zero */
	for (uint64_t bits = 0; bits < UINT64_C(1) << 32; bits += N * 1009)
	{
		for (int i = 0; i < N; i++)
		{
			x[i] = float_of((uint32_t) (bits + (uint64_t) i * 1009));
			if (isnan(x[i]) || fabsf(x[i]) < 1.2e-38f)
				x[i] = 0;
		}
		apply(x, exps, sigmoids, tanhs);
		for (int i = 0; i < N; i++)
		{
			if (x[i] > -87.3f && x[i] < 88)
				exp_error = fmax(exp_error, fabs(exps[i] / exp(x[i]) - 1));
			else
				CHECK(x[i] > 0 ? exps[i] > 1.6e38 && exps[i] < 1.7e38
							   : exps[i] > 0 && exps[i] < 1.3e-38);
			sigmoid_error = fmax(sigmoid_error, fabs(sigmoids[i] - 1 / (1 + exp(-x[i]))));
			CHECK(sigmoids[i] >= 0 && sigmoids[i] <= 1);
			tanh_error = fmax(tanh_error,
							  x[i] == 0 ? fabs(tanhs[i]) : fabs(tanhs[i] / tanh(x[i]) - 1));
			CHECK(fabs(tanhs[i]) <= 1);
		}
	}
	if (getenv("VERBOSE") != NULL)
		printf("%g %g %g\n", exp_error, sigmoid_error, tanh_error);
	CHECK(exp_error < 3e-7);
	CHECK(sigmoid_error < 3e-7);
	CHECK(tanh_error < 3e-7);

	/* values that need no rounding, and those that come before a training is broken off */
	for (int i = 0; i < N; i++)
		x[i] = i % 2 == 0 ? 0 : NAN;
	apply(x, exps, sigmoids, tanhs);
	for (int i = 0; i < N; i++)
	{
		CHECK(i % 2 == 0 ? exps[i] == 1 : isnan(exps[i]));
		CHECK(i % 2 == 0 ? sigmoids[i] == 0.5f : isnan(sigmoids[i]));
		CHECK(i % 2 == 0 ? tanhs[i] == 0 : isnan(tanhs[i]));
	}
	return passed("exponential");
}
