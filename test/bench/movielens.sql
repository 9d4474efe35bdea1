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

-- Two domains: films of drama or romance, and all others, each a source with ids of its own. A view has both, without what a fifth of the users (by md5) have
-- in one of them.
CREATE TABLE film (item_id int PRIMARY KEY, title text, genres text);
\copy film FROM 'test/data/ml-latest-small/movies.csv' (FORMAT csv, HEADER)
CREATE FUNCTION is_hidden(user_id int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$SELECT ('x' || substr(md5('u' || user_id), 1, 7))::bit(28)::int % 5 = 0$$;
CREATE TABLE drama AS SELECT user_id, item_id AS film_id FROM ratings JOIN film USING (item_id) WHERE genres ~ 'Drama|Romance';
CREATE TABLE other AS SELECT user_id, item_id AS film_id FROM ratings JOIN film USING (item_id) WHERE genres !~ 'Drama|Romance';
CREATE VIEW without_drama AS
SELECT user_id, 'drama:' || film_id AS item_id FROM drama WHERE NOT is_hidden(user_id) UNION ALL SELECT user_id, 'other:' || film_id FROM other;
CREATE VIEW without_other AS
SELECT user_id, 'drama:' || film_id AS item_id FROM drama UNION ALL SELECT user_id, 'other:' || film_id FROM other WHERE NOT is_hidden(user_id);

-- Of each of these users the ndcg@10 of a list of the domain, made from what they have in the other one, against what they have in it.
CREATE FUNCTION ndcg_across(algorithm text, domain regclass) RETURNS TABLE (user_id int, ndcg_10 float8) LANGUAGE plpgsql AS $$
DECLARE
  films text[];
  users int[];
BEGIN
  EXECUTE format('SELECT array_agg(DISTINCT %1$L || film_id) FILTER (WHERE NOT is_hidden(user_id)),
                         array_agg(DISTINCT user_id) FILTER (WHERE is_hidden(user_id)) FROM %2$s', domain || ':', domain) INTO films, users;
  PERFORM rec.create_model('joint', ('without_' || domain)::regclass, algorithm);
  CALL rec.train('joint');
  CALL rec.recommend_all('joint', 'list', candidates => films, users => users);
  RETURN QUERY EXECUTE format('SELECT user_id, rec.ndcg((SELECT array_agg(item_id ORDER BY rank) FROM list l WHERE l.user_id = d.user_id),
                                                        array_agg(%1$L || film_id))
                          FROM %2$s d WHERE is_hidden(user_id) GROUP BY user_id', domain || ':', domain);
  DROP TABLE joint, list;
END $$;
