/*
 * unit.h
 *	  Common parts of the unit tests: CHECK counts the conditions that hold, and ends the program at
 *	  the first one that does not.
 */
#ifndef REC_UNIT_H
#define REC_UNIT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long checks_passed = 0;

#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
			exit(1); \
		} \
		checks_passed++; \
	} while (0)

/* Checks that two numbers differ by at most a tolerance. */
#define CHECK_NEAR(got, expected, tolerance) \
	do { \
		double		got_ = (got); \
		double		expected_ = (expected); \
		double		tolerance_ = (tolerance); \
		if (!(fabs(got_ - expected_) <= tolerance_)) \
		{ \
			printf("%s:%d: failed: %s = %.9g, expected %.9g within %.3g\n", \
				   __FILE__, __LINE__, #got, got_, expected_, tolerance_); \
			exit(1); \
		} \
		checks_passed++; \
	} while (0)

/* The last line of main. */
static inline int
passed(const char *name)
{
	printf("%s: %ld checks passed\n", name, checks_passed);
	return 0;
}

/*
 * Zeroed memory, aligned to a cache line and of exactly this size, so that a sanitizer detects
 * accesses beyond the end.
 */
static inline void *
zeroed(size_t bytes)
{
	void	   *memory = NULL;

	if (posix_memalign(&memory, 64, bytes > 0 ? bytes : 1) != 0)
		abort();
	memset(memory, 0, bytes);
	return memory;
}

/* Solves a x = b with n unknowns by Gaussian elimination with pivoting, in double. */
static inline void
gauss(double *a, double *b, int n)
{
	for (int c = 0; c < n; c++)
	{
		int			pivot = c;

		for (int r = c; r < n; r++)
			if (fabs(a[r * n + c]) > fabs(a[pivot * n + c]))
				pivot = r;
		for (int j = 0; j < n; j++)
		{
			double		swap = a[c * n + j];

			a[c * n + j] = a[pivot * n + j];
			a[pivot * n + j] = swap;
		}
		{
			double		swap = b[c];

			b[c] = b[pivot];
			b[pivot] = swap;
		}
		for (int r = c + 1; r < n; r++)
		{
			double		factor = a[r * n + c] / a[c * n + c];

			for (int j = c; j < n; j++)
				a[r * n + j] -= factor * a[c * n + j];
			b[r] -= factor * b[c];
		}
	}
	for (int r = n - 1; r >= 0; r--)
	{
		for (int j = r + 1; j < n; j++)
			b[r] -= a[r * n + j] * b[j];
		b[r] /= a[r * n + r];
	}
}

#endif							/* REC_UNIT_H */
