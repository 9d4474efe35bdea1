/*
 * eigen_test.c
 *	  Eigenvalues and eigenvectors of symmetric matrices, against known ones and LAPACK's.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/eigen.h"
#include "kernel/random.h"

extern void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
				   double *w, double *work, const int *lwork, int *info);

/*
 * Checks that a v = value v, that vectors are orthonormal, and that values descend and equal
 * LAPACK's.
 */
static void
check(const double *a, int n)
{
	double	   *copy = zeroed(sizeof(double) * n * n);
	double	   *values = zeroed(sizeof(double) * n);
	double	   *scratch = zeroed(sizeof(double) * symmetric_eigen_scratch(n));
	double	   *reference = zeroed(sizeof(double) * n * n);
	double	   *expected = zeroed(sizeof(double) * n);
	int			lwork = 64 * n;
	double	   *work = zeroed(sizeof(double) * lwork);
	int			info;
	double		size = 0;

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
		{
			/* the part above the diagonal is not read */
			copy[i * n + j] = j <= i ? a[i * n + j] : NAN;
			reference[i * n + j] = a[i * n + j];
			size = fmax(size, fabs(a[i * n + j]));
		}
	}
	CHECK(symmetric_eigen(copy, n, values, true, scratch));
	dsyev_("N", "U", &n, reference, &n, expected, work, &lwork, &info);
	CHECK(info == 0);
	for (int i = 0; i < n; i++)
	{
		const double *v = copy + i * n;

		CHECK(i == 0 || values[i] <= values[i - 1]);
		CHECK_NEAR(values[i], expected[n - 1 - i], 1e-12 * n * size);
		for (int r = 0; r < n; r++)
		{
			double		product = 0;
			double		inner = 0;

			for (int c = 0; c < n; c++)
			{
				product += a[r * n + c] * v[c];
				inner += copy[r * n + c] * v[c];
			}
			CHECK_NEAR(product, values[i] * v[r], 1e-12 * n * size);
			CHECK_NEAR(inner, r == i, 1e-12 * n);
		}
	}

	/* the same values without the vectors */
	for (int i = 0; i < n * n; i++)
		reference[i] = a[i];
	CHECK(symmetric_eigen(reference, n, expected, false, scratch));
	for (int i = 0; i < n; i++)
		CHECK(expected[i] == values[i]);
	free(copy);
	free(values);
	free(scratch);
	free(reference);
	free(expected);
	free(work);
}

int
main(void)
{
	static double a[150 * 150];
	double		one = -3;
	double		bad[4] = {1, 0, NAN, 1};
	double		values[2];
	double		scratch[16];
	const int	sizes[] = {2, 3, 7, 32, 150};

	/* (2 1; 1 2) has the eigenvalues 3 and 1 */
	a[0] = a[3] = 2;
	a[1] = a[2] = 1;
	check(a, 2);
	symmetric_eigen(a, 2, values, true, scratch);
	CHECK_NEAR(values[0], 3, 1e-15);
	CHECK_NEAR(values[1], 1, 1e-15);
	check(&one, 1);
	CHECK(!symmetric_eigen(bad, 2, values, true, scratch));

	for (int s = 0; s < 5; s++)
	{
		int			n = sizes[s];

		for (int kind = 0; kind < 5; kind++)
		{
			for (int i = 0; i < n; i++)
			{
				for (int j = 0; j <= i; j++)
				{
					double		value = random_normal(kind, i * n + j);

					if (kind == 1)
						value = 0;	/* all zero */
					else if (kind == 2)
						value = i == j;	/* all eigenvalues equal */
					else if (kind == 3)
						value = (i + 1.0) * (j + 1.0);	/* rank one */
					else if (kind == 4)
						/* eigenvalues of very different sizes */
						value *= pow(10, -(i + j) / (double) n * 8);
					a[i * n + j] = a[j * n + i] = value;
				}
			}
			check(a, n);
		}
	}
	return passed("eigen");
}
