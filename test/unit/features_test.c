/*
 * features_test.c
 *	  How numbers, words and embeddings are encoded, by hand.
 */
#include "unit.h"

#include <float.h>

#include "kernel/features.h"

int
main(void)
{
	NumberEncoding e;
	double		five[] = {1990, 1980, 2000, 1990, 2010};
	double		hundred[201];
	float		vector[] = {3, 0, 4};
	float		nothing[] = {0, 0};

	/*
	 * Five years: the quantiles are the least and the greatest. Mean 1994; squares 16, 196, 36, 16,
	 * 256: 520, by five 104; its root 10.19804.
	 */
	CHECK(number_encoding(five, 5, &e));
	CHECK_NEAR(e.low, 1980, 0);
	CHECK_NEAR(e.high, 2010, 0);
	CHECK_NEAR(e.mean, 1994, 1e-9);
	CHECK_NEAR(1 / e.scale, 10.198039, 1e-6);
	CHECK_NEAR(encode_number(&e, 1994), 0, 1e-6);
	CHECK_NEAR(encode_number(&e, 2000), 6 / 10.198039, 1e-6);
	/* beyond the edges as at them */
	CHECK_NEAR(encode_number(&e, 2010), 16 / 10.198039, 1e-6);
	CHECK_NEAR(encode_number(&e, 2020), 16 / 10.198039, 1e-6);
	CHECK_NEAR(encode_number(&e, -DBL_MAX), -14 / 10.198039, 1e-6);

	/* 1 % of 0 .. 200 is 2, 99 % is 198; an outlier in the place of 200 changes nothing */
	for (int i = 0; i < 201; i++)
		hundred[i] = 200 - i;
	hundred[0] = 1e300;
	CHECK(number_encoding(hundred, 201, &e));
	CHECK_NEAR(e.low, 2, 0);
	CHECK_NEAR(e.high, 198, 0);
	CHECK_NEAR(e.mean, 100, 1e-9);

	/* as large as numbers can be */
	five[0] = -DBL_MAX;
	five[1] = DBL_MAX;
	CHECK(number_encoding(five, 2, &e));
	CHECK_NEAR(encode_number(&e, DBL_MAX), 1, 1e-6);
	CHECK_NEAR(encode_number(&e, -DBL_MAX), -1, 1e-6);

	/* nothing to tell */
	five[0] = five[1] = 7;
	CHECK(!number_encoding(five, 2, &e));
	CHECK(!number_encoding(five, 1, &e));
	CHECK(!number_encoding(five, 0, &e));

	/* ln(10 / 2) and ln 1 */
	CHECK_NEAR(inverse_document_frequency(2, 10), 1.6094379, 1e-6);
	CHECK_NEAR(inverse_document_frequency(10, 10), 0, 0);

	scale_to_unit_length(vector, 3);
	CHECK_NEAR(vector[0], 0.6, 1e-7);
	CHECK_NEAR(vector[1], 0, 0);
	CHECK_NEAR(vector[2], 0.8, 1e-7);
	scale_to_unit_length(nothing, 2);
	CHECK(nothing[0] == 0 && nothing[1] == 0);
	return passed("features");
}
