/*
 * shared_cache.h
 *	  Copies of models that all sessions share.
 *
 * With the library in shared_preload_libraries, a model that one session has loaded is found by all
 * others. A copy is a dynamic shared memory segment; a table in the server's main shared memory
 * lists the copies.
 */
#ifndef REC_SHARED_CACHE_H
#define REC_SHARED_CACHE_H

#include "access/transam.h"
#include "storage/dsm.h"
#include "storage/itemptr.h"
#include "utils/timestamp.h"

/*
 * The identity of a copy: a table of a model, as one training has left it. To be zeroed first, as
 * keys are compared by their bytes.
 */
typedef struct SharedKey
{
	Oid			database;
	Oid			relid;
	Oid			file_number;	/* of the table */
	uint32		columns;		/* a hash of its columns */
	TransactionId xmin;			/* of the model's row in the catalog */
	ItemPointerData tid;		/* place of that row */
	/* of other sides: number of the copy of the items that they refer to; of items: 0 */
	uint64		items;
} SharedKey;

/* A copy that this process has attached. */
typedef struct SharedCopy
{
	char	   *memory;
	Size		bytes;
	uint64		number;			/* unique among all copies that the server has had; from 1 */
	/* the rest is private to shared_cache.c */
	dsm_segment *segment;
	dsm_handle	handle;
	int			entry;			/* in the table; -1: the copy was never offered */
	int			users;			/* number of references in this process */
	struct SharedCopy *next;
} SharedCopy;

/* The most copies. */
#define SHARED_COPIES 256

/* Defines the setting rec.cache_size, and requests memory for the table during server start. */
extern void shared_define_setting(void);

/*
 * The copy with this key, or NULL. Waits while another process is loading it. *claimed is set where
 * there is no copy, and this process has to load it: shared_offer or shared_give_up must follow.
 */
extern SharedCopy *shared_find(const SharedKey *key, bool *claimed);

/*
 * Creates memory for a copy, with arbitrary contents. Returns NULL where no segment can be created,
 * or where the copy, with the copy beside it, exceeds the limit.
 */
extern SharedCopy *shared_create(Size bytes, const SharedCopy *beside);

/*
 * Offers a claimed and complete copy to all sessions. Removes copies of other versions of the
 * table.
 */
extern void shared_offer(const SharedKey *key, SharedCopy *copy, Size bytes);

/* Ends a claim without a copy. */
extern void shared_give_up(const SharedKey *key);

/* Releases a reference to a copy. */
extern void shared_release(SharedCopy *copy);

/* Marks a copy as used, so that others are removed before it. */
extern void shared_touch(const SharedCopy *copy);

/* Whether copies were removed since the last call. */
extern bool shared_changed(void);

/* Whether other sessions can find the copy. */
extern bool shared_is_offered(const SharedCopy *copy);

/* Whether other sessions can find the copy, or it was never offered. */
extern bool shared_is_current(const SharedCopy *copy);

/*
 * Removes the copies of a table when this transaction commits. Not needed for tables that are
 * dropped.
 */
extern void shared_forget_at_commit(Oid relid);

/* Lists the copies of this database; returns how many, at most SHARED_COPIES. */
typedef struct SharedInfo
{
	Oid			relid;
	Size		bytes;
	TimestampTz last_used;
} SharedInfo;

extern int	shared_list(SharedInfo *infos);

/* Whether sessions share a copy of the table. */
extern bool shared_has(Oid relid);

#endif							/* REC_SHARED_CACHE_H */
