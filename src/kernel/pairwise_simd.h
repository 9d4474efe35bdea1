/*
 * pairwise_simd.h
 *	  The inner loops of pairwise.c, for one instruction set; see simd.h.
 *
 * Unlike other kernels, these give the same bits on each instruction set: see pairwise.h. So sums
 * are of the same LANES whatever the width of a vector, and each product is rounded before it is
 * added to a sum, as not every processor has a fused multiply-add.
 */
#include "kernel/simd.h"

/* Vectors that hold LANES numbers. */
#undef LANE_VECTORS
#define LANE_VECTORS (LANES / SIMD_WIDTH)

/* sum + a b, rounded twice. The compiler neither merges nor moves the operations. */
INLINE Vector
NAME(add_product) (Vector sum, Vector a, Vector b)
{
	Vector		product = a * b;

	KEEP(product);
	sum = sum + product;
	KEEP(sum);
	return sum;
}

/* keep a + step b */
INLINE Vector
NAME(stepped) (Vector keep, Vector a, Vector step, Vector b)
{
	Vector		kept = keep * a;

	KEEP(kept);
	return NAME(add_product) (kept, step, b);
}

INLINE float
NAME(stepped_number) (float keep, float a, float step)
{
	float		kept = keep * a;

	KEEP(kept);
	return kept + step;
}

/*
 * The sums of LANES numbers each, all in one order: first numbers that are LANES / 2 apart are
 * added, and so on down to neighbours. n_sums is 1, or 4 where a vector has LANES / 2 or LANES
 * numbers.
 */
INLINE void
NAME(sum_lanes) (Vector (*v)[LANE_VECTORS], const int n_sums, float *out)
{
	UNROLL for (int s = 0; s < n_sums; s++)
		UNROLL for (int i = 0; i < LANE_VECTORS / 2; i++)
		{
			v[s][i] = v[s][i] + v[s][i + LANE_VECTORS / 2];
			KEEP(v[s][i]);
		}
#if SIMD_WIDTH < LANES / 2
	UNROLL for (int s = 0; s < n_sums; s++)
	{
		float		sum[2];

		UNROLL for (int i = 0; i < 2; i++)
		{
			float		first = v[s][i][0] + v[s][i][1];
			float		second = v[s][i][2] + v[s][i][3];

			KEEP(first);
			KEEP(second);
			sum[i] = first + second;
			KEEP(sum[i]);
		}
		sum[0] += sum[1];
		KEEP(sum[0]);
		out[s] = sum[0];
	}
#else
	if (n_sums == 4)
		SUM4(v[0][0], v[1][0], v[2][0], v[3][0], out);
	else
	{
		float		sum = SUM(v[0][0]);

		KEEP(sum);
		out[0] = sum;
	}
#endif
}

/*
 * 1 / (1 + exp(d)), to about the precision of a float. The C library's exp differs in last bits
 * from one processor to another. So here 2^((k + r) / POWERS), with k an integer and |r| at most
 * 1/2, is 2^(k / POWERS), from a table and an exponent, times 1 + r c + (r c)^2 / 2, with c = ln 2
 * / POWERS. The next step waits for this result, so as much as possible is computed side by side.
 */
INLINE float
NAME(logistic_of_negated) (float d)
{
	double		scaled = d * (1 / POWER_LOGARITHM);
	double		shifted;
	double		k;
	double		r;
	double		square;
	double		linear;
	double		power;
	int64_t		bits;
	int64_t		power_bits;

	/* beyond this the result is 0 or 1 in float arithmetic; NaN stays NaN */
	if (!(fabsf(d) < 88))
		return d > 0 ? 0 : d < 0 ? 1 : d;
	KEEP(scaled);
	/*
	 * adding so large a number rounds away the fraction, and leaves the integer in the lowest bits
	 */
	shifted = scaled + 0x1.8p52;
	KEEP(shifted);
	k = shifted - 0x1.8p52;
	KEEP(k);
	r = scaled - k;
	KEEP(r);
	memcpy(&bits, &shifted, sizeof(bits));
	memcpy(&power_bits, &powers[bits & (POWERS - 1)], sizeof(power_bits));
	/* k / POWERS, rounded down, is added to the exponent */
	power_bits += (int64_t) ((uint64_t) (bits & ~(int64_t) (POWERS - 1)) << (52 - POWERS_BITS));
	memcpy(&power, &power_bits, sizeof(power));
	square = r * r;
	KEEP(square);
	square *= POWER_LOGARITHM * POWER_LOGARITHM / 2;
	KEEP(square);
	linear = r * POWER_LOGARITHM;
	KEEP(linear);
	linear += 1;
	KEEP(linear);
	power *= square + linear;
	KEEP(power);
	return 1 / (1 + (float) power);
}

TARGET static void
NAME(descend) (const Pairwise *pairwise, const Triple *triples, int64_t count, float *difference)
{
	int			n = pairwise->n;
	int64_t		stride = pairwise->stride;
	float		rate = pairwise->rate;
	float		decay = rate * pairwise->regularization;
	float		keep_factor;
	Vector		keep;

	KEEP(decay);
	keep_factor = 1 - decay;
	keep = SPLAT(keep_factor);
	for (int64_t t = 0; t < count; t++)
	{
		const Triple *now = triples + t;
		float	   *x = pairwise->users + now->user * stride;
		float	   *positive = pairwise->items + now->positive * stride;
		float	   *negative = pairwise->items + now->negative * stride;
		Vector		even[1][LANE_VECTORS];
		Vector		odd[LANE_VECTORS];
		Vector		step;
		float		bias;
		float		d;
		float		along;

		if (t + PREFETCH_TRIPLES < count)
		{
			prefetch_row(pairwise->items + now[PREFETCH_TRIPLES].positive * stride, n);
			prefetch_row(pairwise->items + now[PREFETCH_TRIPLES].negative * stride, n);
		}
		UNROLL for (int v = 0; v < LANE_VECTORS; v++)
			even[0][v] = odd[v] = SPLAT(0);
		for (int i = 0; i < n; i += 2 * LANES)
		{
			UNROLL for (int v = 0; v < LANE_VECTORS; v++)
			{
				int			at = i + v * SIMD_WIDTH;

				even[0][v] = NAME(add_product)(even[0][v], LOAD(x + at),
											   LOAD(positive + at) - LOAD(negative + at));
			}
			if (i + LANES < n)
			{
				UNROLL for (int v = 0; v < LANE_VECTORS; v++)
				{
					int			at = i + LANES + v * SIMD_WIDTH;

					odd[v] = NAME(add_product)(odd[v], LOAD(x + at),
											   LOAD(positive + at) - LOAD(negative + at));
				}
			}
		}
		UNROLL for (int v = 0; v < LANE_VECTORS; v++)
		{
			even[0][v] = even[0][v] + odd[v];
			KEEP(even[0][v]);
		}
		bias = pairwise->bias[now->positive] - pairwise->bias[now->negative];
		KEEP(bias);
		NAME(sum_lanes) (even, 1, &d);
		d += bias;
		KEEP(d);
		difference[t] = d;
		along = rate * NAME(logistic_of_negated) (d);
		KEEP(along);
		step = SPLAT(along);
		if (pairwise->items_fixed)
		{
			for (int i = 0; i < n; i += SIMD_WIDTH)
				STORE(x + i, NAME(stepped)(keep, LOAD(x + i), step,
										   LOAD(positive + i) - LOAD(negative + i)));
			continue;
		}
		for (int i = 0; i < n; i += SIMD_WIDTH)
		{
			Vector		user = LOAD(x + i);
			Vector		preferred = LOAD(positive + i);
			Vector		other = LOAD(negative + i);
			Vector		added = step * user;
			Vector		kept = keep * preferred;
			Vector		kept_other = keep * other;

			KEEP(added);
			KEEP(kept);
			KEEP(kept_other);
			STORE(x + i, NAME(stepped) (keep, user, step, preferred - other));
			STORE(positive + i, kept + added);
			STORE(negative + i, kept_other - added);
		}
		pairwise->bias[now->positive] =
			NAME(stepped_number)(keep_factor, pairwise->bias[now->positive], along);
		pairwise->bias[now->negative] =
			NAME(stepped_number)(keep_factor, pairwise->bias[now->negative], -along);
	}
}

/* As many items are scored at once as there are registers for their sums. */
#undef ROWS_AT_ONCE
#define ROWS_AT_ONCE (LANE_VECTORS > 2 ? 2 : 4)

INLINE void
NAME(score_some)(const Pairwise *pairwise, const float *x, const int32_t *items, const int n_rows,
				 float *scores)
{
	const float *row[ROWS_AT_ONCE];
	Vector		sum[ROWS_AT_ONCE][LANE_VECTORS];

	UNROLL for (int r = 0; r < n_rows; r++)
	{
		row[r] = pairwise->items + items[r] * pairwise->stride;
		UNROLL for (int v = 0; v < LANE_VECTORS; v++)
			sum[r][v] = SPLAT(0);
	}
	for (int i = 0; i < pairwise->n; i += LANES)
	{
		UNROLL for (int v = 0; v < LANE_VECTORS; v++)
		{
			Vector		factors = LOAD(x + i + v * SIMD_WIDTH);

			UNROLL for (int r = 0; r < n_rows; r++) sum[r][v] =
				NAME(add_product)(sum[r][v], factors, LOAD(row[r] + i + v * SIMD_WIDTH));
		}
	}
	NAME(sum_lanes) (sum, n_rows, scores);
	UNROLL for (int r = 0; r < n_rows; r++)
		scores[r] += pairwise->bias[items[r]];
}

TARGET static void
NAME(score)(const Pairwise *pairwise, int32_t user, const int32_t *items, int64_t count,
			float *scores)
{
	const float *x = pairwise->users + user * pairwise->stride;
	int64_t		j = 0;

	for (; j + ROWS_AT_ONCE <= count; j += ROWS_AT_ONCE)
	{
		for (int64_t next = j + PREFETCH_ROWS;
			 next < j + PREFETCH_ROWS + ROWS_AT_ONCE && next < count; next++)
			vector_prefetch(pairwise->items + items[next] * pairwise->stride, pairwise->n);
		NAME(score_some) (pairwise, x, items + j, ROWS_AT_ONCE, scores + j);
	}
	for (; j < count; j++)
		NAME(score_some) (pairwise, x, items + j, 1, scores + j);
}
