/*
 * dense_simd.h
 *	  The inner loops of dense.c, for one instruction set; see simd.h.
 *
 * Both the Gram matrix and the Cholesky factor are made of one kind of tile: some rows and
 * vectors of a lower triangle, held in registers, to which products p[i] p[j] of
 * the rows p of another matrix are added (Goto & van de Geijn 2008,
 * "Anatomy of high-performance matrix multiplication").
 *
 * For that the factor is A = L'L, found from the last row to the first, not A = LL': row i
 * of L is row i of A, less L[p][i] L[p][...] of the rows p > i, scaled.
 */
#include "kernel/simd.h"

/* A tile of a at row i and column j = that of base (NULL: zero) + the products of n rows */
INLINE void
NAME(gram_tile) (const float *rows, int64_t pitch, int n, int i, int j, const int n_rows, const int n_vectors,
				 const float *base, float *a, int64_t k)
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
 * a = base + rows' rows in the lower triangle (and up to the next multiple of
 * SIMD_WIDTH right of it); k is a multiple of SIMD_WIDTH. Between tiles, some of the rows
 * that will be wanted next are fetched.
 */
TARGET static void
NAME(gram_block) (const float *rows, int64_t pitch, int n, int k, const float *base, float *a, Fetch *fetch)
{
	NAME(gram_tile) (rows, pitch, n, 0, 0, SIMD_WIDTH, 1, base, a, k);
	for (int i = SIMD_WIDTH; i < k; i += SIMD_WIDTH)
	{
		for (int row = i; row < i + SIMD_WIDTH; row += TILE_ROWS)
		{
			int			left = i / SIMD_WIDTH + 1;
			int			j = 0;

			/* by threes and twos: one vector would leave the multipliers idle */
			for (; left != 0 && left != 2 && left != 4; left -= 3, j += 3 * SIMD_WIDTH)
			{
				NAME(gram_tile) (rows, pitch, n, row, j, TILE_ROWS, 3, base, a, k);
				fetch_some(fetch);
			}
			for (; left != 0; left -= 2, j += 2 * SIMD_WIDTH)
			{
				NAME(gram_tile) (rows, pitch, n, row, j, TILE_ROWS, 2, base, a, k);
				fetch_some(fetch);
			}
		}
	}
	while (fetch->n > 0)
		fetch_some(fetch);
}

/*
 * Some columns of n gathered rows: copies them to rows, each times root[...] (NULL: 1), and adds
 * them up, times target[...] and as they are.
 */
INLINE void
NAME(gather_columns) (const float *factors, int64_t stride, const int32_t *index, const float *root, const float *target,
					  int n, const int n_vectors, float *rows, int64_t pitch, float *b, float *sum)
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

/* The same for all k columns, a multiple of SIMD_WIDTH. */
TARGET static void
NAME(gather_rows) (const float *factors, int64_t stride, const int32_t *index, const float *root, const float *target,
				   int n, int k, float *rows, float *b, float *sum)
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
 * A tile of L at rows i .. i + TILE_ROWS - 1 and column j. What is on and left of the diagonal of these rows
 * is known (diagonal < 0), or is in the tile's last vector from element `diagonal` on, and is
 * found here: then a division stands between one row and the next, but no
 * square root.
 */
INLINE void
NAME(factor_tile) (const float *a, int k, int i, int j, const int n_vectors, const int diagonal,
				   float *l, float *inverse, float *pivots)
{
	/* a single vector is summed in two parts, so that additions overlap */
	const int	n_parts = n_vectors == 1 ? 2 : 1;
	Vector		rest[2][TILE_ROWS][TILE_VECTORS];

	UNROLL for (int r = 0; r < TILE_ROWS; r++)
		UNROLL for (int v = 0; v < n_vectors; v++)
		{
			rest[0][r][v] = LOAD(a + (int64_t) (i + r) * k + j + v * SIMD_WIDTH);
			rest[1][r][v] = SPLAT(0);
		}

	/* the latest rows last, since they may not be written yet */
	for (int p = k - 1; p >= i + TILE_ROWS; p -= n_parts)
	{
		UNROLL for (int part = 0; part < n_parts; part++)
		{
			const float *row = l + (p - part) * k;
			Vector		columns[TILE_VECTORS];

			UNROLL for (int v = 0; v < n_vectors; v++)
				columns[v] = LOAD(row + j + v * SIMD_WIDTH);
			UNROLL for (int r = 0; r < TILE_ROWS; r++)
			{
				Vector		factor = SPLAT(row[i + r]);

				UNROLL for (int v = 0; v < n_vectors; v++)
					rest[part][r][v] = MULTIPLY_SUBTRACT(factor, columns[v], rest[part][r][v]);
			}
		}
	}
	if (n_parts == 2)
	{
		UNROLL for (int r = 0; r < TILE_ROWS; r++)
			rest[0][r][0] += rest[1][r][0];
	}

	UNROLL for (int r = TILE_ROWS - 1; r >= 0; r--)
	{
		float	   *to = l + (int64_t) (i + r) * k + j;

		if (diagonal >= 0)
		{
			Vector		last = rest[0][r][n_vectors - 1];
			Vector		pivot = SPLAT_LANE(last, diagonal + r);
			Vector		reciprocal = SPLAT(1) / pivot;
			Vector		root;

			UNROLL for (int q = 0; q < r; q++)
			{
				Vector		factor = SPLAT_LANE(last, diagonal + q) * reciprocal;

				UNROLL for (int v = 0; v < n_vectors; v++)
					rest[0][q][v] = MULTIPLY_SUBTRACT(factor, rest[0][r][v], rest[0][q][v]);
			}
			root = SQUARE_ROOT(pivot) * reciprocal;
			pivots[i + r] = pivot[0];
			inverse[i + r] = root[0];
			UNROLL for (int v = 0; v < n_vectors; v++)
				rest[0][r][v] *= root;

			/* nothing right of the diagonal, where a need not even be a number */
			rest[0][r][n_vectors - 1] = FIRST(rest[0][r][n_vectors - 1], diagonal + r + 1);
		}
		else
		{
			Vector		root = SPLAT(inverse[i + r]);

			UNROLL for (int v = 0; v < n_vectors; v++)
				rest[0][r][v] *= root;
			UNROLL for (int q = 0; q < r; q++)
			{
				Vector		factor = SPLAT(l[(int64_t) (i + r) * k + i + q]);

				UNROLL for (int v = 0; v < n_vectors; v++)
					rest[0][q][v] = MULTIPLY_SUBTRACT(factor, rest[0][r][v], rest[0][q][v]);
			}
		}
		UNROLL for (int v = 0; v < n_vectors; v++)
			STORE(to + v * SIMD_WIDTH, rest[0][r][v]);
	}
}

/* One group of TILE_ROWS rows of L, whose diagonal begins at element `diagonal` of a vector. */
INLINE void
NAME(factor_group) (const float *a, int k, int i, const int diagonal, float *l, float *inverse, float *pivots)
{
	int			left = i / SIMD_WIDTH + 1;
	int			j = (left - 1) * SIMD_WIDTH;

	/* from the diagonal leftwards, by threes and twos as for the Gram matrix */
	if (left == 1)
	{
		NAME(factor_tile) (a, k, i, j, 1, diagonal, l, inverse, pivots);
		return;
	}
	if (left == 2 || left == 4)
	{
		NAME(factor_tile) (a, k, i, j - SIMD_WIDTH, 2, diagonal, l, inverse, pivots);
		left -= 2;
	}
	else
	{
		NAME(factor_tile) (a, k, i, j - 2 * SIMD_WIDTH, 3, diagonal, l, inverse, pivots);
		left -= 3;
	}
	while (left > 0)
	{
		if (left == 2 || left == 4)
		{
			left -= 2;
			NAME(factor_tile) (a, k, i, left * SIMD_WIDTH, 2, -1, l, inverse, pivots);
		}
		else
		{
			left -= 3;
			NAME(factor_tile) (a, k, i, left * SIMD_WIDTH, 3, -1, l, inverse, pivots);
		}
	}
}

/*
 * The factors L of n systems a = L'L, the inverses of their diagonals, and the diagonal of what was
 * left of a at each step. k is a multiple of SIMD_WIDTH; a factor is
 * zero right of the diagonal, as far as it is written at all.
 *
 * The systems take turns, since one group of rows ends in a chain of
 * divisions, during which the processor can begin with the next system's.
 */
TARGET static void
NAME(factor) (const System *systems, int n, int k)
{
	for (int i = k - SIMD_WIDTH; i >= 0; i -= SIMD_WIDTH)
	{
		if (SIMD_WIDTH > TILE_ROWS)
		{
			for (const System *s = systems; s < systems + n; s++)
				NAME(factor_group) (s->a, k, i + TILE_ROWS, SIMD_WIDTH - TILE_ROWS, s->factor, s->inverse, s->pivots);
		}
		for (const System *s = systems; s < systems + n; s++)
			NAME(factor_group) (s->a, k, i, 0, s->factor, s->inverse, s->pivots);
	}
}

/* One step of L'z = b, from the last rows to the first: rows i .. i + TILE_ROWS - 1. */
INLINE void
NAME(substitute_up) (const float *l, const float *inverse, int k, int i, float *b, float *z)
{
	Vector		factor[TILE_ROWS];

	UNROLL for (int r = TILE_ROWS - 1; r >= 0; r--)
	{
		const float *row = l + (i + r) * k + i;
		float		value = b[i + r] * inverse[i + r];

		z[i + r] = value;
		factor[r] = SPLAT(value);
		for (int q = 0; q < r; q++)
			b[i + q] -= row[q] * value;
	}
	for (int j = 0; j < i; j += SIMD_WIDTH)
	{
		Vector		rest = LOAD(b + j);

		UNROLL for (int r = 0; r < TILE_ROWS; r++)
			rest = MULTIPLY_SUBTRACT(factor[r], LOAD(l + (i + r) * k + j), rest);
		STORE(b + j, rest);
	}
}

/* One step of L x = z, from the first rows to the last; x is zero from row i on. */
INLINE void
NAME(substitute_down) (const float *l, const float *inverse, int k, int i, const float *z, float *x)
{
	Vector		products[TILE_ROWS];
	float		sums[TILE_ROWS];

	UNROLL for (int r = 0; r < TILE_ROWS; r++)
		products[r] = SPLAT(0);
	for (int j = 0; j < i; j += SIMD_WIDTH)
	{
		Vector		known = LOAD(x + j);

		UNROLL for (int r = 0; r < TILE_ROWS; r++)
			products[r] = MULTIPLY_ADD(LOAD(l + (i + r) * k + j), known, products[r]);
	}
	UNROLL for (int r = 0; r < TILE_ROWS; r += 4)
		SUM4(products[r], products[r + 1], products[r + 2], products[r + 3], sums + r);
	UNROLL for (int r = 0; r < TILE_ROWS; r++)
	{
		const float *row = l + (i + r) * k + i;
		float		value = z[i + r] - sums[r];

		for (int q = 0; q < r; q++)
			value -= row[q] * x[i + q];
		x[i + r] = value * inverse[i + r];
	}
}

/*
 * Solves L'L x = b for n systems, where b is overwritten. They take turns here
 * too, and the loops are the same whatever n is, so that the results are.
 */
TARGET static void
NAME(substitute) (const System *systems, int n, int k)
{
	for (int i = k - TILE_ROWS; i >= 0; i -= TILE_ROWS)
		for (const System *s = systems; s < systems + n; s++)
			NAME(substitute_up) (s->factor, s->inverse, k, i, s->b, s->z);
	for (const System *s = systems; s < systems + n; s++)
		memset(s->x, 0, sizeof(float) * k);
	for (int i = 0; i < k; i += TILE_ROWS)
		for (const System *s = systems; s < systems + n; s++)
			NAME(substitute_down) (s->factor, s->inverse, k, i, s->z, s->x);
}
