/*
 * eigen_fuzz.c
 *	  Eigenvalues and eigenvectors of any symmetric matrix: A v = lambda v, and orthonormal vectors.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/eigen.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_ANY);
	int			n = 1 + (int) take_below(&in, 24);
	bool		with_vectors = take_bool(&in);
	double	   *a = fresh(sizeof(double) * n * n);
	double	   *original = fresh(sizeof(double) * n * n);
	double	   *values = dirty(sizeof(double) * n);
	double		largest = 0;
	bool		finite = true;
	bool		sparse = take_bool(&in);

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
			a[i * n + j] = NAN;
		for (int j = 0; j <= i; j++)
		{
			a[i * n + j] = sparse && take_below(&in, 4) != 0 ? 0 : take_double(&in, range);
			original[i * n + j] = original[j * n + i] = a[i * n + j];
			finite = finite && isfinite(a[i * n + j]);
			largest = fmax(largest, fabs(a[i * n + j]));
		}
	}
	if (!symmetric_eigen(a, n, values, with_vectors,
						 dirty(sizeof(double) * symmetric_eigen_scratch(n))))
	{
		CHECK(!finite || range > RANGE_MODERATE);
		end_case();
		return 0;
	}
	CHECK(finite);
	for (int i = 0; i < n; i++)
	{
		CHECK(!isnan(values[i]));
		CHECK(i == 0 || values[i] <= values[i - 1]);
		for (int j = 0; j < n && with_vectors && range <= RANGE_MODERATE; j++)
		{
			double		product = 0;
			double		image = 0;

			for (int c = 0; c < n; c++)
			{
				product += a[i * n + c] * a[j * n + c];
				image += original[j * n + c] * a[i * n + c];
			}
			CHECK_NEAR(product, i == j, 1e-12 * n);
			CHECK_NEAR(image, values[i] * a[i * n + j], 1e-13 * n * n * largest + 1e-300);
		}
	}
	end_case();
	return 0;
}
