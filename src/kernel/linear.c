/*
 * linear.c
 *	  Linear layers, by OpenBLAS in pieces between which the caller is polled.
 */
#include <cblas.h>
#include <string.h>

#include "kernel/linear.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* Multiply-adds of a piece: some milliseconds. */
#define PIECE_WORK 100000000

static int64_t
piece_rows(int inputs, int outputs)
{
	int64_t		rows = PIECE_WORK / ((int64_t) inputs * outputs);

	return rows < 1 ? 1 : rows;
}

void
linear_forward(const float *x, int64_t n, int inputs, const float *w, const float *b, int outputs,
			   float *y)
{
	int64_t		piece = piece_rows(inputs, outputs);

	for (int64_t row = 0; row < n; row += piece)
	{
		int			rows = (int) (n - row < piece ? n - row : piece);
		float	   *out = y + row * outputs;

		if (b != NULL)
		{
			for (int r = 0; r < rows; r++)
				memcpy(out + (int64_t) r * outputs, b, sizeof(float) * outputs);
		}
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, outputs, inputs, 1,
					x + row * inputs, inputs, w, inputs, b != NULL ? 1 : 0, out, outputs);
		poll();
	}
}

FASTEST_INSTRUCTIONS void
add_column_sums(const float *rows, int64_t n, int columns, float *sums)
{
	for (int64_t r = 0; r < n; r++)
	{
		const float *row = rows + r * columns;

		for (int j = 0; j < columns; j++)
			sums[j] += row[j];
	}
}

void
linear_backward(const float *x, int64_t n, int inputs, const float *w, int outputs,
				const float *d_y, float *d_x, float *d_w, float *d_b)
{
	int64_t		piece = piece_rows(inputs, outputs);

	for (int64_t row = 0; row < n; row += piece)
	{
		int			rows = (int) (n - row < piece ? n - row : piece);
		const float *d_out = d_y + row * outputs;

		if (d_x != NULL)
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, inputs, outputs, 1, d_out,
						outputs, w, inputs, 0, d_x + row * inputs, inputs);
		poll();
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, outputs, inputs, rows, 1, d_out,
					outputs, x + row * inputs, inputs, 1, d_w, inputs);
		if (d_b != NULL)
			add_column_sums(d_out, rows, outputs, d_b);
		poll();
	}
}

FASTEST_INSTRUCTIONS void
rectify(float *y, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = y[i] < 0 ? 0 : y[i];
}

FASTEST_INSTRUCTIONS void
rectify_backward(const float *restrict y, float *restrict d, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		d[i] = y[i] > 0 ? d[i] : 0;
}
