/*
 * report_metrics.c
 *	  The metrics of the model on the page of rec.report.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "function/candidates.h"
#include "function/chart.h"
#include "function/html.h"
#include "function/report.h"
#include "server/memory.h"
#include "utils/float.h"

static void
evaluate_model(void *arg)
{
	Report	   *report = arg;
	const ModelRow *row = report->row;
	SplitPlan	plan = split_plan(report->by_time ? "time" : "random", 0.2, 1, 1, 0);
	Questions	questions = {
		.k = LIST_LENGTH, .exclude_seen = true, .relevant_from = get_float8_nan()};

	report->measured = measure_model("rec.report", row, NULL, &plan, questions,
									 &report->n_measured);
	for (int i = 0; i < report->n_measured; i++)
	{
		const Measured *m = &report->measured[i];

		if (m->figure == FIGURE_HIT_RATE)
			report->verdicts[0] =
				lists_in_words(m->value, m->baseline, &plan, &questions,
							   report_is_explicit(report) ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT,
							   row->source.n_contexts > 0);
		else if (m->figure == FIGURE_MAE)
			report->verdicts[1] = errors_in_words(m->value, m->baseline);
	}
}

/* The caller may not be allowed to read the attributes, or these may be gone, or unfit. */
static bool
is_tolerated(int sqlerrcode)
{
	return is_unfit(sqlerrcode) || sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE ||
		   sqlerrcode == ERRCODE_UNDEFINED_TABLE || sqlerrcode == ERRCODE_UNDEFINED_COLUMN ||
		   sqlerrcode == ERRCODE_UNIQUE_VIOLATION;
}

/*
 * A source may be too small, too large, or unfit for an evaluation: the rest of the page is shown
 * without it.
 */
void
report_measure(Report *report)
{
	report->not_measured =
		memory_attempt(evaluate_model, report, is_tolerated, "a report without metrics");
	if (report->not_measured != NULL)
		report->n_measured = 0;
}

/* ---- the section ---- */

/* The charts, side by side, with the kinds of metrics in each. */
static const struct
{
	const char *title;
	MetricKind	first;
	MetricKind	last;
}			groups[] = {
	{"Errors of predictions: lower is better", METRIC_RATING, METRIC_PROBABILITY},
	{"Accuracy of lists: higher is better", METRIC_RANKING, METRIC_RANKING},
	{"What lists are made of", METRIC_BEYOND_ACCURACY, METRIC_BEYOND_ACCURACY}
};

/* Whether the baseline is outside of the interval, and on which side, in words. */
static const char *
compared_with_baseline(const Measured *m)
{
	MetricKind	kind = metrics[m->figure].kind;

	if (isnan(m->baseline) || isnan(m->low) || isnan(m->high) || kind >= METRIC_BEYOND_ACCURACY)
		return "&#8211;";
	if (m->low <= m->baseline && m->baseline <= m->high)
		return "no clear difference";
	if ((m->baseline < m->low) == (kind == METRIC_RANKING))
		return "<span class=\"better\">better</span>";
	return "<span class=\"worse\">worse</span>";
}

static void
write_metric_row(StringInfo s, const Measured *m)
{
	const Metric *metric = &metrics[m->figure];

	appendStringInfoString(s, "<tr><th scope=\"row\">");
	report_text(s, metric->name);
	appendStringInfo(s, "<span class=\"about\">%s</span>", metric->about);
	appendStringInfo(s,
					 "</th><td class=\"number\" data-name=\"value\">%s</td>"
					 "<td class=\"number\" data-name=\"95 %% interval\">%s</td>",
					 html_number(m->value),
					 isnan(m->low) && isnan(m->high)
						 ? "&#8211;"
						 : psprintf("%s to %s", html_number(m->low), html_number(m->high)));
	appendStringInfo(s,
					 "<td class=\"number\" data-name=\"baseline\">%s</td>"
					 "<td data-name=\"against the baseline\">%s</td>"
					 "<td class=\"number\" data-name=\"users\">%s</td></tr>\n",
					 html_number(m->baseline), compared_with_baseline(m), html_count(m->users));
}

void
report_write_metrics(Report *report)
{
	StringInfo	s = &report->page;
	ChartInterval *rows = palloc(sizeof(ChartInterval) * Max(report->n_measured, 1));

	report_begin_section(s, "metrics", "How good it is", WIDE);
	if (report->not_measured != NULL || report->n_measured == 0)
	{
		appendStringInfoString(s, "<p>There are no metrics");
		if (report->not_measured != NULL)
		{
			appendStringInfoString(s, ": ");
			report_text(s, report->not_measured);
		}
		appendStringInfoString(s, ".</p>\n");
		report_end_section(s);
		return;
	}
	for (int i = 0; i < (int) lengthof(report->verdicts); i++)
	{
		if (report->verdicts[i] != NULL)
			appendStringInfo(s, "<p class=\"verdict\">%c%s.</p>\n",
							 pg_toupper((unsigned char) report->verdicts[i][0]),
							 report->verdicts[i] + 1);
	}
	appendStringInfo(s,
					 "<p class=\"muted\">Trained again on a part of the %s, with the same options, "
					 "and tested on the rest: %s. Lists are of the %d best of all items that a "
					 "user does not have in the first part. The interval is the range of "
					 "95&#160;%% of bootstrap samples of the users. The baseline is, on the same "
					 "parts, the ranking by popularity, of errors the damped means of users and "
					 "items. Each row has a scale of its own.</p>\n",
					 report_rows_called(report),
					 report->by_time ? "each user's last fifth, by time"
									 : "a fifth at random, as the model has no time column",
					 LIST_LENGTH);
	appendStringInfoString(s,
						   "<ul class=\"key\">"
						   "<li><svg viewBox=\"0 0 26 14\" aria-hidden=\"true\">"
						   "<line x1=\"2\" x2=\"24\" y1=\"7\" y2=\"7\" class=\"interval\" />"
						   "<circle cx=\"13\" cy=\"7\" r=\"5\" class=\"dot\" /></svg>"
						   "this model, with its interval</li>"
						   "<li><svg viewBox=\"0 0 26 14\" aria-hidden=\"true\">"
						   "<line x1=\"13\" x2=\"13\" y1=\"0\" y2=\"14\" class=\"mark\" />"
						   "</svg>baseline</li></ul>\n<div class=\"charts\">\n");
	for (int g = 0; g < (int) lengthof(groups); g++)
	{
		int			n = 0;

		for (int i = 0; i < report->n_measured; i++)
		{
			const Measured *m = &report->measured[i];
			const Metric *metric = &metrics[m->figure];

			if (metric->kind >= groups[g].first && metric->kind <= groups[g].last &&
				isfinite(m->value))
				rows[n++] =
					(ChartInterval) {metric->name, m->value, m->low, m->high, m->baseline};
		}
		if (n == 0)
			continue;
		appendStringInfo(s, "<div><h3>%s</h3>\n", groups[g].title);
		chart_intervals(
			s,
			&(ChartText){psprintf("metrics-%d", g), groups[g].title,
						 "A row for each metric: a dot for its value on a line for its interval, "
						 "and an upright mark for the baseline. The table below has the numbers.",
						 "", ""},
			rows, n);
		appendStringInfoString(s, "</div>\n");
	}
	appendStringInfoString(s,
						   "</div>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
						   "aria-label=\"metrics\"><table class=\"stack\"><thead><tr>"
						   "<th scope=\"col\">metric</th>"
						   "<th scope=\"col\" class=\"number\">value</th>"
						   "<th scope=\"col\" class=\"number\">95&#160;% interval</th>"
						   "<th scope=\"col\" class=\"number\">baseline</th>"
						   "<th scope=\"col\">against it</th>"
						   "<th scope=\"col\" class=\"number\">users</th></tr></thead><tbody>\n");
	for (int i = 0; i < report->n_measured; i++)
		write_metric_row(s, &report->measured[i]);
	appendStringInfoString(s,
						   "</tbody></table></div>\n<p class=\"muted\">Better or worse: the "
						   "baseline is outside of the interval.</p>\n");
	report_end_section(s);
}
