/*
 * report_ratings.c
 *	  The ratings of the source, and how far lists follow popularity, on the page of rec.report.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "executor/spi.h"
#include "function/chart.h"
#include "function/html.h"
#include "function/report.h"
#include "miscadmin.h"
#include "model/profile.h"
#include "run/top_lists.h"
#include "server/memory.h"
#include "server/progress.h"
#include "source/source.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* The most users whose lists are made. */
#define SAMPLE_USERS 2000

/* Points of a line. */
#define LINE_POINTS 160

/* Iterations between two checks for interrupts. */
#define BLOCK 65536

/* ---- the distribution of ratings ---- */

/* A distance between edges of bars, rounded up to 1, 2 or 5 times a power of ten. */
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
 * Makes a bar for each value where there are few, and otherwise for ranges: of equal width or,
 * where values differ by orders of magnitude, of equal ratio.
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
		/* the last bar that begins at or before the value */
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

/* Every step-th history, in the memory. */
static History
sample_histories(const History *from, int64 step, TrainingMemory *memory)
{
	int64		n_users = (from->n_users + step - 1) / step;
	History		to;
	int64		n = 0;

	for (int64 u = 0; u < from->n_users; u += step)
		n += from->start[u + 1] - from->start[u];
	source_allocate_history(&to, n_users, n, from->times != NULL, memory);
	for (int64 u = 0; u < n_users; u++)
	{
		int64		first = from->start[u * step];
		int64		events = from->start[u * step + 1] - first;

		CHECK_FOR_INTERRUPTS();
		memcpy(to.items + to.start[u], from->items + first, sizeof(int32) * events);
		if (to.times != NULL)
			memcpy(to.times + to.start[u], from->times + first, sizeof(int64) * events);
		to.start[u + 1] = to.start[u] + events;
	}
	return to;
}

/* A sample of the profiles, at regular intervals, in the memory. */
static Ratings
sample_profiles(const Ratings *ratings, TrainingMemory *memory)
{
	const SparseMatrix *from = &ratings->by_user;
	int64		step = Max(1, (from->n_rows + SAMPLE_USERS - 1) / SAMPLE_USERS);
	Ratings		sample = {0};
	SparseMatrix *to = &sample.by_user;
	int64		n = 0;

	for (int64 u = 0; u < from->n_rows; u += step)
		n += from->start[u + 1] - from->start[u];
	source_allocate_matrix(to, (from->n_rows + step - 1) / step, from->n_columns, n, false, memory);
	for (int64 u = 0; u < to->n_rows; u++)
	{
		int64		first = from->start[u * step];
		int64		entries = from->start[u * step + 1] - first;

		CHECK_FOR_INTERRUPTS();
		memcpy(to->column + to->start[u], from->column + first, sizeof(int32) * entries);
		memcpy(to->value + to->start[u], from->value + first, sizeof(float) * entries);
		to->start[u + 1] = to->start[u] + entries;
	}
	if (ratings->events.n_users > 0)
		sample.events = sample_histories(&ratings->events, step, memory);
	return sample;
}

void
report_read_source(Report *report)
{
	LoadedModel *loaded = report->loaded;
	int64		n_items = loaded->model.sides[SIDE_ITEMS].n_rows;
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(outer, "rec report", ALLOCSET_DEFAULT_SIZES);
	TrainingMemory *memory = training_memory_create(context);
	const SparseMatrix *profiles;
	Ratings		sample;
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
	source = source_open_locked(&report->row->source, report->model->options, context);
	source_serve(source, report->row->model, report->row->tables[SIDE_USERS],
				 &loaded->ids[SIDE_ITEMS]->type);
	/* the bars show the source's weights; the profiles for the lists are weighed below */
	source->weight = WEIGHT_LINEAR;
	/* a user's rows of one item are one, and the lists are those of an average context */
	source->needs = profile_needs(report->model) & ~USES_CONTEXTS;
	report->source = MemoryContextStrdup(outer, source->name);
	PushActiveSnapshot(GetTransactionSnapshot());
	data = source_read_profiles(source, loaded->ids[SIDE_ITEMS], NULL, context);
	PopActiveSnapshot();
	memory_require(2 * source_bytes(data) + batch_model_bytes(loaded) +
					   batch_bytes(&loaded->model, Min(data->users->n, SAMPLE_USERS), LIST_LENGTH,
							   NULL),
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
		sample = sample_profiles(&data->ratings, memory);
		weigh_events(weight_of_events(report->model->options), sample.by_user.value,
					 sample.by_user.start[sample.by_user.n_rows]);
		index = batch_copy_model(loaded, &copy, memory);
		batch = batch_create(&copy, index, &sample, LIST_LENGTH, NULL, memory);
		batch_run(batch);
		for (int64 u = 0; u < sample.by_user.n_rows; u++)
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

/* ---- the sections ---- */

void
report_write_ratings(Report *report)
{
	StringInfo	s = &report->page;
	const ModelRow *row = report->row;
	bool		explicit = report_is_explicit(report);
	const char *what = explicit							   ? "rating"
					   : row->source.rating_column != NULL ? "weight, summed for each user and item"
														   : "events of each user and item";

	report_begin_section(s, "ratings", explicit ? "The ratings" : "The events", "");
	appendStringInfo(s,
					 "<p class=\"muted\">%s %s of %s users, as the source shows them now, of items "
					 "that the model "
					 "knows; several of one user and item are one%s.",
					 html_count(report->n_entries), report_rows_called(report),
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
	report_end_section(s);
}

/*
 * Sets the line of the most popular items' share of a count, at some ranks. Returns the share of
 * the first `tenth` items.
 */
static double
cumulate(ChartLine *line, const char *style, const ReportItem *order, int64 n, const int64 *counts,
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

void
report_write_exposure(Report *report)
{
	StringInfo	s = &report->page;
	int64		n = report->model->sides[SIDE_ITEMS].n_rows;
	ReportItem    *order = palloc_extended(sizeof(ReportItem) * Max(n, 1), MCXT_ALLOC_HUGE);
	int64		tenth = (n + 9) / 10;
	int64		on_lists = 0;
	ChartLine	lines[2];
	double		of_ratings;
	double		of_lists;

	report_begin_section(s, "exposure", "The long tail", "");
	for (int64 i = 0; i < n; i++)
	{
		order[i] = (ReportItem) {report->rated[i], (int32) i};
		on_lists += report->listed[i] > 0;
	}
	if (report->n_entries == 0 || report->n_sample == 0 || n < 2)
	{
		appendStringInfo(s, "<p>There are too few %s or items for one.</p>\n",
						 report_rows_called(report));
		report_end_section(s);
		return;
	}
	qsort(order, n, sizeof(ReportItem), report_compare_items);
	/* the dashed line is drawn over the other line */
	of_ratings = cumulate(&lines[1], "ratings", order, n, report->rated, tenth);
	of_lists = cumulate(&lines[0], "model", order, n, report->listed, tenth);
	appendStringInfo(s,
					 "<p class=\"muted\">The most popular tenth of the items, %s, has %s of the %s "
					 "and %s of the "
					 "places on lists. ",
					 html_count(tenth), html_percent(of_ratings), report_rows_called(report),
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
					 report_rows_called(report));
	chart_lines(
		s,
		&(ChartText){"exposure-chart", "Share of the most popular items",
					 psprintf("Two lines over the number of most popular items: their share of the "
							  "%s and of the places on lists. At %s items these are %s and %s.",
							  report_rows_called(report), html_count(tenth),
							  html_percent(of_ratings), html_percent(of_lists)),
					 "so many most popular items (logarithmic)", "their share"},
		lines, 2, true, true);
	report_end_section(s);
}
