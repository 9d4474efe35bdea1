/*
 * inputs.h
 *	  The inputs of a model: other models, whose lists it makes one list of.
 */
#ifndef REC_INPUTS_H
#define REC_INPUTS_H

#include "model/model_row.h"

/* The model that is input number i of a model now, or an error with a hint. */
extern Oid	input_model(const ModelRow *row, int i);

/*
 * Raises an error for a model that is so many models away from the one that was asked: rows of
 * rec.model that were written by hand may be a circle.
 */
extern void input_check_depth(Oid model, int depth);

/* Whether a model is an input of a model, or one of an input, and so on. */
extern bool input_reaches(Oid model, Oid wanted);

#endif							/* REC_INPUTS_H */
