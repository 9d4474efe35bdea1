/*
 * fm.h
 *	  What asking and training a factorisation machine have in common: the numbers of a side, and
 *	  the least squares of rows. fm.c says what it is all about.
 */
#ifndef REC_FM_H
#define REC_FM_H

#include <math.h>

#include "algorithm/factors.h"
#include "kernel/dense.h"
#include "kernel/pieces.h"

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

/* ---- one side of a model ---- */

/* The numbers of a side. */
typedef struct Rows
{
	int64_t		n;
	int64_t		stride;			/* of factors */
	float	   *bias;
	float	   *factors;		/* without factors, anything */
} Rows;

static inline Rows
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

static inline bool
has_no_factors(const Rows *rows, int64_t row, int k)
{
	for (int f = 0; f < k; f++)
	{
		if (factors_of(rows, row)[f] != 0)
			return false;
	}
	return true;
}

/* Whether a row is new. */
static inline bool
has_no_numbers(const Rows *rows, int64_t row, int k)
{
	return rows->bias[row] == 0 && has_no_factors(rows, row, k);
}

/*
 * By item, implicit feedback only: the curvature of the bound of a missing event. Times what a
 * missing event counts, which follows from the numbers of ratings, it is its weight in the least
 * squares of a user.
 */
static inline float *
missing_curvatures(const Model *model)
{
	return model->sides[SIDE_ITEMS].values[column_missing(model->options)];
}

/* The weight of the regularization of a row with this number of ratings. */
extern double fm_lambda(const FmOptions *o, double n_ratings);

/* The same of a feature whose items, users or contexts have this number of ratings. */
extern double fm_feature_lambda(const FmOptions *o, double n_ratings);

/*
 * The unit in which factors are regularized. Products of factors are of the scale of ratings; with
 * implicit feedback that is 1.
 */
extern double fm_factor_scale(const Model *model);

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
 * Depends on nothing but what is stored of a model, so that profiles are folded in as users are in
 * training.
 */
extern Common fm_common(const Model *model);

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
	float	   *priors;			/* at_once x padded k: the same of rows that are solved together */
	float	   *solved_weights; /* at_once: of the ratings of the rows that were solved last */
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

extern size_t fm_lay_out_workspace(int k, bool contexts, const void *memory, Workspace *w);
extern size_t fm_workspace_bytes(int k, bool contexts);

/*
 * What features add to a row: s to its factors, and to its bias h and the product of its own
 * factors with s. The features of an item or a user add to it, and those of a context to the user.
 */
typedef struct Prior
{
	const float *s;				/* NULL: there are no features, and h is 0 */
	double		h;
} Prior;

/* What n features of an item or a user add, where s has room for padded k floats. */
extern Prior fm_prior_of_features(const Model *model, SideKind side, const int32_t *feature,
								  const float *value, int64_t n, float *s);

/* The numbers of a row from its own ones and what its features add. */
extern void fm_combine(const Prior *prior, const float *v, double w, int k, float *factors,
					   float *bias);

/* Those of a user of whom nothing is known but features: the own ones are zero. */
extern void fm_start_user(const Prior *prior, int k, float *factors, float *bias);

/* The same of n features of a context. They are few, so h is summed over pairs of them. */
extern Prior fm_prior_of_context_features(const Model *model, const int32_t *feature,
										  const float *value, int64_t n, float *s);

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
extern Prior fm_prior_of_context(const Contexts *c, int32_t context, float *s);

/*
 * Implicit feedback: the situations of users. A user has one for each context of the user's
 * events, and missing events are divided among them as the events are.
 */
typedef struct Situations
{
	/* by user: the first event, which is also where the situations begin */
	const int64_t *start;
	int32_t    *n;				/* by user */
	int32_t    *context;		/* of each situation, ascending within a user */
	int32_t    *count;			/* of the user's events in it */
} Situations;

/* Sets a user's situations from the contexts of the user's n events. */
extern void fm_set_situations(const Situations *s, int64_t user, const int32_t *context, int64_t n);

/* The ratings or events of a row; the columns are rows of the other side. */
typedef struct RatedRow
{
	Prior		prior;			/* of rows that are solved: what their features add */
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
	/* implicit feedback: missing_curvatures(), where items are the other side; else NULL */
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
extern Chunk fm_chunk(const Problem *p, const RatedRow *row, int64_t first, Workspace *w);

/* products[j] = f_j.v for a chunk of a row's columns */
extern void fm_multiply(const Rows *fixed, const int32_t *column, int64_t n, const float *v, int k,
						float *products);

/*
 * The bound of an event at its present score is weight/2 y^2 - target y. The background has every
 * event as a missing one, with c times the curvature `missing` times the share of the user's
 * situation, so that is subtracted. Where c is near 1 the difference may be concave; its tangent is
 * a bound then.
 */
static inline void
bound_event(const Common *c, float value, double score, double missing, double share,
			double *weight, double *target)
{
	/* callers have no negative weights; with them the loss would have no least value */
	double		event = fmax(value, 0) * c->event;
	double		difference = event * curvature(score) - share * c->missing * missing;

	*weight = fmax(difference, 0);
	*target = (event + share * c->missing) / 2 - fmin(difference, 0) * score;
}

/*
 * Sets weights and targets of a chunk of a row whose present numbers are v and bias. missing:
 * implicit feedback: the curvature of missing events where the row is an item.
 */
extern void fm_weigh(const Problem *p, const Chunk *chunk, const float *v, double bias,
					 double missing, Workspace *w);

/*
 * Implicit feedback: adds what the situations of a user's row change in the sums over its missing
 * events. In a context that adds (s, h), an item has the factors p + s and the bias b + h + p.s. So
 * the sums follow from those over the items without a context, and from sums over the situations.
 */
extern void fm_add_situations(const Problem *p, const RatedRow *row, Sums *sums, Workspace *w);

/* Sets the sums of a row. missing: as fm_weigh's. */
extern void fm_sum_row(const Problem *p, const RatedRow *row, const float *v, double bias,
					   double missing, Sums *sums, Workspace *w);

/*
 * Turns the sums into the system of the row's own factors v, from which its own bias w has been
 * eliminated. With d = weight + lambda, S = sum + weight s and T = target - sum.s - weight h, the
 * bias is w = (T - S.v) / d. Returns the new target T.
 */
extern double fm_eliminate_bias(const Common *c, double lambda, const Prior *prior, Sums *sums);

/* The bias that was eliminated, for the row's own factors. */
extern double fm_bias_for(const Common *c, double lambda, const Prior *prior, const Sums *sums,
						  double target, const float *v);

/* Solves the systems of n rows; false where a solution is not finite. */
extern bool fm_solve_systems(const Common *c, int n, Workspace *w);

/*
 * Sets a row's factors and bias to the solution, which is in sums->b, and what its features add.
 * Returns whether a number changes by more than this share of the largest.
 */
extern bool fm_take_solution(const Common *c, double lambda, const Prior *prior, Sums *sums,
							 double target, double tolerance, float *factors, float *bias);

static inline Sums
sums_at(const Common *c, int at, const Workspace *w)
{
	return (Sums) {.a = w->systems + at * SYSTEM_STRIDE(c->k), .b = w->right + at * c->k,
				   .sum = w->sums + at * PADDED(c->k)};
}

/*
 * Solves n users (at most w->at_once): their factors, stride floats apart, and their biases, with
 * what their features add, from the present ones. With steps > 1 they are folded in: they begin as
 * what their features say and, for events, the bounds are computed anew until nothing changes. A
 * row's result is the same, to the bit, whether it is solved alone or with others.
 */
extern bool fm_solve_users(const Problem *p, const FmOptions *o, const RatedRow *rows, int n,
						   int steps, float *factors, int64_t stride, float *bias, Workspace *w);

/* ---- sums over all rows of a side ---- */

/* Sums over all rows of a side are made of this many parts, whichever worker adds which. */
#define PARTS 32

static inline int64_t
part_begin(int64_t n, int64_t part)
{
	return part * n / PARTS;
}

static inline int64_t
background_numbers(int k)
{
	return (int64_t) (k + 2) * (k + 2) + k + 1;
}

static inline Background
background_at(double *numbers, int k)
{
	return (Background) {numbers, numbers + (int64_t) (k + 2) * (k + 2)};
}

/*
 * Computes parts begin .. end - 1 of a side's background. missing: of the items, the curvatures; of
 * the users, NULL: all weights are 1. Rows without ratings do not count. With situations, each row
 * of users is the mean of its situations.
 */
extern void fm_sum_background(const Common *c, const Rows *rows, const float *missing,
							  const int32_t *n_ratings, const Situations *situations,
							  const Contexts *contexts, double *parts, int64_t begin, int64_t end,
							  Workspace *w);

/* Adds the parts up, and mirrors the lower triangle. */
extern void fm_add_background(const Common *c, const double *parts, double *numbers);

/* The product of a vector of n numbers with a Gram matrix, and another such vector. */
extern double fm_gram_product(const double *gram, const double *a, const double *b, int n);

/* An item as a vector: the score of a user is its product with (v_u, 1, constant + w_u). */
extern void fm_extend(const float *factors, double bias, double one, int k, double *extended);

/*
 * Implicit feedback: missing_curvatures(), as far as they make sense. In a table that was edited by
 * hand, one may be none of a training: no bound has it.
 */
extern void fm_read_missing(const Model *model, float *missing);

/* ---- training (fm_train.c) ---- */

extern const Pass fm_passes[];
extern int	fm_arrays(const void *options, const Extent *extent, size_t *bytes);
extern size_t fm_scratch_bytes(const void *options, const Extent *extent);
extern const char *fm_train(const Task *task, Services *services);

/* ---- refreshing (fm_refresh.c) ---- */

extern size_t fm_refresh_scratch_bytes(const Model *model, const Refresh *refresh);
extern const char *fm_refresh(Model *model, const Refresh *refresh, void *memory);

#endif							/* REC_FM_H */
