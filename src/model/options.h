/*
 * options.h
 *	  Options of algorithms: from JSON to the algorithm's struct, and back.
 */
#ifndef REC_OPTIONS_H
#define REC_OPTIONS_H

#include "algorithm/algorithm.h"
#include "model/catalog.h"
#include "utils/jsonb.h"

/* The algorithm of this name, or an error with the nearest one. */
extern const Algorithm *algorithm_by_name(const char *name);

/*
 * The options struct for what was given, defaults filled in, for a source with the columns that
 * the row names; in the current memory context. null stands for the default of an option that is
 * left to the source with some feedback. Errors out for what is unknown, of the wrong type or out
 * of range, or needs a column that is not named: every training and every question begins here.
 */
extern void *options_read(const Algorithm *algorithm, Jsonb *given, const ModelRow *row);

/* Whether the options say what a row is, a rating or an event. */
extern bool feedback_is_given(Jsonb *given);

/* Where they don't: says that the row's rating column, if there is one, makes feedback explicit. */
extern void note_feedback(const ModelRow *row);

/*
 * All options with their values, null where one is left to the source; intervals in the words
 * that they were given in.
 */
extern Jsonb *options_to_json(const Algorithm *algorithm, const void *options, Jsonb *given);

extern bool has_option(const Algorithm *algorithm, const char *name);

/*
 * Of the options those that were left to the source, with what was decided; NULL where there are
 * none.
 */
extern Jsonb *options_decided(const Algorithm *algorithm, const void *before, const void *options);

extern const char *option_type_name(const Option *option);

#endif							/* REC_OPTIONS_H */
