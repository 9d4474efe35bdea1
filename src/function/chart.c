/*
 * chart.c
 *	  Charts in SVG, for a page whose style sheet sets the colours.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "function/chart.h"
#include "function/html.h"
#include "miscadmin.h"

#define WIDTH 400.0

/* The area of lines and bars, in units from the left and from the top. */
#define LEFT 64.0
#define RIGHT 384.0
#define TOP 28.0
#define BOTTOM 216.0
#define HEIGHT 260.0

/* Approximate number of ticks of an axis. */
#define TICKS 5

/* The most characters of a name, as a label and by itself. */
#define LABEL_CHARACTERS 16
#define NAME_CHARACTERS 80

typedef struct Axis
{
	double		minimum;
	double		maximum;
	double		first;			/* the places of minimum and maximum, in units */
	double		last;
	bool		logarithmic;
} Axis;

static double
on_axis(const Axis *axis, double value)
{
	double		range =
		axis->logarithmic ? log(axis->maximum / axis->minimum) : axis->maximum - axis->minimum;
	double		share = axis->logarithmic ? log(value / axis->minimum) : value - axis->minimum;

	return range > 0 ? axis->first + (axis->last - axis->first) * share / range
					 : (axis->first + axis->last) / 2;
}

/* The distance between ticks: 1, 2 or 5 times a power of ten. */
static double
nice_step(double range, int ticks)
{
	double		step = range / ticks;
	double		power = pow(10, floor(log10(step)));
	double		digits = step / power;

	return power * (digits <= 1.0001 ? 1 : digits <= 2.0001 ? 2 : digits <= 5.0001 ? 5 : 10);
}

/* The number at a tick, with enough digits to tell it from the next one. */
static char *
tick_text(double value, double step)
{
	int			decimals = (int) Max(0, -floor(log10(step) + 1e-9));

	if (fabs(value) < step / 1000)
		return pstrdup("0");
	if (fabs(value) >= 1e6 || decimals > 4)
		return psprintf("%.4g", value);
	if (decimals == 0)
		return html_count((int64) rint(value));
	return psprintf("%.*f", decimals, value);
}

/* Widens a range that is a single number. */
static void
widen_range(double *minimum, double *maximum)
{
	double		room = fmax(fabs(*minimum), 1e-6) * 0.05;

	if (*maximum - *minimum > fabs(*maximum) * 1e-9 && *maximum > *minimum)
		return;
	*minimum -= room;
	*maximum += room;
}

/* Makes an axis begin and end at ticks. Returns the distance between ticks. */
static double
whole_steps(Axis *axis)
{
	double		step = nice_step(axis->maximum - axis->minimum, TICKS);

	axis->minimum = floor(axis->minimum / step + 1e-6) * step;
	axis->maximum = ceil(axis->maximum / step - 1e-6) * step;
	return step;
}

static void
begin_svg(StringInfo s, const ChartText *text, double height)
{
	appendStringInfo(
		s,
		"<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"%s-title %s-description\" "
		"class=\"%s\">\n"
		"<title id=\"%s-title\">%s</title>\n<desc id=\"%s-description\">%s</desc>\n",
		WIDTH, height, text->id, text->id, text->id, text->id, text->title, text->id,
		text->description);
}

static void
end_svg(StringInfo s)
{
	appendStringInfoString(s, "</svg>\n");
}

/* anchor: start, middle or end. */
static void
append_label(StringInfo s, double x, double y, const char *anchor, const char *style,
			 const char *label)
{
	appendStringInfo(s, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s%s%s>%s</text>\n", x, y,
					 anchor, style[0] == 0 ? "" : " class=\"", style, style[0] == 0 ? "" : "\"",
					 label);
}

static void
append_axis_titles(StringInfo s, const ChartText *text)
{
	append_label(s, 0, 13, "start", "axis", text->y);
	append_label(s, (LEFT + RIGHT) / 2, HEIGHT - 4, "middle", "axis", text->x);
}

/* Horizontal lines, with their values. */
static void
append_y_axis(StringInfo s, const Axis *axis, double step, bool percent)
{
	for (double tick = ceil(axis->minimum / step - 1e-6);
		 tick * step <= axis->maximum + step * 1e-6; tick++)
	{
		/* avoids -0 */
		double		value = tick == 0 ? 0 : tick * step;
		double		y = on_axis(axis, value);

		appendStringInfo(
			s, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\" />\n", LEFT,
			RIGHT, y, y);
		append_label(s, LEFT - 6, y + 4, "end", "tick",
					 percent ? html_percent(value) : tick_text(value, step));
	}
}

/* A tick, with its label unless that would leave the chart. */
static void
append_tick(StringInfo s, double x, const char *label)
{
	double		half = CHART_FONT * html_short_width(label, NAME_CHARACTERS) / 2;

	appendStringInfo(s, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"base\" />\n",
					 x, x, BOTTOM, BOTTOM + 4);
	if (x + half <= WIDTH)
		append_label(s, x, BOTTOM + 19, "middle", "tick", label);
}

static void
append_x_axis(StringInfo s, const Axis *axis)
{
	appendStringInfo(s, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"base\" />\n",
					 LEFT, RIGHT, BOTTOM, BOTTOM);
	if (axis->logarithmic)
	{
		/* ticks at 1, 2, 5, 10, 20, ..., or only at powers of ten where these are enough */
		const double factors[3] = {1, 2, 5};

		for (double power = 1; power <= axis->maximum; power *= 10)
		{
			for (int f = 0; f < (axis->maximum < 100 ? 3 : 1); f++)
			{
				double		tick = factors[f] * power;

				if (tick >= axis->minimum && tick <= axis->maximum)
					append_tick(s, on_axis(axis, tick), tick_text(tick, 1));
			}
		}
	}
	else
	{
		/* x is an iteration: a whole number */
		double		step = fmax(1, nice_step(axis->maximum - axis->minimum, TICKS));

		for (double tick = ceil(axis->minimum / step); tick * step <= axis->maximum + 1e-6; tick++)
			append_tick(s, on_axis(axis, tick * step), tick_text(tick * step, step));
	}
}

void
chart_lines(StringInfo s, const ChartText *text, const ChartLine *lines, int n_lines,
			bool x_logarithmic, bool percent)
{
	Axis		x = {INFINITY, -INFINITY, LEFT + 6, RIGHT - 6, x_logarithmic};
	Axis		y = {INFINITY, -INFINITY, BOTTOM, TOP, false};
	double		step;

	for (int l = 0; l < n_lines; l++)
	{
		for (int i = 0; i < lines[l].n; i++)
		{
			x.minimum = fmin(x.minimum, lines[l].x[i]);
			x.maximum = fmax(x.maximum, lines[l].x[i]);
			y.minimum = fmin(y.minimum, lines[l].y[i]);
			y.maximum = fmax(y.maximum, lines[l].y[i]);
		}
	}
	if (percent)
	{
		y.minimum = 0;
		y.maximum = 1;
	}
	widen_range(&y.minimum, &y.maximum);
	step = whole_steps(&y);
	begin_svg(s, text, HEIGHT);
	append_y_axis(s, &y, step, percent);
	append_x_axis(s, &x);
	append_axis_titles(s, text);
	for (int l = 0; l < n_lines; l++)
	{
		const ChartLine *line = &lines[l];

		appendStringInfo(s, "<polyline class=\"line %s\" points=\"", line->style);
		for (int i = 0; i < line->n; i++)
			appendStringInfo(s, "%s%.1f,%.1f", i == 0 ? "" : " ", on_axis(&x, line->x[i]),
							 on_axis(&y, line->y[i]));
		appendStringInfoString(s, "\" />\n");
		for (int i = 0; i < line->n && line->dots; i++)
			appendStringInfo(
				s,
				"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" class=\"dot %s\"><title>%g: "
				"%s</title></circle>\n",
				on_axis(&x, line->x[i]), on_axis(&y, line->y[i]), line->style, line->x[i],
				html_number(line->y[i]));
	}
	end_svg(s);
}

void
chart_bars(StringInfo s, const ChartText *text, const double *values, bool edges,
		   const double *heights, int n)
{
	Axis		y = {0, 0, BOTTOM, TOP, false};
	double		pitch = (RIGHT - LEFT) / n;
	double		widest = 0;
	int			n_labels = edges ? n + 1 : n;
	int			every;

	for (int i = 0; i < n; i++)
		y.maximum = fmax(y.maximum, heights[i]);
	if (y.maximum == 0)
		y.maximum = 1;
	begin_svg(s, text, HEIGHT);
	append_y_axis(s, &y, nice_step(y.maximum, TICKS), false);
	for (int i = 0; i < n; i++)
	{
		double		top = on_axis(&y, heights[i]);
		char	   *label = psprintf("%g", values[i]);

		if (edges)
			label = psprintf("%g to %g", values[i], values[i + 1]);
		appendStringInfo(
			s,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"bar\"><title>%s: "
			"%s</title></rect>\n",
			LEFT + i * pitch + pitch * (edges ? 0.04 : 0.12), top, pitch * (edges ? 0.92 : 0.76),
			BOTTOM - top, label, html_count((int64) heights[i]));
	}
	appendStringInfo(s, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"base\" />\n",
					 LEFT, RIGHT, BOTTOM, BOTTOM);
	for (int i = 0; i < n_labels; i++)
		widest =
			fmax(widest, html_short_width(psprintf("%g", values[i]), NAME_CHARACTERS) * CHART_FONT);
	every = (int) ceil((widest + 6) / pitch);
	for (int i = 0; i < n_labels; i += every)
		append_tick(s, LEFT + (edges ? i : i + 0.5) * pitch, psprintf("%g", values[i]));
	append_axis_titles(s, text);
	end_svg(s);
}

/* The smallest distance between ticks for which labels have room. */
static double
row_step(const Axis *axis)
{
	double		range = axis->maximum - axis->minimum;
	double		step = nice_step(range, 1);

	for (int ticks = TICKS; ticks > 1; ticks--)
	{
		double		tried = nice_step(range, ticks);
		double		widest = fmax(html_short_width(tick_text(axis->minimum, tried),
															 NAME_CHARACTERS),
							 html_short_width(tick_text(axis->maximum, tried), NAME_CHARACTERS));

		if (CHART_FONT * widest + 4 <= (axis->last - axis->first) * tried / range)
			return tried;
	}
	return step;
}

void
chart_intervals(StringInfo s, const ChartText *text, const ChartInterval *rows, int n)
{
	const double row_height = 44;
	const double names = 122;
	const double right = 372;

	begin_svg(s, text, row_height * n + 4);
	for (int i = 0; i < n; i++)
	{
		const ChartInterval *row = &rows[i];
		double		middle = row_height * i + 14;
		Axis		x = {row->value, row->value, names + 8, right - 8, false};
		double		others[3] = {row->low, row->high, row->mark};
		double		step;
		StringInfoData name;

		CHECK_FOR_INTERRUPTS();
		initStringInfo(&name);
		html_short_text(&name, row->name, LABEL_CHARACTERS);
		append_label(s, 0, middle + 4, "start", "", name.data);
		for (int o = 0; o < 3; o++)
		{
			if (!isfinite(others[o]))
				continue;
			x.minimum = fmin(x.minimum, others[o]);
			x.maximum = fmax(x.maximum, others[o]);
		}
		widen_range(&x.minimum, &x.maximum);
		step = row_step(&x);
		appendStringInfo(
			s, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"base\" />\n", names,
			right, middle + 12, middle + 12);
		for (double tick = ceil(x.minimum / step - 1e-6); tick * step <= x.maximum + step * 1e-6;
			 tick++)
		{
			double		at = on_axis(&x, tick * step);

			appendStringInfo(
				s, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\" />\n", at,
				at, middle - 10, middle + 12);
			append_label(s, at, middle + 26, "middle", "tick", tick_text(tick * step, step));
		}
		if (isfinite(row->low) && isfinite(row->high))
			appendStringInfo(s,
			"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"interval\" />\n",
							 on_axis(&x, row->low), on_axis(&x, row->high), middle, middle);
		if (isfinite(row->mark))
			appendStringInfo(s,
							 "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" "
							 "class=\"mark\"><title>baseline "
							 "%s</title></line>\n",
							 on_axis(&x, row->mark), on_axis(&x, row->mark), middle - 9, middle + 9,
							 html_number(row->mark));
		appendStringInfo(s,
		"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"dot model\"><title>%s</title></circle>\n",
						 on_axis(&x, row->value), middle, html_number(row->value));
	}
	end_svg(s);
}

/* ---- points ---- */

typedef struct Box
{
	double		left;
	double		top;
	double		right;
	double		bottom;
} Box;

static bool
boxes_overlap(const Box *a, const Box *b)
{
	return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/*
 * In units. The area is proportional to the size, with a minimum so that small circles stay
 * visible.
 */
static double
point_radius(double size, double largest)
{
	return 1.2 + 10 * sqrt(largest > 0 ? size / largest : 0);
}

/*
 * Labels the first points: to the right of the circle, or else to its left, above or below it,
 * where there is room. A point without room gets no label.
 */
static void
append_labels(StringInfo s, const ChartPoint *points, int n, int most, const Axis *x, const Axis *y,
			  double largest)
{
	Box		   *taken = palloc(sizeof(Box) * Max(most, 1));
	int			labels = 0;

	for (int i = 0; i < n && i < 4 * most && labels < most; i++)
	{
		double		width = html_short_width(points[i].name, LABEL_CHARACTERS) * CHART_FONT;
		double		r = point_radius((double) points[i].size, largest) + 2;
		double		cx = on_axis(x, points[i].x);
		double		cy = on_axis(y, points[i].y);
		const struct
		{
			double		left;
			double		middle;
			double		anchor;
			const char *name;
		}			tries[4] = {
			{cx + r, cy, cx + r, "start"},
			{cx - r - width, cy, cx - r, "end"},
			{cx - width / 2, cy - r - CHART_FONT / 2, cx, "middle"},
			{cx - width / 2, cy + r + CHART_FONT / 2, cx, "middle"}
		};

		for (int t = 0; t < 4; t++)
		{
			Box			box = {tries[t].left - 2, tries[t].middle - CHART_FONT * 0.8,
					   tries[t].left + width + 2, tries[t].middle + CHART_FONT * 0.8};
			bool		is_free = box.left >= 2 && box.right <= WIDTH - 2 && box.top >= TOP - 8 &&
						   box.bottom <= y->first + 8;
			StringInfoData name;

			for (int other = 0; other < labels && is_free; other++)
				is_free = !boxes_overlap(&box, &taken[other]);
			if (!is_free)
				continue;
			taken[labels++] = box;
			initStringInfo(&name);
			html_short_text(&name, points[i].name, LABEL_CHARACTERS);
			append_label(s, tries[t].anchor, tries[t].middle + CHART_FONT * 0.35, tries[t].name,
						 "label", name.data);
			break;
		}
	}
}

void
chart_points(StringInfo s, const ChartText *text, const ChartPoint *points, int n, int most_labels)
{
	const double height = 400;
	Axis		x = {INFINITY, -INFINITY, 16, WIDTH - 16, false};
	Axis		y = {INFINITY, -INFINITY, height - 40, TOP + 12, false};
	double		largest = 0;

	for (int i = 0; i < n; i++)
	{
		x.minimum = fmin(x.minimum, points[i].x);
		x.maximum = fmax(x.maximum, points[i].x);
		y.minimum = fmin(y.minimum, points[i].y);
		y.maximum = fmax(y.maximum, points[i].y);
		largest = fmax(largest, (double) points[i].size);
	}
	widen_range(&x.minimum, &x.maximum);
	widen_range(&y.minimum, &y.maximum);
	begin_svg(s, text, height);
	appendStringInfo(
		s, "<rect x=\"0.5\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"frame\" />\n",
		TOP - 8, WIDTH - 1, height - 24 - TOP + 4);
	/* axes through the mean of the vectors, where both are 0 */
	if (x.minimum < 0 && x.maximum > 0)
		appendStringInfo(
			s, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\" />\n",
			on_axis(&x, 0), on_axis(&x, 0), TOP - 8, height - 28);
	if (y.minimum < 0 && y.maximum > 0)
		appendStringInfo(s,
						 "<line x1=\"1\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\" />\n",
						 WIDTH - 1, on_axis(&y, 0), on_axis(&y, 0));
	/* the largest circles first, so that small ones are not hidden */
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfo(s, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"point\"><title>",
						 on_axis(&x, points[i].x), on_axis(&y, points[i].y),
						 point_radius((double) points[i].size, largest));
		html_short_text(s, points[i].name, NAME_CHARACTERS);
		appendStringInfo(s, ": %s</title></circle>\n", html_count(points[i].size));
	}
	append_labels(s, points, n, most_labels, &x, &y, largest);
	append_label(s, 0, 13, "start", "axis", text->y);
	append_label(s, WIDTH - 4, height - 6, "end", "axis", text->x);
	end_svg(s);
}
