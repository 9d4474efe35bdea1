/*
 * interactions.c
 *	  All ratings of a source, read once, for evaluation.
 */
#include "postgres.h"
#include "server/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "run/interactions.h"
#include "server/memory.h"
#include "source/identifier.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

static void
check_column(const Source *source, const char *column)
{
	AttrNumber	number = source_column(source, column, "split");
	Oid			type = getBaseType(get_atttype(source->relid, number));

	if (type != BOOLOID)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" of source \"%s\" must be boolean, not %s", column,
							   get_rel_name(source->relid), format_type_be(type)),
						errdetail("It says which rows are held out.")));
}

/*
 * Raises an error for times beyond the range of an int64 in microseconds: all of them are the same
 * time, so their order is lost. Infinity is one time.
 */
static void
check_times(const Source *source, const SparseMatrix *m)
{
	int64		n = m->start[m->n_rows];

	if (source->time_type == TIMESTAMPTZOID || source->time_type == TIMESTAMPOID ||
		source->time_type == DATEOID)
		return;
	for (int64 i = 0; i < n; i++)
	{
		if (i % 1048576 == 0)
			CHECK_FOR_INTERRUPTS();
		if (m->time[i] == PG_INT64_MAX - 1)
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("times in column \"%s\" of source \"%s\" are too large",
								   source->time_column, get_rel_name(source->relid)),
							errdetail("Numbers are taken as seconds."),
							errhint("Use a view that converts them to timestamps as the source.")));
	}
}

/* The numbers of the ids of one dictionary in another, to which new ids are added. */
static int32 *
add_ids(IdDictionary *to, const IdDictionary *from)
{
	int32	   *numbers = palloc_extended(sizeof(int32) * Max(from->n, 1), MCXT_ALLOC_HUGE);

	for (int32 i = 0; i < from->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = id_dictionary_add(to, from->ids[i]);
	}
	return numbers;
}

static int
compare_entries(const void *a, const void *b)
{
	const Entry *x = a;
	const Entry *y = b;

	if (x->column != y->column)
		return x->column > y->column ? 1 : -1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Appends an event of one history to the present row of another. */
static void
append_event(History *to, int64 *n, const History *from, int64 i, int32 item)
{
	to->items[*n] = item;
	if (to->times != NULL)
		to->times[*n] = from->times[i];
	(*n)++;
}

/*
 * Joins the test events, which a column sets aside, with the others, in the order of time. Where a
 * pair of a user and an item is in both, the test events are left out, as is the pair's test
 * rating.
 */
static void
join_events(Interactions *interactions, const History *a, const History *b, const int32 *row_of,
			const int32 *items)
{
	const SparseMatrix *m = &interactions->by_user;
	uint8	   *part_of = palloc_extended(m->n_columns, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int64		n = 0;

	source_allocate_history(&interactions->events, m->n_rows,
							a->start[a->n_users] + b->start[b->n_users], true,
							interactions->memory);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		i = u < a->n_users ? a->start[u] : 0;
		int64		i_end = u < a->n_users ? a->start[u + 1] : 0;
		int64		j = row_of[u] < 0 ? 0 : b->start[row_of[u]];
		int64		j_end = row_of[u] < 0 ? 0 : b->start[row_of[u] + 1];

		CHECK_FOR_INTERRUPTS();
		for (int64 e = m->start[u]; e < m->start[u + 1]; e++)
			part_of[m->column[e]] = interactions->part[e];
		while (i < i_end || j < j_end)
		{
			if (i >= i_end || (j < j_end && b->times[j] < a->times[i]))
			{
				if (part_of[items[b->items[j]]] == PART_TEST)
					append_event(&interactions->events, &n, b, j, items[b->items[j]]);
				j++;
			}
			else
			{
				append_event(&interactions->events, &n, a, i, a->items[i]);
				i++;
			}
		}
		interactions->events.start[u + 1] = n;
	}
	pfree(part_of);
}

/*
 * The two halves of a source of which a column sets test rows aside, and the numbers of the test
 * rows' ids in all rows.
 */
typedef struct Halves
{
	SparseMatrix train;
	SparseMatrix test;
	int32	   *row_of;			/* by user of all rows: the row in test, or -1 */
	int32	   *items;			/* by item of the test rows */
	int32	   *contexts;		/* likewise; NULL: there are none */
} Halves;

/* Sets an entry of the joined matrix to entry `at` of a half. */
static void
join_entry(Interactions *interactions, int64 n, const Halves *halves, bool tested, int64 at)
{
	SparseMatrix *m = &interactions->by_user;
	const SparseMatrix *from = tested ? &halves->test : &halves->train;

	m->column[n] = tested ? halves->items[from->column[at]] : from->column[at];
	m->value[n] = from->value[at];
	if (m->time != NULL)
		m->time[n] = from->time[at];
	if (m->context != NULL)
		m->context[n] = tested ? halves->contexts[from->context[at]] : from->context[at];
	interactions->part[n] = tested ? PART_TEST : PART_TRAIN;
}

/*
 * Joins the test ratings, which a column sets aside, with the others. A pair of a user and an item
 * that is in both is in training, in whatever contexts: the item is known then, and there is
 * nothing to ask about.
 */
static void
join_ratings(Interactions *interactions, const Halves *halves)
{
	const SparseMatrix *a = &halves->train;
	const SparseMatrix *b = &halves->test;
	const int32 *row_of = halves->row_of;
	SparseMatrix *m = &interactions->by_user;
	int64		n = 0;
	int64		in_both = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		i = u < a->n_rows ? a->start[u] : 0;
		int64		i_end = u < a->n_rows ? a->start[u + 1] : 0;
		int64		j_begin = row_of[u] < 0 ? 0 : b->start[row_of[u]];
		int64		n_tested = row_of[u] < 0 ? 0 : b->start[row_of[u] + 1] - j_begin;
		Entry	   *tested = palloc(sizeof(Entry) * Max(n_tested, 1));
		int64		j = 0;

		CHECK_FOR_INTERRUPTS();
		/* Entry.row is the place in b */
		for (int64 t = 0; t < n_tested; t++)
			tested[t] = (Entry) {(int32) t, halves->items[b->column[j_begin + t]], 0};
		qsort(tested, n_tested, sizeof(Entry), compare_entries);
		while (i < i_end || j < n_tested)
		{
			bool		take_test = i >= i_end || (j < n_tested && tested[j].column < a->column[i]);

			if (take_test)
			{
				join_entry(interactions, n++, halves, true, j_begin + tested[j++].row);
				continue;
			}
			in_both += j < n_tested && tested[j].column == a->column[i];
			while (j < n_tested && tested[j].column == a->column[i])
				j++;
			join_entry(interactions, n++, halves, false, i++);
		}
		m->start[u + 1] = n;
		pfree(tested);
	}
	if (in_both > 0)
		ereport(NOTICE,
				(errmsg_plural(
					"left out " INT64_FORMAT
					" pair of a user and an item that is to be tested, as it is trained on",
					"left out " INT64_FORMAT
					" pairs of a user and an item that are to be tested, as they are trained on",
					in_both, in_both)));
}

/* Joins all test events, which a column sets aside, with the others, in the order of time. */
static void
join_repeats(Interactions *interactions, const Halves *halves)
{
	const SparseMatrix *a = &halves->train;
	const SparseMatrix *b = &halves->test;
	const int32 *row_of = halves->row_of;
	SparseMatrix *m = &interactions->by_user;
	int64		n = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		i = u < a->n_rows ? a->start[u] : 0;
		int64		i_end = u < a->n_rows ? a->start[u + 1] : 0;
		int64		j = row_of[u] < 0 ? 0 : b->start[row_of[u]];
		int64		j_end = row_of[u] < 0 ? 0 : b->start[row_of[u] + 1];

		CHECK_FOR_INTERRUPTS();
		while (i < i_end || j < j_end)
		{
			bool		take_test =
				i >= i_end || (j < j_end && m->time != NULL && b->time[j] < a->time[i]);

			join_entry(interactions, n++, halves, take_test, take_test ? j++ : i++);
		}
		m->start[u + 1] = n;
	}
}

/* The events as a matrix, where events were read one by one; otherwise the merged ratings. */
static SparseMatrix
rows_of(const TrainingData *data)
{
	const History *events = &data->ratings.events;

	if (data->event_ratings == NULL)
		return data->ratings.by_user;
	return (SparseMatrix){.n_rows = events->n_users,
						  .n_columns = data->ratings.by_user.n_columns,
						  .start = events->start,
						  .column = events->items,
						  .value = data->event_ratings,
						  .time = events->times,
						  .context = data->event_contexts};
}

/* The rows of by_user as histories. */
static History
events_of(const SparseMatrix *by_user)
{
	return (History){.n_users = by_user->n_rows,
					 .start = by_user->start,
					 .items = by_user->column,
					 .times = by_user->time};
}

/* Reads what the contexts say, and finds the items, users and contexts of the attributes' rows. */
static void
number_attributes(Interactions *interactions, const TrainingData *data)
{
	const Source *source = interactions->source;

	if (data->contexts != NULL)
	{
		interactions->attributes[SIDE_CONTEXT_FEATURES] =
			attributes_read(contexts_open(source, false, CurrentMemoryContext), source,
							data->contexts, CurrentMemoryContext);
		interactions->n_contexts = data->contexts->n;
	}
	for (SideKind kind = SIDE_ITEMS; kind < N_SIDES; kind++)
	{
		if (interactions->attributes[kind] != NULL)
			interactions->attribute_numbers[kind] =
				attributes_numbers(interactions->attributes[kind],
								   kind == SIDE_USERS	? data->users
								   : kind == SIDE_ITEMS ? data->items
														: data->contexts,
								   CurrentMemoryContext);
	}
}

/* Joins the test rows, which a column sets aside, with the others. */
static void
join_halves(Interactions *interactions, TrainingData *train, TrainingData *test)
{
	int32	   *users = add_ids(train->users, test->users);
	int64		n_users = train->users->n;
	Halves		halves = {.train = rows_of(train),
						  .test = rows_of(test),
						  .row_of = palloc_extended(sizeof(int32) * n_users, MCXT_ALLOC_HUGE),
						  .items = add_ids(train->items, test->items)};
	int64		entries = halves.train.start[halves.train.n_rows] +
					halves.test.start[halves.test.n_rows];

	source_allocate_matrix(&interactions->by_user, n_users, train->items->n, entries,
						   halves.train.time != NULL, interactions->memory);
	if (train->contexts != NULL)
	{
		halves.contexts = add_ids(train->contexts, test->contexts);
		source_allocate_contexts(&interactions->by_user, entries, interactions->memory);
	}
	interactions->part = palloc_extended(Max(entries, 1), MCXT_ALLOC_HUGE);
	memset(halves.row_of, -1, sizeof(int32) * n_users);
	for (int64 r = 0; r < halves.test.n_rows; r++)
		halves.row_of[users[r]] = (int32) r;
	if (interactions->repeats)
		join_repeats(interactions, &halves);
	else
	{
		join_ratings(interactions, &halves);
		if ((interactions->needs & NEEDS_EVENTS) != 0)
			join_events(interactions, &train->ratings.events, &test->ratings.events,
						halves.row_of, halves.items);
	}
	number_attributes(interactions, train);
	pfree(halves.row_of);
	pfree(users);
	pfree(halves.items);
	if (halves.contexts != NULL)
		pfree(halves.contexts);
}

static void
read_by_column(Interactions *interactions, const char *column)
{
	Source	   *source = interactions->source;
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec halves", ALLOCSET_DEFAULT_SIZES);
	TrainingMemory *memory = training_memory_create(context);
	TrainingData *halves[2];

	check_column(source, column);
	for (int tested = 0; tested < 2; tested++)
	{
		source->condition =
			psprintf("%s %s", quote_identifier(column), tested ? "IS TRUE" : "IS NOT TRUE");
		/* NULL for known items reads the rows of all items */
		halves[tested] = source_read_profiles(source, NULL, NULL, context);
		source_report_left_out(halves[tested], source);
		if (halves[tested]->kept == 0)
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("source \"%s\" has nothing to %s", get_rel_name(source->relid),
								   tested ? "ask about" : "train on"),
							errdetail("There is no row for which %s.", source->condition)));
		source_build_profiles(halves[tested], memory);
	}
	source->condition = NULL;
	interactions->now = halves[0]->ratings.now;
	/* the ages of test rows do not matter */
	if ((interactions->needs & NEEDS_TIMES) != 0)
		source_report_future(halves[0], source);
	join_halves(interactions, halves[0], halves[1]);
	interactions->by_column = true;
	MemoryContextDelete(context);
}

static double
history_bytes(const History *h)
{
	return h->n_users == 0
			   ? 0
			   : (double) h->start[h->n_users] *
						 (sizeof(int32) + (h->times != NULL ? sizeof(int64) : 0)) +
					 (double) h->n_users * sizeof(int64);
}

double
split_bytes(const Interactions *interactions)
{
	const SparseMatrix *m = &interactions->by_user;
	/* with contexts, there are the ratings as they are, and merged over them */
	int			copies = m->context != NULL ? 2 : 1;

	return (double) m->start[m->n_rows] *
			   (copies * (3 * (sizeof(int32) + sizeof(float)) +
						  ((interactions->needs & NEEDS_TIMES) != 0 ? 2 * sizeof(int64) : 0)) +
				(m->context != NULL ? 4 * sizeof(int32) : 0)) +
		   2 * history_bytes(&interactions->events) +
		   (double) (copies * (3 * m->n_rows + m->n_columns) + interactions->n_contexts) *
			   sizeof(int64);
}

double
interactions_bytes(const Interactions *interactions)
{
	const SparseMatrix *m = &interactions->by_user;

	return (double) m->start[m->n_rows] *
			   (sizeof(int32) + sizeof(float) + (m->time != NULL ? sizeof(int64) : 0) +
				(m->context != NULL ? sizeof(int32) : 0) + 1) +
		   (interactions->repeats ? 0 : history_bytes(&interactions->events)) +
		   (double) m->n_rows * sizeof(int64);
}

/*
 * Sets what to read for a plan, and for trainings with these needs. Returns whether exact times are
 * needed; popularity by recency does not need them.
 */
static bool
decide_needs(Source *source, Interactions *interactions, const SplitPlan *plan)
{
	unsigned	needs = interactions->needs | NEEDS_RATINGS;
	bool		exact;

	if (interactions->repeats && source->time_column != NULL)
	{
		needs = NEEDS_EVENTS | NEEDS_TIMES | (interactions->needs & USES_CONTEXTS);
		source->event_ratings = true;
	}
	/* the events of the two halves are joined by their times */
	else if (split_is_by_time(plan) ||
			 (plan->column != NULL && (interactions->needs & NEEDS_EVENTS) != 0))
		needs |= NEEDS_TIMES;
	exact = (needs & NEEDS_TIMES) != 0;
	if (source->time_column != NULL)
		needs |= NEEDS_TIMES;
	source->needs = needs;
	return exact;
}

/* Reads the attributes that a candidate needs. Items that have some are trained on, too. */
static void
read_attributes(Interactions *interactions, const ModelRow *row)
{
	Source	   *source = interactions->source;

	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		Oid			relid;

		if (row->attributes[kind].name == NULL ||
			!needs_attributes(interactions->needs, kind))
			continue;
		relid = attributes_relation(kind, &row->attributes[kind], row->model);
		interactions->attributes[kind] =
			attributes_read(attributes_open(kind, relid, source, CurrentMemoryContext), source,
							NULL, CurrentMemoryContext);
	}
	if (interactions->attributes[SIDE_ITEMS] != NULL)
		source->more_items = interactions->attributes[SIDE_ITEMS]->ids;
}

static void
read_whole(Interactions *interactions)
{
	Source	   *source = interactions->source;
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec reading", ALLOCSET_DEFAULT_SIZES);
	TrainingData *data = source_read(source, context);
	int64		n;

	number_attributes(interactions, data);
	source_report_left_out(data, source);
	if ((interactions->needs & NEEDS_TIMES) != 0)
		source_report_future(data, source);
	interactions->now = data->ratings.now;
	source_build_profiles(data, interactions->memory);
	interactions->by_user = rows_of(data);
	interactions->events = data->ratings.events;
	n = interactions->by_user.start[interactions->by_user.n_rows];
	interactions->part = palloc_extended(n, MCXT_ALLOC_HUGE);
	memset(interactions->part, PART_TRAIN, n);
	MemoryContextDelete(context);
}

Interactions *
interactions_read(const ModelRow *row, Feedback feedback, unsigned needs, const SplitPlan *plan)
{
	Interactions *interactions = palloc0(sizeof(Interactions));
	/* weights as they are: candidates with different options "weight" share one split */
	CommonOptions options = {.feedback = feedback, .weight = WEIGHT_LINEAR};
	Source	   *source = source_open_locked(&row->source, &options, CurrentMemoryContext);
	bool		exact_times;

	if (split_is_by_time(plan) && source->time_column == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("split \"%s\" needs the times of the ratings", plan->name),
				 errdetail("There is no time column."),
				 errhint("Name it with time_column when the model is created; or use the split "
						 "\"random\".")));
	if (plan->method == SPLIT_ITEM &&
		(!needs_attributes(needs, SIDE_ITEMS) || row->attributes[SIDE_ITEMS].name == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("split \"item\" needs an algorithm that learns from attributes of the "
						"items"),
				 errdetail("Others know nothing of items that nobody has rated.")));
	interactions->source = source;
	interactions->needs = needs;
	interactions->rule = source_merge_rule(feedback);
	interactions->by_item = plan->method == SPLIT_ITEM;
	interactions->by_session = split_is_by_session(plan);
	interactions->session_gap = plan->session_gap;
	/* without times, only a column can divide events of the same pair */
	interactions->repeats =
		interactions->by_session ||
		(plan->repeats && (source->time_column != NULL || plan->column != NULL));
	exact_times = decide_needs(source, interactions, plan);
	interactions->memory = training_memory_create(CurrentMemoryContext);
	PushActiveSnapshot(GetTransactionSnapshot());
	read_attributes(interactions, row);
	if (plan->column != NULL)
		read_by_column(interactions, plan->column);
	else
		read_whole(interactions);
	PopActiveSnapshot();
	if (interactions->repeats)
		interactions->events =
			(needs & NEEDS_EVENTS) != 0 ? events_of(&interactions->by_user) : (History){0};
	if (exact_times)
		check_times(source, &interactions->by_user);
	memory_require(interactions_bytes(interactions) + split_bytes(interactions),
				   psprintf("evaluating on source \"%s\"", get_rel_name(source->relid)));
	return interactions;
}

void
interactions_reset(Interactions *interactions)
{
	if (!interactions->by_column)
		memset(interactions->part, PART_TRAIN,
			   interactions->by_user.start[interactions->by_user.n_rows]);
}
