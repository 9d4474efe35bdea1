/*
 * side_tables.c
 *	  The tables beside a model's: those of its other sides, the one that describes it, and the one
 *	  of the changes of its source. They belong to the model, as a sequence may belong to a column.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "model/side_tables.h"
#include "model/store.h"
#include "server/messages.h"
#include "server/sql.h"
#include "source/attributes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* Numbered names that are tried. */
#define MOST_NAMES 100

/* ---- names ---- */

/*
 * The n-th name for the table of a side of a model with this name, truncated to the length of a
 * name.
 */
static char *
numbered_name(const char *model, int kind, int n)
{
	return makeObjectName(model, n == 0 ? side_name(kind) : psprintf("%s%d", side_name(kind), n),
						  NULL);
}

static bool
is_free(const char *name, Oid namespace)
{
	/* a table's row type has the same name */
	return !OidIsValid(get_relname_relid(name, namespace)) &&
		!SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(name), ObjectIdGetDatum(namespace));
}

/*
 * A name that is free in both schemas, so that the table can be renamed in one and moved to the
 * other.
 */
static char *
free_name(const char *model, int kind, Oid namespace, Oid other)
{
	for (int n = 0;; n++)
	{
		char	   *name = numbered_name(model, kind, n);

		CHECK_FOR_INTERRUPTS();
		if (is_free(name, namespace) && is_free(name, other))
			return name;
	}
}

/*
 * Whether a name is one of the names for the side of a model with that name. A table that was given
 * another name keeps it.
 */
static bool
is_numbered_name(const char *name, const char *model, int kind)
{
	for (int n = 0; n < MOST_NAMES; n++)
	{
		if (strcmp(name, numbered_name(model, kind, n)) == 0)
			return true;
	}
	return false;
}

/* ---- the table ---- */

bool
is_side_table(Oid relid, int kind)
{
	if (kind == TABLE_DESCRIPTION)
		return get_attnum(relid, "format") > 0 && get_attnum(relid, "algorithm") > 0;
	if (kind == TABLE_CHANGES)
		return get_attnum(relid, "user_id") > 0 && get_attnum(relid, "item_id") > 0;
	if (kind == SIDE_PARAMETERS)
		return get_attnum(relid, "name") > 0 && get_attnum(relid, "shape") > 0 &&
			   get_attnum(relid, "values") > 0;
	return get_attnum(relid, side_id_column(kind)) > 0 &&
		   get_attnum(relid, side_count_column(kind)) > 0;
}

char *
side_table_name(Oid model, int kind)
{
	Oid			namespace = get_rel_namespace(model);

	return quote_qualified_identifier(
		get_namespace_name(namespace),
		free_name(get_rel_name(model), kind, namespace, namespace));
}

Oid
side_table_create(Oid model, SideKind kind, const Side *side, const IdType *user_type,
				  const IdType *item_type)
{
	IdType		name_type;
	Oid			relid;

	feature_name_type(&name_type, CurrentMemoryContext);
	relid = store_create_table(
		side_table_name(model, kind), kind, side,
		kind == SIDE_USERS ? user_type : &name_type, item_type,
		psprintf("%s of the recommendation model %s, written by rec.train", side_name(kind),
				 quoted_relation(model)));

	side_table_bind(relid, model);
	return relid;
}

Oid
side_table_beside(Oid model, int kind)
{
	for (int n = 0; n < MOST_NAMES; n++)
	{
		Oid			relid = get_relname_relid(numbered_name(get_rel_name(model), kind, n),
											  get_rel_namespace(model));

		if (OidIsValid(relid) && is_side_table(relid, kind) &&
			relation_owner(relid) == relation_owner(model))
			return relid;
	}
	return InvalidOid;
}

/* Whether the table depends on the model. */
static bool
is_bound(Oid table, Oid model)
{
	Relation	rel = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(table));
	scan = systable_beginscan(rel, DependDependerIndexId, true, NULL, 2, keys);
	while (!found && (tuple = systable_getnext(scan)) != NULL)
	{
		Form_pg_depend depend = (Form_pg_depend) GETSTRUCT(tuple);

		found = depend->refclassid == RelationRelationId && depend->refobjid == model &&
				depend->deptype == DEPENDENCY_AUTO;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

void
side_table_bind(Oid table, Oid model)
{
	ObjectAddress beside = {RelationRelationId, table, 0};
	ObjectAddress items = {RelationRelationId, model, 0};

	if (!is_bound(table, model))
		recordDependencyOn(&beside, &items, DEPENDENCY_AUTO);
}

static char *
altered(Oid relid, const char *format, const char *name)
{
	return psprintf("ALTER TABLE %s %s %s", quoted_relation(relid), format, quote_identifier(name));
}

static void
side_table_follow(const ModelRow *row, int kind, const char *old_name)
{
	Oid			table = row->tables[kind];
	Oid			namespace = get_rel_namespace(row->model);
	Oid			owner = relation_owner(row->model);
	const char *name = OidIsValid(table) ? get_rel_name(table) : NULL;

	/* the user may alter the model's table, and must own this one to alter it as well */
	if (name == NULL || !relation_is_owned(table, GetUserId()))
		return;
	if ((old_name != NULL && is_numbered_name(name, old_name, kind)) ||
		(get_rel_namespace(table) != namespace && !is_free(name, namespace)))
		sql_execute(altered(table, "RENAME TO",
							free_name(get_rel_name(row->model), kind, get_rel_namespace(table),
									  namespace)));
	if (get_rel_namespace(table) != namespace)
		sql_execute(altered(table, "SET SCHEMA", get_namespace_name(namespace)));
	if (relation_owner(table) != owner)
		sql_execute(altered(table, "OWNER TO", GetUserNameFromId(owner, false)));
}

void
side_tables_follow(const ModelRow *row, const char *old_name)
{
	for (int s = 0; s < N_TABLES; s++)
	{
		if (s != SIDE_ITEMS)
			side_table_follow(row, s, old_name);
	}
}
