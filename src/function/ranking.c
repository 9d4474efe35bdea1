/*
 * ranking.c
 *	  Results that are ranked lists: (rank, id, score) rows.
 */
#include "postgres.h"
#include "server/compat.h"

#include "catalog/pg_type.h"
#include "function/arguments.h"
#include "function/ranking.h"
#include "function/rows.h"
#include "miscadmin.h"
#include "model/profile.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* Rows of a range that are scored at once. Their scores fit into the first-level cache. */
#define BLOCK_ROWS 2048

/* Numbers in any order that are scored at once. Scoring many at once is faster. */
#define BLOCK_NUMBERS 65536

NumberSet
number_set(int64 size)
{
	NumberSet	set = {
		size, palloc_extended(sizeof(uint64) * (size / 64 + 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO)};

	return set;
}

Top
ranking_top(int64 n, int64 candidates)
{
	Top			top = {0};

	top.capacity = Min(n, candidates);
	top.heap = palloc_extended(sizeof(Scored) * Max(top.capacity, 1), MCXT_ALLOC_HUGE);
	return top;
}

Top
rank_range(ScoreItems score, void *state, int64 n_rows, int64 n, const NumberSet *skip)
{
	Top			top = ranking_top(n, n_rows);
	float		scores[BLOCK_ROWS];

	for (int64 first = 0; first < n_rows; first += BLOCK_ROWS)
	{
		int64		rows = Min(BLOCK_ROWS, n_rows - first);

		CHECK_FOR_INTERRUPTS();
		score(state, NULL, first, rows, scores);
		top_offer_range(&top, scores, first, rows, skip == NULL ? NULL : skip->bits);
	}
	top_sort(&top);
	return top;
}

Top
rank_numbers(ScoreItems score, void *state, const int32 *numbers, int64 n_numbers, int64 n)
{
	Top			top = ranking_top(n, n_numbers);
	float	   *scores = palloc(sizeof(float) * Min(BLOCK_NUMBERS, Max(n_numbers, 1)));

	for (int64 first = 0; first < n_numbers; first += BLOCK_NUMBERS)
	{
		int64		rows = Min(BLOCK_NUMBERS, n_numbers - first);

		CHECK_FOR_INTERRUPTS();
		score(state, numbers, first, rows, scores);
		top_offer_items(&top, scores, numbers + first, rows);
	}
	top_sort(&top);
	return top;
}

int64
ranking_length(int32 n)
{
	if (n <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be at least 1, not %d", n)));
	return n;
}

Datum
ranking_return(FunctionCallInfo fcinfo, const Rows *rows, const Top *top, int64 n_personal,
			   const IdList *ids, const IdDictionary *more, const char *what, Oid model)
{
	Oid			returned = TupleDescAttr(rows->desc, 1)->atttypid;
	int32		n_known = ids->block->n;
	bool		is_domain = get_typtype(returned) == TYPTYPE_DOMAIN;
	void	   *checks = NULL;

	Assert(top->count >= 0 && top->count <= top->capacity);
	for (int64 i = 0; i < top->count; i++)
	{
		int32		number = top->heap[i].index;
		Datum		id = number < n_known ? id_list_get(ids, number) : more->ids[number - n_known];
		Datum		values[4];
		bool		nulls[4] = {false};

		if (i % BLOCK_ROWS == 0)
			CHECK_FOR_INTERRUPTS();
		/* in the type of the id in the second argument, which all of these functions have */
		id = returned_id(fcinfo, 1, id, &ids->type, returned, what, model);
		/* a domain's checks were made for the model's ids, but not for others */
		if (is_domain && number >= n_known)
			domain_check(id, false, returned, &checks, CurrentMemoryContext);
		values[0] = Int32GetDatum((int32) (i + 1));
		values[1] = id;
		values[2] = Float4GetDatum(finite_number(top->heap[i].score));
		values[3] = BoolGetDatum(i < n_personal);
		rows_add(rows, values, nulls);
	}
	return (Datum) 0;
}
