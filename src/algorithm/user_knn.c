/*
 * user_knn.c
 *	  Neighbourhoods of users: the items of users who are similar to a profile.
 *
 * Resnick, Iacovou, Suchak, Bergstrom & Riedl 1994, "GroupLens"; Herlocker, Konstan, Borchers &
 * Riedl 1999, "An algorithmic framework for performing collaborative filtering". The users most
 * similar to the profile, by one of the measures of knn.h, are its neighbours V. Their ratings are
 * the base of the scores:
 *
 *	implicit feedback:	score(i) = sum over v in V who have i of s_v r_vi, with normalize over the
 *						sum of s_v of all of V
 *	explicit feedback:	score(i) = b_ui + sum over v in V who have i of s_v (r_vi - b_vi), with
 *						normalize over the sum of s_v of the same + prior
 *
 * where b_ui = mean + b_u + b_i are damped biases (Koren 2010, "Factor in the neighbors"), and the
 * prior is one more neighbour whose rating is just as expected. V depends only on the profile, so
 * one search serves all items. Similarities are multiplied by min(n, significance) / significance,
 * with n the items in common (Herlocker et al., section 6.2). Only similarities above 0 count. A
 * user whose items are all in the profile is no neighbour: there is nothing to learn from that
 * user's ratings, and users who were in the training data do not become neighbours of their own
 * profiles. For items in the profile, however, the profile is its own nearest neighbour, one more
 * of V with the similarity 1, so that items that are bought again come first where repeats are
 * wanted; the scores of all other items do not change. Nothing speaks for an item that none of the
 * neighbours has; its expected score is b_ui, or 0.
 *
 * The model is the users' ratings. Neighbours are found when the model is asked, for any profile as
 * it is then, by lists of the users of each item. The time is that of reading the lists of the
 * profile's items: one multiply-add for each user of each of these items. Cancels are served
 * between blocks of users. Memory is 20 bytes per rating and 28 per user; a question takes 12 bytes
 * for each of SEARCH_USERS users.
 */
#include <math.h>
#include <string.h>

#include "algorithm/knn.h"
#include "kernel/lists.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"

static const Option user_knn_options[] = {
	FEEDBACK_OPTION,
	{"similarity", OPTION_CHOICE, offsetof(KnnOptions, similarity), {"pearson", "cosine"}, 0, 0,
	similarity_choices,
	"of two users, over all items of either: cosine of the ratings; adjusted_cosine: of their "
	"deviations from the items' means; "
	"pearson: from the users' means; jaccard: items of both among items of either; conditional: "
	"the share of the neighbour's items that the profile has"},
	{"neighbors", OPTION_INTEGER, offsetof(KnnOptions, neighbors), {"100", NULL}, 1,
	KNN_MAX_NEIGHBORS, NULL,
	"the number of most similar users that are used; default: with explicit feedback 100, with "
	"implicit 2000 / the mean number of events of a user, but from 40 to 320"},
	{"shrinkage", OPTION_REAL, offsetof(KnnOptions, shrinkage), {"0", "0"}, 0, 1e9, NULL,
	"a similarity that rests on n items in common is multiplied by n / (n + shrinkage)"},
	{"significance", OPTION_INTEGER, offsetof(KnnOptions, significance), {"50", "0"}, 0,
	1000000000, NULL,
	"a similarity that rests on fewer items in common, n of them, is multiplied by n / "
	"significance; 0: none is"},
	{"min_common", OPTION_INTEGER, offsetof(KnnOptions, min_common), {"1", "1"}, 1, 1000000000,
	NULL,
	"users with fewer items in common are not neighbours"},
	{"weighting", OPTION_CHOICE, offsetof(KnnOptions, weighting), {"none", "none"}, 0, 0,
	weighting_choices,
	"implicit feedback, similarities that are cosines: how weights of events are transformed "
	"before users are compared; tfidf: the square root, times a factor for the rarity of the "
	"item's events; bm25: saturating, relative to the user's length, times the same factor"},
	{"alpha", OPTION_REAL, offsetof(KnnOptions, alpha), {"0.5", "0.5"}, 0, 1, NULL,
	"similarity conditional: divided by the number of the profile's items to this power"},
	{"normalize", OPTION_BOOLEAN, offsetof(KnnOptions, normalize), {"true", "true"}, 0, 0, NULL,
	"explicit feedback: the mean of the neighbours' deviations, weighted by similarity, instead of "
	"their sum; implicit: the share of the neighbours, weighted by similarity, instead of their "
	"sum"},
	{"prior", OPTION_REAL, offsetof(KnnOptions, prior), {"0.3", "0"}, 0, 1e9, NULL,
	"explicit feedback with normalize: the similarity of one more neighbour, whose rating is just "
	"as expected; with it, few or dissimilar neighbours change little"},
	{"damping", OPTION_REAL, offsetof(KnnOptions, damping), {"5", "5"}, 0, 1e9, NULL,
	"explicit feedback: biases of items and users are shrunk as if each had this many more ratings "
	"with a bias of 0"},
	CLIP_OPTION,
	VALIDATE_OPTION("false", "false"),
	WEIGHT_OPTION("log"),
	{NULL}
};

/* Columns of the items' and of the users' table. */
enum
{
	ITEM_BIAS,
	N_ITEM_COLUMNS
};

enum
{
	USER_ITEMS,
	USER_RATINGS,
	USER_BIAS,
	N_USER_COLUMNS
};

/*
 * With few events, a neighbour has few of the items that are sought, and similarities say less
 * about who is close: more neighbours are needed.
 */
static void
user_knn_decide(const Ratings *ratings, void *options)
{
	KnnOptions *o = options;
	double		events =
		(double) ratings->by_user.start[ratings->by_user.n_rows] / (double) ratings->by_user.n_rows;

	if (o->neighbors == UNDECIDED)
		o->neighbors = (int32_t) fmax(40, fmin(320, 2000 / events));
}

static int
user_knn_columns(const void *options, SideKind side, Column *columns)
{
	if (side == SIDE_USERS)
	{
		columns[USER_ITEMS] = (Column)
		{
			"items", COLUMN_ITEMS, 0, "what the user had rated when the model was trained"
		};
		columns[USER_RATINGS] = (Column)
		{
			"ratings", COLUMN_WEIGHTS, 0, "the ratings of these items"
		};
		columns[USER_BIAS] = (Column)
		{
			"bias", COLUMN_NUMBER, 0,
			"how far the user's ratings are above the mean; 0 with implicit feedback"
		};
		return N_USER_COLUMNS;
	}
	if (side != SIDE_ITEMS)
		return 0;
	columns[ITEM_BIAS] = (Column)
	{
		"bias", COLUMN_NUMBER, 0,
		"how far the item's ratings are above the mean; 0 with implicit feedback"
	};
	return N_ITEM_COLUMNS;
}

/* ---- training ---- */

static int64_t
user_knn_list_entries(const void *options, const Extent *extent, SideKind side)
{
	return extent->n_ratings;
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
	float	   *item_bias = task->model->sides[SIDE_ITEMS].values[ITEM_BIAS];
	float	   *user_bias = task->model->sides[SIDE_USERS].values[USER_BIAS];

	for (int64_t row = begin; row < end; row++)
	{
		int64_t		first = m->start[row];

		poll();
		(items ? item_bias : user_bias)[row] =
			(float) knn_bias(m->value + first, m->column + first, m->start[row + 1] - first,
							 task->ratings->scale.mean, o->damping, items ? user_bias : item_bias);
	}
}

/* A pass over the users: copies their ratings to their lists. */
static void
pass_lists(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SparseMatrix *m = &task->ratings->by_user;
	const SparseMatrix *list = &task->model->sides[SIDE_USERS].list;

	for (int64_t user = begin; user < end; user++)
	{
		int64_t		first = m->start[user];
		size_t		n = (size_t) (m->start[user + 1] - first);

		poll();
		list->start[user + 1] = m->start[user + 1];
		memcpy(list->column + first, m->column + first, sizeof(int32_t) * n);
		memcpy(list->value + first, m->value + first, sizeof(float) * n);
	}
}

enum
{
	PASS_BIASES,
	PASS_LISTS
};

static const Pass user_knn_passes[] = {
	[PASS_BIASES] = pass_biases,
	[PASS_LISTS] = pass_lists
};

static const char *
user_knn_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	int64_t		n_users = model->sides[SIDE_USERS].n_rows;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;

	if (knn_is_explicit(model->options))
	{
		for (int sweep = 0; sweep < KNN_BIAS_SWEEPS; sweep++)
		{
			for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
				run_pass(services, PASS_BIASES, &side, sizeof(side),
						 side == SIDE_ITEMS ? n_items : n_users, 64);
		}
		for (int64_t item = 0; item < n_items; item++)
		{
			if (!isfinite(model->sides[SIDE_ITEMS].values[ITEM_BIAS][item]))
				return "the bias of an item is not finite";
		}
		for (int64_t user = 0; user < n_users; user++)
		{
			if (!isfinite(model->sides[SIDE_USERS].values[USER_BIAS][user]))
				return "the bias of a user is not finite";
		}
	}
	run_pass(services, PASS_LISTS, NULL, 0, n_users, 1024);
	services->iteration_done(services, 1, NAN, NAN);
	return NULL;
}

/* ---- refreshing ---- */

/*
 * Sets the biases of rows, given those of the other side; only_new: of those that have none yet.
 * Returns false if a bias is not finite.
 */
static bool
refresh_biases(const Model *model, const SparseMatrix *ratings, const int32_t *rows, bool only_new,
			   float *biases, const float *other_biases)
{
	const KnnOptions *o = model->options;

	for (int64_t r = 0; r < ratings->n_rows; r++)
	{
		int64_t		first = ratings->start[r];
		float	   *bias = &biases[rows[r]];

		poll();
		if (only_new && *bias != 0)
			continue;
		*bias = (float) knn_bias(ratings->value + first, ratings->column + first,
								 ratings->start[r + 1] - first, model->scale.mean, o->damping,
								 other_biases);
		if (!isfinite(*bias))
			return false;
	}
	return true;
}

/* Copies the histories of users to their lists. */
static void
refresh_lists(Side *users, const SparseMatrix *histories, const int32_t *rows)
{
	SparseMatrix *list = &users->list;

	memset(list->start, 0, sizeof(int64_t) * (size_t) (users->n_rows + 1));
	for (int64_t r = 0; r < histories->n_rows; r++)
		list->start[rows[r] + 1] = histories->start[r + 1] - histories->start[r];
	for (int64_t row = 0; row < users->n_rows; row++)
		list->start[row + 1] += list->start[row];
	for (int64_t r = 0; r < histories->n_rows; r++)
	{
		int64_t		first = histories->start[r];
		size_t		n = (size_t) (histories->start[r + 1] - first);
		int64_t		to = list->start[rows[r]];

		poll();
		memcpy(list->column + to, histories->column + first, sizeof(int32_t) * n);
		memcpy(list->value + to, histories->value + first, sizeof(float) * n);
	}
}

/* As in training, the biases of the items come before those of the users. */
static const char *
user_knn_refresh(Model *model, const Refresh *refresh, void *scratch)
{
	float	   *item_bias = model->sides[SIDE_ITEMS].values[ITEM_BIAS];
	float	   *user_bias = model->sides[SIDE_USERS].values[USER_BIAS];

	if (knn_is_explicit(model->options) &&
		!(refresh_biases(model, &refresh->by_user, refresh->users, true, user_bias, item_bias) &&
		  refresh_biases(model, &refresh->by_item, refresh->items, false, item_bias, user_bias) &&
		  refresh_biases(model, &refresh->by_user, refresh->users, false, user_bias, item_bias)))
		return "a bias is not finite";
	refresh_lists(&model->sides[SIDE_USERS], &refresh->by_user, refresh->users);
	return NULL;
}

/* ---- the derived block ---- */

/*
 * The head of the derived block of a loaded model. It is followed by statistics of each item, norms
 * of each item, terms of each user, and inverse lists.
 */
typedef struct Derived
{
	double		mean_length;	/* the mean of the users' sums of ratings */
	double		column_squares;
} Derived;

/* Where the arrays of the derived block are. */
typedef struct Parts
{
	Derived    *head;
	float	   *row_statistic;	/* by user */
	float	   *column_mean;	/* by item */
	float	   *column_weight;
	float	   *item_norm;
	RowTerms   *terms;			/* by user */
	void	   *inverse;		/* users by item, with the values by which users are compared */
	/* by entry of inverse: deviation() of the user's rating */
	float	   *deviations;
	size_t		bytes;
} Parts;

static Parts
derived_parts(const Model *model)
{
	const SparseMatrix *list = &model->sides[SIDE_USERS].list;
	Parts		parts;
	size_t		n_items = (size_t) model->sides[SIDE_ITEMS].n_rows;
	size_t		n_users = (size_t) model->sides[SIDE_USERS].n_rows;
	Pieces		p = {model->derived, 0};

	parts.head = add_piece(&p, sizeof(Derived));
	parts.row_statistic = add_piece(&p, sizeof(float) * n_users);
	parts.column_mean = add_piece(&p, sizeof(float) * n_items);
	parts.column_weight = add_piece(&p, sizeof(float) * n_items);
	parts.item_norm = add_piece(&p, sizeof(float) * n_items);
	parts.terms = add_piece(&p, sizeof(RowTerms) * n_users);
	parts.inverse = add_piece(&p, inverse_lists_bytes(list));
	parts.deviations = add_piece(&p, sizeof(float) * list->start[n_users]);
	parts.bytes = p.bytes;
	return parts;
}

static void
model_rules(const Model *model, const Parts *parts, ValueRule *values, SimilarityRule *similarity)
{
	KnnStatistics statistics = {parts->row_statistic, parts->column_mean, parts->column_weight};

	knn_rules(model->options, model->scale.minimum, model->scale.maximum, &statistics, values,
			  similarity);
}

static size_t
user_knn_derived_bytes(const Model *model)
{
	return derived_parts(model).bytes;
}

/*
 * What a user's rating says about an item that is scored or compared with others: the rating less
 * the mean and the user's bias, but not less the item's bias.
 */
static inline float
deviation(const Model *model, int32_t user, float rating)
{
	return knn_is_explicit(model->options)
			   ? (float) (rating - model->scale.mean -
						  model->sides[SIDE_USERS].values[USER_BIAS][user])
			   : rating;
}

static void
user_knn_prepare(Model *model)
{
	const KnnOptions *o = model->options;
	const SparseMatrix *list = &model->sides[SIDE_USERS].list;
	Parts		parts = derived_parts(model);
	KnnStatistics statistics = {parts.row_statistic, parts.column_mean, parts.column_weight};
	ValueRule	values;
	SimilarityRule similarity;
	SparseMatrix by_item;
	double		sum = 0;

	model_rules(model, &parts, &values, &similarity);
	for (int64_t at = 0; at < list->start[list->n_rows]; at++)
	{
		sum += list->value[at];
		if (at % 65536 == 0)
			poll();
	}
	parts.head->mean_length = list->n_rows > 0 ? sum / (double) list->n_rows : 0;
	for (int64_t user = 0; user < list->n_rows; user++)
	{
		if (user % 64 == 0)
			poll();
		parts.row_statistic[user] =
			knn_row_statistic(o, list->value + list->start[user],
							  list->start[user + 1] - list->start[user], parts.head->mean_length);
	}
	inverse_lists_build(list, parts.inverse);
	by_item = inverse_lists(parts.inverse);
	for (int64_t item = 0; item < by_item.n_rows; item++)
	{
		double		squares = 0;

		poll();
		knn_column_statistics(o, &values, &by_item, item, &statistics);
		for (int64_t at = by_item.start[item]; at < by_item.start[item + 1]; at++)
		{
			float		amount = deviation(model, by_item.column[at], by_item.value[at]);

			parts.deviations[at] = amount;
			squares += (double) amount * amount;
		}
		parts.item_norm[item] = (float) sqrt(squares);
	}
	parts.head->column_squares = knn_column_squares(o, parts.column_mean, by_item.n_rows);
	for (int64_t user = 0; user < list->n_rows; user++)
	{
		int64_t		first = list->start[user];

		if (user % 64 == 0)
			poll();
		parts.terms[user] =
			knn_row_terms(o, &values, list->column + first, list->value + first,
						  list->start[user + 1] - first, by_item.n_rows, parts.row_statistic[user],
						  parts.column_mean, parts.head->column_squares);
	}
	/* from now on the values of inverse are those by which users are compared */
	for (int64_t item = 0; item < by_item.n_rows; item++)
	{
		poll();
		for (int64_t at = by_item.start[item]; at < by_item.start[item + 1]; at++)
			by_item.value[at] = entry_value(&values, by_item.value[at], by_item.column[at], item);
	}
}

/* ---- asking ---- */

typedef struct Query
{
	int64_t		n_items;
	const int32_t *items;		/* of the profile */
	const float *values;		/* the values by which the profile is compared with users */
	const float *amounts;		/* the deviations of the profile's ratings */
	RowTerms	terms;
	int64_t		n_users;
	const int32_t *users;		/* the neighbours, ascending */
	const float *similarities;
	float		base;			/* common to all scores */
	float		bias;			/* of the profile */
	float		total;			/* the sum of the neighbours' similarities */
} Query;

/* Users that are compared with the profile together. */
#define SEARCH_USERS 16384

static int64_t
most_neighbors(const Model *model)
{
	const KnnOptions *o = model->options;

	return o->neighbors < model->sides[SIDE_USERS].n_rows ? o->neighbors
														  : model->sides[SIDE_USERS].n_rows;
}

static size_t
user_knn_query_bytes(const Model *model, int64_t profile_items)
{
	return sizeof(Query) + sizeof(float) * (size_t) profile_items +
		(sizeof(int32_t) + sizeof(float)) * (size_t) (profile_items + most_neighbors(model));
}

static size_t
user_knn_query_scratch_bytes(const Model *model, int64_t profile_items)
{
	return 3 * sizeof(float) * SEARCH_USERS + sizeof(Scored) * (size_t) most_neighbors(model);
}

/* Counts how many of the items each of n users, from user `first` on, has. */
static void
count_common(const SparseMatrix *by_item, const int32_t *items, int64_t n_items, int64_t first,
			 int64_t n, float *common)
{
	memset(common, 0, sizeof(float) * n);
	for (int64_t j = 0; j < n_items; j++)
	{
		int64_t		end = by_item->start[items[j] + 1];
		int64_t		at = sparse_find(by_item->column, by_item->start[items[j]], end, first);

		end =
			first + n < by_item->n_columns ? sparse_find(by_item->column, at, end, first + n) : end;
		for (; at < end; at++)
			common[by_item->column[at] - first] += 1;
		if (j % 64 == 63)
			poll();
	}
}

/*
 * The similarities of the profile to n users (at most SEARCH_USERS), from user `first` on, and the
 * number of items that each has in common with the profile.
 */
static void
compare_users(const Model *model, const Query *q, int64_t first, int64_t n, float *similarities,
			  float *dots, float *common)
{
	Parts		parts = derived_parts(model);
	SparseMatrix by_item = inverse_lists(parts.inverse);
	ValueRule	values;
	SimilarityRule rule;

	model_rules(model, &parts, &values, &rule);
	lists_score_range(&by_item, q->items, q->values, q->n_items, first, n, dots, NULL);
	if (dot_is_count(&values))
		memcpy(common, dots, sizeof(float) * n);
	else
		count_common(&by_item, q->items, q->n_items, first, n, common);
	row_similarities(&rule, &q->terms, parts.terms + first, dots, common, n, similarities);
}

static bool
user_knn_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	const KnnOptions *o = model->options;
	Parts		parts = derived_parts(model);
	Query	   *q = query;
	int64_t		most = most_neighbors(model);
	int32_t    *items = (int32_t *) (q + 1);
	float	   *compared = (float *) (items + profile->n);
	float	   *amounts = compared + profile->n;
	int32_t    *users = (int32_t *) (amounts + profile->n);
	float	   *weights = (float *) (users + most);
	float	   *similarities = scratch;
	float	   *dots = similarities + SEARCH_USERS;
	float	   *common = dots + SEARCH_USERS;
	Top			top = {most, 0, (Scored *) (common + SEARCH_USERS)};
	float		statistic =
		knn_row_statistic(o, profile->ratings, profile->n, parts.head->mean_length);
	double		largest = fmax(fabs(model->scale.minimum), fabs(model->scale.maximum));
	double		total = 0;
	ValueRule	values;
	SimilarityRule rule;

	model_rules(model, &parts, &values, &rule);
	q->bias = knn_is_explicit(o) ? (float) knn_bias(profile->ratings, profile->items, profile->n,
													model->scale.mean, o->damping,
													model->sides[SIDE_ITEMS].values[ITEM_BIAS])
								 : 0;
	q->base = knn_is_explicit(o) ? (float) (model->scale.mean + q->bias) : 0;
	for (int64_t j = 0; j < profile->n; j++)
	{
		int32_t		item = profile->items[j];

		items[j] = item;
		compared[j] =
			rating_value(&values, profile->ratings[j], values.row_statistic == NULL ? 0 : statistic,
						 values.column_mean == NULL ? 0 : values.column_mean[item],
						 values.column_weight == NULL ? 1 : values.column_weight[item]);
		amounts[j] = knn_is_explicit(o) ? profile->ratings[j] - q->base : profile->ratings[j];
		if (!isfinite(compared[j]) || fabsf(compared[j]) > 1e15f || !(fabsf(amounts[j]) < 1e37f))
			return false;
	}
	q->n_items = profile->n;
	q->items = items;
	q->values = compared;
	q->amounts = amounts;
	q->terms = knn_row_terms(o, &values, items, profile->ratings, profile->n,
							 model->sides[SIDE_ITEMS].n_rows, statistic, parts.column_mean,
							 parts.head->column_squares);

	if (profile->n > 0)
	{
		for (int64_t first = 0; first < model->sides[SIDE_USERS].n_rows; first += SEARCH_USERS)
		{
			int64_t n = model->sides[SIDE_USERS].n_rows - first < SEARCH_USERS
							? model->sides[SIDE_USERS].n_rows - first
							: SEARCH_USERS;
			const int64_t *start = model->sides[SIDE_USERS].list.start + first;

			poll();
			compare_users(model, q, first, n, similarities, dots, common);
			for (int64_t v = 0; v < n; v++)
			{
				if (!(similarities[v] > 0) || common[v] >= (float) (start[v + 1] - start[v]))
					similarities[v] = NAN;
			}
			top_offer_range(&top, similarities, first, n, NULL);
		}
	}
	top_sort_by_index(&top);
	for (int64_t v = 0; v < top.count; v++)
	{
		users[v] = top.heap[v].index;
		weights[v] = top.heap[v].score;
		total += weights[v];
	}
	q->n_users = top.count;
	q->users = users;
	q->similarities = weights;
	q->total = (float) total;
	return isfinite(q->base) && largest * fmax(total, 1) < 1e37;
}

/* Items that are scored at once. */
#define SCORED_ITEMS 2048

/*
 * For n items as in score_items(): sums[i] = the sum, over the neighbours who have the i-th item,
 * of similarity times deviation, and magnitudes[i] = the sum of these similarities. Neighbours are
 * added in ascending order, so that an item's sum is the same whichever items are computed with it.
 */
static void
sum_users(const Model *model, const Query *q, const int32_t *items, int64_t first, int64_t n,
		  float *sums, float *magnitudes)
{
	const SparseMatrix *list = &model->sides[SIDE_USERS].list;

	for (int64_t i = 0; i < n && items != NULL; i++)
	{
		poll();
		sum_users(model, q, NULL, items[first + i], 1, &sums[i], &magnitudes[i]);
	}
	if (items != NULL)
		return;
	memset(sums, 0, sizeof(float) * n);
	memset(magnitudes, 0, sizeof(float) * n);
	for (int64_t v = 0; v < q->n_users; v++)
	{
		int32_t		user = q->users[v];
		float		amount = q->similarities[v];
		int64_t		end = list->start[user + 1];
		int64_t		at = sparse_find(list->column, list->start[user], end, first);

		for (; at < end && list->column[at] < first + n; at++)
		{
			sums[list->column[at] - first] += amount * deviation(model, user, list->value[at]);
			magnitudes[list->column[at] - first] += amount;
		}
		if (v % 64 == 63)
			poll();
	}
}

static void
user_knn_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
					 int64_t n, float *scores)
{
	const KnnOptions *o = model->options;
	const Query *q = query;
	const float *item_bias = model->sides[SIDE_ITEMS].values[ITEM_BIAS];
	float		magnitudes[SCORED_ITEMS];
	int64_t		at = 0;

	for (int64_t begin = first; begin < first + n; begin += SCORED_ITEMS)
	{
		int64_t		count = first + n - begin < SCORED_ITEMS ? first + n - begin : SCORED_ITEMS;
		float	   *some = scores + (begin - first);

		sum_users(model, q, items, begin, count, some, magnitudes);
		lists_add_own(q->items, q->amounts, q->n_items, NULL, items, begin, count, some,
					  magnitudes);
		for (int64_t i = 0; i < count; i++)
		{
			int32_t		item = item_of(items, begin + i);

			if (!(magnitudes[i] > 0))
				some[i] = NAN;
			else if (knn_is_explicit(o))
				some[i] = q->base + item_bias[item] +
						  (some[i] - magnitudes[i] * item_bias[item]) /
							  (o->normalize ? magnitudes[i] + (float) o->prior : 1);
			else if (o->normalize)
				some[i] /= q->total + (sparse_has(q->items, q->n_items, item, &at) ? 1 : 0);
		}
	}
}

static float
user_knn_expected_score(const Model *model, const void *query, int32_t item)
{
	float		bias = item >= 0 && knn_is_explicit(model->options)
						   ? model->sides[SIDE_ITEMS].values[ITEM_BIAS][item]
						   : 0;

	return ((const Query *) query)->base + bias;
}

static bool
user_knn_predicts_ratings(const Model *model)
{
	return knn_is_explicit(model->options);
}

/*
 * A neighbour's similarity is divided among the items in common in proportion to their addends x_uj
 * x_vj; what each neighbour adds to the score is divided likewise. With explicit feedback each
 * rating contributes to the user's bias, too; the baseline is the mean and the item's bias.
 */
static void
user_knn_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
				 float *contributions, float *baseline, void *scratch)
{
	const KnnOptions *o = model->options;
	const Query *q = query;
	const SparseMatrix *list = &model->sides[SIDE_USERS].list;
	const float *item_bias = model->sides[SIDE_ITEMS].values[ITEM_BIAS];
	Parts		parts = derived_parts(model);
	double	   *sums = scratch;
	double		magnitude = 0;
	double		total = q->total;
	double		divisor;
	int64_t		own;
	ValueRule	values;
	SimilarityRule rule;

	model_rules(model, &parts, &values, &rule);
	for (int64_t j = 0; j < q->n_items; j++)
		sums[j] = 0;
	for (int64_t v = 0; v < q->n_users; v++)
	{
		int32_t		user = q->users[v];
		int64_t		end = list->start[user + 1];
		int64_t		its = sparse_find(list->column, list->start[user], end, item);

		if (v % 16 == 0)
			poll();
		if (its < end && list->column[its] == item)
			magnitude += q->similarities[v];
	}
	for (int64_t v = 0; v < q->n_users; v++)
	{
		int32_t		user = q->users[v];
		int64_t		begin = list->start[user];
		int64_t		end = list->start[user + 1];
		int64_t		its = sparse_find(list->column, begin, end, item);
		double		dot = 0;
		double		amount;

		if (its == end || list->column[its] != item)
			continue;
		amount = deviation(model, user, list->value[its]);
		if (knn_is_explicit(o))
			amount -= item_bias[item];
		amount *= q->similarities[v];
		for (int twice = 0; twice < 2; twice++)
		{
			int64_t		at = begin;

			for (int64_t j = 0; j < q->n_items; j++)
			{
				at = sparse_find(list->column, at, end, q->items[j]);
				if (at < end && list->column[at] == q->items[j])
				{
					double		product = (double) q->values[j] *
									 entry_value(&values, list->value[at], user, q->items[j]);

					if (twice == 0)
						dot += product;
					else if (dot != 0)
						sums[j] += amount * (product / dot);
				}
			}
			poll();
		}
	}
	/* the profile is one more neighbour for an item that it has */
	own = sparse_find(q->items, 0, q->n_items, item);
	if (own < q->n_items && q->items[own] == item)
	{
		sums[own] += q->amounts[own] - (knn_is_explicit(o) ? item_bias[item] : 0);
		magnitude += 1;
		total += 1;
	}
	divisor = !o->normalize ? 1 : knn_is_explicit(o) ? magnitude + o->prior : total;
	for (int64_t j = 0; j < q->n_items; j++)
		contributions[j] = (float) (divisor > 0 ? sums[j] / divisor : 0);
	*baseline = 0;
	if (!knn_is_explicit(o))
		return;
	*baseline = (float) (model->scale.mean + item_bias[item]);
	for (int64_t j = 0; j < q->n_items; j++)
		contributions[j] +=
			(float) ((profile->ratings[j] - model->scale.mean - item_bias[q->items[j]]) /
					 ((double) q->n_items + o->damping));
}

static size_t
user_knn_explain_scratch_bytes(const Model *model, int64_t profile_items)
{
	return sizeof(double) * (size_t) profile_items;
}

/* ---- similarity ---- */

/* Entries of two items that are merged between two polls. */
#define POLL_ENTRIES 65536

/*
 * The sum, over the users of both items in ascending order, of the products of their deviations;
 * NaN where there is no such user.
 */
static float
common_deviations(const SparseMatrix *by_item, const float *deviations, float norm, int32_t item,
				  int64_t other)
{
	int64_t		x = by_item->start[item];
	int64_t		x_end = by_item->start[item + 1];
	int64_t		y = by_item->start[other];
	int64_t		y_end = by_item->start[other + 1];
	float		sum = 0;
	int64_t		common = 0;

	while (x < x_end && y < y_end)
	{
		/* without branches that depend on the users, which cannot be predicted */
		for (int64_t left = POLL_ENTRIES; left > 0 && x < x_end && y < y_end; left--)
		{
			int32_t		u = by_item->column[x];
			int32_t		v = by_item->column[y];
			float		product = deviations[x] / norm * deviations[y];

			sum += u == v ? product : 0;
			common += u == v;
			x += u <= v;
			y += v <= u;
		}
		poll();
	}
	return common > 0 ? sum : NAN;
}

/* common_deviations() for items first .. first + n - 1, at most SCORED_ITEMS. */
static void
common_deviations_range(const Model *model, const SparseMatrix *by_item, const float *deviations,
						float norm, int32_t item, int64_t first, int64_t n, float *sums)
{
	const SparseMatrix *list = &model->sides[SIDE_USERS].list;
	bool		common[SCORED_ITEMS];

	memset(sums, 0, sizeof(float) * n);
	memset(common, 0, sizeof(bool) * n);
	for (int64_t at = by_item->start[item]; at < by_item->start[item + 1]; at++)
	{
		int32_t		user = by_item->column[at];
		int64_t		end = list->start[user + 1];
		float		amount = deviations[at] / norm;

		for (int64_t other = sparse_find(list->column, list->start[user], end, first);
			 other < end && list->column[other] < first + n; other++)
		{
			sums[list->column[other] - first] +=
				amount * deviation(model, user, list->value[other]);
			common[list->column[other] - first] = true;
		}
		poll();
	}
	for (int64_t i = 0; i < n; i++)
		sums[i] = common[i] ? sums[i] : NAN;
}

/*
 * The cosine of the users' deviations: of weights, or with explicit feedback of ratings less the
 * users' biases. For two items it is computed from the users of both, for many items through all
 * ratings of the item's users.
 */
static void
user_knn_similar_items(const Model *model, int32_t item, int64_t first, int64_t n,
					   float *similarity)
{
	Parts		parts = derived_parts(model);
	SparseMatrix by_item = inverse_lists(parts.inverse);
	float		norm = parts.item_norm[item];

	for (int64_t begin = first; begin < first + n; begin += SCORED_ITEMS)
	{
		int64_t		count = first + n - begin < SCORED_ITEMS ? first + n - begin : SCORED_ITEMS;
		float	   *some = similarity + (begin - first);

		if (count == 1)
			some[0] = common_deviations(&by_item, parts.deviations, norm, item, begin);
		else
			common_deviations_range(model, &by_item, parts.deviations, norm, item, begin, count,
									some);
		for (int64_t i = 0; i < count; i++)
		{
			some[i] = norm > 0 && parts.item_norm[begin + i] > 0
						  ? some[i] / parts.item_norm[begin + i]
						  : NAN;
			some[i] = some[i] > 1 ? 1 : some[i] < -1 ? -1 : some[i];
		}
	}
}

static void
user_knn_similar_users(const Model *model, const void *query, int64_t first, int64_t n,
					   float *similarity)
{
	float		dots[SCORED_ITEMS];
	float		common[SCORED_ITEMS];

	for (int64_t begin = first; begin < first + n; begin += SCORED_ITEMS)
	{
		int64_t		count = first + n - begin < SCORED_ITEMS ? first + n - begin : SCORED_ITEMS;
		float	   *some = similarity + (begin - first);

		compare_users(model, query, begin, count, some, dots, common);
		for (int64_t v = 0; v < count; v++)
			some[v] = common[v] > 0 ? some[v] : NAN;
	}
}

const Algorithm user_knn_algorithm = {
	.name = "user_knn",
	.description = "the items of the users most similar to the profile, for ratings and for events",
	.options = user_knn_options,
	.options_size = sizeof(KnnOptions),
	.decide = user_knn_decide,
	.varied = "neighbors",
	.factor = 2,
	.columns = user_knn_columns,
	.list_entries = user_knn_list_entries,
	.passes = user_knn_passes,
	.train = user_knn_train,
	.refresh = user_knn_refresh,
	.asks = {[SIDE_USERS] = true},
	.derived_bytes = user_knn_derived_bytes,
	.prepare = user_knn_prepare,
	.query_bytes = user_knn_query_bytes,
	.query_scratch_bytes = user_knn_query_scratch_bytes,
	.make_query = user_knn_make_query,
	.score_items = user_knn_score_items,
	.range_speed = 64,
	.expected_score = user_knn_expected_score,
	.explain = user_knn_explain,
	.explain_scratch_bytes = user_knn_explain_scratch_bytes,
	.predicts_ratings = user_knn_predicts_ratings,
	.similar_items = user_knn_similar_items,
	.similar_users = user_knn_similar_users
};
