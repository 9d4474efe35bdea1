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
image_plan(Model *model, Side *side, const IdDictionary *ids)
{
	Image		image = {.n_rows = ids->n};

	side->n_rows = ids->n;
	add_part(&image, sizeof(Image));
	image.ids = add_part(&image, id_block_bytes(ids));
	image.n_ratings = add_part(&image, sizeof(int32) * image.n_rows);
	for (int i = 0; i < side->n_columns; i++)
		image.values[i] = add_part(&image, sizeof(float) * image.n_rows * column_stride(&side->columns[i]));
	if (side == &model->items)
	{
		InnerProduct product;

		image.derived = add_part(&image, model->algorithm->derived_bytes(model));
		if (model->algorithm->inner_product(model, &product))
			image.index = add_part(&image, search_index_bytes(image.n_rows, product.width));
	}
	return image;
}

void
image_attach(const char *block, Model *model, Side *side)
{
	const Image *image = (const Image *) block;

	side->n_rows = image->n_rows;
	side->n_ratings = (int32 *) (block + image->n_ratings);
	for (int i = 0; i < side->n_columns; i++)
		side->values[i] = (float *) (block + image->values[i]);
	if (side == &model->items)
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

	model->algorithm->prepare(model);
	if (image->index != 0 && model->algorithm->inner_product(model, &product))
	{
		MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rec scratch", ALLOCSET_DEFAULT_SIZES);

		search_index_build((SearchIndex *) (block + image->index), &product, image->n_rows,
						   memory_aligned(context, search_build_scratch_bytes(image->n_rows, product.width)));
		MemoryContextDelete(context);
	}
}
