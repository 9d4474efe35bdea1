/*
 * lists_test.c
 *	  Scores from lists, by hand and by the three routes, which must give the same bits.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/lists.h"
#include "kernel/random.h"

/*
 * Lists of 4 items: 0: (1, 2) (3, -1), 1: none, 2: (0, 0.5) (1, 4) (3, 1), 3: (2, 3)
 * Profile: items 0 and 3 with amounts 10 and 2.
 * Sums: 0: -1 x 2 = -2 of magnitude 1; 1: 0; 2: 0.5 x 10 + 1 x 2 = 7 of magnitude 1.5; 3: 0
 */
static void
test_by_hand(void)
{
	int64_t		start[] = {0, 2, 2, 5, 6, 0};
	int32_t		column[] = {1, 3, 0, 1, 3, 2};
	float		value[] = {2, -1, 0.5, 4, 1, 3};
	SparseMatrix lists = {4, 4, start, column, value, NULL, NULL};
	void	   *inverse = zeroed(inverse_lists_bytes(&lists));
	int32_t		items[] = {0, 3};
	float		amounts[] = {10, 2};
	float		sums[4];
	float		magnitudes[4];
	float		weights[2];
	float		expected[] = {-2, 0, 7, 0};
	float		size[] = {1, 0, 1.5, 0};
	float		own[] = {0.5, 9, 9, 3};
	SparseMatrix m;

	memset(inverse, 0x5a, inverse_lists_bytes(&lists));
	inverse_lists_build(&lists, inverse);
	m = inverse_lists(inverse);
	CHECK(m.start[1] == 1 && m.start[2] == 3 && m.start[3] == 4 && m.start[4] == 6);
	CHECK(m.column[1] == 0 && m.column[2] == 2 && m.value[1] == 2 && m.value[2] == 4);
	lists_score_range(&m, items, amounts, 2, 0, 4, sums, magnitudes);
	for (int i = 0; i < 4; i++)
		CHECK(sums[i] == expected[i] && magnitudes[i] == size[i]);
	lists_score_range(&m, items, amounts, 2, 1, 2, sums, NULL);
	CHECK(sums[0] == 0 && sums[1] == 7);
	lists_score_range(&m, items, amounts, 0, 0, 4, sums, magnitudes);
	CHECK(sums[2] == 0 && magnitudes[2] == 0);
	/*
	 * of items to themselves: 10 for 0 and 2 for 3, or with weights of 0.5 and 3 half and three
	 * times that; in a part of the range 3 alone
	 */
	memcpy(sums, expected, sizeof(sums));
	lists_add_own(items, amounts, 2, NULL, NULL, 0, 4, sums, NULL);
	CHECK(sums[0] == 8 && sums[1] == 0 && sums[2] == 7 && sums[3] == 2);
	memcpy(sums, expected, sizeof(sums));
	memcpy(magnitudes, size, sizeof(magnitudes));
	lists_add_own(items, amounts, 2, own, NULL, 0, 4, sums, magnitudes);
	CHECK(sums[0] == 3 && sums[2] == 7 && sums[3] == 6 && magnitudes[0] == 1.5f &&
		  magnitudes[2] == 1.5f && magnitudes[3] == 3);
	sums[0] = sums[1] = 1;
	lists_add_own(items, amounts, 2, own, NULL, 2, 2, sums, NULL);
	CHECK(sums[0] == 1 && sums[1] == 7);
	/* items in any order, after the first one, with a repetition */
	memcpy(sums, (float[]) {1, 1, 1, 1}, sizeof(sums));
	memcpy(magnitudes, sums, sizeof(sums));
	lists_add_own(items, amounts, 2, own, (int32_t[]) {0, 3, 2, 0, 3}, 1, 4, sums, magnitudes);
	CHECK(sums[0] == 7 && sums[1] == 1 && sums[2] == 6 && sums[3] == 7);
	CHECK(magnitudes[0] == 4 && magnitudes[1] == 1 && magnitudes[2] == 1.5f && magnitudes[3] == 4);
	lists_weights(&lists, 2, items, 2, weights);
	CHECK(weights[0] == 0.5f && weights[1] == 1);
	lists_weights(&lists, 1, items, 2, weights);
	CHECK(weights[0] == 0 && weights[1] == 0);
	free(inverse);
}

/*
 * Ranges of any size and single items give the same bits, which are near to the sum in double
 * arithmetic.
 */
static void
test_routes(void)
{
	enum
	{
		N = 97
	};
	int64_t		start[N + 2] = {0};
	int32_t		column[N * N];
	float		value[N * N];
	SparseMatrix lists = {N, N, start, column, value, NULL, NULL};
	uint64_t	at = 0;

	for (int i = 0; i < N; i++)
	{
		int64_t		n = start[i];

		/* lists of all lengths, including none and all items */
		for (int j = 0; j < N; j++)
		{
			if ((int) (random_bits(1, at++) % N) < i || i == N - 1)
			{
				column[n] = j;
				value[n++] = (float) random_normal(2, at);
			}
		}
		start[i + 1] = n;
	}
	for (int profile = 0; profile < 20; profile++)
	{
		void	   *inverse = zeroed(inverse_lists_bytes(&lists));
		int32_t		items[N];
		float		amounts[N];
		int64_t		n_items = 0;
		float		sums[N];
		float		magnitudes[N];
		float		weights[N];
		int32_t		rows[N];
		float		of_rows[N];
		float		size_of_rows[N];
		SparseMatrix m;

		inverse_lists_build(&lists, inverse);
		m = inverse_lists(inverse);
		for (int j = 0; j < N; j++)
		{
			if ((int) (random_bits(3, at++) % 19) < profile)
			{
				items[n_items] = j;
				amounts[n_items++] = (float) random_normal(4, at);
			}
		}
		lists_score_range(&m, items, amounts, n_items, 0, N, sums, magnitudes);
		for (int block = 1; block < N; block += 13)
		{
			for (int first = 0; first < N; first += block)
			{
				float		some[N];
				float		size[N];
				int			n = N - first < block ? N - first : block;

				lists_score_range(&m, items, amounts, n_items, first, n, some, size);
				CHECK(memcmp(some, sums + first, sizeof(float) * n) == 0);
				CHECK(memcmp(size, magnitudes + first, sizeof(float) * n) == 0);
			}
		}
		for (int i = 0; i < N; i++)
			rows[i] = (int32_t) (random_bits(5, at + i) % N);
		lists_score_rows(&lists, NULL, items, amounts, n_items, rows, 0, 1, of_rows, size_of_rows);
		lists_score_rows(&lists, NULL, items, amounts, n_items, rows, 1, N - 1, of_rows + 1,
						 size_of_rows + 1);
		for (int i = 0; i < N; i++)
		{
			float		sum;
			float		magnitude;
			double		exact = 0;
			double		exact_size = 0;

			CHECK(of_rows[i] == sums[rows[i]] && size_of_rows[i] == magnitudes[rows[i]]);
			lists_score_rows(&lists, NULL, items, amounts, n_items, (int32_t[]) {i}, 0, 1, &sum,
							 &magnitude);
			CHECK(sum == sums[i] && magnitude == magnitudes[i]);
			lists_weights(&lists, i, items, n_items, weights);
			for (int64_t p = 0; p < n_items; p++)
			{
				exact += (double) weights[p] * amounts[p];
				exact_size += fabs(weights[p]);
			}
			CHECK_NEAR(sum, exact, 1e-4);
			CHECK_NEAR(magnitude, exact_size, 1e-4);
		}
		free(inverse);
	}
}

int
main(void)
{
	test_by_hand();
	test_routes();
	return passed("lists");
}
