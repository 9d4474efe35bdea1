/*
 * threads_test.c
 *	  The passes of a training by several threads at once: no two threads touch the same memory
 *	  (ThreadSanitizer watches: make unit-thread), and the model is the same to the bit for any
 *	  number of threads.
 *
 * In the server, processes with shared memory do the passes, where no tool detects a race. For a
 * pass threads are the same: it may touch only the memory that it is given.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

#include <cblas.h>
#include <pthread.h>
#include <sched.h>

#include "kernel/random.h"

#define N_USERS 300
#define N_ITEMS 170
#define MAX_THREADS 4

/* ---- a pass: a counter hands out blocks, as to the server's workers ---- */

static int	n_threads;

typedef struct Work
{
	const Training *training;
	Pass		pass;
	const void *argument;
	int64_t		n_rows;			/* of all steps */
	int64_t		step_rows;
	int64_t		block_rows;
	int64_t		next;
	int64_t		done;
} Work;

static void *
work_blocks(void *work)
{
	Work	   *w = work;
	const Training *t = w->training;
	size_t		bytes =
		training_scratch_bytes(&t->model, &(Extent) {.n_users = N_USERS, .n_items = N_ITEMS});
	void	   *scratch = zeroed(bytes);

	memset(scratch, 0x5a, bytes);
	for (;;)
	{
		int64_t		begin = __atomic_fetch_add(&w->next, w->block_rows, __ATOMIC_RELAXED);
		int64_t		end = begin + w->block_rows < w->n_rows ? begin + w->block_rows : w->n_rows;

		if (begin >= w->n_rows)
			break;
		while (__atomic_load_n(&w->done, __ATOMIC_ACQUIRE) < begin - begin % w->step_rows)
			sched_yield();
		w->pass(&t->task, w->argument, begin, end, scratch);
		__atomic_fetch_add(&w->done, end - begin, __ATOMIC_ACQ_REL);
	}
	free(scratch);
	return NULL;
}

static void
run_steps_by_threads(Services *services, int pass, const void *argument, size_t argument_bytes,
					 int64_t n_steps, int64_t n_rows, int64_t block_rows)
{
	const Training *t = (Training *) services;
	Work		work = {
		t, t->model.algorithm->passes[pass], argument, n_steps * n_rows, n_rows, block_rows, 0, 0};
	pthread_t	threads[MAX_THREADS];

	for (int i = 1; i < n_threads; i++)
		CHECK(pthread_create(&threads[i], NULL, work_blocks, &work) == 0);
	work_blocks(&work);
	for (int i = 1; i < n_threads; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

/*
 * The serial OpenBLAS, which the processes of a server use, has one work area for all callers, so
 * threads would corrupt each other's sums. The functions that these trainings call are therefore
 * implemented here, where a race on their arguments is detected too.
 */
void
cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE trans_a, CBLAS_TRANSPOSE trans_b, blasint m,
			blasint n, blasint k, float alpha, const float *a, blasint lda, const float *b,
			blasint ldb, float beta, float *c, blasint ldc)
{
	if (order != CblasRowMajor || trans_a != CblasNoTrans)
		abort();
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++)
		{
			float		sum = 0;

			for (int p = 0; p < k; p++)
				sum +=
					a[i * (int64_t) lda + p] *
					(trans_b == CblasTrans ? b[j * (int64_t) ldb + p] : b[p * (int64_t) ldb + j]);
			c[i * (int64_t) ldc + j] =
				alpha * sum + (beta == 0 ? 0 : beta * c[i * (int64_t) ldc + j]);
		}
}

/* LAPACK's upper triangles by columns are lower triangles by rows: a = L L', in place. */
void
spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info)
{
	for (int i = 0; i < *n; i++)
		for (int j = 0; j <= i; j++)
		{
			float		rest = a[i * *lda + j];

			for (int p = 0; p < j; p++)
				rest -= a[i * *lda + p] * a[j * *lda + p];
			a[i * *lda + j] = i == j ? sqrtf(rest) : rest / a[j * *lda + j];
		}
	*info = *uplo == 'U' ? 0 : 1;
}

/* The inverse of a from L: M' M with M the inverse of L, in place. */
void
spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info)
{
	float	   *inverse = zeroed(sizeof(float) * *n * *n);

	for (int j = 0; j < *n; j++)
		for (int i = j; i < *n; i++)
		{
			float		rest = i == j;

			for (int p = j; p < i; p++)
				rest -= a[i * *lda + p] * inverse[p * *n + j];
			inverse[i * *n + j] = rest / a[i * *lda + i];
		}
	for (int i = 0; i < *n; i++)
		for (int j = 0; j <= i; j++)
		{
			float		sum = 0;

			for (int p = i; p < *n; p++)
				sum += inverse[p * *n + i] * inverse[p * *n + j];
			a[i * *lda + j] = sum;
		}
	free(inverse);
	*info = *uplo == 'U' ? 0 : 1;
}

void
cblas_dsyrk(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, blasint n, blasint k,
			double alpha, const double *a, blasint lda, double beta, double *c, blasint ldc)
{
	if (order != CblasRowMajor || uplo != CblasLower || trans != CblasTrans || alpha != 1 ||
		beta != 1)
		abort();
	for (int row = 0; row < k; row++)
	{
		for (int i = 0; i < n; i++)
		{
			for (int j = 0; j <= i; j++)
				c[i * ldc + j] += a[row * lda + i] * a[row * lda + j];
		}
	}
}

/* ---- trainings ---- */

/*
 * About a twelfth of all pairs; user 0 has rated every item, the last user and the last item have
 * one rating.
 */
static void
make_ratings(double *dense)
{
	for (int u = 0; u < N_USERS; u++)
	{
		for (int i = 0; i < N_ITEMS; i++)
		{
			uint64_t	bits = random_bits(1, (uint64_t) (u * N_ITEMS + i));

			dense[u * N_ITEMS + i] =
				(u == N_USERS - 1 ? i != 3 : u != 0 && (i == N_ITEMS - 1 || bits % 12 != 0))
					? NAN
					: (double) (1 + (bits >> 32) % 5);
		}
	}
}

static void
check_equal_sides(const Side *a, const Side *b)
{
	for (int i = 0; i < a->n_columns; i++)
	{
		if (a->values[i] != NULL)
			CHECK(memcmp(a->values[i], b->values[i],
						 sizeof(float) * side_floats(a, i)) == 0);
	}
	if (a->list.start != NULL)
	{
		CHECK(memcmp(a->list.start, b->list.start, sizeof(int64_t) * (a->n_rows + 1)) == 0);
		CHECK(memcmp(a->list.column, b->list.column, sizeof(int32_t) * a->list.start[a->n_rows]) ==
			  0);
		CHECK(memcmp(a->list.value, b->list.value, sizeof(float) * a->list.start[a->n_rows]) == 0);
	}
}

/*
 * With 1, 2 and 4 threads. If solver is not NULL: als with this solver, or with the option
 * nonnegative, and its number of factors.
 */
static void
test_threads(const char *algorithm, Feedback feedback, const char *solver, int factors)
{
	static const int counts[] = {1, 2, 4};
	static double dense[N_USERS * N_ITEMS];
	Training   *t[3];

	make_ratings(dense);
	for (int i = 0; i < 3; i++)
	{
		t[i] = new_training(find_algorithm(algorithm), dense, NULL, N_USERS, N_ITEMS, feedback);
		t[i]->services.run_steps = run_steps_by_threads;
		if (solver != NULL)
		{
			if (strcmp(solver, "nonnegative") == 0)
				set_option(t[i], "nonnegative", 1);
			else
				set_choice(t[i], "solver", solver);
			set_option(t[i], "factors", factors);
			set_option(t[i], "tolerance", 0);
		}
		/* the passes of each iteration are the same */
		if (training_iterations(t[i]->model.algorithm, t[i]->options) > 1)
			set_option(t[i], "iterations", 2);
		n_threads = counts[i];
		train(t[i]);
		CHECK(t[i]->failure == NULL);
		CHECK(t[i]->iterations == t[0]->iterations);
		CHECK(memcmp(t[i]->losses, t[0]->losses, sizeof(double) * t[0]->iterations) == 0);
		check_equal_sides(&t[i]->model.sides[SIDE_ITEMS], &t[0]->model.sides[SIDE_ITEMS]);
		check_equal_sides(&t[i]->model.sides[SIDE_USERS], &t[0]->model.sides[SIDE_USERS]);
	}
	for (int i = 0; i < 3; i++)
		free_training(t[i]);
}

int
main(void)
{
	static const char *const solvers[] = {"cholesky", "cg", "block", "nonnegative"};
	/*
	 * svd calls more functions of the library; bpr divides neither users nor items with so few
	 * ratings
	 */
	static const char *const others[] = {"item_knn", "user_knn", "slim", "popular", "bpr", "ease",
										 "fm"};

	for (Feedback f = FEEDBACK_EXPLICIT; f <= FEEDBACK_IMPLICIT; f++)
	{
		for (int s = 0; s < 4; s++)
		{
			test_threads("als", f, solvers[s], 5);
			test_threads("als", f, solvers[s], 40);
		}
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			test_threads(others[i], f, NULL, 0);
	}
	return passed("threads");
}
