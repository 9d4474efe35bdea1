/*
 * compat.h
 *	  What differs between PostgreSQL 14 and 18, in one place.
 */
#ifndef REC_COMPAT_H
#define REC_COMPAT_H

/* The library hides its symbols; before 16, the server's headers do not mark those to export. */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* Since 16 a summarizing index (BRIN) may need an update of its own. */
#if PG_VERSION_NUM >= 160000
#define UpdateIndexesFlag TU_UpdateIndexes
#define update_needs_indexes(flag) ((flag) != TU_None)
#define compat_ExecInsertIndexTuples(relinfo, slot, estate, update) \
	ExecInsertIndexTuples(relinfo, slot, estate, update, false, NULL, NIL, false)
#else
#define UpdateIndexesFlag bool
#define update_needs_indexes(flag) (flag)
#define compat_ExecInsertIndexTuples(relinfo, slot, estate, update) \
	ExecInsertIndexTuples(relinfo, slot, estate, update, false, NULL, NIL)
#endif

/* Since 16 one function checks the privileges of all kinds of objects. */
#if PG_VERSION_NUM >= 160000
#define relation_is_owned(relid, roleid) object_ownercheck(RelationRelationId, relid, roleid)
#define compat_namespace_aclcheck(oid, roleid, mode) \
	object_aclcheck(NamespaceRelationId, oid, roleid, mode)
#else
#define relation_is_owned(relid, roleid) pg_class_ownercheck(relid, roleid)
#define compat_namespace_aclcheck(oid, roleid, mode) pg_namespace_aclcheck(oid, roleid, mode)
#endif

#if PG_VERSION_NUM >= 160000
#define relation_file_number(rel) ((rel)->rd_locator.relNumber)
#else
#define relation_file_number(rel) ((rel)->rd_node.relNode)
#endif

#if PG_VERSION_NUM < 160000
#define debug_parallel_query force_parallel_mode
#define DEBUG_PARALLEL_OFF FORCE_PARALLEL_OFF
#endif

/* Since 18 the mark of a function that does not return precedes the declaration. */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

#endif							/* REC_COMPAT_H */
