/*
 * ranking.h
 *	  Answers that are ranked lists: (rank, id, score) rows.
 */
#ifndef REC_RANKING_H
#define REC_RANKING_H

#include "fmgr.h"
#include "funcapi.h"
#include "kernel/top.h"
#include "model/model_cache.h"
#include "source/identifier.h"

typedef struct Ranking
{
	int64		n;
	Datum	   *ids;			/* as the function returns them */
	float	   *scores;
	int64		n_personal;		/* the first ones, which the profile speaks for */
} Ranking;

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

/* An empty one for the n best of so many candidates. */
extern Top	ranking_top(int64 n, int64 candidates);

/*
 * Scores the items (or users) items[first] .. items[first + n - 1]; items NULL: the items first ..
 * first + n - 1.
 */
typedef void (*ScoreItems) (void *state, const int32 *items, int64 first, int64 n, float *scores);

/* The best at most n of n_rows numbers that are not in skip. */
extern Top rank_range(ScoreItems score, void *state, int64 n_rows, int64 n, const NumberSet *skip);

/* The best at most n of the given numbers. */
extern Top rank_numbers(ScoreItems score, void *state, const int32 *numbers, int64 n_numbers,
						int64 n);

/* The argument n: at least 1. */
extern int64 ranking_length(int32 n);

/*
 * What was ranked (what: "item" or "user"), its ids as the second column of the function's result
 * wants them.
 */
extern Ranking *ranking_from_top(FunctionCallInfo fcinfo, const Top *top, const IdList *ids,
								 const char *what, Oid model);

/* Adds ids to a ranking, with the same score for each, until it has n rows at most. */
extern void ranking_append(FunctionCallInfo fcinfo, Ranking *ranking, int64 n,
						   const IdDictionary *ids, float score, Oid model);

/* No rows. */
extern Ranking *ranking_empty(void);

/*
 * Lets a set-returning function return the ranking that make() makes. A fourth column says whether
 * a row is personal.
 */
extern Datum ranking_rows(FunctionCallInfo fcinfo, Ranking *(*make) (FunctionCallInfo fcinfo));

#endif							/* REC_RANKING_H */
