/*
 * profile.h
 *	  Profiles, and the queries that are made from them.
 */
#ifndef REC_PROFILE_H
#define REC_PROFILE_H

#include "model/lists.h"
#include "model/model_cache.h"
#include "utils/jsonb.h"

/* A query, and the profile that it was made from. */
typedef struct Asker
{
	LoadedModel *loaded;
	ListQuery	query;
	Profile		profile;		/* the query was made from it */
	/*
	 * by item of the profile: the rating, or the weight itself; Profile.ratings has what it counts
	 */
	float	   *merged;
	/* known items that were seen, including those without a usable rating */
	int64		n_seen;
	int32	   *seen;			/* numbers of these items, ascending */
	int64		n_seen_unknown; /* items that were seen and are not in the model */
	Datum	   *seen_unknown;
} Asker;

/*
 * Makes a query for a user, whose rows are read from the source with the active snapshot. The
 * user's id is of the type id_type. question: its context, as jsonb; NULL: it is not known.
 */
extern Asker *ask_as_user(LoadedModel *loaded, Datum user, Oid id_type, Jsonb *question);

/*
 * Makes a query for a profile that is given by hand, the latest event last. ratings NULL, or NaN
 * for an item: the highest rating of the training data where the model predicts ratings, otherwise
 * a weight of 1.
 */
extern Asker *ask_as_profile(LoadedModel *loaded, int64 n, const Datum *items,
							 const float *ratings, Jsonb *question);

/* What to read of all users for their profiles: flags NEEDS_RATINGS and so on. */
extern unsigned profile_needs(const Model *model);

/*
 * Reads what the profiles of many users need besides their ratings: attributes of the users, and
 * features of the contexts. SPI must be connected.
 */
extern void profiles_read_features(LoadedModel *loaded, TrainingData *data,
								   TrainingMemory *memory);

/* Memory that the model keeps for the next question. The next call may return the same memory. */
extern void *profile_scratch(LoadedModel *loaded, Size bytes);

/*
 * Returns a number that is about to be shown, or raises an error where it is not finite: numbers
 * that are finite, but written by hand to a table or given in a profile, may be too large together.
 */
extern float finite_number(float number);

#endif							/* REC_PROFILE_H */
