/*
 * blas.h
 *	  OpenBLAS, made to use what the processor has.
 */
#ifndef REC_BLAS_H
#define REC_BLAS_H

/* Called once, before any other kernel. */
extern void blas_use_processor(void);

/* The processor that OpenBLAS takes this one for. */
extern const char *blas_core(void);

#endif							/* REC_BLAS_H */
