/*
 * attention.c
 *	  Causal attention, by OpenBLAS for blocks of events.
 */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "kernel/attention.h"
#include "kernel/exponential.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

static inline int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The first of the numbers of a head. */
static inline int
first_of_head(int head, int k, int heads)
{
	return (int) ((int64_t) k * head / heads);
}

/* Makes probabilities of the first n scores. The others, up to all, become 0. */
FASTEST_INSTRUCTIONS static void
softmax(float *scores, int64_t n, int64_t all)
{
	float		largest = scores[0];
	float		inverse;

	for (int64_t s = 1; s < n; s++)
		largest = scores[s] > largest ? scores[s] : largest;
	inverse = 1 / exponentials(scores, n, largest);
	for (int64_t s = 0; s < n; s++)
		scores[s] *= inverse;
	for (int64_t s = n; s < all; s++)
		scores[s] = 0;
}

void
attention_forward(const float *qcv, int64_t n, int k, int heads, float *probabilities, float *out)
{
	for (int h = 0; h < heads; h++)
	{
		int			first = first_of_head(h, k, heads);
		int			width = first_of_head(h + 1, k, heads) - first;
		float		scale = 1 / sqrtf((float) width);
		const float *q = qcv + first;
		float	   *p = probabilities + h * n * n;

		for (int64_t t = 0; t < n; t += ATTENTION_BLOCK)
		{
			int			rows = (int) min64(ATTENTION_BLOCK, n - t);
			int			seen = (int) t + rows;

			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, seen, width, scale,
						q + t * 3 * k, 3 * k, q + k, 3 * k, 0, p + t * n, (int) n);
			for (int r = 0; r < rows; r++)
				softmax(p + (t + r) * n, t + r + 1, seen);
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, width, seen, 1, p + t * n,
						(int) n, q + 2 * k, 3 * k, 0, out + t * k + first, k);
			poll();
		}
	}
}

void
attention_last(const float *qcv, int64_t n, int k, int heads, float *probabilities, float *out)
{
	for (int h = 0; h < heads; h++)
	{
		int			first = first_of_head(h, k, heads);
		int			width = first_of_head(h + 1, k, heads) - first;
		float		scale = 1 / sqrtf((float) width);
		const float *q = qcv + first;

		cblas_sgemv(CblasRowMajor, CblasNoTrans, (int) n, width, scale, q + k, 3 * k,
					q + (n - 1) * 3 * k, 1, 0, probabilities, 1);
		softmax(probabilities, n, n);
		cblas_sgemv(CblasRowMajor, CblasTrans, (int) n, width, 1, q + 2 * k, 3 * k, probabilities,
					1, 0, out + first, 1);
	}
}

/* The gradient of scores from that of probabilities: d_s = p (d_p - sum p d_p). */
FASTEST_INSTRUCTIONS static void
softmax_backward(const float *p, float *d, int64_t n, int64_t all)
{
	float		lanes[16] = {0};
	float		sum = 0;

	for (int64_t s = 0; s + 16 <= n; s += 16)
	{
		for (int l = 0; l < 16; l++)
			lanes[l] += p[s + l] * d[s + l];
	}
	for (int64_t s = n - n % 16; s < n; s++)
		lanes[s % 16] += p[s] * d[s];
	for (int l = 0; l < 16; l++)
		sum += lanes[l];
	for (int64_t s = 0; s < n; s++)
		d[s] = p[s] * (d[s] - sum);
	for (int64_t s = n; s < all; s++)
		d[s] = 0;
}

void
attention_backward(const float *qcv, int64_t n, int k, int heads, const float *probabilities,
				   const float *d_out, float *d_qcv, float *scratch)
{
	memset(d_qcv, 0, sizeof(float) * n * 3 * k);
	for (int h = 0; h < heads; h++)
	{
		int			first = first_of_head(h, k, heads);
		int			width = first_of_head(h + 1, k, heads) - first;
		float		scale = 1 / sqrtf((float) width);
		const float *q = qcv + first;
		const float *p = probabilities + h * n * n;
		float	   *d_q = d_qcv + first;

		for (int64_t t = 0; t < n; t += ATTENTION_BLOCK)
		{
			int			rows = (int) min64(ATTENTION_BLOCK, n - t);
			int			seen = (int) t + rows;
			const float *d = d_out + t * k + first;

			/* of the values, and of the probabilities */
			cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, seen, width, rows, 1, p + t * n,
						(int) n, d, k, 1, d_q + 2 * k, 3 * k);
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, seen, width, 1, d, k,
						q + 2 * k, 3 * k, 0, scratch, seen);
			for (int r = 0; r < rows; r++)
				softmax_backward(p + (t + r) * n, scratch + (int64_t) r * seen, t + r + 1, seen);
			/* of the queries, and of the keys */
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, width, seen, scale,
						scratch, seen, q + k, 3 * k, 0, d_q + t * 3 * k, 3 * k);
			cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, seen, width, rows, scale, scratch,
						seen, q + t * 3 * k, 3 * k, 1, d_q + k, 3 * k);
			poll();
		}
	}
}
