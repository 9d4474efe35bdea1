/*
 * pairwise.h
 *	  Steps of gradient descent on pairs: a user's vector should have a larger product with one
 *	  item than with another.
 *
 * Rows are of n floats, a multiple of 16 (padded with zeros), stride floats apart.
 *
 * The results are the same, to the bit, on each instruction set. Steps are many, and each begins
 * where the last one ended. A difference in rounding stays small until two scores that are nearly
 * equal change places; then another item is drawn for a step, and from there on the model is
 * another one.
 */
#ifndef REC_PAIRWISE_H
#define REC_PAIRWISE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Triple
{
	int32_t		user;
	int32_t		positive;		/* the item that this user should prefer */
	int32_t		negative;		/* to this item */
} Triple;

typedef struct Pairwise
{
	int			n;
	int64_t		stride;
	float	   *users;
	float	   *items;
	float	   *bias;			/* of each item */
	float		rate;
	float		regularization;
	bool		items_fixed;	/* items are fixed, only users learn */
} Pairwise;

/*
 * Makes one step for each triple (u, i, j), in their order, each from the numbers that the step
 * before left. With g = 1 / (1 + exp(d)), the negative derivative of -ln(1 / (1 + exp(-d))) in d =
 * b_i + x_u.y_i - b_j - x_u.y_j:
 *
 *	x_u += rate (g (y_i - y_j) - regularization x_u)
 *	y_i += rate (g x_u - regularization y_i)		b_i += rate (g - regularization b_i)
 *	y_j += rate (-g x_u - regularization y_j)		b_j += rate (-g - regularization b_j)
 *
 * difference[t] becomes the d of triple t.
 */
extern void pairwise_descend(const Pairwise *pairwise, const Triple *triples, int64_t count,
							 float *difference);

/* The scores of items for a user, b_i + x_u.y_i. */
extern void pairwise_score(const Pairwise *pairwise, int32_t user, const int32_t *items,
						   int64_t count, float *scores);

#endif							/* REC_PAIRWISE_H */
