/*
 * fuzz.h
 *	  Common parts of the fuzzed programs: numbers from the fuzzer's bytes, and memory that is freed
 *	  after each case.
 *
 * Each program is a function of some bytes. libFuzzer calls it, and looks for bytes that take
 * another way through the code (test/fuzz-kernels). The function reads a case from the bytes, runs
 * the code on it, and checks the answer against a reference that is too simple to be wrong, or
 * against properties that every answer has.
 *
 * Bytes are read from the front. Beyond the last byte all are zero, or random with the first byte
 * as the seed, so that a few bytes make a large case too, and the same bytes always make the same
 * case.
 */
#ifndef REC_FUZZ_H
#define REC_FUZZ_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>

#include "../unit.h"

#include "kernel/random.h"

typedef struct Input
{
	const uint8_t *at;
	size_t		left;
	uint64_t	seed;			/* of the bytes beyond the last one; 0: zeros */
	uint64_t	position;
} Input;

/* The range of the numbers of a case. */
typedef enum Range
{
	RANGE_EXACT,				/* quarters from -8 to 8, with exact sums and products */
	RANGE_MODERATE,				/* no underflow or overflow in a correct computation */
	RANGE_FINITE,				/* any finite number */
	RANGE_ANY					/* any number, also NaN and infinity */
} Range;

/* ---- memory ---- */

#define MOST_PIECES 4096

static void *pieces[MOST_PIECES];
static int	n_pieces = 0;

/*
 * Memory of exactly this size, so that the sanitizer detects accesses beyond the end; freed after
 * the case.
 */
static inline void *
fresh(size_t bytes)
{
	if (n_pieces == MOST_PIECES)
		abort();
	return pieces[n_pieces++] = zeroed(bytes);
}

/* The same, with arbitrary contents. */
static inline void *
dirty(size_t bytes)
{
	void	   *memory = fresh(bytes);

	memset(memory, 0x5a, bytes);
	return memory;
}

/* Frees all pieces from this one on. */
static inline void
free_pieces(int from)
{
	while (n_pieces > from)
		free(pieces[--n_pieces]);
}

/* ---- numbers ---- */

static inline Input
begin_case(const uint8_t *data, size_t size)
{
	Input		in = {data, size, 0, 0};

	if (size > 0)
	{
		in.seed = data[0] & 1 ? data[0] : 0;
		in.at++;
		in.left--;
	}
	return in;
}

static inline void
end_case(void)
{
	free_pieces(0);
}

static inline uint64_t
take_bytes(Input *in, int bytes)
{
	uint64_t	value = 0;

	if (in->left == 0 && in->seed != 0)
		return random_bits(in->seed, in->position++) >> (64 - 8 * bytes);
	for (int i = 0; i < bytes && in->left > 0; i++, in->left--)
		value |= (uint64_t) *in->at++ << (8 * i);
	return value;
}

/* A number from 0 to below - 1. */
static inline int64_t
take_below(Input *in, int64_t below)
{
	if (below <= 1)
		return 0;
	return (int64_t) (take_bytes(in, below <= 256 ? 1 : below <= 65536 ? 2 : 8) % (uint64_t) below);
}

static inline bool
take_bool(Input *in)
{
	return take_bytes(in, 1) & 1;
}

static inline Range
take_range(Input *in, Range most)
{
	return (Range) take_below(in, (int64_t) most + 1);
}

static inline double
take_double(Input *in, Range range)
{
	static const double special[] = {0,
									 -0.0,
									 1,
									 -1,
									 0.1,
									 FLT_MAX,
									 -FLT_MAX,
									 FLT_MIN,
									 FLT_EPSILON,
									 0x1p-149,
									 3e38,
									 -3e38,
									 1e38,
									 1e19,
									 -1e19,
									 1e18,
									 1e15,
									 1e-15,
									 1e-19,
									 1e-38,
									 16777216,
									 2147483648.0,
									 9007199254740992.0,
									 DBL_MAX,
									 -DBL_MAX,
									 DBL_MIN,
									 4.9e-324,
									 DBL_EPSILON,
									 1e150,
									 1e-160,
									 1e9,
									 5};
	uint64_t	kind = range == RANGE_EXACT ? 0 : take_bytes(in, 1);
	uint64_t	bits;
	double		value;

	if (kind < 64)
		return ((int) take_bytes(in, 1) % 65 - 32) / 4.0;
	if (range == RANGE_MODERATE)
		return ldexp((int) take_bytes(in, 2) - 32768, -15 + (int) kind % 16 - 8);
	if (kind < 160)
		return special[take_bytes(in, 1) % (sizeof(special) / sizeof(special[0]))];
	if (range == RANGE_ANY && kind < 176)
		return kind < 166 ? NAN : kind < 171 ? INFINITY : -INFINITY;
	/* any bits, except that all NaNs become one */
	bits = take_bytes(in, 8);
	if ((bits >> 52 & 0x7ff) == 0x7ff)
		bits ^= UINT64_C(1) << 62;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static inline float
take_float(Input *in, Range range)
{
	uint64_t	kind;
	uint32_t	bits;
	float		value;

	if (range <= RANGE_MODERATE)
		return (float) take_double(in, range);
	kind = take_bytes(in, 1);
	if (kind < 128)
	{
		double		number = take_double(in, range);

		/* the largest numbers */
		return isnan(number) || isinf(number) || fabs(number) <= FLT_MAX ? (float) number
			   : number > 0												 ? FLT_MAX
																		 : -FLT_MAX;
	}
	bits = (uint32_t) take_bytes(in, 4);
	if ((bits >> 23 & 0xff) == 0xff)
		bits ^= UINT32_C(1) << 30;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* n numbers, aligned to a cache line. */
static inline float *
take_floats(Input *in, int64_t n, Range range)
{
	float	   *values = fresh(sizeof(float) * n);

	for (int64_t i = 0; i < n; i++)
		values[i] = take_float(in, range);
	return values;
}

/* Takes an ascending subset of 0 .. below - 1; returns its size. */
static inline int64_t
take_subset(Input *in, int64_t below, int32_t *numbers)
{
	/* one of `sparse` numbers on average, by leaps in long subsets */
	int64_t		sparse = 1 + take_below(in, 8);
	int64_t		n = 0;

	for (int64_t i = take_below(in, sparse); i < below; i += 1 + take_below(in, sparse))
		numbers[n++] = (int32_t) i;
	return n;
}

static inline bool
same_float(float a, float b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* The function that libFuzzer calls. */
extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern int	LLVMFuzzerInitialize(int *argc, char ***argv);

/*
 * Unbuffered output: libFuzzer ends a program that calls exit(), as CHECK does, without flushing.
 */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void) argc;
	(void) argv;
	setvbuf(stdout, NULL, _IONBF, 0);
	return 0;
}

#endif							/* REC_FUZZ_H */
