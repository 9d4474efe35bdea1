/*
 * als.c
 *	  Matrix factorisation by alternating least squares.
 *
 * A model is a vector of k factors for each item (y_i, a row of Y) and each user (x_u, a row of X).
 * With one side fixed, the best vectors of the other are the solutions of small independent
 * least-squares problems; the sides are solved in turn.
 *
 * Explicit feedback (Koren, Bell & Volinsky 2009, "Matrix factorization techniques for recommender
 * systems"; weighted regularisation: Zhou et al. 2008, "Large-scale parallel collaborative
 * filtering for the Netflix prize"):
 *
 *	loss = sum over ratings of (r_ui - mean - b_u - b_i - x_u.y_i)^2
 *		 + sum_u lambda_u (s |x_u|^2 + b_u^2) + sum_i lambda_i (s |y_i|^2 + b_i^2)
 *
 * where s is the standard deviation of the ratings, so that the scale of the ratings makes no
 * difference (a product of factors is as large as a bias), lambda_u = regularization * n_u ^
 * regularization_scaling and n_u is the number of the row's ratings. A row's bias is one more
 * unknown of the same least-squares problem, whose feature is 1 for every rating.
 *
 * Implicit feedback (Hu, Koren & Volinsky 2008, "Collaborative filtering for implicit feedback
 * datasets"):
 *
 *	loss = sum over all users and items of c_ui (p_ui - x_u.y_i)^2
 *		 + sum_u lambda_u |x_u|^2 + sum_i lambda_i |y_i|^2
 *
 * where p is 1 for an observed pair and 0 otherwise, and c_ui = 1 + alpha r_ui. All pairs that were
 * not observed are covered by the Gram matrix of the fixed side. The regularisation grows with a
 * row's frequency as Rendle et al. 2022 found best ("Revisiting the performance of iALS on item
 * recommendation benchmarks", lambda (n_u + alpha_0 n_items)^nu), but only with its observed part
 * n_u: with the weights that are usual here the other part would outweigh n_u, and the exponent
 * would have no effect.
 *
 * Items with attributes have a prior (feature-aware iALS; the same idea as collective matrix
 * factorisation, Singh & Gordon 2008, "Relational learning via collective matrix factorization",
 * and as attribute-to-factor maps, Gantner et al. 2010, "Learning attribute-to-feature mappings for
 * cold-start recommendations"). In place of |y_i|^2 and b_i^2 the losses have |y_i - A f_i|^2 and
 * (b_i - a.f_i)^2, where f_i are the item's features and the map, A and a, is learned: after the
 * items were solved, it is fitted to them by ridge regression (kernel/linear_map.h). One of the
 * features is 1 for all items, so that the prior is the mean item where other features say nothing.
 * An item that nobody has rated is A f_i. It is not among the items of the second loss: that nobody
 * has rated it says nothing about it. Users with attributes have a prior likewise, but without a
 * feature that is 1 for all: it drew users to what is popular, and lists of events became worse
 * (ndcg@10 .349 to .334 on MovieLens).
 *
 * With the option nonnegative no factor is negative. A factor can then be read as a taste that
 * items have and users share, each to some degree (Lee & Seung 1999, "Learning the parts of
 * objects by non-negative matrix factorization"). The losses are the same. Each row's loss is
 * minimised over the factors that are not negative (kernel/nonnegative.h), in training and when a
 * profile is folded in. Biases may have any sign.
 *
 * An iteration solves the items, then the users, so that the stored users equal the result of
 * folding in their ratings. The loss is computed after each iteration. With solver cholesky each
 * half is an exact minimisation, so the loss never rises. The other solvers improve each row from
 * its present factors, so the loss does not rise either: cg by conjugate gradient, block by solving
 * for some of the factors at a time.
 */
#include <math.h>
#include <string.h>

#include "algorithm/factors.h"
#include "algorithm/feature_map.h"
#include "kernel/dense.h"
#include "kernel/least_squares.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/vector.h"

typedef struct AlsOptions
{
	CommonOptions common;
	int32_t		factors;
	int32_t		iterations;
	int32_t		solver;
	int32_t		block_size;
	int32_t		seed;
	double		regularization;
	double		regularization_scaling;
	double		alpha;
	double		attribute_regularization;
	double		tolerance;
	bool		biases;
	bool		nonnegative;
} AlsOptions;

/*
 * Iterations of a training that compares options. Most of the improvement comes in the first ones.
 */
#define SHORT_ITERATIONS 5

static const char *const solver_choices[] = {
	[SOLVER_CHOLESKY] = "cholesky",
	[SOLVER_CG] = "cg",
	[SOLVER_BLOCK] = "block",
	NULL
};

static const Option als_options[] = {
	FEEDBACK_OPTION,
	{"factors", OPTION_INTEGER, offsetof(AlsOptions, factors), {"64", NULL}, 1, 1024, NULL,
	"numbers that describe an item or a user; more of them express more, take more time, and need "
	"more regularization; default: 64; with implicit feedback 128 if users have few events"},
	{"iterations", OPTION_INTEGER, offsetof(AlsOptions, iterations), {"15", "15"}, 1, 10000, NULL,
	"the most passes over both sides"},
	{"regularization", OPTION_REAL, offsetof(AlsOptions, regularization), {NULL, NULL}, 0, 1e12,
	NULL,
	"weight of the squared factors and biases in the loss, for ratings in units of their standard "
	"deviation: how strongly factors that rest on few ratings are shrunk; default: explicit "
	"feedback 0.8 * (n u)^(1/4), where the user of a rating has n ratings and its item u on "
	"average; implicit feedback 1 + alpha * the mean weight"},
	{"regularization_scaling", OPTION_REAL, offsetof(AlsOptions, regularization_scaling), {"0",
	NULL}, 0, 2, NULL,
	"exponent with which regularization grows with the number of ratings of a user or an item; 0: "
	"plain ridge, 1: ALS-WR; "
	"default: explicit feedback 0, implicit 0.5"},
	{"alpha", OPTION_REAL, offsetof(AlsOptions, alpha), {"1", NULL}, 0, 1e6, NULL,
	"implicit feedback: an event of weight r counts 1 + alpha * r times as much as a missing one; "
	"default: 150 / the mean number of events of a user, but from 1 to 30, / the mean weight"},
	{"attribute_regularization", OPTION_REAL, offsetof(AlsOptions, attribute_regularization),
	{"10", "10"}, 0, 1e12, NULL,
	"items with attributes: how strongly the map from attributes to factors is shrunk; an "
	"attribute that so many items have counts half"},
	MIN_COUNT_OPTION,
	{"biases", OPTION_BOOLEAN, offsetof(AlsOptions, biases), {"true", "true"}, 0, 0, NULL,
	"explicit feedback: whether each item and each user has a number that is added to predictions"},
	{"nonnegative", OPTION_BOOLEAN, offsetof(AlsOptions, nonnegative), {"false", "false"}, 0, 0,
	NULL,
	"whether no factor may be negative, so that each can be read as a taste that items have and "
	"users share; solved by coordinate descent, and the option solver is ignored"},
	{"solver", OPTION_CHOICE, offsetof(AlsOptions, solver), {"cholesky", "cholesky"}, 0, 0,
	solver_choices,
	"cholesky: exact; faster with many factors, starting from the last iteration's solution: cg: "
	"three steps of conjugate gradient, block: exact for some factors at a time"},
	{"block_size", OPTION_INTEGER, offsetof(AlsOptions, block_size), {"32", "32"}, 1, 1024, NULL,
	"solver block: factors that are solved for at once, rounded up to a multiple of 16; with more "
	"of them an iteration achieves more and takes longer"},
	{"tolerance", OPTION_REAL, offsetof(AlsOptions, tolerance), {"0.0001", "0.0001"}, 0, 1, NULL,
	"stop when an iteration lowers the loss by less than this share of it"},
	CLIP_OPTION,
	VALIDATE_OPTION("false", "false"),
	WARM_START_OPTION,
	{"seed", OPTION_INTEGER, offsetof(AlsOptions, seed), {"0", "0"}, 0, 2147483647, NULL,
	"seed of the random numbers that training starts from: the same data, options and seed give "
	"the same model"},
	WEIGHT_OPTION("log"),
	{NULL}
};

enum
{
	COLUMN_BIAS,
	COLUMN_FACTORS,
	N_COLUMNS
};

/* Rows that a worker takes at once, unless they have more than 1 / UNIT_PARTS of all ratings. */
#define UNIT_ROWS 64
#define UNIT_PARTS 256

/*
 * A Gram matrix is summed over this many blocks of rows. The sum does not depend on which worker
 * adds up which block.
 */
#define GRAM_BLOCKS 32
/* Rows that are converted to double at once for a Gram matrix. */
#define GRAM_ROWS 64

/* Standard deviation of the random factors that training starts from. */
#define INITIAL_DEVIATION 0.1

static inline bool
is_explicit(const AlsOptions *options)
{
	return options->common.feedback == FEEDBACK_EXPLICIT;
}

/* The options; undecided factors are replaced by the most that als_decide() may give. */
static AlsOptions
with_most_factors(const AlsOptions *options)
{
	AlsOptions	o = *options;

	if (o.factors == UNDECIDED)
		o.factors = FACTORS_OF_FEW_EVENTS;
	return o;
}

static unsigned
als_needs(const void *options)
{
	return NEEDS_RATINGS | USES_ITEM_FEATURES | NEEDS_INTERCEPT | USES_USER_FEATURES;
}

static int
als_columns(const void *options, SideKind side, Column *columns)
{
	AlsOptions	o = with_most_factors(options);

	if (side == SIDE_SESSIONS)
		return 0;
	columns[COLUMN_BIAS] = (Column)
	{
		"bias", COLUMN_NUMBER, 0,
		"what is added to every prediction; 0 with implicit feedback or without biases"
	};
	columns[COLUMN_FACTORS] = (Column)
	{
		"factors", COLUMN_VECTOR, o.factors,
		"the dot product with a user's factors (an item's, in a user's row) says how well they fit"
	};
	return N_COLUMNS;
}

/* ---- options that are left to the source ---- */

/*
 * Explicit feedback: the best regularization grows with the number of ratings to learn from per
 * user and item, like the singular values of a matrix of noise. Implicit feedback: all factors zero
 * is a minimum of the loss as long as lambda exceeds (1 + alpha r) times the largest singular value
 * of the matrix of events, scaled by n_u^(-s/2) and n_i^(-s/2) of their rows. That singular value
 * is at least 1 for s <= 1 and events of equal weight, so this regularization never leads to zeros.
 * alpha makes up for the low number of events beside all missing ones.
 */
static void
als_decide(const Ratings *ratings, void *options)
{
	AlsOptions *o = options;
	double		events =
		(double) ratings->by_user.start[ratings->by_user.n_rows] / (double) ratings->by_user.n_rows;
	double		mean = ratings->scale.mean > 0 ? ratings->scale.mean : 1;

	if (o->factors == UNDECIDED)
		o->factors = factors_of_source(ratings);
	if (isnan(o->regularization_scaling))
		o->regularization_scaling = 0.5;
	if (isnan(o->alpha))
		o->alpha = fmin(1e6, fmax(1, fmin(30, 150 / events)) / mean);
	if (isnan(o->regularization) && is_explicit(o))
		o->regularization =
			0.8 *
			pow(sparse_mean_row(&ratings->by_user) * sparse_mean_row(&ratings->by_item), 0.25);
	else if (isnan(o->regularization))
		o->regularization = 1 + o->alpha * mean;
}

/*
 * Explicit feedback: half and twice the regularization. Implicit feedback: values that were best on
 * some data set where als_decide()'s were not.
 */
static bool
als_vary(const void *given, int line, int step, void *options)
{
	static const double explicit_shares[] = {0.5, 2};
	static const struct
	{
		double		alpha;
		double		regularization; /* a multiple of als_decide()'s */
		double		scaling;
	} implicit_values[] = {{1, 3, 0.5}, {1, 0.3, 1}, {1, 3, 0.25}, {4, 1.2, 0.5}, {0.25, 1, 0.5}};
	const AlsOptions *g = given;
	AlsOptions *o = options;
	bool		is_left = isnan(g->regularization);

	if (step > 0)
		return false;
	if (is_explicit(o))
	{
		if (!is_left || line >= (int) (sizeof(explicit_shares) / sizeof(explicit_shares[0])))
			return false;
		o->regularization = fmin(1e12, o->regularization * explicit_shares[line]);
		return true;
	}
	if ((!is_left && !isnan(g->alpha) && !isnan(g->regularization_scaling)) ||
		line >= (int) (sizeof(implicit_values) / sizeof(implicit_values[0])))
		return false;
	if (isnan(g->alpha))
	{
		/* als_decide()'s regularization is 1 + alpha * the mean weight */
		if (is_left)
			o->regularization = 1 + (o->regularization - 1) * implicit_values[line].alpha;
		o->alpha = fmin(1e6, o->alpha * implicit_values[line].alpha);
	}
	if (is_left)
		o->regularization = fmin(1e12, o->regularization * implicit_values[line].regularization);
	if (isnan(g->regularization_scaling))
		o->regularization_scaling = implicit_values[line].scaling;
	return true;
}

static void
als_shorten(void *options)
{
	AlsOptions *o = options;

	if (o->iterations > SHORT_ITERATIONS)
		o->iterations = SHORT_ITERATIONS;
}

/* ---- the least squares of one side ---- */

static inline bool
has_biases(const AlsOptions *options)
{
	return options->biases && is_explicit(options);
}

/*
 * The unit in which factors are regularized. Products of factors are of the scale of ratings; with
 * implicit feedback that is 1.
 */
static double
rating_scale(const Model *model)
{
	return is_explicit(model->options) && model->scale.deviation > 0 ? model->scale.deviation : 1;
}

/*
 * The members of the problem that depend on the options alone. solver: for factors that may be
 * negative.
 */
static LeastSquares
problem_of_options(const AlsOptions *o, Solver solver)
{
	return (LeastSquares) {
		.solver = o->nonnegative ? SOLVER_NONNEGATIVE : solver,
		.implicit = !is_explicit(o),
		.biases = has_biases(o),
		.k = o->factors,
		.block = (int) PADDED(o->block_size),
		.regularization = o->regularization,
		.regularization_scaling = o->regularization_scaling,
		.alpha = o->alpha
	};
}

/* The problem with the factors of that side of the model fixed, and the Gram matrix of these. */
static LeastSquares
problem_of_side(const Model *model, Solver solver, const Side *fixed, const float *gram)
{
	LeastSquares problem = problem_of_options(model->options, solver);

	problem.longest = fixed->n_rows;
	problem.mean = model->scale.mean;
	problem.scale = rating_scale(model);
	problem.stride = column_stride(&fixed->columns[COLUMN_FACTORS]);
	problem.fixed_factors = fixed->values[COLUMN_FACTORS];
	problem.fixed_bias = fixed->values[COLUMN_BIAS];
	problem.gram = problem.implicit ? gram : NULL;
	return problem;
}

/* ---- Gram matrices of one side ---- */

/* The bounds of the blocks that a Gram matrix is summed over. */
static int64_t
gram_block_begin(const Side *side, int64_t block)
{
	return block * side->n_rows / GRAM_BLOCKS;
}

/*
 * Computes blocks begin .. end - 1 of the Gram matrix of a side's factors, in double: the lower
 * triangles, to sums. Rows without ratings are left out.
 */
static void
sum_gram_blocks(const Side *side, int k, double *sums, int64_t begin, int64_t end, void *scratch)
{
	int64_t		stride = column_stride(&side->columns[COLUMN_FACTORS]);

	for (int64_t block = begin; block < end; block++)
	{
		int64_t		last = gram_block_begin(side, block + 1);
		double	   *sum = sums + block * k * k;

		memset(sum, 0, sizeof(double) * k * k);
		for (int64_t row = gram_block_begin(side, block), n; row < last; row += n)
		{
			poll();
			for (n = 0; n < GRAM_ROWS && row + n < last && side->n_ratings[row + n] != 0; n++)
				;
			if (n == 0)
			{
				n = 1;
				continue;
			}
			gram_add(side->values[COLUMN_FACTORS] + row * stride, stride, n, k, sum, scratch);
		}
	}
}

static size_t
gram_sums_bytes(int k)
{
	return sizeof(double) * GRAM_BLOCKS * k * k;
}

/* Adds the blocks up: gram_double gets the lower triangle, gram both triangles. */
static void
add_gram_blocks(const double *sums, int k, double *gram_double, float *gram)
{
	for (int i = 0; i < k; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double		sum = 0;

			for (int block = 0; block < GRAM_BLOCKS; block++)
				sum += sums[((int64_t) block * k + i) * k + j];
			gram_double[(int64_t) i * k + j] = sum;
			gram[(int64_t) i * k + j] = gram[(int64_t) j * k + i] = (float) sum;
		}
	}
}

/* ---- training ---- */

/* Arrays that the workers share. */
enum
{
	ARRAY_FAILED,				/* an int32_t: some result is not finite */
	/* Units of each side */
	ARRAY_ITEM_UNITS,
	ARRAY_USER_UNITS,
	ARRAY_ITEM_LOSS,			/* a double for each item: its regularisation */
	ARRAY_USER_LOSS,			/* a double for each user: its ratings and regularisation */
	ARRAY_ITEM_MAP,				/* items with features: the memory of a FeatureMap */
	ARRAY_USER_MAP,				/* likewise */
	ARRAY_GRAM_SUMS,			/* implicit only: the blocks of the Gram matrix of a side */
	ARRAY_GRAM_DOUBLE,			/* implicit only: the Gram matrices of both sides */
	ARRAY_GRAM,					/* implicit only: the last of them in float */
	N_ARRAYS
};

/* Rows that are solved by one worker. */
typedef struct Unit
{
	int64_t		begin;
	int64_t		end;
} Unit;

/*
 * The most units of work on n rows. A unit ends because it has enough rows or ratings, or before a
 * large row, which is a unit of its own.
 */
static size_t
most_units(int64_t n_rows)
{
	return (size_t) (n_rows / UNIT_ROWS + 1 + 3 * UNIT_PARTS);
}

static int64_t
unit_ratings(const SparseMatrix *m, const Unit *unit)
{
	return m->start[unit->end] - m->start[unit->begin];
}

/*
 * Divides the rows of a matrix into units of about equal work, as far as rows can be combined.
 * Large rows come before the others, the largest first, so that no worker is left alone with one at
 * the end. A few small units come first, since one worker begins alone, and starts the others when
 * the first units have shown how long the rest will take. Returns the number of units.
 */
static int64_t
make_units(const SparseMatrix *m, Unit *units)
{
	int64_t		most = m->start[m->n_rows] / UNIT_PARTS + 1;
	Unit		large[UNIT_PARTS];
	int			n_large = 0;
	int64_t		n = 0;
	int64_t		before;

	for (int64_t row = 0; row < m->n_rows; row++)
	{
		Unit		this_row = {row, row + 1};
		int64_t		ratings = unit_ratings(m, &this_row);

		if (ratings > most)
		{
			int			at = n_large++;

			for (; at > 0 && unit_ratings(m, &large[at - 1]) < ratings; at--)
				large[at] = large[at - 1];
			large[at] = this_row;
		}
		else if (n > 0 && units[n - 1].end == row && row - units[n - 1].begin < UNIT_ROWS &&
				 unit_ratings(m, &units[n - 1]) + ratings <= most)
			units[n - 1].end++;
		else
			units[n++] = this_row;
	}
	before = n / 32;
	memmove(units + before + n_large, units + before, sizeof(Unit) * (n - before));
	memcpy(units + before, large, sizeof(Unit) * n_large);
	return n + n_large;
}

/* ---- the map of features ---- */

static inline int
map_blocks(const AlsOptions *o)
{
	return feature_map_blocks(o->factors, has_biases(o));
}

static size_t
lay_out_map(const AlsOptions *o, int64_t n_rows, int64_t n_features, int64_t n_values,
			void *memory, FeatureMap *map)
{
	return feature_map_lay_out(n_rows, n_features, n_values, map_blocks(o), memory, map);
}

/* The features of a side; NULL if it has none. */
static const SparseMatrix *
features_of(const Task *task, SideKind side)
{
	const SparseMatrix *features = side == SIDE_ITEMS ? &task->ratings->item_features.by_row
													  : &task->ratings->user_features.by_row;

	return features->n_columns > 0 ? features : NULL;
}

static FeatureMap
map_of(const Task *task, SideKind side)
{
	const SparseMatrix *features = features_of(task, side);
	FeatureMap	map = {0};

	if (features != NULL)
		lay_out_map(task->model->options, features->n_rows, features->n_columns,
					features->start[features->n_rows],
					task->arrays[side == SIDE_ITEMS ? ARRAY_ITEM_MAP : ARRAY_USER_MAP], &map);
	return map;
}

static int
als_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	AlsOptions	o = with_most_factors(options);
	size_t		k = o.factors;
	FeatureMap	map;

	bytes[ARRAY_FAILED] = sizeof(int32_t);
	bytes[ARRAY_ITEM_UNITS] = sizeof(Unit) * most_units(extent->n_items);
	bytes[ARRAY_USER_UNITS] = sizeof(Unit) * most_units(extent->n_users);
	bytes[ARRAY_ITEM_LOSS] = sizeof(double) * extent->n_items;
	bytes[ARRAY_USER_LOSS] = sizeof(double) * extent->n_users;
	bytes[ARRAY_ITEM_MAP] = lay_out_map(&o, extent->n_items, extent->n_item_features,
										extent->n_item_values, NULL, &map);
	bytes[ARRAY_USER_MAP] = lay_out_map(&o, extent->n_users, extent->n_user_features,
										extent->n_user_values, NULL, &map);
	if (is_explicit(&o))
		return ARRAY_GRAM_SUMS;
	bytes[ARRAY_GRAM_SUMS] = gram_sums_bytes(o.factors);
	bytes[ARRAY_GRAM_DOUBLE] = 2 * sizeof(double) * k * k;
	bytes[ARRAY_GRAM] = sizeof(float) * k * k;
	return N_ARRAYS;
}

static bool
all_zero(const float *values, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (values[i] != 0)
			return false;
	}
	return true;
}

/* A pass over the users: random factors for users that have none yet. Its argument is not used. */
static void
pass_initialize(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const AlsOptions *o = task->model->options;
	const Side *users = &task->model->sides[SIDE_USERS];
	int64_t		stride = column_stride(&users->columns[COLUMN_FACTORS]);
	int			k = o->factors;
	double		deviation = INITIAL_DEVIATION * sqrt(rating_scale(task->model));

	for (int64_t u = begin; u < end; u++)
	{
		float	   *x = users->values[COLUMN_FACTORS] + u * stride;

		poll();
		if (task->warm && !all_zero(x, k))
			continue;
		for (int f = 0; f < k; f++)
			x[f] = (float) (deviation * random_normal((uint64_t) o->seed, (uint64_t) u * k + f));
		for (int f = 0; f < k && o->nonnegative; f++)
			x[f] = fabsf(x[f]);
	}
}

/* A pass over GRAM_BLOCKS blocks; its argument is the side. */
static void
pass_gram(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const AlsOptions *o = task->model->options;
	const Side *side = &task->model->sides[*(const SideKind *) argument];

	sum_gram_blocks(side, o->factors, task->arrays[ARRAY_GRAM_SUMS], begin, end, scratch);
}

/* Half an iteration: the rows of one side are solved, with the other side fixed. */
typedef struct HalfIteration
{
	LeastSquares problem;
	const SparseMatrix *ratings;
	const Side *solved;
	const SparseMatrix *features;	/* of the rows that are solved, or NULL */
	const Side *map;			/* of the features */
	double	   *loss;			/* by row */
	/* the loss includes the ratings, which count once, with the users */
	bool		with_ratings;
} HalfIteration;

static HalfIteration
half_iteration(const Task *task, SideKind side)
{
	const Model *m = task->model;
	const AlsOptions *o = m->options;
	const Side *fixed = &m->sides[side == SIDE_ITEMS ? SIDE_USERS : SIDE_ITEMS];

	return (HalfIteration) {
		.problem = problem_of_side(m, o->solver, fixed, task->arrays[ARRAY_GRAM]),
		.ratings = side == SIDE_ITEMS ? &task->ratings->by_item : &task->ratings->by_user,
		.solved = &m->sides[side],
		.features = features_of(task, side),
		.map = &m->sides[side_of_features(side)],
		.loss = task->arrays[side == SIDE_ITEMS ? ARRAY_ITEM_LOSS : ARRAY_USER_LOSS],
		.with_ratings = side == SIDE_USERS
	};
}

/* Sets rows to the ratings of rows begin .. begin + n - 1. */
static void
rated_rows(const SparseMatrix *m, int64_t begin, int n, RatedRow *rows)
{
	for (int i = 0; i < n; i++)
	{
		const int64_t *start = m->start + begin + i;

		rows[i] = (RatedRow) {
			.column = m->column + start[0],
			.value = m->value + start[0],
			.n = start[1] - start[0],
			.ahead = m->start[m->n_rows] - start[1]
		};
	}
}

/* Sets the prior of a row with features; memory for it is `prior`, of padded k floats. */
static void
set_prior(const Side *map, const int32_t *features, const float *values, int64_t n, float *prior,
		  RatedRow *row)
{
	int64_t		stride = column_stride(&map->columns[COLUMN_FACTORS]);

	linear_map_apply(map->values[COLUMN_FACTORS], stride, features, values, n, (int) stride, prior);
	row->prior = prior;
	row->prior_bias = sparse_dot(features, values, n, map->values[COLUMN_BIAS]);
}

/*
 * Sets the priors of n rows, from row begin on. Memory for them is scratch, of at_once x padded k
 * floats.
 */
static void
set_priors(const HalfIteration *half, int64_t begin, int n, RatedRow *rows, float *scratch)
{
	const SparseMatrix *m = half->features;
	int64_t		stride = half->problem.stride;

	for (int i = 0; i < n && m != NULL; i++)
	{
		int64_t		at = m->start[begin + i];

		set_prior(half->map, m->column + at, m->value + at, m->start[begin + i + 1] - at,
				  scratch + i * stride, &rows[i]);
	}
}

/*
 * Sets the loss of n rows, from row begin on. The distance of rows with features from their prior
 * is not in it, as the prior changes afterwards.
 */
static void
set_losses(const HalfIteration *half, const RatedRow *rows, int64_t begin, int n)
{
	const LeastSquares *p = &half->problem;

	for (int i = 0; i < n; i++)
	{
		const float *x = half->solved->values[COLUMN_FACTORS] + (begin + i) * p->stride;
		float		bias = half->solved->values[COLUMN_BIAS][begin + i];

		half->loss[begin + i] =
			(half->features == NULL ? least_squares_penalty(p, &rows[i], x, bias) : 0) +
			(half->with_ratings ? least_squares_loss(p, &rows[i], x, bias) : 0);
	}
}

/*
 * A pass over the units of a side, which is its argument: solves the rows of the units, with the
 * other side fixed.
 */
static void
pass_solve(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	SideKind	side = *(const SideKind *) argument;
	HalfIteration half = half_iteration(task, side);
	const LeastSquares *p = &half.problem;
	const Unit *units = task->arrays[side == SIDE_ITEMS ? ARRAY_ITEM_UNITS : ARRAY_USER_UNITS];
	int			at_once = least_squares_at_once(p);
	float	   *priors = (float *) ((char *) scratch + cache_lines(least_squares_scratch(p)));
	RatedRow	rows[MOST_AT_ONCE];
	int			n;

	for (const Unit *unit = units + begin; unit < units + end; unit++)
	{
		/* the loss of a few rows at a time, while their fixed factors are in the cache */
		for (int64_t row = unit->begin; row < unit->end; row += n)
		{
			n = unit->end - row < at_once ? (int) (unit->end - row) : at_once;
			rated_rows(half.ratings, row, n, rows);
			set_priors(&half, row, n, rows, priors);
			if (!least_squares_solve(p, rows, n,
									 half.solved->values[COLUMN_FACTORS] + row * p->stride,
									 half.solved->values[COLUMN_BIAS] + row, scratch))
				*(int32_t *) task->arrays[ARRAY_FAILED] = 1;
			set_losses(&half, rows, row, n);
		}
	}
}

/*
 * A pass over the units of a side, which is its argument: the losses of the rows with their present
 * factors.
 */
static void
pass_loss(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	SideKind	side = *(const SideKind *) argument;
	HalfIteration half = half_iteration(task, side);
	const Unit *units = task->arrays[side == SIDE_ITEMS ? ARRAY_ITEM_UNITS : ARRAY_USER_UNITS];
	RatedRow	rated;

	for (const Unit *unit = units + begin; unit < units + end; unit++)
	{
		for (int64_t row = unit->begin; row < unit->end; row++)
		{
			rated_rows(half.ratings, row, 1, &rated);
			set_losses(&half, &rated, row, 1);
		}
	}
}

/*
 * Steps of a fit of the map. The map is fitted again after each iteration, from where it was: the
 * steps of all iterations together bring it to the end. With twice as many steps lists and ratings
 * were no better.
 */
#define MAP_STEPS 4

/* The argument of pass_map. */
typedef struct MapPass
{
	SideKind	side;
	bool		fit;
	bool		loss;			/* the loss is computed, after the fit if there is one */
} MapPass;

/* A pass over the blocks of a map: fits the map to the rows of its side, or computes the loss. */
static void
pass_map(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const MapPass *pass = argument;
	const AlsOptions *o = task->model->options;
	const SparseMatrix *features = features_of(task, pass->side);
	const Side *rows = &task->model->sides[pass->side];
	const Side *map_side = &task->model->sides[side_of_features(pass->side)];
	FeatureMap	map = map_of(task, pass->side);
	double		weights = 0;
	int64_t		weighed = 0;

	for (int64_t i = 0; i < features->n_rows; i++)
	{
		weights += map.weights[i];
		weighed += map.weights[i] > 0;
	}
	for (int64_t block = begin; block < end; block++)
	{
		bool		is_bias = block * MAP_WIDTH >= o->factors;
		LinearMap	problem = feature_map_block(&map, features, rows, map_side, COLUMN_BIAS,
												COLUMN_FACTORS, block);

		problem.ridge =
			o->attribute_regularization * weights / (double) (weighed > 0 ? weighed : 1);
		problem.most_steps = MAP_STEPS;
		if (pass->fit)
			linear_map_fit(&problem);
		if (!pass->loss)
			continue;
		map.loss[block] = linear_map_loss(&problem) * o->regularization *
						  (is_bias ? 1 : rating_scale(task->model));
	}
}

/* A pass over the items: those without ratings become what their features say. */
static void
pass_unrated(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	HalfIteration half = half_iteration(task, SIDE_ITEMS);
	int64_t		stride = half.problem.stride;
	RatedRow	row;

	for (int64_t i = begin; i < end; i++)
	{
		rated_rows(half.ratings, i, 1, &row);
		if (row.n > 0)
			continue;
		poll();
		set_priors(&half, i, 1, &row, scratch);
		least_squares_prior(&half.problem, &row, half.solved->values[COLUMN_FACTORS] + i * stride,
							half.solved->values[COLUMN_BIAS] + i);
	}
}

enum
{
	PASS_INITIALIZE,
	PASS_GRAM,
	PASS_SOLVE,
	PASS_LOSS,
	PASS_MAP,
	PASS_UNRATED
};

static const Pass als_passes[] = {
	[PASS_INITIALIZE] = pass_initialize,
	[PASS_GRAM] = pass_gram,
	[PASS_SOLVE] = pass_solve,
	[PASS_LOSS] = pass_loss,
	[PASS_MAP] = pass_map,
	[PASS_UNRATED] = pass_unrated
};

static size_t
als_scratch_bytes(const void *options, const Extent *extent)
{
	AlsOptions	o = with_most_factors(options);
	LeastSquares problem = problem_of_options(&o, o.solver);
	size_t		gram = sizeof(double) * GRAM_ROWS * o.factors;
	size_t		solve;

	problem.longest = extent->n_users > extent->n_items ? extent->n_users : extent->n_items;
	solve = cache_lines(least_squares_scratch(&problem)) +
			sizeof(float) * least_squares_at_once(&problem) * PADDED(o.factors);
	return solve > gram ? solve : gram;
}

static int
als_iterations(const void *options)
{
	return ((const AlsOptions *) options)->iterations;
}

/*
 * Computes the Gram matrix of a side, in double at the side's place of ARRAY_GRAM_DOUBLE, and in
 * float.
 */
static void
compute_gram(const Task *task, Services *services, SideKind side)
{
	int64_t		k = ((const AlsOptions *) task->model->options)->factors;

	run_pass(services, PASS_GRAM, &side, sizeof(side), GRAM_BLOCKS, 1);
	add_gram_blocks(task->arrays[ARRAY_GRAM_SUMS], (int) k,
					(double *) task->arrays[ARRAY_GRAM_DOUBLE] + side * k * k,
					task->arrays[ARRAY_GRAM]);
}

/*
 * The loss of all pairs if none were observed: the sum of (x_u.y_i)^2 over all users and items. It
 * equals the sum of the products of the elements of both Gram matrices, given by lower triangles.
 */
static double
unobserved_loss(const double *grams, int64_t k)
{
	double		loss = 0;

	for (int64_t i = 0; i < k; i++)
		for (int64_t j = 0; j <= i; j++)
			loss += (j < i ? 2 : 1) * grams[i * k + j] * grams[k * k + i * k + j];
	return loss;
}

/*
 * The most users whose ratings are examined for what the factors explain, and the share of the loss
 * below which the factors explain nothing.
 */
#define EXPLAINED_USERS 4096
#define LEAST_EXPLAINED 0.001

/*
 * The share by which the factors of some users lower the loss of their ratings, relative to the
 * loss with biases alone or, for implicit feedback, with zeros.
 */
static double
share_explained(const Task *task)
{
	const AlsOptions *o = task->model->options;
	const SparseMatrix *m = &task->ratings->by_user;
	const Side *users = &task->model->sides[SIDE_USERS];
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&users->columns[COLUMN_FACTORS]);
	int64_t		step = 1 + m->n_rows / EXPLAINED_USERS;
	double		without = 0;
	double		with = 0;

	for (int64_t u = 0; u < m->n_rows; u += step)
	{
		for (int64_t at = m->start[u]; at < m->start[u + 1]; at++)
		{
			int32_t		i = m->column[at];
			double		product = vector_dot(users->values[COLUMN_FACTORS] + u * stride,
										items->values[COLUMN_FACTORS] + i * stride, o->factors);
			double		weight = is_explicit(o) ? 1 : 1 + o->alpha * m->value[at];
			double		target = !is_explicit(o)
								? 1
								: m->value[at] - task->model->scale.mean -
									  users->values[COLUMN_BIAS][u] - items->values[COLUMN_BIAS][i];

			without += weight * target * target;
			with += weight * (target - product) * (target - product);
			if (at % 8192 == 0)
				poll();
		}
	}
	return without > 0 ? 1 - with / without : 1;
}

/* Prepares fitting the map of a side, if the side has features. */
static void
prepare_map(const Task *task, SideKind side)
{
	const SparseMatrix *features = features_of(task, side);
	const Side *rows = &task->model->sides[side];
	LeastSquares problem = problem_of_options(task->model->options, SOLVER_CHOLESKY);
	FeatureMap	map = map_of(task, side);

	if (features == NULL)
		return;
	memset(map.by_feature.start, 0, sizeof(int64_t) * (map.by_feature.n_rows + 2));
	sparse_transpose(features, &map.by_feature);
	for (int64_t i = 0; i < features->n_rows; i++)
		map.weights[i] =
			rows->n_ratings[i] > 0 ? (float) least_squares_weight(&problem, rows->n_ratings[i]) : 0;
}

/* Fits the map of a side to its rows, or computes the loss, if the side has features. */
static void
run_map(const Task *task, Services *services, SideKind side, bool fit, bool loss)
{
	MapPass		pass = {side, fit, loss};

	if (features_of(task, side) != NULL)
		run_pass(services, PASS_MAP, &pass, sizeof(pass), map_blocks(task->model->options), 1);
}

/* The sum of the losses that the last passes computed. */
static double
total_loss(const Task *task)
{
	const AlsOptions *o = task->model->options;
	const double *item_loss = task->arrays[ARRAY_ITEM_LOSS];
	const double *user_loss = task->arrays[ARRAY_USER_LOSS];
	double		total =
		is_explicit(o) ? 0 : unobserved_loss(task->arrays[ARRAY_GRAM_DOUBLE], o->factors);

	for (int64_t i = 0; i < task->model->sides[SIDE_ITEMS].n_rows; i++)
		total += item_loss[i];
	for (int64_t u = 0; u < task->model->sides[SIDE_USERS].n_rows; u++)
		total += user_loss[u];
	for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
	{
		FeatureMap	map = map_of(task, side);

		for (int block = 0; map.loss != NULL && block < map_blocks(o); block++)
			total += map.loss[block];
	}
	return total;
}

/* The loss at the beginning of a warm start. */
static double
first_loss(const Task *task, Services *services, const int64_t *n_units)
{
	for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
	{
		if (!is_explicit(task->model->options))
			compute_gram(task, services, side);
		run_pass(services, PASS_LOSS, &side, sizeof(side), n_units[side], 1);
		run_map(task, services, side, false, true);
	}
	return total_loss(task);
}

/* The relative difference by which rounding may change the loss of the same ratings. */
#define SAME_LOSS 1e-9

/*
 * A warm start continues from the last version's model as long as the loss falls. With the same
 * ratings nothing is done: the first training has already stopped, and further iterations each
 * night would change the lists without a reason.
 */
static const char *
als_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const AlsOptions *o = model->options;
	int64_t		n_units[] = {
		make_units(&task->ratings->by_item, task->arrays[ARRAY_ITEM_UNITS]),
		make_units(&task->ratings->by_user, task->arrays[ARRAY_USER_UNITS])
	};
	double		previous = INFINITY;
	bool		same = false;
	SideKind	first = SIDE_USERS;

	prepare_map(task, SIDE_ITEMS);
	prepare_map(task, SIDE_USERS);
	run_pass(services, PASS_INITIALIZE, &first, sizeof(first), model->sides[SIDE_USERS].n_rows,
			 UNIT_ROWS);
	if (task->warm)
	{
		double		loss = first_loss(task, services, n_units);

		previous = isfinite(loss) ? loss : INFINITY;
		same = isfinite(loss) && fabs(loss - task->last_loss) <= SAME_LOSS * loss;
		if (same)
			services->iteration_done(services, 1, loss, NAN);
	}
	else if (!is_explicit(o))
		compute_gram(task, services, first);
	for (int iteration = 1; iteration <= o->iterations && !same; iteration++)
	{
		double		total;

		for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
		{
			/*
			 * The map of the users is fitted before they are solved, so that the stored users equal
			 * the result of folding in their ratings with the stored map.
			 */
			if (side == SIDE_USERS)
				run_map(task, services, side, true, false);
			run_pass(services, PASS_SOLVE, &side, sizeof(side), n_units[side], 1);
			if (*(const int32_t *) task->arrays[ARRAY_FAILED] != 0)
				return "a least-squares solution is not finite";
			run_map(task, services, side, side == SIDE_ITEMS, true);
			if (!is_explicit(o))
				compute_gram(task, services, side);
		}

		total = total_loss(task);
		if (!isfinite(total))
			return "the loss is not finite";
		/* a rise comes from rounding alone: there is nothing left to gain */
		if (total > previous)
			break;
		services->iteration_done(services, iteration, total, NAN);
		if (previous - total < o->tolerance * previous)
			break;
		previous = total;
	}
	if (features_of(task, SIDE_ITEMS) != NULL)
		run_pass(services, PASS_UNRATED, NULL, 0, model->sides[SIDE_ITEMS].n_rows, UNIT_ROWS);
	if (share_explained(task) < LEAST_EXPLAINED)
		services->nothing_learned(services, "regularization");
	return NULL;
}

/* ---- refreshing ---- */

/* Memory for refreshing. */
typedef struct RefreshScratch
{
	float	   *gram;
	double	   *gram_double;
	double	   *gram_sums;
	double	   *gram_rows;
	float	   *factors;		/* of the rows that are solved at once, */
	float	   *bias;			/* and their biases */
	float	   *priors;			/* of their factors */
	void	   *solve;
} RefreshScratch;

/* Takes it from memory; NULL: only computes the size. */
static RefreshScratch
refresh_scratch(const Model *model, void *memory, size_t *bytes)
{
	LeastSquares problem = problem_of_options(model->options, SOLVER_CHOLESKY);
	int			at_once = least_squares_at_once(&problem);
	size_t		k = problem.k;
	Pieces		pieces = {memory, 0};
	RefreshScratch scratch;

	scratch.gram = add_piece(&pieces, sizeof(float) * k * k);
	scratch.gram_double = add_piece(&pieces, sizeof(double) * k * k);
	scratch.gram_sums = add_piece(&pieces, gram_sums_bytes(problem.k));
	scratch.gram_rows = add_piece(&pieces, sizeof(double) * GRAM_ROWS * k);
	scratch.factors = add_piece(&pieces, sizeof(float) * at_once * PADDED(k));
	scratch.bias = add_piece(&pieces, sizeof(float) * at_once);
	scratch.priors = add_piece(&pieces, sizeof(float) * at_once * PADDED(k));
	scratch.solve = add_piece(&pieces, least_squares_scratch(&problem));
	*bytes = pieces.bytes;
	return scratch;
}

static size_t
als_refresh_scratch_bytes(const Model *model, const Refresh *refresh)
{
	size_t		bytes;

	refresh_scratch(model, NULL, &bytes);
	return bytes;
}

/*
 * Solves rows of a side exactly, with the other side and the maps fixed; only_new: only those that
 * have no factors yet. Returns false where a system has no finite solution.
 */
static bool
refresh_rows(Model *model, SideKind kind, const Refresh *refresh, bool only_new,
			 const RefreshScratch *scratch)
{
	bool		of_users = kind == SIDE_USERS;
	const SparseMatrix *ratings = of_users ? &refresh->by_user : &refresh->by_item;
	const int32_t *rows = of_users ? refresh->users : refresh->items;
	const SparseMatrix *features =
		of_users ? &refresh->user_features.by_row : &refresh->item_features.by_row;
	const Side *map = &model->sides[side_of_features(kind)];
	const Side *solved = &model->sides[kind];
	const Side *fixed = &model->sides[kind == SIDE_ITEMS ? SIDE_USERS : SIDE_ITEMS];
	LeastSquares problem = problem_of_side(model, SOLVER_CHOLESKY, fixed, scratch->gram);
	int			at_once = least_squares_at_once(&problem);
	RatedRow	rated[MOST_AT_ONCE];
	int32_t		solving[MOST_AT_ONCE];
	int			n = 0;

	if (problem.implicit)
	{
		sum_gram_blocks(fixed, problem.k, scratch->gram_sums, 0, GRAM_BLOCKS, scratch->gram_rows);
		add_gram_blocks(scratch->gram_sums, problem.k, scratch->gram_double, scratch->gram);
	}
	for (int64_t r = 0; r <= ratings->n_rows; r++)
	{
		if (r < ratings->n_rows &&
			(!only_new ||
			 all_zero(solved->values[COLUMN_FACTORS] + rows[r] * problem.stride, problem.k)))
		{
			rated_rows(ratings, r, 1, &rated[n]);
			if (features->n_columns > 0)
				set_prior(map, features->column + features->start[r],
						  features->value + features->start[r],
						  features->start[r + 1] - features->start[r],
						  scratch->priors + n * problem.stride, &rated[n]);
			solving[n++] = rows[r];
		}
		if (n == 0 || (n < at_once && r < ratings->n_rows))
			continue;
		memset(scratch->factors, 0, sizeof(float) * n * problem.stride);
		memset(scratch->bias, 0, sizeof(float) * n);
		if (!least_squares_solve(&problem, rated, n, scratch->factors, scratch->bias,
								 scratch->solve))
			return false;
		for (int i = 0; i < n; i++)
		{
			memcpy(solved->values[COLUMN_FACTORS] + solving[i] * problem.stride,
				   scratch->factors + i * problem.stride, sizeof(float) * problem.stride);
			solved->values[COLUMN_BIAS][solving[i]] = scratch->bias[i];
		}
		n = 0;
	}
	return true;
}

/*
 * As in training, the items are solved before the users. New users need factors before that.
 */
static const char *
als_refresh(Model *model, const Refresh *refresh, void *memory)
{
	size_t		bytes;
	RefreshScratch scratch = refresh_scratch(model, memory, &bytes);
	bool		finite = true;

	if (refresh->by_item.n_rows > 0)
		finite = refresh_rows(model, SIDE_USERS, refresh, true, &scratch) &&
				 refresh_rows(model, SIDE_ITEMS, refresh, false, &scratch);
	finite = finite && refresh_rows(model, SIDE_USERS, refresh, false, &scratch);
	return finite ? NULL : "a least-squares solution is not finite";
}

/* ---- asking ---- */

/*
 * The derived block of a loaded model: the norms of factors.h, followed, for implicit feedback, by
 * the items' Gram matrix.
 */
static float *
derived_norms(const Model *model)
{
	return model->derived;
}

static inline size_t
norms_bytes(const Model *model)
{
	return cache_lines(factors_norms_bytes(model->sides[SIDE_ITEMS].n_rows));
}

static float *
derived_gram(const Model *model)
{
	return (float *) ((char *) model->derived + norms_bytes(model));
}

typedef struct Query
{
	float		base;			/* common to all scores: the mean and the user's bias */
	float	   *factors;		/* of the user, padded */
} Query;

/*
 * The Gram matrix is summed over the same blocks as in training, one after the other. Memory for
 * the blocks is laid out after the matrix.
 */
static size_t
als_derived_bytes(const Model *model)
{
	const AlsOptions *o = model->options;
	size_t		k = o->factors;

	return norms_bytes(model) +
		   (is_explicit(o) ? 0
						   : cache_lines(sizeof(float) * k * k) +
								 cache_lines(sizeof(double) * k * k) +
								 gram_sums_bytes(o->factors) + sizeof(double) * GRAM_ROWS * k);
}

static void
als_prepare(Model *model)
{
	const AlsOptions *o = model->options;
	int			k = o->factors;

	factors_compute_norms(model, derived_norms(model));
	if (!is_explicit(o))
	{
		Pieces		pieces = {derived_gram(model), 0};
		float	   *gram = add_piece(&pieces, sizeof(float) * k * k);
		double	   *gram_double = add_piece(&pieces, sizeof(double) * k * k);
		double	   *sums = add_piece(&pieces, gram_sums_bytes(k));

		sum_gram_blocks(&model->sides[SIDE_ITEMS], k, sums, 0, GRAM_BLOCKS,
						add_piece(&pieces, sizeof(double) * GRAM_ROWS * k));
		add_gram_blocks(sums, k, gram_double, gram);
	}
}

static size_t
als_query_bytes(const Model *model, int64_t profile_items)
{
	const AlsOptions *o = model->options;

	return cache_lines(sizeof(Query)) + sizeof(float) * PADDED(o->factors);
}

/*
 * Profiles are solved together, as rows are in training. Their solutions are first placed after the
 * workspace.
 */
static size_t
als_query_scratch_bytes(const Model *model, int64_t profile_items)
{
	LeastSquares problem = problem_of_options(model->options, SOLVER_CHOLESKY);

	return cache_lines(least_squares_scratch(&problem)) +
		   2 * sizeof(float) * least_squares_at_once(&problem) * PADDED(problem.k) +
		   cache_lines(sizeof(float) * least_squares_at_once(&problem));
}

static void
als_make_queries(const Model *model, const Profile *profiles, int64_t n, void *queries,
				 size_t query_bytes, bool *made, void *scratch)
{
	const AlsOptions *o = model->options;
	LeastSquares problem =
		problem_of_side(model, SOLVER_CHOLESKY, &model->sides[SIDE_ITEMS], derived_gram(model));
	int64_t		padded = problem.stride;
	int			at_once = least_squares_at_once(&problem);
	Pieces		pieces = {scratch, 0};
	void	   *solve = add_piece(&pieces, least_squares_scratch(&problem));
	float	   *factors = add_piece(&pieces, sizeof(float) * at_once * padded);
	float	   *priors = add_piece(&pieces, sizeof(float) * at_once * padded);
	float	   *bias = add_piece(&pieces, sizeof(float) * at_once);
	const Side *map = &model->sides[SIDE_USER_FEATURES];
	RatedRow	rows[MOST_AT_ONCE];
	int64_t		some;

	for (int64_t done = 0; done < n; done += some)
	{
		some = n - done < at_once ? n - done : at_once;
		for (int64_t i = 0; i < some; i++)
		{
			const Profile *p = &profiles[done + i];
			bool		next = i + 1 < some && p[1].items == p->items + p->n;

			rows[i] = (RatedRow) {
				.column = p->items, .value = p->ratings, .n = p->n, .ahead = next ? p[1].n : 0
			};
			if (p->n_features > 0)
				set_prior(map, p->features, p->feature_values, p->n_features, priors + i * padded,
						  &rows[i]);
		}
		memset(factors, 0, sizeof(float) * at_once * padded);
		memset(bias, 0, sizeof(float) * at_once);
		/* numbers that are not finite are found below, profile by profile */
		(void) least_squares_solve(&problem, rows, (int) some, factors, bias, solve);
		for (int64_t i = 0; i < some; i++)
		{
			Query	   *q = (Query *) ((char *) queries + (done + i) * query_bytes);
			bool		known = profiles[done + i].n > 0 || profiles[done + i].n_features > 0;

			q->factors = (float *) ((char *) q + cache_lines(sizeof(Query)));
			if (known)
				memcpy(q->factors, factors + i * padded, sizeof(float) * padded);
			else
				memset(q->factors, 0, sizeof(float) * padded);
			q->base = is_explicit(o) ? (float) (model->scale.mean + (known ? bias[i] : 0)) : 0;
			made[done + i] = factors_stay_finite(model, derived_norms(model), q->factors, q->base);
		}
	}
}

/* Events are fitted as 1. */
static bool
als_speaks(const Model *model, const void *query)
{
	const Query *q = query;

	return factors_speak(model, derived_norms(model), q->factors, q->base,
						 is_explicit(model->options) ? model->scale.deviation : 1);
}

static size_t
als_explain_scratch_bytes(const Model *model, int64_t profile_items)
{
	size_t		k = ((const AlsOptions *) model->options)->factors;

	return sizeof(double) * (2 * k * k + 3 * k) + sizeof(float) * PADDED(k);
}

/*
 * As Hu et al. 2008, section 5: the user's factors are A^-1 times a sum over the profile, so the
 * score of the item with factors y is a sum over the profile of target_j y_j . z, where A z = y.
 * With biases (see eliminate_bias) the score has the user's bias (t - s.x) / d in it as well, so
 * that it is x.(y - s/d) + t/d, and the sum is of target_j ((y_j - s/d).z + 1/d). The prior of a
 * user with attributes adds to it, and is in the baseline. With the option
 * nonnegative, the user's factors that are not zero solve the system of these factors alone.
 *
 * In double arithmetic: y is not a sum of the profile's factors, and so may lie in a subspace where
 * single precision leaves nothing of A but rounding.
 */
static void
als_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
			float *contributions, float *baseline, void *scratch)
{
	const AlsOptions *o = model->options;
	const Query *q = query;
	const Side *items = &model->sides[SIDE_ITEMS];
	bool		implicit = !is_explicit(o);
	int			k = o->factors;
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);
	int64_t		own;
	const Side *side = side_of_item(model, item, &own);
	const float *y = side->values[COLUMN_FACTORS] + own * stride;
	const float *bias = items->values[COLUMN_BIAS];
	float	   *user_prior = scratch;
	double	   *a = (double *) (user_prior + PADDED(k));
	double	   *factor = a + (int64_t) k * k;
	double	   *z = factor + (int64_t) k * k;
	double	   *sums = z + k;
	double	   *row = sums + k;
	RatedRow	rated = {.prior = NULL};
	double		base = implicit ? 0 : model->scale.mean + side->values[COLUMN_BIAS][own];
	LeastSquares problem = problem_of_options(o, SOLVER_CHOLESKY);
	double		lambda = least_squares_lambda(&problem, profile->n);
	double		share = has_biases(o) ? 1 / ((double) profile->n + lambda) : 0;
	double		shift = share;
	double		prior;

	if (profile->n == 0)
	{
		*baseline = vector_dot(q->factors, y, k) + q->base +
					(implicit ? 0 : side->values[COLUMN_BIAS][own]);
		return;
	}
	if (profile->n_features > 0)
		set_prior(&model->sides[SIDE_USER_FEATURES], profile->features, profile->feature_values,
				  profile->n_features, user_prior, &rated);
	for (int64_t i = 0; i < (int64_t) k * k; i++)
		a[i] = implicit ? derived_gram(model)[i] : 0;
	memset(sums, 0, sizeof(double) * k);
	for (int64_t j = 0; j < profile->n; j++)
	{
		const float *other = items->values[COLUMN_FACTORS] + profile->items[j] * stride;

		poll();
		for (int f = 0; f < k; f++)
		{
			row[f] = other[f];
			sums[f] += other[f];
		}
		gram_add_row(row, implicit ? o->alpha * profile->ratings[j] : 1, k, a);
	}
	/* without the bias, as in eliminate_bias */
	gram_add_row(sums, -share, k, a);
	for (int f = 0; f < k; f++)
	{
		a[(int64_t) f * k + f] += lambda * rating_scale(model);
		z[f] = y[f] - share * sums[f];
	}
	for (int f = 0; f < k && o->nonnegative; f++)
	{
		if (q->factors[f] > 0)
			continue;
		for (int other = 0; other < k; other++)
			a[(int64_t) f * k + other] = a[(int64_t) other * k + f] = other == f;
		z[f] = 0;
	}
	if (!solve_in_double(a, z, k, factor))
		memset(z, 0, sizeof(double) * k);
	for (int f = 0; f < k; f++)
		shift -= share * sums[f] * z[f];
	for (int64_t j = 0; j < profile->n; j++)
	{
		const float *other = items->values[COLUMN_FACTORS] + profile->items[j] * stride;
		double		target = implicit
							? 1 + o->alpha * profile->ratings[j]
							: profile->ratings[j] - model->scale.mean - bias[profile->items[j]];
		double		sum = shift;

		if (j % 64 == 0)
			poll();
		for (int f = 0; f < k; f++)
			sum += other[f] * z[f];
		contributions[j] = (float) (target * sum);
	}
	/* the prior is one more term of the sum */
	prior = lambda * rated.prior_bias * shift;
	for (int f = 0; f < k && rated.prior != NULL; f++)
		prior += lambda * rating_scale(model) * rated.prior[f] * z[f];
	*baseline = (float) (base + prior);
	factors_share_rounding((double) vector_dot(q->factors, y, k) + q->base -
							   (implicit ? 0 : model->scale.mean) - prior,
				   contributions, profile->n);
}

static bool
als_inner_product(const Model *model, InnerProduct *product)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	product->width = ((const AlsOptions *) model->options)->factors;
	product->stride = column_stride(&items->columns[COLUMN_FACTORS]);
	product->factors = items->values[COLUMN_FACTORS];
	product->bias = is_explicit(model->options) ? items->values[COLUMN_BIAS] : NULL;
	return true;
}

static const float *
als_query_vector(const Model *model, const void *query, float *constant)
{
	const Query *q = query;

	*constant = q->base;
	return q->factors;
}

static bool
als_user_product(const Model *model, InnerProduct *product, float *constant)
{
	const Side *users = &model->sides[SIDE_USERS];
	bool		rated = is_explicit(model->options);

	product->width = ((const AlsOptions *) model->options)->factors;
	product->stride = column_stride(&users->columns[COLUMN_FACTORS]);
	product->factors = users->values[COLUMN_FACTORS];
	product->bias = rated ? users->values[COLUMN_BIAS] : NULL;
	*constant = rated ? (float) model->scale.mean : 0;
	return true;
}

static void
als_user_query(const Model *model, int32_t user, void *query)
{
	const Side *users = &model->sides[SIDE_USERS];
	Query	   *q = query;

	q->base = is_explicit(model->options)
				  ? (float) (model->scale.mean + users->values[COLUMN_BIAS][user])
				  : 0;
	q->factors =
		users->values[COLUMN_FACTORS] + user * column_stride(&users->columns[COLUMN_FACTORS]);
}

static bool
als_predicts_ratings(const Model *model)
{
	return is_explicit(model->options);
}

static void
als_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	factors_similar_items(model, derived_norms(model), item, first, n, similarity);
}

/* A f, the prior of an item that nobody has rated. */
static void
als_map_items(const Model *model, const Features *features, Side *items)
{
	LeastSquares problem = problem_of_options(model->options, SOLVER_CHOLESKY);
	const Side *map = &model->sides[SIDE_ITEM_FEATURES];
	const SparseMatrix *m = &features->by_row;
	int64_t		stride = column_stride(&map->columns[COLUMN_FACTORS]);

	for (int64_t i = 0; i < items->n_rows; i++)
	{
		float	   *y = items->values[COLUMN_FACTORS] + i * stride;
		int64_t		at = m->start[i];
		RatedRow	row = {.n = 0};

		poll();
		set_prior(map, m->column + at, m->value + at, m->start[i + 1] - at, y, &row);
		least_squares_prior(&problem, &row, y, items->values[COLUMN_BIAS] + i);
	}
}

/* The map's part of the score: x.(A f) + a.f. */
static void
als_explain_features(const Model *model, const void *query, int32_t item, const int32_t *features,
					 const float *values, int64_t n, float *contributions)
{
	const Query *q = query;
	const Side *map = &model->sides[SIDE_ITEM_FEATURES];
	int			k = ((const AlsOptions *) model->options)->factors;
	int64_t		stride = column_stride(&map->columns[COLUMN_FACTORS]);

	for (int64_t i = 0; i < n; i++)
		contributions[i] =
			values[i] * (vector_dot(q->factors, map->values[COLUMN_FACTORS] + features[i] * stride,
									k) +
						 map->values[COLUMN_BIAS][features[i]]);
}

static void
als_similar_users(const Model *model, const void *query, int64_t first, int64_t n,
				  float *similarity)
{
	factors_similar_users(model, COLUMN_FACTORS, ((const Query *) query)->factors, first, n,
						  similarity);
}

const Algorithm als_algorithm = {
	.name = "als",
	.description = "matrix factorisation by alternating least squares, for ratings and for events",
	.options = als_options,
	.options_size = sizeof(AlsOptions),
	.decide = als_decide,
	.vary = als_vary,
	.shorten = als_shorten,
	.columns = als_columns,
	.needs = als_needs,
	.arrays = als_arrays,
	.passes = als_passes,
	.scratch_bytes = als_scratch_bytes,
	.train = als_train,
	.iterations = als_iterations,
	.refresh = als_refresh,
	.refresh_scratch_bytes = als_refresh_scratch_bytes,
	.derived_bytes = als_derived_bytes,
	.prepare = als_prepare,
	.query_bytes = als_query_bytes,
	.query_scratch_bytes = als_query_scratch_bytes,
	.make_queries = als_make_queries,
	.speaks = als_speaks,
	.score_items = factors_score_items,
	.expected_score = factors_expected_score,
	.explain = als_explain,
	.explain_scratch_bytes = als_explain_scratch_bytes,
	.inner_product = als_inner_product,
	.query_vector = als_query_vector,
	.user_product = als_user_product,
	.user_query = als_user_query,
	.predicts_ratings = als_predicts_ratings,
	.map_items = als_map_items,
	.explain_features = als_explain_features,
	.similar_items = als_similar_items,
	.similar_users = als_similar_users
};
