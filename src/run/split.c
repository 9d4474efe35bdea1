/*
 * split.c
 *	  Divides the ratings of a source into a part to train on and a part to test.
 *
 * The source is read once. Every rating has a part, and a split consists of the ratings of some
 * parts, so that several trainings, on the same or other parts, read the source only once. Where
 * events are divided, `rating` means a single event below; events of one user and item are merged
 * after the division, by the rule by which training merges them.
 *
 * Random numbers are functions of the seed and the numbers of the user and the item, so that a
 * split depends only on the contents of the source. They also decide between ratings of the same
 * time, none of which is known to be the last: the order of ids is often that of age or popularity,
 * and would make a test too easy or too hard.
 */
#include "postgres.h"
#include "server/compat.h"

#include <float.h>
#include <math.h>

#include "kernel/random.h"
#include "miscadmin.h"
#include "model/invariants.h"
#include "run/sessions.h"
#include "run/split.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/*
 * The fraction of the ratings of a held-out user that is tested; the rest is the profile (Liang et
 * al. 2018, "Variational autoencoders for collaborative filtering", section 4.1).
 */
#define USER_HELD_FRACTION 0.2

/* ---- parts ---- */

/* Whether a rating or user with this random number in [0, 1) is tested in this fold. */
static bool
is_tested(const SplitPlan *plan, int fold, double chance)
{
	return plan->folds == 1 ? chance < plan->test_fraction : (int) (chance * plan->folds) == fold;
}

/* The fraction was a float4, and may be a little less than the number that was written. */
int64
count_fraction(double fraction, int64 n)
{
	return Max(1, (int64) floor(fraction * (1 + FLT_EPSILON) * n));
}

typedef struct Candidate
{
	int64		time;			/* 0: not compared */
	uint64		lot;			/* decides between ratings of the same time */
	/* the position in the matrix, which is in the order of items, of the first one */
	int64		place;
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

/*
 * The random number of a rating. Where events are divided, several events of one user and item have
 * different numbers.
 */
static uint64
lot_of(const Interactions *interactions, const SplitPlan *plan, int64 user, int64 i)
{
	const SparseMatrix *m = &interactions->by_user;
	uint64		lot = random_bits(plan->seed, (uint64) user << 32 | (uint32) m->column[i]);

	return interactions->repeats ? random_bits(lot, (uint64) (i - m->start[user])) : lot;
}

/*
 * The end of what is divided as one, which begins here: an event or, where ratings are divided,
 * those of a user and an item in all contexts. So contexts make no difference to what is held out,
 * and no held-out item is known from another context.
 */
static int64
unit_end(const Interactions *interactions, int64 user, int64 begin)
{
	const SparseMatrix *m = &interactions->by_user;
	int64		end = begin + 1;

	while (m->context != NULL && !interactions->repeats && end < m->start[user + 1] &&
		   m->column[end] == m->column[begin])
		end++;
	return end;
}

/* The latest time of what is divided as one. */
static int64
latest_time(const Interactions *interactions, int64 begin, int64 end)
{
	int64		latest = interactions->by_user.time[begin];

	for (int64 i = begin + 1; i < end; i++)
		latest = Max(latest, interactions->by_user.time[i]);
	return latest;
}

/* Moves what is divided as one to a part; returns the number of its ratings. */
static int64
set_part(Interactions *interactions, int64 user, int64 begin, uint8 part)
{
	int64		end = unit_end(interactions, user, begin);

	memset(interactions->part + begin, part, end - begin);
	return end - begin;
}

/* Collects the ratings of a user that may be tested; returns their number. */
static int64
collect(const Interactions *interactions, const SplitPlan *plan, int64 user, Candidate *candidates)
{
	bool		by_time = split_is_by_time(plan);
	const SparseMatrix *m = &interactions->by_user;
	int64		n = 0;

	for (int64 i = m->start[user], end; i < m->start[user + 1]; i = end)
	{
		end = unit_end(interactions, user, i);
		if (interactions->part[i] == PART_TRAIN)
			candidates[n++] = (Candidate){by_time ? latest_time(interactions, i, end) : 0,
										  lot_of(interactions, plan, user, i), i};
	}
	return n;
}

/* Hoare 1961, "Algorithm 65: find". */
int64
select_number(int64 *numbers, int64 n, int64 place)
{
	int64		low = 0;
	int64		high = n - 1;

	while (low < high)
	{
		/*
		 * Random, so that no order of the numbers is slow; not seeded, so that the same call takes
		 * the same time.
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
 * The time after which the given fraction of the ratings comes, or a little less if several have
 * the same time.
 */
static int64
find_moment(const Interactions *interactions, double fraction)
{
	const SparseMatrix *m = &interactions->by_user;
	int64		entries = m->start[m->n_rows];
	int64	   *times = palloc_extended(sizeof(int64) * Max(entries, 1), MCXT_ALLOC_HUGE);
	int64		n = 0;
	int64		moment = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 i = m->start[u], end; i < m->start[u + 1]; i = end)
		{
			end = unit_end(interactions, u, i);
			if (interactions->part[i] == PART_TRAIN)
				times[n++] = latest_time(interactions, i, end);
		}
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
	int64		longest;
	Candidate  *candidates;
	int64		moment = 0;

	if (plan->column != NULL)
		return;
	if (plan->method == SPLIT_SESSION)
	{
		sessions_assign(interactions, plan, tested, known);
		return;
	}
	longest = sparse_longest_row(m);
	candidates = palloc_extended(sizeof(Candidate) * Max(longest, 1), MCXT_ALLOC_HUGE);
	if (plan->method == SPLIT_GLOBAL_TIME)
		moment = find_moment(interactions, plan->test_fraction);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		n = collect(interactions, plan, u, candidates);
		bool		too_few = n < plan->min_ratings;
		int64		last = 0;	/* so many of the last candidates are tested */

		CHECK_FOR_INTERRUPTS();
		/*
		 * training knows nothing after the moment, and nothing of the items that are held out, even
		 * if it is not tested
		 */
		if (n == 0 ||
			(too_few && plan->method != SPLIT_GLOBAL_TIME && plan->method != SPLIT_ITEM))
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
					set_part(interactions, u, candidates[i].place, known);
				last = count_fraction(USER_HELD_FRACTION, n);
				break;
			case SPLIT_GLOBAL_TIME:
				for (int64 i = 0; i < n; i++)
				{
					if (candidates[i].time <= moment)
						continue;
					set_part(interactions, u, candidates[i].place, too_few ? 0 : tested);
				}
				break;
			case SPLIT_RANDOM:
				for (int64 i = 0; i < n; i++)
				{
					if (is_tested(plan, fold, uniform_of_bits(candidates[i].lot)))
						set_part(interactions, u, candidates[i].place, tested);
				}
				break;
			case SPLIT_ITEM:
				for (int64 i = 0; i < n; i++)
				{
					int64		place = candidates[i].place;

					if (is_tested(plan, fold,
								  random_uniform(plan->seed,
												 UINT64CONST(1) << 63 | (uint32) m->column[place])))
						set_part(interactions, u, place, too_few ? 0 : tested);
				}
				break;
			case SPLIT_SESSION:
			case SPLIT_SESSION_COLUMN:
			case SPLIT_COLUMN:
				break;
		}
		if (last == 0)
			continue;
		qsort(candidates, n, sizeof(Candidate), compare_candidates);
		for (int64 i = n - last; i < n; i++)
		{
			int64		n_tested = set_part(interactions, u, candidates[i].place, tested);

			if (n > last && candidates[i].time == candidates[n - last - 1].time)
				interactions->n_tied += n_tested;
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

/* ---- data for training and questions ---- */

static bool
takes_part(const bool *in_sample, int64 user)
{
	return in_sample == NULL || in_sample[user];
}

/* The items that are on no list if unrated ones are ranked among themselves. */
static uint64 *
skip_rated(const int64 *is_rated, int64 n_items, TrainingMemory *memory)
{
	Size		bytes = sizeof(uint64) * (n_items / 64 + 1);
	uint64	   *skip;

	training_memory_reserve(memory, training_memory_size(bytes));
	skip = training_memory_allocate(memory, bytes);
	for (int64 i = 0; i < n_items; i++)
		skip[i / 64] |= (uint64) is_rated[i] << (i % 64);
	return skip;
}

/*
 * The numbers that items have in training, -1 for those that are not in it; returns how many are.
 * Items with attributes are in it even if nobody has rated them, as in the training of a model.
 */
static int64
number_items(const Interactions *interactions, uint8 train, const bool *in_sample, int32 *number,
			 Split *split, TrainingMemory *memory)
{
	const AttributeRows *attributes = interactions->attributes[SIDE_ITEMS];
	const int32 *items = interactions->attribute_numbers[SIDE_ITEMS];
	const SparseMatrix *m = &interactions->by_user;
	int32		n = 0;
	int64	   *is_rated;

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
	if (attributes == NULL)
	{
		for (int64 c = 0; c < m->n_columns; c++)
		{
			if (number[c] == 0)
				number[c] = n++;
		}
		return n;
	}
	is_rated = MemoryContextAllocHuge(memory->context, sizeof(int64) * Max(m->n_columns, 1));
	split->attributes = attributes;
	split->attribute_items =
		MemoryContextAllocHuge(memory->context, sizeof(int32) * Max(attributes->ids->n, 1));
	/* until they are numbered, 1: not rated */
	for (int32 r = 0; r < attributes->ids->n; r++)
	{
		if (number[items[r]] < 0)
			number[items[r]] = 1;
	}
	for (int64 c = 0; c < m->n_columns; c++)
	{
		if (number[c] < 0)
			continue;
		is_rated[n] = number[c] == 0;
		number[c] = n++;
	}
	for (int32 r = 0; r < attributes->ids->n; r++)
		split->attribute_items[r] = number[items[r]];
	split->is_rated = is_rated;
	if (interactions->by_item)
		split->skip = skip_rated(is_rated, n, memory);
	return n;
}

/* The number of a user's ratings in the given parts. */
static int64
count_parts(const Interactions *interactions, int64 user, uint8 parts)
{
	const SparseMatrix *m = &interactions->by_user;
	int64		n = 0;

	for (int64 i = m->start[user]; i < m->start[user + 1]; i++)
		n += (interactions->part[i] & parts) != 0;
	return n;
}

/* The order of a user's ratings, and which of them are merged: those of an item */
typedef enum RowOrder
{
	BY_ITEM,					/* in whatever context */
	BY_ITEM_IN_CONTEXTS,		/* in one context; items, and the contexts of each */
	BY_CONTEXT					/* likewise; contexts, and the items of each */
} RowOrder;

/* An entry, by what comes first and second in the order, and its place in the user's row. */
typedef struct RowEntry
{
	int32		first;
	int32		second;
	int32		place;
} RowEntry;

/* A user's ratings in some parts. */
typedef struct Row
{
	SparseMatrix m;				/* of one row; columns are numbered as in the interactions */
	int64		start[2];
	int32	   *context;		/* room for m.context; NULL: there are no contexts */
	RowEntry   *entries;		/* scratch */
} Row;

/* Allocates room for the ratings of any user. */
static Row *
create_row(const Interactions *interactions)
{
	const SparseMatrix *m = &interactions->by_user;
	Row		   *row = palloc0(sizeof(Row));
	int64		longest = sparse_longest_row(m);

	longest = Max(longest, 1);
	row->m = (SparseMatrix){.n_rows = 1, .n_columns = m->n_columns, .start = row->start};
	row->m.column = palloc_extended(sizeof(int32) * longest, MCXT_ALLOC_HUGE);
	row->m.value = palloc_extended(sizeof(float) * longest, MCXT_ALLOC_HUGE);
	if (m->time != NULL)
		row->m.time = palloc_extended(sizeof(int64) * longest, MCXT_ALLOC_HUGE);
	if (m->context != NULL)
		row->context = palloc_extended(sizeof(int32) * longest, MCXT_ALLOC_HUGE);
	row->entries = palloc_extended(sizeof(RowEntry) * longest, MCXT_ALLOC_HUGE);
	return row;
}

static void
free_row(Row *row)
{
	pfree(row->m.column);
	pfree(row->m.value);
	if (row->m.time != NULL)
		pfree(row->m.time);
	if (row->context != NULL)
		pfree(row->context);
	pfree(row->entries);
	pfree(row);
}

static int
compare_entries(const void *a, const void *b)
{
	const RowEntry *x = a;
	const RowEntry *y = b;

	if (x->first != y->first)
		return x->first > y->first ? 1 : -1;
	if (x->second != y->second)
		return x->second > y->second ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

static void
fill_row(Row *row, const Interactions *interactions, int64 user, uint8 parts, RowOrder order)
{
	const SparseMatrix *m = &interactions->by_user;
	bool		contexts = m->context != NULL && order != BY_ITEM;
	bool		merges = interactions->repeats || m->context != NULL;
	int64		first = m->start[user];
	int64		n = 0;

	for (int64 i = first; i < m->start[user + 1]; i++)
	{
		int32		item = m->column[i];
		int32		context = contexts ? m->context[i] : 0;

		if (interactions->part[i] & parts)
			row->entries[n++] = order == BY_CONTEXT
									? (RowEntry) {context, item, (int32) (i - first)}
									: (RowEntry) {item, context, (int32) (i - first)};
	}
	if (merges)
		qsort(row->entries, n, sizeof(RowEntry), compare_entries);
	row->m.context = contexts ? row->context : NULL;
	for (int64 i = 0; i < n; i++)
	{
		int64		at = first + row->entries[i].place;

		row->m.column[i] = m->column[at];
		row->m.value[i] = m->value[at];
		if (m->time != NULL)
			row->m.time[i] = m->time[at];
		if (contexts)
			row->m.context[i] = m->context[at];
	}
	row->start[0] = 0;
	row->start[1] = n;
	if (merges)
		sparse_merge(&row->m, interactions->rule);
}

/* The end of neighbouring entries in the context of the first one; without contexts, of all. */
static int64
context_end(const SparseMatrix *m, int64 begin, int64 end)
{
	int64		i = begin;

	if (m->context == NULL)
		return end;
	while (i < end && m->context[i] == m->context[begin])
		i++;
	return i;
}

/*
 * Appends a row to a matrix, with the items' numbers in training. Items without one come first of
 * their context, as -1, if `unseen`; otherwise they are left out.
 */
static void
append_row(SparseMatrix *to, int64 at, const Row *row, const int32 *number, bool unseen)
{
	int64		n = to->start[at];

	for (int64 begin = 0, end; begin < row->start[1]; begin = end)
	{
		end = unseen ? context_end(&row->m, begin, row->start[1]) : row->start[1];
		for (int first = unseen; first >= 0; first--)
		{
			for (int64 i = begin; i < end; i++)
			{
				int32		item = number[row->m.column[i]];

				if ((item < 0) != first)
					continue;
				to->column[n] = item;
				to->value[n] = row->m.value[i];
				if (to->time != NULL)
					to->time[n] = row->m.time[i];
				if (to->context != NULL)
					to->context[n] = row->m.context[i];
				n++;
			}
		}
	}
	to->start[at + 1] = n;
}

/*
 * Appends the events of a user in the given parts as the next row of a history, with the items'
 * numbers in training; without a history only counts the events. Events of a rating that was
 * divided as a whole have its part. part_of: scratch, 0 for each item.
 */
static int64
append_events(History *to, int64 row, const Interactions *interactions, int64 user, uint8 parts,
			  const int32 *number, uint8 *part_of)
{
	const SparseMatrix *m = &interactions->by_user;
	const History *events = &interactions->events;
	int64		first = to == NULL ? 0 : to->start[row];
	int64		n = first;

	for (int64 i = m->start[user]; i < m->start[user + 1] && !interactions->repeats; i++)
		part_of[m->column[i]] = interactions->part[i];
	for (int64 i = events->start[user]; i < events->start[user + 1]; i++)
	{
		int32		item = number[events->items[i]];
		uint8		part =
			interactions->repeats ? interactions->part[i] : part_of[events->items[i]];

		if ((part & parts) == 0 || item < 0)
			continue;
		if (to != NULL)
		{
			to->items[n] = item;
			if (to->times != NULL)
				to->times[n] = events->times[i];
		}
		n++;
	}
	for (int64 i = m->start[user]; i < m->start[user + 1] && !interactions->repeats; i++)
		part_of[m->column[i]] = 0;
	if (to != NULL)
		to->start[row + 1] = n;
	return n - first;
}

/* The events to train on, and the events in the profiles of tested users. */
static void
split_events(Split *split, const Interactions *interactions, uint8 train, uint8 known,
			 const bool *in_sample, const int32 *number, TrainingMemory *memory)
{
	const SparseMatrix *m = &interactions->by_user;
	bool		times = (interactions->needs & NEEDS_TIMES) != 0;
	Asked	   *asked = &split->asked;
	int64		n_asked = asked->held.n_rows;
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
	for (int64 q = 0; q < n_asked; q++)
	{
		CHECK_FOR_INTERRUPTS();
		n_known += append_events(NULL, 0, interactions, asked->user[q], train | known, number,
								 part_of);
	}
	source_allocate_history(&split->train.events, split->train.by_user.n_rows, n_train, times,
							memory);
	if (n_asked > 0)
		source_allocate_history(&asked->known.events, n_asked, n_known, times, memory);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (takes_part(in_sample, u) && count_parts(interactions, u, train) > 0)
			append_events(&split->train.events, row++, interactions, u, train, number, part_of);
	}
	for (int64 q = 0; q < n_asked; q++)
	{
		CHECK_FOR_INTERRUPTS();
		append_events(&asked->known.events, q, interactions, asked->user[q], train | known, number,
					  part_of);
	}
	pfree(part_of);
}

/* Counts the held-out items that were not trained on, and their ratings. */
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

/* The tested users, their profiles, and their held-out ratings. */
static void
make_questions(Split *split, const Interactions *interactions, uint8 known, uint8 held,
			   const bool *in_sample, const int32 *number, TrainingMemory *memory)
{
	const SparseMatrix *m = &interactions->by_user;
	Asked	   *asked = &split->asked;
	int64		n_items = split->train.by_user.n_columns;
	Row		   *row = create_row(interactions);
	int64		n_asked = 0;
	int64		n_known = 0;
	int64		n_held = 0;
	int64		q = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		n = takes_part(in_sample, u) ? count_parts(interactions, u, held) : 0;

		CHECK_FOR_INTERRUPTS();
		n_asked += n > 0;
		n_held += n;
		n_known += n > 0 ? count_parts(interactions, u, known) : 0;
	}
	if (n_asked == 0)
		return;
	source_allocate_matrix(&asked->known.by_user, n_asked, n_items, n_known, false, memory);
	source_allocate_matrix(&asked->held, n_asked, n_items, n_held, false, memory);
	if (m->context != NULL)
	{
		source_allocate_contexts(&asked->held, n_held, memory);
		source_allocate_matrix(&split->known_in_contexts, n_asked, n_items, n_known, false,
							   memory);
		source_allocate_contexts(&split->known_in_contexts, n_known, memory);
	}
	asked->user = MemoryContextAllocHuge(memory->context, sizeof(int32) * n_asked);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!takes_part(in_sample, u) || count_parts(interactions, u, held) == 0)
			continue;
		fill_row(row, interactions, u, known, BY_ITEM);
		append_row(&asked->known.by_user, q, row, number, false);
		if (m->context != NULL)
		{
			fill_row(row, interactions, u, known, BY_ITEM_IN_CONTEXTS);
			append_row(&split->known_in_contexts, q, row, number, false);
		}
		fill_row(row, interactions, u, held, BY_CONTEXT);
		append_row(&asked->held, q, row, number, true);
		split->unseen_users +=
			asked->known.by_user.start[q] == asked->known.by_user.start[q + 1];
		asked->user[q++] = (int32) u;
	}
	free_row(row);
	split->n_users = n_asked;
	split->n_questions = asked->held.start[n_asked];
	count_unseen(split, interactions, held, in_sample, number);
	assert_matrix(&asked->known.by_user);
	if (m->context != NULL)
		assert_matrix(&split->known_in_contexts);
}

/* The ratings to train on. */
static void
make_train(Split *split, const Interactions *interactions, uint8 train, const bool *in_sample,
		   const int32 *number, int64 n_items, TrainingMemory *memory)
{
	const SparseMatrix *m = &interactions->by_user;
	bool		times = (interactions->needs & NEEDS_TIMES) != 0;
	SparseMatrix *by_user = &split->train.by_user;
	SparseMatrix *in_contexts = &split->train_in_contexts.by_user;
	Row		   *row = create_row(interactions);
	uint16	   *ages = NULL;
	Recency    *recency = NULL;
	int64		newest = PG_INT64_MIN;
	int64		n_users = 0;
	int64		n_train = 0;
	int64		r = 0;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		n = takes_part(in_sample, u) ? count_parts(interactions, u, train) : 0;

		CHECK_FOR_INTERRUPTS();
		n_users += n > 0;
		n_train += n;
		for (int64 i = m->start[u]; n > 0 && m->time != NULL && i < m->start[u + 1]; i++)
		{
			if (interactions->part[i] & train)
				newest = recency_newer(newest, m->time[i]);
		}
	}
	source_allocate_matrix(by_user, n_users, n_items, n_train, times, memory);
	if (m->context != NULL)
	{
		source_allocate_matrix(in_contexts, n_users, n_items, n_train, times, memory);
		source_allocate_contexts(in_contexts, n_train, memory);
		split->context_ratings = MemoryContextAllocExtended(
			memory->context, sizeof(int64) * Max(interactions->n_contexts, 1),
			MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	}
	split->train_users = MemoryContextAllocHuge(memory->context, sizeof(int32) * Max(n_users, 1));
	if (m->time != NULL)
	{
		ages = palloc_extended(sizeof(uint16) * Max(n_train, 1), MCXT_ALLOC_HUGE);
		recency = palloc(sizeof(Recency));
		recency_begin(recency, newest, interactions->now);
	}
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!takes_part(in_sample, u) || count_parts(interactions, u, train) == 0)
			continue;
		fill_row(row, interactions, u, train, BY_ITEM);
		append_row(by_user, r, row, number, false);
		for (int64 i = 0; i < row->start[1] && m->time != NULL; i++)
			ages[by_user->start[r] + i] = recency_count(recency, row->m.time[i]);
		if (m->context != NULL)
		{
			fill_row(row, interactions, u, train, BY_ITEM_IN_CONTEXTS);
			append_row(in_contexts, r, row, number, false);
			for (int64 i = 0; i < row->start[1]; i++)
				split->context_ratings[row->m.context[i]]++;
		}
		split->train_users[r++] = (int32) u;
	}
	free_row(row);
	if (m->time != NULL)
	{
		RecentItems rows = {by_user->start[n_users], by_user->column, ages};

		split->popularity =
			MemoryContextAllocHuge(memory->context, sizeof(float) * Max(n_items, 1));
		source_weigh_by_recency(recency, &rows, 1, n_items, n_users, split->popularity);
		pfree(ages);
		pfree(recency);
	}
}

Split *
split_make(const Interactions *interactions, uint8 train, uint8 known, uint8 held,
		   const bool *in_sample, TrainingMemory *memory)
{
	Split	   *split = MemoryContextAllocZero(memory->context, sizeof(Split));
	const SparseMatrix *m = &interactions->by_user;
	int32	   *number = palloc_extended(sizeof(int32) * Max(m->n_columns, 1), MCXT_ALLOC_HUGE);
	int64		n_items = number_items(interactions, train, in_sample, number, split, memory);

	split->rule = interactions->rule;
	split->events = interactions->events.n_users > 0;
	split->user_attributes = interactions->attributes[SIDE_USERS];
	split->attribute_users = interactions->attribute_numbers[SIDE_USERS];
	split->n_all_users = m->n_rows;
	split->has_contexts = m->context != NULL;
	split->context_features = interactions->context_features;
	split->context_attributes = interactions->attributes[SIDE_CONTEXT_FEATURES];
	split->attribute_contexts = interactions->attribute_numbers[SIDE_CONTEXT_FEATURES];
	split->n_contexts = interactions->n_contexts;
	if (n_items > 0)
	{
		make_train(split, interactions, train, in_sample, number, n_items, memory);
		if (interactions->by_session)
			sessions_make(split, interactions, held, in_sample, number, memory);
		else
			make_questions(split, interactions, train | known, held, in_sample, number, memory);
	}
	if (split->n_questions == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the split of source \"%s\" leaves nothing to %s",
						get_rel_name(interactions->source->relid),
						n_items == 0 ? "train on" : "ask about"),
				 errhint("It has " INT64_FORMAT " ratings of " INT64_FORMAT
						 " users; another split, test_fraction, folds or min_ratings may do.",
						 m->start[m->n_rows], m->n_rows)));
	if (split->events)
		split_events(split, interactions, train, known, in_sample, number, memory);
	pfree(number);
	split->train.now = interactions->now;
	source_complete(&split->train, memory);
	assert_ratings(&split->train);
	if (m->context != NULL)
	{
		split->train_in_contexts.now = interactions->now;
		split->train_in_contexts.events = split->train.events;
		source_complete(&split->train_in_contexts, memory);
	}
	Assert(split->asked.known.by_user.n_rows == split->asked.held.n_rows);
	return split;
}

/* ---- questions of contexts ---- */

/* What the questions of a block have, together. */
typedef struct BlockSize
{
	int64		questions;
	int64		known;
	int64		events;
	int64		held;
} BlockSize;

/* Measures the block that begins here. profiles: of the users, as the candidate sees them. */
static BlockSize
measure_block(const Split *split, AskedSoFar from, const SparseMatrix *profiles, Size more_bytes)
{
	const SparseMatrix *held = &split->asked.held;
	const History *events = &split->asked.known.events;
	Size		entry_bytes = sizeof(int32) + sizeof(float);
	Size		known_bytes = entry_bytes + (profiles->context != NULL ? sizeof(int32) : 0);
	Size		event_bytes = sizeof(int32) + (events->times != NULL ? sizeof(int64) : 0);
	Size		bytes = 0;
	BlockSize	size = {0};

	for (int64 u = from.rows; u < held->n_rows; u++, from.entries = 0)
	{
		int64		n_known = profiles->start[u + 1] - profiles->start[u];
		int64		n_events = split->events ? events->start[u + 1] - events->start[u] : 0;

		CHECK_FOR_INTERRUPTS();
		for (int64 i = held->start[u] + from.entries, end; i < held->start[u + 1]; i = end)
		{
			end = context_end(held, i, held->start[u + 1]);
			bytes += n_known * known_bytes + n_events * event_bytes + (end - i) * entry_bytes +
					 more_bytes;
			if (bytes > ASKED_BYTES && size.questions > 0)
				return size;
			size.questions++;
			size.known += n_known;
			size.events += n_events;
			size.held += end - i;
		}
	}
	return size;
}

/* Appends entries of one matrix to another as row q. */
static void
copy_entries(SparseMatrix *to, int64 q, const SparseMatrix *from, int64 begin, int64 end)
{
	int64		at = to->start[q];

	memcpy(to->column + at, from->column + begin, sizeof(int32) * (end - begin));
	memcpy(to->value + at, from->value + begin, sizeof(float) * (end - begin));
	if (to->context != NULL)
		memcpy(to->context + at, from->context + begin, sizeof(int32) * (end - begin));
	to->start[q + 1] = at + end - begin;
}

static void
copy_events(History *to, int64 q, const History *from, int64 user)
{
	int64		at = to->start[q];
	int64		begin = from->start[user];
	int64		n = from->start[user + 1] - begin;

	memcpy(to->items + at, from->items + begin, sizeof(int32) * n);
	if (to->times != NULL)
		memcpy(to->times + at, from->times + begin, sizeof(int64) * n);
	to->start[q + 1] = at + n;
}

/*
 * Asks users about one context after the other. Each question has a profile of its own, so there
 * may be many times as many profiles as users, and only a block of them is in memory.
 */
static bool
ask_in_contexts(const Split *split, AskedSoFar *so_far, bool in_contexts, Size more_bytes,
				TrainingMemory *memory, Asked *asked)
{
	const Asked *all = &split->asked;
	const SparseMatrix *profiles =
		in_contexts ? &split->known_in_contexts : &all->known.by_user;
	BlockSize	size = measure_block(split, *so_far, profiles, more_bytes);
	int64		n_items = split->train.by_user.n_columns;

	if (size.questions == 0)
		return false;
	memset(asked, 0, sizeof(Asked));
	source_allocate_matrix(&asked->known.by_user, size.questions, n_items, size.known, false,
						   memory);
	if (in_contexts)
	{
		source_allocate_contexts(&asked->known.by_user, size.known, memory);
		asked_allocate_contexts(asked, size.questions, memory);
	}
	source_allocate_matrix(&asked->held, size.questions, n_items, size.held, false, memory);
	if (split->events)
		source_allocate_history(&asked->known.events, size.questions, size.events,
								all->known.events.times != NULL, memory);
	asked->user = MemoryContextAllocHuge(memory->context, sizeof(int32) * size.questions);
	for (int64 q = 0; q < size.questions; q++)
	{
		int64		u = so_far->rows;
		int64		begin = all->held.start[u] + so_far->entries;
		int64		end = context_end(&all->held, begin, all->held.start[u + 1]);

		CHECK_FOR_INTERRUPTS();
		copy_entries(&asked->known.by_user, q, profiles, profiles->start[u],
					 profiles->start[u + 1]);
		copy_entries(&asked->held, q, &all->held, begin, end);
		if (split->events)
			copy_events(&asked->known.events, q, &all->known.events, u);
		if (in_contexts)
			asked->known.asked_context[q] = all->held.context[begin];
		asked->user[q] = all->user[u];
		so_far->entries += end - begin;
		if (end == all->held.start[u + 1])
			*so_far = (AskedSoFar) {.rows = u + 1};
	}
	return true;
}

void
asked_allocate_contexts(Asked *asked, int64 n, TrainingMemory *memory)
{
	training_memory_reserve(memory, training_memory_size(sizeof(int32) * n));
	asked->known.asked_context = training_memory_allocate(memory, sizeof(int32) * n);
}

bool
split_ask(const Split *split, AskedSoFar *so_far, bool in_contexts, Size more_bytes,
		  TrainingMemory *memory, Asked *asked)
{
	if (split->sessions != NULL)
		return sessions_ask(split, so_far, in_contexts, more_bytes, memory, asked);
	if (split->has_contexts)
		return ask_in_contexts(split, so_far, in_contexts, more_bytes, memory, asked);
	if (so_far->whole)
		return false;
	so_far->whole = true;
	*asked = split->asked;
	return true;
}
