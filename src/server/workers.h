/*
 * workers.h
 *	  Passes over rows, by several processes at once: of a training, or of scoring for many users.
 *
 * The memory of a pass is shared where workers may be started, and otherwise private.
 */
#ifndef REC_WORKERS_H
#define REC_WORKERS_H

#include "algorithm/algorithm.h"
#include "storage/dsm.h"

/* The most pieces of a training's memory. */
#define MAX_PIECES 64

typedef struct TrainingMemory
{
	MemoryContext context;		/* all memory is freed with it */
	bool		shared;			/* all pieces so far are shared; if not, no workers are started */
	int			n_pieces;
	/* this many pieces, the first ones, belong to another TrainingMemory */
	int			n_borrowed;
	struct
	{
		char	   *base;		/* aligned to a cache line */
		Size		size;
		dsm_segment *segment;	/* NULL: private */
	}			pieces[MAX_PIECES];
	Size		used;			/* bytes of the last piece */
} TrainingMemory;

/* Defines the setting rec.max_workers. */
extern void workers_define_setting(void);

extern TrainingMemory *training_memory_create(MemoryContext context);

/*
 * Creates memory that begins with the pieces of another memory, which must outlive it: for several
 * trainings on the same ratings.
 */
extern TrainingMemory *training_memory_extend(const TrainingMemory *lender, MemoryContext context);

/* Adds a zeroed piece of this many bytes, from which training_memory_allocate takes memory. */
extern void training_memory_reserve(TrainingMemory *memory, Size bytes);

/* Takes memory from the last piece, aligned to a cache line. */
extern void *training_memory_allocate(TrainingMemory *memory, Size bytes);

/* The bytes that training_memory_allocate takes from a piece. */
extern Size training_memory_size(Size bytes);

/* Numbers of passes that belong to no algorithm; an algorithm's own passes are numbered from 0. */
#define PASS_TOP_LISTS (-1)
#define PASS_FIGURES (-2)

/*
 * Defines the function of such a pass, when the library is loaded. Workers load the library as
 * well, and find the function by its number.
 */
extern void workers_define_pass(int number, Pass pass);

/*
 * Runs a pass over rows first .. n_rows - 1. Everything that the task points to must be in the
 * memory, except the model's options. Each process has scratch of its own. Workers are started when
 * the pass turns out to take long. The rows are divided into steps of step_rows rows; a step begins
 * when the one before is done. With several steps, block_rows must divide step_rows.
 */
extern void workers_run_pass(const Task *task, TrainingMemory *memory, int pass,
							 const void *argument, size_t argument_bytes, size_t scratch_bytes,
							 int64 first, int64 n_rows, int64 step_rows, int64 block_rows);

/* The most workers that may be started. */
extern int	workers_allowed(void);

#endif							/* REC_WORKERS_H */
