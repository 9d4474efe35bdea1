/*
 * fm_refresh.c
 *	  Refreshing a factorisation machine.
 *
 * Items are solved for their own numbers, with the users and the features fixed; then users are
 * folded in. For events, the bounds of an item's scores, also of missing events, are computed anew
 * until nothing changes, so that its numbers minimise the loss.
 *
 * What a missing event counts, and the constant of the scores, follow from the numbers of events,
 * users and items: for what is solved as for questions they are those after the refresh.
 *
 * With contexts, each rating is solved for in its own, as in training. The missing events of an
 * item are divided among the situations of all users, also of those who are not solved.
 */
#include <string.h>

#include "algorithm/fm.h"
#include "kernel/poll.h"

/*
 * The most steps of solving an item of events, which end when no number changes by more than this
 * share of the largest.
 */
#define SOLVING_STEPS 100
#define SOLVING_TOLERANCE 1e-6

typedef struct RefreshSpace
{
	Workspace	w;
	/* of the rows that are solved at once: */
	float	   *factors;		/* padded k of each */
	float	   *bias;
	/* implicit feedback */
	float	   *missing;		/* by item */
	double	   *parts;			/* of a background */
	double	   *background;
	/* with contexts, by the side whose rows are solved */
	Contexts	contexts[SIDE_USERS + 1];
	Situations	situations[SIDE_USERS + 1];	/* implicit feedback: of all users; of by_user */
} RefreshSpace;

/* The events of which the situations are needed where rows of a side are solved. */
static const SparseMatrix *
situated_events(const Refresh *refresh, SideKind kind)
{
	return kind == SIDE_USERS ? &refresh->by_user : &refresh->situations;
}

static size_t
lay_out_refresh(const Model *model, const Refresh *refresh, const void *memory, RefreshSpace *s)
{
	int			k = ((const FmOptions *) model->options)->factors;
	Pieces		p = {memory, fm_lay_out_workspace(k, model->has_contexts, memory, &s->w)};
	size_t		background =
		is_explicit(model->options) ? 0 : sizeof(double) * (size_t) background_numbers(k);

	s->factors = add_piece(&p, sizeof(float) * s->w.at_once * PADDED(k));
	s->bias = add_piece(&p, sizeof(float) * s->w.at_once);
	s->missing =
		add_piece(&p, background == 0 ? 0 : sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
	s->parts = add_piece(&p, PARTS * background);
	s->background = add_piece(&p, background);
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		const SparseMatrix *m = situated_events(refresh, kind);
		int64_t		rows = model->has_contexts && background > 0 ? m->n_rows : 0;
		int64_t		events = rows > 0 ? m->start[rows] : 0;

		s->contexts[kind] = (Contexts) {
			.model = model,
			.features = kind == SIDE_USERS ? &refresh->user_contexts : &refresh->item_contexts
		};
		s->situations[kind].start = m->start;
		s->situations[kind].n = add_piece(&p, sizeof(int32_t) * rows);
		s->situations[kind].context = add_piece(&p, sizeof(int32_t) * events);
		s->situations[kind].count = add_piece(&p, sizeof(int32_t) * events);
	}
	return p.bytes;
}

size_t
fm_refresh_scratch_bytes(const Model *model, const Refresh *refresh)
{
	RefreshSpace s;

	return lay_out_refresh(model, refresh, NULL, &s);
}

/* Implicit feedback with contexts: finds the situations. */
static void
find_situations(const Refresh *refresh, RefreshSpace *s)
{
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		const SparseMatrix *m = situated_events(refresh, kind);

		for (int64_t row = 0; row < m->n_rows; row++)
		{
			poll();
			fm_set_situations(&s->situations[kind], row, m->context + m->start[row],
							  m->start[row + 1] - m->start[row]);
		}
	}
}

/* The least squares of rows of a side, with the other side as it is now. */
static Problem
problem_of(const Model *model, SideKind kind, const Common *c, RefreshSpace *s,
		   Background *background)
{
	SideKind	other = kind == SIDE_ITEMS ? SIDE_USERS : SIDE_ITEMS;
	Problem		problem = {.common = c, .fixed = rows_of(model, other)};
	bool		by_situation = other == SIDE_USERS && model->has_contexts;

	if (c->is_explicit)
		return problem;
	if (other == SIDE_ITEMS)
	{
		fm_read_missing(model, s->missing);
		problem.missing_of_fixed = s->missing;
	}
	fm_sum_background(c, &problem.fixed, problem.missing_of_fixed, model->sides[other].n_ratings,
					  by_situation ? &s->situations[kind] : NULL,
					  by_situation ? &s->contexts[kind] : NULL, s->parts, 0, PARTS, &s->w);
	fm_add_background(c, s->parts, s->background);
	*background = background_at(s->background, c->k);
	problem.background = background;
	return problem;
}

/* A row of an item or user, the at-th of those that are solved at once. */
static RatedRow
rated_row(const Model *model, SideKind kind, const Refresh *refresh, int64_t row, int at,
		  const RefreshSpace *s)
{
	bool		of_users = kind == SIDE_USERS;
	const SparseMatrix *m = of_users ? &refresh->by_user : &refresh->by_item;
	const SparseMatrix *features =
		of_users ? &refresh->user_features.by_row : &refresh->item_features.by_row;
	int			k = ((const FmOptions *) model->options)->factors;
	RatedRow	result = {.column = m->column + m->start[row], .value = m->value + m->start[row],
						  .n = m->start[row + 1] - m->start[row]};

	if (features->n_columns > 0)
		result.prior = fm_prior_of_features(
			model, kind, features->column + features->start[row],
			features->value + features->start[row], features->start[row + 1] - features->start[row],
			s->w.priors + at * PADDED(k));
	if (m->context == NULL)
		return result;
	result.context = m->context + m->start[row];
	result.contexts = &s->contexts[kind];
	result.user = of_users ? row : -1;
	if (!is_explicit(model->options))
		result.situations = &s->situations[kind];
	return result;
}

/* Folds users in; only_new: those who have no numbers yet. False where some are not finite. */
static bool
refresh_users(Model *model, const Refresh *refresh, bool only_new, const Common *c,
			  RefreshSpace *s)
{
	const SparseMatrix *m = &refresh->by_user;
	Rows		users = rows_of(model, SIDE_USERS);
	Background	background = {0};
	Problem		problem = problem_of(model, SIDE_USERS, c, s, &background);
	RatedRow	rows[MOST_AT_ONCE];
	int32_t		solving[MOST_AT_ONCE];
	int			n = 0;

	for (int64_t r = 0; r <= m->n_rows; r++)
	{
		if (r < m->n_rows && (!only_new || has_no_numbers(&users, refresh->users[r], c->k)))
		{
			rows[n] = rated_row(model, SIDE_USERS, refresh, r, n, s);
			solving[n++] = refresh->users[r];
		}
		if (n == 0 || (n < s->w.at_once && r < m->n_rows))
			continue;
		if (!fm_solve_users(&problem, model->options, rows, n, FOLDING_STEPS, s->factors,
							users.stride, s->bias, &s->w))
			return false;
		for (int i = 0; i < n; i++)
		{
			if (c->k > 0)
				memcpy(factors_of(&users, solving[i]), s->factors + i * users.stride,
					   sizeof(float) * users.stride);
			users.bias[solving[i]] = s->bias[i];
		}
		n = 0;
	}
	return true;
}

/* The curvature of the bound of an item's missing events that is best for its present scores. */
static float
curvature_of_missing(const Problem *p, const RatedRow *row, const float *factors, double bias,
			   Workspace *w)
{
	const Common *c = p->common;
	double		missing = (double) c->n_users;
	double		squares;

	if (row->n == 0)
		return 0;
	fm_extend(factors, bias, 1, c->k, w->extended);
	squares = fm_gram_product(p->background->gram, w->extended, w->extended, c->k + 2);
	for (int64_t first = 0; first < row->n; first += CHUNK)
	{
		Chunk		chunk = fm_chunk(p, row, first, w);

		poll();
		fm_multiply(&chunk.fixed, chunk.at, chunk.n, factors, c->k, w->products);
		for (int64_t j = 0; j < chunk.n; j++)
		{
			double		share = chunk.share == NULL ? 1 : chunk.share[j];
			double		score =
				c->constant + bias + chunk.fixed.bias[chunk.at[j]] + w->products[j];

			squares -= share * score * score;
			missing -= share;
		}
	}
	return (float) curvature(missing > 0 ? sqrt(fmax(squares, 0) / missing) : 0);
}

/*
 * Solves n items (at most w->at_once), from their present numbers. For events, the bounds are
 * computed anew until nothing changes.
 */
static bool
solve_items(const Model *model, const Problem *p, const RatedRow *rows, const int32_t *solving,
			int n, Workspace *w)
{
	const FmOptions *o = model->options;
	const Common *c = p->common;
	Rows		items = rows_of(model, SIDE_ITEMS);
	int			active[MOST_AT_ONCE];
	int			n_active = n;
	bool		finite = true;

	for (int i = 0; i < n; i++)
		active[i] = i;
	for (int step = 0; step < (c->is_explicit ? 1 : SOLVING_STEPS) && n_active > 0; step++)
	{
		Sums		sums[MOST_AT_ONCE];
		double		target[MOST_AT_ONCE];
		int			still = 0;

		for (int a = 0; a < n_active; a++)
		{
			int			i = active[a];
			const float *x = factors_of(&items, solving[i]);
			float		bias = items.bias[solving[i]];
			float		missing = 0;

			if (!c->is_explicit)
			{
				missing = curvature_of_missing(p, &rows[i], x, bias, w);
				missing_curvatures(model)[solving[i]] = missing;
			}
			sums[a] = sums_at(c, a, w);
			fm_sum_row(p, &rows[i], x, bias, missing, &sums[a], w);
			target[a] = fm_eliminate_bias(c, fm_lambda(o, (double) rows[i].n), &rows[i].prior,
										  &sums[a]);
		}
		finite = fm_solve_systems(c, n_active, w) && finite;
		for (int a = 0; a < n_active; a++)
		{
			int			i = active[a];
			float	   *bias = &items.bias[solving[i]];

			if (fm_take_solution(c, fm_lambda(o, (double) rows[i].n), &rows[i].prior, &sums[a],
								 target[a], SOLVING_TOLERANCE, factors_of(&items, solving[i]),
								 bias))
				active[still++] = i;
			finite = finite && isfinite(*bias);
		}
		n_active = still;
	}
	return finite;
}

/* Solves items. New ones begin as what their features say. */
static bool
refresh_items(Model *model, const Refresh *refresh, const Common *c, RefreshSpace *s)
{
	const SparseMatrix *m = &refresh->by_item;
	Rows		items = rows_of(model, SIDE_ITEMS);
	Background	background = {0};
	Problem		problem = problem_of(model, SIDE_ITEMS, c, s, &background);
	int			n;

	for (int64_t first = 0; first < m->n_rows; first += n)
	{
		RatedRow	rows[MOST_AT_ONCE];

		n = m->n_rows - first < s->w.at_once ? (int) (m->n_rows - first) : s->w.at_once;
		for (int i = 0; i < n; i++)
		{
			int32_t		item = refresh->items[first + i];

			rows[i] = rated_row(model, SIDE_ITEMS, refresh, first + i, i, s);
			/* its own numbers are zero */
			if (has_no_numbers(&items, item, c->k))
				fm_combine(&rows[i].prior, factors_of(&items, item), 0, c->k,
						   factors_of(&items, item), &items.bias[item]);
		}
		if (!solve_items(model, &problem, rows, refresh->items + first, n, &s->w))
			return false;
	}
	return true;
}

/* As in training, the items are solved before the users. New users need numbers before that. */
const char *
fm_refresh(Model *model, const Refresh *refresh, void *memory)
{
	Common		c = fm_common(model);
	bool		finite = true;
	RefreshSpace s;

	lay_out_refresh(model, refresh, memory, &s);
	if (model->has_contexts && !c.is_explicit)
		find_situations(refresh, &s);
	if (refresh->by_item.n_rows > 0)
		finite = refresh_users(model, refresh, true, &c, &s) &&
				 refresh_items(model, refresh, &c, &s);
	finite = finite && refresh_users(model, refresh, false, &c, &s);
	return finite ? NULL : "a least-squares solution is not finite";
}
