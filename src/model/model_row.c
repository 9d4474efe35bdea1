/*
 * model_row.c
 *	  A model's properties besides its tables.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "model/model_row.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

const ModelColumn model_columns[MODEL_COLUMNS] = {
	[MODEL_MODEL] = {"model", REGCLASSOID},
	[MODEL_USER_TABLE] = {"user_table", REGCLASSOID},
	[MODEL_SOURCE] = {"source", REGCLASSOID},
	[MODEL_SOURCE_NAME] = {"source_name", TEXTOID},
	[MODEL_ALGORITHM] = {"algorithm", TEXTOID},
	[MODEL_OPTIONS] = {"options", JSONBOID},
	[MODEL_USER_COLUMN] = {"user_column", NAMEOID},
	[MODEL_ITEM_COLUMN] = {"item_column", NAMEOID},
	[MODEL_RATING_COLUMN] = {"rating_column", NAMEOID},
	[MODEL_TIME_COLUMN] = {"time_column", NAMEOID},
	[MODEL_VERSION] = {"version", INT8OID},
	[MODEL_TRAINED_AT] = {"trained_at", TIMESTAMPTZOID},
	[MODEL_ROWS] = {"rows", INT8OID},
	[MODEL_USERS] = {"users", INT8OID},
	[MODEL_ITEMS] = {"items", INT8OID},
	[MODEL_MEAN] = {"mean", FLOAT8OID},
	[MODEL_MINIMUM] = {"minimum", FLOAT8OID},
	[MODEL_MAXIMUM] = {"maximum", FLOAT8OID},
	[MODEL_LOSS] = {"loss", FLOAT8OID},
	[MODEL_SECONDS] = {"seconds", FLOAT8OID},
	[MODEL_SOURCE_OID] = {"source_oid", OIDOID},
	[MODEL_SOURCE_OWNER] = {"source_owner", OIDOID},
	[MODEL_SOURCE_COLUMNS] = {"source_columns", INT2ARRAYOID},
	[MODEL_USER_TABLE_OID] = {"user_table_oid", OIDOID},
	[MODEL_USER_TABLE_NAME] = {"user_table_name", TEXTOID},
	[MODEL_DEVIATION] = {"deviation", FLOAT8OID},
	[MODEL_DECIDED] = {"decided", JSONBOID},
	[MODEL_SESSIONS] = {"sessions", INT8OID},
	[MODEL_FORMAT_NUMBER] = {"format", INT4OID},
	[MODEL_REFRESHED] = {"refreshed", INT8OID},
	[MODEL_REFRESHED_AT] = {"refreshed_at", TIMESTAMPTZOID},
	[MODEL_ITEM_RELATION] = {"item_relation", REGCLASSOID},
	[MODEL_ITEM_RELATION_NAME] = {"item_relation_name", TEXTOID},
	[MODEL_ITEM_RELATION_OID] = {"item_relation_oid", OIDOID},
	[MODEL_ITEM_RELATION_OWNER] = {"item_relation_owner", OIDOID},
	[MODEL_ITEM_FEATURES] = {"item_features", INT8OID},
	[MODEL_USER_RELATION] = {"user_relation", REGCLASSOID},
	[MODEL_USER_RELATION_NAME] = {"user_relation_name", TEXTOID},
	[MODEL_USER_RELATION_OID] = {"user_relation_oid", OIDOID},
	[MODEL_USER_RELATION_OWNER] = {"user_relation_owner", OIDOID},
	[MODEL_USER_FEATURES] = {"user_features", INT8OID},
	[MODEL_CONTEXT_COLUMNS] = {"context_columns", NAMEARRAYOID},
	[MODEL_CONTEXT_FEATURES] = {"context_features", INT8OID},
};

static char *
text_or_null(Datum value, bool is_null)
{
	return is_null ? NULL : TextDatumGetCString(value);
}

static char *
name_or_null(Datum value, bool is_null)
{
	return is_null ? NULL : pstrdup(NameStr(*DatumGetName(value)));
}

/*
 * The extension's owner may insert rows into rec.model, so that a dump can be restored, and a
 * model's owner may write to the table beside it. So these rows are checked like rows of a model's
 * table.
 */
static void
refuse_row(Oid model, const char *written, const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("the row of model \"%s\" in %s is not one that training wrote",
						   get_rel_name(model), written),
					errdetail("%s", detail), errhint("Drop the model and create it again.")));
}

static void
check_numbers(const ModelRow *row, const char *written)
{
	if (row->version < 0)
		refuse_row(row->model, written, psprintf("Its version is " INT64_FORMAT ".", row->version));
	if (row->version == 0)
		return;
	if (row->rows < 1 || row->n_rows[SIDE_USERS] < 1 ||
		row->n_rows[SIDE_USERS] > PG_INT32_MAX || row->n_rows[SIDE_ITEMS] < 1 ||
		row->n_rows[SIDE_ITEMS] > PG_INT32_MAX || row->n_rows[SIDE_SESSIONS] < 0 ||
		row->n_rows[SIDE_SESSIONS] > PG_INT32_MAX || row->n_rows[SIDE_ITEM_FEATURES] < 0 ||
		row->n_rows[SIDE_ITEM_FEATURES] > PG_INT32_MAX ||
		row->n_rows[SIDE_USER_FEATURES] < 0 || row->n_rows[SIDE_USER_FEATURES] > PG_INT32_MAX ||
		row->n_rows[SIDE_CONTEXT_FEATURES] < 0 ||
		row->n_rows[SIDE_CONTEXT_FEATURES] > PG_INT32_MAX)
		refuse_row(row->model, written, psprintf("It says " INT64_FORMAT " rows of " INT64_FORMAT
										" users and " INT64_FORMAT " items.",
										row->rows, row->n_rows[SIDE_USERS],
										row->n_rows[SIDE_ITEMS]));
	if (!isfinite((float) row->scale.mean) || !isfinite((float) row->scale.minimum) ||
		!isfinite((float) row->scale.maximum) || !(row->scale.minimum <= row->scale.maximum))
		refuse_row(row->model, written, psprintf("It says that ratings are from %g to %g, with a "
												 "mean of %g.",
										row->scale.minimum, row->scale.maximum, row->scale.mean));
	if (!isfinite((float) row->scale.deviation) || row->scale.deviation < 0)
		refuse_row(row->model, written,
				   psprintf("It says that ratings have a deviation of %g.", row->scale.deviation));
	if (!isfinite(row->seconds) || row->seconds < 0)
		refuse_row(row->model, written,
				   psprintf("It says that the training took %g seconds.", row->seconds));
}

bool
model_row_contexts(Datum value, NotedSource *source)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *names;

	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		return false;
	deconstruct_array(array, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &names, NULL,
					  &source->n_contexts);
	source->context_columns = palloc(sizeof(char *) * Max(source->n_contexts, 1));
	source->context_attnums = palloc0(sizeof(AttrNumber) * Max(source->n_contexts, 1));
	for (int c = 0; c < source->n_contexts; c++)
		source->context_columns[c] = pstrdup(NameStr(*DatumGetName(names[c])));
	return source->n_contexts <= MOST_CONTEXT_COLUMNS;
}

bool
model_row_source(Oid model, const Datum *v, const bool *nulls, NotedSource *source)
{
	ArrayType  *numbers;

	memset(source, 0, sizeof(NotedSource));
	if (nulls[MODEL_SOURCE_NAME] || nulls[MODEL_USER_COLUMN] || nulls[MODEL_ITEM_COLUMN])
		return false;
	source->model = model;
	source->relid = nulls[MODEL_SOURCE] ? InvalidOid : DatumGetObjectId(v[MODEL_SOURCE]);
	source->name = text_or_null(v[MODEL_SOURCE_NAME], false);
	source->owner =
		nulls[MODEL_SOURCE_OWNER] ? InvalidOid : DatumGetObjectId(v[MODEL_SOURCE_OWNER]);
	source->user_column = name_or_null(v[MODEL_USER_COLUMN], false);
	source->item_column = name_or_null(v[MODEL_ITEM_COLUMN], false);
	source->rating_column = name_or_null(v[MODEL_RATING_COLUMN], nulls[MODEL_RATING_COLUMN]);
	source->time_column = name_or_null(v[MODEL_TIME_COLUMN], nulls[MODEL_TIME_COLUMN]);
	if (!nulls[MODEL_CONTEXT_COLUMNS] && !model_row_contexts(v[MODEL_CONTEXT_COLUMNS], source))
		return false;
	if (nulls[MODEL_SOURCE_COLUMNS])
		return true;
	numbers = DatumGetArrayTypeP(v[MODEL_SOURCE_COLUMNS]);
	if (ARR_NDIM(numbers) != 1 ||
		ARR_DIMS(numbers)[0] != SOURCE_COLUMNS + source->n_contexts ||
		array_contains_nulls(numbers))
		return false;
	memcpy(source->attnums, ARR_DATA_PTR(numbers), sizeof(source->attnums));
	memcpy(source->context_attnums, (AttrNumber *) ARR_DATA_PTR(numbers) + SOURCE_COLUMNS,
		   sizeof(AttrNumber) * source->n_contexts);
	return true;
}

/*
 * Completes options for their present meaning: a row that was written by a version before 0.5.0,
 * for example restored from a dump, has no option "weight". Weights counted as they are then.
 */
static Jsonb *
complete_options(const char *algorithm, Jsonb *options)
{
	const Algorithm *known = find_algorithm(algorithm);

	if (known == NULL || !JB_ROOT_IS_OBJECT(options) ||
		getKeyJsonValueFromContainer(&options->root, "weight", strlen("weight"), NULL) != NULL)
		return options;
	for (const Option *option = known->options; option->name != NULL; option++)
	{
		if (strcmp(option->name, "weight") == 0)
			return DatumGetJsonbP(DirectFunctionCall2(
				jsonb_concat, JsonbPGetDatum(options),
				DirectFunctionCall1(jsonb_in, CStringGetDatum("{\"weight\": \"linear\"}"))));
	}
	return options;
}

static void
refuse_newer(Oid model, int32 format)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("model \"%s\" was written by a newer version of rec", get_rel_name(model)),
			 errdetail("Its format is %d, and this library knows formats up to %d.", format,
					   MODEL_FORMAT),
			 errhint("Install the version of rec that wrote it, or a later one.")));
}

/* The columns about the attributes of a side follow the first of them. */
static inline int
column_of(SideKind kind, int column)
{
	return column + (kind == SIDE_USERS ? MODEL_USER_RELATION - MODEL_ITEM_RELATION : 0);
}

static void
fill_attributes(const ModelRow *row, SideKind kind, Datum *v, bool *nulls)
{
	const NotedRelation *noted = &row->attributes[kind];
	int			relation = column_of(kind, MODEL_ITEM_RELATION);
	int			oid = column_of(kind, MODEL_ITEM_RELATION_OID);
	int			name = column_of(kind, MODEL_ITEM_RELATION_NAME);
	int			owner = column_of(kind, MODEL_ITEM_RELATION_OWNER);
	int			features = column_of(kind, MODEL_ITEM_FEATURES);

	v[relation] = v[oid] = ObjectIdGetDatum(noted->relid);
	nulls[relation] = nulls[oid] = !OidIsValid(noted->relid);
	nulls[name] = noted->name == NULL;
	if (noted->name != NULL)
		v[name] = CStringGetTextDatum(noted->name);
	v[owner] = ObjectIdGetDatum(noted->owner);
	nulls[owner] = !OidIsValid(noted->owner);
	v[features] = Int64GetDatum(row->n_rows[side_of_features(kind)]);
	nulls[features] = row->version == 0 || noted->name == NULL;
}

void
model_row_fill(const ModelRow *row, Datum *v, bool *nulls)
{
	Datum		numbers[SOURCE_COLUMNS + MOST_CONTEXT_COLUMNS];
	Datum		contexts[MOST_CONTEXT_COLUMNS];
	int			n_contexts = row->source.n_contexts;

	memset(nulls, 0, sizeof(bool) * MODEL_COLUMNS);
	v[MODEL_MODEL] = ObjectIdGetDatum(row->model);
	/* columns that dumps of versions before 0.6.0 contain; now in rec.model_table */
	nulls[MODEL_USER_TABLE] = nulls[MODEL_USER_TABLE_OID] = nulls[MODEL_USER_TABLE_NAME] = true;
	v[MODEL_SOURCE] = ObjectIdGetDatum(row->source.relid);
	nulls[MODEL_SOURCE] = !OidIsValid(row->source.relid);
	v[MODEL_SOURCE_NAME] = CStringGetTextDatum(row->source.name);
	v[MODEL_ALGORITHM] = CStringGetTextDatum(row->algorithm);
	v[MODEL_OPTIONS] = JsonbPGetDatum(row->options);
	v[MODEL_USER_COLUMN] = DirectFunctionCall1(namein, CStringGetDatum(row->source.user_column));
	v[MODEL_ITEM_COLUMN] = DirectFunctionCall1(namein, CStringGetDatum(row->source.item_column));
	nulls[MODEL_RATING_COLUMN] = row->source.rating_column == NULL;
	v[MODEL_RATING_COLUMN] =
		row->source.rating_column == NULL
			? (Datum) 0
			: DirectFunctionCall1(namein, CStringGetDatum(row->source.rating_column));
	nulls[MODEL_TIME_COLUMN] = row->source.time_column == NULL;
	v[MODEL_TIME_COLUMN] =
		row->source.time_column == NULL
			? (Datum) 0
			: DirectFunctionCall1(namein, CStringGetDatum(row->source.time_column));
	v[MODEL_VERSION] = Int64GetDatum(row->version);
	v[MODEL_TRAINED_AT] = TimestampTzGetDatum(row->trained_at);
	v[MODEL_ROWS] = Int64GetDatum(row->rows);
	v[MODEL_USERS] = Int64GetDatum(row->n_rows[SIDE_USERS]);
	v[MODEL_ITEMS] = Int64GetDatum(row->n_rows[SIDE_ITEMS]);
	v[MODEL_MEAN] = Float8GetDatum(row->scale.mean);
	v[MODEL_MINIMUM] = Float8GetDatum(row->scale.minimum);
	v[MODEL_MAXIMUM] = Float8GetDatum(row->scale.maximum);
	v[MODEL_LOSS] = Float8GetDatum(row->loss);
	v[MODEL_SECONDS] = Float8GetDatum(row->seconds);
	for (int i = MODEL_TRAINED_AT; i <= MODEL_SECONDS; i++)
		nulls[i] = row->version == 0;
	nulls[MODEL_LOSS] = row->version == 0 || isnan(row->loss);
	v[MODEL_SOURCE_OID] = v[MODEL_SOURCE];
	nulls[MODEL_SOURCE_OID] = nulls[MODEL_SOURCE];
	v[MODEL_SOURCE_OWNER] = ObjectIdGetDatum(row->source.owner);
	nulls[MODEL_SOURCE_OWNER] = !OidIsValid(row->source.owner);
	for (int i = 0; i < SOURCE_COLUMNS; i++)
		numbers[i] = Int16GetDatum(row->source.attnums[i]);
	for (int i = 0; i < n_contexts; i++)
	{
		numbers[SOURCE_COLUMNS + i] = Int16GetDatum(row->source.context_attnums[i]);
		contexts[i] = DirectFunctionCall1(namein, CStringGetDatum(row->source.context_columns[i]));
	}
	v[MODEL_SOURCE_COLUMNS] =
		PointerGetDatum(construct_array(numbers, SOURCE_COLUMNS + n_contexts, INT2OID,
										sizeof(int16), true, TYPALIGN_SHORT));
	v[MODEL_CONTEXT_COLUMNS] = PointerGetDatum(
		construct_array(contexts, n_contexts, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR));
	nulls[MODEL_CONTEXT_COLUMNS] = n_contexts == 0;
	v[MODEL_CONTEXT_FEATURES] = Int64GetDatum(row->n_rows[SIDE_CONTEXT_FEATURES]);
	nulls[MODEL_CONTEXT_FEATURES] = row->version == 0 || n_contexts == 0;
	v[MODEL_DEVIATION] = Float8GetDatum(row->scale.deviation);
	nulls[MODEL_DEVIATION] = row->version == 0;
	v[MODEL_DECIDED] = JsonbPGetDatum(row->decided);
	nulls[MODEL_DECIDED] = row->version == 0 || row->decided == NULL;
	v[MODEL_SESSIONS] = Int64GetDatum(row->n_rows[SIDE_SESSIONS]);
	nulls[MODEL_SESSIONS] = row->version == 0 || row->n_rows[SIDE_SESSIONS] == 0;
	v[MODEL_FORMAT_NUMBER] = Int32GetDatum(MODEL_FORMAT);
	v[MODEL_REFRESHED] = Int64GetDatum(row->refreshed);
	v[MODEL_REFRESHED_AT] = TimestampTzGetDatum(row->refreshed_at);
	nulls[MODEL_REFRESHED] = nulls[MODEL_REFRESHED_AT] = row->version == 0 || row->refreshed == 0;
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
		fill_attributes(row, kind, v, nulls);
}

static Oid
oid_or_invalid(Datum value, bool is_null)
{
	return is_null ? InvalidOid : DatumGetObjectId(value);
}

static void
read_attributes(ModelRow *row, SideKind kind, const Datum *v, const bool *nulls)
{
	int			relation = column_of(kind, MODEL_ITEM_RELATION);
	int			name = column_of(kind, MODEL_ITEM_RELATION_NAME);
	int			owner = column_of(kind, MODEL_ITEM_RELATION_OWNER);
	int			features = column_of(kind, MODEL_ITEM_FEATURES);

	row->attributes[kind] = (NotedRelation) {
		.relid = oid_or_invalid(v[relation], nulls[relation]),
		.name = text_or_null(v[name], nulls[name]),
		.owner = oid_or_invalid(v[owner], nulls[owner])
	};
	if (row->version > 0 && !nulls[features])
		row->n_rows[side_of_features(kind)] = DatumGetInt64(v[features]);
}

ModelRow *
model_row_read(Oid model, const char *written, const Datum *v, const bool *nulls)
{
	ModelRow   *row;

	if (!nulls[MODEL_FORMAT_NUMBER] && DatumGetInt32(v[MODEL_FORMAT_NUMBER]) > MODEL_FORMAT)
		refuse_newer(model, DatumGetInt32(v[MODEL_FORMAT_NUMBER]));
	for (int i = 0; i < MODEL_SOURCE_OID; i++)
	{
		if (nulls[i] && i != MODEL_USER_TABLE && i != MODEL_SOURCE &&
			i != MODEL_RATING_COLUMN && i != MODEL_TIME_COLUMN && i != MODEL_LOSS &&
			(i < MODEL_TRAINED_AT || DatumGetInt64(v[MODEL_VERSION]) != 0))
			refuse_row(model, written, psprintf("Column \"%s\" is NULL.", model_columns[i].name));
	}
	row = palloc0(sizeof(ModelRow));
	row->model = model;
	row->tables[SIDE_ITEMS] = model;
	row->tables[SIDE_USERS] =
		nulls[MODEL_USER_TABLE] ? InvalidOid : DatumGetObjectId(v[MODEL_USER_TABLE]);
	if (!model_row_source(model, v, nulls, &row->source))
		refuse_row(model, written, "Its numbers of columns are not as many as its columns.");
	row->algorithm = text_or_null(v[MODEL_ALGORITHM], false);
	row->options = complete_options(row->algorithm, DatumGetJsonbPCopy(v[MODEL_OPTIONS]));
	row->version = DatumGetInt64(v[MODEL_VERSION]);
	if (row->version > 0)
	{
		row->trained_at = DatumGetTimestampTz(v[MODEL_TRAINED_AT]);
		row->rows = DatumGetInt64(v[MODEL_ROWS]);
		row->n_rows[SIDE_USERS] = DatumGetInt64(v[MODEL_USERS]);
		row->n_rows[SIDE_ITEMS] = DatumGetInt64(v[MODEL_ITEMS]);
		row->n_rows[SIDE_SESSIONS] =
			nulls[MODEL_SESSIONS] ? 0 : DatumGetInt64(v[MODEL_SESSIONS]);
		row->scale.mean = DatumGetFloat8(v[MODEL_MEAN]);
		row->scale.minimum = DatumGetFloat8(v[MODEL_MINIMUM]);
		row->scale.maximum = DatumGetFloat8(v[MODEL_MAXIMUM]);
		row->loss = nulls[MODEL_LOSS] ? get_float8_nan() : DatumGetFloat8(v[MODEL_LOSS]);
		row->seconds = DatumGetFloat8(v[MODEL_SECONDS]);
		row->scale.deviation = nulls[MODEL_DEVIATION] ? 1 : DatumGetFloat8(v[MODEL_DEVIATION]);
		row->refreshed = nulls[MODEL_REFRESHED] ? 0 : DatumGetInt64(v[MODEL_REFRESHED]);
		row->refreshed_at =
			nulls[MODEL_REFRESHED_AT] ? 0 : DatumGetTimestampTz(v[MODEL_REFRESHED_AT]);
		row->n_rows[SIDE_CONTEXT_FEATURES] =
			nulls[MODEL_CONTEXT_FEATURES] ? 0 : DatumGetInt64(v[MODEL_CONTEXT_FEATURES]);
		row->decided = nulls[MODEL_DECIDED] ? NULL : DatumGetJsonbPCopy(v[MODEL_DECIDED]);
	}
	for (SideKind kind = SIDE_ITEMS; kind <= SIDE_USERS; kind++)
		read_attributes(row, kind, v, nulls);
	check_numbers(row, written);
	return row;
}
