/*
 * dense.h
 *	  Small dense systems: Gram matrices and symmetric positive definite solves.
 *
 * A system is k x k, row-major with a row stride of k floats. Only its lower triangle (row >=
 * column) is read, and the elements above the diagonal are arbitrary after any of these functions.
 *
 * Rows of factors are stride floats apart, a multiple of 16, aligned to a cache line and padded
 * with zeros. Scratch is aligned to a cache line. The result for one system depends on nothing but
 * its own input, however many systems are solved together.
 */
#ifndef REC_DENSE_H
#define REC_DENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * a += rows' * rows, for n_rows rows of k floats, stride floats apart, in double arithmetic;
 * scratch is of n_rows x k doubles.
 */
extern void gram_add(const float *rows, int64_t stride, int64_t n_rows, int k, double *a,
					 void *scratch);

/* The lower triangle of a += weight * row' * row. */
extern void gram_add_row(const double *row, double weight, int k, double *a);

/*
 * The normal equations of one least-squares problem over n rows of factors:
 *
 *	a = base + sum over j < n of weight[j] f_j f_j'
 *	b += sum over j < n of target[j] f_j
 *	sum += sum over j < n of f_j
 *
 * where f_j is row index[j] of factors; b and sum are vectors of k floats. base may be a itself, or
 * NULL for zero. weight (no element negative) may be NULL: all 1. target and b may be NULL, and so
 * may sum. Meanwhile the rows named by index[n] .. index[n + ahead - 1] are fetched into the cache:
 * in a sparse matrix, the next row's entries follow this row's.
 */
extern void normal_equations(const float *factors, int64_t stride, const int32_t *index,
							 const float *weight, const float *target, int64_t n, int64_t ahead,
							 int k, const float *base, float *a, float *b, float *sum,
							 void *scratch);

/* Bytes of scratch that normal_equations needs for k factors or fewer. */
extern size_t normal_equations_scratch(int k);

/*
 * Floats from one of several systems to the next: a cache line more than a system has. The same
 * element of all systems is needed at once, and distances of powers of two would put all of them
 * into the same few places of the cache.
 */
#define SYSTEM_STRIDE(k) ((int64_t) (k) * (k) + 16)

/* How many systems are solved in the time of one, at most MOST_AT_ONCE. */
#define MOST_AT_ONCE 16
extern int	solve_at_once(int k);

/*
 * Solves count systems a[i] x = b[i] of k unknowns, leaving x in b. a holds count k x k systems,
 * SYSTEM_STRIDE floats apart, and is not changed; b holds count vectors of k floats. A system that
 * is singular in float arithmetic is solved again in double arithmetic with a ridge that makes it
 * regular, which gives nearly the shortest of its solutions. Returns false where some result is not
 * finite, because an input was not.
 */
extern bool solve_symmetric(const float *a, float *b, int count, int k, void *scratch);

/* Bytes of scratch that solve_symmetric needs for k unknowns or fewer. */
extern size_t solve_symmetric_scratch(int count, int k);

/*
 * Solves one such system in double arithmetic; factor has room for k x k doubles. A system that
 * solve_symmetric would find singular is solved with a ridge, so that b need not be a sum of a's
 * columns. Returns false where the result is not finite.
 */
extern bool solve_in_double(const double *a, double *b, int k, double *factor);

#endif							/* REC_DENSE_H */
