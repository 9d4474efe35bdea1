/*
 * session_knn.c
 *	  Nearest neighbours of sessions: the items of sessions that resemble the current one.
 *
 * A user's events are split into sessions at pauses longer than session_gap. The last session of
 * the profile is the current one. It is compared with the latest `sample` sessions that share an
 * item with it; the `neighbors` most similar of these sessions vote for their items. With w_e the
 * weight of the e-th of n events of the current session,
 *
 *	w_e = (e / n)^decay
 *	similarity to session s:	r_s = sum of w_e over the items of s, e the latest event of each
 *	step of s:					the latest event whose item s has; 1 is the last event of all
 *	score(i) = sum over the neighbours s that have i of r_s / step_s^decay (1 + idf log(N / N_i))
 *
 * divided by the same sum over all neighbours without the last factor, so that the score is the
 * weighted share of the neighbours that have i. N_i of N users have i. This is V-SKNN of Ludewig
 * & Jannach 2018, "Evaluation of session-based recommendation algorithms", with a decay of 1 (div)
 * or 2 (quadratic), and the search of Kersbergen, Sprangers & Schelter 2022, "Serenade -
 * low-latency session-based recommendation in e-commerce at scale", algorithm 1.
 *
 * The model is an index: the sessions, and for each item its latest `sample` sessions. More are
 * never needed: each of the latest sessions of all items of the current session is among the latest
 * sessions of every item that it has. Sessions that are on no item's list are not stored, nor are
 * sessions of a single event, which say nothing of other items. A training numbers the sessions in
 * the order of their first event.
 *
 * The users' table says whose the stored sessions are. Asking does not need it.
 *
 * A refresh splits the events of changed users anew, and removes what was stored of their sessions.
 * A session that began when a former one of the user did keeps its number; others take numbers that
 * are free. Of each item the sessions that it lists and the new ones are known, so the latest
 * `sample` of them are those of a training. Only where a full list has lost a session, and no later
 * one has come, is it not known what was left out.
 *
 * Training goes through the events four times, and needs 48 bytes a session and 12 an item in
 * addition to the model.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"

typedef struct SessionKnnOptions
{
	CommonOptions common;
	int32_t		neighbors;
	int32_t		sample;
	double		decay;
	double		idf;
	double		session_gap;	/* seconds */
	/*
	 * The number of sessions of the training events, once session_knn_decide() has counted them; 0:
	 * the largest possible number.
	 */
	int64_t		n_sessions;
} SessionKnnOptions;

static const Option session_knn_options[] = {
	FEEDBACK_OPTION,
	{"neighbors", OPTION_INTEGER, offsetof(SessionKnnOptions, neighbors), {"100", "100"}, 1, 10000,
	NULL,
	"the number of sessions that vote: those most similar to the current session"},
	{"sample", OPTION_INTEGER, offsetof(SessionKnnOptions, sample), {"500", "500"}, 1, 100000, NULL,
	"the number of sessions that are compared with the current session: the latest that share an "
	"item with it; as many are kept for each item"},
	{"decay", OPTION_REAL, offsetof(SessionKnnOptions, decay), {"1", "1"}, 0, 10, NULL,
	"exponent of an event's place in the session, and of the number of events since the last item "
	"in common with another session; higher values favour late events; 0: all events count alike"},
	{"idf", OPTION_REAL, offsetof(SessionKnnOptions, idf), {"0.2", "0.2"}, 0, 1e6, NULL,
	"weight of log(users / users with the item); higher values favour rare items"},
	{"session_gap", OPTION_INTERVAL, offsetof(SessionKnnOptions, session_gap), {"0", "0"}, 0,
	1e6 * 86400.0, NULL,
	"a user's session ends at a pause longer than this, such as \"30 minutes\"; 0: all events of a "
	"user are one session"},
	{NULL}
};

/* columns of the items */
enum
{
	COLUMN_IDF,
	COLUMN_LATEST,
	ITEM_COLUMNS
};

/* columns of the users */
enum
{
	COLUMN_OF_USER,
	USER_COLUMNS
};

/* columns of the sessions */
enum
{
	COLUMN_BEGAN,
	COLUMN_SESSION_ITEMS,
	SESSION_COLUMNS
};

static int
session_knn_columns(const void *options, SideKind side, Column *columns)
{
	switch (side)
	{
		case SIDE_ITEMS:
			columns[COLUMN_IDF] = (Column)
			{
				"idf", COLUMN_NUMBER, 0, "log(users / users with the item)"
			};
			columns[COLUMN_LATEST] = (Column)
			{
				"sessions", COLUMN_SESSIONS, 0,
				"the latest sessions with the item"
			};
			return ITEM_COLUMNS;
		case SIDE_USERS:
			columns[COLUMN_OF_USER] = (Column)
			{
				"sessions", COLUMN_SESSIONS, 0, "those of the user's sessions that are stored"
			};
			return USER_COLUMNS;
		case SIDE_SESSIONS:
			columns[COLUMN_BEGAN] = (Column)
			{
				"began", COLUMN_TIME, 0, "the time of its first event"
			};
			columns[COLUMN_SESSION_ITEMS] = (Column)
			{
				"items", COLUMN_SEQUENCE, 0, "the items of its events, in the order of time"
			};
			return SESSION_COLUMNS;
		default:
			return 0;
	}
}

static unsigned
session_knn_needs(const void *options)
{
	return NEEDS_EVENTS | NEEDS_TIMES;
}

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Events between two polls: some hundred microseconds. */
#define POLL_EVENTS 8192

/* The end of the session that begins with this event of a user whose events end before `end`. */
static inline int64_t
session_end(const SessionKnnOptions *o, const int64_t *times, int64_t first, int64_t end)
{
	double		gap = o->session_gap * 1e6;
	int64_t		at = first + 1;

	if (gap == 0)
		return end;
	/* differences of doubles, as times may be infinite */
	while (at < end && !((double) times[at] - (double) times[at - 1] > gap))
		at++;
	return at;
}

static void
session_knn_decide(const Ratings *ratings, void *options)
{
	SessionKnnOptions *o = options;
	const History *h = &ratings->events;

	o->n_sessions = 0;
	for (int64_t u = 0; u < h->n_users; u++)
	{
		if (u % 64 == 0)
			poll();
		for (int64_t first = h->start[u], end; first < h->start[u + 1]; first = end)
		{
			end = session_end(o, h->times, first, h->start[u + 1]);
			o->n_sessions += end - first > 1;
		}
	}
	/* 0 would mean that sessions are not counted */
	o->n_sessions = o->n_sessions > 0 ? o->n_sessions : 1;
}

/* The largest possible number of sessions. */
static int64_t
most_sessions(const void *options, const Extent *extent)
{
	const SessionKnnOptions *o = options;

	return o->n_sessions > 0 ? o->n_sessions : extent->n_events / 2 + 1;
}

static int64_t
session_knn_side_rows(const void *options, const Extent *extent, SideKind side)
{
	return most_sessions(options, extent);
}

static int64_t
session_knn_list_entries(const void *options, const Extent *extent, SideKind side)
{
	const SessionKnnOptions *o = options;

	if (side == SIDE_SESSIONS)
		return extent->n_events;
	if (side == SIDE_USERS)
		return most_sessions(options, extent);
	return min64(extent->n_events,
				 extent->n_items * min64(o->sample, most_sessions(options, extent)));
}

enum
{
	/* Event, sessions by user: time of the first event, and number of the session */
	ARRAY_SESSIONS,
	ARRAY_SORTING,				/* scratch for sorting them */
	ARRAY_FIRST,				/* int64_t, sessions by user: first event */
	ARRAY_LENGTH,				/* int32_t, sessions by user: number of events */
	/* int32_t, sessions in the order of time: number among the stored sessions, or -1 */
	ARRAY_KEPT,
	ARRAY_COUNT,				/* int32_t, items: number of sessions with the item */
	/* int32_t, items: how many of the latest sessions were found so far */
	ARRAY_FOUND,
	/* int32_t, items: the last session in which the item was met, + 1 */
	ARRAY_LAST,
	N_ARRAYS
};

static int
session_knn_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	int64_t		n = most_sessions(options, extent);

	bytes[ARRAY_SESSIONS] = sizeof(Event) * n;
	bytes[ARRAY_SORTING] = sizeof(Event) * n;
	bytes[ARRAY_FIRST] = sizeof(int64_t) * n;
	bytes[ARRAY_LENGTH] = sizeof(int32_t) * n;
	bytes[ARRAY_KEPT] = sizeof(int32_t) * n;
	bytes[ARRAY_COUNT] = sizeof(int32_t) * extent->n_items;
	bytes[ARRAY_FOUND] = sizeof(int32_t) * extent->n_items;
	bytes[ARRAY_LAST] = sizeof(int32_t) * extent->n_items;
	return N_ARRAYS;
}

/* ---- training ---- */

/* Finds the sessions, and sorts them by the time of their first event; returns their number. */
static int64_t
find_sessions(const Task *task)
{
	const SessionKnnOptions *o = task->model->options;
	const History *h = &task->ratings->events;
	Event	   *sessions = task->arrays[ARRAY_SESSIONS];
	int64_t    *first_of = task->arrays[ARRAY_FIRST];
	int32_t    *length_of = task->arrays[ARRAY_LENGTH];
	int64_t		n = 0;

	for (int64_t u = 0; u < h->n_users; u++)
	{
		if (u % 64 == 0)
			poll();
		for (int64_t first = h->start[u], end; first < h->start[u + 1]; first = end)
		{
			end = session_end(o, h->times, first, h->start[u + 1]);
			if (end - first < 2)
				continue;
			sessions[n] = (Event) {.time = h->times[first], .item = (int32_t) n};
			first_of[n] = first;
			length_of[n++] = (int32_t) (end - first);
		}
	}
	history_order(sessions, task->arrays[ARRAY_SORTING], n);
	return n;
}

/* Counts the sessions that have each item. */
static void
count_sessions(const Task *task, int64_t n_sessions)
{
	const History *h = &task->ratings->events;
	const int64_t *first_of = task->arrays[ARRAY_FIRST];
	const int32_t *length_of = task->arrays[ARRAY_LENGTH];
	int32_t    *count = task->arrays[ARRAY_COUNT];
	int32_t    *last = task->arrays[ARRAY_LAST];

	for (int64_t s = 0; s < n_sessions; s++)
	{
		const int32_t *items = h->items + first_of[s];

		if (s % 1024 == 0)
			poll();
		for (int32_t e = 0; e < length_of[s]; e++)
		{
			if (e % POLL_EVENTS == POLL_EVENTS - 1)
				poll();
			if (last[items[e]] == s + 1)
				continue;
			last[items[e]] = (int32_t) s + 1;
			count[items[e]]++;
		}
	}
}

/*
 * Lists the latest sessions of each item by their place in the order of time, from the last session
 * back, as many as are stored. Sessions that are stored for no item have -1 in ARRAY_KEPT.
 */
static void
list_sessions(const Task *task, int64_t n_sessions)
{
	const SessionKnnOptions *o = task->model->options;
	const History *h = &task->ratings->events;
	SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;
	const Event *sessions = task->arrays[ARRAY_SESSIONS];
	const int64_t *first_of = task->arrays[ARRAY_FIRST];
	const int32_t *length_of = task->arrays[ARRAY_LENGTH];
	const int32_t *count = task->arrays[ARRAY_COUNT];
	int32_t    *found = task->arrays[ARRAY_FOUND];
	int32_t    *last = task->arrays[ARRAY_LAST];
	int32_t    *kept = task->arrays[ARRAY_KEPT];

	for (int64_t i = 0; i < list->n_rows; i++)
	{
		list->start[i + 1] = list->start[i] + min64(count[i], o->sample);
		last[i] = 0;
	}
	for (int64_t place = n_sessions - 1; place >= 0; place--)
	{
		int64_t		s = sessions[place].item;
		const int32_t *items = h->items + first_of[s];

		if (place % 1024 == 0)
			poll();
		kept[place] = -1;
		for (int32_t e = 0; e < length_of[s]; e++)
		{
			int32_t		item = items[e];

			if (e % POLL_EVENTS == POLL_EVENTS - 1)
				poll();
			if (last[item] == place + 1 || found[item] == o->sample)
				continue;
			last[item] = (int32_t) place + 1;
			/* the list is filled from its end */
			list->column[list->start[item + 1] - ++found[item]] = (int32_t) place;
			kept[place] = 0;
		}
	}
}

/*
 * Lists the stored sessions of each user, whose numbers are in ARRAY_SORTING. Users who have none
 * have no row.
 */
static void
list_sessions_of_users(const Task *task, int64_t n_sessions, int32_t n_stored)
{
	const History *h = &task->ratings->events;
	Side	   *users = &task->model->sides[SIDE_USERS];
	SparseMatrix *list = &users->list;
	const int64_t *first_of = task->arrays[ARRAY_FIRST];
	const int32_t *number_of = task->arrays[ARRAY_SORTING];
	int64_t		s = 0;

	for (int64_t u = 0; u < h->n_users; u++)
	{
		int64_t		n = list->start[u];

		if (u % 1024 == 0)
			poll();
		for (; s < n_sessions && first_of[s] < h->start[u + 1]; s++)
		{
			if (number_of[s] >= 0)
				list->column[n++] = number_of[s];
		}
		if (n == list->start[u])
			users->n_ratings[u] = 0;
		list->start[u + 1] = n;
	}
	list->n_columns = n_stored;
}

static void
set_idf(const Model *model, int64_t item)
{
	const Side *items = &model->sides[SIDE_ITEMS];
	double		n = items->n_ratings[item];

	/* after a refresh there may be more users than at the last training */
	items->values[COLUMN_IDF][item] =
		(float) (n > 0 ? fmax(log((double) model->n_users / n), 0) : 0);
}

static const char *
session_knn_train(const Task *task, Services *services)
{
	const History *h = &task->ratings->events;
	Side	   *items = &task->model->sides[SIDE_ITEMS];
	Side	   *side = &task->model->sides[SIDE_SESSIONS];
	const Event *sessions = task->arrays[ARRAY_SESSIONS];
	int32_t    *number_of = task->arrays[ARRAY_SORTING];
	const int64_t *first_of = task->arrays[ARRAY_FIRST];
	const int32_t *length_of = task->arrays[ARRAY_LENGTH];
	int32_t    *kept = task->arrays[ARRAY_KEPT];
	int64_t		n_sessions = find_sessions(task);
	int32_t		n = 0;

	count_sessions(task, n_sessions);
	list_sessions(task, n_sessions);
	for (int64_t place = 0; place < n_sessions; place++)
	{
		int64_t		s = sessions[place].item;

		if (place % 1024 == 0)
			poll();
		number_of[s] = kept[place] < 0 ? -1 : n;
		if (kept[place] < 0)
			continue;
		kept[place] = n;
		side->time[n] = sessions[place].time;
		side->n_ratings[n] = length_of[s];
		side->list.start[n + 1] = side->list.start[n] + length_of[s];
		memcpy(side->list.column + side->list.start[n], h->items + first_of[s],
			   sizeof(int32_t) * length_of[s]);
		n++;
	}
	side->n_rows = side->list.n_rows = items->list.n_columns = n;
	for (int64_t e = 0; e < items->list.start[items->n_rows]; e++)
	{
		if (e % POLL_EVENTS == 0)
			poll();
		items->list.column[e] = kept[items->list.column[e]];
	}
	list_sessions_of_users(task, n_sessions, n);
	for (int64_t i = 0; i < items->n_rows; i++)
		set_idf(task->model, i);
	services->iteration_done(services, 1, NAN, NAN);
	return NULL;
}

/* ---- sessions in order ---- */

/* A session among others, by how late or how similar to the current one it is. */
typedef struct Neighbor
{
	int64_t		began;
	float		similarity;
	int32_t		session;
} Neighbor;

typedef bool (*Precedes) (const Neighbor *a, const Neighbor *b);

/* Of sessions that began at the same time, higher numbers are later. */
static inline bool
is_later(const Neighbor *a, const Neighbor *b)
{
	return a->began > b->began || (a->began == b->began && a->session > b->session);
}

/* Of equally similar sessions, later ones come first. */
static inline bool
is_nearer(const Neighbor *a, const Neighbor *b)
{
	return a->similarity > b->similarity || (a->similarity == b->similarity && is_later(a, b));
}

/* Moves the first `count` of n sessions, in the order of precedes, to the front, in any order. */
static inline void
select_first(Neighbor *sessions, int64_t n, int64_t count, Precedes precedes)
{
	int64_t		low = 0;
	int64_t		high = n - 1;

	while (low < high && count < n)
	{
		Neighbor	pivot = sessions[low + (high - low) / 2];
		int64_t		i = low;
		int64_t		j = high;

		poll();
		while (i <= j)
		{
			while (precedes(&sessions[i], &pivot))
				i++;
			while (precedes(&pivot, &sessions[j]))
				j--;
			if (i <= j)
			{
				Neighbor	swap = sessions[i];

				sessions[i++] = sessions[j];
				sessions[j--] = swap;
			}
		}
		if (count <= j)
			high = j;
		else if (count >= i)
			low = i;
		else
			break;
	}
}

/* ---- refreshing ---- */

/* A session of a user who is solved again. */
typedef struct NewSession
{
	int64_t		first;			/* event */
	int32_t		length;
	/*
	 * that of the user's former session that began at the same time; else, until it gets another,
	 * one beyond all rows
	 */
	int32_t		number;
	bool		is_listed;		/* an item lists it */
} NewSession;

/* What a refresh works with. Numbers of sessions are those before, or those of NewSession. */
typedef struct Refreshed
{
	const SessionKnnOptions *o;
	const Refresh *refresh;
	Side	   *items;
	Side	   *users;
	Side	   *sessions;
	int64_t		n_rows;			/* of the sessions */
	SparseMatrix of_items;		/* the lists before */
	SparseMatrix of_users;
	NewSession *found;			/* by row of by_user */
	int64_t		n_found;
	int64_t    *found_of;		/* by row of by_user, and an end: where in found its sessions are */
	int32_t    *row_of;			/* by user: the row of by_user, or -1 */
	int32_t    *taken_by;		/* by session: which of found has its number, or -1 */
	bool	   *gone;			/* by session: it is not what it was, or there is none */
	int32_t    *lists;			/* by session that is not gone: how many items list it */
	bool	   *anew;			/* by item: its list is made anew */
	int64_t    *with_item;		/* by item, and an end: where in sessions_with its sessions are */
	int32_t    *sessions_with;	/* of found */
	Neighbor   *scratch;		/* as long as the longest list may become */
} Refreshed;

static inline int64_t
list_length(const SparseMatrix *list, int64_t row)
{
	return list->start[row + 1] - list->start[row];
}

static int
compare_numbers(const void *a, const void *b)
{
	int32_t		x = *(const int32_t *) a;
	int32_t		y = *(const int32_t *) b;

	return (x > y) - (x < y);
}

static int
compare_lateness(const void *a, const void *b)
{
	poll();
	return is_later(a, b) ? -1 : is_later(b, a);
}

/* The session in found that has a number; NULL: it is another user's. */
static inline NewSession *
new_session(const Refreshed *r, int32_t number)
{
	int64_t		at = number >= r->n_rows ? number - r->n_rows : r->taken_by[number];

	return at < 0 ? NULL : &r->found[at];
}

/* Marks the sessions that are not what they were, and takes memory for a list of any length. */
static void
forget_sessions(Refreshed *r)
{
	int64_t		longest = 1;

	r->gone = allocate(&r->refresh->allocator, sizeof(bool) * (size_t) (r->n_rows + 1));
	for (int64_t s = 0; s < r->n_rows; s++)
		r->gone[s] = r->sessions->n_ratings[s] == 0;
	for (int64_t u = 0; u < r->users->n_rows; u++)
	{
		if (u % 4096 == 0)
			poll();
		longest = list_length(&r->of_users, u) > longest ? list_length(&r->of_users, u) : longest;
		for (int64_t e = r->of_users.start[u];
			 e < r->of_users.start[u + 1] && r->refresh->solved[SIDE_USERS][u]; e++)
			r->gone[r->of_users.column[e]] = true;
	}
	for (int64_t i = 0; i < r->items->n_rows; i++)
		longest = list_length(&r->of_items, i) > longest ? list_length(&r->of_items, i) : longest;
	/* a new session may come onto any list */
	longest += r->refresh->events.start[r->refresh->by_user.n_rows] / 2;
	r->scratch = allocate(&r->refresh->allocator, sizeof(Neighbor) * (size_t) longest);
}

/* Gives the sessions of a row of by_user the numbers of those that began when they do. */
static void
keep_numbers(Refreshed *r, int64_t row)
{
	int64_t		user = r->refresh->users[row];
	int64_t		first = r->of_users.start[user];
	int64_t		n = 0;
	int64_t		old = 0;

	for (int64_t e = first; e < r->of_users.start[user + 1]; e++)
	{
		int32_t		number = r->of_users.column[e];

		/* somebody may have deleted its row */
		if (r->sessions->n_ratings[number] > 0)
			r->scratch[n++] = (Neighbor) {r->sessions->time[number], 0, number};
	}
	qsort(r->scratch, n, sizeof(Neighbor), compare_lateness);
	for (int64_t s = r->found_of[row + 1] - 1; s >= r->found_of[row]; s--)
	{
		int64_t		began = r->refresh->events.times[r->found[s].first];

		while (old < n && r->scratch[old].began > began)
			old++;
		if (old < n && r->scratch[old].began == began)
		{
			r->found[s].number = r->scratch[old++].session;
			r->taken_by[r->found[s].number] = (int32_t) s;
		}
	}
}

/* Splits the events of the users who are solved again. */
static void
find_new_sessions(Refreshed *r)
{
	const History *h = &r->refresh->events;
	int64_t		n_rows = r->refresh->by_user.n_rows;
	const Allocator *allocator = &r->refresh->allocator;

	r->found = allocate(allocator, sizeof(NewSession) * (size_t) (h->start[n_rows] / 2 + 1));
	r->found_of = allocate(allocator, sizeof(int64_t) * (size_t) (n_rows + 1));
	r->taken_by = allocate(allocator, sizeof(int32_t) * (size_t) (r->n_rows + 1));
	r->row_of = allocate(allocator, sizeof(int32_t) * (size_t) r->users->n_rows);
	memset(r->taken_by, -1, sizeof(int32_t) * (size_t) r->n_rows);
	memset(r->row_of, -1, sizeof(int32_t) * (size_t) r->users->n_rows);
	for (int64_t row = 0; row < n_rows; row++)
	{
		poll();
		r->row_of[r->refresh->users[row]] = (int32_t) row;
		r->found_of[row] = r->n_found;
		for (int64_t first = h->start[row], end; first < h->start[row + 1]; first = end)
		{
			end = session_end(r->o, h->times, first, h->start[row + 1]);
			if (end - first < 2)
				continue;
			r->found[r->n_found] = (NewSession) {first, (int32_t) (end - first),
												 (int32_t) (r->n_rows + r->n_found), false};
			r->n_found++;
		}
		r->found_of[row + 1] = r->n_found;
		keep_numbers(r, row);
	}
}

/* Groups the new sessions by their items. */
static void
group_by_item(Refreshed *r)
{
	int64_t		n_items = r->items->n_rows;
	int32_t    *last =
		allocate(&r->refresh->allocator, sizeof(int32_t) * (size_t) n_items);
	int64_t    *start =
		allocate(&r->refresh->allocator, sizeof(int64_t) * (size_t) (n_items + 2));

	/* counts them, then places them; start is one item ahead until they are placed */
	for (int pass = 0; pass < 2; pass++)
	{
		memset(last, 0, sizeof(int32_t) * (size_t) n_items);
		for (int64_t s = 0; s < r->n_found; s++)
		{
			const int32_t *items = r->refresh->events.items + r->found[s].first;

			if (s % 64 == 0)
				poll();
			for (int32_t e = 0; e < r->found[s].length; e++)
			{
				if (last[items[e]] == s + 1)
					continue;
				last[items[e]] = (int32_t) s + 1;
				if (pass == 0)
					start[items[e] + 2]++;
				else
					r->sessions_with[start[items[e] + 1]++] = (int32_t) s;
			}
		}
		if (pass == 1)
			break;
		for (int64_t i = 0; i < n_items; i++)
			start[i + 2] += start[i + 1];
		r->sessions_with = allocate(&r->refresh->allocator,
									sizeof(int32_t) * (size_t) (start[n_items + 1] + 1));
	}
	r->with_item = start;
}

/*
 * Counts the items that list each session, and finds the lists that are made anew. Returns how many
 * entries these may have.
 */
static int64_t
count_lists(Refreshed *r)
{
	int64_t		entries = 0;
	bool	   *anew =
		allocate(&r->refresh->allocator, sizeof(bool) * (size_t) r->items->n_rows);

	r->anew = anew;
	r->lists = allocate(&r->refresh->allocator, sizeof(int32_t) * (size_t) (r->n_rows + 1));
	for (int64_t i = 0; i < r->items->n_rows; i++)
	{
		int64_t		n_new = r->with_item[i + 1] - r->with_item[i];

		anew[i] = n_new > 0 || r->refresh->solved[SIDE_ITEMS][i];
		if (i % 64 == 0)
			poll();
		for (int64_t e = r->of_items.start[i]; e < r->of_items.start[i + 1]; e++)
		{
			int32_t		number = r->of_items.column[e];

			anew[i] = anew[i] || r->gone[number];
			r->lists[number] += !r->gone[number];
		}
		if (anew[i])
			entries += list_length(&r->of_items, i) + n_new;
	}
	return entries;
}

/* Lists the latest sessions of an item, of those that stay and the new ones; returns how many. */
static int64_t
list_item(Refreshed *r, int64_t item, int32_t *numbers)
{
	int64_t		n = 0;
	int64_t		count;

	for (int64_t e = r->of_items.start[item]; e < r->of_items.start[item + 1]; e++)
	{
		int32_t		number = r->of_items.column[e];

		if (!r->gone[number])
			r->scratch[n++] = (Neighbor) {r->sessions->time[number], 0, number};
	}
	for (int64_t e = r->with_item[item]; e < r->with_item[item + 1]; e++)
	{
		const NewSession *s = &r->found[r->sessions_with[e]];

		r->scratch[n++] = (Neighbor) {r->refresh->events.times[s->first], 0, s->number};
	}
	count = min64(n, r->o->sample);
	select_first(r->scratch, n, count, is_later);
	for (int64_t i = 0; i < n; i++)
	{
		NewSession *s = new_session(r, r->scratch[i].session);

		if (i < count)
			numbers[i] = r->scratch[i].session;
		if (s != NULL)
			s->is_listed = s->is_listed || i < count;
		else if (i >= count)
			r->lists[r->scratch[i].session]--;
	}
	return count;
}

/* Lists the sessions of all items whose lists are made anew. */
static void
list_items(Refreshed *r)
{
	int64_t		n_items = r->items->n_rows;
	bool	   *stays = allocate(&r->refresh->allocator, sizeof(bool) * (size_t) n_items);
	SparseMatrix *list = &r->items->list;
	int64_t		n = 0;

	for (int64_t i = 0; i < n_items; i++)
		stays[i] = !r->refresh->solved[SIDE_ITEMS][i];
	for (int64_t row = 0; row < r->refresh->by_item.n_rows; row++)
		stays[r->refresh->items[row]] = true;
	list->start = allocate(&r->refresh->allocator, sizeof(int64_t) * (size_t) (n_items + 2));
	list->column = allocate(&r->refresh->allocator,
							sizeof(int32_t) * (size_t) (count_lists(r) + 1));
	for (int64_t i = 0; i < n_items; i++)
	{
		if (r->anew[i] && stays[i])
		{
			poll();
			n += list_item(r, i, list->column + n);
		}
		for (int64_t e = r->of_items.start[i]; e < r->of_items.start[i + 1] && !stays[i]; e++)
			r->lists[r->of_items.column[e]] -= !r->gone[r->of_items.column[e]];
		list->start[i + 1] = n;
	}
}

/* Frees the numbers of sessions that are not listed any more, and gives numbers to new ones. */
static void
number_sessions(Refreshed *r)
{
	int32_t    *n_ratings = r->sessions->n_ratings;
	int32_t		next = 0;

	for (int64_t s = 0; s < r->n_rows; s++)
	{
		if (s % 4096 == 0)
			poll();
		r->gone[s] = r->gone[s] || r->lists[s] == 0;
		if (r->gone[s] && (r->taken_by[s] < 0 || !r->found[r->taken_by[s]].is_listed))
			n_ratings[s] = 0;
	}
	for (int64_t at = 0; at < r->n_found; at++)
	{
		NewSession *s = &r->found[at];

		if (at % 1024 == 0)
			poll();
		if (!s->is_listed)
			continue;
		if (s->number >= r->n_rows)
		{
			while (n_ratings[next] > 0)
				next++;
			s->number = next;
		}
		n_ratings[s->number] = s->length;
		r->sessions->time[s->number] = r->refresh->events.times[s->first];
		r->refresh->changed[SIDE_SESSIONS][s->number] = true;
	}
}

/* Sets what the new sessions consist of. */
static void
fill_sessions(Refreshed *r)
{
	SparseMatrix *list = &r->sessions->list;

	for (int64_t s = 0; s < r->n_rows; s++)
		list->start[s + 1] = list->start[s] + (r->refresh->changed[SIDE_SESSIONS][s]
												   ? r->sessions->n_ratings[s]
												   : 0);
	for (int64_t at = 0; at < r->n_found; at++)
	{
		const NewSession *s = &r->found[at];

		if (at % 1024 == 0)
			poll();
		if (s->is_listed)
			memcpy(list->column + list->start[s->number], r->refresh->events.items + s->first,
				   sizeof(int32_t) * (size_t) s->length);
	}
}

/* Lists the sessions of users who are solved again, and of those who have lost one. */
static void
list_users(Refreshed *r)
{
	SparseMatrix *list = &r->users->list;
	int64_t		n_users = r->users->n_rows;
	int64_t		n = 0;

	list->start = allocate(&r->refresh->allocator, sizeof(int64_t) * (size_t) (n_users + 2));
	list->column =
		allocate(&r->refresh->allocator,
				 sizeof(int32_t) * (size_t) (r->of_users.start[n_users] + r->n_found + 1));
	for (int64_t u = 0; u < n_users; u++)
	{
		bool		solved = r->refresh->solved[SIDE_USERS][u];
		bool		loses = solved;
		int64_t		end = r->of_users.start[u + 1];
		int64_t		first = n;
		int64_t		row = r->row_of[u];

		if (u % 1024 == 0)
			poll();
		for (int64_t e = r->of_users.start[u]; e < end && !loses; e++)
			loses = r->gone[r->of_users.column[e]];
		for (int64_t e = r->of_users.start[u]; e < end && loses && !solved; e++)
		{
			if (!r->gone[r->of_users.column[e]])
				list->column[n++] = r->of_users.column[e];
		}
		for (int64_t at = row < 0 ? 0 : r->found_of[row];
			 at < (row < 0 ? 0 : r->found_of[row + 1]); at++)
		{
			if (r->found[at].is_listed)
				list->column[n++] = r->found[at].number;
		}
		qsort(list->column + first, n - first, sizeof(int32_t), compare_numbers);
		r->refresh->changed[SIDE_USERS][u] = loses;
		if (loses && n == first)
			r->users->n_ratings[u] = 0;
		list->start[u + 1] = n;
	}
}

/* Replaces the numbers of new sessions on the lists of items, and notes which lists are others. */
static void
finish_items(Refreshed *r)
{
	SparseMatrix *list = &r->items->list;

	for (int64_t i = 0; i < r->items->n_rows; i++)
	{
		int32_t    *numbers = list->column + list->start[i];
		int64_t		n = list_length(list, i);

		if (i % 64 == 0)
			poll();
		for (int64_t e = 0; e < n; e++)
		{
			if (numbers[e] >= r->n_rows)
				numbers[e] = r->found[numbers[e] - r->n_rows].number;
		}
		qsort(numbers, n, sizeof(int32_t), compare_numbers);
		r->refresh->changed[SIDE_ITEMS][i] =
			r->anew[i] && (n != list_length(&r->of_items, i) ||
						   memcmp(numbers, r->of_items.column + r->of_items.start[i],
								  sizeof(int32_t) * (size_t) n) != 0);
	}
}

static const char *
session_knn_refresh(Model *model, const Refresh *refresh, void *scratch)
{
	Refreshed	r = {.o = model->options, .refresh = refresh,
					 .items = &model->sides[SIDE_ITEMS], .users = &model->sides[SIDE_USERS],
					 .sessions = &model->sides[SIDE_SESSIONS]};

	r.n_rows = r.sessions->n_rows;
	r.of_items = r.items->list;
	r.of_users = r.users->list;
	forget_sessions(&r);
	find_new_sessions(&r);
	group_by_item(&r);
	list_items(&r);
	number_sessions(&r);
	fill_sessions(&r);
	list_users(&r);
	finish_items(&r);
	for (int64_t row = 0; row < refresh->by_item.n_rows; row++)
		set_idf(model, refresh->items[row]);
	return NULL;
}

/* ---- asking ---- */

/* Of a longer session the last events are used. */
#define MOST_EVENTS 100

/* A session that shares an item with the current session. */
typedef struct Candidate
{
	int32_t		session;		/* -1: the entry is free */
	int32_t		step;			/* of the latest event whose item it shares */
	float		similarity;
} Candidate;

typedef struct Workspace
{
	/* MOST_EVENTS: the items of the current session, each once, the latest first */
	int32_t    *items;
	float	   *weights;		/* MOST_EVENTS: weights of these items */
	int32_t    *steps;			/* MOST_EVENTS: steps of these items */
	Candidate  *candidates;		/* a hash table, whose size is a power of two */
	Neighbor   *neighbors;		/* the sessions in the hash table */
	int32_t    *last;			/* by item: the last neighbour in which it was met, + 1 */
} Workspace;

static inline int64_t
table_size(int64_t candidates)
{
	int64_t		size = 64;

	while (size < 2 * candidates)
		size *= 2;
	return size;
}

/* Lays a workspace out in memory; with memory NULL only returns the bytes it needs. */
static size_t
lay_out_workspace(const Model *model, int64_t length, void *memory, Workspace *w)
{
	const SessionKnnOptions *o = model->options;
	const Side *items = &model->sides[SIDE_ITEMS];
	int64_t		candidates =
		min64(min64(length, MOST_EVENTS) * o->sample, items->list.start[items->n_rows]);
	Pieces		p = {memory, 0};

	w->items = add_piece(&p, sizeof(int32_t) * MOST_EVENTS);
	w->weights = add_piece(&p, sizeof(float) * MOST_EVENTS);
	w->steps = add_piece(&p, sizeof(int32_t) * MOST_EVENTS);
	w->candidates = add_piece(&p, sizeof(Candidate) * table_size(candidates));
	w->neighbors = add_piece(&p, sizeof(Neighbor) * candidates);
	w->last = add_piece(&p, sizeof(int32_t) * items->n_rows);
	return p.bytes;
}

static size_t
session_knn_query_scratch_bytes(const Model *model, int64_t profile_length)
{
	Workspace	w;

	return lay_out_workspace(model, profile_length, NULL, &w);
}

/* Puts the items of the current session into w; returns their number. */
static int
last_session(const Model *model, const Profile *profile, const Workspace *w)
{
	const SessionKnnOptions *o = model->options;
	double		gap = o->session_gap * 1e6;
	const int32_t *events;
	int			length = 1;
	int			n = 0;

	if (profile->n_events == 0)
		return 0;
	events = profile->events + profile->n_events;
	while (length < min64(profile->n_events, MOST_EVENTS))
	{
		int64_t		at = profile->n_events - length;

		if (gap > 0 && profile->times != NULL &&
			(double) profile->times[at] - (double) profile->times[at - 1] > gap)
			break;
		length++;
	}
	for (int step = 1; step <= length; step++)
	{
		int			i = 0;

		while (i < n && w->items[i] != events[-step])
			i++;
		if (i < n)
			continue;
		w->items[n] = events[-step];
		w->weights[n] = (float) pow((double) (length - step + 1) / length, o->decay);
		w->steps[n++] = step;
	}
	return n;
}

/* For qsort(). */
static int
compare_nearness(const void *a, const void *b)
{
	poll();
	return is_nearer(a, b) ? -1 : is_nearer(b, a);
}

static inline Candidate *
find_candidate(const Workspace *w, int64_t size, int32_t session)
{
	/* Fibonacci hashing spreads close numbers */
	uint64_t	at = (uint32_t) session * UINT64_C(0x9E3779B97F4A7C15) >> 32;

	while (w->candidates[at & (size - 1)].session >= 0 &&
		   w->candidates[at & (size - 1)].session != session)
		at++;
	return &w->candidates[at & (size - 1)];
}

/* Puts the neighbours of a session of n items into w->neighbors; returns how many they are. */
static int64_t
find_neighbors(const Model *model, int n, const Workspace *w, int64_t *size)
{
	const SessionKnnOptions *o = model->options;
	const SparseMatrix *list = &model->sides[SIDE_ITEMS].list;
	const int64_t *began = model->sides[SIDE_SESSIONS].time;
	int64_t		entries = 0;
	int64_t		n_candidates = 0;
	int64_t		count;

	/* no more than `sample` sessions of a list are read, even if the table has more */
	for (int i = 0; i < n; i++)
		entries += min64(list->start[w->items[i] + 1] - list->start[w->items[i]], o->sample);
	*size = table_size(entries);
	memset(w->candidates, -1, sizeof(Candidate) * *size);
	for (int i = 0; i < n; i++)
	{
		int64_t		end = list->start[w->items[i] + 1];
		int64_t		first = end - min64(end - list->start[w->items[i]], o->sample);

		poll();
		for (int64_t e = first; e < end; e++)
		{
			int32_t		session = list->column[e];
			Candidate  *c = find_candidate(w, *size, session);

			if (c->session < 0)
			{
				*c = (Candidate) {session, w->steps[i], 0};
				w->neighbors[n_candidates++] = (Neighbor) {began[session], 0, session};
			}
			c->similarity += w->weights[i];
		}
	}
	count = min64(n_candidates, o->sample);
	select_first(w->neighbors, n_candidates, count, is_later);
	for (int64_t i = 0; i < count; i++)
	{
		if (i % 1024 == 0)
			poll();
		w->neighbors[i].similarity =
			find_candidate(w, *size, w->neighbors[i].session)->similarity;
	}
	n_candidates = count;
	count = min64(n_candidates, o->neighbors);
	select_first(w->neighbors, n_candidates, count, is_nearer);
	qsort(w->neighbors, count, sizeof(Neighbor), compare_nearness);
	return count;
}

/* The weight of a neighbour's vote. */
static inline double
neighbor_vote(const Model *model, const Workspace *w, int64_t size, int64_t k)
{
	const SessionKnnOptions *o = model->options;
	int32_t		step = find_candidate(w, size, w->neighbors[k].session)->step;

	return w->neighbors[k].similarity / pow(step, o->decay);
}

/* A query holds the scores of all items; 0: no vote. */
static size_t
session_knn_query_bytes(const Model *model, int64_t profile_length)
{
	return sizeof(float) * (model->sides[SIDE_ITEMS].n_rows + 1);
}

/* The weight of votes for an item. */
static inline float
item_weight(const Model *model, int32_t item)
{
	const SessionKnnOptions *o = model->options;

	return 1 + (float) o->idf * model->sides[SIDE_ITEMS].values[COLUMN_IDF][item];
}

static bool
session_knn_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	const SparseMatrix *list = &model->sides[SIDE_SESSIONS].list;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	float	   *scores = query;
	Workspace	w;
	int64_t		size;
	int64_t		n;
	double		total = 0;

	lay_out_workspace(model, profile_length(profile), scratch, &w);
	memset(scores, 0, sizeof(float) * n_items);
	memset(w.last, 0, sizeof(int32_t) * n_items);
	n = find_neighbors(model, last_session(model, profile, &w), &w, &size);
	for (int64_t k = 0; k < n; k++)
		total += neighbor_vote(model, &w, size, k);
	for (int64_t k = 0; k < n; k++)
	{
		int32_t		session = w.neighbors[k].session;
		float		vote = (float) (neighbor_vote(model, &w, size, k) / total);

		poll();
		for (int64_t e = list->start[session]; e < list->start[session + 1]; e++)
		{
			/* once, even if the session has the item several times */
			if (w.last[list->column[e]] == k + 1)
				continue;
			w.last[list->column[e]] = (int32_t) k + 1;
			scores[list->column[e]] += vote;
		}
	}
	for (int64_t i = 0; i < n_items; i++)
	{
		if (scores[i] > 0)
			scores[i] *= item_weight(model, (int32_t) i);
	}
	return true;
}

static void
session_knn_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
						int64_t n, float *scores)
{
	const float *votes = query;

	for (int64_t i = 0; i < n; i++)
	{
		float		vote = votes[item_of(items, first + i)];

		scores[i] = vote > 0 ? vote : NAN;
	}
}

/* A neighbour votes because of the items that it shares with the current session. */
static void
session_knn_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
					float *contributions, float *baseline, void *scratch)
{
	const SparseMatrix *list = &model->sides[SIDE_SESSIONS].list;
	Workspace	w;
	int64_t		size;
	int64_t		n;
	int			n_own;
	double		total = 0;

	lay_out_workspace(model, profile_length(profile), scratch, &w);
	memset(w.last, 0, sizeof(int32_t) * model->sides[SIDE_ITEMS].n_rows);
	memset(contributions, 0, sizeof(float) * profile->n);
	n_own = last_session(model, profile, &w);
	n = find_neighbors(model, n_own, &w, &size);
	for (int64_t k = 0; k < n; k++)
	{
		int32_t		session = w.neighbors[k].session;
		double		vote = neighbor_vote(model, &w, size, k);
		bool		votes = false;

		poll();
		total += vote;
		for (int64_t e = list->start[session]; e < list->start[session + 1]; e++)
		{
			votes = votes || list->column[e] == item;
			w.last[list->column[e]] = (int32_t) k + 1;
		}
		for (int i = 0; i < n_own && votes; i++)
		{
			for (int64_t j = 0; j < profile->n && w.last[w.items[i]] == k + 1; j++)
			{
				if (profile->items[j] == w.items[i])
					contributions[j] += (float) (vote * w.weights[i] / w.neighbors[k].similarity);
			}
		}
	}
	for (int64_t j = 0; j < profile->n && total > 0; j++)
		contributions[j] = (float) (contributions[j] / total * item_weight(model, item));
	*baseline = 0;
}

/*
 * The cosine of two items as sets of sessions, over the latest sessions that are stored for each.
 */
static void
session_knn_similar_items(const Model *model, int32_t item, int64_t first, int64_t n,
						  float *similarity)
{
	const SparseMatrix *list = &model->sides[SIDE_ITEMS].list;
	int64_t		own = list->start[item + 1] - list->start[item];

	for (int64_t i = 0; i < n; i++)
	{
		int64_t		a = list->start[item];
		int64_t		b = list->start[first + i];
		int64_t		other = list->start[first + i + 1] - b;
		int64_t		common = 0;

		if (i % 64 == 0)
			poll();
		while (a < list->start[item + 1] && b < list->start[first + i + 1])
		{
			int32_t		x = list->column[a];
			int32_t		y = list->column[b];

			common += x == y;
			a += x <= y;
			b += y <= x;
		}
		similarity[i] = common > 0 ? (float) (common / sqrt((double) own * other)) : NAN;
	}
}

const Algorithm session_knn_algorithm = {
	.name = "session_knn",
	.description = "nearest neighbours of sessions (V-SKNN): the items of sessions that resemble "
				   "the current one",
	.options = session_knn_options,
	.options_size = sizeof(SessionKnnOptions),
	.decide = session_knn_decide,
	.columns = session_knn_columns,
	.needs = session_knn_needs,
	.asks = {[SIDE_SESSIONS] = true},
	.side_rows = session_knn_side_rows,
	.list_entries = session_knn_list_entries,
	.arrays = session_knn_arrays,
	.train = session_knn_train,
	.refresh = session_knn_refresh,
	.query_bytes = session_knn_query_bytes,
	.query_scratch_bytes = session_knn_query_scratch_bytes,
	.make_query = session_knn_make_query,
	.score_items = session_knn_score_items,
	.explain = session_knn_explain,
	.explain_scratch_bytes = session_knn_query_scratch_bytes,
	.similar_items = session_knn_similar_items
};
