/*
 * covariance.h
 *	  How well the solution of a least-squares problem is known.
 *
 * The factors x and the bias b of a row minimise a quadratic function with the matrix
 *
 *	( B  s )
 *	( s' d )
 *
 * Its inverse, times the variance of the noise, is the covariance of (x, b): that of the posterior
 * distribution, where the noise is Gaussian and the regularization stands for a prior. What is
 * computed here is without the factor of the noise. The system is given as it is solved, with the
 * bias eliminated: A = B - s s'/d. So the inverse has A^-1 in place of B, -A^-1 s/d in place of s,
 * and 1/d + s'A^-1 s / d^2 in place of d.
 */
#ifndef REC_COVARIANCE_H
#define REC_COVARIANCE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Covariance
{
	int			k;
	double	   *root;			/* k x k: L^-1, where A = L L' */
	double	   *shift;			/* k: s/d */
	double	   *difference;		/* k: scratch */
	double		bias;			/* 1/d; 0: there is no bias */
} Covariance;

/* Bytes of the memory that a covariance of k factors points into. */
extern size_t covariance_bytes(int k);

/*
 * Of a system whose lower triangle is a, k x k; sum NULL: there is no bias. A system that is
 * singular in float arithmetic gets a ridge: what it says nothing of gets a large variance. Returns
 * false where the covariance is not finite, as nothing is known and there is no prior.
 */
extern bool covariance_compute(const float *a, const float *sum, double diagonal, int k,
							   void *memory, Covariance *c);

/* Of a row of which nothing but its prior is known; lambda is the prior's part of the matrix. */
extern bool covariance_of_prior(double lambda, double scale, bool biases, int k, void *memory,
								Covariance *c);

/* The variance of q.x + b. */
extern double covariance_product(const Covariance *c, const float *q);

/* The variances of b, then of each factor: k + 1 numbers, at most LARGEST_VARIANCE. */
#define LARGEST_VARIANCE 1e30
extern void covariance_diagonal(const Covariance *c, float *variances);

#endif							/* REC_COVARIANCE_H */
