/*
 * fit.c
 *	  A model from ratings in memory: what training and evaluation have in common.
 */
#include "postgres.h"
#include "server/compat.h"

#include "model/invariants.h"
#include "model/options.h"
#include "portability/instr_time.h"
#include "run/fit.h"
#include "server/memory.h"
#include "server/progress.h"

/* ---- services to algorithms ---- */

typedef struct TrainingServices
{
	Services	services;
	const Task *task;
	TrainingMemory *memory;
	Iterations	iterations;
	int			max_iterations;
	instr_time	iteration_began;
} TrainingServices;

static void
run_steps(Services *services, int pass, const void *argument, size_t argument_bytes,
		  int64_t n_steps, int64_t n_rows, int64_t block_rows)
{
	TrainingServices *s = (TrainingServices *) services;
	Extent		extent = ratings_extent(s->task->ratings);

	progress_phase(PHASE_TRAINING, n_steps * n_rows);
	workers_run_pass(s->task, s->memory, pass, argument, argument_bytes,
					 training_scratch_bytes(s->task->model, &extent), 0, n_steps * n_rows, n_rows,
					 block_rows);
}

static void
iteration_done(Services *services, int iteration, double loss)
{
	TrainingServices *s = (TrainingServices *) services;

	instr_time	now;
	instr_time	taken;

	INSTR_TIME_SET_CURRENT(now);
	taken = now;
	INSTR_TIME_SUBTRACT(taken, s->iteration_began);
	s->iteration_began = now;
	if (s->iterations.n < s->max_iterations)
		s->iterations.rows[s->iterations.n++] = (IterationRow) {loss, INSTR_TIME_GET_DOUBLE(taken)};
	progress_iteration(iteration + 1 > s->max_iterations ? iteration : iteration + 1);
}

/*
 * Of fewer ratings there may be nothing to learn, and whoever tries something out need not be
 * told.
 */
#define LEAST_RATINGS 100

static void
nothing_learned(Services *services, const char *too_large)
{
	TrainingServices *s = (TrainingServices *) services;
	const SparseMatrix *by_user = &s->task->ratings->by_user;

	if (by_user->start[by_user->n_rows] >= LEAST_RATINGS)
		s->iterations.too_large = too_large;
}

/* ---- the steps ---- */

/* How many ratings each row of a matrix has. */
static void
count_ratings(const SparseMatrix *m, int32 *n_ratings)
{
	for (int64 r = 0; r < m->n_rows; r++)
		n_ratings[r] = (int32) (m->start[r + 1] - m->start[r]);
}

static bool
has_list(const Side *side)
{
	for (int i = 0; i < side->n_columns; i++)
	{
		if (side->columns[i].type == COLUMN_ITEMS)
			return true;
	}
	return false;
}

static Size
side_bytes(const Side *side, int64 n_rows, int64 list_entries)
{
	Size		bytes = training_memory_size(sizeof(int32) * n_rows);

	for (int i = 0; i < side->n_columns; i++)
		bytes += training_memory_size(sizeof(float) * n_rows * column_stride(&side->columns[i]));
	if (has_list(side))
		bytes += training_memory_size(sizeof(int64) * (n_rows + 2)) +
				 training_memory_size(sizeof(int32) * list_entries) +
				 training_memory_size(sizeof(float) * list_entries);
	return bytes;
}

static void
allocate_side(Side *side, int64 n_rows, int64 n_items, int64 list_entries, TrainingMemory *memory)
{
	side->n_rows = n_rows;
	side->n_ratings = training_memory_allocate(memory, sizeof(int32) * n_rows);
	for (int i = 0; i < side->n_columns; i++)
	{
		if (column_stride(&side->columns[i]) > 0)
			side->values[i] = training_memory_allocate(
				memory, sizeof(float) * n_rows * column_stride(&side->columns[i]));
	}
	if (has_list(side))
	{
		side->list.n_rows = n_rows;
		side->list.n_columns = n_items;
		side->list.start = training_memory_allocate(memory, sizeof(int64) * (n_rows + 2));
		side->list.column = training_memory_allocate(memory, sizeof(int32) * list_entries);
		side->list.value = training_memory_allocate(memory, sizeof(float) * list_entries);
	}
}

/* Errors out where the algorithm is not for so large a source. */
static void
check_size(const Model *model, const Extent *extent, const char *name)
{
	const Algorithm *algorithm = model->algorithm;
	const char *reason =
		algorithm->refuses == NULL ? NULL : algorithm->refuses(model->options, extent);

	if (reason != NULL)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("algorithm \"%s\" cannot train on " INT64_FORMAT
							   " users and " INT64_FORMAT " items",
							   algorithm->name, extent->n_users, extent->n_items),
						errdetail("%s", reason),
						algorithm->alternative == NULL
							? 0
							: errhint("Use algorithm \"%s\".", algorithm->alternative),
						errcontext("training model \"%s\"", name)));
}

/* What compute_prepare takes from the memory. */
static Size
plan(const Model *model, const Extent *extent, int64 list_entries[2],
	 size_t array_bytes[MAX_ARRAYS], int *n_arrays)
{
	const Algorithm *algorithm = model->algorithm;
	Size		bytes;

	for (int i = 0; i < 2; i++)
		list_entries[i] = algorithm->list_entries == NULL
							  ? 0
							  : algorithm->list_entries(model->options, extent, i == 1);
	bytes = side_bytes(&model->items, extent->n_items, list_entries[0]) +
			side_bytes(&model->users, extent->n_users, list_entries[1]);
	*n_arrays = training_arrays(model, extent, array_bytes);
	Assert(*n_arrays <= MAX_ARRAYS);
	for (int i = 0; i < *n_arrays; i++)
		bytes += training_memory_size(array_bytes[i]);
	return bytes;
}

double
compute_bytes(Model *model, const Extent *extent)
{
	size_t		array_bytes[MAX_ARRAYS];
	int64		list_entries[2];
	int			n_arrays;

	model_set_items(model, extent->n_items);
	return (double) plan(model, extent, list_entries, array_bytes, &n_arrays) +
		(double) training_scratch_bytes(model, extent) * (1 + workers_allowed());
}

void
compute_require(Model *model, const Extent *extent, double other_bytes, const char *name)
{
	check_size(model, extent, name);
	memory_require(other_bytes + compute_bytes(model, extent),
				   psprintf("training model \"%s\" with " INT64_FORMAT " users and " INT64_FORMAT
							" items",
							name, extent->n_users, extent->n_items));
}

void
compute_prepare(Task *task, const Ratings *ratings, TrainingMemory *memory)
{
	Model	   *model = task->model;
	Extent		extent = ratings_extent(ratings);
	size_t		array_bytes[MAX_ARRAYS];
	int64		list_entries[2];
	int			n_arrays;

	model_set_items(model, extent.n_items);
	training_memory_reserve(memory, plan(model, &extent, list_entries, array_bytes, &n_arrays));
	allocate_side(&model->items, extent.n_items, extent.n_items, list_entries[0], memory);
	allocate_side(&model->users, extent.n_users, extent.n_items, list_entries[1], memory);
	for (int i = 0; i < n_arrays; i++)
		task->arrays[i] = training_memory_allocate(memory, array_bytes[i]);
	count_ratings(&ratings->by_item, model->items.n_ratings);
	count_ratings(&ratings->by_user, model->users.n_ratings);
	model->n_users = extent.n_users;
	model->scale = ratings->scale;
	task->ratings = ratings;
	/* an algorithm that needs times has them: options_read() sees to it */
	Assert((algorithm_needs(model->algorithm, model->options) & NEEDS_TIMES) == 0 ||
		   ratings->by_user.time != NULL || ratings->events.times != NULL);
	assert_ratings(ratings);
}

/* Lets training begin as at first: the columns and the arrays are zero. */
static void
forget_warm_start(Task *task)
{
	const Side *sides[2] = {&task->model->items, &task->model->users};
	size_t		array_bytes[MAX_ARRAYS];
	Extent		extent = ratings_extent(task->ratings);
	int			n_arrays = training_arrays(task->model, &extent, array_bytes);

	for (int s = 0; s < 2; s++)
	{
		for (int i = 0; i < sides[s]->n_columns; i++)
		{
			if (sides[s]->values[i] != NULL)
				memory_clear((char *) sides[s]->values[i],
							 sizeof(float) * sides[s]->n_rows *
								 column_stride(&sides[s]->columns[i]));
		}
	}
	for (int i = 0; i < n_arrays; i++)
		memory_clear(task->arrays[i], array_bytes[i]);
	task->warm = false;
}

Iterations
compute_model(Task *task, TrainingMemory *memory, const char *name)
{
	const Model *model = task->model;
	TrainingServices services = {
		.services = {run_steps, iteration_done, nothing_learned}, .task = task, .memory = memory};
	const char *failure;

	services.max_iterations = training_iterations(model->algorithm, model->options);
	services.iterations.rows =
		MemoryContextAllocZero(memory->context, sizeof(IterationRow) * services.max_iterations);
	progress_iteration(1);
	INSTR_TIME_SET_CURRENT(services.iteration_began);
	failure = model->algorithm->train(task, &services.services);
	if (failure != NULL && task->warm)
	{
		/*
		 * the numbers of the last version may be such, or be changed by hand, that no training
		 * gets away from them
		 */
		ereport(NOTICE,
				(errmsg("training of model \"%s\" begins anew", name),
				 errdetail("It failed from where the last version ended: %s", failure)));
		forget_warm_start(task);
		services.iterations.n = 0;
		progress_iteration(1);
		INSTR_TIME_SET_CURRENT(services.iteration_began);
		failure = model->algorithm->train(task, &services.services);
	}
	if (failure != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("training model \"%s\" failed: %s", name, failure),
				 model->algorithm->alternative != NULL
					 ? errhint("Raise the option \"regularization\", let the source be a view that "
							   "scales very large ratings, or use algorithm \"%s\".",
							   model->algorithm->alternative)
				 : has_option(model->algorithm, "regularization")
					 ? errhint("Raise the option \"regularization\", or let the source be a view "
							   "that scales very large ratings.")
					 : errhint("Let the source be a view that scales very large ratings.")));
	assert_model(model);
	return services.iterations;
}

void
compute_note_nothing_learned(const char *too_large, const char *name)
{
	if (too_large != NULL)
		ereport(NOTICE,
				(errmsg("model \"%s\" has learned nothing of single users", name),
				 errdetail("What it says of them is no better than what can be said of everybody."),
				 errhint("Lower the option \"%s\".", too_large)));
}
