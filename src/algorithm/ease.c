/*
 * ease.c
 *	  EASE^R: a linear model of items by items, in closed form.
 *
 * Steck 2019, "Embarrassingly shallow autoencoders for sparse data". With X the users x items
 * matrix of events, the model is the matrix B that predicts each item from all others by ridge
 * regression:
 *
 *	minimize |X - X B|^2 + lambda |B|^2, with a zero diagonal
 *
 * so that with P = (X'X + lambda I)^-1, B_ji = -P_ji / P_ii for j /= i. A profile's score of item i
 * is the sum of a_j B_ji over its items j, where a_j is an entry of X. The diagonal is zero so that
 * training cannot predict each item by itself. Where the scored item is in the profile, it speaks
 * for itself with a weight of 1, so that items that are bought again come first where repeats are
 * wanted. The loss of the solution is the sum over the items of 1 / P_ii - lambda: 1 / P_ii is what
 * the regression of item i on the others leaves of X'X + lambda I.
 *
 * Row j of column `weights` is row j of B: what having item j adds to the score of every item. So a
 * profile's scores are a weighted sum of rows, and an explanation gives the addends of that sum.
 *
 * P is computed in the cheaper of two ways:
 *
 *	through the items	the inverse of X'X + lambda I in place, in the column that the weights are
 *						for: n_items^3 operations in products of matrices (kernel/inverse.h).
 *	through the users	P = (I - X' (X X' + lambda I)^-1 X) / lambda (Woodbury), for n_users up to
 *						3/5 of n_items: n_users^3 operations, and (n_users + n_items) for each
 *						entry of X. What this leaves of 1 on the diagonal is lambda P_ii: of an
 *						item whose weights are many times those of what its users have beside it,
 *						nothing that float arithmetic could tell from rounding. Then it goes
 *						through the items after all, where what counts is how much of the element
 *						of X'X + lambda I is left.
 *
 * Beside the model's 4 n_items^2 bytes that takes 3 KB for each item, and n_users (n_users +
 * n_items) x 4 bytes through the users, which is less than the model; and 0.6 MB for each worker.
 * Gram matrices are summed row by row from the sparse matrix: half of the sum of the squares of its
 * rows' entries. All arithmetic is in float. On MovieLens, where no weight is above 0.5, it differs
 * from an inversion in double by at most 3e-7 with a regularization of 300, and 3e-5 with 10.
 *
 * Feedback: each rating (explicit feedback) counts as 1, whatever its value, as in the publication;
 * events (implicit feedback) count with their weights. Scores serve for ranking: they are not on
 * the scale of ratings.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/gather.h"
#include "kernel/inverse.h"
#include "kernel/lists.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

typedef struct EaseOptions
{
	CommonOptions common;
	int32_t		max_items;
	double		regularization;
} EaseOptions;

static const Option ease_options[] = {
	FEEDBACK_OPTION,
	{"regularization", OPTION_REAL, offsetof(EaseOptions, regularization), {NULL, NULL}, 0.001,
	1e12, NULL,
	"weight of the squared weights in the loss: about how many events an item needs to count "
	"fully; default: 1.2 sqrt(n u), but at least 10, where the user of an event has n events and "
	"its item u on average; times the mean square of the events' weights"},
	{"max_items", OPTION_INTEGER, offsetof(EaseOptions, max_items), {"20000", "20000"}, 1, 200000,
	NULL,
	"the most items to train on: the model takes 4 bytes times the square of their number (20,000: "
	"1.6 GB), and training takes time in proportion to the cube"},
	VALIDATE_OPTION("false", "false"),
	WEIGHT_OPTION("log"),
	{NULL}
};

enum
{
	COLUMN_VARIANCE,
	COLUMN_WEIGHT_ROW,
	N_COLUMNS
};

/*
 * Rows of a Gram matrix that a worker takes at once. They are few, as popular items have many
 * entries.
 */
#define GRAM_ROWS 4
/*
 * About the number of operations of an inversion that are done in one pass: some ten seconds of a
 * core, as workers keep a snapshot for the whole pass.
 */
#define PASS_OPERATIONS 1e12
/*
 * Rows that are made into weights at once; squares of this many rows and columns fit into the
 * cache.
 */
#define SQUARE 64
/* Rows of the other dense products that a worker takes at once. */
#define PRODUCT_ROWS 16
/* Entries between two polls: about a millisecond of scattered additions. */
#define POLL_ENTRIES 262144

/* Numbers that are too large: a sum of their products might overflow. */
#define TOO_LARGE 1e18

/*
 * Where less than this is left of 1 after subtractions in float arithmetic, the rest is rounding;
 * as in kernel/inverse.c.
 */
#define LOST (256 * FLT_EPSILON)

/*
 * X'X of random events has eigenvalues that grow with sqrt(n u). lambda should exceed them, but no
 * more than that. The factor was the best on a dozen public sets of events (test/benchmark
 * defaults).
 */
static void
ease_decide(const Ratings *ratings, void *options)
{
	EaseOptions *o = options;
	double		square = o->common.feedback == FEEDBACK_EXPLICIT
						? 1
						: ratings->scale.mean * ratings->scale.mean +
							  ratings->scale.deviation * ratings->scale.deviation;

	if (isnan(o->regularization))
		o->regularization = fmin(
			1e12, fmax(0.001, square * fmax(10, 1.2 * sqrt(sparse_mean_row(&ratings->by_user) *
														   sparse_mean_row(&ratings->by_item)))));
}

static int
ease_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_VARIANCE] = (Column)
	{
		"variance", COLUMN_NUMBER, 0,
		"the item's element of the diagonal of the inverse of X'X + regularization"
	};
	columns[COLUMN_WEIGHT_ROW] = (Column)
	{
		"weights", COLUMN_VECTOR, WIDTH_ITEMS,
		"what having the item adds to the score of each item, in the order of item_id"
	};
	return N_COLUMNS;
}

static const char *
ease_refuses(const void *options, const Extent *extent)
{
	const EaseOptions *o = options;

	return extent->n_items > o->max_items
			   ? "There are more items than option \"max_items\" allows, and the model grows with "
				 "the square of their number."
			   : NULL;
}

/* Whether P is computed through the users. */
static bool
through_users(int64_t n_users, int64_t n_items)
{
	return n_users * 5 <= n_items * 3;
}

enum
{
	ARRAY_STATE,				/* a State */
	ARRAY_INVERSE,				/* memory that the blocks of an inversion share */
	ARRAY_KERNEL,				/* through the users: X X' + lambda I, and its negated inverse */
	ARRAY_PRODUCT,				/* through the users: (X X' + lambda I)^-1 X */
	N_ARRAYS
};

typedef struct State
{
	int32_t		failed;			/* 1 where a number is lost to rounding or not finite */
	int32_t		is_through_users;
} State;

static int
ease_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	bytes[ARRAY_STATE] = sizeof(State);
	bytes[ARRAY_INVERSE] = inverse_shared_bytes(extent->n_items);
	if (!through_users(extent->n_users, extent->n_items))
		return ARRAY_KERNEL;
	bytes[ARRAY_KERNEL] = sizeof(float) * extent->n_users * PADDED(extent->n_users);
	bytes[ARRAY_PRODUCT] = sizeof(float) * extent->n_users * PADDED(extent->n_items);
	return N_ARRAYS;
}

/* The element of X for a rating. */
static inline float
amount(const EaseOptions *o, float rating)
{
	return o->common.feedback == FEEDBACK_EXPLICIT ? 1 : rating;
}

/* ---- training ---- */

/* The matrix to invert, of the items or of the users. */
typedef struct Square
{
	int64_t		n;
	int64_t		stride;
	float	   *values;
} Square;

static Square
square(const Task *task)
{
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		n_users = task->ratings->by_user.n_rows;
	Square		s = {items->n_rows, column_stride(&items->columns[COLUMN_WEIGHT_ROW]),
				items->values[COLUMN_WEIGHT_ROW]};

	if (((const State *) task->arrays[ARRAY_STATE])->is_through_users)
		s = (Square) {n_users, PADDED(n_users), task->arrays[ARRAY_KERNEL]};
	return s;
}

static void
fail(const Task *task)
{
	__atomic_store_n(&((State *) task->arrays[ARRAY_STATE])->failed, 1, __ATOMIC_RELAXED);
}

/* A pass over the rows of the matrix to invert: computes its lower triangle. */
static void
pass_gram(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const EaseOptions *o = task->model->options;
	Square		s = square(task);
	bool		users = s.values == task->arrays[ARRAY_KERNEL];
	const SparseMatrix *rows = users ? &task->ratings->by_user : &task->ratings->by_item;
	const SparseMatrix *columns = users ? &task->ratings->by_item : &task->ratings->by_user;
	int64_t		since_poll = 0;

	for (int64_t r = begin; r < end; r++)
	{
		float	   *sums = s.values + r * s.stride;

		/* an attempt through the users may have left numbers here */
		memset(sums, 0, sizeof(float) * r);
		sums[r] = (float) o->regularization;
		for (int64_t i = rows->start[r]; i < rows->start[r + 1]; i++)
		{
			int64_t		c = rows->column[i];
			float		x = amount(o, rows->value[i]);

			for (int64_t j = columns->start[c];
				 j < columns->start[c + 1] && columns->column[j] <= r; j++)
				sums[columns->column[j]] += x * amount(o, columns->value[j]);
			since_poll += columns->start[c + 1] - columns->start[c];
			if (since_poll >= POLL_ENTRIES)
			{
				poll();
				since_poll = 0;
			}
		}
	}
}

/*
 * The block of rows that is number `place` in a step. First comes the block that inverts the next
 * step's diagonal block, then blocks by descending amount of work, so that workers do not wait long
 * for each other at the end.
 */
static int64_t
block_in_place(int64_t step, int64_t place, int64_t n_blocks)
{
	int64_t		urgent = step + 1 < n_blocks ? step + 1 : step;

	return place == 0				   ? urgent
		   : n_blocks - place > urgent ? n_blocks - place
									   : n_blocks - 1 - place;
}

/*
 * A pass over the blocks of some steps of the inversion; its argument is the number of the first
 * step.
 */
static void
pass_invert(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const int32_t *failed = &((const State *) task->arrays[ARRAY_STATE])->failed;
	Square		s = square(task);
	int64_t		n_blocks = inverse_blocks(s.n);

	for (int64_t unit = begin; unit < end && !__atomic_load_n(failed, __ATOMIC_RELAXED); unit++)
	{
		int64_t		step = *(const int64_t *) argument + unit / n_blocks;

		if (!inverse_step(s.values, s.stride, s.n, task->arrays[ARRAY_INVERSE], step,
						  block_in_place(step, unit % n_blocks, n_blocks), scratch))
			fail(task);
	}
}

/* A pass over the users: computes their rows of (X X' + lambda I)^-1 X. */
static void
pass_product(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const EaseOptions *o = task->model->options;
	const SparseMatrix *ratings = &task->ratings->by_user;
	Square		s = square(task);
	int64_t		stride = PADDED(ratings->n_columns);
	int64_t		since_poll = 0;

	for (int64_t r = begin; r < end; r++)
	{
		float	   *sums = (float *) task->arrays[ARRAY_PRODUCT] + r * stride;

		for (int64_t u = 0; u < s.n; u++)
		{
			float		factor =
				-(u <= r ? s.values[r * s.stride + u] : s.values[u * s.stride + r]);

			for (int64_t i = ratings->start[u]; i < ratings->start[u + 1]; i++)
				sums[ratings->column[i]] += factor * amount(o, ratings->value[i]);
			since_poll += ratings->start[u + 1] - ratings->start[u];
			if (since_poll >= POLL_ENTRIES)
			{
				poll();
				since_poll = 0;
			}
		}
	}
}

/*
 * A pass over the items, by descending amount of work: computes the lower triangle of -P through
 * the users.
 */
static void
pass_woodbury(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const EaseOptions *o = task->model->options;
	const SparseMatrix *ratings = &task->ratings->by_item;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[COLUMN_WEIGHT_ROW]);
	float		inverse = (float) (1 / o->regularization);
	float		amounts[GATHER_ROWS];

	for (int64_t r = begin; r < end; r++)
	{
		int64_t		item = ratings->n_rows - 1 - r;
		float	   *row = items->values[COLUMN_WEIGHT_ROW] + item * stride;
		int			n = (int) PADDED(item + 1);

		for (int64_t at = ratings->start[item]; at < ratings->start[item + 1]; at += GATHER_ROWS)
		{
			int64_t		some = ratings->start[item + 1] - at < GATHER_ROWS
							   ? ratings->start[item + 1] - at
							   : GATHER_ROWS;

			for (int64_t i = 0; i < some; i++)
				amounts[i] = amount(o, ratings->value[at + i]);
			gather_sum(task->arrays[ARRAY_PRODUCT], stride, ratings->column + at, amounts, some, n,
					   row);
			poll();
		}
		if (!(1 - row[item] > LOST))
			fail(task);
		row[item] -= 1;
		for (int64_t i = 0; i <= item; i++)
			row[i] *= inverse;
	}
}

/*
 * A pass over squares of rows, by descending amount of work: turns the lower triangle of -P into
 * both triangles of the weights. A pair of squares that are transposes of each other is done by one
 * worker.
 */
static void
pass_weights(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Side *items = &task->model->sides[SIDE_ITEMS];
	const float *variance = items->values[COLUMN_VARIANCE];
	float	   *weights = items->values[COLUMN_WEIGHT_ROW];
	int64_t		stride = column_stride(&items->columns[COLUMN_WEIGHT_ROW]);
	int64_t		n = items->n_rows;

	for (int64_t block = begin; block < end; block++)
	{
		int64_t		row = ((n - 1) / SQUARE - block) * SQUARE;
		float		largest = 0;

		for (int64_t column = 0; column <= row; column += SQUARE)
		{
			poll();
			for (int64_t i = row; i < row + SQUARE && i < n; i++)
			{
				for (int64_t j = column; j < column + SQUARE && j < i; j++)
				{
					float		negated = weights[i * stride + j];
					float		lower = negated / variance[j];
					float		upper = negated / variance[i];

					weights[i * stride + j] = lower;
					weights[j * stride + i] = upper;
					/* NaN stays NaN by this order of operands */
					largest = fabsf(lower) <= largest ? largest : fabsf(lower);
					largest = fabsf(upper) <= largest ? largest : fabsf(upper);
				}
			}
			for (int64_t i = row; column == row && i < row + SQUARE && i < n; i++)
			{
				weights[i * stride + i] = 0;
				/* products of rows have left numbers in the padding */
				memset(weights + i * stride + n, 0, sizeof(float) * (stride - n));
			}
		}
		if (!(largest < (float) TOO_LARGE))
			fail(task);
	}
}

enum
{
	PASS_GRAM,
	PASS_INVERT,
	PASS_PRODUCT,
	PASS_WOODBURY,
	PASS_WEIGHTS
};

static const Pass ease_passes[] = {
	[PASS_GRAM] = pass_gram,
	[PASS_INVERT] = pass_invert,
	[PASS_PRODUCT] = pass_product,
	[PASS_WOODBURY] = pass_woodbury,
	[PASS_WEIGHTS] = pass_weights
};

static size_t
ease_scratch_bytes(const void *options, const Extent *extent)
{
	return inverse_scratch_bytes(extent->n_items);
}

/*
 * Computes the lower triangle of -P, through the items or the users as the state says. Returns
 * false where a number is lost to rounding or not finite.
 */
static bool
invert(const Task *task, Services *services)
{
	const State *state = task->arrays[ARRAY_STATE];
	Square		s = square(task);
	int64_t		n_blocks = inverse_blocks(s.n);
	int64_t		together = 1 + (int64_t) (PASS_OPERATIONS / ((double) s.n * s.n * INVERSE_BLOCK));

	run_pass(services, PASS_GRAM, NULL, 0, s.n, GRAM_ROWS);
	if (!inverse_begin(s.values, s.stride, s.n, task->arrays[ARRAY_INVERSE]))
		return false;
	for (int64_t step = 0; step < n_blocks && !state->failed; step += together)
		services->run_steps(services, PASS_INVERT, &step, sizeof(step),
							n_blocks - step < together ? n_blocks - step : together, n_blocks, 1);
	if (state->is_through_users && !state->failed)
	{
		run_pass(services, PASS_PRODUCT, NULL, 0, s.n, PRODUCT_ROWS);
		run_pass(services, PASS_WOODBURY, NULL, 0, task->model->sides[SIDE_ITEMS].n_rows,
				 PRODUCT_ROWS);
	}
	return !state->failed;
}

static const char *
ease_train(const Task *task, Services *services)
{
	static const char *const failure =
		"numbers are too large, or option \"regularization\" is too small, for single precision";
	const EaseOptions *o = task->model->options;
	State	   *state = task->arrays[ARRAY_STATE];
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		n = items->n_rows;
	int64_t		stride = column_stride(&items->columns[COLUMN_WEIGHT_ROW]);
	bool		inverted;
	double		loss = 0;

	state->is_through_users = through_users(task->ratings->by_user.n_rows, n);
	inverted = invert(task, services);
	if (!inverted && state->is_through_users)
	{
		*state = (State) {0};
		inverted = invert(task, services);
	}
	if (!inverted)
		return failure;
	for (int64_t i = 0; i < n; i++)
	{
		float		variance = -items->values[COLUMN_WEIGHT_ROW][i * stride + i];

		if (i % SQUARE == 0)
			poll();
		if (!(variance > 0) || !isfinite(1 / variance))
			return failure;
		items->values[COLUMN_VARIANCE][i] = variance;
		loss += 1 / (double) variance - o->regularization;
	}
	run_pass(services, PASS_WEIGHTS, NULL, 0, (n + SQUARE - 1) / SQUARE, 1);
	if (state->failed)
		return failure;
	services->iteration_done(services, 1, loss, NAN);
	return NULL;
}

/* ---- asking ---- */

/* A query is the profile with amounts. It is followed by its items, then by their amounts. */
typedef struct Query
{
	int64_t		n;
	float		largest;		/* the largest amount */
} Query;

static inline int32_t *
query_items(const Query *query)
{
	return (int32_t *) (query + 1);
}

static inline float *
query_amounts(const Query *query)
{
	return (float *) (query_items(query) + query->n);
}

static size_t
ease_query_bytes(const Model *model, int64_t profile_items)
{
	return sizeof(Query) + (sizeof(int32_t) + sizeof(float)) * profile_items;
}

static bool
ease_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	Query	   *q = query;
	double		total = 0;

	q->n = profile->n;
	q->largest = 0;
	for (int64_t i = 0; i < profile->n; i++)
	{
		query_items(q)[i] = profile->items[i];
		query_amounts(q)[i] = amount(model->options, profile->ratings[i]);
		total += fabs(query_amounts(q)[i]);
		q->largest = fmaxf(q->largest, fabsf(query_amounts(q)[i]));
	}
	/* weights are below TOO_LARGE, too, so no score overflows */
	return total < TOO_LARGE;
}

/*
 * Each score is the sum of its addends in the order of the profile, at whatever place of a vector
 * it is computed. The last scores are computed together with scores before them, as there is no
 * memory after the last row.
 */
static void
ease_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
				 int64_t n, float *scores)
{
	const Query *q = query;
	const Side *side = &model->sides[SIDE_ITEMS];
	const float *weights = side->values[COLUMN_WEIGHT_ROW];
	int64_t		stride = column_stride(&side->columns[COLUMN_WEIGHT_ROW]);
	int64_t		whole = n / 16 * 16;

	if (n == 0)
		return;
	if (items != NULL)
	{
		for (int64_t i = 0; i < n; i++)
		{
			ease_score_items(model, query, NULL, items[first + i], 1, &scores[i]);
			if (i % 64 == 63)
				poll();
		}
		return;
	}
	memset(scores, 0, sizeof(float) * whole);
	gather_sum(weights + first, stride, query_items(q), query_amounts(q), q->n, (int) whole,
			   scores);
	if (whole < n)
	{
		int64_t		at = first + whole < stride - 16 ? first + whole : stride - 16;
		float		rest[16] = {0};

		gather_sum(weights + at, stride, query_items(q), query_amounts(q), q->n, 16, rest);
		memcpy(scores + whole, rest + (first + whole - at), sizeof(float) * (n - whole));
	}
	lists_add_own(query_items(q), query_amounts(q), q->n, NULL, NULL, first, n, scores, NULL);
	/* weights are of size 1: a sum that is smaller than the rounding of an amount says nothing */
	for (int64_t i = 0; i < n; i++)
		scores[i] = fabsf(scores[i]) > FLT_EPSILON * q->largest ? scores[i] : NAN;
}

static void
ease_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
			 float *contributions, float *baseline, void *scratch)
{
	const Side *items = &model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[COLUMN_WEIGHT_ROW]);

	for (int64_t j = 0; j < profile->n; j++)
	{
		float		weight = items->values[COLUMN_WEIGHT_ROW][profile->items[j] * stride + item];

		contributions[j] = (weight + (profile->items[j] == item ? 1 : 0)) *
						   amount(model->options, profile->ratings[j]);
	}
	*baseline = 0;
}

/*
 * The partial correlation of two items: their correlation beyond what all other items explain,
 * -P_ij / sqrt(P_ii P_jj), here from the weight -P_ij / P_ii.
 */
static void
ease_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	const Side *items = &model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[COLUMN_WEIGHT_ROW]);
	const float *weights = items->values[COLUMN_WEIGHT_ROW] + item * stride;
	const float *variance = items->values[COLUMN_VARIANCE];

	for (int64_t i = first; i < first + n; i++)
	{
		float		correlation = i == item ? 1 : weights[i] * sqrtf(variance[i] / variance[item]);

		/* rounding may exceed the range */
		similarity[i - first] = correlation > 1 ? 1 : correlation < -1 ? -1 : correlation;
	}
}

static const char *
ease_refuses_refresh(const void *options)
{
	return "Each of its weights depends on what all users have of all items.";
}

const Algorithm ease_algorithm = {.name = "ease",
								  .description =
									  "linear model of items by items in closed form (EASE), for "
									  "ranking; for up to some ten thousand items",
								  .options = ease_options,
								  .options_size = sizeof(EaseOptions),
								  .decide = ease_decide,
								  .varied = "regularization",
								  .factor = 4,
								  .columns = ease_columns,
								  .refuses = ease_refuses,
								  .alternative = "slim",
								  .arrays = ease_arrays,
								  .passes = ease_passes,
								  .scratch_bytes = ease_scratch_bytes,
								  .train = ease_train,
								  .refuses_refresh = ease_refuses_refresh,
								  .query_bytes = ease_query_bytes,
								  .make_query = ease_make_query,
								  .score_items = ease_score_items,
								  .range_speed = 16,
								  .explain = ease_explain,
								  .similar_items = ease_similar_items};
