-- Attributes of users: who somebody is says what he likes before he has done anything.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA user_attributes;
SET search_path = user_attributes;

-- planted: users of a kind like the items whose number has its remainder; of kind d nobody is in the source
CREATE TABLE account (user_id int PRIMARY KEY, kind text, age int, since date, tags text[]);
INSERT INTO account SELECT u, chr(97 + u % 3), 20 + u % 3 * 20 + u % 5, date '2026-01-01' + u, ARRAY['t' || u % 2] FROM generate_series(1, 300) u;
INSERT INTO account SELECT 1000 + u, chr(97 + u % 4), 20 + u % 3 * 20, NULL, NULL FROM generate_series(0, 11) u;
CREATE TABLE events AS SELECT u AS user_id, i AS item_id, 1 + (u * i) % 2 + 3 * (i % 3 = u % 3)::int AS rating
  FROM generate_series(1, 300) u, generate_series(1, 60) i
 WHERE ('x' || substr(md5(u || ':' || i), 1, 4))::bit(16)::int % CASE WHEN i % 3 = u % 3 THEN 4 ELSE 30 END = 0;
CREATE INDEX ON events (user_id);
CREATE TABLE film AS SELECT i AS item_id, 'f' || i % 2 AS parity FROM generate_series(1, 62) i;

CREATE FUNCTION share_of_own(m regclass, u int, OUT share numeric, OUT personal bool) LANGUAGE sql AS $$
	SELECT round(avg((item_id % 3 = ascii((SELECT kind FROM account WHERE user_id = u)) - 97)::int), 2), bool_and(personal)
	  FROM rec.recommend(m, u, n => 10) $$;
\set VERBOSITY default
SET client_min_messages = notice;
SELECT rec.create_model('m', 'events', options => '{"feedback": "implicit", "factors": 8}', rating_column => 'rating', users => 'account');
CALL rec.train('m');
SET client_min_messages = warning;
\set VERBOSITY terse
SELECT feature, n_rows, round(mean::numeric, 2) AS mean, factors IS NOT NULL AS mapped FROM m_user_features ORDER BY number;
-- somebody of whom nothing but attributes is known has a list of his kind; somebody without attributes, or of a kind that nobody has, the popular one
SELECT u, (SELECT kind FROM account WHERE user_id = u) AS kind, s.* FROM generate_series(1000, 1002) u, share_of_own('m', u) s;
SELECT u, (share_of_own('m', u)).personal FROM unnest('{1003, 5000}'::int[]) u;
-- an event counts, too
INSERT INTO events VALUES (1000, 2, 1);
SELECT (share_of_own('m', 1000)).*, (SELECT count(*) FROM rec.recommend('m', 1000, n => 60) WHERE item_id = 2) AS seen;
DELETE FROM events WHERE user_id = 1000;
-- a change of attributes counts at once
SELECT round(avg((item_id % 3 = 1)::int), 2) AS before FROM rec.recommend('m', 1000);
UPDATE account SET kind = 'b', age = 41 WHERE user_id = 1000;
SELECT round(avg((item_id % 3 = 1)::int), 2) AS after FROM rec.recommend('m', 1000);
UPDATE account SET kind = 'a', age = 20 WHERE user_id = 1000;

-- two routes to one number: of one user and of all; of the stored user and of the profile; contributions and baseline
CALL rec.recommend_all('m', 'lists', n => 10);
SELECT count(*) AS users, count(*) FILTER (WHERE a.items IS DISTINCT FROM b.items) AS different
  FROM (SELECT user_id, array_agg((item_id, round(score::numeric, 4), personal) ORDER BY rank) AS items FROM lists GROUP BY 1) a,
       LATERAL (SELECT array_agg((item_id, round(score::numeric, 4), personal) ORDER BY rank) AS items FROM rec.recommend('m', a.user_id)) b;
SELECT count(*), max(abs(s.score - rec.predict('m', s.user_id, 7))) < 1e-5 AS same FROM rec.recommend_users('m', 7, n => 1000, exclude_seen => false) s;
CREATE FUNCTION explained(m regclass) RETURNS TABLE (n bigint, adds_up bool) LANGUAGE sql AS $$
	SELECT count(*), bool_and(abs(e.whole - rec.predict(m, u, i)) < 1e-4 * (1 + abs(e.whole))) FROM generate_series(1, 300, 17) u, generate_series(1, 60, 7) i,
		LATERAL (SELECT sum(contribution) + min(baseline) AS whole FROM rec.explain(m, u, i, 1000) WHERE known_item_id IS NOT NULL) e
	 WHERE e.whole IS NOT NULL $$;
SELECT * FROM explained('m');
-- users of whom nothing but attributes is known have lists if they are named
CALL rec.recommend_all('m', 'named', n => 10, users => ARRAY[1000, 1001, 5000]);
SELECT user_id, bool_and(personal) AS personal,
	array_agg(item_id ORDER BY rank) = (SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('m', l.user_id)) AS same
  FROM named l GROUP BY 1 ORDER BY 1;
-- a session that is not a user's has no attributes, and needs no privilege on them
CREATE ROLE user_attributes_asker;
GRANT USAGE ON SCHEMA user_attributes TO user_attributes_asker;
GRANT SELECT ON m, events TO user_attributes_asker;
SET ROLE user_attributes_asker;
SELECT count(*) FROM rec.recommend_for('m', ARRAY[1, 2, 3]);
SELECT count(*) FROM rec.recommend('m', 1); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON m_user_features TO user_attributes_asker;
SET ROLE user_attributes_asker;
SELECT count(*) FROM rec.recommend('m', 1); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON account TO user_attributes_asker;
SET ROLE user_attributes_asker;
SELECT count(*) FROM rec.recommend('m', 1);
RESET ROLE;
DROP OWNED BY user_attributes_asker;
DROP ROLE user_attributes_asker;
-- trained again on the same, it stays as it is
CREATE TABLE before AS SELECT * FROM m_users;
CALL rec.train('m');
SELECT count(*) FROM m_users JOIN before b USING (user_id) WHERE m_users::text = b::text;
DROP TABLE m, before, lists, named;

-- ratings, and attributes of both sides
SELECT rec.create_model('m', 'events', options => '{"factors": 8}', rating_column => 'rating', users => 'account', items => 'film');
CALL rec.train('m');
SELECT (SELECT count(*) FROM m_features) AS of_items, (SELECT count(*) FROM m_user_features) AS of_users;
SELECT round(avg(p) FILTER (WHERE i % 3 = u - 1000)::numeric, 1) AS own, round(avg(p) FILTER (WHERE i % 3 <> u - 1000)::numeric, 1) AS others
  FROM (SELECT u, i, rec.predict('m', u, i) AS p FROM generate_series(1000, 1002) u, generate_series(1, 60) i) s;
SELECT rec.predict('m', 1000, 62) <> rec.predict('m', 1001, 62) AS "differs for an item that nobody has";
SELECT * FROM explained('m');
SELECT count(*), max(abs(s.score - rec.predict('m', s.user_id, 7))) < 1e-4 AS same FROM rec.recommend_users('m', 7, n => 1000, exclude_seen => false) s;

-- the same of fm, where the features of a user are further variables of the score
DROP TABLE m;
SELECT rec.create_model('m', 'events', 'fm', options => '{"feedback": "implicit", "factors": 8}', rating_column => 'rating', users => 'account');
CALL rec.train('m');
SELECT feature, n_rows, bias IS NOT NULL AND factors IS NOT NULL AS mapped FROM m_user_features ORDER BY number;
SELECT u, (SELECT kind FROM account WHERE user_id = u) AS kind, s.* FROM generate_series(1000, 1002) u, share_of_own('m', u) s;
SELECT u, (share_of_own('m', u)).personal FROM unnest('{1003, 5000}'::int[]) u;
UPDATE account SET kind = 'b', age = 41 WHERE user_id = 1000;
SELECT round(avg((item_id % 3 = 1)::int), 2) AS after FROM rec.recommend('m', 1000);
UPDATE account SET kind = 'a', age = 20 WHERE user_id = 1000;
-- of somebody all of whose attributes are NULL as little is known as of somebody without a row
INSERT INTO account VALUES (1100);
SELECT rec.predict('m', 1100, 1) = rec.predict('m', 5000, 1) AS same, (share_of_own('m', 1100)).personal;
DELETE FROM account WHERE user_id = 1100;
CALL rec.recommend_all('m', 'lists', n => 10);
SELECT count(*) AS users, count(*) FILTER (WHERE a.items IS DISTINCT FROM b.items) AS different
  FROM (SELECT user_id, array_agg((item_id, round(score::numeric, 4), personal) ORDER BY rank) AS items FROM lists GROUP BY 1) a,
       LATERAL (SELECT array_agg((item_id, round(score::numeric, 4), personal) ORDER BY rank) AS items FROM rec.recommend('m', a.user_id)) b;
SELECT count(*), max(abs(s.score - rec.predict('m', s.user_id, 7))) < 1e-5 AS same FROM rec.recommend_users('m', 7, n => 1000, exclude_seen => false) s;
SELECT count(*) AS as_similar FROM (SELECT similarity AS s FROM rec.similar_users('m', 7, n => 1)) a WHERE s > 0.5;
SELECT * FROM explained('m');
CALL rec.recommend_all('m', 'named', n => 10, users => ARRAY[1000, 1001, 5000]);
SELECT user_id, bool_and(personal) AS personal,
	array_agg(item_id ORDER BY rank) = (SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('m', l.user_id)) AS same
  FROM named l GROUP BY 1 ORDER BY 1;
CREATE TABLE before AS SELECT * FROM m_users;
CALL rec.train('m');
SELECT count(*) FROM m_users JOIN before b USING (user_id) WHERE m_users::text = b::text;
DROP TABLE m, before, lists, named;
-- ratings, attributes of both sides, and contexts
ALTER TABLE events ADD at text;
UPDATE events SET at = 'h' || (user_id + item_id) % 4;
SELECT rec.create_model('m', 'events', 'fm', '{"factors": 8}', rating_column => 'rating', users => 'account', items => 'film', context_columns => '{at}');
CALL rec.train('m');
SELECT (SELECT count(*) FROM m_features) AS of_items, (SELECT count(*) FROM m_user_features) AS of_users,
	(SELECT count(*) FROM m_context_features) AS of_contexts;
SELECT round(avg(p) FILTER (WHERE i % 3 = u - 1000)::numeric, 1) AS own, round(avg(p) FILTER (WHERE i % 3 <> u - 1000)::numeric, 1) AS others
  FROM (SELECT u, i, rec.predict('m', u, i) AS p FROM generate_series(1000, 1002) u, generate_series(1, 60) i) s;
SELECT rec.predict('m', 1000, 62) <> rec.predict('m', 1001, 62) AS "differs for an item that nobody has",
	rec.predict('m', 1000, 7, context => '{"at": "h1"}') <> rec.predict('m', 1000, 7) AS "and by the context";
SELECT * FROM explained('m');
SELECT count(*) AS kinds, bool_and(abs(e.whole - rec.predict('m', 1, 7, context => '{"at": "h1"}')) < 1e-4) AS adds_up
  FROM (SELECT sum(contribution) + min(baseline) AS whole FROM rec.explain('m', 1, 7, 1000, '{"at": "h1"}')
		 GROUP BY CASE WHEN feature IS NULL THEN 1 WHEN feature ~ '^at=' THEN 2 ELSE 3 END) e;
SELECT count(*), max(abs(s.score - rec.predict('m', s.user_id, 7))) < 1e-4 AS same FROM rec.recommend_users('m', 7, n => 1000, exclude_seen => false) s;

-- evaluation: users whose events are held out as a whole are known by their attributes,
-- against the popular list, which is what the same algorithm has without attributes
CREATE VIEW cold AS SELECT *, user_id % 5 = 0 AS held FROM events;
SELECT round(value::numeric, 2) AS ndcg
  FROM rec.compare('cold', '["als"]', 'ndcg', 'column:held', options => '{"feedback": "implicit", "factors": 8}', users => 'account');
SELECT round(value::numeric, 2) AS ndcg FROM rec.compare('cold', '["als"]', 'ndcg', 'column:held', options => '{"feedback": "implicit", "factors": 8}');
SELECT round(value::numeric, 2) AS ndcg
  FROM rec.compare('cold', '["fm"]', 'ndcg', 'column:held', options => '{"feedback": "implicit", "factors": 8}', users => 'account');

-- what is not possible
SELECT rec.create_model('n', 'events', 'svd', users => 'account'); \echo :SQLSTATE
SELECT rec.alter_model('m', algorithm => 'svd', items => '-'); \echo :SQLSTATE
CREATE TABLE twice AS SELECT * FROM account UNION ALL SELECT * FROM account WHERE user_id = 7;
SELECT rec.alter_model('m', users => 'twice');
CALL rec.train('m'); \echo :SQLSTATE
UPDATE account SET age = 1;
ALTER TABLE account ALTER age TYPE float8;
UPDATE account SET age = 'NaN' WHERE user_id = 3;
SELECT rec.alter_model('m', users => 'account');
CALL rec.train('m'); \echo :SQLSTATE
UPDATE account SET age = user_id % 40;
CALL rec.train('m');
ALTER TABLE account DROP COLUMN age;
SELECT rec.predict('m', 3, 1); \echo :SQLSTATE
CALL rec.train('m');
SELECT rec.predict('m', 3, 1) IS NOT NULL AS answers;
ALTER TABLE account RENAME TO people;
SELECT rec.predict('m', 3, 1) IS NOT NULL AS answers;
DROP TABLE people;
SELECT rec.predict('m', 3, 1); \echo :SQLSTATE
SELECT rec.alter_model('m', users => '-');
SELECT rec.predict('m', 3, 1); \echo :SQLSTATE
CALL rec.train('m');
SELECT rec.predict('m', 3, 1) IS NOT NULL AS answers, to_regclass('m_user_features') AS features;
-- a model that is given attributes is to be trained
CREATE TABLE person AS SELECT u AS user_id, chr(97 + u % 3) AS kind FROM generate_series(1, 300) u;
SELECT rec.alter_model('m', users => 'person', items => 'film');
SELECT rec.predict('m', 1, 1); \echo :SQLSTATE
CALL rec.train('m');
SELECT count(*) FROM rec.recommend('m', 1, candidates => ARRAY[61, 1]) WHERE item_id = 61 AND personal;
DROP SCHEMA user_attributes CASCADE;
