/*
 * candidates.c
 *	  Candidates, and trying them, for evaluating, comparing and tuning.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "function/candidates.h"
#include "miscadmin.h"
#include "model/options.h"
#include "server/memory.h"
#include "server/progress.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

static bool
exclude_seen_argument(FunctionCallInfo fcinfo, int argument)
{
	if (argument >= PG_NARGS())
		return true;
	require_argument(fcinfo, argument, "exclude_seen");
	return PG_GETARG_BOOL(argument);
}

void
plan_arguments(FunctionCallInfo fcinfo, SplitPlan *plan, int exclude_seen)
{
	int			session_gap = exclude_seen + 1;
	Interval   *gap;
	double		microseconds;

	plan->repeats = !exclude_seen_argument(fcinfo, exclude_seen);
	if (session_gap >= PG_NARGS())
		return;
	require_argument(fcinfo, session_gap, "session_gap");
	gap = PG_GETARG_INTERVAL_P(session_gap);
	microseconds = ((double) gap->month * DAYS_PER_MONTH + gap->day) * (double) USECS_PER_DAY +
				   (double) gap->time;
	if (microseconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("session_gap must not be negative")));
	if (microseconds > 0 && microseconds < (double) PG_INT64_MAX)
		plan->session_gap = (uint64) microseconds;
}

Questions
questions_arguments(FunctionCallInfo fcinfo, int k, int relevant_from, int exclude_seen)
{
	Questions	questions = {.k = integer_argument(fcinfo, k, "k"),
						   .exclude_seen = exclude_seen_argument(fcinfo, exclude_seen),
						   .relevant_from =
							   PG_ARGISNULL(relevant_from)
								   ? get_float8_nan()
								   : real_argument(fcinfo, relevant_from, "relevant_from")};

	if (questions.k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be at least 1, not %d", (int) questions.k)));
	return questions;
}

ModelRow *
readable_model(FunctionCallInfo fcinfo)
{
	Oid			relid;
	AclResult	result;
	ModelRow   *row;

	require_argument(fcinfo, 0, "model");
	relid = PG_GETARG_OID(0);
	row = catalog_get(relid, NULL);
	result = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT);
	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_TABLE, get_rel_name(relid));
	return row;
}

Jsonb *
merge_options(Jsonb *options, Jsonb *more)
{
	return DatumGetJsonbP(
		DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(options), JsonbPGetDatum(more)));
}

JsonbValue *
find_key(Jsonb *object, const char *name)
{
	JsonbValue	key = {.type = jbvString,
					  .val.string = {.val = unconstify(char *, name), .len = strlen(name)}};

	return findJsonbValueFromContainer(&object->root, JB_FOBJECT, &key);
}

/* Whether options name another feedback. */
static bool
says_other_feedback(Jsonb *options, Feedback feedback)
{
	JsonbValue *value = JB_ROOT_IS_OBJECT(options) ? find_key(options, "feedback") : NULL;

	return value != NULL && value->type == jbvString &&
		   strcmp(pnstrdup(value->val.string.val, value->val.string.len),
				  feedback_choices[feedback]) != 0;
}

Jsonb *
changed_options(const ModelRow *row, Jsonb *others)
{
	const CommonOptions *common =
		options_read(algorithm_by_name(row->algorithm), row->options, row);

	return says_other_feedback(others, common->feedback) ? others
														 : merge_options(row->options, others);
}

Candidate
make_candidate(const char *algorithm, Jsonb *options, const ModelRow *row)
{
	Candidate	candidate = {.algorithm = algorithm_by_name(algorithm)};

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object")));
	candidate.options = options_read(candidate.algorithm, options, row);
	candidate.given = options;
	return candidate;
}

Feedback
feedback_of(const Candidate *candidate)
{
	return ((const CommonOptions *) candidate->options)->feedback;
}

unsigned
needs_of(const Candidate *candidate)
{
	return algorithm_needs(candidate->algorithm, candidate->options);
}

Candidate
popularity(Feedback feedback, const ModelRow *row)
{
	const char *options = feedback == FEEDBACK_EXPLICIT
							  ? "{\"by\": \"count\", \"feedback\": \"explicit\"}"
							  : "{\"by\": \"count\", \"feedback\": \"implicit\"}";

	return make_candidate(
		"popular", DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(options))), row);
}

Call
trial_begin(const char *function, Oid shown, int iterations)
{
	Call		call = {.caller = CurrentMemoryContext};

	PreventCommandIfParallelMode(function);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	call.context =
		AllocSetContextCreate(CurrentMemoryContext, "rec evaluation", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(call.context);
	progress_begin(shown, iterations);
	progress_phase(PHASE_READING, 0);
	return call;
}

void
trial_end(const Call *call)
{
	progress_end();
	MemoryContextSwitchTo(call->caller);
	MemoryContextDelete(call->context);
	SPI_finish();
	MemoryContextSwitchTo(call->caller);
}

OwnSplit
trial_split(const Interactions *interactions, uint8 train, uint8 known, uint8 held,
			const bool *in_sample)
{
	OwnSplit	own = {.context = AllocSetContextCreate(CurrentMemoryContext, "rec split",
													 ALLOCSET_DEFAULT_SIZES)};

	own.memory = training_memory_extend(interactions->memory, own.context);
	own.split = split_make(interactions, train, known, held, in_sample, own.memory);
	return own;
}

void
trial_run(Evaluation *evaluation, const OwnSplit *own, const Candidate *candidate,
		  const Questions *questions)
{
	progress_iteration(1);
	evaluation_run(evaluation, own->split, candidate->algorithm, candidate->options, questions,
				   own->memory, candidate->algorithm->name);
}

char *
trial_attempt(Evaluation *evaluation, const OwnSplit *own, const Candidate *candidate,
			  const Questions *questions)
{
	progress_iteration(1);
	return evaluation_attempt(evaluation, own->split, candidate->algorithm, candidate->options,
							  questions, own->memory, candidate->algorithm->name);
}

char *
lists_in_words(double hit_rate, double popular, const SplitPlan *plan, const Questions *questions,
			   Feedback feedback, bool contexts)
{
	double		larger = isnan(popular) ? hit_rate : fmax(hit_rate, popular);
	double		of = 100;
	StringInfoData s;

	if (isnan(hit_rate))
		return NULL;
	/* a number of users for which the larger of the two counts is at least 5 */
	while (larger > 0 && larger * of < 5 && of < 10000)
		of *= 10;
	initStringInfo(&s);
	if (split_is_by_session(plan))
		appendStringInfo(&s,
						 "of %.0f next items in sessions %.0f are on the list of " INT64_FORMAT
						 " made from the items before them",
						 of, rint(hit_rate * of), questions->k);
	else
		appendStringInfo(&s,
						 "of %.0f users%s %.0f find something on their list of " INT64_FORMAT
						 "%s that they %s %s%s",
						 of, contexts ? " in a context" : "", rint(hit_rate * of), questions->k,
						 plan->method == SPLIT_ITEM ? " new items" : "",
						 split_is_by_time(plan) ? "then" : "also",
						 feedback == FEEDBACK_EXPLICIT ? "rated" : "chose",
						 contexts ? " in it" : "");
	if (!isnan(questions->relevant_from))
		appendStringInfo(&s, "%s at least %g",
						 split_is_by_session(plan)		 ? ", counting those of"
						 : feedback == FEEDBACK_EXPLICIT ? ""
														 : ", with a weight of",
						 questions->relevant_from);
	if (!isnan(popular))
		appendStringInfo(&s, "; with the most popular items %.0f", rint(popular * of));
	return s.data;
}

char *
errors_in_words(double error, double biases)
{
	if (isnan(error) || isnan(biases))
		return NULL;
	return psprintf("predicted ratings are off by %.2g on average; by the averages of users and "
					"items alone %.2g",
					error, biases);
}

int
compare_tried(const void *a, const void *b, void *arg)
{
	const Tried *x = a;
	const Tried *y = b;
	int			direction = *(int *) arg;

	if (isnan(x->value) != isnan(y->value))
		return isnan(x->value) ? 1 : -1;
	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	if (!isnan(x->value) && x->value != y->value)
		return (x->value > y->value) == (direction > 0) ? -1 : 1;
	return x->order - y->order;
}
