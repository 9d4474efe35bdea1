/*
 * evaluate.c
 *	  rec.evaluate and rec.compare: how good a model is, and which algorithm is best on the same
 *	  data.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "function/candidates.h"
#include "function/rows.h"
#include "lib/stringinfo.h"
#include "model/options.h"
#include "run/fit.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rec_evaluate);
PG_FUNCTION_INFO_V1(rec_compare);

/* ---- evaluate ---- */

/* A count of what was tested, without interval and baseline. */
static Measured
count_of(Figure figure, double count, int64 users)
{
	return (Measured) {figure, count, get_float8_nan(), get_float8_nan(), get_float8_nan(), users};
}

static Measured
figure_of(Figure figure, const Evaluation *evaluation, const Evaluation *baseline, uint64 seed)
{
	Measured	measured = {.figure = figure,
						 .value = evaluation_value(evaluation, figure)};

	evaluation_interval(evaluation, figure, seed, &measured.low, &measured.high);
	measured.baseline = evaluation_value(baseline, figure);
	measured.users = evaluation_users(evaluation, figure);
	return measured;
}

Measured *
measure_model(const char *function, const ModelRow *row, Jsonb *others, const SplitPlan *plan,
			  Questions questions, int *n)
{
	Candidate	candidate = make_candidate(
		row->algorithm, others == NULL ? row->options : changed_options(row, others), row);
	Candidate	popular = popularity(feedback_of(&candidate), row);
	Measured   *measured = palloc(sizeof(Measured) * N_MEASURES);
	Call		call = trial_begin(function, row->model,
							   training_iterations(candidate.algorithm, candidate.options));
	Interactions *interactions =
		interactions_read(row, feedback_of(&candidate), needs_of(&candidate), plan);
	Evaluation *evaluation = evaluation_create(interactions->by_user.n_rows);
	Evaluation *baseline = evaluation_create(interactions->by_user.n_rows);
	int64		users = 0;
	int64		ratings = 0;
	int64		unseen_users = 0;
	int64		unseen_items = 0;
	int64		unseen_ratings = 0;
	int64		tied = 0;
	int64		sessions = 0;

	if (others == NULL || !feedback_is_given(others))
		source_note_weights(interactions->source, &interactions->by_user);
	questions.probabilities = gives_probabilities(candidate.algorithm, candidate.options);
	for (int fold = 0; fold < plan->folds; fold++)
	{
		OwnSplit	own;

		interactions_reset(interactions);
		split_assign(interactions, plan, fold, PART_TEST, PART_TEST_KNOWN);
		/*
		 * With more folds than users or ratings, some folds are empty. If all are, split_make()
		 * raises an error for the last one.
		 */
		if ((fold + 1 < plan->folds || evaluation->runs > 0) &&
			!split_tests(interactions, PART_TEST))
			continue;
		own = trial_split(interactions, PART_TRAIN, PART_TEST_KNOWN, PART_TEST, NULL);
		users += own.split->n_users;
		ratings += own.split->n_questions;
		unseen_users += own.split->unseen_users;
		unseen_items += own.split->unseen_items;
		unseen_ratings += own.split->unseen_ratings;
		tied += own.split->n_tied;
		sessions += own.split->sessions == NULL ? 0 : own.split->sessions->n;
		trial_run(evaluation, &own, &candidate, &questions);
		/* how popular they are says nothing of items that nobody has rated */
		if (plan->method != SPLIT_ITEM)
			trial_run(baseline, &own, &popular, &questions);
		if (feedback_of(&candidate) == FEEDBACK_EXPLICIT)
			evaluation_run_biases(baseline, own.split);
		MemoryContextDelete(own.context);
	}
	compute_note_nothing_learned(evaluation->too_large, candidate.algorithm->name);
	tied += interactions->n_tied;
	*n = 0;
	for (int f = 0; f < N_FIGURES; f++)
	{
		if (!isnan(evaluation_value(evaluation, f)))
			measured[(*n)++] = figure_of(f, evaluation, baseline, plan->seed);
	}
	measured[(*n)++] = count_of(COUNT_UNSEEN_USERS, unseen_users, users);
	measured[(*n)++] = count_of(COUNT_UNSEEN_ITEMS, unseen_items, users);
	measured[(*n)++] = count_of(COUNT_UNSEEN_RATINGS, unseen_ratings, users);
	if (split_is_by_time(plan) && plan->method != SPLIT_GLOBAL_TIME)
		measured[(*n)++] = count_of(COUNT_TIED_RATINGS, (double) tied / ratings, users);
	if (split_is_by_session(plan))
	{
		measured[(*n)++] = count_of(COUNT_SESSIONS, sessions, users);
		measured[(*n)++] = count_of(COUNT_PREDICTIONS, ratings, users);
	}
	trial_end(&call);
	return measured;
}

PGDLLEXPORT Datum
rec_evaluate(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	ModelRow   *row = readable_model(fcinfo);
	SplitPlan	plan = split_plan(
		text_argument(fcinfo, 1, "split"), real_argument(fcinfo, 2, "test_fraction"),
		integer_argument(fcinfo, 4, "folds"), integer_argument(fcinfo, 6, "min_ratings"),
		integer_argument(fcinfo, 5, "seed"));
	Questions	questions = questions_arguments(fcinfo, 3, 7, 9);
	int			n;
	Jsonb	   *others = PG_ARGISNULL(8) ? NULL : PG_GETARG_JSONB_P(8);
	Measured   *measured;

	refuse_arguments(fcinfo, 11);
	plan_arguments(fcinfo, &plan, 9);
	measured = measure_model("rec.evaluate", row, others, &plan, questions, &n);
	for (int i = 0; i < n; i++)
	{
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = CStringGetTextDatum(metrics[measured[i].figure].name);
		set_number(values, nulls, 1, measured[i].value);
		set_number(values, nulls, 2, measured[i].low);
		set_number(values, nulls, 3, measured[i].high);
		set_number(values, nulls, 4, measured[i].baseline);
		values[5] = Int64GetDatum(measured[i].users);
		set_text(values, nulls, 6, NULL);
		rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}

/* ---- compare ---- */

/* All defined figures, as a JSON object. */
static Jsonb *
figures_to_json(const Evaluation *evaluation)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	for (int f = 0; f < N_FIGURES; f++)
	{
		double		value = evaluation_value(evaluation, f);

		if (isnan(value) || isinf(value))
			continue;
		if (s.len > 1)
			appendStringInfoString(&s, ", ");
		appendStringInfo(&s, "\"%s\": %.17g", metrics[f].name, value);
	}
	appendStringInfoChar(&s, '}');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(s.data)));
}

/*
 * The candidate for an element of the argument algorithms: a name, or an object whose "algorithm"
 * is a name, and whose other keys are options that replace common ones.
 */
static Candidate
candidate_of_element(const JsonbValue *element, Jsonb *common, const ModelRow *row)
{
	Jsonb	   *object;
	JsonbValue *name;

	if (element->type == jbvString)
		return make_candidate(pnstrdup(element->val.string.val, element->val.string.len), common,
							  row);
	object =
		element->type == jbvBinary ? JsonbValueToJsonb(unconstify(JsonbValue *, element)) : NULL;
	if (object == NULL || !JB_ROOT_IS_OBJECT(object) ||
		(name = find_key(object, "algorithm")) == NULL || name->type != jbvString)
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("an element of algorithms must be a name, or an object with a name as "
					"\"algorithm\""),
			 errhint("For example: '[\"popular\", {\"algorithm\": \"als\", \"factors\": 32}]'")));
	return make_candidate(pnstrdup(name->val.string.val, name->val.string.len),
						  merge_options(common, DatumGetJsonbP(DirectFunctionCall2(
													jsonb_delete, JsonbPGetDatum(object),
													CStringGetTextDatum("algorithm")))),
						  row);
}

/*
 * Reads the argument algorithms. given: set to whether the options of any candidate include
 * "feedback".
 */
static int
read_candidates(Jsonb *algorithms, Jsonb *common, const ModelRow *row, Tried **tried, bool *given)
{
	JsonbIterator *iterator = JsonbIteratorInit(&algorithms->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			n = 0;

	if (!JB_ROOT_IS_ARRAY(algorithms) || JB_ROOT_IS_SCALAR(algorithms) ||
		JB_ROOT_COUNT(algorithms) == 0)
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("algorithms must be a JSON array of at least one"),
			 errhint("For example: '[\"popular\", {\"algorithm\": \"als\", \"factors\": 32}]'")));
	if (!JB_ROOT_IS_OBJECT(common))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errhint("For example: '{\"feedback\": \"implicit\"}'")));
	*given = false;
	*tried = palloc0(sizeof(Tried) * JB_ROOT_COUNT(algorithms));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		(*tried)[n].candidate = candidate_of_element(&value, common, row);
		(*tried)[n].order = n;
		(*tried)[n].share = 1;
		*given = *given || feedback_is_given((*tried)[n].candidate.given);
		if (feedback_of(&(*tried)[n].candidate) != feedback_of(&(*tried)[0].candidate))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("algorithms can only be compared on the same feedback"),
					 errhint("Set it for all of them: options => '{\"feedback\": "
							 "\"implicit\"}'.")));
		n++;
	}
	return n;
}

/*
 * The result in words: the error of predicted ratings if such an error is compared, otherwise the
 * hit rate of lists. NULL where it is undefined.
 */
static char *
verdict(const Evaluation *evaluation, const Evaluation *baseline, Figure figure,
		const SplitPlan *plan, const Questions *questions, Feedback feedback, bool contexts)
{
	if (figure == FIGURE_RMSE || figure == FIGURE_MAE || figure == FIGURE_MSE)
		return errors_in_words(evaluation_value(evaluation, FIGURE_MAE),
							   evaluation_value(baseline, FIGURE_MAE));
	return lists_in_words(evaluation_value(evaluation, FIGURE_HIT_RATE),
						  evaluation_value(baseline, FIGURE_HIT_RATE), plan, questions, feedback,
						  contexts);
}

PGDLLEXPORT Datum
rec_compare(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	ModelRow   *row = source_arguments(fcinfo, 0, 9);
	Figure		figure = figure_by_name(text_argument(fcinfo, 2, "metric"));
	int			direction = figure_direction(figure);
	SplitPlan	plan =
		split_plan(!PG_ARGISNULL(3)			  ? text_argument(fcinfo, 3, "split")
				   : row->source.time_column != NULL ? "time"
											  : "random",
				   real_argument(fcinfo, 4, "test_fraction"), 1,
				   integer_argument(fcinfo, 7, "min_ratings"), integer_argument(fcinfo, 6, "seed"));
	Questions	questions = questions_arguments(fcinfo, 5, 8, 14);
	Tried	   *tried;
	int			n;
	unsigned	needs = 0;
	Call		call;
	Feedback	feedback;
	bool		given;			/* an option says what feedback is */
	Interactions *interactions;
	OwnSplit	own;
	Candidate	popular;
	Evaluation *baseline;

	require_argument(fcinfo, 1, "algorithms");
	require_argument(fcinfo, 13, "options");
	attributes_argument(fcinfo, 16, SIDE_ITEMS, row);
	attributes_argument(fcinfo, 17, SIDE_USERS, row);
	contexts_argument(fcinfo, 18, row);
	source_check_roles(&row->source);
	refuse_arguments(fcinfo, 19);
	plan_arguments(fcinfo, &plan, 14);
	n = read_candidates(PG_GETARG_JSONB_P(1), PG_GETARG_JSONB_P(13), row, &tried, &given);
	feedback = feedback_of(&tried[0].candidate);
	if (!given)
		note_feedback(row);
	for (int i = 0; i < n; i++)
		needs |= needs_of(&tried[i].candidate);
	call = trial_begin("rec.compare", row->source.relid, n);
	interactions = interactions_read(row, feedback, needs, &plan);
	if (!given)
		source_note_weights(interactions->source, &interactions->by_user);
	split_assign(interactions, &plan, 0, PART_TEST, PART_TEST_KNOWN);
	own = trial_split(interactions, PART_TRAIN, PART_TEST_KNOWN, PART_TEST, NULL);
	for (int i = 0; i < n; i++)
	{
		questions.probabilities =
			gives_probabilities(tried[i].candidate.algorithm, tried[i].candidate.options);
		tried[i].evaluation = evaluation_create(interactions->by_user.n_rows);
		tried[i].error = trial_attempt(tried[i].evaluation, &own, &tried[i].candidate, &questions);
		compute_note_nothing_learned(tried[i].evaluation->too_large,
									 tried[i].candidate.algorithm->name);
		tried[i].value = evaluation_value(tried[i].evaluation, figure);
	}
	/* this may fail, as the sum of weights may not be finite; verdicts then have no baseline */
	popular = popularity(feedback, row);
	questions.probabilities = gives_probabilities(popular.algorithm, popular.options);
	baseline = evaluation_create(interactions->by_user.n_rows);
	if (plan.method != SPLIT_ITEM)
		trial_attempt(baseline, &own, &popular, &questions);
	if (feedback == FEEDBACK_EXPLICIT)
		evaluation_run_biases(baseline, own.split);
	qsort_arg(tried, n, sizeof(Tried), compare_tried, &direction);
	for (int i = 0; i < n; i++)
	{
		const Evaluation *e = tried[i].evaluation;
		double		low;
		double		high;
		Datum		values[15];
		bool		nulls[15] = {false};

		evaluation_interval(e, figure, plan.seed, &low, &high);
		values[0] = Int32GetDatum(i + 1);
		values[1] = CStringGetTextDatum(tried[i].candidate.algorithm->name);
		values[2] = JsonbPGetDatum(options_to_json(
			tried[i].candidate.algorithm,
			tried[i].error == NULL ? tried[i].evaluation->options : tried[i].candidate.options,
			tried[i].candidate.given));
		set_number(values, nulls, 3, tried[i].value);
		set_number(values, nulls, 4, low);
		set_number(values, nulls, 5, high);
		set_number(values, nulls, 6,
				   i == 0 || tried[i].error != NULL
					   ? get_float8_nan()
					   : evaluation_p_value(e, tried[0].evaluation, figure, plan.seed));
		values[7] = JsonbPGetDatum(figures_to_json(e));
		values[8] = Int64GetDatum(evaluation_users(e, figure));
		values[9] = Int32GetDatum(e->iterations);
		set_number(values, nulls, 10, e->train_seconds);
		set_number(values, nulls, 11, e->score_seconds);
		values[12] = Int64GetDatum(e->model_bytes);
		set_text(values, nulls, 13, tried[i].error);
		set_text(values, nulls, 14,
				 verdict(e, baseline, figure, &plan, &questions, feedback,
						 own.split->has_contexts));
		/* a candidate that failed has no measurements */
		for (int column = 7; column < 13 && !nulls[13]; column++)
			nulls[column] = true;
		rows_add(&rows, values, nulls);
	}
	trial_end(&call);
	return (Datum) 0;
}
