/*
 * validation.c
 *	  Options that are left to the source.
 *
 * An algorithm has a rule for them, and values to try against it. The rule gives what is good on
 * most sources, and can't know the one at hand. Each of some users keeps a tenth of the ratings
 * back, one at least; the algorithm is trained on all others, with the values of the rule and
 * with others; and these users are asked for what they kept back. All users are trained on: of a
 * sample alone the wrong values win with confidence, as a sample is sparser than the source.
 *
 * A line is followed as long as it gets better. Values are taken in place of the rule's, and then
 * others in place of those, where they are better with a probability of 80 %, by the
 * randomization test over users. That is little to ask, because only values are tried that were
 * best on some set; asking for 95 % was worse or the same on each set of the study
 * (test/benchmark defaults).
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "kernel/metrics.h"
#include "kernel/random.h"
#include "miscadmin.h"
#include "run/evaluation.h"
#include "run/significance.h"
#include "run/split.h"
#include "run/validation.h"
#include "server/memory.h"
#include "utils/memutils.h"

/* Users that are asked at most, and those fewer than which say nothing. */
#define MOST_ASKED 5000
#define FEWEST_ASKED 50

/*
 * Of so many ratings of a user one is kept back: of a few users with many ratings a single one
 * each says little.
 */
#define ONE_KEPT_OF 10

/* So improbable must a difference be if there is none. */
#define SIGNIFICANCE 0.2

/*
 * Lets about MOST_ASKED users of two ratings or more keep some back, spread over their items;
 * returns how many do.
 */
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
		int64		kept;

		if (u % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (n < 2 || random_uniform(0, (uint64) u) * able >= MOST_ASKED)
			continue;
		kept = Max(n / ONE_KEPT_OF, 1);
		for (int64 i = 0; i < kept; i++)
			part[by_user->start[u] + (int64) ((random_uniform(1, (uint64) u) + i) * n / kept)] =
				PART_VALIDATION;
		asked++;
	}
	return asked;
}

/* What options are tried with. */
typedef struct Trials
{
	const Algorithm *algorithm;
	const CommonOptions *given; /* of which some are left to the source */
	const CommonOptions *rule;	/* the same, decided by the algorithm's rule */
	Interactions interactions;
	Split	   *split;
	Questions	questions;
	Figure		figure;			/* that is compared */
	TrainingMemory *memory;
	const char *name;
} Trials;

static CommonOptions *
copy_options(const Algorithm *algorithm, const CommonOptions *options)
{
	return memcpy(palloc(algorithm->options_size), options, algorithm->options_size);
}

/* Other options than those of the rule; NULL: there is no such step of such a line. */
static CommonOptions *
vary(const Trials *t, int line, int step)
{
	CommonOptions *options = copy_options(t->algorithm, t->rule);

	return vary_options(t->algorithm, t->given, line, step, options) ? options : NULL;
}

/* Trains with the options, and asks; NULL: there is no room for it, or it failed. */
static Evaluation *
try_options(const Trials *t, const CommonOptions *options)
{
	Evaluation *evaluation = evaluation_create(t->interactions.by_user.n_rows);
	CommonOptions *tried = copy_options(t->algorithm, options);

	if (t->algorithm->shorten != NULL)
		t->algorithm->shorten(tried);
	tried->validate = false;
	/* the ratings are weighed already */
	tried->weight = WEIGHT_LINEAR;
	/* beside the ratings, which are there by users and by items */
	if (!memory_has_room(
			2 * interactions_bytes(&t->interactions) + split_bytes(&t->interactions) +
			evaluation_bytes(evaluation, t->split, t->algorithm, tried, &t->questions)))
	{
		ereport(NOTICE,
				(errmsg("not all options were tried in training model \"%s\"", t->name),
				 errdetail("There is no room for more within the limit of memory."),
				 errhint("The setting rec.max_memory is the limit.")));
		return NULL;
	}
	if (evaluation_attempt(evaluation, t->split, t->algorithm, tried, &t->questions, t->memory,
						   t->name) != NULL)
		return NULL;
	return evaluation;
}

/* By how much one is better than another. */
static double
gain(const Trials *t, const Evaluation *evaluation, const Evaluation *other)
{
	return metrics[t->figure].direction *
		   (evaluation_value(evaluation, t->figure) - evaluation_value(other, t->figure));
}

/* The options that are probably best: those of the rule, or others. */
static const CommonOptions *
best_options(const Trials *t)
{
	Evaluation *rule = try_options(t, t->rule);
	Evaluation *best = rule;
	const CommonOptions *chosen = t->rule;

	if (rule == NULL)
		return chosen;
	for (int line = 0; vary(t, line, 0) != NULL; line++)
	{
		Evaluation *last = rule;
		const CommonOptions *options;

		for (int step = 0; (options = vary(t, line, step)) != NULL; step++)
		{
			Evaluation *evaluation = try_options(t, options);

			if (evaluation == NULL || !(gain(t, evaluation, last) > 0))
				break;
			last = evaluation;
			if (gain(t, evaluation, best) > 0 &&
				evaluation_p_value(evaluation, best, t->figure, 0) < SIGNIFICANCE)
			{
				best = evaluation;
				chosen = options;
			}
		}
	}
	return chosen;
}

void
decide_options(Model *model, const Ratings *ratings, TrainingMemory *memory, const char *name)
{
	const Algorithm *algorithm = model->algorithm;
	CommonOptions *options = unconstify(void *, model->options);
	int64		n = ratings->by_user.start[ratings->by_user.n_rows];
	MemoryContext context;
	MemoryContext old;
	Trials		t = {
		.algorithm = algorithm, .questions = {.k = 10, .exclude_seen = true, .relevant_from = NAN},
		.figure = options->feedback == FEEDBACK_EXPLICIT ? FIGURE_RMSE : FIGURE_NDCG, .name = name
	};

	if (algorithm->decide == NULL)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "rec validation", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	t.given = copy_options(algorithm, options);
	algorithm->decide(ratings, options);
	t.rule = copy_options(algorithm, options);
	if (options->validate && vary(&t, 0, 0) != NULL)
	{
		t.interactions = (Interactions) {.by_user = ratings->by_user, .now = ratings->now};
		t.interactions.part = palloc_extended(n, MCXT_ALLOC_HUGE);
		memset(t.interactions.part, PART_TRAIN, n);
		if (keep_back(&ratings->by_user, t.interactions.part) >= FEWEST_ASKED)
		{
			t.memory = training_memory_extend(memory, context);
			t.split = split_make(&t.interactions, PART_TRAIN, 0, PART_VALIDATION, NULL, t.memory);
			memcpy(options, best_options(&t), algorithm->options_size);
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
