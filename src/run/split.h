/*
 * split.h
 *	  The ratings of a source, divided into what a model is trained on and what it is asked about.
 */
#ifndef REC_SPLIT_H
#define REC_SPLIT_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "server/workers.h"
#include "source/identifier.h"
#include "source/source.h"

/* What a rating is for: bits, of which a rating has one, or none where it is left out. */
#define PART_TRAIN				1
#define PART_VALIDATION			2	/* held out, to choose by */
/* of users who are held out as a whole: what they are known by */
#define PART_VALIDATION_KNOWN	4
#define PART_TEST				8	/* held out, to report */
#define PART_TEST_KNOWN			16

typedef enum SplitMethod
{
	SPLIT_TIME,					/* each user's last ratings */
	SPLIT_GLOBAL_TIME,			/* all ratings after one moment */
	SPLIT_RANDOM,
	SPLIT_LEAVE_ONE_OUT,		/* each user's last rating */
	/* some users, asked about a part of their ratings and known by the rest */
	SPLIT_USER,
	SPLIT_COLUMN				/* what a column of the source says */
} SplitMethod;

typedef struct SplitPlan
{
	SplitMethod method;
	char	   *column;			/* for SPLIT_COLUMN */
	double		test_fraction;
	/* 1: test_fraction; more: every rating, or user, is tested in one of them */
	int			folds;
	int			min_ratings;	/* users with fewer are not tested */
	uint64		seed;
} SplitPlan;

/* The plan by its name, 'time', ..., 'column:NAME', or an error with the nearest name. */
extern SplitPlan split_plan(const char *name, double test_fraction, int folds, int min_ratings,
							int seed);

/* All ratings of a source, each with its part. */
typedef struct Interactions
{
	Source	   *source;
	/* items in the order of their ids, but that those which a column sets aside alone come last */
	SparseMatrix by_user;
	uint8	   *part;			/* of each rating */
	bool		by_column;		/* the parts were decided by a column */
	History		events;			/* the same, unmerged; empty where no candidate needs them */
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

/*
 * Moves ratings from PART_TRAIN to others, unless a column has; known: for those of users who are
 * held out as a whole.
 */
extern void split_assign(Interactions *interactions, const SplitPlan *plan, int fold, uint8 tested,
						 uint8 known);

/* Whether any rating is of this part. */
extern bool split_tests(const Interactions *interactions, uint8 part);

/* Bytes that the interactions take. */
extern double interactions_bytes(const Interactions *interactions);

/*
 * Bytes that a split takes, about: ratings to train on twice, what users are known by, and what
 * is held out.
 */
extern double split_bytes(const Interactions *interactions);

/* What one training and one round of questions need. */
typedef struct Split
{
	/* of the users and items that have ratings to train on, numbered anew in the same order */
	Ratings		train;
	/* users who are asked about x items: what they are known by, and do not get recommended */
	SparseMatrix known;
	History		known_events;	/* the same users' events; empty where no candidate needs them */
	/* the same users x items: what was held out. Item -1: not trained on */
	SparseMatrix held;
	int32	   *user;			/* their numbers in the interactions */
	int64		unseen_users;	/* of them, those who are not known by anything */
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

#endif							/* REC_SPLIT_H */
