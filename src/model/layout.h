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
 * What the block begins with. Its parts follow, each at a cache line: where they are follows from
 * these numbers and from the model (side_visit).
 */
typedef struct Image
{
	int64		n_rows;
	int64		n_items;		/* of the model, which lists and what is derived refer to */
	int64		list_entries;
	Size		id_bytes;		/* of an IdBlock */
	Size		popular_bytes;	/* of Model.popular, with the items; else 0 */
	/* of what the model has derived, with the last side that asking needs; else 0 */
	Size		derived_bytes;
	/* of a SearchIndex, with the items; 0: their scores are not inner products */
	Size		index_bytes;
	Size		bytes;			/* of all */
} Image;

/* The image that a side of the model with these rows is to have. Sets the side's number of rows. */
extern Image image_plan(Model *model, SideKind kind, const StoredRows *rows);

/* Lets a side of the model lie in the block, which begins with an Image. */
extern void image_attach(const char *block, Model *model, SideKind kind);

/*
 * The same for a block of so many bytes that another process has filled. False, and the side is
 * void, where it is not what this process would have laid out, or is of other items than the
 * model has.
 */
extern bool image_attach_checked(const char *block, Size bytes, Model *model, SideKind kind);

/* The ids of the rows; NULL where they have numbers. */
extern const IdBlock *image_ids(const char *block);

extern Size image_bytes(const char *block);

/* The index for searching the items; NULL where there is none with this side. */
extern const SearchIndex *image_index(const char *block);

/* Fills the parts that are computed from the model, of which the block holds a side. */
extern void image_prepare(char *block, Model *model, SideKind kind);

/*
 * Computes what asking needs beside what training wrote: what the algorithm derives, whose memory
 * is set, where it is asked to; and the index, unless it is NULL.
 */
extern void model_complete(Model *model, bool derive, SearchIndex *index);

#endif							/* REC_LAYOUT_H */
