/*
 * knn.h
 *	  What the neighbourhood models share: their options, the values by which rows are compared,
 *	  and biases.
 *
 * Rows are items for item_knn and users for user_knn; columns are the other side. Every measure is
 * over whole rows: the norm of a row is that of all its values, not only of the values in columns
 * that another row has, too.
 *
 *	cosine				of the ratings or weights
 *	adjusted_cosine		of deviations from the column's mean
 *	pearson				of deviations from the row's mean
 *	jaccard				columns in common / columns of either
 *	conditional			columns in common / columns of j / (columns of i)^alpha, for j on the list
 *						of i
 *
 * With explicit feedback a missing rating is unknown, and a mean is over the ratings. With implicit
 * feedback a missing event is a 0, and a mean is over all rows or columns.
 *
 * With explicit feedback and deviations, a missing rating deviates by 0. Weightings apply to
 * implicit feedback and the first three measures: x = idf sqrt(weight), or idf weight / (weight +
 * k1 (1 - b + b length / mean length)), with length the row's sum of weights and idf = ln(1 + rows
 * / rows that have the column), k1 = 1.2, b = 0.75 (Robertson & Zaragoza 2009, "The probabilistic
 * relevance framework: BM25 and beyond"; a factor common to all values of a row does not change a
 * cosine).
 */
#ifndef REC_KNN_H
#define REC_KNN_H

#include "algorithm/algorithm.h"
#include "kernel/neighbors.h"

typedef enum Similarity
{
	SIMILARITY_COSINE,
	SIMILARITY_ADJUSTED_COSINE,
	SIMILARITY_PEARSON,
	SIMILARITY_JACCARD,
	SIMILARITY_CONDITIONAL
} Similarity;

typedef enum Weighting
{
	WEIGHTING_NONE,
	WEIGHTING_BM25,
	WEIGHTING_TFIDF
} Weighting;

typedef struct KnnOptions
{
	CommonOptions common;
	int32_t		similarity;
	int32_t		neighbors;
	int32_t		min_common;
	int32_t		weighting;
	int32_t		significance;	/* 0: not used */
	double		shrinkage;
	double		alpha;
	double		damping;
	double		prior;
	bool		normalize;
} KnnOptions;

extern const char *const similarity_choices[];
extern const char *const weighting_choices[];

#define KNN_MAX_NEIGHBORS 10000

static inline bool
knn_is_explicit(const KnnOptions *options)
{
	return options->common.feedback == FEEDBACK_EXPLICIT;
}

/* The numbers of rows and columns on which the values depend. NULL where they do not. */
typedef struct KnnStatistics
{
	float	   *row;			/* ValueRule.row_statistic */
	/* ValueRule.column_mean; with implicit feedback the mean value over all rows */
	float	   *column_mean;
	float	   *column_weight;	/* ValueRule.column_weight */
} KnnStatistics;

/*
 * Sets the rules for these options, ratings within this range, and statistics, which need not be
 * filled yet.
 */
extern void knn_rules(const KnnOptions *options, double minimum, double maximum,
					  const KnnStatistics *statistics, ValueRule *values,
					  SimilarityRule *similarity);

/*
 * What makes a norm of values by this rule one of ratings, or of their roots: without the rule's
 * unit, and times the rating where all ratings are equal and each value is 1. So norms that were
 * computed with one range of ratings can be compared with those of another.
 */
extern double knn_norm_unit(const KnnOptions *options, const ValueRule *values, double minimum);

/*
 * The statistic of a row with these ratings; mean_length: the mean over all rows of the sum of
 * weights.
 */
extern float knn_row_statistic(const KnnOptions *options, const float *ratings, int64_t n,
							   double mean_length);

/* Fills the statistics of column `column`, after those of the rows. */
extern void knn_column_statistics(const KnnOptions *options, const ValueRule *values,
								  const SparseMatrix *by_column, int64_t column,
								  const KnnStatistics *statistics);

/* The terms of a row with these ratings. column_squares: knn_column_squares(). */
extern RowTerms knn_row_terms(const KnnOptions *options, const ValueRule *values,
							  const int32_t *columns, const float *ratings, int64_t n,
							  int64_t n_columns, float row_statistic, const float *column_mean,
							  double column_squares);

/*
 * The sum of column_mean^2 over all columns where knn_row_terms() needs it: with implicit feedback
 * and deviations from column means. Otherwise 0.
 */
extern double knn_column_squares(const KnnOptions *options, const float *column_mean,
								 int64_t n_columns);

/*
 * The bias of a row, given those of the columns: the sum of rating - mean - column_bias over the
 * row's ratings, divided by their number + damping (Koren 2010, "Factor in the neighbors", section
 * 2.1).
 */
extern double knn_bias(const float *ratings, const int32_t *columns, int64_t n, double mean,
					   double damping, const float *column_bias);

/* Sweeps over both sides after which biases no longer change noticeably. */
#define KNN_BIAS_SWEEPS 6

#endif							/* REC_KNN_H */
