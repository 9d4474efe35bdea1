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
 * Where its parts begin, in bytes from the beginning; each at a cache line. 0: there is no such
 * part.
 */
typedef struct Image
{
	int64		n_rows;
	int64		n_items;		/* of the model, which lists and what is derived refer to */
	Size		bytes;			/* of all */
	Size		ids;			/* an IdBlock */
	Size		n_ratings;
	Size		values[MAX_COLUMNS];
	int64		list_entries;
	Size		list_start;
	Size		list_column;
	Size		list_value;
	/* of the model, with the last side that asking needs; 0: not with this one */
	Size		derived;
	/* of the items, a SearchIndex; 0: their scores are not inner products */
	Size		index;
} Image;

/* The image that a side of the model with these rows is to have. Sets the side's number of rows. */
extern Image image_plan(Model *model, Side *side, const StoredRows *rows);

/* Lets a side of the model lie in the block, which begins with an Image. */
extern void image_attach(const char *block, Model *model, Side *side);

/*
 * The same for a block of so many bytes that another process has filled. False, and the side is
 * void, where it is not what this process would have laid out, or is of other items than the
 * model has.
 */
extern bool image_attach_checked(const char *block, Size bytes, Model *model, Side *side);

/* The ids of the rows. */
extern const IdBlock *image_ids(const char *block);

extern Size image_bytes(const char *block);

/* The index for searching the items; NULL where there is none. */
extern const SearchIndex *image_index(const char *block);

/* Fills the parts that are computed from the model, of which the block holds a side. */
extern void image_prepare(char *block, Model *model);

#endif							/* REC_LAYOUT_H */
