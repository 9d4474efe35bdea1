/*
 * attributes.h
 *	  The relation of the attributes of the items, or of the users. It has one row for each of them,
 *	  and its columns are the attributes. The contexts of ratings are read and encoded like such a
 *	  relation: it has a row for each different context, and its columns are the columns of the
 *	  source that are the context.
 *
 * The type of a column decides how the column is encoded:
 *
 *	boolean, numbers, dates, times and intervals	a number
 *	integers with a foreign key, or of a context	a category
 *	text, enum, uuid, all else that hashes			a category
 *	arrays of these									a set of categories
 *	tsvector										words
 *	arrays of real and double precision, vectors	an embedding
 *
 * A view can cast a column, so that it is encoded in another way.
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
	bool		is_integer;		/* a number; its values may be codes of categories */
	bool		is_text;		/* a category; its values may be titles */
	bool		is_time;		/* dates, times or intervals, or arrays of them */
} AttributeColumn;

/* The relation. */
typedef struct Attributes
{
	/* attributes of items, of users or, SIDE_CONTEXT_FEATURES, of contexts */
	SideKind	kind;
	Oid			relid;
	char	   *name;			/* qualified and quoted; of contexts, a FROM clause */
	char	   *key_column;
	Oid			key_type;
	bool		of_model;		/* contexts, in which a model is asked */
	int			n_columns;
	AttributeColumn *columns;
	/* names and types of the columns that cannot be encoded; NULL: there are none */
	char	   *left_out;
} Attributes;

/* A category or word that a row has in a column of categories, sets or words. */
typedef struct AttributeEntry
{
	int32		category;		/* its number in the column, in the order of arrival */
	float		times;			/* the number of occurrences of a word; otherwise 1 */
} AttributeEntry;

/* The values of a column. */
typedef struct AttributeValues
{
	double	   *numbers;		/* for a column of numbers: by row; NaN: NULL */
	IdDictionary *categories;	/* for categories, sets and words: their texts */
	int64	   *start;			/* row r has the entries start[r] .. start[r + 1] - 1 */
	AttributeEntry *entries;	/* each category at most once in a row */
	int64		n_entries;
	int64		entry_room;
	int			width;			/* of the embeddings; 0: all rows are NULL so far */
	float	   *embeddings;		/* rows x width; zeros for NULL */
} AttributeValues;

/* The rows of the relation. */
typedef struct AttributeRows
{
	const Attributes *attributes;
	IdDictionary *ids;			/* in the order of the rows */
	AttributeValues *values;	/* of each column */
	MemoryContext context;
} AttributeRows;

/*
 * The relation that a noted relation of a model stands for, or an error. model is InvalidOid if the
 * relation was named in the call.
 */
extern Oid	attributes_relation(SideKind kind, const NotedRelation *noted, Oid model);

/*
 * The key of the relation: the column with the name of the source's item or user column, or else
 * the only column of its primary key; 0: there is none. Takes no lock on the relation.
 */
extern AttrNumber attributes_key(Oid relid, const char *id_column);

/* Opens the relation. */
extern Attributes *attributes_open(SideKind kind, Oid relid, const Source *source,
								   MemoryContext context);

/*
 * The contexts of a source's ratings, as if they were attributes. Only given contexts can be read.
 * The columns have the names they have now. of_model: the contexts are for a model to be asked in;
 * the columns have the names that they were noted with, and NaN and infinity count as NULL.
 */
extern Attributes *contexts_open(const Source *source, bool of_model, MemoryContext context);

/*
 * Reads the rows as the current user, with the active snapshot; `only` NULL: all of them. SPI must
 * be connected. Raises an error if an id has two rows, or a number is NaN or infinite.
 */
extern AttributeRows *attributes_read(const Attributes *attributes, const Source *source,
									  const IdDictionary *only, MemoryContext context);

/*
 * The first text column, in which people look for the name of an item; NULL where there is none.
 */
extern const AttributeColumn *attributes_title(const Attributes *attributes);

/*
 * Reads the titles of some items, as attributes_read() does. By number of the item; NULL for an
 * item without a title. Long ones are cut.
 */
extern char **attributes_titles(const Attributes *attributes, const Source *source,
								IdDictionary *items, MemoryContext context);

/* By row, the number of its id in a dictionary, or -1. */
extern int32 *attributes_numbers(const AttributeRows *rows, IdDictionary *ids,
								 MemoryContext context);

/* A column's name, quoted where it is not plain: the names of its features begin so. */
extern char *feature_column(const char *column);

/* The names of features are text, in the order of its bytes. */
extern void feature_name_type(IdType *type, MemoryContext context);

/* The features that are made of the rows. */
typedef struct EncodedAttributes
{
	const AttributeRows *rows;
	IdDictionary *names;		/* of the features, sorted; NULL for those of a model */
	int64		n_features;
	/* by feature, as in Features */
	int32	   *count;
	int32	   *column;
	int32	   *kind;
	NumberEncoding *encoding;
	/* by column: the feature of each category, or of each place of an embedding; -1: left out */
	int32	  **features;
	int32		intercept;		/* the feature that all rows have, or -1 */
	int64		n_values;		/* number of values of all encoded rows together */
	StringInfoData report;		/* for the notice: how each column is encoded */
	bool		has_few_integers;
} EncodedAttributes;

/*
 * Chooses the features and computes their encodings. numbers: by row, that of the item, user or
 * context, or -1 if the model has no such one. times: by item, user or context, how many times its
 * row counts for this; NULL: each row counts once. Categories and words of fewer than min_count of
 * these rows are left out. needs: of the algorithm.
 */
extern EncodedAttributes *attributes_encode(const AttributeRows *rows, const int32 *numbers,
											int64 n, const int64 *times, int min_count,
											unsigned needs, MemoryContext context);

/*
 * Encodes rows by the features that a model has. Categories that were not there in training say
 * nothing. Of the arrays by feature there is only `encoding`, which is the one given.
 */
extern EncodedAttributes *attributes_encode_known(const AttributeRows *rows, IdList *names,
												  const NumberEncoding *encoding,
												  MemoryContext context);

/* Sets column and kind of the features that the rows may have. */
extern void attributes_describe(const EncodedAttributes *encoded, Features *features);

/* Raises the notice of how each column is encoded. */
extern void attributes_report(const EncodedAttributes *encoded);

/* Bytes that attributes_build takes from the training's memory for n items or users. */
extern double attributes_bytes(const EncodedAttributes *encoded, int64 n);

/* Fills the matrix of items or users x features, which has memory for n_values. */
extern void attributes_fill(const EncodedAttributes *encoded, const int32 *numbers,
							SparseMatrix *m);

/* Makes the features of n items or users, in the training's memory. */
extern void attributes_build(const EncodedAttributes *encoded, const int32 *numbers, int64 n,
							 TrainingMemory *memory, Features *features);

#endif							/* REC_ATTRIBUTES_H */
