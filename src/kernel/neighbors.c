/*
 * neighbors.c
 *	  The most similar rows of a sparse matrix, by sparse accumulation.
 *
 * For a row i, the entries of every column u of the row are read, and x_iu x_ju is added to the sum
 * of row j. There is a sum for every row, but no work for a pair of rows without a common column,
 * and never a matrix of all pairs. Three things make this fast:
 *
 *	- NEIGHBOR_ROWS rows are done at once, with their sums side by side: a column is read once for
 *	  all of them, and each of its entries is one multiply-add of a vector. Where few of the rows
 *	  share a column this costs no more than one row alone.
 *	- A pair is compared once for both rows: a row is compared only with rows that have at least as
 *	  many entries. So the rows with most entries, which take most of the time, are compared with
 *	  few rows, whose sums stay in the cache.
 *	- Where few entries are to be read, only the sums that they touch are looked at.
 *
 * A pair is offered to the neighbours of both rows, so several processes add to the neighbours of
 * one row. Each row has a lock of its own, held for some dozen instructions, in which nothing can
 * fail. The result does not depend on the order in which neighbours are offered. Each sum is taken
 * over the columns in ascending order.
 */
#include <math.h>
#include <sched.h>
#include <string.h>

#include "kernel/neighbors.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/vector.h"

/*
 * Columns that are looked up before their entries are read, so that the entries can be prefetched
 * in time.
 */
#define VISITS 64
#define VISITS_AHEAD 4

/* Entries in a cache line. */
#define LINE_ENTRIES 16

/* Rows whose similarities are computed before any is compared with the best neighbours so far. */
#define CHUNK 256

/*
 * Where the entries to read are fewer than this part of all rows, the touched sums are noted, and
 * only these are looked at.
 */
#define TOUCHED_PART 4

/*
 * One number for each of the rows that are compared at once. The compiler uses the vectors of the
 * instruction set at hand.
 */
typedef float Vector8 __attribute__((vector_size(sizeof(float) * NEIGHBOR_ROWS), may_alias));
typedef int32_t Mask8 __attribute__((vector_size(sizeof(float) * NEIGHBOR_ROWS), may_alias));

#define SPLAT8(x) ((Vector8) {0} + (x))
/* a where the mask is set, else b. */
#define SELECT8(mask, a, b) ((Vector8) (((Mask8) (a) & (mask)) | ((Mask8) (b) & ~(mask))))

/* A column that some of the rows have, with the values of the rows. */
typedef struct Visit
{
	Vector8		value;			/* 0 where a row does not have the column */
	Vector8		present;		/* 1 where a row has the column, else 0 */
	int64_t		column;
	int64_t		first;			/* the first entry of the column */
	int64_t		entries;
} Visit;

/* The entries of the rows that are compared at once, merged by column. */
typedef struct Merge
{
	int32_t		column[NEIGHBOR_ROWS];	/* of the next entry; NO_COLUMN at the end */
	int64_t		at[NEIGHBOR_ROWS];
	int64_t		end[NEIGHBOR_ROWS];
} Merge;

#define NO_COLUMN INT32_MAX

typedef struct Workspace
{
	/* of each place, one or two vectors of NEIGHBOR_ROWS: dot products, and columns in common */
	float	   *sums;
	int32_t    *touched;
	/* CHUNK: of the rows of a chunk to the rows that are compared at once */
	Vector8    *similarities;
	Vector8    *reversed;		/* CHUNK: the other way round */
	Visit	   *visits;
	Scored	   *heaps;
} Workspace;

/*
 * Lays a workspace for n neighbours out in memory and returns its size; with memory NULL, only the
 * size.
 */
static size_t
lay_out_workspace(int64_t n_rows, int64_t n, void *memory, Workspace *w)
{
	Pieces		p = {memory, 0};

	w->sums = add_piece(&p, sizeof(float) * 2 * NEIGHBOR_ROWS * n_rows);
	w->touched = add_piece(&p, sizeof(int32_t) * (n_rows / TOUCHED_PART + 1));
	w->similarities = add_piece(&p, sizeof(Vector8) * CHUNK);
	w->reversed = add_piece(&p, sizeof(Vector8) * CHUNK);
	w->visits = add_piece(&p, sizeof(Visit) * VISITS);
	w->heaps = add_piece(&p, sizeof(Scored) * NEIGHBOR_ROWS * n);
	return p.bytes;
}

size_t
neighbors_scratch_bytes(int64_t n_rows, int64_t n)
{
	Workspace	w;

	return lay_out_workspace(n_rows, n, NULL, &w);
}

void
neighbors_begin(int64_t n_places, void *scratch)
{
	/* the sums are at the beginning of a workspace */
	memset(scratch, 0, sizeof(float) * 2 * NEIGHBOR_ROWS * n_places);
}

/* ---- order ---- */

void
neighbors_order(const SparseMatrix *by_row, Scored *memory, int32_t *order)
{
	Top			top = {by_row->n_rows, 0, memory};

	for (int64_t row = 0; row < by_row->n_rows; row++)
	{
		if (row % 4096 == 0)
			poll();
		top_offer(&top, (float) (by_row->start[row + 1] - by_row->start[row]), (int32_t) row);
	}
	top_sort(&top);
	for (int64_t place = 0; place < by_row->n_rows; place++)
		order[place] = memory[place].index;
}

/* Transposes the rows in their order. */
void
neighbors_prepare(const NeighborSearch *search, int64_t *cursors, int64_t begin, int64_t end)
{
	const SparseMatrix *m = search->by_row;

	memcpy(cursors + begin, search->by_column->start + begin, sizeof(int64_t) * (end - begin));
	for (int64_t place = 0; place < m->n_rows; place++)
	{
		int32_t		row = search->order[place];
		int64_t		last = m->start[row + 1];

		if (place % 64 == 0)
			poll();
		for (int64_t at = sparse_find(m->column, m->start[row], last, begin);
			 at < last && m->column[at] < end; at++)
		{
			int64_t		to = cursors[m->column[at]]++;

			search->entry_place[to] = (int32_t) place;
			if (search->values.kind != VALUE_ONE)
				search->entry_value[to] =
					entry_value(&search->values, m->value[at], row, m->column[at]);
			if (to % 65536 == 0)
				poll();
		}
	}
}

/* ---- merging the rows ---- */

static void
merge_begin(Merge *merge, const SparseMatrix *m, const int32_t *rows, int count)
{
	for (int i = 0; i < NEIGHBOR_ROWS; i++)
	{
		merge->at[i] = i < count ? m->start[rows[i]] : 0;
		merge->end[i] = i < count ? m->start[rows[i] + 1] : 0;
		merge->column[i] = merge->at[i] < merge->end[i] ? m->column[merge->at[i]] : NO_COLUMN;
	}
}

/* Reads the next columns; returns how many, at most VISITS. */
static int
merge_next(Merge *merge, const NeighborSearch *search, const int32_t *rows, Visit *visits)
{
	const SparseMatrix *m = search->by_row;
	bool		constant = search->values.kind == VALUE_ONE;

	for (int n = 0; n < VISITS; n++)
	{
		Visit	   *visit = &visits[n];
		int32_t		next = NO_COLUMN;

		for (int i = 0; i < NEIGHBOR_ROWS; i++)
			next = merge->column[i] < next ? merge->column[i] : next;
		if (next == NO_COLUMN)
			return n;
		visit->column = next;
		visit->first = search->by_column->start[next];
		visit->entries = search->by_column->start[next + 1] - visit->first;
		for (int i = 0; i < NEIGHBOR_ROWS; i++)
		{
			visit->present[i] = merge->column[i] == next;
			visit->value[i] = 0;
		}
		for (int i = 0; i < NEIGHBOR_ROWS; i++)
		{
			if (merge->column[i] == next)
			{
				int64_t		at = merge->at[i]++;

				visit->value[i] = entry_value(&search->values, m->value[at], rows[i], next);
				/* where all values of a column are equal, the value is multiplied in here */
				if (constant)
					visit->value[i] *= visit->value[i];
				merge->column[i] = at + 1 < merge->end[i] ? m->column[at + 1] : NO_COLUMN;
			}
		}
	}
	return VISITS;
}

/* Prefetches the first lines of a column. The processor's own prefetching fetches the rest. */
static inline void
prefetch_visit(const NeighborSearch *search, const Visit *visit)
{
	for (int64_t at = 0; at < visit->entries && at < 4 * LINE_ENTRIES; at += LINE_ENTRIES)
	{
		__builtin_prefetch(search->entry_place + visit->first + at);
		if (search->values.kind != VALUE_ONE)
			__builtin_prefetch(search->entry_value + visit->first + at);
	}
}

/* ---- adding up ---- */

/* These functions add the entries of places below limit to the sums. */
FASTEST_INSTRUCTIONS
static void
add_constant(float *sums, const int32_t *place, const Visit *visit, int32_t limit)
{
	Vector8    *sum = (Vector8 *) sums;
	int64_t		n = visit->entries;
	Vector8		product = visit->value;

	for (int64_t k = 0; k < n && place[k] < limit; k++)
		sum[place[k]] += product;
}

FASTEST_INSTRUCTIONS
static void
add_products(float *sums, const int32_t *place, const float *value, const Visit *visit,
			 int32_t limit)
{
	Vector8    *sum = (Vector8 *) sums;
	int64_t		n = visit->entries;
	Vector8		factor = visit->value;

	for (int64_t k = 0; k < n && place[k] < limit; k++)
		sum[place[k]] += value[k] * factor;
}

/* The same for dot products and columns in common. */
FASTEST_INSTRUCTIONS
static void
add_constant_and_count(float *sums, const int32_t *place, const Visit *visit, int32_t limit)
{
	Vector8    *sum = (Vector8 *) sums;
	int64_t		n = visit->entries;
	Vector8		product = visit->value;
	Vector8		present = visit->present;

	for (int64_t k = 0; k < n && place[k] < limit; k++)
	{
		sum[2 * (int64_t) place[k]] += product;
		sum[2 * (int64_t) place[k] + 1] += present;
	}
}

FASTEST_INSTRUCTIONS
static void
add_products_and_count(float *sums, const int32_t *place, const float *value, const Visit *visit,
					   int32_t limit)
{
	Vector8    *sum = (Vector8 *) sums;
	int64_t		n = visit->entries;
	Vector8		factor = visit->value;
	Vector8		present = visit->present;

	for (int64_t k = 0; k < n && place[k] < limit; k++)
	{
		sum[2 * (int64_t) place[k]] += value[k] * factor;
		sum[2 * (int64_t) place[k] + 1] += present;
	}
}

/*
 * Appends the places below limit whose sums are still all zero. A place may be appended twice where
 * its sums stay zero.
 */
static int64_t
note_touched(const float *sums, int width, const int32_t *place, const Visit *visit, int32_t limit,
			 int32_t *touched)
{
	int64_t		n_touched = 0;

	for (int64_t k = 0; k < visit->entries && place[k] < limit; k++)
	{
		const float *sum = sums + (int64_t) place[k] * width;
		float		any = 0;

		for (int i = 0; i < width; i++)
			any += fabsf(sum[i]);
		if (any == 0)
			touched[n_touched++] = place[k];
	}
	return n_touched;
}

/* ---- from sums to similarities ---- */

/* The terms of NEIGHBOR_ROWS rows, side by side. */
typedef struct Terms8
{
	Vector8		scale;			/* scale or neighbor_scale */
	Vector8		offset;
	Vector8		mean;
} Terms8;

/* The similarities between eight rows and one. The scales say which side is the neighbour. */
static inline __attribute__((always_inline)) void
similarity8(const SimilarityRule *rule, const Terms8 *eight, float scale, float offset, float mean,
			const Vector8 *dot, const Vector8 *common, Vector8 *out)
{
	Vector8		s;

	if (rule->ratio)
		s = *dot / (eight->offset + offset - *dot);
	else
		s = (*dot - (eight->offset + offset) - eight->mean * mean) * (eight->scale * scale);
	/* rounding may exceed the range */
	s = SELECT8(s > SPLAT8(1), SPLAT8(1), s);
	if (rule->counts)
	{
		s *= *common / (*common + SPLAT8(rule->shrinkage));
		if (rule->significance > 0)
			s *= SELECT8(*common < SPLAT8(rule->significance), *common / SPLAT8(rule->significance),
						 SPLAT8(1));
		s = SELECT8(*common < SPLAT8(rule->min_common), SPLAT8(0), s);
	}
	*out = s;
}

FASTEST_INSTRUCTIONS
void
row_similarities(const SimilarityRule *rule, const RowTerms *row, const RowTerms *others,
				 const float *dot, const float *common, int64_t n, float *similarities)
{
	RowTerms	one = *row;

	for (int64_t j = 0; j < n; j += NEIGHBOR_ROWS)
	{
		int			count = n - j < NEIGHBOR_ROWS ? (int) (n - j) : NEIGHBOR_ROWS;
		Terms8		eight = {{0}, {0}, {0}};
		Vector8		dots = {0};
		Vector8		commons = {0};
		Vector8		s;

		for (int i = 0; i < count; i++)
		{
			eight.scale[i] = others[j + i].neighbor_scale;
			eight.offset[i] = others[j + i].offset;
			eight.mean[i] = others[j + i].mean;
			dots[i] = dot[j + i];
			if (common != NULL)
				commons[i] = common[j + i];
		}
		similarity8(rule, &eight, one.scale, one.offset, one.mean, &dots, &commons, &s);
		for (int i = 0; i < count; i++)
			similarities[j + i] = s[i];
	}
}

/*
 * The similarities of n other rows to the rows that are compared at once, and the other way round,
 * from their terms and sums. NaN means no similarity.
 */
FASTEST_INSTRUCTIONS
static void
lane_similarities(const SimilarityRule *rule, const Terms8 *rows, const Terms8 *rows_as_neighbors,
				  const RowTerms *others, const float *sums, int width, int64_t n,
				  Vector8 *similarities, Vector8 *reversed)
{
	SimilarityRule r = *rule;
	Terms8		eight = *rows;

	for (int64_t j = 0; j < n; j++)
	{
		const Vector8 *dot = (const Vector8 *) (sums + j * width);
		const Vector8 *common = (const Vector8 *) (sums + (j + 1) * width) - 1;

		similarity8(&r, &eight, others[j].neighbor_scale, others[j].offset, others[j].mean, dot,
					common, &similarities[j]);
	}
	if (r.symmetric)
		return;
	eight = *rows_as_neighbors;
	for (int64_t j = 0; j < n; j++)
	{
		const Vector8 *dot = (const Vector8 *) (sums + j * width);
		const Vector8 *common = (const Vector8 *) (sums + (j + 1) * width) - 1;

		similarity8(&r, &eight, others[j].scale, others[j].offset, others[j].mean, dot, common,
					&reversed[j]);
	}
}

/* ---- the best neighbours ---- */

/* A bit for each of eight similarities that are above 0 and at least as high as the least. */
static inline __attribute__((always_inline)) unsigned
reaching(const Vector8 *similarities, const Vector8 *least)
{
	Mask8		reaches = (*similarities > SPLAT8(0)) & (*similarities >= *least);
	unsigned	bits = 0;
	uint64_t	any = 0;
	uint64_t	half;

	for (int i = 0; i < NEIGHBOR_ROWS; i += 2)
	{
		memcpy(&half, (const char *) &reaches + sizeof(int32_t) * i, sizeof(half));
		any |= half;
	}
	if (any == 0)
		return 0;
	for (int i = 0; i < NEIGHBOR_ROWS; i++)
		bits |= (unsigned) (reaches[i] != 0) << i;
	return bits;
}

/* A spinlock. Acquiring it makes visible what the last holder wrote. */
static void
lock(Neighborhood *h)
{
	int			tries = 0;

	while (__atomic_exchange_n(&h->lock, 1, __ATOMIC_ACQUIRE) != 0)
	{
		/* the holder may be waiting for a processor */
		if (++tries % 64 == 0)
			sched_yield();
	}
}

static void
unlock(Neighborhood *h)
{
	__atomic_store_n(&h->lock, 0, __ATOMIC_RELEASE);
}

/* The least similarity that is worth offering. It may be out of date, and then is too low. */
static inline float
least_worth(const Neighborhood *h)
{
	float		least;

	__atomic_load(&h->least, &least, __ATOMIC_RELAXED);
	return least;
}

/* Offers neighbours to one row. Nothing in here can fail or wait. */
static void
offer_neighbors(const NeighborSearch *search, int64_t place, const Scored *offers, int64_t n_offers)
{
	Neighborhood *h = &search->neighborhoods[place];
	Top			top = {search->n, 0, search->neighbors + place * search->n};

	lock(h);
	top.count = h->count;
	for (int64_t i = 0; i < n_offers; i++)
		top_offer(&top, offers[i].score, offers[i].index);
	h->count = (int32_t) top.count;
	if (top.count == top.capacity)
		__atomic_store(&h->least, &top.heap[0].score, __ATOMIC_RELAXED);
	unlock(h);
}

/*
 * Offers some of the rows that are compared at once, from place `first` on, as neighbours to the
 * row at `place`, which comes before them. bits says which rows, similarities how similar.
 */
static inline void
offer_to(const NeighborSearch *search, int64_t place, int64_t first, unsigned bits,
		 const Vector8 *similarities)
{
	Scored		offers[NEIGHBOR_ROWS];
	int			n = 0;

	for (; bits != 0; bits &= bits - 1)
	{
		int			i = __builtin_ctz(bits);

		offers[n++] = (Scored) {(*similarities)[i], (int32_t) (first + i)};
	}
	offer_neighbors(search, place, offers, n);
}

/* The rows that are compared at once, and their best neighbours. */
typedef struct Comparison
{
	const NeighborSearch *search;
	int64_t		first;
	int			count;
	int			width;
	Terms8		rows;
	Terms8		rows_as_neighbors;
	Vector8		least;			/* of the rows' best neighbours */
	Top			own[NEIGHBOR_ROWS];
	Workspace	w;
} Comparison;

/*
 * Offers the rows that are compared at once and the rows at n places from `begin` on to each other.
 * The sums are zero afterwards.
 */
FASTEST_INSTRUCTIONS
static void
offer_range(Comparison *c, int64_t begin, int64_t n)
{
	const NeighborSearch *search = c->search;
	float	   *sums = c->w.sums + begin * c->width;
	const Vector8 *reversed = search->similarity.symmetric ? c->w.similarities : c->w.reversed;
	const Neighborhood *h = search->neighborhoods + begin;

	lane_similarities(&search->similarity, &c->rows, &c->rows_as_neighbors, search->terms + begin,
					  sums, c->width, n, c->w.similarities, c->w.reversed);
	memset(sums, 0, sizeof(float) * c->width * n);
	for (int64_t j = 0; j < n; j++)
	{
		Vector8		least = SPLAT8(least_worth(&h[j]));
		unsigned	bits = reaching(&c->w.similarities[j], &c->least);

		for (; bits != 0; bits &= bits - 1)
		{
			int			i = __builtin_ctz(bits);
			Top		   *own = &c->own[i];

			if (i >= c->count || begin + j == c->first + i)
				continue;
			top_offer(own, c->w.similarities[j][i], (int32_t) (begin + j));
			if (own->count == own->capacity)
				c->least[i] = own->heap[0].score;
		}
		if (begin + j < c->first)
		{
			bits = reaching(&reversed[j], &least);
			if (bits != 0)
				offer_to(search, begin + j, c->first, bits, &reversed[j]);
		}
	}
}

/* Whether the columns of the rows have at most this many entries. */
static bool
few_entries(const NeighborSearch *search, const int32_t *rows, int count, int64_t most)
{
	const SparseMatrix *m = search->by_row;
	int64_t		entries = 0;

	for (int i = 0; i < count; i++)
	{
		for (int64_t at = m->start[rows[i]]; at < m->start[rows[i] + 1]; at++)
		{
			entries += search->by_column->start[m->column[at] + 1] -
					   search->by_column->start[m->column[at]];
			if (entries > most)
				return false;
		}
	}
	return true;
}

void
neighbors_compare(const NeighborSearch *search, int64_t first, int count, void *scratch)
{
	const int32_t *rows = search->order + first;
	int64_t		n_rows = search->by_row->n_rows;
	int32_t		limit = (int32_t) (first + count);
	bool		constant = search->values.kind == VALUE_ONE;
	bool		counts = search->similarity.counts && !dot_is_count(&search->values);
	bool		few = few_entries(search, rows, count, n_rows / TOUCHED_PART);
	int64_t		n_touched = 0;
	Comparison	c;
	Merge		merge;
	int			n_visits;

	memset(&c, 0, sizeof(c));
	c.search = search;
	c.first = first;
	c.count = count;
	c.width = counts ? 2 * NEIGHBOR_ROWS : NEIGHBOR_ROWS;
	lay_out_workspace(n_rows, search->n, scratch, &c.w);
	for (int i = 0; i < count; i++)
	{
		const RowTerms *terms = &search->terms[first + i];

		c.rows.scale[i] = terms->scale;
		c.rows_as_neighbors.scale[i] = terms->neighbor_scale;
		c.rows.offset[i] = c.rows_as_neighbors.offset[i] = terms->offset;
		c.rows.mean[i] = c.rows_as_neighbors.mean[i] = terms->mean;
		c.own[i] = (Top) {search->n, 0, c.w.heaps + i * search->n};
	}

	merge_begin(&merge, search->by_row, rows, count);
	while ((n_visits = merge_next(&merge, search, rows, c.w.visits)) > 0)
	{
		for (int v = 0; v < n_visits && v < VISITS_AHEAD; v++)
			prefetch_visit(search, &c.w.visits[v]);
		for (int v = 0; v < n_visits; v++)
		{
			const Visit *visit = &c.w.visits[v];
			const int32_t *place = search->entry_place + visit->first;
			const float *value = search->entry_value + (constant ? 0 : visit->first);

			poll();
			if (v + VISITS_AHEAD < n_visits)
				prefetch_visit(search, &c.w.visits[v + VISITS_AHEAD]);
			if (few)
				n_touched +=
					note_touched(c.w.sums, c.width, place, visit, limit, c.w.touched + n_touched);
			if (constant && counts)
				add_constant_and_count(c.w.sums, place, visit, limit);
			else if (constant)
				add_constant(c.w.sums, place, visit, limit);
			else if (counts)
				add_products_and_count(c.w.sums, place, value, visit, limit);
			else
				add_products(c.w.sums, place, value, visit, limit);
		}
	}
	if (few)
	{
		for (int64_t t = 0; t < n_touched; t++)
		{
			if (t % 1024 == 0)
				poll();
			offer_range(&c, c.w.touched[t], 1);
		}
	}
	else
	{
		for (int64_t begin = 0; begin < limit; begin += CHUNK)
		{
			poll();
			offer_range(&c, begin, limit - begin < CHUNK ? limit - begin : CHUNK);
		}
	}
	for (int i = 0; i < count; i++)
		offer_neighbors(search, first + i, c.own[i].heap, c.own[i].count);
}
