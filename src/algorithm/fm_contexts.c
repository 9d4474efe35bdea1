/*
 * fm_contexts.c
 *	  Training a factorisation machine: the situations of users, and the step of the features of
 *	  contexts.
 */
#include <stdlib.h>
#include <string.h>

#include "algorithm/fm_train.h"
#include "kernel/poll.h"

/* ---- memory ---- */

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

size_t
fm_contexts_bytes(int k, const Extent *extent)
{
	ContextSpace s;

	return lay_out_contexts(k, extent, NULL, &s);
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

Surroundings
fm_surroundings(const Task *task)
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

/* ---- passes ---- */

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
	Pieces		p = {memory, fm_lay_out_workspace(k, contexts, memory, &s->w)};

	s->user = add_piece(&p, sizeof(float) * PADDED(k));
	s->change = add_piece(&p, sizeof(float) * PADDED(k));
	s->residuals = add_piece(&p, sizeof(float) * PADDED(k));
	s->weighted = add_piece(&p, sizeof(float) * PADDED(k));
	s->squares = add_piece(&p, sizeof(float) * PADDED(k));
	s->slopes = add_piece(&p, sizeof(float) * CHUNK);
	return p.bytes;
}

size_t
fm_context_step_bytes(int k, bool contexts)
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
	return fm_feature_lambda(task->model->options, space->n_ratings[feature]);
}

/* A pass over the users: the order of their contexts. Its argument is not used. */
static int
compare_occasions(const void *a, const void *b)
{
	uint64_t	x = ((const Occasion *) a)->key;
	uint64_t	y = ((const Occasion *) b)->key;

	return x < y ? -1 : x > y;
}

void
fm_pass_situations(const Task *task, const void *argument, int64_t begin, int64_t end,
				   void *scratch)
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
		vector_add_scaled(change, x, d, PADDED(k));
	}
	return result;
}

/* A pass over the contexts: what they add or, where the argument is true, what of it changes. */
void
fm_pass_stored_contexts(const Task *task, const void *argument, int64_t begin, int64_t end,
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
			space.added_h[context] = fm_prior_of_context(&contexts, (int32_t) context,
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
	Prior		prior = fm_prior_of_context(&surroundings->contexts, context, s->w.context);
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
			fm_multiply(&p->fixed, item, count, s->user, k, s->w.products);
		if (which != SUMS_GRADIENT)
			fm_multiply(&p->fixed, item, count, moved, k, s->slopes);
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
void
fm_pass_contexts(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	ContextSums which = *(const ContextSums *) argument;
	const FmOptions *o = task->model->options;
	const int64_t *start = task->ratings->by_user.start;
	int64_t		n_users = task->ratings->by_user.n_rows;
	Surroundings surroundings;
	Problem		problem = fm_problem_of_side(task, SIDE_USERS, &surroundings);
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
void
fm_pass_context_sums(const Task *task, const void *argument, int64_t begin, int64_t end,
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

	fm_lay_out_workspace(k, true, scratch, &w);
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

/* ---- the step ---- */

/*
 * The most steps of conjugate gradient in each iteration, and the share of the squared gradient
 * that is small enough to end them.
 */
#define CONTEXT_STEPS 5
#define CONTEXT_TOLERANCE 1e-4

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

void
fm_step_contexts(const Task *task, Services *services)
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
	length = fm_best_length(&line);
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

void
fm_prepare_contexts(const Task *task, Services *services)
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

void
fm_center_contexts(const Task *task, Services *services)
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

double
fm_contexts_penalty(const Task *task)
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
		sum += fm_penalty(&shared->common, context_lambda(task, &s, feature),
						  factors_of(&features, feature), features.bias[feature]);
	}
	return sum;
}
