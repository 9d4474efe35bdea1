/*
 * nonnegative_test.c
 *	  Least squares without negative numbers against all sets of unknowns that may be positive, and
 *	  against the conditions that hold at the best place.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/nonnegative.h"
#include "kernel/random.h"

#define MOST 200
#define BRUTE 6

typedef struct System
{
	int			k;
	float		a[MOST * MOST];	/* above the diagonal NaN, which nobody is to read */
	double		whole[MOST * MOST];
	float		b[MOST];
	double		largest;		/* of b */
} System;

/* How the k columns of which the system is the Gram matrix are drawn. */
typedef enum Shape
{
	GAUSSIAN,
	POSITIVE,					/* as factors that are not negative: all alike */
	FEW_ROWS,					/* of rank half k: there are many best places */
	SCALES,						/* of sizes from 1e-4 to 1e4 */
	TWICE,						/* each column twice */
	NOTHING,					/* zeros */
	N_SHAPES
} Shape;

static double
draw(Shape shape, uint64_t seed, int row, int column, int k)
{
	int			c = shape == TWICE ? column / 2 : column;
	double		number = random_normal(seed, (uint64_t) (row * MOST + c));

	switch (shape)
	{
		case POSITIVE:
			return 1 + 0.3 * fabs(number);
		case FEW_ROWS:
			return row < (k + 1) / 2 ? number : 0;
		case SCALES:
			return number * pow(10, c % 9 - 4);
		case NOTHING:
			return 0;
		default:
			return number;
	}
}

static System *
new_system(Shape shape, uint64_t seed, int k, double ridge)
{
	System	   *s = zeroed(sizeof(System));
	int			rows = k + 3;

	s->k = k;
	for (int r = 0; r < k; r++)
	{
		for (int c = 0; c < k; c++)
		{
			double		sum = r == c ? ridge : 0;

			for (int i = 0; i < rows; i++)
				sum += draw(shape, seed, i, r, k) * draw(shape, seed, i, c, k);
			s->a[r * k + c] = c <= r ? (float) sum : NAN;
			s->whole[r * k + c] = (float) sum;
		}
		/* of what lies in the columns, but for the ridge: a target for each row */
		for (int i = 0; i < rows; i++)
			s->b[r] += (float) (draw(shape, seed, i, r, k) *
								(0.4 + random_normal(seed + 1, (uint64_t) i)));
		s->largest = fmax(s->largest, fabs(s->b[r]));
	}
	return s;
}

/* x'a x - 2 b'x */
static double
objective(const System *s, const double *x)
{
	double		sum = 0;

	for (int r = 0; r < s->k; r++)
	{
		sum -= 2 * s->b[r] * x[r];
		for (int c = 0; c < s->k; c++)
			sum += s->whole[r * s->k + c] * x[r] * x[c];
	}
	return sum;
}

static double
objective_of_floats(const System *s, const float *x)
{
	double		copy[MOST];

	for (int i = 0; i < s->k; i++)
		copy[i] = x[i] > 0 ? x[i] : 0;
	return objective(s, copy);
}

/* The best of all places where the unknowns of some set are solved for, and the others zero. */
static double
brute_force(const System *s, double *best)
{
	double		least = 0;

	memset(best, 0, sizeof(double) * s->k);
	for (unsigned set = 1; set < 1U << s->k; set++)
	{
		double		a[BRUTE * BRUTE];
		double		b[BRUTE];
		double		x[BRUTE] = {0};
		int			members[BRUTE];
		int			n = 0;
		bool		positive = true;

		for (int i = 0; i < s->k; i++)
			if (set >> i & 1)
				members[n++] = i;
		for (int r = 0; r < n; r++)
		{
			for (int c = 0; c < n; c++)
				a[r * n + c] = s->whole[members[r] * s->k + members[c]];
			b[r] = s->b[members[r]];
		}
		gauss(a, b, n);
		for (int r = 0; r < n; r++)
		{
			positive = positive && b[r] >= 0;
			x[members[r]] = b[r];
		}
		if (positive && objective(s, x) < least)
		{
			least = objective(s, x);
			memcpy(best, x, sizeof(double) * s->k);
		}
	}
	return least;
}

/* Solves from a place, in scratch of just its size and with arbitrary contents. */
static bool
solve(const System *s, float *x)
{
	float	   *a = zeroed(sizeof(float) * s->k * s->k);
	void	   *scratch = zeroed(solve_nonnegative_scratch(s->k));
	bool		finite;

	memcpy(a, s->a, sizeof(float) * s->k * s->k);
	memset(scratch, 0x5a, solve_nonnegative_scratch(s->k));
	finite = solve_nonnegative(a, s->b, s->k, x, scratch);
	free(a);
	free(scratch);
	return finite;
}

/*
 * None is negative; none that is positive would better be another, and none that is zero larger:
 * Karush, Kuhn and Tucker's conditions.
 */
static void
check_conditions(const System *s, const float *x)
{
	for (int r = 0; r < s->k; r++)
	{
		double		gradient = -s->b[r];
		double		size = s->largest;

		for (int c = 0; c < s->k; c++)
		{
			gradient += s->whole[r * s->k + c] * x[c];
			size += fabs(s->whole[r * s->k + c] * x[c]);
		}
		CHECK(x[r] >= 0);
		CHECK(gradient >= -1e-5 * size);
		if (x[r] > 0)
			CHECK(gradient <= 1e-5 * size);
	}
}

static void
start_from(int start, uint64_t seed, int k, float *x)
{
	for (int i = 0; i < k; i++)
		x[i] = start == 0 ? 0
						  : (float) (pow(1000, start - 1) *
									 random_normal(seed + 2, (uint64_t) i));
}

static void
test_against_brute_force(Shape shape, uint64_t seed, int k, double ridge)
{
	System	   *s = new_system(shape, seed, k, ridge);
	double		best[BRUTE];
	double		least = brute_force(s, best);

	for (int start = 0; start < 3; start++)
	{
		float		x[BRUTE];

		start_from(start, seed, k, x);
		CHECK(solve(s, x));
		check_conditions(s, x);
		CHECK_NEAR(objective_of_floats(s, x), least, 1e-5 * (1 + fabs(least)));
		for (int i = 0; i < k && shape == GAUSSIAN; i++)
			CHECK_NEAR(x[i], best[i], 1e-3 * (1 + fabs(best[i])));
	}
	free(s);
}

static void
test_conditions(Shape shape, uint64_t seed, int k, double ridge)
{
	System	   *s = new_system(shape, seed, k, ridge);

	for (int start = 0; start < 3; start++)
	{
		float		x[MOST];
		float		again[MOST];
		double		before;

		start_from(start, seed, k, x);
		before = objective_of_floats(s, x);
		CHECK(solve(s, x));
		check_conditions(s, x);
		CHECK(objective_of_floats(s, x) <= before + 1e-6 * (1 + fabs(before)));
		/* where it ended there is next to nothing to gain */
		memcpy(again, x, sizeof(float) * k);
		CHECK(solve(s, again));
		CHECK_NEAR(objective_of_floats(s, again), objective_of_floats(s, x),
				   1e-5 * (1 + fabs(before)));
	}
	free(s);
}

/* What cannot be: numbers that are none. What must be: zeros, where nothing is asked for. */
static void
test_hostile(void)
{
	System	   *s = new_system(GAUSSIAN, 1, 5, 1);
	float		x[5];
	const float bad[] = {NAN, INFINITY, -INFINITY};

	for (int i = 0; i < 3; i++)
	{
		float		kept = s->b[2];

		start_from(0, 1, 5, x);
		s->b[2] = bad[i];
		CHECK(!solve(s, x));
		s->b[2] = kept;
		start_from(0, 1, 5, x);
		x[1] = bad[i];
		CHECK(solve(s, x) == (i != 1));
		kept = s->a[3 * 5 + 1];
		start_from(0, 1, 5, x);
		s->a[3 * 5 + 1] = bad[i];
		CHECK(!solve(s, x));
		s->a[3 * 5 + 1] = kept;
	}
	for (int i = 0; i < 5; i++)
		s->b[i] = -1;
	start_from(2, 1, 5, x);
	CHECK(solve(s, x));
	for (int i = 0; i < 5; i++)
		CHECK(x[i] == 0);
	memset(s->b, 0, sizeof(float) * 5);
	start_from(2, 1, 5, x);
	CHECK(solve(s, x));
	for (int i = 0; i < 5; i++)
		CHECK_NEAR(x[i], 0, 1e-6);
	free(s);
}

int
main(void)
{
	static const double ridges[] = {10, 1, 0.01};
	static const int sizes[] = {1, 2, 16, 17, 64, 128};

	for (Shape shape = 0; shape < N_SHAPES; shape++)
		for (int ridge = 0; ridge < 3; ridge++)
		{
			for (int k = 1; k <= BRUTE; k++)
				for (uint64_t seed = 10; seed < 300; seed += 10)
					test_against_brute_force(shape, seed, k, ridges[ridge]);
			for (int size = 0; size < 6; size++)
				test_conditions(shape, 7, sizes[size], ridges[ridge]);
		}
	test_hostile();
	return passed("nonnegative");
}
