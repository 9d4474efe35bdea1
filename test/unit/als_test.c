/*
 * als_test.c
 *	  ALS through the contract for algorithms: a training solves its least-squares problems,
 *	  whichever worker computes which rows.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include "kernel/random.h"

static double
get_option(const Training *t, const char *name)
{
	const Option *o = training_find_option(t, name);
	const char *value = t->options + o->offset;

	return o->type == OPTION_REAL ? *(const double *) value :
		o->type == OPTION_BOOLEAN ? *(const bool *) value : *(const int32_t *) value;
}

/* A training with the exact solver in all iterations, unless a test sets another. */
static Training *
als_training(const double *dense, int n_users, int n_items, Feedback feedback)
{
	Training   *t = new_training(find_algorithm("als"), dense, NULL, n_users, n_items, feedback);

	set_option(t, "factors", 3);
	set_option(t, "iterations", 10);
	set_option(t, "tolerance", 0);
	set_option(t, "regularization", 0.5);
	set_option(t, "regularization_scaling", 0);
	set_option(t, "alpha", 2);
	set_option(t, "biases", 1);
	set_choice(t, "solver", "cholesky");
	set_option(t, "block_size", 16);
	return t;
}

/* The loss at the end of the training, which stops when an iteration does not lower the loss. */
static double
last_loss(const Training *t)
{
	CHECK(t->iterations > 0);
	return t->losses[t->iterations - 1];
}

static float
bias_of(const Side *side, int64_t row)
{
	return side->values[0][row];
}

static const float *
factors_of(const Side *side, int64_t row)
{
	return side->values[1] + row * column_stride(&side->columns[1]);
}

static double
product(const Training *t, int user, int item)
{
	double		sum = 0;

	for (int f = 0; f < (int) get_option(t, "factors"); f++)
		sum += (double) factors_of(&t->model.sides[SIDE_USERS], user)[f] *
			   factors_of(&t->model.sides[SIDE_ITEMS], item)[f];
	return sum;
}

/* ---- an independent reference ---- */

/* The unit in which the regularization of factors is given. */
static double
scale_of(const Training *t)
{
	return get_option(t, "feedback") == FEEDBACK_EXPLICIT ? t->model.scale.deviation : 1;
}

static double
lambda_of(const Training *t, int64_t n_ratings)
{
	return get_option(t, "regularization") * pow(n_ratings, get_option(t,
	"regularization_scaling"));
}

/*
 * Solves for x (k factors, then the bias) of a user, straight from the definition over the dense
 * matrix.
 */
static void
reference_user(const Training *t, const double *dense, int user, double *x)
{
	int			k = (int) get_option(t, "factors");
	int			n_items = (int) t->ratings.by_user.n_columns;
	int			explicit = get_option(t, "feedback") == FEEDBACK_EXPLICIT;
	int			unknowns = explicit ? k + 1 : k;
	double	   *a = zeroed(sizeof(double) * (k + 1) * (k + 1));

	memset(x, 0, sizeof(double) * (k + 1));
	for (int j = 0; j < n_items; j++)
	{
		double		rating = dense[user * n_items + j];
		double		weight;
		double		target;
		double		feature[64];

		for (int f = 0; f < k; f++)
			feature[f] = factors_of(&t->model.sides[SIDE_ITEMS], j)[f];
		feature[k] = 1;
		if (explicit)
		{
			weight = isnan(rating) ? 0 : 1;
			target = isnan(rating)
						 ? 0
						 : rating - t->model.scale.mean - bias_of(&t->model.sides[SIDE_ITEMS], j);
		}
		else
		{
			weight = isnan(rating) ? 1 : 1 + get_option(t, "alpha") * rating;
			target = isnan(rating) ? 0 : 1;
		}
		for (int r = 0; r < unknowns; r++)
		{
			for (int c = 0; c < unknowns; c++)
				a[r * unknowns + c] += weight * feature[r] * feature[c];
			x[r] += weight * target * feature[r];
		}
	}
	for (int r = 0; r < unknowns; r++)
		a[r * unknowns + r] +=
			lambda_of(t, t->model.sides[SIDE_USERS].n_ratings[user]) * (r < k ? scale_of(t) : 1);
	gauss(a, x, unknowns);
	free(a);
}

/* The loss, straight from the definition. */
static double
reference_loss(const Training *t, const double *dense)
{
	int			k = (int) get_option(t, "factors");
	int64_t		n_users = t->ratings.by_user.n_rows;
	int64_t		n_items = t->ratings.by_item.n_rows;
	const Side *sides[] = {&t->model.sides[SIDE_USERS], &t->model.sides[SIDE_ITEMS]};
	double		loss = 0;

	for (int u = 0; u < n_users; u++)
	{
		for (int i = 0; i < n_items; i++)
		{
			double		rating = dense[u * n_items + i];

			if (get_option(t, "feedback") == FEEDBACK_EXPLICIT)
			{
				if (!isnan(rating))
					loss +=
						pow(rating - t->model.scale.mean - bias_of(&t->model.sides[SIDE_USERS], u) -
								bias_of(&t->model.sides[SIDE_ITEMS], i) - product(t, u, i),
							2);
			}
			else
				loss += isnan(rating) ? pow(product(t, u, i), 2) :
					(1 + get_option(t, "alpha") * rating) * pow(1 - product(t, u, i), 2);
		}
	}
	for (int s = 0; s < 2; s++)
	{
		for (int64_t r = 0; r < sides[s]->n_rows; r++)
		{
			double		squared = pow(bias_of(sides[s], r), 2);

			for (int f = 0; f < k; f++)
				squared += scale_of(t) * pow(factors_of(sides[s], r)[f], 2);
			loss += lambda_of(t, sides[s]->n_ratings[r]) * squared;
		}
	}
	return loss;
}

#define X NAN

/* cholesky, cg, block */
#define N_SOLVERS 3

/* 6 users, 5 items, 18 ratings */
static const double small[] = {
	5, 3, X, 1, X,
	4, X, X, 1, 2,
	1, 1, X, 5, X,
	1, X, X, 4, 4,
	X, 1, 5, 4, X,
	2, X, 3, X, 1
};

static void
test_against_reference(Feedback feedback, double scaling)
{
	Training   *t = als_training(small, 6, 5, feedback);
	void	   *query;
	void	   *scratch;

	set_option(t, "regularization_scaling", scaling);
	train(t);
	CHECK(t->failure == NULL);
	CHECK(t->iterations == 10);
	CHECK_NEAR(t->losses[9] / reference_loss(t, small), 1, 1e-6);
	for (int i = 1; i < 10; i++)
		CHECK(t->losses[i] <= t->losses[i - 1]);

	query = zeroed(model_query_bytes(&t->model, 0));
	scratch = zeroed(model_query_scratch_bytes(&t->model, 5));
	for (int u = 0; u < 6; u++)
	{
		double		x[4];
		float		scores[5];
		bool		alone;
		int64_t		first = t->ratings.by_user.start[u];
		Profile		profile = {.n = t->ratings.by_user.start[u + 1] - first,
						   .items = t->ratings.by_user.column + first,
						   .ratings = t->ratings.by_user.value + first};

		/* the stored user is the least-squares solution for the stored items */
		reference_user(t, small, u, x);
		for (int f = 0; f < 3; f++)
			CHECK_NEAR(factors_of(&t->model.sides[SIDE_USERS], u)[f], x[f], 1e-4);
		if (feedback == FEEDBACK_EXPLICIT)
			CHECK_NEAR(bias_of(&t->model.sides[SIDE_USERS], u), x[3], 1e-4);

		/*
		 * folding in the user's ratings gives the same vector; one score and many are the same to
		 * the bit
		 */
		model_make_queries(&t->model, &profile, 1, query, 0, &alone, scratch);
		CHECK(alone);
		t->model.algorithm->score_items(&t->model, query, NULL, 0, 5, scores);
		for (int i = 0; i < 5; i++)
		{
			double		expected = product(t, u, i);

			if (feedback == FEEDBACK_EXPLICIT)
				expected += t->model.scale.mean + bias_of(&t->model.sides[SIDE_USERS], u) +
							bias_of(&t->model.sides[SIDE_ITEMS], i);
			CHECK_NEAR(scores[i], expected, 1e-5);
			CHECK(model_score_item(&t->model, query, i) == scores[i]);
		}

		check_answers(&t->model, &profile);

		/* the contributions of the ratings add up to the score */
		for (int i = 0; i < 5; i++)
		{
			void	   *explain_scratch = zeroed(model_explain_scratch_bytes(&t->model, profile.n));
			float		contributions[5];
			float		baseline;
			double		sum;

			t->model.algorithm->explain(&t->model, &profile, query, i, contributions, &baseline,
										explain_scratch);
			sum = baseline;
			for (int64_t j = 0; j < profile.n; j++)
				sum += contributions[j];
			CHECK_NEAR(sum, scores[i], 1e-5);
			/* explicit: scores are linear in the ratings, and a contribution is a rating's part */
			for (int64_t j = 0; j < profile.n && feedback == FEEDBACK_EXPLICIT; j++)
			{
				double		target = profile.ratings[j] - t->model.scale.mean -
								bias_of(&t->model.sides[SIDE_ITEMS], profile.items[j]);
				float		kept = profile.ratings[j];
				void	   *other;

				((float *) profile.ratings)[j] = kept + 1;
				other = new_query(&t->model, &profile);
				((float *) profile.ratings)[j] = kept;
				CHECK_NEAR(contributions[j],
						   target * (model_score_item(&t->model, other, i) - scores[i]), 1e-4);
				free(other);
			}
			CHECK_NEAR(baseline,
					   feedback == FEEDBACK_EXPLICIT
						   ? t->model.scale.mean + bias_of(&t->model.sides[SIDE_ITEMS], i)
						   : 0,
					   1e-6);
			free(explain_scratch);
		}
	}
	check_users(t, 0);
	free(query);
	free(scratch);
	free_training(t);
}

/*
 * Queries that are made together equal queries made one by one, to the bit: 40 queries, more than
 * are solved at once, some with an empty profile, and one with a rating that is not finite, which
 * does not affect the others.
 */
static void
test_queries_together(Feedback feedback)
{
	Training   *t = als_training(small, 6, 5, feedback);
	size_t		bytes;
	char	   *together;
	void	   *query;
	void	   *scratch;
	int64_t		start[41] = {0};
	int32_t		column[200];
	float		value[200];
	bool		made[40];
	Profile		profiles[40];

	train(t);
	for (int u = 0; u < 40; u++)
	{
		start[u + 1] = start[u];
		for (int i = 0; i < 5; i++)
		{
			if ((u * 7 + i * 3) % 5 >= u % 6)
				continue;
			column[start[u + 1]] = i;
			value[start[u + 1]++] = u == 17 ? 3e38f : (float) (1 + (u + i) % 5);
		}
	}
	bytes = model_query_bytes(&t->model, 5);
	together = zeroed(bytes * 40);
	query = zeroed(bytes);
	scratch = zeroed(model_query_scratch_bytes(&t->model, 5));
	for (int u = 0; u < 40; u++)
		profiles[u] = (Profile){
			.n = start[u + 1] - start[u], .items = column + start[u], .ratings = value + start[u]};
	model_make_queries(&t->model, profiles, 40, together, bytes, made, scratch);
	for (int u = 0; u < 40; u++)
	{
		float		scores[2][5];
		bool		alone;

		model_make_queries(&t->model, &profiles[u], 1, query, 0, &alone, scratch);
		CHECK(alone == made[u]);
		CHECK(made[u] == (u != 17));
		if (!made[u])
			continue;
		t->model.algorithm->score_items(&t->model, query, NULL, 0, 5, scores[0]);
		t->model.algorithm->score_items(&t->model, together + u * bytes, NULL, 0, 5, scores[1]);
		CHECK(memcmp(scores[0], scores[1], sizeof(scores[0])) == 0);
	}
	free(together);
	free(query);
	free(scratch);
	free_training(t);
}

/* An unknown user: mean + bias with explicit feedback; nothing with implicit. */
static void
test_unknown(Feedback feedback)
{
	Training   *t = als_training(small, 6, 5, feedback);
	void	   *query;
	void	   *scratch;

	train(t);
	query = zeroed(model_query_bytes(&t->model, 0));
	scratch = zeroed(model_query_scratch_bytes(&t->model, 0));
	model_make_unknown_query(&t->model, query, scratch);
	for (int i = 0; i < 5; i++)
		CHECK_NEAR(model_score_item(&t->model, query, i),
				   feedback == FEEDBACK_EXPLICIT
					   ? t->model.scale.mean + bias_of(&t->model.sides[SIDE_ITEMS], i)
					   : 0,
				   1e-6);
	/* and an unknown item */
	CHECK_NEAR(model_score_item(&t->model, query, -1),
			   feedback == FEEDBACK_EXPLICIT ? t->model.scale.mean : 0, 1e-6);
	free(query);
	free(scratch);
	free_training(t);
}

#define PLANTED_USERS 200
#define PLANTED_ITEMS 150

/* A matrix of rank 3; `hidden` has the entries that no training sees. */
static void
plant(double *dense, double *hidden)
{
	for (int u = 0; u < PLANTED_USERS; u++)
	{
		for (int i = 0; i < PLANTED_ITEMS; i++)
		{
			double		value = 0;
			int			at = u * PLANTED_ITEMS + i;

			for (int f = 0; f < 3; f++)
				value += random_normal(1, u * 3 + f) * random_normal(2, i * 3 + f);
			dense[at] = random_bits(3, at) % 10 < 4 ? value : NAN;
			hidden[at] = isnan(dense[at]) ? value : NAN;
		}
	}
}

static void
test_planted(int solver)
{
	static double dense[PLANTED_USERS * PLANTED_ITEMS];
	static double hidden[PLANTED_USERS * PLANTED_ITEMS];
	Training   *t;
	double		squared = 0;
	int			n = 0;

	plant(dense, hidden);
	t = als_training(dense, PLANTED_USERS, PLANTED_ITEMS, FEEDBACK_EXPLICIT);
	set_option(t, "regularization", 0.001);
	set_option(t, "iterations", 60);
	set_option(t, "solver", solver);
	train(t);
	for (int at = 0; at < PLANTED_USERS * PLANTED_ITEMS; at++)
	{
		int			u = at / PLANTED_ITEMS;
		int			i = at % PLANTED_ITEMS;

		if (isnan(hidden[at]))
			continue;
		squared += pow(t->model.scale.mean + bias_of(&t->model.sides[SIDE_USERS], u) +
						   bias_of(&t->model.sides[SIDE_ITEMS], i) + product(t, u, i) - hidden[at],
					   2);
		n++;
	}
	CHECK(n > 17000);
	CHECK(sqrt(squared / n) < 0.01);
	free_training(t);
}

/* The result is the same to the bit for any blocks and order of rows. */
static void
test_order(Feedback feedback, int solver)
{
	static double dense[PLANTED_USERS * PLANTED_ITEMS];
	static double hidden[PLANTED_USERS * PLANTED_ITEMS];
	Training   *t[3];

	plant(dense, hidden);
	for (int at = 0; at < PLANTED_USERS * PLANTED_ITEMS; at++)
		dense[at] = fabs(dense[at]);
	for (int i = 0; i < 3; i++)
	{
		t[i] = als_training(dense, PLANTED_USERS, PLANTED_ITEMS, feedback);
		set_option(t[i], "factors", 17);
		set_option(t[i], "solver", solver);
		t[i]->backwards = i == 1;
		t[i]->block = i == 2 ? 7 : 0;
		train(t[i]);
		CHECK(t[i]->failure == NULL);
		CHECK(t[i]->losses[9] == t[0]->losses[9]);
		CHECK(memcmp(t[i]->model.sides[SIDE_USERS].values[1],
					 t[0]->model.sides[SIDE_USERS].values[1],
					 sizeof(float) * 32 * PLANTED_USERS) == 0);
		CHECK(memcmp(t[i]->model.sides[SIDE_ITEMS].values[1],
					 t[0]->model.sides[SIDE_ITEMS].values[1],
					 sizeof(float) * 32 * PLANTED_ITEMS) == 0);
	}
	for (int i = 0; i < 3; i++)
		free_training(t[i]);
}

/* The iterative solvers reach the loss of the exact solver, and never raise the loss on the way. */
static void
test_solvers(Feedback feedback)
{
	double		loss[N_SOLVERS];

	for (int solver = 0; solver < N_SOLVERS; solver++)
	{
		Training   *t = als_training(small, 6, 5, feedback);

		set_option(t, "iterations", 200);
		set_option(t, "solver", solver);
		train(t);
		loss[solver] = last_loss(t);
		CHECK_NEAR(loss[solver] / reference_loss(t, small), 1, 1e-6);
		for (int i = 1; i < t->iterations; i++)
			CHECK(t->losses[i] <= t->losses[i - 1]);
		free_training(t);
		CHECK_NEAR(loss[solver] / loss[0], 1, 0.01);
	}
}

/* A training on the planted matrix with positive ratings. */
static Training *
planted_training(Feedback feedback, int factors, int solver, int block_size, int iterations)
{
	static double dense[PLANTED_USERS * PLANTED_ITEMS];
	static double hidden[PLANTED_USERS * PLANTED_ITEMS];
	Training   *t;

	plant(dense, hidden);
	for (int at = 0; at < PLANTED_USERS * PLANTED_ITEMS; at++)
		dense[at] = fabs(dense[at]);
	t = als_training(dense, PLANTED_USERS, PLANTED_ITEMS, feedback);
	set_option(t, "factors", factors);
	set_option(t, "solver", solver);
	set_option(t, "block_size", block_size);
	set_option(t, "iterations", iterations);
	set_option(t, "regularization", 2);
	train(t);
	CHECK(t->failure == NULL);
	check_users(t, solver == 0 ? 0 : 0.1);
	return t;
}

/*
 * Blocks of factors. One block of all factors is the exact solver. Several blocks reach its loss,
 * within 1 % in twice the iterations, whether or not their size divides the number of factors.
 * Sizes that are rounded up to the same size give the same result, to the bit.
 */
static void
test_blocks(Feedback feedback)
{
	Training   *exact = planted_training(feedback, 40, 0, 16, 10);
	Training   *rounded = planted_training(feedback, 40, 2, 1, 20);
	static const int sizes[] = {16, 32, 40, 64, 1024};

	for (int i = 0; i < 5; i++)
	{
		Training   *t = planted_training(feedback, 40, 2, sizes[i], 20);

		if (sizes[i] >= 40)
		{
			for (int j = 0; j < 10; j++)
				CHECK_NEAR(t->losses[j] / exact->losses[j], 1, 1e-4);
		}
		CHECK(last_loss(t) < 1.01 * last_loss(exact));
		for (int j = 1; j < t->iterations; j++)
			CHECK(t->losses[j] <= t->losses[j - 1]);
		if (sizes[i] == 16)
			CHECK(last_loss(t) == last_loss(rounded));
		else
			CHECK(last_loss(t) != last_loss(rounded));
		free_training(t);
	}
	free_training(exact);
	free_training(rounded);
}

/*
 * Option nonnegative: no factor is negative, the loss falls, but not below that of factors of any
 * sign, a profile is folded in likewise, contributions add up, and the option solver has no effect.
 */
static void
test_nonnegative(Feedback feedback)
{
	static double dense[PLANTED_USERS * PLANTED_ITEMS];
	static double hidden[PLANTED_USERS * PLANTED_ITEMS];
	Training   *free_signs = planted_training(feedback, 6, 0, 16, 60);
	Training   *t[3];
	int			zeros = 0;

	plant(dense, hidden);
	for (int at = 0; at < PLANTED_USERS * PLANTED_ITEMS; at++)
		dense[at] = fabs(dense[at]);
	for (int solver = 0; solver < N_SOLVERS; solver++)
	{
		t[solver] = als_training(dense, PLANTED_USERS, PLANTED_ITEMS, feedback);
		set_option(t[solver], "factors", 6);
		set_option(t[solver], "nonnegative", 1);
		set_option(t[solver], "solver", solver);
		set_option(t[solver], "iterations", 60);
		set_option(t[solver], "regularization", 2);
		train(t[solver]);
		CHECK(t[solver]->failure == NULL);
		CHECK(t[solver]->iterations == t[0]->iterations);
		CHECK(last_loss(t[solver]) == last_loss(t[0]));
	}
	for (int i = 1; i < t[0]->iterations; i++)
		CHECK(t[0]->losses[i] <= t[0]->losses[i - 1]);
	CHECK(last_loss(t[0]) >= last_loss(free_signs));
	for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
		for (int64_t row = 0; row < t[0]->model.sides[side].n_rows; row++)
			for (int f = 0; f < 6; f++)
			{
				CHECK(factors_of(&t[0]->model.sides[side], row)[f] >= 0);
				zeros += factors_of(&t[0]->model.sides[side], row)[f] == 0;
			}
	CHECK(zeros > 100);
	check_users(t[0], 1e-4);
	for (int user = 0; user < 10; user++)
	{
		Profile		profile = user_profile(t[0], user);

		check_answers(&t[0]->model, &profile);
	}
	for (int solver = 0; solver < N_SOLVERS; solver++)
		free_training(t[solver]);
	free_training(free_signs);
}

/*
 * One user with two fifths of all ratings, more than are processed together: a unit of work of its
 * own. Its solution is the one by definition, with every solver (conjugate gradient: nearly), and
 * does not depend on the order of work.
 */
static void
test_large_row(Feedback feedback, int solver)
{
	enum
	{
		LARGE_USERS = 70, LARGE_ITEMS = 3000
	};
	double	   *dense = zeroed(sizeof(double) * LARGE_USERS * LARGE_ITEMS);
	Training   *t[2];

	for (int at = 0; at < LARGE_USERS * LARGE_ITEMS; at++)
		dense[at] = at / LARGE_ITEMS == 50 || random_bits(11, at) % 50 == 0 ||
							at / LARGE_ITEMS == at % LARGE_ITEMS
						? 1 + (double) (random_bits(12, at) % 5)
						: NAN;
	for (int i = 0; i < 2; i++)
	{
		double		x[4];

		t[i] = als_training(dense, LARGE_USERS, LARGE_ITEMS, feedback);
		set_option(t[i], "solver", solver);
		set_option(t[i], "iterations", 6);
		t[i]->backwards = i == 1;
		train(t[i]);
		CHECK(t[i]->failure == NULL);
		CHECK(t[i]->iterations == t[0]->iterations);
		CHECK(last_loss(t[i]) == last_loss(t[0]));
		CHECK_NEAR(last_loss(t[i]) / reference_loss(t[i], dense), 1, 1e-6);
		for (int user = 49; user <= 51; user++)
		{
			reference_user(t[i], dense, user, x);
			for (int f = 0; f < 3; f++)
				CHECK_NEAR(factors_of(&t[i]->model.sides[SIDE_USERS], user)[f], x[f],
						   solver == 1 ? 0.1 : 1e-3);
			if (feedback == FEEDBACK_EXPLICIT)
				CHECK_NEAR(bias_of(&t[i]->model.sides[SIDE_USERS], user), x[3],
						   solver == 1 ? 0.1 : 1e-3);
		}
		CHECK(memcmp(t[i]->model.sides[SIDE_ITEMS].values[1],
					 t[0]->model.sides[SIDE_ITEMS].values[1],
					 sizeof(float) * 16 * LARGE_ITEMS) == 0);
	}
	for (int i = 0; i < 2; i++)
		free_training(t[i]);
	free(dense);
}

/*
 * No regularization, hardly any ratings, more factors than rows, huge regularization: results are
 * always finite.
 */
static void
test_degenerate(Feedback feedback, int solver)
{
	static const double one[] = {3};
	static const double equal[] = {2, 2, X, 2, 2, 2};
	const struct
	{
		const double *dense;
		int			n_users;
		int			n_items;
	}			cases[] = {{one, 1, 1}, {equal, 2, 3}, {equal, 6, 1}, {equal, 1, 6}, {small, 6, 5}};

	for (int c = 0; c < 5; c++)
	{
		const double strengths[] = {0, 1e-12, 1e12};

		for (int s = 0; s < 3; s++)
		{
			Training   *t;

			/* every item has a rating in this case */
			if (cases[c].dense == equal && cases[c].n_users == 1)
				continue;
			t = als_training(cases[c].dense, cases[c].n_users, cases[c].n_items, feedback);
			set_option(t, "factors", 20);
			set_option(t, "iterations", 50);
			set_option(t, "regularization", strengths[s]);
			set_option(t, "solver", solver);
			train(t);
			CHECK(t->failure == NULL);
			CHECK(isfinite(last_loss(t)));
			for (int u = 0; u < cases[c].n_users; u++)
				for (int i = 0; i < cases[c].n_items; i++)
					CHECK(isfinite(product(t, u, i)));
			/* without regularization 20 factors fit all ratings */
			if (strengths[s] == 0 && solver != 1 && feedback == FEEDBACK_EXPLICIT)
				CHECK_NEAR(last_loss(t), 0, 1e-2);
			free_training(t);
		}
	}
}

/*
 * Similarities of items whose numbers of ratings were changed in the table: negative numbers count
 * as 0, and sums do not overflow.
 */
static void
test_edited(void)
{
	/* two items with like ratings, and a third item */
	static const double dense[] = {
		5, 5, 1,
		1, 1, 5,
		4, 4, 2
	};
	Training   *t = new_training(&als_algorithm, dense, NULL, 3, 3, FEEDBACK_EXPLICIT);
	float		similarity[3];

	set_option(t, "factors", 2);
	set_option(t, "regularization", 0.1);
	train(t);
	t->model.sides[SIDE_ITEMS].n_ratings[0] = INT32_MAX;
	t->model.sides[SIDE_ITEMS].n_ratings[1] = INT32_MAX - 5;
	t->model.sides[SIDE_ITEMS].n_ratings[2] = -10;
	als_algorithm.similar_items(&t->model, 0, 0, 3, similarity);
	CHECK_NEAR(similarity[0], 1, 1e-5);
	CHECK_NEAR(similarity[1], 1, 1e-3);
	CHECK(similarity[2] == 0);
	free_training(t);
}

/*
 * Items with long vectors, as in a model with little regularization; profiles with ratings of any
 * size.
 */
static void
test_large_profiles(Feedback feedback)
{
	static const double dense[] = {
		500, 100, NAN,
		100, NAN, 500,
		NAN, 400, 200
	};
	Training   *t = new_training(&als_algorithm, dense, NULL, 3, 3, feedback);
	Profile		profile;

	set_option(t, "factors", 2);
	set_option(t, "regularization", 1e-3);
	train(t);
	for (int i = 0; i < 3; i++)
		for (int f = 0; f < 2; f++)
			t->model.sides[SIDE_ITEMS]
				.values[1][i * column_stride(&t->model.sides[SIDE_ITEMS].columns[1]) + f] =
				i == f	 ? 40
				: i == 2 ? 9000
						 : -30;
	model_prepare(&t->model);
	profile = user_profile(t, 0);
	check_large_profiles(&t->model, &profile);
	free_training(t);
}

/* ---- items with features ---- */

/* Whether two trainings have the same numbers, to the bit. */
static void
check_same(const Training *a, const Training *b)
{
	for (int s = 0; s < N_SIDES; s++)
	{
		const Side *x = &a->model.sides[s];
		const Side *y = &b->model.sides[s];

		CHECK(x->n_rows == y->n_rows);
		/* the bias and the factors come first */
		for (int c = 0; c < 2 && x->n_columns > 0; c++)
		{
			int64_t		n = x->n_rows * column_stride(&x->columns[c]);

			CHECK(memcmp(x->values[c], y->values[c], sizeof(float) * (size_t) n) == 0);
		}
	}
}

/* A number of the prior of an item or user: the bias, or a factor. */
static double
prior_of(const Training *t, SideKind kind, int row, int column, int number)
{
	const SparseMatrix *m =
		kind == SIDE_ITEMS ? &t->ratings.item_features.by_row : &t->ratings.user_features.by_row;
	const Side *map = &t->model.sides[side_of_features(kind)];
	double		sum = 0;

	for (int64_t e = m->start[row]; e < m->start[row + 1]; e++)
		sum += (double) m->value[e] *
			   map->values[column][m->column[e] * column_stride(&map->columns[column]) + number];
	return sum;
}

/* What the loss has for rows with features in place of the distance from zero. */
static double
reference_map_loss(const Training *t, SideKind kind)
{
	int			k = (int) get_option(t, "factors");
	const Side *side = &t->model.sides[kind];
	const Side *map = &t->model.sides[side_of_features(kind)];
	double		weights = 0;
	double		weighed = 0;
	double		loss = 0;

	for (int64_t i = 0; i < side->n_rows && map->n_rows > 0; i++)
	{
		double		lambda = side->n_ratings[i] == 0 ? 0 : lambda_of(t, side->n_ratings[i]);

		weights += lambda;
		weighed += lambda > 0;
		loss += lambda * (pow(bias_of(side, i) - prior_of(t, kind, (int) i, 0, 0), 2) -
						  pow(bias_of(side, i), 2));
		for (int f = 0; f < k; f++)
			loss += lambda * scale_of(t) *
					(pow(factors_of(side, i)[f] - prior_of(t, kind, (int) i, 1, f), 2) -
					 pow(factors_of(side, i)[f], 2));
	}
	for (int64_t f = 0; f < map->n_rows; f++)
	{
		double		squares = pow(bias_of(map, f), 2);

		for (int j = 0; j < k; j++)
			squares += scale_of(t) * pow(factors_of(map, f)[j], 2);
		loss += get_option(t, "attribute_regularization") * weights / weighed * squares;
	}
	return loss;
}

/*
 * The loss is the one of the definition and never rises; an item that nobody has rated is what its
 * features say; the order of the blocks changes no bit; a stored user equals the user's profile
 * with the user's features.
 */
static void
test_features(Feedback feedback, const char *solver, bool nonnegative, bool of_users)
{
	/* nobody has rated item 3 */
	static const double dense[] = {
		5, 3, X, X, 1, 2, X, 4,
		4, X, X, X, 2, X, 3, X,
		1, 1, X, X, X, 4, X, 2,
		1, X, 4, X, 4, X, X, 5,
		X, 1, 5, X, X, 3, 1, X,
		2, X, 3, X, 1, X, 5, 1,
		X, 4, X, X, 3, 2, X, X
	};
	Training   *t[2];
	const Side *items;

	for (int i = 0; i < 2; i++)
	{
		t[i] = als_training(dense, 7, 8, feedback);
		training_add_item_features(t[i]);
		if (of_users)
			training_add_user_features(t[i]);
		set_choice(t[i], "solver", solver);
		set_option(t[i], "nonnegative", nonnegative);
		set_option(t[i], "regularization_scaling", 0.5);
		set_option(t[i], "attribute_regularization", 0.5);
		t[i]->backwards = i;
		t[i]->block = i;
		train(t[i]);
		CHECK(t[i]->failure == NULL);
	}
	check_same(t[0], t[1]);
	items = &t[0]->model.sides[SIDE_ITEMS];
	for (int i = 1; i < t[0]->iterations; i++)
		CHECK(t[0]->losses[i] <= t[0]->losses[i - 1]);
	for (int f = 0; f < 3; f++)
	{
		double		prior = prior_of(t[0], SIDE_ITEMS, 3, 1, f);

		CHECK_NEAR(factors_of(items, 3)[f], nonnegative ? fmax(0, prior) : prior, 1e-6);
	}
	CHECK_NEAR(bias_of(items, 3), prior_of(t[0], SIDE_ITEMS, 3, 0, 0), 1e-6);
	CHECK(prior_of(t[0], SIDE_ITEMS, 3, 1, 0) != 0 && (bias_of(items, 3) != 0) == (feedback == 0));
	for (int u = 0; u < 7; u++)
	{
		Profile		profile = user_profile(t[0], u);

		check_answers(&t[0]->model, &profile);
	}
	if (strcmp(solver, "cholesky") == 0)
		check_users(t[0], nonnegative ? 1e-4 : 0);
	/* for missing events the definition knows no items that do not count: the item becomes zero */
	memset((float *) factors_of(items, 3), 0, sizeof(float) * 3);
	CHECK_NEAR(last_loss(t[0]) / (reference_loss(t[0], dense) +
								  reference_map_loss(t[0], SIDE_ITEMS) +
								  reference_map_loss(t[0], SIDE_USERS)),
			   1, 1e-5);
	for (int i = 0; i < 2; i++)
		free_training(t[i]);
}

/*
 * Features of ten numbers, of which the items' factors are a linear map: items that are held out as
 * a whole are ranked as the true factors rank them.
 */
static void
test_planted_map(Feedback feedback)
{
	enum
	{
		USERS = 200,
		ITEMS = 300,
		FEATURES = 10,
		K = 3
	};
	double	   *dense = zeroed(sizeof(double) * USERS * ITEMS);
	double	   *truth = zeroed(sizeof(double) * USERS * ITEMS);
	double	   *feature = zeroed(sizeof(double) * ITEMS * FEATURES);
	double		gained = 0;
	double		possible = 0;
	Training   *t;
	Features   *features;

	for (int i = 0; i < ITEMS * FEATURES; i++)
		feature[i] = random_normal(11, (uint64_t) i);
	for (int u = 0; u < USERS; u++)
	{
		for (int i = 0; i < ITEMS; i++)
		{
			double		score = 0;

			for (int k = 0; k < K; k++)
			{
				double		y = 0;

				for (int f = 0; f < FEATURES; f++)
					y += feature[i * FEATURES + f] *
						 random_normal(12, (uint64_t) (f * K + k)) / sqrt(FEATURES);
				score += y * random_normal(13, (uint64_t) (u * K + k));
			}
			truth[u * ITEMS + i] = score;
			dense[u * ITEMS + i] = X;
			/* three items of ten are held out; of the others a third is rated, or all that is liked
			 * is bought */
			if (i % 10 < 3)
				continue;
			if (feedback == FEEDBACK_IMPLICIT)
				dense[u * ITEMS + i] = score > 0.5 ? 1 : X;
			else if (random_bits(14, (uint64_t) (u * ITEMS + i)) % 3 == 0)
				dense[u * ITEMS + i] = 3 + score;
		}
	}
	t = new_training(&als_algorithm, dense, NULL, USERS, ITEMS, feedback);
	training_add_item_features(t);
	features = &t->ratings.item_features;
	free(features->by_row.column);
	free(features->by_row.value);
	features->by_row.n_columns = FEATURES;
	features->by_row.column = zeroed(sizeof(int32_t) * ITEMS * FEATURES);
	features->by_row.value = zeroed(sizeof(float) * ITEMS * FEATURES);
	for (int i = 0; i < ITEMS * FEATURES; i++)
	{
		features->by_row.column[i] = i % FEATURES;
		features->by_row.value[i] = (float) feature[i];
		features->by_row.start[i / FEATURES + 1] = i + 1;
	}
	set_option(t, "factors", 8);
	if (feedback == FEEDBACK_EXPLICIT)
		set_option(t, "regularization", 0.1);
	train(t);
	CHECK(t->failure == NULL);
	/* dcg of the five best held-out items of each user; the gain is what a rating or event says */
	for (int u = 0; u < USERS; u++)
	{
		for (int by_truth = 0; by_truth < 2; by_truth++)
		{
			bool		taken[ITEMS] = {0};

			for (int rank = 0; rank < 5; rank++)
			{
				int			best = -1;
				double		best_score = -INFINITY;

				for (int i = 0; i < ITEMS; i++)
				{
					double		score = by_truth ? truth[u * ITEMS + i]
												 : product(t, u, i) +
													   bias_of(&t->model.sides[SIDE_ITEMS], i);

					if (i % 10 >= 3 || taken[i] || !(score > best_score))
						continue;
					best = i;
					best_score = score;
				}
				taken[best] = true;
				*(by_truth ? &possible : &gained) +=
					(feedback == FEEDBACK_EXPLICIT ? truth[u * ITEMS + best]
												   : truth[u * ITEMS + best] > 0.5) /
					log2(rank + 2);
			}
		}
	}
	CHECK(gained > 0.98 * possible);
	free(dense);
	free(truth);
	free(feature);
	free_training(t);
}

int
main(void)
{
	for (Feedback feedback = FEEDBACK_EXPLICIT; feedback <= FEEDBACK_IMPLICIT; feedback++)
	{
		test_against_reference(feedback, 0);
		test_against_reference(feedback, 1);
		test_queries_together(feedback);
		test_unknown(feedback);
		test_large_profiles(feedback);
		test_solvers(feedback);
		test_blocks(feedback);
		test_nonnegative(feedback);
		test_features(feedback, "cholesky", false, false);
		test_features(feedback, "cholesky", false, true);
		test_features(feedback, "cg", false, true);
		test_features(feedback, "block", false, true);
		test_features(feedback, "cholesky", true, true);
		test_planted_map(feedback);
		for (int solver = 0; solver < N_SOLVERS; solver++)
		{
			test_large_row(feedback, solver);
			test_order(feedback, solver);
			test_degenerate(feedback, solver);
		}
	}
	for (int solver = 0; solver < N_SOLVERS; solver++)
		test_planted(solver);
	test_edited();
	return passed("als");
}
