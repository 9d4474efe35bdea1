/*
 * validation.h
 *	  Options that are left to the source.
 */
#ifndef REC_VALIDATION_H
#define REC_VALIDATION_H

#include "algorithm/algorithm.h"
#include "server/workers.h"

/*
 * Decides the model's options that are left to the source, by the algorithm's rule. If the option
 * "validate" is set, the algorithm's other values are tried, and replace the rule's where they are
 * probably better. The name is for messages.
 */
extern void decide_options(Model *model, const Ratings *ratings, TrainingMemory *memory,
						   const char *name);

#endif							/* REC_VALIDATION_H */
