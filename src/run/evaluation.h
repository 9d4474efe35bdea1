/*
 * evaluation.h
 *	  How good an algorithm is on a split: trained on one part of the ratings, asked about another.
 */
#ifndef REC_EVALUATION_H
#define REC_EVALUATION_H

#include "run/figures.h"
#include "run/split.h"

/* What to ask. */
typedef struct Questions
{
	int64		k;				/* length of the lists */
	bool		exclude_seen;	/* lists have no items of the profile */
	bool		probabilities;	/* also compute cross-entropy */
	/* held-out ratings from here on are relevant; NaN: all are */
	double		relevant_from;
} Questions;

/*
 * The result of one or several runs. Most figures are quotients of sums over users. The sums are
 * kept by user, so that users can be drawn again (for an interval) and compared one by one. The
 * other figures are of all lists together.
 */
typedef struct Evaluation
{
	int64		n_users;		/* of the interactions */
	double	   *sum[N_FIGURES]; /* by user; NULL: figure of all lists, or undefined */
	double	   *weight[N_FIGURES];	/* by user; 0: the user does not count */
	double		whole[N_FIGURES];	/* figures of all lists, summed over runs; NaN: undefined */
	int			runs;
	double		train_seconds;
	double		score_seconds;
	int64		model_bytes;
	int			iterations;
	void	   *options;		/* of the last run, with decided options */
	/* of the last run: the option that kept the model from learning about single users, or NULL */
	const char *too_large;
} Evaluation;

extern Evaluation *evaluation_create(int64 n_users);
extern void evaluation_free(Evaluation *evaluation);

/* Bytes of a run besides the split. */
extern double evaluation_bytes(const Evaluation *evaluation, const Split *split,
							   const Algorithm *algorithm, const void *options,
							   const Questions *questions);

/*
 * Trains on the split, in memory, asks, and adds the result. The split is in the lender's memory.
 * The name is for messages.
 */
extern void evaluation_run(Evaluation *evaluation, const Split *split, const Algorithm *algorithm,
						   const void *options, const Questions *questions,
						   const TrainingMemory *lender, const char *name);

/*
 * evaluation_run() for one of several candidates. Returns NULL, or the reason why it failed; then
 * nothing was added.
 */
extern char *evaluation_attempt(Evaluation *evaluation, const Split *split,
								const Algorithm *algorithm, const void *options,
								const Questions *questions, const TrainingMemory *lender,
								const char *name);

/*
 * Whether an error says that a candidate or a source is unfit for an evaluation, so that others can
 * still be evaluated.
 */
extern bool is_unfit(int sqlerrcode);

/* Adds the result for ratings that are predicted from damped biases of users and items alone. */
extern void evaluation_run_biases(Evaluation *evaluation, const Split *split);

/* The value of a figure; NaN where it is undefined. */
extern double evaluation_value(const Evaluation *evaluation, Figure figure);

/* The number of users that count. */
extern int64 evaluation_users(const Evaluation *evaluation, Figure figure);

/* To be called when the library is loaded. */
extern void evaluation_define_pass(void);

#endif							/* REC_EVALUATION_H */
