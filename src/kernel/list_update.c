/*
 * list_update.c
 *	  Lists of the best, some of which are computed again.
 */
#include "kernel/list_update.h"
#include "kernel/poll.h"

/* Rows between two polls. */
#define POLL_ROWS 16

static inline int32_t
rank_of(const ListUpdate *update, int32_t item)
{
	return update->rank == NULL ? item : update->rank[item];
}

/* Begins to change a list: with what stays on it. */
static void
open_list(ListUpdate *update, int64_t row)
{
	const SparseMatrix *lists = update->lists;
	Top		   *top = &update->tops[row];

	top->capacity = update->capacity;
	top->heap = allocate(update->allocator, sizeof(Scored) * (size_t) update->capacity);
	for (int64_t at = lists->start[row]; at < lists->start[row + 1] && !update->solved[row]; at++)
	{
		if (!update->solved[lists->column[at]])
			top_offer(top, lists->value[at], rank_of(update, lists->column[at]));
	}
}

static bool
lists_solved(const ListUpdate *update, int64_t row)
{
	const SparseMatrix *lists = update->lists;

	for (int64_t at = lists->start[row]; at < lists->start[row + 1]; at++)
	{
		if (update->solved[lists->column[at]])
			return true;
	}
	return false;
}

void
list_update_begin(ListUpdate *update)
{
	size_t		n = (size_t) update->lists->n_rows;

	update->tops = allocate(update->allocator, sizeof(Top) * n);
	update->least = allocate(update->allocator, sizeof(float) * n);
	for (int64_t row = 0; row < update->lists->n_rows; row++)
	{
		if (row % POLL_ROWS == 0)
			poll();
		if (update->solved[row] || lists_solved(update, row))
			open_list(update, row);
	}
}

/* Whether a list that stays so far has no room for this weight. */
static bool
is_below(ListUpdate *update, int64_t row, float weight)
{
	const SparseMatrix *lists = update->lists;
	float		least;

	if (lists->start[row + 1] - lists->start[row] < update->capacity)
		return false;
	if (update->least[row] == 0)
	{
		least = lists->value[lists->start[row]];
		for (int64_t at = lists->start[row]; at < lists->start[row + 1]; at++)
			least = lists->value[at] < least ? lists->value[at] : least;
		update->least[row] = least;
	}
	return weight < update->least[row];
}

void
list_update_offer(ListUpdate *update, int64_t row, int32_t item, float weight)
{
	if (update->tops[row].heap == NULL)
	{
		if (is_below(update, row, weight))
			return;
		open_list(update, row);
	}
	top_offer(&update->tops[row], weight, rank_of(update, item));
}

void
list_update_end(ListUpdate *update, SparseMatrix *lists, bool *changed)
{
	int64_t		n = lists->n_rows;
	int64_t    *start = allocate(update->allocator, sizeof(int64_t) * (size_t) (n + 2));

	for (int64_t row = 0; row < n; row++)
		start[row + 1] = start[row] + update->tops[row].count;
	lists->start = start;
	lists->column = allocate(update->allocator, sizeof(int32_t) * (size_t) (start[n] + 1));
	lists->value = allocate(update->allocator, sizeof(float) * (size_t) (start[n] + 1));
	for (int64_t row = 0; row < n; row++)
	{
		Top		   *top = &update->tops[row];

		if (row % POLL_ROWS == 0)
			poll();
		changed[row] = changed[row] || top->heap != NULL;
		for (int64_t i = 0; i < top->count && update->order != NULL; i++)
			top->heap[i].index = update->order[top->heap[i].index];
		top_sort_by_index(top);
		for (int64_t i = 0; i < top->count; i++)
		{
			lists->column[start[row] + i] = top->heap[i].index;
			lists->value[start[row] + i] = top->heap[i].score;
		}
	}
}
