/*
 * gather.c
 *	  Products with, and sums over, rows of a matrix that are named by an index list.
 */
#include <stddef.h>

#include "kernel/gather.h"
#include "kernel/poll.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

/* Rows between two polls: at most 2 million floats. */
#define POLL_ROWS 2048

/* Rows lie anywhere in memory, so they are prefetched this many ahead. */
#define PREFETCH_ROWS 12

#define SIMD_FILE "kernel/gather_simd.h"
#include "kernel/simd_levels.h"

typedef struct Loops
{
	void		(*dot) (const float *rows, int64_t stride, const int32_t *index, int64_t count,
						int64_t ahead, int n,
						const float *vector, float *out);
	void		(*sum) (const float *rows, int64_t stride, const int32_t *index,
						const float *coefficient,
						int64_t count, int n, float *out);
} Loops;

static const Loops all_loops[] = {
	{gather_dot_baseline, gather_sum_baseline},
#ifdef SIMD_X86
	{gather_dot_avx2, gather_sum_avx2},
	{gather_dot_avx512, gather_sum_avx512},
#endif
};

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
gather_dot(const float *rows, int64_t stride, const int32_t *index, int64_t count, int64_t ahead,
		   int n, const float *vector, float *out)
{
	const Loops *loops = &all_loops[simd_level()];

	for (int64_t at = 0; at < count; at += POLL_ROWS)
	{
		int64_t		some = min64(count - at, POLL_ROWS);

		loops->dot(rows, stride, index + at, some, count - at - some + ahead, n, vector, out + at);
		if (some == POLL_ROWS)
			poll();
	}
}

void
gather_sum(const float *rows, int64_t stride, const int32_t *index, const float *coefficient,
		   int64_t count, int n, float *out)
{
	const Loops *loops = &all_loops[simd_level()];

	for (int64_t at = 0; at < count; at += POLL_ROWS)
	{
		int64_t		some = min64(count - at, POLL_ROWS);

		loops->sum(rows, stride, index + at, coefficient + at, some, n, out);
		if (some == POLL_ROWS)
			poll();
	}
}

FASTEST_INSTRUCTIONS void
gather_dot_double(const float *rows, int64_t stride, const int32_t *index, int64_t count,
				  int n, const float *vector, double *out)
{
	int64_t		j = 0;

	for (; j + 4 <= count; j += 4)
	{
		const float *a = rows + index[j] * stride;
		const float *b = rows + index[j + 1] * stride;
		const float *c = rows + index[j + 2] * stride;
		const float *d = rows + index[j + 3] * stride;
		double		sums[4] = {0};

		for (int i = 0; i < n; i++)
		{
			double		v = vector[i];

			sums[0] += v * a[i];
			sums[1] += v * b[i];
			sums[2] += v * c[i];
			sums[3] += v * d[i];
		}
		for (int r = 0; r < 4; r++)
			out[j + r] = sums[r];
		if (j % POLL_ROWS == POLL_ROWS - 4)
			poll();
	}
	for (; j < count; j++)
		out[j] = vector_dot_double(rows + index[j] * stride, vector, n);
}
