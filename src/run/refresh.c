/*
 * refresh.c
 *	  Bringing a model up to date without a training.
 *
 * The table of changes (changes.h) says which users and items have changed. All changed users are
 * solved again, and of the items those that are new or have changed much; each from its full
 * history, while everything else stays as it is. For the other changed items the table of changes
 * keeps one row each, which counts the changes until they are many.
 *
 * If the source is not tracked, its column of times says which rows are new.
 *
 * Users and items whose attributes have changed are solved again, too, where that is tracked. Rows
 * that are solved again have their attributes of now, encoded by the features of the last
 * training. So are the contexts of their ratings.
 *
 * Where items have lists of other items, an item is computed from the histories of all users who
 * have it. The lists of other items may change with it, and are written too. Where they have lists
 * of sessions, these are made of the events of the changed users.
 *
 * A refresh is one transaction. It writes only the rows that were solved. Readers do not wait for
 * it, as for a training.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/catalog.h"
#include "model/changes.h"
#include "model/description.h"
#include "model/layout.h"
#include "model/model_cache.h"
#include "model/new_items.h"
#include "model/options.h"
#include "model/shared_cache.h"
#include "model/store.h"
#include "run/refresh.h"
#include "run/training.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/progress.h"
#include "server/sql.h"
#include "server/workers.h"
#include "source/source.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* A side of the model. */
typedef struct RefreshedSide
{
	IdDictionary *ids;			/* of its rows: the present ones, in their order, then new ones */
	int64		n_before;		/* the present ones */
	RowAction  *actions;		/* by row */
	int32	   *rows;			/* for each history that is solved again, the row of the side */
} RefreshedSide;

typedef struct Refreshing
{
	MemoryContext context;
	TrainingMemory *memory;
	ModelRow   *row;
	Model		model;
	Source	   *source;
	Changes    *changes;
	double		share;
	TimestampTz began;			/* before the source was read */
	RefreshedSide sides[N_SIDES];
	/* of items, of users and, SIDE_CONTEXT_FEATURES, of contexts; NULL: there are none */
	const KnownFeatures *features[N_SIDES];
	bool	   *left;			/* by item of the changes: it is not solved */
	double		bytes;			/* of the model, and of what refresh() has allocated */
	Refresh		work;
} Refreshing;

/* ---- whether a refresh is possible ---- */

/* Raises an error if the algorithm, with the model's options, cannot refresh. */
static void
check_algorithm(const ModelRow *row)
{
	const Algorithm *algorithm = algorithm_by_name(row->algorithm);
	const char *model = quote_literal_cstr(quoted_relation(row->model));
	const char *reason =
		algorithm->refuses_refresh == NULL
			? NULL
			: algorithm->refuses_refresh(options_read(algorithm, row->options, row));

	if (algorithm->refresh != NULL && reason == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("algorithm \"%s\" cannot refresh model \"%s\"", row->algorithm,
					get_rel_name(row->model)),
			 reason != NULL ? errdetail("%s", reason) : 0,
			 row->version > 0
				 ? errhint("CALL rec.train(%s) took %.1f seconds the last time.", model,
						   row->seconds)
				 : errhint("CALL rec.train(%s) trains it.", model)));
}

static bool
has_users(const Refreshing *r)
{
	return r->model.sides[SIDE_USERS].n_columns > 0;
}

static bool
is_tracked(const Refreshing *r)
{
	return OidIsValid(r->row->tables[TABLE_CHANGES]);
}

static void
refuse_untracked(const ModelRow *row)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the source of model \"%s\" is not tracked, and has no time column",
					get_rel_name(row->model)),
			 errdetail("It is not known what has changed since the model was trained."),
			 errhint("SELECT rec.track(%s) tracks it.",
					 quote_literal_cstr(quoted_relation(row->model)))));
}

static const char *const of_earlier_version =
	"Its tables were written by an earlier version of rec, which noted less.";

/* Why the model must be trained, as far as that is known before the changes are read; or NULL. */
static const char *
training_reason(Refreshing *r)
{
	bool		wider_users;
	bool		wider_items;

	if (r->row->version == 0)
		return "It has not been trained.";
	if (r->source->relid != r->row->source.relid)
		return "Its source is another relation than before.";
	model_init_trained(&r->model, r->row);
	if (has_users(r) && !OidIsValid(r->row->tables[SIDE_USERS]))
		return of_earlier_version;
	source_check_types(r->source, r->row->model, r->row->tables[SIDE_USERS], &wider_users,
					   &wider_items);
	if (wider_users || wider_items)
		return "The source's ids have wider types than before.";
	return is_tracked(r) ? changes_missing(r->row, r->source) : NULL;
}

/* ---- changes by time ---- */

/*
 * Rows may become visible later than their time says: they are written by transactions that take a
 * while, or come from elsewhere. So a refresh reads the rows of this time before the last one
 * again.
 */
#define OVERLAP (60 * 60 * USECS_PER_SEC)

/* A time, in microseconds as source_now has it, as a parameter to compare the column with. */
static Datum
time_parameter(const Source *source, int64 time, Oid *type)
{
	switch (source->time_type)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
			*type = source->time_type;
			return TimestampTzGetDatum(time);
		case DATEOID:
			*type = DATEOID;
			return DateADTGetDatum((DateADT) floor((double) time / USECS_PER_DAY));
		case INT2OID:
		case INT4OID:
		case INT8OID:
			*type = INT8OID;
			return Int64GetDatum((int64) floor((double) time / USECS_PER_SEC));
	}
	*type = FLOAT8OID;
	return Float8GetDatum((double) time / USECS_PER_SEC);
}

/* "column >= $n", where the parameter is of the type that time_parameter says. */
static char *
since(const Source *source, int parameter)
{
	return psprintf("%s OPERATOR(pg_catalog.>=) $%d%s", quote_identifier(source->time_column),
					parameter, source->time_type == NUMERICOID ? "::pg_catalog.numeric" : "");
}

/* Runs a query with both times, as the model's owner. */
static SPITupleTable *
query_times(const Refreshing *r, const char *query, Oid type, Datum *times)
{
	Oid			types[2] = {type, type};
	SPIPlanPtr	plan = sql_prepare(query, 2, types, 0);
	int			result;

	sql_settle_plan(plan, false, r->source->relid);
	result = SPI_execute_plan(plan, times, NULL, true, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
	SPI_freeplan(plan);
	return SPI_tuptable;
}

/*
 * The users who have rows since the last refresh or training, and the items that have, with how
 * many since the training.
 */
static Changes *
changes_by_time(const Refreshing *r)
{
	const Source *source = r->source;
	Changes    *changes = palloc0(sizeof(Changes));
	TimestampTz trained = r->row->trained_at - (int64) (r->row->seconds * USECS_PER_SEC);
	TimestampTz last = Max(trained, r->row->refreshed_at);
	int64		now = source_now(source);
	int64		lag = GetCurrentTimestamp();
	const char *user = quote_identifier(source->user_column);
	const char *item = quote_identifier(source->item_column);
	SPITupleTable *rows;
	Oid			type;
	Datum		times[2];
	bool		is_null;

	times[0] = time_parameter(source, now - (lag - trained) - OVERLAP, &type);
	times[1] = time_parameter(source, now - (lag - last) - OVERLAP, &type);
	changes->users = id_dictionary_create(&source->user, r->context);
	changes->items = id_dictionary_create(&source->item, r->context);
	rows = query_times(
		r, psprintf("SELECT DISTINCT %s FROM %s WHERE %s AND %s AND %s IS NOT NULL", user,
					source->name, since(source, 1), since(source, 2), user), type, times);
	for (uint64 i = 0; i < rows->numvals; i++)
		id_dictionary_add(changes->users,
						  SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &is_null));
	SPI_freetuptable(rows);
	rows = query_times(
		r, psprintf("SELECT %s, pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE %s) "
					"FROM %s WHERE %s AND %s IS NOT NULL GROUP BY 1 "
					"HAVING pg_catalog.bool_or(%s)",
					item, since(source, 2), source->name, since(source, 1), item,
					since(source, 2)), type, times);
	changes->rows =
		MemoryContextAllocHuge(r->context, sizeof(int64) * Max(rows->numvals, 1));
	for (uint64 i = 0; i < rows->numvals; i++)
	{
		int32		number = id_dictionary_add(
			changes->items, SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &is_null));

		changes->rows[number] =
			DatumGetInt64(SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &is_null));
		changes->n += DatumGetInt64(SPI_getbinval(rows->vals[i], rows->tupdesc, 3, &is_null));
	}
	SPI_freetuptable(rows);
	return changes;
}

/* ---- the sides ---- */

/* Whether the rows of items have lists of items. */
static bool
lists_items(const Refreshing *r)
{
	return side_list_type(&r->model.sides[SIDE_ITEMS]) == COLUMN_ITEMS;
}

/* Whether they have lists of sessions. Then only users who have some are in the users' table. */
static bool
lists_sessions(const Refreshing *r)
{
	return side_list_type(&r->model.sides[SIDE_ITEMS]) == COLUMN_SESSIONS;
}

/* Whether refresh() is given the lists of the side. */
static bool
keeps_lists(const Refreshing *r, SideKind kind)
{
	return kind == SIDE_ITEMS ? lists_items(r) || lists_sessions(r)
							  : kind == SIDE_USERS && lists_sessions(r);
}

/* ---- the model in memory ---- */

static void
require_memory(Refreshing *r, double more)
{
	r->bytes += more;
	memory_require(r->bytes, psprintf("refreshing model \"%s\"", get_rel_name(r->row->model)));
}

/* For an Allocator. */
static void *
allocate_for_refresh(void *context, size_t bytes)
{
	Refreshing *r = context;

	require_memory(r, bytes);
	return memory_aligned(r->context, bytes);
}

/* Says where the lists of the present rows are. New rows have none. */
static void
place_lists(Side *side, const int64 *start, int64 n_before, int64 n_columns)
{
	side->list.n_rows = side->n_rows;
	side->list.n_columns = n_columns;
	for (int64 i = 0; i <= side->n_rows; i++)
		side->list.start[i] = start[Min(i, n_before)];
}

/*
 * Adds those of the users with other attributes that are in the model. Any others have no rows in
 * the source.
 */
static void
add_described_users(Refreshing *r, IdDictionary *present)
{
	const IdDictionary *described = r->changes->described_users;

	for (int32 i = 0; described != NULL && i < described->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (id_dictionary_find(present, described->ids[i]) >= 0)
			id_dictionary_add(r->changes->users, described->ids[i]);
	}
}

/*
 * Reads a side, with rows for new ids behind the present ones; changed NULL: there can be no new
 * ones.
 */
static void
load_side(Refreshing *r, SideKind kind, const IdDictionary *changed, IdList *items,
		  Snapshot snapshot)
{
	Side	   *side = &r->model.sides[kind];
	RefreshedSide *refreshed = &r->sides[kind];
	Relation	rel = store_open(catalog_side_table(r->row, kind), AccessShareLock);
	StoredRows *rows = store_read_ids(rel, kind, &r->model, &items->type, r->row->n_rows[kind],
									  snapshot, r->context);

	refreshed->ids = rows->ids;
	refreshed->n_before = rows->ids->n;
	if (kind == SIDE_ITEMS && lists_items(r))
	{
		require_memory(r, id_block_bytes(rows->ids));
		*items = id_list_create(rows->ids);
	}
	if (kind == SIDE_USERS)
		add_described_users(r, rows->ids);
	for (int32 i = 0; changed != NULL && i < changed->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		id_dictionary_add(rows->ids, changed->ids[i]);
	}
	side->n_rows = rows->ids->n;
	if (kind == SIDE_ITEMS)
		model_set_items(&r->model, side->n_rows);
	side->list_room = keeps_lists(r, kind) ? Max(rows->list_start[refreshed->n_before], 1) : 0;
	require_memory(r, (double) side_bytes(side) + id_dictionary_bytes(rows->ids));
	side_allocate(side, r->context);
	if (side->list_room > 0)
		place_lists(side, rows->list_start, refreshed->n_before,
					lists_sessions(r) ? r->row->n_rows[SIDE_SESSIONS] : side->n_rows);
	store_read_rows(rel, kind, &r->model, rows, items, snapshot);
	refreshed->actions = MemoryContextAllocHuge(r->context, sizeof(RowAction) * side->n_rows);
	for (int64 i = 0; i < side->n_rows; i++)
		refreshed->actions[i] = i < refreshed->n_before ? ROW_KEEP : ROW_DELETE;
	table_close(rel, NoLock);
}

/* Reads the features of the items, of the users or of contexts, if the model has any. */
static void
load_features(Refreshing *r, SideKind kind, IdList *items, Snapshot snapshot)
{
	SideKind	features = side_of_features(kind);
	MemoryContext old = MemoryContextSwitchTo(r->context);
	IdList	   *names = palloc(sizeof(IdList));

	if (r->model.sides[features].n_columns > 0)
	{
		load_side(r, features, NULL, items, snapshot);
		require_memory(r, id_block_bytes(r->sides[features].ids));
		*names = id_list_create(r->sides[features].ids);
		require_memory(r, (double) names->block->n * sizeof(NumberEncoding));
		r->features[kind] = known_features(r->row, &r->model, kind, names);
	}
	MemoryContextSwitchTo(old);
}

static void
load_model(Refreshing *r, Snapshot snapshot)
{
	IdList		items = {.block = NULL};

	store_id_type(r->row->model, SIDE_ITEMS, &items.type, r->context);
	load_side(r, SIDE_ITEMS, r->changes->items, &items, snapshot);
	if (has_users(r))
		load_side(r, SIDE_USERS, r->changes->users, &items, snapshot);
	load_features(r, SIDE_ITEMS, &items, snapshot);
	load_features(r, SIDE_USERS, &items, snapshot);
	load_features(r, SIDE_CONTEXT_FEATURES, &items, snapshot);
}

/*
 * Whether tables of an earlier version lack a column that the algorithm has now. (The popularity by
 * recency, which is no column of the algorithm, may be missing.)
 */
static bool
lacks_column(const Refreshing *r)
{
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
	{
		const Side *side = &r->model.sides[kind];

		for (int c = 0; c < side->n_columns; c++)
		{
			if (side->columns[c].type != COLUMN_OPTIONAL ||
				side->values[c] == model_recent(&r->model))
				continue;
			for (int64 i = 0; i < r->sides[kind].n_before; i++)
			{
				if (isnan(side->values[c][i]))
					return true;
			}
		}
	}
	return false;
}

/* ---- what is solved again ---- */

/*
 * The items that are solved again: new ones, those with other attributes, and those of whose rows
 * enough have changed. Of the others it is noted that they are left.
 */
static IdDictionary *
choose_items(Refreshing *r)
{
	const Changes *changes = r->changes;
	const RefreshedSide *items = &r->sides[SIDE_ITEMS];
	IdDictionary *chosen = id_dictionary_create(&r->source->item, r->context);

	r->left = MemoryContextAllocExtended(r->context, Max(changes->items->n, 1),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int32 i = 0; i < changes->items->n; i++)
	{
		int32		item = id_dictionary_find(items->ids, changes->items->ids[i]);
		double		before = r->model.sides[SIDE_ITEMS].n_ratings[item];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		r->left[i] = item < items->n_before && changes->rows[i] < r->share * before &&
			!(changes->described != NULL && changes->described[i]);
		if (!r->left[i])
			id_dictionary_add(chosen, changes->items->ids[i]);
	}
	return chosen;
}

/*
 * Replaces the columns of a matrix by rows of a side. numbers: the row of each column, or -1 if
 * somebody has deleted it from the model's table; NULL: there is no such side. Keeps the rows of
 * the matrix that have entries then and whose number in rows is not -1; rows NULL: all. Of a matrix
 * without columns only the numbers of entries are known.
 */
static void
renumber(SparseMatrix *m, const int32 *numbers, int32 *rows)
{
	int64		to = 0;
	int64		n = 0;
	int64		begin = 0;

	for (int64 row = 0; row < m->n_rows; row++)
	{
		int64		end = m->start[row + 1];
		int64		first = to;

		if (row % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (m->column == NULL && rows[row] >= 0)
			to += end - begin;
		for (int64 i = begin; i < end && m->column != NULL && (rows == NULL || rows[row] >= 0); i++)
		{
			if (numbers != NULL && numbers[m->column[i]] < 0)
				continue;
			m->column[to] = numbers == NULL ? m->column[i] : numbers[m->column[i]];
			m->value[to] = m->value[i];
			if (m->context != NULL)
				m->context[to] = m->context[i];
			to++;
		}
		begin = end;
		if (to == first && rows != NULL)
			continue;
		m->start[n] = first;
		if (rows != NULL)
			rows[n] = rows[row];
		n++;
	}
	m->start[n] = to;
	m->n_rows = n;
}

/* The same for the items of histories, of users whose number in rows is not -1; rows NULL: all. */
static void
renumber_events(History *h, const int32 *numbers, const int32 *rows)
{
	int64		to = 0;
	int64		n = 0;
	int64		begin = 0;

	for (int64 u = 0; u < h->n_users; u++)
	{
		int64		end = h->start[u + 1];

		if (u % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int64 e = begin; e < end && (rows == NULL || rows[u] >= 0); e++)
		{
			if (numbers[h->items[e]] < 0)
				continue;
			if (h->times != NULL)
				h->times[to] = h->times[e];
			h->items[to++] = numbers[h->items[e]];
		}
		begin = end;
		if (rows == NULL || rows[u] >= 0)
			h->start[++n] = to;
	}
	h->n_users = n;
}

/* The rows of a side that ids have, or -1. */
static int32 *
find_rows(const IdDictionary *ids, IdDictionary *in)
{
	int32	   *rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int32) * Max(ids->n, 1));

	for (int32 i = 0; i < ids->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		rows[i] = id_dictionary_find(in, ids->ids[i]);
	}
	return rows;
}

/* Sets the numbers of rows that are deleted to zero, so that they count in no sum. */
static void
clear_deleted(Refreshing *r, SideKind kind)
{
	const Side *side = &r->model.sides[kind];

	for (int64 i = 0; i < r->sides[kind].n_before; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < side->n_columns && r->sides[kind].actions[i] == ROW_DELETE; c++)
		{
			int64		stride = column_stride(&side->columns[c]);

			if (side->values[c] != NULL)
				memset(side->values[c] + i * stride, 0, sizeof(float) * stride);
		}
	}
}

/* Encodes the contexts of histories that were read. */
static void
read_contexts(Refreshing *r, TrainingData *data)
{
	MemoryContext context;

	if (data->contexts == NULL)
		return;
	context = AllocSetContextCreate(r->context, "rec contexts", ALLOCSET_DEFAULT_SIZES);
	data->ratings.contexts.by_row =
		read_known_attributes(r->features[SIDE_CONTEXT_FEATURES], r->source, data->contexts,
							  context)->features;
	require_memory(r, (double) MemoryContextMemAllocated(context, true));
}

/* Reads the histories of some users or items; NULL, both: of all. Returns NULL if none is found. */
static TrainingData *
read_histories(Refreshing *r, IdDictionary *users, IdDictionary *items)
{
	TrainingData *data;

	r->source->only_users = users;
	r->source->only_items = items;
	data = source_read_some(r->source, r->context);
	r->source->only_users = r->source->only_items = NULL;
	if (data->kept == 0)
		return NULL;
	require_memory(r, source_bytes(data));
	source_build(data, r->memory);
	read_contexts(r, data);
	return data;
}

/* Takes the histories of the rows with these ids from what was read. */
static void
take_histories(Refreshing *r, SideKind kind, const TrainingData *data, IdDictionary *ids)
{
	RefreshedSide *side = &r->sides[kind];
	RefreshedSide *other = &r->sides[kind == SIDE_USERS ? SIDE_ITEMS : SIDE_USERS];
	SparseMatrix *histories = kind == SIDE_USERS ? &r->work.by_user : &r->work.by_item;
	const IdDictionary *read;
	const int32 *numbers;

	/* a row without a history is deleted */
	for (int32 i = 0; i < ids->n; i++)
		side->actions[id_dictionary_find(side->ids, ids->ids[i])] = ROW_DELETE;
	if (data == NULL)
		return;
	read = kind == SIDE_USERS ? data->users : data->items;
	*histories = kind == SIDE_USERS ? data->ratings.by_user : data->ratings.by_item;
	*(kind == SIDE_USERS ? &r->work.user_contexts : &r->work.item_contexts) =
		data->ratings.contexts.by_row;
	side->rows = find_rows(read, side->ids);
	for (int32 i = 0; i < read->n; i++)
	{
		if (id_dictionary_find(ids, read->ids[i]) < 0)
			side->rows[i] = -1;
	}
	numbers = other->ids == NULL
				  ? NULL
				  : find_rows(kind == SIDE_USERS ? data->items : data->users, other->ids);
	if (kind == SIDE_USERS && lists_sessions(r))
	{
		r->work.events = data->ratings.events;
		renumber_events(&r->work.events, numbers, side->rows);
	}
	renumber(histories, numbers, side->rows);
	for (int64 i = 0; i < histories->n_rows; i++)
		side->actions[side->rows[i]] = ROW_WRITE;
}

/*
 * Takes the contexts of all users' events from the whole source. Events with items that are not in
 * the model's table are left out, as they are of histories.
 */
static void
take_situations(Refreshing *r, const TrainingData *data)
{
	SparseMatrix *m = &r->work.situations;
	const SparseMatrix *from = data == NULL ? NULL : &data->ratings.by_user;
	int64		n_events = from == NULL ? 0 : from->start[from->n_rows];
	int64		n_users = r->sides[SIDE_USERS].ids->n;
	int32	   *users;
	int32	   *items;

	require_memory(r, (double) n_users * sizeof(int64) + (double) n_events * sizeof(int32));
	m->n_rows = n_users;
	m->start = MemoryContextAllocExtended(r->context, sizeof(int64) * (n_users + 2),
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	m->context = MemoryContextAllocHuge(r->context, sizeof(int32) * Max(n_events, 1));
	if (from == NULL)
		return;
	users = find_rows(data->users, r->sides[SIDE_USERS].ids);
	items = find_rows(data->items, r->sides[SIDE_ITEMS].ids);
	/* first counts them, with start[u + 2] for user u, so that start[u + 1] is where to put them */
	for (int pass = 0; pass < 2; pass++)
	{
		for (int64 u = 0; u < from->n_rows; u++)
		{
			if (u % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			for (int64 e = from->start[u]; e < from->start[u + 1] && users[u] >= 0; e++)
			{
				if (items[from->column[e]] < 0)
					continue;
				if (pass == 0)
					m->start[users[u] + 2]++;
				else
					m->context[m->start[users[u] + 1]++] = from->context[e];
			}
		}
		for (int64 u = 0; u < n_users && pass == 0; u++)
			m->start[u + 2] += m->start[u + 1];
	}
	pfree(users);
	pfree(items);
}

/* The ratings of rows with these ids, as the model knows them. */
static double
known_ratings(Refreshing *r, SideKind kind, const IdDictionary *ids)
{
	double		n = 0;

	for (int32 i = 0; i < ids->n; i++)
		n += r->model.sides[kind]
				 .n_ratings[id_dictionary_find(r->sides[kind].ids, ids->ids[i])];
	return n;
}

/* The share of all rows from which on the source is read as a whole, by several processes. */
#define WHOLE_SHARE 0.125

/* Reads what is solved again. */
static void
read_changed(Refreshing *r, IdDictionary *items)
{
	IdDictionary *users = r->changes->users;
	unsigned	needs = r->source->needs;
	double		wanted = known_ratings(r, SIDE_ITEMS, items) +
		(has_users(r) ? known_ratings(r, SIDE_USERS, users) : 0);
	/* what is missing of an item is divided among the situations of all users */
	bool		situated = source_has_contexts(r->source) &&
		r->source->feedback == FEEDBACK_IMPLICIT && items->n > 0;
	bool		whole = situated || wanted > WHOLE_SHARE * r->row->rows;
	TrainingData *data = whole ? read_histories(r, NULL, NULL) : NULL;

	if (situated)
		take_situations(r, data);
	if (has_users(r))
		take_histories(r, SIDE_USERS, whole ? data : read_histories(r, users, NULL), users);
	if (!whole && items->n > 0)
	{
		/* no more than how many they are */
		if (lists_sessions(r))
			r->source->needs = 0;
		data = read_histories(r, NULL, items);
		r->source->needs = needs;
	}
	take_histories(r, SIDE_ITEMS, data, items);
}

/* Reads the histories of all users who have one of the items; NULL: nobody has. */
static TrainingData *
read_users_of(Refreshing *r, IdDictionary *items)
{
	bool		whole = known_ratings(r, SIDE_ITEMS, items) > WHOLE_SHARE * r->row->rows;
	unsigned	needs = r->source->needs;
	TrainingData *of_items;

	if (whole)
		return read_histories(r, NULL, NULL);
	/* no more than who they are */
	r->source->needs = 0;
	of_items = items->n > 0 ? read_histories(r, NULL, items) : NULL;
	r->source->needs = needs;
	if (of_items == NULL)
		return NULL;
	whole = of_items->users->n > WHOLE_SHARE * r->row->n_rows[SIDE_USERS];
	return read_histories(r, whole ? NULL : of_items->users, NULL);
}

/* Reads items that are solved again, and the users who have them. */
static void
read_with_users(Refreshing *r, IdDictionary *items)
{
	RefreshedSide *side = &r->sides[SIDE_ITEMS];
	TrainingData *data = read_users_of(r, items);

	take_histories(r, SIDE_ITEMS, data, items);
	if (data == NULL)
		return;
	r->work.by_user = data->ratings.by_user;
	r->work.events = data->ratings.events;
	if (r->work.by_user.column != NULL)
		renumber(&r->work.by_user, find_rows(data->items, side->ids), NULL);
	renumber_events(&r->work.events, find_rows(data->items, side->ids), NULL);
}

/* ---- attributes ---- */

/*
 * Items that nobody has any more, but that have attributes, stay in the model, as in a training:
 * they are solved from an empty history.
 */
static void
keep_known_items(Refreshing *r, const IdDictionary *ids, const bool *is_known)
{
	RefreshedSide *side = &r->sides[SIDE_ITEMS];
	SparseMatrix *histories = &r->work.by_item;
	int64		n = histories->n_rows;
	int64		end = n > 0 ? histories->start[n] : 0;
	int64	   *start =
		MemoryContextAllocHuge(r->context, sizeof(int64) * (n + (int64) ids->n + 2));
	int32	   *rows = MemoryContextAllocHuge(r->context, sizeof(int32) * (n + (int64) ids->n + 1));

	start[0] = 0;
	for (int64 i = 0; i < n; i++)
	{
		start[i + 1] = histories->start[i + 1];
		rows[i] = side->rows[i];
	}
	for (int32 i = 0; i < ids->n; i++)
	{
		int32		row = id_dictionary_find(side->ids, ids->ids[i]);

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!is_known[i] || side->actions[row] != ROW_DELETE)
			continue;
		side->actions[row] = ROW_WRITE;
		rows[n++] = row;
		start[n] = end;
	}
	histories->start = start;
	histories->n_rows = n;
	side->rows = rows;
}

/* The features of the rows that are solved, in their order, from those of ids. */
static SparseMatrix
features_of_rows(Refreshing *r, SideKind kind, IdDictionary *ids, const SparseMatrix *of_ids)
{
	const RefreshedSide *side = &r->sides[kind];
	int64		n = (kind == SIDE_USERS ? &r->work.by_user : &r->work.by_item)->n_rows;
	int64		most = Max(of_ids->start[of_ids->n_rows], 1);
	SparseMatrix m = {.n_rows = n, .n_columns = of_ids->n_columns};

	require_memory(r, (double) most * (sizeof(int32) + sizeof(float)) + (double) n * sizeof(int64));
	m.start = MemoryContextAllocHuge(r->context, sizeof(int64) * (n + 2));
	m.column = MemoryContextAllocHuge(r->context, sizeof(int32) * most);
	m.value = MemoryContextAllocHuge(r->context, sizeof(float) * most);
	m.start[0] = 0;
	for (int64 i = 0; i < n; i++)
	{
		int32		number = id_dictionary_find(ids, side->ids->ids[side->rows[i]]);
		int64		first = of_ids->start[number];
		int64		length = of_ids->start[number + 1] - first;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(m.column + m.start[i], of_ids->column + first, sizeof(int32) * length);
		memcpy(m.value + m.start[i], of_ids->value + first, sizeof(float) * length);
		m.start[i + 1] = m.start[i] + length;
	}
	return m;
}

/* Reads the attributes of the items or users that are solved again. */
static void
read_features(Refreshing *r, SideKind kind, IdDictionary *ids)
{
	Features   *features =
		kind == SIDE_USERS ? &r->work.user_features : &r->work.item_features;
	MemoryContext context;
	const KnownAttributes *known;

	if (r->features[kind] == NULL)
		return;
	context = AllocSetContextCreate(r->context, "rec attributes", ALLOCSET_DEFAULT_SIZES);
	known = read_known_attributes(r->features[kind], r->source, ids, context);
	require_memory(r, (double) MemoryContextMemAllocated(context, true));
	if (kind == SIDE_ITEMS)
		keep_known_items(r, ids, known->is_known);
	*features = *known->description;
	features->by_row = features_of_rows(r, kind, ids, &known->features);
}

/* ---- lists ---- */

static bool *
allocate_flags(const Refreshing *r, int64 n)
{
	return MemoryContextAllocExtended(r->context, Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Prepares what refresh() needs where it makes lists of its own; ids: of what is solved again. */
static void
prepare_lists(Refreshing *r, SideKind kind, const IdDictionary *ids)
{
	RefreshedSide *side = &r->sides[kind];
	bool	   *solved = allocate_flags(r, side->ids->n);

	for (int32 i = 0; i < ids->n; i++)
		solved[id_dictionary_find(side->ids, ids->ids[i])] = true;
	r->work.solved[kind] = solved;
	r->work.changed[kind] = allocate_flags(r, side->ids->n);
	r->work.allocator = (Allocator) {allocate_for_refresh, r};
	/* where no history was found */
	if (r->work.by_user.start == NULL)
		r->work.by_user.start = MemoryContextAllocZero(r->context, sizeof(int64));
	if (r->work.by_item.start == NULL)
		r->work.by_item.start = MemoryContextAllocZero(r->context, sizeof(int64));
	if (r->work.events.start == NULL)
		r->work.events.start = MemoryContextAllocZero(r->context, sizeof(int64));
}

/* Makes room for lists of a side, as far as they are written: of so many entries together. */
static void
make_list_room(Refreshing *r, SideKind kind, int64 entries, int64 n_columns)
{
	Side	   *side = &r->model.sides[kind];

	side->list_room = Max(entries, 1);
	side->list.n_rows = side->n_rows;
	side->list.n_columns = n_columns;
	side->list.column = memory_aligned(r->context, sizeof(int32) * side->list_room);
	side->list.value = memory_aligned(r->context, sizeof(float) * side->list_room);
}

/*
 * Reads the sessions, but not what they consist of. Free ones follow, for all that the events of
 * the changed users may be split into.
 */
static void
load_sessions(Refreshing *r, Snapshot snapshot)
{
	Side	   *side = &r->model.sides[SIDE_SESSIONS];
	RefreshedSide *refreshed = &r->sides[SIDE_SESSIONS];
	Relation	rel = store_open(catalog_side_table(r->row, SIDE_SESSIONS), AccessShareLock);
	int64		n_events = r->work.events.start[r->work.by_user.n_rows];
	IdList		items = {.block = NULL};
	StoredRows *rows;

	store_id_type(r->row->model, SIDE_ITEMS, &items.type, r->context);
	rows = store_read_ids(rel, SIDE_SESSIONS, &r->model, &items.type,
						  r->row->n_rows[SIDE_SESSIONS], snapshot, r->context);
	side->n_rows = rows->n_rows + n_events / 2;
	require_memory(r, (double) side_bytes(side) +
						  (double) side->n_rows * (sizeof(RowAction) + sizeof(bool)));
	side_allocate(side, r->context);
	store_read_rows(rel, SIDE_SESSIONS, &r->model, rows, &items, snapshot);
	table_close(rel, NoLock);
	make_list_room(r, SIDE_SESSIONS, n_events, r->model.sides[SIDE_ITEMS].n_rows);
	refreshed->n_before = side->n_rows;
	refreshed->actions = MemoryContextAllocHuge(r->context, sizeof(RowAction) * side->n_rows);
	for (int64 s = 0; s < side->n_rows; s++)
		refreshed->actions[s] = ROW_KEEP;
	r->work.changed[SIDE_SESSIONS] = allocate_flags(r, side->n_rows);
}

/* The lists of users are their histories, those of items their features. */
static void
allocate_lists(Refreshing *r)
{
	const SparseMatrix *histories = &r->work.by_user;
	const SparseMatrix *features = &r->work.item_features.by_row;
	int64		entries = histories->n_rows > 0 ? histories->start[histories->n_rows] : 0;

	if (side_list_type(&r->model.sides[SIDE_USERS]) != COLUMN_NUMBER && !lists_sessions(r))
		make_list_room(r, SIDE_USERS, entries, r->model.sides[SIDE_ITEMS].n_rows);
	if (side_list_type(&r->model.sides[SIDE_ITEMS]) == COLUMN_FEATURES)
		make_list_room(r, SIDE_ITEMS, features->start[features->n_rows], features->n_columns);
}

/* ---- the result ---- */

/*
 * Sets the numbers of ratings of the rows that were solved; of items also their popularity by
 * recency, for which what has come since counts as new. Returns by how many ratings there are more.
 */
static int64
count_ratings(Refreshing *r, SideKind kind, const SparseMatrix *histories)
{
	Side	   *side = &r->model.sides[kind];
	RefreshedSide *refreshed = &r->sides[kind];
	float	   *recent = kind == SIDE_ITEMS ? model_recent(&r->model) : NULL;
	int64		more = 0;

	for (int64 i = 0; i < side->n_rows; i++)
	{
		if (refreshed->actions[i] != ROW_DELETE)
			continue;
		more -= side->n_ratings[i];
		side->n_ratings[i] = 0;
	}
	for (int64 i = 0; i < histories->n_rows; i++)
	{
		int32		row = refreshed->rows[i];
		int64		n = histories->start[i + 1] - histories->start[i];
		int64		difference = n - side->n_ratings[row];

		more += difference;
		if (recent != NULL && !isnan(recent[row]))
			recent[row] =
				(float) Max(0, recent[row] + (double) difference / r->row->n_rows[SIDE_USERS]);
		side->n_ratings[row] = (int32) n;
	}
	return more;
}

/* How many rows of a side there are after all. */
static int64
rows_that_stay(const RefreshedSide *side)
{
	int64		n = 0;

	for (int32 i = 0; i < side->ids->n; i++)
		n += side->actions[i] != ROW_DELETE;
	return n;
}

/* Other rows that have changed with those that were solved are written, too. */
static void
note_changed(Refreshing *r, SideKind kind)
{
	RefreshedSide *side = &r->sides[kind];

	for (int64 i = 0; i < side->n_before && r->work.changed[kind] != NULL; i++)
	{
		if (side->actions[i] == ROW_KEEP && r->work.changed[kind][i])
			side->actions[i] = ROW_WRITE;
	}
}

/* Counts the rows of the model after the refresh, and their ratings. */
static void
count_rows(Refreshing *r)
{
	ModelRow   *row = r->row;
	int64		more;

	row->n_rows[SIDE_ITEMS] = rows_that_stay(&r->sides[SIDE_ITEMS]);
	/* without a table of all users nobody knows which of them are new */
	if (has_users(r) && !lists_sessions(r))
		row->n_rows[SIDE_USERS] = rows_that_stay(&r->sides[SIDE_USERS]);
	if (row->n_rows[SIDE_ITEMS] == 0 || row->n_rows[SIDE_USERS] == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("source \"%s\" has nothing to refresh model \"%s\" with",
						get_rel_name(r->source->relid), get_rel_name(row->model)),
				 errdetail("No rows are left of the users or of the items of the model.")));
	more = count_ratings(r, SIDE_ITEMS, &r->work.by_item);
	/* all changed users are computed again, and not all changed items */
	if (has_users(r))
	{
		int64		more_of_users = count_ratings(r, SIDE_USERS, &r->work.by_user);

		if (!lists_sessions(r))
			more = more_of_users;
	}
	row->rows = Max(1, row->rows + more);
}

/* Counts the sessions, by their numbers, and the users, of whom at least these are there. */
static void
count_sessions(Refreshing *r)
{
	const Side *sessions = &r->model.sides[SIDE_SESSIONS];
	const Side *users = &r->model.sides[SIDE_USERS];
	int64		n = sessions->n_rows;
	int64		n_users = 0;

	while (n > 0 && sessions->n_ratings[n - 1] == 0)
		n--;
	r->row->n_rows[SIDE_SESSIONS] = n;
	for (int64 u = 0; u < users->n_rows; u++)
		n_users += users->n_ratings[u] > 0;
	r->row->n_rows[SIDE_USERS] = Max(r->row->n_rows[SIDE_USERS], n_users);
}

static void
write_refreshed(Refreshing *r)
{
	ModelRow   *row = r->row;

	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_SESSIONS; kind++)
	{
		if (r->model.sides[kind].n_columns == 0)
			continue;
		note_changed(r, kind);
		store_write(catalog_side_table(row, kind), kind, r->sides[kind].ids,
					r->sides[SIDE_ITEMS].ids, &r->model, r->sides[kind].actions);
	}
	for (SideKind kind = SIDE_ITEMS; kind < N_SIDES; kind++)
	{
		/* a copy in memory belongs to one version, also of a table that has not changed */
		if (r->model.sides[kind].n_columns > 0)
			shared_forget_at_commit(row->tables[kind]);
	}
	if (lists_sessions(r))
		count_sessions(r);
	row->version++;
	row->refreshed_at = r->began;
	row->refreshed += r->changes->n;
	description_write(row);
	catalog_update(row);
	if (is_tracked(r))
	{
		changes_forget(row, r->changes->seen);
		changes_leave(row, r->source, r->changes, r->left);
	}
	CacheInvalidateRelcacheByRelid(row->model);
	CommandCounterIncrement();
}

/* ---- all of it ---- */

/*
 * Solves again what has changed, and writes it. Returns why the model must be trained instead;
 * NULL: it is done.
 */
static const char *
solve_changes(Refreshing *r, const char *name)
{
	const Algorithm *algorithm = r->model.algorithm;
	IdDictionary *items;
	const char *failure;
	instr_time	began;

	INSTR_TIME_SET_CURRENT(began);
	r->memory = training_memory_create(r->context);
	load_model(r, GetActiveSnapshot());
	report_step(name, "loading", &began);
	if (lacks_column(r))
		return of_earlier_version;
	items = choose_items(r);
	r->source->needs = algorithm_needs(algorithm, r->model.options);
	if (lists_items(r))
		read_with_users(r, items);
	else
		read_changed(r, items);
	read_features(r, SIDE_ITEMS, items);
	read_features(r, SIDE_USERS, r->changes->users);
	if (lists_items(r) || lists_sessions(r))
		prepare_lists(r, SIDE_ITEMS, items);
	if (lists_sessions(r))
	{
		prepare_lists(r, SIDE_USERS, r->changes->users);
		load_sessions(r, GetActiveSnapshot());
	}
	allocate_lists(r);
	store_check_ids(r->row->model, SIDE_ITEMS, r->changes->items, r->source->item_column,
					get_rel_name(r->source->relid));
	if (has_users(r))
	{
		store_check_ids(r->row->tables[SIDE_USERS], SIDE_USERS, r->changes->users,
						r->source->user_column, get_rel_name(r->source->relid));
		clear_deleted(r, SIDE_USERS);
	}
	clear_deleted(r, SIDE_ITEMS);
	report_step(name, "reading histories", &began);
	progress_phase(PHASE_TRAINING, 0);
	r->work.users = r->sides[SIDE_USERS].rows;
	r->work.items = r->sides[SIDE_ITEMS].rows;
	count_rows(r);
	r->model.n_users = r->row->n_rows[SIDE_USERS];
	failure = algorithm->refresh(
		&r->model, &r->work,
		algorithm->refresh_scratch_bytes == NULL
			? NULL
			: allocate_for_refresh(r, algorithm->refresh_scratch_bytes(&r->model, &r->work)));
	if (failure != NULL)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("refreshing model \"%s\" failed: %s", name, failure),
						errhint("CALL rec.train(%s) trains it anew.",
								quote_literal_cstr(quoted_relation(r->row->model)))));
	report_step(name, "computing", &began);
	write_refreshed(r);
	report_step(name, "writing", &began);
	return NULL;
}

/* Returns why the model must be trained instead; NULL: it is refreshed. */
static const char *
try_refresh(Refreshing *r, Oid relid, const char *name)
{
	const char *reason;
	Caller		caller;

	r->row = lock_model(relid, name);
	if (IsolationUsesXactSnapshot())
		require_visible(r->row);
	if (!is_tracked(r) && r->row->source.time_column == NULL)
		refuse_untracked(r->row);
	caller = act_as_owner(relid);
	r->source = source_open_locked(
		&r->row->source,
		options_read(algorithm_by_name(r->row->algorithm), r->row->options, r->row), r->context);
	reason = training_reason(r);
	if (reason == NULL)
	{
		progress_begin(relid, 0);
		progress_phase(PHASE_READING, 0);
		r->began = GetCurrentTimestamp();
		PushActiveSnapshot(GetTransactionSnapshot());
		r->changes = is_tracked(r)
						 ? changes_read(r->row, r->source, GetActiveSnapshot(), r->context)
						 : changes_by_time(r);
		if (r->changes->unknown)
			reason = r->row->attributes[SIDE_ITEMS].name == NULL &&
				r->row->attributes[SIDE_USERS].name == NULL
						 ? "Anything may have changed in its source."
						 : "Anything may have changed in its source or its attributes.";
		else if (r->changes->n > 0)
			reason = solve_changes(r, name);

		PopActiveSnapshot();
		progress_end();
	}
	act_as_caller(&caller);
	return reason;
}

void
refresh_model(Oid relid, double share, bool nonatomic)
{
	const char *name = get_rel_name(relid);
	ModelRow   *row;
	Refreshing	r = {.share = share};
	const char *reason;
	bool		was_shared;

	PreventCommandIfReadOnly("rec.refresh");
	PreventCommandIfParallelMode("rec.refresh");
	PreventCommandDuringRecovery("rec.refresh");
	if (name != NULL && !relation_is_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
	row = catalog_get(relid, NULL);
	catalog_require_current();
	check_algorithm(row);
	/* what is trained now takes in more than this would */
	if (!training_lock_now(relid))
	{
		ereport(NOTICE,
				(errmsg("model \"%s\" is being trained already", name),
				 errdetail("This refresh does not wait for that training, and has done nothing.")));
		return;
	}

	was_shared = nonatomic && shared_has(relid);
	if (SPI_connect_ext(nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	r.context = AllocSetContextCreate(CurrentMemoryContext, "rec refresh", ALLOCSET_DEFAULT_SIZES);
	reason = try_refresh(&r, relid, name);
	MemoryContextDelete(r.context);
	if (reason == NULL)
		loaded_model_share(relid, was_shared);
	SPI_finish();
	if (reason != NULL)
	{
		ereport(NOTICE, (errmsg("model \"%s\" is trained instead of refreshed", name),
						 errdetail("%s", reason)));
		train_model(relid, nonatomic, false);
	}
}
