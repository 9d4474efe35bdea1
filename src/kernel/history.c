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

/* Runs of so many events are sorted by insertion, before they are merged. */
#define RUN_EVENTS 16

static inline bool
comes_before(const Event *a, const Event *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	if (a->lot != b->lot)
		return a->lot < b->lot;
	return a->item < b->item;
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

/* A merge sort, whose time does not depend on the order that it finds. */
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
		{
			int64_t		middle = n - first < run ? n : first + run;
			int64_t		end = n - first < 2 * run ? n : first + 2 * run;
			int64_t		left = first;
			int64_t		right = middle;

			for (int64_t at = first; at < end; at++)
			{
				bool		take_right =
					left >= middle || (right < end && comes_before(&from[right], &from[left]));

				if (at % POLL_EVENTS == 0)
					poll();
				to[at] = take_right ? from[right++] : from[left++];
			}
		}
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
		/* a sum, so that it is the same in whatever order the items are */
		for (int64_t i = begin; i < end; i++)
			group += random_bits(1, (uint64_t) events[i].item);
		for (int64_t i = begin; i < end; i++)
			events[i].lot = random_bits(group, (uint64_t) events[i].item);
		poll();
		sort(events + begin, scratch, end - begin);
	}
	return tied;
}
