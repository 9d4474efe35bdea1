/*
 * model_cache.c
 *	  Models in memory.
 *
 * A model is read with the latest snapshot, whatever snapshot the transaction uses: a copy outlives
 * the transaction, and must not be older than the invalidation messages that have already been
 * processed. A message about the model's table (training sends one, and so does VACUUM) marks the
 * copy. The next call compares the model's row in the catalog with the one that the copy belongs
 * to, and reads the table again only if they differ. If there is a shared copy (shared_cache.c) for
 * the same row, it is used.
 *
 * Replaced copies are freed when the transaction ends: a function in a source's view may ask the
 * model that a caller further up the stack is using.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "model/invariants.h"
#include "model/layout.h"
#include "model/model_cache.h"
#include "model/options.h"
#include "model/store.h"
#include "server/citus.h"
#include "server/memory.h"
#include "server/messages.h"
#include "source/relation.h"
#include "storage/lmgr.h"
#include "storage/sinval.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

typedef struct CacheEntry
{
	Oid			relid;			/* the key */
	LoadedModel *loaded;
} CacheEntry;

static HTAB *cache = NULL;
static LoadedModel *replaced = NULL;
static List *replaced_plans = NIL;

static void
free_loaded(LoadedModel *loaded)
{
	if (loaded->profile_plan != NULL)
		SPI_freeplan(loaded->profile_plan);
	MemoryContextDelete(loaded->context);
}

static void
replace(CacheEntry *entry)
{
	entry->loaded->next = replaced;
	replaced = entry->loaded;
}

/* Whether all sides that are in shared copies can still be found by other sessions. */
static bool
is_offered(const LoadedModel *loaded)
{
	for (int s = 0; s < N_SIDES; s++)
	{
		if (loaded->copies[s] != NULL && !shared_is_current(loaded->copies[s]))
			return false;
	}
	return true;
}

/*
 * At the end of a transaction: forgets copies that show changes of the transaction, and shared
 * copies that other sessions can no longer find, so that their memory is freed.
 */
static void
forget_outdated(void)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;
	bool		changed = shared_changed();

	hash_seq_init(&status, cache);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		const LoadedModel *loaded = entry->loaded;

		if (loaded->of_transaction || (changed && !is_offered(loaded)))
		{
			replace(entry);
			hash_search(cache, &entry->relid, HASH_REMOVE, NULL);
		}
	}
}

/* Forgets the copies of models that were dropped. */
static void
forget_dropped(void)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;

	hash_seq_init(&status, cache);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		if (!entry->loaded->valid &&
			!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(entry->relid)))
		{
			replace(entry);
			hash_search(cache, &entry->relid, HASH_REMOVE, NULL);
		}
	}
}

/*
 * A relation changed: it may be a model's table or a source. InvalidOid: any relation may have
 * changed.
 */
static void
note_change(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;

	hash_seq_init(&status, cache);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		LoadedModel *loaded = entry->loaded;

		if (!OidIsValid(relid) || relid == loaded->relid)
		{
			loaded->valid = false;
			loaded->checked_user = InvalidOid;
		}
		if (!OidIsValid(relid) || (loaded->source != NULL && relid == loaded->source->relid))
			loaded->source_is_valid = false;
	}
}

static void
end_transaction(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE &&
		event != XACT_EVENT_PARALLEL_COMMIT && event != XACT_EVENT_PARALLEL_ABORT)
		return;
	forget_outdated();
	while (replaced != NULL)
	{
		LoadedModel *next = replaced->next;

		free_loaded(replaced);
		replaced = next;
	}
	while (replaced_plans != NIL)
	{
		SPI_freeplan(linitial(replaced_plans));
		replaced_plans = list_delete_first(replaced_plans);
	}
}

static void
init_cache(void)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(CacheEntry);
	control.hcxt = TopMemoryContext;
	cache = hash_create("rec models", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	CacheRegisterRelcacheCallback(note_change, (Datum) 0);
	RegisterXactCallback(end_transaction, NULL);
}

void
model_init(Model *model, const ModelRow *row, Jsonb *options)
{
	memset(model, 0, sizeof(Model));
	model->algorithm = algorithm_by_name(row->algorithm);
	model->options = options_read(model->algorithm, options, row);
	model->n_users = row->n_rows[SIDE_USERS];
	model->scale = row->scale;
	model->has_times = row->source.time_column != NULL;
	model->has_item_features = row->attributes[SIDE_ITEMS].name != NULL;
	model->has_user_features = row->attributes[SIDE_USERS].name != NULL;
	model->has_contexts = row->source.n_contexts > 0;
	model_set_items(model, 0);
}

void
model_init_trained(Model *model, const ModelRow *row)
{
	model_init(model, row,
			   row->decided == NULL
				   ? row->options
				   : DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(row->options),
														JsonbPGetDatum(row->decided))));
	for (const Option *option = model->algorithm->options; option->name != NULL; option++)
	{
		if (option_is_undecided(option, model->options))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("option \"%s\" of model \"%s\" has not been decided", option->name,
							get_rel_name(row->model)),
					 errdetail("It is left to the source, and the next training decides it."),
					 errhint("CALL rec.train('%s') trains it.", quoted_relation(row->model))));
	}
}

static void
check_table(Oid relid)
{
	AclResult	result = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_TABLE, get_rel_name(relid));
	if (check_enable_rls(relid, InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("model table \"%s\" has row-level security", get_rel_name(relid)),
						errdetail("A model's tables are read as a whole."),
						errhint("Row security on the source is honoured; on the model table, use "
								"GRANT and REVOKE.")));
}

/* The table of a side, which the current user must be allowed to read. */
static Oid
readable_table(const LoadedModel *loaded, SideKind kind)
{
	Oid			table = catalog_side_table(loaded->row, kind);

	check_table(table);
	return table;
}

static void
check_privilege(LoadedModel *loaded)
{
	Oid			user = GetUserId();
	TimestampTz now = GetCurrentStatementStartTimestamp();

	if (loaded->checked_user == user && loaded->checked_at == now)
		return;
	check_table(loaded->relid);
	for (int s = 0; s < N_SIDES; s++)
	{
		if (s != SIDE_ITEMS && loaded->model.algorithm != NULL &&
			model_asks(&loaded->model, s))
			readable_table(loaded, s);
	}
	loaded->checked_user = user;
	loaded->checked_at = now;
}

/* Whether the table has the same columns and storage as when it was loaded. */
static bool
same_table(const LoadedModel *loaded)
{
	Relation	rel = try_relation_open(loaded->relid, AccessShareLock);
	bool		same;

	if (rel == NULL)
		return false;
	same = relation_file_number(rel) == loaded->file_number &&
		   equalTupleDescs(RelationGetDescr(rel), loaded->columns) && !citus_manages(loaded->relid);
	relation_close(rel, NoLock);
	return same;
}

/* Whether reading the model now would give the same copy. */
static bool
still_current(LoadedModel *loaded)
{
	ModelRow   *row = catalog_find(loaded->relid, NULL);
	bool		current;

	if (row == NULL)
		return false;
	current = catalog_same_row(row, loaded->row) && same_table(loaded);
	pfree(row);
	return current;
}

static void
release_copies(void *arg)
{
	LoadedModel *loaded = arg;

	for (int s = 0; s < N_SIDES; s++)
	{
		if (loaded->copies[s] != NULL)
			shared_release(loaded->copies[s]);
	}
}

/* The key of the shared copy that is the same as reading the table now. */
static SharedKey
shared_key(Relation rel, const ModelRow *row)
{
	TupleDesc	desc = RelationGetDescr(rel);
	SharedKey	key;

	memset(&key, 0, sizeof(key));
	key.database = MyDatabaseId;
	key.relid = RelationGetRelid(rel);
	key.file_number = relation_file_number(rel);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		key.columns =
			hash_combine(key.columns, hash_bytes((const unsigned char *) NameStr(column->attname),
												 strlen(NameStr(column->attname))));
		key.columns = hash_combine(key.columns, hash_bytes_uint32(column->atttypid));
		key.columns = hash_combine(key.columns, hash_bytes_uint32((uint32) column->atttypmod));
		key.columns = hash_combine(key.columns, hash_bytes_uint32(column->attcollation));
		key.columns = hash_combine(key.columns, column->attisdropped);
	}
	key.xmin = row->xmin;
	key.tid = row->tid;
	return key;
}

/*
 * Reads a side's table into new memory, which is shared if share is true and there is room. Stores
 * the ids in ids, whose type is set.
 */
static char *
read_table(LoadedModel *loaded, Relation rel, SideKind kind, int64 n_rows, Snapshot snapshot,
		   IdList *ids, bool share)
{
	Model	   *model = &loaded->model;
	Side	   *side = &model->sides[kind];
	SharedCopy **copy = &loaded->copies[kind];
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rec ids of a model table",
												  ALLOCSET_DEFAULT_SIZES);
	IdList	   *items = kind == SIDE_ITEMS ? ids : loaded->ids[SIDE_ITEMS];
	StoredRows *rows =
		store_read_ids(rel, kind, model, &items->type, n_rows, snapshot, context);
	Image		image = image_plan(model, kind, rows);
	char	   *block;

	memory_require((double) image.bytes,
				   psprintf("model \"%s\" in memory", get_rel_name(loaded->relid)));
	if (share)
		*copy = shared_create(image.bytes, kind == SIDE_ITEMS ? NULL : loaded->copies[SIDE_ITEMS]);
	block = *copy != NULL ? (*copy)->memory : memory_aligned(loaded->context, image.bytes);
	memcpy(block, &image, sizeof(Image));
	image_attach(block, model, kind);
	if (rows->ids != NULL)
		id_block_fill(unconstify(IdBlock *, image_ids(block)), rows->ids);
	ids->block = image_ids(block);
	if (rows->list_start != NULL)
		memcpy(side->list.start, rows->list_start, sizeof(int64) * (image.n_rows + 1));
	/*
	 * Missing rows may have been deleted by this transaction, and come back when it is rolled back.
	 */
	if (!store_read_rows(rel, kind, model, rows, items, snapshot) ||
		TransactionIdIsCurrentTransactionId(loaded->row->xmin) ||
		(rows->n_found != n_rows && TransactionIdIsValid(GetTopTransactionIdIfAny())))
		loaded->of_transaction = true;
	MemoryContextDelete(context);
	image_prepare(block, model, kind);
	return block;
}

/* The number of rows that training wrote to the table of a side. */
static int64
trained_rows(const LoadedModel *loaded, const ModelRow *row, SideKind kind)
{
	return kind == SIDE_PARAMETERS ? model_parameters(&loaded->model, NULL) : row->n_rows[kind];
}

/*
 * Loads a side of the model from its table, or from a shared copy, as of the snapshot with which
 * the model's row was read.
 */
static void
load_table(LoadedModel *loaded, Relation rel, SideKind kind, int64 n_rows, Snapshot snapshot)
{
	IdList	   *ids = MemoryContextAllocZero(loaded->context, sizeof(IdList));
	SharedKey	key = shared_key(rel, loaded->row);
	SharedCopy **copy = &loaded->copies[kind];
	SharedCopy *items = loaded->copies[SIDE_ITEMS];
	/*
	 * other sides refer to items by number, so they are shared only beside a shared copy of the
	 * items
	 */
	bool		share = kind == SIDE_ITEMS || (items != NULL && shared_is_offered(items));
	bool		claimed = false;
	char	   *block;

	*copy = NULL;
	store_id_type(RelationGetRelid(rel), kind, &ids->type, loaded->context);
	if (kind != SIDE_ITEMS && share)
	{
		key.items = items->number;
		/* so that the items are not removed to make room for this side */
		shared_touch(items);
	}
	if (share)
		*copy = shared_find(&key, &claimed);
	if (*copy != NULL &&
		!image_attach_checked((*copy)->memory, (*copy)->bytes, &loaded->model, kind))
	{
		shared_release(*copy);
		*copy = NULL;
	}
	if (*copy != NULL)
	{
		block = (*copy)->memory;
		shared_touch(*copy);
	}
	else
	{
		PG_TRY();
		{
			block = read_table(loaded, rel, kind, n_rows, snapshot, ids, claimed);
			if (claimed && *copy != NULL && !loaded->of_transaction)
				shared_offer(&key, *copy, image_bytes(block));
			else if (claimed)
				shared_give_up(&key);
		}
		PG_CATCH();
		{
			if (claimed)
				shared_give_up(&key);
			/*
			 * if only another side could not be read, the model stays, and the side is read again
			 */
			if (*copy != NULL)
				shared_release(*copy);
			*copy = NULL;
			PG_RE_THROW();
		}
		PG_END_TRY();
	}
	ids->block = image_ids(block);
	loaded->ids[kind] = ids;
	loaded->images[kind] = block;
	if (kind == SIDE_ITEMS)
		loaded->index = image_index(block);
	if (kind == SIDE_USERS)
		loaded->user_index = image_index(block);
}

static void
report_untrained(Oid relid, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("model \"%s\" has not been trained", get_rel_name(relid)),
			 detail != NULL ? errdetail_internal("%s", detail) : 0,
			 errhint("CALL rec.train(%s) trains it.", quote_literal_cstr(quoted_relation(relid)))));
}

/*
 * Whether the side is that of the features of users, for those who may read it. Most questions then
 * need it, and with the others it is of the same version. Sessions are asked for without it.
 */
static bool
asks_for_users(const LoadedModel *loaded, SideKind kind)
{
	Oid			table = loaded->row->tables[kind];

	return kind == SIDE_USER_FEATURES && loaded->model.has_user_features &&
		   get_rel_name(table) != NULL &&
		   pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

static LoadedModel *
load(Oid relid)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec model", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	LoadedModel *loaded = palloc0(sizeof(LoadedModel));
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));
	Snapshot	snapshot = RegisterSnapshot(GetCatalogSnapshot(relid));
	static uint64 loads = 0;

	callback->func = release_copies;
	callback->arg = loaded;
	MemoryContextRegisterResetCallback(context, callback);
	loaded->relid = relid;
	loaded->context = context;
	loaded->load = ++loads;
	loaded->row = catalog_get(relid, snapshot);
	check_privilege(loaded);
	if (loaded->row->version == 0)
		report_untrained(relid, NULL);
	model_init_trained(&loaded->model, loaded->row);
	/* items have lists of these, which are loaded after them, if at all */
	for (int s = SIDE_SESSIONS; s < N_SIDES; s++)
		loaded->model.sides[s].n_rows = trained_rows(loaded, loaded->row, s);
	for (int s = 0; s < N_SIDES; s++)
	{
		Relation	rel;

		if (!model_asks(&loaded->model, s) && !asks_for_users(loaded, s))
			continue;
		rel = store_open(readable_table(loaded, s), AccessShareLock);
		if (s == SIDE_ITEMS)
		{
			loaded->file_number = relation_file_number(rel);
			loaded->columns = CreateTupleDescCopyConstr(RelationGetDescr(rel));
		}
		load_table(loaded, rel, s, trained_rows(loaded, loaded->row, s), snapshot);
		table_close(rel, NoLock);
		if (s == SIDE_ITEMS && loaded->model.sides[s].n_rows == 0)
			report_untrained(relid, "Its table is empty.");
	}
	UnregisterSnapshot(snapshot);
	MemoryContextSwitchTo(old);
	assert_model(&loaded->model);
	return loaded;
}

LoadedModel *
loaded_model(Oid relid)
{
	CacheEntry *entry;
	LoadedModel *loaded;
	const char *name;
	uint64		changes;
	bool		found;

	if (cache == NULL)
		init_cache();
	entry = hash_search(cache, &relid, HASH_FIND, NULL);
	loaded = entry == NULL ? NULL : entry->loaded;

	/* Within a transaction block, messages may not have been processed since the last statement. */
	if (loaded != NULL && loaded->valid &&
		loaded->checked_at != GetCurrentStatementStartTimestamp())
		AcceptInvalidationMessages();
	if (loaded != NULL && loaded->valid)
	{
		check_privilege(loaded);
		if (loaded->copies[SIDE_ITEMS] != NULL)
			shared_touch(loaded->copies[SIDE_ITEMS]);
		return loaded;
	}

	/* Taking the lock processes pending messages; later messages mark the copy again. */
	name = get_rel_name(relid);
	LockRelationOid(relid, AccessShareLock);
	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 name != NULL ? errmsg("model \"%s\" was dropped concurrently", name) :
				 errmsg("relation with OID %u does not exist", relid)));
	if (loaded != NULL)
	{
		loaded->valid = true;
		if (still_current(loaded))
		{
			check_privilege(loaded);
			return loaded;
		}
		loaded->valid = false;
	}
	forget_dropped();

	/*
	 * The new copy is entered only when it is complete. The snapshot may not show a change whose
	 * message arrived while loading: then the copy serves this call, and the next call checks
	 * again.
	 */
	changes = SharedInvalidMessageCounter;
	loaded = load(relid);
	loaded->valid = changes == SharedInvalidMessageCounter;
	entry = hash_search(cache, &relid, HASH_ENTER, &found);
	if (found)
		replace(entry);
	MemoryContextSetParent(loaded->context, TopMemoryContext);
	entry->loaded = loaded;
	return loaded;
}

void
loaded_model_share(Oid relid, bool was_shared)
{
	if (!was_shared)
		return;
	SPI_commit();
	/* the model may have been dropped since */
	if (catalog_find(relid, NULL) != NULL)
		loaded_model(relid);
}

/*
 * Loads a side of the same version as the items; returns false where that is no longer the latest
 * version.
 */
static bool
load_side(LoadedModel *loaded, SideKind kind)
{
	Oid			table = catalog_side_table(loaded->row, kind);
	Relation	rel = store_open(table, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetCatalogSnapshot(table));
	ModelRow   *row = catalog_get(loaded->relid, snapshot);
	bool		current = catalog_same_row(row, loaded->row);

	if (current)
		load_table(loaded, rel, kind, trained_rows(loaded, row, kind), snapshot);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
	pfree(row);
	if (current)
		assert_model(&loaded->model);
	return current;
}

bool
loaded_model_side(LoadedModel *loaded, SideKind kind)
{
	readable_table(loaded, kind);
	return loaded->images[kind] != NULL || load_side(loaded, kind);
}

LoadedModel *
loaded_model_with(Oid relid, SideKind kind)
{
	for (;;)
	{
		LoadedModel *loaded = loaded_model(relid);

		if (loaded_model_side(loaded, kind))
			return loaded;
		loaded->valid = false;
	}
}

void
loaded_model_need_source(LoadedModel *loaded)
{
	const CommonOptions *options = loaded->model.options;
	Oid			relid = source_relation_locked(&loaded->row->source);
	Source	   *source;

	/* Renaming a schema sends no message about the relations in it. */
	if (loaded->source_is_valid && loaded->source->relid == relid &&
		strcmp(quoted_relation(relid), loaded->source->name) == 0)
		return;
	loaded->source_is_valid = false;
	source = source_open(&loaded->row->source, relid, options, loaded->context);
	source_serve(source, loaded->row->model, loaded->row->tables[SIDE_USERS],
				 &loaded->ids[SIDE_ITEMS]->type);
	source->needs |= algorithm_needs(loaded->model.algorithm, options) & USES_CONTEXTS;

	/* The old plan may be in use further up the stack, so it is freed later. */
	if (loaded->profile_plan != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		replaced_plans = lappend(replaced_plans, loaded->profile_plan);
		MemoryContextSwitchTo(old);
		loaded->profile_plan = NULL;
	}
	loaded->profile_plan = source_profile_plan(source);
	loaded->source = source;
	loaded->source_is_valid = true;
}

int32
loaded_user(const LoadedModel *loaded, Datum id)
{
	const IdType *type = &loaded->ids[SIDE_USERS]->type;

	if (loaded->source->user.type != type->type && !id_narrow(id, &loaded->source->user, type, &id))
		return -1;
	return id_list_find(loaded->ids[SIDE_USERS], id);
}
