/*
 * report_map.c
 *	  The map of the items on the page of rec.report.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "executor/spi.h"
#include "function/chart.h"
#include "function/html.h"
#include "function/report.h"
#include "kernel/eigen.h"
#include "miscadmin.h"
#include "server/memory.h"
#include "source/attributes.h"
#include "storage/lmgr.h"
#include "utils/snapmgr.h"

/* The most items, and labels, on the map. */
#define MAP_ITEMS 2000
#define MAP_LABELS 20

int
report_compare_items(const void *a, const void *b)
{
	const ReportItem *x = a;
	const ReportItem *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

int
report_vector_column(const Model *model)
{
	Column		columns[MAX_COLUMNS];
	int			n = model->algorithm->columns(model->options, SIDE_ITEMS, columns);

	for (int c = 0; c < n; c++)
	{
		if (columns[c].type == COLUMN_VECTOR && columns[c].width > 1)
			return c;
	}
	return -1;
}

/*
 * Places the rows of n items by the first two principal components of their vectors, the
 * eigenvectors of their covariance (Pearson 1901, Philosophical Magazine 2). shares: of the
 * variance, for each component. Returns false where numbers are not finite, or all are the same.
 */
static bool
principal_components(const float *values, int64_t stride, int width, const ReportItem *items,
					 int64 n, ChartPoint *points, double *shares)
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
		/*
		 * an eigenvector's sign is arbitrary; the farthest item is placed at the right, and at the
		 * top
		 */
		for (int64 i = 0; i < n && largest < 0; i++)
			*(c == 0 ? &points[i].x : &points[i].y) *= -1;
	}
	return true;
}

/* ---- what items are called ---- */

/* The titles of the items on the map. */
typedef struct Titles
{
	LoadedModel *loaded;
	IdDictionary *ids;			/* of the items */
	const char *column;			/* which has them; NULL: there is none */
	char	  **titles;			/* by number of the item; NULL for one that has none */
} Titles;

static void
read_titles(void *arg)
{
	Titles	   *t = arg;
	MemoryContext context = CurrentMemoryContext;
	const NotedRelation *noted = &t->loaded->row->attributes[SIDE_ITEMS];
	Oid			relid = attributes_relation(SIDE_ITEMS, noted, t->loaded->relid);
	Attributes *attributes;
	const AttributeColumn *column;

	LockRelationOid(relid, AccessShareLock);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	loaded_model_need_source(t->loaded);
	attributes = attributes_open(SIDE_ITEMS, relid, t->loaded->source, context);
	column = attributes_title(attributes);
	if (column != NULL)
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		t->titles = attributes_titles(attributes, t->loaded->source, t->ids, context);
		PopActiveSnapshot();
		t->column = column->name;
	}
	SPI_finish();
	MemoryContextSwitchTo(context);
}

/*
 * Names the points by the items' titles, and those that have none by the items' ids. Returns the
 * column of the titles; NULL where all are named by ids, because the model has no attributes, they
 * have no title, or the caller cannot read them.
 */
static const char *
name_points(Report *report, const ReportItem *items, int64 n, ChartPoint *points)
{
	const IdList *ids = report->loaded->ids[SIDE_ITEMS];
	Titles		t = {.loaded = report->loaded};
	bool		found = false;

	if (report->row->attributes[SIDE_ITEMS].name != NULL)
	{
		t.ids = id_dictionary_create(&ids->type, CurrentMemoryContext);
		for (int64 i = 0; i < n; i++)
			id_dictionary_add(t.ids, id_list_get(ids, items[i].item));
		if (memory_attempt(read_titles, &t, is_no_cancel, "a report without titles") != NULL)
			t.column = NULL;
	}
	for (int64 i = 0; i < n; i++)
	{
		points[i].name = t.column == NULL ? NULL : t.titles[i];
		found = found || points[i].name != NULL;
		if (points[i].name == NULL)
			points[i].name = id_to_text(&ids->type, id_list_get(ids, items[i].item));
	}
	return found ? t.column : NULL;
}

/* ---- the map ---- */

void
report_write_map(Report *report)
{
	StringInfo	s = &report->page;
	const Side *items = &report->model->sides[SIDE_ITEMS];
	int64		n = Min(items->n_rows, MAP_ITEMS);
	ReportItem *order =
		palloc_extended(sizeof(ReportItem) * Max(items->n_rows, 1), MCXT_ALLOC_HUGE);
	ChartPoint *points = palloc(sizeof(ChartPoint) * Max(n, 1));
	int			c = report_vector_column(report->model);
	double		shares[2];

	report_begin_section(s, "map", "A map of the items",
						 c >= 0 && report->n_iterations > 1 ? "" : WIDE);
	for (int64 i = 0; i < items->n_rows; i++)
		order[i] = (ReportItem) {items->n_ratings[i], (int32) i};
	qsort(order, items->n_rows, sizeof(ReportItem), report_compare_items);
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
		const char *column = name_points(report, order, n, points);

		for (int64 i = 0; i < n; i++)
			points[i].size = order[i].count;
		appendStringInfo(
			s,
			"<p class=\"muted\">%s%s items, by the first two principal components of their %s, %d "
			"numbers each. The larger the circle, the more %s; the largest are labelled with "
			"their ",
			n < items->n_rows ? "The most popular " : "All ", html_count(n), items->columns[c].name,
			items->columns[c].width, report_rows_called(report));
		if (column == NULL)
			appendStringInfoString(
				s, "ids where there is room, and each shows its id under the pointer");
		else
		{
			report_text(s, column);
			appendStringInfoString(s, " where there is room, and each shows it under the pointer");
		}
		appendStringInfoString(
			s, ". Near ones are alike as far as two components show it.</p>\n");
		chart_points(
			s,
			&(ChartText){
				"map", "Map of the items",
				psprintf("%s circles, placed by the first two principal components of the items' "
						 "vectors, sized by their numbers of %s.",
						 html_count(n), report_rows_called(report)),
				psprintf("first component (%s of the variance)", html_percent(shares[0])),
				psprintf("second component (%s of the variance)", html_percent(shares[1]))},
			points, n, MAP_LABELS);
	}
	report_end_section(s);
}
