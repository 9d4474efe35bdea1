/*
 * validation.h
 *	  Options that are left to the source.
 */
#ifndef REC_VALIDATION_H
#define REC_VALIDATION_H

#include "algorithm/algorithm.h"
#include "server/workers.h"

/*
 * Decides those of the model's options that are left to the source: by the algorithm's rule; and
 * where the option "validate" is set, the values of the rule are tried against the algorithm's
 * others, and those that are probably better put in their place. The name is for messages.
 */
extern void decide_options(Model *model, const Ratings *ratings, TrainingMemory *memory,
						   const char *name);

#endif							/* REC_VALIDATION_H */
