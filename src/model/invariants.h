/*
 * invariants.h
 *	  Invariants of the data that rooms hand to each other. They are checked where PostgreSQL is
 *	  built with assertions.
 */
#ifndef REC_INVARIANTS_H
#define REC_INVARIANTS_H

#include "algorithm/algorithm.h"

#ifdef USE_ASSERT_CHECKING
/* Rows lie one behind the other; the columns of each row ascend, and are within the matrix. */
extern void assert_matrix(const SparseMatrix *m);

/* Both matrices are valid, and no value is infinite or NaN. */
extern void assert_ratings(const Ratings *ratings);

/* Items are known to the model, ascend, and have ratings. */
extern void assert_profile(const Model *model, const Profile *profile);

/* Arguments of score_items(): items that are known to the model. */
extern void assert_items(const Model *model, const int32 *items, int64 first, int64 n);

/* All numbers are finite, and lists refer to rows of the model. */
extern void assert_model(const Model *model);
#else
#define assert_matrix(m) ((void) 0)
#define assert_ratings(ratings) ((void) 0)
#define assert_profile(model, profile) ((void) 0)
#define assert_items(model, items, first, n) ((void) 0)
#define assert_model(model) ((void) 0)
#endif

#endif							/* REC_INVARIANTS_H */
