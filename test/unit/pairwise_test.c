/*
 * pairwise_test.c
 *	  Steps on pairs against the same steps in double arithmetic, with each instruction set; all
 *	  instruction sets give the same bits.
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
		triples[t].negative =
			(triples[t].positive + 1 + (int32_t) (random_bits(6, t) % (ITEMS - 1))) % ITEMS;
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

/* The results of a run: users, items and their biases, differences, and scores. */
typedef struct Outcome
{
	float		users[USERS * 256];
	float		items[ITEMS * 256];
	float		bias[ITEMS];
	float		difference[STEPS];
	float		scores[STEPS];
} Outcome;

static Outcome *
run(int level, int n, bool items_fixed)
{
	Outcome    *o = zeroed(sizeof(Outcome));
	Pairwise	pairwise = {n, 256, o->users, o->items, o->bias, 0.3f, 0.07f, items_fixed};
	Triple	   *triples = zeroed(sizeof(Triple) * STEPS);
	int32_t    *asked = zeroed(sizeof(int32_t) * STEPS);

	simd_limit(level);
	for (int f = 0; f < n; f++)
	{
		for (int i = 0; i < USERS; i++)
			o->users[i * 256 + f] = (float) random_normal(1, i * 256 + f);
		for (int i = 0; i < ITEMS; i++)
			o->items[i * 256 + f] = (float) random_normal(2, i * 256 + f);
	}
	for (int t = 0; t < STEPS; t++)
	{
		triples[t].user = (int32_t) (random_bits(4, t) % USERS);
		triples[t].positive = (int32_t) (random_bits(5, t) % ITEMS);
		triples[t].negative =
			(triples[t].positive + 1 + (int32_t) (random_bits(6, t) % (ITEMS - 1))) % ITEMS;
		asked[t] = (int32_t) (random_bits(7, t) % ITEMS);
	}
	pairwise_descend(&pairwise, triples, STEPS, o->difference);
	/* a number that is no multiple of four, as scores are computed by fours */
	pairwise_score(&pairwise, 3, asked, STEPS - 1, o->scores);
	for (int t = 0; t < STEPS - 1; t++)
	{
		double		score = o->bias[asked[t]];
		float		alone;

		for (int f = 0; f < n; f++)
			score += (double) o->users[3 * 256 + f] * o->items[asked[t] * 256 + f];
		CHECK_NEAR(o->scores[t], score, 1e-4 * (1 + fabs(score)));
		pairwise_score(&pairwise, 3, asked + t, 1, &alone);
		CHECK(alone == o->scores[t]);
	}
	free(triples);
	free(asked);
	return o;
}

static void
test_same_bits(int n, bool items_fixed)
{
	Outcome    *first = run(SIMD_BASELINE, n, items_fixed);

	for (int level = SIMD_AVX2; level <= SIMD_AVX512; level++)
	{
		Outcome    *o = run(level, n, items_fixed);

		CHECK(memcmp(o, first, sizeof(Outcome)) == 0);
		free(o);
	}
	free(first);
}

/*
 * With vectors of zeros, a rate of 1 and no regularization, an item's bias of 0 becomes 1 / (1 +
 * exp(d)), where d is minus the bias of the other item.
 */
static void
test_logistic(void)
{
	float		zeros[16] = {0};
	float		bias[2];
	Triple		triple = {0, 0, 1};
	Pairwise	pairwise = {16, 0, zeros, zeros, bias, 1, 0, false};
	float		difference;

	for (int i = -120000; i <= 120000; i++)
	{
		float		d = (float) i / 1000;
		double		expected = 1 / (1 + exp(d));

		bias[0] = 0;
		bias[1] = -d;
		pairwise_descend(&pairwise, &triple, 1, &difference);
		CHECK(difference == d);
		/* if exp(d) exceeds the range of float, it is taken as infinite */
		CHECK_NEAR(bias[0], expected, expected * 2e-7 + 1e-38);
	}
	for (int i = 0; i < 3; i++)
	{
		bias[0] = 0;
		bias[1] = i == 0 ? INFINITY : i == 1 ? -INFINITY : NAN;
		pairwise_descend(&pairwise, &triple, 1, &difference);
		CHECK(i == 0 ? bias[0] == 1 : i == 1 ? bias[0] == 0 : isnan(bias[0]));
	}
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
		test_logistic();
	}
	for (int n = 16; n <= 256; n += 16)
	{
		test_same_bits(n, false);
		test_same_bits(n, true);
	}
	return passed("pairwise");
}
