-- Defining models: names, sources, columns, options, and what is refused.
--
-- psql's variable SQLSTATE is printed after what must fail; 00000 is success.

CREATE SCHEMA create_model;
SET search_path = create_model;
\set SHOW_CONTEXT never

CREATE TABLE ratings (user_id int, item_id bigint, rating real, rated_at timestamptz, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings VALUES (1, 10, 5), (1, 20, 3), (2, 10, 4), (2, 30, 1);

-- ---- what is made

-- two tables, with the source's own types of ids; each says what it is, and so do its columns
SELECT rec.create_model('movies', 'ratings');
\d movies
\d movies_users
SELECT obj_description('movies'::regclass, 'pg_class') AS movies;
SELECT obj_description('movies_users'::regclass, 'pg_class') AS movies_users;
SELECT attrelid::regclass AS "table", attname AS "column", col_description(attrelid, attnum) AS comment
  FROM pg_attribute WHERE attrelid IN ('movies'::regclass, 'movies_users'::regclass) AND attnum > 0 ORDER BY attrelid::regclass::text, attnum;
SELECT relname, reloptions FROM pg_class WHERE oid IN ('movies'::regclass, 'movies_users'::regclass) ORDER BY relname;

-- in the view it has no figures yet
SELECT model, source, algorithm, version, trained_at, rows, users, items, loss, seconds, bytes > 0 AS bytes FROM rec.models;
SELECT count(*) FROM rec.training_log;

-- the name is taken: by the model, and by what is no model
SELECT rec.create_model('movies', 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('ratings', 'ratings'); \echo :SQLSTATE
-- where only the name of the second table is taken, it gets another
CREATE TABLE films_users ();
SELECT rec.create_model('films', 'ratings'); \echo :SQLSTATE
SELECT relation AS user_table FROM rec.model_table WHERE model = 'films'::regclass AND side = 'users';
DROP TABLE films, films_users;

-- what fails half-way, or is rolled back, leaves no row in the catalog
BEGIN;
SELECT rec.create_model('films', 'ratings');
ROLLBACK;
SELECT to_regclass('films') AS films, count(*) AS models FROM rec.models;

-- ---- names

CREATE SCHEMA "Shop";
SELECT rec.create_model('"Shop".films', 'ratings');
SELECT rec.create_model('Films', 'ratings');
-- "Mo vies"; drop, as one name
SELECT rec.create_model('"""Mo vies""; drop"', 'ratings');
SELECT rec.create_model('"фильмы 映画 🎬"', 'ratings');
-- 63 bytes, the longest there is: its table of users has a shortened name, as an index would have
SELECT rec.create_model(repeat('n', 63), 'ratings');
SELECT model, relation AS user_table FROM rec.model_table WHERE side = 'users' ORDER BY model::text COLLATE "C";
-- all of them can be trained and asked
CALL rec.train('"Shop".films');
CALL rec.train('"""Mo vies""; drop"');
CALL rec.train('"фильмы 映画 🎬"');
SELECT count(*) FROM rec.recommend('"""Mo vies""; drop"', 1::bigint) r;
SELECT count(*) FROM rec.recommend('"фильмы 映画 🎬"', 1::bigint) r;
SELECT count(*) FROM rec.similar_users('"Shop".films', 1) r;
-- another one of 63 bytes, whose table of users would have the same shortened name
SELECT rec.create_model(repeat('n', 62) || 'm', 'ratings'); \echo :SQLSTATE
-- a longer name is cut, as in CREATE TABLE
SELECT length(rec.create_model(repeat('o', 70), 'ratings')::text);

-- no names
SELECT rec.create_model('', 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('films; drop', 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('a.b.c.d', 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('no_such_schema.films', 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('no_such_database.public.films', 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('pg_temp.films', 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('pg_catalog.films', 'ratings'); \echo :SQLSTATE

-- ---- algorithms and options

SELECT rec.create_model('films2', 'ratings', 'asl'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', 'gradient boosting'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', ''); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', 'ALS'); \echo :SQLSTATE

-- every option with a value of its own, in any order
SELECT rec.create_model('films2', 'ratings', 'als', '{"seed": 7, "tolerance": 0, "solver": "block", "block_size": 48, "biases": false, "alpha": 2.5,
    "regularization_scaling": 1, "regularization": 0.25, "iterations": 3, "factors": 2, "feedback": "implicit"}');
SELECT options FROM rec.models WHERE model = 'films2'::regclass;
DROP TABLE films2;
-- those that are not given appear with their defaults: one for each row of rec.algorithms
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 8}');
SELECT count(*) = (SELECT count(*) FROM rec.algorithms WHERE algorithm = 'als') AS complete,
       count(*) FILTER (WHERE o.option IS NULL) AS unknown,
       bool_or(key = 'factors' AND value = '8') AS given,
       bool_and(o."default" = value #>> '{}') FILTER (WHERE key <> 'factors' AND o."default" NOT LIKE '%(implicit)') AS defaults
  FROM rec.models m, jsonb_each(m.options) LEFT JOIN rec.algorithms o ON o.option = key AND o.algorithm = 'als'
 WHERE model = 'films2'::regclass;
DROP TABLE films2;
-- the ends of the ranges are within
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 1024, "block_size": 1024, "iterations": 10000, "regularization": 1e12,
    "regularization_scaling": 2, "alpha": 1e6, "tolerance": 1, "seed": 2147483647}');
DROP TABLE films2;
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 1, "block_size": 1, "iterations": 1, "regularization": 0, "regularization_scaling": 0,
    "alpha": 0, "tolerance": 0, "seed": 0}');
DROP TABLE films2;
-- 8.0 is an integer
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 8.0}');
SELECT options -> 'factors' AS factors FROM rec.models WHERE model = 'films2'::regclass;
DROP TABLE films2;

-- unknown: near one, near none, wrong case, empty
SELECT rec.create_model('films2', 'ratings', options => '{"factor": 8}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"regularisation": 8}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"Factors": 8}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"blocksize": 16}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"neighbors": 8}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"": 8}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 8, "факторы": 8}'); \echo :SQLSTATE
-- of the wrong type
SELECT rec.create_model('films2', 'ratings', options => '{"factors": "8"}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 8.5}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"iterations": null}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"factors": [8, 16]}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"regularization": true}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"regularization": {"users": 1}}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"biases": 1}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"solver": 1}'); \echo :SQLSTATE
-- out of range
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 0}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 1025}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"factors": 1e400}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"tolerance": -123456789e50}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => jsonb_build_object('solver', repeat('é', 1000))); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => jsonb_build_object(repeat('o', 1000), 1)); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"solver": "block", "block_size": 0}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"block_size": 1025}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"iterations": -1}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"regularization": -0.1}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"regularization_scaling": 2.5}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"tolerance": 1.5}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"seed": 2147483648}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"solver": "lu"}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"solver": "blocks"}'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '{"feedback": "explict"}'); \echo :SQLSTATE
-- no object
SELECT rec.create_model('films2', 'ratings', options => '[]'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '8'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => 'null'); \echo :SQLSTATE
SELECT rec.create_model('films2', 'ratings', options => '[{"factors": 8}]'); \echo :SQLSTATE

-- ---- columns

CREATE TABLE orders (customer text, sku text, quantity numeric, ordered_at date, note text, place point, wish json);
CREATE INDEX ON orders (customer);
SELECT rec.create_model('bought', 'orders', user_column => 'customer', item_column => 'sku', time_column => 'ordered_at');
SELECT rec.create_model('weighted', 'orders', user_column => 'customer', item_column => 'sku', rating_column => 'quantity');
SELECT rec.create_model('weighted_events', 'orders', options => '{"feedback": "implicit"}', user_column => 'customer', item_column => 'sku',
    rating_column => 'quantity');
-- without a rating column every row is an event; with one it is a rating, unless told otherwise; a column `rating` is found by itself
SELECT model, rating_column, options -> 'feedback' AS feedback FROM rec.model
 WHERE model IN ('bought'::regclass, 'weighted'::regclass, 'weighted_events'::regclass, 'movies'::regclass) ORDER BY model::text;
SELECT rec.create_model('rated', 'orders', options => '{"feedback": "explicit"}', user_column => 'customer', item_column => 'sku'); \echo :SQLSTATE

-- missing, with the nearest name; system columns don't count
SELECT rec.create_model('more', 'orders'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'costumer', item_column => 'sku'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'customer', item_column => 'SKU'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'customer', item_column => 'sku', rating_column => 'quantities'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'customer', item_column => 'sku', time_column => 'orderedat'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'ctid', item_column => 'sku'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => '', item_column => 'sku'); \echo :SQLSTATE
-- of types that don't do
SELECT rec.create_model('more', 'orders', user_column => 'customer', item_column => 'place'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'wish', item_column => 'sku'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'customer', item_column => 'sku', rating_column => 'note'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'customer', item_column => 'sku', rating_column => 'ordered_at'); \echo :SQLSTATE
SELECT rec.create_model('more', 'orders', user_column => 'customer', item_column => 'sku', time_column => 'note'); \echo :SQLSTATE

-- one column in two roles; the column `rating` is found where it has none
SELECT rec.create_model('same', 'ratings', item_column => 'user_id'); \echo :SQLSTATE
SELECT rec.create_model('same', 'ratings', rating_column => 'item_id'); \echo :SQLSTATE
SELECT rec.create_model('same', 'ratings', rating_column => 'rating', time_column => 'rating'); \echo :SQLSTATE
SELECT count(*) FROM rec.compare('ratings', '["popular"]', time_column => 'user_id'); \echo :SQLSTATE
SELECT rec.create_model('same', 'ratings', time_column => 'rating');
SELECT rating_column, time_column FROM rec.model WHERE model = 'same'::regclass;

-- quoted column names
CREATE TABLE quoted ("User" int, "select" int, "the ""rating""" real, "zeit ; drop" timestamptz, PRIMARY KEY ("User", "select"));
INSERT INTO quoted VALUES (1, 1, 1, now()), (1, 2, 5, now()), (2, 1, 2, now());
SELECT rec.create_model('quoted_model', 'quoted', user_column => 'User', item_column => 'select', rating_column => 'the "rating"',
    time_column => 'zeit ; drop');
CALL rec.train('quoted_model');
SELECT count(*) FROM rec.recommend('quoted_model', 2) r;

-- every type of rating and of time: of user 1's two ratings the later one counts, so the mean is (5 + 4) / 2
CREATE DOMAIN stars AS int CHECK (VALUE BETWEEN 1 AND 5);
CREATE TABLE typed (user_id int, item_id int, r1 smallint, r2 int, r3 bigint, r4 real, r5 float8, r6 numeric(4, 1), r7 stars, r8 money, r9 boolean, r10 oid,
                    t1 timestamptz, t2 timestamp, t3 date, t4 smallint, t5 int, t6 bigint, t7 real, t8 float8, t9 numeric, t10 time, t11 interval);
CREATE INDEX ON typed (user_id);
INSERT INTO typed VALUES (1, 1, 5, 5, 5, 5, 5, 5, 5, 5, true, 5, '2020-01-01', '2020-01-01', '2020-01-01', 1, 1, 1, 1, 1, 1, '01:00', '1 day'),
                         (1, 1, 3, 3, 3, 3, 3, 3, 3, 3, false, 3, '1919-01-01', '1919-01-01', '1919-01-01', -1, -1, -1, -1, -1, -1, '02:00', '2 days'),
                         (2, 1, 4, 4, 4, 4, 4, 4, 4, 4, false, 4, '2019-01-01', '2019-01-01', '2019-01-01', 1, 1, 1, 1, 1, 1, '02:00', '2 days');
CREATE FUNCTION pg_temp.mean_with(rating text, at text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	mean float8;
BEGIN
	PERFORM rec.create_model('of_type', 'typed', options => '{"factors": 1, "feedback": "explicit"}', rating_column => rating::name, time_column => at::name);
	CALL rec.train('of_type');
	SELECT m.mean INTO mean FROM rec.model m WHERE m.model = 'of_type'::regclass;
	DROP TABLE of_type;
	RETURN mean;
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ': ' || sqlerrm;
END $$;
SELECT format_type(atttypid, atttypmod) AS type, pg_temp.mean_with(attname, 't1') AS as_rating FROM pg_attribute
 WHERE attrelid = 'typed'::regclass AND attname LIKE 'r%' ORDER BY attnum;
SELECT format_type(atttypid, atttypmod) AS type, pg_temp.mean_with('r1', attname) AS as_time FROM pg_attribute
 WHERE attrelid = 'typed'::regclass AND attname LIKE 't%' AND attnum > 0 AND attname <> 'tableoid' ORDER BY attnum;

-- ---- sources

-- where no index begins with the column of users, a notice says what to do; not for views and foreign tables, which have none of their own
CREATE TABLE events (user_id int, item_id int, n int PRIMARY KEY);
CREATE INDEX ON events (item_id, user_id);
INSERT INTO events SELECT u, i, row_number() OVER () FROM generate_series(1, 6) u, generate_series(1, 5) i WHERE (u + i) % 3 > 0;
SELECT rec.create_model('of_table', 'events');
CREATE INDEX ON events (user_id, n);
SELECT rec.create_model('of_indexed', 'events');
-- nor does one serve that has some of the rows, or another collation, or was not finished
CREATE TABLE visits (user_id text, item_id int);
INSERT INTO visits VALUES ('a', 1), ('a', 2), ('b', 1);
CREATE INDEX visits_some ON visits (user_id) WHERE item_id > 1;
SELECT rec.create_model('of_some', 'visits');
DROP INDEX visits_some;
CREATE INDEX visits_c ON visits (user_id COLLATE "C");
SELECT rec.create_model('of_c', 'visits');
DROP INDEX visits_c;
CREATE UNIQUE INDEX CONCURRENTLY visits_unfinished ON visits (user_id);
SELECT rec.create_model('of_unfinished', 'visits');
-- these do
CREATE INDEX visits_pattern ON visits (user_id text_pattern_ops);
SELECT rec.create_model('of_pattern', 'visits');
DROP INDEX visits_pattern;
CREATE INDEX visits_hash ON visits USING hash (user_id);
SELECT rec.create_model('of_hash', 'visits');

CREATE VIEW event_view AS SELECT user_id, item_id FROM events WHERE user_id > 1;
SELECT rec.create_model('of_view', 'event_view');
CREATE MATERIALIZED VIEW event_matview AS SELECT user_id, item_id FROM events WHERE user_id > 2;
SELECT rec.create_model('of_matview', 'event_matview');
CREATE TABLE event_parts (user_id int, item_id int) PARTITION BY HASH (user_id);
CREATE TABLE event_part_0 PARTITION OF event_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE event_part_1 PARTITION OF event_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO event_parts SELECT user_id, item_id FROM events;
SELECT rec.create_model('of_parts', 'event_parts');
CREATE UNLOGGED TABLE event_unlogged AS SELECT user_id, item_id FROM events;
CREATE INDEX ON event_unlogged (user_id);
SELECT rec.create_model('of_unlogged', 'event_unlogged');
-- where the module for foreign tables is not installed, a view stands in
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'file_fdw') AS has_file_fdw \gset
\if :has_file_fdw
SET client_min_messages = warning;
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE event_foreign (user_id int, item_id int) SERVER files OPTIONS (program 'echo 1,1; echo 1,2; echo 2,2; echo 2,3; echo 3,1', format 'csv');
RESET client_min_messages;
\else
CREATE VIEW event_foreign AS SELECT * FROM (VALUES (1, 1), (1, 2), (2, 2), (2, 3), (3, 1)) AS v (user_id, item_id);
\endif
SELECT rec.create_model('of_foreign', 'event_foreign');

CALL rec.train('of_table');
CALL rec.train('of_view');
CALL rec.train('of_matview');
CALL rec.train('of_parts');
CALL rec.train('of_unlogged');
CALL rec.train('of_foreign');
-- of 30 pairs, 10 are left out where u + i is divisible by 3: users 1 and 4 lack 2 and 5, users 2 and 5 lack 1 and 4, users 3 and 6 lack 3
-- users 1 to 6 have 3 + 3 + 4 + 3 + 3 + 4 = 20 rows, so the view has 17, the materialized view 14
SELECT model, source, rows, users, items FROM rec.models
 WHERE source::text LIKE 'event%' AND version > 0 ORDER BY model::text;
-- all answer from their sources as these are now: with what the user doesn't have there, and user 1 is unknown to the view
SELECT model, user_id, array_agg(item_id ORDER BY item_id) AS items
  FROM (VALUES ('of_table', 2), ('of_view', 2), ('of_view', 1), ('of_matview', 3), ('of_parts', 5), ('of_unlogged', 6), ('of_foreign', 3)) AS v (model,
      user_id),
       LATERAL rec.recommend(model::regclass, user_id) r
 GROUP BY model, user_id ORDER BY model, user_id;

-- no sources
SELECT rec.create_model('more', 'rating'); \echo :SQLSTATE
SELECT rec.create_model('more', 0::oid::regclass); \echo :SQLSTATE
SELECT rec.create_model('more', 4294967295::oid::regclass); \echo :SQLSTATE
CREATE SEQUENCE numbers;
SELECT rec.create_model('more', 'numbers'); \echo :SQLSTATE
SELECT rec.create_model('more', 'ratings_pkey'); \echo :SQLSTATE
CREATE TYPE pair AS (user_id int, item_id int);
SELECT rec.create_model('more', 'pair'); \echo :SQLSTATE

-- ---- NULL

SELECT rec.create_model(NULL, 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('more', NULL); \echo :SQLSTATE
SELECT rec.create_model('more', 'ratings', NULL); \echo :SQLSTATE
SELECT rec.create_model('more', 'ratings', options => NULL); \echo :SQLSTATE
SELECT rec.create_model('more', 'ratings', user_column => NULL); \echo :SQLSTATE
SELECT rec.create_model('more', 'ratings', item_column => NULL); \echo :SQLSTATE

-- ---- ratings, or weights of events?

-- A rating column makes feedback explicit, which is said unless the option is given, and so is what ratings on a scale do not look like, at the first
-- training and where
-- options are compared: of 200 values most are the lowest, as counts are (120 of 1), nearly all are equal (180 of 5), or the highest is far from the mean
-- (1000, which makes it 6 + 5). None is so of 1 to 5 in equal parts, nor of too few.
CREATE TABLE looks (user_id int, item_id int, counts int, stars int, seconds int, scale int, PRIMARY KEY (user_id, item_id));
INSERT INTO looks SELECT n % 20, n / 20, CASE WHEN n < 120 THEN 1 ELSE 2 + n % 3 END, CASE WHEN n < 180 THEN 5 ELSE 1 + n % 4 END,
    CASE WHEN n = 0 THEN 1000 ELSE 4 + n % 5 END, 1 + n % 5 FROM generate_series(0, 199) n;
CREATE VIEW few_looks AS SELECT * FROM looks WHERE item_id < 4;
SELECT rec.create_model('look_' || c, 'looks', 'popular', rating_column => c::name) FROM unnest('{counts, stars, seconds, scale}'::text[]) c \g /dev/null
CALL rec.train('look_counts');
CALL rec.train('look_stars');
CALL rec.train('look_seconds');
CALL rec.train('look_scale');
-- once; and not of events
CALL rec.train('look_counts');
DROP TABLE look_counts, look_stars, look_seconds, look_scale;
SELECT rec.create_model('look', 'looks', 'popular', '{"feedback": "implicit"}', rating_column => 'counts') \g /dev/null
CALL rec.train('look');
DROP TABLE look;
SELECT rec.create_model('look', 'few_looks', 'popular', rating_column => 'counts') \g /dev/null
CALL rec.train('look');
DROP TABLE look;
-- comparing says both, unless the option is given, to all or to each; and so does evaluating a model
SELECT count(*) FROM rec.compare('looks', '["popular", "item_knn"]', rating_column => 'counts');
SELECT count(*) FROM rec.compare('looks', '["popular", "item_knn"]', rating_column => 'scale');
SELECT count(*) FROM rec.compare('looks', '["popular", "item_knn"]', rating_column => 'counts', options => '{"feedback": "implicit"}');
SELECT count(*) FROM rec.compare('looks', '[{"algorithm": "popular", "feedback": "explicit"}]', rating_column => 'counts');
SELECT count(*) FROM rec.compare('looks', '["popular"]');
SELECT rec.create_model('look', 'looks', 'popular', '{"feedback": "explicit"}', rating_column => 'counts');
SELECT count(*) FROM rec.evaluate('look', 'random') WHERE metric = 'ndcg';
SELECT count(*) FROM rec.evaluate('look', 'random', options => '{"feedback": "explicit"}') WHERE metric = 'ndcg';

-- ---- what is to come: refused by name, unless it says nothing

SELECT rec.create_model('more', 'ratings', 'svd', items => 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('more', 'ratings', 'svd', users => 'ratings'); \echo :SQLSTATE
SELECT rec.create_model('more', 'ratings', context_columns => '{rated_at}');
SELECT rec.create_model('more', 'ratings', inputs => '{movies}');
SELECT rec.create_model('less', 'ratings', items => NULL, users => NULL, context_columns => '{}', inputs => NULL);
SELECT rec.alter_model('less', algorithm => 'svd', items => 'ratings'); \echo :SQLSTATE
SELECT rec.alter_model('less', algorithm => 'svd', users => 'ratings'); \echo :SQLSTATE
SELECT rec.alter_model('less', context_columns => '{rated_at}');
SELECT rec.alter_model('less', inputs => '{movies}');
SELECT rec.alter_model('less', options => '{"factors": 3}', items => NULL, users => NULL, context_columns => '{}', inputs => '{}');
DROP TABLE less;

-- ---- read only

BEGIN READ ONLY;
SELECT rec.create_model('more', 'ratings'); \echo :SQLSTATE
ROLLBACK;

-- what failed made nothing
SELECT to_regclass('more') AS more, to_regclass('more_users') AS more_users, count(*) FILTER (WHERE model::text = 'more') AS models FROM rec.model;

SET client_min_messages = warning;
DROP SCHEMA create_model, "Shop" CASCADE;
DROP EXTENSION IF EXISTS file_fdw CASCADE;
SELECT count(*) AS models FROM rec.model;
