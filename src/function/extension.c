/*
 * extension.c
 *	  Initialization when the library is loaded.
 */
#include "postgres.h"
#include "server/compat.h"

#include "fmgr.h"
#include "kernel/blas.h"
#include "kernel/poll.h"
#include "miscadmin.h"
#include "model/shared_cache.h"
#include "run/evaluation.h"
#include "run/top_lists.h"
#include "server/memory.h"
#include "server/workers.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

void		_PG_init(void) PGDLLEXPORT;

static void
serve_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

void
_PG_init(void)
{
	blas_use_processor();
	ereport(DEBUG1, (errmsg_internal("rec: OpenBLAS takes the processor for %s", blas_core())));
	poll_hook = serve_interrupts;
	memory_define_setting();
	workers_define_setting();
	batch_define_pass();
	evaluation_define_pass();
	shared_define_setting();
	MarkGUCPrefixReserved("rec");
}
