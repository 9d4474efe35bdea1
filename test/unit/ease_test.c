/*
 * ease_test.c
 *	  EASE through the contract for algorithms: against a dense inversion in double, against the
 *	  equations that its weights solve, and the properties of every algorithm's answers.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include "kernel/blas.h"
#include "kernel/random.h"

#define COLUMN_WEIGHT_ROW 1

static const Algorithm *ease;

/*
 * Events of random users and items, popular ones more often: NaN where there is no event. Each user
 * and item has at least one event.
 */
static double *
random_events(int n_users, int n_items, double density, double weight, uint64_t seed)
{
	double	   *dense = zeroed(sizeof(double) * n_users * n_items);

	for (int u = 0; u < n_users; u++)
		for (int i = 0; i < n_items; i++)
		{
			double		x = (random_bits(seed, (uint64_t) u * n_items + i) >> 11) * 0x1p-53;
			double		popular = 2.0 * density * n_items / (n_items + 4.0 * i);
			int			present = x < popular || i == u % n_items || u == i % n_users;

			dense[u * n_items + i] =
				present ? 1 + weight * (random_bits(seed + 1, (uint64_t) u * n_items + i) % 5)
						: NAN;
		}
	return dense;
}

/* The weights by definition, in double: P by Gauss-Jordan elimination, B = -P / its diagonal. */
static double *
dense_weights(const double *dense, int n_users, int n, double lambda, bool ones)
{
	double	   *g = zeroed(sizeof(double) * n * 2 * n);
	double	   *b = zeroed(sizeof(double) * n * n);

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
		{
			double		sum = i == j ? lambda : 0;

			for (int u = 0; u < n_users; u++)
			{
				double		x = dense[u * n + i];
				double		y = dense[u * n + j];

				if (!isnan(x) && !isnan(y))
					sum += ones ? 1 : x * y;
			}
			g[i * 2 * n + j] = sum;
		}
		g[i * 2 * n + n + i] = 1;
	}
	for (int k = 0; k < n; k++)
	{
		double		pivot = g[k * 2 * n + k];

		for (int j = 0; j < 2 * n; j++)
			g[k * 2 * n + j] /= pivot;
		for (int i = 0; i < n; i++)
		{
			double		factor = g[i * 2 * n + k];

			if (i == k)
				continue;
			for (int j = 0; j < 2 * n; j++)
				g[i * 2 * n + j] -= factor * g[k * 2 * n + j];
		}
	}
	for (int j = 0; j < n; j++)
		for (int i = 0; i < n; i++)
			b[j * n + i] = i == j ? 0 : -g[j * 2 * n + n + i] / g[i * 2 * n + n + i];
	free(g);
	return b;
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

/* Gives item 0 to all users with this weight, unless the weight is 0. */
static double *
give_to_all(double *dense, int n_users, int n_items, double weight)
{
	for (int u = 0; u < n_users && weight > 0; u++)
		dense[u * n_items] = weight;
	return dense;
}

/* Gram matrices of the items and of the users; events with weights, and ratings, which count 1. */
static void
test_dense_inversion(int n_users, int n_items, Feedback feedback, double lambda, double everybodys)
{
	double	   *dense =
		give_to_all(random_events(n_users, n_items, 0.2, 0.5, 5), n_users, n_items, everybodys);
	double	   *expected =
		dense_weights(dense, n_users, n_items, lambda, feedback == FEEDBACK_EXPLICIT);
	Training   *t = new_training(ease, dense, NULL, n_users, n_items, feedback);
	const Side *items = &t->model.sides[SIDE_ITEMS];
	int64_t		stride;
	Profile		profile = user_profile(t, 0);
	float	   *scores = zeroed(sizeof(float) * n_items);
	void	   *query;
	double		loss = 0;

	set_option(t, "regularization", lambda);
	train(t);
	CHECK(t->failure == NULL);
	stride = column_stride(&items->columns[COLUMN_WEIGHT_ROW]);
	for (int j = 0; j < n_items; j++)
		for (int i = 0; i < stride; i++)
			CHECK_NEAR(items->values[COLUMN_WEIGHT_ROW][j * stride + i],
					   i < n_items ? expected[j * n_items + i] : 0, 1e-5 * fmax(1, everybodys));

	/* The scores are X B, without the item's own part; the loss is |X - X B|^2 + lambda |B|^2. */
	query = new_query(&t->model, &profile);
	ease->score_items(&t->model, query, NULL, 0, n_items, scores);
	for (int i = 0; i < n_items; i++)
	{
		double		sum = 0;

		for (int64_t p = 0; p < profile.n; p++)
			sum += (feedback == FEEDBACK_EXPLICIT ? 1 : profile.ratings[p]) *
				   (expected[profile.items[p] * n_items + i] + (profile.items[p] == i));
		CHECK_NEAR(scores[i], sum, 1e-4 * fmax(1, everybodys));
	}
	for (int u = 0; u < n_users; u++)
	{
		for (int i = 0; i < n_items; i++)
		{
			double		error = isnan(dense[u * n_items + i])   ? 0
						   : feedback == FEEDBACK_EXPLICIT ? 1
														   : dense[u * n_items + i];

			for (int j = 0; j < n_items; j++)
			{
				if (!isnan(dense[u * n_items + j]))
					error -= (feedback == FEEDBACK_EXPLICIT ? 1 : dense[u * n_items + j]) *
							 expected[j * n_items + i];
			}
			loss += error * error;
		}
	}
	for (int i = 0; i < n_items * n_items; i++)
		loss += lambda * expected[i] * expected[i];
	CHECK(t->iterations == 1);
	CHECK_NEAR(t->losses[0] / loss, 1, 1e-4);
	check_all_answers(t);
	free(query);
	free(scores);
	free(expected);
	free(dense);
	free_training(t);
}

/*
 * Several blocks: the weights of item i solve the sum over k of (X'X + lambda I)_jk B_ki = (X'X)_ji
 * for all j /= i.
 */
static void
test_large(int n_users, int n_items)
{
	double		lambda = 20;
	double	   *dense = random_events(n_users, n_items, 0.05, 0, 6);
	Training   *training[3];
	const SparseMatrix *by_user;
	int64_t		stride;
	const float *weights;

	for (int i = 0; i < 3; i++)
	{
		Training   *t = new_training(ease, dense, NULL, n_users, n_items, FEEDBACK_IMPLICIT);

		set_option(t, "regularization", lambda);
		t->backwards = i == 1;
		t->block = i == 2 ? 1 : 0;
		train(t);
		CHECK(t->failure == NULL);
		training[i] = t;
	}
	stride = column_stride(&training[0]->model.sides[SIDE_ITEMS].columns[COLUMN_WEIGHT_ROW]);
	weights = training[0]->model.sides[SIDE_ITEMS].values[COLUMN_WEIGHT_ROW];
	for (int i = 1; i < 3; i++)
		CHECK(memcmp(training[i]->model.sides[SIDE_ITEMS].values[COLUMN_WEIGHT_ROW], weights,
					 sizeof(float) * n_items * stride) == 0);
	by_user = &training[0]->ratings.by_user;
	for (int i = 0; i < n_items; i += 101)
	{
		double	   *left = zeroed(sizeof(double) * n_items);

		for (int j = 0; j < n_items; j++)
			left[j] = lambda * weights[j * stride + i];
		for (int u = 0; u < n_users; u++)
		{
			double		predicted = 0;

			/* X b - x_i, whose product with X' is (X'X) b - (X'X)_i */
			for (int64_t e = by_user->start[u]; e < by_user->start[u + 1]; e++)
				predicted += weights[by_user->column[e] * stride + i] - (by_user->column[e] == i);
			for (int64_t e = by_user->start[u]; e < by_user->start[u + 1]; e++)
				left[by_user->column[e]] += predicted;
		}
		for (int j = 0; j < n_items; j++)
		{
			if (j != i)
				CHECK_NEAR(left[j], 0, 1e-3);
		}
		free(left);
	}
	for (int i = 0; i < 3; i++)
		free_training(training[i]);
	free(dense);
}

/*
 * By hand: two items; three of four users have both, one has the first alone: X'X = (4 3; 3 3).
 * lambda 1: (5 3; 3 4), with determinant 11 and inverse (4 -3; -3 5) / 11. The first item adds 3/5
 * to the score of the second, the second adds 3/4 to the score of the first. Partial correlation: 3
 * / sqrt(4 x 5).
 */
static void
test_by_hand(void)
{
	double		dense[] = {1, 1, 1, 1, 1, 1, 1, NAN};

	Training   *t = new_training(ease, dense, NULL, 4, 2, FEEDBACK_IMPLICIT);
	float		similarity[2];
	const float *weights;

	set_option(t, "regularization", 1);
	train(t);
	weights = t->model.sides[SIDE_ITEMS].values[COLUMN_WEIGHT_ROW];
	CHECK_NEAR(weights[0], 0, 0);
	CHECK_NEAR(weights[1], 3.0 / 5, 1e-6);
	CHECK_NEAR(weights[16], 3.0 / 4, 1e-6);
	ease->similar_items(&t->model, 0, 0, 2, similarity);
	CHECK(similarity[0] == 1);
	CHECK_NEAR(similarity[1], 3 / sqrt(20), 1e-6);
	ease->similar_items(&t->model, 1, 0, 1, similarity);
	CHECK_NEAR(similarity[0], 3 / sqrt(20), 1e-6);
	CHECK(ease->refuses(t->options, &(Extent) {.n_users = 4, .n_items = 20001, .n_ratings = 4}) !=
		  NULL);
	CHECK(ease->refuses(t->options, &(Extent) {.n_users = 4, .n_items = 20000, .n_ratings = 4}) ==
		  NULL);
	free_training(t);
}

/* One user, one item, all ratings equal, a user with everything. */
static void
test_degenerate(void)
{
	int			shapes[][2] = {{1, 1}, {1, 7}, {7, 1}, {20, 40}, {40, 20}};

	for (int s = 0; s < 5; s++)
	{
		int			n = shapes[s][0] * shapes[s][1];
		double	   *dense = zeroed(sizeof(double) * n);
		Training   *t;

		for (int i = 0; i < n; i++)
			dense[i] = 5;
		t = new_training(ease, dense, NULL, shapes[s][0], shapes[s][1],
						 s % 2 == 0 ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT);
		train(t);
		CHECK(t->failure == NULL);
		check_all_answers(t);
		free_training(t);
		free(dense);
	}
}

/* Training is refused if float arithmetic cannot solve the system. */
static void
test_refusals(void)
{
	double		dense[] = {1e25, 1, 1e25, 1};
	double		same[30];
	Training   *t = new_training(ease, dense, NULL, 2, 2, FEEDBACK_IMPLICIT);

	train(t);
	CHECK(t->failure != NULL);
	free_training(t);

	/*
	 * two equal items, through the Gram matrix of the items; and through that of the users, 2 of 5
	 */
	for (int i = 0; i < 30; i++)
		same[i] = 1000;
	for (int users = 2; users <= 10; users += 8)
	{
		t = new_training(ease, same, NULL, users, users == 2 ? 5 : 2, FEEDBACK_IMPLICIT);
		set_option(t, "regularization", 0.001);
		train(t);
		CHECK(t->failure != NULL);
		free_training(t);
	}
}

int
main(void)
{
	blas_use_processor();
	ease = find_algorithm("ease");
	test_by_hand();
	for (int feedback = FEEDBACK_EXPLICIT; feedback <= FEEDBACK_IMPLICIT; feedback++)
	{
		test_dense_inversion(50, 33, feedback, 3, 0);
		test_dense_inversion(20, 48, feedback, 3, 0);
	}
	test_dense_inversion(31, 64, FEEDBACK_IMPLICIT, 300, 0);
	/*
	 * Of 1, 1e-5 is left for item 0 through the users, which may be rounding, but a hundredth of 20
	 * x 1000^2 through the items.
	 */
	test_dense_inversion(20, 48, FEEDBACK_IMPLICIT, 3, 1000);
	test_large(900, 1100);
	test_large(600, 1100);
	test_degenerate();
	test_refusals();
	return passed("ease");
}
