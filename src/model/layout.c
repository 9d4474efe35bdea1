/*
 * layout.c
 *	  A table of a model in one block of memory.
 */
#include "postgres.h"
#include "server/compat.h"

#include "kernel/vector.h"
#include "model/layout.h"
#include "model/lists.h"
#include "server/memory.h"
#include "utils/memutils.h"

/* A place in a block, which is moved from part to part. */
typedef struct Place
{
	char	   *block;			/* NULL: only sizes are added up */
	Size		at;
} Place;

/* Moves the place behind a part of the given bytes; returns where the part begins. */
static char *
pass_part(Place *place, Size bytes)
{
	char	   *part = place->block == NULL ? NULL : place->block + place->at;

	place->at += TYPEALIGN(ALIGNMENT, bytes);
	return part;
}

/* A VisitArray: sets an array to its part of the block, if there is a block. */
static void
visit_part(void *context, void *pointer, size_t bytes)
{
	Place	   *place = context;
	char	   *part = pass_part(place, bytes);

	if (place->block != NULL)
		set_visited_array(pointer, part);
}

/* The place of the ids. */
static Place
first_place(const char *block)
{
	return (Place) {unconstify(char *, block), TYPEALIGN(ALIGNMENT, sizeof(Image))};
}

/* The place after the ids and the arrays that training wrote, where computed parts begin. */
static Place
computed_place(const char *block, const Image *image, Side *side)
{
	Place		place = first_place(block);

	pass_part(&place, image->id_bytes);
	side_visit(side, visit_part, &place);
	return place;
}

/* The index is the last part. */
static Size
index_place(const Image *image)
{
	return image->bytes - TYPEALIGN(ALIGNMENT, image->index_bytes);
}

/* The number of rows that the side's lists may refer to. */
static int64
list_columns(const Model *model, const Side *side)
{
	return model->sides[listed_side(side_list_type(side))].n_rows;
}

/* The bytes of the index for searching n_rows rows of a side; 0: it has no index. */
static Size
index_bytes(const Model *model, SideKind kind, int64 n_rows)
{
	InnerProduct product;
	bool		is_searched = kind == SIDE_ITEMS ||
					   (kind == SIDE_USERS && model->algorithm->user_product != NULL);

	/* users' vectors are as wide as items' vectors */
	return is_searched && has_inner_product(model, &product)
			   ? search_index_bytes(n_rows, product.width)
			   : 0;
}

Image
image_plan(Model *model, SideKind kind, const StoredRows *rows)
{
	Side	   *side = &model->sides[kind];
	Image		image = {.n_rows = rows->n_rows};
	Place		place;

	side->n_rows = image.n_rows;
	if (kind == SIDE_ITEMS)
		model_set_items(model, image.n_rows);
	image.n_items = model->sides[SIDE_ITEMS].n_rows;
	if (rows->ids != NULL)
		image.id_bytes = id_block_bytes(rows->ids);
	if (rows->list_start != NULL)
	{
		/* the size of the derived block depends on the lengths of lists */
		side->list = (SparseMatrix) {.n_rows = image.n_rows,
									.n_columns = list_columns(model, side),
									.start = rows->list_start};
		side->list_room = image.list_entries = rows->list_start[image.n_rows];
	}
	if (kind == SIDE_ITEMS)
		image.popular_bytes = sizeof(int32) * image.n_rows;
	if (kind == last_asked_side(model))
		image.derived_bytes = model_derived_bytes(model);
	image.index_bytes = index_bytes(model, kind, image.n_rows);
	place = computed_place(NULL, &image, side);
	pass_part(&place, image.popular_bytes);
	pass_part(&place, image.derived_bytes);
	pass_part(&place, image.index_bytes);
	image.bytes = place.at;
	return image;
}

void
image_attach(const char *block, Model *model, SideKind kind)
{
	const Image *image = (const Image *) block;
	Side	   *side = &model->sides[kind];
	Place		place;

	side->n_rows = image->n_rows;
	if (kind == SIDE_ITEMS)
		model_set_items(model, image->n_rows);
	side->list = (SparseMatrix) {0};
	side->list_room = image->list_entries;
	place = computed_place(block, image, side);
	if (side->list.start != NULL)
	{
		side->list.n_rows = image->n_rows;
		side->list.n_columns = list_columns(model, side);
	}
	if (kind == SIDE_ITEMS)
		model->popular = (int32 *) pass_part(&place, image->popular_bytes);
	if (kind == last_asked_side(model))
		model->derived = pass_part(&place, image->derived_bytes);
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

/*
 * Whether each array fits into the bytes, for any numbers in the image. (The sum of sizes could
 * overflow.)
 */
static bool
can_lie_in(const Image *image, const Side *side, Size bytes)
{
	for (int i = 0; i < side->n_columns; i++)
	{
		if (sizeof(float) * (double) image->n_rows * column_stride(&side->columns[i]) > bytes)
			return false;
	}
	return image->list_entries >= 0 && sizeof(int32) * (double) image->list_entries <= bytes &&
		   image->id_bytes <= bytes && image->popular_bytes <= bytes &&
		   image->derived_bytes <= bytes && image->index_bytes <= bytes;
}

bool
image_attach_checked(const char *block, Size bytes, Model *model, SideKind kind)
{
	const Image *image = (const Image *) block;
	bool		is_last = kind == last_asked_side(model);
	Side	   *side = &model->sides[kind];
	Side		laid_out;
	Place		place;

	if (bytes < sizeof(Image) || image->bytes > bytes || image->n_rows < 0 ||
		image->n_rows > PG_INT32_MAX ||
		image->n_items !=
			(kind == SIDE_ITEMS ? image->n_rows : model->sides[SIDE_ITEMS].n_rows) ||
		(kind == SIDE_PARAMETERS && image->n_rows != side->n_rows) ||
		(image->derived_bytes != 0 && !is_last))
		return false;
	if (kind == SIDE_ITEMS)
		model_set_items(model, image->n_rows);
	if (!can_lie_in(image, side, bytes))
		return false;
	laid_out = *side;
	laid_out.n_rows = image->n_rows;
	laid_out.list_room = image->list_entries;
	place = computed_place(NULL, image, &laid_out);
	pass_part(&place, image->popular_bytes);
	pass_part(&place, image->derived_bytes);
	pass_part(&place, image->index_bytes);
	if (place.at != image->bytes)
		return false;
	image_attach(block, model, kind);
	if ((image_ids(block) == NULL
			 ? side_has_ids(kind)
			 : !id_block_fits(image_ids(block), image->id_bytes, image->n_rows)) ||
		(side->list.start != NULL &&
		 !is_ascending(side->list.start, image->n_rows, image->list_entries)))
		return false;
	return image->index_bytes == index_bytes(model, kind, image->n_rows) &&
		   image->popular_bytes ==
			   (kind == SIDE_ITEMS ? sizeof(int32) * (Size) image->n_rows : 0) &&
		   (!is_last || image->derived_bytes == model_derived_bytes(model));
}

const IdBlock *
image_ids(const char *block)
{
	return ((const Image *) block)->id_bytes == 0
			   ? NULL
			   : (const IdBlock *) (block + first_place(block).at);
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

	return image->index_bytes == 0 ? NULL : (const SearchIndex *) (block + index_place(image));
}

static void
build_index(SearchIndex *index, const InnerProduct *product, int64 n_rows)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "rec scratch", ALLOCSET_DEFAULT_SIZES);

	search_index_build(index, product, n_rows,
					   memory_aligned(context, search_build_scratch_bytes(n_rows, product->width)));
	MemoryContextDelete(context);
}

void
model_complete(Model *model, bool derive, SearchIndex *index)
{
	InnerProduct product;

	if (derive)
		model_prepare(model);
	if (index != NULL && has_inner_product(model, &product))
		build_index(index, &product, model->sides[SIDE_ITEMS].n_rows);
}

void
image_prepare(char *block, Model *model, SideKind kind)
{
	SearchIndex *index = unconstify(SearchIndex *, image_index(block));
	InnerProduct product;
	float		constant;

	if (kind == SIDE_ITEMS)
		list_rank_popular(model);
	model_complete(model, kind == last_asked_side(model),
				   kind == SIDE_ITEMS ? index : NULL);
	/* without a user product the index is not built, and never read */
	if (kind == SIDE_USERS && index != NULL && has_user_product(model, &product, &constant))
		build_index(index, &product, model->sides[SIDE_USERS].n_rows);
}

/* A VisitArray: allocates the array. */
static void
allocate_array(void *context, void *pointer, size_t bytes)
{
	if (bytes > 0)
		set_visited_array(pointer, memory_aligned(context, bytes));
}

void
side_allocate(Side *side, MemoryContext context)
{
	side_visit(side, allocate_array, context);
}
