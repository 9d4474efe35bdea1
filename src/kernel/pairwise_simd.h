/*
 * pairwise_simd.h
 *	  The inner loop of pairwise.c, for one instruction set; see simd.h.
 */
#include "kernel/simd.h"

TARGET static void
NAME(descend) (const Pairwise *pairwise, const Triple *triples, int64_t count, float *difference)
{
	int			n = pairwise->n;
	int64_t		stride = pairwise->stride;
	float		rate = pairwise->rate;
	float		keep_factor = 1 - rate * pairwise->regularization;
	Vector		keep = SPLAT(keep_factor);

	for (int64_t t = 0; t < count; t++)
	{
		const Triple *now = triples + t;
		float	   *x = pairwise->users + now->user * stride;
		float	   *positive = pairwise->items + now->positive * stride;
		float	   *negative = pairwise->items + now->negative * stride;
		Vector		even = SPLAT(0);
		Vector		odd = SPLAT(0);
		Vector		step;
		float		d;
		float		g;

		if (t + PREFETCH_TRIPLES < count)
		{
			prefetch_row(pairwise->items + now[PREFETCH_TRIPLES].positive * stride, n);
			prefetch_row(pairwise->items + now[PREFETCH_TRIPLES].negative * stride, n);
		}
		for (int i = 0; i < n; i += 2 * SIMD_WIDTH)
		{
			even = MULTIPLY_ADD(LOAD(x + i), LOAD(positive + i) - LOAD(negative + i), even);
			if (i + SIMD_WIDTH < n)
				odd = MULTIPLY_ADD(LOAD(x + i + SIMD_WIDTH), LOAD(positive + i + SIMD_WIDTH) - LOAD(negative + i + SIMD_WIDTH), odd);
		}
		KEEP(even);
		KEEP(odd);
		even = even + odd;
		KEEP(even);
		d = SUM(even) + (pairwise->bias[now->positive] - pairwise->bias[now->negative]);
		difference[t] = d;
		g = 1 / (1 + expf(d));
		step = SPLAT(rate * g);
		if (pairwise->items_fixed)
		{
			for (int i = 0; i < n; i += SIMD_WIDTH)
				STORE(x + i, MULTIPLY_ADD(step, LOAD(positive + i) - LOAD(negative + i), keep * LOAD(x + i)));
			continue;
		}
		for (int i = 0; i < n; i += SIMD_WIDTH)
		{
			Vector		user = LOAD(x + i);
			Vector		preferred = LOAD(positive + i);
			Vector		other = LOAD(negative + i);

			STORE(x + i, MULTIPLY_ADD(step, preferred - other, keep * user));
			STORE(positive + i, MULTIPLY_ADD(step, user, keep * preferred));
			STORE(negative + i, MULTIPLY_SUBTRACT(step, user, keep * other));
		}
		pairwise->bias[now->positive] = keep_factor * pairwise->bias[now->positive] + rate * g;
		pairwise->bias[now->negative] = keep_factor * pairwise->bias[now->negative] - rate * g;
	}
}
