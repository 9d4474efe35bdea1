/*
 * pieces.h
 *	  One block of memory in pieces, each of which begins at a cache line.
 *
 * Code that lays out scratch, or the derived block of a model, adds its pieces in one function.
 * That function is called with memory, aligned to a cache line, to get the addresses, and without
 * memory to learn the number of bytes; the addresses are meaningless then.
 */
#ifndef REC_PIECES_H
#define REC_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/vector.h"

typedef struct Pieces
{
	const void *memory;			/* NULL: only the size is computed */
	size_t		bytes;			/* of the pieces so far */
} Pieces;

/* Bytes rounded up to whole cache lines. */
static inline size_t
cache_lines(size_t bytes)
{
	return (bytes + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1);
}

/* The next piece, of the given number of bytes. */
static inline void *
add_piece(Pieces *pieces, size_t bytes)
{
	uintptr_t	at = (uintptr_t) pieces->memory + pieces->bytes;

	pieces->bytes += cache_lines(bytes);
	return (void *) at;
}

#endif							/* REC_PIECES_H */
