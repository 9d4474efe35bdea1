/*
 * session_knn_test.c
 *	  Nearest neighbours of sessions through the contract for algorithms: by hand, and against a
 *	  search that compares every session.
 */
#include <stdbool.h>

#include "training.h"

#include "kernel/random.h"

#define MINUTE ((int64_t) 60 * 1000000)

typedef struct Click
{
	int			user;
	int			item;
	int			minute;
} Click;

/* A training on clicks, which are ordered by user, and for each user by time. */
static Training *
of_clicks(const Click *clicks, int n, int n_users, int n_items)
{
	double	   *dense = zeroed(sizeof(double) * n_users * n_items);
	Training   *t;
	History    *h;

	for (int i = 0; i < n_users * n_items; i++)
		dense[i] = NAN;
	for (int i = 0; i < n; i++)
		dense[clicks[i].user * n_items + clicks[i].item] = 1;
	t = new_training(&session_knn_algorithm, dense, NULL, n_users, n_items, FEEDBACK_IMPLICIT);
	set_option(t, "session_gap", 30 * 60);
	set_option(t, "idf", 1);
	h = &t->ratings.events;
	free(h->items);
	free(h->times);
	h->items = zeroed(sizeof(int32_t) * n);
	h->times = zeroed(sizeof(int64_t) * n);
	memset(h->start, 0, sizeof(int64_t) * (n_users + 1));
	for (int i = 0; i < n; i++)
	{
		h->items[i] = clicks[i].item;
		/* users have different times, so that the order of equally similar sessions is defined */
		h->times[i] = clicks[i].minute * MINUTE + clicks[i].user;
		h->start[clicks[i].user + 1] = i + 1;
	}
	for (int u = 0; u < n_users; u++)
		h->start[u + 1] = h->start[u + 1] > h->start[u] ? h->start[u + 1] : h->start[u];
	free(dense);
	return t;
}

/* Checks the scores of all items for these events; NAN: no score. */
static void
check_scores(const Training *t, const Profile *profile, const double *expected)
{
	const Model *model = &t->model;
	void	   *query = new_query(model, profile);
	int64_t		n = model->sides[SIDE_ITEMS].n_rows;
	float	   *scores = zeroed(sizeof(float) * n);

	model->algorithm->score_items(model, query, NULL, 0, n, scores);
	for (int64_t i = 0; i < n; i++)
	{
		if (isnan(expected[i]))
			CHECK(isnan(scores[i]));
		else
			CHECK_NEAR(scores[i], expected[i], 1e-5);
	}
	free(scores);
	free(query);
}

/*
 * Sessions with a gap of 30 minutes: user 0 has 0 1 (minute 0), then, from minute 100, 2 3 2; user
 * 1 has 1 2 (from minute 50); user 2 has 4 alone, which is not a session. In the order of their
 * first event: A = {0, 1}, B = {1, 2}, C = {2, 3}.
 */
static const Click small[] = {
	{0, 0, 0}, {0, 1, 30}, {0, 2, 100}, {0, 3, 101},
	{0, 2, 102}, {1, 1, 50}, {1, 2, 51}, {2, 4, 0}};

static void
test_by_hand(void)
{
	Training   *t = of_clicks(small, 8, 3, 5);
	const int32_t events[] = {0, 1};
	Profile		profile = {.n_events = 2, .events = events};
	const Side *sessions = &t->model.sides[SIDE_SESSIONS];
	const SparseMatrix *list = &t->model.sides[SIDE_ITEMS].list;

	set_option(t, "idf", 0);
	train(t);
	CHECK(sessions->n_rows == 3);
	CHECK(sessions->time[0] == 0 && sessions->time[1] == 50 * MINUTE + 1 &&
		  sessions->time[2] == 100 * MINUTE);
	CHECK(sessions->list.start[3] == 7 && sessions->list.column[6] == 2);
	/* item 1 is in A and B */
	CHECK(list->start[2] - list->start[1] == 2 && list->column[list->start[1]] == 0 &&
		  list->column[list->start[1] + 1] == 1);

	/*
	 * 0 then 1: w = 1/2, 1. A has both: 3/2, step 1; B has 1: 1, step 1. Relative to 5/2, item 0
	 * has 3/2, 1 has 5/2, 2 has 1.
	 */
	check_scores(t, &profile, (const double[]) {0.6, 1, 0.4, NAN, NAN});
	/* one neighbour: A */
	free_training(t);
	t = of_clicks(small, 8, 3, 5);
	set_option(t, "idf", 0);
	set_option(t, "neighbors", 1);
	train(t);
	check_scores(t, &profile, (const double[]) {1, 1, NAN, NAN, NAN});
	free_training(t);

	/* a sample of one session with a common item, the latest: B, while A is not kept for item 1 */
	t = of_clicks(small, 8, 3, 5);
	set_option(t, "idf", 0);
	set_option(t, "sample", 1);
	train(t);
	check_scores(t, &profile, (const double[]) {NAN, 1, 1, NAN, NAN});
	free_training(t);

	/*
	 * 1 then 0, decay 2: w = 1/4, 1. A: 5/4, step 1; B: 1/4, step 2, which counts 1/4: 1/16.
	 * Relative to 21/16, item 2 has 1/21. Of three users, one has item 0 and two have 1 and 2: with
	 * idf 1 the score is (1 + log 3/2) / 21.
	 */
	t = of_clicks(small, 8, 3, 5);
	set_option(t, "decay", 2);
	train(t);
	profile.events = (const int32_t[]) {1, 0};
	check_scores(t, &profile,
				 (const double[]){20 / 21.0 * (1 + log(3)), 1 + log(1.5), (1 + log(1.5)) / 21, NAN,
								  NAN});
	/* an event before the gap belongs to another session: the last one is 0 alone, and A has 0 */
	profile.times = (const int64_t[]) {0, 31 * MINUTE};
	check_scores(t, &profile, (const double[]) {1 + log(3), 1 + log(1.5), NAN, NAN, NAN});
	free_training(t);

	/*
	 * all events of a user are one session: {0, 1, 2, 3} and {1, 2}; the first event of the former
	 * is earlier
	 */
	t = of_clicks(small, 8, 3, 5);
	set_option(t, "session_gap", 0);
	set_option(t, "idf", 0);
	train(t);
	CHECK(t->model.sides[SIDE_SESSIONS].n_rows == 2);
	profile = (Profile){.n_events = 1, .events = (const int32_t[]) {3}};
	check_scores(t, &profile, (const double[]) {1, 1, 1, 1, NAN});
	free_training(t);
}

/* A session, found by a scan of the clicks. */
typedef struct Session
{
	int64_t		began;
	int			first;
	int			n;
} Session;

static int
by_beginning(const void *a, const void *b)
{
	const Session *x = a;
	const Session *y = b;

	return x->began != y->began ? (x->began > y->began) - (x->began < y->began)
								: (x->first > y->first) - (x->first < y->first);
}

enum
{
	USERS = 200,
	ITEMS = 25,
	CLICKS = 4000
};

static Click clicks[CLICKS];
static Session sessions[CLICKS];
static int	users_with[ITEMS];

static bool
session_has(const Session *s, int item)
{
	for (int i = 0; i < s->n; i++)
	{
		if (clicks[s->first + i].item == item)
			return true;
	}
	return false;
}

/* The scores for a last session of these events: every session is compared. */
static void
vote(const int32_t *events, int n, int n_sessions, int neighbors, int sample, double decay,
	 double idf, double *scores)
{
	static double similarity[CLICKS];
	static int	step[CLICKS];
	static bool taken[CLICKS];
	int			looked_at = 0;
	double		total = 0;

	for (int i = 0; i < ITEMS; i++)
		scores[i] = 0;
	for (int s = n_sessions - 1; s >= 0; s--)
	{
		similarity[s] = 0;
		step[s] = 0;
		taken[s] = false;
		for (int e = n - 1; e >= 0; e--)
		{
			bool		later = false;

			for (int l = e + 1; l < n; l++)
				later = later || events[l] == events[e];
			if (later || !session_has(&sessions[s], events[e]))
				continue;
			similarity[s] += pow((e + 1.0) / n, decay);
			if (step[s] == 0)
				step[s] = n - e;
		}
		/* of the sessions with a common item only the latest are in the sample */
		if (similarity[s] > 0 && ++looked_at > sample)
			similarity[s] = 0;
	}
	for (int k = 0; k < neighbors; k++)
	{
		int			best = -1;

		for (int s = n_sessions - 1; s >= 0; s--)
		{
			if (!taken[s] && similarity[s] > 0 &&
				(best < 0 || similarity[s] > similarity[best] + 1e-6))
				best = s;
		}
		if (best < 0)
			break;
		taken[best] = true;
		total += similarity[best] / pow(step[best], decay);
		for (int i = 0; i < ITEMS; i++)
		{
			if (session_has(&sessions[best], i))
				scores[i] += similarity[best] / pow(step[best], decay);
		}
	}
	for (int i = 0; i < ITEMS; i++)
	{
		scores[i] = scores[i] > 0
						? scores[i] / total * (1 + idf * log((double) USERS / users_with[i]))
						: NAN;
	}
}

static void
test_random(int neighbors, int sample, double decay, double idf)
{
	Training   *t;
	int			n = 0;
	int			n_sessions = 0;

	for (int u = 0; u < USERS; u++)
	{
		int			length = (int) (random_bits(1, u) % (CLICKS / USERS));
		int			minute = (int) (random_bits(2, u) % 100000);

		for (int e = 0; e < length; e++, n++)
		{
			/* every fourth event begins a session, on average */
			minute += random_bits(u + 10, e) % 4 == 0 ? 31 + (int) (random_bits(u, e) % 5000)
													  : (int) (random_bits(u, e) % 31);
			clicks[n] = (Click) {u, (int) (random_bits(u + 1000, e) % ITEMS), minute};
			if (e > 0 && clicks[n].minute - clicks[n - 1].minute <= 30)
				sessions[n_sessions - 1].n++;
			else
			{
				/* one event is not a session */
				if (n_sessions > 0 && sessions[n_sessions - 1].n < 2)
					n_sessions--;
				sessions[n_sessions++] = (Session) {minute, n, 1};
			}
		}
	}
	if (sessions[n_sessions - 1].n < 2)
		n_sessions--;
	t = of_clicks(clicks, n, USERS, ITEMS);
	for (int i = 0; i < ITEMS; i++)
		users_with[i] = (int) (t->ratings.by_item.start[i + 1] - t->ratings.by_item.start[i]);
	set_option(t, "neighbors", neighbors);
	set_option(t, "sample", sample);
	set_option(t, "decay", decay);
	set_option(t, "idf", idf);
	train(t);
	qsort(sessions, n_sessions, sizeof(Session), by_beginning);
	CHECK(n_sessions > 300 && t->model.sides[SIDE_SESSIONS].n_rows <= n_sessions);
	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		int			first = (int) profile.n_events - 1;
		double		expected[ITEMS];

		check_answers(&t->model, &profile);
		while (first > 0 && profile.times[first] - profile.times[first - 1] <= 30 * MINUTE)
			first--;
		if (profile.n_events == 0)
			continue;
		vote(profile.events + first, (int) profile.n_events - first, n_sessions, neighbors, sample,
			 decay, idf, expected);
		check_scores(t, &profile, expected);
	}
	free_training(t);
}

/* ---- refreshing */

/* The memory of a refresh. */
typedef struct Blocks
{
	void	   *blocks[64];
	int			n;
} Blocks;

static void *
take_block(void *context, size_t bytes)
{
	Blocks	   *b = context;

	CHECK(b->n < 64);
	return b->blocks[b->n++] = zeroed(bytes);
}

/* Clicks of all users until an hour, by user; returns how many. A third of the users come later. */
static int
clicks_until(int hour, Click *all)
{
	int			n = 0;

	for (int u = 0; u < USERS; u++)
	{
		int			minute = u % 3 == 0 ? 60 * 24 * 30 : 0;

		for (int e = 0; e < CLICKS / USERS; e++)
		{
			uint64_t	lot = random_bits(u + 7, e);

			minute += lot % 4 == 0 ? 31 + (int) (lot / 4 % 9000) : (int) (lot / 4 % 31);
			/* some change in what they are of, and some are gone */
			if (minute < 60 * hour && (hour < 2000 || lot % 37 > 0))
				all[n++] = (Click) {u, (int) ((lot / 4 + (hour >= 2000 && lot % 41 == 0)) %
											  ITEMS), minute};
		}
	}
	return n;
}

/* A side of sessions with free rows behind its own, and room for lists of so many entries. */
static void
make_session_room(Side *side, int64_t n_more, int64_t entries)
{
	Side		larger = *side;

	larger.n_rows += n_more;
	larger.list_room = entries;
	side_visit(&larger, training_take_array, NULL);
	memcpy(larger.n_ratings, side->n_ratings, sizeof(int32_t) * side->n_rows);
	memcpy(larger.time, side->time, sizeof(int64_t) * side->n_rows);
	side_visit(side, training_free_array, NULL);
	*side = larger;
}

/* The times of the sessions on a list, ascending. */
static int
times_of_list(const Training *t, SideKind kind, int64_t row, int64_t *times)
{
	const SparseMatrix *list = &t->model.sides[kind].list;
	int			n = 0;

	for (int64_t e = list->start[row]; e < list->start[row + 1]; e++)
	{
		int64_t		time = t->model.sides[SIDE_SESSIONS].time[list->column[e]];
		int			at = n++;

		CHECK(t->model.sides[SIDE_SESSIONS].n_ratings[list->column[e]] > 1);
		CHECK(e == list->start[row] || list->column[e - 1] < list->column[e]);
		for (; at > 0 && times[at - 1] > time; at--)
			times[at] = times[at - 1];
		times[at] = time;
	}
	return n;
}

/* Whether a user has the same events in two trainings. */
static bool
same_events(const Training *a, const Training *b, int u)
{
	const History *x = &a->ratings.events;
	const History *y = &b->ratings.events;
	int64_t		n = x->start[u + 1] - x->start[u];

	return n == y->start[u + 1] - y->start[u] &&
		   memcmp(x->items + x->start[u], y->items + y->start[u], sizeof(int32_t) * n) == 0 &&
		   memcmp(x->times + x->start[u], y->times + y->start[u], sizeof(int64_t) * n) == 0;
}

/*
 * A model of the events of 900 hours that is refreshed equals one that is trained on those of more
 * hours. From 2000 hours on, earlier events are others, too: then `sample` must be so large that no
 * list loses what it cannot replace.
 */
static void
test_refresh(int sample, int until)
{
	static Click before[CLICKS];
	static Click after[CLICKS];
	static bool solved_items[ITEMS];
	static bool solved_users[USERS];
	static bool changed_items[ITEMS];
	static bool changed_users[USERS];
	static int32_t users[USERS];
	static int32_t items[ITEMS];
	static int64_t counts[USERS + 2];
	static int64_t item_counts[ITEMS + 2];
	static int64_t starts[USERS + 1];
	Training   *t = of_clicks(before, clicks_until(900, before), USERS, ITEMS);
	Training   *b = of_clicks(after, clicks_until(until, after), USERS, ITEMS);
	Side	   *sides = t->model.sides;
	SparseMatrix lists[2];
	Blocks		blocks = {.n = 0};
	Refresh		refresh = {.users = users, .items = items,
						   .by_user = {.start = counts, .n_columns = ITEMS},
						   .by_item = {.start = item_counts, .n_columns = USERS},
						   .events = {.start = starts, .items = b->ratings.events.items,
									  .times = b->ratings.events.times},
						   .solved = {solved_items, solved_users},
						   .changed = {changed_items, changed_users},
						   .allocator = {take_block, &blocks}};
	int64_t		n_events = 0;
	int			n_sessions = 0;

	for (int i = 0; i < 2; i++)
	{
		set_option(i == 0 ? t : b, "sample", sample);
		train(i == 0 ? t : b);
	}
	for (int u = 0; u < USERS; u++)
	{
		const History *h = &b->ratings.events;
		int64_t		n = h->start[u + 1] - h->start[u];

		solved_users[u] = !same_events(t, b, u);
		changed_users[u] = false;
		if (!solved_users[u])
			continue;
		sides[SIDE_USERS].n_ratings[u] = (int32_t) n;
		if (n == 0)
			continue;
		/* the events of changed users, behind each other: others are before them, or overwritten */
		memmove(h->items + n_events, h->items + h->start[u], sizeof(int32_t) * n);
		memmove(h->times + n_events, h->times + h->start[u], sizeof(int64_t) * n);
		n_events += n;
		users[refresh.by_user.n_rows++] = u;
		starts[refresh.by_user.n_rows] = counts[refresh.by_user.n_rows] = n_events;
	}
	refresh.events.n_users = refresh.by_user.n_rows;
	for (int i = 0; i < ITEMS; i++)
	{
		int32_t		n = b->model.sides[SIDE_ITEMS].n_ratings[i];

		solved_items[i] = true;
		changed_items[i] = false;
		sides[SIDE_ITEMS].n_ratings[i] = n;
		if (n == 0)
			continue;
		items[refresh.by_item.n_rows++] = i;
		item_counts[refresh.by_item.n_rows] = item_counts[refresh.by_item.n_rows - 1] + n;
	}
	make_session_room(&sides[SIDE_SESSIONS], n_events / 2, n_events);
	refresh.changed[SIDE_SESSIONS] = zeroed((size_t) sides[SIDE_SESSIONS].n_rows);
	CHECK(refresh.by_user.n_rows > 50 && refresh.by_user.n_rows < USERS);
	for (int i = 0; i < 2; i++)
		lists[i] = sides[i].list;
	CHECK(t->model.algorithm->refresh(&t->model, &refresh, NULL) == NULL);

	for (int i = 0; i < ITEMS; i++)
	{
		int64_t		x[CLICKS];
		int64_t		y[CLICKS];
		int			n = times_of_list(t, SIDE_ITEMS, i, x);

		CHECK(n == times_of_list(b, SIDE_ITEMS, i, y) && memcmp(x, y, sizeof(int64_t) * n) == 0);
		CHECK(sides[SIDE_ITEMS].values[0][i] == b->model.sides[SIDE_ITEMS].values[0][i]);
	}
	for (int u = 0; u < USERS; u++)
	{
		int64_t		x[CLICKS];
		int64_t		y[CLICKS];
		int			n = times_of_list(b, SIDE_USERS, u, y);

		if (solved_users[u] || changed_users[u])
			CHECK(n == times_of_list(t, SIDE_USERS, u, x) &&
				  memcmp(x, y, sizeof(int64_t) * n) == 0);
		CHECK((sides[SIDE_USERS].n_ratings[u] > 0) == (n > 0));
	}
	for (int64_t s = 0; s < sides[SIDE_SESSIONS].n_rows; s++)
	{
		const SparseMatrix *list = &sides[SIDE_SESSIONS].list;

		n_sessions += sides[SIDE_SESSIONS].n_ratings[s] > 0;
		if (refresh.changed[SIDE_SESSIONS][s])
			CHECK(list->start[s + 1] - list->start[s] == sides[SIDE_SESSIONS].n_ratings[s]);
	}
	CHECK(n_sessions == b->model.sides[SIDE_SESSIONS].n_rows);

	for (int i = 0; i < 2; i++)
		sides[i].list = lists[i];
	for (int i = 0; i < blocks.n; i++)
		free(blocks.blocks[i]);
	free(refresh.changed[SIDE_SESSIONS]);
	free_training(t);
	free_training(b);
}

int
main(void)
{
	test_by_hand();
	/* exponents for which sums of different weights do not tie */
	test_random(100, 500, 0.73, 1);
	test_random(5, 20, 1.3, 0);
	test_random(30, 60, 2.1, 5);
	/* later events, with any lists; and changes, with lists that have all */
	test_refresh(1, 1900);
	test_refresh(10, 1900);
	test_refresh(1000, 1900);
	test_refresh(1000, 2000);
	return passed("session_knn");
}
