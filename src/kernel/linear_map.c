/*
 * linear_map.c
 *	  The linear map of features that comes nearest to the numbers of some rows.
 */
#include <string.h>

#include "kernel/gather.h"
#include "kernel/linear_map.h"
#include "kernel/poll.h"

/*
 * A fit ends when a step lowers the sum by less than this share of the sum of an empty map, or
 * after so many steps. The map is fitted again after each iteration of a training, from where it
 * was, so that few steps are needed but in the first.
 */
#define LEAST_GAIN 1e-9
#define MOST_STEPS 100

/* Rows or features between two polls. */
#define POLL_ROWS 1024

/*
 * Sets the rows to A f, where `from` has A, or to the residuals y - A f. squares is the weighted
 * sum of squares of each number.
 */
static void
multiply_rows(const LinearMap *p, const float *from, int64_t from_stride, bool residual,
			  double squares[MAP_WIDTH])
{
	const SparseMatrix *m = p->by_row;

	memset(squares, 0, sizeof(double) * MAP_WIDTH);
	for (int64_t i = 0; i < m->n_rows; i++)
	{
		float		out[MAP_WIDTH] = {0};

		if (i % POLL_ROWS == 0)
			poll();
		for (int64_t e = m->start[i]; e < m->start[i + 1]; e++)
		{
			const float *a = from + m->column[e] * from_stride;

			for (int c = 0; c < p->width; c++)
				out[c] += m->value[e] * a[c];
		}
		for (int c = 0; c < p->width && residual; c++)
			out[c] = p->targets[i * p->target_stride + c] - out[c];
		for (int c = 0; c < MAP_WIDTH; c++)
			squares[c] += p->weights[i] * out[c] * out[c];
		memcpy(p->rows + i * MAP_WIDTH, out, sizeof(out));
	}
}

/* sum = F' W rows for a feature. Returns the diagonal of F' W F + ridge. */
static double
multiply_feature(const LinearMap *p, int64_t feature, float sum[MAP_WIDTH])
{
	const SparseMatrix *m = p->by_feature;
	double		diagonal = p->ridge;

	memset(sum, 0, sizeof(float) * MAP_WIDTH);
	if (feature % POLL_ROWS == 0)
		poll();
	for (int64_t e = m->start[feature]; e < m->start[feature + 1]; e++)
	{
		const float *row = p->rows + (int64_t) m->column[e] * MAP_WIDTH;
		float		weighted = p->weights[m->column[e]] * m->value[e];

		for (int c = 0; c < MAP_WIDTH; c++)
			sum[c] += weighted * row[c];
		diagonal += (double) weighted * m->value[e];
	}
	return diagonal;
}

size_t
linear_map_scratch(int64_t n_rows, int64_t n_features)
{
	return sizeof(float) * (size_t) (n_rows + 2 * n_features) * MAP_WIDTH +
		   sizeof(float) * (size_t) n_features;
}

/*
 * Conjugate gradient for the normal equations (F' W F + ridge) A = F' W Y, preconditioned by the
 * diagonal, with a step length of its own for each number.
 */
void
linear_map_fit(const LinearMap *p)
{
	int64_t		n_features = p->by_feature->n_rows;
	float	   *residual = p->rows + p->by_row->n_rows * MAP_WIDTH;
	float	   *direction = residual + n_features * MAP_WIDTH;
	float	   *inverse = direction + n_features * MAP_WIDTH;
	double		before[MAP_WIDTH] = {0};
	double		squares[MAP_WIDTH];
	double		most = 0;

	for (int64_t i = 0; i < p->by_row->n_rows; i++)
	{
		for (int c = 0; c < p->width; c++)
		{
			double		y = p->targets[i * p->target_stride + c];

			most += p->weights[i] * y * y;
		}
	}
	multiply_rows(p, p->map, p->map_stride, true, squares);
	for (int64_t f = 0; f < n_features; f++)
	{
		float	   *r = residual + f * MAP_WIDTH;
		double		diagonal = multiply_feature(p, f, r);

		inverse[f] = diagonal > 0 ? (float) (1 / diagonal) : 0;
		for (int c = 0; c < p->width; c++)
			r[c] -= (float) p->ridge * p->map[f * p->map_stride + c];
		for (int c = 0; c < MAP_WIDTH; c++)
		{
			direction[f * MAP_WIDTH + c] = inverse[f] * r[c];
			before[c] += (double) r[c] * inverse[f] * r[c];
		}
	}
	for (int step = 0; step < MOST_STEPS; step++)
	{
		double		curvature[MAP_WIDTH];
		double		after[MAP_WIDTH] = {0};
		float		length[MAP_WIDTH];
		float		share[MAP_WIDTH];
		double		gain = 0;

		multiply_rows(p, direction, MAP_WIDTH, false, curvature);
		for (int64_t f = 0; f < n_features; f++)
		{
			for (int c = 0; c < MAP_WIDTH; c++)
				curvature[c] += p->ridge * direction[f * MAP_WIDTH + c] *
								direction[f * MAP_WIDTH + c];
		}
		for (int c = 0; c < MAP_WIDTH; c++)
		{
			length[c] = curvature[c] > 0 ? (float) (before[c] / curvature[c]) : 0;
			gain += before[c] * length[c];
		}
		for (int64_t f = 0; f < n_features; f++)
		{
			float	   *r = residual + f * MAP_WIDTH;
			const float *d = direction + f * MAP_WIDTH;
			float		product[MAP_WIDTH];

			multiply_feature(p, f, product);
			for (int c = 0; c < p->width; c++)
				p->map[f * p->map_stride + c] += length[c] * d[c];
			for (int c = 0; c < MAP_WIDTH; c++)
			{
				r[c] -= length[c] * (product[c] + (float) p->ridge * d[c]);
				after[c] += (double) r[c] * inverse[f] * r[c];
			}
		}
		if (!(gain > LEAST_GAIN * most))
			break;
		for (int c = 0; c < MAP_WIDTH; c++)
		{
			share[c] = before[c] > 0 ? (float) (after[c] / before[c]) : 0;
			before[c] = after[c];
		}
		for (int64_t f = 0; f < n_features; f++)
		{
			const float *r = residual + f * MAP_WIDTH;
			float	   *d = direction + f * MAP_WIDTH;

			for (int c = 0; c < MAP_WIDTH; c++)
				d[c] = inverse[f] * r[c] + share[c] * d[c];
		}
	}
}

double
linear_map_loss(const LinearMap *p)
{
	double		squares[MAP_WIDTH];
	double		loss = 0;

	multiply_rows(p, p->map, p->map_stride, true, squares);
	for (int c = 0; c < p->width; c++)
		loss += squares[c];
	for (int64_t f = 0; f < p->by_feature->n_rows; f++)
	{
		for (int c = 0; c < p->width; c++)
		{
			double		a = p->map[f * p->map_stride + c];

			loss += p->ridge * a * a;
		}
	}
	return loss;
}

void
linear_map_apply(const float *map, int64_t map_stride, const int32_t *features,
				 const float *values, int64_t n, int padded, float *out)
{
	memset(out, 0, sizeof(float) * padded);
	for (int64_t at = 0; at < n; at += GATHER_ROWS)
		gather_sum(map, map_stride, features + at, values + at,
				   n - at < GATHER_ROWS ? n - at : GATHER_ROWS, padded, out);
}
