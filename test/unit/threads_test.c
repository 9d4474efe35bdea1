/*
 * threads_test.c
 *	  The passes of a training by several threads at once: no two of them touch the same memory
 *	  (ThreadSanitizer watches: make unit-thread), and the model is the same to the bit whatever their number.
 *
 *	  In the server passes are done by processes that share memory, where no tool sees a
 *	  race. To the passes threads are the same: what they are given is all they may touch.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include <cblas.h>
#include <pthread.h>

#include "algorithm/algorithm.h"
#include "kernel/random.h"

#define N_USERS 300
#define N_ITEMS 170
#define MAX_THREADS 4
#define MAX_ITERATIONS 2

/* ---- services: blocks handed out by a counter, as to the server's workers ---- */

typedef struct ThreadServices
{
	Services	services;
	Task		task;
	int			n_threads;
	double		loss[MAX_ITERATIONS];

	/* the pass under way */
	Pass		pass;
	const void *argument;
	int64_t		n_rows;
	int64_t		block_rows;
	int64_t		next;
} ThreadServices;

static void *
work(void *services)
{
	ThreadServices *s = services;
	size_t		bytes = s->task.model->algorithm->scratch_bytes(s->task.model->options, s->task.model->users.n_rows, s->task.model->items.n_rows);
	void	   *scratch = zeroed(bytes);

	memset(scratch, 0x5a, bytes);
	for (;;)
	{
		int64_t		begin = __atomic_fetch_add(&s->next, s->block_rows, __ATOMIC_RELAXED);

		if (begin >= s->n_rows)
			break;
		s->pass(&s->task, s->argument, begin, begin + s->block_rows < s->n_rows ? begin + s->block_rows : s->n_rows, scratch);
	}
	free(scratch);
	return NULL;
}

static void
run_pass(Services *services, int pass, const void *argument, size_t argument_bytes, int64_t n_rows, int64_t block_rows)
{
	ThreadServices *s = (ThreadServices *) services;
	pthread_t	threads[MAX_THREADS];

	s->pass = s->task.model->algorithm->passes[pass];
	s->argument = argument;
	s->n_rows = n_rows;
	s->block_rows = block_rows;
	s->next = 0;
	for (int i = 1; i < s->n_threads; i++)
		CHECK(pthread_create(&threads[i], NULL, work, s) == 0);
	work(s);
	for (int i = 1; i < s->n_threads; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

static void
iteration_done(Services *services, int iteration, double loss)
{
	((ThreadServices *) services)->loss[iteration - 1] = loss;
}

/*
 * The serial OpenBLAS, which the processes of a server use, has one work area for all callers: threads would spoil each
 * other's sums. So the one function that these trainings call is done here.
 */
void
cblas_dsyrk(CBLAS_ORDER order, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, blasint n, blasint k,
			double alpha, const double *a, blasint lda, double beta, double *c, blasint ldc)
{
	if (order != CblasRowMajor || uplo != CblasLower || trans != CblasTrans || alpha != 1 || beta != 1)
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

/* ---- options, by their names ---- */

/* False where there is no such choice. */
static bool
set_option(const Algorithm *algorithm, void *options, const char *name, const char *value)
{
	for (const Option *o = algorithm->options; o->name != NULL; o++)
	{
		char	   *target = (char *) options + o->offset;

		if (strcmp(o->name, name) != 0)
			continue;
		switch (o->type)
		{
			case OPTION_BOOLEAN:
				*(bool *) target = strcmp(value, "true") == 0;
				return true;
			case OPTION_INTEGER:
				*(int32_t *) target = atoi(value);
				return true;
			case OPTION_REAL:
			case OPTION_INTERVAL:
				*(double *) target = atof(value);
				return true;
			case OPTION_CHOICE:
				for (int i = 0; o->choices[i] != NULL; i++)
				{
					if (strcmp(o->choices[i], value) == 0)
					{
						*(int32_t *) target = i;
						return true;
					}
				}
				return false;
		}
	}
	return false;
}

static void
set_defaults(const Algorithm *algorithm, void *options, Feedback feedback)
{
	for (const Option *o = algorithm->options; o->name != NULL; o++)
	{
		if (o->initial[feedback] != NULL)
			CHECK(set_option(algorithm, options, o->name, o->initial[feedback]));
	}
	CHECK(set_option(algorithm, options, "feedback", feedback_choices[feedback]));
}

/* ---- trainings ---- */

/* About a twelfth of all pairs; user 0 has rated everything, the last user and the last item have one rating. */
static Ratings
make_ratings(void)
{
	Ratings		ratings = {.minimum = 1, .maximum = 5};
	SparseMatrix *m = &ratings.by_user;
	SparseMatrix *t = &ratings.by_item;
	SparseMatrix *both[] = {m, t};
	int64_t		n = 0;

	m->n_rows = N_USERS;
	m->n_columns = N_ITEMS;
	for (int i = 0; i < 2; i++)
	{
		both[i]->start = zeroed(sizeof(int64_t) * (N_USERS + 2));
		both[i]->column = zeroed(sizeof(int32_t) * N_USERS * N_ITEMS);
		both[i]->value = zeroed(sizeof(float) * N_USERS * N_ITEMS);
	}
	for (int u = 0; u < N_USERS; u++)
	{
		for (int i = 0; i < N_ITEMS; i++)
		{
			uint64_t	bits = random_bits(1, (uint64_t) (u * N_ITEMS + i));

			if (u == N_USERS - 1 ? i != 3 : u != 0 && (i == N_ITEMS - 1 || bits % 12 != 0))
				continue;
			m->column[n] = i;
			m->value[n] = (float) (1 + (bits >> 32) % 5);
			ratings.mean += m->value[n++];
		}
		m->start[u + 1] = n;
	}
	ratings.mean /= (double) n;
	sparse_transpose(m, t);
	return ratings;
}

static void
make_side(Side *side, int n_columns, const SparseMatrix *m)
{
	side->n_rows = m->n_rows;
	side->n_columns = n_columns;
	side->n_ratings = zeroed(sizeof(int32_t) * m->n_rows);
	for (int64_t r = 0; r < m->n_rows; r++)
		side->n_ratings[r] = (int32_t) (m->start[r + 1] - m->start[r]);
	for (int i = 0; i < n_columns; i++)
		side->values[i] = zeroed(sizeof(float) * m->n_rows * column_stride(&side->columns[i]));
}

static void
train(const Algorithm *algorithm, const void *options, const Ratings *ratings, int n_threads, Model *model, ThreadServices *s)
{
	size_t		bytes[MAX_ARRAYS];
	int			n_arrays = algorithm->arrays(options, N_USERS, N_ITEMS, bytes);

	*model = (Model) {
		.algorithm = algorithm, .options = options, .n_users = N_USERS,
		.mean = ratings->mean, .minimum = ratings->minimum, .maximum = ratings->maximum
	};
	make_side(&model->items, algorithm->item_columns(options, model->items.columns), &ratings->by_item);
	make_side(&model->users, algorithm->user_columns(options, model->users.columns), &ratings->by_user);
	*s = (ThreadServices) {
		.services = {run_pass, iteration_done}, .task = {.ratings = ratings, .model = model}, .n_threads = n_threads
	};
	for (int i = 0; i < n_arrays; i++)
		s->task.arrays[i] = zeroed(bytes[i]);
	CHECK(algorithm->train(&s->task, &s->services) == NULL);
	for (int i = 0; i < n_arrays; i++)
		free(s->task.arrays[i]);
}

static void
check_equal_sides(const Side *a, const Side *b)
{
	for (int i = 0; i < a->n_columns; i++)
		CHECK(memcmp(a->values[i], b->values[i], sizeof(float) * a->n_rows * column_stride(&a->columns[i])) == 0);
}

static void
free_side(Side *side)
{
	free(side->n_ratings);
	for (int i = 0; i < side->n_columns; i++)
		free(side->values[i]);
}

/* By 1, 2 and 4 threads. */
static void
test_threads(const Algorithm *algorithm, const void *options, const Ratings *ratings)
{
	static const int counts[] = {1, 2, 4};
	Model		models[3];
	ThreadServices services[3];

	for (int i = 0; i < 3; i++)
	{
		train(algorithm, options, ratings, counts[i], &models[i], &services[i]);
		CHECK(services[i].loss[0] > 0);
		CHECK(memcmp(services[i].loss, services[0].loss, sizeof(services[0].loss)) == 0);
		check_equal_sides(&models[i].items, &models[0].items);
		check_equal_sides(&models[i].users, &models[0].users);
	}
	for (int i = 0; i < 3; i++)
	{
		free_side(&models[i].items);
		free_side(&models[i].users);
	}
}

int
main(void)
{
	static const char *const solvers[] = {"cholesky", "cg", "block"};
	static const char *const factors[] = {"5", "40"};
	Ratings		ratings = make_ratings();
	const Algorithm *als = find_algorithm("als");

	for (int f = FEEDBACK_EXPLICIT; f <= FEEDBACK_IMPLICIT; f++)
	{
		for (int s = 0; s < 3; s++)
		{
			for (int k = 0; k < 2; k++)
			{
				char	   *options = zeroed(als->options_size);

				set_defaults(als, options, (Feedback) f);
				CHECK(set_option(als, options, "iterations", "2"));
				CHECK(set_option(als, options, "tolerance", "0"));
				CHECK(set_option(als, options, "factors", factors[k]));
				if (set_option(als, options, "solver", solvers[s]))
					test_threads(als, options, &ratings);
				free(options);
			}
		}
	}
	free(ratings.by_user.start);
	free(ratings.by_user.column);
	free(ratings.by_user.value);
	free(ratings.by_item.start);
	free(ratings.by_item.column);
	free(ratings.by_item.value);
	return passed("threads");
}
