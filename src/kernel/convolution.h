/*
 * convolution.h
 *	  Convolutions over the last events of packed sequences, forward and backward (Tang & Wang 2018,
 *	  "Personalized top-n sequential recommendation via convolutional sequence embedding", 3.2).
 *
 * Each event has a window: itself and the events before it, `window` in all, with zeros where there
 * were none. An event is a vector of k numbers. Of each window are computed
 *
 * - by each vertical filter a weighted sum of the events, k numbers;
 * - by each horizontal filter, which spans h events, one number: its products with every h
 *   consecutive events of the window, and of these the largest, plus the filter's bias, if that is
 *   above zero, else zero. There are as many filters of each height 1 .. window.
 *
 * A horizontal filter's product with h events is part of several windows, and is computed once. To
 * that end it is taken as a sum over lags: a filter of height h has a vector of k numbers for each
 * lag 0 .. h - 1 behind the last of the h events. All vectors are multiplied with all events in one
 * product of matrices.
 *
 * Vertical filters have no bias: it would only add to that of the layer that reads the outputs.
 *
 * The rows of sequence s are begin[s] .. begin[s + 1] - 1. Matrices lie row by row, without gaps.
 */
#ifndef REC_CONVOLUTION_H
#define REC_CONVOLUTION_H

#include <stdint.h>

typedef struct ConvolutionWeights
{
	/*
	 * Rows of k numbers, by lag, and then by height, from lag + 1 on, and then by filter:
	 * convolution_products() rows.
	 */
	const float *horizontal;
	const float *bias;			/* by height, and then by filter */
	const float *vertical;		/* by filter, and then by lag */
} ConvolutionWeights;

typedef struct ConvolutionGradients
{
	float	   *horizontal;
	float	   *bias;
	float	   *vertical;
} ConvolutionGradients;

typedef struct Convolution
{
	ConvolutionWeights weights;
	int			k;
	int			window;
	int			n_vertical;
	int			n_horizontal;	/* of each height */
	int32_t		n;				/* sequences */
	const int32_t *begin;		/* n + 1 */
	int32_t    *lags;			/* a row of convolution_columns() for each row */
	float	   *convolved;		/* likewise: scratch */
	float	   *products;		/* a row of convolution_products() for each row: scratch */
} Convolution;

/* Horizontal filters: by height, and then by filter. */
static inline int
convolution_columns(int window, int n_horizontal)
{
	return window * n_horizontal;
}

/* Vectors of horizontal filters. */
static inline int
convolution_products(int window, int n_horizontal)
{
	return window * (window + 1) / 2 * n_horizontal;
}

/* Numbers that are computed of a window: those of vertical filters, then of horizontal ones. */
static inline int
convolution_outputs(int k, int window, int n_vertical, int n_horizontal)
{
	return n_vertical * k + convolution_columns(window, n_horizontal);
}

/* Sets out, a row of convolution_outputs() for each row, and the lags. */
extern void convolution_forward(const Convolution *c, const float *x, float *out);

/* Sets d_x, and adds to d_weights. The lags are those that the forward step left. */
extern void convolution_backward(const Convolution *c, const float *x, const float *d_out,
								 float *d_x, const ConvolutionGradients *d_weights);

#endif							/* REC_CONVOLUTION_H */
