/*
 * contexts.h
 *	  The features of contexts, as a loaded model encodes them.
 */
#ifndef REC_CONTEXTS_H
#define REC_CONTEXTS_H

#include "model/model_cache.h"

/*
 * The features of contexts, whose ids are jsonb objects as text: contexts x features, in the order
 * of the ids, in the current memory context. What is needed on the way is in the ids' context. The
 * model's source is open; SPI need not be connected.
 */
extern const SparseMatrix *encode_contexts(LoadedModel *loaded, const IdDictionary *ids);

#endif							/* REC_CONTEXTS_H */
