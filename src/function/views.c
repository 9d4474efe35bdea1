/*
 * views.c
 *	  The functions behind the views rec.algorithms, rec.metrics, rec.training_progress and
 *	  rec.shared_models.
 */
#include "postgres.h"
#include "server/compat.h"

#include "algorithm/algorithm.h"
#include "commands/trigger.h"
#include "function/rows.h"
#include "miscadmin.h"
#include "model/options.h"
#include "model/shared_cache.h"
#include "run/figures.h"
#include "server/progress.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rec_list_algorithms);
PG_FUNCTION_INFO_V1(rec_list_metrics);
PG_FUNCTION_INFO_V1(rec_list_trainings);
PG_FUNCTION_INFO_V1(rec_list_shared_models);
PG_FUNCTION_INFO_V1(rec_refuse_write);

/* ---- algorithms ---- */

/* A default for the view: one value, or one for each kind of feedback. */
static char *
shown_default(const Option *option)
{
	const char *explicit = option->initial[FEEDBACK_EXPLICIT];
	const char *implicit = option->initial[FEEDBACK_IMPLICIT];

	if (explicit == NULL || implicit == NULL)
		return NULL;
	if (strcmp(explicit, implicit) == 0)
		return pstrdup(explicit);
	return psprintf("%s (explicit), %s (implicit)", explicit, implicit);
}

static void
add_option(const Rows *rows, const Algorithm *algorithm, const Option *option)
{
	Datum		values[7];
	bool		nulls[7] = {false};
	char	   *initial = shown_default(option);
	bool		number = option->type == OPTION_INTEGER || option->type == OPTION_REAL;

	values[0] = CStringGetTextDatum(algorithm->name);
	values[1] = CStringGetTextDatum(option->name);
	values[2] = CStringGetTextDatum(option_type_name(option));
	set_text(values, nulls, 3, initial);
	nulls[4] = nulls[5] = !number;
	values[4] = Float8GetDatum(option->minimum);
	values[5] = Float8GetDatum(option->maximum);
	values[6] = CStringGetTextDatum(option->description);
	rows_add(rows, values, nulls);
}

PGDLLEXPORT Datum
rec_list_algorithms(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);

	for (int i = 0; algorithms[i] != NULL; i++)
	{
		for (const Option *option = algorithms[i]->options; option->name != NULL; option++)
			add_option(&rows, algorithms[i], option);
	}
	return (Datum) 0;
}

/* ---- metrics ---- */

PGDLLEXPORT Datum
rec_list_metrics(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);

	for (int f = 0; f < N_FIGURES; f++)
	{
		const Metric *metric = &metrics[f];
		Datum		values[7] = {CStringGetTextDatum(metric->name),
						   CStringGetTextDatum(metric_kind_name(metric->kind)),
						   CStringGetTextDatum(metric->formula),
						   Float8GetDatum(metric->minimum),
						   Float8GetDatum(metric->maximum),
						   CStringGetTextDatum(metric->direction > 0   ? "higher"
											   : metric->direction < 0 ? "lower"
																	   : "neither"),
						   CStringGetTextDatum(metric->source)};
		bool		nulls[7] = {false};

		rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}

/* ---- trainings in progress ---- */

static const char *
phase_name(ProgressPhase phase)
{
	switch (phase)
	{
		case PHASE_WAITING:
			return "waiting";
		case PHASE_READING:
			return "reading";
		case PHASE_TRAINING:
			return "training";
		case PHASE_SCORING:
			return "scoring";
		case PHASE_WRITING:
			return "writing";
	}
	return "unknown";
}

/* Everybody may query the views; each user sees the models that they may read. */
static bool
may_read(Oid relid)
{
	bool		is_missing = false;

	return pg_class_aclcheck_ext(relid, GetUserId(), ACL_SELECT, &is_missing) == ACLCHECK_OK &&
		   !is_missing;
}

PGDLLEXPORT Datum
rec_list_trainings(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	Progress	progress[PROGRESS_SLOTS];
	int			n = progress_read(progress, PROGRESS_SLOTS);

	for (int i = 0; i < n; i++)
	{
		const Progress *p = &progress[i];
		Datum		values[11] = {Int32GetDatum(p->pid),
						   ObjectIdGetDatum(p->model),
						   CStringGetTextDatum(phase_name(p->phase)),
						   Int32GetDatum(p->iteration),
						   Int32GetDatum(p->iterations),
						   Int64GetDatum(p->done),
						   Int64GetDatum(p->total),
						   Int32GetDatum(p->workers),
						   TimestampTzGetDatum(p->started_at)};
		bool		nulls[11] = {false};

		set_number(values, nulls, 9, p->loss);
		set_number(values, nulls, 10, p->validation);
		if (may_read(p->model))
			rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}

/* ---- models that all sessions share ---- */

PGDLLEXPORT Datum
rec_list_shared_models(PG_FUNCTION_ARGS)
{
	Rows		rows = rows_begin(fcinfo);
	SharedInfo *infos = palloc(sizeof(SharedInfo) * SHARED_COPIES);
	int			n = shared_list(infos);

	for (int i = 0; i < n; i++)
	{
		Datum		values[3] = {ObjectIdGetDatum(infos[i].relid),
						   Int64GetDatum((int64) infos[i].bytes),
						   TimestampTzGetDatum(infos[i].last_used)};
		bool		nulls[3] = {false};

		if (may_read(infos[i].relid))
			rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}

/* ---- writing ---- */

/*
 * The trigger on views through which PostgreSQL would let a superuser write to the tables below.
 * Their rows would then not fit each other or the model's tables.
 */
PGDLLEXPORT Datum
rec_refuse_write(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("rec.refuse_write() must be called by a trigger")));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("view \"%s\" cannot be written", RelationGetRelationName(trigger->tg_relation)),
			 errdetail("It shows the definitions of models, and what their trainings reported."),
			 errhint("Models are changed by rec.alter_model, trained by rec.train, and dropped by "
					 "DROP TABLE.")));
}
