/*
 * layer_norm.h
 *	  Layer normalisation (Ba, Kiros & Hinton 2016, "Layer normalization", (4)):
 *
 *	normalized = (x - mean) / sqrt(variance + epsilon),	y = gain normalized + bias
 *
 * with mean and variance over the k numbers of a row.
 */
#ifndef REC_LAYER_NORM_H
#define REC_LAYER_NORM_H

#include <stdint.h>

/* As in PyTorch. */
#define NORM_EPSILON 1e-5f

/*
 * Sets normalized (n x k) and inverse (n; the inverse of each row's deviation), which the backward
 * step needs, and y (n x k). y may be x.
 */
extern void layer_norm_forward(const float *x, int64_t n, int k, const float *gain,
							   const float *bias, float *normalized, float *inverse, float *y);

/* Adds to the gradients of x, of gain and of bias. */
extern void layer_norm_backward(const float *normalized, const float *inverse, int64_t n, int k,
								const float *gain, const float *d_y, float *d_x, float *d_gain,
								float *d_bias);

#endif							/* REC_LAYER_NORM_H */
