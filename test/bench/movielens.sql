-- MovieLens, its two splits, and the figures of a model on one of them. Read with \i from the
-- top of the tree, by the accuracy script and by the test that holds the defaults to their figures.

CREATE SCHEMA movielens;
SET search_path = movielens, public;

CREATE TABLE rating (user_id int, item_id int, rating real, ts bigint);
\copy rating FROM 'test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER)

-- time: the last fifth of each user's ratings. md5: a fifth at random, the same for everybody.
CREATE TABLE split AS
SELECT *,
       row_number() OVER (PARTITION BY user_id ORDER BY ts, item_id)
         > count(*) OVER (PARTITION BY user_id) - greatest(1, floor(0.2 * count(*) OVER (PARTITION BY user_id))) AS time_test,
       ('x' || substr(md5(user_id || ':' || item_id), 1, 7))::bit(28)::int % 5 = 0 AS md5_test
  FROM rating;

CREATE TABLE time_train AS SELECT user_id, item_id, rating, to_timestamp(ts) AS rated_at FROM split WHERE NOT time_test;
CREATE TABLE time_test AS SELECT user_id, item_id, rating FROM split WHERE time_test;
CREATE TABLE md5_train AS SELECT user_id, item_id, rating, to_timestamp(ts) AS rated_at FROM split WHERE NOT md5_test;
CREATE TABLE md5_test AS SELECT user_id, item_id, rating FROM split WHERE md5_test;
ALTER TABLE time_train ADD PRIMARY KEY (user_id, item_id);
ALTER TABLE md5_train ADD PRIMARY KEY (user_id, item_id);
ANALYZE;

-- Predicted ratings: all test rows, items unseen in training included.
CREATE FUNCTION rating_errors(model regclass, test regclass, OUT rmse float8, OUT mae float8) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT sqrt(avg((p - rating)^2)), avg(abs(p - rating))
                    FROM (SELECT rating, rec.predict(%L, user_id, item_id) AS p FROM %s ORDER BY user_id) t', model, test)
    INTO rmse, mae;
END $$;

-- Ranked lists of all items that the user has no rating of in the train part; mean over users with a
-- test item. Test items unseen in training count as misses.
-- recall@20 = hits / min(20, relevant); ndcg@10: gain 1, discount log2(rank + 1), ideal over
-- min(10, relevant); precision@10 = hits / 10.
CREATE FUNCTION ranking_figures(model regclass, test regclass,
                                OUT recall_20 float8, OUT ndcg_10 float8, OUT precision_10 float8) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('
    WITH per_user AS (
      SELECT t.user_id, count(*) AS relevant,
             count(r.rank) AS hits_20,
             count(*) FILTER (WHERE r.rank <= 10) AS hits_10,
             coalesce(sum(1 / log(2, r.rank + 1)) FILTER (WHERE r.rank <= 10), 0) AS dcg
        FROM (SELECT DISTINCT user_id FROM %2$s) u
       CROSS JOIN LATERAL (SELECT * FROM %2$s t WHERE t.user_id = u.user_id) t
        LEFT JOIN (SELECT v.user_id, l.rank, l.item_id
                     FROM (SELECT DISTINCT user_id FROM %2$s) v,
                          LATERAL rec.recommend(%1$L, v.user_id, n => 20) l) r
               ON r.user_id = t.user_id AND r.item_id = t.item_id
       GROUP BY t.user_id)
    SELECT avg(hits_20::float8 / least(20, relevant)),
           avg(dcg / (SELECT sum(1 / log(2, i + 1)) FROM generate_series(1, least(10, relevant)) i)),
           avg(hits_10 / 10.0)
      FROM per_user', model, test)
    INTO recall_20, ndcg_10, precision_10;
END $$;
