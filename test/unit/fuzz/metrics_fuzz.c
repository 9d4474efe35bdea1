/*
 * metrics_fuzz.c
 *	  Properties of the metrics of any lists, and of random numbers.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/metrics.h"

typedef double (*ListMetric) (const bool *hit, int64_t n, int64_t n_relevant, int64_t k);

static int
ascending(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a;
	int64_t		y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ListMetric list_metrics[] = {
		metric_precision,		  metric_recall,		  metric_ndcg,
		metric_average_precision, metric_reciprocal_rank, metric_hit_rate};
	Input		in = begin_case(data, size);
	int64_t		n = take_below(&in, 100);
	int64_t		k = take_below(&in, 120) - 2;
	bool	   *hit = fresh(sizeof(bool) * n);
	bool	   *best = fresh(sizeof(bool) * n);
	int64_t		n_items = take_below(&in, 60);
	int64_t    *exposure = fresh(sizeof(int64_t) * n_items);
	int64_t		n_hits = 0;
	int64_t		n_first = 0;
	int64_t		n_relevant;
	double		predicted = take_double(&in, RANGE_ANY);
	double		actual = take_double(&in, RANGE_ANY);
	double		total = 0;
	double		gini;
	double		loss;
	uint64_t	seed;
	uint64_t	position;

	for (int64_t i = 0; i < n; i++)
	{
		hit[i] = take_bool(&in);
		n_hits += hit[i];
		n_first += hit[i] && i < k;
	}
	n_relevant = n_hits + take_below(&in, 50) - (n_hits == 0);
	for (int64_t i = 0; i < n && i < n_relevant; i++)
		best[i] = true;
	for (int m = 0; m < 6; m++)
	{
		double		value = list_metrics[m] (hit, n, n_relevant, k);

		if (n_relevant < 1 || k < 1)
		{
			CHECK(isnan(value));
			continue;
		}
		CHECK(value >= 0 && value <= 1);
		CHECK((value == 0) == (n_first == 0));
		/* no list is better than one that begins with all relevant items */
		CHECK(value <= list_metrics[m] (best, n, n_relevant, k) + 1e-12);
		if (m > 0 && n >= k)
			CHECK_NEAR(list_metrics[m] (best, n, n_relevant, k), 1, 1e-12);
		/* ranks after the k-th play no part */
		CHECK(n <= k || value == list_metrics[m] (hit, k, n_relevant, k));
	}

	loss = metric_cross_entropy(predicted, actual);
	CHECK(predicted >= 0 && predicted <= 1 && actual >= 0 && actual <= 1 ? loss >= 0 : isnan(loss));

	for (int64_t i = 0; i < n_items; i++)
	{
		exposure[i] = take_bool(&in) ? take_below(&in, 4) : (int64_t) (take_bytes(&in, 8) >> 8);
		total += (double) exposure[i];
	}
	qsort(exposure, n_items, sizeof(int64_t), ascending);
	gini = metric_gini(exposure, n_items);
	if (total == 0)
		CHECK(isnan(gini));
	else
	{
		CHECK(gini >= 0 && gini <= ((double) n_items - 1) / (double) n_items + 1e-12);
		CHECK(exposure[0] != exposure[n_items - 1] || gini == 0);
	}

	seed = take_bytes(&in, 8);
	position = take_bytes(&in, 8);
	CHECK(random_bits(seed, position) == random_bits(seed + 0x9E3779B97F4A7C15, position - 1));
	CHECK(random_uniform(seed, position) >= 0 && random_uniform(seed, position) < 1);
	CHECK(fabs(random_normal(seed, position)) < 9);
	end_case();
	return 0;
}
