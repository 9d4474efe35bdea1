/*
 * adam.c
 *	  Adam.
 */
#include <math.h>

#include "kernel/adam.h"
#include "kernel/vector.h"

/* As Kang & McAuley 2018 and others choose for sequences of items; epsilon as in the paper. */
#define FIRST 0.9
#define SECOND 0.98
#define EPSILON 1e-8f

Adam
adam_at_step(double rate, int64_t t)
{
	return (Adam) {
		.rate = (float) rate,
		.first = (float) FIRST,
		.second = (float) SECOND,
		.epsilon = EPSILON,
		.first_correction = (float) (1 / (1 - pow(FIRST, (double) t))),
		.second_correction = (float) (1 / (1 - pow(SECOND, (double) t)))
	};
}

FASTEST_INSTRUCTIONS void
adam_step(const Adam *adam, float factor, const float *gradients, int64_t n, float *numbers,
		  float *means, float *squares)
{
	float		first = adam->first;
	float		second = adam->second;
	float		rate = adam->rate * adam->first_correction;
	float		correction = adam->second_correction;
	float		epsilon = adam->epsilon;

	for (int64_t i = 0; i < n; i++)
	{
		float		g = factor * gradients[i];

		means[i] = first * means[i] + (1 - first) * g;
		squares[i] = second * squares[i] + (1 - second) * g * g;
		numbers[i] -= rate * means[i] / (sqrtf(squares[i] * correction) + epsilon);
	}
}
