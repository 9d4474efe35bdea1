/*
 * architecture_test.c
 *	  The architectures of networks: outputs and gradients as PyTorch computes them
 *	  (reference/networks.py), and what all must do alike.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "algorithm/cells.h"
#include "kernel/random.h"
#include "kernel/vector.h"
#include "reference/networks.h"

extern const Architecture caser_architecture;

typedef struct Case
{
	const Architecture *architecture;
	NetworkOptions options;
	Sequences	sequences;
	int32_t    *begin;
	Weights		places[MOST_WEIGHTS];
	int			n_places;
	int64_t		n_weights;		/* numbers, with gaps */
	int64_t		n;				/* numbers of x */
	float	   *weights;
	float	   *d_weights;
	float	   *x;
	float	   *overwritten;	/* room for x, or d_outputs */
	float	   *outputs;
	float	   *factors;		/* of the outputs in the loss */
	float	   *d_x;
	Dropout		dropout;
} Case;

/* The same in reference/networks.py. */
static float
value(uint32_t salt, uint32_t i)
{
	uint32_t	bits = i * UINT32_C(2654435761) + salt * UINT32_C(2654435769);

	return (float) (bits >> 16) / 32768 - 1;
}

/* The weights are up to `scale`. */
static Case *
new_case(const Architecture *architecture, int k, int layers, int window, float scale,
		 const int *lengths, int n_sequences)
{
	Case	   *c = zeroed(sizeof(Case));
	int32_t    *length = zeroed(sizeof(int32_t) * n_sequences);
	int64_t		input = 0;

	c->architecture = architecture;
	c->options.factors = k;
	c->options.layers = layers;
	c->options.window = window;
	c->n_places = architecture->weights(&c->options, NULL);
	CHECK(architecture->weights(&c->options, c->places) == c->n_places);
	c->n_weights = place_weights(c->places, c->n_places);
	c->weights = zeroed(sizeof(float) * c->n_weights);
	c->d_weights = zeroed(sizeof(float) * c->n_weights);
	for (int p = 0; p < c->n_places; p++)
	{
		for (int64_t i = 0; i < (int64_t) c->places[p].rows * c->places[p].columns; i++)
			c->weights[c->places[p].offset + i] = scale * value((uint32_t) p, (uint32_t) i);
	}

	c->begin = zeroed(sizeof(int32_t) * (lengths[0] + n_sequences + 1));
	for (int s = 0; s < n_sequences; s++)
		length[s] = lengths[s];
	c->sequences.n = n_sequences;
	c->sequences.length = length;
	network_place_rows(architecture, &c->sequences, c->begin);
	c->n = (int64_t) c->sequences.n_rows * k;
	c->x = zeroed(sizeof(float) * c->n);
	c->overwritten = zeroed(sizeof(float) * c->n);
	c->outputs = zeroed(sizeof(float) * c->n);
	c->factors = zeroed(sizeof(float) * c->n);
	c->d_x = zeroed(sizeof(float) * c->n);
	for (int s = 0; s < n_sequences; s++)
	{
		for (int t = 0; t < lengths[s]; t++)
		{
			int64_t		row = network_row(architecture, &c->sequences, s, t);

			for (int j = 0; j < k; j++, input++)
			{
				c->x[row * k + j] = value(100, (uint32_t) input);
				c->factors[row * k + j] = value(101, (uint32_t) input);
			}
		}
	}
	return c;
}

static void
free_case(Case *c)
{
	free((void *) c->sequences.length);
	free(c->begin);
	free(c->weights);
	free(c->d_weights);
	free(c->x);
	free(c->overwritten);
	free(c->outputs);
	free(c->factors);
	free(c->d_x);
	free(c);
}

/*
 * Returns the loss; training, sets the gradients. The space is of exactly the bytes that are asked
 * for, and anything may have been left in it, or in the room for outputs.
 */
static double
run(Case *c, bool training)
{
	size_t		bytes = c->architecture->space_bytes(&c->options, c->sequences.n_rows,
													 c->sequences.n, training);
	void	   *space = zeroed(bytes);
	double		loss = 0;

	memset(space, 0xff, bytes);
	memset(c->outputs, 0xff, sizeof(float) * c->n);
	memcpy(c->overwritten, c->x, sizeof(float) * c->n);
	c->architecture->forward(&c->options, c->weights, &c->sequences, c->overwritten, c->outputs,
							 &c->dropout, training, space);
	for (int64_t i = 0; i < c->n; i++)
		loss += (double) c->factors[i] * c->outputs[i];
	if (training)
	{
		memcpy(c->overwritten, c->factors, sizeof(float) * c->n);
		memset(c->d_x, 0xff, sizeof(float) * c->n);
		memset(c->d_weights, 0, sizeof(float) * c->n_weights);
		c->architecture->backward(&c->options, c->weights, &c->sequences, c->overwritten, c->d_x,
								  c->d_weights, &c->dropout, space);
	}
	free(space);
	return loss;
}

/* Floats have an error of some 1e-7 of numbers that are about 1; the reference has seven digits. */
#define REFERENCE_TOLERANCE 2e-6

static void
test_reference(const Architecture *architecture, const double *outputs, const double *d_x,
			   const double *d_weights, size_t n_weights)
{
	Case	   *c = new_case(architecture, REFERENCE_K, REFERENCE_LAYERS, REFERENCE_WINDOW, 1,
							 reference_lengths, REFERENCE_SEQUENCES);
	size_t		at = 0;

	run(c, true);
	for (int s = 0; s < REFERENCE_SEQUENCES; s++)
	{
		for (int t = 0; t < reference_lengths[s]; t++)
		{
			int64_t		row = network_row(architecture, &c->sequences, s, t);

			for (int j = 0; j < REFERENCE_K; j++)
			{
				CHECK_NEAR(c->outputs[row * REFERENCE_K + j], *outputs++, REFERENCE_TOLERANCE);
				CHECK_NEAR(c->d_x[row * REFERENCE_K + j], *d_x++, REFERENCE_TOLERANCE);
			}
		}
	}
	for (int p = 0; p < c->n_places; p++)
	{
		for (int64_t i = 0; i < (int64_t) c->places[p].rows * c->places[p].columns; i++)
			CHECK_NEAR(c->d_weights[c->places[p].offset + i], d_weights[at++],
					   REFERENCE_TOLERANCE);
	}
	CHECK(at == n_weights);
	free_case(c);
}

/* Sequences of the tests below, longer and shorter than a window. */
#define N 5
static const int lengths[N] = {11, 4, 4, 2, 1};
#define K 19
#define WINDOW 5
#define SCALE 0.3f

/* Without what the backward step needs, the outputs are the same to the bit. */
static void
test_asking(const Architecture *architecture)
{
	Case	   *c = new_case(architecture, K, 3, WINDOW, SCALE, lengths, N);
	float	   *outputs = zeroed(sizeof(float) * c->n);

	run(c, true);
	memcpy(outputs, c->outputs, sizeof(float) * c->n);
	run(c, false);
	CHECK(memcmp(outputs, c->outputs, sizeof(float) * c->n) == 0);
	free(outputs);
	free_case(c);
}

/* An output does not depend on other sequences, nor on later events. */
static void
test_causes(const Architecture *architecture)
{
	Case	   *c = new_case(architecture, K, 2, WINDOW, SCALE, lengths, N);

	run(c, false);
	for (int s = 0; s < N; s++)
	{
		for (int length = 1; length <= lengths[s]; length++)
		{
			Case	   *alone = new_case(architecture, K, 2, WINDOW, SCALE, &length, 1);

			for (int t = 0; t < length; t++)
				memcpy(alone->x + t * K,
					   c->x + network_row(architecture, &c->sequences, s, t) * K,
					   sizeof(float) * K);
			run(alone, false);
			for (int t = 0; t < length; t++)
			{
				int64_t		row = network_row(architecture, &c->sequences, s, t);

				for (int j = 0; j < K; j++)
					CHECK_NEAR(alone->outputs[t * K + j], c->outputs[row * K + j], 2e-6);
			}
			free_case(alone);
		}
	}
	free_case(c);
}

/*
 * With numbers dropped, the gradients are those of the loss with the same numbers dropped. The loss
 * is a sum of 418 floats, with an error of 1e-5; a step of 3e-3 makes that some 3e-3 of the
 * difference, and the third derivative adds less. Gradients of what is dropped are off by their own
 * size, most of which are above 0.1.
 */
static void
test_dropout(const Architecture *architecture)
{
	Case	   *c = new_case(architecture, K, 2, WINDOW, SCALE, lengths, N);
	const double step = 3e-3;
	double		whole = run(c, false);
	double		largest = 0;
	int			n_far = 0;
	int			n = 0;

	c->dropout = (Dropout) {.rate = 0.4f, .seed = 5, .first_row = 3};
	CHECK(fabs(run(c, true) - whole) > 0.1);
	for (int64_t i = 0; i < c->n + c->n_weights; i += 7)
	{
		float	   *number = i < c->n ? &c->x[i] : &c->weights[i - c->n];
		float		gradient = i < c->n ? c->d_x[i] : c->d_weights[i - c->n];
		float		kept = *number;
		double		above;
		double		below;

		*number = (float) (kept + step);
		above = run(c, false);
		*number = (float) (kept - step);
		below = run(c, false);
		*number = kept;
		largest = fmax(largest, fabs(gradient));
		/* where a rectifier, or which product is the largest, changes between the two, it is off */
		n_far += fabs(gradient - (above - below) / (2 * step)) > 1e-2 * (1 + fabs(gradient));
		n++;
	}
	CHECK(largest > 0.1);
	CHECK(n_far <= n / 50);
	free_case(c);
}

int
main(void)
{
	static const Architecture *const all[] = {&gru_architecture, &lstm_architecture,
											  &caser_architecture};

#define REFERENCE(name) \
	test_reference(&name##_architecture, name##_outputs, name##_d_x, name##_d_weights, \
				   sizeof(name##_d_weights) / sizeof(name##_d_weights[0]))
	REFERENCE(gru);
	REFERENCE(lstm);
	REFERENCE(caser);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
	{
		test_asking(all[i]);
		test_causes(all[i]);
		test_dropout(all[i]);
	}
	return passed("architecture");
}
