/*
 * layout.h
 *	  A table of a model in one block of memory.
 *
 * The block holds no pointers, so that other processes can have it at other addresses.
 */
#ifndef REC_LAYOUT_H
#define REC_LAYOUT_H

#include "algorithm/algorithm.h"
#include "kernel/search.h"
#include "model/store.h"
#include "source/identifier.h"

/*
 * The head of a block. The parts follow, each at a cache line. Where they are follows from these
 * numbers and from the model (side_visit).
 */
typedef struct Image
{
	int64		n_rows;
	int64		n_items;		/* items of the model, which lists and the derived block refer to */
	int64		list_entries;
	Size		id_bytes;		/* of the IdBlock */
	Size		popular_bytes;	/* of Model.popular, in the items' block; otherwise 0 */
	/* of Model.derived, in the block of the last side that asking needs; otherwise 0 */
	Size		derived_bytes;
	/* of the SearchIndex, in the items' and the users' blocks; 0: scores are not inner products */
	Size		index_bytes;
	Size		bytes;			/* of the whole block */
} Image;

/* The image of a side of the model with these rows. Sets the side's number of rows. */
extern Image image_plan(Model *model, SideKind kind, const StoredRows *rows);

/* Points a side of the model into the block, which begins with an Image. */
extern void image_attach(const char *block, Model *model, SideKind kind);

/*
 * image_attach() for a block of the given bytes that another process has filled. Returns false,
 * leaving the side undefined, where the block differs from what this process would have laid out,
 * or refers to other items than the model's.
 */
extern bool image_attach_checked(const char *block, Size bytes, Model *model, SideKind kind);

/* The ids of the rows; NULL where rows have numbers. */
extern const IdBlock *image_ids(const char *block);

extern Size image_bytes(const char *block);

/* The index for searching the rows of the side; NULL where the block has none. */
extern const SearchIndex *image_index(const char *block);

/* Allocates the arrays of a side, whose rows, columns and list_room are set. */
extern void side_allocate(Side *side, MemoryContext context);

/* Computes the parts of the block that training does not write. */
extern void image_prepare(char *block, Model *model, SideKind kind);

/*
 * Computes what asking needs beside what training wrote: if derive is true, the algorithm's derived
 * block, whose memory is set; and the index of the items, unless it is NULL.
 */
extern void model_complete(Model *model, bool derive, SearchIndex *index);

#endif							/* REC_LAYOUT_H */
