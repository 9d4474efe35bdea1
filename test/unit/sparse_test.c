/*
 * sparse_test.c
 *	  Building, transposing and merging a matrix, on one small enough to write down.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/random.h"
#include "kernel/sparse.h"

static SparseMatrix
empty(int64_t n_rows, int64_t n_columns, int64_t entries, int times)
{
	SparseMatrix m = {.n_rows = n_rows, .n_columns = n_columns};

	m.start = zeroed(sizeof(int64_t) * (n_rows + 2));
	m.column = zeroed(sizeof(int32_t) * entries);
	m.value = zeroed(sizeof(float) * entries);
	m.time = times ? zeroed(sizeof(int64_t) * entries) : NULL;
	return m;
}

static void
release(SparseMatrix *m)
{
	free(m->start);
	free(m->column);
	free(m->value);
	free(m->time);
}

/*
 * 3 x 4, row 1 empty, (0, 2) three times:
 *	row 0: (2, 5) (0, 1) (2, 4) (2, 3), row 2: (3, 7)
 */
static const int32_t rows[] = {0, 0, 2, 0, 0};
static const int32_t columns[] = {2, 0, 3, 2, 2};
static const float values[] = {5, 1, 7, 4, 3};
static const int64_t times[] = {10, 0, INT64_MIN, INT64_C(30) << 40, 20};

/* The example as a matrix; the caller frees the buffer that holds it. */
static SparseMatrix
example(int with_times, void **buffer)
{
	SparseMatrix m = {.n_rows = 3, .n_columns = 4, .start = zeroed(sizeof(int64_t) * 5)};
	size_t		bytes = with_times ? sizeof(TimedEntry) : sizeof(Entry);
	char	   *entries;
	char	   *other;

	*buffer = zeroed(2 * 5 * sizeof(TimedEntry) + 8);
	entries = *buffer;
	other = entries + (5 * bytes + 7) / 8 * 8;
	for (int i = 0; i < 5; i++)
	{
		TimedEntry	entry = {.entry = {rows[i], columns[i], values[i]}};

		memcpy(entry.time, &times[i], sizeof(int64_t));
		memcpy(entries + i * bytes, &entry, bytes);
	}
	sparse_build(&m, entries, other, bytes, 5);
	return m;
}

static void
test_building(void)
{
	void	   *buffer;
	SparseMatrix m = example(1, &buffer);
	SparseMatrix transposed = empty(4, 3, 5, 1);

	/* by row, then column; entries of one row and column in the order of arrival */
	CHECK(m.start[0] == 0 && m.start[1] == 4 && m.start[2] == 4 && m.start[3] == 5);
	CHECK(m.column[0] == 0 && m.column[1] == 2 && m.column[2] == 2 && m.column[3] == 2 &&
		  m.column[4] == 3);
	CHECK(m.value[0] == 1 && m.value[1] == 5 && m.value[2] == 4 && m.value[3] == 3 &&
		  m.value[4] == 7);
	CHECK(m.time[1] == 10 && m.time[2] == INT64_C(30) << 40 && m.time[3] == 20 &&
		  m.time[4] == INT64_MIN);

	sparse_transpose(&m, &transposed);
	CHECK(transposed.start[0] == 0 && transposed.start[1] == 1 && transposed.start[2] == 1 &&
		  transposed.start[3] == 4 && transposed.start[4] == 5);
	CHECK(transposed.value[0] == 1 && transposed.value[1] == 5 && transposed.value[2] == 4 &&
		  transposed.value[3] == 3 && transposed.value[4] == 7);
	CHECK(transposed.column[4] == 2 && transposed.time[2] == INT64_C(30) << 40);
	release(&transposed);
	free(m.start);
	free(buffer);
}

/* Many entries, and columns of several digits, against transposing twice, which sorts too. */
static void
test_building_many(void)
{
	int64_t		n = 100000;
	int			n_rows = 700;
	int			n_columns = 5000000;
	void	   *entries = zeroed(sizeof(Entry) * n);
	void	   *other = zeroed(sizeof(Entry) * n);
	SparseMatrix m = {
		.n_rows = n_rows, .n_columns = n_columns, .start = zeroed(sizeof(int64_t) * (n_rows + 2))};
	SparseMatrix transposed = empty(n_columns, n_rows, n, 0);
	SparseMatrix back = empty(n_rows, n_columns, n, 0);
	double		sum = 0;
	double		in_order = 0;
	int			descents = 0;
	int			differences = 0;

	for (int64_t i = 0; i < n; i++)
	{
		/*
		 * half of the columns are low, so that some coincide within a row; the value is the order
		 * of arrival
		 */
		Entry		entry = {(int32_t) (random_bits(1, i) % n_rows),
					   (int32_t) (random_bits(2, i) % (i % 2 == 0 ? 30 : n_columns)), (float) i};

		((Entry *) entries)[i] = entry;
		sum += entry.value * (entry.row + 1.0) * (entry.column + 1.0);
	}
	sparse_build(&m, entries, other, sizeof(Entry), n);
	CHECK(m.start[0] == 0 && m.start[n_rows] == n && m.time == NULL);
	for (int r = 0; r < n_rows; r++)
	{
		for (int64_t i = m.start[r]; i < m.start[r + 1]; i++)
		{
			in_order += m.value[i] * (r + 1.0) * (m.column[i] + 1.0);
			descents +=
				i > m.start[r] && (m.column[i] < m.column[i - 1] ||
								   (m.column[i] == m.column[i - 1] && m.value[i] < m.value[i - 1]));
		}
	}
	CHECK(descents == 0);
	CHECK_NEAR(in_order / sum, 1, 1e-9);
	sparse_transpose(&m, &transposed);
	sparse_transpose(&transposed, &back);
	for (int64_t i = 0; i < n; i++)
		differences += m.column[i] != back.column[i] || m.value[i] != back.value[i];
	CHECK(differences == 0);
	release(&transposed);
	release(&back);
	free(m.start);
	free(entries);
	free(other);
}

static void
test_merging(void)
{
	void	   *buffer;
	SparseMatrix m = example(1, &buffer);

	/* 5 + 4 + 3 = 12 */
	CHECK(sparse_merge(&m, MERGE_SUM) == 2);
	CHECK(m.start[0] == 0 && m.start[1] == 2 && m.start[2] == 2 && m.start[3] == 3);
	CHECK(m.value[0] == 1 && m.value[1] == 12 && m.value[2] == 7);
	free(m.start);
	free(buffer);

	/* the latest */
	m = example(1, &buffer);
	CHECK(sparse_merge(&m, MERGE_LATEST) == 2);
	CHECK(m.value[1] == 4 && m.time[1] == INT64_C(30) << 40);
	free(m.start);
	free(buffer);

	/* equal times: the largest value, 5 */
	m = example(1, &buffer);
	m.time[1] = m.time[2] = m.time[3] = 10;
	sparse_merge(&m, MERGE_LATEST);
	CHECK(m.value[1] == 5);
	free(m.start);
	free(buffer);

	/* without times: the last that arrived, 3 */
	m = example(0, &buffer);
	sparse_merge(&m, MERGE_LATEST);
	CHECK(m.value[1] == 3);
	free(m.start);
	free(buffer);
}

/*
 * Entries with contexts. (0, 2) three times: with contexts 4, -1, 4; (0, 0) in context 4. By row,
 * column and context: (0, 0, 4): 1; (0, 2, -1): 4; (0, 2, 4): 5 and 3; (2, 3, 2): 7.
 */
static void
test_contexts(void)
{
	static const int32_t contexts[] = {4, 4, 2, -1, 4};
	ContextEntry entries[5];
	ContextEntry other[5];
	SparseMatrix m = {.n_rows = 3, .n_columns = 4, .start = zeroed(sizeof(int64_t) * 5)};
	SparseMatrix transposed = empty(4, 3, 5, 1);

	transposed.context = zeroed(sizeof(int32_t) * 5);
	for (int i = 0; i < 5; i++)
	{
		entries[i] = (ContextEntry) {.timed = {.entry = {rows[i], columns[i], values[i]}},
									 .context = contexts[i]};
		memcpy(entries[i].timed.time, &times[i], sizeof(int64_t));
	}
	sparse_build(&m, entries, other, sizeof(ContextEntry), 5);
	CHECK(m.start[1] == 4 && m.start[2] == 4 && m.start[3] == 5);
	CHECK(m.context[0] == 4 && m.context[1] == -1 && m.context[2] == 4 && m.context[3] == 4 &&
		  m.context[4] == 2);
	CHECK(m.value[0] == 1 && m.value[1] == 4 && m.value[2] == 5 && m.value[3] == 3 &&
		  m.value[4] == 7);
	CHECK(m.time[1] == INT64_C(30) << 40 && m.time[2] == 10 && m.time[3] == 20);
	sparse_transpose(&m, &transposed);
	CHECK(transposed.context[0] == 4 && transposed.context[1] == -1 &&
		  transposed.context[2] == 4 && transposed.context[4] == 2);
	/* only the two in context 4 are one: 5 + 3 */
	CHECK(sparse_merge(&m, MERGE_SUM) == 1);
	CHECK(m.start[1] == 3 && m.start[2] == 3 && m.start[3] == 4);
	CHECK(m.value[1] == 4 && m.value[2] == 8 && m.value[3] == 7 && m.time[2] == 20);
	CHECK(m.context[1] == -1 && m.context[2] == 4 && m.context[3] == 2);
	free(transposed.context);
	release(&transposed);
	free(m.start);
}

/* The sum of many floats of very different size is exact, and the same in any order. */
static void
test_sum_order(void)
{
	int			n = 20000;
	float		forward = 0;
	float		backward;
	double		exact = 0;

	for (int direction = 0; direction < 2; direction++)
	{
		SparseMatrix m = empty(1, 1, n, 0);

		exact = 0;
		m.start[1] = n;
		for (int i = 0; i < n; i++)
		{
			int			at = direction == 0 ? i : n - 1 - i;

			m.value[at] = (float) exp(random_normal(3, i) * 4);
			exact += m.value[at];
		}
		sparse_merge(&m, MERGE_SUM);
		backward = m.value[0];
		if (direction == 0)
			forward = m.value[0];
		release(&m);
	}
	CHECK(forward == backward);
	CHECK_NEAR(forward / exact, 1, 1e-6);
}

/*
 * 21 entries of a vector, more than are summed at once: 0 .. 20, doubled, or multiplied by
 * themselves.
 */
static void
test_products(void)
{
	int32_t		index[21];
	float		value[21];
	float		x[42];

	for (int i = 0; i < 42; i++)
		x[i] = (float) i;
	for (int i = 0; i < 21; i++)
	{
		index[i] = 2 * i;
		value[i] = (float) i;
	}
	/* 2 (0 + .. + 20) = 420; 2 (0 + 1 + 4 + .. + 400) = 2 x 2870 */
	CHECK(sparse_dot(index, NULL, 21, x) == 420);
	CHECK(sparse_dot(index, value, 21, x) == 5740);
	CHECK(sparse_dot(index, value, 3, x) == 10);
	CHECK(sparse_dot(index, NULL, 0, x) == 0);
	sparse_add(-2, index, value, 21, x);
	sparse_add(1, index, NULL, 2, x);
	for (int i = 0; i < 42; i++)
		CHECK(x[i] == (i % 2 != 0 ? i : i < 4 ? 1 : 0));
}

int
main(void)
{
	test_products();
	test_building();
	test_building_many();
	test_merging();
	test_contexts();
	test_sum_order();
	return passed("sparse");
}
