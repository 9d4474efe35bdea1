/*
 * training.c
 *	  Training a model.
 *
 * Three steps: read the source, in one snapshot; compute, without a snapshot, except those that
 * workers need for a pass each (workers.c); write. Outside a transaction block each step is a
 * transaction of its own, so that computing does not hold back vacuum. A lock that only trainings
 * take makes a second training of the model wait. SHARE UPDATE EXCLUSIVE on the model's table
 * blocks DROP, ALTER and VACUUM, but no reader. Both are session locks where there are several
 * transactions. An error at any point releases them, and leaves the old version.
 *
 * Whoever calls it, training reads and writes as the model's owner, as REFRESH MATERIALIZED VIEW
 * does: a superuser who trains the models of all users neither shows owners rows that they may not
 * read, nor runs their code with a superuser's rights.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "algorithm/algorithm.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/changes.h"
#include "model/description.h"
#include "model/model_cache.h"
#include "model/options.h"
#include "model/shared_cache.h"
#include "model/side_tables.h"
#include "model/store.h"
#include "portability/instr_time.h"
#include "run/fit.h"
#include "run/training.h"
#include "run/validation.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/progress.h"
#include "server/workers.h"
#include "source/attributes.h"
#include "source/source.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

void
report_step(const char *name, const char *step, instr_time *began)
{
	ereport(DEBUG1,
			(errmsg_internal("model \"%s\": %s took %.3f s", name, step, seconds_since(*began))));
	INSTR_TIME_SET_CURRENT(*began);
}

/* ---- acting as the owner ---- */

Caller
act_as_owner(Oid model)
{
	Caller		caller;
	Oid			owner = relation_owner(model);

	GetUserIdAndSecContext(&caller.user, &caller.security_context);
	caller.settings = NewGUCNestLevel();
	if (owner != caller.user)
		SetUserIdAndSecContext(owner, caller.security_context | SECURITY_RESTRICTED_OPERATION);
	return caller;
}

void
act_as_caller(const Caller *caller)
{
	AtEOXact_GUC(false, caller->settings);
	SetUserIdAndSecContext(caller->user, caller->security_context);
}

/* ---- the steps ---- */

/*
 * The lock that only trainings of a model take: it is taken as if on the first column of the
 * model's table. VACUUM takes the lock on the table itself, so that lock does not tell whether
 * another training is in progress.
 */
static LOCKTAG
training_lock(Oid relid)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, relid, 1);
	return tag;
}

bool
training_lock_now(Oid relid)
{
	LOCKTAG		lock = training_lock(relid);

	return LockAcquire(&lock, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

/*
 * Whether this transaction has locked the model's table, as rec.alter_model does. Another training
 * that has the lock of trainings then waits for this transaction; waiting for it in turn would be a
 * deadlock.
 */
static bool
holds_table(Oid relid)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	bool		holds;

	if (rel == NULL)
		return false;
	holds = CheckRelationLockedByMe(rel, ShareUpdateExclusiveLock, true);
	relation_close(rel, AccessShareLock);
	return holds;
}

void
lock_model_table(Oid relid, const char *name)
{
	LockRelationOid(relid, ShareUpdateExclusiveLock);
	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("model \"%s\" was dropped concurrently", name)));
	if (!relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
}

ModelRow *
lock_model(Oid relid, const char *name)
{
	lock_model_table(relid, name);
	return catalog_get(relid, NULL);
}

void
require_visible(ModelRow *row)
{
	ModelRow   *seen = catalog_find(row->model, GetTransactionSnapshot());

	if (seen == NULL || !catalog_same_row(seen, row))
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("could not train model \"%s\" due to a concurrent training",
							   get_rel_name(row->model)),
						errhint("Train it again, in a new transaction.")));
}

/* Checks the tables that training writes. Raises an error where it may not or cannot write them. */
static void
check_tables(const ModelRow *row, const Model *model)
{
	IdType		item_type;

	store_id_type(row->model, SIDE_ITEMS, &item_type, CurrentMemoryContext);
	for (int s = 0; s < N_SIDES; s++)
	{
		/* those that are missing are created */
		if (model->sides[s].n_columns > 0 && OidIsValid(row->tables[s]))
			store_check(catalog_side_table(row, s), s, &model->sides[s], &item_type);
	}
	description_check(row);
}

/*
 * Creates the tables of sides that the model lacks because a version of rec created it that had no
 * such side. Returns whether any was created.
 */
static bool
add_tables(ModelRow *row, const Model *model, const Source *source)
{
	IdType		item_type;
	bool		added = false;

	store_id_type(row->model, SIDE_ITEMS, &item_type, CurrentMemoryContext);
	for (int s = 0; s < N_SIDES; s++)
	{
		if (model->sides[s].n_columns == 0 || OidIsValid(row->tables[s]))
			continue;
		row->tables[s] =
			side_table_create(row->model, s, &model->sides[s], &source->user, &item_type);
		added = true;
	}
	if (added)
	{
		catalog_update(row);
		CommandCounterIncrement();
	}
	return added;
}

/* Adds the optional columns that the model's tables lack. Returns whether any was added. */
static bool
add_columns(const ModelRow *row, const Model *model)
{
	bool		added = false;

	for (int s = 0; s < N_SIDES; s++)
	{
		if (model->sides[s].n_columns > 0)
			added = store_add_columns(catalog_side_table(row, s), &model->sides[s]) || added;
	}
	return added;
}

/*
 * Gives the model's tables wider integer types of ids, if the source has wider ones now; otherwise
 * returns false.
 */
static bool
widen_ids(const ModelRow *row, const Model *model, const Source *source)
{
	bool		users;
	bool		items;

	source_check_types(source, row->model, row->tables[SIDE_USERS], &users, &items);
	if (!users && !items)
		return false;
	for (int s = 0; s < N_SIDES; s++)
	{
		const IdType *ids = s == SIDE_ITEMS && items   ? &source->item
							: s == SIDE_USERS && users ? &source->user
													   : NULL;

		if (OidIsValid(row->tables[s]))
			store_widen(row->tables[s], s, &model->sides[s], ids, items ? &source->item : NULL);
	}
	return true;
}

static void
report_replaced(const ModelRow *row, const Source *source)
{
	if (source->relid != row->source.relid)
		ereport(
			NOTICE,
			(errmsg("model \"%s\" is trained on another relation than before",
					get_rel_name(row->model)),
			 errdetail(
				 "The former source was dropped or renamed, and %s has its name now.",
				 source->name)));
}

bool
note_relations(ModelRow *row, const Source *source)
{
	bool		other = source->relid != row->source.relid;

	if (other)
		note_source(row, source);
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		NotedRelation *noted = &row->attributes[kind];
		Oid			relid;

		if (noted->name == NULL ||
			relation_meant(noted, row->model, &relid) != RELATION_REPLACED)
			continue;
		*noted = (NotedRelation) {relid, quoted_relation(relid), relation_owner(relid)};
		other = true;
	}
	return other;
}

/*
 * If the model is tracked and learns from other relations now: tracks these, before they are read.
 * Returns whether there were others.
 */
static bool
follow_relations(ModelRow *row, const Source *source)
{
	ModelRow	before = *row;

	if (!OidIsValid(row->tables[TABLE_CHANGES]) || !note_relations(row, source))
		return false;
	report_replaced(&before, source);
	catalog_update(row);
	CommandCounterIncrement();
	changes_move(&before, row, source);
	return true;
}

/* The ids or names of a side's rows; NULL where rows have numbers, or are parameters. */
static IdDictionary *
side_ids(const TrainingData *data, SideKind kind)
{
	switch (kind)
	{
		case SIDE_ITEMS:
			return data->items;
		case SIDE_USERS:
			return data->users;
		default:
			return data->features[kind];
	}
}

/* Loads the last version of the model, if there is one, for a warm start. */
static void
warm_up(Task *task, const TrainingData *data, const ModelRow *row)
{
	Model	   *model = task->model;
	Snapshot	snapshot;
	int64		found = 0;

	if (row->version == 0 || !((const CommonOptions *) model->options)->warm_start)
		return;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	for (int s = 0; s < N_SIDES; s++)
	{
		Relation	rel;

		/* numbers of sessions say nothing of which session it is */
		if (model->sides[s].n_columns == 0 || s == SIDE_SESSIONS)
			continue;
		rel = store_open(catalog_side_table(row, s), AccessShareLock);
		found += store_read_known(rel, s, side_ids(data, s), data->items, model, snapshot);
		table_close(rel, NoLock);
	}
	UnregisterSnapshot(snapshot);
	task->warm = found > 0;
	task->last_loss = row->loss;
}

/* Attributes of the items, of the users or of contexts, in a training. */
typedef struct TrainedAttributes
{
	Attributes *relation;		/* of items and users */
	AttributeRows *rows;		/* NULL: there are none */
	int32	   *numbers;		/* by row, that of its item, user or context */
	EncodedAttributes *encoded;
} TrainedAttributes;

/*
 * Opens the relation of the attributes, locked, and notes which one it is. Like the source, it is
 * locked before the snapshot for reading is taken.
 */
static Attributes *
open_attributes(SideKind kind, ModelRow *row, const Source *source, MemoryContext context)
{
	NotedRelation *noted = &row->attributes[kind];
	Oid			relid = attributes_relation(kind, noted, row->model);
	Attributes *attributes;

	LockRelationOid(relid, AccessShareLock);
	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation %s was dropped concurrently", noted->name)));
	attributes = attributes_open(kind, relid, source, context);
	*noted = (NotedRelation) {relid, attributes->name, relation_owner(relid)};
	return attributes;
}

/* The contexts of the ratings that were read, as rows of attributes. */
static AttributeRows *
read_contexts(const Source *source, const TrainingData *data, MemoryContext context)
{
	return attributes_read(contexts_open(source, false, context), source, data->contexts, context);
}

/* The ids of what a side of features is about. */
static IdDictionary *
described_ids(const TrainingData *data, SideKind kind)
{
	return kind == SIDE_USERS ? data->users : kind == SIDE_ITEMS ? data->items : data->contexts;
}

/* Encodes the attributes, once items, users and contexts are numbered. */
static void
encode_attributes(SideKind kind, TrainedAttributes *attributes, TrainingData *data,
				  const CommonOptions *options, unsigned needs, MemoryContext context)
{
	IdDictionary *ids = described_ids(data, kind);

	attributes->numbers = attributes_numbers(attributes->rows, ids, context);
	attributes->encoded = attributes_encode(
		attributes->rows, attributes->numbers, ids->n,
		kind == SIDE_CONTEXT_FEATURES ? data->context_ratings : NULL, options->min_count, needs,
		context);
	attributes_report(attributes->encoded);
	data->features[side_of_features(kind)] = attributes->encoded->names;
}

void
note_source(ModelRow *row, const Source *source)
{
	row->source.relid = source->relid;
	row->source.name = source->name;
	row->source.user_column = source->user_column;
	row->source.item_column = source->item_column;
	row->source.rating_column = source->rating_column;
	row->source.time_column = source->time_column;
	row->source.context_columns = source->context_columns;
	source_note(&row->source);
}

static void
write_model(const Model *model, const TrainingData *data, ModelRow *row, const ModelRow *read,
			const SeenChanges *seen, const Iterations *iterations, instr_time began)
{
	for (int s = 0; s < N_SIDES; s++)
	{
		row->n_rows[s] = model->sides[s].n_rows;
		if (model->sides[s].n_columns == 0)
			continue;
		store_write(catalog_side_table(row, s), s, side_ids(data, s), data->items,
					model, NULL);
		if (s != SIDE_ITEMS)
			side_table_bind(row->tables[s], row->model);
		shared_forget_at_commit(row->tables[s]);
	}

	row->version++;
	row->trained_at = GetCurrentTimestamp();
	row->rows = data->ratings.by_user.start[data->ratings.by_user.n_rows];
	row->scale = model->scale;
	row->decided = options_decided(
		model->algorithm, options_read(model->algorithm, row->options, row), model->options);
	row->loss = iterations->n > 0 ? iterations->rows[iterations->n - 1].loss : get_float8_nan();
	row->seconds = seconds_since(began);
	row->refreshed = 0;
	/* the source as it was read, whatever was changed since */
	row->source = read->source;
	memcpy(row->attributes, read->attributes, sizeof(row->attributes));
	description_write(row);
	catalog_update(row);
	catalog_log(row->model, row->version, iterations->rows, iterations->n);
	changes_forget(row, seen);
	CacheInvalidateRelcacheByRelid(row->model);
}

/* Commits, which releases locks and snapshots, and continues in the next transaction. */
static void
next_transaction(MemoryContext context)
{
	SPI_commit();
	MemoryContextSwitchTo(context);
}

void
train_model(Oid relid, bool nonatomic, bool wait)
{
	MemoryContext context;
	MemoryContext caller = CurrentMemoryContext;
	const char *name = get_rel_name(relid);
	LOCKTAG		lock = training_lock(relid);
	LockRelId	table_lock = {relid, MyDatabaseId};
	bool		is_locked;
	bool		was_shared = nonatomic && shared_has(relid);
	Iterations	iterations;
	TrainingMemory *memory;
	instr_time	began;
	instr_time	step_began;
	ModelRow   *row;
	ModelRow	read;
	Model		model;
	Source	   *source;
	TrainingData *data;
	SeenChanges *seen;
	TrainedAttributes attributes[N_SIDES] = {{0}};
	double		attribute_bytes = 0;
	Extent		extent;
	Task		task = {0};
	Caller		trainer;

	PreventCommandIfReadOnly("rec.train");
	PreventCommandIfParallelMode("rec.train");
	PreventCommandDuringRecovery("rec.train");
	INSTR_TIME_SET_CURRENT(began);

	/* Refuse what can be refused before waiting for the lock; check again once it is held. */
	if (name != NULL && !relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
	catalog_get(relid, NULL);
	catalog_require_current();
	is_locked = LockAcquire(&lock, ExclusiveLock, nonatomic, true) != LOCKACQUIRE_NOT_AVAIL ||
				(!nonatomic && holds_table(relid));
	if (!is_locked && !wait)
	{
		ereport(NOTICE,
				(errmsg("model \"%s\" is being trained already", name),
				 errdetail("This call does not wait for that training, and has done nothing.")));
		return;
	}

	if (SPI_connect_ext(nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");

	/*
	 * This context lives until the procedure ends, across transactions, as SPI's own context does.
	 */
	context = AllocSetContextCreate(CurrentMemoryContext, "rec training", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	name = pstrdup(name);

	/* read */
	progress_begin(relid, 0);
	if (nonatomic && (!is_locked || !ConditionalLockRelationOid(relid, ShareUpdateExclusiveLock)))
	{
		/* wait in a new transaction, which holds no snapshot */
		next_transaction(context);
	}
	if (!is_locked)
		LockAcquire(&lock, ExclusiveLock, nonatomic, false);
	for (;;)
	{
		progress_begin(relid, 0);
		row = lock_model(relid, name);
		if (!nonatomic && IsolationUsesXactSnapshot())
			require_visible(row);
		model_init(&model, row, row->options);
		check_tables(row, &model);
		trainer = act_as_owner(relid);
		source = source_open_locked(&row->source, model.options, context);
		if (!(add_tables(row, &model, source) | add_columns(row, &model) |
			  widen_ids(row, &model, source) | follow_relations(row, source)))
			break;
		/* sessions that read the model wait no longer than for these changes */
		act_as_caller(&trainer);
		if (nonatomic)
			next_transaction(context);
	}
	report_replaced(row, source);
	read = *row;
	note_source(&read, source);
	task.model = &model;
	memory = training_memory_create(context);
	progress_begin(relid, training_iterations(model.algorithm, model.options));
	progress_phase(PHASE_READING, 0);
	source->needs = algorithm_needs(model.algorithm, model.options);
	source->by_recency = true;
	INSTR_TIME_SET_CURRENT(step_began);
	if (model.has_item_features)
		attributes[SIDE_ITEMS].relation = open_attributes(SIDE_ITEMS, &read, source, context);
	if (model.has_user_features)
		attributes[SIDE_USERS].relation = open_attributes(SIDE_USERS, &read, source, context);
	PushActiveSnapshot(GetTransactionSnapshot());
	seen = changes_see(row, GetActiveSnapshot(), context);
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		if (attributes[kind].relation != NULL)
			attributes[kind].rows =
				attributes_read(attributes[kind].relation, source, NULL, context);
	}
	if (model.has_item_features)
		source->more_items = attributes[SIDE_ITEMS].rows->ids;
	data = source_read(source, context);
	if (model.has_contexts)
		attributes[SIDE_CONTEXT_FEATURES].rows = read_contexts(source, data, context);
	PopActiveSnapshot();
	report_step(name, "reading", &step_began);
	source_report_left_out(data, source);
	source_report_future(data, source);
	source_report_ties(data, source);
	store_check_ids(row->model, SIDE_ITEMS, data->items, source->item_column,
					get_rel_name(source->relid));
	if (model.sides[SIDE_USERS].n_columns > 0)
		store_check_ids(row->tables[SIDE_USERS], SIDE_USERS, data->users, source->user_column,
						get_rel_name(source->relid));
	extent = (Extent) {.n_users = data->users->n,
					   .n_items = data->items->n,
					   .n_ratings = data->kept,
					   .n_events = data->kept};
	for (SideKind kind = SIDE_ITEMS; kind < N_SIDES; kind++)
	{
		if (attributes[kind].rows == NULL)
			continue;
		encode_attributes(kind, &attributes[kind], data, model.options, source->needs, context);
		attribute_bytes +=
			attributes_bytes(attributes[kind].encoded, described_ids(data, kind)->n);
	}
	set_feature_extent(&extent, attributes[SIDE_ITEMS].encoded, attributes[SIDE_USERS].encoded,
					   attributes[SIDE_CONTEXT_FEATURES].encoded);
	compute_require(&model, &extent, source_bytes(data) + attribute_bytes, name);
	source_build(data, memory);
	for (SideKind kind = SIDE_ITEMS; kind < N_SIDES; kind++)
	{
		if (attributes[kind].rows != NULL)
			attributes_build(attributes[kind].encoded, attributes[kind].numbers,
							 described_ids(data, kind)->n, memory,
							 kind == SIDE_ITEMS	  ? &data->ratings.item_features
							 : kind == SIDE_USERS ? &data->ratings.user_features
												  : &data->ratings.contexts);
	}
	if (row->version == 0)
		source_note_weights(source, &data->ratings.by_user);
	report_step(name, "building matrices", &step_began);
	act_as_caller(&trainer);
	if (nonatomic)
	{
		LockRelationIdForSession(&table_lock, ShareUpdateExclusiveLock);
		next_transaction(context);
	}

	/* compute */
	decide_options(&model, &data->ratings, memory, name);
	compute_prepare(&task, &data->ratings, memory);
	trainer = act_as_owner(relid);
	warm_up(&task, data, row);
	act_as_caller(&trainer);
	if (nonatomic)
		next_transaction(context);
	iterations = compute_model(&task, data->popularity, memory, name);
	compute_note_nothing_learned(iterations.too_large, name);

	/* write */
	report_step(name, "computing", &step_began);
	PushActiveSnapshot(GetTransactionSnapshot());
	/* for the rest of the transaction, as the session lock is released before its end */
	if (nonatomic)
		LockAcquire(&lock, ExclusiveLock, false, false);
	row = lock_model(relid, name);
	trainer = act_as_owner(relid);
	write_model(&model, data, row, &read, seen, &iterations, began);
	act_as_caller(&trainer);
	PopActiveSnapshot();
	report_step(name, "writing", &step_began);
	CommandCounterIncrement();
	if (nonatomic)
	{
		UnlockRelationIdForSession(&table_lock, ShareUpdateExclusiveLock);
		LockRelease(&lock, ExclusiveLock, true);
	}
	progress_end();
	loaded_model_share(relid, was_shared);

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	SPI_finish();
}
