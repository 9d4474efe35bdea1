/*
 * train_fuzz.c
 *	  Training of every algorithm, on few ratings of any size with any options: it fails with a
 *	  reason, or gives a model that can be stored and asked. The model is the same whichever worker
 *	  does which block of a pass.
 */
#define _POSIX_C_SOURCE 200112L
#include "asking.h"
#include "../training.h"

#define MOST_USERS 14
#define MOST_ITEMS 14

static void
check_list(const SparseMatrix *list, int64_t n_rows, int64_t n_items)
{
	CHECK(list->start[0] == 0);
	for (int64_t r = 0; r < n_rows; r++)
	{
		CHECK(list->start[r + 1] >= list->start[r]);
		for (int64_t i = list->start[r]; i < list->start[r + 1]; i++)
		{
			CHECK(list->column[i] >= 0 && list->column[i] < n_items);
			CHECK(i == list->start[r] || list->column[i] > list->column[i - 1]);
			CHECK(isfinite(list->value[i]));
		}
	}
}

/*
 * The contents of a column can be stored and read back unchanged: they are finite, and padded with
 * zeros.
 */
static void
check_side(const Side *side, int64_t n_items)
{
	for (int c = 0; c < side->n_columns; c++)
	{
		const Column *column = &side->columns[c];
		int64_t		stride = column_stride(column);

		if (column->type == COLUMN_ITEMS)
			check_list(&side->list, side->n_rows, n_items);
		for (int64_t i = 0; i < side->n_rows * stride; i++)
		{
			CHECK(isfinite(side->values[c][i]));
			CHECK(column->type != COLUMN_VECTOR || i % stride < column->width ||
				  side->values[c][i] == 0);
		}
	}
}

static bool
same_bytes(const void *a, const void *b, size_t bytes)
{
	return bytes == 0 || memcmp(a, b, bytes) == 0;
}

static void
check_same(const Side *a, const Side *b)
{
	CHECK(a->n_rows == b->n_rows);
	for (int c = 0; c < a->n_columns; c++)
	{
		if (a->columns[c].type == COLUMN_TIME)
			CHECK(same_bytes(a->time, b->time, sizeof(int64_t) * (size_t) a->n_rows));
		else
			CHECK(same_bytes(a->values[c], b->values[c],
							 sizeof(float) * (size_t) side_floats(a, c)));
	}
	if (side_list_type(a) != COLUMN_NUMBER)
	{
		size_t		n = (size_t) a->list.start[a->n_rows];

		CHECK(same_bytes(a->list.start, b->list.start, sizeof(int64_t) * (size_t) (a->n_rows + 1)));
		CHECK(same_bytes(a->list.column, b->list.column, sizeof(int32_t) * n));
		if (a->list.value != NULL)
			CHECK(same_bytes(a->list.value, b->list.value, sizeof(float) * n));
	}
}

/* The same of the numbers of parameters. */
static void
check_parameters(const Model *model)
{
	Parameter	parameters[MAX_PARAMETERS];
	int			n = model_parameters(model, parameters);
	const float *numbers = model_numbers(model);

	for (int p = 0; p < n; p++)
	{
		for (int64_t i = 0; i < parameter_stride(&parameters[p]); i++)
			CHECK(i < parameter_numbers(&parameters[p]) ? isfinite(numbers[i]) : numbers[i] == 0);
		numbers += parameter_stride(&parameters[p]);
	}
}

/* The numbers of the last version, whose table may hold anything; zeros in rows that are new. */
#define LAST_NUMBERS 61
static const float *last_numbers;

static void
warm_up(Model *model)
{
	Side	   *sides[] = {&model->sides[SIDE_ITEMS], &model->sides[SIDE_USERS]};
	Parameter	parameters[MAX_PARAMETERS];
	int			n = model_parameters(model, parameters);
	int64_t		at = 0;

	for (int s = 0; s < 2; s++)
	{
		for (int c = 0; c < sides[s]->n_columns; c++)
		{
			const Column *column = &sides[s]->columns[c];
			int64_t		stride = column_stride(column);

			for (int64_t r = 0; r < sides[s]->n_rows; r++)
				for (int i = 0; i < (column->type == COLUMN_NUMBER ? 1 : column->width); i++)
					sides[s]->values[c][r * stride + i] =
						last_numbers[at++ % LAST_NUMBERS] * (float) (r % 4 != 3);
		}
	}
	for (int p = 0; p < n; p++)
	{
		float	   *numbers = model_numbers(model) + parameter_offset(parameters, p);

		for (int64_t i = 0; i < parameter_numbers(&parameters[p]); i++)
			numbers[i] = last_numbers[at++ % LAST_NUMBERS] * (float) (p % 4 != 3);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_FINITE);
	int			n_algorithms = 0;
	int			n_users = 1 + (int) take_below(&in, MOST_USERS);
	int			n_items = 1 + (int) take_below(&in, MOST_ITEMS);
	double	   *dense = fresh(sizeof(double) * n_users * n_items);
	int64_t    *times = fresh(sizeof(int64_t) * n_users * n_items);
	int64_t		sparse = 1 + take_below(&in, 6);
	bool		timed = take_bool(&in);
	bool		equal = take_below(&in, 8) == 1;
	bool		warm;
	const Algorithm *algorithm;
	const CommonOptions *options;
	Training   *trainings[2];

	while (algorithms[n_algorithms] != NULL)
		n_algorithms++;
	algorithm = algorithms[take_below(&in, n_algorithms)];
	options = take_options(&in, algorithm, range);
	for (int i = 0; i < n_users * n_items; i++)
	{
		/* each row has at least one */
		bool		has = i == 0 || take_below(&in, sparse) == 0;

		dense[i] = !has ? NAN : equal && i > 0 ? dense[0] : take_float(&in, range);
		if (options->feedback == FEEDBACK_IMPLICIT)
			dense[i] = fabs(dense[i]);
		times[i] = take_bool(&in) ? take_below(&in, 1000000) : (int64_t) take_bytes(&in, 8);
	}
	warm = take_bool(&in) && options->warm_start;
	last_numbers = take_floats(&in, LAST_NUMBERS, range);

	for (int i = 0; i < 2; i++)
	{
		Training   *t = new_training(algorithm, dense, timed ? times : NULL, n_users, n_items,
								   options->feedback);
		Extent		extent;

		memcpy(t->options, options, algorithm->options_size);
		extent = ratings_extent(&t->ratings);
		if (algorithm->refuses != NULL && algorithm->refuses(t->options, &extent) != NULL)
		{
			trainings[i] = NULL;
			free_training(t);
			continue;
		}
		t->backwards = i;
		t->block = i;
		t->warm_up = warm ? warm_up : NULL;
		train(t);
		trainings[i] = t;
	}
	if (trainings[0] != NULL)
	{
		Model	   *model = &trainings[0]->model;

		CHECK((trainings[0]->failure == NULL) == (trainings[1]->failure == NULL));
		if (trainings[0]->failure == NULL)
		{
			check_side(&model->sides[SIDE_ITEMS], n_items);
			check_side(&model->sides[SIDE_USERS], n_items);
			check_same(&model->sides[SIDE_ITEMS], &trainings[1]->model.sides[SIDE_ITEMS]);
			check_same(&model->sides[SIDE_USERS], &trainings[1]->model.sides[SIDE_USERS]);
			check_parameters(model);
			check_same(&model->sides[SIDE_PARAMETERS], &trainings[1]->model.sides[SIDE_PARAMETERS]);
			/* after a warm start from a table that was changed, any numbers may result */
			ask(&in, model, warm ? RANGE_FINITE : range, true);
		}
		else
			CHECK(range > RANGE_MODERATE);
		free_training(trainings[0]);
		free_training(trainings[1]);
	}
	end_case();
	return 0;
}
