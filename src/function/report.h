/*
 * report.h
 *	  The page of rec.report, and its sections.
 */
#ifndef REC_REPORT_H
#define REC_REPORT_H

#include "function/candidates.h"
#include "lib/stringinfo.h"
#include "model/model_cache.h"

/* Entries of each list. */
#define LIST_LENGTH 10

/* The most bars of a histogram. */
#define MOST_BARS 24

typedef struct Report
{
	StringInfoData page;
	LoadedModel *loaded;
	const Model *model;
	const ModelRow *row;
	/* of the model's table, which may have been dropped when the page is written */
	char	   *name;
	char	   *table;			/* the model's name as in SQL */
	char	   *source;			/* the source's name */
	bool		by_time;		/* the evaluation splits by time */

	int			n_iterations;
	IterationRow *iterations;

	int			n_measured;
	Measured   *measured;
	char	   *not_measured;	/* why there is no evaluation, or NULL */
	/* the results in words, of lists and of predicted ratings; NULL where there is none */
	char	   *verdicts[2];

	int64		n_users;		/* users of the source */
	int64		n_entries;		/* ratings of items in the model */
	int64		n_unusable;		/* of these, ratings that training would refuse */
	int64		n_sample;		/* users whose lists are made */
	int64	   *rated;			/* by item: number of ratings */
	int64	   *listed;			/* by item: number of lists that it is on */
	int			n_bars;
	bool		bars_are_ranges;
	double		bar_values[MOST_BARS + 2];
	double		bar_heights[MOST_BARS + 1];
} Report;

extern bool report_is_explicit(const Report *report);

/* What the page calls the rows of the source. */
extern const char *report_rows_called(const Report *report);

/* The class of a section as wide as the page; others may be side by side. */
#define WIDE " class=\"wide\""

extern void report_begin_section(StringInfo s, const char *name, const char *title,
								 const char *style);
extern void report_end_section(StringInfo s);

/* Appends a text of the user's. */
extern void report_text(StringInfo s, const char *text);

/* An item and the number that it is ranked by. */
typedef struct ReportItem
{
	int64		count;
	int32		item;
} ReportItem;

/* For sorting by descending popularity. */
extern int	report_compare_items(const void *a, const void *b);

/*
 * The number of the model's column of vectors whose width is an option; -1: there is none, or only
 * one with a number for each item.
 */
extern int	report_vector_column(const Model *model);

/* Evaluates the model, or notes why the source is unfit for it. */
extern void report_measure(Report *report);

/* Reads the source, and makes the lists. */
extern void report_read_source(Report *report);

extern void report_write_metrics(Report *report);
extern void report_write_ratings(Report *report);
extern void report_write_exposure(Report *report);
extern void report_write_map(Report *report);

#endif							/* REC_REPORT_H */
