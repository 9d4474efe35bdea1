/*
 * report_map.c
 *	  The map of the items on the page of rec.report.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "function/chart.h"
#include "function/html.h"
#include "function/report.h"
#include "kernel/eigen.h"
#include "miscadmin.h"

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
		for (int64 i = 0; i < n; i++)
		{
			points[i].size = order[i].count;
			points[i].name =
				id_to_text(&report->loaded->ids[SIDE_ITEMS]->type,
						   id_list_get(report->loaded->ids[SIDE_ITEMS], order[i].item));
		}
		appendStringInfo(
			s,
			"<p class=\"muted\">%s%s items, by the first two principal components of their %s, %d "
			"numbers each. The larger the circle, the more %s; "
			"the largest are labelled with their ids where there is room, and each "
			"shows its id under the pointer. Near ones are alike as far as two "
			"components show it.</p>\n",
			n < items->n_rows ? "The most popular " : "All ", html_count(n), items->columns[c].name,
			items->columns[c].width, report_rows_called(report));
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
