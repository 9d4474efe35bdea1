/*
 * fm_test.c
 *	  Factorisation machines through the contract for algorithms: the scores are those of the
 *	  published equation, and a training ends where the gradient of its loss is zero.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include "kernel/random.h"

#define X NAN

static const Algorithm *
fm(void)
{
	return find_algorithm("fm");
}

static double
get_option(const Training *t, const char *name)
{
	const Option *o = training_find_option(t, name);
	const char *value = t->options + o->offset;

	return o->type == OPTION_REAL ? *(const double *) value : *(const int32_t *) value;
}

/* A training until nothing changes, unless a test sets other options. */
static Training *
fm_training(const double *dense, int n_users, int n_items, Feedback feedback, bool features)
{
	Training   *t = new_training(fm(), dense, NULL, n_users, n_items, feedback);

	if (features)
		training_add_item_features(t);
	set_option(t, "factors", 3);
	set_option(t, "iterations", 300);
	set_option(t, "tolerance", 0);
	set_option(t, "regularization", 0.5);
	return t;
}

/* ---- an independent reference, straight from the published equation ---- */

/* A row of a side: its weight, then its factors. */
typedef struct Reference
{
	int			k;
	int			n_users;
	int			n_items;
	int			n_features;
	double	   *numbers;		/* users, items, features: k + 1 each */
	double	   *x;				/* n_items x n_features */
	/* implicit feedback */
	double		missing;
} Reference;

static double *
row_of(const Reference *r, int row)
{
	return r->numbers + row * (r->k + 1);
}

static double
dot(const double *a, const double *b, int k)
{
	double		sum = 0;

	for (int f = 1; f <= k; f++)
		sum += a[f] * b[f];
	return sum;
}

/* The sum over all rows with x, and all pairs of them; w_0 is not added. */
static double
reference_score(const Reference *r, int user, int item)
{
	int			n = r->n_users + r->n_items + r->n_features;
	double	   *x = zeroed(sizeof(double) * n);
	double		score = 0;

	x[user] = 1;
	x[r->n_users + item] = 1;
	for (int f = 0; f < r->n_features; f++)
		x[r->n_users + r->n_items + f] = r->x[item * r->n_features + f];
	for (int a = 0; a < n; a++)
	{
		score += x[a] * row_of(r, a)[0];
		for (int b = a + 1; b < n; b++)
			score += x[a] * x[b] * dot(row_of(r, a), row_of(r, b), r->k);
	}
	free(x);
	return score;
}

/* The items' own numbers are what their features leave. */
static Reference
reference_of(const Training *t)
{
	const SparseMatrix *m = &t->ratings.item_features.by_row;
	Reference	r = {.k = (int) get_option(t, "factors"),
					 .n_users = (int) t->ratings.by_user.n_rows,
					 .n_items = (int) t->ratings.by_item.n_rows,
					 .n_features = (int) m->n_columns};
	SideKind	sides[] = {SIDE_USERS, SIDE_ITEMS, SIDE_ITEM_FEATURES};
	int			row = 0;

	r.numbers = zeroed(sizeof(double) * (r.n_users + r.n_items + r.n_features) * (r.k + 1));
	r.x = zeroed(sizeof(double) * r.n_items * (r.n_features + 1));
	for (int i = 0; i < r.n_items && r.n_features > 0; i++)
	{
		for (int64_t e = m->start[i]; e < m->start[i + 1]; e++)
			r.x[i * r.n_features + m->column[e]] = m->value[e];
	}
	for (int s = 0; s < 3; s++)
	{
		const Side *side = &t->model.sides[sides[s]];

		for (int64_t i = 0; i < side->n_rows; i++, row++)
		{
			row_of(&r, row)[0] = side->values[0][i];
			for (int f = 0; f < r.k; f++)
				row_of(&r, row)[f + 1] = side->values[1][i * column_stride(&side->columns[1]) + f];
		}
	}
	for (int i = 0; i < r.n_items; i++)
	{
		double	   *own = row_of(&r, r.n_users + i);
		double		bias = own[0];
		double		without;

		for (int f = 0; f < r.n_features; f++)
		{
			for (int d = 1; d <= r.k; d++)
				own[d] -= r.x[i * r.n_features + f] * row_of(&r, r.n_users + r.n_items + f)[d];
		}
		/* the score of a user of zeros is the item's bias */
		own[0] = 0;
		{
			double	   *user = row_of(&r, 0);
			double	   *kept = zeroed(sizeof(double) * (r.k + 1));

			memcpy(kept, user, sizeof(double) * (r.k + 1));
			memset(user, 0, sizeof(double) * (r.k + 1));
			without = reference_score(&r, 0, i);
			memcpy(user, kept, sizeof(double) * (r.k + 1));
			free(kept);
		}
		own[0] = bias - without;
	}
	return r;
}

static void
free_reference(Reference *r)
{
	free(r->numbers);
	free(r->x);
}

static double
scale_of(const Training *t)
{
	return get_option(t, "feedback") == FEEDBACK_EXPLICIT && t->model.scale.deviation > 0
			   ? t->model.scale.deviation
			   : 1;
}

static double
penalty_with(const Training *t, const Reference *r, int row, double lambda)
{
	const double *numbers = row_of(r, row);

	return lambda * (numbers[0] * numbers[0] + scale_of(t) * dot(numbers, numbers, r->k));
}

static double
reference_penalty(const Training *t, const Reference *r, int row, double n)
{
	return penalty_with(t, r, row,
						get_option(t, "regularization") *
							pow(n, get_option(t, "regularization_scaling")));
}

static double
reference_feature_penalty(const Training *t, const Reference *r, int row, double n)
{
	return penalty_with(t, r, row,
						get_option(t, "attribute_regularization") *
							get_option(t, "regularization") *
							pow(n, fmax(0.25, get_option(t, "regularization_scaling"))));
}

/* c, and the constant of the scores in training */
static double
reference_missing(const Training *t, double *constant)
{
	double		n = (double) t->ratings.by_user.start[t->ratings.by_user.n_rows];
	double		pairs = 0;
	double		c;

	for (int64_t i = 0; i < t->ratings.by_item.n_rows; i++)
		pairs += t->ratings.by_item.start[i + 1] > t->ratings.by_item.start[i]
					 ? (double) t->ratings.by_user.n_rows
					 : 0;
	c = fmin(1, get_option(t, "negatives") * n / fmax(pairs - n, 1));
	*constant = log(n / fmax(pairs - n, 1)) - log(c);
	return c;
}

static double
reference_loss(const Training *t, const Reference *r, const double *dense)
{
	bool		is_explicit = get_option(t, "feedback") == FEEDBACK_EXPLICIT;
	double		loss = 0;
	double		constant;
	double		c = reference_missing(t, &constant);

	for (int i = 0; i < r->n_items; i++)
	{
		double		squares = 0;
		double		sum = 0;
		int			n = 0;

		for (int u = 0; u < r->n_users; u++)
		{
			double		value = dense[u * r->n_items + i];
			double		y = reference_score(r, u, i);

			if (is_explicit)
				loss += isnan(value) ? 0 : pow(value - t->model.scale.mean - y, 2);
			else if (!isnan(value))
				loss += 2 * value / t->model.scale.mean * log1p(exp(-constant - y));
			else
			{
				squares += (constant + y) * (constant + y);
				sum += constant + y;
				n++;
			}
		}
		/* the bound of the missing events, where it is least; an item without events has none */
		if (!is_explicit && n > 0 && n < r->n_users)
		{
			double		x = sqrt(squares / n);

			loss += 2 * c * (n * (log1p(exp(x)) - x / 2) + sum / 2);
		}
	}
	for (int u = 0; u < r->n_users; u++)
		loss += reference_penalty(t, r, u, t->model.sides[SIDE_USERS].n_ratings[u]);
	for (int i = 0; i < r->n_items; i++)
		loss += reference_penalty(t, r, r->n_users + i,
								  fmax(1, t->model.sides[SIDE_ITEMS].n_ratings[i]));
	for (int f = 0; f < r->n_features; f++)
	{
		double		n = 0;

		for (int i = 0; i < r->n_items; i++)
			n += r->x[i * r->n_features + f] != 0 ? t->model.sides[SIDE_ITEMS].n_ratings[i] : 0;
		loss += reference_feature_penalty(t, r, r->n_users + r->n_items + f, fmax(1, n));
	}
	return loss;
}

#define USERS 12
#define ITEMS 9

/* Item 4 has no ratings. */
static void
fill(double *dense, Feedback feedback)
{
	for (int u = 0; u < USERS; u++)
	{
		for (int i = 0; i < ITEMS; i++)
			dense[u * ITEMS + i] = i == 4 || random_bits(8, u * ITEMS + i) % 2 == 0 ? X
								   : feedback == FEEDBACK_EXPLICIT
									   ? 1 + (double) (random_bits(9, u * ITEMS + i) % 9) / 2
									   : 1 + (double) (random_bits(9, u * ITEMS + i) % 3);
	}
}

/* The features of an item contribute what its score has more than it would have without them. */
static void
check_features(const Training *t, Reference *r, const void *query, int user, int item)
{
	const SparseMatrix *m = &t->ratings.item_features.by_row;
	int64_t		first = m->start[item];
	int64_t		n = m->start[item + 1] - first;
	float		contributions[TRAINING_FEATURES];
	double	   *x = r->x + item * r->n_features;
	double		difference = reference_score(r, user, item);

	fm()->explain_features(&t->model, query, item, m->column + first, m->value + first, n,
						   contributions);
	memset(x, 0, sizeof(double) * r->n_features);
	difference -= reference_score(r, user, item);
	for (int64_t i = 0; i < n; i++)
	{
		x[m->column[first + i]] = m->value[first + i];
		difference -= contributions[i];
	}
	CHECK_NEAR(difference, 0, 1e-4);
}

/*
 * The loss is that of the reference, never rises, and has no slope in any number at the end. The
 * scores are those of the published equation.
 */
static void
test_against_reference(Feedback feedback, bool features, double scaling)
{
	double		dense[USERS * ITEMS];
	Training   *t;
	Reference	r;
	double		loss;
	double		constant = 0;
	double		steepest = 0;

	fill(dense, feedback);
	t = fm_training(dense, USERS, ITEMS, feedback, features);
	set_option(t, "regularization_scaling", scaling);
	train(t);
	CHECK(t->failure == NULL);
	r = reference_of(t);
	loss = reference_loss(t, &r, dense);
	CHECK_NEAR(t->losses[t->iterations - 1] / loss, 1, 1e-5);
	for (int i = 1; i < t->iterations; i++)
		CHECK(t->losses[i] <= t->losses[i - 1] * (1 + 1e-6));
	for (int n = 0; n < (r.n_users + r.n_items + r.n_features) * (r.k + 1); n++)
	{
		double		kept = r.numbers[n];
		double		up;

		r.numbers[n] = kept + 1e-4;
		up = reference_loss(t, &r, dense);
		r.numbers[n] = kept - 1e-4;
		steepest = fmax(steepest, fabs(up - reference_loss(t, &r, dense)) / 2e-4);
		r.numbers[n] = kept;
	}
	CHECK(steepest < 0.01);
	if (feedback == FEEDBACK_EXPLICIT)
		constant = t->model.scale.mean;
	else
		constant += log(reference_missing(t, &constant));
	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		void	   *query = new_query(&t->model, &profile);

		for (int i = 0; i < ITEMS; i++)
			CHECK_NEAR(model_score_item(&t->model, query, i), constant + reference_score(&r, u, i),
					   1e-4);
		check_answers(&t->model, &profile);
		for (int i = 0; i < ITEMS && features; i++)
			check_features(t, &r, query, u, i);
		free(query);
	}
	check_users(t, 0);
	free_reference(&r);
	free_training(t);
}

/*
 * Linear regression by hand. With ratings 5 3 / 3 1, mean 3 and lambda 2, the users have the biases
 * a and -a, and the items b and -b. User 1 asks for (2 - a - b) + (0 - a + b) = 2 a, so a = 1/2. By
 * symmetry so is b.
 */
static void
test_linear_by_hand(void)
{
	const double dense[] = {5, 3, 3, 1};
	Training   *t = fm_training(dense, 2, 2, FEEDBACK_EXPLICIT, false);
	Profile		profile;
	void	   *query;

	set_option(t, "factors", 0);
	set_option(t, "regularization", 2);
	train(t);
	CHECK(t->failure == NULL);
	profile = user_profile(t, 0);
	query = new_query(&t->model, &profile);
	CHECK_NEAR(model_score_item(&t->model, query, 0), 4, 1e-5);
	CHECK_NEAR(model_score_item(&t->model, query, 1), 3, 1e-5);
	CHECK_NEAR(t->model.sides[SIDE_USERS].values[0][1], -0.5, 1e-5);
	check_answers(&t->model, &profile);
	CHECK(fm()->speaks(&t->model, query));
	free(query);
	free_training(t);
}

/*
 * Logistic regression by hand. Four users have item 1, and two of them each of the other items.
 * Each user has as many items as the others. Without regularization, item 2 has the odds 2 : 2,
 * however much missing events count.
 */
static void
test_logistic_by_hand(double negatives)
{
	const double dense[] = {
		1, 1, X, 1, X,
		1, X, 1, X, 1,
		1, 1, X, X, 1,
		1, X, 1, 1, X
	};
	Training   *t = fm_training(dense, 4, 5, FEEDBACK_IMPLICIT, false);
	Profile		profile;
	void	   *query;

	set_option(t, "factors", 0);
	set_option(t, "regularization", 1e-4);
	set_option(t, "negatives", negatives);
	train(t);
	CHECK(t->failure == NULL);
	profile = user_profile(t, 0);
	query = new_query(&t->model, &profile);
	for (int i = 1; i < 5; i++)
		CHECK_NEAR(model_score_item(&t->model, query, i), 0, 0.01);
	CHECK(model_score_item(&t->model, query, 0) > 4);
	check_answers(&t->model, &profile);
	free(query);
	free_training(t);
}

#define MANY_USERS 300
#define MANY_ITEMS 120

/*
 * Ratings by planted weights of users and features, or by planted factors of users for each
 * feature, with a little noise. A quarter of the items has no ratings, and of the others a quarter
 * of the ratings is known.
 */
static Training *
plant(double *truth, double *dense, bool factors)
{
	const Features *features;
	Training   *t = fm_training(truth, MANY_USERS, MANY_ITEMS, FEEDBACK_EXPLICIT, true);

	/* the features are those of any training with as many items */
	features = &t->ratings.item_features;
	for (int u = 0; u < MANY_USERS; u++)
	{
		for (int i = 0; i < MANY_ITEMS; i++)
		{
			const SparseMatrix *m = &features->by_row;
			int			at = u * MANY_ITEMS + i;

			truth[at] = factors ? 0 : random_normal(21, u);
			for (int64_t e = m->start[i]; e < m->start[i + 1]; e++)
				truth[at] +=
					m->value[e] * (factors ? random_normal(22, u * TRAINING_FEATURES + m->column[e])
										   : random_normal(23, m->column[e]));
			dense[at] = i % 4 == 0 || random_bits(24, at) % 4 != 0
							? X
							: truth[at] + 0.1 * random_normal(25, at);
		}
	}
	free_training(t);
	return fm_training(dense, MANY_USERS, MANY_ITEMS, FEEDBACK_EXPLICIT, true);
}

/* The share of the variance of unknown ratings that is left: of items with ratings, or without. */
static double
unexplained(const Training *t, const double *truth, const double *dense, bool cold)
{
	double		error = 0;
	double		variance = 0;

	for (int u = 0; u < MANY_USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		void	   *query = new_query(&t->model, &profile);

		for (int i = 0; i < MANY_ITEMS; i++)
		{
			int			at = u * MANY_ITEMS + i;

			if (!isnan(dense[at]) || (i % 4 == 0) != cold)
				continue;
			error += pow(model_score_item(&t->model, query, i) - truth[at], 2);
			variance += pow(truth[at] - t->model.scale.mean, 2);
		}
		free(query);
	}
	return error / variance;
}

/*
 * The score is linear in the ratings of the profile, so a rating contributes its distance from what
 * is expected without the user, times the slope of the score.
 */
static void
test_contributions(void)
{
	double		dense[USERS * ITEMS];
	Training   *t;
	Profile		profile;
	float		ratings[ITEMS];
	float		contributions[ITEMS];
	float		baseline;
	void	   *query;
	void	   *scratch;

	fill(dense, FEEDBACK_EXPLICIT);
	t = fm_training(dense, USERS, ITEMS, FEEDBACK_EXPLICIT, true);
	train(t);
	profile = user_profile(t, 3);
	query = new_query(&t->model, &profile);
	scratch = zeroed(model_explain_scratch_bytes(&t->model, profile.n));
	fm()->explain(&t->model, &profile, query, 2, contributions, &baseline, scratch);
	for (int64_t j = 0; j < profile.n; j++)
	{
		Profile		other = profile;
		void	   *moved;
		double		slope;

		memcpy(ratings, profile.ratings, sizeof(float) * (size_t) profile.n);
		ratings[j] += 1;
		other.ratings = ratings;
		moved = new_query(&t->model, &other);
		slope = model_score_item(&t->model, moved, 2) - model_score_item(&t->model, query, 2);
		CHECK_NEAR(contributions[j],
				   slope * (profile.ratings[j] - t->model.scale.mean -
							t->model.sides[SIDE_ITEMS].values[0][profile.items[j]]),
				   1e-4);
		free(moved);
	}
	free(scratch);
	free(query);
	free_training(t);
}

/* A regression finds what items without ratings are like, and factors find the other ratings. */
static void
test_planted(void)
{
	double	   *truth = zeroed(sizeof(double) * MANY_USERS * MANY_ITEMS);
	double	   *dense = zeroed(sizeof(double) * MANY_USERS * MANY_ITEMS);
	Training   *t = plant(truth, dense, false);

	set_option(t, "factors", 0);
	set_option(t, "attribute_regularization", 0.01);
	train(t);
	CHECK(t->failure == NULL);
	CHECK(unexplained(t, truth, dense, true) < 0.05);
	CHECK(unexplained(t, truth, dense, false) < 0.02);
	free_training(t);

	t = plant(truth, dense, true);
	set_option(t, "factors", TRAINING_FEATURES);
	set_option(t, "iterations", 30);
	set_option(t, "regularization", 0.1);
	set_option(t, "attribute_regularization", 1);
	train(t);
	CHECK(t->failure == NULL);
	CHECK(unexplained(t, truth, dense, false) < 0.02);
	free_training(t);
	free(truth);
	free(dense);
}

/* All numbers of a model are the same, to the bit, however the rows are divided and ordered. */
static void
test_same_bits(Feedback feedback, int factors)
{
	double	   *dense = zeroed(sizeof(double) * 70 * 50);
	Training   *t[3];

	for (int at = 0; at < 70 * 50; at++)
		dense[at] = random_bits(31, at) % 3 == 0 ? 1 + (double) (random_bits(32, at) % 5) : X;
	for (int i = 0; i < 3; i++)
	{
		t[i] = fm_training(dense, 70, 50, feedback, true);
		set_option(t[i], "factors", factors);
		set_option(t[i], "iterations", 4);
		t[i]->backwards = i == 1;
		t[i]->block = i == 2 ? 1 : 0;
		train(t[i]);
		CHECK(t[i]->failure == NULL);
		for (int s = 0; s < N_SIDES; s++)
		{
			const Side *side = &t[i]->model.sides[s];

			for (int c = 0; c < side->n_columns && s != SIDE_SESSIONS; c++)
				CHECK(side->values[c] == NULL ||
					  memcmp(side->values[c], t[0]->model.sides[s].values[c],
							 sizeof(float) * side->n_rows * column_stride(&side->columns[c])) == 0);
		}
		CHECK(t[i]->losses[3] == t[0]->losses[3]);
	}
	for (int i = 0; i < 3; i++)
		free_training(t[i]);
	free(dense);
}

static Training *last;

/* Implements Training.warm_up: the numbers of the last training. */
static void
copy_last(Model *model)
{
	for (int s = 0; s < N_SIDES; s++)
	{
		Side	   *side = &model->sides[s];

		for (int c = 0; c < side->n_columns; c++)
		{
			if (side->values[c] != NULL)
				memcpy(side->values[c], last->model.sides[s].values[c],
					   sizeof(float) * side->n_rows * column_stride(&side->columns[c]));
		}
	}
}

/* With the same ratings, a warm start does nothing; with others, it goes on from where it is. */
static void
test_warm_start(Feedback feedback, bool features)
{
	double		dense[USERS * ITEMS];
	Training   *again;

	fill(dense, feedback);
	last = fm_training(dense, USERS, ITEMS, feedback, features);
	set_option(last, "iterations", 8);
	train(last);
	again = fm_training(dense, USERS, ITEMS, feedback, features);
	set_option(again, "iterations", 8);
	again->warm_up = copy_last;
	again->task.last_loss = last->losses[last->iterations - 1];
	train(again);
	CHECK(again->failure == NULL);
	CHECK(again->iterations == 1);
	CHECK(memcmp(again->model.sides[SIDE_USERS].values[0], last->model.sides[SIDE_USERS].values[0],
				 sizeof(float) * USERS) == 0);
	CHECK(memcmp(again->model.sides[SIDE_ITEMS].values[0], last->model.sides[SIDE_ITEMS].values[0],
				 sizeof(float) * ITEMS) == 0);
	free_training(again);

	dense[0] = isnan(dense[0]) ? 2 : X;
	again = fm_training(dense, USERS, ITEMS, feedback, features);
	set_option(again, "iterations", 8);
	again->warm_up = copy_last;
	again->task.last_loss = last->losses[last->iterations - 1];
	train(again);
	CHECK(again->failure == NULL);
	CHECK(again->iterations > 1);
	CHECK(again->losses[0] < last->losses[0]);
	free_training(again);
	free_training(last);
}

/* Data that says little, or too much. */
static void
test_hostile(Feedback feedback, bool features, int factors)
{
	static const struct
	{
		int			n_users;
		int			n_items;
		double		values[6];
	} cases[] = {
		{1, 1, {3}},
		{1, 4, {1, 2, 3, 4}},
		{4, 1, {1, 2, 3, 4}},
		{2, 3, {4, 4, 4, 4, 4, 4}},
		{2, 3, {1e18, X, 1, X, 1e-18, 5}},
		{2, 3, {0, X, 0, X, 0, 0}},
		{2, 2, {1, X, X, X}}
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++)
	{
		for (int regularized = 0; regularized < 2; regularized++)
		{
			Training   *t = fm_training(cases[n].values, cases[n].n_users, cases[n].n_items,
										feedback, features);
			Profile		nobody = {0};

			set_option(t, "factors", factors);
			set_option(t, "iterations", 5);
			set_option(t, "regularization", regularized ? 0.5 : 0);
			train(t);
			/* a training fails with a message, or every answer is finite */
			if (t->failure == NULL)
			{
				for (int u = 0; u < cases[n].n_users; u++)
				{
					Profile		profile = user_profile(t, u);
					void	   *query = new_query(&t->model, &profile);

					for (int i = -1; i < cases[n].n_items; i++)
						CHECK(isfinite(model_score_item(&t->model, query, i)));
					free(query);
					if (profile.n > 0 && regularized)
						check_large_profiles(&t->model, &profile);
				}
				free(new_query(&t->model, &nobody));
			}
			else
				CHECK(!regularized || n == 4);
			free_training(t);
		}
	}
}

int
main(void)
{
	for (Feedback feedback = FEEDBACK_EXPLICIT; feedback <= FEEDBACK_IMPLICIT; feedback++)
	{
		test_against_reference(feedback, false, 0);
		test_against_reference(feedback, true, 0);
		test_against_reference(feedback, true, 0.5);
		test_same_bits(feedback, 0);
		test_same_bits(feedback, 5);
		test_same_bits(feedback, 20);
		for (int features = 0; features < 2; features++)
		{
			test_warm_start(feedback, features != 0);
			test_hostile(feedback, features != 0, 0);
			test_hostile(feedback, features != 0, 3);
		}
	}
	test_linear_by_hand();
	test_logistic_by_hand(1000);
	test_logistic_by_hand(0.3);
	test_contributions();
	test_planted();
	return passed("fm");
}
