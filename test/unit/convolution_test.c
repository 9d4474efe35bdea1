/*
 * convolution_test.c
 *	  Convolutions over the last events: by hand, against each window by itself in double, and the
 *	  gradients against finite differences of that.
 */
#define _POSIX_C_SOURCE 200112L
#include "gradient.h"
#include "unit.h"

#include "kernel/convolution.h"
#include "kernel/poll.h"
#include "kernel/random.h"

/* All numbers that the outputs depend on. */
enum
{
	FILTERS,
	BIAS,
	VERTICAL,
	X,
	KINDS
};

typedef struct Case
{
	Convolution c;
	int64_t		rows;
	int			columns;
	int			products;
	int			outputs;
	int64_t		size[KINDS];
	double	   *numbers[KINDS];
	float	   *floats[KINDS];
	float	   *gradients[KINDS];
	float	   *out;
	float	   *factors;		/* of each number of out in the loss */
} Case;

static Case *
new_case(int k, int window, int n_vertical, int n_horizontal, const int32_t *begin, int n)
{
	Case	   *c = zeroed(sizeof(Case));

	c->rows = begin[n];
	c->columns = convolution_columns(window, n_horizontal);
	c->products = convolution_products(window, n_horizontal);
	c->outputs = convolution_outputs(k, window, n_vertical, n_horizontal);
	c->size[FILTERS] = (int64_t) c->products * k;
	c->size[BIAS] = c->columns;
	c->size[VERTICAL] = n_vertical * window;
	c->size[X] = c->rows * k;
	for (int kind = 0; kind < KINDS; kind++)
	{
		c->numbers[kind] = zeroed(sizeof(double) * c->size[kind]);
		c->floats[kind] = zeroed(sizeof(float) * c->size[kind]);
		c->gradients[kind] = zeroed(sizeof(float) * c->size[kind]);
		for (int64_t i = 0; i < c->size[kind]; i++)
		{
			c->floats[kind][i] = (float) random_normal((uint64_t) kind, (uint64_t) i);
			c->numbers[kind][i] = c->floats[kind][i];
		}
	}
	c->out = zeroed(sizeof(float) * c->rows * c->outputs);
	c->factors = zeroed(sizeof(float) * c->rows * c->outputs);
	for (int64_t i = 0; i < c->rows * c->outputs; i++)
		c->factors[i] = (float) random_normal(KINDS, (uint64_t) i);
	c->c = (Convolution) {
		.weights = {c->floats[FILTERS], c->floats[BIAS], c->floats[VERTICAL]},
		.k = k,
		.window = window,
		.n_vertical = n_vertical,
		.n_horizontal = n_horizontal,
		.n = n,
		.begin = begin,
		.lags = zeroed(sizeof(int32_t) * c->rows * c->columns),
		.convolved = zeroed(sizeof(float) * c->rows * c->columns),
		.products = zeroed(sizeof(float) * c->rows * c->products)
	};
	return c;
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
	free(c->out);
	free(c->factors);
	free(c->c.lags);
	free(c->c.convolved);
	free(c->c.products);
	free(c);
}

/* Anything may have been left in the room for results. */
static void
forward(Case *c)
{
	memset(c->c.lags, 0xff, sizeof(int32_t) * c->rows * c->columns);
	memset(c->c.convolved, 0xff, sizeof(float) * c->rows * c->columns);
	memset(c->c.products, 0xff, sizeof(float) * c->rows * c->products);
	memset(c->out, 0xff, sizeof(float) * c->rows * c->outputs);
	convolution_forward(&c->c, c->floats[X], c->out);
}

static void
backward(Case *c)
{
	memset(c->c.convolved, 0xff, sizeof(float) * c->rows * c->columns);
	memset(c->c.products, 0xff, sizeof(float) * c->rows * c->products);
	memset(c->gradients[X], 0xff, sizeof(float) * c->size[X]);
	convolution_backward(&c->c, c->floats[X], c->factors, c->gradients[X],
						 &(ConvolutionGradients){c->gradients[FILTERS], c->gradients[BIAS],
												 c->gradients[VERTICAL]});
}

/* ---- each window by itself ---- */

/* The vector of a horizontal filter for a lag. */
static const double *
filter_of(const Case *c, int lag, int height, int filter)
{
	int			row = 0;

	for (int l = 0; l < lag; l++)
		row += (c->c.window - l) * c->c.n_horizontal;
	return c->numbers[FILTERS] +
		   (int64_t) (row + (height - 1 - lag) * c->c.n_horizontal + filter) * c->c.k;
}

/* The outputs of the window that ends with event t of the sequence that begins with a row. */
static void
reference_window(const Case *c, int64_t first, int t, double *out)
{
	int			k = c->c.k;
	int			window = c->c.window;
	double	   *image = zeroed(sizeof(double) * window * k);

	/* the last row is event t */
	for (int i = 0; i < window && i <= t; i++)
		memcpy(image + (window - 1 - i) * k, c->numbers[X] + (first + t - i) * k,
			   sizeof(double) * k);
	for (int v = 0; v < c->c.n_vertical; v++)
	{
		for (int j = 0; j < k; j++)
		{
			double		sum = 0;

			for (int i = 0; i < window; i++)
				sum += c->numbers[VERTICAL][v * window + window - 1 - i] * image[i * k + j];
			*out++ = sum;
		}
	}
	for (int height = 1; height <= window; height++)
	{
		for (int filter = 0; filter < c->c.n_horizontal; filter++)
		{
			double		largest = -INFINITY;

			for (int top = 0; top + height <= window; top++)
			{
				double		sum = c->numbers[BIAS][(height - 1) * c->c.n_horizontal + filter];

				for (int i = 0; i < height; i++)
					for (int j = 0; j < k; j++)
						sum += filter_of(c, height - 1 - i, height, filter)[j] *
							   image[(top + i) * k + j];
				largest = fmax(largest, sum);
			}
			*out++ = fmax(largest, 0);
		}
	}
	free(image);
}

static double
reference_loss(const Case *c, double *outputs)
{
	double	   *out = zeroed(sizeof(double) * c->outputs);
	double		loss = 0;

	for (int s = 0; s < c->c.n; s++)
	{
		for (int64_t row = c->c.begin[s]; row < c->c.begin[s + 1]; row++)
		{
			reference_window(c, c->c.begin[s], (int) (row - c->c.begin[s]), out);
			for (int i = 0; i < c->outputs; i++)
				loss += c->factors[row * c->outputs + i] * out[i];
			if (outputs != NULL)
				memcpy(outputs + row * c->outputs, out, sizeof(double) * c->outputs);
		}
	}
	free(out);
	return loss;
}

/* Sequences that are longer than a window, as long, and shorter. */
static const int32_t begins[] = {0, 9, 13, 15, 16, 17};
#define N 5

/* A sum of window x k floats that are about 1 has an error of some 1e-6. */
static void
test_forward(int k, int window, int n_vertical, int n_horizontal)
{
	Case	   *c = new_case(k, window, n_vertical, n_horizontal, begins, N);
	double	   *out = zeroed(sizeof(double) * c->rows * c->outputs);

	reference_loss(c, out);
	forward(c);
	for (int64_t i = 0; i < c->rows * c->outputs; i++)
		CHECK_NEAR(c->out[i], out[i], 5e-6);
	free(out);
	free_case(c);
}

static double
loss_of_case(const void *of)
{
	return reference_loss(of, NULL);
}

/*
 * The loss is linear in each number, but where another product becomes the largest: the step is so
 * small that this is unlikely, and a difference in double has an error of 1e-13 / 1e-6.
 */
static void
test_gradients(int k, int window, int n_vertical, int n_horizontal)
{
	Case	   *c = new_case(k, window, n_vertical, n_horizontal, begins, N);

	forward(c);
	backward(c);
	for (int kind = 0; kind < KINDS; kind++)
		check_gradient_by_steps(loss_of_case, c, c->numbers[kind], c->size[kind], 1,
								c->gradients[kind], 1e-5, 1e-6);

	/* gradients of weights are added, that of x is set */
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

/*
 * k = 1, a window of 2, one filter of each kind, events 3, -1, -2. The vertical filter is 10 x_t +
 * 1 x_t-1: 30, -10 + 3 = -7, -20 - 1 = -21.
 *
 * The filter of height 1 is -1 with bias -1/2. Its products are -3, 1, 2, and 0 before the first.
 * The largest of the windows are 0, 1, 2; less 1/2, and not below zero: 0, 1/2, 3/2.
 *
 * That of height 2 is 1 x_t + 2 x_t-1, with bias 1: 3, -1 + 6 = 5, -2 - 2 = -4; 4, 6, and 0 for -3.
 *
 * With all factors of the loss 1, the horizontal filters have these gradients. Height 1: -1 - 2 =
 * -3, the events in windows 2 and 3, and the bias 2. Height 2: by lag 0 3 - 1 = 2, by lag 1 3, and
 * the bias 2. The vertical filter: by lag 0 the sum of the events, 0, by lag 1 3 - 1 = 2.
 *
 * The first event: 10 + 1 of the vertical filter, and 1 + 2 of height 2: 14. The second: 11, -1 of
 * window 2, and 1 of height 2: 11. The third: 10, and -1 of window 3: 9.
 */
static void
test_by_hand(void)
{
	static const int32_t begin[] = {0, 3};
	static const float filters[] = {-1, 1, 2};	/* lag 0: heights 1 and 2; lag 1: height 2 */
	static const float bias[] = {-0.5, 1};
	static const float vertical[] = {10, 1};
	static const float x[] = {3, -1, -2};
	static const float out[] = {30, 0, 4, -7, 0.5, 6, -21, 1.5, 0};
	static const float gradients[KINDS][3] = {{-3, 2, 3}, {2, 2}, {0, 2}, {14, 11, 9}};
	Case	   *c = new_case(1, 2, 1, 1, begin, 1);

	memcpy(c->floats[FILTERS], filters, sizeof(filters));
	memcpy(c->floats[BIAS], bias, sizeof(bias));
	memcpy(c->floats[VERTICAL], vertical, sizeof(vertical));
	memcpy(c->floats[X], x, sizeof(x));
	for (int i = 0; i < 9; i++)
		c->factors[i] = 1;
	forward(c);
	for (int i = 0; i < 9; i++)
		CHECK(c->out[i] == out[i]);
	backward(c);
	for (int kind = 0; kind < KINDS; kind++)
	{
		for (int i = 0; i < c->size[kind]; i++)
			CHECK(c->gradients[kind][i] == gradients[kind][i]);
	}
	free_case(c);
}

/* Of equal products the last is the largest: the same event again changes no gradient twice. */
static void
test_ties(void)
{
	static const int32_t begin[] = {0, 2};
	Case	   *c = new_case(1, 2, 1, 1, begin, 1);

	for (int kind = 0; kind < KINDS; kind++)
	{
		for (int i = 0; i < c->size[kind]; i++)
			c->floats[kind][i] = 1;
	}
	memset(c->factors, 0, sizeof(float) * 6);
	c->factors[4] = 1;			/* height 1, at the second event */
	forward(c);
	CHECK(c->out[4] == 2);
	backward(c);
	CHECK(c->gradients[FILTERS][0] == 1);
	CHECK(c->gradients[X][0] == 0);
	CHECK(c->gradients[X][1] == 1);
	free_case(c);
}

/* What is no number is seen: in a window's last event by all filters, before by vertical ones. */
static void
test_nan(void)
{
	static const int32_t begin[] = {0, 2};

	for (int i = 0; i < 2; i++)
	{
		Case	   *c = new_case(1, 2, 1, 1, begin, 1);

		c->floats[X][i] = NAN;
		forward(c);
		CHECK(isnan(c->out[3]));
		CHECK(i == 0 || (isnan(c->out[4]) && isnan(c->out[5])));
		free_case(c);
	}
}

static int	n_polls;

static void
count_poll(void)
{
	n_polls++;
}

/* The caller is asked at least once for every 64 events of a long sequence. */
static void
test_poll(void)
{
	static const int32_t begin[] = {0, 1000, 1001};
	Case	   *c = new_case(5, 3, 2, 4, begin, 2);

	poll_hook = count_poll;
	n_polls = 0;
	forward(c);
	CHECK(n_polls >= 1000 / 64);
	n_polls = 0;
	backward(c);
	CHECK(n_polls >= 3 * 1000 / 64);
	poll_hook = NULL;
	free_case(c);
}

int
main(void)
{
	test_by_hand();
	test_ties();
	test_nan();
	test_forward(1, 1, 1, 1);
	test_forward(19, 5, 4, 16);
	test_forward(16, 4, 2, 5);
	test_forward(7, 12, 1, 3);
	test_gradients(5, 4, 2, 3);
	test_gradients(3, 11, 1, 2);
	test_gradients(2, 1, 1, 17);
	test_poll();
	return passed("convolution");
}
