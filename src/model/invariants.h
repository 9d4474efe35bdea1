/*
 * invariants.h
 *	  What holds wherever one room hands something to another. Checked where PostgreSQL is built
 *	  with assertions.
 */
#ifndef REC_INVARIANTS_H
#define REC_INVARIANTS_H

#include "algorithm/algorithm.h"

#ifdef USE_ASSERT_CHECKING
/* Rows begin one behind the other; the entries of each ascend, within the matrix. */
extern void assert_matrix(const SparseMatrix *m);

/* The same, and no value is infinite or NaN. */
extern void assert_ratings(const Ratings *ratings);

/* Known items of the model ascend, and have ratings. */
extern void assert_profile(const Model *model, const Profile *profile);

/* What score_items() is asked for: known items. */
extern void assert_items(const Model *model, const int32 *items, int64 first, int64 n);

/* All numbers are finite, and lists are of items of the model. */
extern void assert_model(const Model *model);
#else
#define assert_matrix(m) ((void) 0)
#define assert_ratings(ratings) ((void) 0)
#define assert_profile(model, profile) ((void) 0)
#define assert_items(model, items, first, n) ((void) 0)
#define assert_model(model) ((void) 0)
#endif

#endif							/* REC_INVARIANTS_H */
