/*
 * registry.c
 *	  Every algorithm there is.
 */
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/vector.h"

#define POINTER(name) &name##_algorithm,

const Algorithm *const algorithms[] = {
	ALGORITHMS(POINTER)
	NULL
};

const char *const feedback_choices[] = {"explicit", "implicit", NULL};

const Algorithm *
find_algorithm(const char *name)
{
	for (int i = 0; algorithms[i] != NULL; i++)
	{
		if (strcmp(algorithms[i]->name, name) == 0)
			return algorithms[i];
	}
	return NULL;
}

bool
has_inner_product(const Model *model, InnerProduct *product)
{
	return model->algorithm->inner_product != NULL && model->algorithm->inner_product(model, product);
}

bool
model_predicts_ratings(const Model *model)
{
	return model->algorithm->predicts_ratings != NULL && model->algorithm->predicts_ratings(model);
}

static void
set_width(Column *columns, int n_columns, int64_t n_items)
{
	for (int i = 0; i < n_columns; i++)
	{
		if (columns[i].width == WIDTH_ITEMS)
			columns[i].width = (int) n_items;
	}
}

void
model_set_items(Model *model, int64_t n_items)
{
	model->items.n_columns = model->algorithm->item_columns(model->options, model->items.columns);
	model->users.n_columns = model->algorithm->user_columns(model->options, model->users.columns);
	set_width(model->items.columns, model->items.n_columns, n_items);
	set_width(model->users.columns, model->users.n_columns, n_items);
}

int64_t
column_stride(const Column *column)
{
	return column->type == COLUMN_NUMBER ? 1 : column->type == COLUMN_VECTOR ? PADDED(column->width) : 0;
}
