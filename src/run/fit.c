/*
 * fit.c
 *	  Computing a model from ratings in memory, for training and for evaluation.
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
	const char *name;			/* of the model, for messages */
	TrainingMemory *memory;
	Iterations	iterations;
	int			max_iterations;
	instr_time	began;
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
iteration_done(Services *services, int iteration, double loss, double validation)
{
	TrainingServices *s = (TrainingServices *) services;

	instr_time	now;
	instr_time	taken;

	INSTR_TIME_SET_CURRENT(now);
	taken = now;
	INSTR_TIME_SUBTRACT(taken, s->iteration_began);
	s->iteration_began = now;
	if (s->iterations.n < s->max_iterations)
		s->iterations.rows[s->iterations.n++] =
			(IterationRow) {loss, INSTR_TIME_GET_DOUBLE(taken), validation};
	progress_iteration_done(loss, validation);
	progress_iteration(iteration + 1 > s->max_iterations ? iteration : iteration + 1);
}

static double
seconds(Services *services)
{
	return seconds_since(((TrainingServices *) services)->began);
}

static void
time_is_up(Services *services)
{
	TrainingServices *s = (TrainingServices *) services;

	ereport(NOTICE, (errmsg_plural("training of model \"%s\" ended by its time_budget after %d "
								   "iteration",
								   "training of model \"%s\" ended by its time_budget after %d "
								   "iterations",
								   s->iterations.n, s->name, s->iterations.n),
					 errdetail("On a slower or faster machine the same data, options and seed "
							   "would give another model.")));
}

/*
 * With fewer ratings there may be nothing to learn, and a user who tries the extension out need not
 * be told.
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

/* Sets the number of ratings of each row of a matrix. */
static void
count_ratings(const SparseMatrix *m, int32 *n_ratings)
{
	for (int64 r = 0; r < m->n_rows; r++)
		n_ratings[r] = (int32) (m->start[r + 1] - m->start[r]);
}

/* Sets the most rows of a side, and the most entries of its lists. */
static void
set_room(Model *model, SideKind kind, const Extent *extent)
{
	const Algorithm *algorithm = model->algorithm;
	Side	   *side = &model->sides[kind];

	side->n_rows = kind == SIDE_ITEMS				? extent->n_items
				   : kind == SIDE_USERS				? extent->n_users
				   : side->n_columns == 0			? 0
				   : kind == SIDE_PARAMETERS		? side->n_rows
				   : kind == SIDE_ITEM_FEATURES		? extent->n_item_features
				   : kind == SIDE_USER_FEATURES		? extent->n_user_features
				   : kind == SIDE_CONTEXT_FEATURES ? extent->n_context_features
												   : algorithm->side_rows(model->options, extent,
																		  kind);
	side->list_room = side_list_type(side) == COLUMN_NUMBER
						  ? 0
						  : algorithm->list_entries(model->options, extent, kind);
}

void
add_training_bytes(void *context, void *pointer, size_t bytes)
{
	*(Size *) context += training_memory_size(bytes);
}

/* A VisitArray: takes an array from the memory. */
static void
take_array(void *context, void *pointer, size_t bytes)
{
	if (bytes > 0)
		set_visited_array(pointer, training_memory_allocate(context, bytes));
}

/* Raises an error where the algorithm cannot be trained on a source of this size. */
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

void
set_feature_extent(Extent *extent, const EncodedAttributes *items, const EncodedAttributes *users,
				   const EncodedAttributes *contexts)
{
	extent->n_item_features = items == NULL ? 0 : items->n_features;
	extent->n_item_values = items == NULL ? 0 : items->n_values;
	extent->n_user_features = users == NULL ? 0 : users->n_features;
	extent->n_user_values = users == NULL ? 0 : users->n_values;
	extent->n_contexts = contexts == NULL ? 0 : contexts->rows->ids->n;
	extent->n_context_features = contexts == NULL ? 0 : contexts->n_features;
	extent->n_context_values = contexts == NULL ? 0 : contexts->n_values;
}

/* Bytes that compute_prepare takes from the memory. Sets the room of the model's sides. */
static Size
plan(Model *model, const Extent *extent, size_t array_bytes[MAX_ARRAYS], int *n_arrays)
{
	Size		bytes = 0;

	model_set_items(model, extent->n_items);
	for (int s = 0; s < N_SIDES; s++)
	{
		set_room(model, s, extent);
		side_visit(&model->sides[s], add_training_bytes, &bytes);
	}
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
	int			n_arrays;

	return (double) plan(model, extent, array_bytes, &n_arrays) +
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
	int			n_arrays;

	training_memory_reserve(memory, plan(model, &extent, array_bytes, &n_arrays));
	for (int k = 0; k < N_SIDES; k++)
	{
		Side	   *side = &model->sides[k];

		side_visit(side, take_array, memory);
		if (side->list.start != NULL)
		{
			side->list.n_rows = side->n_rows;
			side->list.n_columns = model->sides[listed_side(side_list_type(side))].n_rows;
		}
	}
	for (int i = 0; i < n_arrays; i++)
		take_array(memory, &task->arrays[i], array_bytes[i]);
	count_ratings(&ratings->by_item, model->sides[SIDE_ITEMS].n_ratings);
	count_ratings(&ratings->by_user, model->sides[SIDE_USERS].n_ratings);
	model_fill_features(model, SIDE_ITEM_FEATURES, &ratings->item_features);
	model_fill_features(model, SIDE_USER_FEATURES, &ratings->user_features);
	model_fill_features(model, SIDE_CONTEXT_FEATURES, &ratings->contexts);
	model->n_users = extent.n_users;
	model->scale = ratings->scale;
	task->ratings = ratings;
	/* an algorithm that needs times has them: options_read() checks it */
	Assert((algorithm_needs(model->algorithm, model->options) & NEEDS_TIMES) == 0 ||
		   ratings->by_user.time != NULL || ratings->events.times != NULL);
	assert_ratings(ratings);
}

/* Prepares a training from the beginning: zeroes the columns and the arrays. */
static void
forget_warm_start(Task *task)
{
	size_t		array_bytes[MAX_ARRAYS];
	Extent		extent = ratings_extent(task->ratings);
	int			n_arrays = training_arrays(task->model, &extent, array_bytes);

	for (int s = 0; s < N_SIDES; s++)
	{
		const Side *side = &task->model->sides[s];

		for (int i = 0; i < side->n_columns; i++)
		{
			if (side->values[i] != NULL)
				memory_clear((char *) side->values[i], sizeof(float) * side_floats(side, i));
		}
	}
	for (int i = 0; i < n_arrays; i++)
		memory_clear(task->arrays[i], array_bytes[i]);
	task->warm = false;
}

Iterations
compute_model(Task *task, const float *popularity, TrainingMemory *memory, const char *name)
{
	const Model *model = task->model;
	TrainingServices services = {
		.services = {run_steps, iteration_done, seconds, time_is_up, nothing_learned},
		.task = task,
		.name = name,
		.memory = memory};
	const char *failure;

	services.max_iterations = training_iterations(model->algorithm, model->options);
	services.iterations.rows =
		MemoryContextAllocZero(memory->context, sizeof(IterationRow) * services.max_iterations);
	progress_iteration(1);
	INSTR_TIME_SET_CURRENT(services.began);
	services.iteration_began = services.began;
	failure = model->algorithm->train(task, &services.services);
	if (failure != NULL && task->warm)
	{
		/*
		 * the last version's numbers, which may have been changed by hand, may be such that no
		 * training recovers from them
		 */
		ereport(NOTICE,
				(errmsg("training of model \"%s\" starts again from the beginning", name),
				 errdetail("Continuing from the last version failed: %s", failure)));
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
					 ? errhint("Raise the option \"regularization\", use a view that scales very "
							   "large ratings as the source, or use algorithm \"%s\".",
							   model->algorithm->alternative)
				 : has_option(model->algorithm, "regularization")
					 ? errhint("Raise the option \"regularization\", or use a view that scales "
							   "very large ratings as the source.")
					 : errhint("Use a view that scales very large ratings as the source.")));
	if (model->has_times)
		memcpy(model_recent(model), popularity, sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
	assert_model(model);
	return services.iterations;
}

void
compute_note_nothing_learned(const char *too_large, const char *name)
{
	if (too_large != NULL)
		ereport(NOTICE,
				(errmsg("model \"%s\" has learned nothing about single users", name),
				 errdetail("Its answers for them are no better than the same answers for "
						   "everybody."),
				 errhint("Lower the option \"%s\".", too_large)));
}
