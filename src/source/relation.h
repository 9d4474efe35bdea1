/*
 * relation.h
 *	  Which relation a noted name refers to.
 *
 * A model refers to relations that others may drop, rename or replace by others: a swap by rename,
 * dbt, pandas. Each use of a model decides here which relation is meant now.
 */
#ifndef REC_RELATION_H
#define REC_RELATION_H

#include "access/attnum.h"

typedef struct NotedRelation
{
	Oid			relid;			/* or InvalidOid */
	const char *name;			/* qualified and quoted, as quoted_relation gives it */
	/* the owner when it was noted, for when it no longer exists; or InvalidOid */
	Oid			owner;
} NotedRelation;

/* The columns of a source, in the order of their arguments. */
typedef enum SourceColumn
{
	SOURCE_USER,
	SOURCE_ITEM,
	SOURCE_RATING,
	SOURCE_TIME,
	SOURCE_COLUMNS
} SourceColumn;

/* The most columns that can be the context of a rating. */
#define MOST_CONTEXT_COLUMNS 32

/* What is noted of the relation that a model learns from. */
typedef struct NotedSource
{
	/* the model whose source it is; InvalidOid: the relation is the argument of a call */
	Oid			model;
	/* or InvalidOid; source_relation() decides which relation is meant now */
	Oid			relid;
	char	   *name;			/* qualified and quoted, when it was noted */
	Oid			owner;			/* the owner when it was noted; or InvalidOid */
	char	   *user_column;
	char	   *item_column;
	char	   *rating_column;	/* or NULL */
	char	   *time_column;	/* or NULL */
	/* the numbers of the columns when they were noted; 0: no column, or unknown */
	AttrNumber	attnums[SOURCE_COLUMNS];
	/* the columns that are the context of a rating, and their numbers in the same way */
	int			n_contexts;
	char	  **context_columns;
	AttrNumber *context_attnums;
} NotedSource;

typedef enum RelationMeaning
{
	RELATION_SAME,				/* the relation that was noted, whatever its name is now */
	RELATION_REPLACED,			/* another relation, which has the noted name */
	/* another relation, which has the noted name, but not an owner to be trusted */
	RELATION_REFUSED,
	RELATION_GONE
} RelationMeaning;

/*
 * Decides which relation a model means. The noted relation, while it exists and no other relation
 * has its name. Otherwise the relation that has the name, if its owner is the owner of the noted
 * relation or of the model, or a superuser; so nobody can put a relation of their own into the
 * place of another user's source. RELATION_GONE: relid is set to InvalidOid.
 */
extern RelationMeaning relation_meant(const NotedRelation *noted, Oid model, Oid *relid);

/*
 * Decides which relation is a model's source, or raises an error with a hint. Without a model, the
 * argument of a call.
 */
extern Oid	source_relation(const NotedSource *noted);

/* source_relation(), locked against being renamed or dropped. */
extern Oid	source_relation_locked(const NotedSource *noted);

/* Whether relations of this kind (pg_class.relkind) have rows to read. */
extern bool relkind_has_rows(char relkind);

/* The owner of a relation; InvalidOid where it does not exist. */
extern Oid	relation_owner(Oid relid);

#endif							/* REC_RELATION_H */
