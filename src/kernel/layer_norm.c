/*
 * layer_norm.c
 *	  Layer normalisation.
 */
#include <math.h>

#include "kernel/layer_norm.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* Partial sums, so that the compiler can use vectors without changing the order of a sum. */
#define LANES 16

/* Rows between two polls. */
#define POLL_ROWS 256

static inline float
sum_of_lanes(const float *lanes)
{
	float		sum = 0;

	for (int l = 0; l < LANES; l++)
		sum += lanes[l];
	return sum;
}

FASTEST_INSTRUCTIONS void
layer_norm_forward(const float *x, int64_t n, int k, const float *gain, const float *bias,
				   float *normalized, float *inverse, float *y)
{
	int			whole = k - k % LANES;

	for (int64_t r = 0; r < n; r++)
	{
		const float *row = x + r * k;
		float	   *norm = normalized + r * k;
		float	   *out = y + r * k;
		float		lanes[LANES] = {0};
		float		mean;
		float		deviation;

		if (r % POLL_ROWS == 0)
			poll();
		for (int j = 0; j < whole; j += LANES)
		{
			for (int l = 0; l < LANES; l++)
				lanes[l] += row[j + l];
		}
		for (int j = whole; j < k; j++)
			lanes[j - whole] += row[j];
		mean = sum_of_lanes(lanes) / (float) k;
		for (int l = 0; l < LANES; l++)
			lanes[l] = 0;
		for (int j = 0; j < whole; j += LANES)
		{
			for (int l = 0; l < LANES; l++)
				lanes[l] += (row[j + l] - mean) * (row[j + l] - mean);
		}
		for (int j = whole; j < k; j++)
			lanes[j - whole] += (row[j] - mean) * (row[j] - mean);
		deviation = sqrtf(sum_of_lanes(lanes) / (float) k + NORM_EPSILON);
		inverse[r] = 1 / deviation;
		for (int j = 0; j < k; j++)
		{
			norm[j] = (row[j] - mean) * inverse[r];
			out[j] = gain[j] * norm[j] + bias[j];
		}
	}
}

/*
 * With g = gain d_y: d_x = inverse (g - mean(g) - normalized mean(g normalized)).
 */
FASTEST_INSTRUCTIONS void
layer_norm_backward(const float *normalized, const float *inverse, int64_t n, int k,
					const float *gain, const float *d_y, float *d_x, float *d_gain, float *d_bias)
{
	int			whole = k - k % LANES;

	for (int64_t r = 0; r < n; r++)
	{
		const float *norm = normalized + r * k;
		const float *d_out = d_y + r * k;
		float	   *d_in = d_x + r * k;
		float		sums[LANES] = {0};
		float		products[LANES] = {0};
		float		mean;
		float		slope;

		if (r % POLL_ROWS == 0)
			poll();
		for (int j = 0; j < whole; j += LANES)
		{
			for (int l = 0; l < LANES; l++)
			{
				float		g = gain[j + l] * d_out[j + l];

				sums[l] += g;
				products[l] += g * norm[j + l];
			}
		}
		for (int j = whole; j < k; j++)
		{
			sums[j - whole] += gain[j] * d_out[j];
			products[j - whole] += gain[j] * d_out[j] * norm[j];
		}
		mean = sum_of_lanes(sums) / (float) k;
		slope = sum_of_lanes(products) / (float) k;
		for (int j = 0; j < k; j++)
		{
			d_in[j] += inverse[r] * (gain[j] * d_out[j] - mean - norm[j] * slope);
			d_gain[j] += d_out[j] * norm[j];
			d_bias[j] += d_out[j];
		}
	}
}
