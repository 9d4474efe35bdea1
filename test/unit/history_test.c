/*
 * history_test.c
 *	  Events in the order of time: against counting the events that come before each one, with an
 *	  order of simultaneous events that does not depend on the order of arrival.
 */
#include <stdbool.h>

#include "unit.h"

#include "kernel/history.h"
#include "kernel/random.h"

#define MOST 3000

/* The number of events before one: by time, then by lot, then by item. */
static int64_t
rank(const Event *events, int64_t n, int64_t at)
{
	int64_t		before = 0;

	for (int64_t i = 0; i < n; i++)
	{
		const Event *a = &events[i];
		const Event *b = &events[at];

		before += a->time != b->time  ? a->time < b->time
				  : a->lot != b->lot  ? a->lot < b->lot
				  : a->item != b->item ? a->item < b->item
									   : i < at;
	}
	return before;
}

/* n events with this many different times and items. */
static void
check_random(int64_t n, int64_t n_times, int64_t n_items, uint64_t seed)
{
	static Event events[MOST];
	static Event backwards[MOST];
	static Event scratch[MOST];
	static Event expected[MOST];
	static Event given[MOST];
	int64_t		tied = 0;

	for (int64_t i = 0; i < n; i++)
	{
		events[i].time = (int64_t) (random_bits(seed, 2 * i) % n_times) - n_times / 2;
		events[i].item = (int32_t) (random_bits(seed, 2 * i + 1) % n_items);
		given[i] = events[i];
	}
	for (int64_t i = 0; i < n; i++)
	{
		bool		is_tied = false;

		backwards[i] = events[n - 1 - i];
		for (int64_t j = 0; j < n; j++)
			is_tied = is_tied || (i != j && events[i].time == events[j].time);
		tied += is_tied;
	}
	CHECK(history_order(events, scratch, n) == tied);
	/* the lots are known by now, and events are ordered by them */
	for (int64_t i = 0; i < n; i++)
		expected[rank(events, n, i)] = events[i];
	CHECK(memcmp(expected, events, sizeof(Event) * n) == 0);
	/* nothing is lost: each event is found once */
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		there = 0;
		int64_t		was = 0;

		for (int64_t j = 0; j < n; j++)
		{
			there += events[j].time == given[i].time && events[j].item == given[i].item;
			was += given[j].time == given[i].time && given[j].item == given[i].item;
		}
		CHECK(there == was);
	}
	/* the order of arrival plays no part */
	CHECK(history_order(backwards, scratch, n) == tied);
	for (int64_t i = 0; i < n; i++)
		CHECK(backwards[i].time == events[i].time && backwards[i].item == events[i].item);
}

/*
 * Two simultaneous items: the order differs between users, half of whom have either item first, as
 * their times differ. Other events of a user do not change it.
 */
static void
check_ties(void)
{
	int			first = 0;

	for (int64_t u = 0; u < 1000; u++)
	{
		Event		events[3] = {{u, 0, 4}, {u, 0, 9}, {u + 1, 0, 7}};
		Event		scratch[3];
		int32_t		before;

		CHECK(history_order(events, scratch, 2) == 2);
		before = events[0].item;
		first += before == 4;
		CHECK(history_order(events, scratch, 3) == 2);
		CHECK(events[0].item == before && events[2].item == 7);
	}
	/* five standard deviations of 1000 tosses: 5 sqrt(1000 / 4) = 79 */
	CHECK(first > 500 - 79 && first < 500 + 79);
}

int
main(void)
{
	const int64_t sizes[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 1000};

	for (int i = 0; i < (int) (sizeof(sizes) / sizeof(sizes[0])); i++)
	{
		check_random(sizes[i], 1000000, 50, i);
		check_random(sizes[i], 5, 50, 100 + i);
		check_random(sizes[i], 1, 7, 200 + i);
	}
	check_ties();
	return passed("history");
}
