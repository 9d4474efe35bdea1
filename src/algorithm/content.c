/*
 * content.c
 *	  Content-based recommendation: items with attributes like those of the profile's items.
 *
 * An item i is a vector x_i of unit length over the features. Categories and words are weighted by
 * their inverse document frequency (Sparck Jones 1972; Salton & Buckley 1988, "Term-weighting
 * approaches in automatic text retrieval"). A column must not count more because it has more
 * values. So each column of sets, words or an embedding is scaled to unit length first, and so are
 * all columns of single categories together; numbers are divided by the square root of the number
 * of columns of numbers.
 *
 * The profile is the weighted sum of its items' vectors, as in Rocchio's method, and the score of
 * an item is the cosine of the two vectors (Pazzani & Billsus 2007, "Content-based recommendation
 * systems"):
 *
 *		p = sum over j of w_j x_j,    score of i = (p . x_i) / |p|
 *
 * w_j is the rating minus the mean of all ratings, or with implicit feedback the weight of the
 * item's events. With a half-life it is multiplied by 0.5 ^ (age / half_life), where the age is
 * counted back from the latest event of the profile.
 */
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"

typedef struct ContentOptions
{
	CommonOptions common;
	double		half_life;		/* seconds */
} ContentOptions;

static const Option content_options[] = {
	FEEDBACK_OPTION,
	{"half_life", OPTION_INTERVAL, offsetof(ContentOptions, half_life), {"0", "0"}, 0,
	1e6 * 86400, NULL,
	"after how long an item of the profile counts half, back from the user's latest event, such as "
	"\"30 days\" (a month counts 30); 0: all count alike; needs a time column"},
	MIN_COUNT_OPTION,
	WEIGHT_OPTION("log"),
	{NULL}
};

enum
{
	COLUMN_LIST,
	COLUMN_LIST_WEIGHTS,
	N_COLUMNS
};

static unsigned
content_needs(const void *options)
{
	return NEEDS_RATINGS | NEEDS_ITEM_FEATURES |
		   (((const ContentOptions *) options)->half_life > 0 ? NEEDS_EVENTS | NEEDS_TIMES : 0);
}

static int
content_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_LIST] = (Column)
	{
		"features", COLUMN_FEATURES, 0,
		"the item's features, by their numbers in the table of features, the weightiest first"
	};
	columns[COLUMN_LIST_WEIGHTS] = (Column)
	{
		"weights", COLUMN_WEIGHTS, 0, "of each of the features: a vector of unit length"
	};
	return N_COLUMNS;
}

static int64_t
content_list_entries(const void *options, const Extent *extent, SideKind side)
{
	return extent->n_item_values;
}

/* ---- training ---- */

enum
{
	PASS_WEIGH
};

/*
 * Computes the vector of an item. The features of a column are adjacent, because features are in
 * the order of their names, which begin with the column.
 */
static void
weigh_item(const Features *features, float number_weight, const int32_t *feature,
		   const float *value, int64_t n, float *weights)
{
	double		categories = 0;

	for (int64_t begin = 0, end; begin < n; begin = end)
	{
		int32_t		column = features->column[feature[begin]];
		FeatureKind kind = (FeatureKind) features->kind[feature[begin]];

		for (end = begin; end < n && features->column[feature[end]] == column; end++)
		{
			float		weight = value[end];

			if (kind == FEATURE_NUMBER)
				weight *= number_weight;
			else if (kind == FEATURE_CATEGORY || kind == FEATURE_SET)
				weight *= (float) features->encoding[feature[end]].scale;
			weights[end] = weight;
			if (kind == FEATURE_CATEGORY)
				categories += (double) weight * weight;
		}
		if (kind != FEATURE_CATEGORY && kind != FEATURE_NUMBER)
			scale_to_unit_length(weights + begin, end - begin);
	}
	for (int64_t i = 0; i < n && categories > 0; i++)
	{
		if (features->kind[feature[i]] == FEATURE_CATEGORY)
			weights[i] = (float) (weights[i] / sqrt(categories));
	}
	scale_to_unit_length(weights, n);
}

static void
weigh(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Features *features = &task->ratings->item_features;
	const SparseMatrix *m = &features->by_row;
	const SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;

	for (int64_t i = begin; i < end; i++)
	{
		int64_t		first = m->start[i];
		int64_t		n = m->start[i + 1] - first;

		memcpy(list->column + first, m->column + first, sizeof(int32_t) * (size_t) n);
		weigh_item(features, *(const float *) argument, m->column + first, m->value + first, n,
				   list->value + first);
	}
}

static const Pass content_passes[] = {
	[PASS_WEIGH] = weigh
};

/* The weight of a number, if so many columns have numbers. */
static float
weight_of_numbers(int64_t n)
{
	return 1 / sqrtf((float) (n > 0 ? n : 1));
}

static const char *
content_train(const Task *task, Services *services)
{
	const Features *features = &task->ratings->item_features;
	const SparseMatrix *m = &features->by_row;
	SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;
	float		number_weight;
	int64_t		n_numbers = 0;

	for (int64_t f = 0; f < m->n_columns; f++)
		n_numbers += features->kind[f] == FEATURE_NUMBER;
	number_weight = weight_of_numbers(n_numbers);
	memcpy(list->start, m->start, sizeof(int64_t) * (size_t) (m->n_rows + 1));
	run_pass(services, PASS_WEIGH, &number_weight, sizeof(number_weight), m->n_rows, 1024);
	return NULL;
}

/* ---- asking ---- */

/* The side of the features need not be loaded: the items' lists know the number of its rows. */
static inline int64_t
n_features(const Model *model)
{
	return model->sides[SIDE_ITEMS].list.n_columns;
}

typedef struct Query
{
	bool		speaks;
	float		profile[];		/* the profile's vector, of unit length if it speaks */
} Query;

static size_t
content_query_bytes(const Model *model, int64_t profile_length)
{
	return offsetof(Query, profile) + sizeof(float) * (size_t) n_features(model);
}

/* The weight of each item of the profile, and the time of its latest event. */
static float *
lay_out_scratch(const Model *model, int64_t profile_length, const void *memory, int64_t **times,
				size_t *bytes)
{
	Pieces		p = {.memory = memory};
	float	   *weights = add_piece(&p, sizeof(float) * (size_t) profile_length);

	*times = add_piece(&p, sizeof(int64_t) * (size_t) profile_length);
	*bytes = p.bytes;
	return weights;
}

static size_t
content_scratch_bytes(const Model *model, int64_t profile_length)
{
	int64_t    *times;
	size_t		bytes;

	lay_out_scratch(model, profile_length, NULL, &times, &bytes);
	return bytes;
}

/* Multiplies the weights by the decay with age. */
static void
decay(double half_life, const Profile *profile, float *weights, int64_t *times)
{
	int64_t		newest = INT64_MIN;

	for (int64_t j = 0; j < profile->n; j++)
		times[j] = INT64_MIN;
	for (int64_t e = 0; e < profile->n_events; e++)
	{
		int64_t		j = sparse_find(profile->items, 0, profile->n, profile->events[e]);

		if (j < profile->n && profile->items[j] == profile->events[e] &&
			profile->times[e] > times[j])
			times[j] = profile->times[e];
		if (profile->times[e] > newest)
			newest = profile->times[e];
	}
	for (int64_t j = 0; j < profile->n; j++)
	{
		double		age = times[j] == newest ? 0 : (double) newest - (double) times[j];

		weights[j] *= (float) exp2(-age / (half_life * 1e6));
	}
}

/* The weight of each item of the profile. */
static void
weigh_profile(const Model *model, const Profile *profile, float *weights, int64_t *times)
{
	const ContentOptions *o = model->options;
	bool		is_explicit = o->common.feedback == FEEDBACK_EXPLICIT;

	for (int64_t j = 0; j < profile->n; j++)
	{
		double		weight = profile->ratings[j] - (is_explicit ? model->scale.mean : 0);
		double		rounding = is_explicit ? ROUNDING * (fabs(profile->ratings[j]) +
														 fabs(model->scale.mean))
										   : 0;

		weights[j] = fabs(weight) > rounding ? (float) weight : 0;
	}
	if (o->half_life > 0 && profile->times != NULL)
		decay(o->half_life, profile, weights, times);
}

/* The vector of an item: n features and their weights. */
static int64_t
item_vector(const Model *model, int32_t item, const int32_t **features, const float **weights)
{
	int64_t		row;
	const SparseMatrix *list = &side_of_item(model, item, &row)->list;

	*features = list->column + list->start[row];
	*weights = list->value + list->start[row];
	return list->start[row + 1] - list->start[row];
}

static bool
content_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	Query	   *q = query;
	int64_t		n = n_features(model);
	int64_t    *times;
	size_t		bytes;
	float	   *weights = lay_out_scratch(model, profile_length(profile), scratch, &times, &bytes);
	double		largest = 0;
	double		squares = 0;
	double		scale;

	memset(q, 0, content_query_bytes(model, 0));
	weigh_profile(model, profile, weights, times);
	for (int64_t j = 0; j < profile->n; j++)
		largest = fmax(largest, fabs(weights[j]));
	if (largest == 0)
		return true;
	if (!isfinite(largest))
		return false;
	for (int64_t j = 0; j < profile->n; j++)
	{
		const int32_t *features;
		const float *values;
		int64_t		length = item_vector(model, profile->items[j], &features, &values);

		sparse_add((float) (weights[j] / largest), features, values, length, q->profile);
	}
	for (int64_t f = 0; f < n; f++)
		squares += (double) q->profile[f] * q->profile[f];
	/* likes and dislikes of the same features may cancel, up to rounding */
	if (!(sqrt(squares) > ROUNDING * sqrt((double) profile->n)))
	{
		memset(q, 0, content_query_bytes(model, 0));
		return true;
	}
	scale = 1 / sqrt(squares);
	for (int64_t f = 0; f < n; f++)
		q->profile[f] = (float) (q->profile[f] * scale);
	q->speaks = true;
	return true;
}

static bool
content_speaks(const Model *model, const void *query)
{
	return ((const Query *) query)->speaks;
}

static void
content_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
					int64_t n, float *scores)
{
	const Query *q = query;

	for (int64_t i = 0; i < n; i++)
	{
		const int32_t *features;
		const float *weights;
		int64_t		length = item_vector(model, item_of(items, first + i), &features, &weights);
		float		score = sparse_dot(features, weights, length, q->profile);

		/* an item without a feature of the profile has no score */
		scores[i] = score != 0 ? score : NAN;
	}
}

/* The inner product of two vectors of items. */
static float
item_product(const Model *model, int32_t a, int32_t b)
{
	const int32_t *features_a;
	const int32_t *features_b;
	const float *weights_a;
	const float *weights_b;
	int64_t		n_a = item_vector(model, a, &features_a, &weights_a);
	int64_t		n_b = item_vector(model, b, &features_b, &weights_b);
	double		sum = 0;
	int64_t		i = 0;
	int64_t		j = 0;

	while (i < n_a && j < n_b)
	{
		if (features_a[i] < features_b[j])
			i++;
		else if (features_a[i] > features_b[j])
			j++;
		else
			sum += (double) weights_a[i++] * weights_b[j++];
	}
	return (float) sum;
}

static void
content_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
				float *contributions, float *baseline, void *scratch)
{
	const Query *q = query;
	int64_t    *times;
	size_t		bytes;
	float	   *weights = lay_out_scratch(model, profile_length(profile), scratch, &times, &bytes);
	double		product = 0;

	memset(contributions, 0, sizeof(float) * (size_t) profile->n);
	*baseline = 0;
	if (!q->speaks)
		return;
	/* the query q is p / |p|, so |p| is p . q */
	weigh_profile(model, profile, weights, times);
	for (int64_t j = 0; j < profile->n; j++)
	{
		const int32_t *features;
		const float *values;
		int64_t		length = item_vector(model, profile->items[j], &features, &values);

		product += (double) weights[j] * sparse_dot(features, values, length, q->profile);
	}
	for (int64_t j = 0; j < profile->n && product > 0; j++)
		contributions[j] =
			(float) (weights[j] * item_product(model, profile->items[j], item) / product);
}

static void
content_similar_items(const Model *model, int32_t item, int64_t first, int64_t n,
					  float *similarity)
{
	for (int64_t i = 0; i < n; i++)
	{
		float		product = item_product(model, item, (int32_t) (first + i));

		similarity[i] = product != 0 ? fmaxf(-1, fminf(1, product)) : NAN;
	}
}

/* The weight of a number in a trained model; numbers are the features that have a mean. */
static float
trained_number_weight(const Model *model)
{
	int64_t		n_numbers = 0;

	for (int64_t f = 0; f < model->sides[SIDE_ITEM_FEATURES].n_rows; f++)
		n_numbers += !isnan(model_feature_encoding(model, SIDE_ITEM_FEATURES, f).mean);
	return weight_of_numbers(n_numbers);
}

/* Puts the vectors of items into the lists of these rows; rows NULL: the i-th item has row i. */
static void
place_vectors(const Model *model, const Features *features, const int32_t *rows,
			  const SparseMatrix *list)
{
	const SparseMatrix *m = &features->by_row;
	float		number_weight = trained_number_weight(model);

	memset(list->start, 0, sizeof(int64_t) * (size_t) (list->n_rows + 1));
	for (int64_t i = 0; i < m->n_rows; i++)
		list->start[item_of(rows, i) + 1] = m->start[i + 1] - m->start[i];
	for (int64_t row = 0; row < list->n_rows; row++)
		list->start[row + 1] += list->start[row];
	for (int64_t i = 0; i < m->n_rows; i++)
	{
		int64_t		first = m->start[i];
		int64_t		n = m->start[i + 1] - first;
		int64_t		to = list->start[item_of(rows, i)];

		poll();
		memcpy(list->column + to, m->column + first, sizeof(int32_t) * (size_t) n);
		weigh_item(features, number_weight, m->column + first, m->value + first, n,
				   list->value + to);
	}
}

/* The vectors of new items. */
static void
content_map_items(const Model *model, const Features *features, Side *items)
{
	place_vectors(model, features, NULL, &items->list);
}

static const char *
content_refresh(Model *model, const Refresh *refresh, void *scratch)
{
	place_vectors(model, &refresh->item_features, refresh->items, &model->sides[SIDE_ITEMS].list);
	return NULL;
}

/* The score is the sum over the item's features of the profile's weight times the item's. */
static void
content_explain_features(const Model *model, const void *query, int32_t item,
						 const int32_t *features, const float *values, int64_t n,
						 float *contributions)
{
	const Query *q = query;
	const int32_t *own;
	const float *weights;
	int64_t		length = item_vector(model, item, &own, &weights);
	int64_t		at = 0;

	for (int64_t i = 0; i < n; i++)
		contributions[i] = sparse_has(own, length, features[i], &at)
							   ? q->profile[features[i]] * weights[at]
							   : 0;
}

const Algorithm content_algorithm = {
	.name = "content",
	.description = "items with attributes like those of the user's items",
	.options = content_options,
	.options_size = sizeof(ContentOptions),
	.columns = content_columns,
	.needs = content_needs,
	.list_entries = content_list_entries,
	.passes = content_passes,
	.train = content_train,
	.refresh = content_refresh,
	.query_bytes = content_query_bytes,
	.query_scratch_bytes = content_scratch_bytes,
	.make_query = content_make_query,
	.speaks = content_speaks,
	.score_items = content_score_items,
	.explain = content_explain,
	.explain_scratch_bytes = content_scratch_bytes,
	.map_items = content_map_items,
	.explain_features = content_explain_features,
	.similar_items = content_similar_items
};
