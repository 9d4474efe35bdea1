/*
 * memory.h
 *	  Memory of any size, and the limit on it.
 */
#ifndef REC_MEMORY_H
#define REC_MEMORY_H

#include "storage/dsm.h"
#include "utils/array.h"
#include "utils/palloc.h"

/* Defines the setting rec.max_memory, the limit for one training and for one model in memory. */
extern void memory_define_setting(void);

/* Whether this many bytes are within the limit. */
extern bool memory_has_room(double bytes);

/* Errors out where this many bytes are over the limit; purpose completes "... needs". */
extern void memory_require(double bytes, const char *purpose);

/*
 * An array argument as it can be read, of which n elements take so many bytes each beside it;
 * errors out where that is over the limit: what an array takes when it is taken out of
 * compression, or is put together from its parts, is asked for before.
 */
extern ArrayType *memory_array(Datum array, Size bytes_per_element, const char *argument);

/* Zeroes memory of any size, and can be interrupted. */
extern void memory_clear(char *memory, Size bytes);

/*
 * Memory aligned to a cache line, of any size; zeroed. Not to be freed by pfree, but with its
 * context.
 */
extern void *memory_aligned(MemoryContext context, Size bytes);

/*
 * Does what may fail, for lack of memory for example, in a subtransaction, because nothing else
 * undoes what a failure leaves behind. NULL, or why it failed, where that is an error that is
 * tolerated, of which the log says at debug1 what is done without.
 */
extern char *memory_attempt(void (*action) (void *), void *arg,
							bool (*tolerated) (int sqlerrcode), const char *doing_without);

/* Tolerates whatever is not that somebody wants an end. */
extern bool is_no_cancel(int sqlerrcode);

/*
 * A dynamic shared memory segment with arbitrary contents, whose mapping outlives the
 * transaction; NULL where there is none to be had.
 */
extern dsm_segment *memory_segment(Size bytes);

#endif							/* REC_MEMORY_H */
