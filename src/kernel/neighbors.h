/*
 * neighbors.h
 *	  How alike the rows of a sparse matrix are, and the rows that are most alike to each.
 *
 * Ratings become values x of a row and a column by a ValueRule. All measures are made from sums
 * over the columns that two rows have in common, dot = sum of x_i x_j, and how many columns those
 * are:
 *
 *	similarity of j to i = (dot - offset_i - offset_j - mean_i mean_j) scale_i neighbor_scale_j
 *	or, as a ratio,			dot / (offset_i + offset_j - dot)
 *
 * with numbers of each row (RowTerms) that are computed beforehand; then weighted by how many
 * columns are in common. Only similarities above 0 count.
 */
#ifndef REC_NEIGHBORS_H
#define REC_NEIGHBORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sparse.h"
#include "kernel/top.h"

typedef enum ValueKind
{
	VALUE_ONE,					/* x = column_weight */
	VALUE_RATING,				/* x = unit (rating - row_statistic - column_mean) */
	VALUE_ROOT,					/* x = column_weight sqrt(unit rating) */
	VALUE_SATURATION			/* x = column_weight rating / (rating + row_statistic) */
} ValueKind;

typedef struct ValueRule
{
	ValueKind	kind;
	float		unit;			/* a power of two */
	const float *row_statistic; /* of each row; NULL: 0 */
	const float *column_mean;	/* of each column; NULL: 0 */
	const float *column_weight; /* of each column; NULL: 1 */
} ValueRule;

typedef struct RowTerms
{
	float		scale;			/* 0: nothing is alike to the row */
	float		neighbor_scale;
	float		offset;
	float		mean;
} RowTerms;

typedef struct SimilarityRule
{
	bool		ratio;
	bool		symmetric;		/* scale is neighbor_scale */
	bool		counts;			/* the columns in common play a part */
	float		min_common;		/* similarity is 0 with fewer columns in common, */
	float		shrinkage;		/* else multiplied by common / (common + shrinkage) */
	/* and by min(common, significance) / significance, where that is not 0 */
	float		significance;
} SimilarityRule;

static inline float
rating_value(const ValueRule *rule, float rating, float row_statistic, float column_mean,
			 float column_weight)
{
	switch (rule->kind)
	{
		case VALUE_ONE:
			return column_weight;
		case VALUE_RATING:
			return (rating - row_statistic - column_mean) * rule->unit;
		case VALUE_ROOT:
			return column_weight * __builtin_sqrtf(rating * rule->unit);
		case VALUE_SATURATION:
			return column_weight * (rating / (rating + row_statistic));
	}
	return 0;
}

/* The value of an entry of a matrix. */
static inline float
entry_value(const ValueRule *rule, float rating, int64_t row, int64_t column)
{
	return rating_value(rule, rating, rule->row_statistic == NULL ? 0 : rule->row_statistic[row],
						rule->column_mean == NULL ? 0 : rule->column_mean[column],
						rule->column_weight == NULL ? 1 : rule->column_weight[column]);
}

/* Whether dot is the number of columns in common. */
static inline bool
dot_is_count(const ValueRule *rule)
{
	return rule->kind == VALUE_ONE && rule->column_weight == NULL;
}

/* ---- one row and many ---- */

/*
 * similarity[j] = how alike row j of n is to the one of these terms, 0 or less where it is no
 * neighbour. common may be NULL where counts play no part, and may be dot.
 */
extern void row_similarities(const SimilarityRule *rule, const RowTerms *row,
							 const RowTerms *others, const float *dot, const float *common,
							 int64_t n, float *similarity);

/* ---- the most alike of all rows ---- */

/* Rows that are compared with the others together: what is read for one of them serves them all. */
#define NEIGHBOR_ROWS 8

/* The neighbours of one row that are the best so far; found by several processes at once. */
typedef struct Neighborhood
{
	int32_t		lock;
	int32_t		count;
	/* no similarity below this is among the best; 0 while there is room */
	float		least;
} Neighborhood;

/*
 * Rows are known by their places in an order in which those with most entries come first. All
 * arrays are shared by whoever takes part.
 */
typedef struct NeighborSearch
{
	const SparseMatrix *by_row; /* the rows that are compared */
	const SparseMatrix *by_column;	/* its transpose */
	int64_t		n;				/* neighbours to find for each row */
	const int32_t *order;		/* the row at each place */
	const RowTerms *terms;		/* of the row at each place */
	/* the entries of by_column, with places for rows and ascending by place, */
	int32_t    *entry_place;
	float	   *entry_value;	/* and their values; not used with VALUE_ONE */
	Neighborhood *neighborhoods;	/* of each place; zero at first */
	Scored	   *neighbors;		/* of each place, room for n: places and similarities */
	ValueRule	values;
	SimilarityRule similarity;
} NeighborSearch;

/* Fills order. Rows of equally many entries are in their own order. memory: of n_rows elements. */
extern void neighbors_order(const SparseMatrix *by_row, Scored *memory, int32_t *order);

/*
 * Fills entry_place and entry_value for the columns begin .. end - 1. cursors: a number for each
 * column of the matrix.
 */
extern void neighbors_prepare(const NeighborSearch *search, int64_t *cursors, int64_t begin,
							  int64_t end);

/* Scratch for comparing rows of such a matrix: about 65 bytes for each row. */
extern size_t neighbors_scratch_bytes(int64_t n_rows, int64_t n);
/* Makes it ready for comparing rows at the first n_places places; comparing leaves it so. */
extern void neighbors_begin(int64_t n_places, void *scratch);

/*
 * Compares each of the rows at places first .. first + count - 1 (at most NEIGHBOR_ROWS) with
 * those before first + count, for both. When this has been done once for every place, in any
 * order and by several processes at once, neighbors[] are the best, as heaps: at equal similarity
 * the earlier place is better.
 *
 * The time is that of reading, for each column that any of the rows has, those of its entries
 * that come before: over all places at most half the sum over columns of entries^2, and down to
 * an eighth of it where neighbours in the order share their columns.
 */
extern void neighbors_compare(const NeighborSearch *search, int64_t first, int count,
							  void *scratch);

#endif							/* REC_NEIGHBORS_H */
