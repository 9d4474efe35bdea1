/*
 * faults.c
 *	  Lets system calls fail in a server process, and logs the shared memory that the server makes.
 *
 * The library is preloaded into the server with LD_PRELOAD, so that its functions come before those
 * of libc, and is loaded as a library with SQL functions as well, which arm it. Counting begins
 * with the message after the one that armed it, and ends with that message, so a failure concerns
 * one statement, from its parsing to its commit.
 */
#define _GNU_SOURCE

#include "postgres.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "access/parallel.h"
#include "fmgr.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

/* libc's own, as pg_ctl lacks pg_snprintf */
#undef snprintf

/* pg_ctl is started with this library as well, and has none of the server's variables. */
#pragma weak InitializingParallelWorker

#define FRAMES 64

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);

static enum
{
	IDLE,
	ARMED,						/* counting begins with the next message */
	COUNTING
} state = IDLE;
static int64 calls;				/* calls that could have failed */
static int64 first;				/* the number of the first call that fails */
static int64 last;
static int worker_call = 0;		/* the number of the call that fails in parallel workers; 0: none */
/* the range of code whose calls count; NULL: all calls count */
static const char *rec_begin = NULL;
static const char *rec_end = NULL;
static int	shm_log = -1;
static long delay = 0;			/* microseconds by which reserving a segment is delayed */

/* ---- what fails ---- */

/* Finds the code of rec, if it is loaded. */
static int
find_rec(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *name = strrchr(info->dlpi_name, '/');

	if (name == NULL || strcmp(name, "/rec.so") != 0)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
	{
		const char *begin = (const char *) info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X)
		{
			rec_begin = begin;
			rec_end = begin + info->dlpi_phdr[i].p_memsz;
		}
	}
	return 1;
}

/* Whether the call was made by rec, or by a function that rec called. */
static bool
is_inside(void)
{
	void	   *frames[FRAMES];
	int			n = backtrace(frames, FRAMES);

	for (int i = 0; i < n; i++)
	{
		if ((const char *) frames[i] >= rec_begin && (const char *) frames[i] < rec_end)
			return true;
	}
	return false;
}

/* Logs where the first failed call came from. */
static void
note_place(void)
{
	const char *directory = getenv("FAULTS_DIRECTORY");
	char		path[1024];
	void	   *frames[FRAMES];
	int			fd;

	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%d.place", directory, (int) getpid());
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (fd < 0)
		return;
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), fd);
	close(fd);
}

static bool
fails(void)
{
	bool		result = false;

	if (state != COUNTING)
		return false;
	/* the stack trace may allocate */
	state = IDLE;
	if (rec_begin == NULL || is_inside())
	{
		calls++;
		result = calls >= first && calls <= last;
		if (calls == first)
			note_place();
	}
	state = COUNTING;
	if (result)
		errno = ENOMEM;
	return result;
}

void *
malloc(size_t bytes)
{
	return fails() ? NULL : __libc_malloc(bytes);
}

void *
calloc(size_t n, size_t bytes)
{
	return fails() ? NULL : __libc_calloc(n, bytes);
}

void *
realloc(void *memory, size_t bytes)
{
	return fails() ? NULL : __libc_realloc(memory, bytes);
}

void *
memalign(size_t alignment, size_t bytes)
{
	return fails() ? NULL : __libc_memalign(alignment, bytes);
}

void *
aligned_alloc(size_t alignment, size_t bytes)
{
	return fails() ? NULL : __libc_memalign(alignment, bytes);
}

int
posix_memalign(void **memory, size_t alignment, size_t bytes)
{
	void	   *got = fails() ? NULL : __libc_memalign(alignment, bytes);

	if (got == NULL)
		return ENOMEM;
	*memory = got;
	return 0;
}

/* The function of libc that one of this library replaces. */
#define REAL(name) ((__typeof__(&name)) real(#name))

static void *
real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static void log_segment(const char *what, const char *name);
static char newest[NAME_MAX + 1];	/* the segment that this process is creating */

void *
mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	static __typeof__(&mmap) call = NULL;
	void	   *result;

	if (fails())
		return MAP_FAILED;
	if (call == NULL)
		call = REAL(mmap);
	result = call(address, bytes, protection, flags, fd, offset);
	if (fd >= 0 && flags & MAP_SHARED && newest[0] != '\0')
	{
		log_segment("mapped", newest);
		newest[0] = '\0';
	}
	return result;
}

int
posix_fallocate(int fd, off_t offset, off_t bytes)
{
	static __typeof__(&posix_fallocate) call = NULL;
	int			result;

	if (fails())
		return ENOSPC;
	if (call == NULL)
		call = REAL(posix_fallocate);
	result = call(fd, offset, bytes);
	if (delay > 0)
		usleep(delay);
	return result;
}

/*
 * ---- segments of shared memory ----
 *
 * Logs a line for each step: "made NAME PID SECONDS", "mapped" when the segment has its size and an
 * address, "gone". The server registers a segment right after mapping it. If its maker is killed
 * before that, nothing else knows of the segment.
 */

static void
log_segment(const char *what, const char *name)
{
	struct timespec now;
	char		line[256];
	int			n;

	if (shm_log < 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	n = snprintf(line, sizeof(line), "%s %s %d %ld.%06ld\n", what, name[0] == '/' ? name + 1 : name,
				 (int) getpid(), (long) now.tv_sec, now.tv_nsec / 1000);
	if (write(shm_log, line, n) != n)
		abort();
}

int
shm_open(const char *name, int flags, mode_t mode)
{
	static __typeof__(&shm_open) call = NULL;
	int			fd;

	if (fails())
		return -1;
	if (call == NULL)
		call = REAL(shm_open);
	/*
	 * Logged before the segment exists, so that none is missed. If it existed already, it was made
	 * by this process, or is another's and has one line too many.
	 */
	if (flags & O_CREAT)
		log_segment("made", name);
	fd = call(name, flags, mode);
	if (fd >= 0 && flags & O_CREAT)
		strncpy(newest, name, sizeof(newest) - 1);
	if (fd < 0 && flags & O_CREAT)
		log_segment("gone", name);
	return fd;
}

int
shm_unlink(const char *name)
{
	int			result = REAL(shm_unlink) (name);

	if (result == 0)
		log_segment("gone", name);
	return result;
}

/* ---- when calls fail ---- */

/* A message from the client: ends counting, or begins it if the last message armed it. */
ssize_t
recv(int fd, void *buffer, size_t bytes, int flags)
{
	static __typeof__(&recv) call = NULL;
	ssize_t		got;

	if (call == NULL)
		call = REAL(recv);
	got = call(fd, buffer, bytes, flags);
	if (got > 0)
		state = state == ARMED ? COUNTING : IDLE;
	return got;
}

PG_FUNCTION_INFO_V1(faults_arm);
PG_FUNCTION_INFO_V1(faults_calls);
PGDLLEXPORT void _PG_init(void);

/*
 * arm(n, count): of the calls below rec in the next message, the n-th and the count - 1 after it
 * fail.
 */
Datum
faults_arm(PG_FUNCTION_ARGS)
{
	dl_iterate_phdr(find_rec, NULL);
	calls = 0;
	first = PG_GETARG_INT32(0);
	last = first + PG_GETARG_INT32(1) - 1;
	state = ARMED;
	PG_RETURN_VOID();
}

/* The number of calls in the last counted message. */
Datum
faults_calls(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) calls);
}

/* A worker takes over the leader's settings when it starts. */
static void
arm_worker(int value, void *extra)
{
	if (&InitializingParallelWorker == NULL || !InitializingParallelWorker || value == 0)
		return;
	dl_iterate_phdr(find_rec, NULL);
	calls = 0;
	first = last = value;
	state = COUNTING;
}

void
_PG_init(void)
{
	DefineCustomIntVariable("faults.worker_call",
							"Sets which call fails in parallel workers.",
							NULL,
							&worker_call,
							0, 0, INT_MAX,
							PGC_USERSET, 0,
							NULL, arm_worker, NULL);
}

/* ---- crashes: stack traces for the server's log ---- */

static void
say_where(int signal_number)
{
	static const char heading[] = "\nFAULTS: a signal, from\n";
	static const char ending[] = "FAULTS: end\n";
	void	   *frames[FRAMES];

	if (write(2, heading, sizeof(heading) - 1) > 0)
		backtrace_symbols_fd(frames, backtrace(frames, FRAMES), 2);
	if (write(2, ending, sizeof(ending) - 1) < 0)
		_exit(2);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

__attribute__((constructor)) static void
begin(void)
{
	static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS, SIGILL};
	const char *directory = getenv("FAULTS_DIRECTORY");
	const char *wanted_delay = getenv("FAULTS_DELAY");
	static char alternate[64 * 1024];
	stack_t		stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action;
	void	   *frames[FRAMES];

	/* the first call loads the unwinder */
	backtrace(frames, FRAMES);
	if (wanted_delay != NULL)
		delay = atol(wanted_delay);
	if (directory != NULL)
	{
		char		path[1024];

		snprintf(path, sizeof(path), "%s/segments", directory);
		shm_log = open(path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
	}
	sigaltstack(&stack, NULL);
	memset(&action, 0, sizeof(action));
	action.sa_handler = say_where;
	action.sa_flags = SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
	for (int i = 0; i < (int) lengthof(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}
