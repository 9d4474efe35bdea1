/*
 * off_policy.c
 *	  rec.off_policy: what reward a policy would have had, from a log of what another has shown.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "executor/spi.h"
#include "function/arguments.h"
#include "function/rows.h"
#include "miscadmin.h"
#include "run/model_policy.h"
#include "server/messages.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_off_policy);

/* The arguments of the function, in their order. */
enum
{
	ARGUMENT_LOG,
	ARGUMENT_MODEL,
	ARGUMENT_COLUMNS,			/* those of LogColumn follow */
	ARGUMENT_EXPLORATION = ARGUMENT_COLUMNS + LOG_COLUMNS,
	ARGUMENT_EXCLUDE_SEEN,
	ARGUMENT_SEED
};

static const char *const estimator_names[N_ESTIMATORS] = {
	[ESTIMATOR_LOGGED] = "logged",
	[ESTIMATOR_IPS] = "ips",
	[ESTIMATOR_SNIPS] = "snips",
	[ESTIMATOR_DR] = "dr"
};

static LogRelation
log_arguments(FunctionCallInfo fcinfo)
{
	LogRelation log;

	require_argument(fcinfo, ARGUMENT_LOG, "log");
	log.relid = PG_GETARG_OID(ARGUMENT_LOG);
	if (get_rel_name(log.relid) == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("log with OID %u does not exist", log.relid)));
	check_source_privilege(log.relid);
	for (int c = 0; c < LOG_COLUMNS; c++)
		log.columns[c] = optional_column(name_argument(fcinfo, ARGUMENT_COLUMNS + c));
	for (int c = LOG_PROPENSITY; c <= LOG_REWARD; c += LOG_REWARD - LOG_PROPENSITY)
	{
		if (log.columns[c] == NULL)
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("argument \"%s\" must not be NULL",
								   c == LOG_REWARD ? "reward_column" : "propensity_column")));
	}
	if ((log.columns[LOG_PREDICTED] == NULL) != (log.columns[LOG_EXPECTED] == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("predicted_column and expected_column need one another"),
				 errhint("One has the predicted reward of the item shown, the other the sum over "
						 "all items of the policy's probability times the predicted reward.")));
	return log;
}

static ModelPolicy
policy_arguments(FunctionCallInfo fcinfo)
{
	ModelPolicy policy;

	require_argument(fcinfo, ARGUMENT_EXPLORATION, "exploration");
	require_argument(fcinfo, ARGUMENT_EXCLUDE_SEEN, "exclude_seen");
	policy.exploration = PG_GETARG_FLOAT8(ARGUMENT_EXPLORATION);
	policy.exclude_seen = PG_GETARG_BOOL(ARGUMENT_EXCLUDE_SEEN);
	if (!(policy.exploration >= 0) || isinf(policy.exploration))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("exploration must be a number from 0 on, not %g",
							   policy.exploration)));
	return policy;
}

/* Raises an error where the log lacks a column that a model is asked with. */
static void
require_columns(const LogRelation *log)
{
	if (log->columns[LOG_USER] == NULL || log->columns[LOG_ITEM] == NULL ||
		log->columns[LOG_TIME] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("user_column, item_column and time_column are needed for a model"),
				 errdetail("It is asked about the items, with what the user had before the list "
						   "was shown.")));
}

PGDLLEXPORT Datum
rec_off_policy(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	LogRelation relation = log_arguments(fcinfo);
	uint64		seed = (uint64) integer_argument(fcinfo, ARGUMENT_SEED, "seed");
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec off-policy", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	ModelPolicy policy = policy_arguments(fcinfo);
	LoadedModel *loaded = NULL;
	ShownLog   *log;
	OffPolicy	result;

	if (PG_ARGISNULL(ARGUMENT_MODEL) == (relation.columns[LOG_TARGET] == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("either model or target_column must be given"),
				 errdetail("One of them says which policy is asked about.")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	old = MemoryContextSwitchTo(context);
	if (!PG_ARGISNULL(ARGUMENT_MODEL))
	{
		loaded = loaded_model(PG_GETARG_OID(ARGUMENT_MODEL));
		require_columns(&relation);
	}
	log = shown_log_read(&relation, loaded != NULL);
	if (loaded != NULL)
		model_policy(log, loaded, &policy, relation.columns[LOG_PREDICTED] == NULL);
	else if (relation.columns[LOG_PREDICTED] == NULL)
		shown_log_predict_by_rank(log);
	result = off_policy_estimate(log, seed);
	MemoryContextSwitchTo(old);
	for (int e = 0; e < N_ESTIMATORS; e++)
	{
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = CStringGetTextDatum(estimator_names[e]);
		set_number(values, nulls, 1, result.value[e]);
		set_number(values, nulls, 2, result.low[e]);
		set_number(values, nulls, 3, result.high[e]);
		set_number(values, nulls, 4,
				   e == ESTIMATOR_LOGGED ? (double) log->n_rows : result.effective_size);
		rows_add(&rows, values, nulls);
	}
	MemoryContextDelete(context);
	SPI_finish();
	return (Datum) 0;
}
