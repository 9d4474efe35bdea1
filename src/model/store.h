/*
 * store.h
 *	  Model tables: creating, writing, reading.
 *
 * A model table has the columns item_id (or user_id), n_ratings, and those of the
 * algorithm. Others that its owner adds are left as they are.
 */
#ifndef REC_STORE_H
#define REC_STORE_H

#include "algorithm/algorithm.h"
#include "model/identifier.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* Creates a table of the given schema-qualified, quoted name; SPI must be connected. Returns its oid. */
extern Oid	store_create_table(const char *qualified_name, const char *id_column, const IdType *id_type,
							   const Column *columns, int n_columns, const char *comment);

/* Errors out where store_write would refuse the table, before there is anything to write. */
extern void store_check(Oid relid);

/*
 * Makes the table's rows those of the side, in the current transaction: rows of ids that stay are
 * updated, new ones inserted, others deleted. The caller has locked the table against other writers.
 */
extern void store_write(Oid relid, const char *id_column, IdDictionary *ids, const Side *side);

/*
 * Reads the ids of a table into a new dictionary, in their order. numbers[i]: the number of the id in
 * the i-th row that a scan meets.
 */
extern IdDictionary *store_read_ids(Relation rel, const char *id_column, int64 n_rows, Snapshot snapshot,
									MemoryContext context, int32 **numbers);

/*
 * Reads the rows of a table into a side, whose columns and memory are set: the i-th row that a scan
 * with the same snapshot meets to numbers[i]. False: some of it was written by this transaction, so that nobody else
 * may see it yet.
 */
extern bool store_read_rows(Relation rel, const char *id_column, const Side *side, const int32 *numbers, Snapshot snapshot);

/* The type of the table's id column. */
extern void store_id_type(Oid relid, const char *id_column, IdType *type, MemoryContext context);

#endif							/* REC_STORE_H */
