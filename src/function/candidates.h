/*
 * candidates.h
 *	  Candidates, and trying them, for evaluating, comparing and tuning.
 */
#ifndef REC_CANDIDATES_H
#define REC_CANDIDATES_H

#include "function/arguments.h"
#include "model/catalog.h"
#include "run/evaluation.h"
#include "run/significance.h"
#include "utils/jsonb.h"

/* ---- what to ask ---- */

/* The row of the model in argument 0, which the current user must be allowed to read. */
extern ModelRow *readable_model(FunctionCallInfo fcinfo);

/* Questions from the arguments with these numbers, which older declarations may lack. */
extern Questions questions_arguments(FunctionCallInfo fcinfo, int k, int relevant_from,
									 int exclude_seen);

/* Adds the arguments exclude_seen and session_gap, the one after it, to a plan. */
extern void plan_arguments(FunctionCallInfo fcinfo, SplitPlan *plan, int exclude_seen);

extern Jsonb *merge_options(Jsonb *options, Jsonb *more);

/*
 * The model's options, with others replacing some of them. Options that name another feedback are
 * taken alone: the model's options were made for its own feedback.
 */
extern Jsonb *changed_options(const ModelRow *row, Jsonb *others);

/* The value of a key of a JSON object, or NULL. */
extern JsonbValue *find_key(Jsonb *object, const char *name);

/* An algorithm with options. */
typedef struct Candidate
{
	const Algorithm *algorithm;
	void	   *options;
	Jsonb	   *given;			/* the options as they were given */
	Jsonb	   *shown;			/* for tuning: the combination */
} Candidate;

/* A candidate for a source with the columns that the row names. */
extern Candidate make_candidate(const char *algorithm, Jsonb *options, const ModelRow *row);
extern Feedback feedback_of(const Candidate *candidate);
extern unsigned needs_of(const Candidate *candidate);

/* The candidate that ranks by the number of users who have an item. Any model should be better. */
extern Candidate popularity(Feedback feedback, const ModelRow *row);

/* A candidate and its result. */
typedef struct Tried
{
	Candidate	candidate;
	Evaluation *evaluation;
	double		value;			/* of the figure that is compared; NaN: undefined */
	double		share;			/* share of the users that it was tried on */
	int			iterations;
	double		train_seconds;
	char	   *error;			/* why the trial failed, or NULL */
	int			order;			/* position among the trials */
} Tried;

/*
 * For sorting: the best first, then candidates that were tried on fewer users, then those without a
 * value. arg: the direction.
 */
extern int	compare_tried(const void *a, const void *b, void *arg);

/* ---- trying ---- */

/* A call: its memory contexts. SPI is connected. */
typedef struct Call
{
	MemoryContext caller;
	MemoryContext context;
} Call;

/*
 * Begins a call. function: its name, for messages. shown: the model or source for which progress is
 * shown.
 */
extern Call trial_begin(const char *function, Oid shown, int iterations);
extern void trial_end(const Call *call);

/* A split in memory of its own, which is freed with the context. */
typedef struct OwnSplit
{
	MemoryContext context;
	TrainingMemory *memory;
	Split	   *split;
} OwnSplit;

extern OwnSplit trial_split(const Interactions *interactions, uint8 train, uint8 known, uint8 held,
							const bool *in_sample);

/* Trains the candidate, asks it, and adds the result. */
extern void trial_run(Evaluation *evaluation, const OwnSplit *own, const Candidate *candidate,
					  const Questions *questions);

/*
 * trial_run() for one of several candidates. Returns NULL, or the reason why it failed; then
 * nothing was added.
 */
extern char *trial_attempt(Evaluation *evaluation, const OwnSplit *own, const Candidate *candidate,
						   const Questions *questions);

/*
 * A hit rate in words, beside the hit rate of lists of the most popular items (NaN: unknown). NULL
 * if the hit rate is NaN. contexts: the questions have contexts.
 */
extern char *lists_in_words(double hit_rate, double popular, const SplitPlan *plan,
							const Questions *questions, Feedback feedback, bool contexts);

/* A mean absolute error in words, beside that of damped biases. NULL if one of them is NaN. */
extern char *errors_in_words(double error, double biases);

/* A row of rec.evaluate. */
typedef struct Measured
{
	Figure		figure;			/* or a count */
	double		value;			/* these are NaN where undefined */
	double		low;
	double		high;
	double		baseline;
	int64		users;
} Measured;

/*
 * Evaluates the model's algorithm with its options, or with others replacing some of them (NULL:
 * none). function is that of trial_begin. Returns n metrics.
 */
extern Measured *measure_model(const char *function, const ModelRow *row, Jsonb *others,
							   const SplitPlan *plan, Questions questions, int *n);

#endif							/* REC_CANDIDATES_H */
