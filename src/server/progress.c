/*
 * progress.c
 *	  The progress of trainings and of rec.recommend_all, for other sessions to see.
 *
 * A few hundred bytes of shared memory hold a slot for each training in progress. They come from
 * the server's reserve of shared memory, so that the library need not be preloaded. When all slots
 * are taken, a training runs without one.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "server/progress.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/float.h"
#include "utils/timestamp.h"

typedef struct ProgressTable
{
	slock_t		mutex;
	Progress	slots[PROGRESS_SLOTS];
} ProgressTable;

static ProgressTable *table = NULL;
static Progress *mine = NULL;
static int	my_nest_level = 0;	/* nest level of the subtransaction that took the slot */

static ProgressTable *
attach_table(void)
{
	bool		found;

	if (table != NULL)
		return table;
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	table = ShmemInitStruct("rec training progress", sizeof(ProgressTable), &found);
	if (!found)
	{
		memset(table, 0, sizeof(ProgressTable));
		SpinLockInit(&table->mutex);
	}
	LWLockRelease(AddinShmemInitLock);
	return table;
}

void
progress_end(void)
{
	if (mine == NULL)
		return;
	SpinLockAcquire(&table->mutex);
	mine->pid = 0;
	SpinLockRelease(&table->mutex);
	mine = NULL;
}

static void
end_at_exit(int code, Datum arg)
{
	progress_end();
}

static void
end_at_abort(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		progress_end();
}

static void
end_at_subtransaction_abort(SubXactEvent event, SubTransactionId mySubid,
							SubTransactionId parentSubid, void *arg)
{
	/*
	 * ignore a subtransaction within the training, which a function of the source's view may start
	 */
	if (event == SUBXACT_EVENT_ABORT_SUB && GetCurrentTransactionNestLevel() <= my_nest_level)
		progress_end();
}

void
progress_begin(Oid model, int iterations)
{
	static bool registered = false;

	attach_table();
	if (!registered)
	{
		before_shmem_exit(end_at_exit, (Datum) 0);
		RegisterXactCallback(end_at_abort, NULL);
		RegisterSubXactCallback(end_at_subtransaction_abort, NULL);
		registered = true;
	}
	progress_end();
	my_nest_level = GetCurrentTransactionNestLevel();
	SpinLockAcquire(&table->mutex);
	for (int i = 0; i < PROGRESS_SLOTS && mine == NULL; i++)
	{
		if (table->slots[i].pid == 0)
		{
			mine = &table->slots[i];
			memset(mine, 0, sizeof(Progress));
			mine->pid = MyProcPid;
		}
	}
	if (mine != NULL)
	{
		mine->database = MyDatabaseId;
		mine->model = model;
		mine->iterations = iterations;
		mine->loss = mine->validation = get_float8_nan();
		mine->phase = PHASE_WAITING;
	}
	SpinLockRelease(&table->mutex);
	if (mine != NULL)
		mine->started_at = GetCurrentTimestamp();
}

/*
 * Single values are written without the lock: only this backend writes them, and a reader may see
 * one of them before the other.
 */

void
progress_phase(ProgressPhase phase, int64 total)
{
	if (mine == NULL)
		return;
	mine->phase = phase;
	mine->total = total;
	mine->done = 0;
}

void
progress_iteration(int iteration)
{
	if (mine != NULL)
		mine->iteration = iteration;
}

void
progress_iteration_done(double loss, double validation)
{
	if (mine == NULL)
		return;
	mine->loss = loss;
	mine->validation = validation;
}

void
progress_total(int64 total)
{
	if (mine != NULL)
		mine->total = total;
}

void
progress_done(int64 done)
{
	if (mine != NULL)
		mine->done = done;
}

void
progress_workers(int workers)
{
	if (mine != NULL)
		mine->workers = workers;
}

int
progress_read(Progress *copies, int limit)
{
	int			n = 0;

	attach_table();
	SpinLockAcquire(&table->mutex);
	for (int i = 0; i < PROGRESS_SLOTS && n < limit; i++)
	{
		if (table->slots[i].pid != 0 && table->slots[i].database == MyDatabaseId)
			copies[n++] = table->slots[i];
	}
	SpinLockRelease(&table->mutex);
	return n;
}
