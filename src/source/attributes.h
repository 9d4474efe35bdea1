/*
 * attributes.h
 *	  The relation that says what items are like: a row for each, whose columns are features.
 *
 * The type of a column says how it is encoded:
 *
 *	boolean, numbers, dates, times and intervals	a number
 *	integers with a foreign key						a category
 *	text, enum, uuid, all else that hashes			a category
 *	arrays of these									a set of categories
 *	tsvector										words
 *	arrays of real and double precision, vectors	an embedding
 *
 * Whoever wants it otherwise lets a view cast it.
 */
#ifndef REC_ATTRIBUTES_H
#define REC_ATTRIBUTES_H

#include "kernel/features.h"
#include "source/identifier.h"
#include "source/relation.h"
#include "source/source.h"

/* A column of the relation. */
typedef struct AttributeColumn
{
	char	   *name;
	FeatureKind kind;
	char	   *expression;		/* in SQL: a float8, text, text[], tsvector or float8[] */
	bool		is_integer;		/* a number that may be meant for a category */
} AttributeColumn;

/* The relation. */
typedef struct Attributes
{
	Oid			relid;
	char	   *name;			/* qualified and quoted */
	char	   *key_column;
	Oid			key_type;
	int			n_columns;
	AttributeColumn *columns;
	/* columns that no encoding is for, by name and type; NULL: none */
	char	   *left_out;
} Attributes;

/* What a row has in a column of categories, sets or words. */
typedef struct AttributeEntry
{
	int32		category;		/* of the column's, in the order in which they came */
	float		times;			/* how often: 1, but for words */
} AttributeEntry;

/* The values of a column. */
typedef struct AttributeValues
{
	double	   *numbers;		/* of each row, of a column of numbers; NaN: NULL */
	IdDictionary *categories;	/* of categories, sets and words: as text */
	int64	   *start;			/* of each row, and behind the last: */
	AttributeEntry *entries;	/* of row r, entries start[r] .. start[r + 1] - 1, each once */
	int64		n_entries;
	int64		entry_room;
	int			width;			/* of an embedding; 0: not known yet */
	float	   *embeddings;		/* rows x width; NULLs are zero */
} AttributeValues;

/* The rows of the relation. */
typedef struct AttributeRows
{
	const Attributes *attributes;
	IdDictionary *ids;			/* of the items, in the order of the rows */
	AttributeValues *values;	/* of each column */
	MemoryContext context;
} AttributeRows;

/*
 * The relation that is meant by one that a model has noted, or an error. model: InvalidOid where a
 * call names the relation.
 */
extern Oid	attributes_relation(const NotedRelation *noted, Oid model);

/*
 * Opens the relation. Its key is the column that is called as the items' column of the source, or
 * the only column of its primary key.
 */
extern Attributes *attributes_open(Oid relid, const Source *source, MemoryContext context);

/*
 * Reads the rows, with the active snapshot, as the current user; SPI must be connected. Errors out
 * where an item is there twice, and where a number is NaN or infinite.
 */
extern AttributeRows *attributes_read(const Attributes *attributes, const Source *source,
									  MemoryContext context);

/* Of each row the number of its item in a dictionary, or -1. */
extern int32 *attributes_numbers(const AttributeRows *rows, IdDictionary *items,
								 MemoryContext context);

/* The names of features are text, in the order of its bytes. */
extern void feature_name_type(IdType *type, MemoryContext context);

/* The features that are made of the rows. */
typedef struct EncodedAttributes
{
	const AttributeRows *rows;
	IdDictionary *names;		/* of the features, sorted */
	int32	   *count;			/* of each feature: rows that have it */
	int32	   *column;
	int32	   *kind;
	NumberEncoding *encoding;
	/* of each column the feature of each category, or place; -1: left out */
	int32	  **features;
	int64		n_values;		/* of all rows that are encoded, together */
	StringInfoData report;		/* how each column is encoded */
	bool		has_few_integers;
} EncodedAttributes;

/*
 * Decides on the features. items: of each row of the relation the number of its item, or -1 where
 * the model has no such item. trained_on: of each item, whether its row counts in what decides and
 * scales; NULL: all do. min_count: categories and words of fewer of these rows are left out.
 */
extern EncodedAttributes *attributes_encode(const AttributeRows *rows, const int32 *items,
											const bool *trained_on, int min_count,
											MemoryContext context);

/* Says how each column is encoded. */
extern void attributes_report(const EncodedAttributes *encoded);

/* Bytes that attributes_build takes from the training's memory. */
extern double attributes_bytes(const EncodedAttributes *encoded, int64 n_items);

/* Makes the matrix of n_items x features, in the training's memory. */
extern void attributes_build(const EncodedAttributes *encoded, const int32 *items, int64 n_items,
							 TrainingMemory *memory, Features *features);

#endif							/* REC_ATTRIBUTES_H */
