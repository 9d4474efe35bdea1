/*
 * item_arguments.h
 *	  Arguments that are items: candidates, excluded items, a profile.
 */
#ifndef REC_ITEM_ARGUMENTS_H
#define REC_ITEM_ARGUMENTS_H

#include "fmgr.h"
#include "function/ranking.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "source/identifier.h"

/* The arguments candidates and exclude. */
typedef struct ItemFilter
{
	/* excluded items, of those in the model; there is room for candidates that are not */
	NumberSet	skip;
	/* candidates in the model, each once, in their order; NULL: all items */
	int32	   *candidates;
	int64		n_candidates;
	/* if there are candidates: those that are not in the model */
	IdDictionary *unknown;
	/* if there are candidates: excluded items that are not in the model */
	IdDictionary *unwanted;
} ItemFilter;

/* candidates and exclude are numbers of arguments, which older declarations may lack. */
extern ItemFilter item_filter(FunctionCallInfo fcinfo, LoadedModel *loaded, int candidates,
							  int exclude);

/* Removes candidates that are excluded. */
extern void item_filter_settle(ItemFilter *filter);

/* Candidates that are not in the model and not excluded, in the order of their ids. */
extern IdDictionary *item_filter_unknown(const ItemFilter *filter);

/*
 * Makes a query for a profile that is given by hand, and for a context, or NULL. item_ids and
 * rating_array are numbers of arguments; the first must not be NULL.
 */
extern Asker *profile_arguments(FunctionCallInfo fcinfo, LoadedModel *loaded, int item_ids,
								int rating_array, Jsonb *context);

#endif							/* REC_ITEM_ARGUMENTS_H */
