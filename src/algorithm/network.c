/*
 * network.c
 *	  Networks over histories: their options, and what is asked of them, for every architecture
 *	  (network.h).
 *
 * A question's query is the output after the last event of the profile, of which the network reads
 * the last max_length. Scores are inner products of it with the items' embeddings, plus their
 * biases: logits, of which the softmax over all items is the probability that the item comes next.
 *
 * An explanation adds the items of the history one after another and computes the score each time,
 * so that what they contribute adds up to it (network_explain).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algorithm/network.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* The items up to which all of them are candidates, and the candidates of larger catalogues. */
#define FEW_ITEMS 10000
#define CANDIDATES 4096

/*
 * The steps of an iteration for which batches are made, and the least and most events of a batch.
 * With few steps an iteration hardly changes the model, and training would end before it has begun
 * to learn.
 */
#define STEPS 250
#define LEAST_BATCH 256
#define LARGEST_BATCH 4096

/* ---- options ---- */

/* The option negatives: as given, or as decided for this number of items. */
static int32_t
negatives_of(const NetworkOptions *o, int64_t n_items)
{
	if (o->negatives != UNDECIDED)
		return o->negatives;
	return n_items <= FEW_ITEMS ? 0 : CANDIDATES;
}

void
network_decide(const Ratings *ratings, void *options)
{
	NetworkOptions *o = options;

	o->negatives = negatives_of(o, ratings->by_item.n_rows);
	o->batch_size = network_batch_size(o, ratings->events.start[ratings->events.n_users]);
}

int32_t
network_batch_size(const NetworkOptions *o, int64_t n_events)
{
	int32_t		size = LEAST_BATCH;

	if (o->batch_size != UNDECIDED)
		return o->batch_size;
	/* the power of two that is nearest, by ratio */
	while (size < LARGEST_BATCH && (double) size * M_SQRT2 * STEPS < (double) n_events)
		size *= 2;
	return size;
}

int64_t
network_candidates(const NetworkOptions *o, int64_t n_items)
{
	int64_t		drawn = negatives_of(o, n_items);

	return drawn == 0 ? n_items : min64(drawn, n_items);
}

unsigned
network_needs(const void *options)
{
	const NetworkOptions *o = options;

	/* ratings tell which events are relevant */
	return NEEDS_EVENTS | USES_ITEM_FEATURES | NEEDS_INTERCEPT |
		   (o->relevant_from > ALL_RELEVANT ? NEEDS_RATINGS : 0);
}

int
network_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS && side != SIDE_ITEM_FEATURES)
		return 0;
	columns[NETWORK_BIAS] = (Column)
	{
		"bias", COLUMN_NUMBER, 0, "what is added to the item's score, after any history"
	};
	columns[NETWORK_FACTORS] = (Column)
	{
		"factors", COLUMN_VECTOR, ((const NetworkOptions *) options)->factors,
		"the item's embedding: what the network reads of an event, and whose dot product with what "
		"it makes of a history is the item's score"
	};
	return NETWORK_COLUMNS;
}

int64_t
place_weights(Weights *weights, int n)
{
	int64_t		offset = 0;

	for (int i = 0; i < n; i++)
	{
		weights[i].offset = offset;
		offset += PADDED((int64_t) weights[i].rows * weights[i].columns);
	}
	return offset;
}

int64_t
network_numbers(const Architecture *architecture, const NetworkOptions *o)
{
	Weights		weights[MOST_WEIGHTS];

	return place_weights(weights, architecture->weights(o, weights));
}

int
network_parameters(const Architecture *architecture, const void *options, Parameter *parameters)
{
	Weights		weights[MOST_WEIGHTS];
	int			n = architecture->weights(options, weights);

	for (int i = 0; i < n && parameters != NULL; i++)
	{
		Parameter  *p = &parameters[i];

		if (weights[i].layer > 0)
			snprintf(p->name, sizeof(p->name), "layer_%d_%s", weights[i].layer, weights[i].name);
		else
			snprintf(p->name, sizeof(p->name), "%s", weights[i].name);
		p->n_dimensions = weights[i].rows > 1 ? 2 : 1;
		p->shape[0] = weights[i].rows > 1 ? weights[i].rows : weights[i].columns;
		p->shape[1] = weights[i].columns;
	}
	return n;
}

int
network_iterations(const void *options)
{
	return ((const NetworkOptions *) options)->iterations;
}

const char *
network_refuses_refresh(const void *options)
{
	return "Its numbers are learned in steps through all events, and not row by row.";
}

/* ---- outputs ---- */

size_t
network_lay_out(const Architecture *architecture, const NetworkOptions *o, int64_t n_sequences,
				int64_t n_rows, const void *memory, OutputSpace *w)
{
	Pieces		p = {memory, 0};
	int64_t		k = o->factors;

	w->length = add_piece(&p, sizeof(int32_t) * n_sequences);
	w->begin = add_piece(&p, sizeof(int32_t) * (max64(n_sequences, o->max_length) + 1));
	w->x = add_piece(&p, sizeof(float) * n_rows * k);
	w->outputs = add_piece(&p, sizeof(float) * n_rows * k);
	w->space = add_piece(&p, architecture->space_bytes(o, n_rows, n_sequences, false));
	return p.bytes;
}

void
network_place_rows(const Architecture *architecture, Sequences *sequences, int32_t *begin)
{
	sequences->longest = sequences->n > 0 ? sequences->length[0] : 0;
	sequences->begin = begin;
	begin[0] = 0;
	if (architecture->time_major)
	{
		int			active = sequences->n;

		for (int t = 0; t < sequences->longest; t++)
		{
			while (active > 0 && sequences->length[active - 1] <= t)
				active--;
			begin[t + 1] = begin[t] + active;
		}
		sequences->n_rows = begin[sequences->longest];
	}
	else
	{
		for (int s = 0; s < sequences->n; s++)
			begin[s + 1] = begin[s] + sequences->length[s];
		sequences->n_rows = begin[sequences->n];
	}
}

void
network_outputs(const Architecture *architecture, const Model *model, const EventList *histories,
				int n, float *outputs, const OutputSpace *w)
{
	const NetworkOptions *o = model->options;
	const Side *items = &model->sides[SIDE_ITEMS];
	Sequences	sequences = {.n = n, .length = w->length};
	int			k = o->factors;
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);

	for (int s = 0; s < n; s++)
		w->length[s] = (int32_t) min64(histories[s].n, o->max_length);
	network_place_rows(architecture, &sequences, w->begin);
	for (int s = 0; s < n; s++)
	{
		const int32_t *events = histories[s].items + histories[s].n - w->length[s];

		for (int t = 0; t < w->length[s]; t++)
			memcpy(w->x + network_row(architecture, &sequences, s, t) * k,
				   items->values[NETWORK_FACTORS] + events[t] * stride, sizeof(float) * k);
	}
	architecture->forward(o, model_numbers(model), &sequences, w->x, w->outputs, NULL, false,
						  w->space);
	for (int s = 0; s < n; s++)
		memcpy(outputs + (int64_t) s * k,
			   w->outputs + network_row(architecture, &sequences, s, w->length[s] - 1) * k,
			   sizeof(float) * k);
}

/* ---- asking ---- */

/* The derived block of a loaded model: the norms of factors.h. */
size_t
network_derived_bytes(const Model *model)
{
	return factors_norms_bytes(model->sides[SIDE_ITEMS].n_rows);
}

void
network_prepare(Model *model)
{
	factors_compute_norms(model, model->derived);
}

/* A query is the output after the last event, padded. */
size_t
network_query_bytes(const Model *model, int64_t profile_length)
{
	return sizeof(float) * PADDED(((const NetworkOptions *) model->options)->factors);
}

/* The memory for a query, and for explaining a score. */
typedef struct QueryScratch
{
	int32_t    *items;			/* of the events that the network reads */
	int32_t    *last;			/* of each of these: the last event with its item */
	int32_t    *some;			/* the items of some of these events */
	float	   *output;			/* after these */
	OutputSpace outputs;
} QueryScratch;

static size_t
lay_out_query(const Architecture *architecture, const Model *model, int64_t profile_length,
			  const void *memory, QueryScratch *s)
{
	const NetworkOptions *o = model->options;
	Pieces		p = {memory, 0};
	int64_t		n = min64(profile_length, o->max_length);

	s->items = add_piece(&p, sizeof(int32_t) * n);
	s->last = add_piece(&p, sizeof(int32_t) * n);
	s->some = add_piece(&p, sizeof(int32_t) * n);
	s->output = add_piece(&p, sizeof(float) * o->factors);
	return p.bytes + network_lay_out(architecture, o, 1, n,
									 memory == NULL ? NULL : (const char *) memory + p.bytes,
									 &s->outputs);
}

size_t
network_query_scratch_bytes(const Architecture *architecture, const Model *model,
							int64_t profile_length)
{
	QueryScratch s;

	return lay_out_query(architecture, model, profile_length, NULL, &s);
}

/* The last events of a profile that the network reads, at most max_length. */
static EventList
last_events(const NetworkOptions *o, const Profile *profile, int32_t *items)
{
	int64_t		most = min64(profile->n_events, o->max_length);
	int64_t		at = most;

	for (int64_t e = profile->n_events - 1; e >= 0 && at > 0; e--)
	{
		if (o->relevant_from > ALL_RELEVANT)
		{
			int32_t		item = profile->events[e];
			int64_t		place = sparse_find(profile->items, 0, profile->n, item);

			if (e % 1024 == 0)
				poll();
			if (place < profile->n && profile->items[place] == item &&
				profile->ratings[place] < o->relevant_from)
				continue;
		}
		items[--at] = profile->events[e];
	}
	return (EventList) {items + at, most - at};
}

bool
network_make_query(const Architecture *architecture, const Model *model, const Profile *profile,
				   void *query, void *scratch)
{
	const NetworkOptions *o = model->options;
	QueryScratch s;
	EventList	events;

	lay_out_query(architecture, model, profile_length(profile), scratch, &s);
	events = last_events(o, profile, s.items);
	memset(query, 0, sizeof(float) * PADDED(o->factors));
	if (events.n > 0)
		network_outputs(architecture, model, &events, 1, query, &s.outputs);
	return factors_stay_finite(model, model->derived, query, 0);
}

/* A difference of scores is a logarithm of odds, so the unit is 1. */
bool
network_speaks(const Model *model, const void *query)
{
	return factors_speak(model, model->derived, query, 0, 1);
}

bool
network_inner_product(const Model *model, InnerProduct *product)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	product->width = ((const NetworkOptions *) model->options)->factors;
	product->stride = column_stride(&items->columns[NETWORK_FACTORS]);
	product->factors = items->values[NETWORK_FACTORS];
	product->bias = items->values[NETWORK_BIAS];
	return true;
}

const float *
network_query_vector(const Model *model, const void *query, float *constant)
{
	*constant = 0;
	return query;
}

/* The score of an item, which may be a new one; output NULL: after no event. */
static inline float
score_of(const Model *model, const float *output, int32_t item)
{
	int64_t		row;
	const Side *items = side_of_item(model, item, &row);
	const Column *column = &items->columns[NETWORK_FACTORS];

	if (output == NULL)
		return items->values[NETWORK_BIAS][row];
	return vector_dot(output, items->values[NETWORK_FACTORS] + row * column_stride(column),
					  column->width) + items->values[NETWORK_BIAS][row];
}

/* Scores are logarithms of odds. A smaller change is the rounding of the network's products. */
#define NO_CHANGE 1e-5f

/*
 * A contribution is an estimate of the Shapley value: how much the score rises when the item comes
 * to a part of the history, in the mean over the orders in which items may come (Strumbelj &
 * Kononenko 2014). Of all orders two are computed, in which the items come by their last event,
 * the earliest first and the latest first: an order and its reverse, an antithetic pair (Mitchell,
 * Cooper, Frank & Holmes 2022, "Sampling permutations for Shapley value estimation"). So
 * contributions add up to what the whole history adds to the score after no event, whatever items
 * do only together. Leaving one item out, and the gradient times the input, add up to a part of
 * that (test/bench/explanation.sql).
 */
void
network_explain(const Architecture *architecture, const Model *model, const Profile *profile,
				const void *query, int32_t item, float *contributions, float *baseline,
				void *scratch)
{
	float		score = score_of(model, query, item);
	double		sum = 0;
	QueryScratch s;
	EventList	events;

	lay_out_query(architecture, model, profile_length(profile), scratch, &s);
	events = last_events(model->options, profile, s.items);
	memset(contributions, 0, sizeof(float) * profile->n);
	for (int64_t e = events.n - 1; e >= 0; e--)
	{
		int64_t		later = e + 1;

		while (later < events.n && events.items[later] != events.items[e])
			later++;
		s.last[e] = later < events.n ? s.last[later] : (int32_t) e;
	}
	for (int direction = 1; direction >= -1; direction -= 2)
	{
		float		before = score_of(model, NULL, item);

		for (int64_t n = 0; n < events.n; n++)
		{
			int64_t		e = direction > 0 ? n : events.n - 1 - n;
			EventList	some = {s.some, 0};
			int64_t		place;
			float		after;

			poll();
			if (s.last[e] != e)
				continue;
			for (int64_t f = 0; f < events.n; f++)
			{
				if (direction > 0 ? s.last[f] <= e : s.last[f] >= e)
					s.some[some.n++] = events.items[f];
			}
			network_outputs(architecture, model, &some, 1, s.output, &s.outputs);
			after = score_of(model, s.output, item);
			if (fabsf(after - before) < NO_CHANGE)
				continue;
			place = sparse_find(profile->items, 0, profile->n, events.items[e]);
			if (place < profile->n && profile->items[place] == events.items[e])
			{
				contributions[place] += (after - before) / 2;
				sum += (after - before) / 2;
			}
			before = after;
		}
	}
	*baseline = (float) (score - sum);
}

void
network_similar_items(const Model *model, int32_t item, int64_t first, int64_t n,
					  float *similarity)
{
	factors_similar_items(model, model->derived, item, first, n, similarity);
}
