/*
 * layout.c
 *	  A table of a model in one block of memory.
 */
#include "postgres.h"
#include "server/compat.h"

#include "kernel/vector.h"
#include "model/layout.h"
#include "server/memory.h"
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
	image.n_items = model->items.n_rows;
	add_part(&image, sizeof(Image));
	image.ids = add_part(&image, id_block_bytes(rows->ids));
	image.n_ratings = add_part(&image, sizeof(int32) * image.n_rows);
	for (int i = 0; i < side->n_columns; i++)
		image.values[i] =
			add_part(&image, sizeof(float) * image.n_rows * column_stride(&side->columns[i]));
	if (rows->list_start != NULL)
	{
		/* what is derived from lists is as long as they are */
		side->list = (SparseMatrix){
			.n_rows = image.n_rows, .n_columns = model->items.n_rows, .start = rows->list_start};
		image.list_entries = rows->list_start[image.n_rows];
		image.list_start = add_part(&image, sizeof(int64) * (image.n_rows + 1));
		image.list_column = add_part(&image, sizeof(int32) * image.list_entries);
		image.list_value = add_part(&image, sizeof(float) * image.list_entries);
	}
	if (side == (model->algorithm->asks_users ? &model->users : &model->items))
		image.derived = add_part(&image, model_derived_bytes(model));
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

/* Whether a part of so many bytes lies within the block. */
static bool
has_part(const Image *image, Size at, double bytes)
{
	return at % ALIGNMENT == 0 && at >= sizeof(Image) &&
		   (double) at + bytes <= (double) image->bytes;
}

/* Whether the rows' lists lie one behind the other. */
static bool
is_ascending(const int64 *start, int64 n_rows, int64 end)
{
	for (int64 r = 0; r < n_rows; r++)
	{
		if (start[r] > start[r + 1])
			return false;
	}
	return start[0] == 0 && start[n_rows] == end;
}

bool
image_attach_checked(const char *block, Size bytes, Model *model, Side *side)
{
	const Image *image = (const Image *) block;
	bool		is_items = side == &model->items;
	bool		is_last = side == (model->algorithm->asks_users ? &model->users : &model->items);
	bool		has_list = false;
	InnerProduct product;

	if (bytes < sizeof(Image) || image->bytes > bytes || image->n_rows < 0 ||
		image->n_rows > PG_INT32_MAX ||
		image->n_items != (is_items ? image->n_rows : model->items.n_rows) ||
		!has_part(image, image->ids, 0) ||
		!id_block_fits(image_ids(block), image->bytes - image->ids, image->n_rows) ||
		!has_part(image, image->n_ratings, sizeof(int32) * (double) image->n_rows))
		return false;
	if (is_items)
		model_set_items(model, image->n_rows);
	for (int i = 0; i < side->n_columns; i++)
	{
		if (!has_part(image, image->values[i],
					  sizeof(float) * (double) image->n_rows * column_stride(&side->columns[i])))
			return false;
		has_list = has_list || side->columns[i].type == COLUMN_ITEMS;
	}
	if (has_list != (image->list_start != 0))
		return false;
	if (has_list &&
		(image->list_entries < 0 ||
		 !has_part(image, image->list_start, sizeof(int64) * (image->n_rows + 1.0)) ||
		 !has_part(image, image->list_column, sizeof(int32) * (double) image->list_entries) ||
		 !has_part(image, image->list_value, sizeof(float) * (double) image->list_entries) ||
		 !is_ascending((const int64 *) (block + image->list_start), image->n_rows,
					   image->list_entries)))
		return false;
	image_attach(block, model, side);
	return is_last == (image->derived != 0) &&
		   (!is_last || has_part(image, image->derived, model_derived_bytes(model))) &&
		   (image->index == 0 ||
			(is_items && has_inner_product(model, &product) &&
			 has_part(image, image->index, search_index_bytes(image->n_rows, product.width))));
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
		model_prepare(model);
	if (image->index != 0 && has_inner_product(model, &product))
	{
		MemoryContext context =
			AllocSetContextCreate(CurrentMemoryContext, "rec scratch", ALLOCSET_DEFAULT_SIZES);

		search_index_build(
			(SearchIndex *) (block + image->index), &product, image->n_rows,
			memory_aligned(context, search_build_scratch_bytes(image->n_rows, product.width)));
		MemoryContextDelete(context);
	}
}
