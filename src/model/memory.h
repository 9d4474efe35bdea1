/*
 * memory.h
 *	  The limit on the memory that training takes.
 */
#ifndef REC_MEMORY_H
#define REC_MEMORY_H

#include "utils/palloc.h"

/* Defines the setting rec.max_memory. */
extern void memory_define_setting(void);

/* Errors out where this many bytes are over the limit; purpose completes "... needs". */
extern void memory_require(double bytes, const char *purpose);

/* Zeroes memory of any size, and can be interrupted. */
extern void memory_clear(char *memory, Size bytes);

/* Memory aligned to a cache line, of any size; zeroed. Not to be freed by pfree, but with its context. */
extern void *memory_aligned(MemoryContext context, Size bytes);

#endif							/* REC_MEMORY_H */
