/*
 * fm_train.c
 *	  Training a factorisation machine: items, their features, users, and the loop. fm_contexts.c
 *	  has the contexts.
 */
#include <math.h>
#include <string.h>

#include "algorithm/fm_train.h"
#include "kernel/poll.h"
#include "kernel/random.h"

/* ---- memory ---- */

/*
 * Vectors of a feature have a number for each factor, and one for the bias behind them. They lie
 * feature_width() floats apart.
 */
enum
{
	FEATURE_DIRECTION,			/* D */
	FEATURE_RESIDUAL,			/* the negative gradient of what D minimises */
	FEATURE_SEARCH,				/* the direction of conjugate gradient */
	FEATURE_PRODUCT,			/* of the curvature and the search direction */
	FEATURE_DIAGONAL,			/* of the curvature */
	FEATURE_RIDGE,				/* of the curvature: the regularisation */
	N_FEATURE_VECTORS
};

static inline int64_t
feature_width(int k)
{
	return PADDED(k + 1);
}

/* A step of the features. Vectors of k + 1 doubles follow: */
typedef struct Step
{
	double		length;
} Step;

enum
{
	STEP_SQUARES,				/* the mean square of the users' factors */
	STEP_PRODUCTS,				/* of conjugate gradient: residual x preconditioned residual */
	STEP_SHARES,				/* by how much the search direction is followed, or kept */
	STEP_PARTIAL,				/* PARTS vectors: parts of products */
	N_STEP_VECTORS = STEP_PARTIAL + PARTS
};

static inline double *
step_vector(const Task *task, int which)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];

	return (double *) ((char *) task->arrays[ARRAY_STEP] + cache_lines(sizeof(Step))) +
		   (int64_t) which * (shared->common.k + 1);
}

int
fm_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	const FmOptions *o = options;
	bool		rated = is_explicit(o);
	int64_t		background = background_numbers(o->factors);
	int64_t		width = feature_width(o->factors);
	int64_t		n_items = extent->n_items;
	int64_t		n_features = extent->n_item_features;

	bytes[ARRAY_SHARED] = sizeof(Shared);
	bytes[ARRAY_ITEM_LOSS] = sizeof(double) * extent->n_items;
	bytes[ARRAY_USER_LOSS] = sizeof(double) * extent->n_users;
	bytes[ARRAY_PARTS] = rated ? 0 : sizeof(double) * PARTS * background;
	bytes[ARRAY_BACKGROUNDS] = rated ? 0 : sizeof(double) * 2 * background;
	for (int i = ARRAY_OWN_FACTORS; i < N_ARRAYS; i++)
		bytes[i] = 0;
	if (extent->n_contexts > 0)
		bytes[ARRAY_CONTEXTS] = fm_contexts_bytes(o->factors, extent);
	if (n_features == 0)
		return extent->n_contexts > 0 ? N_ARRAYS : rated ? ARRAY_PARTS : ARRAY_OWN_FACTORS;
	bytes[ARRAY_OWN_FACTORS] = sizeof(float) * n_items * PADDED(o->factors);
	bytes[ARRAY_OWN_BIAS] = sizeof(float) * n_items;
	bytes[ARRAY_WEIGHT] = sizeof(float) * n_items;
	bytes[ARRAY_FEATURE_START] = sizeof(int64_t) * (n_features + 2);
	bytes[ARRAY_FEATURE_ITEM] = sizeof(int32_t) * extent->n_item_values;
	bytes[ARRAY_FEATURE_VALUE] = sizeof(float) * extent->n_item_values;
	bytes[ARRAY_FEATURES] = sizeof(float) * N_FEATURE_VECTORS * n_features * width;
	bytes[ARRAY_MOVED] = sizeof(float) * n_items * width;
	bytes[ARRAY_LINE] = sizeof(Polynomial) * n_items;
	bytes[ARRAY_STEP] =
		cache_lines(sizeof(Step)) + sizeof(double) * N_STEP_VECTORS * (o->factors + 1);
	return extent->n_contexts > 0 ? N_ARRAYS : ARRAY_CONTEXTS;
}

static inline bool
has_features(const Task *task)
{
	return task->ratings->item_features.by_row.n_columns > 0;
}

/* The items' own numbers; without attributes those of the model. */
static Rows
own_rows(const Task *task)
{
	Rows		rows = rows_of(task->model, SIDE_ITEMS);

	if (has_features(task))
	{
		rows.bias = task->arrays[ARRAY_OWN_BIAS];
		rows.factors = task->arrays[ARRAY_OWN_FACTORS];
	}
	return rows;
}

/* features x items */
static SparseMatrix
items_by_feature(const Task *task)
{
	const SparseMatrix *m = &task->ratings->item_features.by_row;

	return (SparseMatrix) {.n_rows = m->n_columns, .n_columns = m->n_rows,
						   .start = task->arrays[ARRAY_FEATURE_START],
						   .column = task->arrays[ARRAY_FEATURE_ITEM],
						   .value = task->arrays[ARRAY_FEATURE_VALUE]};
}

static inline float *
feature_vector(const Task *task, int which, int64_t feature)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int64_t		n = task->ratings->item_features.by_row.n_columns;

	return (float *) task->arrays[ARRAY_FEATURES] +
		   (which * n + feature) * feature_width(shared->common.k);
}

/* ---- passes ---- */

static Prior
features_prior(const Task *task, int64_t item, float *s)
{
	const SparseMatrix *m = &task->ratings->item_features.by_row;

	if (!has_features(task))
		return (Prior) {NULL, 0};
	return fm_prior_of_features(task->model, m->column + m->start[item], m->value + m->start[item],
								m->start[item + 1] - m->start[item], s);
}

/* Sets the numbers of an item in the model from its own ones, where it has features. */
static void
combine(const Task *task, const Rows *own, const Prior *prior, int64_t item)
{
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	int			k = ((const FmOptions *) task->model->options)->factors;
	const float *v = factors_of(own, item);

	if (prior->s == NULL)
		return;
	for (int f = 0; f < k; f++)
		factors_of(&items, item)[f] = v[f] + prior->s[f];
	items.bias[item] =
		(float) (own->bias[item] + prior->h + vector_dot_double(v, prior->s, k));
}

/* The reverse. An item that is new is what its features say. */
static void
separate(const Task *task, const Rows *own, const Prior *prior, int64_t item)
{
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	int			k = ((const FmOptions *) task->model->options)->factors;
	float	   *v = factors_of(own, item);
	bool		is_new = items.bias[item] == 0;

	if (prior->s == NULL)
		return;
	for (int f = 0; f < k; f++)
		is_new = is_new && factors_of(&items, item)[f] == 0;
	for (int f = 0; f < k; f++)
		v[f] = is_new ? 0 : factors_of(&items, item)[f] - prior->s[f];
	own->bias[item] =
		is_new ? 0
			   : (float) (items.bias[item] - prior->h - vector_dot_double(v, prior->s, k));
}

/* Standard deviation of the random factors that training starts from. */
#define INITIAL_DEVIATION 0.1

/* A pass over the users: random factors for those that have none. Its argument is not used. */
static void
pass_initialize(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	Rows		users = rows_of(task->model, SIDE_USERS);
	double		deviation = INITIAL_DEVIATION * sqrt(fm_factor_scale(task->model));

	for (int64_t u = begin; u < end; u++)
	{
		bool		empty = true;

		poll();
		for (int f = 0; f < o->factors; f++)
			empty = empty && factors_of(&users, u)[f] == 0;
		for (int f = 0; f < o->factors && empty; f++)
			factors_of(&users, u)[f] =
				(float) (deviation *
						 random_normal((uint64_t) o->seed, (uint64_t) u * o->factors + f));
	}
}

/*
 * A pass over the items. Its argument says whether items get what they have with their features,
 * after these have moved, or their own numbers.
 */
static void
pass_own(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	bool		with_features = *(const bool *) argument;
	Rows		own = own_rows(task);
	Workspace	w;

	fm_lay_out_workspace(((const FmOptions *) task->model->options)->factors, has_contexts(task),
						 scratch, &w);
	for (int64_t i = begin; i < end; i++)
	{
		Prior		prior = features_prior(task, i, w.own);

		poll();
		if (with_features)
			combine(task, &own, &prior, i);
		else
			separate(task, &own, &prior, i);
	}
}

/* A pass over PARTS parts of a side, which is its argument. */
static void
pass_background(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	SideKind	side = *(const SideKind *) argument;
	Rows		rows = rows_of(task->model, side);
	bool		by_situation = side == SIDE_USERS && has_contexts(task);
	Surroundings surroundings;
	Workspace	w;

	if (by_situation)
		surroundings = fm_surroundings(task);
	fm_lay_out_workspace(shared->common.k, has_contexts(task), scratch, &w);
	fm_sum_background(&shared->common, &rows,
					  side == SIDE_ITEMS ? missing_weights(task->model) : NULL,
					  task->model->sides[side].n_ratings,
					  by_situation ? &surroundings.situations : NULL,
					  by_situation ? &surroundings.contexts : NULL, task->arrays[ARRAY_PARTS],
					  begin, end, &w);
}

static RatedRow
rated_row(const Task *task, SideKind side, int64_t row, const Surroundings *surroundings)
{
	const SparseMatrix *m =
		side == SIDE_ITEMS ? &task->ratings->by_item : &task->ratings->by_user;
	int64_t		first = m->start[row];
	RatedRow	result = {.column = m->column + first, .value = m->value + first,
						  .n = m->start[row + 1] - first};

	if (!has_contexts(task))
		return result;
	result.context = m->context + first;
	result.contexts = &surroundings->contexts;
	result.user = side == SIDE_USERS ? row : -1;
	if (!is_explicit(task->model->options))
		result.situations = &surroundings->situations;
	return result;
}

Problem
fm_problem_of_side(const Task *task, SideKind side, Surroundings *surroundings)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	SideKind	other = side == SIDE_ITEMS ? SIDE_USERS : SIDE_ITEMS;
	Problem		problem = {.common = &shared->common, .fixed = rows_of(task->model, other)};

	*surroundings = fm_surroundings(task);
	if (!shared->common.is_explicit)
	{
		surroundings->background = background_of(task, other);
		problem.background = &surroundings->background;
		problem.missing_of_fixed = other == SIDE_ITEMS ? missing_weights(task->model) : NULL;
	}
	return problem;
}

/* A pass over the items: solves for their own numbers. Its argument is not used. */
static void
pass_items(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	Shared	   *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	const SparseMatrix *m = &task->ratings->by_item;
	Surroundings surroundings;
	Problem		problem = fm_problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = own_rows(task);
	Workspace	w;
	int			n;

	fm_lay_out_workspace(c->k, has_contexts(task), scratch, &w);
	for (int64_t first = begin; first < end; first += n)
	{
		Sums		sums[MOST_AT_ONCE];
		double		target[MOST_AT_ONCE];

		n = end - first < w.at_once ? (int) (end - first) : w.at_once;
		for (int at = 0; at < n; at++)
		{
			int64_t		i = first + at;
			RatedRow	row = rated_row(task, SIDE_ITEMS, i, &surroundings);
			Prior		prior = features_prior(task, i, w.own);

			sums[at] = sums_at(c, at, &w);
			fm_sum_row(&problem, &row, factors_of(&items, i), items.bias[i],
					   c->is_explicit ? 0 : missing_weights(task->model)[i], &sums[at], &w);
			target[at] = fm_eliminate_bias(c, fm_lambda(o, (double) row.n), &prior, &sums[at]);
			if (has_features(task))
				((float *) task->arrays[ARRAY_WEIGHT])[i] = (float) sums[at].weight;
		}
		if (!fm_solve_systems(c, n, &w))
			shared->failed = 1;
		for (int at = 0; at < n; at++)
		{
			int64_t		i = first + at;
			Prior		prior = features_prior(task, i, w.own);
			double		n_ratings = (double) (m->start[i + 1] - m->start[i]);

			own.bias[i] = (float) fm_bias_for(c, fm_lambda(o, n_ratings), &prior, &sums[at],
											  target[at], sums[at].b);
			memcpy(factors_of(&own, i), sums[at].b, sizeof(float) * c->k);
			combine(task, &own, &prior, i);
			if (!isfinite(items.bias[i]))
				shared->failed = 1;
		}
	}
}

double
fm_penalty(const Common *c, double lambda, const float *v, double bias)
{
	return lambda * (c->factor_scale * vector_dot_double(v, v, c->k) + bias * bias);
}

/*
 * A pass over the users: solves them from their present numbers or, where the argument is true,
 * folds them in.
 */
static void
pass_users(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	bool		fold = *(const bool *) argument;
	const FmOptions *o = task->model->options;
	Shared	   *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	Surroundings surroundings;
	Problem		problem = fm_problem_of_side(task, SIDE_USERS, &surroundings);
	Rows		users = rows_of(task->model, SIDE_USERS);
	Workspace	w;
	int			n;

	fm_lay_out_workspace(c->k, has_contexts(task), scratch, &w);
	for (int64_t first = begin; first < end; first += n)
	{
		RatedRow	rows[MOST_AT_ONCE];

		n = end - first < w.at_once ? (int) (end - first) : w.at_once;
		for (int at = 0; at < n; at++)
		{
			rows[at] = rated_row(task, SIDE_USERS, first + at, &surroundings);
			if (fold)
			{
				memset(factors_of(&users, first + at), 0, sizeof(float) * c->k);
				users.bias[first + at] = 0;
			}
		}
		if (!fm_solve_users(&problem, o, rows, n, fold ? FOLDING_STEPS : 1,
							factors_of(&users, first), users.stride, users.bias + first, &w))
			shared->failed = 1;
	}
}

/* A pass over the users: their regularisation. Its argument is not used. */
static void
pass_penalty(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const int64_t *start = task->ratings->by_user.start;
	Rows		users = rows_of(task->model, SIDE_USERS);
	double	   *loss = task->arrays[ARRAY_USER_LOSS];

	poll();
	for (int64_t u = begin; u < end; u++)
		loss[u] = fm_penalty(&shared->common, fm_lambda(o, (double) (start[u + 1] - start[u])),
							 factors_of(&users, u), users.bias[u]);
}

/* The product of a vector of k + 2 numbers with the Gram matrix, and another such vector. */
static double
gram_product(const double *gram, const double *a, const double *b, int n)
{
	double		sum = 0;

	for (int f = 0; f < n; f++)
	{
		double		row = 0;

		for (int g = 0; g < n; g++)
			row += gram[f * n + g] * b[g];
		sum += a[f] * row;
	}
	return sum;
}

/* An item as a vector: the score of a user is its product with (v_u, 1, constant + w_u). */
static void
extend(const float *factors, double bias, double one, int k, double *extended)
{
	for (int f = 0; f < k; f++)
		extended[f] = factors[f];
	extended[k] = bias;
	extended[k + 1] = one;
}

/*
 * A pass over the items: their losses. Where its argument is true, the bounds of missing events are
 * moved to where the loss is least.
 */
static void
pass_loss(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	bool		move = *(const bool *) argument;
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	Surroundings surroundings;
	Problem		problem = fm_problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = own_rows(task);
	double	   *loss = task->arrays[ARRAY_ITEM_LOSS];
	int			k = c->k;
	Workspace	w;

	fm_lay_out_workspace(k, has_contexts(task), scratch, &w);
	for (int64_t i = begin; i < end; i++)
	{
		const float *p = factors_of(&items, i);
		RatedRow	row = rated_row(task, SIDE_ITEMS, i, &surroundings);
		double		sum = 0;
		double		squares = 0;
		double		missing_sum = 0;
		double		missing = (double) c->n_users;

		loss[i] = fm_penalty(c, fm_lambda(o, (double) row.n), factors_of(&own, i), own.bias[i]);
		if (!c->is_explicit && row.n > 0)
		{
			extend(p, items.bias[i], 1, k, w.extended);
			squares = gram_product(surroundings.background.gram, w.extended, w.extended, k + 2);
			for (int f = 0; f < k + 2; f++)
				missing_sum += surroundings.background.gram[k * (k + 2) + f] * w.extended[f];
		}
		for (int64_t first = 0; first < row.n; first += CHUNK)
		{
			Chunk		chunk = fm_chunk(&problem, &row, first, &w);

			poll();
			fm_multiply(&chunk.fixed, chunk.at, chunk.n, p, k, w.products);
			for (int64_t j = 0; j < chunk.n; j++)
			{
				float		value = chunk.value[j];
				double		share = chunk.share == NULL ? 1 : chunk.share[j];
				double		score = c->constant + items.bias[i] +
							chunk.fixed.bias[chunk.at[j]] + w.products[j];

				if (c->is_explicit)
					sum += (value - score) * (value - score);
				else
					sum += 2 * value * c->event * softplus(-score);
				squares -= share * score * score;
				missing_sum -= share * score;
				missing -= share;
			}
		}
		if (!c->is_explicit && row.n > 0)
		{
			double		x = missing > 0 ? sqrt(fmax(squares, 0) / missing) : 0;

			sum += c->missing * (2 * missing * (softplus(x) - x / 2) + missing_sum);
			if (move)
				missing_weights(task->model)[i] = (float) (c->missing * curvature(x));
		}
		loss[i] += sum;
	}
}

/* ---- the step of the features ---- */

/* Steps of conjugate gradient in each iteration. */
#define FEATURE_STEPS 5

/* The longest step along the direction, and how many lengths up to it are tried at first. */
#define LONGEST_STEP 4
#define TRIED_STEPS 64

/*
 * How much of a change of an item's features its own numbers will undo: of each factor, then of the
 * bias. Returns the weight of the item's regularization.
 */
static double
response(const Task *task, int64_t item, double *undone)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const double *squares = step_vector(task, STEP_SQUARES);
	double		weight = ((const float *) task->arrays[ARRAY_WEIGHT])[item];
	double		lambda =
		fm_lambda(o, (double) task->model->sides[SIDE_ITEMS].n_ratings[item]);
	int			k = shared->common.k;

	for (int f = 0; f <= k; f++)
	{
		double		known = weight * (f < k ? squares[f] : 1);
		double		ridge = lambda * (f < k ? shared->common.factor_scale : 1);

		undone[f] = known > 0 ? known / (known + ridge) : 0;
	}
	return lambda;
}

/* Adds the products of two vectors of a feature to a part's products. */
static void
add_products(const float *a, const float *b, int k, double *products)
{
	for (int f = 0; f <= k; f++)
		products[f] += (double) a[f] * b[f];
}

/*
 * Calls a function for the features of parts begin .. end - 1, with the vector of the step that
 * belongs to the part, which is zero at first.
 */
typedef void (*FeatureFunction) (const Task *task, int64_t feature, double *partial,
								 double *numbers);

static void
each_feature(const Task *task, int64_t begin, int64_t end, FeatureFunction function, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int64_t		n = task->ratings->item_features.by_row.n_columns;
	Workspace	w;

	fm_lay_out_workspace(shared->common.k, has_contexts(task), scratch, &w);
	for (int64_t part = begin; part < end; part++)
	{
		double	   *partial = step_vector(task, STEP_PARTIAL + (int) part);

		memset(partial, 0, sizeof(double) * (shared->common.k + 1));
		for (int64_t f = part_begin(n, part); f < part_begin(n, part + 1); f++)
		{
			poll();
			function(task, f, partial, w.extended);
		}
	}
}

/*
 * The gradient at the solutions of the items, and the diagonal of the curvature. By the equations
 * that the items' own numbers solve, the gradient by p_i is -(lambda v_i - lambda w_i s_i), and the
 * one by b_i is -lambda w_i.
 */
static void
begin_feature(const Task *task, int64_t feature, double *partial, double *undone)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	double		scale = shared->common.factor_scale;
	SparseMatrix m = items_by_feature(task);
	Rows		own = own_rows(task);
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	const float *v = factors_of(&features, feature);
	float	   *direction = feature_vector(task, FEATURE_DIRECTION, feature);
	float	   *residual = feature_vector(task, FEATURE_RESIDUAL, feature);
	float	   *search = feature_vector(task, FEATURE_SEARCH, feature);
	float	   *diagonal = feature_vector(task, FEATURE_DIAGONAL, feature);
	const float *ridge = feature_vector(task, FEATURE_RIDGE, feature);

	for (int f = 0; f <= k; f++)
	{
		direction[f] = 0;
		residual[f] = -ridge[f] * (f < k ? v[f] : features.bias[feature]);
		diagonal[f] = ridge[f];
	}
	for (int64_t e = m.start[feature]; e < m.start[feature + 1]; e++)
	{
		int32_t		i = m.column[e];
		double		x = m.value[e];
		double		lambda = response(task, i, undone);
		const float *own_factors = factors_of(&own, i);
		double		w = own.bias[i];

		if (e % 64 == 0)
			poll();
		for (int f = 0; f < k; f++)
		{
			residual[f] += (float) (x * lambda * (scale * own_factors[f] +
												  w * (own_factors[f] - x * v[f])));
			diagonal[f] += (float) (x * x * lambda * scale * undone[f]);
		}
		residual[k] += (float) (x * lambda * w);
		diagonal[k] += (float) (x * x * lambda * undone[k]);
	}
	for (int f = 0; f <= k; f++)
		search[f] = diagonal[f] > 0 ? residual[f] / diagonal[f] : 0;
	add_products(residual, search, k, partial);
}

/* The curvature times the search direction. */
static void
multiply_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	SparseMatrix m = items_by_feature(task);
	const float *search = feature_vector(task, FEATURE_SEARCH, feature);
	const float *ridge = feature_vector(task, FEATURE_RIDGE, feature);
	float	   *product = feature_vector(task, FEATURE_PRODUCT, feature);

	for (int f = 0; f <= k; f++)
		product[f] = ridge[f] * search[f];
	for (int64_t e = m.start[feature]; e < m.start[feature + 1]; e++)
	{
		const float *moved =
			(const float *) task->arrays[ARRAY_MOVED] + m.column[e] * feature_width(k);
		float		x = m.value[e];

		if (e % 1024 == 0)
			poll();
		for (int f = 0; f <= k; f++)
			product[f] += x * moved[f];
	}
	add_products(search, product, k, partial);
}

static void
advance_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	const double *shares = step_vector(task, STEP_SHARES);
	const float *search = feature_vector(task, FEATURE_SEARCH, feature);
	const float *product = feature_vector(task, FEATURE_PRODUCT, feature);
	const float *diagonal = feature_vector(task, FEATURE_DIAGONAL, feature);
	float	   *direction = feature_vector(task, FEATURE_DIRECTION, feature);
	float	   *residual = feature_vector(task, FEATURE_RESIDUAL, feature);

	for (int f = 0; f <= k; f++)
	{
		direction[f] += (float) shares[f] * search[f];
		residual[f] -= (float) shares[f] * product[f];
		partial[f] += diagonal[f] > 0 ? (double) residual[f] * residual[f] / diagonal[f] : 0;
	}
}

static void
turn_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const double *shares = step_vector(task, STEP_SHARES);
	const float *diagonal = feature_vector(task, FEATURE_DIAGONAL, feature);
	const float *residual = feature_vector(task, FEATURE_RESIDUAL, feature);
	float	   *search = feature_vector(task, FEATURE_SEARCH, feature);

	for (int f = 0; f <= shared->common.k; f++)
		search[f] = (diagonal[f] > 0 ? residual[f] / diagonal[f] : 0) +
					(float) shares[f] * search[f];
}

static void
move_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	float		length = (float) ((const Step *) task->arrays[ARRAY_STEP])->length;
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	const float *direction = feature_vector(task, FEATURE_DIRECTION, feature);

	for (int f = 0; f < k; f++)
		factors_of(&features, feature)[f] += length * direction[f];
	features.bias[feature] += length * direction[k];
}

/* Passes over the parts of the features; the argument of the pass is which of these it does. */
static const FeatureFunction feature_functions[] = {
	begin_feature, multiply_feature, advance_feature, turn_feature, move_feature
};

enum
{
	FEATURES_BEGIN,
	FEATURES_MULTIPLY,
	FEATURES_ADVANCE,
	FEATURES_TURN,
	FEATURES_MOVE
};

static void
pass_features(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	each_feature(task, begin, end, feature_functions[*(const int *) argument], scratch);
}

/* A vector of the features, summed over those of an item. */
static void
sum_features(const Task *task, int which, int64_t item, float *sum)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const SparseMatrix *m = &task->ratings->item_features.by_row;

	memset(sum, 0, sizeof(float) * (shared->common.k + 1));
	for (int64_t e = m->start[item]; e < m->start[item + 1]; e++)
	{
		const float *vector = feature_vector(task, which, m->column[e]);

		for (int f = 0; f <= shared->common.k; f++)
			sum[f] += m->value[e] * vector[f];
	}
}

/* A pass over the items: the curvature times what the search direction changes. */
static void
pass_spread(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	Workspace	w;

	fm_lay_out_workspace(k, has_contexts(task), scratch, &w);
	for (int64_t i = begin; i < end; i++)
	{
		float	   *moved = (float *) task->arrays[ARRAY_MOVED] + i * feature_width(k);
		double		lambda = response(task, i, w.extended);

		poll();
		sum_features(task, FEATURE_SEARCH, i, moved);
		for (int f = 0; f <= k; f++)
			moved[f] *= (float) (lambda * (f < k ? shared->common.factor_scale : 1) *
								 w.extended[f]);
	}
}

/*
 * What a step along the direction does to an item: its own numbers change by `own`, p_i by `item`,
 * each times the length of the step, and b_i by bias[0] times the length and bias[1] times its
 * square. own has the bias behind the factors.
 */
typedef struct Change
{
	float	   *own;			/* padded k + 1 */
	float	   *item;			/* padded k */
	double		bias[2];
} Change;

static void
change_of(const Task *task, const Rows *own, const Prior *prior, int64_t item, Change *change,
		  double *undone)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const SparseMatrix *m = &task->ratings->item_features.by_row;
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	const float *v = factors_of(own, item);
	int			k = shared->common.k;
	double		first;
	double		second = 0;

	response(task, item, undone);
	/* first what the features change, then what of it is undone */
	sum_features(task, FEATURE_DIRECTION, item, change->own);
	first = change->own[k];
	for (int64_t e = m->start[item]; e < m->start[item + 1]; e++)
	{
		const float *direction = feature_vector(task, FEATURE_DIRECTION, m->column[e]);
		double		square = (double) m->value[e] * m->value[e];

		first -= square * vector_dot_double(factors_of(&features, m->column[e]), direction, k);
		second -= 0.5 * square * vector_dot_double(direction, direction, k);
	}
	for (int f = 0; f < k; f++)
	{
		double		moved = change->own[f];
		double		undo = -undone[f] * moved;

		first += undo * prior->s[f] + (double) v[f] * moved + prior->s[f] * moved;
		second += undo * moved + 0.5 * moved * moved;
		change->item[f] = (float) (moved + undo);
		change->own[f] = (float) undo;
	}
	change->own[k] = (float) (-undone[k] * first);
	change->bias[0] = (1 - undone[k]) * first;
	change->bias[1] = second;
}

/* Adds weight/2 z^2 - target z for z = z_0 + z_1 t + z_2 t^2. */
static void
add_quadratic(Polynomial *sum, double weight, double target, double z0, double z1, double z2)
{
	sum->of[0] += weight / 2 * z0 * z0 - target * z0;
	sum->of[1] += weight * z0 * z1 - target * z1;
	sum->of[2] += weight / 2 * (z1 * z1 + 2 * z0 * z2) - target * z2;
	sum->of[3] += weight * z1 * z2;
	sum->of[4] += weight / 2 * z2 * z2;
}

/*
 * A pass over the items: the loss along the direction, or the bound of it that is exact for the
 * present scores of the events.
 */
static void
pass_line(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	Surroundings surroundings;
	Problem		problem = fm_problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = own_rows(task);
	int			k = c->k;
	Workspace	w;
	Pieces		p = {scratch, fm_lay_out_workspace(k, has_contexts(task), scratch, &w)};
	Change		change = {.own = add_piece(&p, sizeof(float) * feature_width(k)),
						  .item = add_piece(&p, sizeof(float) * PADDED(k))};
	float	   *slopes = add_piece(&p, sizeof(float) * CHUNK);

	for (int64_t i = begin; i < end; i++)
	{
		Polynomial *line = (Polynomial *) task->arrays[ARRAY_LINE] + i;
		RatedRow	row = rated_row(task, SIDE_ITEMS, i, &surroundings);
		Prior		prior = features_prior(task, i, w.own);
		double		lambda = fm_lambda(o, (double) row.n);
		const float *v = factors_of(&own, i);
		double		missing = c->is_explicit ? 0 : missing_weights(task->model)[i];

		memset(line, 0, sizeof(Polynomial));
		change_of(task, &own, &prior, i, &change, w.extended);
		for (int64_t first = 0; first < row.n; first += CHUNK)
		{
			Chunk		chunk = fm_chunk(&problem, &row, first, &w);

			poll();
			fm_multiply(&chunk.fixed, chunk.at, chunk.n, factors_of(&items, i), k, w.products);
			fm_multiply(&chunk.fixed, chunk.at, chunk.n, change.item, k, slopes);
			for (int64_t j = 0; j < chunk.n; j++)
			{
				float		value = chunk.value[j];
				double		score = c->constant + items.bias[i] +
							chunk.fixed.bias[chunk.at[j]] + w.products[j];
				double		weight = 1;
				double		target = value;

				if (!c->is_explicit)
					bound_event(c, value, score, missing,
								chunk.share == NULL ? 1 : chunk.share[j], &weight, &target);
				add_quadratic(line, weight, target, score, slopes[j] + change.bias[0],
							  change.bias[1]);
			}
		}
		if (missing > 0)
		{
			double	   *now = w.extended;
			double	   *slope = now + (k + 2);
			double		bend = change.bias[1];	/* the second derivative is (0, bend, 0) */
			const double *gram = surroundings.background.gram;
			const double *ones = gram + (int64_t) k * (k + 2);
			double		sum_now = 0;
			double		sum_slope = 0;

			extend(factors_of(&items, i), items.bias[i], 1, k, now);
			extend(change.item, change.bias[0], 0, k, slope);
			for (int f = 0; f < k + 2; f++)
			{
				sum_now += ones[f] * now[f];
				sum_slope += ones[f] * slope[f];
			}
			line->of[0] += missing / 2 * gram_product(gram, now, now, k + 2) +
						   c->missing / 2 * sum_now;
			line->of[1] += missing * gram_product(gram, now, slope, k + 2) +
						   c->missing / 2 * sum_slope;
			line->of[2] += missing / 2 * gram_product(gram, slope, slope, k + 2) +
						   missing * bend * sum_now + c->missing / 2 * bend * ones[k];
			line->of[3] += missing * bend * sum_slope;
			line->of[4] += missing / 2 * bend * bend * ones[k];
		}
		add_quadratic(line, lambda, 0, own.bias[i], change.own[k], 0);
		for (int f = 0; f < k; f++)
			add_quadratic(line, lambda * c->factor_scale, 0, v[f], change.own[f], 0);
	}
}

static size_t
line_bytes(int k, bool contexts)
{
	Pieces		p = {NULL, fm_workspace_bytes(k, contexts)};

	add_piece(&p, sizeof(float) * feature_width(k));
	add_piece(&p, sizeof(float) * PADDED(k));
	add_piece(&p, sizeof(float) * CHUNK);
	return p.bytes;
}

/* A pass over the items, before the features move: moves their own numbers. */
static void
pass_move_own(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	float		length = (float) ((const Step *) task->arrays[ARRAY_STEP])->length;
	Rows		own = own_rows(task);
	int			k = shared->common.k;
	Workspace	w;
	Pieces		p = {scratch, fm_lay_out_workspace(k, has_contexts(task), scratch, &w)};
	Change		change = {.own = add_piece(&p, sizeof(float) * feature_width(k)),
						  .item = add_piece(&p, sizeof(float) * PADDED(k))};

	for (int64_t i = begin; i < end; i++)
	{
		Prior		prior = features_prior(task, i, w.own);

		poll();
		change_of(task, &own, &prior, i, &change, w.extended);
		for (int f = 0; f < k; f++)
			factors_of(&own, i)[f] += length * change.own[f];
		own.bias[i] += length * change.own[k];
	}
}

const Pass fm_passes[] = {
	[PASS_INITIALIZE] = pass_initialize,
	[PASS_OWN] = pass_own,
	[PASS_BACKGROUND] = pass_background,
	[PASS_ITEMS] = pass_items,
	[PASS_USERS] = pass_users,
	[PASS_PENALTY] = pass_penalty,
	[PASS_LOSS] = pass_loss,
	[PASS_FEATURES] = pass_features,
	[PASS_SPREAD] = pass_spread,
	[PASS_LINE] = pass_line,
	[PASS_MOVE_OWN] = pass_move_own,
	[PASS_SITUATIONS] = fm_pass_situations,
	[PASS_STORED_CONTEXTS] = fm_pass_stored_contexts,
	[PASS_CONTEXTS] = fm_pass_contexts,
	[PASS_CONTEXT_SUMS] = fm_pass_context_sums
};

size_t
fm_scratch_bytes(const void *options, const Extent *extent)
{
	int			k = ((const FmOptions *) options)->factors;
	bool		contexts = extent->n_contexts > 0;
	size_t		line = line_bytes(k, contexts);
	size_t		step = fm_context_step_bytes(k, contexts);

	return line > step ? line : step;
}

static void
run_own(Services *services, bool with_features, int64_t n_items)
{
	run_pass(services, PASS_OWN, &with_features, sizeof(with_features), n_items, BLOCK_ROWS);
}

static void
run_features(Services *services, int function)
{
	run_pass(services, PASS_FEATURES, &function, sizeof(function), PARTS, 1);
}

/* The sums of the parts of the last pass over the features. */
static void
add_partial(const Task *task, int k, double *sum)
{
	memset(sum, 0, sizeof(double) * (k + 1));
	for (int part = 0; part < PARTS; part++)
	{
		for (int f = 0; f <= k; f++)
			sum[f] += step_vector(task, STEP_PARTIAL + part)[f];
	}
}

/* The mean squares of the users' factors. */
static void
measure_users(const Task *task, int k, double *squares)
{
	Rows		users = rows_of(task->model, SIDE_USERS);

	memset(squares, 0, sizeof(double) * k);
	for (int64_t u = 0; u < users.n; u++)
	{
		const float *x = factors_of(&users, u);

		if (u % 1024 == 0)
			poll();
		for (int f = 0; f < k; f++)
			squares[f] += (double) x[f] * x[f] / (double) users.n;
	}
}

static double
value_at(const Polynomial *p, double t)
{
	return (((p->of[4] * t + p->of[3]) * t + p->of[2]) * t + p->of[1]) * t;
}

double
fm_best_length(const Polynomial *p)
{
	double		best = 0;
	double		width = (double) LONGEST_STEP / TRIED_STEPS;

	for (int i = 1; i <= TRIED_STEPS; i++)
	{
		if (value_at(p, i * width) < value_at(p, best))
			best = i * width;
	}
	/* the minimum is within `width`, where the loss is as good as convex */
	for (int i = 0; i < 30; i++)
	{
		double		low = fmax(best - width, 0);
		double		high = best + width;

		width /= 2;
		if (value_at(p, (low + best) / 2) < value_at(p, best))
			best = (low + best) / 2;
		else if (value_at(p, (high + best) / 2) < value_at(p, best))
			best = (high + best) / 2;
	}
	return best;
}

/* Moves the features, and what of the items follows from them. */
static void
step_features(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	int64_t		n_features = model->sides[SIDE_ITEM_FEATURES].n_rows;
	Rows		features = rows_of(model, SIDE_ITEM_FEATURES);
	double	   *products = step_vector(task, STEP_PRODUCTS);
	double	   *shares = step_vector(task, STEP_SHARES);
	const Polynomial *lines = task->arrays[ARRAY_LINE];
	Polynomial	line = {{0}};
	Step	   *step = task->arrays[ARRAY_STEP];

	measure_users(task, k, step_vector(task, STEP_SQUARES));
	run_features(services, FEATURES_BEGIN);
	add_partial(task, k, products);
	for (int i = 0; i < FEATURE_STEPS; i++)
	{
		run_pass(services, PASS_SPREAD, NULL, 0, n_items, BLOCK_ROWS);
		run_features(services, FEATURES_MULTIPLY);
		add_partial(task, k, shares);
		for (int f = 0; f <= k; f++)
			shares[f] = shares[f] > 0 ? products[f] / shares[f] : 0;
		run_features(services, FEATURES_ADVANCE);
		add_partial(task, k, shares);
		for (int f = 0; f <= k; f++)
		{
			double		next = shares[f];

			shares[f] = products[f] > 0 ? next / products[f] : 0;
			products[f] = next;
		}
		run_features(services, FEATURES_TURN);
	}
	run_pass(services, PASS_LINE, NULL, 0, n_items, BLOCK_ROWS);
	for (int64_t i = 0; i < n_items; i++)
	{
		if (i % 4096 == 0)
			poll();
		for (int d = 0; d <= 4; d++)
			line.of[d] += lines[i].of[d];
	}
	for (int64_t feature = 0; feature < n_features; feature++)
	{
		const float *ridge = feature_vector(task, FEATURE_RIDGE, feature);
		const float *direction = feature_vector(task, FEATURE_DIRECTION, feature);

		poll();
		for (int f = 0; f < k; f++)
			add_quadratic(&line, ridge[f], 0, factors_of(&features, feature)[f], direction[f], 0);
		add_quadratic(&line, ridge[k], 0, features.bias[feature], direction[k], 0);
	}
	step->length = fm_best_length(&line);
	run_pass(services, PASS_MOVE_OWN, NULL, 0, n_items, BLOCK_ROWS);
	run_features(services, FEATURES_MOVE);
	run_own(services, true, n_items);
}

/* Sets the items of each feature, and the weight of its regularization. */
static void
prepare_features(const Task *task)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	SparseMatrix m = items_by_feature(task);

	sparse_transpose(&task->ratings->item_features.by_row, &m);
	for (int64_t feature = 0; feature < m.n_rows; feature++)
	{
		double		n = 0;
		double		lambda;
		float	   *ridge = feature_vector(task, FEATURE_RIDGE, feature);

		poll();
		for (int64_t e = m.start[feature]; e < m.start[feature + 1]; e++)
			n += task->model->sides[SIDE_ITEMS].n_ratings[m.column[e]];
		lambda = fm_feature_lambda(o, n);
		for (int f = 0; f <= k; f++)
			ridge[f] = (float) (lambda * (f < k ? shared->common.factor_scale : 1));
	}
}

/* ---- the loop ---- */

/* Implicit feedback: computes the background of a side. */
static void
compute_background(const Task *task, Services *services, SideKind side)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];

	if (shared->common.is_explicit)
		return;
	run_pass(services, PASS_BACKGROUND, &side, sizeof(side), PARTS, 1);
	fm_add_background(&shared->common, task->arrays[ARRAY_PARTS], background_of(task, side).gram);
}

static double
features_penalty(const Task *task)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	int			k = shared->common.k;
	double		sum = 0;

	for (int64_t feature = 0; has_features(task) && feature < features.n; feature++)
	{
		poll();
		sum += fm_penalty(&shared->common, feature_vector(task, FEATURE_RIDGE, feature)[k],
						  factors_of(&features, feature), features.bias[feature]);
	}
	return sum;
}

/* The loss, in units of which a squared error is 1, and a logarithm of a likelihood 2. */
static double
total_loss(const Task *task, Services *services, bool move)
{
	const double *item_loss = task->arrays[ARRAY_ITEM_LOSS];
	const double *user_loss = task->arrays[ARRAY_USER_LOSS];
	double		total;

	compute_background(task, services, SIDE_USERS);
	run_pass(services, PASS_PENALTY, NULL, 0, task->model->sides[SIDE_USERS].n_rows, 1024);
	run_pass(services, PASS_LOSS, &move, sizeof(move), task->model->sides[SIDE_ITEMS].n_rows,
			 BLOCK_ROWS);
	total = features_penalty(task) + fm_contexts_penalty(task);
	for (int64_t i = 0; i < task->model->sides[SIDE_ITEMS].n_rows; i++)
		total += item_loss[i];
	for (int64_t u = 0; u < task->model->sides[SIDE_USERS].n_rows; u++)
		total += user_loss[u];
	return total;
}

/* Solves the users, after the items; before them, unless these are folded in, the contexts. */
static void
solve_all_users(const Task *task, Services *services, bool fold)
{
	compute_background(task, services, SIDE_ITEMS);
	if (has_contexts(task) && !fold)
		fm_step_contexts(task, services);
	run_pass(services, PASS_USERS, &fold, sizeof(fold), task->model->sides[SIDE_USERS].n_rows,
			 BLOCK_ROWS);
}

/* The longest vector of a side. */
static double
longest(const Rows *rows, int k)
{
	double		longest = 0;

	for (int64_t row = 0; row < rows->n && k > 0; row++)
	{
		if (row % 1024 == 0)
			poll();
		longest = fmax(longest, vector_norm(factors_of(rows, row), k));
	}
	return longest;
}

/* Products of factors below this share of the scale of ratings say nothing. */
#define LEAST_PRODUCT 1e-3

/* The relative difference by which rounding may change the loss of the same ratings. */
#define SAME_LOSS 1e-9

/* Implicit feedback: bounds as if all scores were the constant. */
static void
initialize_missing(const Task *task)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	const Side *items = &task->model->sides[SIDE_ITEMS];

	for (int64_t i = 0; i < items->n_rows && !c->is_explicit; i++)
		missing_weights(task->model)[i] =
			items->n_ratings[i] > 0 ? (float) (c->missing * curvature(c->constant)) : 0;
}

/*
 * A warm start continues from the last version's model as long as the loss falls; with the same
 * ratings nothing is done, as in als.c. What items have of their own is what their features, as far
 * as these are known, leave of their stored numbers.
 */
const char *
fm_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const FmOptions *o = model->options;
	Shared	   *shared = task->arrays[ARRAY_SHARED];
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	double		previous = INFINITY;
	Rows		users = rows_of(model, SIDE_USERS);
	Rows		items = rows_of(model, SIDE_ITEMS);
	bool		done = false;

	shared->common = fm_common(model);
	run_pass(services, PASS_INITIALIZE, NULL, 0, users.n, BLOCK_ROWS);
	if (has_features(task))
		prepare_features(task);
	if (has_contexts(task))
		fm_prepare_contexts(task, services);
	if (task->warm)
	{
		double		loss;

		if (has_features(task))
			run_own(services, false, n_items);
		loss = total_loss(task, services, false);
		previous = isfinite(loss) ? loss : INFINITY;
		done = fabs(loss - task->last_loss) <= SAME_LOSS * loss;
		if (done)
			services->iteration_done(services, 1, loss);
	}
	if (!done)
	{
		if (task->warm && has_contexts(task))
			fm_center_contexts(task, services);
		initialize_missing(task);
		if (task->warm)
			(void) total_loss(task, services, true);
		else
			compute_background(task, services, SIDE_USERS);
	}
	for (int iteration = 1; !done; iteration++)
	{
		double		total;

		run_pass(services, PASS_ITEMS, NULL, 0, n_items, BLOCK_ROWS);
		if (shared->failed != 0)
			return "a least-squares solution is not finite";
		if (has_features(task))
			step_features(task, services);
		solve_all_users(task, services, false);
		total = total_loss(task, services, true);
		/* a rise comes from rounding alone: there is nothing left to gain */
		done = iteration == o->iterations ||
			   (isfinite(previous) && !(previous - total >= o->tolerance * previous));
		if (done)
		{
			if (!shared->common.is_explicit)
				solve_all_users(task, services, true);
			/* the items' own numbers as a warm start has them, so that the loss is the same */
			if (has_features(task))
				run_own(services, false, n_items);
			total = total_loss(task, services, false);
		}
		if (shared->failed != 0 || !isfinite(total))
			return "the loss is not finite";
		services->iteration_done(services, iteration, total);
		previous = total;
	}
	if (o->factors > 0 && longest(&users, o->factors) * longest(&items, o->factors) <
							  LEAST_PRODUCT * fm_factor_scale(model))
		services->nothing_learned(services, "regularization");
	return NULL;
}
