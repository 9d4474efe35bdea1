/*
 * linear_map.c
 *	  The linear map of features that comes nearest to the numbers of some rows.
 */
#include <string.h>

#include "kernel/gather.h"
#include "kernel/linear_map.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* A fit ends when a step lowers the sum by less than this share of the sum of an empty map. */
#define LEAST_GAIN 1e-9

/* Rows or features between two polls. */
#define POLL_ROWS 1024

/*
 * Sets the rows to A f, or to the residuals y - A f; a has MAP_WIDTH numbers of A for each feature.
 * squares is the weighted sum of squares of each number.
 */
FASTEST_INSTRUCTIONS static void
multiply_rows(const LinearMap *p, const float *a, bool residual, double squares[MAP_WIDTH])
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
			const float *column = a + (int64_t) m->column[e] * MAP_WIDTH;

			for (int c = 0; c < MAP_WIDTH; c++)
				out[c] += m->value[e] * column[c];
		}
		for (int c = 0; c < p->width && residual; c++)
			out[c] = p->targets[i * p->target_stride + c] - out[c];
		for (int c = 0; c < MAP_WIDTH; c++)
			squares[c] += p->weights[i] * out[c] * out[c];
		memcpy(p->scratch + i * MAP_WIDTH, out, sizeof(out));
	}
}

/* sum = F' W rows for a feature. Returns the diagonal of F' W F + ridge. */
FASTEST_INSTRUCTIONS static double
multiply_feature(const LinearMap *p, int64_t feature, float sum[MAP_WIDTH])
{
	const SparseMatrix *m = p->by_feature;
	float		total[MAP_WIDTH] = {0};
	double		diagonal = p->ridge;

	if (feature % POLL_ROWS == 0)
		poll();
	for (int64_t e = m->start[feature]; e < m->start[feature + 1]; e++)
	{
		const float *row = p->scratch + (int64_t) m->column[e] * MAP_WIDTH;
		float		weighted = p->weights[m->column[e]] * m->value[e];

		for (int c = 0; c < MAP_WIDTH; c++)
			total[c] += weighted * row[c];
		diagonal += (double) weighted * m->value[e];
	}
	memcpy(sum, total, sizeof(total));
	return diagonal;
}

/* Memory behind the rows of the scratch. */
typedef struct Vectors
{
	float	   *map;			/* n_features x MAP_WIDTH each: the map, padded with zeros */
	float	   *residual;
	float	   *direction;
	float	   *inverse;		/* n_features */
} Vectors;

static Vectors
vectors_of(const LinearMap *p)
{
	int64_t		n = p->by_feature->n_rows * MAP_WIDTH;
	Vectors		v = {.map = p->scratch + p->by_row->n_rows * MAP_WIDTH};

	v.residual = v.map + n;
	v.direction = v.residual + n;
	v.inverse = v.direction + n;
	for (int64_t f = 0; f < p->by_feature->n_rows; f++)
	{
		memset(v.map + f * MAP_WIDTH, 0, sizeof(float) * MAP_WIDTH);
		memcpy(v.map + f * MAP_WIDTH, p->map + f * p->map_stride, sizeof(float) * p->width);
	}
	return v;
}

size_t
linear_map_scratch(int64_t n_rows, int64_t n_features)
{
	return sizeof(float) * (size_t) (n_rows + 3 * n_features) * MAP_WIDTH +
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
	Vectors		v = vectors_of(p);
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
	multiply_rows(p, v.map, true, squares);
	for (int64_t f = 0; f < n_features; f++)
	{
		float	   *r = v.residual + f * MAP_WIDTH;
		double		diagonal = multiply_feature(p, f, r);

		v.inverse[f] = diagonal > 0 ? (float) (1 / diagonal) : 0;
		for (int c = 0; c < MAP_WIDTH; c++)
		{
			r[c] -= (float) p->ridge * v.map[f * MAP_WIDTH + c];
			v.direction[f * MAP_WIDTH + c] = v.inverse[f] * r[c];
			before[c] += (double) r[c] * v.inverse[f] * r[c];
		}
	}
	for (int step = 0; step < p->most_steps; step++)
	{
		double		curvature[MAP_WIDTH];
		double		after[MAP_WIDTH] = {0};
		float		length[MAP_WIDTH];
		float		share[MAP_WIDTH];
		double		gain = 0;

		multiply_rows(p, v.direction, false, curvature);
		for (int64_t f = 0; f < n_features; f++)
		{
			const float *d = v.direction + f * MAP_WIDTH;

			for (int c = 0; c < MAP_WIDTH; c++)
				curvature[c] += p->ridge * d[c] * d[c];
		}
		for (int c = 0; c < MAP_WIDTH; c++)
		{
			length[c] = curvature[c] > 0 ? (float) (before[c] / curvature[c]) : 0;
			gain += before[c] * length[c];
		}
		for (int64_t f = 0; f < n_features; f++)
		{
			float	   *r = v.residual + f * MAP_WIDTH;
			const float *d = v.direction + f * MAP_WIDTH;
			float		product[MAP_WIDTH];

			multiply_feature(p, f, product);
			for (int c = 0; c < MAP_WIDTH; c++)
			{
				v.map[f * MAP_WIDTH + c] += length[c] * d[c];
				r[c] -= length[c] * (product[c] + (float) p->ridge * d[c]);
				after[c] += (double) r[c] * v.inverse[f] * r[c];
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
			const float *r = v.residual + f * MAP_WIDTH;
			float	   *d = v.direction + f * MAP_WIDTH;

			for (int c = 0; c < MAP_WIDTH; c++)
				d[c] = v.inverse[f] * r[c] + share[c] * d[c];
		}
	}
	for (int64_t f = 0; f < n_features; f++)
		memcpy(p->map + f * p->map_stride, v.map + f * MAP_WIDTH, sizeof(float) * p->width);
}

double
linear_map_loss(const LinearMap *p)
{
	double		squares[MAP_WIDTH];
	double		loss = 0;

	multiply_rows(p, vectors_of(p).map, true, squares);
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
