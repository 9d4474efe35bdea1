/*
 * training.h
 *	  Training a model: from the source's rows to the rows of the model's tables.
 */
#ifndef REC_TRAINING_H
#define REC_TRAINING_H

#include "model/catalog.h"
#include "portability/instr_time.h"
#include "source/source.h"

/*
 * nonatomic: the transaction may be committed in between, as in a procedure that is called outside
 * a transaction block. wait: wait for another training of the model that is in progress; if false,
 * report it in a notice and do nothing.
 */
extern void train_model(Oid model, bool nonatomic, bool wait);

/* The calling user, while the model's owner acts. */
typedef struct Caller
{
	Oid			user;
	int			security_context;
	int			settings;		/* nest level of settings that the owner's functions change */
} Caller;

/*
 * Acts as the model's owner until act_as_caller, which must come before the transaction ends, or
 * until an error. The owner's functions are restricted as in a maintenance command, so that none of
 * their code can run later as the caller.
 */
extern Caller act_as_owner(Oid model);
extern void act_as_caller(const Caller *caller);

/*
 * Locks the model's table against trainings and other changes until the transaction ends, and
 * checks that it is still a model of the caller. name: its former name, for messages.
 */
extern ModelRow *lock_model(Oid relid, const char *name);

/* Locks a table of the caller, which may become a model, in the same way. */
extern void lock_model_table(Oid relid, const char *name);

/*
 * Takes the lock that trainings of a model take, until the transaction ends; false where a training
 * is in progress.
 */
extern bool training_lock_now(Oid relid);

/*
 * For transactions that see the database as it was: raises an error if the model's row is not the
 * one that they see.
 */
extern void require_visible(ModelRow *row);

/* Reports the duration of a step, at the level at which the benchmarks ask for it. */
extern void report_step(const char *name, const char *step, instr_time *began);

/* Notes a source in the row: its relation, name, owner and columns. */
extern void note_source(ModelRow *row, const Source *source);

/*
 * Notes source and relations of attributes that are meant now, where they are others than those in
 * the row. Returns whether any is.
 */
extern bool note_relations(ModelRow *row, const Source *source);

#endif							/* REC_TRAINING_H */
