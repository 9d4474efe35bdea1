/*
 * citus.c
 *	  Tables of Citus, which hold their rows for the executor only.
 *
 * Citus takes over queries: a query that names one of its tables is run on shards, on this or
 * another node. The table itself is empty, or has rows that are no longer visible. Queries on such
 * a table as a source need no care, nor does the table as the target of INSERT and DELETE. Code
 * that reads or writes a table below the executor calls these functions first. The library is not
 * linked to Citus: Citus's catalog says which tables it has.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_namespace.h"
#include "server/citus.h"
#include "server/messages.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

bool
citus_manages(Oid relid)
{
	Oid			catalog = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
	AttrNumber	column =
		OidIsValid(catalog) ? get_attnum(catalog, "logicalrelid") : InvalidAttrNumber;
	Relation	rel;
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	if (column == InvalidAttrNumber)
		return false;
	rel = table_open(catalog, AccessShareLock);
	ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

void
citus_refuse_model(Oid relid)
{
	char	   *name = quoted_relation(relid);

	if (!citus_manages(relid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("model table \"%s\" is managed by Citus", get_rel_name(relid)),
			 errdetail("Its rows are in shards: it was distributed, made a reference table, or "
					   "given a foreign key to one. A model is a plain table of one node."),
			 errhint("DROP TABLE %s, create the model again, and distribute a copy: CREATE TABLE "
					 "a_copy AS TABLE %s; SELECT create_reference_table('a_copy');",
					 name, name)));
}
