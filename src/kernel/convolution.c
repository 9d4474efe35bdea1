/*
 * convolution.c
 *	  Convolutions over the last events of packed sequences.
 *
 * The lag of a window's largest product is how many events the product ends before the window does.
 * A product that ends before the first event of its sequence is zero, and has no row.
 */
#include <stdbool.h>
#include <stddef.h>

#include "kernel/convolution.h"
#include "kernel/linear.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* The lag where the output is zero, and so has no gradient. */
#define INACTIVE -1

/* Rows between two polls. */
#define POLL_ROWS 64

static inline int
columns_of(const Convolution *c)
{
	return convolution_columns(c->window, c->n_horizontal);
}

static inline int
products_of(const Convolution *c)
{
	return convolution_products(c->window, c->n_horizontal);
}

static inline int
outputs_of(const Convolution *c)
{
	return convolution_outputs(c->k, c->window, c->n_vertical, c->n_horizontal);
}

/* The first product of a lag; it belongs to the first filter of height lag + 1. */
static inline int
lag_begin(const Convolution *c, int lag)
{
	return (c->window * lag - lag * (lag - 1) / 2) * c->n_horizontal;
}

static inline int
least(int64_t a, int b)
{
	return a < b ? (int) a : b;
}

/* ---- forward: event t of the sequence whose first row is given ---- */

#define INLINE static inline __attribute__((always_inline)) void

INLINE
add_scaled(float *restrict sums, const float *restrict a, float x, int n)
{
	for (int i = 0; i < n; i++)
		sums[i] += x * a[i];
}

/* Sets the sums over lags of the products: of the h events that end with event t. */
INLINE
convolve(const Convolution *c, int64_t first, int64_t t)
{
	int			n_columns = columns_of(c);
	int			n_products = products_of(c);
	const float *products = c->products + (first + t) * n_products;
	float	   *convolved = c->convolved + (first + t) * n_columns;

	for (int i = 0; i < n_columns; i++)
		convolved[i] = products[i];
	for (int lag = 1; lag <= least(t, c->window - 1); lag++)
		add_scaled(convolved + lag * c->n_horizontal,
				   products - (int64_t) lag * n_products + lag_begin(c, lag), 1,
				   n_columns - lag * c->n_horizontal);
}

INLINE
take_larger(float *restrict best, int32_t *restrict lags, const float *restrict convolved,
			int32_t lag, int n)
{
	for (int i = 0; i < n; i++)
	{
		bool		is_larger = convolved[i] > best[i];

		best[i] = is_larger ? convolved[i] : best[i];
		lags[i] = is_larger ? lag : lags[i];
	}
}

/* Whether a product that ends before the first event, which is zero, is the largest. */
INLINE
take_zeros(float *restrict best, int32_t *restrict lags, int32_t lag, int n)
{
	for (int i = 0; i < n; i++)
	{
		lags[i] = best[i] < 0 ? lag : lags[i];
		best[i] = best[i] < 0 ? 0 : best[i];
	}
}

INLINE
add_bias(float *restrict best, int32_t *restrict lags, const float *restrict bias, int n)
{
	for (int i = 0; i < n; i++)
	{
		float		sum = best[i] + bias[i];

		/* NaN is kept, so that it is noticed. */
		lags[i] = sum <= 0 ? INACTIVE : lags[i];
		best[i] = sum <= 0 ? 0 : sum;
	}
}

/* Products of height h end at the lags 0 .. window - h: the lower ones at more. */
INLINE
pool(const Convolution *c, int64_t first, int64_t t, float *best)
{
	int			n_columns = columns_of(c);
	const float *convolved = c->convolved + (first + t) * n_columns;
	int32_t    *lags = c->lags + (first + t) * n_columns;
	int			last = least(t, c->window - 1);

	for (int i = 0; i < n_columns; i++)
	{
		best[i] = convolved[i];
		lags[i] = 0;
	}
	for (int lag = 1; lag <= last; lag++)
		take_larger(best, lags, convolved - (int64_t) lag * n_columns, lag,
					n_columns - lag * c->n_horizontal);
	if (last < c->window - 1)
		take_zeros(best, lags, last + 1, n_columns - (last + 1) * c->n_horizontal);
	add_bias(best, lags, c->weights.bias, n_columns);
}

INLINE
sum_vertically(const Convolution *c, const float *x, int64_t t, float *out)
{
	for (int i = 0; i < c->n_vertical * c->k; i++)
		out[i] = 0;
	for (int v = 0; v < c->n_vertical; v++)
	{
		for (int lag = 0; lag <= least(t, c->window - 1); lag++)
			add_scaled(out + v * c->k, x - (int64_t) lag * c->k,
					   c->weights.vertical[v * c->window + lag], c->k);
	}
}

FASTEST_INSTRUCTIONS static void
forward_rows(const Convolution *c, int64_t first, int64_t begin, int64_t end, const float *x,
			 float *out)
{
	int			n_outputs = outputs_of(c);

	for (int64_t t = begin; t < end; t++)
	{
		float	   *row = out + (first + t) * n_outputs;

		convolve(c, first, t);
		pool(c, first, t, row + c->n_vertical * c->k);
		sum_vertically(c, x + (first + t) * c->k, t, row);
	}
}

void
convolution_forward(const Convolution *c, const float *x, float *out)
{
	linear_forward(x, c->begin[c->n], c->k, c->weights.horizontal, NULL, products_of(c),
				   c->products);
	for (int32_t s = 0; s < c->n; s++)
	{
		int64_t		length = c->begin[s + 1] - c->begin[s];

		for (int64_t t = 0; t < length; t += POLL_ROWS)
		{
			forward_rows(c, c->begin[s], t, t + least(length - t, POLL_ROWS), x, out);
			poll();
		}
	}
}

/* ---- backward ---- */

INLINE
add_where_lag(float *restrict sums, const int32_t *restrict lags, int32_t lag,
			  const float *restrict d, int n)
{
	for (int i = 0; i < n; i++)
		sums[i] += lags[i] == lag ? d[i] : 0;
}

INLINE
add_where_active(float *restrict sums, const int32_t *restrict lags, const float *restrict d, int n)
{
	for (int i = 0; i < n; i++)
		sums[i] += lags[i] != INACTIVE ? d[i] : 0;
}

/* The gradients of the products that end at event t: from the windows that end here and after. */
INLINE
unpool(const Convolution *c, int64_t first, int64_t t, int64_t length, const float *d_out,
	   float *d_bias)
{
	int			n_columns = columns_of(c);
	int			n_outputs = outputs_of(c);
	const int32_t *lags = c->lags + (first + t) * n_columns;
	const float *d = d_out + (first + t) * n_outputs + c->n_vertical * c->k;
	float	   *sums = c->convolved + (first + t) * n_columns;

	for (int i = 0; i < n_columns; i++)
		sums[i] = 0;
	for (int lag = 0; lag <= least(length - 1 - t, c->window - 1); lag++)
		add_where_lag(sums, lags + (int64_t) lag * n_columns, lag, d + (int64_t) lag * n_outputs,
					  n_columns - lag * c->n_horizontal);
	add_where_active(d_bias, lags, d, n_columns);
}

/* The gradients of the products with event t: from the sums that they were added to. */
INLINE
deconvolve(const Convolution *c, int64_t first, int64_t t, int64_t length)
{
	int			n_columns = columns_of(c);
	float	   *products = c->products + (first + t) * products_of(c);
	const float *sums = c->convolved + (first + t) * n_columns;

	for (int lag = 0; lag < c->window; lag++)
	{
		int			n = n_columns - lag * c->n_horizontal;
		float	   *restrict to = products + lag_begin(c, lag);
		const float *restrict from =
			sums + (int64_t) lag * n_columns + lag * c->n_horizontal;

		if (t + lag < length)
		{
			for (int i = 0; i < n; i++)
				to[i] = from[i];
		}
		else
		{
			for (int i = 0; i < n; i++)
				to[i] = 0;
		}
	}
}

static inline __attribute__((always_inline)) float
dot(const float *a, const float *b, int n)
{
	float		sum = 0;

	for (int i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

INLINE
sum_vertically_back(const Convolution *c, const float *x, int64_t t, const float *d_out,
					float *d_x, float *d_vertical)
{
	for (int v = 0; v < c->n_vertical; v++)
	{
		for (int lag = 0; lag <= least(t, c->window - 1); lag++)
		{
			int			weight = v * c->window + lag;
			const float *d = d_out + v * c->k;

			add_scaled(d_x - (int64_t) lag * c->k, d, c->weights.vertical[weight], c->k);
			d_vertical[weight] += dot(d, x - (int64_t) lag * c->k, c->k);
		}
	}
}

FASTEST_INSTRUCTIONS static void
unpool_rows(const Convolution *c, int64_t first, int64_t begin, int64_t end, int64_t length,
			const float *d_out, float *d_bias)
{
	for (int64_t t = begin; t < end; t++)
		unpool(c, first, t, length, d_out, d_bias);
}

FASTEST_INSTRUCTIONS static void
deconvolve_rows(const Convolution *c, int64_t first, int64_t begin, int64_t end, int64_t length)
{
	for (int64_t t = begin; t < end; t++)
		deconvolve(c, first, t, length);
}

FASTEST_INSTRUCTIONS static void
vertical_rows_back(const Convolution *c, int64_t first, int64_t begin, int64_t end,
				   const float *x, const float *d_out, float *d_x, float *d_vertical)
{
	for (int64_t t = begin; t < end; t++)
		sum_vertically_back(c, x + (first + t) * c->k, t, d_out + (first + t) * outputs_of(c),
							d_x + (first + t) * c->k, d_vertical);
}

void
convolution_backward(const Convolution *c, const float *x, const float *d_out, float *d_x,
					 const ConvolutionGradients *d_weights)
{
	for (int32_t s = 0; s < c->n; s++)
	{
		int64_t		first = c->begin[s];
		int64_t		length = c->begin[s + 1] - first;

		for (int64_t t = 0; t < length; t += POLL_ROWS)
		{
			unpool_rows(c, first, t, t + least(length - t, POLL_ROWS), length, d_out,
						d_weights->bias);
			poll();
		}
		for (int64_t t = 0; t < length; t += POLL_ROWS)
		{
			deconvolve_rows(c, first, t, t + least(length - t, POLL_ROWS), length);
			poll();
		}
	}
	linear_backward(x, c->begin[c->n], c->k, c->weights.horizontal, products_of(c), c->products,
					d_x, d_weights->horizontal, NULL);
	for (int32_t s = 0; s < c->n; s++)
	{
		int64_t		first = c->begin[s];
		int64_t		length = c->begin[s + 1] - first;

		for (int64_t t = 0; t < length; t += POLL_ROWS)
		{
			vertical_rows_back(c, first, t, t + least(length - t, POLL_ROWS), x, d_out, d_x,
							   d_weights->vertical);
			poll();
		}
	}
}
