/*
 * few_rows_simd.h
 *	  The inner loops of few_rows.c, for one instruction set; see simd.h.
 */
#include "kernel/simd.h"

/* The largest tile: its sums, a vector of w for each of its columns and a number of a. */
#undef MOST_ROWS
#undef MOST_VECTORS
#if SIMD_LEVEL == SIMD_AVX512
#define MOST_ROWS 6
#define MOST_VECTORS 4
#else
#define MOST_ROWS 5
#define MOST_VECTORS 2
#endif

/* Some rows of out, and some vectors of columns; the last has only n_last elements. */
INLINE void
NAME(tile)(const float *a, int64_t stride_a, int k_a, const float *w, int64_t k_out, float *out,
		   int64_t stride_out, const int n_rows, const int n_vectors, const int n_last)
{
	Vector		sum[MOST_ROWS][MOST_VECTORS];
	float		last[SIMD_WIDTH];

	UNROLL for (int r = 0; r < n_rows; r++)
		UNROLL for (int v = 0; v < n_vectors; v++)
		{
			const float *from = out + r * stride_out + v * SIMD_WIDTH;

			if (v == n_vectors - 1 && n_last < SIMD_WIDTH)
				sum[r][v] = LOAD_FIRST(from, n_last);
			else
				sum[r][v] = LOAD(from);
		}
	for (int i = 0; i < k_a; i++)
	{
		Vector		columns[MOST_VECTORS];

		UNROLL for (int v = 0; v < n_vectors; v++)
		{
			const float *from = w + i * k_out + v * SIMD_WIDTH;

			if (v == n_vectors - 1 && n_last < SIMD_WIDTH)
				columns[v] = LOAD_FIRST(from, n_last);
			else
				columns[v] = LOAD(from);
		}
		UNROLL for (int r = 0; r < n_rows; r++)
		{
			Vector		factor = SPLAT(a[r * stride_a + i]);

			UNROLL for (int v = 0; v < n_vectors; v++)
				sum[r][v] = MULTIPLY_ADD(factor, columns[v], sum[r][v]);
		}
	}
	UNROLL for (int r = 0; r < n_rows; r++)
		UNROLL for (int v = 0; v < n_vectors; v++)
		{
			float	   *to = out + r * stride_out + v * SIMD_WIDTH;

			if (v == n_vectors - 1 && n_last < SIMD_WIDTH)
			{
				STORE(last, sum[r][v]);
				memcpy(to, last, sizeof(float) * n_last);
			}
			else
				STORE(to, sum[r][v]);
		}
}

#define ROWS(n) \
	case n: \
		NAME(tile) (a, stride_a, k_a, w, k_out, out, stride_out, n, n_vectors, n_last); \
		break

/* All rows, and some vectors of columns: this part of w stays in the cache. */
INLINE void
NAME(columns)(const float *a, int64_t stride_a, int k_a, const float *w, int64_t k_out, int64_t n,
			  float *out, int64_t stride_out, const int n_vectors, const int n_last)
{
	for (; n > 0; n -= MOST_ROWS)
	{
		switch (n < MOST_ROWS ? (int) n : MOST_ROWS)
		{
			ROWS(1);
			ROWS(2);
			ROWS(3);
			ROWS(4);
			ROWS(5);
#if MOST_ROWS > 5
			ROWS(6);
#endif
		}
		a += MOST_ROWS * stride_a;
		out += MOST_ROWS * stride_out;
	}
}

#undef ROWS

TARGET static void
NAME(multiply)(const float *a, int64_t stride_a, int k_a, const float *w, int k_out, int64_t n,
			   float *out, int64_t stride_out)
{
	int			j = 0;

	for (; j + MOST_VECTORS * SIMD_WIDTH <= k_out; j += MOST_VECTORS * SIMD_WIDTH)
		NAME(columns) (a, stride_a, k_a, w + j, k_out, n, out + j, stride_out, MOST_VECTORS,
					   SIMD_WIDTH);
	for (; j + SIMD_WIDTH <= k_out; j += SIMD_WIDTH)
		NAME(columns) (a, stride_a, k_a, w + j, k_out, n, out + j, stride_out, 1, SIMD_WIDTH);
	if (j < k_out)
		NAME(columns) (a, stride_a, k_a, w + j, k_out, n, out + j, stride_out, 1, k_out - j);
}
