/*
 * exponential.h
 *	  exp, the logistic function and tanh of floats, without branches and calls: a compiler turns
 *	  loops over them into vectors, of whatever width the processor has.
 *
 * e^x is 2^n e^r, where n is an integer and |r| is at most half the logarithm of 2. e^r - 1 is the
 * polynomial of Cephes (Moshier, expf). Errors: of fast_exp and fast_tanh 3e-7 of the value, of
 * fast_sigmoid 3e-7.
 */
#ifndef REC_EXPONENTIAL_H
#define REC_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* A function that is not inlined would keep the loop around it from becoming vectors. */
#define EXPONENTIAL_INLINE static inline __attribute__((always_inline))

/*
 * x, which is at least this. Kernels are compiled so that sums may be regrouped, which would lose
 * digits here. A comparison, of whose result the compiler knows nothing, stands in the way.
 */
EXPONENTIAL_INLINE float
at_least(float least, float x)
{
	return x < least ? least : x;
}

/* About the logarithms of the least normal number and of the largest: others count as these. */
#define LEAST_EXPONENT -87.3f
#define LARGEST_EXPONENT 88.0f

/* Returns e^r - 1, and sets the power of two: e^x = power e^r. NaN gives NaN. */
EXPONENTIAL_INLINE float
exponential_parts(float x, float *power)
{
	float		biased;
	int32_t		exponent;
	uint32_t	bits;
	float		n;
	float		r;
	float		p;

	x = at_least(LEAST_EXPONENT, x);
	x = x > LARGEST_EXPONENT ? LARGEST_EXPONENT : x;
	/* n + 127, which is positive, is the exponent in the bits of 2^n; NaN has none */
	biased = x * 1.44269504f + 127.5f;
	exponent = (int32_t) (biased > 0 ? biased : 0);
	bits = (uint32_t) exponent << 23;
	memcpy(power, &bits, sizeof(bits));
	n = (float) exponent - 127;
	/* the logarithm of 2 is two numbers, of which the first has few bits: its product is exact */
	r = at_least(-0.5f, x - n * 0.693359375f) + n * 2.12194440e-4f;
	p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	return p * r * r + r;
}

/* e^x; where that is below 1.2e-38 or above 1.6e38, about these. */
EXPONENTIAL_INLINE float
fast_exp(float x)
{
	float		power;
	float		rest = exponential_parts(x, &power);

	return (rest + 1) * power;
}

/* 1 / (1 + e^-x) */
EXPONENTIAL_INLINE float
fast_sigmoid(float x)
{
	return 1 / (1 + fast_exp(-x));
}

/* (e^2x - 1) / (e^2x + 1); e^2x - 1 is computed so that a small x loses nothing. */
EXPONENTIAL_INLINE float
fast_tanh(float x)
{
	float		power;
	float		rest = exponential_parts(2 * x, &power);
	float		less_one = rest * power + at_least(-1, power - 1);

	return less_one / (less_one + 2);
}

/*
 * scores = exp(scores - largest); returns their sum, in partial sums, so that the compiler can use
 * vectors without changing its order.
 */
EXPONENTIAL_INLINE float
exponentials(float *scores, int64_t n, float largest)
{
	float		lanes[16] = {0};
	float		sum = 0;

	for (int64_t j = 0; j < n; j++)
		scores[j] = fast_exp(scores[j] - largest);
	for (int64_t j = 0; j + 16 <= n; j += 16)
	{
		for (int l = 0; l < 16; l++)
			lanes[l] += scores[j + l];
	}
	for (int64_t j = n - n % 16; j < n; j++)
		lanes[j % 16] += scores[j];
	for (int l = 0; l < 16; l++)
		sum += lanes[l];
	return sum;
}

#endif							/* REC_EXPONENTIAL_H */
