-- Real data: the accuracy of models on MovieLens, on two splits, against the figures that
-- others reach there. test/bench/accuracy.sql prints the figures themselves.
SET client_min_messages = warning;
\i test/bench/movielens.sql

-- the test parts are those of the published figures
SELECT count(*) FILTER (WHERE time_test) AS time_test, count(*) FILTER (WHERE md5_test) AS md5_test FROM ratings;

-- ---- explicit models rank too; items with few ratings must not fill the lists
CREATE VIEW train AS SELECT user_id, item_id, rating FROM ratings WHERE NOT time_test;
SELECT rec.create_model('m', 'train'); CALL rec.train('m');
SELECT avg((n_ratings <= 3)::int) = 0 AS "nothing that three people rated"
  FROM (SELECT DISTINCT user_id FROM ratings) u, LATERAL rec.recommend('m', u.user_id) r JOIN m USING (item_id);
DROP TABLE m;

-- ---- each algorithm on both splits, with its defaults, which were chosen without the test parts, or with the best options for
-- the split: the list is at least as good, and the error at most as large. If a figure is missed, both are shown.
CREATE TABLE goal (algorithm text, feedback text, split text, options jsonb, rmse float8, recall_20 float8, ndcg_10 float8);
INSERT INTO goal VALUES
  ('als',      'explicit', 'time', '{}', 0.890,  NULL,   0.080),
  ('als',      'explicit', 'md5',  '{}', 0.847,  NULL,   NULL),
  ('als',      'explicit', 'time', '{"regularization": 4, "regularization_scaling": 0.25}', 0.8857, NULL, NULL),
  ('als',      'explicit', 'md5',  '{"regularization": 4, "regularization_scaling": 0.25}', 0.8425, NULL, NULL),
  ('als',      'implicit', 'time', '{}', NULL,   NULL,   0.122),
  ('als',      'implicit', 'md5',  '{}', NULL,   NULL,   0.345),
  ('als',      'implicit', 'time', '{"factors": 128, "regularization": 5, "regularization_scaling": 0.25, "alpha": 0.5, "tolerance": 0}', NULL, 0.163, 0.129),
  ('als',      'implicit', 'md5',  '{"factors": 128, "regularization": 10, "regularization_scaling": 0.25, "alpha": 3}', NULL, 0.352, 0.360),
  -- as published, or at most 0.003 less
  ('popular',  'implicit', 'time', '{}', NULL,   0.0966 - 0.003, 0.0867 - 0.003),
  ('popular',  'implicit', 'md5',  '{}', NULL,   0.1759 - 0.003, 0.1821 - 0.003),
  ('user_knn', 'implicit', 'time', '{}', NULL,   0.1504 - 0.003, 0.1161 - 0.003),
  ('user_knn', 'implicit', 'md5',  '{}', NULL,   0.3028 - 0.003, 0.3093 - 0.003),
  ('item_knn', 'implicit', 'time', '{}', NULL,   0.1480 - 0.003, 0.1189 - 0.003),
  ('item_knn', 'implicit', 'md5',  '{}', NULL,   0.3238 - 0.003, 0.3272 - 0.003),
  ('svd',      'implicit', 'time', '{"factors": 20}', NULL, 0.1529 - 0.003, 0.1215 - 0.003),
  ('svd',      'implicit', 'md5',  '{"factors": 32}', NULL, 0.3117 - 0.003, 0.3189 - 0.003),
  ('ease',     'implicit', 'time', '{}', NULL,   0.1682 - 0.003, 0.1295 - 0.003),
  ('ease',     'implicit', 'md5',  '{}', NULL,   0.3547 - 0.003, 0.3683 - 0.003),
  -- at least as good as the neighbourhoods'
  ('bpr',      'implicit', 'time', '{}', NULL,   0.1480 - 0.003, 0.1189 - 0.003),
  ('bpr',      'implicit', 'md5',  '{}', NULL,   0.3238 - 0.003, 0.3272 - 0.003),
  ('bpr',      'implicit', 'time', '{"factors": 96, "negatives": 8}', NULL, 0.1480, 0.1189),
  ('bpr',      'implicit', 'md5',  '{"factors": 96, "negatives": 8}', NULL, 0.3238, 0.3272),
  -- with ratings as als
  ('fm',       'explicit', 'time', '{}', 0.890,  NULL,   0.080),
  ('fm',       'explicit', 'md5',  '{}', 0.847,  NULL,   NULL),
  ('fm',       'implicit', 'time', '{}', NULL,   0.153,  0.118),
  ('fm',       'implicit', 'md5',  '{}', NULL,   0.334,  0.340),
  ('slim',     'implicit', 'time', '{}', NULL,   0.1480, 0.1189),
  ('slim',     'implicit', 'md5',  '{}', NULL,   0.3238, 0.3272);
SELECT g.*, f.rmse AS its_rmse, f.recall_20 AS its_recall_20, f.ndcg_10 AS its_ndcg_10
  FROM goal g, LATERAL figures(algorithm, feedback, split, options, CASE WHEN g.recall_20 IS NULL THEN '{10}' WHEN g.ndcg_10 IS NULL THEN '{20}' ELSE
      '{10, 20}'::int[] END) f
 WHERE f.rmse > g.rmse OR f.recall_20 < g.recall_20 OR f.ndcg_10 < g.ndcg_10;

-- bpr learns to rank the items that a user has above others: more of these pairs are in order than with popularity
SELECT rec.create_model('m', 'events', 'bpr');
SELECT split, low > baseline AS "auc above popularity" FROM unnest('{time_test, md5_test}'::text[]) split, LATERAL rec.evaluate('m', 'column:' || split)
    WHERE metric = 'auc';
DROP TABLE m;

-- each user as a smallint, as drivers send it, although the ids of many films do not fit: the list is that for an int
SELECT rec.create_model('m', 'events', 'popular');
CALL rec.train('m');
SELECT count(*) AS rows, count(DISTINCT user_id) AS users, bool_and(a.item_id = b.item_id) AS same, count(DISTINCT user_id)
    FILTER (WHERE a.item_id > 32767) AS beyond
  FROM (SELECT DISTINCT user_id FROM events) u, LATERAL rec.recommend('m', user_id::smallint, n => 1000) a JOIN LATERAL rec.recommend('m', user_id::int,
      n => 1000) b USING (rank);
DROP TABLE m;

-- ---- across domains: users of whom nothing is known in one half of the films get lists of it that are better than what is popular there, in both halves:
-- ndcg@10 is higher by 0.1 or more, with 95 % confidence. If it isn't, the figures are shown.
SELECT domain, count(*) AS users, avg(a.ndcg_10) AS ndcg_10, avg(p.ndcg_10) AS popular
  FROM unnest('{drama,other}'::regclass[]) domain, LATERAL ndcg_across('als', domain) a JOIN LATERAL ndcg_across('popular', domain) p USING (user_id)
 GROUP BY 1 HAVING avg(a.ndcg_10 - p.ndcg_10) - 1.96 * stddev(a.ndcg_10 - p.ndcg_10) / sqrt(count(*)) <= 0.1;

DROP SCHEMA movielens CASCADE;
