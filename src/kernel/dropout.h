/*
 * dropout.h
 *	  Dropout (Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from
 *	  overfitting"): numbers are set to zero at random while a network is trained.
 */
#ifndef REC_DROPOUT_H
#define REC_DROPOUT_H

#include <stdint.h>

/* What is dropped follows from the seed and from the place of a number, and from nothing else. */
typedef struct Dropout
{
	float		rate;			/* the share that is dropped */
	uint64_t	seed;			/* of this batch */
	int64_t		first_row;		/* the number in the batch of row 0 */
} Dropout;

/*
 * Drops numbers of n rows of this width, and divides the others by 1 - rate. Done again with the
 * same dropout and layer, it drops the same: so it is its own backward step. dropout NULL or a rate
 * of 0: nothing is done.
 */
extern void dropout_apply(const Dropout *dropout, int layer, float *x, int64_t n, int64_t width);

#endif							/* REC_DROPOUT_H */
