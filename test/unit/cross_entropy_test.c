/*
 * cross_entropy_test.c
 *	  The cross-entropy of the softmax over all items and over a sample: by hand, against the
 *	  formula in double, and the gradients against finite differences of it.
 */
#define _POSIX_C_SOURCE 200112L
#include <stdbool.h>

#include "gradient.h"

#include "kernel/cross_entropy.h"
#include "kernel/poll.h"

typedef struct Case
{
	int			k;
	int64_t		stride;
	int64_t		n_items;		/* those that have an embedding */
	int64_t		n_candidates;
	int			n;				/* outputs */
	int32_t    *targets;
	double	   *h;				/* n x k */
	double	   *embeddings;		/* n_items x k */
	double	   *bias;
	double	   *correction;		/* NULL: none */
	double	   *scores;
	float		weight;
	float	   *float_h;
	float	   *float_embeddings;	/* stride apart */
	float	   *float_bias;
	float	   *float_correction;
	float	   *d_h;
	float	   *d_embeddings;
	float	   *d_bias;
} Case;

static Case *
new_case(int k, int64_t stride, int64_t n_items, int64_t n_candidates, int n, bool corrected)
{
	Case	   *c = zeroed(sizeof(Case));

	c->k = k;
	c->stride = stride;
	c->n_items = n_items;
	c->n_candidates = n_candidates;
	c->n = n;
	c->weight = 0.25f;
	c->targets = zeroed(sizeof(int32_t) * n);
	c->h = zeroed(sizeof(double) * n * k);
	c->embeddings = zeroed(sizeof(double) * n_items * k);
	c->bias = zeroed(sizeof(double) * n_items);
	c->scores = zeroed(sizeof(double) * n_items);
	c->float_h = zeroed(sizeof(float) * n * k);
	c->float_embeddings = zeroed(sizeof(float) * n_items * stride);
	c->float_bias = zeroed(sizeof(float) * n_items);
	c->d_h = zeroed(sizeof(float) * n * k);
	c->d_embeddings = zeroed(sizeof(float) * n_items * k);
	c->d_bias = zeroed(sizeof(float) * n_items);
	memset(c->d_h, 0xff, sizeof(float) * n * k);
	fill_normal(1, 1, (int64_t) n * k, c->h, c->float_h);
	fill_normal(2, 1, n_items * k, c->embeddings, c->d_embeddings);
	fill_normal(3, 1, n_items, c->bias, c->float_bias);
	for (int64_t i = 0; i < n_items * stride; i++)
		c->float_embeddings[i] =
			i % stride < k ? c->d_embeddings[i / stride * k + i % stride] : NAN;
	memset(c->d_embeddings, 0, sizeof(float) * n_items * k);
	if (corrected)
	{
		/* of probabilities down to e^-6 */
		c->correction = zeroed(sizeof(double) * n_candidates);
		c->float_correction = zeroed(sizeof(float) * n_candidates);
		for (int64_t j = 0; j < n_candidates; j++)
			c->correction[j] = c->float_correction[j] = (float) (6 * random_uniform(4, j));
	}
	for (int r = 0; r < n; r++)
		c->targets[r] = (int32_t) (random_bits(5, (uint64_t) r) % (uint64_t) n_items);
	return c;
}

static void
free_case(Case *c)
{
	free(c->targets);
	free(c->h);
	free(c->embeddings);
	free(c->bias);
	free(c->correction);
	free(c->scores);
	free(c->float_h);
	free(c->float_embeddings);
	free(c->float_bias);
	free(c->float_correction);
	free(c->d_h);
	free(c->d_embeddings);
	free(c->d_bias);
	free(c);
}

/* Adds the gradients of the loss, which is returned. */
static double
run(Case *c)
{
	size_t		bytes = cross_entropy_scratch(c->n_candidates);
	void	   *scratch = zeroed(bytes);
	Candidates	candidates = {c->k,			 c->stride,		c->n_candidates,
							  c->float_embeddings, c->float_bias, c->float_correction};
	double		loss;

	memset(scratch, 0xff, bytes);
	loss = cross_entropy(&candidates, c->float_h, c->targets, c->n, c->weight, c->d_h,
						 c->d_embeddings, c->d_bias, scratch);
	free(scratch);
	return loss;
}

static double
score(const Case *c, int r, int64_t item)
{
	double		s = c->bias[item];

	for (int f = 0; f < c->k; f++)
		s += c->h[r * c->k + f] * c->embeddings[item * c->k + f];
	return s;
}

/* The sum of the losses of all outputs, by the formula. */
static double
reference(const Case *c)
{
	double		loss = 0;

	for (int r = 0; r < c->n; r++)
	{
		double		own = score(c, r, c->targets[r]);
		double		sum = exp(own);

		for (int64_t j = 0; j < c->n_candidates; j++)
		{
			if (j != c->targets[r])
				sum += exp(score(c, r, j) + (c->correction == NULL ? 0 : c->correction[j]));
		}
		loss += log(sum) - own;
	}
	return loss;
}

static double
weighed_loss(const void *of)
{
	return ((const Case *) of)->weight * reference(of);
}

/*
 * Gradients are sums over at most 150 outputs of a probability times a number of about 1, each with
 * an error of 1e-6: those of the score, of up to 10, and of fast_exp.
 */
#define TOLERANCE 2e-5

static void
test_case(int k, int64_t stride, int64_t n_items, int64_t n_candidates, int n, bool corrected,
		  int every)
{
	Case	   *c = new_case(k, stride, n_items, n_candidates, n, corrected);
	double		expected = reference(c);
	int			n_outside = 0;

	for (int r = 0; r < n; r++)
		n_outside += c->targets[r] >= n_candidates;
	CHECK(n_items == n_candidates ? n_outside == 0 : n < 10 || (n_outside > 0 && n_outside < n));
	CHECK_NEAR(run(c), expected, 2e-6 * fmax(1, expected));
	check_gradient(weighed_loss, c, c->h, (int64_t) n * k, every, c->d_h, TOLERANCE);
	check_gradient(weighed_loss, c, c->embeddings, n_items * k, every, c->d_embeddings, TOLERANCE);
	check_gradient(weighed_loss, c, c->bias, n_items, every, c->d_bias, TOLERANCE);

	/* those of the items are added, those of the outputs are set */
	CHECK_NEAR(run(c), expected, 2e-6 * fmax(1, expected));
	for (int64_t i = 0; i < n_items * k; i++)
		c->d_embeddings[i] /= 2;
	for (int64_t i = 0; i < n_items; i++)
		c->d_bias[i] /= 2;
	check_gradient(weighed_loss, c, c->h, (int64_t) n * k, every, c->d_h, TOLERANCE);
	check_gradient(weighed_loss, c, c->embeddings, n_items * k, every, c->d_embeddings, TOLERANCE);
	check_gradient(weighed_loss, c, c->bias, n_items, every, c->d_bias, TOLERANCE);
	free_case(c);
}

/*
 * h = 1, and the embeddings ln 1, ln 2, ln 5: the exponentials are 1, 2, 5, whose sum is 8. Of
 * target 1 the loss is ln(8 / 2) = ln 4, and the gradients of the scores, which are those of the
 * biases and of the embeddings, are 1/8, 2/8 - 1 and 5/8. Of h: -3/4 ln 2 + 5/8 ln 5 = 0.486039.
 */
static void
test_all_by_hand(void)
{
	const float h = 1;
	const float embeddings[] = {0, 0.6931471806f, 1.609437912f};
	const float bias[3] = {0};
	const int32_t target = 1;
	Candidates	all = {1, 1, 3, embeddings, bias, NULL};
	float		d_h;
	float		d_embeddings[3] = {0};
	float		d_bias[3] = {0};
	void	   *scratch = zeroed(cross_entropy_scratch(3));

	CHECK_NEAR(cross_entropy(&all, &h, &target, 1, 1, &d_h, d_embeddings, d_bias, scratch),
			   1.386294, 1e-6);
	CHECK_NEAR(d_h, 0.486039, 1e-6);
	CHECK_NEAR(d_bias[0], 0.125, 1e-6);
	CHECK_NEAR(d_bias[1], -0.75, 1e-6);
	CHECK_NEAR(d_bias[2], 0.625, 1e-6);
	CHECK(memcmp(d_bias, d_embeddings, sizeof(d_bias)) == 0);
	free(scratch);
}

/*
 * The same with the first two as the sample, each in it with probability 1/2. Of target 2, which is
 * outside: the sum is 5 + 1 / 0.5 + 2 / 0.5 = 11, the loss ln(11/5), and the gradients 2/11, 4/11,
 * 5/11 - 1. Of target 1, which is in the sample and not corrected: the sum is 2 + 1 / 0.5 = 4, the
 * loss ln 2, and the gradients 1/2 and 1/2 - 1.
 */
static void
test_sample_by_hand(void)
{
	const float h = 1;
	const float embeddings[] = {0, 0.6931471806f, 1.609437912f};
	const float bias[3] = {0};
	const float correction[] = {0.6931471806f, 0.6931471806f};
	Candidates	some = {1, 1, 2, embeddings, bias, correction};
	void	   *scratch = zeroed(cross_entropy_scratch(2));

	for (int32_t target = 1; target <= 2; target++)
	{
		float		d_h;
		float		d_embeddings[3] = {0};
		float		d_bias[3] = {0};
		double		loss =
			cross_entropy(&some, &h, &target, 1, 1, &d_h, d_embeddings, d_bias, scratch);

		CHECK_NEAR(loss, target == 2 ? 0.788457 : 0.693147, 1e-6);
		CHECK_NEAR(d_bias[0], target == 2 ? 2 / 11.0 : 0.5, 1e-6);
		CHECK_NEAR(d_bias[1], target == 2 ? 4 / 11.0 : -0.5, 1e-6);
		CHECK_NEAR(d_bias[2], target == 2 ? -6 / 11.0 : 0, 1e-6);
		CHECK_NEAR(d_h, d_bias[1] * 0.693147 + d_bias[2] * 1.609438, 1e-6);
	}
	free(scratch);
}

/*
 * The sum in the logarithm, over all samples with their probabilities, is in the mean that over all
 * items: exactly, of a catalogue of six. A sample without candidates has the target alone.
 */
static void
test_unbiased(void)
{
	enum
	{
		ITEMS = 6, K = 3
	};
	static const double inclusion[ITEMS] = {0.1, 0.9, 0.5, 0.3, 1, 0.02};
	Case	   *all = new_case(K, K, ITEMS, ITEMS, 1, false);

	for (int32_t target = 0; target < ITEMS; target++)
	{
		double		full = 0;
		double		mean = 0;
		double		total = 0;

		for (int i = 0; i < ITEMS; i++)
			full += exp(score(all, 0, i));
		for (int subset = 0; subset < 1 << ITEMS; subset++)
		{
			Case	   *some;
			double		probability = 1;
			int			order[ITEMS];
			int			n = 0;
			int			in = 0;
			double		loss = 0;

			for (int i = 0; i < ITEMS; i++)
			{
				bool		has = subset >> i & 1;

				probability *= has ? inclusion[i] : 1 - inclusion[i];
				in += has;
			}
			total += probability;
			if (probability == 0)
				continue;
			/* first those of the sample, then the others */
			for (int pass = 0; pass < 2; pass++)
			{
				for (int i = 0; i < ITEMS; i++)
				{
					if ((subset >> i & 1) == 1 - pass)
						order[n++] = i;
				}
			}
			some = new_case(K, K, ITEMS, in > 0 ? in : 1, 1, true);
			for (int i = 0; i < ITEMS; i++)
			{
				memcpy(some->float_embeddings + i * K, all->float_embeddings + order[i] * K,
					   sizeof(float) * K);
				some->float_bias[i] = all->float_bias[order[i]];
				if (order[i] == target)
					some->targets[0] = i;
				if (i < in)
					some->float_correction[i] = (float) -log(inclusion[order[i]]);
			}
			if (in > 0)
				loss = run(some);
			mean += probability * exp(loss + score(all, 0, target));
			free_case(some);
		}
		CHECK_NEAR(total, 1, 1e-12);
		CHECK_NEAR(mean, full, 1e-5 * full);
	}
	free_case(all);
}

/*
 * Scratch for some candidates is enough for fewer, which a sample without repetition may have; and
 * it is bounded.
 */
static void
test_scratch(void)
{
	size_t		before = 0;

	for (int64_t n = 1; n < 600000; n++)
	{
		size_t		bytes = cross_entropy_scratch(n);

		CHECK(bytes >= before);
		before = bytes;
	}
	CHECK(cross_entropy_scratch(65536) <= 4 * 1024 * 1024);
}

/* With the scratch for one more, as many outputs as are computed at once. */
static void
test_fewer_candidates(void)
{
	enum
	{
		CANDIDATES = 4095
	};
	Case	   *c = new_case(1, 1, CANDIDATES, CANDIDATES, 128, false);
	Candidates	candidates = {1, 1, CANDIDATES, c->float_embeddings, c->float_bias, NULL};
	void	   *scratch = zeroed(cross_entropy_scratch(CANDIDATES + 1));
	double		expected = reference(c);

	CHECK_NEAR(cross_entropy(&candidates, c->float_h, c->targets, c->n, c->weight, c->d_h,
							 c->d_embeddings, c->d_bias, scratch),
			   expected, 2e-6 * fmax(1, expected));
	free(scratch);
	free_case(c);
}

/* Scores of any size that a float holds: the loss is their difference, and is never NaN. */
static void
test_large(void)
{
	for (int sign = -1; sign <= 1; sign += 2)
	{
		Case	   *c = new_case(1, 1, 20, 20, 1, false);
		double		loss;

		for (int j = 0; j < 20; j++)
		{
			c->float_embeddings[j] = 0;
			c->float_bias[j] = j == 3 ? sign * 1e30f : 0;
		}
		c->targets[0] = 3;
		loss = run(c);
		CHECK(sign > 0 ? loss == 0 : loss > 9e29 && loss < 1.1e30);
		CHECK_NEAR(c->d_bias[3], sign > 0 ? 0 : -c->weight, 1e-7);
		CHECK_NEAR(c->d_bias[0], sign > 0 ? 0 : c->weight / 19, 1e-7);
		free_case(c);
	}
}

static int	n_polls;

static void
count_poll(void)
{
	n_polls++;
}

int
main(void)
{
	test_all_by_hand();
	test_sample_by_hand();
	test_unbiased();
	test_scratch();
	test_fewer_candidates();
	test_large();
	for (int corrected = 0; corrected < 2; corrected++)
	{
		/* all items */
		test_case(1, 1, 1, 1, 1, corrected, 1);
		test_case(3, 5, 7, 7, 4, corrected, 1);
		test_case(16, 16, 40, 40, 9, corrected, 1);
		/* a sample; targets outside have places behind it */
		test_case(3, 3, 9, 4, 10, corrected, 1);
		test_case(5, 16, 60, 33, 20, corrected, 1);
		/* more outputs than are computed at once: 128, and of many candidates fewer */
		test_case(2, 2, 30, 20, 150, corrected, 7);
		test_case(2, 2, 6000, 5000, 110, corrected, 1301);
	}
	poll_hook = count_poll;
	n_polls = 0;
	{
		Case	   *c = new_case(1, 1, 3, 3, 129, false);

		run(c);
		free_case(c);
	}
	/* two pieces of outputs */
	CHECK(n_polls == 2 * 4);
	poll_hook = NULL;
	return passed("cross_entropy");
}
