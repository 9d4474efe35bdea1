/*
 * cells.h
 *	  Networks of recurrent cells: what gru.c and lstm.c share.
 *
 * The event's vector is the input of the first layer, the output of a layer is the input of the
 * next, and that of the last layer is the network's. Numbers are dropped from what enters each
 * layer and leaves the last, but not from what a cell hands on to itself at the next event (Zaremba
 * et al. 2014, "Recurrent neural network regularization").
 */
#ifndef REC_CELLS_H
#define REC_CELLS_H

#include "algorithm/network.h"
#include "kernel/recurrent.h"

extern int	cells_weights(const RecurrentCell *cell, const NetworkOptions *o, Weights *weights);
extern size_t cells_space_bytes(const RecurrentCell *cell, const NetworkOptions *o, int64_t n_rows,
								int64_t n_sequences, bool training);
extern void cells_forward(const RecurrentCell *cell, const NetworkOptions *o, const float *weights,
						  const Sequences *sequences, float *x, float *outputs,
						  const Dropout *dropout, bool training, void *space);
extern void cells_backward(const RecurrentCell *cell, const NetworkOptions *o,
						   const float *weights, const Sequences *sequences, float *d_outputs,
						   float *d_x, float *d_weights, const Dropout *dropout, void *space);

/* Defines the architecture `name` of the cells `name`_cell. */
#define DEFINE_CELLS(name) \
	static int \
	name##_weights(const NetworkOptions *o, Weights *weights) \
	{ \
		return cells_weights(&name##_cell, o, weights); \
	} \
	static size_t \
	name##_space_bytes(const NetworkOptions *o, int64_t n_rows, int64_t n_sequences, \
					   bool training) \
	{ \
		return cells_space_bytes(&name##_cell, o, n_rows, n_sequences, training); \
	} \
	static void \
	name##_forward(const NetworkOptions *o, const float *weights, const Sequences *sequences, \
				   float *x, float *outputs, const Dropout *dropout, bool training, void *space) \
	{ \
		cells_forward(&name##_cell, o, weights, sequences, x, outputs, dropout, training, space); \
	} \
	static void \
	name##_backward(const NetworkOptions *o, const float *weights, const Sequences *sequences, \
					float *d_outputs, float *d_x, float *d_weights, const Dropout *dropout, \
					void *space) \
	{ \
		cells_backward(&name##_cell, o, weights, sequences, d_outputs, d_x, d_weights, dropout, \
					   space); \
	} \
	const Architecture name##_architecture = { \
		.time_major = true, \
		.weights = name##_weights, \
		.space_bytes = name##_space_bytes, \
		.forward = name##_forward, \
		.backward = name##_backward \
	}

extern const Architecture gru_architecture;
extern const Architecture lstm_architecture;

#endif							/* REC_CELLS_H */
