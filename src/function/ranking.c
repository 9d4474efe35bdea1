/*
 * ranking.c
 *	  Answers that are ranked lists: (rank, id, score) rows.
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

/* Scored at once: their scores fit into the first-level cache. */
#define BLOCK_ROWS 2048

/* The same of numbers in any order, of which the more are scored the faster. */
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

Ranking *
ranking_empty(void)
{
	return palloc0(sizeof(Ranking));
}

/* The type that the function returns ids in. */
static Oid
returned_type(FunctionCallInfo fcinfo)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "the result of a ranking is not a row");
	return TupleDescAttr(desc, 1)->atttypid;
}

Ranking *
ranking_from_top(FunctionCallInfo fcinfo, const Top *top, const IdList *ids, const char *what,
				 Oid model)
{
	Ranking    *ranking = palloc0(sizeof(Ranking));
	Oid			returned = returned_type(fcinfo);

	Assert(top->count >= 0 && top->count <= top->capacity);
	ranking->n = top->count;
	ranking->ids = palloc_extended(sizeof(Datum) * Max(top->count, 1), MCXT_ALLOC_HUGE);
	ranking->scores = palloc_extended(sizeof(float) * Max(top->count, 1), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < top->count; i++)
	{
		if (i % BLOCK_ROWS == 0)
			CHECK_FOR_INTERRUPTS();
		/* in the type of the id that was asked by, the second argument of each such function */
		ranking->ids[i] = returned_id(fcinfo, 1, id_list_get(ids, top->heap[i].index), &ids->type,
									  returned, what, model);
		ranking->scores[i] = finite_number(top->heap[i].score);
	}
	return ranking;
}

void
ranking_append(FunctionCallInfo fcinfo, Ranking *ranking, int64 n, const IdDictionary *ids,
			   float score, Oid model)
{
	Oid			returned = returned_type(fcinfo);
	bool		is_domain = get_typtype(returned) == TYPTYPE_DOMAIN;
	void	   *checks = NULL;
	int64		added = Min(n - ranking->n, ids->n);

	if (added <= 0)
		return;
	ranking->ids = repalloc_huge(ranking->ids, sizeof(Datum) * (ranking->n + added));
	ranking->scores = repalloc_huge(ranking->scores, sizeof(float) * (ranking->n + added));
	for (int64 i = 0; i < added; i++)
	{
		if (i % BLOCK_ROWS == 0)
			CHECK_FOR_INTERRUPTS();
		ranking->ids[ranking->n] =
			returned_id(fcinfo, 1, ids->ids[i], &ids->type, returned, "item", model);
		/* ids of the source are of its domain, which nobody has checked of these */
		if (is_domain)
			domain_check(ranking->ids[ranking->n], false, returned, &checks, CurrentMemoryContext);
		ranking->scores[ranking->n++] = score;
	}
}

Datum
ranking_rows(FunctionCallInfo fcinfo, Ranking *(*make) (FunctionCallInfo fcinfo))
{
	Rows		rows = rows_begin(fcinfo);
	const Ranking *ranking = make(fcinfo);

	for (int64 i = 0; i < ranking->n; i++)
	{
		Datum		values[4] = {Int32GetDatum((int32) (i + 1)), ranking->ids[i],
						   Float4GetDatum(ranking->scores[i]),
						   BoolGetDatum(i < ranking->n_personal)};
		bool		nulls[4] = {false};

		if (i % BLOCK_ROWS == 0)
			CHECK_FOR_INTERRUPTS();
		rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}
