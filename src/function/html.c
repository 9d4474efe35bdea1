/*
 * html.c
 *	  Text and numbers in HTML.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "function/html.h"
#include "mb/pg_wchar.h"

/* Replaces characters that XML does not allow (Extensible Markup Language 1.0, production 2). */
#define REPLACEMENT 0xFFFD

#define ELLIPSIS 0x2026

typedef struct Characters
{
	int			n;
	uint32	   *code;
} Characters;

static bool
is_xml_character(uint32 c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F) ||
		   (c > 0x9F && c < 0xD800) || (c >= 0xE000 && c < 0xFFFE) ||
		   (c >= 0x10000 && c <= 0x10FFFF);
}

/*
 * The code points of a text. In a database without an encoding (SQL_ASCII), only ASCII bytes are
 * known characters.
 */
static Characters
characters(const char *text)
{
	const unsigned char *p;
	Characters	c = {0};

	if (GetDatabaseEncoding() != PG_SQL_ASCII)
		text = pg_server_to_any(text, strlen(text), PG_UTF8);
	p = (const unsigned char *) text;
	c.code = palloc_extended(sizeof(uint32) * (strlen(text) + 1), MCXT_ALLOC_HUGE);
	while (*p != 0)
	{
		int			more = *p < 0xC0 ? 0 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : 3;
		uint32		code = more == 0 ? *p : *p & (0x3F >> more);

		if (*p >= 0x80 && (more == 0 || GetDatabaseEncoding() == PG_SQL_ASCII))
		{
			more = 0;
			code = REPLACEMENT;
		}
		p++;
		for (; more > 0 && (*p & 0xC0) == 0x80; more--)
			code = code << 6 | (*p++ & 0x3F);
		c.code[c.n++] = is_xml_character(code) ? code : REPLACEMENT;
	}
	return c;
}

/* Leaves out the middle of a text that is longer than `most` characters. */
static void
shorten(Characters *c, int most)
{
	int			end = most / 3;

	if (c->n <= most)
		return;
	c->code[most - end - 1] = ELLIPSIS;
	memmove(c->code + most - end, c->code + c->n - end, sizeof(uint32) * end);
	c->n = most;
}

static void
append(StringInfo s, const Characters *c)
{
	for (int i = 0; i < c->n; i++)
	{
		uint32		code = c->code[i];

		if (code >= 0x80 || strchr("&<>\"'\t\n\r", (int) code) != NULL)
			appendStringInfo(s, "&#%u;", code);
		else
			appendStringInfoChar(s, (char) code);
	}
}

void
html_text(StringInfo s, const char *text)
{
	Characters	c = characters(text);

	append(s, &c);
	pfree(c.code);
}

void
html_short_text(StringInfo s, const char *text, int most)
{
	Characters	c = characters(text);

	shorten(&c, most);
	append(s, &c);
	pfree(c.code);
}

double
html_short_width(const char *text, int most)
{
	Characters	c = characters(text);
	double		width = 0;

	shorten(&c, most);
	for (int i = 0; i < c.n; i++)
	{
		uint32		code = c.code[i];

		if (code >= 0x1100)
			width += code >= 0x10000 ? 1.4 : 1.1;
		else if (code >= 0x80 || strchr("mwMWQOGDNHU@%&", (int) code) != NULL)
			width += 1;
		else if (strchr("fijltr .,:;!|'()[]/-", (int) code) != NULL)
			width += 0.5;
		else
			width += code >= 'A' && code <= 'Z' ? 0.75 : 0.67;
	}
	pfree(c.code);
	return width;
}

char *
html_number(double value)
{
	double		size = fabs(value);

	if (isnan(value))
		return pstrdup("&#8211;");
	if (isinf(value))
		return pstrdup(value > 0 ? "&#8734;" : "-&#8734;");
	if (size == 0)
		return pstrdup("0");
	if (size >= 1e7 || size < 1e-4)
		return psprintf("%.3g", value);
	if (size >= 1000)
		return html_count((int64) rint(value));
	return psprintf("%.*f",
					size >= 100	   ? 1
					: size >= 10   ? 2
					: size >= 1	   ? 3
					: size >= 0.01 ? 4
								   : 5,
					value);
}

char *
html_count(int64 value)
{
	char	   *digits = psprintf(INT64_FORMAT, value);
	int			n = (int) strlen(digits);
	int			first = value < 0 ? 1 : 0;
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < n; i++)
	{
		if (i > first && (n - i) % 3 == 0)
			appendStringInfoChar(&s, ',');
		appendStringInfoChar(&s, digits[i]);
	}
	return s.data;
}

char *
html_percent(double share)
{
	double		percent = 100 * share;

	if (isnan(share))
		return pstrdup("&#8211;");
	return psprintf("%.*f&#160;%%",
					percent == 0 || percent >= 9.95 ? 0
					: percent >= 0.095				? 1
													: 2,
					percent);
}
