/*
 * markov_test.c
 *	  Markov chains through the contract for algorithms: by hand, and against counting all pairs of
 *	  events.
 */
#include <stdbool.h>

#include "training.h"

#include "kernel/random.h"

#define DAY ((int64_t) 86400 * 1000000)

/* A training on sequences of items, each ended by -1; event e of a user has the time of day e. */
static Training *
of_sequences(const int *sequences, int n_users, int n_items)
{
	double	   *dense = zeroed(sizeof(double) * n_users * n_items);
	const int  *at = sequences;
	Training   *t;
	History    *h;
	int64_t		n = 0;

	for (int i = 0; i < n_users * n_items; i++)
		dense[i] = NAN;
	for (int u = 0; u < n_users; u++, at++)
	{
		for (; *at >= 0; at++, n++)
			dense[u * n_items + *at] = 1;
	}
	t = new_training(&markov_algorithm, dense, NULL, n_users, n_items, FEEDBACK_IMPLICIT);
	set_option(t, "order", 1);
	set_option(t, "window", 1);
	set_option(t, "smoothing", 1);
	h = &t->ratings.events;
	free(h->items);
	free(h->times);
	h->items = zeroed(sizeof(int32_t) * n);
	h->times = zeroed(sizeof(int64_t) * n);
	n = 0;
	at = sequences;
	for (int u = 0; u < n_users; u++, at++)
	{
		for (int day = 0; *at >= 0; at++, day++)
		{
			h->items[n] = *at;
			h->times[n++] = day * DAY;
		}
		h->start[u + 1] = n;
	}
	free(dense);
	return t;
}

/* Checks the scores of all items for these events; NAN: no score. */
static void
check_scores(const Training *t, const int32_t *events, int n, const double *expected)
{
	const Model *model = &t->model;
	Profile		profile = {.n_events = n, .events = events};
	void	   *query = new_query(model, &profile);
	float		scores[16];

	model->algorithm->score_items(model, query, NULL, 0, model->sides[SIDE_ITEMS].n_rows, scores);
	for (int64_t i = 0; i < model->sides[SIDE_ITEMS].n_rows; i++)
	{
		if (isnan(expected[i]))
			CHECK(isnan(scores[i]));
		else
			CHECK_NEAR(scores[i], expected[i], 1e-6);
	}
	free(query);
}

/*
 * Items 0 to 3. Sequences 0 1 2, 0 1 0 1, 2 1, 3. Transitions: 0>1 three times, 1>2 once, 1>0 once,
 * 2>1 once. Ten events: three of item 0, four of 1, two of 2, one of 3.
 */
static const int small[] = {0, 1, 2, -1, 0, 1, 0, 1, -1, 2, 1, -1, 3, -1};

static void
test_by_hand(void)
{
	Training   *t = of_sequences(small, 4, 4);
	const int32_t zero = 0;
	const int32_t three = 3;
	const int32_t two_one[] = {2, 1};
	const int32_t one_three[] = {1, 3};

	/* smoothing 1: three transitions from 0 and one more: 1 has (3 + .4) / 4 */
	train(t);
	CHECK_NEAR(t->model.sides[SIDE_ITEMS].values[0][1], 0.4, 1e-7);
	check_scores(t, &zero, 1, (const double[]) {NAN, 0.85, NAN, NAN});
	/* two transitions from 1 and one more: 0 has (1 + .3) / 3, 2 has (1 + .2) / 3 */
	check_scores(t, two_one, 2, (const double[]) {1.3 / 3, NAN, 1.2 / 3, NAN});
	/* no transitions from 3: no scores, */
	check_scores(t, &three, 1, (const double[]) {NAN, NAN, NAN, NAN});
	/* or, with 1 before it, the scores of the transitions from 1 */
	check_scores(t, one_three, 2, (const double[]) {1.3 / 3, NAN, 1.2 / 3, NAN});
	free_training(t);

	/*
	 * order 2, smoothing 0: 2/3 of the transitions from 1, half and half, and 1/3 of those from 2
	 */
	t = of_sequences(small, 4, 4);
	set_option(t, "order", 2);
	set_option(t, "smoothing", 0);
	train(t);
	check_scores(t, two_one, 2, (const double[]) {1 / 3.0, 1 / 3.0, 1 / 3.0, NAN});
	free_training(t);

	/*
	 * A window of 2: 0>1 3, 0>2 1/2, 0>0 1/2, 1>2 1, 1>0 1, 1>1 1/2, 2>1 1. From 0, with a sum of
	 * 4: 1 has 3/4, 0 and 2 have 1/8.
	 */
	t = of_sequences(small, 4, 4);
	set_option(t, "window", 2);
	set_option(t, "smoothing", 0);
	train(t);
	check_scores(t, &zero, 1, (const double[]) {0.125, 0.75, 0.125, NAN});
	free_training(t);

	/* two transitions are kept: c_0 is still 4 */
	t = of_sequences(small, 4, 4);
	set_option(t, "window", 2);
	set_option(t, "smoothing", 0);
	set_option(t, "transitions", 2);
	train(t);
	check_scores(t, &zero, 1, (const double[]) {0.125, 0.75, NAN, NAN});
	free_training(t);

	/*
	 * A half-life of a day; the newest event is of day 3: 1>2 of day 2 weighs 1/2, as does 1>0 of
	 * day 2; 0>1 weighs 2 x 1/4 + 1 = 3/2. Events: item 0 weighs 2 x 1/8 + 1/2, 1 weighs 3 x 1/4 +
	 * 1, 2 weighs 1/2 + 1/8, 3 weighs 1/8: 3.25 in all.
	 */
	t = of_sequences(small, 4, 4);
	set_option(t, "half_life", 86400);
	train(t);
	CHECK_NEAR(t->model.sides[SIDE_ITEMS].values[0][1], 1.75 / 3.25, 1e-7);
	check_scores(t, &zero, 1, (const double[]) {NAN, (1.5 + 1.75 / 3.25) / 2.5, NAN, NAN});
	free_training(t);
}

/* Against all pairs, with blocks of any size and in any order. */
static void
test_random(int order, int window, int transitions)
{
	enum
	{
		USERS = 80, ITEMS = 12
	};
	static int	sequences[USERS * 40];
	double		pairs[ITEMS][ITEMS] = {{0}};
	double		totals[ITEMS] = {0};
	double		events[ITEMS] = {0};
	double		n_events = 0;
	int			n = 0;
	Training   *t;
	Training   *other;

	for (int u = 0; u < USERS; u++)
	{
		int			length = (int) (random_bits(1, u) % 39);
		int			first = n;

		for (int e = 0; e < length; e++)
		{
			int			item = (int) (random_bits(u + 2, e) % ITEMS);

			sequences[n++] = item;
			events[item]++;
			n_events++;
			for (int d = 1; d <= window && d <= e; d++)
			{
				pairs[sequences[first + e - d]][item] += 1.0 / d;
				totals[sequences[first + e - d]] += 1.0 / d;
			}
		}
		sequences[n++] = -1;
	}
	t = of_sequences(sequences, USERS, ITEMS);
	other = of_sequences(sequences, USERS, ITEMS);
	other->backwards = true;
	other->block = 1;
	for (int i = 0; i < 2; i++)
	{
		set_option(i == 0 ? t : other, "order", order);
		set_option(i == 0 ? t : other, "window", window);
		set_option(i == 0 ? t : other, "transitions", transitions);
		train(i == 0 ? t : other);
	}
	CHECK(memcmp(t->model.sides[SIDE_ITEMS].list.value, other->model.sides[SIDE_ITEMS].list.value,
				 sizeof(float) * t->model.sides[SIDE_ITEMS].list.start[ITEMS]) == 0);
	for (int a = 0; a < ITEMS; a++)
	{
		int64_t		kept =
			t->model.sides[SIDE_ITEMS].list.start[a + 1] - t->model.sides[SIDE_ITEMS].list.start[a];

		CHECK(kept <= transitions && (transitions < ITEMS ? kept == transitions : kept > 3));
		CHECK_NEAR(t->model.sides[SIDE_ITEMS].values[1][a], totals[a], 1e-4);
		/* no transition that is left out is larger than one that is kept */
		for (int b = 0; b < ITEMS; b++)
		{
			const SparseMatrix *list = &t->model.sides[SIDE_ITEMS].list;
			bool		found = false;
			float		least = INFINITY;

			for (int64_t e = list->start[a]; e < list->start[a + 1]; e++)
			{
				least = fminf(least, list->value[e]);
				if (list->column[e] != b)
					continue;
				found = true;
				CHECK_NEAR(list->value[e], pairs[a][b], 1e-4);
			}
			CHECK(found || pairs[a][b] <= least + 1e-5);
		}
	}
	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		double		expected[ITEMS];
		double		lambdas = 0;

		check_answers(&t->model, &profile);
		if (transitions < ITEMS)
			continue;
		for (int l = 1; l <= order && l <= profile.n_events; l++)
			lambdas += 1.0 / l;
		for (int i = 0; i < ITEMS; i++)
		{
			double		spoken = 0;

			expected[i] = 0;
			for (int l = 1; l <= order && l <= profile.n_events; l++)
			{
				int			a = profile.events[profile.n_events - l];

				spoken += pairs[a][i];
				expected[i] += 1.0 / l / lambdas * (pairs[a][i] + events[i] / n_events) /
							   (totals[a] + 1);
			}
			if (spoken == 0)
				expected[i] = NAN;
		}
		check_scores(t, profile.events, (int) profile.n_events, expected);
	}
	free_training(t);
	free_training(other);
}

int
main(void)
{
	test_by_hand();
	test_random(1, 1, 200);
	test_random(2, 3, 200);
	test_random(3, 10, 200);
	test_random(1, 4, 5);
	return passed("markov");
}
