/*
 * search_test.c
 *	  The n best by the search with bounds against scoring all items: the same items and the same
 *	  bits, for any numbers.
 */
#define _POSIX_C_SOURCE 200112L
#include <float.h>
#include "unit.h"

#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/search.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

/* ---- data ---- */

typedef enum Shape
{
	GAUSSIAN,
	EQUAL_NORMS,
	POPULAR,					/* norms fall by a power law, in random order */
	DUPLICATES,					/* seven different vectors */
	FEW_VALUES,					/* -1, 0 and 1: many ties between different vectors */
	ZERO,
	MOSTLY_ZERO,
	ONE_HUGE,					/* one item with a million times the norm of the others */
	ONE_AXIS,					/* almost in the direction of the first axis */
	ALMOST_EQUAL,				/* vectors that differ in the last digits only */
	N_SHAPES
} Shape;

typedef struct Data
{
	InnerProduct product;
	int64_t		n_items;
	float	   *factors;
	float	   *bias;
	SearchIndex *index;
} Data;

static void
make_vector(float *vector, int width, Shape shape, double scale, uint64_t seed, uint64_t row)
{
	double		norm = 0;

	for (int j = 0; j < width; j++)
	{
		uint64_t	place = row * 1024 + (uint64_t) j;
		double		x = random_normal(seed, place);

		if (shape == DUPLICATES)
			x = random_normal(seed, row % 7 * 1024 + (uint64_t) j);
		if (shape == FEW_VALUES)
			x = (double) (random_bits(seed, place) % 3) - 1;
		if (shape == ONE_AXIS && j > 0)
			x *= 1e-3;
		if (shape == ALMOST_EQUAL)
			x = 1 + 1e-7 * (double) (random_bits(seed, place) % 4);
		if (shape == ZERO || (shape == MOSTLY_ZERO && row % 10 != 0))
			x = 0;
		vector[j] = (float) x;
		norm += x * x;
	}
	if (shape == EQUAL_NORMS)
		scale /= sqrt(norm);
	if (shape == POPULAR)
		scale /= sqrt((double) (random_bits(seed + 1, row) % 100000 + 1));
	if (shape == ONE_HUGE && row == 17)
		scale *= 1e6;
	for (int j = 0; j < width; j++)
		vector[j] = (float) (vector[j] * scale);
}

static Data
make_data(int64_t n_items, int width, Shape shape, double scale, double bias_scale, uint64_t seed)
{
	Data		d = {{width, PADDED(width), NULL, NULL}, n_items, NULL, NULL, NULL};
	size_t		scratch_bytes = search_build_scratch_bytes(n_items, width);
	void	   *scratch = zeroed(scratch_bytes);
	void	   *moved;

	d.factors = zeroed(sizeof(float) * n_items * d.product.stride);
	for (int64_t i = 0; i < n_items; i++)
		make_vector(d.factors + i * d.product.stride, width, shape, scale, seed, (uint64_t) i);
	d.product.factors = d.factors;
	if (bias_scale != 0)
	{
		d.bias = zeroed(sizeof(float) * n_items);
		for (int64_t i = 0; i < n_items; i++)
			d.bias[i] = (float) (bias_scale * (shape == DUPLICATES
												   ? (double) (i % 7)
												   : random_normal(seed + 2, (uint64_t) i)));
		d.product.bias = d.bias;
	}
	d.index = zeroed(search_index_bytes(n_items, width));
	memset(scratch, 0x5a, scratch_bytes);
	search_index_build(d.index, &d.product, n_items, scratch);
	free(scratch);

	/* the index holds no pointers */
	moved = zeroed(search_index_bytes(n_items, width));
	memcpy(moved, d.index, search_index_bytes(n_items, width));
	free(d.index);
	d.index = moved;
	return d;
}

static void
free_data(Data *d)
{
	free(d->factors);
	free(d->bias);
	free(d->index);
}

/* ---- scores, as ALS computes them ---- */

typedef struct Question
{
	const Data *data;
	const float *vectors;
	const float *constants;
	int64_t		n_scored;
} Question;

static void
score_for(void *state, int64_t query, const int32_t *items, int64_t first, int64_t n,
		  float *scores)
{
	Question   *q = state;
	const InnerProduct *product = &q->data->product;

	vector_dot_named(q->vectors + query * product->stride, product->factors, product->stride, items,
					 first, n, product->width, scores);
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		item = items == NULL ? first + i : items[first + i];

		CHECK(item >= 0 && item < q->data->n_items);
		scores[i] += q->constants[query] + (product->bias == NULL ? 0 : product->bias[item]);
	}
	q->n_scored += n;
}

static void
score_first(void *state, const int32_t *items, int64_t first, int64_t n, float *scores)
{
	score_for(state, 0, items, first, n, scores);
}

/* ---- the same answer ---- */

/* expected must be in order. */
static void
check_equal(Top *got, const Top *expected)
{
	top_sort(got);
	CHECK(got->count == expected->count);
	for (int64_t i = 0; i < got->count; i++)
	{
		CHECK(got->heap[i].index == expected->heap[i].index);
		CHECK(memcmp(&got->heap[i].score, &expected->heap[i].score, sizeof(float)) == 0);
	}
}

/*
 * Searches for some queries one by one and all together, skipping every skip_one_in-th item (0:
 * none, 1: all), and then scores some items for all queries. Returns the number of scores that one
 * search took.
 */
static int64_t
check_search(const Data *d, int64_t n_queries, int64_t n, int skip_one_in, Shape shape,
			 double scale, double constant, uint64_t seed)
{
	int64_t		stride = d->product.stride;
	int64_t		words = d->n_items / 64 + 1;
	float	   *vectors = zeroed(sizeof(float) * stride * n_queries);
	float	   *constants = zeroed(sizeof(float) * n_queries);
	float	   *scores = zeroed(sizeof(float) * d->n_items);
	uint64_t   *skip = zeroed(sizeof(uint64_t) * words * n_queries);
	uint64_t   *always = zeroed(sizeof(uint64_t) * words);
	int32_t    *list = zeroed(sizeof(int32_t) * d->n_items * n_queries);
	int64_t    *start = zeroed(sizeof(int64_t) * (n_queries + 1));
	Top		   *expected = zeroed(sizeof(Top) * n_queries);
	Top		   *tops = zeroed(sizeof(Top) * n_queries);
	size_t		bytes = search_one_scratch_bytes(d->n_items, d->product.width, n);
	size_t		batch_bytes = search_batch_scratch_bytes(d->n_items, d->product.width, n);
	void	   *scratch = zeroed(bytes);
	void	   *batch_scratch = zeroed(batch_bytes);
	Question	question = {d, vectors, constants, 0};
	SearchBatch batch = {.n_queries = n_queries,
						 .vectors = vectors,
						 .constants = constants,
						 .skip_start = skip_one_in > 0 ? start : NULL,
						 .skip = list,
						 .skip_always = skip_one_in > 0 ? always : NULL,
						 .score = score_for,
						 .state = &question};
	Top			top = {n, 0, zeroed(sizeof(Scored) * n)};
	int64_t		n_scored = 0;

	for (int64_t i = 0; i < d->n_items; i++)
		if (random_bits(seed + 5, (uint64_t) i) % 5 == 0)
			always[i / 64] |= UINT64_C(1) << (i % 64);
	for (int64_t q = 0; q < n_queries; q++)
	{
		Question	one = {d, vectors + q * stride, constants + q, 0};

		make_vector(vectors + q * stride, d->product.width, shape, scale, seed + 9, (uint64_t) q);
		constants[q] = (float) constant;
		start[q + 1] = start[q];
		if (skip_one_in > 0)
			memcpy(skip + q * words, always, sizeof(uint64_t) * words);
		for (int64_t i = 0; i < d->n_items; i++)
			if (skip_one_in > 0 &&
				random_bits(seed + 3, (uint64_t) (q * d->n_items + i)) % skip_one_in == 0)
			{
				skip[q * words + i / 64] |= UINT64_C(1) << (i % 64);
				list[start[q + 1]++] = (int32_t) i;
			}
		expected[q] = (Top) {n, 0, zeroed(sizeof(Scored) * n)};
		score_for(&question, q, NULL, 0, d->n_items, scores);
		top_offer_range(&expected[q], scores, 0, d->n_items,
						skip_one_in > 0 ? skip + q * words : NULL);
		top_sort(&expected[q]);

		memset(scratch, 0x5a, bytes);
		top.count = 0;
		search_one(d->index, vectors + q * stride, constants[q],
				   skip_one_in > 0 ? skip + q * words : NULL, score_first, &one, &top, scratch);
		check_equal(&top, &expected[q]);
		n_scored = one.n_scored;
		tops[q] = (Top) {n, 0, zeroed(sizeof(Scored) * n)};
	}
	memset(batch_scratch, 0x5a, batch_bytes);
	search_batch(d->index, &d->product, &batch, tops, batch_scratch);
	for (int64_t q = 0; q < n_queries; q++)
	{
		check_equal(&tops[q], &expected[q]);
		free(tops[q].heap);
		free(expected[q].heap);
	}
	free(vectors);
	free(constants);
	free(scores);
	free(skip);
	free(always);
	free(list);
	free(start);
	free(expected);
	free(tops);
	free(scratch);
	free(batch_scratch);
	free(top.heap);
	return n_scored;
}

static int	polls = 0;

static void
count_poll(void)
{
	polls++;
}

static void
check_all(void)
{
	static const int widths[] = {1, 2, 3, 4, 5, 8, 15, 16, 17, 64, 100, 300};
	static const double scales[] = {1, 1e-3, 1e15, 1e-18, 1e-24, 1e-42, 1e18, 1e25, 3e37};
	uint64_t	seed = 1;
	Data		d;

	/* all shapes; sizes that do not divide into blocks and chunks */
	for (int shape = 0; shape < N_SHAPES; shape++)
		for (int bias = 0; bias < 2; bias++)
		{
			d = make_data(3000 + 37 * shape, 24, (Shape) shape, 0.3, 0.2 * bias, ++seed);
			check_search(&d, 5, 10, 0, GAUSSIAN, 1, 3.5, ++seed);
			check_search(&d, 5, 1, 3, POPULAR, 1, 0, ++seed);
			check_search(&d, 3, 60, 20, FEW_VALUES, 1, -1, ++seed);
			check_search(&d, 2, 10, 0, ZERO, 1, 1, ++seed);
			check_search(&d, 2, 10, 0, ALMOST_EQUAL, 1, 0, ++seed);
			check_search(&d, 2, 10, 1, GAUSSIAN, 1, 0, ++seed);
			free_data(&d);
		}
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
	{
		d = make_data(2500, widths[i], i % 2 == 0 ? GAUSSIAN : POPULAR, 1, 0.1 * (double) (i % 3),
					  ++seed);
		check_search(&d, 7, 10, 10, GAUSSIAN, 1, 0, ++seed);
		check_search(&d, 2, 2, 0, ONE_AXIS, 1, 0, ++seed);
		free_data(&d);
	}
	/* from denormal numbers to scores that overflow */
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		for (size_t j = 0; j < sizeof(scales) / sizeof(scales[0]); j++)
		{
			d = make_data(1700, 16, POPULAR, scales[i],
						  i % 2 == 0					 ? 0
						  : scales[i] * scales[j] < 1e30 ? scales[i] * scales[j]
														 : 1e30,
						  ++seed);
			check_search(&d, 3, 5, 8, GAUSSIAN, scales[j], i % 3 == 0 ? 1 : 0, ++seed);
			free_data(&d);
		}
	/* lists longer and shorter than the number of items */
	for (int64_t n = 1; n <= 2100; n = 3 * n + (n > 20))
		for (int64_t items = 2047; items <= 2049; items++)
		{
			d = make_data(items, 12, GAUSSIAN, 1, 0, ++seed);
			check_search(&d, 2, n, 5, GAUSSIAN, 1, 0, ++seed);
			free_data(&d);
		}
	for (int64_t items = 0; items < 70; items += 1 + items / 3)
	{
		d = make_data(items, 8, GAUSSIAN, 1, 1, ++seed);
		check_search(&d, 2, 10, items % 2 == 0 ? 0 : 2, GAUSSIAN, 1, 0, ++seed);
		free_data(&d);
	}
	/* more queries than are searched together */
	d = make_data(2000, 8, POPULAR, 1, 0, ++seed);
	check_search(&d, 1100, 3, 50, POPULAR, 1, 0, ++seed);
	check_search(&d, 1, 0, 0, GAUSSIAN, 1, 0, ++seed);
	free_data(&d);
	d = make_data(40000, 8, POPULAR, 1, 0.3, ++seed);
	check_search(&d, 40, 900, 50, GAUSSIAN, 1, 0, ++seed);
	free_data(&d);
}

int
main(void)
{
	/*
	 * By hand: with the query (1, 2) and the constant 1, item i, with the vector (i, -i), scores 1
	 * - i and its bias, for i in 0 .. 1999.
	 */
	const float vector[16] = {1, 2};
	const float constant = 1;
	Data		d = make_data(2000, 2, ZERO, 1, 1, 1);
	Scored		room[3];
	Top			top = {3, 0, room};
	uint64_t	skip[2000 / 64 + 1] = {0};
	void	   *scratch = zeroed(search_one_scratch_bytes(2000, 2, 3));
	Question	question = {&d, vector, &constant, 0};
	int			best = simd_level();

	for (int i = 0; i < 2000; i++)
	{
		d.factors[i * 16] = (float) i;
		d.factors[i * 16 + 1] = (float) -i;
		d.bias[i] = i == 1999 ? 1998 : i == 1998 ? 1996 : 0;
	}
	{
		void	   *build = zeroed(search_build_scratch_bytes(2000, 2));

		search_index_build(d.index, &d.product, 2000, build);
		free(build);
	}
	/* 0: 1 and 1: 0; 1999: 1 - 1999 + 1998 = 0; 1998: 1 - 1998 + 1996 = -1 */
	search_one(d.index, vector, constant, NULL, score_first, &question, &top, scratch);
	top_sort(&top);
	CHECK(top.count == 3);
	CHECK(room[0].index == 0 && room[0].score == 1);
	CHECK(room[1].index == 1 && room[1].score == 0);
	CHECK(room[2].index == 1999 && room[2].score == 0);
	/* without 0 and 1: then 2 and 1998 have -1 each */
	skip[0] = 3;
	top.count = 0;
	search_one(d.index, vector, constant, skip, score_first, &question, &top, scratch);
	top_sort(&top);
	CHECK(room[0].index == 1999 && room[1].index == 2 && room[2].index == 1998);
	free(scratch);
	free_data(&d);

	/* the search pays: of 20,000 items few are scored */
	d = make_data(20000, 32, GAUSSIAN, 1, 0, 5);
	CHECK(check_search(&d, 1, 10, 0, GAUSSIAN, 1, 0, 7) < 200);
	poll_hook = count_poll;
	check_search(&d, 1, 10, 0, GAUSSIAN, 1, 0, 8);
	CHECK(polls > 0);
	poll_hook = NULL;
	free_data(&d);
	d = make_data(20000, 32, POPULAR, 1, 0.01, 6);
	CHECK(check_search(&d, 1, 10, 0, GAUSSIAN, 1, 0, 7) < 200);
	free_data(&d);
	/* also if many are equal */
	for (int bias = 0; bias < 2; bias++)
	{
		d = make_data(20000, 32, DUPLICATES, 1, bias, 7);
		CHECK(check_search(&d, 1, 10, 0, GAUSSIAN, 1, 0, 7) < 200);
		CHECK(check_search(&d, 1, 10, 2, GAUSSIAN, 1, 0, 7) < 200);
		free_data(&d);
	}

	for (int level = SIMD_BASELINE; level <= best; level++)
	{
		simd_limit(level);
		check_all();
	}
	return passed("search");
}
