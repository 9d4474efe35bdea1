/*
 * top_fuzz.c
 *	  The n best of any scores, offered in any order, against sorting.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/top.h"

static int
by_rank(const void *x, const void *y)
{
	const Scored *a = x;
	const Scored *b = y;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static void
check_best(Top *top, const Scored *expected, int64_t n)
{
	top_sort(top);
	CHECK(top->count == n);
	for (int64_t i = 0; i < n; i++)
		CHECK(top->heap[i].index == expected[i].index && top->heap[i].score == expected[i].score);
	top_sort_by_index(top);
	for (int64_t i = 1; i < n; i++)
		CHECK(top->heap[i - 1].index < top->heap[i].index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_ANY);
	int64_t		n_items = take_below(&in, 600);
	int64_t		n = take_below(&in, 300);
	bool		skipping = take_bool(&in);
	int64_t		step = 1 + take_below(&in, 200);
	bool		backwards = take_bool(&in);
	float	   *scores = take_floats(&in, n_items, range);
	uint64_t   *skip = fresh(sizeof(uint64_t) * (n_items / 64 + 1));
	Scored	   *expected = fresh(sizeof(Scored) * n_items);
	Top			top = {n, 0, fresh(sizeof(Scored) * n)};
	int64_t		n_expected = 0;

	for (int64_t i = 0; i < n_items; i++)
	{
		if (skipping && take_below(&in, 4) == 1)
			skip[i / 64] |= UINT64_C(1) << (i % 64);
		else if (!isnan(scores[i]))
			expected[n_expected++] = (Scored) {scores[i], (int32_t) i};
	}
	qsort(expected, n_expected, sizeof(Scored), by_rank);
	n_expected = n_expected < n ? n_expected : n;

	for (int64_t part = 0; part * step < n_items; part++)
	{
		int64_t		first = (backwards ? (n_items - 1) / step - part : part) * step;

		/* memory of its own, beyond which a read is detected */
		float	   *some = zeroed(sizeof(float) * step);
		int64_t		count = n_items - first < step ? n_items - first : step;

		memcpy(some, scores + first, sizeof(float) * count);
		top_offer_range(&top, some, first, count, skipping ? skip : NULL);
		free(some);
	}
	check_best(&top, expected, n_expected);
	top.count = 0;
	for (int64_t i = 0; i < n_items; i++)
	{
		int64_t		item = backwards ? n_items - 1 - i : i;

		if (!(skip[item / 64] >> (item % 64) & 1))
			top_offer(&top, scores[item], (int32_t) item);
	}
	check_best(&top, expected, n_expected);
	end_case();
	return 0;
}
