/*
 * report.c
 *	  A page to look at: rec.report.
 *
 * The page is one HTML document with its style sheet and charts in it: no script, nothing to
 * load. It is well-formed XML, all in ASCII.
 *
 * The figures come with the caller's privileges from where a caller would have them from: the log
 * of training, an evaluation, the source through the executor, the model in memory. Lists are
 * made for a sample of the users, every so many-th in the order of their ids, and the map is of
 * the most rated items only; so what the page takes beside reading the source and the evaluation
 * does not grow with either.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "function/candidates.h"
#include "function/chart.h"
#include "function/html.h"
#include "kernel/eigen.h"
#include "miscadmin.h"
#include "model/model_cache.h"
#include "model/options.h"
#include "run/top_lists.h"
#include "server/memory.h"
#include "server/messages.h"
#include "server/progress.h"
#include "source/source.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rec_report);

/* Entries of a list. */
#define LIST_LENGTH 10

/* Users whose lists are made, at most. */
#define SAMPLE_USERS 2000

/* Items on the map, and labels, at most. */
#define MAP_ITEMS 2000
#define MAP_LABELS 20

/* Bars of a histogram, at most. */
#define MOST_BARS 24

/* Places of a line. */
#define LINE_POINTS 160

/* Characters of a name or another text of the user's, at most. */
#define TEXT_CHARACTERS 200

/* Between two checks for interrupts. */
#define BLOCK 65536

/* ---- what is read ---- */

typedef struct Report
{
	StringInfoData page;
	LoadedModel *loaded;
	const Model *model;
	const ModelRow *row;
	/* of the model's table, which may be gone when the page is written, */
	char	   *name;
	char	   *table;			/* the same as in SQL, */
	char	   *source;			/* and the source's */
	bool		by_time;		/* how the evaluation splits */

	int			n_iterations;
	double	   *losses;			/* after each */

	int			n_measured;
	Measured   *measured;
	char	   *not_measured;	/* why there are no metrics, or NULL */
	/* what they come to, in words, of lists and of predicted ratings; NULL where there is none */
	char	   *verdicts[2];

	int64		n_users;		/* of the source */
	int64		n_entries;		/* ratings of known items */
	int64		n_unusable;		/* of them, those that training would refuse */
	int64		n_sample;		/* users whose lists were made */
	int64	   *rated;			/* of each item: its ratings, */
	int64	   *listed;			/* and its places in lists */
	int			n_bars;
	bool		bars_are_ranges;
	double		bar_values[MOST_BARS + 2];
	double		bar_heights[MOST_BARS + 1];
} Report;

static bool
is_explicit(const Report *report)
{
	return ((const CommonOptions *) report->model->options)->feedback == FEEDBACK_EXPLICIT;
}

/* A moment in UTC, to the minute. */
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

/* Bytes on disk of a table, with its indexes; 0 where there is none. */
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

/* What the rows of the source are called. */
static const char *
rows_called(const Report *report)
{
	return is_explicit(report) ? "ratings" : "events";
}

static void
measure(void *arg)
{
	Report	   *report = arg;
	const ModelRow *row = report->row;
	SplitPlan	plan = split_plan(report->by_time ? "time" : "random", 0.2, 1, 1, 0);
	Questions	questions = {.k = LIST_LENGTH, .relevant_from = get_float8_nan()};

	report->measured = measure_model(row, NULL, &plan, questions, &report->n_measured);
	for (int i = 0; i < report->n_measured; i++)
	{
		const Measured *m = &report->measured[i];

		if (strcmp(m->metric, figure_name(FIGURE_HIT_RATE)) == 0)
			report->verdicts[0] =
				lists_in_words(m->value, m->baseline, &plan, &questions,
							   is_explicit(report) ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT);
		else if (strcmp(m->metric, figure_name(FIGURE_MAE)) == 0)
			report->verdicts[1] = errors_in_words(m->value, m->baseline);
	}
}

/*
 * A source may be too small or too large for an evaluation, or not fit for it: the rest of the
 * page does without.
 */
static void
evaluate(Report *report)
{
	report->not_measured = memory_attempt(measure, report, is_unfit, "a report without metrics");
	if (report->not_measured != NULL)
		report->n_measured = 0;
}

/* ---- the distribution of ratings ---- */

/* The next distance between edges of bars: 1, 2 or 5 times a power of ten. */
static double
round_up(double step)
{
	double		power = pow(10, floor(log10(step)));
	double		digits = step / power;

	return power * (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10);
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/*
 * A bar for each value where they are few, else for ranges: of equal widths, or of equal ratios
 * where values are of very different sizes.
 */
static void
make_bars(Report *report, const SparseMatrix *profiles)
{
	int64		n = profiles->start[profiles->n_rows];
	double		minimum = INFINITY;
	double		maximum = -INFINITY;
	int			distinct = 0;
	bool		by_ratio;
	double		step;
	double		first;

	for (int64 e = 0; e < n; e++)
	{
		double		value = profiles->value[e];
		int			i = 0;

		if (e % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		if (isnan(value))
		{
			report->n_unusable++;
			continue;
		}
		minimum = fmin(minimum, value);
		maximum = fmax(maximum, value);
		if (distinct > MOST_BARS)
			continue;
		while (i < distinct && report->bar_values[i] != value)
			i++;
		if (i == distinct)
			report->bar_values[distinct++] = value;
	}
	if (distinct == 0)
		return;
	report->bars_are_ranges = distinct > MOST_BARS;
	if (!report->bars_are_ranges)
	{
		report->n_bars = distinct;
		qsort(report->bar_values, distinct, sizeof(double), compare_doubles);
	}
	by_ratio = minimum > 0 && maximum / minimum > 200;
	if (by_ratio)
	{
		step = ceil(log2(maximum / minimum) / (MOST_BARS - 2));
		first = floor(log2(minimum) / step);
	}
	else
	{
		step = round_up((maximum - minimum) / (MOST_BARS - 4));
		first = floor(minimum / step);
	}
	for (int i = 0; report->bars_are_ranges && i <= MOST_BARS; i++)
	{
		report->bar_values[i] = by_ratio ? exp2((first + i) * step) : (first + i) * step;
		if (i > 0 && report->bar_values[i - 1] <= maximum)
			report->n_bars = i;
	}
	for (int64 e = 0; e < n; e++)
	{
		double		value = profiles->value[e];
		int			low = 0;
		int			high = report->n_bars - 1;

		if (e % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		if (isnan(value))
			continue;
		/* the last bar that begins at the value or before it */
		while (low < high)
		{
			int			middle = (low + high + 1) / 2;

			if (report->bar_values[middle] <= value)
				low = middle;
			else
				high = middle - 1;
		}
		report->bar_heights[low]++;
	}
}

/* ---- lists of a sample of users ---- */

/* Every so many-th profile, in the memory. */
static SparseMatrix
sample_profiles(const SparseMatrix *from, TrainingMemory *memory)
{
	int64		step = Max(1, (from->n_rows + SAMPLE_USERS - 1) / SAMPLE_USERS);
	SparseMatrix to;
	int64		n = 0;

	for (int64 u = 0; u < from->n_rows; u += step)
		n += from->start[u + 1] - from->start[u];
	source_allocate_matrix(&to, (from->n_rows + step - 1) / step, from->n_columns, n, false,
						   memory);
	for (int64 u = 0; u < to.n_rows; u++)
	{
		int64		first = from->start[u * step];
		int64		entries = from->start[u * step + 1] - first;

		CHECK_FOR_INTERRUPTS();
		memcpy(to.column + to.start[u], from->column + first, sizeof(int32) * entries);
		memcpy(to.value + to.start[u], from->value + first, sizeof(float) * entries);
		to.start[u + 1] = to.start[u] + entries;
	}
	return to;
}

/* Reads the source, and makes lists. */
static void
read_exposure(Report *report)
{
	LoadedModel *loaded = report->loaded;
	int64		n_items = loaded->model.items.n_rows;
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(outer, "rec report", ALLOCSET_DEFAULT_SIZES);
	TrainingMemory *memory = training_memory_create(context);
	const SparseMatrix *profiles;
	SparseMatrix sample;
	TrainingData *data;
	Source	   *source;
	Model		copy;
	const SearchIndex *index;
	Batch	   *batch;

	report->rated =
		palloc_extended(sizeof(int64) * Max(n_items, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	report->listed =
		palloc_extended(sizeof(int64) * Max(n_items, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	progress_begin(loaded->relid, 0);
	progress_phase(PHASE_READING, 0);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(context);
	source = source_open_locked(report->row, report->model->options, context);
	source_serve(source, report->row, &loaded->items->type);
	/* the bars are of what is in the source; the lists' profiles are weighed below */
	source->weight = WEIGHT_LINEAR;
	report->source = MemoryContextStrdup(outer, source->name);
	PushActiveSnapshot(GetTransactionSnapshot());
	data = source_read_profiles(source, loaded->items, context);
	PopActiveSnapshot();
	memory_require(2 * source_matrix_bytes(data) + batch_model_bytes(loaded) +
					   batch_bytes(&loaded->model, Min(data->users->n, SAMPLE_USERS), LIST_LENGTH),
				   psprintf("a report of model \"%s\"", get_rel_name(loaded->relid)));
	source_build_profiles(data, memory);
	SPI_finish();
	MemoryContextSwitchTo(context);

	profiles = &data->ratings.by_user;
	report->n_users = profiles->n_rows;
	report->n_entries = profiles->start[profiles->n_rows];
	for (int64 e = 0; e < report->n_entries; e++)
	{
		if (e % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		report->rated[profiles->column[e]]++;
	}
	make_bars(report, profiles);
	if (n_items > 0 && profiles->n_rows > 0)
	{
		sample = sample_profiles(profiles, memory);
		weigh_events(weight_of_events(report->model->options), sample.value,
					 sample.start[sample.n_rows]);
		index = batch_copy_model(loaded, &copy, memory);
		batch = batch_create(&copy, index, &sample, LIST_LENGTH, memory);
		batch_run(batch);
		for (int64 u = 0; u < sample.n_rows; u++)
		{
			report->n_sample += batch->counts[u] > 0;
			for (int i = 0; i < batch->counts[u]; i++)
				report->listed[batch->lists[u * batch->n + i].index]++;
		}
	}
	progress_end();
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
}

/* ---- the page ---- */

/* A section as wide as the page; others may be side by side. */
#define WIDE " class=\"wide\""

static const char *const style_sheet =
	"*{box-sizing:border-box}\n"
	":root{color-scheme:light "
	"dark;--page:#f4f6f8;--surface:#ffffff;--text:#1b2128;--muted:#55606c;--grid:#dde2e8;--base:#"
	"8b96a2;--accent:#0b62b8;--second:#a34a00;--point:#0b62b8}\n"
	"@media "
	"(prefers-color-scheme:dark){:root{--page:#0e1216;--surface:#171c22;--text:#e7ebf0;--muted:#"
	"a0abb7;--grid:#2c343d;--base:#6d7884;--accent:#74b4ff;--second:#f2a154;--point:#74b4ff}}\n"
	"body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 "
	"system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu "
	"Sans\",sans-serif;overflow-wrap:anywhere}\n"
	"main,header,footer{max-width:1200px;margin:0 auto;padding:0 12px}\n"
	"header{padding-top:20px}\n"
	"footer{padding:8px 12px 28px;color:var(--muted);font-size:13px}\n"
	"h1{font-size:26px;line-height:1.2;margin:0 0 4px}\n"
	"h2{font-size:18px;line-height:1.3;margin:0 0 6px}\n"
	"h3{font-size:15px;margin:16px 0 4px}\n"
	"p{margin:0 0 10px}\n"
	".muted{color:var(--muted)}\n"
	".verdict{font-size:17px;font-weight:600}\n"
	"main{display:grid;grid-template-columns:minmax(0,1fr);gap:12px}\n"
	"section{background:var(--surface);border:1px solid var(--grid);border-radius:8px;padding:14px "
	"12px}\n"
	"dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:8px;margin:14px "
	"0}\n"
	"dl div{background:var(--surface);border:1px solid var(--grid);border-radius:8px;padding:8px "
	"10px}\n"
	"dt{color:var(--muted);font-size:13px}\n"
	"dd{margin:0;font-size:17px;font-weight:600}\n"
	".charts{display:grid;grid-template-columns:minmax(0,1fr);gap:4px 28px}\n"
	".key{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:0 0 "
	"8px;padding:0;font-size:13px;color:var(--muted)}\n"
	".key svg{display:inline-block;width:26px;height:14px;vertical-align:-2px;margin:0 6px 0 0}\n"
	"svg{display:block;width:100%;max-width:560px;height:auto}\n"
	"svg.map{max-width:600px;margin:0 auto}\n"
	"svg text{font-size:13px;fill:var(--text)}\n"
	"svg .axis,svg .tick{fill:var(--muted)}\n"
	"svg .label{paint-order:stroke;stroke:var(--surface);stroke-width:3px;stroke-linejoin:round}\n"
	".grid{stroke:var(--grid);stroke-width:1}\n"
	".base{stroke:var(--base);stroke-width:1}\n"
	".frame{fill:none;stroke:var(--grid)}\n"
	".line{fill:none;stroke-width:2.2;stroke-linejoin:round}\n"
	".model{stroke:var(--accent)}\n"
	".ratings{stroke:var(--second);stroke-dasharray:6 4}\n"
	".dot{fill:var(--accent);stroke:var(--surface);stroke-width:1.5}\n"
	".bar{fill:var(--accent)}\n"
	".interval{stroke:var(--accent);stroke-width:3;stroke-linecap:round}\n"
	".mark{stroke:var(--second);stroke-width:3}\n"
	".point{fill:var(--point);fill-opacity:.38;stroke:var(--surface);stroke-width:.4}\n"
	".scroll{overflow-x:auto}\n"
	"table{overflow-wrap:break-word;border-collapse:collapse;width:100%;font-size:14px;font-"
	"variant-numeric:tabular-nums}\n"
	"th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid "
	"var(--grid)}\n"
	"th{font-weight:600;color:var(--muted)}\n"
	"th:last-child,td:last-child{padding-right:0}\n"
	"tbody th{color:var(--text);overflow-wrap:anywhere;min-width:110px}\n"
	".number{text-align:right;white-space:nowrap}\n"
	".about{display:block;color:var(--muted);font-weight:400;font-size:13px}\n"
	".better{color:var(--accent);font-weight:600}\n"
	".worse{color:var(--second);font-weight:600}\n"
	"@media (max-width:699px){.stack thead{display:none}.stack tbody,.stack tr,.stack th,.stack "
	"td{display:block;border:0;padding:0}"
	".stack tr{border-bottom:1px solid var(--grid);padding:8px 0}.stack "
	"td{display:flex;justify-content:space-between;gap:12px}"
	".stack td::before{content:attr(data-name);color:var(--muted)}}\n"
	"@media (min-width:560px){svg text{font-size:10px}}\n"
	"@media "
	"(min-width:700px){main,header,footer{padding-left:24px;padding-right:24px}section{padding:"
	"18px "
	"20px}h1{font-size:32px}}\n"
	"@media (min-width:760px){.charts{grid-template-columns:repeat(2,minmax(0,1fr))}.charts svg "
	"text{font-size:13px}}\n"
	"@media "
	"(min-width:960px){main{grid-template-columns:repeat(2,minmax(0,1fr))}.wide{grid-column:1/"
	"-1}}\n"
	"@media (min-width:1080px){.charts{grid-template-columns:repeat(3,minmax(0,1fr))}}\n";

static void
text_of(StringInfo s, const char *text)
{
	appendStringInfoString(s, "<bdi>");
	html_short_text(s, text, TEXT_CHARACTERS);
	appendStringInfoString(s, "</bdi>");
}

static void
begin_section(StringInfo s, const char *name, const char *title, const char *style)
{
	appendStringInfo(s, "<section id=\"%s\"%s>\n<h2>%s</h2>\n", name, style, title);
}

static void
end_section(StringInfo s)
{
	appendStringInfoString(s, "</section>\n");
}

static void
fact(StringInfo s, const char *name, const char *value)
{
	appendStringInfo(s, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void
write_head(Report *report)
{
	StringInfo	s = &report->page;
	const ModelRow *row = report->row;

	appendStringInfoString(s,
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
						   "<meta name=\"viewport\" content=\"width=device-width, "
						   "initial-scale=1\" />\n"
						   "<meta name=\"color-scheme\" content=\"light dark\" />\n<title>");
	html_short_text(s, report->name, TEXT_CHARACTERS);
	appendStringInfo(
		s, ": a recommendation model</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>",
		style_sheet);
	text_of(s, report->name);
	appendStringInfoString(s, "</h1>\n<p class=\"muted\">A recommendation model, the table ");
	text_of(s, report->table);
	appendStringInfoString(s, ", trained on ");
	text_of(s, report->source);
	appendStringInfoString(s, " (user ");
	text_of(s, row->user_column);
	appendStringInfoString(s, ", item ");
	text_of(s, row->item_column);
	if (row->rating_column != NULL)
	{
		appendStringInfoString(s, is_explicit(report) ? ", rating " : ", weight ");
		text_of(s, row->rating_column);
	}
	if (row->time_column != NULL)
	{
		appendStringInfoString(s, ", time ");
		text_of(s, row->time_column);
	}
	appendStringInfoString(s, ").</p>\n<dl>\n");
	fact(s, "algorithm", report->model->algorithm->name);
	fact(s, "version", html_count(row->version));
	fact(s, "trained", psprintf("%s UTC", shown_time(row->trained_at)));
	fact(s, "training took",
		 psprintf("%s s", row->seconds < 10 ? psprintf("%.2f", row->seconds)
											: html_count((int64) rint(row->seconds))));
	fact(s, is_explicit(report) ? "ratings" : "pairs of user and item", html_count(row->rows));
	fact(s, "users", html_count(row->users));
	fact(s, "items", html_count(row->items));
	fact(s, "on disk",
		 text_to_cstring(DatumGetTextPP(DirectFunctionCall1(
			 pg_size_pretty,
			 Int64GetDatum(table_bytes(row->model) + table_bytes(row->user_table))))));
	appendStringInfoString(s, "</dl>\n</header>\n<main>\n");
}

/* ---- metrics ---- */

typedef enum MetricGroup
{
	GROUP_ERRORS,
	GROUP_LISTS,
	GROUP_VARIETY,
	N_GROUPS,
	GROUP_COUNTS = N_GROUPS		/* not drawn */
} MetricGroup;

static const char *const group_titles[N_GROUPS] = {
	"Errors of predictions: lower is better",
	"Accuracy of lists: higher is better",
	"What lists are made of"
};

static const struct
{
	const char *name;
	MetricGroup group;
	const char *about;
}			known_metrics[] = {
	{"rmse", GROUP_ERRORS, "root of the mean squared error of predicted ratings"},
	{"mae", GROUP_ERRORS, "mean absolute error of predicted ratings"},
	{"mse", GROUP_ERRORS, "mean squared error of predicted ratings"},
	{"cross_entropy", GROUP_ERRORS, "mean log loss of predicted probabilities, in nats"},
	{"precision", GROUP_LISTS, "share of the list that is relevant"},
	{"recall", GROUP_LISTS,
	"share of the relevant items that is on the list, or of as many as it has room for"},
	{"ndcg", GROUP_LISTS,
	"gain of relevant items, higher places counting more; 1: as good as can be"},
	{"map", GROUP_LISTS, "mean over users of the average precision"},
	{"mrr", GROUP_LISTS, "mean of 1 / rank of the first relevant item"},
	{"hit_rate", GROUP_LISTS, "share of users with a relevant item on the list"},
	{"auc", GROUP_LISTS, "chance that a relevant item is ranked before another one; 0.5: by lot"},
	{"coverage", GROUP_VARIETY, "share of the items that are on somebody's list"},
	{"novelty", GROUP_VARIETY,
	"mean self-information of listed items, in bits: rarer items have more"},
	{"diversity", GROUP_VARIETY, "how unlike one another the items of a list are"},
	{"gini", GROUP_VARIETY, "inequality of exposure; 0: all items equally often, 1: one item only"},
	{"popularity_bias", GROUP_VARIETY, "how far lists lean to popular items"},
	{"personalisation", GROUP_VARIETY,
	"mean distance between the lists of two users; 0: all the same"},
	{"unseen_users", GROUP_COUNTS, "users who were tested, and of whom nothing else is known"},
	{"unseen_items", GROUP_COUNTS, "items in the tested part alone, which nothing could recommend"},
	{"unseen_ratings", GROUP_COUNTS, "what was tested of these items, which counts as misses"},
	{"tied_ratings", GROUP_COUNTS,
	"share of what was tested that was drawn by lot among others of the user of the same time"}
};

static int
known_metric(const char *name)
{
	for (int i = 0; i < (int) lengthof(known_metrics); i++)
	{
		if (strcmp(name, known_metrics[i].name) == 0)
			return i;
	}
	return -1;
}

static MetricGroup
group_of(const Measured *m)
{
	int			known = known_metric(m->metric);

	return known < 0 ? GROUP_VARIETY : known_metrics[known].group;
}

/* Whether the baseline is outside of the interval, and on which side. */
static const char *
verdict(const Measured *m)
{
	MetricGroup group = group_of(m);

	if (isnan(m->baseline) || isnan(m->low) || isnan(m->high) || group >= GROUP_VARIETY)
		return "&#8211;";
	if (m->low <= m->baseline && m->baseline <= m->high)
		return "no clear difference";
	if ((m->baseline < m->low) == (group == GROUP_LISTS))
		return "<span class=\"better\">better</span>";
	return "<span class=\"worse\">worse</span>";
}

static void
write_metric_row(StringInfo s, const Measured *m)
{
	int			known = known_metric(m->metric);

	appendStringInfoString(s, "<tr><th scope=\"row\">");
	text_of(s, m->metric);
	if (known >= 0)
		appendStringInfo(s, "<span class=\"about\">%s</span>", known_metrics[known].about);
	appendStringInfo(s,
					 "</th><td class=\"number\" data-name=\"value\">%s</td><td class=\"number\" "
					 "data-name=\"95 %% "
					 "interval\">%s</td>",
					 html_number(m->value),
					 isnan(m->low) && isnan(m->high)
						 ? "&#8211;"
						 : psprintf("%s to %s", html_number(m->low), html_number(m->high)));
	appendStringInfo(s,
	"<td class=\"number\" data-name=\"baseline\">%s</td><td data-name=\"against the "
	"baseline\">%s</td><td class=\"number\" data-name=\"users\">%s</td></tr>\n",
					 html_number(m->baseline), verdict(m), html_count(m->users));
}

static void
write_metrics(Report *report)
{
	StringInfo	s = &report->page;
	ChartInterval *rows = palloc(sizeof(ChartInterval) * Max(report->n_measured, 1));

	begin_section(s, "metrics", "How good it is", WIDE);
	if (report->not_measured != NULL || report->n_measured == 0)
	{
		appendStringInfoString(s, "<p>There are no metrics");
		if (report->not_measured != NULL)
		{
			appendStringInfoString(s, ": ");
			text_of(s, report->not_measured);
		}
		appendStringInfoString(s, ".</p>\n");
		end_section(s);
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
					 "and tested on "
					 "the rest: %s. "
					 "Lists are of the %d best of all items that a user does not have in the first "
					 "part. "
					 "The interval is the range of 95&#160;%% of bootstrap samples of the users. "
					 "The baseline is, on the same parts, the ranking by popularity, "
					 "of errors the damped means of users and items. Each row has a scale of its "
					 "own.</p>\n",
					 rows_called(report),
					 report->by_time ? "each user's last fifth, by time"
									 : "a fifth at random, as the model has no time column",
					 LIST_LENGTH);
	appendStringInfoString(s, "<ul class=\"key\">"
						   "<li><svg viewBox=\"0 0 26 14\" aria-hidden=\"true\"><line x1=\"2\" "
						   "x2=\"24\" y1=\"7\" y2=\"7\" class=\"interval\" /><circle cx=\"13\" "
						   "cy=\"7\" r=\"5\" class=\"dot\" /></svg>this model, with its "
						   "interval</li>"
						   "<li><svg viewBox=\"0 0 26 14\" aria-hidden=\"true\"><line x1=\"13\" "
						   "x2=\"13\" y1=\"0\" y2=\"14\" class=\"mark\" "
						   "/></svg>baseline</li></ul>\n<div class=\"charts\">\n");
	for (MetricGroup g = 0; g < N_GROUPS; g++)
	{
		int			n = 0;

		for (int i = 0; i < report->n_measured; i++)
		{
			const Measured *m = &report->measured[i];

			if (group_of(m) == g && isfinite(m->value))
				rows[n++] = (ChartInterval) {m->metric, m->value, m->low, m->high, m->baseline};
		}
		if (n == 0)
			continue;
		appendStringInfo(s, "<div><h3>%s</h3>\n", group_titles[g]);
		chart_intervals(
			s,
			&(ChartText){psprintf("metrics-%d", g), group_titles[g],
						 "A row for each metric: a dot for its value on a line for its interval, "
						 "and an upright mark for the baseline. The table below has the numbers.",
						 "", ""},
			rows, n);
		appendStringInfoString(s, "</div>\n");
	}
	appendStringInfoString(s,
	"</div>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"metrics\"><table "
	"class=\"stack\"><thead><tr><th scope=\"col\">metric</th><th scope=\"col\" "
	"class=\"number\">value</th>"
						   "<th scope=\"col\" class=\"number\">95&#160;% interval</th><th "
						   "scope=\"col\" class=\"number\">baseline</th><th scope=\"col\">against "
						   "it</th>"
						   "<th scope=\"col\" class=\"number\">users</th></tr></thead><tbody>\n");
	for (int i = 0; i < report->n_measured; i++)
		write_metric_row(s, &report->measured[i]);
	appendStringInfoString(s,
	"</tbody></table></div>\n<p class=\"muted\">Better or worse: the baseline is outside of the "
	"interval.</p>\n");
	end_section(s);
}

/* ---- ratings, long tail ---- */

static void
write_ratings(Report *report)
{
	StringInfo	s = &report->page;
	const ModelRow *row = report->row;
	bool		explicit = is_explicit(report);
	const char *what = explicit						? "rating"
					   : row->rating_column != NULL ? "weight, summed for each user and item"
													: "events of each user and item";

	begin_section(s, "ratings", explicit ? "The ratings" : "The events", "");
	appendStringInfo(s,
					 "<p class=\"muted\">%s %s of %s users, as the source shows them now, of items "
					 "that the model "
					 "knows; several of one user and item are one%s.",
					 html_count(report->n_entries), rows_called(report),
					 html_count(report->n_users), explicit ? ", the latest" : ", their sum");
	if (report->n_unusable > 0)
		appendStringInfo(s, " %s of them can&#8217;t be used, and are left out.",
						 html_count(report->n_unusable));
	appendStringInfoString(s, "</p>\n");
	if (report->n_bars == 0)
		appendStringInfoString(s, "<p>There are none to show.</p>\n");
	else
		chart_bars(
			s,
			&(ChartText){"ratings-chart",
						 explicit ? "Distribution of ratings" : "Distribution of weights",
						 psprintf("%d bars, from %g to %g.", report->n_bars, report->bar_values[0],
								  report->bar_values[report->bars_are_ranges ? report->n_bars
																			 : report->n_bars - 1]),
						 what, explicit ? "number of ratings" : "pairs of user and item"},
			report->bar_values, report->bars_are_ranges, report->bar_heights, report->n_bars);
	end_section(s);
}

typedef struct Popular
{
	int64		count;
	int32		item;
} Popular;

static int
compare_popular(const void *a, const void *b)
{
	const Popular *x = a;
	const Popular *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

/*
 * The most popular items' share of what counts has, at some ranks; returns that of the first
 * `tenth` items.
 */
static double
cumulate(ChartLine *line, const char *style, const Popular *order, int64 n, const int64 *counts,
		 int64 tenth)
{
	double		total = 0;
	double		sum = 0;
	double		of_tenth = 0;
	double		next = 1;

	*line = (ChartLine){style, 0, palloc(sizeof(double) * (LINE_POINTS + 2)),
						palloc(sizeof(double) * (LINE_POINTS + 2)), false};
	for (int64 i = 0; i < n; i++)
		total += (double) counts[i];
	for (int64 i = 0; i < n; i++)
	{
		if (i % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		sum += (double) counts[order[i].item];
		if (i + 1 == tenth)
			of_tenth = sum / total;
		if (i + 1 < (int64) next && i + 1 < n)
			continue;
		line->x[line->n] = (double) (i + 1);
		line->y[line->n++] = total > 0 ? sum / total : 0;
		next = fmax((double) (i + 2), next * pow((double) n, 1.0 / (LINE_POINTS / 2)));
	}
	return of_tenth;
}

static void
write_exposure(Report *report)
{
	StringInfo	s = &report->page;
	int64		n = report->model->items.n_rows;
	Popular    *order = palloc_extended(sizeof(Popular) * Max(n, 1), MCXT_ALLOC_HUGE);
	int64		tenth = (n + 9) / 10;
	int64		on_lists = 0;
	ChartLine	lines[2];
	double		of_ratings;
	double		of_lists;

	begin_section(s, "exposure", "The long tail", "");
	for (int64 i = 0; i < n; i++)
	{
		order[i] = (Popular) {report->rated[i], (int32) i};
		on_lists += report->listed[i] > 0;
	}
	if (report->n_entries == 0 || report->n_sample == 0 || n < 2)
	{
		appendStringInfo(s, "<p>There are too few %s or items for one.</p>\n", rows_called(report));
		end_section(s);
		return;
	}
	qsort(order, n, sizeof(Popular), compare_popular);
	/* the dashed line is drawn over the other one */
	of_ratings = cumulate(&lines[1], "ratings", order, n, report->rated, tenth);
	of_lists = cumulate(&lines[0], "model", order, n, report->listed, tenth);
	appendStringInfo(s,
					 "<p class=\"muted\">The most popular tenth of the items, %s, has %s of the %s "
					 "and %s of the "
					 "places on lists. ",
					 html_count(tenth), html_percent(of_ratings), rows_called(report),
					 html_percent(of_lists));
	appendStringInfo(s, "%s of %s items are on somebody&#8217;s list of %d. ", html_count(on_lists),
					 html_count(n), LIST_LENGTH);
	if (report->n_users <= SAMPLE_USERS)
		appendStringInfo(s, "Lists of all %s users.</p>\n", html_count(report->n_sample));
	else
		appendStringInfo(s,
		"Lists of a sample of %s of %s users, evenly spaced in the order of their ids.</p>\n",
						 html_count(report->n_sample), html_count(report->n_users));
	appendStringInfo(s,
					 "<ul class=\"key\">"
					 "<li><svg viewBox=\"0 0 26 14\" aria-hidden=\"true\"><line x1=\"0\" x2=\"26\" "
					 "y1=\"7\" y2=\"7\" class=\"line ratings\" /></svg>%s</li>"
					 "<li><svg viewBox=\"0 0 26 14\" aria-hidden=\"true\"><line x1=\"0\" x2=\"26\" "
					 "y1=\"7\" y2=\"7\" class=\"line model\" /></svg>places on lists</li></ul>\n",
					 rows_called(report));
	chart_lines(
		s,
		&(ChartText){"exposure-chart", "Share of the most popular items",
					 psprintf("Two lines over the number of most popular items: their share of the "
							  "%s and of the places on lists. At %s items these are %s and %s.",
							  rows_called(report), html_count(tenth), html_percent(of_ratings),
							  html_percent(of_lists)),
					 "so many most popular items (logarithmic)", "their share"},
		lines, 2, true, true);
	end_section(s);
}

/* ---- the map ---- */

/*
 * The number of the model's column of vectors, whose width is an option; -1: there is none, or
 * one with a number for each item.
 */
static int
vector_column(const Model *model)
{
	Column		columns[MAX_COLUMNS];
	int			n = model->algorithm->item_columns(model->options, columns);

	for (int c = 0; c < n; c++)
	{
		if (columns[c].type == COLUMN_VECTOR && columns[c].width > 1)
			return c;
	}
	return -1;
}

/*
 * Places the rows of n items by the first two principal components of their vectors: what the
 * eigenvectors of their covariance give (Pearson 1901, Philosophical Magazine 2). shares: of the
 * variance, that each has. False: numbers are not finite, or all the same.
 */
static bool
principal_components(const float *values, int64_t stride, int width, const Popular *items, int64 n,
					 ChartPoint *points, double *shares)
{
	double	   *mean = palloc0(sizeof(double) * width);
	double	   *centered = palloc(sizeof(double) * width);
	double	   *covariance =
		palloc_extended(sizeof(double) * width * width, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	double	   *eigenvalues = palloc(sizeof(double) * width);
	double		total = 0;

	for (int64 i = 0; i < n; i++)
	{
		for (int j = 0; j < width; j++)
			mean[j] += values[items[i].item * stride + j] / (double) n;
	}
	for (int64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < width; j++)
			centered[j] = values[items[i].item * stride + j] - mean[j];
		for (int j = 0; j < width; j++)
		{
			for (int k = 0; k <= j; k++)
				covariance[(int64) j * width + k] += centered[j] * centered[k] / (double) n;
		}
	}
	if (!symmetric_eigen(
			covariance, width, eigenvalues, true,
			palloc_extended(sizeof(double) * symmetric_eigen_scratch(width), MCXT_ALLOC_HUGE)))
		return false;
	for (int j = 0; j < width; j++)
		total += fmax(eigenvalues[j], 0);
	if (!(total > 0))
		return false;
	for (int c = 0; c < 2; c++)
	{
		const double *vector = covariance + (int64) c * width;
		double		largest = 0;

		shares[c] = fmax(eigenvalues[c], 0) / total;
		for (int64 i = 0; i < n; i++)
		{
			double		sum = 0;

			for (int j = 0; j < width; j++)
				sum += (values[items[i].item * stride + j] - mean[j]) * vector[j];
			*(c == 0 ? &points[i].x : &points[i].y) = sum;
			if (fabs(sum) > fabs(largest))
				largest = sum;
		}
		/* an eigenvector's sign means nothing; the farthest item is at the right, and at the top */
		for (int64 i = 0; i < n && largest < 0; i++)
			*(c == 0 ? &points[i].x : &points[i].y) *= -1;
	}
	return true;
}

static void
write_map(Report *report)
{
	StringInfo	s = &report->page;
	const Side *items = &report->model->items;
	int64		n = Min(items->n_rows, MAP_ITEMS);
	Popular    *order = palloc_extended(sizeof(Popular) * Max(items->n_rows, 1), MCXT_ALLOC_HUGE);
	ChartPoint *points = palloc(sizeof(ChartPoint) * Max(n, 1));
	int			c = vector_column(report->model);
	double		shares[2];

	begin_section(s, "map", "A map of the items", c >= 0 && report->n_iterations > 1 ? "" : WIDE);
	for (int64 i = 0; i < items->n_rows; i++)
		order[i] = (Popular) {items->n_ratings[i], (int32) i};
	qsort(order, items->n_rows, sizeof(Popular), compare_popular);
	if (c < 0)
		appendStringInfo(s,
						 "<p>There is none: the algorithm %s has no vectors of a few numbers for "
						 "items, whose principal components would be a map.</p>\n",
						 report->model->algorithm->name);
	else if (n < 3 || !principal_components(items->values[c], column_stride(&items->columns[c]),
											items->columns[c].width, order, n, points, shares))
		appendStringInfoString(s,
		"<p>There is none: it needs three items whose vectors differ.</p>\n");
	else
	{
		for (int64 i = 0; i < n; i++)
		{
			points[i].size = order[i].count;
			points[i].name = id_to_text(&report->loaded->items->type,
										id_list_get(report->loaded->items, order[i].item));
		}
		appendStringInfo(
			s,
			"<p class=\"muted\">%s%s items, by the first two principal components of their %s, %d "
			"numbers each. The larger the circle, the more %s; "
			"the largest are labelled with their ids where there is room, and each "
			"shows its id under the pointer. Near ones are alike as far as two "
			"components show it.</p>\n",
			n < items->n_rows ? "The most popular " : "All ", html_count(n), items->columns[c].name,
			items->columns[c].width, rows_called(report));
		chart_points(
			s,
			&(ChartText){
				"map", "Map of the items",
				psprintf("%s circles, placed by the first two principal components of the items' "
						 "vectors, sized by their numbers of %s.",
						 html_count(n), rows_called(report)),
				psprintf("first component (%s of the variance)", html_percent(shares[0])),
				psprintf("second component (%s of the variance)", html_percent(shares[1]))},
			points, n, MAP_LABELS);
	}
	end_section(s);
}

/* ---- loss ---- */

static void
write_loss(Report *report)
{
	StringInfo	s = &report->page;
	ChartLine	line = {"model", 0, palloc(sizeof(double) * Max(report->n_iterations, 1)),
		palloc(sizeof(double) * Max(report->n_iterations, 1)), report->n_iterations <= 50};

	for (int i = 0; i < report->n_iterations; i++)
	{
		/*
		 * rows of rec.iteration may be written by hand; the chart's arithmetic has room for what
		 * a float holds
		 */
		if (!isfinite((float) report->losses[i]))
			continue;
		line.x[line.n] = i + 1;
		line.y[line.n++] = report->losses[i];
	}
	begin_section(s, "loss", "Loss in training",
				  line.n > 1 && vector_column(report->model) >= 0 ? "" : WIDE);
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
		chart_lines(
			s,
			&(ChartText){"loss-chart", "Loss after each iteration",
						 psprintf("A line from %s after iteration %g to %s after iteration %g.",
								  html_number(line.y[0]), line.x[0],
								  html_number(line.y[line.n - 1]), line.x[line.n - 1]),
						 "iteration", "loss"},
			&line, 1, false, false);
	}
	end_section(s);
}

/* ---- options ---- */

static void
write_options(Report *report)
{
	StringInfo	s = &report->page;
	const Algorithm *algorithm = report->model->algorithm;
	const CommonOptions *common = report->model->options;
	Jsonb	   *options = options_to_json(algorithm, report->model->options, report->row->options);

	begin_section(s, "options", "Options", WIDE);
	appendStringInfo(s, "<p class=\"muted\">%s: %s.</p>\n", algorithm->name,
					 algorithm->description);
	appendStringInfoString(s,
	"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"options\"><table "
	"class=\"stack\"><thead><tr><th scope=\"col\">option</th><th scope=\"col\">value</th><th "
	"scope=\"col\">default</th></tr></thead><tbody>\n");
	for (const Option *option = algorithm->options; option->name != NULL; option++)
	{
		const char *initial = option->initial[common->feedback];
		char	   *value = text_to_cstring(DatumGetTextPP(DirectFunctionCall2(
			jsonb_object_field_text, JsonbPGetDatum(options), CStringGetTextDatum(option->name))));

		appendStringInfo(s, "<tr><th scope=\"row\">%s<span class=\"about\">", option->name);
		html_text(s, option->description);
		appendStringInfoString(s, "</span></th><td data-name=\"value\">");
		text_of(s, value);
		appendStringInfoString(s, "</td><td data-name=\"default\">");
		html_text(s, initial == NULL ? "by the source" : initial);
		appendStringInfoString(s, "</td></tr>\n");
	}
	appendStringInfoString(s, "</tbody></table></div>\n");
	end_section(s);
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
	report->by_time = report->row->time_column != NULL;
	report->losses =
		catalog_losses(report->row->model, report->row->version, &report->n_iterations);
	read_exposure(report);
	evaluate(report);

	initStringInfo(&report->page);
	write_head(report);
	write_metrics(report);
	write_ratings(report);
	write_exposure(report);
	write_map(report);
	write_loss(report);
	write_options(report);
	appendStringInfo(
		&report->page,
		"</main>\n<footer>Made by rec.report at %s UTC. %s, lists and metrics are as of then; the "
		"model is version %s.</footer>\n</body>\n</html>\n",
		shown_time(GetCurrentTransactionStartTimestamp()),
		is_explicit(report) ? "Ratings" : "Events", html_count(report->row->version));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(report->page.data, report->page.len));
}
