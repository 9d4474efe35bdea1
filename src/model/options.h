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
 * The options struct for the given options and their defaults, for a source with the columns that
 * the row names; in the current memory context. null means the default of an option that is left to
 * the source with some feedback. Raises an error for options that are unknown, of the wrong type or
 * out of range, or that need a column that is not named. Every training and every question reads
 * its options with this function.
 */
extern void *options_read(const Algorithm *algorithm, Jsonb *given, const ModelRow *row);

/* Whether the options say whether rows are ratings or events. */
extern bool feedback_is_given(Jsonb *given);

/* Otherwise reports that the row's rating column, if there is one, makes feedback explicit. */
extern void note_feedback(const ModelRow *row);

/*
 * All options with their values; null for options that are left to the source. Intervals keep the
 * text in which they were given.
 */
extern Jsonb *options_to_json(const Algorithm *algorithm, const void *options, Jsonb *given);

extern bool has_option(const Algorithm *algorithm, const char *name);

/*
 * The options that were left to the source, with their decided values; NULL where there are none.
 */
extern Jsonb *options_decided(const Algorithm *algorithm, const void *before, const void *options);

extern const char *option_type_name(const Option *option);

#endif							/* REC_OPTIONS_H */
