/*
 * fm_rows.c
 *	  The least squares of a row of a factorisation machine, of a training or of a profile.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algorithm/fm.h"
#include "kernel/poll.h"

double
fm_lambda(const FmOptions *o, double n_ratings)
{
	return o->regularization *
		   (o->regularization_scaling == 0 ? 1
										   : pow(fmax(n_ratings, 1), o->regularization_scaling));
}

/*
 * A feature of many items is known better than a row is, and what it says concerns items of which
 * nothing else is known: so it is held back more, and more so the more ratings it explains.
 */
#define LEAST_FEATURE_SCALING 0.25

double
fm_feature_lambda(const FmOptions *o, double n_ratings)
{
	return o->regularization * o->attribute_regularization *
		   pow(fmax(n_ratings, 1), fmax(o->regularization_scaling, LEAST_FEATURE_SCALING));
}

double
fm_factor_scale(const Model *model)
{
	return is_explicit(model->options) && model->scale.deviation > 0 ? model->scale.deviation : 1;
}

/*
 * A user may have an item in several contexts, so there may be more events than pairs. This share
 * of the pairs is taken as missing at least.
 */
#define LEAST_MISSING 0.25

Common
fm_common(const Model *model)
{
	const FmOptions *o = model->options;
	const Side *items = &model->sides[SIDE_ITEMS];
	Common		c = {.is_explicit = is_explicit(o), .k = o->factors, .n_users = model->n_users,
					 .factor_scale = fm_factor_scale(model)};
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

/* Folding in ends when no number changes by more than this share of the largest. */
#define FOLDING_TOLERANCE 1e-5

/* Rows that are added to a Gram matrix at once. */
#define GRAM_ROWS 64

size_t
fm_lay_out_workspace(int k, bool contexts, const void *memory, Workspace *w)
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
	w->priors = add_piece(&p, sizeof(float) * w->at_once * PADDED(k));
	w->solved_weights = add_piece(&p, sizeof(float) * w->at_once);
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

size_t
fm_workspace_bytes(int k, bool contexts)
{
	Workspace	w;

	return fm_lay_out_workspace(k, contexts, NULL, &w);
}

Prior
fm_prior_of_features(const Model *model, SideKind side, const int32_t *feature, const float *value,
					 int64_t n, float *s)
{
	int			k = ((const FmOptions *) model->options)->factors;
	Rows		features = rows_of(model, side_of_features(side));
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

void
fm_combine(const Prior *prior, const float *v, double w, int k, float *factors, float *bias)
{
	/* v and factors may be the same */
	*bias = (float) (w + prior->h + (prior->s == NULL ? 0 : vector_dot_double(v, prior->s, k)));
	for (int f = 0; f < k; f++)
		factors[f] = v[f] + (prior->s == NULL ? 0 : prior->s[f]);
}

void
fm_start_user(const Prior *prior, int k, float *factors, float *bias)
{
	memset(factors, 0, sizeof(float) * PADDED(k));
	if (prior->s != NULL)
		memcpy(factors, prior->s, sizeof(float) * k);
	*bias = (float) prior->h;
}

Prior
fm_prior_of_context_features(const Model *model, const int32_t *feature, const float *value,
							 int64_t n, float *s)
{
	int			k = ((const FmOptions *) model->options)->factors;
	Rows		features = rows_of(model, SIDE_CONTEXT_FEATURES);
	double		h = 0;

	memset(s, 0, sizeof(float) * PADDED(k));
	for (int64_t e = 0; e < n; e++)
	{
		const float *v = factors_of(&features, feature[e]);

		h += value[e] * (features.bias[feature[e]] + (e > 0 ? vector_dot_double(v, s, k) : 0));
		vector_add_scaled(s, value[e], v, PADDED(k));
	}
	return (Prior) {s, h};
}

Prior
fm_prior_of_context(const Contexts *c, int32_t context, float *s)
{
	int			k = ((const FmOptions *) c->model->options)->factors;
	int64_t		first = context < 0 ? 0 : c->features->start[context];
	int64_t		n = context < 0 ? 0 : c->features->start[context + 1] - first;

	if (context >= 0 && c->s != NULL)
		return (Prior) {c->s + context * PADDED(k), c->h[context]};
	return fm_prior_of_context_features(c->model, c->features->column + first,
										c->features->value + first, n, s);
}

static int
compare_contexts(const void *a, const void *b)
{
	int32_t		x = *(const int32_t *) a;
	int32_t		y = *(const int32_t *) b;

	return x < y ? -1 : x > y;
}

void
fm_set_situations(const Situations *s, int64_t user, const int32_t *context, int64_t n)
{
	int32_t    *situation = s->context + s->start[user];
	int32_t    *count = s->count + s->start[user];
	int32_t		found = 0;

	if (n > 0)
	{
		memcpy(situation, context, sizeof(int32_t) * (size_t) n);
		qsort(situation, (size_t) n, sizeof(int32_t), compare_contexts);
	}
	for (int64_t j = 0; j < n; j++)
	{
		if (found == 0 || situation[found - 1] != situation[j])
		{
			situation[found] = situation[j];
			count[found++] = 0;
		}
		count[found - 1]++;
	}
	s->n[user] = found;
}

/* The share that a user's situation has in the user's events. */
static inline double
share_of(const Situations *s, int64_t user, int64_t situation)
{
	return (double) s->count[s->start[user] + situation] /
		   (double) (s->start[user + 1] - s->start[user]);
}

Chunk
fm_chunk(const Problem *p, const RatedRow *row, int64_t first, Workspace *w)
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
		Prior		prior = fm_prior_of_context(row->contexts, context, w->context);
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

void
fm_multiply(const Rows *fixed, const int32_t *column, int64_t n, const float *v, int k,
			float *products)
{
	if (k > 0)
		vector_dot_named(v, fixed->factors, fixed->stride, column, 0, n, k, products);
	else
		memset(products, 0, sizeof(float) * (size_t) n);
}

void
fm_weigh(const Problem *p, const Chunk *chunk, const float *v, double bias, double missing,
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
	fm_multiply(&chunk->fixed, chunk->at, chunk->n, v, c->k, w->products);
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

void
fm_add_situations(const Problem *p, const RatedRow *row, Sums *sums, Workspace *w)
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
			Prior		prior = fm_prior_of_context(row->contexts, context, w->context);
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

void
fm_sum_row(const Problem *p, const RatedRow *row, const float *v, double bias, double missing,
		   Sums *sums, Workspace *w)
{
	const Common *c = p->common;
	int			k = c->k;
	/* the items' Gram matrix has their weights; those of a row of items are all the same */
	double		share = p->missing_of_fixed != NULL ? 1 : c->missing * missing;

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
			fm_add_situations(p, row, sums, w);
	}
	for (int64_t begin = 0; begin < row->n; begin += CHUNK)
	{
		Chunk		chunk = fm_chunk(p, row, begin, w);
		int64_t		n = chunk.n;

		poll();
		fm_weigh(p, &chunk, v, bias, missing, w);
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

double
fm_eliminate_bias(const Common *c, double lambda, const Prior *prior, Sums *sums)
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

double
fm_bias_for(const Common *c, double lambda, const Prior *prior, const Sums *sums, double target,
			const float *v)
{
	double		d = sums->weight + lambda;
	double		product = 0;

	for (int f = 0; f < c->k; f++)
		product += (sums->sum[f] + (prior->s == NULL ? 0 : sums->weight * prior->s[f])) *
				   (double) v[f];
	return d > 0 ? (target - product) / d : 0;
}

bool
fm_solve_systems(const Common *c, int n, Workspace *w)
{
	return c->k == 0 || solve_symmetric(w->systems, w->right, n, c->k, w->solve);
}

bool
fm_take_solution(const Common *c, double lambda, const Prior *prior, Sums *sums, double target,
				 double tolerance, float *factors, float *bias)
{
	float	   *v = sums->b;
	float		before = *bias;
	float		largest;
	float		change;

	fm_combine(prior, v, fm_bias_for(c, lambda, prior, sums, target, v), c->k, v, bias);
	largest = fabsf(*bias);
	change = fabsf(*bias - before);
	for (int f = 0; f < c->k; f++)
	{
		largest = fmaxf(largest, fabsf(v[f]));
		change = fmaxf(change, fabsf(v[f] - factors[f]));
		factors[f] = v[f];
	}
	return change > tolerance * largest;
}

bool
fm_solve_users(const Problem *p, const FmOptions *o, const RatedRow *rows, int n, int steps,
			   float *factors, int64_t stride, float *bias, Workspace *w)
{
	const Common *c = p->common;
	int			active[MOST_AT_ONCE];
	int			n_active = n;
	bool		finite = true;

	for (int i = 0; i < n; i++)
	{
		active[i] = i;
		if (steps > 1)
			fm_start_user(&rows[i].prior, c->k, factors + i * stride, bias + i);
	}
	for (int step = 0; step < (c->is_explicit ? 1 : steps) && n_active > 0; step++)
	{
		Sums		sums[MOST_AT_ONCE];
		double		target[MOST_AT_ONCE];
		int			still = 0;

		for (int a = 0; a < n_active; a++)
		{
			const RatedRow *row = &rows[active[a]];

			sums[a] = sums_at(c, a, w);
			fm_sum_row(p, row, factors + active[a] * stride, bias[active[a]], 0, &sums[a], w);
			w->solved_weights[active[a]] = (float) sums[a].weight;
			target[a] =
				fm_eliminate_bias(c, fm_lambda(o, (double) row->n), &row->prior, &sums[a]);
		}
		finite = fm_solve_systems(c, n_active, w) && finite;
		for (int a = 0; a < n_active; a++)
		{
			int			i = active[a];
			double		lambda = fm_lambda(o, (double) rows[i].n);

			if (fm_take_solution(c, lambda, &rows[i].prior, &sums[a], target[a],
								 FOLDING_TOLERANCE, factors + i * stride, &bias[i]))
				active[still++] = i;
			finite = finite && isfinite(bias[i]);
		}
		n_active = still;
	}
	return finite;
}

/* ---- sums over all rows of a side ---- */

void
fm_sum_background(const Common *c, const Rows *rows, const float *missing,
				  const int32_t *n_ratings, const Situations *situations, const Contexts *contexts,
				  double *parts, int64_t begin, int64_t end, Workspace *w)
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
					float		root =
						missing == NULL ? 1 : (float) sqrt(c->missing * missing[row]);

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
						fm_prior_of_context(contexts,
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

void
fm_add_background(const Common *c, const double *parts, double *numbers)
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

double
fm_gram_product(const double *gram, const double *a, const double *b, int n)
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

void
fm_extend(const float *factors, double bias, double one, int k, double *extended)
{
	for (int f = 0; f < k; f++)
		extended[f] = factors[f];
	extended[k] = bias;
	extended[k + 1] = one;
}

void
fm_read_missing(const Model *model, float *missing)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	for (int64_t i = 0; i < items->n_rows; i++)
	{
		float		most = items->n_ratings[i] > 0 ? (float) curvature(0) : 0;

		if (i % 65536 == 0)
			poll();
		missing[i] = fminf(fmaxf(missing_curvatures(model)[i], 0), most);
	}
}
