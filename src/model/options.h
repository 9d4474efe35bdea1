/*
 * options.h
 *	  Options of algorithms: from JSON to the algorithm's struct, and back.
 */
#ifndef REC_OPTIONS_H
#define REC_OPTIONS_H

#include "algorithm/algorithm.h"
#include "utils/jsonb.h"

/* The algorithm of this name, or an error with the nearest one. */
extern const Algorithm *algorithm_by_name(const char *name);

/*
 * The options struct for what was given, defaults filled in; in the current
 * memory context. Errors out for what is unknown, of the wrong type or out of range.
 */
extern void *options_read(const Algorithm *algorithm, Jsonb *given, bool has_rating);

/* All options with their values; intervals in the words that they were given in. */
extern Jsonb *options_to_json(const Algorithm *algorithm, const void *options, Jsonb *given);

extern const char *option_type_name(const Option *option);

#endif							/* REC_OPTIONS_H */
