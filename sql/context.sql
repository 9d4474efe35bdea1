-- Contexts: what somebody wants depends on the circumstances in which he asks.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA context;
SET search_path = context;

-- planted: at work everybody takes items with odd numbers, at home those with even ones, of both those with his remainder by 3; of the hours 20 to 22 nothing
-- follows
CREATE TABLE visit (user_id int, item_id int, place text, hour smallint, warmth real, rating real);
INSERT INTO visit SELECT u, i, CASE WHEN i % 2 = 1 THEN 'work' ELSE 'home' END, 20 + (u + i) % 3, (u * 7 + i * 13) % 31, 1 + (i % 3 = u % 3)::int * 3
  FROM generate_series(1, 200) u, generate_series(1, 60) i
 WHERE ('x' || substr(md5(u || ':' || i), 1, 4))::bit(16)::int % CASE WHEN i % 3 = u % 3 THEN 3 ELSE 12 END = 0;
-- one in ten happens elsewhere
UPDATE visit SET place = CASE place WHEN 'work' THEN 'home' ELSE 'work' END WHERE (user_id * 11 + item_id) % 10 = 0;
CREATE INDEX ON visit (user_id);

CREATE FUNCTION at_work(m regclass, c jsonb) RETURNS numeric LANGUAGE sql AS $$
	SELECT round(avg(item_id % 2), 1) FROM generate_series(1, 200, 9) u, rec.recommend(m, u, n => 5, context => c) $$;
\set VERBOSITY default
SET client_min_messages = notice;
SELECT rec.create_model('m', 'visit', 'fm', '{"feedback": "implicit", "factors": 8}', rating_column => '', context_columns => '{place,hour,warmth}');
CALL rec.train('m');
SET client_min_messages = warning;
\set VERBOSITY terse
SELECT feature, n_rows, round(mean::numeric, 2) AS mean FROM m_context_features ORDER BY number;
SELECT rows = (SELECT count(*) FROM (SELECT DISTINCT user_id, item_id, place, hour, warmth FROM visit) d) AS merged FROM rec.model WHERE model = 'm'::regclass;
-- lists differ by context; an unknown value, and nothing known, is the average
SELECT at_work('m', '{"place": "work"}') AS work, at_work('m', '{"place": "home"}') AS home;
SELECT bool_and(a.items = b.items AND b.items = c.items AND c.items = d.items) AS same
  FROM generate_series(1, 200, 9) u,
	LATERAL (SELECT array_agg((item_id, score) ORDER BY rank) AS items FROM rec.recommend('m', u)) a,
	LATERAL (SELECT array_agg((item_id, score) ORDER BY rank) AS items FROM rec.recommend('m', u, context => '{}')) b,
	LATERAL (SELECT array_agg((item_id, score) ORDER BY rank) AS items FROM rec.recommend('m', u, context => '{"place": "moon", "hour": 3}')) c,
	LATERAL (SELECT array_agg((item_id, score) ORDER BY rank) AS items FROM rec.recommend('m', u, context => '{"place": null, "hour": null}')) d;
-- a value is that of the column's type
SELECT count(DISTINCT rec.predict('m', 5, 8, c)) FROM unnest('{"{\"hour\": 21, \"warmth\": 7}","{\"hour\": \"21\", \"warmth\": 7.0}"}'::jsonb[]) c;
-- two routes to one number: of lists and predict, with the rows of a user in their contexts
SELECT count(*) > 100 AS many, max(abs(r.score - rec.predict('m', u, r.item_id, c))) < 1e-5 AS same
  FROM generate_series(1, 200, 9) u, unnest('{"{}","{\"place\": \"work\"}"}'::jsonb[]) c, rec.recommend('m', u, n => 5, context => c) r;
SELECT rec.predict('m', 5, 8) = rec.predict('m', 5, 8, NULL) AS same,
	rec.predict('m', 5, 8, '{"place": "home"}') > rec.predict('m', 5, 8, '{"place": "work"}') AS home;
CALL rec.recommend_all('m', 'lists', n => 10);
SELECT count(*) AS users, count(*) FILTER (WHERE a.items IS DISTINCT FROM b.items) AS different
  FROM (SELECT user_id, array_agg((item_id, round(score::numeric, 4)) ORDER BY rank) AS items FROM lists GROUP BY 1) a,
       LATERAL (SELECT array_agg((item_id, round(score::numeric, 4)) ORDER BY rank) AS items FROM rec.recommend('m', a.user_id)) b;
SELECT count(*), max(abs(s.score - rec.predict('m', s.user_id, 7))) < 1e-4 AS same FROM rec.recommend_users('m', 7, n => 1000, exclude_seen => false) s;
-- a session, whose items have no contexts
SELECT round(avg(item_id % 2) FILTER (WHERE c->>'place' = 'work'), 1) AS work, round(avg(item_id % 2) FILTER (WHERE c->>'place' = 'home'), 1) AS home
  FROM unnest('{"{\"place\": \"home\"}","{\"place\": \"work\"}"}'::jsonb[]) c, rec.recommend_for('m', ARRAY[3, 6], n => 10, context => c);
-- contributions and baseline add up to the score, by items and by features of the context
SELECT count(*) > 40 AS many, bool_and(abs(e.whole - rec.predict('m', u, 7, c)) < 1e-4 * (1 + abs(e.whole))) AS adds_up
  FROM generate_series(1, 200, 9) u, unnest('{"{\"hour\": 20}","{\"place\": \"work\", \"hour\": 21, \"warmth\": 3}"}'::jsonb[]) c,
	LATERAL (SELECT sum(contribution) + min(baseline) AS whole FROM rec.explain('m', u, 7, 1000, c) GROUP BY known_item_id IS NULL) e;
SELECT feature, contribution > 0 AS speaks_for FROM rec.explain('m', 5, 7, n => 1000, context => '{"place": "work"}') WHERE feature IS NOT NULL;
-- what happened a moment ago is known in its context
INSERT INTO visit SELECT 1000, i, 'work', 20, 1, 1 FROM generate_series(3, 57, 6) i;
SELECT round(avg(item_id % 2), 1) AS work FROM rec.recommend('m', 1000, n => 5, context => '{"place": "work"}');
SELECT round(avg(item_id % 2), 1) AS home FROM rec.recommend('m', 1000, n => 5, context => '{"place": "home"}');
DELETE FROM visit WHERE user_id = 1000;

-- ratings
SELECT rec.create_model('r', 'visit', 'fm', '{"feedback": "explicit", "factors": 4}', context_columns => '{place}');
UPDATE visit SET rating = rating + CASE WHEN place = 'work' THEN 1 ELSE 0 END * CASE WHEN item_id % 2 = 0 THEN -1 ELSE 1 END;
CALL rec.train('r');
-- planted: at work, odd items are rated one more, and even ones one less
SELECT round((avg(d) FILTER (WHERE i % 2 = 1))::numeric, 1) AS odd, round((avg(d) FILTER (WHERE i % 2 = 0))::numeric, 1) AS even
  FROM generate_series(1, 200, 9) u, generate_series(1, 60, 5) i,
	LATERAL (SELECT rec.predict('r', u, i, '{"place": "work"}') - rec.predict('r', u, i, '{"place": "home"}') AS d) p;
-- any number of workers reads the same rows, and gives the same model
CREATE FUNCTION sum_of(m regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(t::text, '','' ORDER BY t::text))
		FROM (SELECT i::text FROM %1$s i UNION ALL SELECT f::text FROM %1$s_context_features f) t', m) INTO result;
	RETURN result;
END $$;
SELECT rec.create_model('alone', 'visit', 'fm', '{"factors": 4, "warm_start": false}', context_columns => '{place,hour,warmth}'),
	rec.create_model('several', 'visit', 'fm', '{"factors": 4, "warm_start": false}', context_columns => '{place,hour,warmth}');
SET max_parallel_workers_per_gather = 0;
CALL rec.train('alone');
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
CALL rec.train('several');
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;
SELECT sum_of('alone') = sum_of('several') AS same;

-- ---- what is refused
\set VERBOSITY default
SELECT rec.recommend('m', 1, context => '{"plase": "work"}');
SELECT rec.recommend('m', 1, context => '["work"]');
SELECT rec.recommend('m', 1, context => '{"hour": "late"}'); \echo :SQLSTATE
SELECT rec.create_model('no', 'visit', context_columns => '{place}');
SELECT rec.create_model('no', 'visit', 'fm', context_columns => '{plase}');
SELECT rec.create_model('no', 'visit', 'fm', context_columns => '{place,place}');
SELECT rec.create_model('no', 'visit', 'fm', context_columns => '{item_id}');
SELECT rec.create_model('no', 'visit', 'fm', context_columns => '{place,NULL}');
SELECT rec.create_model('no', 'visit', 'fm', context_columns => array_fill('place'::name, '{33}'));
CREATE VIEW documents AS SELECT user_id, item_id, to_jsonb(place) AS place FROM visit;
SELECT rec.create_model('no', 'documents', 'fm', context_columns => '{place}');
DROP VIEW documents;
SELECT rec.alter_model('m', algorithm => 'als');
\set VERBOSITY terse
-- NaN in the source
UPDATE visit SET warmth = 'NaN' WHERE ctid = (SELECT min(ctid) FROM visit WHERE warmth = 5);
CALL rec.train('m');
-- says nothing where a model is asked: neither in the rows of a user nor in a question
SELECT count(*) FROM visit v, rec.recommend('m', v.user_id, n => 3) WHERE warmth = 'NaN';
SELECT count(*) FROM unnest('{NaN,Infinity}'::text[]) w WHERE rec.predict('m', 5, 8, jsonb_build_object('warmth', w)) = rec.predict('m', 5, 8);
UPDATE visit SET warmth = 5 WHERE warmth = 'NaN';

-- ---- types
CREATE TYPE mood AS ENUM ('glad', 'it''s "so\so"');
CREATE DOMAIN sure AS text NOT NULL CHECK (VALUE <> 'moon');
CREATE TABLE typed AS SELECT user_id, item_id, place::char(6) AS fixed, ARRAY[place]::char(6)[] AS "array", place::sure AS "select",
	(enum_range(NULL::mood))[hour - 19]::mood AS "Mood", timestamptz '2024-01-01Z' + hour * interval '1 hour' AS context FROM visit;
CREATE INDEX ON typed (user_id);
SELECT rec.create_model('t', 'typed', 'fm', '{"factors": 2, "iterations": 2}', context_columns => '{fixed,array,select,Mood,context}');
CALL rec.train('t');
SELECT string_agg(feature, ' ' ORDER BY number) FROM t_context_features;
-- what is left out, or was never seen, need not be a value of the column
SELECT c, count(*) FROM unnest('{"{}","{\"select\": \"moon\"}","{\"Mood\": \"sad\"}","{\"array\": []}","{\"fixed\": \"too long\"}"}'::jsonb[]) c,
	rec.recommend('t', 5, n => 3, context => c) GROUP BY 1 ORDER BY 1;
SELECT rec.predict('t', 5, 8, '{"fixed": "work"}') = rec.predict('t', 5, 8, '{"fixed": "work  "}') AS padded;
-- settings of the session
SET TimeZone = 'UTC';
SELECT rec.predict('t', 5, 8, '{"context": "2024-01-01 21:00"}') AS predicted \gset
SET TimeZone = 'Asia/Tokyo';
SELECT rec.predict('t', 5, 8, '{"context": "2024-01-02 06:00"}') = :predicted::real AS same_time,
	rec.predict('t', 5, 8, '{"context": "2024-01-01 21:00"}') = :predicted::real AS same_text;
RESET TimeZone;
SET quote_all_identifiers = on;
SELECT count(*) FROM rec.recommend('t', 5, n => 3, context => '{"fixed": "work"}');
RESET quote_all_identifiers;
-- types with a cast to json are documents
CREATE FUNCTION document(mood) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT '{}'::json $$;
CREATE CAST (mood AS json) WITH FUNCTION document(mood);
SELECT rec.create_model('no', 'typed', 'fm', context_columns => '{Mood}');

-- ---- memory: a few megabytes, however many contexts there are, and however long
BEGIN;
DECLARE predicted CURSOR FOR SELECT rec.predict('m', 5, 8, jsonb_build_object('warmth', i)) FROM generate_series(1, 300) i;
MOVE 250 IN predicted;
SELECT sum(total_bytes) < 32 * 1024 * 1024 AS few FROM pg_backend_memory_contexts WHERE name ~ '^rec.(predict|contexts)';
COMMIT;
SELECT count(*) FROM generate_series(1, 10) i, rec.recommend('m', 5, n => 1, context => jsonb_build_object('place', repeat('x', 1000000) || i));
SELECT sum(total_bytes) < 6 * 1024 * 1024 AS few FROM pg_backend_memory_contexts WHERE name = 'rec contexts';

-- ---- the source moves
-- a column that has the name of another is not taken for a renamed one
ALTER TABLE visit RENAME place TO spot;
ALTER TABLE visit RENAME rating TO place;
SELECT rec.recommend('r', 1);
ALTER TABLE visit RENAME place TO rating;
ALTER TABLE visit RENAME spot TO place;
CREATE TABLE before AS SELECT rank, item_id, round(score::numeric, 4) FROM rec.recommend('m', 5, context => '{"place": "work"}');
ALTER TABLE visit RENAME place TO location;
SELECT count(*)
  FROM (SELECT rank, item_id, round(score::numeric, 4) FROM rec.recommend('m', 5, context => '{"location": "work"}') INTERSECT SELECT * FROM before) s;
SELECT rec.recommend('m', 5, context => '{"place": "work"}');
-- a cast of the column is the same context
ALTER TABLE visit ALTER hour TYPE bigint;
SELECT count(*)
  FROM (SELECT rank, item_id, round(score::numeric, 4) FROM rec.recommend('m', 5, context => '{"location": "work"}') INTERSECT SELECT * FROM before) s;
CALL rec.train('m');
SELECT feature FROM m_context_features WHERE feature ~ 'work';
SELECT context_columns FROM rec.model WHERE model = 'm'::regclass;
ALTER TABLE visit DROP location;
\set VERBOSITY default
SELECT rec.recommend('m', 5);
SELECT rec.alter_model('m', context_columns => '{hour}');
SELECT rec.recommend('m', 5);
CALL rec.train('m');
SELECT count(*), bool_and(feature ~ '^hour=') AS hours FROM m_context_features;
\set VERBOSITY terse
SELECT rec.alter_model('m', context_columns => '{}');
SELECT to_regclass('m_context_features') IS NULL AS dropped, context_columns FROM rec.model WHERE model = 'm'::regclass;
SELECT rec.alter_model('m', algorithm => 'als');

-- ---- somebody who may read neither the source nor the features
SELECT rec.alter_model('r', context_columns => '{hour}');
CALL rec.train('r');
CREATE ROLE context_asker;
GRANT USAGE ON SCHEMA context TO context_asker;
GRANT SELECT ON r TO context_asker;
SET ROLE context_asker;
SELECT count(*) FROM rec.recommend_for('r', ARRAY[3], context => '{"hour": 20}');
RESET ROLE;
GRANT SELECT ON r_context_features TO context_asker;
SET ROLE context_asker;
SELECT count(*) FROM rec.recommend_for('r', ARRAY[3], context => '{"hour": 20}');
SELECT count(*) FROM rec.recommend('r', 1, context => '{"hour": 20}');
RESET ROLE;
DROP SCHEMA context CASCADE;
DROP ROLE context_asker;
