/*
 * catalog.c
 *	  The extension's own tables: rec.model and rec.iteration.
 */
#include "postgres.h"
#include "model/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/names.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* Versions whose iterations are kept. */
#define KEPT_VERSIONS 5

/* Columns of rec.model, as in function/model.sql. */
enum
{
	MODEL_MODEL,
	MODEL_USER_TABLE,
	MODEL_SOURCE,
	MODEL_SOURCE_NAME,
	MODEL_ALGORITHM,
	MODEL_OPTIONS,
	MODEL_USER_COLUMN,
	MODEL_ITEM_COLUMN,
	MODEL_RATING_COLUMN,
	MODEL_TIME_COLUMN,
	MODEL_VERSION,
	MODEL_TRAINED_AT,
	MODEL_ROWS,
	MODEL_USERS,
	MODEL_ITEMS,
	MODEL_MEAN,
	MODEL_MINIMUM,
	MODEL_MAXIMUM,
	MODEL_LOSS,
	MODEL_SECONDS,
	MODEL_COLUMNS
};

/* Columns of rec.iteration. */
enum
{
	ITERATION_MODEL,
	ITERATION_VERSION,
	ITERATION_ITERATION,
	ITERATION_LOSS,
	ITERATION_SECONDS,
	ITERATION_COLUMNS
};

/* A table of ours, and the scan of its rows for one model. */
typedef struct CatalogScan
{
	Relation	rel;
	SysScanDesc scan;
} CatalogScan;

static const Oid model_types[MODEL_COLUMNS] = {
	REGCLASSOID, REGCLASSOID, REGCLASSOID, TEXTOID, TEXTOID, JSONBOID, NAMEOID, NAMEOID, NAMEOID, NAMEOID,
	INT8OID, TIMESTAMPTZOID, INT8OID, INT8OID, INT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID
};

static const Oid iteration_types[ITERATION_COLUMNS] = {REGCLASSOID, INT8OID, INT4OID, FLOAT8OID, FLOAT8OID};

/* A table of ours. */
typedef struct CatalogTable
{
	const char *name;
	const Oid  *types;			/* of its columns */
	int			n_columns;
} CatalogTable;

static const CatalogTable model_table = {"model", model_types, MODEL_COLUMNS};
static const CatalogTable iteration_table = {"iteration", iteration_types, ITERATION_COLUMNS};

/* Rows are taken apart below SQL, so a table must be what it seems: the schema's owner may have put another in its place. */
static bool
has_columns(Relation rel, const CatalogTable *table)
{
	TupleDesc	desc = RelationGetDescr(rel);

	if (rel->rd_rel->relkind != RELKIND_RELATION || desc->natts != table->n_columns)
		return false;
	for (int i = 0; i < table->n_columns; i++)
	{
		if (TupleDescAttr(desc, i)->atttypid != table->types[i])
			return false;
	}
	return true;
}

static Relation
open_catalog(const CatalogTable *table, LOCKMODE mode)
{
	Oid			namespace = get_namespace_oid("rec", false);
	Oid			relid = get_relname_relid(table->name, namespace);
	Relation	rel;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"rec.%s\" does not exist", table->name),
				 errhint("The extension's own tables are damaged; drop and create the extension again.")));
	rel = table_open(relid, mode);
	if (!has_columns(rel, table))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"rec.%s\" is not the one that this version of the library works with", table->name),
				 errhint("ALTER EXTENSION rec UPDATE, or drop and create the extension again.")));
	return rel;
}

static CatalogScan
begin_scan(const CatalogTable *table, Oid model, LOCKMODE mode, Snapshot snapshot)
{
	CatalogScan s;
	ScanKeyData key;

	s.rel = open_catalog(table, mode);
	/* both tables begin with the column model, and so do their primary keys */
	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(model));
	s.scan = systable_beginscan(s.rel, get_relname_relid(psprintf("%s_pkey", table->name), RelationGetNamespace(s.rel)), true, snapshot, 1, &key);
	return s;
}

static void
end_scan(CatalogScan s)
{
	systable_endscan(s.scan);
	table_close(s.rel, NoLock);
}

static char *
text_or_null(Datum value, bool is_null)
{
	return is_null ? NULL : TextDatumGetCString(value);
}

static char *
name_or_null(Datum value, bool is_null)
{
	return is_null ? NULL : pstrdup(NameStr(*DatumGetName(value)));
}

ModelRow *
catalog_find(Oid model, Snapshot snapshot)
{
	CatalogScan s = begin_scan(&model_table, model, AccessShareLock, snapshot);
	HeapTuple	tuple = systable_getnext(s.scan);
	ModelRow   *row = NULL;

	if (HeapTupleIsValid(tuple))
	{
		Datum		v[MODEL_COLUMNS];
		bool		nulls[MODEL_COLUMNS];

		heap_deform_tuple(tuple, RelationGetDescr(s.rel), v, nulls);
		for (int i = 0; i < MODEL_COLUMNS; i++)
		{
			if (nulls[i] && i != MODEL_USER_TABLE && i != MODEL_RATING_COLUMN && i != MODEL_TIME_COLUMN && i < MODEL_TRAINED_AT)
				elog(ERROR, "column %d of rec.model is NULL", i + 1);
		}
		row = palloc0(sizeof(ModelRow));
		row->model = model;
		row->user_table = nulls[MODEL_USER_TABLE] ? InvalidOid : DatumGetObjectId(v[MODEL_USER_TABLE]);
		row->source = DatumGetObjectId(v[MODEL_SOURCE]);
		row->source_name = text_or_null(v[MODEL_SOURCE_NAME], false);
		row->algorithm = text_or_null(v[MODEL_ALGORITHM], false);
		row->options = DatumGetJsonbPCopy(v[MODEL_OPTIONS]);
		row->user_column = name_or_null(v[MODEL_USER_COLUMN], false);
		row->item_column = name_or_null(v[MODEL_ITEM_COLUMN], false);
		row->rating_column = name_or_null(v[MODEL_RATING_COLUMN], nulls[MODEL_RATING_COLUMN]);
		row->time_column = name_or_null(v[MODEL_TIME_COLUMN], nulls[MODEL_TIME_COLUMN]);
		row->version = DatumGetInt64(v[MODEL_VERSION]);
		if (row->version > 0)
		{
			row->trained_at = DatumGetTimestampTz(v[MODEL_TRAINED_AT]);
			row->rows = DatumGetInt64(v[MODEL_ROWS]);
			row->users = DatumGetInt64(v[MODEL_USERS]);
			row->items = DatumGetInt64(v[MODEL_ITEMS]);
			row->mean = DatumGetFloat8(v[MODEL_MEAN]);
			row->minimum = DatumGetFloat8(v[MODEL_MINIMUM]);
			row->maximum = DatumGetFloat8(v[MODEL_MAXIMUM]);
			row->loss = DatumGetFloat8(v[MODEL_LOSS]);
			row->seconds = DatumGetFloat8(v[MODEL_SECONDS]);
		}
		row->xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
		row->tid = tuple->t_self;
	}
	end_scan(s);
	return row;
}

/* The names of all models that the caller may read, for a hint. */
static int
readable_models(const char **names, int limit)
{
	Relation	rel = open_catalog(&model_table, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	int			n = 0;

	while (n < limit && (tuple = systable_getnext(scan)) != NULL)
	{
		bool		is_null;
		Oid			model = DatumGetObjectId(heap_getattr(tuple, MODEL_MODEL + 1, RelationGetDescr(rel), &is_null));
		const char *name = get_rel_name(model);

		if (name != NULL && pg_class_aclcheck(model, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
			names[n++] = name;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return n;
}

ModelRow *
catalog_get(Oid model, Snapshot snapshot)
{
	ModelRow   *row = catalog_find(model, snapshot);

	if (row == NULL)
	{
		const char *name = get_rel_name(model);
		const char *names[256];
		int			n = readable_models(names, lengthof(names));

		if (name == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("relation with OID %u does not exist", model)));
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("\"%s\" is not a model", name),
				 nearest_name(name, names, n) != NULL ? hint_nearest(name, names, n) :
				 errhint("SELECT rec.create_model('name', 'source') makes one; the view rec.models lists those there are.")));
	}
	return row;
}

static void
fill_row(const ModelRow *row, Datum *v, bool *nulls)
{
	memset(nulls, 0, sizeof(bool) * MODEL_COLUMNS);
	v[MODEL_MODEL] = ObjectIdGetDatum(row->model);
	v[MODEL_USER_TABLE] = ObjectIdGetDatum(row->user_table);
	nulls[MODEL_USER_TABLE] = !OidIsValid(row->user_table);
	v[MODEL_SOURCE] = ObjectIdGetDatum(row->source);
	v[MODEL_SOURCE_NAME] = CStringGetTextDatum(row->source_name);
	v[MODEL_ALGORITHM] = CStringGetTextDatum(row->algorithm);
	v[MODEL_OPTIONS] = JsonbPGetDatum(row->options);
	v[MODEL_USER_COLUMN] = DirectFunctionCall1(namein, CStringGetDatum(row->user_column));
	v[MODEL_ITEM_COLUMN] = DirectFunctionCall1(namein, CStringGetDatum(row->item_column));
	nulls[MODEL_RATING_COLUMN] = row->rating_column == NULL;
	v[MODEL_RATING_COLUMN] = row->rating_column == NULL ? (Datum) 0 : DirectFunctionCall1(namein, CStringGetDatum(row->rating_column));
	nulls[MODEL_TIME_COLUMN] = row->time_column == NULL;
	v[MODEL_TIME_COLUMN] = row->time_column == NULL ? (Datum) 0 : DirectFunctionCall1(namein, CStringGetDatum(row->time_column));
	v[MODEL_VERSION] = Int64GetDatum(row->version);
	v[MODEL_TRAINED_AT] = TimestampTzGetDatum(row->trained_at);
	v[MODEL_ROWS] = Int64GetDatum(row->rows);
	v[MODEL_USERS] = Int64GetDatum(row->users);
	v[MODEL_ITEMS] = Int64GetDatum(row->items);
	v[MODEL_MEAN] = Float8GetDatum(row->mean);
	v[MODEL_MINIMUM] = Float8GetDatum(row->minimum);
	v[MODEL_MAXIMUM] = Float8GetDatum(row->maximum);
	v[MODEL_LOSS] = Float8GetDatum(row->loss);
	v[MODEL_SECONDS] = Float8GetDatum(row->seconds);
	for (int i = MODEL_TRAINED_AT; i < MODEL_COLUMNS; i++)
		nulls[i] = row->version == 0;
}

void
catalog_insert(const ModelRow *row)
{
	Relation	rel = open_catalog(&model_table, RowExclusiveLock);
	Datum		v[MODEL_COLUMNS];
	bool		nulls[MODEL_COLUMNS];

	fill_row(row, v, nulls);
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), v, nulls));
	table_close(rel, NoLock);
}

void
catalog_update(const ModelRow *row)
{
	CatalogScan s = begin_scan(&model_table, row->model, RowExclusiveLock, NULL);
	HeapTuple	tuple = systable_getnext(s.scan);
	Datum		v[MODEL_COLUMNS];
	bool		nulls[MODEL_COLUMNS];
	bool		replace[MODEL_COLUMNS];

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("model \"%s\" was dropped meanwhile", get_rel_name(row->model))));
	fill_row(row, v, nulls);
	memset(replace, true, sizeof(replace));
	tuple = heap_modify_tuple(tuple, RelationGetDescr(s.rel), v, nulls, replace);
	CatalogTupleUpdate(s.rel, &tuple->t_self, tuple);
	end_scan(s);
}

static void
delete_iterations(Oid model, int64 up_to_version)
{
	CatalogScan s = begin_scan(&iteration_table, model, RowExclusiveLock, NULL);
	HeapTuple	tuple;

	while ((tuple = systable_getnext(s.scan)) != NULL)
	{
		bool		is_null;

		if (DatumGetInt64(heap_getattr(tuple, ITERATION_VERSION + 1, RelationGetDescr(s.rel), &is_null)) <= up_to_version)
			CatalogTupleDelete(s.rel, &tuple->t_self);
	}
	end_scan(s);
}

void
catalog_delete(Oid model)
{
	CatalogScan s = begin_scan(&model_table, model, RowExclusiveLock, NULL);
	HeapTuple	tuple = systable_getnext(s.scan);

	if (HeapTupleIsValid(tuple))
		CatalogTupleDelete(s.rel, &tuple->t_self);
	end_scan(s);
	delete_iterations(model, PG_INT64_MAX);
}

void
catalog_log(Oid model, int64 version, const IterationRow *iterations, int n)
{
	Relation	rel;

	delete_iterations(model, version - KEPT_VERSIONS);
	rel = open_catalog(&iteration_table, RowExclusiveLock);
	for (int i = 0; i < n; i++)
	{
		Datum		v[ITERATION_COLUMNS];
		bool		nulls[ITERATION_COLUMNS] = {0};

		v[ITERATION_MODEL] = ObjectIdGetDatum(model);
		v[ITERATION_VERSION] = Int64GetDatum(version);
		v[ITERATION_ITERATION] = Int32GetDatum(i + 1);
		v[ITERATION_LOSS] = Float8GetDatum(iterations[i].loss);
		v[ITERATION_SECONDS] = Float8GetDatum(iterations[i].seconds);
		CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), v, nulls));
	}
	table_close(rel, NoLock);
}
