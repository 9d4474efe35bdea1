/*
 * significance.h
 *	  How certain a figure is, and a difference between two.
 */
#ifndef REC_SIGNIFICANCE_H
#define REC_SIGNIFICANCE_H

#include "run/evaluation.h"

/*
 * The ends of the interval that holds the value with a probability of 95 %: percentiles of the
 * bootstrap over users. NaN: not of users.
 */
extern void evaluation_interval(const Evaluation *evaluation, Figure figure, uint64 seed,
								double *low, double *high);

/*
 * How probable so large a difference between the values of two evaluations of the same split is
 * if they are equally good: the randomization test, by user. NaN: the figure is not of users, or
 * one has no value.
 */
extern double evaluation_p_value(const Evaluation *a, const Evaluation *b, Figure figure,
								 uint64 seed);

#endif							/* REC_SIGNIFICANCE_H */
