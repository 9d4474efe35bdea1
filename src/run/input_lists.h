/*
 * input_lists.h
 *	  The lists of a model's inputs for many users.
 */
#ifndef REC_INPUT_LISTS_H
#define REC_INPUT_LISTS_H

#include "model/model_cache.h"
#include "run/top_lists.h"

/* Bytes that input_lists_read() takes from the memory. */
extern double input_lists_bytes(const Model *model, int64 n_users);

/*
 * Adds the lists of the model's inputs, if it has any, to profiles: row r of them is of user number
 * r x step. filter: what may be on the lists; NULL: what was not seen. Needs an active snapshot.
 */
extern void input_lists_read(LoadedModel *loaded, Ratings *profiles, const IdDictionary *users,
							 int64 step, const ListFilter *filter, TrainingMemory *memory);

#endif							/* REC_INPUT_LISTS_H */
