/*
 * training.c
 *	  Training a model.
 *
 * Three steps: read the source, in one snapshot; compute, without any (but those that workers need, each
 * for one pass: see workers.c); write. Outside
 * of a transaction block each is a transaction of its own, so that nothing holds back
 * vacuum while computing. A lock on the model's table keeps a second training (and DROP
 * or ALTER of the table) waiting, and no reader: SHARE UPDATE EXCLUSIVE, for the session where
 * there are several transactions. An error at any point releases it, and leaves the old version.
 */
#include "postgres.h"
#include "model/compat.h"

#include "access/table.h"
#include "access/xact.h"
#include "algorithm/algorithm.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/loaded.h"
#include "model/memory.h"
#include "model/names.h"
#include "model/progress.h"
#include "model/shared.h"
#include "model/source.h"
#include "model/store.h"
#include "model/training.h"
#include "model/workers.h"
#include "portability/instr_time.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* ---- services to algorithms ---- */

typedef struct TrainingServices
{
	Services	services;
	const Task *task;
	TrainingMemory *memory;
	IterationRow *iterations;
	int			n_iterations;
	int			max_iterations;
	instr_time	iteration_began;
} TrainingServices;

static double
seconds_since(instr_time began)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, began);
	return INSTR_TIME_GET_DOUBLE(now);
}

static void
run_pass(Services *services, int pass, const void *argument, size_t argument_bytes, int64_t n_rows, int64_t block_rows)
{
	TrainingServices *s = (TrainingServices *) services;
	const Ratings *ratings = s->task->ratings;

	progress_phase(PHASE_TRAINING, n_rows);
	workers_run_pass(s->task, s->memory, pass, argument, argument_bytes,
					 s->task->model->algorithm->scratch_bytes(s->task->model->options, ratings->by_user.n_rows, ratings->by_item.n_rows),
					 0, n_rows, block_rows);
}

static void
iteration_done(Services *services, int iteration, double loss)
{
	TrainingServices *s = (TrainingServices *) services;

	if (s->n_iterations < s->max_iterations)
	{
		s->iterations[s->n_iterations].loss = loss;
		s->iterations[s->n_iterations].seconds = seconds_since(s->iteration_began);
		s->n_iterations++;
	}
	INSTR_TIME_SET_CURRENT(s->iteration_began);
	progress_iteration(iteration + 1 > s->max_iterations ? iteration : iteration + 1);
}

/* Says how long a step took; where that is asked for, as the benchmarks do. */
static void
report_step(Oid relid, const char *step, instr_time *began)
{
	ereport(DEBUG1,
			(errmsg_internal("model \"%s\": %s took %.3f s", get_rel_name(relid), step, seconds_since(*began))));
	INSTR_TIME_SET_CURRENT(*began);
}

/* ---- the steps ---- */

/* Locks the model's table until the transaction ends, and checks that it is (still) the caller's model. */
static ModelRow *
lock_model(Oid relid)
{
	const char *name = get_rel_name(relid);

	LockRelationOid(relid, ShareUpdateExclusiveLock);
	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("model \"%s\" was dropped meanwhile", name != NULL ? name : psprintf("%u", relid))));
	if (!relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
	return catalog_get(relid, NULL);
}

/* A transaction that sees the database as it was can't replace a version that it doesn't see: say so before the work. */
static void
check_visible(const ModelRow *row)
{
	ModelRow   *seen = catalog_find(row->model, GetTransactionSnapshot());

	if (seen == NULL || seen->version != row->version)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not train model \"%s\" due to a concurrent training", get_rel_name(row->model)),
				 errhint("Train it again, in a new transaction.")));
}

static void
check_user_table(const ModelRow *row, const Model *model)
{
	if (model->users.n_columns > 0 && (!OidIsValid(row->user_table) || get_rel_name(row->user_table) == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the table of users of model \"%s\" does not exist", get_rel_name(row->model)),
				 errdetail("It was dropped."),
				 errhint("Drop the model and create it again.")));
}

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
			training_memory_size(sizeof(int32) * list_entries) + training_memory_size(sizeof(float) * list_entries);
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
			side->values[i] = training_memory_allocate(memory, sizeof(float) * n_rows * column_stride(&side->columns[i]));
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
check_size(const Model *model, int64 n_users, int64 n_items, int64 n_ratings, Oid relid)
{
	const Algorithm *algorithm = model->algorithm;
	const char *reason = algorithm->refuses == NULL ? NULL : algorithm->refuses(model->options, n_users, n_items, n_ratings);

	if (reason != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("model \"%s\" can't be trained by \"%s\" on " INT64_FORMAT " users and " INT64_FORMAT " items",
						get_rel_name(relid), algorithm->name, n_users, n_items),
				 errdetail("%s", reason),
				 algorithm->alternative == NULL ? 0 : errhint("Create it with algorithm \"%s\".", algorithm->alternative)));
}

/* Puts the rows into matrices, and takes memory for the model and the algorithm, after making sure that there is as much. */
static void
prepare_task(Task *task, TrainingData *data, TrainingMemory *memory, Oid relid)
{
	Model	   *model = task->model;
	const Algorithm *algorithm = model->algorithm;
	int64		n_users = data->users->n;
	int64		n_items = data->items->n;
	size_t		array_bytes[MAX_ARRAYS];
	int			n_arrays;
	int64		list_entries[2] = {0, 0};
	Size		bytes;

	check_size(model, n_users, n_items, data->kept, relid);
	model_set_items(model, n_items);
	for (int i = 0; i < 2 && algorithm->list_entries != NULL; i++)
		list_entries[i] = algorithm->list_entries(model->options, n_users, n_items, data->kept, i == 1);
	bytes = side_bytes(&model->items, n_items, list_entries[0]) + side_bytes(&model->users, n_users, list_entries[1]);
	n_arrays = algorithm->arrays(model->options, n_users, n_items, array_bytes);
	for (int i = 0; i < n_arrays; i++)
		bytes += training_memory_size(array_bytes[i]);
	memory_require((double) bytes + source_matrix_bytes(data) + algorithm->scratch_bytes(model->options, n_users, n_items),
				   psprintf("training model \"%s\" with " INT64_FORMAT " users and " INT64_FORMAT " items",
							get_rel_name(relid), n_users, n_items));

	source_build(data, memory);
	training_memory_reserve(memory, bytes);
	allocate_side(&model->items, n_items, n_items, list_entries[0], memory);
	allocate_side(&model->users, n_users, n_items, list_entries[1], memory);
	for (int i = 0; i < n_arrays; i++)
		task->arrays[i] = training_memory_allocate(memory, array_bytes[i]);
	count_ratings(&data->ratings.by_item, model->items.n_ratings);
	count_ratings(&data->ratings.by_user, model->users.n_ratings);
	model->n_users = n_users;
	model->mean = data->ratings.mean;
	model->minimum = data->ratings.minimum;
	model->maximum = data->ratings.maximum;
	task->ratings = &data->ratings;
}

/* Lets training begin with the last version of the model, where there is one. */
static void
warm_up(Task *task, const TrainingData *data, const ModelRow *row)
{
	Model	   *model = task->model;
	Snapshot	snapshot;
	Relation	rel;
	int64		found;

	if (row->version == 0 || !((const CommonOptions *) model->options)->warm_start)
		return;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	rel = table_open(row->model, AccessShareLock);
	found = store_read_known(rel, "item_id", data->items, data->items, &model->items, snapshot);
	table_close(rel, NoLock);
	if (model->users.n_columns > 0)
	{
		LockRelationOid(row->user_table, AccessShareLock);
		check_user_table(row, model);
		rel = table_open(row->user_table, NoLock);
		found += store_read_known(rel, "user_id", data->users, data->items, &model->users, snapshot);
		table_close(rel, NoLock);
	}
	UnregisterSnapshot(snapshot);
	task->warm = found > 0;
}

static void
report_left_out(const TrainingData *data, const Source *source)
{
	if (data->null_ids > 0)
		ereport(NOTICE,
				(errmsg_plural("left out " INT64_FORMAT " row of \"%s\" with a NULL id", "left out " INT64_FORMAT " rows of \"%s\" with a NULL id",
							   data->null_ids, data->null_ids, get_rel_name(source->relid))));
	if (data->zero_weights > 0)
		ereport(NOTICE,
				(errmsg_plural("left out " INT64_FORMAT " row of \"%s\" that weighs 0", "left out " INT64_FORMAT " rows of \"%s\" that weigh 0",
							   data->zero_weights, data->zero_weights, get_rel_name(source->relid))));
}

static void
write_model(const Model *model, const TrainingData *data, ModelRow *row, const TrainingServices *services, instr_time began)
{
	store_write(row->model, "item_id", data->items, data->items, &model->items);
	if (model->users.n_columns > 0)
	{
		LockRelationOid(row->user_table, RowExclusiveLock);
		check_user_table(row, model);
		store_write(row->user_table, "user_id", data->users, data->items, &model->users);
	}

	row->version++;
	row->trained_at = GetCurrentTimestamp();
	row->rows = data->ratings.by_user.start[data->ratings.by_user.n_rows];
	row->users = data->ratings.by_user.n_rows;
	row->items = data->ratings.by_item.n_rows;
	row->mean = model->mean;
	row->minimum = model->minimum;
	row->maximum = model->maximum;
	row->loss = services->n_iterations > 0 ? services->iterations[services->n_iterations - 1].loss : 0;
	row->seconds = seconds_since(began);
	if (get_rel_name(row->source) != NULL)
		row->source_name = quoted_relation(row->source);
	catalog_update(row);
	catalog_log(row->model, row->version, services->iterations, services->n_iterations);
	CacheInvalidateRelcacheByRelid(row->model);
	shared_forget_at_commit(row->model);
	shared_forget_at_commit(row->user_table);
}

void
train_model(Oid relid, bool nonatomic)
{
	MemoryContext context;
	MemoryContext caller = CurrentMemoryContext;
	LockRelId	lock = {relid, MyDatabaseId};
	TrainingServices services = {.services = {run_pass, iteration_done}};
	instr_time	began;
	instr_time	step_began;
	ModelRow   *row;
	Model		model;
	Source	   *source;
	TrainingData *data;
	Task		task = {0};
	const char *failure;

	PreventCommandIfReadOnly("rec.train");
	PreventCommandIfParallelMode("rec.train");
	PreventCommandDuringRecovery("rec.train");
	INSTR_TIME_SET_CURRENT(began);

	/* Refuse what can be refused before waiting for the lock; look again once it is held. */
	if (get_rel_name(relid) != NULL && !relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
	catalog_get(relid, NULL);

	if (SPI_connect_ext(nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");

	/* Lives until the procedure is over, through all transactions: SPI's own context does. */
	context = AllocSetContextCreate(CurrentMemoryContext, "rec training", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);

	/* read */
	progress_begin(relid, 0);
	row = lock_model(relid);
	if (!nonatomic && IsolationUsesXactSnapshot())
		check_visible(row);
	model_init(&model, row);
	check_user_table(row, &model);
	store_check(relid);
	if (model.users.n_columns > 0)
		store_check(row->user_table);
	task.model = &model;
	services.task = &task;
	services.memory = training_memory_create(context);
	services.max_iterations = model.algorithm->iterations(model.options);
	services.iterations = palloc0(sizeof(IterationRow) * services.max_iterations);
	progress_begin(relid, services.max_iterations);
	progress_phase(PHASE_READING, 0);
	source = source_open_locked(row, ((CommonOptions *) model.options)->feedback, context);
	source->keep_times = source_needs_times(source, model.algorithm, model.options);
	INSTR_TIME_SET_CURRENT(step_began);
	PushActiveSnapshot(GetTransactionSnapshot());
	data = source_read(source, context);
	PopActiveSnapshot();
	report_step(relid, "reading", &step_began);
	report_left_out(data, source);
	prepare_task(&task, data, services.memory, relid);
	warm_up(&task, data, row);
	report_step(relid, "building matrices", &step_began);
	if (nonatomic)
	{
		LockRelationIdForSession(&lock, ShareUpdateExclusiveLock);
		SPI_commit();
		MemoryContextSwitchTo(context);
	}

	/* compute */
	progress_iteration(1);
	INSTR_TIME_SET_CURRENT(services.iteration_began);
	failure = model.algorithm->train(&task, &services.services);
	if (failure != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("training model \"%s\" failed: %s", get_rel_name(relid), failure),
				 errhint("Raise the option \"regularization\", or let the source be a view that scales very large ratings.")));

	/* write */
	report_step(relid, "computing", &step_began);
	PushActiveSnapshot(GetTransactionSnapshot());
	row = lock_model(relid);
	check_user_table(row, &model);
	write_model(&model, data, row, &services, began);
	PopActiveSnapshot();
	report_step(relid, "writing", &step_began);
	CommandCounterIncrement();
	if (nonatomic)
		UnlockRelationIdForSession(&lock, ShareUpdateExclusiveLock);
	progress_end();

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	SPI_finish();
}
