/*
 * trees_model.h
 *	  What the parts of the algorithm trees have in common: asking (trees.c) and training
 *	  (trees_train.c).
 */
#ifndef REC_TREES_MODEL_H
#define REC_TREES_MODEL_H

#include <math.h>

#include "algorithm/algorithm.h"
#include "kernel/trees.h"

typedef struct TreesModelOptions
{
	CommonOptions common;
	int32_t		iterations;
	int32_t		leaves;
	int32_t		min_rows;
	int32_t		patience;
	int32_t		negatives;
	int32_t		seed;
	double		learning_rate;
	double		regularization;
	double		subsample;
} TreesModelOptions;

#define MOST_ITERATIONS 5000
#define MOST_LEAVES 1024

static inline bool
trees_is_explicit(const TreesModelOptions *o)
{
	return o->common.feedback == FEEDBACK_EXPLICIT;
}

/* ---- variables: what splits ask about ---- */

typedef enum VariableSource
{
	SOURCE_NONE,				/* no split */
	SOURCE_ITEM_FEATURE,
	SOURCE_USER_FEATURE,
	SOURCE_CONTEXT_FEATURE,
	SOURCE_ITEM_ROWS,			/* the number of the item's ratings or events */
	SOURCE_ITEM_MEAN,			/* of its ratings */
	SOURCE_USER_ROWS,
	SOURCE_USER_MEAN,
	SOURCE_MATCH,				/* of the item and the profile, by a column of attributes */
	N_SOURCES
} VariableSource;

typedef enum VariableKind
{
	VARIABLE_NUMBER = 1,		/* missing where there is no value */
	VARIABLE_SHARE,				/* 0 where there is none: of sets, words and embeddings */
	VARIABLE_CATEGORY
} VariableKind;

typedef struct Variable
{
	int32_t		source;			/* VariableSource */
	int32_t		kind;			/* VariableKind */
	int32_t		feature;		/* the first of its features, a row of their table; otherwise 0 */
	int32_t		n_features;		/* 1 but for categories and matches; without features 0 */
} Variable;

/* More categories than have bins of their own are divided among several variables. */
#define MOST_CATEGORIES (TREES_BINS - 1)

/* The most features of a model, and so of variables that are features. */
#define MOST_FEATURES 16000

/* The columns of attributes that profiles are compared with items by: the first ones. */
#define MOST_MATCHES 32

/* With two numbers of the item, and two of the user. */
#define MOST_VARIABLES (MOST_FEATURES + MOST_MATCHES + 4)

/* ---- what is known of a profile ---- */

/* The sums over a profile that matches are computed from; both by feature of items. */
typedef struct ProfileSums
{
	double		n;
	double		weight;			/* of all its ratings or events */
	double	   *weighted;		/* rating or weight x value of the feature */
	double	   *values;			/* value of the feature */
} ProfileSums;

/* Adds (sign 1) or takes away (-1) an item of a profile. */
static inline void
profile_add(ProfileSums *s, double rating, const int32_t *feature, const float *value, int64_t n,
			double sign)
{
	s->n += sign;
	s->weight += sign * rating;
	for (int64_t i = 0; i < n; i++)
	{
		s->weighted[feature[i]] += sign * rating * value[i];
		s->values[feature[i]] += sign * value[i];
	}
}

/*
 * How well an item matches a profile, by its features of one column. Their inner product with those
 * of an item of the profile is a similarity, s. Of events it is the mean similarity, weighted as
 * the events are: where s is 1 for items of the same category, the share of the profile in the
 * item's category. Of ratings it is the mean of what they differ by from the user's mean, weighted
 * by s, as if one rating more were the mean: where s is 1 for the same category, how much the user
 * likes that. NaN: nothing is known of one of them.
 */
static inline float
profile_match(const ProfileSums *s, bool is_explicit, const int32_t *feature, const float *value,
			  int64_t n)
{
	double		weighted = 0;
	double		values = 0;

	if (n == 0 || s->n == 0 || (!is_explicit && !(s->weight > 0)))
		return NAN;
	for (int64_t i = 0; i < n; i++)
	{
		weighted += s->weighted[feature[i]] * value[i];
		values += s->values[feature[i]] * value[i];
	}
	if (!is_explicit)
		return (float) (weighted / s->weight);
	return (float) ((weighted - s->weight / s->n * values) / (fmax(values, 0) + 1));
}

/* ---- the model's tables ---- */

/* The columns of the items. */
enum
{
	TREES_FEATURES,
	TREES_WEIGHTS,
	TREES_MEAN					/* explicit feedback */
};

/* The column of features of any side. */
enum
{
	TREES_GAIN
};

/* The parameters, in their order. */
enum
{
	TREES_BASE,
	TREES_LEAVES,				/* of each tree */
	TREES_SOURCE,				/* of each split, as all that follow */
	TREES_KIND,
	TREES_FEATURE,
	TREES_N_FEATURES,
	TREES_THRESHOLD,
	TREES_LEFT,
	TREES_RIGHT,
	TREES_MISSING_LEFT,
	TREES_GAINS,
	TREES_VALUE,				/* what the node would be as a leaf */
	TREES_CATEGORIES,			/* that go left */
	TREES_LEAF_VALUES,
	TREES_IMPORTANCE,			/* by source: the sum of the gains */
	N_TREES_PARAMETERS
};

/* A float has any integer of so many bits. */
#define BITS_OF_FLOAT 24
#define FLOATS_OF_SET ((TREES_BINS + BITS_OF_FLOAT - 1) / BITS_OF_FLOAT)

extern int	trees_parameters(const void *options, Parameter *parameters);

/* What is wrong with the parameters: Algorithm.damage. */
extern const char *trees_damage(const Model *model);

/* The numbers of a parameter. */
static inline float *
trees_numbers(const Model *model, int which)
{
	Parameter	parameters[N_TREES_PARAMETERS];

	trees_parameters(model->options, parameters);
	return model_numbers(model) + parameter_offset(parameters, which);
}

/* ---- training (trees_train.c) ---- */

extern const Pass trees_passes[];
extern int	trees_arrays(const void *options, const Extent *extent, size_t *bytes);
extern size_t trees_scratch_bytes(const void *options, const Extent *extent);
extern const char *trees_train(const Task *task, Services *services);

#endif							/* REC_TREES_MODEL_H */
