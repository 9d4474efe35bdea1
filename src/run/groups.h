/*
 * groups.h
 *	  Groups of users, or of items, by a column of what is known of them.
 */
#ifndef REC_GROUPS_H
#define REC_GROUPS_H

#include "run/interactions.h"

typedef struct MeasuredGroups
{
	bool		of_users;		/* otherwise of items */
	int32		n;
	char	  **names;			/* ascending, by their bytes */
	/*
	 * by user or item of the interactions: where its groups begin; one more element; of an array
	 * each value is a group, of NULL none
	 */
	int64	   *start;
	int32	   *groups;
} MeasuredGroups;

/*
 * The groups of the interactions; NULL where there are none. Raises an error where there are too
 * many. In the current memory context.
 */
extern MeasuredGroups *groups_create(const Interactions *interactions);

#endif							/* REC_GROUPS_H */
