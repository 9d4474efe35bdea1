/*
 * training.h
 *	  Training a model: from the source's rows to the rows of the model's tables.
 */
#ifndef REC_TRAINING_H
#define REC_TRAINING_H

/* nonatomic: the transaction may be committed in between, as in a procedure called outside a transaction block. */
extern void train_model(Oid model, bool nonatomic);

#endif							/* REC_TRAINING_H */
