/*
 * ranking.h
 *	  Results that are ranked lists: (rank, id, score) rows.
 */
#ifndef REC_RANKING_H
#define REC_RANKING_H

#include "fmgr.h"
#include "function/rows.h"
#include "kernel/top.h"
#include "model/model_cache.h"
#include "source/identifier.h"

/* A set of item or user numbers. */
typedef struct NumberSet
{
	int64		size;
	uint64	   *bits;
} NumberSet;

extern NumberSet number_set(int64 size);

static inline bool
number_set_has(const NumberSet *set, int64 number)
{
	return (set->bits[number / 64] >> (number % 64)) & 1;
}

static inline void
number_set_add(NumberSet *set, int64 number)
{
	set->bits[number / 64] |= UINT64CONST(1) << (number % 64);
}

/* An empty Top for the n best of this many candidates. */
extern Top	ranking_top(int64 n, int64 candidates);

/*
 * Scores the items (or users) items[first] .. items[first + n - 1]; items NULL: the items first ..
 * first + n - 1.
 */
typedef void (*ScoreItems) (void *state, const int32 *items, int64 first, int64 n, float *scores);

/* The n best of the numbers 0 .. n_rows - 1 that are not in skip. */
extern Top rank_range(ScoreItems score, void *state, int64 n_rows, int64 n, const NumberSet *skip);

/* The n best of the given numbers. */
extern Top rank_numbers(ScoreItems score, void *state, const int32 *numbers, int64 n_numbers,
						int64 n);

/* The argument n: at least 1. */
extern int64 ranking_length(int32 n);

/*
 * Returns a ranking (what: of an "item" or "user") as rows of the function. Ids are in the type of
 * the second column. Numbers beyond the model's are those of more (NULL: there are none). If the
 * function has a fourth column, the first n_personal rows are personal.
 */
extern Datum ranking_return(FunctionCallInfo fcinfo, const Rows *rows, const Top *top,
							int64 n_personal, const IdList *ids, const IdDictionary *more,
							const char *what, Oid model);

#endif							/* REC_RANKING_H */
