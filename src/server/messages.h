/*
 * messages.h
 *	  Names as people write them: nearest valid name, quoting.
 */
#ifndef REC_MESSAGES_H
#define REC_MESSAGES_H

#include "server/compat.h"

/* The one of n names that is nearest to what was written, or NULL where none is near. */
extern const char *nearest_name(const char *written, const char *const *names, int n);

/*
 * The name of a relation as in an SQL statement: qualified by its schema, quoted where necessary.
 * Of one that is gone its number.
 */
extern char *quoted_relation(Oid relid);

/* What a user wrote, for a message: cut where it is long. */
extern char *shown_text(const char *written);

/* For ereport: a hint that names the nearest, if there is one; else what all of them are. */
extern int	hint_nearest(const char *written, const char *const *names, int n);

/* The error that the library is newer than the extension's objects. */
pg_noreturn extern void refuse_older_extension(const char *detail);

#endif							/* REC_MESSAGES_H */
