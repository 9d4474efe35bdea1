/*
 * gather_simd.h
 *	  The inner loops of gather.c, for one instruction set; see simd.h.
 *
 * Every product and sum is computed in the same order whatever else is computed beside it.
 */
#include "kernel/simd.h"

/* out[j] = vector . rows[index[j]], for at most four rows; n is a multiple of SIMD_WIDTH. */
INLINE void
NAME(dot_gathered)(const float *rows, int64_t stride, const int32_t *index, const int n_rows, int n,
					const float *vector, float *out)
{
	const float *row[4];
	Vector		sum[4];

	UNROLL for (int r = 0; r < n_rows; r++)
	{
		row[r] = rows + index[r] * stride;
		sum[r] = SPLAT(0);
	}
	for (int i = 0; i < n; i += SIMD_WIDTH)
	{
		Vector		columns = LOAD(vector + i);

		UNROLL for (int r = 0; r < n_rows; r++)
			sum[r] = MULTIPLY_ADD(columns, LOAD(row[r] + i), sum[r]);
	}
	UNROLL for (int r = 0; r < n_rows; r++)
		KEEP(sum[r]);
	if (n_rows == 4)
		SUM4(sum[0], sum[1], sum[2], sum[3], out);
	else
	{
		UNROLL for (int r = 0; r < n_rows; r++)
			out[r] = SUM(sum[r]);
	}
}

TARGET static void
NAME(gather_dot)(const float *rows, int64_t stride, const int32_t *index, int64_t count,
				 int64_t ahead, int n, const float *vector, float *out)
{
	int64_t		j = 0;

	for (; j + 4 <= count; j += 4)
	{
		for (int64_t next = j + PREFETCH_ROWS; next < j + PREFETCH_ROWS + 4 && next < count + ahead;
			 next++)
			vector_prefetch(rows + index[next] * stride, n);
		NAME(dot_gathered) (rows, stride, index + j, 4, n, vector, out + j);
	}
	for (; j < count; j++)
		NAME(dot_gathered) (rows, stride, index + j, 1, n, vector, out + j);
}

/* Some columns of the sum, held in registers. */
INLINE void
NAME(sum_columns)(const float *rows, int64_t stride, const int32_t *index, const float *coefficient,
				  int64_t count, const int n_vectors, float *out)
{
	Vector		sum[8];

	UNROLL for (int v = 0; v < n_vectors; v++)
		sum[v] = LOAD(out + v * SIMD_WIDTH);
	for (int64_t j = 0; j < count; j++)
	{
		const float *row = rows + index[j] * stride;
		Vector		c = SPLAT(coefficient[j]);

		UNROLL for (int v = 0; v < n_vectors; v++)
			sum[v] = MULTIPLY_ADD(c, LOAD(row + v * SIMD_WIDTH), sum[v]);
	}
	UNROLL for (int v = 0; v < n_vectors; v++)
		STORE(out + v * SIMD_WIDTH, sum[v]);
}

TARGET static void
NAME(gather_sum) (const float *rows, int64_t stride, const int32_t *index, const float *coefficient,
				  int64_t count, int n, float *out)
{
	int			i = 0;

	for (; i + 8 * SIMD_WIDTH <= n; i += 8 * SIMD_WIDTH)
		NAME(sum_columns) (rows + i, stride, index, coefficient, count, 8, out + i);
	for (; i + 4 * SIMD_WIDTH <= n; i += 4 * SIMD_WIDTH)
		NAME(sum_columns) (rows + i, stride, index, coefficient, count, 4, out + i);
	for (; i < n; i += SIMD_WIDTH)
		NAME(sum_columns) (rows + i, stride, index, coefficient, count, 1, out + i);
}
