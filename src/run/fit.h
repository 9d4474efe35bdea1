/*
 * fit.h
 *	  A model from ratings in memory: what training and evaluation have in common.
 */
#ifndef REC_FIT_H
#define REC_FIT_H

#include "model/catalog.h"
#include "portability/instr_time.h"
#include "server/workers.h"

static inline double
seconds_since(instr_time began)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, began);
	return INSTR_TIME_GET_DOUBLE(now);
}

typedef struct Iterations
{
	int			n;
	IterationRow *rows;
	/* the option because of which nothing was learned of single users, or NULL */
	const char *too_large;
} Iterations;

/* Bytes that training takes beside the ratings. */
extern double compute_bytes(Model *model, const Extent *extent);

/*
 * Errors out where the algorithm is not for so many ratings, or where the limit of memory has no
 * room for training and the other bytes. The name is for messages.
 */
extern void compute_require(Model *model, const Extent *extent, double other_bytes,
							const char *name);

/*
 * Takes a piece of memory, in which the ratings are, for the task's model and the algorithm. The
 * model's options are decided.
 */
extern void compute_prepare(Task *task, const Ratings *ratings, TrainingMemory *memory);

/*
 * Trains the task's model, or errors out. popularity: of each item, by recency, where the model has
 * times. What it returns is in the memory's context.
 */
extern Iterations compute_model(Task *task, const float *popularity, TrainingMemory *memory,
								const char *name);

/* Says in a notice that nothing was learned, and which option to lower; not where that is NULL. */
extern void compute_note_nothing_learned(const char *too_large, const char *name);

#endif							/* REC_FIT_H */
