-- rec.similar_items and rec.similar_users.

CREATE SCHEMA similar_to;
SET search_path = similar_to;
\set SHOW_CONTEXT never

-- 40 users and 25 items, ids 101 to 125, of two tastes: odd users like odd items
CREATE TABLE ratings (user_id int, item_id int, rating int, PRIMARY KEY (user_id, item_id));
CREATE FUNCTION pg_temp.draw(what text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(what), 7))::bit(28)::int $$;
INSERT INTO ratings SELECT u, i, CASE WHEN (u + i) % 2 = 0 THEN 4 ELSE 1 END + pg_temp.draw(u || 'r' || i) % 2
  FROM generate_series(1, 40) u, generate_series(101, 125) i WHERE pg_temp.draw(u || ',' || i) % 5 < 3;
CREATE VIEW events AS SELECT user_id, item_id FROM ratings WHERE rating >= 4;
SELECT rec.create_model('movies', 'ratings', options => '{"feedback": "explicit", "factors": 3, "iterations": 10, "regularization": 1,
    "regularization_scaling": 0, "tolerance": 0, "seed": 1}');
SELECT rec.create_model('clicks', 'events', options => '{"factors": 3, "iterations": 10, "regularization": 1, "regularization_scaling": 0, "alpha": 10,
    "tolerance": 0, "seed": 1}');
-- before a training
SELECT * FROM rec.similar_items('movies', 101); \echo :SQLSTATE
SELECT * FROM rec.similar_users('movies', 1); \echo :SQLSTATE
CALL rec.train('movies');
CALL rec.train('clicks');

-- ---- items

-- the cosine of the factors; with explicit feedback times n / (n + 10), with n the ratings of the other item
CREATE VIEW item_cosines AS
SELECT 'movies' AS model, a.item_id AS self, b.item_id, rec.cosine(a.factors, b.factors) * b.n_ratings / (b.n_ratings + 10) AS similarity FROM movies a,
    movies b
UNION ALL
SELECT 'clicks', a.item_id, b.item_id, rec.cosine(a.factors, b.factors) FROM clicks a, clicks b;
-- all other items but not the item itself, descending, as computed in SQL
SELECT m AS model, count(*) AS pairs, count(*) FILTER (WHERE s.item_id = i) AS self, max(abs(s.similarity - c.similarity)) < 1e-5 AS equal,
       bool_and(s.similarity <= before) FILTER (WHERE s.rank > 1) AS falling, bool_and(s.similarity BETWEEN -1 AND 1) AS in_range
  FROM unnest('{movies, clicks}'::text[]) AS m, generate_series(101, 125) AS i,
       LATERAL (SELECT *, lag(similarity) OVER (ORDER BY rank) AS before FROM rec.similar_items(m::regclass, i, n => 100)) AS s
           JOIN item_cosines c ON c.item_id = s.item_id
 WHERE c.model = m AND c.self = i
 GROUP BY m ORDER BY m;
-- the ten items most similar to item 101 are odd
SELECT count(*) AS rows, bool_and(item_id % 2 = 1) AS odd, min(rank), max(rank) FROM rec.similar_items('movies', 101);
SELECT count(*) AS rows, bool_and(item_id % 2 = 1) AS odd FROM rec.similar_items('clicks', 101, n => 5);
SELECT count(*) FROM rec.similar_items('movies', 101, 1);
-- unknown, NULL, n
SELECT * FROM rec.similar_items('movies', 999);
SELECT * FROM rec.similar_items(NULL, 101);
SELECT * FROM rec.similar_items('movies', NULL::int);
SELECT * FROM rec.similar_items('movies', 101, NULL);
SELECT * FROM rec.similar_items('movies', 101, 0); \echo :SQLSTATE
SELECT * FROM rec.similar_items('movies', 999, -1); \echo :SQLSTATE
SELECT * FROM rec.similar_items('movies', 'x'); \echo :SQLSTATE
SELECT * FROM rec.similar_items('ratings', 101); \echo :SQLSTATE
-- types
SELECT pg_typeof(item_id) AS type FROM rec.similar_items('movies', '101', n => 1) UNION ALL SELECT pg_typeof(item_id) FROM rec.similar_items('movies',
    101::bigint, n => 1);
SELECT count(*) AS rows FROM generate_series(101, 130) AS i, LATERAL rec.similar_items('movies', i, n => 3) s;

-- ---- users

-- as for items; the user is described by the present rows of the source, which are those of the training, so the factors are
-- those in the table
CREATE VIEW user_cosines AS
SELECT 'movies' AS model, a.user_id AS self, b.user_id, rec.cosine(a.factors, b.factors) * b.n_ratings / (b.n_ratings + 10) AS similarity FROM movies_users a,
    movies_users b
UNION ALL
SELECT 'clicks', a.user_id, b.user_id, rec.cosine(a.factors, b.factors) FROM clicks_users a, clicks_users b;
SELECT m AS model, count(*) AS pairs, count(*) FILTER (WHERE s.user_id = u) AS self, max(abs(s.similarity - c.similarity)) < 1e-4 AS equal,
       bool_and(s.similarity <= before) FILTER (WHERE s.rank > 1) AS falling, bool_and(s.similarity BETWEEN -1 AND 1) AS in_range
  FROM unnest('{movies, clicks}'::text[]) AS m, generate_series(1, 40) AS u,
       LATERAL (SELECT *, lag(similarity) OVER (ORDER BY rank) AS before FROM rec.similar_users(m::regclass, u, n => 100)) AS s
           JOIN user_cosines c ON c.user_id = s.user_id
 WHERE c.model = m AND c.self = u
 GROUP BY m ORDER BY m;
SELECT count(*) AS rows, bool_and(user_id % 2 = 1) AS odd FROM rec.similar_users('movies', 1);
-- a user whom training did not know: no result without ratings; with ratings the result is by their taste; never among the
-- others
SELECT * FROM rec.similar_users('movies', 1000);
INSERT INTO ratings VALUES (1000, 101, 5), (1000, 102, 1), (1000, 103, 5), (1000, 104, 1);
SELECT count(*) AS rows, bool_and(user_id % 2 = 1) AS odd FROM rec.similar_users('movies', 1000);
SELECT count(*) AS rows, count(*) FILTER (WHERE user_id = 1000) AS self FROM rec.similar_users('movies', 1000, n => 100);
-- a user whose taste has changed since
BEGIN;
UPDATE ratings SET rating = 6 - rating WHERE user_id = 1;
SELECT count(*) AS rows, bool_and(user_id % 2 = 0) AS even FROM rec.similar_users('movies', 1);
ROLLBACK;
-- with unknown items alone, the same as without items
INSERT INTO ratings VALUES (1001, 999, 5);
SELECT * FROM rec.similar_users('movies', 1001);
SELECT * FROM rec.similar_users(NULL, 1);
SELECT * FROM rec.similar_users('movies', NULL::int);
SELECT * FROM rec.similar_users('movies', 1, NULL);
SELECT * FROM rec.similar_users('movies', 1, 0); \echo :SQLSTATE
SELECT * FROM rec.similar_users('movies', 1000000000000); \echo :SQLSTATE
SELECT pg_typeof(user_id) AS type FROM rec.similar_users('movies', '1', n => 1);
-- another training, with other users: 1000 is one of them now
CALL rec.train('movies');
SELECT count(*) AS rows, count(*) FILTER (WHERE user_id = 1000) AS found FROM rec.similar_users('movies', 1, n => 100);
SELECT count(*) AS rows, count(*) FILTER (WHERE user_id = 1000) AS self FROM rec.similar_users('movies', 1000, n => 100);

-- ---- users of an algorithm that stores none: cosines of the present rows

CREATE TABLE plays (who text, what int, rating real);
-- a: (3, 4, 0); b: (3, 4, 0), cosine 1; c: (4, 3, 0), 24/25; d: (0, 4, 3), 16/25; e has no item in common with a, f has no
-- usable rating
INSERT INTO plays VALUES ('a', 1, 3), ('a', 2, 4), ('b', 1, 3), ('b', 2, 4), ('c', 1, 4), ('c', 2, 3), ('d', 2, 4), ('d', 3, 3), ('e', 3, 5);
SELECT rec.create_model('played', 'plays', 'item_knn', user_column => 'who', item_column => 'what');
CALL rec.train('played');
SELECT rank, user_id, round(similarity::numeric, 5) AS similarity FROM rec.similar_users('played', 'a') ORDER BY rank;
-- what came since counts, but for items and ratings that the model can't use; of two rows of one user and item the last does.
-- e: (5, 0, 5), 15 / (5 sqrt(50)); b: (3, -4, 0), -7/25
INSERT INTO plays VALUES ('f', 1, 'NaN'), ('g', 9, 5), (NULL, 1, 5), ('c', 9, 100), ('e', 1, 5), ('b', 2, -4);
SELECT rank, user_id, round(similarity::numeric, 5) AS similarity FROM rec.similar_users('played', 'a') ORDER BY rank;
-- within a parallel query, and with workers
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) AS rows, max(user_id) AS last FROM rec.similar_users('played', 'a') s JOIN plays p ON p.who = s.user_id AND p.what = 1;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- row security of the source: a reader gets the users that the policy shows
CREATE ROLE regress_rec_similar;
GRANT USAGE ON SCHEMA similar_to TO regress_rec_similar;
GRANT SELECT ON played, plays TO regress_rec_similar;
ALTER TABLE plays ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_c ON plays USING (who <> 'c');
SET ROLE regress_rec_similar;
SELECT array_agg(user_id ORDER BY rank) FROM rec.similar_users('played', 'a');
SELECT count(*) FROM rec.similar_users('played', 'c');
RESET ROLE;
DROP OWNED BY regress_rec_similar;
DROP ROLE regress_rec_similar;
-- more than the limit of memory
CREATE TABLE many AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 3000) u, generate_series(1, 50) i;
SELECT rec.create_model('many_model', 'many', 'popular');
CALL rec.train('many_model');
SET rec.max_memory = '1MB';
\set VERBOSITY sqlstate
SELECT * FROM rec.similar_users('many_model', 1, n => 1);
\set VERBOSITY default
RESET rec.max_memory;
SELECT rank, similarity FROM rec.similar_users('many_model', 1, n => 1);

-- ---- vectors of zeros

-- an item whose factors are all zero is similar to no item: the similarity is not 0, but there is no row
UPDATE ratings SET rating = 3;
SELECT rec.create_model('flat', 'ratings', options => '{"feedback": "explicit", "factors": 2, "iterations": 2, "regularization": 1}');
CALL rec.train('flat');
SELECT * FROM rec.similar_items('flat', 101);
SELECT * FROM rec.similar_users('flat', 1);

SET client_min_messages = warning;
DROP SCHEMA similar_to CASCADE;
