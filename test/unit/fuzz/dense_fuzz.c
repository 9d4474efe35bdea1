/*
 * dense_fuzz.c
 *	  Normal equations against sums in double, and solves of systems of any numbers: positive
 *	  definite, singular or neither.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/dense.h"
#include "kernel/inverse.h"
#include "kernel/nonnegative.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

#define MOST_SYSTEMS 20

static void
fuzz_equations(Input *in)
{
	Range		range = take_range(in, RANGE_ANY);
	int			k = 1 + (int) take_below(in, 40);
	int64_t		stride = PADDED(k);
	int64_t		n_rows = 1 + take_below(in, 30);
	int64_t		n = take_below(in, 300);
	int64_t		ahead = take_below(in, 20);
	float	   *factors = fresh(sizeof(float) * n_rows * stride);
	int32_t    *index = fresh(sizeof(int32_t) * (n + ahead));
	float	   *weight = take_bool(in) ? fresh(sizeof(float) * n) : NULL;
	float	   *target = take_bool(in) ? fresh(sizeof(float) * n) : NULL;
	float	   *sum = take_bool(in) ? fresh(sizeof(float) * k) : NULL;
	float	   *base = take_bool(in) ? take_floats(in, (int64_t) k * k, range) : NULL;
	float	   *a = take_bool(in) && base != NULL ? base : dirty(sizeof(float) * SYSTEM_STRIDE(k));
	float	   *b = fresh(sizeof(float) * k);
	float	   *copy = fresh(sizeof(float) * k * k);
	double	   *gram = fresh(sizeof(double) * k * k);

	for (int64_t r = 0; r < n_rows; r++)
		for (int j = 0; j < k; j++)
			factors[r * stride + j] = take_float(in, range);
	for (int64_t i = 0; i < n + ahead; i++)
		index[i] = (int32_t) take_below(in, n_rows);
	for (int64_t i = 0; i < n; i++)
	{
		if (weight != NULL)
			weight[i] = fabsf(take_float(in, range));
		if (target != NULL)
			target[i] = take_float(in, range);
	}
	if (base != NULL)
		memcpy(copy, base, sizeof(float) * k * k);
	normal_equations(factors, stride, index, weight, target, n, ahead, k, base, a,
					 target == NULL ? NULL : b, sum, dirty(normal_equations_scratch(k)));
	for (int r = 0; r < k && range <= RANGE_MODERATE; r++)
	{
		double		right = 0;
		double		right_size = 0;
		double		total = 0;
		double		total_size = 0;

		for (int64_t i = 0; i < n; i++)
		{
			double		f = factors[index[i] * stride + r];

			right += target == NULL ? 0 : target[i] * f;
			right_size += target == NULL ? 0 : fabs(target[i] * f);
			total += f;
			total_size += fabs(f);
		}
		if (target != NULL)
			CHECK_NEAR(b[r], right, 1e-4 * right_size);
		if (sum != NULL)
			CHECK_NEAR(sum[r], total, 1e-4 * total_size);
		for (int c = 0; c <= r; c++)
		{
			double		expected = base == NULL ? 0 : copy[r * k + c];
			double		bound = fabs(expected);

			for (int64_t i = 0; i < n; i++)
			{
				const float *f = factors + index[i] * stride;
				double		product = (weight == NULL ? 1 : weight[i]) * (double) f[r] * f[c];

				expected += product;
				bound += fabs(product);
			}
			CHECK_NEAR(a[r * k + c], expected, 1e-4 * bound + 1e-30);
		}
	}
	if (range <= RANGE_MODERATE)
	{
		gram_add(factors, stride, n_rows, k, gram, dirty(sizeof(double) * n_rows * k));
		for (int r = 0; r < k; r++)
		{
			double		diagonal = 0;

			for (int64_t i = 0; i < n_rows; i++)
				diagonal += (double) factors[i * stride + r] * factors[i * stride + r];
			CHECK_NEAR(gram[r * k + r], diagonal, 1e-12 * diagonal);
		}
	}
}

static void
fuzz_solve(Input *in)
{
	Range		range = take_range(in, RANGE_ANY);
	/* sometimes so many that LAPACK factors the systems */
	int			k = take_below(in, 64) == 1 ? 257 : 1 + (int) take_below(in, 24);
	int			count = k > 256 ? 1 : 1 + (int) take_below(in, MOST_SYSTEMS);
	int64_t		stride = SYSTEM_STRIDE(k);
	float	   *a = fresh(sizeof(float) * count * stride);
	float	   *b = fresh(sizeof(float) * count * k);
	float	   *right = fresh(sizeof(float) * count * k);
	float	   *alone = fresh(sizeof(float) * k);
	void	   *scratch = dirty(solve_symmetric_scratch(count, k));
	bool		all = true;
	bool		finite;

	for (int s = 0; s < count; s++)
	{
		bool		definite = take_bool(in);
		int			rank = (int) take_below(in, k + 1);
		float	   *system = a + s * stride;

		for (int r = 0; r < k; r++)
		{
			for (int c = 0; c <= r; c++)
				system[r * k + c] = rank > 2 || r == c ? take_float(in, range) : 0;
			/* the part above the diagonal is not read */
			for (int c = r + 1; c < k; c++)
				system[r * k + c] = NAN;
			right[s * k + r] = take_float(in, range);
		}
		if (definite && range <= RANGE_MODERATE)
		{
			for (int r = 0; r < k; r++)
			{
				double		size = 1;

				for (int c = 0; c < k; c++)
					size += c == r ? 0 : fabsf(system[r > c ? r * k + c : c * k + r]);
				system[r * k + r] = (float) size;
			}
		}
		else if (take_bool(in))
		{
			/* the last unknown equals the one before: singular */
			for (int c = 0; k > 1 && c < k - 1; c++)
				system[(k - 1) * k + c] = system[(k - 2) * k + c];
			if (k > 1)
				system[(k - 1) * k + k - 1] = system[(k - 1) * k + k - 2] =
					system[(k - 2) * k + k - 2];
		}
	}
	memcpy(b, right, sizeof(float) * count * k);
	finite = solve_symmetric(a, b, count, k, scratch);
	for (int s = 0; s < count; s++)
	{
		const float *system = a + s * stride;
		bool		dominant = range <= RANGE_MODERATE;
		bool		solved;

		/* the solution of a system does not depend on the others */
		memcpy(alone, right + s * k, sizeof(float) * k);
		solved = solve_symmetric(system, alone, 1, k, scratch);
		all = all && solved;
		for (int r = 0; r < k; r++)
		{
			double		size = 0;

			CHECK(!solved || (alone[r] == b[s * k + r] && isfinite(alone[r])));
			for (int c = 0; c < k; c++)
				size += c == r ? 0 : fabsf(system[r > c ? r * k + c : c * k + r]);
			dominant = dominant && system[r * k + r] > size * 1.001;
		}
		CHECK(!dominant || solved);
		for (int r = 0; r < k && dominant; r++)
		{
			double		sum = 0;
			double		size = fabsf(right[s * k + r]);

			for (int c = 0; c < k; c++)
			{
				double		product = (double) system[r > c ? r * k + c : c * k + r] * alone[c];

				sum += product;
				size += fabs(product);
			}
			CHECK_NEAR(sum, right[s * k + r], 1e-3 * size + 1e-6);
		}
	}
	CHECK(finite == all);
}

/* The inverse in place, which reports whether the matrix is positive definite. */
static void
fuzz_inverse(Input *in)
{
	Range		range = take_range(in, RANGE_ANY);
	int64_t		n = 1 + take_below(in, 60);
	int64_t		stride = PADDED(n);
	float	   *a = fresh(sizeof(float) * n * stride);
	double	   *original = fresh(sizeof(double) * n * n);
	void	   *shared = dirty(inverse_shared_bytes(n));
	void	   *scratch = dirty(inverse_scratch_bytes(n));
	int64_t		blocks = inverse_blocks(n);
	bool		dominant = take_bool(in) && range <= RANGE_MODERATE;
	bool		backwards = take_bool(in);
	bool		inverted;

	for (int64_t r = 0; r < n; r++)
		for (int64_t c = 0; c <= r; c++)
			a[r * stride + c] = take_float(in, range);
	for (int64_t r = 0; r < n && dominant; r++)
	{
		double		size = 1;

		for (int64_t c = 0; c < n; c++)
			size += c == r ? 0 : fabsf(a[r > c ? r * stride + c : c * stride + r]);
		a[r * stride + r] = (float) size;
	}
	for (int64_t r = 0; r < n; r++)
		for (int64_t c = 0; c < n; c++)
			original[r * n + c] = a[r > c ? r * stride + c : c * stride + r];
	inverted = inverse_begin(a, stride, n, shared);
	for (int64_t step = 0; step < blocks && inverted; step++)
	{
		for (int64_t block = 0; block < blocks; block++)
			inverted = inverse_step(a, stride, n, shared, step,
									backwards ? blocks - 1 - block : block, scratch) &&
					   inverted;
	}
	CHECK(!dominant || inverted);
	for (int64_t r = 0; r < n && dominant; r++)
	{
		for (int64_t c = 0; c < n; c++)
		{
			double		sum = 0;
			double		size = 0;

			for (int64_t i = 0; i < n; i++)
			{
				double		product =
					original[r * n + i] * -a[i > c ? i * stride + c : c * stride + i];

				sum += product;
				size += fabs(product);
			}
			CHECK_NEAR(sum, r == c, 1e-3 * (size + 1));
		}
	}
}

/* x'a x - 2 b'x, and in size the sum of the absolute values of its addends. */
static double
square_sum(const float *a, const float *b, int k, const float *x, double *size)
{
	double		sum = 0;

	*size = 0;
	for (int r = 0; r < k; r++)
	{
		double		product = 2.0 * b[r] * x[r];

		sum -= product;
		*size += fabs(product);
		for (int c = 0; c < k; c++)
		{
			product = (double) a[r > c ? r * k + c : c * k + r] * x[r] * x[c];
			sum += product;
			*size += fabs(product);
		}
	}
	return sum;
}

/*
 * Least squares without negative numbers: of a Gram matrix the sum does not rise, and with a ridge
 * the gradient is zero where an unknown is positive, and not negative where it is zero. Whatever
 * the numbers, no unknown is negative, and all are finite or it says so.
 */
static void
fuzz_nonnegative(Input *in)
{
	Range		range = take_range(in, RANGE_ANY);
	int			k = 1 + (int) take_below(in, 24);
	int			rows = 1 + (int) take_below(in, 30);
	bool		is_gram = take_bool(in) && range <= RANGE_MODERATE;
	double		ridge = take_bool(in) ? 1 : 0;
	float	   *factors = take_floats(in, (int64_t) rows * k, range);
	float	   *a = take_floats(in, (int64_t) k * k, range);
	float	   *copy = fresh(sizeof(float) * k * k);
	float	   *b = take_floats(in, k, range);
	float	   *x = take_floats(in, k, range);
	float	   *start = fresh(sizeof(float) * k);
	double		trace = 0;
	double		before;
	double		after;
	double		size;
	double		end_size;

	for (int r = 0; r < k && is_gram; r++)
		for (int c = 0; c <= r; c++)
		{
			double		sum = 0;

			for (int i = 0; i < rows; i++)
				sum += (double) factors[i * k + r] * factors[i * k + c];
			a[r * k + c] = (float) sum;
			trace += r == c ? sum : 0;
		}
	for (int r = 0; r < k && is_gram; r++)
	{
		double		right = 0;

		a[r * k + r] += (float) (ridge * (1 + trace));
		/* in the space of the columns, or there may be no least value */
		for (int i = 0; i < rows; i++)
			right += (double) factors[i * k + r] * b[i % k];
		start[r] = (float) right;
	}
	if (is_gram)
		memcpy(b, start, sizeof(float) * k);
	for (int r = 0; r < k; r++)
		start[r] = x[r] > 0 ? x[r] : 0;
	memcpy(copy, a, sizeof(float) * k * k);
	for (int r = 0; r < k; r++)
		for (int c = r + 1; c < k; c++)
			a[r * k + c] = NAN;
	if (!solve_nonnegative(a, b, k, x, dirty(solve_nonnegative_scratch(k))))
	{
		CHECK(!is_gram);
		return;
	}
	for (int r = 0; r < k; r++)
		CHECK(isfinite(x[r]) && x[r] >= 0);
	if (!is_gram)
		return;
	before = square_sum(copy, b, k, start, &size);
	after = square_sum(copy, b, k, x, &end_size);
	CHECK(after <= before + 1e-4 * (size + end_size) + 1e-6);
	for (int r = 0; r < k && ridge > 0; r++)
	{
		double		gradient = -b[r];

		size = fabsf(b[r]);
		for (int c = 0; c < k; c++)
		{
			double		product = (double) copy[r > c ? r * k + c : c * k + r] * x[c];

			gradient += product;
			size += fabs(product);
		}
		for (int c = 0; c < k; c++)
			size = fmax(size, fabsf(b[c]));
		CHECK(gradient >= -1e-4 * size - 1e-6);
		CHECK(x[r] == 0 || gradient <= 1e-4 * size + 1e-6);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);

	simd_limit((int) take_below(&in, 3));
	switch (take_below(&in, 4))
	{
		case 0:
			fuzz_equations(&in);
			break;
		case 1:
			fuzz_solve(&in);
			break;
		case 2:
			fuzz_inverse(&in);
			break;
		case 3:
			fuzz_nonnegative(&in);
			break;
	}
	end_case();
	return 0;
}
