/*
 * new_items.h
 *	  Items that came after the training, by their attributes.
 */
#ifndef REC_NEW_ITEMS_H
#define REC_NEW_ITEMS_H

#include "model/model_cache.h"

/* Attributes of items, as the features of a model that they have. */
typedef struct ItemAttributes
{
	bool	   *is_known;		/* by item: the relation has a row of it */
	SparseMatrix features;		/* items x features; those that are not known have none */
	const Features *description;	/* of the features that occur */
} ItemAttributes;

/* Whether the model can say something about items that it was not trained on. */
extern bool model_maps_items(const Model *model);

/*
 * Whether the current user may read the relation of the attributes, and the table of features. The
 * relation may be gone.
 */
extern bool may_read_attributes(const LoadedModel *loaded);

/*
 * Reads the attributes of items as the current user. Raises an error if a column that the model was
 * trained with is missing. The model was returned by loaded_model(); it gets the side of features.
 */
extern ItemAttributes *item_attributes(LoadedModel *loaded, const IdDictionary *items);

/*
 * A copy of the model that has these items as new items. ids: of items that are not in the model.
 * Where *is_known is false for an item, nothing is known of it.
 */
extern const Model *model_with_new_items(LoadedModel *loaded, const IdDictionary *ids,
										 const bool **is_known);

/*
 * Finds the number of an item. If it came after the training, and the model can say something about
 * it, *model becomes a copy that has it as a new item. Returns -1 if nothing is known of it.
 */
extern int32 find_item(LoadedModel *loaded, Datum id, const Model **model);

#endif							/* REC_NEW_ITEMS_H */
