/*
 * few_rows.c
 *	  Products of few rows and a matrix that stays in the caches.
 */
#include "kernel/few_rows.h"

#define SIMD_FILE "kernel/few_rows_simd.h"
#include "kernel/simd_levels.h"

typedef void (*Multiply) (const float *a, int64_t stride_a, int k_a, const float *w, int k_out,
						  int64_t n, float *out, int64_t stride_out);

static const Multiply all_multiply[] = {
	multiply_baseline,
#ifdef SIMD_X86
	multiply_avx2,
	multiply_avx512
#endif
};

void
few_rows_multiply(const float *a, int64_t stride_a, int k_a, const float *w, int k_out, int64_t n,
				  float *out, int64_t stride_out)
{
	all_multiply[simd_level()](a, stride_a, k_a, w, k_out, n, out, stride_out);
}
