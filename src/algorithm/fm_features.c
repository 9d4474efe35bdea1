/*
 * fm_features.c
 *	  Training a factorisation machine: the step of the features of items, or of users.
 *
 * A side is that of the items or of the users. fm.c says what the step is.
 */
#include <math.h>
#include <string.h>

#include "algorithm/fm_train.h"
#include "kernel/poll.h"

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

/* Vectors of k + 1 doubles of a step. */
enum
{
	STEP_SQUARES,				/* the mean square of the factors of the other side */
	STEP_PRODUCTS,				/* of conjugate gradient: residual x preconditioned residual */
	STEP_SHARES,				/* by how much the search direction is followed, or kept */
	STEP_MEANS,					/* of the categories of a column */
	STEP_TOTALS,				/* likewise */
	STEP_PARTIAL,				/* PARTS vectors: parts of products */
	N_STEP_VECTORS = STEP_PARTIAL + PARTS
};

/* The features of a side, and what their step needs. */
typedef struct FeatureSpace
{
	SideKind	side;
	int			k;
	const SparseMatrix *by_row; /* rows x features */
	SparseMatrix by_feature;
	Rows		rows;			/* the numbers of rows with what their features add */
	Rows		own;
	Rows		features;
	const int32_t *n_ratings;	/* of each row */
	float	   *weight;			/* of each row: the weight of its ratings */
	float	   *vectors;		/* N_FEATURE_VECTORS x features */
	float	   *moved;			/* a vector of each row */
	Polynomial *lines;			/* of each row */
	double	   *length;			/* of the step */
	double	   *step;			/* N_STEP_VECTORS */
	/* users only: of each feature, */
	double	   *of_feature;		/* the number of its ratings */
	int32_t    *next;			/* the next category of its column, or -1 */
	bool	   *is_later;		/* whether there is one before it */
} FeatureSpace;

static size_t
lay_out_features(int k, SideKind side, int64_t n_rows, int64_t n_features, int64_t n_values,
				 const void *memory, FeatureSpace *s)
{
	Pieces		p = {memory, 0};
	int64_t		width = feature_width(k);
	int64_t		n_centered = side == SIDE_USERS ? n_features : 0;

	s->own = (Rows) {n_rows, PADDED(k), NULL, NULL};
	s->own.factors = add_piece(&p, sizeof(float) * n_rows * PADDED(k));
	s->own.bias = add_piece(&p, sizeof(float) * n_rows);
	s->weight = add_piece(&p, sizeof(float) * n_rows);
	s->by_feature = (SparseMatrix) {.n_rows = n_features, .n_columns = n_rows};
	s->by_feature.start = add_piece(&p, sizeof(int64_t) * (n_features + 2));
	s->by_feature.column = add_piece(&p, sizeof(int32_t) * n_values);
	s->by_feature.value = add_piece(&p, sizeof(float) * n_values);
	s->vectors = add_piece(&p, sizeof(float) * N_FEATURE_VECTORS * n_features * width);
	s->moved = add_piece(&p, sizeof(float) * n_rows * width);
	s->lines = add_piece(&p, sizeof(Polynomial) * n_rows);
	s->length = add_piece(&p, sizeof(double));
	s->step = add_piece(&p, sizeof(double) * N_STEP_VECTORS * (k + 1));
	s->of_feature = add_piece(&p, sizeof(double) * n_centered);
	s->next = add_piece(&p, sizeof(int32_t) * n_centered);
	s->is_later = add_piece(&p, sizeof(bool) * n_centered);
	return p.bytes;
}

size_t
fm_features_bytes(int k, SideKind side, const Extent *extent)
{
	bool		items = side == SIDE_ITEMS;
	int64_t		n_features = items ? extent->n_item_features : extent->n_user_features;
	FeatureSpace s;

	return n_features == 0 ? 0
						   : lay_out_features(k, side, items ? extent->n_items : extent->n_users,
											  n_features,
											  items ? extent->n_item_values : extent->n_user_values,
											  NULL, &s);
}

static const Features *
features_of(const Task *task, SideKind side)
{
	return side == SIDE_ITEMS ? &task->ratings->item_features : &task->ratings->user_features;
}

bool
fm_has_features(const Task *task, SideKind side)
{
	return features_of(task, side)->by_row.n_columns > 0;
}

/* The side has features. */
static FeatureSpace
feature_space(const Task *task, SideKind side)
{
	const Side *rows = &task->model->sides[side];
	const SparseMatrix *m = &features_of(task, side)->by_row;
	FeatureSpace s = {.side = side, .by_row = m, .n_ratings = rows->n_ratings,
					  .k = ((const FmOptions *) task->model->options)->factors,
					  .rows = rows_of(task->model, side),
					  .features = rows_of(task->model, side_of_features(side))};

	lay_out_features(s.k, side, rows->n_rows, m->n_columns, m->start[m->n_rows],
					 task->arrays[side == SIDE_ITEMS ? ARRAY_ITEM_FEATURES : ARRAY_USER_FEATURES],
					 &s);
	return s;
}

static inline float *
feature_vector(const FeatureSpace *s, int which, int64_t feature)
{
	return s->vectors + (which * s->by_row->n_columns + feature) * feature_width(s->k);
}

static inline double *
step_vector(const FeatureSpace *s, int which)
{
	return s->step + (int64_t) which * (s->k + 1);
}

/* ---- a side's own numbers ---- */

Rows
fm_own_rows(const Task *task, SideKind side)
{
	return fm_has_features(task, side) ? feature_space(task, side).own
									   : rows_of(task->model, side);
}

float *
fm_row_weights(const Task *task, SideKind side)
{
	return fm_has_features(task, side) ? feature_space(task, side).weight : NULL;
}

Prior
fm_row_prior(const Task *task, SideKind side, int64_t row, float *s)
{
	const SparseMatrix *m = &features_of(task, side)->by_row;

	if (!fm_has_features(task, side))
		return (Prior) {NULL, 0};
	return fm_prior_of_features(task->model, side, m->column + m->start[row],
								m->value + m->start[row], m->start[row + 1] - m->start[row], s);
}

void
fm_combine_row(const Task *task, SideKind side, const Rows *own, const Prior *prior, int64_t row)
{
	Rows		rows = rows_of(task->model, side);

	if (prior->s != NULL)
		fm_combine(prior, factors_of(own, row), own->bias[row],
				   ((const FmOptions *) task->model->options)->factors, factors_of(&rows, row),
				   &rows.bias[row]);
}

void
fm_separate_row(const Task *task, SideKind side, const Rows *own, const Prior *prior, int64_t row)
{
	Rows		rows = rows_of(task->model, side);
	int			k = ((const FmOptions *) task->model->options)->factors;
	float	   *v = factors_of(own, row);
	bool		is_new;

	if (prior->s == NULL)
		return;
	is_new = side == SIDE_ITEMS && has_no_numbers(&rows, row, k);
	for (int f = 0; f < k; f++)
		v[f] = is_new ? 0 : factors_of(&rows, row)[f] - prior->s[f];
	own->bias[row] =
		is_new ? 0 : (float) (rows.bias[row] - prior->h - vector_dot_double(v, prior->s, k));
}

/* The argument of fm_pass_own. */
typedef struct OwnPass
{
	SideKind	side;
	bool		with_features;
} OwnPass;

/*
 * A pass over the rows of a side. Its argument says whether rows get what they have with their
 * features, after these have moved, or their own numbers.
 */
void
fm_pass_own(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const OwnPass *pass = argument;
	Rows		own = fm_own_rows(task, pass->side);
	Workspace	w;

	fm_lay_out_workspace(((const FmOptions *) task->model->options)->factors, has_contexts(task),
						 scratch, &w);
	for (int64_t row = begin; row < end; row++)
	{
		Prior		prior = fm_row_prior(task, pass->side, row, w.own);

		poll();
		if (pass->with_features)
			fm_combine_row(task, pass->side, &own, &prior, row);
		else
			fm_separate_row(task, pass->side, &own, &prior, row);
	}
}

static void
run_own(const Task *task, Services *services, SideKind side, bool with_features)
{
	OwnPass		pass = {side, with_features};

	run_pass(services, PASS_OWN, &pass, sizeof(pass), task->model->sides[side].n_rows, BLOCK_ROWS);
}

void
fm_separate(const Task *task, Services *services)
{
	for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
	{
		if (fm_has_features(task, side))
			run_own(task, services, side, false);
	}
}

/* ---- the passes of the step ---- */

/* Steps of conjugate gradient in each iteration. */
#define FEATURE_STEPS 5

/* The longest step along the direction, and how many lengths up to it are tried at first. */
#define LONGEST_STEP 4
#define TRIED_STEPS 64

/*
 * How much of a change of a row's features its own numbers will undo: of each factor, then of the
 * bias. Returns the weight of the row's regularization.
 */
static double
response(const Task *task, const FeatureSpace *s, int64_t row, double *undone)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const double *squares = step_vector(s, STEP_SQUARES);
	double		weight = s->weight[row];
	double		lambda = fm_lambda(o, (double) s->n_ratings[row]);

	for (int f = 0; f <= s->k; f++)
	{
		double		known = weight * (f < s->k ? squares[f] : 1);
		double		ridge = lambda * (f < s->k ? shared->common.factor_scale : 1);

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
 * What is done with a feature. partial: the vector of the step that belongs to its part, which is
 * zero at first. numbers: memory for k + 1 of them.
 */
typedef void (*FeatureFunction) (const Task *task, const FeatureSpace *s, int64_t feature,
								 double *partial, double *numbers);

/*
 * The gradient at the solutions of the rows, and the diagonal of the curvature. By the equations
 * that the rows' own numbers solve, the gradient by p_i is -(lambda v_i - lambda w_i s_i), and the
 * one by b_i is -lambda w_i.
 */
static void
begin_feature(const Task *task, const FeatureSpace *s, int64_t feature, double *partial,
			  double *undone)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = s->k;
	double		scale = shared->common.factor_scale;
	const SparseMatrix *m = &s->by_feature;
	const float *v = factors_of(&s->features, feature);
	float	   *direction = feature_vector(s, FEATURE_DIRECTION, feature);
	float	   *residual = feature_vector(s, FEATURE_RESIDUAL, feature);
	float	   *diagonal = feature_vector(s, FEATURE_DIAGONAL, feature);
	const float *ridge = feature_vector(s, FEATURE_RIDGE, feature);

	for (int f = 0; f <= k; f++)
	{
		direction[f] = 0;
		residual[f] = -ridge[f] * (f < k ? v[f] : s->features.bias[feature]);
		diagonal[f] = ridge[f];
	}
	for (int64_t e = m->start[feature]; e < m->start[feature + 1]; e++)
	{
		int32_t		row = m->column[e];
		double		x = m->value[e];
		double		lambda = response(task, s, row, undone);
		const float *own_factors = factors_of(&s->own, row);
		double		w = s->own.bias[row];

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
}

static void
start_feature(const Task *task, const FeatureSpace *s, int64_t feature, double *partial,
			  double *numbers)
{
	const float *diagonal = feature_vector(s, FEATURE_DIAGONAL, feature);
	const float *residual = feature_vector(s, FEATURE_RESIDUAL, feature);
	float	   *search = feature_vector(s, FEATURE_SEARCH, feature);

	for (int f = 0; f <= s->k; f++)
		search[f] = diagonal[f] > 0 ? residual[f] / diagonal[f] : 0;
	add_products(residual, search, s->k, partial);
}

/* The curvature times the search direction. */
static void
multiply_feature(const Task *task, const FeatureSpace *s, int64_t feature, double *partial,
				 double *numbers)
{
	int			k = s->k;
	const SparseMatrix *m = &s->by_feature;
	const float *search = feature_vector(s, FEATURE_SEARCH, feature);
	const float *ridge = feature_vector(s, FEATURE_RIDGE, feature);
	float	   *product = feature_vector(s, FEATURE_PRODUCT, feature);

	for (int f = 0; f <= k; f++)
		product[f] = ridge[f] * search[f];
	for (int64_t e = m->start[feature]; e < m->start[feature + 1]; e++)
	{
		const float *moved = s->moved + m->column[e] * feature_width(k);
		float		x = m->value[e];

		if (e % 1024 == 0)
			poll();
		for (int f = 0; f <= k; f++)
			product[f] += x * moved[f];
	}
	add_products(search, product, k, partial);
}

static void
advance_feature(const Task *task, const FeatureSpace *s, int64_t feature, double *partial,
				double *numbers)
{
	const double *shares = step_vector(s, STEP_SHARES);
	const float *search = feature_vector(s, FEATURE_SEARCH, feature);
	const float *product = feature_vector(s, FEATURE_PRODUCT, feature);
	float	   *direction = feature_vector(s, FEATURE_DIRECTION, feature);
	float	   *residual = feature_vector(s, FEATURE_RESIDUAL, feature);

	for (int f = 0; f <= s->k; f++)
	{
		direction[f] += (float) shares[f] * search[f];
		residual[f] -= (float) shares[f] * product[f];
	}
}

static void
measure_feature(const Task *task, const FeatureSpace *s, int64_t feature, double *partial,
				double *numbers)
{
	const float *diagonal = feature_vector(s, FEATURE_DIAGONAL, feature);
	const float *residual = feature_vector(s, FEATURE_RESIDUAL, feature);

	for (int f = 0; f <= s->k; f++)
		partial[f] += diagonal[f] > 0 ? (double) residual[f] * residual[f] / diagonal[f] : 0;
}

static void
turn_feature(const Task *task, const FeatureSpace *s, int64_t feature, double *partial,
			 double *numbers)
{
	const double *shares = step_vector(s, STEP_SHARES);
	const float *diagonal = feature_vector(s, FEATURE_DIAGONAL, feature);
	const float *residual = feature_vector(s, FEATURE_RESIDUAL, feature);
	float	   *search = feature_vector(s, FEATURE_SEARCH, feature);

	for (int f = 0; f <= s->k; f++)
		search[f] = (diagonal[f] > 0 ? residual[f] / diagonal[f] : 0) +
					(float) shares[f] * search[f];
}

static void
move_feature(const Task *task, const FeatureSpace *s, int64_t feature, double *partial,
			 double *numbers)
{
	float		length = (float) *s->length;
	const float *direction = feature_vector(s, FEATURE_DIRECTION, feature);

	for (int f = 0; f < s->k; f++)
		factors_of(&s->features, feature)[f] += length * direction[f];
	s->features.bias[feature] += length * direction[s->k];
}

enum
{
	FEATURES_BEGIN,
	FEATURES_START,
	FEATURES_MULTIPLY,
	FEATURES_ADVANCE,
	FEATURES_MEASURE,
	FEATURES_TURN,
	FEATURES_MOVE
};

static const FeatureFunction feature_functions[] = {
	[FEATURES_BEGIN] = begin_feature,
	[FEATURES_START] = start_feature,
	[FEATURES_MULTIPLY] = multiply_feature,
	[FEATURES_ADVANCE] = advance_feature,
	[FEATURES_MEASURE] = measure_feature,
	[FEATURES_TURN] = turn_feature,
	[FEATURES_MOVE] = move_feature
};

/* The argument of fm_pass_features. */
typedef struct FeaturesPass
{
	SideKind	side;
	int			function;		/* which of feature_functions */
} FeaturesPass;

/* A pass over PARTS parts of the features of a side. */
void
fm_pass_features(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FeaturesPass *pass = argument;
	FeatureSpace s = feature_space(task, pass->side);
	int64_t		n = s.by_row->n_columns;
	Workspace	w;

	fm_lay_out_workspace(s.k, has_contexts(task), scratch, &w);
	for (int64_t part = begin; part < end; part++)
	{
		double	   *partial = step_vector(&s, STEP_PARTIAL + (int) part);

		memset(partial, 0, sizeof(double) * (s.k + 1));
		for (int64_t f = part_begin(n, part); f < part_begin(n, part + 1); f++)
		{
			poll();
			feature_functions[pass->function](task, &s, f, partial, w.extended);
		}
	}
}

/* A vector of the features, summed over those of a row. */
static void
sum_features(const FeatureSpace *s, int which, int64_t row, float *sum)
{
	const SparseMatrix *m = s->by_row;

	memset(sum, 0, sizeof(float) * (s->k + 1));
	for (int64_t e = m->start[row]; e < m->start[row + 1]; e++)
	{
		const float *vector = feature_vector(s, which, m->column[e]);

		for (int f = 0; f <= s->k; f++)
			sum[f] += m->value[e] * vector[f];
	}
}

/*
 * A pass over the rows of a side, which is its argument: the curvature times what the search
 * direction changes.
 */
void
fm_pass_spread(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	FeatureSpace s = feature_space(task, *(const SideKind *) argument);
	int			k = s.k;
	Workspace	w;

	fm_lay_out_workspace(k, has_contexts(task), scratch, &w);
	for (int64_t row = begin; row < end; row++)
	{
		float	   *moved = s.moved + row * feature_width(k);
		double		lambda = response(task, &s, row, w.extended);

		poll();
		sum_features(&s, FEATURE_SEARCH, row, moved);
		for (int f = 0; f <= k; f++)
			moved[f] *= (float) (lambda * (f < k ? shared->common.factor_scale : 1) *
								 w.extended[f]);
	}
}

/*
 * What a step along the direction does to a row: its own numbers change by `own`, p_i by `row`,
 * each times the length of the step, and b_i by bias[0] times the length and bias[1] times its
 * square. own has the bias behind the factors.
 */
typedef struct Change
{
	float	   *own;			/* padded k + 1 */
	float	   *row;			/* padded k */
	double		bias[2];
} Change;

static void
change_of(const Task *task, const FeatureSpace *s, const Prior *prior, int64_t row, Change *change,
		  double *undone)
{
	const SparseMatrix *m = s->by_row;
	const float *v = factors_of(&s->own, row);
	int			k = s->k;
	double		first;
	double		second = 0;

	response(task, s, row, undone);
	/* first what the features change, then what of it is undone */
	sum_features(s, FEATURE_DIRECTION, row, change->own);
	first = change->own[k];
	for (int64_t e = m->start[row]; e < m->start[row + 1]; e++)
	{
		const float *direction = feature_vector(s, FEATURE_DIRECTION, m->column[e]);
		double		square = (double) m->value[e] * m->value[e];

		first -=
			square * vector_dot_double(factors_of(&s->features, m->column[e]), direction, k);
		second -= 0.5 * square * vector_dot_double(direction, direction, k);
	}
	for (int f = 0; f < k; f++)
	{
		double		moved = change->own[f];
		double		undo = -undone[f] * moved;

		first += undo * prior->s[f] + (double) v[f] * moved + prior->s[f] * moved;
		second += undo * moved + 0.5 * moved * moved;
		change->row[f] = (float) (moved + undo);
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

/* Adds the bound of an item's missing events, of weight `missing` each. */
static void
add_missing_of_item(const Common *c, const Background *users, const FeatureSpace *s, int64_t item,
					double missing, const Change *change, Polynomial *line, Workspace *w)
{
	int			k = s->k;
	double	   *now = w->extended;
	double	   *slope = now + (k + 2);
	double		bend = change->bias[1]; /* the second derivative is (0, bend, 0) */
	const double *gram = users->gram;
	const double *ones = gram + (int64_t) k * (k + 2);
	double		sum_now = 0;
	double		sum_slope = 0;

	fm_extend(factors_of(&s->rows, item), s->rows.bias[item], 1, k, now);
	fm_extend(change->row, change->bias[0], 0, k, slope);
	for (int f = 0; f < k + 2; f++)
	{
		sum_now += ones[f] * now[f];
		sum_slope += ones[f] * slope[f];
	}
	line->of[0] +=
		missing / 2 * fm_gram_product(gram, now, now, k + 2) + c->missing / 2 * sum_now;
	line->of[1] += missing * fm_gram_product(gram, now, slope, k + 2) + c->missing / 2 * sum_slope;
	line->of[2] += missing / 2 * fm_gram_product(gram, slope, slope, k + 2) +
				   missing * bend * sum_now + c->missing / 2 * bend * ones[k];
	line->of[3] += missing * bend * sum_slope;
	line->of[4] += missing / 2 * bend * bend * ones[k];
}

/*
 * Adds the bound of a user's missing events, without what is constant. In a situation whose context
 * adds (z, h) the user is q = p_u + z with the bias b_u + h + p_u.z, and the score of item i
 * changes by (D.p_i + change) t + bend t^2, where D is the change of p_u.
 */
static void
add_missing_of_user(const Common *c, const Background *items, const RatedRow *row,
					const FeatureSpace *s, int64_t user, const Change *change, Polynomial *line,
					Workspace *w)
{
	int			k = s->k;
	const float *p = factors_of(&s->rows, user);
	const double *gram = items->gram;
	const double *ones = gram + (int64_t) k * (k + 2);	/* sums with weights: of p_i, 1, score */
	double	   *product = w->extended;	/* of the Gram matrix and (D, 0, 0) */
	double		bend = change->bias[1];
	double		square = 0;
	double		mean = 0;		/* D.(the sum of all p_i) */
	int64_t		n = row->situations == NULL ? 1 : row->situations->n[user];
	int64_t		first = row->situations == NULL ? 0 : row->situations->start[user];

	memset(product, 0, sizeof(double) * (k + 2));
	for (int g = 0; g < k; g++)
	{
		for (int f = 0; f < k + 2; f++)
			product[f] += gram[(int64_t) g * (k + 2) + f] * change->row[g];
	}
	for (int f = 0; f < k; f++)
	{
		square += product[f] * change->row[f];
		mean += items->sum[f] * change->row[f];
	}
	for (int64_t situation = 0; situation < n; situation++)
	{
		double		share = 1;
		Prior		prior = {NULL, 0};
		double		bias = s->rows.bias[user];
		double		slope = change->bias[0];
		double		now;
		double		along;		/* the sum of scores times D.p_i */

		poll();
		if (row->situations != NULL)
		{
			share = (double) row->situations->count[first + situation] / (double) row->n;
			prior = fm_prior_of_context(row->contexts, row->situations->context[first + situation],
										w->context);
			bias += prior.h + vector_dot_double(p, prior.s, k);
			slope += vector_dot_double(change->row, prior.s, k);
		}
		now = bias * ones[k] + ones[k + 1];
		along = bias * product[k] + product[k + 1];
		for (int f = 0; f < k; f++)
		{
			double		q = p[f] + (prior.s == NULL ? 0 : prior.s[f]);

			now += q * ones[f];
			along += q * product[f];
		}
		line->of[1] +=
			share * (along + slope * now + c->missing / 2 * (mean + slope * items->sum[k]));
		line->of[2] += share * (square / 2 + slope * product[k] + slope * slope / 2 * ones[k] +
								bend * now + c->missing / 2 * bend * items->sum[k]);
		line->of[3] += share * bend * (product[k] + slope * ones[k]);
		line->of[4] += share * bend * bend / 2 * ones[k];
	}
}

/*
 * A pass over the rows of a side, which is its argument: the loss along the direction, or the bound
 * of it that is exact for the present scores of the events.
 */
void
fm_pass_line(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	SideKind	side = *(const SideKind *) argument;
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	Surroundings surroundings;
	Problem		problem = fm_problem_of_side(task, side, &surroundings);
	FeatureSpace s = feature_space(task, side);
	int			k = s.k;
	Workspace	w;
	Pieces		p = {scratch, fm_lay_out_workspace(k, has_contexts(task), scratch, &w)};
	Change		change = {.own = add_piece(&p, sizeof(float) * feature_width(k)),
						  .row = add_piece(&p, sizeof(float) * PADDED(k))};
	float	   *slopes = add_piece(&p, sizeof(float) * CHUNK);

	for (int64_t i = begin; i < end; i++)
	{
		Polynomial *line = s.lines + i;
		RatedRow	row = fm_rated_row(task, side, i, &surroundings);
		Prior		prior = fm_row_prior(task, side, i, w.own);
		double		lambda = fm_lambda(o, (double) row.n);
		const float *v = factors_of(&s.own, i);
		double		missing =
			c->is_explicit || side == SIDE_USERS ? 0 : missing_curvatures(task->model)[i];

		memset(line, 0, sizeof(Polynomial));
		change_of(task, &s, &prior, i, &change, w.extended);
		for (int64_t first = 0; first < row.n; first += CHUNK)
		{
			Chunk		chunk = fm_chunk(&problem, &row, first, &w);

			poll();
			fm_multiply(&chunk.fixed, chunk.at, chunk.n, factors_of(&s.rows, i), k, w.products);
			fm_multiply(&chunk.fixed, chunk.at, chunk.n, change.row, k, slopes);
			for (int64_t j = 0; j < chunk.n; j++)
			{
				float		value = chunk.value[j];
				double		score = c->constant + s.rows.bias[i] +
							chunk.fixed.bias[chunk.at[j]] + w.products[j];
				double		weight = 1;
				double		target = value;

				if (!c->is_explicit)
					bound_event(c, value, score,
								side == SIDE_USERS ? problem.missing_of_fixed[chunk.column[j]]
												   : missing,
								chunk.share == NULL ? 1 : chunk.share[j], &weight, &target);
				add_quadratic(line, weight, target, score, slopes[j] + change.bias[0],
							  change.bias[1]);
			}
		}
		if (side == SIDE_USERS && !c->is_explicit)
			add_missing_of_user(c, &surroundings.background, &row, &s, i, &change, line, &w);
		else if (missing > 0)
			add_missing_of_item(c, &surroundings.background, &s, i, c->missing * missing, &change,
								line, &w);
		add_quadratic(line, lambda, 0, s.own.bias[i], change.own[k], 0);
		for (int f = 0; f < k; f++)
			add_quadratic(line, lambda * c->factor_scale, 0, v[f], change.own[f], 0);
	}
}

size_t
fm_line_bytes(int k, bool contexts)
{
	Pieces		p = {NULL, fm_workspace_bytes(k, contexts)};

	add_piece(&p, sizeof(float) * feature_width(k));
	add_piece(&p, sizeof(float) * PADDED(k));
	add_piece(&p, sizeof(float) * CHUNK);
	return p.bytes;
}

/*
 * A pass over the rows of a side, which is its argument, before the features move: moves the rows'
 * own numbers.
 */
void
fm_pass_move_own(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	SideKind	side = *(const SideKind *) argument;
	FeatureSpace s = feature_space(task, side);
	float		length = (float) *s.length;
	int			k = s.k;
	Workspace	w;
	Pieces		p = {scratch, fm_lay_out_workspace(k, has_contexts(task), scratch, &w)};
	Change		change = {.own = add_piece(&p, sizeof(float) * feature_width(k)),
						  .row = add_piece(&p, sizeof(float) * PADDED(k))};

	for (int64_t row = begin; row < end; row++)
	{
		Prior		prior = fm_row_prior(task, side, row, w.own);

		poll();
		change_of(task, &s, &prior, row, &change, w.extended);
		for (int f = 0; f < k; f++)
			factors_of(&s.own, row)[f] += length * change.own[f];
		s.own.bias[row] += length * change.own[k];
	}
}

/* ---- the step ---- */

/*
 * The mean squares of the factors of the other side. A user's items are those with many ratings,
 * whereas an item's users, of which the missing events are as many, are like any others.
 */
static void
measure_other_side(const Task *task, const FeatureSpace *s)
{
	SideKind	other = s->side == SIDE_ITEMS ? SIDE_USERS : SIDE_ITEMS;
	Rows		rows = rows_of(task->model, other);
	const int32_t *n_ratings = task->model->sides[other].n_ratings;
	double	   *squares = step_vector(s, STEP_SQUARES);
	double		total = 0;

	for (int64_t row = 0; row < rows.n; row++)
		total += other == SIDE_USERS ? 1 : fmax(n_ratings[row], 0);
	memset(squares, 0, sizeof(double) * s->k);
	for (int64_t row = 0; row < rows.n; row++)
	{
		const float *x = factors_of(&rows, row);
		double		weight = other == SIDE_USERS ? 1 : fmax(n_ratings[row], 0);

		if (row % 1024 == 0)
			poll();
		for (int f = 0; f < s->k; f++)
			squares[f] += weight * x[f] * x[f] / total;
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

static void
run_features(Services *services, SideKind side, int function)
{
	FeaturesPass pass = {side, function};

	run_pass(services, PASS_FEATURES, &pass, sizeof(pass), PARTS, 1);
}

/* The sums of the parts of the last pass over the features. */
static void
add_partial(const FeatureSpace *s, double *sum)
{
	memset(sum, 0, sizeof(double) * (s->k + 1));
	for (int part = 0; part < PARTS; part++)
	{
		for (int f = 0; f <= s->k; f++)
			sum[f] += step_vector(s, STEP_PARTIAL + part)[f];
	}
}

/*
 * Users: of each column of categories, removes from the residual what would move their mean over
 * the ratings; or, of the features themselves, their mean.
 */
static void
center(const FeatureSpace *s, bool of_residual)
{
	int			k = s->k;
	double	   *mean = step_vector(s, STEP_MEANS);
	double	   *total = step_vector(s, STEP_TOTALS);

	if (s->side == SIDE_ITEMS)
		return;
	for (int64_t first = 0; first < s->by_row->n_columns; first++)
	{
		if (s->is_later[first])
			continue;
		memset(mean, 0, sizeof(double) * (k + 1));
		memset(total, 0, sizeof(double) * (k + 1));
		for (int pass = 0; pass < 2; pass++)
		{
			for (int64_t at = first; at >= 0; at = s->next[at])
			{
				const float *diagonal = feature_vector(s, FEATURE_DIAGONAL, at);
				double		count = s->of_feature[at];

				poll();
				for (int f = 0; f <= k; f++)
				{
					float	   *x = of_residual ? feature_vector(s, FEATURE_RESIDUAL, at) + f
									: f < k		? factors_of(&s->features, at) + f
												: s->features.bias + at;
					double		weight = !of_residual	   ? count
										 : diagonal[f] > 0 ? count / diagonal[f]
														   : 0;
					double		share = of_residual ? count : 1;

					if (pass == 0)
					{
						mean[f] += weight * *x;
						total[f] += weight * share;
					}
					else if (total[f] > 0)
						*x -= (float) (share * mean[f] / total[f]);
				}
			}
		}
	}
}

void
fm_center_features(const Task *task, Services *services)
{
	FeatureSpace s;

	if (!fm_has_features(task, SIDE_USERS))
		return;
	s = feature_space(task, SIDE_USERS);
	center(&s, false);
	run_own(task, services, SIDE_USERS, false);
}

void
fm_step_features(const Task *task, Services *services, SideKind side)
{
	FeatureSpace s = feature_space(task, side);
	int			k = s.k;
	int64_t		n_rows = s.rows.n;
	double	   *products = step_vector(&s, STEP_PRODUCTS);
	double	   *shares = step_vector(&s, STEP_SHARES);
	Polynomial	line = {{0}};

	measure_other_side(task, &s);
	run_features(services, side, FEATURES_BEGIN);
	center(&s, true);
	run_features(services, side, FEATURES_START);
	add_partial(&s, products);
	for (int i = 0; i < FEATURE_STEPS; i++)
	{
		run_pass(services, PASS_SPREAD, &side, sizeof(side), n_rows, BLOCK_ROWS);
		run_features(services, side, FEATURES_MULTIPLY);
		add_partial(&s, shares);
		for (int f = 0; f <= k; f++)
			shares[f] = shares[f] > 0 ? products[f] / shares[f] : 0;
		run_features(services, side, FEATURES_ADVANCE);
		center(&s, true);
		run_features(services, side, FEATURES_MEASURE);
		add_partial(&s, shares);
		for (int f = 0; f <= k; f++)
		{
			double		next = shares[f];

			shares[f] = products[f] > 0 ? next / products[f] : 0;
			products[f] = next;
		}
		run_features(services, side, FEATURES_TURN);
	}
	run_pass(services, PASS_LINE, &side, sizeof(side), n_rows, BLOCK_ROWS);
	for (int64_t row = 0; row < n_rows; row++)
	{
		if (row % 4096 == 0)
			poll();
		for (int d = 0; d <= 4; d++)
			line.of[d] += s.lines[row].of[d];
	}
	for (int64_t feature = 0; feature < s.features.n; feature++)
	{
		const float *ridge = feature_vector(&s, FEATURE_RIDGE, feature);
		const float *direction = feature_vector(&s, FEATURE_DIRECTION, feature);

		poll();
		for (int f = 0; f < k; f++)
			add_quadratic(&line, ridge[f], 0, factors_of(&s.features, feature)[f], direction[f],
						  0);
		add_quadratic(&line, ridge[k], 0, s.features.bias[feature], direction[k], 0);
	}
	*s.length = fm_best_length(&line);
	run_pass(services, PASS_MOVE_OWN, &side, sizeof(side), n_rows, BLOCK_ROWS);
	run_features(services, side, FEATURES_MOVE);
	run_own(task, services, side, true);
}

void
fm_prepare_features(const Task *task, SideKind side)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Features *of = features_of(task, side);
	FeatureSpace s;
	SparseMatrix *m = &s.by_feature;

	if (!fm_has_features(task, side))
		return;
	s = feature_space(task, side);
	sparse_transpose(s.by_row, m);
	for (int64_t feature = 0; feature < m->n_rows; feature++)
	{
		double		n = 0;
		double		lambda;
		float	   *ridge = feature_vector(&s, FEATURE_RIDGE, feature);
		int64_t		next = feature + 1;

		poll();
		for (int64_t e = m->start[feature]; e < m->start[feature + 1]; e++)
			n += s.n_ratings[m->column[e]];
		lambda = fm_feature_lambda(o, n);
		for (int f = 0; f <= s.k; f++)
			ridge[f] = (float) (lambda * (f < s.k ? shared->common.factor_scale : 1));
		if (side == SIDE_ITEMS)
			continue;
		s.of_feature[feature] = n;
		while (next < m->n_rows && of->column[next] != of->column[feature])
			next++;
		s.next[feature] = next < m->n_rows ? (int32_t) next : -1;
		/* only categories are centered */
		if (of->kind[feature] != FEATURE_CATEGORY)
			s.is_later[feature] = true;
		if (next < m->n_rows)
			s.is_later[next] = true;
	}
}

double
fm_features_penalty(const Task *task, SideKind side)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	FeatureSpace s;
	double		sum = 0;

	if (!fm_has_features(task, side))
		return 0;
	s = feature_space(task, side);
	for (int64_t feature = 0; feature < s.features.n; feature++)
	{
		poll();
		sum += fm_penalty(&shared->common, feature_vector(&s, FEATURE_RIDGE, feature)[s.k],
						  factors_of(&s.features, feature), s.features.bias[feature]);
	}
	return sum;
}
