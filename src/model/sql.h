/*
 * sql.h
 *	  Statements that are put together here.
 */
#ifndef REC_SQL_H
#define REC_SQL_H

#include "executor/spi.h"
#include "model/identifier.h"

/* Runs a statement that returns no rows; what follows sees what it did. SPI must be connected. */
extern void sql_execute(const char *statement);

/* Prepares a statement that returns rows, with options of cursors; SPI must be connected, and keeps it until it is disconnected. */
extern SPIPlanPtr sql_prepare(const char *query, int n_arguments, Oid *types, int options);

/* Whether the generic plan of a prepared statement that is not kept is another extension's as a whole. */
extern bool sql_is_custom_scan(SPIPlanPtr plan);

/*
 * Before a prepared statement with a generic plan is run; is_kept: SPI keeps the plan.
 *
 * Lets it run without being compiled (JIT): that pays in no statement of ours, and takes many times as long as the
 * question where the planner expects more rows than there are, as of a table that was not analysed yet. And errors out
 * where it does not read this relation: a plan that is made anew looks names up again, and whoever may rename a schema
 * could let them mean a stranger's.
 */
extern void sql_settle_plan(SPIPlanPtr plan, bool is_kept, Oid relid);

/* How a column for ids of the type is declared, with its collation. */
extern char *sql_id_type(const IdType *type);

#endif							/* REC_SQL_H */
