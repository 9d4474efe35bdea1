/*
 * pairwise_test.c
 *	  Steps on pairs against the same steps in double arithmetic, with each instruction set.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/pairwise.h"
#include "kernel/random.h"
#include "kernel/simd.h"

#define USERS 5
#define ITEMS 9
#define STEPS 2500

static void
test_steps(int n, bool items_fixed)
{
	int			stride = n + 16;
	float	   *users = zeroed(sizeof(float) * USERS * stride);
	float	   *items = zeroed(sizeof(float) * ITEMS * stride);
	float	   *bias = zeroed(sizeof(float) * ITEMS);
	double	   *x = zeroed(sizeof(double) * USERS * stride);
	double	   *y = zeroed(sizeof(double) * ITEMS * stride);
	double		b[ITEMS];
	Triple	   *triples = zeroed(sizeof(Triple) * STEPS);
	float	   *difference = zeroed(sizeof(float) * STEPS);
	Pairwise	pairwise = {n, stride, users, items, bias, 0.05f, 0.1f, items_fixed};

	for (int i = 0; i < USERS * stride; i++)
		x[i] = users[i] = (float) random_normal(1, i);
	for (int i = 0; i < ITEMS * stride; i++)
		y[i] = items[i] = (float) random_normal(2, i);
	for (int i = 0; i < ITEMS; i++)
		b[i] = bias[i] = (float) random_normal(3, i);
	for (int t = 0; t < STEPS; t++)
	{
		triples[t].user = (int32_t) (random_bits(4, t) % USERS);
		triples[t].positive = (int32_t) (random_bits(5, t) % ITEMS);
		triples[t].negative = (triples[t].positive + 1 + (int32_t) (random_bits(6, t) % (ITEMS - 1))) % ITEMS;
	}
	pairwise_descend(&pairwise, triples, STEPS, difference);

	for (int t = 0; t < STEPS; t++)
	{
		double	   *u = x + triples[t].user * stride;
		double	   *p = y + triples[t].positive * stride;
		double	   *q = y + triples[t].negative * stride;
		double	   *bp = b + triples[t].positive;
		double	   *bq = b + triples[t].negative;
		double		d = *bp - *bq;
		double		g;

		for (int f = 0; f < n; f++)
			d += u[f] * (p[f] - q[f]);
		CHECK_NEAR(difference[t], d, 1e-3);
		g = 1 / (1 + exp(d));
		for (int f = 0; f < n; f++)
		{
			double		uf = u[f];
			double		pf = p[f];
			double		qf = q[f];

			u[f] += 0.05 * (g * (pf - qf) - 0.1 * uf);
			if (items_fixed)
				continue;
			p[f] += 0.05 * (g * uf - 0.1 * pf);
			q[f] += 0.05 * (-g * uf - 0.1 * qf);
		}
		if (items_fixed)
			continue;
		*bp += 0.05 * (g - 0.1 * *bp);
		*bq += 0.05 * (-g - 0.1 * *bq);
	}
	for (int i = 0; i < USERS * stride; i++)
		CHECK_NEAR(users[i], x[i], 1e-3);
	for (int i = 0; i < ITEMS * stride; i++)
		CHECK_NEAR(items[i], y[i], 1e-3);
	for (int i = 0; i < ITEMS; i++)
		CHECK_NEAR(bias[i], b[i], 1e-3);
	free(users);
	free(items);
	free(bias);
	free(x);
	free(y);
	free(triples);
	free(difference);
}

int
main(void)
{
	for (int level = SIMD_BASELINE; level <= SIMD_AVX512; level++)
	{
		simd_limit(level);
		for (int n = 16; n <= 64; n += 16)
		{
			test_steps(n, false);
			test_steps(n, true);
		}
	}
	return passed("pairwise");
}
