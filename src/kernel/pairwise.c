/*
 * pairwise.c
 *	  Steps of gradient descent on pairs.
 *
 * A step is short and each of its operations waits for the one before; so where the next triple is about another user, the processor
 * works on several at once. Rows that will be wanted are fetched meanwhile.
 */
#include <math.h>

#include "kernel/pairwise.h"
#include "kernel/poll.h"
#include "kernel/simd.h"

/* Triples between two polls: at most 3 million floats. */
#define POLL_TRIPLES 1024

/* Rows are asked for so many triples ahead. */
#define PREFETCH_TRIPLES 6

static inline void
prefetch_row(const float *row, int n)
{
	for (int i = 0; i < n; i += 16)
		__builtin_prefetch(row + i, 1);
}

#define SIMD_LEVEL SIMD_BASELINE
#include "kernel/pairwise_simd.h"
#undef SIMD_LEVEL
#ifdef SIMD_X86
#define SIMD_LEVEL SIMD_AVX2
#include "kernel/pairwise_simd.h"
#undef SIMD_LEVEL
#define SIMD_LEVEL SIMD_AVX512
#include "kernel/pairwise_simd.h"
#undef SIMD_LEVEL
#endif

typedef void (*Loop) (const Pairwise *pairwise, const Triple *triples, int64_t count, float *difference);

static const Loop all_loops[] = {
	descend_baseline,
#ifdef SIMD_X86
	descend_avx2,
	descend_avx512,
#endif
};

void
pairwise_descend(const Pairwise *pairwise, const Triple *triples, int64_t count, float *difference)
{
	Loop		loop = all_loops[simd_level()];

	for (int64_t at = 0; at < count; at += POLL_TRIPLES)
	{
		loop(pairwise, triples + at, count - at < POLL_TRIPLES ? count - at : POLL_TRIPLES, difference + at);
		poll();
	}
}
