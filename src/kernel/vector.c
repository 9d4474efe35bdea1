/*
 * vector.c
 *	  Operations on single vectors of floats, and the scan that finds the best items.
 */
#include <math.h>
#include <stddef.h>

#include "kernel/poll.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

/* Rows that lie anywhere in memory are prefetched this many ahead. */
#define PREFETCH_ROWS 12

#define SIMD_FILE "kernel/vector_simd.h"
#include "kernel/simd_levels.h"

/* Floats of a matrix that are read between two polls: about a millisecond. */
#define POLL_FLOATS (4 * 1024 * 1024)

typedef struct Loops
{
	float		(*dot) (const float *a, const float *b, int n);
	void		(*dot_rows) (const float *a, const float *rows, int64_t stride, int64_t n_rows,
							 int k, float *out);
	void		(*dot_named) (const float *a, const float *rows, int64_t stride,
							  const int32_t *index, int64_t n_rows, int k, float *out);
} Loops;

static const Loops all_loops[] = {
	{dot_baseline, dot_rows_baseline, dot_named_baseline},
#ifdef SIMD_X86
	{dot_avx2, dot_rows_avx2, dot_named_avx2},
	{dot_avx512, dot_rows_avx512, dot_named_avx512},
#endif
};

static int	level_found = -1;

int
simd_level(void)
{
	if (level_found < 0)
		simd_limit(SIMD_AVX512);
	return level_found;
}

void
simd_limit(int most)
{
	int			level = SIMD_BASELINE;

#ifdef SIMD_X86
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
	{
		level = SIMD_AVX2;
		if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
			__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
			level = SIMD_AVX512;
	}
#endif
	level_found = level < most ? level : most;
}

float
vector_dot(const float *a, const float *b, int n)
{
	return all_loops[simd_level()].dot(a, b, n);
}

FASTEST_INSTRUCTIONS
double
vector_dot_double(const float *a, const float *b, int n)
{
	double		sum = 0;

	for (int i = 0; i < n; i++)
		sum += (double) a[i] * b[i];
	return sum;
}

FASTEST_INSTRUCTIONS
void
vector_add_scaled(float *sum, float x, const float *a, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		sum[i] += x * a[i];
}

double
vector_norm(const float *a, int n)
{
	return sqrt(vector_dot_double(a, a, n));
}

void
vector_dot_rows(const float *a, const float *rows, int64_t stride, int64_t n_rows, int k,
				float *out)
{
	const Loops *loops = &all_loops[simd_level()];
	int64_t		block = POLL_FLOATS / stride + 1;

	for (int64_t begin = 0; begin < n_rows; begin += block)
	{
		loops->dot_rows(a, rows + begin * stride, stride,
						n_rows - begin < block ? n_rows - begin : block, k, out + begin);
		if (begin + block < n_rows)
			poll();
	}
}

/* Rows that lie anywhere take longer to read than consecutive rows. */
void
vector_dot_named(const float *a, const float *rows, int64_t stride, const int32_t *index,
				 int64_t first, int64_t n_rows, int k, float *out)
{
	const Loops *loops = &all_loops[simd_level()];
	int64_t		block = POLL_FLOATS / 16 / stride + 1;

	if (index == NULL)
	{
		vector_dot_rows(a, rows + first * stride, stride, n_rows, k, out);
		return;
	}
	for (int64_t begin = 0; begin < n_rows; begin += block)
	{
		loops->dot_named(a, rows, stride, index + first + begin,
						 n_rows - begin < block ? n_rows - begin : block, k, out + begin);
		if (begin + block < n_rows)
			poll();
	}
}
