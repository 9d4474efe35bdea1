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

/* The items that may be on the lists. */
typedef struct ListFilter
{
	/*
	 * exclude the items of the profiles; a profile may have items from items.n_rows on, which are
	 * candidates that are not in the model
	 */
	bool		exclude_seen;
	const uint64 *skip;			/* items whose bit is set are excluded; NULL: none */
	const int32 *candidates;	/* only these, each once and none of skip; NULL: all items */
	int64		n_candidates;
	/*
	 * also the items items.n_rows, items.n_rows + 1, ..., which are not in the model, or are new
	 * items of it
	 */
	int64		n_unknown;
	const bool *is_known;		/* of each of these: it is a new item; NULL: none is */
} ListFilter;

typedef struct Batch
{
	/* the model, and the profiles as ratings; arrays: the members below, and the search index */
	Task		task;
	Ratings		profiles;
	ListFilter	filter;
	TrainingMemory *memory;
	/* room of a list: as many entries as asked for, but at most one for each candidate */
	int64		n;
	/* by user: number of entries; -1: the profile's numbers are too large */
	const int32 *counts;
	const int32 *personal;		/* by user: number of personal entries, which come first */
	const Scored *lists;		/* n_users x n, the best item of each list first */
} Batch;

/*
 * Bytes that batch_create takes, and the scratch of all processes. Profiles are not included, nor
 * the copy of them that is made where some rating is NaN. filter NULL: all items except those of
 * the profiles.
 */
extern double batch_bytes(const Model *model, int64 n_users, int64 n, const ListFilter *filter);

/*
 * Copies the parts of a loaded model that asking needs into a piece of the memory. Returns the
 * search index of the copy; NULL where there is none.
 */
extern const SearchIndex *batch_copy_model(const LoadedModel *loaded, Model *copy,
										   TrainingMemory *memory);

/* Bytes that batch_copy_model takes. */
extern Size batch_model_bytes(const LoadedModel *loaded);

/*
 * Prepares lists of at most n items for each profile, in pieces of the memory that holds the model,
 * its index and the profiles. Of the model, new items need not be in that memory. A rating of NaN
 * means that the item was seen, and is not part of the profile. The filter's contents are copied.
 */
extern Batch *batch_create(Model *model, const SearchIndex *index, const Ratings *asked, int64 n,
						   const ListFilter *filter, TrainingMemory *memory);

/*
 * Fills the lists: for each profile the best items that the filter allows, with the scores of
 * score_items(), equal scores in the order of the items; then the most popular items, and then
 * items that are not in the model. The result is the same with any number of workers.
 */
extern void batch_run(Batch *batch);

/* Sets profiles to users first .. first + n - 1. */
extern void fill_profiles(const Ratings *ratings, int64 first, int64 n, Profile *profiles);

/* The largest profile_length() of a user. */
extern int64 longest_profile(const Ratings *ratings);

/* To be called when the library is loaded. */
extern void batch_define_pass(void);

#endif							/* REC_TOP_LISTS_H */
