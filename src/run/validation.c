/*
 * validation.c
 *	  Options that are left to the source.
 *
 * An algorithm has a rule for these options, and other values to try. The rule gives values that
 * are good on most sources, but perhaps not on this one. Some users keep a tenth of their ratings
 * back, at least one each. The algorithm is trained on all other ratings, with the values of the
 * rule and with others, and these users are asked for the ratings that they kept back. All users
 * are trained on: a sample of users would be sparser than the source, and would confidently choose
 * wrong values.
 *
 * A line of values is followed as long as it improves. Values replace those of the rule, and later
 * values replace these, if they are better with a probability of 80 %, by the randomization test
 * over users. This is a low threshold, because all values that are tried were best on some data
 * set; requiring 95 % was worse or the same on each set of the study (test/benchmark defaults).
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

/* The most users that are asked, and the fewest from which a choice is made. */
#define MOST_ASKED 5000
#define FEWEST_ASKED 50

/*
 * One of this many ratings of a user is kept back: with few users who have many ratings, a single
 * rating each would tell little.
 */
#define ONE_KEPT_OF 10

/* The largest p-value of a difference that counts. */
#define SIGNIFICANCE 0.2

/* Whether a user has at least two items. */
static bool
is_able(const SparseMatrix *by_user, int64 user)
{
	int64		first = by_user->start[user];
	int64		end = by_user->start[user + 1];

	return end - first > 1 && by_user->column[first] != by_user->column[end - 1];
}

/* Keeps a user's rating back, and those of the same item in other contexts. */
static void
keep_rating(const SparseMatrix *by_user, int64 user, int64 at, uint8 *part)
{
	int64		begin = at;
	int64		end = at + 1;

	while (begin > by_user->start[user] && by_user->column[begin - 1] == by_user->column[at])
		begin--;
	while (end < by_user->start[user + 1] && by_user->column[end] == by_user->column[at])
		end++;
	memset(part + begin, PART_VALIDATION, end - begin);
}

/*
 * Lets about MOST_ASKED users with at least two items keep some ratings back, spread over their
 * items. Returns the number of these users.
 */
static int64
keep_back(const SparseMatrix *by_user, uint8 *part)
{
	int64		able = 0;
	int64		asked = 0;

	for (int64 u = 0; u < by_user->n_rows; u++)
		able += is_able(by_user, u);
	for (int64 u = 0; u < by_user->n_rows; u++)
	{
		int64		n = by_user->start[u + 1] - by_user->start[u];
		int64		kept;

		if (u % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!is_able(by_user, u) || random_uniform(0, (uint64) u) * able >= MOST_ASKED)
			continue;
		kept = Max(n / ONE_KEPT_OF, 1);
		for (int64 i = 0; i < kept; i++)
			keep_rating(by_user, u,
						by_user->start[u] +
							(int64) ((random_uniform(1, (uint64) u) + i) * n / kept),
						part);
		asked++;
	}
	return asked;
}

/* What the trials of options have in common. */
typedef struct Trials
{
	const Algorithm *algorithm;
	const CommonOptions *given; /* some of these are left to the source */
	const CommonOptions *rule;	/* the same options, decided by the algorithm's rule */
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

/* Other options than the rule's; NULL: the line has no such step. */
static CommonOptions *
vary(const Trials *t, int line, int step)
{
	CommonOptions *options = copy_options(t->algorithm, t->rule);

	return vary_options(t->algorithm, t->given, line, step, options) ? options : NULL;
}

/* Trains with the options, and asks. NULL: it failed, or there is not enough memory. */
static Evaluation *
try_options(const Trials *t, const CommonOptions *options)
{
	Evaluation *evaluation = evaluation_create(t->interactions.by_user.n_rows);
	CommonOptions *tried = copy_options(t->algorithm, options);

	if (t->algorithm->shorten != NULL)
		t->algorithm->shorten(tried);
	tried->validate = false;
	/* the ratings are already weighed */
	tried->weight = WEIGHT_LINEAR;
	/* besides the ratings, which are in memory by users and by items */
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

/* By how much one evaluation is better than another. */
static double
gain(const Trials *t, const Evaluation *evaluation, const Evaluation *other)
{
	return metrics[t->figure].direction *
		   (evaluation_value(evaluation, t->figure) - evaluation_value(other, t->figure));
}

/* The options that are probably the best: the rule's, or others. */
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
		t.interactions = (Interactions) {.by_user = ratings->by_user,
										 .n_contexts = ratings->contexts.by_row.n_rows,
										 .rule = source_merge_rule(options->feedback),
										 .now = ratings->now};
		if (ratings->by_user.context != NULL)
			t.interactions.context_features = &ratings->contexts;
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
