-- What diversity, caps and calibration cost, on MovieLens and on a sparse generated shop. In an empty database, from the top of the tree:
--
--   createdb diversity && psql -d diversity -f test/bench/diversity.sql

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS rec;
\i test/bench/movielens.sql
\i test/bench/generated.sql
SET search_path = movielens, generated, public;

-- of each algorithm the ndcg@10 and the mean distance of the items of a list, 1 - similarity
CREATE FUNCTION steps(source regclass, time_column name, algorithm text)
  RETURNS TABLE (diversity float8, ndcg float8, low float8, high float8, inside float8, coverage float8)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM rec.create_model('stepped', source, algorithm, '{"feedback": "implicit"}', time_column => steps.time_column);
  FOREACH diversity IN ARRAY '{0, 0.1, 0.3, 0.5, 0.7, 0.9}'::float8[] LOOP
    SELECT max(e.value) FILTER (WHERE e.metric = 'ndcg'), max(e.low) FILTER (WHERE e.metric = 'ndcg'), max(e.high) FILTER (WHERE e.metric = 'ndcg'),
           max(e.value) FILTER (WHERE e.metric = 'diversity'), max(e.value) FILTER (WHERE e.metric = 'coverage')
      INTO ndcg, low, high, inside, coverage FROM rec.evaluate('stepped', 'time', diversity => steps.diversity) e;
    RETURN NEXT;
  END LOOP;
  DROP TABLE stepped;
END $$;
\echo 'MovieLens, events, the last fifth of each user: diversity, its cost in ndcg@10, and the diversity of lists (rec.metrics).'
SELECT algorithm, diversity, round(ndcg::numeric, 4) AS ndcg, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high,
       round(inside::numeric, 4) AS inside,
       round(coverage::numeric, 4) AS coverage
  FROM unnest('{als,item_knn,slim}'::text[]) algorithm, steps('events', 'rated_at', algorithm) ORDER BY 1, 2;
\echo 'A sparse shop of 10,000 items and 20,000 customers, who have four to nine items each; the same.'
SELECT algorithm, diversity, round(ndcg::numeric, 4) AS ndcg, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high,
       round(inside::numeric, 4) AS inside,
       round(coverage::numeric, 4) AS coverage
  FROM unnest('{als}'::text[]) algorithm, steps('sparse_shop', 'at', algorithm) ORDER BY 1, 2;

-- the divergence of the lists' genres from those of the profile (Steck 2018)
CREATE TABLE with_genres AS SELECT item_id, string_to_array(genres, '|') AS genre FROM film;
ALTER TABLE with_genres ADD PRIMARY KEY (item_id);
CREATE VIEW known AS SELECT user_id, item_id, rated_at FROM events WHERE NOT time_test;
CREATE TABLE share AS SELECT item_id, genre, 1.0 / count(*) OVER (PARTITION BY item_id) AS w
  FROM (SELECT DISTINCT item_id, g AS genre FROM with_genres, unnest(genre) g) s;
SELECT rec.create_model('genred', 'known', time_column => 'rated_at', items => 'with_genres') \g /dev/null
CALL rec.train('genred');
CALL rec.recommend_all('genred', 'plain');
CALL rec.recommend_all('genred', 'calibrated', calibrate => 'genre');
CALL rec.recommend_all('genred', 'capped', max_per => '{"genre": 2}');
CREATE FUNCTION divergence(list regclass, OUT divergence float8, OUT ndcg float8) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format($q$
    WITH p AS (SELECT user_id, genre, sum(w) / sum(sum(w)) OVER (PARTITION BY user_id) AS p FROM known JOIN share USING (item_id) GROUP BY 1, 2),
    q AS (SELECT user_id, genre, sum(w) / sum(sum(w)) OVER (PARTITION BY user_id) AS q FROM %1$s JOIN share USING (item_id) GROUP BY 1, 2)
    SELECT (SELECT avg(kl) FROM (SELECT sum(p * ln(p / (0.99 * coalesce(q, 0) + 0.01 * p))) AS kl
                                   FROM p LEFT JOIN q USING (user_id, genre) GROUP BY user_id) u),
           (SELECT avg(rec.ndcg((SELECT array_agg(item_id ORDER BY rank) FROM %1$s l WHERE l.user_id = t.user_id), items, 10))
              FROM (SELECT user_id, array_agg(item_id) AS items FROM events WHERE time_test GROUP BY 1) t)$q$, list) INTO divergence, ndcg;
END $$;
\echo 'als with genres: lists as ranked, calibrated by genre, and with at most two of each genre.'
SELECT list, round(divergence::numeric, 4) AS divergence, round(ndcg::numeric, 4) AS ndcg
  FROM unnest('{plain,calibrated,capped}'::regclass[]) list, divergence(list);

\echo 'Milliseconds of a question of 10 items: the median over 500 users.'
CREATE FUNCTION median(question text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  taken float8[] := '{}';
  before timestamptz;
BEGIN
  FOR u IN 1 .. 600 LOOP
    before := clock_timestamp();
    EXECUTE question USING u;
    IF u > 100 THEN
      taken := taken || 1000 * extract(epoch FROM clock_timestamp() - before)::float8;
    END IF;
  END LOOP;
  RETURN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FROM unnest(taken) t);
END $$;
SELECT arguments, round(median(format('SELECT count(*) FROM rec.recommend(''genred'', $1%s)', arguments))::numeric, 2) AS ms
  FROM unnest(ARRAY['', ', 200', ', diversity => 0.5', ', max_per => ''{"genre": 2}''', ', calibrate => ''genre''']) arguments;
