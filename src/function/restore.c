/*
 * restore.c
 *	  Models that were moved: by a dump, by replication, or left by an extension that was dropped.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
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
#include "run/training.h"
#include "server/memory.h"
#include "server/messages.h"
#include "source/source.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(rec_check_inserted_model);
PG_FUNCTION_INFO_V1(rec_check_inserted_table);
PG_FUNCTION_INFO_V1(rec_follow_description);
PG_FUNCTION_INFO_V1(rec_adopt);
PG_FUNCTION_INFO_V1(rec_describe_models);

/* ---- a whole database, by pg_dump ---- */

/* The relation in a column of a new row; InvalidOid where it is NULL or does not exist. */
static Oid
named_relation(const TriggerData *trigger, const char *column)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			number = SPI_fnumber(desc, column);
	bool		is_null = true;
	Datum		value = (Datum) 0;

	if (number > 0 && SPI_gettypeid(desc, number) == REGCLASSOID)
		value = SPI_getbinval(trigger->tg_trigtuple, desc, number, &is_null);
	return is_null || get_rel_name(DatumGetObjectId(value)) == NULL ? InvalidOid
																	: DatumGetObjectId(value);
}

/* A column of the new row as text, or NULL. */
static char *
written_text(const TriggerData *trigger, const char *column)
{
	int			number = SPI_fnumber(RelationGetDescr(trigger->tg_relation), column);

	return number > 0
			   ? SPI_getvalue(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation), number)
			   : NULL;
}

/*
 * The relation in a new row, if it is the one that was meant where the row was written; otherwise
 * InvalidOid. A dump has the name of a relation that existed, and the OID of one that had been
 * dropped, which may be the OID of any relation here. The OID is also written to another column: if
 * it is the same, the relation had been dropped, unless the name says otherwise. number, name: the
 * columns with the OID and the name; is_old: the answer for a dump that has no such columns.
 */
static Oid
meant_relation(const TriggerData *trigger, Oid relid, const char *number, const char *name,
			   bool is_old)
{
	const char *written_number = written_text(trigger, number);
	const char *written_name = written_text(trigger, name);
	bool		is_meant;

	if (!OidIsValid(relid))
		return InvalidOid;
	if (written_name != NULL && strcmp(written_name, quoted_relation(relid)) == 0)
		return relid;
	is_meant = written_number == NULL ? is_old
									  : strcmp(written_number, psprintf("%u", relid)) != 0;
	return is_meant ? relid : InvalidOid;
}

static void
require_owner(Oid relid)
{
	if (OidIsValid(relid) && !relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(relid)),
					   get_rel_name(relid));
}

/*
 * A user who inserts a row may name their own tables; a superuser's row may name tables of any
 * user.
 */
static void
bind_inserted(Oid table, Oid model)
{
	require_owner(table);
	if (OidIsValid(table) && relation_owner(table) == relation_owner(model))
		side_table_bind(table, model);
}

/* The new row with other values in some columns. */
static HeapTuple
replace_columns(const TriggerData *trigger, int n, const char *const *columns, Datum *values,
				bool *nulls)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int		   *numbers = palloc(sizeof(int) * n);

	for (int i = 0; i < n; i++)
		numbers[i] = SPI_fnumber(desc, columns[i]);
	return heap_modify_tuple_by_cols(trigger->tg_trigtuple, desc, n, numbers, values, nulls);
}

/* The same of what it says of the relation of the attributes of a side. */
static HeapTuple
note_attributes_again(const TriggerData *trigger, SideKind kind, HeapTuple tuple)
{
	const char *side = kind == SIDE_ITEMS ? "item" : "user";
	const char *relation = psprintf("%s_relation", side);
	const char *oid = psprintf("%s_relation_oid", side);
	const char *columns[] = {relation, oid, psprintf("%s_relation_owner", side)};
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Oid			relid;
	int			numbers[lengthof(columns)];
	Datum		values[lengthof(columns)];
	bool		nulls[lengthof(columns)];

	/* objects of an older version, until they are updated */
	if (SPI_fnumber(desc, relation) <= 0)
		return tuple;
	relid = meant_relation(trigger, named_relation(trigger, relation), oid,
						   psprintf("%s_relation_name", side), false);
	values[0] = values[1] = ObjectIdGetDatum(relid);
	values[2] = ObjectIdGetDatum(OidIsValid(relid) ? relation_owner(relid) : InvalidOid);
	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		numbers[i] = SPI_fnumber(desc, columns[i]);
		nulls[i] = !OidIsValid(relid);
	}
	return heap_modify_tuple_by_cols(tuple, desc, lengthof(columns), numbers, values, nulls);
}

/* Sets the columns of the context that a row of rec.model has, if it is of a version with such. */
static void
note_contexts(const TriggerData *trigger, NotedSource *source)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			column = SPI_fnumber(desc, "context_columns");
	bool		is_null = true;
	Datum		value = (Datum) 0;

	if (column > 0)
		value = SPI_getbinval(trigger->tg_trigtuple, desc, column, &is_null);
	if (!is_null && !model_row_contexts(value, source))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("context_columns are not names of at most %d columns",
							   MOST_CONTEXT_COLUMNS)));
}

/*
 * The new row of rec.model with its relations as they are here: OIDs of relations that do not exist
 * are removed, and the source's owner and column numbers are those here. A dump from before 0.6.0
 * names the users' table in this row: it is moved to rec.model_table.
 */
static HeapTuple
note_again(const TriggerData *trigger, Oid model)
{
	static const char *const columns[] = {"source",		  "source_oid",		"source_owner",
										  "source_columns", "user_table",		"user_table_oid",
										  "user_table_name"};
	Datum		values[lengthof(columns)];
	bool		nulls[lengthof(columns)];
	Datum		attnums[SOURCE_COLUMNS + MOST_CONTEXT_COLUMNS];
	ModelRow	row = {0};
	Oid			users = named_relation(trigger, "user_table");
	bool		keeps_users = !catalog_has_tables();
	HeapTuple	tuple;

	/* objects of an older version, which are not updated yet */
	if (SPI_fnumber(RelationGetDescr(trigger->tg_relation), "source_oid") <= 0)
	{
		require_owner(users);
		return trigger->tg_trigtuple;
	}
	row.source.relid = meant_relation(trigger, named_relation(trigger, "source"), "source_oid",
									  "source_name", false);
	users = meant_relation(trigger, users, "user_table_oid", "user_table_name",
						   is_side_table(users, SIDE_USERS));
	bind_inserted(users, model);
	if (OidIsValid(users) && !keeps_users)
		catalog_set_tables(model, (Oid[N_TABLES]) {[SIDE_USERS] = users});
	row.source.user_column = written_text(trigger, "user_column");
	row.source.item_column = written_text(trigger, "item_column");
	row.source.rating_column = written_text(trigger, "rating_column");
	row.source.time_column = written_text(trigger, "time_column");
	note_contexts(trigger, &row.source);
	source_note(&row.source);
	for (int c = 0; c < SOURCE_COLUMNS; c++)
		attnums[c] = Int16GetDatum(row.source.attnums[c]);
	for (int c = 0; c < row.source.n_contexts; c++)
		attnums[SOURCE_COLUMNS + c] = Int16GetDatum(row.source.context_attnums[c]);
	values[0] = values[1] = ObjectIdGetDatum(row.source.relid);
	nulls[0] = nulls[1] = !OidIsValid(row.source.relid);
	values[2] = ObjectIdGetDatum(row.source.owner);
	nulls[2] = !OidIsValid(row.source.owner);
	values[3] = PointerGetDatum(
		construct_array(attnums, SOURCE_COLUMNS + row.source.n_contexts, INT2OID, sizeof(int16),
						true, TYPALIGN_SHORT));
	nulls[3] = false;
	values[4] = values[5] = ObjectIdGetDatum(users);
	values[6] = CStringGetTextDatum(OidIsValid(users) ? quoted_relation(users) : "");
	nulls[4] = nulls[5] = nulls[6] = !OidIsValid(users) || !keeps_users;
	tuple = replace_columns(trigger, lengthof(columns), columns, values, nulls);
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
		tuple = note_attributes_again(trigger, kind, tuple);
	return tuple;
}

/*
 * The new row of rec.model_table with its relation as it is here; NULL where the relation is not
 * here.
 */
static HeapTuple
note_table_again(const TriggerData *trigger, Oid model)
{
	static const char *const columns[] = {"relation_oid", "relation_name"};
	Datum		values[lengthof(columns)];
	bool		nulls[lengthof(columns)] = {false};
	Oid			table = meant_relation(trigger, named_relation(trigger, "relation"), "relation_oid",
									   "relation_name", false);

	bind_inserted(table, model);
	if (!OidIsValid(table))
		return NULL;
	values[0] = ObjectIdGetDatum(table);
	values[1] = CStringGetTextDatum(quoted_relation(table));
	return replace_columns(trigger, lengthof(columns), columns, values, nulls);
}

/* Calls note for the inserted row if its model exists here. */
static Datum
check_inserted(FunctionCallInfo fcinfo, const char *function,
			   HeapTuple (*note) (const TriggerData *trigger, Oid model))
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Oid			model;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("%s() must be called by a trigger before a row is inserted",
							   function)));
	model = named_relation(trigger, "model");
	require_owner(model);
	return PointerGetDatum(OidIsValid(model) ? note(trigger, model) : NULL);
}

/*
 * The triggers on rec.model and rec.model_table. The extension's own functions write these tables
 * without SQL. A row whose model does not exist, because a dump names it by its OID, is not
 * inserted.
 */
PGDLLEXPORT Datum
rec_check_inserted_model(PG_FUNCTION_ARGS)
{
	return check_inserted(fcinfo, "rec.check_inserted_model", note_again);
}

PGDLLEXPORT Datum
rec_check_inserted_table(PG_FUNCTION_ARGS)
{
	return check_inserted(fcinfo, "rec.check_inserted_table", note_table_again);
}

/* ---- a model's tables alone ---- */

/* The trigger on the table that describes a model. */
PGDLLEXPORT Datum
rec_follow_description(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!(TRIGGER_FIRED_BY_INSERT(trigger->tg_event) || TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("rec.follow_description() must be called by a trigger after a row "
							   "is inserted or updated")));
	description_written(trigger);
	return PointerGetDatum(NULL);
}

/* The model's row, from the table beside the model that describes it. */
static ModelRow *
read_described(Oid model)
{
	Oid			table = side_table_beside(model, TABLE_DESCRIPTION);
	ModelRow   *row;

	if (!is_side_table(model, SIDE_ITEMS))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" is not the table of a model", get_rel_name(model)),
						errdetail("It has no columns \"item_id\" and \"n_ratings\".")));
	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("no table beside \"%s\" describes the model", get_rel_name(model)),
				 errdetail("A table \"%s\" of the same owner, with the columns that training "
						   "writes, would. Versions before 0.6.0 created none.",
						   psprintf("%s_model", get_rel_name(model))),
				 errhint("Copy that table as well; or rename or drop this one, and create the "
						 "model again.")));
	row = description_read(table, model);
	row->tables[TABLE_DESCRIPTION] = table;
	return row;
}

/*
 * Finds the tables of the other sides. Raises an error where a table that asking needs is missing,
 * or a table lacks columns that the model's algorithm writes.
 */
static void
find_sides(ModelRow *row, const void *options)
{
	Model		model = {.algorithm = algorithm_by_name(row->algorithm),
				   .options = options,
				   .has_times = row->source.time_column != NULL,
				   .has_item_features = row->attributes[SIDE_ITEMS].name != NULL,
				   .has_user_features = row->attributes[SIDE_USERS].name != NULL,
				   .has_contexts = row->source.n_contexts > 0};
	IdType		item_type;

	model_set_items(&model, row->n_rows[SIDE_ITEMS]);
	store_id_type(row->model, SIDE_ITEMS, &item_type, CurrentMemoryContext);
	for (int s = 0; s < N_SIDES; s++)
	{
		if (model.sides[s].n_columns == 0)
			continue;
		if (s != SIDE_ITEMS)
			row->tables[s] = side_table_beside(row->model, s);
		if (OidIsValid(row->tables[s]))
			store_check_columns(row->tables[s], s, &model.sides[s], &item_type);
		else if (model_asks(&model, s))
			ereport(
				ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("model \"%s\" has no table of %s", get_rel_name(row->model), side_name(s)),
				 errdetail("Algorithm \"%s\" needs a table \"%s_%s\" of the same owner.",
						   row->algorithm, get_rel_name(row->model), side_name(s)),
				 errhint("Copy that table as well.")));
	}
}

/* The options of the trained version, including those that training decided. */
static const void *
described_options(const ModelRow *row)
{
	const Algorithm *algorithm = algorithm_by_name(row->algorithm);
	const void *options = options_read(algorithm, row->options, row);

	return row->decided == NULL
			   ? options
			   : options_read(algorithm, merge_options(row->options, row->decided), row);
}

PGDLLEXPORT Datum
rec_adopt(PG_FUNCTION_ARGS)
{
	Oid			relid;
	const char *name;
	ModelRow   *row;
	ModelRow   *before;
	const void *options;
	Source	   *source;
	Caller		caller;

	require_argument(fcinfo, 0, "model");
	require_argument(fcinfo, 1, "source");
	PreventCommandIfReadOnly("rec.adopt");
	PreventCommandIfParallelMode("rec.adopt");
	PreventCommandDuringRecovery("rec.adopt");
	catalog_require_current();
	relid = PG_GETARG_OID(0);
	name = get_rel_name(relid);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(relid)), name);
	lock_model_table(relid, name);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	caller = act_as_owner(relid);
	table_close(store_open(relid, AccessShareLock), NoLock);
	row = read_described(relid);
	options = described_options(row);
	find_sides(row, options);
	row->source.relid = PG_GETARG_OID(1);
	source_note(&row->source);
	if (!OidIsValid(row->source.relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source with OID %u does not exist", PG_GETARG_OID(1))));
	source_check_roles(&row->source);
	check_source_privilege(row->source.relid);
	source = source_open_locked(&row->source, options, CurrentMemoryContext);
	source_check_types(source, row->model, row->tables[SIDE_USERS], &(bool) {false},
					   &(bool) {false});
	note_source(row, source);

	description_follow(row->tables[TABLE_DESCRIPTION]);
	for (int k = 0; k < N_TABLES; k++)
	{
		if (k != SIDE_ITEMS && OidIsValid(row->tables[k]))
			side_table_bind(row->tables[k], relid);
		shared_forget_at_commit(row->tables[k]);
	}
	before = catalog_find(relid, NULL);
	if (before != NULL)
	{
		row->tables[TABLE_CHANGES] = before->tables[TABLE_CHANGES];
		catalog_update(row);
		CommandCounterIncrement();
		changes_move(before, row, source);
	}
	else
		catalog_insert(row);
	act_as_caller(&caller);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(relid);
	PG_RETURN_OID(relid);
}

/* ---- models from before 0.6.0, without a table that describes them ---- */

/* The argument is the model's OID. */
static void
describe(void *arg)
{
	Oid			model = *(Oid *) arg;
	ModelRow   *row;
	Caller		caller;

	LockRelationOid(model, AccessShareLock);
	row = get_rel_name(model) == NULL ? NULL : catalog_find(model, NULL);
	if (row == NULL)
		return;
	caller = act_as_owner(model);
	description_write(row);
	act_as_caller(&caller);
	catalog_set_tables(model, row->tables);
}

/* Whether an error is tolerated: the model then gets its table with its next training. */
static bool
may_do_without(int sqlerrcode)
{
	return sqlerrcode != ERRCODE_QUERY_CANCELED && sqlerrcode != ERRCODE_ADMIN_SHUTDOWN;
}

/*
 * For the script that updates the extension to 0.6.0: creates the table that describes the model
 * for each model. Objects that the script creates would belong to the extension, but these tables
 * belong to the models' owners.
 */
PGDLLEXPORT Datum
rec_describe_models(PG_FUNCTION_ARGS)
{
	bool		in_script = creating_extension;
	SPITupleTable *models;

	if (!superuser())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to describe all models")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(psprintf("SELECT model::pg_catalog.oid FROM %s.model",
							 quote_identifier(get_namespace_name(catalog_namespace()))),
					true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed");
	models = SPI_tuptable;
	/* an error ends the script, and resets this as well */
	creating_extension = false;
	for (uint64 i = 0; i < models->numvals; i++)
	{
		bool		is_null;
		Oid			model =
			DatumGetObjectId(SPI_getbinval(models->vals[i], models->tupdesc, 1, &is_null));
		char	   *failure =
			memory_attempt(describe, &model, may_do_without, "a model without a description");

		if (failure != NULL)
			ereport(NOTICE,
					(errmsg("no table beside model \"%s\" describes it", get_rel_name(model)),
					 errdetail("The table could not be created: %s", failure),
					 errhint("The next training creates it.")));
	}
	creating_extension = in_script;
	SPI_finish();
	PG_RETURN_VOID();
}
