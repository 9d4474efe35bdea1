-- Data and owners that mean no good: an error that says what is wrong, or a right answer; what was there before stays.
SET client_min_messages = warning;
CREATE SCHEMA hostile;
SET search_path = hostile;
\set SHOW_CONTEXT never

CREATE TABLE ratings (user_id int, item_id int, rating real, at timestamp DEFAULT '2026-01-01', PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5 FROM generate_series(1, 30) u, generate_series(1, 12) i WHERE (7 * u + 11 * i) % 13 % 3 = 0;
CREATE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;

-- ---- weights that are finite, and not in the sum: refused by whatever trains, and no version is replaced

CREATE TABLE attributes AS SELECT i AS item_id, i % 3 AS n, chr(97 + i % 4) AS kind FROM generate_series(1, 40) i;
CREATE FUNCTION attributes_of(name text) RETURNS regclass LANGUAGE sql AS $$
	SELECT 'attributes'::regclass FROM rec.algorithms WHERE algorithm = name AND option = 'min_count' $$;
CREATE TABLE repeats (n int);
INSERT INTO repeats VALUES (1);
CREATE VIEW twice AS TABLE ratings UNION ALL SELECT 2, 1, 3e38::real, '2026-01-01' FROM generate_series(1, (SELECT n FROM repeats));
SELECT rec.create_model('sum_' || algorithm, 'twice', algorithm, '{"feedback": "implicit"}', time_column => 'at',
                        items => attributes_of(algorithm))
    FROM (SELECT DISTINCT algorithm FROM rec.algorithms) a ORDER BY algorithm;
UPDATE repeats SET n = 0;
DO $$ DECLARE m regclass; BEGIN FOR m IN SELECT model FROM rec.models WHERE source = 'twice'::regclass LOOP EXECUTE format('CALL rec.train(%L)',
    m); END LOOP; END $$;
UPDATE repeats SET n = 2;
SELECT error_of(format('CALL rec.train(%L)', model)) AS training, count(*) AS models, min(version) AS version FROM rec.models WHERE source = 'twice'::regclass
    GROUP BY 1;
SELECT error_of(format('SELECT rec.evaluate(%L, %L)', model, 'random')) AS evaluation, count(*) AS models FROM rec.models WHERE source = 'twice'::regclass
    GROUP BY 1;
\set VERBOSITY default
CALL rec.train('sum_user_knn');
\set VERBOSITY terse
-- and whoever has such a profile is told so, as others are answered
SELECT error_of(format('SELECT rec.recommend(%L, 2)', model)) AS question, count(*) AS models FROM rec.models WHERE source = 'twice'::regclass GROUP BY 1
    ORDER BY 1;
SELECT count(*) AS models FROM rec.models WHERE source = 'twice'::regclass AND (SELECT count(*) FROM rec.recommend(model, 3, n => 2)) = 2;
SET client_min_messages = notice;
CALL rec.recommend_all('sum_item_knn', 'lists', 2);
SET client_min_messages = warning;
SELECT count(*) FILTER (WHERE user_id = 2) AS "user 2", count(*) FILTER (WHERE user_id = 3) AS "user 3" FROM lists;

-- ---- a version whose numbers lead nowhere: the next training begins anew, and so gives what one that begins so gives

SELECT rec.create_model('warm', 'ratings', options => '{"factors": 3, "iterations": 4}');
SELECT rec.create_model('cold', 'ratings', options => '{"factors": 3, "iterations": 4, "warm_start": false}');
CALL rec.train('warm');
CALL rec.train('cold');
UPDATE warm SET factors = ARRAY[3e38, 3e38, 3e38]::real[], bias = 3e38;
UPDATE warm_users SET factors = ARRAY[3e38, 3e38, 3e38]::real[], bias = 3e38;
SET client_min_messages = notice;
\set VERBOSITY default
CALL rec.train('warm');
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT count(*) AS differences FROM (TABLE warm EXCEPT TABLE cold UNION ALL (TABLE cold EXCEPT TABLE warm)) d;
SELECT count(*) AS iterations FROM rec.training_log WHERE model = 'warm'::regclass AND version = 2;

-- ---- a source whose functions interfere with the training that reads it

CREATE FUNCTION read_too() RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_catalog.rec_read_row(0, 1000, 1, 1::real, NULL::int8);
	RETURN true;
END $$;
CREATE VIEW reads_too AS SELECT * FROM ratings WHERE read_too();
SELECT rec.create_model('of_reads_too', 'reads_too', options => '{"factors": 2}');
CALL rec.train('of_reads_too'); \echo :SQLSTATE
CREATE FUNCTION drop_it() RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS of_drops, of_drops_users;
	RETURN true;
END $$;
CREATE VIEW drops AS SELECT * FROM ratings WHERE drop_it();
SELECT rec.create_model('of_drops', 'drops', options => '{"factors": 2}');
CALL rec.train('of_drops'); \echo :SQLSTATE
SELECT error_of('CALL rec.train(''of_drops'')') ;
SELECT count(*) AS models FROM rec.model WHERE model = to_regclass('of_drops');
CREATE FUNCTION drop_users() RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS of_users_users;
	RETURN true;
END $$;
CREATE VIEW drops_users AS SELECT * FROM ratings WHERE drop_users();
SELECT rec.create_model('of_users', 'drops_users', options => '{"factors": 2}');
CALL rec.train('of_users'); \echo :SQLSTATE

-- ---- rows of rec.model that training did not write

SELECT rec.create_model('row', 'ratings', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('row');
CREATE FUNCTION with_row(change text, question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('UPDATE rec.%I SET %s WHERE model = %L::regclass', CASE WHEN change LIKE 'relation%' THEN 'model_table' ELSE 'model' END, change,
		'hostile.row');
	-- so that the model is loaded anew, now and after the end of this
	ALTER TABLE hostile.row RESET (autovacuum_enabled);
	result := error_of(question);
	RAISE EXCEPTION USING ERRCODE = 'RR001', MESSAGE = result;
EXCEPTION WHEN SQLSTATE 'RR001' THEN
	RETURN SQLERRM;
END $$;
SELECT change, with_row(change, question) FROM unnest(ARRAY['mean = ''NaN''', 'mean = 1e300', 'minimum = 6', 'maximum = ''infinity''',
    'seconds = ''-infinity''', 'users = 0', 'items = -1', 'items = 3000000000', 'rows = NULL', 'version = -1', 'mean = NULL',
		'user_column = ''nothing''', 'options = ''[]''', 'options = ''{"factors": -1}''', 'algorithm = ''nothing''', 'relation = NULL',
			'relation = ''hostile.ratings''']) change,
	LATERAL (VALUES (CASE WHEN change LIKE 'relation%' THEN 'SELECT rec.similar_users(''hostile.row'', 1)' ELSE 'SELECT rec.predict(''hostile.row'', 1, 1)'
		END)) q (question);
-- a model can be dropped whatever its row says
UPDATE rec.model SET mean = NULL, options = '[]' WHERE model = 'row'::regclass;
DROP TABLE row;
SELECT to_regclass('row_users') AS users, count(*) AS models FROM rec.model WHERE source_name = 'hostile.row';

-- ---- numbers that are finite each, and too large together: an error, and no list that is ordered by them

DO $$
DECLARE
	name text;
	kind text;
BEGIN
	FOR name IN SELECT DISTINCT algorithm FROM rec.algorithms LOOP
		PERFORM rec.create_model('huge_' || name, 'ratings', name, '{"feedback": "implicit"}', time_column => 'at', items => attributes_of(name));
		EXECUTE format('CALL rec.train(%L)', 'huge_' || name);
		FOR kind IN SELECT format('UPDATE %s SET %s = %s', attrelid::regclass, attname,
				CASE atttypid WHEN 'real'::regtype THEN '3e38' ELSE
					format('ARRAY(SELECT CASE WHEN n %% 2 = 0 THEN 3e38 ELSE -3e38 END FROM generate_series(1, cardinality(%s)) n)::real[]', attname) END)
				FROM pg_attribute WHERE attrelid IN (('huge_' || name)::regclass, coalesce(to_regclass('huge_' || name || '_users'), 0))
					AND atttypid IN ('real'::regtype, 'real[]'::regtype) AND attnum > 0 LOOP
			EXECUTE kind;
		END LOOP;
		EXECUTE format('ALTER TABLE %s RESET (autovacuum_enabled)', 'huge_' || name);
	END LOOP;
END $$;
SELECT q.what, count(*) AS models, count(*) FILTER (WHERE q.error LIKE '22003: numbers of the model%') AS refused,
	array_agg(DISTINCT q.error) FILTER (WHERE q.error NOT LIKE '22003: %' AND q.error <> 'none') AS other
  FROM rec.models m, LATERAL (VALUES
	('recommend', error_of(format('SELECT 1 / (score NOT IN (''NaN'', ''infinity'', ''-infinity''))::int FROM rec.recommend(%L, 1)', model))),
	('predict',
		error_of(format('SELECT 1 / (rec.predict(%L, u, i) NOT IN (''NaN'', ''infinity'', ''-infinity''))::int FROM generate_series(1, 5) u,
		generate_series(1, 12) i', model))),
	('explain', error_of(format('SELECT 1 / (contribution NOT IN (''NaN'', ''infinity'', ''-infinity''))::int FROM rec.explain(%L, 1, 1)', model))),
	('similar_items', error_of(format('SELECT 1 / (similarity NOT IN (''NaN'', ''infinity'', ''-infinity''))::int FROM rec.similar_items(%L, 1)', model))),
	('similar_users', error_of(format('SELECT 1 / (similarity NOT IN (''NaN'', ''infinity'', ''-infinity''))::int FROM rec.similar_users(%L, 1)',
		model)))) q (what, error)
 WHERE model::text LIKE 'huge%' GROUP BY 1 ORDER BY 1;
-- trained again each is right again
DO $$ DECLARE m regclass; BEGIN FOR m IN SELECT model FROM rec.models WHERE model::text LIKE 'huge%' LOOP EXECUTE format('CALL rec.train(%L)',
    m); END LOOP; END $$;
SELECT count(*) AS models, count(*) FILTER (WHERE (SELECT count(*) FROM rec.recommend(model, 1, n => 3)) = 3) AS answer FROM rec.models
    WHERE model::text LIKE 'huge%';

-- ---- a table of users of somebody else: neither trained into, nor asked, nor dropped with the model, whoever does it

CREATE ROLE regress_rec_attacker;
CREATE ROLE regress_rec_victim;
GRANT ALL ON SCHEMA hostile TO regress_rec_attacker, regress_rec_victim;
GRANT SELECT ON ratings TO regress_rec_attacker, regress_rec_victim;
SET ROLE regress_rec_victim;
SELECT rec.create_model('victims', 'ratings', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('victims');
SET ROLE regress_rec_attacker;
SELECT rec.create_model('attackers', 'ratings', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('attackers');
RESET ROLE;
UPDATE rec.model_table SET relation = 'victims_users'::regclass WHERE model = 'attackers'::regclass AND side = 'users';
CREATE TABLE before AS TABLE victims_users;
\set VERBOSITY default
CALL rec.train('attackers');
SELECT * FROM rec.similar_users('attackers', 1);
\set VERBOSITY terse
SELECT count(*) AS differences FROM (TABLE victims_users EXCEPT TABLE before UNION ALL (TABLE before EXCEPT TABLE victims_users)) d;
DROP TABLE attackers;
SELECT to_regclass('victims_users') AS victims, to_regclass('attackers_users') AS attackers;

-- ---- a model that a superuser trains is trained with its owner's rights: the source's functions, and the table's own, run as the owner

CREATE TABLE who_ran (what text, who name);
GRANT INSERT, SELECT ON who_ran TO regress_rec_attacker;
SET ROLE regress_rec_attacker;
CREATE FUNCTION note(what text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN INSERT INTO hostile.who_ran SELECT $1, current_user; RETURN true; END $$;
ALTER FUNCTION note VOLATILE;
CREATE VIEW noted AS SELECT * FROM ratings WHERE note('source');
SELECT rec.create_model('spied', 'noted', options => '{"factors": 2, "iterations": 2}');
ALTER TABLE spied ADD CHECK (note('check'));
ALTER TABLE spied ADD extra bool DEFAULT note('default');
RESET ROLE;
TRUNCATE who_ran;
CALL rec.train('spied');
SELECT DISTINCT what, who FROM who_ran ORDER BY 1;
BEGIN;
CALL rec.train('spied');
COMMIT;
SELECT DISTINCT who FROM who_ran;
SELECT current_user = session_user AS "the caller again";
-- so its owner learns nothing from a source that was taken away
REVOKE SELECT ON ratings FROM regress_rec_attacker;
CALL rec.train('spied'); \echo :SQLSTATE
SELECT current_user = session_user AS "the caller again";
-- nor can a function of it become somebody else
GRANT SELECT ON ratings TO regress_rec_attacker;
CREATE OR REPLACE FUNCTION note(what text) RETURNS bool LANGUAGE plpgsql VOLATILE AS $$ BEGIN RESET ROLE; RETURN true; END $$;
ALTER FUNCTION note OWNER TO regress_rec_attacker;
CALL rec.train('spied'); \echo :SQLSTATE
SELECT version FROM rec.models WHERE model = 'spied'::regclass;

-- ---- asking runs nobody's checks

CREATE DOMAIN checked AS int CHECK (hostile.note(VALUE::text));
CREATE OR REPLACE FUNCTION note(what text) RETURNS bool LANGUAGE plpgsql VOLATILE AS $$ BEGIN INSERT INTO hostile.who_ran SELECT 'check',
    current_user; RETURN true; END $$;
CREATE TABLE by_domain (user_id checked, item_id checked, rating real);
INSERT INTO by_domain SELECT user_id, item_id, rating FROM ratings;
SELECT rec.create_model('domains', 'by_domain', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('domains');
TRUNCATE who_ran;
SELECT count(*) FROM rec.recommend('domains', 1, candidates => '{1, 2, 3, 4}', exclude => '{2}');
SELECT count(*) FROM rec.recommend_for('domains', '{1,2}'::int[], n => 3);
SELECT rec.predict('domains', 1, 1) IS NULL AS none, rec.predict('domains', '1', '1') IS NULL AS none_of_text;
SELECT count(*) FROM rec.explain('domains', 1, 1) HAVING count(*) = 0;
SELECT count(*) FROM rec.similar_items('domains', 1, n => 3);
SELECT count(*) FROM rec.similar_users('domains', 1, n => 3);
SELECT * FROM who_ran;
-- nor where ids are compared with what they were asked as
CREATE DOMAIN checked_day AS date CHECK (hostile.note(VALUE::text));
CREATE TABLE by_day AS SELECT date '2026-01-01' + user_id AS user_id, (date '2026-01-01' + item_id)::checked_day AS item_id, rating FROM ratings;
SELECT rec.create_model('days', 'by_day', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('days');
TRUNCATE who_ran;
SELECT count(*) FROM rec.similar_items('days', timestamp '2026-01-02', n => 3);
SELECT count(*) FROM rec.recommend_for('days', ARRAY[timestamp '2026-01-02', '2026-01-03'], n => 3);
SELECT * FROM who_ran;

-- nor an operator that somebody made for the domain of the users' ids, beside that of its base, which here is not in pg_catalog
CREATE FUNCTION hash_point(point) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT hashtext($1::text)';
CREATE FUNCTION compare_points(point, point) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT bttextcmp($1::text, $2::text)';
CREATE FUNCTION points_equal(point, point) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2::text';
CREATE FUNCTION point_less(point, point) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1::text < $2::text';
CREATE OPERATOR === (LEFTARG = point, RIGHTARG = point, FUNCTION = points_equal, HASHES, MERGES);
CREATE OPERATOR <<< (LEFTARG = point, RIGHTARG = point, FUNCTION = point_less);
CREATE OPERATOR CLASS point_hash DEFAULT FOR TYPE point USING hash AS OPERATOR 1 ===, FUNCTION 1 hash_point(point);
CREATE OPERATOR CLASS point_btree DEFAULT FOR TYPE point USING btree AS OPERATOR 1 <<<, OPERATOR 3 ===, FUNCTION 1 compare_points(point, point);
CREATE DOMAIN place AS point;
CREATE TABLE places AS SELECT point(user_id, 1)::place AS user_id, item_id, rating FROM ratings;
SELECT rec.create_model('of_places', 'places', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('of_places');
CREATE FUNCTION places_equal(place, place) RETURNS bool LANGUAGE sql AS $$ SELECT hostile.note('operator') $$;
CREATE OPERATOR === (LEFTARG = place, RIGHTARG = place, FUNCTION = places_equal);
TRUNCATE who_ran;
SELECT count(*) FILTER (WHERE personal) > 0 AS personal FROM rec.recommend('of_places', '(2,1)'::text, n => 3);
SELECT * FROM who_ran;

-- ---- arguments as large as they come are within the limit of memory

SET rec.max_memory = '1MB';
SELECT error_of('SELECT rec.recommend(''domains'', 1, candidates => ARRAY(SELECT generate_series(1, 100000)))') AS candidates,
	error_of('SELECT rec.recommend(''domains'', 1, exclude => ARRAY(SELECT generate_series(1, 100000)))') AS exclude;
SELECT error_of('SELECT rec.recommend_for(''domains'', ARRAY(SELECT generate_series(1, 100000)))') AS items,
	error_of('SELECT rec.recommend_for(''domains'', ARRAY[1], ratings => ARRAY(SELECT g::real FROM generate_series(1, 500000) g))') AS ratings;
SELECT error_of('SELECT rec.cosine(ARRAY(SELECT g::real FROM generate_series(1, 500000) g), ARRAY[1::real])') AS cosine,
	error_of('SELECT rec.recall(ARRAY(SELECT generate_series(1, 500000)), ARRAY[1])') AS recall;
RESET rec.max_memory;

-- ---- a column rating that the caller may not read is not a model's

GRANT SELECT ON who_ran TO regress_rec_attacker;
REVOKE SELECT ON ratings FROM regress_rec_attacker;
GRANT SELECT (user_id, item_id) ON ratings TO regress_rec_attacker;
SET ROLE regress_rec_attacker;
SET client_min_messages = notice;
\set VERBOSITY default
SELECT rec.create_model('unrated', 'ratings');
\set VERBOSITY terse
SET client_min_messages = warning;
CALL rec.train('unrated');
SELECT options->>'feedback' AS feedback, version, (SELECT count(*) FROM rec.recommend('unrated', 1, n => 3)) AS list FROM rec.models
    WHERE model = 'unrated'::regclass;
RESET ROLE;

DROP SCHEMA hostile CASCADE;
DROP OWNED BY regress_rec_attacker, regress_rec_victim;
DROP ROLE regress_rec_attacker, regress_rec_victim;
