/*
 * kernel_bench.c
 *	  How close the kernels come to the limits of the machine, on one core: each line has a rate,
 *	  the machine's limit measured in the same run, and their ratio.
 *
 *	  kernel_bench [ratings in millions, 2]
 *	  kernel_bench sgemm SECONDS
 *
 * The second prints only how many operations a second sgemm makes while so many seconds pass: the
 * mean, by the clock; and OpenBLAS's core type. Several processes of it at once say what the
 * machine can do in all.
 *
 * Every rate is the best of several repetitions. The limits are measured between these, so that
 * other work on the machine affects both.
 */
#define _DEFAULT_SOURCE
#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "kernel/blas.h"
#include "kernel/dense.h"
#include "kernel/random.h"
#include "kernel/search.h"
#include "kernel/simd.h"
#include "kernel/top.h"
#include "kernel/vector.h"

#define REPETITIONS 7
#define SGEMM_SIZE 2048
#define SUM_BYTES ((size_t) 1 << 30)

/* the shape of MovieLens-20M */
#define N_USERS 138493
#define N_ITEMS 26744
#define N_RATINGS 20000263

/* CPU time of this process, which does not depend on other load. */
static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

/* Zeroed memory of the kind that parallel workers share. */
static void *
shared_memory(size_t bytes)
{
	void	   *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
	{
		perror("mmap");
		exit(1);
	}
	memset(memory, 0, bytes);
	return memory;
}

static float *
random_matrix(int64_t n_rows, int k, uint64_t seed)
{
	int64_t		stride = PADDED(k);
	float	   *matrix = shared_memory(sizeof(float) * n_rows * stride);

	for (int64_t i = 0; i < n_rows; i++)
		for (int j = 0; j < k; j++)
			matrix[i * stride + j] = (float) (0.1 * random_normal(seed, (uint64_t) (i * k + j)));
	return matrix;
}

/* ---- limits ---- */

/* Operations per second of a large matrix product. */
static double
sgemm_rate(void)
{
	static float *a = NULL;
	const int	n = SGEMM_SIZE;
	double		start;

	if (a == NULL)
	{
		a = shared_memory(sizeof(float) * 3 * n * n);
		for (int i = 0; i < 2 * n * n; i++)
			a[i] = (float) (i % 7);
	}
	start = now();
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, a + n * n, n, 0,
				a + 2 * n * n, n);
	return 2.0 * n * n * n / (now() - start);
}

/* The sum of n floats, a multiple of 64, in independent partial sums. */
FASTEST_INSTRUCTIONS static float
sum_of(const float *x, int64_t n)
{
	float		lane[64] = {0};
	float		sum = 0;

	for (int64_t i = 0; i < n; i += 64)
		for (int j = 0; j < 64; j++)
			lane[j] += x[i + j];
	for (int j = 0; j < 64; j++)
		sum += lane[j];
	return sum;
}

/* Bytes per second of sequential reads. */
static double
read_rate(void)
{
	static float *x = NULL;
	static volatile float sink;
	double		start;

	if (x == NULL)
		x = shared_memory(SUM_BYTES);
	start = now();
	sink = sum_of(x, SUM_BYTES / sizeof(float));
	(void) sink;
	return SUM_BYTES / (now() - start);
}

static double
clock_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

static void
print_sgemm_rate(double seconds)
{
	double		began;
	int			n = 0;

	/* the first product also makes its matrices */
	sgemm_rate();
	began = clock_seconds();
	do
	{
		sgemm_rate();
		n++;
	} while (clock_seconds() - began < seconds);
	printf("%.9g %s\n", n * 2.0 * SGEMM_SIZE * SGEMM_SIZE * SGEMM_SIZE / (clock_seconds() - began),
		   blas_core());
}

static void
line(const char *what, double value, double limit, double unit, const char *unit_name)
{
	printf("%-58s %9.1f %9.1f %-8s %6.1f %%\n", what, value / unit, limit / unit, unit_name,
		   100 * value / limit);
}

/* ---- half an iteration of least squares ---- */

typedef struct Matrix
{
	int64_t		n_rows;
	int64_t		n_ratings;
	int64_t    *start;
	int32_t    *column;
	float	   *weight;
	float	   *target;
} Matrix;

static int
ascending(const void *x, const void *y)
{
	int32_t		a = *(const int32_t *) x;
	int32_t		b = *(const int32_t *) y;

	return (a > b) - (a < b);
}

/*
 * Power laws in both directions: lengths of rows are Pareto with a mean of `mean`, within the
 * number of columns; columns are drawn by rank, and the ranks are scattered over the columns.
 */
static Matrix
power_law(int64_t n_ratings, int64_t n_columns, double mean)
{
	const double shape = 1.5;
	Matrix		m = {0};
	int32_t    *place = shared_memory(sizeof(int32_t) * n_columns);
	int64_t		most_rows = (int64_t) (2 * n_ratings / mean) + 16;

	m.start = shared_memory(sizeof(int64_t) * (most_rows + 1));
	m.column = shared_memory(sizeof(int32_t) * (n_ratings + n_columns));
	m.weight = shared_memory(sizeof(float) * (n_ratings + n_columns));
	m.target = shared_memory(sizeof(float) * (n_ratings + n_columns));
	for (int64_t i = 0; i < n_columns; i++)
	{
		int64_t		other = (int64_t) (random_bits(2, (uint64_t) i) % (uint64_t) (i + 1));

		place[i] = place[other];
		place[other] = (int32_t) i;
	}
	while (m.n_ratings < n_ratings && m.n_rows < most_rows)
	{
		uint64_t	row = (uint64_t) m.n_rows;
		double		chance = ((random_bits(3, row) >> 11) + 1) * 0x1p-53;
		int64_t		n = (int64_t) (mean * (shape - 1) / shape * pow(chance, -1 / shape));
		int32_t    *columns = m.column + m.n_ratings;
		int64_t		kept = 0;

		n = n < n_columns / 2 ? n : n_columns / 2;
		for (int64_t j = 0; j < n; j++)
		{
			double		rank = (random_bits(4, row * 65536 + (uint64_t) j) >> 11) * 0x1p-53;

			columns[j] = place[(int64_t) (pow(rank, 2.5) * (double) n_columns)];
		}
		qsort(columns, n, sizeof(int32_t), ascending);
		for (int64_t j = 0; j < n; j++)
			if (j == 0 || columns[j] != columns[kept - 1])
				columns[kept++] = columns[j];
		m.n_ratings += kept;
		m.start[++m.n_rows] = m.n_ratings;
	}
	for (int64_t j = 0; j < m.n_ratings; j++)
	{
		m.weight[j] = (float) (1 + random_bits(5, (uint64_t) j) % 5);
		m.target[j] = 1 + m.weight[j];
	}
	return m;
}

typedef struct Seconds
{
	double		gram;
	double		solve;
	double		all;
} Seconds;

/*
 * Solves all rows of m with the factors of its columns fixed, as for implicit feedback. Measuring
 * the parts takes time itself.
 */
static Seconds
half_iteration(const Matrix *m, const float *factors, int k, const float *base, float *result,
			   bool parts, void *scratch)
{
	Seconds		seconds = {0, 0, 0};
	int64_t		stride = PADDED(k);
	float	   *systems = scratch;
	int			at_once = solve_at_once(k);
	float	   *right = systems + at_once * SYSTEM_STRIDE(k);
	void	   *rest = right + at_once * PADDED(k);
	double		begin = now();

	for (int64_t row = 0; row < m->n_rows; row += at_once)
	{
		int			n = m->n_rows - row < at_once ? (int) (m->n_rows - row) : at_once;
		double		start = parts ? now() : 0;
		double		between;

		memset(right, 0, sizeof(float) * n * k);
		for (int i = 0; i < n; i++)
		{
			int64_t		first = m->start[row + i];
			int64_t		last = m->start[row + i + 1];

			normal_equations(factors, stride, m->column + first, m->weight + first,
							 m->target + first, last - first, m->n_ratings - last, k, base,
							 systems + i * SYSTEM_STRIDE(k), right + i * k, NULL, rest);
		}
		between = parts ? now() : 0;
		seconds.gram += between - start;
		if (!solve_symmetric(systems, right, n, k, rest))
			abort();
		for (int i = 0; i < n; i++)
			memcpy(result + (row + i) * stride, right + i * k, sizeof(float) * k);
		if (parts)
			seconds.solve += now() - between;
	}
	seconds.all = now() - begin;
	return seconds;
}

static void
bench_half_iteration(const char *name, const Matrix *m, int64_t n_columns, int k)
{
	float	   *factors = random_matrix(n_columns, k, 1);
	float	   *result = shared_memory(sizeof(float) * m->n_rows * PADDED(k));
	float	   *base = shared_memory(sizeof(float) * k * k);
	double	   *gram_of_all = shared_memory(sizeof(double) * k * k);
	double	   *doubles = shared_memory(sizeof(double) * n_columns * k);
	void	   *scratch =
		shared_memory(sizeof(float) * MOST_AT_ONCE * (SYSTEM_STRIDE(k) + PADDED(k)) +
					  normal_equations_scratch(k) + solve_symmetric_scratch(MOST_AT_ONCE, k));
	Seconds		best = {INFINITY, INFINITY, INFINITY};
	double		limit = 0;
	double		gram = (double) m->n_ratings * k * (k + 1);
	double		solve = (double) m->n_rows * k * k * k / 3;
	char		title[100];

	gram_add(factors, PADDED(k), n_columns, k, gram_of_all, doubles);
	for (int i = 0; i < k; i++)
	{
		for (int j = 0; j <= i; j++)
			base[i * k + j] = (float) gram_of_all[i * k + j];
		base[i * k + i] += 10;
	}
	for (int i = 0; i < REPETITIONS; i++)
	{
		Seconds		seconds;

		limit = fmax(limit, sgemm_rate());
		best.all = fmin(best.all, half_iteration(m, factors, k, base, result, false, scratch).all);
		seconds = half_iteration(m, factors, k, base, result, true, scratch);
		best.gram = fmin(best.gram, seconds.gram);
		best.solve = fmin(best.solve, seconds.solve);
	}
	limit = fmax(limit, sgemm_rate());

	snprintf(title, sizeof(title), "%s, %d factors", name, k);
	line(title, (gram + solve) / best.all, limit, 1e9, "GFLOP/s");
	line("    gather and Gram", gram / best.gram, limit, 1e9, "GFLOP/s");
	line("    Cholesky and substitution", solve / best.solve, limit, 1e9, "GFLOP/s");
	munmap(factors, sizeof(float) * n_columns * PADDED(k));
	munmap(result, sizeof(float) * m->n_rows * PADDED(k));
}

/* ---- the scan for the best items ---- */

static void
bench_scan(int64_t n_rows, int k)
{
	const int64_t block = 1024;
	int64_t		stride = PADDED(k);
	float	   *rows = random_matrix(n_rows, k, 1);
	float	   *scores = shared_memory(sizeof(float) * n_rows);
	Scored		heap[10];
	double		best = INFINITY;
	double		best_dot = INFINITY;
	double		best_blas = INFINITY;
	double		limit = 0;
	double		bytes = (double) n_rows * (double) stride * sizeof(float);
	int			inner = (int) (2e8 / bytes) + 1;
	char		title[100];

	for (int i = 0; i < REPETITIONS; i++)
	{
		double		start;

		limit = fmax(limit, read_rate());
		for (int j = 0; j < inner; j++)
		{
			Top			top = {10, 0, heap};

			start = now();
			for (int64_t first = 0; first < n_rows; first += block)
			{
				int64_t		n = n_rows - first < block ? n_rows - first : block;

				vector_dot_rows(rows + j * stride, rows + first * stride, stride, n, k, scores);
				top_offer_range(&top, scores, first, n, NULL);
			}
			top_sort(&top);
			best = fmin(best, now() - start);

			start = now();
			vector_dot_rows(rows + j * stride, rows, stride, n_rows, k, scores);
			best_dot = fmin(best_dot, now() - start);

			start = now();
			cblas_sgemv(CblasRowMajor, CblasNoTrans, (int) n_rows, k, 1, rows, (int) stride,
						rows + j * stride, 1, 0, scores, 1);
			best_blas = fmin(best_blas, now() - start);
		}
	}
	snprintf(title, sizeof(title), "top 10 of %lld items, %d factors", (long long) n_rows, k);
	line(title, bytes / best, limit, 1e9, "GB/s");
	line("    dot products alone", bytes / best_dot, limit, 1e9, "GB/s");
	line("    the same by OpenBLAS (sgemv)", bytes / best_blas, limit, 1e9, "GB/s");
	munmap(rows, sizeof(float) * n_rows * stride);
	munmap(scores, sizeof(float) * n_rows);
}

/* ---- the search for the best items ---- */

#define SEARCH_N 10
#define SEARCH_QUERIES 20

typedef struct Question
{
	InnerProduct product;
	const float *vectors;
} Question;

static void
score_for(void *state, int64_t query, const int32_t *items, int64_t first, int64_t n,
		  float *scores)
{
	const Question *q = state;
	const InnerProduct *product = &q->product;

	vector_dot_named(q->vectors + query * product->stride, product->factors, product->stride, items,
					 first, n, product->width, scores);
}

static void
score_first(void *state, const int32_t *items, int64_t first, int64_t n, float *scores)
{
	score_for(state, 0, items, first, n, scores);
}

static void
faster(const char *what, double seconds, double slower)
{
	printf("%-58s %9.1f %9.1f %-8s %6.1f x\n", what, 1e6 * seconds, 1e6 * slower, "us",
		   slower / seconds);
}

/*
 * Times the search for one query and, with at most 27,000 items, for many queries, beside scoring
 * all items. Norms fall with the power 0.3 of the items' ranks, like those of factors trained on
 * ratings with a power law, or are those of random vectors, which are nearly equal: the worst case.
 */
static void
bench_search(int64_t n_items, int k, bool falling)
{
	const int64_t block = 2048;
	const int	together = 128;
	int64_t		stride = PADDED(k);
	float	   *factors = random_matrix(n_items, k, 1);
	float	   *vectors = random_matrix(SEARCH_BATCH, k, 7);
	float	   *constants = shared_memory(sizeof(float) * SEARCH_BATCH);
	float	   *scores =
		shared_memory(sizeof(float) * (n_items <= 27000 ? together * n_items : block));
	SearchIndex *index = shared_memory(search_index_bytes(n_items, k));
	void	   *scratch = shared_memory(search_build_scratch_bytes(n_items, k) +
								  search_one_scratch_bytes(n_items, k, SEARCH_N) +
								  search_batch_scratch_bytes(n_items, k, SEARCH_N));
	Scored	   *heaps = shared_memory(sizeof(Scored) * SEARCH_N * SEARCH_BATCH);
	Top		   *tops = shared_memory(sizeof(Top) * SEARCH_BATCH);
	Question	question = {{k, stride, factors, NULL}, vectors};
	SearchBatch batch = {.n_queries = SEARCH_BATCH,
						 .vectors = vectors,
						 .constants = constants,
						 .score = score_for,
						 .state = &question};
	double		build;
	double		search = 0;
	double		scan = 0;
	double		search_many = INFINITY;
	double		multiply = INFINITY;
	char		title[100];

	if (falling)
		for (int64_t i = 0; i < n_items; i++)
		{
			float		scale =
				(float) pow((double) (random_bits(8, (uint64_t) i) % (uint64_t) n_items + 1), -0.3);

			for (int j = 0; j < k; j++)
				factors[i * stride + j] *= scale;
		}
	build = now();
	search_index_build(index, &question.product, n_items, scratch);
	build = now() - build;
	for (int q = 0; q < SEARCH_QUERIES; q++)
	{
		Question	one = {question.product, vectors + q * stride};
		double		best_search = INFINITY;
		double		best_scan = INFINITY;

		for (int i = 0; i < REPETITIONS; i++)
		{
			Top			top = {SEARCH_N, 0, heaps};
			double		start = now();

			search_one(index, one.vectors, 0, NULL, score_first, &one, &top, scratch);
			top_sort(&top);
			best_search = fmin(best_search, now() - start);

			top.count = 0;
			start = now();
			for (int64_t first = 0; first < n_items; first += block)
			{
				int64_t		n = n_items - first < block ? n_items - first : block;

				score_first(&one, NULL, first, n, scores);
				top_offer_range(&top, scores, first, n, NULL);
			}
			top_sort(&top);
			best_scan = fmin(best_scan, now() - start);
		}
		search += best_search / SEARCH_QUERIES;
		scan += best_scan / SEARCH_QUERIES;
	}
	snprintf(title, sizeof(title), "search, %lld items, %d factors, %s", (long long) n_items, k,
			 falling ? "norms as trained" : "random");
	faster(title, search, scan);
	if (n_items <= 27000)
	{
		for (int i = 0; i < REPETITIONS; i++)
		{
			double		start;

			for (int q = 0; q < SEARCH_BATCH; q++)
				tops[q] = (Top) {SEARCH_N, 0, heaps + q * SEARCH_N};
			start = now();
			search_batch(index, &question.product, &batch, tops, scratch);
			for (int q = 0; q < SEARCH_BATCH; q++)
				top_sort(&tops[q]);
			search_many = fmin(search_many, (now() - start) / SEARCH_BATCH);

			start = now();
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, together, (int) n_items, k, 1,
						vectors, (int) stride, factors, (int) stride, 0, scores, (int) n_items);
			for (int q = 0; q < together; q++)
			{
				tops[q].count = 0;
				top_offer_range(&tops[q], scores + q * n_items, 0, n_items, NULL);
				top_sort(&tops[q]);
			}
			multiply = fmin(multiply, (now() - start) / together);
		}
		faster("    many queries, each, beside sgemm and selecting", search_many, multiply);
	}
	printf("    index: %.1f MB for %.1f MB of factors, built in %.1f ms\n",
		   (double) search_index_bytes(n_items, k) / 1e6,
		   (double) n_items * (double) stride * sizeof(float) / 1e6, 1e3 * build);
	munmap(factors, sizeof(float) * n_items * stride);
	munmap(index, search_index_bytes(n_items, k));
}

int
main(int argc, char **argv)
{
	static const char *const levels[] = {"baseline", "AVX2", "AVX-512"};
	static const int sizes[] = {64, 128};
	int64_t		n_ratings = (int64_t) (1e6 * (argc > 1 ? atof(argv[1]) : 2));
	Matrix		by_user;
	Matrix		by_item;

	blas_use_processor();
	if (argc == 3 && strcmp(argv[1], "sgemm") == 0)
	{
		print_sgemm_rate(atof(argv[2]));
		return 0;
	}
	by_user = power_law(n_ratings, N_ITEMS, (double) N_RATINGS / N_USERS);
	by_item = power_law(n_ratings, N_USERS, (double) N_RATINGS / N_ITEMS);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("OpenBLAS core type %s, our loops %s; one core, best of %d\n\n",
		   blas_core(), levels[simd_level()], REPETITIONS);
	printf("%-58s %9s %9s %-8s %8s\n", "", "value", "limit", "", "ratio");
	for (int i = 0; i < 2; i++)
	{
		bench_half_iteration("solving users over 26,744 items", &by_user, N_ITEMS, sizes[i]);
		bench_half_iteration("solving items over 138,493 users", &by_item, N_USERS, sizes[i]);
	}
	bench_scan(27000, 64);
	bench_scan(1000000, 64);
	printf("\n%-58s %9s %9s\n", "the best of all items, microseconds", "search", "scan");
	for (int falling = 0; falling < 2; falling++)
	{
		bench_search(27000, 64, falling);
		bench_search(1000000, 64, falling);
	}
	printf("\nlimits: sgemm of size %d, reading 1 GB of memory; flops: k (k + 1) a rating, k^3 / 3 "
		   "a row;\n"
		   "rows have %.0f and %.0f ratings in the mean, %lld and %lld of them\n",
		   SGEMM_SIZE, (double) by_user.n_ratings / (double) by_user.n_rows,
		   (double) by_item.n_ratings / (double) by_item.n_rows, (long long) by_user.n_rows,
		   (long long) by_item.n_rows);
	return 0;
}
