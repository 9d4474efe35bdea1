/*
 * item_arguments.h
 *	  Items that an SQL function was called with: candidates, what is excluded, a profile.
 */
#ifndef REC_ITEM_ARGUMENTS_H
#define REC_ITEM_ARGUMENTS_H

#include "fmgr.h"
#include "function/ranking.h"
#include "model/model_cache.h"
#include "model/profile.h"
#include "source/identifier.h"

/* What the arguments candidates and exclude say. */
typedef struct ItemFilter
{
	NumberSet	skip;			/* of the items that the model knows, those that are excluded */
	int32	   *candidates;		/* known ones, each once, as they came; NULL: all items are */
	int64		n_candidates;
	/* where there are candidates, those that the model does not know, */
	IdDictionary *unknown;
	/* and what is excluded that it does not know */
	IdDictionary *unwanted;
} ItemFilter;

/* candidates and exclude are numbers of arguments, which older declarations lack. */
extern ItemFilter item_filter(FunctionCallInfo fcinfo, LoadedModel *loaded, int candidates,
							  int exclude);

/* Takes the candidates that are skipped away. */
extern void item_filter_settle(ItemFilter *filter);

/* The unknown candidates that are wanted, in the order of their ids. */
extern IdDictionary *item_filter_unknown(const ItemFilter *filter);

/*
 * A profile given by hand. item_ids and rating_array are numbers of arguments, of which the first
 * is not NULL.
 */
extern Asker *profile_arguments(FunctionCallInfo fcinfo, LoadedModel *loaded, int item_ids,
								int rating_array);

#endif							/* REC_ITEM_ARGUMENTS_H */
