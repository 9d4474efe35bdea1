/*
 * eigen.h
 *	  Eigenvalues and eigenvectors of symmetric matrices, in double arithmetic.
 */
#ifndef REC_EIGEN_H
#define REC_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Computes the eigenvalues of a in descending order, and the eigenvectors if with_vectors. a is n x
 * n and row-major; its lower triangle is read. With eigenvectors, row i of a becomes the unit
 * vector of values[i]; without them a is overwritten. Returns false where a number is not finite.
 */
extern bool symmetric_eigen(double *a, int n, double *values, bool with_vectors, double *scratch);

/* Number of doubles of scratch that symmetric_eigen needs. */
extern size_t symmetric_eigen_scratch(int n);

#endif							/* REC_EIGEN_H */
