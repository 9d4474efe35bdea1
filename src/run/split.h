/*
 * split.h
 *	  The ratings of a source, divided into what a model is trained on and what it is asked about.
 */
#ifndef REC_SPLIT_H
#define REC_SPLIT_H

#include "run/interactions.h"

/*
 * Moves ratings from PART_TRAIN to others, unless a column has; known: for those of users who are
 * held out as a whole, and of sessions that are neither tested nor before those that are.
 */
extern void split_assign(Interactions *interactions, const SplitPlan *plan, int fold, uint8 tested,
						 uint8 known);

/* Whether any rating is of this part. */
extern bool split_tests(const Interactions *interactions, uint8 part);

/* Who is asked, and about what. Of sessions each event but the first is asked about by itself. */
typedef struct Asked
{
	/*
	 * users x items: what they are known by, which is not recommended unless repeats are; where a
	 * candidate needs events, these too
	 */
	Ratings		known;
	/* the same users x items: what was held out. Item -1: not trained on */
	SparseMatrix held;
	int32	   *user;			/* their numbers in the interactions */
} Asked;

/* Sessions that are tested: events in the order of time. */
typedef struct Sessions
{
	int64		n;
	int64	   *start;			/* n + 1: session s has events start[s] .. start[s + 1] - 1 */
	int32	   *items;			/* of each event; -1: not trained on */
	float	   *ratings;
	int64	   *times;
	int32	   *user;			/* of each session: its user's number in the interactions */
} Sessions;

/* What one training and one round of questions need. */
typedef struct Split
{
	/* of the users and items that have ratings to train on, numbered anew in the same order */
	Ratings		train;
	Asked		asked;			/* all that is asked; nothing where there are sessions */
	Sessions   *sessions;		/* NULL: it is no split by sessions */
	bool		events;			/* a candidate needs events */
	MergeRule	rule;			/* by which events of one user and item become one rating */
	int64		n_users;		/* who are asked */
	int64		n_questions;	/* ratings that are asked about */
	int64		n_tied;			/* of sessions: those of the time of another of the session */
	/* of the items to train on, by recency; NULL: there are no times */
	float	   *popularity;
	/* users who are not known by anything; of sessions, events that nothing known is before */
	int64		unseen_users;
	int64		unseen_items;	/* that were held out, and are not trained on */
	int64		unseen_ratings; /* of these items */
} Split;

/*
 * The split with ratings of the parts in train (bits) to train on, known in addition to those,
 * and one part held out, in pieces of the memory. in_sample, by user: who takes part at all;
 * NULL: everybody. Errors out where nothing is left to train on, or to ask about.
 */
extern Split *split_make(const Interactions *interactions, uint8 train, uint8 known, uint8 held,
						 const bool *in_sample, TrainingMemory *memory);

/* How far a split has been asked; all zero at first. */
typedef struct AskedSoFar
{
	int64		sessions;
	int64		events;			/* of the next session, those that were asked about */
	bool		whole;
} AskedSoFar;

/*
 * The next questions of a split: all that there are, or where it is of sessions those of a block,
 * in pieces of the memory. more_bytes: that a question takes elsewhere. False: none are left.
 */
extern bool split_ask(const Split *split, AskedSoFar *so_far, Size more_bytes,
					  TrainingMemory *memory, Asked *asked);

/*
 * The number that would be at a place if the numbers were sorted; they are left in another order.
 */
extern int64 select_number(int64 *numbers, int64 n, int64 place);

/* Of n, how many are a fraction; one at least. */
extern int64 count_fraction(double fraction, int64 n);

#endif							/* REC_SPLIT_H */
