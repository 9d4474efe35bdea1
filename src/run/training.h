/*
 * training.h
 *	  Training a model: from the source's rows to the rows of the model's tables.
 */
#ifndef REC_TRAINING_H
#define REC_TRAINING_H

#include "model/catalog.h"
#include "source/source.h"

/*
 * nonatomic: the transaction may be committed in between, as in a procedure called outside a
 * transaction block. wait: for another training of the model that is under way; false: nothing is
 * done then, and a notice says so.
 */
extern void train_model(Oid model, bool nonatomic, bool wait);

/* Who called, while the model's owner works. */
typedef struct Caller
{
	Oid			user;
	int			security_context;
	int			settings;		/* the nest level of those that the owner's functions make */
} Caller;

/*
 * Lets what follows be done as the model's owner: until act_as_caller, which comes before the
 * transaction ends, or until an error. What the owner's functions may do is restricted as in a
 * maintenance command, so that none of it comes to run later as the caller.
 */
extern Caller act_as_owner(Oid model);
extern void act_as_caller(const Caller *caller);

/*
 * Locks the model's table until the transaction ends against trainings and other changes, and
 * checks that it is (still) the caller's model; name: what it was called.
 */
extern ModelRow *lock_model(Oid relid, const char *name);

/* Locks a table likewise that may yet become a model, and is the caller's. */
extern void lock_model_table(Oid relid, const char *name);

/* Writes into the row what a source is called, and what is to be known of it. */
extern void note_source(ModelRow *row, const Source *source);

#endif							/* REC_TRAINING_H */
