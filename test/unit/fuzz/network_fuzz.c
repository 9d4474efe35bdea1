/*
 * network_fuzz.c
 *	  Networks over histories with any finite numbers: their outputs, gradients and losses, and what
 *	  is asked of them, for events in any order, again and again.
 */
#define _POSIX_C_SOURCE 200112L
#include "asking.h"

#include "algorithm/network.h"
#include "kernel/cross_entropy.h"

extern const Architecture sasrec_architecture;

static const struct
{
	const Algorithm *algorithm;
	const Architecture *architecture;
} networks[] = {{&sasrec_algorithm, &sasrec_architecture}};

#define MOST_SEQUENCES 6
#define MOST_EVENTS 60

/* All numbers of a model: those that the reader of model tables accepts are finite. */
static void
take_model(Input *in, Model *model, int64_t n_items, Range range)
{
	Side	   *items = &model->sides[SIDE_ITEMS];
	Side	   *side = &model->sides[SIDE_PARAMETERS];
	int			width = ((const NetworkOptions *) model->options)->factors;
	Parameter	parameters[MAX_PARAMETERS];
	int			n;

	items->n_rows = n_items;
	model_set_items(model, n_items);
	n = model_parameters(model, parameters);
	items->n_ratings = fresh(sizeof(int32_t) * n_items);
	for (int c = 0; c < items->n_columns; c++)
	{
		int64_t		stride = column_stride(&items->columns[c]);

		items->values[c] = fresh(sizeof(float) * side_floats(items, c));
		for (int64_t i = 0; i < n_items * stride; i++)
		{
			if (stride == 1 || i % stride < width)
				items->values[c][i] = take_float(in, range);
		}
	}
	side->values[PARAMETER_NUMBERS] = fresh(sizeof(float) * side_floats(side, PARAMETER_NUMBERS));
	for (int p = 0; p < n; p++)
	{
		float	   *numbers = model_numbers(model) + parameter_offset(parameters, p);

		for (int64_t i = 0; i < parameter_numbers(&parameters[p]); i++)
			numbers[i] = take_float(in, range);
	}
	model->n_users = 1;
	model->derived = dirty(model_derived_bytes(model));
	model_prepare(model);
}

/* Outputs of some sequences together, forward and backward, and their losses. */
static void
check_outputs(Input *in, const Architecture *architecture, const Model *model, Range range)
{
	const NetworkOptions *o = model->options;
	const Side *items = &model->sides[SIDE_ITEMS];
	int64_t		n_items = items->n_rows;
	int64_t		stride = column_stride(&items->columns[NETWORK_FACTORS]);
	int			k = o->factors;
	Sequences	sequences = {.n = 1 + (int32_t) take_below(in, MOST_SEQUENCES)};
	int32_t    *length = fresh(sizeof(int32_t) * sequences.n);
	int32_t    *begin = fresh(sizeof(int32_t) * (max64(sequences.n, o->max_length) + 1));
	int64_t		n_candidates = 1 + take_below(in, n_items);
	Candidates	candidates = {k, stride, n_candidates, items->values[NETWORK_FACTORS],
							  items->values[NETWORK_BIAS], NULL};
	Dropout		dropout = {(float) o->dropout, 1, 0};
	float	   *outputs[2];
	float	   *x;
	float	   *d_outputs;
	float	   *d_weights;
	float	   *d_embeddings;
	float	   *d_bias;
	float	   *correction;
	int32_t    *targets;
	int32_t    *events;
	void	   *space[2];
	double		loss;

	length[0] = 1 + (int32_t) take_below(in, o->max_length);
	for (int s = 1; s < sequences.n; s++)
		length[s] = 1 + (int32_t) take_below(in, length[s - 1]);
	sequences.length = length;
	network_place_rows(architecture, &sequences, begin);
	x = dirty(sizeof(float) * sequences.n_rows * k);
	events = fresh(sizeof(int32_t) * sequences.n_rows);
	targets = fresh(sizeof(int32_t) * sequences.n_rows);
	for (int r = 0; r < sequences.n_rows; r++)
	{
		events[r] = (int32_t) take_below(in, n_items);
		targets[r] = (int32_t) take_below(in, n_items);
	}
	for (int training = 0; training < 2; training++)
	{
		outputs[training] = dirty(sizeof(float) * sequences.n_rows * k);
		space[training] = dirty(
			architecture->space_bytes(o, sequences.n_rows, sequences.n, training != 0));
		for (int r = 0; r < sequences.n_rows; r++)
			memcpy(x + (int64_t) r * k, items->values[NETWORK_FACTORS] + events[r] * stride,
				   sizeof(float) * k);
		architecture->forward(o, model_numbers(model), &sequences, x, outputs[training],
							  take_bool(in) ? &dropout : NULL, training != 0, space[training]);
	}
	for (int64_t i = 0; i < (int64_t) sequences.n_rows * k; i++)
	{
		if (range <= RANGE_MODERATE)
			CHECK(isfinite(outputs[0][i]) && isfinite(outputs[1][i]));
	}
	correction = fresh(sizeof(float) * n_candidates);
	for (int64_t j = 0; j < n_candidates; j++)
		correction[j] = (float) take_below(in, 10);
	candidates.correction = take_bool(in) ? correction : NULL;
	d_outputs = dirty(sizeof(float) * sequences.n_rows * k);
	d_embeddings = fresh(sizeof(float) * n_items * k);
	d_bias = fresh(sizeof(float) * n_items);
	d_weights = fresh(sizeof(float) * network_numbers(architecture, o));
	loss = cross_entropy(&candidates, outputs[1], targets, sequences.n_rows, 1, d_outputs,
						 d_embeddings, d_bias, dirty(cross_entropy_scratch(n_candidates)));
	if (range <= RANGE_MODERATE)
	{
		CHECK(isfinite(loss) && loss > -1e-3);
		for (int64_t i = 0; i < (int64_t) sequences.n_rows * k; i++)
			CHECK(isfinite(d_outputs[i]));
		for (int64_t i = 0; i < n_items; i++)
			CHECK(isfinite(d_bias[i]));
	}
	architecture->backward(o, model_numbers(model), &sequences, d_outputs, x, d_weights,
						   take_bool(in) ? &dropout : NULL, space[1]);
}

/*
 * A history in any order. Events before the last that are read, and those that are not relevant,
 * are of no account.
 */
static void
check_history(Input *in, const Model *model, Range range)
{
	const NetworkOptions *o = model->options;
	const Algorithm *algorithm = model->algorithm;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	int64_t		n_events = take_below(in, MOST_EVENTS + 1);
	int32_t    *events = fresh(sizeof(int32_t) * n_events);
	int32_t    *read = fresh(sizeof(int32_t) * n_events);
	int32_t    *of_profile = fresh(sizeof(int32_t) * n_items);
	float	   *ratings = fresh(sizeof(float) * n_items);
	float	   *of_item = fresh(sizeof(float) * n_items);
	char	   *has = fresh((size_t) n_items);
	float	   *scores = dirty(sizeof(float) * n_items);
	Profile		profile = {.items = of_profile, .ratings = ratings, .events = events};
	Profile		shorter;
	int64_t		n_read = 0;
	bool		made[2];
	void	   *queries[2];

	for (int64_t e = 0; e < n_events; e++)
	{
		events[e] = (int32_t) take_below(in, n_items);
		has[events[e]] = 1;
	}
	profile.n_events = n_events;
	for (int32_t i = 0; i < n_items; i++)
	{
		if (!has[i])
			continue;
		of_item[i] = ratings[profile.n] = take_float(in, range);
		of_profile[profile.n++] = i;
	}
	for (int64_t e = 0; e < n_events; e++)
	{
		if (of_item[events[e]] >= o->relevant_from || o->relevant_from <= ALL_RELEVANT)
			read[n_read++] = events[e];
	}
	shorter = profile;
	shorter.events = read + max64(n_read - o->max_length, 0);
	shorter.n_events = min64(n_read, o->max_length);
	for (int i = 0; i < 2; i++)
	{
		const Profile *asked = i == 0 ? &profile : &shorter;
		int64_t		length = profile_length(asked);

		queries[i] = dirty(model_query_bytes(model, length));
		model_make_queries(model, asked, 1, queries[i], 0, &made[i],
						   dirty(model_query_scratch_bytes(model, length)));
	}
	CHECK(made[0] == made[1]);
	if (range <= RANGE_MODERATE)
		CHECK(made[0]);
	if (!made[0])
		return;
	CHECK(memcmp(queries[0], queries[1], sizeof(float) * o->factors) == 0);
	algorithm->score_items(model, queries[0], NULL, 0, n_items, scores);
	for (int64_t i = 0; i < n_items; i++)
		CHECK(isfinite(scores[i]));
	(void) algorithm->speaks(model, queries[0]);
	if (profile.n > 0)
		check_explanation(model, &profile, queries[0], (int32_t) take_below(in, n_items), range,
						  false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_FINITE);
	int			which = (int) take_below(&in, sizeof(networks) / sizeof(networks[0]));
	Model		model = {.algorithm = networks[which].algorithm};

	model.options = take_options(&in, model.algorithm, range);
	take_model(&in, &model, 1 + take_below(&in, 20), range);
	show_model(&model, range);
	check_outputs(&in, networks[which].architecture, &model, range);
	for (int i = 0; i < 3; i++)
		check_history(&in, &model, range);
	end_case();
	return 0;
}
