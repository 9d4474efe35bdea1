/*
 * blas_test.c
 *	  On a processor that OpenBLAS does not know, the loops for its instructions are used.
 */
#define _POSIX_C_SOURCE 200112L
#include <cblas.h>

#include "kernel/blas.h"
#include "kernel/simd.h"
#include "unit.h"

#define N 129

/* The largest difference between sgemm and three loops, in units of their sum of magnitudes. */
static double
error_of_product(const float *a, const float *b, float *product)
{
	double		worst = 0;

	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, N, N, N, 1, a, N, b, N, 0, product, N);
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
		{
			double		sum = 0;
			double		magnitude = 0;

			for (int k = 0; k < N; k++)
			{
				sum += (double) a[i * N + k] * b[j * N + k];
				magnitude += fabs((double) a[i * N + k] * b[j * N + k]);
			}
			worst = fmax(worst, fabs(product[i * N + j] - sum) / magnitude);
		}
	return worst;
}

/* The processor that OpenBLAS detects when OPENBLAS_CORETYPE forces one. */
static void
core_forced(const char *core, char *name)
{
	blas_force_core(core);
	strcpy(name, blas_core());
}

int
main(void)
{
	static const char *const unknown[] = {"Prescott", "Barcelona"};
	static const char *const known[] = {NULL, "Haswell", "SkylakeX"};
	float	   *a = zeroed(sizeof(float) * N * N);
	float	   *b = zeroed(sizeof(float) * N * N);
	float	   *product = zeroed(sizeof(float) * N * N);
	int			best = simd_level();

	for (int i = 0; i < N * N; i++)
	{
		a[i] = (float) (i * 7919 % 1009) / 1009 - 0.5f;
		b[i] = (float) (i * 104729 % 997) / 997 - 0.5f;
	}
	unsetenv("OPENBLAS_CORETYPE");
	blas_use_processor();
	CHECK(error_of_product(a, b, product) < 1e-6);
	for (int level = SIMD_BASELINE; level <= best && blas_can_choose(); level++)
	{
		char		expected[64] = "";

		simd_limit(level);
		/* the best that this library has for the processor */
		for (int l = level;
			 l > SIMD_BASELINE && (expected[0] == 0 || strcmp(expected, "Prescott") == 0); l--)
			core_forced(known[l], expected);
		for (int i = 0; i < 2; i++)
		{
			char		chosen[64];

			/*
			 * as if OpenBLAS did not know this processor; a variable set by the user is not
			 * overruled
			 */
			core_forced(unknown[i], chosen);
			setenv("OPENBLAS_CORETYPE", "Prescott", 1);
			blas_use_processor();
			CHECK(strcmp(blas_core(), chosen) == 0);
			CHECK(error_of_product(a, b, product) < 1e-6);
			unsetenv("OPENBLAS_CORETYPE");

			/* a processor without better instructions keeps its loops */
			blas_use_processor();
			CHECK(strcmp(blas_core(), level == SIMD_BASELINE || strcmp(expected, "Prescott") == 0
										  ? chosen
										  : expected) == 0);
			CHECK(getenv("OPENBLAS_CORETYPE") == NULL);
			CHECK(error_of_product(a, b, product) < 1e-6);
		}
		/* a processor that OpenBLAS knows is not changed: the forced one stays */
		if (level > SIMD_BASELINE && strcmp(expected, "Prescott") != 0)
		{
			blas_force_core(expected);
			blas_use_processor();
			CHECK(strcmp(blas_core(), expected) == 0);
		}
	}
	free(a);
	free(b);
	free(product);
	return passed("blas");
}
