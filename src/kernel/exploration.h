/*
 * exploration.h
 *	  Lists that are drawn at random, and how probable they were.
 *
 * The items that take part are given with their scores, the best first. A list is an order of their
 * places in this array. Random numbers depend on nothing but the seed and the number of the item.
 *
 * Softmax: items are drawn one after the other without replacement, each with a probability
 * proportional to exp(score / temperature) among those that are left (Plackett 1975, "The analysis
 * of permutations"). Adding a Gumbel number to each score / temperature and sorting gives the same
 * distribution: Kool, van Hoof & Welling 2019, "Stochastic beams and where to find them".
 *
 * Thompson: each score is drawn from a normal distribution about it, and the items are sorted by
 * what was drawn (Thompson 1933; Chapelle & Li 2011, "An empirical evaluation of Thompson
 * sampling").
 */
#ifndef REC_EXPLORATION_H
#define REC_EXPLORATION_H

#include <stdint.h>

#include "kernel/random.h"
#include "kernel/top.h"

/* The standard deviation of n scores about their mean. */
extern double exploration_deviation(const Scored *items, int n);

/* What was drawn for an item. */
typedef struct Drawn
{
	double		key;
	int32_t		place;			/* of the item among those that take part */
} Drawn;

/*
 * Draws a list of n items. temperature 0: the limit, in which equal scores are equally probable,
 * and others stay in their order.
 */
extern void softmax_draw(const Scored *items, int n, double temperature, uint64_t seed,
						 Drawn *list);

/*
 * The probability of each of the first m items of the list, given those above it: exactly that of
 * the draw.
 */
extern void softmax_propensities(const Scored *items, int n, double temperature,
								 const Drawn *list, int m, double *propensities);

/*
 * The expectation of a value of the items, which is given by place, at each of the first m ranks of
 * the list, given the items above.
 */
extern void softmax_expectations(const Scored *items, int n, double temperature,
								 const Drawn *list, int m, const double *values,
								 double *expectations);

/* Draws a list of n items, whose scores have these deviations. */
extern void thompson_draw(const Scored *items, const double *deviations, int n, uint64_t seed,
						  Drawn *list);

/* Memory for thompson_propensities(). */
typedef struct ThompsonSpace
{
	Ziggurat	ziggurat;
	float	   *scores;			/* n */
	Scored	   *best;			/* m */
	int32_t    *counts;			/* m */
} ThompsonSpace;

/*
 * Of the first m items of a list: (k + 1) / (draws + n), where k is in how many of so many further
 * draws the item has the same rank. Over all n items, those of a rank add up to 1.
 */
extern void thompson_propensities(const Scored *items, const double *deviations, int n,
								  uint64_t seed, int draws, const Drawn *list, int m,
								  double *propensities, ThompsonSpace *space);

#endif							/* REC_EXPLORATION_H */
