/*
 * validation.c
 *	  Options that are left to the source, by trying others.
 *
 * A rule gives values that are good on most sources, and can't know the one at hand. Here each of some users keeps
 * one rating back; the algorithm is trained on all others, with the values of the rule and with some that differ from
 * them; and the users are asked for what they kept back. All users are trained on, and only those that keep something
 * back are asked: trained on a sample alone, the wrong values win with confidence, as a sample is sparser than the
 * source.
 *
 * The values of the rule stay unless others are better with a probability of 95 %, by the randomization test over
 * users: chance decides nothing.
 */
#include "postgres.h"
#include "model/compat.h"

#include <math.h>

#include "kernel/metrics.h"
#include "kernel/random.h"
#include "miscadmin.h"
#include "model/evaluation.h"
#include "model/memory.h"
#include "model/split.h"
#include "model/validation.h"
#include "utils/memutils.h"

/* Users that are asked at most, and those fewer than which say nothing. */
#define MOST_ASKED 5000
#define FEWEST_ASKED 50

/* So improbable must a difference be that it is chance. */
#define SIGNIFICANCE 0.05

/* Where one of several: the values that decide() gave, then the others. */
#define RULE (-1)

/* Lets about MOST_ASKED users of two ratings or more keep one back; returns how many do. */
static int64
keep_back(const SparseMatrix *by_user, uint8 *part)
{
	int64		able = 0;
	int64		asked = 0;

	for (int64 u = 0; u < by_user->n_rows; u++)
		able += by_user->start[u + 1] - by_user->start[u] > 1;
	for (int64 u = 0; u < by_user->n_rows; u++)
	{
		int64		n = by_user->start[u + 1] - by_user->start[u];

		if (u % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (n < 2 || random_uniform(0, (uint64) u) * able >= MOST_ASKED)
			continue;
		part[by_user->start[u] + (int64) (random_uniform(1, (uint64) u) * n)] = PART_VALIDATION;
		asked++;
	}
	return asked;
}

/* Trains with other values (or those of the rule), and asks. */
static Evaluation *
try_values(const Task *task, int which, const Split *split, const Questions *questions, const TrainingMemory *lender, const char *name)
{
	const Algorithm *algorithm = task->model->algorithm;
	Evaluation *evaluation = evaluation_create(task->ratings->by_user.n_rows);
	CommonOptions *options = memcpy(palloc(algorithm->options_size), task->model->options, algorithm->options_size);

	if (which != RULE)
		algorithm->vary(task->given, which, options);
	algorithm->shorten(options);
	options->validate = false;
	/* the ratings are weighed already */
	options->weight = WEIGHT_LINEAR;
	evaluation_run(evaluation, split, algorithm, options, questions, lender, name);
	pfree(options);
	return evaluation;
}

void
validation_choose(Task *task, TrainingMemory *memory, const char *name)
{
	const Model *model = task->model;
	const Algorithm *algorithm = model->algorithm;
	const SparseMatrix *by_user = &task->ratings->by_user;
	Figure		figure = ((const CommonOptions *) model->options)->feedback == FEEDBACK_EXPLICIT ? FIGURE_RMSE : FIGURE_NDCG;
	Questions	questions = {.k = 10, .relevant_from = NAN};
	Interactions interactions = {.by_user = *by_user, .now = task->ratings->now};
	MemoryContext context;
	MemoryContext old;
	TrainingMemory *own;
	Evaluation *rule;
	Evaluation *best = NULL;
	Split	   *split;
	int			chosen = RULE;
	void	   *scratch;

	if (algorithm->vary == NULL || !((const CommonOptions *) model->options)->validate)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "rec validation", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	scratch = memcpy(palloc(algorithm->options_size), model->options, algorithm->options_size);
	interactions.part = palloc_extended(by_user->start[by_user->n_rows], MCXT_ALLOC_HUGE);
	memset(interactions.part, PART_TRAIN, by_user->start[by_user->n_rows]);
	if (algorithm->vary(task->given, 0, scratch) && keep_back(by_user, interactions.part) >= FEWEST_ASKED)
	{
		own = training_memory_extend(memory, context);
		interactions.memory = own;
		split = split_make(&interactions, PART_TRAIN, 0, PART_VALIDATION, NULL, own);
		rule = try_values(task, RULE, split, &questions, own, name);
		for (int i = 0; algorithm->vary(task->given, i, scratch); i++)
		{
			Evaluation *other = try_values(task, i, split, &questions, own, name);
			double		gain = metrics[figure].direction * (evaluation_value(other, figure) - evaluation_value(best == NULL ? rule : best, figure));

			if (gain > 0 && evaluation_p_value(other, rule, figure, 0) < SIGNIFICANCE)
			{
				best = other;
				chosen = i;
			}
		}
		if (chosen != RULE)
			algorithm->vary(task->given, chosen, unconstify(void *, model->options));
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
