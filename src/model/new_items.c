/*
 * new_items.c
 *	  What a model knows of items and users by their attributes.
 *
 * The rows are read from the relation of the attributes at each question, and encoded by the
 * features of the model. So an item or a user is known from the moment it is committed.
 */
#include "postgres.h"
#include "server/compat.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "model/layout.h"
#include "model/new_items.h"
#include "server/memory.h"
#include "server/messages.h"
#include "source/attributes.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* How a model encodes the attributes of a side. */
struct KnownFeatures
{
	Oid			model;
	/* of the items, of the users or, SIDE_CONTEXT_FEATURES, of contexts */
	SideKind	kind;
	const NotedRelation *relation;	/* of the attributes; of contexts NULL */
	const Side *side;			/* of the features */
	IdList	   *names;			/* of its rows */
	NumberEncoding *encoding;	/* by feature */
	List	   *columns;		/* String: the columns that have features, quoted */
	List	   *numbers;		/* those of them that are numbers */
};

bool
model_maps_items(const Model *model)
{
	/* there are no features before the first training with attributes */
	return model->sides[SIDE_ITEM_FEATURES].n_rows > 0 && model->algorithm->map_items != NULL;
}

bool
may_read_attributes(const LoadedModel *loaded)
{
	Oid			relid;
	RelationMeaning meaning =
		relation_meant(&loaded->row->attributes[SIDE_ITEMS], loaded->relid, &relid);

	return (meaning == RELATION_SAME || meaning == RELATION_REPLACED) &&
		   pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		   pg_class_aclcheck(catalog_side_table(loaded->row, SIDE_ITEM_FEATURES), GetUserId(),
							 ACL_SELECT) == ACLCHECK_OK;
}

/* The column of a feature, quoted, as its name begins with it. */
static char *
column_of_feature(const char *name, bool *is_number)
{
	bool		is_quoted = false;
	const char *end = name;

	for (; *end != '\0' && (is_quoted || *end != '='); end++)
		is_quoted = is_quoted != (*end == '"');
	*is_number = *end == '\0';
	return pnstrdup(name, end - name);
}

KnownFeatures *
known_features(const ModelRow *row, const Model *model, SideKind kind, IdList *names)
{
	KnownFeatures *known = palloc0(sizeof(KnownFeatures));
	int64		n;

	known->model = row->model;
	known->kind = kind;
	known->relation = kind == SIDE_CONTEXT_FEATURES ? NULL : &row->attributes[kind];
	known->side = &model->sides[side_of_features(kind)];
	known->names = names;
	n = known->side->n_rows;
	known->encoding = palloc_extended(sizeof(NumberEncoding) * Max(n, 1), MCXT_ALLOC_HUGE);
	for (int64 f = 0; f < n; f++)
	{
		char	   *name = TextDatumGetCString(id_list_get(names, (int32) f));
		bool		is_number;
		char	   *column = column_of_feature(name, &is_number);

		CHECK_FOR_INTERRUPTS();
		known->encoding[f] = model_feature_encoding(model, side_of_features(kind), f);
		pfree(name);
		/* not the intercept */
		if (column[0] == '(' || list_member(known->columns, makeString(column)))
		{
			pfree(column);
			continue;
		}
		known->columns = lappend(known->columns, makeString(column));
		if (is_number)
			known->numbers = lappend(known->numbers, makeString(column));
	}
	return known;
}

/* Raises an error if a column that the model was trained with is missing, or is another. */
static void
check_columns(const KnownFeatures *known, const Attributes *attributes)
{
	ListCell   *lc;

	foreach(lc, known->columns)
	{
		const char *name = strVal(lfirst(lc));
		bool		found = false;

		for (int c = 0; c < attributes->n_columns && !found; c++)
		{
			const AttributeColumn *column = &attributes->columns[c];

			found = strcmp(feature_column(column->name), name) == 0 &&
					(column->kind == FEATURE_NUMBER) == list_member(known->numbers, lfirst(lc));
		}
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column %s of \"%s\" does not exist, or is encoded in another way",
							name, get_rel_name(attributes->relid)),
					 errdetail("Model \"%s\" was trained with it.", get_rel_name(known->model)),
					 errhint("CALL rec.train(%s) trains it with the present columns.",
							 quote_literal_cstr(quoted_relation(known->model)))));
	}
}

KnownAttributes *
read_known_attributes(const KnownFeatures *known, const Source *source, const IdDictionary *ids,
					  MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	int64		n_features = known->side->n_rows;
	KnownAttributes *found = palloc0(sizeof(KnownAttributes));
	Features   *description = palloc0(sizeof(Features));
	Attributes *attributes;
	AttributeRows *rows;
	EncodedAttributes *encoded;
	int32	   *numbers;

	if (known->kind == SIDE_CONTEXT_FEATURES)
		attributes = contexts_open(source, true, context);
	else
	{
		Oid			relid = attributes_relation(known->kind, known->relation, known->model);

		LockRelationOid(relid, AccessShareLock);
		attributes = attributes_open(known->kind, relid, source, context);
	}
	check_columns(known, attributes);
	rows = attributes_read(attributes, source, ids, context);
	MemoryContextSwitchTo(context);
	numbers = attributes_numbers(rows, unconstify(IdDictionary *, ids), context);
	encoded = attributes_encode_known(rows, known->names, known->encoding, context);
	/* those without a row have the intercept, if there is one */
	encoded->n_values += ids->n - rows->ids->n;
	memory_require((double) encoded->n_values * (sizeof(int32) + sizeof(float)) +
					   (double) ids->n * sizeof(int64) +
					   2.0 * (double) n_features * sizeof(int32),
				   psprintf("attributes of \"%s\"", get_rel_name(attributes->relid)));
	found->features = (SparseMatrix) {
		.n_rows = ids->n,
		.n_columns = n_features,
		.start = palloc_extended(sizeof(int64) * (ids->n + 2), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO),
		.column = palloc_extended(sizeof(int32) * Max(encoded->n_values, 1), MCXT_ALLOC_HUGE),
		.value = palloc_extended(sizeof(float) * Max(encoded->n_values, 1), MCXT_ALLOC_HUGE)
	};
	attributes_fill(encoded, numbers, &found->features);
	found->is_known = palloc_extended(Max(ids->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int32 r = 0; r < rows->ids->n; r++)
		found->is_known[numbers[r]] = true;

	description->by_row = found->features;
	description->count = known->side->n_ratings;
	description->column = palloc_extended(sizeof(int32) * Max(n_features, 1),
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	description->kind = palloc_extended(sizeof(int32) * Max(n_features, 1),
										MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	description->encoding = known->encoding;
	attributes_describe(encoded, description);
	found->description = description;
	MemoryContextDelete(rows->context);
	MemoryContextSwitchTo(old);
	return found;
}

KnownAttributes *
known_attributes(LoadedModel *loaded, SideKind kind, const IdDictionary *ids)
{
	SideKind	features = side_of_features(kind);
	MemoryContext context = CurrentMemoryContext;
	KnownAttributes *found;

	if (!loaded_model_side(loaded, features))
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("model \"%s\" was trained concurrently",
							   get_rel_name(loaded->relid)),
						errhint("Ask again.")));
	if (loaded->known_features[kind] == NULL)
	{
		MemoryContextSwitchTo(loaded->context);
		loaded->known_features[kind] =
			known_features(loaded->row, &loaded->model, kind, loaded->ids[features]);
		MemoryContextSwitchTo(context);
	}
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	loaded_model_need_source(loaded);
	found = read_known_attributes(loaded->known_features[kind], loaded->source, ids, context);
	SPI_finish();
	return found;
}

const Model *
model_with_new_items(LoadedModel *loaded, const IdDictionary *ids, const bool **is_known)
{
	KnownAttributes *attributes = known_attributes(loaded, SIDE_ITEMS, ids);
	Model	   *model = palloc(sizeof(Model));
	Side	   *side = &model->new_items;
	const Side *items = &loaded->model.sides[SIDE_ITEMS];

	*model = loaded->model;
	side->n_rows = ids->n;
	side->n_columns = items->n_columns;
	memcpy(side->columns, items->columns, sizeof(side->columns));
	side->list_room = attributes->features.start[ids->n];
	memory_require((double) side_bytes(side), "items that are not in the model");
	side_allocate(side, CurrentMemoryContext);
	side->list.n_rows = side->n_rows;
	side->list.n_columns = items->list.n_columns;
	loaded->model.algorithm->map_items(&loaded->model, attributes->description, side);
	*is_known = attributes->is_known;
	return model;
}

int32
find_item(LoadedModel *loaded, Datum id, const Model **model)
{
	int32		item = id_list_find(loaded->ids[SIDE_ITEMS], id);
	IdDictionary *ids;
	const Model *with_item;
	const bool *is_known;

	if (item >= 0 || !model_maps_items(&loaded->model))
		return item;
	ids = id_dictionary_create(&loaded->ids[SIDE_ITEMS]->type, CurrentMemoryContext);
	id_dictionary_add(ids, id);
	with_item = model_with_new_items(loaded, ids, &is_known);
	if (!is_known[0])
		return -1;
	*model = with_item;
	return (int32) with_item->sides[SIDE_ITEMS].n_rows;
}
