/*
 * identifier.h
 *	  Ids of users and items: values of any type that can be hashed and sorted.
 */
#ifndef REC_IDENTIFIER_H
#define REC_IDENTIFIER_H

#include "fmgr.h"
#include "utils/array.h"

/* What is needed of a type to use its values as ids. */
typedef struct IdType
{
	Oid			type;
	Oid			base;			/* the type itself, or the base type of a domain */
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

/*
 * Raises an error where the type cannot be hashed and sorted; what names the column in the message.
 */
extern void id_type_init(IdType *id_type, Oid type, int32 typmod, Oid collation, const char *what,
						 MemoryContext context);

/* Whether a type is numeric, or a domain over a numeric type. */
extern bool id_is_number(Oid type);

/* Text of a value, for messages. */
extern char *id_to_text(const IdType *id_type, Datum id);

/* Converts a value of type `from` to the id type, or raises an error. */
extern Datum id_convert(Datum value, Oid from, const IdType *to);

/*
 * Converts a value, in the current memory context; memory that is needed only for the conversion is
 * left in scratch. Returns false where no id of the type equals the value, for example because a
 * number is out of range. Raises an error only where the value cannot be read as an id at all.
 */
extern bool id_convert_kept(Datum value, Oid from, const IdType *to, MemoryContext scratch,
							Datum *id);

/*
 * Whether values of type `from` become values of type `to` without being read as text, so that no
 * conversion fails.
 */
extern bool id_converts_plainly(Oid from, Oid to);

/* Converts an integer id; returns false where the type has no room for it. */
extern bool id_narrow(Datum id, const IdType *from, const IdType *to, Datum *narrow);

/* The declaration of a column for ids of the type in SQL, with its collation. */
extern char *id_type_declaration(const IdType *type);

/* Approximate bytes of a converted id in memory. */
extern Size id_bytes(const IdType *type);

/* Converts a model's id to a value of another type, or raises an error. */
extern Datum id_return(Datum id, const IdType *from, Oid to);

/*
 * The argument of a function that lists ids: an array of any type, or the literal of an array,
 * untyped or as text. Sets the type of the elements. bytes_per_element: what each element takes in
 * memory beside its id.
 */
extern ArrayType *id_array(Datum array, Oid array_type, const IdType *to, Size bytes_per_element,
						   const char *argument, Oid *element);

/*
 * The elements of such an argument as ids, without NULLs and elements that equal no id of the type.
 * Returns how many.
 */
extern int id_array_elements(Datum array, Oid array_type, const IdType *to, const char *argument,
							 Datum **ids);

/* Ids, and their dense numbers 0, 1, 2, ... */
typedef struct IdDictionary
{
	IdType		type;
	MemoryContext context;
	int32		n;
	int32		capacity;
	Datum	   *ids;			/* by number */
	struct idhash_hash *table;	/* NULL while integers are looked up in direct */
	/* by id - direct_first: number + 1, or 0 where there is no such id */
	int32	   *direct;
	int64		direct_first;
	int64		direct_size;
	char	   *area;			/* memory for copies of ids that are passed by reference */
	Size		area_left;
	Size		kept;			/* bytes of these copies */
} IdDictionary;

extern IdDictionary *id_dictionary_create(const IdType *type, MemoryContext context);

/* The number of an id; a new id gets the next number. */
extern int32 id_dictionary_add(IdDictionary *dictionary, Datum id);

/* The number of an id, or -1. */
extern int32 id_dictionary_find(IdDictionary *dictionary, Datum id);

/*
 * Renumbers the ids in the type's sort order. Returns the new number of each old one, in the
 * current memory context.
 */
extern int32 *id_dictionary_sort(IdDictionary *dictionary);

/* Approximate bytes of the dictionary. */
extern Size id_dictionary_bytes(const IdDictionary *dictionary);

/*
 * The ids of a sorted dictionary in one block of memory without pointers, which processes may map
 * at different addresses; aligned to 8 bytes.
 */
typedef struct IdBlock
{
	int32		n;
	bool		is_direct;		/* slots are int32, by id - first: number + 1, or 0 */
	int64		first;
	/* otherwise slots are those of a hash table, and their number is a power of two */
	int64		n_slots;
	Size		slots;			/* offset of the slots */
	Size		ids;			/* offset of the ids: values, or offsets of values in the block */
} IdBlock;

/* Bytes of the id block of a dictionary. */
extern Size id_block_bytes(const IdDictionary *dictionary);

extern void id_block_fill(IdBlock *block, IdDictionary *dictionary);

/* Whether a block of n ids that another process has filled lies within the given bytes. */
extern bool id_block_fits(const IdBlock *block, Size bytes, int64 n);

/* An id block with its type. */
typedef struct IdList
{
	IdType		type;
	const IdBlock *block;
} IdList;

/* Makes a list of the ids of a sorted dictionary, in the current memory context. */
extern IdList id_list_create(IdDictionary *dictionary);

/* The number of an id, or -1. */
extern int32 id_list_find(IdList *list, Datum id);

/* The id of a number. If it is passed by reference, it points into the block. */
extern Datum id_list_get(const IdList *list, int32 number);

#endif							/* REC_IDENTIFIER_H */
