/*
 * model_cache.h
 *	  Models in memory: loaded once, and found by every later call of the session.
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
	/* of each side: the block that it lies in, see layout.h; NULL until it is loaded */
	const char *images[N_SIDES];
	IdList	   *ids[N_SIDES];	/* of each side: the ids of its rows, if rows have ids */
	const SearchIndex *index;	/* of the items; NULL: scores are not inner products */
	const SearchIndex *user_index;	/* of the users; NULL also until they are loaded */
	/*
	 * NULL until a profile is read. If the source was altered, it stays as it was for the question
	 * that is being answered, and the next question opens it again.
	 */
	Source	   *source;
	bool		source_is_valid;
	/* of the items and of the users, of new_items.c; NULL until they are asked for */
	struct KnownFeatures *known_features[N_SIDES];
	struct RememberedContexts *contexts;	/* of contexts.c; or NULL */
	SPIPlanPtr	profile_plan;
	uint64		load;			/* number of this load; unique in the session */
	void	   *scratch;		/* scratch of profile.c, which keeps it for the next question */
	Size		scratch_bytes;
	MemoryContext scratch_context;

	/* the rest is private to model_cache.c, except context */
	bool		valid;			/* no message about a change was processed */
	bool		of_transaction; /* may show uncommitted changes of this transaction */
	SharedCopy *copies[N_SIDES];	/* shared copies with the sides; NULL: the side is in context */
	Oid			file_number;	/* of the table when it was loaded; its columns follow */
	TupleDesc	columns;
	MemoryContext context;
	/* the user who was found to hold SELECT, and the time of that statement */
	Oid			checked_user;
	TimestampTz checked_at;
	struct LoadedModel *next;	/* in the list of replaced copies */
} LoadedModel;

/*
 * The trained model, for the current user. Checks the privilege, and loads the model if it is not
 * loaded or not current. The result is valid until the transaction ends, even if it is replaced
 * before.
 */
extern LoadedModel *loaded_model(Oid relid);

/*
 * Loads the model after its tables were written, if sessions shared the former copy: the next
 * question of any session then finds a copy, and need not wait until one is loaded. was_shared:
 * shared_has() before the tables were written. Commits first: SPI must be connected, and able to.
 */
extern void loaded_model_share(Oid relid, bool was_shared);

/*
 * Loads another side of a model that is in use, which asking does not always need. Returns false
 * where that side has a newer version.
 */
extern bool loaded_model_side(LoadedModel *loaded, SideKind kind);

/* The trained model with another side. */
extern LoadedModel *loaded_model_with(Oid relid, SideKind kind);

/* Makes sure that source and profile_plan are set. SPI must be connected. */
extern void loaded_model_need_source(LoadedModel *loaded);

/*
 * The number of a user of the source among the loaded users, or -1. The source's ids may be wider
 * integers than the model's.
 */
extern int32 loaded_user(const LoadedModel *loaded, Datum id);

/* Initializes a model of the row's algorithm, with these options, without rows. */
extern void model_init(Model *model, const ModelRow *row, Jsonb *options);

/*
 * A model with the options of its trained version, without rows: the model's options, and what
 * training decided for those that are left to the source.
 */
extern void model_init_trained(Model *model, const ModelRow *row);

#endif							/* REC_MODEL_CACHE_H */
