/*
 * dropout.c
 *	  Dropout.
 */
#include <stddef.h>

#include "kernel/dropout.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/vector.h"

/* Rows between two polls. */
#define POLL_ROWS 256

/*
 * A number's random bits are 32 of a hash of its place. The hash is the finalizer of MurmurHash3
 * (Appleby), which the compiler turns into vectors; the seed is already random.
 */
FASTEST_INSTRUCTIONS static void
drop(uint32_t seed, uint32_t below, float scale, float *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
	{
		uint32_t	bits = (uint32_t) i * UINT32_C(0x9E3779B9) + seed;

		bits = (bits ^ (bits >> 16)) * UINT32_C(0x85EBCA6B);
		bits = (bits ^ (bits >> 13)) * UINT32_C(0xC2B2AE35);
		bits ^= bits >> 16;
		x[i] = bits < below ? 0 : x[i] * scale;
	}
}

void
dropout_apply(const Dropout *dropout, int layer, float *x, int64_t n, int64_t width)
{
	uint64_t	seed;

	if (dropout == NULL || dropout->rate <= 0)
		return;
	seed = random_bits(dropout->seed, (uint64_t) layer);
	for (int64_t r = 0; r < n; r++)
	{
		if (r % POLL_ROWS == 0)
			poll();
		drop((uint32_t) random_bits(seed, (uint64_t) (dropout->first_row + r)),
			 (uint32_t) (dropout->rate * 4294967296.0), 1 / (1 - dropout->rate), x + r * width,
			 width);
	}
}
