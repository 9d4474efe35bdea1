-- Algorithm popular: its options, and its scores for a few rows.
CREATE SCHEMA popular;
SET search_path = popular;
SET client_min_messages = warning;

-- a: days 0, 10, 20; b: 10, 20; c: 20
CREATE TABLE plays (user_id int, item_id text, rating real, at timestamp);
INSERT INTO plays VALUES (1, 'a', 5, '2026-01-01'), (2, 'a', 4, '2026-01-11'), (3, 'a', 3, '2026-01-21'), (1, 'b', 3, '2026-01-11'), (2, 'b', 1,
    '2026-01-21'), (1, 'c', 2, '2026-01-21');
CREATE INDEX ON plays (user_id);
CREATE FUNCTION scores(options jsonb, OUT a real, OUT b real, OUT c real, OUT half_life text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('m', 'plays', 'popular', options, time_column => 'at');
	CALL rec.train('m');
	SELECT max(score) FILTER (WHERE item_id = 'a'), max(score) FILTER (WHERE item_id = 'b'), max(score) FILTER (WHERE item_id = 'c') INTO a, b, c FROM m;
	SELECT m.options ->> 'half_life' INTO half_life FROM rec.models m WHERE model = 'm'::regclass;
	DROP TABLE m;
END $$;

-- the option in rec.algorithms
SELECT type, "default", minimum, maximum FROM rec.algorithms WHERE algorithm = 'popular' AND option = 'half_life';

-- with a half-life of ten days events weigh 1/4, 1/2 and 1, in any notation of the interval
SELECT * FROM scores('{"by": "count"}');
SELECT x AS given, s.* FROM unnest('{10 days, 240 hours, 1 week 3 days, P10D, 864000 s}'::text[]) x, LATERAL scores(jsonb_build_object('by', 'count',
    'half_life', x)) s;
-- a month counts 30 days: 0.5 ^ (20 / 30) + 0.5 ^ (10 / 30) + 1
SELECT round(a::numeric, 4) AS a, round((0.5 ^ (2 / 3.0) + 0.5 ^ (1 / 3.0) + 1)::numeric, 4) AS expected, half_life
    FROM scores('{"by": "count", "half_life": "1 month"}');
-- hours: a ten days old event counts only 0.5 ^ 20
SELECT round(a::numeric, 4) AS a, half_life FROM scores('{"by": "count", "half_life": "12 hours"}');
-- a year is twelve months: 360 days
SELECT abs(x.a - y.a) < 1e-6 AS same FROM scores('{"by": "count", "half_life": "1 year"}') x, scores('{"by": "count", "half_life": "360 days"}') y;
-- stored options do not depend on the session's IntervalStyle
BEGIN;
SET LOCAL IntervalStyle = sql_standard;
SELECT * FROM scores('{"by": "count", "half_life": "1 week 3 days"}');
COMMIT;

-- ---- clocks that are wrong
-- a: 20 and 10 days ago; b: 10 days ago; c: in the future; d: at infinity; e: at minus infinity; f: nobody knows when; g: not a time, where there
-- is such a number. With c ages are counted back from now: a 1/4 + 1/2, b 1/2, c 1, d 1, the others 0. Without it from the newest that is
-- finite, which is ten days old: a 1/2 + 1, b 1, d 1. Two digits: some seconds pass until the training.
SET client_min_messages = notice;
CREATE FUNCTION clocks(type text, future bool, options jsonb) RETURNS TABLE (item_id text, score numeric) LANGUAGE plpgsql AS $$
DECLARE
	number bool := type IN ('bigint', 'real', 'double precision', 'numeric');
BEGIN
	EXECUTE format('CREATE TABLE clocked AS SELECT user_id, item_id, (%s)::%s AS at FROM '
				   '(VALUES (1, ''a'', now() - interval ''20 days''), (2, ''a'', now() - interval ''10 days''), (3, ''b'', now() - interval ''10 days''), '
				   '(4, ''c'', now() + interval ''30 years''), (5, ''d'', ''infinity''), (6, ''e'', ''-infinity''), (7, ''f'', NULL), (8, ''g'',
				   	NULL)) t (user_id, item_id, t) '
				   'WHERE ($1 OR item_id <> ''c'') AND (%L <> ''bigint'' OR isfinite(t))',
				   CASE WHEN type = 'double precision' THEN 'CASE item_id WHEN ''g'' THEN ''NaN'' ELSE extract(epoch FROM t)::float8 END' WHEN number THEN
				   	'extract(epoch FROM t)' ELSE 't' END,
				   type, type) USING future;
	CREATE INDEX ON clocked (user_id);
	PERFORM rec.create_model('m', 'clocked', 'popular', options, time_column => 'at');
	CALL rec.train('m');
	RETURN QUERY SELECT m.item_id, round(m.score::numeric, 2) FROM m ORDER BY 1;
	DROP TABLE m, clocked;
END $$;
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_to_g FROM clocks('timestamptz', true, '{"half_life": "10 days"}');
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_to_g FROM clocks('timestamptz', false, '{"half_life": "10 days"}');
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_to_g FROM clocks('timestamp', true, '{"half_life": "10 days"}');
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_to_g FROM clocks('date', false, '{"half_life": "10 days"}');
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_to_g FROM clocks('double precision', true, '{"half_life": "10 days"}');
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_to_g FROM clocks('numeric', false, '{"half_life": "10 days"}');
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_b_c FROM clocks('bigint', true, '{"half_life": "10 days"}');
-- by trend: 3.25 of the eight events are recent, so 0.8125 are expected of a, with its two, and 0.40625 of the others; with a damping of 5 (see below)
-- a 5.75 (1 - 1/51.75 - 1.645/(3 sqrt 5.75))^3 = 2.4453, by 5.8125; b 5.5 (...)^3 = 2.2833, by 5.40625; c, d 6 (...)^3 = 2.6092; the others 5 (...)^3 = 1.9656
SELECT string_agg(score::text, ' ' ORDER BY item_id) AS a_to_g FROM clocks('timestamptz', true, '{"half_life": "10 days", "by": "trend", "damping": 5}');
-- if all times are in the future, or there are none, all events have the same age
CREATE TABLE unclocked AS SELECT user_id, item_id, 'infinity'::timestamptz AS at, NULL::timestamptz AS never FROM plays;
CREATE INDEX ON unclocked (user_id);
SELECT rec.create_model('m', 'unclocked', 'popular', '{"half_life": "10 days"}', time_column => 'at');
CALL rec.train('m');
SELECT item_id, score FROM m ORDER BY 1;
DROP TABLE m;
SELECT rec.create_model('m', 'unclocked', 'popular', '{"half_life": "10 days"}', time_column => 'never');
CALL rec.train('m');
SELECT item_id, score FROM m ORDER BY 1;
-- numbers that are not seconds are all in the future, as the hint says
CREATE TABLE milliseconds AS SELECT user_id, item_id, (extract(epoch FROM at) * 1000)::bigint AS at FROM plays;
CREATE INDEX ON milliseconds (user_id);
SELECT rec.create_model('ms', 'milliseconds', 'popular', '{"half_life": "10 days"}', time_column => 'at');
CALL rec.train('ms');
-- an evaluation uses the same rule: user 8, whose profile is c, is tested with z, which five users have, and not with b, whose
-- only event is at infinity
CREATE TABLE asked AS
SELECT n AS user_id, CASE n WHEN 6 THEN 'a' WHEN 7 THEN 'b' WHEN 8 THEN 'c' ELSE 'z' END AS item_id,
	   CASE n WHEN 7 THEN 'infinity' ELSE timestamptz '2020-01-01' END AS at FROM generate_series(1, 8) n
UNION ALL SELECT 8, 'z', '2020-02-01';
SELECT value FROM rec.compare('asked', '[{"algorithm": "popular", "half_life": "10 days"}]', 'hit_rate', 'leave_one_out', k => 1, min_ratings => 2,
    time_column => 'at');
-- infinity is the latest time: of user 5's items x is held out, the only one that other users have
CREATE TABLE last_is_infinite (user_id int, item_id text, at float8);
INSERT INTO last_is_infinite VALUES (1, 'x', 1), (2, 'x', 1), (3, 'v', 1), (5, 'z', 2), (5, 'x', 'Infinity'), (5, 'y', '-Infinity');
SELECT value FROM rec.compare('last_is_infinite', '["popular"]', 'hit_rate', 'leave_one_out', k => 1, min_ratings => 2, time_column => 'at');
-- but numbers beyond the range of times have no order
UPDATE last_is_infinite SET at = 1e300 WHERE at > 1;
\set SHOW_CONTEXT never
SELECT value FROM rec.compare('last_is_infinite', '["popular"]', 'hit_rate', 'leave_one_out', k => 1, min_ratings => 2, time_column => 'at'); \echo :SQLSTATE
SET client_min_messages = warning;

-- ---- trends

-- Of a thousand sales each, long ago or now, rising has 220 now and steady 95; fresh has four, all of them now: 319 of 2004 are recent. With the damping of 5
-- rising has 225 (1 - 1/2025 - 1.645/45)^3 = 200.9068, where 159.1816 + 5 are expected; steady 100 (1 - 1/900 - 1.645/30)^3 = 84.1381, where as many are;
-- fresh 9 (1 - 1/81 - 1.645/9)^3 = 4.6928, where 0.6367 + 5 are. Two sales among two do not come before all others.
CREATE TABLE sales (user_id int, item_id text, at timestamp);
INSERT INTO sales SELECT u, 'rising', CASE WHEN u <= 220 THEN timestamp '2026-01-21' ELSE '2020-01-01' END FROM generate_series(1, 1000) u;
INSERT INTO sales SELECT u, 'steady', CASE WHEN u <= 95 THEN timestamp '2026-01-21' ELSE '2020-01-01' END FROM generate_series(1, 1000) u;
INSERT INTO sales SELECT u, 'fresh', '2026-01-21' FROM generate_series(1, 4) u;
CREATE INDEX ON sales (user_id);
SELECT rec.create_model('rising', 'sales', 'popular', '{"by": "trend", "half_life": "1 day"}', time_column => 'at');
CALL rec.train('rising');
SELECT rank, item_id, round(score::numeric, 3) AS score, round(expected, 3) AS expected
  FROM rec.recommend('rising', '-1'::text) JOIN (VALUES ('rising', 200.9068 / 164.1816), ('fresh', 4.6928 / 5.6367), ('steady',
      84.1381 / 164.1816)) e (item_id, expected) USING (item_id) ORDER BY rank;

-- ---- explanations: no item of the user contributes, as the scores are the same for all users

SELECT count(*) FROM rec.explain('rising', '1'::text, 'fresh'::text);

-- ---- errors

\set SHOW_CONTEXT never
SELECT scores('{"half_life": 30}'); \echo :SQLSTATE
SELECT scores('{"half_life": "soon"}'); \echo :SQLSTATE
SELECT scores('{"half_life": ""}'); \echo :SQLSTATE
SELECT scores('{"half_life": "-1 days"}'); \echo :SQLSTATE
SELECT scores('{"half_life": "1 month -1 days"}'); \echo :SQLSTATE
SELECT scores('{"half_life": "100000 years"}'); \echo :SQLSTATE
SELECT scores('{"half_life": null}'); \echo :SQLSTATE
SELECT scores('{"half_life": ["1 day"]}'); \echo :SQLSTATE
-- without a time column
SELECT rec.create_model('m', 'plays', 'popular', '{"half_life": "30 days"}'); \echo :SQLSTATE
SELECT rec.create_model('m', 'plays', 'popular', '{"by": "trend"}'); \echo :SQLSTATE

DROP SCHEMA popular CASCADE;
