/*
 * list_rules.h
 *	  What lists are to be like beyond their scores, as it was asked for.
 */
#ifndef REC_LIST_RULES_H
#define REC_LIST_RULES_H

#include "model/lists.h"
#include "model/model_cache.h"
#include "source/item_groups.h"

/* The arguments diversity, max_per and calibrate. */
typedef struct ListOptions
{
	double		diversity;		/* 0 .. 1 */
	/* the columns of max_per and, if it is another one, of calibrate */
	int			n_columns;
	char	  **columns;
	/* by column: the most items with one of its values; -1: any number */
	int32	   *limits;
	int			calibrated;		/* the column of calibrate, or -1 */
} ListOptions;

/* Opens the relation of the items' attributes, which model must have if there are columns. */
extern ItemGroups *list_options_open(const ListOptions *options, const ModelRow *row,
									 const Source *source, MemoryContext context);

/*
 * The rules for one list, whose groups are read as they are needed, as the current user. options
 * NULL: NULL. unknown: candidates that are not in the model, or NULL.
 */
extern ListRules *list_rules(LoadedModel *loaded, const ListOptions *options,
							 IdDictionary *unknown);

/* The rules for many lists: the groups of all items, and of some that are not in the model. */
extern ListRules *list_rules_of_table(const ListOptions *options, const GroupTable *table);

#endif							/* REC_LIST_RULES_H */
