/*
 * sessions.h
 *	  Sessions that are tested event by event.
 */
#ifndef REC_SESSIONS_H
#define REC_SESSIONS_H

#include "run/split.h"

/* What split_assign does where the sessions that end last are tested. */
extern void sessions_assign(Interactions *interactions, const SplitPlan *plan, uint8 tested,
							uint8 known);

/*
 * Lets a split ask about the sessions of a part. number: of each item of the interactions, that
 * of training, or -1.
 */
extern void sessions_make(Split *split, const Interactions *interactions, uint8 held,
						  const bool *in_sample, const int32 *number, TrainingMemory *memory);

/* What split_ask does where there are sessions. */
extern bool sessions_ask(const Split *split, AskedSoFar *so_far, Size more_bytes,
						 TrainingMemory *memory, Asked *asked);

#endif							/* REC_SESSIONS_H */
