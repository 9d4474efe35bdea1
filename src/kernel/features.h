/*
 * features.h
 *	  Features: attributes of items or users, encoded as numbers.
 *
 * A feature is a column of numbers, a category, a word, or a place of an embedding. A row is
 * encoded as a sparse vector over the features. Missing values are absent from it.
 */
#ifndef REC_FEATURES_H
#define REC_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sparse.h"

typedef enum FeatureKind
{
	FEATURE_NUMBER,				/* clipped and standardised */
	FEATURE_CATEGORY,			/* 1 for the row's category */
	FEATURE_SET,				/* 1 / sqrt(n) for each of the n categories of the row */
	FEATURE_WORDS,				/* tf-idf, of unit length */
	FEATURE_EMBEDDING			/* of unit length */
} FeatureKind;

/*
 * The encoding of a number x is (clip(x, low, high) - mean) * scale. For other features all members
 * are NaN, except that scale is the inverse document frequency of a category or word.
 */
typedef struct NumberEncoding
{
	double		low;
	double		high;
	double		mean;			/* of the clipped numbers */
	double		scale;			/* 1 / their standard deviation */
} NumberEncoding;

/* The features of items or users; all zero if there are none. */
typedef struct Features
{
	SparseMatrix by_row;		/* items or users x features */
	/* by feature */
	int32_t    *count;			/* number of rows that have it */
	/* number of its column in the relation; -1: a number that is 1 for all rows */
	int32_t    *column;
	int32_t    *kind;			/* FeatureKind */
	NumberEncoding *encoding;
} Features;

/*
 * Computes the encoding of n numbers, none of them NaN, and sorts them. low and high are the 1 %
 * and 99 % quantiles, rounded outward to the nearest of the numbers. So an outlier, or a date years
 * after all others, has the encoding of a number at the edge. Returns false if there are no two
 * different numbers.
 */
extern bool number_encoding(double *numbers, int64_t n, NumberEncoding *encoding);

extern float encode_number(const NumberEncoding *encoding, double number);

/*
 * The inverse document frequency of a word in `rows` of n_rows rows: ln(n_rows / rows) (Sparck
 * Jones 1972, "A statistical interpretation of term specificity and its application in
 * retrieval"). It is 0 for a word in all rows.
 */
extern float inverse_document_frequency(int64_t rows, int64_t n_rows);

/* Scales n values to unit length; zeros stay zeros. */
extern void scale_to_unit_length(float *values, int64_t n);

#endif							/* REC_FEATURES_H */
