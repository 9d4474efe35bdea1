-- Algorithm popular: its options, and what they say of a few rows.
CREATE SCHEMA popular;
SET search_path = popular;
SET client_min_messages = warning;

-- a: days 0, 10, 20; b: 10, 20; c: 20
CREATE TABLE plays (user_id int, item_id text, rating real, at timestamp);
INSERT INTO plays VALUES (1, 'a', 5, '2026-01-01'), (2, 'a', 4, '2026-01-11'), (3, 'a', 3, '2026-01-21'), (1, 'b', 3, '2026-01-11'), (2, 'b', 1, '2026-01-21'), (1, 'c', 2, '2026-01-21');
CREATE INDEX ON plays (user_id);
CREATE FUNCTION scores(options jsonb, OUT a real, OUT b real, OUT c real, OUT half_life text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('m', 'plays', 'popular', options, time_column => 'at');
	CALL rec.train('m');
	SELECT max(score) FILTER (WHERE item_id = 'a'), max(score) FILTER (WHERE item_id = 'b'), max(score) FILTER (WHERE item_id = 'c') INTO a, b, c FROM m;
	SELECT m.options ->> 'half_life' INTO half_life FROM rec.models m WHERE model = 'm'::regclass;
	DROP TABLE m;
END $$;

-- the option as it is listed
SELECT type, "default", minimum, maximum FROM rec.algorithms WHERE algorithm = 'popular' AND option = 'half_life';

-- with a half-life of ten days events weigh 1/4, 1/2 and 1, however that is said
SELECT * FROM scores('{"by": "count"}');
SELECT x AS given, s.* FROM unnest('{10 days, 240 hours, 1 week 3 days, P10D, 864000 s}'::text[]) x, LATERAL scores(jsonb_build_object('by', 'count', 'half_life', x)) s;
-- a month counts 30 days: 0.5 ^ (20 / 30) + 0.5 ^ (10 / 30) + 1
SELECT round(a::numeric, 4) AS a, round((0.5 ^ (2 / 3.0) + 0.5 ^ (1 / 3.0) + 1)::numeric, 4) AS expected, half_life FROM scores('{"by": "count", "half_life": "1 month"}');
-- hours: what is ten days old is gone, but for 0.5 ^ 20
SELECT round(a::numeric, 4) AS a, half_life FROM scores('{"by": "count", "half_life": "12 hours"}');
-- a year is twelve months: 360 days
SELECT abs(x.a - y.a) < 1e-6 AS same FROM scores('{"by": "count", "half_life": "1 year"}') x, scores('{"by": "count", "half_life": "360 days"}') y;
-- what is read again is the same whatever the session's IntervalStyle
BEGIN;
SET LOCAL IntervalStyle = sql_standard;
SELECT * FROM scores('{"by": "count", "half_life": "1 week 3 days"}');
COMMIT;

-- ---- refused

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
