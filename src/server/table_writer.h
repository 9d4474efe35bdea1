/*
 * table_writer.h
 *	  Writing rows below the executor, as the table's definition asks for.
 *
 * Defaults, generated columns, constraints and indexes are seen to. Nothing fires triggers, and
 * so foreign keys: whoever writes refuses a table that has any.
 */
#ifndef REC_TABLE_WRITER_H
#define REC_TABLE_WRITER_H

#include "access/heapam.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"

/* Rows that are inserted at once: some pages full, which are logged as such. */
#define ROWS_PER_INSERT 256

typedef struct TableWriter
{
	Relation	rel;
	EState	   *estate;			/* whose per-tuple memory the caller resets */
	ResultRelInfo *relinfo;
	ExprState **defaults;		/* by column; NULL: none */
	TupleTableSlot *slots[ROWS_PER_INSERT];	/* of rows that wait to be inserted */
	int			n_waiting;
	BulkInsertState bulk;
	MemoryContext context;		/* what inserting leaves behind */
} TableWriter;

/*
 * Errors out where rows that are updated or deleted are published, and no key tells which: as the
 * executor would.
 */
extern void table_writer_check(Relation rel);

/* The relation is open, and locked for writing; it stays so. */
extern void table_writer_open(TableWriter *w, Relation rel);

/* Inserts what waits. */
extern void table_writer_close(TableWriter *w);

/*
 * A row to be filled, with NULL and the defaults of the columns that have one, and then inserted,
 * which may happen later.
 */
extern TupleTableSlot *table_writer_new_row(TableWriter *w);
extern void table_writer_insert(TableWriter *w);

/*
 * Puts the row in a slot in the place of another, and leaves the slot empty; deletes a row.
 * command: what a generated column is to be computed for. The caller says what it means where the
 * result is not TM_Ok: the row is not what the snapshot showed any more.
 */
extern TM_Result table_writer_update(TableWriter *w, ItemPointer old, TupleTableSlot *slot,
									 CmdType command, Snapshot snapshot);
extern TM_Result table_writer_delete(TableWriter *w, ItemPointer old, Snapshot snapshot);

#endif							/* REC_TABLE_WRITER_H */
