-- What else the owner of a model does with its tables.
SET client_min_messages = warning;
CREATE SCHEMA model_table;
SET search_path = model_table, public;

-- ---- columns that the owner adds to a model table are maintained by training

CREATE TABLE few (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
INSERT INTO few SELECT u, i, 1 + (u * i) % 5 FROM generate_series(1, 8) u, generate_series(1, 6) i;
SELECT rec.create_model('kept', 'few', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('kept');
ALTER TABLE kept ADD note text NOT NULL DEFAULT 'new', ADD twice real GENERATED ALWAYS AS (bias * 2) STORED;
UPDATE kept SET note = 'mine' WHERE item_id = 1;
INSERT INTO few VALUES (1, 7, 3), (2, 7, 5);
CALL rec.train('kept');
-- item 1 keeps its values, item 7 has the defaults; the generated column follows the bias
SELECT item_id, note FROM kept WHERE item_id IN (1, 7) ORDER BY item_id;
SELECT count(*) AS wrong FROM kept WHERE twice IS DISTINCT FROM bias * 2;

-- a check constraint that a new row violates is an error, and the old version stays
ALTER TABLE kept ADD CHECK (item_id < 8);
INSERT INTO few VALUES (1, 8, 3);
\set VERBOSITY terse
CALL rec.train('kept'); \echo :SQLSTATE
\set VERBOSITY default
SELECT version FROM rec.models WHERE model = 'kept'::regclass;
DELETE FROM few WHERE item_id = 8;

-- training fires no triggers, and so could leave a foreign key dangling: it is refused
CREATE TABLE basket (item_id int REFERENCES kept);
CALL rec.train('kept'); \echo :SQLSTATE
DROP TABLE basket;
CALL rec.train('kept');

-- functions change models and their tables together: nobody writes to the views, not even superusers
UPDATE rec.models SET options = '{}' WHERE model = 'kept'::regclass; \echo :SQLSTATE
\set VERBOSITY terse
DELETE FROM rec.models WHERE model = 'kept'::regclass; \echo :SQLSTATE
INSERT INTO rec.models (model, algorithm) VALUES ('kept', 'als'); \echo :SQLSTATE
UPDATE rec.training_log SET loss = 0 WHERE model = 'kept'::regclass; \echo :SQLSTATE
UPDATE rec.training_progress SET done = 0; \echo :SQLSTATE
DELETE FROM rec.shared_models; \echo :SQLSTATE
UPDATE rec.algorithms SET "default" = '1'; \echo :SQLSTATE
DELETE FROM rec.metrics; \echo :SQLSTATE
\set VERBOSITY default
SELECT options <> '{}' AS kept FROM rec.models WHERE model = 'kept'::regclass;

-- a view on the table of users prevents dropping the model, except with CASCADE
CREATE VIEW people AS SELECT user_id FROM kept_users;
DROP TABLE kept; \echo :SQLSTATE
SELECT count(*) FROM rec.models WHERE model = 'kept'::regclass;
DROP TABLE kept CASCADE;
SELECT to_regclass('people') AS people, to_regclass('kept_users') AS users;
DROP TABLE few;
DROP SCHEMA model_table CASCADE;
