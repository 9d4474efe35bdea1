/*
 * fm.c
 *	  Factorisation machine of second order, over the user, the item, the attributes of both and the
 *	  context of the rating.
 *
 * Rendle 2010, "Factorization machines"; 2012, "Factorization machines with libFM". Every user,
 * item and feature has a weight w and k factors v. A pair of them adds the product of their
 * factors to the score:
 *
 *	y(u, i) = w_0 + w_u + w_i + sum_f x_f w_f
 *			+ v_u.v_i + sum_f x_f v_f.(v_u + v_i) + sum_f<g x_f x_g v_f.v_g
 *
 * where x are the features of item i and of user u, and are paired with everything else alike. What
 * does not involve the user is a constant of the item, what does not involve the item is one of the
 * user, and the rest is a product of factors. So the score is that of a matrix factorisation,
 *
 *	y(u, i) = w_0 + b_u + b_i + p_u.p_i,	with s_i = sum_f x_f v_f,	p_i = v_i + s_i,
 *	b_i = w_i + sum_f x_f w_f + v_i.s_i + 1/2 (|s_i|^2 - sum_f x_f^2 |v_f|^2)
 *
 * over the features of the item, and likewise of the user. The tables of items and of users have b
 * and p, those of features w_f and v_f. Without attributes it is a matrix factorisation with
 * biases, and without factors a linear or logistic regression.
 *
 * A rating's context has features, too, with x_f, w_f and v_f. Together they add to the score
 *
 *	sum_f x_f w_f + sum_f x_f v_f.(p_u + p_i) + sum_f<g x_f x_g v_f.v_g
 *			= h + z.(p_u + p_i),	with z = sum_f x_f v_f,
 *	h = sum_f x_f w_f + 1/2 (|z|^2 - sum_f x_f^2 |v_f|^2).
 *
 * A user in a context, a situation, is to the items what a user is who has the factors p_u + z and
 * the bias b_u + h + p_u.z; and to the user, an item in a context is one with the factors p_i + z
 * and the bias b_i + h + p_i.z. So whatever is said of a user's ratings or an item's below is true
 * with contexts, if these numbers take the place of those without. Of a column of categories of
 * users or contexts, the mean of v_f and of w_f over the ratings is zero: a user or a context of
 * which nothing is known, and so adds nothing, is the mean one, and a column in which all ratings
 * have the same category changes nothing. The tables of items and of users have what they are in
 * the mean context.
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
 * An iteration solves the least squares of each item (w_i, v_i), then moves the items' features,
 * then solves the users (w_u, v_u) and moves their features: Rendle, Gantner, Freudenthaler &
 * Schmidt-Thieme 2011, "Fast context-aware recommendations with factorization machines", solve for
 * single numbers in turn.
 *
 * The features of items, and likewise those of users, move together, by one step. Once the items
 * are solved, the gradient of the loss by the factors of features follows from the items' own
 * factors, without a pass over the ratings. When a feature's factors change, the own factors of
 * items with many ratings will change back to keep p_i, and those of items with few ratings will
 * not. The direction of the step allows for that (partially non-centred parametrisation:
 * Papaspiliopoulos, Roberts & Skold 2007, "A general framework for the parametrization of
 * hierarchical models"): a feature's factors change by D, and an item's own factors by -r_i of what
 * the item's features change, where r_i is estimated from the number of the item's ratings. D
 * solves the ridge regression that then remains, by a few steps of conjugate gradient. Along the
 * direction the loss is a polynomial of fourth degree, whose coefficients a pass over the ratings
 * adds up. The step goes to its minimum, so the loss never rises.
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
 * in their ratings or events. Of a user who has none, v_u and w_u are zero.
 *
 * A refresh (fm_refresh.c) solves items in the same way, and then folds in the users who have
 * changed. Features stay, also those of contexts.
 */
#include <math.h>
#include <string.h>

#include "algorithm/fm.h"
#include "kernel/poll.h"

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
		: side == SIDE_USER_FEATURES ? "what is added to the bias of users, times its value"
									 : "what is added to all scores in the context, times its value"
	};
	if (o->factors > 0)
		columns[n++] = (Column) {
			"factors", COLUMN_VECTOR, o->factors,
			side == SIDE_ITEMS ? "the item's own factors and those of its features: the dot "
								 "product with a user's factors says how well they fit"
			: side == SIDE_USERS ? "what folding in the user's ratings or events gives: the user's "
								   "own factors and those of the user's features"
			: side == SIDE_ITEM_FEATURES ? "what is added to the factors of items, times its value"
			: side == SIDE_USER_FEATURES ? "what is added to the factors of users, times its value"
										 : "what is added to the factors of users in the context, "
										   "times its value"
		};
	if (side == SIDE_ITEMS && !is_explicit(o))
		columns[n++] = (Column) {
			"missing", COLUMN_NUMBER, 0,
			"the curvature of the loss of a missing event: how much it weighs for a user"
		};
	return n;
}

static unsigned
fm_needs(const void *options)
{
	return NEEDS_RATINGS | USES_ITEM_FEATURES | USES_USER_FEATURES | USES_CONTEXTS;
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

static int
fm_iterations(const void *options)
{
	return ((const FmOptions *) options)->iterations;
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
	d->workspace = add_piece(&p, rated ? 0 : fm_workspace_bytes(o->factors, false));
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
	*d.common = fm_common(model);
	if (d.common->is_explicit)
		return;
	fm_lay_out_workspace(d.common->k, false, d.workspace, &w);
	fm_read_missing(model, d.missing);
	fm_sum_background(d.common, &items, d.missing, n_ratings, NULL, NULL, d.parts, 0, PARTS, &w);
	fm_add_background(d.common, d.parts, d.background);
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

/*
 * The row of a profile, whose situations are kept at a place of the memory. s: padded k floats for
 * what the user's features add.
 */
static RatedRow
profile_row(const Model *model, const Profile *profile, const ProfileSpace *space, int at,
			float *s)
{
	RatedRow	row = {.column = profile->items, .value = profile->ratings, .n = profile->n};

	if (profile->n_features > 0)
		row.prior = fm_prior_of_features(model, SIDE_USERS, profile->features,
										 profile->feature_values, profile->n_features, s);
	if (!model->has_contexts || profile->contexts == NULL || profile->n == 0)
		return row;
	space->contexts[at] = (Contexts) {.model = model, .features = profile->context_features};
	row.context = profile->contexts;
	row.contexts = &space->contexts[at];
	if (is_explicit(model->options))
		return row;
	space->start[2 * at] = 0;
	space->start[2 * at + 1] = profile->n;
	space->situations[at] = (Situations) {
		space->start + 2 * at, space->n + at, space->context + at * space->n_items,
		space->count + at * space->n_items
	};
	fm_set_situations(&space->situations[at], 0, profile->contexts, profile->n);
	row.situations = &space->situations[at];
	return row;
}

/* What the context of a question adds to whoever asks. s: padded k floats */
static Prior
question_prior(const Model *model, const Profile *profile, float *s)
{
	return fm_prior_of_context_features(model, profile->context, profile->context_values,
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
	Pieces		p = {memory, fm_lay_out_workspace(k, model->has_contexts, memory, &s->w)};

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
			rows[i] = profile_row(model, &profiles[done + i], &s.profiles, (int) i,
								  s.w.priors + i * padded);
		/* numbers that are not finite are found below, profile by profile */
		(void) fm_solve_users(&problem, o, rows, (int) some, FOLDING_STEPS, s.factors, padded,
							  s.bias, &s.w);
		for (int64_t i = 0; i < some; i++)
		{
			Query	   *q = (Query *) ((char *) queries + (done + i) * query_bytes);
			float	   *factors = s.factors + i * padded;

			if (profiles[done + i].n == 0)
				fm_start_user(&rows[i].prior, o->factors, factors, &s.bias[i]);
			q->factors = (float *) ((char *) q + cache_lines(sizeof(Query)));
			memcpy(q->factors, factors, sizeof(float) * padded);
			q->base = (float) (base_of(d.common) + s.bias[i]);
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
	Pieces		p = {memory, fm_lay_out_workspace(k, model->has_contexts, memory, &s->w)};

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
 * Implicit feedback: what the user's features, which add (s, h), change in the sum over all missing
 * events, which is z.b + T (1 - z.S) / d. T changes by -h sum o - s.(sum o p), and b by
 * s T - h sum o p - A s.
 */
static double
missing_of_features(const Problem *p, const RatedRow *row, const double *z, double rest,
					double along, Sums *sums, Workspace *w)
{
	int			k = p->common->k;
	const float *s = row->prior.s;
	double		h = row->prior.h;
	RatedRow	missing = *row;
	double		change = 0;		/* of T */
	double		result = 0;

	missing.n = 0;
	fm_sum_row(p, &missing, NULL, 0, 0, sums, w);
	change = -h * sums->weight;
	for (int f = 0; f < k; f++)
	{
		const float *a = sums->a + f * k;

		change -= (double) sums->sum[f] * s[f];
		result -= z[f] * (h * sums->sum[f] + (double) a[f] * s[f]);
		for (int g = 0; g < f; g++)
			result -= a[g] * (z[f] * s[g] + z[g] * s[f]);
	}
	return result + change * rest + (sums->target + change) * along;
}

/*
 * The user's numbers solve a system whose right side is a sum over the profile. With the factors v
 * of A v = b - S T/d and the bias (T - S.v) / d, the user's part of the score is z.b + T (1 - z.S)
 * / d, where A z = p - S/d; b and T are sums over the profile and, for events, over all missing
 * events. The share of the latter is given to the events of the profile by their weights: each is
 * set against the same missing ones.
 *
 * In a context that adds (s, h) to the user, the user's part is that of an item p + s, and what
 * remains without a profile has h + p.s more. Features of the user that add (s, h) are like a
 * context of all items: with p_j + s in place of the factors p_j of an item of the profile, and
 * with its bias and h + p_j.s, the system is that of the user's own numbers.
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
	const float *of_features;	/* what the user's features add to p */
	double		lambda = fm_lambda(o, (double) profile->n);
	int			k = c->k;
	ExplainSpace s;
	Sums		sums;
	Chunk		chunk = {0};
	double		bias = q->base - base_of(c);
	double		without = base_of(c) + side->values[COLUMN_BIAS][own];
	double		added;			/* what the user's features add to the score */
	double		all = 0;
	double		share;
	double		rest = 1;
	double		along = 0;

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
	memset(s.w.own, 0, sizeof(float) * PADDED(k));
	of_features = s.w.own;
	row = profile_row(model, profile, &s.profiles, 0, s.w.own);
	added = row.prior.h + vector_dot_double(y, of_features, k);
	*baseline = (float) (without + added);
	if (profile->n == 0)
		return;
	bias = (float) bias;
	sums = sums_at(c, 0, &s.w);
	fm_sum_row(&problem, &row, s.factors, bias, 0, &sums, &s.w);
	share = sums.weight + lambda > 0 ? 1 / (sums.weight + lambda) : 0;
	(void) fm_eliminate_bias(c, lambda, &row.prior, &sums);
	for (int f = 0; f < k; f++)
	{
		for (int g = 0; g <= f; g++)
			s.a[f * k + g] = s.a[g * k + f] = sums.a[f * k + g];
		sums.sum[f] += (float) sums.weight * of_features[f];
		s.z[f] = y[f] + of_features[f] - share * sums.sum[f];
	}
	if (k > 0 && !solve_in_double(s.a, s.z, k, s.factor))
		memset(s.z, 0, sizeof(double) * k);
	for (int f = 0; f < k; f++)
	{
		rest -= s.z[f] * sums.sum[f];
		along += s.z[f] * of_features[f];
	}
	for (int64_t j = 0; j < profile->n; j++)
	{
		const float *f;
		double		product = rest * share + along;
		double		target;

		if (j % CHUNK == 0)
		{
			chunk = fm_chunk(&problem, &row, j, &s.w);
			fm_weigh(&problem, &chunk, s.factors, bias, 0, &s.w);
		}
		if (j % 64 == 0)
			poll();
		f = factors_of(&chunk.fixed, chunk.at[j % CHUNK]);
		for (int g = 0; g < k; g++)
			product += s.z[g] * f[g];
		target = s.w.targets[j % CHUNK];
		if (row.prior.s != NULL)
			target -= s.w.weights[j % CHUNK] *
					  (row.prior.h + vector_dot_double(of_features, f, k));
		contributions[j] = (float) (target * product);
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
			fm_add_situations(&problem, &row, &sums, &s.w);
			missing += sums.target * rest * share;
			for (int f = 0; f < k; f++)
				missing += s.z[f] * sums.b[f];
		}
		if (row.prior.s != NULL)
			missing += missing_of_features(&problem, &row, s.z, rest * share, along, &sums, &s.w);
		for (int64_t j = 0; j < profile->n; j++)
			contributions[j] += (float) (missing * (all > 0 ? profile->ratings[j] / all
															: 1 / (double) profile->n));
	}
	factors_share_rounding((double) (k > 0 ? vector_dot(s.factors, y, k) : 0) + bias - added,
						   contributions, profile->n);
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
		Prior		prior = fm_prior_of_features(model, SIDE_ITEMS, m->column + first,
												 m->value + first, m->start[i + 1] - first, s);

		poll();
		items->values[COLUMN_BIAS][i] = (float) prior.h;
		if (k > 0)
			memcpy(items->values[COLUMN_FACTORS] + i * PADDED(k), s, sizeof(float) * k);
	}
}

/*
 * What n features of a side, which together add s, contribute to the score of an item. A feature
 * has its weight, its products with the user's and the item's factors without those of the
 * features, and half of those with the other features.
 */
static void
contribute(const Model *model, SideKind side_of_rows, const Query *q, int32_t item, const float *s,
		   const int32_t *features, const float *values, int64_t n, float *contributions)
{
	Rows		rows = rows_of(model, side_of_rows);
	int			k = ((const FmOptions *) model->options)->factors;
	int64_t		own;
	const Side *side = side_of_item(model, item, &own);

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

static void
fm_explain_features(const Model *model, const void *query, int32_t item, const int32_t *features,
					const float *values, int64_t n, float *contributions)
{
	float		s[PADDED(MOST_FACTORS)];

	(void) fm_prior_of_features(model, SIDE_ITEMS, features, values, n, s);
	contribute(model, SIDE_ITEM_FEATURES, query, item, s, features, values, n, contributions);
}

static void
fm_explain_context(const Model *model, const void *query, int32_t item, const int32_t *features,
				   const float *values, int64_t n, float *contributions)
{
	float		s[PADDED(MOST_FACTORS)];

	(void) fm_prior_of_context_features(model, features, values, n, s);
	contribute(model, SIDE_CONTEXT_FEATURES, query, item, s, features, values, n, contributions);
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
	.refresh = fm_refresh,
	.refresh_scratch_bytes = fm_refresh_scratch_bytes,
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
