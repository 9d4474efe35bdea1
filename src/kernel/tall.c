/*
 * tall.c
 *	  Products of tall matrices and small ones, by OpenBLAS in pieces between which the caller is
 *	  polled.
 */
#include <cblas.h>

#include "kernel/poll.h"
#include "kernel/tall.h"

/* Multiply-adds of a piece: some milliseconds. */
#define PIECE_WORK 50000000

/* Most rows of a piece: this many are summed in float. */
#define PIECE_ROWS 512

static int64_t
piece_rows(int k_a, int k_b)
{
	int64_t		rows = PIECE_WORK / ((int64_t) k_a * k_b);

	return rows < 1 ? 1 : rows < PIECE_ROWS ? rows : PIECE_ROWS;
}

void
tall_inner(const float *a, int64_t stride_a, int k_a, const float *b, int64_t stride_b, int k_b,
		   int64_t n, double *out, float *scratch)
{
	int64_t		piece = piece_rows(k_a, k_b);

	for (int64_t row = 0; row < n; row += piece)
	{
		int			rows = (int) (n - row < piece ? n - row : piece);

		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k_a, k_b, rows, 1, a + row * stride_a,
					(int) stride_a, b + row * stride_b, (int) stride_b, 0, scratch, k_b);
		for (int64_t i = 0; i < (int64_t) k_a * k_b; i++)
			out[i] += scratch[i];
		poll();
	}
}

void
tall_multiply(const float *a, int64_t stride_a, int k_a, const float *c, int k_out, float factor,
			  int64_t n, float scale, float *out, int64_t stride_out)
{
	int64_t		piece = piece_rows(k_a, k_out);

	for (int64_t row = 0; row < n; row += piece)
	{
		int			rows = (int) (n - row < piece ? n - row : piece);

		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, k_out, k_a, factor,
					a + row * stride_a, (int) stride_a, c, k_out, scale, out + row * stride_out,
					(int) stride_out);
		poll();
	}
}
