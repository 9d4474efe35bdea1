/*
 * agreement.c
 *	  How far models differ that were trained on different instruction sets, and how far a
 *	  training differs whose first number is changed in its last bit. If the difference between
 *	  instruction sets is only rounding that later steps amplify, both are alike.
 *
 *	  agreement ALGORITHM RATINGS.csv [OPTION VALUE]...
 *
 * Reads ratings.csv of MovieLens (userId,movieId,rating,timestamp). Prints, after each iteration,
 * the greatest difference of the items' factors relative to their root mean square, and the root
 * mean square of all differences; at the end, the number of places in the lists of ten of all users
 * that hold different items. OpenBLAS uses its loops for a processor that has just these
 * instructions.
 */
#define _POSIX_C_SOURCE 200112L
#include "../unit/training.h"

#include "kernel/blas.h"
#include "kernel/simd.h"

#define LIST 10
#define MOST_SNAPSHOTS 16

static const int shown[] = {1, 2, 3, 5, 10, 20, 50, 100, 1000};

#define N_SHOWN ((int) (sizeof(shown) / sizeof(shown[0])))

typedef struct Run
{
	const char *name;
	int			level;
	const char *core;			/* the processor that OpenBLAS takes this one for */
	/* if not 0, the first factor of an item becomes the next float after the first iteration */
	double		perturb;
	float	   *snapshot[MOST_SNAPSHOTS];
	int32_t    *lists;
	Training   *training;
} Run;

static Run *running;

/* The column that is compared: the widest column of the items. */
static int
compared(const Model *model)
{
	int			widest = 0;

	for (int c = 0; c < model->sides[SIDE_ITEMS].n_columns; c++)
	{
		if (model->sides[SIDE_ITEMS].values[c] != NULL &&
			column_stride(&model->sides[SIDE_ITEMS].columns[c]) >=
				column_stride(&model->sides[SIDE_ITEMS].columns[widest]))
			widest = c;
	}
	return widest;
}

static size_t
compared_bytes(const Model *model)
{
	return sizeof(float) * model->sides[SIDE_ITEMS].n_rows *
		   column_stride(&model->sides[SIDE_ITEMS].columns[compared(model)]);
}

static void
iteration_done(Services *services, int iteration, double loss, double validation)
{
	Training   *t = (Training *) services;
	const Model *m = &t->model;
	float	   *values = m->sides[SIDE_ITEMS].values[compared(m)];

	training_iteration_done(services, iteration, loss, validation);
	for (int i = 0; i < N_SHOWN && values != NULL; i++)
	{
		if (shown[i] == iteration)
		{
			running->snapshot[i] = zeroed(compared_bytes(m));
			memcpy(running->snapshot[i], values, compared_bytes(m));
		}
	}
	if (iteration == 1 && running->perturb > 0 && values != NULL)
		values[0] = nextafterf(values[0], INFINITY);
}

/* The lists of all users: the best items that the user does not have. */
static int32_t *
all_lists(const Training *t)
{
	const Model *m = &t->model;
	int64_t		n = m->sides[SIDE_ITEMS].n_rows;
	int64_t		n_users = t->ratings.by_user.n_rows;
	int32_t    *lists = zeroed(sizeof(int32_t) * n_users * LIST);
	float	   *scores = zeroed(sizeof(float) * n);

	for (int64_t u = 0; u < n_users; u++)
	{
		Profile		profile = user_profile(t, (int) u);
		void	   *query = new_query(m, &profile);

		m->algorithm->score_items(m, query, NULL, 0, n, scores);
		for (int64_t j = 0; j < profile.n; j++)
			scores[profile.items[j]] = NAN;
		for (int place = 0; place < LIST; place++)
		{
			int64_t		best = -1;

			for (int64_t i = 0; i < n; i++)
			{
				if (!isnan(scores[i]) && (best < 0 || scores[i] > scores[best]))
					best = i;
			}
			lists[u * LIST + place] = (int32_t) best;
			if (best >= 0)
				scores[best] = NAN;
		}
		free(query);
	}
	free(scores);
	return lists;
}

static void
print_difference(const char *what, const float *a, const float *b, size_t bytes)
{
	double		largest = 0;
	double		squares = 0;
	double		all = 0;
	int64_t		n = (int64_t) (bytes / sizeof(float));

	for (int64_t i = 0; i < n; i++)
	{
		double		difference = fabs((double) a[i] - b[i]);

		largest = difference > largest ? difference : largest;
		squares += difference * difference;
		all += (double) b[i] * b[i];
	}
	if (all > 0)
		printf("  %-20s largest %9.2e  root mean square %9.2e\n", what, largest / sqrt(all / n),
			   sqrt(squares / all));
}

static double *
read_ratings(const char *path, int *n_users, int *n_items)
{
	FILE	   *file = fopen(path, "r");
	char		line[256];
	int32_t    *item_of = zeroed(sizeof(int32_t) * 1000000);
	long		user;
	long		item;
	double		rating;
	double	   *dense = NULL;

	if (file == NULL)
	{
		perror(path);
		exit(1);
	}
	*n_users = *n_items = 0;
	/* once to count, once to fill */
	for (int round = 0; round < 2; round++)
	{
		rewind(file);
		while (fgets(line, sizeof(line), file) != NULL)
		{
			if (sscanf(line, "%ld,%ld,%lf", &user, &item, &rating) != 3 || user < 1 || item < 0 ||
				item >= 1000000)
				continue;
			if (round == 0)
			{
				*n_users = user > *n_users ? (int) user : *n_users;
				item_of[item] = 1;
			}
			else
				dense[(user - 1) * *n_items + item_of[item]] = rating;
		}
		if (round == 0)
		{
			for (int i = 0; i < 1000000; i++)
			{
				if (item_of[i] != 0)
					item_of[i] = (*n_items)++;
			}
			dense = zeroed(sizeof(double) * *n_users * *n_items);
			for (int64_t i = 0; i < (int64_t) *n_users * *n_items; i++)
				dense[i] = NAN;
		}
	}
	fclose(file);
	free(item_of);
	return dense;
}

int
main(int argc, char **argv)
{
	static Run	runs[] = {
		{.name = "reference", .level = SIMD_AVX512, .core = "SkylakeX"},
		{.name = "perturbed", .level = SIMD_AVX512, .core = "SkylakeX", .perturb = 1},
		{.name = "AVX2", .level = SIMD_AVX2, .core = "Haswell"},
		{.name = "baseline", .level = SIMD_BASELINE, .core = "Prescott"},
	};
	int			n_users;
	int			n_items;
	double	   *dense;

	if (argc < 3 || find_algorithm(argv[1]) == NULL)
	{
		fprintf(stderr, "usage: agreement ALGORITHM RATINGS.csv [OPTION VALUE]...\n");
		return 1;
	}
	dense = read_ratings(argv[2], &n_users, &n_items);
	for (int r = 0; r < 4; r++)
	{
		Training   *t =
			new_training(find_algorithm(argv[1]), dense, NULL, n_users, n_items, FEEDBACK_EXPLICIT);

		for (int i = 3; i + 1 < argc; i += 2)
			set_option(t, argv[i], atof(argv[i + 1]));
		running = &runs[r];
		running->training = t;
		t->services.iteration_done = iteration_done;
		simd_limit(running->level);
		if (blas_can_choose())
			blas_force_core(running->core);
		train(t);
		CHECK(t->failure == NULL);
		running->lists = all_lists(t);
		if (r == 0)
			continue;
		printf("%s against %s\n", running->name, runs[0].name);
		for (int i = 0; i < N_SHOWN; i++)
		{
			char		what[32];

			snprintf(what, sizeof(what), "iteration %d", shown[i]);
			if (running->snapshot[i] != NULL)
				print_difference(what, running->snapshot[i], runs[0].snapshot[i],
								 compared_bytes(&t->model));
		}
		if (t->model.sides[SIDE_ITEMS].values[compared(&t->model)] != NULL)
			print_difference("the model", t->model.sides[SIDE_ITEMS].values[compared(&t->model)],
							 runs[0].training->model.sides[SIDE_ITEMS].values[compared(&t->model)],
							 compared_bytes(&t->model));
		{
			int64_t		places = 0;
			int64_t		lists = 0;

			for (int64_t u = 0; u < n_users; u++)
			{
				int64_t		before = places;

				for (int64_t i = u * LIST; i < (u + 1) * LIST; i++)
					places += running->lists[i] != runs[0].lists[i];
				lists += places > before;
			}
			printf("  another item in %.2f %% of the places, in %.1f %% of the lists\n",
				   100.0 * places / ((double) n_users * LIST), 100.0 * lists / n_users);
		}
	}
	return 0;
}
