/*
 * split.c
 *	  The ratings of a source, divided into what a model is trained on and what it is asked about.
 *
 * The source is read once, into one matrix; every rating has a part, and a split is made of the
 * ratings of some parts: so that several trainings, on the same or on other parts, cost one
 * reading. Chance is a function of the seed, the user's and the item's number, so that it depends
 * on nothing but what is in the source. It also decides among ratings of the same time, of which
 * none is known to be the last: the order of the ids often is that of age or popularity, so by it
 * a test would be too easy or too hard.
 */
#include "postgres.h"
#include "server/compat.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "kernel/random.h"
#include "miscadmin.h"
#include "model/invariants.h"
#include "run/split.h"
#include "server/memory.h"
#include "server/messages.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/*
 * Of a user who is held out as a whole, this part of the ratings is asked about (Liang et al.
 * 2018, "Variational autoencoders for collaborative filtering", section 4.1).
 */
#define USER_HELD_FRACTION 0.2

#define COLUMN_PREFIX "column:"

static const char *const method_names[] = {"time",			"global_time", "random",
										   "leave_one_out", "user",		   COLUMN_PREFIX "NAME"};

SplitPlan
split_plan(const char *name, double test_fraction, int folds, int min_ratings, int seed)
{
	SplitPlan	plan = {.test_fraction = test_fraction,
					  .folds = folds,
					  .min_ratings = min_ratings,
					  .seed = (uint64) (int64) seed};
	int			method = 0;

	if (strncmp(name, COLUMN_PREFIX, strlen(COLUMN_PREFIX)) == 0)
	{
		method = SPLIT_COLUMN;
		plan.column = pstrdup(name + strlen(COLUMN_PREFIX));
	}
	else
	{
		while (method < SPLIT_COLUMN && strcmp(name, method_names[method]) != 0)
			method++;
		if (method == SPLIT_COLUMN)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no split \"%s\"", name),
					 hint_nearest(name, method_names, lengthof(method_names))));
	}
	plan.method = method;
	if (!(test_fraction > 0 && test_fraction < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("test_fraction must be between 0 and 1, not %g", test_fraction)));
	if (folds < 1 || folds > 1000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("folds must be between 1 and 1000, not %d", folds)));
	if (folds > 1 && method != SPLIT_RANDOM && method != SPLIT_USER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("split \"%s\" has one fold only", name),
				 errhint("Folds are for the splits \"random\" and \"user\".")));
	if (min_ratings < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_ratings must not be negative")));
	return plan;
}

/* ---- reading ---- */

static void
check_column(const Source *source, const char *column)
{
	Oid			type = getBaseType(get_atttype(source->relid, source_column(source, column,
	"split")));

	if (type != BOOLOID)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" of source \"%s\" must be boolean, not %s", column,
							   get_rel_name(source->relid), format_type_be(type)),
						errdetail("It says which rows are held out.")));
}

/*
 * Times are in microseconds, as far as an int64 goes; beyond it nothing says which rating came
 * first. Infinity is one moment.
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
							errdetail("A number is taken as seconds."),
							errhint("Let the source be a view that makes timestamps of them.")));
	}
}

/* The numbers of other ids in a dictionary, to which those that are new are added. */
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
	int32		x = ((const Entry *) a)->column;
	int32		y = ((const Entry *) b)->column;

	return (x > y) - (x < y);
}

/* Appends to a row of a history an event of another. */
static void
append_event(History *to, int64 *n, const History *from, int64 i, int32 item)
{
	to->items[*n] = item;
	if (to->times != NULL)
		to->times[*n] = from->times[i];
	(*n)++;
}

/*
 * Joins the events that a column sets aside to the others, in the order of time. Of a pair of a
 * user and an item that is in both, those that are set aside go, as the pair's ratings do.
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
 * Joins the ratings that a column sets aside to the others. Who has an item in both has it in
 * training: it is known then, and nothing to ask about.
 */
static void
join_tested(Interactions *interactions, TrainingData *train, TrainingData *test)
{
	const SparseMatrix *a = &train->ratings.by_user;
	const SparseMatrix *b = &test->ratings.by_user;
	int32	   *users = add_ids(train->users, test->users);
	int32	   *items = add_ids(train->items, test->items);
	int64		n_users = train->users->n;
	SparseMatrix *m = &interactions->by_user;
	int32	   *row_of = palloc_extended(sizeof(int32) * n_users, MCXT_ALLOC_HUGE);
	int64		entries = a->start[a->n_rows] + b->start[b->n_rows];
	int64		n = 0;
	int64		in_both = 0;

	source_allocate_matrix(m, n_users, train->items->n, entries, a->time != NULL,
						   interactions->memory);
	interactions->part = palloc_extended(Max(entries, 1), MCXT_ALLOC_HUGE);
	memset(row_of, -1, sizeof(int32) * n_users);
	for (int64 r = 0; r < b->n_rows; r++)
		row_of[users[r]] = (int32) r;
	for (int64 u = 0; u < n_users; u++)
	{
		int64		i = u < a->n_rows ? a->start[u] : 0;
		int64		i_end = u < a->n_rows ? a->start[u + 1] : 0;
		int64		j_begin = row_of[u] < 0 ? 0 : b->start[row_of[u]];
		int64		n_tested = row_of[u] < 0 ? 0 : b->start[row_of[u] + 1] - j_begin;
		Entry	   *tested = palloc(sizeof(Entry) * Max(n_tested, 1));
		int64		j = 0;

		CHECK_FOR_INTERRUPTS();
		/* row: where it is in b */
		for (int64 t = 0; t < n_tested; t++)
			tested[t] = (Entry) {(int32) t, items[b->column[j_begin + t]], 0};
		qsort(tested, n_tested, sizeof(Entry), compare_entries);
		while (i < i_end || j < n_tested)
		{
			bool		take_test = i >= i_end || (j < n_tested && tested[j].column < a->column[i]);
			const SparseMatrix *from = take_test ? b : a;
			int64		at = take_test ? j_begin + tested[j].row : i;

			if (!take_test && j < n_tested && tested[j].column == a->column[i])
			{
				j++;
				in_both++;
			}
			m->column[n] = take_test ? tested[j].column : a->column[i];
			m->value[n] = from->value[at];
			if (m->time != NULL)
				m->time[n] = from->time[at];
			interactions->part[n++] = take_test ? PART_TEST : PART_TRAIN;
			if (take_test)
				j++;
			else
				i++;
		}
		m->start[u + 1] = n;
		pfree(tested);
	}
	if (train->ratings.events.n_users > 0)
		join_events(interactions, &train->ratings.events, &test->ratings.events, row_of, items);
	if (in_both > 0)
		ereport(NOTICE,
				(errmsg_plural(
					"left out " INT64_FORMAT
					" pair of a user and an item that is to be tested, as it is trained on",
					"left out " INT64_FORMAT
					" pairs of a user and an item that are to be tested, as they are trained on",
					in_both, in_both)));
	pfree(row_of);
	pfree(users);
	pfree(items);
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
		/* without a list of known items all are read */
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
	/* of what is tested no age counts */
	if ((interactions->needs & NEEDS_TIMES) != 0)
		source_report_future(halves[0], source);
	join_tested(interactions, halves[0], halves[1]);
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

	return (double) m->start[m->n_rows] *
			   (3 * (sizeof(int32) + sizeof(float)) +
				((interactions->needs & NEEDS_TIMES) != 0 ? 2 * sizeof(int64) : 0)) +
		   2 * history_bytes(&interactions->events) +
		   (double) (3 * m->n_rows + m->n_columns) * sizeof(int64);
}

double
interactions_bytes(const Interactions *interactions)
{
	const SparseMatrix *m = &interactions->by_user;

	return (double) m->start[m->n_rows] *
			   (sizeof(int32) + sizeof(float) + (m->time != NULL ? sizeof(int64) : 0) + 1) +
		   history_bytes(&interactions->events) + (double) m->n_rows * sizeof(int64);
}

Interactions *
interactions_read(const ModelRow *row, Feedback feedback, unsigned needs, const SplitPlan *plan)
{
	Interactions *interactions = palloc0(sizeof(Interactions));
	/* weights as they are: candidates that count them otherwise are evaluated on one split */
	CommonOptions options = {.feedback = feedback, .weight = WEIGHT_LINEAR};
	Source	   *source = source_open_locked(row, &options, CurrentMemoryContext);
	bool		by_time = plan->method == SPLIT_TIME || plan->method == SPLIT_GLOBAL_TIME ||
				   plan->method == SPLIT_LEAVE_ONE_OUT;

	if (by_time && source->time_column == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("split \"%s\" needs the times of the ratings", method_names[plan->method]),
				 errdetail("There is no time column."),
				 errhint("Name it with time_column when the model is created; or use the split "
						 "\"random\".")));
	interactions->needs = needs;
	/* of two halves events are joined by their times */
	if (by_time || (plan->method == SPLIT_COLUMN && (needs & NEEDS_EVENTS) != 0))
		needs |= NEEDS_TIMES;
	source->needs = needs | NEEDS_RATINGS;
	interactions->source = source;
	interactions->memory = training_memory_create(CurrentMemoryContext);
	PushActiveSnapshot(GetTransactionSnapshot());
	if (plan->method == SPLIT_COLUMN)
		read_by_column(interactions, plan->column);
	else
	{
		MemoryContext context =
			AllocSetContextCreate(CurrentMemoryContext, "rec reading", ALLOCSET_DEFAULT_SIZES);
		TrainingData *data = source_read(source, context);
		int64		n;

		source_report_left_out(data, source);
		if ((interactions->needs & NEEDS_TIMES) != 0)
			source_report_future(data, source);
		interactions->now = data->ratings.now;
		source_build_profiles(data, interactions->memory);
		interactions->by_user = data->ratings.by_user;
		interactions->events = data->ratings.events;
		n = interactions->by_user.start[interactions->by_user.n_rows];
		interactions->part = palloc_extended(n, MCXT_ALLOC_HUGE);
		memset(interactions->part, PART_TRAIN, n);
		MemoryContextDelete(context);
	}
	PopActiveSnapshot();
	if ((source->needs & NEEDS_TIMES) != 0)
		check_times(source, &interactions->by_user);
	memory_require(interactions_bytes(interactions) + split_bytes(interactions),
				   psprintf("evaluating on source \"%s\"", get_rel_name(source->relid)));
	return interactions;
}

/* ---- parts ---- */

/* Whether what has this chance is tested in this fold. */
static bool
is_tested(const SplitPlan *plan, int fold, double chance)
{
	return plan->folds == 1 ? chance < plan->test_fraction : (int) (chance * plan->folds) == fold;
}

/*
 * Of n, how many are a fraction; one at least. The fraction was a float4, which may be a little
 * less than was written.
 */
static int64
count_fraction(double fraction, int64 n)
{
	return Max(1, (int64) floor(fraction * (1 + FLT_EPSILON) * n));
}

typedef struct Candidate
{
	int64		time;			/* 0: does not count */
	uint64		lot;			/* decides among those of the same time */
	int64		place;			/* in the matrix, which is in the order of items */
} Candidate;

static int
compare_candidates(const void *a, const void *b)
{
	const Candidate *x = a;
	const Candidate *y = b;

	if (x->time != y->time)
		return x->time > y->time ? 1 : -1;
	if (x->lot != y->lot)
		return x->lot > y->lot ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

/* The ratings of a user that may be tested; returns how many. */
static int64
collect(const Interactions *interactions, const SplitPlan *plan, int64 user, Candidate *candidates)
{
	bool		by_time = plan->method == SPLIT_TIME || plan->method == SPLIT_LEAVE_ONE_OUT ||
				   plan->method == SPLIT_GLOBAL_TIME;
	const SparseMatrix *m = &interactions->by_user;
	int64		n = 0;

	for (int64 i = m->start[user]; i < m->start[user + 1]; i++)
	{
		if (interactions->part[i] == PART_TRAIN)
			candidates[n++] = (Candidate){
				by_time ? m->time[i] : 0,
				random_bits(plan->seed, (uint64) user << 32 | (uint32) m->column[i]), i};
	}
	return n;
}

/*
 * The number that would be at a place if the numbers were sorted (Hoare 1961, "Algorithm 65:
 * find"); they are left in another order.
 */
static int64
select_number(int64 *numbers, int64 n, int64 place)
{
	int64		low = 0;
	int64		high = n - 1;

	while (low < high)
	{
		/*
		 * by chance, so that no order of the numbers is slow; fixed, so that the answer takes the
		 * same time again
		 */
		int64		pivot =
			numbers[low + (int64) (random_bits(low, high) % (uint64) (high - low + 1))];
		int64		i = low;
		int64		j = high;

		CHECK_FOR_INTERRUPTS();
		while (i <= j)
		{
			while (numbers[i] < pivot)
				i++;
			while (numbers[j] > pivot)
				j--;
			if (i <= j)
			{
				int64		swap = numbers[i];

				numbers[i++] = numbers[j];
				numbers[j--] = swap;
			}
		}
		if (place <= j)
			high = j;
		else if (place >= i)
			low = i;
		else
			break;
	}
	return numbers[place];
}

/*
 * The moment after which a fraction of the ratings, or a little less where several have the same
 * time, comes.
 */
static int64
find_moment(const Interactions *interactions, double fraction)
{
	const SparseMatrix *m = &interactions->by_user;
	int64		entries = m->start[m->n_rows];
	int64	   *times = palloc_extended(sizeof(int64) * Max(entries, 1), MCXT_ALLOC_HUGE);
	int64		n = 0;
	int64		moment = 0;

	for (int64 i = 0; i < entries; i++)
	{
		if (i % 1048576 == 0)
			CHECK_FOR_INTERRUPTS();
		if (interactions->part[i] == PART_TRAIN)
			times[n++] = m->time[i];
	}
	if (n > 0)
		moment = select_number(times, n, Max(0, n - count_fraction(fraction, n) - 1));
	pfree(times);
	return moment;
}

void
split_assign(Interactions *interactions, const SplitPlan *plan, int fold, uint8 tested, uint8 known)
{
	const SparseMatrix *m = &interactions->by_user;
	uint8	   *part = interactions->part;
	int64		longest = 1;
	Candidate  *candidates;
	int64		moment = 0;

	if (plan->method == SPLIT_COLUMN)
		return;
	for (int64 u = 0; u < m->n_rows; u++)
		longest = Max(longest, m->start[u + 1] - m->start[u]);
	candidates = palloc_extended(sizeof(Candidate) * longest, MCXT_ALLOC_HUGE);
	if (plan->method == SPLIT_GLOBAL_TIME)
		moment = find_moment(interactions, plan->test_fraction);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		n = collect(interactions, plan, u, candidates);
		bool		too_few = n < plan->min_ratings;
		int64		last = 0;	/* of the candidates in order, as many as are tested */

		CHECK_FOR_INTERRUPTS();
		/* what comes after the moment is not known to training, even if it is not tested */
		if (n == 0 || (too_few && plan->method != SPLIT_GLOBAL_TIME))
			continue;
		switch (plan->method)
		{
			case SPLIT_TIME:
				last = count_fraction(plan->test_fraction, n);
				break;
			case SPLIT_LEAVE_ONE_OUT:
				last = 1;
				break;
			case SPLIT_USER:
				if (!is_tested(plan, fold,
							   random_uniform(plan->seed, (uint64) u << 32 | 0xffffffff)))
					continue;
				for (int64 i = 0; i < n; i++)
					part[candidates[i].place] = known;
				last = count_fraction(USER_HELD_FRACTION, n);
				break;
			case SPLIT_GLOBAL_TIME:
				for (int64 i = 0; i < n; i++)
				{
					if (candidates[i].time <= moment)
						continue;
					part[candidates[i].place] = too_few ? 0 : tested;
				}
				break;
			case SPLIT_RANDOM:
				for (int64 i = 0; i < n; i++)
				{
					if (is_tested(plan, fold,
								  random_uniform(plan->seed,
												 (uint64) u << 32 |
													 (uint32) m->column[candidates[i].place])))
						part[candidates[i].place] = tested;
				}
				break;
			case SPLIT_COLUMN:
				break;
		}
		if (last == 0)
			continue;
		qsort(candidates, n, sizeof(Candidate), compare_candidates);
		for (int64 i = n - last; i < n; i++)
		{
			part[candidates[i].place] = tested;
			interactions->n_tied += n > last && candidates[i].time == candidates[n - last - 1].time;
		}
	}
	pfree(candidates);
}

bool
split_tests(const Interactions *interactions, uint8 part)
{
	return memchr(interactions->part, part,
				  interactions->by_user.start[interactions->by_user.n_rows]) != NULL;
}

/* ---- what training and questions need ---- */

static bool
takes_part(const bool *in_sample, int64 user)
{
	return in_sample == NULL || in_sample[user];
}

/*
 * The numbers that items have in training, -1 for those that are not in it; returns how many are.
 */
static int64
number_items(const Interactions *interactions, uint8 train, const bool *in_sample, int32 *number)
{
	const SparseMatrix *m = &interactions->by_user;
	int32		n = 0;

	memset(number, -1, sizeof(int32) * m->n_columns);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 i = m->start[u]; takes_part(in_sample, u) && i < m->start[u + 1]; i++)
		{
			if (interactions->part[i] & train)
				number[m->column[i]] = 0;
		}
	}
	for (int64 c = 0; c < m->n_columns; c++)
	{
		if (number[c] == 0)
			number[c] = n++;
	}
	return n;
}

/* Whether a user has ratings of one of the parts, and how many. */
static int64
count_parts(const Interactions *interactions, int64 user, uint8 parts)
{
	const SparseMatrix *m = &interactions->by_user;
	int64		n = 0;

	for (int64 i = m->start[user]; i < m->start[user + 1]; i++)
		n += (interactions->part[i] & parts) != 0;
	return n;
}

/*
 * Appends a user's ratings of some parts to a matrix, as its next row. Items that training does
 * not have: first, as -1, or not at all.
 */
static void
append_row(SparseMatrix *to, int64 row, const Interactions *interactions, int64 user, uint8 parts,
		   const int32 *number, bool unseen)
{
	const SparseMatrix *m = &interactions->by_user;
	int64		n = to->start[row];

	for (int first = unseen; first >= 0; first--)
	{
		for (int64 i = m->start[user]; i < m->start[user + 1]; i++)
		{
			int32		item = number[m->column[i]];

			if (!(interactions->part[i] & parts) || (item < 0) != first)
				continue;
			to->column[n] = item;
			to->value[n] = m->value[i];
			if (to->time != NULL)
				to->time[n] = m->time[i];
			n++;
		}
	}
	to->start[row + 1] = n;
}

/*
 * Of a user's events those of some parts, with the numbers that their items have in training; a
 * pair's events are of the part of its rating. The next row of a history; with no history only
 * counts them. part_of: of each item, 0.
 */
static int64
append_events(History *to, int64 row, const Interactions *interactions, int64 user, uint8 parts,
			  const int32 *number, uint8 *part_of)
{
	const SparseMatrix *m = &interactions->by_user;
	const History *events = &interactions->events;
	int64		first = to == NULL ? 0 : to->start[row];
	int64		n = first;

	for (int64 i = m->start[user]; i < m->start[user + 1]; i++)
		part_of[m->column[i]] = interactions->part[i];
	for (int64 i = events->start[user]; i < events->start[user + 1]; i++)
	{
		int32		item = number[events->items[i]];

		if ((part_of[events->items[i]] & parts) == 0 || item < 0)
			continue;
		if (to == NULL)
			n++;
		else
			append_event(to, &n, events, i, item);
	}
	for (int64 i = m->start[user]; i < m->start[user + 1]; i++)
		part_of[m->column[i]] = 0;
	if (to != NULL)
		to->start[row + 1] = n;
	return n - first;
}

/* The events to train on, and what users who are asked about are known by. */
static void
split_events(Split *split, const Interactions *interactions, uint8 train, uint8 known,
			 const bool *in_sample, const int32 *number, TrainingMemory *memory)
{
	const SparseMatrix *m = &interactions->by_user;
	bool		times = (interactions->needs & NEEDS_TIMES) != 0;
	uint8	   *part_of = palloc_extended(m->n_columns, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int64		n_train = 0;
	int64		n_known = 0;
	int64		row = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (takes_part(in_sample, u))
			n_train += append_events(NULL, 0, interactions, u, train, number, part_of);
	}
	for (int64 q = 0; q < split->known.n_rows; q++)
	{
		CHECK_FOR_INTERRUPTS();
		n_known +=
			append_events(NULL, 0, interactions, split->user[q], train | known, number, part_of);
	}
	source_allocate_history(&split->train.events, split->train.by_user.n_rows, n_train, times,
							memory);
	source_allocate_history(&split->known_events, split->known.n_rows, n_known, times, memory);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (takes_part(in_sample, u) && count_parts(interactions, u, train) > 0)
			append_events(&split->train.events, row++, interactions, u, train, number, part_of);
	}
	for (int64 q = 0; q < split->known.n_rows; q++)
	{
		CHECK_FOR_INTERRUPTS();
		append_events(&split->known_events, q, interactions, split->user[q], train | known, number,
					  part_of);
	}
	pfree(part_of);
}

/* Items that were held out and are not trained on, and how many ratings they have. */
static void
count_unseen(Split *split, const Interactions *interactions, uint8 held, const bool *in_sample,
			 const int32 *number)
{
	const SparseMatrix *m = &interactions->by_user;
	bool	   *met = palloc_extended(m->n_columns, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 i = m->start[u]; takes_part(in_sample, u) && i < m->start[u + 1]; i++)
		{
			int32		item = m->column[i];

			if (!(interactions->part[i] & held) || number[item] >= 0)
				continue;
			split->unseen_ratings++;
			split->unseen_items += !met[item];
			met[item] = true;
		}
	}
	pfree(met);
}

Split *
split_make(const Interactions *interactions, uint8 train, uint8 known, uint8 held,
		   const bool *in_sample, TrainingMemory *memory)
{
	Split	   *split = MemoryContextAllocZero(memory->context, sizeof(Split));
	const SparseMatrix *m = &interactions->by_user;
	int32	   *number = palloc_extended(sizeof(int32) * Max(m->n_columns, 1), MCXT_ALLOC_HUGE);
	int64		n_items = number_items(interactions, train, in_sample, number);
	int64		n_users = 0;
	int64		n_asked = 0;
	int64		n_train = 0;
	int64		n_known = 0;
	int64		n_held = 0;
	int64		row = 0;
	int64		asked = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		n = takes_part(in_sample, u) ? count_parts(interactions, u, train) : 0;
		int64		n_tested = takes_part(in_sample, u) ? count_parts(interactions, u, held) : 0;

		CHECK_FOR_INTERRUPTS();
		n_users += n > 0;
		n_train += n;
		n_asked += n_tested > 0;
		n_held += n_tested;
		n_known += n_tested > 0 ? n + count_parts(interactions, u, known) : 0;
	}
	if (n_train == 0 || n_held == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the split of source \"%s\" leaves nothing to %s",
						get_rel_name(interactions->source->relid),
						n_train == 0 ? "train on" : "ask about"),
				 errhint("It has " INT64_FORMAT " ratings of " INT64_FORMAT
						 " users; another split, test_fraction, folds or min_ratings may do.",
						 m->start[m->n_rows], m->n_rows)));
	source_allocate_matrix(&split->train.by_user, n_users, n_items, n_train,
						   (interactions->needs & NEEDS_TIMES) != 0, memory);
	source_allocate_matrix(&split->known, n_asked, n_items, n_known, false, memory);
	source_allocate_matrix(&split->held, n_asked, n_items, n_held, false, memory);
	split->user = MemoryContextAllocHuge(memory->context, sizeof(int32) * n_asked);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!takes_part(in_sample, u))
			continue;
		if (count_parts(interactions, u, train) > 0)
			append_row(&split->train.by_user, row++, interactions, u, train, number, false);
		if (count_parts(interactions, u, held) == 0)
			continue;
		append_row(&split->known, asked, interactions, u, train | known, number, false);
		append_row(&split->held, asked, interactions, u, held, number, true);
		split->unseen_users += split->known.start[asked] == split->known.start[asked + 1];
		split->user[asked++] = (int32) u;
	}
	if (interactions->events.n_users > 0)
		split_events(split, interactions, train, known, in_sample, number, memory);
	count_unseen(split, interactions, held, in_sample, number);
	pfree(number);
	split->train.now = interactions->now;
	source_complete(&split->train, memory);
	assert_ratings(&split->train);
	assert_matrix(&split->known);
	Assert(split->known.n_rows == split->held.n_rows);
	return split;
}
