/*
 * image.c
 *	  A table of a model in one block of memory.
 */
#include "postgres.h"
#include "model/compat.h"

#include "kernel/vector.h"
#include "model/image.h"
#include "model/memory.h"
#include "utils/memutils.h"

/* Adds a part to the end; returns where it begins. */
static Size
add_part(Image *image, Size bytes)
{
	Size		at = image->bytes;

	image->bytes += TYPEALIGN(ALIGNMENT, bytes);
	return at;
}

Image
image_plan(Model *model, Side *side, const StoredRows *rows)
{
	Image		image = {.n_rows = rows->ids->n};

	side->n_rows = image.n_rows;
	if (side == &model->items)
		model_set_items(model, image.n_rows);
	add_part(&image, sizeof(Image));
	image.ids = add_part(&image, id_block_bytes(rows->ids));
	image.n_ratings = add_part(&image, sizeof(int32) * image.n_rows);
	for (int i = 0; i < side->n_columns; i++)
		image.values[i] = add_part(&image, sizeof(float) * image.n_rows * column_stride(&side->columns[i]));
	if (rows->list_start != NULL)
	{
		/* what is derived from lists is as long as they are */
		side->list = (SparseMatrix) {.n_rows = image.n_rows, .n_columns = model->items.n_rows, .start = rows->list_start};
		image.list_entries = rows->list_start[image.n_rows];
		image.list_start = add_part(&image, sizeof(int64) * (image.n_rows + 1));
		image.list_column = add_part(&image, sizeof(int32) * image.list_entries);
		image.list_value = add_part(&image, sizeof(float) * image.list_entries);
	}
	if (side == (model->algorithm->asks_users ? &model->users : &model->items))
		image.derived = add_part(&image, model->algorithm->derived_bytes(model));
	if (side == &model->items)
	{
		InnerProduct product;

		if (has_inner_product(model, &product))
			image.index = add_part(&image, search_index_bytes(image.n_rows, product.width));
	}
	return image;
}

void
image_attach(const char *block, Model *model, Side *side)
{
	const Image *image = (const Image *) block;

	side->n_rows = image->n_rows;
	if (side == &model->items)
		model_set_items(model, image->n_rows);
	side->n_ratings = (int32 *) (block + image->n_ratings);
	for (int i = 0; i < side->n_columns; i++)
		side->values[i] = (float *) (block + image->values[i]);
	if (image->list_start != 0)
	{
		side->list.n_rows = image->n_rows;
		side->list.n_columns = model->items.n_rows;
		side->list.start = (int64 *) (block + image->list_start);
		side->list.column = (int32 *) (block + image->list_column);
		side->list.value = (float *) (block + image->list_value);
	}
	if (image->derived != 0)
		model->derived = unconstify(char *, block + image->derived);
}

const IdBlock *
image_ids(const char *block)
{
	return (const IdBlock *) (block + ((const Image *) block)->ids);
}

Size
image_bytes(const char *block)
{
	return ((const Image *) block)->bytes;
}

const SearchIndex *
image_index(const char *block)
{
	const Image *image = (const Image *) block;

	return image->index == 0 ? NULL : (const SearchIndex *) (block + image->index);
}

void
image_prepare(char *block, Model *model)
{
	const Image *image = (const Image *) block;
	InnerProduct product;

	if (image->derived != 0)
		model->algorithm->prepare(model);
	if (image->index != 0 && has_inner_product(model, &product))
	{
		MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rec scratch", ALLOCSET_DEFAULT_SIZES);

		search_index_build((SearchIndex *) (block + image->index), &product, image->n_rows,
						   memory_aligned(context, search_build_scratch_bytes(image->n_rows, product.width)));
		MemoryContextDelete(context);
	}
}
