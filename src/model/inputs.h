/*
 * inputs.h
 *	  The inputs of a model: other models, whose lists it makes one list of.
 */
#ifndef REC_INPUTS_H
#define REC_INPUTS_H

#include "model/model_row.h"

/* The model that is input number i of a model now, or an error with a hint. */
extern Oid	input_model(const ModelRow *row, int i);

/* Whether a model is an input of a model, or one of an input, and so on. */
extern bool input_reaches(Oid model, Oid wanted);

#endif							/* REC_INPUTS_H */
