/*
 * similarity.c
 *	  rec.cosine and rec.pearson, of two arrays and as aggregates over pairs.
 *
 * All of them feed the same accumulator (kernel/comoment.h), so two arrays and the same pairs in
 * rows have the same coefficient.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "kernel/comoment.h"
#include "server/memory.h"

/* Pairs between two checks for interrupts: well below a millisecond's work. */
#define PAIRS_PER_BLOCK 16384

/* ---- two arrays */

static const char *const nth[] = {"first", "second"};

static int
array_length(ArrayType *array, int which)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("array must have one dimension"),
				 errdetail("The %s array has %d dimensions.", nth[which], ARR_NDIM(array))));
	return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

/* Raises an error that names the first NULL of an array. */
static void
refuse_null(ArrayType *array, int which, const int *length)
{
	const bits8 *bitmap = ARR_NULLBITMAP(array);
	int			element = 0;

	while (bitmap[element / 8] & (1 << (element % 8)))
		element++;
	ereport(
		ERROR,
		(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("array must not contain nulls"),
		 errdetail("Element %d of the %s array is null. The arrays have %d and %d elements.",
				   element + 1, nth[which], length[0], length[1]),
		 errhint("The aggregate of the same name, over rows of pairs, skips a pair with a null.")));
}

/* The coefficient of the pairs of elements at the same place of two arrays. */
static Datum
arrays_coefficient(FunctionCallInfo fcinfo, bool centered)
{
	ArrayType  *arrays[2];
	int			length[2];
	Comoment	comoment;
	double		coefficient;
	bool		defined;

	for (int i = 0; i < 2; i++)
	{
		arrays[i] = memory_array(PG_GETARG_DATUM(i), 0, i == 0 ? "x" : "y");
		length[i] = array_length(arrays[i], i);
	}
	for (int i = 0; i < 2; i++)
		if (array_contains_nulls(arrays[i]))
			refuse_null(arrays[i], i, length);
	if (length[0] != length[1])
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("arrays must have the same number of elements, but have %d and %d",
						length[0], length[1]),
				 errdetail("Elements at the same place in both arrays make a pair.")));

	comoment_init(&comoment, centered);
	for (int start = 0; start < length[0]; start += PAIRS_PER_BLOCK)
	{
		int			n = Min(PAIRS_PER_BLOCK, length[0] - start);

		CHECK_FOR_INTERRUPTS();
		if (ARR_ELEMTYPE(arrays[0]) == FLOAT4OID)
			comoment_add_floats(&comoment,
								(const float *) ARR_DATA_PTR(arrays[0]) + start,
								(const float *) ARR_DATA_PTR(arrays[1]) + start, n);
		else
			comoment_add_doubles(&comoment,
								 (const double *) ARR_DATA_PTR(arrays[0]) + start,
								 (const double *) ARR_DATA_PTR(arrays[1]) + start, n);
	}
	defined = comoment_coefficient(&comoment, &coefficient);

	PG_FREE_IF_COPY(arrays[0], 0);
	PG_FREE_IF_COPY(arrays[1], 1);
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(coefficient);
}

PG_FUNCTION_INFO_V1(rec_cosine_arrays);
PGDLLEXPORT Datum
rec_cosine_arrays(PG_FUNCTION_ARGS)
{
	return arrays_coefficient(fcinfo, false);
}

PG_FUNCTION_INFO_V1(rec_pearson_arrays);
PGDLLEXPORT Datum
rec_pearson_arrays(PG_FUNCTION_ARGS)
{
	return arrays_coefficient(fcinfo, true);
}

/* ---- aggregates */

/* The memory context of the aggregate's state. */
static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("aggregate support function called in non-aggregate context")));
	return context;
}

static Datum
accumulate_pair(FunctionCallInfo fcinfo, bool centered)
{
	MemoryContext context = aggregate_context(fcinfo);
	Comoment   *state = PG_ARGISNULL(0) ? NULL : (Comoment *) PG_GETARG_POINTER(0);

	if (state == NULL)
	{
		state = MemoryContextAlloc(context, sizeof(Comoment));
		comoment_init(state, centered);
	}
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
		comoment_add(state, PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(rec_cosine_accumulate);
PGDLLEXPORT Datum
rec_cosine_accumulate(PG_FUNCTION_ARGS)
{
	return accumulate_pair(fcinfo, false);
}

PG_FUNCTION_INFO_V1(rec_pearson_accumulate);
PGDLLEXPORT Datum
rec_pearson_accumulate(PG_FUNCTION_ARGS)
{
	return accumulate_pair(fcinfo, true);
}

PG_FUNCTION_INFO_V1(rec_comoment_combine);
PGDLLEXPORT Datum
rec_comoment_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Comoment   *state = PG_ARGISNULL(0) ? NULL : (Comoment *) PG_GETARG_POINTER(0);
	Comoment   *other = PG_ARGISNULL(1) ? NULL : (Comoment *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
	{
		/* The other state's memory is freed before the aggregate's. */
		state = MemoryContextAlloc(context, sizeof(Comoment));
		*state = *other;
	}
	else
		comoment_merge(state, other);
	PG_RETURN_POINTER(state);
}

static void
send_sum(StringInfo message, DoubleDouble sum)
{
	pq_sendfloat8(message, sum.high);
	pq_sendfloat8(message, sum.low);
}

static DoubleDouble
receive_sum(StringInfo message)
{
	DoubleDouble sum;

	sum.high = pq_getmsgfloat8(message);
	sum.low = pq_getmsgfloat8(message);
	return sum;
}

static void
send_variable(StringInfo message, const ComomentVariable *variable)
{
	pq_sendfloat8(message, variable->scale);
	pq_sendfloat8(message, variable->origin);
	send_sum(message, variable->sum);
	send_sum(message, variable->squares);
}

static void
receive_variable(StringInfo message, ComomentVariable *variable)
{
	variable->scale = pq_getmsgfloat8(message);
	variable->origin = pq_getmsgfloat8(message);
	variable->sum = receive_sum(message);
	variable->squares = receive_sum(message);
}

PG_FUNCTION_INFO_V1(rec_comoment_serialize);
PGDLLEXPORT Datum
rec_comoment_serialize(PG_FUNCTION_ARGS)
{
	Comoment   *state;
	StringInfoData message;

	aggregate_context(fcinfo);
	state = (Comoment *) PG_GETARG_POINTER(0);

	pq_begintypsend(&message);
	pq_sendbyte(&message, state->centered);
	pq_sendint64(&message, state->n);
	send_variable(&message, &state->x);
	send_variable(&message, &state->y);
	send_sum(&message, state->products);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(rec_comoment_deserialize);
PGDLLEXPORT Datum
rec_comoment_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *serialized;
	StringInfoData message;
	Comoment   *state;

	aggregate_context(fcinfo);
	serialized = PG_GETARG_BYTEA_PP(0);
	message.data = VARDATA_ANY(serialized);
	message.len = VARSIZE_ANY_EXHDR(serialized);
	message.maxlen = message.len;
	message.cursor = 0;

	/* These raise an error for a message that is too short or too long. */
	state = palloc(sizeof(Comoment));
	state->centered = pq_getmsgbyte(&message) != 0;
	state->n = pq_getmsgint64(&message);
	receive_variable(&message, &state->x);
	receive_variable(&message, &state->y);
	state->products = receive_sum(&message);
	pq_getmsgend(&message);
	if (state->n < 0 || !isfinite(state->x.scale) || !isfinite(state->y.scale))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid serialized aggregate state")));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(rec_comoment_coefficient);
PGDLLEXPORT Datum
rec_comoment_coefficient(PG_FUNCTION_ARGS)
{
	double		coefficient;

	aggregate_context(fcinfo);
	if (!comoment_coefficient((Comoment *) PG_GETARG_POINTER(0), &coefficient))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(coefficient);
}
