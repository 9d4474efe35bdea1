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

/* What a training has besides ratings or events. */
enum
{
	NOTHING,
	ITEM_FEATURES = 1,
	CONTEXTS = 2,
	USER_FEATURES = 4,
	EVERYTHING = 7
};

/* A training until nothing changes, unless a test sets other options. */
static Training *
fm_training(const double *dense, int n_users, int n_items, Feedback feedback, int has)
{
	Training   *t = new_training(fm(), dense, NULL, n_users, n_items, feedback);

	if (has & ITEM_FEATURES)
		training_add_item_features(t);
	if (has & USER_FEATURES)
		training_add_user_features(t);
	if (has & CONTEXTS)
		training_add_contexts(t);
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
	int			n_context_features;
	int			n_user_features;
	/* k + 1 each: users, items, features of items, of contexts, of users */
	double	   *numbers;
	double	   *x;				/* n_items x n_features */
	double	   *context_x;		/* contexts x n_context_features */
	double	   *user_x;			/* n_users x n_user_features */
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

static int
n_rows_of(const Reference *r)
{
	return r->n_users + r->n_items + r->n_features + r->n_context_features + r->n_user_features;
}

static int
first_context_feature(const Reference *r)
{
	return r->n_users + r->n_items + r->n_features;
}

static int
first_user_feature(const Reference *r)
{
	return first_context_feature(r) + r->n_context_features;
}

/* The sum over all rows with x, and all pairs of them. */
static double
sum_over_pairs(const Reference *r, const double *x)
{
	double		sum = 0;

	for (int a = 0; a < n_rows_of(r); a++)
	{
		sum += x[a] * row_of(r, a)[0];
		for (int b = a + 1; b < n_rows_of(r) && x[a] != 0; b++)
			sum += x[b] == 0 ? 0 : x[a] * x[b] * dot(row_of(r, a), row_of(r, b), r->k);
	}
	return sum;
}

/* Without w_0. */
static double
reference_score(const Reference *r, int user, int item, int context)
{
	int			n = n_rows_of(r);
	double	   *x = zeroed(sizeof(double) * n);
	double		score = 0;

	x[user] = 1;
	x[r->n_users + item] = 1;
	for (int f = 0; f < r->n_features; f++)
		x[r->n_users + r->n_items + f] = r->x[item * r->n_features + f];
	for (int f = 0; f < r->n_context_features && context >= 0; f++)
		x[first_context_feature(r) + f] = r->context_x[context * r->n_context_features + f];
	for (int f = 0; f < r->n_user_features; f++)
		x[first_user_feature(r) + f] = r->user_x[user * r->n_user_features + f];
	score = sum_over_pairs(r, x);
	free(x);
	return score;
}

static double *
dense_features(const Features *features)
{
	const SparseMatrix *m = &features->by_row;
	double	   *x = zeroed(sizeof(double) * (m->n_rows * m->n_columns + 1));

	for (int64_t row = 0; row < m->n_rows; row++)
	{
		for (int64_t e = m->start[row]; e < m->start[row + 1]; e++)
			x[row * m->n_columns + m->column[e]] = m->value[e];
	}
	return x;
}

/* Leaves a row of a model its own numbers: what its n features, with values x, leave. */
static void
separate(Reference *r, int row, int first_feature, const double *x, int n)
{
	double	   *own = row_of(r, row);
	double		bias = own[0];
	double	   *all = zeroed(sizeof(double) * n_rows_of(r));

	all[row] = 1;
	for (int f = 0; f < n; f++)
	{
		all[first_feature + f] = x[f];
		for (int d = 1; d <= r->k; d++)
			own[d] -= x[f] * row_of(r, first_feature + f)[d];
	}
	own[0] = 0;
	own[0] = bias - sum_over_pairs(r, all);
	free(all);
}

static Reference
reference_of(const Training *t)
{
	Reference	r = {.k = (int) get_option(t, "factors"),
					 .n_users = (int) t->ratings.by_user.n_rows,
					 .n_items = (int) t->ratings.by_item.n_rows,
					 .n_features = (int) t->ratings.item_features.by_row.n_columns,
					 .n_context_features = (int) t->ratings.contexts.by_row.n_columns,
					 .n_user_features = (int) t->ratings.user_features.by_row.n_columns};
	SideKind	sides[] = {SIDE_USERS, SIDE_ITEMS, SIDE_ITEM_FEATURES, SIDE_CONTEXT_FEATURES,
						   SIDE_USER_FEATURES};
	int			row = 0;

	r.numbers = zeroed(sizeof(double) * n_rows_of(&r) * (r.k + 1));
	r.x = dense_features(&t->ratings.item_features);
	r.context_x = dense_features(&t->ratings.contexts);
	r.user_x = dense_features(&t->ratings.user_features);
	for (int s = 0; s < 5; s++)
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
		separate(&r, r.n_users + i, r.n_users + r.n_items, r.x + i * r.n_features, r.n_features);
	for (int u = 0; u < r.n_users; u++)
		separate(&r, u, first_user_feature(&r), r.user_x + u * r.n_user_features,
				 r.n_user_features);
	return r;
}

static void
free_reference(Reference *r)
{
	free(r->numbers);
	free(r->x);
	free(r->context_x);
	free(r->user_x);
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
	double		missing;
	double		c;

	for (int64_t i = 0; i < t->ratings.by_item.n_rows; i++)
		pairs += t->ratings.by_item.start[i + 1] > t->ratings.by_item.start[i]
					 ? (double) t->ratings.by_user.n_rows
					 : 0;
	missing = fmax(pairs - n, t->model.has_contexts ? pairs / 4 : 1);
	c = fmin(1, get_option(t, "negatives") * n / missing);
	*constant = log(n / missing) - log(c);
	return c;
}

/* The value of a user's rating of an item in a context; NaN: there is none. */
static double
value_in(const Training *t, int user, int item, int context)
{
	const SparseMatrix *m = &t->ratings.by_user;

	for (int64_t e = m->start[user]; e < m->start[user + 1]; e++)
	{
		if (m->column[e] == item && (m->context == NULL ? -1 : m->context[e]) == context)
			return m->value[e];
	}
	return NAN;
}

/* The share of a user's ratings that are in a context. */
static double
reference_share(const Training *t, int user, int context)
{
	const SparseMatrix *m = &t->ratings.by_user;
	double		n = 0;

	for (int64_t e = m->start[user]; e < m->start[user + 1]; e++)
		n += (m->context == NULL ? -1 : m->context[e]) == context;
	return n > 0 ? n / (double) (m->start[user + 1] - m->start[user]) : 0;
}

/* The number of ratings whose context, or user, has a feature of those of contexts and users. */
static double
ratings_of_feature(const Training *t, const Reference *r, int feature)
{
	const SparseMatrix *m = &t->ratings.by_user;
	double		n = 0;

	for (int64_t u = 0; u < r->n_users && feature >= r->n_context_features; u++)
		n += r->user_x[u * r->n_user_features + feature - r->n_context_features] != 0
				 ? (double) (m->start[u + 1] - m->start[u])
				 : 0;
	for (int64_t e = 0; e < m->start[m->n_rows] && feature < r->n_context_features; e++)
		n += m->context[e] >= 0 &&
			 r->context_x[m->context[e] * r->n_context_features + feature] != 0;
	return n;
}

/* A missing event of a user counts in each context by its share. */
static double
reference_loss(const Training *t, const Reference *r)
{
	bool		is_explicit = get_option(t, "feedback") == FEEDBACK_EXPLICIT;
	int			n_contexts = (int) t->ratings.contexts.by_row.n_rows;
	double		loss = 0;
	double		constant;
	double		c = reference_missing(t, &constant);

	for (int i = 0; i < r->n_items; i++)
	{
		double		squares = 0;
		double		sum = 0;
		double		n = 0;
		bool		known = t->model.sides[SIDE_ITEMS].n_ratings[i] > 0;

		for (int at = 0; at < r->n_users * (n_contexts + 1); at++)
		{
			int			u = at / (n_contexts + 1);
			int			context = at % (n_contexts + 1) - 1;
			double		share = reference_share(t, u, context);
			double		value = value_in(t, u, i, context);
			double		y;

			if (share == 0)
				continue;
			y = reference_score(r, u, i, context);
			if (is_explicit)
				loss += isnan(value) ? 0 : pow(value - t->model.scale.mean - y, 2);
			else if (!isnan(value))
				loss += 2 * value / t->model.scale.mean * log1p(exp(-constant - y));
			else
			{
				squares += share * (constant + y) * (constant + y);
				sum += share * (constant + y);
				n += share;
			}
		}
		/* the bound of the missing events, where it is least; an item without events has none */
		if (!is_explicit && n > 0 && known)
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
	for (int f = 0; f < r->n_context_features + r->n_user_features; f++)
		loss += reference_feature_penalty(t, r, first_context_feature(r) + f,
										  fmax(1, ratings_of_feature(t, r, f)));
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
check_features(const Training *t, Reference *r, const void *query, int user, int item, int context)
{
	const SparseMatrix *m = &t->ratings.item_features.by_row;
	int64_t		first = m->start[item];
	int64_t		n = m->start[item + 1] - first;
	float		contributions[TRAINING_FEATURES];
	double	   *x = r->x + item * r->n_features;
	double		difference = reference_score(r, user, item, context);

	fm()->explain_features(&t->model, query, item, m->column + first, m->value + first, n,
						   contributions);
	memset(x, 0, sizeof(double) * r->n_features);
	difference -= reference_score(r, user, item, context);
	for (int64_t i = 0; i < n; i++)
	{
		x[m->column[first + i]] = m->value[first + i];
		difference -= contributions[i];
	}
	CHECK_NEAR(difference, 0, 1e-4);
}

/* The features of a question's context contribute what its score has more with the context. */
static void
check_context(const Training *t, const Reference *r, const Profile *profile, const void *query,
			  int user, int item, int context)
{
	float		contributions[TRAINING_FEATURES];
	double		difference =
		reference_score(r, user, item, context) - reference_score(r, user, item, -1);

	fm()->explain_context(&t->model, query, item, profile->context, profile->context_values,
						  profile->n_context, contributions);
	for (int64_t i = 0; i < profile->n_context; i++)
		difference -= contributions[i];
	CHECK_NEAR(difference, 0, 1e-4);
}

/*
 * The mean of the two categories, the first features of contexts and of users, over the ratings is
 * zero.
 */
static void
check_centered(const Training *t)
{
	Reference	r = reference_of(t);

	for (int i = 0; i < 2; i++)
	{
		int			first = i * r.n_context_features;
		int			row = first_context_feature(&r) + first;

		for (int f = 0; f <= r.k && (i == 0 ? r.n_context_features : r.n_user_features) > 0; f++)
			CHECK_NEAR(ratings_of_feature(t, &r, first) * row_of(&r, row)[f] +
						   ratings_of_feature(t, &r, first + 1) * row_of(&r, row + 1)[f],
					   0, 1e-4);
	}
	free_reference(&r);
}

/*
 * The slope of the loss in a number of a row. Of categories of contexts or users, whose mean over
 * the ratings stays zero, it is the slope in the numbers of two of a column.
 */
static double
slope_in(const Training *t, Reference *r, int row, int number)
{
	int			feature = row - first_context_feature(r);
	bool		of_user = feature >= r->n_context_features;
	int			at = of_user ? feature - r->n_context_features : feature;
	const Features *features = of_user ? &t->ratings.user_features : &t->ratings.contexts;
	double	   *x = row_of(r, row) + number;
	double	   *other = NULL;
	double		length[2] = {1, 0};
	double		up;
	double		down;

	if (feature >= 0 && features->kind[at] == FEATURE_CATEGORY)
	{
		/* the two categories are the first features */
		CHECK(at < 2);
		other = row_of(r, row + 1 - 2 * at) + number;
		length[0] = ratings_of_feature(t, r, feature + 1 - 2 * at);
		length[1] = -ratings_of_feature(t, r, feature);
		up = hypot(length[0], length[1]);
		length[0] /= up;
		length[1] /= up;
	}
	*x += 1e-4 * length[0];
	if (other != NULL)
		*other += 1e-4 * length[1];
	up = reference_loss(t, r);
	*x -= 2e-4 * length[0];
	if (other != NULL)
		*other -= 2e-4 * length[1];
	down = reference_loss(t, r);
	*x += 1e-4 * length[0];
	if (other != NULL)
		*other += 1e-4 * length[1];
	return (up - down) / 2e-4;
}

/* A profile of which no context is known, whether that is said of each item or of all. */
static void
check_unknown_contexts(const Training *t)
{
	const int32_t unknown[] = {-1, -1, -1};
	const int32_t items[] = {1, 5, 7};
	const float ratings[] = {2, 5, 1};
	Profile		profile = {.n = 3, .items = items, .ratings = ratings};
	void	   *query = new_query(&t->model, &profile);
	void	   *other;

	profile.contexts = unknown;
	profile.context_features = &t->ratings.contexts.by_row;
	other = new_query(&t->model, &profile);
	for (int i = 0; i < ITEMS; i++)
		CHECK_NEAR(model_score_item(&t->model, other, i), model_score_item(&t->model, query, i),
				   1e-6);
	free(other);
	free(query);
}

/*
 * The loss is that of the reference, never rises, and has no slope in any number at the end. The
 * scores are those of the published equation.
 */
static void
test_against_reference(Feedback feedback, int has, double scaling)
{
	double		dense[USERS * ITEMS];
	Training   *t;
	Reference	r;
	double		loss;
	double		constant = 0;
	double		steepest = 0;
	/* users are moved until the end, and folded in then, which ends after some steps */
	bool		folded = feedback == FEEDBACK_IMPLICIT && (has & USER_FEATURES);
	double		tolerance = folded ? 1e-5 : 1e-6;

	fill(dense, feedback);
	t = fm_training(dense, USERS, ITEMS, feedback, has);
	set_option(t, "regularization_scaling", scaling);
	train(t);
	CHECK(t->failure == NULL);
	r = reference_of(t);
	loss = reference_loss(t, &r);
	CHECK_NEAR(t->losses[t->iterations - 1] / loss, 1, 1e-5);
	for (int i = 1; i < t->iterations; i++)
		CHECK(t->losses[i] <= t->losses[i - 1] * (1 + tolerance));
	for (int row = 0; row < n_rows_of(&r); row++)
	{
		for (int f = 0; f <= r.k; f++)
			steepest = fmax(steepest, fabs(slope_in(t, &r, row, f)));
	}
	CHECK(steepest < (folded ? 0.03 : 0.01));
	check_centered(t);
	if (feedback == FEEDBACK_EXPLICIT)
		constant = t->model.scale.mean;
	else
		constant += log(reference_missing(t, &constant));
	for (int u = 0; u < USERS; u++)
	{
		int			n_contexts = (int) t->ratings.contexts.by_row.n_rows;

		for (int context = -1; context < n_contexts; context++)
		{
			Profile		profile = profile_in_context(user_profile(t, u), t, context);
			void	   *query = new_query(&t->model, &profile);

			for (int i = 0; i < ITEMS; i++)
				CHECK_NEAR(model_score_item(&t->model, query, i),
						   constant + reference_score(&r, u, i, context), 1e-4);
			check_answers(&t->model, &profile);
			for (int i = 0; i < ITEMS && (has & ITEM_FEATURES); i++)
				check_features(t, &r, query, u, i, context);
			for (int i = 0; i < ITEMS && context >= 0; i++)
				check_context(t, &r, &profile, query, u, i, context);
			free(query);
		}
	}
	check_users(t, 0);
	if (has & CONTEXTS)
		check_unknown_contexts(t);
	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		Profile		new = {.n_features = profile.n_features, .features = profile.features,
						   .feature_values = profile.feature_values};
		void	   *query;

		/* somebody of whom nothing but features is known has no numbers of his own */
		memset(row_of(&r, u), 0, sizeof(double) * (r.k + 1));
		query = new_query(&t->model, &new);
		for (int i = 0; i < ITEMS; i++)
			CHECK_NEAR(model_score_item(&t->model, query, i),
					   constant + reference_score(&r, u, i, -1), 1e-4);
		check_answers(&t->model, &new);
		free(query);
	}
	free_reference(&r);
	free_training(t);
}

/* The steepest slope of the loss in the numbers of rows of a side. */
static double
steepest_in(const Training *t, SideKind kind)
{
	Reference	r = reference_of(t);
	int			first = kind == SIDE_USERS ? 0 : r.n_users;
	int			n = kind == SIDE_USERS ? r.n_users : r.n_items;
	double		steepest = 0;

	for (int row = first; row < first + n; row++)
	{
		for (int f = 0; f <= r.k; f++)
			steepest = fmax(steepest, fabs(slope_in(t, &r, row, f)));
	}
	free_reference(&r);
	return steepest;
}

/* Users equal their profiles, to the bit, also where they have no factors. */
static void
check_stored_users(const Training *t)
{
	if (get_option(t, "factors") > 0)
	{
		check_users(t, 0);
		return;
	}
	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		void	   *query = new_query(&t->model, &profile);
		void	   *stored = zeroed(model_query_bytes(&t->model, 0));

		fm()->user_query(&t->model, u, stored);
		for (int i = 0; i < ITEMS; i++)
			CHECK(model_score_item(&t->model, stored, i) == model_score_item(&t->model, query, i));
		free(stored);
		free(query);
	}
}

/*
 * A model is refreshed with other ratings: item 4 and user 5 are new, and some ratings have come or
 * gone. Items that are solved again have no slope of the loss, with the users and the features as
 * they were: the loss is convex in their numbers, with a curvature of at least 1 by regularization
 * alone, so that they are those of the minimum to 1e-5. Users equal their profiles.
 */
static void
test_refresh(Feedback feedback, int has, int factors, double scaling)
{
	double		before[USERS * ITEMS];
	double		after[USERS * ITEMS];
	int32_t		users[USERS];
	int32_t		items[ITEMS];
	Training   *t;
	Training   *later;
	Ratings		ratings;
	Refresh		refresh = {.users = users, .items = items};
	size_t		bytes;
	void	   *scratch;

	fill(before, feedback);
	memcpy(after, before, sizeof(before));
	for (int i = 0; i < ITEMS; i++)
		before[5 * ITEMS + i] = X;
	for (int u = 0; u < USERS; u++)
	{
		after[u * ITEMS + 4] = u % 3 == 0 ? X : 1 + u % 4;
		after[u * ITEMS + u % 4] = u % 2 == 0 ? X : 2;
		users[u] = u;
	}
	for (int i = 0; i < ITEMS; i++)
		items[i] = i;
	t = fm_training(before, USERS, ITEMS, feedback, has);
	later = fm_training(after, USERS, ITEMS, feedback, has);
	set_option(t, "factors", factors);
	set_option(t, "regularization_scaling", scaling);
	train(t);
	CHECK(t->failure == NULL);
	ratings = t->ratings;
	t->ratings = later->ratings;
	later->ratings = ratings;
	for (int u = 0; u < USERS; u++)
		t->model.sides[SIDE_USERS].n_ratings[u] =
			(int32_t) (t->ratings.by_user.start[u + 1] - t->ratings.by_user.start[u]);
	for (int i = 0; i < ITEMS; i++)
		t->model.sides[SIDE_ITEMS].n_ratings[i] =
			(int32_t) (t->ratings.by_item.start[i + 1] - t->ratings.by_item.start[i]);
	refresh.item_features = t->ratings.item_features;
	refresh.user_features = t->ratings.user_features;
	refresh.item_contexts = refresh.user_contexts = t->ratings.contexts.by_row;
	refresh.by_item = t->ratings.by_item;
	refresh.by_user = t->ratings.by_user;
	refresh.situations = t->ratings.by_user;
	bytes = fm()->refresh_scratch_bytes(&t->model, &refresh);
	scratch = zeroed(bytes);
	memset(scratch, 0x5a, bytes);

	CHECK(steepest_in(t, SIDE_ITEMS) > 0.1);
	refresh.by_user.n_rows = 0;
	CHECK(fm()->refresh(&t->model, &refresh, scratch) == NULL);
	CHECK(steepest_in(t, SIDE_ITEMS) < 2e-5);
	refresh.by_item.n_rows = 0;
	refresh.by_user = t->ratings.by_user;
	CHECK(fm()->refresh(&t->model, &refresh, scratch) == NULL);
	/* the bounds of missing events are an item's, so that users leave a slope */
	CHECK(steepest_in(t, SIDE_USERS) < (feedback == FEEDBACK_EXPLICIT ? 1e-4 : 0.5));
	model_prepare(&t->model);
	check_stored_users(t);

	/* all at once: the new user has numbers when the items are solved */
	refresh.by_item = t->ratings.by_item;
	CHECK(fm()->refresh(&t->model, &refresh, scratch) == NULL);
	model_prepare(&t->model);
	check_stored_users(t);
	free(scratch);
	free_training(t);
	free_training(later);
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
	Training   *t = fm_training(dense, 2, 2, FEEDBACK_EXPLICIT, NOTHING);
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
	Training   *t = fm_training(dense, 4, 5, FEEDBACK_IMPLICIT, NOTHING);
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
	Training   *t = fm_training(truth, MANY_USERS, MANY_ITEMS, FEEDBACK_EXPLICIT, ITEM_FEATURES);

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
	return fm_training(dense, MANY_USERS, MANY_ITEMS, FEEDBACK_EXPLICIT, ITEM_FEATURES);
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
test_contributions(int has)
{
	double		dense[USERS * ITEMS];
	Training   *t;
	Profile		profile;
	float		ratings[2 * ITEMS];
	float		contributions[2 * ITEMS];
	float		baseline;
	void	   *query;
	void	   *scratch;

	fill(dense, FEEDBACK_EXPLICIT);
	t = fm_training(dense, USERS, ITEMS, FEEDBACK_EXPLICIT, has);
	train(t);
	profile = profile_in_context(user_profile(t, 3), t, has & CONTEXTS ? 2 : -1);
	query = new_query(&t->model, &profile);
	scratch = zeroed(model_explain_scratch_bytes(&t->model, profile.n));
	fm()->explain(&t->model, &profile, query, 2, contributions, &baseline, scratch);
	for (int64_t j = 0; j < profile.n; j++)
	{
		Profile		other = profile;
		Profile		nobody = {.n_features = profile.n_features, .features = profile.features,
							  .feature_values = profile.feature_values};
		void	   *moved;
		void	   *unknown;
		double		slope;

		memcpy(ratings, profile.ratings, sizeof(float) * (size_t) profile.n);
		ratings[j] += 1;
		other.ratings = ratings;
		moved = new_query(&t->model, &other);
		slope = model_score_item(&t->model, moved, 2) - model_score_item(&t->model, query, 2);
		nobody = profile_in_context(nobody, t, has & CONTEXTS ? profile.contexts[j] : -1);
		unknown = new_query(&t->model, &nobody);
		CHECK_NEAR(contributions[j],
				   slope * (profile.ratings[j] -
							model_score_item(&t->model, unknown, profile.items[j])),
				   1e-4);
		free(unknown);
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

/* ---- users ---- */

/* Categories of rows that have none yet; a test sets which of them have which. */
static Features
new_features(int n_rows, int n_features)
{
	Features	features;

	memset(&features, 0, sizeof(features));
	features.by_row.n_rows = n_rows;
	features.by_row.n_columns = n_features;
	features.by_row.start = zeroed(sizeof(int64_t) * (n_rows + 2));
	features.by_row.column = zeroed(sizeof(int32_t) * n_rows * n_features);
	features.by_row.value = zeroed(sizeof(float) * n_rows * n_features);
	features.count = zeroed(sizeof(int32_t) * n_features);
	features.column = zeroed(sizeof(int32_t) * n_features);
	features.kind = zeroed(sizeof(int32_t) * n_features);
	features.encoding = zeroed(sizeof(NumberEncoding) * n_features);
	for (int f = 0; f < n_features; f++)
		features.kind[f] = FEATURE_CATEGORY;
	return features;
}

/* Users of three kinds; of each seventh user nothing is known if there are several kinds. */
static void
add_kinds(Training *t, int n_kinds)
{
	int			n_users = (int) t->ratings.by_user.n_rows;
	Features	features = new_features(n_users, n_kinds);
	SparseMatrix *m = &features.by_row;

	for (int u = 0; u < n_users; u++)
	{
		m->start[u + 1] = m->start[u];
		if (n_kinds > 1 && u % 7 == 0)
			continue;
		m->column[m->start[u]] = u % n_kinds;
		m->value[m->start[u + 1]++] = 1;
	}
	t->model.has_user_features = true;
	t->ratings.user_features = features;
}

/* Users of a kind like items of a kind; a new user of that kind gets them. */
static void
test_planted_kinds(Feedback feedback)
{
	double	   *dense = zeroed(sizeof(double) * MANY_USERS * MANY_ITEMS);
	bool		rated = feedback == FEEDBACK_EXPLICIT;
	double		average[MANY_ITEMS] = {0};
	Training   *t;

	for (int u = 0; u < MANY_USERS; u++)
	{
		for (int i = 0; i < MANY_ITEMS; i++)
		{
			int			at = u * MANY_ITEMS + i;
			int			liked = u % 3 == i % 3;

			dense[at] = random_bits(51, at) % 16 >= (rated ? 4 : liked ? 6 : 1) ? X
						: rated ? 3 + 2 * liked + 0.3 * random_normal(52, at)
								: 1;
		}
	}
	t = fm_training(dense, MANY_USERS, MANY_ITEMS, feedback, NOTHING);
	add_kinds(t, 3);
	set_option(t, "iterations", 20);
	train(t);
	CHECK(t->failure == NULL);
	for (int32_t kind = -1; kind < 3; kind++)
	{
		const float one = 1;
		Profile		new = {.n_features = kind < 0 ? 0 : 1, .features = &kind,
						   .feature_values = &one};
		void	   *query = new_query(&t->model, &new);

		for (int i = 0; i < MANY_ITEMS; i++)
		{
			float		score = model_score_item(&t->model, query, i);

			if (kind < 0)
				average[i] = score;
			else if (rated)
				CHECK_NEAR(score, 3 + 2 * (kind == i % 3), 0.4);
			else
				CHECK(kind == i % 3 ? score > average[i] + 0.5 : score < average[i] - 0.1);
		}
		CHECK(kind < 0 || fm()->speaks(&t->model, query));
		free(query);
	}
	free_training(t);
	free(dense);
}

/*
 * Features of a user are to the user what the same features are of a context that all ratings and
 * the question have: the scores, and what explains them, are the same.
 */
static void
test_as_context(Feedback feedback)
{
	double		dense[USERS * ITEMS];
	const int32_t contexts[ITEMS] = {0};
	Training   *t;

	fill(dense, feedback);
	t = fm_training(dense, USERS, ITEMS, feedback, EVERYTHING);
	set_option(t, "iterations", 10);
	train(t);
	CHECK(t->failure == NULL);
	for (int c = 0; c < 2; c++)
		memcpy(t->model.sides[SIDE_CONTEXT_FEATURES].values[c],
			   t->model.sides[SIDE_USER_FEATURES].values[c],
			   sizeof(float) * TRAINING_FEATURES *
				   column_stride(&t->model.sides[SIDE_USER_FEATURES].columns[c]));
	for (int u = 0; u < USERS; u++)
	{
		SparseMatrix context = t->ratings.user_features.by_row;
		Profile		profile[2];
		void	   *query[2];
		float		contributions[2][ITEMS];
		float		baseline[2];

		context.start += u;
		profile[0] = user_profile(t, u);
		profile[0].n = profile[0].n < ITEMS / 2 ? profile[0].n : ITEMS / 2;
		profile[0].contexts = NULL;
		profile[1] = profile[0];
		profile[1].n_features = 0;
		profile[1].contexts = contexts;
		profile[1].context_features = &context;
		profile[1].n_context = profile[0].n_features;
		profile[1].context = profile[0].features;
		profile[1].context_values = profile[0].feature_values;
		for (int item = 0; item < ITEMS; item++)
		{
			for (int i = 0; i < 2; i++)
			{
				void	   *scratch =
					zeroed(model_explain_scratch_bytes(&t->model, profile[i].n));

				query[i] = new_query(&t->model, &profile[i]);
				fm()->explain(&t->model, &profile[i], query[i], item, contributions[i],
							  &baseline[i], scratch);
				free(scratch);
			}
			CHECK_NEAR(model_score_item(&t->model, query[0], item),
					   model_score_item(&t->model, query[1], item), 1e-4);
			CHECK_NEAR(baseline[0], baseline[1], 1e-4);
			for (int64_t j = 0; j < profile[0].n; j++)
				CHECK_NEAR(contributions[0][j], contributions[1][j], 1e-4);
			free(query[0]);
			free(query[1]);
		}
	}
	free_training(t);
}

/* A column in which all users have the same category changes nothing. */
static void
test_same_kind(Feedback feedback, int factors)
{
	double		dense[USERS * ITEMS];
	Training   *t[2];

	fill(dense, feedback);
	for (int i = 0; i < 2; i++)
	{
		t[i] = fm_training(dense, USERS, ITEMS, feedback, NOTHING);
		set_option(t[i], "factors", factors);
		set_option(t[i], "iterations", 8);
		if (i == 1)
			add_kinds(t[i], 1);
		train(t[i]);
		CHECK(t[i]->failure == NULL);
		CHECK_NEAR(t[i]->losses[4] / t[0]->losses[4], 1, 1e-6);
	}
	for (int f = 0; f < factors; f++)
		CHECK_NEAR(t[1]->model.sides[SIDE_USER_FEATURES].values[1][f], 0, 1e-6);
	CHECK_NEAR(t[1]->model.sides[SIDE_USER_FEATURES].values[0][0], 0, 1e-6);
	free_training(t[0]);
	free_training(t[1]);
}

/* ---- contexts ---- */

/*
 * Contexts of n_columns columns with two categories each: that of column d is bit d of the number
 * of the context.
 */
static Features
binary_contexts(int n_columns)
{
	Features	contexts = new_features(1 << n_columns, 2 * n_columns);
	SparseMatrix *m = &contexts.by_row;

	for (int c = 0; c < m->n_rows; c++)
	{
		for (int d = 0; d < n_columns; d++)
		{
			m->column[m->start[c] + d] = 2 * d + (c >> d & 1);
			m->value[m->start[c] + d] = 1;
		}
		m->start[c + 1] = m->start[c] + n_columns;
	}
	for (int f = 0; f < 2 * n_columns; f++)
		contexts.column[f] = f / 2;
	return contexts;
}

static int
rate_in_first(int64_t user, int32_t item, float value, int32_t *contexts, float *values)
{
	contexts[0] = 0;
	values[0] = value;
	return 1;
}

/* A context that is the same for all changes nothing. */
static void
test_same_context(Feedback feedback, int factors)
{
	double		dense[USERS * ITEMS];
	Training   *t[2];

	fill(dense, feedback);
	for (int i = 0; i < 2; i++)
	{
		t[i] = fm_training(dense, USERS, ITEMS, feedback, NOTHING);
		set_option(t[i], "factors", factors);
		set_option(t[i], "iterations", 20);
		if (i == 1)
		{
			training_set_contexts(t[i], binary_contexts(1), rate_in_first);
			t[i]->ratings.contexts.by_row.n_rows = 1;
		}
		train(t[i]);
		CHECK(t[i]->failure == NULL);
	}
	CHECK_NEAR(t[1]->losses[5] / t[0]->losses[5], 1, 1e-5);
	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t[0], u);
		void	   *query = new_query(&t[0]->model, &profile);

		for (int context = -1; context < 1; context++)
		{
			Profile		within = profile_in_context(user_profile(t[1], u), t[1], context);
			void	   *other = new_query(&t[1]->model, &within);

			for (int i = 0; i < ITEMS; i++)
				CHECK_NEAR(model_score_item(&t[1]->model, other, i),
						   model_score_item(&t[0]->model, query, i), 1e-4);
			free(other);
		}
		free(query);
	}
	free_training(t[0]);
	free_training(t[1]);
}

/*
 * What contexts add is stored, or computed whenever it is needed where there are too many: the
 * numbers are the same, to the bit.
 */
static void
test_many_contexts(Feedback feedback)
{
	double		dense[USERS * ITEMS];
	Training   *t[2];

	fill(dense, feedback);
	for (int i = 0; i < 2; i++)
	{
		t[i] = fm_training(dense, USERS, ITEMS, feedback, CONTEXTS);
		set_option(t[i], "iterations", 4);
		if (i == 1)
		{
			SparseMatrix *m = &t[i]->ratings.contexts.by_row;
			int64_t    *start = zeroed(sizeof(int64_t) * (USERS + ITEMS + 3));

			for (int c = 0; c <= USERS + ITEMS + 1; c++)
				start[c] = m->start[c < m->n_rows ? c : m->n_rows];
			free(m->start);
			m->start = start;
			m->n_rows = USERS + ITEMS + 1;
		}
		train(t[i]);
		CHECK(t[i]->failure == NULL);
		CHECK(t[i]->losses[3] == t[0]->losses[3]);
		for (int c = 0; c < 2; c++)
			CHECK(memcmp(t[i]->model.sides[SIDE_CONTEXT_FEATURES].values[c],
						 t[0]->model.sides[SIDE_CONTEXT_FEATURES].values[c],
						 sizeof(float) * TRAINING_FEATURES) == 0);
	}
	free_training(t[0]);
	free_training(t[1]);
}

/* A morning or an evening, or nothing is known. */
static int
part_of_day(int64_t user, int32_t item)
{
	return (int) (random_bits(41, (uint64_t) (user * MANY_ITEMS + item)) % 3) - 1;
}

/* Implements RateInContexts: even items are rated higher in the morning, others in the evening. */
static int
rate_by_day(int64_t user, int32_t item, float value, int32_t *contexts, float *values)
{
	contexts[0] = part_of_day(user, item);
	values[0] = value + (contexts[0] < 0 ? 0 : contexts[0] == item % 2 ? 1 : -1);
	return 1;
}

/*
 * Events in the order of which the contexts are known: a user has even items in the morning, and
 * others in the evening, but for a few.
 */
static int
event_by_day(int64_t user, int32_t item, float value, int32_t *contexts, float *values)
{
	uint64_t	bits = random_bits(42, (uint64_t) (user * MANY_ITEMS + item));

	contexts[0] = bits % 10 == 0 ? 1 - item % 2 : item % 2;
	values[0] = value;
	return 1;
}

/* Lists differ by the context, as was planted, and a question without one has the mean. */
static void
test_planted_day(Feedback feedback)
{
	double	   *dense = zeroed(sizeof(double) * MANY_USERS * MANY_ITEMS);
	bool		rated = feedback == FEEDBACK_EXPLICIT;
	Training   *t;
	double		wrong = 0;
	double		error = 0;
	double		mean = 0;

	for (int at = 0; at < MANY_USERS * MANY_ITEMS; at++)
		dense[at] = random_bits(43, at) % 4 != 0 ? X
					: rated ? 3 + random_normal(44, at / MANY_ITEMS) +
								  random_normal(45, at % MANY_ITEMS) + 0.1 * random_normal(46, at)
							: 1;
	t = fm_training(dense, MANY_USERS, MANY_ITEMS, feedback, NOTHING);
	training_set_contexts(t, binary_contexts(1), rated ? rate_by_day : event_by_day);
	set_option(t, "iterations", 20);
	set_option(t, "regularization", 0.1);
	train(t);
	CHECK(t->failure == NULL);
	for (int u = 0; u < MANY_USERS; u++)
	{
		double		scores[3][MANY_ITEMS];

		for (int context = -1; context < 2; context++)
		{
			Profile		profile = profile_in_context(user_profile(t, u), t, context);
			void	   *query = new_query(&t->model, &profile);

			for (int i = 0; i < MANY_ITEMS; i++)
				scores[context + 1][i] = model_score_item(&t->model, query, i);
			free(query);
		}
		for (int i = 0; i < MANY_ITEMS; i++)
		{
			double		difference = (scores[1][i] - scores[2][i]) * (i % 2 == 0 ? 1 : -1);

			wrong += difference < 0;
			error += pow(difference - 2, 2);
			mean += pow((scores[1][i] + scores[2][i]) / 2 - scores[0][i], 2);
		}
	}
	CHECK(wrong < 0.01 * MANY_USERS * MANY_ITEMS);
	if (rated)
	{
		CHECK(sqrt(error / (MANY_USERS * MANY_ITEMS)) < 0.2);
		CHECK(sqrt(mean / (MANY_USERS * MANY_ITEMS)) < 0.02);
	}
	free_training(t);
	free(dense);
}

static double pair_effect;

static int
rate_by_pairs(int64_t user, int32_t item, float value, int32_t *contexts, float *values)
{
	int			context = (int) (random_bits(47, (uint64_t) (user * MANY_ITEMS + item)) % 4);

	contexts[0] = context;
	values[0] = value + (float) (context == 0 || context == 3 ? pair_effect : -pair_effect);
	return 1;
}

/* Implements RateInContexts: even items where the columns agree, others where they do not. */
static int
event_by_pairs(int64_t user, int32_t item, float value, int32_t *contexts, float *values)
{
	uint64_t	bits = random_bits(47, (uint64_t) (user * MANY_ITEMS + item));

	contexts[0] = item % 2 == 0 ? (bits % 2 == 0 ? 0 : 3) : bits % 2 == 0 ? 1 : 2;
	values[0] = value;
	return 1;
}

/*
 * Ratings depend on whether two columns agree, so it is only the product of their factors that
 * explains them. The loss never rises, though it is far from being quadratic in the factors.
 */
static void
test_planted_pairs(Feedback feedback, double effect, double attribute_regularization)
{
	double	   *dense = zeroed(sizeof(double) * MANY_USERS * MANY_ITEMS);
	bool		rated = feedback == FEEDBACK_EXPLICIT;
	Training   *t;

	pair_effect = effect;
	for (int at = 0; at < MANY_USERS * MANY_ITEMS; at++)
		dense[at] = random_bits(48, at) % 8 != 0 ? X
					: rated						 ? 3 + 0.1 * random_normal(49, at)
												 : 1;
	t = fm_training(dense, MANY_USERS, MANY_ITEMS, feedback, NOTHING);
	training_set_contexts(t, binary_contexts(2), rated ? rate_by_pairs : event_by_pairs);
	set_option(t, "iterations", 40);
	set_option(t, "attribute_regularization", attribute_regularization);
	train(t);
	CHECK(t->failure == NULL);
	for (int i = 1; i < t->iterations; i++)
		CHECK(t->losses[i] <= t->losses[i - 1] * (1 + 1e-6));
	for (int context = 0; context < 4 && rated; context++)
	{
		Profile		nobody = {0};
		Profile		profile = profile_in_context(nobody, t, context);
		void	   *query = new_query(&t->model, &profile);
		double		expected = 3 + (context == 0 || context == 3 ? effect : -effect);

		for (int i = 0; i < MANY_ITEMS; i++)
			CHECK_NEAR(model_score_item(&t->model, query, i), expected, 0.2 * effect);
		free(query);
	}
	free_training(t);
	free(dense);
}

/* All numbers of a model are the same, to the bit, however the rows are divided and ordered. */
static void
test_same_bits(Feedback feedback, int factors, int has)
{
	double	   *dense = zeroed(sizeof(double) * 70 * 50);
	Training   *t[3];

	for (int at = 0; at < 70 * 50; at++)
		dense[at] = random_bits(31, at) % 3 == 0 ? 1 + (double) (random_bits(32, at) % 5) : X;
	for (int i = 0; i < 3; i++)
	{
		t[i] = fm_training(dense, 70, 50, feedback, has);
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
test_warm_start(Feedback feedback, int has)
{
	double		dense[USERS * ITEMS];
	Training   *again;

	fill(dense, feedback);
	last = fm_training(dense, USERS, ITEMS, feedback, has);
	set_option(last, "iterations", 8);
	train(last);
	again = fm_training(dense, USERS, ITEMS, feedback, has);
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

	for (int u = 0; u < USERS / 3; u++)
		dense[u * ITEMS] = isnan(dense[u * ITEMS]) ? 2 : X;
	again = fm_training(dense, USERS, ITEMS, feedback, has);
	set_option(again, "iterations", 8);
	again->warm_up = copy_last;
	again->task.last_loss = last->losses[last->iterations - 1];
	train(again);
	CHECK(again->failure == NULL);
	CHECK(again->iterations > 1);
	check_centered(again);
	CHECK(again->losses[0] < last->losses[0]);
	free_training(again);
	free_training(last);
}

/* Data that says little, or too much. */
static void
test_hostile(Feedback feedback, int has, int factors)
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
										feedback, has);
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
		for (int has = NOTHING; has <= EVERYTHING; has += has == USER_FEATURES ? 3 : 1)
		{
			test_against_reference(feedback, has, 0);
			if (has != NOTHING)
				test_against_reference(feedback, has, 0.5);
			test_refresh(feedback, has, 3, 0);
			test_refresh(feedback, has, 3, 0.5);
			test_refresh(feedback, has, 0, 0);
			test_warm_start(feedback, has);
			test_hostile(feedback, has, 0);
			test_hostile(feedback, has, 3);
			test_same_bits(feedback, 0, has);
			test_same_bits(feedback, 5, has);
			test_same_bits(feedback, 20, has);
		}
	}
	test_linear_by_hand();
	test_logistic_by_hand(1000);
	test_logistic_by_hand(0.3);
	test_contributions(ITEM_FEATURES);
	test_contributions(ITEM_FEATURES | CONTEXTS);
	test_contributions(USER_FEATURES);
	test_contributions(EVERYTHING);
	test_planted();
	for (Feedback feedback = FEEDBACK_EXPLICIT; feedback <= FEEDBACK_IMPLICIT; feedback++)
	{
		test_planted_kinds(feedback);
		test_as_context(feedback);
		test_same_kind(feedback, 0);
		test_same_kind(feedback, 3);
		test_same_context(feedback, 0);
		test_same_context(feedback, 3);
		test_many_contexts(feedback);
		test_planted_day(feedback);
	}
	test_planted_pairs(FEEDBACK_EXPLICIT, 3, 0.01);
	test_planted_pairs(FEEDBACK_EXPLICIT, 30, 0);
	test_planted_pairs(FEEDBACK_EXPLICIT, 1, 0.1);
	test_planted_pairs(FEEDBACK_IMPLICIT, 0, 0.01);
	test_planted_pairs(FEEDBACK_IMPLICIT, 0, 0);
	return passed("fm");
}
