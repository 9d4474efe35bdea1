/*
 * item_groups.h
 *	  Groups of items: the values of columns of the relation of their attributes.
 *
 * Each different value of a column is a group. An item is in the group of its value; of an array,
 * in those of its elements; NULL is no group. Values are the same if the type's equality and the
 * column's collation say so.
 */
#ifndef REC_ITEM_GROUPS_H
#define REC_ITEM_GROUPS_H

#include "kernel/selection.h"
#include "source/identifier.h"
#include "source/source.h"

/* A column whose values are groups. */
typedef struct GroupColumn
{
	char	   *name;
	Oid			type;
	bool		is_array;
	IdDictionary *values;		/* of elements, if it is an array */
	int32	   *groups;			/* by number of the value */
	int32		room;
} GroupColumn;

/* The relation, and the groups that were met so far. */
typedef struct ItemGroups
{
	Oid			relid;
	char	   *name;			/* qualified and quoted */
	char	   *key_column;
	Oid			key_type;
	const Source *source;
	int			n_columns;
	GroupColumn *columns;
	int32		n_groups;
	int32	   *column;			/* by group: the number of its column */
	int32		room;
	MemoryContext context;
} ItemGroups;

/*
 * Opens the relation for reading these columns. argument_of, by column: the argument that names it,
 * for the error if it does not exist, or if its values cannot be compared.
 */
extern ItemGroups *item_groups_open(Oid relid, const Source *source, int n_columns,
									char *const *columns, const char *const *argument_of,
									MemoryContext context);

/* Is called for each row, with the groups of the item; both are valid during the call. */
typedef void (*VisitItemGroups) (void *state, Datum item, GroupList groups);

/*
 * Reads the rows of some items or, NULL, of all, as the current user, with the active snapshot. SPI
 * must be connected. Raises an error if an item has two rows.
 */
extern void item_groups_read(ItemGroups *groups, const IdDictionary *only, VisitItemGroups visit,
							 void *state);

/* The groups of numbered items. */
typedef struct GroupTable
{
	int64		n_items;
	int64	   *start;			/* item i has group[start[i]] to before group[start[i + 1]] */
	int32	   *group;
	int32		n_groups;
	const int32 *column;		/* by group */
} GroupTable;

/*
 * Reads all rows. Items have the numbers of `known`, and those of `more` follow; NULL, each: there
 * are none.
 */
extern GroupTable *item_groups_table(ItemGroups *groups, IdList *known, IdDictionary *more);

/*
 * The table of n items, whose numbers in another table are given, in the current memory context.
 */
extern GroupTable *group_table_of(const GroupTable *table, const int32 *numbers, int64 n);

#endif							/* REC_ITEM_GROUPS_H */
