/*
 * feature_map.h
 *	  The linear map from the features of items or users to their factors and biases: what fitting
 *	  it needs, for algorithms whose rows have both.
 */
#ifndef REC_FEATURE_MAP_H
#define REC_FEATURE_MAP_H

#include "algorithm/algorithm.h"
#include "kernel/linear_map.h"

typedef struct FeatureMap
{
	SparseMatrix by_feature;
	float	   *weights;		/* by row */
	char	   *scratch;		/* for each block scratch_bytes */
	size_t		scratch_bytes;
	double	   *loss;			/* of each block */
} FeatureMap;

/* The factors are fitted in blocks of MAP_WIDTH, and the biases, if any, are one more block. */
extern int	feature_map_blocks(int factors, bool has_biases);

/*
 * Lays a map of n_blocks out in memory and returns its size; with memory NULL, only the size.
 * Without features there is no map: 0.
 */
extern size_t feature_map_lay_out(int64_t n_rows, int64_t n_features, int64_t n_values,
								  int n_blocks, const void *memory, FeatureMap *map);

/*
 * The fit of a block, of which ridge and most_steps are to be set: from the columns bias and
 * factors of the rows to the same columns of their features' side.
 */
extern LinearMap feature_map_block(const FeatureMap *map, const SparseMatrix *features,
								   const Side *rows, const Side *map_side, int bias, int factors,
								   int64_t block);

#endif							/* REC_FEATURE_MAP_H */
