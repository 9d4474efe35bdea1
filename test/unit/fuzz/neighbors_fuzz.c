/*
 * neighbors_fuzz.c
 *	  The most similar rows against comparing every pair.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/neighbors.h"

#define MOST_ROWS 60
#define MOST_COLUMNS 40

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_FINITE);
	int64_t		n_rows = 1 + take_below(&in, MOST_ROWS);
	int64_t		n_columns = 1 + take_below(&in, MOST_COLUMNS);
	int64_t		n = 1 + take_below(&in, n_rows);
	SparseMatrix by_row = {.n_rows = n_rows,
						   .n_columns = n_columns,
						   .start = fresh(sizeof(int64_t) * (n_rows + 2)),
						   .column = fresh(sizeof(int32_t) * n_rows * n_columns),
						   .value = fresh(sizeof(float) * n_rows * n_columns)};
	SparseMatrix by_column = {.start = fresh(sizeof(int64_t) * (n_columns + 2))};
	int32_t    *order = fresh(sizeof(int32_t) * n_rows);
	RowTerms   *terms = fresh(sizeof(RowTerms) * n_rows);
	NeighborSearch search = {
		.by_row = &by_row, .by_column = &by_column, .n = n, .order = order, .terms = terms};
	ValueRule  *values = &search.values;
	SimilarityRule *rule = &search.similarity;
	int64_t		split = take_below(&in, n_columns + 1);
	bool		exact = range == RANGE_EXACT;
	int64_t		entries;
	int64_t    *cursors;
	void	   *scratch;
	Top			expected;

	for (int64_t r = 0; r < n_rows; r++)
	{
		by_row.start[r + 1] =
			by_row.start[r] + take_subset(&in, n_columns, by_row.column + by_row.start[r]);
		for (int64_t i = by_row.start[r]; i < by_row.start[r + 1]; i++)
			by_row.value[i] = take_float(&in, range);
	}
	entries = by_row.start[n_rows];
	by_column.column = fresh(sizeof(int32_t) * entries);
	by_column.value = fresh(sizeof(float) * entries);
	sparse_transpose(&by_row, &by_column);

	values->kind = (ValueKind) take_below(&in, 4);
	values->unit = take_bool(&in) ? 1 : 0.5f;
	values->row_statistic = take_bool(&in) ? take_floats(&in, n_rows, range) : NULL;
	values->column_mean = take_bool(&in) ? take_floats(&in, n_columns, range) : NULL;
	values->column_weight = take_bool(&in) ? take_floats(&in, n_columns, range) : NULL;
	/* roots and quotients are rounded, and so are their sums */
	exact = exact && values->kind <= VALUE_RATING;
	rule->ratio = take_bool(&in);
	rule->symmetric = rule->ratio || take_bool(&in);
	rule->counts = take_bool(&in);
	rule->min_common = (float) (1 + take_below(&in, 3));
	rule->shrinkage = (float) take_below(&in, 5);
	rule->significance = (float) take_below(&in, 5);

	neighbors_order(&by_row, fresh(sizeof(Scored) * n_rows), order);
	for (int64_t place = 0; place < n_rows; place++)
	{
		RowTerms   *t = &terms[place];

		CHECK(place == 0 || by_row.start[order[place - 1] + 1] - by_row.start[order[place - 1]] >=
			  by_row.start[order[place] + 1] - by_row.start[order[place]]);
		t->scale = fabsf(take_float(&in, range));
		t->neighbor_scale = rule->symmetric ? t->scale : fabsf(take_float(&in, range));
		/*
		 * the similarity of a pair without a common column, too: such pairs are left out only by
		 * counts
		 */
		t->offset = rule->counts || rule->ratio ? take_float(&in, range) : 0;
		t->mean = rule->counts ? take_float(&in, range) : 0;
	}
	search.entry_place = dirty(sizeof(int32_t) * entries);
	search.entry_value = dirty(sizeof(float) * entries);
	search.neighborhoods = fresh(sizeof(Neighborhood) * n_rows);
	search.neighbors = dirty(sizeof(Scored) * n_rows * n);
	cursors = dirty(sizeof(int64_t) * n_columns);
	neighbors_prepare(&search, cursors, split, n_columns);
	neighbors_prepare(&search, cursors, 0, split);

	scratch = dirty(neighbors_scratch_bytes(n_rows, n));
	if (take_bool(&in))
	{
		neighbors_begin(n_rows, scratch);
		for (int64_t first = 0; first < n_rows;)
		{
			int64_t		left = n_rows - first;
			int			count =
				1 + (int) take_below(&in, left < NEIGHBOR_ROWS ? left : NEIGHBOR_ROWS);

			neighbors_compare(&search, first, count, scratch);
			first += count;
		}
	}
	else
	{
		for (int64_t last = n_rows; last > 0;)
		{
			int			count =
				1 + (int) take_below(&in, last < NEIGHBOR_ROWS ? last : NEIGHBOR_ROWS);

			memset(scratch, 0x5a, neighbors_scratch_bytes(n_rows, n));
			neighbors_begin(last, scratch);
			neighbors_compare(&search, last - count, count, scratch);
			last -= count;
		}
	}

	expected = (Top) {n, 0, fresh(sizeof(Scored) * n)};
	for (int64_t place = 0; place < n_rows; place++)
	{
		Top			got = {n, search.neighborhoods[place].count, search.neighbors + place * n};
		int32_t		row = order[place];

		top_sort(&got);
		for (int64_t i = 0; i < got.count; i++)
		{
			CHECK(got.heap[i].index >= 0 && got.heap[i].index < n_rows &&
				  got.heap[i].index != place);
			CHECK(got.heap[i].score > 0 && got.heap[i].score <= 1);
		}
		expected.count = 0;
		for (int64_t other = 0; other < n_rows && exact; other++)
		{
			int32_t		other_row = order[other];
			float		dot = 0;
			float		common = 0;
			float		similarity;

			if (other == place)
				continue;
			for (int64_t i = by_row.start[row]; i < by_row.start[row + 1]; i++)
			{
				for (int64_t j = by_row.start[other_row]; j < by_row.start[other_row + 1]; j++)
				{
					if (by_row.column[i] != by_row.column[j])
						continue;
					common += 1;
					dot += entry_value(values, by_row.value[i], row, by_row.column[i]) *
						entry_value(values, by_row.value[j], other_row, by_row.column[j]);
				}
			}
			if (common == 0)
				continue;
			row_similarities(rule, &terms[place], &terms[other], &dot,
							 rule->counts ? &common : NULL, 1, &similarity);
			if (similarity > 0)
				top_offer(&expected, similarity, (int32_t) other);
		}
		if (!exact)
			continue;
		top_sort(&expected);
		CHECK(got.count == expected.count);
		for (int64_t i = 0; i < got.count; i++)
			CHECK(got.heap[i].index == expected.heap[i].index &&
				  got.heap[i].score == expected.heap[i].score);
	}
	end_case();
	return 0;
}
