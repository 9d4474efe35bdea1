/*
 * new_items.h
 *	  What a model knows of items and users by their attributes: of items that came after the
 *	  training, and of the user who asks.
 */
#ifndef REC_NEW_ITEMS_H
#define REC_NEW_ITEMS_H

#include "model/model_cache.h"

/* Attributes of items or users, as the features of a model that they have. */
typedef struct KnownAttributes
{
	bool	   *is_known;		/* by item or user: the relation has a row of it */
	/* items or users x features; those that are not known have at most the intercept */
	SparseMatrix features;
	const Features *description;	/* of the features that occur */
} KnownAttributes;

/* How a model encodes the attributes of its items or users. */
typedef struct KnownFeatures KnownFeatures;

/* Whether the model can say something about items that it was not trained on. */
extern bool model_maps_items(const Model *model);

/*
 * Whether the current user may read the relation of the items' attributes, and the table of their
 * features. The relation may be gone.
 */
extern bool may_read_attributes(const LoadedModel *loaded);

/*
 * Of items or users, by the side of the features, whose names are given. The result refers to all
 * that it was made of.
 */
extern KnownFeatures *known_features(const ModelRow *row, const Model *model, SideKind kind,
									 IdList *names);

/*
 * Reads the attributes of items or users as the current user, with the active snapshot. SPI must be
 * connected. Raises an error if a column that the model was trained with is missing.
 */
extern KnownAttributes *read_known_attributes(const KnownFeatures *known, const Source *source,
											  const IdDictionary *ids, MemoryContext context);

/*
 * The same with the features of a loaded model. The model was returned by loaded_model(); it
 * gets the side of the features.
 */
extern KnownAttributes *known_attributes(LoadedModel *loaded, SideKind kind,
										 const IdDictionary *ids);

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
