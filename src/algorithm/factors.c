/*
 * factors.c
 *	  What models of factors have in common when they are asked; see factors.h.
 */
#include <math.h>

#include "algorithm/factors.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/* Scores stay below this, so that sums of their parts, in whatever order, do not overflow. */
#define LARGEST_SCORE 1e38

/*
 * For predicted ratings, the cosine of two rows' factors does not tell on how many ratings it
 * rests, and the factors of a row with one rating point exactly in the direction of that rating. So
 * the cosine is shrunk by n / (n + 10), with n the ratings of the other row (significance
 * weighting, Herlocker et al. 1999, in the form of Koren 2008). Factors of events do not need this:
 * those of a row with few events are determined by all missing events. Neither do those of items
 * with features, which say what few ratings do not.
 */
#define SIMILARITY_SHRINKAGE 10

/* The fewest users, and items, for which 64 factors may not be enough. */
#define LARGE_SIDE 500

/* Mean number of events of the user of an event from which on users have many events. */
#define MANY_EVENTS 200

int32_t
factors_of_source(const Ratings *ratings)
{
	return ratings->by_user.n_rows >= LARGE_SIDE && ratings->by_item.n_rows >= LARGE_SIDE &&
		sparse_mean_row(&ratings->by_user) < MANY_EVENTS ? FACTORS_OF_FEW_EVENTS : FACTORS;
}

static InnerProduct
inner_product_of(const Model *model)
{
	InnerProduct product = {0};

	model->algorithm->inner_product(model, &product);
	return product;
}

size_t
factors_norms_bytes(int64_t n_items)
{
	return sizeof(float) * (n_items + 2);
}

void
factors_compute_norms(const Model *model, float *norms)
{
	InnerProduct product = inner_product_of(model);
	int64_t		n = model->sides[SIDE_ITEMS].n_rows;
	float		largest_norm = 0;
	float		largest_bias = 0;

	for (int64_t i = 0; i < n; i++)
	{
		if (i % 1024 == 0)
			poll();
		norms[i] = (float) vector_norm(product.factors + i * product.stride, product.width);
		largest_norm = fmaxf(largest_norm, norms[i]);
		if (product.bias != NULL)
			largest_bias = fmaxf(largest_bias, fabsf(product.bias[i]));
	}
	norms[n] = largest_norm;
	norms[n + 1] = largest_bias;
}

bool
factors_stay_finite(const Model *model, const float *norms, const float *factors, float base)
{
	InnerProduct product = inner_product_of(model);
	const float *largest = norms + model->sides[SIDE_ITEMS].n_rows;

	return vector_norm(factors, product.width) * largest[0] + fabs(base) + largest[1] <
		   LARGEST_SCORE;
}

bool
factors_speak(const Model *model, const float *norms, const float *factors, float base,
			  double unit)
{
	InnerProduct product = inner_product_of(model);
	const float *largest = norms + model->sides[SIDE_ITEMS].n_rows;

	return vector_norm(factors, product.width) * largest[0] >
		   ROUNDING * (fabs(base) + largest[1] + unit);
}

void
factors_score_items(const Model *model, const void *query, const int32_t *items, int64_t first,
					int64_t n, float *scores)
{
	InnerProduct product = inner_product_of(model);
	float		base;
	const float *factors = model->algorithm->query_vector(model, query, &base);

	vector_dot_named(factors, product.factors, product.stride, items, first, n, product.width,
					 scores);
	if (product.bias != NULL || base != 0)
	{
		for (int64_t i = 0; i < n; i++)
			scores[i] +=
				base + (product.bias == NULL ? 0 : product.bias[item_of(items, first + i)]);
	}
}

float
factors_expected_score(const Model *model, const void *query, int32_t item)
{
	float		base = 0;

	model->algorithm->query_vector(model, query, &base);
	return base;
}

/*
 * Turns products into similarities. n_ratings may have any value in a table that was edited by
 * hand.
 */
static inline float
similarity_of(bool shrink, float product, float norm, float other_norm, int32_t n_ratings)
{
	float		cosine = product / (norm * other_norm);
	float		n = n_ratings > 0 ? (float) n_ratings : 0;

	/* rounding may exceed the range; 0/0 stays NaN */
	cosine = cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
	return shrink ? cosine * n / (n + SIMILARITY_SHRINKAGE) : cosine;
}

/*
 * The similarities of one row's factors and others'. norms NULL: the norms of the others are
 * computed.
 */
static void
similarities(const Model *model, const float *factors, float norm, const float *others,
			 int64_t stride, int width, const float *norms, const int32_t *n_ratings, int64_t n,
			 float *similarity)
{
	bool		shrink = ((const CommonOptions *) model->options)->feedback == FEEDBACK_EXPLICIT &&
				  model->algorithm->predicts_ratings != NULL && !model->has_item_features;

	vector_dot_rows(factors, others, stride, n, width, similarity);
	for (int64_t i = 0; i < n; i++)
		similarity[i] = similarity_of(
			shrink, similarity[i], norm,
			norms != NULL ? norms[i] : (float) vector_norm(others + i * stride, width),
			n_ratings[i]);
}

void
factors_similar_items(const Model *model, const float *norms, int32_t item, int64_t first,
					  int64_t n, float *similarity)
{
	InnerProduct product = inner_product_of(model);
	Model		of = *model;
	InnerProduct product_of;
	int64_t		row;
	const float *factors;

	of.sides[SIDE_ITEMS] = *side_of_item(model, item, &row);
	product_of = inner_product_of(&of);
	factors = product_of.factors + row * product_of.stride;
	similarities(model, factors, (float) vector_norm(factors, product.width),
				 product.factors + first * product.stride, product.stride, product.width,
				 norms + first, model->sides[SIDE_ITEMS].n_ratings + first, n, similarity);
}

void
factors_similar_users(const Model *model, int column, const float *factors, int64_t first,
					  int64_t n, float *similarity)
{
	InnerProduct product = inner_product_of(model);
	const Side *users = &model->sides[SIDE_USERS];
	int64_t		stride = column_stride(&users->columns[column]);

	similarities(model, factors, (float) vector_norm(factors, product.width),
				 users->values[column] + first * stride, stride, product.width, NULL,
				 users->n_ratings + first, n, similarity);
}

void
factors_share_rounding(double score, float *contributions, int64_t n)
{
	double		sum = 0;
	double		size = 0;

	for (int64_t j = 0; j < n; j++)
	{
		sum += contributions[j];
		size += fabs(contributions[j]);
	}
	for (int64_t j = 0; j < n; j++)
		contributions[j] +=
			(float) ((score - sum) * (size > 0 ? fabs(contributions[j]) / size : 1 / (double) n));
}
