/*
 * sasrec_test.c
 *	  Networks over histories: self-attention by itself, against PyTorch (reference/sasrec.py) and
 *	  against the formulas in double; and what every network must do when it is trained and asked.
 */
#define _POSIX_C_SOURCE 200112L
#include "gradient.h"
#include "training.h"

#include "algorithm/network.h"
#include "kernel/cross_entropy.h"
#include "reference/sasrec.h"

extern const Architecture sasrec_architecture;

/* ---- the network by itself ---- */

#define MOST_K 16
#define MOST_LENGTH 8

/* A network with the loss of some sequences: the mean cross-entropy of the next items. */
typedef struct Net
{
	NetworkOptions o;
	Weights		places[MOST_WEIGHTS];
	int			n_places;
	int			n_items;
	Sequences	sequences;
	int32_t    *length;
	int32_t    *begin;
	int32_t    *items;			/* of each row, */
	int32_t    *targets;		/* and what comes next */
	int64_t		n_weights;		/* numbers, with gaps */
	int64_t		n_embeddings;
	int64_t		n_outputs;
	float	   *weights;
	float	   *embeddings;
	float	   *bias;
	float	   *x;
	float	   *outputs;
	float	   *d_outputs;
	float	   *d_weights;
	float	   *d_embeddings;
	float	   *d_bias;
	double	   *exact_weights;	/* the same in double */
	double	   *exact_embeddings;
	double	   *exact_bias;
	Dropout		dropout;
} Net;

static Net *
new_net(int k, int heads, int layers, int max_length, int n_items, const int *lengths, int n)
{
	Net		   *net = zeroed(sizeof(Net));

	net->o.factors = k;
	net->o.heads = heads;
	net->o.layers = layers;
	net->o.max_length = max_length;
	net->n_items = n_items;
	net->n_places = sasrec_architecture.weights(&net->o, NULL);
	CHECK(sasrec_architecture.weights(&net->o, net->places) == net->n_places);
	net->n_weights = place_weights(net->places, net->n_places);
	net->n_embeddings = (int64_t) n_items * k;
	net->length = zeroed(sizeof(int32_t) * n);
	net->begin = zeroed(sizeof(int32_t) * (n + 1));
	for (int s = 0; s < n; s++)
		net->length[s] = lengths[s];
	net->sequences.n = n;
	net->sequences.length = net->length;
	network_place_rows(&sasrec_architecture, &net->sequences, net->begin);
	net->n_outputs = (int64_t) net->sequences.n_rows * k;
	net->items = zeroed(sizeof(int32_t) * net->sequences.n_rows);
	net->targets = zeroed(sizeof(int32_t) * net->sequences.n_rows);
	net->weights = zeroed(sizeof(float) * net->n_weights);
	net->embeddings = zeroed(sizeof(float) * net->n_embeddings);
	net->bias = zeroed(sizeof(float) * n_items);
	net->x = zeroed(sizeof(float) * net->n_outputs);
	net->outputs = zeroed(sizeof(float) * net->n_outputs);
	net->d_outputs = zeroed(sizeof(float) * net->n_outputs);
	net->d_weights = zeroed(sizeof(float) * net->n_weights);
	net->d_embeddings = zeroed(sizeof(float) * net->n_embeddings);
	net->d_bias = zeroed(sizeof(float) * n_items);
	net->exact_weights = zeroed(sizeof(double) * net->n_weights);
	net->exact_embeddings = zeroed(sizeof(double) * net->n_embeddings);
	net->exact_bias = zeroed(sizeof(double) * n_items);
	return net;
}

static void
free_net(Net *net)
{
	free(net->length);
	free(net->begin);
	free(net->items);
	free(net->targets);
	free(net->weights);
	free(net->embeddings);
	free(net->bias);
	free(net->x);
	free(net->outputs);
	free(net->d_outputs);
	free(net->d_weights);
	free(net->d_embeddings);
	free(net->d_bias);
	free(net->exact_weights);
	free(net->exact_embeddings);
	free(net->exact_bias);
	free(net);
}

/* Random numbers, items and targets; vectors are around 1 if they begin at it. */
static Net *
new_random_net(int k, int heads, int layers, int max_length, int n_items, const int *lengths,
			   int n)
{
	Net		   *net = new_net(k, heads, layers, max_length, n_items, lengths, n);

	for (int p = 0; p < net->n_places; p++)
	{
		const Weights *w = &net->places[p];
		int64_t		size = (int64_t) w->rows * w->columns;

		fill_normal(10 + p, w->rows > 1 ? 1 / sqrt(k) : 0.3, size, net->exact_weights + w->offset,
					net->weights + w->offset);
		for (int64_t i = w->offset; i < w->offset + size && w->initial == INITIAL_ONE; i++)
			net->exact_weights[i] = net->weights[i] = net->weights[i] + 1;
	}
	fill_normal(1, 0.5, net->n_embeddings, net->exact_embeddings, net->embeddings);
	fill_normal(2, 0.5, n_items, net->exact_bias, net->bias);
	for (int r = 0; r < net->sequences.n_rows; r++)
	{
		net->items[r] = (int32_t) (random_bits(3, r) % (uint64_t) n_items);
		net->targets[r] = (int32_t) (random_bits(4, r) % (uint64_t) n_items);
	}
	return net;
}

/*
 * Computes the outputs, and returns the loss; training, sets the gradients. The space is of exactly
 * the bytes that are asked for, and anything may have been left in it.
 */
static double
run_net(Net *net, bool training)
{
	int			k = net->o.factors;
	int			rows = net->sequences.n_rows;
	size_t		bytes = sasrec_architecture.space_bytes(&net->o, rows, net->sequences.n, training);
	void	   *space = zeroed(bytes);
	void	   *scratch = zeroed(cross_entropy_scratch(net->n_items));
	Candidates	all = {k, k, net->n_items, net->embeddings, net->bias, NULL};
	double		loss;

	memset(space, 0xff, bytes);
	memset(net->outputs, 0xff, sizeof(float) * net->n_outputs);
	memset(net->d_weights, 0, sizeof(float) * net->n_weights);
	memset(net->d_embeddings, 0, sizeof(float) * net->n_embeddings);
	memset(net->d_bias, 0, sizeof(float) * net->n_items);
	for (int r = 0; r < rows; r++)
		memcpy(net->x + r * k, net->embeddings + net->items[r] * k, sizeof(float) * k);
	sasrec_architecture.forward(&net->o, net->weights, &net->sequences, net->x, net->outputs,
								&net->dropout, training, space);
	loss = cross_entropy(&all, net->outputs, net->targets, rows, 1 / (float) rows, net->d_outputs,
						 net->d_embeddings, net->d_bias, scratch) / rows;
	if (training)
	{
		memset(net->x, 0xff, sizeof(float) * net->n_outputs);
		sasrec_architecture.backward(&net->o, net->weights, &net->sequences, net->d_outputs,
									 net->x, net->d_weights, &net->dropout, space);
		for (int r = 0; r < rows; r++)
		{
			for (int j = 0; j < k; j++)
				net->d_embeddings[net->items[r] * k + j] += net->x[r * k + j];
		}
	}
	free(space);
	free(scratch);
	return loss;
}

/* The same in reference/sasrec.py. */
static float
value(uint32_t salt, uint32_t i)
{
	uint32_t	bits = i * UINT32_C(2654435761) + salt * UINT32_C(2654435769);

	return (float) (bits >> 16) / 32768 - 1;
}

/* Floats have an error of some 1e-7 of numbers that are about 1, in tens of steps. */
#define REFERENCE_TOLERANCE 5e-6

static void
test_reference(void)
{
	Net		   *net = new_net(REFERENCE_K, REFERENCE_HEADS, REFERENCE_LAYERS, REFERENCE_MAX_LENGTH,
							  REFERENCE_ITEMS, reference_lengths, REFERENCE_USERS);
	const double *expected = reference_d_weights;

	CHECK(net->sequences.n_rows == REFERENCE_EVENTS);
	for (int p = 0; p < net->n_places; p++)
	{
		for (int64_t i = 0; i < (int64_t) net->places[p].rows * net->places[p].columns; i++)
			net->weights[net->places[p].offset + i] = value((uint32_t) p, (uint32_t) i);
	}
	for (int64_t i = 0; i < net->n_embeddings; i++)
		net->embeddings[i] = value(100, (uint32_t) i);
	for (int i = 0; i < REFERENCE_ITEMS; i++)
		net->bias[i] = value(101, (uint32_t) i);
	for (int r = 0; r < REFERENCE_EVENTS; r++)
	{
		net->items[r] = reference_items[r];
		net->targets[r] = reference_targets[r];
	}
	CHECK_NEAR(run_net(net, true), reference_loss, REFERENCE_TOLERANCE);
	for (int64_t i = 0; i < net->n_outputs; i++)
		CHECK_NEAR(net->outputs[i], reference_outputs[i], REFERENCE_TOLERANCE);
	for (int64_t i = 0; i < net->n_embeddings; i++)
		CHECK_NEAR(net->d_embeddings[i], reference_d_embeddings[i], REFERENCE_TOLERANCE);
	for (int i = 0; i < REFERENCE_ITEMS; i++)
		CHECK_NEAR(net->d_bias[i], reference_d_bias[i], REFERENCE_TOLERANCE);
	for (int p = 0; p < net->n_places; p++)
	{
		for (int64_t i = 0; i < (int64_t) net->places[p].rows * net->places[p].columns; i++)
			CHECK_NEAR(net->d_weights[net->places[p].offset + i], *expected++,
					   REFERENCE_TOLERANCE);
	}
	CHECK(expected == reference_d_weights + sizeof(reference_d_weights) / sizeof(double));
	free_net(net);
}

/* ---- the formulas ---- */

/* Weights of a layer, from 1; 0: of none. */
static const double *
of_layer(const Net *net, int layer, const char *name)
{
	for (int p = 0; p < net->n_places; p++)
	{
		if (net->places[p].layer == layer && strcmp(net->places[p].name, name) == 0)
			return net->exact_weights + net->places[p].offset;
	}
	printf("there is no %s\n", name);
	exit(1);
}

static const double *
numbers(const Net *net, const char *name)
{
	return of_layer(net, 0, name);
}

static void
exact_norm(const double *x, int k, const double *gain, const double *bias, double *y)
{
	double		mean = 0;
	double		variance = 0;

	for (int j = 0; j < k; j++)
		mean += x[j] / k;
	for (int j = 0; j < k; j++)
		variance += (x[j] - mean) * (x[j] - mean) / k;
	for (int j = 0; j < k; j++)
		y[j] = gain[j] * (x[j] - mean) / sqrt(variance + 1e-5f) + bias[j];
}

static void
exact_linear(const double *x, int inputs, const double *w, const double *b, int outputs, double *y)
{
	for (int j = 0; j < outputs; j++)
	{
		y[j] = b[j];
		for (int i = 0; i < inputs; i++)
			y[j] += w[j * inputs + i] * x[i];
	}
}

/* Of one sequence: x becomes what the layers make of it. */
static void
exact_layer(const Net *net, int layer, double (*x)[MOST_K], int length)
{
	int			k = net->o.factors;
	double		qcv[MOST_LENGTH][3 * MOST_K];
	double		y[MOST_K];
	double		hidden[4 * MOST_K];

	for (int t = 0; t < length; t++)
	{
		exact_norm(x[t], k, of_layer(net, layer, "norm_1_gain"),
				   of_layer(net, layer, "norm_1_bias"), y);
		exact_linear(y, k, of_layer(net, layer, "attention_in"),
					 of_layer(net, layer, "attention_in_bias"), 3 * k, qcv[t]);
	}
	for (int t = 0; t < length; t++)
	{
		double		attended[MOST_K] = {0};

		for (int h = 0; h < net->o.heads; h++)
		{
			int			begin = k * h / net->o.heads;
			int			end = k * (h + 1) / net->o.heads;
			double		p[MOST_LENGTH];
			double		sum = 0;

			for (int s = 0; s <= t; s++)
			{
				double		score = 0;

				for (int j = begin; j < end; j++)
					score += qcv[t][j] * qcv[s][k + j];
				sum += p[s] = exp(score / sqrt(end - begin));
			}
			for (int s = 0; s <= t; s++)
			{
				for (int j = begin; j < end; j++)
					attended[j] += p[s] / sum * qcv[s][2 * k + j];
			}
		}
		exact_linear(attended, k, of_layer(net, layer, "attention_out"),
					 of_layer(net, layer, "attention_out_bias"), k, y);
		for (int j = 0; j < k; j++)
			x[t][j] += y[j];
		exact_norm(x[t], k, of_layer(net, layer, "norm_2_gain"),
				   of_layer(net, layer, "norm_2_bias"), y);
		exact_linear(y, k, of_layer(net, layer, "hidden"), of_layer(net, layer, "hidden_bias"),
					 4 * k, hidden);
		for (int j = 0; j < 4 * k; j++)
			hidden[j] = fmax(hidden[j], 0);
		exact_linear(hidden, 4 * k, of_layer(net, layer, "last"),
					 of_layer(net, layer, "last_bias"), k, y);
		for (int j = 0; j < k; j++)
			x[t][j] += y[j];
	}
}

static double
exact_loss(const void *of)
{
	const Net  *net = of;
	int			k = net->o.factors;
	double		loss = 0;

	for (int s = 0; s < net->sequences.n; s++)
	{
		int			length = net->length[s];
		double		x[MOST_LENGTH][MOST_K];

		for (int t = 0; t < length; t++)
		{
			const double *e = net->exact_embeddings + net->items[net->begin[s] + t] * k;
			/* the last event has the last position */
			const double *position =
				numbers(net, "positions") + (net->o.max_length - length + t) * k;

			for (int j = 0; j < k; j++)
				x[t][j] = sqrt(k) * e[j] + position[j];
		}
		for (int layer = 1; layer <= net->o.layers; layer++)
			exact_layer(net, layer, x, length);
		for (int t = 0; t < length; t++)
		{
			double		h[MOST_K];
			double		sum = 0;
			double		own = 0;

			exact_norm(x[t], k, numbers(net, "norm_gain"), numbers(net, "norm_bias"), h);
			for (int i = 0; i < net->n_items; i++)
			{
				double		score = net->exact_bias[i];

				for (int j = 0; j < k; j++)
					score += h[j] * net->exact_embeddings[i * k + j];
				sum += exp(score);
				if (i == net->targets[net->begin[s] + t])
					own = score;
			}
			loss += log(sum) - own;
		}
	}
	return loss / net->sequences.n_rows;
}

/*
 * Gradients in floats have an error of 1e-7 of each of the numbers of about 1 that they are made
 * of, in tens of steps.
 */
static void
test_gradients(int k, int heads, int layers)
{
	static const int lengths[] = {6, 3, 3, 1};
	Net		   *net = new_random_net(k, heads, layers, MOST_LENGTH, 7, lengths, 4);

	CHECK_NEAR(run_net(net, true), exact_loss(net), 5e-6);
	for (int p = 0; p < net->n_places; p++)
	{
		int64_t		at = net->places[p].offset;

		check_gradient(exact_loss, net, net->exact_weights + at,
					   (int64_t) net->places[p].rows * net->places[p].columns, 1,
					   net->d_weights + at, 1e-5);
	}
	check_gradient(exact_loss, net, net->exact_embeddings, net->n_embeddings, 1, net->d_embeddings,
				   1e-5);
	check_gradient(exact_loss, net, net->exact_bias, net->n_items, 1, net->d_bias, 1e-5);
	free_net(net);
}

/* ---- the network in floats ---- */

static double
moved_loss(Net *net, float *moved, const float *kept, const float *direction, int64_t n,
		   double length)
{
	for (int64_t i = 0; i < n; i++)
		moved[i] = (float) (kept[i] + length * direction[i]);
	/* only with training are the outputs after all events set */
	return run_net(net, true);
}

/*
 * With numbers dropped, the gradient is that of the loss with the same numbers dropped: along the
 * gradient of all numbers of a kind the loss grows by its square. The loss has an error of 1e-6,
 * and the difference is 2e-3 of the size of the gradient, so that they agree to some percent where
 * the gradient is not small; the rectifier's bends add to that. A gradient of other numbers dropped
 * is off by tens of percent.
 */
static void
test_dropout(void)
{
	static const int lengths[] = {8, 7, 5, 2, 1};
	Net		   *net = new_random_net(MOST_K, 2, 2, MOST_LENGTH, 20, lengths, 5);
	double		whole = run_net(net, true);
	float	   *kept = zeroed(sizeof(float) * net->n_weights);
	float	   *direction = zeroed(sizeof(float) * net->n_weights);
	int			n_large = 0;

	net->dropout = (Dropout) {.rate = 0.3f, .seed = 5, .first_row = 3};
	CHECK(fabs(run_net(net, true) - whole) > 0.01);
	for (int p = 0; p <= net->n_places; p++)
	{
		bool		embeddings = p == net->n_places;
		int64_t		n = embeddings ? net->n_embeddings
								   : (int64_t) net->places[p].rows * net->places[p].columns;
		float	   *of = embeddings ? net->embeddings : net->weights + net->places[p].offset;
		const float *gradient =
			embeddings ? net->d_embeddings : net->d_weights + net->places[p].offset;
		double		norm = 0;
		double		slope;

		run_net(net, true);
		for (int64_t i = 0; i < n; i++)
			norm += (double) gradient[i] * gradient[i];
		norm = sqrt(norm);
		for (int64_t i = 0; i < n; i++)
			direction[i] = norm > 0 ? (float) (gradient[i] / norm) : 0;
		memcpy(kept, of, sizeof(float) * n);
		slope = (moved_loss(net, of, kept, direction, n, 3e-3) -
				 moved_loss(net, of, kept, direction, n, -3e-3)) / 6e-3;
		memcpy(of, kept, sizeof(float) * n);
		CHECK_NEAR(slope, norm, 0.03 * norm + 3e-4);
		n_large += norm > 0.03;
	}
	CHECK(n_large > net->n_places / 2);
	free(kept);
	free(direction);
	free_net(net);
}

/*
 * Without what the backward step needs, outputs are the same to the bit. They depend neither on
 * other sequences nor on later events.
 */
static void
test_outputs(void)
{
	static const int lengths[] = {8, 7, 5, 2, 1};
	Net		   *net = new_random_net(MOST_K, 3, 2, MOST_LENGTH, 20, lengths, 5);
	float	   *outputs = zeroed(sizeof(float) * net->n_outputs);
	int			k = net->o.factors;

	run_net(net, true);
	memcpy(outputs, net->outputs, sizeof(float) * net->n_outputs);
	run_net(net, false);
	/* without training, only the outputs after the last events are set */
	for (int s = 0; s < 5; s++)
	{
		int			last = (net->begin[s] + lengths[s] - 1) * k;

		for (int i = last; i < last + k; i++)
			CHECK_NEAR(net->outputs[i], outputs[i], 2e-6);
	}
	for (int s = 0; s < 5; s++)
	{
		Net		   *alone = new_random_net(k, 3, 2, MOST_LENGTH, 20, lengths + s, 1);
		int			begin = net->begin[s];

		memcpy(alone->items, net->items + begin, sizeof(int32_t) * lengths[s]);
		run_net(alone, true);
		for (int i = 0; i < lengths[s] * k; i++)
			CHECK_NEAR(alone->outputs[i], outputs[begin * k + i], 2e-6);
		for (int t = 0; t + 1 < lengths[s]; t++)
		{
			memcpy(alone->items, net->items + begin, sizeof(int32_t) * lengths[s]);
			for (int later = t + 1; later < lengths[s]; later++)
				alone->items[later] = (alone->items[later] + 1) % 20;
			run_net(alone, true);
			for (int i = 0; i < (t + 1) * k; i++)
				CHECK_NEAR(alone->outputs[i], outputs[begin * k + i], 2e-6);
			CHECK(fabs(alone->outputs[(t + 1) * k] - outputs[(begin + t + 1) * k]) > 1e-6);
		}
		free_net(alone);
	}
	free(outputs);
	free_net(net);
}

/* ---- what every network must do ---- */

/* The algorithms that are networks. */
static const char *const networks[] = {"sasrec", "gru", "lstm", "caser", NULL};

/* Sequences of events, of each user from start[u] to start[u + 1]. */
typedef struct Source
{
	int			n_users;
	int			n_items;
	int		   *start;
	int		   *items;
} Source;

static Source
new_source(int n_users, int n_items, int n_events)
{
	return (Source) {n_users, n_items, zeroed(sizeof(int) * (n_users + 1)),
					 zeroed(sizeof(int) * n_events)};
}

static void
free_source(Source *s)
{
	free(s->start);
	free(s->items);
}

static float
rating_of(int user, int item)
{
	return (float) (1 + random_bits(71, (uint64_t) user * 1000 + item) % 5);
}

/*
 * A training on these events, of a small network. With explicit feedback, events of one user and
 * item have one rating.
 */
static Training *
train_on(const char *name, const Source *s, Feedback feedback)
{
	double	   *dense = zeroed(sizeof(double) * s->n_users * s->n_items);
	int			n = s->start[s->n_users];
	Training   *t;
	History    *h;

	for (int i = 0; i < s->n_users * s->n_items; i++)
		dense[i] = NAN;
	for (int u = 0; u < s->n_users; u++)
	{
		for (int e = s->start[u]; e < s->start[u + 1]; e++)
			dense[u * s->n_items + s->items[e]] =
				feedback == FEEDBACK_IMPLICIT ? 1 : rating_of(u, s->items[e]);
	}
	t = new_training(find_algorithm(name), dense, NULL, s->n_users, s->n_items, feedback);
	h = &t->ratings.events;
	free(h->items);
	free(h->times);
	h->items = zeroed(sizeof(int32_t) * n);
	h->times = zeroed(sizeof(int64_t) * n);
	for (int e = 0; e < n; e++)
	{
		h->items[e] = s->items[e];
		h->times[e] = e;
	}
	for (int u = 0; u <= s->n_users; u++)
		h->start[u] = s->start[u];
	free(dense);
	return t;
}

/* The convolutions are a single layer, and have no such option. */
static void
set_layers(Training *t, int layers)
{
	if (strcmp(t->model.algorithm->name, "caser") != 0)
		set_option(t, "layers", layers);
}

static Training *
new_network(const char *name, const Source *s)
{
	Training   *t = train_on(name, s, FEEDBACK_IMPLICIT);

	set_option(t, "factors", 32);
	set_layers(t, 1);
	set_option(t, "max_length", 4);
	set_option(t, "batch_size", 128);
	set_option(t, "learning_rate", 0.01);
	set_option(t, "dropout", 0);
	set_option(t, "iterations", 30);
	set_option(t, "patience", 30);
	return t;
}

/* ---- a planted source ---- */

/*
 * Items are of CLASSES classes. After items a and b comes, with probability FOLLOWS, the successor
 * of b for the class of a; else any item. The successors for a class are a permutation, so that no
 * item is very popular.
 */
enum
{
	ITEMS = 50, CLASSES = 4, USERS = 100, LENGTH = 200
};
#define FOLLOWS 0.8

static int
class_of(int item)
{
	return item / 13;
}

static int
successor(int before, int item)
{
	static const int factor[CLASSES] = {3, 7, 11, 13};
	static const int first[CLASSES] = {1, 17, 30, 43};

	return (factor[class_of(before)] * item + first[class_of(before)]) % ITEMS;
}

static double
probability(int before, int item, int next)
{
	return (1 - FOLLOWS) / ITEMS + (successor(before, item) == next ? FOLLOWS : 0);
}

static Source
plant(uint64_t seed, int n_users, int length)
{
	Source		s = new_source(n_users, ITEMS, n_users * length);

	for (int u = 0; u < n_users; u++)
	{
		int		   *items = s.items + s.start[u];

		for (int e = 0; e < length; e++)
		{
			uint64_t	position = (uint64_t) u * LENGTH + e;

			items[e] = e > 1 && random_uniform(seed, 2 * position) < FOLLOWS
						   ? successor(items[e - 2], items[e - 1])
						   : (int) (random_bits(seed, 2 * position + 1) % ITEMS);
		}
		s.start[u + 1] = s.start[u] + length;
	}
	return s;
}

static void
shuffle(Source *s, uint64_t seed)
{
	for (int u = 0; u < s->n_users; u++)
	{
		int		   *items = s->items + s->start[u];

		for (int e = s->start[u + 1] - s->start[u] - 1; e > 0; e--)
		{
			int			other =
				(int) (random_bits(seed, (uint64_t) (s->start[u] + e)) % (uint64_t) (e + 1));
			int			swap = items[e];

			items[e] = items[other];
			items[other] = swap;
		}
	}
}

/*
 * The best hit rates of a single item that is chosen by the last item, and by nothing, from the
 * shares of all pairs of items after many steps.
 */
static void
compute_bounds(double *by_last, double *by_nothing)
{
	static double share[ITEMS][ITEMS];
	static double after[ITEMS][ITEMS];
	double		of_item[ITEMS] = {0};

	for (int a = 0; a < ITEMS; a++)
	{
		for (int b = 0; b < ITEMS; b++)
			share[a][b] = 1.0 / (ITEMS * ITEMS);
	}
	for (int step = 0; step < 60; step++)
	{
		memset(after, 0, sizeof(after));
		for (int a = 0; a < ITEMS; a++)
		{
			for (int b = 0; b < ITEMS; b++)
			{
				for (int c = 0; c < ITEMS; c++)
					after[b][c] += share[a][b] * (1 - FOLLOWS) / ITEMS;
				after[b][successor(a, b)] += share[a][b] * FOLLOWS;
			}
		}
		memcpy(share, after, sizeof(share));
	}
	*by_last = *by_nothing = 0;
	for (int b = 0; b < ITEMS; b++)
	{
		double		next[ITEMS] = {0};
		double		best = 0;

		for (int a = 0; a < ITEMS; a++)
		{
			of_item[b] += share[a][b];
			for (int c = 0; c < ITEMS; c++)
				next[c] += share[a][b] * probability(a, b, c);
		}
		for (int c = 0; c < ITEMS; c++)
			best = fmax(best, next[c]);
		*by_last += best;
		*by_nothing = fmax(*by_nothing, of_item[b]);
	}
}

/* The item with the highest score after these events. */
static int
best_item(const Training *t, const int *events, int n)
{
	Profile		profile = {.n_events = n, .events = events};
	void	   *query = new_query(&t->model, &profile);
	float		scores[ITEMS];
	int			best = 0;

	t->model.algorithm->score_items(&t->model, query, NULL, 0, ITEMS, scores);
	for (int i = 0; i < ITEMS; i++)
	{
		if (isnan(scores[best]) || scores[i] > scores[best])
			best = i;
	}
	free(query);
	return best;
}

/* How probable the best item is as the next one, in the mean over users and times. */
static double
hit_rate(const Training *t, const Source *asked)
{
	double		sum = 0;
	int			n = 0;

	for (int u = 0; u < asked->n_users; u++)
	{
		const int  *items = asked->items + asked->start[u];

		for (int length = 3; length <= 24; length += 7, n++)
			sum += probability(items[length - 2], items[length - 1], best_item(t, items, length));
	}
	return sum / n;
}

#define BEST_RATE (FOLLOWS + (1 - FOLLOWS) / ITEMS)

static void
test_planted(const char *name)
{
	Source		source = plant(1, USERS, LENGTH);
	Source		asked = plant(2, 200, 24);
	Training   *t = new_network(name, &source);
	double		by_last;
	double		by_nothing;
	double		entropy;
	double		rate;

	compute_bounds(&by_last, &by_nothing);
	CHECK(by_last < 0.6 * BEST_RATE);
	train(t);
	CHECK(t->failure == NULL);
	rate = hit_rate(t, &asked);
	CHECK(rate > (strcmp(name, "caser") == 0 ? 0.9 : 0.95) * BEST_RATE);
	/*
	 * The entropy of the source: of one item with the best rate, and 49 others alike. The loss is a
	 * bit larger, as it is also of events after a single one.
	 */
	entropy = -BEST_RATE * log(BEST_RATE) -
			  (1 - BEST_RATE) * log((1 - FOLLOWS) / ITEMS);
	CHECK(t->losses[t->iterations - 1] > entropy);
	CHECK(t->losses[t->iterations - 1] < entropy + 0.5);
	free_training(t);

	/* a sample of candidates, as well */
	t = new_network(name, &source);
	set_option(t, "negatives", 20);
	set_option(t, "batch_size", 64);
	set_option(t, "learning_rate", 0.005);
	set_option(t, "iterations", 40);
	set_option(t, "patience", 40);
	train(t);
	CHECK(t->failure == NULL);
	CHECK(hit_rate(t, &asked) > 0.9 * BEST_RATE);
	free_training(t);

	/* a Markov chain of order 1 comes to its bound; the mean over 800 has an error of .01 */
	t = train_on("markov", &source, FEEDBACK_IMPLICIT);
	set_option(t, "order", 1);
	set_option(t, "window", 1);
	train(t);
	CHECK(hit_rate(t, &asked) < by_last + 0.03 && hit_rate(t, &asked) > by_last - 0.06);
	free_training(t);
	free_source(&source);
	free_source(&asked);
}

/* With shuffled histories nothing is to be learned but what is popular. */
static void
test_shuffled(const char *name)
{
	Source		source = plant(1, USERS, LENGTH);
	Source		asked = plant(2, 2000, LENGTH);
	Training   *t;
	double		by_last;
	double		by_nothing;
	int			hits = 0;

	compute_bounds(&by_last, &by_nothing);
	shuffle(&source, 3);
	shuffle(&asked, 4);
	t = new_network(name, &source);
	set_option(t, "iterations", 6);
	train(t);
	CHECK(t->failure == NULL);
	for (int u = 0; u < asked.n_users; u++)
	{
		const int  *items = asked.items + asked.start[u];

		hits += best_item(t, items, LENGTH - 1) == items[LENGTH - 1];
	}
	/* a rate of some percent has an error of sqrt(rate / 2000) */
	CHECK(hits / 2000.0 < by_nothing + 3 * sqrt(by_nothing / 2000));
	free_training(t);
	free_source(&source);
	free_source(&asked);
}

/* ---- explanations ---- */

/* The score of item 4 after these events; n 0: after none. */
static double
score_after(const Training *t, const int32_t *events, int n)
{
	Profile		profile = {.n_events = n, .events = events};
	void	   *query = new_query(&t->model, &profile);
	float		score;

	t->model.algorithm->score_items(&t->model, query, NULL, 4, 1, &score);
	free(query);
	return score;
}

/*
 * After items 7, 3, 7, 9. By their last events the items come as 3, 7, 9, and in reverse as 9, 7,
 * 3; the contribution of each is the mean of what it adds in both.
 */
static void
test_explanation(const char *name)
{
	static const int32_t events[] = {7, 3, 7, 9};
	static const int32_t items[] = {3, 7, 9};
	static const float ratings[] = {1, 2, 1};
	Profile		profile = {.n = 3, .items = items, .ratings = ratings, .n_events = 4,
						   .events = events};
	Source		source = plant(1, USERS, 24);
	Training   *t = new_network(name, &source);
	void	   *query;
	void	   *scratch;
	float		contributions[3];
	float		baseline;
	double		none;
	double		all;
	double		to_7;
	double		from_7;

	set_option(t, "iterations", 3);
	train(t);
	CHECK(t->failure == NULL);
	none = score_after(t, NULL, 0);
	all = score_after(t, events, 4);
	to_7 = score_after(t, events, 3);
	from_7 = score_after(t, (int32_t[]) {7, 7, 9}, 3);
	query = new_query(&t->model, &profile);
	scratch = zeroed(model_explain_scratch_bytes(&t->model, 4));
	t->model.algorithm->explain(&t->model, &profile, query, 4, contributions, &baseline, scratch);
	CHECK(fabs(contributions[0] -
			   (score_after(t, &events[1], 1) - none + all - from_7) / 2) < 1e-5);
	CHECK(fabs(contributions[1] - (to_7 - score_after(t, &events[1], 1) + from_7 -
								   score_after(t, &events[3], 1)) / 2) < 1e-5);
	CHECK(fabs(contributions[2] -
			   (all - to_7 + score_after(t, &events[3], 1) - none) / 2) < 1e-5);
	CHECK(fabs(baseline - none) < 1e-5);
	CHECK(fabs(all - none) > 0.1 && fabs(contributions[0]) > 1e-3);
	free(scratch);
	free(query);
	free_training(t);
	free_source(&source);
}

/* ---- the same model ---- */

static void
check_same_model(const Training *a, const Training *b)
{
	const Side *x = a->model.sides;
	const Side *y = b->model.sides;

	CHECK(a->failure == NULL && b->failure == NULL);
	for (int c = 0; c < x[SIDE_ITEMS].n_columns; c++)
		CHECK(memcmp(x[SIDE_ITEMS].values[c], y[SIDE_ITEMS].values[c],
					 sizeof(float) * side_floats(&x[SIDE_ITEMS], c)) == 0);
	CHECK(memcmp(model_numbers(&a->model), model_numbers(&b->model),
				 sizeof(float) * side_floats(&x[SIDE_PARAMETERS], PARAMETER_NUMBERS)) == 0);
}

static void
check_different_models(const Training *a, const Training *b)
{
	CHECK(memcmp(model_numbers(&a->model), model_numbers(&b->model),
				 sizeof(float) *
					 side_floats(&a->model.sides[SIDE_PARAMETERS], PARAMETER_NUMBERS)) != 0);
}

/*
 * The same bits in whatever order the blocks of a pass are done, of batches with many sequences and
 * with fewer than there are shards, with all items and with a sample.
 */
static void
test_order(const char *name)
{
	static const int batch_sizes[] = {300, 15};
	Source		source = plant(1, 60, 30);

	for (int negatives = 0; negatives <= 10; negatives += 10)
	{
		for (int b = 0; b < 2; b++)
		{
			Training   *reference = NULL;

			for (int way = 0; way < 4; way++)
			{
				Training   *t = new_network(name, &source);

				set_option(t, "negatives", negatives);
				set_option(t, "batch_size", batch_sizes[b]);
				set_option(t, "iterations", 3);
				set_option(t, "seed", way == 3);
				t->backwards = way == 1;
				t->block = way == 2 ? 1 : 0;
				train(t);
				CHECK(t->failure == NULL && t->iterations == 3);
				if (way == 0)
				{
					reference = t;
					continue;
				}
				if (way < 3)
				{
					check_same_model(t, reference);
					CHECK(memcmp(t->losses, reference->losses, sizeof(double) * 3) == 0);
					CHECK(memcmp(t->validations, reference->validations, sizeof(double) * 3) == 0);
				}
				else
					check_different_models(t, reference);
				free_training(t);
			}
			free_training(reference);
		}
	}
	free_source(&source);
}

/* ---- options ---- */

/* Rows of low ratings are as if they were not there, in training and in histories. */
static void
test_relevant(const char *name)
{
	Source		source = plant(1, 40, 30);
	Source		rest = new_source(40, ITEMS, 40 * 30);
	Training   *all;
	Training   *relevant;
	Training   *left;

	/* the last user has nothing that is relevant */
	for (int e = source.start[39]; e < source.start[40]; e++)
	{
		for (int i = 0; rating_of(39, source.items[e]) >= 3; i++)
			source.items[e] = i;
	}
	for (int u = 0; u < 40; u++)
	{
		rest.start[u + 1] = rest.start[u];
		for (int e = source.start[u]; e < source.start[u + 1]; e++)
		{
			if (rating_of(u, source.items[e]) >= 3)
				rest.items[rest.start[u + 1]++] = source.items[e];
		}
	}
	CHECK(rest.start[40] == rest.start[39] && rest.start[40] < source.start[40] * 3 / 4);
	for (int negatives = 0; negatives <= 10; negatives += 10)
	{
		all = train_on(name, &source, FEEDBACK_EXPLICIT);
		relevant = train_on(name, &source, FEEDBACK_EXPLICIT);
		left = train_on(name, &rest, FEEDBACK_EXPLICIT);
		for (int i = 0; i < 3; i++)
		{
			Training   *t = i == 0 ? all : i == 1 ? relevant : left;

			set_option(t, "factors", 8);
			set_option(t, "batch_size", 100);
			set_option(t, "iterations", 2);
			set_option(t, "max_length", 10);
			set_option(t, "negatives", negatives);
			if (i == 1)
				set_option(t, "relevant_from", 3);
			train(t);
		}
		check_same_model(relevant, left);
		check_different_models(all, relevant);
		for (int u = 0; u < 40; u++)
		{
			Profile		profile = user_profile(relevant, u);
			Profile		without = user_profile(left, u);
			void	   *a = new_query(&relevant->model, &profile);
			void	   *b = new_query(&left->model, &without);

			CHECK(memcmp(a, b, sizeof(float) * 8) == 0);
			if (u % 8 == 7)
				check_answers(&relevant->model, &profile);
			free(a);
			free(b);
		}
		free_training(all);
		free_training(relevant);
		free_training(left);
	}
	free_source(&source);
	free_source(&rest);
}

/* Training ends when it has not become better for so long, with the model of the best iteration. */
static void
test_patience(const char *name)
{
	Source		source = plant(1, 60, 12);
	Training   *t = new_network(name, &source);
	Training   *best;
	int			at = 0;

	set_option(t, "batch_size", 100);
	set_option(t, "iterations", 200);
	set_option(t, "patience", 3);
	train(t);
	CHECK(t->failure == NULL && t->iterations < 200);
	for (int i = 0; i < t->iterations; i++)
	{
		CHECK(t->validations[i] >= 0 && t->validations[i] <= 1);
		at = t->validations[i] > t->validations[at] ? i : at;
	}
	CHECK(t->iterations == at + 1 + 3);
	best = new_network(name, &source);
	set_option(best, "batch_size", 100);
	set_option(best, "iterations", at + 1);
	set_option(best, "patience", 200);
	train(best);
	CHECK(best->iterations == at + 1);
	check_same_model(t, best);
	free_training(best);
	free_training(t);
	free_source(&source);
}

/* Users who have every item already: what they are held out with is one of these. */
static void
test_repetitions(const char *name)
{
	Source		source = new_source(30, 4, 30 * 20);
	Training   *t;

	/* 0, 1, 2, 3, 0, 1 and so on, from anywhere */
	for (int u = 0; u < 30; u++)
	{
		for (int e = 0; e < 20; e++)
			source.items[u * 20 + e] = (u + e) % 4;
		source.start[u + 1] = (u + 1) * 20;
	}
	t = new_network(name, &source);
	set_option(t, "factors", 8);
	set_option(t, "batch_size", 100);
	/* the first step has learned nothing */
	set_option(t, "learning_rate", 0.003);
	train(t);
	CHECK(t->failure == NULL);
	CHECK(t->validations[0] < 0.9);
	for (int i = 0; i < 4; i++)
	{
		Profile		profile = {.n_events = 1, .events = &(int32_t) {i}};
		void	   *query = new_query(&t->model, &profile);

		for (int other = 0; other < 4; other++)
			CHECK(other == (i + 1) % 4 || model_score_item(&t->model, query, (i + 1) % 4) >
											  model_score_item(&t->model, query, other));
		free(query);
	}
	free_training(t);
	free_source(&source);
}

static int	seconds_asked;

/* Each iteration takes ten seconds. */
static double
ten_seconds_each(Services *services)
{
	seconds_asked++;
	return 10.0 * ((Training *) services)->iterations;
}

/* After three iterations a fourth would end after 40 seconds. */
static void
test_time_budget(const char *name)
{
	Source		source = plant(1, 20, 12);

	for (int budget = 0; budget <= 35; budget += 35)
	{
		Training   *t = new_network(name, &source);

		set_option(t, "iterations", 5);
		set_option(t, "time_budget", budget);
		t->services.seconds = ten_seconds_each;
		seconds_asked = 0;
		train(t);
		CHECK(t->failure == NULL && t->iterations == (budget > 0 ? 3 : 5));
		CHECK((seconds_asked > 0) == (budget > 0));
		CHECK(t->is_time_up == (budget > 0));
		free_training(t);
	}
	free_source(&source);
}

/* ---- small sources ---- */

/* Everything that can be asked has an answer, and all numbers are finite. */
static void
check_model(const Training *t)
{
	const Model *m = &t->model;
	Profile		nobody = {0};
	void	   *query;

	CHECK(t->failure == NULL);
	for (int c = 0; c < m->sides[SIDE_ITEMS].n_columns; c++)
	{
		for (int64_t i = 0; i < side_floats(&m->sides[SIDE_ITEMS], c); i++)
			CHECK(isfinite(m->sides[SIDE_ITEMS].values[c][i]));
	}
	for (int64_t i = 0; i < side_floats(&m->sides[SIDE_PARAMETERS], PARAMETER_NUMBERS); i++)
		CHECK(isfinite(model_numbers(m)[i]));
	for (int u = 0; u < m->n_users; u++)
	{
		Profile		profile = user_profile(t, u);

		check_answers(m, &profile);
	}
	check_answers(m, &nobody);

	/* an unknown user gets the items' biases */
	query = new_query(m, &nobody);
	for (int64_t i = 0; i < m->sides[SIDE_ITEMS].n_rows; i++)
		CHECK(model_score_item(m, query, (int32_t) i) ==
			  m->sides[SIDE_ITEMS].values[NETWORK_BIAS][i]);
	free(query);
}

static void
test_degenerate(const char *name)
{
	/* each ended by -1, the last by -2 */
	static const int sources[][24] = {
		/* one event */
		{0, -2},
		/* histories of one event */
		{0, -1, 1, -1, 2, -1, 1, -2},
		/* a user without events, and one with two */
		{-1, 0, 1, -1, 0, -2},
		/* one item, again and again */
		{0, 0, 0, 0, 0, -1, 0, 0, -2},
		/* one user */
		{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, -2},
		/* some of each, longer than what is read */
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, -1, 2, 1, -1, 0, -2}
	};
	static const int n_items[] = {1, 4, 3, 1, 10, 20};
	/* of options, at their limits and in between */
	static const struct
	{
		int			factors;
		int			heads;
		int			layers;
		int			max_length;
		int			batch_size;
		int			negatives;
		double		dropout;
	} options[] = {{1, 1, 1, 1, 1, 0, 0},
				   {1, 64, 2, 3, 4096, 1, 0.95},
				   {5, 3, 3, 2, 2, 2, 0.5},
				   {17, 64, 1, 1000, 1048576, 1048576, 0.2},
				   {3, 1, 8, 12, 7, 5, 0.9}};

	for (size_t which = 0; which < sizeof(sources) / sizeof(sources[0]); which++)
	{
		for (size_t way = 0; way < sizeof(options) / sizeof(options[0]); way++)
		{
			Source		s = new_source(10, n_items[which], 24);
			int			n = 0;
			Training   *t;

			s.n_users = 0;
			for (const int *at = sources[which];; at++)
			{
				if (*at >= 0)
				{
					s.items[n++] = *at;
					continue;
				}
				s.start[++s.n_users] = n;
				if (*at == -2)
					break;
			}
			t = train_on(name, &s, way % 2 == 0 ? FEEDBACK_IMPLICIT : FEEDBACK_EXPLICIT);
			set_option(t, "factors", options[way].factors);
			set_layers(t, options[way].layers);
			set_option(t, "max_length", options[way].max_length);
			set_option(t, "batch_size", options[way].batch_size);
			set_option(t, "negatives", options[way].negatives);
			set_option(t, "dropout", options[way].dropout);
			if (strcmp(name, "sasrec") == 0)
				set_option(t, "heads", options[way].heads);
			/* everything is relevant; nothing is */
			if (way == 2)
				set_option(t, "relevant_from", 0);
			if (way == 3)
				set_option(t, "relevant_from", 6);
			set_option(t, "iterations", 3);
			train(t);
			check_model(t);
			free_training(t);
			free_source(&s);
		}
	}
}

/* With few candidates, even one, there is something to learn from each step. */
static void
test_few_negatives(const char *name)
{
	Source		source = plant(1, 20, 30);

	for (int negatives = 1; negatives <= 3; negatives++)
	{
		Training   *t = new_network(name, &source);

		set_option(t, "negatives", negatives);
		set_option(t, "iterations", 3);
		train(t);
		CHECK(t->failure == NULL && t->iterations == 3);
		for (int i = 0; i < 3; i++)
			CHECK(t->losses[i] > 0.1);
		free_training(t);
	}
	free_source(&source);
}

/* Steps that are too long fail with a reason, or leave finite numbers. */
static void
test_long_steps(const char *name)
{
	Source		source = plant(1, 20, 30);
	Training   *t = new_network(name, &source);

	set_option(t, "learning_rate", 1);
	set_option(t, "dropout", 0);
	set_option(t, "iterations", 20);
	train(t);
	if (t->failure == NULL)
		check_model(t);
	free_training(t);
	free_source(&source);
}

int
main(void)
{
	test_reference();
	test_gradients(1, 1, 1);
	test_gradients(5, 3, 2);
	test_gradients(8, 2, 1);
	test_dropout();
	test_outputs();
	for (int i = 0; networks[i] != NULL; i++)
	{
		/* the sanitizers see in one network's long trainings what they would in all */
#ifdef __SANITIZE_ADDRESS__
		if (i == 0)
#endif
		{
			test_planted(networks[i]);
			test_shuffled(networks[i]);
		}
		test_explanation(networks[i]);
		test_order(networks[i]);
		test_relevant(networks[i]);
		test_patience(networks[i]);
		test_repetitions(networks[i]);
		test_time_budget(networks[i]);
		test_degenerate(networks[i]);
		test_few_negatives(networks[i]);
		test_long_steps(networks[i]);
	}
	return passed("sasrec");
}
