/*
 * shared_cache.c
 *	  Copies of models that all sessions share.
 *
 * A process that finds no copy claims it, loads it into a segment, and offers it. Other processes
 * that want the copy wait meanwhile. The table pins the segment of an offered copy, which therefore
 * outlives the sessions that use it. A copy is removed from the table when a newer copy of the same
 * table is offered, when the model is trained, when it or its database is dropped, and when its
 * room is needed, the least recently used copy first. Its memory is freed when the last session has
 * released it, which each session does at the end of its next transaction.
 *
 * A change of the table must not fail half-way: everything that can fail is done before or after.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "model/shared_cache.h"
#include "port/atomics.h"
#include "server/memory.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

typedef struct SharedEntry
{
	SharedKey	key;			/* relid is InvalidOid: the entry is free */
	int			loader;			/* the process that has claimed it; 0: the copy is offered */
	dsm_handle	handle;
	Size		bytes;
	uint64		number;			/* of the copy */
	pg_atomic_uint64 last_used; /* a TimestampTz */
} SharedEntry;

typedef struct SharedTable
{
	ConditionVariable claims_end;
	pg_atomic_uint64 removals;
	pg_atomic_uint64 copies_made;
	Size		bytes;			/* of the offered copies */
	SharedEntry entries[SHARED_COPIES];
} SharedTable;

static int	cache_size = 1024;	/* MB; 0: nothing is shared */
static SharedTable *table = NULL;
static LWLock *lock;
static SharedCopy *copies = NULL;
static uint64 removals_seen = 0;
static List *forgotten = NIL;	/* relids of tables whose copies are removed at commit */
static List *forgotten_databases = NIL;

#if PG_VERSION_NUM >= 150000
static shmem_request_hook_type previous_request_hook;
#endif
static shmem_startup_hook_type previous_startup_hook;
static object_access_hook_type previous_access_hook;

/* ---- the table ---- */

static void forget_dropped(ObjectAccessType access, Oid class, Oid object, int column, void *arg);

static void
request_memory(void)
{
#if PG_VERSION_NUM >= 150000
	if (previous_request_hook != NULL)
		previous_request_hook();
#endif
	RequestAddinShmemSpace(sizeof(SharedTable));
	RequestNamedLWLockTranche("rec", 1);
}

static void
create_table(void)
{
	bool		found;

	if (previous_startup_hook != NULL)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	table = ShmemInitStruct("rec shared models", sizeof(SharedTable), &found);
	if (!found)
	{
		memset(table, 0, sizeof(SharedTable));
		ConditionVariableInit(&table->claims_end);
		pg_atomic_init_u64(&table->removals, 0);
		pg_atomic_init_u64(&table->copies_made, 0);
		for (int i = 0; i < SHARED_COPIES; i++)
			pg_atomic_init_u64(&table->entries[i].last_used, 0);
	}
	lock = &GetNamedLWLockTranche("rec")->lock;
	LWLockRelease(AddinShmemInitLock);
}

void
shared_define_setting(void)
{
	DefineCustomIntVariable("rec.cache_size",
							"Sets the memory for models that all sessions share.",
							"Requires rec in shared_preload_libraries; otherwise each session "
							"loads its own copies. 0 disables sharing.",
							&cache_size,
							1024, 0, MAX_KILOBYTES / 1024,
							PGC_SIGHUP, GUC_UNIT_MB,
							NULL, NULL, NULL);
	if (!process_shared_preload_libraries_in_progress)
		return;
#if PG_VERSION_NUM >= 150000
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
#else
	request_memory();
#endif
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = create_table;
	previous_access_hook = object_access_hook;
	object_access_hook = forget_dropped;
}

static Size
limit_bytes(void)
{
	return (Size) cache_size * 1024 * 1024;
}

#ifdef USE_ASSERT_CHECKING
/* Whether the counted bytes are those of the offered copies. To be called under the lock. */
static bool
is_consistent(void)
{
	Size		bytes = 0;

	for (int i = 0; i < SHARED_COPIES; i++)
	{
		const SharedEntry *entry = &table->entries[i];

		if (OidIsValid(entry->key.relid) && entry->loader == 0)
			bytes += entry->bytes;
	}
	return bytes == table->bytes;
}
#endif

static SharedEntry *
find_entry(const SharedKey *key)
{
	for (int i = 0; i < SHARED_COPIES; i++)
	{
		if (table->entries[i].key.relid == key->relid &&
			memcmp(&table->entries[i].key, key, sizeof(SharedKey)) == 0)
			return &table->entries[i];
	}
	return NULL;
}

static void
remove_entry(SharedEntry *entry)
{
	if (entry->loader == 0)
	{
		table->bytes -= entry->bytes;
		dsm_unpin_segment(entry->handle);
	}
	entry->key.relid = InvalidOid;
	pg_atomic_fetch_add_u64(&table->removals, 1);
	if (entry->loader != 0)
		return;
	/* copies of other sides that refer to these items can no longer be found */
	for (int i = 0; i < SHARED_COPIES; i++)
	{
		SharedEntry *beside = &table->entries[i];

		if (OidIsValid(beside->key.relid) && beside->loader == 0 &&
			beside->key.items == entry->number)
			remove_entry(beside);
	}
}

/* The least recently used entry that is offered, or NULL. */
static SharedEntry *
least_recently_used(void)
{
	SharedEntry *least = NULL;

	for (int i = 0; i < SHARED_COPIES; i++)
	{
		SharedEntry *entry = &table->entries[i];

		if (OidIsValid(entry->key.relid) && entry->loader == 0 &&
			(least == NULL ||
			 pg_atomic_read_u64(&entry->last_used) < pg_atomic_read_u64(&least->last_used)))
			least = entry;
	}
	return least;
}

static SharedEntry *
free_entry(void)
{
	SharedEntry *entry;

	for (int i = 0; i < SHARED_COPIES; i++)
	{
		if (!OidIsValid(table->entries[i].key.relid))
			return &table->entries[i];
	}
	entry = least_recently_used();
	if (entry != NULL)
		remove_entry(entry);
	return entry;
}

static void
end_claims(int code, Datum arg)
{
	LWLockAcquire(lock, LW_EXCLUSIVE);
	for (int i = 0; i < SHARED_COPIES; i++)
	{
		if (OidIsValid(table->entries[i].key.relid) && table->entries[i].loader == MyProcPid)
			remove_entry(&table->entries[i]);
	}
	LWLockRelease(lock);
	ConditionVariableBroadcast(&table->claims_end);
}

static void
remove_forgotten(XactEvent event, void *arg)
{
	/*
	 * a prepared transaction has the tables locked, and may end in another session, which would not
	 * know them
	 */
	if ((event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE) &&
		(forgotten != NIL || forgotten_databases != NIL))
	{
		LWLockAcquire(lock, LW_EXCLUSIVE);
		for (int i = 0; i < SHARED_COPIES; i++)
		{
			SharedEntry *entry = &table->entries[i];

			if (entry->loader == 0 && OidIsValid(entry->key.relid) &&
				((entry->key.database == MyDatabaseId &&
				  list_member_oid(forgotten, entry->key.relid)) ||
				 list_member_oid(forgotten_databases, entry->key.database)))
				remove_entry(entry);
		}
		LWLockRelease(lock);
	}
	/* The lists were in the transaction's memory. */
	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE &&
		event != XACT_EVENT_PARALLEL_PRE_COMMIT)
		forgotten = forgotten_databases = NIL;
}

/* Makes sure that claims end with the process, and that removals happen at commit. */
static void
register_callbacks(void)
{
	static bool registered = false;

	if (registered)
		return;
	before_shmem_exit(end_claims, (Datum) 0);
	RegisterXactCallback(remove_forgotten, NULL);
	registered = true;
}

static void
forget_at_commit(List **list, Oid oid)
{
	MemoryContext old;

	if (table == NULL)
		return;
	register_callbacks();
	old = MemoryContextSwitchTo(TopTransactionContext);
	*list = lappend_oid(*list, oid);
	MemoryContextSwitchTo(old);
}

void
shared_forget_at_commit(Oid relid)
{
	forget_at_commit(&forgotten, relid);
}

/* The object access hook: learns of every table and database that is dropped. */
static void
forget_dropped(ObjectAccessType access, Oid class, Oid object, int column, void *arg)
{
	if (previous_access_hook != NULL)
		previous_access_hook(access, class, object, column, arg);
	if (access != OAT_DROP || column != 0)
		return;
	if (class == RelationRelationId)
		forget_at_commit(&forgotten, object);
	else if (class == DatabaseRelationId)
		forget_at_commit(&forgotten_databases, object);
}

/* ---- copies that this process has attached ---- */

static SharedCopy *
remember_copy(dsm_segment *segment, uint64 number, int entry)
{
	SharedCopy *copy = MemoryContextAllocZero(TopMemoryContext, sizeof(SharedCopy));

	copy->memory = dsm_segment_address(segment);
	copy->bytes = dsm_segment_map_length(segment);
	copy->number = number;
	copy->segment = segment;
	copy->handle = dsm_segment_handle(segment);
	copy->entry = entry;
	copy->users = 1;
	copy->next = copies;
	copies = copy;
	return copy;
}

void
shared_release(SharedCopy *copy)
{
	if (--copy->users > 0)
		return;
	for (SharedCopy **link = &copies; *link != NULL; link = &(*link)->next)
	{
		if (*link == copy)
		{
			*link = copy->next;
			break;
		}
	}
	dsm_detach(copy->segment);
	pfree(copy);
}

/*
 * Attaches the copy of an entry. To be called under the lock, so that the copy cannot be removed.
 */
static SharedCopy *
attach_entry(const SharedEntry *entry)
{
	dsm_segment *segment;

	for (SharedCopy *copy = copies; copy != NULL; copy = copy->next)
	{
		if (copy->handle == entry->handle)
		{
			copy->users++;
			return copy;
		}
	}
	segment = dsm_attach(entry->handle);
	if (segment == NULL)
		return NULL;
	dsm_pin_mapping(segment);
	return remember_copy(segment, entry->number, (int) (entry - table->entries));
}

SharedCopy *
shared_find(const SharedKey *key, bool *claimed)
{
	SharedCopy *copy = NULL;
	SharedEntry *entry;

	*claimed = false;
	if (table == NULL || cache_size == 0)
		return NULL;
	register_callbacks();
	for (;;)
	{
		LWLockAcquire(lock, LW_EXCLUSIVE);
		entry = find_entry(key);
		/*
		 * An entry that this process has claimed: a function that was called while loading asks for
		 * the copy that is being loaded.
		 */
		if (entry == NULL || entry->loader == 0 || entry->loader == MyProcPid)
			break;
		LWLockRelease(lock);
		ConditionVariableSleep(&table->claims_end, PG_WAIT_EXTENSION);
	}
	if (entry == NULL)
	{
		entry = free_entry();
		if (entry != NULL)
		{
			memcpy(&entry->key, key, sizeof(SharedKey));
			entry->loader = MyProcPid;
			*claimed = true;
		}
	}
	else if (entry->loader == 0)
		copy = attach_entry(entry);
	LWLockRelease(lock);
	ConditionVariableCancelSleep();
	return copy;
}

SharedCopy *
shared_create(Size bytes, const SharedCopy *beside)
{
	Size		both = bytes + (beside == NULL ? 0 : beside->bytes);
	dsm_segment *segment = both > limit_bytes() ? NULL : memory_segment(bytes);

	return segment == NULL
			   ? NULL
			   : remember_copy(segment, pg_atomic_add_fetch_u64(&table->copies_made, 1), -1);
}

void
shared_give_up(const SharedKey *key)
{
	SharedEntry *entry;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	entry = find_entry(key);
	if (entry != NULL && entry->loader == MyProcPid)
		remove_entry(entry);
	LWLockRelease(lock);
	ConditionVariableBroadcast(&table->claims_end);
}

void
shared_offer(const SharedKey *key, SharedCopy *copy, Size bytes)
{
	SharedEntry *mine;
	SharedEntry *least;

	dsm_pin_segment(copy->segment);
	LWLockAcquire(lock, LW_EXCLUSIVE);
	mine = find_entry(key);
	Assert(mine != NULL && mine->loader == MyProcPid);
	for (int i = 0; i < SHARED_COPIES; i++)
	{
		SharedEntry *entry = &table->entries[i];

		if (entry != mine && entry->loader == 0 && entry->key.database == key->database &&
			entry->key.relid == key->relid)
			remove_entry(entry);
	}
	while (table->bytes + bytes > limit_bytes() && (least = least_recently_used()) != NULL)
		remove_entry(least);
	mine->handle = copy->handle;
	mine->bytes = bytes;
	mine->number = copy->number;
	mine->loader = 0;
	pg_atomic_write_u64(&mine->last_used, (uint64) GetCurrentTimestamp());
	table->bytes += bytes;
	copy->entry = (int) (mine - table->entries);
	Assert(is_consistent());
	LWLockRelease(lock);
	ConditionVariableBroadcast(&table->claims_end);
}

void
shared_touch(const SharedCopy *copy)
{
	/* an entry may belong to another copy by now, which does no harm */
	if (copy->entry >= 0)
		pg_atomic_write_u64(&table->entries[copy->entry].last_used,
							(uint64) GetCurrentStatementStartTimestamp());
}

bool
shared_changed(void)
{
	uint64		removals;

	if (table == NULL)
		return false;
	removals = pg_atomic_read_u64(&table->removals);
	if (removals == removals_seen)
		return false;
	removals_seen = removals;
	return true;
}

bool
shared_is_offered(const SharedCopy *copy)
{
	SharedEntry *entry;
	bool		offered;

	if (copy->entry < 0)
		return false;
	entry = &table->entries[copy->entry];
	LWLockAcquire(lock, LW_SHARED);
	offered = OidIsValid(entry->key.relid) && entry->loader == 0 && entry->number == copy->number;
	LWLockRelease(lock);
	return offered;
}

bool
shared_is_current(const SharedCopy *copy)
{
	return copy->entry < 0 || shared_is_offered(copy);
}

int
shared_list(SharedInfo *infos)
{
	int			n = 0;

	if (table == NULL)
		return 0;
	LWLockAcquire(lock, LW_SHARED);
	for (int i = 0; i < SHARED_COPIES; i++)
	{
		const SharedEntry *entry = &table->entries[i];

		if (entry->key.database == MyDatabaseId && OidIsValid(entry->key.relid) &&
			entry->loader == 0)
			infos[n++] =
				(SharedInfo){entry->key.relid, entry->bytes,
							 (TimestampTz) pg_atomic_read_u64(&table->entries[i].last_used)};
	}
	LWLockRelease(lock);
	return n;
}

bool
shared_has(Oid relid)
{
	SharedInfo *infos = palloc(sizeof(SharedInfo) * SHARED_COPIES);
	int			n = shared_list(infos);
	bool		found = false;

	for (int i = 0; i < n; i++)
		found = found || infos[i].relid == relid;
	pfree(infos);
	return found;
}
