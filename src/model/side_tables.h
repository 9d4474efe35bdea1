/*
 * side_tables.h
 *	  The tables beside a model's: those of its other sides, the one that describes it, and the one
 *	  of the changes of its source. They belong to the model, as a sequence may belong to a column.
 */
#ifndef REC_SIDE_TABLES_H
#define REC_SIDE_TABLES_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "source/identifier.h"

/* Kinds are those of sides, TABLE_DESCRIPTION or TABLE_CHANGES. */

/* A free name, qualified and quoted, for a table beside the model's. */
extern char *side_table_name(Oid model, int kind);

/* Creates the table of a side, with a free name. SPI must be connected. */
extern Oid side_table_create(Oid model, SideKind kind, const Side *side, const IdType *user_type,
							 const IdType *item_type);

/* Whether a table looks like one of this kind. */
extern bool is_side_table(Oid relid, int kind);

/*
 * The table of this kind beside a model's, with the same owner and a name that it may have; or
 * InvalidOid.
 */
extern Oid	side_table_beside(Oid model, int kind);

/*
 * Makes the table depend on the model's, so that it is dropped together with it, even with event
 * triggers off.
 */
extern void side_table_bind(Oid table, Oid model);

/*
 * Makes the tables of a model's sides follow after the model's table was renamed (from old_name;
 * NULL: it was not), moved, or given to another owner. SPI must be connected.
 */
extern void side_tables_follow(const ModelRow *row, const char *old_name);

#endif							/* REC_SIDE_TABLES_H */
