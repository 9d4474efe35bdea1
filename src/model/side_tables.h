/*
 * side_tables.h
 *	  The tables beside a model's, of its other sides: they belong to the model, as a sequence may
 *	  belong to a column.
 */
#ifndef REC_SIDE_TABLES_H
#define REC_SIDE_TABLES_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "source/identifier.h"

/* Creates the table of a side, by a name that is free; SPI must be connected. */
extern Oid side_table_create(Oid model, SideKind kind, const Side *side, const IdType *user_type,
							 const IdType *item_type);

/* Lets it go with the model's table when that is dropped, with event triggers or without. */
extern void side_table_bind(Oid table, Oid model);

/*
 * After the model's table was renamed (old_name: from what; else NULL), moved, or given to
 * another owner: lets those of its sides follow. SPI must be connected.
 */
extern void side_tables_follow(const ModelRow *row, const char *old_name);

#endif							/* REC_SIDE_TABLES_H */
