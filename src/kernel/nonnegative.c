/*
 * nonnegative.c
 *	  Small least squares whose solution has no negative numbers.
 *
 * Coordinate descent: each unknown in turn takes the value that is best with the others as they
 * are, or zero if that value is negative, and the gradient is updated by a column of the matrix.
 * Franc, Hlavac & Navara 2005, "Sequential coordinate-wise algorithm for the non-negative least
 * squares problem"; for factorisations Hsieh & Dhillon 2011, "Fast coordinate descent methods with
 * variable selection for non-negative matrix factorization". Most unknowns are zero and stay zero,
 * which takes no time.
 *
 * Descent soon finds out which unknowns are zero, and then takes hundreds of rounds where the
 * others depend on each other. So it alternates with steps of an active-set method (Lawson & Hanson
 * 1974, "Solving least squares problems", chapter 23): the system of the unknowns that are not zero
 * is solved exactly, and they move towards its solution until the first of them is zero.
 */
#include <float.h>
#include <math.h>

#include "kernel/nonnegative.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"

/*
 * Descent ends when no unknown moves so far that the gradient changes by more than this share of
 * the numbers that it is the sum of, or after MOST_ROUNDS.
 */
#define TOLERANCE 1e-6
#define MOST_ROUNDS 200

/* Rounds of descent before exact steps, of which there are at most so many. */
#define ROUNDS_PER_STEP 3
#define MOST_STEPS 8

typedef struct Workspace
{
	double	   *gradient;		/* k: a x - b */
	double	   *step;			/* k: of the unknowns that are not zero */
	double	   *factor;			/* k x k: of their system */
	double	   *least;			/* k: of factor_upper */
	int		   *positive;		/* k: which they are */
} Workspace;

/* Lays a workspace out in memory and returns its size; with memory NULL, only the size. */
static size_t
lay_out_workspace(int k, void *memory, Workspace *w)
{
	Pieces		pieces = {memory, 0};

	w->gradient = add_piece(&pieces, sizeof(double) * k);
	w->step = add_piece(&pieces, sizeof(double) * k);
	w->factor = add_piece(&pieces, sizeof(double) * k * k);
	w->least = add_piece(&pieces, sizeof(double) * k);
	w->positive = add_piece(&pieces, sizeof(int) * k);
	return pieces.bytes;
}

size_t
solve_nonnegative_scratch(int k)
{
	Workspace	w;

	return lay_out_workspace(k, NULL, &w);
}

/* Copies the lower triangle to the upper one. */
static void
mirror(float *a, int k)
{
	for (int r = 0; r < k; r++)
		for (int c = 0; c < r; c++)
			a[(size_t) c * k + r] = a[(size_t) r * k + c];
}

static void
move_gradient(double *gradient, double step, const float *column, int k)
{
	for (int i = 0; i < k; i++)
		gradient[i] += step * column[i];
}

static void
compute_gradient(const float *a, const float *b, int k, const float *x, double *gradient)
{
	for (int i = 0; i < k; i++)
		gradient[i] = -b[i];
	for (int i = 0; i < k; i++)
	{
		if (x[i] != 0)
			move_gradient(gradient, x[i], a + (size_t) i * k, k);
	}
}

/*
 * One round of coordinate descent. Returns whether an unknown moved so far that another round is
 * worthwhile.
 */
static bool
descend(const float *a, const float *b, int k, float *x, double *gradient)
{
	double		largest = 0;	/* change of the gradient */
	double		size = 0;		/* of the numbers that the gradient is the sum of */

	for (int i = 0; i < k; i++)
	{
		double		diagonal = a[(size_t) i * k + i];
		/* an unknown that the sum does not depend on, but for rounding, is zero */
		double		best = diagonal > 0 ? x[i] - gradient[i] / diagonal : 0;
		float		next = best > 0 ? (float) best : 0;
		double		step = (double) next - x[i];

		/* a positive semidefinite matrix has its largest elements in the diagonal */
		size = fmax(size, fmax(fabs(b[i]), diagonal * next));
		if (step == 0)
			continue;
		x[i] = next;
		move_gradient(gradient, step, a + (size_t) i * k, k);
		largest = fmax(largest, fabs(step) * diagonal);
	}
	return largest > TOLERANCE * size;
}

/*
 * Factors a positive semidefinite n x n matrix as u'u, with u in place of its upper triangle. If
 * what is left of a diagonal element may be nothing but rounding of the matrix in single
 * precision, the unknown depends on those before it, and its row of u is zero. least: scratch.
 */
static void
factor_upper(double *u, int n, double *least)
{
	for (int j = 0; j < n; j++)
		least[j] = FLT_EPSILON * (n + 8) * u[(size_t) j * n + j];
	for (int j = 0; j < n; j++)
	{
		double	   *row = u + (size_t) j * n;

		if (j % 16 == 0)
			poll();
		row[j] = row[j] > least[j] ? sqrt(row[j]) : 0;
		for (int c = j + 1; c < n; c++)
			row[c] = row[j] > 0 ? row[c] / row[j] : 0;
		for (int i = j + 1; i < n; i++)
		{
			double	   *below = u + (size_t) i * n;

			for (int c = i; c < n; c++)
				below[c] -= row[i] * row[c];
		}
	}
}

/* Solves u'u x = b, leaving x in b; unknowns with a row of zeros are zero. */
static void
solve_factored(const double *u, double *b, int n)
{
	for (int j = 0; j < n; j++)
	{
		const double *row = u + (size_t) j * n;

		b[j] = row[j] > 0 ? b[j] / row[j] : 0;
		for (int c = j + 1; c < n; c++)
			b[c] -= row[c] * b[j];
	}
	for (int j = n - 1; j >= 0; j--)
	{
		const double *row = u + (size_t) j * n;
		double		sum = b[j];

		for (int c = j + 1; c < n; c++)
			sum -= row[c] * b[c];
		b[j] = row[j] > 0 ? sum / row[j] : 0;
	}
}

/*
 * Moves the unknowns that are not zero to the solution of their system, or towards it until the
 * first of them is zero, which is one more then. Returns whether they reach it.
 */
static bool
step_exactly(const float *a, int k, float *x, Workspace *w)
{
	double		share = 1;
	int			first = -1;
	int			n = 0;

	for (int i = 0; i < k; i++)
	{
		if (x[i] > 0)
			w->positive[n++] = i;
	}
	for (int r = 0; r < n; r++)
	{
		const float *row = a + (size_t) w->positive[r] * k;

		for (int c = r; c < n; c++)
			w->factor[(size_t) r * n + c] = row[w->positive[c]];
		w->step[r] = -w->gradient[w->positive[r]];
	}
	factor_upper(w->factor, n, w->least);
	solve_factored(w->factor, w->step, n);
	for (int r = 0; r < n; r++)
	{
		double		room = x[w->positive[r]];

		if (room + share * w->step[r] < 0)
		{
			share = -room / w->step[r];
			first = w->positive[r];
		}
	}
	for (int r = 0; r < n; r++)
	{
		double		next = x[w->positive[r]] + share * w->step[r];

		x[w->positive[r]] = next > 0 && w->positive[r] != first ? (float) next : 0;
	}
	return first < 0;
}

bool
solve_nonnegative(float *a, const float *b, int k, float *x, void *scratch)
{
	Workspace	w;

	lay_out_workspace(k, scratch, &w);
	mirror(a, k);
	for (int i = 0; i < k; i++)
		x[i] = x[i] > 0 ? x[i] : 0;
	compute_gradient(a, b, k, x, w.gradient);
	for (int round = 1; round <= MOST_ROUNDS; round++)
	{
		poll();
		if (!descend(a, b, k, x, w.gradient))
			break;
		if (round % ROUNDS_PER_STEP != 0)
			continue;
		for (int step = 0, reached = false; step < MOST_STEPS && !reached; step++)
		{
			reached = step_exactly(a, k, x, &w);
			compute_gradient(a, b, k, x, w.gradient);
		}
	}
	for (int i = 0; i < k; i++)
	{
		if (!isfinite(x[i]) || !isfinite(w.gradient[i]))
			return false;
	}
	return true;
}
