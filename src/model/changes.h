/*
 * changes.h
 *	  The table beside a model that lists changes of its source, and of the attributes of its items
 *	  and users: <model>_changes.
 *
 * Triggers on the source (tracking.h) write a row for each row of the source that is inserted,
 * updated or deleted, with the ids of its user and item. Triggers on relations of attributes write
 * a row with one id. A training or refresh removes the rows that it has taken into account.
 *
 * The triggers neither block a writer of a relation nor make a statement fail. If a change cannot
 * be noted, because the table was dropped, locked or altered, a row of rec.unknown_change says that
 * anything may have changed.
 */
#ifndef REC_CHANGES_H
#define REC_CHANGES_H

#include "commands/trigger.h"
#include "model/catalog.h"
#include "source/source.h"

/* ---- for writers of sources and attributes */

/* Notes the change for which a trigger fires, for all models that track the relation. */
extern void changes_note(const TriggerData *trigger);

/* Notes for these models that anything may have changed. */
extern void changes_note_all(Oid relid);

/* ---- for the owners of models */

/*
 * Starts to note changes of the source and of attributes, which are those in the row and in
 * rec.model, or creates again what is missing for that. Raises an error if the source cannot be
 * tracked; if attributes cannot be, a notice. Sets the table in the row and in rec.model_table. SPI
 * must be connected.
 */
extern void changes_begin(ModelRow *row, const Source *source);

/*
 * Stops that. tracked: a row with the relations that were tracked; they are locked against readers
 * and writers.
 */
extern void changes_end(ModelRow *row, const ModelRow *tracked);

/*
 * After relations in the row and in rec.model became others: tracks the new ones. If that is not
 * possible for the source, stops to track, with a notice. SPI must be connected.
 */
extern void changes_move(const ModelRow *before, ModelRow *row, const Source *source);

/* ---- for trainings and refreshes */

/* Why changes may not have been noted, of a tracked model; NULL: they are. */
extern const char *changes_missing(const ModelRow *row, const Source *source);

/* The changes that a snapshot shows. */
typedef struct SeenChanges SeenChanges;

extern SeenChanges *changes_see(const ModelRow *row, Snapshot snapshot, MemoryContext context);

/* The same, by user and by item. */
typedef struct Changes
{
	SeenChanges *seen;
	bool		unknown;		/* anything may have changed */
	int64		n;				/* rows that no refresh has taken into account */
	IdDictionary *users;		/* in these rows */
	IdDictionary *items;		/* in all rows */
	int64	   *rows;			/* by item: changed rows of the source since it was solved */
	bool	   *described;		/* by item: its attributes have changed */
	IdDictionary *described_users;	/* whose attributes have changed */
} Changes;

extern Changes *changes_read(const ModelRow *row, const Source *source, Snapshot snapshot,
							 MemoryContext context);

/* Deletes the rows that were seen, and no later ones. */
extern void changes_forget(const ModelRow *row, const SeenChanges *seen);

/* After that: notes how many rows have changed of the items that were not solved. */
extern void changes_leave(const ModelRow *row, const Source *source, const Changes *changes,
						  const bool *left);

/* The number of changes that are pending; -1: it is not known. */
extern int64 changes_count(Oid model, Snapshot snapshot);

#endif							/* REC_CHANGES_H */
