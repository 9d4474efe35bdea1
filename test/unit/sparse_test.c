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
 * 3 x 4, in two chunks, row 1 empty, (0, 2) three times:
 *	row 0: (2, 5) (0, 1) (2, 4) (2, 3), row 2: (3, 7)
 */
static const int32_t rows[] = {0, 0, 2, 0, 0};
static const int32_t columns[] = {2, 0, 3, 2, 2};
static const float values[] = {5, 1, 7, 4, 3};
static const int64_t times[] = {10, 0, 0, 30, 20};

static SparseMatrix
example(void)
{
	SparseMatrix m = empty(3, 4, 5, 1);

	sparse_count(&m, rows, 2);
	sparse_count(&m, rows + 2, 3);
	sparse_starts(&m);
	sparse_scatter(&m, rows, columns, values, times, 2);
	sparse_scatter(&m, rows + 2, columns + 2, values + 2, times + 2, 3);
	return m;
}

/* The example sorted by column within rows, as two transpositions do. */
static SparseMatrix
sorted_example(void)
{
	SparseMatrix m = example();
	SparseMatrix transposed = empty(4, 3, 5, 1);
	SparseMatrix back = empty(3, 4, 5, 1);

	sparse_transpose(&m, &transposed);
	sparse_transpose(&transposed, &back);
	release(&m);
	release(&transposed);
	return back;
}

static void
test_building(void)
{
	SparseMatrix m = example();
	SparseMatrix sorted = sorted_example();

	CHECK(m.start[0] == 0 && m.start[1] == 4 && m.start[2] == 4 && m.start[3] == 5);
	/* in the order of arrival */
	CHECK(m.column[0] == 2 && m.column[1] == 0 && m.column[2] == 2 && m.column[3] == 2 && m.column[4] == 3);
	CHECK(m.value[0] == 5 && m.value[1] == 1 && m.value[2] == 4 && m.value[3] == 3 && m.value[4] == 7);

	/* by column, and equal columns in the order of arrival */
	CHECK(sorted.start[1] == 4 && sorted.start[3] == 5);
	CHECK(sorted.column[0] == 0 && sorted.column[1] == 2 && sorted.column[3] == 2);
	CHECK(sorted.value[0] == 1 && sorted.value[1] == 5 && sorted.value[2] == 4 && sorted.value[3] == 3);
	CHECK(sorted.time[1] == 10 && sorted.time[2] == 30 && sorted.time[3] == 20);
	release(&m);
	release(&sorted);
}

static void
test_merging(void)
{
	SparseMatrix m = sorted_example();

	/* 5 + 4 + 3 = 12 */
	CHECK(sparse_merge(&m, MERGE_SUM) == 2);
	CHECK(m.start[0] == 0 && m.start[1] == 2 && m.start[2] == 2 && m.start[3] == 3);
	CHECK(m.value[0] == 1 && m.value[1] == 12 && m.value[2] == 7);
	release(&m);

	/* the one of time 30 */
	m = sorted_example();
	CHECK(sparse_merge(&m, MERGE_LATEST) == 2);
	CHECK(m.value[1] == 4 && m.time[1] == 30);
	release(&m);

	/* of equal times the largest: 5 */
	m = sorted_example();
	m.time[1] = m.time[2] = m.time[3] = 10;
	sparse_merge(&m, MERGE_LATEST);
	CHECK(m.value[1] == 5);
	release(&m);

	/* without times the last that arrived: 3 */
	m = sorted_example();
	free(m.time);
	m.time = NULL;
	sparse_merge(&m, MERGE_LATEST);
	CHECK(m.value[1] == 3);
	release(&m);
}

/* A sum of many floats of very different size is the same in any order, and right. */
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

int
main(void)
{
	test_building();
	test_merging();
	test_sum_order();
	return passed("sparse");
}
