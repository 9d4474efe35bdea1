/*
 * store.h
 *	  Model tables: creating, writing, reading.
 *
 * A model table has the columns item_id (user_id, session_id, feature), n_ratings (n_rows), and
 * those of the algorithm; that of parameters name, shape and values. Others that its owner adds are
 * left as they are.
 */
#ifndef REC_STORE_H
#define REC_STORE_H

#include "algorithm/algorithm.h"
#include "source/identifier.h"
#include "storage/lockdefs.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* The column that identifies the rows of a side's table. */
extern const char *side_id_column(SideKind kind);

/*
 * How many of what each row was made of: ratings, or of a feature rows of the relation. NULL: the
 * side has no such column.
 */
extern const char *side_count_column(SideKind kind);

/*
 * Whether rows of the side have ids of the source, or names, in the order of which they are; else
 * they have numbers: an int4 or, of parameters, a name that stands for it.
 */
static inline bool
side_has_ids(SideKind kind)
{
	return kind != SIDE_SESSIONS && kind != SIDE_PARAMETERS;
}

/*
 * Creates a table with this schema-qualified, quoted name. SPI must be connected. Returns its oid.
 */
extern Oid store_create_table(const char *qualified_name, SideKind kind, const Side *side,
							  const IdType *id_type, const IdType *item_type,
							  const char *comment);

/*
 * Replaces the columns of one algorithm by those of another. Rows are kept, with meaningless values
 * until the next training. SPI must be connected.
 */
extern void store_replace_columns(Oid relid, const Side *old, const Side *side,
								  const IdType *item_type);

/* Adds the optional columns that the side's table lacks; returns whether any was missing. */
extern bool store_add_columns(Oid relid, const Side *side);

/*
 * Changes the table to ids of other types: of its rows, and in its lists, if it has any. NULL: the
 * type stays. SPI must be connected.
 */
extern void store_widen(Oid relid, SideKind kind, const Side *side, const IdType *id_type,
						const IdType *item_type);

/* Opens a model's table; errors out if it does not exist or is not a table. */
extern Relation store_open(Oid relid, LOCKMODE lock);

/* Errors out if the table lacks the columns of the side. */
extern void store_check_columns(Oid relid, SideKind kind, const Side *side,
								const IdType *item_type);

/* Errors out if store_write would refuse the table, before there is anything to write. */
extern void store_check(Oid relid, SideKind kind, const Side *side, const IdType *item_type);

/*
 * Errors out if an id of the source is too long for an entry of one of the table's indexes on its
 * id. If relid is InvalidOid, the table does not exist yet, and will have a primary key of the id
 * and an integer.
 */
extern void store_check_ids(Oid relid, SideKind kind, const IdDictionary *ids,
							const char *source_column, const char *source);

/* What store_write does with a row of a side. */
typedef enum RowAction
{
	ROW_WRITE,
	ROW_KEEP,					/* it stays in the table as it is */
	ROW_DELETE
} RowAction;

/*
 * Makes the table's rows those of a side of the model in the current transaction: rows of ids that
 * stay are updated, new ones inserted, others deleted. The caller has locked the table against
 * other writers. actions: of each row; NULL: all are written, but users and sessions without
 * ratings. ids: NULL where rows have numbers; items: of the items, for lists.
 */
extern void store_write(Oid relid, SideKind kind, IdDictionary *ids, IdDictionary *items,
						const Model *model, const RowAction *actions);

/* The rows of a table, before their columns are read. */
typedef struct StoredRows
{
	/* rows of the side, including numbers of which the table has no row */
	int64		n_rows;
	int64		n_found;		/* rows of the table */
	IdDictionary *ids;			/* in the side's order; NULL if rows have numbers */
	int32	   *numbers;		/* for the i-th row of a scan, its number in the side */
	/*
	 * where the list of each number begins, and the end of the last one; NULL: the side has no
	 * lists
	 */
	int64	   *list_start;
} StoredRows;

/* n_rows: the number of rows that training wrote */
extern StoredRows *store_read_ids(Relation rel, SideKind kind, const Model *model,
								  const IdType *item_type, int64 n_rows, Snapshot snapshot,
								  MemoryContext context);

/*
 * Reads the rows of a table into a side of the model, whose columns and memory are set, and places
 * its lists, with the same snapshot as store_read_ids. items: the ids of items, for lists. Returns
 * false if this transaction wrote some of the rows, which others must not see yet. Lists are not
 * read if the side has no memory for their columns.
 */
extern bool store_read_rows(Relation rel, SideKind kind, const Model *model,
							const StoredRows *rows, IdList *items, Snapshot snapshot);

/*
 * Reads numbers and vectors of the rows whose ids are in the dictionary into a side of the model,
 * if they are values that training can write; of parameters those of the model that have their
 * shape. Returns the number of rows found.
 */
extern int64 store_read_known(Relation rel, SideKind kind, IdDictionary *ids,
							  IdDictionary *items, const Model *model, Snapshot snapshot);

/* The type of the table's id column. */
extern void store_id_type(Oid relid, SideKind kind, IdType *type, MemoryContext context);

#endif							/* REC_STORE_H */
