/*
 * catalog.c
 *	  The extension's own tables: rec.model, rec.model_table, rec.iteration and rec.unknown_change.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "algorithm/algorithm.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "server/citus.h"
#include "server/messages.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/xid8.h"

/* Versions whose iterations are kept. */
#define KEPT_VERSIONS 5

/* Columns of rec.model_table. */
enum
{
	TABLE_MODEL,
	TABLE_SIDE,
	TABLE_RELATION,
	TABLE_RELATION_OID,
	TABLE_RELATION_NAME,
	TABLE_COLUMNS
};

/* Columns of rec.iteration. */
enum
{
	ITERATION_MODEL,
	ITERATION_VERSION,
	ITERATION_ITERATION,
	ITERATION_LOSS,
	ITERATION_SECONDS,
	ITERATION_VALIDATION,
	ITERATION_COLUMNS
};

/* Columns of rec.unknown_change. */
enum
{
	UNKNOWN_MODEL,
	UNKNOWN_TRANSACTION,
	UNKNOWN_COLUMNS
};

/* A table of the extension, and a scan of its rows for one model. */
typedef struct CatalogScan
{
	Relation	rel;
	SysScanDesc scan;
} CatalogScan;

static const ModelColumn table_columns[TABLE_COLUMNS] = {
	[TABLE_MODEL] = {"model", REGCLASSOID},
	[TABLE_SIDE] = {"side", TEXTOID},
	[TABLE_RELATION] = {"relation", REGCLASSOID},
	[TABLE_RELATION_OID] = {"relation_oid", OIDOID},
	[TABLE_RELATION_NAME] = {"relation_name", TEXTOID}
};

static const ModelColumn iteration_columns[ITERATION_COLUMNS] = {
	[ITERATION_MODEL] = {"model", REGCLASSOID},
	[ITERATION_VERSION] = {"version", INT8OID},
	[ITERATION_ITERATION] = {"iteration", INT4OID},
	[ITERATION_LOSS] = {"loss", FLOAT8OID},
	[ITERATION_SECONDS] = {"seconds", FLOAT8OID},
	[ITERATION_VALIDATION] = {"validation", FLOAT8OID}
};

static const ModelColumn unknown_columns[UNKNOWN_COLUMNS] = {
	[UNKNOWN_MODEL] = {"model", REGCLASSOID},
	[UNKNOWN_TRANSACTION] = {"transaction", XID8OID}
};

/* A table of the extension. */
typedef struct CatalogTable
{
	const char *name;
	const ModelColumn *columns;
	int			n_columns;
	/*
	 * columns of the first version; a table may lack the later ones until ALTER EXTENSION UPDATE,
	 * and they are read as NULL then
	 */
	int			n_first_columns;
	int			n_key_columns;	/* columns of the primary key, which are the first ones */
} CatalogTable;

static const CatalogTable model_catalog = {"model", model_columns, MODEL_COLUMNS, MODEL_SOURCE_OID,
										   1};
/* may not exist until ALTER EXTENSION UPDATE; until then rec.model names the users' table */
static const CatalogTable table_catalog = {"model_table", table_columns, TABLE_COLUMNS,
										   TABLE_COLUMNS, 2};
static const CatalogTable iteration_catalog = {"iteration", iteration_columns, ITERATION_COLUMNS,
											   ITERATION_VALIDATION, 3};
/* missing until ALTER EXTENSION UPDATE; until then no model is tracked */
static const CatalogTable unknown_catalog = {"unknown_change", unknown_columns, UNKNOWN_COLUMNS,
											 UNKNOWN_COLUMNS, 2};

/* ---- the tables ---- */

/*
 * The extension and its schema, whatever the schema's name is; false where the extension is not
 * installed.
 */
static bool
find_extension(Oid *extension, Oid *namespace)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("rec"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		*extension = ((Form_pg_extension) GETSTRUCT(tuple))->oid;
		*namespace = ((Form_pg_extension) GETSTRUCT(tuple))->extnamespace;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return HeapTupleIsValid(tuple);
}

/*
 * The OID of a table of the extension, or InvalidOid. The name alone is not enough: the schema's
 * owner may rename the schema and create another one with tables of these names.
 */
static Oid
find_table(const CatalogTable *table)
{
	Oid			extension;
	Oid			namespace;
	Oid			relid;

	if (!find_extension(&extension, &namespace))
		return InvalidOid;
	relid = get_relname_relid(table->name, namespace);
	return OidIsValid(relid) && getExtensionOfObject(RelationRelationId, relid) == extension
			   ? relid
			   : InvalidOid;
}

/* Rows are formed without SQL, so the table must have the columns that this library knows. */
static bool
has_columns(Relation rel, const CatalogTable *table)
{
	TupleDesc	desc = RelationGetDescr(rel);

	if (rel->rd_rel->relkind != RELKIND_RELATION || desc->natts < table->n_first_columns ||
		desc->natts > table->n_columns)
		return false;
	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->atttypid != table->columns[i].type)
			return false;
	}
	return true;
}

/* Whether this is the index of the primary key, as created by the install script. */
static bool
is_key_index(Relation index, const CatalogTable *table)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisprimary || !form->indisvalid || index->rd_rel->relam != BTREE_AM_OID ||
		form->indnkeyatts != table->n_key_columns)
		return false;
	for (int i = 0; i < table->n_key_columns; i++)
	{
		if (form->indkey.values[i] != i + 1)
			return false;
	}
	return true;
}

/*
 * The index of the primary key. InvalidOid where there is none, or where any index has an
 * expression or a predicate, which is not computed when rows are written without SQL.
 */
static Oid
find_key_index(Relation rel, const CatalogTable *table)
{
	Oid			found = InvalidOid;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		bool		plain =
			RelationGetIndexExpressions(index) == NIL && RelationGetIndexPredicate(index) == NIL;

		if (is_key_index(index, table))
			found = RelationGetRelid(index);
		index_close(index, AccessShareLock);
		if (!plain)
			return InvalidOid;
	}
	return found;
}

/*
 * Opens a table of the extension. index: NULL, or set to the index of its primary key. Returns NULL
 * where there is no such table, or one that this library does not work with.
 */
static Relation
try_open_catalog(const CatalogTable *table, LOCKMODE mode, Oid *index)
{
	Oid			relid = find_table(table);
	Relation	rel = OidIsValid(relid) ? try_relation_open(relid, mode) : NULL;
	Oid			key;

	if (rel == NULL)
		return NULL;
	key = find_key_index(rel, table);
	if (!has_columns(rel, table) || !OidIsValid(key))
	{
		relation_close(rel, mode);
		return NULL;
	}
	if (index != NULL)
		*index = key;
	return rel;
}

/* The same, or raises an error. */
static Relation
open_catalog(const CatalogTable *table, LOCKMODE mode, Oid *index)
{
	Relation	rel = try_open_catalog(table, mode, index);

	if (rel != NULL)
		return rel;
	if (!OidIsValid(find_table(table)))
		ereport(
			ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("extension \"rec\" has no table \"%s\"", table->name),
			 errhint(
				 "The extension's own tables are damaged; drop and create the extension again.")));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\" of extension \"rec\" is not the one that this version of the "
					"library works with",
					table->name),
			 errhint("ALTER EXTENSION rec UPDATE, or drop and create the extension again.")));
}

/* Begins a scan of a model's rows in an open table of the extension. */
static SysScanDesc
scan_model(Relation rel, Oid index, Oid model, Snapshot snapshot)
{
	ScanKeyData key;

	/* the first column of each of these tables and of its primary key is the model */
	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(model));
	return systable_beginscan(rel, index, true, snapshot, 1, &key);
}

static CatalogScan
begin_scan(const CatalogTable *table, Oid model, LOCKMODE mode, Snapshot snapshot)
{
	CatalogScan s;
	Oid			index;

	s.rel = open_catalog(table, mode, &index);
	s.scan = scan_model(s.rel, index, model, snapshot);
	return s;
}

static void
end_scan(CatalogScan s)
{
	systable_endscan(s.scan);
	table_close(s.rel, NoLock);
}

Oid
catalog_namespace(void)
{
	Oid			extension;
	Oid			namespace;

	return find_extension(&extension, &namespace) ? namespace : InvalidOid;
}

bool
catalog_exists(void)
{
	return OidIsValid(find_table(&model_catalog));
}

void
catalog_require_current(void)
{
	const CatalogTable *const written[] = {&model_catalog, &iteration_catalog};

	for (int t = 0; t < (int) lengthof(written); t++)
	{
		Relation	rel = open_catalog(written[t], AccessShareLock, NULL);

		if (RelationGetDescr(rel)->natts < written[t]->n_columns)
			refuse_older_extension(
				"Its tables in this database lack columns that the library needs. Models answer "
				"questions, but cannot be created, altered or trained until the extension is "
				"updated.");
		table_close(rel, AccessShareLock);
	}
}

/* ---- rows ---- */

const char *
side_name(int kind)
{
	static const char *const names[N_TABLES] = {
		[SIDE_ITEMS] = "items", [SIDE_USERS] = "users", [SIDE_SESSIONS] = "sessions",
		[SIDE_ITEM_FEATURES] = "features", [SIDE_USER_FEATURES] = "user_features",
		[SIDE_CONTEXT_FEATURES] = "context_features", [SIDE_PARAMETERS] = "parameters",
		[TABLE_DESCRIPTION] = "model", [TABLE_CHANGES] = "changes"
	};

	return names[kind];
}

/* The side with this name; N_TABLES for a name that this version does not know. */
static int
side_called(const char *name)
{
	for (int s = 0; s < N_TABLES; s++)
	{
		if (strcmp(name, side_name(s)) == 0)
			return s;
	}
	return N_TABLES;
}

/* Reads a row of rec.model_table: returns its side, and sets the relation, or InvalidOid. */
static int
read_table_row(Relation rel, HeapTuple tuple, Oid *relation)
{
	Datum		v[TABLE_COLUMNS];
	bool		nulls[TABLE_COLUMNS];

	heap_deform_tuple(tuple, RelationGetDescr(rel), v, nulls);
	*relation = nulls[TABLE_RELATION] ? InvalidOid : DatumGetObjectId(v[TABLE_RELATION]);
	return side_called(TextDatumGetCString(v[TABLE_SIDE]));
}

bool
catalog_has_tables(void)
{
	return OidIsValid(find_table(&table_catalog));
}

/* Reads the tables that the model has besides its own. */
static void
read_tables(ModelRow *row, Snapshot snapshot)
{
	CatalogScan s = begin_scan(&table_catalog, row->model, AccessShareLock, snapshot);
	HeapTuple	tuple;

	while ((tuple = systable_getnext(s.scan)) != NULL)
	{
		Oid			relation;
		int			kind = read_table_row(s.rel, tuple, &relation);

		if (kind < N_TABLES && kind != SIDE_ITEMS)
			row->tables[kind] = relation;
	}
	end_scan(s);
}

ModelRow *
catalog_find(Oid model, Snapshot snapshot)
{
	CatalogScan s = begin_scan(&model_catalog, model, AccessShareLock, snapshot);
	HeapTuple	tuple = systable_getnext(s.scan);
	ModelRow   *row = NULL;

	if (HeapTupleIsValid(tuple))
	{
		Datum		v[MODEL_COLUMNS];
		bool		nulls[MODEL_COLUMNS];

		memset(nulls, true, sizeof(nulls));
		heap_deform_tuple(tuple, RelationGetDescr(s.rel), v, nulls);
		row = model_row_read(model, "rec.model", v, nulls);
		row->xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
		row->tid = tuple->t_self;
	}
	end_scan(s);
	if (row != NULL && catalog_has_tables())
		read_tables(row, snapshot);
	return row;
}

/* The names of all models that the caller may read, for a hint. */
static int
readable_models(const char **names, int limit)
{
	Relation	rel = open_catalog(&model_catalog, AccessShareLock, NULL);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	int			n = 0;

	while (n < limit && (tuple = systable_getnext(scan)) != NULL)
	{
		bool		is_null;
		Oid			model =
			DatumGetObjectId(heap_getattr(tuple, MODEL_MODEL + 1, RelationGetDescr(rel), &is_null));
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
	const char *name = get_rel_name(model);
	ModelRow   *row;
	const char *names[256];
	int			n;

	/* with event triggers off, the row of a dropped table may be left */
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", model)));
	row = catalog_find(model, snapshot);
	if (row != NULL)
		return row;
	n = readable_models(names, lengthof(names));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("\"%s\" is not a model", name),
			 /* Citus makes a table a shard, and puts a new table of its name in front of it */
			 citus_manages(model) ? errdetail("Citus manages this table. If it was a model, its "
											  "rows are in a shard now, and it is no longer one.")
								  : 0,
			 nearest_name(name, names, n) != NULL
				 ? hint_nearest(name, names, n)
				 : errhint("SELECT rec.create_model('name', 'source') creates one; the view "
						   "rec.models lists the existing models.")));
}

Oid
catalog_side_table(const ModelRow *row, int kind)
{
	Oid			table = row->tables[kind];

	if (!OidIsValid(table) || get_rel_name(table) == NULL)
		ereport(
			ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("model \"%s\" has no table of %s", get_rel_name(row->model), side_name(kind)),
			 OidIsValid(table)
				 ? errdetail("It was dropped.")
				 : errdetail("Algorithm \"%s\" keeps nothing of %s, or the table was dropped.",
							 row->algorithm, side_name(kind)),
			 errhint("If the algorithm needs one, SELECT rec.alter_model(%s) creates it again.",
					 quote_literal_cstr(quoted_relation(row->model)))));
	if (relation_owner(table) != relation_owner(row->model))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("table of %s \"%s\" does not belong to the owner of model \"%s\"",
						side_name(kind), get_rel_name(table), get_rel_name(row->model)),
				 errhint("ALTER TABLE ... OWNER TO gives both tables of a model the same owner.")));
	return table;
}

/* The row of rec.model_table for a model's table. */
static HeapTuple
table_row(TupleDesc desc, Oid model, int kind, Oid table)
{
	Datum		v[TABLE_COLUMNS] = {ObjectIdGetDatum(model), CStringGetTextDatum(side_name(kind)),
							  ObjectIdGetDatum(table), ObjectIdGetDatum(table),
							  CStringGetTextDatum(quoted_relation(table))};
	bool		nulls[TABLE_COLUMNS] = {false};

	return heap_form_tuple(desc, v, nulls);
}

void
catalog_set_tables(Oid model, const Oid tables[N_TABLES])
{
	CatalogScan s = begin_scan(&table_catalog, model, RowExclusiveLock, NULL);
	bool		written[N_TABLES] = {[SIDE_ITEMS] = true};
	HeapTuple	tuple;

	while ((tuple = systable_getnext(s.scan)) != NULL)
	{
		Oid			before;
		int			kind = read_table_row(s.rel, tuple, &before);

		if (kind == N_TABLES || kind == SIDE_ITEMS || !OidIsValid(tables[kind]))
			CatalogTupleDelete(s.rel, &tuple->t_self);
		else
		{
			CatalogTupleUpdate(s.rel, &tuple->t_self,
							   table_row(RelationGetDescr(s.rel), model, kind, tables[kind]));
			written[kind] = true;
		}
	}
	for (int k = 0; k < N_TABLES; k++)
	{
		if (!written[k] && OidIsValid(tables[k]))
			CatalogTupleInsert(s.rel, table_row(RelationGetDescr(s.rel), model, k, tables[k]));
	}
	end_scan(s);
}

void
catalog_insert(const ModelRow *row)
{
	Relation	rel = open_catalog(&model_catalog, RowExclusiveLock, NULL);
	Datum		v[MODEL_COLUMNS];
	bool		nulls[MODEL_COLUMNS];

	model_row_fill(row, v, nulls);
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), v, nulls));
	table_close(rel, NoLock);
	catalog_set_tables(row->model, row->tables);
}

void
catalog_update(const ModelRow *row)
{
	CatalogScan s = begin_scan(&model_catalog, row->model, RowExclusiveLock, NULL);
	HeapTuple	tuple = systable_getnext(s.scan);
	Datum		v[MODEL_COLUMNS];
	bool		nulls[MODEL_COLUMNS];
	bool		replace[MODEL_COLUMNS];

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("model \"%s\" was dropped concurrently", get_rel_name(row->model))));
	model_row_fill(row, v, nulls);
	memset(replace, true, sizeof(replace));
	tuple = heap_modify_tuple(tuple, RelationGetDescr(s.rel), v, nulls, replace);
	CatalogTupleUpdate(s.rel, &tuple->t_self, tuple);
	end_scan(s);
	catalog_set_tables(row->model, row->tables);
}

void
catalog_replace(Oid model, Datum *values, bool *nulls, bool *replace)
{
	CatalogScan s = begin_scan(&model_catalog, model, RowExclusiveLock, NULL);
	TupleDesc	desc = RelationGetDescr(s.rel);
	HeapTuple	tuple = systable_getnext(s.scan);
	bool		can = HeapTupleIsValid(tuple) && desc->natts == MODEL_COLUMNS;

	for (int i = 0; i < MODEL_COLUMNS && can; i++)
		can = !replace[i] || !nulls[i] || !TupleDescAttr(desc, i)->attnotnull;
	if (can)
	{
		tuple = heap_modify_tuple(tuple, desc, values, nulls, replace);
		CatalogTupleUpdate(s.rel, &tuple->t_self, tuple);
	}
	end_scan(s);
}

Oid
catalog_described(Oid table)
{
	Relation	rel;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			model = InvalidOid;

	if (!catalog_has_tables())
		return InvalidOid;
	rel = open_catalog(&table_catalog, AccessShareLock, NULL);
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		Oid			relation;
		bool		is_null;

		if (read_table_row(rel, tuple, &relation) == TABLE_DESCRIPTION && relation == table)
			model = DatumGetObjectId(
				heap_getattr(tuple, TABLE_MODEL + 1, RelationGetDescr(rel), &is_null));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return model;
}

/* ---- changes of sources ---- */

Oid
catalog_table(Oid model, int kind)
{
	Oid			index;
	Relation	rel = try_open_catalog(&table_catalog, AccessShareLock, &index);
	Oid			found = InvalidOid;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (rel == NULL)
		return InvalidOid;
	scan = scan_model(rel, index, model, NULL);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		Oid			relation;

		if (read_table_row(rel, tuple, &relation) == kind)
			found = relation;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/* What a row of rec.model says that the model learns from. */
static void
learned_relations(const Datum *v, const bool *nulls, Oid learned[N_LEARNED])
{
	static const int columns[N_LEARNED] = {
		[LEARNED_SOURCE] = MODEL_SOURCE, [LEARNED_ITEMS] = MODEL_ITEM_RELATION,
		[LEARNED_USERS] = MODEL_USER_RELATION
	};

	for (int l = 0; l < N_LEARNED; l++)
		learned[l] = nulls[columns[l]] ? InvalidOid : DatumGetObjectId(v[columns[l]]);
}

/* Adds a model for each thing that the relation is to it. */
static List *
add_tracked(List *tracked, Oid relid, const Datum *v, const bool *nulls)
{
	Oid			learned[N_LEARNED];

	learned_relations(v, nulls, learned);
	for (int l = 0; l < N_LEARNED; l++)
	{
		TrackedModel *found;

		if (learned[l] != relid)
			continue;
		found = palloc(sizeof(TrackedModel));
		found->model = DatumGetObjectId(v[MODEL_MODEL]);
		found->relation = l;
		found->changes = catalog_table(found->model, TABLE_CHANGES);
		if (OidIsValid(found->changes) &&
			model_row_source(found->model, v, nulls, &found->source))
			tracked = lappend(tracked, found);
	}
	return tracked;
}

List *
catalog_tracked(Oid relid)
{
	Relation	rel = try_open_catalog(&model_catalog, AccessShareLock, NULL);
	List	   *tracked = NIL;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (rel == NULL)
		return NIL;
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		Datum		v[MODEL_COLUMNS];
		bool		nulls[MODEL_COLUMNS];

		memset(nulls, true, sizeof(nulls));
		heap_deform_tuple(tuple, RelationGetDescr(rel), v, nulls);
		tracked = add_tracked(tracked, relid, v, nulls);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return tracked;
}

/* What was noted last: a large load calls for it with each row. */
static Oid	noted_model = InvalidOid;
static FullTransactionId noted_in;
static SubTransactionId noted_below;

void
catalog_note_unknown(Oid model)
{
	FullTransactionId transaction = GetTopFullTransactionId();
	SubTransactionId below = GetCurrentSubTransactionId();
	Oid			relid;
	Oid			index;
	Relation	rel;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	if (noted_model == model && FullTransactionIdEquals(noted_in, transaction) &&
		noted_below == below)
		return;
	relid = find_table(&unknown_catalog);
	if (!OidIsValid(relid) || !ConditionalLockRelationOid(relid, RowExclusiveLock))
		return;
	rel = try_open_catalog(&unknown_catalog, RowExclusiveLock, &index);
	if (rel == NULL)
		return;
	/* including rows of the running command */
	scan = scan_model(rel, index, model, SnapshotSelf);
	while (!found && (tuple = systable_getnext(scan)) != NULL)
	{
		bool		is_null;

		found = U64FromFullTransactionId(transaction) ==
			U64FromFullTransactionId(DatumGetFullTransactionId(heap_getattr(
				tuple, UNKNOWN_TRANSACTION + 1, RelationGetDescr(rel), &is_null)));
	}
	systable_endscan(scan);
	if (!found)
	{
		Datum		v[UNKNOWN_COLUMNS] = {ObjectIdGetDatum(model),
									 FullTransactionIdGetDatum(transaction)};
		bool		nulls[UNKNOWN_COLUMNS] = {false};

		CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), v, nulls));
	}
	table_close(rel, NoLock);
	noted_model = model;
	noted_in = transaction;
	noted_below = below;
}

void
catalog_visit_unknown(Oid model, Snapshot snapshot, VisitUnknown visit, void *context)
{
	Oid			index;
	Relation	rel = try_open_catalog(&unknown_catalog, AccessShareLock, &index);
	SysScanDesc scan;
	HeapTuple	tuple;

	if (rel == NULL)
		return;
	scan = scan_model(rel, index, model, snapshot);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		bool		forget = false;

		visit(context, HeapTupleHeaderGetRawXmin(tuple->t_data), &forget);
		if (!forget)
			continue;
		LockRelationOid(RelationGetRelid(rel), RowExclusiveLock);
		CatalogTupleDelete(rel, &tuple->t_self);
		noted_model = InvalidOid;
	}
	systable_endscan(scan);
	table_close(rel, NoLock);
}

/* A VisitUnknown. */
static void
forget_unknown(void *context, TransactionId writer, bool *forget)
{
	*forget = true;
}

static void
delete_iterations(Oid model, int64 up_to_version)
{
	CatalogScan s = begin_scan(&iteration_catalog, model, RowExclusiveLock, NULL);
	HeapTuple	tuple;

	while ((tuple = systable_getnext(s.scan)) != NULL)
	{
		bool		is_null;

		if (DatumGetInt64(heap_getattr(tuple, ITERATION_VERSION + 1, RelationGetDescr(s.rel),
									   &is_null)) <= up_to_version)
			CatalogTupleDelete(s.rel, &tuple->t_self);
	}
	end_scan(s);
}

void
catalog_forget_iterations(Oid model)
{
	delete_iterations(model, PG_INT64_MAX);
}

bool
catalog_delete(Oid model, Oid tables[N_TABLES], Oid learned[N_LEARNED])
{
	CatalogScan s = begin_scan(&model_catalog, model, RowExclusiveLock, NULL);
	HeapTuple	tuple = systable_getnext(s.scan);
	bool		found = HeapTupleIsValid(tuple);

	memset(tables, 0, sizeof(Oid) * N_TABLES);
	memset(learned, 0, sizeof(Oid) * N_LEARNED);
	if (found)
	{
		Datum		v[MODEL_COLUMNS];
		bool		nulls[MODEL_COLUMNS];

		memset(nulls, true, sizeof(nulls));
		heap_deform_tuple(tuple, RelationGetDescr(s.rel), v, nulls);
		if (!nulls[MODEL_USER_TABLE])
			tables[SIDE_USERS] = DatumGetObjectId(v[MODEL_USER_TABLE]);
		learned_relations(v, nulls, learned);
		CatalogTupleDelete(s.rel, &tuple->t_self);
	}
	end_scan(s);
	if (catalog_has_tables())
	{
		s = begin_scan(&table_catalog, model, RowExclusiveLock, NULL);
		while ((tuple = systable_getnext(s.scan)) != NULL)
		{
			Oid			table;
			int			kind = read_table_row(s.rel, tuple, &table);

			if (kind < N_TABLES)
				tables[kind] = table;
			CatalogTupleDelete(s.rel, &tuple->t_self);
		}
		end_scan(s);
	}
	if (found)
		delete_iterations(model, PG_INT64_MAX);
	catalog_visit_unknown(model, NULL, forget_unknown, NULL);
	return found;
}

void
catalog_sweep(void)
{
	Oid			index;
	Relation	rel = open_catalog(&model_catalog, AccessShareLock, &index);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	List	   *gone = NIL;
	ListCell   *lc;

	while ((tuple = systable_getnext(scan)) != NULL)
	{
		bool		is_null;
		Oid			model =
			DatumGetObjectId(heap_getattr(tuple, MODEL_MODEL + 1, RelationGetDescr(rel), &is_null));

		if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(model)))
			gone = lappend_oid(gone, model);
	}
	systable_endscan(scan);
	/* another writer may be doing the same; a later call will do */
	if (gone != NIL && ConditionalLockRelationOid(RelationGetRelid(rel), ShareRowExclusiveLock))
	{
		foreach(lc, gone)
		{
			Oid			tables[N_TABLES];
			Oid			learned[N_LEARNED];

			catalog_delete(lfirst_oid(lc), tables, learned);
		}
	}
	table_close(rel, AccessShareLock);
}

typedef struct NumberedIteration
{
	int32		number;
	IterationRow row;
} NumberedIteration;

static int
compare_iterations(const void *a, const void *b)
{
	int32		x = ((const NumberedIteration *) a)->number;
	int32		y = ((const NumberedIteration *) b)->number;

	return (x > y) - (x < y);
}

/* The last version before this one that a training logged; 0: there is none. */
static int64
logged_before(Oid model, int64 version)
{
	CatalogScan s = begin_scan(&iteration_catalog, model, AccessShareLock, NULL);
	int64		last = 0;
	HeapTuple	tuple;

	while ((tuple = systable_getnext(s.scan)) != NULL)
	{
		bool		is_null;
		int64		logged = DatumGetInt64(
			heap_getattr(tuple, ITERATION_VERSION + 1, RelationGetDescr(s.rel), &is_null));

		if (logged < version)
			last = Max(last, logged);
	}
	end_scan(s);
	return last;
}

static double
double_or_nan(Datum value, bool is_null)
{
	return is_null ? get_float8_nan() : DatumGetFloat8(value);
}

IterationRow *
catalog_iterations(Oid model, int64 version, int *n)
{
	int64		trained = logged_before(model, version + 1);
	CatalogScan s = begin_scan(&iteration_catalog, model, AccessShareLock, NULL);
	int			capacity = 64;
	NumberedIteration *found = palloc(sizeof(NumberedIteration) * capacity);
	IterationRow *rows;
	HeapTuple	tuple;

	*n = 0;
	while ((tuple = systable_getnext(s.scan)) != NULL)
	{
		Datum		v[ITERATION_COLUMNS];
		bool		nulls[ITERATION_COLUMNS];

		memset(nulls, true, sizeof(nulls));
		heap_deform_tuple(tuple, RelationGetDescr(s.rel), v, nulls);
		if (DatumGetInt64(v[ITERATION_VERSION]) != trained)
			continue;
		if (*n == capacity)
		{
			capacity *= 2;
			found = repalloc(found, sizeof(NumberedIteration) * capacity);
		}
		found[(*n)++] = (NumberedIteration) {
			DatumGetInt32(v[ITERATION_ITERATION]),
			{double_or_nan(v[ITERATION_LOSS], nulls[ITERATION_LOSS]),
			 double_or_nan(v[ITERATION_SECONDS], nulls[ITERATION_SECONDS]),
			 double_or_nan(v[ITERATION_VALIDATION], nulls[ITERATION_VALIDATION])}
		};
	}
	end_scan(s);
	qsort(found, *n, sizeof(NumberedIteration), compare_iterations);
	rows = palloc(sizeof(IterationRow) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
		rows[i] = found[i].row;
	pfree(found);
	return rows;
}

void
catalog_log(Oid model, int64 version, const IterationRow *iterations, int n)
{
	int64		oldest = version;
	Relation	rel;

	/* refreshes have versions too, and log nothing */
	for (int kept = 1; kept < KEPT_VERSIONS && oldest > 0; kept++)
		oldest = logged_before(model, oldest);
	delete_iterations(model, oldest - 1);
	rel = open_catalog(&iteration_catalog, RowExclusiveLock, NULL);
	for (int i = 0; i < n; i++)
	{
		Datum		v[ITERATION_COLUMNS];
		bool		nulls[ITERATION_COLUMNS] = {0};

		v[ITERATION_MODEL] = ObjectIdGetDatum(model);
		v[ITERATION_VERSION] = Int64GetDatum(version);
		v[ITERATION_ITERATION] = Int32GetDatum(i + 1);
		v[ITERATION_LOSS] = Float8GetDatum(iterations[i].loss);
		nulls[ITERATION_LOSS] = isnan(iterations[i].loss);
		v[ITERATION_SECONDS] = Float8GetDatum(iterations[i].seconds);
		v[ITERATION_VALIDATION] = Float8GetDatum(iterations[i].validation);
		nulls[ITERATION_VALIDATION] = isnan(iterations[i].validation);
		CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), v, nulls));
	}
	table_close(rel, NoLock);
}
