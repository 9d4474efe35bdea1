/*
 * workers.c
 *	  Passes over rows, by several processes at once.
 *
 * Workers are PostgreSQL's parallel workers: their messages are reported by this process, a cancel
 * of the session reaches them, and the server's limits apply. They last for one pass, so that the
 * snapshot that comes with them is not held for long. A counter hands out blocks of rows. This
 * process works, too: it begins alone, and starts workers when the pass turns out to take longer
 * than workers take to start.
 *
 * Memory is in dynamic shared memory segments. Their mappings are pinned, because they outlive
 * transactions and passes, and are removed with the training's memory context, also after an error.
 * Addresses differ between processes, so workers are given places: a piece, and an offset in it.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "kernel/vector.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "optimizer/planmain.h"
#include "port/atomics.h"
#include "portability/instr_time.h"
#include "server/memory.h"
#include "server/progress.h"
#include "server/workers.h"
#include "storage/condition_variable.h"
#include "storage/shm_toc.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

/* Starting workers pays if at least this many milliseconds of work are left. */
#define WORTH_MILLISECONDS 30

/* Milliseconds of work after which the remaining time is estimated. */
#define TRIAL_MILLISECONDS 10

static int	max_workers = 8;

static Pass defined_passes[2];

void
workers_define_pass(int number, Pass pass)
{
	Assert(number < 0 && -number <= (int) lengthof(defined_passes));
	defined_passes[-1 - number] = pass;
}

void
workers_define_setting(void)
{
	DefineCustomIntVariable("rec.max_workers",
							"Sets the maximum number of workers for one training, or for scoring "
							"all users.",
							"max_parallel_maintenance_workers, max_parallel_workers and free slots "
							"limit them, too. The result is the same with any number of workers.",
							&max_workers,
							8, 0, 1024,
							PGC_USERSET, 0,
							NULL, NULL, NULL);
}

int
workers_allowed(void)
{
	return Min(Min(max_workers, max_parallel_maintenance_workers), max_parallel_workers);
}

/* ---- memory ---- */

static void
detach_pieces(void *arg)
{
	TrainingMemory *memory = arg;

	for (int i = memory->n_borrowed; i < memory->n_pieces; i++)
	{
		if (memory->pieces[i].segment != NULL)
			dsm_detach(memory->pieces[i].segment);
	}
	memory->n_pieces = memory->n_borrowed;
}

static TrainingMemory *
create_memory(MemoryContext context)
{
	TrainingMemory *memory = MemoryContextAllocZero(context, sizeof(TrainingMemory));
	MemoryContextCallback *callback =
		MemoryContextAllocZero(context, sizeof(MemoryContextCallback));

	memory->context = context;
	callback->func = detach_pieces;
	callback->arg = memory;
	MemoryContextRegisterResetCallback(context, callback);
	return memory;
}

TrainingMemory *
training_memory_create(MemoryContext context)
{
	TrainingMemory *memory = create_memory(context);

	memory->shared = workers_allowed() > 0;
	return memory;
}

TrainingMemory *
training_memory_extend(const TrainingMemory *lender, MemoryContext context)
{
	TrainingMemory *memory = create_memory(context);

	memory->shared = lender->shared;
	memory->n_pieces = memory->n_borrowed = lender->n_pieces;
	memcpy(memory->pieces, lender->pieces, sizeof(memory->pieces));
	return memory;
}

Size
training_memory_size(Size bytes)
{
	return TYPEALIGN(ALIGNMENT, bytes);
}

void
training_memory_reserve(TrainingMemory *memory, Size bytes)
{
	int			i = memory->n_pieces;
	dsm_segment *segment;

	if (i >= MAX_PIECES)
		elog(ERROR, "too many pieces of training memory");
	segment = memory->shared ? memory_segment(bytes) : NULL;
	memory->shared = segment != NULL;
	memory->pieces[i].segment = segment;
	memory->pieces[i].size = bytes;
	memory->used = 0;
	memory->n_pieces++;
	if (segment != NULL)
	{
		/* segments are aligned to a page, but not zeroed if they were reserved at server start */
		memory->pieces[i].base = dsm_segment_address(segment);
		memory_clear(memory->pieces[i].base, bytes);
	}
	else
		memory->pieces[i].base = memory_aligned(memory->context, bytes);
}

void *
training_memory_allocate(TrainingMemory *memory, Size bytes)
{
	int			last = memory->n_pieces - 1;
	void	   *address = memory->pieces[last].base + memory->used;

	memory->used += training_memory_size(bytes);
	if (memory->used > memory->pieces[last].size)
		elog(ERROR, "a piece of training memory is too small");
	return address;
}

/* ---- the description of a pass for workers ---- */

typedef struct SharedPass
{
	pg_atomic_uint64 next;		/* first row of the next block */
	pg_atomic_uint64 done;		/* rows of completed blocks */
	ConditionVariable step_done;
	int			pass;
	Size		scratch_bytes;
	int64		n_rows;
	int64		step_rows;
	int64		block_rows;
	char		argument[MAX_ARGUMENT_BYTES];

	int			n_pieces;
	dsm_handle	pieces[MAX_PIECES];
	Size		sizes[MAX_PIECES];

	/*
	 * Copies, in which the addresses of arrays are replaced by places (place_array). Other pointers
	 * are invalid in a worker, which sets them.
	 */
	Task		task;
	Model		model;
	Ratings		ratings;
	char		algorithm[NAMEDATALEN];
	char		options[FLEXIBLE_ARRAY_MEMBER];
} SharedPass;

#define KEY_PASS 1

/*
 * A VisitArray: replaces an array's address by its place, which is 1 + its offset in the memory as
 * if the pieces lay one behind the other. NULL stays NULL.
 */
static void
place_array(void *context, void *pointer, size_t bytes)
{
	const TrainingMemory *memory = context;
	const char *array = visited_array(pointer);
	uintptr_t	before = 1;

	if (array == NULL)
		return;
	for (int i = 0; i < memory->n_pieces; i++)
	{
		if (array >= memory->pieces[i].base &&
			array < memory->pieces[i].base + memory->pieces[i].size)
		{
			set_visited_array(pointer, (void *) (before + (array - memory->pieces[i].base)));
			return;
		}
		before += memory->pieces[i].size;
	}
	elog(ERROR, "an array of the training is not in its memory");
}

/* The memory as a worker has attached it. */
typedef struct AttachedMemory
{
	int			n_pieces;
	dsm_segment *segments[MAX_PIECES];
	Size		sizes[MAX_PIECES];
} AttachedMemory;

/* A VisitArray: replaces the place that place_array has written by the array's address. */
static void
find_array(void *context, void *pointer, size_t bytes)
{
	const AttachedMemory *memory = context;
	uintptr_t	place = (uintptr_t) visited_array(pointer);

	if (place == 0)
		return;
	place--;
	for (int i = 0; i < memory->n_pieces; i++)
	{
		if (place < memory->sizes[i])
		{
			set_visited_array(pointer, (char *) dsm_segment_address(memory->segments[i]) + place);
			return;
		}
		place -= memory->sizes[i];
	}
	elog(ERROR, "an array of the training is not in its memory");
}

static void
share_pass(SharedPass *shared, const Task *task, const TrainingMemory *memory, int pass,
		   const void *argument, size_t argument_bytes, size_t scratch_bytes, int64 first,
		   int64 n_rows, int64 step_rows, int64 block_rows)
{
	const Model *model = task->model;

	pg_atomic_init_u64(&shared->next, (uint64) first);
	pg_atomic_init_u64(&shared->done, (uint64) first);
	ConditionVariableInit(&shared->step_done);
	shared->pass = pass;
	shared->scratch_bytes = scratch_bytes;
	shared->n_rows = n_rows;
	shared->step_rows = step_rows;
	shared->block_rows = block_rows;
	if (argument_bytes > 0)
		memcpy(shared->argument, argument, argument_bytes);
	shared->n_pieces = memory->n_pieces;
	for (int i = 0; i < memory->n_pieces; i++)
	{
		shared->pieces[i] = dsm_segment_handle(memory->pieces[i].segment);
		shared->sizes[i] = memory->pieces[i].size;
	}
	shared->task = *task;
	shared->model = *model;
	shared->ratings = *task->ratings;
	task_visit(&shared->task, &shared->model, &shared->ratings, place_array,
			   unconstify(TrainingMemory *, memory));
	strlcpy(shared->algorithm, model->algorithm->name, NAMEDATALEN);
	memcpy(shared->options, model->options, model->algorithm->options_size);
}

/* ---- the work ---- */

static Pass
find_pass(const Algorithm *algorithm, int pass)
{
	return pass < 0 ? defined_passes[-1 - pass] : algorithm->passes[pass];
}

/*
 * Waits until the steps before that of a row are done. Blocks are handed out in order, so a process
 * is working on each of their blocks; if that process fails, this one is terminated, too.
 */
static void
wait_for_steps_before(SharedPass *shared, int64 row)
{
	uint64		needed = (uint64) (row - row % shared->step_rows);

	if (pg_atomic_read_u64(&shared->done) < needed)
	{
		ConditionVariablePrepareToSleep(&shared->step_done);
		while (pg_atomic_read_u64(&shared->done) < needed)
			ConditionVariableSleep(&shared->step_done, WAIT_EVENT_PARALLEL_FINISH);
		ConditionVariableCancelSleep();
	}
	/* data of other processes must be read after their counts */
	pg_memory_barrier();
}

/* Counts rows as done, after their results have been written. */
static void
count_done(SharedPass *shared, int64 rows)
{
	uint64		done = pg_atomic_add_fetch_u64(&shared->done, (uint64) rows);

	/* this block was the last of its step */
	if (done % (uint64) shared->step_rows == 0)
		ConditionVariableBroadcast(&shared->step_done);
}

/* Processes blocks until none is left. The leader also reports progress. */
static void
work_blocks(const Task *task, SharedPass *shared, void *scratch, bool leader)
{
	Pass		run = find_pass(task->model->algorithm, shared->pass);

	for (;;)
	{
		int64		begin =
			(int64) pg_atomic_fetch_add_u64(&shared->next, (uint64) shared->block_rows);
		int64		end = Min(begin + shared->block_rows, shared->n_rows);

		if (begin >= shared->n_rows)
			break;
		CHECK_FOR_INTERRUPTS();
		wait_for_steps_before(shared, begin);
		run(task, shared->argument, begin, end, scratch);
		count_done(shared, end - begin);
		if (leader)
			progress_done(end);
	}
}

static double
milliseconds_since(instr_time began)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, began);
	return INSTR_TIME_GET_MILLISEC(now);
}

/* Processes the rows from first on, with as many workers as are available. */
static void
work_with_others(const Task *task, const TrainingMemory *memory, int pass, const void *argument,
				 size_t argument_bytes, size_t scratch_bytes, int64 first, int64 n_rows,
				 int64 step_rows, int64 block_rows, void *scratch)
{
	Size		bytes = offsetof(SharedPass, options) + task->model->algorithm->options_size;
	/* no more workers than can work at once */
	int			workers =
		(int) Min(workers_allowed(), Min(n_rows - first, step_rows) / block_rows + 1);
	ParallelContext *context;
	SharedPass *shared;

	PushActiveSnapshot(GetTransactionSnapshot());
	EnterParallelMode();
	context = CreateParallelContext("rec", "rec_training_worker", workers);
	shm_toc_estimate_chunk(&context->estimator, bytes);
	shm_toc_estimate_keys(&context->estimator, 1);
	InitializeParallelDSM(context);
	shared = shm_toc_allocate(context->toc, bytes);
	share_pass(shared, task, memory, pass, argument, argument_bytes, scratch_bytes, first, n_rows,
			   step_rows, block_rows);
	shm_toc_insert(context->toc, KEY_PASS, shared);
	LaunchParallelWorkers(context);
	progress_workers(context->nworkers_launched);
	ereport(DEBUG1, (errmsg_internal("%d workers help", context->nworkers_launched)));
	work_blocks(task, shared, scratch, true);
	WaitForParallelWorkersToFinish(context);
	progress_workers(0);
	DestroyParallelContext(context);
	ExitParallelMode();
	PopActiveSnapshot();
}

/*
 * Whether the rest of a pass takes longer than starting workers, estimated from the time of the
 * first rows.
 */
static bool
workers_are_worthwhile(double milliseconds, int64 done, int64 n_rows)
{
	/* for tests, as in the server's own parallel queries */
	if (debug_parallel_query != DEBUG_PARALLEL_OFF)
		return true;
	return milliseconds > TRIAL_MILLISECONDS &&
		   milliseconds / done * (n_rows - done) > WORTH_MILLISECONDS;
}

void
workers_run_pass(const Task *task, TrainingMemory *memory, int pass, const void *argument,
				 size_t argument_bytes, size_t scratch_bytes, int64 first, int64 n_rows,
				 int64 step_rows, int64 block_rows)
{
	Pass		run = find_pass(task->model->algorithm, pass);
	MemoryContext context =
		AllocSetContextCreate(memory->context, "rec scratch", ALLOCSET_DEFAULT_SIZES);
	void	   *scratch = memory_aligned(context, scratch_bytes);
	instr_time	began;

	Assert(argument_bytes <= MAX_ARGUMENT_BYTES);
	Assert(block_rows > 0 && first <= n_rows);
	if (step_rows < n_rows && (step_rows % block_rows != 0 || first != 0))
		elog(ERROR,
			 "steps of " INT64_FORMAT " rows in blocks of " INT64_FORMAT " from row " INT64_FORMAT,
			 step_rows, block_rows, first);
	INSTR_TIME_SET_CURRENT(began);
	for (int64 begin = first; begin < n_rows; begin += block_rows)
	{
		if (memory->shared && workers_allowed() > 0 &&
			workers_are_worthwhile(milliseconds_since(began), begin - first, n_rows - first))
		{
			work_with_others(task, memory, pass, argument, argument_bytes, scratch_bytes, begin,
							 n_rows, step_rows, block_rows, scratch);
			break;
		}
		CHECK_FOR_INTERRUPTS();
		run(task, argument, begin, Min(begin + block_rows, n_rows), scratch);
		progress_done(Min(begin + block_rows, n_rows));
	}
	MemoryContextDelete(context);
}

PGDLLEXPORT void rec_training_worker(dsm_segment *segment, shm_toc *toc);

/* The entry point of a worker. */
void
rec_training_worker(dsm_segment *segment, shm_toc *toc)
{
	SharedPass *shared = shm_toc_lookup(toc, KEY_PASS, false);
	Model		model = shared->model;
	Ratings		ratings = shared->ratings;
	Task		task = shared->task;
	AttachedMemory memory = {.n_pieces = shared->n_pieces};

	for (int i = 0; i < memory.n_pieces; i++)
	{
		memory.segments[i] = dsm_attach(shared->pieces[i]);
		memory.sizes[i] = shared->sizes[i];
		if (memory.segments[i] == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the training that this worker was started for is over")));
	}
	model.algorithm = find_algorithm(shared->algorithm);
	model.options = shared->options;
	/* the descriptions of columns have other addresses in this process */
	model_set_items(&model, model.sides[SIDE_ITEMS].n_rows);
	task.model = &model;
	task.ratings = &ratings;
	task_visit(&task, &model, &ratings, find_array, &memory);
	work_blocks(&task, shared, memory_aligned(CurrentMemoryContext, shared->scratch_bytes), false);
	for (int i = 0; i < memory.n_pieces; i++)
		dsm_detach(memory.segments[i]);
}
