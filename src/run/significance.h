/*
 * significance.h
 *	  The uncertainty of figures, and of differences between them.
 */
#ifndef REC_SIGNIFICANCE_H
#define REC_SIGNIFICANCE_H

#include "run/evaluation.h"

/* Values that are computed from sums over units; NaN where one is undefined. */
typedef void (*ValuesOfSums) (const double *sums, double *values, const void *arg);

/*
 * The 95 % confidence intervals of values that are computed from sums over n units, each of which
 * has `width` numbers: percentiles of the bootstrap, which draws units. NaN where a value is
 * undefined in all draws.
 */
extern void bootstrap_intervals(const double *units, int64 n, int width, ValuesOfSums values_of,
								const void *arg, int n_values, uint64 seed, double *low,
								double *high);

/*
 * The 95 % confidence interval of a figure: percentiles of the bootstrap over users. NaN for a
 * figure that is not of users.
 */
extern void evaluation_interval(const Evaluation *evaluation, Figure figure, uint64 seed,
								double *low, double *high);

/* The same of evaluation_share(). */
extern void evaluation_share_interval(const Evaluation *evaluation, Figure share, int32 group,
									  uint64 seed, double *low, double *high);

/*
 * The probability of a difference at least this large between two evaluations of the same split, if
 * they are equally good: the randomization test, by user. NaN where the figure is not of users, or
 * one evaluation has no value.
 */
extern double evaluation_p_value(const Evaluation *a, const Evaluation *b, Figure figure,
								 uint64 seed);

#endif							/* REC_SIGNIFICANCE_H */
