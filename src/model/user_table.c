/*
 * user_table.c
 *	  The table of users beside a model's: it belongs to the model, as a sequence may belong to a
 *	  column.
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
#include "model/store.h"
#include "model/user_table.h"
#include "server/messages.h"
#include "server/sql.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* ---- names ---- */

/* The n-th name for the users of a model of this name: cut to what a name may have. */
static char *
numbered_name(const char *model, int n)
{
	return makeObjectName(model, n == 0 ? "users" : psprintf("users%d", n), NULL);
}

static bool
is_free(const char *name, Oid namespace)
{
	/* a table has a type of its name */
	return !OidIsValid(get_relname_relid(name, namespace)) &&
		!SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(name), ObjectIdGetDatum(namespace));
}

/*
 * A name that is free in both schemas, so that the table can be renamed in the one and moved to
 * the other.
 */
static char *
free_name(const char *model, Oid namespace, Oid other)
{
	for (int n = 0;; n++)
	{
		char	   *name = numbered_name(model, n);

		CHECK_FOR_INTERRUPTS();
		if (is_free(name, namespace) && is_free(name, other))
			return name;
	}
}

/*
 * Whether it is one of the names for the users of a model of that name: a table that somebody has
 * called otherwise keeps its name.
 */
static bool
is_numbered_name(const char *name, const char *model)
{
	for (int n = 0; n < 100; n++)
	{
		if (strcmp(name, numbered_name(model, n)) == 0)
			return true;
	}
	return false;
}

/* ---- the table ---- */

Oid
user_table_create(Oid model, const IdType *user_type, const IdType *item_type, const Model *shape)
{
	Oid			namespace = get_rel_namespace(model);
	char	   *name = quote_qualified_identifier(get_namespace_name(namespace),
											free_name(get_rel_name(model), namespace, namespace));
	Oid			relid = store_create_table(
		name, "user_id", user_type, item_type, shape->users.columns, shape->users.n_columns,
		psprintf("users of the recommendation model %s, written by rec.train",
				 quoted_relation(model)));

	user_table_bind(relid, model);
	return relid;
}

/* Whether there is such a dependency. */
static bool
is_bound(Oid user_table, Oid model)
{
	Relation	rel = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(user_table));
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
user_table_bind(Oid user_table, Oid model)
{
	ObjectAddress users = {RelationRelationId, user_table, 0};
	ObjectAddress items = {RelationRelationId, model, 0};

	if (!is_bound(user_table, model))
		recordDependencyOn(&users, &items, DEPENDENCY_AUTO);
}

static char *
altered(Oid relid, const char *format, const char *name)
{
	return psprintf("ALTER TABLE %s %s %s", quoted_relation(relid), format, quote_identifier(name));
}

void
user_table_follow(const ModelRow *row, const char *old_name)
{
	Oid			users = row->user_table;
	Oid			namespace = get_rel_namespace(row->model);
	Oid			owner = catalog_owner(row->model);
	const char *name = OidIsValid(users) ? get_rel_name(users) : NULL;

	/* whoever alters the model's table may do the same to that of users, or it is none */
	if (name == NULL || !relation_is_owned(users, GetUserId()))
		return;
	if ((old_name != NULL && is_numbered_name(name, old_name)) ||
		(get_rel_namespace(users) != namespace && !is_free(name, namespace)))
		sql_execute(
			altered(users, "RENAME TO",
					free_name(get_rel_name(row->model), get_rel_namespace(users), namespace)));
	if (get_rel_namespace(users) != namespace)
		sql_execute(altered(users, "SET SCHEMA", get_namespace_name(namespace)));
	if (catalog_owner(users) != owner)
		sql_execute(altered(users, "OWNER TO", GetUserNameFromId(owner, false)));
}
