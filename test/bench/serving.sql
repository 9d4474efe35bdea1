-- How long answers take beside the same answers in plain SQL over the same factors: 27,000 items, 64 factors, users with 100
-- ratings. Leaves the model `serving`, which other measurements use. In an empty database:
--
--   createdb serving && psql -d serving -f test/bench/serving.sql

\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS rec;

-- 10,000 users with 100 different items each, popular ones more often
CREATE TABLE events AS
SELECT u AS user_id, item_id, (1 + abs(hashint8(u * 27000 + item_id)) % 9 * 0.5)::real AS rating
  FROM generate_series(1, 10000) u,
       LATERAL (SELECT DISTINCT floor(27000 * power(abs(hashint8(u::bigint * 1000 + i)) / 2147483648.0, 2))::int AS item_id
                  FROM generate_series(1, 130) i LIMIT 100) t;
INSERT INTO events SELECT 0, i, 3 FROM generate_series(0, 26999) i;	-- so that every item is in the model
ALTER TABLE events ADD PRIMARY KEY (user_id, item_id);
ANALYZE events;
SELECT rec.create_model('serving', 'events', options => '{"factors": 64, "iterations": 2}') \g /dev/null
CALL rec.train('serving');

-- Milliseconds that a statement takes, for each of several executions; $1 is another user each time.
CREATE FUNCTION pg_temp.milliseconds(statement text, times int) RETURNS SETOF float8 LANGUAGE plpgsql AS $$
DECLARE
  began timestamptz;
BEGIN
  FOR i IN 1..times LOOP
    began := clock_timestamp();
    EXECUTE statement USING i;
    RETURN NEXT extract(epoch FROM clock_timestamp() - began) * 1000;
  END LOOP;
END $$;

CREATE FUNCTION pg_temp.top_in_sql(who int) RETURNS TABLE (item_id int, score float8) LANGUAGE sql STABLE AS $$
  SELECT i.item_id, i.bias + u.bias + p.product
    FROM serving i, serving_users u,
         LATERAL (SELECT sum(x * y) AS product FROM unnest(i.factors, u.factors) AS f (x, y)) p
   WHERE u.user_id = who AND NOT EXISTS (SELECT FROM events r WHERE r.user_id = who AND r.item_id = i.item_id)
   ORDER BY 2 DESC LIMIT 10 $$;

CREATE TEMP TABLE result (figure text, value float8, unit text, beside text, peer float8, comparison text, goal float8);

SELECT count(*) FROM pg_temp.milliseconds('SELECT * FROM rec.recommend(''serving'', $1)', 20) \g /dev/null
INSERT INTO result SELECT '`rec.recommend`, 27,000 items, 64 factors, within the server, median', percentile_cont(0.5) WITHIN GROUP (ORDER BY ms), 'ms',
    'the same in plain SQL', (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FROM pg_temp.milliseconds('SELECT * FROM pg_temp.top_in_sql($1)', 9) ms),
        'times'
  FROM pg_temp.milliseconds('SELECT * FROM rec.recommend(''serving'', $1)', 1000) ms;

-- a million predictions for one user, one call each; in SQL a tenth of them, times ten
INSERT INTO result SELECT '`rec.predict`, a million rows', min(ms) / 1000, 's', 'the same in plain SQL',
    (SELECT min(ms) / 100 FROM pg_temp.milliseconds('
       SELECT sum(i.bias + u.bias + p.product)
         FROM generate_series(1, 100000) g JOIN serving i ON i.item_id = g % 27000, serving_users u,
              LATERAL (SELECT sum(x * y) AS product FROM unnest(i.factors, u.factors) AS f (x, y)) p
        WHERE u.user_id = $1', 2) ms), 'times'
  FROM pg_temp.milliseconds('SELECT sum(rec.predict(''serving'', $1, g % 27000)) FROM generate_series(1, 1000000) g', 3) ms;

-- all users, one call each
INSERT INTO result SELECT '`rec.recommend` for 10,000 users in one query', min(ms) / 1000, 's'
  FROM pg_temp.milliseconds('SELECT count(*) FROM generate_series(1, 10000) u, LATERAL rec.recommend(''serving'', u) r WHERE $1 > 0', 1) ms;

\pset format unaligned
\pset fieldsep '\t'
\pset tuples_only on
SELECT figure, value, unit, beside, peer, comparison, goal FROM result;
