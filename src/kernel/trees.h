/*
 * trees.h
 *	  Gradient-boosted decision trees by histograms.
 *
 * Friedman 2001, "Greedy function approximation: a gradient boosting machine"; Ke et al. 2017,
 * "LightGBM: a highly efficient gradient boosting decision tree". A model is a sum of trees. Each
 * tree is fitted to the gradient g and the curvature h of the loss by the scores so far: a leaf
 * with the sums G and H over its rows has the value -G / (H + lambda), and a split into L and R
 * gains
 *
 *	G_L^2 / (H_L + lambda) + G_R^2 / (H_R + lambda) - G^2 / (H + lambda)
 *
 * (Chen & Guestrin 2016, "XGBoost: a scalable tree boosting system", (6) and (7), times 2). The
 * leaf whose best split gains most is split next, until there are as many leaves as wanted.
 *
 * Values are put into at most 256 bins. Bin 0 is of missing values, which go left or right,
 * whichever gains more. A number goes left if its bin is at most that of the split. Categories have
 * a bin each. They are ordered by G / (H + smoothing); of the orders' prefixes the best goes left.
 * For smoothing 0 that is the best of all subsets (Fisher 1958, "On grouping for maximum
 * homogeneity"). With it, as in LightGBM, categories of few rows are kept from the ends, and
 * smoothing is added to lambda in splits by categories.
 *
 * Columns may be of another table that rows refer to, as those of items are where a row is a
 * rating, so that a value that many rows share is kept once. Columns of one such table lie in one
 * or several blocks, dense or sparse. A block is the unit of work of histograms. So a sum is made
 * by one worker, in the order of the rows, and the trees are the same, to the bit, with any number
 * of workers.
 */
#ifndef REC_TREES_H
#define REC_TREES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TREES_BINS 256

/* The bin of missing values. */
#define TREES_MISSING 0

/* ---- bins ---- */

/*
 * Sorts n numbers, none of them NaN, and sets the upper edges of all bins but the last: at most
 * most_bins - 1 of them, ascending, each between two different numbers. Where the numbers are few,
 * each has a bin of its own; otherwise bins have about as many numbers. Returns the number of
 * edges. most_bins is at most TREES_BINS - 1, as one is of missing values.
 */
extern int	trees_edges(float *numbers, int64_t n, int most_bins, float *edges);

/* The bin of a number: 1 + the number of edges below it. */
static inline uint8_t
trees_bin(const float *edges, int n_edges, float number)
{
	int			below = 0;
	int			n = n_edges;

	if (isnan(number))
		return TREES_MISSING;
	while (n > 0)
	{
		int			half = n / 2;

		if (edges[below + half] < number)
		{
			below += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	return (uint8_t) (below + 1);
}

/* ---- data ---- */

typedef struct TreesColumn
{
	int32_t		n_bins;			/* with that of missing values */
	int32_t		first_bin;		/* among the bins of all columns */
	bool		is_category;
	uint8_t		zero;			/* of a sparse block: the bin of a value without an entry */
} TreesColumn;

/* The columns that a block has at most, if it is dense. */
#define TREES_BLOCK 16

typedef struct TreesBlock
{
	int32_t		first_column;
	int32_t		n_columns;
	const int32_t *row;			/* of each row of the training: that of the block; NULL: the same */
	/* dense: the bin of column c in row r is bins[r * stride + c] */
	const uint8_t *bins;
	int64_t		stride;
	/* sparse, where bins is NULL: row r has the entries start[r] .. start[r + 1] - 1 */
	const int64_t *start;
	const int32_t *column;		/* in the block, ascending within a row */
	const uint8_t *bin;
} TreesBlock;

typedef enum TreesObjective
{
	TREES_SQUARED,				/* 1/2 (score - label)^2 */
	TREES_LOGISTIC,				/* of labels 0 and 1 */
	/*
	 * Burges 2010, "From RankNet to LambdaRank to LambdaMART: an overview": a pair of rows of a
	 * group, the first with the higher label, has the loss ln(1 + e^-(s_i - s_j)) times the change
	 * of ndcg where they swap places. A label l gains 2^l - 1.
	 */
	TREES_LAMBDARANK
} TreesObjective;

/* Labels are taken for this where they are higher; so gains are finite. */
#define TREES_MOST_LABEL 30

typedef struct TreesOptions
{
	TreesObjective objective;
	int32_t		leaves;			/* at least 2 */
	double		learning_rate;
	double		lambda;
	double		smoothing;
	/*
	 * the least rows of a leaf, as estimated from its share of the curvature: exactly, where the
	 * loss is squared and the weights are 1
	 */
	double		min_rows;
	double		subsample;		/* the share of the rows that a tree is fitted to */
	int32_t		truncation;		/* lambdarank: one of a pair is so far up; 0: all pairs */
	uint64_t	seed;
} TreesOptions;

/* A row's gradient and curvature. */
typedef struct TreesGradient
{
	float		g;
	float		h;
} TreesGradient;

/* ---- trees ---- */

/*
 * A split of a tree. Children are nodes of the same tree if they are not negative, which come after
 * their parent; otherwise leaf -1 - child.
 */
typedef struct TreesNode
{
	int32_t		column;
	int32_t		bin;			/* of numbers: those up to it go left */
	int32_t		left;
	int32_t		right;
	bool		missing_left;
	float		gain;
	float		value;			/* what it would be as a leaf */
	uint64_t	goes_left[TREES_BINS / 64];	/* bit b: bin b goes left */
} TreesNode;

/* The trees so far: tree t has leaves - 1 nodes and leaves values, of which n_leaves count. */
typedef struct TreesForest
{
	TreesNode  *nodes;			/* trees x (leaves - 1) */
	float	   *values;			/* trees x leaves */
	int32_t    *n_leaves;		/* of each tree */
} TreesForest;

/* ---- training ---- */

/* Rows are gone through in so many pieces, whichever worker does which. */
#define TREES_PIECES 32

typedef struct TreesTraining
{
	TreesOptions options;
	int64_t		n_rows;
	const float *labels;
	const float *weights;		/* of each row; NULL: 1. Rows that weigh 0 are not learned from. */
	/* bit by row: it is held out: the loss is of such rows; NULL: of all rows */
	const uint64_t *held_out;
	/* lambdarank: n_groups + 1: where groups begin; all rows of a group are held out, or none */
	const int64_t *groups;
	int64_t		n_groups;
	int32_t		n_columns;
	int32_t		n_blocks;
	int64_t		n_bins;			/* of all columns */
	const TreesColumn *columns;
	const TreesBlock *blocks;
	double	   *scores;			/* of each row; the caller sets the first ones */
	double	   *losses;			/* of each tree: before it; one more than trees */
	TreesForest forest;

	/* scratch, which all workers share: trees_lay_out() */
	struct TreesState *state;
	TreesGradient *gradients;	/* by row */
	int32_t    *index;			/* the rows by leaf */
	int32_t    *split;			/* the rows of the leaf that is split, by piece */
	struct TreesLeaf *tree;		/* the leaves */
	struct TreesCandidate *candidates;	/* of the last split's two leaves, by block */
	double	   *histograms;		/* leaves x bins x (G, H) */
	double	   *best_gain;		/* lambdarank: 1 / the best dcg of each group, or 0 */
} TreesTraining;

/*
 * Lays the scratch out in memory aligned to a cache line; returns the bytes. n_rows, n_groups,
 * n_blocks, n_bins and the options are set.
 */
extern size_t trees_lay_out(TreesTraining *t, const void *memory);

/*
 * Training is a loop over steps, of trees_step_rows() rows each: step 0, then for each tree the
 * steps 1 .. trees_steps(). Rows of a step may be done at once, in any order. Step 0 computes the
 * gradients for tree 0, and so does the last step of a tree for the next. After it
 * losses[tree + 1] is set.
 */
extern int64_t trees_step_rows(const TreesTraining *t);
extern int64_t trees_steps(const TreesTraining *t);
extern void trees_step(const TreesTraining *t, int tree, int64_t step, int64_t row);

/* Sums what step 0 or the last step of tree - 1 found: sets losses[tree]. Any worker may do it. */
extern void trees_finish_loss(const TreesTraining *t, int tree);

/* The score that all rows have at first: the mean, the logarithm of the odds, or 0. */
extern double trees_base(const TreesTraining *t);

/*
 * Sets the gradients of the rows of a group. order: scratch for n numbers. inverse: 1 / the best
 * dcg, or 0.
 */
extern void trees_lambdarank(const float *labels, const float *weights, const double *scores,
							 int64_t n, int32_t truncation, double inverse, int32_t *order,
							 TreesGradient *gradients);

/* The best dcg of a group of these labels. order: scratch for n numbers. */
extern double trees_best_dcg(const float *labels, int64_t n, int32_t *order);

/* ---- prediction ---- */

/* A split, of a row of numbers; categories are numbered from 1, and NaN is a missing value. */
typedef struct TreesTest
{
	int32_t		column;
	float		threshold;		/* of numbers: those up to it go left */
	int32_t		left;			/* a test; negative: leaf -1 - left */
	int32_t		right;
	int32_t		set;			/* of categories: which of the sets; -1: a number */
	bool		missing_left;
} TreesTest;

/* The categories that go left: bit b for category b, bit 0 for a missing one. */
typedef struct TreesSet
{
	uint64_t	bits[TREES_BINS / 64];
} TreesSet;

static inline bool
trees_set_has(const uint64_t *bits, uint32_t number)
{
	return (bits[number / 64] >> (number % 64) & 1) != 0;
}

/* Where a value goes. A category beyond the bins is an unknown one, and so a missing one. */
static inline int32_t
trees_next(const TreesTest *test, const TreesSet *sets, float value)
{
	bool		left;

	if (test->set < 0)
		left = isnan(value) ? test->missing_left : value <= test->threshold;
	else
		left = trees_set_has(sets[test->set].bits,
							 value >= 1 && value < TREES_BINS ? (uint32_t) value : TREES_MISSING);
	return left ? test->left : test->right;
}

/* The leaf of a row, from a test or, where it is negative, a leaf. */
static inline int32_t
trees_leaf(const TreesTest *tests, const TreesSet *sets, int32_t root, const float *row)
{
	while (root >= 0)
		root = trees_next(&tests[root], sets, row[tests[root].column]);
	return -1 - root;
}

#endif							/* REC_TREES_H */
