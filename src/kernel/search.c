/*
 * search.c
 *	  The n best items by inner product, found without scoring them all.
 *
 * The score of item i is c + b_i + q.f_i, in float arithmetic. An upper bound on the score of an
 * item is compared with the threshold, the score that at least n other items are known to reach,
 * and only items that may be among the best are scored. From coarse to fine:
 *
 *	- Items are ordered by b_i + S |f_i|, the highest score for a query of length S. They are cut
 *	  into chunks, and chunks into blocks, for which b_i + |q| |f_i| (Cauchy-Schwarz) is bounded at
 *	  once: Teflioudi, Gemulla & Mykytiuk 2015, "LEMP: Fast retrieval of large entries in a matrix
 *	  product". Items that are likely to be among the best come first, so the threshold is high
 *	  early.
 *	- One query is multiplied with each item of a block in integers, 7 bits for a factor of the item
 *	  and 8 for one of the query: a quarter of the memory to read (as in Li, Chan, Yiu & Mamoulis
 *	  2017, "FEXIPRO: Fast and exact inner product retrieval in recommender systems").
 *	- Many queries are multiplied with a chunk of items at once, as matrices. A query takes no part
 *	  in a chunk that can hold nothing for it.
 *
 * Both give approximations with bounds on their errors. With a_i the approximation and e_i its
 * bound, the threshold is the n-th highest a_i - e_i, and only items whose a_i + e_i reaches it are
 * scored in the end. (FEXIPRO's principal axes first, with a bound for the rest, were tried: of the
 * items that the lengths leave, a quarter of the axes excludes two in three one by one, but hardly
 * ever a whole block.)
 *
 * Of items with equal factors, for example items that were rated by the same single user alike or
 * that nothing is known of, no more than n are looked at.
 *
 * The error of the integers: with f = s (g + r), g integers, and q = t d + e, d integers,
 *
 *	|q.f - s t d.g| = |s (q.r + e.g)| <= s (|q| |r| + |e| |g|)
 *
 * where |r| and |g| of all items in a block are about the same.
 *
 * Rounding: a sum of k + 2 products and numbers in float arithmetic, in whatever order, differs
 * from the exact one by at most about (k + 2) u (|c| + |b_i| + |q| |f_i|), u = 2^-24 (Higham,
 * "Accuracy and stability of numerical algorithms", 3.1), and the bounds differ by a few u more.
 * The code allows for twice that, and for the smallest normal number for each product that
 * underflows.
 */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/search.h"
#include "kernel/simd.h"
#include "kernel/vector.h"

/* Items whose integers are multiplied together, interleaved so that each has a lane of its own. */
#define BLOCK 32
/* Items that are multiplied with many queries at once. */
#define CHUNK 512
#define CHUNK_BLOCKS (CHUNK / BLOCK)

/* Factors of an item that lie together. */
#define QUAD 4

/*
 * The largest integers of an item, whose codes are stored plus ZERO, and of a query. The sum of two
 * products fits into 16 bits.
 */
#define ITEM_LIMIT 63
#define ZERO 64
#define QUERY_LIMIT 127

/* Items that are scored at once where all items are scored. */
#define SCAN_ITEMS 1024

/*
 * With fewer items than FEW_ITEMS, or fewer than FEW_FOR_EACH for each one asked for, all are
 * scored: where many items are to be kept, keeping them is most of the work, and the search does it
 * twice, for bounds and for scores.
 */
#define FEW_ITEMS 1500
#define FEW_FOR_EACH 40

/*
 * The order is by b + S |f|, with S this many times the items' root mean square norm. The order is
 * the best for queries of length S, and good enough for others.
 */
#define QUERY_NORM 2

/* Numbers that no item of a block, a chunk or the whole index exceeds. */
typedef struct Bound
{
	float		order;			/* b + S |f| */
	float		bias;
	float		norm;
	float		least_norm;		/* a number that no item falls below */
	float		bias_size;		/* |b| */
	float		residual;		/* |r| */
	float		integers;		/* |g| */
	float		unused;
} Bound;

struct SearchIndex
{
	int64_t		n_items;
	int64_t		width;
	double		query_norm;		/* S */
	bool		has_bias;
	/* norms are far from infinity; if not, all items are always scored */
	bool		finite;
	Bound		all;
};

/* Where the arrays of an index are. */
typedef struct Parts
{
	int64_t		n_blocks;
	int64_t		n_chunks;
	int			quads;			/* of factors */
	Bound	   *chunks;
	Bound	   *blocks;
	int32_t    *items;			/* by place: items in descending order */
	int32_t    *runs;			/* by place: the first place of the run of equal items */
	float	   *scales;			/* s */
	float	   *biases;
	uint8_t    *codes;			/* blocks x quads x BLOCK x QUAD */
	size_t		bytes;			/* of all arrays */
} Parts;

static Parts
parts_of(const void *index, int64_t n_items, int width)
{
	Parts		p;
	Pieces		pieces = {index, 0};
	int64_t		padded;

	p.n_blocks = (n_items + BLOCK - 1) / BLOCK;
	p.n_chunks = (n_items + CHUNK - 1) / CHUNK;
	p.quads = (width + QUAD - 1) / QUAD;
	padded = p.n_blocks * BLOCK;
	(void) add_piece(&pieces, sizeof(SearchIndex));
	p.chunks = add_piece(&pieces, sizeof(Bound) * p.n_chunks);
	p.blocks = add_piece(&pieces, sizeof(Bound) * p.n_blocks);
	p.items = add_piece(&pieces, sizeof(int32_t) * padded);
	p.runs = add_piece(&pieces, sizeof(int32_t) * padded);
	p.scales = add_piece(&pieces, sizeof(float) * padded);
	p.biases = add_piece(&pieces, sizeof(float) * padded);
	p.codes = add_piece(&pieces, (size_t) padded * p.quads * QUAD);
	p.bytes = pieces.bytes;
	return p;
}

size_t
search_index_bytes(int64_t n_items, int width)
{
	return parts_of(NULL, n_items, width).bytes;
}

/* ---- building ---- */

/* x as a float that is no less than x, and one that is no more. */
static inline float
above(double x)
{
	return (float) (x + fabs(x) * 0x1p-22 + 0x1p-149);
}

static inline float
below(double x)
{
	return -above(-x);
}

/* An item and its key in the order: a lower key for a higher number. */
typedef struct Place
{
	uint32_t	key;
	int32_t		item;
} Place;

static uint32_t
descending_key(float order)
{
	uint32_t	bits;

	memcpy(&bits, &order, sizeof(bits));
	return bits & UINT32_C(0x80000000) ? bits : ~(bits | UINT32_C(0x80000000));
}

#define DIGIT_BITS 11
#define DIGITS (1 << DIGIT_BITS)
#define SORT_PASSES 3

/*
 * Sorts by key, and equal keys by item, which is the order of the input. The result is in other, as
 * the number of passes is odd.
 */
static void
sort_places(Place *places, Place *other, int64_t n)
{
	for (int pass = 0; pass < SORT_PASSES; pass++)
	{
		int64_t		start[DIGITS + 1] = {0};
		int			shift = pass * DIGIT_BITS;
		Place	   *from = pass % 2 == 0 ? places : other;
		Place	   *to = pass % 2 == 0 ? other : places;

		for (int64_t i = 0; i < n; i++)
		{
			start[(from[i].key >> shift) % DIGITS + 1]++;
			if (i % 65536 == 0)
				poll();
		}
		for (int digit = 0; digit < DIGITS; digit++)
			start[digit + 1] += start[digit];
		for (int64_t i = 0; i < n; i++)
		{
			to[start[(from[i].key >> shift) % DIGITS]++] = from[i];
			if (i % 65536 == 0)
				poll();
		}
	}
}

size_t
search_build_scratch_bytes(int64_t n_items, int width)
{
	return cache_lines(sizeof(float) * n_items) + 2 * cache_lines(sizeof(Place) * n_items) +
		   cache_lines(width);
}

static const Bound no_bound = {-INFINITY, -INFINITY, 0, INFINITY, 0, 0, 0, 0};

static inline float
larger(float a, float b)
{
	return a > b ? a : b;
}

static void
widen(Bound *bound, const Bound *other)
{
	bound->order = larger(bound->order, other->order);
	bound->bias = larger(bound->bias, other->bias);
	bound->norm = larger(bound->norm, other->norm);
	bound->least_norm = -larger(-bound->least_norm, -other->least_norm);
	bound->bias_size = larger(bound->bias_size, other->bias_size);
	bound->residual = larger(bound->residual, other->residual);
	bound->integers = larger(bound->integers, other->integers);
}

/*
 * Rounds a vector to integers of at most limit and a scale, which is a normal number, so that the
 * residual in units of the scale is finite. Returns the scale; sets the squared lengths of the
 * residual and of the integers, both in units of the scale.
 */
FASTEST_INSTRUCTIONS
static float
round_vector(const float *vector, int n, int limit, int8_t *integers, double *residual,
			 double *size)
{
	float		most = 0;
	float		scale;
	double		inverse;
	double		left = 0;
	double		sum = 0;

	for (int j = 0; j < n; j++)
		most = larger(most, fabsf(vector[j]));
	scale = larger(most / (float) limit, FLT_MIN);
	inverse = 1 / (double) scale;
	for (int j = 0; j < n; j++)
	{
		double		exact = vector[j] * inverse;
		double		rounded = rint(exact);

		/* the scale may have been rounded down */
		rounded = rounded > limit ? limit : rounded < -limit ? -limit : rounded;
		integers[j] = (int8_t) rounded;
		left += (exact - rounded) * (exact - rounded);
		sum += rounded * rounded;
	}
	*residual = left;
	*size = sum;
	return scale;
}

/* Items of consecutive places lie anywhere in memory, so they are prefetched this many ahead. */
#define FETCH_AHEAD 8

static bool
are_equal(const InnerProduct *product, int32_t a, int32_t b)
{
	return memcmp(product->factors + a * product->stride, product->factors + b * product->stride,
				  sizeof(float) * product->width) == 0 &&
		(product->bias == NULL || product->bias[a] == product->bias[b]);
}

void
search_index_build(SearchIndex *index, const InnerProduct *product, int64_t n_items, void *scratch)
{
	int			width = product->width;
	Parts		p = parts_of(index, n_items, width);
	Pieces		pieces = {scratch, 0};
	float	   *norms = add_piece(&pieces, sizeof(float) * n_items);
	Place	   *places = add_piece(&pieces, sizeof(Place) * n_items);
	Place	   *sorted = add_piece(&pieces, sizeof(Place) * n_items);
	int8_t	   *integers = add_piece(&pieces, width);
	double		sum = 0;

	memset(index, 0, sizeof(SearchIndex));
	index->n_items = n_items;
	index->width = width;
	index->has_bias = product->bias != NULL;
	index->finite = true;
	for (int64_t i = 0; i < n_items; i++)
	{
		double		norm = vector_norm(product->factors + i * product->stride, width);

		sum += norm * norm;
		norms[i] = (float) norm;
		if (!(norm < FLT_MAX / 16))
			index->finite = false;
		if (i % SCAN_ITEMS == 0)
			poll();
	}
	index->query_norm = QUERY_NORM * sqrt(sum / (n_items > 0 ? n_items : 1));
	if (!index->finite)
		return;
	for (int64_t i = 0; i < n_items; i++)
	{
		places[i].item = (int32_t) i;
		places[i].key = descending_key(product->bias == NULL ? norms[i] :
									   (float) (product->bias[i] + index->query_norm * norms[i]));
	}
	sort_places(places, sorted, n_items);

	index->all = no_bound;
	for (int64_t c = 0; c < p.n_chunks; c++)
		p.chunks[c] = no_bound;
	for (int64_t b = 0; b < p.n_blocks; b++)
	{
		int			n = n_items - b * BLOCK < BLOCK ? (int) (n_items - b * BLOCK) : BLOCK;
		uint8_t    *codes = p.codes + b * BLOCK * QUAD * p.quads;
		Bound		block = no_bound;

		memset(codes, ZERO, (size_t) BLOCK * QUAD * p.quads);
		for (int i = 0; i < BLOCK; i++)
		{
			int64_t		place = b * BLOCK + i;
			int32_t		item = i < n ? sorted[place].item : -1;
			double		bias = i < n && product->bias != NULL ? product->bias[item] : 0;
			Bound		one = {0};
			double		residual;
			double		size;

			p.items[place] = item;
			p.runs[place] = (int32_t) place;
			p.biases[place] = (float) bias;
			p.scales[place] = 0;
			if (i >= n)
				continue;
			if (place > 0 && sorted[place].key == sorted[place - 1].key &&
				are_equal(product, item, sorted[place - 1].item))
				p.runs[place] = p.runs[place - 1];
			if (place + FETCH_AHEAD < n_items)
				vector_prefetch(
					product->factors + sorted[place + FETCH_AHEAD].item * product->stride, width);
			p.scales[place] = round_vector(product->factors + item * product->stride, width,
										   ITEM_LIMIT, integers, &residual, &size);
			for (int j = 0; j < width; j++)
				codes[j / QUAD * BLOCK * QUAD + i * QUAD + j % QUAD] =
					(uint8_t) (integers[j] + ZERO);
			one.order = above(bias + index->query_norm * norms[item]);
			one.bias = (float) bias;
			one.norm = above(norms[item]);
			one.least_norm = below(norms[item]);
			one.bias_size = (float) fabs(bias);
			one.residual = above(sqrt(residual));
			one.integers = above(sqrt(size));
			widen(&block, &one);
		}
		p.blocks[b] = block;
		widen(&p.chunks[b / CHUNK_BLOCKS], &block);
		widen(&index->all, &block);
		poll();
	}
}

/* ---- what is known of a query ---- */

typedef struct Query
{
	double		norm;
	double		query_norm;		/* of the index */
	double		relative;		/* rounding errors, relative to |c| + |b| + |q| |f|, */
	double		absolute;		/* and absolute */
	double		constant_size;
} Query;

static Query
make_query(const SearchIndex *index, const float *vector, float constant)
{
	Query		q;

	q.norm = vector_norm(vector, (int) index->width) * (1 + 0x1p-40);
	q.query_norm = index->query_norm;
	q.relative = (2 * index->width + 128) * 0x1p-24;
	q.absolute = (index->width + 4) * (double) FLT_MIN;
	q.constant_size = fabs(constant);
	return q;
}

/* The most that rounding changes approximations and scores of these items. */
static inline double
rounding(const Query *q, const Bound *b)
{
	return q->relative * (q->constant_size + b->bias_size + q->norm * b->norm) + q->absolute;
}

/* A bound on b + q.f of these items. */
static inline double
reach(const Query *q, const Bound *b)
{
	double		more = q->norm - q->query_norm;
	double		by_order = b->order + more * (more > 0 ? b->norm : b->least_norm);
	double		by_parts = b->bias + q->norm * b->norm;

	return by_order < by_parts ? by_order : by_parts;
}

/*
 * Whether all items are scored, because the search would not pay or its numbers may exceed the
 * range of float.
 */
static bool
scores_all(const SearchIndex *index, const Query *q, int64_t n)
{
	return !index->finite || index->n_items < FEW_ITEMS || n > index->n_items / FEW_FOR_EACH ||
		!(q->constant_size + index->all.bias_size + q->norm * index->all.norm < FLT_MAX / 16) ||
		!(q->norm * (index->all.integers + index->all.residual) < FLT_MAX / 16);
}

/* ---- candidates ---- */

/*
 * Items that may be among the n best. While they are collected, low holds the n highest lower
 * bounds of items, and list the upper bound of every candidate.
 */
typedef struct Candidates
{
	Top		   *low;
	Scored	   *list;
	int64_t		count;
	int64_t		capacity;
	int32_t		run;			/* the run of equal items that the last candidate was in */
	int64_t		in_run;			/* candidates of this run so far */
} Candidates;

static inline float
threshold(const Candidates *c)
{
	return c->low->count == c->low->capacity ? c->low->heap[0].score : -INFINITY;
}

/*
 * Whether n items that equal this one, and so have the same score, have lower numbers: then this
 * item is not among the n best. To be called for the candidates in their order.
 */
static inline bool
is_outnumbered(Candidates *c, int32_t run)
{
	if (run != c->run)
	{
		c->run = run;
		c->in_run = 0;
	}
	return c->in_run++ >= c->low->capacity;
}

/* Drops candidates that n others are known to exceed. */
static void
drop_beaten(Candidates *c)
{
	float		least = threshold(c);
	int64_t		kept = 0;

	for (int64_t i = 0; i < c->count; i++)
		if (c->list[i].score >= least)
			c->list[kept++] = c->list[i];
	c->count = kept;
}

/*
 * Adds a candidate. Returns false when there are too many: with scores that close to each other,
 * bounds are of no use.
 */
static inline bool
add_candidate(Candidates *c, float low, float high, int32_t item)
{
	if (c->count == c->capacity)
	{
		drop_beaten(c);
		if (c->count > c->capacity / 2)
			return false;
	}
	c->list[c->count++] = (Scored) {high, item};
	top_offer(c->low, low, item);
	return true;
}

/*
 * Drops candidates for the last time, and empties low, which then collects scores instead of
 * bounds.
 */
static void
last_candidates(Candidates *c)
{
	drop_beaten(c);
	c->low->count = 0;
}

/* Copies the numbers of the candidates from a place on, at most SCAN_ITEMS; returns how many. */
static int64_t
next_candidates(const Candidates *c, int64_t from, int32_t *items)
{
	int64_t		n = c->count - from < SCAN_ITEMS ? c->count - from : SCAN_ITEMS;

	for (int64_t i = 0; i < n; i++)
		items[i] = c->list[from + i].index;
	return n;
}

/* ---- one query ---- */

/* Scores all items, as without an index. */
static void
scan(int64_t n_items, const uint64_t *skip, SearchScore score, void *state, Top *top)
{
	float		scores[SCAN_ITEMS];

	for (int64_t first = 0; first < n_items; first += SCAN_ITEMS)
	{
		int64_t		n = n_items - first < SCAN_ITEMS ? n_items - first : SCAN_ITEMS;

		score(state, NULL, first, n, scores);
		top_offer_range(top, scores, first, n, skip);
		poll();
	}
}

/* A query as integers. */
typedef struct IntegerQuery
{
	const int8_t *d;			/* quads x QUAD */
	int			quads;
	int32_t		offset;			/* the product of d with ZERO in all places */
	float		scale;			/* t */
} IntegerQuery;

/*
 * Sets low and high to scale (t d.g - margin) + bias and scale (t d.g + margin) + bias, the bounds
 * on the items of a block by the products of their integers. Returns a bit for each item whose high
 * reaches least; where there is no such item, low and high may be left unset.
 */
typedef uint32_t (*BlockBounds) (const IntegerQuery *q, const uint8_t *codes, const float *scales,
								 const float *biases,
								 float margin, float least, float *low, float *high);

static uint32_t
block_bounds_baseline(const IntegerQuery *q, const uint8_t *codes, const float *scales,
					  const float *biases, float margin, float least, float *low, float *high)
{
	int32_t		sum[BLOCK];
	uint32_t	reached = 0;

	for (int i = 0; i < BLOCK; i++)
		sum[i] = -q->offset;
	for (int j = 0; j < q->quads; j++)
	{
		const int8_t *d = q->d + j * QUAD;
		const uint8_t *g = codes + j * BLOCK * QUAD;

		for (int i = 0; i < BLOCK; i++)
			sum[i] += (int16_t) (d[0] * g[i * QUAD] + d[1] * g[i * QUAD + 1]) +
				(int16_t) (d[2] * g[i * QUAD + 2] + d[3] * g[i * QUAD + 3]);
	}
	for (int i = 0; i < BLOCK; i++)
	{
		float		value = (float) sum[i] * q->scale;
		float		bias = biases == NULL ? 0 : biases[i];

		low[i] = scales[i] * (value - margin) + bias;
		high[i] = scales[i] * (value + margin) + bias;
		reached |= (uint32_t) (high[i] >= least) << i;
	}
	return reached;
}

#ifdef SIMD_X86
__attribute__((target("avx2,fma"))) static uint32_t
block_bounds_avx2(const IntegerQuery *q, const uint8_t *codes, const float *scales,
				  const float *biases, float margin, float least, float *low, float *high)
{
	const __m256i ones = _mm256_set1_epi16(1);
	const __m256 t = _mm256_set1_ps(q->scale);
	const __m256 m = _mm256_set1_ps(margin);
	const __m256 bound = _mm256_set1_ps(least);
	__m256i		sum[4];
	uint32_t	reached = 0;

	for (int v = 0; v < 4; v++)
		sum[v] = _mm256_set1_epi32(-q->offset);
	for (int j = 0; j < q->quads; j++)
	{
		int32_t		quad;
		__m256i		d;

		memcpy(&quad, q->d + j * QUAD, sizeof(quad));
		d = _mm256_set1_epi32(quad);
		UNROLL for (int v = 0; v < 4; v++)
		{
			__m256i		g = _mm256_loadu_si256((const __m256i *) (codes + j * BLOCK * QUAD) + v);

			sum[v] = _mm256_add_epi32(sum[v], _mm256_madd_epi16(_mm256_maddubs_epi16(g, d), ones));
		}
	}
	UNROLL for (int v = 0; v < 4; v++)
	{
		__m256		value = _mm256_mul_ps(_mm256_cvtepi32_ps(sum[v]), t);
		__m256		s = _mm256_loadu_ps(scales + 8 * v);
		__m256		bias = biases == NULL ? _mm256_setzero_ps() : _mm256_loadu_ps(biases + 8 * v);
		__m256		up = _mm256_fmadd_ps(s, _mm256_add_ps(value, m), bias);

		_mm256_storeu_ps(high + 8 * v, up);
		_mm256_storeu_ps(low + 8 * v, _mm256_fmadd_ps(s, _mm256_sub_ps(value, m), bias));
		reached |= (uint32_t) _mm256_movemask_ps(_mm256_cmp_ps(up, bound, _CMP_GE_OQ)) << (8 * v);
	}
	return reached;
}
#endif

/* On AVX-512 as well: half as many instructions would wait for the same memory. */
static BlockBounds
block_bounds(void)
{
#ifdef SIMD_X86
	if (simd_level() >= SIMD_AVX2)
		return block_bounds_avx2;
#endif
	return block_bounds_baseline;
}

/* Room for the candidates of one query. */
static int64_t
list_room(int64_t n)
{
	return 8 * n + 1024;
}

size_t
search_one_scratch_bytes(int64_t n_items, int width, int64_t n)
{
	/* for a larger n all items are scored */
	int64_t		most = n < n_items / FEW_FOR_EACH ? n : n_items / FEW_FOR_EACH;

	return cache_lines(PADDED(width)) + cache_lines(sizeof(Scored) * list_room(most));
}

/* The query as integers in d; sets the length of the residual. */
static IntegerQuery
make_integers(const float *vector, int width, int quads, int8_t *d, double *residual)
{
	IntegerQuery q = {d, quads, 0, 0};
	double		left;
	double		size;

	memset(d, 0, (size_t) quads * QUAD);
	q.scale = round_vector(vector, width, QUERY_LIMIT, d, &left, &size);
	for (int j = 0; j < width; j++)
		q.offset += d[j] * ZERO;
	*residual = sqrt(left) * (double) q.scale;
	return q;
}

static inline bool
skipped(const uint64_t *skip, int32_t item)
{
	return skip != NULL && (skip[item / 64] >> (item % 64) & 1);
}

/* Collects the candidates; returns false when there are too many. */
static bool
collect(const Parts *p, int64_t n_items, bool has_bias, const Query *q,
		const IntegerQuery *integers, double residual, const uint64_t *skip, Candidates *candidates)
{
	BlockBounds bounds = block_bounds();
	float		low[BLOCK];
	float		high[BLOCK];

	for (int64_t chunk = 0; chunk < p->n_chunks; chunk++)
	{
		int64_t		last =
			(chunk + 1) * CHUNK_BLOCKS < p->n_blocks ? (chunk + 1) * CHUNK_BLOCKS : p->n_blocks;

		if (chunk % 64 == 0)
			poll();
		if (reach(q, &p->chunks[chunk]) + 2 * rounding(q, &p->chunks[chunk]) <
			threshold(candidates))
			continue;
		for (int64_t b = chunk * CHUNK_BLOCKS; b < last; b++)
		{
			const Bound *block = &p->blocks[b];
			const int32_t *items = p->items + b * BLOCK;
			double		error = rounding(q, block);
			float		least = threshold(candidates);
			uint32_t	among = n_items - b * BLOCK < BLOCK
								 ? (UINT32_C(1) << (n_items - b * BLOCK)) - 1
								 : UINT32_MAX;
			uint32_t	reached;

			if (reach(q, block) + 2 * error < least)
				continue;
			if (least == -INFINITY && skip != NULL)
			{
				/* while there is no threshold, only skipped items can be left out */
				for (int i = 0; i < BLOCK; i++)
					if ((among >> i & 1) && skipped(skip, items[i]))
						among &= ~(UINT32_C(1) << i);
				if (among == 0)
					continue;
			}
			reached = among & bounds(integers, p->codes + b * BLOCK * QUAD * p->quads,
									 p->scales + b * BLOCK, has_bias ? p->biases + b * BLOCK : NULL,
									 above(q->norm * block->residual + residual * block->integers),
									 below(least - error), low, high);
			for (; reached != 0; reached &= reached - 1)
			{
				int			i = __builtin_ctz(reached);

				if (high[i] + error < threshold(candidates) || skipped(skip, items[i]) ||
					is_outnumbered(candidates, p->runs[b * BLOCK + i]))
					continue;
				if (!add_candidate(candidates, below(low[i] - error), above(high[i] + error),
								   items[i]))
					return false;
			}
		}
	}
	return true;
}

void
search_one(const SearchIndex *index, const float *vector, float constant, const uint64_t *skip,
		   SearchScore score, void *state, Top *top, void *scratch)
{
	int			width = (int) index->width;
	Parts		p = parts_of(index, index->n_items, width);
	Query		q = make_query(index, vector, constant);
	Pieces		pieces = {scratch, 0};
	int8_t	   *d = add_piece(&pieces, PADDED(width));
	int64_t		room = list_room(top->capacity);
	Candidates	candidates = {top, add_piece(&pieces, sizeof(Scored) * room), 0, room, -1, 0};
	IntegerQuery integers;
	double		residual;
	int32_t		items[SCAN_ITEMS];
	float		scores[SCAN_ITEMS];

	if (top->capacity <= 0)
		return;
	if (!scores_all(index, &q, top->capacity))
	{
		integers = make_integers(vector, width, p.quads, d, &residual);
		if (collect(&p, index->n_items, index->has_bias, &q, &integers, residual, skip,
					&candidates))
		{
			last_candidates(&candidates);
			for (int64_t i = 0; i < candidates.count; i += SCAN_ITEMS)
			{
				int64_t		n = next_candidates(&candidates, i, items);

				score(state, items, 0, n, scores);
				top_offer_items(top, scores, items, n);
				poll();
			}
			return;
		}
		top->count = 0;
	}
	scan(index->n_items, skip, score, state, top);
}

/* ---- many queries ---- */

/*
 * Queries whose candidates take at most this many bytes are done at once, but at least
 * FEWEST_TOGETHER.
 */
#define LISTS_BYTES (4 * 1024 * 1024)
#define FEWEST_TOGETHER 16

/* Products that are compared together before any is compared singly. */
#define GROUP 32

typedef struct Member
{
	Query		query;
	Candidates	candidates;
	bool		scored;			/* all items are scored for this member in the end */
} Member;

/* Where the arrays for the queries that are done at once are. */
typedef struct BatchParts
{
	Member	   *members;
	int32_t    *present;		/* members that may find something in a chunk */
	float	   *queries;		/* their vectors */
	float	   *items;			/* the vectors of the chunk's items */
	float	   *products;		/* products of both */
	Scored	   *lists;
	int64_t		room;			/* candidates of each query */
	int64_t		together;		/* queries that are done at once */
	size_t		bytes;
} BatchParts;

static BatchParts
batch_parts(void *scratch, int64_t n_items, int width, int64_t n)
{
	BatchParts	p;
	Pieces		pieces = {scratch, 0};
	/*
	 * for a larger n all items are scored; approximations are close, so nearly all candidates that
	 * are left are among the best
	 */
	int64_t		most = n < n_items / FEW_FOR_EACH ? n : n_items / FEW_FOR_EACH;

	p.room = 4 * most + 128;
	p.together = LISTS_BYTES / ((int64_t) sizeof(Scored) * p.room);
	p.together = p.together < FEWEST_TOGETHER ? FEWEST_TOGETHER
				 : p.together < SEARCH_BATCH  ? p.together
											  : SEARCH_BATCH;
	p.members = add_piece(&pieces, sizeof(Member) * p.together);
	p.present = add_piece(&pieces, sizeof(int32_t) * p.together);
	p.queries = add_piece(&pieces, sizeof(float) * PADDED(width) * p.together);
	p.items = add_piece(&pieces, sizeof(float) * PADDED(width) * CHUNK);
	p.products = add_piece(&pieces, sizeof(float) * CHUNK * p.together);
	p.lists = add_piece(&pieces, sizeof(Scored) * p.room * p.together);
	p.bytes = pieces.bytes;
	return p;
}

size_t
search_batch_scratch_bytes(int64_t n_items, int width, int64_t n)
{
	return batch_parts(NULL, n_items, width, n).bytes;
}

/* The items that a query skips. */
typedef struct Skipped
{
	const int32_t *items;		/* ascending */
	int64_t		n;
	const uint64_t *always;		/* bits; NULL: none */
} Skipped;

static Skipped
skipped_by(const SearchBatch *batch, int64_t query)
{
	Skipped		s = {NULL, 0, batch->skip_always};

	if (batch->skip_start != NULL)
	{
		s.items = batch->skip + batch->skip_start[query];
		s.n = batch->skip_start[query + 1] - batch->skip_start[query];
	}
	return s;
}

static inline bool
is_skipped(Skipped s, int32_t item)
{
	if (skipped(s.always, item))
		return true;
	while (s.n > 1)
	{
		int64_t		half = s.n / 2;

		s.items = s.items[half] <= item ? s.items + half : s.items;
		s.n -= half;
	}
	return s.n == 1 && *s.items == item;
}

/* Scores all items for one query of a batch. */
static void
scan_for(int64_t n_items, const SearchBatch *batch, int64_t query, Top *top)
{
	Skipped		s = skipped_by(batch, query);
	float		scores[SCAN_ITEMS];

	top->count = 0;
	for (int64_t first = 0; first < n_items; first += SCAN_ITEMS)
	{
		int64_t		n = n_items - first < SCAN_ITEMS ? n_items - first : SCAN_ITEMS;
		uint64_t	skip[SCAN_ITEMS / 64] = {0};

		batch->score(batch->state, query, NULL, first, n, scores);
		if (s.always != NULL)
			memcpy(skip, s.always + first / 64, sizeof(uint64_t) * ((n + 63) / 64));
		for (; s.n > 0 && *s.items < first + n; s.items++, s.n--)
			skip[(*s.items - first) / 64] |= UINT64_C(1) << (*s.items - first) % 64;
		for (int64_t i = 0; i < n; i += 64)
		{
			int64_t		some = n - i < 64 ? n - i : 64;

			if (skip[i / 64] == 0)
				top_offer_range(top, scores + i, first + i, some, NULL);
			else
				for (int64_t j = i; j < i + some; j++)
					if (!(skip[i / 64] >> (j - i) & 1))
						top_offer(top, scores[j], (int32_t) (first + j));
		}
		poll();
	}
}

/* Returns a bit for each of n_groups groups that has a product plus bias that reaches least. */
FASTEST_INSTRUCTIONS
static uint32_t
groups_reaching(const float *products, const float *biases, int n_groups, float least)
{
	uint32_t	groups = 0;

	for (int group = 0; group < n_groups; group++)
	{
		const float *a = products + group * GROUP;
		const float *b = biases + group * GROUP;
		int			any = 0;

		for (int i = 0; i < GROUP; i++)
			any |= a[i] + b[i] >= least;
		groups |= (uint32_t) (any != 0) << group;
	}
	return groups;
}

/*
 * Adds the candidates of a member from its products with the items of a chunk. Returns false when
 * there are too many.
 */
static bool
collect_chunk(Member *member, const Bound *chunk, const float *products, const float *biases,
			  const int32_t *items, const int32_t *runs, int n, Skipped skip)
{
	Candidates *candidates = &member->candidates;
	double		error = rounding(&member->query, chunk);
	uint32_t	groups = groups_reaching(products, biases, (n + GROUP - 1) / GROUP,
									  below(threshold(candidates) - error));

	for (; groups != 0; groups &= groups - 1)
	{
		int			begin = __builtin_ctz(groups) * GROUP;
		int			end = begin + GROUP < n ? begin + GROUP : n;
		float		least = below(threshold(candidates) - error);

		for (int i = begin; i < end; i++)
		{
			float		value = products[i] + biases[i];

			if (value < least || is_skipped(skip, items[i]) || is_outnumbered(candidates, runs[i]))
				continue;
			if (!add_candidate(candidates, below(value - error), above(value + error), items[i]))
				return false;
			least = below(threshold(candidates) - error);
		}
	}
	return true;
}

/* Searches for queries first .. first + n - 1 of a batch, at most as many as there is room for. */
static void
search_together(const SearchIndex *index, const Parts *p, const InnerProduct *product,
				const SearchBatch *batch, int64_t first, int n, Top *tops,
				const BatchParts *scratch)
{
	int			width = product->width;
	int64_t		stride = PADDED(width);

	for (int i = 0; i < n; i++)
	{
		Member	   *member = &scratch->members[i];

		member->query = make_query(index, batch->vectors + (first + i) * product->stride,
								   batch->constants[first + i]);
		member->candidates = (Candidates){
			&tops[first + i], scratch->lists + i * scratch->room, 0, scratch->room, -1, 0};
		member->scored = scores_all(index, &member->query, tops[first + i].capacity);
	}
	for (int64_t c = 0; c < p->n_chunks; c++)
	{
		const Bound *chunk = &p->chunks[c];
		const int32_t *items = p->items + c * CHUNK;
		int			n_chunk =
			index->n_items - c * CHUNK < CHUNK ? (int) (index->n_items - c * CHUNK) : CHUNK;
		int			n_padded;
		int			present = 0;

		for (int i = 0; i < n; i++)
		{
			Member	   *member = &scratch->members[i];

			if (member->scored ||
				reach(&member->query, chunk) + 2 * rounding(&member->query, chunk) <
					threshold(&member->candidates))
				continue;
			memcpy(scratch->queries + present * stride,
				   batch->vectors + (first + i) * product->stride, sizeof(float) * width);
			scratch->present[present++] = i;
		}
		if (present == 0)
			continue;
		for (int i = 0; i < n_chunk; i++)
			memcpy(scratch->items + i * stride, product->factors + items[i] * product->stride,
				   sizeof(float) * width);
		n_padded = (n_chunk + GROUP - 1) / GROUP * GROUP;
		memset(scratch->items + n_chunk * stride, 0, sizeof(float) * stride * (n_padded - n_chunk));
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, present, n_padded, width, 1,
					scratch->queries, (int) stride, scratch->items, (int) stride, 0,
					scratch->products, CHUNK);
		for (int i = 0; i < present; i++)
		{
			Member	   *member = &scratch->members[scratch->present[i]];

			if (!collect_chunk(member, chunk, scratch->products + i * CHUNK, p->biases + c * CHUNK,
							   items, p->runs + c * CHUNK, n_chunk,
							   skipped_by(batch, first + scratch->present[i])))
				member->scored = true;
			if (i % 16 == 0)
				poll();
		}
	}
	for (int i = 0; i < n; i++)
	{
		Member	   *member = &scratch->members[i];
		Candidates *candidates = &member->candidates;

		if (member->scored)
		{
			scan_for(index->n_items, batch, first + i, &tops[first + i]);
			continue;
		}
		last_candidates(candidates);
		for (int64_t j = 0; j < candidates->count; j += SCAN_ITEMS)
		{
			int32_t		items[SCAN_ITEMS];
			float		scores[SCAN_ITEMS];
			int64_t		n = next_candidates(candidates, j, items);

			batch->score(batch->state, first + i, items, 0, n, scores);
			top_offer_items(&tops[first + i], scores, items, n);
			poll();
		}
	}
}

void
search_batch(const SearchIndex *index, const InnerProduct *product, const SearchBatch *batch,
			 Top *tops, void *scratch)
{
	Parts		p = parts_of(index, index->n_items, product->width);
	BatchParts	parts;

	if (batch->n_queries == 0 || tops[0].capacity <= 0)
		return;
	parts = batch_parts(scratch, index->n_items, product->width, tops[0].capacity);
	for (int64_t q = 0; q < batch->n_queries; q += parts.together)
		search_together(
			index, &p, product, batch, q,
			(int) (batch->n_queries - q < parts.together ? batch->n_queries - q : parts.together),
			tops, &parts);
}
