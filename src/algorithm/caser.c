/*
 * caser.c
 *	  Convolutions over the last events of histories.
 *
 * Tang & Wang 2018, "Personalized top-n sequential recommendation via convolutional sequence
 * embedding". The last events are an image, of whose rows and columns filters make features
 * (kernel/convolution.h); a layer with a rectifier makes the output from these. Numbers of the
 * features are dropped. There are as many filters as in the implementation by the paper's authors.
 *
 * In the paper the output is joined with an embedding of the user. Here there is none: a user is
 * what the history says, so that events of a moment ago and users without a training count as all
 * others do. The paper learns from windows that are full; here every event has one, with zeros
 * before the first.
 */
#include <string.h>

#include "algorithm/network.h"
#include "kernel/convolution.h"
#include "kernel/linear.h"
#include "kernel/pieces.h"
#include "kernel/vector.h"

/* Filters; horizontal ones of each height. */
#define VERTICAL 4
#define HORIZONTAL 16

enum
{
	FILTERS,
	FILTER_BIAS,
	VERTICAL_FILTERS,
	OUTPUT,
	OUTPUT_BIAS,
	N_WEIGHTS
};

static inline int
features_of(const NetworkOptions *o)
{
	return convolution_outputs(o->factors, o->window, VERTICAL, HORIZONTAL);
}

static int
caser_weights(const NetworkOptions *o, Weights *weights)
{
	int			k = o->factors;
	const Weights all[N_WEIGHTS] = {
		[FILTERS] = {"horizontal", convolution_products(o->window, HORIZONTAL), k, INITIAL_GLOROT},
		[FILTER_BIAS] = {"horizontal_bias", 1, convolution_columns(o->window, HORIZONTAL),
						 INITIAL_ZERO},
		[VERTICAL_FILTERS] = {"vertical", VERTICAL, o->window, INITIAL_GLOROT},
		[OUTPUT] = {"output", k, features_of(o), INITIAL_GLOROT},
		[OUTPUT_BIAS] = {"output_bias", 1, k, INITIAL_ZERO}
	};

	if (weights != NULL)
		memcpy(weights, all, sizeof(all));
	return N_WEIGHTS;
}

typedef struct Space
{
	Convolution convolution;
	float	   *features;		/* n_rows x features, after dropout */
	float	   *x;				/* n_rows x k; training */
	float	   *outputs;		/* n_rows x k; training */
	float	   *d_features;		/* n_rows x features; training */
} Space;

static size_t
lay_out(const NetworkOptions *o, int64_t n_rows, bool training, const void *memory, Space *s)
{
	Pieces		p = {memory, 0};
	int64_t		k = o->factors;
	int64_t		columns = convolution_columns(o->window, HORIZONTAL);
	int64_t		products = convolution_products(o->window, HORIZONTAL);
	int64_t		features = features_of(o);

	memset(s, 0, sizeof(*s));
	s->convolution.lags = add_piece(&p, sizeof(int32_t) * n_rows * columns);
	s->convolution.convolved = add_piece(&p, sizeof(float) * n_rows * columns);
	s->convolution.products = add_piece(&p, sizeof(float) * n_rows * products);
	s->features = add_piece(&p, sizeof(float) * n_rows * features);
	if (training)
	{
		s->x = add_piece(&p, sizeof(float) * n_rows * k);
		s->outputs = add_piece(&p, sizeof(float) * n_rows * k);
		s->d_features = add_piece(&p, sizeof(float) * n_rows * features);
	}
	return p.bytes;
}

static size_t
caser_space_bytes(const NetworkOptions *o, int64_t n_rows, int64_t n_sequences, bool training)
{
	Space		s;

	return lay_out(o, n_rows, training, NULL, &s);
}

/* Lays out the space, and sets the offsets of the weights. */
static void
prepare(const NetworkOptions *o, const float *weights, const Sequences *sequences, bool training,
		void *space, Space *s, int64_t *offset)
{
	Weights		places[N_WEIGHTS];

	place_weights(places, caser_weights(o, places));
	for (int i = 0; i < N_WEIGHTS; i++)
		offset[i] = places[i].offset;
	lay_out(o, sequences->n_rows, training, space, s);
	s->convolution.weights = (ConvolutionWeights) {weights + offset[FILTERS],
												   weights + offset[FILTER_BIAS],
												   weights + offset[VERTICAL_FILTERS]};
	s->convolution.k = o->factors;
	s->convolution.window = o->window;
	s->convolution.n_vertical = VERTICAL;
	s->convolution.n_horizontal = HORIZONTAL;
	s->convolution.n = sequences->n;
	s->convolution.begin = sequences->begin;
}

static void
caser_forward(const NetworkOptions *o, const float *weights, const Sequences *sequences, float *x,
			  float *outputs, const Dropout *dropout, bool training, void *space)
{
	int64_t		n = sequences->n_rows;
	int64_t		numbers = n * o->factors;
	int			features = features_of(o);
	int64_t		offset[N_WEIGHTS];
	Space		s;

	prepare(o, weights, sequences, training, space, &s, offset);
	convolution_forward(&s.convolution, x, s.features);
	dropout_apply(dropout, 0, s.features, n, features);
	linear_forward(s.features, n, features, weights + offset[OUTPUT],
				   weights + offset[OUTPUT_BIAS], o->factors, outputs);
	rectify(outputs, numbers);
	if (training)
	{
		memcpy(s.x, x, sizeof(float) * (size_t) numbers);
		memcpy(s.outputs, outputs, sizeof(float) * (size_t) numbers);
	}
}

static void
caser_backward(const NetworkOptions *o, const float *weights, const Sequences *sequences,
			   float *d_outputs, float *d_x, float *d_weights, const Dropout *dropout, void *space)
{
	int64_t		n = sequences->n_rows;
	int			features = features_of(o);
	int64_t		offset[N_WEIGHTS];
	Space		s;

	prepare(o, weights, sequences, true, space, &s, offset);
	rectify_backward(s.outputs, d_outputs, n * o->factors);
	linear_backward(s.features, n, features, weights + offset[OUTPUT], o->factors, d_outputs,
					s.d_features, d_weights + offset[OUTPUT], d_weights + offset[OUTPUT_BIAS]);
	dropout_apply(dropout, 0, s.d_features, n, features);
	convolution_backward(&s.convolution, s.x, s.d_features, d_x,
						 &(ConvolutionGradients){d_weights + offset[FILTERS],
												 d_weights + offset[FILTER_BIAS],
												 d_weights + offset[VERTICAL_FILTERS]});
}

const Architecture caser_architecture = {
	.time_major = false,
	.weights = caser_weights,
	.space_bytes = caser_space_bytes,
	.forward = caser_forward,
	.backward = caser_backward
};

static const Option caser_options[] = {
	FEEDBACK_OPTION,
	NETWORK_OPTIONS,
	{"window", OPTION_INTEGER, offsetof(NetworkOptions, window), {"5", "5"}, 1, 16, NULL,
	"the last events that the filters see"},
	{NULL}
};

DEFINE_NETWORK(caser, "convolutions over the last events of a history (Caser)");
