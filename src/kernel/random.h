/*
 * random.h
 *	  Random numbers as a function of a seed and a position, not of how many were
 *	  drawn before: any worker can draw the numbers of any row.
 */
#ifndef REC_RANDOM_H
#define REC_RANDOM_H

#include <stdint.h>

/* 64 random bits for this seed and position (splitmix64, Steele et al. 2014). */
extern uint64_t random_bits(uint64_t seed, uint64_t position);

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

#endif							/* REC_RANDOM_H */
