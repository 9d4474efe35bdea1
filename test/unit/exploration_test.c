/*
 * exploration_test.c
 *	  Drawn lists: probabilities worked out by hand, and frequencies over many draws.
 */
#define _POSIX_C_SOURCE 200112L
#include <stdbool.h>

#include "unit.h"

#include "kernel/exploration.h"

/*
 * Three items with the scores ln 4, ln 2 and 0 times the temperature 2, so that their weights are
 * 4, 2 and 1.
 */
static void
by_hand(void)
{
	Scored		items[] = {{(float) (2 * log(4)), 7}, {(float) (2 * log(2)), 3}, {0, 11}};
	Drawn		list[] = {{0, 0}, {0, 2}, {0, 1}};
	double		p[3];

	/* first 4/7; then 1 of what is left, 2 + 1; then the only one */
	softmax_propensities(items, 3, 2, list, 3, p);
	CHECK_NEAR(p[0], 4.0 / 7, 1e-7);
	CHECK_NEAR(p[1], 1.0 / 3, 1e-7);
	CHECK_NEAR(p[2], 1, 0);

	/* the other way round: 1/7, then 2 of 4 + 2 */
	memcpy(list, ((Drawn[]) {{0, 2}, {0, 1}, {0, 0}}), sizeof(list));
	softmax_propensities(items, 3, 2, list, 3, p);
	CHECK_NEAR(p[0], 1.0 / 7, 1e-7);
	CHECK_NEAR(p[1], 2.0 / 6, 1e-7);
	CHECK_NEAR(p[2], 1, 0);

	/* of the values 10, 1, -2 the means by 4/7, 2/7, 1/7; by 4/6, 2/6; and the first alone */
	softmax_expectations(items, 3, 2, list, 3, (double[]) {10, 1, -2}, p);
	CHECK_NEAR(p[0], (40 + 2 - 2) / 7.0, 1e-6);
	CHECK_NEAR(p[1], (40 + 2) / 6.0, 1e-6);
	CHECK_NEAR(p[2], 10, 0);

	/* half the temperature squares the weights: 16, 4, 1 */
	softmax_propensities(items, 3, 1, list, 2, p);
	CHECK_NEAR(p[0], 1.0 / 21, 1e-7);
	CHECK_NEAR(p[1], 4.0 / 20, 1e-7);

	/* the mean of 1, 2, 3, 6 is 3, the squares are 4 + 1 + 0 + 9 = 14 */
	CHECK_NEAR(exploration_deviation(((Scored[]) {{6, 0}, {3, 1}, {2, 2}, {1, 3}}), 4),
			   sqrt(14 / 4.0), 1e-12);
	CHECK_NEAR(exploration_deviation(items, 1), 0, 0);
	CHECK_NEAR(exploration_deviation(items, 0), 0, 0);
}

#define N 5
#define DRAWS 200000

/* How often each item is at each rank, and each pair at the first two, agrees with propensities. */
static void
frequencies(double temperature)
{
	Scored		items[N] = {{3, 0}, {2.5, 9}, {2.5, 2}, {1, 30}, {-1, 4}};
	int			first[N] = {0};
	int			pair[N][N] = {{0}};
	double		p[2];

	for (int d = 0; d < DRAWS; d++)
	{
		Drawn		list[N];

		softmax_draw(items, N, temperature, random_bits(5, (uint64_t) d), list);
		first[list[0].place]++;
		pair[list[0].place][list[1].place]++;
	}
	for (int i = 0; i < N; i++)
	{
		for (int j = 0; j < N; j++)
		{
			Drawn		list[N] = {{0, i}, {0, j}};
			int			n = 2;
			double		expected;

			if (i == j)
				continue;
			for (int other = 0; other < N; other++)
			{
				if (other != i && other != j)
					list[n++].place = other;
			}
			softmax_propensities(items, N, temperature, list, 2, p);
			/* within five standard errors, and five draws where that is less than one */
			CHECK_NEAR(first[i] / (double) DRAWS, p[0],
					   5 * sqrt(p[0] * (1 - p[0]) / DRAWS) + 5.0 / DRAWS);
			expected = p[0] * p[1];
			CHECK_NEAR(pair[i][j] / (double) DRAWS, expected,
					   5 * sqrt(expected * (1 - expected) / DRAWS) + 5.0 / DRAWS);
		}
	}
}

/* At temperature 0 equal scores are equally probable, and others are in their order. */
static void
without_temperature(void)
{
	Scored		items[4] = {{1e30f, 3}, {1e30f, 5}, {-7, 8}, {-7.0000005f, 9}};
	int			first = 0;
	double		p[4];
	Drawn		list[4];

	for (int d = 0; d < 10000; d++)
	{
		softmax_draw(items, 4, 0, (uint64_t) d, list);
		first += list[0].place == 0;
		CHECK(list[0].place < 2 && list[1].place < 2);
	}
	CHECK_NEAR(first / 10000.0, 0.5, 5 * sqrt(0.25 / 10000));
	softmax_propensities(items, 4, 0, list, 2, p);
	CHECK_NEAR(p[0], 0.5, 0);
	CHECK_NEAR(p[1], 1, 0);

	softmax_draw(items + 2, 2, 0, 1, list);
	CHECK(list[0].place == 0 && list[1].place == 1);
	softmax_propensities(items + 2, 2, 0, list, 2, p);
	CHECK_NEAR(p[0], 1, 0);
	CHECK_NEAR(p[1], 1, 0);
}

static bool
same(const Drawn *a, const Drawn *b, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (a[i].key != b[i].key || a[i].place != b[i].place)
			return false;
	}
	return true;
}

/* A seed gives one list; an item's random number does not depend on the others. */
static void
repeatable(void)
{
	Scored		items[N] = {{3, 0}, {2, 9}, {1.5, 2}, {1, 30}, {-1, 4}};
	double		deviations[N] = {1, 2, 1, 1, 3};
	Drawn		a[N];
	Drawn		b[N];
	int			at = 0;

	softmax_draw(items, N, 1, 42, a);
	softmax_draw(items, N, 1, 42, b);
	CHECK(same(a, b, N));
	/* without the last item, the others stay in their order */
	softmax_draw(items, N - 1, 1, 42, b);
	for (int i = 0; i < N; i++)
	{
		if (a[i].place != N - 1)
			CHECK(b[at++].place == a[i].place);
	}
	thompson_draw(items, deviations, N, 42, a);
	thompson_draw(items, deviations, N, 42, b);
	CHECK(same(a, b, N));
}

/*
 * Two items whose scores differ by 1, with deviations 3 and 4: the difference has the deviation 5,
 * so the better one is first with the probability Phi(1/5).
 */
static void
thompson(void)
{
	Scored		items[2] = {{2, 4}, {1, 6}};
	double		deviations[2] = {3, 4};
	double		better = 0.5 * erfc(-0.2 / sqrt(2));
	int			first = 0;
	Drawn		list[2];
	double		p[2];
	ThompsonSpace space = {
		.scores = zeroed(sizeof(float) * 2), .best = zeroed(sizeof(Scored) * 2),
		.counts = zeroed(sizeof(int32_t) * 2)
	};

	for (int d = 0; d < DRAWS; d++)
	{
		thompson_draw(items, deviations, 2, random_bits(6, (uint64_t) d), list);
		first += list[0].place == 0;
	}
	CHECK_NEAR(first / (double) DRAWS, better, 5 * sqrt(0.25 / DRAWS));

	list[0].place = 1;
	list[1].place = 0;
	thompson_propensities(items, deviations, 2, 1, DRAWS, list, 2, p, &space);
	CHECK_NEAR(p[0], 1 - better, 5 * sqrt(0.25 / DRAWS));
	CHECK_NEAR(p[1], 1 - better, 5 * sqrt(0.25 / DRAWS));

	/* without a deviation: all 10 draws have the better one first, so 11/12; the other has 1/12 */
	deviations[0] = deviations[1] = 0;
	thompson_propensities(items, deviations, 2, 1, 10, list, 1, p, &space);
	CHECK_NEAR(p[0], 1 / 12.0, 1e-12);
	list[0].place = 0;
	thompson_propensities(items, deviations, 2, 1, 10, list, 1, p, &space);
	CHECK_NEAR(p[0], 11 / 12.0, 1e-12);
	free(space.scores);
	free(space.best);
	free(space.counts);
}

int
main(void)
{
	by_hand();
	frequencies(1);
	frequencies(0.3);
	frequencies(50);
	without_temperature();
	repeatable();
	thompson();
	return passed("exploration");
}
