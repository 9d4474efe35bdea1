/*
 * chart.h
 *	  Charts as SVG, for a page whose style sheet gives them colours.
 *
 * Each is drawn for a width of 400 units, which a narrow screen has about as many pixels of. Text
 * has the sizes of CHART_FONT on any screen up to some 480 pixels wide, and the style sheet may
 * make it smaller on wider ones, where the chart itself is larger: what does not overlap then
 * doesn't either.
 */
#ifndef REC_CHART_H
#define REC_CHART_H

#include "lib/stringinfo.h"

/* The largest size of text in a chart, in its units. */
#define CHART_FONT 13

typedef struct ChartText
{
	const char *id;				/* of the chart in its page */
	const char *title;			/* these are markup, and trusted */
	const char *description;	/* what there is to see, for who can't */
	const char *x;				/* what the axes are, with units */
	const char *y;
} ChartText;

typedef struct ChartLine
{
	const char *style;			/* class of the style sheet */
	int			n;
	double	   *x;
	double	   *y;
	bool		dots;			/* a dot at each place */
} ChartLine;

/*
 * Lines over a common pair of axes; x logarithmic: of numbers of at least 1. percent: y is a
 * share, from 0 to 1.
 */
extern void chart_lines(StringInfo s, const ChartText *text, const ChartLine *lines, int n_lines,
						bool x_logarithmic, bool percent);

/*
 * Bars that begin at 0, side by side: each of a value, or from one value to the next where edges
 * is true, and then there is one value more than bars.
 */
extern void chart_bars(StringInfo s, const ChartText *text, const double *values, bool edges,
					   const double *heights, int n);

typedef struct ChartInterval
{
	const char *name;			/* any text */
	double		value;			/* finite */
	double		low;			/* these may be NaN: not known */
	double		high;
	double		mark;
} ChartInterval;

/* A row for each: a dot with its interval, and a mark, on a scale of the row's own. */
extern void chart_intervals(StringInfo s, const ChartText *text, const ChartInterval *rows, int n);

typedef struct ChartPoint
{
	double		x;
	double		y;
	int64		size;			/* a count, that the circle's area is about in proportion to */
	const char *name;			/* any text */
} ChartPoint;

/* Circles, the first ones labelled with their names as far as there is room, at most so many. */
extern void chart_points(StringInfo s, const ChartText *text, const ChartPoint *points, int n,
						 int most_labels);

#endif							/* REC_CHART_H */
