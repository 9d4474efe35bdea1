/*
 * relation.h
 *	  Which relation is meant by one that was written down.
 *
 * A model names relations that others drop, rename and put others in the place of: a swap by
 * rename, dbt, pandas. What was written down is decided on at each question, in one place.
 */
#ifndef REC_RELATION_H
#define REC_RELATION_H

#include "access/attnum.h"

typedef struct NotedRelation
{
	Oid			relid;			/* or InvalidOid */
	const char *name;			/* qualified and quoted, as quoted_relation gives it */
	Oid			owner;			/* that it had, for when it is gone; or InvalidOid */
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

/* What is written down of the relation that a model learns from. */
typedef struct NotedSource
{
	Oid			model;			/* whose source it is; InvalidOid: a call names the relation */
	Oid			relid;			/* or InvalidOid; source_relation says which one is meant now */
	char	   *name;			/* qualified and quoted, when it was written down */
	Oid			owner;			/* then; or InvalidOid */
	char	   *user_column;
	char	   *item_column;
	char	   *rating_column;	/* or NULL */
	char	   *time_column;	/* or NULL */
	/* the numbers of the columns then; 0: none, or not known */
	AttrNumber	attnums[SOURCE_COLUMNS];
} NotedSource;

typedef enum RelationMeaning
{
	RELATION_SAME,				/* the one that was noted, whatever it is called by now */
	RELATION_REPLACED,			/* another that has its name */
	RELATION_REFUSED,			/* another that has its name, but is a stranger's */
	RELATION_GONE
} RelationMeaning;

/*
 * The relation that is meant by a model. While it is there and no other has its name, it is the
 * one that was noted. Else it is the one that has the name, if it belongs to the owner of the one
 * before, to the model's, or to a superuser: so that nobody slips another under somebody's model.
 * RELATION_GONE: relid is InvalidOid.
 */
extern RelationMeaning relation_meant(const NotedRelation *noted, Oid model, Oid *relid);

/* The same of a source, or an error that says what to do; without a model, what a call names. */
extern Oid	source_relation(const NotedSource *noted);

/* The same, locked against being renamed or dropped. */
extern Oid	source_relation_locked(const NotedSource *noted);

/* The owner of a relation; InvalidOid where that is gone. */
extern Oid	relation_owner(Oid relid);

#endif							/* REC_RELATION_H */
