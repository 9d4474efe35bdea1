/*
 * trees_test.c
 *	  Gradient-boosted trees against numbers worked out by hand, and references that are too simple
 *	  to be wrong.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include "algorithm/trees_model.h"

/* ---- a training on a matrix of numbers ---- */

/* A matrix with its bins, and everything that a training on it needs. */
typedef struct Fit
{
	TreesTraining t;
	int64_t		n;
	int			n_columns;
	const float *x;				/* rows x columns; categories from 1 */
	const bool *is_category;
	TreesColumn *columns;
	TreesBlock *blocks;
	float	   *edges;			/* TREES_BINS of each column */
	void	   *memory;
	void	   *to_free[16];
	int			n_to_free;
} Fit;

static void *
keep(Fit *f, size_t bytes)
{
	void	   *memory = zeroed(bytes);

	CHECK(f->n_to_free < 16);
	f->to_free[f->n_to_free++] = memory;
	return memory;
}

/* The way in which the columns are laid out; the result must not depend on it. */
typedef enum Layout
{
	LAYOUT_DENSE,				/* one block */
	LAYOUT_BLOCKS,				/* a block of each column */
	LAYOUT_JOINED,				/* rows refer to the rows of another table, in another order */
	LAYOUT_SPARSE				/* sparse, the most frequent bin of each column being the zero */
} Layout;

static void
lay_out_blocks(Fit *f, Layout layout, uint8_t *bins)
{
	int64_t		n = f->n;
	int			k = f->n_columns;
	int			n_blocks = layout == LAYOUT_BLOCKS ? k : 1;
	int32_t    *row = NULL;
	uint8_t    *own = bins;

	f->blocks = keep(f, sizeof(TreesBlock) * (size_t) n_blocks);
	if (layout == LAYOUT_JOINED)
	{
		row = keep(f, sizeof(int32_t) * (size_t) n);
		own = keep(f, (size_t) (n * k));
		for (int64_t r = 0; r < n; r++)
		{
			row[r] = (int32_t) (n - 1 - r);
			memcpy(own + row[r] * k, bins + r * k, (size_t) k);
		}
	}
	for (int b = 0; b < n_blocks; b++)
	{
		f->blocks[b] = (TreesBlock) {.first_column = b, .n_columns = k / n_blocks, .row = row,
									 .bins = own + b, .stride = k};
	}
	if (layout == LAYOUT_SPARSE)
	{
		int64_t    *start = keep(f, sizeof(int64_t) * (size_t) (n + 1));
		int32_t    *column = keep(f, sizeof(int32_t) * (size_t) (n * k));
		uint8_t    *bin = keep(f, (size_t) (n * k));

		for (int c = 0; c < k; c++)
		{
			int			count[TREES_BINS] = {0};

			for (int64_t r = 0; r < n; r++)
				count[bins[r * k + c]]++;
			for (int b = 1; b < f->columns[c].n_bins; b++)
			{
				if (count[b] > count[f->columns[c].zero])
					f->columns[c].zero = (uint8_t) b;
			}
		}
		for (int64_t r = 0; r < n; r++)
		{
			start[r + 1] = start[r];
			for (int c = 0; c < k; c++)
			{
				if (bins[r * k + c] == f->columns[c].zero)
					continue;
				column[start[r + 1]] = c;
				bin[start[r + 1]++] = bins[r * k + c];
			}
		}
		f->blocks[0].bins = NULL;
		f->blocks[0].start = start;
		f->blocks[0].column = column;
		f->blocks[0].bin = bin;
	}
	f->t.blocks = f->blocks;
	f->t.n_blocks = n_blocks;
}

static Fit
prepare_fit(const float *x, const float *labels, int64_t n, int n_columns, const bool *is_category,
			TreesOptions options, int trees, Layout layout)
{
	Fit			f = {.n = n, .n_columns = n_columns, .x = x, .is_category = is_category};
	uint8_t    *bins = keep(&f, (size_t) (n * n_columns));
	float	   *numbers = keep(&f, sizeof(float) * (size_t) n);
	int32_t		first_bin = 0;

	f.columns = keep(&f, sizeof(TreesColumn) * (size_t) n_columns);
	f.edges = keep(&f, sizeof(float) * TREES_BINS * (size_t) n_columns);
	for (int c = 0; c < n_columns; c++)
	{
		bool		category = is_category != NULL && is_category[c];
		int			n_edges = 0;
		int64_t		known = 0;
		int			most = 0;

		for (int64_t r = 0; r < n; r++)
		{
			float		value = x[r * n_columns + c];

			if (!isnan(value))
				numbers[known++] = value;
			if (category && value > (float) most)
				most = (int) value;
		}
		if (!category)
			n_edges = trees_edges(numbers, known, TREES_BINS - 1, f.edges + c * TREES_BINS);
		for (int64_t r = 0; r < n; r++)
		{
			float		value = x[r * n_columns + c];

			bins[r * n_columns + c] =
				category ? (uint8_t) (isnan(value) ? 0 : value)
						 : trees_bin(f.edges + c * TREES_BINS, n_edges, value);
		}
		f.columns[c] = (TreesColumn) {.n_bins = category ? most + 1 : n_edges + 2,
									  .first_bin = first_bin, .is_category = category};
		first_bin += f.columns[c].n_bins;
	}
	f.t.options = options;
	f.t.n_rows = n;
	f.t.labels = labels;
	f.t.n_columns = n_columns;
	f.t.columns = f.columns;
	f.t.n_bins = first_bin;
	f.t.scores = keep(&f, sizeof(double) * (size_t) n);
	f.t.losses = keep(&f, sizeof(double) * (size_t) (trees + 1));
	f.t.forest.nodes = keep(&f, sizeof(TreesNode) * (size_t) (trees * (options.leaves - 1)));
	f.t.forest.values = keep(&f, sizeof(float) * (size_t) (trees * options.leaves));
	f.t.forest.n_leaves = keep(&f, sizeof(int32_t) * (size_t) trees);
	lay_out_blocks(&f, layout, bins);
	return f;
}

static void
free_fit(Fit *f)
{
	for (int i = 0; i < f->n_to_free; i++)
		free(f->to_free[i]);
}

/* Trains; backwards: the rows of a step are done from the last to the first. */
static void
fit(Fit *f, int trees, bool backwards)
{
	TreesTraining *t = &f->t;
	size_t		bytes = trees_lay_out(t, NULL);
	double		base = trees_base(t);
	void	   *memory = keep(f, bytes);

	memset(memory, 0x5a, bytes);
	trees_lay_out(t, memory);
	for (int64_t r = 0; r < f->n; r++)
		t->scores[r] = base;
	for (int tree = 0; tree < trees; tree++)
	{
		for (int64_t step = tree == 0 ? 0 : 1; step <= trees_steps(t); step++)
		{
			for (int64_t row = 0; row < trees_step_rows(t); row++)
				trees_step(t, tree, step, backwards ? trees_step_rows(t) - 1 - row : row);
		}
	}
	trees_finish_loss(t, trees);
}

/* The trees' tests and sets, for predictions. */
static double
predict(const Fit *f, int trees, const float *row)
{
	int			leaves = f->t.options.leaves;
	double		sum = 0;

	for (int tree = 0; tree < trees; tree++)
	{
		TreesTest	tests[256];
		TreesSet	sets[256];
		int			n = f->t.forest.n_leaves[tree] - 1;

		CHECK(n < 256);
		for (int s = 0; s < n; s++)
		{
			const TreesNode *node = &f->t.forest.nodes[tree * (leaves - 1) + s];
			bool		category = f->columns[node->column].is_category;

			CHECK(node->left < 0 || (node->left > s && node->left < n));
			CHECK(node->right < 0 || (node->right > s && node->right < n));
			/* beyond the last edge, numbers differ from missing ones alone */
			tests[s] = (TreesTest) {
				.column = node->column, .left = node->left, .right = node->right,
				.threshold = category ? 0
							 : node->bin == f->columns[node->column].n_bins - 1
								 ? INFINITY
								 : f->edges[node->column * TREES_BINS + node->bin - 1],
				.missing_left = node->missing_left, .set = category ? s : -1};
			memcpy(sets[s].bits, node->goes_left, sizeof(sets[s].bits));
		}
		sum += f->t.forest.values[tree * leaves + trees_leaf(tests, sets, n > 0 ? 0 : -1, row)];
	}
	return sum;
}

#define PLAIN ((TreesOptions) {.objective = TREES_SQUARED, .leaves = 2, .learning_rate = 1, \
							   .min_rows = 1, .subsample = 1})

/* ---- by hand ---- */

static void
test_edges(void)
{
	float		few[] = {3, 1, 1, 2, 3};
	float		many[1000];
	float		close[] = {1, nextafterf(1, 2), 1};
	float		edges[TREES_BINS];
	int			n;

	/* three numbers, with an edge in the middle between each two */
	n = trees_edges(few, 5, 255, edges);
	CHECK(n == 2 && edges[0] == 1.5f && edges[1] == 2.5f);
	CHECK(trees_bin(edges, n, 1) == 1 && trees_bin(edges, n, 1.5f) == 1);
	CHECK(trees_bin(edges, n, 2) == 2 && trees_bin(edges, n, 3) == 3);
	CHECK(trees_bin(edges, n, NAN) == TREES_MISSING && trees_bin(edges, n, -INFINITY) == 1 &&
		  trees_bin(edges, n, INFINITY) == 3);
	/* between neighbours there is no number: the edge is the lower one */
	n = trees_edges(close, 3, 255, edges);
	CHECK(n == 1 && edges[0] == 1);
	CHECK(trees_bin(edges, n, 1) == 1 && trees_bin(edges, n, nextafterf(1, 2)) == 2);
	/* a thousand numbers in ten bins: a hundred each */
	for (int i = 0; i < 1000; i++)
		many[i] = (float) (i * 7 % 1000);
	n = trees_edges(many, 1000, 10, edges);
	CHECK(n == 9);
	for (int i = 0; i < n; i++)
		CHECK(edges[i] == 100 * (float) (i + 1) - 0.5f);
	CHECK(trees_edges(many, 0, 255, edges) == 0 && trees_bin(edges, 0, 5) == 1);
}

/*
 * Labels 1, 2, 6, 7 at x = 1, 2, 3, 4. The mean is 4, the gradients score - label are 3, 2, -2, -3.
 * Of the splits after 1, 2 and 3 the second gains most: G_L = 5, G_R = -5, H = 2 each. With lambda
 * 0.5 it gains 25 / 2.5 + 25 / 2.5 - 0 / 4.5 = 20, the first 9 / 1.5 + 9 / 3.5 = 8.57. Leaves are
 * -5 / 2.5 = -2 and 2, half of which is added with a learning rate of 0.5. The loss, a mean squared
 * error, is 26 / 4 = 6.5 at first, then (2^2 + 1^2 + 1^2 + 2^2) / 4 = 2.5.
 */
static void
test_split(void)
{
	const float x[] = {1, 2, 3, 4};
	const float labels[] = {1, 2, 6, 7};
	TreesOptions options = PLAIN;
	Fit			f;

	options.lambda = 0.5;
	options.learning_rate = 0.5;
	f = prepare_fit(x, labels, 4, 1, NULL, options, 1, LAYOUT_DENSE);
	CHECK(trees_base(&f.t) == 4);
	fit(&f, 1, false);
	CHECK(f.t.forest.n_leaves[0] == 2);
	CHECK(f.t.forest.nodes[0].column == 0 && f.t.forest.nodes[0].bin == 2);
	CHECK(f.t.forest.nodes[0].left == -1 && f.t.forest.nodes[0].right == -2);
	CHECK_NEAR(f.t.forest.nodes[0].gain, 20, 1e-6);
	CHECK_NEAR(f.t.forest.values[0], -1, 1e-6);
	CHECK_NEAR(f.t.forest.values[1], 1, 1e-6);
	CHECK_NEAR(f.t.losses[0], 6.5, 1e-6);
	CHECK_NEAR(f.t.losses[1], 2.5, 1e-6);
	CHECK_NEAR(f.t.scores[0], 3, 1e-6);
	CHECK_NEAR(f.t.scores[3], 5, 1e-6);
	free_fit(&f);
}

/*
 * Labels 0, 0, 1 with the score 0: p = 1/2, so g is 1/2, 1/2, -1/2 and h 1/4 each. The split
 * between the labels has G_L = 1, H_L = 1/2, G_R = -1/2, H_R = 1/4. With lambda 0 leaves are -2 and
 * 2, and it gains 1 / (1/2) + (1/4) / (1/4) - (1/4) / (3/4) = 2 + 1 - 1/3. The base is
 * ln((1 + 1/2) / (2 + 1/2)).
 */
static void
test_logistic(void)
{
	const float x[] = {1, 2, 3};
	const float labels[] = {0, 0, 1};
	TreesOptions options = PLAIN;
	Fit			f;

	options.objective = TREES_LOGISTIC;
	f = prepare_fit(x, labels, 3, 1, NULL, options, 1, LAYOUT_DENSE);
	CHECK_NEAR(trees_base(&f.t), log(1.5 / 2.5), 1e-12);
	{
		void	   *memory = keep(&f, trees_lay_out(&f.t, NULL));

		trees_lay_out(&f.t, memory);
		for (int64_t step = 0; step <= trees_steps(&f.t); step++)
		{
			for (int64_t row = 0; row < trees_step_rows(&f.t); row++)
				trees_step(&f.t, 0, step, row);
		}
	}
	CHECK(f.t.forest.nodes[0].bin == 2);
	CHECK_NEAR(f.t.forest.nodes[0].gain, 3 - 1.0 / 3, 1e-5);
	CHECK_NEAR(f.t.forest.values[0], -2, 1e-5);
	CHECK_NEAR(f.t.forest.values[1], 2, 1e-5);
	CHECK_NEAR(f.t.losses[0], log(2), 1e-6);
	free_fit(&f);
}

/*
 * Labels 0, 1, 3 with the scores 2, 1, 0: the order is a, b, c, and the gains 2^l - 1 are 0, 1, 7.
 * Discounts 1 / log2(rank + 1) are 1, 0.6309298, 0.5. The best dcg is 7 + 0.6309298 = 7.6309298.
 *
 *	pair	change of ndcg					1 / (1 + e^difference)	force
 *	b > a	1 (1 - .6309298) / 7.6309298	1 / (1 + e^(1 - 2))		.0483650 x .7310586 = .0353576
 *	c > a	7 (1 - .5) / 7.6309298			1 / (1 + e^(0 - 2))		.4586597 x .8807971 = .4039861
 *	c > b	6 (.6309298 - .5) / 7.6309298	1 / (1 + e^(0 - 1))		.1029467 x .7310586 = .0752601
 *
 * A force pushes the better row up and the worse one down: g_a = .0353576 + .4039861 = .4393437,
 * g_b = -.0353576 + .0752601 = .0399025, g_c = -.4039861 - .0752601 = -.4792462. The curvature of a
 * pair is force (1 - share): .0353576 x .2689414 = .0095091, .4039861 x .1192029 = .0481563,
 * .0752601 x .2689414 = .0202406. h_a = .0576654, h_b = .0297497, h_c = .0683969.
 */
static void
test_lambdarank(void)
{
	const float labels[] = {0, 1, 3};
	const double scores[] = {2, 1, 0};
	const float weights[] = {2, 2, 2};
	int32_t		order[3];
	TreesGradient g[3];
	double		best = trees_best_dcg(labels, 3, order);

	CHECK_NEAR(best, 7.6309298, 1e-6);
	trees_lambdarank(labels, NULL, scores, 3, 0, 1 / best, order, g);
	CHECK(order[0] == 0 && order[1] == 1 && order[2] == 2);
	CHECK_NEAR(g[0].g, 0.4393437, 1e-6);
	CHECK_NEAR(g[1].g, 0.0399025, 1e-6);
	CHECK_NEAR(g[2].g, -0.4792462, 1e-6);
	CHECK_NEAR(g[0].h, 0.0576654, 1e-6);
	CHECK_NEAR(g[1].h, 0.0297497, 1e-6);
	CHECK_NEAR(g[2].h, 0.0683969, 1e-6);
	/* only pairs with the row at the top */
	trees_lambdarank(labels, NULL, scores, 3, 1, 1 / best, order, g);
	CHECK_NEAR(g[1].g, -0.0353576, 1e-6);
	trees_lambdarank(labels, weights, scores, 3, 0, 1 / best, order, g);
	CHECK_NEAR(g[0].g, 2 * 0.4393437, 1e-6);
	/* without a label above 0 nothing is wrong with any order */
	trees_lambdarank((const float[]) {0, 0, 0}, NULL, scores, 3, 0, 0, order, g);
	CHECK(g[0].g == 0 && g[1].h == 0);
	/* a label of any size has a finite gain */
	CHECK(isfinite(trees_best_dcg((const float[]) {1e30f, 0, 1}, 3, order)));
}

/*
 * Missing values have labels like the high ones, then like the low ones: they go right, then left.
 * Where none is missing in training, a missing one goes where most rows go.
 */
static void
test_missing(void)
{
	const float x[] = {1, 2, 3, 4, NAN, NAN};
	const float high[] = {0, 0, 9, 9, 9, 9};
	const float low[] = {0, 0, 9, 9, 0, 0};
	const float only[] = {5, 5, 5, 5, 1, 1};
	const float none[] = {1, 2, 3, 4, 4, 4};
	const float nothing = NAN;
	Fit			f = prepare_fit(x, high, 6, 1, NULL, PLAIN, 1, LAYOUT_DENSE);

	fit(&f, 1, false);
	CHECK(f.t.forest.nodes[0].bin == 2 && !f.t.forest.nodes[0].missing_left);
	CHECK_NEAR(f.t.losses[1], 0, 1e-9);
	CHECK_NEAR(6 + predict(&f, 1, &nothing), 9, 1e-5);
	free_fit(&f);
	f = prepare_fit(x, low, 6, 1, NULL, PLAIN, 1, LAYOUT_DENSE);
	fit(&f, 1, false);
	CHECK(f.t.forest.nodes[0].bin == 2 && f.t.forest.nodes[0].missing_left);
	CHECK_NEAR(f.t.losses[1], 0, 1e-9);
	CHECK_NEAR(3 + predict(&f, 1, &nothing), 0, 1e-5);
	free_fit(&f);
	/* known values against missing ones: any number goes left */
	f = prepare_fit(x, only, 6, 1, NULL, PLAIN, 1, LAYOUT_DENSE);
	fit(&f, 1, false);
	CHECK(f.t.forest.nodes[0].bin == 4 && !f.t.forest.nodes[0].missing_left);
	CHECK_NEAR(f.t.losses[1], 0, 1e-9);
	{
		const float large = 1e30f;

		CHECK_NEAR(22.0 / 6 + predict(&f, 1, &large), 5, 1e-5);
	}
	free_fit(&f);
	f = prepare_fit(none, high, 6, 1, NULL, PLAIN, 1, LAYOUT_DENSE);
	fit(&f, 1, false);
	CHECK(f.t.forest.nodes[0].bin == 2 && !f.t.forest.nodes[0].missing_left);
	free_fit(&f);
}

/* ---- against references ---- */

static float *
random_numbers(int64_t n, uint64_t seed)
{
	float	   *x = zeroed(sizeof(float) * (size_t) n);

	for (int64_t i = 0; i < n; i++)
		x[i] = (float) random_normal(seed, (uint64_t) i);
	return x;
}

/* The gain of a split, given which rows go left: squared loss, all weights 1. */
static double
gain_of(const float *labels, const bool *is_in, const bool *left, int64_t n, double lambda)
{
	double		g[2] = {0, 0};
	double		h[2] = {0, 0};

	for (int64_t r = 0; r < n; r++)
	{
		if (!is_in[r])
			continue;
		g[left[r]] -= labels[r];
		h[left[r]] += 1;
	}
	if (h[0] == 0 || h[1] == 0)
		return 0;
	return g[0] * g[0] / (h[0] + lambda) + g[1] * g[1] / (h[1] + lambda) -
		(g[0] + g[1]) * (g[0] + g[1]) / (h[0] + h[1] + lambda);
}

/* The best split by categories is as good as the best of all subsets. */
static void
test_categories(void)
{
	enum
	{
		ROWS = 60,
		CATEGORIES = 7
	};
	const bool	is_category[] = {true};
	bool		all[ROWS];

	for (int64_t r = 0; r < ROWS; r++)
		all[r] = true;
	for (uint64_t seed = 0; seed < 30; seed++)
	{
		float	   *labels = random_numbers(ROWS, seed);
		float		x[ROWS];
		double		best = 0;
		double		sum = 0;
		Fit			f;

		for (int64_t r = 0; r < ROWS; r++)
		{
			/* category 0 is a missing one */
			x[r] = (float) (random_bits(seed + 100, (uint64_t) r) % CATEGORIES);
			if (x[r] == 0)
				x[r] = NAN;
			sum += labels[r];
		}
		for (int64_t r = 0; r < ROWS; r++)
			labels[r] -= (float) (sum / ROWS);
		for (int subset = 1; subset < 1 << CATEGORIES; subset++)
		{
			bool		left[ROWS];

			for (int64_t r = 0; r < ROWS; r++)
				left[r] = (subset >> (isnan(x[r]) ? 0 : (int) x[r]) & 1) != 0;
			best = fmax(best, gain_of(labels, all, left, ROWS, 0));
		}
		f = prepare_fit(x, labels, ROWS, 1, is_category, PLAIN, 1, LAYOUT_DENSE);
		fit(&f, 1, false);
		CHECK_NEAR(f.t.forest.nodes[0].gain, best, 1e-4 * best);
		/* an unknown category goes where missing ones go */
		{
			const float unknown = 200;
			const float missing = NAN;

			CHECK(predict(&f, 1, &unknown) == predict(&f, 1, &missing));
		}
		free_fit(&f);
		free(labels);
	}
}

/*
 * A tree that grows best-first, by going through all rows for each split: the columns are numbers,
 * of which some are missing, and each different number is a place to split.
 */
static void
reference_cart(const float *x, const float *labels, int64_t n, int n_columns, int leaves,
			   double min_rows, double lambda, int32_t *leaf_of)
{
	bool	   *is_in = zeroed(sizeof(bool) * (size_t) n);
	bool	   *left = zeroed(sizeof(bool) * (size_t) n);
	bool	   *best_left = zeroed(sizeof(bool) * (size_t) n);

	memset(leaf_of, 0, sizeof(int32_t) * (size_t) n);
	for (int l = 1; l < leaves; l++)
	{
		double		best = 0;
		int			chosen = -1;

		for (int leaf = 0; leaf < l; leaf++)
		{
			for (int64_t r = 0; r < n; r++)
				is_in[r] = leaf_of[r] == leaf;
			for (int c = 0; c < n_columns; c++)
			{
				for (int64_t at = 0; at < n; at++)
				{
					if (!is_in[at] || isnan(x[at * n_columns + c]))
						continue;
					for (int missing_left = 0; missing_left < 2; missing_left++)
					{
						int64_t		n_left = 0;
						int64_t		n_in = 0;
						double		gain;

						for (int64_t r = 0; r < n; r++)
						{
							float		value = x[r * n_columns + c];

							left[r] = isnan(value) ? missing_left : value <= x[at * n_columns + c];
							n_left += is_in[r] && left[r];
							n_in += is_in[r];
						}
						if (n_left < min_rows || n_in - n_left < min_rows)
							continue;
						gain = gain_of(labels, is_in, left, n, lambda);
						/* gains that differ by rounding are equal, and the first counts */
						if (gain > best * (1 + 1e-9) + 1e-9)
						{
							best = gain;
							chosen = leaf;
							memcpy(best_left, left, sizeof(bool) * (size_t) n);
						}
					}
				}
			}
		}
		if (chosen < 0)
			break;
		for (int64_t r = 0; r < n; r++)
		{
			if (leaf_of[r] == chosen && !best_left[r])
				leaf_of[r] = l;
		}
	}
	free(is_in);
	free(left);
	free(best_left);
}

static void
test_cart(void)
{
	enum
	{
		ROWS = 80,
		COLUMNS = 3,
		LEAVES = 6
	};

	for (uint64_t seed = 0; seed < 8; seed++)
	{
		float	   *x = random_numbers(ROWS * COLUMNS, seed);
		float	   *labels = random_numbers(ROWS, seed + 50);
		int32_t		leaf_of[ROWS];
		double		mean = 0;
		TreesOptions options = PLAIN;
		double		sums[LEAVES] = {0};
		double		counts[LEAVES] = {0};
		Fit			f;

		options.leaves = LEAVES;
		options.min_rows = 1 + (double) (seed % 4) * 3;
		options.lambda = (double) (seed % 3);
		for (int64_t r = 0; r < ROWS; r++)
		{
			for (int c = 0; c < COLUMNS; c++)
			{
				/* few numbers, some of them missing */
				x[r * COLUMNS + c] = roundf(4 * x[r * COLUMNS + c]);
				if (random_bits(seed + 7, (uint64_t) (r * COLUMNS + c)) % 6 == 0)
					x[r * COLUMNS + c] = NAN;
			}
			mean += labels[r] / ROWS;
		}
		f = prepare_fit(x, labels, ROWS, COLUMNS, NULL, options, 1, LAYOUT_DENSE);
		fit(&f, 1, false);
		for (int64_t r = 0; r < ROWS; r++)
			labels[r] -= (float) mean;
		reference_cart(x, labels, ROWS, COLUMNS, LEAVES, options.min_rows, options.lambda, leaf_of);
		for (int64_t r = 0; r < ROWS; r++)
		{
			sums[leaf_of[r]] += labels[r];
			counts[leaf_of[r]] += 1;
		}
		for (int64_t r = 0; r < ROWS; r++)
		{
			double		value = sums[leaf_of[r]] / (counts[leaf_of[r]] + options.lambda);

			CHECK_NEAR(f.t.scores[r] - mean, value, 1e-5);
			CHECK_NEAR(predict(&f, 1, x + r * COLUMNS), value, 1e-5);
		}
		free_fit(&f);
		free(x);
		free(labels);
	}
}

/*
 * Mixed columns, weights, rows that are held out, subsamples: the trees do not depend on the layout
 * of the columns, but for rounding, and not at all on the order in which the rows of a step are
 * done. The loss of held-out rows is that of the predictions.
 */
static void
test_layouts(TreesObjective objective)
{
	enum
	{
		ROWS = 3000,
		COLUMNS = 6,
		TREES = 12,
		GROUP = 20
	};
	const bool	is_category[COLUMNS] = {false, true, false, false, true, false};
	float	   *x = random_numbers(ROWS * COLUMNS, 1);
	float	   *labels = random_numbers(ROWS, 2);
	float	   *weights = zeroed(sizeof(float) * ROWS);
	uint64_t   *held_out = zeroed(sizeof(uint64_t) * (ROWS / 64 + 1));
	int64_t    *groups = zeroed(sizeof(int64_t) * (ROWS / GROUP + 1));
	double	   *expected = zeroed(sizeof(double) * ROWS);
	TreesOptions options = {.objective = objective, .leaves = 12, .learning_rate = 0.2, .lambda = 1,
							.smoothing = 3, .min_rows = 5, .subsample = 0.8, .seed = 9};

	for (int64_t r = 0; r < ROWS; r++)
	{
		float	   *row = x + r * COLUMNS;

		weights[r] = (float) (random_bits(3, (uint64_t) r) % 4) / 2;
		row[1] = (float) (random_bits(4, (uint64_t) r) % 9);
		row[4] = (float) (random_bits(5, (uint64_t) r) % 200);
		for (int c = 0; c < COLUMNS; c++)
		{
			if (random_bits(6, (uint64_t) (r * COLUMNS + c)) % 5 == 0 || row[c] == 0)
				row[c] = is_category[c] ? NAN : 0;
		}
		if (random_bits(7, (uint64_t) r) % 9 == 0)
			row[2] = NAN;
		labels[r] += row[0] - row[3] * row[5] + (row[1] == 3 ? 2 : 0);
		if (objective == TREES_LOGISTIC)
			labels[r] = labels[r] > 0;
		else if (objective == TREES_LAMBDARANK)
			labels[r] = fmaxf(0, fminf(4, roundf(labels[r])));
		if (random_bits(8, (uint64_t) (r / GROUP)) % 4 == 0)
			held_out[r / 64] |= UINT64_C(1) << (r % 64);
	}
	for (int g = 0; g <= ROWS / GROUP; g++)
		groups[g] = g * GROUP;
	for (int which = 0; which < 5; which++)
	{
		Layout		layout = which == 4 ? LAYOUT_DENSE : (Layout) which;
		Fit			f = prepare_fit(x, labels, ROWS, COLUMNS, is_category, options, TREES, layout);
		double		loss = 0;
		double		weight = 0;
		double		base;

		f.t.weights = weights;
		f.t.held_out = held_out;
		f.t.groups = groups;
		f.t.n_groups = ROWS / GROUP;
		base = trees_base(&f.t);
		fit(&f, TREES, which == 4);
		for (int64_t r = 0; r < ROWS; r++)
		{
			double		score = base + predict(&f, TREES, x + r * COLUMNS);

			CHECK_NEAR(f.t.scores[r], score, 1e-4);
			if (which == 0)
				expected[r] = f.t.scores[r];
			else if (which == 4 || which == LAYOUT_BLOCKS)
				CHECK(f.t.scores[r] == expected[r]);
			else
				CHECK_NEAR(f.t.scores[r], expected[r], 1e-3);
			if ((held_out[r / 64] >> (r % 64) & 1) == 0)
				continue;
			loss += weights[r] * (objective == TREES_SQUARED
									  ? (score - labels[r]) * (score - labels[r])
									  : log1p(exp(labels[r] > 0 ? -score : score)));
			weight += weights[r];
		}
		if (objective != TREES_LAMBDARANK)
			CHECK_NEAR(f.t.losses[TREES], loss / weight, 1e-3);
		/* it learns, of rows that it has not seen */
		CHECK(f.t.losses[TREES] < 0.95 * f.t.losses[0]);
		free_fit(&f);
	}
	free(x);
	free(labels);
	free(weights);
	free(held_out);
	free(groups);
	free(expected);
}

/* Sources of little: no split is found where there is nothing to find. */
static void
test_nothing(void)
{
	const float x[] = {1, 1, 2, 3};
	const float equal[] = {5, 5, 5, 5};
	const float labels[] = {1, 2, 3, 4};
	const float missing[] = {NAN, NAN, NAN, NAN};
	TreesOptions options = PLAIN;
	Fit			f;

	options.leaves = 4;
	f = prepare_fit(x, equal, 4, 1, NULL, options, 2, LAYOUT_DENSE);
	fit(&f, 2, false);
	CHECK(f.t.forest.n_leaves[0] == 1 && f.t.forest.n_leaves[1] == 1 && f.t.scores[0] == 5);
	free_fit(&f);
	f = prepare_fit(missing, labels, 4, 1, NULL, options, 1, LAYOUT_DENSE);
	fit(&f, 1, false);
	CHECK(f.t.forest.n_leaves[0] == 1 && f.t.scores[3] == 2.5);
	free_fit(&f);
	/* no leaf may be smaller than half of the rows, so there is one split; without, three leaves */
	options.min_rows = 2;
	f = prepare_fit(x, labels, 4, 1, NULL, options, 1, LAYOUT_DENSE);
	fit(&f, 1, false);
	CHECK(f.t.forest.n_leaves[0] == 2);
	free_fit(&f);
	options.min_rows = 1;
	f = prepare_fit(x, labels, 4, 1, NULL, options, 1, LAYOUT_DENSE);
	fit(&f, 1, false);
	CHECK(f.t.forest.n_leaves[0] == 3);
	free_fit(&f);
	f = prepare_fit(x, labels, 1, 1, NULL, options, 1, LAYOUT_SPARSE);
	fit(&f, 1, false);
	CHECK(f.t.forest.n_leaves[0] == 1 && f.t.scores[0] == 1);
	free_fit(&f);
}

/* ---- the algorithm ---- */

enum
{
	USERS = 40,
	ITEMS = 25
};

/* Ratings of about a third of all pairs, which follow from both in part. */
static Training *
train_on(Feedback feedback, bool attributes, bool contexts, double patience)
{
	static double dense[USERS * ITEMS];
	Training   *t;

	for (int u = 0; u < USERS; u++)
	{
		for (int i = 0; i < ITEMS; i++)
		{
			uint64_t	bits = random_bits(31, (uint64_t) (u * ITEMS + i));

			dense[u * ITEMS + i] =
				bits % 3 != 0 ? NAN : 1 + (double) ((u % 3 + i % 4 + bits / 8 % 2) % 5);
		}
	}
	t = new_training(find_algorithm("trees"), dense, NULL, USERS, ITEMS, feedback);
	if (attributes)
	{
		training_add_item_features(t);
		training_add_user_features(t);
	}
	if (contexts)
		training_add_contexts(t);
	set_option(t, "min_rows", 3);
	set_option(t, "iterations", 30);
	set_option(t, "leaves", 8);
	set_option(t, "patience", patience);
	return t;
}

/* Answers agree with one another; with blocks done backwards, the model is the same. */
static void
test_answers(Feedback feedback, bool attributes, bool contexts)
{
	Training   *t = train_on(feedback, attributes, contexts, 5);
	Training   *other = train_on(feedback, attributes, contexts, 5);
	const Side *numbers = &t->model.sides[SIDE_PARAMETERS];
	Profile		nobody = {0};

	train(t);
	other->backwards = 1;
	other->block = 1;
	train(other);
	CHECK(t->failure == NULL && other->failure == NULL);
	CHECK(memcmp(numbers->values[PARAMETER_NUMBERS],
				 other->model.sides[SIDE_PARAMETERS].values[PARAMETER_NUMBERS],
				 sizeof(float) * (size_t) side_floats(numbers, PARAMETER_NUMBERS)) == 0);
	CHECK(trees_damage(&t->model) == NULL);
	for (int u = 0; u < USERS; u += 7)
	{
		Profile		profile = user_profile(t, u);

		check_answers(&t->model, &profile);
		profile = profile_in_context(profile, t, contexts ? u % TRAINING_CONTEXTS : -1);
		check_answers(&t->model, &profile);
		check_large_profiles(&t->model, &profile);
	}
	check_answers(&t->model, &nobody);
	free_training(t);
	free_training(other);
}

/*
 * With one tree and a learning rate of 1, and no regularization, a score is the mean of the ratings
 * in its leaf: over all ratings, scores have the mean of the ratings. What items with the category
 * have more is found.
 */
static void
test_single_tree(void)
{
	Training   *t = train_on(FEEDBACK_EXPLICIT, true, false, 0);
	const SparseMatrix *features = &t->ratings.item_features.by_row;
	SparseMatrix *m = &t->ratings.by_user;
	double		with = 0;
	double		without = 0;

	/* the rating is 4 for items with the first category, and 2 for others */
	for (int64_t e = 0; e < m->start[m->n_rows]; e++)
	{
		int32_t		item = m->column[e];

		m->value[e] = features->start[item] < features->start[item + 1] &&
							  features->column[features->start[item]] == 0
						  ? 4
						  : 2;
	}
	memset(t->ratings.by_item.start, 0, sizeof(int64_t) * (ITEMS + 2));
	sparse_transpose(m, &t->ratings.by_item);
	training_set_scale(t);
	set_option(t, "iterations", 1);
	set_option(t, "learning_rate", 1);
	set_option(t, "regularization", 0);
	set_option(t, "leaves", 2);
	/* the item's mean would say the same; the category does so in each fold */
	train(t);
	CHECK(t->failure == NULL);
	CHECK(trees_numbers(&t->model, TREES_LEAVES)[0] == 2);
	for (int u = 0; u < USERS; u++)
	{
		Profile		profile = user_profile(t, u);
		void	   *query = new_query(&t->model, &profile);

		for (int32_t i = 0; i < ITEMS; i++)
		{
			bool		has = features->start[i] < features->start[i + 1] &&
						   features->column[features->start[i]] == 0;

			with = fmax(with, fabs(model_score_item(&t->model, query, i) - 4) * has);
			without = fmax(without, fabs(model_score_item(&t->model, query, i) - 2) * !has);
		}
		free(query);
	}
	CHECK(with < 1e-5 && without < 1e-5);
	free_training(t);
}

/* Early stopping keeps the best of the trees, and no more. */
static void
test_patience(void)
{
	Training   *t = train_on(FEEDBACK_IMPLICIT, true, false, 3);
	int			best = 0;

	set_option(t, "iterations", 200);
	set_option(t, "learning_rate", 0.5);
	train(t);
	CHECK(t->failure == NULL && t->iterations < 200);
	for (int i = 1; i < t->iterations; i++)
	{
		if (t->losses[i] < t->losses[best])
			best = i;
	}
	CHECK(t->iterations - best - 1 >= 3);
	CHECK(trees_numbers(&t->model, TREES_LEAVES)[best] > 0);
	CHECK(trees_numbers(&t->model, TREES_LEAVES)[best + 1] == 0);
	free_training(t);
}

/* Whatever is written over a number of the model's table: an error, or answers. */
static void
test_damage(void)
{
	Training   *t = train_on(FEEDBACK_EXPLICIT, true, true, 0);
	Profile		profile;
	Parameter	parameters[N_TREES_PARAMETERS];
	const float values[] = {-1, 0, 0.5f, 1, 2, 3, 7, 1e6f, 3e38f, -3e38f, 16777215};
	int			refused = 0;
	int			taken = 0;

	set_option(t, "iterations", 4);
	train(t);
	CHECK(t->failure == NULL);
	profile = profile_in_context(user_profile(t, 0), t, 1);
	trees_parameters(t->options, parameters);
	for (int p = 0; p < N_TREES_PARAMETERS; p++)
	{
		float	   *numbers = trees_numbers(&t->model, p);

		for (int64_t i = 0; i < parameter_numbers(&parameters[p]);
			 i += p == TREES_CATEGORIES ? 7 : 1)
		{
			for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
			{
				float		before = numbers[i];

				numbers[i] = values[v];
				if (trees_damage(&t->model) != NULL)
					refused++;
				else
				{
					void	   *query;

					model_prepare(&t->model);
					query = new_query(&t->model, &profile);
					CHECK(isfinite(model_score_item(&t->model, query, 3)));
					free(query);
					taken++;
				}
				numbers[i] = before;
			}
		}
	}
	CHECK(refused > 100 && taken > 100);
	/* a split that leads back to itself */
	trees_numbers(&t->model, TREES_LEFT)[1] = 1;
	CHECK(trees_damage(&t->model) != NULL);
	free_training(t);
}

int
main(void)
{
	test_edges();
	test_split();
	test_logistic();
	test_lambdarank();
	test_missing();
	test_categories();
	test_cart();
	test_layouts(TREES_SQUARED);
	test_layouts(TREES_LOGISTIC);
	test_layouts(TREES_LAMBDARANK);
	test_nothing();
	for (int which = 0; which < 8; which++)
		test_answers(which % 2 == 0 ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT, which / 2 % 2 == 1,
					 which / 4 == 1);
	test_single_tree();
	test_patience();
	test_damage();
	return passed("trees");
}
