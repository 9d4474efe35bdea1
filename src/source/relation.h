/*
 * relation.h
 *	  Which relation is meant by one that was written down.
 *
 * A model names relations that others drop, rename and put others in the place of: a swap by
 * rename, dbt, pandas. What was written down is decided on at each question, in one place.
 */
#ifndef REC_RELATION_H
#define REC_RELATION_H

#include "model/catalog.h"

typedef struct NotedRelation
{
	Oid			relid;			/* or InvalidOid */
	const char *name;			/* qualified and quoted, as quoted_relation gives it */
	Oid			owner;			/* that it had, for when it is gone; or InvalidOid */
} NotedRelation;

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

/*
 * The same of the model's source, or an error that says what to do; without a model, what the row
 * names.
 */
extern Oid	source_relation(const ModelRow *row);

/* The same, locked against being renamed or dropped. */
extern Oid	source_relation_locked(const ModelRow *row);

#endif							/* REC_RELATION_H */
