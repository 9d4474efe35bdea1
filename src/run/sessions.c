/*
 * sessions.c
 *	  Testing sessions event by event.
 *
 * A session is a user's events without a pause longer than session_gap. Each event of a tested
 * session except the first is predicted from the events before it: only the next item is right
 * (Ludewig & Jannach 2018, "Evaluation of session-based recommendation algorithms", section 4). The
 * profile is the session so far; other events of the user may have been trained on.
 *
 * The profiles of a session together have about half as many entries as the square of its length.
 * So questions are made block by block, like the lists, and only one block is in memory at a time.
 */
#include "postgres.h"
#include "server/compat.h"

#include "miscadmin.h"
#include "model/invariants.h"
#include "run/sessions.h"
#include "utils/memutils.h"

/* ---- which sessions are tested ---- */

/*
 * The end of the session that begins with an event of a user: before a pause, or before an event of
 * another part.
 */
static int64
session_end(const Interactions *interactions, int64 user, int64 begin)
{
	const SparseMatrix *m = &interactions->by_user;
	int64		end = begin + 1;

	/* times ascend; unsigned, as the difference of two times may exceed an int64 */
	while (end < m->start[user + 1] && interactions->part[end] == interactions->part[begin] &&
		   (uint64) m->time[end] - (uint64) m->time[end - 1] <= interactions->session_gap)
	{
		if (end % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		end++;
	}
	return end;
}

/* The time such that this fraction of the testable sessions ends later. */
static int64
find_moment(const Interactions *interactions, double fraction)
{
	const SparseMatrix *m = &interactions->by_user;
	int64	   *ends =
		palloc_extended(sizeof(int64) * (m->start[m->n_rows] / 2 + 1), MCXT_ALLOC_HUGE);
	int64		n = 0;
	int64		moment = PG_INT64_MAX;

	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 begin = m->start[u], end; begin < m->start[u + 1]; begin = end)
		{
			end = session_end(interactions, u, begin);
			if (interactions->part[begin] == PART_TRAIN && end - begin > 1)
				ends[n++] = m->time[end - 1];
		}
	}
	if (n > 0)
		moment = select_number(ends, n, Max(0, n - count_fraction(fraction, n) - 1));
	pfree(ends);
	return moment;
}

void
sessions_assign(Interactions *interactions, const SplitPlan *plan, uint8 tested, uint8 known)
{
	const SparseMatrix *m = &interactions->by_user;
	uint8	   *part = interactions->part;
	int64		moment = find_moment(interactions, plan->test_fraction);

	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		n = 0;

		CHECK_FOR_INTERRUPTS();
		for (int64 i = m->start[u]; i < m->start[u + 1]; i++)
			n += part[i] == PART_TRAIN;
		for (int64 begin = m->start[u], end; begin < m->start[u + 1]; begin = end)
		{
			end = session_end(interactions, u, begin);
			/* a session that ends later is not trained on, even if it is not tested */
			if (part[begin] == PART_TRAIN && m->time[end - 1] > moment)
				memset(part + begin, end - begin > 1 && n >= plan->min_ratings ? tested : known,
					   end - begin);
		}
	}
}

/* ---- the questions of a split ---- */

static bool
is_tested(const Interactions *interactions, uint8 held, int64 begin, int64 end)
{
	return interactions->part[begin] == held && end - begin > 1;
}

/* Counts the tested sessions, and their events. */
static void
count_sessions(const Interactions *interactions, uint8 held, const bool *in_sample,
			   int64 *n_sessions, int64 *n_events)
{
	const SparseMatrix *m = &interactions->by_user;

	*n_sessions = *n_events = 0;
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (in_sample != NULL && !in_sample[u])
			continue;
		for (int64 begin = m->start[u], end; begin < m->start[u + 1]; begin = end)
		{
			end = session_end(interactions, u, begin);
			if (!is_tested(interactions, held, begin, end))
				continue;
			(*n_sessions)++;
			*n_events += end - begin;
		}
	}
}

/*
 * Appends a session, and counts its questions. met: items that are not trained on and occurred
 * before.
 */
static void
append_session(Split *split, const Interactions *interactions, int64 user, int64 begin, int64 end,
			   const int32 *number, bool *met)
{
	const SparseMatrix *m = &interactions->by_user;
	Sessions   *sessions = split->sessions;
	int64		at = sessions->start[sessions->n];
	bool		is_known = false;

	split->n_users += sessions->n == 0 || sessions->user[sessions->n - 1] != user;
	split->n_questions += end - begin - 1;
	sessions->user[sessions->n++] = (int32) user;
	for (int64 i = begin; i < end; i++, at++)
	{
		int32		item = number[m->column[i]];

		sessions->items[at] = item;
		sessions->ratings[at] = m->value[i];
		sessions->times[at] = m->time[i];
		if (sessions->contexts != NULL)
			sessions->contexts[at] = m->context[i];
		if (i > begin)
		{
			split->n_tied += m->time[i] == m->time[i - 1] ||
							 (i + 1 < end && m->time[i] == m->time[i + 1]);
			split->unseen_users += !is_known;
			split->unseen_ratings += item < 0;
			split->unseen_items += item < 0 && !met[m->column[i]];
			met[m->column[i]] = true;
		}
		is_known = is_known || item >= 0;
	}
	sessions->start[sessions->n] = at;
}

void
sessions_make(Split *split, const Interactions *interactions, uint8 held, const bool *in_sample,
			  const int32 *number, TrainingMemory *memory)
{
	const SparseMatrix *m = &interactions->by_user;
	MemoryContext context = memory->context;
	Sessions   *sessions = MemoryContextAllocZero(context, sizeof(Sessions));
	bool	   *met = palloc_extended(Max(m->n_columns, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int64		n_sessions;
	int64		n_events;

	count_sessions(interactions, held, in_sample, &n_sessions, &n_events);
	sessions->start = MemoryContextAllocHuge(context, sizeof(int64) * (n_sessions + 1));
	sessions->start[0] = 0;
	sessions->user = MemoryContextAllocHuge(context, sizeof(int32) * Max(n_sessions, 1));
	sessions->items = MemoryContextAllocHuge(context, sizeof(int32) * Max(n_events, 1));
	sessions->ratings = MemoryContextAllocHuge(context, sizeof(float) * Max(n_events, 1));
	sessions->times = MemoryContextAllocHuge(context, sizeof(int64) * Max(n_events, 1));
	if (m->context != NULL)
		sessions->contexts = MemoryContextAllocHuge(context, sizeof(int32) * Max(n_events, 1));
	split->sessions = sessions;
	for (int64 u = 0; u < m->n_rows; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (in_sample != NULL && !in_sample[u])
			continue;
		for (int64 begin = m->start[u], end; begin < m->start[u + 1]; begin = end)
		{
			end = session_end(interactions, u, begin);
			if (is_tested(interactions, held, begin, end))
				append_session(split, interactions, u, begin, end, number, met);
		}
	}
	pfree(met);
}

/* ---- making questions ---- */

/* An event of a session, for sorting by item and context. */
typedef struct SessionEvent
{
	int32		item;
	int32		context;		/* -1: contexts are merged */
	int32		place;			/* place in the session */
} SessionEvent;

static int
compare_events(const void *a, const void *b)
{
	const SessionEvent *x = a;
	const SessionEvent *y = b;

	if (x->item != y->item)
		return x->item > y->item ? 1 : -1;
	if (x->context != y->context)
		return x->context > y->context ? 1 : -1;
	return x->place - y->place;
}

/* The events of a session with items that are trained on, sorted by item; returns how many. */
static int64
sort_session(const Sessions *sessions, int64 session, bool in_contexts, SessionEvent *sorted)
{
	int64		first = sessions->start[session];
	int64		n = 0;

	for (int64 i = first; i < sessions->start[session + 1]; i++)
	{
		if (sessions->items[i] >= 0)
			sorted[n++] = (SessionEvent){sessions->items[i],
										 in_contexts ? sessions->contexts[i] : -1,
										 (int32) (i - first)};
	}
	qsort(sorted, n, sizeof(SessionEvent), compare_events);
	return n;
}

/* The number of questions, and of entries of profiles, of the block that begins here. */
static void
measure_block(const Split *split, AskedSoFar from, bool in_contexts, Size more_bytes,
			  int64 *n_questions, int64 *n_entries)
{
	const Sessions *sessions = split->sessions;
	Size		entry_bytes = sizeof(int32) + sizeof(float) +
					   (split->rule == MERGE_LATEST ? sizeof(int64) : 0) +
					   (in_contexts ? sizeof(int32) : 0) +
					   (split->events ? sizeof(int32) + sizeof(int64) : 0);
	Size		bytes = 0;

	*n_questions = *n_entries = 0;
	for (; from.rows < sessions->n; from.rows++, from.entries = 0)
	{
		int64		length =
			sessions->start[from.rows + 1] - sessions->start[from.rows] - 1;

		for (; from.entries < length; from.entries++)
		{
			int64		entries = from.entries + 1;

			bytes += entries * entry_bytes + more_bytes;
			if (bytes > ASKED_BYTES && *n_questions > 0)
				return;
			*n_entries += entries;
			(*n_questions)++;
		}
	}
}

/*
 * Appends the profile of the first events of a session as row q. Events of one item are neighbours,
 * and are merged after all profiles are appended.
 */
static void
append_profile(Asked *asked, int64 q, const Split *split, int64 session, int64 events,
			   const SessionEvent *sorted, int64 n_sorted)
{
	const Sessions *sessions = split->sessions;
	int64		first = sessions->start[session];
	SparseMatrix *known = &asked->known.by_user;
	History    *history = &asked->known.events;
	int64		n = known->start[q];

	for (int64 i = 0; i < n_sorted; i++)
	{
		if (sorted[i].place >= events)
			continue;
		known->column[n] = sorted[i].item;
		known->value[n] = sessions->ratings[first + sorted[i].place];
		if (known->time != NULL)
			known->time[n] = sessions->times[first + sorted[i].place];
		if (known->context != NULL)
			known->context[n] = sorted[i].context;
		n++;
	}
	known->start[q + 1] = n;
	if (!split->events)
		return;
	n = history->start[q];
	for (int64 i = first; i < first + events; i++)
	{
		if (sessions->items[i] < 0)
			continue;
		history->items[n] = sessions->items[i];
		if (history->times != NULL)
			history->times[n] = sessions->times[i];
		n++;
	}
	history->start[q + 1] = n;
}

bool
sessions_ask(const Split *split, AskedSoFar *so_far, bool in_contexts, Size more_bytes,
			 TrainingMemory *memory, Asked *asked)
{
	const Sessions *sessions = split->sessions;
	SparseMatrix *held = &asked->held;
	int64		n_items = split->train.by_user.n_columns;
	int64		n_questions;
	int64		n_entries;
	SessionEvent *sorted = NULL;
	int64		n_sorted = 0;
	int64		q = 0;

	measure_block(split, *so_far, in_contexts, more_bytes, &n_questions, &n_entries);
	if (n_questions == 0)
		return false;
	memset(asked, 0, sizeof(Asked));
	source_allocate_matrix(&asked->known.by_user, n_questions, n_items, n_entries,
						   split->rule == MERGE_LATEST, memory);
	if (in_contexts)
	{
		source_allocate_contexts(&asked->known.by_user, n_entries, memory);
		asked_allocate_contexts(asked, n_questions, memory);
	}
	source_allocate_matrix(held, n_questions, n_items, n_questions, false, memory);
	if (split->events)
		source_allocate_history(&asked->known.events, n_questions, n_entries,
								split->train.events.times != NULL, memory);
	asked->user = MemoryContextAllocHuge(memory->context, sizeof(int32) * n_questions);
	while (q < n_questions)
	{
		int64		session = so_far->rows;
		int64		first = sessions->start[session];
		int64		length = sessions->start[session + 1] - first;

		CHECK_FOR_INTERRUPTS();
		if (sorted == NULL)
		{
			sorted = palloc_extended(sizeof(SessionEvent) * length, MCXT_ALLOC_HUGE);
			n_sorted = sort_session(sessions, session, in_contexts, sorted);
		}
		append_profile(asked, q, split, session, ++so_far->entries, sorted, n_sorted);
		held->column[q] = sessions->items[first + so_far->entries];
		held->value[q] = sessions->ratings[first + so_far->entries];
		held->start[q + 1] = q + 1;
		if (in_contexts)
			asked->known.asked_context[q] = sessions->contexts[first + so_far->entries];
		asked->user[q++] = sessions->user[session];
		if (so_far->entries == length - 1 || q == n_questions)
		{
			pfree(sorted);
			sorted = NULL;
		}
		if (so_far->entries == length - 1)
			*so_far = (AskedSoFar){.rows = session + 1};
	}
	Assert(asked->known.by_user.start[n_questions] <= n_entries);
	sparse_merge(&asked->known.by_user, split->rule);
	asked->known.by_user.time = NULL;
	assert_matrix(&asked->known.by_user);
	return true;
}
