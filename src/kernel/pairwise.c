/*
 * pairwise.c
 *	  Steps of gradient descent on pairs.
 *
 * A step is short, and each of its operations waits for the one before. So where the next triple is
 * of another user, the processor works on several triples at once. Rows of later triples are
 * prefetched meanwhile.
 */
#include <math.h>

#include "kernel/pairwise.h"
#include "kernel/poll.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

/* Triples between two polls: at most 3 million floats. */
#define POLL_TRIPLES 1024

/* Rows are prefetched this many triples ahead. */
#define PREFETCH_TRIPLES 6

/* Rows that are only scored are prefetched this many rows ahead. */
#define PREFETCH_ROWS 12

/*
 * Numbers that are summed side by side, the same on each instruction set: as many as the widest has
 * in a vector.
 */
#define LANES 16

/* Powers of two whose exponents lie evenly between 0 and 1 */
#define POWERS_BITS 6
#define POWERS (1 << POWERS_BITS)
#define POWER_LOGARITHM 0x1.62e42fefa39efp-7 /* ln 2 / POWERS */

static inline void
prefetch_row(const float *row, int n)
{
	for (int i = 0; i < n; i += 16)
		__builtin_prefetch(row + i, 1);
}

/* 2^(j / POWERS) */
static const double powers[POWERS] = {
	0x1.0000000000000p0, 0x1.02c9a3e778061p0, 0x1.059b0d3158574p0, 0x1.0874518759bc8p0,
	0x1.0b5586cf9890fp0, 0x1.0e3ec32d3d1a2p0, 0x1.11301d0125b51p0, 0x1.1429aaea92de0p0,
	0x1.172b83c7d517bp0, 0x1.1a35beb6fcb75p0, 0x1.1d4873168b9aap0, 0x1.2063b88628cd6p0,
	0x1.2387a6e756238p0, 0x1.26b4565e27cddp0, 0x1.29e9df51fdee1p0, 0x1.2d285a6e4030bp0,
	0x1.306fe0a31b715p0, 0x1.33c08b26416ffp0, 0x1.371a7373aa9cbp0, 0x1.3a7db34e59ff7p0,
	0x1.3dea64c123422p0, 0x1.4160a21f72e2ap0, 0x1.44e086061892dp0, 0x1.486a2b5c13cd0p0,
	0x1.4bfdad5362a27p0, 0x1.4f9b2769d2ca7p0, 0x1.5342b569d4f82p0, 0x1.56f4736b527dap0,
	0x1.5ab07dd485429p0, 0x1.5e76f15ad2148p0, 0x1.6247eb03a5585p0, 0x1.6623882552225p0,
	0x1.6a09e667f3bcdp0, 0x1.6dfb23c651a2fp0, 0x1.71f75e8ec5f74p0, 0x1.75feb564267c9p0,
	0x1.7a11473eb0187p0, 0x1.7e2f336cf4e62p0, 0x1.82589994cce13p0, 0x1.868d99b4492edp0,
	0x1.8ace5422aa0dbp0, 0x1.8f1ae99157736p0, 0x1.93737b0cdc5e5p0, 0x1.97d829fde4e50p0,
	0x1.9c49182a3f090p0, 0x1.a0c667b5de565p0, 0x1.a5503b23e255dp0, 0x1.a9e6b5579fdbfp0,
	0x1.ae89f995ad3adp0, 0x1.b33a2b84f15fbp0, 0x1.b7f76f2fb5e47p0, 0x1.bcc1e904bc1d2p0,
	0x1.c199bdd85529cp0, 0x1.c67f12e57d14bp0, 0x1.cb720dcef9069p0, 0x1.d072d4a07897cp0,
	0x1.d5818dcfba487p0, 0x1.da9e603db3285p0, 0x1.dfc97337b9b5fp0, 0x1.e502ee78b3ff6p0,
	0x1.ea4afa2a490dap0, 0x1.efa1bee615a27p0, 0x1.f50765b6e4540p0, 0x1.fa7c1819e90d8p0};

#define SIMD_FILE "kernel/pairwise_simd.h"
#include "kernel/simd_levels.h"

typedef struct Loops
{
	void		(*descend) (const Pairwise *pairwise, const Triple *triples, int64_t count,
							float *difference);
	void		(*score) (const Pairwise *pairwise, int32_t user, const int32_t *items,
						  int64_t count, float *scores);
} Loops;

static const Loops all_loops[] = {
	{descend_baseline, score_baseline},
#ifdef SIMD_X86
	{descend_avx2, score_avx2},
	{descend_avx512, score_avx512},
#endif
};

void
pairwise_descend(const Pairwise *pairwise, const Triple *triples, int64_t count, float *difference)
{
	const Loops *loops = &all_loops[simd_level()];

	for (int64_t at = 0; at < count; at += POLL_TRIPLES)
	{
		loops->descend(pairwise, triples + at,
					   count - at < POLL_TRIPLES ? count - at : POLL_TRIPLES, difference + at);
		poll();
	}
}

void
pairwise_score(const Pairwise *pairwise, int32_t user, const int32_t *items, int64_t count,
			   float *scores)
{
	const Loops *loops = &all_loops[simd_level()];

	for (int64_t at = 0; at < count; at += POLL_TRIPLES)
	{
		loops->score(pairwise, user, items + at,
					 count - at < POLL_TRIPLES ? count - at : POLL_TRIPLES, scores + at);
		poll();
	}
}
