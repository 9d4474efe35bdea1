/*
 * profile.h
 *	  Whoever is asking, as an algorithm's query.
 */
#ifndef REC_PROFILE_H
#define REC_PROFILE_H

#include "model/model_cache.h"

/* A query, and what it was made from. */
typedef struct Asker
{
	LoadedModel *loaded;
	void	   *query;			/* the algorithm's */
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
 * The share of the users that the model was trained on who have an item: what is ranked by where
 * nothing else is known.
 */
extern float item_popularity(const Model *model, int32 item);

/* Algorithm.score_items, the faster way. */
extern void profile_scores(const Model *model, const void *query, const int32 *items, int64 first,
						   int64 n, float *scores);

/*
 * The score of one item, -1 for one that the model has never seen, by the query of a profile of
 * so many items: for someone unknown its popularity, where scores are no ratings.
 */
extern float profile_score(const Model *model, const void *query, int64 profile_items, int32 item);

/*
 * A number that is about to be shown, or an error where it is not finite: numbers that are finite
 * each, in a table that was written to by hand or in a profile, may be too large together.
 */
extern float finite_number(float number);

/*
 * A score as it is shown: predictions of ratings stay within the range of the ratings, unless the
 * option clip is false.
 */
extern float shown_score(const Model *model, float score);

#endif							/* REC_PROFILE_H */
