/*
 * messages.c
 *	  Help for messages: the nearest valid name, quoting.
 */
#include "postgres.h"
#include "server/compat.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "server/messages.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

const char *
nearest_name(const char *written, const char *const *names, int n)
{
	const char *nearest = NULL;
	int			length = pg_mbcliplen(written, strlen(written), NAMEDATALEN - 1);
	int			limit = Max(pg_mbstrlen_with_len(written, length) / 2, 1);

	for (int i = 0; i < n; i++)
	{
		if (pg_strcasecmp(written, names[i]) == 0)
			return names[i];
	}
	for (int i = 0; i < n; i++)
	{
		int			distance = varstr_levenshtein_less_equal(written, length, names[i],
															 strlen(names[i]), 1,
													 1, 1, limit, true);

		if (distance <= limit)
		{
			nearest = names[i];
			limit = distance - 1;
			if (limit < 0)
				break;
		}
	}
	return nearest;
}

#define SHOWN_BYTES 100

char *
shown_text(const char *written)
{
	int			length = strlen(written);

	return length <= SHOWN_BYTES
			   ? pstrdup(written)
			   : psprintf("%.*s...", pg_mbcliplen(written, length, SHOWN_BYTES), written);
}

int
hint_nearest(const char *written, const char *const *names, int n)
{
	const char *nearest = nearest_name(written, names, n);
	StringInfoData list;

	if (nearest != NULL)
		return errhint("Perhaps you meant \"%s\".", nearest);
	if (n == 0)
		return 0;
	initStringInfo(&list);
	for (int i = 0; i < n; i++)
		appendStringInfo(&list, "%s\"%s\"", i == 0 ? "" : i == n - 1 ? " or " : ", ", names[i]);
	return errhint("Choose %s.", list.data);
}

char *
quoted_relation(Oid relid)
{
	char	   *name = get_rel_name(relid);

	return name == NULL
			   ? psprintf("%u", relid)
			   : quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), name);
}

void
refuse_older_extension(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("extension \"rec\" is older than its library"),
			 errdetail("%s", detail),
			 errhint("ALTER EXTENSION rec UPDATE brings it up to date.")));
}
