/*
 * metrics.h
 *	  How good lists and predictions are: the metrics of one list, of one prediction, and of the
 *	  exposure of all items.
 */
#ifndef REC_METRICS_H
#define REC_METRICS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Metrics of one ranked list. hit[i] says whether the item of rank i + 1 is relevant; a relevant
 * item is a hit at most once, as a repeated item shows nothing new. The list has n entries, of
 * which the first k count; where n < k, the missing ranks are no hits. n_relevant is the number of
 * relevant items, on the list or not.
 *
 * All are from 0 to 1, higher is better, and NaN where they are undefined: n_relevant < 1 or k < 1.
 */
extern double metric_precision(const bool *hit, int64_t n, int64_t n_relevant, int64_t k);
extern double metric_recall(const bool *hit, int64_t n, int64_t n_relevant, int64_t k);
extern double metric_ndcg(const bool *hit, int64_t n, int64_t n_relevant, int64_t k);
extern double metric_average_precision(const bool *hit, int64_t n, int64_t n_relevant, int64_t k);
extern double metric_reciprocal_rank(const bool *hit, int64_t n, int64_t n_relevant, int64_t k);
extern double metric_hit_rate(const bool *hit, int64_t n, int64_t n_relevant, int64_t k);

/*
 * Binary cross-entropy of one prediction, in nats: -(y ln p + (1 - y) ln(1 - p)), where 0 ln 0 is
 * 0. Nothing is clipped: a prediction of exactly 0 or 1 that is wrong costs infinity. NaN where p
 * or y is not from 0 to 1.
 */
extern double metric_cross_entropy(double predicted, double actual);

/*
 * Gini coefficient of the exposure of items, the number of lists that each item is on: 0 where all
 * are equal, (n - 1) / n where one item has all. The counts ascend (the caller sorts them), and
 * none is negative. NaN where all counts are 0, or n is 0.
 */
extern double metric_gini(const int64_t *exposure, int64_t n);

#endif							/* REC_METRICS_H */
