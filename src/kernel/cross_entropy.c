/*
 * cross_entropy.c
 *	  Softmax cross-entropy, by OpenBLAS for some outputs at once.
 */
#include <cblas.h>
#include <math.h>

#include "kernel/cross_entropy.h"
#include "kernel/exponential.h"
#include "kernel/linear.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* Scores that are computed at once, and outputs, at most and at least. */
#define SCORES (512 * 1024)
#define MOST_OUTPUTS 128
#define FEWEST_OUTPUTS 8

static int64_t
outputs_at_once(int64_t n_candidates)
{
	int64_t		n = SCORES / (n_candidates + 1);

	return n < FEWEST_OUTPUTS ? FEWEST_OUTPUTS : n > MOST_OUTPUTS ? MOST_OUTPUTS : n;
}

/* Grows with the candidates, as the scores that are computed at once do not. */
size_t
cross_entropy_scratch(int64_t n_candidates)
{
	int64_t		fewest = FEWEST_OUTPUTS * n_candidates;
	int64_t		most = MOST_OUTPUTS * n_candidates;
	int64_t		usual = fewest > SCORES ? fewest : SCORES;

	return sizeof(float) * (most < usual ? most : usual);
}

/* scores += bias + correction; returns the largest. */
FASTEST_INSTRUCTIONS static float
add_biases(float *scores, int64_t n, const float *bias, const float *correction)
{
	float		lanes[16];
	float		largest = -INFINITY;

	if (correction != NULL)
	{
		for (int64_t j = 0; j < n; j++)
			scores[j] += bias[j] + correction[j];
	}
	else
	{
		for (int64_t j = 0; j < n; j++)
			scores[j] += bias[j];
	}
	for (int l = 0; l < 16; l++)
		lanes[l] = -INFINITY;
	for (int64_t j = 0; j + 16 <= n; j += 16)
	{
		for (int l = 0; l < 16; l++)
			lanes[l] = scores[j + l] > lanes[l] ? scores[j + l] : lanes[l];
	}
	for (int64_t j = n - n % 16; j < n; j++)
		lanes[j % 16] = scores[j] > lanes[j % 16] ? scores[j] : lanes[j % 16];
	for (int l = 0; l < 16; l++)
		largest = lanes[l] > largest ? lanes[l] : largest;
	return largest;
}

FASTEST_INSTRUCTIONS static float
sum_exponentials(float *scores, int64_t n, float largest)
{
	return exponentials(scores, n, largest);
}

FASTEST_INSTRUCTIONS static void
scale(float *scores, int64_t n, float factor)
{
	for (int64_t j = 0; j < n; j++)
		scores[j] *= factor;
}

double
cross_entropy(const Candidates *c, const float *h, const int32_t *targets, int64_t n, float weight,
			  float *d_h, float *d_embeddings, float *d_bias, void *scratch)
{
	float	   *scores = scratch;
	int64_t		at_once = outputs_at_once(c->n);
	double		loss = 0;

	for (int64_t row = 0; row < n; row += at_once)
	{
		int			rows = (int) (n - row < at_once ? n - row : at_once);
		/* of targets that are not among the candidates: the gradient of the score */
		float		outside[MOST_OUTPUTS];

		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, (int) c->n, c->k, 1,
					h + row * c->k, c->k, c->embeddings, (int) c->stride, 0, scores, (int) c->n);
		poll();
		for (int r = 0; r < rows; r++)
		{
			float	   *s = scores + (int64_t) r * c->n;
			int32_t		target = targets[row + r];
			const float *e = c->embeddings + target * c->stride;
			float		own;
			float		largest;
			float		sum;

			if (target < c->n && c->correction != NULL)
				s[target] -= c->correction[target];
			largest = add_biases(s, c->n, c->bias, c->correction);
			own = target < c->n ? s[target]
								: vector_dot(h + (row + r) * c->k, e, c->k) + c->bias[target];
			largest = own > largest ? own : largest;
			sum = sum_exponentials(s, c->n, largest);
			if (target >= c->n)
				sum += fast_exp(own - largest);
			loss += logf(sum) - (own - largest);
			scale(s, c->n, weight / sum);
			outside[r] = 0;
			if (target < c->n)
				s[target] -= weight;
			else
				outside[r] = weight * (fast_exp(own - largest) / sum - 1);
		}
		poll();
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, c->k, (int) c->n, 1, scores,
					(int) c->n, c->embeddings, (int) c->stride, 0, d_h + row * c->k, c->k);
		poll();
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int) c->n, c->k, rows, 1, scores,
					(int) c->n, h + row * c->k, c->k, 1, d_embeddings, c->k);
		add_column_sums(scores, rows, (int) c->n, d_bias);
		for (int r = 0; r < rows; r++)
		{
			int32_t		target = targets[row + r];

			if (target < c->n)
				continue;
			vector_add_scaled(d_h + (row + r) * c->k, outside[r],
							  c->embeddings + target * c->stride, c->k);
			vector_add_scaled(d_embeddings + (int64_t) target * c->k, outside[r],
							  h + (row + r) * c->k, c->k);
			d_bias[target] += outside[r];
		}
		poll();
	}
	return loss;
}
