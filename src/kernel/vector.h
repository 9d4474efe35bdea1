/*
 * vector.h
 *	  Operations on single vectors of floats.
 *
 * Sums are accumulated in float where the result is a score, and in double where it is compared
 * with another sum or added to many.
 */
#ifndef REC_VECTOR_H
#define REC_VECTOR_H

#include <stdint.h>

/*
 * Functions marked with FASTEST_INSTRUCTIONS are compiled for several instruction sets, and the
 * fastest version that the processor supports is chosen when the library is loaded. The mechanism
 * (ifunc) is that of glibc. Sanitizers do not survive it, and clang before 18 gives such functions
 * names that other files do not find. Loops that matter everywhere are written with simd.h instead.
 */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
	!defined(__SANITIZE_THREAD__) && (defined(__clang__) ? __clang_major__ >= 18 : __GNUC__ >= 12)
#define FASTEST_INSTRUCTIONS \
	__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FASTEST_INSTRUCTIONS
#endif

/* Floats in a row of a matrix are padded to whole cache lines. */
#define ALIGNMENT 64
#define PADDED(n) (((int64_t) (n) + 15) & ~(int64_t) 15)

/* Prefetches a vector that lies anywhere in memory. */
static inline void
vector_prefetch(const float *vector, int n)
{
	for (int i = 0; i < n; i += ALIGNMENT / (int) sizeof(float))
		__builtin_prefetch(vector + i);
}

extern float vector_dot(const float *a, const float *b, int n);
extern double vector_dot_double(const float *a, const float *b, int n);
extern double vector_norm(const float *a, int n);

/* sum += x a, for n floats */
extern void vector_add_scaled(float *sum, float x, const float *a, int64_t n);

/* out[j] = a . rows[j], for n_rows rows of k floats, stride floats apart. */
extern void vector_dot_rows(const float *a, const float *rows, int64_t stride, int64_t n_rows,
							int k, float *out);

/*
 * vector_dot_rows(), to the bit, for the rows index[first] .. index[first + n_rows - 1]; index
 * NULL: for the rows first .. first + n_rows - 1.
 */
extern void vector_dot_named(const float *a, const float *rows, int64_t stride,
							 const int32_t *index, int64_t first, int64_t n_rows, int k,
							 float *out);

#endif							/* REC_VECTOR_H */
