/*
 * html.h
 *	  Text and numbers as they go into a page.
 *
 * What is appended is of ASCII characters alone, others as references to their code points: so a
 * page is the same in whatever encoding the server has and the client asks for. It is well-formed
 * XML too.
 */
#ifndef REC_HTML_H
#define REC_HTML_H

#include "lib/stringinfo.h"

/* Text, in the server's encoding, as content or as the value of an attribute. */
extern void html_text(StringInfo s, const char *text);

/* The same, of at most so many characters; a longer one keeps its beginning and its end. */
extern void html_short_text(StringInfo s, const char *text, int most);

/*
 * How wide html_short_text()'s text is at most, in font sizes: in a font of usual width, which is
 * not known here.
 */
extern double html_short_width(const char *text, int most);

/* A number to three or four digits that count; a dash where it is NaN. */
extern char *html_number(double value);

/* A whole number, with commas between thousands. */
extern char *html_count(int64 value);

/* A share, 0 to 1, in percent. */
extern char *html_percent(double share);

#endif							/* REC_HTML_H */
