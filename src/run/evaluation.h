/*
 * evaluation.h
 *	  How good an algorithm is on a split: trained on one part of the ratings, asked about another.
 */
#ifndef REC_EVALUATION_H
#define REC_EVALUATION_H

#include "run/split.h"

/* In the order of metrics[] in kernel/metrics.c, in which they are shown. */
typedef enum Figure
{
	FIGURE_RMSE,
	FIGURE_MAE,
	FIGURE_MSE,
	FIGURE_CROSS_ENTROPY,
	FIGURE_PRECISION,
	FIGURE_RECALL,
	FIGURE_NDCG,
	FIGURE_MAP,
	FIGURE_MRR,
	FIGURE_HIT_RATE,
	FIGURE_AUC,
	FIGURE_COVERAGE,
	FIGURE_NOVELTY,
	FIGURE_DIVERSITY,
	FIGURE_GINI,
	FIGURE_POPULARITY_BIAS,
	FIGURE_PERSONALISATION,
	N_FIGURES
} Figure;

/* As the metric is called, see kernel/metrics.h. */
extern const char *figure_name(Figure figure);

/* The figure of this name, or an error with the nearest name. */
extern Figure figure_by_name(const char *name);

/* What is asked. */
typedef struct Questions
{
	int64		k;				/* length of the lists */
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

/*
 * The ends of the interval that holds the value with a probability of 95 %: percentiles of the
 * bootstrap over users. NaN: not of users.
 */
extern void evaluation_interval(const Evaluation *evaluation, Figure figure, uint64 seed,
								double *low, double *high);

/*
 * How probable so large a difference between the values of two evaluations of the same split is
 * if they are equally good: the randomization test, by user. NaN: the figure is not of users, or
 * one has no value.
 */
extern double evaluation_p_value(const Evaluation *a, const Evaluation *b, Figure figure,
								 uint64 seed);

/* When the library is loaded. */
extern void evaluation_define_pass(void);

#endif							/* REC_EVALUATION_H */
