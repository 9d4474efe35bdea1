/*
 * interactions.h
 *	  All ratings of a source, read once, each with its part.
 */
#ifndef REC_INTERACTIONS_H
#define REC_INTERACTIONS_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "run/split_plan.h"
#include "server/workers.h"
#include "source/attributes.h"
#include "source/source.h"

/* The parts. Each rating has one of these bits, or none if it is left out. */
#define PART_TRAIN				1
#define PART_VALIDATION			2	/* held out, for choosing options */
/* profiles of users who are held out as a whole */
#define PART_VALIDATION_KNOWN	4
#define PART_TEST				8	/* held out, for reporting */
#define PART_TEST_KNOWN			16

typedef struct Interactions
{
	Source	   *source;
	/*
	 * users x items, in the order of their ids; users and items that occur only in rows that a
	 * column sets aside come last; with contexts, if a candidate uses them
	 */
	SparseMatrix by_user;
	/*
	 * by_user has each event by itself instead of merged ratings; in the order of times, if there
	 * are any, and not of items
	 */
	bool		repeats;
	uint8	   *part;			/* of each rating, or event */
	/*
	 * by kind, SIDE_ITEMS, SIDE_USERS and SIDE_CONTEXT_FEATURES: attributes, if a candidate needs
	 * them, and the number of each of their rows
	 */
	AttributeRows *attributes[N_SIDES];
	int32	   *attribute_numbers[N_SIDES];
	int64		n_contexts;
	/* what the contexts say, where they are encoded already; NULL: they are encoded by each run */
	const Features *context_features;
	MergeRule	rule;			/* how rows of one user and item are merged into a rating */
	bool		by_column;		/* a column decides the parts */
	bool		by_item;		/* items are held out */
	bool		by_session;		/* sessions are held out */
	uint64		session_gap;	/* microseconds without an event that end a session */
	/* if a candidate needs events: those that by_user was merged from, or the same as by_user */
	History		events;
	unsigned	needs;			/* of training; parts may need times even if training does not */
	int64		now;			/* the time when they were read */
	/* test ratings that were chosen by lot among ratings of the user with the same time */
	int64		n_tied;
	TrainingMemory *memory;
} Interactions;

/*
 * Reads the model's source. All ratings are in PART_TRAIN, or in the part that a column says.
 * Raises an error where the plan needs times and there are none. needs: of training. In the current
 * memory context; SPI must be connected.
 */
extern Interactions *interactions_read(const ModelRow *row, Feedback feedback, unsigned needs,
									   const SplitPlan *plan);

/* Moves all ratings back to PART_TRAIN, unless a column decides the parts. */
extern void interactions_reset(Interactions *interactions);

/* Bytes of the interactions. */
extern double interactions_bytes(const Interactions *interactions);

/*
 * Approximate bytes of a split: two matrices of ratings to train on, profiles, and held-out
 * ratings.
 */
extern double split_bytes(const Interactions *interactions);

#endif							/* REC_INTERACTIONS_H */
