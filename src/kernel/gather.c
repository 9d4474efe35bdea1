/*
 * gather.c
 *	  Sums over rows of a matrix that are named by an index list.
 *
 * Bound by the memory that the rows come from: each row is read once per call.
 */
#include <stddef.h>

#include "kernel/gather.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* Rows between two polls: at most 2 million floats. */
#define POLL_ROWS 2048

/* Rows are asked for so many ahead: they lie anywhere in memory. */
#define PREFETCH_ROWS 4

static inline void
prefetch_row(const float *row, int n)
{
	for (int i = 0; i < n && i < 128; i += 16)
		__builtin_prefetch(row + i);
}

FASTEST_INSTRUCTIONS void
gather_sum(const float *rows, int64_t stride, const int32_t *index, const float *coefficient,
		   int64_t count, int n, float *restrict out)
{
	for (int64_t j = 0; j < count; j++)
	{
		const float *row = rows + index[j] * stride;
		float		c = coefficient == NULL ? 1 : coefficient[j];

		if (j + PREFETCH_ROWS < count)
			prefetch_row(rows + index[j + PREFETCH_ROWS] * stride, n);
		for (int i = 0; i < n; i++)
			out[i] += c * row[i];
		if (j % POLL_ROWS == POLL_ROWS - 1)
			poll();
	}
}

FASTEST_INSTRUCTIONS void
gather_multiply(const float *rows, int64_t stride, const int32_t *index, const float *weight,
				int64_t count, int n, const float *vector, float vector_last,
				float *restrict out, float *out_last)
{
	float		last = 0;

	for (int64_t j = 0; j < count; j++)
	{
		const float *row = rows + index[j] * stride;
		float		product = 0;

		if (j + PREFETCH_ROWS < count)
			prefetch_row(rows + index[j + PREFETCH_ROWS] * stride, n);
		for (int i = 0; i < n; i++)
			product += row[i] * vector[i];
		product += vector_last;
		if (weight != NULL)
			product *= weight[j];
		for (int i = 0; i < n; i++)
			out[i] += product * row[i];
		last += product;
		if (j % POLL_ROWS == POLL_ROWS - 1)
			poll();
	}
	*out_last += last;
}
