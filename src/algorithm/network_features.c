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

#include "algorithm/network.h"
#include "kernel/linear_map.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/sparse.h"

/* With so many events, an item counts half of one with many. */
#define TRUSTED 5.0f

/* The weight of the squares of the map's numbers. */
#define RIDGE 1.0

/* The most steps of fitting. */
#define MAP_STEPS 100

/* What fitting needs. */
typedef struct Map
{
	SparseMatrix by_feature;
	float	   *weights;		/* by item */
	char	   *scratch;		/* for each block scratch_bytes */
	size_t		scratch_bytes;
} Map;

/* The embeddings are fitted in blocks of MAP_WIDTH numbers, and the biases are one more block. */
static inline int
map_blocks(const NetworkOptions *o)
{
	return (int) (PADDED(o->factors) / MAP_WIDTH) + 1;
}

static size_t
lay_out_map(const NetworkOptions *o, int64_t n_items, int64_t n_features, int64_t n_values,
			const void *memory, Map *map)
{
	Pieces		p = {memory, 0};

	if (n_features == 0)
		return 0;
	map->by_feature = (SparseMatrix) {
		.n_rows = n_features,
		.n_columns = n_items,
		.start = add_piece(&p, sizeof(int64_t) * (n_features + 2)),
		.column = add_piece(&p, sizeof(int32_t) * n_values),
		.value = add_piece(&p, sizeof(float) * n_values)
	};
	map->weights = add_piece(&p, sizeof(float) * n_items);
	map->scratch_bytes = cache_lines(linear_map_scratch(n_items, n_features));
	map->scratch = add_piece(&p, map->scratch_bytes * map_blocks(o));
	return p.bytes;
}

size_t
network_map_bytes(const NetworkOptions *o, const Extent *extent)
{
	Map			map;

	return lay_out_map(o, extent->n_items, extent->n_item_features, extent->n_item_values, NULL,
					   &map);
}

static Map
map_of(const Task *task, const void *memory)
{
	const SparseMatrix *features = &task->ratings->item_features.by_row;
	Map			map;

	lay_out_map(task->model->options, features->n_rows, features->n_columns,
				features->start[features->n_rows], memory, &map);
	return map;
}

/* Rows: the blocks of numbers. */
void
network_fit_map(const Task *task, const void *memory, int64_t begin, int64_t end)
{
	const NetworkOptions *o = task->model->options;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	const Side *features = &task->model->sides[SIDE_ITEM_FEATURES];
	Map			map = map_of(task, memory);

	for (int64_t block = begin; block < end; block++)
	{
		int			first = (int) block * MAP_WIDTH;
		bool		is_bias = first >= o->factors;
		int			column = is_bias ? NETWORK_BIAS : NETWORK_FACTORS;
		int64_t		stride = column_stride(&items->columns[column]);
		LinearMap	problem = {
			.by_row = &task->ratings->item_features.by_row,
			.by_feature = &map.by_feature,
			.weights = map.weights,
			.ridge = RIDGE,
			.width = is_bias ? 1 : (int) min64(o->factors - first, MAP_WIDTH),
			.most_steps = MAP_STEPS,
			.targets = items->values[column] + (is_bias ? 0 : first),
			.target_stride = stride,
			.map = features->values[column] + (is_bias ? 0 : first),
			.map_stride = stride,
			.scratch = (float *) (map.scratch + block * map.scratch_bytes)
		};

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
	const SparseMatrix *features = &task->ratings->item_features.by_row;
	Side	   *items = &task->model->sides[SIDE_ITEMS];
	Map			map;

	if (features->n_columns == 0)
		return;
	map = map_of(task, memory);
	memset(map.by_feature.start, 0, sizeof(int64_t) * (map.by_feature.n_rows + 2));
	sparse_transpose(features, &map.by_feature);
	for (int64_t i = 0; i < items->n_rows; i++)
		map.weights[i] = (float) items->n_ratings[i] / ((float) items->n_ratings[i] + TRUSTED);
	run_pass(services, NETWORK_MAP, NULL, 0, map_blocks(task->model->options), 1);
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
