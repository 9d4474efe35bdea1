/*
 * poll.h
 *	  The kernels' one tie to their caller: long loops call poll() after each bounded
 *	  block of work (at most some milliseconds), so that the caller can serve a
 *	  cancel. The hook may leave by longjmp: no kernel holds anything that would be
 *	  lost.
 */
#ifndef REC_POLL_H
#define REC_POLL_H

#include <stddef.h>

extern void (*poll_hook) (void);

static inline void
poll(void)
{
	if (poll_hook != NULL)
		poll_hook();
}

#endif							/* REC_POLL_H */
