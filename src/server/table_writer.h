/*
 * table_writer.h
 *	  Writing rows below the executor, as the table's definition requires.
 *
 * Defaults, generated columns, constraints and indexes are handled. Triggers do not fire, and so
 * foreign keys are not checked: callers refuse tables that have any.
 */
#ifndef REC_TABLE_WRITER_H
#define REC_TABLE_WRITER_H

#include "access/heapam.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"

/* Rows that are inserted at once: some full pages, each of which is one WAL record. */
#define ROWS_PER_INSERT 256

typedef struct TableWriter
{
	Relation	rel;
	EState	   *estate;			/* the caller resets its per-tuple memory */
	ResultRelInfo *relinfo;
	ExprState **defaults;		/* by column; NULL: none */
	TupleTableSlot *slots[ROWS_PER_INSERT];	/* rows that wait to be inserted */
	int			n_waiting;
	BulkInsertState bulk;
	MemoryContext context;		/* for memory that inserting allocates; reset after each batch */
} TableWriter;

/*
 * Raises an error, as the executor would, where updates or deletes of the table are published and
 * it has no replica identity.
 */
extern void table_writer_check(Relation rel);

/* rel is open and locked for writing, and stays so. */
extern void table_writer_open(TableWriter *w, Relation rel);

/* Inserts the waiting rows. */
extern void table_writer_close(TableWriter *w);

/*
 * Returns a row with defaults, and NULL in other columns, for the caller to fill.
 * table_writer_insert() inserts it, possibly later.
 */
extern TupleTableSlot *table_writer_new_row(TableWriter *w);
extern void table_writer_insert(TableWriter *w);

/*
 * Update: replaces a row by the row in a slot, and clears the slot. Delete: deletes a row. command
 * is the command that generated columns are computed for. A result other than TM_Ok means that the
 * row is no longer as the snapshot shows it: the caller raises the error.
 */
extern TM_Result table_writer_update(TableWriter *w, ItemPointer old, TupleTableSlot *slot,
									 CmdType command, Snapshot snapshot);
extern TM_Result table_writer_delete(TableWriter *w, ItemPointer old, Snapshot snapshot);

#endif							/* REC_TABLE_WRITER_H */
