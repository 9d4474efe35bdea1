/*
 * exploration.h
 *	  Lists that try what is uncertain: rec.explore.
 *
 * The best EXPLORED_ITEMS of the items that are ranked by scores take part, and are put in an order
 * that is drawn at random (kernel/exploration.h). What comes after them, in rank or as it is not
 * ranked by scores, is as in lists.h: it is not drawn, so its propensity is 1.
 */
#ifndef REC_MODEL_EXPLORATION_H
#define REC_MODEL_EXPLORATION_H

#include "model/lists.h"
#include "model/profile.h"

#define EXPLORED_ITEMS 200

typedef enum ExplorationMethod
{
	EXPLORATION_SOFTMAX,
	EXPLORATION_THOMPSON
} ExplorationMethod;

typedef struct Exploration
{
	ExplorationMethod method;
	double		strength;		/* 0: the list is that of the scores */
	uint64		seed;
} Exploration;

/* Raises an error where the algorithm cannot say how certain its scores are. */
extern void exploration_check(const LoadedModel *loaded, const Exploration *how);

/*
 * list_finish() for a list of n items, drawn from those that were offered to top, which has room
 * for at least EXPLORED_ITEMS if there are that many. propensities: n.
 */
extern void list_explore(Asker *asker, const ListItems *items, const Exploration *how, int64 n,
						 Top *top, double *propensities);

typedef double (*ValueOfItem) (const void *state, int32 item);

/*
 * For a list of n items that was shown (-1: an item that is not in the model), where another could
 * have been drawn by softmax: the probability of each item at its rank, given those above it, and
 * the expectation of a value of the item at that rank. Below an item that cannot be there, both are
 * 0. top: as for list_explore(), with room for n.
 */
extern void list_probabilities(Asker *asker, const ListItems *items, double strength,
							   const int32 *shown, int64 n, Top *top, ValueOfItem value_of,
							   const void *state, double *probabilities, double *expected);

#endif							/* REC_MODEL_EXPLORATION_H */
