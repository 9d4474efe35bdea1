/*
 * arrays.c
 *	  The arrays of a model, and of the data that it is trained on.
 *
 * This is the only description of these arrays: all code that allocates, copies or shares a model
 * or its data uses it.
 */
#include <string.h>

#include "algorithm/algorithm.h"

void *
visited_array(const void *pointer)
{
	void	   *array;

	memcpy(&array, pointer, sizeof(array));
	return array;
}

void
set_visited_array(void *pointer, void *array)
{
	memcpy(pointer, &array, sizeof(array));
}

/* rows, entries: the numbers that there is memory for */
static void
matrix_visit(SparseMatrix *m, int64_t rows, int64_t entries, VisitArray visit, void *context)
{
	/* one element more than readers use: kernel/sparse.c needs it while it builds a matrix */
	visit(context, &m->start, sizeof(int64_t) * (size_t) (rows + 2));
	visit(context, &m->column, sizeof(int32_t) * (size_t) entries);
}

int64_t
side_floats(const Side *side, int column)
{
	const Column *c = &side->columns[column];

	if (c->type == COLUMN_NUMBERS)
		return side->n_rows > 0 ? c->width : 0;
	return side->n_rows * column_stride(c);
}

void
side_visit(Side *side, VisitArray visit, void *context)
{
	ColumnType	list = side_list_type(side);

	visit(context, &side->n_ratings, sizeof(int32_t) * (size_t) side->n_rows);
	for (int i = 0; i < side->n_columns; i++)
	{
		const Column *column = &side->columns[i];

		if (column_stride(column) > 0 || column->type == COLUMN_NUMBERS)
			visit(context, &side->values[i], sizeof(float) * (size_t) side_floats(side, i));
		else if (column->type == COLUMN_TIME)
			visit(context, &side->time, sizeof(int64_t) * (size_t) side->n_rows);
	}
	if (list != COLUMN_NUMBER)
		matrix_visit(&side->list, side->n_rows, side->list_room, visit, context);
	if (list_has_weights(list))
		visit(context, &side->list.value, sizeof(float) * (size_t) side->list_room);
}

/* A VisitArray: adds the bytes of the array. */
static void
add_bytes(void *context, void *pointer, size_t bytes)
{
	*(size_t *) context += bytes;
}

size_t
side_bytes(Side *side)
{
	size_t		bytes = 0;

	side_visit(side, add_bytes, &bytes);
	return bytes;
}

static void
features_visit(Features *features, VisitArray visit, void *context)
{
	matrix_visit(&features->by_row, 0, 0, visit, context);
	visit(context, &features->by_row.value, 0);
	visit(context, &features->count, 0);
	visit(context, &features->column, 0);
	visit(context, &features->kind, 0);
	visit(context, &features->encoding, 0);
}

void
task_visit(Task *task, Model *model, Ratings *ratings, VisitArray visit, void *context)
{
	SparseMatrix *matrices[] = {&ratings->by_user, &ratings->by_item};

	for (int i = 0; i < 2; i++)
	{
		matrix_visit(matrices[i], 0, 0, visit, context);
		visit(context, &matrices[i]->value, 0);
		visit(context, &matrices[i]->time, 0);
		visit(context, &matrices[i]->context, 0);
	}
	visit(context, &ratings->events.start, 0);
	visit(context, &ratings->events.items, 0);
	visit(context, &ratings->events.times, 0);
	features_visit(&ratings->item_features, visit, context);
	features_visit(&ratings->user_features, visit, context);
	features_visit(&ratings->contexts, visit, context);
	visit(context, &ratings->asked_context, 0);
	for (int s = 0; s < N_SIDES; s++)
		side_visit(&model->sides[s], visit, context);
	side_visit(&model->new_items, visit, context);
	visit(context, &model->derived, 0);
	visit(context, &model->popular, 0);
	for (int i = 0; i < MAX_ARRAYS; i++)
		visit(context, &task->arrays[i], 0);
}
