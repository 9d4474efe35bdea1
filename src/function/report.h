/*
 * report.h
 *	  The page of rec.report, and its sections.
 */
#ifndef REC_REPORT_H
#define REC_REPORT_H

#include "function/candidates.h"
#include "lib/stringinfo.h"
#include "model/model_cache.h"

/* Entries of a list. */
#define LIST_LENGTH 10

/* Bars of a histogram, at most. */
#define MOST_BARS 24

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

extern bool report_is_explicit(const Report *report);

/* What the rows of the source are called. */
extern const char *report_rows_called(const Report *report);

/* A section as wide as the page; others may be side by side. */
#define WIDE " class=\"wide\""

extern void report_begin_section(StringInfo s, const char *name, const char *title,
								 const char *style);
extern void report_end_section(StringInfo s);

/* A text of the user's. */
extern void report_text(StringInfo s, const char *text);

/* An item, and what it is ranked by. */
typedef struct ReportItem
{
	int64		count;
	int32		item;
} ReportItem;

/* For sorting: the most popular first. */
extern int	report_compare_items(const void *a, const void *b);

/*
 * The number of the model's column of vectors, whose width is an option; -1: there is none, or
 * one with a number for each item.
 */
extern int	report_vector_column(const Model *model);

/* Evaluates the model; where the source is not fit for it, says why. */
extern void report_measure(Report *report);

/* Reads the source, and makes lists. */
extern void report_read_source(Report *report);

extern void report_write_metrics(Report *report);
extern void report_write_ratings(Report *report);
extern void report_write_exposure(Report *report);
extern void report_write_map(Report *report);

#endif							/* REC_REPORT_H */
