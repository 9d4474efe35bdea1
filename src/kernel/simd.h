/*
 * simd.h
 *	  Vectors of floats for one instruction set: AVX-512, AVX2 with FMA, or
 *	  whatever the compiler takes as its baseline.
 *
 * A file of kernels that is to run on each of them is written once in terms of the macros below,
 * and included once per instruction set with SIMD_LEVEL defined, by simd_levels.h (so there is no
 * guard here); which one runs is decided by simd_level() at run time. Multiply-adds are
 * intrinsics, not left to contraction, so that one computation gives the same bits wherever it is
 * inlined.
 *
 *	Vector					SIMD_WIDTH floats
 *	NAME(f)					the name of function f for this instruction set
 *	TARGET					marks every function, so that it may use the instructions
 *	LOAD, STORE				anywhere in memory
 *	LOAD_FIRST(p, n)		p[0] .. p[n - 1] and then zeros, reading no further
 *	SPLAT(x)				x everywhere
 *	MULTIPLY_ADD(a, b, c)	c + a b
 *	MULTIPLY_SUBTRACT(a, b, c)	c - a b
 *	SPLAT_LANE(v, i)		element i, a constant, everywhere
 *	FIRST(v, n)				elements 0 .. n - 1 of v, and then zeros
 *	SQUARE_ROOT(v)
 *	LOAD_ACROSS(p, i, out)	four vectors out, of which number c is p[0][i + c] .. p[SIMD_WIDTH -
 *							1][i + c]
 *	SUM(v)					of all elements, in a fixed order
 *	SUM4(a, b, c, d, out)	the sums of four vectors, each the same as SUM's
 *	KEEP(v)					v is computed as it stands, not merged with what is done to it next
 *	TILE_ROWS, TILE_VECTORS	shape of the largest tile of accumulators that fits the registers
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * Sums are taken as written, whatever the compiler's flags. clang would reorder even the sums in
 * intrinsics. gcc does not, and no loop here sums into one number.
 */
#ifdef __clang__
#pragma clang fp reassociate(off) contract(off)
#endif

#if defined(__x86_64__) && defined(__GNUC__)
#define SIMD_X86
#include <immintrin.h>
#endif

#ifndef REC_SIMD_H
#define REC_SIMD_H

#define SIMD_BASELINE 0
#define SIMD_AVX2 1
#define SIMD_AVX512 2

/* The best level that this processor has. */
extern int	simd_level(void);

/* Limits simd_level() to this level; for tests of the other levels. */
extern void simd_limit(int most);

/* out[c], in each quarter or half of a register, = elements c of in[0] .. in[3]. */
#define TRANSPOSE4(type, low, high, shuffle, in, out) \
	do { \
		type		a_ = low(in[0], in[1]); \
		type		b_ = high(in[0], in[1]); \
		type		c_ = low(in[2], in[3]); \
		type		d_ = high(in[2], in[3]); \
		out[0] = shuffle(a_, c_, 0x44); \
		out[1] = shuffle(a_, c_, 0xee); \
		out[2] = shuffle(b_, d_, 0x44); \
		out[3] = shuffle(b_, d_, 0xee); \
	} while (0)

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#endif							/* REC_SIMD_H */

#ifdef SIMD_LEVEL

#undef SIMD_WIDTH
#undef Vector
#undef NAME
#undef TARGET
#undef LOAD
#undef STORE
#undef LOAD_FIRST
#undef FIRST_LANES
#undef SPLAT
#undef MULTIPLY_ADD
#undef MULTIPLY_SUBTRACT
#undef SPLAT_LANE
#undef FIRST
#undef SQUARE_ROOT
#undef LOAD_ACROSS
#undef SUM
#undef SUM4
#undef KEEP
#undef TILE_ROWS
#undef TILE_VECTORS
#undef INLINE
#define INLINE static inline __attribute__((always_inline)) TARGET

#if defined(SIMD_X86)
#define KEEP(v) __asm__("" : "+v" (v))
#elif defined(__aarch64__)
#define KEEP(v) __asm__("" : "+w" (v))
#else
#define KEEP(v) ((void) 0)
#endif

#if SIMD_LEVEL == SIMD_AVX512

#define SIMD_WIDTH 16
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define Vector __m512
#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define LOAD_FIRST(p, n) _mm512_maskz_loadu_ps((__mmask16) ((1 << (n)) - 1), p)
#define SPLAT(x) _mm512_set1_ps(x)
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#define MULTIPLY_SUBTRACT(a, b, c) _mm512_fnmadd_ps(a, b, c)
#define SPLAT_LANE(v, i) _mm512_permutexvar_ps(_mm512_set1_epi32(i), v)
#define FIRST(v, n) _mm512_maskz_mov_ps((__mmask16) ((1 << (n)) - 1), v)
#define SQUARE_ROOT(v) _mm512_sqrt_ps(v)
#define LOAD_ACROSS(p, i, out) load_across4_avx512(p, i, out)
#define SUM(v) sum8_avx512(halves_avx512(v))
#define SUM4(a, b, c, d, out) \
	sum8_of_four_avx512(halves_avx512(a), halves_avx512(b), halves_avx512(c), halves_avx512(d), out)

INLINE __m256
halves_avx512(__m512 v)
{
	return _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
}

/* Transposes four systems per register, and then four by four within its quarters. */
INLINE void
load_across4_avx512(const float *const *p, int64_t i, __m512 *out)
{
	__m512		of[4];

	UNROLL for (int s = 0; s < 4; s++)
	{
		__m512		low = _mm512_castps128_ps512(_mm_loadu_ps(p[s] + i));

		low = _mm512_insertf32x4(low, _mm_loadu_ps(p[s + 4] + i), 1);
		low = _mm512_insertf32x4(low, _mm_loadu_ps(p[s + 8] + i), 2);
		of[s] = _mm512_insertf32x4(low, _mm_loadu_ps(p[s + 12] + i), 3);
	}
	TRANSPOSE4(__m512, _mm512_unpacklo_ps, _mm512_unpackhi_ps, _mm512_shuffle_ps, of, out);
}

#elif SIMD_LEVEL == SIMD_AVX2

#define SIMD_WIDTH 8
#define TILE_ROWS 4
#define TILE_VECTORS 3
#define Vector __m256
#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define LOAD_FIRST(p, n) \
	_mm256_maskload_ps(p, FIRST_LANES(n))
#define FIRST_LANES(n) \
	_mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define SPLAT(x) _mm256_set1_ps(x)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define MULTIPLY_SUBTRACT(a, b, c) _mm256_fnmadd_ps(a, b, c)
#define SPLAT_LANE(v, i) _mm256_permutevar8x32_ps(v, _mm256_set1_epi32(i))
#define FIRST(v, n) _mm256_and_ps(v, _mm256_castsi256_ps(FIRST_LANES(n)))
#define SQUARE_ROOT(v) _mm256_sqrt_ps(v)
#define LOAD_ACROSS(p, i, out) load_across4_avx2(p, i, out)
#define SUM(v) sum8_avx2(v)
#define SUM4(a, b, c, d, out) sum8_of_four_avx2(a, b, c, d, out)

INLINE void
load_across4_avx2(const float *const *p, int64_t i, __m256 *out)
{
	__m256		of[4];

	UNROLL for (int s = 0; s < 4; s++) of[s] = _mm256_insertf128_ps(
		_mm256_castps128_ps256(_mm_loadu_ps(p[s] + i)), _mm_loadu_ps(p[s + 4] + i), 1);
	TRANSPOSE4(__m256, _mm256_unpacklo_ps, _mm256_unpackhi_ps, _mm256_shuffle_ps, of, out);
}

#else

#define SIMD_WIDTH 4
#define TILE_ROWS 4
#define TILE_VECTORS 3
typedef float Vector4 __attribute__((vector_size(16)));
typedef float Vector4Anywhere __attribute__((vector_size(16), aligned(4), may_alias));

#define Vector Vector4
#define NAME(f) f##_baseline
#define TARGET
#define LOAD(p) (*(const Vector4Anywhere *) (p))
#define STORE(p, v) (*(Vector4Anywhere *) (p) = (v))
#define LOAD_FIRST(p, n) load_first_baseline(p, n)
#define SPLAT(x) splat_baseline(x)
#define MULTIPLY_ADD(a, b, c) ((c) + (a) * (b))
#define MULTIPLY_SUBTRACT(a, b, c) ((c) - (a) * (b))
#define SPLAT_LANE(v, i) splat_baseline((v)[i])
#define FIRST(v, n) first_baseline(v, n)
#define LOAD_ACROSS(p, i, out) load_across4_baseline(p, i, out)
#define SQUARE_ROOT(v) ((Vector4) {sqrtf((v)[0]), sqrtf((v)[1]), sqrtf((v)[2]), sqrtf((v)[3])})
#define SUM(v) sum_baseline(v)
#define SUM4(a, b, c, d, out) \
	((out)[0] = SUM(a), (out)[1] = SUM(b), (out)[2] = SUM(c), (out)[3] = SUM(d))

INLINE Vector4
splat_baseline(float x)
{
	return (Vector4)
	{
		x, x, x, x
	};
}

INLINE void
load_across4_baseline(const float *const *p, int64_t i, Vector4 *out)
{
	for (int c = 0; c < 4; c++)
		out[c] = (Vector4)
		{
			p[0][i + c], p[1][i + c], p[2][i + c], p[3][i + c]
		};
}

INLINE Vector4
load_first_baseline(const float *p, int n)
{
	Vector4		v = {0, 0, 0, 0};

	memcpy(&v, p, sizeof(float) * n);
	return v;
}

INLINE Vector4
first_baseline(Vector4 v, int n)
{
	for (int i = n; i < 4; i++)
		v[i] = 0;
	return v;
}

INLINE float
sum_baseline(Vector4 v)
{
	/* each sum is stored before the next addition, so that their order is as written */
	volatile float low = v[0] + v[1];
	volatile float high = v[2] + v[3];

	return low + high;
}

#endif

#if SIMD_LEVEL != SIMD_BASELINE

INLINE float
NAME(sum8) (__m256 v)
{
	__m256		pairs = _mm256_hadd_ps(v, v);
	__m256		fours = _mm256_hadd_ps(pairs, pairs);

	return _mm_cvtss_f32(
		_mm_add_ss(_mm256_castps256_ps128(fours), _mm256_extractf128_ps(fours, 1)));
}

INLINE void
NAME(sum8_of_four) (__m256 a, __m256 b, __m256 c, __m256 d, float *out)
{
	__m256		fours = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));

	_mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(fours), _mm256_extractf128_ps(fours, 1)));
}

#endif

#endif							/* SIMD_LEVEL */
