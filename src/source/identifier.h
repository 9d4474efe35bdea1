/*
 * identifier.h
 *	  Ids of users and items: values of any type that can be hashed and sorted.
 */
#ifndef REC_IDENTIFIER_H
#define REC_IDENTIFIER_H

#include "fmgr.h"
#include "utils/array.h"

/* What must be known of a type to use its values as ids. */
typedef struct IdType
{
	Oid			type;
	Oid			base;			/* the same, or what a domain is over */
	int32		typmod;
	Oid			collation;
	int16		length;
	bool		by_value;
	char		align;
	bool		is_integer;		/* base is smallint, int or bigint */
	FmgrInfo	hash;
	FmgrInfo	equal;
	FmgrInfo	compare;
} IdType;

/* Errors out where the type can't be hashed and sorted; what names the column in the message. */
extern void id_type_init(IdType *id_type, Oid type, int32 typmod, Oid collation, const char *what,
						 MemoryContext context);

/* Whether it is a type of numbers, or a domain over one. */
extern bool id_is_number(Oid type);

/* Text of a value, for messages. */
extern char *id_to_text(const IdType *id_type, Datum id);

/* A value of type `from` as one of type `to`, or an error. */
extern Datum id_convert(Datum value, Oid from, const IdType *to);

/*
 * The same, in the current memory context; what it takes to convert is left in scratch. False
 * where no id of the type is equal to the value, as where a number is beyond the type's range; an
 * error only where the value can't be read as one at all.
 */
extern bool id_convert_kept(Datum value, Oid from, const IdType *to, MemoryContext scratch,
							Datum *id);

/* The same of integers; false where the type can't hold it. */
extern bool id_narrow(Datum id, const IdType *from, const IdType *to, Datum *narrow);

/* How a column for ids of the type is declared in SQL, with its collation. */
extern char *id_type_declaration(const IdType *type);

/* Bytes that a converted id takes in memory, about. */
extern Size id_bytes(const IdType *type);

/* A model's id as a value of another type, or an error. */
extern Datum id_return(Datum id, const IdType *from, Oid to);

/*
 * An argument that lists ids: an array of any type, or an array's literal, untyped or as text;
 * and the type of its elements. bytes_per_element: what each takes beside its id.
 */
extern ArrayType *id_array(Datum array, Oid array_type, const IdType *to, Size bytes_per_element,
						   const char *argument, Oid *element);

/*
 * Its elements as ids, but for NULLs and those that no id of the type is equal to. Returns how
 * many.
 */
extern int id_array_elements(Datum array, Oid array_type, const IdType *to, const char *argument,
							 Datum **ids);

/* Ids and the dense numbers 0, 1, 2, ... that stand for them. */
typedef struct IdDictionary
{
	IdType		type;
	MemoryContext context;
	int32		n;
	int32		capacity;
	Datum	   *ids;			/* by number */
	struct idhash_hash *table;	/* NULL while integers are found directly: */
	int32	   *direct;			/* number + 1 of the id first + i, or 0 where there is no such id */
	int64		direct_first;
	int64		direct_size;
	char	   *area;			/* where copies of values by reference go */
	Size		area_left;
} IdDictionary;

extern IdDictionary *id_dictionary_create(const IdType *type, MemoryContext context);

/* The number of an id, a new one if it has none yet. */
extern int32 id_dictionary_add(IdDictionary *dictionary, Datum id);

/* The number of an id, or -1. */
extern int32 id_dictionary_find(IdDictionary *dictionary, Datum id);

/*
 * Renumbers in the type's sort order; returns the new number of each old one, in the current
 * memory context.
 */
extern int32 *id_dictionary_sort(IdDictionary *dictionary);

/* Bytes it takes, about. */
extern Size id_dictionary_bytes(const IdDictionary *dictionary);

/*
 * The ids of a sorted dictionary in one block of memory without pointers, which several processes
 * may have at different addresses; aligned to 8 bytes.
 */
typedef struct IdBlock
{
	int32		n;
	bool		is_direct;		/* slots are int32: number + 1 of the id first + i, or 0 */
	int64		first;
	/* else they are of a hash table, and their number is a power of two */
	int64		n_slots;
	Size		slots;			/* where they begin */
	Size		ids;			/* where the ids begin: values, or where each begins in the block */
} IdBlock;

/* Bytes that the block takes. */
extern Size id_block_bytes(const IdDictionary *dictionary);

extern void id_block_fill(IdBlock *block, IdDictionary *dictionary);

/*
 * Whether the parts of a block of n ids, which another process has filled, lie within so many
 * bytes.
 */
extern bool id_block_fits(const IdBlock *block, Size bytes, int64 n);

/* A block, and how to read it. */
typedef struct IdList
{
	IdType		type;
	const IdBlock *block;
} IdList;

/* The number of an id, or -1. */
extern int32 id_list_find(IdList *list, Datum id);

/* The id of a number. By reference, it points into the block. */
extern Datum id_list_get(const IdList *list, int32 number);

#endif							/* REC_IDENTIFIER_H */
