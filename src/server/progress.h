/*
 * progress.h
 *	  The progress of trainings and of rec.recommend_all, for other sessions to see.
 */
#ifndef REC_PROGRESS_H
#define REC_PROGRESS_H

#include "datatype/timestamp.h"

typedef enum ProgressPhase
{
	/* for another training of the same model, or another writer of the same table */
	PHASE_WAITING,
	PHASE_READING,				/* rows of the source */
	PHASE_TRAINING,				/* rows of the model, in one pass */
	PHASE_SCORING,				/* users, for rec.recommend_all */
	PHASE_WRITING				/* rows of the model tables, or of the table of lists */
} ProgressPhase;

typedef struct Progress
{
	int			pid;			/* 0: the slot is free */
	Oid			database;
	Oid			model;
	ProgressPhase phase;
	int			iteration;		/* the present one, from 1 */
	int			iterations;		/* at most so many */
	double		loss;			/* of the iteration before; NaN: there is none */
	double		validation;		/* likewise: its quality on what the training holds out */
	int64		done;			/* rows */
	int64		total;			/* approximate; 0: unknown */
	int			workers;
	TimestampTz started_at;
} Progress;

/* Takes a slot, until progress_end or until the transaction or the backend ends in an error. */
extern void progress_begin(Oid model, int iterations);
extern void progress_end(void);

extern void progress_phase(ProgressPhase phase, int64 total);
extern void progress_iteration(int iteration);
/* What an iteration has reached; NaN: there is no such number. */
extern void progress_iteration_done(double loss, double validation);
extern void progress_total(int64 total);
extern void progress_done(int64 done);
extern void progress_workers(int workers);

/* Copies the slots of this database that are in use; returns how many, at most limit. */
extern int	progress_read(Progress *copies, int limit);

#define PROGRESS_SLOTS 32

#endif							/* REC_PROGRESS_H */
