/*
 * feature_map.c
 *	  The linear map from features to factors and biases; see feature_map.h.
 */
#include "algorithm/feature_map.h"
#include "kernel/pieces.h"

int
feature_map_blocks(int factors, bool has_biases)
{
	return (int) PADDED(factors) / MAP_WIDTH + (has_biases ? 1 : 0);
}

size_t
feature_map_lay_out(int64_t n_rows, int64_t n_features, int64_t n_values, int n_blocks,
					const void *memory, FeatureMap *map)
{
	Pieces		pieces = {memory, 0};

	if (n_features == 0)
		return 0;
	map->by_feature = (SparseMatrix) {
		.n_rows = n_features,
		.n_columns = n_rows,
		.start = add_piece(&pieces, sizeof(int64_t) * (n_features + 2)),
		.column = add_piece(&pieces, sizeof(int32_t) * n_values),
		.value = add_piece(&pieces, sizeof(float) * n_values)
	};
	map->weights = add_piece(&pieces, sizeof(float) * n_rows);
	map->scratch_bytes = cache_lines(linear_map_scratch(n_rows, n_features));
	map->scratch = add_piece(&pieces, map->scratch_bytes * n_blocks);
	map->loss = add_piece(&pieces, sizeof(double) * n_blocks);
	return pieces.bytes;
}

LinearMap
feature_map_block(const FeatureMap *map, const SparseMatrix *features, const Side *rows,
				  const Side *map_side, int bias, int factors, int64_t block)
{
	int			k = rows->columns[factors].width;
	int			first = (int) block * MAP_WIDTH;
	bool		is_bias = first >= k;
	int			column = is_bias ? bias : factors;
	int64_t		stride = column_stride(&rows->columns[column]);

	return (LinearMap) {
		.by_row = features,
		.by_feature = &map->by_feature,
		.weights = map->weights,
		.width = is_bias ? 1 : k - first < MAP_WIDTH ? k - first : MAP_WIDTH,
		.targets = rows->values[column] + (is_bias ? 0 : first),
		.target_stride = stride,
		.map = map_side->values[column] + (is_bias ? 0 : first),
		.map_stride = stride,
		.scratch = (float *) (map->scratch + block * map->scratch_bytes)
	};
}
