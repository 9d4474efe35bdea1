/*
 * model.c
 *	  Defining and training models: rec.create_model, rec.train, and what happens when a
 *	  model's table is dropped.
 */
#include "postgres.h"
#include "model/compat.h"

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
#include "function/call.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/loaded.h"
#include "model/names.h"
#include "model/options.h"
#include "model/source.h"
#include "model/store.h"
#include "model/training.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

PG_FUNCTION_INFO_V1(rec_create_model);
PG_FUNCTION_INFO_V1(rec_train);
PG_FUNCTION_INFO_V1(rec_forget_dropped);
PG_FUNCTION_INFO_V1(rec_check_inserted_model);

/* Whether the caller may read the source, as a whole or some of its columns. */
static void
check_source_privilege(Oid source)
{
	Oid			user = GetUserId();

	if (pg_class_aclcheck(source, user, ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck_all(source, user, ACL_SELECT, ACLMASK_ANY) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(source)), get_rel_name(source));
}

/*
 * Why an index whose first column is `column` doesn't find the rows of one user; NULL: it does. collation: the column's; equals: the
 * operator that a question compares with.
 */
static const char *
index_is_unfit(const FormData_pg_index *form, HeapTuple tuple, Oid collation, Oid equals)
{
	bool		is_null;
	oidvector  *collations = (oidvector *) DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indcollation, &is_null));
	oidvector  *classes = (oidvector *) DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indclass, &is_null));

	if (!form->indisvalid)
		return "is not valid";
	if (!heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
		return "has some of the rows only";
	if (OidIsValid(collation) && collations->values[0] != collation)
		return "has another collation than the column";
	if (!op_in_opfamily(equals, get_opclass_family(classes->values[0])))
		return "is not for equality";
	return NULL;
}

/*
 * Every question reads one user's rows, so an index on them matters: say so where a table has none.
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
				unfit = psprintf(" Index \"%s\" does not serve: it %s.", get_rel_name(form->indexrelid), why);
		}
		ReleaseSysCache(tuple);
	}
	relation_close(rel, AccessShareLock);
	if (!found)
		ereport(NOTICE,
				(errmsg("source \"%s\" has no index on column \"%s\"", get_rel_name(source->relid), source->user_column),
				 errdetail("Each recommendation reads one user's rows, and will scan the whole table for them.%s", unfit),
				 errhint("CREATE INDEX ON %s (%s);", source->name, quote_identifier(source->user_column))));
}

/*
 * rec.create_model(model text, source regclass, algorithm text, options jsonb,
 *					user_column name, item_column name, rating_column name, time_column name) -> regclass
 */
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
	Oid			stale_user_table;
	Model		model = {0};

	require_argument(fcinfo, 0, "model");
	require_argument(fcinfo, 2, "algorithm");
	require_argument(fcinfo, 3, "options");
	PreventCommandIfReadOnly("rec.create_model");

	row = source_arguments(fcinfo, 1, 4);
	check_source_privilege(row->source);
	algorithm = algorithm_by_name(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	row->algorithm = pstrdup(algorithm->name);

	options = options_read(algorithm, PG_GETARG_JSONB_P(3), row);
	row->options = options_to_json(algorithm, options, PG_GETARG_JSONB_P(3));
	source = source_open(row, options, CurrentMemoryContext);
	model.algorithm = algorithm;
	model.options = options;
	model_set_items(&model, 0);

	/* An unqualified name goes where CREATE TABLE would put it. */
	model_name = makeRangeVarFromNameList(textToQualifiedNameList(PG_GETARG_TEXT_PP(0)));
	namespace = RangeVarGetAndCheckCreationNamespace(model_name, NoLock, NULL);
	if (isAnyTempNamespace(namespace))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a model can't be a temporary table"),
				 errhint("Name a schema: 'public.%s'. DROP TABLE drops the model when it is not needed any more.", model_name->relname)));
	schema = get_namespace_name(namespace);
	table = model_name->relname;
	qualified = quote_qualified_identifier(schema, table);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	row->model = store_create_table(qualified, "item_id", &source->item, &source->item, model.items.columns, model.items.n_columns,
								   psprintf("items of a recommendation model (%s) of %s, written by rec.train", algorithm->name, row->source_name));
	if (model.users.n_columns > 0)
		row->user_table = store_create_table(quote_qualified_identifier(schema, makeObjectName(table, "users", NULL)),
											 "user_id", &source->user, &source->item, model.users.columns, model.users.n_columns,
											 psprintf("users of the recommendation model %s, written by rec.train", qualified));
	SPI_finish();
	/* A row of a table that was dropped unseen, with event triggers off, and whose oid has come round again. */
	catalog_delete(row->model, &stale_user_table);
	catalog_insert(row);
	CommandCounterIncrement();
	if (!feedback_is_given(PG_GETARG_JSONB_P(3)))
		note_feedback(row);
	note_missing_index(source);
	PG_RETURN_OID(row->model);
}

/* rec.train(model regclass, wait bool), a procedure; until 0.5.0 of one argument */
PGDLLEXPORT Datum
rec_train(PG_FUNCTION_ARGS)
{
	require_argument(fcinfo, 0, "model");
	if (PG_NARGS() > 1)
		require_argument(fcinfo, 1, "wait");
	train_model(PG_GETARG_OID(0), called_nonatomic(fcinfo), PG_NARGS() < 2 || PG_GETARG_BOOL(1));
	PG_RETURN_VOID();
}

/* What the command that drops something says of what depends on it. */
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
 * The owner that a table had which this command has dropped; InvalidOid where that can't be found. Its row in
 * pg_class is deleted, and not gone: of all versions of it, the one that this transaction has deleted, and not
 * replaced by another.
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
 * Drops the table of users of a model whose table was dropped. A row of rec.model may be written by hand, and name
 * anybody's table: so one of the same owner only, whoever drops.
 */
static void
drop_user_table(Oid relid, Oid model, DropBehavior behavior)
{
	ObjectAddress address = {RelationRelationId, relid, 0};
	Oid			owner = dropped_owner(model);

	if (!OidIsValid(owner) || catalog_owner(relid) != owner ||
		get_attnum(relid, "user_id") <= 0 || get_attnum(relid, "n_ratings") <= 0)
		return;
	LockRelationOid(relid, AccessExclusiveLock);
	if (catalog_owner(relid) == owner)
		performDeletion(&address, behavior, PERFORM_DELETION_INTERNAL);
}

/*
 * The event trigger on sql_drop: a model whose table was dropped is forgotten, and its
 * table of users goes too. What depends on that table keeps
 * the model from being dropped, unless the command says CASCADE.
 */
PGDLLEXPORT Datum
rec_forget_dropped(PG_FUNCTION_ARGS)
{
	Oid		   *dropped;
	uint64		n;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("rec.forget_dropped() is called by an event trigger only")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute("SELECT objid FROM pg_catalog.pg_event_trigger_dropped_objects()"
					" WHERE classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
					" AND objsubid OPERATOR(pg_catalog.=) 0 AND object_type OPERATOR(pg_catalog.=) 'table'",
					true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed");
	n = SPI_processed;
	dropped = palloc(sizeof(Oid) * Max(n, 1));
	for (uint64 i = 0; i < n; i++)
	{
		bool		is_null;

		dropped[i] = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &is_null));
	}
	/* The catalog itself is gone where the extension was dropped. */
	if (n > 0 && catalog_exists())
	{
		for (uint64 i = 0; i < n; i++)
		{
			Oid			user_table;

			if (catalog_delete(dropped[i], &user_table) && OidIsValid(user_table))
				drop_user_table(user_table, dropped[i], drop_behavior(((EventTriggerData *) fcinfo->context)->parsetree));
		}
	}
	SPI_finish();
	PG_RETURN_NULL();
}

/* The relation that a column of a new row of rec.model names; InvalidOid where it is NULL or gone. */
static Oid
named_relation(const TriggerData *trigger, const char *column)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			number = SPI_fnumber(desc, column);
	bool		is_null = true;
	Datum		value = (Datum) 0;

	if (number > 0 && SPI_gettypeid(desc, number) == REGCLASSOID)
		value = SPI_getbinval(trigger->tg_trigtuple, desc, number, &is_null);
	return is_null || get_rel_name(DatumGetObjectId(value)) == NULL ? InvalidOid : DatumGetObjectId(value);
}

/*
 * The trigger on rec.model, which the extension's own functions write below SQL. A model whose table is gone, as a
 * dump may name one by its oid, is none.
 */
PGDLLEXPORT Datum
rec_check_inserted_model(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Oid			tables[2];

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("rec.check_inserted_model() is called by a trigger before a row is inserted only")));
	tables[0] = named_relation(trigger, "model");
	tables[1] = named_relation(trigger, "user_table");
	for (int i = 0; i < 2; i++)
	{
		if (OidIsValid(tables[i]) && !relation_is_owned(tables[i], GetUserId()))
			aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(tables[i])), get_rel_name(tables[i]));
	}
	return PointerGetDatum(OidIsValid(tables[0]) ? trigger->tg_trigtuple : NULL);
}
