/*
 * comoment_test.c
 *	  Cosine and Pearson's correlation against two passes in long double, at
 *	  every offset and scale, and after merging in any order.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/comoment.h"

static int	failures;

static void
check(bool ok, const char *what, double got, double expected)
{
	if (ok)
		return;
	failures++;
	fprintf(stderr, "comoment_test: %s: got %.17g, expected %.17g\n", what, got, expected);
}

static void
check_near(const char *what, double got, double expected, double tolerance)
{
	check(fabs(got - expected) <= tolerance, what, got, expected);
}

/* A uniform number from 0 to 1 (xorshift64*). */
static double
uniform(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (double) ((state * 2685821657736338717u) >> 11) * 0x1p-53;
}

static double
coefficient(bool centered, const double *x, const double *y, int n)
{
	Comoment	c;
	double		r;

	comoment_init(&c, centered);
	comoment_add_doubles(&c, x, y, n);
	return comoment_coefficient(&c, &r) ? r : -99;
}

/* Adds each pair to one of several states, which are then merged in random order. */
static double
coefficient_merged(bool centered, const double *x, const double *y, int n, int parts)
{
	Comoment   *c = malloc(parts * sizeof(Comoment));
	double		r;
	bool		defined;

	for (int i = 0; i < parts; i++)
		comoment_init(&c[i], centered);
	/* the last part stays empty */
	for (int i = 0; i < n; i++)
		comoment_add(&c[(int) (uniform() * (parts - 1))], x[i], y[i]);
	while (parts > 1)
	{
		int			from = (int) (uniform() * parts);
		int			to = (from + 1) % parts;

		comoment_merge(&c[to], &c[from]);
		c[from] = c[--parts];
	}
	check(c[0].n == n, "pairs after merging", (double) c[0].n, n);
	defined = comoment_coefficient(&c[0], &r);
	free(c);
	return defined ? r : -99;
}

static double
two_passes(bool centered, const double *x, const double *y, int n)
{
	/* volatile, as the compiler may otherwise replace (x - x0) - mean by x - (x0 + mean) */
	volatile long double x0 = centered ? x[0] : 0,
				y0 = centered ? y[0] : 0,
				dx,
				dy;
	long double mean_x = 0,
				mean_y = 0,
				xx = 0,
				yy = 0,
				xy = 0;

	for (int i = 0; centered && i < n; i++)
	{
		mean_x += (x[i] - x0) / n;
		mean_y += (y[i] - y0) / n;
	}
	for (int i = 0; i < n; i++)
	{
		dx = x[i] - x0;
		dy = y[i] - y0;
		dx -= mean_x;
		dy -= mean_y;
		xx += dx * dx;
		yy += dy * dy;
		xy += dx * dy;
	}
	return xx == 0 || yy == 0 ? -99 : (double) (xy / sqrtl(xx * yy));
}

#define N 20000

static double x[N];
static double y[N];
static double scaled_x[N];
static double scaled_y[N];

static void
test_by_hand(void)
{
	const double u[] = {0.1, 0.4, 0.2, 0.5, 0.3};
	const double v[] = {0.2, 0.5, 0.3, 0.6, 0.4};
	const double w[] = {1, 2, 3, 4};
	const double z[] = {4, 3, 2, 1};
	const double o[] = {1, 0, -1, 0};
	const double p[] = {0, 1, 0, -1};

	/*
	 * 0.02 + 0.20 + 0.06 + 0.30 + 0.12 = 0.70; 0.01 + 0.16 + ... = 0.55; 0.04 + 0.25 + ... = 0.90
	 */
	check_near("cosine by hand", coefficient(false, u, v, 5), 0.70 / sqrt(0.55 * 0.90), 2e-16);
	/* v is u + 0.1 */
	check(coefficient(true, u, v, 5) == 1, "Pearson by hand", coefficient(true, u, v, 5), 1);
	/* (4 + 6 + 6 + 4) / 30 */
	check_near("cosine of opposite order", coefficient(false, w, z, 4), 20.0 / 30, 1e-16);
	check(coefficient(true, w, z, 4) == -1, "Pearson of opposite order", coefficient(true, w, z, 4),
		  -1);
	check(coefficient(false, o, p, 4) == 0, "cosine of orthogonal vectors",
		  coefficient(false, o, p, 4), 0);
	check(coefficient(true, o, p, 4) == 0, "Pearson of orthogonal vectors",
		  coefficient(true, o, p, 4), 0);
	check(coefficient(false, u, u, 5) == 1, "cosine with itself", coefficient(false, u, u, 5), 1);
}

static void
test_undefined(void)
{
	const double zeros[] = {0, 0.0, -0.0};
	const double tenths[] = {0.1, 0.1, 0.1};
	const double some[] = {1, 2, NAN};
	const double infinite[] = {1, INFINITY, 2};
	const double fine[] = {3, 1, 2};
	Comoment	c;

	check(coefficient(false, fine, fine, 0) == -99, "cosine of no pair", 0, -99);
	check(coefficient(true, fine, fine, 0) == -99, "Pearson of no pair", 0, -99);
	check(coefficient(true, fine, some, 1) == -99, "Pearson of one pair", 0, -99);
	check(coefficient(false, zeros, fine, 3) == -99, "cosine of zeros", 0, -99);
	check(coefficient(true, zeros, fine, 3) == -99, "Pearson of zeros", 0, -99);
	check(coefficient(true, fine, tenths, 3) == -99, "Pearson of a constant", 0, -99);
	check(coefficient(false, some, zeros, 3) == -99, "cosine of NaN and zeros", 0, -99);
	check(coefficient(true, tenths, some, 3) == -99, "Pearson of a constant and NaN", 0, -99);
	for (int centered = 0; centered <= 1; centered++)
	{
		check(isnan(coefficient(centered, some, fine, 3)), "NaN", 0, NAN);
		check(isnan(coefficient(centered, fine, some, 3)), "NaN", 0, NAN);
		check(isnan(coefficient(centered, fine, infinite, 3)), "infinity", 0, NAN);
		check(isnan(coefficient_merged(centered, some, fine, 3, 3)), "NaN, merged", 0, NAN);
		check(isnan(coefficient_merged(centered, fine, infinite, 3, 3)), "infinity, merged", 0,
			  NAN);
	}

	/* a million times 0.1, in one state and in two */
	for (int merged = 0; merged <= 1; merged++)
	{
		Comoment	other;
		double		r;

		comoment_init(&c, true);
		comoment_init(&other, true);
		for (int i = 0; i < 1000000; i++)
			comoment_add(merged && i % 3 ? &other : &c, 0.1, i);
		comoment_merge(&c, &other);
		check(!comoment_coefficient(&c, &r), "Pearson of a long constant", r, -99);
	}
}

/* Offsets that leave only noise in the last digits, with outliers in the worst places. */
static void
test_offsets(void)
{
	static const double offsets[] = {0, 1, -1e3, 1e6, 1e9, -1e12, 1e15};
	static const double noises[] = {1, 1e-3, 1e3};

	for (int i = 0; i < 7; i++)
		for (int j = 0; j < 3; j++)
			for (int outlier = -1; outlier <= 1; outlier++)
			{
				double		expected;

				for (int k = 0; k < N; k++)
				{
					double		common = uniform() - 0.5;

					x[k] = offsets[i] + noises[j] * (common + uniform());
					y[k] = -offsets[i] / 7 + noises[j] * (common - uniform());
				}
				if (outlier == 0)
					x[0] = y[0] = 0;
				if (outlier == 1)
					x[N - 1] = y[N - 1] = 0;
				for (int centered = 0; centered <= 1; centered++)
				{
					expected = two_passes(centered, x, y, N);
					check_near("offset", coefficient(centered, x, y, N), expected, 1e-13);
					check_near("offset, merged", coefficient_merged(centered, x, y, N, 10),
							   expected, 1e-13);
				}
			}
}

/*
 * Powers of two change nothing, up to the ends of the range, even if the scale changes between
 * pairs.
 */
static void
test_range(void)
{
	const double huge[] = {1e308, 1e308};
	const double opposite[] = {-DBL_MAX, DBL_MAX, DBL_MAX / 2};
	const double smallest[] = {5e-324, 0, 1e-323};
	const double both_ends[] = {1e-320, 1};
	const double unit[] = {1, 0};

	for (int k = 0; k < N; k++)
	{
		double		common = uniform() - 0.5;

		x[k] = common + uniform() * uniform();
		y[k] = common - uniform() + 3;
		/* no more digits than fit in multiples of 2^-1074 */
		x[k] = ldexp(floor(ldexp(x[k], 30)), -30);
		y[k] = ldexp(floor(ldexp(y[k], 30)), -30);
	}
	for (int centered = 0; centered <= 1; centered++)
	{
		double		expected = coefficient(centered, x, y, N);

		for (int a = -1044; a <= 1020; a += 43)
			for (int b = -1044; b <= 1020; b += 172)
			{
				for (int k = 0; k < N / 40; k++)
				{
					scaled_x[k] = ldexp(x[k], a);
					scaled_y[k] = ldexp(y[k], b);
				}
				expected = coefficient(centered, x, y, N / 40);
				check_near("scaled", coefficient(centered, scaled_x, scaled_y, N / 40), expected,
						   2e-16);
				check_near("scaled, merged",
						   coefficient_merged(centered, scaled_x, scaled_y, N / 40, 5), expected,
						   2e-16);
			}

		/* the first half is lost to rounding beside the second, which is larger by 2^1000 */
		for (int k = 0; k < N; k++)
		{
			scaled_x[k] = ldexp(x[k], k < N / 2 ? -500 : 500);
			scaled_y[k] = ldexp(y[k], k < N / 2 ? 500 : -500);
		}
		expected = coefficient(centered, scaled_x, scaled_y, N);
		check_near("two scales", coefficient_merged(centered, scaled_x, scaled_y, N, 7), expected,
				   4e-16);
	}

	check(coefficient(false, huge, huge, 2) == 1, "cosine of huge",
		  coefficient(false, huge, huge, 2), 1);
	check(coefficient(true, huge, huge, 2) == -99, "Pearson of equal huge",
		  coefficient(true, huge, huge, 2), -99);
	check(coefficient(true, opposite, opposite, 3) == 1, "Pearson of opposite huge",
		  coefficient(true, opposite, opposite, 3), 1);
	/* in units of half the largest and of the smallest number: (-2, 2, 1) . (1, 0, 2) = 0 */
	check(coefficient(false, opposite, smallest, 3) == 0, "cosine of both ends",
		  coefficient(false, opposite, smallest, 3), 0);
	check(coefficient(false, smallest, smallest, 3) == 1, "cosine of smallest",
		  coefficient(false, smallest, smallest, 3), 1);
	check(coefficient(true, smallest, smallest, 3) == 1, "Pearson of smallest",
		  coefficient(true, smallest, smallest, 3), 1);
	check(coefficient(false, both_ends, unit, 2) == 1e-320, "tiny cosine",
		  coefficient(false, both_ends, unit, 2), 1e-320);
	check(coefficient(false, smallest, huge, 1) == 1, "cosine of one pair",
		  coefficient(false, smallest, huge, 1), 1);
}

/* Any numbers: the coefficient is never outside of [-1, 1]. */
static void
test_bounds(void)
{
	for (int round = 0; round < 20000; round++)
	{
		int			n = 2 + (int) (uniform() * 6);
		double		slope = uniform() - 0.5;

		for (int k = 0; k < n; k++)
		{
			x[k] = ldexp(uniform() - 0.5, (int) (uniform() * (round % 50)));
			y[k] = slope * x[k];
		}
		for (int centered = 0; centered <= 1; centered++)
		{
			double		r = coefficient(centered, x, y, n);

			check(r >= -1 && r <= 1, "bounds", r, 1);
			check_near("collinear", fabs(r), 1, 1e-13);
		}
	}
}

/* Both routes for arrays and the route for single pairs give the same result. */
static void
test_routes(void)
{
	static float float_x[N];
	static float float_y[N];

	for (int k = 0; k < N; k++)
	{
		x[k] = float_x[k] = (float) (uniform() - 0.3);
		y[k] = float_y[k] = (float) (uniform() * float_x[k]);
	}
	for (int centered = 0; centered <= 1; centered++)
	{
		Comoment	floats;
		Comoment	pairs;
		double		r[2];

		comoment_init(&floats, centered);
		comoment_init(&pairs, centered);
		comoment_add_floats(&floats, float_x, float_y, N / 2);
		comoment_add_floats(&floats, float_x + N / 2, float_y + N / 2, N / 2);
		for (int k = 0; k < N; k++)
			comoment_add(&pairs, x[k], y[k]);
		comoment_coefficient(&floats, &r[0]);
		comoment_coefficient(&pairs, &r[1]);
		check(r[0] == r[1], "floats and pairs", r[0], r[1]);
		check(r[0] == coefficient(centered, x, y, N), "floats and doubles", r[0], r[1]);
	}
}

int
main(void)
{
	test_by_hand();
	test_undefined();
	test_offsets();
	test_range();
	test_bounds();
	test_routes();
	return failures > 0;
}
