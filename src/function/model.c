/*
 * model.c
 *	  Creating, altering and training models, and what follows when a model's table is dropped or
 *	  altered.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/event_trigger.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "function/arguments.h"
#include "function/candidates.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/changes.h"
#include "model/description.h"
#include "model/model_cache.h"
#include "model/options.h"
#include "model/shared_cache.h"
#include "model/side_tables.h"
#include "model/store.h"
#include "model/tracking.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "run/training.h"
#include "server/messages.h"
#include "server/sql.h"
#include "source/attributes.h"
#include "source/relation.h"
#include "source/source.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

PG_FUNCTION_INFO_V1(rec_create_model);
PG_FUNCTION_INFO_V1(rec_alter_model);
PG_FUNCTION_INFO_V1(rec_train);
PG_FUNCTION_INFO_V1(rec_forget_dropped);
PG_FUNCTION_INFO_V1(rec_follow_altered);
PG_FUNCTION_INFO_V1(rec_source_meant);

/*
 * Why an index whose first column is `column` does not find the rows of one user; NULL: it does.
 * collation: of the column; equals: the operator that questions use.
 */
static const char *
index_is_unfit(const FormData_pg_index *form, HeapTuple tuple, Oid collation, Oid equals)
{
	bool		is_null;
	oidvector  *collations = (oidvector *) DatumGetPointer(
		SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indcollation, &is_null));
	oidvector  *classes = (oidvector *) DatumGetPointer(
		SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indclass, &is_null));

	if (!form->indisvalid)
		return "is not valid";
	if (!heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
		return "has only some of the rows";
	if (OidIsValid(collation) && collations->values[0] != collation)
		return "has a collation other than the column's";
	if (!op_in_opfamily(equals, get_opclass_family(classes->values[0])))
		return "is not for equality";
	return NULL;
}

/*
 * Reports a table without an index on the user column: every question reads the rows of one user.
 */
static void
note_missing_index(const Source *source)
{
	Relation	rel;
	AttrNumber	user = get_attnum(source->relid, source->user_column);
	Oid			equals = lookup_type_cache(source->user.type, TYPECACHE_EQ_OPR)->eq_opr;
	ListCell   *lc;
	bool		found = false;
	char	   *unfit = "";
	char		kind = get_rel_relkind(source->relid);

	if (kind != RELKIND_RELATION && kind != RELKIND_MATVIEW && kind != RELKIND_PARTITIONED_TABLE)
		return;
	rel = relation_open(source->relid, AccessShareLock);
	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_index form;

		if (!HeapTupleIsValid(tuple))
			continue;
		form = (Form_pg_index) GETSTRUCT(tuple);
		if (form->indkey.values[0] == user)
		{
			const char *why = index_is_unfit(form, tuple, source->user.collation, equals);

			if (why == NULL)
				found = true;
			else
				unfit = psprintf(" Index \"%s\" cannot be used: it %s.",
								 get_rel_name(form->indexrelid), why);
		}
		ReleaseSysCache(tuple);
	}
	relation_close(rel, AccessShareLock);
	if (!found)
		ereport(NOTICE, (errmsg("source \"%s\" has no index on column \"%s\"",
								get_rel_name(source->relid), source->user_column),
						 errdetail("Each recommendation reads one user's rows, and will scan the "
								   "whole table for them.%s",
								   unfit),
						 errhint("CREATE INDEX ON %s (%s);", source->name,
								 quote_identifier(source->user_column))));
}

/*
 * Raises an error where a relation has the name of the model to be created. Its hint helps users
 * with the tables of a dropped extension, and users who mean to change a model.
 */
static void
refuse_taken_name(Oid relid, const char *name)
{
	if (!OidIsValid(relid))
		return;
	if (catalog_find(relid, NULL) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" already exists", get_rel_name(relid)),
				 errdetail("It is a model."),
				 errhint("SELECT rec.alter_model(%s, ...) changes it, and DROP TABLE %s drops it.",
						 quote_literal_cstr(name), name)));
	if (is_side_table(relid, SIDE_ITEMS))
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_TABLE),
						errmsg("relation \"%s\" already exists", get_rel_name(relid)),
						errdetail("It looks like the table of a former model, which was left when "
								  "the extension was dropped."),
						OidIsValid(side_table_beside(relid, TABLE_DESCRIPTION))
							? errhint("SELECT rec.adopt(%s, '...'), with its source, makes it a "
									  "model again; drop %s and the tables beside it to create "
									  "another model.",
									  quote_literal_cstr(name), name)
							: errhint("Drop %s and the table of its users beside it, or choose "
									  "another name for the model.",
									  name)));
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_TABLE),
			 errmsg("relation \"%s\" already exists", get_rel_name(relid)),
			 errdetail("A model is a table with the model's name."),
			 errhint("Choose another name for the model, perhaps in a schema of its own.")));
}

/*
 * Errors out where the relation of the attributes of a side is not one that can be learned from, or
 * the algorithm does not.
 */
static void
check_attributes(SideKind kind, const ModelRow *row, const Algorithm *algorithm,
				 const void *options, const Source *source)
{
	const char *side = kind == SIDE_USERS ? "users" : "items";
	Oid			relid;

	if (row->attributes[kind].name == NULL)
		return;
	if (!algorithm_uses(algorithm, options, kind))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("algorithm \"%s\" does not learn from attributes of the %s",
							   algorithm->name, side),
						errhint("Leave out the argument %s; of a model that has them, %s => "
								"'-' takes them away.",
								side, side)));
	relid = attributes_relation(kind, &row->attributes[kind], row->model);
	check_source_privilege(relid);
	attributes_open(kind, relid, source, CurrentMemoryContext);
}

/*
 * Errors out where the columns of the context are not ones that can be learned from, or the
 * algorithm does not.
 */
static void
check_contexts(const ModelRow *row, const Algorithm *algorithm, const void *options,
			   const Source *source)
{
	if (row->source.n_contexts == 0)
		return;
	if (!algorithm_uses(algorithm, options, SIDE_CONTEXT_FEATURES))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("algorithm \"%s\" does not learn from the context of ratings",
							   algorithm->name),
						errhint("Algorithm \"fm\" does. Otherwise leave out context_columns; of a "
								"model that has some, context_columns => '{}' takes them away.")));
	contexts_open(source, false, CurrentMemoryContext);
}

/* The comment on a model's table. */
static char *
model_comment(const ModelRow *row)
{
	return psprintf("items of a recommendation model (%s) of %s, written by rec.train",
					row->algorithm, row->source.name);
}

PGDLLEXPORT Datum
rec_create_model(PG_FUNCTION_ARGS)
{
	ModelRow   *row;
	const Algorithm *algorithm;
	void	   *options;
	Source	   *source;
	RangeVar   *model_name;
	Oid			namespace;
	char	   *schema;
	char	   *table;
	char	   *qualified;
	Oid			stale_tables[N_TABLES];
	Oid			stale_relations[N_LEARNED];
	Model		model = {0};

	require_argument(fcinfo, 0, "model");
	require_argument(fcinfo, 2, "algorithm");
	require_argument(fcinfo, 3, "options");
	PreventCommandIfReadOnly("rec.create_model");
	refuse_arguments(fcinfo, 11);
	catalog_require_current();

	row = source_arguments(fcinfo, 1, 4);
	check_source_privilege(row->source.relid);
	attributes_argument(fcinfo, 8, SIDE_ITEMS, row);
	attributes_argument(fcinfo, 9, SIDE_USERS, row);
	contexts_argument(fcinfo, 10, row);
	source_check_roles(&row->source);
	algorithm = algorithm_by_name(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	row->algorithm = pstrdup(algorithm->name);

	options = options_read(algorithm, PG_GETARG_JSONB_P(3), row);
	row->options = options_to_json(algorithm, options, PG_GETARG_JSONB_P(3));
	source = source_open(&row->source, row->source.relid, options, CurrentMemoryContext);
	source_note(&row->source);
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
		check_attributes(kind, row, algorithm, options, source);
	check_contexts(row, algorithm, options, source);
	model.algorithm = algorithm;
	model.options = options;
	model.has_times = row->source.time_column != NULL;
	model.has_item_features = row->attributes[SIDE_ITEMS].name != NULL;
	model.has_user_features = row->attributes[SIDE_USERS].name != NULL;
	model.has_contexts = row->source.n_contexts > 0;
	model_set_items(&model, 0);

	/* An unqualified name goes where CREATE TABLE would put it. */
	model_name = makeRangeVarFromNameList(textToQualifiedNameList(PG_GETARG_TEXT_PP(0)));
	namespace = RangeVarGetAndCheckCreationNamespace(model_name, NoLock, NULL);
	if (isAnyTempNamespace(namespace))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("a model cannot be a temporary table"),
						errhint("Name a schema: 'public.%s'. DROP TABLE drops a model that is no "
								"longer needed.",
								model_name->relname)));
	schema = get_namespace_name(namespace);
	table = model_name->relname;
	qualified = quote_qualified_identifier(schema, table);
	refuse_taken_name(get_relname_relid(table, namespace), qualified);
	catalog_sweep();

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	row->model = row->source.model =
		store_create_table(qualified, SIDE_ITEMS, &model.sides[SIDE_ITEMS], &source->item,
						   &source->item, model_comment(row));
	row->tables[SIDE_ITEMS] = row->model;
	for (int k = 0; k < N_SIDES; k++)
	{
		if (k != SIDE_ITEMS && model.sides[k].n_columns > 0)
			row->tables[k] = side_table_create(row->model, k, &model.sides[k], &source->user,
											   &source->item);
	}
	description_write(row);
	SPI_finish();
	/*
	 * A row may be left of a table that was dropped while event triggers were off, and whose OID is
	 * reused now.
	 */
	if (catalog_delete(row->model, stale_tables, stale_relations))
		CommandCounterIncrement();
	catalog_insert(row);
	CommandCounterIncrement();
	if (!feedback_is_given(PG_GETARG_JSONB_P(3)))
		note_feedback(row);
	note_missing_index(source);
	PG_RETURN_OID(row->model);
}

/* ---- altering ---- */

/* The arguments of rec.alter_model. */
enum
{
	ALTER_MODEL,
	ALTER_SOURCE,
	ALTER_ALGORITHM,
	ALTER_OPTIONS,
	ALTER_USER_COLUMN,
	ALTER_ITEM_COLUMN,
	ALTER_RATING_COLUMN,
	ALTER_TIME_COLUMN,
	ALTER_ITEMS,
	ALTER_USERS,
	ALTER_CONTEXT_COLUMNS,
	ALTER_ARGUMENTS				/* the number of arguments; later ones are refused */
};

/*
 * Sets the source's relation and columns in the row. A column that is named is not looked up by its
 * old number.
 */
static void
alter_source(FunctionCallInfo fcinfo, ModelRow *row)
{
	if (!PG_ARGISNULL(ALTER_SOURCE))
	{
		row->source.relid = PG_GETARG_OID(ALTER_SOURCE);
		if (get_rel_name(row->source.relid) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("source with OID %u does not exist", row->source.relid)));
		row->source.name = quoted_relation(row->source.relid);
		memset(row->source.attnums, 0, sizeof(row->source.attnums));
		row->source.context_attnums = palloc0(sizeof(AttrNumber) * MOST_CONTEXT_COLUMNS);
	}
	for (int c = 0; c < SOURCE_COLUMNS; c++)
	{
		if (!PG_ARGISNULL(ALTER_USER_COLUMN + c))
			row->source.attnums[c] = InvalidAttrNumber;
	}
	if (!PG_ARGISNULL(ALTER_USER_COLUMN))
		row->source.user_column = name_argument(fcinfo, ALTER_USER_COLUMN);
	if (!PG_ARGISNULL(ALTER_ITEM_COLUMN))
		row->source.item_column = name_argument(fcinfo, ALTER_ITEM_COLUMN);
	if (!PG_ARGISNULL(ALTER_RATING_COLUMN))
		row->source.rating_column = optional_column(name_argument(fcinfo, ALTER_RATING_COLUMN));
	if (!PG_ARGISNULL(ALTER_TIME_COLUMN))
		row->source.time_column = optional_column(name_argument(fcinfo, ALTER_TIME_COLUMN));
	if (argument_is_given(fcinfo, ALTER_ITEMS))
		attributes_argument(fcinfo, ALTER_ITEMS, SIDE_ITEMS, row);
	if (argument_is_given(fcinfo, ALTER_USERS))
		attributes_argument(fcinfo, ALTER_USERS, SIDE_USERS, row);
	if (!PG_ARGISNULL(ALTER_CONTEXT_COLUMNS))
		contexts_argument(fcinfo, ALTER_CONTEXT_COLUMNS, row);
}

/*
 * The model's new options: its present ones, with the given ones replacing some of them. With
 * another algorithm, only the feedback of the present ones is kept. If a rating column was added or
 * removed, the present options were made for another feedback, and only the given ones are used.
 */
static Jsonb *
altered_options(FunctionCallInfo fcinfo, const ModelRow *old, const ModelRow *row)
{
	Jsonb	   *given = PG_ARGISNULL(ALTER_OPTIONS)
					   ? DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")))
					   : PG_GETARG_JSONB_P(ALTER_OPTIONS);
	CommonOptions *common = options_read(algorithm_by_name(old->algorithm), old->options, old);

	if ((old->source.rating_column == NULL) != (row->source.rating_column == NULL))
		return given;
	if (strcmp(old->algorithm, row->algorithm) != 0)
		return merge_options(DatumGetJsonbP(DirectFunctionCall1(
								 jsonb_in, CStringGetDatum(common->feedback == FEEDBACK_EXPLICIT
															   ? "{\"feedback\": \"explicit\"}"
															   : "{\"feedback\": \"implicit\"}"))),
							 given);
	return changed_options(old, given);
}

/*
 * Gives the model's tables the columns of its algorithm, if they have others. Returns whether a
 * table of a side was created.
 */
static bool
alter_tables(const ModelRow *old, ModelRow *row, const Source *source)
{
	Model		before;
	Model		after;
	IdType		item_type;
	bool		is_new = false;

	model_init(&before, old, old->options);
	model_init(&after, row, row->options);
	store_id_type(row->model, SIDE_ITEMS, &item_type, CurrentMemoryContext);
	if (strcmp(model_comment(old), model_comment(row)) != 0)
		sql_execute(psprintf("COMMENT ON TABLE %s IS %s", quoted_relation(row->model),
							 quote_literal_cstr(model_comment(row))));
	for (int s = 0; s < N_SIDES; s++)
	{
		const Side *side = &after.sides[s];
		bool		exists = OidIsValid(row->tables[s]) && get_rel_name(row->tables[s]) != NULL;

		if (side->n_columns > 0 && exists)
			store_replace_columns(catalog_side_table(row, s), &before.sides[s], side, &item_type);
		else if (side->n_columns > 0)
		{
			row->tables[s] = side_table_create(row->model, s, side, &source->user, &item_type);
			is_new = true;
		}
		else
		{
			if (exists)
				sql_execute(psprintf("DROP TABLE %s", quoted_relation(catalog_side_table(row, s))));
			row->tables[s] = InvalidOid;
		}
	}
	return is_new;
}

PGDLLEXPORT Datum
rec_alter_model(PG_FUNCTION_ARGS)
{
	Oid			relid;
	const char *name;
	ModelRow   *old;
	ModelRow   *row;
	const Algorithm *algorithm;
	Jsonb	   *given;
	void	   *options;
	Source	   *source;
	Caller		caller;

	require_argument(fcinfo, ALTER_MODEL, "model");
	PreventCommandIfReadOnly("rec.alter_model");
	PreventCommandIfParallelMode("rec.alter_model");
	PreventCommandDuringRecovery("rec.alter_model");
	refuse_arguments(fcinfo, ALTER_ARGUMENTS);
	relid = PG_GETARG_OID(ALTER_MODEL);
	name = get_rel_name(relid);
	if (name != NULL && !relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
	catalog_get(relid, NULL);
	catalog_require_current();
	old = lock_model(relid, name);
	/* adds options that did not exist when the row was written, which is no change */
	algorithm = algorithm_by_name(old->algorithm);
	old->options =
		options_to_json(algorithm, options_read(algorithm, old->options, old), old->options);
	row = palloc(sizeof(ModelRow));
	*row = *old;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	caller = act_as_owner(relid);
	alter_source(fcinfo, row);
	source_check_roles(&row->source);
	algorithm = algorithm_by_name(PG_ARGISNULL(ALTER_ALGORITHM)
									  ? row->algorithm
									  : text_to_cstring(PG_GETARG_TEXT_PP(ALTER_ALGORITHM)));
	row->algorithm = pstrdup(algorithm->name);
	given = altered_options(fcinfo, old, row);
	options = options_read(algorithm, given, row);
	row->options = options_to_json(algorithm, options, given);
	source = source_open_locked(&row->source, options, CurrentMemoryContext);
	check_source_privilege(source->relid);
	source_check_types(source, row->model, row->tables[SIDE_USERS], &(bool) {false},
					   &(bool) {false});
	note_source(row, source);
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
		check_attributes(kind, row, algorithm, options, source);
	check_contexts(row, algorithm, options, source);
	/* a version that was trained in another way is no longer valid */
	if (alter_tables(old, row, source) || strcmp(old->algorithm, row->algorithm) != 0 ||
		argument_is_given(fcinfo, ALTER_ITEMS) || argument_is_given(fcinfo, ALTER_USERS) ||
		!PG_ARGISNULL(ALTER_CONTEXT_COLUMNS) ||
		compareJsonbContainers(&old->options->root, &row->options->root) != 0)
	{
		row->version = 0;
		catalog_forget_iterations(relid);
	}
	description_write(row);
	catalog_update(row);
	CommandCounterIncrement();
	changes_move(old, row, source);
	act_as_caller(&caller);
	/* before SPI's memory, in which the source is, is freed */
	if (!PG_ARGISNULL(ALTER_SOURCE) || !PG_ARGISNULL(ALTER_USER_COLUMN))
		note_missing_index(source);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(relid);
	for (int s = 0; s < N_SIDES; s++)
		shared_forget_at_commit(row->tables[s]);
	PG_RETURN_VOID();
}

/* rec.train(model regclass, wait bool), a procedure; before 0.5.0 without wait */
PGDLLEXPORT Datum
rec_train(PG_FUNCTION_ARGS)
{
	require_argument(fcinfo, 0, "model");
	if (PG_NARGS() > 1)
		require_argument(fcinfo, 1, "wait");
	train_model(PG_GETARG_OID(0), called_nonatomic(fcinfo), PG_NARGS() < 2 || PG_GETARG_BOOL(1));
	PG_RETURN_VOID();
}

/* The behavior (RESTRICT or CASCADE) of a command that drops something. */
static DropBehavior
drop_behavior(Node *command)
{
	if (command != NULL && IsA(command, DropStmt))
		return ((DropStmt *) command)->behavior;
	if (command != NULL && IsA(command, DropOwnedStmt))
		return ((DropOwnedStmt *) command)->behavior;
	return DROP_RESTRICT;
}

/*
 * The owner of a table that this command has dropped; InvalidOid where it is not found. The row in
 * pg_class is deleted, but still there: it is the version that this transaction has deleted without
 * replacing it by another.
 */
static Oid
dropped_owner(Oid relid)
{
	Relation	rel = table_open(RelationRelationId, AccessShareLock);
	Oid			owner = InvalidOid;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ClassOidIndexId, true, SnapshotAny, 1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		if (TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(tuple->t_data)) &&
			ItemPointerEquals(&tuple->t_self, &tuple->t_data->t_ctid))
			owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return owner;
}

/*
 * Drops the table of a side of a model whose table was dropped. A row of rec.model may be written
 * by hand, and name a table of another user: only a table of the same owner is dropped, whoever
 * drops.
 */
static void
drop_side_table(Oid relid, int kind, Oid model, DropBehavior behavior)
{
	ObjectAddress address = {RelationRelationId, relid, 0};
	Oid			owner = dropped_owner(model);

	if (!OidIsValid(owner) || relation_owner(relid) != owner || !is_side_table(relid, kind))
		return;
	LockRelationOid(relid, AccessExclusiveLock);
	if (relation_owner(relid) == owner)
		performDeletion(&address, behavior, PERFORM_DELETION_INTERNAL);
}

/* The n OIDs that a query about an event trigger returns. SPI must be connected. */
static Oid *
event_tables(const char *query, uint64 *n)
{
	Oid		   *tables;

	if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed");
	*n = SPI_processed;
	tables = palloc(sizeof(Oid) * Max(*n, 1));
	for (uint64 i = 0; i < *n; i++)
	{
		bool		is_null;

		tables[i] = DatumGetObjectId(
			SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &is_null));
	}
	return tables;
}

static void
require_event_trigger(FunctionCallInfo fcinfo, const char *function)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("%s() must be called by an event trigger", function)));
}

/*
 * The event trigger on sql_drop: deletes the rows of models whose tables were dropped. A users'
 * table that does not depend on the model's table yet, as an older version created it and the model
 * was not trained since, is dropped here. Objects that depend on that table keep the model from
 * being dropped, unless the command says CASCADE.
 * Where a partition was dropped, everything may have changed for models that learn from the table
 * that it belonged to.
 */
PGDLLEXPORT Datum
rec_forget_dropped(PG_FUNCTION_ARGS)
{
	Oid		   *dropped;
	uint64		n;

	require_event_trigger(fcinfo, "rec.forget_dropped");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	dropped = event_tables(
		"SELECT objid FROM pg_catalog.pg_event_trigger_dropped_objects()"
		" WHERE classid OPERATOR(pg_catalog.=) "
		"'pg_catalog.pg_class'::pg_catalog.regclass"
		" AND objsubid OPERATOR(pg_catalog.=) 0 AND object_type OPERATOR(pg_catalog.=) 'table'",
		&n);
	/* The catalog itself does not exist when the extension was dropped. */
	if (n > 0 && catalog_exists())
	{
		for (uint64 i = 0; i < n; i++)
		{
			Oid			tables[N_TABLES];
			Oid			learned[N_LEARNED];

			tracking_dropped(dropped[i]);
			if (!catalog_delete(dropped[i], tables, learned))
				continue;
			for (int k = 0; k < N_TABLES; k++)
			{
				if (OidIsValid(tables[k]))
					drop_side_table(
						tables[k], k, dropped[i],
						drop_behavior(((EventTriggerData *) fcinfo->context)->parsetree));
			}
			CommandCounterIncrement();
			/* triggers that stay do nothing, and whoever writes there is not to be waited for */
			if (OidIsValid(tables[TABLE_CHANGES]))
				tracking_end(learned, N_LEARNED, false);
		}
	}
	SPI_finish();
	PG_RETURN_NULL();
}

/*
 * Whether a command renames tables, moves them to another schema, or changes their owner. old_name:
 * the former name, or NULL.
 */
static bool
moves_tables(Node *command, const char **old_name)
{
	*old_name = NULL;
	if (IsA(command, RenameStmt) && ((RenameStmt *) command)->renameType == OBJECT_TABLE)
	{
		*old_name = ((RenameStmt *) command)->relation->relname;
		return true;
	}
	if (IsA(command, AlterTableStmt))
	{
		ListCell   *lc;

		foreach(lc, ((AlterTableStmt *) command)->cmds)
		{
			if (lfirst_node(AlterTableCmd, lc)->subtype == AT_ChangeOwner)
				return true;
		}
	}
	return IsA(command, AlterObjectSchemaStmt);
}

/*
 * The event trigger on ddl_command_end: if a model's table was renamed, moved, or given another
 * owner, the tables beside it follow.
 */
PGDLLEXPORT Datum
rec_follow_altered(PG_FUNCTION_ARGS)
{
	const char *old_name;
	Oid		   *altered;
	uint64		n;

	require_event_trigger(fcinfo, "rec.follow_altered");
	if (!moves_tables(((EventTriggerData *) fcinfo->context)->parsetree, &old_name) ||
		!catalog_exists())
		PG_RETURN_NULL();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	altered = event_tables(
		"SELECT objid FROM pg_catalog.pg_event_trigger_ddl_commands()"
		" WHERE classid OPERATOR(pg_catalog.=) "
		"'pg_catalog.pg_class'::pg_catalog.regclass"
		" AND objsubid OPERATOR(pg_catalog.=) 0 AND object_type OPERATOR(pg_catalog.=) 'table'",
		&n);
	for (uint64 i = 0; i < n; i++)
	{
		ModelRow   *row = catalog_find(altered[i], NULL);

		if (row != NULL)
			side_tables_follow(row, old_name);
	}
	SPI_finish();
	PG_RETURN_NULL();
}

/* The relation that a row of rec.model means, for the view rec.models. */
PGDLLEXPORT Datum
rec_source_meant(PG_FUNCTION_ARGS)
{
	NotedRelation noted = {
		.relid = PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1),
		.name = PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2)),
		.owner = PG_ARGISNULL(3) ? InvalidOid : PG_GETARG_OID(3)
	};
	Oid			relid;

	switch (relation_meant(&noted, PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0), &relid))
	{
		case RELATION_SAME:
		case RELATION_REPLACED:
			PG_RETURN_OID(relid);
		case RELATION_REFUSED:
		case RELATION_GONE:
			break;
	}
	PG_RETURN_NULL();
}
