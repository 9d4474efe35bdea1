/*
 * eigen.h
 *	  Eigenvalues and eigenvectors of symmetric matrices, in double arithmetic.
 */
#ifndef REC_EIGEN_H
#define REC_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The eigenvalues of a, n x n and row-major, of which the lower triangle is read, in descending
 * order, and the eigenvectors, where they are asked for: row i of a becomes the unit vector of
 * values[i]. Else a is overwritten. Returns false where there is no answer: a number is not
 * finite.
 */
extern bool symmetric_eigen(double *a, int n, double *values, bool with_vectors, double *scratch);

/* Numbers of scratch that it needs. */
extern size_t symmetric_eigen_scratch(int n);

#endif							/* REC_EIGEN_H */
