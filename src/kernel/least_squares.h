/*
 * least_squares.h
 *	  The factors of rows of a rating matrix, given fixed factors of its columns.
 *
 * Explicit feedback: of a row with ratings r_j of columns with factors f_j and biases b_j, the
 * factors x and the bias b that minimise
 *
 *	sum_j (r_j - mean - b_j - b - x.f_j)^2 + lambda (scale |x - x_0|^2 + (b - b_0)^2)
 *
 * Implicit feedback: with the Gram matrix G of the factors of all columns, the factors x that
 * minimise
 *
 *	x'G x + sum_j ((1 + alpha r_j) (1 - x.f_j)^2 - (x.f_j)^2) + lambda scale |x - x_0|^2
 *
 * In both, lambda is regularization * n ^ regularization_scaling, with n the row's number of
 * ratings. The prior, x_0 and b_0, is what is expected of a row before its ratings are known. It is
 * the result for a row without ratings, also with implicit feedback.
 */
#ifndef REC_LEAST_SQUARES_H
#define REC_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum Solver
{
	SOLVER_CHOLESKY,			/* solves rows exactly */
	SOLVER_CG,					/* improves present factors, by conjugate gradient */
	SOLVER_BLOCK,				/* improves present factors, solving for some at a time */
	SOLVER_NONNEGATIVE			/* solves for factors >= 0, starting from the present factors */
} Solver;

typedef struct LeastSquares
{
	Solver		solver;
	bool		implicit;
	bool		biases;			/* rows have biases; only with explicit feedback */
	int			k;				/* number of factors */
	int			block;			/* SOLVER_BLOCK: factors solved for at a time, a multiple of 16 */
	int64_t		longest;		/* SOLVER_BLOCK: the most ratings of a row */
	double		regularization;
	double		regularization_scaling;
	double		alpha;
	double		mean;
	double		scale;
	/* floats from the factors of one row or column to those of the next; see dense.h */
	int64_t		stride;
	const float *fixed_factors;
	const float *fixed_bias;	/* explicit feedback */
	const float *gram;			/* implicit feedback: k x k, both triangles */
} LeastSquares;

/* The ratings of a row. */
typedef struct RatedRow
{
	const int32_t *column;
	const float *value;
	int64_t		n;
	/* entries that follow these in memory; they are probably those of the rows that come next */
	int64_t		ahead;
	const float *prior;			/* k floats; NULL: zeros, and prior_bias is 0 */
	float		prior_bias;
} RatedRow;

extern double least_squares_lambda(const LeastSquares *problem, int64_t n_ratings);

/* The weight of a row among others whose priors are fitted: lambda / regularization. */
extern double least_squares_weight(const LeastSquares *problem, int64_t n_ratings);

/* How many rows are solved in the time of one, at most MOST_AT_ONCE. */
extern int	least_squares_at_once(const LeastSquares *problem);

/*
 * Bytes of scratch for least_squares_solve. The fixed factors, biases and Gram matrix need not be
 * set.
 */
extern size_t least_squares_scratch(const LeastSquares *problem);

/*
 * Solves n rows (at most least_squares_at_once): their factors, stride floats apart and padded with
 * zeros, and their biases. A row's result is the same, to the bit, whether it is solved alone or
 * with others. Returns false where a system has no finite solution.
 */
extern bool least_squares_solve(const LeastSquares *problem, const RatedRow *rows, int n,
								float *factors, float *bias, void *scratch);

/* The result for a row without ratings: its prior, without negative numbers if it may have none. */
extern void least_squares_prior(const LeastSquares *problem, const RatedRow *row, float *factors,
								float *bias);

/*
 * A row's part of the sums above: the loss of its ratings (implicit feedback: without x'G x), and
 * the penalty of its regularization. In double arithmetic, as training goes on as long as the loss
 * falls.
 */
extern double least_squares_loss(const LeastSquares *problem, const RatedRow *row,
								 const float *factors, float bias);
extern double least_squares_penalty(const LeastSquares *problem, const RatedRow *row,
									const float *factors, float bias);

#endif							/* REC_LEAST_SQUARES_H */
