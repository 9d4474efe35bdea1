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
-- and restores the database, need not be a superuser. A training acts as the owner of the tables that a row names, so nobody
-- inserts one that names a stranger's.
CREATE FUNCTION rec.check_inserted_model() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_check_inserted_model';

COMMENT ON FUNCTION rec.check_inserted_model() IS
	'Of a trigger of rec.model: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone is left out';

CREATE TRIGGER check_inserted_model BEFORE INSERT ON rec.model FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_model();
ALTER TABLE rec.model ENABLE ALWAYS TRIGGER check_inserted_model;
COMMENT ON TRIGGER check_inserted_model ON rec.model IS
	'Refuses rows that name tables of others than whoever inserts them';

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
	'Creates a model: a table of this name for the items, beside it one named <model>_users, both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: NULL means the column rating if there is one that the caller may read, else every row counts 1. time_column: orders several rows of one user and item. options: see rec.algorithms. Needs CREATE on the schema and SELECT on the source';

-- ---- train

CREATE PROCEDURE rec.train(model regclass)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass) IS
	'Trains a model on its source as it is now, and puts the result in place of the last one in a single commit; until then the old version serves. Blocks no reader and no writer of the source; a second training of the same model waits. Called outside a transaction block, it commits after reading and holds no snapshot while it computes. Only the owner of the model may. Whoever calls it, it reads and writes with the owner''s privileges, who needs SELECT on the source';

-- What a whole source is read with: an aggregate, so that parallel workers may each keep the rows that they scan. It is called by its name, and
-- whoever owns schema rec could put another there that suits the arguments better: in pg_catalog only a superuser can.
CREATE FUNCTION pg_catalog.rec_read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating "any", at "any") RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_read_row_accumulate';

COMMENT ON FUNCTION pg_catalog.rec_read_row_accumulate(bigint, bigint, "any", "any", "any", "any") IS
	'Of extension rec: keeps a row for whoever reads a whole source, and counts; for the aggregate rec_read_row';

CREATE AGGREGATE pg_catalog.rec_read_row(reading bigint, user_id "any", item_id "any", rating "any", at "any") (
	SFUNC = pg_catalog.rec_read_row_accumulate,
	STYPE = bigint,
	INITCOND = '0',
	COMBINEFUNC = pg_catalog.int8pl,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE pg_catalog.rec_read_row(bigint, "any", "any", "any", "any") IS
	'Of extension rec: what rec.train, rec.recommend_all and evaluations read a whole source with; keeps all rows for them, and returns how many there are. An error where none of them calls it';

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
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any") IS
	'The n items that suit a user best, by what the source says of the user now. exclude_seen: without the items that the user has there. candidates: only these items (an array of any type that converts to the item ids); exclude: not these. Items come back in the type of user_id. personal: false where nothing that the user has speaks for the item (a user without known items, or an algorithm that has run out of candidates): such rows come last, ranked by the number of users who have the item, and their score is what rec.predict says. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
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
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
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
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text[], real[], int, bool, "any", "any") IS
	'The same with ids as text';

CREATE FUNCTION rec.predict(model regclass, user_id "any", item_id "any") RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, "any", "any") IS
	'The score of one item for one user, by what the source says of the user now: with explicit feedback a rating, within the range of the ratings unless the option clip is false. An item or a user that the model does not know gets what is known without it. A user''s rows are read once per statement. Needs SELECT on the model and on the source';
-- Everybody's list.

CREATE PROCEDURE rec.recommend_all(model regclass, target text, n int = 10)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_recommend_all';

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int) IS
	'Writes what rec.recommend says of every user who has a row in the source now, n items each without those that the user has there, into a table (user_id, rank, item_id, score, personal), by parallel workers. target: its name, possibly qualified. Where there is no such table it is created, with the primary key (user_id, rank); else its rows are replaced in a single commit, until which readers see the old ones. Called outside a transaction block, it commits after reading and holds no snapshot while it scores, or with workers one for some seconds at a time. Needs SELECT on the model and on the source, and INSERT and DELETE on an existing target, or CREATE on the schema of a new one';
-- Looking for alike.

CREATE FUNCTION rec.similar_items(model regclass, id anyelement, n int = 10)
	RETURNS TABLE (rank int, item_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int) IS
	'The n items most similar to one, in the measure natural to the algorithm. als, svd: the cosine of their factors; with explicit feedback times n / (n + 10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. bpr: the cosine of their factors. item_knn: the similarity that its option names, of the items on the item''s list. user_knn: the cosine of what its users say of them. ease: their partial correlation. slim: what having the item adds to the score of the other. popular: 1 less the difference of their scores, as a share of the largest there is. No rows for an item that the model does not know. Needs SELECT on the model';

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
	'The n users most similar to what the source says of one user now, in the measure natural to the algorithm. als, svd, bpr, user_knn: among the users of the last training, the cosine of their factors (als, svd: with explicit feedback times n / (n + 10), where n is the number of ratings of the other user), or for user_knn the similarity that its option names. The others (item_knn, ease, slim, popular), which keep nothing of users: among the users of the source now, the cosine of their ratings of the items that the model knows, where a missing rating is 0; this reads the whole source at each call. Users without a common item are not similar there. No rows for a user without known items. Needs SELECT on the model, its table of users if there is one, and the source';

CREATE FUNCTION rec.similar_users(model regclass, id text, n int = 10)
	RETURNS TABLE (rank int, user_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, text, int) IS
	'The same with ids as text';
-- Why a model gives a score.

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'Which of the items that the source says the user has speak for an item, the n that do so most: known_item_id in the type of item_id, what the user''s rating is (the weight, with implicit feedback), and what it contributes to the score. All contributions together and the baseline, which is what would be left without them, are the score: what rec.predict gives, before it is brought into the range of the ratings. No rows for a user without known items, and for an item that the model does not know. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", text, int) IS
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
	'Trainings under way in this database, and calls of rec.recommend_all, rec.evaluate, rec.compare (model: the source) and rec.tune, in any session: the phase (waiting for another one, reading, training or scoring, writing), the iteration of at most so many, and the rows (scoring: users) done of about so many in this phase';

CREATE FUNCTION rec.list_shared_models() RETURNS TABLE (model_table regclass, bytes bigint, last_used timestamptz)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 10
	AS 'MODULE_PATHNAME', 'rec_list_shared_models';

COMMENT ON FUNCTION rec.list_shared_models() IS
	'Of the view rec.shared_models: tables that the caller may read';

CREATE VIEW rec.shared_models AS
	SELECT model_table, bytes, last_used
	FROM rec.list_shared_models();

COMMENT ON VIEW rec.shared_models IS
	'The tables of this database''s models that all sessions share in memory, the bytes each takes of rec.cache_size, and when a session last asked it. Empty where rec is not in shared_preload_libraries';

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

CREATE FUNCTION rec.list_metrics() RETURNS TABLE (
	metric text, kind text, formula text, minimum float8, maximum float8, direction text, source text)
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 20
	AS 'MODULE_PATHNAME', 'rec_list_metrics';

COMMENT ON FUNCTION rec.list_metrics() IS
	'Of the view rec.metrics';

CREATE VIEW rec.metrics AS
	SELECT metric, kind, formula, minimum, maximum, direction, source
	FROM rec.list_metrics();

COMMENT ON VIEW rec.metrics IS
	'Every metric: of what kind it is (of ranked lists, of predicted ratings or probabilities, or of lists beyond their accuracy), its formula and range, whether higher or lower is better or neither (beyond accuracy: of equally accurate lists), and where it is from';

GRANT USAGE ON SCHEMA rec TO PUBLIC;
GRANT SELECT ON rec.models, rec.training_log, rec.training_progress, rec.shared_models, rec.algorithms, rec.metrics TO PUBLIC;
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
-- Metrics of anybody's lists and predictions; no model is needed.

-- ---- a list of recommended items, the best first, and the set of relevant ones

CREATE FUNCTION rec.precision(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_precision';

COMMENT ON FUNCTION rec.precision(anycompatiblearray, anycompatiblearray, int) IS
	'Precision at k: the relevant among the first k recommended items, over k: from 0 to 1, though no list has more than (number of relevant items) / k. k: how many items of the list count; NULL: all. Where the list is shorter than k, the division is still by k. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.recall(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_recall';

COMMENT ON FUNCTION rec.recall(anycompatiblearray, anycompatiblearray, int) IS
	'Recall at k: the relevant among the first k recommended items, over min(k, number of relevant items): from 0 to 1, which the best list of k items has whatever k is. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.ndcg(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_ndcg';

COMMENT ON FUNCTION rec.ndcg(anycompatiblearray, anycompatiblearray, int) IS
	'Normalized discounted cumulative gain at k, of binary relevance: the sum over the ranks r of hits of 1 / log2(r + 1), over the same sum where the first min(k, number of relevant items) ranks are hits: from 0 to 1. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.average_precision(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_average_precision';

COMMENT ON FUNCTION rec.average_precision(anycompatiblearray, anycompatiblearray, int) IS
	'Average precision at k: the sum over the ranks r of hits of (hits up to r) / r, over min(k, number of relevant items): from 0 to 1. Its mean over users is MAP. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.reciprocal_rank(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_reciprocal_rank';

COMMENT ON FUNCTION rec.reciprocal_rank(anycompatiblearray, anycompatiblearray, int) IS
	'1 over the rank of the first relevant item, 0 where none is among the first k. Its mean over users is MRR. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.hit_rate(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_hit_rate';

COMMENT ON FUNCTION rec.hit_rate(anycompatiblearray, anycompatiblearray, int) IS
	'1 where a relevant item is among the first k recommended ones, else 0. Its mean over users is the hit rate. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

-- ---- aggregates over pairs of a predicted and an actual value

CREATE FUNCTION rec.squared_error_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_squared_error_accumulate';

COMMENT ON FUNCTION rec.squared_error_accumulate(float8[], float8, float8) IS
	'Support function of the aggregates rec.mse and rec.rmse: adds the squared error of a pair to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.absolute_error_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_absolute_error_accumulate';

COMMENT ON FUNCTION rec.absolute_error_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.mae: adds the absolute error of a pair to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.cross_entropy_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cross_entropy_accumulate';

COMMENT ON FUNCTION rec.cross_entropy_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.cross_entropy: adds the binary cross-entropy of a pair to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.categorical_cross_entropy_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_categorical_cross_entropy_accumulate';

COMMENT ON FUNCTION rec.categorical_cross_entropy_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.categorical_cross_entropy: adds the term of a pair in the categorical cross-entropy to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.loss_combine(state float8[], other float8[]) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_combine';

COMMENT ON FUNCTION rec.loss_combine(float8[], float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: adds two states';

CREATE FUNCTION rec.loss_mean(state float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_mean';

COMMENT ON FUNCTION rec.loss_mean(float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: the mean loss of the pairs, NULL without any';

CREATE FUNCTION rec.loss_root_mean(state float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_root_mean';

COMMENT ON FUNCTION rec.loss_root_mean(float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: the square root of the mean loss of the pairs, NULL without any';

CREATE FUNCTION rec.loss_total(state float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_total';

COMMENT ON FUNCTION rec.loss_total(float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: the sum of the losses of the pairs, NULL without any';

CREATE AGGREGATE rec.rmse(predicted float8, actual float8) (
	SFUNC = rec.squared_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_root_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.rmse(float8, float8) IS
	'Root mean square error: the square root of the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL without a pair. NaN and infinity follow float8: an infinite error gives infinity, and what can''t be computed from finite values is an error (numeric_value_out_of_range) (errors from 1.3e154)';

CREATE AGGREGATE rec.mse(predicted float8, actual float8) (
	SFUNC = rec.squared_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.mse(float8, float8) IS
	'Mean square error: the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL without a pair. NaN and infinity follow float8: an infinite error gives infinity, and what can''t be computed from finite values is an error (numeric_value_out_of_range) (errors from 1.3e154)';

CREATE AGGREGATE rec.mae(predicted float8, actual float8) (
	SFUNC = rec.absolute_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.mae(float8, float8) IS
	'Mean absolute error: the mean of |predicted - actual|. A pair with a NULL is left out; NULL without a pair. NaN and infinity follow float8: an infinite error gives infinity, and what can''t be computed from finite values is an error (numeric_value_out_of_range)';

CREATE AGGREGATE rec.cross_entropy(predicted float8, actual float8) (
	SFUNC = rec.cross_entropy_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.cross_entropy(float8, float8) IS
	'Binary cross-entropy, also called log loss, in nats: the mean over all pairs of -(y ln p + (1 - y) ln(1 - p)), p predicted and y actual, 0 ln 0 being 0. Predicted and actual values are from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value between is a share of positives. Nothing is clipped: a prediction of exactly 0 or 1 that is not the truth makes it infinite; clip your predictions where that is not meant. A pair with a NULL is left out; NULL without a pair. For the sum of -y ln p see rec.categorical_cross_entropy';

CREATE AGGREGATE rec.categorical_cross_entropy(predicted float8, actual float8) (
	SFUNC = rec.categorical_cross_entropy_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_total,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.categorical_cross_entropy(float8, float8) IS
	'Categorical cross-entropy in nats: the sum over all pairs of -y ln p, p predicted and y actual, 0 ln 0 being 0. So only what is positive counts: with labels of 0 and 1 it is the sum over the positives of -ln p, and with one row for each class of one case, whose probabilities add up to 1, the cross-entropy of the two distributions. Predicted and actual values are from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value between is a share of positives. Nothing is clipped: a prediction of exactly 0 for a positive makes it infinite. A pair with a NULL is left out; NULL without a pair. For the mean over positives and negatives see rec.cross_entropy';
-- How good models are.

CREATE FUNCTION rec.evaluate(
	model regclass,
	split text = 'time',
	test_fraction real = 0.2,
	k int = 10,
	folds int = 1,
	seed int = 0,
	min_ratings int = 1,
	relevant_from real = NULL,
	options jsonb = NULL
) RETURNS TABLE (metric text, value float8, low float8, high float8, baseline float8, users bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_evaluate';

COMMENT ON FUNCTION rec.evaluate(regclass, text, real, int, int, int, int, real, jsonb) IS
	'How good the model''s algorithm is with its options (options: others in their place) on its source: trained in memory on one part of the ratings, asked about the other; the model''s tables are left as they are. All items are ranked but those that the user has in the train part, never a sample; ratings of items that were not trained on count as misses.
split: time (the last test_fraction of each user''s ratings, one at least, is the test part), leave_one_out (each user''s last), global_time (what comes after the moment that leaves test_fraction of all ratings), random (each rating with a chance of test_fraction), user (test_fraction of the users, known by 80 % of their ratings and asked about the others; nothing of theirs is trained on), column:NAME (rows of the source for which this boolean column is true). folds: more than 1, for random and user, tests every rating, or user, in one of so many trainings. Users with fewer than min_ratings are not tested. relevant_from: ratings from here on are what lists should hold; NULL: all of the test part. k: the length of lists. The same seed gives the same answer.
value: the metric, by the formulas of rec.metrics; low, high: its 95 % interval by the bootstrap over users, NULL for metrics of all lists together; baseline: the same of lists of what most users have, and for rmse, mae and mse of predictions from damped biases; users: who count. Metrics that are not defined for the algorithm have no row: rmse, mae and mse are for those that predict ratings, cross_entropy for bpr, by the logistic function of its scores. unseen_users: those tested of whom nothing is known; unseen_items and unseen_ratings: tested, and not trained on; tied_ratings: the share of the tested ratings that were drawn by lot among others of the user of the same time, for the splits time and leave_one_out. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.compare(
	source regclass,
	algorithms jsonb,
	metric text = 'ndcg',
	split text = NULL,
	test_fraction real = 0.2,
	k int = 10,
	seed int = 0,
	min_ratings int = 1,
	relevant_from real = NULL,
	user_column name = 'user_id',
	item_column name = 'item_id',
	rating_column name = NULL,
	time_column name = NULL
) RETURNS TABLE (rank int, algorithm text, options jsonb, value float8, low float8, high float8, p_value float8, metrics jsonb,
				 users bigint, iterations int, train_seconds float8, score_seconds float8, model_bytes bigint, error text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_compare';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, real, int, int, int, real, name, name, name, name) IS
	'Several algorithms on one split of a source, the best by the metric first. algorithms: a JSON array of names, or of objects with the name as "algorithm" and options as other keys. split as for rec.evaluate; NULL: time where there is a time_column, else random. value, low, high: the metric and its 95 % interval; p_value: how probable so large a difference from the best is if both are equally good, by the randomization test over users of the difference between the values; metrics: all of them; model_bytes: of the numbers of the model; error: why a candidate failed, which then comes last and has no value. Needs SELECT on the source; the other arguments are those of rec.evaluate and rec.create_model';

CREATE FUNCTION rec.tune(
	model regclass,
	grid jsonb,
	metric text = 'ndcg',
	method text = 'grid',
	budget interval = NULL,
	apply bool = false,
	split text = 'time',
	test_fraction real = 0.2,
	k int = 10,
	seed int = 0,
	trials int = 20,
	min_ratings int = 1,
	relevant_from real = NULL
) RETURNS TABLE (rank int, options jsonb, value float8, share float8, test float8, low float8, high float8, iterations int, train_seconds float8, error text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_tune';

COMMENT ON FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, real, int, int, int, int, real) IS
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object, for each option a list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or where it spans a power of ten by magnitude; whole numbers where both ends are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best third of each round on three times as many). The source is read once, and split in three: train, validation (the split of the rest), test. value is the metric of the validation part, by which is chosen, on the share of the users that the combination was tried on; test, low, high: of the best alone, trained on train and validation, the metric of the test part, which nothing was chosen by, and its 95 % interval; error: why a combination failed. Combinations that would train as another one does are left out, with a notice. budget: no other trial begins after so long. apply: writes the best options into the model and trains it with them; needs the model''s owner. Needs SELECT on the model and on the source; the other arguments are those of rec.evaluate';
-- A page to look at.

CREATE FUNCTION rec.report(model regclass) RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000
	AS 'MODULE_PATHNAME', 'rec_report';

COMMENT ON FUNCTION rec.report(regclass) IS
	'One HTML page about a trained model that needs nothing beside itself, no script either: what it is and was trained on, the loss of each iteration, metrics with intervals beside a baseline (rec.evaluate with its defaults, by time where the model has a time column, else at random), how ratings and recommendations are spread over items, a map of the items where they have vectors, all options. Reads the source once, and trains once more for the metrics. Needs SELECT on the model and on the source';
