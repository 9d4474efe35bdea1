/*
 * fm_train.c
 *	  Training a factorisation machine: items, users, and the loop. fm_features.c has the features
 *	  of both, and fm_contexts.c the contexts.
 */
#include <math.h>
#include <string.h>

#include "algorithm/fm_train.h"
#include "kernel/poll.h"
#include "kernel/random.h"

/* ---- memory ---- */

int
fm_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	const FmOptions *o = options;
	bool		rated = is_explicit(o);
	size_t		background = sizeof(double) * (size_t) background_numbers(o->factors);

	bytes[ARRAY_SHARED] = sizeof(Shared);
	bytes[ARRAY_ITEM_LOSS] = sizeof(double) * extent->n_items;
	bytes[ARRAY_USER_LOSS] = sizeof(double) * extent->n_users;
	bytes[ARRAY_PARTS] = rated ? 0 : PARTS * background;
	bytes[ARRAY_BACKGROUNDS] = rated ? 0 : 2 * background;
	bytes[ARRAY_ITEM_FEATURES] = fm_features_bytes(o->factors, SIDE_ITEMS, extent);
	bytes[ARRAY_USER_FEATURES] = fm_features_bytes(o->factors, SIDE_USERS, extent);
	bytes[ARRAY_CONTEXTS] =
		extent->n_contexts > 0 ? fm_contexts_bytes(o->factors, extent) : 0;
	return N_ARRAYS;
}

/* Standard deviation of the random factors that training starts from. */
#define INITIAL_DEVIATION 0.1

/*
 * A pass over the users: random factors of their own for those that have none. Its argument is not
 * used.
 */
static void
pass_initialize(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	Rows		users = rows_of(task->model, SIDE_USERS);
	Rows		own = fm_own_rows(task, SIDE_USERS);
	double		deviation = INITIAL_DEVIATION * sqrt(fm_factor_scale(task->model));
	Workspace	w;

	fm_lay_out_workspace(o->factors, has_contexts(task), scratch, &w);
	for (int64_t u = begin; u < end; u++)
	{
		Prior		prior;

		poll();
		if (!has_no_factors(&users, u, o->factors) || (o->factors == 0 && users.bias[u] != 0))
			continue;
		for (int f = 0; f < o->factors; f++)
			factors_of(&own, u)[f] =
				(float) (deviation *
						 random_normal((uint64_t) o->seed, (uint64_t) u * o->factors + f));
		prior = fm_row_prior(task, SIDE_USERS, u, w.own);
		fm_combine_row(task, SIDE_USERS, &own, &prior, u);
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
		surroundings = fm_surroundings(task);
	fm_lay_out_workspace(shared->common.k, has_contexts(task), scratch, &w);
	fm_sum_background(&shared->common, &rows,
					  side == SIDE_ITEMS ? missing_curvatures(task->model) : NULL,
					  task->model->sides[side].n_ratings,
					  by_situation ? &surroundings.situations : NULL,
					  by_situation ? &surroundings.contexts : NULL, task->arrays[ARRAY_PARTS],
					  begin, end, &w);
}

RatedRow
fm_rated_row(const Task *task, SideKind side, int64_t row, const Surroundings *surroundings)
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

Problem
fm_problem_of_side(const Task *task, SideKind side, Surroundings *surroundings)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	SideKind	other = side == SIDE_ITEMS ? SIDE_USERS : SIDE_ITEMS;
	Problem		problem = {.common = &shared->common, .fixed = rows_of(task->model, other)};

	*surroundings = fm_surroundings(task);
	if (!shared->common.is_explicit)
	{
		surroundings->background = background_of(task, other);
		problem.background = &surroundings->background;
		problem.missing_of_fixed = other == SIDE_ITEMS ? missing_curvatures(task->model) : NULL;
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
	Problem		problem = fm_problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = fm_own_rows(task, SIDE_ITEMS);
	float	   *weights = fm_row_weights(task, SIDE_ITEMS);
	Workspace	w;
	int			n;

	fm_lay_out_workspace(c->k, has_contexts(task), scratch, &w);
	for (int64_t first = begin; first < end; first += n)
	{
		Sums		sums[MOST_AT_ONCE];
		double		target[MOST_AT_ONCE];

		n = end - first < w.at_once ? (int) (end - first) : w.at_once;
		for (int at = 0; at < n; at++)
		{
			int64_t		i = first + at;
			RatedRow	row = fm_rated_row(task, SIDE_ITEMS, i, &surroundings);
			Prior		prior = fm_row_prior(task, SIDE_ITEMS, i, w.own);

			sums[at] = sums_at(c, at, &w);
			fm_sum_row(&problem, &row, factors_of(&items, i), items.bias[i],
					   c->is_explicit ? 0 : missing_curvatures(task->model)[i], &sums[at], &w);
			target[at] = fm_eliminate_bias(c, fm_lambda(o, (double) row.n), &prior, &sums[at]);
			if (weights != NULL)
				weights[i] = (float) sums[at].weight;
		}
		if (!fm_solve_systems(c, n, &w))
			shared->failed = 1;
		for (int at = 0; at < n; at++)
		{
			int64_t		i = first + at;
			Prior		prior = fm_row_prior(task, SIDE_ITEMS, i, w.own);
			double		n_ratings = (double) (m->start[i + 1] - m->start[i]);

			own.bias[i] = (float) fm_bias_for(c, fm_lambda(o, n_ratings), &prior, &sums[at],
											  target[at], sums[at].b);
			memcpy(factors_of(&own, i), sums[at].b, sizeof(float) * c->k);
			fm_combine_row(task, SIDE_ITEMS, &own, &prior, i);
			if (!isfinite(items.bias[i]))
				shared->failed = 1;
		}
	}
}

double
fm_penalty(const Common *c, double lambda, const float *v, double bias)
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
	Problem		problem = fm_problem_of_side(task, SIDE_USERS, &surroundings);
	Rows		users = rows_of(task->model, SIDE_USERS);
	Rows		own = fm_own_rows(task, SIDE_USERS);
	float	   *weights = fm_row_weights(task, SIDE_USERS);
	Workspace	w;
	int			n;

	fm_lay_out_workspace(c->k, has_contexts(task), scratch, &w);
	for (int64_t first = begin; first < end; first += n)
	{
		RatedRow	rows[MOST_AT_ONCE];

		n = end - first < w.at_once ? (int) (end - first) : w.at_once;
		for (int at = 0; at < n; at++)
		{
			rows[at] = fm_rated_row(task, SIDE_USERS, first + at, &surroundings);
			rows[at].prior =
				fm_row_prior(task, SIDE_USERS, first + at, w.priors + at * users.stride);
		}
		if (!fm_solve_users(&problem, o, rows, n, fold ? FOLDING_STEPS : 1,
							factors_of(&users, first), users.stride, users.bias + first, &w))
			shared->failed = 1;
		for (int at = 0; at < n && weights != NULL; at++)
		{
			weights[first + at] = w.solved_weights[at];
			fm_separate_row(task, SIDE_USERS, &own, &rows[at].prior, first + at);
		}
	}
}

/* A pass over the users: their regularisation. Its argument is not used. */
static void
pass_penalty(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const FmOptions *o = task->model->options;
	const Shared *shared = task->arrays[ARRAY_SHARED];
	const int64_t *start = task->ratings->by_user.start;
	Rows		own = fm_own_rows(task, SIDE_USERS);
	double	   *loss = task->arrays[ARRAY_USER_LOSS];

	poll();
	for (int64_t u = begin; u < end; u++)
		loss[u] = fm_penalty(&shared->common, fm_lambda(o, (double) (start[u + 1] - start[u])),
							 factors_of(&own, u), own.bias[u]);
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
	Problem		problem = fm_problem_of_side(task, SIDE_ITEMS, &surroundings);
	Rows		items = rows_of(task->model, SIDE_ITEMS);
	Rows		own = fm_own_rows(task, SIDE_ITEMS);
	double	   *loss = task->arrays[ARRAY_ITEM_LOSS];
	int			k = c->k;
	Workspace	w;

	fm_lay_out_workspace(k, has_contexts(task), scratch, &w);
	for (int64_t i = begin; i < end; i++)
	{
		const float *p = factors_of(&items, i);
		RatedRow	row = fm_rated_row(task, SIDE_ITEMS, i, &surroundings);
		double		sum = 0;
		double		squares = 0;
		double		missing_sum = 0;
		double		missing = (double) c->n_users;

		loss[i] = fm_penalty(c, fm_lambda(o, (double) row.n), factors_of(&own, i), own.bias[i]);
		if (!c->is_explicit && row.n > 0)
		{
			fm_extend(p, items.bias[i], 1, k, w.extended);
			squares = fm_gram_product(surroundings.background.gram, w.extended, w.extended, k + 2);
			for (int f = 0; f < k + 2; f++)
				missing_sum += surroundings.background.gram[k * (k + 2) + f] * w.extended[f];
		}
		for (int64_t first = 0; first < row.n; first += CHUNK)
		{
			Chunk		chunk = fm_chunk(&problem, &row, first, &w);

			poll();
			fm_multiply(&chunk.fixed, chunk.at, chunk.n, p, k, w.products);
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
				missing_curvatures(task->model)[i] = (float) curvature(x);
		}
		loss[i] += sum;
	}
}

const Pass fm_passes[] = {
	[PASS_INITIALIZE] = pass_initialize,
	[PASS_OWN] = fm_pass_own,
	[PASS_BACKGROUND] = pass_background,
	[PASS_ITEMS] = pass_items,
	[PASS_USERS] = pass_users,
	[PASS_PENALTY] = pass_penalty,
	[PASS_LOSS] = pass_loss,
	[PASS_FEATURES] = fm_pass_features,
	[PASS_SPREAD] = fm_pass_spread,
	[PASS_LINE] = fm_pass_line,
	[PASS_MOVE_OWN] = fm_pass_move_own,
	[PASS_SITUATIONS] = fm_pass_situations,
	[PASS_STORED_CONTEXTS] = fm_pass_stored_contexts,
	[PASS_CONTEXTS] = fm_pass_contexts,
	[PASS_CONTEXT_SUMS] = fm_pass_context_sums
};

size_t
fm_scratch_bytes(const void *options, const Extent *extent)
{
	int			k = ((const FmOptions *) options)->factors;
	bool		contexts = extent->n_contexts > 0;
	size_t		line = fm_line_bytes(k, contexts);
	size_t		step = fm_context_step_bytes(k, contexts);

	return line > step ? line : step;
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
	fm_add_background(&shared->common, task->arrays[ARRAY_PARTS], background_of(task, side).gram);
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
	total = fm_features_penalty(task, SIDE_ITEMS) + fm_contexts_penalty(task);
	total += fm_features_penalty(task, SIDE_USERS);
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
		fm_step_contexts(task, services);
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
		missing_curvatures(task->model)[i] =
			items->n_ratings[i] > 0 ? (float) curvature(c->constant) : 0;
}

/*
 * A warm start continues from the last version's model as long as the loss falls; with the same
 * ratings nothing is done, as in als.c. What items and users have of their own is what their
 * features, as far as these are known, leave of their stored numbers.
 */
const char *
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

	shared->common = fm_common(model);
	run_pass(services, PASS_INITIALIZE, NULL, 0, users.n, BLOCK_ROWS);
	fm_prepare_features(task, SIDE_ITEMS);
	fm_prepare_features(task, SIDE_USERS);
	if (has_contexts(task))
		fm_prepare_contexts(task, services);
	if (task->warm)
	{
		double		loss;

		fm_separate(task, services);
		loss = total_loss(task, services, false);
		previous = isfinite(loss) ? loss : INFINITY;
		done = fabs(loss - task->last_loss) <= SAME_LOSS * loss;
		if (done)
			services->iteration_done(services, 1, loss, NAN);
	}
	if (!done)
	{
		if (task->warm)
			fm_center_features(task, services);
		if (task->warm && has_contexts(task))
			fm_center_contexts(task, services);
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
		if (fm_has_features(task, SIDE_ITEMS))
			fm_step_features(task, services, SIDE_ITEMS);
		solve_all_users(task, services, false);
		if (fm_has_features(task, SIDE_USERS))
			fm_step_features(task, services, SIDE_USERS);
		total = total_loss(task, services, true);
		/* a rise comes from rounding alone: there is nothing left to gain */
		done = iteration == o->iterations ||
			   (isfinite(previous) && !(previous - total >= o->tolerance * previous));
		if (done)
		{
			if (!shared->common.is_explicit || fm_has_features(task, SIDE_USERS))
				solve_all_users(task, services, true);
			/* own numbers as a warm start has them, so that the loss is the same */
			fm_separate(task, services);
			total = total_loss(task, services, false);
		}
		if (shared->failed != 0 || !isfinite(total))
			return "the loss is not finite";
		services->iteration_done(services, iteration, total, NAN);
		previous = total;
	}
	if (o->factors > 0 && longest(&users, o->factors) * longest(&items, o->factors) <
							  LEAST_PRODUCT * fm_factor_scale(model))
		services->nothing_learned(services, "regularization");
	return NULL;
}
