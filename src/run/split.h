/*
 * split.h
 *	  The ratings of a source, divided into those that a model is trained on and those that it is
 *	  asked about.
 */
#ifndef REC_SPLIT_H
#define REC_SPLIT_H

#include "run/interactions.h"

/*
 * Moves ratings from PART_TRAIN to the part `tested`, unless a column decides the parts. The part
 * `known` gets the profiles of users who are held out as a whole, and sessions that end as late as
 * tested ones and are not tested.
 */
extern void split_assign(Interactions *interactions, const SplitPlan *plan, int fold, uint8 tested,
						 uint8 known);

/* Whether any rating is in this part. */
extern bool split_tests(const Interactions *interactions, uint8 part);

/*
 * Questions. With sessions, each event of a session except the first is a question of its own; with
 * contexts, the held-out ratings of a user in each different context are.
 */
typedef struct Asked
{
	/*
	 * users x items: the profiles, whose items are on no list unless repeats are asked for; with
	 * events, if a candidate needs them, and with the contexts of questions
	 */
	Ratings		known;
	/* users x items, the same users: held-out ratings; item -1 was not trained on */
	SparseMatrix held;
	int32	   *user;			/* numbers of the users in the interactions */
} Asked;

/* Tested sessions. Their events are in the order of time. */
typedef struct Sessions
{
	int64		n;
	int64	   *start;			/* n + 1: session s has events start[s] .. start[s + 1] - 1 */
	int32	   *items;			/* of each event; -1: item was not trained on */
	float	   *ratings;
	int64	   *times;
	int32	   *contexts;		/* NULL: there are none */
	int32	   *user;			/* of each session: number of its user in the interactions */
} Sessions;

/* The data for a training and its questions. */
typedef struct Split
{
	/* users with ratings to train on, and items with these or with attributes, in the same order */
	Ratings		train;
	/*
	 * all questions; empty if there are sessions; with contexts, there is one row for each user
	 * until split_ask(), with the held-out ratings in the order of their contexts
	 */
	Asked		asked;
	/*
	 * the same ratings to train on and profiles, not merged over contexts, for candidates that use
	 * them; empty if there are none
	 */
	Ratings		train_in_contexts;
	SparseMatrix known_in_contexts;
	Sessions   *sessions;		/* NULL: not a split by sessions */
	bool		events;			/* a candidate needs events */
	MergeRule	rule;			/* how rows of one user and item are merged into a rating */
	int64		n_users;		/* number of users who are asked */
	int64		n_questions;	/* number of held-out ratings */
	/* with sessions: events with the same time as another event of the session */
	int64		n_tied;
	/* by item to train on: popularity by recency; NULL: there are no times */
	float	   *popularity;
	/* the items' attributes if a candidate needs them, and the item of each of their rows, or -1 */
	const AttributeRows *attributes;
	int32	   *attribute_items;
	/* with attributes, by item: 1 where it has ratings to train on, or 0 */
	int64	   *is_rated;
	/*
	 * the users' attributes if a candidate needs them, and the user in the interactions of each of
	 * their rows
	 */
	const AttributeRows *user_attributes;
	const int32 *attribute_users;
	/*
	 * whether a candidate uses contexts; then what they say, as features or as attributes, the
	 * context of each row of these, and by context the number of ratings to train on that have it
	 */
	bool		has_contexts;
	const Features *context_features;	/* as in Interactions; NULL: the attributes say it */
	const AttributeRows *context_attributes;
	const int32 *attribute_contexts;
	int64	   *context_ratings;
	int64		n_contexts;
	int64		n_all_users;	/* of the interactions */
	int32	   *train_users;	/* by user to train on: the user in the interactions */
	/*
	 * where items are held out, a bit for each rated item: lists have unrated items alone, but for
	 * the figures among all; NULL: lists have all items
	 */
	uint64	   *skip;
	/* users without a profile; with sessions, events without a known item before them */
	int64		unseen_users;
	int64		unseen_items;	/* held-out items that are not trained on */
	int64		unseen_ratings; /* held-out ratings of these items */
} Split;

/*
 * Makes a split: ratings of the parts in train (bits) are trained on; profiles have these and the
 * part known; the part held is held out. Uses pieces of the memory. in_sample, by user: whether the
 * user takes part at all; NULL: all users do. Raises an error where there is nothing to train on or
 * to ask about.
 */
extern Split *split_make(const Interactions *interactions, uint8 train, uint8 known, uint8 held,
						 const bool *in_sample, TrainingMemory *memory);

/* Approximate bytes of the questions of a block: enough to keep workers busy for a while. */
#define ASKED_BYTES ((Size) 32 * 1024 * 1024)

/* The progress of asking; zero at first. */
typedef struct AskedSoFar
{
	int64		rows;			/* sessions, or users */
	/* events of the next session, or held-out ratings of the next user, that were asked about */
	int64		entries;
	bool		whole;
} AskedSoFar;

/*
 * Makes the next questions of a split, in pieces of the memory: all of them or, with sessions or
 * contexts, a block. in_contexts: for a candidate that uses contexts. more_bytes: bytes of a
 * question elsewhere. Returns false if none are left.
 */
extern bool split_ask(const Split *split, AskedSoFar *so_far, bool in_contexts, Size more_bytes,
					  TrainingMemory *memory, Asked *asked);

/* Allocates the contexts of n questions, in a piece of the memory. */
extern void asked_allocate_contexts(Asked *asked, int64 n, TrainingMemory *memory);

/* The number that would be at this place if the numbers were sorted. Reorders the numbers. */
extern int64 select_number(int64 *numbers, int64 n, int64 place);

/* A fraction of n, rounded down; at least 1. */
extern int64 count_fraction(double fraction, int64 n);

#endif							/* REC_SPLIT_H */
