/*
 * search_fuzz.c
 *	  The search for the best inner products against scoring every item.
 */
#define _POSIX_C_SOURCE 200112L
#include "fuzz.h"

#include "kernel/search.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

#define MOST_QUERIES 20
#define PALETTE 32

typedef struct Scorer
{
	const InnerProduct *product;
	const float *vectors;
	const float *constants;
	int64_t		query;
} Scorer;

static void
score_query(void *state, int64_t query, const int32_t *items, int64_t first, int64_t n,
			float *scores)
{
	const Scorer *s = state;
	const InnerProduct *p = s->product;

	vector_dot_named(s->vectors + query * p->stride, p->factors, p->stride, items, first, n,
					 p->width, scores);
	for (int64_t i = 0; i < n; i++)
		scores[i] += s->constants[query] +
					 (p->bias == NULL ? 0 : p->bias[items == NULL ? first + i : items[first + i]]);
}

static void
score_one(void *state, const int32_t *items, int64_t first, int64_t n, float *scores)
{
	score_query(state, ((const Scorer *) state)->query, items, first, n, scores);
}

static void
check_top(Top *top, Top *expected)
{
	top_sort(top);
	CHECK(top->count == expected->count);
	for (int64_t i = 0; i < top->count; i++)
		CHECK(top->heap[i].index == expected->heap[i].index &&
			  top->heap[i].score == expected->heap[i].score);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in = begin_case(data, size);
	Range		range = take_range(&in, RANGE_FINITE);
	/* mostly so many that not all are scored */
	int64_t		n_items =
		take_below(&in, 4) == 0 ? take_below(&in, 100) : 1490 + take_below(&in, 1000);
	int			width = 1 + (int) take_below(&in, 24);
	int64_t		stride = PADDED(width);
	int64_t		n = take_below(&in, 70);
	int64_t		n_queries = take_below(&in, MOST_QUERIES);
	bool		has_bias = take_bool(&in);
	int			style = (int) take_below(&in, 3);
	float	   *palette = take_floats(&in, PALETTE * width, range);
	float	   *factors = fresh(sizeof(float) * n_items * stride);
	float	   *bias = fresh(sizeof(float) * n_items);
	float	   *vectors = fresh(sizeof(float) * n_queries * stride);
	float	   *constants = fresh(sizeof(float) * n_queries);
	float	   *scores = fresh(sizeof(float) * n_items);
	int64_t    *skip_start = fresh(sizeof(int64_t) * (n_queries + 1));
	int32_t    *skip = fresh(sizeof(int32_t) * n_queries * n_items);
	InnerProduct product = {width, stride, factors, has_bias ? bias : NULL};
	Top			tops[MOST_QUERIES];
	Top			expected[MOST_QUERIES];
	Scorer		scorer = {&product, vectors, constants, 0};
	uint64_t   *always = fresh(sizeof(uint64_t) * (n_items / 64 + 1));
	int32_t    *always_list = fresh(sizeof(int32_t) * n_items);
	SearchBatch batch = {.n_queries = n_queries,
						 .vectors = vectors,
						 .constants = constants,
						 .skip_start = skip_start,
						 .skip = skip,
						 .score = score_query,
						 .state = &scorer};
	SearchIndex *index;

	simd_limit((int) take_below(&in, 3));
	for (int64_t i = 0; i < n_items; i++)
	{
		const float *from = palette + take_below(&in, PALETTE) * width;
		float		factor = style == 0	? 1
					   : style == 1 ? (float) take_below(&in, 9) / 4
									: 1 + (float) take_below(&in, 256) / 65536;

		for (int j = 0; j < width; j++)
		{
			factors[i * stride + j] = from[j] * factor;
			if (!isfinite(factors[i * stride + j]))
				factors[i * stride + j] = from[j];
		}
		if (style == 2)
			factors[i * stride + take_below(&in, width)] = take_float(&in, range);
		bias[i] = style == 0 ? palette[take_below(&in, PALETTE)] : take_float(&in, range);
	}
	for (int64_t q = 0; q < n_queries; q++)
	{
		for (int j = 0; j < width; j++)
			vectors[q * stride + j] = take_float(&in, range);
		constants[q] = take_float(&in, range);
		skip_start[q + 1] = skip_start[q];
		if (take_bool(&in))
			skip_start[q + 1] += take_subset(&in, n_items, skip + skip_start[q]);
	}
	if (take_bool(&in))
		batch.skip_start = NULL;
	if (take_bool(&in))
	{
		int64_t		n_always = take_subset(&in, n_items, always_list);

		for (int64_t i = 0; i < n_always; i++)
			always[always_list[i] / 64] |= UINT64_C(1) << (always_list[i] % 64);
		batch.skip_always = always;
	}

	index = dirty(search_index_bytes(n_items, width));
	search_index_build(index, &product, n_items, dirty(search_build_scratch_bytes(n_items, width)));
	for (int64_t q = 0; q < n_queries; q++)
	{
		uint64_t   *bits = fresh(sizeof(uint64_t) * (n_items / 64 + 1));
		int			before = n_pieces;
		Top			one = {n, 0, fresh(sizeof(Scored) * n)};

		memcpy(bits, always, sizeof(uint64_t) * (n_items / 64 + 1));
		for (int64_t i = skip_start[q]; i < skip_start[q + 1] && batch.skip_start != NULL; i++)
			bits[skip[i] / 64] |= UINT64_C(1) << (skip[i] % 64);
		scorer.query = q;
		search_one(index, vectors + q * stride, constants[q],
				   batch.skip_start == NULL && batch.skip_always == NULL && take_bool(&in) ? NULL
																						   : bits,
				   score_one, &scorer, &one, dirty(search_one_scratch_bytes(n_items, width, n)));
		score_one(&scorer, NULL, 0, n_items, scores);
		expected[q] = (Top) {n, 0, zeroed(sizeof(Scored) * n)};
		top_offer_range(&expected[q], scores, 0, n_items, bits);
		top_sort(&expected[q]);
		check_top(&one, &expected[q]);
		free_pieces(before);
		tops[q] = (Top) {n, 0, fresh(sizeof(Scored) * n)};
	}
	search_batch(index, &product, &batch, tops,
				 dirty(search_batch_scratch_bytes(n_items, width, n)));
	for (int64_t q = 0; q < n_queries; q++)
	{
		check_top(&tops[q], &expected[q]);
		free(expected[q].heap);
	}
	end_case();
	return 0;
}
