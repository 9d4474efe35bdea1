/*
 * training.h
 *	  Training a model: from the source's rows to the rows of the model's tables.
 */
#ifndef REC_TRAINING_H
#define REC_TRAINING_H

/*
 * nonatomic: the transaction may be committed in between, as in a procedure called outside a transaction block. wait: for another training
 * of the model that is under way; false: nothing is done then, and a notice says so.
 */
extern void train_model(Oid model, bool nonatomic, bool wait);

#endif							/* REC_TRAINING_H */
