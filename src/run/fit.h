/*
 * fit.h
 *	  Computing a model from ratings in memory, for training and for evaluation.
 */
#ifndef REC_FIT_H
#define REC_FIT_H

#include "model/catalog.h"
#include "portability/instr_time.h"
#include "server/workers.h"
#include "source/attributes.h"

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
	/* the option that kept the model from learning about single users, or NULL */
	const char *too_large;
} Iterations;

/* Sets what the extent says of the features of items, users and contexts; NULL: there are none. */
extern void set_feature_extent(Extent *extent, const EncodedAttributes *items,
							   const EncodedAttributes *users, const EncodedAttributes *contexts);

/* A VisitArray: adds the bytes that an array takes from the memory. */
extern void add_training_bytes(void *context, void *pointer, size_t bytes);

/* Bytes that training takes besides the ratings. */
extern double compute_bytes(Model *model, const Extent *extent);

/*
 * Raises an error where the algorithm cannot be trained on a source of this size, or where training
 * and the other bytes exceed the limit of memory. The name is for messages.
 */
extern void compute_require(Model *model, const Extent *extent, double other_bytes,
							const char *name);

/*
 * Takes a piece of the memory that holds the ratings, for the task's model and the algorithm. The
 * model's options are decided.
 */
extern void compute_prepare(Task *task, const Ratings *ratings, TrainingMemory *memory);

/*
 * Trains the task's model, or raises an error. popularity: by item, by recency, where the model has
 * times. The result is in the memory's context.
 */
extern Iterations compute_model(Task *task, const float *popularity, TrainingMemory *memory,
								const char *name);

/*
 * Reports that nothing was learned of single users, and which option to lower. Does nothing for
 * NULL.
 */
extern void compute_note_nothing_learned(const char *too_large, const char *name);

#endif							/* REC_FIT_H */
