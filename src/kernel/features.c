/*
 * features.c
 *	  Features: attributes of items or users, encoded as numbers.
 */
#include <math.h>
#include <stdlib.h>

#include "kernel/features.h"

/* The share of the numbers that is clipped at each end. */
#define CLIPPED 0.01

static int
compare_numbers(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static double
clip(const NumberEncoding *encoding, double number)
{
	return number < encoding->low	 ? encoding->low
		   : number > encoding->high ? encoding->high
									 : number;
}

bool
number_encoding(double *numbers, int64_t n, NumberEncoding *encoding)
{
	double		size;
	double		sum = 0;
	double		squares = 0;

	if (n == 0)
		return false;
	qsort(numbers, (size_t) n, sizeof(double), compare_numbers);
	encoding->low = numbers[(int64_t) floor(CLIPPED * (double) (n - 1))];
	encoding->high = numbers[(int64_t) ceil((1 - CLIPPED) * (double) (n - 1))];
	/* compute in units of the range, so that no square overflows */
	size = encoding->high / 2 - encoding->low / 2;
	if (!(size > 0))
		return false;
	for (int64_t i = 0; i < n; i++)
		sum += (clip(encoding, numbers[i]) / 2 - encoding->low / 2) / size;
	sum /= (double) n;
	for (int64_t i = 0; i < n; i++)
	{
		double		x = (clip(encoding, numbers[i]) / 2 - encoding->low / 2) / size - sum;

		squares += x * x;
	}
	encoding->mean = encoding->low + 2 * sum * size;
	encoding->scale = 0.5 / (size * sqrt(squares / (double) n));
	return isfinite(encoding->scale);
}

float
encode_number(const NumberEncoding *encoding, double number)
{
	/* compute with halves, because the difference of two numbers may overflow */
	return (float) ((clip(encoding, number) / 2 - encoding->mean / 2) * encoding->scale * 2);
}

float
inverse_document_frequency(int64_t rows, int64_t n_rows)
{
	return logf((float) n_rows / (float) rows);
}

void
scale_to_unit_length(float *values, int64_t n)
{
	double		squares = 0;

	for (int64_t i = 0; i < n; i++)
		squares += (double) values[i] * values[i];
	for (int64_t i = 0; i < n && squares > 0; i++)
		values[i] = (float) (values[i] / sqrt(squares));
}
