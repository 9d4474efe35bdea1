-- The accuracy of models on MovieLens, on two splits: of every algorithm with its defaults, and with the best options for the
-- split. In an empty database, from the top of the tree:
--
--   createdb accuracy && psql -d accuracy -f test/bench/accuracy.sql

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS rec;
\i test/bench/movielens.sql

CREATE TABLE run (n serial, algorithm text, feedback text, split text, options jsonb);
INSERT INTO run (algorithm, feedback, split, options)
  SELECT algorithm, feedback, split, '{}'
    FROM (SELECT DISTINCT algorithm FROM rec.algorithms WHERE algorithm <> 'content') a,
         unnest('{time, md5}'::text[]) split, unnest('{explicit, implicit}'::text[]) feedback
   ORDER BY feedback DESC, algorithm, split DESC;
INSERT INTO run (algorithm, feedback, split, options) VALUES
  ('als', 'explicit', 'time', '{"regularization": 4, "regularization_scaling": 0.25}'),
  ('als', 'explicit', 'md5',  '{"regularization": 4, "regularization_scaling": 0.25}'),
  ('als', 'implicit', 'time', '{"factors": 128, "regularization": 5, "regularization_scaling": 0.25, "alpha": 0.5, "tolerance": 0}'),
  ('als', 'implicit', 'md5',  '{"factors": 128, "regularization": 10, "regularization_scaling": 0.25, "alpha": 3}'),
  ('svd', 'implicit', 'time', '{"factors": 20}'),
  ('svd', 'implicit', 'md5',  '{"factors": 32}'),
  ('bpr', 'implicit', 'time', '{"factors": 96, "negatives": 8}'),
  ('bpr', 'implicit', 'md5',  '{"factors": 96, "negatives": 8}');

CREATE TABLE figure (run int, rmse float8, mae float8, recall_20 float8, ndcg_10 float8, precision_10 float8);
INSERT INTO figure SELECT n, f.* FROM run, LATERAL figures(algorithm, feedback, split, options) f;

\echo 'rmse, mae: all test ratings, predictions within 0.5..5. Ranking: all items outside the user''s train part.'
SELECT algorithm, feedback, split, options,
       round(rmse::numeric, 4) AS rmse, round(mae::numeric, 4) AS mae,
       round(recall_20::numeric, 4) AS "recall@20", round(ndcg_10::numeric, 4) AS "ndcg@10",
       round(precision_10::numeric, 4) AS "precision@10"
  FROM run JOIN figure ON figure.run = run.n ORDER BY n;

\echo 'Attributes of films (film, of movielens.sql). als, als with a column that is the same for all, which gives the map its intercept alone, and with genres,'
\echo 'year and words of the title. item: a fifth of the films is held out as a whole, and ranked among itself. The gain counts against the second.'
CREATE VIEW same_for_all AS SELECT item_id, 'same' AS column FROM film;
CREATE VIEW attributes AS
  SELECT item_id, string_to_array(genres, '|') AS genres, substring(title FROM '\((\d{4})\)')::int AS year, to_tsvector('english', title) AS title FROM film;
CREATE TABLE attributed (n serial, algorithm text, feedback text, items regclass, split text, ndcg float8, low float8, high float8, rmse float8);
CREATE PROCEDURE measure_attributes() LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT algorithm, feedback, items, split FROM unnest('{implicit,explicit}'::text[]) WITH ORDINALITY f (feedback, fo),
             unnest('{item,column:time_test,column:md5_test}'::text[]) WITH ORDINALITY s (split, so),
             (VALUES (1, 'als', NULL::regclass), (2, 'als', 'same_for_all'), (3, 'als', 'attributes'), (4, 'fm', NULL), (5, 'fm', 'attributes'),
                     (6, 'content', 'attributes')) a (ao, algorithm, items)
            WHERE split <> 'item' OR items IS NOT NULL ORDER BY fo, so, ao
  LOOP
    PERFORM rec.create_model('evaluated', CASE r.feedback WHEN 'explicit' THEN 'ratings' ELSE 'events' END::regclass, r.algorithm,
        jsonb_build_object('feedback', r.feedback), time_column => 'rated_at', items => r.items);
    INSERT INTO attributed (algorithm, feedback, items, split, ndcg, low, high, rmse)
      SELECT r.algorithm, r.feedback, r.items, r.split, max(value) FILTER (WHERE metric = 'ndcg'), max(low) FILTER (WHERE metric = 'ndcg'),
             max(high) FILTER (WHERE metric = 'ndcg'), max(value) FILTER (WHERE metric = 'rmse')
        FROM rec.evaluate('evaluated', r.split, k => 10);
    DROP TABLE evaluated;
  END LOOP;
END $$;
CALL measure_attributes();
SELECT algorithm, feedback, coalesce(items::text, 'none') AS attributes, split, round(ndcg::numeric, 4) AS "ndcg@10", round(low::numeric, 4) AS low,
       round(high::numeric, 4) AS high, round(rmse::numeric, 4) AS rmse FROM attributed ORDER BY n;

\echo 'Seconds to train on all ratings, and the bytes of the tables.'
CREATE TABLE size (algorithm text, feedback text, seconds float8, bytes bigint);
CREATE PROCEDURE measure() LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT DISTINCT algorithm, feedback FROM run WHERE options = '{}' LOOP
    PERFORM rec.create_model('model', CASE r.feedback WHEN 'explicit' THEN 'ratings' ELSE 'events' END::regclass, r.algorithm, time_column => 'rated_at');
    CALL rec.train('model');
    INSERT INTO size SELECT r.algorithm, r.feedback, seconds, bytes FROM rec.models WHERE model = 'model'::regclass;
    DROP TABLE model;
  END LOOP;
END $$;
CALL measure();
SELECT algorithm, feedback, round(seconds::numeric, 2) AS train_s, round(bytes / 1e6, 1) AS mb FROM size ORDER BY feedback DESC, algorithm;

\echo 'Across domains: lists of one half of the films, for users of whom nothing is known in it.'
SELECT domain, algorithm, count(*) AS users, round(avg(ndcg_10)::numeric, 3) AS "ndcg@10"
  FROM unnest('{drama,other}'::regclass[]) domain, unnest('{als,ease,popular}'::text[]) algorithm, LATERAL ndcg_across(algorithm, domain)
 GROUP BY 1, 2 ORDER BY 1, 2;
DROP SCHEMA movielens CASCADE;
