/*
 * blas_test.c
 *	  A processor that OpenBLAS doesn't know is used for what it can do.
 */
#include <cblas.h>

#include "kernel/blas.h"
#include "kernel/simd.h"
#include "unit.h"

extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));

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

int
main(void)
{
	static const char *const mistaken[] = {"Prescott", "Nehalem", "Sandybridge", "Barcelona"};
	static const char *const expected[] = {NULL, "Haswell", "SkylakeX"};
	float	   *a = zeroed(sizeof(float) * N * N);
	float	   *b = zeroed(sizeof(float) * N * N);
	float	   *product = zeroed(sizeof(float) * N * N);
	int			level = simd_level();

	for (int i = 0; i < N * N; i++)
	{
		a[i] = (float) (i * 7919 % 1009) / 1009 - 0.5f;
		b[i] = (float) (i * 104729 % 997) / 997 - 0.5f;
	}
	unsetenv("OPENBLAS_CORETYPE");
	blas_use_processor();
	CHECK(strlen(blas_core()) > 0);
	CHECK(error_of_product(a, b, product) < 1e-6);
	/* nothing more where it was built for one processor */
	for (int i = 0; gotoblas_dynamic_init != NULL && gotoblas_dynamic_quit != NULL && i < 4; i++)
	{
		char		chosen[64];

		/* as if it had not known this processor; whoever has set the variable is not overruled */
		setenv("OPENBLAS_CORETYPE", mistaken[i], 1);
		gotoblas_dynamic_quit();
		gotoblas_dynamic_init();
		snprintf(chosen, sizeof(chosen), "%s", blas_core());
		blas_use_processor();
		CHECK(strcmp(blas_core(), chosen) == 0);
		CHECK(error_of_product(a, b, product) < 1e-6);
		unsetenv("OPENBLAS_CORETYPE");

		/* that of a processor with less than AVX2 stays; a build without AVX-512 has AVX2 */
		blas_use_processor();
		CHECK(strcmp(blas_core(), level == SIMD_BASELINE ? chosen : expected[level]) == 0 ||
			  (level == SIMD_AVX512 && strcmp(blas_core(), expected[SIMD_AVX2]) == 0));
		CHECK(getenv("OPENBLAS_CORETYPE") == NULL);
		CHECK(error_of_product(a, b, product) < 1e-6);
	}
	free(a);
	free(b);
	free(product);
	return passed("blas");
}
