/*
 * history.h
 *	  Histories: what each user did, in the order of time.
 */
#ifndef REC_HISTORY_H
#define REC_HISTORY_H

#include <stdint.h>

/*
 * Events by user, the oldest first; an item that occurs again has another event. An event takes 4
 * bytes, and 8 more where times are kept.
 */
typedef struct History
{
	int64_t		n_users;
	int64_t    *start;			/* n_users + 1: user u has events start[u] .. start[u + 1] - 1 */
	int32_t    *items;			/* of each event */
	int64_t    *times;			/* of each event, as in SparseMatrix.time; NULL: not kept */
} History;

/* An event on its way into a history. */
typedef struct Event
{
	int64_t		time;
	uint32_t	lot;			/* decides the order of events of one time, see history_order() */
	int32_t		item;
} Event;

/*
 * Orders the n events of one user by time. Events of one time are ordered by lot, a hash of the
 * time, of the items of that time, and of the item. Item numbers follow the ids, whose order is
 * often that of age or popularity: a model would learn that order. The order by lot depends on
 * nothing but the user's own events, and is the same in training, in serving and in evaluation.
 * Returns how many events share their time with another event. scratch has room for n events.
 */
extern int64_t history_order(Event *events, Event *scratch, int64_t n);

#endif							/* REC_HISTORY_H */
