/*
 * source_read.c
 *	  Reads all rows of the source into matrices.
 *
 * Rows are kept in compact blocks, with numbers instead of ids: 12 bytes a row (20 with a time, 24
 * with a context, which is numbered like an id).
 * The executor returns the rows one by one, wherever they are: it takes care of views, row
 * security, partitions, foreign and distributed tables. If a parallel plan is possible, the source
 * is read by an aggregate over its rows instead, rec_read_row: the planner runs it in workers, each
 * of which keeps the rows that it scans, whereas all rows of a plain query would have to pass
 * through one process.
 *
 * Each process numbers ids in the order in which it meets them, and logs new ids, so that the
 * leader can renumber all of them in the order of the type. The rows are then dealt out to bands of
 * users; each band fits a cache, is sorted, and its duplicates are merged. So the result does not
 * depend on which process read which rows in which order. Each block and each band is freed as soon
 * as the next form of its rows has been made: the peak is one copy of the rows with their times, or
 * both matrices.
 *
 * With workers, blocks are in dynamic shared memory. If that is lacking (slots, or room in
 * /dev/shm), this process alone reads the source.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "port/atomics.h"
#include "portability/instr_time.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/progress.h"
#include "server/sql.h"
#include "source/source.h"
#include "storage/dsm.h"
#include "storage/proc.h"
#include "storage/spin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/syscache.h"

/*
 * The most ratings that a model can be trained on: the number of ratings in a model table is an
 * int4.
 */
#define MAX_ROWS ((int64) PG_INT32_MAX)

/* Rows between two checks of the limits and reports of progress. */
#define REPORT_ROWS 4096

/* ---- memory that the reading processes share ---- */

typedef enum BlockKind
{
	/* Entry, TimedEntry or ContextEntry, with this process's numbers of ids */
	BLOCK_ENTRIES,
	/* new ids, in the order of their numbers: Datums, or copies of the values that they point to */
	BLOCK_USERS,
	BLOCK_ITEMS,
	BLOCK_CONTEXTS
} BlockKind;

#define BLOCK_KINDS 4

typedef struct RowBlock
{
	int64		used;			/* bytes of data in use */
	int64		size;
	char		data[FLEXIBLE_ARRAY_MEMBER];
} RowBlock;

#define BLOCK_HEADER MAXALIGN(offsetof(RowBlock, data))

/*
 * Bytes of the first block of entries and of ids. Later blocks grow, so that they are few, and the
 * unused end of the last one is relatively small.
 */
#define FIRST_ENTRIES ((int64) 64 * 1024 * sizeof(Entry))
#define FIRST_IDS ((int64) 8 * 1024)
#define MAX_BLOCK_BYTES ((int64) 512 * 1024 * 1024)

typedef struct BlockPlace
{
	BlockKind	kind;
	int			participant;
	dsm_handle	handle;			/* shared, until the leader has attached to the segment */
	RowBlock   *block;			/* private, or attached by the leader */
} BlockPlace;

#define MAX_BLOCKS 1024
#define MAX_PARTICIPANTS 64

/* Counts of the rows that one process read. */
typedef struct Counts
{
	int64		rows;
	int64		null_ids;
	int64		zero_weights;
	int64		kept;
	int64		faults;
	char		padding[PG_CACHE_LINE_SIZE];
} Counts;

typedef struct Reading
{
	uint64		magic;
	int			leader;			/* the leader's pid */
	Source		source;			/* its pointers are valid in the leader only */
	bool		keep_times;
	/*
	 * Profiles are read, not training data: no rating is refused, and rows of items that the model
	 * does not know only add their user.
	 */
	bool		profiles;
	pg_atomic_uint64 rows;		/* read so far, approximately */
	slock_t		mutex;			/* protects the fields below */
	int			n_participants;
	int			n_blocks;
	int64		block_bytes;
	int64		id_bytes;		/* of the dictionaries of all processes */
	BlockPlace	blocks[MAX_BLOCKS];
	Counts		counts[MAX_PARTICIPANTS];
} Reading;

#define READING_MAGIC UINT64CONST(0x7265635f726f7773)

/* Sums for the scale of ratings. */
typedef struct RatingSums
{
	int64		n;
	float		first;
	float		minimum;
	float		maximum;
	double		sum;
	/* of the differences from the first rating, so that squares lose no digits */
	double		above;
	double		squares;		/* of the squared differences */
} RatingSums;

/* The leader's private state of a reading. */
typedef struct Reader
{
	const Source *source;
	IdList	   *known;			/* the items of the matrix; NULL: all */
	/* further items, which are numbered after the known ones; NULL: none */
	IdDictionary *more;
	TrainingData *data;
	/* memory that is needed until the rows are arranged; deleting the context frees the blocks */
	MemoryContext context;
	MemoryContext result;		/* holds the dictionaries, the bands and start */
	dsm_segment *segment;		/* the segment of the reading; NULL: the reading is private */
	Reading    *reading;
	Size		entry_bytes;
	bool		keep_times;		/* entries have times */
	Recency    *recency;		/* counts ages, if the source computes popularity by recency */
	RatingFault first_fault;	/* the first one that was met, if this process reads alone */
	double		first_value;
	char	   *first_user;
	char	   *first_item;

	/* the arranged rows */
	int			n_bands;
	struct Band *bands;
	int64	   *start;			/* of the rows of each user */
	int64	   *event_start;	/* of the events of each user; NULL: none are needed */
	/* if ratings are not kept: the number of ratings of each item, and the sums for the scale */
	int64	   *item_ratings;
	RatingSums	sums;
} Reader;

/*
 * The reader whose query by several processes is running: rec_read_row, called by the query in this
 * process, adds to it.
 */
static Reader *current_reader = NULL;

/* The part of one process in a reading. */
typedef struct Collector
{
	Reading    *reading;
	Reader	   *reader;			/* NULL in a worker */
	const Source *source;
	int			participant;
	Counts	   *counts;
	Size		entry_bytes;
	IdDictionary *ids[BLOCK_KINDS];	/* by kind of the blocks in which they are logged */
	/* bytes of these dictionaries that are included in reading->id_bytes */
	int64		id_bytes;
	RowBlock   *blocks[BLOCK_KINDS];	/* the blocks that are being filled */
	MemoryContext row_context;	/* for memory that functions of the ids' types leave behind */
} Collector;

/* ---- the scale of ratings ---- */

static void
add_to_sums(RatingSums *sums, const float *values, int64 n)
{
	if (sums->n == 0 && n > 0)
		sums->first = sums->minimum = sums->maximum = values[0];
	for (int64 i = 0; i < n; i++)
	{
		double		difference = (double) values[i] - sums->first;

		if (i % 1048576 == 0)
			CHECK_FOR_INTERRUPTS();
		sums->sum += values[i];
		sums->above += difference;
		sums->squares += difference * difference;
		sums->minimum = Min(sums->minimum, values[i]);
		sums->maximum = Max(sums->maximum, values[i]);
	}
	sums->n += n;
}

static RatingScale
scale_of_sums(const RatingSums *sums)
{
	double		above = sums->above / sums->n;

	return (RatingScale){.mean = sums->sum / sums->n,
						 .deviation = sqrt(Max(0, sums->squares / sums->n - above * above)),
						 .minimum = sums->minimum,
						 .maximum = sums->maximum};
}

void
source_scale(Ratings *ratings)
{
	RatingSums	sums = {0};

	add_to_sums(&sums, ratings->by_user.value, ratings->by_user.start[ratings->by_user.n_rows]);
	ratings->scale = scale_of_sums(&sums);
}

/* ---- blocks ---- */

/* Errors out if the rows, or the matrices made of them, exceed the limit of memory. */
static void
require_memory(const Reading *reading, int64 more_bytes)
{
	double		kept = 0;

	for (int i = 0; i < reading->n_participants; i++)
		kept += reading->counts[i].kept;
	memory_require(Max((double) reading->block_bytes + more_bytes,
					   2 * (sizeof(int32) + sizeof(float)) * kept) +
					   reading->id_bytes,
				   psprintf("reading the first %.0f rows of \"%s\"", kept,
							get_rel_name(reading->source.relid)));
}

/* Begins another block of this kind, with room for at least `needed` bytes. */
static RowBlock *
next_block(Collector *c, BlockKind kind, Size needed)
{
	Reading    *reading = c->reading;
	int64		id_bytes = 0;
	int64		bytes;
	BlockPlace	place = {.kind = kind, .participant = c->participant, .handle = DSM_HANDLE_INVALID};
	dsm_segment *segment = NULL;
	RowBlock   *block;
	bool		full;

	for (int k = 0; k < BLOCK_KINDS; k++)
		id_bytes += c->ids[k] == NULL ? 0 : id_dictionary_bytes(c->ids[k]);
	if (kind == BLOCK_ENTRIES)
	{
		bytes =
			Max(FIRST_ENTRIES, Min(MAX_BLOCK_BYTES, c->counts->kept / 8 * (int64) c->entry_bytes));
		bytes -= bytes % c->entry_bytes;
	}
	else
		bytes = Max(FIRST_IDS,
					c->blocks[kind] == NULL ? 0 : Min(MAX_BLOCK_BYTES, 2 * c->blocks[kind]->size));
	bytes = Max(bytes, (int64) needed);

	SpinLockAcquire(&reading->mutex);
	reading->id_bytes += id_bytes - c->id_bytes;
	SpinLockRelease(&reading->mutex);
	c->id_bytes = id_bytes;
	require_memory(reading, bytes);

	if (c->reader == NULL || c->reader->segment != NULL)
	{
		segment = dsm_create(BLOCK_HEADER + bytes, 0);
		block = dsm_segment_address(segment);
		place.handle = dsm_segment_handle(segment);
	}
	else
		place.block = block = MemoryContextAllocHuge(c->reader->context, BLOCK_HEADER + bytes);
	block->used = 0;
	block->size = bytes;

	SpinLockAcquire(&reading->mutex);
	full = reading->n_blocks == MAX_BLOCKS;
	if (!full)
	{
		reading->blocks[reading->n_blocks++] = place;
		reading->block_bytes += bytes;
	}
	SpinLockRelease(&reading->mutex);
	if (full)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("the source has too many rows to be kept in %d blocks", MAX_BLOCKS)));
	if (segment != NULL)
	{
		/* the segment outlives this process; the leader, which finds it in the list, frees it */
		dsm_pin_segment(segment);
		dsm_pin_mapping(segment);
	}
	c->blocks[kind] = block;
	return block;
}

/* Frees the blocks to which the leader has not attached. */
static void
unpin_blocks(dsm_segment *segment, Datum arg)
{
	Reading    *reading = (Reading *) DatumGetPointer(arg);

	for (int i = 0; i < reading->n_blocks; i++)
	{
		dsm_handle	handle = reading->blocks[i].handle;

		reading->blocks[i].handle = DSM_HANDLE_INVALID;
		if (handle != DSM_HANDLE_INVALID)
			dsm_unpin_segment(handle);
	}
}

/*
 * Called when the reader's context is deleted. The mappings of segments are pinned, so nothing else
 * would free them before the session ends.
 */
static void
detach_reading(void *arg)
{
	Reader	   *r = arg;
	dsm_segment *segment = r->segment;

	if (segment == NULL)
		return;
	r->segment = NULL;
	for (int i = 0; i < r->reading->n_blocks; i++)
	{
		BlockPlace *place = &r->reading->blocks[i];
		dsm_segment *mapped =
			place->handle != DSM_HANDLE_INVALID ? dsm_find_mapping(place->handle) : NULL;

		/* the leader's own mapping goes before unpin_blocks unpins the segment */
		if (mapped != NULL)
			dsm_detach(mapped);
	}
	dsm_detach(segment);
}

/* ---- one row ---- */

static void
log_id(Collector *c, BlockKind kind, const IdDictionary *ids, Datum id)
{
	RowBlock   *block = c->blocks[kind];
	Size		bytes =
		ids->type.by_value ? sizeof(Datum) : datumGetSize(id, false, ids->type.length);

	if (block == NULL || block->used + (int64) MAXALIGN(bytes) > block->size)
		block = next_block(c, kind, MAXALIGN(bytes));
	memcpy(block->data + block->used, ids->type.by_value ? (char *) &id : DatumGetPointer(id),
		   bytes);
	block->used += MAXALIGN(bytes);
}

/* The number of an id; logs a new id if other processes read too. */
static inline int32
number_of(Collector *c, BlockKind kind, Datum id)
{
	IdDictionary *ids = c->ids[kind];
	int32		known = ids->n;
	int32		number = id_dictionary_add(ids, id);

	if (number == known && (c->reader == NULL || c->reader->segment != NULL))
		log_id(c, kind, ids, ids->ids[number]);
	return number;
}

static void
note_fault(Collector *c, RatingFault fault, const NullableDatum *row)
{
	Reader	   *r = c->reader;

	/* with several processes the first fault is unknown: the source is read again by one */
	if (c->counts->faults++ > 0 || r == NULL || r->segment != NULL)
		return;
	MemoryContextSwitchTo(r->context);
	r->first_fault = fault;
	r->first_value = fault == RATING_NULL ? 0 : source_rating(r->source, row[2].value);
	r->first_user = id_to_text(&r->source->user, row[0].value);
	r->first_item = id_to_text(&r->source->item, row[1].value);
}

static void
require_row_limit(const Source *source, int64 rows)
{
	if (rows > MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("source \"%s\" has more than " INT64_FORMAT " rows",
						get_rel_name(source->relid), MAX_ROWS),
				 errhint("Use a view of fewer rows as the source, for example of the last year.")));
}

static void
report_rows(Collector *c)
{
	uint64		rows = pg_atomic_add_fetch_u64(&c->reading->rows, REPORT_ROWS);

	CHECK_FOR_INTERRUPTS();
	MemoryContextReset(c->row_context);
	if (c->reader != NULL)
		progress_done((int64) rows);
	require_row_limit(c->source, (int64) rows);
}

/* Whether a row is kept; if so, returns its rating, otherwise counts the reason. */
static bool
accept_row(Collector *c, const NullableDatum *row, float *rating)
{
	Counts	   *counts = c->counts;
	RatingFault fault;

	if (row[0].isnull || row[1].isnull)
	{
		counts->null_ids++;
		return false;
	}
	fault = source_rating_fault(c->source, row[2].value, row[2].isnull, rating);
	if (fault != RATING_FINE)
	{
		note_fault(c, fault, row);
		return false;
	}
	if (c->source->feedback == FEEDBACK_IMPLICIT && *rating == 0)
	{
		counts->zero_weights++;
		return false;
	}
	return true;
}

/*
 * The same for profiles, by the rules of profile.c: an item whose rating training would refuse was
 * seen, but has no rating.
 */
static bool
accept_profile_row(Collector *c, const NullableDatum *row, float *rating)
{
	if (row[0].isnull)
	{
		c->counts->null_ids++;
		return false;
	}
	if (row[1].isnull)
	{
		/* adds the user all the same */
		number_of(c, BLOCK_USERS, row[0].value);
		return false;
	}
	if (source_rating_fault(c->source, row[2].value, row[2].isnull, rating) != RATING_FINE ||
		(c->source->feedback == FEEDBACK_IMPLICIT && *rating == 0))
		*rating = get_float4_nan();
	return true;
}

/* Keeps a row: user, item, rating, time and, where it is read, the context. */
static void
collect_row(Collector *c, const NullableDatum *row)
{
	Counts	   *counts = c->counts;
	RowBlock   *block = c->blocks[BLOCK_ENTRIES];
	ContextEntry kept;

	if (++counts->rows % REPORT_ROWS == 0)
		report_rows(c);
	if (!(c->reading->profiles ? accept_profile_row : accept_row) (c, row,
																	   &kept.timed.entry.value))
		return;
	kept.timed.entry.row = number_of(c, BLOCK_USERS, row[0].value);
	kept.timed.entry.column = number_of(c, BLOCK_ITEMS, row[1].value);
	if (c->entry_bytes >= sizeof(TimedEntry))
	{
		int64		time =
			c->reading->keep_times ? source_time(c->source, row[3].value, row[3].isnull) : 0;

		memcpy(kept.timed.time, &time, sizeof(time));
	}
	if (c->entry_bytes == sizeof(ContextEntry))
		kept.context = number_of(c, BLOCK_CONTEXTS, row[4].value);
	if (block == NULL || block->used == block->size)
		block = next_block(c, BLOCK_ENTRIES, c->entry_bytes);
	memcpy(block->data + block->used, &kept, c->entry_bytes);
	block->used += c->entry_bytes;
	counts->kept++;
}

/*
 * Attaches a worker of a parallel query to the reading. Any user may call the function with any
 * number, so the number must be the handle of a reading that the leader of this worker began.
 */
static Reading *
attach_to_reading(int64 key)
{
	PGPROC	   *leader = MyProc->lockGroupLeader;
	dsm_segment *segment = key > 0 && key <= PG_UINT32_MAX ? dsm_attach((dsm_handle) key) : NULL;
	Reading    *reading;

	if (segment == NULL)
		return NULL;
	reading = dsm_segment_address(segment);
	if (dsm_segment_map_length(segment) < sizeof(Reading) || reading->magic != READING_MAGIC ||
		leader == NULL || reading->leader != leader->pid)
	{
		dsm_detach(segment);
		return NULL;
	}
	dsm_pin_mapping(segment);
	return reading;
}

/* The bytes of an entry. */
static Size
entry_bytes(const Source *source, bool keep_times)
{
	return source_has_contexts(source) ? sizeof(ContextEntry)
		   : keep_times				   ? sizeof(TimedEntry)
									   : sizeof(Entry);
}

/*
 * Adds this process to the reading. leader: NULL in a worker; types: the types of the columns of
 * the rows.
 */
static Collector *
join_reading(Reading *reading, Reader *leader, const Oid types[RESULT_COLUMNS],
			 MemoryContext context)
{
	Collector  *c = MemoryContextAllocZero(context, sizeof(Collector));
	Source	   *source;

	c->reading = reading;
	c->reader = leader;
	SpinLockAcquire(&reading->mutex);
	c->participant = reading->n_participants;
	if (c->participant < MAX_PARTICIPANTS)
		reading->n_participants++;
	SpinLockRelease(&reading->mutex);
	if (c->participant == MAX_PARTICIPANTS)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("more than %d processes read the source", MAX_PARTICIPANTS)));
	c->counts = &reading->counts[c->participant];

	/* each process has its own copy, in which functions of the types cache their state */
	source = MemoryContextAlloc(context, sizeof(Source));
	*source = reading->source;
	id_type_init(&source->user, source->user.type, source->user.typmod, source->user.collation,
				 "the user's id", context);
	id_type_init(&source->item, source->item.type, source->item.typmod, source->item.collation,
				 "the item's id", context);
	if (source_has_contexts(source))
		id_type_init(&source->context, source->context.type, source->context.typmod,
					 source->context.collation, "the context", context);
	c->source = source;
	c->entry_bytes = entry_bytes(source, reading->keep_times);
	for (int i = 0; i < source_result_columns(source); i++)
		source_check_column(source, i, types[i]);
	if (leader != NULL && leader->segment == NULL)
	{
		c->ids[BLOCK_USERS] = leader->data->users;
		c->ids[BLOCK_ITEMS] = leader->data->items;
		c->ids[BLOCK_CONTEXTS] = leader->data->contexts;
	}
	else
	{
		c->ids[BLOCK_USERS] = id_dictionary_create(&source->user, context);
		c->ids[BLOCK_ITEMS] = id_dictionary_create(&source->item, context);
		if (source_has_contexts(source))
			c->ids[BLOCK_CONTEXTS] = id_dictionary_create(&source->context, context);
	}
	c->row_context =
		AllocSetContextCreate(context, "rec row of the source", ALLOCSET_DEFAULT_SIZES);
	return c;
}

/* ---- rows that this process receives ---- */

typedef struct RowReceiver
{
	DestReceiver receiver;
	Reader	   *reader;
	Collector  *collector;
} RowReceiver;

static void
begin_rows(DestReceiver *self, int operation, TupleDesc desc)
{
	RowReceiver *receiver = (RowReceiver *) self;
	Oid			types[RESULT_COLUMNS];

	for (int i = 0; i < desc->natts; i++)
		types[i] = TupleDescAttr(desc, i)->atttypid;
	receiver->collector =
		join_reading(receiver->reader->reading, receiver->reader, types, receiver->reader->context);
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	Collector  *c = ((RowReceiver *) self)->collector;
	NullableDatum row[RESULT_COLUMNS];
	MemoryContext old;

	slot_getallattrs(slot);
	for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
		row[i] = (NullableDatum) {.value = slot->tts_values[i], .isnull = slot->tts_isnull[i]};
	old = MemoryContextSwitchTo(c->row_context);
	collect_row(c, row);
	MemoryContextSwitchTo(old);
	return true;
}

static void
end_rows(DestReceiver *self)
{
}

/* ---- the aggregate ---- */

/* The collector of this process in the reading for which the aggregate was called. */
static Collector *
join_named_reading(FunctionCallInfo fcinfo)
{
	int64		key = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1);
	Reader	   *leader = NULL;
	Reading    *reading = NULL;
	Oid			types[RESULT_COLUMNS] = {0};

	if (IsParallelWorker())
		reading = attach_to_reading(key);
	else if (current_reader != NULL && key == (int64) dsm_segment_handle(current_reader->segment))
	{
		leader = current_reader;
		reading = leader->reading;
	}
	if (reading == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rec_read_row can only be called by functions that read a whole source")));
	for (int i = 0; i < PG_NARGS() - 2; i++)
		types[i] = get_fn_expr_argtype(fcinfo->flinfo, i + 2);
	return join_reading(reading, leader, types, fcinfo->flinfo->fn_mcxt);
}

PG_FUNCTION_INFO_V1(rec_read_row_accumulate);
PGDLLEXPORT Datum rec_read_row_accumulate(PG_FUNCTION_ARGS);

/*
 * rec_read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating
 * "any", at "any")
 *	-> bigint
 * and the same with context "any"
 */
Datum
rec_read_row_accumulate(PG_FUNCTION_ARGS)
{
	Collector  *c = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	if (c == NULL)
		c = fcinfo->flinfo->fn_extra = join_named_reading(fcinfo);
	old = MemoryContextSwitchTo(c->row_context);
	collect_row(c, &fcinfo->args[2]);
	MemoryContextSwitchTo(old);
	PG_RETURN_INT64(PG_GETARG_INT64(0) + 1);
}

/* ---- the queries ---- */

static SPIPlanPtr
prepare(const Source *source, const char *query, int n_arguments, Oid *types, int options)
{
	SPIPlanPtr	plan = sql_prepare(query, n_arguments, types, options);

	sql_settle_plan(plan, false, source->relid);
	return plan;
}

/* Whether the plan is parallel; sets the expected number of rows. */
static bool
look_at_plan(SPIPlanPtr plan, double *rows)
{
	CachedPlan *cached = SPI_plan_get_cached_plan(plan);
	bool		parallel = false;

	*rows = 0;
	if (cached != NULL)
	{
		PlannedStmt *statement = linitial_node(PlannedStmt, cached->stmt_list);

		parallel = statement->parallelModeNeeded;
		*rows = statement->planTree->plan_rows;
		ReleaseCachedPlan(cached, NULL);
	}
	return parallel;
}

static Reader *
create_reader(const Source *source, IdList *known, IdDictionary *more, TrainingData *data,
			  MemoryContext context)
{
	Reader	   *r = MemoryContextAllocZero(context, sizeof(Reader));

	r->keep_times = source->time_column != NULL &&
					(source->feedback == FEEDBACK_EXPLICIT || source->by_recency ||
					 (source->needs & (NEEDS_TIMES | NEEDS_EVENTS)) != 0);
	Assert((source->needs & (NEEDS_TIMES | NEEDS_EVENTS)) == 0 || source->time_column != NULL);
	r->source = source;
	r->known = known;
	r->more = more;
	r->data = data;
	r->context = AllocSetContextCreate(context, "rec rows of the source", ALLOCSET_DEFAULT_SIZES);
	r->result = AllocSetContextCreate(context, "rec rows by user", ALLOCSET_DEFAULT_SIZES);
	r->entry_bytes = entry_bytes(source, r->keep_times);
	data->ratings.now = source_now(source);
	data->users = id_dictionary_create(&source->user, r->result);
	data->items = id_dictionary_create(&source->item, r->result);
	if (source_has_contexts(source))
		data->contexts = id_dictionary_create(&source->context, r->result);
	for (int32 i = 0; source->only_users != NULL && i < source->only_users->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		id_dictionary_add(data->users, source->only_users->ids[i]);
	}
	for (int32 i = 0; known == NULL && source->more_items != NULL && i < source->more_items->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		id_dictionary_add(data->items, source->more_items->ids[i]);
	}
	return r;
}

static void
create_reading(Reader *r, bool shared)
{
	Reading    *reading;

	if (shared)
	{
		MemoryContextCallback *callback =
			MemoryContextAllocZero(r->context, sizeof(MemoryContextCallback));

		callback->func = detach_reading;
		callback->arg = r;
		MemoryContextRegisterResetCallback(r->context, callback);
		r->segment = dsm_create(sizeof(Reading), 0);
		dsm_pin_mapping(r->segment);
		reading = dsm_segment_address(r->segment);
		memset(reading, 0, sizeof(Reading));
		on_dsm_detach(r->segment, unpin_blocks, PointerGetDatum(reading));
	}
	else
		reading = MemoryContextAllocZero(r->context, sizeof(Reading));
	r->reading = reading;
	reading->leader = MyProcPid;
	reading->source = *r->source;
	reading->keep_times = r->keep_times;
	reading->profiles = r->known != NULL;
	pg_atomic_init_u64(&reading->rows, 0);
	SpinLockInit(&reading->mutex);
	reading->magic = READING_MAGIC;
}

/* Reads by this process alone. ids: the array of users or items, where only some are read. */
static void
run_alone(Reader *r, SPIPlanPtr plan, Datum ids, Oid ids_type)
{
	/* of the names of destinations, a tuplestore comes closest */
	RowReceiver receiver = {
		.receiver = {receive_row, begin_rows, end_rows, end_rows, DestTuplestore}, .reader = r};
	SPIExecuteOptions options = {.read_only = true, .dest = &receiver.receiver};
	int			result;

	if (OidIsValid(ids_type))
	{
		options.params = makeParamList(1);
		options.params->params[0] = (ParamExternData) {
			.value = ids, .pflags = PARAM_FLAG_CONST, .ptype = ids_type};
	}
	create_reading(r, false);
	result = SPI_execute_plan_extended(plan, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
}

typedef struct SharedRun
{
	Reader	   *reader;
	SPIPlanPtr	plan;			/* of the aggregate */
	Datum		ids;			/* the array of users or items, where only some are read */
} SharedRun;

static void
run_by_several(void *arg)
{
	SharedRun  *shared = arg;
	Reader	   *outer = current_reader;
	Datum		arguments[2] = {(Datum) 0, shared->ids};
	int			result;

	create_reading(shared->reader, true);
	arguments[0] = Int64GetDatum((int64) dsm_segment_handle(shared->reader->segment));
	current_reader = shared->reader;
	PG_TRY();
	{
		result = SPI_execute_plan(shared->plan, arguments, NULL, true, 0);
	}
	PG_FINALLY();
	{
		current_reader = outer;
	}
	PG_END_TRY();
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
	SPI_freetuptable(SPI_tuptable);
}

/* Errors of class 53, except rec's own limit of memory. */
static bool
is_lack_of_resources(int sqlerrcode)
{
	return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_INSUFFICIENT_RESOURCES &&
		   sqlerrcode != ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
}

/*
 * Reads by several processes; false if shared memory is lacking, of which workers take theirs while
 * they read.
 */
static bool
run_shared(Reader *r, SPIPlanPtr plan, Datum ids)
{
	SharedRun	shared = {r, plan, ids};

	return memory_attempt(run_by_several, &shared, is_lack_of_resources,
						  "reading without workers") == NULL;
}

/* ---- arranging ---- */

/* Attaches to the blocks of all processes. */
static void
attach_blocks(Reader *r)
{
	Reading    *reading = r->reading;

	if (r->segment == NULL)
		return;
	for (int i = 0; i < reading->n_blocks; i++)
	{
		BlockPlace *place = &reading->blocks[i];
		dsm_segment *segment = dsm_find_mapping(place->handle);

		if (segment == NULL)
		{
			segment = dsm_attach(place->handle);
			if (segment == NULL)
				elog(ERROR, "a block of rows is gone");
			dsm_pin_mapping(segment);
		}
		place->block = dsm_segment_address(segment);
	}
}

static void
free_block(Reader *r, BlockPlace *place)
{
	if (r->segment != NULL)
	{
		dsm_handle	handle = place->handle;
		dsm_segment *segment = dsm_find_mapping(handle);

		place->handle = DSM_HANDLE_INVALID;
		dsm_unpin_segment(handle);
		dsm_detach(segment);
	}
	else
		pfree(place->block);
	place->block = NULL;
}

/* The leader's numbers for the ids that a process logged, indexed by the process's own numbers. */
static int32 *
number_logged_ids(Reader *r, int participant, BlockKind kind, IdDictionary *ids, int64 *n_logged)
{
	Reading    *reading = r->reading;
	int64		n = 0;
	int64		capacity = 1024;
	int32	   *numbers = MemoryContextAllocHuge(r->context, sizeof(int32) * capacity);

	for (int i = 0; i < reading->n_blocks; i++)
	{
		BlockPlace *place = &reading->blocks[i];
		int64		at = 0;

		if (place->kind != kind || place->participant != participant)
			continue;
		while (at < place->block->used)
		{
			char	   *logged = place->block->data + at;
			Datum		id = ids->type.by_value ? *(Datum *) logged : PointerGetDatum(logged);

			if (n % 65536 == 0)
				CHECK_FOR_INTERRUPTS();
			if (n == capacity)
			{
				capacity *= 2;
				numbers = repalloc_huge(numbers, sizeof(int32) * capacity);
			}
			numbers[n++] = id_dictionary_add(ids, id);
			at += ids->type.by_value ? sizeof(Datum)
									 : MAXALIGN(datumGetSize(id, false, ids->type.length));
		}
		free_block(r, place);
	}
	*n_logged = n;
	return numbers;
}

/* Replaces each number by its new one. */
static void
compose(int32 *numbers, int64 n, const int32 *new_number)
{
	for (int64 i = 0; i < n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = new_number[numbers[i]];
	}
}

/* Adds up the counts of all processes. */
static void
add_counts(Reader *r)
{
	TrainingData *data = r->data;

	for (int i = 0; i < r->reading->n_participants; i++)
	{
		const Counts *counts = &r->reading->counts[i];

		data->rows += counts->rows;
		data->null_ids += counts->null_ids;
		data->zero_weights += counts->zero_weights;
		data->kept += counts->kept;
	}
	require_row_limit(r->source, data->rows);
}

static int64
count_faults(const Reading *reading)
{
	int64		faults = 0;

	for (int i = 0; i < reading->n_participants; i++)
		faults += reading->counts[i].faults;
	return faults;
}

/* For each item that was read: its number among the known items, or -1. */
static int32 *
known_numbers(Reader *r)
{
	const IdDictionary *items = r->data->items;
	int32	   *numbers =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int32) * Max(items->n, 1));

	for (int32 i = 0; i < items->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = id_list_find(r->known, items->ids[i]);
		if (numbers[i] < 0 && r->more != NULL)
		{
			int32		number = id_dictionary_find(r->more, items->ids[i]);

			numbers[i] = number < 0 ? -1 : r->known->block->n + number;
		}
	}
	return numbers;
}

/*
 * Replaces each process's numbers in the entries by numbers in the order of the ids. Returns the
 * number of rows of each user, with one element more.
 */
static int64 *
renumber(Reader *r)
{
	Reading    *reading = r->reading;
	TrainingData *data = r->data;
	int32	   *numbers[MAX_PARTICIPANTS][BLOCK_KINDS] = {0};
	int64		n_numbers[MAX_PARTICIPANTS][BLOCK_KINDS] = {0};
	IdDictionary *ids[BLOCK_KINDS] = {[BLOCK_USERS] = data->users, [BLOCK_ITEMS] = data->items,
									  [BLOCK_CONTEXTS] = data->contexts};
	int32	   *new_number[BLOCK_KINDS] = {0};
	int64	   *n_rows;

	for (int kind = BLOCK_USERS; kind < BLOCK_KINDS; kind++)
	{
		if (ids[kind] == NULL)
			continue;
		for (int i = 0; i < reading->n_participants && r->segment != NULL; i++)
			numbers[i][kind] = number_logged_ids(r, i, kind, ids[kind], &n_numbers[i][kind]);
		new_number[kind] = kind == BLOCK_ITEMS && r->known != NULL ? known_numbers(r)
																	: id_dictionary_sort(ids[kind]);
		for (int i = 0; i < reading->n_participants && r->segment != NULL; i++)
			compose(numbers[i][kind], n_numbers[i][kind], new_number[kind]);
	}
	n_rows = MemoryContextAllocExtended(r->result, sizeof(int64) * (data->users->n + 1),
										MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < reading->n_blocks; i++)
	{
		BlockPlace *place = &reading->blocks[i];
		int32	  **new_of =
			r->segment != NULL ? numbers[place->participant] : new_number;

		if (place->kind != BLOCK_ENTRIES)
			continue;
		for (int64 at = 0; at < place->block->used; at += r->entry_bytes)
		{
			Entry	   *entry = (Entry *) (place->block->data + at);

			if (at % (65536 * r->entry_bytes) == 0)
				CHECK_FOR_INTERRUPTS();
			entry->row = new_of[BLOCK_USERS][entry->row];
			entry->column = new_of[BLOCK_ITEMS][entry->column];
			if (data->contexts != NULL)
			{
				ContextEntry *with_context = (ContextEntry *) entry;

				with_context->context = new_of[BLOCK_CONTEXTS][with_context->context];
			}
			if (entry->column >= 0)
				n_rows[entry->row]++;
			else
				data->kept--;
		}
	}
	for (int kind = BLOCK_USERS; kind < BLOCK_KINDS; kind++)
	{
		if (ids[kind] == NULL)
			continue;
		for (int i = 0; i < reading->n_participants && r->segment != NULL; i++)
			pfree(numbers[i][kind]);
		pfree(new_number[kind]);
	}
	return n_rows;
}

/* The users first .. first + n_users - 1 and their ratings. */
typedef struct Band
{
	int64		first;
	int64		n_users;
	int64		n;				/* ratings */
	char	   *entries;		/* at first: n entries in any order */
	int32	   *items;			/* later: n items, ordered by user, */
	float	   *values;			/* their ratings, */
	int64	   *times;			/* their times in microseconds, if the source keeps them, */
	int32	   *contexts;		/* and their contexts, if the source has some */
	/*
	 * if popularity by recency is computed: each user's items, once, and the bins of their ages;
	 * without contexts, these items are those of the ratings
	 */
	int64		n_aged;
	int32	   *aged_items;
	uint16	   *ages;
	int64		n_events;
	int32	   *event_items;	/* if the source needs events: n_events items, ordered by user, */
	int64	   *event_times;	/* their times, */
	float	   *event_ratings;	/* their ratings, */
	int32	   *event_contexts; /* and their contexts */
} Band;

/*
 * The number of ratings in a band, so that it fits the second-level cache; and the most bands, as
 * each is a separate stream of writes.
 */
#define BAND_RATINGS 16384
#define MAX_BANDS 1024

/* Cuts the users into bands with about as many rows each. */
static void
make_bands(Reader *r, const int64 *n_rows)
{
	int64		n_users = r->data->users->n;
	int64		target = Max(BAND_RATINGS, r->data->kept / MAX_BANDS + 1);
	Band	   *band = NULL;

	r->bands = MemoryContextAllocZero(r->result, sizeof(Band) * (r->data->kept / target + 2));
	for (int64 u = 0; u < n_users; u++)
	{
		if (u % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (band == NULL || band->n >= target)
		{
			band = &r->bands[r->n_bands++];
			band->first = u;
		}
		band->n_users++;
		band->n += n_rows[u];
	}
}

/*
 * Where the next entry of a band goes. Dealing out uses this of all bands all the time, so it is
 * kept small.
 */
typedef struct BandEnd
{
	char	   *end;
	int32		first;			/* the first user of the band */
} BandEnd;

static inline __attribute__((always_inline)) void
deal_block(const RowBlock *block, Size entry_bytes, const int16 *band_of, BandEnd *ends)
{
	for (int64 at = 0; at < block->used; at += entry_bytes)
	{
		const char *entry = block->data + at;
		BandEnd    *band = &ends[band_of[((const Entry *) entry)->row]];

		if (at % (65536 * entry_bytes) == 0)
			CHECK_FOR_INTERRUPTS();
		if (((const Entry *) entry)->column < 0)
			continue;
		memcpy(band->end, entry, entry_bytes);
		((Entry *) band->end)->row -= band->first;
		band->end += entry_bytes;
	}
}

/* Whether the items' popularity by recency is computed. */
static bool
weighs_by_recency(const Reader *r)
{
	return r->source->by_recency && r->source->time_column != NULL;
}

/* The latest finite time of a block's entries in microseconds, or `newest` if that is later. */
static int64
newest_time(const Reader *r, const RowBlock *block, int64 newest)
{
	int64		latest = PG_INT64_MIN;	/* in the unit of the source */

	for (int64 at = 0; at < block->used; at += r->entry_bytes)
	{
		const TimedEntry *entry = (const TimedEntry *) (block->data + at);
		int64		time;

		memcpy(&time, entry->time, sizeof(time));
		if (time <= latest || entry->entry.column < 0)
			continue;
		latest = time;
		newest = recency_newer(newest, source_microseconds(r->source, time));
	}
	return newest;
}

/* Deals the entries of all blocks out to the bands, in order. */
static void
deal_out(Reader *r)
{
	Reading    *reading = r->reading;
	int16	   *band_of = MemoryContextAllocHuge(r->context, sizeof(int16) * r->data->users->n);
	BandEnd    *ends = MemoryContextAlloc(r->context, sizeof(BandEnd) * r->n_bands);
	int64		newest = PG_INT64_MIN;

	for (int b = 0; b < r->n_bands; b++)
	{
		Band	   *band = &r->bands[b];

		CHECK_FOR_INTERRUPTS();
		for (int64 u = 0; u < band->n_users; u++)
			band_of[band->first + u] = (int16) b;
		band->entries = MemoryContextAllocHuge(r->context, r->entry_bytes * band->n);
		ends[b].end = band->entries;
		ends[b].first = (int32) band->first;
	}
	for (int i = 0; i < reading->n_blocks; i++)
	{
		BlockPlace *place = &reading->blocks[i];

		if (place->kind != BLOCK_ENTRIES)
			continue;
		if (weighs_by_recency(r))
			newest = newest_time(r, place->block, newest);
		if (r->entry_bytes == sizeof(ContextEntry))
			deal_block(place->block, sizeof(ContextEntry), band_of, ends);
		else if (r->entry_bytes == sizeof(TimedEntry))
			deal_block(place->block, sizeof(TimedEntry), band_of, ends);
		else
			deal_block(place->block, sizeof(Entry), band_of, ends);
		free_block(r, place);
	}
	pfree(band_of);
	pfree(ends);
	if (weighs_by_recency(r))
		recency_begin(r->recency, newest, r->data->ratings.now);
}

static int64
item_count(const Reader *r)
{
	if (r->known == NULL)
		return r->data->items->n;
	return r->known->block->n + (r->more == NULL ? 0 : r->more->n);
}

/*
 * In profiles, drops entries without a rating, except one entry for each user and item that have no
 * other.
 */
static int64
drop_silent(SparseMatrix *m)
{
	int64		to = 0;
	int64		begin = 0;
	int64		entries = m->start[m->n_rows];

	for (int64 r = 0; r < m->n_rows; r++)
	{
		int64		end = m->start[r + 1];

		m->start[r] = to;
		for (int64 i = begin; i < end; i++)
		{
			bool		follows = to > m->start[r] && m->column[to - 1] == m->column[i];

			if (i % 65536 == 0)
				CHECK_FOR_INTERRUPTS();
			if (follows && isnan(m->value[i]))
				continue;
			if (follows && isnan(m->value[to - 1]))
				to--;
			m->column[to] = m->column[i];
			m->value[to] = m->value[i];
			if (m->time != NULL)
				m->time[to] = m->time[i];
			if (m->context != NULL)
				m->context[to] = m->context[i];
			to++;
		}
		begin = end;
	}
	m->start[m->n_rows] = to;
	return entries - to;
}

/* Errors out if finite weights have an infinite sum. */
static void
check_sums(Reader *r, const Band *band, const SparseMatrix *m)
{
	for (int64 u = 0; u < m->n_rows; u++)
	{
		for (int64 i = m->start[u]; i < m->start[u + 1]; i++)
		{
			if (i % 65536 == 0)
				CHECK_FOR_INTERRUPTS();
			if (!isinf(m->value[i]))
				continue;
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("source \"%s\" has rows whose %s cannot be used",
							get_rel_name(r->source->relid), r->source->rating_column),
					 errdetail("The weights of user %s and item %s add up to more than a value of "
							   "type real can be.",
							   id_to_text(&r->source->user, r->data->users->ids[band->first + u]),
							   id_to_text(&r->source->item, r->data->items->ids[m->column[i]])),
					 errhint("Correct these rows, or use a view without them as the source.")));
		}
	}
}

/* Counts a band's rows that lie in the future. */
static void
count_future(Reader *r, const SparseMatrix *m)
{
	TrainingData *data = r->data;

	for (int64 i = 0; i < m->start[m->n_rows]; i++)
	{
		int64		time = source_microseconds(r->source, m->time[i]);

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		data->in_future += time > data->ratings.now;
		data->at_infinity += time == PG_INT64_MAX;
	}
}

/* Whether ratings are kept, and with their times. */
static bool
keeps_ratings(const Source *source)
{
	return (source->needs & NEEDS_RATINGS) != 0;
}

static bool
keeps_times(const Source *source)
{
	return keeps_ratings(source) && (source->needs & NEEDS_TIMES) != 0;
}

static bool
keeps_events(const Source *source)
{
	return (source->needs & NEEDS_EVENTS) != 0;
}

static bool
keeps_event_times(const Source *source)
{
	return keeps_events(source) && (source->needs & NEEDS_TIMES) != 0;
}

/* A user's row. */
typedef struct RatedRow
{
	int32		item;
	float		rating;
	int64		time;
	int32		context;		/* 0 if there are no contexts */
} RatedRow;

/* An event, and its place among the events of its user. */
typedef struct PlacedEvent
{
	int32		item;
	int64		place;
} PlacedEvent;

static int
compare_rated(const void *a, const void *b)
{
	const RatedRow *x = a;
	const RatedRow *y = b;

	if (x->item != y->item)
		return x->item > y->item ? 1 : -1;
	if (x->time != y->time)
		return x->time > y->time ? 1 : -1;
	if (x->rating != y->rating)
		return x->rating > y->rating ? 1 : -1;
	return (x->context > y->context) - (x->context < y->context);
}

static int
compare_placed(const void *a, const void *b)
{
	const PlacedEvent *x = a;
	const PlacedEvent *y = b;

	if (x->item != y->item)
		return x->item > y->item ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

/*
 * The rating and the context (contexts NULL: none) of each event of a user. After sorting, both the
 * rows and the events of one item are in the order of time; rows of one item and time are
 * interchangeable.
 */
static void
rate_events(const Event *events, int64 n, RatedRow *rows, float *ratings, int32 *contexts)
{
	PlacedEvent *placed = palloc_extended(sizeof(PlacedEvent) * Max(n, 1), MCXT_ALLOC_HUGE);

	for (int64 i = 0; i < n; i++)
		placed[i] = (PlacedEvent){events[i].item, i};
	qsort(placed, n, sizeof(PlacedEvent), compare_placed);
	qsort(rows, n, sizeof(RatedRow), compare_rated);
	for (int64 i = 0; i < n; i++)
	{
		ratings[placed[i].place] = rows[i].rating;
		if (contexts != NULL)
			contexts[placed[i].place] = rows[i].context;
	}
	pfree(placed);
}

/*
 * Takes a band's events, in the order of time, before rows of one user and item are merged. Rows
 * without a rating, and rows of items that the model does not know, are no events.
 */
static void
arrange_events(Reader *r, Band *band, const SparseMatrix *m)
{
	int64	   *start = r->event_start + band->first;
	int64		longest = sparse_longest_row(m);
	Event	   *events;
	RatedRow   *rows = NULL;
	int64		n = 0;

	events = MemoryContextAllocHuge(r->context, 2 * sizeof(Event) * Max(longest, 1));
	band->event_items = MemoryContextAllocHuge(r->result, sizeof(int32) * Max(band->n, 1));
	if (keeps_event_times(r->source))
		band->event_times = MemoryContextAllocHuge(r->result, sizeof(int64) * Max(band->n, 1));
	if (r->source->event_ratings)
	{
		band->event_ratings = MemoryContextAllocHuge(r->result, sizeof(float) * Max(band->n, 1));
		rows = MemoryContextAllocHuge(r->context, sizeof(RatedRow) * Max(longest, 1));
		if (m->context != NULL)
			band->event_contexts =
				MemoryContextAllocHuge(r->result, sizeof(int32) * Max(band->n, 1));
	}
	for (int64 u = 0; u < m->n_rows; u++)
	{
		int64		before = n;
		int64		count = 0;

		CHECK_FOR_INTERRUPTS();
		for (int64 i = m->start[u]; i < m->start[u + 1]; i++)
		{
			if (isnan(m->value[i]) ||
				(r->more != NULL && m->column[i] >= r->known->block->n))
				continue;
			events[count] = (Event){.time = source_microseconds(r->source, m->time[i]),
									.item = m->column[i]};
			if (rows != NULL)
				rows[count] = (RatedRow){m->column[i], m->value[i], events[count].time,
										 m->context == NULL ? 0 : m->context[i]};
			count++;
		}
		r->data->tied += history_order(events, events + longest, count);
		if (rows != NULL)
			rate_events(events, count, rows, band->event_ratings + n,
						band->event_contexts == NULL ? NULL : band->event_contexts + n);
		for (int64 i = 0; i < count; i++)
		{
			band->event_items[n] = events[i].item;
			if (band->event_times != NULL)
				band->event_times[n] = events[i].time;
			n++;
		}
		start[u + 1] = n - before;
	}
	band->n_events = n;
	pfree(events);
	if (rows != NULL)
		pfree(rows);
}

/* Sets the ages of a band's items. An item that a user has in several contexts has the latest. */
static void
arrange_ages(Reader *r, Band *band, const SparseMatrix *m)
{
	int64		n = 0;

	band->ages = MemoryContextAllocHuge(r->result, sizeof(uint16) * Max(band->n, 1));
	if (m->context != NULL || !keeps_ratings(r->source))
		band->aged_items = MemoryContextAllocHuge(r->result, sizeof(int32) * Max(band->n, 1));
	for (int64 u = 0; u < m->n_rows; u++)
	{
		for (int64 i = m->start[u]; i < m->start[u + 1];)
		{
			int32		item = m->column[i];
			int64		time = m->time[i];

			if (i % 65536 == 0)
				CHECK_FOR_INTERRUPTS();
			while (++i < m->start[u + 1] && m->column[i] == item)
				time = Max(time, m->time[i]);
			if (band->aged_items != NULL)
				band->aged_items[n] = item;
			band->ages[n++] = recency_count(r->recency, source_microseconds(r->source, time));
		}
	}
	band->n_aged = n;
}

/*
 * Sorts a band's entries and merges duplicates; then the band holds the data that the source needs.
 * Returns the number of rows that were merged into others.
 */
static int64
arrange_band(Reader *r, Band *band)
{
	SparseMatrix m = {.n_rows = band->n_users, .n_columns = item_count(r)};
	int64	   *start = r->start + band->first;
	int64		before = start[0];
	void	   *other =
		MemoryContextAllocHuge(r->context, r->entry_bytes * band->n + sizeof(int64));
	int64		duplicates;

	m.start = MemoryContextAllocExtended(r->context, sizeof(int64) * (band->n_users + 2),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	sparse_build(&m, band->entries, other, r->entry_bytes, band->n);
	if (!r->keep_times)
		m.time = NULL;
	if (keeps_events(r->source))
		arrange_events(r, band, &m);
	duplicates = r->known == NULL ? 0 : drop_silent(&m);
	if ((r->source->needs & NEEDS_TIMES) != 0)
		count_future(r, &m);
	duplicates += sparse_merge(&m, source_merge_rule(r->source->feedback));
	/* in profiles of known items, an infinite sum affects only the user who has it */
	if (r->known == NULL)
		check_sums(r, band, &m);
	weigh_events(r->source->weight, m.value, m.start[m.n_rows]);
	band->n -= duplicates;
	if (keeps_ratings(r->source))
	{
		band->items = MemoryContextAllocHuge(r->result, (sizeof(int32) + sizeof(float)) * band->n);
		band->values = (float *) (band->items + band->n);
		memcpy(band->items, m.column, sizeof(int32) * band->n);
		memcpy(band->values, m.value, sizeof(float) * band->n);
	}
	else
	{
		add_to_sums(&r->sums, m.value, band->n);
		for (int64 i = 0; i < band->n; i++)
			r->item_ratings[m.column[i]]++;
	}
	for (int64 i = 0; m.context != NULL && i < band->n; i++)
		r->data->context_ratings[m.context[i]]++;
	if (m.context != NULL && keeps_ratings(r->source))
	{
		band->contexts = MemoryContextAllocHuge(r->result, sizeof(int32) * Max(band->n, 1));
		memcpy(band->contexts, m.context, sizeof(int32) * band->n);
	}
	if (weighs_by_recency(r))
		arrange_ages(r, band, &m);
	if (keeps_times(r->source))
	{
		band->times = MemoryContextAllocHuge(r->result, sizeof(int64) * band->n);
		for (int64 i = 0; i < band->n; i++)
			band->times[i] = source_microseconds(r->source, m.time[i]);
	}
	for (int64 u = 1; u <= band->n_users; u++)
		start[u] = before + m.start[u];
	pfree(m.start);
	pfree(other);
	pfree(band->entries);
	band->entries = NULL;
	return duplicates;
}

void
source_weigh_by_recency(Recency *recency, const RecentItems *pieces, int n_pieces, int64 n_items,
						int64 n_users, float *popularity)
{
	double	   *sums =
		palloc_extended(sizeof(double) * Max(n_items, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	recency_settle(recency, n_users);
	for (const RecentItems *piece = pieces; piece < pieces + n_pieces; piece++)
	{
		for (int64 i = 0; i < piece->n; i++)
		{
			if (i % 65536 == 0)
				CHECK_FOR_INTERRUPTS();
			sums[piece->items[i]] += recency->weights[piece->ages[i]];
		}
	}
	for (int64 i = 0; i < n_items; i++)
		popularity[i] = (float) (sums[i] / n_users);
	pfree(sums);
}

/* Computes the items' popularity by recency, and frees the ages. */
static void
weigh_by_recency(Reader *r)
{
	TrainingData *data = r->data;
	RecentItems *pieces = palloc(sizeof(RecentItems) * r->n_bands);

	for (int b = 0; b < r->n_bands; b++)
	{
		const Band *band = &r->bands[b];

		pieces[b] = (RecentItems) {
			band->n_aged, band->aged_items == NULL ? band->items : band->aged_items, band->ages
		};
	}
	source_weigh_by_recency(r->recency, pieces, r->n_bands, data->items->n, data->users->n,
							data->popularity);
	pfree(pieces);
	for (int b = 0; b < r->n_bands; b++)
	{
		pfree(r->bands[b].ages);
		if (r->bands[b].aged_items != NULL)
			pfree(r->bands[b].aged_items);
	}
}

/* Arranges the rows by user and item, with duplicates merged. */
static void
arrange(Reader *r)
{
	TrainingData *data = r->data;
	int64	   *n_rows;
	instr_time	began;
	instr_time	ended;

	INSTR_TIME_SET_CURRENT(began);
	attach_blocks(r);
	add_counts(r);
	if (data->kept == 0 && r->known == NULL)
		return;
	n_rows = renumber(r);
	make_bands(r, n_rows);
	/*
	 * These are allocated before the entries of the bands. Behind them, they would keep the heap
	 * from shrinking when the entries are freed.
	 */
	if (weighs_by_recency(r))
	{
		r->recency = MemoryContextAlloc(r->context, sizeof(Recency));
		data->popularity =
			MemoryContextAllocHuge(r->result, sizeof(float) * Max(data->items->n, 1));
	}
	if (data->contexts != NULL)
		data->context_ratings = MemoryContextAllocExtended(
			r->result, sizeof(int64) * Max(data->contexts->n, 1),
			MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	deal_out(r);
	r->start = n_rows;
	r->start[0] = 0;
	if (keeps_events(r->source))
		r->event_start =
			MemoryContextAllocExtended(r->result, sizeof(int64) * (data->users->n + 1),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (!keeps_ratings(r->source))
		r->item_ratings = MemoryContextAllocExtended(r->result, sizeof(int64) * item_count(r),
													 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int b = 0; b < r->n_bands; b++)
		data->duplicates += arrange_band(r, &r->bands[b]);
	if (weighs_by_recency(r))
		weigh_by_recency(r);
	for (int64 u = 0; u < data->users->n && r->event_start != NULL; u++)
		r->event_start[u + 1] += r->event_start[u];
	INSTR_TIME_SET_CURRENT(ended);
	INSTR_TIME_SUBTRACT(ended, began);
	ereport(DEBUG1, (errmsg_internal("arranging the rows of %d processes took %.3f s",
									 r->reading->n_participants, INSTR_TIME_GET_DOUBLE(ended))));
}

/* ---- reading ---- */

static void
refuse_faults(const Reader *r)
{
	int64		faults = count_faults(r->reading);
	int			code = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
	const char *value = "NULL";
	const char *rule = "";
	const char *hint = "Correct these rows, or use a view without them as the source.";

	switch (r->first_fault)
	{
		case RATING_FINE:
			break;
		case RATING_NULL:
			code = ERRCODE_NULL_VALUE_NOT_ALLOWED;
			break;
		case RATING_NOT_FINITE:
			value = float8out_internal(r->first_value);
			rule = "; a rating must be finite, as a value of type real";
			break;
		case RATING_NEGATIVE:
			value = float8out_internal(r->first_value);
			rule = "; with implicit feedback it is a weight, and must not be negative";
			hint =
				"If it is a rating, create the model with the option {\"feedback\": \"explicit\"}.";
			break;
	}
	ereport(ERROR, (errcode(code),
					errmsg_plural("source \"%s\" has " INT64_FORMAT " row whose %s cannot be used",
								  "source \"%s\" has " INT64_FORMAT " rows whose %s cannot be used",
								  faults, get_rel_name(r->source->relid), faults,
								  r->source->rating_column),
					errdetail("The first is %s, of user %s and item %s%s.", value, r->first_user,
							  r->first_item, rule),
					errhint("%s", hint)));
}

static void
free_reader(Reader *r)
{
	MemoryContextDelete(r->context);
	MemoryContextDelete(r->result);
	pfree(r);
}

/*
 * Reads by several processes and arranges the rows. Returns false if this process must read alone:
 * shared memory is lacking; or some rating cannot be used, and only a single reader knows the first
 * one; or the last row of a user and item counts, and a parallel scan has no last row.
 */
static bool
read_shared(Reader *r, SPIPlanPtr plan, Datum ids)
{
	if (!run_shared(r, plan, ids) || count_faults(r->reading) > 0)
		return false;
	arrange(r);
	return r->data->duplicates == 0 || r->reading->n_participants == 1 ||
		r->keep_times || source_merge_rule(r->source->feedback) == MERGE_SUM;
}

/*
 * The aggregate exists since version 0.2.0, and in pg_catalog since 0.4.2, where only a superuser
 * can create another function of this name that fits the arguments better. A database may still
 * have the objects of an older version.
 */
static void
require_aggregate(const Source *source)
{
	/* the reading, and what a row has */
	const Oid	types[] = {INT8OID, ANYOID, ANYOID, ANYOID, ANYOID, ANYOID};

	if (!SearchSysCacheExists3(
			PROCNAMEARGSNSP, CStringGetDatum("rec_read_row"),
			PointerGetDatum(buildoidvector(types, 1 + source_result_columns(source))),
			ObjectIdGetDatum(PG_CATALOG_NAMESPACE)))
		refuse_older_extension(
			"Its version in this database has no function pg_catalog.rec_read_row. No source can "
			"be read as a whole until it is updated; models answer single questions.");
}

/* The FROM clause; `parameter` is the number of the first parameter. */
static char *
from_clause(const Source *source, int parameter)
{
	if (source->only_users != NULL)
		return psprintf("%s WHERE %s", source->name,
						source_among(&source->user, source->user_column, parameter));
	if (source->only_items != NULL)
		return psprintf("%s WHERE %s", source->name,
						source_among(&source->item, source->item_column, parameter));
	return source->condition == NULL ? source->name
									 : psprintf("%s WHERE %s", source->name, source->condition);
}

static TrainingData *
read_rows(const Source *source, IdList *known, IdDictionary *more, MemoryContext context)
{
	TrainingData *data = MemoryContextAllocZero(context, sizeof(TrainingData));
	char	   *columns =
		psprintf("%s, %s", quote_identifier(source->user_column), source_columns(source));
	IdDictionary *only = source->only_users != NULL ? source->only_users : source->only_items;
	Oid			only_type = InvalidOid;
	Datum		only_ids = only == NULL ? (Datum) 0 : source_id_array(only, &only_type);
	int			n_parameters = OidIsValid(only_type) ? 1 : 0;
	Oid			types[2] = {INT8OID, only_type};
	SPIPlanPtr	plan =
		prepare(source, psprintf("SELECT %s FROM %s", columns, from_clause(source, 1)),
				n_parameters,
				&types[1], 0);
	SPIPlanPtr	aggregate;
	double		rows;
	double		groups;
	Reader	   *r;
	bool		shared;

	require_aggregate(source);
	look_at_plan(plan, &rows);
	progress_total((int64) Min(rows, (double) MAX_ROWS));

	/*
	 * Workers may be unavailable, which only a subtransaction detects; a query that runs in
	 * parallel itself cannot have any. An engine that runs queries elsewhere, such as Citus, plans
	 * no workers, and cannot plan this query while its parameter has no value.
	 */
	aggregate = prepare(source,
						psprintf("SELECT pg_catalog.rec_read_row($1, %s) FROM %s", columns,
								 from_clause(source, 2)),
						1 + n_parameters, types, CURSOR_OPT_PARALLEL_OK);
	shared = look_at_plan(aggregate, &groups) && !IsInParallelMode();
	r = create_reader(source, known, more, data, context);
	if (shared && !read_shared(r, aggregate, only_ids))
	{
		free_reader(r);
		memset(data, 0, sizeof(TrainingData));
		r = create_reader(source, known, more, data, context);
		shared = false;
	}
	SPI_freeplan(aggregate);
	if (!shared)
	{
		run_alone(r, plan, only_ids, only_type);
		if (count_faults(r->reading) > 0)
			refuse_faults(r);
		arrange(r);
	}
	SPI_freeplan(plan);
	MemoryContextDelete(r->context);
	data->reader = r;
	return data;
}

TrainingData *
source_read(const Source *source, MemoryContext context)
{
	TrainingData *data = read_rows(source, NULL, NULL, context);

	if (data->kept == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("source \"%s\" has nothing to train on", get_rel_name(source->relid)),
				 data->rows == 0 ? errdetail("It has no rows, or none that you may see.")
								 : errdetail("Of its " INT64_FORMAT " rows, " INT64_FORMAT
											 " have a NULL id and " INT64_FORMAT " weigh 0.",
											 data->rows, data->null_ids, data->zero_weights)));
	return data;
}

TrainingData *
source_read_some(const Source *source, MemoryContext context)
{
	return read_rows(source, NULL, NULL, context);
}

TrainingData *
source_read_profiles(const Source *source, IdList *known, IdDictionary *more,
					 MemoryContext context)
{
	return read_rows(source, known, more, context);
}

void
source_report_left_out(const TrainingData *data, const Source *source)
{
	if (data->null_ids > 0)
		ereport(NOTICE,
				(errmsg_plural("left out " INT64_FORMAT " row of \"%s\" with a NULL id",
							   "left out " INT64_FORMAT " rows of \"%s\" with a NULL id",
							   data->null_ids, data->null_ids, get_rel_name(source->relid))));
	if (data->zero_weights > 0)
		ereport(NOTICE, (errmsg_plural("left out " INT64_FORMAT " row of \"%s\" that weighs 0",
									   "left out " INT64_FORMAT " rows of \"%s\" that weigh 0",
									   data->zero_weights, data->zero_weights,
									   get_rel_name(source->relid))));
}

void
source_report_future(const TrainingData *data, const Source *source)
{
	const char *infinite =
		data->at_infinity > 0
			? psprintf(", " INT64_FORMAT " of them at infinity", data->at_infinity)
			: "";

	if (data->in_future == 0)
		return;
	ereport(
		NOTICE,
		(errmsg_plural(INT64_FORMAT " row of \"%s\" lies in the future%s",
					   INT64_FORMAT " rows of \"%s\" lie in the future%s", data->in_future,
					   data->in_future, get_rel_name(source->relid), infinite),
		 errdetail("Such rows count as new."),
		 source->time_type == TIMESTAMPTZOID ? 0
		 : source->time_type == TIMESTAMPOID || source->time_type == DATEOID
			 ? errhint("Times in column \"%s\" are taken to be in the time zone of the session.",
					   source->time_column)
			 : errhint("Numbers in column \"%s\" are taken to be seconds since 1970.",
					   source->time_column)));
}

/* The least share of events without an order that is reported. */
#define MANY_TIES 0.1

void
source_report_ties(const TrainingData *data, const Source *source)
{
	if (data->tied < MANY_TIES * data->kept || data->tied == 0)
		return;
	ereport(NOTICE,
			(errmsg("%.0f %% of the rows of \"%s\" have the time of another row of their user",
					floor(100.0 * data->tied / data->kept), get_rel_name(source->relid)),
			 errdetail("Their order is random.")));
}

/* With fewer ratings their kind is not guessed. */
#define FEW_RATINGS 100

void
source_note_weights(const Source *source, const SparseMatrix *by_user)
{
	int64		n = by_user->start[by_user->n_rows];
	double		sum = 0;
	float		minimum = INFINITY;
	float		maximum = -INFINITY;
	/*
	 * the value of the majority, if there is one: equal and other values cancel out, and this one
	 * is left
	 */
	float		common = 0;
	int64		left = 0;
	int64		equal = 0;
	char	   *why;

	if (source->feedback != FEEDBACK_EXPLICIT || n < FEW_RATINGS || by_user->value == NULL)
		return;
	for (int64 i = 0; i < n; i++)
	{
		float		rating = by_user->value[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		sum += rating;
		minimum = Min(minimum, rating);
		maximum = Max(maximum, rating);
		if (left == 0)
			common = rating;
		left += rating == common ? 1 : -1;
	}
	for (int64 i = 0; i < n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		equal += by_user->value[i] == common;
	}
	if (equal >= 0.9 * n || (equal >= 0.5 * n && common == minimum))
		why = psprintf("%.0f %% of its values are %g%s.", floor(100.0 * equal / n), common,
					   common == minimum && common < maximum ? ", the lowest" : "");
	else if (minimum >= 0 && maximum > 10 * sum / n)
		why = psprintf("Its highest value, %g, is more than ten times the mean, %.3g.", maximum,
					   sum / n);
	else
		return;
	ereport(
		NOTICE,
		(errmsg(
			 "column \"%s\" of source \"%s\" is read as ratings, and looks like weights of events",
			 source->rating_column, get_rel_name(source->relid)),
		 errdetail("%s", why),
		 errhint("If it holds weights, such as counts, use the option '{\"feedback\": "
				 "\"implicit\"}'.")));
}

/* ---- building ---- */

double
source_bytes(const TrainingData *data)
{
	const Source *source = data->reader->source;
	Size		entry =
		keeps_ratings(source)
			? sizeof(int32) + sizeof(float) + (keeps_times(source) ? sizeof(int64) : 0) +
				  (source_has_contexts(source) ? sizeof(int32) : 0)
			: 0;
	Size		event =
		keeps_events(source)
			? sizeof(int32) + (keeps_event_times(source) ? sizeof(int64) : 0) +
				  (source->event_ratings ? sizeof(float) : 0) +
				  (source->event_ratings && source_has_contexts(source) ? sizeof(int32) : 0)
			: 0;

	return 2.0 * entry * (data->kept - data->duplicates) + (double) event * data->kept +
		   sizeof(int64) * (2.0 * data->users->n + item_count(data->reader) + 6);
}

void
source_allocate_matrix(SparseMatrix *m, int64 n_rows, int64 n_columns, int64 entries, bool times,
					   TrainingMemory *memory)
{
	Size		start_bytes = sizeof(int64) * (n_rows + 2);

	/* an array without elements also takes a place in the memory */
	entries = Max(entries, 1);
	training_memory_reserve(
		memory, training_memory_size(start_bytes) + training_memory_size(sizeof(int32) * entries) +
					training_memory_size(sizeof(float) * entries) +
					(times ? training_memory_size(sizeof(int64) * entries) : 0));
	m->n_rows = n_rows;
	m->n_columns = n_columns;
	m->start = training_memory_allocate(memory, start_bytes);
	m->column = training_memory_allocate(memory, sizeof(int32) * entries);
	m->value = training_memory_allocate(memory, sizeof(float) * entries);
	m->time = times ? training_memory_allocate(memory, sizeof(int64) * entries) : NULL;
	m->context = NULL;
}

void
source_allocate_contexts(SparseMatrix *m, int64 entries, TrainingMemory *memory)
{
	Size		bytes = sizeof(int32) * Max(entries, 1);

	training_memory_reserve(memory, training_memory_size(bytes));
	m->context = training_memory_allocate(memory, bytes);
}

void
source_allocate_history(History *h, int64 n_users, int64 n_events, bool times,
						TrainingMemory *memory)
{
	Size		start_bytes = sizeof(int64) * (n_users + 1);

	/* an array without elements also takes a place in the memory */
	n_events = Max(n_events, 1);
	training_memory_reserve(memory,
							training_memory_size(start_bytes) +
								training_memory_size(sizeof(int32) * n_events) +
								(times ? training_memory_size(sizeof(int64) * n_events) : 0));
	h->n_users = n_users;
	h->start = training_memory_allocate(memory, start_bytes);
	h->items = training_memory_allocate(memory, sizeof(int32) * n_events);
	h->times = times ? training_memory_allocate(memory, sizeof(int64) * n_events) : NULL;
}

/* A matrix of which only the number of entries in each row is known. */
static void
allocate_counts(SparseMatrix *m, int64 n_rows, int64 n_columns, TrainingMemory *memory)
{
	training_memory_reserve(memory, training_memory_size(sizeof(int64) * (n_rows + 2)));
	m->n_rows = n_rows;
	m->n_columns = n_columns;
	m->start = training_memory_allocate(memory, sizeof(int64) * (n_rows + 2));
}

/* Builds the matrix by user and the histories, which replace the bands. */
static void
build_by_user(TrainingData *data, TrainingMemory *memory)
{
	Reader	   *r = data->reader;
	SparseMatrix *by_user = &data->ratings.by_user;
	History    *events = &data->ratings.events;
	int64		n_users = data->users->n;

	if (keeps_ratings(r->source))
		source_allocate_matrix(by_user, n_users, item_count(r), data->kept - data->duplicates,
							   keeps_times(r->source), memory);
	else
		allocate_counts(by_user, n_users, item_count(r), memory);
	if (keeps_ratings(r->source) && data->contexts != NULL)
		source_allocate_contexts(by_user, data->kept - data->duplicates, memory);
	memcpy(by_user->start, r->start, sizeof(int64) * (n_users + 1));
	pfree(r->start);
	if (keeps_events(r->source))
	{
		source_allocate_history(events, n_users, r->event_start[n_users],
								keeps_event_times(r->source), memory);
		memcpy(events->start, r->event_start, sizeof(int64) * (n_users + 1));
		pfree(r->event_start);
		if (r->source->event_ratings)
			data->event_ratings = MemoryContextAllocHuge(
				memory->context, sizeof(float) * Max(events->start[n_users], 1));
		if (r->source->event_ratings && data->contexts != NULL)
			data->event_contexts = MemoryContextAllocHuge(
				memory->context, sizeof(int32) * Max(events->start[n_users], 1));
	}
	for (int b = 0; b < r->n_bands; b++)
	{
		Band	   *band = &r->bands[b];
		int64		first = by_user->start[band->first];

		CHECK_FOR_INTERRUPTS();
		if (by_user->column != NULL)
		{
			memcpy(by_user->column + first, band->items, sizeof(int32) * band->n);
			memcpy(by_user->value + first, band->values, sizeof(float) * band->n);
			pfree(band->items);
		}
		if (by_user->time != NULL)
		{
			memcpy(by_user->time + first, band->times, sizeof(int64) * band->n);
			pfree(band->times);
		}
		if (by_user->context != NULL)
		{
			memcpy(by_user->context + first, band->contexts, sizeof(int32) * band->n);
			pfree(band->contexts);
		}
		if (events->items != NULL)
		{
			first = events->start[band->first];
			memcpy(events->items + first, band->event_items, sizeof(int32) * band->n_events);
			pfree(band->event_items);
		}
		if (events->times != NULL)
		{
			memcpy(events->times + first, band->event_times, sizeof(int64) * band->n_events);
			pfree(band->event_times);
		}
		if (data->event_ratings != NULL)
		{
			memcpy(data->event_ratings + first, band->event_ratings,
				   sizeof(float) * band->n_events);
			pfree(band->event_ratings);
		}
		if (data->event_contexts != NULL)
		{
			memcpy(data->event_contexts + first, band->event_contexts,
				   sizeof(int32) * band->n_events);
			pfree(band->event_contexts);
		}
	}
	pfree(r->bands);
}

void
source_complete(Ratings *ratings, TrainingMemory *memory)
{
	const SparseMatrix *by_user = &ratings->by_user;

	source_scale(ratings);
	source_allocate_matrix(&ratings->by_item, by_user->n_columns, by_user->n_rows,
						   by_user->start[by_user->n_rows], by_user->time != NULL, memory);
	if (by_user->context != NULL)
		source_allocate_contexts(&ratings->by_item, by_user->start[by_user->n_rows], memory);
	sparse_transpose(by_user, &ratings->by_item);
}

void
source_build(TrainingData *data, TrainingMemory *memory)
{
	Reader	   *r = data->reader;
	Ratings    *ratings = &data->ratings;

	build_by_user(data, memory);
	if (keeps_ratings(r->source))
		source_complete(ratings, memory);
	else
	{
		int64	   *start;

		allocate_counts(&ratings->by_item, item_count(r), data->users->n, memory);
		start = ratings->by_item.start;
		for (int64 i = 0; i < ratings->by_item.n_rows; i++)
			start[i + 1] = start[i] + r->item_ratings[i];
		pfree(r->item_ratings);
		ratings->scale = scale_of_sums(&r->sums);
	}
	data->reader = NULL;
}

void
source_build_profiles(TrainingData *data, TrainingMemory *memory)
{
	build_by_user(data, memory);
	data->reader = NULL;
}
