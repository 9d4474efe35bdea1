/*
 * sparse.c
 *	  Sparse matrices in compressed rows: building, transposing, merging.
 *
 * A matrix is built by a counting sort: one pass counts the entries of each row,
 * a second puts each entry where its row begins. Both are linear, and stable, so
 * that "the last one that was read" stays the last one of its row.
 */
#include <stddef.h>

#include "kernel/poll.h"
#include "kernel/sparse.h"

/* Entries between two polls: about a millisecond of scattered writes. */
#define POLL_ENTRIES 65536

/*
 * While a matrix is built, start is shifted by two: start[r + 2] counts row r,
 * then start[r + 1] is where row r's next entry goes, and at the end start[r] is where row r
 * begins. This is why start has n_rows + 2 elements.
 */
void
sparse_count(SparseMatrix *m, const int32_t *rows, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
	{
		if (i % POLL_ENTRIES == 0)
			poll();
		m->start[rows[i] + 2]++;
	}
}

void
sparse_starts(SparseMatrix *m)
{
	for (int64_t r = 1; r < m->n_rows + 2; r++)
	{
		if (r % POLL_ENTRIES == 0)
			poll();
		m->start[r] += m->start[r - 1];
	}
}

void
sparse_scatter(SparseMatrix *m, const int32_t *rows, const int32_t *columns,
			   const float *values, const int64_t *times, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		to = m->start[rows[i] + 1]++;

		if (i % POLL_ENTRIES == 0)
			poll();
		m->column[to] = columns[i];
		m->value[to] = values[i];
		if (m->time != NULL)
			m->time[to] = times[i];
	}
}

void
sparse_transpose(const SparseMatrix *from, SparseMatrix *to)
{
	int64_t		entries = from->start[from->n_rows];

	to->n_rows = from->n_columns;
	to->n_columns = from->n_rows;
	sparse_count(to, from->column, entries);
	sparse_starts(to);
	for (int64_t r = 0; r < from->n_rows; r++)
	{
		if (r % 64 == 0)
			poll();
		for (int64_t i = from->start[r]; i < from->start[r + 1]; i++)
		{
			int64_t		at = to->start[from->column[i] + 1]++;

			if ((i - from->start[r]) % POLL_ENTRIES == POLL_ENTRIES - 1)
				poll();
			to->column[at] = (int32_t) r;
			to->value[at] = from->value[i];
			if (to->time != NULL)
				to->time[at] = from->time[i];
		}
	}
}

/*
 * The sum of floats, which must not depend on their order: each is added to a
 * sum of twice the precision (Knuth's TwoSum), which is exact as long as the
 * largest is less than 2^51 times the smallest. volatile, because this file is compiled
 * with leave to reorder sums.
 */
static float
merge_sum(const float *values, int64_t n)
{
	volatile double high = 0;
	volatile double low = 0;

	for (int64_t i = 0; i < n; i++)
	{
		volatile double before = high;
		volatile double added;
		volatile double error;

		high = before + values[i];
		added = high - before;
		error = high - added;
		error = before - error;
		added = values[i] - added;
		low += error + added;
		if (i % POLL_ENTRIES == POLL_ENTRIES - 1)
			poll();
	}
	return (float) (high + low);
}

static int64_t
merge_latest(const SparseMatrix *m, int64_t first, int64_t n)
{
	int64_t		latest = first;

	for (int64_t i = first + 1; i < first + n; i++)
	{
		if (m->time == NULL || m->time[i] > m->time[latest] ||
			(m->time[i] == m->time[latest] && m->value[i] > m->value[latest]))
			latest = i;
		if ((i - first) % POLL_ENTRIES == 0)
			poll();
	}
	return latest;
}

int64_t
sparse_merge(SparseMatrix *m, MergeRule rule)
{
	int64_t		to = 0;
	int64_t		entries = m->start[m->n_rows];
	int64_t		begin = 0;

	for (int64_t r = 0; r < m->n_rows; r++)
	{
		int64_t		end = m->start[r + 1];

		if (r % 1024 == 0)
			poll();
		m->start[r] = to;
		for (int64_t i = begin; i < end;)
		{
			int64_t		run = 1;
			int64_t		latest = i;
			float		value = m->value[i];

			while (i + run < end && m->column[i + run] == m->column[i])
				run++;
			if (run > 1)
			{
				latest = merge_latest(m, i, run);
				value = rule == MERGE_SUM ? merge_sum(m->value + i, run) : m->value[latest];
			}
			m->column[to] = m->column[i];
			m->value[to] = value;
			if (m->time != NULL)
				m->time[to] = m->time[latest];
			if (++to % POLL_ENTRIES == 0)
				poll();
			i += run;
		}
		begin = end;
	}
	m->start[m->n_rows] = to;
	return entries - to;
}
