/*
 * description.h
 *	  The table beside a model that describes it: <model>_model.
 *
 * rec.model holds the same, and is read when a model is asked. But rec.model belongs to the
 * extension, so its rows do not travel with the model's tables: by pg_dump -t, by logical
 * replication, or when the extension is dropped. This table does, and rec.adopt restores a model
 * from it.
 *
 * The table has one row, which each training writes. A trigger copies what an apply worker writes
 * to the table into rec.model, so that a subscriber uses the version that its tables have. The
 * trigger's function is a member of the extension, so the extension cannot be dropped without
 * CASCADE while there are models.
 */
#ifndef REC_DESCRIPTION_H
#define REC_DESCRIPTION_H

#include "commands/trigger.h"
#include "model/catalog.h"

/*
 * Writes the row to the table. Where there is no table, the current user creates it, and it is
 * added to the row, before the row is written to rec.model. SPI must be connected.
 */
extern void description_write(ModelRow *row);

/* Raises an error where description_write would refuse the table. */
extern void description_check(const ModelRow *row);

/*
 * The model's row, without its tables, from the table that describes it, which is locked; or an
 * error.
 */
extern ModelRow *description_read(Oid table, Oid model);

/* Creates the trigger on the table, if it is missing. SPI must be connected. */
extern void description_follow(Oid table);

/* For the trigger: copies what was written to the table into rec.model. */
extern void description_written(const TriggerData *trigger);

#endif							/* REC_DESCRIPTION_H */
