/*
 * model_policy.h
 *	  A model as the policy that a log is asked about.
 */
#ifndef REC_MODEL_POLICY_H
#define REC_MODEL_POLICY_H

#include "model/model_cache.h"
#include "run/off_policy.h"

/* What rec.explore is asked for, by softmax. */
typedef struct ModelPolicy
{
	double		exploration;
	bool		exclude_seen;
} ModelPolicy;

/*
 * Sets, for each row of a log that was read for a model, the probability with which rec.explore has
 * the item at its rank, given those above it, when it is asked with what the user had at the time
 * of the list. predict: also sets the predicted and the expected reward: the item's mean reward in
 * the rows of all other users. Warns where the model knows what came after the list.
 */
extern void model_policy(ShownLog *log, LoadedModel *loaded, const ModelPolicy *policy,
						 bool predict);

#endif							/* REC_MODEL_POLICY_H */
