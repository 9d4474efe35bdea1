/*
 * sparse_fuzz.c
 *	  Sparse matrices: building, merging, transposing and multiplying, against insertion into a
 *	  sorted list.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/sparse.h"

#define MOST_ENTRIES 300

/* A stable sort: entries of one row and column keep their order. */
static void
sort_entries(TimedEntry *entries, int64_t n)
{
	for (int64_t i = 1; i < n; i++)
	{
		TimedEntry	one = entries[i];
		int64_t		at = i;

		for (; at > 0 && (entries[at - 1].entry.row > one.entry.row ||
						  (entries[at - 1].entry.row == one.entry.row &&
						   entries[at - 1].entry.column > one.entry.column));
			 at--)
			entries[at] = entries[at - 1];
		entries[at] = one;
	}
}

static int64_t
time_of(const TimedEntry *entry)
{
	int64_t		time;

	memcpy(&time, entry->time, sizeof(time));
	return time;
}

/* Checks how the entries of one row and column were merged. */
static void
check_merged(const TimedEntry *entries, int64_t n, bool timed, MergeRule rule, float value,
			 int64_t time)
{
	int64_t		latest = 0;
	long double sum = 0;
	long double size = 0;

	for (int64_t i = 0; i < n; i++)
	{
		sum += entries[i].entry.value;
		size += fabsf(entries[i].entry.value);
		if (!timed || time_of(&entries[i]) > time_of(&entries[latest]) ||
			(time_of(&entries[i]) == time_of(&entries[latest]) &&
			 entries[i].entry.value > entries[latest].entry.value))
			latest = i;
	}
	if (timed)
		CHECK(time == time_of(&entries[latest]));
	if (rule == MERGE_LATEST || n == 1)
		CHECK(value == entries[latest].entry.value);
	else if (fabsl(sum) > FLT_MAX)
		CHECK(fabsf(value) >= FLT_MAX);
	else
		CHECK_NEAR(value, (double) sum,
				   (double) (fabsl(sum) * 0x1p-23L + size * 0x1p-60L + 0x1p-149L));
}

static SparseMatrix
build_matrix(const TimedEntry *entries, int64_t n, int64_t n_rows, int64_t n_columns, bool timed)
{
	SparseMatrix m = {
		.n_rows = n_rows, .n_columns = n_columns, .start = fresh(sizeof(int64_t) * (n_rows + 2))};
	size_t		bytes = timed ? sizeof(TimedEntry) : sizeof(Entry);
	char	   *buffer = fresh(bytes * n);
	char	   *other = dirty(bytes * n);

	for (int64_t i = 0; i < n; i++)
		memcpy(buffer + i * bytes, &entries[i], bytes);
	sparse_build(&m, buffer, other, bytes, n);
	return m;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t widths[] = {1, 3, 40, 2048, 2049, 5000, 4194305, INT32_MAX};
	Input		in = begin_case(data, size);
	int64_t		n_rows = take_below(&in, 20);
	int64_t		n_columns = widths[take_below(&in, 8)];
	bool		timed = take_bool(&in);
	MergeRule	rule = take_bool(&in) ? MERGE_SUM : MERGE_LATEST;
	Range		range = take_range(&in, RANGE_FINITE);
	int64_t		n = n_rows == 0 ? 0 : take_below(&in, MOST_ENTRIES);
	TimedEntry *entries = fresh(sizeof(TimedEntry) * n);
	TimedEntry *reversed = fresh(sizeof(TimedEntry) * n);
	SparseMatrix m;
	SparseMatrix other;
	SparseMatrix transposed = {0};
	int64_t		merged = 0;
	int64_t		gone;

	for (int64_t i = 0; i < n; i++)
	{
		int64_t		time =
			take_bool(&in) ? (int64_t) take_bytes(&in, 8) : (int64_t) take_bytes(&in, 1) % 3;

		entries[i].entry = (Entry){(int32_t) take_below(&in, n_rows),
								   (int32_t) take_below(&in, n_columns), take_float(&in, range)};
		memcpy(entries[i].time, &time, sizeof(time));
		reversed[n - 1 - i] = entries[i];
	}
	m = build_matrix(entries, n, n_rows, n_columns, timed);
	other = build_matrix(reversed, n, n_rows, n_columns, timed);
	sort_entries(entries, n);
	CHECK(m.start[0] == 0 && m.start[n_rows] == n);
	for (int64_t r = 0; r < n_rows; r++)
	{
		for (int64_t i = m.start[r]; i < m.start[r + 1]; i++)
		{
			CHECK(entries[i].entry.row == r && m.column[i] == entries[i].entry.column &&
				  m.value[i] == entries[i].entry.value);
			CHECK(!timed || m.time[i] == time_of(&entries[i]));
		}
	}

	gone = sparse_merge(&m, rule);
	CHECK(m.start[n_rows] == n - gone);
	CHECK(sparse_merge(&other, rule) == gone);
	for (int64_t r = 0, i = 0; r < n_rows; r++)
	{
		CHECK(m.start[r] == merged && other.start[r] == merged);
		while (i < n && entries[i].entry.row == r)
		{
			int64_t		run = 1;

			while (i + run < n && entries[i + run].entry.row == r &&
				   entries[i + run].entry.column == entries[i].entry.column)
				run++;
			CHECK(m.column[merged] == entries[i].entry.column);
			check_merged(entries + i, run, timed, rule, m.value[merged],
						 timed ? m.time[merged] : 0);
			/* sums, and the latest entry by time, do not depend on the order of arrival */
			CHECK(other.column[merged] == m.column[merged]);
			if (rule == MERGE_SUM ? range <= RANGE_MODERATE : timed)
				CHECK(other.value[merged] == m.value[merged]);
			merged++;
			i += run;
		}
	}
	CHECK(merged == n - gone);

	if (n_columns <= 5000)
	{
		float	   *x = take_floats(&in, n_columns, RANGE_EXACT);
		float	   *y = fresh(sizeof(float) * n_columns);
		bool		ones = take_bool(&in);
		int64_t		seen = 0;

		transposed.start = fresh(sizeof(int64_t) * (n_columns + 2));
		transposed.column = fresh(sizeof(int32_t) * merged);
		transposed.value = fresh(sizeof(float) * merged);
		transposed.time = timed ? fresh(sizeof(int64_t) * merged) : NULL;
		sparse_transpose(&m, &transposed);
		CHECK(transposed.n_rows == n_columns && transposed.n_columns == n_rows &&
			  transposed.start[n_columns] == merged);
		for (int64_t c = 0; c < n_columns; c++)
		{
			for (int64_t i = transposed.start[c]; i < transposed.start[c + 1]; i++)
			{
				int32_t		r = transposed.column[i];
				int64_t		at = m.start[r];

				CHECK(i == transposed.start[c] || transposed.column[i - 1] < r);
				while (at < m.start[r + 1] && m.column[at] != c)
					at++;
				CHECK(at < m.start[r + 1] && same_float(m.value[at], transposed.value[i]));
				CHECK(!timed || m.time[at] == transposed.time[i]);
				seen++;
			}
		}
		CHECK(seen == merged);
		for (int64_t r = 0; r < n_rows; r++)
		{
			int64_t		first = m.start[r];
			int64_t		entries_here = m.start[r + 1] - first;
			double		sum = 0;
			double		all = 0;
			float		got =
				sparse_dot(m.column + first, ones ? NULL : m.value + first, entries_here, x);

			for (int64_t i = first; i < first + entries_here; i++)
			{
				sum += (ones ? 1 : (double) m.value[i]) * x[m.column[i]];
				all += fabs((ones ? 1 : (double) m.value[i]) * x[m.column[i]]);
			}
			if (all < FLT_MAX / 2)
				CHECK_NEAR(got, sum, all * 1e-4 + 1e-37);
			sparse_add(2, m.column + first, ones ? NULL : m.value + first, entries_here, y);
			for (int64_t i = first; i < first + entries_here; i++)
			{
				CHECK(same_float(y[m.column[i]], 2 * (ones ? 1 : m.value[i])));
				y[m.column[i]] = 0;
			}
			for (int64_t c = 0; c < n_columns && r < 2; c++)
				CHECK(y[c] == 0);
		}
	}
	end_case();
	return 0;
}
