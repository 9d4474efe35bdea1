/*
 * unit.h
 *	  What the unit tests share: CHECK counts what holds, and ends the program
 *	  at the first thing that does not.
 */
#ifndef REC_UNIT_H
#define REC_UNIT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long checks_passed = 0;

#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
			exit(1); \
		} \
		checks_passed++; \
	} while (0)

/* That two numbers differ by at most a tolerance. */
#define CHECK_NEAR(got, expected, tolerance) \
	do { \
		double		got_ = (got); \
		double		expected_ = (expected); \
		double		tolerance_ = (tolerance); \
		if (!(fabs(got_ - expected_) <= tolerance_)) \
		{ \
			printf("%s:%d: failed: %s = %.9g, expected %.9g within %.3g\n", \
				   __FILE__, __LINE__, #got, got_, expected_, tolerance_); \
			exit(1); \
		} \
		checks_passed++; \
	} while (0)

/* The last line of main. */
static inline int
passed(const char *name)
{
	printf("%s: %ld checks passed\n", name, checks_passed);
	return 0;
}

/*
 * Zeroed memory aligned to a cache line and of just this size, so that a sanitizer sees reads
 * beyond it.
 */
static inline void *
zeroed(size_t bytes)
{
	void	   *memory = NULL;

	if (posix_memalign(&memory, 64, bytes > 0 ? bytes : 1) != 0)
		abort();
	memset(memory, 0, bytes);
	return memory;
}

#endif							/* REC_UNIT_H */
