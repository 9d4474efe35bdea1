/*
 * blas.c
 *	  OpenBLAS, made to use what the processor has.
 *
 * OpenBLAS chooses its loops by the processor's model, once, when the library is loaded. It takes a
 * model that is newer than the library for one of twenty years ago, without AVX: Debian 12's
 * OpenBLAS (0.3.21) multiplies matrices at a fifth of the speed on an Intel Emerald Rapids, and
 * setting OPENBLAS_CORETYPE in the server's environment is the only remedy from outside. The
 * processor itself says which instructions it has (simd_level). On a processor that OpenBLAS does
 * not know, the choice is therefore made again, by the functions that OpenBLAS calls when it is
 * loaded and unloaded.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/blas.h"
#include "kernel/simd.h"

/*
 * Weak symbols: a BLAS of another make lacks all of them, and an OpenBLAS that was built for a
 * single processor lacks the first three.
 */
#if defined(__x86_64__) && defined(__ELF__)
#define CAN_CHOOSE
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern char *gotoblas_corename(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));
#endif

#define CORE_VARIABLE "OPENBLAS_CORETYPE"

bool
blas_can_choose(void)
{
#ifdef CAN_CHOOSE
	return gotoblas_dynamic_init != NULL && gotoblas_dynamic_quit != NULL &&
		   gotoblas_corename != NULL;
#else
	return false;
#endif
}

const char *
blas_core(void)
{
#ifdef CAN_CHOOSE
	if (openblas_get_corename != NULL)
		return openblas_get_corename();
#endif
	return "unknown";
}

void
blas_force_core(const char *core)
{
#ifdef CAN_CHOOSE
	if (setenv(CORE_VARIABLE, core, 1) != 0)
		return;
	gotoblas_dynamic_quit();
	gotoblas_dynamic_init();
	unsetenv(CORE_VARIABLE);
#endif
}

/*
 * Whether OpenBLAS has chosen the core that it takes an unknown processor for: Prescott for
 * Intel's, Barcelona for AMD's. Neither has AVX.
 */
static bool
is_unknown(void)
{
	return strcmp(blas_core(), "Prescott") == 0 || strcmp(blas_core(), "Barcelona") == 0;
}

void
blas_use_processor(void)
{
	static const char *const core[] = {NULL, "Haswell", "SkylakeX"};
	char		first[32];

	if (!blas_can_choose() || getenv(CORE_VARIABLE) != NULL || !is_unknown() ||
		strlen(blas_core()) >= sizeof(first))
		return;
	strcpy(first, blas_core());
	/* An OpenBLAS that was built without a core takes another one instead, or the oldest. */
	for (int level = simd_level(); level > SIMD_BASELINE && is_unknown(); level--)
		blas_force_core(core[level]);
	if (is_unknown())
		blas_force_core(first);
}
