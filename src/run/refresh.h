/*
 * refresh.h
 *	  Bringing a model up to date without a training.
 */
#ifndef REC_REFRESH_H
#define REC_REFRESH_H

/*
 * Solves again the users whose rows have changed, the new items, and the items of whose rows this
 * share has changed since they were last solved. If anything may have changed, trains the model.
 * nonatomic: that training may commit in between.
 */
extern void refresh_model(Oid model, double share, bool nonatomic);

#endif							/* REC_REFRESH_H */
