/*
 * history.c
 *	  Histories: what each user did, in the order of time.
 */
#include <stdbool.h>
#include <string.h>

#include "kernel/history.h"
#include "kernel/poll.h"
#include "kernel/random.h"

/* Events between two polls. */
#define POLL_EVENTS 16384

/* Runs of this many events are sorted by insertion, before they are merged. */
#define RUN_EVENTS 32

/* Without branches: events come by the million, and the outcome is close to random. */
static inline bool
comes_before(const Event *a, const Event *b)
{
	uint64_t	x = (uint64_t) a->lot << 32 | (uint32_t) a->item;
	uint64_t	y = (uint64_t) b->lot << 32 | (uint32_t) b->item;

	return (a->time < b->time) | ((a->time == b->time) & (x < y));
}

static void
sort_run(Event *events, int64_t n)
{
	for (int64_t i = 1; i < n; i++)
	{
		Event		event = events[i];
		int64_t		at = i;

		for (; at > 0 && comes_before(&event, &events[at - 1]); at--)
			events[at] = events[at - 1];
		events[at] = event;
	}
}

/*
 * Merges two sorted runs, left .. middle - 1 and middle .. end - 1 of from, into left .. end - 1 of
 * to.
 */
static void
merge(const Event *from, Event *to, int64_t left, int64_t middle, int64_t end)
{
	int64_t		right = middle;
	int64_t		at = left;

	while (left < middle && right < end)
	{
		bool		take_right = comes_before(&from[right], &from[left]);

		if (at % POLL_EVENTS == 0)
			poll();
		to[at++] = from[take_right ? right : left];
		right += take_right;
		left += !take_right;
	}
	memcpy(to + at, from + left, sizeof(Event) * (middle - left));
	memcpy(to + at + middle - left, from + right, sizeof(Event) * (end - right));
}

/* A merge sort: its time does not depend on the order of its input. */
static void
sort(Event *events, Event *scratch, int64_t n)
{
	Event	   *from = events;
	Event	   *to = scratch;

	for (int64_t first = 0; first < n; first += RUN_EVENTS)
		sort_run(events + first, n - first < RUN_EVENTS ? n - first : RUN_EVENTS);
	for (int64_t run = RUN_EVENTS; run < n; run *= 2)
	{
		Event	   *swapped = from;

		for (int64_t first = 0; first < n; first += 2 * run)
			merge(from, to, first, n - first < run ? n : first + run,
				  n - first < 2 * run ? n : first + 2 * run);
		from = to;
		to = swapped;
	}
	if (from != events)
		memcpy(events, from, sizeof(Event) * n);
}

int64_t
history_order(Event *events, Event *scratch, int64_t n)
{
	int64_t		tied = 0;

	for (int64_t i = 0; i < n; i++)
		events[i].lot = 0;
	sort(events, scratch, n);
	for (int64_t begin = 0, end; begin < n; begin = end)
	{
		uint64_t	group = random_bits(0, (uint64_t) events[begin].time);

		for (end = begin + 1; end < n && events[end].time == events[begin].time;)
			end++;
		if (end == begin + 1)
			continue;
		tied += end - begin;
		/* a sum, which does not depend on the order of the items */
		for (int64_t i = begin; i < end; i++)
			group += random_bits(1, (uint64_t) events[i].item);
		for (int64_t i = begin; i < end; i++)
			events[i].lot = (uint32_t) random_bits(group, (uint64_t) events[i].item);
		poll();
		sort(events + begin, scratch, end - begin);
	}
	return tied;
}
