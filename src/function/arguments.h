/*
 * arguments.h
 *	  Arguments of SQL functions.
 */
#ifndef REC_ARGUMENTS_H
#define REC_ARGUMENTS_H

#include "fmgr.h"
#include "model/catalog.h"
#include "source/identifier.h"

/* Raises an error where the argument is NULL. */
extern void require_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/* Whether the function has the argument, which older declarations may lack, and it is not NULL. */
static inline bool
argument_is_given(FunctionCallInfo fcinfo, int argument)
{
	return argument < PG_NARGS() && !PG_ARGISNULL(argument);
}

/*
 * Raises an error if this or a later argument has a value other than NULL, 0 or an empty array:
 * they are not supported yet.
 */
extern void refuse_arguments(FunctionCallInfo fcinfo, int first);

/* Raises an error unless the caller may read the source, or some of its columns. */
extern void check_source_privilege(Oid source);

/*
 * A value of type double precision, or of real, the type in declarations of versions before 0.5.0.
 */
extern double real_value(Datum value, Oid type);

/* Arguments that must not be NULL. double precision is converted to real. */
extern float real_argument(FunctionCallInfo fcinfo, int argument, const char *name);
extern int	integer_argument(FunctionCallInfo fcinfo, int argument, const char *name);
extern char *text_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/* An argument of type name; NULL if it is NULL. */
extern char *name_argument(FunctionCallInfo fcinfo, int argument);

/* A column name; NULL, for no column, if it is NULL or empty. */
extern char *optional_column(char *name);

/*
 * A model row, without the model, with the source and columns of a call. source: number of the
 * argument source; columns: of the argument user_column, which item_column, rating_column and
 * time_column follow.
 */
extern ModelRow *source_arguments(FunctionCallInfo fcinfo, int source, int columns);

/*
 * The argument that names the relation of the items' attributes: what it says is in the row. Zero,
 * '-' in SQL, is none.
 */
extern void attributes_argument(FunctionCallInfo fcinfo, int argument, SideKind kind,
								ModelRow *row);

/* The argument that names the columns of the context: what it says is in the row. */
extern void contexts_argument(FunctionCallInfo fcinfo, int argument, ModelRow *row);

/* An argument of type jsonb; NULL if it is NULL, or the function has no such argument. */
extern Jsonb *jsonb_argument(FunctionCallInfo fcinfo, int argument);

/* Whether a procedure was called outside a transaction block, so that it may commit. */
extern bool called_nonatomic(FunctionCallInfo fcinfo);

/*
 * Converts an id of a model to the type that a function returns, or raises an error that says which
 * call would return it. argument: number of the argument whose type decides how ids are returned;
 * what: "item" or "user".
 */
extern Datum returned_id(FunctionCallInfo fcinfo, int argument, Datum id, const IdType *type,
						 Oid to, const char *what, Oid model);

#endif							/* REC_ARGUMENTS_H */
