/*
 * memory.h
 *	  Allocation of large memory, and the limit on it.
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

/* Raises an error where this many bytes exceed the limit; purpose completes "... needs". */
extern void memory_require(double bytes, const char *purpose);

/*
 * The detoasted array of an argument. Raises an error where the array, and bytes_per_element more
 * for each of its elements, exceed the limit; the detoasted size is checked before it is allocated.
 */
extern ArrayType *memory_array(Datum array, Size bytes_per_element, const char *argument);

/* Zeroes memory of any size; can be interrupted. */
extern void memory_clear(char *memory, Size bytes);

/*
 * Allocates zeroed memory of any size, aligned to a cache line. It cannot be freed with pfree, only
 * with its context.
 */
extern void *memory_aligned(MemoryContext context, Size bytes);

/*
 * Runs an action that may fail, for example for lack of memory, in a subtransaction, which cleans
 * up after a failure. Returns NULL if the action succeeded. After a tolerated error, logs it at
 * DEBUG1, prefixed with doing_without, and returns its message. Other errors are thrown again.
 */
extern char *memory_attempt(void (*action) (void *), void *arg,
							bool (*tolerated) (int sqlerrcode), const char *doing_without);

/* For memory_attempt: tolerates every error except a cancel or a shutdown. */
extern bool is_no_cancel(int sqlerrcode);

/*
 * Creates a dynamic shared memory segment with arbitrary contents, whose mapping outlives the
 * transaction. Returns NULL where no segment can be created.
 */
extern dsm_segment *memory_segment(Size bytes);

#endif							/* REC_MEMORY_H */
