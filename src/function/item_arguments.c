/*
 * item_arguments.c
 *	  Arguments that are items: candidates, excluded items, a profile.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "function/arguments.h"
#include "function/item_arguments.h"
#include "miscadmin.h"
#include "server/memory.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/*
 * The numbers of the known items of an array argument, each once. Unknown ids are added to a
 * dictionary, unless it is NULL.
 */
static int64
array_items(FunctionCallInfo fcinfo, int argument, const char *name, LoadedModel *loaded,
			int32 **numbers, IdDictionary *unknown)
{
	Datum	   *ids;
	int			n =
		id_array_elements(PG_GETARG_DATUM(argument), get_fn_expr_argtype(fcinfo->flinfo, argument),
						  &loaded->ids[SIDE_ITEMS]->type, name, &ids);
	NumberSet	taken = number_set(loaded->model.sides[SIDE_ITEMS].n_rows);
	int64		known = 0;

	*numbers = palloc_extended(sizeof(int32) * Max(n, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < n; i++)
	{
		int32		number = id_list_find(loaded->ids[SIDE_ITEMS], ids[i]);

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (number >= 0 && !number_set_has(&taken, number))
		{
			number_set_add(&taken, number);
			(*numbers)[known++] = number;
		}
		else if (number < 0 && unknown != NULL)
			id_dictionary_add(unknown, ids[i]);
	}
	return known;
}

ItemFilter
item_filter(FunctionCallInfo fcinfo, LoadedModel *loaded, int candidates, int exclude)
{
	const IdType *type = &loaded->ids[SIDE_ITEMS]->type;
	ItemFilter	filter = {.skip = {0}};

	if (argument_is_given(fcinfo, candidates))
	{
		filter.unknown = id_dictionary_create(type, CurrentMemoryContext);
		filter.unwanted = id_dictionary_create(type, CurrentMemoryContext);
		filter.n_candidates = array_items(fcinfo, candidates, "candidates", loaded,
										  &filter.candidates, filter.unknown);
	}
	filter.skip = number_set(loaded->model.sides[SIDE_ITEMS].n_rows +
							 (filter.unknown == NULL ? 0 : filter.unknown->n));
	if (argument_is_given(fcinfo, exclude))
	{
		int32	   *excluded;
		int64		n =
			array_items(fcinfo, exclude, "exclude", loaded, &excluded, filter.unwanted);

		for (int64 i = 0; i < n; i++)
			number_set_add(&filter.skip, excluded[i]);
	}
	return filter;
}

void
item_filter_settle(ItemFilter *filter)
{
	int64		n = 0;

	for (int64 i = 0; i < filter->n_candidates; i++)
	{
		if (!number_set_has(&filter->skip, filter->candidates[i]))
			filter->candidates[n++] = filter->candidates[i];
	}
	filter->n_candidates = n;
}

IdDictionary *
item_filter_unknown(const ItemFilter *filter)
{
	IdDictionary *left = id_dictionary_create(&filter->unknown->type, CurrentMemoryContext);

	for (int32 i = 0; i < filter->unknown->n; i++)
	{
		Datum		id = filter->unknown->ids[i];

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (id_dictionary_find(filter->unwanted, id) < 0)
			id_dictionary_add(left, id);
	}
	pfree(id_dictionary_sort(left));
	return left;
}

/* Checks a rating that is given by hand, the number-th from 1. */
static float
checked_rating(const LoadedModel *loaded, double value, int number)
{
	float		rating = (float) value;

	if (!isfinite(rating))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg(isfinite(value) ? "rating %d is out of range for type real"
											   : "rating %d is not finite",
							   number)));
	if (rating < 0 && !model_predicts_ratings(&loaded->model))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("rating %d is negative", number),
				 errdetail("Model \"%s\" was trained on implicit feedback, where ratings are "
						   "weights.",
						   get_rel_name(loaded->relid))));
	return rating;
}

Asker *
profile_arguments(FunctionCallInfo fcinfo, LoadedModel *loaded, int item_ids,
				  int rating_array, Jsonb *context)
{
	const IdType *type = &loaded->ids[SIDE_ITEMS]->type;
	ArrayType  *items;
	ArrayIterator item_iterator;
	ArrayIterator rating_iterator = NULL;
	Oid			item_type;
	Oid			rating_type = InvalidOid;
	MemoryContext scratch;
	Datum		item;
	bool		is_null;
	int			n;
	int			kept = 0;
	Datum	   *ids;
	float	   *ratings = NULL;

	items = id_array(PG_GETARG_DATUM(item_ids), get_fn_expr_argtype(fcinfo->flinfo, item_ids),
					 type, sizeof(float), "item_ids", &item_type);
	scratch =
		AllocSetContextCreate(CurrentMemoryContext, "rec ids of an array", ALLOCSET_DEFAULT_SIZES);
	n = ArrayGetNItems(ARR_NDIM(items), ARR_DIMS(items));
	ids = palloc_extended(sizeof(Datum) * Max(n, 1), MCXT_ALLOC_HUGE);
	item_iterator = array_create_iterator(items, 0, NULL);
	if (!PG_ARGISNULL(rating_array))
	{
		ArrayType  *array = memory_array(PG_GETARG_DATUM(rating_array), 0, "ratings");
		int			length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

		if (length != n)
			ereport(ERROR,
					(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
					 errmsg("there are %d items, but %d ratings", n, length)));
		ratings = palloc_extended(sizeof(float) * Max(n, 1), MCXT_ALLOC_HUGE);
		rating_type = ARR_ELEMTYPE(array);
		rating_iterator = array_create_iterator(array, 0, NULL);
	}
	for (int i = 0; array_iterate(item_iterator, &item, &is_null); i++)
	{
		if (i % 1024 == 0)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(scratch);
		}
		if (ratings != NULL)
		{
			Datum		rating;
			bool		no_rating;

			array_iterate(rating_iterator, &rating, &no_rating);
			ratings[kept] =
				no_rating ? NAN : checked_rating(loaded, real_value(rating, rating_type), i + 1);
		}
		if (!is_null && id_convert_kept(item, item_type, type, scratch, &ids[kept]))
			kept++;
	}
	return ask_as_profile(loaded, kept, ids, ratings, context);
}
