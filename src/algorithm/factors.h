/*
 * factors.h
 *	  What models of factors have in common when they are asked: als, svd, bpr.
 *
 * Scores are inner products of a query's factors with the items' factors, plus the items' biases
 * and a base that is common to all scores of the query. Algorithm.inner_product says where these
 * numbers are.
 */
#ifndef REC_FACTORS_H
#define REC_FACTORS_H

#include "algorithm/algorithm.h"

/* The numbers of factors that factors_of_source() chooses from: usually FACTORS. */
#define FACTORS 64
#define FACTORS_OF_FEW_EVENTS 128

/*
 * The number of factors for implicit feedback, where it is left to the source. 128 factors were up
 * to a fifth better than 64 on public sets of events, except on sets where many events are of users
 * with hundreds of events (test/benchmark defaults). A catalogue of which each user knows little
 * has more niches than 64 factors tell apart.
 */
extern int32_t factors_of_source(const Ratings *ratings);

/*
 * The norms of n items: the norm of each item's factors, then the largest of these norms, and the
 * largest absolute bias.
 */
extern size_t factors_norms_bytes(int64_t n_items);
extern void factors_compute_norms(const Model *model, float *norms);

/*
 * Whether the score of every item, and every partial sum of it, stays within the range of float.
 * False where a number of the query is not finite.
 */
extern bool factors_stay_finite(const Model *model, const float *norms, const float *factors,
								float base);

/*
 * Algorithm.score_items for models with inner_product and a query_vector that is not NULL, and
 * Algorithm.expected_score, which is the base.
 */
extern void factors_score_items(const Model *model, const void *query, const int32_t *items,
								int64_t first, int64_t n, float *scores);
extern float factors_expected_score(const Model *model, const void *query, int32_t item);

/*
 * Whether the query's factors change the score of some item by more than rounding does: the
 * rounding of the score itself, with its base and biases, and that of the ratings or events of
 * which the factors are a sum. unit: the size of these. The factors of a profile whose ratings are
 * as expected, or whose items have hardly anything in common with others, are nothing but rounding.
 */
extern bool factors_speak(const Model *model, const float *norms, const float *factors, float base,
						  double unit);

/*
 * The cosine of the factors of an item, or of a query, and those of items, or users, first .. first
 * + n - 1; users' factors are in that column of their side. It is shrunk where scores are predicted
 * ratings, and NaN where a row has no factors.
 */
extern void factors_similar_items(const Model *model, const float *norms, int32_t item,
								  int64_t first, int64_t n, float *similarity);
extern void factors_similar_users(const Model *model, int column, const float *factors,
								  int64_t first, int64_t n, float *similarity);

/*
 * What is known of the items' uncertainty by columns that training writes: ERRORS_OF_ITEM numbers,
 * and the variances of the bias and of k factors in units of the noise.
 */
enum
{
	ERROR_OF_RATINGS,			/* mean squared error of the ratings: an estimate of the noise */
	DISTANCE_OF_BIAS,			/* squared distance of the bias from what attributes say */
	DISTANCE_OF_FACTORS,		/* of a factor, in the mean of the factors */
	ERRORS_OF_ITEM
};

/* The description of the column of errors, which als and fm have in common. */
#define ERRORS_DESCRIPTION(ratings) \
	ratings "; the squared distances of the bias, and of a factor in the mean, from what " \
	"attributes say of the item"
#define VARIANCES_DESCRIPTION \
	"how uncertain the bias and each of the factors are: their variances, in units of the noise, " \
	"which is the mean of the first number of errors"

typedef struct Uncertainty
{
	double		noise;			/* the variance of the noise; NaN: the columns are missing */
	/*
	 * the variances of the bias and of a factor of an item without ratings, in units of the noise:
	 * what attributes leave open
	 */
	double		bias;
	double		factor;
} Uncertainty;

/*
 * The mean of the errors, of ratings by their numbers. What attributes leave open is the mean over
 * the items of the squared distance from what they say, and of the variance that a distance of
 * estimates is too small by (the step for variances of the EM algorithm: Dempster, Laird & Rubin
 * 1977).
 */
extern Uncertainty factors_uncertainty(const Model *model, int errors, int variances, int k);

/*
 * What is not known of an item, row `row` of a side, adds to the variance of its score by a query
 * with these k factors: the variance of its bias, and of its factors times the squares of the
 * query's. They are in that column, the bias first. Returns false where they are missing.
 */
extern bool factors_item_variance(const Side *side, int column, int64_t row, const float *factors,
								  int k, double *variance);

/*
 * Makes contributions add up to the score as it was computed. That score comes from a solution in
 * single precision, which is accurate to the seventh digit, but only to the second where large
 * weights (alpha) make the system ill-conditioned, or where without regularization it has many
 * solutions. The difference is distributed in proportion.
 */
extern void factors_share_rounding(double score, float *contributions, int64_t n);

#endif							/* REC_FACTORS_H */
