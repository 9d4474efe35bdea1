/*
 * profile.h
 *	  Whoever is asking, as an algorithm's query.
 */
#ifndef REC_PROFILE_H
#define REC_PROFILE_H

#include "model/lists.h"
#include "model/model_cache.h"

/* A query, and what it was made from. */
typedef struct Asker
{
	LoadedModel *loaded;
	ListQuery	query;
	Profile		profile;		/* that the query was made from */
	/* of its items: the ratings, or weights as they are; the profile has what these count */
	float	   *merged;
	int64		n_seen;			/* known items of the profile, those without a usable rating too */
	int32	   *seen;			/* their numbers, ascending */
	int64		n_seen_unknown; /* items of the profile that the model does not know */
	Datum	   *seen_unknown;
} Asker;

/*
 * Reads a user's rows from the source, as the active snapshot shows them. The id is of the type
 * id_type.
 */
extern Asker *ask_as_user(LoadedModel *loaded, Datum user, Oid id_type);

/*
 * A profile given by hand, the latest event last. ratings NULL, or NaN for an item: the highest
 * rating of the training data where the model predicts ratings, else a weight of 1.
 */
extern Asker *ask_as_profile(LoadedModel *loaded, int64 n, const Datum *items,
							 const float *ratings);

/* What is to be read of all users for their profiles, NEEDS_RATINGS and so on. */
extern unsigned profile_needs(const Model *model);

/* Memory that stays with the model for the next question; the next call may take it again. */
extern void *profile_scratch(LoadedModel *loaded, Size bytes);

/*
 * A number that is about to be shown, or an error where it is not finite: numbers that are finite
 * each, in a table that was written to by hand or in a profile, may be too large together.
 */
extern float finite_number(float number);

#endif							/* REC_PROFILE_H */
