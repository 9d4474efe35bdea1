/*
 * cells.c
 *	  Networks of recurrent cells: layers of them, one upon the other.
 */
#include <string.h>

#include "algorithm/cells.h"
#include "kernel/pieces.h"

/* The weights of a layer. */
enum
{
	INPUT,
	RECURRENT,
	BIAS,
	LAST_BIAS,
	N_OF_LAYER
};

#define MOST_CELL_WEIGHTS (N_OF_LAYER * MOST_LAYERS)

/*
 * The forget gates begin nearly open, so that what happened long ago has a gradient from the start
 * (Gers et al. 2000; Jozefowicz et al. 2015, "An empirical exploration of recurrent network
 * architectures").
 */
int
cells_weights(const RecurrentCell *cell, const NetworkOptions *o, Weights *weights)
{
	int			k = o->factors;
	int			columns = cell->products * k;
	const Weights of_layer[N_OF_LAYER] = {
		[INPUT] = {"input", k, columns, INITIAL_GLOROT},
		[RECURRENT] = {"recurrent", k, columns, INITIAL_GLOROT},
		[BIAS] = {"bias", 1, 3 * k, INITIAL_ZERO},
		[LAST_BIAS] = {"last_bias", 1, k, cell->has_memory ? INITIAL_ONE : INITIAL_ZERO}
	};

	for (int i = 0; i < o->layers * N_OF_LAYER && weights != NULL; i++)
	{
		weights[i] = of_layer[i % N_OF_LAYER];
		weights[i].layer = i / N_OF_LAYER + 1;
	}
	return o->layers * N_OF_LAYER;
}

/* What the backward step needs of a layer; without one, all layers have the same gates. */
typedef struct Layer
{
	float	   *x;				/* n_rows x k */
	float	   *h;				/* n_rows x k */
	float	   *gates;			/* n_rows x RECURRENT_GATES k */
	float	   *memory;			/* n_rows x k, where the cell has one */
} Layer;

typedef struct Space
{
	Layer		layers[MOST_LAYERS];
	float	   *d_memory;		/* n_sequences x k, where the cell has one */
	float	   *transposed;
} Space;

static size_t
lay_out(const RecurrentCell *cell, const NetworkOptions *o, int64_t n_rows, int64_t n_sequences,
		bool training, const void *memory, Space *s)
{
	Pieces		p = {memory, 0};
	int64_t		k = o->factors;

	memset(s, 0, sizeof(*s));
	for (int l = 0; l < (training ? o->layers : 1); l++)
	{
		Layer	   *layer = &s->layers[l];

		layer->gates = add_piece(&p, sizeof(float) * n_rows * RECURRENT_GATES * k);
		if (cell->has_memory)
			layer->memory = add_piece(&p, sizeof(float) * n_rows * k);
		if (!training)
			continue;
		layer->x = add_piece(&p, sizeof(float) * n_rows * k);
		layer->h = add_piece(&p, sizeof(float) * n_rows * k);
	}
	if (training)
	{
		if (cell->has_memory)
			s->d_memory = add_piece(&p, sizeof(float) * n_sequences * k);
		s->transposed = add_piece(&p, sizeof(float) * cell->products * k * k);
	}
	return p.bytes;
}

size_t
cells_space_bytes(const RecurrentCell *cell, const NetworkOptions *o, int64_t n_rows,
				  int64_t n_sequences, bool training)
{
	Space		s;

	return lay_out(cell, o, n_rows, n_sequences, training, NULL, &s);
}

/* A layer of the network, whose gates and memory are those of `space`. */
static RecurrentLayer
layer_of(const RecurrentCell *cell, const NetworkOptions *o, const float *weights, int l,
		 const Sequences *sequences, const Layer *space)
{
	Weights		places[MOST_CELL_WEIGHTS];

	place_weights(places, cells_weights(cell, o, places));
	return (RecurrentLayer) {
		.cell = cell,
		.weights = {
			.input = weights + places[l * N_OF_LAYER + INPUT].offset,
			.recurrent = weights + places[l * N_OF_LAYER + RECURRENT].offset,
			.bias = weights + places[l * N_OF_LAYER + BIAS].offset,
			.last_bias = weights + places[l * N_OF_LAYER + LAST_BIAS].offset
		},
		.k = o->factors,
		.n_times = sequences->longest,
		.begin = sequences->begin,
		.gates = space->gates,
		.memory = space->memory
	};
}

/* The same places among the gradients. */
static RecurrentGradients
gradients_of(const RecurrentLayer *layer, const float *weights, float *d_weights)
{
	return (RecurrentGradients) {
		.input = d_weights + (layer->weights.input - weights),
		.recurrent = d_weights + (layer->weights.recurrent - weights),
		.bias = d_weights + (layer->weights.bias - weights),
		.last_bias = d_weights + (layer->weights.last_bias - weights)
	};
}

void
cells_forward(const RecurrentCell *cell, const NetworkOptions *o, const float *weights,
			  const Sequences *sequences, float *x, float *outputs, const Dropout *dropout,
			  bool training, void *space)
{
	int64_t		n = sequences->n_rows;
	size_t		bytes = sizeof(float) * (size_t) n * (size_t) o->factors;
	Space		s;

	lay_out(cell, o, n, sequences->n, training, space, &s);
	for (int l = 0; l < o->layers; l++)
	{
		const Layer *kept = &s.layers[training ? l : 0];
		RecurrentLayer layer = layer_of(cell, o, weights, l, sequences, kept);
		float	   *h = training ? kept->h : outputs;
		float	   *next = l + 1 < o->layers ? x : outputs;

		dropout_apply(dropout, l, x, n, o->factors);
		if (training)
			memcpy(kept->x, x, bytes);
		recurrent_forward(&layer, x, h);
		if (next != h)
			memcpy(next, h, bytes);
	}
	dropout_apply(dropout, o->layers, outputs, n, o->factors);
}

void
cells_backward(const RecurrentCell *cell, const NetworkOptions *o, const float *weights,
			   const Sequences *sequences, float *d_outputs, float *d_x, float *d_weights,
			   const Dropout *dropout, void *space)
{
	int64_t		n = sequences->n_rows;
	float	   *d_h = d_outputs;
	float	   *d_next = d_x;
	Space		s;

	lay_out(cell, o, n, sequences->n, true, space, &s);
	dropout_apply(dropout, o->layers, d_h, n, o->factors);
	for (int l = o->layers - 1; l >= 0; l--)
	{
		RecurrentLayer layer = layer_of(cell, o, weights, l, sequences, &s.layers[l]);
		RecurrentGradients gradients = gradients_of(&layer, weights, d_weights);
		float	   *below = d_next;

		recurrent_backward(&layer, s.layers[l].x, s.layers[l].h, d_h, s.d_memory, s.transposed,
						   below, &gradients);
		dropout_apply(dropout, l, below, n, o->factors);
		d_next = d_h;
		d_h = below;
	}
	if (d_h != d_x)
		memcpy(d_x, d_h, sizeof(float) * (size_t) n * (size_t) o->factors);
}
