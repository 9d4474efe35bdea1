/*
 * als.c
 *	  Matrix factorisation by alternating least squares.
 *
 * A model is a vector of k factors for each item (y_i, a row of Y) and each user (x_u, a row of X).
 * With one side fixed, the best vectors of the other are the solutions of small
 * independent least-squares problems; the sides are solved in turn.
 *
 * Explicit feedback (Koren, Bell & Volinsky 2009, "Matrix factorization
 * techniques for recommender systems"; weighted regularisation: Zhou et al. 2008,
 * "Large-scale parallel collaborative filtering for the Netflix prize"):
 *
 *	loss = sum over ratings of (r_ui - mean - b_u - b_i - x_u.y_i)^2
 *		 + sum_u lambda_u (|x_u|^2 + b_u^2) + sum_i lambda_i (|y_i|^2 + b_i^2)
 *
 * where lambda_u = regularization * n_u ^ regularization_scaling and n_u is the number of the row's ratings. A row's
 * bias is one more unknown of the same least squares, whose feature is 1 for every rating.
 *
 * Implicit feedback (Hu, Koren & Volinsky 2008, "Collaborative filtering for
 * implicit feedback datasets"):
 *
 *	loss = sum over all users and items of c_ui (p_ui - x_u.y_i)^2
 *		 + sum_u lambda_u |x_u|^2 + sum_i lambda_i |y_i|^2
 *
 * where p is 1 for what was observed and else 0, and c_ui = 1 + alpha r_ui. All
 * pairs that were not observed are covered by the Gram matrix of the fixed side.
 * The regularisation grows with a row's frequency as Rendle et al. 2022 found best ("Revisiting the
 * performance of iALS on item recommendation benchmarks", lambda (n_u + alpha_0 n_items)^nu), but by the observed
 * part n_u alone: with weights as usual here the other part outweighs it, and the exponent does nothing.
 *
 * An iteration solves the items, then the users, so that the stored users are
 * what folding in their ratings gives. The loss is taken after each iteration;
 * each half is an exact minimisation with solver cholesky, so it never rises.
 */
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/dense.h"
#include "kernel/gather.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/vector.h"

typedef enum Solver
{
	SOLVER_CHOLESKY,
	SOLVER_CG
} Solver;

typedef struct AlsOptions
{
	CommonOptions common;
	int32_t		factors;
	int32_t		iterations;
	int32_t		solver;
	int32_t		seed;
	double		regularization;
	double		regularization_scaling;
	double		alpha;
	double		tolerance;
	bool		biases;
} AlsOptions;

static const char *const solver_choices[] = {"cholesky", "cg", NULL};

static const Option als_options[] = {
	FEEDBACK_OPTION,
	{"factors", OPTION_INTEGER, offsetof(AlsOptions, factors), {"64", "64"}, 1, 1024, NULL,
	"numbers that describe an item or a user; more can say more, cost more, and need more regularization"},
	{"iterations", OPTION_INTEGER, offsetof(AlsOptions, iterations), {"15", "15"}, 1, 10000, NULL,
	"at most so many passes over both sides"},
	{"regularization", OPTION_REAL, offsetof(AlsOptions, regularization), {"10", "6"}, 0, 1e12, NULL,
	"weight of the squared factors and biases in the loss: how strongly what few ratings say is shrunk"},
	{"regularization_scaling", OPTION_REAL, offsetof(AlsOptions, regularization_scaling), {"0", "0.25"}, 0, 2, NULL,
	"exponent with which regularization grows with the number of ratings of a user or an item; 0: plain ridge, 1: ALS-WR"},
	{"alpha", OPTION_REAL, offsetof(AlsOptions, alpha), {"1", "1"}, 0, 1e6, NULL,
	"implicit feedback: an event of weight r counts 1 + alpha * r times as much as a missing one"},
	{"biases", OPTION_BOOLEAN, offsetof(AlsOptions, biases), {"true", "true"}, 0, 0, NULL,
	"explicit feedback: a number of its own for each item and each user that is added to their predictions"},
	{"solver", OPTION_CHOICE, offsetof(AlsOptions, solver), {"cholesky", "cholesky"}, 0, 0, solver_choices,
	"cholesky: exact; cg: three steps of conjugate gradient from the last iteration's solution, faster for many factors"},
	{"tolerance", OPTION_REAL, offsetof(AlsOptions, tolerance), {"0.0001", "0.0001"}, 0, 1, NULL,
	"stop when an iteration lowers the loss by less than this share of it"},
	{"seed", OPTION_INTEGER, offsetof(AlsOptions, seed), {"0", "0"}, 0, 2147483647, NULL,
	"of the random numbers that training starts from: the same data, options and seed give the same model"},
	{NULL}
};

enum
{
	COLUMN_BIAS,
	COLUMN_FACTORS,
	N_COLUMNS
};

/* Systems that are solved at once, and rows that a worker takes at once. */
#define BATCH 8
#define BLOCK_ROWS 64

/* Ratings of a row that are looked at together. */
#define CHUNK 1024

/* A Gram matrix is summed over so many blocks of rows, so that the sum does not depend on who adds up which. */
#define GRAM_BLOCKS 32
/* Rows that are turned to double at once for it. */
#define GRAM_ROWS 64

/* Steps of conjugate gradient in an iteration: Takacs, Pilaszy & Tikk 2011, "Applications of the conjugate gradient method for implicit feedback collaborative filtering". */
#define CG_STEPS 3

/* Standard deviation of the random factors that training starts from. */
#define INITIAL_DEVIATION 0.1

static int
als_columns(const void *options, Column *columns)
{
	const AlsOptions *o = options;

	columns[COLUMN_BIAS] = (Column)
	{
		"bias", 0, "what is added to every prediction; 0 with implicit feedback or without biases"
	};
	columns[COLUMN_FACTORS] = (Column)
	{
		"factors", o->factors, "whose dot product with a user's factors (an item's, in a user's row) says how well they go together"
	};
	return N_COLUMNS;
}

/* ---- one half of an iteration ---- */

/*
 * Solve the rows of one side with the other one fixed. The rows of `ratings` are those to
 * solve, its columns the rows of the fixed side.
 */
typedef struct HalfIteration
{
	const AlsOptions *options;
	const SparseMatrix *ratings;
	double		mean;
	int64_t		stride;			/* of both factor matrices */
	const float *fixed_factors;
	const float *fixed_bias;
	const float *gram;			/* k x k, of the fixed factors; implicit only */
	const double *gram_double;	/* the same, for the loss */
	float	   *factors;		/* to solve */
	float	   *bias;
	double	   *loss;			/* of each row, its own regularisation included; or NULL */
	bool		exact;			/* by Cholesky, whatever the option says */
	int32_t    *failed;			/* set to 1 where some result is not finite */
} HalfIteration;

/* A worker's own memory for one half iteration. */
typedef struct Workspace
{
	float	   *systems;		/* BATCH x k x k */
	float	   *right;			/* BATCH x k */
	float	   *sums;			/* BATCH x padded k: of the fixed factors of a row's ratings */
	float	   *vectors;		/* 4 x padded k: for conjugate gradient */
	float	   *weights;		/* CHUNK: of the ratings at hand in the Gram matrix */
	float	   *targets;		/* CHUNK: what their products are to be, times the weight */
	void	   *gather;			/* of normal_equations */
	void	   *solve;			/* of solve_symmetric */
} Workspace;

static inline bool
is_explicit(const AlsOptions *options)
{
	return options->common.feedback == FEEDBACK_EXPLICIT;
}

static inline bool
has_biases(const AlsOptions *options)
{
	return options->biases && is_explicit(options);
}

static double
row_regularization(const AlsOptions *options, int64_t n_ratings)
{
	return options->regularization * pow((double) n_ratings, options->regularization_scaling);
}

/* Bytes rounded up to whole cache lines. */
static inline size_t
lines(size_t bytes)
{
	return (bytes + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1);
}

/* Lays a workspace out in memory; with memory NULL only says how much it needs. */
static size_t
lay_out_workspace(const AlsOptions *options, void *memory, Workspace *w)
{
	int			k = options->factors;
	size_t		at = 0;
	char	   *base = memory;

#define LAY_OUT(field, bytes) \
	do { w->field = (void *) (base + at); at += lines(bytes); } while (0)

	if (base == NULL)
		base = (char *) ALIGNMENT;	/* never followed */
	LAY_OUT(systems, sizeof(float) * BATCH * k * k);
	LAY_OUT(right, sizeof(float) * BATCH * k);
	LAY_OUT(sums, sizeof(float) * BATCH * PADDED(k));
	LAY_OUT(vectors, sizeof(float) * 4 * PADDED(k));
	LAY_OUT(weights, sizeof(float) * CHUNK);
	LAY_OUT(targets, sizeof(float) * CHUNK);
	LAY_OUT(gather, normal_equations_scratch(k));
	LAY_OUT(solve, solve_symmetric_scratch(BATCH, k));
#undef LAY_OUT
	return at;
}

static size_t
workspace_bytes(const AlsOptions *options)
{
	Workspace	w;

	return lay_out_workspace(options, NULL, &w);
}

/*
 * The targets and weights of entries first .. first + n - 1 (at most CHUNK), so
 * that the least squares of the row is sum_j weight_j f_j f_j' x = sum_j target_j f_j,
 * for implicit feedback beside the Gram matrix of all rows.
 */
static void
fill_targets(const HalfIteration *half, int64_t first, int64_t n, Workspace *w)
{
	const int32_t *column = half->ratings->column + first;
	const float *value = half->ratings->value + first;

	if (is_explicit(half->options))
	{
		for (int64_t j = 0; j < n; j++)
			w->targets[j] = (float) (value[j] - half->mean - half->fixed_bias[column[j]]);
	}
	else
	{
		float		alpha = (float) half->options->alpha;

		for (int64_t j = 0; j < n; j++)
		{
			w->weights[j] = alpha * value[j];
			w->targets[j] = 1 + w->weights[j];
		}
	}
}

/*
 * Solves rows begin .. begin + n - 1 (at most BATCH) by Cholesky.
 *
 * The bias is eliminated by hand, so that the systems keep k unknowns: with s the sum
 * of the fixed factors, t the sum of the targets, and d = n + lambda,
 *
 *	A x + s b = right		(A - s s'/d) x = right - s t/d
 *	s'x + d b = t			b = (t - s'x) / d
 */
static void
solve_exactly(const HalfIteration *half, int64_t begin, int n, Workspace *w)
{
	const AlsOptions *o = half->options;
	const SparseMatrix *m = half->ratings;
	int			k = o->factors;
	int64_t		padded = PADDED(k);
	bool		biases = has_biases(o);
	const float *weights = is_explicit(o) ? NULL : w->weights;
	float		total[BATCH];
	float		diagonal[BATCH];

	for (int i = 0; i < n; i++)
	{
		int64_t		first = m->start[begin + i];
		int64_t		last = m->start[begin + i + 1];
		float	   *a = w->systems + (int64_t) i * k * k;
		float	   *right = w->right + (int64_t) i * k;
		float	   *sum = w->sums + i * padded;
		double		lambda = row_regularization(o, last - first);
		double		targets = 0;
		const float *base = half->gram;
		int64_t		at = first;

		memset(right, 0, sizeof(float) * k);
		memset(sum, 0, sizeof(float) * padded);
		do
		{
			int64_t		chunk = last - at < CHUNK ? last - at : CHUNK;
			int64_t		ahead = m->start[m->n_rows] - at - chunk;

			fill_targets(half, at, chunk, w);
			normal_equations(half->fixed_factors, half->stride, m->column + at, weights, w->targets, chunk,
							 ahead < CHUNK ? ahead : CHUNK, k, base, a, right, biases ? sum : NULL, w->gather);
			if (biases)
			{
				for (int64_t j = 0; j < chunk; j++)
					targets += w->targets[j];
			}
			base = a;
			at += chunk;
		} while (at < last);
		for (int j = 0; j < k; j++)
			a[(int64_t) j * k + j] += (float) lambda;
		total[i] = (float) targets;
		diagonal[i] = (float) ((double) (last - first) + lambda);
		if (biases && last > first)
		{
			for (int r = 0; r < k; r++)
			{
				float		share = sum[r] / diagonal[i];

				right[r] -= share * total[i];
				for (int c = 0; c <= r; c++)
					a[(int64_t) r * k + c] -= share * sum[c];
			}
		}
	}

	if (!solve_symmetric(w->systems, w->right, n, k, w->solve))
		*half->failed = 1;

	for (int i = 0; i < n; i++)
	{
		float	   *x = half->factors + (begin + i) * half->stride;

		memcpy(x, w->right + (int64_t) i * k, sizeof(float) * k);
		if (biases)
			half->bias[begin + i] = m->start[begin + i + 1] == m->start[begin + i] ? 0 :
				(total[i] - vector_dot(w->sums + i * padded, x, k)) / diagonal[i];
	}
}

/*
 * (out, out_last) = the matrix of the row's least squares times (vector, vector_last)
 */
static void
multiply_row(const HalfIteration *half, int64_t row, double lambda, const float *vector, float vector_last,
			 float *out, float *out_last, Workspace *w)
{
	const SparseMatrix *m = half->ratings;
	int			k = half->options->factors;
	int			padded = (int) PADDED(k);
	float		last = 0;

	for (int i = 0; i < padded; i++)
		out[i] = (float) lambda * vector[i];
	if (half->gram != NULL)
	{
		for (int i = 0; i < k; i++)
			out[i] += vector_dot(half->gram + (int64_t) i * k, vector, k);
	}
	for (int64_t at = m->start[row]; at < m->start[row + 1]; at += CHUNK)
	{
		int64_t		chunk = m->start[row + 1] - at < CHUNK ? m->start[row + 1] - at : CHUNK;

		if (!is_explicit(half->options))
			fill_targets(half, at, chunk, w);
		gather_multiply(half->fixed_factors, half->stride, m->column + at,
						is_explicit(half->options) ? NULL : w->weights, chunk, padded,
						vector, vector_last, out, &last);
	}
	*out_last = has_biases(half->options) ? (float) (last + lambda * vector_last) : 0;
}

/* Improves one row by CG_STEPS steps of conjugate gradient from where it is. */
static void
improve_by_gradient(const HalfIteration *half, int64_t row, Workspace *w)
{
	const AlsOptions *o = half->options;
	const SparseMatrix *m = half->ratings;
	int			k = o->factors;
	int64_t		padded = PADDED(k);
	bool		biases = has_biases(o);
	int64_t		n = m->start[row + 1] - m->start[row];
	double		lambda = row_regularization(o, n);
	float	   *x = half->factors + row * half->stride;
	float	   *residual = w->vectors;
	float	   *direction = w->vectors + padded;
	float	   *product = w->vectors + 2 * padded;
	float		residual_last = 0;
	float		direction_last;
	float		product_last;
	double		squared;
	double		start;

	/* residual = right side - matrix * x */
	memset(residual, 0, sizeof(float) * padded);
	for (int64_t at = m->start[row]; at < m->start[row + 1]; at += CHUNK)
	{
		int64_t		chunk = m->start[row + 1] - at < CHUNK ? m->start[row + 1] - at : CHUNK;

		fill_targets(half, at, chunk, w);
		gather_sum(half->fixed_factors, half->stride, m->column + at, w->targets, chunk, (int) padded, residual);
		if (biases)
		{
			for (int64_t j = 0; j < chunk; j++)
				residual_last += w->targets[j];
		}
	}
	start = vector_dot_double(residual, residual, k) + (double) residual_last * residual_last;
	multiply_row(half, row, lambda, x, biases ? half->bias[row] : 0, product, &product_last, w);
	for (int i = 0; i < k; i++)
		residual[i] -= product[i];
	residual_last -= product_last;
	squared = vector_dot_double(residual, residual, k) + (double) residual_last * residual_last;
	memcpy(direction, residual, sizeof(float) * padded);
	direction_last = residual_last;

	for (int step = 0; step < CG_STEPS; step++)
	{
		double		curvature;
		double		length;
		double		before = squared;

		/* Solved as far as float arithmetic can tell: going on would divide by zero. */
		if (squared <= 1e-14 * start)
			break;
		multiply_row(half, row, lambda, direction, direction_last, product, &product_last, w);
		curvature = vector_dot_double(direction, product, k) + (double) direction_last * product_last;
		if (!(curvature > 0))
			break;
		length = squared / curvature;
		for (int i = 0; i < k; i++)
		{
			x[i] += (float) (length * direction[i]);
			residual[i] -= (float) (length * product[i]);
		}
		if (biases)
			half->bias[row] += (float) (length * direction_last);
		residual_last -= (float) (length * product_last);
		squared = vector_dot_double(residual, residual, k) + (double) residual_last * residual_last;
		for (int i = 0; i < k; i++)
			direction[i] = (float) (residual[i] + squared / before * direction[i]);
		direction_last = (float) (residual_last + squared / before * direction_last);
	}
}

/* The part of the loss that belongs to one row, summed in double. */
static double
row_loss(const HalfIteration *half, int64_t row)
{
	const AlsOptions *o = half->options;
	const SparseMatrix *m = half->ratings;
	int			k = o->factors;
	const float *x = half->factors + row * half->stride;
	double		bias = half->bias[row];
	double		loss = row_regularization(o, m->start[row + 1] - m->start[row]) *
		(vector_dot_double(x, x, k) + bias * bias);

	if (half->gram_double != NULL)
	{
		/* what all columns would cost if none were observed: x' G x, from the lower triangle */
		for (int i = 0; i < k; i++)
		{
			const double *g = half->gram_double + (int64_t) i * k;
			double		sum = 0;

			for (int j = 0; j < i; j++)
				sum += g[j] * x[j];
			loss += x[i] * (2 * sum + g[i] * x[i]);
		}
	}
	for (int64_t j = m->start[row]; j < m->start[row + 1]; j++)
	{
		double		predicted = vector_dot_double(x, half->fixed_factors + m->column[j] * half->stride, k);

		if (is_explicit(o))
		{
			double		error = m->value[j] - half->mean - half->fixed_bias[m->column[j]] - bias - predicted;

			loss += error * error;
		}
		else
		{
			double		confidence = 1 + o->alpha * m->value[j];

			loss += confidence * (1 - predicted) * (1 - predicted) - predicted * predicted;
		}
		if ((j - m->start[row]) % CHUNK == CHUNK - 1)
			poll();
	}
	return loss;
}

/* Solves rows begin .. end - 1. */
static void
solve_rows(const HalfIteration *half, int64_t begin, int64_t end, void *scratch)
{
	Workspace	w;

	lay_out_workspace(half->options, scratch, &w);
	for (int64_t row = begin; row < end; row += BATCH)
	{
		int			n = end - row < BATCH ? (int) (end - row) : BATCH;

		poll();
		if (half->exact)
			solve_exactly(half, row, n, &w);
		else
		{
			for (int i = 0; i < n; i++)
				improve_by_gradient(half, row + i, &w);
		}
		if (half->loss != NULL)
		{
			for (int i = 0; i < n; i++)
				half->loss[row + i] = row_loss(half, row + i);
		}
	}
}

/* ---- Gram matrices of one side ---- */

/* The bounds of the blocks that a Gram matrix is summed by. */
static int64_t
gram_block_begin(const Side *side, int64_t block)
{
	return block * side->n_rows / GRAM_BLOCKS;
}

/* Blocks begin .. end - 1 of the Gram matrix of a side's factors, in double: lower triangles into sums. */
static void
sum_gram_blocks(const Side *side, int k, double *sums, int64_t begin, int64_t end, void *scratch)
{
	int64_t		stride = column_stride(&side->columns[COLUMN_FACTORS]);

	for (int64_t block = begin; block < end; block++)
	{
		int64_t		last = gram_block_begin(side, block + 1);
		double	   *sum = sums + block * k * k;

		memset(sum, 0, sizeof(double) * k * k);
		for (int64_t row = gram_block_begin(side, block); row < last; row += GRAM_ROWS)
		{
			int64_t		n = last - row < GRAM_ROWS ? last - row : GRAM_ROWS;

			poll();
			gram_add(side->values[COLUMN_FACTORS] + row * stride, stride, n, k, sum, scratch);
		}
	}
}

static size_t
gram_sums_bytes(int k)
{
	return sizeof(double) * GRAM_BLOCKS * k * k;
}

/* Adds the blocks up: gram_double gets the lower triangle, gram both. */
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
	ARRAY_LOSS,					/* a double for each user */
	ARRAY_GRAM_SUMS,			/* implicit only: the blocks of the Gram matrix of the fixed side, */
	ARRAY_GRAM_DOUBLE,			/* their sum, */
	ARRAY_GRAM,					/* and that in float */
	N_ARRAYS
};

static int
als_arrays(const void *options, int64_t n_users, int64_t n_items, size_t *bytes)
{
	const AlsOptions *o = options;
	size_t		k = o->factors;

	(void) n_items;
	bytes[ARRAY_FAILED] = sizeof(int32_t);
	bytes[ARRAY_LOSS] = sizeof(double) * n_users;
	if (is_explicit(o))
		return ARRAY_LOSS + 1;
	bytes[ARRAY_GRAM_SUMS] = gram_sums_bytes(o->factors);
	bytes[ARRAY_GRAM_DOUBLE] = sizeof(double) * k * k;
	bytes[ARRAY_GRAM] = sizeof(float) * k * k;
	return N_ARRAYS;
}

/* Which side a pass is about. */
typedef enum WhichSide
{
	ITEMS,
	USERS
} WhichSide;

/* A pass over GRAM_BLOCKS blocks; its argument is the side. */
static void
pass_gram(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const AlsOptions *o = task->model->options;
	const Side *side = *(const WhichSide *) argument == ITEMS ? &task->model->items : &task->model->users;

	sum_gram_blocks(side, o->factors, task->arrays[ARRAY_GRAM_SUMS], begin, end, scratch);
}

/* A pass over the rows of a side, which is its argument: solves them, with the other side fixed. */
static void
pass_solve(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const AlsOptions *o = task->model->options;
	bool		items = *(const WhichSide *) argument == ITEMS;
	const Side *solved = items ? &task->model->items : &task->model->users;
	const Side *fixed = items ? &task->model->users : &task->model->items;
	HalfIteration half = {
		.options = o,
		.ratings = items ? &task->ratings->by_item : &task->ratings->by_user,
		.mean = task->model->mean,
		.stride = column_stride(&solved->columns[COLUMN_FACTORS]),
		.fixed_factors = fixed->values[COLUMN_FACTORS],
		.fixed_bias = fixed->values[COLUMN_BIAS],
		.gram = is_explicit(o) ? NULL : task->arrays[ARRAY_GRAM],
		.gram_double = is_explicit(o) ? NULL : task->arrays[ARRAY_GRAM_DOUBLE],
		.factors = solved->values[COLUMN_FACTORS],
		.bias = solved->values[COLUMN_BIAS],
		.loss = items ? NULL : task->arrays[ARRAY_LOSS],
		.exact = o->solver == SOLVER_CHOLESKY,
		.failed = task->arrays[ARRAY_FAILED]
	};

	solve_rows(&half, begin, end, scratch);
}

enum
{
	PASS_GRAM,
	PASS_SOLVE
};

static const Pass als_passes[] = {pass_gram, pass_solve};

static size_t
als_scratch_bytes(const void *options)
{
	const AlsOptions *o = options;
	size_t		solve = workspace_bytes(o);
	size_t		gram = sizeof(double) * GRAM_ROWS * o->factors;

	return solve > gram ? solve : gram;
}

static int
als_iterations(const void *options)
{
	return ((const AlsOptions *) options)->iterations;
}

/* The regularisation of the items, which is no part of the users' row losses. */
static double
items_regularization(const AlsOptions *o, const SparseMatrix *by_item, const float *factors, int64_t stride, const float *bias)
{
	double		sum = 0;

	for (int64_t i = 0; i < by_item->n_rows; i++)
	{
		const float *y = factors + i * stride;

		if (i % 1024 == 0)
			poll();
		sum += row_regularization(o, by_item->start[i + 1] - by_item->start[i]) *
			(vector_dot_double(y, y, o->factors) + (double) bias[i] * bias[i]);
	}
	return sum;
}

static const char *
als_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const AlsOptions *o = model->options;
	int			k = o->factors;
	Side	   *users = &model->users;
	Side	   *items = &model->items;
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);
	const double *loss = task->arrays[ARRAY_LOSS];
	double		previous = INFINITY;

	for (int64_t u = 0; u < users->n_rows; u++)
	{
		if (u % 64 == 0)
			poll();
		for (int f = 0; f < k; f++)
			users->values[COLUMN_FACTORS][u * stride + f] =
				(float) (INITIAL_DEVIATION * random_normal((uint64_t) o->seed, (uint64_t) u * k + f));
	}

	for (int iteration = 1; iteration <= o->iterations; iteration++)
	{
		double		total;

		for (WhichSide solved = ITEMS; solved <= USERS; solved++)
		{
			WhichSide	fixed = solved == ITEMS ? USERS : ITEMS;

			if (!is_explicit(o))
			{
				services->run_pass(services, PASS_GRAM, &fixed, sizeof(fixed), GRAM_BLOCKS, 1);
				add_gram_blocks(task->arrays[ARRAY_GRAM_SUMS], k, task->arrays[ARRAY_GRAM_DOUBLE], task->arrays[ARRAY_GRAM]);
			}
			services->run_pass(services, PASS_SOLVE, &solved, sizeof(solved),
							   solved == ITEMS ? items->n_rows : users->n_rows, BLOCK_ROWS);
			if (*(const int32_t *) task->arrays[ARRAY_FAILED] != 0)
				return "a least-squares solution is not finite";
		}

		total = items_regularization(o, &task->ratings->by_item, items->values[COLUMN_FACTORS], stride, items->values[COLUMN_BIAS]);
		for (int64_t u = 0; u < users->n_rows; u++)
			total += loss[u];
		if (!isfinite(total))
			return "the loss is not finite";
		/* by rounding alone: there is nothing left to gain */
		if (total > previous)
			break;
		services->iteration_done(services, iteration, total);
		if (previous - total < o->tolerance * previous)
			break;
		previous = total;
	}
	return NULL;
}

/* ---- asking ---- */

/* What is derived from a loaded model: the norm of each item's factors, and behind them, for implicit feedback, the items' Gram matrix. */
static float *
derived_norms(const Model *model)
{
	return model->derived;
}

static float *
derived_gram(const Model *model)
{
	return (float *) ((char *) model->derived + lines(sizeof(float) * model->items.n_rows));
}

typedef struct Query
{
	bool		known;			/* the profile has an item */
	float		base;			/* what all scores have in common: the mean and the user's bias */
	float	   *factors;		/* of the user, padded */
} Query;

/* The Gram matrix is summed by the same blocks as in training, one after the other, in memory laid out behind it. */
static size_t
als_derived_bytes(const Model *model)
{
	const AlsOptions *o = model->options;
	size_t		k = o->factors;

	return lines(sizeof(float) * model->items.n_rows) +
		(is_explicit(o) ? 0 : lines(sizeof(float) * k * k) + lines(sizeof(double) * k * k) + gram_sums_bytes(o->factors) +
		 sizeof(double) * GRAM_ROWS * k);
}

static void
als_prepare(Model *model)
{
	const AlsOptions *o = model->options;
	int			k = o->factors;
	const Side *items = &model->items;
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);
	float	   *norms = derived_norms(model);

	for (int64_t i = 0; i < items->n_rows; i++)
	{
		if (i % 1024 == 0)
			poll();
		norms[i] = (float) vector_norm(items->values[COLUMN_FACTORS] + i * stride, k);
	}
	if (!is_explicit(o))
	{
		float	   *gram = derived_gram(model);
		char	   *memory = (char *) gram + lines(sizeof(float) * k * k);
		double	   *gram_double = (double *) memory;
		double	   *sums = (double *) (memory + lines(sizeof(double) * k * k));

		memory = (char *) sums + gram_sums_bytes(k);
		sum_gram_blocks(items, k, sums, 0, GRAM_BLOCKS, memory);
		add_gram_blocks(sums, k, gram_double, gram);
	}
}

static size_t
als_query_bytes(const Model *model)
{
	const AlsOptions *o = model->options;

	return lines(sizeof(Query)) + sizeof(float) * PADDED(o->factors);
}

static size_t
als_query_scratch_bytes(const Model *model, int64_t profile_items)
{
	(void) profile_items;
	return workspace_bytes(model->options);
}

static bool
als_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	const AlsOptions *o = model->options;
	const Side *items = &model->items;
	Query	   *q = query;
	int64_t		start[2] = {0, profile->n};
	float		bias = 0;
	int32_t		failed = 0;
	SparseMatrix row = {
		.n_rows = 1,
		.n_columns = items->n_rows,
		.start = start,
		.column = (int32_t *) profile->items,
		.value = (float *) profile->ratings
	};
	HalfIteration half = {
		.options = o,
		.ratings = &row,
		.mean = model->mean,
		.stride = column_stride(&items->columns[COLUMN_FACTORS]),
		.fixed_factors = items->values[COLUMN_FACTORS],
		.fixed_bias = items->values[COLUMN_BIAS],
		.gram = is_explicit(o) ? NULL : derived_gram(model),
		.bias = &bias,
		.exact = true,
		.failed = &failed
	};

	q->factors = (float *) ((char *) query + lines(sizeof(Query)));
	q->known = profile->n > 0;
	memset(q->factors, 0, sizeof(float) * PADDED(o->factors));
	half.factors = q->factors;
	if (q->known)
		solve_rows(&half, 0, 1, scratch);
	q->base = is_explicit(o) ? (float) (model->mean + bias) : 0;
	return !failed && isfinite(bias);
}

static void
als_score_range(const Model *model, const void *query, int64_t first, int64_t n, float *scores)
{
	const AlsOptions *o = model->options;
	const Query *q = query;
	const Side *items = &model->items;
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);

	if (!q->known && !is_explicit(o))
	{
		/* the share of users who have the item: the best guess of p_ui for someone unknown */
		for (int64_t i = 0; i < n; i++)
			scores[i] = (float) items->n_ratings[first + i] / (float) model->n_users;
		return;
	}
	vector_dot_rows(q->factors, items->values[COLUMN_FACTORS] + first * stride, stride, n, o->factors, scores);
	if (is_explicit(o))
	{
		const float *bias = items->values[COLUMN_BIAS] + first;

		for (int64_t i = 0; i < n; i++)
			scores[i] += q->base + bias[i];
	}
}

static float
als_score_item(const Model *model, const void *query, int32_t item)
{
	float		score;

	if (item < 0)
		return ((const Query *) query)->base;
	als_score_range(model, query, item, 1, &score);
	return score;
}

static bool
als_inner_product(const Model *model, InnerProduct *product)
{
	const Side *items = &model->items;

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

	if (!q->known && !is_explicit(model->options))
		return NULL;
	*constant = q->base;
	return q->factors;
}

static bool
als_predicts_ratings(const Model *model)
{
	return is_explicit(model->options);
}

/*
 * From products to cosines, and with explicit feedback from cosines to similarities: the cosine does
 * not say on how many ratings it rests, and the factors of a row with one rating point exactly where
 * that rating does. So it is shrunk by n / (n + 10), with n the ratings of the other row (significance
 * weighting, Herlocker et al. 1999, in the form of Koren 2008). Implicit feedback has no need of it: there a
 * row with few events is held by all those that it hasn't.
 */
#define SIMILARITY_SHRINKAGE 10

static void
products_to_similarity(const AlsOptions *o, float *products, int64_t n, float norm, const float *norms, const int32_t *n_ratings)
{
	for (int64_t i = 0; i < n; i++)
	{
		float		cosine = products[i] / (norm * norms[i]);

		/* rounding may pass the end of the range; 0/0 stays NaN */
		cosine = cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
		products[i] = is_explicit(o) ? cosine * n_ratings[i] / (n_ratings[i] + SIMILARITY_SHRINKAGE) : cosine;
	}
}

static void
als_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	const AlsOptions *o = model->options;
	const float *factors = model->items.values[COLUMN_FACTORS];
	const float *norms = derived_norms(model);
	int64_t		stride = column_stride(&model->items.columns[COLUMN_FACTORS]);

	vector_dot_rows(factors + item * stride, factors + first * stride, stride, n, o->factors, similarity);
	products_to_similarity(o, similarity, n, norms[item], norms + first, model->items.n_ratings + first);
}

static void
als_similar_users(const Model *model, const void *query, int64_t first, int64_t n, float *similarity)
{
	const AlsOptions *o = model->options;
	const Query *q = query;
	int64_t		stride = column_stride(&model->users.columns[COLUMN_FACTORS]);
	const float *factors = model->users.values[COLUMN_FACTORS] + first * stride;
	float		norm = (float) vector_norm(q->factors, o->factors);

	vector_dot_rows(q->factors, factors, stride, n, o->factors, similarity);
	for (int64_t i = 0; i < n; i++)
	{
		float		other = (float) vector_norm(factors + i * stride, o->factors);

		products_to_similarity(o, similarity + i, 1, norm, &other, model->users.n_ratings + first + i);
	}
}

const Algorithm als_algorithm = {
	.name = "als",
	.description = "matrix factorisation by alternating least squares, for ratings and for events",
	.options = als_options,
	.options_size = sizeof(AlsOptions),
	.item_columns = als_columns,
	.user_columns = als_columns,
	.arrays = als_arrays,
	.passes = als_passes,
	.scratch_bytes = als_scratch_bytes,
	.train = als_train,
	.iterations = als_iterations,
	.derived_bytes = als_derived_bytes,
	.prepare = als_prepare,
	.query_bytes = als_query_bytes,
	.query_scratch_bytes = als_query_scratch_bytes,
	.make_query = als_make_query,
	.score_range = als_score_range,
	.score_item = als_score_item,
	.inner_product = als_inner_product,
	.query_vector = als_query_vector,
	.predicts_ratings = als_predicts_ratings,
	.similar_items = als_similar_items,
	.similar_users = als_similar_users
};
