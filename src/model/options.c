/*
 * options.c
 *	  Options of algorithms: from JSON to the algorithm's struct, and back.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "model/options.h"
#include "server/messages.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

const Algorithm *
algorithm_by_name(const char *name)
{
	const Algorithm *algorithm = find_algorithm(name);

	if (algorithm == NULL)
	{
		const char *names[64];
		int			n = 0;

		while (algorithms[n] != NULL && n < (int) lengthof(names))
		{
			names[n] = algorithms[n]->name;
			n++;
		}
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no algorithm \"%s\"", shown_text(name)),
				 hint_nearest(name, names, n)));
	}
	return algorithm;
}

const char *
option_type_name(const Option *option)
{
	switch (option->type)
	{
		case OPTION_BOOLEAN:
			return "boolean";
		case OPTION_INTEGER:
			return "integer";
		case OPTION_REAL:
			return "real";
		case OPTION_INTERVAL:
			return "interval";
		case OPTION_CHOICE:
			return "text";
	}
	pg_unreachable();
}

/* The values that an option accepts, for a message. */
static char *
accepted_values(const Option *option)
{
	StringInfoData s;

	initStringInfo(&s);
	switch (option->type)
	{
		case OPTION_BOOLEAN:
			appendStringInfoString(&s, "true or false");
			break;
		case OPTION_INTEGER:
			appendStringInfo(&s, "an integer from %.0f to %.0f", option->minimum, option->maximum);
			break;
		case OPTION_REAL:
			appendStringInfo(&s, "a number from %g to %g", option->minimum, option->maximum);
			break;
		case OPTION_INTERVAL:
			appendStringInfo(&s,
			"an interval as text, such as \"30 days\" or \"12 hours\", without negative parts, "
			"from %g to %g days (a month counts 30)",
							 option->minimum / SECS_PER_DAY, option->maximum / SECS_PER_DAY);
			break;
		case OPTION_CHOICE:
			for (int i = 0; option->choices[i] != NULL; i++)
				appendStringInfo(&s, "%s\"%s\"",
								 i == 0							  ? ""
								 : option->choices[i + 1] == NULL ? " or "
																  : ", ",
								 option->choices[i]);
			break;
	}
	return s.data;
}

/* Longer numbers are shown with an exponent. */
#define SHOWN_DIGITS 40

static char *
json_value_to_text(JsonbValue *value)
{
	char	   *text = value->type == jbvBinary ?
		JsonbToCString(NULL, value->val.binary.data, value->val.binary.len) :
		JsonbToCString(NULL, &JsonbValueToJsonb(value)->root, 0);

	/* jsonb keeps no exponent: 1e400 would be shown with four hundred zeros */
	if (value->type == jbvNumeric && strlen(text) > SHOWN_DIGITS)
		return numeric_out_sci(value->val.numeric, 3);
	return shown_text(text);
}

static void
refuse_value(const Option *option, JsonbValue *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": %s", option->name, json_value_to_text(value)),
			 errdetail("Option \"%s\" takes %s.", option->name, accepted_values(option))));
}

/* Adds the option to an error that is raised by the type's input function. */
static void
name_option(void *arg)
{
	const Option *option = arg;

	errdetail("Option \"%s\" takes %s.", option->name, accepted_values(option));
}

/*
 * The seconds of an interval. Negative parts are refused, so that the text is read the same with
 * any IntervalStyle.
 */
static double
interval_seconds(const Option *option, JsonbValue *value)
{
	ErrorContextCallback callback = {error_context_stack, name_option,
									 unconstify(Option *, option)};
	char	   *text = pnstrdup(value->val.string.val, value->val.string.len);
	Interval   *interval;
	double		seconds;

	error_context_stack = &callback;
	interval = DatumGetIntervalP(DirectFunctionCall3(
		interval_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	error_context_stack = callback.previous;
	seconds = ((double) interval->month * DAYS_PER_MONTH + interval->day) * SECS_PER_DAY +
			  (double) interval->time / USECS_PER_SEC;
	if (interval->month < 0 || interval->day < 0 || interval->time < 0 ||
		!(seconds >= option->minimum && seconds <= option->maximum))
		refuse_value(option, value);
	return seconds;
}

static void
set_option(const Option *option, JsonbValue *value, void *options)
{
	char	   *target = (char *) options + option->offset;

	switch (option->type)
	{
		case OPTION_BOOLEAN:
			if (value->type != jbvBool)
				refuse_value(option, value);
			*(bool *) target = value->val.boolean;
			break;
		case OPTION_INTEGER:
		case OPTION_REAL:
			{
				double		number;

				if (value->type != jbvNumeric)
					refuse_value(option, value);
				number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
															NumericGetDatum(value->val.numeric)));
				if (!(number >= option->minimum && number <= option->maximum) ||
					(option->type == OPTION_INTEGER && number != floor(number)))
					refuse_value(option, value);
				if (option->type == OPTION_INTEGER)
					*(int32 *) target = (int32) number;
				else
					*(double *) target = number;
				break;
			}
		case OPTION_INTERVAL:
			if (value->type != jbvString)
				refuse_value(option, value);
			*(double *) target = interval_seconds(option, value);
			break;
		case OPTION_CHOICE:
			if (value->type == jbvString)
			{
				for (int i = 0; option->choices[i] != NULL; i++)
				{
					if ((int) strlen(option->choices[i]) == value->val.string.len &&
						memcmp(option->choices[i], value->val.string.val, value->val.string.len) ==
							0)
					{
						*(int32 *) target = i;
						return;
					}
				}
			}
			refuse_value(option, value);
			break;
	}
}

static void
set_default(const Option *option, const char *text, void *options)
{
	JsonbValue	value;

	if (option->type == OPTION_CHOICE || option->type == OPTION_INTERVAL)
	{
		value.type = jbvString;
		value.val.string.val = pstrdup(text);
		value.val.string.len = strlen(text);
	}
	else
		JsonbExtractScalar(
			&DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)))->root, &value);
	set_option(option, &value, options);
}

static void
refuse_unknown_options(const Algorithm *algorithm, Jsonb *given)
{
	JsonbIterator *iterator = JsonbIteratorInit(&given->root);
	JsonbValue	key;
	JsonbIteratorToken token;
	const char *names[64];
	int			n = 0;

	while (algorithm->options[n].name != NULL && n < (int) lengthof(names))
	{
		names[n] = algorithm->options[n].name;
		n++;
	}
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		char	   *name;
		int			i = 0;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(key.val.string.val, key.val.string.len);
		while (i < n && strcmp(names[i], name) != 0)
			i++;
		if (i == n)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("algorithm \"%s\" has no option \"%s\"", algorithm->name,
								   shown_text(name)),
							hint_nearest(name, names, n)));
	}
}

bool
has_option(const Algorithm *algorithm, const char *name)
{
	for (const Option *option = algorithm->options; option->name != NULL; option++)
	{
		if (strcmp(option->name, name) == 0)
			return true;
	}
	return false;
}

/*
 * Whether null is a valid value of the option, whatever the feedback is: options that were written
 * for one feedback may be read for the other.
 */
static bool
may_be_left(const Option *option)
{
	return (option->type == OPTION_REAL || option->type == OPTION_INTEGER) &&
		(option->initial[FEEDBACK_EXPLICIT] == NULL || option->initial[FEEDBACK_IMPLICIT] == NULL);
}

void *
options_read(const Algorithm *algorithm, Jsonb *given, const ModelRow *row)
{
	void	   *options = palloc0(algorithm->options_size);
	CommonOptions *common = options;
	unsigned	needs;

	if (!JB_ROOT_IS_OBJECT(given))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("options must be a JSON object, such as {\"%s\": ...}",
							   algorithm->options[1].name)));
	refuse_unknown_options(algorithm, given);

	/* The first option is feedback, which the defaults of the others depend on. */
	common->feedback = row->source.rating_column != NULL ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT;
	for (const Option *option = algorithm->options; option->name != NULL; option++)
	{
		JsonbValue *value =
			getKeyJsonValueFromContainer(&given->root, option->name, strlen(option->name), NULL);

		if (value != NULL && !(value->type == jbvNull && may_be_left(option)))
			set_option(option, value, options);
		else if (option->initial[common->feedback] != NULL)
			set_default(option, option->initial[common->feedback], options);
		else if (may_be_left(option) && option->type == OPTION_INTEGER)
			*(int32 *) ((char *) options + option->offset) = UNDECIDED;
		else if (may_be_left(option))
			*(double *) ((char *) options + option->offset) = get_float8_nan();
	}
	if (common->feedback == FEEDBACK_EXPLICIT && row->source.rating_column == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("explicit feedback needs a rating column"),
						errhint("Name it with rating_column, or leave out the option \"feedback\": "
								"every row then counts 1.")));
	needs = algorithm_needs(algorithm, options);
	if ((needs & (NEEDS_TIMES | NEEDS_EVENTS)) != 0 && row->source.time_column == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 (needs & NEEDS_TIMES) == 0 || (needs & NEEDS_RATINGS) == 0
					 ? errmsg("algorithm \"%s\" needs the times of the events", algorithm->name)
					 : errmsg("with these options algorithm \"%s\" needs the times of the "
							  "ratings",
							  algorithm->name),
				 errhint("Name their column with time_column.")));
	if ((needs & NEEDS_ITEM_FEATURES) != 0 && row->attributes[SIDE_ITEMS].name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("algorithm \"%s\" needs attributes of the items", algorithm->name),
				 errhint("Name a relation with a row for each item, by the argument items.")));
	return options;
}

/* Appends an option and its value to the text of a JSON object. */
static void
append_option(StringInfo s, const Option *option, const void *options, Jsonb *given)
{
	const char *value = (const char *) options + option->offset;

	appendStringInfoString(s, s->len == 0 ? "{" : ", ");
	escape_json(s, option->name);
	appendStringInfoString(s, ": ");
	if (option_is_undecided(option, options))
	{
		appendStringInfoString(s, "null");
		return;
	}
	switch (option->type)
	{
		case OPTION_BOOLEAN:
			appendStringInfoString(s, *(const bool *) value ? "true" : "false");
			break;
		case OPTION_INTEGER:
			appendStringInfo(s, "%d", *(const int32 *) value);
			break;
		case OPTION_REAL:
			appendStringInfoString(s, float8out_internal(*(const double *) value));
			break;
		case OPTION_INTERVAL:
			{
				JsonbValue *text = getKeyJsonValueFromContainer(&given->root, option->name,
																strlen(option->name), NULL);

				escape_json(s, text == NULL
								   ? option->initial[((const CommonOptions *) options)->feedback]
								   : pnstrdup(text->val.string.val, text->val.string.len));
				break;
			}
		case OPTION_CHOICE:
			escape_json(s, option->choices[*(const int32 *) value]);
			break;
	}
}

static Jsonb *
finish_object(StringInfo s)
{
	appendStringInfoChar(s, '}');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(s->data)));
}

bool
feedback_is_given(Jsonb *given)
{
	return getKeyJsonValueFromContainer(&given->root, "feedback", strlen("feedback"), NULL) != NULL;
}

void
note_feedback(const ModelRow *row)
{
	if (row->source.rating_column != NULL)
		ereport(NOTICE,
				(errmsg("feedback is explicit: column \"%s\" of source \"%s\" is read as ratings",
						row->source.rating_column, get_rel_name(row->source.relid)),
				 errhint("If it holds weights of events, such as counts, use options => "
						 "'{\"feedback\": \"implicit\"}'.")));
}

Jsonb *
options_to_json(const Algorithm *algorithm, const void *options, Jsonb *given)
{
	StringInfoData s;

	initStringInfo(&s);
	for (const Option *option = algorithm->options; option->name != NULL; option++)
		append_option(&s, option, options, given);
	return finish_object(&s);
}

Jsonb *
options_decided(const Algorithm *algorithm, const void *before, const void *options)
{
	StringInfoData s;

	initStringInfo(&s);
	for (const Option *option = algorithm->options; option->name != NULL; option++)
	{
		if (option_is_undecided(option, before))
			append_option(&s, option, options, NULL);
	}
	return s.len == 0 ? NULL : finish_object(&s);
}
