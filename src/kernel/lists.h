/*
 * lists.h
 *	  Scores from lists: each item has a list of the items that speak for it, with weights.
 *
 * The lists are the rows of a sparse matrix: row i holds the weights w_ij of the items j on the
 * list of item i. A profile has an amount a_j for each of its items, and
 *
 *	score of i = sum over the profile's j on the list of i, ascending, of w_ij a_j
 *
 * Single items are scored from their lists. Ranges of items are scored from the inverse lists: the
 * transpose of the matrix, whose row j names the items that item j speaks for. Both ways give the
 * same bits, whichever items are scored together.
 */
#ifndef REC_LISTS_H
#define REC_LISTS_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/sparse.h"

/*
 * The bytes of the inverse lists: 8 for each entry and each item. They hold no pointers, and are
 * aligned to 8 bytes if their memory is.
 */
extern size_t inverse_lists_bytes(const SparseMatrix *lists);
extern void inverse_lists_build(const SparseMatrix *lists, void *inverse);
/* The inverse lists as a matrix that points into them. */
extern SparseMatrix inverse_lists(const void *inverse);

/*
 * sums[i - first] = the score of item i, for first <= i < first + n. Unless magnitudes is NULL,
 * magnitudes[i - first] = the sum of |w_ij| over the same j. The profile's items ascend.
 */
extern void lists_score_range(const SparseMatrix *inverse, const int32_t *items,
							  const float *amounts, int64_t n_items, int64_t first, int64_t n,
							  float *sums, float *magnitudes);

/*
 * The same for the items rows[first] .. rows[first + n - 1], in any order, each from its list. rows
 * NULL: for the items first .. first + n - 1, from the inverse lists.
 */
extern void lists_score_rows(const SparseMatrix *lists, const SparseMatrix *inverse,
							 const int32_t *items, const float *amounts, int64_t n_items,
							 const int32_t *rows, int64_t first, int64_t n, float *sums,
							 float *magnitudes);

/*
 * Adds the own weight of each item of the profile, as no item is on its own list. For an item among
 * those rows, or in that range, own[item] times its amount is added to its sum and, unless
 * magnitudes is NULL, own[item] to its magnitude. own NULL: 1 for each.
 */
extern void lists_add_own(const int32_t *items, const float *amounts, int64_t n_items,
						  const float *own, const int32_t *rows, int64_t first, int64_t n,
						  float *sums, float *magnitudes);

/*
 * weights[p] = the weight of items[p] on the list `row`, 0 for an item that is not on it. The items
 * ascend.
 */
extern void lists_weights(const SparseMatrix *lists, int64_t row, const int32_t *items,
						  int64_t n_items, float *weights);

#endif							/* REC_LISTS_H */
