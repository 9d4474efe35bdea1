/*
 * trees_bench.c
 *	  Trains the kernel of trees on a matrix in a file, by several processes; trees.py calls it.
 *
 *	trees_bench DIRECTORY OBJECTIVE ROWS TEST_ROWS COLUMNS TREES LEAVES PROCESSES
 *
 * DIRECTORY has x (rows x columns of floats, those of the test last) and labels, and for lambdarank
 * sizes, the numbers of the rows of the groups (int32). It writes the scores of the test's rows to
 * `scores`, and prints the seconds of binning and of training, and
 * the processor's of the latter. Processes hand out rows of steps to
 * each other as src/server/workers.c does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/pieces.h"
#include "kernel/random.h"
#include "kernel/trees.h"

/* The numbers that bins are made from, as many as LightGBM takes. */
#define SAMPLE 200000

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* The processor's seconds of this process and of those that have ended. */
static double
processor_seconds(void)
{
	double		sum = 0;

	for (int i = 0; i < 2; i++)
	{
		struct rusage usage;

		getrusage(i == 0 ? RUSAGE_SELF : RUSAGE_CHILDREN, &usage);
		sum += (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			1e-6 * (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	}
	return sum;
}

static void *
shared_memory(size_t bytes)
{
	void	   *memory = mmap(NULL, bytes > 0 ? bytes : 1, PROT_READ | PROT_WRITE,
							  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
	{
		perror("mmap");
		exit(1);
	}
	return memory;
}

static void *
read_file(const char *directory, const char *name, size_t bytes)
{
	char		path[1000];
	void	   *memory = shared_memory(bytes);
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rb");
	if (file == NULL || fread(memory, 1, bytes, file) != bytes)
	{
		perror(path);
		exit(1);
	}
	fclose(file);
	return memory;
}

typedef struct Shared
{
	int64_t		next;
	int64_t		done;
} Shared;

/* Steps first .. last of a tree; all processes call it. */
static void
work(const TreesTraining *t, Shared *shared, int64_t n_steps, int64_t steps_of_tree)
{
	int64_t		rows = trees_step_rows(t);

	for (;;)
	{
		int64_t		at = __atomic_fetch_add(&shared->next, 1, __ATOMIC_SEQ_CST);
		int64_t		step = at / rows;

		if (step >= n_steps)
			break;
		for (int spins = 0;
			 __atomic_load_n(&shared->done, __ATOMIC_SEQ_CST) < step * rows; spins++)
		{
			if (spins > 1000)
				sched_yield();
		}
		if (step == 0)
			trees_step(t, 0, 0, at % rows);
		else
			trees_step(t, (int) ((step - 1) / steps_of_tree), 1 + (step - 1) % steps_of_tree,
					   at % rows);
		__atomic_fetch_add(&shared->done, 1, __ATOMIC_SEQ_CST);
	}
}

int
main(int argc, char **argv)
{
	const char *directory = argv[1];
	int64_t		n_train = atoll(argv[3]);
	int64_t		n_test = atoll(argv[4]);
	int			k = atoi(argv[5]);
	int			trees = atoi(argv[6]);
	int			processes = atoi(argv[8]);
	TreesTraining t = {.n_rows = n_train, .n_columns = k};
	int64_t		n = n_train + n_test;
	float	   *x = read_file(directory, "x", sizeof(float) * (size_t) (n * k));
	Shared	   *shared = shared_memory(sizeof(Shared));
	float	   *edges = shared_memory(sizeof(float) * TREES_BINS * (size_t) k);
	int		   *n_edges = shared_memory(sizeof(int) * (size_t) k);
	TreesColumn *columns = shared_memory(sizeof(TreesColumn) * (size_t) k);
	TreesBlock *blocks = shared_memory(sizeof(TreesBlock) * (size_t) k);
	float	   *sample = malloc(sizeof(float) * SAMPLE);
	uint8_t    *bins;
	double	   *scores;
	double		base;
	double		begin = seconds();
	double		binned;
	double		used;
	int64_t		step = n_train / SAMPLE + 1;
	int			width;
	char		path[1000];
	FILE	   *file;

	if (argc != 9)
		return 1;
	t.options = (TreesOptions) {
		.objective = strcmp(argv[2], "squared") == 0	? TREES_SQUARED
					 : strcmp(argv[2], "logistic") == 0 ? TREES_LOGISTIC
														: TREES_LAMBDARANK,
		.leaves = atoi(argv[7]), .learning_rate = 0.1, .lambda = 0, .min_rows = 20, .subsample = 1,
		.truncation = 30};
	t.labels = read_file(directory, "labels", sizeof(float) * (size_t) n);
	if (t.options.objective == TREES_LAMBDARANK)
	{
		int64_t    *groups = shared_memory(sizeof(int64_t) * (size_t) (n_train + 1));
		int32_t		size;

		snprintf(path, sizeof(path), "%s/sizes", directory);
		file = fopen(path, "rb");
		while (file != NULL && groups[t.n_groups] < n_train &&
			   fread(&size, sizeof(size), 1, file) == 1)
		{
			groups[t.n_groups + 1] = groups[t.n_groups] + size;
			t.n_groups++;
		}
		if (file == NULL || groups[t.n_groups] != n_train)
			return 1;
		fclose(file);
		t.groups = groups;
	}
	/* blocks of about as many columns each */
	t.n_blocks = (k + TREES_BLOCK - 1) / TREES_BLOCK;
	width = (k + t.n_blocks - 1) / t.n_blocks;
	bins = shared_memory((size_t) (n_train * k));
	for (int c = 0; c < k; c++)
	{
		int64_t		n_known = 0;
		int			b = c / width;

		for (int64_t r = 0; r < n_train; r += step)
		{
			if (!isnan(x[r * k + c]))
				sample[n_known++] = x[r * k + c];
		}
		n_edges[c] =
			trees_edges(sample, n_known, TREES_BINS - 1, edges + (int64_t) c * TREES_BINS);
		columns[c] = (TreesColumn) {.n_bins = n_edges[c] + 2, .first_bin = (int32_t) t.n_bins};
		t.n_bins += columns[c].n_bins;
		if (c % width == 0)
			blocks[b] = (TreesBlock) {.first_column = c, .stride = k - c < width ? k - c : width,
									  .n_columns = k - c < width ? k - c : width,
									  .bins = bins + n_train * c};
	}
	for (int b = 0; b < t.n_blocks; b++)
	{
		uint8_t    *own = bins + n_train * blocks[b].first_column;

		for (int64_t r = 0; r < n_train; r++)
		{
			for (int c = 0; c < blocks[b].n_columns; c++)
			{
				int			column = blocks[b].first_column + c;

				own[r * blocks[b].stride + c] =
					trees_bin(edges + (int64_t) column * TREES_BINS, n_edges[column],
							  x[r * k + column]);
			}
		}
	}
	t.columns = columns;
	t.blocks = blocks;
	scores = shared_memory(sizeof(double) * (size_t) n_train);
	t.scores = scores;
	t.losses = shared_memory(sizeof(double) * (size_t) (trees + 1));
	t.forest.nodes = shared_memory(sizeof(TreesNode) * (size_t) (trees * t.options.leaves));
	t.forest.values = shared_memory(sizeof(float) * (size_t) (trees * t.options.leaves));
	t.forest.n_leaves = shared_memory(sizeof(int32_t) * (size_t) trees);
	trees_lay_out(&t, shared_memory(trees_lay_out(&t, NULL)));
	base = trees_base(&t);
	for (int64_t r = 0; r < n_train; r++)
		scores[r] = base;
	binned = seconds();
	used = processor_seconds();
	printf("binning %.2f\n", binned - begin);
	fflush(stdout);
	for (int p = 1; p < processes; p++)
	{
		if (fork() == 0)
		{
			work(&t, shared, 1 + trees * trees_steps(&t), trees_steps(&t));
			_exit(0);
		}
	}
	work(&t, shared, 1 + trees * trees_steps(&t), trees_steps(&t));
	while (wait(NULL) > 0)
		;
	printf("training %.2f processor %.2f\n", seconds() - binned, processor_seconds() - used);

	snprintf(path, sizeof(path), "%s/scores", directory);
	file = fopen(path, "wb");
	for (int64_t r = n_train; r < n; r++)
	{
		double		score = base;

		for (int tree = 0; tree < trees; tree++)
		{
			const TreesNode *nodes = t.forest.nodes + (int64_t) tree * (t.options.leaves - 1);
			int32_t		at = t.forest.n_leaves[tree] > 1 ? 0 : -1;

			while (at >= 0)
			{
				const TreesNode *node = &nodes[at];
				uint8_t		bin = trees_bin(edges + (int64_t) node->column * TREES_BINS,
											n_edges[node->column], x[r * k + node->column]);

				at = trees_set_has(node->goes_left, bin) ? node->left : node->right;
			}
			score += t.forest.values[(int64_t) tree * t.options.leaves - 1 - at];
		}
		fwrite(&score, sizeof(score), 1, file);
	}
	fclose(file);
	return 0;
}
