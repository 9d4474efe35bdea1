/*
 * neighbors.h
 *	  How similar the rows of a sparse matrix are, and the most similar rows of each row.
 *
 * A ValueRule turns the rating of a row and a column into a value x. All measures are made from
 * sums over the columns that two rows have in common, dot = sum of x_i x_j, and from the number of
 * these columns:
 *
 *	similarity of j to i = (dot - offset_i - offset_j - mean_i mean_j) scale_i neighbor_scale_j
 *	or, as a ratio,			dot / (offset_i + offset_j - dot)
 *
 * with numbers of each row (RowTerms) that are computed beforehand. The similarity is then weighted
 * by the number of columns in common. Only similarities above 0 count.
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
	float		scale;			/* 0: no row is similar to this row */
	float		neighbor_scale;
	float		offset;
	float		mean;
} RowTerms;

typedef struct SimilarityRule
{
	bool		ratio;
	bool		symmetric;		/* scale equals neighbor_scale */
	bool		counts;			/* the number of columns in common is used */
	float		min_common;		/* with fewer columns in common the similarity is 0; */
	float		shrinkage;		/* otherwise it is multiplied by common / (common + shrinkage) */
	/* and by min(common, significance) / significance, unless significance is 0 */
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

/* Whether dot equals the number of columns in common. */
static inline bool
dot_is_count(const ValueRule *rule)
{
	return rule->kind == VALUE_ONE && rule->column_weight == NULL;
}

/* ---- one row and many ---- */

/*
 * similarity[j] = the similarity of row j of n to the row with these terms; 0 or less where row j
 * is no neighbour. common may be NULL where counts are not used, and may be the same array as dot.
 */
extern void row_similarities(const SimilarityRule *rule, const RowTerms *row,
							 const RowTerms *others, const float *dot, const float *common,
							 int64_t n, float *similarity);

/* ---- the most similar rows of all rows ---- */

/* Rows that are compared at once: what is read for one of them serves all. */
#define NEIGHBOR_ROWS 8

/* The best neighbours of one row so far. Several processes add to them. */
typedef struct Neighborhood
{
	int32_t		lock;
	int32_t		count;
	/* no lower similarity is among the best; 0 while there is room */
	float		least;
} Neighborhood;

/*
 * Rows are known by their places in an order by descending number of entries. All arrays are shared
 * by the processes that take part.
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
	Neighborhood *neighborhoods;	/* by place; zero at first */
	/* by place, room for n neighbours each: their places and similarities */
	Scored	   *neighbors;
	ValueRule	values;
	SimilarityRule similarity;
} NeighborSearch;

/*
 * Fills order. Rows with the same number of entries keep their order. memory has n_rows elements.
 */
extern void neighbors_order(const SparseMatrix *by_row, Scored *memory, int32_t *order);

/*
 * Fills entry_place and entry_value for the columns begin .. end - 1. cursors has an element for
 * each column of the matrix.
 */
extern void neighbors_prepare(const NeighborSearch *search, int64_t *cursors, int64_t begin,
							  int64_t end);

/* Bytes of scratch for comparing rows of a matrix with n_rows rows: about 65 bytes per row. */
extern size_t neighbors_scratch_bytes(int64_t n_rows, int64_t n);
/*
 * Prepares scratch for comparing rows at the first n_places places. Comparing leaves it prepared.
 */
extern void neighbors_begin(int64_t n_places, void *scratch);

/*
 * Compares each of the rows at places first .. first + count - 1 (at most NEIGHBOR_ROWS) with the
 * rows before first + count, for both rows of each pair. When this has been done once for every
 * place, in any order and by several processes at once, neighbors[] holds the best, as heaps: at
 * equal similarity the earlier place is better.
 *
 * The time is that of reading, for each column that any of the rows has, its entries of earlier
 * rows: over all places at most half the sum over columns of entries^2, and down to an eighth of it
 * where neighbours in the order share their columns.
 */
extern void neighbors_compare(const NeighborSearch *search, int64_t first, int count,
							  void *scratch);

#endif							/* REC_NEIGHBORS_H */
