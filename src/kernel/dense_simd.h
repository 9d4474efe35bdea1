/*
 * dense_simd.h
 *	  The inner loops of dense.c, for one instruction set; see simd.h.
 *
 * Both the Gram matrix and the Cholesky factor are computed in tiles: some rows and vectors of a
 * lower triangle, held in registers, to which products are added or from which they are subtracted
 * (Goto & van de Geijn 2008, "Anatomy of high-performance matrix multiplication"). A vector of a
 * Gram matrix holds neighbours in a row of one matrix. Factors are small and many, so a vector of
 * them holds the same element of several factors (as in Dongarra et al. 2017, "The design and
 * performance of batched BLAS on modern high-performance computing systems").
 */
#include "kernel/simd.h"

/* A tile of a at row i and column j = the tile of base (NULL: zero) + the products of n rows */
INLINE void
NAME(gram_tile)(const float *rows, int64_t pitch, int n, int i, int j, const int n_rows,
				const int n_vectors, const float *base, float *a, int64_t k)
{
	Vector		sum[2 * TILE_ROWS][TILE_VECTORS];

	UNROLL for (int r = 0; r < n_rows; r++)
		UNROLL for (int v = 0; v < n_vectors; v++)
			sum[r][v] = SPLAT(0);
	for (int p = 0; p < n; p++)
	{
		Vector		columns[TILE_VECTORS];

		UNROLL for (int v = 0; v < n_vectors; v++)
			columns[v] = LOAD(rows + p * pitch + j + v * SIMD_WIDTH);
		UNROLL for (int r = 0; r < n_rows; r++)
		{
			Vector		factor = SPLAT(rows[p * pitch + i + r]);

			UNROLL for (int v = 0; v < n_vectors; v++)
				sum[r][v] = MULTIPLY_ADD(factor, columns[v], sum[r][v]);
		}
	}
	UNROLL for (int r = 0; r < n_rows; r++)
		UNROLL for (int v = 0; v < n_vectors; v++)
		{
			int64_t		place = (i + r) * k + j + v * SIMD_WIDTH;

			if (base != NULL)
				sum[r][v] += LOAD(base + place);
			STORE(a + place, sum[r][v]);
		}
}

/*
 * a = base + rows' rows in the lower triangle (and up to the next multiple of SIMD_WIDTH right of
 * the diagonal); k is a multiple of SIMD_WIDTH. The matrix is computed by panels of columns, which
 * stay in the first-level cache while all rows are read. Between tiles, some rows of the next block
 * are fetched into the cache.
 */
TARGET static void
NAME(gram_block)(const float *rows, int64_t pitch, int n, int k, const float *base, float *a,
				 Fetch *fetch)
{
	for (int j = 0; j < k; j += TILE_VECTORS * SIMD_WIDTH)
	{
		int			row = j + SIMD_WIDTH;

		/* a single vector would leave the multipliers idle, so its tile has more rows */
		NAME(gram_tile) (rows, pitch, n, j, j, SIMD_WIDTH, 1, base, a, k);
		fetch_some(fetch);
		for (; row < k && row < j + 2 * SIMD_WIDTH; row += TILE_ROWS)
		{
			NAME(gram_tile) (rows, pitch, n, row, j, TILE_ROWS, 2, base, a, k);
			fetch_some(fetch);
		}
		for (; row < k; row += TILE_ROWS)
		{
			NAME(gram_tile) (rows, pitch, n, row, j, TILE_ROWS, 3, base, a, k);
			fetch_some(fetch);
		}
	}
	while (fetch->n > 0)
		fetch_some(fetch);
}

/*
 * Some columns of n gathered rows: copies them to rows, each row times root[...] (NULL: 1); adds
 * each row times target[...] to b, and each row to sum.
 */
INLINE void
NAME(gather_columns)(const float *factors, int64_t stride, const int32_t *index, const float *root,
					 const float *target, int n, const int n_vectors, float *rows, int64_t pitch,
					 float *b, float *sum)
{
	Vector		sums[4];
	Vector		target_sums[4];

	UNROLL for (int v = 0; v < n_vectors; v++)
		sums[v] = target_sums[v] = SPLAT(0);
	for (int p = 0; p < n; p++)
	{
		const float *from = factors + index[p] * stride;
		float	   *to = rows + p * pitch;
		Vector		columns[4];

		UNROLL for (int v = 0; v < n_vectors; v++)
			columns[v] = LOAD(from + v * SIMD_WIDTH);
		if (sum != NULL)
		{
			UNROLL for (int v = 0; v < n_vectors; v++)
				sums[v] += columns[v];
		}
		if (target != NULL)
		{
			Vector		t = SPLAT(target[p]);

			UNROLL for (int v = 0; v < n_vectors; v++)
				target_sums[v] = MULTIPLY_ADD(t, columns[v], target_sums[v]);
		}
		if (root != NULL)
		{
			Vector		r = SPLAT(root[p]);

			UNROLL for (int v = 0; v < n_vectors; v++)
				columns[v] *= r;
		}
		UNROLL for (int v = 0; v < n_vectors; v++)
			STORE(to + v * SIMD_WIDTH, columns[v]);
	}
	UNROLL for (int v = 0; v < n_vectors; v++)
	{
		if (sum != NULL)
			STORE(sum + v * SIMD_WIDTH, LOAD(sum + v * SIMD_WIDTH) + sums[v]);
		if (target != NULL)
			STORE(b + v * SIMD_WIDTH, LOAD(b + v * SIMD_WIDTH) + target_sums[v]);
	}
}

/* Gathers all k columns, a multiple of SIMD_WIDTH. */
TARGET static void
NAME(gather_rows)(const float *factors, int64_t stride, const int32_t *index, const float *root,
				  const float *target, int n, int k, float *rows, float *b, float *sum)
{
	int			i = 0;

	for (; i + 4 * SIMD_WIDTH <= k; i += 4 * SIMD_WIDTH)
		NAME(gather_columns) (factors + i, stride, index, root, target, n, 4, rows + i, k,
							  b == NULL ? NULL : b + i, sum == NULL ? NULL : sum + i);
	for (; i < k; i += SIMD_WIDTH)
		NAME(gather_columns) (factors + i, stride, index, root, target, n, 1, rows + i, k,
							  b == NULL ? NULL : b + i, sum == NULL ? NULL : sum + i);
}

/*
 * Columns j .. j + n - 1 (at most ACROSS) of one row of SIMD_WIDTH matrices: out[c] is column j +
 * c of all of them.
 */
INLINE void
NAME(load_across) (const float *const *matrices, int64_t place, int n, Vector *out)
{
	if (n == ACROSS)
		LOAD_ACROSS(matrices, place, out);
	else
	{
		/* no more than n columns are read: memory may end there */
		for (int c = 0; c < n; c++)
		{
			float		lanes[SIMD_WIDTH];

			for (int lane = 0; lane < SIMD_WIDTH; lane++)
				lanes[lane] = matrices[lane][place + c];
			out[c] = LOAD(lanes);
		}
	}
}

/* Where row i of the factor begins. Only the lower triangle of the factor is kept. */
INLINE float *
NAME(factor_row) (float *l, int i)
{
	return l + (int64_t) i * (i + 1) / 2 * SIMD_WIDTH;
}

/*
 * Factors the diagonal tile: the factor's rows j .. j + n - 1 (at most ACROSS) in the same columns.
 */
INLINE void
NAME(factor_diagonal)(const float *const *a, int k, int j, int n, float *l, float *inverse,
					  float *pivots, float *diagonal)
{
	Vector		rest[ACROSS][ACROSS];
	float	   *row[ACROSS];

	UNROLL for (int r = 0; r < ACROSS; r++)
	{
		/* rows beyond n repeat the last row */
		int			i = r < n ? j + r : j + n - 1;

		row[r] = NAME(factor_row) (l, i);
		UNROLL for (int c = 0; c < ACROSS; c++)
			rest[r][c] = SPLAT(0);
		NAME(load_across) (a, (int64_t) i * k + j, n, rest[r]);
	}
	for (int r = 0; r < n; r++)
		STORE(diagonal + (j + r) * SIMD_WIDTH, rest[r][r]);
	for (int64_t p = 0; p < (int64_t) j * SIMD_WIDTH; p += SIMD_WIDTH)
	{
		Vector		column[ACROSS];

		UNROLL for (int r = 0; r < ACROSS; r++)
			column[r] = LOAD(row[r] + p);
		UNROLL for (int r = 0; r < ACROSS; r++)
			UNROLL for (int c = 0; c <= r; c++)
				rest[r][c] = MULTIPLY_SUBTRACT(column[r], column[c], rest[r][c]);
	}
	UNROLL for (int c = 0; c < ACROSS; c++)
	{
		Vector		root;

		if (c >= n)
			break;
		root = SPLAT(1) / SQUARE_ROOT(rest[c][c]);
		STORE(pivots + (j + c) * SIMD_WIDTH, rest[c][c]);
		STORE(inverse + (j + c) * SIMD_WIDTH, root);
		UNROLL for (int r = c + 1; r < ACROSS; r++)
		{
			rest[r][c] *= root;
			if (r < n)
				STORE(row[r] + (j + c) * SIMD_WIDTH, rest[r][c]);
			UNROLL for (int q = c + 1; q <= r; q++)
				rest[r][q] = MULTIPLY_SUBTRACT(rest[r][c], rest[q][c], rest[r][q]);
		}
	}
}

/*
 * Columns j .. j + n - 1 (at most ACROSS) of n_rows rows of the factor, from row i on, below the
 * diagonal tile, which is known. With b, the last of these rows is made from b instead of a.
 */
INLINE void
NAME(factor_tile)(const float *const *a, const float *const *b, int k, int i, const int n_rows,
				  int j, int n, float *l, const float *inverse)
{
	Vector		rest[DOWN][ACROSS];
	float	   *row[DOWN];
	float	   *above[ACROSS];

	UNROLL for (int r = 0; r < n_rows; r++)
	{
		row[r] = NAME(factor_row) (l, i + r);
		UNROLL for (int c = 0; c < ACROSS; c++)
			rest[r][c] = SPLAT(0);
		if (b != NULL && r == n_rows - 1)
			NAME(load_across) (b, j, n, rest[r]);
		else
			NAME(load_across) (a, (int64_t) (i + r) * k + j, n, rest[r]);
	}
	UNROLL for (int c = 0; c < ACROSS; c++)
		above[c] = NAME(factor_row) (l, c < n ? j + c : j + n - 1);
	for (int64_t p = 0; p < (int64_t) j * SIMD_WIDTH; p += SIMD_WIDTH)
	{
		Vector		factor[DOWN];

		UNROLL for (int r = 0; r < n_rows; r++)
			factor[r] = LOAD(row[r] + p);
		UNROLL for (int c = 0; c < ACROSS; c++)
		{
			Vector		column = LOAD(above[c] + p);

			UNROLL for (int r = 0; r < n_rows; r++)
				rest[r][c] = MULTIPLY_SUBTRACT(factor[r], column, rest[r][c]);
		}
	}
	UNROLL for (int c = 0; c < ACROSS; c++)
	{
		if (c >= n)
			break;
		UNROLL for (int q = 0; q < c; q++)
		{
			Vector		known = LOAD(above[c] + (j + q) * SIMD_WIDTH);

			UNROLL for (int r = 0; r < n_rows; r++)
				rest[r][c] = MULTIPLY_SUBTRACT(rest[r][q], known, rest[r][c]);
		}
		UNROLL for (int r = 0; r < n_rows; r++)
		{
			rest[r][c] *= LOAD(inverse + (j + c) * SIMD_WIDTH);
			STORE(row[r] + (j + c) * SIMD_WIDTH, rest[r][c]);
		}
	}
}

/*
 * The same for two groups of columns, one after the other, while the rows are in the first-level
 * cache. n is the number of columns in both groups: the second may have fewer than ACROSS, or none.
 */
INLINE void
NAME(factor_rows)(const float *const *a, const float *const *b, int k, int i, const int n_rows,
				  int j, int n, float *l, const float *inverse)
{
	int			first = n < ACROSS ? n : ACROSS;

	NAME(factor_tile) (a, b, k, i, n_rows, j, first, l, inverse);
	if (n > ACROSS)
		NAME(factor_tile) (a, b, k, i, n_rows, j + ACROSS, n - ACROSS, l, inverse);
}

/*
 * Solves SIMD_WIDTH systems a x = b of k unknowns side by side: element i of the solutions of all
 * systems is at x + i * SIMD_WIDTH. So all vectors are full whatever k is, no sum runs across a
 * vector, and one chain of roots and divisions serves all systems. With a = L L', b is treated as
 * one more row of a, whose row of L is z = inv(L) b; then L'x = z.
 *
 * solved[i] says whether system i could be solved: no pivot (what is left of an element of the
 * diagonal when its root is taken) is as small as cancellation leaves, and x is finite. x has room
 * for 4 k vectors; those after the first k are scratch.
 */
TARGET static void
NAME(solve_across)(const float *const *a, const float *const *b, int k, float *l, float *x,
				   int32_t *solved)
{
	float	   *z = NAME(factor_row) (l, k);
	float	   *inverse = x + (int64_t) k * SIMD_WIDTH;
	float	   *pivots = inverse + (int64_t) k * SIMD_WIDTH;
	float	   *diagonal = pivots + (int64_t) k * SIMD_WIDTH;
	float		least = least_pivot(k);

	for (int j = 0; j < k; j += 2 * ACROSS)
	{
		int			n = k - j < 2 * ACROSS ? k - j : 2 * ACROSS;
		int			i = j + n;

		NAME(factor_diagonal) (a, k, j, n < ACROSS ? n : ACROSS, l, inverse, pivots, diagonal);
		if (n > ACROSS)
		{
			for (int r = j + ACROSS; r < j + n; r++)
				NAME(factor_tile) (a, NULL, k, r, 1, j, ACROSS, l, inverse);
			NAME(factor_diagonal) (a, k, j + ACROSS, n - ACROSS, l, inverse, pivots, diagonal);
		}
		for (; i + DOWN <= k; i += DOWN)
			NAME(factor_rows) (a, NULL, k, i, DOWN, j, 2 * ACROSS, l, inverse);
		if (k - i == 2)
			NAME(factor_rows) (a, b, k, i, 3, j, n, l, inverse);
		else if (k - i == 1)
			NAME(factor_rows) (a, b, k, i, 2, j, n, l, inverse);
		else
			NAME(factor_rows) (a, b, k, i, 1, j, n, l, inverse);
	}

	/* back substitution by the same groups of rows: the last group may be smaller */
	for (int j = (k - 1) / ACROSS * ACROSS; j >= 0; j -= ACROSS)
	{
		int			n = k - j < ACROSS ? k - j : ACROSS;
		Vector		known[ACROSS];
		float	   *row[ACROSS];

		for (int c = n - 1; c >= 0; c--)
		{
			row[c] = NAME(factor_row) (l, j + c);
			known[c] = LOAD(z + (j + c) * SIMD_WIDTH);
			for (int r = c + 1; r < n; r++)
				known[c] =
					MULTIPLY_SUBTRACT(LOAD(row[r] + (j + c) * SIMD_WIDTH), known[r], known[c]);
			known[c] *= LOAD(inverse + (j + c) * SIMD_WIDTH);
			STORE(x + (j + c) * SIMD_WIDTH, known[c]);
		}
		for (int c = n; c < ACROSS; c++)
		{
			row[c] = row[n - 1];
			known[c] = SPLAT(0);
		}
		for (int64_t p = 0; p < (int64_t) j * SIMD_WIDTH; p += SIMD_WIDTH)
		{
			Vector		rest = LOAD(z + p);

			UNROLL for (int c = 0; c < ACROSS; c++)
				rest = MULTIPLY_SUBTRACT(LOAD(row[c] + p), known[c], rest);
			STORE(z + p, rest);
		}
	}
	for (int lane = 0; lane < SIMD_WIDTH; lane++)
		solved[lane] = 1;
	for (int64_t i = 0; i < k; i++)
	{
		for (int lane = 0; lane < SIMD_WIDTH; lane++)
		{
			int64_t		at = i * SIMD_WIDTH + lane;

			/* this is false for a pivot that is NaN, too */
			solved[lane] &= (pivots[at] > least * diagonal[at]) & (fabsf(x[at]) <= FLT_MAX);
		}
	}
}
