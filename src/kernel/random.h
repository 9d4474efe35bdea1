/*
 * random.h
 *	  Random numbers as a function of a seed and a position, not of how many were
 *	  drawn before: any worker can draw the numbers of any row.
 */
#ifndef REC_RANDOM_H
#define REC_RANDOM_H

#include <stdint.h>

/*
 * 64 random bits for this seed and position: output number `position` (from 0) of the generator
 * splitmix64 seeded with `seed` (Steele, Lea and Flood, Fast Splittable Pseudorandom Number
 * Generators, OOPSLA 2014). Its state advances by a constant, so any output can be reached at once.
 */
static inline uint64_t
random_bits(uint64_t seed, uint64_t position)
{
	uint64_t	bits = seed + (position + 1) * UINT64_C(0x9E3779B97F4A7C15);

	bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
	return bits ^ (bits >> 31);
}

/* A number from 0 to below 1 made from random bits. */
static inline double
uniform_of_bits(uint64_t bits)
{
	return (bits >> 11) * 0x1p-53;
}

/* A number from 0 to below 1 for this seed and position. */
extern double random_uniform(uint64_t seed, uint64_t position);

/* A standard normal number for this seed and position. */
extern double random_normal(uint64_t seed, uint64_t position);

/* A number of the standard Gumbel distribution for this seed and position. */
extern double random_gumbel(uint64_t seed, uint64_t position);

/*
 * For many normal numbers: Marsaglia & Tsang 2000, "The ziggurat method for generating random
 * variables", with the layers' constants and the independent choice of layer and place of Doornik
 * 2005, "An improved ziggurat method to generate normal random samples". The area under
 * exp(-x^2/2), x >= 0, is covered by layers of equal area: rectangles, and the lowest one with the
 * tail. Layer i ends at bound[i], where the curve has height[i].
 */
#define ZIGGURAT_LAYERS 128
typedef struct Ziggurat
{
	double		bound[ZIGGURAT_LAYERS + 1];
	double		height[ZIGGURAT_LAYERS + 1];
} Ziggurat;

extern void ziggurat_init(Ziggurat *z);

/* For the few places that are not below the curve whatever their height is. */
extern double ziggurat_beyond(const Ziggurat *z, uint64_t bits);

/* A standard normal number made from random bits. */
static inline double
ziggurat_normal(const Ziggurat *z, uint64_t bits)
{
	/* the last 7 bits choose the layer, the first 53 the place */
	int			layer = (int) (bits % ZIGGURAT_LAYERS);
	double		x = (2 * uniform_of_bits(bits) - 1) * z->bound[layer];

	return x < z->bound[layer + 1] && -x < z->bound[layer + 1] ? x : ziggurat_beyond(z, bits);
}

#endif							/* REC_RANDOM_H */
