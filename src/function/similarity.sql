-- Similarity: cosine and Pearson's correlation, of two arrays and as aggregates.

-- ---- two arrays

CREATE FUNCTION rec.cosine(x real[], y real[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cosine_arrays';

COMMENT ON FUNCTION rec.cosine(real[], real[]) IS
	'Cosine of the angle between two vectors, the sum of x*y over sqrt(sum of x*x * sum of y*y): from -1 to 1. Every element counts, zeros too: to compare '
	'two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector of zeros only. Otherwise NaN '
	'where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate to the last place or two '
	'for numbers of any size';

CREATE FUNCTION rec.pearson(x real[], y real[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_pearson_arrays';

COMMENT ON FUNCTION rec.pearson(real[], real[]) IS
	'Pearson''s correlation of two vectors, the cosine of their deviations from their means: from -1 to 1. Every element counts, for the means too: to '
	'compare two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector whose elements are all '
	'equal. Otherwise NaN where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate for '
	'numbers of any size and offset: large means do not cancel';

CREATE FUNCTION rec.cosine(x float8[], y float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cosine_arrays';

COMMENT ON FUNCTION rec.cosine(float8[], float8[]) IS
	'Cosine of the angle between two vectors, the sum of x*y over sqrt(sum of x*x * sum of y*y): from -1 to 1. Every element counts, zeros too: to compare '
	'two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector of zeros only. Otherwise NaN '
	'where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate to the last place or two '
	'for numbers of any size';

CREATE FUNCTION rec.pearson(x float8[], y float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_pearson_arrays';

COMMENT ON FUNCTION rec.pearson(float8[], float8[]) IS
	'Pearson''s correlation of two vectors, the cosine of their deviations from their means: from -1 to 1. Every element counts, for the means too: to '
	'compare two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector whose elements are all '
	'equal. Otherwise NaN where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate for '
	'numbers of any size and offset: large means do not cancel';

-- ARRAY[0.1, 0.5] is numeric[] and ARRAY[1, 5] is integer[]. Both convert to real[] and to float8[]
-- alike, so without functions of their own they would need a cast.

CREATE FUNCTION rec.cosine(x numeric[], y numeric[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.cosine(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.cosine(numeric[], numeric[]) IS
	'The same as rec.cosine(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.pearson(x numeric[], y numeric[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.pearson(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.pearson(numeric[], numeric[]) IS
	'The same as rec.pearson(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.cosine(x integer[], y integer[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.cosine(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.cosine(integer[], integer[]) IS
	'The same as rec.cosine(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.pearson(x integer[], y integer[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.pearson(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.pearson(integer[], integer[]) IS
	'The same as rec.pearson(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.cosine(x bigint[], y bigint[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.cosine(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.cosine(bigint[], bigint[]) IS
	'The same as rec.cosine(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.pearson(x bigint[], y bigint[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.pearson(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.pearson(bigint[], bigint[]) IS
	'The same as rec.pearson(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.cosine(x smallint[], y smallint[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.cosine(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.cosine(smallint[], smallint[]) IS
	'The same as rec.cosine(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.pearson(x smallint[], y smallint[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.pearson(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.pearson(smallint[], smallint[]) IS
	'The same as rec.pearson(float8[], float8[]), after conversion to float8';

-- ---- aggregates

CREATE FUNCTION rec.cosine_accumulate(state internal, x float8, y float8) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cosine_accumulate';

COMMENT ON FUNCTION rec.cosine_accumulate(internal, float8, float8) IS
	'Support function of the aggregate rec.cosine: adds a pair, unless one of its values is null, to the sums about zero';

CREATE FUNCTION rec.pearson_accumulate(state internal, x float8, y float8) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_pearson_accumulate';

COMMENT ON FUNCTION rec.pearson_accumulate(internal, float8, float8) IS
	'Support function of the aggregate rec.pearson: adds a pair, unless one of its values is null, to the sums about the means';

CREATE FUNCTION rec.comoment_combine(state internal, other internal) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_comoment_combine';

COMMENT ON FUNCTION rec.comoment_combine(internal, internal) IS
	'Support function of the aggregates rec.cosine and rec.pearson: joins the sums of two sets of pairs';

CREATE FUNCTION rec.comoment_serialize(state internal) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_comoment_serialize';

COMMENT ON FUNCTION rec.comoment_serialize(internal) IS
	'Support function of the aggregates rec.cosine and rec.pearson: the sums as bytes, to pass them between processes';

CREATE FUNCTION rec.comoment_deserialize(serialized bytea, internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_comoment_deserialize';

COMMENT ON FUNCTION rec.comoment_deserialize(bytea, internal) IS
	'Support function of the aggregates rec.cosine and rec.pearson: the sums back from bytes';

CREATE FUNCTION rec.comoment_coefficient(state internal) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_comoment_coefficient';

COMMENT ON FUNCTION rec.comoment_coefficient(internal) IS
	'Support function of the aggregates rec.cosine and rec.pearson: the coefficient that the sums give';

CREATE AGGREGATE rec.cosine(x float8, y float8) (
	SFUNC = rec.cosine_accumulate,
	STYPE = internal,
	SSPACE = 144,
	FINALFUNC = rec.comoment_coefficient,
	COMBINEFUNC = rec.comoment_combine,
	SERIALFUNC = rec.comoment_serialize,
	DESERIALFUNC = rec.comoment_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.cosine(float8, float8) IS
	'Cosine of the angle between two vectors that are given as rows of pairs: from -1 to 1. A pair with a null is skipped, all others count, zeros too: '
	'which pairs go in, all items or those both users have rated, is for the query to say. NULL where it is undefined: no pair, or one side zero throughout. '
	'Otherwise NaN where a value is NaN or infinite. Accurate to the last place or two for numbers of any size; the order of rows and parallel workers '
	'change no more than that';

CREATE AGGREGATE rec.pearson(x float8, y float8) (
	SFUNC = rec.pearson_accumulate,
	STYPE = internal,
	SSPACE = 144,
	FINALFUNC = rec.comoment_coefficient,
	COMBINEFUNC = rec.comoment_combine,
	SERIALFUNC = rec.comoment_serialize,
	DESERIALFUNC = rec.comoment_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.pearson(float8, float8) IS
	'Pearson''s correlation of pairs, one a row: from -1 to 1, as corr() but accurate for numbers of any size and offset. A pair with a null is skipped, all '
	'others count, for the means too: which pairs go in, all items or those both users have rated, is for the query to say. NULL where it is undefined: no '
	'pair, or one side the same throughout. Otherwise NaN where a value is NaN or infinite. The order of rows and parallel workers change the last places at '
	'most';
