-- The accuracy of models on MovieLens, on two splits: of als with the defaults, and with options that suit
-- each split best; of every algorithm with the defaults. In an empty database, from the top of the tree:
--
--   createdb accuracy && psql -d accuracy -f test/bench/accuracy.sql

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS rec;
\i test/bench/movielens.sql

CREATE TABLE run (n serial, split text, feedback text, options text, defaults bool, algorithm text DEFAULT 'als');
INSERT INTO run (split, feedback, options, defaults) VALUES
  ('time', 'explicit', '{}', true),
  ('md5',  'explicit', '{}', true),
  ('time', 'implicit', '{}', true),
  ('md5',  'implicit', '{}', true),
  ('time', 'explicit', '{"regularization": 4, "regularization_scaling": 0.25}', false),
  ('md5',  'explicit', '{"regularization": 4, "regularization_scaling": 0.25}', false),
  ('time', 'implicit', '{"factors": 128, "regularization": 5, "regularization_scaling": 0.25, "alpha": 0.5, "tolerance": 0}', false),
  ('md5',  'implicit', '{"factors": 128, "regularization": 10, "regularization_scaling": 0.25, "alpha": 3}', false);

INSERT INTO run (algorithm, split, feedback, options, defaults)
  SELECT algorithm, split, feedback, '{}', true
    FROM (SELECT DISTINCT algorithm FROM rec.algorithms WHERE algorithm <> 'als') a,
         unnest('{time, md5}'::text[]) split, unnest('{explicit, implicit}'::text[]) feedback
   ORDER BY feedback DESC, algorithm, split DESC;

-- what suits each split best, where the defaults do not
INSERT INTO run (algorithm, split, feedback, options, defaults) VALUES
  ('svd', 'time', 'implicit', '{"factors": 16}', false),  -- ndcg and precision; recall is best with 48
  ('svd', 'time', 'implicit', '{"factors": 48}', false),
  ('svd', 'md5',  'implicit', '{"factors": 32}', false);

CREATE TABLE figure (run int, rmse float8, mae float8, recall_20 float8, ndcg_10 float8, precision_10 float8, iterations bigint, seconds float8, bytes bigint);

CREATE PROCEDURE measure() LANGUAGE plpgsql AS $$
DECLARE
  r run;
BEGIN
  FOR r IN SELECT * FROM run ORDER BY n LOOP
    -- implicit: every row counts 1, whatever its rating
    EXECUTE format('CREATE VIEW source AS SELECT user_id, item_id %s FROM %I',
                   CASE WHEN r.feedback = 'explicit' THEN ', rating' END, r.split || '_train');
    PERFORM rec.create_model('model', 'source', r.algorithm, options => r.options::jsonb);
    CALL rec.train('model');
    INSERT INTO figure
      SELECT r.n, e.rmse, e.mae, f.recall_20, f.ndcg_10, f.precision_10,
             (SELECT max(iteration) FROM rec.training_log WHERE model = 'model'::regclass),
             (SELECT seconds FROM rec.models WHERE model = 'model'::regclass),
             (SELECT bytes FROM rec.models WHERE model = 'model'::regclass)
        FROM ranking_figures('model', (r.split || '_test')::regclass) f
        LEFT JOIN rating_errors('model', (r.split || '_test')::regclass) e
          ON r.feedback = 'explicit' AND r.algorithm IN ('als', 'svd', 'item_knn', 'user_knn', 'popular');
    DROP TABLE model;
    DROP VIEW source;
  END LOOP;
END $$;

CALL measure();

\echo 'rmse, mae: all test ratings, predictions within 0.5..5. Ranking: all items outside the user''s train part.'
SELECT algorithm, split, feedback, CASE WHEN defaults THEN 'defaults' ELSE options END AS options,
       round(rmse::numeric, 4) AS rmse, round(mae::numeric, 4) AS mae,
       round(recall_20::numeric, 4) AS "recall@20", round(ndcg_10::numeric, 4) AS "ndcg@10",
       round(precision_10::numeric, 4) AS "precision@10", iterations, round(seconds::numeric, 2) AS train_s,
       round(bytes / 1e6, 1) AS mb
  FROM run JOIN figure ON figure.run = run.n ORDER BY n;
DROP SCHEMA movielens CASCADE;
