/*
 * lists.c
 *	  Scores from lists: each item has a list of the items that speak for it, with weights.
 */
#include <math.h>
#include <string.h>

#include "kernel/lists.h"
#include "kernel/poll.h"

/* Entries between two polls: about a millisecond of scattered additions. */
#define POLL_ENTRIES 262144

/* The head of inverse lists, followed by start, column and value of the matrix. */
typedef struct Inverse
{
	int64_t		n_rows;
	int64_t		n_columns;
	int64_t		entries;
} Inverse;

size_t
inverse_lists_bytes(const SparseMatrix *lists)
{
	return sizeof(Inverse) + sizeof(int64_t) * (lists->n_columns + 2) +
		(sizeof(int32_t) + sizeof(float)) * lists->start[lists->n_rows];
}

SparseMatrix
inverse_lists(const void *inverse)
{
	const Inverse *head = inverse;
	SparseMatrix m = {.n_rows = head->n_rows, .n_columns = head->n_columns};

	m.start = (int64_t *) (head + 1);
	m.column = (int32_t *) (m.start + m.n_rows + 2);
	m.value = (float *) (m.column + head->entries);
	return m;
}

void
inverse_lists_build(const SparseMatrix *lists, void *inverse)
{
	Inverse    *head = inverse;
	SparseMatrix m;

	head->n_rows = lists->n_columns;
	head->n_columns = lists->n_rows;
	head->entries = lists->start[lists->n_rows];
	m = inverse_lists(inverse);
	memset(m.start, 0, sizeof(int64_t) * (m.n_rows + 2));
	sparse_transpose(lists, &m);
}

/*
 * The addend of an entry, rounded by itself. If the compiler merged the product into a multiply-add
 * in one function and not in another, their results would differ in the last bit.
 */
static inline float
addend(float weight, float amount)
{
	float		product = weight * amount;

#if defined(__SSE2__)
	__asm__("" : "+x" (product));
#elif defined(__aarch64__)
	__asm__("" : "+w" (product));
#else
	volatile float rounded = product;

	product = rounded;
#endif
	return product;
}

void
lists_score_range(const SparseMatrix *inverse, const int32_t *items, const float *amounts,
				  int64_t n_items, int64_t first, int64_t n, float *sums, float *magnitudes)
{
	int64_t		since_poll = 0;

	memset(sums, 0, sizeof(float) * n);
	if (magnitudes != NULL)
		memset(magnitudes, 0, sizeof(float) * n);
	for (int64_t p = 0; p < n_items; p++)
	{
		int64_t		begin = inverse->start[items[p]];
		int64_t		end = inverse->start[items[p] + 1];
		float		amount = amounts[p];

		if (first > 0)
			begin = sparse_find(inverse->column, begin, end, first);
		if (first + n < inverse->n_columns)
			end = sparse_find(inverse->column, begin, end, first + n);
		for (int64_t e = begin; e < end; e++)
			sums[inverse->column[e] - first] += addend(inverse->value[e], amount);
		if (magnitudes != NULL)
		{
			for (int64_t e = begin; e < end; e++)
				magnitudes[inverse->column[e] - first] += fabsf(inverse->value[e]);
		}
		since_poll += end - begin + 64;
		if (since_poll >= POLL_ENTRIES)
		{
			poll();
			since_poll = 0;
		}
	}
}

/* The score of one row from its list. magnitude may be NULL. */
static void
score_row(const SparseMatrix *lists, int64_t row, const int32_t *items, const float *amounts,
		  int64_t n_items, float *sum, float *magnitude)
{
	int64_t		p = 0;
	float		total = 0;
	float		size = 0;

	for (int64_t e = lists->start[row]; e < lists->start[row + 1] && p < n_items; e++)
	{
		p = sparse_find_near(items, p, n_items, lists->column[e]);
		if (p < n_items && items[p] == lists->column[e])
		{
			total += addend(lists->value[e], amounts[p]);
			size += fabsf(lists->value[e]);
		}
	}
	*sum = total;
	if (magnitude != NULL)
		*magnitude = size;
}

void
lists_score_rows(const SparseMatrix *lists, const SparseMatrix *inverse, const int32_t *items,
				 const float *amounts, int64_t n_items, const int32_t *rows, int64_t first,
				 int64_t n, float *sums, float *magnitudes)
{
	int64_t		since_poll = 0;

	if (rows == NULL)
	{
		lists_score_range(inverse, items, amounts, n_items, first, n, sums, magnitudes);
		return;
	}
	for (int64_t i = 0; i < n; i++)
	{
		int32_t		row = rows[first + i];

		score_row(lists, row, items, amounts, n_items, &sums[i],
				  magnitudes == NULL ? NULL : &magnitudes[i]);
		since_poll += lists->start[row + 1] - lists->start[row] + 64;
		if (since_poll >= POLL_ENTRIES)
		{
			poll();
			since_poll = 0;
		}
	}
}

/* Adds the own weight of item p of the profile to the sum at `to`. */
static inline void
add_own(const int32_t *items, const float *amounts, const float *own, int64_t p, int64_t to,
		float *sums, float *magnitudes)
{
	sums[to] += own == NULL ? amounts[p] : addend(own[items[p]], amounts[p]);
	if (magnitudes != NULL)
		magnitudes[to] += own == NULL ? 1 : own[items[p]];
}

void
lists_add_own(const int32_t *items, const float *amounts, int64_t n_items, const float *own,
			  const int32_t *rows, int64_t first, int64_t n, float *sums, float *magnitudes)
{
	int64_t		p = 0;

	if (rows != NULL)
	{
		for (int64_t i = 0; i < n; i++)
		{
			if (sparse_has(items, n_items, rows[first + i], &p))
				add_own(items, amounts, own, p, i, sums, magnitudes);
		}
		return;
	}
	for (p = sparse_find(items, 0, n_items, first); p < n_items && items[p] < first + n; p++)
		add_own(items, amounts, own, p, items[p] - first, sums, magnitudes);
}

void
lists_weights(const SparseMatrix *lists, int64_t row, const int32_t *items, int64_t n_items,
			  float *weights)
{
	int64_t		e = lists->start[row];
	int64_t		end = lists->start[row + 1];

	for (int64_t p = 0; p < n_items; p++)
	{
		if (e < end)
			e = sparse_find_near(lists->column, e, end, items[p]);
		weights[p] = e < end && lists->column[e] == items[p] ? lists->value[e] : 0;
	}
}
