/*
 * fm.c
 *	  Factorisation machine of second order, over the user, the item, the item's attributes and the
 *	  context of the rating.
 *
 * Rendle 2010, "Factorization machines"; 2012, "Factorization machines with libFM". Every user,
 * item and feature has a weight w and k factors v. A pair of them adds the product of their
 * factors to the score:
 *
 *	y(u, i) = w_0 + w_u + w_i + sum_f x_f w_f
 *			+ v_u.v_i + sum_f x_f v_f.(v_u + v_i) + sum_f<g x_f x_g v_f.v_g
 *
 * where x are the features of item i. What does not involve the user is a constant of the item, and
 * what does is a product with the user's factors. So the score is that of a matrix factorisation,
 *
 *	y(u, i) = w_0 + w_u + b_i + v_u.p_i,	with s_i = sum_f x_f v_f,	p_i = v_i + s_i,
 *	b_i = w_i + sum_f x_f w_f + v_i.s_i + 1/2 (|s_i|^2 - sum_f x_f^2 |v_f|^2).
 *
 * The items' table has b_i and p_i, the users' table w_u and v_u, the features' table w_f and v_f.
 * Without attributes it is a matrix factorisation with biases, and without factors a linear or
 * logistic regression.
 *
 * A rating's context has features, too, with x_f, w_f and v_f. Together they add to the score
 *
 *	sum_f x_f w_f + sum_f x_f v_f.(v_u + p_i) + sum_f<g x_f x_g v_f.v_g
 *			= h + z.(v_u + p_i),	with z = sum_f x_f v_f,
 *	h = sum_f x_f w_f + 1/2 (|z|^2 - sum_f x_f^2 |v_f|^2).
 *
 * A user in a context, a situation, is to the items what a user is who has the factors v_u + z and
 * the bias w_u + h + v_u.z; and to the user, an item in a context is one with the factors p_i + z
 * and the bias b_i + h + p_i.z. So whatever is said of a user's ratings or an item's below is true
 * with contexts, if these numbers take the place of those without. Of a column of categories, the
 * mean of v_f and of w_f over the ratings is zero: a context of which nothing is known, and so adds
 * nothing, is the mean one, and a column in which all ratings have the same category changes
 * nothing. The tables of items and of users have what they are in the mean context.
 *
 * Ratings: the loss is the squared error, and lambda (s |v|^2 + w^2) of every row, with s the
 * standard deviation of the ratings, as in als.c.
 *
 * Events: the loss is logistic, over all pairs of a user and an item that anybody has. An event
 * counts by its weight, in units of the mean weight, and a missing one counts c. All missing events
 * together count `negatives` times as much as all events. A score with the constant ln c is the
 * logarithm of the odds that the user has the item. Publications draw a sample of the missing
 * events. The loss here has them all: for the bound of Jaakkola & Jordan 2000 ("Bayesian parameter
 * estimation via variational methods"),
 *
 *	ln(1 + e^y) <= y/2 + h(x) (y^2 - x^2) / 2 - x/2 + ln(1 + e^x),	h(x) = tanh(x/2) / (2 x),
 *
 * which is exact at |y| = x, is quadratic in y. With one x for all missing events of an item, the
 * best of which is the root mean square of their scores, the sum over these events follows from the
 * Gram matrix of the users' factors, as in Hu et al. 2008 (als.c). Each event has an x of its own.
 * With contexts, a missing event of a user is divided among the user's situations, in proportion to
 * the numbers of events in them, and the Gram matrix is that of all situations.
 * So training draws nothing but its first factors, needs no learning rate, and takes about as long
 * as als. A sample of as many missing events as there are here in effect took several times as
 * long, and was less accurate.
 *
 * An iteration solves the least squares of each item (w_i, v_i), then moves the features, then
 * solves the users (w_u, v_u): Rendle, Gantner, Freudenthaler & Schmidt-Thieme 2011, "Fast
 * context-aware recommendations with factorization machines", solve for single numbers in turn.
 *
 * The features move together, by one step. Once the items are solved, the gradient of the loss by
 * the factors of features follows from the items' own factors, without a pass over the ratings.
 * When a feature's factors change, the own factors of items with many ratings will change back to
 * keep p_i, and those of items with few ratings will not. The direction of the step allows for that
 * (partially non-centred parametrisation: Papaspiliopoulos, Roberts & Skold 2007, "A general
 * framework for the parametrization of hierarchical models"): a feature's factors change by D, and
 * an item's own factors by -r_i of what the item's features change, where r_i is estimated from the
 * number of the item's ratings. D solves the ridge regression that then remains, by a few steps of
 * conjugate gradient. Along the direction the loss is a polynomial of fourth degree, whose
 * coefficients a pass over the ratings adds up. The step goes to its minimum, so the loss never
 * rises.
 *
 * The features of contexts move by a step of their own, between the items and the users: there are
 * few of them, with many ratings each, so that the ratings have to be gone through. Given all other
 * numbers, the score is nearly linear in theirs; conjugate gradient solves the least squares of the
 * linear score, and the length of the step follows from the polynomial as above. They are
 * regularized as the features of items are: like those, they have more ratings than a row, and
 * concern all users and items, of some of which little else is known.
 *
 * A profile is folded in by solving its user's least squares with the rest fixed; for events, again
 * and again until the bounds are those of the scores. The stored users equal the result of folding
 * in their ratings or events.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algorithm/factors.h"
#include "kernel/dense.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/vector.h"

typedef struct FmOptions
{
	CommonOptions common;
	int32_t		factors;
	int32_t		iterations;
	int32_t		seed;
	double		regularization;
	double		regularization_scaling;
	double		attribute_regularization;
	double		negatives;
	double		tolerance;
} FmOptions;

#define MOST_FACTORS 1024

static const Option fm_options[] = {
	FEEDBACK_OPTION,
	{"factors", OPTION_INTEGER, offsetof(FmOptions, factors), {"64", "64"}, 0, MOST_FACTORS,
	NULL,
	"numbers that describe an item, a user or a feature; more of them express more, and take more "
	"time; 0: linear regression, with implicit feedback logistic regression"},
	{"iterations", OPTION_INTEGER, offsetof(FmOptions, iterations), {"15", "15"}, 1, 10000, NULL,
	"the most passes over items, features and users"},
	{"regularization", OPTION_REAL, offsetof(FmOptions, regularization), {NULL, NULL}, 0, 1e12,
	NULL,
	"weight of the squared factors and biases in the loss, for ratings in units of their standard "
	"deviation; default: explicit feedback 0.8 * (n u)^(1/4), where the user of a rating has n "
	"ratings and its item u on average; implicit feedback 0.7"},
	{"regularization_scaling", OPTION_REAL, offsetof(FmOptions, regularization_scaling),
	{"0", "0.5"}, 0, 2, NULL,
	"exponent with which regularization grows with the number of ratings of a user, an item or a "
	"feature; of features at least 0.25"},
	{"attribute_regularization", OPTION_REAL, offsetof(FmOptions, attribute_regularization),
	{"4", "2"}, 0, 1e6, NULL,
	"attributes and contexts: how many times as strongly a feature is regularized as an item with "
	"as many ratings"},
	{"negatives", OPTION_REAL, offsetof(FmOptions, negatives), {"5", "5"}, 1e-6, 1e6, NULL,
	"implicit feedback: all missing events together count this many times as much as all events, "
	"but none more than an event"},
	{"tolerance", OPTION_REAL, offsetof(FmOptions, tolerance), {"0.0001", "0.0001"}, 0, 1, NULL,
	"stop when an iteration lowers the loss by less than this share of it"},
	CLIP_OPTION,
	VALIDATE_OPTION("false", "false"),
	WARM_START_OPTION,
	{"seed", OPTION_INTEGER, offsetof(FmOptions, seed), {"0", "0"}, 0, 2147483647, NULL,
	"seed of the random numbers that training starts from: the same data, options and seed give "
	"the same model"},
	MIN_COUNT_OPTION,
	WEIGHT_OPTION("log"),
	{NULL}
};

/* Columns of items, users and features. */
enum
{
	COLUMN_BIAS,
	COLUMN_FACTORS,
	N_COLUMNS
};

/* A column of items that follows; without factors it takes the place of the factors. */
static inline int
column_missing(const FmOptions *o)
{
	return o->factors > 0 ? COLUMN_FACTORS + 1 : COLUMN_FACTORS;
}

static inline bool
is_explicit(const FmOptions *o)
{
	return o->common.feedback == FEEDBACK_EXPLICIT;
}

static int
fm_columns(const void *options, SideKind side, Column *columns)
{
	const FmOptions *o = options;
	int			n = 0;

	if (side == SIDE_SESSIONS)
		return 0;
	columns[n++] = (Column) {
		"bias", COLUMN_NUMBER, 0,
		side == SIDE_ITEMS ? "what is added to the item's score for everyone"
		: side == SIDE_USERS ? "what is added to all scores of the user"
		: side == SIDE_ITEM_FEATURES ? "what is added to the bias of items, times its value"
									 : "what is added to all scores in the context, times its value"
	};
	if (o->factors > 0)
		columns[n++] = (Column) {
			"factors", COLUMN_VECTOR, o->factors,
			side == SIDE_ITEMS ? "the item's own factors and those of its features: the dot "
								 "product with a user's factors says how well they fit"
			: side == SIDE_USERS ? "what folding in the user's ratings or events gives"
			: side == SIDE_ITEM_FEATURES ? "what is added to the factors of items, times its value"
										 : "what is added to the factors of users in the context, "
										   "times its value"
		};
	if (side == SIDE_ITEMS && !is_explicit(o))
		columns[n++] = (Column) {
			"missing", COLUMN_NUMBER, 0,
			"the weight of a missing event in the least squares of a user"
		};
	return n;
}

static unsigned
fm_needs(const void *options)
{
	return NEEDS_RATINGS | USES_ITEM_FEATURES | USES_CONTEXTS;
}

static void
fm_decide(const Ratings *ratings, void *options)
{
	FmOptions  *o = options;

	if (isnan(o->regularization))
		o->regularization =
			is_explicit(o) ? 0.8 * pow(sparse_mean_row(&ratings->by_user) *
									   sparse_mean_row(&ratings->by_item), 0.25)
						   : 0.7;
}

/* ---- one side of a model ---- */

/* The numbers of a side. */
typedef struct Rows
{
	int64_t		n;
	int64_t		stride;			/* of factors */
	float	   *bias;
	float	   *factors;		/* without factors, anything */
} Rows;

static Rows
rows_of(const Model *model, SideKind kind)
{
	const FmOptions *o = model->options;
	const Side *side = &model->sides[kind];

	return (Rows) {side->n_rows, PADDED(o->factors), side->values[COLUMN_BIAS],
				   o->factors > 0 ? side->values[COLUMN_FACTORS] : side->values[COLUMN_BIAS]};
}

static inline float *
factors_of(const Rows *rows, int64_t row)
{
	return rows->factors + row * rows->stride;
}

/* By item; implicit feedback only. */
static inline float *
missing_weights(const Model *model)
{
	return model->sides[SIDE_ITEMS].values[column_missing(model->options)];
}

/* The weight of the regularization of a row with this number of ratings. */
static inline double
lambda_of(const FmOptions *o, double n_ratings)
{
	return o->regularization *
		   (o->regularization_scaling == 0 ? 1
										   : pow(fmax(n_ratings, 1), o->regularization_scaling));
}

/*
 * The same of a feature whose items have this number of ratings. A feature of many items is known
 * better than a row is, and what it says concerns items of which nothing else is known: so it is
 * held back more, and more so the more ratings it explains.
 */
#define LEAST_FEATURE_SCALING 0.25

static inline double
feature_lambda(const FmOptions *o, double n_ratings)
{
	return o->regularization * o->attribute_regularization *
		   pow(fmax(n_ratings, 1), fmax(o->regularization_scaling, LEAST_FEATURE_SCALING));
}

/*
 * The unit in which factors are regularized. Products of factors are of the scale of ratings; with
 * implicit feedback that is 1.
 */
static double
factor_scale(const Model *model)
{
	return is_explicit(model->options) && model->scale.deviation > 0 ? model->scale.deviation : 1;
}

/* h(x) = tanh(x/2) / (2 x), the curvature of the bound that is exact at x */
static inline double
curvature(double x)
{
	x = fabs(x);
	return x < 1e-4 ? 0.25 : tanh(x / 2) / (2 * x);
}

/* ln(1 + e^x) */
static inline double
softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* What all rows of a training, or all profiles, have in common. */
typedef struct Common
{
	bool		is_explicit;
	int			k;
	double		constant;		/* of all scores in training */
	double		offset;			/* is added to them when they are shown: ln c */
	double		missing;		/* c: what a missing event counts */
	double		event;			/* what an event of weight 1 counts */
	double		factor_scale;
	int64_t		n_users;
	int64_t		n_known;		/* items that somebody has */
} Common;

/*
 * A user may have an item in several contexts, so there may be more events than pairs. This share
 * of the pairs is taken as missing at least.
 */
#define LEAST_MISSING 0.25

/*
 * Depends on nothing but what is stored of a model, so that profiles are folded in as users are in
 * training.
 */
static Common
common_of(const Model *model)
{
	const FmOptions *o = model->options;
	const Side *items = &model->sides[SIDE_ITEMS];
	Common		c = {.is_explicit = is_explicit(o), .k = o->factors, .n_users = model->n_users,
					 .factor_scale = factor_scale(model)};
	double		events = 0;
	double		pairs;
	double		missing;

	if (c.is_explicit)
	{
		c.constant = model->scale.mean;
		return c;
	}
	for (int64_t i = 0; i < items->n_rows; i++)
	{
		c.n_known += items->n_ratings[i] > 0;
		events += items->n_ratings[i] > 0 ? items->n_ratings[i] : 0;
		if (i % 65536 == 0)
			poll();
	}
	events = fmax(events, 1);
	pairs = (double) c.n_known * (double) c.n_users;
	missing = fmax(pairs - events, model->has_contexts ? LEAST_MISSING * pairs : 1);
	c.missing = fmin(o->negatives * events / missing, 1);
	c.event = model->scale.mean > 0 ? 1 / model->scale.mean : 1;
	c.offset = log(c.missing);
	c.constant = log(events / missing) - c.offset;
	return c;
}

/* ---- the least squares of rows ---- */

/*
 * The sums of a row's least squares over its columns j with weights o_j and targets t_j (times the
 * weight): a = sum o f f', b = sum t f, sum = sum o f, weight = sum o, target = sum t.
 */
typedef struct Sums
{
	float	   *a;				/* k x k, the lower triangle */
	float	   *b;
	float	   *sum;
	double		weight;
	double		target;
} Sums;

/* Implicit feedback: the sums over all rows of the other side, if no event had been observed. */
typedef struct Background
{
	/* (k + 2) x (k + 2): of (f, 1, constant + bias) times the root of the weight */
	double	   *gram;
	double	   *sum;			/* k + 1: of (f, 1) */
} Background;

/* Ratings of a row that are processed together. */
#define CHUNK 1024

/* The most times that the bounds of a profile of events are computed anew. */
#define FOLDING_STEPS 20

/* Folding in ends when no number changes by more than this share of the largest. */
#define FOLDING_TOLERANCE 1e-5

/* A worker's memory for solving rows. */
typedef struct Workspace
{
	int			at_once;
	float	   *systems;		/* at_once systems */
	float	   *right;			/* at_once x k */
	float	   *sums;			/* at_once x padded k */
	float	   *weights;		/* CHUNK */
	float	   *targets;		/* CHUNK */
	float	   *products;		/* CHUNK */
	float	   *own;			/* padded k: the features' part of a row's factors */
	float	   *context;		/* padded k: the context's part of a rating's factors */
	double	   *extended;		/* 2 x (k + 2) */
	double	   *gram_rows;		/* GRAM_ROWS x (k + 2) */
	float	   *scaled_rows;	/* GRAM_ROWS x padded k + 2 */
	void	   *gather;
	void	   *solve;
	/* with contexts: the other side of a chunk of ratings, as their contexts make it */
	float	   *chunk_factors;	/* CHUNK x padded k */
	float	   *chunk_bias;		/* CHUNK */
	float	   *chunk_shares;	/* CHUNK */
	int32_t    *chunk_rows;		/* CHUNK: 0, 1, 2, ... */
} Workspace;

/* Rows that are added to a Gram matrix at once. */
#define GRAM_ROWS 64

/* Sums over all rows of a side are made of this many parts, whichever worker adds which. */
#define PARTS 32

static size_t
lay_out_workspace(int k, bool contexts, const void *memory, Workspace *w)
{
	Pieces		p = {memory, 0};
	int			n = contexts ? CHUNK : 0;

	w->at_once = k > 0 ? solve_at_once(k) : 1;
	w->systems = add_piece(&p, sizeof(float) * w->at_once * SYSTEM_STRIDE(k));
	w->right = add_piece(&p, sizeof(float) * w->at_once * k);
	w->sums = add_piece(&p, sizeof(float) * w->at_once * PADDED(k));
	w->weights = add_piece(&p, sizeof(float) * CHUNK);
	w->targets = add_piece(&p, sizeof(float) * CHUNK);
	w->products = add_piece(&p, sizeof(float) * CHUNK);
	w->own = add_piece(&p, sizeof(float) * PADDED(k));
	w->context = add_piece(&p, sizeof(float) * PADDED(k));
	w->extended = add_piece(&p, sizeof(double) * 2 * (k + 2));
	w->gram_rows = add_piece(&p, sizeof(double) * GRAM_ROWS * (k + 2));
	w->scaled_rows = add_piece(&p, sizeof(float) * GRAM_ROWS * PADDED(k + 2));
	w->gather = add_piece(&p, normal_equations_scratch(k));
	w->solve = add_piece(&p, k > 0 ? solve_symmetric_scratch(w->at_once, k) : 0);
	w->chunk_factors = add_piece(&p, sizeof(float) * n * PADDED(k));
	w->chunk_bias = add_piece(&p, sizeof(float) * n);
	w->chunk_shares = add_piece(&p, sizeof(float) * n);
	w->chunk_rows = add_piece(&p, sizeof(int32_t) * n);
	return p.bytes;
}

static size_t
workspace_bytes(int k, bool contexts)
{
	Workspace	w;

	return lay_out_workspace(k, contexts, NULL, &w);
}

/*
 * What features add to a row: s to its factors, and to its bias h and the product of its own
 * factors with s. The features of an item add to the item, and those of a context to the user.
 */
typedef struct Prior
{
	const float *s;				/* NULL: there are no features, and h is 0 */
	double		h;
} Prior;

/* What n features of an item add, where s has room for padded k floats. */
static Prior
prior_of_features(const Model *model, const int32_t *feature, const float *value, int64_t n,
				  float *s)
{
	int			k = ((const FmOptions *) model->options)->factors;
	Rows		features = rows_of(model, SIDE_ITEM_FEATURES);
	double		h = 0;

	memset(s, 0, sizeof(float) * PADDED(k));
	for (int64_t e = 0; e < n; e++)
	{
		const float *v = factors_of(&features, feature[e]);
		float		x = value[e];

		for (int f = 0; f < k; f++)
			s[f] += x * v[f];
		h += (double) x * features.bias[feature[e]] - 0.5 * x * x * vector_dot_double(v, v, k);
	}
	return (Prior) {s, h + 0.5 * vector_dot_double(s, s, k)};
}

/* sum += x v, for padded vectors */
FASTEST_INSTRUCTIONS static void
add_scaled(float x, const float *v, int64_t n, float *sum)
{
	for (int64_t f = 0; f < n; f++)
		sum[f] += x * v[f];
}

/* The same of n features of a context. They are few, so h is summed over pairs of them. */
static Prior
prior_of_context_features(const Model *model, const int32_t *feature, const float *value, int64_t n,
						  float *s)
{
	int			k = ((const FmOptions *) model->options)->factors;
	Rows		features = rows_of(model, SIDE_CONTEXT_FEATURES);
	double		h = 0;

	memset(s, 0, sizeof(float) * PADDED(k));
	for (int64_t e = 0; e < n; e++)
	{
		const float *v = factors_of(&features, feature[e]);

		h += value[e] * (features.bias[feature[e]] + (e > 0 ? vector_dot_double(v, s, k) : 0));
		add_scaled(value[e], v, PADDED(k), s);
	}
	return (Prior) {s, h};
}

/* Contexts, of training or of a profile. */
typedef struct Contexts
{
	const Model *model;
	const SparseMatrix *features;	/* contexts x features */
	/* what each context adds; NULL: it is computed whenever it is needed */
	const float *s;				/* padded k of each */
	const double *h;
} Contexts;

/* What a context adds; nothing where nothing is known of it (-1). */
static Prior
prior_of_context(const Contexts *c, int32_t context, float *s)
{
	int			k = ((const FmOptions *) c->model->options)->factors;
	int64_t		first = context < 0 ? 0 : c->features->start[context];
	int64_t		n = context < 0 ? 0 : c->features->start[context + 1] - first;

	if (context >= 0 && c->s != NULL)
		return (Prior) {c->s + context * PADDED(k), c->h[context]};
	return prior_of_context_features(c->model, c->features->column + first,
									 c->features->value + first, n, s);
}

/*
 * Implicit feedback: the situations of users. A user has one for each context of the user's
 * events, and missing events are divided among them as the events are.
 */
typedef struct Situations
{
	/* by user: the first event, which is also where the situations begin */
	const int64_t *start;
	const int32_t *n;			/* by user */
	const int32_t *context;		/* of each situation, ascending within a user */
	const int32_t *count;		/* of the user's events in it */
} Situations;

/* The share that a user's situation has in the user's events. */
static inline double
share_of(const Situations *s, int64_t user, int64_t situation)
{
	return (double) s->count[s->start[user] + situation] /
		   (double) (s->start[user + 1] - s->start[user]);
}

/* The ratings or events of a row; the columns are rows of the other side. */
typedef struct RatedRow
{
	const int32_t *column;
	const float *value;
	int64_t		n;
	/* the following only with contexts */
	const int32_t *context;		/* of each, or -1; NULL: nothing is known of any */
	const Contexts *contexts;
	const Situations *situations;	/* implicit feedback */
	int64_t		user;			/* whose row it is; -1: the users are the columns */
} RatedRow;

/* The least squares of a row of one side. */
typedef struct Problem
{
	const Common *common;
	Rows		fixed;			/* the other side */
	/* implicit feedback: of the items, where these are the other side; else NULL */
	const float *missing_of_fixed;
	const Background *background;	/* implicit feedback */
} Problem;

/* Up to CHUNK ratings of a row. Row at[j] of `fixed` is the other side of rating j. */
typedef struct Chunk
{
	int64_t		n;
	const int32_t *column;
	const float *value;
	const float *share;			/* of the user's situation; NULL: 1 */
	Rows		fixed;
	const int32_t *at;
} Chunk;

/*
 * The ratings of a row from `first` on. In a context that adds (s, h), the other side has the
 * factors f + s and the bias b + h + f.s, be it an item's or a user's: the score is the same
 * function of both.
 */
static Chunk
chunk_of(const Problem *p, const RatedRow *row, int64_t first, Workspace *w)
{
	int			k = p->common->k;
	Chunk		chunk = {.n = row->n - first < CHUNK ? row->n - first : CHUNK,
						 .column = row->column + first, .value = row->value + first,
						 .fixed = p->fixed, .at = row->column + first};

	if (row->context == NULL)
		return chunk;
	chunk.fixed = (Rows) {chunk.n, PADDED(k), w->chunk_bias,
						  k > 0 ? w->chunk_factors : w->chunk_bias};
	chunk.at = w->chunk_rows;
	chunk.share = row->situations == NULL ? NULL : w->chunk_shares;
	for (int64_t j = 0; j < chunk.n; j++)
	{
		int32_t		context = row->context[first + j];
		Prior		prior = prior_of_context(row->contexts, context, w->context);
		const float *f = factors_of(&p->fixed, chunk.column[j]);
		float	   *to = w->chunk_factors + j * PADDED(k);

		for (int64_t g = 0; g < PADDED(k); g++)
			to[g] = f[g] + prior.s[g];
		w->chunk_bias[j] = (float) (p->fixed.bias[chunk.column[j]] + prior.h +
									vector_dot_double(f, prior.s, k));
		w->chunk_rows[j] = (int32_t) j;
		if (row->situations != NULL)
		{
			const Situations *s = row->situations;
			int64_t		user = row->user < 0 ? chunk.column[j] : row->user;
			int64_t		begin = s->start[user];

			w->chunk_shares[j] =
				(float) share_of(s, user, sparse_find(s->context, begin, begin + s->n[user],
													  context) - begin);
		}
	}
	return chunk;
}

/* products[j] = f_j.v for a chunk of a row's columns */
static void
multiply(const Rows *fixed, const int32_t *column, int64_t n, const float *v, int k,
		 float *products)
{
	if (k > 0)
		vector_dot_named(v, fixed->factors, fixed->stride, column, 0, n, k, products);
	else
		memset(products, 0, sizeof(float) * (size_t) n);
}

/*
 * The bound of an event at its present score is weight/2 y^2 - target y. The background has every
 * event as a missing one, with the weight `missing` times the share of the user's situation, so
 * that is subtracted. Where c is near 1 the difference may be concave; its tangent is a bound then.
 */
static inline void
bound_event(const Common *c, float value, double score, double missing, double share,
			double *weight, double *target)
{
	/* callers have no negative weights; with them the loss would have no least value */
	double		event = fmax(value, 0) * c->event;
	double		difference = event * curvature(score) - share * missing;

	*weight = fmax(difference, 0);
	*target = (event + share * c->missing) / 2 - fmin(difference, 0) * score;
}

/*
 * Sets weights and targets of a chunk of a row whose present numbers are v and bias. missing:
 * implicit feedback: the weight of a missing event where the row is an item.
 */
static void
weigh(const Problem *p, const Chunk *chunk, const float *v, double bias, double missing,
	  Workspace *w)
{
	const Common *c = p->common;

	if (c->is_explicit)
	{
		for (int64_t j = 0; j < chunk->n; j++)
		{
			w->weights[j] = 1;
			w->targets[j] =
				(float) (chunk->value[j] - c->constant - chunk->fixed.bias[chunk->at[j]]);
		}
		return;
	}
	multiply(&chunk->fixed, chunk->at, chunk->n, v, c->k, w->products);
	for (int64_t j = 0; j < chunk->n; j++)
	{
		double		other = c->constant + chunk->fixed.bias[chunk->at[j]];
		double		weight;
		double		target;

		bound_event(c, chunk->value[j], other + bias + w->products[j],
					p->missing_of_fixed != NULL ? p->missing_of_fixed[chunk->column[j]] : missing,
					chunk->share == NULL ? 1 : chunk->share[j], &weight, &target);
		w->weights[j] = (float) weight;
		w->targets[j] = (float) (target - weight * other);
	}
}

/*
 * Implicit feedback: adds what the situations of a user's row change in the sums over its missing
 * events. In a context that adds (s, h), an item has the factors p + s and the bias b + h + p.s. So
 * the sums follow from those over the items without a context, and from sums over the situations.
 */
static void
add_situations(const Problem *p, const RatedRow *row, Sums *sums, Workspace *w)
{
	const Common *c = p->common;
	int			k = c->k;
	const Situations *situations = row->situations;
	const double *gram = p->background->gram;
	const double *ones = gram + (int64_t) k * (k + 2);	/* sums with weights: of p, 1, score */
	double	   *mean = w->extended;	/* of s */
	double	   *product = mean + (k + 2);	/* of the items' Gram matrix and the mean */
	double		h = 0;
	double		rest;

	memset(mean, 0, sizeof(double) * k);
	memset(product, 0, sizeof(double) * k);
	for (int64_t begin = 0; begin < situations->n[row->user]; begin += CHUNK)
	{
		int64_t		n = situations->n[row->user] - begin;

		n = n < CHUNK ? n : CHUNK;
		poll();
		for (int64_t j = 0; j < n; j++)
		{
			int32_t		context = situations->context[situations->start[row->user] + begin + j];
			double		share = share_of(situations, row->user, begin + j);
			Prior		prior = prior_of_context(row->contexts, context, w->context);
			double		sum = 0;

			memcpy(w->chunk_factors + j * PADDED(k), prior.s, sizeof(float) * PADDED(k));
			for (int f = 0; f < k; f++)
			{
				sum += ones[f] * prior.s[f];
				mean[f] += share * prior.s[f];
			}
			h += share * prior.h;
			w->chunk_rows[j] = (int32_t) j;
			w->weights[j] = (float) (share * ones[k]);
			w->targets[j] = (float) (-share * (sum + ones[k] * prior.h));
		}
		if (k > 0)
			normal_equations(w->chunk_factors, PADDED(k), w->chunk_rows, w->weights, w->targets,
							 n, 0, k, sums->a, sums->a, sums->b, NULL, w->gather);
	}
	for (int g = 0; g < k; g++)
	{
		for (int f = 0; f < k; f++)
			product[f] += gram[g * (k + 2) + f] * mean[g];
	}
	rest = c->missing / 2 * p->background->sum[k] + ones[k + 1];
	sums->target -= h * ones[k];
	for (int f = 0; f < k; f++)
	{
		sums->target -= ones[f] * mean[f];
		sums->sum[f] += (float) (ones[k] * mean[f]);
		sums->b[f] -= (float) (h * ones[f] + rest * mean[f] + product[f]);
		for (int g = 0; g <= f; g++)
			sums->a[f * k + g] += (float) (ones[f] * mean[g] + mean[f] * ones[g]);
	}
}

/* Sets the sums of a row; of the background, by which the sums begin, `share` is taken. */
static void
sum_row(const Problem *p, const RatedRow *row, const float *v, double bias, double missing,
		Sums *sums, Workspace *w)
{
	const Common *c = p->common;
	int			k = c->k;
	/* the items' Gram matrix has their weights; those of a row of items are all the same */
	double		share = p->missing_of_fixed != NULL ? 1 : missing;

	sums->weight = sums->target = 0;
	memset(sums->a, 0, sizeof(float) * k * k);
	memset(sums->b, 0, sizeof(float) * k);
	memset(sums->sum, 0, sizeof(float) * k);
	if (!c->is_explicit && share > 0)
	{
		const double *gram = p->background->gram;
		const double *sum = p->background->sum;
		const double *ones = gram + (int64_t) k * (k + 2);
		const double *constants = ones + (k + 2);

		for (int f = 0; f < k; f++)
		{
			for (int g = 0; g <= f; g++)
				sums->a[f * k + g] = (float) (share * gram[f * (k + 2) + g]);
			sums->sum[f] = (float) (share * ones[f]);
			sums->b[f] = (float) (-c->missing / 2 * sum[f] - share * constants[f]);
		}
		sums->weight = share * ones[k];
		sums->target = -c->missing / 2 * sum[k] - share * constants[k];
		if (row->situations != NULL && row->user >= 0)
			add_situations(p, row, sums, w);
	}
	for (int64_t begin = 0; begin < row->n; begin += CHUNK)
	{
		Chunk		chunk = chunk_of(p, row, begin, w);
		int64_t		n = chunk.n;

		poll();
		weigh(p, &chunk, v, bias, missing, w);
		for (int64_t j = 0; j < n; j++)
		{
			sums->weight += w->weights[j];
			sums->target += w->targets[j];
		}
		if (k == 0)
			continue;
		for (int64_t j = 0; j < n; j++)
		{
			const float *f = factors_of(&chunk.fixed, chunk.at[j]);
			float		weight = w->weights[j];

			for (int g = 0; g < k; g++)
				sums->sum[g] += weight * f[g];
		}
		normal_equations(chunk.fixed.factors, chunk.fixed.stride, chunk.at,
						 c->is_explicit ? NULL : w->weights, w->targets, n, 0, k, sums->a, sums->a,
						 sums->b, NULL, w->gather);
	}
}

/* The product of a symmetric matrix, of which the lower triangle is given, with a vector. */
static void
subtract_product(const float *a, const float *x, int k, float *b)
{
	for (int f = 0; f < k; f++)
	{
		double		sum = 0;

		for (int g = 0; g <= f; g++)
			sum += (double) a[f * k + g] * x[g];
		for (int g = f + 1; g < k; g++)
			sum += (double) a[g * k + f] * x[g];
		b[f] -= (float) sum;
	}
}

/*
 * Turns the sums into the system of the row's own factors v, from which its own bias w has been
 * eliminated. With d = weight + lambda, S = sum + weight s and T = target - sum.s - weight h, the
 * bias is w = (T - S.v) / d. Returns the new target T.
 */
static double
eliminate_bias(const Common *c, double lambda, const Prior *prior, Sums *sums)
{
	int			k = c->k;
	double		d = sums->weight + lambda;
	double		target = sums->target - sums->weight * prior->h;
	float		ridge = (float) (lambda * c->factor_scale);
	const float *s = prior->s;
	float		share = d > 0 ? (float) (1 / d) : 0;
	float		rest = d > 0 ? (float) (lambda / d) : 1;

	if (s != NULL)
	{
		subtract_product(sums->a, s, k, sums->b);
		for (int f = 0; f < k; f++)
			target -= (double) sums->sum[f] * s[f];
	}
	for (int f = 0; f < k; f++)
	{
		float	   *a = sums->a + f * k;
		float		sum = sums->sum[f];

		for (int g = 0; g <= f; g++)
			a[g] -= share * sum * sums->sum[g];
		sums->b[f] -= (float) (sum * (prior->h + target * share));
		if (s != NULL)
		{
			float		shifted = sum + (float) sums->weight * s[f];

			for (int g = 0; g <= f; g++)
				a[g] += rest * (shifted * s[g] + s[f] * sums->sum[g]);
			sums->b[f] += (float) (rest * target) * s[f];
		}
		a[f] += ridge;
	}
	return target;
}

/* The bias that was eliminated, for the row's own factors. */
static double
bias_for(const Common *c, double lambda, const Prior *prior, const Sums *sums, double target,
		 const float *v)
{
	double		d = sums->weight + lambda;
	double		product = 0;

	for (int f = 0; f < c->k; f++)
		product += (sums->sum[f] + (prior->s == NULL ? 0 : sums->weight * prior->s[f])) *
				   (double) v[f];
	return d > 0 ? (target - product) / d : 0;
}

/* Solves the systems of n rows; false where a solution is not finite. */
static bool
solve_systems(const Common *c, int n, Workspace *w)
{
	return c->k == 0 || solve_symmetric(w->systems, w->right, n, c->k, w->solve);
}

static Sums
sums_at(const Common *c, int at, const Workspace *w)
{
	return (Sums) {.a = w->systems + at * SYSTEM_STRIDE(c->k), .b = w->right + at * c->k,
				   .sum = w->sums + at * PADDED(c->k)};
}

/*
 * Solves n users (at most w->at_once): their factors, stride floats apart, and their biases, from
 * the present ones. With steps > 1, for events, the bounds are computed anew until nothing changes.
 * A row's result is the same, to the bit, whether it is solved alone or with others.
 */
static bool
solve_users(const Problem *p, const FmOptions *o, const RatedRow *rows, int n, int steps,
			float *factors, int64_t stride, float *bias, Workspace *w)
{
	const Common *c = p->common;
	const Prior none = {NULL, 0};
	int			active[MOST_AT_ONCE];
	int			n_active = n;
	bool		finite = true;

	for (int i = 0; i < n; i++)
		active[i] = i;
	for (int step = 0; step < (c->is_explicit ? 1 : steps) && n_active > 0; step++)
	{
		Sums		sums[MOST_AT_ONCE];
		double		target[MOST_AT_ONCE];
		int			still = 0;

		for (int a = 0; a < n_active; a++)
		{
			const RatedRow *row = &rows[active[a]];

			sums[a] = sums_at(c, a, w);
			sum_row(p, row, factors + active[a] * stride, bias[active[a]], 0, &sums[a], w);
			target[a] = eliminate_bias(c, lambda_of(o, (double) row->n), &none, &sums[a]);
		}
		finite = solve_systems(c, n_active, w) && finite;
		for (int a = 0; a < n_active; a++)
		{
			int			i = active[a];
			float	   *x = factors + i * stride;
			float		before = bias[i];
			float		largest;
			float		change;

			bias[i] = (float) bias_for(c, lambda_of(o, (double) rows[i].n), &none, &sums[a],
									   target[a], sums[a].b);
			largest = fabsf(bias[i]);
			change = fabsf(bias[i] - before);
			for (int f = 0; f < c->k; f++)
			{
				largest = fmaxf(largest, fabsf(sums[a].b[f]));
				change = fmaxf(change, fabsf(sums[a].b[f] - x[f]));
				x[f] = sums[a].b[f];
			}
			finite = finite && isfinite(bias[i]);
			if (change > FOLDING_TOLERANCE * largest)
				active[still++] = i;
		}
		n_active = still;
	}
	return finite;
}

/* ---- sums over all rows of a side ---- */

static int64_t
part_begin(int64_t n, int64_t part)
{
	return part * n / PARTS;
}

static int64_t
background_numbers(int k)
{
	return (int64_t) (k + 2) * (k + 2) + k + 1;
}

static Background
background_at(double *numbers, int k)
{
	return (Background) {numbers, numbers + (int64_t) (k + 2) * (k + 2)};
}

/*
 * Computes parts begin .. end - 1 of a side's background. weight: of each row, or NULL: all 1. Rows
 * without ratings do not count. With situations, each row of users is the mean of its situations.
 */
static void
sum_background(const Common *c, const Rows *rows, const float *weight, const int32_t *n_ratings,
			   const Situations *situations, const Contexts *contexts, double *parts,
			   int64_t begin, int64_t end, Workspace *w)
{
	int			k = c->k;
	int64_t		stride = PADDED(k + 2);

	for (int64_t part = begin; part < end; part++)
	{
		Background	sums = background_at(parts + part * background_numbers(k), k);
		int64_t		last = part_begin(rows->n, part + 1);
		int64_t		n = 0;

		memset(sums.gram, 0, sizeof(double) * (size_t) background_numbers(k));
		for (int64_t row = part_begin(rows->n, part); row < last; row++)
		{
			const float *f = factors_of(rows, row);
			int64_t		times = n_ratings[row] <= 0	   ? 0
								: situations == NULL ? 1
													 : situations->n[row];

			for (int64_t t = 0; t < times; t++)
			{
				float	   *scaled = w->scaled_rows + n * stride;

				if (situations == NULL)
				{
					float		root = weight == NULL ? 1 : sqrtf(weight[row]);

					for (int g = 0; g < k; g++)
					{
						scaled[g] = root * f[g];
						sums.sum[g] += f[g];
					}
					sums.sum[k] += 1;
					scaled[k] = root;
					scaled[k + 1] = root * (float) (c->constant + rows->bias[row]);
				}
				else
				{
					double		share = share_of(situations, row, t);
					float		root = (float) sqrt(share);
					Prior		prior =
						prior_of_context(contexts,
										 situations->context[situations->start[row] + t],
										 w->context);

					for (int g = 0; g < k; g++)
					{
						scaled[g] = root * (f[g] + prior.s[g]);
						sums.sum[g] += share * (f[g] + prior.s[g]);
					}
					sums.sum[k] += share;
					scaled[k] = root;
					scaled[k + 1] = root * (float) (c->constant + rows->bias[row] + prior.h +
													vector_dot_double(f, prior.s, k));
				}
				n++;
				if (n == GRAM_ROWS)
				{
					poll();
					gram_add(w->scaled_rows, stride, n, k + 2, sums.gram, w->gram_rows);
					n = 0;
				}
			}
		}
		if (n > 0)
			gram_add(w->scaled_rows, stride, n, k + 2, sums.gram, w->gram_rows);
	}
}

/* Adds the parts up, and mirrors the lower triangle. */
static void
add_background(const Common *c, const double *parts, double *numbers)
{
	int			k = c->k;
	int64_t		width = background_numbers(k);

	memset(numbers, 0, sizeof(double) * (size_t) width);
	for (int part = 0; part < PARTS; part++)
	{
		poll();
		for (int64_t i = 0; i < width; i++)
			numbers[i] += parts[part * width + i];
	}
	for (int f = 0; f < k + 2; f++)
	{
		for (int g = 0; g < f; g++)
			numbers[g * (k + 2) + f] = numbers[f * (k + 2) + g];
	}
}

/* ---- training ---- */

/* Arrays that the workers share. */
enum
{
	ARRAY_SHARED,				/* Shared */
	ARRAY_ITEM_LOSS,			/* a double for each item: its ratings and regularisation */
	ARRAY_USER_LOSS,			/* a double for each user: its regularisation */
	ARRAY_PARTS,				/* implicit only: the parts of a background */
	ARRAY_BACKGROUNDS,			/* implicit only: of the items, and of the users */
	/* the following only with attributes */
	ARRAY_OWN_FACTORS,			/* of each item */
	ARRAY_OWN_BIAS,				/* of each item */
	ARRAY_WEIGHT,				/* of each item: the weight of its ratings */
	ARRAY_FEATURE_START,		/* features x items */
	ARRAY_FEATURE_ITEM,
	ARRAY_FEATURE_VALUE,
	ARRAY_FEATURES,				/* N_FEATURE_VECTORS vectors of each feature */
	ARRAY_MOVED,				/* a vector of each item */
	ARRAY_LINE,					/* Polynomial of each item */
	ARRAY_STEP,					/* Step of the features, and its vectors */
	/* only with contexts */
	ARRAY_CONTEXTS,				/* ContextSpace */
	N_ARRAYS
};

typedef struct Shared
{
	Common		common;
	int32_t		failed;			/* some result is not finite */
} Shared;

/*
 * Vectors of a feature have a number for each factor, and one for the bias behind them. They lie
 * feature_width() floats apart.
 */
enum
{
	FEATURE_DIRECTION,			/* D */
	FEATURE_RESIDUAL,			/* the negative gradient of what D minimises */
	FEATURE_SEARCH,				/* the direction of conjugate gradient */
	FEATURE_PRODUCT,			/* of the curvature and the search direction */
	FEATURE_DIAGONAL,			/* of the curvature */
	FEATURE_RIDGE,				/* of the curvature: the regularisation */
	N_FEATURE_VECTORS
};

static inline int64_t
feature_width(int k)
{
	return PADDED(k + 1);
}

/* A polynomial of fourth degree. */
typedef struct Polynomial
{
	double		of[5];
} Polynomial;

/* A step of the features. Vectors of k + 1 doubles follow: */
typedef struct Step
{
	double		length;
} Step;

enum
{
	STEP_SQUARES,				/* the mean square of the users' factors */
	STEP_PRODUCTS,				/* of conjugate gradient: residual x preconditioned residual */
	STEP_SHARES,				/* by how much the search direction is followed, or kept */
	STEP_PARTIAL,				/* PARTS vectors: parts of products */
	N_STEP_VECTORS = STEP_PARTIAL + PARTS
};

static inline double *
step_vector(const Task *task, int which)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];

	return (double *) ((char *) task->arrays[ARRAY_STEP] + cache_lines(sizeof(Step))) +
		   (int64_t) which * (shared->common.k + 1);
}

/* ---- training: memory for contexts ---- */

/* A rating of a user in the order of contexts; at first what it is sorted by. */
typedef union Occasion
{
	uint64_t	key;			/* the context and the place in the user's row */
	struct
	{
		float		value;
		float		weight;		/* implicit feedback: of its bound in the present step */
	}			of;
} Occasion;

/*
 * Numbers of a feature of contexts that a part of the users adds up, behind each other: of k + 1,
 * what the feature's numbers are moved by; of k + 1, the diagonal of the curvature; implicit
 * feedback: of k + 2, what the items' background is to be multiplied by.
 */
enum
{
	SUM_DIRECT,
	SUM_DIAGONAL,
	SUM_BACKGROUND,
	N_SUMS
};

/* Vectors of k + 1 numbers of each feature of contexts, for conjugate gradient. */
enum
{
	CONTEXT_GRADIENT,
	CONTEXT_DIAGONAL,			/* of the curvature */
	CONTEXT_DIRECTION,
	CONTEXT_RESIDUAL,			/* the negative gradient of what the direction minimises */
	CONTEXT_SCALED,				/* the residual over the diagonal */
	CONTEXT_SEARCH,
	CONTEXT_PRODUCT,			/* of the curvature and CONTEXT_SEARCH */
	N_CONTEXT_VECTORS
};

/* Parts of the users' sums may take this many numbers; one part may take any number. */
#define MOST_PART_NUMBERS (16 << 20)

/*
 * What a change of the features' numbers along a vector does in a context, times its length t: s
 * changes by D t, and h + u.s by (d + D.u) t + bend t^2, for whatever u is added to s.
 */
typedef struct ContextChange
{
	double		d;
	double		bend;
} ContextChange;

typedef struct ContextSpace
{
	int64_t		n_parts;		/* at most PARTS */
	int64_t		n_numbers;		/* of a part */
	/*
	 * What each context adds, and what of it changes along a vector of the features' numbers. NULL
	 * where there are more contexts than users and items: then it is computed when it is needed.
	 */
	float	   *added_s;		/* padded k of each */
	double	   *added_h;
	float	   *changed_s;		/* likewise */
	ContextChange *changed_h;
	float	   *vector;			/* padded k of each feature: that vector, and its biases */
	float	   *vector_bias;
	/* situations of users, and their ratings; those of a user begin where the user's row does */
	int32_t    *n_situations;	/* by user */
	int32_t    *context;		/* of each situation */
	int32_t    *count;			/* of its ratings */
	int32_t    *item;			/* of each rating, in the order of the user's contexts */
	Occasion   *occasions;		/* of each rating, likewise */
	/* of each feature */
	double	   *n_ratings;
	int32_t    *first;			/* the first feature of its column */
	double	   *vectors;		/* N_CONTEXT_VECTORS x features x (k + 1) */
	double	   *means;			/* features x 2 (k + 1): of the column whose first feature it is */
	double	   *parts;			/* n_parts x features x N_SUMS x (k + 2) */
	Polynomial *lines;			/* n_parts */
} ContextSpace;

static size_t
lay_out_contexts(int k, const Extent *extent, const void *memory, ContextSpace *s)
{
	Pieces		p = {memory, 0};
	int64_t		n = extent->n_ratings;
	int64_t		n_features = extent->n_context_features;
	int64_t		stored;

	s->n_numbers = n_features * N_SUMS * (k + 2);
	s->n_parts = n_features == 0 ? 1 : MOST_PART_NUMBERS / s->n_numbers;
	s->n_parts = s->n_parts < 1 ? 1 : s->n_parts > PARTS ? PARTS : s->n_parts;
	stored = extent->n_contexts <= extent->n_users + extent->n_items ? extent->n_contexts : 0;
	s->added_s = add_piece(&p, sizeof(float) * stored * PADDED(k));
	s->added_h = add_piece(&p, sizeof(double) * stored);
	s->changed_s = add_piece(&p, sizeof(float) * stored * PADDED(k));
	s->changed_h = add_piece(&p, sizeof(ContextChange) * stored);
	if (stored == 0)
		s->added_s = s->changed_s = NULL;
	s->vector = add_piece(&p, sizeof(float) * n_features * PADDED(k));
	s->vector_bias = add_piece(&p, sizeof(float) * n_features);
	s->n_situations = add_piece(&p, sizeof(int32_t) * extent->n_users);
	s->context = add_piece(&p, sizeof(int32_t) * n);
	s->count = add_piece(&p, sizeof(int32_t) * n);
	s->item = add_piece(&p, sizeof(int32_t) * n);
	s->occasions = add_piece(&p, sizeof(Occasion) * n);
	s->n_ratings = add_piece(&p, sizeof(double) * n_features);
	s->first = add_piece(&p, sizeof(int32_t) * n_features);
	s->vectors = add_piece(&p, sizeof(double) * N_CONTEXT_VECTORS * n_features * (k + 1));
	s->means = add_piece(&p, sizeof(double) * n_features * 2 * (k + 1));
	s->parts = add_piece(&p, sizeof(double) * s->n_parts * s->n_numbers);
	s->lines = add_piece(&p, sizeof(Polynomial) * s->n_parts);
	return p.bytes;
}

static inline bool
has_contexts(const Task *task)
{
	return task->ratings->contexts.by_row.n_rows > 0;
}

static ContextSpace
context_space(const Task *task)
{
	const FmOptions *o = task->model->options;
	Extent		extent = ratings_extent(task->ratings);
	ContextSpace s;

	lay_out_contexts(o->factors, &extent, task->arrays[ARRAY_CONTEXTS], &s);
	return s;
}

/* What the rows of a training refer to, as this worker sees it. */
typedef struct Surroundings
{
	Background	background;		/* of the fixed side; implicit feedback */
	/* with contexts */
	Contexts	contexts;
	Situations	situations;
} Surroundings;

static Surroundings
surroundings_of(const Task *task)
{
	Surroundings result = {.situations = {.start = task->ratings->by_user.start}};

	if (has_contexts(task))
	{
		ContextSpace s = context_space(task);

		result.contexts = (Contexts) {task->model, &task->ratings->contexts.by_row, s.added_s,
									  s.added_h};
		result.situations.n = s.n_situations;
		result.situations.context = s.context;
		result.situations.count = s.count;
	}
	return result;
}

static RatedRow
rated_row(const Task *task, SideKind side, int64_t row, const Surroundings *surroundings)
{
	const SparseMatrix *m =
		side == SIDE_ITEMS ? &task->ratings->by_item : &task->ratings->by_user;
	int64_t		first = m->start[row];
	RatedRow	result = {.column = m->column + first, .value = m->value + first,
						  .n = m->start[row + 1] - first};

	if (!has_contexts(task))
		return result;
	result.context = m->context + first;
	result.contexts = &surroundings->contexts;
	result.user = side == SIDE_USERS ? row : -1;
	if (!is_explicit(task->model->options))
		result.situations = &surroundings->situations;
	return result;
}

static int
fm_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	const FmOptions *o = options;
	bool		rated = is_explicit(o);
	int64_t		background = background_numbers(o->factors);
	int64_t		width = feature_width(o->factors);
	int64_t		n_items = extent->n_items;
	int64_t		n_features = extent->n_item_features;

	bytes[ARRAY_SHARED] = sizeof(Shared);
	bytes[ARRAY_ITEM_LOSS] = sizeof(double) * extent->n_items;
	bytes[ARRAY_USER_LOSS] = sizeof(double) * extent->n_users;
	bytes[ARRAY_PARTS] = rated ? 0 : sizeof(double) * PARTS * background;
	bytes[ARRAY_BACKGROUNDS] = rated ? 0 : sizeof(double) * 2 * background;
	for (int i = ARRAY_OWN_FACTORS; i < N_ARRAYS; i++)
		bytes[i] = 0;
	if (extent->n_contexts > 0)
	{
		ContextSpace s;

		bytes[ARRAY_CONTEXTS] = lay_out_contexts(o->factors, extent, NULL, &s);
	}
	if (n_features == 0)
		return extent->n_contexts > 0 ? N_ARRAYS : rated ? ARRAY_PARTS : ARRAY_OWN_FACTORS;
	bytes[ARRAY_OWN_FACTORS] = sizeof(float) * n_items * PADDED(o->factors);
	bytes[ARRAY_OWN_BIAS] = sizeof(float) * n_items;
	bytes[ARRAY_WEIGHT] = sizeof(float) * n_items;
	bytes[ARRAY_FEATURE_START] = sizeof(int64_t) * (n_features + 2);
	bytes[ARRAY_FEATURE_ITEM] = sizeof(int32_t) * extent->n_item_values;
	bytes[ARRAY_FEATURE_VALUE] = sizeof(float) * extent->n_item_values;
	bytes[ARRAY_FEATURES] = sizeof(float) * N_FEATURE_VECTORS * n_features * width;
	bytes[ARRAY_MOVED] = sizeof(float) * n_items * width;
	bytes[ARRAY_LINE] = sizeof(Polynomial) * n_items;
	bytes[ARRAY_STEP] =
		cache_lines(sizeof(Step)) + sizeof(double) * N_STEP_VECTORS * (o->factors + 1);
	return extent->n_contexts > 0 ? N_ARRAYS : ARRAY_CONTEXTS;
}

static inline bool
has_features(const Task *task)
{
	return task->ratings->item_features.by_row.n_columns > 0;
}

/* The items' own numbers; without attributes those of the model. */
static Rows
own_rows(const Task *task)
{
	Rows		rows = rows_of(task->model, SIDE_ITEMS);

	if (has_features(task))
	{
		rows.bias = task->arrays[ARRAY_OWN_BIAS];
		rows.factors = task->arrays[ARRAY_OWN_FACTORS];
	}
	return rows;
}

/* features x items */
static SparseMatrix
items_by_feature(const Task *task)
{
	const SparseMatrix *m = &task->ratings->item_features.by_row;

	return (SparseMatrix) {.n_rows = m->n_columns, .n_columns = m->n_rows,
						   .start = task->arrays[ARRAY_FEATURE_START],
						   .column = task->arrays[ARRAY_FEATURE_ITEM],
						   .value = task->arrays[ARRAY_FEATURE_VALUE]};
}

static inline float *
feature_vector(const Task *task, int which, int64_t feature)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int64_t		n = task->ratings->item_features.by_row.n_columns;

	return (float *) task->arrays[ARRAY_FEATURES] +
		   (which * n + feature) * feature_width(shared->common.k);
}

static Background
background_of(const Task *task, SideKind side)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;

	return background_at((double *) task->arrays[ARRAY_BACKGROUNDS] +
						 (side == SIDE_ITEMS ? 0 : background_numbers(k)), k);
}

static Prior
features_prior(const Task *task, int64_t item, float *s)
{
	const SparseMatrix *m = &task->ratings->item_features.by_row;

	if (!has_features(task))
		return (Prior) {NULL, 0};
	return prior_of_features(task->model, m->column + m->start[item], m->value + m->start[item],
							 m->start[item + 1] - m->start[item], s);
}

/* Sets the numbers of an item in the model from its own ones, where it has features. */
static void
combine(const Task *task, const Rows *own, const Prior *prior, int64_t item)
{
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	int			k = ((const FmOptions *) task->model->options)->factors;
	const float *v = factors_of(own, item);

	if (prior->s == NULL)
		return;
	for (int f = 0; f < k; f++)
		factors_of(&items, item)[f] = v[f] + prior->s[f];
	items.bias[item] =
		(float) (own->bias[item] + prior->h + vector_dot_double(v, prior->s, k));
}

/* The reverse. An item that is new is what its features say. */
static void
separate(const Task *task, const Rows *own, const Prior *prior, int64_t item)
{
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	int			k = ((const FmOptions *) task->model->options)->factors;
	float	   *v = factors_of(own, item);
	bool		is_new = items.bias[item] == 0;

	if (prior->s == NULL)
		return;
	for (int f = 0; f < k; f++)
		is_new = is_new && factors_of(&items, item)[f] == 0;
	for (int f = 0; f < k; f++)
		v[f] = is_new ? 0 : factors_of(&items, item)[f] - prior->s[f];
	own->bias[item] =
		is_new ? 0
			   : (float) (items.bias[item] - prior->h - vector_dot_double(v, prior->s, k));
}

/* Standard deviation of the random factors that training starts from. */
#define INITIAL_DEVIATION 0.1

/* A pass over the users: random factors for those that have none. Its argument is not used. */
static void
pass_initialize(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	Rows		users = rows_of(task->model, SIDE_USERS);
	double		deviation = INITIAL_DEVIATION * sqrt(factor_scale(task->model));

	for (int64_t u = begin; u < end; u++)
	{
		bool		empty = true;

		poll();
		for (int f = 0; f < o->factors; f++)
			empty = empty && factors_of(&users, u)[f] == 0;
		for (int f = 0; f < o->factors && empty; f++)
			factors_of(&users, u)[f] =
				(float) (deviation *
						 random_normal((uint64_t) o->seed, (uint64_t) u * o->factors + f));
	}
}

/*
 * A pass over the items. Its argument says whether items get what they have with their features,
 * after these have moved, or their own numbers.
 */
static void
pass_own(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	bool		with_features = *(const bool *) argument;
	Rows		own = own_rows(task);
	Workspace	w;

	lay_out_workspace(((const FmOptions *) task->model->options)->factors, has_contexts(task),
					  scratch, &w);
	for (int64_t i = begin; i < end; i++)
	{
		Prior		prior = features_prior(task, i, w.own);

		poll();
		if (with_features)
			combine(task, &own, &prior, i);
		else
			separate(task, &own, &prior, i);
	}
}

/* A pass over PARTS parts of a side, which is its argument. */
static void
pass_background(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	SideKind	side = *(const SideKind *) argument;
	Rows		rows = rows_of(task->model, side);
	bool		by_situation = side == SIDE_USERS && has_contexts(task);
	Surroundings surroundings;
	Workspace	w;

	if (by_situation)
		surroundings = surroundings_of(task);
	lay_out_workspace(shared->common.k, has_contexts(task), scratch, &w);
	sum_background(&shared->common, &rows,
				   side == SIDE_ITEMS ? missing_weights(task->model) : NULL,
				   task->model->sides[side].n_ratings,
				   by_situation ? &surroundings.situations : NULL,
				   by_situation ? &surroundings.contexts : NULL, task->arrays[ARRAY_PARTS], begin,
				   end, &w);
}

/* The least squares of the rows of a side, with the other side fixed. */
static Problem
problem_of_side(const Task *task, SideKind side, Surroundings *surroundings)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	SideKind	other = side == SIDE_ITEMS ? SIDE_USERS : SIDE_ITEMS;
	Problem		problem = {.common = &shared->common, .fixed = rows_of(task->model, other)};

	*surroundings = surroundings_of(task);
	if (!shared->common.is_explicit)
	{
		surroundings->background = background_of(task, other);
		problem.background = &surroundings->background;
		problem.missing_of_fixed = other == SIDE_ITEMS ? missing_weights(task->model) : NULL;
	}
	return problem;
}

/* A pass over the items: solves for their own numbers. Its argument is not used. */
static void
pass_items(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	Shared	   *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	const SparseMatrix *m = &task->ratings->by_item;
	Surroundings surroundings;
	Problem		problem = problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = own_rows(task);
	Workspace	w;
	int			n;

	lay_out_workspace(c->k, has_contexts(task), scratch, &w);
	for (int64_t first = begin; first < end; first += n)
	{
		Sums		sums[MOST_AT_ONCE];
		double		target[MOST_AT_ONCE];

		n = end - first < w.at_once ? (int) (end - first) : w.at_once;
		for (int at = 0; at < n; at++)
		{
			int64_t		i = first + at;
			RatedRow	row = rated_row(task, SIDE_ITEMS, i, &surroundings);
			Prior		prior = features_prior(task, i, w.own);

			sums[at] = sums_at(c, at, &w);
			sum_row(&problem, &row, factors_of(&items, i), items.bias[i],
					c->is_explicit ? 0 : missing_weights(task->model)[i], &sums[at], &w);
			target[at] = eliminate_bias(c, lambda_of(o, (double) row.n), &prior, &sums[at]);
			if (has_features(task))
				((float *) task->arrays[ARRAY_WEIGHT])[i] = (float) sums[at].weight;
		}
		if (!solve_systems(c, n, &w))
			shared->failed = 1;
		for (int at = 0; at < n; at++)
		{
			int64_t		i = first + at;
			Prior		prior = features_prior(task, i, w.own);
			double		n_ratings = (double) (m->start[i + 1] - m->start[i]);

			own.bias[i] = (float) bias_for(c, lambda_of(o, n_ratings), &prior, &sums[at],
										   target[at], sums[at].b);
			memcpy(factors_of(&own, i), sums[at].b, sizeof(float) * c->k);
			combine(task, &own, &prior, i);
			if (!isfinite(items.bias[i]))
				shared->failed = 1;
		}
	}
}

/* The regularisation of a row. */
static double
penalty(const Common *c, double lambda, const float *v, double bias)
{
	return lambda * (c->factor_scale * vector_dot_double(v, v, c->k) + bias * bias);
}

/*
 * A pass over the users: solves them from their present numbers or, where the argument is true,
 * folds them in.
 */
static void
pass_users(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	bool		fold = *(const bool *) argument;
	const FmOptions *o = task->model->options;
	Shared	   *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	Surroundings surroundings;
	Problem		problem = problem_of_side(task, SIDE_USERS, &surroundings);
	Rows		users = rows_of(task->model, SIDE_USERS);
	Workspace	w;
	int			n;

	lay_out_workspace(c->k, has_contexts(task), scratch, &w);
	for (int64_t first = begin; first < end; first += n)
	{
		RatedRow	rows[MOST_AT_ONCE];

		n = end - first < w.at_once ? (int) (end - first) : w.at_once;
		for (int at = 0; at < n; at++)
		{
			rows[at] = rated_row(task, SIDE_USERS, first + at, &surroundings);
			if (fold)
			{
				memset(factors_of(&users, first + at), 0, sizeof(float) * c->k);
				users.bias[first + at] = 0;
			}
		}
		if (!solve_users(&problem, o, rows, n, fold ? FOLDING_STEPS : 1,
						 factors_of(&users, first), users.stride, users.bias + first, &w))
			shared->failed = 1;
	}
}

/* A pass over the users: their regularisation. Its argument is not used. */
static void
pass_penalty(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const int64_t *start = task->ratings->by_user.start;
	Rows		users = rows_of(task->model, SIDE_USERS);
	double	   *loss = task->arrays[ARRAY_USER_LOSS];

	poll();
	for (int64_t u = begin; u < end; u++)
		loss[u] = penalty(&shared->common, lambda_of(o, (double) (start[u + 1] - start[u])),
						  factors_of(&users, u), users.bias[u]);
}

/* The product of a vector of k + 2 numbers with the Gram matrix, and another such vector. */
static double
gram_product(const double *gram, const double *a, const double *b, int n)
{
	double		sum = 0;

	for (int f = 0; f < n; f++)
	{
		double		row = 0;

		for (int g = 0; g < n; g++)
			row += gram[f * n + g] * b[g];
		sum += a[f] * row;
	}
	return sum;
}

/* An item as a vector: the score of a user is its product with (v_u, 1, constant + w_u). */
static void
extend(const float *factors, double bias, double one, int k, double *extended)
{
	for (int f = 0; f < k; f++)
		extended[f] = factors[f];
	extended[k] = bias;
	extended[k + 1] = one;
}

/*
 * A pass over the items: their losses. Where its argument is true, the bounds of missing events are
 * moved to where the loss is least.
 */
static void
pass_loss(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	bool		move = *(const bool *) argument;
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	Surroundings surroundings;
	Problem		problem = problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = own_rows(task);
	double	   *loss = task->arrays[ARRAY_ITEM_LOSS];
	int			k = c->k;
	Workspace	w;

	lay_out_workspace(k, has_contexts(task), scratch, &w);
	for (int64_t i = begin; i < end; i++)
	{
		const float *p = factors_of(&items, i);
		RatedRow	row = rated_row(task, SIDE_ITEMS, i, &surroundings);
		double		sum = 0;
		double		squares = 0;
		double		missing_sum = 0;
		double		missing = (double) c->n_users;

		loss[i] = penalty(c, lambda_of(o, (double) row.n), factors_of(&own, i), own.bias[i]);
		if (!c->is_explicit && row.n > 0)
		{
			extend(p, items.bias[i], 1, k, w.extended);
			squares = gram_product(surroundings.background.gram, w.extended, w.extended, k + 2);
			for (int f = 0; f < k + 2; f++)
				missing_sum += surroundings.background.gram[k * (k + 2) + f] * w.extended[f];
		}
		for (int64_t first = 0; first < row.n; first += CHUNK)
		{
			Chunk		chunk = chunk_of(&problem, &row, first, &w);

			poll();
			multiply(&chunk.fixed, chunk.at, chunk.n, p, k, w.products);
			for (int64_t j = 0; j < chunk.n; j++)
			{
				float		value = chunk.value[j];
				double		share = chunk.share == NULL ? 1 : chunk.share[j];
				double		score = c->constant + items.bias[i] +
							chunk.fixed.bias[chunk.at[j]] + w.products[j];

				if (c->is_explicit)
					sum += (value - score) * (value - score);
				else
					sum += 2 * value * c->event * softplus(-score);
				squares -= share * score * score;
				missing_sum -= share * score;
				missing -= share;
			}
		}
		if (!c->is_explicit && row.n > 0)
		{
			double		x = missing > 0 ? sqrt(fmax(squares, 0) / missing) : 0;

			sum += c->missing * (2 * missing * (softplus(x) - x / 2) + missing_sum);
			if (move)
				missing_weights(task->model)[i] = (float) (c->missing * curvature(x));
		}
		loss[i] += sum;
	}
}

/* ---- the step of the features ---- */

/* Steps of conjugate gradient in each iteration. */
#define FEATURE_STEPS 5

/* The longest step along the direction, and how many lengths up to it are tried at first. */
#define LONGEST_STEP 4
#define TRIED_STEPS 64

/*
 * How much of a change of an item's features its own numbers will undo: of each factor, then of the
 * bias. Returns the weight of the item's regularization.
 */
static double
response(const Task *task, int64_t item, double *undone)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const double *squares = step_vector(task, STEP_SQUARES);
	double		weight = ((const float *) task->arrays[ARRAY_WEIGHT])[item];
	double		lambda =
		lambda_of(o, (double) task->model->sides[SIDE_ITEMS].n_ratings[item]);
	int			k = shared->common.k;

	for (int f = 0; f <= k; f++)
	{
		double		known = weight * (f < k ? squares[f] : 1);
		double		ridge = lambda * (f < k ? shared->common.factor_scale : 1);

		undone[f] = known > 0 ? known / (known + ridge) : 0;
	}
	return lambda;
}

/* Adds the products of two vectors of a feature to a part's products. */
static void
add_products(const float *a, const float *b, int k, double *products)
{
	for (int f = 0; f <= k; f++)
		products[f] += (double) a[f] * b[f];
}

/*
 * Calls a function for the features of parts begin .. end - 1, with the vector of the step that
 * belongs to the part, which is zero at first.
 */
typedef void (*FeatureFunction) (const Task *task, int64_t feature, double *partial,
								 double *numbers);

static void
each_feature(const Task *task, int64_t begin, int64_t end, FeatureFunction function, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int64_t		n = task->ratings->item_features.by_row.n_columns;
	Workspace	w;

	lay_out_workspace(shared->common.k, has_contexts(task), scratch, &w);
	for (int64_t part = begin; part < end; part++)
	{
		double	   *partial = step_vector(task, STEP_PARTIAL + (int) part);

		memset(partial, 0, sizeof(double) * (shared->common.k + 1));
		for (int64_t f = part_begin(n, part); f < part_begin(n, part + 1); f++)
		{
			poll();
			function(task, f, partial, w.extended);
		}
	}
}

/*
 * The gradient at the solutions of the items, and the diagonal of the curvature. By the equations
 * that the items' own numbers solve, the gradient by p_i is -(lambda v_i - lambda w_i s_i), and the
 * one by b_i is -lambda w_i.
 */
static void
begin_feature(const Task *task, int64_t feature, double *partial, double *undone)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	double		scale = shared->common.factor_scale;
	SparseMatrix m = items_by_feature(task);
	Rows		own = own_rows(task);
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	const float *v = factors_of(&features, feature);
	float	   *direction = feature_vector(task, FEATURE_DIRECTION, feature);
	float	   *residual = feature_vector(task, FEATURE_RESIDUAL, feature);
	float	   *search = feature_vector(task, FEATURE_SEARCH, feature);
	float	   *diagonal = feature_vector(task, FEATURE_DIAGONAL, feature);
	const float *ridge = feature_vector(task, FEATURE_RIDGE, feature);

	for (int f = 0; f <= k; f++)
	{
		direction[f] = 0;
		residual[f] = -ridge[f] * (f < k ? v[f] : features.bias[feature]);
		diagonal[f] = ridge[f];
	}
	for (int64_t e = m.start[feature]; e < m.start[feature + 1]; e++)
	{
		int32_t		i = m.column[e];
		double		x = m.value[e];
		double		lambda = response(task, i, undone);
		const float *own_factors = factors_of(&own, i);
		double		w = own.bias[i];

		if (e % 64 == 0)
			poll();
		for (int f = 0; f < k; f++)
		{
			residual[f] += (float) (x * lambda * (scale * own_factors[f] +
												  w * (own_factors[f] - x * v[f])));
			diagonal[f] += (float) (x * x * lambda * scale * undone[f]);
		}
		residual[k] += (float) (x * lambda * w);
		diagonal[k] += (float) (x * x * lambda * undone[k]);
	}
	for (int f = 0; f <= k; f++)
		search[f] = diagonal[f] > 0 ? residual[f] / diagonal[f] : 0;
	add_products(residual, search, k, partial);
}

/* The curvature times the search direction. */
static void
multiply_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	SparseMatrix m = items_by_feature(task);
	const float *search = feature_vector(task, FEATURE_SEARCH, feature);
	const float *ridge = feature_vector(task, FEATURE_RIDGE, feature);
	float	   *product = feature_vector(task, FEATURE_PRODUCT, feature);

	for (int f = 0; f <= k; f++)
		product[f] = ridge[f] * search[f];
	for (int64_t e = m.start[feature]; e < m.start[feature + 1]; e++)
	{
		const float *moved =
			(const float *) task->arrays[ARRAY_MOVED] + m.column[e] * feature_width(k);
		float		x = m.value[e];

		if (e % 1024 == 0)
			poll();
		for (int f = 0; f <= k; f++)
			product[f] += x * moved[f];
	}
	add_products(search, product, k, partial);
}

static void
advance_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	const double *shares = step_vector(task, STEP_SHARES);
	const float *search = feature_vector(task, FEATURE_SEARCH, feature);
	const float *product = feature_vector(task, FEATURE_PRODUCT, feature);
	const float *diagonal = feature_vector(task, FEATURE_DIAGONAL, feature);
	float	   *direction = feature_vector(task, FEATURE_DIRECTION, feature);
	float	   *residual = feature_vector(task, FEATURE_RESIDUAL, feature);

	for (int f = 0; f <= k; f++)
	{
		direction[f] += (float) shares[f] * search[f];
		residual[f] -= (float) shares[f] * product[f];
		partial[f] += diagonal[f] > 0 ? (double) residual[f] * residual[f] / diagonal[f] : 0;
	}
}

static void
turn_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const double *shares = step_vector(task, STEP_SHARES);
	const float *diagonal = feature_vector(task, FEATURE_DIAGONAL, feature);
	const float *residual = feature_vector(task, FEATURE_RESIDUAL, feature);
	float	   *search = feature_vector(task, FEATURE_SEARCH, feature);

	for (int f = 0; f <= shared->common.k; f++)
		search[f] = (diagonal[f] > 0 ? residual[f] / diagonal[f] : 0) +
					(float) shares[f] * search[f];
}

static void
move_feature(const Task *task, int64_t feature, double *partial, double *numbers)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	float		length = (float) ((const Step *) task->arrays[ARRAY_STEP])->length;
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	const float *direction = feature_vector(task, FEATURE_DIRECTION, feature);

	for (int f = 0; f < k; f++)
		factors_of(&features, feature)[f] += length * direction[f];
	features.bias[feature] += length * direction[k];
}

/* Passes over the parts of the features; the argument of the pass is which of these it does. */
static const FeatureFunction feature_functions[] = {
	begin_feature, multiply_feature, advance_feature, turn_feature, move_feature
};

enum
{
	FEATURES_BEGIN,
	FEATURES_MULTIPLY,
	FEATURES_ADVANCE,
	FEATURES_TURN,
	FEATURES_MOVE
};

static void
pass_features(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	each_feature(task, begin, end, feature_functions[*(const int *) argument], scratch);
}

/* A vector of the features, summed over those of an item. */
static void
sum_features(const Task *task, int which, int64_t item, float *sum)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const SparseMatrix *m = &task->ratings->item_features.by_row;

	memset(sum, 0, sizeof(float) * (shared->common.k + 1));
	for (int64_t e = m->start[item]; e < m->start[item + 1]; e++)
	{
		const float *vector = feature_vector(task, which, m->column[e]);

		for (int f = 0; f <= shared->common.k; f++)
			sum[f] += m->value[e] * vector[f];
	}
}

/* A pass over the items: the curvature times what the search direction changes. */
static void
pass_spread(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	Workspace	w;

	lay_out_workspace(k, has_contexts(task), scratch, &w);
	for (int64_t i = begin; i < end; i++)
	{
		float	   *moved = (float *) task->arrays[ARRAY_MOVED] + i * feature_width(k);
		double		lambda = response(task, i, w.extended);

		poll();
		sum_features(task, FEATURE_SEARCH, i, moved);
		for (int f = 0; f <= k; f++)
			moved[f] *= (float) (lambda * (f < k ? shared->common.factor_scale : 1) *
								 w.extended[f]);
	}
}

/*
 * What a step along the direction does to an item: its own numbers change by `own`, p_i by `item`,
 * each times the length of the step, and b_i by bias[0] times the length and bias[1] times its
 * square. own has the bias behind the factors.
 */
typedef struct Change
{
	float	   *own;			/* padded k + 1 */
	float	   *item;			/* padded k */
	double		bias[2];
} Change;

static void
change_of(const Task *task, const Rows *own, const Prior *prior, int64_t item, Change *change,
		  double *undone)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const SparseMatrix *m = &task->ratings->item_features.by_row;
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	const float *v = factors_of(own, item);
	int			k = shared->common.k;
	double		first;
	double		second = 0;

	response(task, item, undone);
	/* first what the features change, then what of it is undone */
	sum_features(task, FEATURE_DIRECTION, item, change->own);
	first = change->own[k];
	for (int64_t e = m->start[item]; e < m->start[item + 1]; e++)
	{
		const float *direction = feature_vector(task, FEATURE_DIRECTION, m->column[e]);
		double		square = (double) m->value[e] * m->value[e];

		first -= square * vector_dot_double(factors_of(&features, m->column[e]), direction, k);
		second -= 0.5 * square * vector_dot_double(direction, direction, k);
	}
	for (int f = 0; f < k; f++)
	{
		double		moved = change->own[f];
		double		undo = -undone[f] * moved;

		first += undo * prior->s[f] + (double) v[f] * moved + prior->s[f] * moved;
		second += undo * moved + 0.5 * moved * moved;
		change->item[f] = (float) (moved + undo);
		change->own[f] = (float) undo;
	}
	change->own[k] = (float) (-undone[k] * first);
	change->bias[0] = (1 - undone[k]) * first;
	change->bias[1] = second;
}

/* Adds weight/2 z^2 - target z for z = z_0 + z_1 t + z_2 t^2. */
static void
add_quadratic(Polynomial *sum, double weight, double target, double z0, double z1, double z2)
{
	sum->of[0] += weight / 2 * z0 * z0 - target * z0;
	sum->of[1] += weight * z0 * z1 - target * z1;
	sum->of[2] += weight / 2 * (z1 * z1 + 2 * z0 * z2) - target * z2;
	sum->of[3] += weight * z1 * z2;
	sum->of[4] += weight / 2 * z2 * z2;
}

/*
 * A pass over the items: the loss along the direction, or the bound of it that is exact for the
 * present scores of the events.
 */
static void
pass_line(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	Surroundings surroundings;
	Problem		problem = problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = own_rows(task);
	int			k = c->k;
	Workspace	w;
	Pieces		p = {scratch, lay_out_workspace(k, has_contexts(task), scratch, &w)};
	Change		change = {.own = add_piece(&p, sizeof(float) * feature_width(k)),
						  .item = add_piece(&p, sizeof(float) * PADDED(k))};
	float	   *slopes = add_piece(&p, sizeof(float) * CHUNK);

	for (int64_t i = begin; i < end; i++)
	{
		Polynomial *line = (Polynomial *) task->arrays[ARRAY_LINE] + i;
		RatedRow	row = rated_row(task, SIDE_ITEMS, i, &surroundings);
		Prior		prior = features_prior(task, i, w.own);
		double		lambda = lambda_of(o, (double) row.n);
		const float *v = factors_of(&own, i);
		double		missing = c->is_explicit ? 0 : missing_weights(task->model)[i];

		memset(line, 0, sizeof(Polynomial));
		change_of(task, &own, &prior, i, &change, w.extended);
		for (int64_t first = 0; first < row.n; first += CHUNK)
		{
			Chunk		chunk = chunk_of(&problem, &row, first, &w);

			poll();
			multiply(&chunk.fixed, chunk.at, chunk.n, factors_of(&items, i), k, w.products);
			multiply(&chunk.fixed, chunk.at, chunk.n, change.item, k, slopes);
			for (int64_t j = 0; j < chunk.n; j++)
			{
				float		value = chunk.value[j];
				double		score = c->constant + items.bias[i] +
							chunk.fixed.bias[chunk.at[j]] + w.products[j];
				double		weight = 1;
				double		target = value;

				if (!c->is_explicit)
					bound_event(c, value, score, missing,
								chunk.share == NULL ? 1 : chunk.share[j], &weight, &target);
				add_quadratic(line, weight, target, score, slopes[j] + change.bias[0],
							  change.bias[1]);
			}
		}
		if (missing > 0)
		{
			double	   *now = w.extended;
			double	   *slope = now + (k + 2);
			double		bend = change.bias[1];	/* the second derivative is (0, bend, 0) */
			const double *gram = surroundings.background.gram;
			const double *ones = gram + (int64_t) k * (k + 2);
			double		sum_now = 0;
			double		sum_slope = 0;

			extend(factors_of(&items, i), items.bias[i], 1, k, now);
			extend(change.item, change.bias[0], 0, k, slope);
			for (int f = 0; f < k + 2; f++)
			{
				sum_now += ones[f] * now[f];
				sum_slope += ones[f] * slope[f];
			}
			line->of[0] += missing / 2 * gram_product(gram, now, now, k + 2) +
						   c->missing / 2 * sum_now;
			line->of[1] += missing * gram_product(gram, now, slope, k + 2) +
						   c->missing / 2 * sum_slope;
			line->of[2] += missing / 2 * gram_product(gram, slope, slope, k + 2) +
						   missing * bend * sum_now + c->missing / 2 * bend * ones[k];
			line->of[3] += missing * bend * sum_slope;
			line->of[4] += missing / 2 * bend * bend * ones[k];
		}
		add_quadratic(line, lambda, 0, own.bias[i], change.own[k], 0);
		for (int f = 0; f < k; f++)
			add_quadratic(line, lambda * c->factor_scale, 0, v[f], change.own[f], 0);
	}
}

static size_t
line_bytes(int k, bool contexts)
{
	Pieces		p = {NULL, workspace_bytes(k, contexts)};

	add_piece(&p, sizeof(float) * feature_width(k));
	add_piece(&p, sizeof(float) * PADDED(k));
	add_piece(&p, sizeof(float) * CHUNK);
	return p.bytes;
}

/* A pass over the items, before the features move: moves their own numbers. */
static void
pass_move_own(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	float		length = (float) ((const Step *) task->arrays[ARRAY_STEP])->length;
	Rows		own = own_rows(task);
	int			k = shared->common.k;
	Workspace	w;
	Pieces		p = {scratch, lay_out_workspace(k, has_contexts(task), scratch, &w)};
	Change		change = {.own = add_piece(&p, sizeof(float) * feature_width(k)),
						  .item = add_piece(&p, sizeof(float) * PADDED(k))};

	for (int64_t i = begin; i < end; i++)
	{
		Prior		prior = features_prior(task, i, w.own);

		poll();
		change_of(task, &own, &prior, i, &change, w.extended);
		for (int f = 0; f < k; f++)
			factors_of(&own, i)[f] += length * change.own[f];
		own.bias[i] += length * change.own[k];
	}
}

/* ---- the step of the features of contexts ---- */

/*
 * The most steps of conjugate gradient in each iteration, and the share of the squared gradient
 * that is small enough to end them.
 */
#define CONTEXT_STEPS 5
#define CONTEXT_TOLERANCE 1e-4

/* What a pass over the users' situations adds up. */
typedef enum ContextSums
{
	SUMS_GRADIENT,				/* and the diagonal of the curvature */
	SUMS_PRODUCT,				/* of the curvature and CONTEXT_SEARCH */
	SUMS_LINE					/* the loss along CONTEXT_DIRECTION: what bends it */
} ContextSums;

/* A worker's memory for a situation. */
typedef struct ContextStep
{
	Workspace	w;
	/* padded k */
	float	   *user;
	float	   *change;			/* of the context */
	float	   *residuals;
	float	   *weighted;
	float	   *squares;
	float	   *slopes;			/* CHUNK */
} ContextStep;

static size_t
lay_out_context_step(int k, bool contexts, const void *memory, ContextStep *s)
{
	Pieces		p = {memory, lay_out_workspace(k, contexts, memory, &s->w)};

	s->user = add_piece(&p, sizeof(float) * PADDED(k));
	s->change = add_piece(&p, sizeof(float) * PADDED(k));
	s->residuals = add_piece(&p, sizeof(float) * PADDED(k));
	s->weighted = add_piece(&p, sizeof(float) * PADDED(k));
	s->squares = add_piece(&p, sizeof(float) * PADDED(k));
	s->slopes = add_piece(&p, sizeof(float) * CHUNK);
	return p.bytes;
}

static size_t
context_step_bytes(int k, bool contexts)
{
	ContextStep s;

	return lay_out_context_step(k, contexts, NULL, &s);
}

static inline double *
context_vector(const ContextSpace *space, const Task *task, int which, int64_t feature)
{
	int			k = ((const FmOptions *) task->model->options)->factors;
	int64_t		n = task->ratings->contexts.by_row.n_columns;

	return space->vectors + (which * n + feature) * (k + 1);
}

/* The weight of the regularization of a feature of contexts. */
static double
context_lambda(const Task *task, const ContextSpace *space, int64_t feature)
{
	return feature_lambda(task->model->options, space->n_ratings[feature]);
}

/* A pass over the users: the order of their contexts. Its argument is not used. */
static int
compare_occasions(const void *a, const void *b)
{
	uint64_t	x = ((const Occasion *) a)->key;
	uint64_t	y = ((const Occasion *) b)->key;

	return x < y ? -1 : x > y;
}

static void
pass_situations(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SparseMatrix *m = &task->ratings->by_user;
	ContextSpace s = context_space(task);

	for (int64_t u = begin; u < end; u++)
	{
		int64_t		first = m->start[u];
		int64_t		n = m->start[u + 1] - first;
		int64_t		situation = first;

		poll();
		for (int64_t j = 0; j < n; j++)
			s.occasions[first + j].key =
				(uint64_t) ((int64_t) m->context[first + j] + 1) << 32 | (uint64_t) j;
		qsort(s.occasions + first, (size_t) n, sizeof(Occasion), compare_occasions);
		for (int64_t j = first; j < first + n; j++)
		{
			uint64_t	key = s.occasions[j].key;
			int32_t		context = (int32_t) ((int64_t) (key >> 32) - 1);
			int64_t		at = first + (int64_t) (key & UINT32_MAX);

			s.item[j] = m->column[at];
			s.occasions[j].of.value = m->value[at];
			s.occasions[j].of.weight = 1;
			if (j == first || s.context[situation - 1] != context)
			{
				s.context[situation] = context;
				s.count[situation++] = 0;
			}
			s.count[situation - 1]++;
		}
		s.n_situations[u] = (int32_t) (situation - first);
	}
}

/* Computes what of a context changes along the vector; D has room for padded k floats. */
static ContextChange
change_of_context(const Task *task, const ContextSpace *space, int32_t context, float *change)
{
	const SparseMatrix *m = &task->ratings->contexts.by_row;
	Rows		features = rows_of(task->model, SIDE_CONTEXT_FEATURES);
	int			k = ((const FmOptions *) task->model->options)->factors;
	ContextChange result = {0, 0};

	memset(change, 0, sizeof(float) * PADDED(k));
	for (int64_t e = m->start[context]; e < m->start[context + 1]; e++)
	{
		int32_t		feature = m->column[e];
		const float *d = space->vector + feature * PADDED(k);
		float		x = m->value[e];

		/* each pair of features bends it once */
		if (e > m->start[context])
			result.bend += x * vector_dot_double(d, change, k);
		result.d += x * (double) space->vector_bias[feature] -
					(double) x * x * vector_dot_double(d, factors_of(&features, feature), k);
		add_scaled(x, d, PADDED(k), change);
	}
	return result;
}

/* A pass over the contexts: what they add or, where the argument is true, what of it changes. */
static void
pass_stored_contexts(const Task *task, const void *argument, int64_t begin, int64_t end,
					 void *scratch)
{
	bool		changes = *(const bool *) argument;
	int			k = ((const FmOptions *) task->model->options)->factors;
	ContextSpace space = context_space(task);
	Contexts	contexts = {.model = task->model, .features = &task->ratings->contexts.by_row};

	for (int64_t context = begin; context < end; context++)
	{
		poll();
		if (changes)
			space.changed_h[context] = change_of_context(task, &space, (int32_t) context,
														 space.changed_s + context * PADDED(k));
		else
			space.added_h[context] = prior_of_context(&contexts, (int32_t) context,
													  space.added_s + context * PADDED(k)).h;
	}
}

/* sum += factor[j] f_j for the rows of a chunk; squares, which may be NULL, likewise of f_j^2. */
FASTEST_INSTRUCTIONS static void
add_rows(const Rows *rows, const int32_t *at, const float *factor, int64_t n, int k, float *sum,
		 float *squares)
{
	for (int64_t j = 0; j < n; j++)
	{
		const float *f = rows->factors + at[j] * rows->stride;
		float		x = factor[j];

		for (int g = 0; g < k; g++)
			sum[g] += x * f[g];
		for (int g = 0; g < k && squares != NULL; g++)
			squares[g] += x * f[g] * f[g];
	}
}

/* What a situation contributes to the sums of its features. */
typedef struct SituationSums
{
	int			k;
	double		share;			/* of missing events; 0: explicit feedback */
	const float *user;			/* of the user in the situation, q = v_u + s */
	const float *moved;			/* what the items' background is multiplied by: q or D */
	double		moved_bias[2];
	/* sums over the situation's ratings: of r p and r, where r is the residual, or its change */
	const float *residuals;
	double		residual;
	/* of o p, o p^2 and o, where o is the weight; NULL: not of use */
	const float *weighted;
	const float *squares;
	double		weight;
} SituationSums;

/* Adds it to the sums of a feature with the value x and the factors v. */
FASTEST_INSTRUCTIONS static void
add_to_feature(const SituationSums *s, float x, const float *v, double *sums)
{
	int			k = s->k;
	double	   *direct = sums + SUM_DIRECT * (k + 2);
	double	   *diagonal = sums + SUM_DIAGONAL * (k + 2);
	double	   *background = sums + SUM_BACKGROUND * (k + 2);
	float		residual = (float) s->residual;
	float		share = (float) s->share;

	for (int f = 0; f < k; f++)
		direct[f] += x * (s->residuals[f] + residual * (s->user[f] - x * v[f]));
	direct[k] += x * s->residual;
	if (s->squares != NULL)
	{
		float		weight = (float) s->weight;

		for (int f = 0; f < k; f++)
		{
			float		rest = s->user[f] - x * v[f];

			diagonal[f] += x * x * (s->squares[f] + rest * (2 * s->weighted[f] + rest * weight));
		}
		diagonal[k] += x * x * s->weight;
	}
	if (share == 0)
		return;
	for (int f = 0; f < k; f++)
		background[f] += x * share * s->moved[f];
	background[k] += x * s->share * s->moved_bias[0];
	background[k + 1] += x * s->share * s->moved_bias[1];
}

/*
 * Adds up what a situation of a user contributes, whose n ratings begin at `first`. The score of
 * item i is constant + b_i + bias + q.p_i, and changes by (change + D.p_i) t + bend t^2.
 */
static void
add_situation(const Task *task, const Problem *p, const Surroundings *surroundings,
			  const ContextSpace *space, ContextSums which, int64_t user, int64_t situation,
			  int64_t first, int64_t n, double *numbers, Polynomial *line, ContextStep *s)
{
	const Common *c = p->common;
	int			k = c->k;
	const SparseMatrix *m = &task->ratings->contexts.by_row;
	int32_t		context = space->context[situation];
	Rows		users = rows_of(task->model, SIDE_USERS);
	Rows		features = rows_of(task->model, SIDE_CONTEXT_FEATURES);
	const float *v = factors_of(&users, user);
	Prior		prior = prior_of_context(&surroundings->contexts, context, s->w.context);
	double		bias = users.bias[user] + prior.h + vector_dot_double(v, prior.s, k);
	const float *moved = s->user;
	double		change = 0;
	double		bend = 0;
	SituationSums sums = {.k = k, .user = s->user, .residuals = s->residuals};

	for (int f = 0; f < k; f++)
		s->user[f] = v[f] + prior.s[f];
	memset(s->residuals, 0, sizeof(float) * k);
	if (which == SUMS_GRADIENT)
	{
		sums.weighted = s->weighted;
		sums.squares = s->squares;
		memset(s->weighted, 0, sizeof(float) * k);
		memset(s->squares, 0, sizeof(float) * k);
	}
	else
	{
		ContextChange changed;

		if (space->changed_s != NULL)
		{
			moved = space->changed_s + context * PADDED(k);
			changed = space->changed_h[context];
		}
		else
		{
			moved = s->change;
			changed = change_of_context(task, space, context, s->change);
		}
		change = changed.d + vector_dot_double(moved, s->user, k);
		bend = changed.bend;
	}
	if (which == SUMS_LINE && bend == 0)
		return;
	if (!c->is_explicit)
	{
		const double *gram = p->background->gram;
		const double *ones = gram + (int64_t) k * (k + 2);
		double		now = ones[k + 1] + bias * ones[k] + c->missing / 2 * p->background->sum[k];
		double		slope = change * ones[k];

		sums.share = (double) n / (double) task->model->sides[SIDE_USERS].n_ratings[user];
		for (int f = 0; f < k; f++)
		{
			now += ones[f] * s->user[f];
			slope += which == SUMS_GRADIENT ? 0 : ones[f] * moved[f];
		}
		sums.moved = moved;
		sums.moved_bias[0] = which == SUMS_GRADIENT ? bias : change;
		sums.moved_bias[1] = which == SUMS_GRADIENT ? 1 : 0;
		sums.residual = sums.share * (which == SUMS_PRODUCT ? slope : now);
		sums.weight = sums.share * ones[k];
		for (int f = 0; f < k && which == SUMS_GRADIENT; f++)
		{
			s->weighted[f] = (float) (sums.share * ones[f]);
			s->squares[f] = (float) (sums.share * gram[(int64_t) f * (k + 2) + f]);
		}
		line->of[3] += which == SUMS_LINE ? sums.share * bend * slope : 0;
	}
	for (int64_t begin = first; begin < first + n; begin += CHUNK)
	{
		int64_t		count = first + n - begin < CHUNK ? first + n - begin : CHUNK;
		const int32_t *item = space->item + begin;

		poll();
		if (which != SUMS_PRODUCT)
			multiply(&p->fixed, item, count, s->user, k, s->w.products);
		if (which != SUMS_GRADIENT)
			multiply(&p->fixed, item, count, moved, k, s->slopes);
		for (int64_t j = 0; j < count; j++)
		{
			Occasion   *o = &space->occasions[begin + j];
			double		slope = which == SUMS_GRADIENT ? 0 : change + s->slopes[j];
			double		residual = o->of.weight * slope;

			if (which != SUMS_PRODUCT)
			{
				double		score = c->constant + p->fixed.bias[item[j]] + bias + s->w.products[j];
				double		weight = 1;
				double		target = o->of.value;

				if (!c->is_explicit)
					bound_event(c, o->of.value, score, p->missing_of_fixed[item[j]], sums.share,
								&weight, &target);
				o->of.weight = (float) weight;
				residual = weight * score - target;
			}
			sums.residual += residual;
			sums.weight += o->of.weight;
			if (which == SUMS_LINE)
				line->of[3] += o->of.weight * slope * bend;
			s->w.targets[j] = (float) residual;
			s->w.weights[j] = o->of.weight;
		}
		if (which != SUMS_LINE)
			add_rows(&p->fixed, item, s->w.targets, count, k, s->residuals, NULL);
		if (which == SUMS_GRADIENT)
			add_rows(&p->fixed, item, s->w.weights, count, k, s->weighted, s->squares);
	}
	if (which == SUMS_LINE)
	{
		line->of[2] += sums.residual * bend;
		line->of[4] += sums.weight / 2 * bend * bend;
		return;
	}
	for (int64_t e = m->start[context]; e < m->start[context + 1]; e++)
		add_to_feature(&sums, m->value[e], factors_of(&features, m->column[e]),
					   numbers + (int64_t) m->column[e] * N_SUMS * (k + 2));
}

/* A pass over parts of the users; the argument says what is added up. */
static void
pass_contexts(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	ContextSums which = *(const ContextSums *) argument;
	const FmOptions *o = task->model->options;
	const int64_t *start = task->ratings->by_user.start;
	int64_t		n_users = task->ratings->by_user.n_rows;
	Surroundings surroundings;
	Problem		problem = problem_of_side(task, SIDE_USERS, &surroundings);
	ContextSpace space = context_space(task);
	ContextStep s;

	lay_out_context_step(o->factors, true, scratch, &s);
	for (int64_t part = begin; part < end; part++)
	{
		double	   *numbers = space.parts + part * space.n_numbers;
		Polynomial *line = space.lines + part;

		if (which == SUMS_LINE)
			memset(line, 0, sizeof(Polynomial));
		else
			memset(numbers, 0, sizeof(double) * (size_t) space.n_numbers);
		for (int64_t u = part * n_users / space.n_parts; u < (part + 1) * n_users / space.n_parts;
			 u++)
		{
			int64_t		first = start[u];

			poll();
			for (int64_t n = start[u]; n < start[u] + space.n_situations[u]; n++)
			{
				if (space.context[n] >= 0)
					add_situation(task, &problem, &surroundings, &space, which, u, n, first,
								  space.count[n], numbers, line, &s);
				first += space.count[n];
			}
		}
	}
}

/*
 * A pass over the features of contexts: adds up the parts of the last pass. The argument is what
 * they are parts of.
 */
static void
pass_context_sums(const Task *task, const void *argument, int64_t begin, int64_t end,
				  void *scratch)
{
	ContextSums which = *(const ContextSums *) argument;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	int			k = c->k;
	Rows		features = rows_of(task->model, SIDE_CONTEXT_FEATURES);
	ContextSpace space = context_space(task);
	Background	background = {0};
	Workspace	w;
	double	   *through;

	lay_out_workspace(k, true, scratch, &w);
	through = w.extended;
	if (!c->is_explicit)
		background = background_of(task, SIDE_ITEMS);
	for (int64_t feature = begin; feature < end; feature++)
	{
		double	   *sum = context_vector(&space, task, which == SUMS_GRADIENT ? CONTEXT_GRADIENT
																			  : CONTEXT_PRODUCT,
										 feature);
		double	   *diagonal = context_vector(&space, task, CONTEXT_DIAGONAL, feature);
		const double *search = context_vector(&space, task, CONTEXT_SEARCH, feature);
		double		lambda = context_lambda(task, &space, feature);

		poll();
		for (int f = 0; f <= k; f++)
		{
			double		ridge = lambda * (f < k ? c->factor_scale : 1);
			double		now = f < k ? factors_of(&features, feature)[f] : features.bias[feature];

			sum[f] = ridge * (which == SUMS_GRADIENT ? now : search[f]);
			if (which == SUMS_GRADIENT)
				diagonal[f] = ridge;
		}
		memset(through, 0, sizeof(double) * (k + 2));
		for (int64_t part = 0; part < space.n_parts; part++)
		{
			const double *sums =
				space.parts + part * space.n_numbers + feature * N_SUMS * (k + 2);

			for (int f = 0; f < k + 2; f++)
			{
				if (f <= k)
					sum[f] += sums[SUM_DIRECT * (k + 2) + f];
				if (f <= k && which == SUMS_GRADIENT)
					diagonal[f] += sums[SUM_DIAGONAL * (k + 2) + f];
				through[f] += sums[SUM_BACKGROUND * (k + 2) + f];
			}
		}
		for (int f = 0; f < k && !c->is_explicit; f++)
		{
			sum[f] += c->missing / 2 * background.sum[f] * through[k + 1];
			for (int g = 0; g < k + 2; g++)
				sum[f] += background.gram[(int64_t) f * (k + 2) + g] * through[g];
		}
	}
}

enum
{
	PASS_INITIALIZE,
	PASS_OWN,
	PASS_BACKGROUND,
	PASS_ITEMS,
	PASS_USERS,
	PASS_PENALTY,
	PASS_LOSS,
	PASS_FEATURES,
	PASS_SPREAD,
	PASS_LINE,
	PASS_MOVE_OWN,
	PASS_SITUATIONS,
	PASS_STORED_CONTEXTS,
	PASS_CONTEXTS,
	PASS_CONTEXT_SUMS
};

static const Pass fm_passes[] = {
	[PASS_INITIALIZE] = pass_initialize,
	[PASS_OWN] = pass_own,
	[PASS_BACKGROUND] = pass_background,
	[PASS_ITEMS] = pass_items,
	[PASS_USERS] = pass_users,
	[PASS_PENALTY] = pass_penalty,
	[PASS_LOSS] = pass_loss,
	[PASS_FEATURES] = pass_features,
	[PASS_SPREAD] = pass_spread,
	[PASS_LINE] = pass_line,
	[PASS_MOVE_OWN] = pass_move_own,
	[PASS_SITUATIONS] = pass_situations,
	[PASS_STORED_CONTEXTS] = pass_stored_contexts,
	[PASS_CONTEXTS] = pass_contexts,
	[PASS_CONTEXT_SUMS] = pass_context_sums
};

static size_t
fm_scratch_bytes(const void *options, const Extent *extent)
{
	int			k = ((const FmOptions *) options)->factors;
	bool		contexts = extent->n_contexts > 0;
	size_t		line = line_bytes(k, contexts);
	size_t		step = context_step_bytes(k, contexts);

	return line > step ? line : step;
}

static int
fm_iterations(const void *options)
{
	return ((const FmOptions *) options)->iterations;
}

/* Rows that a worker takes at once. */
#define BLOCK_ROWS 16

static void
run_own(Services *services, bool with_features, int64_t n_items)
{
	run_pass(services, PASS_OWN, &with_features, sizeof(with_features), n_items, BLOCK_ROWS);
}

static void
run_features(Services *services, int function)
{
	run_pass(services, PASS_FEATURES, &function, sizeof(function), PARTS, 1);
}

/* The sums of the parts of the last pass over the features. */
static void
add_partial(const Task *task, int k, double *sum)
{
	memset(sum, 0, sizeof(double) * (k + 1));
	for (int part = 0; part < PARTS; part++)
	{
		for (int f = 0; f <= k; f++)
			sum[f] += step_vector(task, STEP_PARTIAL + part)[f];
	}
}

/* The mean squares of the users' factors. */
static void
measure_users(const Task *task, int k, double *squares)
{
	Rows		users = rows_of(task->model, SIDE_USERS);

	memset(squares, 0, sizeof(double) * k);
	for (int64_t u = 0; u < users.n; u++)
	{
		const float *x = factors_of(&users, u);

		if (u % 1024 == 0)
			poll();
		for (int f = 0; f < k; f++)
			squares[f] += (double) x[f] * x[f] / (double) users.n;
	}
}

static double
value_at(const Polynomial *p, double t)
{
	return (((p->of[4] * t + p->of[3]) * t + p->of[2]) * t + p->of[1]) * t;
}

/* The length of the step, from 0 to LONGEST_STEP, with the least loss. */
static double
best_length(const Polynomial *p)
{
	double		best = 0;
	double		width = (double) LONGEST_STEP / TRIED_STEPS;

	for (int i = 1; i <= TRIED_STEPS; i++)
	{
		if (value_at(p, i * width) < value_at(p, best))
			best = i * width;
	}
	/* the minimum is within `width`, where the loss is as good as convex */
	for (int i = 0; i < 30; i++)
	{
		double		low = fmax(best - width, 0);
		double		high = best + width;

		width /= 2;
		if (value_at(p, (low + best) / 2) < value_at(p, best))
			best = (low + best) / 2;
		else if (value_at(p, (high + best) / 2) < value_at(p, best))
			best = (high + best) / 2;
	}
	return best;
}

/* Moves the features, and what of the items follows from them. */
static void
step_features(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	int64_t		n_features = model->sides[SIDE_ITEM_FEATURES].n_rows;
	Rows		features = rows_of(model, SIDE_ITEM_FEATURES);
	double	   *products = step_vector(task, STEP_PRODUCTS);
	double	   *shares = step_vector(task, STEP_SHARES);
	const Polynomial *lines = task->arrays[ARRAY_LINE];
	Polynomial	line = {{0}};
	Step	   *step = task->arrays[ARRAY_STEP];

	measure_users(task, k, step_vector(task, STEP_SQUARES));
	run_features(services, FEATURES_BEGIN);
	add_partial(task, k, products);
	for (int i = 0; i < FEATURE_STEPS; i++)
	{
		run_pass(services, PASS_SPREAD, NULL, 0, n_items, BLOCK_ROWS);
		run_features(services, FEATURES_MULTIPLY);
		add_partial(task, k, shares);
		for (int f = 0; f <= k; f++)
			shares[f] = shares[f] > 0 ? products[f] / shares[f] : 0;
		run_features(services, FEATURES_ADVANCE);
		add_partial(task, k, shares);
		for (int f = 0; f <= k; f++)
		{
			double		next = shares[f];

			shares[f] = products[f] > 0 ? next / products[f] : 0;
			products[f] = next;
		}
		run_features(services, FEATURES_TURN);
	}
	run_pass(services, PASS_LINE, NULL, 0, n_items, BLOCK_ROWS);
	for (int64_t i = 0; i < n_items; i++)
	{
		if (i % 4096 == 0)
			poll();
		for (int d = 0; d <= 4; d++)
			line.of[d] += lines[i].of[d];
	}
	for (int64_t feature = 0; feature < n_features; feature++)
	{
		const float *ridge = feature_vector(task, FEATURE_RIDGE, feature);
		const float *direction = feature_vector(task, FEATURE_DIRECTION, feature);

		poll();
		for (int f = 0; f < k; f++)
			add_quadratic(&line, ridge[f], 0, factors_of(&features, feature)[f], direction[f], 0);
		add_quadratic(&line, ridge[k], 0, features.bias[feature], direction[k], 0);
	}
	step->length = best_length(&line);
	run_pass(services, PASS_MOVE_OWN, NULL, 0, n_items, BLOCK_ROWS);
	run_features(services, FEATURES_MOVE);
	run_own(services, true, n_items);
}

/* Sets the items of each feature, and the weight of its regularization. */
static void
prepare_features(const Task *task)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;
	SparseMatrix m = items_by_feature(task);

	sparse_transpose(&task->ratings->item_features.by_row, &m);
	for (int64_t feature = 0; feature < m.n_rows; feature++)
	{
		double		n = 0;
		double		lambda;
		float	   *ridge = feature_vector(task, FEATURE_RIDGE, feature);

		poll();
		for (int64_t e = m.start[feature]; e < m.start[feature + 1]; e++)
			n += task->model->sides[SIDE_ITEMS].n_ratings[m.column[e]];
		lambda = feature_lambda(o, n);
		for (int f = 0; f <= k; f++)
			ridge[f] = (float) (lambda * (f < k ? shared->common.factor_scale : 1));
	}
}

/* The product of two vectors of the features of contexts. */
static double
context_product(const Task *task, const ContextSpace *space, int a, int b)
{
	int64_t		n = task->ratings->contexts.by_row.n_columns;
	int			k = ((const FmOptions *) task->model->options)->factors;
	double		sum = 0;

	for (int64_t feature = 0; feature < n; feature++)
	{
		const double *x = context_vector(space, task, a, feature);
		const double *y = context_vector(space, task, b, feature);

		poll();
		for (int f = 0; f <= k; f++)
			sum += x[f] * y[f];
	}
	return sum;
}

static inline bool
is_category(const Task *task, int64_t feature)
{
	return task->ratings->contexts.kind[feature] == FEATURE_CATEGORY;
}

/*
 * Removes from the residual what would move the mean of the categories of a column over the
 * ratings, and scales it.
 */
static void
scale_residual(const Task *task, const ContextSpace *space)
{
	int64_t		n = task->ratings->contexts.by_row.n_columns;
	int			k = ((const FmOptions *) task->model->options)->factors;

	memset(space->means, 0, sizeof(double) * n * 2 * (k + 1));
	for (int pass = 0; pass < 2; pass++)
	{
		for (int64_t feature = 0; feature < n; feature++)
		{
			double	   *residual = context_vector(space, task, CONTEXT_RESIDUAL, feature);
			double	   *scaled = context_vector(space, task, CONTEXT_SCALED, feature);
			const double *diagonal = context_vector(space, task, CONTEXT_DIAGONAL, feature);
			double	   *mean = space->means + (int64_t) space->first[feature] * 2 * (k + 1);
			double		count = is_category(task, feature) ? space->n_ratings[feature] : 0;

			poll();
			for (int f = 0; f <= k; f++)
			{
				double		inverse = diagonal[f] > 0 ? 1 / diagonal[f] : 0;

				if (pass == 0)
				{
					mean[f] += count * inverse * residual[f];
					mean[k + 1 + f] += count * inverse * count;
				}
				else
				{
					if (mean[k + 1 + f] > 0)
						residual[f] -= count * mean[f] / mean[k + 1 + f];
					scaled[f] = inverse * residual[f];
				}
			}
		}
	}
}

/* a = factor * a + share * b, for vectors of the features of contexts. */
static void
add_context_vector(const Task *task, const ContextSpace *space, double factor, int a, double share,
				   int b)
{
	int64_t		n = task->ratings->contexts.by_row.n_columns;
	int			k = ((const FmOptions *) task->model->options)->factors;

	for (int64_t feature = 0; feature < n; feature++)
	{
		double	   *x = context_vector(space, task, a, feature);
		const double *y = context_vector(space, task, b, feature);

		poll();
		for (int f = 0; f <= k; f++)
			x[f] = (factor == 0 ? 0 : factor * x[f]) + share * y[f];
	}
}

/* Computes what contexts add or, along the vector, what of it changes, where that is stored. */
static void
store_contexts(const Task *task, Services *services, const ContextSpace *space, bool changes)
{
	if (space->added_s != NULL)
		run_pass(services, PASS_STORED_CONTEXTS, &changes, sizeof(changes),
				 task->ratings->contexts.by_row.n_rows, BLOCK_ROWS);
}

static void
run_contexts(const Task *task, Services *services, const ContextSpace *space, ContextSums which)
{
	int64_t		n = task->ratings->contexts.by_row.n_columns;
	int			k = ((const FmOptions *) task->model->options)->factors;

	for (int64_t feature = 0; feature < n && which != SUMS_GRADIENT; feature++)
	{
		const double *vector = context_vector(space, task, which == SUMS_LINE ? CONTEXT_DIRECTION
																			  : CONTEXT_SEARCH,
											  feature);

		poll();
		for (int f = 0; f < k; f++)
			space->vector[feature * PADDED(k) + f] = (float) vector[f];
		space->vector_bias[feature] = (float) vector[k];
	}
	if (which != SUMS_GRADIENT)
		store_contexts(task, services, space, true);
	run_pass(services, PASS_CONTEXTS, &which, sizeof(which), space->n_parts, 1);
	if (which != SUMS_LINE)
		run_pass(services, PASS_CONTEXT_SUMS, &which, sizeof(which),
				 task->ratings->contexts.by_row.n_columns, BLOCK_ROWS);
}

/*
 * Moves the features of contexts by one step. Its direction solves the least squares that the loss
 * is for small changes, by conjugate gradient. The mean of the categories of a column over the
 * ratings stays zero. Along the direction the loss is a polynomial, as in step_features.
 */
static void
step_contexts(const Task *task, Services *services)
{
	ContextSpace space = context_space(task);
	Rows		features = rows_of(task->model, SIDE_CONTEXT_FEATURES);
	int			k = ((const FmOptions *) task->model->options)->factors;
	Polynomial	line = {{0}};
	double		product;
	double		least;
	double		length;

	run_contexts(task, services, &space, SUMS_GRADIENT);
	add_context_vector(task, &space, 0, CONTEXT_RESIDUAL, -1, CONTEXT_GRADIENT);
	add_context_vector(task, &space, 0, CONTEXT_DIRECTION, 0, CONTEXT_GRADIENT);
	scale_residual(task, &space);
	add_context_vector(task, &space, 0, CONTEXT_SEARCH, 1, CONTEXT_SCALED);
	product = context_product(task, &space, CONTEXT_RESIDUAL, CONTEXT_SCALED);
	least = CONTEXT_TOLERANCE * product;
	for (int i = 0; i < CONTEXT_STEPS && product > least; i++)
	{
		double		curvature;
		double		next;

		run_contexts(task, services, &space, SUMS_PRODUCT);
		curvature = context_product(task, &space, CONTEXT_SEARCH, CONTEXT_PRODUCT);
		if (!(curvature > 0))
			break;
		add_context_vector(task, &space, 1, CONTEXT_DIRECTION, product / curvature,
						   CONTEXT_SEARCH);
		add_context_vector(task, &space, 1, CONTEXT_RESIDUAL, -product / curvature,
						   CONTEXT_PRODUCT);
		scale_residual(task, &space);
		next = context_product(task, &space, CONTEXT_RESIDUAL, CONTEXT_SCALED);
		add_context_vector(task, &space, next / product, CONTEXT_SEARCH, 1, CONTEXT_SCALED);
		product = next;
	}
	run_contexts(task, services, &space, SUMS_LINE);
	for (int64_t part = 0; part < space.n_parts; part++)
	{
		for (int d = 2; d <= 4; d++)
			line.of[d] += space.lines[part].of[d];
	}
	/* the residual is what is left of the negative gradient: -gradient - curvature * direction */
	line.of[1] = context_product(task, &space, CONTEXT_GRADIENT, CONTEXT_DIRECTION);
	line.of[2] -= (line.of[1] + context_product(task, &space, CONTEXT_RESIDUAL,
												CONTEXT_DIRECTION)) / 2;
	length = best_length(&line);
	for (int64_t feature = 0; feature < features.n; feature++)
	{
		const double *direction = context_vector(&space, task, CONTEXT_DIRECTION, feature);

		poll();
		for (int f = 0; f < k; f++)
			factors_of(&features, feature)[f] += (float) (length * direction[f]);
		features.bias[feature] += (float) (length * direction[k]);
	}
	store_contexts(task, services, &space, false);
}

/* Sets the users' situations, and the ratings and the column of each feature of contexts. */
static void
prepare_contexts(const Task *task, Services *services)
{
	const Features *contexts = &task->ratings->contexts;
	const SparseMatrix *m = &contexts->by_row;
	const int64_t *start = task->ratings->by_user.start;
	ContextSpace s = context_space(task);

	run_pass(services, PASS_SITUATIONS, NULL, 0, task->ratings->by_user.n_rows, BLOCK_ROWS);
	for (int64_t u = 0; u < task->ratings->by_user.n_rows; u++)
	{
		for (int64_t n = start[u]; n < start[u] + s.n_situations[u]; n++)
		{
			int32_t		context = s.context[n];

			poll();
			for (int64_t e = context < 0 ? 0 : m->start[context];
				 e < (context < 0 ? 0 : m->start[context + 1]); e++)
				s.n_ratings[m->column[e]] += s.count[n];
		}
	}
	for (int64_t feature = 0; feature < m->n_columns; feature++)
	{
		int64_t		first = 0;

		poll();
		if (feature > 0 && contexts->column[feature] == contexts->column[feature - 1])
			first = s.first[feature - 1];
		while (contexts->column[first] != contexts->column[feature])
			first++;
		s.first[feature] = (int32_t) first;
	}
	store_contexts(task, services, &s, false);
}

/* A warm start: the means of categories over the ratings of the last version were zero. */
static void
center_contexts(const Task *task, Services *services)
{
	ContextSpace s = context_space(task);
	Rows		features = rows_of(task->model, SIDE_CONTEXT_FEATURES);
	int			k = ((const FmOptions *) task->model->options)->factors;

	memset(s.means, 0, sizeof(double) * features.n * 2 * (k + 1));
	for (int pass = 0; pass < 2; pass++)
	{
		for (int64_t feature = 0; feature < features.n; feature++)
		{
			float	   *v = factors_of(&features, feature);
			double	   *mean = s.means + (int64_t) s.first[feature] * 2 * (k + 1);
			double		count = is_category(task, feature) ? s.n_ratings[feature] : 0;

			poll();
			if (count == 0)
				continue;
			for (int f = 0; f <= k; f++)
			{
				float	   *x = f < k ? &v[f] : &features.bias[feature];

				if (pass == 0)
				{
					mean[f] += count * *x;
					mean[k + 1 + f] += count;
				}
				else
					*x -= (float) (mean[f] / mean[k + 1 + f]);
			}
		}
	}
	store_contexts(task, services, &s, false);
}

static double
contexts_penalty(const Task *task)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	Rows		features = rows_of(task->model, SIDE_CONTEXT_FEATURES);
	ContextSpace s;
	double		sum = 0;

	if (!has_contexts(task))
		return 0;
	s = context_space(task);
	for (int64_t feature = 0; feature < features.n; feature++)
	{
		poll();
		sum += penalty(&shared->common, context_lambda(task, &s, feature),
					   factors_of(&features, feature), features.bias[feature]);
	}
	return sum;
}

/* ---- the loop ---- */

/* Implicit feedback: computes the background of a side. */
static void
compute_background(const Task *task, Services *services, SideKind side)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];

	if (shared->common.is_explicit)
		return;
	run_pass(services, PASS_BACKGROUND, &side, sizeof(side), PARTS, 1);
	add_background(&shared->common, task->arrays[ARRAY_PARTS], background_of(task, side).gram);
}

static double
features_penalty(const Task *task)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	Rows		features = rows_of(task->model, SIDE_ITEM_FEATURES);
	int			k = shared->common.k;
	double		sum = 0;

	for (int64_t feature = 0; has_features(task) && feature < features.n; feature++)
	{
		poll();
		sum += penalty(&shared->common, feature_vector(task, FEATURE_RIDGE, feature)[k],
					   factors_of(&features, feature), features.bias[feature]);
	}
	return sum;
}

/* The loss, in units of which a squared error is 1, and a logarithm of a likelihood 2. */
static double
total_loss(const Task *task, Services *services, bool move)
{
	const double *item_loss = task->arrays[ARRAY_ITEM_LOSS];
	const double *user_loss = task->arrays[ARRAY_USER_LOSS];
	double		total;

	compute_background(task, services, SIDE_USERS);
	run_pass(services, PASS_PENALTY, NULL, 0, task->model->sides[SIDE_USERS].n_rows, 1024);
	run_pass(services, PASS_LOSS, &move, sizeof(move), task->model->sides[SIDE_ITEMS].n_rows,
			 BLOCK_ROWS);
	total = features_penalty(task) + contexts_penalty(task);
	for (int64_t i = 0; i < task->model->sides[SIDE_ITEMS].n_rows; i++)
		total += item_loss[i];
	for (int64_t u = 0; u < task->model->sides[SIDE_USERS].n_rows; u++)
		total += user_loss[u];
	return total;
}

/* Solves the users, after the items; before them, unless these are folded in, the contexts. */
static void
solve_all_users(const Task *task, Services *services, bool fold)
{
	compute_background(task, services, SIDE_ITEMS);
	if (has_contexts(task) && !fold)
		step_contexts(task, services);
	run_pass(services, PASS_USERS, &fold, sizeof(fold), task->model->sides[SIDE_USERS].n_rows,
			 BLOCK_ROWS);
}

/* The longest vector of a side. */
static double
longest(const Rows *rows, int k)
{
	double		longest = 0;

	for (int64_t row = 0; row < rows->n && k > 0; row++)
	{
		if (row % 1024 == 0)
			poll();
		longest = fmax(longest, vector_norm(factors_of(rows, row), k));
	}
	return longest;
}

/* Products of factors below this share of the scale of ratings say nothing. */
#define LEAST_PRODUCT 1e-3

/* The relative difference by which rounding may change the loss of the same ratings. */
#define SAME_LOSS 1e-9

/* Implicit feedback: bounds as if all scores were the constant. */
static void
initialize_missing(const Task *task)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const Common *c = &shared->common;
	const Side *items = &task->model->sides[SIDE_ITEMS];

	for (int64_t i = 0; i < items->n_rows && !c->is_explicit; i++)
		missing_weights(task->model)[i] =
			items->n_ratings[i] > 0 ? (float) (c->missing * curvature(c->constant)) : 0;
}

/*
 * A warm start continues from the last version's model as long as the loss falls; with the same
 * ratings nothing is done, as in als.c. What items have of their own is what their features, as far
 * as these are known, leave of their stored numbers.
 */
static const char *
fm_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const FmOptions *o = model->options;
	Shared	   *shared = task->arrays[ARRAY_SHARED];
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	double		previous = INFINITY;
	Rows		users = rows_of(model, SIDE_USERS);
	Rows		items = rows_of(model, SIDE_ITEMS);
	bool		done = false;

	shared->common = common_of(model);
	run_pass(services, PASS_INITIALIZE, NULL, 0, users.n, BLOCK_ROWS);
	if (has_features(task))
		prepare_features(task);
	if (has_contexts(task))
		prepare_contexts(task, services);
	if (task->warm)
	{
		double		loss;

		if (has_features(task))
			run_own(services, false, n_items);
		loss = total_loss(task, services, false);
		previous = isfinite(loss) ? loss : INFINITY;
		done = fabs(loss - task->last_loss) <= SAME_LOSS * loss;
		if (done)
			services->iteration_done(services, 1, loss);
	}
	if (!done)
	{
		if (task->warm && has_contexts(task))
			center_contexts(task, services);
		initialize_missing(task);
		if (task->warm)
			(void) total_loss(task, services, true);
		else
			compute_background(task, services, SIDE_USERS);
	}
	for (int iteration = 1; !done; iteration++)
	{
		double		total;

		run_pass(services, PASS_ITEMS, NULL, 0, n_items, BLOCK_ROWS);
		if (shared->failed != 0)
			return "a least-squares solution is not finite";
		if (has_features(task))
			step_features(task, services);
		solve_all_users(task, services, false);
		total = total_loss(task, services, true);
		/* a rise comes from rounding alone: there is nothing left to gain */
		done = iteration == o->iterations ||
			   (isfinite(previous) && !(previous - total >= o->tolerance * previous));
		if (done)
		{
			if (!shared->common.is_explicit)
				solve_all_users(task, services, true);
			/* the items' own numbers as a warm start has them, so that the loss is the same */
			if (has_features(task))
				run_own(services, false, n_items);
			total = total_loss(task, services, false);
		}
		if (shared->failed != 0 || !isfinite(total))
			return "the loss is not finite";
		services->iteration_done(services, iteration, total);
		previous = total;
	}
	if (o->factors > 0 && longest(&users, o->factors) * longest(&items, o->factors) <
							  LEAST_PRODUCT * factor_scale(model))
		services->nothing_learned(services, "regularization");
	return NULL;
}

/* ---- asking ---- */

/* The derived block of a loaded model. */
typedef struct Derived
{
	float	   *norms;			/* of factors.h */
	Common	   *common;
	float	   *missing;		/* implicit feedback: the column, as far as it makes sense */
	double	   *background;		/* implicit feedback: of the items */
	double	   *parts;			/* memory for prepare(), as what follows */
	void	   *workspace;
} Derived;

static size_t
lay_out_derived(const Model *model, const void *memory, Derived *d)
{
	const FmOptions *o = model->options;
	Pieces		p = {memory, 0};
	bool		rated = is_explicit(o);
	size_t		background = rated ? 0 : sizeof(double) * (size_t) background_numbers(o->factors);

	d->norms = add_piece(&p, factors_norms_bytes(model->sides[SIDE_ITEMS].n_rows));
	d->common = add_piece(&p, sizeof(Common));
	d->missing = add_piece(&p, rated ? 0 : sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
	d->background = add_piece(&p, background);
	d->parts = add_piece(&p, PARTS * background);
	d->workspace = add_piece(&p, rated ? 0 : workspace_bytes(o->factors, false));
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
fm_derived_bytes(const Model *model)
{
	Derived		d;

	return lay_out_derived(model, NULL, &d);
}

static void
fm_prepare(Model *model)
{
	Derived		d = derived_of(model);
	Rows		items = rows_of(model, SIDE_ITEMS);
	const int32_t *n_ratings = model->sides[SIDE_ITEMS].n_ratings;
	Workspace	w;

	factors_compute_norms(model, d.norms);
	*d.common = common_of(model);
	if (d.common->is_explicit)
		return;
	lay_out_workspace(d.common->k, false, d.workspace, &w);
	/* in a table that was edited by hand, a weight may be none of a training: no bound has it */
	for (int64_t i = 0; i < items.n; i++)
	{
		float		most = n_ratings[i] > 0 ? (float) (d.common->missing * curvature(0)) : 0;

		if (i % 65536 == 0)
			poll();
		d.missing[i] = fminf(fmaxf(missing_weights(model)[i], 0), most);
	}
	sum_background(d.common, &items, d.missing, n_ratings, NULL, NULL, d.parts, 0, PARTS, &w);
	add_background(d.common, d.parts, d.background);
}

typedef struct Query
{
	float		base;			/* common to all scores: the constant and the user's bias */
	float	   *factors;		/* of the user, padded */
} Query;

/* What all scores have in common without a user. */
static double
base_of(const Common *c)
{
	return c->constant + c->offset;
}

static size_t
fm_query_bytes(const Model *model, int64_t profile_length)
{
	return cache_lines(sizeof(Query)) +
		   sizeof(float) * PADDED(((const FmOptions *) model->options)->factors);
}

/* Memory for the situations of profiles, each of at most so many items. */
typedef struct ProfileSpace
{
	int64_t		n_items;
	Contexts   *contexts;		/* of each profile */
	/* implicit feedback */
	Situations *situations;		/* of each profile */
	int64_t    *start;			/* 2 of each profile */
	int32_t    *n;				/* of each profile */
	int32_t    *context;		/* n_items of each profile */
	int32_t    *count;			/* likewise */
} ProfileSpace;

static void
lay_out_profiles(const Model *model, int64_t n_profiles, int64_t n_items, Pieces *p,
				 ProfileSpace *s)
{
	int64_t		n = model->has_contexts ? n_profiles : 0;

	s->n_items = n_items;
	s->contexts = add_piece(p, sizeof(Contexts) * n);
	n = is_explicit(model->options) ? 0 : n;
	s->situations = add_piece(p, sizeof(Situations) * n);
	s->start = add_piece(p, sizeof(int64_t) * 2 * n);
	s->n = add_piece(p, sizeof(int32_t) * n);
	s->context = add_piece(p, sizeof(int32_t) * n * n_items);
	s->count = add_piece(p, sizeof(int32_t) * n * n_items);
}

static int
compare_contexts(const void *a, const void *b)
{
	int32_t		x = *(const int32_t *) a;
	int32_t		y = *(const int32_t *) b;

	return x < y ? -1 : x > y;
}

/* The row of a profile, whose situations are kept at a place of the memory. */
static RatedRow
profile_row(const Model *model, const Profile *profile, const ProfileSpace *space, int at)
{
	RatedRow	row = {.column = profile->items, .value = profile->ratings, .n = profile->n};
	int32_t    *context;
	int32_t    *count;
	int32_t		n = 0;

	if (!model->has_contexts || profile->contexts == NULL || profile->n == 0)
		return row;
	space->contexts[at] = (Contexts) {.model = model, .features = profile->context_features};
	row.context = profile->contexts;
	row.contexts = &space->contexts[at];
	if (is_explicit(model->options))
		return row;
	context = space->context + at * space->n_items;
	count = space->count + at * space->n_items;
	memcpy(context, profile->contexts, sizeof(int32_t) * (size_t) profile->n);
	qsort(context, (size_t) profile->n, sizeof(int32_t), compare_contexts);
	for (int64_t j = 0; j < profile->n; j++)
	{
		if (n == 0 || context[n - 1] != context[j])
		{
			context[n] = context[j];
			count[n++] = 0;
		}
		count[n - 1]++;
	}
	space->start[2 * at] = 0;
	space->start[2 * at + 1] = profile->n;
	space->n[at] = n;
	space->situations[at] = (Situations) {space->start + 2 * at, space->n + at, context, count};
	row.situations = &space->situations[at];
	return row;
}

/* What the context of a question adds to whoever asks. s: padded k floats */
static Prior
question_prior(const Model *model, const Profile *profile, float *s)
{
	return prior_of_context_features(model, profile->context, profile->context_values,
									 profile->n_context, s);
}

/* Profiles are solved together, as users are in training. */
typedef struct QuerySpace
{
	Workspace	w;
	float	   *factors;		/* at_once x padded k */
	float	   *bias;			/* at_once */
	ProfileSpace profiles;
} QuerySpace;

static size_t
lay_out_queries(const Model *model, int64_t n_items, const void *memory, QuerySpace *s)
{
	int			k = ((const FmOptions *) model->options)->factors;
	Pieces		p = {memory, lay_out_workspace(k, model->has_contexts, memory, &s->w)};

	s->factors = add_piece(&p, sizeof(float) * s->w.at_once * PADDED(k));
	s->bias = add_piece(&p, sizeof(float) * s->w.at_once);
	lay_out_profiles(model, s->w.at_once, n_items, &p, &s->profiles);
	return p.bytes;
}

static size_t
fm_query_scratch_bytes(const Model *model, int64_t profile_length)
{
	QuerySpace	s;

	return lay_out_queries(model, profile_length, NULL, &s);
}

/* The least squares of a profile, with the items fixed. */
static Problem
problem_of_profile(const Model *model, const Derived *d, Background *background)
{
	Problem		problem = {.common = d->common, .fixed = rows_of(model, SIDE_ITEMS)};

	if (!d->common->is_explicit)
	{
		*background = background_at(d->background, d->common->k);
		problem.background = background;
		problem.missing_of_fixed = d->missing;
	}
	return problem;
}

/* The query in a context. */
static void
add_context(const Prior *prior, int k, Query *q)
{
	q->base += (float) (prior->h + vector_dot_double(q->factors, prior->s, k));
	for (int f = 0; f < k; f++)
		q->factors[f] += prior->s[f];
}

static void
fm_make_queries(const Model *model, const Profile *profiles, int64_t n, void *queries,
				size_t query_bytes, bool *made, void *scratch)
{
	const FmOptions *o = model->options;
	Derived		d = derived_of(model);
	Background	background = {0};
	Problem		problem = problem_of_profile(model, &d, &background);
	int64_t		padded = PADDED(o->factors);
	QuerySpace	s;
	RatedRow	rows[MOST_AT_ONCE];
	int64_t		longest_profile = 0;
	int64_t		some;

	for (int64_t i = 0; i < n; i++)
		longest_profile = profiles[i].n > longest_profile ? profiles[i].n : longest_profile;
	lay_out_queries(model, longest_profile, scratch, &s);
	for (int64_t done = 0; done < n; done += some)
	{
		some = n - done < s.w.at_once ? n - done : s.w.at_once;
		for (int64_t i = 0; i < some; i++)
			rows[i] = profile_row(model, &profiles[done + i], &s.profiles, (int) i);
		memset(s.factors, 0, sizeof(float) * s.w.at_once * padded);
		memset(s.bias, 0, sizeof(float) * s.w.at_once);
		/* numbers that are not finite are found below, profile by profile */
		(void) solve_users(&problem, o, rows, (int) some, FOLDING_STEPS, s.factors, padded, s.bias,
						   &s.w);
		for (int64_t i = 0; i < some; i++)
		{
			Query	   *q = (Query *) ((char *) queries + (done + i) * query_bytes);
			bool		known = profiles[done + i].n > 0;

			q->factors = (float *) ((char *) q + cache_lines(sizeof(Query)));
			if (known)
				memcpy(q->factors, s.factors + i * padded, sizeof(float) * padded);
			else
				memset(q->factors, 0, sizeof(float) * padded);
			q->base = (float) (base_of(d.common) + (known ? s.bias[i] : 0));
			if (profiles[done + i].n_context > 0)
			{
				Prior		prior = question_prior(model, &profiles[done + i], s.w.context);

				add_context(&prior, o->factors, q);
			}
			made[done + i] = factors_stay_finite(model, d.norms, q->factors, q->base);
		}
	}
}

/*
 * Without factors, items differ by their biases, which are all that such a model says. A difference
 * of logistic scores is a logarithm of odds, so the unit of events is 1.
 */
static bool
fm_speaks(const Model *model, const void *query)
{
	const FmOptions *o = model->options;
	const Query *q = query;
	Derived		d = derived_of(model);

	return o->factors == 0 ||
		   factors_speak(model, d.norms, q->factors, q->base,
						 is_explicit(o) ? model->scale.deviation : 1);
}

static bool
fm_inner_product(const Model *model, InnerProduct *product)
{
	Rows		items = rows_of(model, SIDE_ITEMS);

	product->width = ((const FmOptions *) model->options)->factors;
	/* without factors, scores are sums of no products; the stride is not 0 */
	product->stride = items.stride > 0 ? items.stride : 1;
	product->factors = items.factors;
	product->bias = items.bias;
	return product->width > 0;
}

static const float *
fm_query_vector(const Model *model, const void *query, float *constant)
{
	const Query *q = query;

	*constant = q->base;
	return q->factors;
}

static bool
fm_user_product(const Model *model, InnerProduct *product, float *constant)
{
	Rows		users = rows_of(model, SIDE_USERS);
	Derived		d = derived_of(model);

	product->width = ((const FmOptions *) model->options)->factors;
	product->stride = users.stride;
	product->factors = users.factors;
	product->bias = users.bias;
	*constant = (float) base_of(d.common);
	return product->width > 0;
}

static void
fm_user_query(const Model *model, int32_t user, void *query)
{
	Rows		users = rows_of(model, SIDE_USERS);
	Derived		d = derived_of(model);
	Query	   *q = query;

	q->base = (float) (base_of(d.common) + users.bias[user]);
	q->factors = factors_of(&users, user);
}

static bool
fm_predicts_ratings(const Model *model)
{
	return is_explicit(model->options);
}

/* Memory for explaining a score. */
typedef struct ExplainSpace
{
	Workspace	w;
	float	   *factors;		/* padded k */
	double	   *a;				/* k x k */
	double	   *factor;			/* k x k */
	double	   *z;				/* k */
	float	   *item;			/* padded k: of the item in the question's context */
	ProfileSpace profiles;
} ExplainSpace;

static size_t
lay_out_explaining(const Model *model, int64_t n_items, const void *memory, ExplainSpace *s)
{
	int			k = ((const FmOptions *) model->options)->factors;
	Pieces		p = {memory, lay_out_workspace(k, model->has_contexts, memory, &s->w)};

	s->factors = add_piece(&p, sizeof(float) * PADDED(k));
	s->a = add_piece(&p, sizeof(double) * k * k);
	s->factor = add_piece(&p, sizeof(double) * k * k);
	s->z = add_piece(&p, sizeof(double) * k);
	s->item = add_piece(&p, sizeof(float) * PADDED(k));
	lay_out_profiles(model, 1, n_items, &p, &s->profiles);
	return p.bytes;
}

static size_t
fm_explain_scratch_bytes(const Model *model, int64_t profile_length)
{
	ExplainSpace s;

	return lay_out_explaining(model, profile_length, NULL, &s);
}

/*
 * The user's numbers solve a system whose right side is a sum over the profile. With the factors v
 * of A v = b - S T/d and the bias (T - S.v) / d, the user's part of the score is z.b + T (1 - z.S)
 * / d, where A z = p - S/d; b and T are sums over the profile and, for events, over all missing
 * events. The share of the latter is given to the events of the profile by their weights: each is
 * set against the same missing ones.
 *
 * In a context that adds (s, h) to the user, the user's part is that of an item p + s, and what
 * remains without a profile has h + p.s more.
 *
 * In double arithmetic: p is not a sum of the profile's factors, and so may lie in a subspace where
 * single precision leaves nothing of A but rounding.
 */
static void
fm_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
		   float *contributions, float *baseline, void *scratch)
{
	const FmOptions *o = model->options;
	const Query *q = query;
	Derived		d = derived_of(model);
	const Common *c = d.common;
	Background	background = {0};
	Problem		problem = problem_of_profile(model, &d, &background);
	Rows		items = rows_of(model, SIDE_ITEMS);
	int64_t		own;
	const Side *side = side_of_item(model, item, &own);
	const float *y = side->values[o->factors > 0 ? COLUMN_FACTORS : COLUMN_BIAS] +
					 own * items.stride;
	RatedRow	row;
	const Prior none = {NULL, 0};
	double		lambda = lambda_of(o, (double) profile->n);
	int			k = c->k;
	ExplainSpace s;
	Sums		sums;
	Chunk		chunk = {0};
	double		bias = q->base - base_of(c);
	double		without = base_of(c) + side->values[COLUMN_BIAS][own];
	double		all = 0;
	double		share;
	double		rest = 1;

	lay_out_explaining(model, profile->n, scratch, &s);
	memset(s.factors, 0, sizeof(float) * PADDED(k));
	memcpy(s.factors, q->factors, sizeof(float) * k);
	if (profile->n_context > 0)
	{
		Prior		prior = question_prior(model, profile, s.w.context);

		without += prior.h + vector_dot_double(y, prior.s, k);
		memset(s.item, 0, sizeof(float) * PADDED(k));
		for (int f = 0; f < k; f++)
		{
			s.item[f] = y[f] + prior.s[f];
			s.factors[f] -= prior.s[f];
		}
		y = s.item;
		bias -= prior.h + vector_dot_double(s.factors, prior.s, k);
	}
	*baseline = (float) without;
	if (profile->n == 0)
		return;
	bias = (float) bias;
	row = profile_row(model, profile, &s.profiles, 0);
	sums = sums_at(c, 0, &s.w);
	sum_row(&problem, &row, s.factors, bias, 0, &sums, &s.w);
	share = sums.weight + lambda > 0 ? 1 / (sums.weight + lambda) : 0;
	(void) eliminate_bias(c, lambda, &none, &sums);
	for (int f = 0; f < k; f++)
	{
		for (int g = 0; g <= f; g++)
			s.a[f * k + g] = s.a[g * k + f] = sums.a[f * k + g];
		s.z[f] = y[f] - share * sums.sum[f];
	}
	if (k > 0 && !solve_in_double(s.a, s.z, k, s.factor))
		memset(s.z, 0, sizeof(double) * k);
	for (int f = 0; f < k; f++)
		rest -= s.z[f] * sums.sum[f];
	for (int64_t j = 0; j < profile->n; j++)
	{
		const float *f;
		double		product = rest * share;

		if (j % CHUNK == 0)
		{
			chunk = chunk_of(&problem, &row, j, &s.w);
			weigh(&problem, &chunk, s.factors, bias, 0, &s.w);
		}
		if (j % 64 == 0)
			poll();
		f = factors_of(&chunk.fixed, chunk.at[j % CHUNK]);
		for (int g = 0; g < k; g++)
			product += s.z[g] * f[g];
		contributions[j] = (float) (s.w.targets[j % CHUNK] * product);
		all += profile->ratings[j];
	}
	if (!c->is_explicit)
	{
		double		missing = (-c->missing / 2 * background.sum[k] -
							   background.gram[(int64_t) (k + 1) * (k + 2) + k]) * rest * share;

		for (int f = 0; f < k; f++)
			missing += s.z[f] * (-c->missing / 2 * background.sum[f] -
								 background.gram[(int64_t) (k + 1) * (k + 2) + f]);
		if (row.situations != NULL)
		{
			sums.target = 0;
			memset(sums.b, 0, sizeof(float) * k);
			add_situations(&problem, &row, &sums, &s.w);
			missing += sums.target * rest * share;
			for (int f = 0; f < k; f++)
				missing += s.z[f] * sums.b[f];
		}
		for (int64_t j = 0; j < profile->n; j++)
			contributions[j] += (float) (missing * (all > 0 ? profile->ratings[j] / all
															: 1 / (double) profile->n));
	}
	factors_share_rounding((double) (k > 0 ? vector_dot(s.factors, y, k) : 0) + bias,
						   contributions, profile->n);
}

/*
 * A feature of the question's context has its weight, its products with the user and with the
 * item, and half of those with the other features of the context.
 */
static void
fm_explain_context(const Model *model, const void *query, int32_t item, const int32_t *features,
				   const float *values, int64_t n, float *contributions)
{
	const Query *q = query;
	Rows		rows = rows_of(model, SIDE_CONTEXT_FEATURES);
	int			k = ((const FmOptions *) model->options)->factors;
	int64_t		own;
	const Side *side = side_of_item(model, item, &own);
	float		s[PADDED(MOST_FACTORS)];

	(void) prior_of_context_features(model, features, values, n, s);
	for (int64_t i = 0; i < n; i++)
	{
		const float *v = factors_of(&rows, features[i]);
		double		sum = rows.bias[features[i]];

		for (int f = 0; f < k; f++)
		{
			double		p = side->values[COLUMN_FACTORS][own * rows.stride + f];

			sum += v[f] * (p + (q->factors[f] - s[f]) + (s[f] - values[i] * v[f]) / 2);
		}
		contributions[i] = (float) (values[i] * sum);
	}
}

/* Items that came after the training are what their features say. */
static void
fm_map_items(const Model *model, const Features *features, Side *items)
{
	const SparseMatrix *m = &features->by_row;
	int			k = ((const FmOptions *) model->options)->factors;
	float		s[MOST_FACTORS];

	for (int64_t i = 0; i < items->n_rows; i++)
	{
		int64_t		first = m->start[i];
		Prior		prior = prior_of_features(model, m->column + first, m->value + first,
											  m->start[i + 1] - first, s);

		poll();
		items->values[COLUMN_BIAS][i] = (float) prior.h;
		if (k > 0)
			memcpy(items->values[COLUMN_FACTORS] + i * PADDED(k), s, sizeof(float) * k);
	}
}

/*
 * A feature has its weight, its products with the user and with the item's own factors, and half of
 * those with the other features.
 */
static void
fm_explain_features(const Model *model, const void *query, int32_t item, const int32_t *features,
					const float *values, int64_t n, float *contributions)
{
	const Query *q = query;
	Rows		rows = rows_of(model, SIDE_ITEM_FEATURES);
	int			k = ((const FmOptions *) model->options)->factors;
	int64_t		own;
	const Side *side = side_of_item(model, item, &own);
	float		s[MOST_FACTORS];

	(void) prior_of_features(model, features, values, n, s);
	for (int64_t i = 0; i < n; i++)
	{
		const float *v = factors_of(&rows, features[i]);
		double		sum = rows.bias[features[i]];

		for (int f = 0; f < k; f++)
		{
			double		p = side->values[COLUMN_FACTORS][own * rows.stride + f];

			sum += v[f] * (q->factors[f] + (p - s[f]) + (s[f] - values[i] * v[f]) / 2);
		}
		contributions[i] = (float) (values[i] * sum);
	}
}

static const char *
fm_refuses_refresh(const void *options)
{
	return "Its features, and what missing events weigh, are learned from all rows.";
}

static void
fm_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	factors_similar_items(model, derived_of(model).norms, item, first, n, similarity);
}

static void
fm_similar_users(const Model *model, const void *query, int64_t first, int64_t n,
				 float *similarity)
{
	if (((const FmOptions *) model->options)->factors > 0)
		factors_similar_users(model, COLUMN_FACTORS, ((const Query *) query)->factors, first, n,
							  similarity);
	else
	{
		for (int64_t i = 0; i < n; i++)
			similarity[i] = NAN;
	}
}

const Algorithm fm_algorithm = {
	.name = "fm",
	.description = "factorisation machine of users, items, their attributes and contexts, for "
				   "ratings and for events; without factors a regression",
	.options = fm_options,
	.options_size = sizeof(FmOptions),
	.decide = fm_decide,
	.varied = "regularization",
	.factor = 2,
	.columns = fm_columns,
	.needs = fm_needs,
	.arrays = fm_arrays,
	.passes = fm_passes,
	.scratch_bytes = fm_scratch_bytes,
	.train = fm_train,
	.refuses_refresh = fm_refuses_refresh,
	.iterations = fm_iterations,
	.derived_bytes = fm_derived_bytes,
	.prepare = fm_prepare,
	.query_bytes = fm_query_bytes,
	.query_scratch_bytes = fm_query_scratch_bytes,
	.make_queries = fm_make_queries,
	.speaks = fm_speaks,
	.score_items = factors_score_items,
	.expected_score = factors_expected_score,
	.explain = fm_explain,
	.explain_scratch_bytes = fm_explain_scratch_bytes,
	.inner_product = fm_inner_product,
	.query_vector = fm_query_vector,
	.user_product = fm_user_product,
	.user_query = fm_user_query,
	.logistic = true,
	.predicts_ratings = fm_predicts_ratings,
	.map_items = fm_map_items,
	.explain_features = fm_explain_features,
	.explain_context = fm_explain_context,
	.similar_items = fm_similar_items,
	.similar_users = fm_similar_users
};
