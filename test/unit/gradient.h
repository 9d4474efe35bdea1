/*
 * gradient.h
 *	  Compares gradients, which kernels compute in floats, with central differences of a loss that
 *	  a test computes in double.
 */
#ifndef REC_UNIT_GRADIENT_H
#define REC_UNIT_GRADIENT_H

#include "unit.h"

#include "kernel/random.h"

/* Normal numbers, the same in floats and in double. */
static inline void
fill_normal(uint64_t seed, double deviation, int64_t n, double *numbers, float *floats)
{
	for (int64_t i = 0; i < n; i++)
	{
		floats[i] = (float) (deviation * random_normal(seed, (uint64_t) i));
		numbers[i] = floats[i];
	}
}

/*
 * The loss by `of` depends on the numbers, of which the first and then every so many-th is changed,
 * by a step.
 */
static inline void
check_gradient_by_steps(double (*loss) (const void *of), const void *of, double *numbers,
						int64_t n, int64_t every, const float *gradient, double tolerance,
						double step)
{
	for (int64_t i = 0; i < n; i += every)
	{
		double		number = numbers[i];
		double		above;
		double		below;

		numbers[i] = number + step;
		above = loss(of);
		numbers[i] = number - step;
		below = loss(of);
		numbers[i] = number;
		CHECK_NEAR(gradient[i], (above - below) / (2 * step), tolerance);
	}
}

/*
 * With a step of 1e-5 the difference has an error of 1e-10 times the third derivative, and of
 * 1e-16 / 1e-5 = 1e-11 times the loss: both are less than the rounding of a gradient in floats,
 * which alone determines the tolerance.
 */
#define GRADIENT_STEP 1e-5

static inline void
check_gradient(double (*loss) (const void *of), const void *of, double *numbers, int64_t n,
			   int64_t every, const float *gradient, double tolerance)
{
	check_gradient_by_steps(loss, of, numbers, n, every, gradient, tolerance, GRADIENT_STEP);
}

#endif							/* REC_UNIT_GRADIENT_H */
