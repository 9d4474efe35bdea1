/*
 * top_lists.h
 *	  Top-N lists for many users at once, by several processes.
 */
#ifndef REC_TOP_LISTS_H
#define REC_TOP_LISTS_H

#include "algorithm/algorithm.h"
#include "kernel/search.h"
#include "kernel/top.h"
#include "model/model_cache.h"
#include "server/workers.h"

/* Which items may be on the lists. */
typedef struct ListFilter
{
	/*
	 * whether the profiles' own items may not. A profile may have items beyond the model's, from
	 * items.n_rows on, which are candidates that it does not know.
	 */
	bool		exclude_seen;
	const uint64 *skip;			/* the items whose bit is set may not; NULL: none */
	const int32 *candidates;	/* only these may, each once and none of skip; NULL: all */
	int64		n_candidates;
	/* and the items items.n_rows, items.n_rows + 1, ..., of which the model knows nothing */
	int64		n_unknown;
} ListFilter;

typedef struct Batch
{
	/* the model, and the profiles as ratings; arrays: what follows, and the search index */
	Task		task;
	Ratings		profiles;
	ListFilter	filter;
	TrainingMemory *memory;
	/* entries that a list has room for: as many as asked for, at most one for each candidate */
	int64		n;
	/* of each user: the list's entries; -1: the profile's numbers are too large */
	const int32 *counts;
	const int32 *personal;		/* of each user: as many of them, the first, are personal */
	const Scored *lists;		/* n_users x n, each list's best item first */
} Batch;

/*
 * Bytes that batch_create takes, and what each process takes beside. Profiles are not included,
 * nor the copy of them that is made where some rating is NaN. filter: NULL is all items but those
 * of the profiles.
 */
extern double batch_bytes(const Model *model, int64 n_users, int64 n, const ListFilter *filter);

/*
 * Copies what asking needs of a loaded model into a piece of the memory. Returns the copy's
 * search index, NULL where there is none.
 */
extern const SearchIndex *batch_copy_model(const LoadedModel *loaded, Model *copy,
										   TrainingMemory *memory);

/* Bytes that this takes. */
extern Size batch_model_bytes(const LoadedModel *loaded);

/*
 * Prepares lists of at most n items for each profile, in two pieces of the memory, where the
 * model, its index and the profiles are. A profile whose rating of an item is NaN has seen it and
 * says nothing of it. What the filter says is copied.
 */
extern Batch *batch_create(Model *model, const SearchIndex *index, const Ratings *asked, int64 n,
						   const ListFilter *filter, TrainingMemory *memory);

/*
 * Fills the lists: for each profile the best items that the filter leaves, exactly as
 * score_items() scores them, equal scores by the items' order, then the most popular ones, and
 * then those that the model does not know. The same whoever does what.
 */
extern void batch_run(Batch *batch);

/* Users first .. first + n - 1 as profiles. */
extern void fill_profiles(const Ratings *ratings, int64 first, int64 n, Profile *profiles);

/* The profile_length() of the user that has the most. */
extern int64 longest_profile(const Ratings *ratings);

/* When the library is loaded. */
extern void batch_define_pass(void);

#endif							/* REC_TOP_LISTS_H */
