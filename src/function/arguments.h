/*
 * arguments.h
 *	  How an SQL function was called.
 */
#ifndef REC_ARGUMENTS_H
#define REC_ARGUMENTS_H

#include "fmgr.h"
#include "model/catalog.h"
#include "source/identifier.h"

/* Errors out where the argument is NULL. */
extern void require_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/* Whether the function has so many arguments, as older declarations may not, and it is not NULL. */
static inline bool
argument_is_given(FunctionCallInfo fcinfo, int argument)
{
	return argument < PG_NARGS() && !PG_ARGISNULL(argument);
}

/*
 * Errors out where an argument from this one on was given: none of them is supported yet. What
 * says nothing is none: NULL, 0, an empty array.
 */
extern void refuse_arguments(FunctionCallInfo fcinfo, int first);

/* Errors out unless the caller may read the source, as a whole or some of its columns. */
extern void check_source_privilege(Oid source);

/*
 * A value of type double precision; or of real, as functions of versions before 0.5.0 are
 * declared.
 */
extern double real_value(Datum value, Oid type);

/* Arguments that must not be NULL; double precision is brought down to real. */
extern float real_argument(FunctionCallInfo fcinfo, int argument, const char *name);
extern int	integer_argument(FunctionCallInfo fcinfo, int argument, const char *name);
extern char *text_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/* An argument of type name; NULL where it is NULL. */
extern char *name_argument(FunctionCallInfo fcinfo, int argument);

/* A name that was given, or NULL where it is NULL or empty: there is no such column. */
extern char *optional_column(char *name);

/*
 * What is said of a source: the row of a model on it, without the model. columns: the first of
 * the arguments user_column, item_column, rating_column and time_column.
 */
extern ModelRow *source_arguments(FunctionCallInfo fcinfo, int source, int columns);

/* Whether a procedure was called so that it may commit: outside of a transaction block. */
extern bool called_nonatomic(FunctionCallInfo fcinfo);

/*
 * An id of a model as a value of the type that a function returns, or an error that says which
 * call would return it. argument: the number of the one whose type decides how ids are returned;
 * what: "item" or "user".
 */
extern Datum returned_id(FunctionCallInfo fcinfo, int argument, Datum id, const IdType *type,
						 Oid to, const char *what, Oid model);

#endif							/* REC_ARGUMENTS_H */
