/*
 * evaluation.h
 *	  How good an algorithm is on a split: trained on one part of the ratings, asked about another.
 */
#ifndef REC_EVALUATION_H
#define REC_EVALUATION_H

#include "run/figures.h"
#include "run/groups.h"
#include "run/split.h"

/* An algorithm with options, trained on a split, whose inputs are trained there as well. */
typedef struct Trial
{
	const Algorithm *algorithm;
	const void *options;
	/* it does without the attributes of items or users, though the split has them */
	bool		without_attributes[SIDE_USERS + 1];
	int			n_inputs;
	const struct Trial *inputs;
} Trial;

/* What to ask. */
typedef struct Questions
{
	int64		k;				/* length of the lists */
	bool		exclude_seen;	/* lists have no items of the profile */
	bool		probabilities;	/* also compute cross-entropy */
	/* held-out ratings from here on are relevant; NaN: all are */
	double		relevant_from;
	const ListOptions *lists;	/* what lists are to be like; NULL: as their scores say */
} Questions;

/* What groups of items have of the lists, and of what was relevant. */
typedef struct GroupShares
{
	const MeasuredGroups *groups;
	/* users x groups: sums over the places that the group's items have */
	double	   *exposure;
	double	   *relevance;		/* users x groups: number of relevant held-out ratings */
	double	   *exposed;		/* by user, of all items */
	double	   *relevant;
} GroupShares;

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
	GroupShares *shares;		/* NULL: items are not grouped */
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

/* Has the runs add to the shares of groups of items. */
extern void evaluation_group_items(Evaluation *evaluation, const MeasuredGroups *groups);

/*
 * The part of an evaluation that is about the users of a group: its figures of users. In the
 * current memory context.
 */
extern Evaluation *evaluation_of_group(const Evaluation *evaluation, const MeasuredGroups *groups,
									   int32 group);

/*
 * SHARE_EXPOSURE or SHARE_RELEVANCE of a group of items; NaN where it is undefined. users: set to
 * the number of users that count, unless NULL.
 */
extern double evaluation_share(const Evaluation *evaluation, Figure share, int32 group,
							   int64 *users);

/* Bytes of a run besides the split. */
extern double evaluation_bytes(const Evaluation *evaluation, const Split *split,
							   const Algorithm *algorithm, const void *options,
							   const Questions *questions);

/*
 * Trains on the split, in memory, asks, and adds the result. The split is in the lender's memory.
 * The name is for messages.
 */
extern void evaluation_run(Evaluation *evaluation, const Split *split, const Trial *trial,
						   const Questions *questions, const TrainingMemory *lender,
						   const char *name);

/*
 * evaluation_run() for one of several candidates. Returns NULL, or the reason why it failed; then
 * nothing was added.
 */
extern char *evaluation_attempt(Evaluation *evaluation, const Split *split, const Trial *trial,
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
