/*
 * popular_test.c
 *	  Popularity through the contract for algorithms, against sums worked out by hand.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#define X NAN
#define DAY INT64_C(86400000000)

/* 3 users, 4 items; item 3 has no ratings */
static const double small[] = {
	5, 3, X, X,
	4, X, 2, X,
	3, 1, X, X
};

/* the days of the ratings; the newest event is of day 20 */
static const int64_t times[] = {
	0, 10 * DAY, 0, 0,
	10 * DAY, 0, 20 * DAY, 0,
	20 * DAY, 20 * DAY, 0, 0
};

static void
check_scores(Training *t, const double *expected)
{
	Profile		nobody = {0};
	Profile		one = {
		.n = 1, .items = t->ratings.by_user.column, .ratings = t->ratings.by_user.value};

	train(t);
	CHECK(t->failure == NULL);
	for (int i = 0; i < 4; i++)
		CHECK_NEAR(t->model.sides[SIDE_ITEMS].values[0][i], expected[i], 1e-6);
	for (int u = 0; u < 3; u++)
	{
		Profile		profile = user_profile(t, u);

		check_answers(&t->model, &profile);
	}
	check_answers(&t->model, &nobody);
	check_answers(&t->model, &one);
	CHECK(popular_algorithm.impersonal);
	free_training(t);
}

/*
 * Checks counts with a half-life of ten days at this moment, if the only event of item 2 has this
 * time.
 */
static void
check_clock(int64_t now, int64_t time, const double *expected)
{
	int64_t		changed[12];
	Training   *t;

	memcpy(changed, times, sizeof(changed));
	changed[6] = time;
	t = new_training(&popular_algorithm, small, changed, 3, 4, FEEDBACK_EXPLICIT);
	t->ratings.now = now;
	set_choice(t, "by", "count");
	set_option(t, "half_life", 10 * 86400.0);
	check_scores(t, expected);
}

static void
test_clocks(void)
{
	int64_t		same[12];
	int64_t		none[] = {INT64_MIN, INT64_MAX};

	/* the moment makes no difference if all events are past */
	check_clock(20 * DAY, 20 * DAY, (const double[]) {1.75, 1.5, 1, 0});
	check_clock(1000 * DAY, 20 * DAY, (const double[]) {1.75, 1.5, 1, 0});
	/*
	 * the age of future events is counted from now: with now at day 30 all others are ten days
	 * older
	 */
	check_clock(20 * DAY, 10000 * DAY, (const double[]) {1.75, 1.5, 1, 0});
	check_clock(30 * DAY, 10000 * DAY, (const double[]) {0.875, 0.75, 1, 0});
	/* an event at infinity plays no part in the time of the newest event */
	check_clock(30 * DAY, INT64_MAX, (const double[]) {1.75, 1.5, 1, 0});
	check_clock(INT64_MAX, INT64_MAX, (const double[]) {1.75, 1.5, 1, 0});
	/* an event at minus infinity counts nothing */
	check_clock(30 * DAY, INT64_MIN, (const double[]) {1.75, 1.5, 0, 0});
	/* now is before all events: all have the same age */
	check_clock(-DAY, 20 * DAY, (const double[]) {3, 2, 1, 0});
	/* the same if no time is finite */
	for (int i = 0; i < 2; i++)
	{
		Training   *t;

		for (int j = 0; j < 12; j++)
			same[j] = none[i];
		t = new_training(&popular_algorithm, small, same, 3, 4, FEEDBACK_EXPLICIT);
		t->ratings.now = 30 * DAY;
		set_choice(t, "by", "count");
		set_option(t, "half_life", 10 * 86400.0);
		check_scores(t, (const double[]) {3, 2, 1, 0});
	}
}

/*
 * The number that a Gamma variable of this shape and rate 1 exceeds with a probability of 95 %, by
 * Wilson and Hilferty.
 */
static double
bound(double shape)
{
	return shape * pow(1 - 1 / (9 * shape) - 1.645 / (3 * sqrt(shape)), 3);
}

static void
test_scores(void)
{
	Training   *t;
	double		share;

	/* counts: 3, 2, 1, 0 */
	t = new_training(&popular_algorithm, small, NULL, 3, 4, FEEDBACK_EXPLICIT);
	set_choice(t, "by", "count");
	check_scores(t, (const double[]) {3, 2, 1, 0});

	/* sums of weights: 12, 4, 2, 0; the default with implicit feedback */
	t = new_training(&popular_algorithm, small, NULL, 3, 4, FEEDBACK_IMPLICIT);
	check_scores(t, (const double[]) {12, 4, 2, 0});

	/* the mean is 18 / 6 = 3; (12 + 6) / 5, (4 + 6) / 4, (2 + 6) / 3, 6 / 2 */
	t = new_training(&popular_algorithm, small, NULL, 3, 4, FEEDBACK_EXPLICIT);
	set_option(t, "damping", 2);
	CHECK(!(popular_algorithm.needs(t->options) & NEEDS_TIMES));
	check_scores(t, (const double[]) {3.6, 2.5, 8 / 3.0, 3});

	/* without damping, items without ratings have the mean of all, too */
	t = new_training(&popular_algorithm, small, NULL, 3, 4, FEEDBACK_EXPLICIT);
	set_option(t, "damping", 0);
	check_scores(t, (const double[]) {4, 2, 2, 3});

	/* a half-life of 10 days: events of days 0, 10 and 20 weigh 1/4, 1/2 and 1: 1.75, 1.5, 1, 0 */
	t = new_training(&popular_algorithm, small, times, 3, 4, FEEDBACK_EXPLICIT);
	set_choice(t, "by", "count");
	set_option(t, "half_life", 10 * 86400.0);
	CHECK(popular_algorithm.needs(t->options) & NEEDS_TIMES);
	check_scores(t, (const double[]) {1.75, 1.5, 1, 0});

	/*
	 * means with these weights, and a damping of 1: (5/4 + 4/2 + 3 + 3) / 2.75, (3/2 + 1 + 3) /
	 * 2.5, (2 + 3) / 2, 3
	 */
	t = new_training(&popular_algorithm, small, times, 3, 4, FEEDBACK_EXPLICIT);
	set_option(t, "half_life", 10 * 86400.0);
	set_option(t, "damping", 1);
	check_scores(t, (const double[]) {9.25 / 2.75, 2.2, 2.5, 3});

	/*
	 * The recent share of all events is 4.25 / 6, so that 2.125, 1.41667, 0.70833 and 0 are
	 * expected. With a damping of 8 the third has 9 (1 - 1/81 - 1.645/9)^3 / 8.70833 = 9 * 0.521420
	 * / 8.70833. In tables the lower 5 % point of chi-square with 18 degrees of freedom is 9.390,
	 * twice 4.695.
	 */
	CHECK_NEAR(bound(9), 9 * 0.521420, 1e-4);
	CHECK_NEAR(bound(9), 9.390 / 2, 3e-3);
	t = new_training(&popular_algorithm, small, times, 3, 4, FEEDBACK_EXPLICIT);
	set_choice(t, "by", "trend");
	set_option(t, "half_life", 10 * 86400.0);
	set_option(t, "damping", 8);
	check_scores(
		t, (const double[]){bound(9.75) / 10.125, bound(9.5) / 9.416667, 0.538884, bound(8) / 8});

	/*
	 * without a half-life the trend is that of 30 days; without damping a bound from one event is
	 * nearly 0, and without events it is 0
	 */
	t = new_training(&popular_algorithm, small, times, 3, 4, FEEDBACK_EXPLICIT);
	set_choice(t, "by", "trend");
	set_option(t, "damping", 0);
	CHECK(popular_algorithm.needs(t->options) & NEEDS_TIMES);
	share = (exp2(-2 / 3.0) + 2 * exp2(-1 / 3.0) + 3) / 6;
	check_scores(t, (const double[]){bound(exp2(-2 / 3.0) + exp2(-1 / 3.0) + 1) / (3 * share),
									 bound(exp2(-1 / 3.0) + 1) / (2 * share), bound(1) / share, 0});

	/* a source without times: all events have the same age */
	t = new_training(&popular_algorithm, small, NULL, 3, 4, FEEDBACK_EXPLICIT);
	set_choice(t, "by", "count");
	set_option(t, "half_life", 10 * 86400.0);
	check_scores(t, (const double[]) {3, 2, 1, 0});
}

/*
 * Items are similar if they are about as popular: the scores 3, 2, 1, 0 are 1/3 of the range apart.
 */
static void
test_similar(void)
{
	Training   *t = new_training(&popular_algorithm, small, NULL, 3, 4, FEEDBACK_EXPLICIT);
	float		similarity[4];

	set_choice(t, "by", "count");
	train(t);
	popular_algorithm.similar_items(&t->model, 1, 0, 4, similarity);
	CHECK_NEAR(similarity[0], 2 / 3.0, 1e-6);
	CHECK_NEAR(similarity[1], 1, 1e-6);
	CHECK_NEAR(similarity[2], 2 / 3.0, 1e-6);
	CHECK_NEAR(similarity[3], 1 / 3.0, 1e-6);
	free_training(t);
}

static void
test_degenerate(void)
{
	const double one = 4;
	const double huge[] = {3e38, 3e38};
	Training   *t = new_training(&popular_algorithm, &one, NULL, 1, 1, FEEDBACK_EXPLICIT);
	float		similarity;

	train(t);
	CHECK_NEAR(t->model.sides[SIDE_ITEMS].values[0][0], 4, 1e-6);
	popular_algorithm.similar_items(&t->model, 0, 0, 1, &similarity);
	CHECK_NEAR(similarity, 1, 1e-6);
	free_training(t);

	/* a sum beyond the range of float */
	t = new_training(&popular_algorithm, huge, NULL, 2, 1, FEEDBACK_IMPLICIT);
	train(t);
	CHECK(t->failure != NULL);
	free_training(t);
}

static void
test_order(void)
{
	static double dense[300 * 200];
	static int64_t when[300 * 200];
	Training   *reference = NULL;

	for (int i = 0; i < 300 * 200; i++)
	{
		dense[i] = i % 7 < 3 ? i % 11 : NAN;
		when[i] = i * INT64_C(7919) % 1000 * DAY;
	}
	for (int way = 0; way < 3; way++)
	{
		Training   *t = new_training(&popular_algorithm, dense, when, 300, 200, FEEDBACK_IMPLICIT);

		set_option(t, "half_life", 100 * 86400.0);
		t->backwards = way > 0;
		t->block = way == 2 ? 7 : 0;
		train(t);
		if (way == 0)
		{
			reference = t;
			continue;
		}
		CHECK(memcmp(t->model.sides[SIDE_ITEMS].values[0],
					 reference->model.sides[SIDE_ITEMS].values[0], sizeof(float) * 200) == 0);
		free_training(t);
	}
	free_training(reference);
}

int
main(void)
{
	test_scores();
	test_clocks();
	test_similar();
	test_degenerate();
	test_order();
	return passed("popular");
}
