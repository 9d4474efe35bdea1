/*
 * bpr_test.c
 *	  Bayesian personalised ranking through the contract for algorithms.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include "kernel/random.h"
#include "kernel/simd.h"

#define X NAN


static const float *
user_factors(const Training *t, int64_t user)
{
	return t->model.sides[SIDE_USERS].values[0] +
		   user * column_stride(&t->model.sides[SIDE_USERS].columns[0]);
}

/*
 * Properties of all models: finite numbers, stored users equal to folding in, consistent answers.
 */
static void
check_model(Training *t, int n_users)
{
	const Model *m = &t->model;
	Profile		nobody = {0};
	Profile		one = {
		.n = 1, .items = t->ratings.by_user.column, .ratings = t->ratings.by_user.value};
	void	   *query;

	CHECK(t->failure == NULL);
	for (int u = 0; u < n_users; u++)
	{
		Profile		profile = user_profile(t, u);
		float		constant;

		query = new_query(m, &profile);
		CHECK(memcmp(bpr_algorithm.query_vector(m, query, &constant), user_factors(t, u),
					 sizeof(float) * m->sides[SIDE_USERS].columns[0].width) == 0);
		CHECK(constant == 0);
		free(query);
		check_answers(m, &profile);
	}
	check_users(t, 0);
	check_answers(m, &nobody);
	check_answers(m, &one);

	/* an unknown user gets the items' biases */
	query = new_query(m, &nobody);
	for (int64_t i = 0; i < m->sides[SIDE_ITEMS].n_rows; i++)
		CHECK(model_score_item(m, query, (int32_t) i) == m->sides[SIDE_ITEMS].values[0][i]);
	free(query);
}

#define USERS 200
#define ITEMS 150

/*
 * Users have the items with a large inner product of planted vectors of three numbers; `hidden`
 * marks the items that no training sees.
 */
static void
plant(double *dense, char *hidden)
{
	for (int u = 0; u < USERS; u++)
	{
		for (int i = 0; i < ITEMS; i++)
		{
			double		value = -1;
			int			at = u * ITEMS + i;

			for (int f = 0; f < 3; f++)
				value += random_normal(1, u * 3 + f) * random_normal(2, i * 3 + f);
			hidden[at] = value > 0 && random_bits(3, at) % 5 == 0;
			dense[at] = value > 0 && !hidden[at] ? 1 : NAN;
		}
	}
}

/*
 * The share of pairs of a hidden item and an item that the user does not have in which the hidden
 * item scores higher.
 */
static double
area_under_curve(const Training *t, const double *dense, const char *hidden, bool by_popularity)
{
	double		right = 0;
	double		pairs = 0;
	float		scores[ITEMS];

	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		void	   *query = new_query(&t->model, &profile);

		bpr_algorithm.score_items(&t->model, query, NULL, 0, ITEMS, scores);
		for (int i = 0; i < ITEMS && by_popularity; i++)
			scores[i] = (float) t->model.sides[SIDE_ITEMS].n_ratings[i];
		for (int i = 0; i < ITEMS; i++)
		{
			for (int j = 0; j < ITEMS && hidden[u * ITEMS + i]; j++)
			{
				if (!isnan(dense[u * ITEMS + j]) || hidden[u * ITEMS + j])
					continue;
				right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
				pairs++;
			}
		}
		free(query);
	}
	return right / pairs;
}

/*
 * Hidden items are found, much better than by popularity, for new users as well. A warm start
 * begins from the last model.
 */
static void
test_planted(void)
{
	static double dense[USERS * ITEMS];
	static char hidden[USERS * ITEMS];
	Training   *t;
	size_t		bytes[MAX_ARRAYS];
	int			n;
	double		first;
	double		last;

	plant(dense, hidden);
	t = new_training(&bpr_algorithm, dense, NULL, USERS, ITEMS, FEEDBACK_IMPLICIT);
	set_option(t, "factors", 8);
	/* with few items, the hardest of many negatives is often a hidden item */
	set_option(t, "negatives", 5);
	train(t);
	check_model(t, 3);
	CHECK(t->iterations == 100);
	CHECK(area_under_curve(t, dense, hidden, true) < 0.75);
	CHECK(area_under_curve(t, dense, hidden, false) > 0.95);
	first = t->losses[0];
	last = t->losses[t->iterations - 1];
	CHECK(last < first / 2);

	n = bpr_algorithm.arrays(t->options, &(Extent) {.n_users = USERS, .n_items = ITEMS}, bytes);
	for (int i = 0; i < n; i++)
		t->task.arrays[i] = zeroed(bytes[i]);
	t->task.warm = true;
	t->iterations = 0;
	CHECK(bpr_algorithm.train(&t->task, &t->services) == NULL);
	CHECK(t->iterations == 50);
	CHECK(t->losses[0] < (first + last) / 2);
	CHECK_NEAR(t->losses[49], last, last / 10);
	for (int i = 0; i < n; i++)
		free(t->task.arrays[i]);
	free_training(t);
}

/* One negative or many; weights and ratings play no part. */
static void
test_feedback(void)
{
	static double dense[USERS * ITEMS];
	static char hidden[USERS * ITEMS];
	Training   *reference = NULL;

	plant(dense, hidden);
	for (int way = 0; way < 3; way++)
	{
		Training   *t;

		for (int i = 0; i < USERS * ITEMS; i++)
			dense[i] = isnan(dense[i]) ? NAN : way == 0 ? 1 : 1 + i % 5;
		t = new_training(&bpr_algorithm, dense, NULL, USERS, ITEMS,
						 way == 2 ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT);
		set_option(t, "factors", 8);
		set_option(t, "iterations", 30);
		set_option(t, "negatives", 1);
		train(t);
		check_model(t, 3);
		CHECK(area_under_curve(t, dense, hidden, false) > 0.9);
		if (way == 0)
		{
			reference = t;
			continue;
		}
		CHECK(memcmp(t->model.sides[SIDE_ITEMS].values[1],
					 reference->model.sides[SIDE_ITEMS].values[1],
					 sizeof(float) * ITEMS *
						 column_stride(&t->model.sides[SIDE_ITEMS].columns[1])) == 0);
		free_training(t);
	}
	free_training(reference);
}

/* Enough events to be divided; the result is the same to the bit for any blocks and order. */
static void
test_order(void)
{
	enum
	{
		MANY_USERS = 600, MANY_ITEMS = 700
	};
	double	   *dense = zeroed(sizeof(double) * MANY_USERS * MANY_ITEMS);
	Training   *reference = NULL;

	for (int i = 0; i < MANY_USERS * MANY_ITEMS; i++)
		dense[i] = random_bits(1, i) % 4 < 3 ? 1 : NAN;
	for (int way = 0; way < 3; way++)
	{
		Training   *t =
			new_training(&bpr_algorithm, dense, NULL, MANY_USERS, MANY_ITEMS, FEEDBACK_IMPLICIT);
		Side	   *sides[] = {&t->model.sides[SIDE_ITEMS], &t->model.sides[SIDE_USERS]};

		set_option(t, "factors", 8);
		set_option(t, "iterations", 2);
		t->backwards = way > 0;
		t->block = way == 2 ? 5 : 0;
		train(t);
		CHECK(t->failure == NULL);
		CHECK(t->ratings.by_user.start[MANY_USERS] > 300000);
		if (way == 0)
		{
			reference = t;
			continue;
		}
		CHECK(t->losses[1] == reference->losses[1]);
		for (int s = 0; s < 2; s++)
		{
			const Side *other =
				s == 0 ? &reference->model.sides[SIDE_ITEMS] : &reference->model.sides[SIDE_USERS];

			for (int c = 0; c < sides[s]->n_columns; c++)
				CHECK(memcmp(sides[s]->values[c], other->values[c],
							 sizeof(float) * sides[s]->n_rows *
								 column_stride(&sides[s]->columns[c])) == 0);
		}
		free_training(t);
	}
	free_training(reference);
	free(dense);
}

/*
 * The model is the same to the bit with each instruction set that the processor has, although
 * training compares scores on the way.
 */
static void
test_instruction_sets(void)
{
	static double dense[USERS * ITEMS];
	static char hidden[USERS * ITEMS];

	plant(dense, hidden);
	for (int negatives = 1; negatives <= 5; negatives += 4)
	{
		Training   *reference = NULL;

		for (int level = SIMD_BASELINE; level <= SIMD_AVX512; level++)
		{
			Training   *t =
				new_training(&bpr_algorithm, dense, NULL, USERS, ITEMS, FEEDBACK_IMPLICIT);

			set_option(t, "factors", 40);
			set_option(t, "negatives", negatives);
			simd_limit(level);
			train(t);
			CHECK(t->failure == NULL && t->iterations == 100);
			if (level == SIMD_BASELINE)
			{
				reference = t;
				continue;
			}
			CHECK(memcmp(t->losses, reference->losses, sizeof(double) * t->iterations) == 0);
			for (int c = 0; c < t->model.sides[SIDE_ITEMS].n_columns; c++)
				CHECK(memcmp(t->model.sides[SIDE_ITEMS].values[c],
							 reference->model.sides[SIDE_ITEMS].values[c],
							 sizeof(float) * ITEMS *
								 column_stride(&t->model.sides[SIDE_ITEMS].columns[c])) == 0);
			CHECK(memcmp(t->model.sides[SIDE_USERS].values[0],
						 reference->model.sides[SIDE_USERS].values[0],
						 sizeof(float) * USERS *
							 column_stride(&t->model.sides[SIDE_USERS].columns[0])) == 0);
			free_training(t);
		}
		free_training(reference);
	}
}

/*
 * Finite numbers whose products add up to nearly the largest float, so that scores could overflow.
 */
static void
write_large(Model *model)
{
	int64_t		stride = column_stride(&model->sides[SIDE_ITEMS].columns[1]);

	for (int64_t i = 0; i < model->sides[SIDE_ITEMS].n_rows; i++)
	{
		for (int f = 0; f < model->sides[SIDE_ITEMS].columns[1].width; f++)
			model->sides[SIDE_ITEMS].values[1][i * stride + f] = (i + f) % 2 == 0 ? 1e18f : -1e18f;
	}
}

static void
test_degenerate(void)
{
	const double full[] = {1, 1, 1, 1, 1, 1};
	const double small[] = {
		1, 1, 1, 1,
		X, X, X, X,
		1, X, X, X,
		1, X, 1, X
	};
	Training   *t;

	/* one user, one item; one user; one item; every user has every item */
	for (int kind = 0; kind < 4; kind++)
	{
		t = new_training(&bpr_algorithm, full, NULL,
						 kind == 2	 ? 6
						 : kind == 3 ? 2
									 : 1,
						 kind == 1	 ? 6
						 : kind == 3 ? 3
									 : 1,
						 FEEDBACK_IMPLICIT);
		train(t);
		CHECK(t->iterations == 0);
		check_model(t, (int) t->model.sides[SIDE_USERS].n_rows);
		free_training(t);
	}

	/* a user with all items, a user with none, and an item of no user */
	t = new_training(&bpr_algorithm, small, NULL, 4, 4, FEEDBACK_IMPLICIT);
	set_option(t, "negatives", 64);
	train(t);
	check_model(t, 4);
	for (int f = 0; f < 64; f++)
		CHECK(user_factors(t, 0)[f] == 0 && user_factors(t, 1)[f] == 0);
	free_training(t);

	/* a warm start from numbers that were changed in the table */
	t = new_training(&bpr_algorithm, small, NULL, 4, 4, FEEDBACK_IMPLICIT);
	t->warm_up = write_large;
	train(t);
	CHECK(t->failure != NULL);
	free_training(t);

	/* options at their limits */
	t = new_training(&bpr_algorithm, small, NULL, 4, 4, FEEDBACK_IMPLICIT);
	set_option(t, "learning_rate", 1);
	set_option(t, "regularization", 1);
	set_option(t, "factors", 1);
	train(t);
	check_model(t, 4);
	free_training(t);
	t = new_training(&bpr_algorithm, small, NULL, 4, 4, FEEDBACK_IMPLICIT);
	set_option(t, "learning_rate", 1);
	set_option(t, "regularization", 0);
	set_option(t, "iterations", 3000);
	train(t);
	check_model(t, 4);
	free_training(t);
}

/* Every item with this remainder by 2 is more similar than any item with the other remainder. */
static void
check_apart(const float *similarity, int n, int remainder)
{
	for (int i = remainder; i < n; i += 2)
	{
		for (int j = 1 - remainder; j < n; j += 2)
			CHECK(similarity[i] > similarity[j] + 0.1);
	}
}

/* Items that the same users have, and items that other users have. */
static void
test_similar(void)
{
	static double dense[40 * 20];
	Training   *t;
	Profile		profile;
	void	   *query;
	float		similarity[40];

	for (int u = 0; u < 40; u++)
		for (int i = 0; i < 20; i++)
			dense[u * 20 + i] = u % 2 == i % 2 && (u * 7 + i) % 5 != 0 ? 1 : NAN;
	t = new_training(&bpr_algorithm, dense, NULL, 40, 20, FEEDBACK_IMPLICIT);
	train(t);
	bpr_algorithm.similar_items(&t->model, 2, 0, 20, similarity);
	CHECK_NEAR(similarity[2], 1, 1e-5);
	check_apart(similarity, 20, 0);
	profile = user_profile(t, 3);
	query = new_query(&t->model, &profile);
	bpr_algorithm.similar_users(&t->model, query, 0, 40, similarity);
	CHECK_NEAR(similarity[3], 1, 1e-5);
	check_apart(similarity, 40, 1);
	free(query);
	free_training(t);
}

int
main(void)
{
	test_planted();
	test_feedback();
	test_order();
	test_instruction_sets();
	test_degenerate();
	test_similar();
	return passed("bpr");
}
