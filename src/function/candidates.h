/*
 * candidates.h
 *	  What evaluating, comparing and tuning have in common: candidates, and trying them.
 */
#ifndef REC_CANDIDATES_H
#define REC_CANDIDATES_H

#include "function/arguments.h"
#include "model/catalog.h"
#include "run/evaluation.h"
#include "run/significance.h"
#include "utils/jsonb.h"

/* ---- what is asked ---- */

/* The row of the model that argument 0 names, which the current user may ask. */
extern ModelRow *readable_model(FunctionCallInfo fcinfo);

/*
 * By the numbers of the arguments k, relevant_from and exclude_seen, which older declarations
 * lack.
 */
extern Questions questions_arguments(FunctionCallInfo fcinfo, int k, int relevant_from,
									 int exclude_seen);

/* Adds to a plan what the arguments exclude_seen and, after it, session_gap say. */
extern void plan_arguments(FunctionCallInfo fcinfo, SplitPlan *plan, int exclude_seen);

extern Jsonb *merge_options(Jsonb *options, Jsonb *more);

/*
 * The model's options, with others in their place. Those that say other feedback stand for
 * themselves: the model's were made for its own.
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
	Jsonb	   *shown;			/* of tuning: the combination that they are of */
} Candidate;

/* For a source with the columns that the row names. */
extern Candidate make_candidate(const char *algorithm, Jsonb *options, const ModelRow *row);
extern Feedback feedback_of(const Candidate *candidate);
extern unsigned needs_of(const Candidate *candidate);

/* Ranking by how many users have an item: what any model should beat. */
extern Candidate popularity(Feedback feedback, const ModelRow *row);

/* What came of a candidate. */
typedef struct Tried
{
	Candidate	candidate;
	Evaluation *evaluation;
	double		value;			/* of the figure that counts; NaN: it has none */
	double		share;			/* of the users that it was tried on */
	int			iterations;
	double		train_seconds;
	char	   *error;			/* why it failed, or NULL */
	int			order;			/* of trying */
} Tried;

/*
 * For sorting: the best first; what was tried on fewer users, and then what has no value, last.
 * arg: the direction.
 */
extern int	compare_tried(const void *a, const void *b, void *arg);

/* ---- trying ---- */

/* One call: its memory, and the connection to SPI. */
typedef struct Call
{
	MemoryContext caller;
	MemoryContext context;
} Call;

/*
 * function: the one that is called, for messages. Progress is shown for the model, or source.
 */
extern Call trial_begin(const char *function, Oid shown, int iterations);
extern void trial_end(const Call *call);

/* A split in memory of its own, which goes with the context. */
typedef struct OwnSplit
{
	MemoryContext context;
	TrainingMemory *memory;
	Split	   *split;
} OwnSplit;

extern OwnSplit trial_split(const Interactions *interactions, uint8 train, uint8 known, uint8 held,
							const bool *in_sample);

/* Trains the candidate and asks it; adds what comes of it. */
extern void trial_run(Evaluation *evaluation, const OwnSplit *own, const Candidate *candidate,
					  const Questions *questions);

/* The same for one of several: NULL, or why it failed, and then nothing was added. */
extern char *trial_attempt(Evaluation *evaluation, const OwnSplit *own, const Candidate *candidate,
						   const Questions *questions);

/*
 * What a hit rate, beside that of lists of the most popular items (NaN: it is not known), means;
 * NULL where it is NaN.
 */
extern char *lists_in_words(double hit_rate, double popular, const SplitPlan *plan,
							const Questions *questions, Feedback feedback);

/* What a mean absolute error, beside that of damped biases, means; NULL where one is NaN. */
extern char *errors_in_words(double error, double biases);

/* What rec.evaluate says of a metric. */
typedef struct Measured
{
	Figure		figure;			/* or a count */
	double		value;			/* these are NaN where they are not defined */
	double		low;
	double		high;
	double		baseline;
	int64		users;
} Measured;

/*
 * Evaluates the model's algorithm with its options, or with others in their place (NULL: none),
 * for the function that is called; returns n metrics.
 */
extern Measured *measure_model(const char *function, const ModelRow *row, Jsonb *others,
							   const SplitPlan *plan, Questions questions, int *n);

#endif							/* REC_CANDIDATES_H */
