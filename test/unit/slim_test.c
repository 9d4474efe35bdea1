/*
 * slim_test.c
 *	  SLIM through the contract for algorithms: by hand, against the conditions of a minimum, and
 *	  the properties of every algorithm's answers.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include "kernel/random.h"

static const Algorithm *slim;

/*
 * Events of random users and items, popular ones more often, in two halves of users and items that
 * belong together; NaN where there is no event.
 */
static double *
random_events(int n_users, int n_items, bool weights)
{
	double	   *dense = zeroed(sizeof(double) * n_users * n_items);

	for (int u = 0; u < n_users; u++)
		for (int i = 0; i < n_items; i++)
		{
			double		x = (random_bits(3, (uint64_t) u * n_items + i) >> 11) * 0x1p-53;
			double		share = (u % 2 == i % 2 ? 0.8 : 0.2) * n_items / (n_items + 4.0 * i);

			dense[u * n_items + i] =
				x < share ? (weights ? 0.5 + random_bits(4, (uint64_t) u * n_items + i) % 4 : 1)
						  : NAN;
		}
	return dense;
}

/* The weight of item j on the list of item i. */
static float
weight(const Model *model, int i, int j)
{
	const SparseMatrix *list = &model->sides[SIDE_ITEMS].list;

	for (int64_t e = list->start[i]; e < list->start[i + 1]; e++)
	{
		if (list->column[e] == j)
			return list->value[e];
	}
	return 0;
}

static void
check_lists(const Model *model, int most)
{
	const SparseMatrix *list = &model->sides[SIDE_ITEMS].list;

	CHECK(list->start[0] == 0);
	for (int64_t i = 0; i < list->n_rows; i++)
	{
		CHECK(list->start[i + 1] - list->start[i] <= most);
		for (int64_t e = list->start[i]; e < list->start[i + 1]; e++)
		{
			CHECK(list->value[e] > 0 && list->column[e] != i);
			CHECK(list->column[e] >= 0 && list->column[e] < list->n_columns);
			CHECK(e == list->start[i] || list->column[e] > list->column[e - 1]);
		}
	}
}

static void
check_all_answers(const Training *t)
{
	int32_t		item = (int32_t) t->model.sides[SIDE_ITEMS].n_rows / 2;
	float		rating = 3;
	Profile		none = {0};
	Profile		one = {.n = 1, .items = &item, .ratings = &rating};

	check_answers(&t->model, &none);
	check_answers(&t->model, &one);
	for (int u = 0; u < t->model.n_users; u += 1 + (int) t->model.n_users / 5)
	{
		Profile		profile = user_profile(t, u);

		check_answers(&t->model, &profile);
	}
}

/*
 * Three of four users have both items, one has the first alone: |x_0|^2 = 4, |x_1|^2 = 3, x_0'x_1 =
 * 3. With l1 = l2 = 1:
 *
 *	w_10 = (3 - 1) / (3 + 1) = 0.5	loss of item 0: (3 x 0.5^2 + 1) / 2 + 0.5^2 / 2 + 0.5 = 1.5
 *	w_01 = (3 - 1) / (4 + 1) = 0.4	loss of item 1: (3 x 0.6^2 + 0.4^2) / 2 + 0.4^2 / 2 + 0.4 = 1.1
 *
 * A third item, which no user has together with the others, has no list, and is no candidate. For
 * the fourth user, who has the first item, the first item scores 1.
 */
static void
test_by_hand(void)
{
	double		dense[] = {1, 1, NAN, 1, 1, NAN, 1, 1, NAN, 1, NAN, NAN, NAN, NAN, 1};
	Training   *t = new_training(slim, dense, NULL, 5, 3, FEEDBACK_IMPLICIT);
	Profile		profile = {0};
	void	   *query;
	float		scores[3];

	set_option(t, "l1", 1);
	set_option(t, "l2", 1);
	train(t);
	CHECK(t->failure == NULL);
	check_lists(&t->model, 1);
	CHECK_NEAR(weight(&t->model, 0, 1), 0.5, 1e-6);
	CHECK_NEAR(weight(&t->model, 1, 0), 0.4, 1e-6);
	CHECK(t->model.sides[SIDE_ITEMS].list.start[3] == 2);
	/* the loss of item 2 is that of predicting its only event by 0: 1/2 */
	CHECK_NEAR(t->losses[0], 1.5 + 1.1 + 0.5, 1e-5);
	profile = user_profile(t, 3);
	query = new_query(&t->model, &profile);
	slim->score_items(&t->model, query, NULL, 0, 3, scores);
	CHECK(scores[0] == 1 && isnan(scores[2]));
	CHECK_NEAR(scores[1], 0.4, 1e-6);
	CHECK(model_score_item(&t->model, query, 2) == 0);
	free(query);
	slim->similar_items(&t->model, 0, 0, 3, scores);
	CHECK(scores[0] == 1 && isnan(scores[2]));
	CHECK_NEAR(scores[1], 0.4, 1e-6);
	check_all_answers(t);
	free_training(t);
}

/*
 * The minimum of a convex function over weights that are not negative is where the derivative is
 * zero for each positive weight and not negative for each other: x_j'(x_i - X w_i) - l1 - l2 w_ji
 * is 0, or at most 0.
 */
static void
test_minimum(Feedback feedback, double l1, double l2)
{
	enum
	{
		USERS = 70,
		ITEMS = 40
	};
	double	   *dense = random_events(USERS, ITEMS, feedback == FEEDBACK_IMPLICIT);
	double		x[USERS][ITEMS];
	Training   *t = new_training(slim, dense, NULL, USERS, ITEMS, feedback);
	double		loss = 0;
	int			positive = 0;

	for (int u = 0; u < USERS; u++)
		for (int i = 0; i < ITEMS; i++)
			x[u][i] = isnan(dense[u * ITEMS + i])	  ? 0
					  : feedback == FEEDBACK_EXPLICIT ? 1
													  : dense[u * ITEMS + i];
	set_option(t, "l1", l1);
	set_option(t, "l2", l2);
	set_option(t, "candidates", ITEMS);
	set_option(t, "neighbors", ITEMS);
	set_option(t, "tolerance", 1e-6);
	set_option(t, "iterations", 1000);
	train(t);
	CHECK(t->failure == NULL);
	check_lists(&t->model, ITEMS - 1);
	for (int i = 0; i < ITEMS; i++)
	{
		double		residual[USERS];

		for (int u = 0; u < USERS; u++)
		{
			residual[u] = x[u][i];
			for (int j = 0; j < ITEMS; j++)
				residual[u] -= x[u][j] * weight(&t->model, i, j);
			loss += 0.5 * residual[u] * residual[u];
		}
		for (int j = 0; j < ITEMS; j++)
		{
			double		w = weight(&t->model, i, j);
			double		derivative = -l1 - l2 * w;

			if (j == i)
				continue;
			for (int u = 0; u < USERS; u++)
				derivative += x[u][j] * residual[u];
			if (w > 0)
				CHECK_NEAR(derivative, 0, 2e-3);
			else
				CHECK(derivative < 2e-3);
			loss += l1 * w + 0.5 * l2 * w * w;
			positive += w > 0;
		}
	}
	/* some weights are zero, others positive */
	CHECK(positive > ITEMS && positive < ITEMS * (ITEMS - 1) / 2);
	CHECK_NEAR(t->losses[0] / loss, 1, 1e-5);
	check_all_answers(t);
	free(dense);
	free_training(t);
}

/* The largest weights are kept; the bits do not depend on which worker computes which items. */
static void
test_lists(void)
{
	enum
	{
		USERS = 80,
		ITEMS = 60
	};
	double	   *dense = random_events(USERS, ITEMS, false);
	Training   *t[4];

	for (int k = 0; k < 4; k++)
	{
		t[k] = new_training(slim, dense, NULL, USERS, ITEMS, FEEDBACK_EXPLICIT);
		set_option(t[k], "l2", 1);
		set_option(t[k], "candidates", 30);
		set_option(t[k], "neighbors", k == 0 ? 30 : 4);
		t[k]->backwards = k == 2;
		t[k]->block = k == 3 ? 1 : 0;
		train(t[k]);
		CHECK(t[k]->failure == NULL);
		check_lists(&t[k]->model, k == 0 ? 30 : 4);
	}
	for (int i = 0; i < ITEMS; i++)
	{
		const SparseMatrix *list = &t[1]->model.sides[SIDE_ITEMS].list;
		const SparseMatrix *longer = &t[0]->model.sides[SIDE_ITEMS].list;

		for (int64_t e = list->start[i]; e < list->start[i + 1]; e++)
		{
			int			larger = 0;

			CHECK(list->value[e] == weight(&t[0]->model, i, list->column[e]));
			for (int64_t f = longer->start[i]; f < longer->start[i + 1]; f++)
				larger += longer->value[f] > list->value[e];
			CHECK(larger < 4);
		}
	}
	for (int k = 2; k < 4; k++)
	{
		const SparseMatrix *one = &t[1]->model.sides[SIDE_ITEMS].list;
		const SparseMatrix *other = &t[k]->model.sides[SIDE_ITEMS].list;

		CHECK(memcmp(one->start, other->start, sizeof(int64_t) * (ITEMS + 1)) == 0);
		CHECK(memcmp(one->column, other->column, sizeof(int32_t) * one->start[ITEMS]) == 0);
		CHECK(memcmp(one->value, other->value, sizeof(float) * one->start[ITEMS]) == 0);
		CHECK(t[k]->losses[0] == t[1]->losses[0]);
	}
	check_all_answers(t[1]);
	for (int k = 0; k < 4; k++)
		free_training(t[k]);
	free(dense);
}

/*
 * One user, one item, all ratings equal, a user with everything; no penalty; events of weight zero.
 */
static void
test_degenerate(void)
{
	int			shapes[][2] = {{1, 1}, {1, 7}, {7, 1}, {20, 40}, {40, 20}};

	for (int s = 0; s < 10; s++)
	{
		int			n_users = shapes[s / 2][0];
		int			n_items = shapes[s / 2][1];
		double	   *dense = zeroed(sizeof(double) * n_users * n_items);
		Training   *t;

		for (int i = 0; i < n_users * n_items; i++)
			dense[i] = s % 2 == 0 ? 5 : i % 3 == 0 ? 0 : 1;
		t = new_training(slim, dense, NULL, n_users, n_items, FEEDBACK_IMPLICIT);
		if (s % 2 != 0)
		{
			set_option(t, "l1", 0);
			set_option(t, "l2", 0);
		}
		train(t);
		CHECK(t->failure == NULL);
		check_lists(&t->model, n_items - 1);
		check_all_answers(t);
		free_training(t);
		free(dense);
	}
}

/* Numbers that are too large are refused; numbers below the range of float count as zero. */
static void
test_extremes(void)
{
	double		large[] = {1e30, 1e30, 1e30, 1e-30};
	double		small[] = {1e-40, 1e-38, 1, 1e-40, 1, 1};
	Training   *t = new_training(slim, large, NULL, 2, 2, FEEDBACK_IMPLICIT);

	train(t);
	CHECK(t->failure != NULL);
	free_training(t);
	t = new_training(slim, small, NULL, 2, 3, FEEDBACK_IMPLICIT);
	set_option(t, "l1", 0);
	train(t);
	CHECK(t->failure == NULL);
	check_all_answers(t);
	free_training(t);
}

int
main(void)
{
	slim = find_algorithm("slim");
	test_by_hand();
	test_minimum(FEEDBACK_EXPLICIT, 2, 3);
	test_minimum(FEEDBACK_IMPLICIT, 5, 20);
	test_lists();
	test_degenerate();
	test_extremes();
	return passed("slim");
}
