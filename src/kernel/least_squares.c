/*
 * least_squares.c
 *	  The factors of rows of a rating matrix, given fixed factors of its columns.
 */
#include <math.h>
#include <string.h>

#include "kernel/dense.h"
#include "kernel/gather.h"
#include "kernel/least_squares.h"
#include "kernel/nonnegative.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* Ratings of a row that are processed together. */
#define CHUNK 1024

/*
 * Steps of conjugate gradient: Takacs, Pilaszy & Tikk 2011, "Applications of the conjugate
 * gradient method for implicit feedback collaborative filtering".
 */
#define CG_STEPS 3

typedef struct Workspace
{
	float	   *systems;		/* of the rows that are solved at once: k x k each */
	float	   *right;			/* k each: right sides */
	float	   *sums;			/* padded k each: sums of the fixed factors of a row's ratings */
	float	   *vectors;		/* 3 x padded k */
	float	   *weights;		/* CHUNK: weights of the ratings in the Gram matrix */
	float	   *targets;		/* CHUNK: the products that the ratings ask for, times the weight */
	float	   *products;		/* CHUNK: the products that they have */
	/* SOLVER_BLOCK: of the ratings of the rows that are solved at once */
	float	   *residuals;
	void	   *gather;			/* scratch of normal_equations */
	void	   *solve;			/* scratch of solve_symmetric or solve_nonnegative */
} Workspace;

/* The unknowns of one system: the factors without a bias, or a block of them. */
static inline int
unknowns(const LeastSquares *p)
{
	return p->solver == SOLVER_BLOCK && p->block < p->k ? p->block : p->k;
}

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

double
least_squares_weight(const LeastSquares *p, int64_t n_ratings)
{
	return pow((double) n_ratings, p->regularization_scaling);
}

double
least_squares_lambda(const LeastSquares *p, int64_t n_ratings)
{
	return p->regularization * least_squares_weight(p, n_ratings);
}

/* A factor of a row's prior. */
static inline float
prior_of(const RatedRow *row, int factor)
{
	return row->prior == NULL ? 0 : row->prior[factor];
}

int
least_squares_at_once(const LeastSquares *p)
{
	return p->solver == SOLVER_NONNEGATIVE ? 1 : solve_at_once(unknowns(p));
}

/* Lays a workspace out in memory and returns its size; with memory NULL, only the size. */
static size_t
lay_out_workspace(const LeastSquares *p, void *memory, Workspace *w)
{
	Pieces		pieces = {memory, 0};
	int			at_once = least_squares_at_once(p);
	int64_t		padded = PADDED(p->k);

	w->systems = add_piece(&pieces, sizeof(float) * at_once * SYSTEM_STRIDE(unknowns(p)));
	w->right = add_piece(&pieces, sizeof(float) * at_once * p->k);
	w->sums = add_piece(&pieces, sizeof(float) * at_once * padded);
	w->vectors = add_piece(&pieces, sizeof(float) * 3 * padded);
	w->weights = add_piece(&pieces, sizeof(float) * CHUNK);
	w->targets = add_piece(&pieces, sizeof(float) * CHUNK);
	w->products = add_piece(&pieces, sizeof(float) * CHUNK);
	w->residuals = add_piece(&pieces, p->solver == SOLVER_BLOCK ? sizeof(float) * p->longest : 0);
	w->gather = add_piece(&pieces, normal_equations_scratch(unknowns(p)));
	w->solve = add_piece(&pieces, p->solver == SOLVER_NONNEGATIVE
									  ? solve_nonnegative_scratch(p->k)
									  : solve_symmetric_scratch(at_once, unknowns(p)));
	return pieces.bytes;
}

size_t
least_squares_scratch(const LeastSquares *p)
{
	Workspace	w;

	return lay_out_workspace(p, NULL, &w);
}

/*
 * Sets the targets and weights of n ratings (at most CHUNK), so that the least squares of the row
 * are sum_j weight_j f_j f_j' x = sum_j target_j f_j. With implicit feedback the Gram matrix of all
 * columns is added to the left side.
 */
static void
fill_targets(const LeastSquares *p, const int32_t *column, const float *value, int64_t n,
			 Workspace *w)
{
	if (p->implicit)
	{
		float		alpha = (float) p->alpha;

		for (int64_t j = 0; j < n; j++)
		{
			w->weights[j] = alpha * value[j];
			w->targets[j] = 1 + w->weights[j];
		}
	}
	else
	{
		for (int64_t j = 0; j < n; j++)
			w->targets[j] = (float) (value[j] - p->mean - p->fixed_bias[column[j]]);
	}
}

/*
 * Eliminates the bias from the system, so that the system keeps k unknowns: with s the sum of the
 * fixed factors, t the sum of the targets, and d = n + lambda,
 *
 *	A x + s b = right		(A - s s'/d) x = right - s t/d
 *	s'x + d b = t			b = (t - s'x) / d
 */
static void
eliminate_bias(float *a, float *right, const float *sum, float total, float diagonal, int k)
{
	for (int r = 0; r < k; r++)
	{
		float		share = sum[r] / diagonal;

		right[r] -= share * total;
		for (int c = 0; c <= r; c++)
			a[(int64_t) r * k + c] -= share * sum[c];
	}
}

/*
 * The factors of n rows of systems. Where none is to be negative, the bias that is eliminated
 * remains free: the least squares of the others are the same.
 */
static bool
solve_systems(const LeastSquares *p, int n, float *factors, Workspace *w)
{
	int			k = p->k;
	bool		finite = true;

	if (p->solver != SOLVER_NONNEGATIVE)
	{
		finite = solve_symmetric(w->systems, w->right, n, k, w->solve);
		for (int i = 0; i < n; i++)
			memcpy(factors + i * p->stride, w->right + (int64_t) i * k, sizeof(float) * k);
		return finite;
	}
	for (int i = 0; i < n; i++)
		finite = solve_nonnegative(w->systems + i * SYSTEM_STRIDE(k), w->right + (int64_t) i * k, k,
								   factors + i * p->stride, w->solve) &&
				 finite;
	return finite;
}

/* Solves rows by their normal equations. */
static bool
solve_exactly(const LeastSquares *p, const RatedRow *rows, int n, float *factors, float *bias,
			  Workspace *w)
{
	int			k = p->k;
	int64_t		padded = PADDED(k);
	const float *weights = p->implicit ? w->weights : NULL;
	float		total[MOST_AT_ONCE];
	float		diagonal[MOST_AT_ONCE];
	bool		finite;

	for (int i = 0; i < n; i++)
	{
		const RatedRow *row = &rows[i];
		float	   *a = w->systems + i * SYSTEM_STRIDE(k);
		float	   *right = w->right + (int64_t) i * k;
		float	   *sum = w->sums + i * padded;
		double		lambda = least_squares_lambda(p, row->n);
		float		factor_lambda = (float) (lambda * p->scale);
		double		targets = lambda * row->prior_bias;
		const float *base = p->gram;
		int64_t		at = 0;

		for (int j = 0; j < k; j++)
			right[j] = factor_lambda * prior_of(row, j);
		memset(sum, 0, sizeof(float) * padded);
		do
		{
			int64_t		chunk = min64(row->n - at, CHUNK);
			int64_t		ahead = min64(row->n + row->ahead - at - chunk, CHUNK);

			fill_targets(p, row->column + at, row->value + at, chunk, w);
			normal_equations(p->fixed_factors, p->stride, row->column + at, weights, w->targets,
							 chunk, ahead, k, base, a, right, p->biases ? sum : NULL, w->gather);
			if (p->biases)
			{
				for (int64_t j = 0; j < chunk; j++)
					targets += w->targets[j];
			}
			base = a;
			at += chunk;
		} while (at < row->n);
		for (int j = 0; j < k; j++)
			a[(int64_t) j * k + j] += factor_lambda;
		total[i] = (float) targets;
		diagonal[i] = (float) ((double) row->n + lambda);
		if (p->biases && row->n > 0)
			eliminate_bias(a, right, sum, total[i], diagonal[i], k);
	}

	finite = solve_systems(p, n, factors, w);

	for (int i = 0; i < n && p->biases; i++)
		bias[i] = (total[i] - vector_dot(w->sums + i * padded, factors + i * p->stride, k)) /
				  diagonal[i];
	return finite;
}

/*
 * The product of the matrix of a row's least squares: (out, out_last) = right side - matrix *
 * (vector, vector_last), or only matrix * (vector, vector_last). The row's fixed factors are read
 * once.
 */
static void
multiply_row(const LeastSquares *p, const RatedRow *row, double lambda, const float *vector,
			 float vector_last, bool residual, float *out, float *out_last, Workspace *w)
{
	int			k = p->k;
	int			padded = (int) PADDED(k);
	bool		implicit = p->implicit;
	bool		biases = p->biases;
	float		sign = residual ? -1 : 1;
	float		last = 0;

	if (p->gram != NULL)
		vector_dot_rows(vector, p->gram, k, k, k, out);
	for (int i = 0; i < padded; i++)
		out[i] = sign * ((p->gram != NULL && i < k ? out[i] : 0) +
						 (float) (lambda * p->scale) *
							 (vector[i] - (residual && i < k ? prior_of(row, i) : 0)));
	for (int64_t at = 0; at < row->n; at += GATHER_ROWS)
	{
		int64_t		n = min64(row->n - at, GATHER_ROWS);
		int64_t		ahead = row->n + row->ahead - at - n;

		gather_dot(p->fixed_factors, p->stride, row->column + at, n, ahead, padded, vector,
				   w->products);
		if (implicit || residual)
			fill_targets(p, row->column + at, row->value + at, n, w);
		for (int64_t j = 0; j < n; j++)
			w->products[j] = sign * (w->products[j] + vector_last);
		if (implicit)
		{
			for (int64_t j = 0; j < n; j++)
				w->products[j] *= w->weights[j];
		}
		if (residual)
		{
			for (int64_t j = 0; j < n; j++)
				w->products[j] += w->targets[j];
		}
		gather_sum(p->fixed_factors, p->stride, row->column + at, w->products, n, padded, out);
		if (biases)
		{
			for (int64_t j = 0; j < n; j++)
				last += w->products[j];
		}
	}
	*out_last =
		biases
			? (float) (last + sign * lambda * (vector_last - (residual ? row->prior_bias : 0)))
			: 0;
}

/* Improves one row by CG_STEPS steps of conjugate gradient from its present factors. */
static void
improve_by_gradient(const LeastSquares *p, const RatedRow *row, float *x, float *bias,
					Workspace *w)
{
	int			k = p->k;
	int64_t		padded = PADDED(k);
	double		lambda = least_squares_lambda(p, row->n);
	float	   *residual = w->vectors;
	float	   *direction = w->vectors + padded;
	float	   *product = w->vectors + 2 * padded;
	float		residual_last;
	float		direction_last;
	float		product_last;
	double		squared;
	double		start;

	multiply_row(p, row, lambda, x, p->biases ? *bias : 0, true, residual, &residual_last, w);
	squared = vector_dot_double(residual, residual, k) + (double) residual_last * residual_last;
	start = squared;
	memcpy(direction, residual, sizeof(float) * padded);
	direction_last = residual_last;

	for (int step = 0; step < CG_STEPS; step++)
	{
		double		curvature;
		double		length;
		double		before = squared;

		/*
		 * The row is solved as far as float arithmetic can tell: another step would divide by zero.
		 */
		if (squared <= 1e-14 * start)
			break;
		multiply_row(p, row, lambda, direction, direction_last, false, product, &product_last, w);
		curvature =
			vector_dot_double(direction, product, k) + (double) direction_last * product_last;
		if (!(curvature > 0))
			break;
		length = squared / curvature;
		for (int i = 0; i < k; i++)
		{
			x[i] += (float) (length * direction[i]);
			residual[i] -= (float) (length * product[i]);
		}
		if (p->biases)
			*bias += (float) (length * direction_last);
		residual_last -= (float) (length * product_last);
		squared = vector_dot_double(residual, residual, k) + (double) residual_last * residual_last;
		for (int i = 0; i < k; i++)
			direction[i] = (float) (residual[i] + squared / before * direction[i]);
		direction_last = (float) (residual_last + squared / before * direction_last);
	}
}

/*
 * Improves rows from their present factors by solving for some factors at a time, with the others
 * fixed: iALS++ (Rendle, Krichene, Zhang & Koren 2021, "iALS++: Speeding up Matrix Factorization
 * with Subspace Optimization"). The other factors enter through the residuals, which are kept for
 * the ratings of these rows alone: they are computed first, and updated after each block. So a
 * rating costs k * block operations instead of k^2.
 *
 * With x the row, d the step of its block B, e the residuals and w the weights (explicit feedback:
 * 1),
 *
 *	(G_BB + lambda + sum w y_B y_B') d = sum e y_B - (G x)_B - lambda x_B
 *
 * where e = target - w (x.y + bias), and G (implicit feedback) is the Gram matrix of all fixed
 * factors. The paper is about implicit feedback. With explicit feedback the row's bias is one more
 * unknown of each block's system, eliminated as in the exact solver: all other factors depend on
 * the bias, and solving for it costs next to nothing.
 */
static bool
improve_by_blocks(const LeastSquares *p, const RatedRow *rows, int n, float *factors, float *bias,
				  Workspace *w)
{
	int			k = p->k;
	int			most = unknowns(p);
	int64_t		padded = PADDED(k);
	float		total[MOST_AT_ONCE];
	float		diagonal[MOST_AT_ONCE];
	float	   *residuals[MOST_AT_ONCE];	/* of each row */
	bool		finite = true;

	for (int i = 0; i < n; i++)
	{
		const RatedRow *row = &rows[i];
		float		row_bias = p->biases ? bias[i] : 0;

		residuals[i] = i == 0 ? w->residuals : residuals[i - 1] + rows[i - 1].n;
		for (int64_t at = 0; at < row->n; at += CHUNK)
		{
			int64_t		chunk = min64(row->n - at, CHUNK);
			float	   *residual = residuals[i] + at;

			fill_targets(p, row->column + at, row->value + at, chunk, w);
			gather_dot(p->fixed_factors, p->stride, row->column + at, chunk,
					   row->n + row->ahead - at - chunk, (int) padded, factors + i * p->stride,
					   w->products);
			for (int64_t j = 0; j < chunk; j++)
				residual[j] = w->targets[j] -
							  (p->implicit ? w->weights[j] : 1) * (w->products[j] + row_bias);
		}
	}

	for (int block = 0; block < k; block += most)
	{
		int			size = k - block < most ? k - block : most;
		const float *fixed = p->fixed_factors + block;

		for (int i = 0; i < n; i++)
		{
			const RatedRow *row = &rows[i];
			float	   *a = w->systems + i * SYSTEM_STRIDE(size);
			float	   *right = w->right + (int64_t) i * size;
			float	   *sum = w->sums + i * padded;
			const float *x = factors + i * p->stride;
			double		lambda = least_squares_lambda(p, row->n);
			float		factor_lambda = (float) (lambda * p->scale);
			double		sum_of_residuals = 0;

			memset(sum, 0, sizeof(float) * size);
			if (p->implicit)
				vector_dot_rows(x, p->gram + (int64_t) block * k, k, size, k, right);
			else
				memset(right, 0, sizeof(float) * size);
			for (int r = 0; r < size; r++)
			{
				right[r] = -right[r] - factor_lambda * (x[block + r] - prior_of(row, block + r));
				if (p->implicit)
					memcpy(a + r * size, p->gram + (int64_t) (block + r) * k + block,
						   sizeof(float) * (r + 1));
				else
					memset(a + r * size, 0, sizeof(float) * (r + 1));
				a[r * size + r] += factor_lambda;
			}
			for (int64_t at = 0; at < row->n; at += CHUNK)
			{
				int64_t		chunk = min64(row->n - at, CHUNK);
				int64_t		ahead = min64(row->n + row->ahead - at - chunk, CHUNK);

				if (p->implicit)
					fill_targets(p, row->column + at, row->value + at, chunk, w);
				normal_equations(fixed, p->stride, row->column + at,
								 p->implicit ? w->weights : NULL, residuals[i] + at, chunk, ahead,
								 size, a, a, right, p->biases ? sum : NULL, w->gather);
			}
			if (p->biases)
			{
				for (int64_t j = 0; j < row->n; j++)
					sum_of_residuals += residuals[i][j];
				total[i] = (float) (sum_of_residuals - lambda * (bias[i] - row->prior_bias));
				diagonal[i] = (float) ((double) row->n + lambda);
				if (row->n > 0)
					eliminate_bias(a, right, sum, total[i], diagonal[i], size);
			}
		}

		if (!solve_symmetric(w->systems, w->right, n, size, w->solve))
			finite = false;

		for (int i = 0; i < n; i++)
		{
			const RatedRow *row = &rows[i];
			float	   *x = factors + i * p->stride + block;
			float	   *step = w->vectors;
			float		bias_step = 0;

			memset(step, 0, sizeof(float) * PADDED(size));
			memcpy(step, w->right + (int64_t) i * size, sizeof(float) * size);
			for (int r = 0; r < size; r++)
				x[r] += step[r];
			if (p->biases && row->n > 0)
			{
				bias_step = (total[i] - vector_dot(w->sums + i * padded, step, size)) / diagonal[i];
				bias[i] += bias_step;
			}
			/* the residuals are not needed after the last block */
			for (int64_t at = 0; at < row->n && block + size < k; at += CHUNK)
			{
				int64_t		chunk = min64(row->n - at, CHUNK);
				float	   *residual = residuals[i] + at;

				gather_dot(fixed, p->stride, row->column + at, chunk, 0, (int) PADDED(size), step,
						   w->products);
				if (p->implicit)
					fill_targets(p, row->column + at, row->value + at, chunk, w);
				for (int64_t j = 0; j < chunk; j++)
					residual[j] -=
						(p->implicit ? w->weights[j] : 1) * (w->products[j] + bias_step);
			}
		}
	}
	return finite;
}

/* How many of n rows, at least one, have no more ratings together than there are residuals. */
static int
rows_that_fit(const LeastSquares *p, const RatedRow *rows, int n)
{
	int64_t		ratings = rows[0].n;
	int			fit = 1;

	while (fit < n && ratings + rows[fit].n <= p->longest)
		ratings += rows[fit++].n;
	return fit;
}

void
least_squares_prior(const LeastSquares *p, const RatedRow *row, float *x, float *bias)
{
	for (int j = 0; j < p->k; j++)
	{
		x[j] = prior_of(row, j);
		if (p->solver == SOLVER_NONNEGATIVE && x[j] < 0)
			x[j] = 0;
	}
	if (p->biases)
		*bias = row->prior_bias;
}

bool
least_squares_solve(const LeastSquares *p, const RatedRow *rows, int n, float *factors, float *bias,
					void *scratch)
{
	bool		finite = true;
	Workspace	w;

	poll();
	lay_out_workspace(p, scratch, &w);
	switch (p->solver)
	{
		case SOLVER_CHOLESKY:
		case SOLVER_NONNEGATIVE:
			finite = solve_exactly(p, rows, n, factors, bias, &w);
			break;
		case SOLVER_CG:
			for (int i = 0; i < n; i++)
				improve_by_gradient(p, &rows[i], factors + i * p->stride, &bias[i], &w);
			break;
		case SOLVER_BLOCK:
			for (int i = 0, some; i < n; i += some)
			{
				some = rows_that_fit(p, &rows[i], n - i);
				poll();
				if (!improve_by_blocks(p, &rows[i], some, factors + i * p->stride, &bias[i], &w))
					finite = false;
			}
			break;
	}
	for (int i = 0; i < n; i++)
	{
		if (rows[i].n == 0)
			least_squares_prior(p, &rows[i], factors + i * p->stride, &bias[i]);
	}
	return finite;
}

double
least_squares_penalty(const LeastSquares *p, const RatedRow *row, const float *factors, float bias)
{
	double		b = (double) bias - row->prior_bias;
	double		squares = 0;

	if (row->prior == NULL)
		squares = vector_dot_double(factors, factors, p->k);
	for (int j = 0; j < p->k && row->prior != NULL; j++)
	{
		double		difference = (double) factors[j] - row->prior[j];

		squares += difference * difference;
	}
	return least_squares_lambda(p, row->n) * (p->scale * squares + b * b);
}

double
least_squares_loss(const LeastSquares *p, const RatedRow *row, const float *factors, float bias)
{
	double		b = bias;
	double		loss = 0;

	for (int64_t at = 0; at < row->n; at += GATHER_ROWS)
	{
		int64_t		n = min64(row->n - at, GATHER_ROWS);
		double		products[GATHER_ROWS];

		gather_dot_double(p->fixed_factors, p->stride, row->column + at, n, (int) PADDED(p->k),
						  factors, products);
		for (int64_t j = 0; j < n; j++)
		{
			double		value = row->value[at + j];
			double		predicted = products[j];

			if (p->implicit)
				loss += (1 + p->alpha * value) * (1 - predicted) * (1 - predicted) -
						predicted * predicted;
			else
			{
				double		error =
					value - p->mean - p->fixed_bias[row->column[at + j]] - b - predicted;

				loss += error * error;
			}
		}
		poll();
	}
	return loss;
}
