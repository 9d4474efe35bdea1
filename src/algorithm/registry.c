/*
 * registry.c
 *	  Every algorithm there is.
 */
#include <string.h>

#include "algorithm/algorithm.h"
#include "kernel/vector.h"

extern const Algorithm als_algorithm;

const Algorithm *const algorithms[] = {
	&als_algorithm,
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

int64_t
column_stride(const Column *column)
{
	return column->type == COLUMN_NUMBER ? 1 : column->type == COLUMN_VECTOR ? PADDED(column->width) : 0;
}
