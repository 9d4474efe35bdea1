/*
 * metrics.c
 *	  How good lists and predictions are.
 *
 * Relevance is binary. Recall, ndcg and average precision are divided by the value of the best list
 * of length k, which has min(k, n_relevant) hits, so that a perfect list has 1 whatever k is.
 * Precision is hits / k, and therefore at most n_relevant / k.
 */
#include "kernel/metrics.h"

#include <math.h>

#include "kernel/poll.h"

/* Entries between two polls: well below a millisecond's work. */
#define ENTRIES_PER_BLOCK 16384

static inline int64_t
minimum(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline bool
is_defined(int64_t n_relevant, int64_t k)
{
	return n_relevant > 0 && k > 0;
}

static inline void
poll_at(int64_t i)
{
	if (i % ENTRIES_PER_BLOCK == ENTRIES_PER_BLOCK - 1)
		poll();
}

static int64_t
count_hits(const bool *hit, int64_t n, int64_t k)
{
	int64_t		hits = 0;

	for (int64_t i = 0; i < minimum(n, k); i++)
	{
		hits += hit[i];
		poll_at(i);
	}
	return hits;
}

/* The rank of the first hit among the first k, or 0. */
static int64_t
first_hit(const bool *hit, int64_t n, int64_t k)
{
	for (int64_t i = 0; i < minimum(n, k); i++)
	{
		if (hit[i])
			return i + 1;
		poll_at(i);
	}
	return 0;
}

/* hits / k (Manning, Raghavan & Schuetze 2008, Introduction to Information Retrieval, 8.4). */
double
metric_precision(const bool *hit, int64_t n, int64_t n_relevant, int64_t k)
{
	if (!is_defined(n_relevant, k))
		return NAN;
	return (double) count_hits(hit, n, k) / (double) k;
}

/*
 * hits / min(k, n_relevant) (Liang, Krishnan, Hoffman & Jebara 2018, Variational Autoencoders for
 * Collaborative Filtering).
 */
double
metric_recall(const bool *hit, int64_t n, int64_t n_relevant, int64_t k)
{
	if (!is_defined(n_relevant, k))
		return NAN;
	return (double) count_hits(hit, n, k) / (double) minimum(k, n_relevant);
}

static inline double
discount(int64_t rank)
{
	return 1 / log2((double) rank + 1);
}

/*
 * Sum over the ranks r of hits of 1 / log2(r + 1), over the same sum where the first min(k,
 * n_relevant) ranks are hits (Jarvelin & Kekalainen 2002, Cumulated gain-based evaluation of IR
 * techniques; this discount, which is 1 at rank 1 and 1/2 at rank 3, is that of Burges et al.
 * 2005, Learning to Rank using Gradient Descent).
 */
double
metric_ndcg(const bool *hit, int64_t n, int64_t n_relevant, int64_t k)
{
	double		gain = 0;
	double		ideal = 0;

	if (!is_defined(n_relevant, k))
		return NAN;
	for (int64_t i = 0; i < minimum(n, k); i++)
	{
		if (hit[i])
			gain += discount(i + 1);
		poll_at(i);
	}
	if (gain == 0)
		return 0;
	for (int64_t i = 0; i < minimum(k, n_relevant); i++)
	{
		ideal += discount(i + 1);
		poll_at(i);
	}
	return gain / ideal;
}

/*
 * Sum over the ranks r of hits of (hits up to r) / r, over min(k, n_relevant) (Buckley & Voorhees
 * 2000, Evaluating evaluation measure stability; cut off at k as in McFee, Bertin-Mahieux, Ellis
 * & Lanckriet 2012, The Million Song Dataset Challenge).
 */
double
metric_average_precision(const bool *hit, int64_t n, int64_t n_relevant, int64_t k)
{
	double		sum = 0;
	int64_t		hits = 0;

	if (!is_defined(n_relevant, k))
		return NAN;
	for (int64_t i = 0; i < minimum(n, k); i++)
	{
		if (hit[i])
			sum += (double) ++hits / (double) (i + 1);
		poll_at(i);
	}
	return sum / (double) minimum(k, n_relevant);
}

/*
 * 1 / rank of the first hit, 0 without one (Voorhees 1999, The TREC-8 Question Answering Track
 * Report).
 */
double
metric_reciprocal_rank(const bool *hit, int64_t n, int64_t n_relevant, int64_t k)
{
	int64_t		rank;

	if (!is_defined(n_relevant, k))
		return NAN;
	rank = first_hit(hit, n, k);
	return rank == 0 ? 0 : 1 / (double) rank;
}

/*
 * 1 with a hit, 0 without one (Deshpande & Karypis 2004, Item-Based Top-N Recommendation
 * Algorithms).
 */
double
metric_hit_rate(const bool *hit, int64_t n, int64_t n_relevant, int64_t k)
{
	if (!is_defined(n_relevant, k))
		return NAN;
	return first_hit(hit, n, k) == 0 ? 0 : 1;
}

/* The logarithmic score of Good 1952, Rational Decisions. */
double
metric_cross_entropy(double predicted, double actual)
{
	double		loss = 0;

	if (!(predicted >= 0 && predicted <= 1 && actual >= 0 && actual <= 1))
		return NAN;
	if (actual > 0)
		loss -= actual * log(predicted);
	if (actual < 1)
		loss -= (1 - actual) * log1p(-predicted);
	return loss;
}

/*
 * The mean difference of all pairs over twice the mean (Gini 1912, Variabilita e mutabilita). For
 * ascending x_1 .. x_n this is the sum of (2 i - n - 1) x_i over n times the sum of x. The i-th and
 * the i-th last term are added together: no such sum is negative, so nothing cancels, and equal
 * counts give exactly 0.
 */
double
metric_gini(const int64_t *exposure, int64_t n)
{
	double		differences = 0;
	double		sum = 0;

	for (int64_t i = 0; i < n; i++)
	{
		sum += (double) exposure[i];
		poll_at(i);
	}
	if (sum == 0)
		return NAN;
	for (int64_t i = 0; i < n / 2; i++)
	{
		differences += (double) (n - 1 - 2 * i) * (double) (exposure[n - 1 - i] - exposure[i]);
		poll_at(i);
	}
	return differences / ((double) n * sum);
}
