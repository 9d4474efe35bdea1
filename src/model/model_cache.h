/*
 * model_cache.h
 *	  Models in memory: loaded once, found again by every later call of the backend.
 */
#ifndef REC_MODEL_CACHE_H
#define REC_MODEL_CACHE_H

#include "algorithm/algorithm.h"
#include "executor/spi.h"
#include "kernel/search.h"
#include "model/catalog.h"
#include "model/shared_cache.h"
#include "source/identifier.h"
#include "source/source.h"

typedef struct LoadedModel
{
	Oid			relid;
	ModelRow   *row;
	Model		model;
	/* of each side the block that it lies in, see layout.h; NULL until it is asked for, */
	const char *images[N_SIDES];
	IdList	   *ids[N_SIDES];	/* and the ids of its rows, where they have some */
	const SearchIndex *index;	/* of the items; NULL: their scores are not inner products */
	/* NULL until a profile is read, and again after the source was altered */
	Source	   *source;
	SPIPlanPtr	profile_plan;
	uint64		load;			/* no two loads have the same number */
	void	   *scratch;		/* of profile.c, which keeps it for the next question */
	Size		scratch_bytes;
	MemoryContext scratch_context;

	/* what follows is for model_cache.c alone, but for context */
	bool		valid;			/* nothing was heard of a change */
	bool		of_transaction; /* may show what this transaction has changed and not committed */
	SharedCopy *copies[N_SIDES];	/* where the sides lie; NULL: in context */
	Oid			file_number;	/* of the table when it was loaded, and its columns */
	TupleDesc	columns;
	MemoryContext context;
	Oid			checked_user;	/* who was found to hold SELECT, and in which statement */
	TimestampTz checked_at;
	struct LoadedModel *next;	/* in the list of those that are to be freed */
} LoadedModel;

/*
 * The trained model, for the current user to ask: checks the privilege, loads what is not loaded
 * or no longer current. Lives until the transaction ends, even when it is replaced before.
 */
extern LoadedModel *loaded_model(Oid relid);

/* The same with its user side. */
extern LoadedModel *loaded_model_with_users(Oid relid);

/* Sees to it that source and profile_plan are there; SPI must be connected. */
extern void loaded_model_need_source(LoadedModel *loaded);

/* An empty model of the row's algorithm, with these options, without rows. */
extern void model_init(Model *model, const ModelRow *row, Jsonb *options);

#endif							/* REC_MODEL_CACHE_H */
