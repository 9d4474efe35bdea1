/*
 * memory.c
 *	  Allocation of large memory, and the limit on it.
 */
#include "postgres.h"
#include "server/compat.h"

#include <limits.h>
#include <math.h>
#include <unistd.h>

#include "access/detoast.h"
#include "access/xact.h"
#include "kernel/vector.h"
#include "miscadmin.h"
#include "server/memory.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/*
 * Bytes that are zeroed between two checks for interrupts. This takes a millisecond or two where
 * the system provides pages slowly, as in virtual machines.
 */
#define CLEARED_AT_ONCE ((Size) 2 * 1024 * 1024)

static int	max_memory = 0;		/* MB; 0: half of the machine's memory */

void
memory_define_setting(void)
{
	DefineCustomIntVariable("rec.max_memory",
							"Sets the memory that one training, or one model in memory, may take.",
							"A request for more is refused before memory is allocated. 0 means "
							"half of the machine's memory.",
							&max_memory,
							0, 0, INT_MAX,
							PGC_SUSET, GUC_UNIT_MB,
							NULL, NULL, NULL);
}

static double
limit_bytes(void)
{
	/*
	 * half of the machine's memory; asking the system takes longer than many calls of this function
	 */
	static double half = 0;

	if (max_memory > 0)
		return (double) max_memory * 1024 * 1024;
	if (half == 0)
		half = (double) sysconf(_SC_PHYS_PAGES) * (double) sysconf(_SC_PAGESIZE) / 2;
	return half;
}

bool
memory_has_room(double bytes)
{
	return bytes <= limit_bytes();
}

void
memory_require(double bytes, const char *purpose)
{
	double		limit = limit_bytes();

	if (bytes > limit)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("%s needs %.0f MB of memory, more than the limit of %.0f MB",
						purpose, ceil(bytes / (1024 * 1024)), floor(limit / (1024 * 1024))),
				 errhint("The setting rec.max_memory is the limit.")));
}

ArrayType *
memory_array(Datum array, Size bytes_per_element, const char *argument)
{
	double		bytes = toast_raw_datum_size(array);
	ArrayType  *whole;

	if (bytes > limit_bytes())
		memory_require(bytes, psprintf("argument \"%s\"", argument));
	whole = DatumGetArrayTypeP(array);
	bytes += (double) bytes_per_element * ArrayGetNItems(ARR_NDIM(whole), ARR_DIMS(whole));
	if (bytes > limit_bytes())
		memory_require(bytes, psprintf("argument \"%s\"", argument));
	return whole;
}

void
memory_clear(char *memory, Size bytes)
{
	/* The system provides the pages here, which takes seconds for some gigabytes. */
	for (Size at = 0; at < bytes; at += CLEARED_AT_ONCE)
	{
		CHECK_FOR_INTERRUPTS();
		memset(memory + at, 0, Min(CLEARED_AT_ONCE, bytes - at));
	}
}

void *
memory_aligned(MemoryContext context, Size bytes)
{
	char	   *aligned = (char *) TYPEALIGN(
		ALIGNMENT, MemoryContextAllocExtended(context, bytes + ALIGNMENT, MCXT_ALLOC_HUGE));

	memory_clear(aligned, bytes);
	return aligned;
}

char *
memory_attempt(void (*action) (void *), void *arg, bool (*tolerated) (int sqlerrcode),
							   const char *doing_without)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile reason = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		action(arg);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		/*
		 * Roll back before the error is copied: copying may fail for lack of memory, and an error
		 * that is thrown inside the subtransaction would leave the rollback to the session.
		 */
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		error = CopyErrorData();
		FlushErrorState();
		if (!tolerated(error->sqlerrcode))
			ReThrowError(error);
		ereport(DEBUG1,
				(errmsg_internal("%s: %s", doing_without, error->message)));
		reason = error->detail == NULL ? pstrdup(error->message)
									   : psprintf("%s: %s", error->message, error->detail);
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return reason;
}

typedef struct SegmentRequest
{
	Size		bytes;
	dsm_segment *segment;
} SegmentRequest;

static void
create_segment(void *arg)
{
	SegmentRequest *request = arg;

	request->segment = dsm_create(request->bytes, DSM_CREATE_NULL_IF_MAXSEGMENTS);
	if (request->segment != NULL)
		dsm_pin_mapping(request->segment);
}

bool
is_no_cancel(int sqlerrcode)
{
	return sqlerrcode != ERRCODE_QUERY_CANCELED && sqlerrcode != ERRCODE_ADMIN_SHUTDOWN;
}

/*
 * All slots for segments may be taken, or /dev/shm may be too small, as it often is in a container:
 * then the caller does without shared memory. Parallel queries cannot start subtransactions.
 */
dsm_segment *
memory_segment(Size bytes)
{
	SegmentRequest request = {bytes, NULL};

	if (IsInParallelMode() || memory_attempt(create_segment, &request, is_no_cancel,
											 "doing without shared memory") != NULL)
		return NULL;
	return request.segment;
}
