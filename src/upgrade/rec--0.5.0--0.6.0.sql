\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- Functions that are dropped below may be used by views and other objects, which nobody but their owners can make again: these are named before anything
-- is touched.
DO $$
DECLARE
	dependents text;
BEGIN
	WITH RECURSIVE dropped AS (
		SELECT pg_catalog.to_regprocedure(signature)::pg_catalog.oid AS function FROM pg_catalog.unnest(ARRAY[
			'rec.create_model(text, regclass, text, jsonb, name, name, name, name)',
			'rec.alter_model(regclass, regclass, text, jsonb, name, name, name, name)',
			'rec.recommend(regclass, anyelement, int, bool, "any", "any")',
			'rec.recommend(regclass, text, int, bool, "any", "any")',
			'rec.recommend(regclass, smallint, int, bool, "any", "any")',
			'rec.recommend_for(regclass, anyarray, float8[], int, bool, "any", "any")',
			'rec.recommend_for(regclass, text[], float8[], int, bool, "any", "any")',
			'rec.recommend_for(regclass, smallint[], float8[], int, bool, "any", "any")',
			'rec.recommend_for(regclass, varchar[], float8[], int, bool, "any", "any")',
			'rec.recommend_for(regclass, text, float8[], int, bool, "any", "any")',
			'rec.recommend_all(regclass, text, int)',
			'rec.similar_items(regclass, anyelement, int)',
			'rec.similar_items(regclass, text, int)',
			'rec.similar_items(regclass, smallint, int)',
			'rec.explain(regclass, "any", anyelement, int)',
			'rec.explain(regclass, "any", text, int)',
			'rec.explain(regclass, "any", smallint, int)',
			'rec.explain(regclass, text, anyelement, int)',
			'rec.explain(regclass, text, text, int)',
			'rec.explain(regclass, text, smallint, int)',
			'rec.evaluate(regclass, text, float8, int, int, int, int, float8, jsonb)',
			'rec.compare(regclass, jsonb, text, text, float8, int, int, int, float8, name, name, name, name, jsonb)',
			'rec.tune(regclass, jsonb, text, text, interval, bool, text, float8, int, int, int, int, float8)'
		]) signature
	), used (class, object) AS (
		SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid, function FROM dropped
		UNION
		SELECT o.class, o.object
		FROM used u
			JOIN pg_catalog.pg_depend d ON d.refclassid OPERATOR(pg_catalog.=) u.class AND d.refobjid OPERATOR(pg_catalog.=) u.object
			LEFT JOIN pg_catalog.pg_rewrite r ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass
				AND r.oid OPERATOR(pg_catalog.=) d.objid AND r.rulename OPERATOR(pg_catalog.=) '_RETURN'
			-- a view instead of its rule, and with a relation the type of its rows
			CROSS JOIN LATERAL (SELECT CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_catalog.pg_class'::pg_catalog.regclass END, coalesce(r.ev_class, d.objid)
				) o (class, object)
		WHERE d.deptype OPERATOR(pg_catalog.=) 'n' OR
			(d.deptype OPERATOR(pg_catalog.=) 'i' AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass)
	)
	SELECT pg_catalog.string_agg(pg_catalog.pg_describe_object(class, object, 0), E'\n' ORDER BY object) INTO dependents
	FROM used
	WHERE class OPERATOR(pg_catalog.<>) 'pg_catalog.pg_type'::pg_catalog.regclass AND object NOT IN (SELECT function FROM dropped WHERE function IS NOT NULL)
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid OPERATOR(pg_catalog.=) class AND m.objid OPERATOR(pg_catalog.=) object
			AND m.deptype OPERATOR(pg_catalog.=) 'e' AND m.refobjid OPERATOR(pg_catalog.=)
				(SELECT oid FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) 'rec'));
	IF dependents IS NOT NULL THEN
		RAISE dependent_objects_still_exist USING
			MESSAGE = 'extension "rec" cannot be updated while other objects depend on functions that the update replaces',
			DETAIL = dependents,
			HINT = 'Save the definitions of these objects (pg_dump --schema-only, or pg_get_viewdef and its like), drop them, update, and create them again.';
	END IF;
END $$;

-- by hand

ALTER TABLE rec.model ADD COLUMN sessions bigint, ADD COLUMN format int;

CREATE TABLE rec.model_table (
	model regclass,
	side text,
	relation regclass,
	relation_oid oid,
	relation_name text,
	PRIMARY KEY (model, side)
);

INSERT INTO rec.model_table SELECT model, 'users', user_table, user_table_oid, user_table_name FROM rec.model WHERE user_table IS NOT NULL;
UPDATE rec.model SET user_table = NULL, user_table_oid = NULL, user_table_name = NULL WHERE user_table IS NOT NULL;

-- the rest follows from the declarations

DROP FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name);
DROP FUNCTION rec.alter_model(regclass, regclass, text, jsonb, name, name, name, name);
DROP FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any");
DROP FUNCTION rec.recommend(regclass, text, int, bool, "any", "any");
DROP FUNCTION rec.recommend(regclass, smallint, int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, anyarray, float8[], int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, text[], float8[], int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, smallint[], float8[], int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, varchar[], float8[], int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, text, float8[], int, bool, "any", "any");
DROP PROCEDURE rec.recommend_all(regclass, text, int);
DROP FUNCTION rec.similar_items(regclass, anyelement, int);
DROP FUNCTION rec.similar_items(regclass, text, int);
DROP FUNCTION rec.similar_items(regclass, smallint, int);
DROP FUNCTION rec.explain(regclass, "any", anyelement, int);
DROP FUNCTION rec.explain(regclass, "any", text, int);
DROP FUNCTION rec.explain(regclass, "any", smallint, int);
DROP FUNCTION rec.explain(regclass, text, anyelement, int);
DROP FUNCTION rec.explain(regclass, text, text, int);
DROP FUNCTION rec.explain(regclass, text, smallint, int);
DROP FUNCTION rec.evaluate(regclass, text, float8, int, int, int, int, float8, jsonb);
DROP FUNCTION rec.compare(regclass, jsonb, text, text, float8, int, int, int, float8, name, name, name, name, jsonb);
DROP FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, float8, int, int, int, int, float8);

COMMENT ON FUNCTION rec.check_inserted_model() IS
	'Of a trigger of rec.model: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone is '
	'left out, a source that is gone where the row was written is NULL, and a table of users that an older version''s dump names goes to rec.model_table';

CREATE FUNCTION rec.check_inserted_table() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_check_inserted_table';

COMMENT ON FUNCTION rec.check_inserted_table() IS
	'Of a trigger of rec.model_table: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone '
	'is left out';

CREATE TRIGGER check_inserted_table BEFORE INSERT ON rec.model_table FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_table();

ALTER TABLE rec.model_table ENABLE ALWAYS TRIGGER check_inserted_table;

COMMENT ON TRIGGER check_inserted_table ON rec.model_table IS
	'Refuses rows that name tables of others than whoever inserts them';

SELECT pg_catalog.pg_extension_config_dump('rec.model_table', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');

GRANT SELECT, INSERT ON rec.model, rec.model_table, rec.iteration TO @extowner@;

COMMENT ON TABLE rec.model_table IS 'The tables that models have beside their own: of the users, and of what else an algorithm keeps. Written by the functions';

CREATE FUNCTION rec.create_model(
	model text,
	source regclass,
	algorithm text = 'als',
	options jsonb = '{}',
	user_column name = 'user_id',
	item_column name = 'item_id',
	rating_column name = NULL,
	time_column name = NULL,
	items regclass = NULL,
	users regclass = NULL,
	context_columns name[] = '{}',
	inputs regclass[] = '{}'
) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_create_model';

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Creates a model: a table of this name for the items, beside it one of the users named <model>_users (or <model>_users1, ... where that is taken), both '
	'empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: '
	'NULL means the column rating if there is one that the caller may read, else every row counts 1; an empty name means none. time_column: orders several '
	'rows of one user and item. options: see rec.algorithms; where they do not say what feedback is, a rating column makes it explicit, with a notice. items, '
	'users, context_columns, inputs: not supported yet, and refused unless left out. Needs CREATE on the schema and SELECT on the source';

CREATE FUNCTION rec.alter_model(
	model regclass,
	source regclass = NULL,
	algorithm text = NULL,
	options jsonb = NULL,
	user_column name = NULL,
	item_column name = NULL,
	rating_column name = NULL,
	time_column name = NULL,
	items regclass = NULL,
	users regclass = NULL,
	context_columns name[] = NULL,
	inputs regclass[] = NULL
) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_alter_model';

COMMENT ON FUNCTION rec.alter_model(regclass, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Changes what was said when the model was created; NULL leaves it as it is. source, and names of columns: from the next question on, without a '
	'training; the ids'' types must be those of before, or wider integers. rating_column, time_column: an empty name means none. options: in the place of '
	'those of these names; where the algorithm or the feedback changes, or a rating column comes or goes, the others get their defaults. With another '
	'algorithm, or other options, the model has not been trained: it answers again after CALL rec.train, which may be in the same transaction. items, '
	'users, context_columns, inputs: not supported yet, and refused unless left out. Only the owner of the model may, who needs SELECT on the source, and '
	'CREATE on the schema where a table of users is made';

CREATE FUNCTION rec.follow_description() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_description';

COMMENT ON FUNCTION rec.follow_description() IS
	'Of triggers of tables <model>_model, which say what a model is: takes over what logical replication writes to the table, so that the model is asked as '
	'its tables are. They fire in apply workers only. DROP EXTENSION without CASCADE is refused because of them';

CREATE FUNCTION rec.adopt(model regclass, source regclass) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_adopt';

COMMENT ON FUNCTION rec.adopt(regclass, regclass) IS
	'Makes a model of tables that were one: brought by pg_dump -t or by logical replication, or left by DROP EXTENSION ... CASCADE. model: the table of items, '
	'beside which the table <model>_model must be, and <model>_users where the algorithm asks it, of the same owner. It answers as before, without a '
	'training. source: what it reads profiles from, and is trained on, here; its columns are called as they were. Of a model: reads again what <model>_model '
	'says. '
	'Only the owner of the table may, who needs SELECT on the source';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id anyelement,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The n items that suit a user best, by what the source says of the user now. exclude_seen: without the items that the user has there. candidates: only '
	'these items (an array of any type that converts to the item ids, or its literal; an id that no item can have is none); exclude: not these. Items come '
	'back in the type of user_id. personal: false where nothing that the user has speaks for the item (a user without known items, or an algorithm that '
	'has run out of candidates): such rows come last, ranked by the number of users who have the item, of whom the more recent ones count more where there '
	'is a time column, and behind them, in the order of their ids, the candidates that the model does not know (as they were not there when it was '
	'trained); their score is what rec.predict says. There are n rows whenever that many candidates exist. context, diversity, max_per, calibrate: not '
	'supported yet, and refused unless left out. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, text, int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same with ids as text, for models whose user and item ids are of different types, and for untyped literals';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id smallint,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id bigint, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, smallint, int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids anyarray,
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, anyarray, float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The n items that suit a profile given by hand best: an anonymous session, a basket. ratings: one for each item; where there is none, the highest of the '
	'training data, or a weight of 1 with implicit feedback. The rest as in rec.recommend. Needs SELECT on the model only';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text[], float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same with ids as text';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids smallint[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id bigint, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, smallint[], float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same for smallint[], as which some drivers send any small numbers: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids varchar[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, varchar[], float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same with ids as varchar, which come back as text';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text,
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text, float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same for an array''s literal, as which an untyped literal or parameter is taken, with ids as text';

CREATE PROCEDURE rec.recommend_all(
	model regclass,
	target text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	users "any" = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_recommend_all';

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int, bool, "any", "any", "any", float8, jsonb, text) IS
	'Writes what rec.recommend says of every user who has a row in the source now, n items each, into a table (user_id, rank, item_id, score, personal), by '
	'parallel workers. exclude_seen, candidates, exclude: as in rec.recommend, for all users. users: of these alone (an array, as candidates is), whether or '
	'not they have a row in the source; rows of other users stay in the table. target: its name, possibly qualified. Where there is no such table it is '
	'created, with the primary key (user_id, rank); else its rows are replaced in a single commit, until which readers see the old ones; by DELETE and INSERT '
	'where it has triggers or foreign keys, is partitioned, foreign or a table of Citus, or where users are given. Called outside a transaction block, it '
	'commits after reading and holds no snapshot while it scores, or with workers one for some seconds at a time. diversity, max_per, calibrate: not supported '
	'yet, and refused unless left out. Needs SELECT on the model and on the source, and INSERT and DELETE on an existing target (where users are given, SELECT '
	'too), or CREATE on the schema of a new one';

CREATE FUNCTION rec.similar_items(model regclass, id anyelement, n int = 10, candidates "any" = NULL, exclude "any" = NULL)
	RETURNS TABLE (rank int, item_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int, "any", "any") IS
	'The n items most similar to one, in the measure natural to the algorithm. als, svd: the cosine of their factors; with explicit feedback times n / (n + '
	'10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. bpr: the cosine of their factors. item_knn: '
	'the similarity that its option names, of the items on the item''s list. user_knn: the cosine of what its users say of them. ease: their partial '
	'correlation. slim: what having the item adds to the score of the other. popular: 1 less the difference of their scores, as a share of the largest there '
	'is. No rows for an item that the model does not know. Needs SELECT on the model';

CREATE FUNCTION rec.similar_items(model regclass, id text, n int = 10, candidates "any" = NULL, exclude "any" = NULL)
	RETURNS TABLE (rank int, item_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, text, int, "any", "any") IS
	'The same with ids as text';

CREATE FUNCTION rec.similar_items(model regclass, id smallint, n int = 10, candidates "any" = NULL, exclude "any" = NULL)
	RETURNS TABLE (rank int, item_id bigint, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, smallint, int, "any", "any") IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'Which of the items that the source says the user has speak for an item, the n that do so most: known_item_id in the type of item_id, what the user''s '
	'rating is (the weight, with implicit feedback), and what it contributes to the score. All contributions together and the baseline, which is what would '
	'be left without them, are the score: what rec.predict gives, before it is brought into the range of the ratings. What contributes nothing has no row. '
	'feature: NULL, as reasons are items so far. No rows for a user without known items, for an item that the model does not know, and where scores are the '
	'same for whoever asks (popular). Needs SELECT on the model and on the source';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", text, int) IS
	'The same with ids as text';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", smallint, int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, anyelement, int) IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, text, int) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, smallint, int) IS
	'The same with the user id as text and the item id as a smallint';

CREATE FUNCTION rec.explain_for(model regclass, item_ids "any", item_id anyelement, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, "any", anyelement, float8[], int) IS
	'What rec.explain says, of a profile given by hand: which of the items of item_ids speak for the item item_id. item_ids and ratings: as in '
	'rec.recommend_for. Needs SELECT on the model only';

CREATE FUNCTION rec.explain_for(model regclass, item_ids "any", item_id text, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, "any", text, float8[], int) IS
	'The same with ids as text';

CREATE FUNCTION rec.explain_for(model regclass, item_ids "any", item_id smallint, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, "any", smallint, float8[], int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain_for(model regclass, item_ids text, item_id anyelement, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, text, anyelement, float8[], int) IS
	'The same for an array''s literal, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.explain_for(model regclass, item_ids text, item_id text, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, text, text, float8[], int) IS
	'The same with an array''s literal and an id as text, as which untyped literals and parameters are taken';

CREATE FUNCTION rec.explain_for(model regclass, item_ids text, item_id smallint, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, text, smallint, float8[], int) IS
	'The same for an array''s literal and a smallint';

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
	SELECT model, rec.source_meant(model, source, source_name, source_owner) AS source, algorithm,
		options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce((SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relation))::bigint
				FROM rec.model_table t WHERE t.model OPERATOR(pg_catalog.=) m.model), 0) AS bytes,
		decided
	FROM rec.model m
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

CREATE FUNCTION rec.evaluate(
	model regclass,
	split text = 'time',
	test_fraction float8 = 0.2,
	k int = 10,
	folds int = 1,
	seed int = 0,
	min_ratings int = 1,
	relevant_from float8 = NULL,
	options jsonb = NULL,
	exclude_seen bool = true,
	session_gap interval = '30 minutes',
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL,
	group_column name = NULL
) RETURNS TABLE (metric text, value float8, low float8, high float8, baseline float8, users bigint, group_value text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_evaluate';

COMMENT ON FUNCTION rec.evaluate(regclass, text, float8, int, int, int, int, float8, jsonb, bool, interval, float8, jsonb, text, name) IS
	'How good the model''s algorithm is with its options (options: others in their place; where these say other feedback, all others are its defaults) on '
	'its source: trained in memory on one part of the ratings, asked about the other; the model''s tables are left as they are. All items are ranked but '
	'those that the user has in the train part, never a sample; ratings of items that were not trained on count as misses. split: time (the last '
	'test_fraction of each user''s ratings, one at least, is the test part), leave_one_out (each user''s last), global_time (what comes after the moment '
	'that leaves test_fraction of all ratings), random (each rating with a chance of test_fraction), user (test_fraction of the users, known by 80 % of '
	'their ratings and asked about the others; nothing of theirs is trained on), column:NAME (rows of the source for which this boolean column is true), '
	'session (the test_fraction of the sessions that ends last), session:NAME (sessions of the rows for which this boolean column is true). A session is '
	'what a user does without a pause of more than session_gap (0: all that a user does); each event after its first is predicted from those before it in '
	'the session, which are all that is known of the user, and no other item is right; figures are means over these predictions. '
	'folds: more than 1, for random and user, tests every rating, or user, in one of so many trainings. Users with fewer than min_ratings are not tested. '
	'relevant_from: ratings from here on are what lists should hold; NULL: all of the test part. k: the length of lists. The same seed gives the same '
	'answer. exclude_seen: false lets items of the train part, or of the session so far, be on lists again, and divides events, not pairs of a user and an '
	'item, so that an item that comes again is tested. value: the metric, by the formulas of rec.metrics; low, high: its 95 % interval by the bootstrap over '
	'users, NULL for metrics of all lists together; baseline: the same of lists of what most users have, at whatever time, and for rmse, mae and mse of '
	'predictions from damped biases; users: who count. Metrics '
	'that are not defined for the algorithm have no row: rmse, mae and mse are for those that predict ratings, cross_entropy for bpr, by the logistic '
	'function of its scores. unseen_users: those tested of whom nothing is known; unseen_items and unseen_ratings: tested, and not trained on; tied_ratings: '
	'the share of the tested ratings that were drawn by lot among others of the user of the same time, for the splits time and leave_one_out, and of the '
	'predicted events those of the time of another of their session; sessions, predictions: how many were tested. diversity, max_per, calibrate, '
	'group_column: not supported yet, and refused unless left out; group_value is NULL. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.compare(
	source regclass,
	algorithms jsonb,
	metric text = 'ndcg',
	split text = NULL,
	test_fraction float8 = 0.2,
	k int = 10,
	seed int = 0,
	min_ratings int = 1,
	relevant_from float8 = NULL,
	user_column name = 'user_id',
	item_column name = 'item_id',
	rating_column name = NULL,
	time_column name = NULL,
	options jsonb = '{}',
	exclude_seen bool = true,
	session_gap interval = '30 minutes',
	items regclass = NULL,
	users regclass = NULL,
	context_columns name[] = '{}',
	inputs regclass[] = '{}',
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, algorithm text, options jsonb, value float8, low float8, high float8, p_value float8, metrics jsonb,
				 users bigint, iterations int, train_seconds float8, score_seconds float8, model_bytes bigint, error text, verdict text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_compare';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, float8, int, int, int, float8, name, name, name, name, jsonb, bool, interval, regclass,
	regclass, name[], regclass[], float8, jsonb, text) IS
	'Several algorithms on one split of a source, the best by the metric first. algorithms: a JSON array of names, or of objects with the name as '
	'"algorithm" and options as other keys; options: common to all of them, in whose place a candidate''s own are taken. split as for rec.evaluate; NULL: '
	'time where there is a time_column, else random. value, low, high: the metric and its 95 % interval; p_value: how probable so large a difference from '
	'the best is if both are equally good, by the randomization test over users of the difference between the values; metrics: all of them; model_bytes: of '
	'the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: what lists, or where the metric is of '
	'predicted ratings these, are like for users, in words, beside lists of what most users have, or ratings predicted from damped biases, on the same '
	'split. items, users, context_columns, inputs, diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the source; '
	'the other arguments are those of rec.evaluate and rec.create_model';

CREATE FUNCTION rec.tune(
	model regclass,
	grid jsonb,
	metric text = 'ndcg',
	method text = 'grid',
	budget interval = NULL,
	apply bool = false,
	split text = 'time',
	test_fraction float8 = 0.2,
	k int = 10,
	seed int = 0,
	trials int = 20,
	min_ratings int = 1,
	relevant_from float8 = NULL,
	exclude_seen bool = true,
	session_gap interval = '30 minutes',
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, options jsonb, value float8, share float8, test float8, low float8, high float8, iterations int, train_seconds float8, error text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_tune';

COMMENT ON FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, float8, int, int, int, int, float8, bool, interval, float8, jsonb, text) IS
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object, for each option a '
	'list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or where it spans a power of ten by magnitude; whole numbers where both ends '
	'are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best third of '
	'each round on three times as many). The source is read once, and split in three: train, validation (the split of the rest), test. value is the metric '
	'of the validation part, by which is chosen, on the share of the users that the combination was tried on; test, low, high: of the best alone, trained on '
	'train and validation, the metric of the test part, which nothing was chosen by, and its 95 % interval; error: why a combination failed. Combinations '
	'that would train as another one does are left out, with a notice. budget: no other trial begins after so long. apply: writes the best options into the '
	'model and trains it with them; where that fails a warning and the error of the first row say why, and the model is as it was; needs the model''s owner. '
	'diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model and on the source; the other arguments are '
	'those of rec.evaluate';

-- by hand, last

CREATE FUNCTION rec.describe_models() RETURNS void
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_describe_models';
SELECT rec.describe_models();
DROP FUNCTION rec.describe_models();
