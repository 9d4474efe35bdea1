/*
 * citus.h
 *	  Tables of Citus, which hold their rows for the executor only.
 */
#ifndef REC_CITUS_H
#define REC_CITUS_H

/*
 * Whether Citus keeps the table's rows in shards: a distributed or reference table, or a local
 * table that Citus manages.
 */
extern bool citus_manages(Oid relid);

/*
 * Raises an error where Citus manages a model's table, which is read and written below the
 * executor.
 */
extern void citus_refuse_model(Oid relid);

#endif							/* REC_CITUS_H */
