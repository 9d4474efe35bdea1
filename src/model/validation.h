/*
 * validation.h
 *	  Options that are left to the source, by trying others.
 */
#ifndef REC_VALIDATION_H
#define REC_VALIDATION_H

#include "algorithm/algorithm.h"
#include "model/workers.h"

/*
 * Where the option "validate" is set, and anything was left to the source: tries the values that were decided against
 * the algorithm's others, and puts those that are better beyond chance in their place, in the model's options. The
 * task is prepared, and not trained yet.
 */
extern void validation_choose(Task *task, TrainingMemory *memory, const char *name);

#endif							/* REC_VALIDATION_H */
