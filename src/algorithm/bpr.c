/*
 * bpr.c
 *	  Matrix factorisation for ranking: Bayesian personalised ranking.
 *
 * Rendle, Freudenthaler, Gantner & Schmidt-Thieme 2009, "BPR: Bayesian personalized ranking from
 * implicit feedback". A model is a vector of k factors for each item (y_i) and each user (x_u), and
 * a bias for each item (b_i). A user's items should be ranked above the others:
 *
 *	loss = mean over triples (u, i, j) of -ln s(d_uij),
 *	with s(d) = 1 / (1 + exp(-d)) and d_uij = b_i + x_u.y_i - b_j - x_u.y_j,
 *
 * where u has i and not j, and the regularisation is weight decay: each step shrinks the numbers
 * that it changes. Events of any weight and ratings of any height mean the same: the user has the
 * item.
 *
 * Stochastic gradient descent takes one triple at a time. An iteration takes each event (u, i)
 * once. j is the highest-scoring one of some items that are drawn from those that u does not have:
 * most is learned from pairs in the wrong order (dynamic negative sampling: Zhang, Chen, Wang & Yu
 * 2013, "Optimizing top-n collaborative filtering via dynamic negative item sampling"). The length
 * of the steps falls linearly to zero, so that the randomness of the last steps averages out.
 *
 * Several workers can take steps at once, with the same result as steps in one fixed order, because
 * the events are divided as in Gemulla et al. 2011 ("Large-scale matrix factorization with
 * distributed stochastic gradient descent"): the users into p parts, the items into p parts; block
 * (a, b) has the events of user part a with item part b, and draws its j from item part b. The p
 * blocks (a, a + s mod p) of a stratum s have no user and no item in common, so a stratum is a
 * pass. The items are divided anew in each iteration, at random, so that every pair of items is
 * compared as often as any other. p depends on the number of events alone, so the model does not
 * depend on the number of workers. Another merit: an item part fits a cache nearer to the
 * processor.
 *
 * A profile is folded in by the same steps with the items fixed, from a zero vector, and with j
 * drawn from all items. Each step shrinks the vector and adds a term for one entry of the profile;
 * so the vector is a sum over the entries, which is used to explain it. The stored users equal the
 * result of folding in their events.
 *
 * A worker's memory: 16 bytes for each item, and some 100 kB.
 */
#include <math.h>
#include <string.h>

#include "algorithm/factors.h"
#include "kernel/pairwise.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/vector.h"

typedef struct BprOptions
{
	CommonOptions common;
	int32_t		factors;
	int32_t		iterations;
	int32_t		negatives;
	int32_t		seed;
	double		learning_rate;
	double		regularization;
} BprOptions;

static const Option bpr_options[] = {
	FEEDBACK_OPTION,
	{"factors", OPTION_INTEGER, offsetof(BprOptions, factors), {NULL, NULL}, 1, 1024, NULL,
	"numbers that describe an item or a user; more of them express more, and take more time; "
	"default: 128 if users have few events, otherwise 64"},
	{"learning_rate", OPTION_REAL, offsetof(BprOptions, learning_rate), {"0.1", "0.1"}, 1e-6, 1,
	NULL,
	"length of a step of gradient descent in the first iteration, which falls linearly to zero; "
	"with a lower rate more iterations are needed"},
	{"regularization", OPTION_REAL, offsetof(BprOptions, regularization), {NULL, NULL}, 0, 1, NULL,
	"how strongly each step shrinks the factors that it changes; default: 0.025"},
	{"iterations", OPTION_INTEGER, offsetof(BprOptions, iterations), {"100", "100"}, 1, 10000, NULL,
	"passes over all events; a warm start does the second half of them"},
	{"negatives", OPTION_INTEGER, offsetof(BprOptions, negatives), {"10", "10"}, 1, 64, NULL,
	"items that are drawn for each event, of which the one with the highest score is compared with "
	"it; 1: as in the first publication"},
	{"seed", OPTION_INTEGER, offsetof(BprOptions, seed), {"0", "0"}, 0, 2147483647, NULL,
	"seed of the random numbers that training draws: the same data, options and seed give the same "
	"model"},
	VALIDATE_OPTION("false", "false"),
	WARM_START_OPTION,
	{NULL}
};

/*
 * Factors and biases do not exceed this, so that a score stays below 1e38: the sum of 1,024
 * products of at most 1e17 squared each.
 */
#define LARGEST_NUMBER 1e17f

enum
{
	COLUMN_BIAS,
	COLUMN_FACTORS,
	N_COLUMNS
};

/* The users' table has factors only. */
#define USERS_FACTORS 0

/* The most parts of the users and of the items, and the events for each part. */
#define MOST_PARTS 8
#define EVENTS_PER_PART 100000

/* The fewest items of a part, so that there is a choice of items to draw. */
#define ITEMS_PER_PART 64

/* Triples that are drawn together, and then used in an order that mixes their users. */
#define CHUNK 2048

/* Items that are drawn together for one user. Each event is compared with some of them. */
#define CANDIDATES 1024

/* Draws after which a user is assumed to have all items. */
#define DRAWS 16

/* One of this many triples counts in the loss. */
#define LOSS_EVERY 8

/* Rows that a worker takes at once. */
#define BLOCK_ROWS 64

/* Columns of a row between two polls. */
#define POLL_COLUMNS 65536

/* The approximate length of the random vectors that training starts from. */
#define INITIAL_LENGTH 0.1

/* ---- options that are left to the source ---- */

static void
bpr_decide(const Ratings *ratings, void *options)
{
	BprOptions *o = options;

	if (o->factors == UNDECIDED)
		o->factors = factors_of_source(ratings);
	if (isnan(o->regularization))
		o->regularization = 0.025;
}

/* The factors; where they are undecided, the most that bpr_decide() may give. */
static inline int
most_factors(const BprOptions *o)
{
	return o->factors == UNDECIDED ? FACTORS_OF_FEW_EVENTS : o->factors;
}

static int
bpr_columns(const void *options, SideKind side, Column *columns)
{
	const BprOptions *o = options;

	if (side == SIDE_USERS)
	{
		columns[USERS_FACTORS] = (Column)
		{
			"factors", COLUMN_VECTOR, most_factors(o), "what folding in the user's events gives"
		};
		return 1;
	}
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_BIAS] = (Column)
	{
		"bias", COLUMN_NUMBER, 0, "what is added to the item's score for everyone"
	};
	columns[COLUMN_FACTORS] = (Column)
	{
		"factors", COLUMN_VECTOR, most_factors(o),
		"the dot product with a user's factors says how well they fit"
	};
	return N_COLUMNS;
}

enum
{
	ARRAY_PART_OF_ITEM,			/* of each item: a byte */
	ARRAY_ITEMS,				/* the items, by part */
	ARRAY_PARTS,				/* Parts */
	ARRAY_LOSS,					/* BlockLoss of each block of the events in an iteration */
	N_ARRAYS
};

typedef struct Parts
{
	int64_t		users[MOST_PARTS + 1];	/* part a has users users[a] .. users[a + 1] - 1 */
	/* part b has items items[b] .. items[b + 1] - 1 of ARRAY_ITEMS */
	int64_t		items[MOST_PARTS + 1];
	int32_t		failed;			/* some result is not finite */
} Parts;

typedef struct BlockLoss
{
	double		sum;
	int64_t		count;
} BlockLoss;

static int
bpr_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	bytes[ARRAY_PART_OF_ITEM] = extent->n_items;
	bytes[ARRAY_ITEMS] = sizeof(int32_t) * extent->n_items;
	bytes[ARRAY_PARTS] = sizeof(Parts);
	bytes[ARRAY_LOSS] = sizeof(BlockLoss) * MOST_PARTS * MOST_PARTS;
	return N_ARRAYS;
}

/* ---- drawing triples ---- */

/* Random numbers for one purpose: a seed of their own, and a position in their sequence. */
typedef struct Draw
{
	uint64_t	seed;
	uint64_t	position;
} Draw;

/* The purposes of random numbers. */
enum
{
	DRAW_ITEM_FACTORS,
	DRAW_USER_FACTORS,
	DRAW_PARTS,
	DRAW_NEGATIVES,
	DRAW_FOLDING
};

static Draw
start_draw(const BprOptions *o, uint64_t purpose, uint64_t which)
{
	return (Draw) {random_bits(random_bits((uint64_t) o->seed, purpose), which), 0};
}

/*
 * A number from 0 to below - 1, where below is less than 2^32. (Lemire 2019, without the correction
 * of a bias of below / 2^32.)
 */
static inline int64_t
draw_below(Draw *draw, int64_t below)
{
	return (int64_t) (((random_bits(draw->seed, draw->position++) >> 32) * (uint64_t) below) >> 32);
}

/*
 * A step near the golden section of n, so that t * step mod n is a permutation of all t < n that
 * moves neighbours far apart.
 */
static int64_t
mixing_step(int64_t n)
{
	int64_t		step = (int64_t) (n * 0.618033988749895);

	for (;; step++)
	{
		int64_t		a = n;
		int64_t		b = step;

		while (b != 0)
		{
			int64_t		rest = a % b;

			a = b;
			b = rest;
		}
		if (a == 1)
			return step;
	}
}

/* A worker's own memory. */
typedef struct Workspace
{
	uint64_t   *has;			/* n_items bits: the items of the user whose triples are drawn */
	int32_t    *chosen;			/* n_items: the user's events in the block */
	Triple	   *drawn;			/* CHUNK */
	Triple	   *mixed;			/* CHUNK */
	float	   *difference;		/* CHUNK */
	int32_t    *candidates;		/* CANDIDATES: drawn items */
	float	   *scores;			/* CANDIDATES */
} Workspace;

/* Lays a workspace out in memory and returns its size; with memory NULL, only the size. */
static size_t
lay_out_workspace(int64_t n_items, void *memory, Workspace *w)
{
	Pieces		p = {memory, 0};

	w->has = add_piece(&p, sizeof(uint64_t) * ((n_items + 63) / 64));
	w->chosen = add_piece(&p, sizeof(int32_t) * n_items);
	w->drawn = add_piece(&p, sizeof(Triple) * CHUNK);
	w->mixed = add_piece(&p, sizeof(Triple) * CHUNK);
	w->difference = add_piece(&p, sizeof(float) * CHUNK);
	w->candidates = add_piece(&p, sizeof(int32_t) * CANDIDATES);
	w->scores = add_piece(&p, sizeof(float) * CANDIDATES);
	return p.bytes;
}

/* ---- training ---- */

static inline float
loss_of(float difference)
{
	/* -ln(1 / (1 + exp(-d))) */
	return difference < 0 ? log1pf(expf(difference)) - difference : log1pf(expf(-difference));
}

/* Takes a step for each of the triples that were drawn, in mixed order. */
static void
take_steps(const Pairwise *pairwise, int64_t n, Workspace *w, BlockLoss *loss)
{
	int64_t		step = n > 1 ? mixing_step(n) : 1;

	for (int64_t t = 0, from = 0; t < n; t++)
	{
		w->mixed[t] = w->drawn[from];
		from += step;
		if (from >= n)
			from -= n;
	}
	pairwise_descend(pairwise, w->mixed, n, w->difference);
	for (int64_t t = 0; t < n; t += LOSS_EVERY)
	{
		loss->sum += loss_of(w->difference[t]);
		loss->count++;
	}
}

/*
 * Draws, for each of a user's events, an item from a pool that the user does not have. n_events
 * times the number of negatives is at most CANDIDATES. Returns the number of triples; none for a
 * user who has all items.
 */
static int64_t
draw_triples(const BprOptions *o, const Pairwise *pairwise, Draw *draw, const int32_t *pool,
			 int64_t pool_size, int32_t user, const int32_t *events, int64_t n_events,
			 Triple *triples, Workspace *w)
{
	int64_t		n = 0;

	for (int64_t e = 0; e < n_events; e++)
	{
		int			found = 0;
		int			draws = 0;

		while (found < o->negatives && draws < DRAWS)
		{
			int32_t		item = pool[draw_below(draw, pool_size)];

			if ((w->has[item / 64] >> (item % 64) & 1) != 0)
				draws++;
			else
				w->candidates[n * o->negatives + found++] = item;
		}
		if (found == 0)
			continue;
		for (; found < o->negatives; found++)
			w->candidates[n * o->negatives + found] = w->candidates[n * o->negatives];
		triples[n] = (Triple) {user, events[e], w->candidates[n * o->negatives]};
		n++;
	}
	if (o->negatives == 1)
		return n;

	pairwise_score(pairwise, user, w->candidates, n * o->negatives, w->scores);
	for (int64_t t = 0; t < n; t++)
	{
		const int32_t *candidates = w->candidates + t * o->negatives;
		const float *scores = w->scores + t * o->negatives;
		float		best = scores[0];

		for (int c = 1; c < o->negatives; c++)
		{
			if (scores[c] > best)
			{
				best = scores[c];
				triples[t].negative = candidates[c];
			}
		}
	}
	return n;
}

/* The argument of pass_descend: a stratum of an iteration. */
typedef struct Stratum
{
	int32_t		iteration;
	int32_t		stratum;
	int32_t		parts;
	float		rate;
} Stratum;

/* A pass over the blocks of a stratum. */
static void
pass_descend(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Stratum *s = argument;
	const BprOptions *o = task->model->options;
	const SparseMatrix *m = &task->ratings->by_user;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	const Side *users = &task->model->sides[SIDE_USERS];
	const Parts *parts = task->arrays[ARRAY_PARTS];
	const uint8_t *part_of_item = task->arrays[ARRAY_PART_OF_ITEM];
	Pairwise	pairwise = {
		.n = (int) PADDED(o->factors),
		.stride = column_stride(&items->columns[COLUMN_FACTORS]),
		.users = users->values[USERS_FACTORS],
		.items = items->values[COLUMN_FACTORS],
		.bias = items->values[COLUMN_BIAS],
		.rate = s->rate,
		.regularization = (float) o->regularization
	};
	int64_t		at_once = CANDIDATES / o->negatives;
	Workspace	w;

	lay_out_workspace(m->n_columns, scratch, &w);
	memset(w.has, 0, sizeof(uint64_t) * ((m->n_columns + 63) / 64));
	for (int64_t a = begin; a < end; a++)
	{
		int			b = (int) ((a + s->stratum) % s->parts);
		const int32_t *pool = (const int32_t *) task->arrays[ARRAY_ITEMS] + parts->items[b];
		int64_t		pool_size = parts->items[b + 1] - parts->items[b];
		BlockLoss  *loss = (BlockLoss *) task->arrays[ARRAY_LOSS] + s->stratum * s->parts + a;
		Draw		draw =
			start_draw(o, DRAW_NEGATIVES,
					   ((uint64_t) s->iteration * MOST_PARTS + s->stratum) * MOST_PARTS + a);
		int64_t		n = 0;

		*loss = (BlockLoss) {0, 0};
		for (int64_t u = parts->users[a]; u < parts->users[a + 1]; u++)
		{
			int64_t		n_chosen = 0;

			if (u % BLOCK_ROWS == 0)
				poll();
			for (int64_t e = m->start[u]; e < m->start[u + 1]; e++)
			{
				w.chosen[n_chosen] = m->column[e];
				n_chosen += part_of_item[m->column[e]] == b;
				if (e % POLL_COLUMNS == 0)
					poll();
			}
			for (int64_t c = 0; c < n_chosen; c++)
				w.has[w.chosen[c] / 64] |= UINT64_C(1) << (w.chosen[c] % 64);
			for (int64_t c = 0; c < n_chosen; c += at_once)
			{
				int64_t		some = n_chosen - c < at_once ? n_chosen - c : at_once;

				if (n + some > CHUNK)
				{
					take_steps(&pairwise, n, &w, loss);
					n = 0;
				}
				n += draw_triples(o, &pairwise, &draw, pool, pool_size, (int32_t) u, w.chosen + c,
								  some, w.drawn + n, &w);
			}
			for (int64_t c = 0; c < n_chosen; c++)
				w.has[w.chosen[c] / 64] = 0;
		}
		if (n > 0)
			take_steps(&pairwise, n, &w, loss);
	}
}

/* ---- folding in ---- */

/* Iterations of folding in, and the rate of the first; it falls to zero as in training. */
#define FOLDING_ITERATIONS 20
#define FOLDING_RATE 0.2

static float
folding_rate(int iteration)
{
	return (float) (FOLDING_RATE * (FOLDING_ITERATIONS - iteration) / FOLDING_ITERATIONS);
}

/* A worker's memory for folding in. */
typedef struct FoldingSpace
{
	uint64_t   *has;			/* n_items bits: the items of the profile */
	Triple	   *triples;		/* one for each item of the profile */
	float	   *difference;		/* one for each item of the profile */
} FoldingSpace;

/* Lays a folding space out in memory and returns its size; with memory NULL, only the size. */
static size_t
lay_out_folding(int64_t n_items, int64_t profile_items, void *memory, FoldingSpace *w)
{
	Pieces		p = {memory, 0};

	w->has = add_piece(&p, sizeof(uint64_t) * ((n_items + 63) / 64));
	w->triples = add_piece(&p, sizeof(Triple) * profile_items);
	w->difference = add_piece(&p, sizeof(float) * profile_items);
	return p.bytes;
}

static size_t
folding_bytes(int64_t n_items, int64_t profile_items)
{
	FoldingSpace w;

	return lay_out_folding(n_items, profile_items, NULL, &w);
}

/*
 * Draws the triples of an iteration of folding in: one for each item of the profile, none for a
 * profile that has all items. Returns how many.
 */
static int64_t
draw_folding(const BprOptions *o, const Profile *profile, int64_t n_items, int iteration,
			 const FoldingSpace *w)
{
	Draw		draw = start_draw(o, DRAW_FOLDING, iteration);
	int64_t		n = 0;

	for (int64_t j = 0; j < profile->n; j++)
	{
		int32_t		negative;
		int			draws = 0;

		if (j % 1024 == 1023)
			poll();
		do
			negative = (int32_t) draw_below(&draw, n_items);
		while ((w->has[negative / 64] >> (negative % 64) & 1) != 0 && ++draws < DRAWS);
		if (draws < DRAWS)
			w->triples[n++] = (Triple) {0, profile->items[j], negative};
	}
	return n;
}

/*
 * What each item of a profile has added so far to the product of the vector with the factors of
 * `item`.
 */
typedef struct Explanation
{
	int32_t		item;
	double	   *added;			/* of each item of the profile */
} Explanation;

/*
 * Adds the steps of an iteration. Each step shrinks what was added so far, and adds a term of its
 * own.
 */
static void
explain_steps(const Pairwise *pairwise, const Profile *profile, const Triple *triples, int64_t n,
			  const float *difference, const Explanation *explanation)
{
	const float *target = pairwise->items + explanation->item * pairwise->stride;
	double		keep = 1 - pairwise->rate * pairwise->regularization;
	double		shrunk = 1;
	int64_t		j = profile->n - 1;

	for (int64_t t = n - 1; t >= 0; t--)
		shrunk *= keep;
	for (int64_t i = 0; i < profile->n; i++)
		explanation->added[i] *= shrunk;
	shrunk = 1;
	for (int64_t t = n - 1; t >= 0; t--)
	{
		const float *positive = pairwise->items + triples[t].positive * pairwise->stride;
		const float *negative = pairwise->items + triples[t].negative * pairwise->stride;

		if (t % 1024 == 0)
			poll();
		while (profile->items[j] != triples[t].positive)
			j--;
		explanation->added[j] += shrunk * pairwise->rate / (1 + exp(difference[t])) *
								 (vector_dot_double(positive, target, pairwise->n) -
								  vector_dot_double(negative, target, pairwise->n));
		shrunk *= keep;
	}
}

/* Folds a profile into x, which is padded, and explains the result unless explanation is NULL. */
static void
fold_in(const Model *model, const Profile *profile, float *x, const Explanation *explanation,
		void *scratch)
{
	const BprOptions *o = model->options;
	const Side *items = &model->sides[SIDE_ITEMS];
	FoldingSpace w;
	Pairwise	pairwise = {
		.n = (int) PADDED(o->factors),
		.stride = column_stride(&items->columns[COLUMN_FACTORS]),
		.users = x,
		.items = items->values[COLUMN_FACTORS],
		.bias = items->values[COLUMN_BIAS],
		.regularization = (float) o->regularization,
		.items_fixed = true
	};

	lay_out_folding(items->n_rows, profile->n, scratch, &w);
	memset(w.has, 0, sizeof(uint64_t) * ((items->n_rows + 63) / 64));
	for (int64_t j = 0; j < profile->n; j++)
		w.has[profile->items[j] / 64] |= UINT64_C(1) << (profile->items[j] % 64);
	memset(x, 0, sizeof(float) * pairwise.n);
	for (int iteration = 0; iteration < FOLDING_ITERATIONS; iteration++)
	{
		int64_t		n = draw_folding(o, profile, items->n_rows, iteration, &w);

		pairwise.rate = folding_rate(iteration);
		pairwise_descend(&pairwise, w.triples, n, w.difference);
		if (explanation != NULL)
			explain_steps(&pairwise, profile, w.triples, n, w.difference, explanation);
	}
}

/*
 * Whether the numbers are small enough for finite scores: a score is a thousand products of two
 * such numbers and a bias. NaN is not.
 */
static bool
are_moderate(const float *numbers, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
	{
		if (!(fabsf(numbers[i]) <= LARGEST_NUMBER))
			return false;
	}
	return true;
}

/* ---- the passes ---- */

/* A pass over a side, which is its argument: random factors for rows that have none. */
static void
pass_initialize(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const BprOptions *o = task->model->options;
	bool		items = *(const SideKind *) argument == SIDE_ITEMS;
	const Side *side = &task->model->sides[items ? SIDE_ITEMS : SIDE_USERS];
	int			column = items ? COLUMN_FACTORS : USERS_FACTORS;
	int64_t		stride = column_stride(&side->columns[column]);
	Draw		draw = start_draw(o, items ? DRAW_ITEM_FACTORS : DRAW_USER_FACTORS, 0);
	double		deviation = INITIAL_LENGTH / sqrt(o->factors);

	for (int64_t row = begin; row < end; row++)
	{
		float	   *factors = side->values[column] + row * stride;
		bool		empty = true;

		poll();
		for (int f = 0; f < o->factors; f++)
			empty = empty && factors[f] == 0;
		for (int f = 0; f < o->factors && empty; f++)
			factors[f] =
				(float) (deviation * random_normal(draw.seed, (uint64_t) row * o->factors + f));
	}
}

/* A pass over the users: their final factors. Its argument is not used. */
static void
pass_fold_in(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Model *model = task->model;
	const SparseMatrix *m = &task->ratings->by_user;
	int64_t		stride = column_stride(&model->sides[SIDE_USERS].columns[USERS_FACTORS]);
	Parts	   *parts = task->arrays[ARRAY_PARTS];

	for (int64_t u = begin; u < end; u++)
	{
		Profile		profile = {.n = m->start[u + 1] - m->start[u],
						   .items = m->column + m->start[u],
						   .ratings = m->value + m->start[u]};
		float	   *x = model->sides[SIDE_USERS].values[USERS_FACTORS] + u * stride;

		poll();
		fold_in(model, &profile, x, NULL, scratch);
		if (!are_moderate(x, stride))
			parts->failed = 1;
	}
}

enum
{
	PASS_INITIALIZE,
	PASS_DESCEND,
	PASS_FOLD_IN
};

static const Pass bpr_passes[] = {
	[PASS_INITIALIZE] = pass_initialize,
	[PASS_DESCEND] = pass_descend,
	[PASS_FOLD_IN] = pass_fold_in
};

static size_t
bpr_scratch_bytes(const void *options, const Extent *extent)
{
	Workspace	w;
	size_t		descend = lay_out_workspace(extent->n_items, NULL, &w);
	size_t		fold = folding_bytes(extent->n_items, extent->n_items);

	return descend > fold ? descend : fold;
}

static int
bpr_iterations(const void *options)
{
	return ((const BprOptions *) options)->iterations;
}

/* Divides the users into parts with about the same number of events. */
static void
divide_users(const SparseMatrix *m, int n_parts, Parts *parts)
{
	int64_t		user = 0;

	for (int a = 0; a <= n_parts; a++)
	{
		while (user < m->n_rows && m->start[user] < m->start[m->n_rows] / n_parts * a)
			user++;
		parts->users[a] = a == n_parts ? m->n_rows : user;
	}
}

/* Divides the items into parts at random. */
static void
divide_items(const Task *task, int iteration, int n_parts)
{
	Parts	   *parts = task->arrays[ARRAY_PARTS];
	uint8_t    *part_of_item = task->arrays[ARRAY_PART_OF_ITEM];
	int32_t    *items = task->arrays[ARRAY_ITEMS];
	int64_t		n_items = task->model->sides[SIDE_ITEMS].n_rows;
	Draw		draw = start_draw(task->model->options, DRAW_PARTS, iteration);
	int64_t		next[MOST_PARTS] = {0};

	memset(parts->items, 0, sizeof(parts->items));
	for (int64_t i = 0; i < n_items; i++)
	{
		if (i % POLL_COLUMNS == 0)
			poll();
		part_of_item[i] = (uint8_t) draw_below(&draw, n_parts);
		parts->items[part_of_item[i] + 1]++;
	}
	for (int b = 0; b < n_parts; b++)
	{
		next[b] = parts->items[b];
		parts->items[b + 1] += parts->items[b];
	}
	for (int64_t i = 0; i < n_items; i++)
	{
		if (i % POLL_COLUMNS == 0)
			poll();
		items[next[part_of_item[i]]++] = (int32_t) i;
	}
}

static const char *
bpr_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const BprOptions *o = model->options;
	const SparseMatrix *m = &task->ratings->by_user;
	Parts	   *parts = task->arrays[ARRAY_PARTS];
	const BlockLoss *losses = task->arrays[ARRAY_LOSS];
	int64_t		n_events = m->start[m->n_rows];
	int64_t		n_parts = n_events / EVENTS_PER_PART;
	int64_t		stride = column_stride(&model->sides[SIDE_ITEMS].columns[COLUMN_FACTORS]);
	/* a warm start skips the first half of the iterations: long steps are no longer needed */
	int			first = task->warm ? o->iterations / 2 + 1 : 1;

	n_parts = n_parts < model->sides[SIDE_ITEMS].n_rows / ITEMS_PER_PART
				  ? n_parts
				  : model->sides[SIDE_ITEMS].n_rows / ITEMS_PER_PART;
	n_parts = n_parts < 1 ? 1 : n_parts > MOST_PARTS ? MOST_PARTS : n_parts;
	for (SideKind side = SIDE_ITEMS; side <= SIDE_USERS; side++)
		run_pass(services, PASS_INITIALIZE, &side, sizeof(side),
				 model->sides[side].n_rows, BLOCK_ROWS);
	divide_users(m, (int) n_parts, parts);
	for (int iteration = first; iteration <= o->iterations; iteration++)
	{
		BlockLoss	total = {0, 0};

		divide_items(task, iteration, (int) n_parts);
		for (int stratum = 0; stratum < n_parts; stratum++)
		{
			Stratum		argument = {
				.iteration = iteration,
				.stratum = stratum,
				.parts = (int32_t) n_parts,
				.rate = (float) (o->learning_rate * (o->iterations - iteration + 1) / o->iterations)
			};

			run_pass(services, PASS_DESCEND, &argument, sizeof(argument), n_parts, 1);
		}
		for (int64_t block = 0; block < n_parts * n_parts; block++)
		{
			total.sum += losses[block].sum;
			total.count += losses[block].count;
		}
		/* every user has every item */
		if (total.count == 0)
			break;
		if (!isfinite(total.sum))
			return "the loss is not finite";
		services->iteration_done(services, iteration - first + 1, total.sum / total.count, NAN);
	}
	run_pass(services, PASS_FOLD_IN, NULL, 0, model->sides[SIDE_USERS].n_rows, BLOCK_ROWS);
	for (int64_t i = 0; i < model->sides[SIDE_ITEMS].n_rows; i++)
	{
		if (i % 1024 == 0)
			poll();
		if (!are_moderate(model->sides[SIDE_ITEMS].values[COLUMN_FACTORS] + i * stride, stride) ||
			!are_moderate(model->sides[SIDE_ITEMS].values[COLUMN_BIAS] + i, 1))
			return "an item's factors are not finite, or too large for scores that are";
	}
	return parts->failed ? "a user's factors are not finite, or too large for scores that are"
						 : NULL;
}

/* ---- asking ---- */

/* The derived block of a loaded model: the norms of factors.h. */
static size_t
bpr_derived_bytes(const Model *model)
{
	return factors_norms_bytes(model->sides[SIDE_ITEMS].n_rows);
}

static void
bpr_prepare(Model *model)
{
	factors_compute_norms(model, model->derived);
}

/* A query is the user's factors, padded. */
static size_t
bpr_query_bytes(const Model *model, int64_t profile_items)
{
	return sizeof(float) * PADDED(((const BprOptions *) model->options)->factors);
}

static size_t
bpr_query_scratch_bytes(const Model *model, int64_t profile_items)
{
	return folding_bytes(model->sides[SIDE_ITEMS].n_rows, profile_items);
}

static bool
bpr_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	fold_in(model, profile, query, NULL, scratch);
	return are_moderate(query, ((const BprOptions *) model->options)->factors);
}

/* A difference of scores is a logarithm of odds, so the unit is 1. */
static bool
bpr_speaks(const Model *model, const void *query)
{
	return factors_speak(model, model->derived, query, 0, 1);
}

static bool
bpr_inner_product(const Model *model, InnerProduct *product)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	product->width = ((const BprOptions *) model->options)->factors;
	product->stride = column_stride(&items->columns[COLUMN_FACTORS]);
	product->factors = items->values[COLUMN_FACTORS];
	product->bias = items->values[COLUMN_BIAS];
	return true;
}

static const float *
bpr_query_vector(const Model *model, const void *query, float *constant)
{
	*constant = 0;
	return query;
}

static bool
bpr_user_product(const Model *model, InnerProduct *product, float *constant)
{
	const Side *users = &model->sides[SIDE_USERS];

	product->width = ((const BprOptions *) model->options)->factors;
	product->stride = column_stride(&users->columns[USERS_FACTORS]);
	product->factors = users->values[USERS_FACTORS];
	product->bias = NULL;
	*constant = 0;
	return true;
}

static void
bpr_user_query(const Model *model, int32_t user, void *query)
{
	const Side *users = &model->sides[SIDE_USERS];
	int64_t		stride = column_stride(&users->columns[USERS_FACTORS]);

	memcpy(query, users->values[USERS_FACTORS] + user * stride, sizeof(float) * stride);
}

static size_t
bpr_explain_scratch_bytes(const Model *model, int64_t profile_items)
{
	return cache_lines(sizeof(double) * profile_items) +
		   cache_lines(bpr_query_bytes(model, profile_items)) +
		   folding_bytes(model->sides[SIDE_ITEMS].n_rows, profile_items);
}

/* Folds the profile in once more, noting each item's share. The baseline is the item's bias. */
static void
bpr_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
			float *contributions, float *baseline, void *scratch)
{
	Pieces		p = {scratch, 0};
	Explanation explanation = {item, add_piece(&p, sizeof(double) * profile->n)};
	float	   *x = add_piece(&p, bpr_query_bytes(model, profile->n));

	memset(explanation.added, 0, sizeof(double) * profile->n);
	fold_in(model, profile, x, &explanation, (char *) scratch + p.bytes);
	for (int64_t j = 0; j < profile->n; j++)
		contributions[j] = (float) explanation.added[j];
	*baseline = model->sides[SIDE_ITEMS].values[COLUMN_BIAS][item];
}

static void
bpr_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	factors_similar_items(model, model->derived, item, first, n, similarity);
}

static void
bpr_similar_users(const Model *model, const void *query, int64_t first, int64_t n,
				  float *similarity)
{
	factors_similar_users(model, USERS_FACTORS, query, first, n, similarity);
}

static const char *
bpr_refuses_refresh(const void *options)
{
	return "Its factors are learned in steps through all events, and not row by row.";
}

const Algorithm bpr_algorithm = {
	.name = "bpr",
	.description =
		"matrix factorisation for ranking by pairwise comparisons (Bayesian personalised ranking)",
	.options = bpr_options,
	.options_size = sizeof(BprOptions),
	.decide = bpr_decide,
	.varied = "regularization",
	.factor = 2.5,
	.columns = bpr_columns,
	.arrays = bpr_arrays,
	.passes = bpr_passes,
	.scratch_bytes = bpr_scratch_bytes,
	.train = bpr_train,
	.refuses_refresh = bpr_refuses_refresh,
	.iterations = bpr_iterations,
	.derived_bytes = bpr_derived_bytes,
	.prepare = bpr_prepare,
	.query_bytes = bpr_query_bytes,
	.query_scratch_bytes = bpr_query_scratch_bytes,
	.make_query = bpr_make_query,
	.logistic = true,
	.speaks = bpr_speaks,
	.score_items = factors_score_items,
	.inner_product = bpr_inner_product,
	.query_vector = bpr_query_vector,
	.user_product = bpr_user_product,
	.user_query = bpr_user_query,
	.explain = bpr_explain,
	.explain_scratch_bytes = bpr_explain_scratch_bytes,
	.similar_items = bpr_similar_items,
	.similar_users = bpr_similar_users};
