/*
 * tracking.h
 *	  The triggers on a source, and on the relations of attributes, that note changes (changes.h).
 *
 * There are row triggers, because statement triggers do not fire for logical replication, nor for
 * rows that are inserted into a partition directly; and a TRUNCATE trigger on each partition. They
 * fire for every value of session_replication_role. Models of the same relation share them.
 */
#ifndef REC_TRACKING_H
#define REC_TRACKING_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

/* Locks a relation and its partitions. Returns all of them, the relation first. */
extern List *tracking_lock(Oid relid, LOCKMODE lock);

/*
 * Locks several relations and their partitions. Returns all of them. While it waits for one
 * relation it has not locked the others: a writer may hold one, and want another.
 */
extern List *tracking_lock_all(const List *relids, LOCKMODE lock);

/* The reason why a relation cannot be tracked, for a detail message; NULL: it can be tracked. */
extern const char *tracking_hindrance(Oid relid);

/* Whether the current user may put triggers on it and its partitions. */
extern bool tracking_is_allowed(Oid relid);

/* Whether it has any of the triggers. Needs no lock. */
extern bool tracking_has_triggers(Oid relid);

/* Creates missing triggers as the current user. Returns whether there were any. */
extern bool tracking_begin(Oid relid);

/*
 * Drops the triggers of n relations, of which some may be InvalidOid or gone, unless another model
 * tracks them. wait: for transactions that use the relations; if false and there are any, the
 * triggers stay, without effect.
 */
extern void tracking_end(const Oid *relids, int n, bool wait);

/* Whether all triggers exist and are enabled. */
extern bool tracking_is_whole(Oid relid);

/*
 * After a partition was created (is_new) or attached, detached, or dropped: for the models that
 * track the partitioned table.
 */
extern void tracking_attached(Oid partition, bool is_new);
extern void tracking_detached(Oid partition, Oid parent);
extern void tracking_dropped(Oid partition);

#endif							/* REC_TRACKING_H */
