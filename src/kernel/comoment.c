/*
 * comoment.c
 *	  Cosine and Pearson's correlation of pairs of numbers, in one pass.
 *
 * Three things go wrong with the textbook sums of x, x^2 and x*y, and each has its remedy here.
 *
 * Cancellation. The variance is a small difference of large sums where values are far from zero.
 * Pearson's sums are therefore taken of x - x0, x0 being the first value seen. As x0 is one of
 * the values, (x0 - mean)^2 is at most the sum of squares about the mean, so the shifted sum of
 * squares is at most n + 1 times that sum: whatever the data and their order, half of the digits
 * of a double-double are left for 10^15 pairs (Chan, Golub and LeVeque 1983 recommend the shift
 * and give the error bounds). A variable that never changes has shifted values of zero, and so a
 * variance of exactly zero, which the updating formulas of Youngs and Cramer 1971 don't
 * guarantee: the mean of equal values need not round to their value.
 *
 * Rounding. The sums are kept to twice the working precision: sums of products with the error of
 * each product and each addition carried along (algorithm Dot2 of Ogita, Rump and Oishi 2005,
 * from Knuth's two_sum and Dekker's two_product). Hence the order of the pairs, and how they were
 * split among workers, shows in the last place at most.
 *
 * Range. Squares leave the range of a double where values are beyond 10^154 or below 10^-154. As
 * in Blue 1978 and LAPACK's dlassq, values are scaled into three classes: tiny, ordinary, huge.
 * Here each variable is in one class at a time, that of the largest value so far, for values of
 * lower classes can't be seen beside it. Scales are powers of two, so scaling rounds nothing.
 *
 * NaN needs no code of its own: it passes through the sums of its variable, and leaves those of
 * the other alone.
 */
#include "kernel/comoment.h"

#include <math.h>

/*
 * The rounding errors that are computed below would be zero in exact arithmetic. The other kernels
 * are compiled with leave to reorder sums; this file must not be.
 */
#if defined(__clang__)
#pragma clang fp reassociate(off) contract(off)
#elif defined(__GNUC__)
#pragma GCC optimize ("no-associative-math", "fp-contract=off")
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect((condition) != 0, 0)

/*
 * Scales are 2^600 at first, 1, or 2^-600. A variable moves to the next as a scaled value reaches
 * 2^440, so the largest scaled value is between 2^-474 (the smallest double at the first scale)
 * and 2^440. Its square and the rounding error of its square are normal numbers, and the sum of
 * 2^63 such squares is finite.
 */
#define SCALE_TINY 0x1p600
#define SCALE_STEP 0x1p-600
#define SCALED_LIMIT 0x1p440

/* a + b, exactly. */
ALWAYS_INLINE DoubleDouble
two_sum(double a, double b)
{
	DoubleDouble r;
	double		b_part;

	r.high = a + b;
	b_part = r.high - a;
	r.low = (a - (r.high - b_part)) + (b - b_part);
	return r;
}

#ifdef FP_FAST_FMA

typedef double Factor;

ALWAYS_INLINE Factor
factor(double a)
{
	return a;
}

/* a * b, exactly. */
ALWAYS_INLINE DoubleDouble
two_product(Factor a, Factor b)
{
	DoubleDouble r;

	r.high = a * b;
	r.low = fma(a, b, -r.high);
	return r;
}

#else

/* A double, and its two halves, each short enough that products of halves are exact. */
typedef struct Factor
{
	double		whole;
	double		upper;
	double		lower;
} Factor;

ALWAYS_INLINE Factor
factor(double a)
{
	Factor		r;
	double		t = a * 134217729.0;	/* 2^27 + 1 */

	r.whole = a;
	r.upper = t - (t - a);
	r.lower = a - r.upper;
	return r;
}

/* a * b, exactly. */
ALWAYS_INLINE DoubleDouble
two_product(Factor a, Factor b)
{
	DoubleDouble r;

	r.high = a.whole * b.whole;
	r.low =
		((a.upper * b.upper - r.high) + a.upper * b.lower + a.lower * b.upper) + a.lower * b.lower;
	return r;
}

#endif

/* Adds to a running sum. Its low part is added to its high part only at the end. */
ALWAYS_INLINE void
accumulate(DoubleDouble *sum, DoubleDouble value)
{
	DoubleDouble s = two_sum(sum->high, value.high);

	sum->high = s.high;
	sum->low += s.low + value.low;
}

/* The value of a running sum. */
static DoubleDouble
total(DoubleDouble sum)
{
	return two_sum(sum.high, sum.low);
}

/* ---- arithmetic of double-doubles, with an error of a few units of 2^-105 */

static DoubleDouble
dd(double a)
{
	DoubleDouble r = {a, 0};

	return r;
}

static DoubleDouble
dd_add(DoubleDouble a, DoubleDouble b)
{
	DoubleDouble high = two_sum(a.high, b.high);
	DoubleDouble low = two_sum(a.low, b.low);

	high = two_sum(high.high, high.low + low.high);
	return two_sum(high.high, high.low + low.low);
}

static DoubleDouble
dd_subtract(DoubleDouble a, DoubleDouble b)
{
	b.high = -b.high;
	b.low = -b.low;
	return dd_add(a, b);
}

static DoubleDouble
dd_multiply(DoubleDouble a, DoubleDouble b)
{
	DoubleDouble r = two_product(factor(a.high), factor(b.high));

	return two_sum(r.high, r.low + (a.high * b.low + a.low * b.high));
}

static DoubleDouble
dd_divide(DoubleDouble a, DoubleDouble b)
{
	double		quotient = a.high / b.high;
	DoubleDouble rest = dd_subtract(a, dd_multiply(dd(quotient), b));

	return two_sum(quotient, rest.high / b.high);
}

static DoubleDouble
dd_square_root(DoubleDouble a)
{
	double		root = sqrt(a.high);
	DoubleDouble rest = dd_subtract(a, dd_multiply(dd(root), dd(root)));

	return two_sum(root, rest.high / (2 * root));
}

static DoubleDouble
dd_scale(DoubleDouble a, int exponent)
{
	a.high = ldexp(a.high, exponent);
	a.low = ldexp(a.low, exponent);
	return a;
}

/* ---- scales */

static void
step_sum(DoubleDouble *sum)
{
	sum->high *= SCALE_STEP;
	sum->low *= SCALE_STEP;
}

/* Moves a variable to the next scale, for larger values. */
static void
raise_scale(ComomentVariable *v, DoubleDouble *products)
{
	v->scale *= SCALE_STEP;
	v->origin *= SCALE_STEP;
	step_sum(&v->sum);
	step_sum(&v->squares);
	step_sum(&v->squares);
	step_sum(products);
}

/*
 * The scaled value, after raising the scale to fit the value; NaN for a value that is not finite.
 */
static double
fit_scale(ComomentVariable *v, DoubleDouble *products, double value)
{
	if (!isfinite(value))
		return NAN;
	while (fabs(value * v->scale) >= SCALED_LIMIT)
		raise_scale(v, products);
	return value * v->scale;
}

/* ---- adding pairs */

void
comoment_init(Comoment *c, bool centered)
{
	static const Comoment empty = {
		.x = {.scale = SCALE_TINY},
		.y = {.scale = SCALE_TINY}
	};

	*c = empty;
	c->centered = centered;
}

ALWAYS_INLINE void
add_pair(Comoment *c, double x, double y, bool centered)
{
	double		scaled_x = x * c->x.scale;
	double		scaled_y = y * c->y.scale;
	Factor		factor_x;
	Factor		factor_y;

	/* The negation makes NaN a case for fit_scale, too. */
	if (UNLIKELY(!(fabs(scaled_x) < SCALED_LIMIT && fabs(scaled_y) < SCALED_LIMIT)))
	{
		scaled_x = fit_scale(&c->x, &c->products, x);
		scaled_y = fit_scale(&c->y, &c->products, y);
	}

	if (centered)
	{
		if (UNLIKELY(c->n == 0))
		{
			c->x.origin = scaled_x;
			c->y.origin = scaled_y;
		}

		/*
		 * The rounding of these differences is relative to the deviation from the first value,
		 * which the bound above holds to sqrt(n + 1) times the standard deviation: it needs no
		 * correction.
		 */
		scaled_x -= c->x.origin;
		scaled_y -= c->y.origin;
		accumulate(&c->x.sum, dd(scaled_x));
		accumulate(&c->y.sum, dd(scaled_y));
	}

	factor_x = factor(scaled_x);
	factor_y = factor(scaled_y);
	accumulate(&c->x.squares, two_product(factor_x, factor_x));
	accumulate(&c->y.squares, two_product(factor_y, factor_y));
	accumulate(&c->products, two_product(factor_x, factor_y));
	c->n++;
}

void
comoment_add(Comoment *c, double x, double y)
{
	if (c->centered)
		add_pair(c, x, y, true);
	else
		add_pair(c, x, y, false);
}

/* A local copy of the state can be held in registers; the caller's state cannot. */
#define ADD_PAIRS(c, x, y, n) \
	do { \
		Comoment	state = *(c); \
		\
		if (state.centered) \
			for (int64_t i = 0; i < (n); i++) \
				add_pair(&state, (x)[i], (y)[i], true); \
		else \
			for (int64_t i = 0; i < (n); i++) \
				add_pair(&state, (x)[i], (y)[i], false); \
		*(c) = state; \
	} while (0)

void
comoment_add_doubles(Comoment *c, const double *x, const double *y, int64_t n)
{
	ADD_PAIRS(c, x, y, n);
}

void
comoment_add_floats(Comoment *c, const float *x, const float *y, int64_t n)
{
	ADD_PAIRS(c, x, y, n);
}

/* ---- merging */

/*
 * Merging moves the sums of from to the origin of to and adds them. With d the distance of the
 * origins, the sum of (v + d)^2 is that of v^2 plus d times the sums of v before and after the
 * move; likewise for the products. The terms are no larger than the squares about an origin that
 * is one of the merged values, so the bound at the top holds for the result. Chan, Golub and
 * LeVeque merge sums about the means by the same identity.
 */
void
comoment_merge(Comoment *to, const Comoment *from)
{
	Comoment	other = *from;

	if (other.n == 0)
		return;
	if (to->n == 0)
	{
		*to = other;
		return;
	}

	while (to->x.scale > other.x.scale)
		raise_scale(&to->x, &to->products);
	while (other.x.scale > to->x.scale)
		raise_scale(&other.x, &other.products);
	while (to->y.scale > other.y.scale)
		raise_scale(&to->y, &to->products);
	while (other.y.scale > to->y.scale)
		raise_scale(&other.y, &other.products);

	if (to->centered)
	{
		DoubleDouble distance_x = two_sum(other.x.origin, -to->x.origin);
		DoubleDouble distance_y = two_sum(other.y.origin, -to->y.origin);
		DoubleDouble n = dd((double) other.n);
		DoubleDouble old_x = total(other.x.sum);
		DoubleDouble old_y = total(other.y.sum);
		DoubleDouble new_x = dd_add(old_x, dd_multiply(n, distance_x));
		DoubleDouble new_y = dd_add(old_y, dd_multiply(n, distance_y));

		other.x.squares = dd_add(other.x.squares, dd_multiply(distance_x, dd_add(old_x, new_x)));
		other.y.squares = dd_add(other.y.squares, dd_multiply(distance_y, dd_add(old_y, new_y)));
		other.products = dd_add(
			other.products, dd_add(dd_multiply(distance_x, old_y), dd_multiply(distance_y, new_x)));
		to->x.sum = dd_add(to->x.sum, new_x);
		to->y.sum = dd_add(to->y.sum, new_y);
	}

	to->x.squares = dd_add(to->x.squares, other.x.squares);
	to->y.squares = dd_add(to->y.squares, other.y.squares);
	to->products = dd_add(to->products, other.products);
	to->n += other.n;
}

/* ---- the result */

/* Divides a by the largest power of four in it, and returns the exponent of the power's root. */
static int
take_power_of_four(DoubleDouble *a)
{
	int			exponent;

	frexp(a->high, &exponent);
	exponent = (exponent - (exponent & 1)) / 2;
	*a = dd_scale(*a, -2 * exponent);
	return exponent;
}

bool
comoment_coefficient(const Comoment *c, double *coefficient)
{
	DoubleDouble x = total(c->x.squares);
	DoubleDouble y = total(c->y.squares);
	DoubleDouble products = total(c->products);
	double		r;

	/*
	 * Zero before the means are taken out is exactly zero: no square underflows at these scales
	 * unless there is a larger one.
	 */
	if (c->n == 0 || x.high == 0 || y.high == 0)
		return false;

	if (c->centered)
	{
		DoubleDouble n = dd((double) c->n);
		DoubleDouble sum_x = total(c->x.sum);
		DoubleDouble sum_y = total(c->y.sum);
		DoubleDouble mean_x = dd_divide(sum_x, n);

		x = dd_subtract(x, dd_multiply(mean_x, sum_x));
		y = dd_subtract(y, dd_multiply(dd_divide(sum_y, n), sum_y));
		products = dd_subtract(products, dd_multiply(mean_x, sum_y));
	}

	if (isnan(x.high) || isnan(y.high))
	{
		*coefficient = NAN;
		return true;
	}

	products = dd_scale(products, -take_power_of_four(&x) - take_power_of_four(&y));
	r = dd_divide(products, dd_square_root(dd_multiply(x, y))).high;
	*coefficient = r > 1 ? 1 : r < -1 ? -1 : r;
	return true;
}
