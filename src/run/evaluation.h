/*
 * evaluation.h
 *	  How good an algorithm is on a split: trained on one part of the ratings, asked about another.
 */
#ifndef REC_EVALUATION_H
#define REC_EVALUATION_H

#include "run/figures.h"
#include "run/split.h"

/* What is asked. */
typedef struct Questions
{
	int64		k;				/* length of the lists */
	bool		exclude_seen;	/* what users are known by is on no list */
	bool		probabilities;	/* cross-entropy too */
	/* ratings from here on are relevant; NaN: all that was held out is */
	double		relevant_from;
} Questions;

/*
 * What came of it. Most figures are quotients of sums over users, which are kept by user: so that
 * they can be drawn again (an interval) and compared user by user. Others are of all lists
 * together.
 */
typedef struct Evaluation
{
	int64		n_users;		/* of the interactions */
	double	   *sum[N_FIGURES]; /* of each user; NULL: not of users, or not defined */
	double	   *weight[N_FIGURES];	/* 0: the user doesn't count */
	double		whole[N_FIGURES];	/* of the others, the sum over runs; NaN: not defined */
	int			runs;
	double		train_seconds;
	double		score_seconds;
	int64		model_bytes;
	int			iterations;
	void	   *options;		/* of the last run: what was left to the source is decided */
	/* of the last run: the option because of which nothing was learned of single users, or NULL */
	const char *too_large;
} Evaluation;

extern Evaluation *evaluation_create(int64 n_users);
extern void evaluation_free(Evaluation *evaluation);

/* Bytes that a run would take, beside the split. */
extern double evaluation_bytes(const Evaluation *evaluation, const Split *split,
							   const Algorithm *algorithm, const void *options,
							   const Questions *questions);

/*
 * Trains on the split, in memory, and asks; adds what comes of it. The split is in the lender's
 * memory. The name is for messages.
 */
extern void evaluation_run(Evaluation *evaluation, const Split *split, const Algorithm *algorithm,
						   const void *options, const Questions *questions,
						   const TrainingMemory *lender, const char *name);

/* The same for one of several: NULL, or why it failed, and then nothing was added. */
extern char *evaluation_attempt(Evaluation *evaluation, const Split *split,
								const Algorithm *algorithm, const void *options,
								const Questions *questions, const TrainingMemory *lender,
								const char *name);

/*
 * Whether an error says that a candidate, or a source, is not fit for an evaluation: others may
 * be.
 */
extern bool is_unfit(int sqlerrcode);

/* The same for ratings predicted from the users' and the items' damped biases alone. */
extern void evaluation_run_biases(Evaluation *evaluation, const Split *split);

/* NaN: it is not defined. */
extern double evaluation_value(const Evaluation *evaluation, Figure figure);

/* Users that count. */
extern int64 evaluation_users(const Evaluation *evaluation, Figure figure);

/* When the library is loaded. */
extern void evaluation_define_pass(void);

#endif							/* REC_EVALUATION_H */
