/*
 * recurrent.h
 *	  A layer of recurrent cells over packed sequences: gated recurrent units and long short-term
 *	  memory, forward and backward.
 *
 * A cell reads the events of a sequence one after the other. From event x_t and its own output
 * h_t-1 after the event before, it computes an output h_t; h_0 is zero. x and h are vectors of k
 * numbers. With s the logistic function, and * element by element:
 *
 * Gated recurrent units (Cho et al. 2014, "Learning phrase representations using RNN
 * encoder-decoder for statistical machine translation"; for histories: Hidasi et al. 2016,
 * "Session-based recommendations with recurrent neural networks"):
 *
 *	n = tanh(x W_n + b_n + r * (h_t-1 U_n + c_n))	the candidate
 *	r = s(x W_r + h_t-1 U_r + b_r)					the reset gate
 *	z = s(x W_z + h_t-1 U_z + b_z)					the update gate
 *	h_t = (1 - z) * n + z * h_t-1
 *
 * The papers have (r * h_t-1) U_n, and 1 - z in place of z. Here the reset gate comes after the
 * product, as in PyTorch's GRU and therefore in the implementation of GRU4Rec in PyTorch by the
 * second paper's authors: one product with h_t-1 serves all three.
 *
 * Long short-term memory (Hochreiter & Schmidhuber 1997, "Long short-term memory"; with the forget
 * gate of Gers et al. 2000, "Learning to forget"), as PyTorch's LSTM:
 *
 *	g = tanh(x W_g + h_t-1 U_g + b_g)				the candidate
 *	i = s(x W_i + h_t-1 U_i + b_i)					the input gate
 *	o = s(x W_o + h_t-1 U_o + b_o)					the output gate
 *	f = s(x W_f + h_t-1 U_f + b_f)					the forget gate
 *	c_t = f * c_t-1 + i * g							the cell, c_0 zero
 *	h_t = o * tanh(c_t)
 *
 * Where PyTorch has two biases whose sum alone counts, there is one here.
 *
 * The sequences are in the order of descending length, and their rows are by time: event t of
 * sequence s has row begin[t] + s, and the sequences with an event t are 0 .. begin[t + 1] -
 * begin[t] - 1. Matrices lie row by row, without gaps.
 */
#ifndef REC_RECURRENT_H
#define REC_RECURRENT_H

#include <stdbool.h>
#include <stdint.h>

/* Vectors of k numbers that a cell has for each event besides its output. */
#define RECURRENT_GATES 4

typedef struct RecurrentCell
{
	/*
	 * The vectors that have a product with the event are the first ones; as many, the last ones,
	 * have one with the output of the event before. GRU: n r z, and r z (h U_n + c_n). LSTM: g i o
	 * f, and all again.
	 */
	int			products;
	bool		has_memory;		/* c_t */

	/*
	 * One step of n sequences. The gates are the sums of the products and biases, and become their
	 * values. h and the memory are those of the event before, and become those of this one.
	 */
	void		(*step) (int64_t n, int k, float *gates, float *memory, float *h);

	/*
	 * From the gradient of h: the gates become the gradients of their sums, and d_h the part of the
	 * gradient of the h before that does not come through the gates. d_memory is the gradient of
	 * the memory as far as it comes from the event after, and becomes that of the memory before.
	 */
	void		(*step_back) (int64_t n, int k, float *gates, const float *memory, const float *h,
							  float *d_memory, float *d_h);
} RecurrentCell;

extern const RecurrentCell gru_cell;
extern const RecurrentCell lstm_cell;

typedef struct RecurrentWeights
{
	const float *input;			/* k x products k: the matrices W side by side */
	const float *recurrent;		/* U, likewise */
	const float *bias;			/* 3 x k: of the first three vectors */
	const float *last_bias;		/* k: of the last. GRU: c_n, LSTM: b_f */
} RecurrentWeights;

typedef struct RecurrentGradients
{
	float	   *input;
	float	   *recurrent;
	float	   *bias;
	float	   *last_bias;
} RecurrentGradients;

typedef struct RecurrentLayer
{
	const RecurrentCell *cell;
	RecurrentWeights weights;
	int			k;
	int32_t		n_times;
	const int32_t *begin;		/* n_times + 1 */
	float	   *gates;			/* for each row 4 k numbers */
	float	   *memory;			/* for each row k numbers; NULL for a cell without memory */
} RecurrentLayer;

/*
 * Sets h, and what the backward step needs of gates and memory. The output of a sequence has the
 * same bits with whatever other sequences it is computed.
 */
extern void recurrent_forward(const RecurrentLayer *layer, const float *x, float *h);

/*
 * Sets d_x, and adds to d_weights. d_h and the gates are overwritten. d_memory has room for k
 * numbers for each sequence (NULL for a cell without memory), and transposed for the numbers of
 * weights.recurrent.
 */
extern void recurrent_backward(const RecurrentLayer *layer, const float *x, const float *h,
							   float *d_h, float *d_memory, float *transposed, float *d_x,
							   const RecurrentGradients *d_weights);

#endif							/* REC_RECURRENT_H */
