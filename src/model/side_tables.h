/*
 * side_tables.h
 *	  The tables beside a model's, of its other sides, and the one of description.h: they belong
 *	  to the model, as a sequence may belong to a column.
 */
#ifndef REC_SIDE_TABLES_H
#define REC_SIDE_TABLES_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "source/identifier.h"

/* Kinds are those of sides, or TABLE_DESCRIPTION. */

/* A free name, qualified and quoted, for a table beside the model's. */
extern char *side_table_name(Oid model, int kind);

/* Creates the table of a side, by a name that is free; SPI must be connected. */
extern Oid side_table_create(Oid model, SideKind kind, const Side *side, const IdType *user_type,
							 const IdType *item_type);

/* Whether it looks like such a table. */
extern bool is_side_table(Oid relid, int kind);

/* The table beside a model's, of the same owner, by the names that it may have; or InvalidOid. */
extern Oid	side_table_beside(Oid model, int kind);

/* Lets it go with the model's table when that is dropped, with event triggers or without. */
extern void side_table_bind(Oid table, Oid model);

/*
 * After the model's table was renamed (old_name: from what; else NULL), moved, or given to
 * another owner: lets those of its sides follow. SPI must be connected.
 */
extern void side_tables_follow(const ModelRow *row, const char *old_name);

#endif							/* REC_SIDE_TABLES_H */
