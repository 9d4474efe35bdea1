/*
 * dense.c
 *	  Small dense systems: Gram matrices and symmetric positive definite solves.
 *
 * OpenBLAS is fast on large matrices. Least squares of rows with some hundred ratings need
 * thousands of small ones, for which the cost of each call and the copies that it makes count. So
 * this file has its own loops (dense_simd.h). OpenBLAS factors matrices of more than SMALL
 * unknowns, some of which exceed the second-level cache.
 */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/dense.h"
#include "kernel/poll.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

/* LAPACK, by its Fortran names: column-major, so that our lower triangle is its upper one. */
extern void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
extern void spotrs_(const char *uplo, const int *n, const int *nrhs, const float *a, const int *lda,
					float *b, const int *ldb, int *info);
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
extern void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a,
					const int *lda, double *b, const int *ldb, int *info);

/*
 * Up to this many unknowns, several systems are factored side by side; OpenBLAS factors larger
 * ones.
 */
#define SMALL 256

/* Columns and rows of a tile of a factor; four times three fill 16 registers. */
#define ACROSS 4
#define DOWN 3

/*
 * Rows are gathered into a block that leaves room in the first-level cache for the tiles made from
 * it. Blocks of longer rows go to the second level, where more rows in a block make up for reading
 * and writing the matrix.
 */
#define GATHER_BYTES 24576
#define GATHER_ROWS_LEAST 48
#define GATHER_ROWS_MOST 256

void
gram_add(const float *rows, int64_t stride, int64_t n_rows, int k, double *a, void *scratch)
{
	double	   *copy = scratch;

	for (int64_t i = 0; i < n_rows; i++)
		for (int j = 0; j < k; j++)
			copy[i * k + j] = rows[i * stride + j];
	cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, k, (int) n_rows, 1, copy, k, 1, a, k);
}

void
gram_add_row(const double *row, double weight, int k, double *a)
{
	cblas_dsyr(CblasRowMajor, CblasLower, k, weight, row, 1, a, k);
}

/* Rows of a matrix that will be wanted soon. */
typedef struct Fetch
{
	const float *factors;
	int64_t		stride;
	const int32_t *index;
	int64_t		n;				/* rows not yet fetched */
	int			at_once;		/* rows to fetch at a time */
	int			k;
} Fetch;

static inline void
fetch_some(Fetch *fetch)
{
	for (int row = 0; row < fetch->at_once && fetch->n > 0; row++, fetch->n--, fetch->index++)
	{
		const float *from = fetch->factors + *fetch->index * fetch->stride;

		for (int i = 0; i < fetch->k; i += ALIGNMENT / (int) sizeof(float))
			__builtin_prefetch(from + i, 0, 2);
	}
}

/*
 * A pivot is what subtractions leave of an element of the diagonal. A pivot that is no larger than
 * this, relative to that element, may be nothing but the rounding of the k products that were
 * subtracted and of the few numbers that the element was made of.
 */
static inline float
least_pivot(int k)
{
	return FLT_EPSILON * (float) (k + 8);
}

/* The inner loops, compiled for each instruction set. */
#define SIMD_FILE "kernel/dense_simd.h"
#include "kernel/simd_levels.h"

typedef struct Loops
{
	/* floats in a vector; k is a multiple of it in gathering and in Gram matrices */
	int			width;
	void (*gather_rows)(const float *factors, int64_t stride, const int32_t *index,
						const float *root, const float *target, int n, int k, float *rows, float *b,
						float *sum);
	void		(*gram_block) (const float *rows, int64_t pitch, int n, int k, const float *base,
							   float *a, Fetch *fetch);
	void		(*solve_across) (const float *const *a, const float *const *b, int k, float *l,
								 float *x, int32_t *solved);
} Loops;

static const Loops all_loops[] = {
	{4, gather_rows_baseline, gram_block_baseline, solve_across_baseline},
#ifdef SIMD_X86
	{8, gather_rows_avx2, gram_block_avx2, solve_across_avx2},
	{16, gather_rows_avx512, gram_block_avx512, solve_across_avx512},
#endif
};

static inline const Loops *
loops(void)
{
	return &all_loops[simd_level()];
}

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Rows in a gathered block, of `width` floats each. */
static int64_t
gather_rows(int64_t width)
{
	int64_t		rows = GATHER_BYTES / ((int64_t) sizeof(float) * width);

	return rows < GATHER_ROWS_LEAST ? GATHER_ROWS_LEAST : min64(rows, GATHER_ROWS_MOST);
}

/* Floats in the largest block; a block of narrower rows may have more rows. */
static int64_t
gather_floats(int k)
{
	int64_t		least = GATHER_BYTES / (int64_t) sizeof(float);

	return least > GATHER_ROWS_LEAST * PADDED(k) ? least : GATHER_ROWS_LEAST * PADDED(k);
}

/* Scratch holds the block of rows, the roots of weights, two vectors, and a padded matrix. */
size_t
normal_equations_scratch(int k)
{
	int64_t		width = PADDED(k);

	return sizeof(float) * (gather_floats(k) + GATHER_ROWS_MOST + 2 * width + width * width);
}

/* Copies the lower triangle of a k x k matrix; zeros where from is NULL. */
static void
copy_triangle(const float *from, int k, float *to)
{
	for (int64_t i = 0; i < k; i++)
	{
		if (from == NULL)
			memset(to + i * k, 0, sizeof(float) * (i + 1));
		else
			memcpy(to + i * k, from + i * k, sizeof(float) * (i + 1));
	}
}

void
normal_equations(const float *factors, int64_t stride, const int32_t *index, const float *weight,
				 const float *target, int64_t n, int64_t ahead, int k,
				 const float *base, float *a, float *b, float *sum, void *scratch)
{
	const Loops *l = loops();
	int			width = (k + l->width - 1) / l->width * l->width;
	int64_t		most = gather_rows(width);
	int64_t		n_blocks = (n + most - 1) / most;
	float	   *rows = scratch;
	float	   *root = rows + gather_floats(k);
	float	   *target_sum = root + GATHER_ROWS_MOST;
	float	   *row_sum = target_sum + PADDED(k);
	float	   *gram = a;
	const float *from = base;

	if (target == NULL)
		b = NULL;
	if (width != k)
	{
		gram = row_sum + PADDED(k);
		from = NULL;
	}
	else if (base != a && n <= 0)
		copy_triangle(base, k, a);
	if (n <= 0 && gram == a)
		return;
	memset(target_sum, 0, sizeof(float) * 2 * PADDED(k));
	for (int64_t block = 0; block < n_blocks; block++)
	{
		/* blocks are of the same size, give or take one row */
		int64_t		begin = n * block / n_blocks;
		int64_t		end = n * (block + 1) / n_blocks;
		int			count = (int) (end - begin);
		Fetch		fetch = {factors, stride, index + end, 0, 0, k};

		if (weight != NULL)
		{
			for (int j = 0; j < count; j++)
				root[j] = sqrtf(weight[begin + j]);
		}
		l->gather_rows(factors, stride, index + begin, weight == NULL ? NULL : root,
					   b == NULL ? NULL : target + begin, count, width, rows,
					   target_sum, sum == NULL ? NULL : row_sum);
		/* prefetches are spread over the tiles, about width^2 / (3 l->width^2) in number */
		fetch.n = min64(n + ahead - end, most);
		fetch.at_once = (int) (fetch.n * 3 * l->width * l->width / (width * width)) + 1;
		l->gram_block(rows, width, count, width, from, gram, &fetch);
		from = gram;
		poll();
	}
	if (gram != a)
	{
		for (int i = 0; i < k; i++)
			for (int j = 0; j <= i; j++)
				a[i * k + j] =
					(base == NULL ? 0 : base[i * k + j]) + (n > 0 ? gram[i * width + j] : 0);
	}
	for (int i = 0; i < k; i++)
	{
		if (b != NULL)
			b[i] += target_sum[i];
		if (sum != NULL)
			sum[i] += row_sum[i];
	}
}

/* ---- solving ---- */

static bool
all_finite(const float *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

static double
largest(const double *x, int n)
{
	double		max = 0;

	for (int i = 0; i < n; i++)
		max = fmax(max, fabs(x[i]));
	return max;
}

/* out = b - a x, by the lower triangle of a */
static void
residual(const float *a, const float *b, const double *x, int k, double *out)
{
	for (int i = 0; i < k; i++)
		out[i] = b[i];
	for (int i = 0; i < k; i++)
	{
		const float *row = a + (int64_t) i * k;
		double		sum = 0;

		for (int j = 0; j < i; j++)
		{
			sum += row[j] * x[j];
			out[j] -= row[j] * x[i];
		}
		out[i] -= sum + row[i] * x[i];
	}
}

/* Refinements of a solution with a ridge. Each one lessens the effect of the ridge. */
#define REFINEMENTS 8

/* A residual this small, relative to the right side, is what float arithmetic gives. */
#define SMALL_RESIDUAL 1e-6

/* The ridge that a singular system is solved with first, relative to the mean of its diagonal. */
#define FIRST_RIDGE 1e-6

/*
 * Solves a system a x = b that float arithmetic cannot solve, in double arithmetic. a + ridge is
 * regular, and x is refined towards a solution of a x = b (iterated Tikhonov regularisation: Riley
 * 1955, Golub 1965). The ridge damps the part of x in the null space of a, so that x is nearly the
 * shortest solution; hence the largest ridge that leads to a small residual is taken. The ridge is
 * relative to the mean of the diagonal, of which the noise of float arithmetic is about 1e-7.
 */
static bool
solve_singular(const float *a, float *b, int k, void *scratch)
{
	double	   *factor = scratch;
	double	   *x = factor + (int64_t) k * k;
	double	   *best = x + k;
	double	   *rest = best + k;
	double		scale = 0;
	double		size = 0;
	double		best_residual = INFINITY;
	double		ridge = FIRST_RIDGE;
	bool		stronger = false;

	for (int i = 0; i < k; i++)
	{
		if (!all_finite(a + (int64_t) i * k, i + 1) || !isfinite(b[i]))
			return false;
		for (int j = 0; j <= i; j++)
			scale = fmax(scale, fabs(a[(int64_t) i * k + j]));
		size = fmax(size, fabs(b[i]));
		best[i] = 0;
	}
	if (scale > 0)
	{
		double		trace = 0;

		for (int i = 0; i < k; i++)
			trace += fabs(a[(int64_t) i * k + i]);
		if (trace > 0)
			scale = trace / k;
	}
	else
		ridge = INFINITY;		/* all zero: x = 0 is the shortest of the best solutions */

	while (ridge >= 1e-10 && ridge < 1e10)
	{
		int			info;
		int			one = 1;
		double		previous = INFINITY;

		for (int i = 0; i < k; i++)
		{
			for (int j = 0; j <= i; j++)
				factor[(int64_t) i * k + j] = a[(int64_t) i * k + j];
			factor[(int64_t) i * k + i] += ridge * scale;
		}
		poll();
		dpotrf_("U", &k, factor, &k, &info);
		poll();
		if (info != 0)
		{
			/*
			 * The matrix is not positive definite yet: use a stronger ridge, unless it was tried.
			 */
			if (best_residual < INFINITY)
				break;
			stronger = true;
			ridge *= 100;
			continue;
		}
		memset(x, 0, sizeof(double) * k);
		for (int step = 0; step <= REFINEMENTS; step++)
		{
			double		now;

			residual(a, b, x, k, rest);
			now = largest(rest, k);
			if (!(now < previous))
				break;
			previous = now;
			if (now < best_residual)
			{
				best_residual = now;
				memcpy(best, x, sizeof(double) * k);
			}
			if (now <= SMALL_RESIDUAL * size)
				break;
			dpotrs_("U", &k, &one, factor, &k, rest, &k, &info);
			for (int i = 0; i < k; i++)
				x[i] += rest[i];
		}
		if (best_residual <= SMALL_RESIDUAL * size || stronger)
			break;
		ridge /= 100;
	}

	for (int i = 0; i < k; i++)
		b[i] = (float) best[i];
	return all_finite(b, k);
}

/*
 * Floats of the factors of `lanes` systems side by side, each with one more row for the right side.
 */
static size_t
factor_floats(int k, int lanes)
{
	return (size_t) (k + 1) * (k + 2) / 2 * lanes;
}

/*
 * Solves n systems (at most as many as a vector has lanes) in float arithmetic, leaving x in b.
 * solved says which systems could be solved. Lanes beyond n repeat the last system: a lane's result
 * depends on nothing but its own system.
 */
static void
solve_small(const Loops *l, const float *a, float *b, int n, int k, bool *solved, void *scratch)
{
	int			lanes = l->width;
	float	   *factor = scratch;
	float	   *x = factor + factor_floats(k, lanes);
	int32_t		solved_lanes[MOST_AT_ONCE];
	const float *systems[MOST_AT_ONCE];
	const float *right[MOST_AT_ONCE];

	for (int i = 0; i < lanes; i++)
	{
		systems[i] = a + (i < n ? i : n - 1) * SYSTEM_STRIDE(k);
		right[i] = b + (int64_t) (i < n ? i : n - 1) * k;
	}
	l->solve_across(systems, right, k, factor, x, solved_lanes);
	for (int i = 0; i < n; i++)
	{
		solved[i] = solved_lanes[i];
		for (int64_t r = 0; r < k && solved[i]; r++)
			b[(int64_t) i * k + r] = x[r * lanes + i];
	}
}

/* Solves one system by LAPACK, with the same results as solve_small. */
static void
solve_large(const float *a, float *b, int k, bool *solved, void *scratch)
{
	float	   *factor = scratch;
	float	   *x = factor + (int64_t) k * k;
	int			one = 1;
	int			info;

	copy_triangle(a, k, factor);
	memcpy(x, b, sizeof(float) * k);
	spotrf_("U", &k, factor, &k, &info);
	*solved = info == 0;
	for (int64_t i = 0; i < k && *solved; i++)
		*solved = factor[i * k + i] * factor[i * k + i] > least_pivot(k) * a[i * k + i];
	if (*solved)
		spotrs_("U", &k, &one, factor, &k, x, &k, &info);
	*solved = *solved && all_finite(x, k);
	if (*solved)
		memcpy(b, x, sizeof(float) * k);
}

int
solve_at_once(int k)
{
	return k > SMALL ? 1 : loops()->width;
}

/* Scratch is for solve_singular or for the largest systems that are solved together. */
size_t
solve_symmetric_scratch(int count, int k)
{
	size_t		singular = sizeof(double) * ((size_t) k * k + 3 * k);
	int			small = k > SMALL ? SMALL : k;
	size_t		together = sizeof(float) * (factor_floats(small, MOST_AT_ONCE) +
											(size_t) 4 * small * MOST_AT_ONCE);

	(void) count;
	return singular > together ? singular : together;
}

bool
solve_symmetric(const float *a, float *b, int count, int k, void *scratch)
{
	const Loops *l = loops();
	int			together = solve_at_once(k);
	bool		finite = true;

	for (int first = 0; first < count; first += together)
	{
		const float *systems = a + first * SYSTEM_STRIDE(k);
		float	   *right = b + (int64_t) first * k;
		int			n = count - first < together ? count - first : together;
		bool		solved[MOST_AT_ONCE];

		if (k > SMALL)
			solve_large(systems, right, k, solved, scratch);
		else
			solve_small(l, systems, right, n, k, solved, scratch);
		poll();
		for (int i = 0; i < n; i++)
			if (!solved[i] && !solve_singular(systems + i * SYSTEM_STRIDE(k),
											  right + (int64_t) i * k, k, scratch))
				finite = false;
	}
	return finite;
}

bool
solve_in_double(const double *a, double *b, int k, double *factor)
{
	double		trace = 0;
	double		ridge = 0;
	bool		solved = false;
	int			one = 1;
	int			info;

	for (int64_t i = 0; i < k; i++)
		trace += a[i * k + i];
	/* all zero: x = 0 is the shortest of the solutions */
	if (trace == 0)
	{
		memset(b, 0, sizeof(double) * k);
		return true;
	}
	while (!solved && ridge < 1)
	{
		memcpy(factor, a, sizeof(double) * k * k);
		for (int64_t i = 0; i < k; i++)
			factor[i * k + i] += ridge * (trace / k);
		poll();
		dpotrf_("U", &k, factor, &k, &info);
		poll();
		solved = info == 0;
		for (int64_t i = 0; i < k && solved && ridge == 0; i++)
			solved = factor[i * k + i] * factor[i * k + i] > least_pivot(k) * a[i * k + i];
		ridge = ridge == 0 ? FIRST_RIDGE : 100 * ridge;
	}
	if (!solved)
		return false;
	dpotrs_("U", &k, &one, factor, &k, b, &k, &info);
	for (int i = 0; i < k; i++)
	{
		if (!isfinite(b[i]))
			return false;
	}
	return true;
}
