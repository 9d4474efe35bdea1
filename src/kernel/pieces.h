/*
 * pieces.h
 *	  One block of memory in pieces, each of which begins with a cache line.
 *
 * What lays scratch out, or what is derived of a model, says in one function which pieces there
 * are. It is called with the memory, which is aligned to a cache line, to have the addresses, and
 * without it to learn how many bytes are needed; the addresses mean nothing then.
 */
#ifndef REC_PIECES_H
#define REC_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/vector.h"

typedef struct Pieces
{
	const void *memory;			/* NULL: there is none yet */
	size_t		bytes;			/* of the pieces so far */
} Pieces;

/* Bytes rounded up to whole cache lines. */
static inline size_t
cache_lines(size_t bytes)
{
	return (bytes + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1);
}

/* The next piece, of so many bytes. */
static inline void *
add_piece(Pieces *pieces, size_t bytes)
{
	uintptr_t	at = (uintptr_t) pieces->memory + pieces->bytes;

	pieces->bytes += cache_lines(bytes);
	return (void *) at;
}

#endif							/* REC_PIECES_H */
