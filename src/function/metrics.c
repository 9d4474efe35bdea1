/*
 * metrics.c
 *	  Metrics of any lists and predictions: functions on a recommended and a relevant array, and
 *	  aggregates over pairs of a predicted and an actual value.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "kernel/metrics.h"
#include "miscadmin.h"
#include "server/memory.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/typcache.h"

/* ---- lists: which of the recommended items are relevant */

/* Elements between two checks for interrupts. */
#define ELEMENTS_PER_BLOCK 4096

/* A relevant item. */
typedef struct RelevantItem
{
	Datum		item;
	uint32		hash;
	char		status;
	bool		is_hit;			/* an item of an earlier rank equals it */
} RelevantItem;

/* How items are compared: by the default operators of their type, and the collation of the call. */
typedef struct Comparison
{
	FmgrInfo   *hash;
	FmgrInfo   *equal;
	Oid			collation;
} Comparison;

static inline uint32
hash_item(const Comparison *comparison, Datum item)
{
	/* spreads hashes, as some types' hash functions hardly do */
	return murmurhash32(
		DatumGetUInt32(FunctionCall1Coll(comparison->hash, comparison->collation, item)));
}

static inline bool
items_equal(const Comparison *comparison, Datum a, Datum b)
{
	return DatumGetBool(FunctionCall2Coll(comparison->equal, comparison->collation, a, b));
}

#define SH_PREFIX relevant
#define SH_ELEMENT_TYPE RelevantItem
#define SH_KEY_TYPE Datum
#define SH_KEY item
#define SH_HASH_KEY(tb, key) hash_item((const Comparison *) (tb)->private_data, key)
#define SH_EQUAL(tb, a, b) items_equal((const Comparison *) (tb)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * The most slots of a table for each item that it is created for: it is filled to nine tenths, and
 * its size is a power of two.
 */
#define MAX_SLOTS_PER_ITEM 2.3

static const char *const argument_names[] = {"recommended", "relevant"};

static ArrayType *
array_argument(FunctionCallInfo fcinfo, int argument)
{
	ArrayType  *array = memory_array(PG_GETARG_DATUM(argument), 0, argument_names[argument]);

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("array must have one dimension"),
				 errdetail("The array \"%s\" has %d dimensions.", argument_names[argument],
						   ARR_NDIM(array))));
	return array;
}

/* The element type's default operators, looked up once for all calls of a query. */
static Comparison
find_comparison(FunctionCallInfo fcinfo, Oid type)
{
	TypeCacheEntry *entry = fcinfo->flinfo->fn_extra;

	if (entry == NULL || entry->type_id != type)
	{
		entry = lookup_type_cache(type, TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
		if (!OidIsValid(entry->hash_proc_finfo.fn_oid) || !OidIsValid(entry->eq_opr_finfo.fn_oid))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION),
					 errmsg("items of type %s cannot be compared by a hash", format_type_be(type)),
					 errdetail("The type has no default operator class for hash indexes."),
					 errhint("Cast both arrays, for example to text[].")));
		fcinfo->flinfo->fn_extra = entry;
	}
	return (Comparison) {&entry->hash_proc_finfo, &entry->eq_opr_finfo, PG_GET_COLLATION()};
}

/* The relevant items, each once, without NULLs. */
static relevant_hash *
collect_relevant(ArrayType *array, Comparison *comparison)
{
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	ArrayIterator iterator = array_create_iterator(array, 0, NULL);
	relevant_hash *table;
	Datum		item;
	bool		is_null;

	memory_require((double) sizeof(RelevantItem) * MAX_SLOTS_PER_ITEM * n,
	"a metric of so many relevant items");
	table = relevant_create(CurrentMemoryContext, Max(n, 1), comparison);
	for (int i = 0; array_iterate(iterator, &item, &is_null); i++)
	{
		bool		found;

		if (i % ELEMENTS_PER_BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		if (!is_null)
			relevant_insert(table, item, &found)->is_hit = false;
	}
	array_free_iterator(iterator);
	return table;
}

/* Sets hit[i]: the item of rank i + 1 is relevant, and no earlier rank has it. */
static void
mark_hits(ArrayType *array, relevant_hash *table, bool *hit, int n)
{
	ArrayIterator iterator = array_create_iterator(array, 0, NULL);
	Datum		item;
	bool		is_null;

	for (int i = 0; i < n && array_iterate(iterator, &item, &is_null); i++)
	{
		RelevantItem *relevant;

		if (i % ELEMENTS_PER_BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		relevant = is_null ? NULL : relevant_lookup(table, item);
		hit[i] = relevant != NULL && !relevant->is_hit;
		if (hit[i])
			relevant->is_hit = true;
	}
	array_free_iterator(iterator);
}

typedef double (*ListMetric) (const bool *hit, int64_t n, int64_t n_relevant, int64_t k);

/* A metric of the arguments recommended, relevant and k. k NULL: the length of the list. */
static Datum
list_metric(FunctionCallInfo fcinfo, ListMetric metric)
{
	ArrayType  *recommended;
	ArrayType  *relevant;
	Comparison	comparison;
	relevant_hash *table;
	int			n;
	int			k;
	bool	   *hit;
	double		value;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	recommended = array_argument(fcinfo, 0);
	relevant = array_argument(fcinfo, 1);
	n = ArrayGetNItems(ARR_NDIM(recommended), ARR_DIMS(recommended));
	/* an empty list counts as one rank without a hit, so that it is worth as much as with any k */
	k = PG_ARGISNULL(2) ? Max(n, 1) : PG_GETARG_INT32(2);
	if (k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be at least 1, not %d", k),
				 errhint("k is the number of items of the list that count; NULL means all of "
						 "them.")));
	/* anycompatiblearray has converted both to one type */
	if (ARR_ELEMTYPE(recommended) != ARR_ELEMTYPE(relevant))
		elog(ERROR, "the arrays are of different types");

	comparison = find_comparison(fcinfo, ARR_ELEMTYPE(relevant));
	table = collect_relevant(relevant, &comparison);
	n = Min(n, k);
	hit = palloc(sizeof(bool) * Max(n, 1));
	mark_hits(recommended, table, hit, n);
	value = metric(hit, n, table->members, k);

	pfree(hit);
	relevant_destroy(table);
	PG_FREE_IF_COPY(recommended, 0);
	PG_FREE_IF_COPY(relevant, 1);
	if (isnan(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

PG_FUNCTION_INFO_V1(rec_precision);
PGDLLEXPORT Datum
rec_precision(PG_FUNCTION_ARGS)
{
	return list_metric(fcinfo, metric_precision);
}

PG_FUNCTION_INFO_V1(rec_recall);
PGDLLEXPORT Datum
rec_recall(PG_FUNCTION_ARGS)
{
	return list_metric(fcinfo, metric_recall);
}

PG_FUNCTION_INFO_V1(rec_ndcg);
PGDLLEXPORT Datum
rec_ndcg(PG_FUNCTION_ARGS)
{
	return list_metric(fcinfo, metric_ndcg);
}

PG_FUNCTION_INFO_V1(rec_average_precision);
PGDLLEXPORT Datum
rec_average_precision(PG_FUNCTION_ARGS)
{
	return list_metric(fcinfo, metric_average_precision);
}

PG_FUNCTION_INFO_V1(rec_reciprocal_rank);
PGDLLEXPORT Datum
rec_reciprocal_rank(PG_FUNCTION_ARGS)
{
	return list_metric(fcinfo, metric_reciprocal_rank);
}

PG_FUNCTION_INFO_V1(rec_hit_rate);
PGDLLEXPORT Datum
rec_hit_rate(PG_FUNCTION_ARGS)
{
	return list_metric(fcinfo, metric_hit_rate);
}

/* ---- aggregates: the loss of pairs of a predicted and an actual value */

/*
 * The state: the number of pairs, and the sum of their losses. No loss is negative, so nothing
 * cancels in the sum, and it needs no compensation: n additions lose at most n * 1.1e-16 of it, and
 * about the square root of n times 1.1e-16 on average.
 */
typedef struct LossSum
{
	float8		n;
	float8		sum;
} LossSum;

#define LOSS_SUM_FIELDS 2

/*
 * The state as an array of float8, which aggregates can combine and pass between processes. It is
 * read and written in place.
 */
static LossSum *
loss_sum(ArrayType *state)
{
	if (ARR_NDIM(state) != 1 || ARR_DIMS(state)[0] != LOSS_SUM_FIELDS || ARR_HASNULL(state) ||
		ARR_ELEMTYPE(state) != FLOAT8OID)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of the aggregate must be an array of %d float8 values",
							   LOSS_SUM_FIELDS)));
	return (LossSum *) ARR_DATA_PTR(state);
}

/*
 * The state with n more pairs, whose losses sum up to `sum`. It is changed in place in an
 * aggregate, and otherwise copied.
 */
static Datum
add_losses(FunctionCallInfo fcinfo, float8 n, float8 sum)
{
	ArrayType  *state = AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0)
														 : PG_GETARG_ARRAYTYPE_P_COPY(0);
	LossSum    *total = loss_sum(state);
	float8		before = total->sum;

	total->n += n;
	total->sum += sum;
	if (isinf(total->sum) && !isinf(before) && !isinf(sum))
		float_overflow_error();
	PG_RETURN_ARRAYTYPE_P(state);
}

/* Raises the error of float8 for a loss that overflows, unless an argument is infinite. */
static float8
checked(float8 loss, float8 predicted, float8 actual)
{
	if (isinf(loss) && !isinf(predicted) && !isinf(actual))
		float_overflow_error();
	return loss;
}

PG_FUNCTION_INFO_V1(rec_squared_error_accumulate);
PGDLLEXPORT Datum
rec_squared_error_accumulate(PG_FUNCTION_ARGS)
{
	float8		predicted = PG_GETARG_FLOAT8(1);
	float8		actual = PG_GETARG_FLOAT8(2);
	float8		error = predicted - actual;

	return add_losses(fcinfo, 1, checked(error * error, predicted, actual));
}

PG_FUNCTION_INFO_V1(rec_absolute_error_accumulate);
PGDLLEXPORT Datum
rec_absolute_error_accumulate(PG_FUNCTION_ARGS)
{
	float8		predicted = PG_GETARG_FLOAT8(1);
	float8		actual = PG_GETARG_FLOAT8(2);

	return add_losses(fcinfo, 1, checked(fabs(predicted - actual), predicted, actual));
}

static float8
probability_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	float8		p = PG_GETARG_FLOAT8(argument);

	/* also for NaN */
	if (!(p >= 0 && p <= 1))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("%s value %s is not a probability", name,
							   DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(p)))),
						errdetail("Both values of rec.cross_entropy and "
								  "rec.categorical_cross_entropy must be from 0 to 1.")));
	return p;
}

PG_FUNCTION_INFO_V1(rec_cross_entropy_accumulate);
PGDLLEXPORT Datum
rec_cross_entropy_accumulate(PG_FUNCTION_ARGS)
{
	float8		predicted = probability_argument(fcinfo, 1, "predicted");
	float8		actual = probability_argument(fcinfo, 2, "actual");

	return add_losses(fcinfo, 1, metric_cross_entropy(predicted, actual));
}

PG_FUNCTION_INFO_V1(rec_categorical_cross_entropy_accumulate);
PGDLLEXPORT Datum
rec_categorical_cross_entropy_accumulate(PG_FUNCTION_ARGS)
{
	float8		predicted = probability_argument(fcinfo, 1, "predicted");
	float8		actual = probability_argument(fcinfo, 2, "actual");

	return add_losses(fcinfo, 1, actual == 0 ? 0 : -actual * log(predicted));
}

PG_FUNCTION_INFO_V1(rec_loss_combine);
PGDLLEXPORT Datum
rec_loss_combine(PG_FUNCTION_ARGS)
{
	LossSum    *other = loss_sum(PG_GETARG_ARRAYTYPE_P(1));

	return add_losses(fcinfo, other->n, other->sum);
}

PG_FUNCTION_INFO_V1(rec_loss_mean);
PGDLLEXPORT Datum
rec_loss_mean(PG_FUNCTION_ARGS)
{
	LossSum    *total = loss_sum(PG_GETARG_ARRAYTYPE_P(0));

	if (total->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(total->sum / total->n);
}

PG_FUNCTION_INFO_V1(rec_loss_root_mean);
PGDLLEXPORT Datum
rec_loss_root_mean(PG_FUNCTION_ARGS)
{
	LossSum    *total = loss_sum(PG_GETARG_ARRAYTYPE_P(0));

	if (total->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sqrt(total->sum / total->n));
}

PG_FUNCTION_INFO_V1(rec_loss_total);
PGDLLEXPORT Datum
rec_loss_total(PG_FUNCTION_ARGS)
{
	LossSum    *total = loss_sum(PG_GETARG_ARRAYTYPE_P(0));

	if (total->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(total->sum);
}
