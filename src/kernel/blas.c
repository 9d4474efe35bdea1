/*
 * blas.c
 *	  OpenBLAS, made to use what the processor has.
 *
 * OpenBLAS chooses its loops by the processor's model number, once, when it is loaded. A model that is newer than the
 * library it takes for one of twenty years ago, without AVX: Debian 12's (0.3.21) multiplies matrices at a fifth of the speed
 * on an Intel Emerald Rapids, and OPENBLAS_CORETYPE in the server's environment is its only remedy. What the processor can
 * do is known better from what it says it can do (simd_level), so the choice is made again for such a one.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/blas.h"
#include "kernel/simd.h"

#define CORE_VARIABLE "OPENBLAS_CORETYPE"

/* Absent in a BLAS of another make, the first three also in one that was built for a single processor: then nothing is chosen. */
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern char *gotoblas_corename(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));

const char *
blas_core(void)
{
	return openblas_get_corename != NULL ? openblas_get_corename() : "unknown";
}

void
blas_use_processor(void)
{
	/* What it takes unknown processors for; none of these has AVX2. */
	static const char *const unknown[] = {"Prescott", "Nehalem", "Sandybridge", "Barcelona"};
	static const char *const core[] = {NULL, "Haswell", "SkylakeX"};

	if (gotoblas_dynamic_init == NULL || gotoblas_dynamic_quit == NULL || gotoblas_corename == NULL || getenv(CORE_VARIABLE) != NULL)
		return;
	for (int level = simd_level(); level > SIMD_BASELINE; level--)
	{
		size_t		i = 0;

		while (i < sizeof(unknown) / sizeof(unknown[0]) && strcmp(gotoblas_corename(), unknown[i]) != 0)
			i++;
		if (i == sizeof(unknown) / sizeof(unknown[0]) || setenv(CORE_VARIABLE, core[level], 1) != 0)
			return;
		/* as it does when it is loaded and unloaded; the buffers that it may hold are of one size for all */
		gotoblas_dynamic_quit();
		gotoblas_dynamic_init();
		unsetenv(CORE_VARIABLE);
	}
}
