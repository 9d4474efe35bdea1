/*
 * poll.c
 *	  The hook that long loops call; see poll.h.
 */
#include "kernel/poll.h"

void		(*poll_hook) (void) = NULL;
