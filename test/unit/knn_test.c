/*
 * knn_test.c
 *	  The neighbourhood models against their definitions over dense matrices, for each measure of
 *	  similarity.
 */
#define _POSIX_C_SOURCE 200112L
#include <pthread.h>

#include "training.h"

#include "algorithm/knn.h"
#include "kernel/random.h"

#define X NAN

static const Algorithm *
algorithm(bool users)
{
	return find_algorithm(users ? "user_knn" : "item_knn");
}

static double
prior(const Training *t)
{
	return ((const KnnOptions *) t->options)->prior;
}

/* ---- an independent reference ---- */

/* The rows that are compared, as a dense matrix. */
typedef struct Dense
{
	int			n_rows;
	int			n_columns;
	double	   *rating;
	double		total;			/* of all ratings */
} Dense;

static Dense
dense_rows(const double *by_user, int n_users, int n_items, bool users)
{
	Dense		d = {users ? n_users : n_items, users ? n_items : n_users,
			   zeroed(sizeof(double) * n_users * n_items), 0};

	for (int u = 0; u < n_users; u++)
		for (int i = 0; i < n_items; i++)
		{
			double		rating = by_user[u * n_items + i];

			d.rating[users ? u * n_items + i : i * n_users + u] = rating;
			d.total += isnan(rating) ? 0 : rating;
		}
	return d;
}

static double
rating(const Dense *d, int row, int column)
{
	return d->rating[row * d->n_columns + column];
}

static bool
has(const Dense *d, int row, int column)
{
	return !isnan(rating(d, row, column));
}

static int
row_count(const Dense *d, int row)
{
	int			n = 0;

	for (int c = 0; c < d->n_columns; c++)
		n += has(d, row, c);
	return n;
}

static int
column_count(const Dense *d, int column)
{
	int			n = 0;

	for (int r = 0; r < d->n_rows; r++)
		n += has(d, r, column);
	return n;
}

/* The value of a row and a column before centring: a weight, 0 where missing. */
static double
weight(const Training *t, const Dense *d, int row, int column)
{
	const KnnOptions *o = (const KnnOptions *) t->options;
	double		idf;
	double		length = 0;
	double		w;

	if (!has(d, row, column))
		return 0;
	idf = log(1 + (double) d->n_rows / column_count(d, column));
	w = rating(d, row, column);
	if (o->weighting == WEIGHTING_TFIDF)
		return idf * sqrt(w);
	if (o->weighting == WEIGHTING_NONE)
		return w;
	for (int c = 0; c < d->n_columns; c++)
		length += has(d, row, c) ? rating(d, row, c) : 0;
	return idf * w / (w + 1.2 * (1 - 0.75 + 0.75 * length * d->n_rows / d->total));
}

static double
value(const Training *t, const Dense *d, int row, int column)
{
	const KnnOptions *o = (const KnnOptions *) t->options;
	double		sum = 0;

	if (knn_is_explicit(o))
	{
		if (!has(d, row, column))
			return 0;
		if (o->similarity == SIMILARITY_ADJUSTED_COSINE)
		{
			for (int r = 0; r < d->n_rows; r++)
				sum += has(d, r, column) ? rating(d, r, column) : 0;
			return rating(d, row, column) - sum / column_count(d, column);
		}
		if (o->similarity == SIMILARITY_PEARSON)
		{
			for (int c = 0; c < d->n_columns; c++)
				sum += has(d, row, c) ? rating(d, row, c) : 0;
			return rating(d, row, column) - sum / row_count(d, row);
		}
		return rating(d, row, column);
	}
	if (o->similarity == SIMILARITY_ADJUSTED_COSINE)
	{
		for (int r = 0; r < d->n_rows; r++)
			sum += weight(t, d, r, column);
		return weight(t, d, row, column) - sum / d->n_rows;
	}
	if (o->similarity == SIMILARITY_PEARSON)
	{
		for (int c = 0; c < d->n_columns; c++)
			sum += weight(t, d, row, c);
		return weight(t, d, row, column) - sum / d->n_columns;
	}
	return weight(t, d, row, column);
}

/* The values of all rows and columns. */
static double *
all_values(const Training *t, const Dense *d)
{
	double	   *values = zeroed(sizeof(double) * d->n_rows * d->n_columns);

	for (int r = 0; r < d->n_rows; r++)
		for (int c = 0; c < d->n_columns; c++)
			values[r * d->n_columns + c] = value(t, d, r, c);
	return values;
}

/* The similarity of row j to row i. */
static double
similarity(const Training *t, const Dense *d, const double *values, int i, int j)
{
	const KnnOptions *o = (const KnnOptions *) t->options;
	double		common = 0;
	double		dot = 0;
	double		squares_i = 0;
	double		squares_j = 0;
	double		s;

	for (int c = 0; c < d->n_columns; c++)
	{
		double		x = values[i * d->n_columns + c];
		double		y = values[j * d->n_columns + c];

		common += has(d, i, c) && has(d, j, c);
		dot += x * y;
		squares_i += x * x;
		squares_j += y * y;
	}
	if (common == 0 || common < o->min_common)
		return 0;
	if (o->similarity == SIMILARITY_JACCARD)
		s = common / (row_count(d, i) + row_count(d, j) - common);
	else if (o->similarity == SIMILARITY_CONDITIONAL)
		s = common / row_count(d, j) / pow(row_count(d, i), o->alpha);
	else
		s = squares_i < 1e-9 || squares_j < 1e-9 ? 0 : dot / sqrt(squares_i * squares_j);
	s *= common / (common + o->shrinkage);
	if (o->significance > 0 && common < o->significance)
		s *= common / o->significance;
	return s;
}

/* 6 users, 5 items, 18 ratings */
static const double small[] = {
	5, 3, X, 1, X,
	4, X, X, 1, 2,
	1, 1, X, 5, X,
	1, X, X, 4, 4,
	X, 1, 5, 4, X,
	2, X, 3, X, 1
};

#define USERS 90
#define ITEMS 70

/*
 * Ratings of 1 to 5, many for the first users and items and few for the last; every user and item
 * has at least one.
 */
static void
plant(double *dense, int n_users, int n_items, uint64_t seed)
{
	for (int u = 0; u < n_users; u++)
		for (int i = 0; i < n_items; i++)
		{
			double		chance =
				0.03 + 0.9 * exp(-8.0 * u / n_users) + 0.9 * exp(-8.0 * i / n_items);
			int			at = u * n_items + i;

			dense[at] = u % n_items == i || i % n_users == u ||
								(double) (random_bits(seed, at) % 1000) / 1000 < chance
							? 1 + (double) (random_bits(seed + 1, at) % 5)
							: NAN;
		}
}

/* The options of a training; all others are set so that they have no effect. */
typedef struct Case
{
	const char *similarity;
	const char *weighting;
	double		neighbors;
	double		min_common;
	double		shrinkage;
	double		significance;
} Case;

static const Case cases[] = {
	{"cosine", "none", 10, 1, 0, 0},
	{"cosine", "none", 1000, 1, 0, 0},
	{"cosine", "none", 5, 3, 2, 0},
	{"cosine", "tfidf", 10, 1, 0, 0},
	{"cosine", "bm25", 10, 1, 0, 0},
	{"cosine", "bm25", 10, 2, 5, 4},
	{"adjusted_cosine", "none", 10, 1, 0, 0},
	{"adjusted_cosine", "bm25", 10, 1, 3, 0},
	{"pearson", "none", 10, 1, 0, 0},
	{"pearson", "tfidf", 10, 2, 3, 5},
	{"jaccard", "none", 10, 1, 0, 0},
	{"jaccard", "none", 1, 2, 10, 0},
	{"conditional", "none", 10, 1, 0, 0},
	{"conditional", "bm25", 10, 2, 5, 0},
};

#define N_CASES ((int) (sizeof(cases) / sizeof(cases[0])))

static Training *
make_training(const double *dense, int n_users, int n_items, Feedback feedback, const Case *c,
			  bool users)
{
	Training   *t = new_training(algorithm(users), dense, NULL, n_users, n_items, feedback);

	set_choice(t, "similarity", c->similarity);
	set_choice(t, "weighting", c->weighting);
	set_option(t, "neighbors", c->neighbors);
	set_option(t, "min_common", c->min_common);
	set_option(t, "shrinkage", c->shrinkage);
	if (users)
		set_option(t, "significance", c->significance);
	return t;
}

static void
check_profiles(const Training *t)
{
	int32_t		last = (int32_t) t->model.sides[SIDE_ITEMS].n_rows - 1;
	float		one = (float) t->model.scale.maximum;
	Profile		nobody = {0};
	Profile		single = {.n = 1, .items = &last, .ratings = &one};

	check_answers(&t->model, &nobody);
	check_answers(&t->model, &single);
	for (int u = 0; u < t->ratings.by_user.n_rows; u += 7)
	{
		Profile		profile = user_profile(t, u);

		check_answers(&t->model, &profile);
	}
}

/* The lists of items are the most similar ones by definition. */
static void
test_item_lists(const double *dense, int n_users, int n_items, Feedback feedback, const Case *c)
{
	Training   *t = make_training(dense, n_users, n_items, feedback, c, false);
	Dense		d = dense_rows(dense, n_users, n_items, false);
	const SparseMatrix *list = &t->model.sides[SIDE_ITEMS].list;
	double	   *values = all_values(t, &d);
	float	   *similar = zeroed(sizeof(float) * n_items);

	train(t);
	CHECK(t->failure == NULL);
	for (int i = 0; i < n_items; i++)
	{
		int64_t		n = list->start[i + 1] - list->start[i];
		double		least = INFINITY;
		int			positive = 0;

		t->model.algorithm->similar_items(&t->model, i, 0, n_items, similar);
		for (int64_t at = list->start[i]; at < list->start[i + 1]; at++)
		{
			int			j = list->column[at];

			CHECK(j != i && (at == list->start[i] || j > list->column[at - 1]));
			CHECK_NEAR(list->value[at], similarity(t, &d, values, i, j), 1e-5);
			CHECK(list->value[at] > 0);
			CHECK(similar[j] == list->value[at]);
			least = fmin(least, list->value[at]);
		}
		CHECK(n <= c->neighbors);
		for (int j = 0; j < n_items; j++)
		{
			double		s = j == i ? 0 : similarity(t, &d, values, i, j);

			positive += s > 1e-6;
			if (isnan(similar[j]) && n == (int64_t) c->neighbors)
				CHECK(s <= least + 1e-5);
		}
		if (n < (int64_t) c->neighbors)
			CHECK(n >= positive);
	}
	check_profiles(t);
	free_training(t);
	free(values);
	free(similar);
	free(d.rating);
}

/* The neighbours of users, and scores by them, are those of the definition. */
static void
test_user_neighbors(const double *dense, int n_users, int n_items, Feedback feedback, const Case *c)
{
	Training   *t = make_training(dense, n_users, n_items, feedback, c, true);
	Dense		d = dense_rows(dense, n_users, n_items, true);
	double	   *values = all_values(t, &d);
	float	   *similar = zeroed(sizeof(float) * n_users);
	float	   *scores = zeroed(sizeof(float) * n_items);

	train(t);
	CHECK(t->failure == NULL);
	for (int u = 0; u < n_users; u++)
	{
		Profile		profile = user_profile(t, u);
		void	   *query = new_query(&t->model, &profile);

		t->model.algorithm->similar_users(&t->model, query, 0, n_users, similar);
		for (int v = 0; v < n_users; v++)
		{
			double		common = 0;

			for (int i = 0; i < n_items; i++)
				common += has(&d, u, i) && has(&d, v, i);
			if (common == 0)
				CHECK(isnan(similar[v]));
			else
				CHECK_NEAR(similar[v], similarity(t, &d, values, u, v), 1e-5);
		}

		/* if all users are neighbours, a score is a sum over all users */
		if (c->neighbors >= n_users)
		{
			t->model.algorithm->score_items(&t->model, query, NULL, 0, n_items, scores);
			for (int i = 0; i < n_items; i++)
			{
				double		sum = 0;
				double		magnitude = 0;
				double		total = 0;

				for (int v = 0; v < n_users; v++)
				{
					double		s = similarity(t, &d, values, u, v);
					bool		more = false;

					for (int j = 0; j < n_items; j++)
						more |= has(&d, v, j) && !has(&d, u, j);
					if (!more || s <= 0)
						continue;
					total += s;
					if (!has(&d, v, i))
						continue;
					magnitude += s;
					sum +=
						s * (rating(&d, v, i) -
							 (feedback == FEEDBACK_EXPLICIT
								  ? t->model.scale.mean + t->model.sides[SIDE_USERS].values[2][v] +
										t->model.sides[SIDE_ITEMS].values[0][i]
								  : 0));
				}
				/*
				 * an item of the profile has the profile itself as one more neighbour, of
				 * similarity 1
				 */
				if (has(&d, u, i))
				{
					total += 1;
					magnitude += 1;
					sum += rating(&d, u, i) -
						   (feedback == FEEDBACK_EXPLICIT
								? t->model.scale.mean + t->model.sides[SIDE_USERS].values[2][u] +
									  t->model.sides[SIDE_ITEMS].values[0][i]
								: 0);
				}
				if (magnitude < 1e-6)
					CHECK(isnan(scores[i]));
				else if (feedback == FEEDBACK_EXPLICIT)
					CHECK_NEAR(scores[i],
							   t->model.scale.mean + t->model.sides[SIDE_USERS].values[2][u] +
								   t->model.sides[SIDE_ITEMS].values[0][i] +
								   sum / (magnitude + prior(t)),
							   1e-3);
				else
					CHECK_NEAR(scores[i], sum / total, 1e-4);
			}
		}
		free(query);
	}
	check_profiles(t);
	free_training(t);
	free(values);
	free(similar);
	free(scores);
	free(d.rating);
}

/* The result is the same to the bit for any blocks and order. */
static void
test_order(const double *dense, Feedback feedback, const Case *c)
{
	Training   *t[3];

	for (int k = 0; k < 3; k++)
	{
		t[k] = make_training(dense, USERS, ITEMS, feedback, c, false);
		t[k]->backwards = k == 1;
		t[k]->block = k == 2 ? 3 : 0;
		train(t[k]);
		CHECK(t[k]->failure == NULL);
		CHECK(memcmp(t[k]->model.sides[SIDE_ITEMS].list.start,
					 t[0]->model.sides[SIDE_ITEMS].list.start, sizeof(int64_t) * (ITEMS + 1)) == 0);
		CHECK(memcmp(t[k]->model.sides[SIDE_ITEMS].list.column,
					 t[0]->model.sides[SIDE_ITEMS].list.column,
					 sizeof(int32_t) * t[0]->model.sides[SIDE_ITEMS].list.start[ITEMS]) == 0);
		CHECK(memcmp(t[k]->model.sides[SIDE_ITEMS].list.value,
					 t[0]->model.sides[SIDE_ITEMS].list.value,
					 sizeof(float) * t[0]->model.sides[SIDE_ITEMS].list.start[ITEMS]) == 0);
		CHECK(memcmp(t[k]->model.sides[SIDE_ITEMS].values[2],
					 t[0]->model.sides[SIDE_ITEMS].values[2], sizeof(float) * ITEMS) == 0);
	}
	for (int k = 0; k < 3; k++)
		free_training(t[k]);
}

/*
 * Worked out by hand: cosine of weights. Items: a = (1, 1, 0), b = (2, 0, 1), c = (0, 0, 3) over
 * three users.
 *
 *	a.b = 2, |a| = sqrt 2, |b| = sqrt 5: 2 / sqrt 10 = 0.632456
 *	b.c = 3, |c| = 3: 3 / (3 sqrt 5) = 0.447214; a.c = 0
 *
 * A profile with b of weight 2 gives a the score 2 x 0.632456 and c the score 2 x 0.447214; b is
 * its own neighbour with similarity 1, and scores 2 x 1. With normalize the sum is divided by the
 * sum over all neighbours: for b 0.632456 + 0.447214 and 1, 2 / 2.079670 = 0.961691; for a
 * 0.632456, which leaves 2. Conditional: the similarity of b, which two users have, to itself is 1
 * / sqrt 2, so it scores 1.414214.
 */
static void
test_by_hand(void)
{
	static const double weights[] = {
		1, 2, X,
		1, X, X,
		X, 1, 3
	};
	static const int32_t b = 1;
	static const float two = 2;
	Case		plain = {"cosine", "none", 2, 1, 0, 0};
	Profile		profile = {.n = 1, .items = &b, .ratings = &two};
	Training   *t = make_training(weights, 3, 3, FEEDBACK_IMPLICIT, &plain, false);
	float		scores[3];
	void	   *query;

	train(t);
	query = new_query(&t->model, &profile);
	t->model.algorithm->score_items(&t->model, query, NULL, 0, 3, scores);
	CHECK_NEAR(scores[0], 1.264911, 1e-6);
	CHECK(scores[1] == 2);
	CHECK_NEAR(scores[2], 0.894427, 1e-6);
	CHECK(model_score_item(&t->model, query, 1) == 2);
	CHECK(t->model.sides[SIDE_ITEMS].list.start[3] == 4);
	set_option(t, "normalize", 1);
	t->model.algorithm->score_items(&t->model, query, NULL, 0, 3, scores);
	CHECK_NEAR(scores[0], 2, 1e-6);
	CHECK_NEAR(scores[1], 0.961691, 1e-6);
	check_answers(&t->model, &profile);
	free(query);
	free_training(t);

	plain.similarity = "conditional";
	t = make_training(weights, 3, 3, FEEDBACK_IMPLICIT, &plain, false);
	train(t);
	query = new_query(&t->model, &profile);
	t->model.algorithm->score_items(&t->model, query, NULL, 0, 3, scores);
	CHECK_NEAR(scores[1], 1.414214, 1e-6);
	free(query);
	free_training(t);
	plain.similarity = "cosine";

	/*
	 * The same for users (1, 2, 0), (1, 0, 0) and (0, 1, 3): the similarity of the profile (0, 2,
	 * 0) is 4 / (2 sqrt 5) = 0.894427 to the first and 2 / (2 sqrt 10) = 0.316228 to the last.
	 * Scores: a 0.894427 x 1, b 0.894427 x 2 + 0.316228 x 1 and the profile's own 2, c 0.316228 x
	 * 3.
	 */
	t = make_training(weights, 3, 3, FEEDBACK_IMPLICIT, &plain, true);
	set_option(t, "normalize", 0);
	train(t);
	query = new_query(&t->model, &profile);
	t->model.algorithm->score_items(&t->model, query, NULL, 0, 3, scores);
	CHECK_NEAR(scores[0], 0.894427, 1e-6);
	CHECK_NEAR(scores[1], 4.105082, 1e-6);
	CHECK_NEAR(scores[2], 0.948683, 1e-6);
	free(query);
	free_training(t);
}

/* A user all of whose items are in the profile is not one of the neighbours. */
static void
test_nothing_to_learn(void)
{
	static const double events[] = {
		1, 1, X, X,
		1, 1, X, X,
		1, X, 1, X,
		X, X, X, 1
	};
	Case		plain = {"cosine", "none", 1, 1, 0, 0};
	Training   *t = make_training(events, 4, 4, FEEDBACK_IMPLICIT, &plain, true);
	Profile		profile;
	float		scores[4];
	void	   *query;

	train(t);
	profile = user_profile(t, 0);
	query = new_query(&t->model, &profile);
	t->model.algorithm->score_items(&t->model, query, NULL, 0, 4, scores);
	/*
	 * The only neighbour, of similarity 1/2, is the third user, who has the items 0 and 2. For
	 * items of the profile, the profile is one more, of similarity 1: 1 / (1/2 + 1).
	 */
	CHECK_NEAR(scores[0], 1, 1e-6);
	CHECK_NEAR(scores[1], 2 / 3.0, 1e-6);
	CHECK(isnan(scores[3]));
	CHECK_NEAR(scores[2], 1, 1e-6);
	free(query);
	free_training(t);
}

/*
 * One user, one item, all ratings equal, a user with everything, weights of 0, huge ratings:
 * results are always finite.
 */
static void
test_degenerate(bool users, Feedback feedback)
{
	static const double one[] = {3};
	static const double row[] = {2, 2, 2, 2};
	static const double zeros[] = {0, 0, X, 0};
	static const double everything[] = {1, 2, 3, 4, X, 2, X, X};
	static const double large[] = {1e30, 2e29, 3e30, X, 1e30, 1};
	static const double little[] = {1e-37, 2e-36, 3e-37, X, 1e-37, 1e-40};
	const struct
	{
		const double *dense;
		int			n_users;
		int			n_items;
	} sources[] = {{one, 1, 1},		   {row, 1, 4},	  {row, 4, 1},	  {row, 2, 2},	{zeros, 2, 2},
				   {everything, 2, 4}, {large, 2, 3}, {little, 2, 3}, {small, 6, 5}};

	for (int s = 0; s < (int) (sizeof(sources) / sizeof(sources[0])); s++)
		for (int c = 0; c < N_CASES; c++)
			for (int normalize = 0; normalize < 2; normalize++)
			{
				Training   *t = make_training(sources[s].dense, sources[s].n_users,
											sources[s].n_items, feedback, &cases[c], users);
				double		damping = normalize == 0 ? 0 : 5;

				set_option(t, "normalize", normalize);
				set_option(t, "damping", damping);
				train(t);
				CHECK(t->failure == NULL);
				for (int64_t at = 0; at < t->model.sides[SIDE_ITEMS].n_rows; at++)
				{
					float		similar[8];

					t->model.algorithm->similar_items(&t->model, (int32_t) at, 0,
													  t->model.sides[SIDE_ITEMS].n_rows, similar);
					for (int64_t i = 0; i < t->model.sides[SIDE_ITEMS].n_rows; i++)
					{
						float		alone;

						CHECK(isnan(similar[i]) || fabsf(similar[i]) <= 1);
						t->model.algorithm->similar_items(&t->model, (int32_t) at, i, 1, &alone);
						CHECK(alone == similar[i] || (isnan(alone) && isnan(similar[i])));
					}
				}
				check_profiles(t);
				free_training(t);
			}
}

/* ---- several threads ---- */

typedef struct Shared
{
	NeighborSearch search;
	int64_t		next;
} Shared;

static void *
compare_all(void *argument)
{
	Shared	   *shared = argument;
	int64_t		n_rows = shared->search.by_row->n_rows;
	void	   *scratch = zeroed(neighbors_scratch_bytes(n_rows, shared->search.n));
	int64_t		first;

	neighbors_begin(n_rows, scratch);
	while ((first = __atomic_fetch_add(&shared->next, NEIGHBOR_ROWS, __ATOMIC_RELAXED)) < n_rows)
		neighbors_compare(&shared->search, first,
						  (int) (n_rows - first < NEIGHBOR_ROWS ? n_rows - first : NEIGHBOR_ROWS),
						  scratch);
	free(scratch);
	return NULL;
}

/* Three threads find the same as one, many times over. */
static void
test_threads(const double *dense)
{
	Case		plain = {"cosine", "none", 6, 1, 0, 0};
	Training   *t = make_training(dense, USERS, ITEMS, FEEDBACK_IMPLICIT, &plain, false);
	int64_t		entries = t->ratings.by_user.start[USERS];
	RowTerms   *terms = zeroed(sizeof(RowTerms) * ITEMS);
	int32_t    *order = zeroed(sizeof(int32_t) * ITEMS);
	int64_t    *cursors = zeroed(sizeof(int64_t) * USERS);
	Scored	   *expected = zeroed(sizeof(Scored) * ITEMS * 6);
	Shared		shared = {{
		.by_row = &t->ratings.by_item,
		.by_column = &t->ratings.by_user,
		.n = 6,
		.order = order,
		.terms = terms,
		.entry_place = zeroed(sizeof(int32_t) * entries),
		.entry_value = zeroed(sizeof(float) * entries),
		.neighborhoods = zeroed(sizeof(Neighborhood) * ITEMS),
		.neighbors = zeroed(sizeof(Scored) * ITEMS * 6),
		.values = {.kind = VALUE_RATING, .unit = 1},
		.similarity = {.symmetric = true}
	}, 0};

	neighbors_order(shared.search.by_row, shared.search.neighbors, order);
	for (int p = 0; p < ITEMS; p++)
		terms[p] = (RowTerms) {0.01f, 0.01f, 0, 0};
	neighbors_prepare(&shared.search, cursors, 0, USERS);
	for (int round = 0; round < 100; round++)
	{
		pthread_t	others[2];
		bool		alone = round == 0;

		memset(shared.search.neighborhoods, 0, sizeof(Neighborhood) * ITEMS);
		shared.next = 0;
		for (int k = 0; k < 2 && !alone; k++)
			CHECK(pthread_create(&others[k], NULL, compare_all, &shared) == 0);
		compare_all(&shared);
		for (int k = 0; k < 2 && !alone; k++)
			CHECK(pthread_join(others[k], NULL) == 0);
		for (int p = 0; p < ITEMS; p++)
		{
			Top			top =
				{6, shared.search.neighborhoods[p].count, shared.search.neighbors + p * 6};

			top_sort(&top);
			if (alone)
				memcpy(expected + p * 6, top.heap, sizeof(Scored) * 6);
			else
				CHECK(memcmp(expected + p * 6, top.heap, sizeof(Scored) * top.count) == 0);
		}
	}
	free(terms);
	free(order);
	free(cursors);
	free(expected);
	free(shared.search.entry_place);
	free(shared.search.entry_value);
	free(shared.search.neighborhoods);
	free(shared.search.neighbors);
	train(t);
	free_training(t);
}

/*
 * Biases that were added in the table of an event model play no part, also for items for which
 * nothing else speaks.
 */
static void
test_edited_biases(void)
{
	const Algorithm *both[] = {&item_knn_algorithm, &user_knn_algorithm};

	for (int a = 0; a < 2; a++)
	{
		Training   *t = new_training(both[a], small, NULL, 6, 5, FEEDBACK_IMPLICIT);
		int			bias = a == 0 ? 2 : 0;
		Profile		nobody = {0};
		Profile		somebody;
		void	   *query;

		train(t);
		CHECK(t->model.sides[SIDE_ITEMS].columns[bias].type == COLUMN_NUMBER);
		for (int i = 0; i < 5; i++)
			t->model.sides[SIDE_ITEMS].values[bias][i] = (float) (i + 1);
		query = new_query(&t->model, &nobody);
		for (int i = 0; i < 5; i++)
			CHECK(model_score_item(&t->model, query, i) == 0);
		somebody = user_profile(t, 0);
		check_answers(&t->model, &somebody);
		free(query);
		free_training(t);
	}
}

/*
 * Similarities changed in the table so that their sum, including that to the item itself, is zero,
 * by which scores would be divided: the item has no score.
 */
static void
test_edited_similarities(void)
{
	Training   *t = new_training(&item_knn_algorithm, small, NULL, 6, 5, FEEDBACK_IMPLICIT);
	SparseMatrix *list = &t->model.sides[SIDE_ITEMS].list;
	Profile		profile;
	void	   *query;
	float		score;

	set_option(t, "normalize", true);
	train(t);
	CHECK(list->start[1] >= 2);
	for (int64_t at = list->start[0]; at < list->start[1]; at++)
		list->value[at] = at == list->start[0] ? 1 : at == list->start[0] + 1 ? -2 : 0;
	model_prepare(&t->model);
	profile = user_profile(t, 0);
	query = new_query(&t->model, &profile);
	item_knn_algorithm.score_items(&t->model, query, NULL, 0, 1, &score);
	CHECK(isnan(score));
	CHECK(model_score_item(&t->model, query, 0) == 0);
	check_answers(&t->model, &profile);
	free(query);
	free_training(t);
}

int
main(void)
{
	static double dense[USERS * ITEMS];
	static double ones[USERS * ITEMS];

	plant(dense, USERS, ITEMS, 21);
	for (int at = 0; at < USERS * ITEMS; at++)
		ones[at] = isnan(dense[at]) ? NAN : 1;
	test_by_hand();
	test_nothing_to_learn();
	for (Feedback feedback = FEEDBACK_EXPLICIT; feedback <= FEEDBACK_IMPLICIT; feedback++)
	{
		for (int c = 0; c < N_CASES; c++)
		{
			test_item_lists(small, 6, 5, feedback, &cases[c]);
			test_item_lists(dense, USERS, ITEMS, feedback, &cases[c]);
			test_user_neighbors(small, 6, 5, feedback, &cases[c]);
			test_user_neighbors(dense, USERS, ITEMS, feedback, &cases[c]);
			test_order(dense, feedback, &cases[c]);
		}
		test_degenerate(false, feedback);
		test_degenerate(true, feedback);
	}
	for (int c = 0; c < N_CASES; c++)
	{
		test_item_lists(ones, USERS, ITEMS, FEEDBACK_IMPLICIT, &cases[c]);
		test_user_neighbors(ones, USERS, ITEMS, FEEDBACK_IMPLICIT, &cases[c]);
	}
	test_threads(dense);
	test_edited_biases();
	test_edited_similarities();
	return passed("knn");
}
