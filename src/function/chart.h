/*
 * chart.h
 *	  Charts in SVG, for a page whose style sheet sets the colours.
 *
 * Charts are drawn for a width of 400 units, about the number of pixels of a narrow screen. Text
 * has the sizes of CHART_FONT on any screen up to some 480 pixels wide. On wider screens, where the
 * chart itself is larger, the style sheet may make text smaller, so that it does not overlap there
 * either.
 */
#ifndef REC_CHART_H
#define REC_CHART_H

#include "lib/stringinfo.h"

/* The largest size of text in a chart, in its units. */
#define CHART_FONT 13

typedef struct ChartText
{
	const char *id;				/* of the chart, unique in its page */
	const char *title;			/* these strings are markup, and trusted */
	const char *description;	/* for readers who cannot see the chart */
	const char *x;				/* labels of the axes, with units */
	const char *y;
} ChartText;

typedef struct ChartLine
{
	const char *style;			/* class in the style sheet */
	int			n;
	double	   *x;
	double	   *y;
	bool		dots;			/* draw a dot at each point */
} ChartLine;

/*
 * Lines over a common pair of axes. x_logarithmic: x is at least 1. percent: y is a share, from 0
 * to 1.
 */
extern void chart_lines(StringInfo s, const ChartText *text, const ChartLine *lines, int n_lines,
						bool x_logarithmic, bool percent);

/*
 * Bars from 0, side by side. Each is for a value or, if edges is true, for the range from one value
 * to the next; then there are n + 1 values.
 */
extern void chart_bars(StringInfo s, const ChartText *text, const double *values, bool edges,
					   const double *heights, int n);

typedef struct ChartInterval
{
	const char *name;			/* any text */
	double		value;			/* finite */
	double		low;			/* these may be NaN: unknown */
	double		high;
	double		mark;
} ChartInterval;

/* One row for each: a dot with its interval, and a mark, on a scale of its own. */
extern void chart_intervals(StringInfo s, const ChartText *text, const ChartInterval *rows, int n);

typedef struct ChartPoint
{
	double		x;
	double		y;
	int64		size;			/* a count; the circle's area is about proportional to it */
	const char *name;			/* any text */
} ChartPoint;

/*
 * Circles. At most most_labels of the first points are labelled with their names, as far as there
 * is room.
 */
extern void chart_points(StringInfo s, const ChartText *text, const ChartPoint *points, int n,
						 int most_labels);

#endif							/* REC_CHART_H */
