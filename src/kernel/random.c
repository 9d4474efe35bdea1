/*
 * random.c
 *	  Random numbers as a function of a seed and a position.
 */
#include <math.h>

#include "kernel/random.h"

/*
 * Output number `position` (from 0) of the generator splitmix64 seeded with `seed`: Steele, Lea
 * and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014. Its state advances by a
 * constant, so any output can be reached at once.
 */
uint64_t
random_bits(uint64_t seed, uint64_t position)
{
	uint64_t	bits = seed + (position + 1) * UINT64_C(0x9E3779B97F4A7C15);

	bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
	return bits ^ (bits >> 31);
}

/*
 * Box and Muller, A Note on the Generation of Random Normal Deviates, 1958. Each position takes
 * two random words of its own and gives one number of the pair.
 */
double
random_uniform(uint64_t seed, uint64_t position)
{
	return uniform_of_bits(random_bits(seed, position));
}

double
random_normal(uint64_t seed, uint64_t position)
{
	const double two_pi = 6.283185307179586476925286766559;

	/* 53 bits each, in (0, 1], so that the logarithm is finite, and [0, 1) */
	double		radius = ((random_bits(seed, 2 * position) >> 11) + 1) * 0x1p-53;
	double		angle = random_uniform(seed, 2 * position + 1);

	return sqrt(-2.0 * log(radius)) * cos(two_pi * angle);
}
