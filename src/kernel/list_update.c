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

static void
put(ListUpdate *update, int64_t row, int32_t item, float weight)
{
	Top		   *top = &update->tops[row];

	top_offer(top, weight, rank_of(update, item));
	if (top->count == top->capacity)
		update->least[row] = top->heap[0].score;
}

/* Begins to change a list: with what stays on it. */
static void
open_list(ListUpdate *update, int64_t row)
{
	const SparseMatrix *lists = update->lists;
	Top		   *top = &update->tops[row];

	top->capacity = update->capacity;
	top->heap = allocate(update->allocator, sizeof(Scored) * (size_t) update->capacity);
	update->least[row] = 0;
	for (int64_t at = lists->start[row]; at < lists->start[row + 1] && !update->solved[row]; at++)
	{
		if (!update->solved[lists->column[at]])
			put(update, row, lists->column[at], lists->value[at]);
	}
}

void
list_update_begin(ListUpdate *update)
{
	const SparseMatrix *lists = update->lists;
	size_t		n = (size_t) lists->n_rows;

	update->tops = allocate(update->allocator, sizeof(Top) * n);
	update->least = allocate(update->allocator, sizeof(float) * n);
	for (int64_t row = 0; row < lists->n_rows; row++)
	{
		int64_t		first = lists->start[row];
		int64_t		end = lists->start[row + 1];
		bool		loses = update->solved[row];
		float		least = first < end ? lists->value[first] : 0;

		if (row % POLL_ROWS == 0)
			poll();
		for (int64_t at = first; at < end; at++)
		{
			loses = loses || update->solved[lists->column[at]];
			least = lists->value[at] < least ? lists->value[at] : least;
		}
		if (loses)
			open_list(update, row);
		else if (end - first >= update->capacity)
			update->least[row] = least;
	}
}

void
list_update_put(ListUpdate *update, int64_t row, int32_t item, float weight)
{
	if (update->tops[row].heap == NULL)
		open_list(update, row);
	put(update, row, item, weight);
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
