/*
 * network_features.c
 *	  Items of networks that nobody had an event of: their attributes say what their numbers are.
 *
 * Once the network is trained, a linear map of the items' features is fitted to their embeddings
 * and biases by ridge regression (kernel/linear_map.h), as in Gantner et al. 2010, "Learning
 * attribute-to-feature mappings for cold-start recommendations". One of the features is 1 for all.
 * An item counts n / (n + TRUSTED) with n events. Items without any get what the map says of them,
 * and so do items that come later.
 */
#include <string.h>

#include "algorithm/feature_map.h"
#include "algorithm/network.h"
#include "kernel/poll.h"
#include "kernel/sparse.h"

/* With so many events, an item counts half of one with many. */
#define TRUSTED 5.0f

/* The weight of the squares of the map's numbers. */
#define RIDGE 1.0

/* The most steps of fitting. */
#define MAP_STEPS 100

size_t
network_map_bytes(const NetworkOptions *o, const Extent *extent)
{
	FeatureMap	map;

	return feature_map_lay_out(extent->n_items, extent->n_item_features, extent->n_item_values,
							   feature_map_blocks(o->factors, true), NULL, &map);
}

static FeatureMap
map_of(const Task *task, const void *memory)
{
	const NetworkOptions *o = task->model->options;
	const SparseMatrix *features = &task->ratings->item_features.by_row;
	FeatureMap	map;

	feature_map_lay_out(features->n_rows, features->n_columns, features->start[features->n_rows],
						feature_map_blocks(o->factors, true), memory, &map);
	return map;
}

/* Rows: the blocks of numbers. */
void
network_fit_map(const Task *task, const void *memory, int64_t begin, int64_t end)
{
	const Side *items = &task->model->sides[SIDE_ITEMS];
	const Side *features = &task->model->sides[SIDE_ITEM_FEATURES];
	FeatureMap	map = map_of(task, memory);

	for (int64_t block = begin; block < end; block++)
	{
		LinearMap	problem =
			feature_map_block(&map, &task->ratings->item_features.by_row, items, features,
							  NETWORK_BIAS, NETWORK_FACTORS, block);

		problem.ridge = RIDGE;
		problem.most_steps = MAP_STEPS;
		linear_map_fit(&problem);
	}
}

/* Sets the numbers of an item to what the map says of its features. */
static void
map_item(const Model *model, const SparseMatrix *features, int64_t row, Side *items)
{
	const Side *map = &model->sides[SIDE_ITEM_FEATURES];
	int64_t		stride = column_stride(&map->columns[NETWORK_FACTORS]);
	const int32_t *column = features->column + features->start[row];
	const float *value = features->value + features->start[row];
	int64_t		n = features->start[row + 1] - features->start[row];

	poll();
	linear_map_apply(map->values[NETWORK_FACTORS], stride, column, value, n, (int) stride,
					 items->values[NETWORK_FACTORS] + row * stride);
	items->values[NETWORK_BIAS][row] = (float) sparse_dot(column, value, n,
														  map->values[NETWORK_BIAS]);
}

void
network_map_cold_items(const Task *task, Services *services, void *memory)
{
	const NetworkOptions *o = task->model->options;
	const SparseMatrix *features = &task->ratings->item_features.by_row;
	Side	   *items = &task->model->sides[SIDE_ITEMS];
	FeatureMap	map;

	if (features->n_columns == 0)
		return;
	map = map_of(task, memory);
	memset(map.by_feature.start, 0, sizeof(int64_t) * (map.by_feature.n_rows + 2));
	sparse_transpose(features, &map.by_feature);
	for (int64_t i = 0; i < items->n_rows; i++)
		map.weights[i] = (float) items->n_ratings[i] / ((float) items->n_ratings[i] + TRUSTED);
	run_pass(services, NETWORK_MAP, NULL, 0, feature_map_blocks(o->factors, true), 1);
	for (int64_t i = 0; i < items->n_rows; i++)
	{
		if (items->n_ratings[i] == 0)
			map_item(task->model, features, i, items);
	}
}

void
network_map_items(const Model *model, const Features *features, Side *items)
{
	for (int64_t i = 0; i < items->n_rows; i++)
		map_item(model, &features->by_row, i, items);
}

/* The map's part of the score: h . (A f) + a . f. */
void
network_explain_features(const Model *model, const void *query, int32_t item,
						 const int32_t *features, const float *values, int64_t n,
						 float *contributions)
{
	const Side *map = &model->sides[SIDE_ITEM_FEATURES];
	const Column *factors = &map->columns[NETWORK_FACTORS];
	const float *numbers = map->values[NETWORK_FACTORS];

	for (int64_t i = 0; i < n; i++)
		contributions[i] =
			values[i] * (vector_dot(query, numbers + features[i] * column_stride(factors),
									factors->width) +
						 map->values[NETWORK_BIAS][features[i]]);
}
