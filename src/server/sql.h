/*
 * sql.h
 *	  Statements that are put together here.
 */
#ifndef REC_SQL_H
#define REC_SQL_H

#include "executor/spi.h"

/* Runs a statement that returns no rows; what follows sees what it did. SPI must be connected. */
extern void sql_execute(const char *statement);

/*
 * Prepares a statement that returns rows, with options of cursors; SPI must be connected, and
 * keeps it until it is disconnected.
 */
extern SPIPlanPtr sql_prepare(const char *query, int n_arguments, Oid *types, int options);

/*
 * Before a prepared statement is run; is_kept: SPI keeps the plan.
 *
 * Lets it run with its generic plan, unless that is another extension's as a whole, which may
 * need the parameters' values to plan: decided each time, as what is read may become a table of
 * that extension, or cease to be one.
 *
 * Lets it run without being compiled (JIT): that pays in no statement of ours, and takes many
 * times as long as the question where the planner expects more rows than there are, as of a table
 * that was not analysed yet.
 *
 * Errors out where it does not read this relation: a plan that is made anew looks names up again,
 * and whoever may rename a schema could let them mean a stranger's.
 */
extern void sql_settle_plan(SPIPlanPtr plan, bool is_kept, Oid relid);

#endif							/* REC_SQL_H */
