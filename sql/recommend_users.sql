-- rec.recommend_users: whom to show an item.

CREATE SCHEMA whom;
SET search_path = whom;
\set SHOW_CONTEXT never

-- 40 users and 25 items of two tastes: odd users like odd items
CREATE TABLE ratings (user_id int, item_id int, rating int, PRIMARY KEY (user_id, item_id));
CREATE FUNCTION pg_temp.draw(what text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(what), 7))::bit(28)::int $$;
INSERT INTO ratings SELECT u, i, CASE WHEN (u + i) % 2 = 0 THEN 4 ELSE 1 END + pg_temp.draw(u || 'r' || i) % 2
  FROM generate_series(1, 40) u, generate_series(1, 25) i WHERE pg_temp.draw(u || ',' || i) % 5 < 3;
CREATE VIEW events AS SELECT user_id, item_id FROM ratings WHERE rating >= 4;
CREATE INDEX ON ratings (item_id);
CREATE TABLE models (model text PRIMARY KEY, source text, algorithm text, options jsonb);
INSERT INTO models VALUES
	('als_ratings', 'ratings', 'als', '{"factors": 3, "feedback": "explicit", "regularization": 1}'),
	('als_unclipped', 'ratings', 'als', '{"factors": 3, "feedback": "explicit", "regularization": 0.1, "clip": false}'),
	('als_without_biases', 'ratings', 'als', '{"factors": 3, "feedback": "explicit", "regularization": 1, "biases": false}'),
	('als_events', 'events', 'als', '{"factors": 3, "regularization": 1, "alpha": 10}'),
	('bpr_events', 'events', 'bpr', '{"factors": 3, "iterations": 20}'),
	('machine_ratings', 'ratings', 'fm', '{"factors": 3, "feedback": "explicit", "regularization": 1}'),
	('machine_events', 'events', 'fm', '{"factors": 3}'),
	('svd_double', 'ratings', 'svd', '{"factors": 3, "feedback": "explicit"}'),
	('svd_user', 'ratings', 'svd', '{"factors": 3, "feedback": "explicit", "centering": "user"}'),
	('svd_item', 'ratings', 'svd', '{"factors": 3, "feedback": "explicit", "centering": "item"}'),
	('svd_events', 'events', 'svd', '{"factors": 3, "centering": "none"}'),
	('item_knn_ratings', 'ratings', 'item_knn', '{"feedback": "explicit"}'),
	('user_knn_ratings', 'ratings', 'user_knn', '{"feedback": "explicit"}'),
	('slim_events', 'events', 'slim', '{}');
SELECT count(rec.create_model(model, source::regclass, algorithm, options)) AS created FROM models;
-- before
SELECT * FROM rec.recommend_users('als_ratings', 1); \echo :SQLSTATE
DO $$ DECLARE m text; BEGIN FOR m IN SELECT model FROM models LOOP EXECUTE format('CALL rec.train(%L)', m); END LOOP; END $$;

-- ---- what it is: of all users the personal row that rec.recommend has of the item, the highest score first, and the score is rec.predict's

CREATE FUNCTION faults(m regclass, source regclass) RETURNS TABLE (model regclass, lists bigint, rows bigint, missing bigint, too_many bigint,
	other_scores bigint, rising bigint) LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMPORARY TABLE known (user_id int);
	EXECUTE format('INSERT INTO known SELECT DISTINCT user_id FROM %s', source);
	RETURN QUERY
	WITH lists AS (SELECT i, seen, r.* FROM generate_series(1, 25) i, unnest('{true, false}'::bool[]) seen, LATERAL rec.recommend_users(m, i, 1000, seen) r),
		personal AS (SELECT item_id AS i, seen, u.user_id, score FROM known u, unnest('{true, false}'::bool[]) seen,
			LATERAL rec.recommend(m, u.user_id, 1000, seen) r WHERE personal)
	SELECT m, count(DISTINCT (i, seen)), count(l.rank), count(*) FILTER (WHERE l.rank IS NULL), count(*) FILTER (WHERE p.score IS NULL),
		count(*) FILTER (WHERE l.score <> p.score OR l.score <> rec.predict(m, l.user_id, l.i)), count(*) FILTER (WHERE l.score > l.before)
	FROM (SELECT *, lag(score) OVER (PARTITION BY i, seen ORDER BY rank) AS before FROM lists) l FULL JOIN personal p USING (i, seen, user_id);
	DROP TABLE known;
END $$;
SELECT f.* FROM models, faults(model::regclass, source::regclass) f ORDER BY models.model;
-- odd users like odd items, and the first of a long list are a short one
SELECT count(*) AS rows, bool_and(user_id % 2 = 1) AS odd, min(rank), max(rank) FROM rec.recommend_users('als_ratings', 1, 5);
SELECT count(*) AS rows, bool_and(user_id % 2 = 1) AS odd FROM rec.recommend_users('als_events', 1, 5);
SELECT model, i FROM models, generate_series(1, 25) i WHERE
	ARRAY(SELECT r::text FROM rec.recommend_users(model::regclass, i, n => 4) r ORDER BY rank) IS DISTINCT FROM
	ARRAY(SELECT r::text FROM rec.recommend_users(model::regclass, i, n => 100) r ORDER BY rank LIMIT 4);
-- ranked by what scores are, shown as they are clipped: users come in the same order
SELECT count(*) FILTER (WHERE score = 5) > 10 AS clipped FROM generate_series(1, 25) i, LATERAL rec.recommend_users('svd_double', i, 100, false);
SELECT rec.create_model('svd_unclipped', 'ratings', 'svd', '{"factors": 3, "feedback": "explicit", "clip": false}');
SELECT rec.create_model('item_knn_unclipped', 'ratings', 'item_knn', '{"feedback": "explicit", "clip": false}');
CALL rec.train('svd_unclipped');
CALL rec.train('item_knn_unclipped');
SELECT clipped, i FROM (VALUES ('svd_double'::regclass, 'svd_unclipped'::regclass), ('item_knn_ratings', 'item_knn_unclipped')) m (clipped, whole),
	generate_series(1, 25) i WHERE
	ARRAY(SELECT user_id FROM rec.recommend_users(clipped, i, 100, false) r ORDER BY rank) IS DISTINCT FROM
	ARRAY(SELECT user_id FROM rec.recommend_users(whole, i, 100, false) r ORDER BY rank);

-- ---- so many users that the best are found without scoring all

CREATE TABLE many AS SELECT u AS user_id, pg_temp.draw(u || ' ' || k) % 30 AS item_id, max(1 + pg_temp.draw(u || 'm' || k) % 5)::real AS rating
	FROM generate_series(1, 3000) u, generate_series(1, 6) k GROUP BY 1, 2;
CREATE INDEX ON many (user_id);
CREATE INDEX ON many (item_id);
CREATE FUNCTION first_of_many(algorithm text, opts jsonb) RETURNS TABLE (lists bigint, wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('m', 'many', algorithm, opts || '{"factors": 8}');
	CALL rec.train('m');
	CREATE TEMPORARY TABLE predicted AS SELECT u, i, rec.predict('m', u, i) AS score FROM generate_series(1, 3000) u, generate_series(0, 29, 3) i;
	RETURN QUERY SELECT count(*), count(*) FILTER (WHERE
		ARRAY(SELECT (user_id, score)::text FROM rec.recommend_users('m', item, n) ORDER BY rank) IS DISTINCT FROM
		ARRAY(SELECT (u, score)::text FROM predicted p WHERE i = item AND NOT EXISTS (SELECT FROM many WHERE user_id = u AND item_id = item)
			ORDER BY score DESC, u LIMIT n))
	FROM generate_series(0, 29, 3) item, unnest('{1, 10, 74}'::int[]) n;
	DROP TABLE m, predicted;
END $$;
SELECT a, o, f.* FROM (VALUES ('als', '{"feedback": "explicit", "clip": false}'), ('als', '{"feedback": "implicit"}'), ('bpr', '{"iterations": 5}'),
	('fm', '{"feedback": "explicit", "clip": false}'), ('fm', '{"feedback": "implicit"}'), ('svd', '{"feedback": "explicit", "clip": false}'),
	('svd', '{"feedback": "implicit", "validate": false}')) m (a, o), first_of_many(a, o::jsonb) f;

-- ---- since the training

BEGIN;
-- who has it now is left out, whoever had it then is not
SELECT user_id AS first, score AS first_score FROM rec.recommend_users('als_ratings', 1, 1) \gset
INSERT INTO ratings VALUES (:first, 1, 5), (1000, 2, 5), (1000, 3, 5);
SELECT count(*) FILTER (WHERE user_id = :first) AS owner FROM rec.recommend_users('als_ratings', 1, 100);
SELECT count(*) AS owner, max(score) = :first_score::real AS as_then FROM rec.recommend_users('als_ratings', 1, 100, false) WHERE user_id = :first;
DELETE FROM ratings WHERE user_id = 5 AND item_id = 5;
SELECT count(*) FILTER (WHERE user_id = 5) AS no_owner FROM rec.recommend_users('als_ratings', 5, 100);
-- who came since is not among the users of the training; where the source is read, they are
SELECT count(*) FILTER (WHERE user_id = 1000) AS found FROM rec.recommend_users('als_ratings', 1, 100);
SELECT count(*) FILTER (WHERE user_id = 1000) AS found FROM rec.recommend_users('item_knn_ratings', 1, 100);
ROLLBACK;

-- a refresh brings who came since, with what is known now
SELECT rec.track('als_ratings');
CALL rec.train('als_ratings');
INSERT INTO ratings VALUES (1000, 2, 5), (1000, 3, 1);
CALL rec.refresh('als_ratings');
SELECT count(*) AS items, count(*) FILTER (WHERE score = rec.predict('als_ratings', 1000, i)) AS as_predicted
  FROM generate_series(1, 25) i, LATERAL rec.recommend_users('als_ratings', i, 100) WHERE user_id = 1000;
DELETE FROM ratings WHERE user_id = 1000;
SELECT rec.untrack('als_ratings');
CALL rec.train('als_ratings');

-- ---- by hand, where the source is read: rows that say nothing, events of no weight

CREATE TABLE plays (who text, what int, times real);
-- item 1 is of a, b and c, item 2 of a, b and d, item 3 of e alone: the cosine of 1 and 2 is 2 / 3, and c's score of 2 what item 1 says of it
INSERT INTO plays VALUES ('a', 1, 1), ('a', 2, 1), ('b', 1, 1), ('b', 2, 1), ('c', 1, 1), ('d', 2, 1), ('e', 3, 1);
SELECT rec.create_model('played', 'plays', 'item_knn', '{"feedback": "implicit", "weighting": "none", "shrinkage": 0, "normalize": false}',
	user_column => 'who', item_column => 'what', rating_column => 'times');
CALL rec.train('played');
SELECT rank, user_id, round(score::numeric, 5) AS score FROM rec.recommend_users('played', '2') ORDER BY rank;
SELECT rank, user_id, round(score::numeric, 5) AS score FROM rec.recommend_users('played', '2', exclude_seen => false) ORDER BY rank;
-- nobody who does not have it; a row that training would refuse says nothing, but that it is seen
SELECT * FROM rec.recommend_users('played', '3');
INSERT INTO plays VALUES ('f', 1, 1), ('g', 1, 1), ('g', 2, 'NaN'), ('h', 1, 0), (NULL, 1, 1), ('i', NULL, 1), ('j', 99, 1);
SELECT rank, user_id, round(score::numeric, 5) AS score FROM rec.recommend_users('played', '2') ORDER BY rank;
-- within a parallel query, and by workers
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) AS rows, max(user_id) AS last FROM rec.recommend_users('played', '2') s JOIN plays p ON p.who = s.user_id AND p.what = 1;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- ---- nothing speaks: an algorithm that is the same for all; users of whom the model says nothing

SELECT rec.create_model('best', 'events', 'popular');
CALL rec.train('best');
SELECT * FROM rec.recommend_users('best', 1); \echo :SQLSTATE
-- the source's rows are all alike
CREATE VIEW flat_ratings AS SELECT user_id, item_id, 3 AS rating FROM ratings;
SELECT rec.create_model('flat', 'flat_ratings', options => '{"feedback": "explicit", "factors": 2, "regularization": 1}');
CALL rec.train('flat');
SELECT * FROM rec.recommend_users('flat', 1);
-- some of the users
UPDATE als_events_users SET factors = '{0, 0, 0}' WHERE user_id % 3 = 0;
\c -
SET search_path = whom;
SELECT count(*) > 10 AS rows, count(*) FILTER (WHERE user_id % 3 = 0) AS silent FROM rec.recommend_users('als_events', 1, 100, false);
UPDATE als_events_users SET factors = '{0, 0, 0}';
\c -
SET search_path = whom;
SELECT * FROM rec.recommend_users('als_events', 1, 100, false);

-- ---- what cannot be

SELECT * FROM rec.recommend_users('als_ratings', 999);
SELECT * FROM rec.recommend_users('item_knn_ratings', 999);
SELECT * FROM rec.recommend_users(NULL, 1);
SELECT * FROM rec.recommend_users('als_ratings', NULL::int);
SELECT * FROM rec.recommend_users('als_ratings', 1, NULL);
SELECT * FROM rec.recommend_users('als_ratings', 1, 10, NULL);
SELECT * FROM rec.recommend_users('als_ratings', 1, 0); \echo :SQLSTATE
SELECT * FROM rec.recommend_users('als_ratings', 999, -1); \echo :SQLSTATE
SELECT * FROM rec.recommend_users('als_ratings', 'x'); \echo :SQLSTATE
SELECT * FROM rec.recommend_users('als_ratings', 1000000000000); \echo :SQLSTATE
SELECT * FROM rec.recommend_users('ratings', 1); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend_users('als_ratings', 1, 2147483647, false);
-- tables that training did not write
\c -
SET search_path = whom;
BEGIN;
UPDATE als_ratings_users SET factors = '{3e38, 3e38, 3e38}' WHERE user_id = 1;
SELECT * FROM rec.recommend_users('als_ratings', 1, 100, false); \echo :SQLSTATE
ROLLBACK;
BEGIN;
UPDATE als_ratings_users SET bias = 'NaN' WHERE user_id = 1;
SELECT * FROM rec.recommend_users('als_ratings', 1, 1, false); \echo :SQLSTATE
ROLLBACK;
BEGIN;
UPDATE svd_double_users SET bias = 'infinity' WHERE user_id = 1;
SELECT * FROM rec.recommend_users('svd_double', 1, 1, false); \echo :SQLSTATE
ROLLBACK;
BEGIN;
DELETE FROM als_ratings_users;
SELECT * FROM rec.recommend_users('als_ratings', 1, 1, false); \echo :SQLSTATE
ROLLBACK;
BEGIN;
DROP TABLE als_ratings_users;
SELECT * FROM rec.recommend_users('als_ratings', 1, 1, false); \echo :SQLSTATE
ROLLBACK;
-- the table of a version before 0.7.0, or where somebody's bias is missing: the source is read, and says the same; training adds the column
CREATE TABLE before AS SELECT i, r.* FROM generate_series(1, 25) i, LATERAL rec.recommend_users('svd_double', i, 100) r;
UPDATE svd_double_users SET bias = NULL WHERE user_id = 7;
\c -
SET search_path = whom;
SELECT count(*) AS different FROM before b FULL JOIN (SELECT i, r.* FROM generate_series(1, 25) i, LATERAL rec.recommend_users('svd_double', i, 100) r) n
	USING (i, rank) WHERE (b.user_id, b.score) IS DISTINCT FROM (n.user_id, n.score);
ALTER TABLE svd_double_users DROP COLUMN bias;
\c -
SET search_path = whom;
SELECT count(*) AS different FROM before b FULL JOIN (SELECT i, r.* FROM generate_series(1, 25) i, LATERAL rec.recommend_users('svd_double', i, 100) r) n
	USING (i, rank) WHERE (b.user_id, b.score) IS DISTINCT FROM (n.user_id, n.score);
CALL rec.train('svd_double');
SELECT count(bias) AS biases, count(*) AS users FROM svd_double_users;
SELECT count(*) AS different FROM before b FULL JOIN (SELECT i, r.* FROM generate_series(1, 25) i, LATERAL rec.recommend_users('svd_double', i, 100) r) n
	USING (i, rank) WHERE (b.user_id, b.score) IS DISTINCT FROM (n.user_id, n.score);
-- too much for the memory that there may be
CREATE TABLE crowd AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 3000) u, generate_series(1, 50) i WHERE (u + i) % 2 = 0;
SELECT rec.create_model('of_crowd', 'crowd', 'item_knn');
CALL rec.train('of_crowd');
SET rec.max_memory = '1MB';
\set VERBOSITY sqlstate
SELECT * FROM rec.recommend_users('of_crowd', 1, n => 1);
\set VERBOSITY default
RESET rec.max_memory;
SELECT count(*) FROM rec.recommend_users('of_crowd', 1, 10, false);

-- ---- types: users come back in the type of item_id

CREATE FUNCTION typed(user_type text, item_type text, user_id text, item_id text, algorithm text) RETURNS TABLE (users text, items text, returned regtype,
	rows bigint, wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE typed_ratings AS SELECT (%s)::%s AS user_id, (%s)::%s AS item_id, rating FROM ratings', user_id, user_type, item_id,
		item_type);
	PERFORM rec.create_model('m', 'typed_ratings', algorithm, '{"feedback": "explicit"}');
	CALL rec.train('m');
	IF user_type = item_type THEN
		RETURN QUERY EXECUTE format($q$SELECT %L, %L, pg_typeof(min(r.user_id))::regtype, count(*),
				count(*) FILTER (WHERE r.score <> rec.predict('m', r.user_id, i.item_id))
			FROM (SELECT DISTINCT item_id FROM typed_ratings) i, LATERAL rec.recommend_users('m', i.item_id, 3) r$q$, user_type, item_type);
	END IF;
	RETURN QUERY EXECUTE format($q$SELECT %L, %L, pg_typeof(min(r.user_id))::regtype, count(*), count(*) FILTER (WHERE r.score <> rec.predict('m', r.user_id,
		i.item_id::text)) FROM (SELECT DISTINCT item_id FROM typed_ratings) i, LATERAL rec.recommend_users('m', i.item_id::text, 3) r$q$, user_type, item_type);
	DROP TABLE m, typed_ratings;
END $$;
SET client_min_messages = warning;
SELECT t.* FROM (VALUES ('int', 'int', 'user_id', 'item_id'), ('bigint', 'bigint', 'user_id + 10000000000', 'item_id + 10000000000'),
	('text', 'text', '''u'' || user_id', '''i'' || item_id'), ('text', 'int', '''u'' || user_id', 'item_id'),
	('uuid', 'bigint', 'md5(user_id::text)', 'item_id'), ('date', 'uuid', 'date ''2026-01-01'' + user_id', 'md5(item_id::text)')) v (u, i, user_id, item_id),
	unnest('{als, item_knn}'::text[]) a, typed(u, i, user_id, item_id, a) t;
RESET client_min_messages;
CREATE TABLE by_uuid AS SELECT ('00000000-0000-4000-8000-0000000000' || to_char(user_id, 'FM00'))::uuid AS user_id, item_id, rating FROM ratings;
SELECT rec.create_model('uuids', 'by_uuid', options => '{"feedback": "explicit", "factors": 3}');
CALL rec.train('uuids');
SELECT * FROM rec.recommend_users('uuids', 1); \echo :SQLSTATE
SELECT count(*), pg_typeof(min(user_id)) FROM rec.recommend_users('uuids', '1');
SELECT count(*), pg_typeof(min(user_id)) FROM rec.recommend_users('als_ratings', 1::smallint);
SELECT count(*), pg_typeof(min(user_id)) FROM rec.recommend_users('als_ratings', 1::bigint);
-- the source's ids are wider than the model's by now: who has an id that the model's cannot hold is none of its users
CREATE TABLE grown AS SELECT * FROM ratings;
SELECT rec.create_model('of_grown', 'grown', options => '{"feedback": "explicit", "factors": 3}');
CALL rec.train('of_grown');
SELECT array_agg(user_id ORDER BY rank) AS five FROM rec.recommend_users('of_grown', 1, 5) \gset
ALTER TABLE grown ALTER user_id TYPE bigint, ALTER item_id TYPE bigint;
INSERT INTO grown VALUES (10000000000, 1, 5), (1, 10000000000, 5);
SELECT array_agg(user_id ORDER BY rank) = :'five'::int[] AS same FROM rec.recommend_users('of_grown', 1, 5);

-- ---- privileges, and row security of the source

CREATE ROLE regress_rec_whom;
GRANT USAGE ON SCHEMA whom TO regress_rec_whom;
SET ROLE regress_rec_whom;
SELECT * FROM rec.recommend_users('als_ratings', 1); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON als_ratings, item_knn_ratings TO regress_rec_whom;
SET ROLE regress_rec_whom;
SELECT * FROM rec.recommend_users('als_ratings', 1); \echo :SQLSTATE
SELECT * FROM rec.recommend_users('item_knn_ratings', 1); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON als_ratings_users TO regress_rec_whom;
SET ROLE regress_rec_whom;
-- also where nothing is read there
SELECT * FROM rec.recommend_users('als_ratings', 1, 10, false); \echo :SQLSTATE
SELECT * FROM rec.recommend_users('als_ratings', 999); \echo :SQLSTATE
RESET ROLE;
-- the columns that are read are enough
GRANT SELECT (user_id, item_id) ON ratings TO regress_rec_whom;
SET ROLE regress_rec_whom;
SELECT count(*) FROM rec.recommend_users('als_ratings', 1, 3);
SELECT * FROM rec.recommend_users('item_knn_ratings', 1); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON ratings TO regress_rec_whom;
SET ROLE regress_rec_whom;
SELECT count(*) FROM rec.recommend_users('item_knn_ratings', 1, 3);
RESET ROLE;
-- who is not to be seen: not known to have the item, and where the source is read not there
ALTER TABLE ratings ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_odd ON ratings USING (user_id % 2 = 0);
SET ROLE regress_rec_whom;
SELECT count(*) FILTER (WHERE user_id % 2 = 1) AS odd, count(*) FILTER (WHERE user_id % 2 = 0) AS even,
	(SELECT count(*) FROM ratings WHERE item_id = 1) AS even_owners FROM rec.recommend_users('als_ratings', 1, 100);
SELECT count(*) FILTER (WHERE user_id % 2 = 1) AS odd, count(*) > 0 AS even FROM rec.recommend_users('item_knn_ratings', 1, 100);
RESET ROLE;
DROP OWNED BY regress_rec_whom;
DROP ROLE regress_rec_whom;

SET client_min_messages = warning;
DROP SCHEMA whom CASCADE;
