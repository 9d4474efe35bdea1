/*
 * workers.h
 *	  Passes of a training over rows, by several processes at once.
 *
 * The memory that a training works on is shared where workers may come to help,
 * and private where there are none to be had.
 */
#ifndef REC_WORKERS_H
#define REC_WORKERS_H

#include "algorithm/algorithm.h"
#include "storage/dsm.h"

/* Pieces that a training's memory consists of, at most. */
#define MAX_PIECES 8

typedef struct TrainingMemory
{
	MemoryContext context;		/* with which all of it goes */
	bool		shared;			/* all pieces so far are; once false, no workers */
	int			n_pieces;
	struct
	{
		char	   *base;		/* aligned to a cache line */
		Size		size;
		dsm_segment *segment;	/* NULL: private */
	}			pieces[MAX_PIECES];
	Size		used;			/* of the last piece */
} TrainingMemory;

/* Defines the setting rec.max_workers. */
extern void workers_define_setting(void);

extern TrainingMemory *training_memory_create(MemoryContext context);

/* Makes a piece of this many bytes, zeroed, which training_memory_allocate then takes from. */
extern void training_memory_reserve(TrainingMemory *memory, Size bytes);

/* Takes memory from the last piece, aligned to a cache line. */
extern void *training_memory_allocate(TrainingMemory *memory, Size bytes);

/* What training_memory_allocate takes for so many bytes. */
extern Size training_memory_size(Size bytes);

/*
 * Runs a pass of the task's algorithm; all that the task points to is in the memory, but for
 * the model's options. Workers are called when the pass has shown that it takes long.
 */
extern void workers_run_pass(const Task *task, TrainingMemory *memory, int pass, const void *argument, size_t argument_bytes,
							 int64 n_rows, int64 block_rows);

#endif							/* REC_WORKERS_H */
