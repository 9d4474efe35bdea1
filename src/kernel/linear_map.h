/*
 * linear_map.h
 *	  The linear map of features that comes nearest to the numbers of some rows.
 *
 * Of rows with features f_i, weights w_i and numbers y_i (width of them), the map A that minimises
 *
 *	sum over i of w_i |y_i - A f_i|^2 + ridge |A|^2
 *
 * Each number of the rows is a problem of its own. The numbers of up to MAP_WIDTH of them are
 * solved together, because they share the features.
 */
#ifndef REC_LINEAR_MAP_H
#define REC_LINEAR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sparse.h"

/* The most numbers of a row that are solved together: a cache line of them. */
#define MAP_WIDTH 16

typedef struct LinearMap
{
	const SparseMatrix *by_row; /* rows x features */
	const SparseMatrix *by_feature; /* its transpose */
	const float *weights;		/* by row */
	double		ridge;
	int			width;
	int			most_steps;		/* of a fit */
	const float *targets;		/* by row: y_i, target_stride floats apart */
	int64_t		target_stride;
	float	   *map;			/* by feature: a column of A, map_stride floats apart */
	int64_t		map_stride;
	float	   *scratch;		/* of linear_map_scratch() bytes; begins with the rows' numbers */
} LinearMap;

extern size_t linear_map_scratch(int64_t n_rows, int64_t n_features);

/*
 * Improves the map from what it is, by conjugate gradient, until a step gains next to nothing, or
 * for most_steps steps. The sum above never rises, but for rounding.
 */
extern void linear_map_fit(const LinearMap *problem);

/* The sum above. */
extern double linear_map_loss(const LinearMap *problem);

/*
 * out = A f for a row with n features; map is of `padded` floats for each feature, a multiple of
 * 16, padded with zeros.
 */
extern void linear_map_apply(const float *map, int64_t map_stride, const int32_t *features,
							 const float *values, int64_t n, int padded, float *out);

#endif							/* REC_LINEAR_MAP_H */
