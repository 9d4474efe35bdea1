/*
 * split_plan.h
 *	  How to divide the ratings of a source into those to train on and those to test.
 */
#ifndef REC_SPLIT_PLAN_H
#define REC_SPLIT_PLAN_H

typedef enum SplitMethod
{
	SPLIT_TIME,					/* each user's last ratings */
	SPLIT_GLOBAL_TIME,			/* all ratings after one moment */
	SPLIT_RANDOM,
	SPLIT_LEAVE_ONE_OUT,		/* each user's last rating */
	/* some users: a part of their ratings is tested, and the rest is their profile */
	SPLIT_USER,
	SPLIT_ITEM,					/* all ratings of some items */
	SPLIT_SESSION,				/* the sessions that end last */
	SPLIT_SESSION_COLUMN,		/* as a boolean column of the source says, and by sessions */
	SPLIT_COLUMN				/* as a boolean column of the source says */
} SplitMethod;

/* Sessions end only with the user's last event. */
#define ENDLESS_SESSIONS PG_UINT64_MAX

typedef struct SplitPlan
{
	SplitMethod method;
	const char *name;			/* the method's name, as given */
	const char *column;			/* the column that says which rows are held out, or NULL */
	double		test_fraction;
	/* 1: test_fraction applies; more: each rating, or user, is tested in one of the folds */
	int			folds;
	int			min_ratings;	/* users with fewer are not tested */
	uint64		seed;
	/*
	 * events are divided, so that an item of a user may be in several parts; otherwise ratings are
	 * divided
	 */
	bool		repeats;
	uint64		session_gap;	/* microseconds without an event that end a session */
} SplitPlan;

/* The plan for a name, 'time', ..., 'column:NAME', or an error with the nearest name. */
extern SplitPlan split_plan(const char *name, double test_fraction, int folds, int min_ratings,
							int seed);

/* Whether the plan needs the times of the ratings. */
extern bool split_is_by_time(const SplitPlan *plan);

/* Whether the plan tests sessions. */
extern bool split_is_by_session(const SplitPlan *plan);

#endif							/* REC_SPLIT_PLAN_H */
