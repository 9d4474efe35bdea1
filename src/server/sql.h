/*
 * sql.h
 *	  Running SQL statements that this library puts together.
 */
#ifndef REC_SQL_H
#define REC_SQL_H

#include "executor/spi.h"

/*
 * Runs a statement that returns no rows, and makes its effects visible to later statements. SPI
 * must be connected.
 */
extern void sql_execute(const char *statement);

/*
 * Prepares a statement that returns rows, with cursor options. SPI must be connected; the plan is
 * valid until SPI is disconnected.
 */
extern SPIPlanPtr sql_prepare(const char *query, int n_arguments, Oid *types, int options);

/*
 * To be called before a prepared statement is run. is_kept: SPI keeps the plan.
 *
 * Makes SPI choose the generic plan, unless the whole plan is a custom scan of another extension,
 * which may need the parameters' values for planning. This is decided each time, as the relation
 * may become a table of that extension, or cease to be one.
 *
 * Turns compilation (JIT) off: it does not pay for any statement of this library, and takes many
 * times as long as the statement where the planner expects too many rows, as for a table that has
 * not been analyzed yet.
 *
 * Raises an error if the plan does not read relid: a new plan looks names up again, and a user who
 * may rename a schema could make them refer to another relation.
 */
extern void sql_settle_plan(SPIPlanPtr plan, bool is_kept, Oid relid);

#endif							/* REC_SQL_H */
