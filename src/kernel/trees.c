/*
 * trees.c
 *	  Gradient-boosted decision trees by histograms.
 *
 * How a tree grows, in steps (trees.h): the root's histograms are made; then, for each split, the
 * rows of the leaf are divided, each piece by its own worker, and the histograms of its children
 * are made, each block of columns by its own worker. Only those of the smaller child are summed:
 * those of the other one are the difference from the parent's. The worker that makes a histogram
 * also looks for the best split in it.
 *
 * What a step writes, no row of it reads. Which leaf is split follows from what earlier steps
 * wrote, and every row of a step works it out by itself. What becomes of the leaf is written down
 * by one row of the step after it (record), and until then read from State.staged.
 */
#include <string.h>

#include "kernel/exponential.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/trees.h"

/* Sums below this share of those of the whole leaf are rounding. */
#define LEAST_SHARE 1e-10

/* Rows between two polls, of a pass that does little with each. */
#define POLL_ROWS 16384

/* ---- bins ---- */

/* Sifts the number at a place of a heap of n down. */
static void
sift(float *heap, int64_t at, int64_t n)
{
	float		number = heap[at];

	for (;;)
	{
		int64_t		child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && heap[child + 1] > heap[child])
			child++;
		if (!(heap[child] > number))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = number;
}

/* Heapsort: it looks for a cancel, and has no bad case. */
static void
sort_numbers(float *numbers, int64_t n)
{
	for (int64_t i = n / 2 - 1; i >= 0; i--)
	{
		if (i % POLL_ROWS == 0)
			poll();
		sift(numbers, i, n);
	}
	for (int64_t i = n - 1; i > 0; i--)
	{
		float		largest = numbers[0];

		if (i % POLL_ROWS == 0)
			poll();
		numbers[0] = numbers[i];
		numbers[i] = largest;
		sift(numbers, 0, i);
	}
}

/* A number from a, which is less than b, to below b: the middle, if there is one between them. */
static float
between(float a, float b)
{
	float		middle = a / 2 + b / 2;

	return middle > a && middle < b ? middle : a;
}

int
trees_edges(float *numbers, int64_t n, int most_bins, float *edges)
{
	int64_t		distinct = n > 0 ? 1 : 0;
	int			n_edges = 0;

	sort_numbers(numbers, n);
	for (int64_t i = 1; i < n; i++)
		distinct += numbers[i] > numbers[i - 1];
	for (int64_t begin = 0, end; begin < n; begin = end)
	{
		/* what is left is divided among the bins that are left */
		int64_t		bins = most_bins - n_edges;
		int64_t		wanted = distinct <= most_bins ? 1 : (n - begin + bins - 1) / bins;

		if (bins <= 1)
			break;
		end = begin + wanted < n ? begin + wanted : n;
		while (end < n && !(numbers[end] > numbers[end - 1]))
			end++;
		if (end < n)
			edges[n_edges++] = between(numbers[end - 1], numbers[end]);
	}
	return n_edges;
}

/* ---- the state of a tree ---- */

typedef struct Split
{
	double		gain;			/* 0: there is none */
	double		g;				/* of the left child */
	double		h;
	int32_t		column;
	int32_t		bin;
	bool		missing_left;
	uint64_t	goes_left[TREES_BINS / 64];
} Split;

/* The rows of a leaf are two ranges of the index: those that the tree is fitted to, and others. */
enum
{
	ROWS_FITTED,
	ROWS_OTHER,
	N_ROWS_OF_LEAF
};

typedef struct TreesLeaf
{
	int64_t		begin[N_ROWS_OF_LEAF];
	int64_t		n[N_ROWS_OF_LEAF];
	double		g;				/* of the fitted rows */
	double		h;
	int32_t		histogram;		/* which */
	int32_t		parent;			/* the node that it is a child of; -1: none */
	bool		is_left;
	Split		split;			/* the best; not set while the leaf is staged */
} TreesLeaf;

/* The best split of a leaf in a block; the last split's left leaf, then the right one. */
typedef struct TreesCandidate
{
	Split		split[2];
} TreesCandidate;

typedef struct TreesState
{
	/* what pieces of the rows found */
	int64_t		left[N_ROWS_OF_LEAF][TREES_PIECES];
	double		g[TREES_PIECES];
	double		h[TREES_PIECES];
	double		loss[TREES_PIECES];
	double		loss_weight[TREES_PIECES];

	/* the last leaf that was split, and what became of it */
	int32_t		chosen;			/* -1: none is left to split */
	Split		split;			/* of the chosen one */
	int32_t		n_staged;		/* leaves: 0, 1 (the root) or 2 */
	int32_t		staged[2];		/* their numbers */
	TreesLeaf	leaf[2];
} TreesState;

size_t
trees_lay_out(TreesTraining *t, const void *memory)
{
	Pieces		p = {memory, 0};

	t->state = add_piece(&p, sizeof(TreesState));
	t->gradients = add_piece(&p, sizeof(TreesGradient) * (size_t) t->n_rows);
	t->index = add_piece(&p, sizeof(int32_t) * (size_t) t->n_rows);
	t->split = add_piece(&p, sizeof(int32_t) * (size_t) t->n_rows);
	t->tree = add_piece(&p, sizeof(TreesLeaf) * (size_t) t->options.leaves);
	t->candidates = add_piece(&p, sizeof(TreesCandidate) * (size_t) t->n_blocks);
	t->histograms =
		add_piece(&p, sizeof(double) * 2 * (size_t) t->n_bins * (size_t) t->options.leaves);
	t->best_gain = add_piece(&p, sizeof(double) * (size_t) t->n_groups);
	return p.bytes;
}

/* In each step a row for each block, one for each piece, and one that keeps the records. */
int64_t
trees_step_rows(const TreesTraining *t)
{
	return t->n_blocks + TREES_PIECES + 1;
}

/* The root, two for each split, the scores, and the gradients of the next tree. */
int64_t
trees_steps(const TreesTraining *t)
{
	return 1 + 2 * (int64_t) (t->options.leaves - 1) + 2;
}

static inline int64_t
piece_begin(int64_t n, int piece)
{
	return n * piece / TREES_PIECES;
}

/* Where a piece of all rows begins: with groups, at one of them. */
static int64_t
first_row(const TreesTraining *t, int piece)
{
	if (t->options.objective == TREES_LAMBDARANK)
		return t->groups[piece_begin(t->n_groups, piece)];
	return piece_begin(t->n_rows, piece);
}

static inline bool
is_held_out(const TreesTraining *t, int64_t row)
{
	return t->held_out != NULL && (t->held_out[row / 64] >> (row % 64) & 1) != 0;
}

static inline float
weight_of(const TreesTraining *t, int64_t row)
{
	return t->weights == NULL ? 1 : t->weights[row];
}

/* The value of a leaf. */
static inline double
value_of(const TreesTraining *t, double g, double h)
{
	double		d = h + t->options.lambda;

	return d > 0 ? -g / d * t->options.learning_rate : 0;
}

/* ---- gradients ---- */

double
trees_base(const TreesTraining *t)
{
	double		sum = 0;
	double		weight = 0;

	for (int64_t r = 0; r < t->n_rows; r++)
	{
		if (r % POLL_ROWS == 0)
			poll();
		if (is_held_out(t, r))
			continue;
		sum += (double) weight_of(t, r) * t->labels[r];
		weight += weight_of(t, r);
	}
	if (t->options.objective == TREES_LAMBDARANK || weight <= 0)
		return 0;
	if (t->options.objective == TREES_SQUARED)
		return sum / weight;
	/* as if there were half a row more of each label: both odds are finite */
	return log((sum + 0.5) / (weight - sum + 0.5));
}

static inline double
gain_of_label(float label)
{
	return exp2(fmin(fmax(label, 0), TREES_MOST_LABEL)) - 1;
}

/* Whether row a comes before row b in the order of descending numbers. */
static inline bool
comes_before(const double *scores, const float *labels, int32_t a, int32_t b)
{
	double		x = scores != NULL ? scores[a] : labels[a];
	double		y = scores != NULL ? scores[b] : labels[b];

	return x > y || (x == y && a < b);
}

/* Sets the order of n rows by descending scores or, if these are NULL, labels. */
static void
sort_rows(const double *scores, const float *labels, int32_t *order, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		order[i] = (int32_t) i;
	/* heapsort, of which the last row is at the top */
	for (int64_t step = n / 2 + n - 2; step >= 0; step--)
	{
		int64_t		length = step >= n - 1 ? n : step + 1;
		int64_t		at = step >= n - 1 ? step - (n - 1) : 0;
		int32_t		row;

		if (step % POLL_ROWS == 0)
			poll();
		if (step < n - 1)
		{
			int32_t		last = order[0];

			order[0] = order[step + 1];
			order[step + 1] = last;
		}
		row = order[at];
		for (;;)
		{
			int64_t		child = 2 * at + 1;

			if (child >= length)
				break;
			if (child + 1 < length &&
				comes_before(scores, labels, order[child], order[child + 1]))
				child++;
			if (!comes_before(scores, labels, row, order[child]))
				break;
			order[at] = order[child];
			at = child;
		}
		order[at] = row;
	}
}

double
trees_best_dcg(const float *labels, int64_t n, int32_t *order)
{
	double		sum = 0;

	sort_rows(NULL, labels, order, n);
	for (int64_t i = 0; i < n; i++)
		sum += gain_of_label(labels[order[i]]) / log2((double) i + 2);
	return sum;
}

/* 1 - ndcg of a group in an order; 0 where all labels are 0. */
static double
loss_of_order(const float *labels, const int32_t *order, int64_t n, double inverse)
{
	double		sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += gain_of_label(labels[order[i]]) / log2((double) i + 2);
	return inverse > 0 ? 1 - sum * inverse : 0;
}

void
trees_lambdarank(const float *labels, const float *weights, const double *scores, int64_t n,
				 int32_t truncation, double inverse, int32_t *order, TreesGradient *gradients)
{
	int64_t		top = truncation > 0 && truncation < n ? truncation : n;

	memset(gradients, 0, sizeof(TreesGradient) * (size_t) n);
	sort_rows(scores, NULL, order, n);
	for (int64_t a = 0; a < top && inverse > 0; a++)
	{
		int32_t		i = order[a];
		double		gain = gain_of_label(labels[i]);
		double		discount = 1 / log2((double) a + 2);

		for (int64_t b = a + 1; b < n; b++)
		{
			int32_t		j = order[b];
			double		change;
			double		share;	/* 1 / (1 + e^(s of the better - s of the worse)) */
			double		force;
			int32_t		better = labels[i] > labels[j] ? i : j;
			int32_t		worse = i + j - better;

			if (b % 4096 == 0)
				poll();
			if (labels[i] == labels[j])
				continue;
			change = fabs(gain - gain_of_label(labels[j])) *
				(discount - 1 / log2((double) b + 2)) * inverse;
			share = 1 / (1 + exp(scores[better] - scores[worse]));
			force = change * share;
			gradients[better].g -= (float) force;
			gradients[worse].g += (float) force;
			gradients[better].h += (float) (force * (1 - share));
			gradients[worse].h += (float) (force * (1 - share));
		}
	}
	for (int64_t i = 0; i < n && weights != NULL; i++)
	{
		gradients[i].g *= weights[i];
		gradients[i].h *= weights[i];
	}
}

/* Sets the gradients of the rows of a piece; adds up the losses of those that are held out. */
static void
set_gradients(const TreesTraining *t, int piece)
{
	TreesObjective objective = t->options.objective;
	int64_t		end = first_row(t, piece + 1);
	double		loss = 0;
	double		loss_weight = 0;

	if (objective == TREES_LAMBDARANK)
	{
		for (int64_t g = piece_begin(t->n_groups, piece);
			 g < piece_begin(t->n_groups, piece + 1); g++)
		{
			int64_t		first = t->groups[g];
			int64_t		n = t->groups[g + 1] - first;

			poll();
			if (n == 0)
				continue;
			trees_lambdarank(t->labels + first, t->weights == NULL ? NULL : t->weights + first,
							 t->scores + first, n, t->options.truncation, t->best_gain[g],
							 t->split + first, t->gradients + first);
			if (t->held_out != NULL && !is_held_out(t, first))
				continue;
			loss += loss_of_order(t->labels + first, t->split + first, n, t->best_gain[g]);
			loss_weight += t->best_gain[g] > 0;
		}
	}
	for (int64_t begin = first_row(t, piece); begin < end && objective != TREES_LAMBDARANK;
		 begin += POLL_ROWS)
	{
		int64_t		stop = begin + POLL_ROWS < end ? begin + POLL_ROWS : end;

		poll();
		for (int64_t r = begin; r < stop; r++)
		{
			float		weight = weight_of(t, r);
			float		label = t->labels[r];
			float		score = (float) t->scores[r];

			if (objective == TREES_SQUARED)
				t->gradients[r] =
					(TreesGradient) {(float) (weight * (t->scores[r] - label)), weight};
			else
			{
				float		p = fast_sigmoid(score);

				t->gradients[r] = (TreesGradient) {weight * (p - label), weight * p * (1 - p)};
			}
		}
		for (int64_t r = begin; r < stop; r++)
		{
			double		score = t->scores[r];
			double		weight = weight_of(t, r);

			if (t->held_out != NULL && !is_held_out(t, r))
				continue;
			if (objective == TREES_SQUARED)
				loss += weight * (score - t->labels[r]) * (score - t->labels[r]);
			else
			{
				/* ln(1 + e^score) - label score */
				loss += weight * (fmax(score, 0) - t->labels[r] * score +
								  log1p(fast_exp((float) -fabs(score))));
			}
			loss_weight += weight;
		}
	}
	t->state->loss[piece] = loss;
	t->state->loss_weight[piece] = loss_weight;
}

/* Whether the next tree is fitted to a row. */
static inline bool
is_fitted(const TreesTraining *t, int tree, int64_t row)
{
	return !is_held_out(t, row) && weight_of(t, row) > 0 &&
		   (t->options.subsample >= 1 ||
			random_uniform(t->options.seed ^ ((uint64_t) tree << 32), (uint64_t) row) <
				t->options.subsample);
}

/*
 * Divides the rows of a piece for a tree: those that it is fitted to are put in ascending order at
 * the beginning of the piece, the others in descending order at its end.
 */
static void
choose_rows(const TreesTraining *t, int tree, int piece)
{
	int64_t		begin = first_row(t, piece);
	int64_t		end = first_row(t, piece + 1);
	int64_t		left = begin;
	int64_t		right = end;
	double		g = 0;
	double		h = 0;

	for (int64_t r = begin; r < end; r++)
	{
		if (r % POLL_ROWS == 0)
			poll();
		if (is_fitted(t, tree, r))
		{
			t->split[left++] = (int32_t) r;
			g += t->gradients[r].g;
			h += t->gradients[r].h;
		}
		else
			t->split[--right] = (int32_t) r;
	}
	t->state->left[ROWS_FITTED][piece] = left - begin;
	t->state->g[piece] = g;
	t->state->h[piece] = h;
}

void
trees_finish_loss(const TreesTraining *t, int tree)
{
	double		sum = 0;
	double		weight = 0;

	for (int p = 0; p < TREES_PIECES; p++)
	{
		sum += t->state->loss[p];
		weight += t->state->loss_weight[p];
	}
	t->losses[tree] = weight > 0 ? sum / weight : 0;
}

/* ---- histograms ---- */

static inline double *
histogram_of(const TreesTraining *t, int32_t which, const TreesColumn *column)
{
	return t->histograms + 2 * (which * t->n_bins + column->first_bin);
}

/*
 * Adds the gradients of n rows, which ascend or descend, to the histograms of a dense block. The
 * rows after them are fetched ahead: their bins and gradients are anywhere.
 */
#define FETCH_AHEAD 16

static inline __attribute__((always_inline)) void
add_dense_rows(const TreesBlock *block, int width, const int32_t *first_bin,
			   const TreesGradient *gradients, const int32_t *rows, int64_t n, double *histogram)
{
	for (int64_t i = 0; i < n; i++)
	{
		int32_t		row = rows[i];
		const uint8_t *bins =
			block->bins + (block->row == NULL ? row : block->row[row]) * block->stride;
		double		g = gradients[row].g;
		double		h = gradients[row].h;

		if (i + FETCH_AHEAD < n)
		{
			int32_t		next = rows[i + FETCH_AHEAD];

			__builtin_prefetch(gradients + next);
			if (block->row == NULL)
				__builtin_prefetch(block->bins + next * block->stride);
			else
				__builtin_prefetch(block->row + next);
		}
		for (int c = 0; c < width; c++)
		{
			double	   *bin = histogram + 2 * (first_bin[c] + bins[c]);

			bin[0] += g;
			bin[1] += h;
		}
	}
}

static void
add_dense(const TreesBlock *block, const int32_t *first_bin, const TreesGradient *gradients,
		  const int32_t *rows, int64_t n, double *histogram)
{
	switch (block->n_columns)
	{
		case 16:
			add_dense_rows(block, 16, first_bin, gradients, rows, n, histogram);
			break;
		case 8:
			add_dense_rows(block, 8, first_bin, gradients, rows, n, histogram);
			break;
		default:
			add_dense_rows(block, block->n_columns, first_bin, gradients, rows, n, histogram);
	}
}

static void
add_sparse(const TreesBlock *block, const TreesColumn *columns, const TreesGradient *gradients,
		   const int32_t *rows, int64_t n, double *histogram)
{
	for (int64_t i = 0; i < n; i++)
	{
		int32_t		row = rows[i];
		int64_t		at = block->row == NULL ? row : block->row[row];

		for (int64_t e = block->start[at]; e < block->start[at + 1]; e++)
		{
			double	   *bin =
				histogram + 2 * (columns[block->column[e]].first_bin + block->bin[e]);

			bin[0] += gradients[row].g;
			bin[1] += gradients[row].h;
		}
	}
}

/* The rows of the zero, with or without an entry, have what the others leave of the leaf's sums. */
static void
fill_zeros(const TreesBlock *block, const TreesColumn *columns, double g, double h,
		   double *histogram)
{
	for (int c = 0; c < block->n_columns; c++)
	{
		double	   *bins = histogram + 2 * columns[c].first_bin;
		double	   *zero = bins + 2 * columns[c].zero;
		double		rest_g = g;
		double		rest_h = h;

		for (int b = 0; b < columns[c].n_bins; b++)
		{
			if (b == columns[c].zero)
				continue;
			rest_g -= bins[2 * b];
			rest_h -= bins[2 * b + 1];
		}
		zero[0] = rest_h > LEAST_SHARE * h ? rest_g : 0;
		zero[1] = rest_h > LEAST_SHARE * h ? rest_h : 0;
	}
}

/*
 * Makes the histograms of a block: of the rows that pieces put at their beginnings or, if not
 * is_left, at their ends.
 */
static void
make_histograms(const TreesTraining *t, const TreesBlock *block, const int64_t *begin,
				const int64_t *n, const int64_t *left, bool is_left, double g, double h,
				double *histogram)
{
	const TreesColumn *columns = t->columns + block->first_column;
	int32_t		first_bin[TREES_BLOCK];

	for (int c = 0; c < block->n_columns; c++)
	{
		memset(histogram + 2 * columns[c].first_bin, 0,
			   sizeof(double) * 2 * (size_t) columns[c].n_bins);
		if (c < TREES_BLOCK)
			first_bin[c] = columns[c].first_bin;
	}
	for (int p = 0; p < TREES_PIECES; p++)
	{
		const int32_t *rows = t->split + begin[p] + (is_left ? 0 : left[p]);
		int64_t		count = is_left ? left[p] : n[p] - left[p];

		for (int64_t done = 0; done < count; done += POLL_ROWS)
		{
			int64_t		some = count - done < POLL_ROWS ? count - done : POLL_ROWS;

			poll();
			if (block->bins != NULL)
				add_dense(block, first_bin, t->gradients, rows + done, some, histogram);
			else
				add_sparse(block, columns, t->gradients, rows + done, some, histogram);
		}
	}
	if (block->bins == NULL)
		fill_zeros(block, columns, g, h, histogram);
}

/* Turns the histograms of a block of the parent into those of the other child. */
static void
subtract_histograms(const TreesTraining *t, const TreesBlock *block, double h,
					const double *smaller, double *parent)
{
	const TreesColumn *columns = t->columns + block->first_column;

	for (int c = 0; c < block->n_columns; c++)
	{
		const double *less = smaller + 2 * columns[c].first_bin;
		double	   *bins = parent + 2 * columns[c].first_bin;

		for (int b = 0; b < columns[c].n_bins; b++)
		{
			double		rest = bins[2 * b + 1] - less[2 * b + 1];

			bins[2 * b] = rest > LEAST_SHARE * h ? bins[2 * b] - less[2 * b] : 0;
			bins[2 * b + 1] = rest > LEAST_SHARE * h ? rest : 0;
		}
	}
}

/* ---- splits ---- */

/* What is known of the leaf whose split is looked for. */
typedef struct Search
{
	double		g;
	double		h;
	double		least;			/* the least curvature of a child */
	double		lambda;
} Search;

/* G^2 / (H + lambda) of a child, or a negative number where it would be too small. */
static inline double
score_of(const Search *s, double g, double h)
{
	return h >= s->least ? g * g / (h + s->lambda) : -INFINITY;
}

/* Takes a split in place of the best so far, if it gains more. */
static inline bool
is_better(const Search *s, double g, double h, double without, Split *best)
{
	double		left = score_of(s, g, h);
	double		right = score_of(s, s->g - g, s->h - h);
	double		gain = left + right - without;

	if (!(gain > best->gain) || !(gain > LEAST_SHARE * (left + right)))
		return false;
	best->gain = gain;
	best->g = g;
	best->h = h;
	return true;
}

/* The sums of the whole leaf in units of the gain. */
static inline double
score_without(const Search *s)
{
	return s->h + s->lambda > 0 ? s->g * s->g / (s->h + s->lambda) : 0;
}

static void
search_numbers(const Search *s, const double *bins, int n_bins, int column, Split *best)
{
	double		without = score_without(s);
	double		missing_g = bins[0];
	double		missing_h = bins[1];
	double		g = 0;
	double		h = 0;
	bool		found = false;

	for (int b = 1; b < n_bins; b++)
	{
		g += bins[2 * b];
		h += bins[2 * b + 1];
		/* with nothing in the bin it is the split before */
		if (bins[2 * b + 1] == 0)
			continue;
		if (is_better(s, g, h, without, best))
		{
			found = true;
			best->bin = b;
			best->missing_left = false;
		}
		if (missing_h > 0 && is_better(s, g + missing_g, h + missing_h, without, best))
		{
			found = true;
			best->bin = b;
			best->missing_left = true;
		}
	}
	if (!found)
		return;
	best->column = column;
	/* where none is missing, one that comes later goes where most go */
	if (missing_h == 0)
		best->missing_left = best->h > s->h - best->h;
	memset(best->goes_left, 0, sizeof(best->goes_left));
	for (int b = 1; b <= best->bin; b++)
		best->goes_left[b / 64] |= UINT64_C(1) << (b % 64);
	if (best->missing_left)
		best->goes_left[0] |= 1;
}

static void
search_categories(const Search *leaf, const double *bins, int n_bins, double smoothing, int column,
				  Split *best)
{
	Search		s = *leaf;
	double		without = score_without(leaf);
	uint8_t		order[TREES_BINS];
	double		mean[TREES_BINS];
	double		g = 0;
	double		h = 0;
	int			n = 0;
	int			taken = -1;

	s.lambda += smoothing;
	for (int b = 0; b < n_bins; b++)
	{
		int			at = n;

		if (bins[2 * b + 1] == 0)
			continue;
		mean[b] = bins[2 * b] / (bins[2 * b + 1] + smoothing);
		for (; at > 0 && mean[order[at - 1]] > mean[b]; at--)
			order[at] = order[at - 1];
		order[at] = (uint8_t) b;
		n++;
	}
	for (int i = 0; i < n - 1; i++)
	{
		g += bins[2 * order[i]];
		h += bins[2 * order[i] + 1];
		if (is_better(&s, g, h, without, best))
			taken = i;
	}
	if (taken < 0)
		return;
	best->column = column;
	best->bin = 0;
	best->missing_left = best->h > s.h - best->h;
	memset(best->goes_left, 0, sizeof(best->goes_left));
	for (int i = 0; i <= taken; i++)
		best->goes_left[order[i] / 64] |= UINT64_C(1) << (order[i] % 64);
	if (bins[1] > 0)
		best->missing_left = (best->goes_left[0] & 1) != 0;
	/* a category of which nothing is known goes where missing ones go */
	for (int b = 0; b < TREES_BINS && best->missing_left; b++)
	{
		if (b >= n_bins || bins[2 * b + 1] == 0)
			best->goes_left[b / 64] |= UINT64_C(1) << (b % 64);
	}
}

/* The best split of a leaf by a column of a block. */
static Split
search_block(const TreesTraining *t, const TreesBlock *block, const TreesLeaf *leaf)
{
	const double *histogram = t->histograms + 2 * (leaf->histogram * t->n_bins);
	double		n = (double) leaf->n[ROWS_FITTED];
	Search		s = {leaf->g, leaf->h, LEAST_SHARE * leaf->h, t->options.lambda};
	Split		best = {.gain = 0};

	/* half a row allows for rounding */
	if (n > 0)
		s.least = fmax(s.least, (t->options.min_rows - 0.5) / n * leaf->h);
	if (!(leaf->h > 0))
		return best;
	for (int c = block->first_column; c < block->first_column + block->n_columns; c++)
	{
		const TreesColumn *column = &t->columns[c];
		const double *bins = histogram + 2 * column->first_bin;

		if ((c - block->first_column) % 64 == 0)
			poll();
		if (column->is_category)
			search_categories(&s, bins, column->n_bins, t->options.smoothing, c, &best);
		else
			search_numbers(&s, bins, column->n_bins, c, &best);
	}
	return best;
}

/* ---- growing ---- */

/* The best split of one of the staged leaves: that of the first block that has it. */
static Split
best_candidate(const TreesTraining *t, int staged)
{
	Split		best = {.gain = 0};

	for (int b = 0; b < t->n_blocks; b++)
	{
		if (t->candidates[b].split[staged].gain > best.gain)
			best = t->candidates[b].split[staged];
	}
	return best;
}

/* Which of the staged leaves a leaf is; -1: none. */
static int
place_staged(const TreesState *state, int leaf)
{
	for (int i = 0; i < state->n_staged; i++)
	{
		if (state->staged[i] == leaf)
			return i;
	}
	return -1;
}

static const TreesLeaf *
leaf_at(const TreesTraining *t, int leaf)
{
	int			staged = place_staged(t->state, leaf);

	return staged >= 0 ? &t->state->leaf[staged] : &t->tree[leaf];
}

/* Chooses the leaf to split among n, the one that gains most; -1: none gains. */
static int
choose_leaf(const TreesTraining *t, int n, Split *split)
{
	int			chosen = -1;

	*split = (Split) {.gain = 0};
	for (int l = 0; l < n; l++)
	{
		int			staged = place_staged(t->state, l);
		Split		own = staged >= 0 ? best_candidate(t, staged) : t->tree[l].split;

		if (own.gain > split->gain)
		{
			*split = own;
			chosen = l;
		}
	}
	return chosen;
}

/* Writes the staged leaves down, once the next step has begun. */
static void
record(const TreesTraining *t)
{
	const TreesState *state = t->state;

	for (int i = 0; i < state->n_staged; i++)
	{
		t->tree[state->staged[i]] = state->leaf[i];
		t->tree[state->staged[i]].split = best_candidate(t, i);
	}
}

/* The bin of a row in a column of a block. */
static inline uint8_t
bin_of(const TreesBlock *block, const TreesColumn *column, int32_t at, int32_t row)
{
	int64_t		own = block->row == NULL ? row : block->row[row];
	int64_t		begin;
	int64_t		end;

	if (block->bins != NULL)
		return block->bins[own * block->stride + at];
	begin = block->start[own];
	end = block->start[own + 1];
	while (end - begin > 0)
	{
		int64_t		middle = begin + (end - begin) / 2;

		if (block->column[middle] < at)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin < block->start[own + 1] && block->column[begin] == at ? block->bin[begin]
																	   : column->zero;
}

/* Divides a piece of the rows of a leaf, as choose_rows() does. */
static void
divide_rows(const TreesTraining *t, const TreesLeaf *leaf, const Split *split, int piece)
{
	const TreesColumn *column = &t->columns[split->column];
	const TreesBlock *block = t->blocks;

	while (split->column >= block->first_column + block->n_columns)
		block++;
	for (int k = 0; k < N_ROWS_OF_LEAF; k++)
	{
		int64_t		begin = leaf->begin[k] + piece_begin(leaf->n[k], piece);
		int64_t		end = leaf->begin[k] + piece_begin(leaf->n[k], piece + 1);
		int64_t		left = begin;
		int64_t		right = end;

		for (int64_t i = begin; i < end; i++)
		{
			int32_t		row = t->index[i];
			uint8_t		bin = bin_of(block, column, split->column - block->first_column, row);

			if ((i - begin) % POLL_ROWS == 0)
				poll();
			/* both places are free: no branch, which would often be foreseen wrongly */
			t->split[left] = row;
			t->split[right - 1] = row;
			if (trees_set_has(split->goes_left, bin))
				left++;
			else
				right--;
		}
		t->state->left[k][piece] = left - begin;
	}
}

/* Puts the rows of a piece, which are divided, where the two children have them. */
static void
place_rows(const TreesTraining *t, int k, int64_t begin, int64_t n, int64_t left_begin,
		   int64_t right_begin, int piece)
{
	int64_t		n_left = t->state->left[k][piece];

	for (int p = 0; p < piece; p++)
		left_begin += t->state->left[k][p];
	memcpy(t->index + left_begin, t->split + begin, sizeof(int32_t) * (size_t) n_left);
	for (int64_t i = 0; i < n - n_left; i++)
		t->index[right_begin + i] = t->split[begin + n - 1 - i];
}

/* Step 1: the root. */
static void
make_root(const TreesTraining *t, int tree, int64_t row)
{
	TreesState *state = t->state;
	TreesLeaf	root = {.parent = -1};
	int64_t		begin[TREES_PIECES];
	int64_t		n[TREES_PIECES];
	int64_t		n_fitted = 0;

	for (int p = 0; p < TREES_PIECES; p++)
	{
		begin[p] = first_row(t, p);
		n[p] = first_row(t, p + 1) - begin[p];
		n_fitted += state->left[ROWS_FITTED][p];
		root.g += state->g[p];
		root.h += state->h[p];
	}
	root.n[ROWS_FITTED] = root.begin[ROWS_OTHER] = n_fitted;
	root.n[ROWS_OTHER] = t->n_rows - n_fitted;
	if (row < t->n_blocks)
	{
		const TreesBlock *block = &t->blocks[row];

		make_histograms(t, block, begin, n, state->left[ROWS_FITTED], true, root.g, root.h,
						t->histograms);
		t->candidates[row].split[0] = search_block(t, block, &root);
	}
	else if (row < t->n_blocks + TREES_PIECES)
	{
		int			piece = (int) (row - t->n_blocks);
		int64_t		right_begin = n_fitted;

		for (int p = 0; p < piece; p++)
			right_begin += n[p] - state->left[ROWS_FITTED][p];
		place_rows(t, ROWS_FITTED, begin[piece], n[piece], 0, right_begin, piece);
	}
	else
	{
		trees_finish_loss(t, tree);
		state->n_staged = 1;
		state->staged[0] = 0;
		state->leaf[0] = root;
		t->forest.n_leaves[tree] = 1;
	}
}

/* The first step of a split: chooses the leaf, and divides its rows. */
static void
divide_leaf(const TreesTraining *t, int tree, int64_t row)
{
	Split		split;
	int			chosen;

	/* rows of blocks have nothing to do */
	if (row < t->n_blocks)
		return;
	chosen = choose_leaf(t, t->forest.n_leaves[tree], &split);
	if (row < t->n_blocks + TREES_PIECES)
	{
		if (chosen >= 0)
			divide_rows(t, leaf_at(t, chosen), &split, (int) (row - t->n_blocks));
		return;
	}
	record(t);
	t->state->chosen = chosen;
	t->state->split = split;
}

/* The second step of split s: the children and their histograms. */
static void
make_children(const TreesTraining *t, int tree, int s, int64_t row)
{
	TreesState *state = t->state;
	const Split *split = &state->split;
	TreesLeaf	parent;
	TreesLeaf	child[2];
	int64_t		n_left[N_ROWS_OF_LEAF] = {0, 0};
	bool		left_is_smaller;

	/* the staged leaves have been recorded, and these stay for the steps that follow */
	if (state->chosen < 0)
		return;
	parent = t->tree[state->chosen];
	for (int k = 0; k < N_ROWS_OF_LEAF; k++)
	{
		for (int p = 0; p < TREES_PIECES; p++)
			n_left[k] += state->left[k][p];
	}
	left_is_smaller = n_left[ROWS_FITTED] <= parent.n[ROWS_FITTED] - n_left[ROWS_FITTED];
	for (int i = 0; i < 2; i++)
	{
		child[i] = (TreesLeaf) {.parent = s, .is_left = i == 0};
		child[i].g = i == 0 ? split->g : parent.g - split->g;
		child[i].h = i == 0 ? split->h : parent.h - split->h;
		child[i].histogram = (i == 0) == left_is_smaller ? s + 1 : parent.histogram;
		for (int k = 0; k < N_ROWS_OF_LEAF; k++)
		{
			child[i].begin[k] = parent.begin[k] + (i == 0 ? 0 : n_left[k]);
			child[i].n[k] = i == 0 ? n_left[k] : parent.n[k] - n_left[k];
		}
	}
	if (row < t->n_blocks)
	{
		const TreesBlock *block = &t->blocks[row];
		const TreesLeaf *smaller = &child[left_is_smaller ? 0 : 1];
		double	   *of_smaller = t->histograms + 2 * (smaller->histogram * t->n_bins);
		int64_t		begin[TREES_PIECES];
		int64_t		n[TREES_PIECES];

		for (int p = 0; p < TREES_PIECES; p++)
		{
			begin[p] = parent.begin[ROWS_FITTED] + piece_begin(parent.n[ROWS_FITTED], p);
			n[p] = piece_begin(parent.n[ROWS_FITTED], p + 1) -
				piece_begin(parent.n[ROWS_FITTED], p);
		}
		make_histograms(t, block, begin, n, state->left[ROWS_FITTED], left_is_smaller, smaller->g,
						smaller->h, of_smaller);
		subtract_histograms(t, block, child[left_is_smaller ? 1 : 0].h, of_smaller,
							t->histograms + 2 * (parent.histogram * t->n_bins));
		for (int i = 0; i < 2; i++)
			t->candidates[row].split[i] = search_block(t, block, &child[i]);
	}
	else if (row < t->n_blocks + TREES_PIECES)
	{
		int			piece = (int) (row - t->n_blocks);

		for (int k = 0; k < N_ROWS_OF_LEAF; k++)
		{
			int64_t		begin = piece_begin(parent.n[k], piece);
			int64_t		right_begin = child[1].begin[k] + begin;

			for (int p = 0; p < piece; p++)
				right_begin -= state->left[k][p];
			place_rows(t, k, parent.begin[k] + begin, piece_begin(parent.n[k], piece + 1) - begin,
					   child[0].begin[k], right_begin, piece);
		}
	}
	else
	{
		TreesNode  *nodes = t->forest.nodes + (int64_t) tree * (t->options.leaves - 1);
		TreesNode  *node = &nodes[s];

		*node = (TreesNode) {.column = split->column, .bin = split->bin, .left = -1 - state->chosen,
							 .right = -1 - (s + 1), .missing_left = split->missing_left,
							 .gain = (float) split->gain,
							 .value = (float) value_of(t, parent.g, parent.h)};
		memcpy(node->goes_left, split->goes_left, sizeof(node->goes_left));
		if (parent.parent >= 0 && parent.is_left)
			nodes[parent.parent].left = s;
		else if (parent.parent >= 0)
			nodes[parent.parent].right = s;
		t->forest.n_leaves[tree] = s + 2;
		state->n_staged = 2;
		state->staged[0] = state->chosen;
		state->staged[1] = s + 1;
		state->leaf[0] = child[0];
		state->leaf[1] = child[1];
	}
}

/* The last step but one: adds the tree to the scores. */
static void
add_tree(const TreesTraining *t, int tree, int64_t row)
{
	float	   *values = t->forest.values + (int64_t) tree * t->options.leaves;

	if (row < t->n_blocks)
		return;
	for (int l = 0; l < t->forest.n_leaves[tree]; l++)
	{
		const TreesLeaf *leaf = leaf_at(t, l);
		/* a tree without splits is none: what all rows have in common is in the first scores */
		float		value =
			t->forest.n_leaves[tree] > 1 ? (float) value_of(t, leaf->g, leaf->h) : 0;

		if (row == t->n_blocks + TREES_PIECES)
			values[l] = value;
		for (int k = 0; k < N_ROWS_OF_LEAF && row < t->n_blocks + TREES_PIECES; k++)
		{
			int			piece = (int) (row - t->n_blocks);
			int64_t		end = leaf->begin[k] + piece_begin(leaf->n[k], piece + 1);

			for (int64_t i = leaf->begin[k] + piece_begin(leaf->n[k], piece); i < end; i++)
			{
				if (i % POLL_ROWS == 0)
					poll();
				t->scores[t->index[i]] += value;
			}
		}
	}
}

/* The first gradients, and those after a tree. */
static void
begin_tree(const TreesTraining *t, int tree, int64_t row)
{
	int			piece = (int) (row - t->n_blocks);

	if (piece < 0 || piece == TREES_PIECES)
		return;
	if (tree == 0 && t->options.objective == TREES_LAMBDARANK)
	{
		for (int64_t g = piece_begin(t->n_groups, piece);
			 g < piece_begin(t->n_groups, piece + 1); g++)
		{
			double		best = trees_best_dcg(t->labels + t->groups[g],
											  t->groups[g + 1] - t->groups[g],
											  t->split + t->groups[g]);

			t->best_gain[g] = best > 0 ? 1 / best : 0;
		}
	}
	set_gradients(t, piece);
	choose_rows(t, tree, piece);
}

void
trees_step(const TreesTraining *t, int tree, int64_t step, int64_t row)
{
	int64_t		last = trees_steps(t);

	if (step == 0)
		begin_tree(t, tree, row);
	else if (step == last)
		begin_tree(t, tree + 1, row);
	else if (step == last - 1)
		add_tree(t, tree, row);
	else if (step == 1)
		make_root(t, tree, row);
	else if (step % 2 == 0)
		divide_leaf(t, tree, row);
	else
		make_children(t, tree, (int) (step - 3) / 2, row);
}
