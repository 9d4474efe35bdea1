/*
 * significance.c
 *	  The uncertainty of figures, and of differences between them.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "kernel/random.h"
#include "miscadmin.h"
#include "run/significance.h"
#include "utils/float.h"

/*
 * Draws of the bootstrap and flips of the randomization test. They are fewer where there are many
 * users, as there is less uncertainty then.
 */
#define MAX_DRAWS 1000
#define MIN_DRAWS 200
#define MAX_FLIPS 10000
#define MIN_FLIPS 1000
#define USERS_DRAWN 4000000.0
#define USERS_FLIPPED 20000000.0

/* The users that count for a figure; returns how many. */
static int64
counting_users(const Evaluation *e, Figure figure, int32 *users)
{
	int64		n = 0;

	for (int64 u = 0; u < e->n_users; u++)
	{
		if (e->weight[figure][u] > 0)
			users[n++] = (int32) u;
	}
	return n;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/*
 * The percentile method of Efron & Tibshirani 1993, "An introduction to the bootstrap", section
 * 13.3.
 */
void
evaluation_interval(const Evaluation *e, Figure figure, uint64 seed, double *low, double *high)
{
	int32	   *users;
	int64		n;
	int			draws;
	double	   *values;
	uint64		position = 0;

	*low = *high = get_float8_nan();
	if (metrics[figure].is_of_all_lists)
		return;
	users = palloc_extended(sizeof(int32) * e->n_users, MCXT_ALLOC_HUGE);
	n = counting_users(e, figure, users);
	if (n > 0)
	{
		draws = (int) Max(MIN_DRAWS, Min(MAX_DRAWS, USERS_DRAWN / n));
		values = palloc(sizeof(double) * draws);
		for (int d = 0; d < draws; d++)
		{
			double		sum = 0;
			double		weight = 0;

			CHECK_FOR_INTERRUPTS();
			for (int64 i = 0; i < n; i++)
			{
				/* Lemire's multiplication, whose bias is below n / 2^32 */
				int32		u = users[(random_bits(seed, position++) >> 32) * (uint64) n >> 32];

				sum += e->sum[figure][u];
				weight += e->weight[figure][u];
			}
			values[d] = figure_value(figure, sum, weight);
		}
		qsort(values, draws, sizeof(double), compare_doubles);
		*low = values[(int) (0.025 * (draws - 1) + 0.5)];
		*high = values[(int) (0.975 * (draws - 1) + 0.5)];
		pfree(values);
	}
	pfree(users);
}

/*
 * Smucker, Allan & Carterette 2007, "A comparison of statistical significance tests for information
 * retrieval evaluation", section 3.1; two-sided. The difference of the two values that are shown is
 * tested: a user's sum and weight change sides together, and the values are computed anew.
 */
double
evaluation_p_value(const Evaluation *a, const Evaluation *b, Figure figure, uint64 seed)
{
	double	   *sums;			/* by user: half of the first sum less the second */
	double	   *weights;		/* by user: half of the first weight less the second */
	double		sum = 0;		/* of both evaluations, the mean */
	double		weight = 0;
	int64		n = 0;
	int			flips;
	double		observed;
	double		rounding;
	int			as_large = 0;
	uint64		position = 0;

	if (metrics[figure].is_of_all_lists)
		return get_float8_nan();
	observed = fabs(evaluation_value(a, figure) - evaluation_value(b, figure));
	if (isnan(observed))
		return get_float8_nan();
	/* sums of the same numbers in another order differ by rounding */
	rounding = 1e-12 * Max(fabs(evaluation_value(a, figure)), fabs(evaluation_value(b, figure)));
	sums = palloc_extended(sizeof(double) * a->n_users, MCXT_ALLOC_HUGE);
	weights = palloc_extended(sizeof(double) * a->n_users, MCXT_ALLOC_HUGE);
	for (int64 u = 0; u < a->n_users; u++)
	{
		if (!(a->weight[figure][u] > 0 || b->weight[figure][u] > 0))
			continue;
		sums[n] = (a->sum[figure][u] - b->sum[figure][u]) / 2;
		weights[n++] = (a->weight[figure][u] - b->weight[figure][u]) / 2;
		sum += (a->sum[figure][u] + b->sum[figure][u]) / 2;
		weight += (a->weight[figure][u] + b->weight[figure][u]) / 2;
	}
	flips = (int) Max(MIN_FLIPS, Min(MAX_FLIPS, USERS_FLIPPED / n));
	for (int f = 0; f < flips; f++)
	{
		double		more_sum = 0;
		double		more_weight = 0;
		uint64		bits = 0;
		double		difference;

		CHECK_FOR_INTERRUPTS();
		for (int64 i = 0; i < n; i++)
		{
			double		sign;

			if (i % 64 == 0)
				bits = random_bits(seed, position++);
			sign = bits & 1 ? 1 : -1;
			more_sum += sign * sums[i];
			more_weight += sign * weights[i];
			bits >>= 1;
		}
		difference = figure_value(figure, sum + more_sum, weight + more_weight) -
					 figure_value(figure, sum - more_sum, weight - more_weight);
		/* if one side has no weight, all users that count came to the other side */
		as_large += isnan(difference) || fabs(difference) >= observed - rounding;
	}
	pfree(sums);
	pfree(weights);
	return (as_large + 1.0) / (flips + 1.0);
}
