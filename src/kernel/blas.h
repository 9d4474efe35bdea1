/*
 * blas.h
 *	  OpenBLAS, made to use what the processor has.
 */
#ifndef REC_BLAS_H
#define REC_BLAS_H

#include <stdbool.h>

/* Called once, before any other kernel. */
extern void blas_use_processor(void);

/* The processor that OpenBLAS takes this one for; "unknown" where it doesn't say. */
extern const char *blas_core(void);

/* Whether it can be told, and to tell it; for tests too. */
extern bool blas_can_choose(void);
extern void blas_force_core(const char *core);

#endif							/* REC_BLAS_H */
