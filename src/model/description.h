/*
 * description.h
 *	  The table beside a model that says what the model is: <model>_model.
 *
 * rec.model says the same, and it is what questions read. But that is the extension's, so it does
 * not travel with the model's tables: by pg_dump -t, by logical replication, or when the extension
 * is dropped. This table does, and rec.adopt makes a model again of what it says.
 *
 * It has one row, which each training writes. What an apply worker writes to it, a trigger takes
 * over into rec.model: so a subscriber asks the version that its tables have. As the trigger's
 * function is a member of the extension, this cannot be dropped without CASCADE while there are
 * models.
 */
#ifndef REC_DESCRIPTION_H
#define REC_DESCRIPTION_H

#include "commands/trigger.h"
#include "model/catalog.h"

/*
 * Writes what the row says to the table, which is made where there is none, as the current user,
 * and is then in the row: before that is written down. SPI must be connected.
 */
extern void description_write(ModelRow *row);

/* Errors out where description_write would refuse the table for what it is. */
extern void description_check(const ModelRow *row);

/* The row of a model, without its tables, as the table says, which is locked; or an error. */
extern ModelRow *description_read(Oid table, Oid model);

/* Lets the trigger be on the table. SPI must be connected. */
extern void description_follow(Oid table);

/* Takes over into rec.model what has been written to the table that the trigger is on. */
extern void description_written(const TriggerData *trigger);

#endif							/* REC_DESCRIPTION_H */
