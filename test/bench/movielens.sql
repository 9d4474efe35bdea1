-- MovieLens, with its two splits as columns. Read with \i from the top of the tree, by the accuracy script and by the test that
-- compares the defaults with their figures.

CREATE SCHEMA movielens;
SET search_path = movielens, public;

CREATE TABLE rating (user_id int, item_id int, rating real, ts bigint);
\copy rating FROM 'test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER)

-- time: the last fifth of each user's ratings. md5: a random fifth, always the same.
CREATE TABLE ratings AS
SELECT user_id, item_id, rating, to_timestamp(ts) AS rated_at,
       row_number() OVER (PARTITION BY user_id ORDER BY ts, item_id)
         > count(*) OVER (PARTITION BY user_id) - greatest(1, floor(0.2 * count(*) OVER (PARTITION BY user_id))) AS time_test,
       ('x' || substr(md5(user_id || ':' || item_id), 1, 7))::bit(28)::int % 5 = 0 AS md5_test
  FROM rating;
ALTER TABLE ratings ADD PRIMARY KEY (user_id, item_id);
ANALYZE ratings;

-- implicit feedback: every row counts 1, whatever its rating
CREATE VIEW events AS SELECT user_id, item_id, rated_at, time_test, md5_test FROM ratings;

-- The published figures for a split: of an algorithm with options, by rec.evaluate, with lists of 10 and of 20.
CREATE FUNCTION figures(algorithm text, feedback text, split text, options jsonb = '{}', lengths int[] = '{10, 20}', OUT rmse float8, OUT mae float8,
                        OUT recall_20 float8, OUT ndcg_10 float8, OUT precision_10 float8) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM rec.create_model('evaluated', CASE feedback WHEN 'explicit' THEN 'ratings' ELSE 'events' END::regclass, algorithm, options,
      time_column => 'rated_at');
  SELECT max(value) FILTER (WHERE metric = 'rmse'), max(value) FILTER (WHERE metric = 'mae'),
         max(value) FILTER (WHERE metric = 'recall' AND k = 20),
         max(value) FILTER (WHERE metric = 'ndcg' AND k = 10), max(value) FILTER (WHERE metric = 'precision' AND k = 10)
    INTO rmse, mae, recall_20, ndcg_10, precision_10
    FROM unnest(lengths) k, LATERAL rec.evaluate('evaluated', 'column:' || split || '_test', k => k);
  DROP TABLE evaluated;
END $$;
