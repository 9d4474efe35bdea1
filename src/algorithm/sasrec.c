/*
 * sasrec.c
 *	  Self-attention over histories.
 *
 * Kang & McAuley 2018, "Self-attentive sequential recommendation". The input of an event is the
 * embedding of its item, times sqrt(k), plus that of its position; the last event of a sequence has
 * the last position, so that a position says how long ago an event was, in events. Each of the
 * layers is
 *
 *	x = x + W_o attention(norm(x) W_qcv) + b_o
 *	x = x + W_2 relu(norm(x) W_1 + b_1) + b_2,
 *
 * with dropout of both terms and within the second, and the output is norm(x). Unlike in the
 * paper, the keys and values are computed from norm(x), as the queries are, and attention has its
 * output matrix: this is the pre-norm transformer (Xiong et al. 2020, "On layer normalization in
 * the transformer architecture").
 */
#include <math.h>
#include <string.h>

#include "algorithm/network.h"
#include "kernel/attention.h"
#include "kernel/layer_norm.h"
#include "kernel/linear.h"
#include "kernel/pieces.h"
#include "kernel/vector.h"

/* The hidden numbers of the second step of a layer, by k. */
#define EXPANSION 4

/* The weights before those of the layers, those of a layer, and those after the layers. */
enum
{
	POSITIONS,
	FIRST_OF_LAYERS
};

enum
{
	NORM_1_GAIN,
	NORM_1_BIAS,
	QCV,
	QCV_BIAS,
	OUT,
	OUT_BIAS,
	NORM_2_GAIN,
	NORM_2_BIAS,
	HIDDEN,
	HIDDEN_BIAS,
	LAST,
	LAST_BIAS,
	N_OF_LAYER
};

static int
sasrec_weights(const NetworkOptions *o, Weights *weights)
{
	int			k = o->factors;
	int			hidden = EXPANSION * k;
	const Weights of_layer[N_OF_LAYER] = {
		[NORM_1_GAIN] = {"norm_1_gain", 1, k, INITIAL_ONE},
		[NORM_1_BIAS] = {"norm_1_bias", 1, k, INITIAL_ZERO},
		[QCV] = {"attention_in", 3 * k, k, INITIAL_GLOROT},
		[QCV_BIAS] = {"attention_in_bias", 1, 3 * k, INITIAL_ZERO},
		[OUT] = {"attention_out", k, k, INITIAL_GLOROT},
		[OUT_BIAS] = {"attention_out_bias", 1, k, INITIAL_ZERO},
		[NORM_2_GAIN] = {"norm_2_gain", 1, k, INITIAL_ONE},
		[NORM_2_BIAS] = {"norm_2_bias", 1, k, INITIAL_ZERO},
		[HIDDEN] = {"hidden", hidden, k, INITIAL_GLOROT},
		[HIDDEN_BIAS] = {"hidden_bias", 1, hidden, INITIAL_ZERO},
		[LAST] = {"last", k, hidden, INITIAL_GLOROT},
		[LAST_BIAS] = {"last_bias", 1, k, INITIAL_ZERO}
	};
	int			n = FIRST_OF_LAYERS + o->layers * N_OF_LAYER;

	if (weights == NULL)
		return n + 2;
	weights[POSITIONS] = (Weights) {"positions", o->max_length, k, INITIAL_SMALL, 0, 0};
	for (int l = 0; l < o->layers; l++)
	{
		for (int p = 0; p < N_OF_LAYER; p++)
		{
			Weights    *matrix = &weights[FIRST_OF_LAYERS + l * N_OF_LAYER + p];

			*matrix = of_layer[p];
			matrix->layer = l + 1;
		}
	}
	weights[n] = (Weights) {"norm_gain", 1, k, INITIAL_ONE, 0, 0};
	weights[n + 1] = (Weights) {"norm_bias", 1, k, INITIAL_ZERO, 0, 0};
	return n + 2;
}

/* What a layer keeps for the backward step. */
typedef struct Layer
{
	float	   *normalized_1;	/* n_rows x k */
	float	   *inverse_1;		/* n_rows */
	float	   *y_1;			/* n_rows x k */
	float	   *qcv;			/* n_rows x 3 k */
	float	   *probabilities;	/* of each sequence, one behind the other */
	float	   *attended;		/* n_rows x k */
	float	   *normalized_2;
	float	   *inverse_2;
	float	   *y_2;
	float	   *hidden;			/* n_rows x EXPANSION k, after the rectifier and dropout */
} Layer;

typedef struct Space
{
	Layer	   *layers;			/* one, that all layers use, where no backward step follows */
	float	   *normalized;
	float	   *inverse;
	float	   *sum;			/* n_rows x k */
	float	   *d_y;			/* n_rows x k */
	float	   *d_qcv;			/* n_rows x 3 k */
	float	   *d_hidden;		/* n_rows x EXPANSION k */
	float	   *d_probabilities;
} Space;

static inline int
heads_of(const NetworkOptions *o)
{
	return o->heads < o->factors ? o->heads : o->factors;
}

/* The sequences of a space have at most max_length events each. */
static size_t
lay_out_space(const NetworkOptions *o, int64_t n_rows, bool training, const void *memory, Space *s,
			  Layer *layers)
{
	int64_t		k = o->factors;
	Pieces		p = {memory, 0};
	int			n = training ? o->layers : 1;
	int64_t		longest = n_rows < o->max_length ? n_rows : o->max_length;

	for (int l = 0; l < n; l++)
	{
		Layer	   *layer = &layers[l];

		layer->normalized_1 = add_piece(&p, sizeof(float) * n_rows * k);
		layer->inverse_1 = add_piece(&p, sizeof(float) * n_rows);
		layer->y_1 = add_piece(&p, sizeof(float) * n_rows * k);
		layer->qcv = add_piece(&p, sizeof(float) * n_rows * 3 * k);
		layer->probabilities = add_piece(&p, sizeof(float) * (training ? n_rows : longest) *
												 longest * heads_of(o));
		layer->attended = add_piece(&p, sizeof(float) * n_rows * k);
		layer->normalized_2 = add_piece(&p, sizeof(float) * n_rows * k);
		layer->inverse_2 = add_piece(&p, sizeof(float) * n_rows);
		layer->y_2 = add_piece(&p, sizeof(float) * n_rows * k);
		layer->hidden = add_piece(&p, sizeof(float) * n_rows * EXPANSION * k);
	}
	s->layers = layers;
	s->normalized = add_piece(&p, sizeof(float) * n_rows * k);
	s->inverse = add_piece(&p, sizeof(float) * n_rows);
	s->sum = add_piece(&p, sizeof(float) * n_rows * k);
	if (training)
	{
		s->d_y = add_piece(&p, sizeof(float) * n_rows * k);
		s->d_qcv = add_piece(&p, sizeof(float) * n_rows * 3 * k);
		s->d_hidden = add_piece(&p, sizeof(float) * n_rows * EXPANSION * k);
		s->d_probabilities = add_piece(&p, sizeof(float) * ATTENTION_BLOCK * longest);
	}
	return p.bytes;
}

static size_t
sasrec_space_bytes(const NetworkOptions *o, int64_t n_rows, int64_t n_sequences, bool training)
{
	Layer		layers[MOST_LAYERS];
	Space		s;

	return lay_out_space(o, n_rows, training, NULL, &s, layers);
}

/* Where the numbers of each of the weights begin. */
typedef struct Numbers
{
	int64_t		offset[FIRST_OF_LAYERS + MOST_LAYERS * N_OF_LAYER + 2];
	int			first_of_last;
} Numbers;

static void
find_numbers(const NetworkOptions *o, Numbers *numbers)
{
	Weights		weights[FIRST_OF_LAYERS + MOST_LAYERS * N_OF_LAYER + 2];
	int			n = sasrec_weights(o, weights);

	place_weights(weights, n);
	for (int i = 0; i < n; i++)
		numbers->offset[i] = weights[i].offset;
	numbers->first_of_last = n - 2;
}

/* Layers of dropout. */
enum
{
	DROP_ATTENTION,
	DROP_HIDDEN,
	DROP_LAST,
	DROPS
};

/* A layer's attention to the other events: attended, from x. */
static void
attend(const NetworkOptions *o, const float *weights, const int64_t *offset,
	   const Sequences *sequences, const float *x, bool training, const Layer *layer)
{
	int			k = o->factors;
	int64_t		n = sequences->n_rows;
	int64_t		probabilities = 0;

	layer_norm_forward(x, n, k, weights + offset[NORM_1_GAIN], weights + offset[NORM_1_BIAS],
					   layer->normalized_1, layer->inverse_1, layer->y_1);
	linear_forward(layer->y_1, n, k, weights + offset[QCV], weights + offset[QCV_BIAS], 3 * k,
				   layer->qcv);
	for (int q = 0; q < sequences->n; q++)
	{
		int64_t		begin = sequences->begin[q];

		attention_forward(layer->qcv + begin * 3 * k, sequences->length[q], k, heads_of(o),
						  layer->probabilities + probabilities, layer->attended + begin * k);
		if (training)
			probabilities += attention_probabilities(sequences->length[q], heads_of(o));
	}
}

/*
 * The same for the last event of each sequence: attended has a row for each. x keeps only the rows
 * of these events.
 */
static void
attend_last(const NetworkOptions *o, const float *weights, const int64_t *offset,
			const Sequences *sequences, float *x, const Layer *layer)
{
	int			k = o->factors;

	layer_norm_forward(x, sequences->n_rows, k, weights + offset[NORM_1_GAIN],
					   weights + offset[NORM_1_BIAS], layer->normalized_1, layer->inverse_1,
					   layer->y_1);
	linear_forward(layer->y_1, sequences->n_rows, k, weights + offset[QCV],
				   weights + offset[QCV_BIAS], 3 * k, layer->qcv);
	for (int q = 0; q < sequences->n; q++)
	{
		int64_t		begin = sequences->begin[q];
		int			length = sequences->length[q];

		attention_last(layer->qcv + begin * 3 * k, length, k, heads_of(o), layer->probabilities,
					   layer->attended + (int64_t) q * k);
		memmove(x + (int64_t) q * k, x + (begin + length - 1) * k, sizeof(float) * k);
	}
}

static void
sasrec_forward(const NetworkOptions *o, const float *weights, const Sequences *sequences, float *x,
			   float *outputs, const Dropout *dropout, bool training, void *space)
{
	int			k = o->factors;
	/* the rows of x, and of outputs */
	int64_t		n = sequences->n_rows;
	Layer		layers[MOST_LAYERS];
	Space		s;
	Numbers		at;
	float		scale = sqrtf((float) k);

	lay_out_space(o, n, training, space, &s, layers);
	find_numbers(o, &at);
	for (int q = 0; q < sequences->n; q++)
	{
		int			length = sequences->length[q];
		const float *positions =
			weights + at.offset[POSITIONS] + (int64_t) (o->max_length - length) * k;
		float	   *rows = x + (int64_t) sequences->begin[q] * k;

		for (int64_t i = 0; i < (int64_t) length * k; i++)
			rows[i] = scale * rows[i] + positions[i];
	}
	dropout_apply(dropout, o->layers * DROPS, x, n, k);
	for (int l = 0; l < o->layers; l++)
	{
		const int64_t *offset = at.offset + FIRST_OF_LAYERS + l * N_OF_LAYER;
		const Layer *layer = &s.layers[training ? l : 0];

		if (training || l < o->layers - 1)
			attend(o, weights, offset, sequences, x, training, layer);
		else
		{
			/* nothing else depends on the other rows */
			attend_last(o, weights, offset, sequences, x, layer);
			n = sequences->n;
		}
		linear_forward(layer->attended, n, k, weights + offset[OUT], weights + offset[OUT_BIAS], k,
					   s.sum);
		dropout_apply(dropout, l * DROPS + DROP_ATTENTION, s.sum, n, k);
		vector_add_scaled(x, 1, s.sum, n * k);

		layer_norm_forward(x, n, k, weights + offset[NORM_2_GAIN], weights + offset[NORM_2_BIAS],
						   layer->normalized_2, layer->inverse_2, layer->y_2);
		linear_forward(layer->y_2, n, k, weights + offset[HIDDEN], weights + offset[HIDDEN_BIAS],
					   EXPANSION * k, layer->hidden);
		rectify(layer->hidden, n * EXPANSION * k);
		dropout_apply(dropout, l * DROPS + DROP_HIDDEN, layer->hidden, n, EXPANSION * k);
		linear_forward(layer->hidden, n, EXPANSION * k, weights + offset[LAST],
					   weights + offset[LAST_BIAS], k, s.sum);
		dropout_apply(dropout, l * DROPS + DROP_LAST, s.sum, n, k);
		vector_add_scaled(x, 1, s.sum, n * k);
	}
	layer_norm_forward(x, n, k, weights + at.offset[at.first_of_last],
					   weights + at.offset[at.first_of_last + 1], s.normalized, s.inverse,
					   training ? outputs : x);
	for (int q = 0; q < sequences->n && !training; q++)
		memcpy(outputs + (int64_t) (sequences->begin[q] + sequences->length[q] - 1) * k,
			   x + (int64_t) q * k, sizeof(float) * k);
}

static void
sasrec_backward(const NetworkOptions *o, const float *weights, const Sequences *sequences,
				float *d_outputs, float *d_x, float *d_weights, const Dropout *dropout,
				void *space)
{
	int			k = o->factors;
	int64_t		n = sequences->n_rows;
	Layer		layers[MOST_LAYERS];
	Space		s;
	Numbers		at;
	float		scale = sqrtf((float) k);

	lay_out_space(o, n, true, space, &s, layers);
	find_numbers(o, &at);
	memset(d_x, 0, sizeof(float) * n * k);
	layer_norm_backward(s.normalized, s.inverse, n, k, weights + at.offset[at.first_of_last],
						d_outputs, d_x, d_weights + at.offset[at.first_of_last],
						d_weights + at.offset[at.first_of_last + 1]);
	for (int l = o->layers - 1; l >= 0; l--)
	{
		const int64_t *offset = at.offset + FIRST_OF_LAYERS + l * N_OF_LAYER;
		const Layer *layer = &s.layers[l];
		int64_t		probabilities = 0;

		memcpy(s.sum, d_x, sizeof(float) * n * k);
		dropout_apply(dropout, l * DROPS + DROP_LAST, s.sum, n, k);
		linear_backward(layer->hidden, n, EXPANSION * k, weights + offset[LAST], k, s.sum,
						s.d_hidden, d_weights + offset[LAST], d_weights + offset[LAST_BIAS]);
		dropout_apply(dropout, l * DROPS + DROP_HIDDEN, s.d_hidden, n, EXPANSION * k);
		rectify_backward(layer->hidden, s.d_hidden, n * EXPANSION * k);
		linear_backward(layer->y_2, n, k, weights + offset[HIDDEN], EXPANSION * k, s.d_hidden,
						s.d_y, d_weights + offset[HIDDEN], d_weights + offset[HIDDEN_BIAS]);
		layer_norm_backward(layer->normalized_2, layer->inverse_2, n, k,
							weights + offset[NORM_2_GAIN], s.d_y, d_x,
							d_weights + offset[NORM_2_GAIN],
							d_weights + offset[NORM_2_BIAS]);

		memcpy(s.sum, d_x, sizeof(float) * n * k);
		dropout_apply(dropout, l * DROPS + DROP_ATTENTION, s.sum, n, k);
		linear_backward(layer->attended, n, k, weights + offset[OUT], k, s.sum, s.d_y,
						d_weights + offset[OUT], d_weights + offset[OUT_BIAS]);
		for (int q = 0; q < sequences->n; q++)
		{
			int64_t		begin = sequences->begin[q];

			attention_backward(layer->qcv + begin * 3 * k, sequences->length[q], k, heads_of(o),
							   layer->probabilities + probabilities, s.d_y + begin * k,
							   s.d_qcv + begin * 3 * k, s.d_probabilities);
			probabilities += attention_probabilities(sequences->length[q], heads_of(o));
		}
		linear_backward(layer->y_1, n, k, weights + offset[QCV], 3 * k, s.d_qcv, s.d_y,
						d_weights + offset[QCV], d_weights + offset[QCV_BIAS]);
		layer_norm_backward(layer->normalized_1, layer->inverse_1, n, k,
							weights + offset[NORM_1_GAIN], s.d_y, d_x,
							d_weights + offset[NORM_1_GAIN],
							d_weights + offset[NORM_1_BIAS]);
	}
	dropout_apply(dropout, o->layers * DROPS, d_x, n, k);
	for (int q = 0; q < sequences->n; q++)
	{
		int			length = sequences->length[q];
		float	   *d_positions =
			d_weights + at.offset[POSITIONS] + (int64_t) (o->max_length - length) * k;
		float	   *rows = d_x + (int64_t) sequences->begin[q] * k;

		vector_add_scaled(d_positions, 1, rows, (int64_t) length * k);
		for (int64_t i = 0; i < (int64_t) length * k; i++)
			rows[i] *= scale;
	}
}

const Architecture sasrec_architecture = {
	.time_major = false,
	.weights = sasrec_weights,
	.space_bytes = sasrec_space_bytes,
	.forward = sasrec_forward,
	.backward = sasrec_backward
};

static const Option sasrec_options[] = {
	FEEDBACK_OPTION,
	NETWORK_OPTIONS,
	{"layers", OPTION_INTEGER, offsetof(NetworkOptions, layers), {"2", "2"}, 1, MOST_LAYERS, NULL,
	"steps of attention, one upon the other"},
	{"heads", OPTION_INTEGER, offsetof(NetworkOptions, heads), {"1", "1"}, 1, 64, NULL,
	"parts of the factors by each of which an event attends to others; at most as many as factors"},
	{NULL}
};

DEFINE_NETWORK(sasrec, "self-attention over the last events of a history (SASRec)");
