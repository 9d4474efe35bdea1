/*
 * comoment.h
 *	  Cosine and Pearson's correlation of pairs of numbers, in one pass.
 *
 * A Comoment takes pairs one at a time or by the array. It can be merged with another Comoment, and
 * then gives the coefficient of the pairs of both. The result is that of exact arithmetic to a few
 * units in the last place of a double, for values of any size and offset (comoment.c says how).
 */
#ifndef REC_COMOMENT_H
#define REC_COMOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* The unevaluated sum of two doubles: twice the precision of one. */
typedef struct DoubleDouble
{
	double		high;
	double		low;
} DoubleDouble;

/* The sums of one of the two variables. */
typedef struct ComomentVariable
{
	double		scale;			/* values are multiplied by this power of two */
	double		origin;			/* subtracted from the scaled values: the first of them, or zero */
	/* sum of the scaled values less origin; not kept where the origin is zero */
	DoubleDouble sum;
	DoubleDouble squares;		/* sum of their squares */
} ComomentVariable;

typedef struct Comoment
{
	bool		centered;		/* about the means (Pearson), or about zero (cosine) */
	int64_t		n;				/* pairs so far */
	ComomentVariable x;
	ComomentVariable y;
	DoubleDouble products;		/* sum of x * y, both scaled and less their origins */
} Comoment;

extern void comoment_init(Comoment *c, bool centered);

extern void comoment_add(Comoment *c, double x, double y);
extern void comoment_add_doubles(Comoment *c, const double *x, const double *y, int64_t n);
extern void comoment_add_floats(Comoment *c, const float *x, const float *y, int64_t n);

/* Adds all pairs of from to to. Both must have the same value of centered. */
extern void comoment_merge(Comoment *to, const Comoment *from);

/*
 * The coefficient, from -1 to 1, or NaN where a value was NaN or infinite. Returns false where it
 * is undefined, whatever the other variable holds: no pair, a variable that is always zero
 * (cosine) or always the same (Pearson).
 */
extern bool comoment_coefficient(const Comoment *c, double *coefficient);

#endif							/* REC_COMOMENT_H */
