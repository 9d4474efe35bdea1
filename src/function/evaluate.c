/*
 * evaluate.c
 *	  How good models are: one, several on the same data, one with many options.
 */
#include "postgres.h"
#include "model/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "function/call.h"
#include "kernel/metrics.h"
#include "kernel/random.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/evaluation.h"
#include "model/names.h"
#include "model/options.h"
#include "model/progress.h"
#include "model/split.h"
#include "model/training.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rec_evaluate);
PG_FUNCTION_INFO_V1(rec_compare);
PG_FUNCTION_INFO_V1(rec_tune);

/* ---- arguments ---- */

static float
real_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	require_argument(fcinfo, argument, name);
	return PG_GETARG_FLOAT4(argument);
}

static int
integer_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	require_argument(fcinfo, argument, name);
	return PG_GETARG_INT32(argument);
}

static char *
text_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	require_argument(fcinfo, argument, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

static Questions
questions_of(int k, bool all_relevant, float relevant_from)
{
	Questions	questions = {.k = k, .relevant_from = all_relevant ? get_float8_nan() : relevant_from};

	if (k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be at least 1, and is %d", k)));
	return questions;
}

/* The row of a model that the current user may ask. */
static ModelRow *
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

static Jsonb *
merge_options(Jsonb *options, Jsonb *more)
{
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(options), JsonbPGetDatum(more)));
}

static JsonbValue *
find_key(Jsonb *object, const char *name)
{
	JsonbValue	key = {.type = jbvString, .val.string = {.val = unconstify(char *, name), .len = strlen(name)}};

	return findJsonbValueFromContainer(&object->root, JB_FOBJECT, &key);
}

/* An algorithm with options. */
typedef struct Candidate
{
	const Algorithm *algorithm;
	void	   *options;
	Jsonb	   *shown;			/* what is said of the options in the result */
} Candidate;

static Candidate
make_candidate(const char *algorithm, Jsonb *options, bool has_rating)
{
	Candidate	candidate = {.algorithm = algorithm_by_name(algorithm)};

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object")));
	candidate.options = options_read(candidate.algorithm, options, has_rating);
	candidate.shown = options_to_json(candidate.algorithm, candidate.options);
	return candidate;
}

static Feedback
feedback_of(const Candidate *candidate)
{
	return ((const CommonOptions *) candidate->options)->feedback;
}

static bool
needs_times(const Candidate *candidate)
{
	return candidate->algorithm->needs_times != NULL && candidate->algorithm->needs_times(candidate->options);
}

/* Ranking by how many users have an item: what any model should beat. */
static Candidate
popularity(Feedback feedback)
{
	const char *options = feedback == FEEDBACK_EXPLICIT ? "{\"by\": \"count\", \"feedback\": \"explicit\"}" : "{\"by\": \"count\", \"feedback\": \"implicit\"}";

	return make_candidate("popular", DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(options))), true);
}

/* ---- what all three begin and end with ---- */

/* One call: its memory, and the connection to SPI. */
typedef struct Call
{
	MemoryContext caller;
	MemoryContext context;
} Call;

static Call
begin_call(Oid shown, int iterations)
{
	Call		call = {.caller = CurrentMemoryContext};

	PreventCommandIfParallelMode("rec.evaluate");
	PreventCommandDuringRecovery("rec.evaluate");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	call.context = AllocSetContextCreate(CurrentMemoryContext, "rec evaluation", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(call.context);
	progress_begin(shown, iterations);
	progress_phase(PHASE_READING, 0);
	return call;
}

static void
end_call(const Call *call)
{
	progress_end();
	MemoryContextSwitchTo(call->caller);
	MemoryContextDelete(call->context);
	SPI_finish();
	MemoryContextSwitchTo(call->caller);
}

/* A row of the result, in the caller's memory. */
static void
add_row(const Call *call, Rows *rows, TupleDesc desc, Datum *values, bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(call->caller);

	rows->tuples = rows->n == 0 ? palloc(sizeof(HeapTuple)) : repalloc(rows->tuples, sizeof(HeapTuple) * (rows->n + 1));
	rows->tuples[rows->n++] = heap_form_tuple(desc, values, nulls);
	MemoryContextSwitchTo(old);
}

static void
set_number(Datum *values, bool *nulls, int column, double number)
{
	values[column] = Float8GetDatum(number);
	nulls[column] = isnan(number);
}

/* A split in memory of its own, which goes with the context. */
typedef struct OwnSplit
{
	MemoryContext context;
	TrainingMemory *memory;
	Split	   *split;
} OwnSplit;

static OwnSplit
make_split(const Interactions *interactions, uint8 train, uint8 known, uint8 held, const bool *in_sample)
{
	OwnSplit	own = {.context = AllocSetContextCreate(CurrentMemoryContext, "rec split", ALLOCSET_DEFAULT_SIZES)};

	own.memory = training_memory_extend(interactions->memory, own.context);
	own.split = split_make(interactions, train, known, held, in_sample, own.memory);
	return own;
}

static void
run(Evaluation *evaluation, const OwnSplit *own, const Candidate *candidate, const Questions *questions)
{
	progress_iteration(1);
	evaluation_run(evaluation, own->split, candidate->algorithm, candidate->options, questions, own->memory, candidate->algorithm->name);
}

/* All ratings are to train on again, but those that a column sets aside. */
static void
reset_parts(Interactions *interactions)
{
	if (!interactions->by_column)
		memset(interactions->part, PART_TRAIN, interactions->by_user.start[interactions->by_user.n_rows]);
}

/* ---- evaluate ---- */

/* What was held out and nobody could have known. */
typedef struct Unseen
{
	int64		users;
	int64		items;
	int64		ratings;
} Unseen;

static void
add_count(const Call *call, Rows *rows, TupleDesc desc, const char *name, int64 count, int64 users)
{
	Datum		values[6] = {CStringGetTextDatum(name), Float8GetDatum((double) count), 0, 0, 0, Int64GetDatum(users)};
	bool		nulls[6] = {false, false, true, true, true, false};

	add_row(call, rows, desc, values, nulls);
}

static void
add_figure(const Call *call, Rows *rows, TupleDesc desc, Figure figure, const Evaluation *evaluation, const Evaluation *baseline, uint64 seed)
{
	double		value = evaluation_value(evaluation, figure);
	double		low;
	double		high;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (isnan(value))
		return;
	evaluation_interval(evaluation, figure, seed, &low, &high);
	values[0] = CStringGetTextDatum(figure_name(figure));
	set_number(values, nulls, 1, value);
	set_number(values, nulls, 2, low);
	set_number(values, nulls, 3, high);
	set_number(values, nulls, 4, evaluation_value(baseline, figure));
	values[5] = Int64GetDatum(evaluation_users(evaluation, figure));
	add_row(call, rows, desc, values, nulls);
}

static void
make_evaluation(FunctionCallInfo fcinfo, TupleDesc desc, Rows *rows)
{
	ModelRow   *row = readable_model(fcinfo);
	SplitPlan	plan = split_plan(text_argument(fcinfo, 1, "split"), real_argument(fcinfo, 2, "test_fraction"),
								  integer_argument(fcinfo, 4, "folds"), integer_argument(fcinfo, 6, "min_ratings"),
								  integer_argument(fcinfo, 5, "seed"));
	Questions	questions = questions_of(integer_argument(fcinfo, 3, "k"), PG_ARGISNULL(7), PG_ARGISNULL(7) ? 0 : PG_GETARG_FLOAT4(7));
	Jsonb	   *options = PG_ARGISNULL(8) ? row->options : merge_options(row->options, PG_GETARG_JSONB_P(8));
	Candidate	candidate = make_candidate(row->algorithm, options, row->rating_column != NULL);
	Candidate	popular = popularity(feedback_of(&candidate));
	Call		call = begin_call(row->model, candidate.algorithm->iterations(candidate.options));
	Interactions *interactions = interactions_read(row, feedback_of(&candidate), needs_times(&candidate), &plan);
	Evaluation *evaluation = evaluation_create(interactions->by_user.n_rows);
	Evaluation *baseline = evaluation_create(interactions->by_user.n_rows);
	Unseen		unseen = {0};
	int64		asked = 0;

	questions.probabilities = candidate.algorithm->logistic;
	for (int fold = 0; fold < plan.folds; fold++)
	{
		OwnSplit	own;

		reset_parts(interactions);
		split_assign(interactions, &plan, fold, PART_TEST, PART_TEST_KNOWN);
		own = make_split(interactions, PART_TRAIN, PART_TEST_KNOWN, PART_TEST, NULL);
		asked += own.split->known.n_rows;
		unseen.users += own.split->unseen_users;
		unseen.items += own.split->unseen_items;
		unseen.ratings += own.split->unseen_ratings;
		run(evaluation, &own, &candidate, &questions);
		run(baseline, &own, &popular, &questions);
		if (feedback_of(&candidate) == FEEDBACK_EXPLICIT)
			evaluation_run_biases(baseline, own.split);
		MemoryContextDelete(own.context);
	}
	for (int f = 0; f < N_FIGURES; f++)
		add_figure(&call, rows, desc, f, evaluation, baseline, plan.seed);
	add_count(&call, rows, desc, "unseen_users", unseen.users, asked);
	add_count(&call, rows, desc, "unseen_items", unseen.items, asked);
	add_count(&call, rows, desc, "unseen_ratings", unseen.ratings, asked);
	end_call(&call);
}

/*
 * rec.evaluate(model regclass, split text, test_fraction real, k int, folds int, seed int, min_ratings int, relevant_from real,
 *				options jsonb) -> (metric, value, low, high, baseline, users)
 */
PGDLLEXPORT Datum
rec_evaluate(PG_FUNCTION_ARGS)
{
	return return_rows(fcinfo, make_evaluation);
}

/* ---- compare ---- */

/* What came of a candidate. */
typedef struct Tried
{
	Candidate	candidate;
	Evaluation *evaluation;
	double		value;			/* of the figure that counts; NaN: it has none */
	double		share;			/* of the users that it was tried on */
	int			iterations;
	double		train_seconds;
	int			order;			/* of trying */
} Tried;

/* The best first; what has no value last, and before it what was tried on fewer users. arg: 1 if higher is better, else -1. */
static int
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

static int
direction_of(Figure figure)
{
	const Metric *metric = find_metric(figure_name(figure));

	if (metric->direction == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("of metric \"%s\" neither a higher nor a lower value is better", metric->name),
				 errhint("SELECT metric, direction FROM rec.metrics; says which have a direction.")));
	return metric->direction;
}

/* All figures that are defined, as a JSON object. */
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
		appendStringInfo(&s, "\"%s\": %.17g", figure_name(f), value);
	}
	appendStringInfoChar(&s, '}');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(s.data)));
}

/* A name, or an object whose "algorithm" is one and whose other keys are options. */
static Candidate
candidate_of_element(const JsonbValue *element, bool has_rating)
{
	Jsonb	   *object;
	JsonbValue *name;

	if (element->type == jbvString)
		return make_candidate(pnstrdup(element->val.string.val, element->val.string.len),
							  DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"))), has_rating);
	object = element->type == jbvBinary ? JsonbValueToJsonb(unconstify(JsonbValue *, element)) : NULL;
	if (object == NULL || !JB_ROOT_IS_OBJECT(object) ||
		(name = find_key(object, "algorithm")) == NULL || name->type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an element of algorithms must be a name, or an object with a name as \"algorithm\""),
				 errhint("For example: '[\"popular\", {\"algorithm\": \"als\", \"factors\": 32}]'")));
	return make_candidate(pnstrdup(name->val.string.val, name->val.string.len),
						  DatumGetJsonbP(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(object), CStringGetTextDatum("algorithm"))), has_rating);
}

static int
read_candidates(Jsonb *algorithms, bool has_rating, Tried **tried)
{
	JsonbIterator *iterator = JsonbIteratorInit(&algorithms->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			n = 0;

	if (!JB_ROOT_IS_ARRAY(algorithms) || JB_ROOT_IS_SCALAR(algorithms) || JB_ROOT_COUNT(algorithms) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("algorithms must be a JSON array of at least one"),
				 errhint("For example: '[\"popular\", {\"algorithm\": \"als\", \"factors\": 32}]'")));
	*tried = palloc0(sizeof(Tried) * JB_ROOT_COUNT(algorithms));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		(*tried)[n].candidate = candidate_of_element(&value, has_rating);
		(*tried)[n].order = n;
		(*tried)[n].share = 1;
		if (feedback_of(&(*tried)[n].candidate) != feedback_of(&(*tried)[0].candidate))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("algorithms can be compared on the same feedback only"),
					 errhint("Give all of them the same option \"feedback\".")));
		n++;
	}
	return n;
}

static char *
name_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : pstrdup(NameStr(*PG_GETARG_NAME(argument)));
}

/* A source as a model would have it. */
static ModelRow *
row_of_source(FunctionCallInfo fcinfo)
{
	ModelRow   *row = palloc0(sizeof(ModelRow));

	require_argument(fcinfo, 0, "source");
	require_argument(fcinfo, 9, "user_column");
	require_argument(fcinfo, 10, "item_column");
	row->source = PG_GETARG_OID(0);
	if (get_rel_name(row->source) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source with OID %u does not exist", row->source)));
	row->source_name = quoted_relation(row->source);
	row->user_column = name_argument(fcinfo, 9);
	row->item_column = name_argument(fcinfo, 10);
	row->rating_column = name_argument(fcinfo, 11);
	row->time_column = name_argument(fcinfo, 12);
	if (row->rating_column == NULL && get_attnum(row->source, "rating") > 0)
		row->rating_column = pstrdup("rating");
	return row;
}

static void
make_comparison(FunctionCallInfo fcinfo, TupleDesc desc, Rows *rows)
{
	ModelRow   *row = row_of_source(fcinfo);
	Figure		figure = figure_by_name(text_argument(fcinfo, 2, "metric"));
	int			direction = direction_of(figure);
	SplitPlan	plan = split_plan(!PG_ARGISNULL(3) ? text_argument(fcinfo, 3, "split") : row->time_column != NULL ? "time" : "random",
								  real_argument(fcinfo, 4, "test_fraction"), 1, integer_argument(fcinfo, 7, "min_ratings"),
								  integer_argument(fcinfo, 6, "seed"));
	Questions	questions = questions_of(integer_argument(fcinfo, 5, "k"), PG_ARGISNULL(8), PG_ARGISNULL(8) ? 0 : PG_GETARG_FLOAT4(8));
	Tried	   *tried;
	int			n;
	bool		keep_times = false;
	Call		call;
	Interactions *interactions;
	OwnSplit	own;

	require_argument(fcinfo, 1, "algorithms");
	n = read_candidates(PG_GETARG_JSONB_P(1), row->rating_column != NULL, &tried);
	for (int i = 0; i < n; i++)
		keep_times = keep_times || needs_times(&tried[i].candidate);
	call = begin_call(row->source, n);
	interactions = interactions_read(row, feedback_of(&tried[0].candidate), keep_times, &plan);
	split_assign(interactions, &plan, 0, PART_TEST, PART_TEST_KNOWN);
	own = make_split(interactions, PART_TRAIN, PART_TEST_KNOWN, PART_TEST, NULL);
	for (int i = 0; i < n; i++)
	{
		questions.probabilities = tried[i].candidate.algorithm->logistic;
		tried[i].evaluation = evaluation_create(interactions->by_user.n_rows);
		run(tried[i].evaluation, &own, &tried[i].candidate, &questions);
		tried[i].value = evaluation_value(tried[i].evaluation, figure);
	}
	qsort_arg(tried, n, sizeof(Tried), compare_tried, &direction);
	for (int i = 0; i < n; i++)
	{
		const Evaluation *e = tried[i].evaluation;
		double		low;
		double		high;
		Datum		values[13];
		bool		nulls[13] = {false};

		evaluation_interval(e, figure, plan.seed, &low, &high);
		values[0] = Int32GetDatum(i + 1);
		values[1] = CStringGetTextDatum(tried[i].candidate.algorithm->name);
		values[2] = JsonbPGetDatum(tried[i].candidate.shown);
		set_number(values, nulls, 3, tried[i].value);
		set_number(values, nulls, 4, low);
		set_number(values, nulls, 5, high);
		set_number(values, nulls, 6, i == 0 ? get_float8_nan() : evaluation_p_value(e, tried[0].evaluation, figure, plan.seed));
		values[7] = JsonbPGetDatum(figures_to_json(e));
		values[8] = Int64GetDatum(evaluation_users(e, figure));
		values[9] = Int32GetDatum(e->iterations);
		set_number(values, nulls, 10, e->train_seconds);
		set_number(values, nulls, 11, e->score_seconds);
		values[12] = Int64GetDatum(e->model_bytes);
		add_row(&call, rows, desc, values, nulls);
	}
	end_call(&call);
}

/*
 * rec.compare(source regclass, algorithms jsonb, metric text, split text, test_fraction real, k int, seed int, min_ratings int,
 *			   relevant_from real, user_column name, item_column name, rating_column name, time_column name)
 */
PGDLLEXPORT Datum
rec_compare(PG_FUNCTION_ARGS)
{
	return return_rows(fcinfo, make_comparison);
}

/* ---- tune ---- */

/* Combinations of a grid at most: more is a mistake, or work for "random". */
#define MAX_COMBINATIONS 10000

/* Successive halving keeps one of so many (Jamieson & Talwalkar 2016, "Non-stochastic best arm identification"; eta of Li et al. 2018, "Hyperband"). */
#define HALVING_RATE 3

/* And tries on at least so many users. */
#define HALVING_USERS 100

/* The values that an option is tried with: a list, or a range. */
typedef struct Axis
{
	char	   *option;
	int			n_values;		/* 0: a range */
	JsonbValue *values;
	double		minimum;
	double		maximum;
	bool		whole;			/* both ends are whole numbers, so all between are */
} Axis;

static double
number_of(const JsonbValue *value, const char *what)
{
	if (value == NULL || value->type != jbvNumeric)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of the grid must be a list of values, or a range with numbers as \"min\" and \"max\"", what),
				 errhint("For example: '{\"factors\": [32, 64], \"regularization\": {\"min\": 1, \"max\": 100}}'")));
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)));
}

static Axis
read_axis(char *option, const JsonbValue *given)
{
	Axis		axis = {.option = option};
	Jsonb	   *json = given->type == jbvBinary ? JsonbValueToJsonb(unconstify(JsonbValue *, given)) : NULL;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (json == NULL)
	{
		/* one value */
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

/* A number of a range: each power of ten is as probable as any other where the range spans several, else each number. */
static JsonbValue
draw(const Axis *axis, double chance)
{
	bool		by_magnitude = axis->minimum > 0 && axis->maximum >= 10 * axis->minimum;
	double		number = by_magnitude ? axis->minimum * pow(axis->maximum / axis->minimum, chance) :
		axis->minimum + (axis->maximum - axis->minimum) * chance;
	JsonbValue	value = {.type = jbvNumeric};

	if (axis->whole)
		number = rint(number);
	/* four digits are enough to choose from, and can be read */
	value.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(psprintf(axis->whole ? "%.0f" : "%.4g", number)),
															ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	return value;
}

/* The options that one combination sets, as JSON. places: of the value in each axis's list, or for a range a chance. */
static Jsonb *
combination(const Axis *axes, int n_axes, const double *places)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int a = 0; a < n_axes; a++)
	{
		JsonbValue	key = {.type = jbvString, .val.string = {.val = axes[a].option, .len = strlen(axes[a].option)}};
		JsonbValue	value = axes[a].n_values > 0 ? axes[a].values[(int) places[a]] : draw(&axes[a], places[a]);

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

/* All combinations of a grid, or as many different ones as asked for by chance; returns how many. */
static int
combine(const Axis *axes, int n_axes, bool all, int trials, uint64 seed, Jsonb ***combinations)
{
	double		total = 1;
	double	   *places = palloc0(sizeof(double) * n_axes);
	int			n = 0;

	for (int a = 0; a < n_axes; a++)
	{
		if (axes[a].n_values == 0 && all)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" has a range, and method \"grid\" tries lists of values", axes[a].option),
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
			(*combinations)[n] = combination(axes, n_axes, places);
		}
		return n;
	}
	/* a range of few whole numbers may have fewer than were asked for */
	for (int attempt = 0; n < trials && attempt < 100 * trials; attempt++)
	{
		Jsonb	   *drawn;

		CHECK_FOR_INTERRUPTS();
		for (int a = 0; a < n_axes; a++)
		{
			double		chance = (random_bits(seed, (uint64) attempt * n_axes + a) >> 11) * 0x1p-53;

			places[a] = axes[a].n_values > 0 ? floor(chance * axes[a].n_values) : chance;
		}
		drawn = combination(axes, n_axes, places);
		if (!is_listed(*combinations, n, drawn))
			(*combinations)[n++] = drawn;
	}
	return n;
}

/* Whether a user is in a sample of this share; larger samples contain the smaller ones. */
static bool *
draw_sample(int64 n_users, double share, uint64 seed)
{
	bool	   *sample = palloc_extended(n_users, MCXT_ALLOC_HUGE);

	for (int64 u = 0; u < n_users; u++)
		sample[u] = (random_bits(~seed, (uint64) u) >> 11) * 0x1p-53 < share;
	return sample;
}

typedef struct Tuning
{
	Figure		figure;
	int			direction;
	Questions	questions;
	uint64		seed;
	TimestampTz deadline;		/* DT_NOEND: none */
	Interactions *interactions;
	Tried	   *tried;
	int			n;				/* candidates */
	int			n_tried;		/* of them, the first, have been */
} Tuning;

static bool
is_over(const Tuning *t)
{
	return t->n_tried > 0 && GetCurrentTimestamp() >= t->deadline;
}

/* Tries the first n candidates on a share of the users, and sorts them. False where time is up. */
static bool
try_candidates(Tuning *t, int n, double share)
{
	int64		n_users = t->interactions->by_user.n_rows;
	OwnSplit	own = make_split(t->interactions, PART_TRAIN, PART_VALIDATION_KNOWN, PART_VALIDATION,
								 share < 1 ? draw_sample(n_users, share, t->seed) : NULL);
	int			done = 0;

	while (done < n && !is_over(t))
	{
		Tried	   *tried = &t->tried[done++];
		Evaluation *evaluation = evaluation_create(n_users);

		run(evaluation, &own, &tried->candidate, &t->questions);
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

/* Successive halving: many on few users, the best of them on more. */
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

/* The best candidate, trained on all that was not held out to report, and asked about that. */
static Evaluation *
report_best(const Tuning *t, uint8 known)
{
	OwnSplit	own = make_split(t->interactions, PART_TRAIN | PART_VALIDATION | PART_VALIDATION_KNOWN, known, PART_TEST, NULL);
	Evaluation *evaluation = evaluation_create(t->interactions->by_user.n_rows);

	run(evaluation, &own, &t->tried[0].candidate, &t->questions);
	MemoryContextDelete(own.context);
	return evaluation;
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

/* Writes the best options into the model, and trains it with them. */
static void
apply_options(Oid model, const Candidate *candidate)
{
	ModelRow   *row;

	LockRelationOid(model, ShareUpdateExclusiveLock);
	row = catalog_get(model, NULL);
	row->options = options_to_json(candidate->algorithm, candidate->options);
	catalog_update(row);
	CommandCounterIncrement();
	train_model(model, false);
}

static void
make_tuning(FunctionCallInfo fcinfo, TupleDesc desc, Rows *rows)
{
	ModelRow   *row = readable_model(fcinfo);
	Tuning		t = {.deadline = DT_NOEND};
	TuningMethod method = tuning_method(text_argument(fcinfo, 3, "method"));
	bool		apply;
	SplitPlan	plan = split_plan(text_argument(fcinfo, 6, "split"), real_argument(fcinfo, 7, "test_fraction"), 1,
								  integer_argument(fcinfo, 11, "min_ratings"), integer_argument(fcinfo, 9, "seed"));
	SplitPlan	inner = plan;
	int			trials = integer_argument(fcinfo, 10, "trials");
	Axis	   *axes;
	int			n_axes;
	Jsonb	  **combinations;
	bool		keep_times = false;
	Evaluation *reported;
	Candidate	best;
	double		low;
	double		high;
	Call		call;

	require_argument(fcinfo, 1, "grid");
	require_argument(fcinfo, 5, "apply");
	apply = PG_GETARG_BOOL(5);
	if (apply && !relation_is_owned(row->model, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(row->model));
	if (trials < 1 || trials > MAX_COMBINATIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("trials must be between 1 and %d, and is %d", MAX_COMBINATIONS, trials)));
	t.figure = figure_by_name(text_argument(fcinfo, 2, "metric"));
	t.direction = direction_of(t.figure);
	t.questions = questions_of(integer_argument(fcinfo, 8, "k"), PG_ARGISNULL(12), PG_ARGISNULL(12) ? 0 : PG_GETARG_FLOAT4(12));
	t.seed = plan.seed;
	if (!PG_ARGISNULL(4))
		t.deadline = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(GetCurrentTimestamp()), PG_GETARG_DATUM(4)));

	/* every combination is looked at before anything is read */
	n_axes = read_grid(PG_GETARG_JSONB_P(1), &axes);
	t.n = combine(axes, n_axes, method == TUNE_GRID, trials, t.seed, &combinations);
	t.tried = palloc0(sizeof(Tried) * t.n);
	for (int i = 0; i < t.n; i++)
	{
		t.tried[i].candidate = make_candidate(row->algorithm, merge_options(row->options, combinations[i]), row->rating_column != NULL);
		t.tried[i].candidate.shown = combinations[i];
		t.tried[i].order = i;
		keep_times = keep_times || needs_times(&t.tried[i].candidate);
		if (feedback_of(&t.tried[i].candidate) != feedback_of(&t.tried[0].candidate))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"feedback\" can't be tuned"),
					 errdetail("What a row says is a matter of the source.")));
	}
	t.questions.probabilities = t.tried[0].candidate.algorithm->logistic;

	call = begin_call(row->model, t.n);
	t.interactions = interactions_read(row, feedback_of(&t.tried[0].candidate), keep_times, &plan);
	split_assign(t.interactions, &plan, 0, PART_TEST, PART_TEST_KNOWN);
	/* what a column says is for reporting; what to choose by is drawn */
	inner.seed = random_bits(plan.seed, 1);
	if (plan.method == SPLIT_COLUMN)
		inner.method = SPLIT_RANDOM;
	split_assign(t.interactions, &inner, 0, PART_VALIDATION, PART_VALIDATION_KNOWN);
	if (method == TUNE_HALVING)
		try_by_halving(&t);
	else
		try_candidates(&t, t.n, 1);
	if (t.n_tried < t.n)
		ereport(NOTICE,
				(errmsg("tried %d of %d combinations within the budget", t.n_tried, t.n)));
	if (isnan(t.tried[0].value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("metric \"%s\" is not defined for algorithm \"%s\" on this source", figure_name(t.figure), row->algorithm)));
	reported = report_best(&t, PART_TEST_KNOWN);
	evaluation_interval(reported, t.figure, t.seed, &low, &high);
	for (int i = 0; i < t.n_tried; i++)
	{
		Datum		values[9];
		bool		nulls[9] = {false};

		values[0] = Int32GetDatum(i + 1);
		values[1] = JsonbPGetDatum(t.tried[i].candidate.shown);
		set_number(values, nulls, 2, t.tried[i].value);
		set_number(values, nulls, 3, t.tried[i].share);
		set_number(values, nulls, 4, i == 0 ? evaluation_value(reported, t.figure) : get_float8_nan());
		set_number(values, nulls, 5, i == 0 ? low : get_float8_nan());
		set_number(values, nulls, 6, i == 0 ? high : get_float8_nan());
		values[7] = Int32GetDatum(t.tried[i].iterations);
		set_number(values, nulls, 8, t.tried[i].train_seconds);
		add_row(&call, rows, desc, values, nulls);
	}
	best = t.tried[0].candidate;
	end_call(&call);
	if (apply)
		apply_options(row->model, &best);
}

/*
 * rec.tune(model regclass, grid jsonb, metric text, method text, budget interval, apply bool, split text, test_fraction real, k int,
 *			seed int, trials int, min_ratings int, relevant_from real)
 */
PGDLLEXPORT Datum
rec_tune(PG_FUNCTION_ARGS)
{
	return return_rows(fcinfo, make_tuning);
}
