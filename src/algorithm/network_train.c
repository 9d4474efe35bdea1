/*
 * network_train.c
 *	  Training a network over histories, of any architecture (network.h).
 *
 * The network learns to tell, after each event of a user, which item comes next: the loss is the
 * mean cross-entropy of the softmax over all items (Klenitskiy & Vasilev 2023, "Turning dross into
 * gold loss: is BERT4Rec really better than SASRec?"), or over a sample of them with a correction
 * (kernel/cross_entropy.h), as in Petrov & Macdonald 2023, "gSASRec: reducing overconfidence in
 * sequential recommendation trained with negative sampling", who show that few negatives without a
 * correction are what makes SASRec weak.
 *
 * An iteration takes each event once. A history that is longer than max_length is cut at a random
 * place, and then after each max_length events. Batches of such sequences, in random order, have
 * batch_size events; a batch makes one step of Adam. The sequences of a batch are divided among a
 * fixed number of shards. Each shard has a gradient of its own; they are added in the order of the
 * shards. What is dropped and sampled follows from the seed and the place in the batch. So the
 * model is the same, to the bit, with any number of workers.
 *
 * All steps of an iteration are one run of workers, with three or four steps a batch:
 *
 *	sample	(where not all items are candidates) draws the candidates of the batch, and gathers
 *			their numbers and those of the batch's own items in slots
 *	descend	computes the gradient of each shard
 *	sum		adds the gradients of the shards, each worker for a part of the numbers
 *	update	takes the step of Adam, likewise
 *
 * The last event of some users is held out: after each iteration the model is asked for it, and the
 * best model is the one that is kept. Training ends when the last `patience` iterations have not
 * improved it. The item of a held-out event competes with those that the user does not have or, if
 * the user has it already, with all.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algorithm/network.h"
#include "kernel/adam.h"
#include "kernel/cross_entropy.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/vector.h"

/* The parts of a batch whose gradients are computed apart from each other. */
#define SHARDS 8

/* The norm that the gradient of a batch is limited to (Pascanu, Mikolov & Bengio 2013). */
#define LARGEST_GRADIENT 5.0

/* Users whose last event is held out: the most, and the share of all events. */
#define MOST_HELD_OUT 5000
#define HELD_OUT_SHARE 0.05
#define FEWEST_HELD_OUT 500

/* The approximate length of the embeddings that training begins with. */
#define EMBEDDING_LENGTH 0.2

/* The shortest history whose last event may be held out. */
#define SHORTEST_HELD_OUT 3

/* Held-out events that are asked for at once, at most, and about how many rows they have. */
#define MOST_ASKED 16
#define ASKED_ROWS 3200

/* The length of the lists by which the held-out events are judged. */
#define LIST_LENGTH 10

/* Elements of a loop between two polls. */
#define POLL_EVERY 65536

/* ---- sizes ---- */

/* A sequence of a batch: events begin .. begin + length of the history, the last only as target. */
typedef struct Segment
{
	int64_t		begin;
	int32_t		length;
} Segment;

/* The state of a training that all workers see. */
typedef struct State
{
	int64_t		n_segments;
	int64_t		n_batches;
	int64_t		n_slots;		/* of the batch, where candidates are a sample */
	int64_t		n_candidates;
	double		loss[SHARDS];	/* of the batch that is computed */
	double		squares[SHARDS];	/* of the gradient's parts */
	double		total_loss;		/* of the iteration's batches, until the last */
	int64_t		total_events;
	int64_t		steps;			/* of Adam, before this iteration */
	int64_t		n_held_out;
} State;

enum
{
	ARRAY_STATE,
	ARRAY_MEANS,				/* float: of Adam: of the weights, biases, and embeddings */
	ARRAY_SQUARES,
	ARRAY_BEST,					/* float: the best model: likewise */
	ARRAY_GRADIENTS,			/* float: of each shard: of the weights, biases and embeddings */
	ARRAY_SEGMENTS,				/* Segment */
	ARRAY_BATCHES,				/* int64_t: the first segment of each batch, and the end */
	ARRAY_HELD_OUT,				/* int32_t: the users whose last event is held out */
	ARRAY_HELD,					/* a bit by user: the same */
	ARRAY_QUALITY,				/* float: of each held-out event: ndcg of the list before it */
	ARRAY_MAP,					/* what fitting the map of the items' features needs */
	/* where some events are not relevant */
	ARRAY_STARTS,				/* int64_t: History.start of the others */
	ARRAY_RELEVANT,				/* int32_t: and their items */
	/* where candidates are a sample */
	ARRAY_SLOT_OF_ITEM,			/* int32_t, -1: none */
	ARRAY_SLOTS,				/* int32_t: the item of each slot */
	ARRAY_CORRECTION,			/* float: of each candidate */
	ARRAY_GATHERED,				/* float: biases and embeddings of the slots */
	ARRAY_COUNTS,				/* int32_t: events of each item */
	N_ARRAYS
};

/* The sizes of a training. */
typedef struct Sizes
{
	int64_t		n_items;
	int64_t		weights;		/* numbers of all weights */
	bool		sampled;		/* candidates are a sample */
	int64_t		most_candidates;
	int64_t		most_slots;
	int64_t		longest;		/* the most events of a sequence */
	int64_t		rows;			/* the most events of a batch */
	int64_t		shard_rows;		/* of a shard */
	int64_t		at_once;		/* held-out events that are asked for at once */
	int64_t		held_out;
	int64_t		segments;
} Sizes;

static Sizes
sizes_of(const Architecture *architecture, const NetworkOptions *o, const Extent *extent)
{
	Sizes		s = {.n_items = extent->n_items};

	s.weights = network_numbers(architecture, o);
	s.most_candidates = network_candidates(o, extent->n_items);
	s.sampled = s.most_candidates < extent->n_items;
	s.longest = min64(o->max_length, extent->n_events);
	s.rows = min64(network_batch_size(o, extent->n_events) + s.longest, extent->n_events);
	s.most_slots =
		s.sampled ? min64(s.most_candidates + 2 * s.rows, extent->n_items) : extent->n_items;
	/* sequences are dealt out by length: what shards have differs by less than the longest */
	s.shard_rows = min64(s.rows / SHARDS + s.longest, extent->n_events);
	s.at_once = max64(min64(ASKED_ROWS / max64(s.longest, 1), MOST_ASKED), 1);
	s.held_out = min64(min64(extent->n_users, MOST_HELD_OUT),
					   max64(FEWEST_HELD_OUT, (int64_t) (HELD_OUT_SHARE * extent->n_events)));
	s.segments = extent->n_users * 2 + extent->n_events / o->max_length + 1;
	return s;
}

/* The numbers of Adam, of the best model and of a gradient: the weights, biases, embeddings. */
static inline int64_t
all_numbers(const Sizes *s, int k, int64_t items)
{
	return s->weights + PADDED(items) + PADDED(items * k);
}

int
network_arrays(const Architecture *architecture, const void *options, const Extent *extent,
			   size_t *bytes)
{
	const NetworkOptions *o = options;
	Sizes		s = sizes_of(architecture, o, extent);
	int64_t		k = o->factors;

	memset(bytes, 0, sizeof(size_t) * N_ARRAYS);
	bytes[ARRAY_STATE] = sizeof(State);
	bytes[ARRAY_MEANS] = sizeof(float) * all_numbers(&s, k, s.n_items);
	bytes[ARRAY_SQUARES] = bytes[ARRAY_BEST] = bytes[ARRAY_MEANS];
	bytes[ARRAY_GRADIENTS] = sizeof(float) * SHARDS * all_numbers(&s, k, s.most_slots);
	bytes[ARRAY_SEGMENTS] = sizeof(Segment) * s.segments;
	bytes[ARRAY_BATCHES] =
		sizeof(int64_t) * (extent->n_events / network_batch_size(o, extent->n_events) + 2);
	bytes[ARRAY_HELD_OUT] = sizeof(int32_t) * s.held_out;
	bytes[ARRAY_HELD] = sizeof(uint64_t) * (extent->n_users / 64 + 1);
	bytes[ARRAY_QUALITY] = sizeof(float) * s.held_out;
	bytes[ARRAY_MAP] = network_map_bytes(o, extent);
	if (o->relevant_from > ALL_RELEVANT)
	{
		bytes[ARRAY_STARTS] = sizeof(int64_t) * (extent->n_users + 1);
		bytes[ARRAY_RELEVANT] = sizeof(int32_t) * extent->n_events;
	}
	if (s.sampled)
	{
		bytes[ARRAY_SLOT_OF_ITEM] = sizeof(int32_t) * s.n_items;
		bytes[ARRAY_SLOTS] = sizeof(int32_t) * s.most_slots;
		bytes[ARRAY_CORRECTION] = sizeof(float) * s.most_candidates;
		bytes[ARRAY_GATHERED] = sizeof(float) * (PADDED(s.most_slots) + PADDED(s.most_slots * k));
		bytes[ARRAY_COUNTS] = sizeof(int32_t) * s.n_items;
	}
	return N_ARRAYS;
}

/* A worker's memory for a shard. */
typedef struct Workspace
{
	int32_t    *length;
	int32_t    *begin;
	int32_t    *of_segment;		/* of the shard's sequences: their segments in the batch */
	int32_t    *items;			/* the slot of the item of each row */
	int32_t    *targets;		/* likewise of its target */
	float	   *x;				/* rows x k */
	float	   *outputs;
	float	   *d_outputs;
	float	   *d_x;
	void	   *losses;
	void	   *space;
} Workspace;

static size_t
lay_out_workspace(const Architecture *architecture, const NetworkOptions *o, const Sizes *s,
				  const void *memory, Workspace *w)
{
	Pieces		p = {memory, 0};
	int64_t		rows = s->shard_rows;
	int64_t		k = o->factors;

	w->length = add_piece(&p, sizeof(int32_t) * s->shard_rows);
	w->begin = add_piece(&p, sizeof(int32_t) * (max64(s->shard_rows, s->longest) + 1));
	w->of_segment = add_piece(&p, sizeof(int32_t) * s->shard_rows);
	w->items = add_piece(&p, sizeof(int32_t) * rows);
	w->targets = add_piece(&p, sizeof(int32_t) * rows);
	w->x = add_piece(&p, sizeof(float) * rows * k);
	w->outputs = add_piece(&p, sizeof(float) * rows * k);
	w->d_outputs = add_piece(&p, sizeof(float) * rows * k);
	w->d_x = add_piece(&p, sizeof(float) * rows * k);
	w->losses = add_piece(&p, cross_entropy_scratch(s->most_candidates));
	w->space = add_piece(&p, architecture->space_bytes(o, rows, s->shard_rows, true));
	return p.bytes;
}

/* A worker's memory for asking for some held-out events at once. */
typedef struct ValidationSpace
{
	float	   *outputs;		/* of each history */
	float	   *scores;			/* of all items */
	uint64_t   *seen;			/* a bit by item */
	OutputSpace space;
} ValidationSpace;

static size_t
lay_out_validation(const Architecture *architecture, const NetworkOptions *o, const Sizes *s,
				   const void *memory, ValidationSpace *w)
{
	Pieces		p = {memory, 0};

	w->outputs = add_piece(&p, sizeof(float) * s->at_once * o->factors);
	w->scores = add_piece(&p, sizeof(float) * s->n_items);
	w->seen = add_piece(&p, sizeof(uint64_t) * (s->n_items / 64 + 1));
	return p.bytes +
		   network_lay_out(architecture, o, s->at_once, s->at_once * s->longest,
						   memory == NULL ? NULL : (const char *) memory + p.bytes, &w->space);
}

size_t
network_scratch_bytes(const Architecture *architecture, const void *options,
					  const Extent *extent)
{
	const NetworkOptions *o = options;
	Sizes		s = sizes_of(architecture, o, extent);
	Workspace	w;
	ValidationSpace v;

	return max64(lay_out_workspace(architecture, o, &s, NULL, &w),
				 lay_out_validation(architecture, o, &s, NULL, &v));
}

/* ---- the purposes of random numbers ---- */

enum
{
	DRAW_EMBEDDINGS,
	DRAW_PARAMETERS,
	DRAW_HELD_OUT,
	DRAW_CUTS,
	DRAW_ORDER,
	DRAW_CANDIDATES,
	DRAW_DROPPED
};

/* ---- events ---- */

/* The histories that are trained on: without the events that are not relevant. */
static inline History
trained_events(const Task *task)
{
	History		events = task->ratings->events;

	if (task->arrays[ARRAY_RELEVANT] != NULL)
	{
		events.start = task->arrays[ARRAY_STARTS];
		events.items = task->arrays[ARRAY_RELEVANT];
	}
	return events;
}

static inline uint64_t
draw_seed(const NetworkOptions *o, uint64_t purpose, uint64_t which)
{
	return random_bits(random_bits((uint64_t) o->seed, purpose), which);
}

/* A number from 0 to below n < 2^32. */
static inline int64_t
draw_below(uint64_t seed, uint64_t position, int64_t n)
{
	return (int64_t) (((random_bits(seed, position) >> 32) * (uint64_t) n) >> 32);
}

/* ---- the passes ---- */

/* The argument of the passes. */
typedef struct Iteration
{
	int32_t		number;			/* from 1 */
	int32_t		steps;			/* of each batch */
} Iteration;

enum
{
	STEP_DESCEND,
	STEP_SUM,
	STEP_UPDATE,
	STEP_SAMPLE
};

/* A batch as a step sees it. */
typedef struct Batch
{
	const Architecture *architecture;
	const NetworkOptions *o;
	const Task *task;
	Sizes		sizes;
	State	   *state;
	const Segment *segments;
	int64_t		n_segments;
	int64_t		n_rows;
	uint64_t	number;			/* among all of the training */
	int64_t		step;			/* of Adam, from 1 */
	int64_t		n_slots;
	int64_t		n_candidates;
} Batch;

static Batch
find_batch(const Task *task, const Architecture *architecture, const Iteration *iteration,
		   int64_t which)
{
	Extent		extent = ratings_extent(task->ratings);
	const int64_t *batches = task->arrays[ARRAY_BATCHES];
	Batch		b = {.architecture = architecture, .o = task->model->options, .task = task,
					 .state = task->arrays[ARRAY_STATE]};

	b.sizes = sizes_of(architecture, b.o, &extent);
	b.segments = (const Segment *) task->arrays[ARRAY_SEGMENTS] + batches[which];
	b.n_segments = batches[which + 1] - batches[which];
	for (int64_t s = 0; s < b.n_segments; s++)
		b.n_rows += b.segments[s].length;
	b.number = ((uint64_t) iteration->number << 32) + (uint64_t) which;
	b.step = b.state->steps + which + 1;
	b.n_slots = b.sizes.sampled ? b.state->n_slots : b.sizes.n_items;
	b.n_candidates = b.sizes.sampled ? b.state->n_candidates : b.sizes.n_items;
	return b;
}

static inline float *
gradient_of(const Batch *b, int shard)
{
	return (float *) b->task->arrays[ARRAY_GRADIENTS] +
		   shard * all_numbers(&b->sizes, b->o->factors, b->sizes.most_slots);
}

/* The slot of an item, a new one if it has none. */
static int32_t
slot_of(Batch *b, int32_t item)
{
	int32_t    *slot_of_item = b->task->arrays[ARRAY_SLOT_OF_ITEM];
	int32_t    *slots = b->task->arrays[ARRAY_SLOTS];

	if (slot_of_item[item] < 0)
	{
		slot_of_item[item] = (int32_t) b->n_slots;
		slots[b->n_slots++] = item;
	}
	return slot_of_item[item];
}

/*
 * Draws the candidates: half of the draws from all items alike, so that all are met, half from the
 * events, as popular items have the largest share in the sum. Items are candidates once. Then it
 * gathers the numbers of the batch's items.
 */
static void
sample(Batch *b)
{
	History		events = trained_events(b->task);
	const Side *items = &b->task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);
	int32_t    *slot_of_item = b->task->arrays[ARRAY_SLOT_OF_ITEM];
	int32_t    *slots = b->task->arrays[ARRAY_SLOTS];
	float	   *correction = b->task->arrays[ARRAY_CORRECTION];
	float	   *bias = b->task->arrays[ARRAY_GATHERED];
	float	   *embeddings = bias + PADDED(b->sizes.most_slots);
	const int32_t *counts = b->task->arrays[ARRAY_COUNTS];
	int64_t		n_events = events.start[events.n_users];
	uint64_t	seed = draw_seed(b->o, DRAW_CANDIDATES, b->number);
	int			k = b->o->factors;
	int			of_events = (int) b->sizes.most_candidates / 2;
	int			of_all = (int) b->sizes.most_candidates - of_events;

	for (int64_t s = 0; s < b->state->n_slots; s++)
		slot_of_item[slots[s]] = -1;
	b->n_slots = 0;
	for (int d = 0; d < of_all; d++)
	{
		double		event = random_uniform(seed, 2 * d + 1) * (double) n_events;

		slot_of(b, (int32_t) draw_below(seed, 2 * d, b->sizes.n_items));
		if (d < of_events)
			slot_of(b, events.items[(int64_t) event]);
	}
	b->state->n_candidates = b->n_slots;
	for (int64_t s = 0; s < b->n_slots; s++)
	{
		double		none = pow(1 - 1.0 / (double) b->sizes.n_items, of_all) *
					  pow(1 - (double) counts[slots[s]] / (double) n_events, of_events);

		correction[s] = (float) -log1p(-none);
	}
	for (int64_t s = 0; s < b->n_segments; s++)
	{
		for (int t = 0; t <= b->segments[s].length; t++)
			slot_of(b, events.items[b->segments[s].begin + t]);
	}
	b->state->n_slots = b->n_slots;
	for (int64_t s = 0; s < b->n_slots; s++)
	{
		bias[s] = items->values[NETWORK_BIAS][slots[s]];
		memcpy(embeddings + s * k, items->values[NETWORK_FACTORS] + slots[s] * stride,
			   sizeof(float) * k);
	}
}

/* The segments of a shard, dealt out in turn, back and forth. */
static int
deal_out(const Batch *b, int shard, int32_t *of_segment, int32_t *length)
{
	int			n = 0;

	for (int64_t round = 0; round * SHARDS < b->n_segments; round++)
	{
		int64_t		s = round * SHARDS + (round % 2 == 0 ? shard : SHARDS - 1 - shard);

		if (s >= b->n_segments)
			break;
		of_segment[n] = (int32_t) s;
		length[n++] = b->segments[s].length;
	}
	return n;
}

static void
descend(Batch *b, int shard, void *scratch)
{
	const Architecture *architecture = b->architecture;
	const NetworkOptions *o = b->o;
	History		events = trained_events(b->task);
	const Side *items = &b->task->model->sides[SIDE_ITEMS];
	const float *weights = model_numbers(b->task->model);
	const int32_t *slot_of_item = b->task->arrays[ARRAY_SLOT_OF_ITEM];
	int			k = o->factors;
	float	   *d_weights = gradient_of(b, shard);
	float	   *d_bias = d_weights + b->sizes.weights;
	float	   *d_embeddings = d_bias + PADDED(b->sizes.most_slots);
	Dropout		dropout = {(float) o->dropout, draw_seed(o, DRAW_DROPPED, b->number),
						   (int64_t) shard << 32};
	Workspace	w;
	Sequences	sequences;
	Candidates	candidates;

	lay_out_workspace(b->architecture, o, &b->sizes, scratch, &w);
	memset(d_weights, 0, sizeof(float) * (b->sizes.weights + PADDED(b->sizes.most_slots)));
	for (int64_t i = 0; i < b->n_slots * k; i += POLL_EVERY)
	{
		memset(d_embeddings + i, 0, sizeof(float) * min64(POLL_EVERY, b->n_slots * k - i));
		poll();
	}
	b->state->loss[shard] = 0;
	sequences = (Sequences) {.n = deal_out(b, shard, w.of_segment, w.length), .length = w.length};
	if (sequences.n == 0)
		return;
	network_place_rows(architecture, &sequences, w.begin);
	if (b->sizes.sampled)
	{
		const float *bias = b->task->arrays[ARRAY_GATHERED];

		candidates = (Candidates) {k, k, b->n_candidates, bias + PADDED(b->sizes.most_slots), bias,
								   b->task->arrays[ARRAY_CORRECTION]};
	}
	else
		candidates = (Candidates) {k, column_stride(&items->columns[NETWORK_FACTORS]),
								   b->n_candidates, items->values[NETWORK_FACTORS],
								   items->values[NETWORK_BIAS], NULL};
	for (int s = 0; s < sequences.n; s++)
	{
		const int32_t *of_events = events.items + b->segments[w.of_segment[s]].begin;

		for (int t = 0; t < w.length[s]; t++)
		{
			int64_t		row = network_row(architecture, &sequences, s, t);

			w.items[row] = b->sizes.sampled ? slot_of_item[of_events[t]] : of_events[t];
			w.targets[row] = b->sizes.sampled ? slot_of_item[of_events[t + 1]] : of_events[t + 1];
			memcpy(w.x + row * k, candidates.embeddings + w.items[row] * candidates.stride,
				   sizeof(float) * k);
		}
		poll();
	}
	architecture->forward(o, weights, &sequences, w.x, w.outputs, &dropout, true, w.space);
	b->state->loss[shard] =
		cross_entropy(&candidates, w.outputs, w.targets, sequences.n_rows,
					  1 / (float) b->n_rows, w.d_outputs,
					  d_embeddings, d_bias, w.losses);
	architecture->backward(o, weights, &sequences, w.d_outputs, w.d_x, d_weights, &dropout,
						   w.space);
	for (int64_t row = 0; row < sequences.n_rows; row++)
	{
		if (row % 1024 == 0)
			poll();
		vector_add_scaled(d_embeddings + (int64_t) w.items[row] * k, 1, w.d_x + row * k, k);
	}
}

/* A part of the numbers of a gradient. */
typedef struct Part
{
	int64_t		first_number;
	int64_t		n_numbers;
	int64_t		first_slot;
	int64_t		n_slots;
} Part;

static Part
part_of(const Batch *b, int part)
{
	int64_t		number = b->sizes.weights * part / SHARDS;
	int64_t		slot = b->n_slots * part / SHARDS;

	return (Part) {number, b->sizes.weights * (part + 1) / SHARDS - number, slot,
				   b->n_slots * (part + 1) / SHARDS - slot};
}

static FASTEST_INSTRUCTIONS double
sum_of_squares(const float *x, int64_t n)
{
	double		lanes[8] = {0};
	double		sum = 0;

	for (int64_t i = 0; i + 8 <= n; i += 8)
	{
		for (int l = 0; l < 8; l++)
			lanes[l] += (double) x[i + l] * x[i + l];
	}
	for (int64_t i = n - n % 8; i < n; i++)
		lanes[i % 8] += (double) x[i] * x[i];
	for (int l = 0; l < 8; l++)
		sum += lanes[l];
	return sum;
}

/* Adds the shards' gradients of a part to those of the first; returns the sum of squares. */
static double
sum_gradients(const Batch *b, int64_t begin, int64_t n)
{
	double		squares = 0;

	for (int64_t i = begin; i < begin + n; i += POLL_EVERY)
	{
		int64_t		piece = min64(POLL_EVERY, begin + n - i);
		float	   *sum = gradient_of(b, 0) + i;

		for (int shard = 1; shard < SHARDS; shard++)
			vector_add_scaled(sum, 1, gradient_of(b, shard) + i, piece);
		squares += sum_of_squares(sum, piece);
		poll();
	}
	return squares;
}

static void
sum_part(Batch *b, int part)
{
	Part		p = part_of(b, part);
	int64_t		bias = b->sizes.weights;
	int64_t		embeddings = bias + PADDED(b->sizes.most_slots);
	int			k = b->o->factors;

	b->state->squares[part] = sum_gradients(b, p.first_number, p.n_numbers) +
							  sum_gradients(b, bias + p.first_slot, p.n_slots) +
							  sum_gradients(b, embeddings + p.first_slot * k, p.n_slots * k);
}

static void
update_part(Batch *b, int part)
{
	Part		p = part_of(b, part);
	const Side *items = &b->task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);
	float	   *weights = model_numbers(b->task->model);
	const int32_t *slots = b->task->arrays[ARRAY_SLOTS];
	float	   *means = b->task->arrays[ARRAY_MEANS];
	float	   *squares = b->task->arrays[ARRAY_SQUARES];
	const float *gradient = gradient_of(b, 0);
	const float *d_bias = gradient + b->sizes.weights;
	const float *d_embeddings = d_bias + PADDED(b->sizes.most_slots);
	int64_t		bias = b->sizes.weights;
	int64_t		embeddings = bias + PADDED(b->sizes.n_items);
	int			k = b->o->factors;
	Adam		adam = adam_at_step(b->o->learning_rate, b->step);
	double		norm = 0;
	float		factor;

	for (int i = 0; i < SHARDS; i++)
		norm += b->state->squares[i];
	norm = sqrt(norm);
	factor = norm > LARGEST_GRADIENT ? (float) (LARGEST_GRADIENT / norm) : 1;
	adam_step(&adam, factor, gradient + p.first_number, p.n_numbers,
			  weights + p.first_number, means + p.first_number,
			  squares + p.first_number);
	for (int64_t s = p.first_slot; s < p.first_slot + p.n_slots; s++)
	{
		int64_t		item = b->sizes.sampled ? slots[s] : s;

		if (s % 4096 == 0)
			poll();
		adam_step(&adam, factor, d_bias + s, 1, items->values[NETWORK_BIAS] + item,
				  means + bias + item, squares + bias + item);
		adam_step(&adam, factor, d_embeddings + s * k, k,
				  items->values[NETWORK_FACTORS] + item * stride, means + embeddings + item * k,
				  squares + embeddings + item * k);
	}
	if (part == 0)
	{
		for (int i = 0; i < SHARDS; i++)
			b->state->total_loss += b->state->loss[i];
		b->state->total_events += b->n_rows;
	}
}

/* Rows: the shards of each step of each batch. */
void
network_descend(const Architecture *architecture, const Task *task, const void *argument,
				int64_t begin, int64_t end, void *scratch)
{
	const Iteration *iteration = argument;

	for (int64_t row = begin; row < end; row++)
	{
		int64_t		step = row / SHARDS;
		int			shard = (int) (row % SHARDS);
		int			kind = (int) (step % iteration->steps);
		Batch		b = find_batch(task, architecture, iteration, step / iteration->steps);

		/* with four steps, sampling is the first */
		if (iteration->steps == 4)
			kind = kind == 0 ? STEP_SAMPLE : kind - 1;
		switch (kind)
		{
			case STEP_SAMPLE:
				if (shard == 0)
					sample(&b);
				break;
			case STEP_DESCEND:
				descend(&b, shard, scratch);
				break;
			case STEP_SUM:
				sum_part(&b, shard);
				break;
			case STEP_UPDATE:
				update_part(&b, shard);
				break;
		}
	}
}

/* Rows: the held-out events. */
void
network_validate(const Architecture *architecture, const Task *task, int64_t begin, int64_t end,
				 void *scratch)
{
	const Model *model = task->model;
	const Side *items = &model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);
	History		events = trained_events(task);
	const int32_t *held_out = task->arrays[ARRAY_HELD_OUT];
	float	   *quality = task->arrays[ARRAY_QUALITY];
	Extent		extent = ratings_extent(task->ratings);
	Sizes		sizes = sizes_of(architecture, model->options, &extent);
	int			k = ((const NetworkOptions *) model->options)->factors;
	int			n = (int) (end - begin);
	EventList	histories[MOST_ASKED];
	int64_t		rows[MOST_ASKED];
	ValidationSpace w;

	lay_out_validation(architecture, model->options, &sizes, scratch, &w);
	memset(w.seen, 0, sizeof(uint64_t) * (items->n_rows / 64 + 1));
	for (int h = 0; h < n; h++)
	{
		int32_t		user = held_out[begin + h];
		int64_t		length = events.start[user + 1] - 1 - events.start[user];
		int			at = h;

		for (; at > 0 && histories[at - 1].n < length; at--)
		{
			histories[at] = histories[at - 1];
			rows[at] = rows[at - 1];
		}
		histories[at] = (EventList) {events.items + events.start[user], length};
		rows[at] = begin + h;
	}
	network_outputs(architecture, model, histories, n, w.outputs, &w.space);
	for (int h = 0; h < n; h++)
	{
		const int32_t *seen = histories[h].items;
		int32_t		target = seen[histories[h].n];
		int64_t		above = 0;

		vector_dot_rows(w.outputs + (int64_t) h * k, items->values[NETWORK_FACTORS], stride,
						items->n_rows, k, w.scores);
		poll();
		vector_add_scaled(w.scores, 1, items->values[NETWORK_BIAS], items->n_rows);
		for (int64_t e = 0; e < histories[h].n; e++)
			w.seen[seen[e] / 64] |= UINT64_C(1) << (seen[e] % 64);
		/* where an item comes again, so may the others */
		if ((w.seen[target / 64] >> (target % 64) & 1) != 0)
			memset(w.seen, 0, sizeof(uint64_t) * (items->n_rows / 64 + 1));
		for (int64_t i = 0; i < items->n_rows; i++)
			above += w.scores[i] > w.scores[target] && (w.seen[i / 64] >> (i % 64) & 1) == 0;
		for (int64_t e = 0; e < histories[h].n; e++)
			w.seen[seen[e] / 64] = 0;
		poll();
		quality[rows[h]] = above < LIST_LENGTH ? (float) (1 / log2((double) above + 2)) : 0;
	}
}

/* Rows: the blocks of the map of the items' features. */
void
network_map(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	network_fit_map(task, task->arrays[ARRAY_MAP], begin, end);
}

/* ---- training ---- */

/* Chooses the users whose last event is held out. */
static void
hold_out(const Task *task, const Sizes *sizes)
{
	const NetworkOptions *o = task->model->options;
	History		events = trained_events(task);
	State	   *state = task->arrays[ARRAY_STATE];
	int32_t    *held_out = task->arrays[ARRAY_HELD_OUT];
	uint64_t   *held = task->arrays[ARRAY_HELD];
	uint64_t	seed = draw_seed(o, DRAW_HELD_OUT, 0);
	int64_t		eligible = 0;
	int64_t		wanted;

	for (int64_t u = 0; u < events.n_users; u++)
		eligible += events.start[u + 1] - events.start[u] >= SHORTEST_HELD_OUT;
	wanted = min64(eligible, sizes->held_out);
	/* each of the eligible is chosen with the probability that leaves as many as wanted */
	for (int64_t u = 0; u < events.n_users; u++)
	{
		if (events.start[u + 1] - events.start[u] < SHORTEST_HELD_OUT)
			continue;
		if (random_uniform(seed, (uint64_t) u) * (double) eligible <
			(double) (wanted - state->n_held_out))
		{
			held_out[state->n_held_out++] = (int32_t) u;
			held[u / 64] |= UINT64_C(1) << (u % 64);
		}
		eligible--;
	}
}

/* Cuts the histories into the segments of an iteration, in random order. */
static void
cut(const Task *task, int iteration)
{
	const NetworkOptions *o = task->model->options;
	History		events = trained_events(task);
	State	   *state = task->arrays[ARRAY_STATE];
	Segment    *segments = task->arrays[ARRAY_SEGMENTS];
	const uint64_t *held = task->arrays[ARRAY_HELD];
	uint64_t	cuts = draw_seed(o, DRAW_CUTS, iteration);
	uint64_t	order = draw_seed(o, DRAW_ORDER, iteration);
	int64_t		n = 0;

	for (int64_t u = 0; u < events.n_users; u++)
	{
		int64_t		begin = events.start[u];
		/* the last event, which is only a target */
		int64_t		end = events.start[u + 1] - 1 - (int64_t) (held[u / 64] >> (u % 64) & 1);
		int64_t		first = o->max_length;

		if (u % POLL_EVERY == 0)
			poll();
		if (end - begin > o->max_length)
			first = 1 + draw_below(cuts, (uint64_t) u, o->max_length);
		for (; begin < end; begin += first, first = o->max_length)
			segments[n++] = (Segment) {begin, (int32_t) min64(first, end - begin)};
	}
	for (int64_t s = n - 1; s > 0; s--)
	{
		int64_t		other = draw_below(order, (uint64_t) s, s + 1);
		Segment		swap = segments[s];

		if (s % POLL_EVERY == 0)
			poll();
		segments[s] = segments[other];
		segments[other] = swap;
	}
	state->n_segments = n;
}

static int
compare_segments(const void *a, const void *b)
{
	const Segment *x = a;
	const Segment *y = b;

	if (x->length != y->length)
		return x->length > y->length ? -1 : 1;
	return x->begin < y->begin ? -1 : 1;
}

/* Divides the segments into batches, in which they are in the order of descending length. */
static void
divide(const Task *task)
{
	const NetworkOptions *o = task->model->options;
	State	   *state = task->arrays[ARRAY_STATE];
	Segment    *segments = task->arrays[ARRAY_SEGMENTS];
	int64_t    *batches = task->arrays[ARRAY_BATCHES];
	int64_t		n = 0;

	for (int64_t s = 0; s < state->n_segments;)
	{
		int64_t		rows = 0;
		int64_t		first = s;

		while (s < state->n_segments && rows < o->batch_size)
			rows += segments[s++].length;
		batches[n++] = first;
		qsort(segments + first, s - first, sizeof(Segment), compare_segments);
		poll();
	}
	batches[n] = state->n_segments;
	state->n_batches = n;
}

/* The numbers that training begins with. */
static void
initialize(const Architecture *architecture, const Task *task)
{
	const NetworkOptions *o = task->model->options;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);
	float	   *numbers = model_numbers(task->model);
	int32_t    *slot_of_item = task->arrays[ARRAY_SLOT_OF_ITEM];
	Weights		weights[MOST_WEIGHTS];
	int			n = architecture->weights(o, weights);
	uint64_t	seed = draw_seed(o, DRAW_EMBEDDINGS, 0);
	double		deviation = EMBEDDING_LENGTH / sqrt((double) o->factors);

	place_weights(weights, n);
	for (int p = 0; p < n; p++)
	{
		int64_t		size = (int64_t) weights[p].rows * weights[p].columns;
		float	   *of = numbers + weights[p].offset;
		uint64_t	draw = draw_seed(o, DRAW_PARAMETERS, p);
		double		range = sqrt(6.0 / (weights[p].rows + weights[p].columns));

		for (int64_t i = 0; i < size; i++)
		{
			if (i % POLL_EVERY == 0)
				poll();
			switch (weights[p].initial)
			{
				case INITIAL_ZERO:
					of[i] = 0;
					break;
				case INITIAL_ONE:
					of[i] = 1;
					break;
				case INITIAL_GLOROT:
					of[i] = (float) (range * (2 * random_uniform(draw, i) - 1));
					break;
				case INITIAL_SMALL:
					of[i] = (float) (0.02 * random_normal(draw, i));
					break;
			}
		}
	}
	for (int64_t i = 0; i < items->n_rows; i++)
	{
		if (i % 64 == 0)
			poll();
		for (int f = 0; f < o->factors; f++)
			items->values[NETWORK_FACTORS][i * stride + f] =
				(float) (deviation * random_normal(seed, (uint64_t) (i * o->factors + f)));
		if (slot_of_item != NULL)
			slot_of_item[i] = -1;
	}
}

static void
count_events(const Task *task)
{
	History		events = trained_events(task);
	int32_t    *counts = task->arrays[ARRAY_COUNTS];

	for (int64_t e = 0; e < events.start[events.n_users]; e++)
	{
		if (e % POLL_EVERY == 0)
			poll();
		counts[events.items[e]]++;
	}
}

/* Copies the events that are relevant. */
static void
keep_relevant(const Task *task)
{
	const NetworkOptions *o = task->model->options;
	const History *events = &task->ratings->events;
	const SparseMatrix *ratings = &task->ratings->by_user;
	int64_t    *start = task->arrays[ARRAY_STARTS];
	int32_t    *items = task->arrays[ARRAY_RELEVANT];
	int64_t		n = 0;

	for (int64_t u = 0; u < events->n_users; u++)
	{
		start[u] = n;
		for (int64_t e = events->start[u]; e < events->start[u + 1]; e++)
		{
			int64_t		at = sparse_find(ratings->column, ratings->start[u], ratings->start[u + 1],
										 events->items[e]);

			if (e % 1024 == 0)
				poll();
			if (ratings->value[at] >= o->relevant_from)
				items[n++] = events->items[e];
		}
	}
	start[events->n_users] = n;
}

/* Whether all numbers of the model are finite. */
static bool
are_finite(const Task *task, const Sizes *sizes)
{
	const NetworkOptions *o = task->model->options;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);
	double		sum = sum_of_squares(model_numbers(task->model), sizes->weights) +
					  sum_of_squares(items->values[NETWORK_BIAS], items->n_rows);

	for (int64_t i = 0; i < items->n_rows; i++)
	{
		if (i % 1024 == 0)
			poll();
		sum += sum_of_squares(items->values[NETWORK_FACTORS] + i * stride, o->factors);
	}
	return isfinite(sum);
}

/* Copies the model to the best, or back. */
static void
copy_model(const Task *task, const Sizes *sizes, bool to_best)
{
	const NetworkOptions *o = task->model->options;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);
	float	   *best = task->arrays[ARRAY_BEST];
	float	   *parts[] = {model_numbers(task->model), items->values[NETWORK_BIAS]};
	float	   *of_best[] = {best, best + sizes->weights};
	int64_t		n[] = {sizes->weights, items->n_rows};

	for (int p = 0; p < 2; p++)
		memcpy(to_best ? of_best[p] : parts[p], to_best ? parts[p] : of_best[p],
			   sizeof(float) * n[p]);
	best += sizes->weights + PADDED(items->n_rows);
	for (int64_t i = 0; i < items->n_rows; i++)
	{
		float	   *embedding = items->values[NETWORK_FACTORS] + i * stride;
		float	   *copy = best + i * o->factors;

		if (i % 1024 == 0)
			poll();
		memcpy(to_best ? copy : embedding, to_best ? embedding : copy,
			   sizeof(float) * o->factors);
	}
}

/* Whether another iteration, that takes as long as those so far, would end too late. */
static bool
is_too_late(const NetworkOptions *o, Services *services, int iterations)
{
	double		seconds = o->time_budget > 0 ? services->seconds(services) : 0;

	return o->time_budget > 0 && seconds + seconds / iterations > o->time_budget;
}

const char *
network_train(const Architecture *architecture, const Task *task, Services *services)
{
	const NetworkOptions *o = task->model->options;
	Extent		extent = ratings_extent(task->ratings);
	Sizes		sizes = sizes_of(architecture, o, &extent);
	State	   *state = task->arrays[ARRAY_STATE];
	const float *qualities = task->arrays[ARRAY_QUALITY];
	double		best = -1;
	int			best_iteration = 0;

	initialize(architecture, task);
	if (o->relevant_from > ALL_RELEVANT)
		keep_relevant(task);
	if (sizes.sampled)
		count_events(task);
	hold_out(task, &sizes);
	for (int i = 1; i <= o->iterations; i++)
	{
		Iteration	iteration = {i, sizes.sampled ? 4 : 3};
		double		quality = NAN;

		cut(task, i);
		divide(task);
		/* no history has two events */
		if (state->n_batches == 0)
			break;
		state->total_loss = 0;
		state->total_events = 0;
		services->run_steps(services, NETWORK_DESCEND, &iteration, sizeof(iteration),
							state->n_batches * iteration.steps, SHARDS, 1);
		state->steps += state->n_batches;
		if (!isfinite(state->total_loss))
			return "the loss is not finite; a lower learning_rate may help";
		if (state->n_held_out > 0)
		{
			run_pass(services, NETWORK_VALIDATE, NULL, 0, state->n_held_out, sizes.at_once);
			quality = 0;
			for (int64_t h = 0; h < state->n_held_out; h++)
				quality += qualities[h];
			quality /= (double) state->n_held_out;
		}
		services->iteration_done(services, i, state->total_loss / (double) state->total_events,
								 quality);
		if (quality > best)
		{
			best = quality;
			best_iteration = i;
			copy_model(task, &sizes, true);
		}
		else if (best_iteration > 0 && i - best_iteration >= o->patience)
			break;
		if (i < o->iterations && is_too_late(o, services, i))
		{
			services->time_is_up(services);
			break;
		}
	}
	if (best_iteration > 0)
		copy_model(task, &sizes, false);
	network_map_cold_items(task, services, task->arrays[ARRAY_MAP]);
	return are_finite(task, &sizes) ? NULL : "the numbers of the network are not finite";
}
