-- Which relation a model learns from and asks when that was renamed, replaced, given away or altered; and rec.alter_model.

CREATE SCHEMA sources;
SET search_path = sources;
\set SHOW_CONTEXT never
SET client_min_messages = notice;

-- each of six users has bought three of eight items: u, u + 1 and u + 2
CREATE FUNCTION events() RETURNS TABLE (user_id int, item_id int) LANGUAGE sql AS $$
	SELECT u, (u + i) % 8 FROM generate_series(1, 6) u, generate_series(0, 2) i $$;
CREATE TABLE bought AS SELECT * FROM events();
CREATE INDEX ON bought (user_id);
SELECT rec.create_model('m', 'bought', 'popular');
CALL rec.train('m');
-- what user 1 has bought, 1, 2 and 3, is not recommended
CREATE FUNCTION has_bought() RETURNS int[] LANGUAGE sql AS $$
	SELECT array_agg(i ORDER BY i) FROM generate_series(0, 7) i WHERE NOT EXISTS (SELECT FROM rec.recommend('sources.m', 1, n => 100) r WHERE r.item_id = i) $$;
SELECT has_bought();

-- ---- renamed, moved: followed, and the new name written down by the next training

ALTER TABLE bought RENAME TO sold;
SELECT has_bought();
SELECT m.source, source_name FROM rec.models m JOIN rec.model USING (model);
CALL rec.train('m');
SELECT m.source, source_name FROM rec.models m JOIN rec.model USING (model);

-- ---- another relation of its name

-- a swap by rename: that one, at once, and training says so; here user 1 has bought nothing but item 5
CREATE TABLE sold_new (user_id int, item_id int);
CREATE INDEX ON sold_new (user_id);
INSERT INTO sold_new SELECT * FROM sold WHERE user_id > 1;
INSERT INTO sold_new VALUES (1, 5);
BEGIN;
ALTER TABLE sold RENAME TO sold_old;
ALTER TABLE sold_new RENAME TO sold;
SELECT has_bought();
SELECT rec.predict('m', 1, 5) IS NOT NULL AS predicts;
COMMIT;
SELECT source FROM rec.models;
CALL rec.train('m');
SELECT rows FROM rec.models;
CALL rec.train('m');
DROP TABLE sold_old;
-- dropped, and made anew by the same owner, as a view
ALTER TABLE sold RENAME TO sold_base;
SELECT has_bought();
CREATE VIEW sold AS SELECT user_id, item_id FROM sold_base UNION ALL SELECT 1, 6;
SELECT has_bought();
DROP TABLE sold_base CASCADE;
SELECT has_bought(); \echo :SQLSTATE
SELECT source FROM rec.models;
CREATE TABLE sold AS SELECT * FROM events();
CREATE INDEX ON sold (user_id);
SELECT has_bought();
CALL rec.train('m');
-- one whose columns don't fit
ALTER TABLE sold RENAME TO sold_old;
CREATE TABLE sold (customer int, item_id int);
SELECT has_bought(); \echo :SQLSTATE
CALL rec.train('m'); \echo :SQLSTATE
DROP TABLE sold;
CREATE TABLE sold (user_id int, item_id text);
SELECT has_bought(); \echo :SQLSTATE
DROP TABLE sold;
-- one that cannot be a source
CREATE SEQUENCE sold;
SELECT has_bought(); \echo :SQLSTATE
DROP SEQUENCE sold;
ALTER TABLE sold_old RENAME TO sold;
SELECT has_bought();

-- ---- of other owners

CREATE ROLE regress_rec_shop;
CREATE ROLE regress_rec_model;
CREATE ROLE regress_rec_stranger;
GRANT ALL ON SCHEMA sources TO regress_rec_shop, regress_rec_model, regress_rec_stranger;
ALTER TABLE sold OWNER TO regress_rec_shop;
ALTER TABLE m OWNER TO regress_rec_model;
GRANT SELECT ON sold TO PUBLIC;
SET ROLE regress_rec_model;
CALL rec.train('m');
RESET ROLE;
-- a stranger's is refused, by questions and by trainings, whoever asks
ALTER TABLE sold RENAME TO sold_old;
CREATE TABLE sold (LIKE sold_old);
GRANT SELECT ON sold TO PUBLIC;
ALTER TABLE sold OWNER TO regress_rec_stranger;
SELECT has_bought(); \echo :SQLSTATE
SET ROLE regress_rec_model;
CALL rec.train('m'); \echo :SQLSTATE
SELECT * FROM rec.evaluate('m', split => 'random'); \echo :SQLSTATE
CALL rec.recommend_all('m', 'lists'); \echo :SQLSTATE
SELECT rec.report('m'); \echo :SQLSTATE
SELECT * FROM rec.similar_users('m', 1); \echo :SQLSTATE
SELECT * FROM rec.tune('m', '{"by": ["count"]}', split => 'random'); \echo :SQLSTATE
RESET ROLE;
SELECT source FROM rec.models;
-- and one of whoever the old one belonged to, and doesn't any more
ALTER TABLE sold OWNER TO regress_rec_shop;
ALTER TABLE sold_old OWNER TO regress_rec_model;
ALTER TABLE m OWNER TO CURRENT_USER;
SELECT has_bought(); \echo :SQLSTATE
ALTER TABLE m OWNER TO regress_rec_model;
ALTER TABLE sold_old OWNER TO regress_rec_shop;
ALTER TABLE sold OWNER TO regress_rec_stranger;
-- even where the old one is gone
DROP TABLE sold_old;
SELECT has_bought(); \echo :SQLSTATE
-- the old owner's, the model's owner's and a superuser's are taken
ALTER TABLE sold OWNER TO regress_rec_shop;
SELECT has_bought() IS NULL AS asked;
ALTER TABLE sold OWNER TO regress_rec_model;
SELECT has_bought() IS NULL AS asked;
ALTER TABLE sold OWNER TO CURRENT_USER;
SELECT has_bought() IS NULL AS asked;
-- a stranger's, if the model's owner says so
ALTER TABLE sold OWNER TO regress_rec_stranger;
SET ROLE regress_rec_stranger;
SELECT rec.alter_model('m', source => 'sold'); \echo :SQLSTATE
REVOKE SELECT ON sold FROM PUBLIC;
SET ROLE regress_rec_model;
SELECT rec.alter_model('m', source => 'sold'); \echo :SQLSTATE
RESET ROLE;
-- who may read it is the model's owner, whoever alters it
SELECT rec.alter_model('m', source => 'sold'); \echo :SQLSTATE
GRANT SELECT ON sold TO PUBLIC;
SET ROLE regress_rec_model;
SELECT rec.alter_model('m', source => 'sold');
RESET ROLE;
SELECT has_bought() IS NULL AS asked;
INSERT INTO sold SELECT * FROM events();
CALL rec.train('m');
ALTER TABLE m OWNER TO CURRENT_USER;

-- ---- columns

-- by name; by number, where the name is gone
ALTER TABLE sold RENAME user_id TO customer;
ALTER TABLE sold RENAME item_id TO article;
SELECT has_bought();
-- a hint names no column that has another role
BEGIN;
ALTER TABLE sold DROP COLUMN customer, ADD COLUMN articles int, ADD COLUMN user_no int;
SELECT has_bought(); \echo :SQLSTATE
ROLLBACK;
BEGIN;
ALTER TABLE sold DROP COLUMN customer;
SELECT has_bought(); \echo :SQLSTATE
ROLLBACK;
-- a column of the old name is the one
BEGIN;
ALTER TABLE sold ADD COLUMN user_id int;
SELECT has_bought();
ROLLBACK;
-- names that changed places
ALTER TABLE sold RENAME customer TO user_id;
ALTER TABLE sold RENAME article TO item_id;
CALL rec.train('m');
-- a number that is by name another role's column is not taken for both
BEGIN;
ALTER TABLE sold RENAME item_id TO item;
ALTER TABLE sold RENAME user_id TO item_id;
SELECT has_bought(); \echo :SQLSTATE
ROLLBACK;
-- in another relation the number means nothing
BEGIN;
ALTER TABLE sold RENAME TO sold_old;
CREATE TABLE sold (customer int, item_id int);
SELECT has_bought(); \echo :SQLSTATE
ROLLBACK;
-- training writes the new names down
ALTER TABLE sold RENAME user_id TO customer;
CALL rec.train('m');
SELECT user_column FROM rec.model WHERE model = 'm'::regclass;
ALTER TABLE sold RENAME customer TO user_id;
CALL rec.train('m');

-- ---- wider integers

-- serve on, as far as the model knows them, until training alters its columns
SELECT rec.create_model('w', 'sold', 'user_knn');
CALL rec.train('w');
ALTER TABLE sold ALTER item_id TYPE bigint, ALTER user_id TYPE bigint;
SELECT has_bought();
INSERT INTO sold VALUES (1, 5000000000), (5000000000, 1), (5000000000, 2), (1, -5000000000);
SELECT has_bought();
SELECT count(*) FROM rec.recommend('w', 1, n => 100) r;
SELECT count(*) FROM rec.recommend('w', 5000000000, n => 100) r;
SELECT count(*) > 0 AS similar FROM rec.similar_users('w', 5000000000) r;
SELECT count(*) > 0 AS similar FROM rec.similar_users('m', 5000000000) r;
CALL rec.recommend_all('w', 'lists');
SELECT user_id, count(*) FROM lists WHERE user_id IN (1, 5000000000) GROUP BY 1 ORDER BY 1;
DROP TABLE lists;
SELECT rec.report('w') LIKE '%sources.sold%' AS report;
SELECT round(value::numeric, 3) IS NOT NULL AS evaluated FROM rec.evaluate('w', split => 'random') LIMIT 1;
-- a view stands in the way
CREATE VIEW known AS SELECT item_id FROM w;
CALL rec.train('w'); \echo :SQLSTATE
DROP VIEW known;
CALL rec.train('w');
CALL rec.train('m');
SELECT attrelid::regclass AS model, attname, atttypid::regtype FROM pg_attribute
 WHERE attrelid IN ('m'::regclass, 'w'::regclass, 'w_users'::regclass) AND (attname LIKE '%\_id' OR attname LIKE 'items%') ORDER BY 1, 2;
SELECT item_id FROM rec.recommend('w', 5000000000, n => 100) WHERE item_id > 100;
-- narrower ones don't
BEGIN;
DELETE FROM sold WHERE 5000000000 IN (user_id, abs(item_id));
ALTER TABLE sold ALTER item_id TYPE int;
SELECT has_bought(); \echo :SQLSTATE
ROLLBACK;
DROP TABLE w;
DELETE FROM sold WHERE 5000000000 IN (user_id, abs(item_id));
CALL rec.train('m');

-- ---- rec.alter_model

CREATE TABLE stars (who int, what int, stars real, at timestamptz);
CREATE INDEX ON stars (who);
INSERT INTO stars SELECT user_id, item_id, 1 + (user_id * item_id) % 5, '2026-01-01'::timestamptz + item_id * interval '1 day' FROM events();
SELECT rec.create_model('s', 'stars', user_column => 'who', item_column => 'what', rating_column => 'stars',
    options => '{"factors": 2, "iterations": 3, "seed": 7, "warm_start": false}');
CALL rec.train('s');
-- nothing is said, nothing is changed, nor by options that the version lacked which made it
UPDATE rec.model SET options = options - 'tolerance' - 'weight' WHERE model = 's'::regclass;
SELECT rec.alter_model('s');
SELECT version FROM rec.models WHERE model = 's'::regclass;
-- the source and its columns, without a training
CREATE VIEW rated AS SELECT who AS person, what, stars, at FROM stars WHERE what > 0;
SELECT rec.alter_model('s', source => 'rated'); \echo :SQLSTATE
SELECT rec.alter_model('s', source => 'rated', user_column => 'person');
SELECT source, version, obj_description(model) AS comment FROM rec.models WHERE model = 's'::regclass;
SELECT count(*) FROM rec.recommend('s', 1) r;
SELECT rec.alter_model('s', time_column => 'at');
SELECT user_column, time_column FROM rec.model WHERE model = 's'::regclass;
SELECT rec.alter_model('s', time_column => '');
SELECT user_column, time_column FROM rec.model WHERE model = 's'::regclass;
-- options: those that are given; the model is to be trained
SELECT rec.alter_model('s', options => '{"factors": 3}');
SELECT version, options -> 'factors' AS factors, options -> 'seed' AS seed FROM rec.models WHERE model = 's'::regclass;
SELECT * FROM rec.recommend('s', 1); \echo :SQLSTATE
CALL rec.train('s');
SELECT version, array_length(factors, 1) AS factors FROM rec.models, (SELECT factors FROM s LIMIT 1) f WHERE model = 's'::regclass;
SELECT count(*) FROM rec.training_log WHERE model = 's'::regclass;
-- within a transaction with it nobody else sees it untrained
BEGIN;
SELECT rec.alter_model('s', options => '{"factors": 2}');
CALL rec.train('s');
COMMIT;
SELECT count(*) FROM rec.recommend('s', 1) r;
-- taken back
BEGIN;
SELECT rec.alter_model('s', 'stars', 'popular', '{}', 'who', 'what', '', 'at');
SELECT * FROM rec.recommend('s', 1); \echo :SQLSTATE
ROLLBACK;
SELECT count(*) FROM rec.recommend('s', 1) r;
-- another algorithm: without users, with lists, with users again; columns of its owner's stay, and their values
ALTER TABLE s ADD COLUMN title text;
UPDATE s SET title = 'no. ' || item_id;
SELECT rec.alter_model('s', algorithm => 'item_knn');
SELECT to_regclass('s_users') AS users, obj_description('s'::regclass) AS comment;
CALL rec.train('s');
SELECT count(*) FROM rec.recommend('s', 1) r;
SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 's'::regclass AND attnum > 0 AND NOT attisdropped;
SELECT rec.alter_model('s', algorithm => 'user_knn');
CALL rec.train('s');
SELECT count(*) FROM rec.similar_users('s', 1, n => 3) r;
SELECT count(*) FROM s_users;
DO $$
DECLARE
	name text;
BEGIN
	-- there are no times and no attributes, which some need
	FOR name IN SELECT DISTINCT algorithm FROM rec.algorithms
		WHERE algorithm NOT IN ('markov', 'session_knn', 'gru', 'lstm', 'caser', 'sasrec', 'content') ORDER BY 1 LOOP
		PERFORM rec.alter_model('s', algorithm => name);
		CALL rec.train('s');
		IF (SELECT count(*) FROM rec.recommend('s', 1)) = 0 OR (SELECT version FROM rec.models WHERE model = 's'::regclass) <> 1 THEN
			RAISE 'not %', name;
		END IF;
	END LOOP;
END $$;
SELECT rec.alter_model('s', algorithm => 'als', options => '{"factors": 2}');
CALL rec.train('s');
SELECT count(*) FILTER (WHERE title = 'no. ' || item_id) AS titles, count(*) FROM s;
SELECT options -> 'feedback' AS feedback FROM rec.models WHERE model = 's'::regclass;
-- the rating column goes, and comes: the feedback is decided anew
SELECT rec.alter_model('s', rating_column => '');
SELECT options -> 'feedback' AS feedback FROM rec.models WHERE model = 's'::regclass;
SELECT rec.alter_model('s', rating_column => 'stars', options => '{"feedback": "implicit", "factors": 2}');
SELECT options -> 'feedback' AS feedback FROM rec.models WHERE model = 's'::regclass;
CALL rec.train('s');
-- it is said anew: the options were made for the other one
SELECT count(*) > 0 AS measured FROM rec.evaluate('s', 'random', options => '{"feedback": "explicit"}');
SELECT rec.alter_model('s', options => '{"feedback": "explicit"}');
SELECT options -> 'feedback' AS feedback, options -> 'alpha' AS alpha, options -> 'factors' AS factors FROM rec.model WHERE model = 's'::regclass;
SELECT rec.alter_model('s', options => '{"feedback": "implicit"}');
SELECT options -> 'feedback' AS feedback, options -> 'alpha' AS alpha, options -> 'factors' AS factors FROM rec.model WHERE model = 's'::regclass;
-- said as it is, it changes no other
SELECT rec.alter_model('s', options => '{"factors": 2}');
SELECT rec.alter_model('s', options => '{"feedback": "implicit"}');
SELECT options -> 'feedback' AS feedback, options -> 'alpha' AS alpha, options -> 'factors' AS factors FROM rec.model WHERE model = 's'::regclass;
-- null leaves to the source what may be left
SELECT rec.alter_model('s', options => '{"tolerance": null}'); \echo :SQLSTATE
CALL rec.train('s');
-- a table of users that was dropped is made anew
DROP TABLE s_users;
CALL rec.train('s'); \echo :SQLSTATE
SELECT rec.alter_model('s');
CALL rec.train('s');
SELECT count(*) FROM s_users;
-- checked as at creation
SELECT rec.alter_model('s', algorithm => 'asl'); \echo :SQLSTATE
SELECT rec.alter_model('s', options => '{"factor": 8}'); \echo :SQLSTATE
SELECT rec.alter_model('s', options => '[]'); \echo :SQLSTATE
SELECT rec.alter_model('s', item_column => 'wat'); \echo :SQLSTATE
SELECT rec.alter_model('s', user_column => ''); \echo :SQLSTATE
SELECT rec.alter_model('s', rating_column => 'at'); \echo :SQLSTATE
SELECT rec.alter_model('s', source => 's_pkey'); \echo :SQLSTATE
SELECT rec.alter_model('s', source => 4294967295::oid::regclass); \echo :SQLSTATE
SELECT rec.alter_model('s', source => 'bought'); \echo :SQLSTATE
SELECT rec.alter_model('stars', algorithm => 'als'); \echo :SQLSTATE
SELECT rec.alter_model(NULL, algorithm => 'als'); \echo :SQLSTATE
CREATE TABLE by_name (person text, what int, stars real);
SELECT rec.alter_model('s', source => 'by_name'); \echo :SQLSTATE
SELECT source, version FROM rec.models WHERE model = 's'::regclass;
-- none at creation either
SELECT rec.create_model('c', 'stars', 'popular', user_column => 'who', item_column => 'what', rating_column => '', time_column => '');
SELECT rating_column, time_column FROM rec.model WHERE model = 'c'::regclass;
CREATE TABLE rating (user_id int PRIMARY KEY, item_id int, rating text);
SELECT rec.create_model('d', 'rating'); \echo :SQLSTATE
SELECT rec.create_model('d', 'rating', rating_column => '');
-- the owner's
SET ROLE regress_rec_stranger;
SELECT rec.alter_model('s', algorithm => 'popular'); \echo :SQLSTATE
RESET ROLE;
BEGIN READ ONLY;
SELECT rec.alter_model('s', algorithm => 'popular'); \echo :SQLSTATE
ROLLBACK;
-- by a superuser, a table of users is the model's owner's
ALTER TABLE c OWNER TO regress_rec_model;
GRANT SELECT ON stars TO regress_rec_model;
SELECT rec.alter_model('c', algorithm => 'als');
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'c_users'::regclass;

-- ---- the table of users

-- follows the model to other names, schemas and owners
ALTER TABLE s RENAME TO live_new;
SELECT relation AS user_table FROM rec.model_table WHERE model = 'live_new'::regclass AND side = 'users';
-- a swap by rename, three times
ALTER TABLE live_new RENAME TO live;
SELECT rec.create_model('live_new', 'stars', user_column => 'who', item_column => 'what');
ALTER TABLE live RENAME TO live_old;
ALTER TABLE live_new RENAME TO live;
SELECT model, relation AS user_table FROM rec.model_table WHERE model::text LIKE 'live%' AND side = 'users' ORDER BY model::text;
-- a name that is taken, by a table, by a type
CREATE TABLE app_users ();
CREATE TYPE app_users1 AS ENUM ('a');
SELECT rec.create_model('app', 'stars', user_column => 'who', item_column => 'what');
ALTER TABLE app RENAME TO app2;
ALTER TABLE app2 RENAME TO app;
SELECT relation AS user_table FROM rec.model_table WHERE model = 'app'::regclass AND side = 'users';
CREATE SCHEMA sources_2;
CREATE TABLE sources_2.app_users2 ();
ALTER TABLE app SET SCHEMA sources_2;
SELECT relation AS user_table FROM rec.model_table WHERE model = 'sources_2.app'::regclass AND side = 'users';
ALTER TABLE sources_2.app OWNER TO regress_rec_model;
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'sources_2.app_users3'::regclass;
DROP TABLE sources_2.app, sources_2.app_users2;
SELECT to_regclass('sources_2.app_users3') AS users;
-- names of 57 bytes and of all that are longer
SELECT count(rec.create_model(repeat('n', n), 'stars', user_column => 'who', item_column => 'what')) FROM generate_series(56, 63) n;
SELECT length(model::text) AS model, relation AS user_table FROM rec.model_table WHERE model::text LIKE 'nnn%' AND side = 'users' ORDER BY 1;
-- one whose own name is what its users would be called
SELECT rec.create_model(repeat('x', 57) || '_users', 'stars', user_column => 'who', item_column => 'what') IS NOT NULL AS created;
-- what is in the way
SELECT rec.create_model('live', 'stars', user_column => 'who', item_column => 'what'); \echo :SQLSTATE
SELECT rec.create_model('stars', 'stars', user_column => 'who', item_column => 'what'); \echo :SQLSTATE
CREATE TABLE former AS TABLE live_old;
SELECT rec.create_model('former', 'stars', user_column => 'who', item_column => 'what'); \echo :SQLSTATE

-- ---- dropped with triggers off

SELECT count(*) AS models FROM rec.model \gset
SET session_replication_role = replica;
DROP TABLE live_old;
RESET session_replication_role;
SELECT :models - count(*) AS forgotten, to_regclass('live_old_users') AS users FROM rec.model;
-- what was missed all the same goes when the next model is made
ALTER EVENT TRIGGER rec_forget_dropped DISABLE;
DROP TABLE live;
ALTER EVENT TRIGGER rec_forget_dropped ENABLE ALWAYS;
SELECT :models - count(*) AS forgotten, to_regclass('live_users') AS users FROM rec.model;
SELECT rec.create_model('live', 'stars', user_column => 'who', item_column => 'what');
SELECT :models - count(*) AS forgotten FROM rec.model;

-- ---- truncated

TRUNCATE m;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
SELECT * FROM rec.similar_items('m', 1); \echo :SQLSTATE
CALL rec.recommend_all('m', 'lists'); \echo :SQLSTATE
CALL rec.train('m');
SELECT has_bought();

-- ---- altered while it is read: here by a function of the view, otherwise by other sessions, as ANALYZE does

SET client_min_messages = warning;
CREATE FUNCTION alters() RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('sources.alters', true) = 'yes' THEN
		GRANT SELECT ON altered TO PUBLIC;
		REVOKE SELECT ON altered FROM PUBLIC;
	END IF;
	RETURN true;
END $$;
CREATE TABLE taken AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 6) u, generate_series(1, 6) i WHERE (u + i) % 3 > 0;
CREATE VIEW altered AS SELECT * FROM taken WHERE alters();
CREATE TABLE taker AS SELECT u AS user_id, u % 2 AS odd FROM generate_series(1, 7) u;
SELECT rec.create_model('a', 'altered', options => '{"factors": 2}', users => 'taker'), rec.create_model('k', 'altered', 'user_knn');
CALL rec.train('a');
CALL rec.train('k');
CREATE FUNCTION answers() RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(a::text ORDER BY model, rank, a::text)
	  FROM unnest('{a,k}'::regclass[]) model, unnest('{1,7}'::int[]) u, LATERAL (
		SELECT rank, item_id, score FROM rec.recommend(model, u) UNION ALL SELECT rank, user_id, similarity FROM rec.similar_users(model, u)) a $$;
SELECT answers() AS before \gset
SET sources.alters = 'yes';
SELECT cardinality(answers()) > 0 AS answers, answers() = :'before'::text[] AS same;

DROP SCHEMA sources, sources_2 CASCADE;
DROP OWNED BY regress_rec_shop, regress_rec_model, regress_rec_stranger;
DROP ROLE regress_rec_shop, regress_rec_model, regress_rec_stranger;
SELECT count(*) AS models FROM rec.model;
