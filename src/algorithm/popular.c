/*
 * popular.c
 *	  Popularity: one score per item, the same for everybody.
 *
 * An event of age t weighs 0.5 ^ (t / half_life). Ages are counted back from the newest event of
 * all, or from now where that event lies in the future; events of the future count as new. This is
 * the decay of Ding & Li 2005, "Time weight collaborative filtering"; its value for popularity is
 * shown by Ji, Sun, Zhang & Li 2020, "A re-visit of the popularity baseline in recommender systems"
 * (there DecayPop). Without a half-life each event weighs 1. An item's score is
 *
 *	count	the sum of the weights w of its events, each times the event's own weight where
 *			feedback is implicit
 *	mean	(sum of w r + damping * mean) / (sum of w + damping): the mean of the ratings as if
 *			`damping` more ratings had been equal to the mean of all. This is the posterior mean of
 *			a normal mean under a normal prior, and the "Bayesian average" of rating sites; an item
 *			with few ratings stays near the mean.
 *	trend	q(R + damping) / (E + damping), with R the item's count with decay, and E its expected
 *			count: share times its count without decay, where share = sum of R / sum of counts over
 *			all items. So 2 is twice as many recent events as expected. R is taken for Poisson with
 *			mean m E, and m for Gamma with mean 1 and shape `damping`; given R, m is then Gamma with
 *			shape R + damping and rate E + damping, and the score is the bound that m exceeds with a
 *			probability of 95 %: DuMouchel & Pregibon 2001, "Empirical Bayes screening for
 *			multi-item associations" (there EB05). Two recent events among two are little evidence,
 *			and two hundred among a thousand are much. q(k), that bound for the Gamma distribution
 *			of shape k and rate 1, is k (1 - 1 / (9 k) - 1.645 / (3 sqrt k))^3, or 0 where that is
 *			negative (Wilson & Hilferty 1931, "The distribution of chi-square").
 *
 * Training is one or two passes over the items, and needs 24 bytes per item.
 */
#include <math.h>
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/poll.h"

typedef enum By
{
	BY_COUNT,
	BY_MEAN,
	BY_TREND
} By;

typedef struct PopularOptions
{
	CommonOptions common;
	int32_t		by;
	double		half_life;		/* seconds */
	double		damping;
} PopularOptions;

#define SECONDS_PER_DAY 86400.0
#define TREND_HALF_LIFE (30 * SECONDS_PER_DAY)

static const char *const by_choices[] = {"count", "mean", "trend", NULL};

static const Option popular_options[] = {
	FEEDBACK_OPTION,
	{"by", OPTION_CHOICE, offsetof(PopularOptions, by), {"mean", "count"}, 0, 0, by_choices,
	"count: the number of an item's events (implicit feedback: the sum of their weights); mean: "
	"its mean rating, damped; trend: its number of recent events, relative to the average of items "
	"with as many events, by its lower bound (95 %), damped"},
	{"half_life", OPTION_INTERVAL, offsetof(PopularOptions, half_life), {"0", "0"}, 0,
	1e6 * SECONDS_PER_DAY, NULL,
	"the age at which an event counts half, from the newest event, or from now if that lies in the "
	"future, such as \"30 days\" (a month counts 30); 0: all count alike (by trend: 30 days); "
	"needs a time column, in which numbers are seconds since 1970"},
	{"damping", OPTION_REAL, offsetof(PopularOptions, damping), {"5", "5"}, 0, 1e12, NULL,
	"by mean: an item counts as if it had this many more ratings equal to the mean of all; by "
	"trend: as if it had this many more recent events, as expected"},
	WEIGHT_OPTION("log"),
	{NULL}
};

enum
{
	COLUMN_SCORE,
	N_COLUMNS
};

enum
{
	/* of each item: the time of its newest event with a finite time; INT64_MIN: there is none */
	ARRAY_NEWEST,
	ARRAY_WEIGHT,				/* of each item: the weight of its events with decay */
	/* of each item: the sum that the score is made from; for trend without decay */
	ARRAY_SUM,
	N_ARRAYS
};

/* Items that a worker takes at once. */
#define BLOCK_ITEMS 64

/*
 * Events between two polls: some hundred microseconds, or a millisecond with an exponential for
 * each.
 */
#define POLL_EVENTS 32768

static int
popular_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_SCORE] = (Column)
	{
		"score", COLUMN_NUMBER, 0, "what items are ranked by"
	};
	return N_COLUMNS;
}

static double
half_life(const PopularOptions *o)
{
	return o->half_life == 0 && o->by == BY_TREND ? TREND_HALF_LIFE : o->half_life;
}

static unsigned
popular_needs(const void *options)
{
	return NEEDS_RATINGS | (half_life(options) > 0 ? NEEDS_TIMES : 0);
}

static int
popular_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	bytes[ARRAY_NEWEST] = sizeof(int64_t) * extent->n_items;
	bytes[ARRAY_WEIGHT] = sizeof(double) * extent->n_items;
	bytes[ARRAY_SUM] = sizeof(double) * extent->n_items;
	return N_ARRAYS;
}

/* A pass over the items: their newest finite times. Its argument is not used. */
static void
pass_newest(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SparseMatrix *m = &task->ratings->by_item;
	int64_t    *newest = task->arrays[ARRAY_NEWEST];

	for (int64_t i = begin; i < end; i++)
	{
		newest[i] = INT64_MIN;
		for (int64_t j = m->start[i]; j < m->start[i + 1]; j++)
		{
			if (m->time[j] > newest[i] && m->time[j] < INT64_MAX)
				newest[i] = m->time[j];
			if (j % POLL_EVENTS == 0)
				poll();
		}
	}
	poll();
}

/*
 * Sums of an item's events, which are a row of a matrix: their weight with decay, from this time
 * back with this rate, and what the score is about. Later events count as new.
 */
static void
sum_events(const PopularOptions *o, const SparseMatrix *m, int64_t row, double rate, double newest,
		   double *weight, double *sum)
{
	bool		weighted = o->common.feedback == FEEDBACK_IMPLICIT && o->by != BY_MEAN;

	*weight = *sum = 0;
	for (int64_t j = m->start[row]; j < m->start[row + 1]; j++)
	{
		double		event = weighted ? m->value[j] : 1;
		double		decayed =
			rate == 0 ? event : event * exp2(rate * fmin((double) m->time[j] - newest, 0));

		*weight += decayed;
		*sum += o->by == BY_MEAN ? decayed * m->value[j] : event;
		if (j % POLL_EVENTS == 0)
			poll();
	}
}

/*
 * A pass over the items: their sums. Its argument is the time from which ages are counted back.
 */
static void
pass_sum(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const PopularOptions *o = task->model->options;
	const SparseMatrix *m = &task->ratings->by_item;
	double		newest = (double) *(const int64_t *) argument;
	double		rate = half_life(o) > 0 && m->time != NULL ? 1 / (half_life(o) * 1e6) : 0;
	double	   *weights = task->arrays[ARRAY_WEIGHT];
	double	   *sums = task->arrays[ARRAY_SUM];

	for (int64_t i = begin; i < end; i++)
		sum_events(o, m, i, rate, newest, &weights[i], &sums[i]);
	poll();
}

enum
{
	PASS_NEWEST,
	PASS_SUM
};

static const Pass popular_passes[] = {
	[PASS_NEWEST] = pass_newest,
	[PASS_SUM] = pass_sum
};

/* The bound that a Gamma variable of this shape and rate 1 exceeds with a probability of 95 %. */
static double
gamma_bound(double shape)
{
	double		root = shape > 0 ? 1 - 1 / (9 * shape) - 1.645 / (3 * sqrt(shape)) : 0;

	return root > 0 ? shape * root * root * root : 0;
}

/* share: of all events' weight, what decay leaves of it. */
static double
score_of_sums(const Model *model, double weight, double sum, double share)
{
	const PopularOptions *o = model->options;
	double		expected = share * sum + o->damping;

	switch ((By) o->by)
	{
		case BY_COUNT:
			break;
		case BY_MEAN:
			return weight + o->damping > 0
					   ? (sum + o->damping * model->scale.mean) / (weight + o->damping)
					   : model->scale.mean;
		case BY_TREND:
			return expected > 0 ? gamma_bound(weight + o->damping) / expected : 0;
	}
	return weight;
}

static const char *
popular_train(const Task *task, Services *services)
{
	Model	   *model = task->model;
	const PopularOptions *o = model->options;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	const int64_t *newest = task->arrays[ARRAY_NEWEST];
	const double *weights = task->arrays[ARRAY_WEIGHT];
	const double *sums = task->arrays[ARRAY_SUM];
	float	   *scores = model->sides[SIDE_ITEMS].values[COLUMN_SCORE];
	int64_t		latest = 0;
	double		weight = 0;
	double		sum = 0;
	double		share;

	if (half_life(o) > 0 && task->ratings->by_item.time != NULL)
	{
		run_pass(services, PASS_NEWEST, NULL, 0, n_items, BLOCK_ITEMS);
		latest = INT64_MIN;
		for (int64_t i = 0; i < n_items; i++)
			latest = newest[i] > latest ? newest[i] : latest;
		latest = latest < task->ratings->now ? latest : task->ratings->now;
	}
	run_pass(services, PASS_SUM, &latest, sizeof(latest), n_items, BLOCK_ITEMS);
	for (int64_t i = 0; i < n_items; i++)
	{
		weight += weights[i];
		sum += sums[i];
	}
	share = sum > 0 ? weight / sum : 0;
	for (int64_t i = 0; i < n_items; i++)
	{
		if (i % POLL_EVENTS == 0)
			poll();
		scores[i] = (float) score_of_sums(model, weights[i], sums[i], share);
		if (!isfinite(scores[i]))
			return "a score is not finite";
	}
	return NULL;
}

/* ---- refreshing ---- */

static const char *
popular_refuses_refresh(const void *options)
{
	return half_life(options) > 0 ? "With a half-life, every new event changes all scores." : NULL;
}

static const char *
popular_refresh(Model *model, const Refresh *refresh, void *scratch)
{
	float	   *scores = model->sides[SIDE_ITEMS].values[COLUMN_SCORE];

	for (int64_t r = 0; r < refresh->by_item.n_rows; r++)
	{
		double		weight;
		double		sum;
		float	   *score = &scores[refresh->items[r]];

		sum_events(model->options, &refresh->by_item, r, 0, 0, &weight, &sum);
		*score = (float) score_of_sums(model, weight, sum, 1);
		if (!isfinite(*score))
			return "a score is not finite";
	}
	return NULL;
}

/* ---- asking ---- */

/* The derived block of a loaded model: the lowest and the highest score. */
typedef struct Extremes
{
	float		lowest;
	float		highest;
} Extremes;

static size_t
popular_derived_bytes(const Model *model)
{
	return sizeof(Extremes);
}

static void
popular_prepare(Model *model)
{
	Extremes   *extremes = model->derived;
	const float *scores = model->sides[SIDE_ITEMS].values[COLUMN_SCORE];

	*extremes = (Extremes) {INFINITY, -INFINITY};
	for (int64_t i = 0; i < model->sides[SIDE_ITEMS].n_rows; i++)
	{
		if (i % POLL_EVENTS == 0)
			poll();
		extremes->lowest = fminf(extremes->lowest, scores[i]);
		extremes->highest = fmaxf(extremes->highest, scores[i]);
	}
}

static bool
popular_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	return true;
}

static void
popular_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
					int64_t n, float *scores)
{
	const float *all = model->sides[SIDE_ITEMS].values[COLUMN_SCORE];

	if (items == NULL)
		memcpy(scores, all + first, sizeof(float) * n);
	for (int64_t i = 0; i < n && items != NULL; i++)
		scores[i] = all[items[first + i]];
}

/* The expected count of an item without events is 0; its expected mean is that of all ratings. */
static float
popular_expected_score(const Model *model, const void *query, int32_t item)
{
	return ((const PopularOptions *) model->options)->by == BY_MEAN ? (float) model->scale.mean : 0;
}

/* The profile contributes nothing: the score is the baseline. */
static void
popular_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
				float *contributions, float *baseline, void *scratch)
{
	memset(contributions, 0, sizeof(float) * profile->n);
	*baseline = model->sides[SIDE_ITEMS].values[COLUMN_SCORE][item];
}

static bool
popular_predicts_ratings(const Model *model)
{
	const PopularOptions *o = model->options;

	return o->common.feedback == FEEDBACK_EXPLICIT && o->by == BY_MEAN;
}

/*
 * The similarity of items is that of their scores: 1 for equal scores, 0 for the lowest and the
 * highest.
 */
static void
popular_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	const float *scores = model->sides[SIDE_ITEMS].values[COLUMN_SCORE];
	const Extremes *extremes = model->derived;
	float		range = extremes->highest - extremes->lowest;

	for (int64_t i = 0; i < n; i++)
		similarity[i] = range > 0 ? 1 - fabsf(scores[item] - scores[first + i]) / range : 1;
}

const Algorithm popular_algorithm = {.name = "popular",
									 .description =
										 "popularity: counts, damped means or trends, with or "
										 "without decay; the same for everybody",
									 .options = popular_options,
									 .options_size = sizeof(PopularOptions),
									 .columns = popular_columns,
									 .needs = popular_needs,
									 .arrays = popular_arrays,
									 .passes = popular_passes,
									 .train = popular_train,
									 .refuses_refresh = popular_refuses_refresh,
									 .refresh = popular_refresh,
									 .derived_bytes = popular_derived_bytes,
									 .prepare = popular_prepare,
									 .make_query = popular_make_query,
									 .score_items = popular_score_items,
									 .expected_score = popular_expected_score,
									 .explain = popular_explain,
									 .impersonal = true,
									 .predicts_ratings = popular_predicts_ratings,
									 .similar_items = popular_similar_items};
