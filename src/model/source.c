/*
 * source.c
 *	  The relation that a model learns from.
 *
 * Training streams the rows from the executor straight into compact arrays: a
 * DestReceiver replaces each id by a number and appends 12 bytes a row (20 with
 * a time) to chunks. At the end the numbers are renewed in the order of the ids, and
 * the chunks sorted by counting, so that neither depends on the order in
 * which rows came.
 */
#include "postgres.h"
#include "model/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "model/memory.h"
#include "model/names.h"
#include "model/progress.h"
#include "model/source.h"
#include "nodes/plannodes.h"
#include "parser/parse_coerce.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* Ratings that a model can be trained on: as many as a count of ratings in the model table can say. */
#define MAX_ROWS ((int64) PG_INT32_MAX)

#define CHUNK_ROWS (1024 * 1024)

/* ---- columns ---- */

AttrNumber
source_column(Oid relid, const char *column, const char *argument)
{
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum == InvalidAttrNumber || attnum < 0)
	{
		Relation	rel = relation_open(relid, AccessShareLock);
		const char **names = palloc(sizeof(char *) * RelationGetDescr(rel)->natts);
		int			n = 0;

		for (int i = 0; i < RelationGetDescr(rel)->natts; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), i);

			if (!attribute->attisdropped)
				names[n++] = pstrdup(NameStr(attribute->attname));
		}
		relation_close(rel, AccessShareLock);
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of source \"%s\" does not exist", column, get_rel_name(relid)),
				 errdetail("It is the model's %s.", argument),
				 hint_nearest(column, names, n)));
	}
	return attnum;
}

static void
open_id_column(const Source *source, const char *column, const char *argument, IdType *type, MemoryContext context)
{
	AttrNumber	attnum = source_column(source->relid, column, argument);
	Oid			type_oid;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(source->relid, attnum, &type_oid, &typmod, &collation);
	id_type_init(type, type_oid, typmod, collation,
				 psprintf("column \"%s\" of source \"%s\"", column, get_rel_name(source->relid)), context);
}

static bool
is_time_type(Oid base)
{
	switch (base)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case DATEOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return true;
	}
	return false;
}

Source *
source_open(const ModelRow *row, Feedback feedback, MemoryContext context)
{
	Source	   *source = MemoryContextAllocZero(context, sizeof(Source));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(row->source));
	char		kind;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source \"%s\" of model \"%s\" does not exist", row->source_name, get_rel_name(row->model)),
				 errhint("It was dropped; drop the model, and create one on another source.")));
	kind = ((Form_pg_class) GETSTRUCT(tuple))->relkind;
	ReleaseSysCache(tuple);
	if (kind != RELKIND_RELATION && kind != RELKIND_VIEW && kind != RELKIND_MATVIEW &&
		kind != RELKIND_PARTITIONED_TABLE && kind != RELKIND_FOREIGN_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" can't be a source", get_rel_name(row->source)),
				 errdetail("A source is a table, view, materialized view, partitioned table or foreign table.")));

	source->relid = row->source;
	source->name = MemoryContextStrdup(context, quoted_relation(row->source));
	source->user_column = MemoryContextStrdup(context, row->user_column);
	source->item_column = MemoryContextStrdup(context, row->item_column);
	source->feedback = feedback;
	open_id_column(source, row->user_column, "user_column", &source->user, context);
	open_id_column(source, row->item_column, "item_column", &source->item, context);
	if (row->rating_column != NULL)
	{
		Oid			type = getBaseType(get_atttype(row->source, source_column(row->source, row->rating_column, "rating_column")));

		if (TypeCategory(type) != TYPCATEGORY_NUMERIC || !can_coerce_type(1, &type, &(Oid) {FLOAT8OID}, COERCION_EXPLICIT))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("rating column \"%s\" of source \"%s\" must be a number, not %s",
							row->rating_column, get_rel_name(row->source), format_type_be(type)),
					 errhint("Let the source be a view that casts it to real.")));
		source->rating_column = MemoryContextStrdup(context, row->rating_column);
		source->rating_type = type;
	}
	if (row->time_column != NULL)
	{
		Oid			type = getBaseType(get_atttype(row->source, source_column(row->source, row->time_column, "time_column")));

		if (!is_time_type(type))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("time column \"%s\" of source \"%s\" must be a timestamp, a date or a number, not %s",
							row->time_column, get_rel_name(row->source), format_type_be(type))));
		source->time_column = MemoryContextStrdup(context, row->time_column);
		source->time_type = type;
	}
	return source;
}

static void
check_type(const Source *source, const char *column, const IdType *type, Oid model, Oid table, const char *id_column)
{
	Oid			created;
	AttrNumber	attnum;

	if (!OidIsValid(table) || (attnum = get_attnum(table, id_column)) <= 0)
		return;
	created = get_atttype(table, attnum);
	if (created != type->type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of source \"%s\" is of type %s, but model \"%s\" was created for type %s",
						column, get_rel_name(source->relid), format_type_be(type->type),
						get_rel_name(model), format_type_be(created)),
				 errhint("Drop the model and create it again.")));
}

void
source_check_types(const Source *source, const ModelRow *row)
{
	check_type(source, source->item_column, &source->item, row->model, row->model, "item_id");
	check_type(source, source->user_column, &source->user, row->model, row->user_table, "user_id");
}

MergeRule
source_merge_rule(Feedback feedback)
{
	return feedback == FEEDBACK_EXPLICIT ? MERGE_LATEST : MERGE_SUM;
}

/* Doubles as integers in the same order. */
static int64
double_time(double value)
{
	int64		bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits < 0 ? PG_INT64_MIN - bits - 1 : bits;
}

/* A value of the time column as an integer in the same order; NULL comes before all others. */
static int64
time_order(Oid base, Datum value, bool is_null)
{
	if (is_null)
		return PG_INT64_MIN;
	switch (base)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case INT8OID:
			return DatumGetInt64(value);
		case DATEOID:
		case INT4OID:
			return DatumGetInt32(value);
		case INT2OID:
			return DatumGetInt16(value);
		case FLOAT4OID:
			return double_time(DatumGetFloat4(value));
		case FLOAT8OID:
			return double_time(DatumGetFloat8(value));
		case NUMERICOID:
			return double_time(DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value)));
	}
	pg_unreachable();
}

/* SELECT user, item, rating, time FROM source; with user_equals, for one user, without the user's own column. */
static char *
source_query(const Source *source, const char *user_equals)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfoString(&s, "SELECT ");
	if (user_equals == NULL)
		appendStringInfo(&s, "%s, ", quote_identifier(source->user_column));
	appendStringInfo(&s, "%s, ", quote_identifier(source->item_column));
	/* numeric has values that float8 has not, which we refuse ourselves, naming the row */
	if (source->rating_column != NULL)
		appendStringInfo(&s, "%s::pg_catalog.%s, ", quote_identifier(source->rating_column),
						 source->rating_type == NUMERICOID ? "numeric" : "float8");
	else
		appendStringInfoString(&s, "1::pg_catalog.float8, ");
	if (source->time_column != NULL)
		appendStringInfo(&s, "%s", quote_identifier(source->time_column));
	else
		appendStringInfoString(&s, "NULL");
	appendStringInfo(&s, " FROM %s", source->name);
	if (user_equals != NULL)
		appendStringInfo(&s, " WHERE %s %s $1", quote_identifier(source->user_column), user_equals);
	return s.data;
}

/* What is wrong with a rating, or NULL. */
typedef enum RatingFault
{
	RATING_FINE,
	RATING_NULL,
	RATING_NOT_FINITE,
	RATING_NEGATIVE
} RatingFault;

static double
rating_value(const Source *source, Datum value)
{
	if (source->rating_type == NUMERICOID)
		value = DirectFunctionCall1(numeric_float8_no_overflow, value);
	return DatumGetFloat8(value);
}

static RatingFault
rating_fault(const Source *source, Datum value, bool is_null, float *rating)
{
	if (is_null)
		return RATING_NULL;
	*rating = (float) rating_value(source, value);
	if (!isfinite(*rating))
		return RATING_NOT_FINITE;
	if (source->feedback == FEEDBACK_IMPLICIT && *rating < 0)
		return RATING_NEGATIVE;
	return RATING_FINE;
}

/*
 * Errors out where the rows are not of the types that were looked up: the source may have been altered
 * after that, and before the executor locked it.
 */
static void
check_result(const Source *source, TupleDesc desc, int first)
{
	Oid			expected[4] = {source->user.type, source->item.type, source->rating_type == NUMERICOID ? NUMERICOID : FLOAT8OID, source->time_type};

	for (int i = first; i < 4; i++)
	{
		Oid			type = TupleDescAttr(desc, i - first)->atttypid;

		if (i == 3 && source->time_column != NULL)
			type = getBaseType(type);
		if (type != expected[i] && !(i == 3 && source->time_column == NULL))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("source \"%s\" was altered meanwhile", get_rel_name(source->relid)),
					 errhint("Try again.")));
	}
}

/* ---- all rows ---- */

typedef struct Chunk
{
	int32		n;
	int32	   *users;
	int32	   *items;
	float	   *ratings;
	int64	   *times;			/* or NULL */
} Chunk;

typedef struct Reader
{
	DestReceiver receiver;
	const Source *source;
	TrainingData *data;
	MemoryContext context;		/* chunks */
	MemoryContext row_context;	/* what functions of the ids' types leave behind */
	List	   *chunks;
	Chunk	   *chunk;			/* the last one */
	bool		keep_times;
	int64		faults;
	RatingFault first_fault;
	double		first_value;
	char	   *first_user;
	char	   *first_item;
} Reader;

/* Bytes of the matrices in both orders, and their row starts. */
static double
matrix_bytes(int64 rows, int64 users, int64 items, bool times)
{
	double		entry = sizeof(int32) + sizeof(float) + (times ? sizeof(int64) : 0);

	return 2 * entry * rows + sizeof(int64) * ((double) users + items + 4);
}

static void
add_chunk(Reader *r)
{
	MemoryContext old = MemoryContextSwitchTo(r->context);
	double		chunk_bytes = (2 * sizeof(int32) + sizeof(float) + (r->keep_times ? sizeof(int64) : 0)) * (double) CHUNK_ROWS;

	memory_require(chunk_bytes * (list_length(r->chunks) + 1) +
				   matrix_bytes(r->data->kept, r->data->users->n, r->data->items->n, r->keep_times) +
				   id_dictionary_bytes(r->data->users) + id_dictionary_bytes(r->data->items),
				   psprintf("reading the first " INT64_FORMAT " rows of \"%s\"", r->data->kept, get_rel_name(r->source->relid)));
	r->chunk = palloc0(sizeof(Chunk));
	r->chunk->users = palloc_extended(sizeof(int32) * CHUNK_ROWS, 0);
	r->chunk->items = palloc_extended(sizeof(int32) * CHUNK_ROWS, 0);
	r->chunk->ratings = palloc_extended(sizeof(float) * CHUNK_ROWS, 0);
	if (r->keep_times)
		r->chunk->times = palloc_extended(sizeof(int64) * CHUNK_ROWS, 0);
	r->chunks = lappend(r->chunks, r->chunk);
	MemoryContextSwitchTo(old);
}

static void
refuse_too_many_rows(const Source *source, const char *how_many)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("source \"%s\" has more than " INT64_FORMAT " rows", get_rel_name(source->relid), MAX_ROWS),
			 errdetail("%s", how_many),
			 errhint("Let the source be a view of fewer rows, for example of the last year.")));
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	Reader	   *r = (Reader *) self;
	TrainingData *data = r->data;
	MemoryContext old;
	RatingFault fault;
	float		rating = 0;
	Chunk	   *chunk;

	slot_getallattrs(slot);
	if (++data->rows % 4096 == 0)
	{
		MemoryContextReset(r->row_context);
		progress_done(data->rows);
		if (data->rows > MAX_ROWS)
			refuse_too_many_rows(r->source, "They were counted while reading.");
	}
	if (slot->tts_isnull[0] || slot->tts_isnull[1])
	{
		data->null_ids++;
		return true;
	}

	fault = rating_fault(r->source, slot->tts_values[2], slot->tts_isnull[2], &rating);
	if (fault != RATING_FINE)
	{
		if (r->faults++ == 0)
		{
			old = MemoryContextSwitchTo(r->context);
			r->first_fault = fault;
			r->first_value = fault == RATING_NULL ? 0 : rating_value(r->source, slot->tts_values[2]);
			r->first_user = id_to_text(&r->source->user, slot->tts_values[0]);
			r->first_item = id_to_text(&r->source->item, slot->tts_values[1]);
			MemoryContextSwitchTo(old);
		}
		return true;
	}
	if (r->source->feedback == FEEDBACK_IMPLICIT && rating == 0)
	{
		data->zero_weights++;
		return true;
	}

	if (r->chunk == NULL || r->chunk->n == CHUNK_ROWS)
		add_chunk(r);
	chunk = r->chunk;
	old = MemoryContextSwitchTo(r->row_context);
	chunk->users[chunk->n] = id_dictionary_add(data->users, slot->tts_values[0]);
	chunk->items[chunk->n] = id_dictionary_add(data->items, slot->tts_values[1]);
	MemoryContextSwitchTo(old);
	chunk->ratings[chunk->n] = rating;
	if (r->keep_times)
		chunk->times[chunk->n] = time_order(r->source->time_type, slot->tts_values[3], slot->tts_isnull[3]);
	chunk->n++;
	r->data->kept++;
	return true;
}

static void
start_receiving(DestReceiver *self, int operation, TupleDesc typeinfo)
{
	check_result(((Reader *) self)->source, typeinfo, 0);
}

static void
ignore_end(DestReceiver *self)
{
}

static void
run_query(Reader *r)
{
	const Source *source = r->source;
	SPIExecuteOptions options = {0};
	SPIPlanPtr	plan;
	CachedPlan *cached;
	double		expected;
	int			result;

	/* Where the last row of a user and item counts, rows must come in the order of one scan. */
	plan = SPI_prepare_cursor(source_query(source, NULL), 0, NULL,
							  source_merge_rule(source->feedback) == MERGE_LATEST && !r->keep_times ? 0 : CURSOR_OPT_PARALLEL_OK);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	cached = SPI_plan_get_cached_plan(plan);
	if (cached != NULL)
	{
		expected = linitial_node(PlannedStmt, cached->stmt_list)->planTree->plan_rows;
		ReleaseCachedPlan(cached, NULL);
		if (expected > MAX_ROWS)
			refuse_too_many_rows(source, psprintf("The planner expects %.0f.", expected));
		progress_total((int64) expected);
	}

	r->receiver.receiveSlot = receive_row;
	r->receiver.rStartup = start_receiving;
	r->receiver.rShutdown = ignore_end;
	r->receiver.rDestroy = ignore_end;
	r->receiver.mydest = DestTupleQueue;	/* what comes nearest; DestNone would mean that rows are thrown away */
	options.read_only = true;
	options.dest = (DestReceiver *) r;
	result = SPI_execute_plan_extended(plan, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
	SPI_freeplan(plan);
}

static void
refuse_faults(const Reader *r)
{
	int			code = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
	const char *value = "NULL";
	const char *rule = "";
	const char *hint = "Mend these rows, or let the source be a view without them.";

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
			hint = "If it is a rating, create the model with the option {\"feedback\": \"explicit\"}.";
			break;
	}
	ereport(ERROR,
			(errcode(code),
			 errmsg_plural("source \"%s\" has " INT64_FORMAT " row whose %s can't be used",
						   "source \"%s\" has " INT64_FORMAT " rows whose %s can't be used", r->faults,
						   get_rel_name(r->source->relid), r->faults, r->source->rating_column),
			 errdetail("The first is %s, of user %s and item %s%s.", value, r->first_user, r->first_item, rule),
			 errhint("%s", hint)));
}

double
source_matrix_bytes(const TrainingData *data)
{
	return matrix_bytes(data->kept, data->users->n, data->items->n, data->reader->keep_times);
}

/* Takes a piece of memory for a matrix. */
static void
allocate_matrix(SparseMatrix *m, int64 n_rows, int64 n_columns, int64 entries, TrainingMemory *memory)
{
	Size		start_bytes = sizeof(int64) * (n_rows + 2);

	training_memory_reserve(memory, training_memory_size(start_bytes) + training_memory_size(sizeof(int32) * entries) +
							training_memory_size(sizeof(float) * entries));
	m->n_rows = n_rows;
	m->n_columns = n_columns;
	m->start = training_memory_allocate(memory, start_bytes);
	m->column = training_memory_allocate(memory, sizeof(int32) * entries);
	m->value = training_memory_allocate(memory, sizeof(float) * entries);
}

/* Times are needed for merging only. */
static void
allocate_times(SparseMatrix *m, int64 entries, bool times, MemoryContext context)
{
	if (times)
		m->time = MemoryContextAllocExtended(context, sizeof(int64) * entries, MCXT_ALLOC_HUGE);
}

static void
free_times(SparseMatrix *m)
{
	if (m->time != NULL)
		pfree(m->time);
	m->time = NULL;
}

static void
free_chunk(Chunk *chunk)
{
	pfree(chunk->users);
	pfree(chunk->items);
	pfree(chunk->ratings);
	if (chunk->times != NULL)
		pfree(chunk->times);
}

/*
 * From chunks in order of arrival to the matrix in both orders, with ids numbered in
 * their sort order and duplicates merged. Items first: the transpose of a matrix by items has
 * the duplicates of a user and an item side by side, still in order of arrival. Each chunk is freed when its
 * rows are in the matrix, and the matrix by items is built anew, in place, from the merged one.
 */
void
source_build(TrainingData *data, TrainingMemory *memory)
{
	Reader	   *r = data->reader;
	Ratings    *ratings = &data->ratings;
	SparseMatrix *by_user = &ratings->by_user;
	SparseMatrix *by_item = &ratings->by_item;
	MemoryContext context = GetMemoryChunkContext(data);
	int32	   *user_number = id_dictionary_sort(data->users);
	int32	   *item_number = id_dictionary_sort(data->items);
	ListCell   *lc;
	int64		entries;
	double		sum = 0;

	allocate_matrix(by_item, data->items->n, data->users->n, data->kept, memory);
	allocate_times(by_item, data->kept, r->keep_times, context);
	foreach(lc, r->chunks)
	{
		Chunk	   *chunk = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < chunk->n; i++)
		{
			chunk->users[i] = user_number[chunk->users[i]];
			chunk->items[i] = item_number[chunk->items[i]];
		}
		sparse_count(by_item, chunk->items, chunk->n);
	}
	sparse_starts(by_item);
	foreach(lc, r->chunks)
	{
		Chunk	   *chunk = lfirst(lc);

		sparse_scatter(by_item, chunk->items, chunk->users, chunk->ratings, chunk->times, chunk->n);
		free_chunk(chunk);
	}
	pfree(user_number);
	pfree(item_number);

	allocate_matrix(by_user, data->users->n, data->items->n, data->kept, memory);
	allocate_times(by_user, data->kept, r->keep_times, context);
	sparse_transpose(by_item, by_user);
	free_times(by_item);
	data->duplicates = sparse_merge(by_user, source_merge_rule(r->source->feedback));
	free_times(by_user);
	entries = data->kept - data->duplicates;
	memset(by_item->start, 0, sizeof(int64) * (by_item->n_rows + 2));
	sparse_transpose(by_user, by_item);

	ratings->minimum = ratings->maximum = by_user->value[0];
	for (int64 i = 0; i < entries; i++)
	{
		float		value = by_user->value[i];

		if (i % 1048576 == 0)
			CHECK_FOR_INTERRUPTS();
		sum += value;
		ratings->minimum = Min(ratings->minimum, value);
		ratings->maximum = Max(ratings->maximum, value);
	}
	ratings->mean = sum / entries;
	MemoryContextDelete(r->context);
	data->reader = NULL;
}

TrainingData *
source_read(const Source *source, MemoryContext context)
{
	TrainingData *data = MemoryContextAllocZero(context, sizeof(TrainingData));
	Reader	   *r = MemoryContextAllocZero(context, sizeof(Reader));

	data->reader = r;
	r->source = source;
	r->data = data;
	r->keep_times = source->time_column != NULL && source->feedback == FEEDBACK_EXPLICIT;
	r->context = AllocSetContextCreate(context, "rec rows of the source", ALLOCSET_DEFAULT_SIZES);
	r->row_context = AllocSetContextCreate(context, "rec row of the source", ALLOCSET_DEFAULT_SIZES);
	data->users = id_dictionary_create(&source->user, context);
	data->items = id_dictionary_create(&source->item, context);

	run_query(r);
	if (r->faults > 0)
		refuse_faults(r);
	if (data->kept == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("source \"%s\" has nothing to train on", get_rel_name(source->relid)),
				 data->rows == 0 ? errdetail("It has no rows, or none that you may see.") :
				 errdetail("Of its " INT64_FORMAT " rows, " INT64_FORMAT " have a NULL id and " INT64_FORMAT " weigh 0.",
						   data->rows, data->null_ids, data->zero_weights)));
	MemoryContextDelete(r->row_context);
	return data;
}

/* ---- one user's rows ---- */

SPIPlanPtr
source_profile_plan(const Source *source)
{
	/* the operator that the type's hash and sort order agree with, wherever it is */
	TypeCacheEntry *entry = lookup_type_cache(source->user.type, TYPECACHE_EQ_OPR);
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(entry->eq_opr));
	Form_pg_operator operator;
	Oid			type = source->user.type;
	char	   *equals;
	SPIPlanPtr	plan;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", entry->eq_opr);
	operator = (Form_pg_operator) GETSTRUCT(tuple);
	equals = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(operator->oprnamespace)), NameStr(operator->oprname));
	ReleaseSysCache(tuple);

	plan = SPI_prepare(source_query(source, equals), 1, &type);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
	return plan;
}

ProfileRows *
source_read_profile(const Source *source, SPIPlanPtr plan, Datum user, MemoryContext context)
{
	ProfileRows *profile = MemoryContextAllocZero(context, sizeof(ProfileRows));
	int			result = SPI_execute_plan(plan, &user, NULL, true, 0);
	TupleDesc	desc;
	MemoryContext old;

	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
	desc = SPI_tuptable->tupdesc;
	check_result(source, desc, 1);
	old = MemoryContextSwitchTo(context);
	profile->items = palloc_extended(sizeof(Datum) * Max(SPI_processed, 1), MCXT_ALLOC_HUGE);
	profile->ratings = palloc_extended(sizeof(float) * Max(SPI_processed, 1), MCXT_ALLOC_HUGE);
	profile->times = palloc_extended(sizeof(int64) * Max(SPI_processed, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		is_null;
		Datum		item = heap_getattr(tuple, 1, desc, &is_null);
		int64		n = profile->n;
		Datum		value;

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (is_null)
			continue;
		profile->items[n] = datumCopy(item, source->item.by_value, source->item.length);
		value = heap_getattr(tuple, 2, desc, &is_null);
		if (rating_fault(source, value, is_null, &profile->ratings[n]) != RATING_FINE)
			profile->ratings[n] = get_float4_nan();
		value = heap_getattr(tuple, 3, desc, &is_null);
		profile->times[n] = source->time_column == NULL ? 0 : time_order(source->time_type, value, is_null);
		profile->n++;
	}
	MemoryContextSwitchTo(old);
	SPI_freetuptable(SPI_tuptable);
	return profile;
}
