/*
 * significance.h
 *	  The uncertainty of figures, and of differences between them.
 */
#ifndef REC_SIGNIFICANCE_H
#define REC_SIGNIFICANCE_H

#include "run/evaluation.h"

/*
 * The 95 % confidence interval of a figure: percentiles of the bootstrap over users. NaN for a
 * figure that is not of users.
 */
extern void evaluation_interval(const Evaluation *evaluation, Figure figure, uint64 seed,
								double *low, double *high);

/*
 * The probability of a difference at least this large between two evaluations of the same split, if
 * they are equally good: the randomization test, by user. NaN where the figure is not of users, or
 * one evaluation has no value.
 */
extern double evaluation_p_value(const Evaluation *a, const Evaluation *b, Figure figure,
								 uint64 seed);

#endif							/* REC_SIGNIFICANCE_H */
