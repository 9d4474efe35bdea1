/*
 * attention_test.c
 *	  Causal attention: by hand, against the formula in double, and the gradients against finite
 *	  differences of it.
 */
#define _POSIX_C_SOURCE 200112L
#include "gradient.h"

#include "kernel/attention.h"
#include "kernel/poll.h"

#define MOST_K 16

typedef struct Case
{
	int			n;
	int			k;
	int			heads;
	int64_t		n_qcv;
	int64_t		n_out;
	double	   *qcv;
	double	   *weight;			/* of each number of the output in the loss */
	double	   *p;				/* of one event */
	float	   *floats;
	float	   *d_out;
	float	   *probabilities;
	float	   *out;
	float	   *d_qcv;
	float	   *scratch;
} Case;

static Case *
new_case(int n, int k, int heads, double deviation)
{
	Case	   *c = zeroed(sizeof(Case));

	c->n = n;
	c->k = k;
	c->heads = heads;
	c->n_qcv = (int64_t) n * 3 * k;
	c->n_out = (int64_t) n * k;
	c->qcv = zeroed(sizeof(double) * c->n_qcv);
	c->weight = zeroed(sizeof(double) * c->n_out);
	c->p = zeroed(sizeof(double) * n);
	c->floats = zeroed(sizeof(float) * c->n_qcv);
	c->d_out = zeroed(sizeof(float) * c->n_out);
	c->probabilities = zeroed(sizeof(float) * attention_probabilities(n, heads));
	c->out = zeroed(sizeof(float) * c->n_out);
	c->d_qcv = zeroed(sizeof(float) * c->n_qcv);
	c->scratch = zeroed(sizeof(float) * ATTENTION_BLOCK * n);
	fill_normal(1, deviation, c->n_qcv, c->qcv, c->floats);
	fill_normal(2, 1, c->n_out, c->weight, c->d_out);
	return c;
}

static void
free_case(Case *c)
{
	free(c->qcv);
	free(c->weight);
	free(c->p);
	free(c->floats);
	free(c->d_out);
	free(c->probabilities);
	free(c->out);
	free(c->d_qcv);
	free(c->scratch);
	free(c);
}

/* Anything may have been left in the room for results. */
static void
forward(Case *c)
{
	memset(c->probabilities, 0xff, sizeof(float) * attention_probabilities(c->n, c->heads));
	memset(c->out, 0xff, sizeof(float) * c->n_out);
	attention_forward(c->floats, c->n, c->k, c->heads, c->probabilities, c->out);
}

static void
backward(Case *c)
{
	memset(c->d_qcv, 0xff, sizeof(float) * c->n_qcv);
	memset(c->scratch, 0xff, sizeof(float) * ATTENTION_BLOCK * c->n);
	attention_backward(c->floats, c->n, c->k, c->heads, c->probabilities, c->d_out, c->d_qcv,
					   c->scratch);
}

/* The output of event t, by the formula. */
static void
reference(const Case *c, int t, double *out)
{
	const double *q = c->qcv + (int64_t) t * 3 * c->k;

	for (int h = 0; h < c->heads; h++)
	{
		int			begin = c->k * h / c->heads;
		int			end = c->k * (h + 1) / c->heads;
		double		largest = -INFINITY;
		double		sum = 0;

		for (int s = 0; s <= t; s++)
		{
			const double *key = c->qcv + (int64_t) s * 3 * c->k + c->k;
			double		score = 0;

			for (int j = begin; j < end; j++)
				score += q[j] * key[j];
			c->p[s] = score / sqrt(end - begin);
			largest = fmax(largest, c->p[s]);
		}
		for (int s = 0; s <= t; s++)
			sum += c->p[s] = exp(c->p[s] - largest);
		for (int j = begin; j < end; j++)
		{
			out[j] = 0;
			for (int s = 0; s <= t; s++)
				out[j] += c->p[s] / sum * c->qcv[((int64_t) s * 3 + 2) * c->k + j];
		}
	}
}

static double
loss_of(const void *of)
{
	const Case *c = of;
	double		loss = 0;
	double		out[MOST_K];

	for (int t = 0; t < c->n; t++)
	{
		reference(c, t, out);
		for (int j = 0; j < c->k; j++)
			loss += c->weight[(int64_t) t * c->k + j] * out[j];
	}
	return loss;
}

/*
 * Outputs are means of normal numbers, with the error of a float, 6e-8, and that of the weights in
 * the mean: 3e-7 by the exponential function, and the error of the score, of some 1e-6.
 */
#define OUT_TOLERANCE 3e-6

/*
 * Gradients of keys and values are sums over all later events, of numbers with such errors; the
 * largest are below 10.
 */
#define GRADIENT_TOLERANCE 2e-5

static void
test_case(int n, int k, int heads, int every)
{
	Case	   *c = new_case(n, k, heads, 1);

	forward(c);
	for (int t = 0; t < n; t++)
	{
		double		expected[MOST_K];

		reference(c, t, expected);
		for (int j = 0; j < k; j++)
			CHECK_NEAR(c->out[(int64_t) t * k + j], expected[j], OUT_TOLERANCE);
	}
	/* probabilities of the events so far add up to 1, and those of the block's others are zero */
	for (int64_t row = 0; row < (int64_t) heads * n; row++)
	{
		const float *p = c->probabilities + row * n;
		int			t = (int) (row % n);
		int			block_end = (t / ATTENTION_BLOCK + 1) * ATTENTION_BLOCK;
		double		sum = 0;

		for (int s = 0; s <= t; s++)
			sum += p[s];
		CHECK_NEAR(sum, 1, 1e-6);
		for (int s = t + 1; s < n && s < block_end; s++)
			CHECK(p[s] == 0);
	}
	backward(c);
	check_gradient(loss_of, c, c->qcv, c->n_qcv, every, c->d_qcv, GRADIENT_TOLERANCE);
	free_case(c);
}

/* A later event, whatever it is, changes not a bit of outputs and gradients of those before. */
static void
test_causal(int n, int changed)
{
	Case	   *c = new_case(n, 7, 3, 1);
	float	   *out = zeroed(sizeof(float) * c->n_out);
	float	   *d_qcv = zeroed(sizeof(float) * c->n_qcv);

	/* the loss is of the events before */
	memset(c->d_out + changed * c->k, 0, sizeof(float) * (n - changed) * c->k);
	forward(c);
	backward(c);
	memcpy(out, c->out, sizeof(float) * c->n_out);
	memcpy(d_qcv, c->d_qcv, sizeof(float) * c->n_qcv);
	for (int i = 0; i < 3 * c->k; i++)
		c->floats[(int64_t) changed * 3 * c->k + i] = (float) (i % 5 - 2) * 1e3f;
	forward(c);
	backward(c);
	CHECK(memcmp(out, c->out, sizeof(float) * changed * c->k) == 0);
	CHECK(memcmp(out + changed * c->k, c->out + changed * c->k, sizeof(float) * c->k) != 0);
	CHECK(memcmp(d_qcv, c->d_qcv, sizeof(float) * changed * 3 * c->k) == 0);
	for (int64_t i = (int64_t) changed * 3 * c->k; i < c->n_qcv; i++)
		CHECK(c->d_qcv[i] == 0);
	free(out);
	free(d_qcv);
	free_case(c);
}

/*
 * attention_last() multiplies a vector where attention_forward() multiplies matrices, which may add
 * in another order: the same within the rounding of both.
 */
static void
test_last(int n, int k, int heads)
{
	Case	   *c = new_case(n, k, heads, 1);
	float	   *probabilities = zeroed(sizeof(float) * n);
	float	   *out = zeroed(sizeof(float) * k);
	double		expected[MOST_K];

	memset(probabilities, 0xff, sizeof(float) * n);
	memset(out, 0xff, sizeof(float) * k);
	forward(c);
	reference(c, n - 1, expected);
	attention_last(c->floats, n, k, heads, probabilities, out);
	for (int j = 0; j < k; j++)
	{
		CHECK_NEAR(out[j], expected[j], OUT_TOLERANCE);
		CHECK_NEAR(out[j], c->out[(int64_t) (n - 1) * k + j], 1e-6);
	}
	free(probabilities);
	free(out);
	free_case(c);
}

/*
 * Two events, one head of width 1. The first has only itself: its value 4. The second has q = 1,
 * and the keys are 0 and ln 3: the probabilities are 1/4 and 3/4, and of the values 4 and 8 that
 * makes 7.
 *
 * With the gradient 1 of the second output: of the values 1/4 and 3/4; of the scores 1/4 (4 - 7) =
 * -3/4 and 3/4 (8 - 7) = 3/4; of q 3/4 ln 3, of the keys -3/4 and 3/4.
 */
static void
test_by_hand(void)
{
	Case	   *c = new_case(2, 1, 1, 1);
	const float ln3 = 1.098612289f;
	const float qcv[] = {5, 0, 4, 1, ln3, 8};

	memcpy(c->floats, qcv, sizeof(qcv));
	c->d_out[0] = 0;
	c->d_out[1] = 1;
	forward(c);
	CHECK_NEAR(c->out[0], 4, 1e-6);
	CHECK_NEAR(c->out[1], 7, 2e-6);
	backward(c);
	CHECK_NEAR(c->d_qcv[0], 0, 0);
	CHECK_NEAR(c->d_qcv[1], -0.75, 1e-6);
	CHECK_NEAR(c->d_qcv[2], 0.25, 1e-6);
	CHECK_NEAR(c->d_qcv[3], 0.75 * ln3, 1e-6);
	CHECK_NEAR(c->d_qcv[4], 0.75, 1e-6);
	CHECK_NEAR(c->d_qcv[5], 0.75, 1e-6);
	free_case(c);
}

/* Scores of any size make probabilities: of the largest, all; of equal ones, the same. */
static void
test_large(void)
{
	enum
	{
		EVENTS = 70
	};
	Case	   *c = new_case(EVENTS, 4, 2, 1);

	for (int64_t i = 0; i < c->n_qcv; i++)
		c->floats[i] = c->floats[i] * 1e15f;
	forward(c);
	backward(c);
	for (int64_t i = 0; i < c->n_out; i++)
		CHECK(isfinite(c->out[i]) && fabs(c->out[i]) < 1e16);
	/* of two heads, of 70 events each, each attends to a single one */
	for (int64_t row = 0; row < 2 * EVENTS; row++)
	{
		float		largest = 0;

		for (int s = 0; s <= row % EVENTS; s++)
			largest = fmaxf(largest, c->probabilities[row * EVENTS + s]);
		CHECK(largest == 1);
	}
	for (int64_t i = 0; i < c->n_qcv; i++)
		CHECK(isfinite(c->d_qcv[i]));
	for (int64_t i = 0; i < c->n_qcv; i++)
		c->floats[i] = i / c->k % 3 == 2 ? (float) (i / (3 * c->k)) : 0;
	forward(c);
	for (int t = 0; t < EVENTS; t++)
		CHECK_NEAR(c->out[t * c->k], t / 2.0, 1e-5 * EVENTS);
	free_case(c);
}

static int	n_polls;

static void
count_poll(void)
{
	n_polls++;
}

/* The caller is asked once for each block of each head. */
static void
test_poll(void)
{
	Case	   *c = new_case(2 * ATTENTION_BLOCK + 1, 4, 2, 1);

	poll_hook = count_poll;
	n_polls = 0;
	forward(c);
	CHECK(n_polls == 6);
	n_polls = 0;
	backward(c);
	CHECK(n_polls == 6);
	poll_hook = NULL;
	free_case(c);
}

int
main(void)
{
	static const int lengths[] = {1, 2, 63, 64, 65, 200};
	static const int heads[][2] = {{1, 1}, {5, 1}, {8, 2}, {7, 3}, {5, 4}, {16, 16}};

	test_by_hand();
	for (int i = 0; i < 6; i++)
	{
		int			n = lengths[i];

		for (int h = 0; h < 6; h++)
		{
			/* all numbers of short sequences, of long ones some: the reference is slow */
			test_case(n, heads[h][0], heads[h][1], n < 10 ? 1 : n < 100 ? 53 : 499);
			test_last(n, heads[h][0], heads[h][1]);
		}
	}
	test_case(9, 7, 3, 1);
	test_causal(10, 9);
	test_causal(10, 4);
	test_causal(130, 64);
	test_causal(130, 100);
	test_large();
	test_poll();
	return passed("attention");
}
