/*
 * sessions.h
 *	  Testing sessions event by event.
 */
#ifndef REC_SESSIONS_H
#define REC_SESSIONS_H

#include "run/split.h"

/* split_assign() for plans that test the sessions that end last. */
extern void sessions_assign(Interactions *interactions, const SplitPlan *plan, uint8 tested,
							uint8 known);

/*
 * Sets the split's questions to the sessions of a part. number: the number of each item of the
 * interactions in training, or -1.
 */
extern void sessions_make(Split *split, const Interactions *interactions, uint8 held,
						  const bool *in_sample, const int32 *number, TrainingMemory *memory);

/* split_ask() for sessions. */
extern bool sessions_ask(const Split *split, AskedSoFar *so_far, bool in_contexts,
						 Size more_bytes, TrainingMemory *memory, Asked *asked);

#endif							/* REC_SESSIONS_H */
