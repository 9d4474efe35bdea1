/*
 * sparse.c
 *	  Sparse matrices in compressed rows: building, transposing, merging.
 *
 * A matrix is built by a radix sort of its entries by column, a digit at a time from the lowest,
 * and a counting sort by row. Both are linear, and stable: the entry that was read last stays the
 * last one of its row and column.
 */
#include <string.h>

#include "kernel/poll.h"
#include "kernel/sparse.h"

/* Entries between two polls: about a millisecond of scattered writes. */
#define POLL_ENTRIES 65536

/*
 * While a matrix is built, start is shifted by two: start[r + 2] counts row r, then start[r + 1]
 * is where row r's next entry goes, and at the end start[r] is where row r begins. This is why
 * start has n_rows + 2 elements.
 */
static void
count(SparseMatrix *m, const int32_t *rows, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
	{
		if (i % POLL_ENTRIES == 0)
			poll();
		m->start[rows[i] + 2]++;
	}
}

static void
make_starts(SparseMatrix *m)
{
	for (int64_t r = 1; r < m->n_rows + 2; r++)
	{
		if (r % POLL_ENTRIES == 0)
			poll();
		m->start[r] += m->start[r - 1];
	}
}

/* The most bits of a digit: the counters fit into the first-level cache beside the entries. */
#define DIGIT_BITS 11

/*
 * What entries are sorted by: their contexts, of which the lowest is -1, or their columns. All
 * kinds of entries begin with an Entry.
 */
static inline uint32_t
key_of(const char *entry, bool by_context)
{
	return by_context ? (uint32_t) (((const ContextEntry *) entry)->context + 1)
					  : (uint32_t) ((const Entry *) entry)->column;
}

/* Sorts entries by the digit of the key that begins at bit shift. */
static inline __attribute__((always_inline)) void
sort_by_digit(const char *from, char *to, size_t entry_bytes, bool by_context, int64_t n, int shift,
			  int bits)
{
	int64_t		place[1 << DIGIT_BITS] = {0};
	uint32_t	mask = (UINT32_C(1) << bits) - 1;
	int64_t		sum = 0;

	for (int64_t i = 0; i < n; i++)
	{
		if (i % POLL_ENTRIES == 0)
			poll();
		place[key_of(from + i * entry_bytes, by_context) >> shift & mask]++;
	}
	for (uint32_t d = 0; d <= mask; d++)
	{
		int64_t		here = place[d];

		place[d] = sum;
		sum += here;
	}
	for (int64_t i = 0; i < n; i++)
	{
		const char *entry = from + i * entry_bytes;

		if (i % POLL_ENTRIES == 0)
			poll();
		memcpy(to + place[key_of(entry, by_context) >> shift & mask]++ * entry_bytes, entry,
			   entry_bytes);
	}
}

/* Sorts entries by a key that is less than n_keys. They are in *from, before and after. */
static inline __attribute__((always_inline)) void
sort_by_key(char **from, char **to, size_t entry_bytes, bool by_context, int64_t n, int64_t n_keys)
{
	int			bits = 1;
	int			digits;
	int			digit_bits;

	while (bits < 31 && (INT64_C(1) << bits) < n_keys)
		bits++;
	digits = (bits + DIGIT_BITS - 1) / DIGIT_BITS;
	digit_bits = (bits + digits - 1) / digits;
	for (int d = 0; d < digits; d++)
	{
		char	   *swapped = *from;

		sort_by_digit(*from, *to, entry_bytes, by_context, n, d * digit_bits, digit_bits);
		*from = *to;
		*to = swapped;
	}
}

/* Inlined, so that the compiler knows the size of an entry. */
static inline __attribute__((always_inline)) void
build(SparseMatrix *m, char *from, char *to, size_t entry_bytes, int64_t n)
{
	char	   *sorted;
	char	   *free_buffer;

	if (entry_bytes == sizeof(ContextEntry))
	{
		int64_t		n_keys = 1;

		for (int64_t i = 0; i < n; i++)
		{
			int64_t		key = key_of(from + i * entry_bytes, true);

			if (i % POLL_ENTRIES == 0)
				poll();
			n_keys = key < n_keys ? n_keys : key + 1;
		}
		sort_by_key(&from, &to, entry_bytes, true, n, n_keys);
	}
	sort_by_key(&from, &to, entry_bytes, false, n, m->n_columns);
	sorted = from;
	free_buffer = to;

	m->time = NULL;
	m->context = NULL;
	if (entry_bytes >= sizeof(TimedEntry))
	{
		m->time = (int64_t *) free_buffer;
		free_buffer += sizeof(int64_t) * n;
	}
	if (entry_bytes == sizeof(ContextEntry))
	{
		m->context = (int32_t *) free_buffer;
		free_buffer += sizeof(int32_t) * n;
	}
	m->column = (int32_t *) free_buffer;
	m->value = (float *) (free_buffer + sizeof(int32_t) * n);
	for (int64_t i = 0; i < n; i++)
	{
		if (i % POLL_ENTRIES == 0)
			poll();
		m->start[((const Entry *) (sorted + i * entry_bytes))->row + 2]++;
	}
	make_starts(m);
	for (int64_t i = 0; i < n; i++)
	{
		const Entry *entry = (const Entry *) (sorted + i * entry_bytes);
		int64_t		at = m->start[entry->row + 1]++;

		if (i % POLL_ENTRIES == 0)
			poll();
		m->column[at] = entry->column;
		m->value[at] = entry->value;
		if (entry_bytes >= sizeof(TimedEntry))
			memcpy(&m->time[at], ((const TimedEntry *) entry)->time, sizeof(int64_t));
		if (entry_bytes == sizeof(ContextEntry))
			m->context[at] = ((const ContextEntry *) entry)->context;
	}
}

void
sparse_build(SparseMatrix *m, void *entries, void *other, size_t entry_bytes, int64_t n)
{
	if (entry_bytes == sizeof(ContextEntry))
		build(m, entries, other, sizeof(ContextEntry), n);
	else if (entry_bytes == sizeof(TimedEntry))
		build(m, entries, other, sizeof(TimedEntry), n);
	else
		build(m, entries, other, sizeof(Entry), n);
}

int64_t
sparse_longest_row(const SparseMatrix *m)
{
	int64_t		longest = 0;

	for (int64_t r = 0; r < m->n_rows; r++)
	{
		int64_t		length = m->start[r + 1] - m->start[r];

		if (length > longest)
			longest = length;
	}
	return longest;
}

void
sparse_transpose(const SparseMatrix *from, SparseMatrix *to)
{
	int64_t		entries = from->start[from->n_rows];

	to->n_rows = from->n_columns;
	to->n_columns = from->n_rows;
	count(to, from->column, entries);
	make_starts(to);
	for (int64_t r = 0; r < from->n_rows; r++)
	{
		if (r % 64 == 0)
			poll();
		for (int64_t i = from->start[r]; i < from->start[r + 1]; i++)
		{
			int64_t		at = to->start[from->column[i] + 1]++;

			if ((i - from->start[r]) % POLL_ENTRIES == POLL_ENTRIES - 1)
				poll();
			to->column[at] = (int32_t) r;
			to->value[at] = from->value[i];
			if (to->time != NULL)
				to->time[at] = from->time[i];
			if (to->context != NULL)
				to->context[at] = from->context[i];
		}
	}
}

/*
 * The sum of floats, which must not depend on their order. Each float is added to a sum of twice
 * the precision (Knuth's TwoSum), which is exact as long as the largest is less than 2^51 times the
 * smallest. volatile, because this file is compiled with leave to reorder sums.
 */
static float
merge_sum(const float *values, int64_t n)
{
	volatile double high = 0;
	volatile double low = 0;

	for (int64_t i = 0; i < n; i++)
	{
		volatile double before = high;
		volatile double added;
		volatile double error;

		high = before + values[i];
		added = high - before;
		error = high - added;
		error = before - error;
		added = values[i] - added;
		low += error + added;
		if (i % POLL_ENTRIES == POLL_ENTRIES - 1)
			poll();
	}
	return (float) (high + low);
}

static int64_t
merge_latest(const SparseMatrix *m, int64_t first, int64_t n)
{
	int64_t		latest = first;

	for (int64_t i = first + 1; i < first + n; i++)
	{
		if (m->time == NULL || m->time[i] > m->time[latest] ||
			(m->time[i] == m->time[latest] && m->value[i] > m->value[latest]))
			latest = i;
		if ((i - first) % POLL_ENTRIES == 0)
			poll();
	}
	return latest;
}

int64_t
sparse_merge(SparseMatrix *m, MergeRule rule)
{
	int64_t		to = 0;
	int64_t		entries = m->start[m->n_rows];
	int64_t		begin = 0;

	for (int64_t r = 0; r < m->n_rows; r++)
	{
		int64_t		end = m->start[r + 1];

		if (r % 1024 == 0)
			poll();
		m->start[r] = to;
		for (int64_t i = begin; i < end;)
		{
			int64_t		run = 1;
			int64_t		latest = i;
			float		value = m->value[i];

			while (i + run < end && m->column[i + run] == m->column[i] &&
				   (m->context == NULL || m->context[i + run] == m->context[i]))
				run++;
			if (run > 1)
			{
				latest = merge_latest(m, i, run);
				value = rule == MERGE_SUM ? merge_sum(m->value + i, run) : m->value[latest];
			}
			m->column[to] = m->column[i];
			m->value[to] = value;
			if (m->time != NULL)
				m->time[to] = m->time[latest];
			if (m->context != NULL)
				m->context[to] = m->context[i];
			if (++to % POLL_ENTRIES == 0)
				poll();
			i += run;
		}
		begin = end;
	}
	m->start[m->n_rows] = to;
	return entries - to;
}

/*
 * Sums that are computed side by side in a product with a vector that exceeds the first-level
 * cache, as loads wait for memory.
 */
#define SUMS 8

float
sparse_dot(const int32_t *index, const float *value, int64_t n, const float *x)
{
	float		sums[SUMS] = {0};
	float		total = 0;

	for (int64_t begin = 0; begin < n; begin += POLL_ENTRIES)
	{
		int64_t		end = n - begin < POLL_ENTRIES ? n : begin + POLL_ENTRIES;
		int64_t		e = begin;

		if (value == NULL)
		{
			for (; e + SUMS <= end; e += SUMS)
				for (int s = 0; s < SUMS; s++)
					sums[s] += x[index[e + s]];
			for (; e < end; e++)
				sums[0] += x[index[e]];
		}
		else
		{
			for (; e + SUMS <= end; e += SUMS)
				for (int s = 0; s < SUMS; s++)
					sums[s] += value[e + s] * x[index[e + s]];
			for (; e < end; e++)
				sums[0] += value[e] * x[index[e]];
		}
		if (end < n)
			poll();
	}
	for (int s = 0; s < SUMS; s++)
		total += sums[s];
	return total;
}

void
sparse_add(float factor, const int32_t *index, const float *value, int64_t n, float *x)
{
	for (int64_t begin = 0; begin < n; begin += POLL_ENTRIES)
	{
		int64_t		end = n - begin < POLL_ENTRIES ? n : begin + POLL_ENTRIES;

		if (value == NULL)
		{
			for (int64_t e = begin; e < end; e++)
				x[index[e]] += factor;
		}
		else
		{
			for (int64_t e = begin; e < end; e++)
				x[index[e]] += factor * value[e];
		}
		if (end < n)
			poll();
	}
}

double
sparse_mean_row(const SparseMatrix *m)
{
	double		squares = 0;

	for (int64_t row = 0; row < m->n_rows; row++)
	{
		double		n = (double) (m->start[row + 1] - m->start[row]);

		if (row % POLL_ENTRIES == 0)
			poll();
		squares += n * n;
	}
	return squares / (double) m->start[m->n_rows];
}
