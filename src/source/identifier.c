/*
 * identifier.c
 *	  Ids of users and items: values of any type that can be hashed and sorted.
 */
#include "postgres.h"
#include "server/compat.h"

#include <ctype.h>
#include <math.h>

#include "access/detoast.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "server/memory.h"
#include "source/identifier.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* Ids have 32-bit numbers; -1 means no id. */
#define MAX_IDS (PG_INT32_MAX - 1)

#define AREA_BYTES ((Size) 64 * 1024)

/* ---- types ---- */

static bool
is_integer(Oid base)
{
	return base == INT2OID || base == INT4OID || base == INT8OID;
}

void
id_type_init(IdType *id_type, Oid type, int32 typmod, Oid collation, const char *what,
			 MemoryContext context)
{
	TypeCacheEntry *entry =
		lookup_type_cache(type, TYPECACHE_HASH_PROC | TYPECACHE_EQ_OPR | TYPECACHE_CMP_PROC);

	if (!OidIsValid(entry->hash_proc) || !OidIsValid(entry->eq_opr) || !OidIsValid(entry->cmp_proc))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("%s cannot be used as an id", what),
				 errdetail("Its type %s cannot be both hashed and sorted.", format_type_be(type)),
				 errhint("Use a view that casts it, for example to text, as the source.")));
	id_type->type = type;
	id_type->typmod = typmod;
	id_type->base = getBaseType(type);
	id_type->collation = collation;
	id_type->length = entry->typlen;
	id_type->by_value = entry->typbyval;
	id_type->align = entry->typalign;
	id_type->is_integer = is_integer(id_type->base);
	fmgr_info_cxt(entry->hash_proc, &id_type->hash, context);
	fmgr_info_cxt(get_opcode(entry->eq_opr), &id_type->equal, context);
	fmgr_info_cxt(entry->cmp_proc, &id_type->compare, context);
}

static char *
value_to_text(Datum value, Oid type)
{
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

char *
id_to_text(const IdType *id_type, Datum id)
{
	return value_to_text(id, id_type->type);
}

/* ---- conversion ---- */

typedef enum ConversionMethod
{
	CONVERT_NOTHING,			/* same representation */
	CONVERT_INTEGER,			/* between integers of any width */
	CONVERT_TEXT				/* through the text form, which all types have */
} ConversionMethod;

/*
 * How values of one type are converted to another type; looked up once, for the latest pairs of
 * types.
 */
typedef struct Conversion
{
	Oid			from;
	Oid			to;
	ConversionMethod method;
	Oid			base_from;
	Oid			base_to;
	FmgrInfo	output;
	FmgrInfo	input;
	Oid			io_parameter;
} Conversion;

#define CONVERSIONS 16

static Conversion conversions[CONVERSIONS];
static int	next_conversion = 0;
static MemoryContext conversion_context = NULL;

static void
forget_conversions(Datum arg, int cacheid, uint32 hashvalue)
{
	for (int i = 0; i < CONVERSIONS; i++)
		conversions[i].to = InvalidOid;
}

static Conversion *
find_conversion(Oid from, Oid to)
{
	Conversion *c;
	Conversion	new = {0};

	for (int i = 0; i < CONVERSIONS; i++)
	{
		c = &conversions[i];
		if (c->to == to && c->from == from && OidIsValid(to))
			return c;
	}

	if (conversion_context == NULL)
	{
		conversion_context =
			AllocSetContextCreate(TopMemoryContext, "rec id conversions", ALLOCSET_SMALL_SIZES);
		CacheRegisterSyscacheCallback(TYPEOID, forget_conversions, (Datum) 0);
	}
	new.from = from;
	new.to = to;
	new.base_from = from == UNKNOWNOID ? UNKNOWNOID : getBaseType(from);
	new.base_to = getBaseType(to);
	/*
	 * A domain's checks are made by its input function, so only a value that already is of the
	 * domain is passed on unchanged.
	 */
	if (from == to || (new.base_to == to && from != UNKNOWNOID && IsBinaryCoercible(from, to)))
		new.method = CONVERT_NOTHING;
	else if (is_integer(new.base_from) && is_integer(to))
		new.method = CONVERT_INTEGER;
	else
	{
		Oid			function;
		bool		is_varlena;

		new.method = CONVERT_TEXT;
		if (from != UNKNOWNOID)
		{
			getTypeOutputInfo(from, &function, &is_varlena);
			fmgr_info_cxt(function, &new.output, conversion_context);
		}
		getTypeInputInfo(to, &function, &new.io_parameter);
		fmgr_info_cxt(function, &new.input, conversion_context);
	}
	c = &conversions[next_conversion++ % CONVERSIONS];
	*c = new;
	return c;
}

static int64
integer_value(Datum value, Oid base)
{
	return base == INT2OID ? DatumGetInt16(value) :
		base == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value);
}

/* Truncated where the type has no room for the value; see holds. */
static Datum
integer_datum(int64 value, Oid base)
{
	return base == INT2OID ? Int16GetDatum((int16) value) :
		base == INT4OID ? Int32GetDatum((int32) value) : Int64GetDatum(value);
}

static bool
is_number(Oid base)
{
	return is_integer(base) || base == NUMERICOID || base == FLOAT4OID || base == FLOAT8OID;
}

bool
id_is_number(Oid type)
{
	return is_number(getBaseType(type));
}

/* Whether a type of integers has room for a value. */
static bool
holds(Oid base, int64 value)
{
	return base == INT2OID ? value >= PG_INT16_MIN && value <= PG_INT16_MAX :
		base == INT4OID ? value >= PG_INT32_MIN && value <= PG_INT32_MAX : true;
}

/*
 * A float is converted by the shortest text that represents it, whatever extra_float_digits says.
 */
static Datum
as_numeric(Datum value, Oid base)
{
	char		buffer[DOUBLE_SHORTEST_DECIMAL_LEN];
	char	   *text = buffer;

	if (base == FLOAT8OID)
		double_to_shortest_decimal_buf(DatumGetFloat8(value), buffer);
	else if (base == FLOAT4OID)
		float_to_shortest_decimal_buf(DatumGetFloat4(value), buffer);
	else
		text = value_to_text(value, base);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

/*
 * Whether a text is a number that is out of the range of a numeric type, or a fraction where the
 * type has only integers; the type's input function would raise an error. A text that is no number
 * is not beyond, and left to the input function.
 */
static bool
is_beyond(const char *text, bool is_number, Oid base_to)
{
	char	   *end;

	errno = 0;
	if (is_integer(base_to))
	{
		int64		value = strtoll(text, &end, 10);

		if (end == text)
			return is_number;	/* NaN */
		while (isspace((unsigned char) *end))
			end++;
		return *end != '\0' ? is_number : errno == ERANGE || !holds(base_to, value);
	}
	if (base_to == FLOAT4OID || base_to == FLOAT8OID)
	{
		double		value = base_to == FLOAT4OID ? strtof(text, &end) : strtod(text, &end);

		return errno == ERANGE && (value == 0 || isinf(value));
	}
	return false;
}

/* Converts through the text form. Returns false where no value of the type is equal. */
static bool
convert_text(Datum value, Oid from, Oid to, Datum *result)
{
	Conversion *c = find_conversion(from, to);
	/* A copy, as a nested call of an input function may reuse the slot. */
	Conversion	copy = *c;
	bool		from_number = is_number(copy.base_from);
	char	   *text;

	if (from_number && is_integer(copy.base_to))
		text = DatumGetCString(DirectFunctionCall1(
			numeric_out,
			DirectFunctionCall1(numeric_trim_scale, as_numeric(value, copy.base_from))));
	else
		text =
			from == UNKNOWNOID ? DatumGetCString(value) : OutputFunctionCall(&copy.output, value);
	if (is_beyond(text, from_number, copy.base_to))
		return false;

	/* The trailing blanks of a char(n) are not significant, and a cast to text would drop them. */
	if (copy.base_from == BPCHAROID)
	{
		int			length = strlen(text);

		while (length > 0 && text[length - 1] == ' ')
			text[--length] = '\0';
	}
	*result = InputFunctionCall(&copy.input, text, copy.io_parameter, -1);

	/*
	 * Keep what the functions have cached for their next call, as a domain's does. Otherwise each
	 * call would cache it anew, in memory that is not freed.
	 */
	if (c->from == from && c->to == to)
	{
		c->output.fn_extra = copy.output.fn_extra;
		c->input.fn_extra = copy.input.fn_extra;
	}
	return true;
}

static bool
is_day_or_moment(Oid base)
{
	return base == DATEOID || base == TIMESTAMPOID || base == TIMESTAMPTZOID;
}

static bool
is_time_of_day(Oid base)
{
	return base == TIMEOID || base == TIMETZOID;
}

/*
 * Whether a value equals its conversion, for types whose input function accepts the other's text
 * and drops what it has no room for: date drops the time of a timestamp, and real the last digits
 * of a bigint.
 */
static bool
is_same(Datum value, Oid from, Datum converted, Oid to)
{
	if (is_number(from) && is_number(to))
		return DatumGetBool(
			DirectFunctionCall2(numeric_eq, as_numeric(value, from), as_numeric(converted, to)));
	if (is_day_or_moment(from) && is_day_or_moment(to))
	{
		TypeCacheEntry *entry = lookup_type_cache(from, TYPECACHE_EQ_OPR_FINFO);
		Datum		back;

		return convert_text(converted, to, from, &back) &&
			   DatumGetBool(FunctionCall2(&entry->eq_opr_finfo, value, back));
	}
	return !(is_day_or_moment(from) && is_time_of_day(to)) &&
		   !(is_time_of_day(from) && is_day_or_moment(to));
}

/*
 * Converts a value to an equal value of another type. Returns false where there is no equal value:
 * where a number is out of the type's range, or a timestamp is no whole day. Raises an error where
 * the text of the value cannot be read as the other type at all.
 */
static bool
convert(Datum value, Oid from, Oid to, Datum *result)
{
	const Conversion *c = find_conversion(from, to);
	Oid			base_from = c->base_from;
	Oid			base_to = c->base_to;

	switch (c->method)
	{
		case CONVERT_NOTHING:
			*result = value;
			return true;
		case CONVERT_INTEGER:
			{
				int64		v = integer_value(value, base_from);

				*result = integer_datum(v, base_to);
				return holds(base_to, v);
			}
		case CONVERT_TEXT:
			return convert_text(value, from, to, result) &&
				   is_same(value, base_from, *result, base_to);
	}
	pg_unreachable();
}

/* Converts a value, or raises an error where there is no equal value. */
static Datum
convert_or_error(Datum value, Oid from, Oid to)
{
	Datum		result;

	if (!convert(value, from, to, &result))
		ereport(ERROR,
				(errcode(id_is_number(to) ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE
										  : ERRCODE_DATATYPE_MISMATCH),
				 errmsg("id %s of type %s is not a value of type %s", value_to_text(value, from),
						format_type_be(from), format_type_be(to))));
	return result;
}

/*
 * A domain's checks, which are code of its owner, are not made, and a value is not truncated to the
 * length or scale of the column: an id that violates them is not found anyway.
 */
Datum
id_convert(Datum value, Oid from, const IdType *to)
{
	return from == to->type ? value : convert_or_error(value, from, to->base);
}

bool
id_convert_kept(Datum value, Oid from, const IdType *to, MemoryContext scratch, Datum *id)
{
	MemoryContext old = MemoryContextSwitchTo(scratch);
	bool		is_id = from == to->type;

	*id = value;
	if (!is_id)
		is_id = convert(value, from, to->base, id);
	MemoryContextSwitchTo(old);
	if (is_id && *id != value && !to->by_value)
		*id = datumCopy(*id, to->by_value, to->length);
	return is_id;
}

bool
id_converts_plainly(Oid from, Oid to)
{
	/* to a domain, only values that are of it */
	return from == to ||
		   (getBaseType(to) == to && find_conversion(from, to)->method != CONVERT_TEXT);
}

bool
id_narrow(Datum id, const IdType *from, const IdType *to, Datum *narrow)
{
	int64		value = integer_value(id, from->base);

	*narrow = integer_datum(value, to->base);
	return holds(to->base, value);
}

Datum
id_return(Datum id, const IdType *from, Oid to)
{
	return convert_or_error(id, from->type, to);
}

char *
id_type_declaration(const IdType *type)
{
	char	   *name = format_type_extended(type->type, type->typmod,
									  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);

	if (OidIsValid(type->collation))
		name = psprintf("%s COLLATE %s", name, generate_collation_name(type->collation));
	return name;
}

Size
id_bytes(const IdType *type)
{
	return sizeof(Datum) + (type->by_value	   ? 0
							: type->length > 0 ? type->length + 2 * MAXIMUM_ALIGNOF
											   : 32);
}

ArrayType *
id_array(Datum array, Oid array_type, const IdType *to, Size bytes_per_element,
		 const char *argument, Oid *element)
{
	if (array_type == UNKNOWNOID || array_type == TEXTOID || array_type == VARCHAROID)
	{
		/* a literal is read as an array of text, whose elements are then read as ids */
		char	   *literal;

		if (array_type == UNKNOWNOID)
			literal = DatumGetCString(array);
		else
		{
			memory_require((double) toast_raw_datum_size(array),
						   psprintf("argument \"%s\"", argument));
			literal = TextDatumGetCString(array);
		}
		array = OidInputFunctionCall(F_ARRAY_IN, literal, TEXTOID, -1);
		*element = TEXTOID;
	}
	else
	{
		*element = get_base_element_type(array_type);
		if (!OidIsValid(*element))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("argument \"%s\" must be an array, not %s", argument,
							format_type_be(array_type)),
					 errhint("Write ARRAY[...], or ARRAY(SELECT ...) for the rows of a query.")));
	}
	return memory_array(array, id_bytes(to) + bytes_per_element, argument);
}

int
id_array_elements(Datum array, Oid array_type, const IdType *to, const char *argument, Datum **ids)
{
	Oid			element;
	ArrayType  *whole = id_array(array, array_type, to, 0, argument, &element);
	MemoryContext scratch =
		AllocSetContextCreate(CurrentMemoryContext, "rec ids of an array", ALLOCSET_DEFAULT_SIZES);
	ArrayIterator iterator = array_create_iterator(whole, 0, NULL);
	Datum		value;
	bool		is_null;
	int			n = 0;

	*ids = palloc_extended(sizeof(Datum) * Max(ArrayGetNItems(ARR_NDIM(whole), ARR_DIMS(whole)), 1),
						   MCXT_ALLOC_HUGE);
	for (int i = 0; array_iterate(iterator, &value, &is_null); i++)
	{
		if (i % 1024 == 0)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(scratch);
		}
		if (!is_null && id_convert_kept(value, element, to, scratch, &(*ids)[n]))
			n++;
	}
	array_free_iterator(iterator);
	MemoryContextDelete(scratch);
	return n;
}

/* ---- dictionaries ---- */

typedef struct IdEntry
{
	Datum		id;
	int32		number;
	uint32		hash;
	char		status;
} IdEntry;

static inline uint32
hash_id(const IdType *type, Datum id)
{
	if (type->is_integer)
	{
		/* the finalizer of MurmurHash3 */
		uint64		h = (uint64) integer_value(id, type->base);

		h = (h ^ (h >> 33)) * UINT64CONST(0xff51afd7ed558ccd);
		h = (h ^ (h >> 33)) * UINT64CONST(0xc4ceb9fe1a85ec53);
		return (uint32) (h ^ (h >> 33));
	}
	return DatumGetUInt32(
		FunctionCall1Coll(unconstify(FmgrInfo *, &type->hash), type->collation, id));
}

static inline bool
ids_equal(const IdType *type, Datum a, Datum b)
{
	if (type->is_integer)
		return integer_value(a, type->base) == integer_value(b, type->base);
	return DatumGetBool(
		FunctionCall2Coll(unconstify(FmgrInfo *, &type->equal), type->collation, a, b));
}

/*
 * The stored hash of an entry, which simplehash reads when a table grows. Growing may move millions
 * of entries, so this is the place to check for interrupts. A table that is left half grown is not
 * used again: its dictionary belongs to a training or loading that failed.
 */
static inline uint32 *
stored_hash(uint32 *hash)
{
	static uint32 calls = 0;

	if (++calls % 65536 == 0)
		CHECK_FOR_INTERRUPTS();
	return hash;
}

#define SH_PREFIX idhash
#define SH_ELEMENT_TYPE IdEntry
#define SH_KEY_TYPE Datum
#define SH_KEY id
#define SH_HASH_KEY(tb, key) hash_id((const IdType *) (tb)->private_data, key)
#define SH_EQUAL(tb, a, b) ids_equal((const IdType *) (tb)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, entry) (*stored_hash(&(entry)->hash))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

IdDictionary *
id_dictionary_create(const IdType *type, MemoryContext context)
{
	IdDictionary *d = MemoryContextAllocZero(context, sizeof(IdDictionary));

	d->type = *type;
	fmgr_info_copy(&d->type.hash, unconstify(FmgrInfo *, &type->hash), context);
	fmgr_info_copy(&d->type.equal, unconstify(FmgrInfo *, &type->equal), context);
	fmgr_info_copy(&d->type.compare, unconstify(FmgrInfo *, &type->compare), context);
	d->context = context;
	d->capacity = 1024;
	d->ids = MemoryContextAlloc(context, sizeof(Datum) * d->capacity);
	if (!d->type.is_integer)
		d->table = idhash_create(context, 1024, &d->type);
	return d;
}

/* ---- integers close together: an array instead of a hash table ---- */

/* The most elements of the array: DIRECT_SIZE, and DIRECT_SIZE_PER_ID more for each id. */
#define DIRECT_SIZE ((int64) 4 * 1024 * 1024)
#define DIRECT_SIZE_PER_ID 8

/* The id's place in the array, or NULL where the id is outside of it. */
static inline int32 *
direct_place(IdDictionary *d, int64 value)
{
	uint64		at = (uint64) value - (uint64) d->direct_first;

	return at < (uint64) d->direct_size ? &d->direct[at] : NULL;
}

/* Replaces the array by a hash table. */
static void
leave_direct(IdDictionary *d)
{
	d->table = idhash_create(d->context, Max(d->n, 1024), &d->type);
	for (int32 i = 0; i < d->n; i++)
	{
		bool		found;

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		idhash_insert(d->table, d->ids[i], &found)->number = i;
	}
	if (d->direct != NULL)
		pfree(d->direct);
	d->direct = NULL;
	d->direct_size = 0;
}

/*
 * Extends the array to an id outside of it, if possible to twice its size. Returns false where the
 * ids are too far apart.
 */
static bool
extend_direct(IdDictionary *d, int64 value)
{
	int64		limit = DIRECT_SIZE + DIRECT_SIZE_PER_ID * (int64) d->n;
	int64		first = d->direct_size == 0 ? value : Min(value, d->direct_first);
	int64		last =
		d->direct_size == 0 ? value : Max(value, d->direct_first + d->direct_size - 1);
	uint64		range = (uint64) last - (uint64) first + 1;
	int64		size;
	int32	   *direct;

	if (range == 0 || range > (uint64) limit)
		return false;
	size = Min(limit, Max((int64) range, Max(1024, 2 * d->direct_size)));
	/* extra elements go to the side that grows, as far as there are such integers */
	if (d->direct_size > 0 && value < d->direct_first)
	{
		int64		extra = size - (int64) range;

		first = first < PG_INT64_MIN + extra ? PG_INT64_MIN : first - extra;
	}
	size = (int64) Min((uint64) size, (uint64) PG_INT64_MAX - (uint64) first);
	if ((uint64) size < range)
		return false;
	direct = MemoryContextAllocExtended(d->context, sizeof(int32) * size,
										MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (d->direct != NULL)
	{
		memcpy(direct + (d->direct_first - first), d->direct, sizeof(int32) * d->direct_size);
		pfree(d->direct);
	}
	d->direct = direct;
	d->direct_first = first;
	d->direct_size = size;
	return true;
}

/*
 * A copy of the value that lives as long as the dictionary. Copies are packed, as there may be
 * millions.
 */
static Datum
keep_id(IdDictionary *d, Datum id)
{
	Size		size;
	char	   *copy;

	if (d->type.by_value)
		return id;
	size = datumGetSize(id, false, d->type.length);
	if (MAXALIGN(size) > d->area_left)
	{
		d->area_left = Max(AREA_BYTES, MAXALIGN(size));
		d->area = MemoryContextAlloc(d->context, d->area_left);
	}
	copy = d->area;
	d->kept += MAXALIGN(size);
	memcpy(copy, DatumGetPointer(id), size);
	d->area += MAXALIGN(size);
	d->area_left -= MAXALIGN(size);
	return PointerGetDatum(copy);
}

/*
 * The id without compression or a short header, so that calls of the type's functions need not copy
 * it.
 */
static inline Datum
plain_id(const IdType *type, Datum id)
{
	if (type->length == -1)
		return PointerGetDatum(PG_DETOAST_DATUM(id));
	return id;
}

/* Gives a new id the next number. */
static int32
append_id(IdDictionary *d, Datum id)
{
	if (d->n >= MAX_IDS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are more than %d different ids", MAX_IDS)));
	if (d->n == d->capacity)
	{
		d->capacity = d->capacity > MAX_IDS / 2 ? MAX_IDS : d->capacity * 2;
		d->ids = repalloc_huge(d->ids, sizeof(Datum) * (Size) d->capacity);
	}
	d->ids[d->n] = id;
	return d->n++;
}

int32
id_dictionary_add(IdDictionary *d, Datum id)
{
	bool		found;
	IdEntry    *entry;

	if (d->table == NULL)
	{
		int64		value = integer_value(id, d->type.base);
		int32	   *place = direct_place(d, value);

		if (place == NULL && extend_direct(d, value))
			place = direct_place(d, value);
		if (place != NULL)
		{
			if (*place == 0)
				*place = append_id(d, id) + 1;
			return *place - 1;
		}
		leave_direct(d);
	}

	id = plain_id(&d->type, id);
	entry = idhash_insert(d->table, id, &found);
	if (!found)
	{
		entry->id = keep_id(d, id);
		entry->number = append_id(d, entry->id);
	}
	return entry->number;
}

int32
id_dictionary_find(IdDictionary *d, Datum id)
{
	IdEntry    *entry;

	if (d->table == NULL)
	{
		int32	   *place = direct_place(d, integer_value(id, d->type.base));

		return place == NULL ? -1 : *place - 1;
	}
	entry = idhash_lookup(d->table, plain_id(&d->type, id));
	return entry == NULL ? -1 : entry->number;
}

typedef struct SortedId
{
	Datum		id;
	int32		number;
} SortedId;

static int
compare_ids(const void *a, const void *b, void *arg)
{
	IdDictionary *d = arg;
	Datum		x = ((const SortedId *) a)->id;
	Datum		y = ((const SortedId *) b)->id;

	CHECK_FOR_INTERRUPTS();
	if (d->type.is_integer)
	{
		int64		v = integer_value(x, d->type.base);
		int64		w = integer_value(y, d->type.base);

		return (v > w) - (v < w);
	}
	return DatumGetInt32(FunctionCall2Coll(&d->type.compare, d->type.collation, x, y));
}

/* The array is already in sort order. */
static void
sort_direct(IdDictionary *d, int32 *new_number)
{
	Datum	   *sorted = MemoryContextAllocHuge(d->context, sizeof(Datum) * (Size) d->capacity);
	int32		n = 0;

	for (int64 at = 0; at < d->direct_size; at++)
	{
		if (at % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (d->direct[at] == 0)
			continue;
		sorted[n] = d->ids[d->direct[at] - 1];
		new_number[d->direct[at] - 1] = n++;
		d->direct[at] = n;
	}
	pfree(d->ids);
	d->ids = sorted;
}

int32 *
id_dictionary_sort(IdDictionary *d)
{
	int32	   *new_number =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int32) * (Size) Max(d->n, 1));
	SortedId   *sorted;
	idhash_iterator iterator;
	IdEntry    *entry;

	if (d->table == NULL)
	{
		sort_direct(d, new_number);
		return new_number;
	}
	sorted = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(SortedId) * (Size) Max(d->n, 1));
	for (int32 i = 0; i < d->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		sorted[i].id = d->ids[i];
		sorted[i].number = i;
	}
	qsort_arg(sorted, d->n, sizeof(SortedId), compare_ids, d);
	for (int32 i = 0; i < d->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		new_number[sorted[i].number] = i;
		d->ids[i] = sorted[i].id;
	}
	idhash_start_iterate(d->table, &iterator);
	while ((entry = idhash_iterate(d->table, &iterator)) != NULL)
	{
		entry->number = new_number[entry->number];
		if (entry->number % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
	}
	pfree(sorted);
	return new_number;
}

Size
id_dictionary_bytes(const IdDictionary *d)
{
	return sizeof(Datum) * (Size) d->capacity + d->kept +
		   (d->table == NULL ? sizeof(int32) * (Size) d->direct_size
							 : sizeof(IdEntry) * (Size) d->table->size);
}

/* ---- id blocks ---- */

typedef struct IdSlot
{
	uint32		hash;
	int32		number;			/* -1: empty */
} IdSlot;

/* Slots of the hash table for n ids: at least a third of them stay empty, half on average. */
static int64
hash_slots(int32 n)
{
	int64		slots = 16;

	while (slots < (int64) n + n / 2)
		slots *= 2;
	return slots;
}

static IdBlock
lay_out_block(const IdDictionary *d)
{
	IdBlock		block = {.n = d->n, .is_direct = d->table == NULL};

	if (!block.is_direct)
		block.n_slots = hash_slots(d->n);
	else if (d->n > 0)
	{
		block.first = integer_value(d->ids[0], d->type.base);
		block.n_slots = integer_value(d->ids[d->n - 1], d->type.base) - block.first + 1;
	}
	block.slots = MAXALIGN(sizeof(IdBlock));
	block.ids =
		block.slots + MAXALIGN((block.is_direct ? sizeof(int32) : sizeof(IdSlot)) * block.n_slots);
	return block;
}

Size
id_block_bytes(const IdDictionary *d)
{
	IdBlock		block = lay_out_block(d);
	Size		bytes = block.ids + sizeof(Datum) * (Size) d->n;

	for (int32 i = 0; i < d->n && !d->type.by_value; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		bytes += MAXALIGN(datumGetSize(d->ids[i], false, d->type.length));
	}
	return bytes;
}

/* Slots that are initialized between two checks for interrupts. */
#define SLOTS_AT_ONCE 262144

static void
fill_slots(IdBlock *block, IdDictionary *d)
{
	int32	   *direct = (int32 *) ((char *) block + block->slots);
	IdSlot	   *slots = (IdSlot *) ((char *) block + block->slots);
	uint64		mask = (uint64) block->n_slots - 1;

	/* the system may provide the memory here, as in memory_clear */
	for (int64 i = 0; i < (int64) block->n_slots; i += SLOTS_AT_ONCE)
	{
		Size		some = Min(SLOTS_AT_ONCE, (int64) block->n_slots - i);

		CHECK_FOR_INTERRUPTS();
		if (block->is_direct)
			memset(direct + i, 0, sizeof(int32) * some);
		else
			memset(slots + i, -1, sizeof(IdSlot) * some);
	}
	for (int32 i = 0; i < d->n; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (block->is_direct)
			direct[integer_value(d->ids[i], d->type.base) - block->first] = i + 1;
		else
		{
			uint32		hash = hash_id(&d->type, d->ids[i]);
			uint64		at = hash & mask;

			while (slots[at].number >= 0)
				at = (at + 1) & mask;
			slots[at] = (IdSlot) {hash, i};
		}
	}
}

void
id_block_fill(IdBlock *block, IdDictionary *d)
{
	Datum	   *ids;
	Size		end;

	*block = lay_out_block(d);
	fill_slots(block, d);
	ids = (Datum *) ((char *) block + block->ids);
	end = block->ids + sizeof(Datum) * (Size) d->n;
	for (int32 i = 0; i < d->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		ids[i] = d->ids[i];
		if (!d->type.by_value)
		{
			Size		size = datumGetSize(d->ids[i], false, d->type.length);

			memcpy((char *) block + end, DatumGetPointer(d->ids[i]), size);
			ids[i] = (Datum) end;
			end += MAXALIGN(size);
		}
	}
}

bool
id_block_fits(const IdBlock *block, Size bytes, int64 n)
{
	Size		slot = block->is_direct ? sizeof(int32) : sizeof(IdSlot);

	return bytes >= sizeof(IdBlock) && block->n == n && block->n_slots >= 0 &&
		   (block->is_direct ||
			(block->n_slots > n && (block->n_slots & (block->n_slots - 1)) == 0)) &&
		   block->slots >= sizeof(IdBlock) &&
		   (double) block->slots + (double) slot * block->n_slots <= (double) block->ids &&
		   (double) block->ids + sizeof(Datum) * (double) n <= (double) bytes;
}

Datum
id_list_get(const IdList *list, int32 number)
{
	const IdBlock *block = list->block;
	Datum		id = ((const Datum *) ((const char *) block + block->ids))[number];

	Assert(number >= 0 && number < block->n);
	return list->type.by_value ? id : PointerGetDatum((const char *) block + id);
}

IdList
id_list_create(IdDictionary *dictionary)
{
	IdBlock    *block = palloc_extended(id_block_bytes(dictionary), MCXT_ALLOC_HUGE);

	id_block_fill(block, dictionary);
	return (IdList) {dictionary->type, block};
}

int32
id_list_find(IdList *list, Datum id)
{
	const IdBlock *block = list->block;
	const IdSlot *slots = (const IdSlot *) ((const char *) block + block->slots);
	uint64		mask = (uint64) block->n_slots - 1;
	uint32		hash;

	if (block->is_direct)
	{
		uint64		at = (uint64) integer_value(id, list->type.base) - (uint64) block->first;

		return at < (uint64) block->n_slots ? ((const int32 *) slots)[at] - 1 : -1;
	}
	id = plain_id(&list->type, id);
	hash = hash_id(&list->type, id);
	for (uint64 at = hash & mask; slots[at].number >= 0; at = (at + 1) & mask)
	{
		if (slots[at].hash == hash &&
			ids_equal(&list->type, id_list_get(list, slots[at].number), id))
			return slots[at].number;
	}
	return -1;
}
