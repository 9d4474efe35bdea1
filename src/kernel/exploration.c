/*
 * exploration.c
 *	  Lists that are drawn at random, and how probable they were; see exploration.h.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/exploration.h"
#include "kernel/poll.h"

double
exploration_deviation(const Scored *items, int n)
{
	double		mean = 0;
	double		squares = 0;

	for (int i = 0; i < n; i++)
		mean += items[i].score / (double) n;
	for (int i = 0; i < n; i++)
		squares += (items[i].score - mean) * (items[i].score - mean);
	return n > 0 ? sqrt(squares / n) : 0;
}

/* The highest key first; equal keys in the order of the scores. */
static int
compare_drawn(const void *a, const void *b)
{
	const Drawn *x = a;
	const Drawn *y = b;

	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

/*
 * The temperature that stands for 0: different floats are so many times as far apart that only
 * equal ones are chosen between, and keys stay finite.
 */
static double
positive_temperature(const Scored *items, int n, double temperature)
{
	double		largest = n > 0 ? fmax(fabs(items[0].score), fabs(items[n - 1].score)) : 0;

	return fmax(temperature, fmax(largest * FLT_EPSILON / 1024, 1e-200));
}

void
softmax_draw(const Scored *items, int n, double temperature, uint64_t seed, Drawn *list)
{
	double		t = positive_temperature(items, n, temperature);

	for (int i = 0; i < n; i++)
		list[i] = (Drawn) {((double) items[i].score - items[0].score) / t +
						   random_gumbel(seed, (uint64_t) items[i].index), i};
	qsort(list, (size_t) n, sizeof(Drawn), compare_drawn);
}

void
softmax_propensities(const Scored *items, int n, double temperature, const Drawn *list, int m,
					 double *propensities)
{
	double		t = positive_temperature(items, n, temperature);

	/* each sum is taken anew: what is left after subtracting a large weight would be rounding */
	for (int rank = 0; rank < m; rank++)
	{
		double		best = -INFINITY;
		double		sum = 0;

		for (int i = rank; i < n; i++)
			best = fmax(best, items[list[i].place].score);
		for (int i = rank; i < n; i++)
			sum += exp((items[list[i].place].score - best) / t);
		propensities[rank] = exp((items[list[rank].place].score - best) / t) / sum;
		poll();
	}
}

void
softmax_expectations(const Scored *items, int n, double temperature, const Drawn *list, int m,
					 const double *values, double *expectations)
{
	double		t = positive_temperature(items, n, temperature);

	for (int rank = 0; rank < m; rank++)
	{
		double		best = -INFINITY;
		double		weights = 0;
		double		sum = 0;

		for (int i = rank; i < n; i++)
			best = fmax(best, items[list[i].place].score);
		for (int i = rank; i < n; i++)
		{
			double		weight = exp((items[list[i].place].score - best) / t);

			weights += weight;
			sum += weight * values[list[i].place];
		}
		expectations[rank] = sum / weights;
		poll();
	}
}

void
thompson_draw(const Scored *items, const double *deviations, int n, uint64_t seed, Drawn *list)
{
	for (int i = 0; i < n; i++)
		list[i] = (Drawn) {items[i].score +
						   deviations[i] * random_normal(seed, (uint64_t) items[i].index), i};
	qsort(list, (size_t) n, sizeof(Drawn), compare_drawn);
}

void
thompson_propensities(const Scored *items, const double *deviations, int n, uint64_t seed,
					  int draws, const Drawn *list, int m, double *propensities,
					  ThompsonSpace *space)
{
	ziggurat_init(&space->ziggurat);
	memset(space->counts, 0, sizeof(int32_t) * (size_t) m);
	for (int draw = 0; draw < draws; draw++)
	{
		Top			top = {m, 0, space->best};

		if (draw % 64 == 0)
			poll();
		for (int i = 0; i < n; i++)
			space->scores[i] =
				(float) (items[i].score +
						 deviations[i] *
							 ziggurat_normal(&space->ziggurat,
											 random_bits(seed, (uint64_t) draw * n + i)));
		top_offer_range(&top, space->scores, 0, n, NULL);
		top_sort(&top);
		for (int rank = 0; rank < m; rank++)
			space->counts[rank] += top.heap[rank].index == list[rank].place;
	}
	for (int rank = 0; rank < m; rank++)
		propensities[rank] = (space->counts[rank] + 1) / (double) (draws + n);
}
