\echo Use "CREATE EXTENSION rec" to load this file. \quit
-- Defining and training models.

-- ---- what is known of models

CREATE TABLE rec.model (
	model regclass PRIMARY KEY,
	user_table regclass,
	source regclass NOT NULL,
	source_name text NOT NULL,
	algorithm text NOT NULL,
	options jsonb NOT NULL,
	user_column name NOT NULL,
	item_column name NOT NULL,
	rating_column name,
	time_column name,
	version bigint NOT NULL,
	trained_at timestamptz,
	rows bigint,
	users bigint,
	items bigint,
	mean float8,
	minimum float8,
	maximum float8,
	loss float8,
	seconds float8
);

CREATE TABLE rec.iteration (
	model regclass,
	version bigint,
	iteration int,
	loss float8 NOT NULL,
	seconds float8 NOT NULL,
	PRIMARY KEY (model, version, iteration)
);

-- The rows are a dump's, the tables are the extension's. Whoever owns the extension, and so dumps
-- and restores the database, need not be a superuser.
SELECT pg_catalog.pg_extension_config_dump('rec.model', '');
SELECT pg_catalog.pg_extension_config_dump('rec.iteration', '');
GRANT SELECT, INSERT ON rec.model, rec.iteration TO @extowner@;

COMMENT ON SCHEMA rec IS 'recommendations: train on a table of ratings or events, ask in SQL';
COMMENT ON TABLE rec.model IS 'One row per model: what the model''s own tables can''t say. Written by the functions; read it through the view rec.models';
COMMENT ON TABLE rec.iteration IS 'What the last trainings reported. Written by rec.train; read it through the view rec.training_log';

-- ---- define

CREATE FUNCTION rec.create_model(
	model text,
	source regclass,
	algorithm text = 'als',
	options jsonb = '{}',
	user_column name = 'user_id',
	item_column name = 'item_id',
	rating_column name = NULL,
	time_column name = NULL
) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_create_model';

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name) IS
	'Creates a model: a table of this name for the items, beside it one named <model>_users, both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: NULL means the column rating if there is one, else every row counts 1. time_column: orders several rows of one user and item. options: see rec.algorithms. Needs CREATE on the schema and SELECT on the source';

-- ---- train

CREATE PROCEDURE rec.train(model regclass)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass) IS
	'Trains a model on its source as it is now, and puts the result in place of the last one in a single commit; until then the old version serves. Blocks no reader and no writer of the source; a second training of the same model waits. Called outside a transaction block, it commits after reading and holds no snapshot while it computes. Only the owner of the model may, who needs SELECT on the source';

-- ---- drop

CREATE FUNCTION rec.forget_dropped() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_forget_dropped';

COMMENT ON FUNCTION rec.forget_dropped() IS
	'Of the event trigger rec_forget_dropped: forgets a model whose table was dropped, and drops its table of users';

CREATE EVENT TRIGGER rec_forget_dropped ON sql_drop
	WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION', 'DROP TYPE', 'DROP ACCESS METHOD')
	EXECUTE FUNCTION rec.forget_dropped();

COMMENT ON EVENT TRIGGER rec_forget_dropped IS
	'Forgets a recommendation model whose table was dropped';
-- Asking a model.

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id anyelement,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any") IS
	'The n items that suit a user best, by what the source says of the user now. exclude_seen: without the items that the user has there. candidates: only these items (an array of any type that converts to the item ids); exclude: not these. Items come back in the type of user_id. A user without known items gets the model''s non-personal ranking. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, text, int, bool, "any", "any") IS
	'The same with ids as text, for models whose user and item ids are of different types, and for untyped literals';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids anyarray,
	ratings real[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, anyarray, real[], int, bool, "any", "any") IS
	'The n items that suit a profile given by hand best: an anonymous session, a basket. ratings: one for each item; where there is none, the highest of the training data, or a weight of 1 with implicit feedback. The rest as in rec.recommend. Needs SELECT on the model only';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text[],
	ratings real[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text[], real[], int, bool, "any", "any") IS
	'The same with ids as text';

CREATE FUNCTION rec.predict(model regclass, user_id "any", item_id "any") RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, "any", "any") IS
	'The score of one item for one user, by what the source says of the user now: with explicit feedback a rating, within the range of the ratings. An item or a user that the model does not know gets what is known without it. A user''s rows are read once per statement. Needs SELECT on the model and on the source';
-- Looking for alike.

CREATE FUNCTION rec.similar_items(model regclass, id anyelement, n int = 10)
	RETURNS TABLE (rank int, item_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int) IS
	'The n items most similar to one, in the measure natural to the algorithm. For als: the cosine of their factors; with explicit feedback times n / (n + 10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. No rows for an item that the model does not know. Needs SELECT on the model';

CREATE FUNCTION rec.similar_items(model regclass, id text, n int = 10)
	RETURNS TABLE (rank int, item_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, text, int) IS
	'The same with ids as text';

CREATE FUNCTION rec.similar_users(model regclass, id anyelement, n int = 10)
	RETURNS TABLE (rank int, user_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, anyelement, int) IS
	'The n users of the last training most similar to what the source says of one user now, in the measure natural to the algorithm, as in rec.similar_items. No rows for a user without known items. Needs SELECT on the model, its table of users, and the source';

CREATE FUNCTION rec.similar_users(model regclass, id text, n int = 10)
	RETURNS TABLE (rank int, user_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, text, int) IS
	'The same with ids as text';
-- What there is, and what is going on. Each view shows the models that the caller may read.

CREATE VIEW rec.models WITH (security_barrier) AS
	SELECT model, source, algorithm, options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce(pg_catalog.pg_total_relation_size(user_table), 0) AS bytes
	FROM rec.model
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model: its source, algorithm, options with all defaults filled in; how often it was trained (version), when, on how many rows (several of one user and item count once), users and items; the loss it reached, the seconds the training took, and the bytes of its tables on disk';

CREATE VIEW rec.training_log WITH (security_barrier) AS
	SELECT model, version, iteration, loss, seconds
	FROM rec.iteration
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.training_log IS
	'The loss after each iteration of the last five trainings of each model, and the seconds each iteration took';

CREATE FUNCTION rec.list_trainings() RETURNS TABLE (
	pid int, model regclass, phase text, iteration int, iterations int,
	done bigint, total bigint, workers int, started_at timestamptz)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 1
	AS 'MODULE_PATHNAME', 'rec_list_trainings';

COMMENT ON FUNCTION rec.list_trainings() IS
	'Of the view rec.training_progress: trainings of models that the caller may read';

CREATE VIEW rec.training_progress AS
	SELECT pid, model, phase, iteration, iterations, done, total, workers, started_at
	FROM rec.list_trainings();

COMMENT ON VIEW rec.training_progress IS
	'Trainings under way in this database, in any session: the phase (waiting for another training of the model, reading, training, writing), the iteration of at most so many, and the rows done of about so many in this phase';

CREATE FUNCTION rec.list_algorithms() RETURNS TABLE (
	algorithm text, option text, type text, "default" text, minimum float8, maximum float8, description text)
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 10
	AS 'MODULE_PATHNAME', 'rec_list_algorithms';

COMMENT ON FUNCTION rec.list_algorithms() IS
	'Of the view rec.algorithms';

CREATE VIEW rec.algorithms AS
	SELECT algorithm, option, type, "default", minimum, maximum, description
	FROM rec.list_algorithms();

COMMENT ON VIEW rec.algorithms IS
	'Every option of every algorithm: its type, default and range, and what it means. A default of NULL is decided from the source';

GRANT USAGE ON SCHEMA rec TO PUBLIC;
GRANT SELECT ON rec.models, rec.training_log, rec.training_progress, rec.algorithms TO PUBLIC;
-- Similarity: cosine and Pearson's correlation, of two arrays and as aggregates.

-- ---- two arrays

CREATE FUNCTION rec.cosine(x real[], y real[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cosine_arrays';

COMMENT ON FUNCTION rec.cosine(real[], real[]) IS
	'Cosine of the angle between two vectors, the sum of x*y over sqrt(sum of x*x * sum of y*y): from -1 to 1. Every element counts, zeros too: to compare two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector of zeros only. Otherwise NaN where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate to the last place or two for numbers of any size';

CREATE FUNCTION rec.pearson(x real[], y real[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_pearson_arrays';

COMMENT ON FUNCTION rec.pearson(real[], real[]) IS
	'Pearson''s correlation of two vectors, the cosine of their deviations from their means: from -1 to 1. Every element counts, for the means too: to compare two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector whose elements are all equal. Otherwise NaN where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate for numbers of any size and offset: large means do not cancel';

CREATE FUNCTION rec.cosine(x float8[], y float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cosine_arrays';

COMMENT ON FUNCTION rec.cosine(float8[], float8[]) IS
	'Cosine of the angle between two vectors, the sum of x*y over sqrt(sum of x*x * sum of y*y): from -1 to 1. Every element counts, zeros too: to compare two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector of zeros only. Otherwise NaN where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate to the last place or two for numbers of any size';

CREATE FUNCTION rec.pearson(x float8[], y float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_pearson_arrays';

COMMENT ON FUNCTION rec.pearson(float8[], float8[]) IS
	'Pearson''s correlation of two vectors, the cosine of their deviations from their means: from -1 to 1. Every element counts, for the means too: to compare two users by the items both have rated, pass those ratings alone. NULL where it is undefined: no elements, or a vector whose elements are all equal. Otherwise NaN where an element is NaN or infinite. Arrays of different lengths, of several dimensions or with a null are an error. Accurate for numbers of any size and offset: large means do not cancel';

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

-- ---- aggregates

CREATE FUNCTION rec.cosine_accumulate(state internal, x float8, y float8) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cosine_accumulate';

COMMENT ON FUNCTION rec.cosine_accumulate(internal, float8, float8) IS
	'Support function of the aggregate rec.cosine: takes a pair, unless one of it is null, into the sums about zero';

CREATE FUNCTION rec.pearson_accumulate(state internal, x float8, y float8) RETURNS internal
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_pearson_accumulate';

COMMENT ON FUNCTION rec.pearson_accumulate(internal, float8, float8) IS
	'Support function of the aggregate rec.pearson: takes a pair, unless one of it is null, into the sums about the means';

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
	'Cosine of the angle between two vectors that are given as rows of pairs: from -1 to 1. A pair with a null is skipped, all others count, zeros too: which pairs go in, all items or those both users have rated, is for the query to say. NULL where it is undefined: no pair, or one side zero throughout. Otherwise NaN where a value is NaN or infinite. Accurate to the last place or two for numbers of any size; the order of rows and parallel workers change no more than that';

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
	'Pearson''s correlation of pairs, one a row: from -1 to 1, as corr() but accurate for numbers of any size and offset. A pair with a null is skipped, all others count, for the means too: which pairs go in, all items or those both users have rated, is for the query to say. NULL where it is undefined: no pair, or one side the same throughout. Otherwise NaN where a value is NaN or infinite. The order of rows and parallel workers change the last places at most';
