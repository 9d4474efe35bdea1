/*
 * relation.c
 *	  Which relation is meant by one that was written down.
 */
#include "postgres.h"
#include "server/compat.h"

#include "catalog/namespace.h"
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
 * The relation of a qualified name, which may be any text; InvalidOid where there is none.
 * Whoever asks needs no privilege on its schema.
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
	before = OidIsValid(*relid) ? catalog_owner(*relid) : noted->owner;
	owner = catalog_owner(named);
	*relid = named;
	if ((OidIsValid(before) && owner == before) || owner == catalog_owner(model) ||
		superuser_arg(owner))
		return RELATION_REPLACED;
	return RELATION_REFUSED;
}

Oid
source_relation(const ModelRow *row)
{
	NotedRelation noted = {row->source, row->source_name, row->source_owner};
	const char *model = get_rel_name(row->model);
	Oid			relid;

	/* what a caller names, a call means */
	if (!OidIsValid(row->model))
		return row->source;

	switch (relation_meant(&noted, row->model, &relid))
	{
		case RELATION_SAME:
		case RELATION_REPLACED:
			break;
		case RELATION_REFUSED:
			ereport(
				ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("relation %s is not taken for the source of model \"%s\"", row->source_name,
						model),
				 errdetail(
					 "It has the name of the source, but is another relation, and belongs neither "
					 "to the owner of the source, nor to that of the model, nor to a superuser."),
				 errhint("SELECT rec.alter_model(%s, source => %s) by the model's owner says that "
						 "it is meant.",
						 quote_literal_cstr(quoted_relation(row->model)),
						 quote_literal_cstr(row->source_name))));
		case RELATION_GONE:
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
							errmsg("source \"%s\" of model \"%s\" does not exist", row->source_name,
								   model),
							errhint("SELECT rec.alter_model(%s, source => '...') names another.",
									quote_literal_cstr(quoted_relation(row->model)))));
	}
	return relid;
}

Oid
source_relation_locked(const ModelRow *row)
{
	for (;;)
	{
		Oid			relid = source_relation(row);
		uint64		changes = SharedInvalidMessageCounter;

		LockRelationOid(relid, AccessShareLock);
		/* what was heard of while it waited may be that another has its name */
		if (changes == SharedInvalidMessageCounter || source_relation(row) == relid)
			return relid;
		UnlockRelationOid(relid, AccessShareLock);
	}
}
