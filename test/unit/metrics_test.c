/*
 * metrics_test.c
 *	  Metrics of lists, predictions and exposure, by hand and by their properties.
 */
#include "unit.h"

#include "kernel/metrics.h"
#include "kernel/random.h"

/* A whole number below n. */
static int64_t
random_below(int64_t n)
{
	static uint64_t position = 0;

	return (int64_t) (random_bits(6, position++) % (uint64_t) n);
}

#define HITS(...) ((const bool[]) {__VA_ARGS__})

typedef double (*ListMetric) (const bool *hit, int64_t n, int64_t n_relevant, int64_t k);

static const ListMetric list_metrics[] = {
	metric_precision,		  metric_recall,		  metric_ndcg,
	metric_average_precision, metric_reciprocal_rank, metric_hit_rate};

#define N_LIST_METRICS 6

/*
 * Hits at ranks 1 and 3 of 4; 3 items are relevant. 1 / log2(2, 3, 4, 5) = 1, 0.63092975, 0.5,
 * 0.43067656.
 */
static void
test_by_hand(void)
{
	const bool *hit = HITS(1, 0, 1, 0);

	CHECK_NEAR(metric_precision(hit, 4, 3, 4), 2.0 / 4, 1e-15);
	CHECK_NEAR(metric_recall(hit, 4, 3, 4), 2.0 / 3, 1e-15);
	/* 1.5 / 2.13092975 */
	CHECK_NEAR(metric_ndcg(hit, 4, 3, 4), 0.70391809, 1e-8);
	/* (1/1 + 2/3) / 3 */
	CHECK_NEAR(metric_average_precision(hit, 4, 3, 4), 5.0 / 9, 1e-15);
	CHECK(metric_reciprocal_rank(hit, 4, 3, 4) == 1);
	CHECK(metric_hit_rate(hit, 4, 3, 4) == 1);

	/* within the first two: one hit, and at most two are possible */
	CHECK_NEAR(metric_precision(hit, 4, 3, 2), 1.0 / 2, 1e-15);
	CHECK_NEAR(metric_recall(hit, 4, 3, 2), 1.0 / 2, 1e-15);
	/* 1 / 1.63092975 */
	CHECK_NEAR(metric_ndcg(hit, 4, 3, 2), 0.61314719, 1e-8);
	CHECK_NEAR(metric_average_precision(hit, 4, 3, 2), 1.0 / 2, 1e-15);

	/* k beyond the list: missing ranks are no hits */
	CHECK_NEAR(metric_precision(hit, 4, 3, 10), 2.0 / 10, 1e-15);
	CHECK_NEAR(metric_recall(hit, 4, 3, 10), 2.0 / 3, 1e-15);
	CHECK_NEAR(metric_ndcg(hit, 4, 3, 10), 0.70391809, 1e-8);
	CHECK_NEAR(metric_average_precision(hit, 4, 3, 10), 5.0 / 9, 1e-15);

	/* the first hit at rank 3, and none within 2 */
	CHECK_NEAR(metric_reciprocal_rank(HITS(0, 0, 1), 3, 1, 3), 1.0 / 3, 1e-15);
	CHECK(metric_reciprocal_rank(HITS(0, 0, 1), 3, 1, 2) == 0);
	CHECK(metric_hit_rate(HITS(0, 0, 1), 3, 1, 2) == 0);
	CHECK(metric_ndcg(HITS(0, 0, 1), 3, 1, 3) == 0.5);
	CHECK(metric_ndcg(HITS(0, 0, 1), 3, 1, 2) == 0);
}

static void
test_edges(void)
{
	for (int m = 0; m < N_LIST_METRICS; m++)
	{
		CHECK(isnan(list_metrics[m] (HITS(0), 1, 0, 1)));
		CHECK(isnan(list_metrics[m] (HITS(1), 1, 1, 0)));
		CHECK(isnan(list_metrics[m] (HITS(1), 1, 1, -1)));
		/* an empty list */
		CHECK(list_metrics[m] (NULL, 0, 3, 10) == 0);
		CHECK(list_metrics[m] (HITS(0, 0), 2, 3, 10) == 0);
		/* one item */
		CHECK(list_metrics[m] (HITS(1), 1, 1, 1) == 1);
	}
}

/*
 * Values are between 0 and 1, and 1 for the best list; an earlier hit is as good or better; ranks
 * beyond k or n are not read.
 */
static void
test_properties(void)
{
	for (int round = 0; round < 2000; round++)
	{
		int64_t		n = random_below(20);
		int64_t		k = 1 + random_below(25);
		bool	   *hit = zeroed(n);
		int64_t		hits = 0;
		int64_t		n_relevant;
		int64_t		swap = -1;

		for (int64_t i = 0; i < n; i++)
			hits += hit[i] = random_below(3) == 0;
		n_relevant = hits + random_below(4);
		for (int64_t i = 1; i < n; i++)
		{
			if (hit[i] && !hit[i - 1])
				swap = i;
		}
		for (int m = 0; m < N_LIST_METRICS; m++)
		{
			double		value = list_metrics[m] (hit, n, n_relevant, k);
			double		better;

			if (n_relevant == 0)
			{
				CHECK(isnan(value));
				continue;
			}
			CHECK(value >= 0 && value <= 1);
			if (swap < 0)
				continue;
			hit[swap] = false;
			hit[swap - 1] = true;
			better = list_metrics[m] (hit, n, n_relevant, k);
			CHECK(better >= value - 1e-15);
			/* metrics of order improve within k */
			if (swap < k &&
				(list_metrics[m] == metric_ndcg || list_metrics[m] == metric_average_precision))
				CHECK(better > value);
			hit[swap] = true;
			hit[swap - 1] = false;
		}
		free(hit);
	}

	/* the best list of any length */
	for (int64_t n = 1; n <= 300; n++)
	{
		bool	   *hit = zeroed(n);

		memset(hit, true, n);
		for (int m = 0; m < N_LIST_METRICS; m++)
			CHECK_NEAR(list_metrics[m] (hit, n, n, n), 1, 1e-15);
		CHECK(metric_ndcg(hit, n, n, n) <= 1);
		CHECK_NEAR(metric_recall(hit, n, n + 5, n), 1, 1e-15);
		CHECK_NEAR(metric_ndcg(hit, n, n + 5, n), 1, 1e-15);
		CHECK_NEAR(metric_average_precision(hit, n, n + 5, n), 1, 1e-15);
		CHECK_NEAR(metric_precision(hit, n, n, 2 * n), 0.5, 1e-15);
		free(hit);
	}
}

static void
test_cross_entropy(void)
{
	/* -ln 0.7 and -ln 0.8 */
	CHECK_NEAR(metric_cross_entropy(0.7, 1), 0.35667494, 1e-8);
	CHECK_NEAR(metric_cross_entropy(0.2, 0), 0.22314355, 1e-8);
	/* half of each: -(ln 0.25 + ln 0.75) / 2 */
	CHECK_NEAR(metric_cross_entropy(0.25, 0.5), 0.83698822, 1e-8);
	CHECK_NEAR(metric_cross_entropy(0.5, 0.3), log(2), 1e-15);
	/* certain and right, certain and wrong */
	CHECK(metric_cross_entropy(1, 1) == 0);
	CHECK(metric_cross_entropy(0, 0) == 0);
	CHECK(metric_cross_entropy(0, 1) == INFINITY);
	CHECK(metric_cross_entropy(1, 0) == INFINITY);
	CHECK(metric_cross_entropy(0, 0.1) == INFINITY);
	/* close to certain: no digits are lost in 1 - p */
	CHECK_NEAR(metric_cross_entropy(1e-300, 1), 300 * log(10), 1e-9);
	CHECK_NEAR(metric_cross_entropy(1e-20, 0) * 1e20, 1, 1e-12);
	CHECK(isnan(metric_cross_entropy(NAN, 1)));
	CHECK(isnan(metric_cross_entropy(1.5, 1)));
	CHECK(isnan(metric_cross_entropy(-0.1, 1)));
	CHECK(isnan(metric_cross_entropy(0.5, 2)));
	CHECK(isnan(metric_cross_entropy(0.5, NAN)));
}

/* The mean difference of all pairs, directly. */
static double
gini_of_pairs(const int64_t *x, int64_t n)
{
	double		differences = 0;
	double		sum = 0;

	for (int64_t i = 0; i < n; i++)
	{
		sum += x[i];
		for (int64_t j = 0; j < n; j++)
			differences += llabs(x[i] - x[j]);
	}
	return differences / (2 * n * sum);
}

static void
test_gini(void)
{
	/* of (1, 2, 3): (-2*1 + 0*2 + 2*3) / (3*6) = 2/9 */
	CHECK_NEAR(metric_gini((const int64_t[]) {1, 2, 3}, 3), 2.0 / 9, 1e-15);
	/* one of four has all: (n - 1) / n */
	CHECK_NEAR(metric_gini((const int64_t[]) {0, 0, 0, 7}, 4), 0.75, 1e-15);
	CHECK(metric_gini((const int64_t[]) {5, 5, 5, 5, 5}, 5) == 0);
	CHECK(metric_gini((const int64_t[]) {3}, 1) == 0);
	CHECK(isnan(metric_gini((const int64_t[]) {0, 0}, 2)));
	CHECK(isnan(metric_gini(NULL, 0)));

	for (int64_t n = 1; n <= 60; n++)
	{
		int64_t    *x = zeroed(sizeof(int64_t) * n);

		x[0] = 1;
		for (int64_t i = 1; i < n; i++)
			x[i] = x[i - 1] + random_below(4);
		CHECK_NEAR(metric_gini(x, n), gini_of_pairs(x, n), 1e-12);
		free(x);
	}
}

int
main(void)
{
	test_by_hand();
	test_edges();
	test_properties();
	test_cross_entropy();
	test_gini();
	return passed("metrics_test");
}
