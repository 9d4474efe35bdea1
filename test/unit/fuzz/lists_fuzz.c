/*
 * lists_fuzz.c
 *	  Scores from lists: of one item, of ranges, and from the inverse lists, against a dense matrix.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/lists.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_ANY);
	int64_t		n_rows = take_below(&in, 30);
	int64_t		n_columns = take_below(&in, 30);
	SparseMatrix m = {.n_rows = n_rows,
					  .n_columns = n_columns,
					  .start = fresh(sizeof(int64_t) * (n_rows + 1)),
					  .column = fresh(sizeof(int32_t) * n_rows * n_columns),
					  .value = fresh(sizeof(float) * n_rows * n_columns)};
	float	   *dense = fresh(sizeof(float) * n_rows * n_columns);
	int32_t    *items = fresh(sizeof(int32_t) * n_columns);
	float	   *sums = dirty(sizeof(float) * n_rows);
	float	   *magnitudes = dirty(sizeof(float) * n_rows);
	float	   *amounts;
	float	   *weights;
	int64_t		n_items;
	void	   *memory;
	SparseMatrix inverse;

	for (int64_t r = 0; r < n_rows; r++)
	{
		int64_t		n = take_subset(&in, n_columns, m.column + m.start[r]);

		m.start[r + 1] = m.start[r] + n;
		for (int64_t i = m.start[r]; i < m.start[r + 1]; i++)
		{
			m.value[i] = take_float(&in, range);
			dense[r * n_columns + m.column[i]] = m.value[i];
		}
	}
	n_items = take_subset(&in, n_columns, items);
	amounts = take_floats(&in, n_items, range);
	weights = dirty(sizeof(float) * n_items);

	memory = dirty(inverse_lists_bytes(&m));
	inverse_lists_build(&m, memory);
	inverse = inverse_lists(memory);
	CHECK(inverse.n_rows == n_columns && inverse.n_columns == n_rows &&
		  inverse.start[n_columns] == m.start[n_rows]);

	/* adjoining ranges of any length */
	for (int64_t first = 0; first < n_rows;)
	{
		int64_t		n = 1 + take_below(&in, n_rows - first);

		lists_score_range(&inverse, items, amounts, n_items, first, n, sums + first,
						  take_bool(&in) ? NULL : magnitudes + first);
		first += n;
	}
	for (int64_t r = 0; r < n_rows; r++)
	{
		float		sum;
		float		magnitude;
		float		range_sum;
		float		range_magnitude;
		double		exact = 0;
		double		sizes = 0;
		double		all = 0;

		lists_score_rows(&m, NULL, items, amounts, n_items, (int32_t[]) {(int32_t) r}, 0, 1, &sum,
						 &magnitude);
		CHECK(same_float(sum, sums[r]));
		lists_score_range(&inverse, items, amounts, n_items, r, 1, &range_sum, &range_magnitude);
		CHECK(same_float(sum, range_sum) && same_float(magnitude, range_magnitude));
		lists_weights(&m, r, items, n_items, weights);
		for (int64_t p = 0; p < n_items; p++)
		{
			CHECK(same_float(weights[p], dense[r * n_columns + items[p]]));
			exact += (double) weights[p] * amounts[p];
			sizes += fabsf(weights[p]);
			all += fabs((double) weights[p] * amounts[p]);
		}
		if (range <= RANGE_MODERATE)
		{
			CHECK_NEAR(sum, exact, all * 1e-5);
			CHECK_NEAR(magnitude, sizes, sizes * 1e-5);
		}
	}
	end_case();
	return 0;
}
