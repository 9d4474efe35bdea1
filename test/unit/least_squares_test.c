/*
 * least_squares_test.c
 *	  Rows that are solved, or improved by an iterative solver: against the definition, solved in
 *	  double by elimination.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/dense.h"
#include "kernel/least_squares.h"
#include "kernel/random.h"
#include "kernel/vector.h"

#define N_COLUMNS 1700
#define N_ROWS 24

/* Some rows are longer than the entries that are processed together; some are empty. */
static const int lengths[N_ROWS] = {3, 0, 40, 1500, 1, 7, 1024, 1025, 64, 65, 20, 300, 5, 17, 2, 90,
									1, 0, 12, 33, 200, 8, 63, 128};

typedef struct Case
{
	LeastSquares problem;
	RatedRow	rows[N_ROWS];
	float	   *factors;		/* of the columns */
	float	   *bias;
	float	   *gram;			/* zeros with explicit feedback, as the next */
	double	   *exact_gram;
	int32_t    *columns;		/* of all rows */
	float	   *values;
	float	   *priors;			/* k for each row */
	/* the normal equations of each row, in double: n x n and n */
	int			n;
	double	   *a[N_ROWS];
	double	   *b[N_ROWS];
} Case;

static void normal(const Case *c, const RatedRow *row, double *a, double *b);

static Case
new_case(bool implicit, bool biases, int k)
{
	int64_t		stride = PADDED(k);
	Case		c = {
		.n = biases ? k + 1 : k,
		.problem = {
			.implicit = implicit,
			.biases = biases,
			.k = k,
			.longest = N_COLUMNS,
			.regularization = 0.7,
			.regularization_scaling = 0.5,
			.alpha = 1.5,
			.mean = 3.2,
			.scale = implicit ? 1 : 1.3,
			.stride = stride
		}
	};
	int64_t		n = 0;

	c.factors = zeroed(sizeof(float) * stride * N_COLUMNS);
	c.bias = zeroed(sizeof(float) * N_COLUMNS);
	c.gram = zeroed(sizeof(float) * k * k);
	c.exact_gram = zeroed(sizeof(double) * k * k);
	c.columns = zeroed(sizeof(int32_t) * N_ROWS * N_COLUMNS);
	c.values = zeroed(sizeof(float) * N_ROWS * N_COLUMNS);
	c.priors = zeroed(sizeof(float) * N_ROWS * k);
	for (int64_t i = 0; i < N_COLUMNS; i++)
	{
		float	   *f = c.factors + i * stride;

		c.bias[i] = implicit ? 0 : (float) random_normal(2, (uint64_t) i);
		for (int j = 0; j < k; j++)
			f[j] = (float) (0.3 * random_normal(1, (uint64_t) (i * k + j)));
		for (int a = 0; a < k && implicit; a++)
			for (int b = 0; b <= a; b++)
				c.exact_gram[a * k + b] += (double) f[a] * f[b];
	}
	for (int a = 0; a < k; a++)
		for (int b = 0; b < a; b++)
			c.exact_gram[b * k + a] = c.exact_gram[a * k + b];
	for (int i = 0; i < k * k; i++)
		c.gram[i] = (float) c.exact_gram[i];
	for (int r = 0; r < N_ROWS; r++)
	{
		/* of every column with equal chance, ascending */
		int64_t		first = n;

		for (int i = 0; i < N_COLUMNS; i++)
		{
			uint64_t	left = (uint64_t) (first + lengths[r] - n);

			if (random_bits(3, (uint64_t) (r * N_COLUMNS + i)) % (uint64_t) (N_COLUMNS - i) < left)
			{
				c.columns[n] = i;
				c.values[n] = (float) (1 + random_bits(4, (uint64_t) n) % 5);
				n++;
			}
		}
		c.rows[r] =
			(RatedRow) {.column = c.columns + first, .value = c.values + first, .n = n - first};
		/* two rows of three have a prior */
		for (int f = 0; f < k && r % 3 > 0; f++)
			c.priors[r * k + f] = (float) (0.5 * random_normal(5, (uint64_t) (r * k + f)));
		if (r % 3 > 0)
			c.rows[r].prior = c.priors + r * k;
		if (r % 3 > 0 && biases)
			c.rows[r].prior_bias = (float) random_normal(6, (uint64_t) r);
		CHECK(n - first == lengths[r]);
	}
	for (int r = 0; r < N_ROWS; r++)
		c.rows[r].ahead = n - (c.rows[r].column - c.columns) - c.rows[r].n;
	c.problem.fixed_factors = c.factors;
	c.problem.fixed_bias = implicit ? NULL : c.bias;
	c.problem.gram = implicit ? c.gram : NULL;
	for (int r = 0; r < N_ROWS; r++)
	{
		c.a[r] = zeroed(sizeof(double) * c.n * c.n);
		c.b[r] = zeroed(sizeof(double) * c.n);
		normal(&c, &c.rows[r], c.a[r], c.b[r]);
	}
	return c;
}

static void
set_solver(Case *c, Solver solver, int block)
{
	c->problem.solver = solver;
	c->problem.block = block;
}

static void
free_case(Case *c)
{
	free(c->factors);
	free(c->bias);
	free(c->gram);
	free(c->exact_gram);
	free(c->columns);
	free(c->values);
	free(c->priors);
	for (int r = 0; r < N_ROWS; r++)
	{
		free(c->a[r]);
		free(c->b[r]);
	}
}

static double
lambda_of(const Case *c, const RatedRow *row)
{
	return 0.7 * sqrt((double) row->n);
}

/*
 * The normal equations a x = b of a row, straight from the definition; the bias, if there is one,
 * is the last unknown.
 */
static void
normal(const Case *c, const RatedRow *row, double *a, double *b)
{
	const LeastSquares *p = &c->problem;
	int			k = p->k;
	int			n = c->n;
	double	   *feature = zeroed(sizeof(double) * (k + 1));

	for (int r = 0; r < k && p->implicit; r++)
		for (int s = 0; s < k; s++)
			a[r * n + s] = c->exact_gram[r * k + s];
	for (int64_t j = 0; j < row->n; j++)
	{
		int32_t		i = row->column[j];
		/* in addition to the Gram matrix, in which every column counts 1 */
		double		weight = p->implicit ? 1.5 * row->value[j] : 1;
		double		target =
			p->implicit ? 1 + 1.5 * row->value[j] : row->value[j] - 3.2 - (double) c->bias[i];

		for (int f = 0; f < k; f++)
			feature[f] = c->factors[i * p->stride + f];
		feature[k] = 1;
		for (int r = 0; r < n; r++)
		{
			for (int s = 0; s <= r; s++)
				a[r * n + s] += weight * feature[r] * feature[s];
			b[r] += target * feature[r];
		}
	}
	for (int r = 0; r < n; r++)
		for (int s = 0; s < r; s++)
			a[s * n + r] = a[r * n + s];
	for (int r = 0; r < n; r++)
	{
		double		lambda = lambda_of(c, row) * (r < k ? p->scale : 1);

		a[r * n + r] += lambda;
		b[r] += lambda * (r == k ? row->prior_bias : row->prior != NULL ? row->prior[r] : 0);
	}
	free(feature);
}

/* out = b - a x */
static void
subtract_product(const double *a, const double *b, const double *x, int n, double *out)
{
	for (int r = 0; r < n; r++)
	{
		out[r] = b[r];
		for (int s = 0; s < n; s++)
			out[r] -= a[r * n + s] * x[s];
	}
}

/* Solves for the unknowns first .. first + size - 1 and the bias, with the others fixed. */
static void
solve_some(const double *a, const double *b, int n, int k, int first, int size, double *x)
{
	int			some = size + n - k;
	double	   *part = zeroed(sizeof(double) * some * some);
	double	   *step = zeroed(sizeof(double) * some);
	double	   *left = zeroed(sizeof(double) * n);

	subtract_product(a, b, x, n, left);
	for (int r = 0; r < some; r++)
	{
		int			row = r < size ? first + r : k;

		for (int s = 0; s < some; s++)
			part[r * some + s] = a[row * n + (s < size ? first + s : k)];
		step[r] = left[row];
	}
	gauss(part, step, some);
	for (int r = 0; r < some; r++)
		x[r < size ? first + r : k] += step[r];
	free(part);
	free(step);
	free(left);
}

/* Three steps of conjugate gradient. */
static void
descend(const double *a, const double *b, int n, double *x)
{
	double	   *residual = zeroed(sizeof(double) * n);
	double	   *direction = zeroed(sizeof(double) * n);
	double	   *product = zeroed(sizeof(double) * n);
	double	   *nothing = zeroed(sizeof(double) * n);

	subtract_product(a, b, x, n, residual);
	memcpy(direction, residual, sizeof(double) * n);
	for (int step = 0; step < 3; step++)
	{
		double		squared = 0;
		double		curvature = 0;
		double		after = 0;

		subtract_product(a, nothing, direction, n, product);
		for (int i = 0; i < n; i++)
		{
			squared += residual[i] * residual[i];
			curvature -= direction[i] * product[i];
		}
		if (squared < 1e-12)
			break;
		for (int i = 0; i < n; i++)
		{
			x[i] += squared / curvature * direction[i];
			residual[i] += squared / curvature * product[i];
			after += residual[i] * residual[i];
		}
		for (int i = 0; i < n; i++)
			direction[i] = residual[i] + after / squared * direction[i];
	}
	free(residual);
	free(direction);
	free(product);
	free(nothing);
}

/* Each of the n unknowns in turn; only those behind the k first may be negative. */
static void
solve_without_negative(const double *a, const double *b, int n, int k, double *x)
{
	for (int r = 0; r < n; r++)
	{
		double		left = b[r] + a[r * n + r] * x[r];

		for (int j = 0; j < n; j++)
			left -= a[r * n + j] * x[j];
		x[r] = r < k && left < 0 ? 0 : left / a[r * n + r];
	}
}

/*
 * The result that the solver must give for a row's factors followed by its bias: in double, with
 * dense matrices.
 */
static void
reference(const Case *c, int r, double *x)
{
	const RatedRow *row = &c->rows[r];
	int			k = c->problem.k;
	const double *a = c->a[r];
	const double *b = c->b[r];
	int			n = c->n;
	double	   *last = zeroed(sizeof(double) * (k + 1));
	double		change = INFINITY;

	if (row->n == 0)
	{
		for (int f = 0; f < k; f++)
			x[f] = row->prior == NULL ? 0 : row->prior[f];
		for (int f = 0; f < k && c->problem.solver == SOLVER_NONNEGATIVE; f++)
			x[f] = fmax(0, x[f]);
		x[k] = c->problem.biases ? row->prior_bias : 0;
		free(last);
		return;
	}
	switch (c->problem.solver)
	{
		case SOLVER_CHOLESKY:
			memset(x, 0, sizeof(double) * (k + 1));
			solve_some(a, b, n, k, 0, k, x);
			break;
		case SOLVER_CG:
			descend(a, b, n, x);
			break;
		case SOLVER_BLOCK:
			for (int f = 0; f < k; f += c->problem.block)
				solve_some(a, b, n, k, f, f + c->problem.block < k ? c->problem.block : k - f, x);
			break;
		case SOLVER_NONNEGATIVE:
			memset(x, 0, sizeof(double) * (k + 1));
			/* until nothing changes any more */
			for (int round = 0; round < 20000 && change > 1e-10; round++)
			{
				memcpy(last, x, sizeof(double) * (size_t) n);
				solve_without_negative(a, b, n, k, x);
				change = 0;
				for (int f = 0; f < n; f++)
					change = fmax(change, fabs(x[f] - last[f]));
			}
			break;
	}
	free(last);
}

/* The loss of a row's ratings and its regularization, from the definition. */
static double
reference_loss(const Case *c, const RatedRow *row, const float *x, float bias)
{
	const LeastSquares *p = &c->problem;
	double		loss = 0;

	for (int64_t j = 0; j < row->n; j++)
	{
		int32_t		i = row->column[j];
		double		product = 0;

		for (int f = 0; f < p->k; f++)
			product += (double) c->factors[i * p->stride + f] * x[f];
		if (p->implicit)
			loss += (1 + 1.5 * row->value[j]) * pow(1 - product, 2) - pow(product, 2);
		else
			loss += pow(row->value[j] - 3.2 - (double) c->bias[i] - (double) bias - product, 2);
	}
	return loss;
}

static double
reference_penalty(const Case *c, const RatedRow *row, const float *x, float bias)
{
	double		squares = 0;

	for (int f = 0; f < c->problem.k; f++)
		squares += pow((double) x[f] - (row->prior == NULL ? 0 : row->prior[f]), 2);
	return lambda_of(c, row) *
		   (c->problem.scale * squares + pow((double) bias - row->prior_bias, 2));
}

/* The objective that solving a row minimises. */
static double
objective(const Case *c, const RatedRow *row, const float *x, float bias)
{
	double		sum = reference_loss(c, row, x, bias) + reference_penalty(c, row, x, bias);

	for (int r = 0; r < c->problem.k && c->problem.implicit; r++)
		for (int s = 0; s < c->problem.k; s++)
			sum += c->exact_gram[r * c->problem.k + s] * x[r] * x[s];
	return sum;
}

/*
 * Solves all rows, at_once together; the scratch has exactly the required size, and arbitrary
 * contents.
 */
static bool
solve_all(const Case *c, int at_once, float *x, float *bias)
{
	size_t		bytes = least_squares_scratch(&c->problem);
	bool		finite = true;

	for (int r = 0; r < N_ROWS; r += at_once)
	{
		void	   *scratch = zeroed(bytes);

		memset(scratch, 0x5a, bytes);
		if (!least_squares_solve(&c->problem, c->rows + r,
								 r + at_once > N_ROWS ? N_ROWS - r : at_once,
								 x + r * c->problem.stride, bias + r, scratch))
			finite = false;
		free(scratch);
	}
	return finite;
}

static void
start_from(const Case *c, double deviation, float *x, float *bias)
{
	for (int r = 0; r < N_ROWS; r++)
	{
		for (int f = 0; f < c->problem.stride; f++)
			x[r * c->problem.stride + f] = f >= c->problem.k ? 0 :
				(float) (deviation * random_normal(5, (uint64_t) (r * 1000 + f)));
		bias[r] = c->problem.biases ? (float) (deviation * random_normal(6, (uint64_t) r)) : 0;
	}
}

/*
 * One call of each solver does one step as documented: with rows together as with each alone, to
 * the bit, also if the memory of residuals has room for the longest row only. The exact solver
 * needs no starting point.
 */
static void
test_once(Case *c, Solver solver, int block)
{
	int			k = c->problem.k;
	bool		biases = c->problem.biases;
	int64_t		stride = c->problem.stride;
	int			at_once;
	float	   *start = zeroed(sizeof(float) * stride * N_ROWS);
	float	   *x = zeroed(sizeof(float) * stride * N_ROWS);
	double	   *expected = zeroed(sizeof(double) * (k + 1));
	float		start_bias[N_ROWS];
	float		bias[N_ROWS];

	set_solver(c, solver, block);
	at_once = least_squares_at_once(&c->problem);
	CHECK(at_once >= 1 && at_once <= MOST_AT_ONCE);
	start_from(c, 0.3, start, start_bias);
	start_from(c, 0.3, x, bias);
	CHECK(solve_all(c, at_once, x, bias));
	for (int r = 0; r < N_ROWS; r++)
	{
		const RatedRow *row = &c->rows[r];
		double		loss = reference_loss(c, row, x + r * stride, bias[r]);
		double		penalty = reference_penalty(c, row, x + r * stride, bias[r]);

		for (int f = 0; f < k; f++)
			expected[f] = start[r * stride + f];
		expected[k] = start_bias[r];
		reference(c, r, expected);
		for (int f = 0; f < k; f++)
			CHECK_NEAR(x[r * stride + f], expected[f], 5e-4);
		for (int f = k; f < stride; f++)
			CHECK(x[r * stride + f] == 0);
		if (biases)
			CHECK_NEAR(bias[r], expected[k], 5e-4);
		CHECK_NEAR(least_squares_loss(&c->problem, row, x + r * stride, bias[r]), loss,
				   1e-9 * (1 + fabs(loss)));
		CHECK_NEAR(least_squares_penalty(&c->problem, row, x + r * stride, bias[r]), penalty,
				   1e-9 * (1 + penalty));
	}
	for (int together = 1; together <= at_once; together += at_once > 1 ? at_once - 1 : 1)
	{
		float	   *again = zeroed(sizeof(float) * stride * N_ROWS);
		float		bias_again[N_ROWS];

		c->problem.longest = 1500;
		start_from(c, solver == SOLVER_CHOLESKY ? 5 : 0.3, again, bias_again);
		memcpy(bias_again, start_bias, sizeof(bias_again));
		CHECK(solve_all(c, together, again, bias_again));
		CHECK(memcmp(x, again, sizeof(float) * stride * N_ROWS) == 0);
		CHECK(memcmp(bias, bias_again, sizeof(bias)) == 0);
		free(again);
	}
	c->problem.longest = N_COLUMNS;
	free(start);
	free(x);
	free(expected);
}

/* The iterative solvers never make a row worse, and converge to the solution. */
static void
test_improving(Case *c, Solver solver, int block)
{
	bool		implicit = c->problem.implicit;
	int64_t		stride = c->problem.stride;
	int			at_once;
	float	   *x = zeroed(sizeof(float) * stride * N_ROWS);
	float	   *solved = zeroed(sizeof(float) * stride * N_ROWS);
	float		bias[N_ROWS];
	float		bias_solved[N_ROWS];
	double		before[N_ROWS];

	start_from(c, 0.5, solved, bias_solved);
	set_solver(c, SOLVER_CHOLESKY, block);
	CHECK(solve_all(c, 1, solved, bias_solved));
	set_solver(c, solver, block);
	at_once = least_squares_at_once(&c->problem);
	start_from(c, 0.5, x, bias);
	for (int r = 0; r < N_ROWS; r++)
		before[r] = objective(c, &c->rows[r], x + r * stride, bias[r]);
	for (int round = 0; round < 60; round++)
	{
		CHECK(solve_all(c, at_once, x, bias));
		for (int r = 0; r < N_ROWS; r++)
		{
			double		now = objective(c, &c->rows[r], x + r * stride, bias[r]);

			/*
			 * except for rounding, which grows with the number of ratings; a row without ratings
			 * is its prior, whatever the objective
			 */
			CHECK(c->rows[r].n == 0 || now <= before[r] + 2e-5 * (1 + (double) c->rows[r].n));
			before[r] = now;
		}
	}
	for (int r = 0; r < N_ROWS; r++)
	{
		double		least = objective(c, &c->rows[r], solved + r * stride, bias_solved[r]);

		/* with explicit feedback, a row without ratings is left as it is */
		if (c->rows[r].n == 0 && !implicit)
			continue;
		CHECK_NEAR(before[r], least, 1e-3 * (1 + fabs(least)));
	}
	free(x);
	free(solved);
}

/* A number that is not finite affects its own row only. */
static void
test_not_finite(Solver solver, bool implicit)
{
	Case		c = new_case(implicit, !implicit, 20);
	int64_t		stride = c.problem.stride;
	int			at_once;
	float	   *x = zeroed(sizeof(float) * stride * N_ROWS);
	float	   *spoilt = zeroed(sizeof(float) * stride * N_ROWS);
	float		bias[N_ROWS] = {0};
	float		bias_spoilt[N_ROWS] = {0};

	set_solver(&c, solver, 16);
	at_once = least_squares_at_once(&c.problem);
	CHECK(solve_all(&c, at_once, x, bias));
	c.values[c.rows[5].column - c.columns] = NAN;
	CHECK(solve_all(&c, at_once, spoilt, bias_spoilt) == (solver == SOLVER_CG));
	for (int r = 0; r < N_ROWS; r++)
	{
		if (r != 5)
			CHECK(memcmp(x + r * stride, spoilt + r * stride, sizeof(float) * 20) == 0);
	}
	free(x);
	free(spoilt);
	free_case(&c);
}

int
main(void)
{
	static const int sizes[] = {1, 7, 16, 33, 130, 260, 300};

	/* explicit feedback without biases and with them, implicit */
	for (int kind = 0; kind < 3; kind++)
	{
		bool		implicit = kind == 2;
		bool		biases = kind == 1;

		for (int i = 0; i < 7; i++)
		{
			Case		c = new_case(implicit, biases, sizes[i]);

			/* a last block that is solved by another method than the first */
			if (sizes[i] == 300)
				test_once(&c, SOLVER_BLOCK, 272);
			else
			{
				test_once(&c, SOLVER_CHOLESKY, 16);
				test_once(&c, SOLVER_CG, 16);
				test_once(&c, SOLVER_BLOCK, 16);
				test_once(&c, SOLVER_BLOCK, 48);
				test_once(&c, SOLVER_NONNEGATIVE, 16);
			}
			if (sizes[i] == 33)
			{
				test_improving(&c, SOLVER_CG, 16);
				test_improving(&c, SOLVER_BLOCK, 16);
			}
			free_case(&c);
		}
		for (Solver solver = SOLVER_CHOLESKY; solver <= SOLVER_NONNEGATIVE; solver++)
			test_not_finite(solver, implicit);
	}
	return passed("least_squares");
}
