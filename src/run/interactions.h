/*
 * interactions.h
 *	  All ratings of a source, read once, each with the part that it is of.
 */
#ifndef REC_INTERACTIONS_H
#define REC_INTERACTIONS_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "run/split_plan.h"
#include "server/workers.h"
#include "source/source.h"

/* What a rating is for: bits, of which a rating has one, or none where it is left out. */
#define PART_TRAIN				1
#define PART_VALIDATION			2	/* held out, to choose by */
/* of users who are held out as a whole: what they are known by */
#define PART_VALIDATION_KNOWN	4
#define PART_TEST				8	/* held out, to report */
#define PART_TEST_KNOWN			16

typedef struct Interactions
{
	Source	   *source;
	/*
	 * Users x items, which are in the order of their ids, but that those which a column sets aside
	 * alone come last.
	 */
	SparseMatrix by_user;
	/*
	 * by_user has no merged ratings, but each event by itself: where there are times in their
	 * order, not in that of the items
	 */
	bool		repeats;
	uint8	   *part;			/* of each rating, or event */
	bool		by_column;		/* the parts were decided by a column */
	bool		by_session;		/* what is held out are sessions, */
	uint64		session_gap;	/* which so many microseconds without an event end */
	/* where a candidate needs events: those that by_user is merged from, or the same as by_user */
	History		events;
	unsigned	needs;			/* of training; parts may need times without */
	int64		now;			/* when they were read */
	/* ratings that were taken to be tested by lot, among others of the user of the same time */
	int64		n_tied;
	TrainingMemory *memory;
} Interactions;

/*
 * Reads the source of the model, all ratings being of PART_TRAIN, or of what a column says;
 * errors out where the plan needs times and there are none. needs: of training. In the current
 * memory context; SPI must be connected.
 */
extern Interactions *interactions_read(const ModelRow *row, Feedback feedback, unsigned needs,
									   const SplitPlan *plan);

/* Lets all ratings be to train on again, but those that a column sets aside. */
extern void interactions_reset(Interactions *interactions);

/* Bytes that the interactions take. */
extern double interactions_bytes(const Interactions *interactions);

/*
 * Bytes that a split takes, about: ratings to train on twice, what users are known by, and what
 * is held out.
 */
extern double split_bytes(const Interactions *interactions);

#endif							/* REC_INTERACTIONS_H */
