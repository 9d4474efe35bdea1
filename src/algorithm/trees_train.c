/*
 * trees_train.c
 *	  Training gradient-boosted trees: what their rows and columns are, and the loop.
 *
 * A row is a rating or, with implicit feedback, an event or one of the items without an event that
 * are drawn for it. What a row knows of itself must not say what its label is:
 *
 * The number and the mean of an item's ratings are those by other users. Users are divided into
 * FOLDS groups, and a row has the item's numbers without its own group, so that rows of the same
 * item and group have the same ones, whatever their labels.
 *
 * The numbers of the user are those of a profile that a row has not come into yet: of each user
 * the ratings are put in a random order, and a row knows of those before it. Items that are drawn
 * for an event know of the same ones. (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting
 * with categorical features", 3.2, orders rows so for the same reason.)
 */
#include <math.h>
#include <string.h>

#include "algorithm/trees_model.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/random.h"

/* The groups of users that an item's numbers leave out. */
#define FOLDS 5

/* The share of the ratings or events that are held out, and the least number of them. */
#define HELD_OUT 0.1
#define LEAST_HELD_OUT 20

/* LightGBM's: regularization of splits by categories. */
#define SMOOTHING 10

/* Trees that are made in one go. Workers are started for each. */
#define TREES_AT_ONCE 8

/* Rows whose numbers the bins of the profile's variables are made from. */
#define SAMPLE 100000

/* How often an item is drawn again, if it has an event of the user. */
#define MOST_DRAWS 30

/* What random numbers are drawn for. */
enum
{
	DRAW_ORDER = 1,
	DRAW_FOLDS,
	DRAW_HELD_OUT,
	DRAW_NEGATIVES,
	DRAW_SUBSAMPLE
};

static inline uint64_t
seed_of(const TreesModelOptions *o, int purpose)
{
	return random_bits((uint64_t) o->seed, (uint64_t) purpose);
}

enum
{
	PASS_FOLDS,
	PASS_ROWS,
	PASS_GROW
};

/* ---- memory ---- */

enum
{
	ARRAY_SHARED,
	ARRAY_COLUMNS,				/* VariableColumns */
	ARRAY_ITEMS,				/* TableBins of each side */
	ARRAY_USERS,
	ARRAY_CONTEXTS,
	ARRAY_ROWS,					/* RowSpace */
	ARRAY_SCRATCH,				/* of the kernel */
	ARRAY_FOREST,				/* ForestSpace */
	N_ARRAYS
};

typedef struct Shared
{
	int32_t		n_variables;
	int32_t		n_bins;			/* of all of them */
	int32_t		first_own;		/* the variables from here on are those of rows */
	int32_t		n_matches;
	Variable	matches[MOST_MATCHES];
	int64_t		sample_step;	/* every so many-th rating is in the sample */
} Shared;

/* The variables, which are the columns of the kernel. */
typedef struct VariableColumns
{
	Variable   *variables;
	int32_t    *n_edges;
	float	   *edges;			/* TREES_BINS of each */
	TreesColumn *columns;
} VariableColumns;

/* The bins of a side's features. */
typedef struct TableBins
{
	int32_t    *variable;		/* of each feature */
	SparseMatrix by_feature;
	int32_t		first_variable; /* of the dense ones, which are before the sparse ones */
	int32_t		n_dense;
	int32_t		n_sparse;
	int32_t    *counts;			/* the three numbers, as all workers see them */
	uint8_t    *dense;			/* rows x n_dense */
	int64_t    *start;			/* sparse */
	int32_t    *column;
	uint8_t    *bin;
} TableBins;

typedef struct RowSpace
{
	int64_t		n;				/* rows: for each rating `each` of them */
	int32_t		each;
	float	   *labels;
	float	   *weights;
	uint64_t   *held_out;
	int32_t    *item;
	int32_t    *user;
	int32_t    *context;
	uint8_t    *own;			/* bins of the variables of rows */
	double	   *scores;
	int32_t    *order;			/* of each user's ratings */
	float	   *fold_sum;		/* items x FOLDS: of the ratings */
	int32_t    *fold_count;
	float	   *sample;
} RowSpace;

typedef struct ForestSpace
{
	TreesForest forest;
	double	   *losses;
} ForestSpace;

static inline int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The most variables of rows. */
static inline int
own_variables(const TreesModelOptions *o, const Extent *e)
{
	return (trees_is_explicit(o) ? 4 : 2) + (int) least(e->n_item_features, MOST_MATCHES);
}

/* The most variables of a training. */
static int64_t
most_variables(const TreesModelOptions *o, const Extent *e)
{
	return e->n_item_features + e->n_user_features + e->n_context_features + own_variables(o, e);
}

/* The most bins of a side: of each feature one of missing values, and one more than edges. */
static int64_t
most_bins_of_side(int64_t n_features, int64_t n_values)
{
	return least(n_features * TREES_BINS, n_values + 4 * n_features);
}

static int64_t
most_bins(const TreesModelOptions *o, const Extent *e)
{
	return most_bins_of_side(e->n_item_features, e->n_item_values) +
		   most_bins_of_side(e->n_user_features, e->n_user_values) +
		   most_bins_of_side(e->n_context_features, e->n_context_values) +
		   (int64_t) own_variables(o, e) * TREES_BINS;
}

/* Dense blocks may have any number of columns up to TREES_BLOCK. */
static int
most_blocks(const TreesModelOptions *o, const Extent *e)
{
	return (int) (most_variables(o, e) / TREES_BLOCK) + 8;
}

static size_t
lay_out_columns(const TreesModelOptions *o, const Extent *e, const void *memory,
				VariableColumns *c)
{
	Pieces		p = {memory, 0};
	size_t		n = (size_t) most_variables(o, e);

	c->variables = add_piece(&p, sizeof(Variable) * n);
	c->n_edges = add_piece(&p, sizeof(int32_t) * n);
	c->edges = add_piece(&p, sizeof(float) * TREES_BINS * n);
	c->columns = add_piece(&p, sizeof(TreesColumn) * n);
	return p.bytes;
}

static size_t
lay_out_table(int64_t n_rows, int64_t n_features, int64_t n_values, const void *memory,
			  TableBins *b)
{
	Pieces		p = {memory, 0};

	if (n_features == 0)
		return 0;
	b->variable = add_piece(&p, sizeof(int32_t) * (size_t) n_features);
	b->counts = add_piece(&p, sizeof(int32_t) * 3);
	b->by_feature = (SparseMatrix) {.n_rows = n_features, .n_columns = n_rows};
	b->by_feature.start = add_piece(&p, sizeof(int64_t) * (size_t) (n_features + 2));
	b->by_feature.column = add_piece(&p, sizeof(int32_t) * (size_t) n_values);
	/* and a zero for each feature */
	b->by_feature.value = add_piece(&p, sizeof(float) * (size_t) (n_values + 1));
	/* one row more: of contexts, that of which nothing is known */
	b->dense = add_piece(&p, (size_t) ((n_rows + 1) * n_features));
	b->start = add_piece(&p, sizeof(int64_t) * (size_t) (n_rows + 2));
	b->column = add_piece(&p, sizeof(int32_t) * (size_t) n_values);
	b->bin = add_piece(&p, (size_t) n_values);
	return p.bytes;
}

static size_t
lay_out_rows(const TreesModelOptions *o, const Extent *e, const void *memory, RowSpace *r)
{
	Pieces		p = {memory, 0};
	int			n_own = own_variables(o, e);
	size_t		n;

	r->each = trees_is_explicit(o) ? 1 : 1 + o->negatives;
	r->n = e->n_ratings * r->each;
	n = (size_t) r->n;
	r->labels = add_piece(&p, sizeof(float) * n);
	r->weights = add_piece(&p, sizeof(float) * n);
	r->held_out = add_piece(&p, sizeof(uint64_t) * (n / 64 + 1));
	r->item = add_piece(&p, sizeof(int32_t) * n);
	r->user = add_piece(&p, sizeof(int32_t) * n);
	r->context = add_piece(&p, e->n_contexts > 0 ? sizeof(int32_t) * n : 0);
	r->own = add_piece(&p, n * (size_t) n_own);
	r->scores = add_piece(&p, sizeof(double) * n);
	r->order = add_piece(&p, sizeof(int32_t) * (size_t) e->n_ratings);
	r->fold_sum = add_piece(&p, sizeof(float) * (size_t) e->n_items * FOLDS);
	r->fold_count = add_piece(&p, sizeof(int32_t) * (size_t) e->n_items * FOLDS);
	r->sample = add_piece(&p, sizeof(float) * (size_t) n_own *
								  (size_t) least(e->n_ratings, SAMPLE) * (size_t) r->each);
	return p.bytes;
}

static size_t
lay_out_forest(const TreesModelOptions *o, const void *memory, ForestSpace *f)
{
	Pieces		p = {memory, 0};
	size_t		leaves = (size_t) o->iterations * (size_t) o->leaves;

	f->forest.nodes = add_piece(&p, sizeof(TreesNode) * leaves);
	f->forest.values = add_piece(&p, sizeof(float) * leaves);
	f->forest.n_leaves = add_piece(&p, sizeof(int32_t) * (size_t) o->iterations);
	f->losses = add_piece(&p, sizeof(double) * (size_t) (o->iterations + 1));
	return p.bytes;
}

/* The training without its data, whose size is the largest. */
static TreesTraining
largest_training(const TreesModelOptions *o, const Extent *e)
{
	TreesTraining t = {.n_rows = e->n_ratings * (trees_is_explicit(o) ? 1 : 1 + o->negatives),
					   .n_blocks = most_blocks(o, e), .n_bins = most_bins(o, e)};

	t.options.leaves = o->leaves;
	return t;
}

int
trees_arrays(const void *options, const Extent *e, size_t *bytes)
{
	const TreesModelOptions *o = options;
	TreesTraining t = largest_training(o, e);
	VariableColumns columns;
	TableBins	table;
	RowSpace	rows;
	ForestSpace forest;

	bytes[ARRAY_SHARED] = sizeof(Shared);
	bytes[ARRAY_COLUMNS] = lay_out_columns(o, e, NULL, &columns);
	bytes[ARRAY_ITEMS] =
		lay_out_table(e->n_items, e->n_item_features, e->n_item_values, NULL, &table);
	bytes[ARRAY_USERS] =
		lay_out_table(e->n_users, e->n_user_features, e->n_user_values, NULL, &table);
	bytes[ARRAY_CONTEXTS] =
		lay_out_table(e->n_contexts, e->n_context_features, e->n_context_values, NULL, &table);
	bytes[ARRAY_ROWS] = lay_out_rows(o, e, NULL, &rows);
	bytes[ARRAY_SCRATCH] = trees_lay_out(&t, NULL);
	bytes[ARRAY_FOREST] = lay_out_forest(o, NULL, &forest);
	return N_ARRAYS;
}

/* The scratch of a worker: the sums over a profile. */
static size_t
lay_out_profile(int64_t n_item_features, const void *memory, ProfileSums *s)
{
	Pieces		p = {memory, 0};

	*s = (ProfileSums) {0};
	s->weighted = add_piece(&p, sizeof(double) * (size_t) n_item_features);
	s->values = add_piece(&p, sizeof(double) * (size_t) n_item_features);
	return p.bytes;
}

size_t
trees_scratch_bytes(const void *options, const Extent *extent)
{
	ProfileSums s;

	return lay_out_profile(extent->n_item_features, NULL, &s);
}

/* A training's data as this worker sees it. */
typedef struct Data
{
	const TreesModelOptions *o;
	const Ratings *ratings;
	Extent		extent;
	Shared	   *shared;
	VariableColumns columns;
	RowSpace	rows;
	ForestSpace forest;
} Data;

static Data
data_of(const Task *task)
{
	Data		d = {.o = task->model->options, .ratings = task->ratings,
					 .extent = ratings_extent(task->ratings),
					 .shared = task->arrays[ARRAY_SHARED]};

	lay_out_columns(d.o, &d.extent, task->arrays[ARRAY_COLUMNS], &d.columns);
	lay_out_rows(d.o, &d.extent, task->arrays[ARRAY_ROWS], &d.rows);
	lay_out_forest(d.o, task->arrays[ARRAY_FOREST], &d.forest);
	return d;
}

static const Features *
features_of(const Task *task, int array)
{
	return array == ARRAY_ITEMS	  ? &task->ratings->item_features
		   : array == ARRAY_USERS ? &task->ratings->user_features
								  : &task->ratings->contexts;
}

static bool
has_features(const Task *task, int array)
{
	return features_of(task, array)->by_row.n_columns > 0;
}

static TableBins
table_of(const Task *task, int array)
{
	const SparseMatrix *m = &features_of(task, array)->by_row;
	TableBins	b = {0};

	lay_out_table(m->n_rows, m->n_columns, m->start[m->n_rows], task->arrays[array], &b);
	b.first_variable = b.counts[0];
	b.n_dense = b.counts[1];
	b.n_sparse = b.counts[2];
	return b;
}

/* ---- variables ---- */

/* Appends a variable whose edges are set; n_bins with that of missing values. */
static int32_t
add_variable(Data *d, Variable variable, int n_bins, uint8_t zero)
{
	int32_t		number = d->shared->n_variables++;

	d->columns.variables[number] = variable;
	d->columns.columns[number] = (TreesColumn) {.n_bins = n_bins,
												.first_bin = d->shared->n_bins,
												.is_category = variable.kind == VARIABLE_CATEGORY,
												.zero = zero};
	d->shared->n_bins += n_bins;
	return number;
}

/*
 * Appends a variable of numbers, which are sorted; of shares one number more is the zero, for which
 * there is room.
 */
static int32_t
add_numbers(Data *d, Variable variable, float *numbers, int64_t n)
{
	int32_t		number = d->shared->n_variables;
	float	   *edges = d->columns.edges + (int64_t) number * TREES_BINS;
	int			n_edges = trees_edges(numbers, n, TREES_BINS - 1, edges);

	d->columns.n_edges[number] = n_edges;
	return add_variable(d, variable, n_edges + 2, trees_bin(edges, n_edges, 0));
}

/* The bin of a number in a variable. */
static inline uint8_t
variable_bin(const Data *d, int32_t variable, float number)
{
	return trees_bin(d->columns.edges + (int64_t) variable * TREES_BINS,
					 d->columns.n_edges[variable], number);
}

/* Whether a feature is of a sparse block. */
static inline bool
is_sparse(const Features *features, int64_t feature)
{
	return features->kind[feature] == FEATURE_SET || features->kind[feature] == FEATURE_WORDS;
}

/*
 * Makes the variables of a side's features: first those of dense blocks, then the sparse ones. The
 * features of a column are adjacent (content.c).
 */
static void
add_features(Data *d, const Task *task, int array, TableBins *b)
{
	const Features *features = features_of(task, array);
	const SparseMatrix *m = &features->by_row;
	int32_t		source = SOURCE_ITEM_FEATURE + (array - ARRAY_ITEMS);

	memset(b->by_feature.start, 0, sizeof(int64_t) * (size_t) (m->n_columns + 2));
	sparse_transpose(m, &b->by_feature);
	b->counts[0] = d->shared->n_variables;
	for (int sparse = 0; sparse < 2; sparse++)
	{
		for (int64_t f = 0; f < m->n_columns; f++)
		{
			int64_t		first = b->by_feature.start[f];
			int64_t		n = b->by_feature.start[f + 1] - first;
			float	   *values = b->by_feature.value + first;
			Variable	variable = {source, VARIABLE_NUMBER, (int32_t) f, 1};

			poll();
			if (is_sparse(features, f) != (sparse != 0))
				continue;
			if (features->kind[f] == FEATURE_CATEGORY)
			{
				variable.kind = VARIABLE_CATEGORY;
				while (f + variable.n_features < m->n_columns &&
					   variable.n_features < MOST_CATEGORIES &&
					   features->kind[f + variable.n_features] == FEATURE_CATEGORY &&
					   features->column[f + variable.n_features] == features->column[f])
					variable.n_features++;
				for (int c = 0; c < variable.n_features; c++)
					b->variable[f + c] = d->shared->n_variables;
				(void) add_variable(d, variable, variable.n_features + 1, TREES_MISSING);
				f += variable.n_features - 1;
				continue;
			}
			if (features->kind[f] != FEATURE_NUMBER)
			{
				float		next = values[n];

				variable.kind = VARIABLE_SHARE;
				/* rows without a value have a zero; the place is that of the next feature */
				values[n] = 0;
				b->variable[f] = d->shared->n_variables;
				/* a set that all rows have has no zero, and none is missing */
				(void) add_numbers(d, variable, values, n + (n < m->n_rows || sparse));
				values[n] = next;
				continue;
			}
			b->variable[f] = add_numbers(d, variable, values, n);
		}
		b->counts[1 + sparse] = d->shared->n_variables - b->counts[0] - (sparse ? b->counts[1] : 0);
	}
	b->first_variable = b->counts[0];
	b->n_dense = b->counts[1];
	b->n_sparse = b->counts[2];
}

/* Fills the bins of a side. One row more is that of which nothing is known. */
static void
fill_table(const Data *d, const Task *task, int array, TableBins *b)
{
	const Features *features = features_of(task, array);
	const SparseMatrix *m = &features->by_row;
	int64_t		n = 0;

	for (int64_t r = 0; r <= m->n_rows; r++)
	{
		uint8_t    *dense = b->dense + r * b->n_dense;

		if (r % 64 == 0)
			poll();
		b->start[r] = n;
		for (int v = 0; v < b->n_dense; v++)
			dense[v] = d->columns.variables[b->first_variable + v].kind == VARIABLE_SHARE
						   ? d->columns.columns[b->first_variable + v].zero
						   : TREES_MISSING;
		for (int64_t e = m->start[r]; r < m->n_rows && e < m->start[r + 1]; e++)
		{
			int32_t		f = m->column[e];
			int32_t		variable = b->variable[f];
			int32_t		at = variable - b->first_variable;

			if (d->columns.variables[variable].kind == VARIABLE_CATEGORY)
				dense[at] = (uint8_t) (f - d->columns.variables[variable].feature + 1);
			else if (at < b->n_dense)
				dense[at] = variable_bin(d, variable, m->value[e]);
			else
			{
				b->column[n] = at - b->n_dense;
				b->bin[n++] = variable_bin(d, variable, m->value[e]);
			}
		}
	}
	b->start[m->n_rows + 1] = n;
}

/* Sets the columns of attributes that profiles are compared by. */
static void
find_matches(const Task *task, Shared *shared)
{
	const Features *features = &task->ratings->item_features;
	int64_t		n = features->by_row.n_columns;

	for (int64_t begin = 0, end; begin < n; begin = end)
	{
		for (end = begin + 1; end < n && features->column[end] == features->column[begin]; end++)
			;
		if (features->kind[begin] != FEATURE_NUMBER && shared->n_matches < MOST_MATCHES)
			shared->matches[shared->n_matches++] = (Variable) {
				SOURCE_MATCH, VARIABLE_NUMBER, (int32_t) begin, (int32_t) (end - begin)};
	}
}

/* ---- rows ---- */

/* The variables of rows: the numbers of items and users, then the matches. */
static int
own_variable(const Data *d, int number, Variable *variable)
{
	static const int32_t rated[] = {SOURCE_ITEM_ROWS, SOURCE_USER_ROWS, SOURCE_ITEM_MEAN,
									SOURCE_USER_MEAN};
	int			n = trees_is_explicit(d->o) ? 4 : 2;

	if (variable != NULL && number < n)
		*variable = (Variable) {rated[number], VARIABLE_NUMBER, 0, 0};
	else if (variable != NULL)
		*variable = d->shared->matches[number - n];
	return n + d->shared->n_matches;
}

static inline int
fold_of(const TreesModelOptions *o, int64_t user)
{
	return (int) (random_bits(seed_of(o, DRAW_FOLDS), (uint64_t) user) % FOLDS);
}

/* A pass over the items: the sums of their ratings in each fold of users. */
static void
pass_folds(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	Data		d = data_of(task);
	const SparseMatrix *m = &task->ratings->by_item;

	for (int64_t i = begin; i < end; i++)
	{
		double		sum[FOLDS] = {0};
		int32_t    *count = d.rows.fold_count + i * FOLDS;
		double		all = 0;

		for (int64_t e = m->start[i]; e < m->start[i + 1]; e++)
		{
			int			fold = fold_of(d.o, m->column[e]);

			if (e % 16384 == 0)
				poll();
			sum[fold] += m->value[e];
			all += m->value[e];
			count[fold]++;
		}
		for (int f = 0; f < FOLDS; f++)
			d.rows.fold_sum[i * FOLDS + f] = (float) (all - sum[f]);
		if (trees_is_explicit(d.o))
			task->model->sides[SIDE_ITEMS].values[TREES_MEAN][i] =
				m->start[i + 1] > m->start[i]
					? (float) (all / (double) (m->start[i + 1] - m->start[i]))
					: 0;
	}
}

/* The numbers of a row, for an item and a profile that is known so far. */
static void
row_numbers(const Data *d, const ProfileSums *profile, int32_t item, int fold, float *numbers)
{
	const SparseMatrix *features = &d->ratings->item_features.by_row;
	const int64_t *start = d->ratings->by_item.start;
	bool		rated = trees_is_explicit(d->o);
	double		others =
		(double) (start[item + 1] - start[item] - d->rows.fold_count[item * FOLDS + fold]);
	int			n = 0;

	numbers[n++] = (float) (others * FOLDS / (FOLDS - 1));
	numbers[n++] = (float) profile->n;
	if (rated)
	{
		numbers[n++] =
			others > 0 ? (float) (d->rows.fold_sum[item * FOLDS + fold] / others) : NAN;
		numbers[n++] = profile->n > 0 ? (float) (profile->weight / profile->n) : NAN;
	}
	for (int m = 0; m < d->shared->n_matches; m++)
	{
		const Variable *match = &d->shared->matches[m];
		int64_t		first = sparse_find(features->column, features->start[item],
										features->start[item + 1], match->feature);
		int64_t		last = sparse_find(features->column, first, features->start[item + 1],
									   (int64_t) match->feature + match->n_features);

		numbers[n++] = profile_match(profile, rated, features->column + first,
									 features->value + first, last - first);
	}
}

/* Draws an item that the user has no event of; -1: none was found. */
static int32_t
draw_item(const Data *d, int64_t user, int64_t row)
{
	const SparseMatrix *m = &d->ratings->by_user;
	uint64_t	seed = seed_of(d->o, DRAW_NEGATIVES);
	int64_t		n_items = d->ratings->by_item.n_rows;

	for (int i = 0; i < MOST_DRAWS; i++)
	{
		int64_t		item = (int64_t) (random_bits(seed, (uint64_t) (row * MOST_DRAWS + i)) %
									  (uint64_t) n_items);
		int64_t		at = sparse_find(m->column, m->start[user], m->start[user + 1], item);

		if (at == m->start[user + 1] || m->column[at] != item)
			return (int32_t) item;
	}
	return -1;
}

/* Puts the ratings of a user in a random order. */
static void
order_ratings(const Data *d, int64_t user)
{
	const int64_t *start = d->ratings->by_user.start;
	uint64_t	seed = seed_of(d->o, DRAW_ORDER);
	int32_t    *order = d->rows.order + start[user];
	int64_t		n = start[user + 1] - start[user];

	for (int64_t i = 0; i < n; i++)
	{
		int64_t		at = (int64_t) (random_uniform(seed, (uint64_t) (start[user] + i)) *
									(double) (i + 1));

		if (i % 16384 == 0)
			poll();
		order[i] = order[at];
		order[at] = (int32_t) i;
	}
}

/* Whether the pass over the users fills the sample, or the bins. */
typedef struct RowsPass
{
	bool		is_sample;
} RowsPass;

/* A pass over the users: their rows. */
static void
pass_rows(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	bool		is_sample = ((const RowsPass *) argument)->is_sample;
	Data		d = data_of(task);
	const SparseMatrix *m = &task->ratings->by_user;
	const SparseMatrix *features = &task->ratings->item_features.by_row;
	double		mean = task->model->scale.mean;
	int			n_own = own_variable(&d, 0, NULL);
	ProfileSums profile;
	float		numbers[MOST_MATCHES + 4];

	lay_out_profile(features->n_columns, scratch, &profile);
	memset(profile.weighted, 0, sizeof(double) * (size_t) features->n_columns);
	memset(profile.values, 0, sizeof(double) * (size_t) features->n_columns);
	for (int64_t u = begin; u < end; u++)
	{
		int			fold = fold_of(d.o, u);

		profile.n = profile.weight = 0;
		order_ratings(&d, u);
		for (int64_t i = 0; i < m->start[u + 1] - m->start[u]; i++)
		{
			int64_t		entry = m->start[u] + d.rows.order[m->start[u] + i];
			int32_t		item = m->column[entry];
			bool		chosen = !is_sample || entry % d.shared->sample_step == 0;

			poll();
			for (int k = 0; k < d.rows.each && chosen; k++)
			{
				int64_t		row = entry * d.rows.each + k;
				int32_t		of_row = k == 0 ? item : draw_item(&d, u, row);

				row_numbers(&d, &profile, of_row < 0 ? item : of_row, fold, numbers);
				if (is_sample)
				{
					int64_t		n_sample = least(d.extent.n_ratings, SAMPLE) * d.rows.each;
					int64_t		at = entry / d.shared->sample_step * d.rows.each + k;

					for (int v = 0; v < n_own; v++)
						d.rows.sample[v * n_sample + at] = numbers[v];
					continue;
				}
				for (int v = 0; v < n_own; v++)
					d.rows.own[row * n_own + v] =
						variable_bin(&d, d.shared->first_own + v, numbers[v]);
				d.rows.item[row] = of_row < 0 ? item : of_row;
				d.rows.user[row] = (int32_t) u;
				if (m->context != NULL)
					d.rows.context[row] = m->context[entry] >= 0
											  ? m->context[entry]
											  : (int32_t) task->ratings->contexts.by_row.n_rows;
				if (trees_is_explicit(d.o))
				{
					d.rows.labels[row] = m->value[entry];
					d.rows.weights[row] = 1;
				}
				else
				{
					d.rows.labels[row] = k == 0;
					d.rows.weights[row] = k > 0		  ? (of_row >= 0)
										  : mean > 0 ? (float) (fmax(m->value[entry], 0) / mean)
													 : 1;
				}
			}
			if (features->n_columns > 0)
				profile_add(&profile, m->value[entry], features->column + features->start[item],
							features->value + features->start[item],
							features->start[item + 1] - features->start[item], 1);
			else
				profile_add(&profile, m->value[entry], NULL, NULL, 0, 1);
		}
		for (int64_t e = m->start[u]; e < m->start[u + 1] && features->n_columns > 0; e++)
		{
			int32_t		item = m->column[e];

			for (int64_t f = features->start[item]; f < features->start[item + 1]; f++)
				profile.weighted[features->column[f]] = profile.values[features->column[f]] = 0;
		}
	}
}

/* Makes the variables of rows, from the sample. */
static void
add_own_variables(Data *d, Services *services)
{
	int64_t		n_all = least(d->extent.n_ratings, SAMPLE) * d->rows.each;
	int64_t		taken;
	RowsPass	pass = {true};

	d->shared->first_own = d->shared->n_variables;
	d->shared->sample_step = (d->extent.n_ratings + SAMPLE - 1) / SAMPLE;
	taken = (d->extent.n_ratings + d->shared->sample_step - 1) / d->shared->sample_step *
		d->rows.each;
	run_pass(services, PASS_ROWS, &pass, sizeof(pass), d->extent.n_users, 16);
	for (int v = 0; v < own_variable(d, 0, NULL); v++)
	{
		float	   *sample = d->rows.sample + v * n_all;
		Variable	variable;
		int64_t		n = 0;

		for (int64_t i = 0; i < taken; i++)
		{
			if (!isnan(sample[i]))
				sample[n++] = sample[i];
		}
		(void) own_variable(d, v, &variable);
		(void) add_numbers(d, variable, sample, n);
	}
}

/* Chooses the ratings whose rows are held out. */
static void
hold_out(const Data *d)
{
	uint64_t	seed = seed_of(d->o, DRAW_HELD_OUT);

	for (int64_t row = 0; row < d->rows.n; row++)
	{
		if (row % 65536 == 0)
			poll();
		if (random_uniform(seed, (uint64_t) (row / d->rows.each)) < HELD_OUT)
			d->rows.held_out[row / 64] |= UINT64_C(1) << (row % 64);
	}
}

static bool
holds_out(const Data *d)
{
	return d->o->patience > 0 && (double) d->extent.n_ratings * HELD_OUT >= LEAST_HELD_OUT;
}

/* ---- the kernel's training ---- */

/* Appends the dense blocks of n variables, whose bins lie a row of n apart. */
static int
add_dense_blocks(TreesBlock *blocks, int n_blocks, int32_t first_variable, int n,
				 const uint8_t *bins, const int32_t *row)
{
	int			parts = (n + TREES_BLOCK - 1) / TREES_BLOCK;

	for (int p = 0; p < parts; p++)
	{
		int			first = n * p / parts;

		blocks[n_blocks++] = (TreesBlock) {.first_column = first_variable + first,
										   .n_columns = n * (p + 1) / parts - first,
										   .row = row, .bins = bins + first, .stride = n};
	}
	return n_blocks;
}

/* The most blocks: those of MOST_VARIABLES, and three sparse ones. */
#define MOST_BLOCKS (MOST_VARIABLES / TREES_BLOCK + 8)

static void
make_training(const Task *task, const Data *d, TreesBlock *blocks, TreesTraining *t)
{
	int			n_own = own_variable(d, 0, NULL);

	*t = (TreesTraining) {
		.options = {.objective = trees_is_explicit(d->o) ? TREES_SQUARED : TREES_LOGISTIC,
					.leaves = d->o->leaves, .learning_rate = d->o->learning_rate,
					.lambda = d->o->regularization, .smoothing = SMOOTHING,
					.min_rows = d->o->min_rows, .subsample = d->o->subsample,
					.seed = seed_of(d->o, DRAW_SUBSAMPLE)},
		.n_rows = d->rows.n, .labels = d->rows.labels, .weights = d->rows.weights,
		.held_out = holds_out(d) ? d->rows.held_out : NULL, .n_columns = d->shared->n_variables,
		.n_bins = d->shared->n_bins, .columns = d->columns.columns, .blocks = blocks,
		.scores = d->rows.scores, .losses = d->forest.losses, .forest = d->forest.forest};
	for (int array = ARRAY_ITEMS; array <= ARRAY_CONTEXTS; array++)
	{
		const int32_t *row = array == ARRAY_ITEMS	? d->rows.item
							 : array == ARRAY_USERS ? d->rows.user
													: d->rows.context;
		TableBins	b;

		if (!has_features(task, array))
			continue;
		b = table_of(task, array);
		t->n_blocks = add_dense_blocks(blocks, t->n_blocks, b.first_variable, b.n_dense, b.dense,
									   row);
		if (b.n_sparse > 0)
			blocks[t->n_blocks++] = (TreesBlock) {.first_column = b.first_variable + b.n_dense,
												  .n_columns = b.n_sparse, .row = row,
												  .start = b.start, .column = b.column,
												  .bin = b.bin};
	}
	t->n_blocks = add_dense_blocks(blocks, t->n_blocks, d->shared->first_own, n_own, d->rows.own,
								   NULL);
	(void) trees_lay_out(t, task->arrays[ARRAY_SCRATCH]);
}

/* The argument of a pass over trees. */
typedef struct GrowPass
{
	int32_t		first;			/* tree */
	bool		is_start;		/* only the step before all trees */
} GrowPass;

/* A pass over the rows of the kernel's steps. */
static void
pass_grow(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const GrowPass *pass = argument;
	Data		d = data_of(task);
	TreesBlock	blocks[MOST_BLOCKS];
	TreesTraining t;

	make_training(task, &d, blocks, &t);
	for (int64_t row = begin; row < end; row++)
	{
		int64_t		step = row / trees_step_rows(&t);
		int64_t		of_tree = trees_steps(&t);

		if (pass->is_start)
			trees_step(&t, 0, 0, row);
		else
			trees_step(&t, pass->first + (int) (step / of_tree), 1 + step % of_tree,
					   row % trees_step_rows(&t));
	}
}

const Pass trees_passes[] = {
	[PASS_FOLDS] = pass_folds,
	[PASS_ROWS] = pass_rows,
	[PASS_GROW] = pass_grow
};

/* ---- the model ---- */

/* A value that is as good as infinite, and that the model's table may have. */
static float
stored_number(double value)
{
	return (float) fmin(fmax(value, -FLT_MAX), FLT_MAX);
}

/*
 * Adds the gain of a split to those of its feature. That of categories is divided among those on
 * the side that has fewer of them.
 */
static void
add_gain(const Task *task, const Variable *v, const TreesNode *node)
{
	Side	   *side = task->model->sides + (v->source == SOURCE_ITEM_FEATURE	? SIDE_ITEM_FEATURES
											 : v->source == SOURCE_USER_FEATURE ? SIDE_USER_FEATURES
																	: SIDE_CONTEXT_FEATURES);
	int			left = 0;
	bool		of_left;

	if (v->source > SOURCE_CONTEXT_FEATURE)
		return;
	if (v->kind != VARIABLE_CATEGORY)
	{
		side->values[TREES_GAIN][v->feature] += node->gain;
		return;
	}
	for (int c = 0; c < v->n_features; c++)
		left += trees_set_has(node->goes_left, (uint32_t) c + 1);
	of_left = left > 0 && (2 * left <= v->n_features || left == v->n_features);
	for (int c = 0; c < v->n_features; c++)
	{
		if (trees_set_has(node->goes_left, (uint32_t) c + 1) == of_left)
			side->values[TREES_GAIN][v->feature + c] +=
				node->gain / (float) (of_left ? left : v->n_features - left);
	}
}

/* Writes the first n trees to the model's tables. */
static void
write_trees(const Task *task, const Data *d, int n, double base)
{
	const Model *model = task->model;
	int			splits = d->o->leaves - 1;
	float	   *numbers[N_TREES_PARAMETERS];

	for (int p = 0; p < N_TREES_PARAMETERS; p++)
		numbers[p] = trees_numbers(model, p);
	numbers[TREES_BASE][0] = stored_number(base);
	for (int tree = 0; tree < n; tree++)
	{
		int			n_leaves = d->forest.forest.n_leaves[tree];

		poll();
		numbers[TREES_LEAVES][tree] = (float) n_leaves;
		for (int l = 0; l < n_leaves; l++)
			numbers[TREES_LEAF_VALUES][(int64_t) tree * d->o->leaves + l] =
				d->forest.forest.values[(int64_t) tree * d->o->leaves + l];
		for (int s = 0; s < n_leaves - 1; s++)
		{
			int64_t		at = (int64_t) tree * splits + s;
			const TreesNode *node = &d->forest.forest.nodes[at];
			const Variable *v = &d->columns.variables[node->column];
			const float *edges = d->columns.edges + (int64_t) node->column * TREES_BINS;

			numbers[TREES_SOURCE][at] = (float) v->source;
			numbers[TREES_KIND][at] = (float) v->kind;
			numbers[TREES_FEATURE][at] = (float) v->feature;
			numbers[TREES_N_FEATURES][at] = (float) v->n_features;
			numbers[TREES_LEFT][at] = (float) node->left;
			numbers[TREES_RIGHT][at] = (float) node->right;
			numbers[TREES_MISSING_LEFT][at] = node->missing_left;
			numbers[TREES_GAINS][at] = node->gain;
			numbers[TREES_VALUE][at] = node->value;
			numbers[TREES_IMPORTANCE][v->source - 1] += node->gain;
			if (v->kind != VARIABLE_CATEGORY)
				/* known numbers against missing ones */
				numbers[TREES_THRESHOLD][at] = node->bin > d->columns.n_edges[node->column]
												   ? FLT_MAX
												   : stored_number(edges[node->bin - 1]);
			for (int b = 0; b < TREES_BINS && v->kind == VARIABLE_CATEGORY; b++)
			{
				if (trees_set_has(node->goes_left, (uint32_t) b))
					numbers[TREES_CATEGORIES][at * FLOATS_OF_SET + b / BITS_OF_FLOAT] +=
						(float) (1 << (b % BITS_OF_FLOAT));
			}
			add_gain(task, v, node);
		}
	}
}

/* The items have the values of their features. */
static void
copy_features(const Task *task)
{
	const SparseMatrix *m = &task->ratings->item_features.by_row;
	SparseMatrix *list = &task->model->sides[SIDE_ITEMS].list;

	if (m->n_rows == 0)
		return;
	memcpy(list->start, m->start, sizeof(int64_t) * (size_t) (m->n_rows + 1));
	memcpy(list->column, m->column, sizeof(int32_t) * (size_t) m->start[m->n_rows]);
	memcpy(list->value, m->value, sizeof(float) * (size_t) m->start[m->n_rows]);
}

/*
 * Implicit feedback: what is added to scores, so that they are about all missing events, and not
 * about those that were drawn: the logarithm of the share of them (King & Zeng 2001, "Logistic
 * regression in rare events data", (7)).
 */
static double
correction(const Data *d)
{
	const int64_t *start = d->ratings->by_user.start;
	double		drawn = 0;
	double		missing = 0;

	for (int64_t row = 0; row < d->rows.n; row++)
	{
		if (row % 65536 == 0)
			poll();
		drawn += d->rows.labels[row] == 0 && d->rows.weights[row] > 0;
	}
	for (int64_t u = 0; u < d->extent.n_users; u++)
		missing += fmax((double) (d->extent.n_items - (start[u + 1] - start[u])), 0);
	return drawn > 0 && missing > 0 ? log(drawn / missing) : 0;
}

const char *
trees_train(const Task *task, Services *services)
{
	Data		d = data_of(task);
	TreesBlock	blocks[MOST_BLOCKS];
	TreesTraining t;
	RowsPass	rows = {false};
	GrowPass	grow = {0, true};
	int			best = 1;
	double		base;

	run_pass(services, PASS_FOLDS, NULL, 0, d.extent.n_items, 64);
	for (int array = ARRAY_ITEMS; array <= ARRAY_CONTEXTS; array++)
	{
		if (has_features(task, array))
		{
			TableBins	b = table_of(task, array);

			add_features(&d, task, array, &b);
			fill_table(&d, task, array, &b);
		}
	}
	find_matches(task, d.shared);
	add_own_variables(&d, services);
	run_pass(services, PASS_ROWS, &rows, sizeof(rows), d.extent.n_users, 16);
	if (holds_out(&d))
		hold_out(&d);
	make_training(task, &d, blocks, &t);
	base = trees_base(&t);
	for (int64_t r = 0; r < d.rows.n; r++)
		d.rows.scores[r] = base;
	run_pass(services, PASS_GROW, &grow, sizeof(grow), trees_step_rows(&t), 1);
	for (int done = 0; done < d.o->iterations; done += TREES_AT_ONCE)
	{
		int			n = d.o->iterations - done < TREES_AT_ONCE ? d.o->iterations - done
															   : TREES_AT_ONCE;

		grow = (GrowPass) {done, false};
		services->run_steps(services, PASS_GROW, &grow, sizeof(grow), n * trees_steps(&t),
							trees_step_rows(&t), 1);
		trees_finish_loss(&t, done + n);
		for (int i = done + 1; i <= done + n; i++)
		{
			if (!isfinite(d.forest.losses[i]))
				return "the loss is not finite; a lower learning_rate may help";
			services->iteration_done(services, i, d.forest.losses[i], NAN);
			if (d.forest.losses[i] < d.forest.losses[best])
				best = i;
		}
		if (t.held_out == NULL)
			best = done + n;
		else if (done + n - best >= d.o->patience)
			break;
	}
	copy_features(task);
	write_trees(task, &d, best, base + (trees_is_explicit(d.o) ? 0 : correction(&d)));
	/* of all that is checked, only this can be: it is as if read from the table */
	return trees_damage(task->model) == NULL ? NULL : "scores may not be finite";
}
