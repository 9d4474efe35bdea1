/*
 * messages.h
 *	  Help for messages: the nearest valid name, quoting.
 */
#ifndef REC_MESSAGES_H
#define REC_MESSAGES_H

#include "server/compat.h"

/* The one of n names that is nearest to the given text, or NULL if none is near. */
extern const char *nearest_name(const char *written, const char *const *names, int n);

/*
 * The name of a relation as in an SQL statement: qualified by its schema, quoted where necessary.
 * For a relation that no longer exists, its OID.
 */
extern char *quoted_relation(Oid relid);

/* Text that a user wrote, for a message: truncated if it is long. */
extern char *shown_text(const char *written);

/*
 * For ereport: a hint that names the nearest name if there is one, and otherwise lists all names.
 */
extern int	hint_nearest(const char *written, const char *const *names, int n);

/* Raises the error that the extension's SQL objects are older than the library. */
pg_noreturn extern void refuse_older_extension(const char *detail);

#endif							/* REC_MESSAGES_H */
