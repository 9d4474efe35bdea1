/*
 * off_policy.c
 *	  What reward a policy would have had, from a log of what another policy has shown.
 *
 * A row of the log is an item that was shown, with the probability with which it was drawn, given
 * the items above it on its list, and its reward. Let ratio be the policy's probability over the
 * log's, above the product of the ratios of the rows above on the list, and weight = above * ratio:
 * how much more often the policy shows these items in this order down to here. The value of the
 * policy is the mean reward of a row that it shows:
 *
 *	ips		sum of weight * reward / n
 *	snips	sum of weight * reward / sum of weight
 *	dr		sum of above * (expected + ratio * (reward - predicted)) / n
 *
 * For lists of one item these are inverse propensity scoring (Horvitz & Thompson 1952), its
 * self-normalised form (Swaminathan & Joachims 2015, "The self-normalized estimator for
 * counterfactual learning"), and the doubly robust estimator (Dudik, Langford & Li 2011, "Doubly
 * robust policy evaluation and learning", equation 2). For longer lists they are the per-decision
 * estimators (Precup, Sutton & Singh 2000, "Eligibility traces for off-policy policy evaluation",
 * section 3; McInerney et al. 2020, "Counterfactual evaluation of slate recommendations with
 * sequential reward interactions", section 4): a reward may depend on the items above it, but not
 * on those below. The doubly robust one predicts the reward of the row itself (Kiyohara et al.
 * 2022, "Doubly robust off-policy evaluation for ranking policies under the cascade behavior
 * model", has also the rewards below in its predictions).
 *
 * expected is the sum over all items of the policy's probability times the predicted reward. The
 * estimate is unbiased whatever is predicted, as long as the prediction of a row does not depend on
 * its own user's rewards. So a mean leaves out the rows of the user. Where only the probability of
 * the item shown is known, the sum is known only for a prediction that is the same for all items:
 * the mean reward at the rank. Of a model all probabilities are known (model_policy.c), and the
 * prediction is the mean reward of the item.
 *
 * A row with propensity 0 cannot have been drawn; its weight is 0. A policy that shows such items
 * is not covered by the log, and no estimate says what they would have brought.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "run/off_policy.h"
#include "run/significance.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/sql.h"
#include "source/relation.h"
#include "source/source.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* Rows that are fetched at once. */
#define FETCHED_ROWS 1000

/* Rows that a mean reward is shrunk with to the mean of all rows. */
#define MEAN_DAMPING 10

/* A ratio above this is a row of which the log has much fewer than the policy shows. */
#define LARGE_RATIO 100

/*
 * The mean weight is 1 in expectation. The warning is for a mean that is off by more than so much,
 * and by more standard errors than chance explains.
 */
#define MEAN_WEIGHT_OFF 0.1
#define MEAN_WEIGHT_ERRORS 4

/* ---- columns ---- */

static const char *const column_arguments[LOG_COLUMNS] = {
	[LOG_TARGET] = "target_column",
	[LOG_USER] = "user_column",
	[LOG_ITEM] = "item_column",
	[LOG_RANK] = "rank_column",
	[LOG_PROPENSITY] = "propensity_column",
	[LOG_TIME] = "time_column",
	[LOG_REWARD] = "reward_column",
	[LOG_PREDICTED] = "predicted_column",
	[LOG_EXPECTED] = "expected_column"
};

/* A column as it is read. */
typedef struct ReadColumn
{
	Oid			type;			/* base type; InvalidOid: there is no such column */
	IdType		id;				/* of users, items and times */
} ReadColumn;

/* What a log is read with. */
typedef struct LogReader
{
	const LogRelation *relation;
	const char *name;
	bool		for_model;
	ReadColumn	columns[LOG_COLUMNS];
	ShownLog   *log;
	MemoryContext context;		/* of the rows */
	int64		row_room;
	int64		list_room;
	int64		user_room;
	/* of the row before: */
	int64		rank;
	Datum		user;
	bool		no_user;
	Datum		time;
	bool		no_time;
	MemoryContext before;		/* of the time */
} LogReader;

/* For ereport: what to do without the column. */
static int
hint_without(Oid relid, const char *column, LogColumn which)
{
	if (which == LOG_RANK)
		return errhint("With rank_column => NULL each row is a list of its own.");
	if (which == LOG_TIME)
		return errhint("With time_column => NULL each user has one list.");
	return hint_nearest_column(&relid, 1, column);
}

static AttrNumber
find_log_column(const LogReader *r, LogColumn which)
{
	const char *column = r->relation->columns[which];
	AttrNumber	attnum = get_attnum(r->relation->relid, column);

	if (attnum <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column \"%s\" of log \"%s\" does not exist", column, r->name),
						errdetail("It is the %s.", column_arguments[which]),
						hint_without(r->relation->relid, column, which)));
	return attnum;
}

static bool
is_number_type(Oid type)
{
	return TypeCategory(type) == TYPCATEGORY_NUMERIC &&
		   can_coerce_type(1, &type, &(Oid){FLOAT8OID}, COERCION_EXPLICIT);
}

static void
open_log_column(LogReader *r, LogColumn which)
{
	ReadColumn *column = &r->columns[which];
	Oid			type;
	int32		typmod;
	Oid			collation;
	bool		fits = true;

	if (r->relation->columns[which] == NULL)
		return;
	get_atttypetypmodcoll(r->relation->relid, find_log_column(r, which), &type, &typmod,
						  &collation);
	column->type = getBaseType(type);
	switch (which)
	{
		case LOG_USER:
		case LOG_ITEM:
		case LOG_TIME:
			id_type_init(&column->id, type, typmod, collation,
						 psprintf("column \"%s\" of log \"%s\"", r->relation->columns[which],
								  r->name),
						 CurrentMemoryContext);
			break;
		case LOG_RANK:
			fits = column->type == INT2OID || column->type == INT4OID || column->type == INT8OID;
			break;
		case LOG_REWARD:
			fits = column->type == BOOLOID || is_number_type(column->type);
			break;
		default:
			fits = is_number_type(column->type);
	}
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of log \"%s\" must be %s, not %s",
						r->relation->columns[which], r->name,
						which == LOG_RANK ? "an integer" : "a number", format_type_be(type)),
				 errdetail("It is the %s.", column_arguments[which]),
				 errhint("Let the log be a view that casts it.")));
}

/* ---- the query ---- */

/* The SELECT list's element for a column. */
static char *
column_expression(const LogReader *r, LogColumn which)
{
	const char *quoted = r->relation->columns[which] == NULL
							 ? NULL
							 : quote_identifier(r->relation->columns[which]);

	if (quoted == NULL || (which == LOG_ITEM && !r->for_model))
		return pstrdup("NULL::pg_catalog.int4");
	switch (which)
	{
		case LOG_USER:
		case LOG_ITEM:
		case LOG_TIME:
			return pstrdup(quoted);
		case LOG_RANK:
			return psprintf("%s::pg_catalog.int8", quoted);
		default:
			return psprintf(r->columns[which].type == BOOLOID
								? "%s::pg_catalog.int4::pg_catalog.float8"
								: "%s::pg_catalog.float8",
							quoted);
	}
}

/* The time of a row as timestamptz. */
static char *
moment_expression(const LogReader *r)
{
	const char *quoted = quote_identifier(r->relation->columns[LOG_TIME]);
	Oid			type = r->columns[LOG_TIME].type;

	if (type == TIMESTAMPTZOID || type == TIMESTAMPOID || type == DATEOID)
		return psprintf("%s::pg_catalog.timestamptz", quoted);
	if (is_number_type(type))
		return psprintf("pg_catalog.to_timestamp(%s::pg_catalog.float8)", quoted);
	ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
					errmsg("time column \"%s\" of log \"%s\" must be a time, not %s",
						   r->relation->columns[LOG_TIME], r->name, format_type_be(type)),
					errhint("A time is a date, timestamp, timestamptz, or a number of seconds "
							"since 1970.")));
}

static char *
log_query(const LogReader *r)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int c = 0; c < LOG_COLUMNS; c++)
		appendStringInfo(&s, "%s%s", c == 0 ? "SELECT " : ", ", column_expression(r, c));
	appendStringInfo(&s, ", %s FROM %s",
					 r->for_model ? moment_expression(r) : "NULL::pg_catalog.timestamptz",
					 quoted_relation(r->relation->relid));
	/* places of the SELECT list; the rest makes the order that of the rows' values alone */
	appendStringInfo(&s, " ORDER BY %d, %d, %d", LOG_USER + 1, LOG_TIME + 1, LOG_RANK + 1);
	for (int c = 0; c < LOG_COLUMNS; c++)
	{
		if (c != LOG_USER && c != LOG_TIME && c != LOG_RANK)
			appendStringInfo(&s, ", %d", c + 1);
	}
	return s.data;
}

/* ---- rows ---- */

/* Where a row is, for messages. */
static char *
place_of_row(const LogReader *r, const Datum *values, const bool *nulls)
{
	static const LogColumn columns[] = {LOG_USER, LOG_TIME, LOG_RANK};
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		LogColumn	c = columns[i];

		if (r->relation->columns[c] == NULL)
			continue;
		appendStringInfo(&s, "%s%s %s", s.len == 0 ? "" : ", ", r->relation->columns[c],
						 nulls[c]		 ? "NULL"
						 : c == LOG_RANK ? psprintf(INT64_FORMAT, DatumGetInt64(values[c]))
										 : shown_text(id_to_text(&r->columns[c].id, values[c])));
	}
	return s.len == 0 ? psprintf("row " INT64_FORMAT, r->log->n_rows + 1) : s.data;
}

/* A number of the row; raises an error where it is none, or no probability. */
static double
number_of_row(const LogReader *r, LogColumn which, const Datum *values, const bool *nulls)
{
	bool		is_probability = which == LOG_TARGET || which == LOG_PROPENSITY;
	const char *column = r->relation->columns[which];
	double		number;

	if (column == NULL)
		return get_float8_nan();
	if (nulls[which])
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("column \"%s\" of log \"%s\" has a NULL", column, r->name),
				 errdetail("It is the %s, in the row with %s.", column_arguments[which],
						   place_of_row(r, values, nulls)),
				 which == LOG_REWARD
					 ? errhint("Let the log be a view with coalesce(%s, 0), if nothing is a reward "
							   "of 0.",
							   quote_identifier(column))
					 : errhint("Let the log be a view without such rows, or rather without their "
							   "lists.")));
	number = DatumGetFloat8(values[which]);
	if (is_probability ? !(number >= 0 && number <= 1) : !isfinite(number))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg(is_probability
								   ? "%s in column \"%s\" of log \"%s\" is no probability"
								   : "%s in column \"%s\" of log \"%s\" is no finite number",
							   DatumGetCString(DirectFunctionCall1(float8out, values[which])),
							   column, r->name),
						errdetail("It is the %s, in the row with %s.", column_arguments[which],
								  place_of_row(r, values, nulls))));
	return number;
}

/* Whether a value is that of the row before. */
static bool
same_as_before(const LogReader *r, LogColumn which, Datum value, bool is_null, Datum before,
			   bool before_is_null)
{
	IdType	   *type = unconstify(IdType *, &r->columns[which].id);

	if (r->relation->columns[which] == NULL)
		return true;
	if (is_null || before_is_null)
		return is_null && before_is_null;
	return DatumGetBool(FunctionCall2Coll(&type->equal, type->collation, value, before));
}

static void *
enlarge(void *array, Size bytes, MemoryContext context)
{
	return array == NULL ? MemoryContextAllocHuge(context, bytes) : repalloc_huge(array, bytes);
}

/* Makes room for one more row, list and user. */
static void
make_log_room(LogReader *r)
{
	ShownLog   *log = r->log;

	if (log->n_rows < r->row_room && log->n_lists < r->list_room && log->n_users < r->user_room)
		return;
	/* an array is twice in memory while it is enlarged */
	memory_require(2.0 * MemoryContextMemAllocated(r->context, true),
				   psprintf("log \"%s\"", r->name));
	if (log->n_rows == r->row_room)
	{
		r->row_room = Max(1024, 2 * r->row_room);
		log->rows = enlarge(log->rows, sizeof(ShownItem) * r->row_room, r->context);
	}
	if (log->n_lists == r->list_room)
	{
		r->list_room = Max(1024, 2 * r->list_room);
		log->lists = enlarge(log->lists, sizeof(int64) * (r->list_room + 1), r->context);
		log->times = enlarge(log->times, sizeof(TimestampTz) * r->list_room, r->context);
	}
	if (log->n_users == r->user_room)
	{
		r->user_room = Max(1024, 2 * r->user_room);
		log->users = enlarge(log->users, sizeof(int64) * (r->user_room + 1), r->context);
		log->user_ids = enlarge(log->user_ids, sizeof(Datum) * r->user_room, r->context);
		log->no_user = enlarge(log->no_user, sizeof(bool) * r->user_room, r->context);
	}
}

/* Begins a list, and a user if it is another one; rows of no user are by themselves. */
static void
begin_list(LogReader *r, bool other_user, const Datum *values, const bool *nulls, TimestampTz time)
{
	ShownLog   *log = r->log;
	MemoryContext old = MemoryContextSwitchTo(r->context);

	if (other_user)
	{
		log->users[log->n_users] = log->n_lists;
		log->no_user[log->n_users] = nulls[LOG_USER];
		log->user_ids[log->n_users++] =
			nulls[LOG_USER] ? (Datum) 0
							: datumCopy(values[LOG_USER], r->columns[LOG_USER].id.by_value,
										r->columns[LOG_USER].id.length);
	}
	log->lists[log->n_lists] = log->n_rows;
	log->times[log->n_lists++] = time;
	log->first = Min(log->first, time);
	MemoryContextSwitchTo(old);
}

/* Keeps the user, the time and the rank of a row for the next one. */
static void
remember_row(LogReader *r, const Datum *values, const bool *nulls, int64 rank)
{
	MemoryContext old;

	MemoryContextReset(r->before);
	old = MemoryContextSwitchTo(r->before);
	r->no_user = nulls[LOG_USER];
	if (!r->no_user)
		r->user = datumCopy(values[LOG_USER], r->columns[LOG_USER].id.by_value,
							r->columns[LOG_USER].id.length);
	r->no_time = nulls[LOG_TIME];
	if (!r->no_time)
		r->time = datumCopy(values[LOG_TIME], r->columns[LOG_TIME].id.by_value,
							r->columns[LOG_TIME].id.length);
	r->rank = rank;
	MemoryContextSwitchTo(old);
}

/* The rank of a row: from 1 on, without gaps on a list. */
static int64
check_rank(const LogReader *r, bool begins, const Datum *values, const bool *nulls)
{
	int64		expected = begins ? 1 : r->rank + 1;
	int64		rank = nulls[LOG_RANK] ? 0 : DatumGetInt64(values[LOG_RANK]);

	if (nulls[LOG_RANK] || rank != expected)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("a list of log \"%s\" is not whole", r->name),
				 errdetail("Rank " INT64_FORMAT " is expected in the row with %s.", expected,
						   place_of_row(r, values, nulls)),
				 errhint("A list is what was shown to a user at a time, from rank 1 on without "
						 "gaps and repeats. With rank_column => NULL each row is a list of its "
						 "own.")));
	return rank;
}

/* Adds a row to the log. The values are those of the query. */
static void
add_row(LogReader *r, const Datum *values, const bool *nulls)
{
	ShownLog   *log = r->log;
	const char *const *columns = r->relation->columns;
	TimestampTz time = nulls[LOG_COLUMNS] ? 0 : DatumGetTimestampTz(values[LOG_COLUMNS]);
	bool		other_user = log->n_rows == 0 || columns[LOG_USER] == NULL ||
					  !same_as_before(r, LOG_USER, values[LOG_USER], nulls[LOG_USER], r->user,
									  r->no_user);
	bool		begins = other_user || columns[LOG_RANK] == NULL ||
				  !same_as_before(r, LOG_TIME, values[LOG_TIME], nulls[LOG_TIME], r->time,
								  r->no_time);
	int64		rank = columns[LOG_RANK] == NULL ? 1 : check_rank(r, begins, values, nulls);
	ShownItem	row = {.propensity = number_of_row(r, LOG_PROPENSITY, values, nulls),
					   .target = number_of_row(r, LOG_TARGET, values, nulls),
					   .reward = number_of_row(r, LOG_REWARD, values, nulls),
					   .predicted = number_of_row(r, LOG_PREDICTED, values, nulls),
					   .expected = number_of_row(r, LOG_EXPECTED, values, nulls),
					   .item = -1};

	if (r->for_model && nulls[LOG_COLUMNS])
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("column \"%s\" of log \"%s\" has a NULL", columns[LOG_TIME],
							   r->name),
						errdetail("It is the time_column, in the row with %s.",
								  place_of_row(r, values, nulls)),
						errhint("A model is asked as of that time.")));
	make_log_room(r);
	if (begins)
		begin_list(r, other_user || nulls[LOG_USER], values, nulls, time);
	if (r->for_model && !nulls[LOG_ITEM])
		row.item = id_dictionary_add(log->items, values[LOG_ITEM]);
	log->rows[log->n_rows++] = row;
	log->longest = Max(log->longest, rank);
	remember_row(r, values, nulls, rank);
}

static ShownLog *
read_rows(LogReader *r)
{
	ShownLog   *log = r->log;
	MemoryContext row_context =
		AllocSetContextCreate(r->context, "rec row of a log", ALLOCSET_DEFAULT_SIZES);
	SPIPlanPtr	plan = sql_prepare(log_query(r), 0, NULL, 0);
	Portal		portal;

	sql_settle_plan(plan, false, r->relation->relid);
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, FETCHED_ROWS);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			MemoryContext old = MemoryContextSwitchTo(row_context);
			Datum		values[LOG_COLUMNS + 1];
			bool		nulls[LOG_COLUMNS + 1];

			CHECK_FOR_INTERRUPTS();
			heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, values, nulls);
			add_row(r, values, nulls);
			MemoryContextSwitchTo(old);
			MemoryContextReset(row_context);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	SPI_freeplan(plan);
	MemoryContextDelete(row_context);
	if (log->n_rows == 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("log \"%s\" says nothing", r->name),
						errdetail("It has no rows, or none that you may see.")));
	log->lists[log->n_lists] = log->n_rows;
	log->users[log->n_users] = log->n_lists;
	return log;
}

ShownLog *
shown_log_read(const LogRelation *relation, bool for_model)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec log", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	LogReader	r = {.relation = relation, .for_model = for_model, .context = context,
					 .name = get_rel_name(relation->relid)};

	if (!relkind_has_rows(get_rel_relkind(relation->relid)))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be a log", r.name),
				 errdetail("A log is a table, view, materialized view, partitioned table or "
						   "foreign table.")));
	for (int c = 0; c < LOG_COLUMNS; c++)
	{
		/* only a model is asked about items */
		if (c != LOG_ITEM || for_model)
			open_log_column(&r, c);
	}
	r.before = AllocSetContextCreate(context, "rec row before", ALLOCSET_DEFAULT_SIZES);
	r.log = palloc0(sizeof(ShownLog));
	r.log->name = r.name;
	r.log->first = DT_NOEND;
	if (for_model)
	{
		r.log->items = id_dictionary_create(&r.columns[LOG_ITEM].id, context);
		r.log->user_type = r.columns[LOG_USER].id;
	}
	read_rows(&r);
	MemoryContextSwitchTo(old);
	return r.log;
}

/* ---- the prediction of rewards ---- */

double
shrunk_reward(RewardSum rows, double mean)
{
	return (rows.reward + MEAN_DAMPING * mean) / (rows.n + MEAN_DAMPING);
}

/* Adds a user's rows to the sums by rank, or takes them away; returns the sum of all of them. */
static RewardSum
add_by_rank(const ShownLog *log, int64 user, double sign, RewardSum *by_rank)
{
	RewardSum	all = {0, 0};

	for (int64 l = log->users[user]; l < log->users[user + 1]; l++)
	{
		for (int64 i = log->lists[l]; i < log->lists[l + 1]; i++)
		{
			RewardSum  *sum = &by_rank[i - log->lists[l]];

			sum->n += sign;
			sum->reward += sign * log->rows[i].reward;
			all.n += sign;
			all.reward += sign * log->rows[i].reward;
		}
		CHECK_FOR_INTERRUPTS();
	}
	return all;
}

void
shown_log_predict_by_rank(ShownLog *log)
{
	RewardSum  *by_rank = palloc_extended(sizeof(RewardSum) * log->longest,
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	RewardSum	all = {0, 0};

	for (int64 u = 0; u < log->n_users; u++)
	{
		RewardSum	own = add_by_rank(log, u, 1, by_rank);

		all.n += own.n;
		all.reward += own.reward;
	}
	for (int64 u = 0; u < log->n_users; u++)
	{
		RewardSum	own = add_by_rank(log, u, -1, by_rank);
		double		others = all.n + own.n;
		double		mean = others > 0 ? (all.reward + own.reward) / others : 0;

		for (int64 l = log->users[u]; l < log->users[u + 1]; l++)
		{
			for (int64 i = log->lists[l]; i < log->lists[l + 1]; i++)
				log->rows[i].predicted = log->rows[i].expected =
					shrunk_reward(by_rank[i - log->lists[l]], mean);
		}
		add_by_rank(log, u, 1, by_rank);
	}
	pfree(by_rank);
}

/* ---- the estimates ---- */

/* Sums over rows. */
enum
{
	SUM_ROWS,
	SUM_REWARD,
	SUM_WEIGHT,
	SUM_WEIGHTED_REWARD,
	SUM_CORRECTED,				/* of the doubly robust estimator */
	N_SUMS
};

static void
estimates_of_sums(const double *sums, double *values, const void *arg)
{
	values[ESTIMATOR_LOGGED] = sums[SUM_REWARD] / sums[SUM_ROWS];
	values[ESTIMATOR_IPS] = sums[SUM_WEIGHTED_REWARD] / sums[SUM_ROWS];
	values[ESTIMATOR_SNIPS] = sums[SUM_WEIGHT] > 0
								  ? sums[SUM_WEIGHTED_REWARD] / sums[SUM_WEIGHT]
								  : get_float8_nan();
	values[ESTIMATOR_DR] = sums[SUM_CORRECTED] / sums[SUM_ROWS];
}

/* What the warnings are about. */
typedef struct Coverage
{
	int64		impossible;		/* rows with propensity 0 that the policy shows */
	double		impossible_target;	/* the sum of its probabilities of these */
	int64		rare;			/* rows with a large ratio */
	double		rare_weight;	/* the sum of the weights of these */
	double		weight;			/* the sums of all weights, and of their squares */
	double		squares;
	/* of the sum of weights, if its expectation is the number of rows; users are independent */
	double		variance;
} Coverage;

static void
add_list(const ShownLog *log, int64 list, double *sums, Coverage *coverage)
{
	double		above = 1;

	for (int64 i = log->lists[list]; i < log->lists[list + 1]; i++)
	{
		const ShownItem *row = &log->rows[i];
		double		ratio = row->propensity > 0 ? row->target / row->propensity : 0;
		double		weight = above * ratio;

		if (row->propensity == 0 && row->target > 0)
		{
			coverage->impossible++;
			coverage->impossible_target += row->target;
		}
		if (ratio > LARGE_RATIO)
		{
			coverage->rare++;
			coverage->rare_weight += weight;
		}
		coverage->weight += weight;
		coverage->squares += weight * weight;
		sums[SUM_ROWS]++;
		sums[SUM_REWARD] += row->reward;
		sums[SUM_WEIGHT] += weight;
		sums[SUM_WEIGHTED_REWARD] += weight * row->reward;
		sums[SUM_CORRECTED] +=
			above * row->expected + weight * (row->reward - row->predicted);
		above = weight;
	}
}

static void
warn_of_coverage(const ShownLog *log, const Coverage *c)
{
	double		mean = c->weight / log->n_rows;
	double		error = sqrt(c->variance) / log->n_rows;

	if (c->impossible > 0)
		ereport(WARNING,
				(errmsg("log \"%s\" does not cover the policy", log->name),
				 errdetail("In " INT64_FORMAT " of " INT64_FORMAT
						   " rows the propensity is 0, where the policy's probability is %.3g on "
						   "average. Such rows have no weight.",
						   c->impossible, log->n_rows, c->impossible_target / c->impossible),
				 errhint("What such items bring is not in the estimates. Ask about a policy that "
						 "shows only what the log may show.")));
	if (c->rare > 0)
		ereport(WARNING,
				(errmsg("log \"%s\" hardly covers the policy", log->name),
				 errdetail("In " INT64_FORMAT " of " INT64_FORMAT
						   " rows the policy's probability is more than %d times the propensity; "
						   "these rows have %.0f %% of all weight.",
						   c->rare, log->n_rows, LARGE_RATIO, 100 * c->rare_weight / c->weight),
				 errhint("The estimates rest on few rows, and the intervals are too narrow. Ask "
						 "about a policy nearer to that of the log, or let the log explore "
						 "more.")));
	if (c->impossible == 0 &&
		(mean == 0 || (fabs(mean - 1) > MEAN_WEIGHT_OFF &&
					   fabs(mean - 1) > MEAN_WEIGHT_ERRORS * error)))
		ereport(WARNING,
				(errmsg("probabilities in log \"%s\" do not agree with what it shows", log->name),
				 errdetail("The mean weight, probability over propensity, is %.3g, and would be 1.",
						   mean),
				 mean < 1 ? errhint("The policy shows items that the log never does; or the "
									"propensities are not those that the items were drawn with.")
						  : errhint("The propensities are not those that the items were drawn "
									"with, or the policy's probabilities add up to more than "
									"1.")));
}

OffPolicy
off_policy_estimate(const ShownLog *log, uint64 seed)
{
	Coverage	coverage = {0};
	double		total[N_SUMS] = {0};
	double	   *users;
	OffPolicy	result;

	memory_require((double) sizeof(double) * N_SUMS * log->n_users +
					   (double) sizeof(ShownItem) * log->n_rows,
				   psprintf("log \"%s\"", log->name));
	users = palloc_extended(sizeof(double) * N_SUMS * log->n_users,
							MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int64 u = 0; u < log->n_users; u++)
	{
		double	   *sums = users + u * N_SUMS;

		CHECK_FOR_INTERRUPTS();
		for (int64 l = log->users[u]; l < log->users[u + 1]; l++)
			add_list(log, l, sums, &coverage);
		for (int k = 0; k < N_SUMS; k++)
			total[k] += sums[k];
		coverage.variance +=
			(sums[SUM_WEIGHT] - sums[SUM_ROWS]) * (sums[SUM_WEIGHT] - sums[SUM_ROWS]);
	}
	for (int k = 0; k < N_SUMS; k++)
	{
		if (!isfinite(total[k]))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("weights or rewards of log \"%s\" are too large to add up",
								   log->name),
							errhint("A weight is the policy's probability over the propensity, "
									"multiplied down a list.")));
	}
	warn_of_coverage(log, &coverage);
	estimates_of_sums(total, result.value, NULL);
	if (log->n_users > 1)
		bootstrap_intervals(users, log->n_users, N_SUMS, estimates_of_sums, NULL, N_ESTIMATORS,
							seed, result.low, result.high);
	else
	{
		/* one user says nothing of how users differ */
		for (int e = 0; e < N_ESTIMATORS; e++)
			result.low[e] = result.high[e] = get_float8_nan();
	}
	result.effective_size =
		coverage.squares > 0 ? coverage.weight * coverage.weight / coverage.squares : 0;
	pfree(users);
	return result;
}
