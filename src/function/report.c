/*
 * report.c
 *	  A page that shows a model: rec.report.
 *
 * The page is one HTML document that includes its style sheet and charts: it has no script, and
 * loads nothing. It is well-formed XML, all in ASCII.
 *
 * The figures are read with the caller's privileges: the log of training, an evaluation, the source
 * through the executor, the model in memory. Lists are made for a sample of the users, at regular
 * intervals in the order of their ids, and the map shows only the items with most ratings. So the
 * cost of the page, besides reading the source and the evaluation, does not grow with either.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/xact.h"
#include "function/chart.h"
#include "function/html.h"
#include "function/report.h"
#include "function/report_style.h"
#include "model/options.h"
#include "server/messages.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rec_report);

/* The most characters of a name or another text of the user's. */
#define TEXT_CHARACTERS 200

bool
report_is_explicit(const Report *report)
{
	return ((const CommonOptions *) report->model->options)->feedback == FEEDBACK_EXPLICIT;
}

/* A time in UTC, to the minute. */
static char *
shown_time(TimestampTz time)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (timestamp2tm(time, NULL, &tm, &fraction, NULL, NULL) != 0)
		return "unknown";
	return psprintf("%04d-%02d-%02d %02d:%02d", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour,
					tm.tm_min);
}

/* Bytes of a table on disk, with its indexes; 0 where there is none. */
static int64
table_bytes(Oid relid)
{
	LOCAL_FCINFO(call, 1);
	Datum		bytes;

	InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
	call->args[0].value = ObjectIdGetDatum(relid);
	call->args[0].isnull = false;
	bytes = pg_total_relation_size(call);
	return call->isnull ? 0 : DatumGetInt64(bytes);
}

/* Bytes of all tables of a model. */
static int64
model_bytes(const ModelRow *row)
{
	int64		bytes = 0;

	for (int k = 0; k < N_TABLES; k++)
		bytes += table_bytes(row->tables[k]);
	return bytes;
}

const char *
report_rows_called(const Report *report)
{
	return report_is_explicit(report) ? "ratings" : "events";
}

/* ---- the page ---- */

void
report_text(StringInfo s, const char *text)
{
	appendStringInfoString(s, "<bdi>");
	html_short_text(s, text, TEXT_CHARACTERS);
	appendStringInfoString(s, "</bdi>");
}

void
report_begin_section(StringInfo s, const char *name, const char *title, const char *style)
{
	appendStringInfo(s, "<section id=\"%s\"%s>\n<h2>%s</h2>\n", name, style, title);
}

void
report_end_section(StringInfo s)
{
	appendStringInfoString(s, "</section>\n");
}

static void
write_fact(StringInfo s, const char *name, const char *value)
{
	appendStringInfo(s, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void
write_head(Report *report)
{
	StringInfo	s = &report->page;
	const ModelRow *row = report->row;

	appendStringInfoString(s,
						   "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
						   "<meta charset=\"utf-8\" />\n"
						   "<meta name=\"viewport\" content=\"width=device-width, "
						   "initial-scale=1\" />\n"
						   "<meta name=\"color-scheme\" content=\"light dark\" />\n<title>");
	html_short_text(s, report->name, TEXT_CHARACTERS);
	appendStringInfo(
		s, ": a recommendation model</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>",
		style_sheet);
	report_text(s, report->name);
	appendStringInfoString(s, "</h1>\n<p class=\"muted\">A recommendation model, the table ");
	report_text(s, report->table);
	appendStringInfoString(s, ", trained on ");
	report_text(s, report->source);
	appendStringInfoString(s, " (user ");
	report_text(s, row->source.user_column);
	appendStringInfoString(s, ", item ");
	report_text(s, row->source.item_column);
	if (row->source.rating_column != NULL)
	{
		appendStringInfoString(s, report_is_explicit(report) ? ", rating " : ", weight ");
		report_text(s, row->source.rating_column);
	}
	if (row->source.time_column != NULL)
	{
		appendStringInfoString(s, ", time ");
		report_text(s, row->source.time_column);
	}
	appendStringInfoString(s, ").</p>\n<dl>\n");
	write_fact(s, "algorithm", report->model->algorithm->name);
	write_fact(s, "version", html_count(row->version));
	write_fact(s, "trained", psprintf("%s UTC", shown_time(row->trained_at)));
	write_fact(s, "training took",
		 psprintf("%s s", row->seconds < 10 ? psprintf("%.2f", row->seconds)
											: html_count((int64) rint(row->seconds))));
	write_fact(s, report_is_explicit(report) ? "ratings" : "pairs of user and item",
		 html_count(row->rows));
	write_fact(s, "users", html_count(row->n_rows[SIDE_USERS]));
	write_fact(s, "items", html_count(row->n_rows[SIDE_ITEMS]));
	write_fact(s, "on disk",
		 text_to_cstring(DatumGetTextPP(DirectFunctionCall1(
			 pg_size_pretty,
			 Int64GetDatum(model_bytes(row))))));
	appendStringInfoString(s, "</dl>\n</header>\n<main>\n");
}

/* ---- loss ---- */

/*
 * The losses, or the qualities in validation, after each iteration that has one. Rows of
 * rec.iteration may be written by hand; the chart computes with numbers in the range of float.
 */
static ChartLine
line_of_iterations(const Report *report, bool validation)
{
	ChartLine	line = {"model", 0, palloc(sizeof(double) * Max(report->n_iterations, 1)),
		palloc(sizeof(double) * Max(report->n_iterations, 1)), report->n_iterations <= 50};

	for (int i = 0; i < report->n_iterations; i++)
	{
		const IterationRow *row = &report->iterations[i];
		double		y = validation ? row->validation : row->loss;

		if (!isfinite((float) y))
			continue;
		line.x[line.n] = i + 1;
		line.y[line.n++] = y;
	}
	return line;
}

/* id, title: of the chart; name: of what it shows */
static void
draw_iterations(StringInfo s, const ChartLine *line, const char *id, const char *title,
				const char *name)
{
	int			last = line->n - 1;
	ChartText	text = {id, title,
					  psprintf("A line from %s after iteration %g to %s after iteration %g.",
							   html_number(line->y[0]), line->x[0], html_number(line->y[last]),
							   line->x[last]),
					  "iteration", name};

	chart_lines(s, &text, line, 1, false, false);
}

static void
write_loss(Report *report)
{
	StringInfo	s = &report->page;
	ChartLine	line = line_of_iterations(report, false);
	ChartLine	validation = line_of_iterations(report, true);

	report_begin_section(s, "loss", "Loss in training",
				  line.n > 1 && report_vector_column(report->model) >= 0 ? "" : WIDE);
	if (line.n == 0)
		appendStringInfo(s, "<p>There is none: the algorithm %s counts, and lowers no loss.</p>\n",
						 report->model->algorithm->name);
	else if (line.n == 1)
		appendStringInfo(s, "<p>It was trained in one step, which left a loss of %s.</p>\n",
						 html_number(line.y[0]));
	else
	{
		appendStringInfo(
			s, "<p class=\"muted\">From %s after the first iteration to %s after the last.</p>\n",
			html_number(line.y[0]), html_number(line.y[line.n - 1]));
		draw_iterations(s, &line, "loss-chart", "Loss after each iteration", "loss");
	}
	if (validation.n > 1)
	{
		appendStringInfoString(
			s, "<p class=\"muted\">Quality on the part of the ratings that it held out.</p>\n");
		draw_iterations(s, &validation, "validation-chart", "Quality after each iteration",
						"validation");
	}
	report_end_section(s);
}

/* ---- options ---- */

static void
write_options(Report *report)
{
	StringInfo	s = &report->page;
	const Algorithm *algorithm = report->model->algorithm;
	const CommonOptions *common = report->model->options;
	Jsonb	   *options = options_to_json(algorithm, report->model->options, report->row->options);

	report_begin_section(s, "options", "Options", WIDE);
	appendStringInfo(s, "<p class=\"muted\">%s: %s.</p>\n", algorithm->name,
					 algorithm->description);
	appendStringInfoString(s,
						   "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
						   "aria-label=\"options\"><table class=\"stack\"><thead><tr>"
						   "<th scope=\"col\">option</th><th scope=\"col\">value</th>"
						   "<th scope=\"col\">default</th></tr></thead><tbody>\n");
	for (const Option *option = algorithm->options; option->name != NULL; option++)
	{
		const char *initial = option->initial[common->feedback];
		char	   *value = text_to_cstring(DatumGetTextPP(DirectFunctionCall2(
			jsonb_object_field_text, JsonbPGetDatum(options), CStringGetTextDatum(option->name))));

		appendStringInfo(s, "<tr><th scope=\"row\">%s<span class=\"about\">", option->name);
		html_text(s, option->description);
		appendStringInfoString(s, "</span></th><td data-name=\"value\">");
		report_text(s, value);
		appendStringInfoString(s, "</td><td data-name=\"default\">");
		html_text(s, initial == NULL ? "by the source" : initial);
		appendStringInfoString(s, "</td></tr>\n");
	}
	appendStringInfoString(s, "</tbody></table></div>\n");
	report_end_section(s);
}

PGDLLEXPORT Datum
rec_report(PG_FUNCTION_ARGS)
{
	Report	   *report = palloc0(sizeof(Report));

	report->loaded = loaded_model(PG_GETARG_OID(0));
	report->model = &report->loaded->model;
	report->row = report->loaded->row;
	report->table = quoted_relation(report->row->model);
	report->name = get_rel_name(report->row->model);
	if (report->name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("model \"%s\" was dropped concurrently", report->table)));
	report->by_time = report->row->source.time_column != NULL;
	report->iterations =
		catalog_iterations(report->row->model, report->row->version, &report->n_iterations);
	report_read_source(report);
	report_measure(report);

	initStringInfo(&report->page);
	write_head(report);
	report_write_metrics(report);
	report_write_ratings(report);
	report_write_exposure(report);
	report_write_map(report);
	write_loss(report);
	write_options(report);
	appendStringInfo(
		&report->page,
		"</main>\n<footer>Made by rec.report at %s UTC. %s, lists and metrics are as of then; the "
		"model is version %s.</footer>\n</body>\n</html>\n",
		shown_time(GetCurrentTransactionStartTimestamp()),
		report_is_explicit(report) ? "Ratings" : "Events", html_count(report->row->version));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(report->page.data, report->page.len));
}
