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
		double		temperature =
			how->strength * exploration_deviation(sorted, Min(n, UNIT_ITEMS));

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
