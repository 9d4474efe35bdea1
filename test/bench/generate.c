/*
 * generate.c
 *	  Writes any number of ratings in the shape of MovieLens as CSV: user_id,item_id,rating,seconds.
 *
 *	  generate USERS ITEMS RATINGS
 *
 * The output is the same, byte for byte, on any machine: random numbers are integers made from a
 * counter, and floating-point arithmetic is restricted to operations that IEEE 754 defines to the
 * last bit (+ - * / and sqrt, compiled without contraction to fused operations).
 *
 * Both directions follow power laws. A user has at least 20 ratings, and more by a Pareto law (tail
 * exponent 4/3). The popularity of an item falls with its rank r as (r + c)^-2, a Zipf-Mandelbrot
 * law with c = 1.84 % of the items, so that a tenth of the items gets 86 % of the ratings, as in
 * MovieLens-20M. Ratings depend on taste: users and items have planted vectors of RANK numbers, and
 * of the items that are drawn by popularity, a user keeps those that suit the taste. The rating is
 * the planted one with noise, in steps of a half from 0.5 to 5.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/random.h"

#define RANK 12
#define LEAST_RATINGS 20
#define ITEM_OFFSET 0.0184		/* c, as a share of the items */

/* The purposes of random numbers, which are the seeds of their streams. */
enum
{
	LENGTHS = 1,
	PLACES,
	USER_TASTES,
	ITEM_TASTES,
	DRAWS
};

static void *
allocate(size_t bytes)
{
	void	   *memory = calloc(bytes > 0 ? bytes : 1, 1);

	if (memory == NULL)
	{
		fputs("out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

/* A uniform number in (0, 1). */
static double
uniform(int stream, uint64_t i)
{
	return ((double) (random_bits((uint64_t) stream, i) >> 12) + 0.5) * 0x1p-52;
}

/* A nearly normal number: the sum of twelve uniform numbers, which needs no logarithm. */
static double
about_normal(int stream, uint64_t i)
{
	double		sum = -6;

	for (uint64_t j = 0; j < 12; j++)
		sum += uniform(stream, i * 12 + j);
	return sum;
}

/*
 * The number of ratings of each user: LEAST_RATINGS + scale * v^(-3/4), at most a third of the
 * items, with the scale that makes n_ratings in all. Rounding leaves a rest, which goes to the
 * first users.
 */
static int64_t *
draw_lengths(int64_t n_users, int64_t n_items, int64_t n_ratings)
{
	int64_t    *length = allocate(sizeof(int64_t) * n_users);
	int64_t		most = n_items / 3;
	double		low = 0;
	double		high = (double) n_ratings;
	int64_t		total = 0;

	for (int step = 0; step < 100; step++)
	{
		double		scale = (low + high) / 2;

		total = 0;
		for (int64_t u = 0; u < n_users; u++)
		{
			double		v = sqrt(uniform(LENGTHS, (uint64_t) u));
			double		wanted = LEAST_RATINGS + scale / (v * sqrt(v));

			length[u] = wanted < (double) most ? (int64_t) wanted : most;
			total += length[u];
		}
		if (total > n_ratings)
			high = scale;
		else
			low = scale;
	}
	for (int64_t u = 0; total != n_ratings; u = (u + 1) % n_users)
	{
		int64_t		change = total < n_ratings ? 1 : -1;

		if (length[u] + change > most || length[u] + change < 1)
			continue;
		length[u] += change;
		total += change;
	}
	return length;
}

/* A random order of the items: the item at each rank of popularity. */
static int64_t *
draw_places(int64_t n_items)
{
	int64_t    *place = allocate(sizeof(int64_t) * n_items);

	for (int64_t i = 0; i < n_items; i++)
	{
		int64_t		other = (int64_t) (random_bits(PLACES, (uint64_t) i) % (uint64_t) (i + 1));

		place[i] = place[other];
		place[other] = i;
	}
	return place;
}

static void
print_rating(int64_t user, int64_t item, double rating, int64_t seconds)
{
	int			halves = (int) (2 * rating + 0.5);

	halves = halves < 1 ? 1 : halves > 10 ? 10 : halves;
	printf("%lld,%lld,%d.%d,%lld\n", (long long) user + 1, (long long) item + 1, halves / 2,
		   halves % 2 * 5, (long long) seconds);
}

int
main(int argc, char **argv)
{
	int64_t		n_users = argc == 4 ? atoll(argv[1]) : 0;
	int64_t		n_items = argc == 4 ? atoll(argv[2]) : 0;
	int64_t		n_ratings = argc == 4 ? atoll(argv[3]) : 0;
	int64_t    *length;
	int64_t    *place;
	int64_t    *rated_by;		/* for each item: the last user who was given the item, + 1 */
	double	   *taste;			/* of the items, followed by the quality of each item */
	uint64_t	draw = 0;
	double		offset;

	if (n_users < 1 || n_items < 60 || n_ratings < n_users * LEAST_RATINGS ||
		n_ratings / n_users > n_items / 4)
	{
		fputs("usage: generate USERS ITEMS RATINGS, with at least 20 ratings a user, and at most a "
			  "quarter of the items\n",
			  stderr);
		return 2;
	}
	length = draw_lengths(n_users, n_items, n_ratings);
	place = draw_places(n_items);
	rated_by = allocate(sizeof(int64_t) * n_items);
	taste = allocate(sizeof(double) * n_items * (RANK + 1));
	for (int64_t i = 0; i < n_items * (RANK + 1); i++)
		taste[i] = about_normal(ITEM_TASTES, (uint64_t) i);
	offset = ITEM_OFFSET * (double) n_items;

	for (int64_t u = 0; u < n_users; u++)
	{
		double		likes[RANK];
		double		kind = 0.4 * about_normal(USER_TASTES, (uint64_t) (u * (RANK + 1) + RANK));
		int64_t		given = 0;

		for (int f = 0; f < RANK; f++)
			likes[f] = about_normal(USER_TASTES, (uint64_t) (u * (RANK + 1) + f)) / sqrt(RANK);
		while (given < length[u])
		{
			/*
			 * the rank of popularity at which the law's distribution function reaches a random
			 * number
			 */
			double		share = uniform(DRAWS, draw);
			double		chance = uniform(DRAWS, draw + 1);
			double		noise = uniform(DRAWS, draw + 2) + uniform(DRAWS, draw + 3) - 1;
			uint64_t	moment = random_bits(DRAWS, draw + 4);
			double		n = (double) n_items;
			int64_t		rank = (int64_t) (share * n * offset / (n + offset - share * n));
			int64_t		item = place[rank < n_items ? rank : n_items - 1];
			const double *t = taste + item * (RANK + 1);
			double		suits = 0;
			bool		first = given == 0 && u < n_items;

			draw += 5;
			if (first)
			{
				/* gives every item a rating, if there are as many users */
				item = place[u];
				t = taste + item * (RANK + 1);
			}
			if (rated_by[item] == u + 1)
				continue;
			for (int f = 0; f < RANK; f++)
				suits += likes[f] * t[f];
			if (!first && chance > 0.5 + 0.5 * suits / sqrt(0.25 + suits * suits))
				continue;
			rated_by[item] = u + 1;
			given++;
			print_rating(u, item, 3.4 + kind + 0.3 * t[RANK] + 0.5 * suits + 0.8 * noise,
						 (int64_t) (800000000 + moment % 600000000));
		}
	}
	free(length);
	free(place);
	free(rated_by);
	free(taste);
	return 0;
}
