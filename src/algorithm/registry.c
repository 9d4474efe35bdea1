/*
 * registry.c
 *	  The list of all algorithms, and the contract's defaults.
 */
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

#define POINTER(name) &name##_algorithm,

const Algorithm *const algorithms[] = {
	ALGORITHMS(POINTER)
	NULL
};

const char *const feedback_choices[] = {"explicit", "implicit", NULL};
const char *const weight_choices[] = {"linear", "log", NULL};

/* Weights between two polls: half a millisecond of logarithms. */
#define POLL_WEIGHTS 32768

/* Items that are scored at once where a set of items is scored as ranges. */
#define RANGE_ITEMS 8192

void
weigh_events(Weight weight, float *values, int64_t n)
{
	if (weight == WEIGHT_LINEAR)
		return;
	for (int64_t i = 0; i < n; i++)
	{
		if (i % POLL_WEIGHTS == 0)
			poll();
		/* log1p keeps weights that are too small to change 1 from becoming 0 */
		values[i] = (float) (log1p(values[i]) * M_LOG2E);
	}
}

bool
option_is_undecided(const Option *option, const void *options)
{
	const char *value = (const char *) options + option->offset;

	return option->type == OPTION_INTEGER ? *(const int32_t *) value == UNDECIDED :
		option->type == OPTION_REAL && isnan(*(const double *) value);
}

/* The most steps of a line of Algorithm.varied. */
#define MOST_STEPS 4

bool
vary_options(const Algorithm *algorithm, const void *given, int line, int step, void *options)
{
	const Option *option = algorithm->options;
	void	   *value;
	double		multiple;

	if (algorithm->vary != NULL)
		return algorithm->vary(given, line, step, options);
	if (algorithm->varied == NULL || line > 1 || step >= MOST_STEPS)
		return false;
	while (strcmp(option->name, algorithm->varied) != 0)
		option++;
	value = (char *) options + option->offset;
	multiple = pow(line == 0 ? algorithm->factor : 1 / algorithm->factor, step + 1);
	if (option->type == OPTION_REAL)
		*(double *) value =
			fmax(option->minimum, fmin(option->maximum, *(double *) value * multiple));
	else
		*(int32_t *) value = (int32_t) fmin(option->maximum, *(int32_t *) value * multiple);
	return option_is_undecided(option, given) &&
		(option->type == OPTION_REAL || *(int32_t *) value >= option->minimum);
}

const Algorithm *
find_algorithm(const char *name)
{
	for (int i = 0; algorithms[i] != NULL; i++)
	{
		if (strcmp(algorithms[i]->name, name) == 0)
			return algorithms[i];
	}
	return NULL;
}

bool
has_inner_product(const Model *model, InnerProduct *product)
{
	return model->algorithm->inner_product != NULL &&
		   model->algorithm->inner_product(model, product);
}

bool
has_user_product(const Model *model, InnerProduct *product, float *constant)
{
	return model->algorithm->user_product != NULL &&
		   model->algorithm->user_product(model, product, constant);
}

bool
model_predicts_ratings(const Model *model)
{
	return model->algorithm->predicts_ratings != NULL && model->algorithm->predicts_ratings(model);
}

bool
gives_probabilities(const Algorithm *algorithm, const void *options)
{
	const Model model = {.algorithm = algorithm, .options = options};

	return algorithm->logistic && !model_predicts_ratings(&model);
}

unsigned
algorithm_needs(const Algorithm *algorithm, const void *options)
{
	return algorithm->needs == NULL ? NEEDS_RATINGS : algorithm->needs(options);
}

bool
algorithm_uses(const Algorithm *algorithm, const void *options, SideKind kind)
{
	return needs_attributes(algorithm_needs(algorithm, options), kind);
}

int
training_arrays(const Model *model, const Extent *extent, size_t *bytes)
{
	return model->algorithm->arrays == NULL
			   ? 0
			   : model->algorithm->arrays(model->options, extent, bytes);
}

size_t
training_scratch_bytes(const Model *model, const Extent *extent)
{
	return model->algorithm->scratch_bytes == NULL
			   ? 0
			   : model->algorithm->scratch_bytes(model->options, extent);
}

int
training_iterations(const Algorithm *algorithm, const void *options)
{
	return algorithm->iterations == NULL ? 1 : algorithm->iterations(options);
}

size_t
model_derived_bytes(const Model *model)
{
	return model->algorithm->derived_bytes == NULL ? 0 : model->algorithm->derived_bytes(model);
}

void
model_prepare(Model *model)
{
	if (model->algorithm->prepare != NULL)
		model->algorithm->prepare(model);
}

size_t
model_query_bytes(const Model *model, int64_t profile_length)
{
	return model->algorithm->query_bytes == NULL
			   ? 0
			   : model->algorithm->query_bytes(model, profile_length);
}

size_t
model_query_scratch_bytes(const Model *model, int64_t profile_length)
{
	return model->algorithm->query_scratch_bytes == NULL
			   ? 0
			   : model->algorithm->query_scratch_bytes(model, profile_length);
}

static bool
is_finite(const Profile *profile)
{
	for (int64_t i = 0; i < profile->n; i++)
	{
		if (!isfinite(profile->ratings[i]))
			return false;
	}
	return true;
}

void
model_make_queries(const Model *model, const Profile *profiles, int64_t n, void *queries,
				   size_t query_bytes, bool *made, void *scratch)
{
	const Algorithm *algorithm = model->algorithm;

	if (algorithm->make_queries != NULL)
		algorithm->make_queries(model, profiles, n, queries, query_bytes, made, scratch);
	for (int64_t i = 0; i < n; i++)
	{
		poll();
		if (algorithm->make_queries == NULL)
			made[i] = algorithm->make_query(model, &profiles[i], (char *) queries + i * query_bytes,
											scratch);
		made[i] = made[i] && is_finite(&profiles[i]);
	}
}

void
model_make_unknown_query(const Model *model, void *query, void *scratch)
{
	const Profile nobody = {0};
	bool		made;

	model_make_queries(model, &nobody, 1, query, 0, &made, scratch);
}

/* The scores of n new items. */
static void
score_new_items(const Model *model, const void *query, const int32_t *items, int64_t n,
				float *scores)
{
	Model		other = *model;

	other.sides[SIDE_ITEMS] = model->new_items;
	for (int64_t i = 0; i < n; i++)
	{
		int32_t		row = items[i] - (int32_t) model->sides[SIDE_ITEMS].n_rows;

		model->algorithm->score_items(&other, query, &row, 0, 1, &scores[i]);
	}
}

void
model_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
				  int64_t n, float *scores)
{
	const Algorithm *algorithm = model->algorithm;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;

	if (model->new_items.n_rows > 0 && items != NULL && n > 0 && items[first] >= n_items)
	{
		score_new_items(model, query, items + first, n, scores);
		return;
	}
	if (items == NULL || n * algorithm->range_speed < n_items)
	{
		algorithm->score_items(model, query, items, first, n, scores);
		return;
	}
	for (int64_t begin = 0; begin < n_items; begin += RANGE_ITEMS)
	{
		float		range[RANGE_ITEMS];
		int64_t		count = n_items - begin < RANGE_ITEMS ? n_items - begin : RANGE_ITEMS;

		poll();
		algorithm->score_items(model, query, NULL, begin, count, range);
		for (int64_t i = 0; i < n; i++)
		{
			int64_t		at = items[first + i] - begin;

			if (at >= 0 && at < count)
				scores[i] = range[at];
		}
	}
}

float
model_expected_score(const Model *model, const void *query, int32_t item)
{
	return model->algorithm->expected_score == NULL
			   ? 0
			   : model->algorithm->expected_score(model, query, item);
}

float
model_score_item(const Model *model, const void *query, int32_t item)
{
	float		score = NAN;

	if (item >= 0)
		model_score_items(model, query, &item, 0, 1, &score);
	return isnan(score) ? model_expected_score(model, query, item) : score;
}

size_t
model_explain_scratch_bytes(const Model *model, int64_t profile_length)
{
	return model->algorithm->explain_scratch_bytes == NULL
			   ? 0
			   : model->algorithm->explain_scratch_bytes(model, profile_length);
}

/* What decodes a feature; the first of these columns has no values. */
static const Column feature_columns[] = {
	{"number", COLUMN_ROW, 0, "the feature's place among the others, by which lists refer to it"},
	{"low", COLUMN_DOUBLE, 0, "of a column of numbers: lower ones are taken for this"},
	{"high", COLUMN_DOUBLE, 0, "of a column of numbers: higher ones are taken for this"},
	{"mean", COLUMN_DOUBLE, 0, "of a column of numbers: their mean, which is taken for 0"},
	{"scale", COLUMN_DOUBLE, 0,
	"of a column of numbers: 1 / their standard deviation; of a category or word: its inverse "
	"document frequency"}
};

/* Behind the n columns of the algorithm; returns how many there are. */
static int
add_feature_columns(Column *columns, int n)
{
	for (int i = 0; i < (int) (sizeof(feature_columns) / sizeof(Column)); i++)
		columns[n++] = feature_columns[i];
	return n;
}

void
model_fill_features(Model *model, SideKind kind, const Features *features)
{
	Side	   *side = &model->sides[kind];
	int			low = side->n_columns - 4;

	if (side->n_columns == 0)
		return;
	for (int64_t f = 0; f < side->n_rows; f++)
	{
		side->n_ratings[f] = features->count[f];
		side_set_double(side, low, f, features->encoding[f].low);
		side_set_double(side, low + 1, f, features->encoding[f].high);
		side_set_double(side, low + 2, f, features->encoding[f].mean);
		side_set_double(side, low + 3, f, features->encoding[f].scale);
	}
}

NumberEncoding
model_feature_encoding(const Model *model, SideKind kind, int64_t feature)
{
	const Side *side = &model->sides[kind];
	int			low = side->n_columns - 4;

	return (NumberEncoding) {side_double(side, low, feature), side_double(side, low + 1, feature),
							 side_double(side, low + 2, feature),
							 side_double(side, low + 3, feature)};
}

static const Column parameter_columns[] = {
	[PARAMETER_SHAPE] = {"shape", COLUMN_SHAPE, 0, "how many numbers there are in each dimension"},
	[PARAMETER_NUMBERS] = {"values", COLUMN_NUMBERS, 0, "the numbers, row after row"}
};

int
model_parameters(const Model *model, Parameter *parameters)
{
	return model->algorithm->parameters == NULL
			   ? 0
			   : model->algorithm->parameters(model->options, parameters);
}

/* Sets the columns of the parameters and their number. */
static void
set_parameters(const Model *model, Side *side)
{
	Parameter	parameters[MAX_PARAMETERS];
	int			n = model_parameters(model, parameters);

	side->n_rows = n;
	side->n_columns = 0;
	if (n == 0)
		return;
	side->n_columns = sizeof(parameter_columns) / sizeof(Column);
	memcpy(side->columns, parameter_columns, sizeof(parameter_columns));
	side->columns[PARAMETER_NUMBERS].width = (int) parameter_offset(parameters, n);
}

/* Whether the model has features of this side. */
static bool
has_features(const Model *model, SideKind side)
{
	return side == SIDE_ITEM_FEATURES	? model->has_item_features
		   : side == SIDE_USER_FEATURES ? model->has_user_features
										: model->has_contexts;
}

void
model_set_items(Model *model, int64_t n_items)
{
	for (int s = 0; s < N_SIDES; s++)
	{
		Side	   *side = &model->sides[s];

		if (s == SIDE_PARAMETERS)
		{
			set_parameters(model, side);
			continue;
		}
		side->n_columns = model->algorithm->columns(model->options, s, side->columns);
		if (side_has_names(s))
			side->n_columns = has_features(model, s)
								  ? add_feature_columns(side->columns, side->n_columns)
								  : 0;
		if (s == SIDE_ITEMS && model->has_times)
			side->columns[side->n_columns++] = (Column) {
				"popularity", COLUMN_OPTIONAL, 0,
				"the share of the users who have the item, by recency, which ranks the items that "
				"fill lists up"};
		for (int i = 0; i < side->n_columns; i++)
		{
			if (side->columns[i].width == WIDTH_ITEMS)
				side->columns[i].width = (int) n_items;
		}
	}
}

ColumnType
side_list_type(const Side *side)
{
	for (int i = 0; i < side->n_columns; i++)
	{
		ColumnType	type = side->columns[i].type;

		if (type == COLUMN_ITEMS || type == COLUMN_SEQUENCE || type == COLUMN_SESSIONS ||
			type == COLUMN_FEATURES)
			return type;
	}
	return COLUMN_NUMBER;
}

SideKind
listed_side(ColumnType type)
{
	return type == COLUMN_SESSIONS	 ? SIDE_SESSIONS
		   : type == COLUMN_FEATURES ? SIDE_ITEM_FEATURES
									 : SIDE_ITEMS;
}

SideKind
last_asked_side(const Model *model)
{
	int			last = N_SIDES - 1;

	while (!model_asks(model, last))
		last--;
	return last;
}

void
model_keep_asked(Model *model)
{
	for (int s = 0; s < N_SIDES; s++)
	{
		if (!model_may_ask(model, s))
			model->sides[s] = (Side) {.n_rows = s < SIDE_SESSIONS ? 0 : model->sides[s].n_rows};
	}
}

int64_t
column_stride(const Column *column)
{
	return column->type == COLUMN_NUMBER || column->type == COLUMN_OPTIONAL ? 1
		   : column->type == COLUMN_DOUBLE ? 2
		   : column->type == COLUMN_VECTOR ? PADDED(column->width)
										   : 0;
}
