-- Dropping, renaming, moving and altering a model's tables or its source.

CREATE SCHEMA drop_and_alter;
SET search_path = drop_and_alter;
\set SHOW_CONTEXT never
SET client_min_messages = warning;	-- of what DROP ... CASCADE drops

CREATE TABLE ratings (user_id int, item_id int, rating real, at timestamptz DEFAULT '2024-01-01', PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * i) % 5 FROM generate_series(1, 8) u, generate_series(1, 6) i WHERE (u + i) % 4 > 0;
CREATE PROCEDURE new_model(name text, source regclass = 'ratings') LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model(name, source, options => '{"warm_start": false, "feedback": "explicit", "factors": 2, "iterations": 3, "regularization": 0.5,
		"tolerance": 0, "seed": 1}', time_column => 'at');
	COMMIT;
	CALL rec.train(name::regclass);
END $$;
-- the rows of the catalog, and the tables
CREATE VIEW left_over AS
SELECT (SELECT count(*) FROM rec.model) AS models, (SELECT count(*) FROM rec.iteration) AS iterations,
       (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND (relname LIKE 'm%' OR relname LIKE 'other%')
          AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'drop\_and\_alter%')) AS tables;

-- ---- dropping a model

-- dropping its table drops the table of users and the rows of the catalog
CALL new_model('m');
SELECT * FROM left_over;
SELECT count(*) FROM rec.recommend('m', 1) r;
PREPARE ask AS SELECT count(*) FROM rec.recommend('m', 1) r;
EXECUTE ask;
DROP TABLE m;
SELECT * FROM left_over;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
EXECUTE ask; \echo :SQLSTATE
-- a table of the same name is another model
CALL new_model('m');
SELECT version FROM rec.models;
-- rolled back
BEGIN;
DROP TABLE m;
SELECT * FROM left_over;
ROLLBACK;
SELECT * FROM left_over;
SELECT count(*) FROM rec.recommend('m', 1) r;
-- two models at once, and a table that is no model
CALL new_model('m2');
CREATE TABLE m3 ();
DROP TABLE m, m2, m3;
SELECT * FROM left_over;
-- dropping the table of users alone: the model cannot be trained, but answers
CALL new_model('m');
DROP TABLE m_users;
CALL rec.train('m'); \echo :SQLSTATE
SELECT * FROM rec.similar_users('m', 1); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('m', 1) r;
SELECT bytes = pg_total_relation_size('m') + pg_total_relation_size('m_model') AS bytes FROM rec.models;
DROP TABLE m;
SELECT * FROM left_over;
-- with a view on it, only by CASCADE
CALL new_model('m');
CREATE VIEW titles AS SELECT item_id, bias FROM m;
CREATE VIEW people AS SELECT user_id FROM m_users;
DROP TABLE m; \echo :SQLSTATE
SELECT * FROM left_over;
DROP TABLE m CASCADE;
SELECT * FROM left_over;
SELECT to_regclass('titles') AS titles, to_regclass('people') AS people;
-- with a schema
CREATE SCHEMA drop_and_alter_2;
CALL new_model('drop_and_alter_2.m');
DROP SCHEMA drop_and_alter_2 CASCADE;
SELECT * FROM left_over;
-- with a role
DROP ROLE IF EXISTS regress_rec_leaver;
CREATE ROLE regress_rec_leaver;
CREATE SCHEMA drop_and_alter_2 AUTHORIZATION regress_rec_leaver;
GRANT USAGE ON SCHEMA drop_and_alter TO regress_rec_leaver;
GRANT SELECT ON ratings TO regress_rec_leaver;
SET ROLE regress_rec_leaver;
SELECT rec.create_model('drop_and_alter_2.m', 'ratings', options => '{"warm_start": false, "factors": 2, "iterations": 2}');
CALL rec.train('drop_and_alter_2.m');
RESET ROLE;
SELECT * FROM left_over;
DROP OWNED BY regress_rec_leaver;
SELECT * FROM left_over;
DROP ROLE regress_rec_leaver;
-- with a type of its ids
CREATE DOMAIN sku AS int;
CREATE TABLE by_sku (user_id int, item_id sku, rating real, at timestamptz);
CREATE INDEX ON by_sku (user_id);
INSERT INTO by_sku SELECT * FROM ratings;
CALL new_model('m', 'by_sku');
-- which drops the column only, so that the model cannot be used
DROP DOMAIN sku CASCADE;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
CALL rec.train('m'); \echo :SQLSTATE
DROP TABLE m, by_sku;
SELECT * FROM left_over;

-- ---- renaming and moving

CALL new_model('m');
CREATE TABLE before AS SELECT * FROM rec.recommend('m', 1, n => 100, exclude_seen => false);
SELECT count(*) AS rows FROM before;
CREATE FUNCTION answers(model regclass) RETURNS SETOF drop_and_alter.before LANGUAGE sql
	AS $$ SELECT * FROM rec.recommend(model, 1, n => 100, exclude_seen => false) $$;
CREATE FUNCTION differences(model regclass) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM (SELECT * FROM drop_and_alter.answers(model) EXCEPT TABLE drop_and_alter.before
		UNION ALL (TABLE drop_and_alter.before EXCEPT SELECT * FROM drop_and_alter.answers(model))) AS d $$;
ALTER TABLE m RENAME TO other;
SELECT differences('other');
SELECT model FROM rec.models;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
CREATE SCHEMA drop_and_alter_2;
ALTER TABLE other SET SCHEMA drop_and_alter_2;
SELECT differences('drop_and_alter_2.other');
-- with its table of users, which keeps its own name
SELECT to_regclass('drop_and_alter_2.other_users') AS users;
ALTER TABLE drop_and_alter_2.other_users RENAME TO other_people;
SELECT count(*) FROM rec.similar_users('drop_and_alter_2.other', 1, n => 3) r;
ALTER SCHEMA drop_and_alter_2 RENAME TO drop_and_alter_3;
SELECT differences('drop_and_alter_3.other');
CALL rec.train('drop_and_alter_3.other');
SELECT model, version FROM rec.models;
SELECT differences('drop_and_alter_3.other');
-- the source
ALTER TABLE ratings RENAME TO "Ratings of mine";
SELECT differences('drop_and_alter_3.other');
ALTER TABLE "Ratings of mine" SET SCHEMA drop_and_alter_3;
SELECT differences('drop_and_alter_3.other');
ALTER SCHEMA drop_and_alter_3 RENAME TO "drop_and_alter_""4""";
SELECT differences('"drop_and_alter_""4""".other');
CALL rec.train('"drop_and_alter_""4""".other');
SELECT source, version FROM rec.models;
ALTER SCHEMA "drop_and_alter_""4""" RENAME TO drop_and_alter_2;
ALTER TABLE drop_and_alter_2."Ratings of mine" SET SCHEMA drop_and_alter;
ALTER TABLE "Ratings of mine" RENAME TO ratings;
ALTER TABLE drop_and_alter_2.other SET SCHEMA drop_and_alter;
ALTER TABLE other RENAME TO m;
ALTER TABLE other_people RENAME TO m_users;
DROP SCHEMA drop_and_alter_2;
-- changing the owner of both tables
CREATE ROLE regress_rec_heir;
ALTER TABLE m OWNER TO regress_rec_heir;
GRANT USAGE ON SCHEMA drop_and_alter TO regress_rec_heir;
GRANT SELECT ON ratings TO regress_rec_heir;
SET ROLE regress_rec_heir;
CALL rec.train('m');
RESET ROLE;
ALTER TABLE m OWNER TO CURRENT_USER;
DROP OWNED BY regress_rec_heir;
DROP ROLE regress_rec_heir;
SELECT differences('m');

-- ---- altering the source

-- another column, and rewriting the rows in another order, change nothing
ALTER TABLE ratings ADD COLUMN note text DEFAULT 'x';
SELECT differences('m');
CLUSTER ratings USING ratings_pkey;
SELECT differences('m');
-- renamed and dropped columns
ALTER TABLE ratings RENAME COLUMN user_id TO customer_id;
SELECT differences('m');
SELECT rec.predict('m', 1, 1) IS NOT NULL AS predicts;
SELECT count(*) FROM rec.similar_users('m', 1, n => 3) r;
CALL rec.train('m');
SELECT differences('m');
ALTER TABLE ratings RENAME COLUMN customer_id TO user_id;
SELECT differences('m');
BEGIN; ALTER TABLE ratings DROP COLUMN user_id; SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
ROLLBACK;
-- questions that do not need the source still work
BEGIN; ALTER TABLE ratings DROP COLUMN user_id; SELECT count(*) FROM rec.recommend_for('m', ARRAY[1, 2], n => 2) r;
SELECT count(*) FROM rec.similar_items('m', 1, n => 2) r;
ROLLBACK;
BEGIN; ALTER TABLE ratings DROP COLUMN rating; SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
ROLLBACK;
BEGIN; ALTER TABLE ratings DROP COLUMN at; CALL rec.train('m'); \echo :SQLSTATE
ROLLBACK;
BEGIN; ALTER TABLE ratings DROP COLUMN item_id; SELECT rec.predict('m', 1, 1); \echo :SQLSTATE
ROLLBACK;
SELECT differences('m');
-- other types of ids, which must be those of the model's tables; and of ratings and times, which may be any suitable type
BEGIN; ALTER TABLE ratings ALTER item_id TYPE text; SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
ROLLBACK;
BEGIN; ALTER TABLE ratings ALTER item_id TYPE text; CALL rec.train('m'); \echo :SQLSTATE
ROLLBACK;
BEGIN; ALTER TABLE ratings ALTER rating TYPE numeric; SELECT differences('m');
ROLLBACK;
BEGIN; ALTER TABLE ratings ALTER at TYPE date; SELECT differences('m'); CALL rec.train('m');
ROLLBACK;
BEGIN; ALTER TABLE ratings ALTER rating TYPE text; SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
ROLLBACK;
BEGIN; ALTER TABLE ratings ALTER at TYPE text; SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
ROLLBACK;
SELECT differences('m');
-- a view is replaced
CREATE VIEW viewed AS SELECT * FROM ratings;
CALL new_model('mv', 'viewed');
SELECT differences('mv');
CREATE OR REPLACE VIEW viewed AS SELECT user_id, item_id, rating, at, note FROM ratings WHERE user_id > 1;
SELECT differences('mv') > 0 AS nobody;
DROP TABLE mv;
DROP VIEW viewed;

-- dropped
CREATE TABLE ratings_2 AS TABLE ratings;
CREATE INDEX ON ratings_2 (user_id);
CALL new_model('m2', 'ratings_2');
SELECT count(*) FROM rec.recommend('m2', 1) r;
DROP TABLE ratings_2;
SELECT * FROM rec.recommend('m2', 1); \echo :SQLSTATE
SELECT rec.predict('m2', 1, 1); \echo :SQLSTATE
CALL rec.train('m2'); \echo :SQLSTATE
-- questions that do not need the source still work
SELECT count(*) FROM rec.recommend_for('m2', ARRAY[1, 2], n => 2) r;
SELECT count(*) FROM rec.similar_items('m2', 1, n => 2) r;
SELECT model, version FROM rec.models ORDER BY model::text;
DROP TABLE m2;

-- ---- altering the model's tables

-- without a column that training writes and questions read, although the session has the model in memory; when the column is
-- back, the model must be trained
ALTER TABLE m DROP COLUMN factors;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
CALL rec.train('m'); \echo :SQLSTATE
ALTER TABLE m ADD COLUMN factors real[];
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
CALL rec.train('m');
SELECT differences('m');
ALTER TABLE m ALTER bias TYPE float8;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
ALTER TABLE m ALTER bias TYPE real;
SELECT differences('m');
ALTER TABLE m RENAME COLUMN item_id TO id;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
ALTER TABLE m RENAME COLUMN id TO item_id;
ALTER TABLE m_users DROP COLUMN factors;
SELECT * FROM rec.similar_users('m', 1); \echo :SQLSTATE
CALL rec.train('m'); \echo :SQLSTATE
ALTER TABLE m_users ADD COLUMN factors real[];
CALL rec.train('m');
-- a table that was changed by hand is refused if it cannot be a model; a session that has it in memory does not notice, a new
-- session does; training repairs it
UPDATE m SET factors = '{1, 2, 3}' WHERE item_id = 1;
\c -
SET search_path = drop_and_alter;
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
UPDATE m SET factors = '{NaN, 1}' WHERE item_id = 1;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
UPDATE m SET factors = '{NULL, 1}' WHERE item_id = 1;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
UPDATE m SET factors = NULL WHERE item_id = 1;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
UPDATE m SET factors = '{{1, 2}}' WHERE item_id = 1;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
CALL rec.train('m');
INSERT INTO m (item_id, n_ratings, bias, factors) VALUES (99, 1, 0, '{1, 2}');
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
CALL rec.train('m');
SELECT differences('m');
-- with fewer rows it is a smaller model
DELETE FROM m WHERE item_id > 3;
VACUUM m;
SELECT max(item_id) FROM rec.recommend('m', 1, n => 100, exclude_seen => false);
-- emptied, and rewritten
TRUNCATE m;
SELECT * FROM rec.recommend('m', 1);
CALL rec.train('m');
SELECT differences('m');
VACUUM FULL m;
CLUSTER m USING m_pkey;
REINDEX TABLE m;
SELECT differences('m');
-- without a primary key the rows alone are written
ALTER TABLE m DROP CONSTRAINT m_pkey;
CALL rec.train('m');
SELECT differences('m'), (SELECT count(*) FROM m) AS items;
-- other storage
ALTER TABLE m SET UNLOGGED;
CALL rec.train('m');
SELECT differences('m');

-- ---- dropping the extension

DROP VIEW left_over;
-- it is refused while there are models
DROP EXTENSION rec;
-- with CASCADE it leaves the tables, which belong to the user; a model is then an ordinary table
DROP EXTENSION rec CASCADE;
SELECT count(*) AS items FROM m;
SELECT count(*) AS users FROM m_users;
SELECT count(*) AS ratings FROM ratings;
DROP TABLE m, m_users;
SELECT to_regclass('m_model') AS beside;
-- and the extension can be created again
CREATE EXTENSION rec;
SELECT count(*) AS models FROM rec.models;
-- without models it can be dropped
DROP EXTENSION rec;
CREATE EXTENSION rec;
CALL new_model('m');
SELECT differences('m');

DROP SCHEMA drop_and_alter CASCADE;
SELECT count(*) AS models FROM rec.model;
SELECT count(*) AS iterations FROM rec.iteration;
