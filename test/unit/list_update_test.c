/*
 * list_update_test.c
 *	  Lists of the best, some of which are computed again: by hand, and against a dense reference.
 */
#define _POSIX_C_SOURCE 200112L
#include <stdbool.h>

#include "unit.h"

#include "kernel/list_update.h"
#include "kernel/random.h"

static void *allocated[1000];
static int	n_allocated;

static void *
allocate_zeroed(void *context, size_t bytes)
{
	CHECK(n_allocated < 1000);
	return allocated[n_allocated++] = zeroed(bytes);
}

static void
free_all(void)
{
	while (n_allocated > 0)
		free(allocated[--n_allocated]);
}

static const Allocator allocator = {allocate_zeroed, NULL};

/*
 * Lists of 4 items, of at most 2: 0: (1, 3) (2, 2), 1: (0, 5), 2: (0, 4) (3, 1), 3: none. Item 0 is
 * solved again, with the list (3, 7) (1, 6) (2, 5); it is 2 for item 2, and 9 for item 3.
 */
static void
test_by_hand(void)
{
	int64_t		start[] = {0, 2, 3, 5, 5, 0};
	int32_t		column[] = {1, 2, 0, 0, 3};
	float		value[] = {3, 2, 5, 4, 1};
	SparseMatrix lists = {4, 4, start, column, value, NULL, NULL};
	SparseMatrix after = lists;
	bool		solved[] = {true, false, false, false};
	bool		changed[4] = {false};
	ListUpdate	update = {
		.lists = &lists, .solved = solved, .capacity = 2, .allocator = &allocator};

	list_update_begin(&update);
	list_update_offer(&update, 0, 3, 7);
	list_update_offer(&update, 0, 1, 6);
	list_update_offer(&update, 0, 2, 5);
	list_update_offer(&update, 2, 0, 2);
	list_update_offer(&update, 3, 0, 9);
	list_update_end(&update, &after, changed);
	CHECK(changed[0] && changed[1] && changed[2] && changed[3]);
	CHECK(after.start[1] == 2 && after.start[2] == 2 && after.start[3] == 4 && after.start[4] == 5);
	CHECK(after.column[0] == 1 && after.value[0] == 6 && after.column[1] == 3);
	CHECK(after.column[2] == 0 && after.value[2] == 2 && after.column[3] == 3);
	CHECK(after.column[4] == 0 && after.value[4] == 9);
	free_all();
}

static uint64_t drawn;			/* random numbers so far */

static int
below(uint64_t seed, int n)
{
	return (int) (random_bits(seed, drawn++) % n);
}

/* Whether the first of two items is better on a list. */
static bool
is_better(float a, int32_t rank_a, float b, int32_t rank_b)
{
	return a > b || (a == b && rank_a < rank_b);
}

#define N 30

/* The place of item j among the weights above 0. */
static int
place_of(const float *weights, int j, const int32_t *rank)
{
	int			place = 0;

	for (int other = 0; other < N; other++)
		place += weights[other] > 0 && is_better(weights[other], rank[other], weights[j], rank[j]);
	return place;
}

/*
 * Lists are the best of dense weights, many of them equal. The weights of some rows and columns
 * become others. A list is then the best of what is solved again, and of what was on it before.
 */
static void
test_against_dense(uint64_t seed)
{
	int			capacity = 1 + below(seed, N);
	float		before[N][N];
	int64_t		start[N + 2] = {0};
	int32_t		column[N * N];
	float		value[N * N];
	int32_t		rank[N];
	int32_t		order[N];
	bool		solved[N];
	bool		changed[N] = {false};
	float		after[N][N];
	SparseMatrix lists = {N, N, start, column, value, NULL, NULL};
	SparseMatrix result = lists;
	ListUpdate	update = {.lists = &lists, .solved = solved, .capacity = capacity, .rank = rank,
						  .order = order, .allocator = &allocator};

	for (int i = 0; i < N; i++)
		order[i] = i;
	for (int i = N - 1; i > 0; i--)
	{
		int			j = below(seed, i + 1);
		int32_t		swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
	for (int i = 0; i < N; i++)
	{
		rank[order[i]] = i;
		solved[i] = below(seed, 4) == 0;
	}
	for (int i = 0; i < N; i++)
	{
		for (int j = 0; j < N; j++)
			before[i][j] = (float) below(seed, 8);
		start[i + 1] = start[i];
		for (int j = 0; j < N; j++)
		{
			if (before[i][j] == 0 || place_of(before[i], j, rank) >= capacity)
			{
				before[i][j] = 0;
				continue;
			}
			column[start[i + 1]] = j;
			value[start[i + 1]++] = before[i][j];
		}
	}
	list_update_begin(&update);
	for (int i = 0; i < N; i++)
	{
		for (int j = 0; j < N; j++)
		{
			bool		known = solved[i] || solved[j];

			after[i][j] = known ? (float) below(seed, 8) : before[i][j];
			if (known && after[i][j] > 0)
				list_update_offer(&update, i, j, after[i][j]);
		}
	}
	list_update_end(&update, &result, changed);
	for (int i = 0; i < N; i++)
	{
		int64_t		at = result.start[i];

		for (int j = 0; j < N; j++)
		{
			bool		listed = after[i][j] > 0 && place_of(after[i], j, rank) < capacity;

			if (!changed[i])
				CHECK(listed == (before[i][j] > 0));
			else if (listed)
			{
				CHECK(at < result.start[i + 1] && result.column[at] == j);
				CHECK(result.value[at++] == after[i][j]);
			}
		}
		CHECK(at == result.start[i + 1]);
	}
	free_all();
}

int
main(void)
{
	test_by_hand();
	for (uint64_t seed = 1; seed <= 100; seed++)
	{
		drawn = 0;
		test_against_dense(seed);
	}
	return passed("list_update");
}
