/*
 * recurrent_test.c
 *	  Layers of recurrent cells: by hand, against the formulas in double, and the gradients against
 *	  finite differences of these.
 */
#define _POSIX_C_SOURCE 200112L
#include "gradient.h"
#include "unit.h"

#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/recurrent.h"
#include "kernel/simd.h"

/* Sequences, in the order of descending length, and the most numbers of a weight. */
#define N 6
#define MOST_K 37
static const int lengths[N] = {7, 5, 5, 2, 1, 1};
#define ROWS 21

/* All numbers that h depends on. */
enum
{
	INPUT,
	RECURRENT,
	BIAS,
	LAST_BIAS,
	X,
	KINDS
};

typedef struct Case
{
	const RecurrentCell *cell;
	int			k;
	int			lengths[N];		/* 0 from the n-th on */
	int			n;
	int64_t		size[KINDS];
	double	   *numbers[KINDS];
	int32_t		begin[8 + 1];
	int32_t		n_times;
	RecurrentLayer layer;
	float	   *floats[KINDS];
	float	   *gradients[KINDS];
	float	   *h;
	float	   *d_h;
	float	   *weight;			/* of each number of h in the loss */
	float	   *d_memory;
	float	   *transposed;
} Case;

static int
row_of(const Case *c, int s, int t)
{
	return c->begin[t] + s;
}

/* The numbers are set to multiples of normal ones that a float holds. */
static Case *
new_case(const RecurrentCell *cell, int k, const int *length, int n)
{
	Case	   *c = zeroed(sizeof(Case));
	int64_t		rows = 0;

	c->cell = cell;
	c->k = k;
	c->n = n;
	c->n_times = length[0];
	for (int s = 0; s < n; s++)
	{
		c->lengths[s] = length[s];
		rows += length[s];
		for (int t = 0; t < length[s]; t++)
			c->begin[t + 1]++;
	}
	for (int t = 0; t < c->n_times; t++)
		c->begin[t + 1] += c->begin[t];
	CHECK(c->begin[c->n_times] == rows);
	c->size[INPUT] = c->size[RECURRENT] = (int64_t) cell->products * k * k;
	c->size[BIAS] = 3 * k;
	c->size[LAST_BIAS] = k;
	c->size[X] = rows * k;
	for (int kind = 0; kind < KINDS; kind++)
	{
		c->numbers[kind] = zeroed(sizeof(double) * c->size[kind]);
		c->floats[kind] = zeroed(sizeof(float) * c->size[kind]);
		c->gradients[kind] = zeroed(sizeof(float) * c->size[kind]);
		for (int64_t i = 0; i < c->size[kind]; i++)
		{
			double		normal = random_normal((uint64_t) kind, (uint64_t) i);

			c->floats[kind][i] = (float) (kind <= RECURRENT ? normal / sqrt(k) : normal);
			c->numbers[kind][i] = c->floats[kind][i];
		}
	}
	c->h = zeroed(sizeof(float) * rows * k);
	c->d_h = zeroed(sizeof(float) * rows * k);
	c->weight = zeroed(sizeof(float) * rows * k);
	for (int64_t i = 0; i < rows * k; i++)
		c->weight[i] = (float) random_normal(KINDS, (uint64_t) i);
	c->d_memory = zeroed(sizeof(float) * n * k);
	c->transposed = zeroed(sizeof(float) * c->size[RECURRENT]);
	c->layer = (RecurrentLayer) {
		.cell = cell,
		.weights = {c->floats[INPUT], c->floats[RECURRENT], c->floats[BIAS], c->floats[LAST_BIAS]},
		.k = k,
		.n_times = c->n_times,
		.begin = c->begin,
		.gates = zeroed(sizeof(float) * rows * 4 * k),
		.memory = cell->has_memory ? zeroed(sizeof(float) * rows * k) : NULL
	};
	return c;
}

/* Anything may have been left in the room for results. */
static void
spoil(Case *c)
{
	size_t		bytes = sizeof(float) * (size_t) c->size[X];

	memset(c->layer.gates, 0xff, 4 * bytes);
	if (c->cell->has_memory)
		memset(c->layer.memory, 0xff, bytes);
	memset(c->h, 0xff, bytes);
	memset(c->d_memory, 0xff, sizeof(float) * (size_t) (c->n * c->k));
	memset(c->transposed, 0xff, sizeof(float) * (size_t) c->size[RECURRENT]);
	memset(c->gradients[X], 0xff, bytes);
}

static void
free_case(Case *c)
{
	for (int kind = 0; kind < KINDS; kind++)
	{
		free(c->numbers[kind]);
		free(c->floats[kind]);
		free(c->gradients[kind]);
	}
	free(c->layer.gates);
	free(c->layer.memory);
	free(c->h);
	free(c->d_h);
	free(c->weight);
	free(c->d_memory);
	free(c->transposed);
	free(c);
}

static void
forward(Case *c)
{
	spoil(c);
	recurrent_forward(&c->layer, c->floats[X], c->h);
}

/* The gradients of the loss, after forward(), are added. */
static void
backward(Case *c)
{
	memcpy(c->d_h, c->weight, sizeof(float) * c->size[X]);
	recurrent_backward(&c->layer, c->floats[X], c->h, c->d_h,
					   c->cell->has_memory ? c->d_memory : NULL, c->transposed, c->gradients[X],
					   &(RecurrentGradients){c->gradients[INPUT], c->gradients[RECURRENT],
											 c->gradients[BIAS], c->gradients[LAST_BIAS]});
}

/* ---- the formulas ---- */

static double
logistic(double x)
{
	return 1 / (1 + exp(-x));
}

/* Column j of product p of x and the matrices side by side. */
static double
product(const Case *c, const double *x, const double *w, int p, int j)
{
	double		sum = 0;

	for (int i = 0; i < c->k; i++)
		sum += x[i] * w[(int64_t) i * c->cell->products * c->k + p * c->k + j];
	return sum;
}

/* One event; h and memory are those of the event before, and become those of this one. */
static void
reference_step(const Case *c, const double *x, double *h, double *memory)
{
	const double *w = c->numbers[INPUT];
	const double *u = c->numbers[RECURRENT];
	const double *b = c->numbers[BIAS];
	const double *last = c->numbers[LAST_BIAS];
	double		old[MOST_K];
	int			k = c->k;

	memcpy(old, h, sizeof(double) * k);
	for (int j = 0; j < k; j++)
	{
		if (c->cell == &gru_cell)
		{
			double		r = logistic(product(c, x, w, 1, j) + product(c, old, u, 0, j) + b[k + j]);
			double		z =
				logistic(product(c, x, w, 2, j) + product(c, old, u, 1, j) + b[2 * k + j]);
			double		n = tanh(product(c, x, w, 0, j) + b[j] +
								 r * (product(c, old, u, 2, j) + last[j]));

			h[j] = (1 - z) * n + z * old[j];
		}
		else
		{
			double		g = tanh(product(c, x, w, 0, j) + product(c, old, u, 0, j) + b[j]);
			double		i = logistic(product(c, x, w, 1, j) + product(c, old, u, 1, j) + b[k + j]);
			double		o =
				logistic(product(c, x, w, 2, j) + product(c, old, u, 2, j) + b[2 * k + j]);
			double		f = logistic(product(c, x, w, 3, j) + product(c, old, u, 3, j) + last[j]);

			memory[j] = f * memory[j] + i * g;
			h[j] = o * tanh(memory[j]);
		}
	}
}

/* The loss: the sum of all numbers of h, each with its weight. Sets h unless it is NULL. */
static double
reference_loss(const Case *c, double *h)
{
	double		loss = 0;

	for (int s = 0; s < c->n; s++)
	{
		double		now[MOST_K] = {0};
		double		memory[MOST_K] = {0};

		for (int t = 0; t < c->lengths[s]; t++)
		{
			int64_t		row = row_of(c, s, t);

			reference_step(c, c->numbers[X] + row * c->k, now, memory);
			for (int j = 0; j < c->k; j++)
				loss += c->weight[row * c->k + j] * now[j];
			if (h != NULL)
				memcpy(h + row * c->k, now, sizeof(now[0]) * c->k);
		}
	}
	return loss;
}

/*
 * Floats have an error of 6e-8 of the numbers, which are about 1. A sum of k products, and seven
 * steps that hand on what the step before got wrong, make this 1e-6 at most.
 */
static void
test_forward(const RecurrentCell *cell, int k)
{
	Case	   *c = new_case(cell, k, lengths, N);
	double	   *h = zeroed(sizeof(double) * c->size[X]);

	reference_loss(c, h);
	forward(c);
	for (int64_t i = 0; i < c->size[X]; i++)
		CHECK_NEAR(c->h[i], h[i], 1e-6);
	free(h);
	free_case(c);
}

static double
loss_of_case(const void *of)
{
	return reference_loss(of, NULL);
}

/*
 * The third derivative is about 1. A gradient in floats is a sum of up to 21 rows, and so has the
 * error of its largest term.
 */
static void
test_gradients(const RecurrentCell *cell, int k)
{
	Case	   *c = new_case(cell, k, lengths, N);

	forward(c);
	backward(c);
	for (int kind = 0; kind < KINDS; kind++)
		check_gradient(loss_of_case, c, c->numbers[kind], c->size[kind], 1, c->gradients[kind],
					   1e-5);

	/* gradients of weights are added, those of x are set */
	for (int kind = 0; kind < KINDS; kind++)
	{
		for (int64_t i = 0; i < c->size[kind]; i++)
			c->numbers[kind][i] = (kind == X ? 1 : 2) * c->gradients[kind][i];
	}
	forward(c);
	backward(c);
	for (int kind = 0; kind < KINDS; kind++)
	{
		for (int64_t i = 0; i < c->size[kind]; i++)
			CHECK_NEAR(c->gradients[kind][i], c->numbers[kind][i], 1e-5);
	}
	free_case(c);
}

/* Each sequence alone has the same outputs, to the bit, and their gradients add up. */
static void
test_packed(const RecurrentCell *cell, int k)
{
	Case	   *c = new_case(cell, k, lengths, N);

	forward(c);
	backward(c);
	for (int s = 0; s < N; s++)
	{
		Case	   *alone = new_case(cell, k, lengths + s, 1);

		for (int t = 0; t < lengths[s]; t++)
		{
			int64_t		row = row_of(c, s, t);

			memcpy(alone->floats[X] + t * k, c->floats[X] + row * k, sizeof(float) * k);
			memcpy(alone->weight + t * k, c->weight + row * k, sizeof(float) * k);
		}
		forward(alone);
		backward(alone);
		for (int t = 0; t < lengths[s]; t++)
		{
			int64_t		row = row_of(c, s, t);

			for (int j = 0; j < k; j++)
			{
				CHECK(alone->h[t * k + j] == c->h[row * k + j]);
				CHECK_NEAR(alone->gradients[X][t * k + j], c->gradients[X][row * k + j], 1e-5);
			}
		}
		for (int kind = 0; kind < X; kind++)
		{
			for (int64_t i = 0; i < c->size[kind]; i++)
				c->gradients[kind][i] -= alone->gradients[kind][i];
		}
		free_case(alone);
	}
	for (int kind = 0; kind < X; kind++)
	{
		for (int64_t i = 0; i < c->size[kind]; i++)
			CHECK_NEAR(c->gradients[kind][i], 0, 2e-5);
	}
	free_case(c);
}

/* Sets all weights to zero, and the two events to these. */
static Case *
new_single(const RecurrentCell *cell, float first, float second)
{
	static const int length = 2;
	Case	   *c = new_case(cell, 1, &length, 1);

	for (int kind = 0; kind < X; kind++)
		memset(c->floats[kind], 0, sizeof(float) * c->size[kind]);
	c->floats[X][0] = first;
	c->floats[X][1] = second;
	c->weight[0] = 0;
	c->weight[1] = 1;
	return c;
}

/*
 * k = 1, W_n = 1, U_n = 2, b_z = log 3, all else zero: r = 1/2 and z = 3/4. With atanh(1/2) =
 * 0.549306 the first event has n = 1/2 and h = 1/4 1/2 = 0.125. The second is 0.125 less, so n =
 * tanh(0.549306 - 0.125 + 1/2 2 0.125) = 1/2 and h = 1/4 1/2 + 3/4 0.125 = 0.21875.
 *
 * The gradient of h_2 by x_2 is (1 - z) (1 - n^2) W_n = 1/4 3/4 = 0.1875, and by h_1 z + 0.1875 r
 * U_n = 0.9375; by x_1 0.9375 0.1875 = 0.17578125. By b_z it is (h_1 - n) z (1 - z) = -0.0703125 of
 * the second event, and 0.9375 (0 - 1/2) 3/16 = -0.087890625 of the first. By U_n: 0.1875 r h_1 =
 * 0.01171875.
 */
static void
test_gru_by_hand(void)
{
	Case	   *c = new_single(&gru_cell, 0.549306144f, 0.424306144f);

	c->floats[INPUT][0] = 1;
	c->floats[RECURRENT][2] = 2;
	c->floats[BIAS][2] = logf(3);
	forward(c);
	CHECK_NEAR(c->h[0], 0.125, 1e-7);
	CHECK_NEAR(c->h[1], 0.21875, 1e-7);
	backward(c);
	CHECK_NEAR(c->gradients[X][1], 0.1875, 1e-7);
	CHECK_NEAR(c->gradients[X][0], 0.17578125, 1e-7);
	CHECK_NEAR(c->gradients[BIAS][2], -0.158203125, 1e-7);
	CHECK_NEAR(c->gradients[RECURRENT][2], 0.01171875, 1e-7);
	free_case(c);
}

/*
 * k = 1, W_g = 1, b_f = log 3, all else zero: i = o = 1/2 and f = 3/4. With g = 1/2 for both events
 * the cell is 1/4 after the first, and 3/4 1/4 + 1/4 = 7/16 after the second; h = 1/2 tanh(7/16) =
 * 0.205785.
 *
 * The gradient by the cell is 1/2 (1 - tanh^2(7/16)) = 0.415305, by x_2 i (1 - g^2) = 3/8 of that,
 * 0.155739, and by x_1 f = 3/4 of this, 0.116805. By b_f it is 0.415305 1/4 f (1 - f) = 0.0194674.
 */
static void
test_lstm_by_hand(void)
{
	Case	   *c = new_single(&lstm_cell, 0.549306144f, 0.549306144f);

	c->floats[INPUT][0] = 1;
	c->floats[LAST_BIAS][0] = logf(3);
	forward(c);
	CHECK_NEAR(c->layer.memory[0], 0.25, 1e-7);
	CHECK_NEAR(c->layer.memory[1], 0.4375, 1e-7);
	CHECK_NEAR(c->h[1], 0.205785, 1e-6);
	backward(c);
	CHECK_NEAR(c->gradients[X][1], 0.155739, 1e-6);
	CHECK_NEAR(c->gradients[X][0], 0.116805, 1e-6);
	CHECK_NEAR(c->gradients[LAST_BIAS][0], 0.0194674, 1e-6);
	free_case(c);
}

static int	n_polls;

static void
count_poll(void)
{
	n_polls++;
}

/* The caller is asked at least once a step. */
static void
test_poll(const RecurrentCell *cell)
{
	Case	   *c = new_case(cell, 3, lengths, N);

	poll_hook = count_poll;
	n_polls = 0;
	forward(c);
	CHECK(n_polls >= lengths[0]);
	n_polls = 0;
	backward(c);
	CHECK(n_polls >= lengths[0]);
	poll_hook = NULL;
	free_case(c);
}

int
main(void)
{
	static const RecurrentCell *const cells[] = {&gru_cell, &lstm_cell};
	int			best = simd_level();

	test_gru_by_hand();
	test_lstm_by_hand();
	for (int level = SIMD_BASELINE; level <= best; level++)
	{
		simd_limit(level);
		for (int i = 0; i < 2; i++)
		{
			test_forward(cells[i], 1);
			test_forward(cells[i], 16);
			test_forward(cells[i], MOST_K);
			test_gradients(cells[i], 3);
			test_gradients(cells[i], 16);
			test_packed(cells[i], 1);
			test_packed(cells[i], MOST_K);
			test_poll(cells[i]);
		}
	}
	return passed("recurrent");
}
