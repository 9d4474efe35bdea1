/*
 * groups.c
 *	  Groups of users, or of items, by a column of what is known of them.
 */
#include "postgres.h"
#include "server/compat.h"

#include "miscadmin.h"
#include "run/groups.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* The most groups: figures are kept for each. */
#define MOST_GROUPS 1000

MeasuredGroups *
groups_create(const Interactions *interactions)
{
	const AttributeRows *rows = interactions->grouped;
	const SparseMatrix *m = &interactions->by_user;
	const AttributeValues *values;
	const int32 *numbers = interactions->grouped_numbers;
	IdDictionary *names;
	int32	   *sorted;
	int64	   *count;
	MeasuredGroups *groups;
	int64		n;

	if (rows == NULL)
		return NULL;
	values = &rows->values[0];
	names = values->categories;
	if (names->n > MOST_GROUPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("column \"%s\" of \"%s\" has too many values for groups",
						rows->attributes->columns[0].name,
						get_rel_name(rows->attributes->relid)),
				 errdetail("It has %d, and may have %d.", names->n, MOST_GROUPS),
				 errhint("Let the relation be a view with a column of fewer values.")));
	groups = palloc0(sizeof(MeasuredGroups));
	groups->of_users = rows->attributes->kind == SIDE_USERS;
	groups->n = names->n;
	sorted = id_dictionary_sort(names);
	groups->names = palloc(sizeof(char *) * Max(names->n, 1));
	for (int32 g = 0; g < names->n; g++)
		groups->names[g] = TextDatumGetCString(names->ids[g]);
	n = groups->of_users ? m->n_rows : m->n_columns;
	count = groups->start =
		palloc_extended(sizeof(int64) * (n + 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	groups->groups =
		palloc_extended(sizeof(int32) * Max(values->n_entries, 1), MCXT_ALLOC_HUGE);
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		if (numbers[r] >= 0)
			count[numbers[r] + 1] = values->start[r + 1] - values->start[r];
	}
	for (int64 i = 0; i < n; i++)
		count[i + 1] += count[i];
	for (int32 r = 0; r < rows->ids->n; r++)
	{
		if (r % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int64 e = values->start[r]; numbers[r] >= 0 && e < values->start[r + 1]; e++)
			groups->groups[groups->start[numbers[r]] + e - values->start[r]] =
				sorted[values->entries[e].category];
	}
	pfree(sorted);
	return groups;
}
