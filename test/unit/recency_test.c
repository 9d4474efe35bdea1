/*
 * recency_test.c
 *	  Weights of events by their age: the sum of the weights is the number of events divided by the
 *	  cube root of the number of users, for any distribution of times.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/random.h"
#include "kernel/recency.h"

#define DAY INT64_C(86400000000)

static Recency recency;

/*
 * The weight of an event of this time, which is counted once more, after the weights were settled.
 */
static double
weight(int64_t time)
{
	return recency.weights[recency_count(&recency, time)];
}

/* The sum of the weights, as a number of events. */
static double
weigh_of(const int64_t *times, int64_t n, int64_t now, int64_t n_users)
{
	int64_t		newest = INT64_MIN;
	double		sum = 0;

	for (int64_t i = 0; i < n; i++)
		newest = recency_newer(newest, times[i]);
	recency_begin(&recency, newest, now);
	for (int64_t i = 0; i < n; i++)
		recency_count(&recency, times[i]);
	recency_settle(&recency, n_users);
	for (int64_t i = 0; i < n; i++)
		sum += weight(times[i]);
	return sum;
}

/* With a thousand users: a tenth of the number of events. */
static double
weigh(const int64_t *times, int64_t n, int64_t now)
{
	return weigh_of(times, n, now, 1000);
}

int
main(void)
{
	enum
	{
		N = 20000
	};
	int64_t    *times = zeroed(sizeof(int64_t) * N);
	int64_t		now = 9000 * DAY;

	/* evenly spread: the integral of 2^(-t/h) from 0 to T is h / ln 2, which is a tenth of T */
	for (int scale = 1; scale <= 1000000; scale *= 1000)
	{
		for (int64_t i = 0; i < N; i++)
			times[i] = i * DAY / scale;
		CHECK_NEAR(weigh(times, N, INT64_MAX), 0.1 * N, 0.002 * N);
		CHECK_NEAR(recency.half_life / ((double) N * DAY / scale), 0.1 * log(2), 0.001);
		/* a weight halves with each half-life */
		CHECK_NEAR(weight(times[N - 1]), 1, 1e-12);
		CHECK_NEAR(weight(times[N - 1] - (int64_t) recency.half_life), 0.5,
				   0.001);
		CHECK_NEAR(weight(times[N - 1] - (int64_t) (3 * recency.half_life)),
				   0.125, 0.001);
	}

	/* with few users all events count, with many few do */
	CHECK_NEAR(weigh_of(times, N, now, 0), N, 1e-3);
	CHECK_NEAR(weigh_of(times, N, now, 1), N, 1e-3);
	CHECK_NEAR(weigh_of(times, N, now, 8), 0.5 * N, 0.002 * N);
	CHECK_NEAR(weigh_of(times, N, now, 1000000), 0.01 * N, 0.001 * N);

	/* more events at later times, an early first event, and others without a time */
	for (int64_t i = 0; i < N; i++)
		times[i] = (int64_t) (8000 * (double) DAY * sqrt(random_uniform(1, (uint64_t) i)));
	times[17] = -1000000 * DAY;
	for (int64_t i = 100; i < 300; i++)
		times[i] = INT64_MIN;
	CHECK_NEAR(weigh(times, N, now), 0.1 * N, 0.002 * N);
	CHECK_NEAR(weight(times[17]), 1e-6, 0);
	CHECK_NEAR(weight(INT64_MIN), 1e-6, 0);

	/* future events: ages are counted from now, and future events have age 0 */
	times[0] = INT64_MAX;
	times[1] = INT64_MAX - 1;
	times[2] = now + DAY;
	CHECK_NEAR(weigh(times, N, now), 0.1 * N, 0.002 * N);
	CHECK(recency.newest == now);
	for (int64_t i = 0; i < 3; i++)
		CHECK(weight(times[i]) == 1);

	/* all at one time, or all without a finite time: as if there were no times */
	for (int64_t i = 0; i < N; i++)
		times[i] = 5 * DAY;
	CHECK_NEAR(weigh(times, N, now), N, 0);
	for (int64_t i = 0; i < N; i++)
		times[i] = INT64_MIN;
	CHECK_NEAR(weigh(times, N, now), 1e-6 * N, 1e-9);
	for (int64_t i = 0; i < N; i++)
		times[i] = INT64_MAX;
	CHECK_NEAR(weigh(times, N, now), N, 0);
	CHECK_NEAR(weigh(times, 0, now), 0, 0);

	/* a fifth of all events at the last moment, more than a tenth: nothing else counts */
	for (int64_t i = 0; i < N; i++)
		times[i] = (i % 5) * 365 * DAY;
	CHECK_NEAR(weigh(times, N, now), 0.2 * N, 1);

	/* times as far apart as possible */
	times[0] = INT64_MIN + 1;
	times[1] = INT64_MAX - 1;
	CHECK(weigh(times, 2, INT64_MAX) >= 1);
	free(times);
	return passed("recency");
}
