/*
 * contexts.c
 *	  The features of contexts, as a loaded model encodes them.
 *
 * The same few contexts occur in most questions, and reading what is in a jsonb object takes a
 * query. So a loaded model remembers the features of contexts that it has met.
 */
#include "postgres.h"
#include "server/compat.h"

#include "miscadmin.h"
#include "model/contexts.h"
#include "model/new_items.h"
#include "source/attributes.h"
#include "utils/memutils.h"

/*
 * A model remembers no more than about this many contexts, and no more bytes of them: a text may be
 * of any length.
 */
#define MOST_CONTEXTS 4096
#define MOST_BYTES ((Size) 4 * 1024 * 1024)

/* What a loaded model remembers. */
struct RememberedContexts
{
	MemoryContext context;
	const Source *source;		/* whose columns the contexts were read with */
	IdDictionary *ids;
	SparseMatrix features;		/* in the order of the ids; there is room for the most of them */
};

/* Whether settings of the session, such as the time zone, decide what a context means. */
static bool
depends_on_settings(const Source *source)
{
	Attributes *contexts = contexts_open(source, false, CurrentMemoryContext);

	for (int c = 0; c < contexts->n_columns; c++)
	{
		if (contexts->columns[c].is_time)
			return true;
	}
	return false;
}

/* The contexts that the model remembers; NULL where they are not to be remembered. */
static struct RememberedContexts *
remembered_contexts(LoadedModel *loaded)
{
	struct RememberedContexts *r = loaded->contexts;
	MemoryContext context;

	if (r != NULL && r->source == loaded->source && r->ids->n <= MOST_CONTEXTS &&
		r->ids->n == r->features.n_rows &&
		MemoryContextMemAllocated(r->context, true) <= MOST_BYTES)
		return r;
	loaded->contexts = NULL;
	if (r != NULL)
		MemoryContextDelete(r->context);
	if (depends_on_settings(loaded->source))
		return NULL;
	context = AllocSetContextCreate(loaded->context, "rec contexts", ALLOCSET_DEFAULT_SIZES);
	r = MemoryContextAllocZero(context, sizeof(struct RememberedContexts));
	r->context = context;
	r->source = loaded->source;
	r->ids = id_dictionary_create(&loaded->source->context, context);
	r->features.n_columns = loaded->model.sides[SIDE_CONTEXT_FEATURES].n_rows;
	r->features.start = MemoryContextAllocZero(context, sizeof(int64));
	loaded->contexts = r;
	return r;
}

/* Appends rows to a matrix that grows. */
static void
append_rows(SparseMatrix *to, const SparseMatrix *from, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	int64		before = to->start[to->n_rows];
	int64		more = from->start[from->n_rows];
	int64	   *start = palloc_extended(sizeof(int64) * (to->n_rows + from->n_rows + 1),
										MCXT_ALLOC_HUGE);
	int32	   *column = palloc_extended(sizeof(int32) * Max(before + more, 1), MCXT_ALLOC_HUGE);
	float	   *value = palloc_extended(sizeof(float) * Max(before + more, 1), MCXT_ALLOC_HUGE);

	MemoryContextSwitchTo(old);
	memcpy(start, to->start, sizeof(int64) * (to->n_rows + 1));
	for (int64 r = 1; r <= from->n_rows; r++)
		start[to->n_rows + r] = before + from->start[r];
	if (before > 0)
	{
		memcpy(column, to->column, sizeof(int32) * before);
		memcpy(value, to->value, sizeof(float) * before);
		pfree(to->column);
		pfree(to->value);
	}
	memcpy(column + before, from->column, sizeof(int32) * more);
	memcpy(value + before, from->value, sizeof(float) * more);
	pfree(to->start);
	to->start = start;
	to->column = column;
	to->value = value;
	to->n_rows += from->n_rows;
}

const SparseMatrix *
encode_contexts(LoadedModel *loaded, const IdDictionary *ids)
{
	struct RememberedContexts *r;
	IdDictionary *missing;
	SparseMatrix *m;
	int32	   *places;
	int64		n = 0;

	r = ids->n > MOST_CONTEXTS ? NULL : remembered_contexts(loaded);
	if (r == NULL)
		return &known_attributes(loaded, SIDE_CONTEXT_FEATURES, ids)->features;

	missing = id_dictionary_create(&ids->type, ids->context);
	for (int32 i = 0; i < ids->n; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (id_dictionary_find(r->ids, ids->ids[i]) < 0)
			id_dictionary_add(missing, ids->ids[i]);
	}
	if (missing->n > 0)
	{
		MemoryContext old = MemoryContextSwitchTo(ids->context);
		const SparseMatrix *read =
			&known_attributes(loaded, SIDE_CONTEXT_FEATURES, missing)->features;

		MemoryContextSwitchTo(old);
		/* after an error in between, the numbers of both differ, and all are forgotten */
		append_rows(&r->features, read, r->context);
		for (int32 i = 0; i < missing->n; i++)
			id_dictionary_add(r->ids, missing->ids[i]);
	}

	places = palloc_extended(sizeof(int32) * Max(ids->n, 1), MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < ids->n; i++)
	{
		places[i] = id_dictionary_find(r->ids, ids->ids[i]);
		n += r->features.start[places[i] + 1] - r->features.start[places[i]];
	}
	m = palloc0(sizeof(SparseMatrix));
	*m = (SparseMatrix) {
		.n_rows = ids->n,
		.n_columns = r->features.n_columns,
		.start = palloc_extended(sizeof(int64) * (ids->n + 1), MCXT_ALLOC_HUGE),
		.column = palloc_extended(sizeof(int32) * Max(n, 1), MCXT_ALLOC_HUGE),
		.value = palloc_extended(sizeof(float) * Max(n, 1), MCXT_ALLOC_HUGE)
	};
	m->start[0] = 0;
	for (int32 i = 0; i < ids->n; i++)
	{
		int64		from = r->features.start[places[i]];
		int64		length = r->features.start[places[i] + 1] - from;

		memcpy(m->column + m->start[i], r->features.column + from, sizeof(int32) * length);
		memcpy(m->value + m->start[i], r->features.value + from, sizeof(float) * length);
		m->start[i + 1] = m->start[i] + length;
	}
	pfree(places);
	return m;
}
