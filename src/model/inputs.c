/*
 * inputs.c
 *	  The inputs of a model: other models, whose lists it makes one list of.
 */
#include "postgres.h"
#include "server/compat.h"

#include "miscadmin.h"
#include "model/catalog.h"
#include "model/inputs.h"
#include "server/messages.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

Oid
input_model(const ModelRow *row, int i)
{
	const NotedRelation *noted = &row->inputs[i];
	Oid			relid;
	RelationMeaning meaning = relation_meant(noted, row->model, &relid);
	const char *model = get_rel_name(row->model);
	char	   *hint = psprintf("SELECT rec.alter_model(%s, inputs => '{...}') names others.",
								quote_literal_cstr(quoted_relation(row->model)));

	if (meaning == RELATION_GONE)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("input %s of model \"%s\" does not exist", noted->name, model),
						errhint("%s", hint)));
	if (meaning == RELATION_REFUSED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("model %s is not accepted as an input of model \"%s\"", noted->name, model),
				 errdetail("It has the name of the input, but is another model, and belongs "
						   "neither to the owner of the input, nor to that of the model, nor to a "
						   "superuser."),
				 errhint("%s", hint)));
	if (catalog_find(relid, NULL) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("input %s of model \"%s\" is no longer a model", noted->name, model),
				 errhint("%s", hint)));
	return relid;
}

/* How deep inputs may have inputs. */
#define MOST_DEPTH 8

void
input_check_depth(Oid model, int depth)
{
	if (depth > MOST_DEPTH)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("inputs of model \"%s\" are more than %d deep", get_rel_name(model),
							   MOST_DEPTH)));
}

bool
input_reaches(Oid model, Oid wanted)
{
	ModelRow   *row = catalog_find(model, NULL);

	/* rows that were written by hand may form a circle */
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (model == wanted)
		return true;
	for (int i = 0; row != NULL && i < row->n_inputs; i++)
	{
		Oid			relid;

		if (relation_meant(&row->inputs[i], model, &relid) != RELATION_GONE &&
			input_reaches(relid, wanted))
			return true;
	}
	return false;
}
