/*
 * profile.c
 *	  Profiles, and the queries that are made from them.
 *
 * Results are in the caller's current memory context. The scratch belongs to the loaded model,
 * which keeps it for the next question.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "executor/spi.h"
#include "miscadmin.h"
#include "model/contexts.h"
#include "model/invariants.h"
#include "model/new_items.h"
#include "model/profile.h"
#include "server/memory.h"
#include "server/messages.h"
#include "utils/datum.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

typedef struct ProfileEntry
{
	int32		item;
	int32		context;
	int32		arrival;
} ProfileEntry;

static int
compare_entries(const void *a, const void *b)
{
	const ProfileEntry *x = a;
	const ProfileEntry *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->context != y->context)
		return x->context < y->context ? -1 : 1;
	return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

void *
profile_scratch(LoadedModel *loaded, Size bytes)
{
	if (loaded->scratch_bytes < bytes)
	{
		if (loaded->scratch_context != NULL)
			MemoryContextReset(loaded->scratch_context);
		else
			loaded->scratch_context =
				AllocSetContextCreate(loaded->context, "rec scratch", ALLOCSET_DEFAULT_SIZES);
		loaded->scratch_bytes = 0;
		loaded->scratch = memory_aligned(loaded->scratch_context, bytes);
		loaded->scratch_bytes = bytes;
	}
	return loaded->scratch;
}

unsigned
profile_needs(const Model *model)
{
	unsigned	needs = algorithm_needs(model->algorithm, model->options);

	/* the times of ratings are needed for training only */
	return NEEDS_RATINGS | (needs & USES_CONTEXTS) |
		   ((needs & NEEDS_EVENTS) != 0 ? needs & (NEEDS_EVENTS | NEEDS_TIMES) : 0);
}

/* Whether a row says nothing but that the item was seen. Training leaves such rows out. */
static bool
is_silent(MergeRule rule, float rating)
{
	return isnan(rating) || (rule == MERGE_SUM && rating == 0);
}

/*
 * Adds the events of n rows, whose items have these numbers (-1: not in the model), in the order of
 * times; without times, in the order of the rows.
 */
static void
add_events(Profile *profile, MergeRule rule, int64 n, const int32 *numbers, const float *ratings,
		   const int64 *times)
{
	int32	   *items = palloc_extended(sizeof(int32) * Max(n, 1), MCXT_ALLOC_HUGE);
	int64	   *ordered = palloc_extended(sizeof(int64) * Max(n, 1), MCXT_ALLOC_HUGE);
	Event	   *events = palloc_extended(2 * sizeof(Event) * Max(n, 1), MCXT_ALLOC_HUGE);
	int64		count = 0;

	for (int64 i = 0; i < n; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (numbers[i] >= 0 && !is_silent(rule, ratings[i]))
			events[count++] =
				(Event){.time = times == NULL ? 0 : times[i], .item = numbers[i]};
	}
	if (times != NULL)
		history_order(events, events + n, count);
	for (int64 i = 0; i < count; i++)
	{
		items[i] = events[i].item;
		ordered[i] = events[i].time;
	}
	pfree(events);
	profile->n_events = count;
	profile->events = items;
	profile->times = times == NULL ? NULL : ordered;
}

/*
 * What is known of the contexts of a profile's rows, and of the question's, in a memory context of
 * its own.
 */
typedef struct KnownContexts
{
	MemoryContext context;		/* NULL: nothing is known */
	IdDictionary *ids;
	int32	   *numbers;		/* by row of the profile: its context; NULL: none is known */
	int32		question;		/* that of the question's; -1: it is not known */
} KnownContexts;

/*
 * Numbers the contexts of n rows, whose texts are given (NULL: they are not known), and the
 * question's.
 */
static KnownContexts
number_contexts(LoadedModel *loaded, int64 n, const Datum *contexts, Jsonb *question)
{
	KnownContexts known = {.question = -1};
	MemoryContext old;
	int32	   *sorted;

	if (!loaded->model.has_contexts || (question == NULL && (contexts == NULL || n == 0)))
		return known;
	known.context =
		AllocSetContextCreate(CurrentMemoryContext, "rec contexts", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(known.context);
	known.ids = id_dictionary_create(&loaded->source->context, known.context);
	if (contexts != NULL)
	{
		known.numbers = palloc_extended(sizeof(int32) * Max(n, 1), MCXT_ALLOC_HUGE);
		for (int64 i = 0; i < n; i++)
		{
			if (i % 4096 == 0)
				CHECK_FOR_INTERRUPTS();
			known.numbers[i] = id_dictionary_add(known.ids, contexts[i]);
		}
	}
	if (question != NULL)
		known.question = id_dictionary_add(
			known.ids, CStringGetTextDatum(JsonbToCString(NULL, &question->root,
														  VARSIZE(question))));
	/* in the order of training, so that sums are the same to the last bit */
	sorted = id_dictionary_sort(known.ids);
	for (int64 i = 0; known.numbers != NULL && i < n; i++)
		known.numbers[i] = sorted[known.numbers[i]];
	if (known.question >= 0)
		known.question = sorted[known.question];
	MemoryContextSwitchTo(old);
	return known;
}

/*
 * Adds what is known of the contexts to a profile, which already has their numbers, and frees the
 * rest.
 */
static void
add_contexts(LoadedModel *loaded, const KnownContexts *known, Profile *profile)
{
	const SparseMatrix *features;

	if (known->context == NULL)
		return;
	features = encode_contexts(loaded, known->ids);
	profile->context_features = features;
	if (known->question >= 0)
	{
		int64		at = features->start[known->question];

		profile->n_context = features->start[known->question + 1] - at;
		profile->context = features->column + at;
		profile->context_values = features->value + at;
	}
	MemoryContextDelete(known->context);
}

/*
 * Makes a query from n rows. Its profile has the known items, in order, each once (or once for each
 * context). An item whose row is silent was seen, but is not in the profile. times: in
 * microseconds; NULL: the rows are in the order of time. attributes: of the user; NULL: none are
 * known. contexts: of the rows; NULL: they are not known. question: the context of the question, or
 * NULL.
 */
static Asker *
make_asker(LoadedModel *loaded, int64 n, const Datum *items, const float *ratings,
		   const int64 *times, const KnownAttributes *attributes, const Datum *contexts,
		   Jsonb *question)
{
	const Model *model = &loaded->model;
	const CommonOptions *options = model->options;
	MergeRule	rule = source_merge_rule(options->feedback);
	Asker	   *asker = palloc0(sizeof(Asker));
	ProfileEntry *entries = palloc_extended(sizeof(ProfileEntry) * Max(n, 1), MCXT_ALLOC_HUGE);
	int64		start[2] = {0, 0};
	SparseMatrix row = {.n_rows = 1, .n_columns = model->sides[SIDE_ITEMS].n_rows, .start = start};
	const IdType *type = &loaded->ids[SIDE_ITEMS]->type;
	int32	   *numbers = palloc_extended(sizeof(int32) * Max(n, 1), MCXT_ALLOC_HUGE);
	float	   *weighed;
	int64		length;
	KnownContexts of_rows = number_contexts(loaded, n, contexts, question);
	int64		known = 0;
	void	   *query;
	bool		made;

	for (int64 i = 0; i < n; i++)
	{
		int32		item = numbers[i] = id_list_find(loaded->ids[SIDE_ITEMS], items[i]);

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (item >= 0)
			entries[known++] = (ProfileEntry) {
				item, of_rows.numbers == NULL ? -1 : of_rows.numbers[i], (int32) i
			};
		else
		{
			if (asker->seen_unknown == NULL)
				asker->seen_unknown = palloc_extended(sizeof(Datum) * (n - i), MCXT_ALLOC_HUGE);
			asker->seen_unknown[asker->n_seen_unknown++] =
				datumCopy(items[i], type->by_value, type->length);
		}
	}
	qsort(entries, known, sizeof(ProfileEntry), compare_entries);

	asker->loaded = loaded;
	asker->seen = palloc_extended(sizeof(int32) * Max(known, 1), MCXT_ALLOC_HUGE);
	row.column = palloc_extended(sizeof(int32) * Max(known, 1), MCXT_ALLOC_HUGE);
	row.value = palloc_extended(sizeof(float) * Max(known, 1), MCXT_ALLOC_HUGE);
	row.time =
		times == NULL ? NULL : palloc_extended(sizeof(int64) * Max(known, 1), MCXT_ALLOC_HUGE);
	if (of_rows.numbers != NULL)
		row.context = palloc_extended(sizeof(int32) * Max(known, 1), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < known; i++)
	{
		float		rating = ratings[entries[i].arrival];

		if (asker->n_seen == 0 || asker->seen[asker->n_seen - 1] != entries[i].item)
			asker->seen[asker->n_seen++] = entries[i].item;
		if (is_silent(rule, rating))
			continue;
		row.column[start[1]] = entries[i].item;
		row.value[start[1]] = rating;
		if (times != NULL)
			row.time[start[1]] = times[entries[i].arrival];
		if (row.context != NULL)
			row.context[start[1]] = entries[i].context;
		start[1]++;
	}
	pfree(entries);
	sparse_merge(&row, rule);

	asker->merged = weighed = row.value;
	if (weight_of_events(options) != WEIGHT_LINEAR)
	{
		weighed = palloc_extended(sizeof(float) * Max(start[1], 1), MCXT_ALLOC_HUGE);
		memcpy(weighed, asker->merged, sizeof(float) * start[1]);
		weigh_events(weight_of_events(options), weighed, start[1]);
	}
	asker->profile = (Profile){.n = start[1], .items = row.column, .ratings = weighed,
							   .contexts = row.context};
	add_contexts(loaded, &of_rows, &asker->profile);
	if (attributes != NULL && attributes->is_known[0])
	{
		asker->profile.n_features = attributes->features.start[1];
		asker->profile.features = attributes->features.column;
		asker->profile.feature_values = attributes->features.value;
	}
	if ((profile_needs(model) & NEEDS_EVENTS) != 0)
		add_events(&asker->profile, rule, n, numbers, ratings, times);
	pfree(numbers);
	assert_profile(model, &asker->profile);
	length = profile_length(&asker->profile);
	query = memory_aligned(CurrentMemoryContext, model_query_bytes(model, length));
	model_make_queries(model, &asker->profile, 1, query, 0, &made,
					   profile_scratch(loaded, model_query_scratch_bytes(model, length)));
	if (!made)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("ratings of the profile are too large for model \"%s\"",
							   get_rel_name(loaded->relid)),
						errdetail("Its ratings are from %g to %g.", model->scale.minimum,
								  model->scale.maximum)));
	asker->query = list_query(model, &asker->profile, query);
	if (row.time != NULL)
		pfree(row.time);
	return asker;
}

/* What is known of one user. The result is in the given context. */
static KnownAttributes *
user_attributes(LoadedModel *loaded, Datum user, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	IdDictionary *ids = id_dictionary_create(&loaded->source->user, context);
	KnownAttributes *attributes;

	id_dictionary_add(ids, user);
	attributes = known_attributes(loaded, SIDE_USERS, ids);
	MemoryContextSwitchTo(old);
	return attributes;
}

/*
 * Raises an error where a context is not an object, or has members that are not columns of the
 * source's context. SPI must be connected.
 */
static void
check_context(LoadedModel *loaded, Jsonb *context)
{
	const char *model = get_rel_name(loaded->relid);
	const Source *source;
	JsonbIterator *it;
	JsonbValue	value;

	if (!loaded->model.has_contexts)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("model \"%s\" knows of no contexts", model),
						errhint("Leave context out; or name context_columns of the source when the "
								"model is created, or with rec.alter_model.")));
	if (!JB_ROOT_IS_OBJECT(context))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("context must be a JSON object"),
						errhint("For example, '{\"%s\": ...}'.",
								loaded->row->source.context_columns[0])));
	loaded_model_need_source(loaded);
	source = loaded->source;
	it = JsonbIteratorInit(&context->root);
	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &value, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &value, true))
	{
		char	   *name;
		bool		is_column = false;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(value.val.string.val, value.val.string.len);
		for (int c = 0; c < source->n_contexts; c++)
			is_column = is_column || strcmp(name, source->context_columns[c]) == 0;
		if (!is_column)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("model \"%s\" has no \"%s\" in its context", model, name),
					 hint_nearest(name, (const char **) source->context_columns,
								  source->n_contexts)));
	}
}

Asker *
ask_as_user(LoadedModel *loaded, Datum user, Oid id_type, Jsonb *question)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "rec profile", ALLOCSET_DEFAULT_SIZES);
	const Source *source;
	ProfileRows *rows;
	KnownAttributes *attributes = NULL;
	Datum		id;
	Asker	   *asker;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (question != NULL)
		check_context(loaded, question);
	loaded_model_need_source(loaded);
	source = loaded->source;
	id = id_convert(user, id_type, &source->user);
	rows = source_read_profile(source, loaded->profile_plan, id, context);
	if (loaded->model.has_user_features)
		attributes = user_attributes(loaded, id, caller);
	SPI_finish();
	asker = make_asker(loaded, rows->n, rows->items, rows->ratings,
					   source->time_column == NULL ? NULL : rows->times, attributes,
					   rows->contexts, question);
	MemoryContextDelete(context);
	return asker;
}

Asker *
ask_as_profile(LoadedModel *loaded, int64 n, const Datum *items, const float *ratings,
			   Jsonb *question)
{
	const Model *model = &loaded->model;
	float		liked = model_predicts_ratings(model) ? (float) model->scale.maximum : 1;
	float	   *filled = palloc_extended(sizeof(float) * Max(n, 1), MCXT_ALLOC_HUGE);
	Asker	   *asker;

	if (question != NULL)
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		check_context(loaded, question);
		SPI_finish();
	}
	for (int64 i = 0; i < n; i++)
		filled[i] = ratings == NULL || isnan(ratings[i]) ? liked : ratings[i];
	asker = make_asker(loaded, n, items, filled, NULL, NULL, NULL, question);
	pfree(filled);
	return asker;
}

/* Copies features into the training's memory. */
static void
copy_features(const SparseMatrix *from, SparseMatrix *to, TrainingMemory *memory)
{
	int64		n = from->start[from->n_rows];

	source_allocate_matrix(to, from->n_rows, from->n_columns, n, false, memory);
	memcpy(to->start, from->start, sizeof(int64) * (from->n_rows + 1));
	memcpy(to->column, from->column, sizeof(int32) * n);
	memcpy(to->value, from->value, sizeof(float) * n);
}

void
profiles_read_features(LoadedModel *loaded, TrainingData *data, TrainingMemory *memory)
{
	Ratings    *ratings = &data->ratings;

	if (loaded->model.has_user_features)
		copy_features(&known_attributes(loaded, SIDE_USERS, data->users)->features,
					  &ratings->user_features.by_row, memory);
	if (data->contexts != NULL && data->contexts->n > 0)
		copy_features(&known_attributes(loaded, SIDE_CONTEXT_FEATURES, data->contexts)->features,
					  &ratings->contexts.by_row, memory);
}

float
finite_number(float number)
{
	if (!isfinite(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("numbers of the model or of the profile are too large to compute an "
						"answer"),
				 errhint("If the model's table was changed by hand, train the model again.")));
	return number;
}
