/*
 * sql.h
 *	  Statements that are put together here.
 */
#ifndef REC_SQL_H
#define REC_SQL_H

#include "model/identifier.h"

/* Runs a statement that returns no rows; what follows sees what it did. SPI must be connected. */
extern void sql_execute(const char *statement);

/* How a column for ids of the type is declared, with its collation. */
extern char *sql_id_type(const IdType *type);

#endif							/* REC_SQL_H */
