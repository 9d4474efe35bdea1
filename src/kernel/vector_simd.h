/*
 * vector_simd.h
 *	  The inner loops of vector.c, for one instruction set; see simd.h.
 *
 * A row's sum is computed in the same order whether the row is alone or among others: every other
 * vector is added to one of two partial sums, and the elements that do not fill a vector to the
 * second.
 */
#include "kernel/simd.h"

#define ROW(r) (rows + (index == NULL ? (r) : index[r]) * stride)

/* For the rows that index names; index NULL: for the first rows. */
INLINE void
NAME(dot_some)(const float *a, const float *rows, int64_t stride, const int32_t *index, int k,
			   const int n_rows, Vector *out)
{
	Vector		even[4];
	Vector		odd[4];
	int			i = 0;

	UNROLL for (int r = 0; r < n_rows; r++)
		even[r] = odd[r] = SPLAT(0);
	for (; i + 2 * SIMD_WIDTH <= k; i += 2 * SIMD_WIDTH)
	{
		Vector		first = LOAD(a + i);
		Vector		second = LOAD(a + i + SIMD_WIDTH);

		UNROLL for (int r = 0; r < n_rows; r++)
		{
			const float *row = ROW(r) + i;

			even[r] = MULTIPLY_ADD(first, LOAD(row), even[r]);
			odd[r] = MULTIPLY_ADD(second, LOAD(row + SIMD_WIDTH), odd[r]);
		}
	}
	if (i + SIMD_WIDTH <= k)
	{
		Vector		first = LOAD(a + i);

		UNROLL for (int r = 0; r < n_rows; r++)
			even[r] = MULTIPLY_ADD(first, LOAD(ROW(r) + i), even[r]);
		i += SIMD_WIDTH;
	}
	if (i < k)
	{
		Vector		first = LOAD_FIRST(a + i, k - i);

		UNROLL for (int r = 0; r < n_rows; r++)
			odd[r] = MULTIPLY_ADD(first, LOAD_FIRST(ROW(r) + i, k - i), odd[r]);
	}
	UNROLL for (int r = 0; r < n_rows; r++)
	{
		KEEP(even[r]);
		KEEP(odd[r]);
		out[r] = even[r] + odd[r];
	}
}

TARGET static float
NAME(dot) (const float *a, const float *b, int n)
{
	Vector		sum[1];

	NAME(dot_some) (a, b, 0, NULL, n, 1, sum);
	return SUM(sum[0]);
}

TARGET static void
NAME(dot_rows)(const float *a, const float *rows, int64_t stride, int64_t n_rows, int k, float *out)
{
	int64_t		j = 0;

	for (; j + 4 <= n_rows; j += 4)
	{
		Vector		sum[4];

		NAME(dot_some) (a, rows + j * stride, stride, NULL, k, 4, sum);
		SUM4(sum[0], sum[1], sum[2], sum[3], out + j);
	}
	for (; j < n_rows; j++)
		out[j] = NAME(dot) (a, rows + j * stride, k);
}

TARGET static void
NAME(dot_named)(const float *a, const float *rows, int64_t stride, const int32_t *index,
				int64_t n_rows, int k, float *out)
{
	int64_t		j = 0;

	for (; j + 4 <= n_rows; j += 4)
	{
		Vector		sum[4];

		for (int64_t next = j + PREFETCH_ROWS; next < j + PREFETCH_ROWS + 4 && next < n_rows;
			 next++)
			vector_prefetch(rows + index[next] * stride, k);
		NAME(dot_some) (a, rows, stride, index + j, k, 4, sum);
		SUM4(sum[0], sum[1], sum[2], sum[3], out + j);
	}
	for (; j < n_rows; j++)
		out[j] = NAME(dot) (a, rows + index[j] * stride, k);
}

#undef ROW
