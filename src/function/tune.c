/*
 * tune.c
 *	  rec.tune: the best options of an algorithm.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/xact.h"
#include "function/candidates.h"
#include "function/rows.h"
#include "kernel/random.h"
#include "miscadmin.h"
#include "model/options.h"
#include "run/training.h"
#include "server/memory.h"
#include "server/messages.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rec_tune);

/* The most combinations of a grid. More are a mistake, or a case for method "random". */
#define MAX_COMBINATIONS 10000

/*
 * Successive halving keeps one of this many (Jamieson & Talwalkar 2016, "Non-stochastic best arm
 * identification"; eta of Li et al. 2018, "Hyperband").
 */
#define HALVING_RATE 3

/* The fewest users on which successive halving tries candidates. */
#define HALVING_USERS 100

/* The values to try for an option: a list, or a range. */
typedef struct Axis
{
	char	   *option;
	int			n_values;		/* 0: a range */
	JsonbValue *values;
	double		minimum;
	double		maximum;
	bool		whole;			/* both ends are whole numbers, so all values are */
} Axis;

static double
number_of(const JsonbValue *value, const char *what)
{
	if (value == NULL || value->type != jbvNumeric)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s of the grid must be a list of values, or a range with numbers "
							   "as \"min\" and \"max\"",
							   what),
						errhint("For example: '{\"factors\": [32, 64], \"regularization\": "
								"{\"min\": 1, \"max\": 100}}'")));
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)));
}

static Axis
read_axis(char *option, const JsonbValue *given)
{
	Axis		axis = {.option = option};
	Jsonb	   *json =
		given->type == jbvBinary ? JsonbValueToJsonb(unconstify(JsonbValue *, given)) : NULL;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (json == NULL)
	{
		/* a single value */
		axis.n_values = 1;
		axis.values = palloc(sizeof(JsonbValue));
		axis.values[0] = *given;
		return axis;
	}
	if (JB_ROOT_IS_OBJECT(json))
	{
		char	   *what = psprintf("option \"%s\"", option);

		axis.minimum = number_of(find_key(json, "min"), what);
		axis.maximum = number_of(find_key(json, "max"), what);
		axis.whole = axis.minimum == rint(axis.minimum) && axis.maximum == rint(axis.maximum);
		if (!(axis.minimum <= axis.maximum) || JB_ROOT_COUNT(json) != 2)
			number_of(NULL, what);
		return axis;
	}
	axis.values = palloc(sizeof(JsonbValue) * Max(JB_ROOT_COUNT(json), 1));
	iterator = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM)
			axis.values[axis.n_values++] = value;
	}
	if (axis.n_values == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" of the grid has no values", option)));
	return axis;
}

static int
read_grid(Jsonb *grid, Axis **axes)
{
	JsonbIterator *iterator = JsonbIteratorInit(&grid->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	char	   *key = NULL;
	int			n = 0;

	if (!JB_ROOT_IS_OBJECT(grid) || JB_ROOT_COUNT(grid) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("grid must be a JSON object with at least one option"),
				 errhint("For example: '{\"factors\": [32, 64], \"regularization\": [1, 10]}'")));
	*axes = palloc0(sizeof(Axis) * JB_ROOT_COUNT(grid));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
			(*axes)[n++] = read_axis(key, &value);
	}
	return n;
}

/*
 * A number in the range. If the range spans several powers of ten, each power is equally probable;
 * otherwise each number is.
 */
static JsonbValue
draw_value(const Axis *axis, double chance)
{
	bool		by_magnitude = axis->minimum > 0 && axis->maximum >= 10 * axis->minimum;
	double		number = by_magnitude ? axis->minimum * pow(axis->maximum / axis->minimum, chance) :
		axis->minimum + (axis->maximum - axis->minimum) * chance;
	JsonbValue	value = {.type = jbvNumeric};

	if (axis->whole)
		number = rint(number);
	/* four digits are precise enough, and easy to read */
	value.val.numeric = DatumGetNumeric(DirectFunctionCall3(
		numeric_in, CStringGetDatum(psprintf(axis->whole ? "%.0f" : "%.4g", number)),
		ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	return value;
}

/*
 * The options of a combination, as JSON. places: for each axis, the position in its list or, for a
 * range, a number from 0 to 1.
 */
static Jsonb *
combination_options(const Axis *axes, int n_axes, const double *places)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int a = 0; a < n_axes; a++)
	{
		JsonbValue	key = {.type = jbvString,
						  .val.string = {.val = axes[a].option, .len = strlen(axes[a].option)}};
		JsonbValue	value =
			axes[a].n_values > 0 ? axes[a].values[(int) places[a]]
								 : draw_value(&axes[a], places[a]);

		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(object);
}

static bool
is_listed(Jsonb *const *list, int n, Jsonb *sought)
{
	for (int i = 0; i < n; i++)
	{
		if (compareJsonbContainers(&list[i]->root, &sought->root) == 0)
			return true;
	}
	return false;
}

/* Makes all combinations of a grid, or `trials` different ones by chance; returns how many. */
static int
list_combinations(const Axis *axes, int n_axes, bool all, int trials, uint64 seed,
				  Jsonb ***combinations)
{
	double		total = 1;
	double	   *places = palloc0(sizeof(double) * n_axes);
	int			n = 0;

	for (int a = 0; a < n_axes; a++)
	{
		if (axes[a].n_values == 0 && all)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" has a range, and method \"grid\" tries lists of values",
							axes[a].option),
					 errhint("Use the method \"random\" or \"halving\".")));
		total *= axes[a].n_values > 0 ? axes[a].n_values : INFINITY;
	}
	if (all && total > MAX_COMBINATIONS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the grid has %.0f combinations, more than %d", total, MAX_COMBINATIONS),
				 errhint("Use the method \"random\" or \"halving\", with trials => 100.")));
	all = all || total <= trials;
	*combinations = palloc(sizeof(Jsonb *) * (all ? (int) total : trials));
	if (all)
	{
		for (n = 0; n < (int) total; n++)
		{
			int			rest = n;

			/* the last option changes fastest */
			for (int a = n_axes - 1; a >= 0; a--)
			{
				places[a] = rest % axes[a].n_values;
				rest /= axes[a].n_values;
			}
			(*combinations)[n] = combination_options(axes, n_axes, places);
		}
		return n;
	}
	/* a range of few whole numbers may have fewer combinations */
	for (int attempt = 0; n < trials && attempt < 100 * trials; attempt++)
	{
		Jsonb	   *drawn;

		CHECK_FOR_INTERRUPTS();
		for (int a = 0; a < n_axes; a++)
		{
			double		chance = random_uniform(seed, (uint64) attempt * n_axes + a);

			places[a] = axes[a].n_values > 0 ? floor(chance * axes[a].n_values) : chance;
		}
		drawn = combination_options(axes, n_axes, places);
		if (!is_listed(*combinations, n, drawn))
			(*combinations)[n++] = drawn;
	}
	return n;
}

/* A sample of this share of the users. Larger samples contain the smaller ones. */
static bool *
draw_sample(int64 n_users, double share, uint64 seed)
{
	bool	   *sample = palloc_extended(n_users, MCXT_ALLOC_HUGE);

	for (int64 u = 0; u < n_users; u++)
		sample[u] = random_uniform(~seed, (uint64) u) < share;
	return sample;
}

typedef struct Tuning
{
	Figure		figure;
	int			direction;
	Questions	questions;
	uint64		seed;
	TimestampTz deadline;		/* DT_NOEND: no limit */
	Interactions *interactions;
	Tried	   *tried;
	int			n;				/* candidates */
	int			n_tried;		/* candidates tried so far, which come first */
} Tuning;

static bool
is_over(const Tuning *t)
{
	return t->n_tried > 0 && GetCurrentTimestamp() >= t->deadline;
}

/*
 * Tries the first n candidates on a share of the users, and sorts all. Returns false where time is
 * up.
 */
static bool
try_candidates(Tuning *t, int n, double share)
{
	int64		n_users = t->interactions->by_user.n_rows;
	OwnSplit	own = trial_split(t->interactions, PART_TRAIN, PART_VALIDATION_KNOWN,
								  PART_VALIDATION,
							   share < 1 ? draw_sample(n_users, share, t->seed) : NULL);
	int			done = 0;

	while (done < n && !is_over(t))
	{
		Tried	   *tried = &t->tried[done++];
		Evaluation *evaluation = evaluation_create(n_users);

		tried->error = trial_attempt(evaluation, &own, &tried->candidate, &t->questions);
		tried->value = evaluation_value(evaluation, t->figure);
		tried->share = share;
		tried->train_seconds += evaluation->train_seconds;
		tried->iterations = evaluation->iterations;
		evaluation_free(evaluation);
		t->n_tried = Max(t->n_tried, done);
	}
	MemoryContextDelete(own.context);
	qsort_arg(t->tried, t->n_tried, sizeof(Tried), compare_tried, &t->direction);
	return done == n;
}

/* Successive halving: many candidates on few users, and the best of them on more. */
static void
try_by_halving(Tuning *t)
{
	int64		n_users = t->interactions->by_user.n_rows;
	int			rungs = 0;
	int			left = t->n;

	while (pow(HALVING_RATE, rungs + 1) <= t->n)
		rungs++;
	for (int rung = rungs; rung >= 0; rung--)
	{
		double		share = Max(pow(HALVING_RATE, -rung), Min(1, (double) HALVING_USERS / n_users));

		if (!try_candidates(t, left, rung == 0 ? 1 : share))
			return;
		left = (left + HALVING_RATE - 1) / HALVING_RATE;
	}
}

/*
 * Trains the best candidate on everything that is not held out for reporting, and asks it about
 * that part, which was not used for choosing. Training has more ratings than in the trials, so it
 * may fail where they did not.
 */
static Evaluation *
report_best(Tuning *t)
{
	OwnSplit	own =
		trial_split(t->interactions, PART_TRAIN | PART_VALIDATION | PART_VALIDATION_KNOWN,
					PART_TEST_KNOWN, PART_TEST, NULL);
	Evaluation *evaluation = evaluation_create(t->interactions->by_user.n_rows);

	t->tried[0].error = trial_attempt(evaluation, &own, &t->tried[0].candidate, &t->questions);
	MemoryContextDelete(own.context);
	return evaluation;
}

/*
 * Whether one of the first n candidates has the same options for training. Trials start without an
 * earlier version, so warm_start makes no difference; nor does weight where there are ratings.
 */
static bool
is_repeated(const Tried *tried, int n, const Candidate *candidate)
{
	Size		size = candidate->algorithm->options_size;
	CommonOptions *a = memcpy(palloc(size), candidate->options, size);
	CommonOptions *b = palloc(size);
	bool		found = false;

	a->warm_start = false;
	a->weight = weight_of_events(a);
	for (int i = 0; i < n && !found; i++)
	{
		CHECK_FOR_INTERRUPTS();
		memcpy(b, tried[i].candidate.options, size);
		b->warm_start = false;
		b->weight = weight_of_events(b);
		found = memcmp(a, b, size) == 0;
	}
	pfree(a);
	pfree(b);
	return found;
}

typedef enum TuningMethod
{
	TUNE_GRID,
	TUNE_RANDOM,
	TUNE_HALVING
} TuningMethod;

static const char *const tuning_methods[] = {"grid", "random", "halving"};

static TuningMethod
tuning_method(const char *name)
{
	for (int i = 0; i < (int) lengthof(tuning_methods); i++)
	{
		if (strcmp(name, tuning_methods[i]) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no method \"%s\"", name),
			 hint_nearest(name, tuning_methods, lengthof(tuning_methods))));
}

/* The model whose options are replaced, and the options. */
typedef struct Application
{
	Oid			model;
	const Candidate *candidate;
} Application;

static void
apply_options(void *arg)
{
	const Application *application = arg;
	const Candidate *candidate = application->candidate;
	ModelRow   *row;

	LockRelationOid(application->model, ShareUpdateExclusiveLock);
	row = catalog_get(application->model, NULL);
	row->options = options_to_json(candidate->algorithm, candidate->options, candidate->given);
	catalog_update(row);
	CommandCounterIncrement();
	train_model(application->model, false, true);
}

/*
 * Writes the best options into the model, and trains it with them. If that fails, nothing is
 * written: the result of the tuning, which may have taken hours, is returned all the same, and the
 * error column of the best candidate says why.
 */
static void
apply_best(Oid model, Tried *best)
{
	Application application = {model, &best->candidate};
	char	   *error;

	if (best->error != NULL)
	{
		ereport(NOTICE,
				(errmsg("no options were applied to model \"%s\"", get_rel_name(model)),
				 errdetail("The best could not be trained on more ratings than in the trials.")));
		return;
	}
	error = memory_attempt(apply_options, &application, is_no_cancel,
						   "the best options were not applied");
	if (error == NULL)
		return;
	ereport(WARNING,
			(errmsg("the best options were not applied to model \"%s\"", get_rel_name(model)),
			 errdetail("Training it with them failed: %s", error)));
	best->error = psprintf("not applied: %s", error);
}

PGDLLEXPORT Datum
rec_tune(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	ModelRow   *row = readable_model(fcinfo);
	Tuning		t = {.deadline = DT_NOEND};
	TuningMethod method = tuning_method(text_argument(fcinfo, 3, "method"));
	bool		apply;
	SplitPlan	plan = split_plan(
		text_argument(fcinfo, 6, "split"), real_argument(fcinfo, 7, "test_fraction"), 1,
		integer_argument(fcinfo, 11, "min_ratings"), integer_argument(fcinfo, 9, "seed"));
	SplitPlan	inner;
	int			trials = integer_argument(fcinfo, 10, "trials");
	Axis	   *axes;
	int			n_axes;
	int			n_combinations;
	Jsonb	  **combinations;
	unsigned	needs = 0;
	Evaluation *reported;
	double		test;
	double		low;
	double		high;
	Call		call;

	refuse_arguments(fcinfo, 15);
	plan_arguments(fcinfo, &plan, 13);
	require_argument(fcinfo, 1, "grid");
	require_argument(fcinfo, 5, "apply");
	apply = PG_GETARG_BOOL(5);
	if (apply)
	{
		PreventCommandIfReadOnly("rec.tune with apply");
		PreventCommandDuringRecovery("rec.tune with apply");
	}
	if (apply && !relation_is_owned(row->model, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(row->model));
	if (trials < 1 || trials > MAX_COMBINATIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("trials must be between 1 and %d, not %d", MAX_COMBINATIONS, trials)));
	t.figure = figure_by_name(text_argument(fcinfo, 2, "metric"));
	t.direction = figure_direction(t.figure);
	t.questions = questions_arguments(fcinfo, 8, 12, 13);
	t.seed = plan.seed;
	if (!PG_ARGISNULL(4))
		t.deadline = DatumGetTimestampTz(
			DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(GetCurrentTimestamp()),
								PG_GETARG_DATUM(4)));

	/* all combinations are checked before the source is read */
	n_axes = read_grid(PG_GETARG_JSONB_P(1), &axes);
	n_combinations =
		list_combinations(axes, n_axes, method == TUNE_GRID, trials, t.seed, &combinations);
	t.tried = palloc0(sizeof(Tried) * n_combinations);
	for (int i = 0; i < n_combinations; i++)
	{
		Candidate	candidate =
			make_candidate(row->algorithm, merge_options(row->options, combinations[i]), row);

		if (is_repeated(t.tried, t.n, &candidate))
			continue;
		t.tried[t.n].candidate = candidate;
		t.tried[t.n].candidate.shown = combinations[i];
		t.tried[t.n].order = t.n;
		t.n++;
		needs |= needs_of(&candidate);
		if (feedback_of(&candidate) != feedback_of(&t.tried[0].candidate))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"feedback\" cannot be tuned"),
					 errdetail("Whether rows are ratings or events depends on the source.")));
	}
	if (t.n < n_combinations)
		ereport(NOTICE, (errmsg("left out %d of %d combinations, which train in the same way as "
								"others",
								n_combinations - t.n, n_combinations)));
	t.questions.probabilities =
		gives_probabilities(t.tried[0].candidate.algorithm, t.tried[0].candidate.options);

	call = trial_begin("rec.tune", row->model, t.n);
	t.interactions = interactions_read(row, feedback_of(&t.tried[0].candidate), needs, &plan);
	split_assign(t.interactions, &plan, 0, PART_TEST, PART_TEST_KNOWN);
	/*
	 * a column decides the part for reporting; the part for choosing is drawn, or the last sessions
	 */
	inner = plan;
	inner.seed = random_bits(plan.seed, 1);
	inner.column = NULL;
	if (plan.method == SPLIT_COLUMN)
		inner.method = SPLIT_RANDOM;
	else if (plan.method == SPLIT_SESSION_COLUMN)
		inner.method = SPLIT_SESSION;
	split_assign(t.interactions, &inner, 0, PART_VALIDATION, PART_VALIDATION_KNOWN);
	if (method == TUNE_HALVING)
		try_by_halving(&t);
	else
		try_candidates(&t, t.n, 1);
	if (t.n_tried < t.n)
		ereport(NOTICE,
				(errmsg("tried %d of %d combinations within the budget", t.n_tried, t.n)));
	if (t.tried[0].error != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no combination of options could be tried"),
				 errdetail("The first failed: %s", t.tried[0].error)));
	if (isnan(t.tried[0].value))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("metric \"%s\" is not defined for algorithm \"%s\" on this source",
							   metrics[t.figure].name, row->algorithm)));
	reported = report_best(&t);
	test = evaluation_value(reported, t.figure);
	evaluation_interval(reported, t.figure, t.seed, &low, &high);
	for (int i = 0; i < t.n_tried; i++)
	{
		if (t.tried[i].error != NULL)
			t.tried[i].error = MemoryContextStrdup(call.caller, t.tried[i].error);
	}
	trial_end(&call);
	if (apply)
		apply_best(row->model, &t.tried[0]);
	for (int i = 0; i < t.n_tried; i++)
	{
		Datum		values[10];
		bool		nulls[10] = {false};

		values[0] = Int32GetDatum(i + 1);
		values[1] = JsonbPGetDatum(t.tried[i].candidate.shown);
		set_number(values, nulls, 2, t.tried[i].value);
		set_number(values, nulls, 3, t.tried[i].share);
		set_number(values, nulls, 4, i == 0 ? test : get_float8_nan());
		set_number(values, nulls, 5, i == 0 ? low : get_float8_nan());
		set_number(values, nulls, 6, i == 0 ? high : get_float8_nan());
		values[7] = Int32GetDatum(t.tried[i].iterations);
		set_number(values, nulls, 8, t.tried[i].train_seconds);
		set_text(values, nulls, 9, t.tried[i].error);
		/* a candidate that failed in its trial has no measurements */
		nulls[7] = nulls[8] = nulls[8] || isnan(t.tried[i].value);
		rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}
