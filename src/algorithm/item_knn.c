/*
 * item_knn.c
 *	  Neighbourhoods of items: items that are similar to those of a profile.
 *
 * Sarwar, Karypis, Konstan & Riedl 2001, "Item-based collaborative filtering recommendation
 * algorithms"; for events, Deshpande & Karypis 2004, "Item-based top-N recommendation algorithms".
 * Each item i keeps a list N(i) of the items most similar to it, by one of the measures of knn.h,
 * and is scored from those of them that the profile has:
 *
 *	implicit feedback:	score(i) = sum over j in N(i) and the profile of s_ij r_j,
 *						with normalize over the sum of s_ij of all of N(i)
 *	explicit feedback:	score(i) = b_ui + sum over the same of s_ij (r_j - b_uj), with normalize
 *						over the sum of s_ij of the same + prior: a weighted mean of deviations,
 *						in which one more neighbour of similarity prior deviates by nothing
 *
 * An item is its own nearest neighbour: where the profile has i, i counts as one more item of N(i),
 * with the highest possible similarity, 1 (conditional: 1 / (users of i)^alpha), whatever the
 * shrinkage. So items that are bought again come first where repeats are wanted; the scores of all
 * other items do not change.
 *
 * b_ui = mean + b_u + b_i is made of damped biases (Koren 2010, "Factor in the neighbors: scalable
 * and accurate collaborative filtering"); the user's bias is computed from the profile. The list of
 * the scored item is used, so that each item is scored by the same number of neighbours. Only
 * similarities above 0 count. Nothing speaks for an item that has no neighbour in the profile; its
 * expected score is b_ui, or 0.
 *
 * Similarities are found by sparse accumulation (kernel/neighbors.h), in a time that grows with the
 * sum over users of the square of their number of ratings. One user with 20,000 ratings takes 2e8
 * multiply-adds in vectors of up to eight items, about a tenth of a second. An item with a million
 * users is compared only with items that have more, user by user, so it can be interrupted as soon
 * as any other. Memory besides the ratings and the lists: 8 bytes per rating, within the memory of
 * the lists until they are written; 8 neighbors + 36 bytes per item; 20 bytes per user; and for
 * each worker 65 bytes per item and 64 bytes per neighbor of a list.
 *
 * A refresh compares each item that is solved again with all others, in the histories of all users
 * who have it, which is all that their similarity depends on besides both norms. The norms of other
 * items are those of when they were solved, and so are, with ratings, their means and biases. Each
 * similarity goes to the lists of both items.
 */
#include <math.h>
#include <string.h>

#include "algorithm/knn.h"
#include "kernel/list_update.h"
#include "kernel/lists.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"

static const Option item_knn_options[] = {
	FEEDBACK_OPTION,
	{"similarity", OPTION_CHOICE, offsetof(KnnOptions, similarity), {"adjusted_cosine", "cosine"},
	0, 0, similarity_choices,
	"of two items, over all users of either: cosine of the ratings; adjusted_cosine: of their "
	"deviations from the users' means; pearson: from the items' means; jaccard: users of both "
	"among users of either; conditional: the share of the neighbour's users who have the item, "
	"which needs a shrinkage, such as 50, as otherwise neighbours with few users take all places"},
	{"neighbors", OPTION_INTEGER, offsetof(KnnOptions, neighbors), {"200", "100"}, 1,
	KNN_MAX_NEIGHBORS, NULL,
	"the most similar items that each item keeps"},
	{"shrinkage", OPTION_REAL, offsetof(KnnOptions, shrinkage), {"100", "10"}, 0, 1e9, NULL,
	"a similarity that rests on n users in common is multiplied by n / (n + shrinkage)"},
	{"min_common", OPTION_INTEGER, offsetof(KnnOptions, min_common), {"1", "1"}, 1, 1000000000,
	NULL,
	"items with fewer users in common are not neighbours"},
	{"weighting", OPTION_CHOICE, offsetof(KnnOptions, weighting), {"none", "tfidf"}, 0, 0,
	weighting_choices,
	"implicit feedback, similarities that are cosines: how weights of events are transformed "
	"before items are compared; tfidf: the square root, times a factor for the rarity of the "
	"user's events; bm25: saturating, relative to the item's length, times the same factor"},
	{"alpha", OPTION_REAL, offsetof(KnnOptions, alpha), {"0.5", "0.5"}, 0, 1, NULL,
	"similarity conditional: divided by the number of the item's users to this power, so that "
	"popular items are not similar to everything"},
	{"normalize", OPTION_BOOLEAN, offsetof(KnnOptions, normalize), {"true", "false"}, 0, 0, NULL,
	"explicit feedback: the mean of the neighbours' deviations, weighted by similarity, instead of "
	"their sum; implicit: the share of an item's neighbours, weighted by similarity, instead of "
	"their sum"},
	{"prior", OPTION_REAL, offsetof(KnnOptions, prior), {"0.05", "0"}, 0, 1e9, NULL,
	"explicit feedback with normalize: the similarity of one more neighbour, whose rating is just "
	"as expected; with it, few or dissimilar neighbours change little"},
	{"damping", OPTION_REAL, offsetof(KnnOptions, damping), {"5", "5"}, 0, 1e9, NULL,
	"explicit feedback: biases of items and users are shrunk as if each had this many more ratings "
	"with a bias of 0"},
	CLIP_OPTION,
	WEIGHT_OPTION("log"),
	{NULL}
};

enum
{
	COLUMN_NEIGHBORS,
	COLUMN_SIMILARITIES,
	COLUMN_BIAS,
	N_COLUMNS,
	/* where refreshing needs them: */
	COLUMN_NORM = N_COLUMNS,
	COLUMN_MEAN
};

/* The reason why models with these options cannot be refreshed, or NULL. */
static const char *
item_knn_refuses_refresh(const void *options)
{
	const KnnOptions *o = options;

	if (knn_is_explicit(o))
		return NULL;
	if (o->similarity == SIMILARITY_ADJUSTED_COSINE || o->similarity == SIMILARITY_PEARSON)
		return "With implicit feedback, means are over all users or all items, and every new one "
			   "changes all similarities.";
	if (o->similarity == SIMILARITY_COSINE && o->weighting == WEIGHTING_BM25)
		return "With weighting bm25, every new event changes the mean length of the items, by "
			   "which all of them are compared.";
	return NULL;
}

/* Whether refreshing needs the norms of the items. */
static bool
has_norms(const KnnOptions *o)
{
	return o->similarity != SIMILARITY_JACCARD && o->similarity != SIMILARITY_CONDITIONAL &&
		item_knn_refuses_refresh(o) == NULL;
}

/* Whether it needs the means of the items. */
static bool
has_means(const KnnOptions *o)
{
	return knn_is_explicit(o) && o->similarity == SIMILARITY_PEARSON;
}

static int
item_knn_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_NEIGHBORS] = (Column)
	{
		"neighbors", COLUMN_ITEMS, 0, "the most similar items"
	};
	columns[COLUMN_SIMILARITIES] = (Column)
	{
		"similarities", COLUMN_WEIGHTS, 0, "the similarity of each of these items; above 0"
	};
	columns[COLUMN_BIAS] = (Column)
	{
		"bias", COLUMN_NUMBER, 0,
		"how far the item's ratings are above the mean; 0 with implicit feedback"
	};
	if (!has_norms(options))
		return N_COLUMNS;
	columns[COLUMN_NORM] = (Column)
	{
		"norm", COLUMN_OPTIONAL, 0,
		"the root of the sum of the squares of the values by which the item is compared"
	};
	if (!has_means(options))
		return COLUMN_NORM + 1;
	columns[COLUMN_MEAN] = (Column)
	{
		"mean", COLUMN_OPTIONAL, 0, "the mean of the item's ratings"
	};
	return COLUMN_MEAN + 1;
}

/* ---- training ---- */

/* Arrays that the workers share. */
enum
{
	ARRAY_ORDER,				/* an int32_t for each place: the item there */
	/* an int32_t for each group of NEIGHBOR_ROWS places, and one more: the first groups of units */
	ARRAY_UNITS,
	ARRAY_TERMS,				/* RowTerms for each place */
	ARRAY_ITEM,					/* a float for each item: its statistic */
	/* three floats for each user: all biases, then all means, then all weights */
	ARRAY_USER,
	ARRAY_CURSORS,				/* an int64_t for each user */
	ARRAY_NEIGHBORHOODS,		/* a Neighborhood for each place */
	ARRAY_NEIGHBORS,			/* neighbors x Scored for each place */
	N_ARRAYS
};

/*
 * Parts of the users in pass_entries, and the least number of units that the items are divided
 * into.
 */
#define USER_PARTS 32
#define UNIT_PARTS 512
/* The most groups of places in a unit, at least where there are few entries. */
#define UNIT_GROUPS 8

static int64_t
n_neighbors(const KnnOptions *o, int64_t n_items)
{
	int64_t		others = n_items > 1 ? n_items - 1 : 1;

	return o->neighbors < others ? o->neighbors : others;
}

static int64_t
n_groups(int64_t n_items)
{
	return (n_items + NEIGHBOR_ROWS - 1) / NEIGHBOR_ROWS;
}

/* The memory of the lists holds the entries by user and place until the lists are written. */
static int64_t
item_knn_list_entries(const void *options, const Extent *extent, SideKind side)
{
	int64_t		entries = extent->n_items * n_neighbors(options, extent->n_items);

	return entries > extent->n_ratings ? entries : extent->n_ratings;
}

static int
item_knn_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	bytes[ARRAY_ORDER] = sizeof(int32_t) * extent->n_items;
	bytes[ARRAY_UNITS] = sizeof(int32_t) * (n_groups(extent->n_items) + 1);
	bytes[ARRAY_TERMS] = sizeof(RowTerms) * extent->n_items;
	bytes[ARRAY_ITEM] = sizeof(float) * extent->n_items;
	bytes[ARRAY_USER] = sizeof(float) * 3 * extent->n_users;
	bytes[ARRAY_CURSORS] = sizeof(int64_t) * extent->n_users;
	bytes[ARRAY_NEIGHBORHOODS] = sizeof(Neighborhood) * extent->n_items;
	bytes[ARRAY_NEIGHBORS] =
		sizeof(Scored) * extent->n_items * n_neighbors(options, extent->n_items);
	return N_ARRAYS;
}

static KnnStatistics
task_statistics(const Task *task)
{
	int64_t		n_users = task->ratings->by_user.n_rows;
	KnnStatistics statistics = {
		.row = task->arrays[ARRAY_ITEM],
		.column_mean = (float *) task->arrays[ARRAY_USER] + n_users,
		.column_weight = (float *) task->arrays[ARRAY_USER] + 2 * n_users
	};

	return statistics;
}

static NeighborSearch
task_search(const Task *task)
{
	const KnnOptions *o = task->model->options;
	const Ratings *r = task->ratings;
	const SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;
	KnnStatistics statistics = task_statistics(task);
	NeighborSearch search = {
		.by_row = &r->by_item,
		.by_column = &r->by_user,
		.n = n_neighbors(o, r->by_item.n_rows),
		.order = task->arrays[ARRAY_ORDER],
		.terms = task->arrays[ARRAY_TERMS],
		.entry_place = list->column,
		.entry_value = list->value,
		.neighborhoods = task->arrays[ARRAY_NEIGHBORHOODS],
		.neighbors = task->arrays[ARRAY_NEIGHBORS]
	};

	knn_rules(o, r->scale.minimum, r->scale.maximum, &statistics, &search.values,
			  &search.similarity);
	return search;
}

/*
 * A pass over a side, which is its argument: the biases of the side, given those of the other side.
 */
static void
pass_biases(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const KnnOptions *o = task->model->options;
	bool		items = *(const SideKind *) argument == SIDE_ITEMS;
	const SparseMatrix *m = items ? &task->ratings->by_item : &task->ratings->by_user;
	float	   *item_bias = task->model->sides[SIDE_ITEMS].values[COLUMN_BIAS];
	float	   *user_bias = task->arrays[ARRAY_USER];

	for (int64_t row = begin; row < end; row++)
	{
		int64_t		first = m->start[row];

		poll();
		(items ? item_bias : user_bias)[row] =
			(float) knn_bias(m->value + first, m->column + first, m->start[row + 1] - first,
							 task->ratings->scale.mean, o->damping, items ? user_bias : item_bias);
	}
}

/*
 * A pass over the items: their statistics. Its argument is the mean, over the items, of the sum of
 * an item's weights.
 */
static void
pass_items(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SparseMatrix *m = &task->ratings->by_item;
	float	   *statistic = task->arrays[ARRAY_ITEM];

	for (int64_t item = begin; item < end; item++)
	{
		poll();
		statistic[item] =
			knn_row_statistic(task->model->options, m->value + m->start[item],
							  m->start[item + 1] - m->start[item], *(const double *) argument);
	}
}

/* A pass over the users: their statistics. */
static void
pass_users(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	NeighborSearch search = task_search(task);
	KnnStatistics statistics = task_statistics(task);

	for (int64_t user = begin; user < end; user++)
	{
		poll();
		knn_column_statistics(task->model->options, &search.values, &task->ratings->by_user, user,
							  &statistics);
	}
}

/*
 * A pass over the places: the terms of the items. Its argument is the sum of the squares of the
 * users' means.
 */
static void
pass_terms(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	NeighborSearch search = task_search(task);
	KnnStatistics statistics = task_statistics(task);
	const SparseMatrix *m = search.by_row;
	RowTerms   *terms = task->arrays[ARRAY_TERMS];

	for (int64_t place = begin; place < end; place++)
	{
		int32_t		item = search.order[place];
		int64_t		first = m->start[item];

		poll();
		terms[place] =
			knn_row_terms(task->model->options, &search.values, m->column + first, m->value + first,
						  m->start[item + 1] - first, m->n_columns, statistics.row[item],
						  statistics.column_mean, *(const double *) argument);
	}
}

/* A pass over USER_PARTS parts of the users: their entries by place. */
static void
pass_entries(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	NeighborSearch search = task_search(task);
	int64_t		n_users = search.by_column->n_rows;

	for (int64_t part = begin; part < end; part++)
		neighbors_prepare(&search, task->arrays[ARRAY_CURSORS], n_users * part / USER_PARTS,
						  n_users * (part + 1) / USER_PARTS);
}

/* A pass over units of groups of places: compares them. */
static void
pass_compare(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	NeighborSearch search = task_search(task);
	const int32_t *units = task->arrays[ARRAY_UNITS];
	int64_t		n_items = search.by_row->n_rows;

	neighbors_begin((int64_t) units[end] * NEIGHBOR_ROWS < n_items
						? (int64_t) units[end] * NEIGHBOR_ROWS
						: n_items,
					scratch);
	for (int64_t group = units[begin]; group < units[end]; group++)
	{
		int64_t		first = group * NEIGHBOR_ROWS;

		neighbors_compare(&search, first,
						  (int) (n_items - first < NEIGHBOR_ROWS ? n_items - first : NEIGHBOR_ROWS),
						  scratch);
	}
}

/* A pass over the places: the list of the item at each place, in ascending order of items. */
static void
pass_lists(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	NeighborSearch search = task_search(task);
	const SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;

	for (int64_t place = begin; place < end; place++)
	{
		int64_t		start = list->start[search.order[place]];
		Top			top = {search.n, search.neighborhoods[place].count,
				   search.neighbors + place * search.n};

		poll();
		for (int64_t k = 0; k < top.count; k++)
			top.heap[k].index = search.order[top.heap[k].index];
		top_sort_by_index(&top);
		for (int64_t k = 0; k < top.count; k++)
		{
			list->column[start + k] = top.heap[k].index;
			list->value[start + k] = top.heap[k].score;
		}
	}
}

enum
{
	PASS_BIASES,
	PASS_ITEMS,
	PASS_USERS,
	PASS_TERMS,
	PASS_ENTRIES,
	PASS_COMPARE,
	PASS_LISTS
};

static const Pass item_knn_passes[] = {
	[PASS_BIASES] = pass_biases,
	[PASS_ITEMS] = pass_items,
	[PASS_USERS] = pass_users,
	[PASS_TERMS] = pass_terms,
	[PASS_ENTRIES] = pass_entries,
	[PASS_COMPARE] = pass_compare,
	[PASS_LISTS] = pass_lists
};

static size_t
item_knn_scratch_bytes(const void *options, const Extent *extent)
{
	return neighbors_scratch_bytes(extent->n_items, n_neighbors(options, extent->n_items));
}

/*
 * Divides the groups of places into units with about the same number of ratings, and not too many
 * groups. Returns the number of units.
 */
static int64_t
make_units(const SparseMatrix *by_item, const int32_t *order, int32_t *units)
{
	int64_t		groups = n_groups(by_item->n_rows);
	int64_t		most_groups = groups / UNIT_PARTS > UNIT_GROUPS ? groups / UNIT_PARTS : UNIT_GROUPS;
	int64_t		most_ratings = by_item->start[by_item->n_rows] / UNIT_PARTS;
	int64_t		ratings = 0;
	int64_t		n = 0;

	units[0] = 0;
	for (int64_t group = 0; group < groups; group++)
	{
		for (int64_t place = group * NEIGHBOR_ROWS;
			 place < (group + 1) * NEIGHBOR_ROWS && place < by_item->n_rows; place++)
			ratings += by_item->start[order[place] + 1] - by_item->start[order[place]];
		if (ratings > most_ratings || group + 1 - units[n] >= most_groups || group + 1 == groups)
		{
			units[++n] = (int32_t) (group + 1);
			ratings = 0;
		}
	}
	return n;
}

/* The norm that terms were made with. */
static float
norm_of_terms(const RowTerms *terms, double unit)
{
	/* a larger norm could not be stored */
	return terms->scale > 0 ? (float) fmin(unit / terms->scale, FLT_MAX) : 0;
}

/* Stores what refreshing needs. */
static void
keep_statistics(const Task *task)
{
	const KnnOptions *o = task->model->options;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	NeighborSearch search = task_search(task);
	double		unit = knn_norm_unit(o, &search.values, task->ratings->scale.minimum);

	for (int64_t place = 0; place < items->n_rows && has_norms(o); place++)
		items->values[COLUMN_NORM][search.order[place]] =
			norm_of_terms(&search.terms[place], unit);
	if (has_means(o))
		memcpy(items->values[COLUMN_MEAN], task->arrays[ARRAY_ITEM],
			   sizeof(float) * (size_t) items->n_rows);
}

static const char *
item_knn_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const KnnOptions *o = model->options;
	const Ratings *r = task->ratings;
	int64_t		n_users = r->by_user.n_rows;
	int64_t		n_items = r->by_item.n_rows;
	NeighborSearch search = task_search(task);
	double		mean_length =
		r->scale.mean * ((double) r->by_item.start[n_items] / (double) n_items);
	double		squares;
	int64_t    *start = model->sides[SIDE_ITEMS].list.start;

	if (knn_is_explicit(o))
	{
		const float *bias = model->sides[SIDE_ITEMS].values[COLUMN_BIAS];

		for (int sweep = 0; sweep < KNN_BIAS_SWEEPS; sweep++)
		{
			for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
				run_pass(services, PASS_BIASES, &side, sizeof(side),
						 side == SIDE_ITEMS ? n_items : n_users, 64);
		}
		for (int64_t item = 0; item < n_items; item++)
		{
			if (!isfinite(bias[item]))
				return "the bias of an item is not finite";
		}
	}

	neighbors_order(search.by_row, task->arrays[ARRAY_NEIGHBORS], task->arrays[ARRAY_ORDER]);
	memset(task->arrays[ARRAY_NEIGHBORHOODS], 0, sizeof(Neighborhood) * n_items);
	run_pass(services, PASS_ITEMS, &mean_length, sizeof(mean_length), n_items, 64);
	run_pass(services, PASS_USERS, NULL, 0, n_users, 512);
	squares = knn_column_squares(o, task_statistics(task).column_mean, n_users);
	run_pass(services, PASS_TERMS, &squares, sizeof(squares), n_items, 64);
	keep_statistics(task);
	run_pass(services, PASS_ENTRIES, NULL, 0, USER_PARTS, 1);
	run_pass(services, PASS_COMPARE, NULL, 0,
			 make_units(search.by_row, search.order, task->arrays[ARRAY_UNITS]), 1);

	memset(start, 0, sizeof(int64_t) * (n_items + 2));
	for (int64_t place = 0; place < n_items; place++)
		start[search.order[place] + 1] = search.neighborhoods[place].count;
	for (int64_t item = 0; item < n_items; item++)
		start[item + 1] += start[item];
	run_pass(services, PASS_LISTS, NULL, 0, n_items, 1024);
	services->iteration_done(services, 1, NAN, NAN);
	if (start[n_items] == 0)
		services->nothing_learned(services, "min_common");
	return NULL;
}

/* ---- refreshing ---- */

/* Other items whose similarities are computed at once. */
#define CHUNK 256

/* Over the users that two items have in common. */
typedef struct Sums
{
	float		dot;			/* of products of values */
	float		common;			/* of 1 */
} Sums;

/* What a refresh works with. */
typedef struct Refreshed
{
	const KnnOptions *o;
	const Refresh *refresh;
	Side	   *items;
	int64_t		n_items;		/* after the refresh */
	ValueRule	values;
	SimilarityRule similarity;
	double		unit;			/* knn_norm_unit() */
	float	   *user_values;	/* by entry of by_user: its value; not used with VALUE_ONE */
	RowTerms   *terms;			/* by item */
	int32_t    *order;			/* as in training: the item of each rank, */
	int32_t    *rank;			/* and the rank of each item */
	Sums	   *sums;			/* of the item that is compared, by other item */
	int32_t    *touched;		/* the items that have a user in common with it */
	ListUpdate	update;
	/* of a chunk of these items */
	RowTerms	chunk_terms[CHUNK];
	float		chunk_dot[CHUNK];
	float		chunk_common[CHUNK];
	float		similarities[CHUNK];
} Refreshed;

static void *
floats(const Refresh *refresh, int64_t n)
{
	return allocate(&refresh->allocator, sizeof(float) * (size_t) n);
}

/*
 * The biases of the items, given those of all others, and those of the users, who have none in the
 * model. Returns false if one is not finite.
 */
static bool
refresh_biases(const Refreshed *r, double mean)
{
	const SparseMatrix *by_user = &r->refresh->by_user;
	const SparseMatrix *by_item = &r->refresh->by_item;
	float	   *item_bias = r->items->values[COLUMN_BIAS];
	float	   *user_bias = floats(r->refresh, by_user->n_rows);

	for (int sweep = 0; sweep < KNN_BIAS_SWEEPS; sweep++)
	{
		for (int64_t user = 0; user < by_user->n_rows; user++)
		{
			int64_t		first = by_user->start[user];

			poll();
			user_bias[user] =
				(float) knn_bias(by_user->value + first, by_user->column + first,
								 by_user->start[user + 1] - first, mean, r->o->damping, item_bias);
		}
		for (int64_t row = 0; row < by_item->n_rows; row++)
		{
			int64_t		first = by_item->start[row];
			float	   *bias = &item_bias[r->refresh->items[row]];

			poll();
			*bias = (float) knn_bias(by_item->value + first, by_item->column + first,
									 by_item->start[row + 1] - first, mean, r->o->damping,
									 user_bias);
			if (!isfinite(*bias))
				return false;
		}
	}
	return true;
}

/* Sets the rules, and the statistics of the users and of the items that are solved again. */
static void
refresh_statistics(Refreshed *r, const RatingScale *scale)
{
	const Refresh *refresh = r->refresh;
	const SparseMatrix *by_item = &refresh->by_item;
	/* rows of items that are gone do not count for how rare an item is */
	SparseMatrix by_user = refresh->by_user;
	int64_t		entries = by_user.start[by_user.n_rows];
	double		minimum = scale->minimum;
	double		maximum = scale->maximum;
	KnnStatistics statistics = {
		.row = has_means(r->o) ? r->items->values[COLUMN_MEAN] : NULL,
		.column_mean = floats(refresh, by_user.n_rows),
		.column_weight = floats(refresh, by_user.n_rows)
	};

	by_user.n_columns = r->n_items;
	for (int64_t at = 0; at < entries; at++)
	{
		if (at % 65536 == 0)
			poll();
		minimum = fmin(minimum, by_user.value[at]);
		maximum = fmax(maximum, by_user.value[at]);
	}
	knn_rules(r->o, minimum, maximum, &statistics, &r->values, &r->similarity);
	r->unit = knn_norm_unit(r->o, &r->values, minimum);
	for (int64_t row = 0; row < by_item->n_rows && has_means(r->o); row++)
	{
		poll();
		statistics.row[refresh->items[row]] =
			knn_row_statistic(r->o, by_item->value + by_item->start[row],
							  by_item->start[row + 1] - by_item->start[row], 0);
	}
	if (r->values.kind != VALUE_ONE)
		r->user_values = floats(refresh, entries);
	for (int64_t user = 0; user < by_user.n_rows; user++)
	{
		poll();
		knn_column_statistics(r->o, &r->values, &by_user, user, &statistics);
		for (int64_t at = by_user.start[user];
			 at < by_user.start[user + 1] && r->values.kind != VALUE_ONE; at++)
			r->user_values[at] =
				entry_value(&r->values, by_user.value[at], by_user.column[at], user);
	}
}

/* The terms of an item that is not solved again, from what is stored. */
static RowTerms
stored_terms(const Refreshed *r, int64_t item)
{
	RowTerms	terms = {0, 0, 0, 0};
	float		norm = has_norms(r->o) ? r->items->values[COLUMN_NORM][item] : 0;

	if (!has_norms(r->o))
		return knn_row_terms(r->o, &r->values, NULL, NULL, r->items->n_ratings[item], 0, 0, NULL,
							 0);
	if (norm > 0 && isfinite((float) (r->unit / norm)))
		terms.scale = terms.neighbor_scale = (float) (r->unit / norm);
	return terms;
}

/* Sets the terms of all items, and their order. */
static void
refresh_terms(Refreshed *r)
{
	const Refresh *refresh = r->refresh;
	const SparseMatrix *by_item = &refresh->by_item;
	int64_t		n = r->items->n_rows;
	/* a matrix with as many entries in each row as the item has ratings */
	SparseMatrix counts = {.n_rows = n};

	r->terms = allocate(&refresh->allocator, sizeof(RowTerms) * (size_t) n);
	r->order = floats(refresh, n);
	r->rank = floats(refresh, n);
	counts.start = allocate(&refresh->allocator, sizeof(int64_t) * (size_t) (n + 1));
	for (int64_t item = 0; item < n; item++)
	{
		if (item % 1024 == 0)
			poll();
		counts.start[item + 1] = refresh->solved[SIDE_ITEMS][item] ? 0 : r->items->n_ratings[item];
		if (!refresh->solved[SIDE_ITEMS][item])
			r->terms[item] = stored_terms(r, item);
	}
	for (int64_t row = 0; row < by_item->n_rows; row++)
	{
		int32_t		item = refresh->items[row];
		int64_t		first = by_item->start[row];

		poll();
		counts.start[item + 1] = by_item->start[row + 1] - first;
		r->terms[item] = knn_row_terms(
			r->o, &r->values, by_item->column + first, by_item->value + first,
			counts.start[item + 1], refresh->by_user.n_rows,
			has_means(r->o) ? r->items->values[COLUMN_MEAN][item] : 0, r->values.column_mean, 0);
		if (has_norms(r->o))
			r->items->values[COLUMN_NORM][item] = norm_of_terms(&r->terms[item], r->unit);
	}
	for (int64_t item = 0; item < n; item++)
		counts.start[item + 1] += counts.start[item];
	neighbors_order(&counts, allocate(&refresh->allocator, sizeof(Scored) * (size_t) n), r->order);
	for (int64_t rank = 0; rank < n; rank++)
		r->rank[r->order[rank]] = (int32_t) rank;
}

/*
 * Adds up the products with all other items, over the users of the item in a row of by_item.
 * Returns how many other items have any of these users.
 */
static int64_t
add_products(const Refreshed *r, int64_t row)
{
	const SparseMatrix *by_user = &r->refresh->by_user;
	const SparseMatrix *by_item = &r->refresh->by_item;
	int32_t		item = r->refresh->items[row];
	bool		one = r->values.kind == VALUE_ONE;
	int64_t		n = 0;

	for (int64_t e = by_item->start[row]; e < by_item->start[row + 1]; e++)
	{
		int32_t		user = by_item->column[e];
		float		value = entry_value(&r->values, by_item->value[e], item, user);

		poll();
		for (int64_t at = by_user->start[user]; at < by_user->start[user + 1]; at++)
		{
			Sums	   *sums = &r->sums[by_user->column[at]];

			r->touched[n] = by_user->column[at];
			n += sums->common == 0;
			sums->common += 1;
			sums->dot += value * (one ? value : r->user_values[at]);
		}
	}
	return n;
}

/* Computes the similarities between an item with these terms and the items of a chunk. */
static void
compare_chunk(Refreshed *r, const RowTerms *own, int n)
{
	row_similarities(&r->similarity, own, r->chunk_terms, r->chunk_dot, r->chunk_common, n,
					 r->similarities);
}

/* Offers an item and others to each other's lists. The sums of the others are zero afterwards. */
static void
offer_neighbors(Refreshed *r, int32_t item, const int32_t *others, int n)
{
	RowTerms	own = r->terms[item];

	for (int i = 0; i < n; i++)
	{
		r->chunk_terms[i] = r->terms[others[i]];
		r->chunk_dot[i] = r->sums[others[i]].dot;
		r->chunk_common[i] = r->sums[others[i]].common;
		r->sums[others[i]] = (Sums) {0, 0};
	}
	compare_chunk(r, &own, n);
	for (int i = 0; i < n; i++)
	{
		if (r->similarities[i] > 0 && others[i] != item)
			list_update_offer(&r->update, item, others[i], r->similarities[i]);
	}
	if (!r->similarity.symmetric)
	{
		/* the other way round */
		for (int i = 0; i < n; i++)
			r->chunk_terms[i].neighbor_scale = r->chunk_terms[i].scale;
		own.scale = own.neighbor_scale;
		compare_chunk(r, &own, n);
	}
	for (int i = 0; i < n; i++)
	{
		/* an item that is solved again is compared by itself */
		if (r->similarities[i] > 0 && !r->refresh->solved[SIDE_ITEMS][others[i]])
			list_update_offer(&r->update, others[i], item, r->similarities[i]);
	}
}

static const char *
item_knn_refresh(Model *model, const Refresh *refresh, void *scratch)
{
	Side	   *items = &model->sides[SIDE_ITEMS];
	SparseMatrix before = items->list;
	Refreshed	r = {
		.o = model->options, .refresh = refresh, .items = items, .n_items = items->n_rows};

	for (int64_t item = 0; item < items->n_rows; item++)
		r.n_items -= refresh->solved[SIDE_ITEMS][item];
	r.n_items += refresh->by_item.n_rows;
	if (knn_is_explicit(r.o) && !refresh_biases(&r, model->scale.mean))
		return "the bias of an item is not finite";
	refresh_statistics(&r, &model->scale);
	refresh_terms(&r);
	r.sums = allocate(&refresh->allocator, sizeof(Sums) * (size_t) items->n_rows);
	/* one more, which is written before it is known whether it counts */
	r.touched = floats(refresh, items->n_rows + 1);
	r.update = (ListUpdate) {.lists = &before, .solved = refresh->solved[SIDE_ITEMS],
							 .capacity = n_neighbors(r.o, r.n_items), .rank = r.rank,
							 .order = r.order, .allocator = &refresh->allocator};
	list_update_begin(&r.update);
	for (int64_t row = 0; row < refresh->by_item.n_rows; row++)
	{
		int64_t		n = add_products(&r, row);

		for (int64_t at = 0; at < n; at += CHUNK)
		{
			poll();
			offer_neighbors(&r, refresh->items[row], r.touched + at,
							(int) (n - at < CHUNK ? n - at : CHUNK));
		}
	}
	list_update_end(&r.update, &items->list, refresh->changed[SIDE_ITEMS]);
	return NULL;
}

/* ---- asking ---- */

/*
 * The derived block of a loaded model: for each item, the sum of the similarities on its list and
 * its similarity to itself; then the inverse lists.
 */
static size_t
totals_bytes(const Model *model)
{
	return cache_lines(2 * sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
}

static const float *
list_totals(const Model *model)
{
	return model->derived;
}

static const float *
own_similarities(const Model *model)
{
	return list_totals(model) + model->sides[SIDE_ITEMS].n_rows;
}

static SparseMatrix
inverse(const Model *model)
{
	return inverse_lists((const char *) model->derived + totals_bytes(model));
}

static size_t
item_knn_derived_bytes(const Model *model)
{
	return totals_bytes(model) + inverse_lists_bytes(&model->sides[SIDE_ITEMS].list);
}

static void
item_knn_prepare(Model *model)
{
	const KnnOptions *o = model->options;
	const SparseMatrix *list = &model->sides[SIDE_ITEMS].list;
	float	   *totals = model->derived;
	float	   *own = totals + model->sides[SIDE_ITEMS].n_rows;

	for (int64_t item = 0; item < list->n_rows; item++)
	{
		float		total = 0;
		int32_t		users = model->sides[SIDE_ITEMS].n_ratings[item];

		if (item % 1024 == 0)
			poll();
		for (int64_t at = list->start[item]; at < list->start[item + 1]; at++)
			total += list->value[at];
		totals[item] = total;
		own[item] = o->similarity == SIMILARITY_CONDITIONAL && users > 1
						? (float) pow(users, -o->alpha)
						: 1;
	}
	inverse_lists_build(list, (char *) model->derived + totals_bytes(model));
}

typedef struct Query
{
	int64_t		n;
	const int32_t *items;		/* of the profile */
	/* implicit: the weights; explicit: the ratings less their expected values */
	const float *amounts;
	float		base;			/* common to all scores */
	/* some rating differs from its expected value by more than rounding */
	bool		speaks;
} Query;

static size_t
item_knn_query_bytes(const Model *model, int64_t profile_items)
{
	return sizeof(Query) + (sizeof(int32_t) + sizeof(float)) * profile_items;
}

static bool
item_knn_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	const KnnOptions *o = model->options;
	const float *item_bias = model->sides[SIDE_ITEMS].values[COLUMN_BIAS];
	Query	   *q = query;
	int32_t    *items = (int32_t *) (q + 1);
	float	   *amounts = (float *) (items + profile->n);
	double		bias = 0;
	double		largest = 0;

	q->speaks = false;
	if (knn_is_explicit(o))
		bias = knn_bias(profile->ratings, profile->items, profile->n, model->scale.mean, o->damping,
						item_bias);
	for (int64_t j = 0; j < profile->n; j++)
	{
		double		amount = profile->ratings[j];

		if (knn_is_explicit(o))
			amount -= model->scale.mean + bias + item_bias[profile->items[j]];
		items[j] = profile->items[j];
		amounts[j] = (float) amount;
		largest += fabs(amount);
		q->speaks = q->speaks || !knn_is_explicit(o) ||
					fabs(amount) > ROUNDING * (fabs(profile->ratings[j]) + fabs(model->scale.mean));
	}
	q->n = profile->n;
	q->items = items;
	q->amounts = amounts;
	q->base = knn_is_explicit(o) ? (float) (model->scale.mean + bias) : 0;
	/* a similarity is at most 1, so no sum is larger */
	return isfinite(q->base) && largest < 1e38;
}

static bool
item_knn_speaks(const Model *model, const void *query)
{
	return ((const Query *) query)->speaks;
}

/*
 * The divisor of the sum over an item's neighbours. magnitude: the sum of the similarities of the
 * neighbours in the profile.
 */
static inline double
divisor(const Model *model, int32_t item, bool has_item, float magnitude)
{
	const KnnOptions *o = model->options;

	if (!o->normalize)
		return 1;
	if (knn_is_explicit(o))
		return magnitude + (float) o->prior;
	return list_totals(model)[item] + (has_item ? own_similarities(model)[item] : 0);
}

/* Turns sums over the neighbours in the profile into a score; NaN where there is no neighbour. */
static inline float
finish(const Model *model, const Query *q, int32_t item, bool has_item, float sum, float magnitude)
{
	float		by;

	if (!(magnitude > 0))
		return NAN;
	by = (float) divisor(model, item, has_item, magnitude);
	if (knn_is_explicit(model->options))
		return q->base + model->sides[SIDE_ITEMS].values[COLUMN_BIAS][item] + sum / by;
	/*
	 * the divisor is a sum of similarities, which are above 0 unless the table was edited by hand
	 */
	return by > 0 ? sum / by : NAN;
}

/* The sums over the neighbours of items that are in the profile. */
static void
sum_neighbors(const Model *model, const Query *q, const int32_t *items, int64_t first, int64_t n,
			  float *sums, float *magnitudes)
{
	SparseMatrix by_neighbor = inverse(model);

	lists_score_rows(&model->sides[SIDE_ITEMS].list, &by_neighbor, q->items, q->amounts, q->n,
					 items, first, n, sums, magnitudes);
	lists_add_own(q->items, q->amounts, q->n, own_similarities(model), items, first, n, sums,
				  magnitudes);
}

/* Items that are scored at once. */
#define SCORED_ITEMS 2048

static void
item_knn_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
					 int64_t n, float *scores)
{
	const Query *q = query;
	float		magnitudes[SCORED_ITEMS];
	int64_t		at = 0;

	for (int64_t begin = first; begin < first + n; begin += SCORED_ITEMS)
	{
		int64_t		count = first + n - begin < SCORED_ITEMS ? first + n - begin : SCORED_ITEMS;
		float	   *some = scores + (begin - first);

		sum_neighbors(model, q, items, begin, count, some, magnitudes);
		for (int64_t i = 0; i < count; i++)
		{
			int32_t		item = item_of(items, begin + i);

			some[i] = finish(model, q, item, sparse_has(q->items, q->n, item, &at), some[i],
							 magnitudes[i]);
		}
	}
}

static float
item_knn_expected_score(const Model *model, const void *query, int32_t item)
{
	float		bias = item >= 0 && knn_is_explicit(model->options)
						   ? model->sides[SIDE_ITEMS].values[COLUMN_BIAS][item]
						   : 0;

	return ((const Query *) query)->base + bias;
}

static bool
item_knn_predicts_ratings(const Model *model)
{
	return knn_is_explicit(model->options);
}

/*
 * With explicit feedback each rating contributes to the user's bias, too; the baseline is the mean
 * and the item's bias.
 */
static void
item_knn_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
				 float *contributions, float *baseline, void *scratch)
{
	const KnnOptions *o = model->options;
	const Query *q = query;
	const float *item_bias = model->sides[SIDE_ITEMS].values[COLUMN_BIAS];
	float		sum;
	float		magnitude;
	int64_t		at = 0;
	double		by;

	sum_neighbors(model, q, &item, 0, 1, &sum, &magnitude);
	lists_weights(&model->sides[SIDE_ITEMS].list, item, q->items, q->n, contributions);
	by = magnitude > 0
			 ? divisor(model, item, sparse_has(q->items, q->n, item, &at), magnitude)
			 : 0;
	*baseline = 0;
	for (int64_t j = 0; j < q->n; j++)
	{
		double		similarity =
			contributions[j] + (q->items[j] == item ? own_similarities(model)[item] : 0);

		contributions[j] = by > 0 ? (float) (similarity * q->amounts[j] / by) : 0;
	}
	if (!knn_is_explicit(o))
		return;
	*baseline = (float) (model->scale.mean + item_bias[item]);
	for (int64_t j = 0; j < q->n; j++)
		contributions[j] +=
			(float) ((profile->ratings[j] - model->scale.mean - item_bias[q->items[j]]) /
					 ((double) q->n + o->damping));
}

/* The similarity of an item is that on the list of `item`. */
static void
item_knn_similar_items(const Model *model, int32_t item, int64_t first, int64_t n,
					   float *similarity)
{
	const SparseMatrix *list = &model->sides[SIDE_ITEMS].list;

	for (int64_t i = 0; i < n; i++)
		similarity[i] = NAN;
	for (int64_t at = list->start[item]; at < list->start[item + 1]; at++)
	{
		if (list->column[at] >= first && list->column[at] < first + n)
			similarity[list->column[at] - first] = list->value[at];
	}
}

const Algorithm item_knn_algorithm = {
	.name = "item_knn",
	.description = "the items most similar to those of the profile, for ratings and for events",
	.options = item_knn_options,
	.options_size = sizeof(KnnOptions),
	.columns = item_knn_columns,
	.list_entries = item_knn_list_entries,
	.arrays = item_knn_arrays,
	.passes = item_knn_passes,
	.scratch_bytes = item_knn_scratch_bytes,
	.train = item_knn_train,
	.refuses_refresh = item_knn_refuses_refresh,
	.refresh = item_knn_refresh,
	.derived_bytes = item_knn_derived_bytes,
	.prepare = item_knn_prepare,
	.query_bytes = item_knn_query_bytes,
	.make_query = item_knn_make_query,
	.speaks = item_knn_speaks,
	.score_items = item_knn_score_items,
	.range_speed = 64,
	.expected_score = item_knn_expected_score,
	.explain = item_knn_explain,
	.predicts_ratings = item_knn_predicts_ratings,
	.similar_items = item_knn_similar_items
};
