/*
 * random.c
 *	  Random numbers as a function of a seed and a position.
 */
#include <math.h>

#include "kernel/random.h"

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

/* -ln(-ln u), for a u that is neither 0 nor 1. */
double
random_gumbel(uint64_t seed, uint64_t position)
{
	return -log(-log(((random_bits(seed, position) >> 12) + 0.5) * 0x1p-52));
}

/* Where the tail begins, and the area of a layer. */
#define ZIGGURAT_R 3.442619855899
#define ZIGGURAT_AREA 9.91256303526217e-3

void
ziggurat_init(Ziggurat *z)
{
	z->bound[0] = ZIGGURAT_AREA / exp(-0.5 * ZIGGURAT_R * ZIGGURAT_R);
	z->bound[1] = ZIGGURAT_R;
	for (int i = 2; i < ZIGGURAT_LAYERS; i++)
		z->bound[i] = sqrt(-2 * log(ZIGGURAT_AREA / z->bound[i - 1] +
									exp(-0.5 * z->bound[i - 1] * z->bound[i - 1])));
	z->bound[ZIGGURAT_LAYERS] = 0;
	for (int i = 0; i <= ZIGGURAT_LAYERS; i++)
		z->height[i] = exp(-0.5 * z->bound[i] * z->bound[i]);
}

/* The tail beyond R (Marsaglia 1964). The bits are a seed, as several numbers are needed. */
static double
ziggurat_tail(uint64_t bits, double sign)
{
	for (uint64_t position = 0;; position += 2)
	{
		double		x = -log(((random_bits(bits, position) >> 12) + 0.5) * 0x1p-52) / ZIGGURAT_R;
		double		y = -log(((random_bits(bits, position + 1) >> 12) + 0.5) * 0x1p-52);

		if (2 * y >= x * x)
			return sign * (ZIGGURAT_R + x);
	}
}

double
ziggurat_beyond(const Ziggurat *z, uint64_t bits)
{
	int			layer = (int) (bits % ZIGGURAT_LAYERS);
	double		u = 2 * uniform_of_bits(bits) - 1;
	double		x = u * z->bound[layer];

	if (layer == 0)
		return ziggurat_tail(bits, u < 0 ? -1 : 1);
	/* between the rectangle above and the curve */
	if (z->height[layer] + uniform_of_bits(random_bits(bits, 0)) *
							   (z->height[layer + 1] - z->height[layer]) < exp(-0.5 * x * x))
		return x;
	return ziggurat_normal(z, random_bits(bits, 1));
}
