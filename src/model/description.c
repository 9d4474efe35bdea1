/*
 * description.c
 *	  The table beside a model that describes it.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "model/description.h"
#include "model/side_tables.h"
#include "model/store.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "server/messages.h"
#include "server/sql.h"
#include "server/table_writer.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/varlena.h"

/* The table's columns, as numbers of rec.model's. One more column restricts it to one row. */
static const int columns[] = {
	MODEL_FORMAT_NUMBER, MODEL_ALGORITHM, MODEL_OPTIONS, MODEL_DECIDED, MODEL_SOURCE_NAME,
	MODEL_USER_COLUMN, MODEL_ITEM_COLUMN, MODEL_RATING_COLUMN, MODEL_TIME_COLUMN, MODEL_VERSION,
	MODEL_TRAINED_AT, MODEL_ROWS, MODEL_USERS, MODEL_ITEMS, MODEL_SESSIONS, MODEL_MEAN,
	MODEL_DEVIATION, MODEL_MINIMUM, MODEL_MAXIMUM, MODEL_LOSS, MODEL_SECONDS,
	MODEL_ITEM_RELATION_NAME, MODEL_ITEM_FEATURES, MODEL_USER_RELATION_NAME, MODEL_USER_FEATURES,
	MODEL_CONTEXT_COLUMNS, MODEL_CONTEXT_FEATURES
};

#define N_DESCRIBED ((int) lengthof(columns))

/* Columns that 0.6.0 made; a table may lack later ones, which are NULL then. */
#define N_FIRST_DESCRIBED 21

/*
 * Whether a column is about the source. Each server decides for itself which relation is the
 * source, and what its columns are.
 */
static bool
is_of_source(int column)
{
	return column == MODEL_SOURCE_NAME || column == MODEL_USER_COLUMN ||
		   column == MODEL_ITEM_COLUMN || column == MODEL_RATING_COLUMN ||
		   column == MODEL_TIME_COLUMN || column == MODEL_ITEM_RELATION_NAME ||
		   column == MODEL_USER_RELATION_NAME || column == MODEL_CONTEXT_COLUMNS;
}

/* ---- the table ---- */

/*
 * Finds the columns in a table. Returns the first one that is missing or has another type, or -1
 * where there is none.
 */
static int
find_columns(TupleDesc desc, AttrNumber numbers[N_DESCRIBED])
{
	for (int c = 0; c < N_DESCRIBED; c++)
	{
		const ModelColumn *column = &model_columns[columns[c]];

		numbers[c] = InvalidAttrNumber;
		for (int i = 0; i < desc->natts; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(desc, i);

			if (!attribute->attisdropped && attribute->atttypid == column->type &&
				strcmp(NameStr(attribute->attname), column->name) == 0)
				numbers[c] = i + 1;
		}
		if (numbers[c] == InvalidAttrNumber && c < N_FIRST_DESCRIBED)
			return c;
	}
	return -1;
}

static void
require_columns(Relation rel, AttrNumber numbers[N_DESCRIBED])
{
	int			missing = find_columns(RelationGetDescr(rel), numbers);

	if (missing >= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("table \"%s\", which describes a model, has no column \"%s\" of "
							   "type %s",
							   RelationGetRelationName(rel), model_columns[columns[missing]].name,
							   format_type_be(model_columns[columns[missing]].type)),
						errhint("Add the column again, or drop the table: the next training "
								"creates it again.")));
}

static Oid
create(Oid model)
{
	char	   *name = side_table_name(model, TABLE_DESCRIPTION);
	Oid			table;
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfo(
		&s, "CREATE TABLE %s (one pg_catalog.bool PRIMARY KEY DEFAULT true CHECK (one)", name);
	for (int c = 0; c < N_DESCRIBED; c++)
		appendStringInfo(&s, ", %s %s", quote_identifier(model_columns[columns[c]].name),
						 format_type_extended(model_columns[columns[c]].type, -1,
											  FORMAT_TYPE_FORCE_QUALIFY));
	appendStringInfoString(&s, ") WITH (fillfactor = 50)");
	sql_execute(s.data);
	sql_execute(psprintf(
		"COMMENT ON TABLE %s IS %s", name,
		quote_literal_cstr(psprintf("description of the recommendation model %s, written by "
									"rec.train; rec.adopt makes tables that were moved a model "
									"again",
									quoted_relation(model)))));
	table = RangeVarGetRelid(
		makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(name))), NoLock, false);
	side_table_bind(table, model);
	description_follow(table);
	return table;
}

/* Gives a table of before the columns that it lacks. */
static void
add_columns(Oid table)
{
	for (int c = N_FIRST_DESCRIBED; c < N_DESCRIBED; c++)
	{
		const ModelColumn *column = &model_columns[columns[c]];

		if (get_attnum(table, column->name) == InvalidAttrNumber)
			sql_execute(psprintf("ALTER TABLE %s ADD COLUMN %s %s", quoted_relation(table),
								 quote_identifier(column->name),
								 format_type_extended(column->type, -1,
													  FORMAT_TYPE_FORCE_QUALIFY)));
	}
}

/* Whether the table has the trigger. */
static bool
is_followed(Oid table, Oid function)
{
	Relation	rel = table_open(table, AccessShareLock);
	bool		found = false;

	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
		found = found || rel->trigdesc->triggers[i].tgfoid == function;
	table_close(rel, AccessShareLock);
	return found;
}

void
description_follow(Oid table)
{
	char	   *schema = get_namespace_name(catalog_namespace());
	List	   *function = list_make2(makeString(schema), makeString("follow_description"));

	if (is_followed(table, LookupFuncName(function, 0, NULL, false)))
		return;
	sql_execute(psprintf("CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON %s "
						 "FOR EACH ROW EXECUTE FUNCTION %s.follow_description()",
						 quoted_relation(table), quote_identifier(schema)));
	/* the trigger fires in apply workers only */
	sql_execute(
		psprintf("ALTER TABLE %s ENABLE REPLICA TRIGGER rec_follow", quoted_relation(table)));
}

/* Whether the current user may create the table. */
static bool
may_create(Oid model)
{
	Oid			user = GetUserId();

	return compat_namespace_aclcheck(get_rel_namespace(model), user, ACL_CREATE) == ACLCHECK_OK &&
		   compat_namespace_aclcheck(catalog_namespace(), user, ACL_USAGE) == ACLCHECK_OK;
}

/* ---- writing ---- */

void
description_check(const ModelRow *row)
{
	Oid			table = row->tables[TABLE_DESCRIPTION];
	AttrNumber	numbers[N_DESCRIBED];
	Relation	rel;

	if (!OidIsValid(table) || get_rel_name(table) == NULL)
		return;
	rel = store_open(catalog_side_table(row, TABLE_DESCRIPTION), AccessShareLock);
	require_columns(rel, numbers);
	table_writer_check(rel);
	table_close(rel, AccessShareLock);
}

/* Sets the described columns of a slot that already has values for the others. */
static void
fill(TupleTableSlot *slot, const AttrNumber *numbers, const Datum *values, const bool *nulls)
{
	for (int c = 0; c < N_DESCRIBED; c++)
	{
		if (numbers[c] == InvalidAttrNumber)
			continue;
		slot->tts_values[numbers[c] - 1] = values[columns[c]];
		slot->tts_isnull[numbers[c] - 1] = nulls[columns[c]];
	}
}

/* Updates the table's row; false where there is none. */
static bool
update(TableWriter *w, const AttrNumber *numbers, const Datum *values, const bool *nulls,
	   Snapshot snapshot)
{
	TupleDesc	desc = RelationGetDescr(w->rel);
	TupleTableSlot *old = table_slot_create(w->rel, NULL);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	TableScanDesc scan = table_beginscan(w->rel, snapshot, 0, NULL);
	bool		found = table_scan_getnextslot(scan, ForwardScanDirection, old);

	if (found)
	{
		slot_getallattrs(old);
		memcpy(slot->tts_values, old->tts_values, sizeof(Datum) * desc->natts);
		memcpy(slot->tts_isnull, old->tts_isnull, sizeof(bool) * desc->natts);
		fill(slot, numbers, values, nulls);
		if (table_writer_update(w, &old->tts_tid, slot, CMD_UPDATE, snapshot) != TM_Ok)
			ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
							errmsg("could not write table \"%s\" due to a concurrent update",
								   RelationGetRelationName(w->rel)),
							errhint("Train the model again.")));
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	ExecDropSingleTupleTableSlot(old);
	return found;
}

void
description_write(ModelRow *row)
{
	Oid			table = row->tables[TABLE_DESCRIPTION];
	Datum		values[MODEL_COLUMNS];
	bool		nulls[MODEL_COLUMNS];
	AttrNumber	numbers[N_DESCRIBED];
	TableWriter w;
	Relation	rel;
	Snapshot	snapshot;

	if (!OidIsValid(table) || get_rel_name(table) == NULL)
	{
		if (!may_create(row->model))
		{
			ereport(NOTICE,
					(errmsg("no table beside model \"%s\" describes it",
							get_rel_name(row->model)),
					 errdetail("The model's owner lacks the privilege to create one in the model's "
							   "schema."),
					 errhint("GRANT CREATE ON SCHEMA lets the next training create it; it is "
							 "needed where the model's tables are dumped alone, or replicated.")));
			return;
		}
		row->tables[TABLE_DESCRIPTION] = create(row->model);
	}
	table = catalog_side_table(row, TABLE_DESCRIPTION);
	if (row->attributes[SIDE_ITEMS].name != NULL || row->attributes[SIDE_USERS].name != NULL ||
		row->source.n_contexts > 0)
		add_columns(table);
	rel = store_open(table, RowExclusiveLock);
	require_columns(rel, numbers);
	table_writer_check(rel);
	model_row_fill(row, values, nulls);
	snapshot = RegisterSnapshot(IsolationUsesXactSnapshot() ? GetTransactionSnapshot()
															 : GetLatestSnapshot());
	table_writer_open(&w, rel);
	if (!update(&w, numbers, values, nulls, snapshot))
	{
		fill(table_writer_new_row(&w), numbers, values, nulls);
		table_writer_insert(&w);
	}
	table_writer_close(&w);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
}

/* ---- reading ---- */

ModelRow *
description_read(Oid table, Oid model)
{
	Relation	rel = store_open(table, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan;
	AttrNumber	numbers[N_DESCRIBED];
	ModelRow   *row = NULL;

	require_columns(rel, numbers);
	scan = table_beginscan(rel, snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		Datum		values[MODEL_COLUMNS];
		bool		nulls[MODEL_COLUMNS];

		if (row != NULL)
			ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
							errmsg("table \"%s\" has more than one row that describes model \"%s\"",
								   get_rel_name(table), get_rel_name(model)),
							errhint("Delete all rows except one.")));
		memset(nulls, true, sizeof(nulls));
		slot_getallattrs(slot);
		for (int c = 0; c < N_DESCRIBED; c++)
		{
			if (numbers[c] == InvalidAttrNumber)
				continue;
			values[columns[c]] = slot->tts_values[numbers[c] - 1];
			nulls[columns[c]] = slot->tts_isnull[numbers[c] - 1];
		}
		values[MODEL_MODEL] = ObjectIdGetDatum(model);
		nulls[MODEL_MODEL] = false;
		row = model_row_read(model, quoted_relation(table), values, nulls);
	}
	if (row == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s\" has no row that describes model \"%s\"",
							   get_rel_name(table), get_rel_name(model)),
						errhint("If a subscription fills the table, wait until it has done so.")));
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	return row;
}

/* ---- following ---- */

void
description_written(const TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Oid			table = RelationGetRelid(trigger->tg_relation);
	HeapTuple	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple
																	: trigger->tg_trigtuple;
	Oid			model = catalog_described(table);
	AttrNumber	numbers[N_DESCRIBED];
	Datum		values[MODEL_COLUMNS];
	bool		nulls[MODEL_COLUMNS];
	bool		replace[MODEL_COLUMNS] = {false};

	/* a row of rec.model_table may be written by hand, and name a model of another user */
	if (!OidIsValid(model) || relation_owner(model) != relation_owner(table) ||
		find_columns(desc, numbers) >= 0)
		return;
	for (int c = 0; c < N_DESCRIBED; c++)
	{
		if (numbers[c] == InvalidAttrNumber)
			continue;
		values[columns[c]] = heap_getattr(tuple, numbers[c], desc, &nulls[columns[c]]);
		replace[columns[c]] = !is_of_source(columns[c]);
	}
	/* waits for a concurrent training */
	LockRelationOid(model, ShareUpdateExclusiveLock);
	catalog_replace(model, values, nulls, replace);
	CacheInvalidateRelcacheByRelid(model);
}
