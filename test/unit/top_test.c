/*
 * top_test.c
 *	  The n best against sorting, with many ties, skipped items and scores that
 *	  are not numbers.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/random.h"
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

/* The n best of n_items scores by sorting; returns how many there are. */
static int64_t
best_by_sorting(const float *scores, int64_t n_items, int64_t n, const uint64_t *skip, Scored *out)
{
	Scored	   *all = zeroed(sizeof(Scored) * n_items);
	int64_t		count = 0;

	for (int64_t i = 0; i < n_items; i++)
		if (!isnan(scores[i]) && !(skip != NULL && (skip[i / 64] >> (i % 64) & 1)))
			all[count++] = (Scored) {scores[i], (int32_t) i};
	qsort(all, count, sizeof(Scored), by_rank);
	count = count < n ? count : n;
	memcpy(out, all, sizeof(Scored) * count);
	free(all);
	return count;
}

static void
check_equal(const Scored *got, int64_t n_got, const Scored *expected, int64_t n_expected)
{
	CHECK(n_got == n_expected);
	for (int64_t i = 0; i < n_got; i++)
	{
		CHECK(got[i].index == expected[i].index);
		CHECK(got[i].score == expected[i].score);
	}
}

/* n_items random scores with this many different values, in chunks offered in a random order. */
static void
check_random(int64_t n_items, int64_t n, int values, int64_t chunk, int skipping, uint64_t seed)
{
	float	   *scores = zeroed(sizeof(float) * n_items);
	uint64_t   *skip = zeroed(sizeof(uint64_t) * (n_items / 64 + 1));
	Scored	   *expected = zeroed(sizeof(Scored) * (n + 1));
	Top			top = {n, 0, zeroed(sizeof(Scored) * n)};
	int64_t		n_chunks = (n_items + chunk - 1) / chunk;
	int64_t		n_expected;

	for (int64_t i = 0; i < n_items; i++)
	{
		uint64_t	bits = random_bits(seed, (uint64_t) i);

		scores[i] = (float) ((int) (bits >> 40) % values - values / 2);
		if ((bits & 63) == 0)
			scores[i] = NAN;
		if ((bits & 63) == 1)
			scores[i] = (bits & 64) ? INFINITY : -INFINITY;
		if (skipping > 0 && (bits >> 8 & 255) % skipping == 0)
			skip[i / 64] |= UINT64_C(1) << (i % 64);
	}
	n_expected = best_by_sorting(scores, n_items, n, skipping > 0 ? skip : NULL, expected);
	for (int64_t c = 0; c < n_chunks; c++)
	{
		int64_t		begin = (seed % 2 == 0 ? c : n_chunks - 1 - c) * chunk;

		top_offer_range(&top, scores + begin, begin,
						n_items - begin < chunk ? n_items - begin : chunk,
						skipping > 0 ? skip : NULL);
	}
	top_sort(&top);
	check_equal(top.heap, top.count, expected, n_expected);

	/* and one by one */
	top.count = 0;
	for (int64_t i = 0; i < n_items; i++)
		if (!(skipping > 0 && (skip[i / 64] >> (i % 64) & 1)))
			top_offer(&top, scores[i], (int32_t) i);
	top_sort(&top);
	check_equal(top.heap, top.count, expected, n_expected);

	free(scores);
	free(skip);
	free(expected);
	free(top.heap);
}

int
main(void)
{
	Scored		room[4];
	Top			top = {3, 0, room};
	float		scores[130];
	uint64_t	skip[3] = {0, 0, 0};

	/* by hand: 5 and 7 are best, then the lower of the two items that have 3 */
	top_offer(&top, 3, 9);
	top_offer(&top, 5, 2);
	top_offer(&top, 3, 4);
	top_offer(&top, NAN, 1);
	top_offer(&top, 7, 8);
	top_offer(&top, 1, 0);
	top_sort(&top);
	CHECK(top.count == 3);
	CHECK(room[0].index == 8 && room[1].index == 2 && room[2].index == 4);
	CHECK(room[0].score == 7 && room[1].score == 5 && room[2].score == 3);

	/* all equal: the lowest indexes that are not skipped; the range begins at item 60 */
	for (int i = 0; i < 130; i++)
		scores[i] = 1;
	skip[0] = UINT64_C(1) << 61;
	skip[1] = 1;
	top = (Top) {4, 0, room};
	top_offer_range(&top, scores, 60, 130, skip);
	top_sort(&top);
	CHECK(top.count == 4);
	CHECK(room[0].index == 60 && room[1].index == 62 && room[2].index == 63 && room[3].index == 65);

	/* negative zero is no worse than zero */
	top = (Top) {2, 0, room};
	top_offer(&top, 0.0f, 2);
	top_offer(&top, -0.0f, 1);
	top_sort(&top);
	CHECK(room[0].index == 1 && room[1].index == 2);

	/* no room, nothing offered, all skipped, all NaN */
	top = (Top) {0, 0, NULL};
	top_offer(&top, 1, 1);
	top_offer_range(&top, scores, 0, 130, NULL);
	top_sort(&top);
	CHECK(top.count == 0);
	top = (Top) {4, 0, room};
	top_offer_range(&top, scores, 0, 0, NULL);
	memset(skip, 255, sizeof(skip));
	top_offer_range(&top, scores, 0, 130, skip);
	for (int i = 0; i < 130; i++)
		scores[i] = NAN;
	top_offer_range(&top, scores, 0, 130, NULL);
	top_sort(&top);
	CHECK(top.count == 0);

	for (uint64_t seed = 0; seed < 40; seed++)
	{
		check_random(1000, 1 + (int64_t) (seed % 20), 5, 64, (int) (seed % 3), seed);
		check_random(777, 50, 100000, 100, 2, seed);
		check_random(300, 400, 50, 1000, 0, seed);
		check_random(20000, 10, 1000000, 4096, 7, seed);
	}
	return passed("top");
}
