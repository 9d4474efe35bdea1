/*
 * layers_test.c
 *	  The small parts of networks: linear layers, layer normalisation, dropout, and the steps of
 *	  Adam.
 */
#define _POSIX_C_SOURCE 200112L
#include <stdbool.h>

#include "gradient.h"

#include "kernel/adam.h"
#include "kernel/dropout.h"
#include "kernel/layer_norm.h"
#include "kernel/linear.h"
#include "kernel/poll.h"

static int	n_polls;

static void
count_poll(void)
{
	n_polls++;
}

/* Memory for floats, in which anything may have been left: these are no numbers. */
static float *
spoilt(int64_t n)
{
	float	   *memory = zeroed(sizeof(float) * n);

	memset(memory, 0xff, sizeof(float) * n);
	return memory;
}

/* ---- linear layers ---- */

typedef struct Linear
{
	int			n;
	int			inputs;
	int			outputs;
	double	   *x;
	double	   *w;
	double	   *b;				/* NULL: none */
	double	   *weight;			/* of each number of y in the loss */
} Linear;

static double
linear_output(const Linear *l, int64_t r, int j)
{
	double		y = l->b == NULL ? 0 : l->b[j];

	for (int i = 0; i < l->inputs; i++)
		y += l->x[r * l->inputs + i] * l->w[(int64_t) j * l->inputs + i];
	return y;
}

static double
linear_loss(const void *of)
{
	const Linear *l = of;
	double		loss = 0;

	for (int r = 0; r < l->n; r++)
	{
		for (int j = 0; j < l->outputs; j++)
			loss += l->weight[r * l->outputs + j] * linear_output(l, r, j);
	}
	return loss;
}

/*
 * Sums of at most 37 products of normal numbers are below 30 or so, with an error of 6e-8 of that
 * for each addition that counts: 1e-5 is ample, and far below the products themselves.
 */
static void
test_linear(int n, int inputs, int outputs, bool with_bias)
{
	int64_t		n_x = (int64_t) n * inputs;
	int64_t		n_w = (int64_t) inputs * outputs;
	int64_t		n_y = (int64_t) n * outputs;
	Linear		l = {n, inputs, outputs, zeroed(sizeof(double) * n_x),
					 zeroed(sizeof(double) * n_w), zeroed(sizeof(double) * outputs),
					 zeroed(sizeof(double) * n_y)};
	double	   *bias = l.b;
	float	   *x = zeroed(sizeof(float) * n_x);
	float	   *w = zeroed(sizeof(float) * n_w);
	float	   *b = zeroed(sizeof(float) * outputs);
	float	   *d_y = zeroed(sizeof(float) * n_y);
	float	   *y = spoilt(n_y);
	float	   *d_x = spoilt(n_x);
	float	   *d_w = zeroed(sizeof(float) * n_w);
	float	   *d_b = zeroed(sizeof(float) * outputs);

	fill_normal(1, 1, n_x, l.x, x);
	fill_normal(2, 1, n_w, l.w, w);
	fill_normal(3, 1, outputs, l.b, b);
	fill_normal(4, 1, n_y, l.weight, d_y);
	l.b = with_bias ? bias : NULL;
	linear_forward(x, n, inputs, w, with_bias ? b : NULL, outputs, y);
	for (int r = 0; r < n; r++)
	{
		for (int j = 0; j < outputs; j++)
			CHECK_NEAR(y[r * outputs + j], linear_output(&l, r, j), 1e-5);
	}
	linear_backward(x, n, inputs, w, outputs, d_y, d_x, d_w, with_bias ? d_b : NULL);
	check_gradient(linear_loss, &l, l.x, n_x, 1, d_x, 1e-5);
	check_gradient(linear_loss, &l, l.w, n_w, 1, d_w, 1e-5);
	if (with_bias)
		check_gradient(linear_loss, &l, l.b, outputs, 1, d_b, 1e-5);

	/* the gradients of the matrix and of the bias are added; that of x is not wanted now */
	linear_backward(x, n, inputs, w, outputs, d_y, NULL, d_w, with_bias ? d_b : NULL);
	for (int64_t i = 0; i < n_w; i++)
		d_w[i] /= 2;
	for (int j = 0; j < outputs; j++)
		d_b[j] /= 2;
	check_gradient(linear_loss, &l, l.w, n_w, 1, d_w, 1e-5);
	if (with_bias)
		check_gradient(linear_loss, &l, l.b, outputs, 1, d_b, 1e-5);
	else
		CHECK(d_b[0] == 0);
	free(l.x);
	free(l.w);
	free(bias);
	free(l.weight);
	free(x);
	free(w);
	free(b);
	free(d_y);
	free(y);
	free(d_x);
	free(d_w);
	free(d_b);
}

/*
 * (1, 2) by (3, 4) and (5, 6), with biases 10 and 20: 10 + 3 + 8 = 21, 20 + 5 + 12 = 37. With the
 * gradient (1, -1) of these: of x (3 - 5, 4 - 6), of the matrix (1, 2) and (-1, -2).
 */
static void
test_linear_by_hand(void)
{
	const float x[] = {1, 2};
	const float w[] = {3, 4, 5, 6};
	const float b[] = {10, 20};
	const float d_y[] = {1, -1};
	float		y[2];
	float		d_x[2];
	float		d_w[4] = {0};
	float		d_b[2] = {0};

	linear_forward(x, 1, 2, w, b, 2, y);
	CHECK(y[0] == 21 && y[1] == 37);
	linear_backward(x, 1, 2, w, 2, d_y, d_x, d_w, d_b);
	CHECK(d_x[0] == -2 && d_x[1] == -2);
	CHECK(d_w[0] == 1 && d_w[1] == 2 && d_w[2] == -1 && d_w[3] == -2);
	CHECK(d_b[0] == 1 && d_b[1] == -1);
}

/*
 * Rows enough for several pieces of work: each column of W, and of the gradients, is the number of
 * its row, so that all sums are exact.
 */
static void
test_linear_pieces(void)
{
	enum
	{
		ROWS = 205, WIDTH = 1000
	};
	float	   *x = zeroed(sizeof(float) * ROWS * WIDTH);
	float	   *w = zeroed(sizeof(float) * WIDTH * WIDTH);
	float	   *b = zeroed(sizeof(float) * WIDTH);
	float	   *y = spoilt(ROWS * WIDTH);
	float	   *d_x = spoilt(ROWS * WIDTH);
	float	   *d_w = zeroed(sizeof(float) * WIDTH * WIDTH);
	float	   *d_b = zeroed(sizeof(float) * WIDTH);

	for (int i = 0; i < ROWS * WIDTH; i++)
		x[i] = (float) (i / WIDTH + 1);
	for (int i = 0; i < WIDTH * WIDTH; i++)
		w[i] = i / WIDTH % 2 == 0 ? 1 : -1;
	for (int j = 0; j < WIDTH; j++)
		b[j] = (float) j;
	poll_hook = count_poll;
	n_polls = 0;
	linear_forward(x, ROWS, WIDTH, w, b, WIDTH, y);
	CHECK(n_polls == 3);
	for (int i = 0; i < ROWS * WIDTH; i++)
	{
		int			j = i % WIDTH;

		CHECK(y[i] == (float) (j + (j % 2 == 0 ? 1 : -1) * (i / WIDTH + 1) * WIDTH));
	}
	n_polls = 0;
	/* the gradient of y is x: that of x is r + 1 times the sum of w, 0; of W the sum of squares */
	linear_backward(x, ROWS, WIDTH, w, WIDTH, x, d_x, d_w, d_b);
	CHECK(n_polls == 2 * 3);
	poll_hook = NULL;
	for (int i = 0; i < ROWS * WIDTH; i++)
		CHECK(d_x[i] == 0);
	for (int i = 0; i < WIDTH * WIDTH; i++)
		CHECK(d_w[i] == (float) (ROWS * (ROWS + 1) * (2 * ROWS + 1) / 6));
	for (int j = 0; j < WIDTH; j++)
		CHECK(d_b[j] == (float) (ROWS * (ROWS + 1) / 2));
	free(x);
	free(w);
	free(b);
	free(y);
	free(d_x);
	free(d_w);
	free(d_b);
}

/* ---- layer normalisation ---- */

#define MOST_K 70

typedef struct Norm
{
	int			n;
	int			k;
	double	   *x;
	double		gain[MOST_K];
	double		bias[MOST_K];
	double	   *weight;
} Norm;

static void
norm_row(const Norm *s, int r, double *y)
{
	const double *x = s->x + (int64_t) r * s->k;
	double		mean = 0;
	double		variance = 0;

	for (int j = 0; j < s->k; j++)
		mean += x[j] / s->k;
	for (int j = 0; j < s->k; j++)
		variance += (x[j] - mean) * (x[j] - mean) / s->k;
	for (int j = 0; j < s->k; j++)
		y[j] = s->gain[j] * (x[j] - mean) / sqrt(variance + (double) NORM_EPSILON) + s->bias[j];
}

static double
norm_loss(const void *of)
{
	const Norm *s = of;
	double		loss = 0;
	double		y[MOST_K];

	for (int r = 0; r < s->n; r++)
	{
		norm_row(s, r, y);
		for (int j = 0; j < s->k; j++)
			loss += s->weight[r * s->k + j] * y[j];
	}
	return loss;
}

/*
 * Numbers of size 1 around `offset` have a rounding of 6e-8 of the offset, and so has what is left
 * without it; a few times that, as it is divided by the deviation, which of some few numbers is
 * small. The third derivative grows with the fifth power of that: hence no rows of 2 here, where
 * only a sign remains.
 */
static void
test_norm(int n, int k, double offset)
{
	Norm		s = {.n = n, .k = k};
	int64_t		size = (int64_t) n * k;
	double		tolerance = 3e-6 * fmax(1, offset);
	float	   *x = zeroed(sizeof(float) * size);
	float	   *d_y = zeroed(sizeof(float) * size);
	float		gain[MOST_K];
	float		bias[MOST_K];
	float	   *normalized = spoilt(size);
	float	   *inverse = spoilt(n);
	float	   *y = spoilt(size);
	float	   *d_x = zeroed(sizeof(float) * size);
	float		d_gain[MOST_K] = {0};
	float		d_bias[MOST_K] = {0};

	s.x = zeroed(sizeof(double) * size);
	s.weight = zeroed(sizeof(double) * size);
	fill_normal(1, 1, size, s.x, x);
	for (int64_t i = 0; i < size; i++)
		s.x[i] = x[i] = x[i] + (float) offset;
	fill_normal(2, 1, k, s.gain, gain);
	fill_normal(3, 1, k, s.bias, bias);
	fill_normal(4, 1, size, s.weight, d_y);
	layer_norm_forward(x, n, k, gain, bias, normalized, inverse, y);
	for (int r = 0; r < n; r++)
	{
		double		expected[MOST_K];

		norm_row(&s, r, expected);
		for (int j = 0; j < k; j++)
			CHECK_NEAR(y[r * k + j], expected[j], tolerance);
	}
	layer_norm_backward(normalized, inverse, n, k, gain, d_y, d_x, d_gain, d_bias);
	check_gradient(norm_loss, &s, s.x, size, 1, d_x, 4 * tolerance);
	check_gradient(norm_loss, &s, s.gain, k, 1, d_gain, 4 * tolerance);
	check_gradient(norm_loss, &s, s.bias, k, 1, d_bias, 4 * tolerance);

	/* all three are added */
	layer_norm_backward(normalized, inverse, n, k, gain, d_y, d_x, d_gain, d_bias);
	for (int64_t i = 0; i < size; i++)
		d_x[i] /= 2;
	for (int j = 0; j < k; j++)
	{
		d_gain[j] /= 2;
		d_bias[j] /= 2;
	}
	check_gradient(norm_loss, &s, s.x, size, 1, d_x, 4 * tolerance);
	check_gradient(norm_loss, &s, s.gain, k, 1, d_gain, 4 * tolerance);
	check_gradient(norm_loss, &s, s.bias, k, 1, d_bias, 4 * tolerance);

	/* in place */
	layer_norm_forward(x, n, k, gain, bias, normalized, inverse, x);
	CHECK(memcmp(x, y, sizeof(float) * size) == 0);
	free(s.x);
	free(s.weight);
	free(x);
	free(d_y);
	free(normalized);
	free(inverse);
	free(y);
	free(d_x);
}

/*
 * 1, 1, 1, 5 have the mean 2 and the variance (3 + 9) / 4 = 3: less 2, by sqrt(3) they are three
 * times -0.57735, and 1.73205. Gains 1, 2, 3, 4 and biases 10 make that 9.42265, 8.8453, 8.26795,
 * 16.9282.
 *
 * With the gradient 3 of the first, g = (3, 0, 0, 0) has the mean 3/4, and that of g normalized is
 * -0.57735 3/4. So the gradient of the first is (3 - 3/4 - 1/3 3/4) / sqrt(3) = 2 / sqrt(3), of the
 * second and third (0 - 3/4 - 1/4) / sqrt(3), of the last (-3/4 + 1.73205 0.57735 3/4) = 0. Epsilon
 * is 1e-5 / 3 of the variance.
 */
static void
test_norm_by_hand(void)
{
	const float x[] = {1, 1, 1, 5};
	const float gain[] = {1, 2, 3, 4};
	const float bias[] = {10, 10, 10, 10};
	const float d_y[] = {3, 0, 0, 0};
	float		normalized[4];
	float		inverse;
	float		y[4];
	float		d_x[4] = {0};
	float		d_gain[4] = {0};
	float		d_bias[4] = {0};

	layer_norm_forward(x, 1, 4, gain, bias, normalized, &inverse, y);
	CHECK_NEAR(inverse, 0.577350, 2e-6);
	CHECK_NEAR(normalized[3], 1.732051, 5e-6);
	CHECK_NEAR(y[0], 9.422650, 5e-6);
	CHECK_NEAR(y[1], 8.845299, 5e-6);
	CHECK_NEAR(y[2], 8.267949, 1e-5);
	CHECK_NEAR(y[3], 16.928203, 2e-5);
	layer_norm_backward(normalized, &inverse, 1, 4, gain, d_y, d_x, d_gain, d_bias);
	CHECK_NEAR(d_x[0], 1.154701, 1e-5);
	CHECK_NEAR(d_x[1], -0.577350, 1e-5);
	CHECK_NEAR(d_x[2], -0.577350, 1e-5);
	CHECK_NEAR(d_x[3], 0, 1e-5);
	CHECK_NEAR(d_gain[0], 3 * -0.577350, 1e-5);
	CHECK(d_gain[1] == 0 && d_bias[0] == 3 && d_bias[3] == 0);
}

/* Equal numbers have no deviation: the bias is left. */
static void
test_norm_equal(void)
{
	const float x[] = {7, 7, 7};
	const float gain[] = {1, 2, 3};
	const float bias[] = {4, 5, 6};
	const float d_y[] = {1, 1, 1};
	float		normalized[3];
	float		inverse;
	float		y[3];
	float		d_x[3] = {0};
	float		d[6] = {0};

	for (int k = 1; k <= 3; k++)
	{
		layer_norm_forward(x, 1, k, gain, bias, normalized, &inverse, y);
		for (int j = 0; j < k; j++)
			CHECK(y[j] == bias[j]);
		layer_norm_backward(normalized, &inverse, 1, k, gain, d_y, d_x, d, d + 3);
		for (int j = 0; j < k; j++)
			CHECK(isfinite(d_x[j]));
	}
}

/* ---- dropout ---- */

/*
 * Shares of n numbers that are dropped with probability p have a deviation of sqrt(p (1 - p) / n).
 * The tests allow for five of them.
 */
static void
check_share(double count, double n, double p)
{
	CHECK_NEAR(count / n, p, 5 * sqrt(p * (1 - p) / n));
}

enum
{
	DROP_ROWS = 1000, DROP_WIDTH = 50
};

static float *
drop_ones(double rate, uint64_t seed, int64_t first_row, int layer)
{
	float	   *x = zeroed(sizeof(float) * DROP_ROWS * DROP_WIDTH);
	Dropout		dropout = {(float) rate, seed, first_row};

	for (int i = 0; i < DROP_ROWS * DROP_WIDTH; i++)
		x[i] = 1;
	dropout_apply(&dropout, layer, x, DROP_ROWS, DROP_WIDTH);
	return x;
}

/* The share that both drop is that of independent draws, and no more. */
static void
check_independent(const float *a, const float *b, int64_t n, double p)
{
	double		both = 0;

	for (int64_t i = 0; i < n; i++)
		both += a[i] == 0 && b[i] == 0;
	check_share(both, (double) n, p * p);
}

static void
test_dropout(double rate)
{
	const int64_t n = DROP_ROWS * DROP_WIDTH;
	const float kept = 1 / (1 - (float) rate);
	float	   *x = drop_ones(rate, 1, 0, 0);
	float	   *other;
	double		dropped = 0;

	for (int64_t i = 0; i < n; i++)
	{
		CHECK(x[i] == 0 || x[i] == kept);
		dropped += x[i] == 0;
	}
	check_share(dropped, (double) n, rate);
	for (int j = 0; j < DROP_WIDTH; j++)
	{
		double		of_column = 0;

		for (int r = 0; r < DROP_ROWS; r++)
			of_column += x[r * DROP_WIDTH + j] == 0;
		check_share(of_column, DROP_ROWS, rate);
	}
	/* neighbours, in rows and columns, layers and batches */
	check_independent(x, x + 1, n - 1, rate);
	check_independent(x, x + DROP_WIDTH, n - DROP_WIDTH, rate);
	other = drop_ones(rate, 1, 0, 1);
	check_independent(x, other, n, rate);
	free(other);
	other = drop_ones(rate, 2, 0, 0);
	check_independent(x, other, n, rate);
	free(other);

	/* the same dropout drops the same, and scales likewise: its own backward step */
	other = drop_ones(rate, 1, 0, 0);
	CHECK(memcmp(x, other, sizeof(float) * n) == 0);
	for (int64_t i = 0; i < n; i++)
		other[i] = (float) i;
	dropout_apply(&(Dropout) {(float) rate, 1, 0}, 0, other, DROP_ROWS, DROP_WIDTH);
	for (int64_t i = 0; i < n; i++)
		CHECK(other[i] == x[i] * (float) i);
	free(other);

	/* rows in parts, of any sizes */
	other = zeroed(sizeof(float) * n);
	for (int64_t i = 0; i < n; i++)
		other[i] = 1;
	for (int64_t first = 0, part = 1; first < DROP_ROWS; first += part, part = 3 * part % 101)
	{
		Dropout		dropout = {(float) rate, 1, first};

		part = part < DROP_ROWS - first ? part : DROP_ROWS - first;
		dropout_apply(&dropout, 0, other + first * DROP_WIDTH, part, DROP_WIDTH);
	}
	CHECK(memcmp(x, other, sizeof(float) * n) == 0);
	free(other);

	/* rows that are numbered from far away, as those of the last shards are */
	other = drop_ones(rate, 1, INT64_C(7) << 32, 0);
	check_independent(x, other, n, rate);
	free(other);
	free(x);
}

static void
test_no_dropout(void)
{
	float	   *x = drop_ones(0, 1, 0, 0);

	dropout_apply(NULL, 0, x, DROP_ROWS, DROP_WIDTH);
	for (int i = 0; i < DROP_ROWS * DROP_WIDTH; i++)
		CHECK(x[i] == 1);
	free(x);
}

/* ---- Adam ---- */

/*
 * A rate of 0.1, and gradients 1, 1 and -2.
 *
 * Step 1: the mean is 0.1 1, and by 1 - 0.9 it is 1; the mean square 0.02, and by 1 - 0.98 it is 1:
 * the step is the rate, 5 - 0.1 = 4.9.
 *
 * Step 2: 0.9 0.1 + 0.1 = 0.19, by 1 - 0.81 it is 1; 0.98 0.02 + 0.02 = 0.0396, by 1 - 0.9604 it
 * is 1: 4.8.
 *
 * Step 3: 0.9 0.19 - 0.2 = -0.029, by 1 - 0.729 it is -0.107011; 0.98 0.0396 + 0.02 4 = 0.118808,
 * by 1 - 0.941192 it is 2.020269, whose root is 1.421362: 4.8 + 0.1 0.107011 / 1.421362 = 4.807529.
 *
 * As a float, 0.98 is 2e-8 too large, so that 1 - 0.98 is off by 1e-6 of itself.
 */
static void
test_adam_by_hand(void)
{
	static const float gradients[] = {1, 1, -2};
	static const double expected[] = {4.9, 4.8, 4.807529};
	static const double means[] = {0.1, 0.19, -0.029};
	static const double squares[] = {0.02, 0.0396, 0.118808};

	/* gradients that are multiplied by 1/4 first, for many numbers */
	for (int n = 1; n <= 40; n += 39)
	{
		float		numbers[40];
		float		mean[40] = {0};
		float		square[40] = {0};
		float		gradient[40];

		for (int i = 0; i < n; i++)
			numbers[i] = 5;
		for (int step = 0; step < 3; step++)
		{
			Adam		adam = adam_at_step(0.1, step + 1);

			for (int i = 0; i < n; i++)
				gradient[i] = 4 * gradients[step];
			adam_step(&adam, 0.25f, gradient, n, numbers, mean, square);
			for (int i = 0; i < n; i++)
			{
				CHECK_NEAR(numbers[i], expected[step], 2e-6);
				CHECK_NEAR(mean[i], means[step], 1e-7);
				CHECK_NEAR(square[i], squares[step], 3e-7);
			}
		}
	}
}

/* A gradient of 0 leaves a number, at any step; so does epsilon where all were 0. */
static void
test_adam_zero(void)
{
	static const int64_t steps[] = {1, 2, 1000, INT64_C(1) << 40};

	for (int i = 0; i < 4; i++)
	{
		Adam		adam = adam_at_step(0.01, steps[i]);
		float		gradient = 0;
		float		number = 3;
		float		mean = 0;
		float		square = 0;

		CHECK(isfinite(adam.first_correction) && adam.first_correction >= 1);
		CHECK(isfinite(adam.second_correction) && adam.second_correction >= 1);
		adam_step(&adam, 1, &gradient, 1, &number, &mean, &square);
		CHECK(number == 3 && mean == 0 && square == 0);
	}
}

/* The smallest of a parabola is found from afar, whatever its width. */
static void
test_adam_parabola(void)
{
	float		numbers[] = {10, -10, 0};
	float		mean[3] = {0};
	float		square[3] = {0};
	const float width[] = {100, 1, 1e-3f};

	for (int step = 1; step <= 4000; step++)
	{
		Adam		adam = adam_at_step(0.02, step);
		float		gradient[3];

		for (int i = 0; i < 3; i++)
			gradient[i] = width[i] * (numbers[i] - 2);
		adam_step(&adam, 1, gradient, 3, numbers, mean, square);
	}
	for (int i = 0; i < 3; i++)
		CHECK_NEAR(numbers[i], 2, 1e-2);
}

int
main(void)
{
	static const int widths[] = {1, 3, 16, 37};

	test_linear_by_hand();
	for (int i = 0; i < 4; i++)
	{
		for (int j = 0; j < 4; j++)
			test_linear(5, widths[i], widths[j], (i + j) % 2 == 0);
	}
	test_linear(1, 37, 3, true);
	test_linear_pieces();
	test_norm_by_hand();
	test_norm_equal();
	test_norm(4, 3, 0);
	test_norm(4, 16, 0);
	test_norm(3, 37, 0);
	test_norm(3, 64, 100);
	test_norm(2, MOST_K, 0);
	test_no_dropout();
	test_dropout(0.1);
	test_dropout(0.5);
	test_dropout(0.95);
	test_adam_by_hand();
	test_adam_zero();
	test_adam_parabola();
	return passed("layers");
}
