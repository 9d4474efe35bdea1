/*
 * profile.h
 *	  Profiles, and the queries that are made from them.
 */
#ifndef REC_PROFILE_H
#define REC_PROFILE_H

#include "model/lists.h"
#include "model/model_cache.h"
#include "model/new_items.h"
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
	/* whoever is asking, as an asker of each of the model's inputs */
	struct Asker **inputs;
} Asker;

/*
 * Makes a query for a user, whose rows are read from the source with the active snapshot. The
 * user's id is of the type id_type. question: its context, as jsonb; NULL: it is not known.
 */
extern Asker *ask_as_user(LoadedModel *loaded, Datum user, Oid id_type, Jsonb *question);

/* What is known of a user now. */
typedef struct KnownUser
{
	ProfileRows *rows;
	KnownAttributes *attributes;	/* NULL: the model uses none */
} KnownUser;

/* Reads a user's rows and attributes, as ask_as_user() does. The result is in the given context. */
extern KnownUser read_known_user(LoadedModel *loaded, Datum user, Oid id_type,
								 MemoryContext context);

/*
 * Makes a query for a user as of a moment: of rows before it; without a time column, of all rows.
 */
extern Asker *ask_as_of(LoadedModel *loaded, const KnownUser *known, TimestampTz moment);

/*
 * Makes a query for a profile that is given by hand, the latest event last. ratings NULL, or NaN
 * for an item: the highest rating of the training data where the model predicts ratings, otherwise
 * a weight of 1.
 */
extern Asker *ask_as_profile(LoadedModel *loaded, int64 n, const Datum *items,
							 const float *ratings, Jsonb *question);

/*
 * Asks the inputs of the asker's model, if it has any, and makes the query again with their lists.
 * Until then its query is one without lists. items: which items may be on them; NULL: all that were
 * not seen. exclude_seen: no items that were seen by what an input learns from.
 */
extern void ask_inputs(Asker *asker, const ListItems *items, bool exclude_seen);

/*
 * The lists of the inputs of a model, for a user whose rows are read with the active snapshot. The
 * other arguments are those of ask_as_user() and ask_inputs(); items is not NULL.
 */
extern const InputList *input_lists(LoadedModel *loaded, Datum user, Oid id_type,
									const ListItems *items, bool exclude_seen);

/* Offers items to top, by the scores of the asker's query, which ranks by scores. */
extern void ask_best(Asker *asker, const ListItems *items, Top *top);

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
