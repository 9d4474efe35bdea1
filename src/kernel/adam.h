/*
 * adam.h
 *	  Adam (Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1).
 */
#ifndef REC_ADAM_H
#define REC_ADAM_H

#include <stdint.h>

typedef struct Adam
{
	float		rate;			/* the length of a step */
	float		first;			/* beta 1: how much of the mean gradient is kept */
	float		second;			/* beta 2: likewise of the mean square */
	float		epsilon;
	/* 1 / (1 - beta^t) for step t, from 1 */
	float		first_correction;
	float		second_correction;
} Adam;

/* The corrections are those of step t, from 1. */
extern Adam adam_at_step(double rate, int64_t t);

/* A step for n numbers, with gradients that are multiplied by factor first. */
extern void adam_step(const Adam *adam, float factor, const float *gradients, int64_t n,
					  float *numbers, float *means, float *squares);

#endif							/* REC_ADAM_H */
