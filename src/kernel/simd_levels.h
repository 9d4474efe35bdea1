/*
 * simd_levels.h
 *	  Includes the file of kernels that SIMD_FILE names once for each instruction set; see simd.h.
 */
#define SIMD_LEVEL SIMD_BASELINE
#include SIMD_FILE
#undef SIMD_LEVEL
#ifdef SIMD_X86
#define SIMD_LEVEL SIMD_AVX2
#include SIMD_FILE
#undef SIMD_LEVEL
#define SIMD_LEVEL SIMD_AVX512
#include SIMD_FILE
#undef SIMD_LEVEL
#endif
#undef SIMD_FILE
