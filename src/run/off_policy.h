/*
 * off_policy.h
 *	  What reward a policy would have had, from a log of what another policy has shown.
 */
#ifndef REC_OFF_POLICY_H
#define REC_OFF_POLICY_H

#include "source/identifier.h"
#include "utils/timestamp.h"

/* The columns of a log, in the order of their arguments. */
typedef enum LogColumn
{
	LOG_TARGET,					/* the policy's probability; a model says it where there is none */
	LOG_USER,
	LOG_ITEM,
	LOG_RANK,
	LOG_PROPENSITY,
	LOG_TIME,
	LOG_REWARD,
	LOG_PREDICTED,
	LOG_EXPECTED,
	LOG_COLUMNS
} LogColumn;

/* A relation with a row for each item that was shown. */
typedef struct LogRelation
{
	Oid			relid;
	const char *columns[LOG_COLUMNS];	/* NULL: there is none */
} LogRelation;

/* A row of the log. */
typedef struct ShownItem
{
	double		propensity;		/* the probability of the item, given those above it */
	double		target;			/* the same of the policy that is asked about */
	double		reward;
	double		predicted;		/* the reward that is predicted for the item */
	/* the same for all items, each times the policy's probability of it */
	double		expected;
	int32		item;			/* its number in ShownLog.items */
} ShownItem;

/*
 * The rows, by user. A list is what was shown to a user at a time, in the order of ranks; without
 * ranks, each row is a list.
 */
typedef struct ShownLog
{
	const char *name;
	int64		n_rows;
	int64		n_lists;
	int64		n_users;
	ShownItem  *rows;
	int64	   *lists;			/* n_lists + 1: where the rows of each list begin */
	int64	   *users;			/* n_users + 1: where the lists of each user begin */
	int64		longest;		/* rows of the longest list */
	/* only where a model is asked about: */
	IdDictionary *items;
	IdType		user_type;
	Datum	   *user_ids;		/* by user */
	bool	   *no_user;		/* by user: the id is NULL */
	TimestampTz *times;			/* by list */
	TimestampTz first;			/* the first of these */
} ShownLog;

/*
 * Reads a log as the current user. Raises an error where a probability or a reward cannot be one.
 * for_model: also read what a model is asked with. SPI must be connected. In the current memory
 * context.
 */
extern ShownLog *shown_log_read(const LogRelation *relation, bool for_model);

/* The rewards of some rows. */
typedef struct RewardSum
{
	double		n;
	double		reward;
} RewardSum;

/* Their mean, shrunk to the mean of all rows. */
extern double shrunk_reward(RewardSum rows, double mean);

/*
 * Sets what rewards are predicted and expected: the mean reward at the same rank of all other
 * users' rows, whatever the item.
 */
extern void shown_log_predict_by_rank(ShownLog *log);

typedef enum Estimator
{
	ESTIMATOR_LOGGED,
	ESTIMATOR_IPS,
	ESTIMATOR_SNIPS,
	ESTIMATOR_DR,
	N_ESTIMATORS
} Estimator;

typedef struct OffPolicy
{
	double		value[N_ESTIMATORS];	/* NaN where undefined */
	double		low[N_ESTIMATORS];
	double		high[N_ESTIMATORS];
	double		effective_size;
} OffPolicy;

/* Estimates the mean reward of a row, and warns where the log is unfit for it. */
extern OffPolicy off_policy_estimate(const ShownLog *log, uint64 seed);

#endif							/* REC_OFF_POLICY_H */
