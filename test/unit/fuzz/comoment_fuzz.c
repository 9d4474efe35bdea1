/*
 * comoment_fuzz.c
 *	  Coefficients of any pairs, added in any way, against two passes with four times the range and
 *	  precision of double.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/comoment.h"

#define MOST_PARTS 5

/* Whether the variable makes the coefficient undefined. */
static bool
is_constant(const double *values, int64_t n, bool centered)
{
	for (int64_t i = 0; i < n; i++)
	{
		if (!isfinite(values[i]) || values[i] != (centered ? values[0] : 0))
			return false;
	}
	return true;
}

static double
reference(const double *x, const double *y, int64_t n, bool centered)
{
	__float128	mean_x = 0;
	__float128	mean_y = 0;
	__float128	xx = 0;
	__float128	yy = 0;
	__float128	xy = 0;

	for (int64_t i = 0; i < n && centered; i++)
	{
		mean_x += (__float128) x[i] / n;
		mean_y += (__float128) y[i] / n;
	}
	for (int64_t i = 0; i < n; i++)
	{
		xx += (x[i] - mean_x) * (x[i] - mean_x);
		yy += (y[i] - mean_y) * (y[i] - mean_y);
		xy += (x[i] - mean_x) * (y[i] - mean_y);
	}
	/* one root after the other, as long double, whose range is the same */
	return (double) ((long double) xy / sqrtl((long double) xx) / sqrtl((long double) yy));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_ANY);
	bool		centered = take_bool(&in);
	bool		floats = take_bool(&in);
	int64_t		n = take_below(&in, 60);
	double	   *x = fresh(sizeof(double) * n);
	double	   *y = fresh(sizeof(double) * n);
	float	   *fx = fresh(sizeof(float) * n);
	float	   *fy = fresh(sizeof(float) * n);
	double		shift = take_double(&in, range == RANGE_ANY ? RANGE_FINITE : range);
	bool		shifted = take_bool(&in);
	bool		finite = true;
	Comoment	parts[MOST_PARTS];
	Comoment	all;
	double		coefficient = 7;
	bool		defined;

	for (int64_t i = 0; i < n; i++)
	{
		fx[i] = take_float(&in, range);
		fy[i] = take_float(&in, range);
		x[i] = floats ? fx[i] : take_double(&in, range);
		y[i] = floats ? fy[i] : take_double(&in, range);
		if (shifted && !floats && isfinite(x[i] + shift))
			x[i] += shift;
		finite = finite && isfinite(x[i]) && isfinite(y[i]);
	}
	comoment_init(&all, centered);
	for (int p = 0; p < MOST_PARTS; p++)
		comoment_init(&parts[p], centered);
	for (int64_t i = 0; i < n;)
	{
		int64_t		some = 1 + take_below(&in, n - i);
		Comoment   *part = &parts[take_below(&in, MOST_PARTS)];

		if (floats)
			comoment_add_floats(part, fx + i, fy + i, some);
		else if (some == 1)
			comoment_add(part, x[i], y[i]);
		else
			comoment_add_doubles(part, x + i, y + i, some);
		i += some;
	}
	for (int p = 0; p < MOST_PARTS; p++)
		comoment_merge(&all, &parts[p]);

	defined = comoment_coefficient(&all, &coefficient);
	CHECK(defined == !(is_constant(x, n, centered) || is_constant(y, n, centered)));
	if (defined && finite)
	{
		CHECK(coefficient >= -1 && coefficient <= 1);
		CHECK_NEAR(coefficient, reference(x, y, n, centered), 1e-13);
	}
	else if (defined)
		CHECK(isnan(coefficient));
	end_case();
	return 0;
}
