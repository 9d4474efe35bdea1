/*
 * split_plan.h
 *	  How the ratings of a source are to be divided into what is trained on and what is tested.
 */
#ifndef REC_SPLIT_PLAN_H
#define REC_SPLIT_PLAN_H

typedef enum SplitMethod
{
	SPLIT_TIME,					/* each user's last ratings */
	SPLIT_GLOBAL_TIME,			/* all ratings after one moment */
	SPLIT_RANDOM,
	SPLIT_LEAVE_ONE_OUT,		/* each user's last rating */
	/* some users, asked about a part of their ratings and known by the rest */
	SPLIT_USER,
	SPLIT_SESSION,				/* the sessions that end last */
	SPLIT_SESSION_COLUMN,		/* what a column of the source says, by sessions */
	SPLIT_COLUMN				/* what a column of the source says */
} SplitMethod;

/* That nothing but the user's end ends a session. */
#define ENDLESS_SESSIONS PG_UINT64_MAX

typedef struct SplitPlan
{
	SplitMethod method;
	const char *name;			/* of the method, as it was given */
	const char *column;			/* where one says what is held out */
	double		test_fraction;
	/* 1: test_fraction; more: every rating, or user, is tested in one of them */
	int			folds;
	int			min_ratings;	/* users with fewer are not tested */
	uint64		seed;
	/* events are divided, so that an item may be in several parts of a user; else ratings */
	bool		repeats;
	uint64		session_gap;	/* microseconds without an event that end a session */
} SplitPlan;

/* The plan by its name, 'time', ..., 'column:NAME', or an error with the nearest name. */
extern SplitPlan split_plan(const char *name, double test_fraction, int folds, int min_ratings,
							int seed);

/* Whether it needs the times of the ratings. */
extern bool split_is_by_time(const SplitPlan *plan);

/* Whether it tests sessions. */
extern bool split_is_by_session(const SplitPlan *plan);

#endif							/* REC_SPLIT_PLAN_H */
