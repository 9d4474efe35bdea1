/*
 * recency.c
 *	  Weights of events by their age.
 */
#include <math.h>
#include <string.h>

#include "kernel/recency.h"

/* The least weight of an event. */
#define LEAST_WEIGHT 1e-6

/* Halvings of the range of half-lives, on a logarithmic scale. */
#define STEPS 50

void
recency_begin(Recency *recency, int64_t newest, int64_t now)
{
	memset(recency, 0, sizeof(Recency));
	recency->newest = newest < now ? newest : now;
}

/*
 * The bin of the age of an event of this time. The exponent of a double of 1 or more and the first
 * eight bits of its mantissa, taken as an integer, number the bins of all octaves.
 */
static inline int
bin_of(const Recency *recency, int64_t time)
{
	double		age;
	uint64_t	bits;

	if (time == INT64_MIN)
		return RECENCY_BINS - 1;
	if (time >= recency->newest)
		return 0;
	age = (double) recency->newest - (double) time;
	if (age < 1)
		return 0;
	memcpy(&bits, &age, sizeof(bits));
	return 1 + (int) (bits >> 44) - (1023 << 8);
}

/* An age in the middle of the bin; infinite for the last bin. */
static double
age_of_bin(int bin)
{
	if (bin == 0)
		return 0;
	if (bin == RECENCY_BINS - 1)
		return INFINITY;
	return ldexp(1 + ((bin - 1) % 256 + 0.5) / 256, (bin - 1) / 256);
}

uint16_t
recency_count(Recency *recency, int64_t time)
{
	int			bin = bin_of(recency, time);

	recency->counts[bin]++;
	return (uint16_t) bin;
}

void
recency_settle(Recency *recency, int64_t n_users)
{
	double		share = 1 / cbrt((double) (n_users > 1 ? n_users : 1));
	double		n = 0;
	double		low = 0;		/* logarithms of half-lives, which begin at a microsecond */
	double		high = 64;

	for (int bin = 0; bin < RECENCY_BINS; bin++)
		n += recency->counts[bin];
	for (int step = 0; step < STEPS; step++)
	{
		double		middle = (low + high) / 2;
		double		weight = 0;

		for (int bin = 0; bin < RECENCY_BINS - 1; bin++)
		{
			if (recency->counts[bin] > 0)
				weight += recency->counts[bin] * exp2(-exp2(-middle) * age_of_bin(bin));
		}
		if (weight < share * n)
			low = middle;
		else
			high = middle;
	}
	recency->half_life = exp2(high);
	for (int bin = 0; bin < RECENCY_BINS; bin++)
		recency->weights[bin] = fmax(LEAST_WEIGHT, exp2(-age_of_bin(bin) / recency->half_life));
}
