/*
 * store.h
 *	  Model tables: creating, writing, reading.
 *
 * A model table has the columns item_id (user_id, session_id), n_ratings, and those of the
 * algorithm. Others that its owner adds are left as they are.
 */
#ifndef REC_STORE_H
#define REC_STORE_H

#include "algorithm/algorithm.h"
#include "source/identifier.h"
#include "storage/lockdefs.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* The column of a side's table that says which row it is. */
extern const char *side_id_column(SideKind kind);

/* Whether rows of the side have ids of the source; else they have numbers, an int4. */
static inline bool
side_has_ids(SideKind kind)
{
	return kind == SIDE_ITEMS || kind == SIDE_USERS;
}

/*
 * Creates a table of the given schema-qualified, quoted name; SPI must be connected. Returns its
 * oid.
 */
extern Oid store_create_table(const char *qualified_name, SideKind kind, const Side *side,
							  const IdType *id_type, const IdType *item_type,
							  const char *comment);

/*
 * Gives the table other columns: those of the algorithm in place of those that it had of another.
 * Its rows stay, with numbers that mean nothing until a training. SPI must be connected.
 */
extern void store_replace_columns(Oid relid, const Side *old, const Side *side,
								  const IdType *item_type);

/* Adds the optional columns that the side's table lacks; returns whether it lacked any. */
extern bool store_add_columns(Oid relid, const Side *side);

/*
 * Lets the table hold ids of other types, of rows and, where there are any, in lists; NULL: they
 * are as they were. SPI must be connected.
 */
extern void store_widen(Oid relid, SideKind kind, const Side *side, const IdType *id_type,
						const IdType *item_type);

/* Opens a model's table, or errors out where it is gone or is none. */
extern Relation store_open(Oid relid, LOCKMODE lock);

/* Errors out where the table has not the columns of the side. */
extern void store_check_columns(Oid relid, SideKind kind, const Side *side,
								const IdType *item_type);

/*
 * Errors out where store_write would refuse the table for what it is, before there is anything to
 * write.
 */
extern void store_check(Oid relid, SideKind kind, const Side *side, const IdType *item_type);

/*
 * Errors out where an id of the source is too long for an entry of an index of the table that
 * begins with this column; relid: InvalidOid where the table is yet to be made, with a primary
 * key of the id and an integer.
 */
extern void store_check_ids(Oid relid, SideKind kind, const IdDictionary *ids,
							const char *source_column, const char *source);

/*
 * Makes the table's rows those of the side in the current transaction: rows of ids that stay are
 * updated, new ones inserted, others deleted. The caller has locked the table against other
 * writers. ids: NULL where rows have numbers; items: of the items, for lists.
 */
extern void store_write(Oid relid, SideKind kind, IdDictionary *ids, IdDictionary *items,
						const Side *side);

/* What is known of the rows of a table before they are read. */
typedef struct StoredRows
{
	int64		n_rows;			/* of the side; with numbers that the table has no row of */
	int64		n_found;		/* in the table */
	IdDictionary *ids;			/* in their order; NULL where rows have numbers */
	int32	   *numbers;		/* of the i-th row that a scan meets, its id's number */
	/* where each number's list is to begin, and the last one's end; NULL: the side has no lists */
	int64	   *list_start;
} StoredRows;

/* n_rows: that training wrote */
extern StoredRows *store_read_ids(Relation rel, SideKind kind, const Side *side,
								  const IdType *item_type, int64 n_rows, Snapshot snapshot,
								  MemoryContext context);

/*
 * Reads the rows of a table into a side, whose columns and memory are set, and where lists begin.
 * With the same snapshot. items: the ids of items, for lists. False: some of it was written by
 * this transaction, so that nobody else may see it yet.
 */
extern bool store_read_rows(Relation rel, SideKind kind, const Side *side,
							const StoredRows *rows, IdList *items, Snapshot snapshot);

/*
 * Reads numbers and vectors of the rows whose ids are in the dictionary into a side, as far as
 * they are what training writes. Returns how many rows it found.
 */
extern int64 store_read_known(Relation rel, SideKind kind, IdDictionary *ids,
							  IdDictionary *items, const Side *side, Snapshot snapshot);

/* The type of the table's id column. */
extern void store_id_type(Oid relid, SideKind kind, IdType *type, MemoryContext context);

#endif							/* REC_STORE_H */
