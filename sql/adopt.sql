-- What a model is, is said beside it: so its tables become a model again where the extension knows nothing of them.

CREATE SCHEMA adopt;
SET search_path = adopt;
\set SHOW_CONTEXT never
SET client_min_messages = warning;	-- of what CASCADE drops

CREATE TABLE ratings (user_id int, item_id int, rating real, at timestamptz, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * i + u) % 5, '2026-01-01'::timestamptz + (u * 7 + i * 5) % 31 * interval '1 day'
  FROM generate_series(1, 20) u, generate_series(1, 12) i WHERE (3 * u + 5 * i) % 7 < 4;
CREATE TABLE attributes AS SELECT i AS item_id, i % 2 AS odd, chr(97 + i % 3) AS kind FROM generate_series(1, 14) i;
CREATE TABLE people AS SELECT i AS user_id, i % 5 AS age, chr(97 + i % 3) AS kind FROM generate_series(0, 100) i;
CREATE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;

-- ---- a model of every algorithm and kind of feedback that has one, after the extension was dropped

CREATE PROCEDURE new_models() LANGUAGE plpgsql AS $$
DECLARE
	name text;
	kind text;
BEGIN
	FOR name, kind IN SELECT DISTINCT algorithm, f FROM rec.algorithms, unnest('{explicit,implicit}'::text[]) f LOOP
		PERFORM rec.create_model('m_' || name || '_' || kind, 'ratings', name, jsonb_build_object('feedback', kind), time_column => 'at',
			items => (SELECT 'attributes'::regclass FROM rec.algorithms a WHERE a.algorithm = name AND option = 'min_count'),
			users => CASE WHEN name = 'als' THEN 'people'::regclass END);
		EXECUTE format('CALL rec.train(%L)', 'm_' || name || '_' || kind);
	END LOOP;
END $$;
CALL new_models();
CREATE TABLE answers AS
SELECT m.model::text, u, r.* FROM rec.models m, generate_series(0, 20, 4) u, LATERAL rec.recommend(m.model, u, n => 4) r;
CREATE TABLE models AS
SELECT model::text, source::text, algorithm, options, version, trained_at, rows, users, items, loss, seconds, decided FROM rec.models;
SELECT count(*) = 2 * (SELECT count(DISTINCT algorithm) FROM rec.algorithms) AS all_of_them FROM models;

DROP EXTENSION rec CASCADE;
CREATE EXTENSION rec;
SELECT count(*) FROM rec.models;
SELECT count(*) = count(rec.adopt(model::regclass, 'ratings')) AS adopted FROM models;
SELECT count(*) AS differences FROM ((TABLE answers EXCEPT
	SELECT m.model::text, u, r.* FROM rec.models m, generate_series(0, 20, 4) u, LATERAL rec.recommend(m.model, u, n => 4) r) UNION ALL
	(SELECT m.model::text, u, r.* FROM rec.models m, generate_series(0, 20, 4) u, LATERAL rec.recommend(m.model, u, n => 4) r EXCEPT TABLE answers)) d;
SELECT count(*) AS differences FROM ((TABLE models EXCEPT
	SELECT model::text, source::text, algorithm, options, version, trained_at, rows, users, items, loss, seconds, decided FROM rec.models) UNION ALL
	(SELECT model::text, source::text, algorithm, options, version, trained_at, rows, users, items, loss, seconds, decided FROM rec.models
	EXCEPT TABLE models)) d;
-- they are models like any other: trained, renamed and dropped with their tables
ALTER TABLE m_als_explicit RENAME TO movies;
CALL rec.train('movies');
SELECT version FROM rec.models WHERE model = 'movies'::regclass;
SELECT version, algorithm, source_name, format FROM movies_model;
DROP TABLE movies;
SELECT to_regclass('movies_model') AS model, to_regclass('movies_users') AS users;
-- again is no harm
SELECT rec.adopt('m_svd_explicit', 'ratings');
SELECT count(*) FROM rec.models WHERE model = 'm_svd_explicit'::regclass;
DO $$
DECLARE
	name text;
BEGIN
	FOR name IN SELECT model FROM models WHERE to_regclass(model) IS NOT NULL LOOP
		EXECUTE format('DROP TABLE %s', name);
	END LOOP;
END $$;
SELECT count(*) AS models, (SELECT count(*) FROM rec.model_table) AS tables FROM rec.model;
SELECT relname FROM pg_class WHERE relnamespace = 'adopt'::regnamespace AND relkind = 'r' ORDER BY 1;

-- ---- what does not fit

SELECT rec.create_model('knn', 'ratings', 'user_knn');
SELECT rec.create_model('als', 'ratings', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('knn');
CALL rec.train('als');
CREATE TABLE of_text AS SELECT user_id, item_id::text, rating, at FROM ratings;
CREATE TABLE of_others AS SELECT user_id AS who, item_id AS what, rating FROM ratings;
CREATE TABLE als_answers AS SELECT u, r.* FROM generate_series(0, 20, 4) u, LATERAL rec.recommend('als', u, n => 4) r;
CREATE TABLE plain ();
CREATE TABLE alone (item_id int, n_ratings int);
CREATE VIEW a_view AS TABLE plain;
DROP EXTENSION rec CASCADE;
CREATE EXTENSION rec;

-- each change is made, looked at, and undone
CREATE FUNCTION with_change(change text, model text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE change;
	result := error_of(format('SELECT rec.adopt(%L, %L)', model, source));
	RAISE EXCEPTION USING ERRCODE = 'RR001', MESSAGE = result;
EXCEPTION WHEN SQLSTATE 'RR001' THEN
	RETURN SQLERRM;
END $$;
SELECT change, with_change(change, 'als', 'ratings') FROM unnest(ARRAY['SELECT', 'DROP TABLE als_model', 'ALTER TABLE als_model RENAME TO other',
	'ALTER TABLE als_model DROP COLUMN loss', 'ALTER TABLE als_model ALTER version TYPE int', 'DELETE FROM als_model',
	'ALTER TABLE als_model DROP CONSTRAINT als_model_pkey; INSERT INTO als_model TABLE als_model', 'UPDATE als_model SET format = 99',
	'UPDATE als_model SET algorithm = NULL', $$UPDATE als_model SET algorithm = 'nothing'$$, $$UPDATE als_model SET options = '[]'$$,
	$$UPDATE als_model SET options = '{"factors": 1e9}'$$, $$UPDATE als_model SET decided = '1'$$, 'UPDATE als_model SET version = NULL',
	'UPDATE als_model SET version = -1', 'UPDATE als_model SET items = 0', 'UPDATE als_model SET users = 3000000000', 'UPDATE als_model SET sessions = -1',
	$$UPDATE als_model SET mean = 'NaN'$$, 'UPDATE als_model SET user_column = NULL', $$UPDATE als_model SET user_column = 'nobody'$$,
	'UPDATE als_model SET user_column = item_column', $$UPDATE als_model SET algorithm = 'svd', options = '{}'$$,
	$$UPDATE als_model SET algorithm = 'user_knn', options = '{}'$$, 'ALTER TABLE als DROP COLUMN factors', 'ALTER TABLE als DROP COLUMN n_ratings',
	'DROP TABLE als_users', 'ALTER TABLE als_users DROP COLUMN factors', 'ALTER TABLE als ALTER item_id TYPE text']) change;
SELECT with_change('DROP TABLE knn_users', 'knn', 'ratings');
-- what is no table of a model; and sources
SELECT model, source, with_change('SELECT', model, source) FROM (VALUES ('plain', 'ratings'), ('alone', 'ratings'), ('a_view', 'ratings'),
	('als_users', 'ratings'), ('ratings', 'ratings'), ('pg_class', 'ratings'), ('als', 'of_text'), ('als', 'of_others'), ('als', 'plain'),
	(NULL, 'ratings'), ('als', NULL), ('999999999', 'ratings'), ('als', '999999999')) v (model, source);
\set VERBOSITY default
SELECT rec.adopt('alone', 'ratings');
SELECT rec.create_model('als', 'ratings');
\set VERBOSITY terse

-- without the users a model answers, if its algorithm does
DROP TABLE als_users;
SELECT rec.adopt('als', 'ratings');
SELECT count(*) AS differences FROM (TABLE als_answers EXCEPT
	SELECT u, r.* FROM generate_series(0, 20, 4) u, LATERAL rec.recommend('als', u, n => 4) r) d;
SELECT error_of($$SELECT rec.similar_users('als', 1)$$);
-- until a training has created a table for them
CALL rec.train('als');
SELECT count(*) FROM rec.similar_users('als', 1, n => 3);

-- ---- what an apply worker writes to the table is what the model is

SELECT version FROM rec.models WHERE model = 'als'::regclass;
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE als_model SET version = 7, mean = 0;
SELECT version, mean FROM rec.model WHERE model = 'als'::regclass;
SELECT (SELECT score FROM rec.recommend('als', 0, n => 1)) = (SELECT score FROM als_answers WHERE u = 0 AND rank = 1) AS same;
ROLLBACK;
SELECT version FROM rec.models WHERE model = 'als'::regclass;
-- but for the source, which each server has of its own
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE als_model SET source_name = 'pg_class', user_column = 'relname', version = 8;
SELECT version, source_name, user_column FROM rec.model WHERE model = 'als'::regclass;
ROLLBACK;
-- an apply worker is not to fail: what training did not write is an error of whoever asks
CREATE FUNCTION with_row(change text) RETURNS text LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('UPDATE als_model SET %s', change);
	result := error_of($q$SELECT rec.predict('als', 1, 1)$q$);
	RAISE EXCEPTION USING ERRCODE = 'RR001', MESSAGE = result;
EXCEPTION WHEN SQLSTATE 'RR001' THEN
	RETURN SQLERRM;
END $$;
SELECT change, with_row(change) FROM unnest(ARRAY['version = 9', 'format = 99', 'items = -1', 'mean = NULL', $$options = '[]'$$, $$algorithm = 'nothing'$$,
	$$algorithm = 'user_knn', options = '{}'$$, 'algorithm = NULL', 'version = NULL']) change;
-- what others write is not, until it is adopted
UPDATE als_model SET version = 5;
SELECT version FROM rec.models WHERE model = 'als'::regclass;
SELECT rec.adopt('als', 'ratings');
SELECT version FROM rec.models WHERE model = 'als'::regclass;
-- a table that is dropped is made anew
DROP TABLE als_model;
CALL rec.train('als');
SELECT version FROM als_model;

-- ---- who may

CREATE ROLE regress_rec_adopter;
CREATE ROLE regress_rec_other;
GRANT USAGE, CREATE ON SCHEMA adopt TO regress_rec_adopter, regress_rec_other;
GRANT SELECT ON ratings TO regress_rec_adopter;
CREATE TABLE secret AS TABLE ratings;
SET ROLE regress_rec_adopter;
SELECT rec.create_model('mine', 'ratings', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('mine');
RESET ROLE;
DROP EXTENSION rec CASCADE;
CREATE EXTENSION rec;
SET ROLE regress_rec_other;
SELECT error_of($$SELECT rec.adopt('mine', 'ratings')$$);
SET ROLE regress_rec_adopter;
SELECT error_of($$SELECT rec.adopt('mine', 'secret')$$);
RESET ROLE;
-- what is beside it and belongs to another says nothing
ALTER TABLE mine_model OWNER TO regress_rec_other;
SELECT error_of($$SELECT rec.adopt('mine', 'ratings')$$);
ALTER TABLE mine_model OWNER TO regress_rec_adopter;
-- a superuser reads no more than the owner may
SELECT error_of($$SELECT rec.adopt('mine', 'secret')$$);
SELECT rec.adopt('mine', 'ratings');
SELECT count(*) FROM rec.recommend('mine', 1, n => 3);
-- a trigger on a stranger's table changes nothing of it, whatever rec.model_table says
SET ROLE regress_rec_adopter;
GRANT SELECT ON mine_model TO regress_rec_other;
SET ROLE regress_rec_other;
CREATE TABLE stranger (LIKE mine_model INCLUDING ALL);
CREATE TRIGGER rec_follow AFTER INSERT ON stranger FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE stranger ENABLE ALWAYS TRIGGER rec_follow;
RESET ROLE;
UPDATE rec.model_table SET relation = 'stranger'::regclass WHERE model = 'mine'::regclass AND side = 'model';
SET ROLE regress_rec_other;
INSERT INTO stranger (format, algorithm, options, user_column, item_column, version) VALUES (1, 'popular', '{}', 'user_id', 'item_id', 0);
RESET ROLE;
SELECT algorithm, version FROM rec.models WHERE model = 'mine'::regclass;
SELECT error_of($$CALL rec.train('mine')$$);
UPDATE rec.model_table SET relation = 'mine_model'::regclass WHERE model = 'mine'::regclass AND side = 'model';
SELECT error_of($$SELECT rec.follow_description()$$);
-- where the owner may not create tables any more, one that is gone is not made anew
REVOKE CREATE ON SCHEMA adopt FROM regress_rec_adopter;
DROP TABLE mine_model;
SET client_min_messages = notice;
\set VERBOSITY default
CALL rec.train('mine');
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT version, to_regclass('mine_model') AS beside FROM rec.models WHERE model = 'mine'::regclass;
-- dropping what an owner has
DROP OWNED BY regress_rec_adopter, regress_rec_other;
SELECT count(*) FROM rec.models WHERE model::text = 'mine';
DROP ROLE regress_rec_adopter, regress_rec_other;

DROP SCHEMA adopt CASCADE;
SELECT count(*) AS models, (SELECT count(*) FROM rec.model_table) AS tables FROM rec.model;
