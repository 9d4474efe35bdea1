/*
 * sql.c
 *	  Running SQL statements that this library puts together.
 */
#include "postgres.h"
#include "server/compat.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "jit/jit.h"
#include "nodes/plannodes.h"
#include "server/sql.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/resowner.h"

void
sql_execute(const char *statement)
{
	int			result = SPI_execute(statement, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
	CommandCounterIncrement();
}

SPIPlanPtr
sql_prepare(const char *query, int n_arguments, Oid *types, int options)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(query, n_arguments, types, options);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

void
sql_settle_plan(SPIPlanPtr plan, bool is_kept, Oid relid)
{
	CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(plan));
	CachedPlan *cached = SPI_plan_get_cached_plan(plan);
	bool		reads = false;
	bool		is_custom_scan = false;
	ListCell   *lc;
	ListCell   *entry;

	if (cached == NULL)
		return;
	foreach(lc, cached->stmt_list)
	{
		PlannedStmt *statement = lfirst_node(PlannedStmt, lc);

		statement->jitFlags = PGJIT_NONE;
		is_custom_scan = is_custom_scan || IsA(statement->planTree, CustomScan);
		/* rtable is what privileges are checked for; relationOids are empty in plans of Citus */
		foreach(entry, statement->rtable)
			reads = reads || lfirst_node(RangeTblEntry, entry)->relid == relid;
	}
	ReleaseCachedPlan(cached, is_kept ? CurrentResourceOwner : NULL);
	if (!reads)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("source \"%s\" was altered concurrently", get_rel_name(relid)),
				 errhint("Try again.")));
	/*
	 * Citus has generic plans for some queries only. For others it makes one with a prohibitive
	 * cost, so that it is never chosen.
	 */
	if (is_custom_scan)
		source->cursor_options &= ~CURSOR_OPT_GENERIC_PLAN;
	else
		source->cursor_options |= CURSOR_OPT_GENERIC_PLAN;
}
