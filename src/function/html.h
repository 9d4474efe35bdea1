/*
 * html.h
 *	  Text and numbers in HTML.
 *
 * Only ASCII characters are appended, and others as references to their code points. So a page is
 * the same in any encoding of the server or the client. It is also well-formed XML.
 */
#ifndef REC_HTML_H
#define REC_HTML_H

#include "lib/stringinfo.h"

/* Appends text, in the server's encoding, as content or as the value of an attribute. */
extern void html_text(StringInfo s, const char *text);

/* Appends text of at most `most` characters. A longer text keeps its beginning and its end. */
extern void html_short_text(StringInfo s, const char *text, int most);

/* The greatest width of html_short_text()'s text, in font sizes, for a font of usual width. */
extern double html_short_width(const char *text, int most);

/* A number with three or four significant digits; a dash for NaN. */
extern char *html_number(double value);

/* A whole number, with commas between thousands. */
extern char *html_count(int64 value);

/* A share from 0 to 1, in percent. */
extern char *html_percent(double share);

#endif							/* REC_HTML_H */
