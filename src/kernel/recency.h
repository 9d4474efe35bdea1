/*
 * recency.h
 *	  How much events count by their age.
 *
 * An event of age t weighs 2^(-t / h), and a millionth at least: so that what is old is in the
 * order of how often it came, when nothing else tells. The half-life h is such that all events
 * together weigh their number divided by the cube root of the number of users. So it follows how
 * fast events come, be that thousands an hour or a few a year, and neither the first event of all
 * nor a long pause moves it much. Of few users it is long: with less of what was, what is left
 * would be noise. The error of a mean over a window that is h wide is as h^2 by what changes, and
 * as 1 / (h n) by chance: their sum is the least where h is as n^(-1/3). A thousand users whose
 * events come evenly have a half-life of a fourteenth of the time that they took.
 * test/bench/recency.py measures what it is worth.
 */
#ifndef REC_RECENCY_H
#define REC_RECENCY_H

#include <stdint.h>

/*
 * Ages in bins, 256 an octave of microseconds, with one for no age and one for those not known. So
 * an age is known by a fifth of a percent, and a weight by less than that for each halving.
 */
#define RECENCY_BINS (64 * 256 + 2)

typedef struct Recency
{
	int64_t		newest;			/* ages are counted back from here; what comes later is as new */
	int64_t		counts[RECENCY_BINS];	/* of events, by age */
	double		half_life;		/* in microseconds */
	double		weights[RECENCY_BINS];	/* of an event, by age, once the half-life is known */
} Recency;

/*
 * Times are in microseconds, INT64_MAX being infinity, and INT64_MIN minus infinity, or not known.
 * First the newest is found of all events, from INT64_MIN; then each is counted; then the
 * half-life follows, with the number of users whose events they are.
 */
static inline int64_t
recency_newer(int64_t newest, int64_t time)
{
	return time > newest && time < INT64_MAX ? time : newest;
}

/* now: no event is newer. */
extern void recency_begin(Recency *recency, int64_t newest, int64_t now);
/* Counts an event; returns the bin of its age, whose weight it has. */
extern uint16_t recency_count(Recency *recency, int64_t time);
extern void recency_settle(Recency *recency, int64_t n_users);

#endif							/* REC_RECENCY_H */
