/*
 * knn.c
 *	  What the neighbourhood models share; see knn.h.
 */
#include <math.h>
#include <string.h>

#include "algorithm/knn.h"
#include "kernel/poll.h"

#define BM25_K1 1.2
#define BM25_B 0.75

/* Entries between two polls. */
#define POLL_ENTRIES 65536

/*
 * Where the square of a centred norm is less than this part of the square of the norm, it is
 * nothing but rounding.
 */
#define CENTRED_PART 1e-6

const char *const similarity_choices[] = {"cosine",	 "adjusted_cosine", "pearson",
										  "jaccard", "conditional",		NULL};
const char *const weighting_choices[] = {"none", "bm25", "tfidf", NULL};

static inline bool
counts_only(const KnnOptions *o)
{
	return o->similarity == SIMILARITY_JACCARD || o->similarity == SIMILARITY_CONDITIONAL;
}

/*
 * Whether values are deviations from means over all rows or columns, in which missing events count
 * as 0.
 */
static inline bool
is_centred(const KnnOptions *o, Similarity similarity)
{
	return !knn_is_explicit(o) && o->similarity == (int32_t) similarity;
}

static inline bool
is_weighted(const KnnOptions *o)
{
	return !knn_is_explicit(o) && !counts_only(o) && o->weighting != WEIGHTING_NONE;
}

/*
 * A power of two that scales numbers of this size such that neither their squares nor sums of these
 * overflow.
 */
static float
unit_for(double largest)
{
	if (largest < 1e9 && largest > 1e-9)
		return 1;
	if (largest == 0)
		return 1;
	return (float) ldexp(1, -(ilogb(largest) < -100 ? -100 : ilogb(largest)));
}

void
knn_rules(const KnnOptions *o, double minimum, double maximum, const KnnStatistics *statistics,
		  ValueRule *values, SimilarityRule *similarity)
{
	/*
	 * a factor common to all values of a row does not change a cosine, but it changes means of
	 * columns
	 */
	bool		equal = !knn_is_explicit(o) && minimum == maximum && minimum > 0 &&
		!(o->weighting == WEIGHTING_BM25 && o->similarity == SIMILARITY_ADJUSTED_COSINE);

	memset(values, 0, sizeof(*values));
	values->unit = unit_for(fmax(fabs(minimum), fabs(maximum)));
	if (is_weighted(o))
		values->column_weight = statistics->column_weight;
	if (counts_only(o) || equal)
		values->kind = VALUE_ONE;
	else if (!is_weighted(o))
		values->kind = VALUE_RATING;
	else
		values->kind = o->weighting == WEIGHTING_BM25 ? VALUE_SATURATION : VALUE_ROOT;
	if (values->kind == VALUE_SATURATION ||
		(knn_is_explicit(o) && o->similarity == SIMILARITY_PEARSON))
		values->row_statistic = statistics->row;
	if (knn_is_explicit(o) && o->similarity == SIMILARITY_ADJUSTED_COSINE)
		values->column_mean = statistics->column_mean;

	memset(similarity, 0, sizeof(*similarity));
	similarity->ratio = o->similarity == SIMILARITY_JACCARD;
	similarity->symmetric = o->similarity != SIMILARITY_CONDITIONAL;
	similarity->min_common = (float) o->min_common;
	similarity->shrinkage = (float) o->shrinkage;
	similarity->significance = (float) o->significance;
	/*
	 * centred values are below 0 for columns that a row does not have, and rows without a column in
	 * common are no neighbours
	 */
	similarity->counts = o->min_common > 1 || o->shrinkage > 0 || o->significance > 1 ||
		is_centred(o, SIMILARITY_ADJUSTED_COSINE) || is_centred(o, SIMILARITY_PEARSON);
}

double
knn_norm_unit(const KnnOptions *o, const ValueRule *values, double minimum)
{
	bool		roots = is_weighted(o) && o->weighting == WEIGHTING_TFIDF;
	double		unit = values->kind == VALUE_ONE ? minimum : 1 / (double) values->unit;

	return roots ? sqrt(unit) : unit;
}

/* The sum of n ratings, in double. */
static double
sum_ratings(const float *ratings, int64_t n)
{
	double		sum = 0;

	for (int64_t k = 0; k < n; k++)
	{
		sum += ratings[k];
		if (k % POLL_ENTRIES == POLL_ENTRIES - 1)
			poll();
	}
	return sum;
}

float
knn_row_statistic(const KnnOptions *o, const float *ratings, int64_t n, double mean_length)
{
	double		sum = sum_ratings(ratings, n);

	if (knn_is_explicit(o))
		return n > 0 ? (float) (sum / (double) n) : 0;
	return (float) (BM25_K1 * (1 - BM25_B + BM25_B * (mean_length > 0 ? sum / mean_length : 1)));
}

void
knn_column_statistics(const KnnOptions *o, const ValueRule *values, const SparseMatrix *by_column,
					  int64_t column, const KnnStatistics *statistics)
{
	int64_t		first = by_column->start[column];
	int64_t		n = by_column->start[column + 1] - first;

	if (is_weighted(o))
		statistics->column_weight[column] =
			(float) log(1 + (double) by_column->n_columns / (double) (n > 0 ? n : 1));
	if (o->similarity != SIMILARITY_ADJUSTED_COSINE)
		return;
	if (knn_is_explicit(o))
		statistics->column_mean[column] =
			n > 0 ? (float) (sum_ratings(by_column->value + first, n) / (double) n) : 0;
	else
	{
		double		sum = 0;

		for (int64_t at = first; at < first + n; at++)
		{
			sum += entry_value(values, by_column->value[at], by_column->column[at], column);
			if (at % POLL_ENTRIES == 0)
				poll();
		}
		statistics->column_mean[column] = (float) (sum / (double) by_column->n_columns);
	}
}

double
knn_column_squares(const KnnOptions *o, const float *column_mean, int64_t n_columns)
{
	double		sum = 0;

	if (is_centred(o, SIMILARITY_ADJUSTED_COSINE))
	{
		for (int64_t column = 0; column < n_columns; column++)
			sum += (double) column_mean[column] * column_mean[column];
	}
	return sum;
}

RowTerms
knn_row_terms(const KnnOptions *o, const ValueRule *values, const int32_t *columns,
			  const float *ratings, int64_t n, int64_t n_columns, float row_statistic,
			  const float *column_mean, double column_squares)
{
	RowTerms	terms = {0, 0, 0, 0};
	double		sum = 0;
	double		squares = 0;
	double		cross = 0;
	double		centred;

	if (o->similarity == SIMILARITY_JACCARD)
	{
		terms.offset = (float) n;
		return terms;
	}
	if (o->similarity == SIMILARITY_CONDITIONAL)
	{
		if (n > 0)
		{
			terms.scale = (float) pow((double) n, -o->alpha);
			terms.neighbor_scale = (float) (1 / (double) n);
		}
		return terms;
	}
	for (int64_t k = 0; k < n; k++)
	{
		double		x =
			rating_value(values, ratings[k], values->row_statistic == NULL ? 0 : row_statistic,
						 values->column_mean == NULL ? 0 : values->column_mean[columns[k]],
						 values->column_weight == NULL ? 1 : values->column_weight[columns[k]]);

		sum += x;
		squares += x * x;
		if (is_centred(o, SIMILARITY_ADJUSTED_COSINE))
			cross += x * column_mean[columns[k]];
		if (k % POLL_ENTRIES == POLL_ENTRIES - 1)
			poll();
	}
	centred = squares;
	if (is_centred(o, SIMILARITY_PEARSON))
	{
		terms.mean = (float) (sum / sqrt((double) n_columns));
		centred -= sum * sum / (double) n_columns;
	}
	else if (is_centred(o, SIMILARITY_ADJUSTED_COSINE))
	{
		terms.offset = (float) (cross - column_squares / 2);
		centred -= 2 * cross - column_squares;
	}
	if (centred > CENTRED_PART * squares && isfinite((float) (1 / sqrt(centred))))
		terms.scale = terms.neighbor_scale = (float) (1 / sqrt(centred));
	return terms;
}

double
knn_bias(const float *ratings, const int32_t *columns, int64_t n, double mean, double damping,
		 const float *column_bias)
{
	double		sum = 0;

	for (int64_t k = 0; k < n; k++)
	{
		sum += ratings[k] - mean - column_bias[columns[k]];
		if (k % POLL_ENTRIES == POLL_ENTRIES - 1)
			poll();
	}
	return n > 0 ? sum / ((double) n + damping) : 0;
}
