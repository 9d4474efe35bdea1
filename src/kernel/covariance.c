/*
 * covariance.c
 *	  How well the solution of a least-squares problem is known; see covariance.h.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/covariance.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"

/* LAPACK: matrices are in columns, so a lower triangle in rows is an upper one. */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
extern void dtrtri_(const char *uplo, const char *diag, const int *n, double *a, const int *lda,
					int *info);

/* The first ridge of a singular system, as a share of the mean of its diagonal. */
#define FIRST_RIDGE 1e-6

static size_t
lay_out(int k, const void *memory, Covariance *c)
{
	Pieces		p = {memory, 0};

	c->k = k;
	c->root = add_piece(&p, sizeof(double) * k * k);
	c->shift = add_piece(&p, sizeof(double) * k);
	c->difference = add_piece(&p, sizeof(double) * k);
	return p.bytes;
}

size_t
covariance_bytes(int k)
{
	Covariance	c;

	return lay_out(k, NULL, &c);
}

/* Factorizes A + ridge. Returns false where a pivot is no more than the rounding of A's floats. */
static bool
factorize(const float *a, double ridge, Covariance *c)
{
	int			k = c->k;
	int			info;

	for (int r = 0; r < k; r++)
	{
		for (int s = 0; s <= r; s++)
			c->root[(int64_t) r * k + s] = a[(int64_t) r * k + s];
		c->root[(int64_t) r * k + r] += ridge;
	}
	poll();
	dpotrf_("U", &k, c->root, &k, &info);
	if (info != 0)
		return false;
	for (int64_t r = 0; r < k; r++)
	{
		double		pivot = c->root[r * k + r];

		if (!(pivot * pivot > FLT_EPSILON * (k + 8) * (ridge > 0 ? ridge : a[r * k + r])))
			return false;
	}
	return true;
}

bool
covariance_compute(const float *a, const float *sum, double diagonal, int k, void *memory,
				   Covariance *c)
{
	double		trace = 0;
	double		ridge = 0;
	bool		done = k == 0;
	int			info = 0;

	lay_out(k, memory, c);
	if (sum != NULL && !(diagonal > 0))
		return false;
	c->bias = sum != NULL ? 1 / diagonal : 0;
	for (int64_t r = 0; r < k; r++)
	{
		c->shift[r] = sum != NULL ? sum[r] / diagonal : 0;
		trace += a[r * k + r];
	}
	if (!isfinite(trace) || (k > 0 && !(trace > 0)))
		return false;
	while (!done && ridge < trace)
	{
		done = factorize(a, ridge, c);
		ridge = ridge == 0 ? FIRST_RIDGE * (trace / k) : 100 * ridge;
	}
	if (!done)
		return false;
	poll();
	if (k > 0)
		dtrtri_("U", "N", &k, c->root, &k, &info);
	/* LAPACK leaves the other triangle as it was */
	for (int64_t r = 0; r < k; r++)
	{
		for (int64_t s = r + 1; s < k; s++)
			c->root[r * k + s] = 0;
	}
	return info == 0;
}

bool
covariance_of_prior(double lambda, double scale, bool biases, int k, void *memory, Covariance *c)
{
	lay_out(k, memory, c);
	memset(c->root, 0, sizeof(double) * k * k);
	memset(c->shift, 0, sizeof(double) * k);
	if (!(lambda > 0))
		return false;
	c->bias = biases ? 1 / lambda : 0;
	for (int64_t f = 0; f < k; f++)
		c->root[f * k + f] = 1 / sqrt(lambda * scale);
	return true;
}

double
covariance_product(const Covariance *c, const float *q)
{
	int			k = c->k;
	double		variance = c->bias;

	for (int f = 0; f < k; f++)
		c->difference[f] = q[f] - c->shift[f];
	/* |L^-1 (q - s/d)|^2, which no rounding makes negative */
	for (int64_t r = 0; r < k; r++)
	{
		const double *row = c->root + r * k;
		double		sum = 0;

		for (int64_t s = 0; s <= r; s++)
			sum += row[s] * c->difference[s];
		variance += sum * sum;
	}
	return variance;
}

void
covariance_diagonal(const Covariance *c, float *variances)
{
	int			k = c->k;
	double		bias = c->bias;

	for (int f = 0; f <= k; f++)
		variances[f] = 0;
	/* the diagonal of L'^-1 L^-1 has the sums of squares of the columns of L^-1 */
	memset(c->difference, 0, sizeof(double) * k);
	for (int64_t r = 0; r < k; r++)
	{
		const double *row = c->root + r * k;
		double		sum = 0;

		for (int64_t s = 0; s <= r; s++)
		{
			sum += row[s] * c->shift[s];
			c->difference[s] += row[s] * row[s];
		}
		bias += sum * sum;
	}
	variances[0] = (float) fmin(bias, LARGEST_VARIANCE);
	for (int f = 0; f < k; f++)
		variances[1 + f] = (float) fmin(c->difference[f], LARGEST_VARIANCE);
}
