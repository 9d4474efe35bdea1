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
	'For a trigger on rec.model: a row that is inserted, for example by a restore, is refused unless its tables belong to the user who inserts it. A row of '
	'a table that does not exist is left out, a source that had been dropped where the row was written becomes NULL, and a table of users in a dump of an '
	'older version is moved to rec.model_table';

COMMENT ON TRIGGER check_inserted_model ON rec.model IS
	'Refuses rows with tables of other users';

CREATE FUNCTION rec.check_inserted_table() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_check_inserted_table';

COMMENT ON FUNCTION rec.check_inserted_table() IS
	'For a trigger on rec.model_table: a row that is inserted, for example by a restore, is refused unless its tables belong to the user who inserts it; a '
	'row of a table that does not exist is left out';

CREATE TRIGGER check_inserted_table BEFORE INSERT ON rec.model_table FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_table();

ALTER TABLE rec.model_table ENABLE ALWAYS TRIGGER check_inserted_table;

COMMENT ON TRIGGER check_inserted_table ON rec.model_table IS
	'Refuses rows with tables of other users';

SELECT pg_catalog.pg_extension_config_dump('rec.model_table', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');

GRANT SELECT, INSERT ON rec.model, rec.model_table, rec.iteration TO @extowner@;

COMMENT ON TABLE rec.model IS 'One row per model, with what the model''s own tables cannot hold. Written by the functions; read it through the view rec.models';

COMMENT ON TABLE rec.model_table IS 'The tables that models have beside their own: of users, and of what else an algorithm keeps. Written by the functions';

COMMENT ON TABLE rec.iteration IS 'The reports of the last trainings. Written by rec.train; read it through the view rec.training_log';

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
	'Creates a model: a table of this name for the items, and beside it a table of users named <model>_users (or <model>_users1, ... if that is in use), '
	'both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. '
	'rating_column: NULL means the column rating if there is one that the caller may read, and otherwise that every row counts 1; an empty name means none. '
	'time_column: orders several rows of one user and item. options: see rec.algorithms; if they do not say what feedback is, a rating column makes it '
	'explicit, with a notice. items, users, context_columns, inputs: not supported yet, and refused unless left out. Needs CREATE on the schema and SELECT '
	'on the source';

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
	'Changes what was given when the model was created; NULL leaves it unchanged. source, and names of columns: take effect from the next question on, '
	'without a training; the types of the ids must be the same, or wider integers. rating_column, time_column: an empty name means none. options: these '
	'replace options of the same names; if the algorithm or the feedback changes, or a rating column is added or removed, all others have their defaults. '
	'After a change of the algorithm or of options the model counts as not trained: it answers again after CALL rec.train, which may be in the same '
	'transaction. items, users, context_columns, inputs: not supported yet, and refused unless left out. Only for the owner of the model, who needs SELECT '
	'on the source, and CREATE on the schema if a table of users is created';

COMMENT ON PROCEDURE rec.train(regclass, bool) IS
	'Trains a model on the present rows of its source, and replaces the last result in a single commit; until then the old version serves. Blocks no reader '
	'of the model, and no writer of the source. wait: if true, a second training of the same model waits for the first; if false, it returns with a notice '
	'and does nothing. Called outside a transaction block, it commits after reading and before it waits, and holds no snapshot while it waits or computes. '
	'Only for the owner of the model. Whoever calls it, it reads and writes with the privileges of the owner, who needs SELECT on the source';

COMMENT ON FUNCTION pg_catalog.rec_read_row_accumulate(bigint, bigint, "any", "any", "any", "any") IS
	'Of extension rec: keeps a row for a function that reads a whole source, and counts it; for the aggregate rec_read_row';

COMMENT ON AGGREGATE pg_catalog.rec_read_row(bigint, "any", "any", "any", "any") IS
	'Of extension rec: used by rec.train, rec.recommend_all and evaluations to read a whole source with parallel workers. Keeps all rows for them, and '
	'returns the number of rows. Raises an error if called by anything else';

COMMENT ON FUNCTION rec.forget_dropped() IS
	'For the event trigger rec_forget_dropped: removes the rows of a model whose table was dropped, and drops its table of users';

COMMENT ON EVENT TRIGGER rec_forget_dropped IS
	'Removes the rows of a recommendation model whose table was dropped';

COMMENT ON FUNCTION rec.follow_altered() IS
	'For the event trigger rec_follow_altered: if a model''s table was renamed, moved to another schema or given another owner, does the same to its table '
	'of users';

COMMENT ON EVENT TRIGGER rec_follow_altered IS
	'Makes the table of users follow a recommendation model that is renamed, moved or given another owner';

CREATE FUNCTION rec.follow_description() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_description';

COMMENT ON FUNCTION rec.follow_description() IS
	'For triggers on tables <model>_model, which describe a model: copies what logical replication writes to the table into rec.model, so that questions '
	'use the version that the tables have. The triggers fire in apply workers only. Because of them, DROP EXTENSION without CASCADE is refused';

CREATE FUNCTION rec.adopt(model regclass, source regclass) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_adopt';

COMMENT ON FUNCTION rec.adopt(regclass, regclass) IS
	'Makes tables that were a model a model again: tables that were copied by pg_dump -t or by logical replication, or that were left by DROP EXTENSION ... '
	'CASCADE. model: the table of items, beside which there must be the table <model>_model and, if the algorithm needs it to answer, <model>_users, of the '
	'same owner. The model answers as before, without a training. source: the relation from which it reads profiles, and on which it is trained, from now '
	'on; its columns have the same names as before. If model is a model already, the contents of <model>_model are read again. Only for the owner of the '
	'table, who needs SELECT on the source';

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
	'The n items that are best for a user, by the rows that the source has of the user now. exclude_seen: leaves out the items that the user has there. '
	'candidates: only these items (an array of any type that converts to that of the item ids, or an array''s literal; ids that no item can have are '
	'ignored); exclude: not these items. Item ids are returned in the type of user_id. personal: false if nothing that the user has speaks for the item '
	'(because the user has no known items, or the algorithm has no further items to rank). Such rows come last, ranked by the number of users who have the '
	'item, where recent ones count more if there is a time column. After them, in the order of their ids, come candidates that are not in the model '
	'(because they did not exist when it was trained). The score of such rows is that of rec.predict. There are n rows if there are that many candidates. '
	'context, diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model and on the source';

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
	'The n items that are best for a profile that is given by hand: an anonymous session, a basket. ratings: one for each item; where there is none, the '
	'highest rating of the training data, or a weight of 1 with implicit feedback. The other arguments are those of rec.recommend. Needs SELECT on the '
	'model only';

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

COMMENT ON FUNCTION rec.predict(regclass, "any", "any") IS
	'The score of one item for one user, by the rows that the source has of the user now: with explicit feedback a rating, clipped to the range of the '
	'ratings unless the option clip is false. For an item or a user that is not in the model, the score is what is expected without it. A user''s rows are '
	'read once per statement. Needs SELECT on the model and on the source';

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
	'Writes the list of rec.recommend for every user who has a row in the source now, n items each, to a table (user_id, rank, item_id, score, personal), '
	'with parallel workers. exclude_seen, candidates, exclude: as in rec.recommend, for all users. users: only these users (an array, as for candidates), '
	'whether they have rows in the source or not; rows of other users stay in the table. target: the name of the table, possibly qualified. If the table '
	'does not exist, it is created with the primary key (user_id, rank). Otherwise its rows are replaced in a single commit, until which readers see the '
	'old ones; this is done with DELETE and INSERT if it has triggers or foreign keys, is partitioned, foreign or a table of Citus, or if users are given. '
	'Called outside a transaction block, it commits after reading and holds no snapshot while it scores, except, with workers, for some seconds at a time. '
	'diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model and on the source, and INSERT and DELETE on '
	'an existing target (and SELECT if users are given), or CREATE on the schema of a new one';

CREATE FUNCTION rec.similar_items(model regclass, id anyelement, n int = 10, candidates "any" = NULL, exclude "any" = NULL)
	RETURNS TABLE (rank int, item_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int, "any", "any") IS
	'The n items most similar to one item, by the measure of the algorithm. als, svd: the cosine of their factors; with explicit feedback times n / (n + '
	'10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. bpr: the cosine of their factors. '
	'item_knn: the similarity that its option names, for the items on the item''s list. user_knn: the cosine of the ratings of their users. ease: their '
	'partial correlation. slim: what having the item adds to the score of the other. popular: 1 minus the difference of their scores, as a share of the '
	'largest difference. No rows for an item that is not in the model. Needs SELECT on the model';

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

COMMENT ON FUNCTION rec.similar_users(regclass, anyelement, int) IS
	'The n users most similar to one user, by the rows that the source has of the user now and the measure of the algorithm. als, svd, bpr, user_knn: among '
	'the users of the last training, the cosine of their factors (als, svd: with explicit feedback times n / (n + 10), where n is the number of ratings of '
	'the other user), or for user_knn the similarity that its option names. The others (item_knn, ease, slim, popular), which have no table of users: among '
	'the present users of the source, the cosine of their ratings of the items in the model, where a missing rating is 0; this reads the whole source at '
	'each call, and users without a common item are not similar. No rows for a user without known items. Needs SELECT on the model, its table of users if '
	'there is one, and the source';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'The reasons for a score: the n items which, by the source, the user has, that contribute most to the score of an item. known_item_id: in the type of '
	'item_id; rating: the user''s rating (the weight, with implicit feedback); contribution: what it adds to the score. All contributions and the baseline, '
	'which is what would remain without them, add up to the score: that of rec.predict, before it is clipped to the range of the ratings. An item that '
	'contributes nothing has no row. feature: NULL, as all reasons are items so far. No rows for a user without known items, for an item that is not in the '
	'model, and for an algorithm whose scores are the same for everybody (popular). Needs SELECT on the model and on the source';

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
	'The reasons for a score, as in rec.explain, for a profile that is given by hand: the items of item_ids that contribute most to the score of the item '
	'item_id. item_ids and ratings: as in rec.recommend_for. Needs SELECT on the model only';

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

COMMENT ON FUNCTION rec.source_meant(regclass, regclass, text, oid) IS
	'For the view rec.models: the relation that is the source of a row of rec.model now, as for questions and trainings; NULL if there is none';

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
	SELECT model, rec.source_meant(model, source, source_name, source_owner) AS source, algorithm,
		options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce((SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relation))::bigint
				FROM rec.model_table t WHERE t.model OPERATOR(pg_catalog.=) m.model), 0) AS bytes,
		decided
	FROM rec.model m
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model. options: with all defaults; options that are left to the source are null before the first training, and then as the training '
	'decided; decided: only these; version: the number of trainings; rows: the rows of the last training (several of one user and item count once); loss: '
	'the loss it reached (NULL if the algorithm has none); seconds: the duration of the training; bytes: of the model''s tables on disk';

COMMENT ON VIEW rec.training_log IS
	'The loss after each iteration of the last five trainings of each model (NULL if the algorithm has none), and the seconds that each iteration took';

COMMENT ON FUNCTION rec.refuse_write() IS
	'For triggers on the views rec.models and rec.training_log, through which PostgreSQL would let a superuser write: raises an error that says how models '
	'are changed';

COMMENT ON FUNCTION rec.list_trainings() IS
	'For the view rec.training_progress: trainings of models that the caller may read';

COMMENT ON VIEW rec.training_progress IS
	'Trainings in progress in this database, and calls of rec.recommend_all, rec.evaluate, rec.compare (model: the source) and rec.tune, in all sessions. '
	'phase: waiting for another one, reading, training or scoring, writing; iteration: the present one, of at most iterations; done: rows (scoring: users) '
	'done in this phase, of about total';

COMMENT ON FUNCTION rec.list_shared_models() IS
	'For the view rec.shared_models: tables that the caller may read';

COMMENT ON VIEW rec.shared_models IS
	'The tables of this database''s models that are in memory shared by all sessions, the bytes of rec.cache_size that each takes, and when a session last '
	'used it. Empty if rec is not in shared_preload_libraries';

COMMENT ON FUNCTION rec.list_algorithms() IS
	'For the view rec.algorithms';

COMMENT ON VIEW rec.algorithms IS
	'Every option of every algorithm: its type, default, range and meaning. A default of NULL is decided from the source';

COMMENT ON FUNCTION rec.list_metrics() IS
	'For the view rec.metrics';

COMMENT ON VIEW rec.metrics IS
	'Every metric: its kind (of ranked lists, of predicted ratings or probabilities, or of lists beyond accuracy), its formula and range, whether a higher '
	'or a lower value is better, or neither (beyond accuracy: for equally accurate lists), and its source';

COMMENT ON FUNCTION rec.cosine_accumulate(internal, float8, float8) IS
	'Support function of the aggregate rec.cosine: adds a pair, unless one of its values is null, to the sums about zero';

COMMENT ON FUNCTION rec.pearson_accumulate(internal, float8, float8) IS
	'Support function of the aggregate rec.pearson: adds a pair, unless one of its values is null, to the sums about the means';

COMMENT ON FUNCTION rec.precision(anycompatiblearray, anycompatiblearray, int) IS
	'Precision at k: the number of relevant items among the first k recommended ones, over k: from 0 to 1, but at most (number of relevant items) / k. k: '
	'the number of items of the list that count; NULL: all. If the list is shorter than k, the division is still by k. A repeated item keeps its rank, but '
	'is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is ignored. Items are '
	'compared with the = operator of their type, under the collation of the call. NULL if an array is NULL, or nothing is relevant; otherwise 0 if the list '
	'is empty. An array of several dimensions, or k below 1, is an error';

COMMENT ON FUNCTION rec.recall(anycompatiblearray, anycompatiblearray, int) IS
	'Recall at k: the number of relevant items among the first k recommended ones, over min(k, number of relevant items): from 0 to 1, so that the best '
	'list of k items has 1 whatever k is. k: the number of items of the list that count; NULL: all. A repeated item keeps its rank, but is a hit only once, '
	'and counts once among the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is ignored. Items are compared with the = '
	'operator of their type, under the collation of the call. NULL if an array is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array '
	'of several dimensions, or k below 1, is an error';

COMMENT ON FUNCTION rec.ndcg(anycompatiblearray, anycompatiblearray, int) IS
	'Normalized discounted cumulative gain at k, of binary relevance: the sum over the ranks r of hits of 1 / log2(r + 1), over the same sum for a list '
	'whose first min(k, number of relevant items) ranks are hits: from 0 to 1. k: the number of items of the list that count; NULL: all. A repeated item '
	'keeps its rank, but is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is '
	'ignored. Items are compared with the = operator of their type, under the collation of the call. NULL if an array is NULL, or nothing is relevant; '
	'otherwise 0 if the list is empty. An array of several dimensions, or k below 1, is an error';

COMMENT ON FUNCTION rec.average_precision(anycompatiblearray, anycompatiblearray, int) IS
	'Average precision at k: the sum over the ranks r of hits of (hits up to r) / r, over min(k, number of relevant items): from 0 to 1. Its mean over '
	'users is MAP. k: the number of items of the list that count; NULL: all. A repeated item keeps its rank, but is a hit only once, and counts once among '
	'the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is ignored. Items are compared with the = operator of their type, '
	'under the collation of the call. NULL if an array is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array of several dimensions, '
	'or k below 1, is an error';

COMMENT ON FUNCTION rec.reciprocal_rank(anycompatiblearray, anycompatiblearray, int) IS
	'1 over the rank of the first relevant item; 0 if there is none among the first k. Its mean over users is MRR. k: the number of items of the list that '
	'count; NULL: all. A repeated item keeps its rank, but is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no '
	'hit; among the relevant items it is ignored. Items are compared with the = operator of their type, under the collation of the call. NULL if an array '
	'is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array of several dimensions, or k below 1, is an error';

COMMENT ON FUNCTION rec.hit_rate(anycompatiblearray, anycompatiblearray, int) IS
	'1 if a relevant item is among the first k recommended ones, otherwise 0. Its mean over users is the hit rate. k: the number of items of the list that '
	'count; NULL: all. A repeated item keeps its rank, but is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no '
	'hit; among the relevant items it is ignored. Items are compared with the = operator of their type, under the collation of the call. NULL if an array '
	'is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array of several dimensions, or k below 1, is an error';

COMMENT ON AGGREGATE rec.rmse(float8, float8) IS
	'Root mean square error: the square root of the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL if there is no pair. NaN and '
	'infinity follow float8: an infinite error gives infinity, and a result that cannot be computed from finite values is an error '
	'(numeric_value_out_of_range) (errors from 1.3e154)';

COMMENT ON AGGREGATE rec.mse(float8, float8) IS
	'Mean square error: the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL if there is no pair. NaN and infinity follow float8: an '
	'infinite error gives infinity, and a result that cannot be computed from finite values is an error (numeric_value_out_of_range) (errors from 1.3e154)';

COMMENT ON AGGREGATE rec.mae(float8, float8) IS
	'Mean absolute error: the mean of |predicted - actual|. A pair with a NULL is left out; NULL if there is no pair. NaN and infinity follow float8: an '
	'infinite error gives infinity, and a result that cannot be computed from finite values is an error (numeric_value_out_of_range)';

COMMENT ON AGGREGATE rec.cross_entropy(float8, float8) IS
	'Binary cross-entropy, also called log loss, in nats: the mean over all pairs of -(y ln p + (1 - y) ln(1 - p)), p predicted and y actual, 0 ln 0 being '
	'0. Predicted and actual values must be from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value in between is a share of '
	'positives. Nothing is clipped: a prediction of exactly 0 or 1 that is wrong makes it infinite; clip the predictions if that is not intended. A pair '
	'with a NULL is left out; NULL if there is no pair. For the sum of -y ln p see rec.categorical_cross_entropy';

COMMENT ON AGGREGATE rec.categorical_cross_entropy(float8, float8) IS
	'Categorical cross-entropy in nats: the sum over all pairs of -y ln p, p predicted and y actual, 0 ln 0 being 0. So only positives count: with labels '
	'of 0 and 1 it is the sum over the positives of -ln p, and with one row for each class of one case, whose probabilities add up to 1, the cross-entropy '
	'of the two distributions. Predicted and actual values must be from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value in '
	'between is a share of positives. Nothing is clipped: a prediction of exactly 0 for a positive makes it infinite. A pair with a NULL is left out; NULL '
	'if there is no pair. For the mean over positives and negatives see rec.cross_entropy';

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
	'Measures how good the model''s algorithm is on its source: trains it in memory on one part of the ratings, and asks it about the other part. The '
	'model''s tables do not change. options: these replace options of the model; if they name another feedback, all others have their defaults. All items '
	'are ranked, never a sample, except those that the user has in the train part; ratings of items that were not trained on count as misses. split: time '
	'(the test part is the last test_fraction of each user''s ratings, at least one), leave_one_out (each user''s last rating), global_time (all ratings '
	'after the moment that leaves test_fraction of all ratings), random (each rating with a probability of test_fraction), user (test_fraction of the '
	'users; their profile is 80 % of their ratings, they are asked about the others, and none of their ratings is trained on), column:NAME (rows of the '
	'source for which this boolean column is true), session (the test_fraction of the sessions that ends last), session:NAME (sessions of the rows for '
	'which this boolean column is true). A session is a user''s events without a pause longer than session_gap (0: all events of the user). Each event of a '
	'tested session after the first is predicted from the events before it in the session, which are the whole profile; no other item is right, and figures '
	'are means over these predictions. folds: if more than 1, for random and user, each rating, or user, is tested in one of this many trainings. Users '
	'with fewer than min_ratings are not tested. relevant_from: ratings from here on are relevant; NULL: the whole test part is. k: the length of lists. '
	'The same seed gives the same answer. exclude_seen: if false, items of the train part, or of the session so far, may be on lists, and events are '
	'divided instead of pairs of a user and an item, so that repeated items are tested. value: the metric, by the formula in rec.metrics; low, high: its 95 '
	'% interval, by the bootstrap over users, NULL for metrics of all lists together; baseline: the metric for lists of the items that most users have, at '
	'whatever time, and, for rmse, mae and mse, for predictions from damped biases; users: the number of users that count. Metrics that are not defined for '
	'the algorithm have no row: rmse, mae and mse are for algorithms that predict ratings, cross_entropy is for bpr, by the logistic function of its '
	'scores. unseen_users: tested users of whom nothing else is known; unseen_items and unseen_ratings: tested, but not trained on; tied_ratings: for the '
	'splits time and leave_one_out the share of tested ratings that were chosen by lot among ratings of the user with the same time, and for sessions the '
	'share of predicted events with the time of another event of their session; sessions, predictions: the numbers tested. diversity, max_per, calibrate, '
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
	'Compares several algorithms on one split of a source, and returns the best by the metric first. algorithms: a JSON array of names, or of objects with '
	'the name as "algorithm" and options as other keys; options: common to all candidates, unless a candidate has its own. split: as for rec.evaluate; '
	'NULL: time if there is a time_column, otherwise random. value, low, high: the metric and its 95 % interval; p_value: the probability of a difference '
	'at least as large from the best candidate if both are equally good, by the randomization test over users; metrics: all metrics; model_bytes: bytes of '
	'the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: in words, how good the lists are for users '
	'or, if the metric is one of predicted ratings, how good these are, beside lists of the items that most users have, or ratings predicted from damped '
	'biases, on the same split. items, users, context_columns, inputs, diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs '
	'SELECT on the source; the other arguments are those of rec.evaluate and rec.create_model';

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
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object with, for each '
	'option, a list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or by magnitude if it spans a power of ten; whole numbers if both '
	'ends are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best '
	'third of each round on three times as many). The source is read once, and divided into three parts: train, validation (the split of the rest), test. '
	'value: the metric of the validation part, which decides, on the share of the users that the combination was tried on; test, low, high: only for the '
	'best, trained on train and validation: the metric of the test part, which played no part in the choice, and its 95 % interval; error: why a '
	'combination failed. Combinations that would train in the same way as another one are left out, with a notice. budget: no trial begins after this time. '
	'apply: writes the best options into the model and trains it with them; if that fails, a warning and the error of the first row say why, and the model '
	'is unchanged; needs ownership of the model. diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model '
	'and on the source; the other arguments are those of rec.evaluate';

COMMENT ON FUNCTION rec.report(regclass) IS
	'One HTML page about a trained model, complete in itself and without scripts: what it is and was trained on, the loss of each iteration, metrics with '
	'intervals beside a baseline (rec.evaluate with its defaults, by time if the model has a time column, otherwise at random), how ratings and '
	'recommendations are distributed over items, a map of the items if they have vectors, all options. Reads the source once, and trains once more for the '
	'metrics. Needs SELECT on the model and on the source';

-- by hand, last

CREATE FUNCTION rec.describe_models() RETURNS void
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_describe_models';
SELECT rec.describe_models();
DROP FUNCTION rec.describe_models();
