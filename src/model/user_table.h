/*
 * user_table.h
 *	  The table of users beside a model's: it belongs to the model, as a sequence may belong to a
 *	  column.
 */
#ifndef REC_USER_TABLE_H
#define REC_USER_TABLE_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "source/identifier.h"

/* Creates it beside the model's table, by a name that is free; SPI must be connected. */
extern Oid user_table_create(Oid model, const IdType *user_type, const IdType *item_type,
							 const Model *shape);

/* Lets it go with the model's table when that is dropped, with event triggers or without. */
extern void user_table_bind(Oid user_table, Oid model);

/*
 * After the model's table was renamed (old_name: from what; else NULL), moved, or given to
 * another owner: lets that of users follow. SPI must be connected.
 */
extern void user_table_follow(const ModelRow *row, const char *old_name);

#endif							/* REC_USER_TABLE_H */
