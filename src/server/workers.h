/*
 * workers.h
 *	  Passes over rows, by several processes at once: of a training, or of scoring for many users.
 *
 * The memory that they work on is shared where workers may come to help, and private where there
 * are none to be had.
 */
#ifndef REC_WORKERS_H
#define REC_WORKERS_H

#include "algorithm/algorithm.h"
#include "storage/dsm.h"

/* Pieces that a training's memory consists of, at most. */
#define MAX_PIECES 16

typedef struct TrainingMemory
{
	MemoryContext context;		/* with which all of it goes */
	bool		shared;			/* all pieces so far are; once false, no workers */
	int			n_pieces;
	int			n_borrowed;		/* of them, the first, are another memory's */
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

/*
 * Memory of which the pieces of another, that outlives it, are part: for several trainings on the
 * same ratings.
 */
extern TrainingMemory *training_memory_extend(const TrainingMemory *lender, MemoryContext context);

/* Makes a piece of this many bytes, zeroed, which training_memory_allocate then takes from. */
extern void training_memory_reserve(TrainingMemory *memory, Size bytes);

/* Takes memory from the last piece, aligned to a cache line. */
extern void *training_memory_allocate(TrainingMemory *memory, Size bytes);

/* What training_memory_allocate takes for so many bytes. */
extern Size training_memory_size(Size bytes);

/* Passes that belong to no algorithm, by number; an algorithm's own are numbered from 0. */
#define PASS_TOP_LISTS (-1)
#define PASS_FIGURES (-2)

/*
 * Says which function such a pass is, when the library is loaded: workers, which load it too,
 * find it by its number.
 */
extern void workers_define_pass(int number, Pass pass);

/*
 * Runs a pass over rows first .. n_rows - 1; all that the task points to is in the memory, but
 * for the model's options. Each process that takes part has scratch of its own. Workers are
 * called when the pass has shown that it takes long. The rows are in steps of step_rows, of which
 * each begins when the one before is done; where there are several, block_rows divides step_rows.
 */
extern void workers_run_pass(const Task *task, TrainingMemory *memory, int pass,
							 const void *argument, size_t argument_bytes, size_t scratch_bytes,
							 int64 first, int64 n_rows, int64 step_rows, int64 block_rows);

/* How many workers may come, at most. */
extern int	workers_allowed(void);

#endif							/* REC_WORKERS_H */
