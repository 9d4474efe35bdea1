/*
 * relation.c
 *	  Which relation a noted name refers to.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "server/messages.h"
#include "source/relation.h"
#include "storage/lmgr.h"
#include "storage/sinval.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

/*
 * The relation of a qualified name, which may be any text; InvalidOid where there is none. The user
 * needs no privilege on its schema.
 */
static Oid
find_relation(const char *name)
{
	List	   *parts;
	Oid			namespace;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) || list_length(parts) != 2)
		return InvalidOid;
	namespace = get_namespace_oid(linitial(parts), true);
	return OidIsValid(namespace) ? get_relname_relid(lsecond(parts), namespace) : InvalidOid;
}

Oid
relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

RelationMeaning
relation_meant(const NotedRelation *noted, Oid model, Oid *relid)
{
	Oid			named = find_relation(noted->name);
	Oid			before;
	Oid			owner;

	*relid =
		OidIsValid(noted->relid) && SearchSysCacheExists1(RELOID, ObjectIdGetDatum(noted->relid))
			? noted->relid
			: InvalidOid;
	if (!OidIsValid(named) || named == *relid)
		return OidIsValid(*relid) ? RELATION_SAME : RELATION_GONE;
	before = OidIsValid(*relid) ? relation_owner(*relid) : noted->owner;
	owner = relation_owner(named);
	*relid = named;
	if ((OidIsValid(before) && owner == before) || owner == relation_owner(model) ||
		superuser_arg(owner))
		return RELATION_REPLACED;
	return RELATION_REFUSED;
}

Oid
source_relation(const NotedSource *noted)
{
	NotedRelation relation = {noted->relid, noted->name, noted->owner};
	const char *model = get_rel_name(noted->model);
	Oid			relid;

	/* a call's argument is the relation itself */
	if (!OidIsValid(noted->model))
		return noted->relid;

	switch (relation_meant(&relation, noted->model, &relid))
	{
		case RELATION_SAME:
		case RELATION_REPLACED:
			break;
		case RELATION_REFUSED:
			ereport(
				ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("relation %s is not accepted as the source of model \"%s\"", noted->name,
						model),
				 errdetail(
					 "It has the name of the source, but is another relation, and belongs neither "
					 "to the owner of the source, nor to that of the model, nor to a superuser."),
				 errhint("The model's owner accepts it with SELECT rec.alter_model(%s, source => "
						 "%s).",
						 quote_literal_cstr(quoted_relation(noted->model)),
						 quote_literal_cstr(noted->name))));
		case RELATION_GONE:
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
							errmsg("source \"%s\" of model \"%s\" does not exist", noted->name,
								   model),
							errhint("SELECT rec.alter_model(%s, source => '...') names another.",
									quote_literal_cstr(quoted_relation(noted->model)))));
	}
	return relid;
}

Oid
source_relation_locked(const NotedSource *noted)
{
	for (;;)
	{
		Oid			relid = source_relation(noted);
		uint64		changes = SharedInvalidMessageCounter;

		LockRelationOid(relid, AccessShareLock);
		/* messages that arrived while it waited may say that another relation has the name now */
		if (changes == SharedInvalidMessageCounter || source_relation(noted) == relid)
			return relid;
		UnlockRelationOid(relid, AccessShareLock);
	}
}

bool
relkind_has_rows(char relkind)
{
	return relkind == RELKIND_RELATION || relkind == RELKIND_VIEW || relkind == RELKIND_MATVIEW ||
		   relkind == RELKIND_PARTITIONED_TABLE || relkind == RELKIND_FOREIGN_TABLE;
}
