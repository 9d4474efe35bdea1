/*
 * invariants.c
 *	  Invariants of the data that rooms hand to each other.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "kernel/vector.h"
#include "miscadmin.h"
#include "model/invariants.h"

#ifdef USE_ASSERT_CHECKING

void
assert_matrix(const SparseMatrix *m)
{
	Assert(m->n_rows >= 0 && m->n_columns >= 0);
	Assert(m->start[0] == 0);
	for (int64 r = 0; r < m->n_rows; r++)
	{
		if (r % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		Assert(m->start[r] <= m->start[r + 1]);
		for (int64 i = m->start[r]; m->column != NULL && i < m->start[r + 1]; i++)
		{
			Assert(m->column[i] >= 0 && m->column[i] < m->n_columns);
			Assert(i == m->start[r] || m->column[i - 1] < m->column[i] ||
				   (m->context != NULL && m->column[i - 1] == m->column[i] &&
					m->context[i - 1] < m->context[i]));
		}
	}
}

static void
assert_finite(const float *values, int64 n)
{
	for (int64 i = 0; i < n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		Assert(isfinite(values[i]));
	}
}

void
assert_ratings(const Ratings *ratings)
{
	const SparseMatrix *by_user = &ratings->by_user;
	const SparseMatrix *by_item = &ratings->by_item;

	assert_matrix(by_user);
	assert_matrix(by_item);
	Assert(by_user->n_rows == by_item->n_columns && by_user->n_columns == by_item->n_rows);
	Assert(by_user->start[by_user->n_rows] == by_item->start[by_item->n_rows]);
	Assert((by_user->time == NULL) == (by_item->time == NULL));
	Assert((by_user->column == NULL) == (by_item->column == NULL));
	Assert((by_user->context == NULL) == (by_item->context == NULL));
	for (int64 i = 0; by_user->context != NULL && i < by_user->start[by_user->n_rows]; i++)
		Assert(by_user->context[i] >= -1 &&
			   by_user->context[i] < ratings->contexts.by_row.n_rows);
	if (by_user->value != NULL)
		assert_finite(by_user->value, by_user->start[by_user->n_rows]);
	for (int64 i = 0; ratings->events.n_users > 0 && i < ratings_extent(ratings).n_events; i++)
		Assert(ratings->events.items[i] >= 0 && ratings->events.items[i] < by_item->n_rows);
	Assert(isfinite(ratings->scale.mean) && isfinite(ratings->scale.deviation) &&
		   ratings->scale.deviation >= 0 && ratings->scale.minimum <= ratings->scale.maximum);
}

void
assert_profile(const Model *model, const Profile *profile)
{
	Assert(profile->n >= 0 &&
		   (profile->contexts != NULL || profile->n <= model->sides[SIDE_ITEMS].n_rows));
	for (int64 i = 0; i < profile->n; i++)
	{
		Assert(profile->items[i] >= 0 && profile->items[i] < model->sides[SIDE_ITEMS].n_rows);
		Assert(i == 0 || profile->items[i - 1] < profile->items[i] ||
			   (profile->contexts != NULL && profile->items[i - 1] == profile->items[i] &&
				profile->contexts[i - 1] < profile->contexts[i]));
		Assert(!isnan(profile->ratings[i]));
	}
	for (int64 i = 0; i < profile->n_events; i++)
	{
		Assert(profile->events[i] >= 0 && profile->events[i] < model->sides[SIDE_ITEMS].n_rows);
		Assert(i == 0 || profile->times == NULL || profile->times[i - 1] <= profile->times[i]);
	}
}

/* Checks lists in an order of their own, with repeats. */
static void
assert_sequences(const SparseMatrix *m)
{
	for (int64 i = 0; i < m->start[m->n_rows]; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		Assert(m->column[i] >= 0 && m->column[i] < m->n_columns);
	}
}

void
assert_items(const Model *model, const int32 *items, int64 first, int64 n)
{
	int64		n_items = model->sides[SIDE_ITEMS].n_rows;

	Assert(first >= 0 && n >= 0 && (items != NULL || first + n <= n_items));
	for (int64 i = first; items != NULL && i < first + n; i++)
		Assert(items[i] >= 0 && items[i] < n_items);
}

static void
assert_side(const Model *model, const Side *side)
{
	Assert(side->n_columns <= MAX_COLUMNS);
	for (int i = 0; i < side->n_columns; i++)
	{
		Assert((uintptr_t) side->values[i] % ALIGNMENT == 0);
		if (side->values[i] != NULL && side->columns[i].type != COLUMN_DOUBLE &&
			side->columns[i].type != COLUMN_OPTIONAL)
			assert_finite(side->values[i], side_floats(side, i));
	}
	if (side->list.start != NULL)
	{
		Assert(side->list.n_rows == side->n_rows);
		Assert(side->list.start[side->n_rows] <= side->list_room);
		if (list_has_weights(side_list_type(side)))
		{
			assert_matrix(&side->list);
			assert_finite(side->list.value, side->list.start[side->n_rows]);
		}
		else
			assert_sequences(&side->list);
	}
	for (int64 r = 0; r < side->n_rows; r++)
		Assert(side->n_ratings[r] >= 0);
}

void
assert_model(const Model *model)
{
	Assert(isfinite(model->scale.mean) && isfinite(model->scale.minimum) &&
		   isfinite(model->scale.maximum));
	for (int s = 0; s < N_SIDES; s++)
	{
		if (model->sides[s].n_ratings != NULL)
			assert_side(model, &model->sides[s]);
	}
}

#endif
