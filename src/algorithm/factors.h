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
 * Makes contributions add up to the score as it was computed. That score comes from a solution in
 * single precision, which is accurate to the seventh digit, but only to the second where large
 * weights (alpha) make the system ill-conditioned, or where without regularization it has many
 * solutions. The difference is distributed in proportion.
 */
extern void factors_share_rounding(double score, float *contributions, int64_t n);

#endif							/* REC_FACTORS_H */
