/*
 * recency.h
 *	  Weights of events by their age.
 *
 * An event of age t weighs 2^(-t / h), but at least a millionth, so that old events still count in
 * proportion to their number where there are no newer ones. The half-life h is such that the
 * weights of all events add up to their number divided by the cube root of the number of users. So
 * h adapts to the rate of events, be it thousands an hour or a few a year, and neither the very
 * first event nor a long pause changes it much. With few users h is long, as fewer events would
 * leave mostly noise. The squared bias of a mean over a window of width h grows as h^2 and the
 * variance falls as 1 / (h n); the error is least if h is proportional to n^(-1/3). A thousand
 * users with evenly spread events have a half-life of a fourteenth of the time between the first
 * event and the last. test/bench/recency.py measures the effect.
 */
#ifndef REC_RECENCY_H
#define REC_RECENCY_H

#include <stdint.h>

/*
 * Ages are counted in bins, 256 for each octave of microseconds, with one bin for age 0 and one for
 * unknown ages. So an age is known within a fifth of a percent, and a weight within less than that
 * for each halving.
 */
#define RECENCY_BINS (64 * 256 + 2)

typedef struct Recency
{
	int64_t		newest;			/* ages are counted from here; later events have age 0 */
	int64_t		counts[RECENCY_BINS];	/* the number of events in each bin */
	double		half_life;		/* in microseconds */
	/* the weight of an event in each bin, once the half-life is known */
	double		weights[RECENCY_BINS];
} Recency;

/*
 * Times are in microseconds; INT64_MAX is infinity, and INT64_MIN is minus infinity or an unknown
 * time. recency_newer finds the newest of all events, starting from INT64_MIN; then each event is
 * counted; then recency_settle computes the half-life, for the number of users of these events.
 */
static inline int64_t
recency_newer(int64_t newest, int64_t time)
{
	return time > newest && time < INT64_MAX ? time : newest;
}

/* Begins counting. Events newer than `now` will count as if they were of now. */
extern void recency_begin(Recency *recency, int64_t newest, int64_t now);
/* Counts an event; returns the bin of its age, which is the index of its weight. */
extern uint16_t recency_count(Recency *recency, int64_t time);
extern void recency_settle(Recency *recency, int64_t n_users);

#endif							/* REC_RECENCY_H */
