/*
 * split_plan.c
 *	  How to divide the ratings of a source into those to train on and those to test.
 */
#include "postgres.h"
#include "server/compat.h"

#include "run/split_plan.h"
#include "server/messages.h"

#define COLUMN_PREFIX "column:"
#define SESSION_PREFIX "session:"

static const char *const method_names[] = {
	[SPLIT_TIME] = "time",
	[SPLIT_GLOBAL_TIME] = "global_time",
	[SPLIT_RANDOM] = "random",
	[SPLIT_LEAVE_ONE_OUT] = "leave_one_out",
	[SPLIT_USER] = "user",
	[SPLIT_ITEM] = "item",
	[SPLIT_SESSION] = "session",
	[SPLIT_SESSION_COLUMN] = SESSION_PREFIX "NAME",
	[SPLIT_COLUMN] = COLUMN_PREFIX "NAME"
};

/* The methods whose name has no argument come first. */
#define N_SIMPLE_METHODS SPLIT_SESSION_COLUMN

/* The text after a prefix, or NULL. */
static const char *
after_prefix(const char *name, const char *prefix)
{
	Size		length = strlen(prefix);

	return strncmp(name, prefix, length) == 0 ? pstrdup(name + length) : NULL;
}

SplitPlan
split_plan(const char *name, double test_fraction, int folds, int min_ratings, int seed)
{
	SplitPlan	plan = {.name = pstrdup(name),
						.test_fraction = test_fraction,
						.folds = folds,
						.min_ratings = min_ratings,
						.seed = (uint64) (int64) seed,
						.session_gap = ENDLESS_SESSIONS};
	int			method = 0;

	if ((plan.column = after_prefix(name, COLUMN_PREFIX)) != NULL)
		method = SPLIT_COLUMN;
	else if ((plan.column = after_prefix(name, SESSION_PREFIX)) != NULL)
		method = SPLIT_SESSION_COLUMN;
	else
	{
		while (method < N_SIMPLE_METHODS && strcmp(name, method_names[method]) != 0)
			method++;
		if (method == N_SIMPLE_METHODS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no split \"%s\"", name),
					 hint_nearest(name, method_names, lengthof(method_names))));
	}
	plan.method = method;
	if (!(test_fraction > 0 && test_fraction < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("test_fraction must be between 0 and 1, not %g", test_fraction)));
	if (folds < 1 || folds > 1000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("folds must be between 1 and 1000, not %d", folds)));
	if (folds > 1 && method != SPLIT_RANDOM && method != SPLIT_USER && method != SPLIT_ITEM)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("split \"%s\" has one fold only", name),
				 errhint("Folds are for the splits \"random\", \"user\" and \"item\".")));
	if (min_ratings < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_ratings must not be negative")));
	return plan;
}

bool
split_is_by_session(const SplitPlan *plan)
{
	return plan->method == SPLIT_SESSION || plan->method == SPLIT_SESSION_COLUMN;
}

bool
split_is_by_time(const SplitPlan *plan)
{
	return plan->method == SPLIT_TIME || plan->method == SPLIT_GLOBAL_TIME ||
		   plan->method == SPLIT_LEAVE_ONE_OUT || split_is_by_session(plan);
}
