/*
 * svd_test.c
 *	  The truncated singular value decomposition through the contract for algorithms, against
 *	  LAPACK's of the dense matrix.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include "kernel/random.h"

#define X NAN

extern void dgesvd_(const char *jobu, const char *jobvt, const int *m, const int *n, double *a,
					const int *lda, double *s, double *u, const int *ldu, double *vt,
					const int *ldvt, double *work, const int *lwork, int *info);

/* 6 users, 5 items, 18 ratings; their mean is 48 / 18 */
static const double small[] = {
	5, 3, X, 1, X,
	4, X, X, 1, 2,
	1, 1, X, 5, X,
	1, X, X, 4, 4,
	X, 1, 5, 4, X,
	2, X, 3, X, 1
};

static const float *
factors_of(const Side *side, int64_t row)
{
	int			column = side->n_columns - 1;

	return side->values[column] + row * column_stride(&side->columns[column]);
}

static int
n_factors(const Training *t)
{
	return t->model.sides[SIDE_ITEMS].columns[t->model.sides[SIDE_ITEMS].n_columns - 1].width;
}

/* The length of a column of the users' factors: a singular value. */
static double
singular_value(const Training *t, int f)
{
	double		sum = 0;

	for (int64_t u = 0; u < t->model.sides[SIDE_USERS].n_rows; u++)
		sum += (double) factors_of(&t->model.sides[SIDE_USERS], u)[f] *
			   factors_of(&t->model.sides[SIDE_USERS], u)[f];
	return sqrt(sum);
}

/* Singular values of a dense matrix, with zero for NaN. */
static void
reference_values(const double *dense, int n_users, int n_items, double *values)
{
	int			lwork = 10 * (n_users + n_items);
	int			one = 1;
	int			info;
	double	   *a = zeroed(sizeof(double) * n_users * n_items);
	double	   *work = zeroed(sizeof(double) * lwork);

	for (int i = 0; i < n_users * n_items; i++)
		a[i] = isnan(dense[i]) ? 0 : dense[i];
	dgesvd_("N", "N", &n_items, &n_users, a, &n_items, values, NULL, &one, NULL, &one, work, &lwork,
			&info);
	CHECK(info == 0);
	free(a);
	free(work);
}

/* Properties of all models: orthonormal vectors, users equal to folding in, consistent answers. */
static void
check_model(Training *t)
{
	const Model *m = &t->model;
	int			k = n_factors(t);
	Profile		nobody = {0};
	Profile		one = {
		.n = 1, .items = t->ratings.by_user.column, .ratings = t->ratings.by_user.value};

	CHECK(t->failure == NULL);
	for (int f = 0; f < k; f++)
	{
		CHECK(f == 0 || singular_value(t, f) <= singular_value(t, f - 1) * (1 + 1e-5));
		for (int g = 0; g <= f; g++)
		{
			double		inner = 0;
			double		squared = 0;

			for (int64_t i = 0; i < m->sides[SIDE_ITEMS].n_rows; i++)
			{
				inner += (double) factors_of(&m->sides[SIDE_ITEMS], i)[f] *
						 factors_of(&m->sides[SIDE_ITEMS], i)[g];
				squared += (double) factors_of(&m->sides[SIDE_ITEMS], i)[f] *
						   factors_of(&m->sides[SIDE_ITEMS], i)[f];
			}
			/* one, or zero if there is no singular value */
			CHECK_NEAR(inner, f == g && squared > 0.5, 1e-5);
		}
	}
	for (int64_t u = 0; u < m->sides[SIDE_USERS].n_rows; u++)
	{
		Profile		profile = user_profile(t, (int) u);
		void	   *query = new_query(m, &profile);
		float		constant;
		const float *vector = svd_algorithm.query_vector(m, query, &constant);

		if (vector == NULL)
			CHECK(profile.n == 0);
		else
			CHECK(memcmp(vector, factors_of(&m->sides[SIDE_USERS], u), sizeof(float) * k) == 0);
		free(query);
		if (u < 10)
			check_answers(m, &profile);
	}
	check_users(t, 0);
	check_answers(m, &nobody);
	check_answers(m, &one);
}

#define USERS 150
#define ITEMS 110

static void
fill(double *dense, int n_users, int n_items)
{
	for (int u = 0; u < n_users; u++)
	{
		for (int i = 0; i < n_items; i++)
		{
			double		value = 3;
			int			at = u * n_items + i;

			for (int f = 0; f < 4; f++)
				value += random_normal(1, u * 4 + f) * random_normal(2, i * 4 + f) / (f + 1);
			dense[at] = random_bits(3, at) % 10 < 4 ? value : NAN;
		}
	}
}

/* Singular values agree with LAPACK's to a relative 1e-4, for ratings in any unit. */
static void
test_values(int factors, int power_iterations, double unit)
{
	static double dense[USERS * ITEMS];
	double		expected[ITEMS];
	Training   *t;

	fill(dense, USERS, ITEMS);
	for (int i = 0; i < USERS * ITEMS; i++)
		dense[i] *= unit;
	reference_values(dense, USERS, ITEMS, expected);
	t = new_training(&svd_algorithm, dense, NULL, USERS, ITEMS, FEEDBACK_IMPLICIT);
	set_option(t, "factors", factors);
	set_option(t, "power_iterations", power_iterations);
	train(t);
	if (unit == 1)
		check_model(t);
	CHECK(t->failure == NULL);
	CHECK(t->iterations <= power_iterations + 1);
	for (int f = 0; f < factors && f < ITEMS; f++)
		CHECK_NEAR(singular_value(t, f) / expected[f], 1, 1e-4);
	for (int f = ITEMS; f < factors; f++)
		CHECK(singular_value(t, f) == 0);
	/* the loss is the sum of squares without those of the singular values */
	{
		double		left = 0;

		for (int f = factors; f < ITEMS; f++)
			left += expected[f] * expected[f];
		CHECK_NEAR(t->losses[t->iterations - 1] / (unit * unit), left / (unit * unit), 0.01);
		for (int i = 1; i < t->iterations; i++)
			CHECK(t->losses[i] <= t->losses[i - 1] * (1 + 1e-6) + 1e-6 * unit * unit);
	}
	free_training(t);
}

/*
 * Scores are the row times V V', with V from LAPACK; here exactly, for a matrix of rank one: (1 2)
 * has V = (1 2) / sqrt(5).
 */
static void
test_rank_one(void)
{
	const double dense[] = {1, 2, 2, 4, X, X};
	Training   *t = new_training(&svd_algorithm, dense, NULL, 3, 2, FEEDBACK_IMPLICIT);
	int32_t		items[] = {1};
	float		ratings[] = {1};
	Profile		profile = {.n = 1, .items = items, .ratings = ratings};
	void	   *query;

	set_option(t, "factors", 3);
	train(t);
	check_model(t);
	CHECK_NEAR(factors_of(&t->model.sides[SIDE_ITEMS], 0)[0], 1 / sqrt(5), 1e-6);
	CHECK_NEAR(factors_of(&t->model.sides[SIDE_ITEMS], 1)[0], 2 / sqrt(5), 1e-6);
	CHECK_NEAR(singular_value(t, 0), 5, 1e-5);
	CHECK(singular_value(t, 1) == 0 && singular_value(t, 2) == 0);
	/* (0 1) V V' = (2/5 4/5) */
	query = new_query(&t->model, &profile);
	CHECK_NEAR(model_score_item(&t->model, query, 0), 0.4, 1e-6);
	CHECK_NEAR(model_score_item(&t->model, query, 1), 0.8, 1e-6);
	free(query);
	free_training(t);
}

/* With a factor for each dimension nothing is lost: predictions equal a user's ratings. */
static void
test_centering(void)
{
	for (int centering = 0; centering < 5; centering++)
	{
		for (int feedback = 0; feedback < 2; feedback++)
		{
			Training   *t = new_training(&svd_algorithm, small, NULL, 6, 5, feedback);
			Profile		nobody = {0};
			void	   *query;

			set_option(t, "factors", 5);
			set_option(t, "centering", centering);
			train(t);
			check_model(t);
			CHECK(svd_algorithm.predicts_ratings(&t->model) ==
				  (feedback == FEEDBACK_EXPLICIT && centering > 0));
			for (int u = 0; u < 6; u++)
			{
				Profile		profile = user_profile(t, u);

				query = new_query(&t->model, &profile);
				for (int j = 0; j < profile.n; j++)
					CHECK_NEAR(model_score_item(&t->model, query, profile.items[j]),
							   profile.ratings[j], 1e-4);
				free(query);
			}
			/* an unknown user: the mean and the item's bias, as far as the centring has them */
			query = new_query(&t->model, &nobody);
			for (int i = 0; i < 5; i++)
				CHECK_NEAR(model_score_item(&t->model, query, i),
						   centering == 0
							   ? 0
							   : t->model.scale.mean + t->model.sides[SIDE_ITEMS].values[0][i],
						   1e-6);
			CHECK_NEAR(model_score_item(&t->model, query, -1),
					   centering == 0 ? 0 : t->model.scale.mean, 1e-6);
			free(query);
			free_training(t);
		}
	}

	/* the bias of item 2, whose ratings are 5 and 3, with a damping of 2: (8 - 2 mean) / 4 */
	{
		Training   *t = new_training(&svd_algorithm, small, NULL, 6, 5, FEEDBACK_EXPLICIT);

		set_choice(t, "centering", "item");
		set_option(t, "damping", 2);
		train(t);
		CHECK_NEAR(t->model.sides[SIDE_ITEMS].values[0][2], (8 - 2 * 48 / 18.0) / 4, 1e-5);
		free_training(t);
	}

	/* both biases together: each is the mean of the rest without the other */
	{
		Training   *t = new_training(&svd_algorithm, small, NULL, 6, 5, FEEDBACK_EXPLICIT);
		double		user[6];

		set_option(t, "damping", 2);
		train(t);
		for (int u = 0; u < 6; u++)
		{
			Profile		profile = user_profile(t, u);

			user[u] = 0;
			for (int j = 0; j < profile.n; j++)
				user[u] += (profile.ratings[j] - t->model.scale.mean -
							t->model.sides[SIDE_ITEMS].values[0][profile.items[j]]) /
						   (profile.n + 2);
		}
		for (int i = 0; i < 5; i++)
		{
			double		sum = 0;
			int			n = 0;

			for (int u = 0; u < 6; u++)
			{
				if (isnan(small[u * 5 + i]))
					continue;
				sum += small[u * 5 + i] - t->model.scale.mean - user[u];
				n++;
			}
			CHECK_NEAR(t->model.sides[SIDE_ITEMS].values[0][i], sum / (n + 2), 1e-3);
		}
		free_training(t);
	}
}

static void
test_order(Feedback feedback)
{
	static double dense[USERS * ITEMS];
	Training   *reference = NULL;

	fill(dense, USERS, ITEMS);
	for (int way = 0; way < 4; way++)
	{
		Training   *t = new_training(&svd_algorithm, dense, NULL, USERS, ITEMS, feedback);
		Side	   *sides[] = {&t->model.sides[SIDE_ITEMS], &t->model.sides[SIDE_USERS]};

		set_option(t, "factors", 8);
		set_option(t, "power_iterations", 3);
		t->backwards = way == 1 || way == 3;
		t->block = way == 2 ? 1 : way == 3 ? 37 : 0;
		train(t);
		CHECK(t->failure == NULL);
		if (way == 0)
		{
			reference = t;
			continue;
		}
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
}

/* Sources in which the Krylov space ends early, and sources of hardly any ratings. */
static void
test_degenerate(void)
{
	static double dense[100 * 100];
	const double one = 2;
	const double huge[] = {3e38, 3e38, 3e38, 3e38};
	Training   *t;

	/* every user has one item, which no other user has: all singular values are 1 */
	for (int i = 0; i < 100 * 100; i++)
		dense[i] = i % 101 == 0 ? 1 : NAN;
	t = new_training(&svd_algorithm, dense, NULL, 100, 100, FEEDBACK_IMPLICIT);
	set_option(t, "factors", 40);
	train(t);
	check_model(t);
	for (int f = 0; f < 40; f++)
		CHECK_NEAR(singular_value(t, f), 1, 1e-4);
	free_training(t);

	/*
	 * all ratings are equal: with explicit feedback, centring leaves zeros; with implicit there is
	 * one dimension
	 */
	for (int i = 0; i < 30 * 20; i++)
		dense[i] = 4;
	for (int feedback = 0; feedback < 2; feedback++)
	{
		t = new_training(&svd_algorithm, dense, NULL, 30, 20, feedback);
		train(t);
		check_model(t);
		/* 4 sqrt(30 * 20) */
		CHECK_NEAR(singular_value(t, 0), feedback == FEEDBACK_EXPLICIT ? 0 : 97.9796, 1e-3);
		CHECK(singular_value(t, 1) == 0);
		free_training(t);

		/* one user, one item; one user; one item */
		for (int kind = 0; kind < 3; kind++)
		{
			t = new_training(&svd_algorithm, kind == 0 ? &one : dense, NULL,
							 kind == 1	 ? 1
							 : kind == 2 ? 20
										 : 1,
							 kind == 1 ? 20 : 1, feedback);
			train(t);
			check_model(t);
			free_training(t);
		}
	}

	/* many more factors than dimensions */
	t = new_training(&svd_algorithm, small, NULL, 6, 5, FEEDBACK_EXPLICIT);
	set_option(t, "factors", 100);
	train(t);
	check_model(t);
	free_training(t);

	/* the sum of squares may be beyond the range of float, while the ratings are not */
	t = new_training(&svd_algorithm, huge, NULL, 2, 2, FEEDBACK_EXPLICIT);
	train(t);
	CHECK(t->failure != NULL || isfinite(singular_value(t, 0)));
	free_training(t);
}

/* Two items that the same users like, and one that others do. */
static void
test_similar(void)
{
	const double dense[] = {
		1, 1, X,
		1, 1, X,
		X, X, 1
	};
	Training   *t = new_training(&svd_algorithm, dense, NULL, 3, 3, FEEDBACK_IMPLICIT);
	Profile		profile;
	void	   *query;
	float		similarity[3];

	train(t);
	svd_algorithm.similar_items(&t->model, 0, 0, 3, similarity);
	CHECK_NEAR(similarity[0], 1, 1e-5);
	CHECK_NEAR(similarity[1], 1, 1e-5);
	CHECK_NEAR(similarity[2], 0, 1e-5);
	profile = user_profile(t, 0);
	query = new_query(&t->model, &profile);
	svd_algorithm.similar_users(&t->model, query, 0, 3, similarity);
	CHECK_NEAR(similarity[0], 1, 1e-5);
	CHECK_NEAR(similarity[1], 1, 1e-5);
	CHECK_NEAR(similarity[2], 0, 1e-5);
	free(query);
	free_training(t);
}

/*
 * Similarities of items whose numbers of ratings were changed in the table: negative numbers count
 * as 0, and sums do not overflow.
 */
static void
test_edited_numbers(void)
{
	Training   *t = new_training(&svd_algorithm, small, NULL, 6, 5, FEEDBACK_EXPLICIT);
	float		before[5];
	float		similarity[5];

	train(t);
	svd_algorithm.similar_items(&t->model, 0, 0, 5, before);
	for (int i = 0; i < 5; i++)
		t->model.sides[SIDE_ITEMS].n_ratings[i] = i < 3 ? INT32_MAX : -10;
	svd_algorithm.similar_items(&t->model, 0, 0, 5, similarity);
	CHECK_NEAR(similarity[0], 1, 1e-5);
	/* the shrinkage n / (n + 10) is gone; 3 users have rated item 1, and 2 item 2 */
	CHECK_NEAR(similarity[1], before[1] * 13 / 3, 1e-5);
	CHECK_NEAR(similarity[2], before[2] * 12 / 2, 1e-5);
	CHECK(similarity[3] == 0 && similarity[4] == 0);
	free_training(t);
}

/*
 * Biases that were added in the table of a model without centring play no part: neither in scores,
 * which a search computes without them, nor in explanations.
 */
static void
test_edited_biases(void)
{
	Training   *t = new_training(&svd_algorithm, small, NULL, 6, 5, FEEDBACK_IMPLICIT);
	Profile		profile;
	InnerProduct product;
	void	   *query;
	float		before[5];
	float		scores[5];

	train(t);
	profile = user_profile(t, 0);
	query = new_query(&t->model, &profile);
	svd_algorithm.score_items(&t->model, query, NULL, 0, 5, before);
	for (int i = 0; i < 5; i++)
		t->model.sides[SIDE_ITEMS].values[0][i] = (float) (i + 1);
	svd_algorithm.score_items(&t->model, query, NULL, 0, 5, scores);
	for (int i = 0; i < 5; i++)
		CHECK(scores[i] == before[i]);
	CHECK(svd_algorithm.inner_product(&t->model, &product) && product.bias == NULL);
	check_answers(&t->model, &profile);
	free(query);
	free_training(t);
}

/*
 * Profiles with ratings of any size, and factors that are no singular vectors, as a table may hold
 * them.
 */
static void
test_large_profiles(void)
{
	for (Feedback feedback = FEEDBACK_EXPLICIT; feedback <= FEEDBACK_IMPLICIT; feedback++)
	{
		for (int centering = 0; centering < 5; centering++)
		{
			Training   *t = new_training(&svd_algorithm, small, NULL, 6, 5, feedback);
			Profile		profile;

			set_option(t, "factors", 3);
			set_option(t, "centering", centering);
			train(t);
			for (int i = 0; i < 5; i++)
				for (int f = 0; f < 3; f++)
					t->model.sides[SIDE_ITEMS]
						.values[1][i * column_stride(&t->model.sides[SIDE_ITEMS].columns[1]) + f] *=
						100;
			model_prepare(&t->model);
			profile = user_profile(t, 0);
			check_large_profiles(&t->model, &profile);
			free_training(t);
		}
	}
}

int
main(void)
{
	test_values(5, 15, 1);
	test_values(32, 15, 1);
	test_values(32, 3, 1);
	test_values(130, 1, 1);
	test_values(8, 15, 1e-12);
	test_values(8, 15, 1e15);
	test_rank_one();
	test_centering();
	test_order(FEEDBACK_EXPLICIT);
	test_order(FEEDBACK_IMPLICIT);
	test_degenerate();
	test_similar();
	test_large_profiles();
	test_edited_numbers();
	test_edited_biases();
	return passed("svd");
}
