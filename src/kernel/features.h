/*
 * features.h
 *	  What is known of items or users beside their ratings, as numbers.
 *
 * A feature is a number of a row, one of its categories or words, or a place of its embedding. A
 * row is encoded as the values of its features: those that it does not have are absent.
 */
#ifndef REC_FEATURES_H
#define REC_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sparse.h"

typedef enum FeatureKind
{
	FEATURE_NUMBER,				/* clipped and standardised */
	FEATURE_CATEGORY,			/* 1 for the row's own */
	FEATURE_SET,				/* 1 / sqrt(n) for each of the n categories of the row */
	FEATURE_WORDS,				/* tf-idf, of unit length */
	FEATURE_EMBEDDING			/* of unit length */
} FeatureKind;

/*
 * How numbers are encoded: x is taken for (clip(x, low, high) - mean) * scale. Of other features
 * all are NaN, but for words, whose scale is their inverse document frequency.
 */
typedef struct NumberEncoding
{
	double		low;
	double		high;
	double		mean;			/* of the clipped numbers */
	double		scale;			/* 1 / their standard deviation */
} NumberEncoding;

/* The features of items or users. Without features all of it is zero. */
typedef struct Features
{
	SparseMatrix by_row;		/* items or users x features */
	/* of each feature */
	int32_t    *count;			/* rows that have it */
	int32_t    *column;			/* of the relation: features of one column have the same number */
	int32_t    *kind;			/* FeatureKind */
	NumberEncoding *encoding;
} Features;

/*
 * Finds the encoding of n numbers, none of them NaN, which are left sorted. low and high are the
 * 1 % and 99 % quantiles, the nearest numbers outward: so an outlier, or what is dated years after
 * all others, is as one at the edge. False where all are equal, or there are none: nothing is told
 * by such a number.
 */
extern bool number_encoding(double *numbers, int64_t n, NumberEncoding *encoding);

extern float encode_number(const NumberEncoding *encoding, double number);

/*
 * The inverse document frequency of a word that `rows` of n_rows have: ln(n_rows / rows) (Sparck
 * Jones 1972, "A statistical interpretation of term specificity and its application in
 * retrieval"). A word that all rows have is 0.
 */
extern float inverse_document_frequency(int64_t rows, int64_t n_rows);

/* Scales n values to unit length. Where all are 0 they stay so. */
extern void scale_to_unit_length(float *values, int64_t n);

#endif							/* REC_FEATURES_H */
