/*
 * trees.c
 *	  Gradient-boosted decision trees over attributes, contexts and numbers of items and users.
 *
 * kernel/trees.h says how trees are grown and which papers they are from. A score is
 *
 *	base + the value of the leaf that the pair of user and item has in each tree
 *
 * With explicit feedback it is a predicted rating, of the least squared error; with implicit
 * feedback it is the logarithm of the odds that the user has the item: for each event, `negatives`
 * items that the user has no event of are drawn, and the loss is logistic. The base makes up for
 * those that were not drawn.
 *
 * Splits ask about
 *
 *	- features of the item, of the user, and of the context. A column of categories is one variable;
 *	  of sets, words and embeddings each feature is one. Missing values have a direction of their
 *	  own in each split: nothing is imputed.
 *	- how many ratings or events the item has, and the user, and the means of their ratings
 *	- how well the item matches the user's profile by each of its columns of attributes
 *	  (trees_model.h), which is what makes lists personal where nothing but a profile is known
 *
 * What of these are numbers of users' behaviour is computed in training so that no row knows of its
 * own label (trees_train.c).
 *
 * A question has one user and context and many items. Where a split asks about the user or the
 * context, its answer is the same for all items, so a query begins with a copy of the trees without
 * such splits.
 *
 * The explanation of a score goes along its path: a split contributes what the value that a node
 * would have as a leaf changes by (Saabas 2014, "Interpreting random forests"). Together with the
 * values of the roots, which are in the baseline, these add up to the score. What splits by the
 * profile contribute is divided among its items: that of a match by how similar they are to the
 * item, the rest evenly.
 *
 * Two items are as similar as they often end in the same leaf, for a user of whom nothing is known
 * (the proximity of Breiman 2001, "Random forests", which is described with his program).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algorithm/trees_model.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"

static const Option trees_options[] = {
	FEEDBACK_OPTION,
	{"iterations", OPTION_INTEGER, offsetof(TreesModelOptions, iterations), {"300", "300"}, 1,
	MOST_ITERATIONS, NULL,
	"the most trees; with 1, and a learning_rate of 1, the model is a single regression tree"},
	{"leaves", OPTION_INTEGER, offsetof(TreesModelOptions, leaves), {"31", "31"}, 2, MOST_LEAVES,
	NULL,
	"the most leaves of a tree: the leaf whose split gains most is split next"},
	{"learning_rate", OPTION_REAL, offsetof(TreesModelOptions, learning_rate), {"0.1", "0.1"}, 1e-6,
	1, NULL,
	"what the values of leaves are multiplied by: with a lower one more trees are needed, and "
	"lists may be better"},
	{"regularization", OPTION_REAL, offsetof(TreesModelOptions, regularization), {"1", "1"}, 0,
	1e12, NULL,
	"what is added to the number of a leaf's rows (implicit feedback: to the sum of p (1 - p), "
	"with their probabilities p), by which the sum of their errors is divided"},
	{"min_rows", OPTION_INTEGER, offsetof(TreesModelOptions, min_rows), {"20", "20"}, 1, 1000000,
	NULL,
	"the least ratings of a leaf, or events and items that are drawn for them; of events about so "
	"many"},
	{"subsample", OPTION_REAL, offsetof(TreesModelOptions, subsample), {"1", "1"}, 1e-3, 1, NULL,
	"the share of the rows, drawn for each tree, that it is fitted to"},
	{"negatives", OPTION_INTEGER, offsetof(TreesModelOptions, negatives), {"4", "4"}, 1, 100, NULL,
	"implicit feedback: items that are drawn for each event, of which the user has no event"},
	{"patience", OPTION_INTEGER, offsetof(TreesModelOptions, patience), {"20", "20"}, 0,
	MOST_ITERATIONS, NULL,
	"training ends when so many trees in succession have not improved the predictions of a tenth "
	"of the ratings or events, which is held out; the best model is kept; 0: nothing is held out, "
	"and all iterations are done"},
	CLIP_OPTION,
	{"seed", OPTION_INTEGER, offsetof(TreesModelOptions, seed), {"0", "0"}, 0, 2147483647, NULL,
	"seed of the random numbers that training draws: the same data, options and seed give the "
	"same model"},
	MIN_COUNT_OPTION,
	WEIGHT_OPTION("log"),
	{NULL}
};

static int
trees_columns(const void *options, SideKind side, Column *columns)
{
	if (side_has_names(side))
	{
		columns[TREES_GAIN] = (Column) {
			"gain", COLUMN_NUMBER, 0,
			"importance: what splits by the feature gain together; of a split by categories it is "
			"divided among those on the side that has fewer of them"
		};
		return 1;
	}
	if (side != SIDE_ITEMS)
		return 0;
	columns[TREES_FEATURES] = (Column) {
		"features", COLUMN_FEATURES, 0,
		"the item's features, by their numbers in the table of features, the largest value first"
	};
	columns[TREES_WEIGHTS] = (Column) {"weights", COLUMN_WEIGHTS, 0, "of each of them: its value"};
	columns[TREES_MEAN] =
		(Column) {"mean", COLUMN_NUMBER, 0, "of the item's ratings; 0 if it has none"};
	return trees_is_explicit(options) ? 3 : 2;
}

int
trees_parameters(const void *options, Parameter *parameters)
{
	const TreesModelOptions *o = options;
	int32_t		splits = o->leaves - 1;
	const Parameter all[N_TREES_PARAMETERS] = {
		[TREES_BASE] = {"base", 1, {1, 0}},
		[TREES_LEAVES] = {"leaves", 1, {o->iterations, 0}},
		[TREES_SOURCE] = {"split_source", 2, {o->iterations, splits}},
		[TREES_KIND] = {"split_kind", 2, {o->iterations, splits}},
		[TREES_FEATURE] = {"split_feature", 2, {o->iterations, splits}},
		[TREES_N_FEATURES] = {"split_features", 2, {o->iterations, splits}},
		[TREES_THRESHOLD] = {"split_threshold", 2, {o->iterations, splits}},
		[TREES_LEFT] = {"split_left", 2, {o->iterations, splits}},
		[TREES_RIGHT] = {"split_right", 2, {o->iterations, splits}},
		[TREES_MISSING_LEFT] = {"split_missing_left", 2, {o->iterations, splits}},
		[TREES_GAINS] = {"split_gain", 2, {o->iterations, splits}},
		[TREES_VALUE] = {"split_value", 2, {o->iterations, splits}},
		[TREES_CATEGORIES] = {"split_categories", 2, {o->iterations * splits, FLOATS_OF_SET}},
		[TREES_LEAF_VALUES] = {"leaf_values", 2, {o->iterations, o->leaves}},
		[TREES_IMPORTANCE] = {"importance", 1, {N_SOURCES - 1, 0}}
	};

	if (parameters != NULL)
		memcpy(parameters, all, sizeof(all));
	return N_TREES_PARAMETERS;
}

static unsigned
trees_needs(const void *options)
{
	return NEEDS_RATINGS | USES_ITEM_FEATURES | USES_USER_FEATURES | USES_CONTEXTS;
}

static const char *
trees_refuses(const void *options, const Extent *extent)
{
	const TreesModelOptions *o = options;
	int64_t		each = trees_is_explicit(o) ? 1 : 1 + o->negatives;

	if (extent->n_item_features + extent->n_user_features + extent->n_context_features >
		MOST_FEATURES)
		return "There are more than 16000 features; a higher \"min_count\", or fewer columns of "
			   "words, make them fewer.";
	if (extent->n_ratings > INT32_MAX / each)
		return "There are more than 2^31 rows to learn from; with implicit feedback each event has "
			   "as many more as \"negatives\" says.";
	return NULL;
}

static int64_t
trees_list_entries(const void *options, const Extent *extent, SideKind side)
{
	return extent->n_item_values;
}

static int
trees_iterations(const void *options)
{
	return ((const TreesModelOptions *) options)->iterations;
}

static const char *
trees_refuses_refresh(const void *options)
{
	return "Its trees are learned from all ratings or events, and not row by row.";
}

/* ---- the trees of a model ---- */

/* A whole number from low to high, or -1 where a value is none. */
static int32_t
whole(float value, int32_t low, int32_t high)
{
	if (!(value >= (float) low && value <= (float) high) || value != floorf(value))
		return -1;
	return (int32_t) value;
}

/* A child of split s of n, or the leaf -1 - child: whether it can be one. */
static bool
is_child(float value, int32_t s, int32_t n)
{
	return value == floorf(value) &&
		   (value < 0 ? value >= (float) (-1 - n) : value > (float) s && value < (float) n);
}

const char *
trees_damage(const Model *model)
{
	const TreesModelOptions *o = model->options;
	int64_t		n_features = model->sides[SIDE_ITEMS].list.n_columns;
	const float *numbers[N_TREES_PARAMETERS];
	double		largest;

	for (int p = 0; p < N_TREES_PARAMETERS; p++)
		numbers[p] = trees_numbers(model, p);
	largest = fabs(numbers[TREES_BASE][0]);
	for (int64_t tree = 0; tree < o->iterations; tree++)
	{
		int32_t		leaves = whole(numbers[TREES_LEAVES][tree], 0, o->leaves);
		double		of_tree = 0;

		poll();
		if (leaves < 0)
			return "The number of a tree's leaves is wrong.";
		for (int32_t l = 0; l == 0 || l < leaves; l++)
			of_tree = fmax(of_tree, fabs(numbers[TREES_LEAF_VALUES][tree * o->leaves + l]));
		largest += of_tree;
		for (int32_t s = 0; s < leaves - 1; s++)
		{
			int64_t		at = tree * (o->leaves - 1) + s;
			int32_t		source = whole(numbers[TREES_SOURCE][at], 1, N_SOURCES - 1);
			int32_t		kind =
				whole(numbers[TREES_KIND][at], VARIABLE_NUMBER, VARIABLE_CATEGORY);
			int32_t		feature = whole(numbers[TREES_FEATURE][at], 0, 1 << BITS_OF_FLOAT);
			bool		has_features = source <= SOURCE_CONTEXT_FEATURE || source == SOURCE_MATCH;
			int32_t		n = whole(numbers[TREES_N_FEATURES][at], has_features ? 1 : 0,
								  source == SOURCE_MATCH ? 1 << BITS_OF_FLOAT : MOST_CATEGORIES);

			if (source < 0 || kind < 0 || feature < 0 || n < 0)
				return "What a split asks about is wrong.";
			if ((source == SOURCE_ITEM_FEATURE || source == SOURCE_MATCH) &&
				feature + (int64_t) n > n_features)
				return "A split asks about a feature that is not there.";
			/* a child comes after its parent, so each path ends */
			if (!is_child(numbers[TREES_LEFT][at], s, leaves - 1) ||
				!is_child(numbers[TREES_RIGHT][at], s, leaves - 1))
				return "A split does not lead to another one or to a leaf of its tree.";
			for (int f = 0; f < FLOATS_OF_SET; f++)
			{
				if (whole(numbers[TREES_CATEGORIES][at * FLOATS_OF_SET + f], 0,
						  (1 << BITS_OF_FLOAT) - 1) < 0)
					return "The categories of a split are wrong.";
			}
		}
	}
	return largest < FLT_MAX / 2 ? NULL : "The values of leaves are too large.";
}

/* The derived block of a loaded model. */
typedef struct Derived
{
	int32_t    *counts;			/* of each of the following */
	TreesTest  *tests;			/* whose columns are variables */
	float	   *values;			/* of each test, as if it were a leaf */
	TreesSet   *sets;
	int32_t    *roots;			/* of each tree: a test, or a leaf */
	int32_t    *first;			/* of each tree: its first test */
	Variable   *variables;
	float	   *defaults;		/* of each variable, where nothing is known */
	int32_t    *variable_of;	/* by feature of items: the variable, or -1 */
	int32_t    *match_of;		/* by feature of items: the variable that is its match, or -1 */
	Variable   *sorted;			/* memory for prepare() */
} Derived;

enum
{
	N_TESTS,
	N_SETS,
	N_TREES,
	N_VARIABLES,
	N_MATCHES,
	N_COUNTS
};

static size_t
lay_out_derived(const Model *model, const void *memory, Derived *d)
{
	const TreesModelOptions *o = model->options;
	Pieces		p = {memory, 0};
	size_t		splits = (size_t) o->iterations * (size_t) (o->leaves - 1);
	size_t		variables = splits < MOST_VARIABLES ? splits : MOST_VARIABLES;
	size_t		features = (size_t) model->sides[SIDE_ITEMS].list.n_columns;

	d->counts = add_piece(&p, sizeof(int32_t) * N_COUNTS);
	d->tests = add_piece(&p, sizeof(TreesTest) * splits);
	d->values = add_piece(&p, sizeof(float) * splits);
	d->sets = add_piece(&p, sizeof(TreesSet) * splits);
	d->roots = add_piece(&p, sizeof(int32_t) * (size_t) o->iterations);
	d->first = add_piece(&p, sizeof(int32_t) * (size_t) o->iterations);
	d->variables = add_piece(&p, sizeof(Variable) * variables);
	d->defaults = add_piece(&p, sizeof(float) * variables);
	d->variable_of = add_piece(&p, sizeof(int32_t) * features);
	d->match_of = add_piece(&p, sizeof(int32_t) * features);
	d->sorted = add_piece(&p, sizeof(Variable) * splits);
	return p.bytes;
}

static Derived
derived_of(const Model *model)
{
	Derived		d;

	lay_out_derived(model, model->derived, &d);
	return d;
}

static size_t
trees_derived_bytes(const Model *model)
{
	Derived		d;

	return lay_out_derived(model, NULL, &d);
}

static int
compare_variables(const void *a, const void *b)
{
	const Variable *x = a;
	const Variable *y = b;

	poll();
	return x->source != y->source	? x->source - y->source
		   : x->feature != y->feature ? x->feature - y->feature
		   : x->kind != y->kind		? x->kind - y->kind
									: x->n_features - y->n_features;
}

/* The variable that a split of the table asks about. */
static Variable
split_variable(const float *const *numbers, int64_t at)
{
	return (Variable) {(int32_t) numbers[TREES_SOURCE][at], (int32_t) numbers[TREES_KIND][at],
					   (int32_t) numbers[TREES_FEATURE][at],
					   (int32_t) numbers[TREES_N_FEATURES][at]};
}

/* Where a variable is; one beyond MOST_VARIABLES, which no training writes, counts as the last. */
static int32_t
find_variable(const Derived *d, const Variable *variable)
{
	int32_t		low = 0;
	int32_t		high = d->counts[N_VARIABLES] - 1;

	while (low < high)
	{
		int32_t		middle = low + (high - low) / 2;

		if (compare_variables(&d->variables[middle], variable) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline bool
is_category(const Variable *v)
{
	return v->kind == VARIABLE_CATEGORY && v->source <= SOURCE_CONTEXT_FEATURE;
}

/* Finds the variables of all splits. */
static void
collect_variables(const Model *model, const float *const *numbers, Derived *d)
{
	const TreesModelOptions *o = model->options;
	int64_t		n = 0;
	int32_t		n_variables = 0;

	for (int64_t tree = 0; tree < o->iterations; tree++)
	{
		poll();
		for (int64_t s = 0; s < (int64_t) numbers[TREES_LEAVES][tree] - 1; s++)
			d->sorted[n++] = split_variable(numbers, tree * (o->leaves - 1) + s);
	}
	if (n > 0)
		qsort(d->sorted, (size_t) n, sizeof(Variable), compare_variables);
	for (int64_t i = 0; i < n && n_variables < MOST_VARIABLES; i++)
	{
		if (i == 0 || compare_variables(&d->sorted[i], &d->sorted[i - 1]) != 0)
			d->variables[n_variables++] = d->sorted[i];
	}
	d->counts[N_VARIABLES] = n_variables;
	d->counts[N_MATCHES] = 0;
	for (int64_t f = 0; f < model->sides[SIDE_ITEMS].list.n_columns; f++)
		d->variable_of[f] = d->match_of[f] = -1;
	for (int32_t v = 0; v < n_variables; v++)
	{
		const Variable *variable = &d->variables[v];
		int32_t    *of = variable->source == SOURCE_ITEM_FEATURE ? d->variable_of
						 : variable->source == SOURCE_MATCH		 ? d->match_of
																 : NULL;

		d->defaults[v] = variable->kind == VARIABLE_SHARE ? 0 : NAN;
		if (variable->source == SOURCE_USER_ROWS || variable->source == SOURCE_ITEM_ROWS)
			d->defaults[v] = 0;
		d->counts[N_MATCHES] += variable->source == SOURCE_MATCH;
		for (int32_t f = 0; of != NULL && f < variable->n_features; f++)
			of[variable->feature + f] = v;
	}
}

static void
trees_prepare(Model *model)
{
	const TreesModelOptions *o = model->options;
	Derived		d = derived_of(model);
	const float *numbers[N_TREES_PARAMETERS];
	int32_t		n_tests = 0;
	int32_t		n_sets = 0;

	for (int p = 0; p < N_TREES_PARAMETERS; p++)
		numbers[p] = trees_numbers(model, p);
	collect_variables(model, numbers, &d);
	d.counts[N_TREES] = o->iterations;
	/* a training that ended early has trees without leaves behind the last one */
	while (d.counts[N_TREES] > 0 && numbers[TREES_LEAVES][d.counts[N_TREES] - 1] == 0)
		d.counts[N_TREES]--;
	for (int64_t tree = 0; tree < d.counts[N_TREES]; tree++)
	{
		int32_t		n = (int32_t) numbers[TREES_LEAVES][tree] - 1;

		poll();
		d.first[tree] = n_tests;
		d.roots[tree] = n > 0 ? n_tests : -1;
		for (int32_t s = 0; s < n; s++)
		{
			int64_t		at = tree * (o->leaves - 1) + s;
			Variable	variable = split_variable(numbers, at);
			TreesTest  *test = &d.tests[n_tests];
			int32_t		left = (int32_t) numbers[TREES_LEFT][at];
			int32_t		right = (int32_t) numbers[TREES_RIGHT][at];

			*test = (TreesTest) {.column = find_variable(&d, &variable),
								 .threshold = numbers[TREES_THRESHOLD][at],
								 .left = left < 0 ? left : d.first[tree] + left,
								 .right = right < 0 ? right : d.first[tree] + right,
								 .set = -1,
								 .missing_left = numbers[TREES_MISSING_LEFT][at] != 0};
			d.values[n_tests++] = numbers[TREES_VALUE][at];
			if (!is_category(&variable))
				continue;
			test->set = n_sets;
			memset(&d.sets[n_sets], 0, sizeof(TreesSet));
			for (int b = 0; b < TREES_BINS; b++)
			{
				int32_t		bits = (int32_t)
					numbers[TREES_CATEGORIES][at * FLOATS_OF_SET + b / BITS_OF_FLOAT];

				if ((bits >> (b % BITS_OF_FLOAT) & 1) != 0)
					d.sets[n_sets].bits[b / 64] |= UINT64_C(1) << (b % 64);
			}
			n_sets++;
		}
	}
	d.counts[N_TESTS] = n_tests;
	d.counts[N_SETS] = n_sets;
}

/* ---- rows of numbers ---- */

/* Sets a variable of features from those of a user or a context. */
static float
value_of_features(const Variable *v, float otherwise, const int32_t *features,
				  const float *values, int64_t n)
{
	int64_t		at = sparse_find(features, 0, n, v->feature);

	if (at == n || features[at] >= v->feature + (v->n_features > 0 ? v->n_features : 1))
		return otherwise;
	return is_category(v) ? (float) (features[at] - v->feature + 1) : values[at];
}

/* Adds what is known of an item to a row, in which the rest is set. sums NULL: no profile. */
static void
set_item(const Model *model, const Derived *d, const ProfileSums *sums, int64_t own,
		 const Side *items, float *row)
{
	const SparseMatrix *list = &items->list;
	int64_t		first = list->start[own];
	int64_t		last = list->start[own + 1];
	bool		rated = trees_is_explicit(model->options);

	for (int64_t e = first; e < last; e++)
	{
		int32_t		f = list->column[e];
		int32_t		v = d->variable_of[f];

		if (v >= 0)
			row[v] = is_category(&d->variables[v])
						 ? (float) (f - d->variables[v].feature + 1)
						 : list->value[e];
	}
	for (int64_t e = first, end; e < last && sums != NULL && d->counts[N_MATCHES] > 0; e = end)
	{
		int32_t		match = d->match_of[list->column[e]];

		for (end = e + 1; end < last && d->match_of[list->column[end]] == match; end++)
			;
		if (match >= 0)
			row[match] =
				profile_match(sums, rated, list->column + e, list->value + e, end - e);
	}
	for (int32_t v = 0; v < d->counts[N_VARIABLES]; v++)
	{
		/* variables are in the order of their sources: few are passed over */
		if (d->variables[v].source == SOURCE_ITEM_ROWS)
			row[v] = (float) (items->n_ratings[own] > 0 ? items->n_ratings[own] : 0);
		else if (d->variables[v].source == SOURCE_ITEM_MEAN && items->n_ratings[own] > 0 && rated)
			row[v] = items->values[TREES_MEAN][own];
	}
}

/* ---- asking ---- */

/* What the sums over a profile take, if there are matches. */
static int64_t
sum_features(const Model *model, const Derived *d)
{
	return d->counts[N_MATCHES] > 0 ? model->sides[SIDE_ITEMS].list.n_columns : 0;
}

typedef struct Query
{
	double		base;			/* with the trees that all items have the same leaf of */
	bool		speaks;
	ProfileSums sums;
	float	   *row;			/* of variables, with what is known of user and context */
	TreesTest  *tests;			/* the trees without what is the same for all items */
	int32_t    *roots;
} Query;

static size_t
lay_out_query(const Model *model, const Derived *d, const void *memory, Query *q)
{
	Pieces		p = {memory, 0};
	size_t		features = (size_t) sum_features(model, d);

	(void) add_piece(&p, sizeof(Query));
	q->sums.weighted = add_piece(&p, sizeof(double) * features);
	q->sums.values = add_piece(&p, sizeof(double) * features);
	q->row = add_piece(&p, sizeof(float) * (size_t) d->counts[N_VARIABLES]);
	q->tests = add_piece(&p, sizeof(TreesTest) * (size_t) d->counts[N_TESTS]);
	q->roots = add_piece(&p, sizeof(int32_t) * (size_t) d->counts[N_TREES]);
	return p.bytes;
}

static size_t
trees_query_bytes(const Model *model, int64_t profile_length)
{
	Derived		d = derived_of(model);
	Query		q;

	return lay_out_query(model, &d, NULL, &q);
}

static inline bool
is_of_item(const Variable *v)
{
	return v->source == SOURCE_ITEM_FEATURE || v->source == SOURCE_ITEM_ROWS ||
		   v->source == SOURCE_ITEM_MEAN || v->source == SOURCE_MATCH;
}

/* Adds (sign 1) an item of a profile to the sums, or takes it away (-1). */
static void
add_profile_item(const Model *model, const Derived *d, ProfileSums *sums, int32_t item,
				 float rating, double sign)
{
	const SparseMatrix *list = &model->sides[SIDE_ITEMS].list;
	int64_t		first = list->start[item];

	if (d->counts[N_MATCHES] > 0)
		profile_add(sums, rating, list->column + first, list->value + first,
					list->start[item + 1] - first, sign);
	else
		profile_add(sums, rating, NULL, NULL, 0, sign);
}

/* What is known of the user and the context, in a row. */
static void
set_asker(const Derived *d, const Profile *profile, const ProfileSums *sums, float *row)
{
	for (int32_t i = 0; i < d->counts[N_VARIABLES]; i++)
	{
		const Variable *v = &d->variables[i];

		row[i] = d->defaults[i];
		if (v->source == SOURCE_USER_FEATURE)
			row[i] = value_of_features(v, row[i], profile->features, profile->feature_values,
									   profile->n_features);
		else if (v->source == SOURCE_CONTEXT_FEATURE)
			row[i] = value_of_features(v, row[i], profile->context, profile->context_values,
									   profile->n_context);
		else if (v->source == SOURCE_USER_ROWS)
			row[i] = (float) sums->n;
		else if (v->source == SOURCE_USER_MEAN && sums->n > 0)
			row[i] = (float) (sums->weight / sums->n);
	}
}

/* Where a child leads once splits that are not about items are left out. */
static inline int32_t
child_of(const int32_t *target, int32_t child, int32_t first)
{
	return child < 0 ? child : target[child - first];
}

/* The tree as it is for all items: where a split is left out, its parent leads on. */
static void
prune(const Derived *d, int64_t tree, Query *q)
{
	int32_t		first = d->first[tree];
	int32_t		last = tree + 1 < d->counts[N_TREES] ? d->first[tree + 1] : d->counts[N_TESTS];
	int32_t		target[MOST_LEAVES];	/* of each split: itself, or where it leads */

	/* children come after their parents */
	for (int32_t s = last - 1; s >= first; s--)
	{
		TreesTest	test = d->tests[s];

		if (is_of_item(&d->variables[test.column]))
		{
			test.left = child_of(target, test.left, first);
			test.right = child_of(target, test.right, first);
			q->tests[s] = test;
			target[s - first] = s;
		}
		else
			target[s - first] =
				child_of(target, trees_next(&test, d->sets, q->row[test.column]), first);
	}
	q->roots[tree] = last > first ? target[0] : d->roots[tree];
}

static inline const float *
leaf_values(const Model *model)
{
	return trees_numbers(model, TREES_LEAF_VALUES);
}

static bool
trees_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	const TreesModelOptions *o = model->options;
	Derived		d = derived_of(model);
	const float *values = leaf_values(model);
	Query	   *q = query;
	int64_t		n = sum_features(model, &d);

	memset(q, 0, sizeof(Query));
	lay_out_query(model, &d, query, q);
	memset(q->sums.weighted, 0, sizeof(double) * (size_t) n);
	memset(q->sums.values, 0, sizeof(double) * (size_t) n);
	for (int64_t j = 0; j < profile->n; j++)
	{
		if (j % 1024 == 0)
			poll();
		add_profile_item(model, &d, &q->sums, profile->items[j], profile->ratings[j], 1);
	}
	set_asker(&d, profile, &q->sums, q->row);
	q->base = trees_numbers(model, TREES_BASE)[0];
	for (int64_t tree = 0; tree < d.counts[N_TREES]; tree++)
	{
		poll();
		prune(&d, tree, q);
		if (q->roots[tree] < 0)
			q->base += values[tree * o->leaves - 1 - q->roots[tree]];
		else
			q->speaks = true;
	}
	return true;
}

static bool
trees_speaks(const Model *model, const void *query)
{
	return ((const Query *) query)->speaks;
}

/* Rows of items that go through a tree together, so that its splits stay in the cache. */
#define ROWS_AT_ONCE 64
#define NUMBERS_AT_ONCE 16384

static void
trees_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
				  int64_t n, float *scores)
{
	const TreesModelOptions *o = model->options;
	const Side *side = &model->sides[SIDE_ITEMS];
	Derived		d = derived_of(model);
	const float *values = leaf_values(model);
	const Query *q = query;
	int64_t		width = d.counts[N_VARIABLES];
	int64_t		at_once = width * ROWS_AT_ONCE <= NUMBERS_AT_ONCE ? ROWS_AT_ONCE
																 : NUMBERS_AT_ONCE / width;
	float		rows[NUMBERS_AT_ONCE];
	int64_t		some;

	for (int64_t done = 0; done < n; done += some)
	{
		double		sum[ROWS_AT_ONCE];

		some = n - done < at_once ? n - done : at_once;
		for (int64_t i = 0; i < some; i++)
		{
			sum[i] = q->base;
			if (!q->speaks)
				continue;
			memcpy(rows + i * width, q->row, sizeof(float) * (size_t) width);
			set_item(model, &d, &q->sums, item_of(items, first + done + i), side,
					 rows + i * width);
		}
		for (int64_t tree = 0; tree < d.counts[N_TREES]; tree++)
		{
			int32_t		root = q->roots[tree];

			if (tree % 256 == 0)
				poll();
			for (int64_t i = 0; root >= 0 && i < some; i++)
				sum[i] += values[tree * o->leaves +
								 trees_leaf(q->tests, d.sets, root, rows + i * width)];
		}
		for (int64_t i = 0; i < some; i++)
			scores[done + i] = (float) sum[i];
	}
}

/* Of an item of which nothing is known; others always have a score. */
static float
trees_expected_score(const Model *model, const void *query, int32_t item)
{
	const TreesModelOptions *o = model->options;
	Derived		d = derived_of(model);
	const float *values = leaf_values(model);
	const Query *q = query;
	double		sum = q->base;

	for (int64_t tree = 0; tree < d.counts[N_TREES]; tree++)
	{
		if (q->roots[tree] >= 0)
			sum += values[tree * o->leaves +
						  trees_leaf(q->tests, d.sets, q->roots[tree], q->row)];
	}
	return (float) sum;
}

static bool
trees_predicts_ratings(const Model *model)
{
	return trees_is_explicit(model->options);
}

/* ---- explaining ---- */

/* Sets what each variable contributes to the score of a row; returns the score. */
static double
follow_paths(const Model *model, const Derived *d, const float *row, double *contributions)
{
	const TreesModelOptions *o = model->options;
	const float *values = leaf_values(model);
	double		sum = trees_numbers(model, TREES_BASE)[0];

	memset(contributions, 0, sizeof(double) * (size_t) d->counts[N_VARIABLES]);
	for (int64_t tree = 0; tree < d->counts[N_TREES]; tree++)
	{
		int32_t		at = d->roots[tree];
		double		value;

		if (at < 0)
		{
			sum += values[tree * o->leaves];
			continue;
		}
		value = d->values[at];
		while (at >= 0)
		{
			const TreesTest *test = &d->tests[at];
			double		next;

			at = trees_next(test, d->sets, row[test->column]);
			next = at < 0 ? values[tree * o->leaves - 1 - at] : d->values[at];
			contributions[test->column] += next - value;
			value = next;
		}
		sum += value;
	}
	return sum;
}

/* The row of an item, which may be a new one, by a query; and what each variable contributes. */
static double
explain_item(const Model *model, const Derived *d, const Query *q, int32_t item, float *row,
			 double *contributions)
{
	int64_t		own;
	const Side *items = side_of_item(model, item, &own);

	memcpy(row, q->row, sizeof(float) * (size_t) d->counts[N_VARIABLES]);
	set_item(model, d, &q->sums, own, items, row);
	return follow_paths(model, d, row, contributions);
}

typedef struct ExplainSpace
{
	float	   *row;
	double	   *variables;		/* what each contributes */
	double	   *similar;		/* of each item of the profile: to the item */
} ExplainSpace;

static size_t
lay_out_explaining(const Model *model, int64_t n, const void *memory, ExplainSpace *s)
{
	Derived		d = derived_of(model);
	Pieces		p = {memory, 0};

	s->row = add_piece(&p, sizeof(float) * (size_t) d.counts[N_VARIABLES]);
	s->variables = add_piece(&p, sizeof(double) * (size_t) d.counts[N_VARIABLES]);
	s->similar = add_piece(&p, sizeof(double) * (size_t) n);
	return p.bytes;
}

static size_t
trees_explain_scratch_bytes(const Model *model, int64_t profile_length)
{
	ExplainSpace s;

	return lay_out_explaining(model, profile_length, NULL, &s);
}

/* The inner product of the features of two items in a match's column. */
static double
similarity_in(const Variable *match, const SparseMatrix *a, int64_t row_a, const SparseMatrix *b,
			  int64_t row_b)
{
	int64_t		last = (int64_t) match->feature + match->n_features;
	int64_t		i = sparse_find(a->column, a->start[row_a], a->start[row_a + 1], match->feature);
	int64_t		j = sparse_find(b->column, b->start[row_b], b->start[row_b + 1], match->feature);
	double		sum = 0;

	while (i < a->start[row_a + 1] && j < b->start[row_b + 1] && a->column[i] < last &&
		   b->column[j] < last)
	{
		if (a->column[i] < b->column[j])
			i++;
		else if (a->column[i] > b->column[j])
			j++;
		else
			sum += (double) a->value[i++] * b->value[j++];
	}
	return sum;
}

static void
trees_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
			  float *contributions, float *baseline, void *scratch)
{
	const Query *q = query;
	Derived		d = derived_of(model);
	bool		rated = trees_is_explicit(model->options);
	double		mean = profile->n > 0 ? q->sums.weight / q->sums.n : 0;
	double		even = 0;
	double		sum = 0;
	int64_t		own;
	const Side *items = side_of_item(model, item, &own);
	ExplainSpace s;
	double		score;

	lay_out_explaining(model, profile->n, scratch, &s);
	score = explain_item(model, &d, q, item, s.row, s.variables);
	for (int64_t j = 0; j < profile->n; j++)
		contributions[j] = 0;
	for (int32_t v = 0; v < d.counts[N_VARIABLES] && profile->n > 0; v++)
	{
		const Variable *variable = &d.variables[v];
		double		all = 0;

		if (s.variables[v] == 0)
			continue;
		if (variable->source == SOURCE_MATCH)
		{
			for (int64_t j = 0; j < profile->n; j++)
			{
				if (j % 256 == 0)
					poll();
				s.similar[j] = fabs(similarity_in(variable, &items->list, own,
												  &model->sides[SIDE_ITEMS].list,
												  profile->items[j]) *
									(rated ? profile->ratings[j] - mean : profile->ratings[j]));
				all += s.similar[j];
			}
			for (int64_t j = 0; j < profile->n && all > 0 && isfinite(all); j++)
				contributions[j] += (float) (s.variables[v] * s.similar[j] / all);
		}
		if (variable->source == SOURCE_USER_ROWS || variable->source == SOURCE_USER_MEAN ||
			(variable->source == SOURCE_MATCH && !(all > 0 && isfinite(all))))
			even += s.variables[v];
	}
	for (int64_t j = 0; j < profile->n; j++)
	{
		contributions[j] += (float) (even / (double) profile->n);
		sum += contributions[j];
	}
	*baseline = (float) (score - sum);
}

/* What n features of the item or of the context contribute. */
static void
explain_by_features(const Model *model, const Query *q, int32_t item, int32_t source,
					const int32_t *features, int64_t n, float *contributions)
{
	Derived		d = derived_of(model);
	float		row[MOST_VARIABLES];
	double		variables[MOST_VARIABLES];

	(void) explain_item(model, &d, q, item, row, variables);
	for (int64_t i = 0; i < n; i++)
		contributions[i] = 0;
	for (int32_t v = 0; v < d.counts[N_VARIABLES]; v++)
	{
		const Variable *variable = &d.variables[v];
		int64_t		at;

		if (variable->source != source || variables[v] == 0)
			continue;
		/* of categories, the one that the item has */
		at = sparse_find(features, 0, n, variable->feature);
		if (at < n && features[at] < variable->feature + (is_category(variable)
															  ? variable->n_features
															  : 1))
			contributions[at] += (float) variables[v];
	}
}

static void
trees_explain_features(const Model *model, const void *query, int32_t item,
					   const int32_t *features, const float *values, int64_t n,
					   float *contributions)
{
	explain_by_features(model, query, item, SOURCE_ITEM_FEATURE, features, n, contributions);
}

static void
trees_explain_context(const Model *model, const void *query, int32_t item,
					  const int32_t *features, const float *values, int64_t n,
					  float *contributions)
{
	explain_by_features(model, query, item, SOURCE_CONTEXT_FEATURE, features, n, contributions);
}

/* ---- new items, similar items ---- */

static void
trees_map_items(const Model *model, const Features *features, Side *items)
{
	const SparseMatrix *m = &features->by_row;
	size_t		n = (size_t) m->start[m->n_rows];

	memcpy(items->list.start, m->start, sizeof(int64_t) * (size_t) (m->n_rows + 1));
	memcpy(items->list.column, m->column, sizeof(int32_t) * n);
	memcpy(items->list.value, m->value, sizeof(float) * n);
	for (int64_t i = 0; i < items->n_rows && trees_is_explicit(model->options); i++)
		items->values[TREES_MEAN][i] = 0;
}

/* Trees that go through the items of a range together. */
#define TREES_OF_RANGE 256

static void
trees_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	Derived		d = derived_of(model);
	int64_t		own;
	const Side *side = side_of_item(model, item, &own);
	float		row[MOST_VARIABLES];
	size_t		width = sizeof(float) * (size_t) d.counts[N_VARIABLES];
	int64_t		n_trees = 0;

	for (int64_t i = 0; i < n; i++)
		similarity[i] = 0;
	for (int64_t begin = 0; begin < d.counts[N_TREES]; begin += TREES_OF_RANGE)
	{
		int64_t		some = d.counts[N_TREES] - begin < TREES_OF_RANGE ? d.counts[N_TREES] - begin
																   : TREES_OF_RANGE;
		int32_t		leaf[TREES_OF_RANGE];

		memcpy(row, d.defaults, width);
		set_item(model, &d, NULL, own, side, row);
		for (int64_t t = 0; t < some; t++)
		{
			leaf[t] = trees_leaf(d.tests, d.sets, d.roots[begin + t], row);
			n_trees += d.roots[begin + t] >= 0;
		}
		for (int64_t i = 0; i < n; i++)
		{
			int			same = 0;

			if (i % 64 == 0)
				poll();
			memcpy(row, d.defaults, width);
			set_item(model, &d, NULL, first + i, &model->sides[SIDE_ITEMS], row);
			for (int64_t t = 0; t < some; t++)
				same += d.roots[begin + t] >= 0 &&
						trees_leaf(d.tests, d.sets, d.roots[begin + t], row) == leaf[t];
			similarity[i] += (float) same;
		}
	}
	for (int64_t i = 0; i < n; i++)
		similarity[i] = n_trees > 0 ? similarity[i] / (float) n_trees : NAN;
}

const Algorithm trees_algorithm = {
	.name = "trees",
	.description = "gradient-boosted decision trees over attributes of items and users, contexts, "
				   "and how well an item matches what the user has",
	.options = trees_options,
	.options_size = sizeof(TreesModelOptions),
	.columns = trees_columns,
	.parameters = trees_parameters,
	.needs = trees_needs,
	.refuses = trees_refuses,
	.alternative = "fm",
	.list_entries = trees_list_entries,
	.arrays = trees_arrays,
	.passes = trees_passes,
	.scratch_bytes = trees_scratch_bytes,
	.train = trees_train,
	.refuses_refresh = trees_refuses_refresh,
	.iterations = trees_iterations,
	.asks = {[SIDE_PARAMETERS] = true},
	.damage = trees_damage,
	.derived_bytes = trees_derived_bytes,
	.prepare = trees_prepare,
	.query_bytes = trees_query_bytes,
	.make_query = trees_make_query,
	.speaks = trees_speaks,
	.score_items = trees_score_items,
	.expected_score = trees_expected_score,
	.explain = trees_explain,
	.explain_scratch_bytes = trees_explain_scratch_bytes,
	.logistic = true,
	.predicts_ratings = trees_predicts_ratings,
	.map_items = trees_map_items,
	.explain_features = trees_explain_features,
	.explain_context = trees_explain_context,
	.similar_items = trees_similar_items
};
