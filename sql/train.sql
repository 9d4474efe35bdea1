-- Training: what it stores, versions, the loss, the same model from the same data, transactions.

CREATE SCHEMA train;
SET search_path = train;
\set SHOW_CONTEXT never

-- 60 users and 40 items; about a third of the pairs have a rating from 1 to 5, which md5 chooses
CREATE TABLE ratings (user_id int, item_id int, rating int, PRIMARY KEY (user_id, item_id));
CREATE FUNCTION pg_temp.draw(what text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(what), 7))::bit(28)::int $$;
INSERT INTO ratings
SELECT u, i, 1 + pg_temp.draw(u || 'r' || i) % 5
  FROM generate_series(1, 60) u, generate_series(1, 40) i
 WHERE pg_temp.draw(u || ',' || i) % 3 = 0;

-- ---- before a training

SELECT rec.create_model('movies', 'ratings', options => '{"warm_start": false, "factors": 4, "iterations": 6, "tolerance": 0, "regularization": 2,
    "regularization_scaling": 0, "seed": 0}');
-- every question raises an error with a hint
SELECT * FROM rec.recommend('movies', 1); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('movies', ARRAY[1]); \echo :SQLSTATE
SELECT rec.predict('movies', 1, 1); \echo :SQLSTATE
SELECT * FROM rec.similar_items('movies', 1); \echo :SQLSTATE
SELECT * FROM rec.similar_users('movies', 1); \echo :SQLSTATE

-- ---- after a training

CALL rec.train('movies');
SELECT model, source, algorithm, version, trained_at BETWEEN now() - interval '1 hour' AND clock_timestamp() AS trained_at,
       rows = (SELECT count(*) FROM ratings) AS rows, users, items, loss > 0 AS loss, seconds > 0 AS seconds,
       bytes = (SELECT sum(pg_total_relation_size(t)) FROM unnest('{movies,movies_users,movies_model}'::regclass[]) t) AS bytes
  FROM rec.models;
SELECT mean = (SELECT avg(rating)::float8 FROM ratings) AS mean, minimum, maximum FROM rec.model;
SELECT model, version, count(*) AS iterations, min(iteration), max(iteration), bool_and(seconds >= 0) AS seconds,
       (array_agg(loss ORDER BY iteration DESC))[1] = (SELECT loss FROM rec.models) AS last_is_the_models
  FROM rec.training_log GROUP BY model, version;
-- one row for each id, with the number of ratings in the source
SELECT count(*) AS items, count(*) FILTER (WHERE n_ratings <> (SELECT count(*) FROM ratings r WHERE r.item_id = m.item_id)) AS wrong,
       bool_and(cardinality(factors) = 4) AS factors FROM movies m;
SELECT count(*) AS users, count(*) FILTER (WHERE n_ratings <> (SELECT count(*) FROM ratings r WHERE r.user_id = m.user_id)) AS wrong,
       bool_and(cardinality(factors) = 4) AS factors FROM movies_users m;
-- no training is in progress
SELECT count(*) FROM rec.training_progress;

-- ---- versions

-- seven trainings: the log keeps versions 3 to 7, each with six iterations
DO $$ BEGIN FOR i IN 2 .. 7 LOOP CALL rec.train('movies'); END LOOP; END $$;
SELECT version FROM rec.models;
SELECT version, count(*) AS iterations FROM rec.training_log GROUP BY version ORDER BY version;

-- ---- the loss never rises

-- explicit and implicit feedback, several sizes, with and without regularisation, biases, scaling, and several seeds
CREATE VIEW events AS SELECT user_id, item_id, rating AS weight FROM ratings;
CREATE TABLE losses (options jsonb, iteration int, loss float8);
DO $$
DECLARE
	opts jsonb;
BEGIN
	FOR opts IN
		SELECT jsonb_build_object('feedback', feedback, 'factors', factors, 'regularization', regularization, 'regularization_scaling', scaling,
		                          'biases', biases, 'alpha', alpha, 'seed', seed, 'iterations', 30, 'tolerance', 0, 'solver', 'cholesky')
		  FROM (VALUES ('explicit', 1), ('implicit', 0.5), ('implicit', 40)) AS f (feedback, alpha),
		       unnest('{1, 4, 50}'::int[]) AS factors,
		       (VALUES (0.01, 0), (5, 0), (0.1, 1)) AS r (regularization, scaling),
		       unnest('{true, false}'::bool[]) AS biases,
		       unnest('{1, 2}'::int[]) AS seed
		 WHERE feedback = 'explicit' OR biases
	LOOP
		PERFORM rec.create_model('loss', 'events', options => opts, rating_column => 'weight');
		CALL rec.train('loss');
		INSERT INTO losses SELECT opts, iteration, loss FROM rec.training_log WHERE model = 'loss'::regclass;
		DROP TABLE loss;
	END LOOP;
END $$;
-- of both kinds 3 sizes x 3 regularisations x 2 seeds, with 2 settings each of biases and alpha; a model whose loss
-- can't be lowered any more, for rounding, stops before its 30 iterations
SELECT options ->> 'feedback' AS feedback, count(DISTINCT options) AS models, count(*) BETWEEN 1000 AND 36 * 30 AS iterations
  FROM losses GROUP BY 1 ORDER BY 1;
-- factors are stored in single precision, so an error in the last digits of a loss in double precision is allowed
SELECT options, iteration, loss, before
  FROM (SELECT *, lag(loss) OVER (PARTITION BY options ORDER BY iteration) AS before FROM losses) AS l
 WHERE loss > before * (1 + 1e-9)
 ORDER BY options, iteration;
SELECT bool_and(loss > 0 AND loss < 'Infinity') AS positive FROM losses;

-- ---- tolerance

-- an algorithm that counts has no loss
SELECT rec.create_model('loss', 'events', 'item_knn', rating_column => 'weight');
CALL rec.train('loss');
SELECT m.version, m.loss, l.iteration, l.loss FROM rec.models m JOIN rec.training_log l USING (model) WHERE model = 'loss'::regclass;
DROP TABLE loss;
-- training stops at the first iteration that lowers the loss by less than this share: all but the last lower it by more
SELECT rec.create_model('tolerant', 'ratings', options => '{"warm_start": false, "factors": 4, "iterations": 100, "tolerance": 0.01, "regularization": 2,
    "regularization_scaling": 0, "seed": 0}');
CALL rec.train('tolerant');
SELECT max(iteration) < 100 AS early, bool_and(lowers >= 0.01) FILTER (WHERE iteration < last) AS before, bool_and(lowers < 0.01)
    FILTER (WHERE iteration = last) AS last
  FROM (SELECT iteration, 1 - loss / lag(loss) OVER (ORDER BY iteration) AS lowers, max(iteration) OVER () AS last
          FROM rec.training_log WHERE model = 'tolerant'::regclass) AS l;
-- with tolerance 1 the second iteration is the last, as no loss falls to zero
SELECT rec.create_model('lax', 'ratings', options => '{"warm_start": false, "factors": 4, "iterations": 100, "tolerance": 1, "regularization": 2,
    "regularization_scaling": 0, "seed": 0}');
CALL rec.train('lax');
SELECT count(*) AS iterations FROM rec.training_log WHERE model = 'lax'::regclass;
DROP TABLE tolerant, lax;

-- ---- the same data, options and seed: the same model

-- the same rows in three orders, through a view, and in partitions; one with duplicates of the same value
CREATE TABLE backwards AS SELECT * FROM ratings ORDER BY user_id DESC, item_id DESC;
CREATE TABLE shuffled AS SELECT * FROM ratings ORDER BY md5(user_id || ':' || item_id);
CREATE VIEW viewed AS SELECT item_id, rating, user_id FROM shuffled ORDER BY item_id % 7;
CREATE TABLE parts (LIKE ratings) PARTITION BY HASH (item_id);
CREATE TABLE part_0 PARTITION OF parts FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO parts SELECT * FROM ratings;
CREATE VIEW doubled AS SELECT * FROM ratings UNION ALL SELECT * FROM backwards;
CREATE TABLE same (source text, feedback text, side text, id int, n_ratings int, bias real, factors real[]);
SET client_min_messages = warning;
DO $$
DECLARE
	source text;
	feedback text;
BEGIN
	FOREACH feedback IN ARRAY '{explicit, implicit}'::text[] LOOP
		FOREACH source IN ARRAY '{ratings, ratings again, backwards, shuffled, viewed, parts, doubled}'::text[] LOOP
			CONTINUE WHEN source = 'doubled' AND feedback = 'implicit';		-- its weights add up
			PERFORM rec.create_model('m', split_part(source, ' ', 1)::regclass,
				options => format('{"feedback": "%s", "factors": 5, "iterations": 5, "tolerance": 0, "regularization": 2, "regularization_scaling": 0.5,
					"alpha": 1, "seed": 42}', feedback)::jsonb);
			CALL rec.train('m');
			INSERT INTO same SELECT source, feedback, 'items', * FROM m UNION ALL SELECT source, feedback, 'users', * FROM m_users;
			DROP TABLE m;
		END LOOP;
	END LOOP;
END $$;
RESET client_min_messages;
-- 100 rows each, and no value that differs in any bit
SELECT s.source, feedback, count(*) AS rows,
       count(*) FILTER (WHERE s.n_ratings = r.n_ratings AND float4send(s.bias) = float4send(r.bias) AND array_send(s.factors) = array_send(r.factors)) AS equal
  FROM same s JOIN same r USING (feedback, side, id)
 WHERE r.source = 'ratings'
 GROUP BY s.source, feedback ORDER BY feedback, s.source;
-- a second training of a model starts from the seed too, not from the last version: versions 1 and 7 above, each of six
-- iterations
SELECT rec.create_model('once', 'ratings', options => '{"warm_start": false, "factors": 4, "iterations": 6, "tolerance": 0, "regularization": 2,
    "regularization_scaling": 0, "seed": 0}');
CALL rec.train('once');
SELECT count(*) AS equal FROM movies JOIN once USING (item_id, n_ratings, bias, factors);
SELECT count(*) AS equal FROM movies_users JOIN once_users USING (user_id, n_ratings, bias, factors);
DROP TABLE once;
-- another seed, another model
SELECT rec.create_model('seeded', 'ratings', options => '{"warm_start": false, "factors": 4, "iterations": 6, "tolerance": 0, "regularization": 2,
    "regularization_scaling": 0, "seed": 1}');
CALL rec.train('seeded');
SELECT count(*) FILTER (WHERE m.factors <> s.factors) AS different FROM movies m JOIN seeded s USING (item_id);
DROP TABLE seeded;

-- ---- another training

-- a column and an index that the owner adds to the model's table
ALTER TABLE movies ADD COLUMN title text, ADD COLUMN note text DEFAULT 'new';
CREATE INDEX ON movies (n_ratings);
UPDATE movies SET title = 'film ' || item_id, note = 'mine';
-- item 40 and user 60 are deleted, item 41 and user 61 are new, and item 1 loses a rating
DELETE FROM ratings WHERE item_id = 40 OR user_id = 60;
INSERT INTO ratings VALUES (61, 41, 5), (61, 1, 3), (1, 41, 4);
DELETE FROM ratings WHERE item_id = 1 AND user_id = (SELECT min(user_id) FROM ratings WHERE item_id = 1);
CALL rec.train('movies');
SELECT version, rows = (SELECT count(*) FROM ratings) AS rows, users, items FROM rec.models;
SELECT count(*) AS items, min(item_id), max(item_id), count(*) FILTER (WHERE title = 'film ' || item_id AND note = 'mine') AS kept FROM movies;
SELECT item_id, title, note, n_ratings FROM movies WHERE item_id > 38 ORDER BY item_id;
SELECT count(*) AS users, min(user_id), max(user_id) FROM movies_users;
SELECT count(*) FILTER (WHERE n_ratings <> (SELECT count(*) FROM ratings r WHERE r.item_id = m.item_id)) AS wrong FROM movies m;
-- the index finds the new rows
SET enable_seqscan = off;
SELECT count(*) = (SELECT count(*) FROM (SELECT item_id FROM ratings GROUP BY item_id HAVING count(*) > 20) AS often) AS indexed FROM movies
    WHERE n_ratings > 20;
SELECT item_id FROM movies WHERE item_id = 41;
RESET enable_seqscan;
-- questions right after it use the new version
SELECT count(*) FROM rec.recommend('movies', 2, n => 100, exclude_seen => false) r;
-- the model equals a new model of the same source
SELECT rec.create_model('anew', 'ratings', options => '{"warm_start": false, "factors": 4, "iterations": 6, "tolerance": 0, "regularization": 2,
    "regularization_scaling": 0, "seed": 0}');
CALL rec.train('anew');
SELECT count(*) AS equal FROM movies JOIN anew USING (item_id, n_ratings, bias, factors);
DROP TABLE anew;
-- a NOT NULL column without a default is an error, and nothing changes
ALTER TABLE movies ADD COLUMN genre text NOT NULL DEFAULT 'none';
ALTER TABLE movies ALTER COLUMN genre DROP DEFAULT;
INSERT INTO ratings VALUES (61, 42, 5);
\set VERBOSITY terse
CALL rec.train('movies'); \echo :SQLSTATE
\set VERBOSITY default
SELECT version, (SELECT count(*) FROM movies) AS items FROM rec.models;
ALTER TABLE movies DROP COLUMN genre;
DELETE FROM ratings WHERE item_id = 42;

-- ---- transactions

-- after a rollback the old version answers again
BEGIN;
DELETE FROM ratings WHERE item_id > 20;
CALL rec.train('movies');
SELECT version, items FROM rec.models;
SELECT count(*) FROM rec.recommend('movies', 1, n => 100, exclude_seen => false) r;
ROLLBACK;
SELECT version, items FROM rec.models;
SELECT count(*) FROM rec.recommend('movies', 1, n => 100, exclude_seen => false) r;
SELECT count(*) FROM movies;
SELECT max(version) FROM rec.training_log;
-- to a savepoint
BEGIN;
CALL rec.train('movies');
SAVEPOINT two;
DELETE FROM ratings WHERE item_id > 20;
CALL rec.train('movies');
ROLLBACK TO two;
SELECT version, items FROM rec.models;
SELECT count(*) FROM rec.recommend('movies', 1, n => 100, exclude_seen => false) r;
COMMIT;
-- created, trained and asked in one transaction
BEGIN;
SELECT rec.create_model('brief', 'ratings', options => '{"warm_start": false, "factors": 2, "iterations": 2}');
CALL rec.train('brief');
SELECT count(*) FROM rec.recommend('brief', 1, n => 3) r;
ROLLBACK;
SELECT to_regclass('brief');
-- in a procedure: the result of the training is part of the caller's transaction, and is rolled back with it
CREATE TABLE diary (at int, items bigint);
CREATE PROCEDURE nightly() LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ratings VALUES (62, 43, 5), (62, 1, 1);
	COMMIT;
	CALL rec.train('train.movies');
	INSERT INTO diary SELECT 1, items FROM rec.models WHERE model = 'train.movies'::regclass;
	ROLLBACK;
	INSERT INTO diary SELECT 2, items FROM rec.models WHERE model = 'train.movies'::regclass;
	DELETE FROM ratings WHERE user_id = 62;
	CALL rec.train('train.movies');
END $$;
CALL nightly();
-- the first note was rolled back with it, and only the second training counts
SELECT * FROM diary ORDER BY at;
SELECT version, items FROM rec.models;
-- in a function it cannot commit, which it does not need to
CREATE FUNCTION pg_temp.train_it() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	CALL rec.train('movies');
	RETURN (SELECT version FROM rec.models);
END $$;
SELECT pg_temp.train_it();
-- serializable and repeatable read
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) > 0 AS ratings FROM ratings;
CALL rec.train('movies');
SELECT version FROM rec.models;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
CALL rec.train('movies');
COMMIT;
SELECT version FROM rec.models;
-- an error leaves nothing behind: the next training succeeds
BEGIN;
CALL rec.train('movies');
SELECT 1 / 0;
ROLLBACK;
CALL rec.train('movies');
SELECT version FROM rec.models;

-- ---- errors

BEGIN READ ONLY;
CALL rec.train('movies'); \echo :SQLSTATE
ROLLBACK;
CALL rec.train(NULL); \echo :SQLSTATE
CALL rec.train('ratings'); \echo :SQLSTATE
CALL rec.train('movies_users'); \echo :SQLSTATE
CALL rec.train('movie'); \echo :SQLSTATE
CALL rec.train(0::oid::regclass); \echo :SQLSTATE
CREATE TABLE moviez ();
SELECT * FROM rec.recommend('moviez', 1); \echo :SQLSTATE
-- more memory than allowed: refused before it is allocated, and the old version stays
SELECT rec.create_model('large', 'ratings', options => '{"warm_start": false, "factors": 1024}');
CREATE VIEW many AS SELECT g AS user_id, 1 AS item_id FROM generate_series(1, 200000) g;
SELECT rec.create_model('much', 'many');
SET rec.max_memory = '2MB';
CALL rec.train('much'); \echo :SQLSTATE
RESET rec.max_memory;
SET rec.max_memory = '16MB';
-- the amount depends on the processor
DO $$ BEGIN CALL rec.train('large'); EXCEPTION WHEN configuration_limit_exceeded THEN RAISE NOTICE '%', regexp_replace(SQLERRM, '\d+ MB of',
    'some MB of'); END $$;
RESET rec.max_memory;
CALL rec.train('movies');
SELECT version FROM rec.models WHERE model = 'movies'::regclass;

SET client_min_messages = warning;
DROP SCHEMA train CASCADE;
SELECT count(*) AS models FROM rec.model;
SELECT count(*) AS iterations FROM rec.iteration;
