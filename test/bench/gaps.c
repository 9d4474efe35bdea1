/*
 * gaps.c
 *	  How long the kernels and algorithms compute between two polls for interrupts: the longest
 *	  stretch of CPU time in each pass of a training, and in the preparation of the model.
 *
 *	  gaps RATINGS.csv FEEDBACK ALGORITHM [OPTION VALUE]...
 *
 * Reads ratings as test/bench/generate writes them (user, item and rating, numbered from 1).
 * FEEDBACK is explicit or implicit. OPENBLAS_CORETYPE and LEVEL (0: SSE2, 1: AVX2, 2: AVX-512)
 * choose instructions. Prints a line for each pass: its number, its duration, the longest gap, and
 * the source lines at which the gap began and ended.
 *
 * With ITERATIONS=1 polls are not measured, which would take a fifth of the time. A line is printed
 * for each iteration instead: its CPU time, and the loss after it.
 */
#define _GNU_SOURCE
#include "../unit/training.h"

#include <cblas.h>
#include <time.h>
#include <unistd.h>

#include "kernel/blas.h"
#include "kernel/poll.h"
#include "kernel/simd.h"

#define MOST_PHASES 16
#define PREPARING (MOST_PHASES - 2)
#define ALONE (MOST_PHASES - 1)

typedef struct Phase
{
	double		all;
	double		longest;
	/*
	 * addresses of the polls before and after the gap; NULL: the start or end of the pass or of a
	 * block
	 */
	void	   *began;
	void	   *ended;
} Phase;

static Phase phases[MOST_PHASES];
static int	phase = ALONE;
static double last;
static bool iterations;			/* print iterations instead of gaps */
static double iteration_began;
static void *last_place;

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void
look(void *place)
{
	double		now = cpu_seconds();
	Phase	   *p = &phases[phase];

	p->all += now - last;
	if (now - last > p->longest)
	{
		p->longest = now - last;
		p->began = last_place;
		p->ended = place;
	}
	last_place = place;
	last = cpu_seconds();
}

static void
polled(void)
{
	look(__builtin_return_address(0));
}

/* Like the server, which checks for interrupts before each block. */
static void
run_steps(Services *services, int pass, const void *argument, size_t argument_bytes,
		  int64_t n_steps, int64_t n_rows, int64_t block_rows)
{
	Training   *t = (Training *) services;
	static void *scratch = NULL;
	static size_t bytes = 0;
	Extent		extent = ratings_extent(&t->ratings);
	size_t		needed = training_scratch_bytes(&t->model, &extent);

	if (needed > bytes)
	{
		free(scratch);
		scratch = zeroed(needed);
		bytes = needed;
		/* the server takes memory without filling it */
		last = cpu_seconds();
	}
	for (int64_t begin = 0; begin < n_steps * n_rows; begin += block_rows)
	{
		int64_t		end = (begin / n_rows + 1) * n_rows;

		look(NULL);
		phase = pass;
		t->model.algorithm->passes[pass](&t->task, argument, begin,
										 begin + block_rows < end ? begin + block_rows : end,
										 scratch);
		look(NULL);
		phase = ALONE;
		if (begin + block_rows > end)
			begin = end - block_rows;
	}
}

static void
iteration_done(Services *services, int iteration, double loss, double validation)
{
	double		now = cpu_seconds();

	if (iterations)
		printf("iteration %d: %.3f s, loss %.9g\n", iteration, now - iteration_began, loss);
	iteration_began = now;
}

static void
nothing_learned(Services *services, const char *too_large)
{
}

static void
read_ratings(const char *path, SparseMatrix *by_user, SparseMatrix *by_item)
{
	FILE	   *file = fopen(path, "r");
	int64_t		n = 0;
	int64_t		most = 1 << 20;
	int64_t		user;
	int64_t		item;
	double		rating;
	int32_t    *users = malloc(sizeof(int32_t) * most);
	int32_t    *items = malloc(sizeof(int32_t) * most);
	float	   *values = malloc(sizeof(float) * most);
	int64_t    *at;

	if (file == NULL)
	{
		perror(path);
		exit(1);
	}
	while (fscanf(file, "%ld,%ld,%lf%*[^\n]", &user, &item, &rating) == 3)
	{
		if (n == most)
		{
			most *= 2;
			users = realloc(users, sizeof(int32_t) * most);
			items = realloc(items, sizeof(int32_t) * most);
			values = realloc(values, sizeof(float) * most);
		}
		users[n] = (int32_t) user - 1;
		items[n] = (int32_t) item - 1;
		values[n] = (float) rating;
		by_user->n_rows = user > by_user->n_rows ? user : by_user->n_rows;
		by_item->n_rows = item > by_item->n_rows ? item : by_item->n_rows;
		n++;
	}
	fclose(file);
	by_user->n_columns = by_item->n_rows;
	by_item->n_columns = by_user->n_rows;
	for (int i = 0; i < 2; i++)
	{
		SparseMatrix *m = i == 0 ? by_user : by_item;

		m->start = zeroed(sizeof(int64_t) * (m->n_rows + 2));
		m->column = zeroed(sizeof(int32_t) * n);
		m->value = zeroed(sizeof(float) * n);
	}
	for (int64_t i = 0; i < n; i++)
		by_user->start[users[i] + 1]++;
	for (int64_t u = 0; u < by_user->n_rows; u++)
		by_user->start[u + 1] += by_user->start[u];
	at = zeroed(sizeof(int64_t) * (by_user->n_rows + 1));
	memcpy(at, by_user->start, sizeof(int64_t) * (by_user->n_rows + 1));
	for (int64_t i = 0; i < n; i++)
	{
		by_user->column[at[users[i]]] = items[i];
		by_user->value[at[users[i]]++] = values[i];
	}
	/* transposing twice sorts each row by column */
	sparse_transpose(by_user, by_item);
	memset(by_user->start, 0, sizeof(int64_t) * (by_user->n_rows + 2));
	sparse_transpose(by_item, by_user);
	free(users);
	free(items);
	free(values);
	free(at);
}

static void
print_place(void *place)
{
	char		command[512];
	char		path[256];
	char		name[128] = "?";
	FILE	   *pipe;
	ssize_t		n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (place == NULL)
	{
		printf(" (block)");
		return;
	}
	path[n < 0 ? 0 : n] = 0;
	/* linked without -pie: the address is that in the file */
	snprintf(command, sizeof(command), "addr2line -s -i -e '%s' %p | grep -v '^poll.h' | head -n 1",
			 path, (void *) ((char *) place - 1));
	fflush(stdout);
	pipe = popen(command, "r");
	if (pipe != NULL)
	{
		if (fscanf(pipe, "%127s", name) != 1)
			strcpy(name, "?");
		pclose(pipe);
	}
	printf(" %s", name);
}

int
main(int argc, char **argv)
{
	Training   *t = zeroed(sizeof(Training));
	Model	   *m = &t->model;
	const Algorithm *algorithm;
	size_t		bytes[MAX_ARRAYS];
	Extent		extent;
	int			n_arrays;
	double		sum = 0;

	if (argc < 4 || find_algorithm(argv[3]) == NULL)
	{
		fprintf(stderr, "usage: gaps RATINGS.csv FEEDBACK ALGORITHM [OPTION VALUE]...\n");
		return 1;
	}
	algorithm = find_algorithm(argv[3]);
	blas_use_processor();
	if (getenv("LEVEL") != NULL)
		simd_limit(atoi(getenv("LEVEL")));
	iterations = getenv("ITERATIONS") != NULL;
	read_ratings(argv[1], &t->ratings.by_user, &t->ratings.by_item);
	t->ratings.scale.minimum = INFINITY;
	t->ratings.scale.maximum = -INFINITY;
	for (int64_t i = 0; i < t->ratings.by_user.start[t->ratings.by_user.n_rows]; i++)
	{
		double		value = t->ratings.by_user.value[i];

		sum += value;
		t->ratings.scale.minimum = fmin(t->ratings.scale.minimum, value);
		t->ratings.scale.maximum = fmax(t->ratings.scale.maximum, value);
	}
	t->ratings.scale.mean = sum / (double) t->ratings.by_user.start[t->ratings.by_user.n_rows];
	for (int64_t i = 0; i < t->ratings.by_user.start[t->ratings.by_user.n_rows]; i++)
		t->ratings.scale.deviation += pow(t->ratings.by_user.value[i] - t->ratings.scale.mean, 2);
	t->ratings.scale.deviation = sqrt(t->ratings.scale.deviation /
									  (double) t->ratings.by_user.start[t->ratings.by_user.n_rows]);
	t->services = (Services) {run_steps, iteration_done, training_seconds, training_time_is_up,
							   nothing_learned};
	m->algorithm = algorithm;
	m->options = t->options;
	set_defaults(t, strcmp(argv[2], "implicit") == 0 ? FEEDBACK_IMPLICIT : FEEDBACK_EXPLICIT);
	for (int i = 4; i + 1 < argc; i += 2)
		set_option(t, argv[i], atof(argv[i + 1]));
	if (algorithm->decide != NULL)
		algorithm->decide(&t->ratings, t->options);
	if (algorithm_needs(algorithm, t->options) & NEEDS_TIMES)
	{
		for (int i = 0; i < 2; i++)
		{
			SparseMatrix *matrix = i == 0 ? &t->ratings.by_user : &t->ratings.by_item;

			matrix->time = zeroed(sizeof(int64_t) * matrix->start[matrix->n_rows]);
		}
	}
	if (algorithm_needs(algorithm, t->options) & NEEDS_EVENTS)
		training_make_events(t);
	m->n_users = t->ratings.by_user.n_rows;
	m->scale.mean = t->ratings.scale.mean;
	m->scale.deviation = t->ratings.scale.deviation;
	m->scale.minimum = t->ratings.scale.minimum;
	m->scale.maximum = t->ratings.scale.maximum;
	training_make_sides(t);
	t->task.ratings = &t->ratings;
	t->task.model = m;
	extent = ratings_extent(&t->ratings);
	n_arrays = training_arrays(m, &extent, bytes);
	for (int i = 0; i < n_arrays; i++)
		t->task.arrays[i] = bytes[i] > 0 ? zeroed(bytes[i]) : NULL;

	poll_hook = iterations ? NULL : polled;
	last = iteration_began = cpu_seconds();
	t->failure = algorithm->train(&t->task, &t->services);
	look(NULL);
	if (t->failure != NULL)
		printf("%s: %s\n", argv[3], t->failure);
	else if (!iterations)
	{
		m->derived = zeroed(model_derived_bytes(m));
		last = cpu_seconds();
		phase = PREPARING;
		model_prepare(m);
		look(NULL);
	}
	poll_hook = NULL;
	for (int i = 0; i < MOST_PHASES && !iterations; i++)
	{
		char		name[16];

		snprintf(name, sizeof(name),
				 i == ALONE		  ? "alone"
				 : i == PREPARING ? "prepare"
								  : "pass %d",
				 i);
		if (phases[i].all == 0)
			continue;
		printf("%-9s %-8s %8.2f s  longest %7.2f ms", argv[3], name, phases[i].all,
			   1e3 * phases[i].longest);
		print_place(phases[i].began);
		printf(" ->");
		print_place(phases[i].ended);
		printf("\n");
	}
	return t->failure != NULL;
}
