-- From two files to recommendations. test/demo runs this on a server of its
-- own; by hand, run it in an empty database from the top of the tree:
--
--   psql -f test/demo.sql

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
\pset null ''
SET client_min_messages = warning;

-- A user who likes science fiction, fantasy and animation.
\set person 210

-- ---- the data

SELECT clock_timestamp() AS began \gset

CREATE TABLE film (id int PRIMARY KEY, title text NOT NULL, genres text NOT NULL);
CREATE TABLE ratings (user_id int, item_id int, rating real NOT NULL, rated_at timestamptz NOT NULL,
                      PRIMARY KEY (user_id, item_id));

CREATE TEMPORARY TABLE file (user_id int, item_id int, rating real, seconds bigint);
\copy film FROM 'test/data/ml-latest-small/movies.csv' (FORMAT csv, HEADER)
\copy file FROM 'test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER)
INSERT INTO ratings SELECT user_id, item_id, rating, to_timestamp(seconds) FROM file;
ANALYZE film, ratings;

SELECT extract(epoch FROM clock_timestamp() - :'began') AS load_s, clock_timestamp() AS began \gset

SELECT format('MovieLens: %s ratings of %s films by %s people.',
              count(*), count(DISTINCT item_id), count(DISTINCT user_id)) AS line FROM ratings \gset
\echo :line
\echo

-- ---- the model

-- Two models of one table: one predicts how many stars a user would give a
-- film, the other learns only from which users have seen which films.
\set ECHO queries
CREATE EXTENSION rec;
SELECT rec.create_model('movies', 'ratings');
CALL rec.train('movies');
SELECT rec.create_model('seen', 'ratings', options => '{"feedback": "implicit"}');
CALL rec.train('seen');
\set ECHO none

SELECT extract(epoch FROM clock_timestamp() - :'began') AS train_s, clock_timestamp() AS began \gset

-- ---- the answers

\echo
\echo 'What user' :person 'likes best, of all that they rated:'
\echo
SELECT r.rating, f.title, f.genres
  FROM ratings r JOIN film f ON f.id = r.item_id
 WHERE r.user_id = :person
 ORDER BY r.rating DESC, r.rated_at DESC, f.id
 LIMIT 10;

\echo 'What is recommended to them, and the stars they are expected to give:'
\echo
\set ECHO queries
SELECT r.rank, round(r.score::numeric, 2) AS stars, f.title, f.genres
  FROM rec.recommend('movies', :person) r JOIN film f ON f.id = r.item_id
 ORDER BY r.rank;
\set ECHO none

\echo
\echo 'Why the first three: the films they gave four stars or more that are most like each:'
\echo
SELECT CASE WHEN row_number() OVER same = 1 THEN f.title END AS recommended,
       liked.rating, round(liked.likeness::numeric, 2) AS likeness, liked.title AS "because they liked"
  FROM rec.recommend('movies', :person, n => 3) r
  JOIN film f ON f.id = r.item_id
  JOIN seen m ON m.item_id = r.item_id
 CROSS JOIN LATERAL (
        SELECT own.rating, lf.title, rec.cosine(m.factors, lm.factors) AS likeness
          FROM ratings own
          JOIN seen lm ON lm.item_id = own.item_id
          JOIN film lf ON lf.id = own.item_id
         WHERE own.user_id = :person AND own.rating >= 4
         ORDER BY likeness DESC NULLS LAST, lf.id
         LIMIT 3) liked
WINDOW same AS (PARTITION BY r.rank ORDER BY liked.likeness DESC NULLS LAST)
 ORDER BY r.rank, liked.likeness DESC NULLS LAST;

SELECT r.item_id AS first, f.title AS first_title
  FROM rec.recommend('movies', :person, n => 1) r JOIN film f ON f.id = r.item_id \gset
\echo 'Films that go together with' :first_title
\echo
\set ECHO queries
SELECT s.rank, round(s.similarity::numeric, 2) AS similarity, f.title, f.genres
  FROM rec.similar_items('seen', :first, n => 5) s JOIN film f ON f.id = s.item_id
 ORDER BY s.rank;
\set ECHO none

SELECT extract(epoch FROM clock_timestamp() - :'began') AS ask_s \gset

-- ---- durations; the first steps are those of test/demo, if it ran this

\if :{?build_s}
\else
  \set packages_s ''
  \set build_s ''
  \set install_s ''
  \set start_s ''
\endif

\echo
SELECT step, round(seconds::numeric, 2) AS seconds
  FROM (VALUES (1, 'packages', :'packages_s'),
               (2, 'build', :'build_s'),
               (3, 'install', :'install_s'),
               (4, 'start a server', :'start_s'),
               (5, 'load the ratings', :'load_s'),
               (6, 'train', :'train_s'),
               (7, 'ask', :'ask_s')) AS steps (n, step, seconds)
 WHERE seconds <> ''
 ORDER BY n;
