/*
 * table_writer.h
 *	  Writing rows below the executor, as the table's definition asks for.
 *
 * Defaults, generated columns, constraints and indexes are seen to. Nothing fires triggers, and so
 * foreign keys: whoever writes refuses a table that has any.
 */
#ifndef REC_TABLE_WRITER_H
#define REC_TABLE_WRITER_H

#include "nodes/execnodes.h"
#include "utils/rel.h"

typedef struct TableWriter
{
	Relation	rel;
	EState	   *estate;			/* whose per-tuple memory the caller resets */
	ResultRelInfo *relinfo;
	ExprState **defaults;		/* by column; NULL: none */
} TableWriter;

/* The relation is open, and locked for writing; it stays so. */
extern void table_writer_open(TableWriter *w, Relation rel);
extern void table_writer_close(TableWriter *w);

/* Puts the defaults of the columns that have one into a slot's values. */
extern void table_writer_defaults(TableWriter *w, TupleTableSlot *slot);

/* Computes generated columns, and errors out where a row that is about to be written breaks a constraint. */
extern void table_writer_constrain(TableWriter *w, TupleTableSlot *slot, CmdType command);

#endif							/* REC_TABLE_WRITER_H */
