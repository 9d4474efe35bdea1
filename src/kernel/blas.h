/*
 * blas.h
 *	  OpenBLAS, made to use what the processor has.
 */
#ifndef REC_BLAS_H
#define REC_BLAS_H

#include <stdbool.h>

/* Chooses OpenBLAS's core for this processor. Called once, before any other kernel. */
extern void blas_use_processor(void);

/* The name of the core that OpenBLAS uses; "unknown" where the library does not say. */
extern const char *blas_core(void);

/* Whether the core can be chosen, and a function that chooses it. Tests use both. */
extern bool blas_can_choose(void);
extern void blas_force_core(const char *core);

#endif							/* REC_BLAS_H */
