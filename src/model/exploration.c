/*
 * exploration.c
 *	  Lists that try what is uncertain; see exploration.h.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "kernel/exploration.h"
#include "model/exploration.h"
#include "utils/lsyscache.h"

/* The scores whose deviation is the unit of the temperature. */
#define UNIT_ITEMS 100

/* Lists that are drawn for propensities. */
#define PROPENSITY_DRAWS 1000

static const char use_softmax[] = "Use method => 'softmax', which needs nothing but scores.";

void
exploration_check(const LoadedModel *loaded, const Exploration *how)
{
	const Algorithm *algorithm = loaded->model.algorithm;

	if (how->method == EXPLORATION_THOMPSON && algorithm->score_variances == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("model \"%s\" cannot be explored by method \"thompson\"",
						get_rel_name(loaded->relid)),
				 errdetail("Its algorithm, \"%s\", does not say how uncertain its scores are.",
						   algorithm->name),
				 errhint("%s", use_softmax)));
}

/* The standard deviations of the scores of n entries, times the strength of the exploration. */
static double *
score_deviations(Asker *asker, const Exploration *how, const Scored *entries, int n)
{
	const Model *model = asker->query.model;
	const Algorithm *algorithm = model->algorithm;
	double	   *deviations = palloc(sizeof(double) * Max(n, 1));
	int32		items[EXPLORED_ITEMS];

	for (int i = 0; i < n; i++)
		items[i] = entries[i].index;
	if (!algorithm->score_variances(
			model, &asker->profile, asker->query.query, items, n, deviations,
			profile_scratch(asker->loaded, algorithm->variance_scratch_bytes(
											   model, profile_length(&asker->profile)))))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("model \"%s\" does not say how uncertain its scores are",
						get_rel_name(asker->loaded->relid)),
				 errdetail("An earlier version of rec trained it, or its table was edited."),
				 errhint("Train it, or use method => 'softmax'.")));
	for (int i = 0; i < n; i++)
	{
		deviations[i] = how->strength * sqrt(deviations[i]);
		(void) finite_number((float) deviations[i]);
	}
	return deviations;
}

static double
softmax_temperature(const Scored *sorted, int n, double strength)
{
	return strength * exploration_deviation(sorted, Min(n, UNIT_ITEMS));
}

/*
 * Draws an order of n entries, and sets the propensities of the first m. The random numbers of the
 * order and of the propensities are independent, also of those of another seed.
 */
static void
draw(Asker *asker, const Exploration *how, Scored *entries, int n, int m, double *propensities)
{
	Drawn		list[EXPLORED_ITEMS];
	Scored		sorted[EXPLORED_ITEMS];
	uint64		list_seed = random_bits(how->seed, 0);

	memcpy(sorted, entries, sizeof(Scored) * n);
	if (how->method == EXPLORATION_SOFTMAX)
	{
		double		temperature = softmax_temperature(sorted, n, how->strength);

		softmax_draw(sorted, n, temperature, list_seed, list);
		softmax_propensities(sorted, n, temperature, list, m, propensities);
	}
	else
	{
		double	   *deviations = score_deviations(asker, how, sorted, n);
		ThompsonSpace space = {
			.scores = palloc(sizeof(float) * n), .best = palloc(sizeof(Scored) * n),
			.counts = palloc(sizeof(int32) * n)};

		thompson_draw(sorted, deviations, n, list_seed, list);
		thompson_propensities(sorted, deviations, n, random_bits(how->seed, 1), PROPENSITY_DRAWS,
							  list, m, propensities, &space);
	}
	for (int i = 0; i < n; i++)
		entries[i] = sorted[list[i].place];
}

void
list_explore(Asker *asker, const ListItems *items, const Exploration *how, int64 n, Top *top,
			 double *propensities)
{
	int			taking_part;

	top_sort(top);
	taking_part = (int) Min(top->count, EXPLORED_ITEMS);
	for (int64 i = 0; i < Min(n, top->capacity); i++)
		propensities[i] = 1;
	/* the best of the list is drawn from all that take part, also where the list is shorter */
	if (how->strength > 0 && taking_part > 0)
		draw(asker, how, top->heap, taking_part, (int) Min(taking_part, n), propensities);
	top->capacity = Min(top->capacity, n);
	top->count = Min(top->count, top->capacity);
	list_complete(&asker->query, items, top);
}

/*
 * Orders the n items that take part like a list: first those that it begins with, then the others.
 * Returns how many it begins with.
 */
static int
order_as_shown(const Scored *sorted, int n, const int32 *shown, int64 n_shown, Drawn *list)
{
	bool		used[EXPLORED_ITEMS] = {false};
	int			begins = 0;
	int			at;

	while (begins < n && begins < n_shown)
	{
		int			place = 0;

		while (place < n && (used[place] || sorted[place].index != shown[begins]))
			place++;
		if (place == n)
			break;
		used[place] = true;
		list[begins++] = (Drawn) {0, place};
	}
	at = begins;
	for (int place = 0; place < n; place++)
	{
		if (!used[place])
			list[at++] = (Drawn) {0, place};
	}
	return begins;
}

void
list_probabilities(Asker *asker, const ListItems *items, double strength, const int32 *shown,
				   int64 n, Top *top, ValueOfItem value_of, const void *state,
				   double *probabilities, double *expected)
{
	Scored		sorted[EXPLORED_ITEMS];
	Drawn		list[EXPLORED_ITEMS];
	double		values[EXPLORED_ITEMS];
	int			taking_part;
	int			begins = 0;

	memset(probabilities, 0, sizeof(double) * n);
	memset(expected, 0, sizeof(double) * n);
	top_sort(top);
	taking_part = strength > 0 ? (int) Min(top->count, EXPLORED_ITEMS) : 0;
	if (taking_part > 0)
	{
		double		temperature;

		memcpy(sorted, top->heap, sizeof(Scored) * taking_part);
		for (int i = 0; i < taking_part; i++)
			values[i] = value_of(state, sorted[i].index);
		temperature = softmax_temperature(sorted, taking_part, strength);
		begins = order_as_shown(sorted, taking_part, shown, n, list);
		softmax_propensities(sorted, taking_part, temperature, list, begins, probabilities);
		softmax_expectations(sorted, taking_part, temperature, list,
							 (int) Min(Min(begins + 1, taking_part), n), values, expected);
	}
	if (begins < taking_part || begins >= n)
		return;
	/* what is not drawn has one order */
	list_complete(&asker->query, items, top);
	for (int64 i = taking_part; i < Min(n, top->count); i++)
	{
		expected[i] = value_of(state, top->heap[i].index);
		if (top->heap[i].index != shown[i])
			break;
		probabilities[i] = 1;
	}
}
