/*
 * eigen.c
 *	  Eigenvalues and eigenvectors of symmetric matrices.
 *
 * LAPACK computes these, but a call that takes a second cannot be interrupted. So its two steps are
 * written out here, with a poll after each row: reflections make the matrix tridiagonal
 * (Householder; Martin, Reinsch & Wilkinson 1968, Numerische Mathematik 11), and rotations make it
 * diagonal (implicit QL; Dubrulle, Martin & Wilkinson 1968, ibid. 12). Eigenvectors are kept in
 * rows, so that each rotation runs along two rows.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernel/eigen.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* Most steps for one eigenvalue; two or three are usual. */
#define MOST_STEPS 60

FASTEST_INSTRUCTIONS static double
dot(const double *a, const double *b, int n)
{
	double		sum = 0;

	for (int i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* b += factor * a */
FASTEST_INSTRUCTIONS static void
add_multiple(double factor, const double *a, double *b, int n)
{
	for (int i = 0; i < n; i++)
		b[i] += factor * a[i];
}

/* row -= x * a + y * b */
FASTEST_INSTRUCTIONS static void
subtract_two(double *row, double x, const double *a, double y, const double *b, int n)
{
	for (int i = 0; i < n; i++)
		row[i] -= x * a[i] + y * b[i];
}

/* (upper, lower) = (c upper + s lower, c lower - s upper) */
FASTEST_INSTRUCTIONS static void
rotate(double *upper, double *lower, double c, double s, int n)
{
	for (int i = 0; i < n; i++)
	{
		double		u = upper[i];
		double		l = lower[i];

		upper[i] = c * u + s * l;
		lower[i] = c * l - s * u;
	}
}

/*
 * Reflects a to a tridiagonal matrix: diagonal gets its diagonal, and off[i] the element between
 * rows i and i + 1. vectors, unless NULL, becomes the orthogonal matrix q with q a q' tridiagonal.
 * Rows are reflected from the last to the first: the reflection h = 1 - tau v v' of row i > 1
 * leaves zeros left of its element i - 1. v is kept in the row of a for the second half.
 */
static void
tridiagonalize(double *a, int n, double *vectors, double *diagonal, double *off, double *tau,
			   double *work)
{
	for (int i = n - 1; i > 0; i--)
	{
		double	   *row = a + (int64_t) i * n;
		double		scale = 0;
		double		norm;

		poll();
		diagonal[i] = row[i];
		tau[i] = 0;
		off[i - 1] = row[i - 1];
		for (int j = 0; j < i - 1; j++)
			scale = fmax(scale, fabs(row[j]));
		if (scale == 0)
			continue;
		scale = fmax(scale, fabs(row[i - 1]));
		for (int j = 0; j < i; j++)
			row[j] /= scale;
		norm = sqrt(dot(row, row, i));
		if (row[i - 1] > 0)
			norm = -norm;
		off[i - 1] = norm * scale;

		/* v = row - norm e, whose squared length is 2 norm (norm - row[i - 1]) */
		tau[i] = 1 / (norm * (norm - row[i - 1]));
		row[i - 1] -= norm;

		/* work = tau a v, with the leading i x i part of a, by its lower triangle */
		memset(work, 0, sizeof(double) * i);
		for (int j = 0; j < i; j++)
		{
			const double *other = a + (int64_t) j * n;

			work[j] += dot(other, row, j + 1);
			add_multiple(row[j], other, work, j);
			if (j % 64 == 63)
				poll();
		}
		for (int j = 0; j < i; j++)
			work[j] *= tau[i];

		/* h a h = a - v w' - w v' with w = work - (tau / 2) (work . v) v */
		add_multiple(-tau[i] / 2 * dot(work, row, i), row, work, i);
		for (int j = 0; j < i; j++)
		{
			subtract_two(a + (int64_t) j * n, row[j], work, work[j], row, j + 1);
			if (j % 64 == 63)
				poll();
		}
	}
	diagonal[0] = a[0];
	if (vectors == NULL)
		return;

	/*
	 * q = the product of all reflections, the last row's first; each acts on leading rows and
	 * columns
	 */
	memset(vectors, 0, sizeof(double) * n * n);
	vectors[0] = 1;
	for (int i = 1; i < n; i++)
	{
		const double *v = a + (int64_t) i * n;

		poll();
		vectors[(int64_t) i * n + i] = 1;
		if (tau[i] == 0)
			continue;
		for (int j = 0; j < i; j++)
		{
			double	   *row = vectors + (int64_t) j * n;

			add_multiple(-tau[i] * dot(row, v, i), v, row, i);
			if (j % 64 == 63)
				poll();
		}
	}
}

/* Makes the tridiagonal matrix diagonal. Unless NULL, the rows of vectors are rotated along. */
static bool
diagonalize(int n, double *diagonal, double *off, double *vectors)
{
	off[n - 1] = 0;
	for (int first = 0; first < n; first++)
	{
		for (int step = 0;; step++)
		{
			int			last = first;
			double		shift;
			double		radius;
			double		c = 1;
			double		s = 1;
			double		correction = 0;
			int			i;

			poll();
			/* the matrix decouples at an element that is negligible */
			for (; last < n - 1; last++)
			{
				double		size = fabs(diagonal[last]) + fabs(diagonal[last + 1]);

				if (fabs(off[last]) <= DBL_EPSILON * size)
					break;
			}
			if (last == first)
				break;
			if (step == MOST_STEPS)
				return false;

			/*
			 * the eigenvalue of the leading 2 x 2 matrix that is closer to its first element
			 * (Wilkinson's shift)
			 */
			shift = (diagonal[first + 1] - diagonal[first]) / (2 * off[first]);
			radius = hypot(shift, 1);
			shift = diagonal[last] - diagonal[first] +
					off[first] / (shift + (shift < 0 ? -radius : radius));
			for (i = last - 1; i >= first; i--)
			{
				double		f = s * off[i];
				double		b = c * off[i];

				radius = hypot(f, shift);
				off[i + 1] = radius;
				if (radius == 0)
				{
					/* the matrix decouples here */
					diagonal[i + 1] -= correction;
					off[last] = 0;
					break;
				}
				s = f / radius;
				c = shift / radius;
				shift = diagonal[i + 1] - correction;
				radius = (diagonal[i] - shift) * s + 2 * c * b;
				correction = s * radius;
				diagonal[i + 1] = shift + correction;
				shift = c * radius - b;
				if (vectors != NULL)
					rotate(vectors + (int64_t) (i + 1) * n, vectors + (int64_t) i * n, c, s, n);
				if (i % 256 == 0)
					poll();
			}
			if (i >= first)
				continue;
			diagonal[first] -= correction;
			off[first] = shift;
			off[last] = 0;
		}
	}
	return true;
}

size_t
symmetric_eigen_scratch(int n)
{
	return (size_t) n * n + 4 * (size_t) n;
}

bool
symmetric_eigen(double *a, int n, double *values, bool with_vectors, double *scratch)
{
	double	   *vectors = with_vectors ? scratch : NULL;
	double	   *diagonal = scratch + (int64_t) n * n;
	double	   *off = diagonal + n;
	double	   *tau = off + n;
	double	   *work = tau + n;

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			if (!isfinite(a[(int64_t) i * n + j]))
				return false;
		}
	}
	tridiagonalize(a, n, vectors, diagonal, off, tau, work);
	if (!diagonalize(n, diagonal, off, vectors))
		return false;

	/* in descending order */
	for (int i = 0; i < n; i++)
	{
		int			best = -1;

		for (int j = 0; j < n; j++)
		{
			if (!isnan(diagonal[j]) && (best < 0 || diagonal[j] > diagonal[best]))
				best = j;
		}
		if (best < 0)
			return false;
		values[i] = diagonal[best];
		diagonal[best] = NAN;
		if (with_vectors)
			memcpy(a + (int64_t) i * n, vectors + (int64_t) best * n, sizeof(double) * n);
		poll();
	}
	return true;
}
