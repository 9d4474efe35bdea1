/*
 * model_fuzz.c
 *	  Questions to models of every algorithm that were not trained: any numbers and lists that the
 *	  reader of model tables (model/store.c) accepts, whoever wrote them.
 *
 * The reader accepts: finite numbers, of parameters as many as their shapes say; lists of any items
 * of the model, each item once; sequences of items and lists of sessions, in any order; any int4
 * for numbers of ratings; any float8 in the model's row in rec.model, except that NaN and infinity
 * are left out.
 */
#define _POSIX_C_SOURCE 200112L
#include "asking.h"

static void
take_list(Input *in, Side *side, int64_t n_items, Range range)
{
	SparseMatrix *list = &side->list;

	list->n_rows = side->n_rows;
	list->n_columns = n_items;
	list->start = fresh(sizeof(int64_t) * (side->n_rows + 1));
	list->column = fresh(sizeof(int32_t) * side->n_rows * n_items);
	list->value = fresh(sizeof(float) * side->n_rows * n_items);
	for (int64_t r = 0; r < side->n_rows; r++)
	{
		list->start[r + 1] =
			list->start[r] +
			(take_bool(in) ? take_subset(in, n_items, list->column + list->start[r]) : 0);
		for (int64_t i = list->start[r]; i < list->start[r + 1]; i++)
			list->value[i] = take_float(in, range);
	}
}

/* Up to 12 of n, in any order and with repetitions. */
static void
take_sequences(Input *in, Side *side, int64_t n)
{
	SparseMatrix *list = &side->list;

	list->n_rows = side->n_rows;
	list->n_columns = n;
	list->start = fresh(sizeof(int64_t) * (side->n_rows + 1));
	list->column = fresh(sizeof(int32_t) * side->n_rows * 12);
	for (int64_t r = 0; r < side->n_rows; r++)
	{
		int64_t		length = n > 0 ? take_below(in, 13) : 0;

		list->start[r + 1] = list->start[r] + length;
		for (int64_t i = list->start[r]; i < list->start[r + 1]; i++)
			list->column[i] = (int32_t) take_below(in, n);
	}
}

static void
take_side(Input *in, Side *side, int64_t n_items, int64_t n_sessions, int64_t n_features,
		  Range range)
{
	side->n_ratings = fresh(sizeof(int32_t) * side->n_rows);
	for (int64_t r = 0; r < side->n_rows; r++)
		side->n_ratings[r] =
			take_bool(in) ? (int32_t) take_below(in, 20)
						  : (int32_t) (uint32_t[]){INT32_MAX,
												   0x80000000,
												   0xffffffff,
												   -9,
												   -10,
												   -11,
												   (uint32_t) take_bytes(in, 4)}[take_below(in, 7)];
	for (int c = 0; c < side->n_columns; c++)
	{
		const Column *column = &side->columns[c];
		int64_t		stride = column_stride(column);

		if (column->type == COLUMN_ITEMS)
			take_list(in, side, n_items, range);
		if (column->type == COLUMN_FEATURES)
			take_list(in, side, n_features, range);
		if (column->type == COLUMN_SEQUENCE)
			take_sequences(in, side, n_items);
		if (column->type == COLUMN_SESSIONS)
			take_sequences(in, side, n_sessions);
		if (column->type == COLUMN_TIME)
		{
			side->time = fresh(sizeof(int64_t) * side->n_rows);
			for (int64_t r = 0; r < side->n_rows; r++)
				side->time[r] = (int64_t) take_bytes(in, 8);
		}
		if (stride == 0)
			continue;
		side->values[c] = fresh(sizeof(float) * side->n_rows * stride);
		for (int64_t r = 0; r < side->n_rows; r++)
			for (int i = 0; i < (column->type == COLUMN_VECTOR ? column->width : stride); i++)
				side->values[c][r * stride + i] = take_float(in, range);
	}
}

static void
take_parameters(Input *in, Model *model, Range range)
{
	Side	   *side = &model->sides[SIDE_PARAMETERS];
	Parameter	parameters[MAX_PARAMETERS];
	int			n = model_parameters(model, parameters);
	float	   *numbers;

	if (n == 0)
		return;
	side->n_ratings = fresh(sizeof(int32_t) * n);
	side->values[PARAMETER_NUMBERS] = fresh(sizeof(float) * side_floats(side, PARAMETER_NUMBERS));
	for (int p = 0; p < n; p++)
	{
		numbers = model_numbers(model) + parameter_offset(parameters, p);
		for (int64_t i = 0; i < parameter_numbers(&parameters[p]); i++)
			numbers[i] = take_float(in, range);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_FINITE);
	int			n_algorithms = 0;
	Model		model = {0};
	bool		many;

	while (algorithms[n_algorithms] != NULL)
		n_algorithms++;
	model.algorithm = algorithms[take_below(&in, n_algorithms)];
	model.options = take_options(&in, model.algorithm, range);
	model.has_item_features =
		(algorithm_needs(model.algorithm, model.options) & NEEDS_ITEM_FEATURES) != 0;
	model_set_items(&model, 0);
	/* sometimes enough items for a search index */
	many = take_below(&in, 32) == 1 &&
		   model.sides[SIDE_ITEMS].columns[model.sides[SIDE_ITEMS].n_columns - 1].type ==
			   COLUMN_VECTOR &&
		   model.sides[SIDE_ITEMS].columns[model.sides[SIDE_ITEMS].n_columns - 1].width <= 4 &&
		   model.algorithm->inner_product != NULL;
	model.sides[SIDE_ITEMS].n_rows = many ? 1500 + take_below(&in, 200) : take_below(&in, 30);
	model.sides[SIDE_USERS].n_rows = take_below(&in, 20);
	model.sides[SIDE_SESSIONS].n_rows = take_below(&in, 20);
	model.sides[SIDE_ITEM_FEATURES].n_rows = take_below(&in, 20);
	model_set_items(&model, model.sides[SIDE_ITEMS].n_rows);
	take_parameters(&in, &model, range);
	for (int s = 0; s < SIDE_PARAMETERS; s++)
		take_side(&in, &model.sides[s], model.sides[SIDE_ITEMS].n_rows,
				  model.sides[SIDE_SESSIONS].n_rows, model.sides[SIDE_ITEM_FEATURES].n_rows, range);
	model.n_users = take_bool(&in) ? model.sides[SIDE_USERS].n_rows : (int64_t) take_bytes(&in, 8);
	if (range <= RANGE_MODERATE && model.n_users == 0)
		model.n_users = 1;
	model.scale.mean = take_double(&in, range);
	model.scale.minimum = take_double(&in, range);
	model.scale.maximum = take_double(&in, range);
	model.derived = dirty(model_derived_bytes(&model));
	model_prepare(&model);
	ask(&in, &model, range, false);
	end_case();
	return 0;
}
