/*
 * fm_train.h
 *	  What the parts of the training of a factorisation machine have in common.
 */
#ifndef REC_FM_TRAIN_H
#define REC_FM_TRAIN_H

#include "algorithm/fm.h"

/* Arrays that the workers share. */
enum
{
	ARRAY_SHARED,				/* Shared */
	ARRAY_ITEM_LOSS,			/* a double for each item: its ratings and regularisation */
	ARRAY_USER_LOSS,			/* a double for each user: its regularisation */
	ARRAY_PARTS,				/* implicit only: the parts of a background */
	ARRAY_BACKGROUNDS,			/* implicit only: of the items, and of the users */
	/* only with such features */
	ARRAY_ITEM_FEATURES,		/* FeatureSpace */
	ARRAY_USER_FEATURES,		/* likewise */
	ARRAY_CONTEXTS,				/* ContextSpace */
	N_ARRAYS
};

typedef struct Shared
{
	Common		common;
	int32_t		failed;			/* some result is not finite */
} Shared;

/* A polynomial of fourth degree. */
typedef struct Polynomial
{
	double		of[5];
} Polynomial;

/* What the rows of a training refer to, as this worker sees it. */
typedef struct Surroundings
{
	Background	background;		/* of the fixed side; implicit feedback */
	/* with contexts */
	Contexts	contexts;
	Situations	situations;
} Surroundings;

enum
{
	PASS_INITIALIZE,
	PASS_OWN,
	PASS_BACKGROUND,
	PASS_ITEMS,
	PASS_USERS,
	PASS_PENALTY,
	PASS_LOSS,
	PASS_FEATURES,
	PASS_SPREAD,
	PASS_LINE,
	PASS_MOVE_OWN,
	PASS_SITUATIONS,
	PASS_STORED_CONTEXTS,
	PASS_CONTEXTS,
	PASS_CONTEXT_SUMS
};

/* Rows that a worker takes at once. */
#define BLOCK_ROWS 16

static inline Background
background_of(const Task *task, SideKind side)
{
	const Shared *shared = task->arrays[ARRAY_SHARED];
	int			k = shared->common.k;

	return background_at((double *) task->arrays[ARRAY_BACKGROUNDS] +
						 (side == SIDE_ITEMS ? 0 : background_numbers(k)), k);
}

static inline bool
has_contexts(const Task *task)
{
	return task->ratings->contexts.by_row.n_rows > 0;
}

/* ---- fm_train.c ---- */

/* The ratings of a row of a side. */
extern RatedRow fm_rated_row(const Task *task, SideKind side, int64_t row,
							 const Surroundings *surroundings);

/* The least squares of the rows of a side, with the other side fixed. */
extern Problem fm_problem_of_side(const Task *task, SideKind side, Surroundings *surroundings);

/* The regularisation of a row. */
extern double fm_penalty(const Common *c, double lambda, const float *v, double bias);

/* ---- fm_features.c: of items or of users ---- */

extern bool fm_has_features(const Task *task, SideKind side);

/* The bytes of ARRAY_ITEM_FEATURES or ARRAY_USER_FEATURES. */
extern size_t fm_features_bytes(int k, SideKind side, const Extent *extent);

/* The rows' own numbers; without features those of the model. */
extern Rows fm_own_rows(const Task *task, SideKind side);

/* By row: the weight of its ratings, which the step needs; without features NULL. */
extern float *fm_row_weights(const Task *task, SideKind side);

/* What the features of a row add; s has room for padded k floats. */
extern Prior fm_row_prior(const Task *task, SideKind side, int64_t row, float *s);

/* Sets the numbers of a row in the model from its own ones, where the side has features. */
extern void fm_combine_row(const Task *task, SideKind side, const Rows *own, const Prior *prior,
						   int64_t row);

/* The reverse. An item that is new is what its features say. */
extern void fm_separate_row(const Task *task, SideKind side, const Rows *own, const Prior *prior,
							int64_t row);

/* Separates all rows. */
extern void fm_separate(const Task *task, Services *services);

/* Sets the rows of each feature, and the weight of its regularization. */
extern void fm_prepare_features(const Task *task, SideKind side);

/* A warm start: the means of users' categories over the ratings of the last version were zero. */
extern void fm_center_features(const Task *task, Services *services);

/* Moves the features of a side, and what of its rows follows from them. */
extern void fm_step_features(const Task *task, Services *services, SideKind side);

/* The length of the step, from 0 to LONGEST_STEP, with the least loss. */
extern double fm_best_length(const Polynomial *p);

/* The regularisation of the features of a side. */
extern double fm_features_penalty(const Task *task, SideKind side);

extern void fm_pass_own(const Task *task, const void *argument, int64_t begin, int64_t end,
						void *scratch);
extern void fm_pass_features(const Task *task, const void *argument, int64_t begin, int64_t end,
							 void *scratch);
extern void fm_pass_spread(const Task *task, const void *argument, int64_t begin, int64_t end,
						   void *scratch);
extern void fm_pass_line(const Task *task, const void *argument, int64_t begin, int64_t end,
						 void *scratch);
extern void fm_pass_move_own(const Task *task, const void *argument, int64_t begin, int64_t end,
							 void *scratch);

/* The bytes of scratch that these passes need. */
extern size_t fm_line_bytes(int k, bool contexts);

/* ---- fm_contexts.c ---- */

/* The bytes of ARRAY_CONTEXTS. */
extern size_t fm_contexts_bytes(int k, const Extent *extent);

/* What the rows of a training refer to; the caller sets the background. */
extern Surroundings fm_surroundings(const Task *task);

extern void fm_pass_situations(const Task *task, const void *argument, int64_t begin, int64_t end,
							   void *scratch);
extern void fm_pass_stored_contexts(const Task *task, const void *argument, int64_t begin,
									int64_t end, void *scratch);
extern void fm_pass_contexts(const Task *task, const void *argument, int64_t begin, int64_t end,
							 void *scratch);
extern void fm_pass_context_sums(const Task *task, const void *argument, int64_t begin, int64_t end,
								 void *scratch);

/* The bytes of scratch that these passes need. */
extern size_t fm_context_step_bytes(int k, bool contexts);

/* Sets the users' situations, and the ratings and the column of each feature of contexts. */
extern void fm_prepare_contexts(const Task *task, Services *services);

/* A warm start: the means of categories over the ratings of the last version were zero. */
extern void fm_center_contexts(const Task *task, Services *services);

/*
 * Moves the features of contexts by one step. Its direction solves the least squares that the loss
 * is for small changes, by conjugate gradient. The mean of the categories of a column over the
 * ratings stays zero. Along the direction the loss is a polynomial, as in step_features.
 */
extern void fm_step_contexts(const Task *task, Services *services);

/* The regularisation of the features of contexts. */
extern double fm_contexts_penalty(const Task *task);

#endif							/* REC_FM_TRAIN_H */
