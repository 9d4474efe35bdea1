/*
 * vector_fuzz.c
 *	  Products with rows of a matrix, sums of rows, and steps on pairs, with every instruction set,
 *	  against loops in double.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/gather.h"
#include "kernel/pairwise.h"
#include "kernel/simd.h"
#include "kernel/tall.h"
#include "kernel/vector.h"

/*
 * Checks products with rows; the tolerance is relative to the sum of the magnitudes that are added.
 */
static void
check_products(const float *rows, int64_t stride, const int32_t *index, int64_t n, int k,
			   const float *vector, const float *products)
{
	for (int64_t i = 0; i < n; i++)
	{
		const float *row = rows + (index == NULL ? i : index[i]) * stride;
		double		sum = 0;
		double		size = 0;

		for (int j = 0; j < k; j++)
		{
			sum += (double) row[j] * vector[j];
			size += fabs((double) row[j] * vector[j]);
		}
		CHECK_NEAR(products[i], sum, 1e-5 * size);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_ANY);
	int			k = 1 + (int) take_below(&in, 50);
	int			padded = (int) PADDED(k);
	int64_t		stride = padded + 16 * take_below(&in, 3);
	int64_t		n_rows = 2 + take_below(&in, 30);
	int64_t		n = take_below(&in, 100);
	int64_t		ahead = take_below(&in, 20);
	float	   *rows = fresh(sizeof(float) * n_rows * stride);
	float	   *vector = fresh(sizeof(float) * padded);
	int32_t    *index = fresh(sizeof(int32_t) * (n + ahead));
	float	   *coefficients = take_floats(&in, n, range);
	float	   *products = dirty(sizeof(float) * n_rows);
	float	   *gathered = dirty(sizeof(float) * n);
	double	   *doubles = dirty(sizeof(double) * n);
	float	   *sum = fresh(sizeof(float) * padded);
	bool		moderate = range <= RANGE_MODERATE;

	simd_limit((int) take_below(&in, 3));
	for (int64_t r = 0; r < n_rows; r++)
		for (int j = 0; j < k; j++)
			rows[r * stride + j] = take_float(&in, range);
	for (int j = 0; j < k; j++)
		vector[j] = take_float(&in, range);
	for (int64_t i = 0; i < n + ahead; i++)
		index[i] = (int32_t) take_below(&in, n_rows);

	/* the product of a row does not depend on the other rows, to the bit */
	vector_dot_rows(vector, rows, stride, n_rows, k, products);
	for (int64_t r = 0; r < n_rows; r++)
	{
		float		one;

		vector_dot_rows(vector, rows + r * stride, stride, 1, k, &one);
		CHECK(same_float(one, products[r]));
		CHECK(same_float(vector_dot(vector, rows + r * stride, k), products[r]));
		if (moderate)
			CHECK_NEAR(vector_norm(rows + r * stride, k),
					   sqrt(vector_dot_double(rows + r * stride, rows + r * stride, k)), 1e-9);
	}
	gather_dot(rows, stride, index, n, ahead, padded, vector, gathered);
	gather_dot_double(rows, stride, index, n, padded, vector, doubles);
	gather_sum(rows, stride, index, coefficients, n, padded, sum);
	if (moderate)
	{
		check_products(rows, stride, NULL, n_rows, k, vector, products);
		check_products(rows, stride, index, n, k, vector, gathered);
		for (int64_t i = 0; i < n; i++)
			CHECK_NEAR(doubles[i], vector_dot_double(rows + index[i] * stride, vector, k),
					   1e-9 * (1 + fabs(doubles[i])) + 1e-5);
		for (int j = 0; j < padded; j++)
		{
			double		exact = 0;
			double		bound = 0;

			for (int64_t i = 0; i < n; i++)
			{
				exact += (double) coefficients[i] * rows[index[i] * stride + j];
				bound += fabs((double) coefficients[i] * rows[index[i] * stride + j]);
			}
			CHECK_NEAR(sum[j], exact, 1e-5 * bound);
		}
	}

	/* matrices of few columns */
	{
		int			k_out = 1 + (int) take_below(&in, 20);
		float	   *small = take_floats(&in, (int64_t) k * k_out, range);
		float	   *out = dirty(sizeof(float) * n_rows * k_out);
		double	   *inner = fresh(sizeof(double) * k * k_out);

		memset(out, 0, sizeof(float) * n_rows * k_out);
		tall_multiply(rows, stride, k, small, k_out, 1, n_rows, 0, out, k_out);
		tall_inner(rows, stride, k, out, k_out, k_out, n_rows, inner,
				   dirty(sizeof(float) * k * k_out));
		for (int64_t r = 0; r < n_rows && moderate; r++)
		{
			for (int c = 0; c < k_out; c++)
			{
				double		exact = 0;
				double		bound = 0;

				for (int j = 0; j < k; j++)
				{
					exact += (double) rows[r * stride + j] * small[j * k_out + c];
					bound += fabs((double) rows[r * stride + j] * small[j * k_out + c]);
				}
				CHECK_NEAR(out[r * k_out + c], exact, 1e-5 * bound);
			}
		}
	}

	/* steps, one after the other, by their formula */
	{
		int64_t		n_triples = take_below(&in, 20);
		Triple	   *triples = fresh(sizeof(Triple) * n_triples);
		float	   *items = fresh(sizeof(float) * n_rows * padded);
		float	   *users = fresh(sizeof(float) * n_rows * padded);
		float	   *bias = take_floats(&in, n_rows, range);
		float	   *differences = dirty(sizeof(float) * n_triples);
		double	   *exact = fresh(sizeof(double) * padded);
		Pairwise	p = {.n = padded,
					  .stride = padded,
					  .users = users,
					  .items = items,
					  .bias = bias,
					  .rate = 0.125f,
					  .regularization = 0.25f,
					  .items_fixed = take_bool(&in)};

		for (int64_t r = 0; r < n_rows; r++)
		{
			for (int j = 0; j < k; j++)
			{
				items[r * padded + j] = rows[r * stride + j];
				users[r * padded + j] = take_float(&in, range);
			}
		}
		for (int64_t t = 0; t < n_triples; t++)
		{
			int32_t		positive = (int32_t) take_below(&in, n_rows);
			int32_t		negative = (int32_t) take_below(&in, n_rows - 1);

			triples[t] = (Triple){(int32_t) take_below(&in, n_rows), positive,
								  negative + (negative >= positive)};
		}
		if (moderate && n_triples > 0)
		{
			const Triple *t = &triples[n_triples - 1];
			double		d;

			/* differences of the last step, before and after it */
			pairwise_descend(&p, triples, n_triples - 1, differences);
			d = bias[t->positive] +
				vector_dot_double(users + t->user * padded, items + t->positive * padded, padded) -
				bias[t->negative] -
				vector_dot_double(users + t->user * padded, items + t->negative * padded, padded);
			for (int j = 0; j < padded; j++)
				exact[j] =
					users[t->user * padded + j] +
					p.rate * ((items[t->positive * padded + j] - items[t->negative * padded + j]) /
								  (1 + exp(d)) -
							  p.regularization * users[t->user * padded + j]);
			pairwise_descend(&p, t, 1, differences + n_triples - 1);
			if (fabs(d) < 20)
			{
				double		length = 1;

				for (int j = 0; j < padded; j++)
					length = fmax(length, fabs(exact[j]));
				for (int j = 0; j < padded; j++)
					CHECK_NEAR(users[t->user * padded + j], exact[j], 1e-2 * length);
			}
		}
		else
			pairwise_descend(&p, triples, n_triples, differences);
		for (int64_t r = 0; r < n_rows && moderate; r++)
			for (int j = k; j < padded; j++)
				CHECK(users[r * padded + j] == 0 && items[r * padded + j] == 0);
	}
	end_case();
	return 0;
}
