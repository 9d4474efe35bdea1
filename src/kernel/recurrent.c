/*
 * recurrent.c
 *	  A layer of recurrent cells: the products with the events for all rows at once, those with the
 *	  outputs step by step.
 */
#include <cblas.h>
#include <string.h>

#include "kernel/exponential.h"
#include "kernel/few_rows.h"
#include "kernel/poll.h"
#include "kernel/recurrent.h"
#include "kernel/vector.h"

/* Multiply-adds between two polls: some milliseconds. */
#define PIECE_WORK 100000000

/* Columns that are transposed at once: a cache line. */
#define TRANSPOSED_COLUMNS 16

static int64_t
piece_rows(int k_a, int k_b)
{
	int64_t		rows = PIECE_WORK / ((int64_t) k_a * k_b);

	return rows < 1 ? 1 : rows;
}

/* ---- products with the gates, whose rows are stride apart ---- */

/* gates += a w, where a has n rows of k numbers, and w is k x columns. */
static void
add_product(const float *a, int k, const float *w, int columns, int64_t n, float *gates,
			int stride)
{
	int64_t		piece = piece_rows(k, columns);

	for (int64_t row = 0; row < n; row += piece)
	{
		few_rows_multiply(a + row * k, k, k, w, columns, n - row < piece ? n - row : piece,
						  gates + row * stride, stride);
		poll();
	}
}

/* d_x = gates w', where w is k x columns. */
static void
multiply_back(const float *gates, int stride, const float *w, int columns, int k, int64_t n,
			  float *d_x)
{
	int64_t		piece = piece_rows(k, columns);

	for (int64_t row = 0; row < n; row += piece)
	{
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans,
					(int) (n - row < piece ? n - row : piece), k, columns, 1,
					gates + row * stride, stride, w, columns, 0, d_x + row * k, k);
		poll();
	}
}

/* d_w += x' gates, where d_w is k x columns. */
static void
add_inner_product(const float *x, int k, const float *gates, int stride, int columns, int64_t n,
				  float *d_w)
{
	int64_t		piece = piece_rows(k, columns);

	for (int64_t row = 0; row < n; row += piece)
	{
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, columns,
					(int) (n - row < piece ? n - row : piece), 1, x + row * k, k,
					gates + row * stride, stride, 1, d_w, columns);
		poll();
	}
}

/* to = w', where w is k x columns. */
FASTEST_INSTRUCTIONS static void
transpose(const float *w, int k, int columns, float *restrict to)
{
	for (int c = 0; c < columns; c += TRANSPOSED_COLUMNS)
	{
		int			end = c + TRANSPOSED_COLUMNS < columns ? c + TRANSPOSED_COLUMNS : columns;

		for (int i = 0; i < k; i++)
		{
			for (int j = c; j < end; j++)
				to[(int64_t) j * k + i] = w[(int64_t) i * columns + j];
		}
	}
}

FASTEST_INSTRUCTIONS static void
add_to(float *restrict sums, const float *restrict a, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		sums[i] += a[i];
}

/* sums += the n rows of a, of k numbers, stride apart */
FASTEST_INSTRUCTIONS static void
add_rows(float *restrict sums, const float *restrict a, int stride, int64_t n, int k)
{
	for (int64_t row = 0; row < n; row++)
	{
		for (int j = 0; j < k; j++)
			sums[j] += a[row * stride + j];
	}
}

/* ---- gated recurrent units ---- */

/* Functions of one row have arguments that do not overlap, so that their loops become vectors. */
#define ROW static inline __attribute__((always_inline)) void

ROW
gru_row(int k, float *restrict candidate, float *restrict reset, float *restrict update,
		const float *restrict recurrent, float *restrict h)
{
	for (int j = 0; j < k; j++)
	{
		float		r = fast_sigmoid(reset[j]);
		float		z = fast_sigmoid(update[j]);
		float		n = fast_tanh(candidate[j] + r * recurrent[j]);

		candidate[j] = n;
		reset[j] = r;
		update[j] = z;
		h[j] = n + z * (h[j] - n);
	}
}

FASTEST_INSTRUCTIONS static void
gru_step(int64_t n, int k, float *gates, float *memory, float *h)
{
	(void) memory;
	for (int64_t row = 0; row < n; row++)
	{
		float	   *g = gates + row * RECURRENT_GATES * k;

		gru_row(k, g, g + k, g + 2 * k, g + 3 * k, h + row * k);
	}
}

/* z (h_t-1 - n), which the gradient of z needs, is h_t - n. */
ROW
gru_row_back(int k, float *restrict candidate, float *restrict reset, float *restrict update,
			 float *restrict recurrent, const float *restrict h, float *restrict d_h)
{
	for (int j = 0; j < k; j++)
	{
		float		n = candidate[j];
		float		r = reset[j];
		float		z = update[j];
		float		d_n = d_h[j] * (1 - z) * (1 - n * n);

		candidate[j] = d_n;
		reset[j] = d_n * recurrent[j] * r * (1 - r);
		update[j] = d_h[j] * (h[j] - n) * (1 - z);
		recurrent[j] = d_n * r;
		d_h[j] *= z;
	}
}

FASTEST_INSTRUCTIONS static void
gru_step_back(int64_t n, int k, float *gates, const float *memory, const float *h,
			  float *d_memory, float *d_h)
{
	(void) memory;
	(void) d_memory;
	for (int64_t row = 0; row < n; row++)
	{
		float	   *g = gates + row * RECURRENT_GATES * k;

		gru_row_back(k, g, g + k, g + 2 * k, g + 3 * k, h + row * k, d_h + row * k);
	}
}

const RecurrentCell gru_cell = {3, false, gru_step, gru_step_back};

/* ---- long short-term memory ---- */

ROW
lstm_row(int k, float *restrict candidate, float *restrict input, float *restrict output,
		 float *restrict forget, float *restrict memory, float *restrict h)
{
	for (int j = 0; j < k; j++)
	{
		float		g = fast_tanh(candidate[j]);
		float		i = fast_sigmoid(input[j]);
		float		o = fast_sigmoid(output[j]);
		float		f = fast_sigmoid(forget[j]);
		float		c = f * memory[j] + i * g;

		candidate[j] = g;
		input[j] = i;
		output[j] = o;
		forget[j] = f;
		memory[j] = c;
		h[j] = o * fast_tanh(c);
	}
}

FASTEST_INSTRUCTIONS static void
lstm_step(int64_t n, int k, float *gates, float *memory, float *h)
{
	for (int64_t row = 0; row < n; row++)
	{
		float	   *g = gates + row * RECURRENT_GATES * k;

		lstm_row(k, g, g + k, g + 2 * k, g + 3 * k, memory + row * k, h + row * k);
	}
}

/* f c_t-1, which the gradient of f needs, is c_t - i g. */
ROW
lstm_row_back(int k, float *restrict candidate, float *restrict input, float *restrict output,
			  float *restrict forget, const float *restrict memory, float *restrict d_memory,
			  float *restrict d_h)
{
	for (int j = 0; j < k; j++)
	{
		float		g = candidate[j];
		float		i = input[j];
		float		o = output[j];
		float		f = forget[j];
		float		squashed = fast_tanh(memory[j]);
		float		d_c = d_memory[j] + d_h[j] * o * (1 - squashed * squashed);

		candidate[j] = d_c * i * (1 - g * g);
		input[j] = d_c * g * i * (1 - i);
		output[j] = d_h[j] * squashed * o * (1 - o);
		forget[j] = d_c * (memory[j] - i * g) * (1 - f);
		d_memory[j] = d_c * f;
		d_h[j] = 0;
	}
}

FASTEST_INSTRUCTIONS static void
lstm_step_back(int64_t n, int k, float *gates, const float *memory, const float *h,
			   float *d_memory, float *d_h)
{
	(void) h;
	for (int64_t row = 0; row < n; row++)
	{
		float	   *g = gates + row * RECURRENT_GATES * k;

		lstm_row_back(k, g, g + k, g + 2 * k, g + 3 * k, memory + row * k, d_memory + row * k,
					  d_h + row * k);
	}
}

const RecurrentCell lstm_cell = {4, true, lstm_step, lstm_step_back};

/* ---- a layer ---- */

/* Rows of a step between two polls; all that they need stays in the second-level cache. */
#define STEP_NUMBERS 32768

static int64_t
step_rows(int k)
{
	return k < STEP_NUMBERS ? STEP_NUMBERS / k : 1;
}

static void
forward_step(const RecurrentLayer *layer, int64_t row, int64_t previous, int64_t n, float *h)
{
	const RecurrentCell *cell = layer->cell;
	int			k = layer->k;
	int			width = RECURRENT_GATES * k;
	int			products = cell->products * k;
	float	   *gates = layer->gates + row * width;
	float	   *memory = cell->has_memory ? layer->memory + row * k : NULL;
	size_t		bytes = sizeof(float) * (size_t) (n * k);

	if (previous < 0)
	{
		memset(h + row * k, 0, bytes);
		if (cell->has_memory)
			memset(memory, 0, bytes);
	}
	else
	{
		memcpy(h + row * k, h + previous * k, bytes);
		if (cell->has_memory)
			memcpy(memory, layer->memory + previous * k, bytes);
		add_product(h + previous * k, k, layer->weights.recurrent, products, n,
					gates + width - products, width);
	}
	cell->step(n, k, gates, memory, h + row * k);
	poll();
}

void
recurrent_forward(const RecurrentLayer *layer, const float *x, float *h)
{
	const int32_t *begin = layer->begin;
	int			k = layer->k;
	int			width = RECURRENT_GATES * k;
	int64_t		n_rows = begin[layer->n_times];
	int64_t		most = step_rows(k);

	for (int64_t row = 0; row < n_rows; row++)
	{
		if (row % most == 0)
			poll();
		memcpy(layer->gates + row * width, layer->weights.bias, sizeof(float) * 3 * k);
		memcpy(layer->gates + row * width + 3 * k, layer->weights.last_bias, sizeof(float) * k);
	}
	add_product(x, k, layer->weights.input, layer->cell->products * k, n_rows, layer->gates,
				width);
	for (int32_t t = 0; t < layer->n_times; t++)
	{
		int64_t		n = begin[t + 1] - begin[t];

		for (int64_t s = 0; s < n; s += most)
			forward_step(layer, begin[t] + s, t > 0 ? begin[t - 1] + s : -1,
						 n - s < most ? n - s : most, h);
	}
}

static void
backward_step(const RecurrentLayer *layer, int64_t row, int64_t previous, int64_t n,
			  const float *h, float *d_memory, const float *transposed, float *d_h)
{
	const RecurrentCell *cell = layer->cell;
	int			k = layer->k;
	int			width = RECURRENT_GATES * k;
	int			products = cell->products * k;
	float	   *gates = layer->gates + row * width;

	cell->step_back(n, k, gates, cell->has_memory ? layer->memory + row * k : NULL, h + row * k,
					d_memory, d_h + row * k);
	if (previous >= 0)
	{
		add_to(d_h + previous * k, d_h + row * k, n * k);
		few_rows_multiply(gates + width - products, width, products, transposed, k, n,
						  d_h + previous * k, k);
	}
	poll();
}

void
recurrent_backward(const RecurrentLayer *layer, const float *x, const float *h, float *d_h,
				   float *d_memory, float *transposed, float *d_x,
				   const RecurrentGradients *d_weights)
{
	const int32_t *begin = layer->begin;
	int			k = layer->k;
	int			width = RECURRENT_GATES * k;
	int			products = layer->cell->products * k;
	int64_t		n_rows = begin[layer->n_times];
	int64_t		most = step_rows(k);
	float	   *previous = d_x;

	if (layer->cell->has_memory)
		memset(d_memory, 0, sizeof(float) * (size_t) begin[1] * (size_t) k);
	transpose(layer->weights.recurrent, k, products, transposed);
	for (int32_t t = layer->n_times - 1; t >= 0; t--)
	{
		int64_t		n = begin[t + 1] - begin[t];

		for (int64_t s = 0; s < n; s += most)
			backward_step(layer, begin[t] + s, t > 0 ? begin[t - 1] + s : -1,
						  n - s < most ? n - s : most, h,
						  layer->cell->has_memory ? d_memory + s * k : NULL, transposed, d_h);
	}

	/* d_x first holds the output of the event before each but the first ones. */
	for (int32_t t = 1; t < layer->n_times; t++)
		memcpy(previous + (int64_t) begin[t] * k, h + (int64_t) begin[t - 1] * k,
			   sizeof(float) * (size_t) (begin[t + 1] - begin[t]) * (size_t) k);
	add_inner_product(previous + (int64_t) begin[1] * k, k,
					  layer->gates + (int64_t) begin[1] * width + width - products, width,
					  products, n_rows - begin[1], d_weights->recurrent);
	add_inner_product(x, k, layer->gates, width, products, n_rows, d_weights->input);
	for (int64_t row = 0; row < n_rows; row += most)
	{
		const float *gates = layer->gates + row * width;
		int64_t		n = n_rows - row < most ? n_rows - row : most;

		add_rows(d_weights->bias, gates, width, n, 3 * k);
		add_rows(d_weights->last_bias, gates + 3 * k, width, n, k);
		poll();
	}
	multiply_back(layer->gates, width, layer->weights.input, products, k, n_rows, d_x);
}
