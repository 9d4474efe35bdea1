/*
 * shared_cache.h
 *	  Copies of models that all sessions share.
 *
 * With the library in shared_preload_libraries, a model that one session has loaded is found by
 * all others. A copy is a dynamic shared memory segment; a table in the server's main shared
 * memory says which there are.
 */
#ifndef REC_SHARED_CACHE_H
#define REC_SHARED_CACHE_H

#include "access/transam.h"
#include "storage/dsm.h"
#include "storage/itemptr.h"
#include "utils/timestamp.h"

/*
 * What a copy is of: a table of a model, as one training has left it. Filled with zeros first: it
 * is compared by its bytes.
 */
typedef struct SharedKey
{
	Oid			database;
	Oid			relid;
	Oid			file_number;	/* of the table */
	uint32		columns;		/* a hash of its columns */
	TransactionId xmin;			/* of the model's row in the catalog, */
	ItemPointerData tid;		/* and its place */
	/* of users: the number of the copy of the items that they refer to; of items 0 */
	uint64		items;
} SharedKey;

/* A copy as this process has it. */
typedef struct SharedCopy
{
	char	   *memory;
	Size		bytes;
	uint64		number;			/* no two copies that a server has ever had have the same; from 1 */
	/* what follows is for shared_cache.c alone */
	dsm_segment *segment;
	dsm_handle	handle;
	int			entry;			/* in the table; -1: nobody else knows of it */
	int			users;			/* how often it was handed out, less how often it was let go */
	struct SharedCopy *next;
} SharedCopy;

/* Copies that there can be. */
#define SHARED_COPIES 256

/*
 * Defines the setting rec.cache_size, and asks for the table's memory where the server is
 * starting.
 */
extern void shared_define_setting(void);

/*
 * The copy that the key stands for, or NULL. Waits while another process is loading it. *claimed:
 * there is none, and this process is to load it: shared_offer or shared_give_up must follow.
 */
extern SharedCopy *shared_find(const SharedKey *key, bool *claimed);

/*
 * Memory for a copy, with arbitrary contents; NULL: there is none, or so much, with the copy that
 * it is made beside, is not to be shared.
 */
extern SharedCopy *shared_create(Size bytes, const SharedCopy *beside);

/*
 * Offers a copy that was claimed and is complete to all. Those of other versions of the table go.
 */
extern void shared_offer(const SharedKey *key, SharedCopy *copy, Size bytes);

/* Takes back a claim. */
extern void shared_give_up(const SharedKey *key);

/* Lets go of a copy. */
extern void shared_release(SharedCopy *copy);

/* Notes that a copy is used, so that others are removed before it. */
extern void shared_touch(const SharedCopy *copy);

/* Whether copies were removed since this was last asked. */
extern bool shared_changed(void);

/* Whether others can find the copy. */
extern bool shared_is_offered(const SharedCopy *copy);

/* The same, or they never could. */
extern bool shared_is_current(const SharedCopy *copy);

/* Removes the copies of a table when this transaction commits; what is dropped needs no call. */
extern void shared_forget_at_commit(Oid relid);

/* Those of this database, for looking at; returns how many, at most SHARED_COPIES. */
typedef struct SharedInfo
{
	Oid			relid;
	Size		bytes;
	TimestampTz last_used;
} SharedInfo;

extern int	shared_list(SharedInfo *infos);

#endif							/* REC_SHARED_CACHE_H */
