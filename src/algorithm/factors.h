/*
 * factors.h
 *	  What models of factors have in common when they are asked: als, svd, bpr.
 *
 * Scores are inner products of the asker's factors with the items', plus the items' biases and a
 * base that all scores of the asker share. Which numbers these are says Algorithm.inner_product.
 */
#ifndef REC_FACTORS_H
#define REC_FACTORS_H

#include "algorithm/algorithm.h"

/*
 * Factors by the rule of factors_of_source: usually, and of a source whose users have few events.
 */
#define FACTORS 64
#define FACTORS_OF_FEW_EVENTS 128

/*
 * How many factors events want, where that is left to the source: 128 were up to a fifth better
 * than 64 on public sets of events, but on those where many events are of users with hundreds
 * (test/benchmark defaults). A catalogue of which each user knows little has more niches than 64
 * factors tell apart.
 */
extern int32_t factors_of_source(const Ratings *ratings);

/*
 * Of the n items: the norm of each item's factors, then the largest of them, and the largest size
 * of a bias.
 */
extern size_t factors_norms_bytes(int64_t n_items);
extern void factors_compute_norms(const Model *model, float *norms);

/*
 * Whether no item's score leaves the range of float, nor any sum on the way to one; false where a
 * number of the asker is not finite.
 */
extern bool factors_stay_finite(const Model *model, const float *norms, const float *factors,
								float base);

/*
 * Algorithm.score_items, by Algorithm.inner_product and a query_vector that is not NULL; and
 * Algorithm.expected_score, which is the base.
 */
extern void factors_score_items(const Model *model, const void *query, const int32_t *items,
								int64_t first, int64_t n, float *scores);
extern float factors_expected_score(const Model *model, const void *query, int32_t item);

/*
 * Whether the asker's factors move some item's score by more than rounding does: the score's own,
 * of the base and the biases, and that of the ratings or events which the factors are a sum of.
 * unit: the size of these. An asker whose ratings are as expected, or whose items have hardly
 * anything in common with others, has factors that are nothing but rounding.
 */
extern bool factors_speak(const Model *model, const float *norms, const float *factors, float base,
						  double unit);

/*
 * The cosine of the factors of an item, or of the asker, and those of items, or users, first ..
 * first + n - 1; of users in that column of their side. Where scores are predicted ratings it is
 * shrunk; NaN where a row has no factors.
 */
extern void factors_similar_items(const Model *model, const float *norms, int32_t item,
								  int64_t first, int64_t n, float *similarity);
extern void factors_similar_users(const Model *model, int column, const float *factors,
								  int64_t first, int64_t n, float *similarity);

#endif							/* REC_FACTORS_H */
