-- A refresh of models with attributes: what is solved again has the attributes of now. (sql/refresh.sql has the arithmetic.)
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA refresh_attributes;
SET search_path = refresh_attributes;

CREATE TABLE ratings (user_id int, item_id int, rating real, at timestamptz DEFAULT '2026-01-01');
CREATE INDEX ON ratings (user_id);
CREATE INDEX ON ratings (item_id);
INSERT INTO ratings SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5 FROM generate_series(1, 60) u, generate_series(1, 30) i WHERE (7 * u + 11 * i) % 13 % 3 = 0;
CREATE TABLE film (item_id int PRIMARY KEY, kind text, tags text[], size float8, words tsvector);
INSERT INTO film SELECT i, chr(97 + i % 2), ARRAY['t' || i % 3, 's' || i % 2], i * 1.5, to_tsvector('simple', 'w' || i % 2 || ' v' || i % 3)
  FROM generate_series(1, 35) i;
CREATE TABLE account (user_id int PRIMARY KEY, kind text, born int);
INSERT INTO account SELECT u, chr(97 + u % 3), 1950 + u FROM generate_series(1, 70) u WHERE u <> 20;

-- ---- als with biases

SELECT rec.create_model('m', 'ratings', options => '{"factors": 4, "regularization": 2}', items => 'film', users => 'account');
SELECT rec.track('m');
CALL rec.train('m');
CREATE TABLE users_before AS TABLE m_users;
-- new items of users who were there, one with attributes, and one without; a new user with attributes, and one without; attributes that change
INSERT INTO film VALUES (100, 'b', '{t1}', 200, NULL);
UPDATE film SET kind = 'b', tags = '{t0, s0, never}' WHERE item_id = 4;
UPDATE account SET kind = 'b' WHERE user_id = 7;
INSERT INTO ratings SELECT u, i, 1 + (u + i) % 5 FROM generate_series(1, 11) u, unnest('{100, 101}'::int[]) i;
INSERT INTO ratings SELECT 7, 4, 5 UNION ALL SELECT 65, i, i % 5 + 1 FROM generate_series(1, 9) i UNION ALL SELECT 90, i, 3 FROM generate_series(1, 3) i;
CREATE TABLE pending AS SELECT * FROM m_changes;
CREATE TABLE cold AS SELECT * FROM m WHERE item_id > 30;
CREATE TABLE features_before AS SELECT 'items' AS side, f.* FROM m_features f UNION ALL SELECT 'users', f.* FROM m_user_features f;
CALL rec.refresh('m');
SELECT version, pending, items, users FROM rec.models WHERE model = 'm'::regclass;
-- items that nobody has are as they were, and so is the map
SELECT count(*) AS cold, count(*) FILTER (WHERE cold = m) AS same FROM cold JOIN m USING (item_id);
SELECT count(*) AS features, count(*) FILTER (WHERE a::text = b::text) AS same FROM features_before a
  JOIN (SELECT 'items' AS side, f.* FROM m_features f UNION ALL SELECT 'users', f.* FROM m_user_features f) b USING (side, feature);
-- at the minimum of an item's loss the gradient is 0: with the users as they were, the sum of x_u e_ui is lambda s (y_i - A f_i), and that of e_ui is
-- lambda (b_i - a.f_i). Where the item has no row, A f is that of the intercept. The item 100 has the category b, the tag t1 alone, and a clipped number
CREATE FUNCTION prior(item int, OUT factors float8[], OUT bias float8) LANGUAGE sql AS $$
	WITH f AS (SELECT m.bias * v.value AS bias, m.factors, v.value
			  FROM (VALUES (100, '(intercept)', 1::float8), (100, 'kind=b', 1), (100, 'tags=t1', 1), (101, '(intercept)', 1),
				(100, 'size', (SELECT (high - mean) * scale FROM m_features WHERE feature = 'size'))) v (item_id, feature, value)
			  JOIN m_features m USING (feature) WHERE v.item_id = item)
	SELECT (SELECT array_agg(s ORDER BY at) FROM (SELECT at, sum(value * factors[at]) AS s FROM f, generate_series(1, 4) at GROUP BY 1) a),
		(SELECT sum(f.bias) FROM f) $$;
SELECT count(*) AS of_features FROM m_features WHERE feature IN ('(intercept)', 'kind=b', 'tags=t1', 'size');
SELECT item_id, max(abs(CASE WHEN number > 0 THEN gradient - 2 * deviation * (i.factors[number] - (prior(item_id)).factors[number])
							ELSE gradient - 2 * (i.bias - (prior(item_id)).bias) END)) < 1e-4 AS minimal
  FROM (SELECT r.item_id, f AS number, sum(e * CASE WHEN f > 0 THEN u.factors[f] ELSE 1 END) AS gradient
		  FROM ratings r JOIN users_before u USING (user_id) JOIN m i USING (item_id), rec.model, generate_series(0, 4) f,
			LATERAL (SELECT rating - mean - u.bias - i.bias - (SELECT sum(x * y) FROM unnest(u.factors, i.factors) p (x, y)) AS e) e
		 WHERE model = 'm'::regclass AND r.item_id IN (100, 101) GROUP BY 1, 2) g
  JOIN m i USING (item_id), rec.model WHERE model = 'm'::regclass GROUP BY 1 ORDER BY 1;
-- two routes to one number: the stored user, who is solved in the refresh, and the profile; one list, and all lists; items and users; parts and their sum
SELECT user_id, max(abs(rec.predict('m', user_id, item_id) - least(5, greatest(1, (SELECT mean FROM rec.model WHERE model = 'm'::regclass) + u.bias + i.bias +
		(SELECT sum(x * y) FROM unnest(u.factors, i.factors) f (x, y)))))) < 1e-5 AS same
  FROM m_users u, m i WHERE user_id IN (1, 7, 65, 90) GROUP BY 1 ORDER BY 1;
CALL rec.recommend_all('m', 'lists', n => 40);
SELECT count(*) AS users, count(*) FILTER (WHERE a.items IS DISTINCT FROM b.items) AS different, bool_or(100 = ANY (listed)) AS listed
  FROM (SELECT user_id, array_agg((item_id, round(score::numeric, 4)) ORDER BY rank) AS items, array_agg(item_id) AS listed FROM lists GROUP BY 1) a,
       LATERAL (SELECT array_agg((item_id, round(score::numeric, 4)) ORDER BY rank) AS items FROM rec.recommend('m', a.user_id, n => 40)) b;
SELECT count(*), max(abs(s.score - rec.predict('m', s.user_id, 100))) < 1e-4 AS same FROM rec.recommend_users('m', 100, n => 1000, exclude_seen => false) s
 WHERE s.user_id IN (SELECT user_id FROM pending);
SELECT count(*), bool_and(abs(whole - rec.predict('m', u, i)) < 1e-4 * (1 + abs(whole))) AS adds_up
  FROM unnest('{1, 7, 65, 90}'::int[]) u, unnest('{4, 100, 101}'::int[]) i,
	LATERAL (SELECT sum(contribution) + min(baseline) AS whole FROM rec.explain('m', u, i, 1000) WHERE known_item_id IS NOT NULL) e WHERE whole BETWEEN 1 AND 5;
-- nothing but attributes has changed: that is enough, for a user who has rows
DROP TABLE users_before, cold;
CREATE TABLE users_before AS TABLE m_users;
CREATE TABLE cold AS TABLE m;
UPDATE account SET kind = 'a' WHERE user_id = 8;
UPDATE account SET kind = 'a' WHERE user_id = 68;
INSERT INTO account VALUES (91, 'a', 1990);
CALL rec.refresh('m');
SELECT version, pending, refreshed FROM rec.models WHERE model = 'm'::regclass;
SELECT user_id FROM users_before b FULL JOIN m_users a USING (user_id) WHERE a IS DISTINCT FROM b;
-- items without events come, change and go
INSERT INTO film VALUES (120, 'b', '{t1}', 20, NULL), (121, 'a', '{t2}', 21, NULL);
DELETE FROM film WHERE item_id = 35;
CALL rec.refresh('m');
SELECT item_id, a.n_ratings FROM cold b FULL JOIN m a USING (item_id) WHERE a IS DISTINCT FROM b ORDER BY 1;
SELECT version, pending, items = (SELECT count(*) FROM m) AS items FROM rec.models WHERE model = 'm'::regclass;
SELECT count(*) FROM rec.recommend('m', 1, n => 100) WHERE item_id IN (120, 121);
UPDATE film SET item_id = 122 WHERE item_id = 121;
DELETE FROM film WHERE item_id = 4;
CALL rec.refresh('m');
SELECT item_id, a.n_ratings FROM cold b FULL JOIN m a USING (item_id) WHERE a IS DISTINCT FROM b ORDER BY 1;
INSERT INTO film SELECT 4, kind, tags, size, words FROM film WHERE item_id = 6;
DROP TABLE m, lists, pending, cold, users_before, features_before;

-- ---- content

-- the vector of an item is its attributes': refreshed, mapped when asked, and trained it is the same, while the features are
SELECT rec.create_model('alike', 'ratings', 'content', '{"feedback": "implicit", "half_life": "10 days"}', rating_column => '',
	time_column => 'at', items => 'film');
SELECT rec.track('alike');
CALL rec.train('alike');
CREATE TABLE before AS TABLE alike;
INSERT INTO film SELECT 102, kind, tags, size, words FROM film WHERE item_id = 5;
INSERT INTO film SELECT 103, kind, tags, size, words FROM film WHERE item_id = 6;
UPDATE film SET (kind, tags, size, words) = (SELECT kind, tags, size, words FROM film WHERE item_id = 8) WHERE item_id IN (9, 10);
CREATE FUNCTION asked() RETURNS TABLE (item_id int, similarity numeric) LANGUAGE sql AS $$
	SELECT item_id, round(similarity::numeric, 5) FROM rec.similar_items('alike', 102, n => 100) WHERE item_id NOT IN (9, 10, 12, 102, 104) $$;
CREATE TABLE mapped AS SELECT * FROM asked();
INSERT INTO ratings SELECT u, i, 1, '2026-02-01' FROM generate_series(1, 12) u, unnest('{102, 104, 9}'::int[]) i;
DELETE FROM ratings WHERE item_id IN (11, 12);
DELETE FROM film WHERE item_id = 12;
CALL rec.refresh('alike');
SELECT version, pending, items = (SELECT count(*) FROM alike) AS items FROM rec.models WHERE model = 'alike'::regclass;
SELECT count(*) AS asked, count(*) FILTER (WHERE similarity = (SELECT similarity FROM asked() a WHERE a.item_id = m.item_id)) AS same FROM mapped m;
-- 102 is like 5; 9 has changed, and is like 8 now; 10 has changed as well, but none of its rows; nobody has 11 and 103; 104 has no attributes; 12 is gone
SELECT (SELECT features FROM alike WHERE item_id = 102) = (SELECT features FROM alike WHERE item_id = 5) AS "102 = 5",
	(SELECT features FROM alike WHERE item_id = 9) = (SELECT features FROM alike WHERE item_id = 8) AS "9 = 8",
	(SELECT features FROM alike WHERE item_id = 10) = (SELECT features FROM alike WHERE item_id = 8) AS "10 = 8",
	(SELECT round(similarity::numeric, 5) FROM rec.similar_items('alike', 9, n => 100) WHERE item_id = 8) AS "9 to 8";
SELECT item_id, n_ratings, (SELECT count(DISTINCT user_id) FROM ratings r WHERE r.item_id = a.item_id) AS users, cardinality(features) AS features FROM alike a
 WHERE item_id IN (9, 11, 12, 102, 103, 104) ORDER BY 1;
SELECT count(*) AS others, count(*) FILTER (WHERE a.features IS DISTINCT FROM b.features OR a.weights IS DISTINCT FROM b.weights) AS changed
  FROM before b JOIN alike a USING (item_id) WHERE item_id NOT IN (9, 10);
CALL rec.recommend_all('alike', 'lists', n => 50);
SELECT count(*) AS users, count(*) FILTER (WHERE a.items IS DISTINCT FROM b.items) AS different, bool_or(102 = ANY (listed)) AS listed
  FROM (SELECT user_id, array_agg((item_id, round(score::numeric, 4)) ORDER BY rank) AS items, array_agg(item_id) AS listed FROM lists GROUP BY 1) a,
       LATERAL (SELECT array_agg((item_id, round(score::numeric, 4)) ORDER BY rank) AS items FROM rec.recommend('alike', a.user_id, n => 50)) b;
SELECT known_item_id, feature IS NOT NULL AS of_feature, contribution > 0 AS positive FROM rec.explain('alike', 40, 102, n => 1);

-- ---- fm

CREATE TABLE stars (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
INSERT INTO stars SELECT user_id, item_id, min(rating) FROM ratings WHERE item_id < 100 GROUP BY 1, 2;
CREATE TABLE movie AS SELECT item_id, kind, size FROM film WHERE item_id < 100;
SELECT rec.create_model('fm', 'stars', 'fm', '{"factors": 3, "regularization": 1.5, "clip": false}', items => 'movie'),
	rec.create_model('taken', 'stars', 'fm', '{"factors": 3, "regularization": 0.5}', rating_column => '', items => 'movie', users => 'account');
SELECT rec.track('fm'), rec.track('taken');
CALL rec.train('fm');
CALL rec.train('taken');
CREATE TABLE fm_users_before AS TABLE fm_users;
-- Items that are solved again are at the minimum of the loss of their ratings, with the users and the features as they were: with e the error, the sum of e
-- is lambda w, and that of e v_u is lambda (s v_i - w s_i), where the own numbers are v_i = p_i - s_i and w = b_i - h - v_i.s_i, s is the deviation, and s_i
-- and h are what the features add. (test/unit/fm_test.c has this for events.)
CREATE FUNCTION fm_gradient(item int) RETURNS float8 LANGUAGE sql AS $$
	WITH x AS (SELECT f.bias, f.factors, CASE WHEN f.feature = 'size' THEN (greatest(f.low, least(f.high, size)) - f.mean) * f.scale ELSE 1 END AS x
			  FROM movie a JOIN fm_features f ON f.feature IN ('size', 'kind=' || kind) WHERE a.item_id = item),
	s AS (SELECT d, coalesce((SELECT sum(x * factors[d]) FROM x), 0) AS s, coalesce((SELECT sum(x * x * factors[d] * factors[d]) FROM x), 0) AS squares
			FROM generate_series(1, 3) d),
	own AS (SELECT i.factors, i.bias, i.bias - coalesce((SELECT sum(x * x.bias) FROM x), 0) -
				(SELECT sum(s * s - squares) / 2 + sum((i.factors[d] - s) * s) FROM s) AS w FROM fm i WHERE item_id = item),
	e AS (SELECT u.factors, rating - mean - u.bias - own.bias - (SELECT sum(x * y) FROM unnest(u.factors, own.factors) f (x, y)) AS e
			FROM stars r JOIN fm_users_before u USING (user_id), own, rec.model WHERE r.item_id = item AND model = 'fm'::regclass)
	SELECT greatest(abs((SELECT sum(e) FROM e) - 1.5 * w), (SELECT max(abs((SELECT sum(e * e.factors[d]) FROM e) + 1.5 * w * s
			- 1.5 * deviation * (own.factors[d] - s))) FROM s, rec.model WHERE model = 'fm'::regclass)) FROM own $$;
-- new items with and without attributes, and one that nobody has any more; a new user, and one who goes
INSERT INTO movie VALUES (120, 'b', 200);
INSERT INTO stars SELECT u, i, 1 + (u + i) % 5 FROM generate_series(1, 11) u, unnest('{120, 121, 4}'::int[]) i WHERE (u + i) % 4 > 0
	ON CONFLICT DO NOTHING;
INSERT INTO stars SELECT 68, i, i % 5 + 1 FROM generate_series(20, 28) i;
DELETE FROM stars WHERE user_id = 40 OR item_id = 9;
CREATE TABLE changed AS SELECT DISTINCT user_id FROM fm_changes;
CREATE TABLE solved AS SELECT c.item_id FROM fm_changes c LEFT JOIN fm USING (item_id) GROUP BY c.item_id, n_ratings
	HAVING sum(came + went) >= 0.05 * coalesce(n_ratings, 0);
CREATE TABLE learned AS SELECT 'fm' AS model, f::text AS row FROM fm_features f UNION ALL SELECT 'taken', f::text FROM taken_features f;
CALL rec.refresh('fm');
CALL rec.refresh('taken');
SELECT model, version, items - (SELECT count(DISTINCT item_id) FROM stars) AS cold, users = (SELECT count(DISTINCT user_id) FROM stars) AS users,
	rows = (SELECT count(DISTINCT (user_id, item_id)) FROM stars) AS rows FROM rec.models WHERE model IN ('fm'::regclass, 'taken'::regclass) ORDER BY 1;
SELECT count(*) AS features, count(*) FILTER (WHERE row IN (SELECT f::text FROM fm_features f UNION ALL SELECT f::text FROM taken_features f)) AS same
  FROM learned;
SELECT count(*) AS items, max(fm_gradient(item_id)) < 1e-4 AS minimal FROM solved
 WHERE item_id <> 9 AND item_id NOT IN (SELECT item_id FROM stars WHERE user_id = 68);
-- who has no rating is what the features say, as when it is asked for
INSERT INTO movie SELECT 122, kind, size FROM movie WHERE item_id = 9;
SELECT m, abs(rec.predict(m::regclass, 3, 9) - rec.predict(m::regclass, 3, 122)) < 1e-5 AS same FROM unnest('{fm, taken}'::text[]) m;
-- two routes to one number: the users who are solved again, and their profiles
SELECT m, count(*) AS users, bool_and(abs(s.score - rec.predict(m::regclass, s.user_id, i)) < 1e-4) AS same
  FROM unnest('{fm, taken}'::text[]) m, unnest('{120, 121, 4, 9}'::int[]) i, LATERAL rec.recommend_users(m::regclass, i, n => 1000, exclude_seen => false) s
 WHERE s.user_id IN (TABLE changed) GROUP BY 1 ORDER BY 1;
SELECT m, bool_and(abs(whole - rec.predict(m::regclass, u, i)) < 1e-4 * (1 + abs(whole))) AS adds_up
  FROM unnest('{fm, taken}'::text[]) m, unnest('{1, 68}'::int[]) u, unnest('{4, 120, 121}'::int[]) i,
	LATERAL (SELECT sum(contribution) + min(baseline) AS whole FROM rec.explain(m::regclass, u, i, 1000) WHERE known_item_id IS NOT NULL) e
 GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE item_id IN (120, 121)) AS listed FROM rec.recommend('taken', 20, n => 50);
-- a training finds nearly that
CREATE FUNCTION scores() RETURNS TABLE (m text, u int, i int, score real) LANGUAGE sql AS $$
	SELECT m, u, i, rec.predict(m::regclass, u, i) FROM unnest('{fm, taken}'::text[]) m, generate_series(1, 60) u, generate_series(1, 30) i $$;
CREATE TABLE refreshed AS SELECT * FROM scores();
CALL rec.train('fm');
CALL rec.train('taken');
SELECT m, corr(a.score, b.score) > 0.95 AS alike FROM refreshed a JOIN scores() b USING (m, u, i) GROUP BY 1 ORDER BY 1;
DROP TABLE fm, taken, fm_users_before, changed, solved, refreshed, learned;

-- ---- errors: nothing is half written

CREATE FUNCTION refused() RETURNS TABLE (error text, state text, version int, pending bigint) LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		CALL rec.refresh('alike');
	EXCEPTION WHEN OTHERS THEN
		error := SQLERRM;
		state := SQLSTATE;
	END;
	SELECT m.version, m.pending INTO version, pending FROM rec.models m WHERE model = 'alike'::regclass;
	RETURN NEXT;
END $$;
INSERT INTO ratings VALUES (1, 103, 1);
UPDATE film SET size = 'NaN' WHERE item_id IN (20, 103);
SELECT * FROM refused();
UPDATE film SET size = NULL WHERE item_id = 103;
SELECT * FROM refused();
-- that of an item that is not solved is not read
DELETE FROM alike_changes WHERE item_id = 20;
SELECT * FROM refused();
UPDATE film SET size = NULL WHERE item_id = 20;
INSERT INTO ratings VALUES (2, 103, 1);
ALTER TABLE film RENAME COLUMN size TO length;
SELECT * FROM refused();
ALTER TABLE film RENAME COLUMN length TO size;
ALTER TABLE film RENAME TO films;
SELECT * FROM refused();
INSERT INTO ratings VALUES (3, 103, 1);
-- another relation is read by a training
CREATE TABLE film AS SELECT * FROM films UNION ALL SELECT * FROM films WHERE item_id = 103;
DROP TABLE films;
SELECT * FROM refused();
DELETE FROM film WHERE ctid <> (SELECT min(ctid) FROM film f WHERE f.item_id = film.item_id);
SELECT * FROM refused();
INSERT INTO ratings VALUES (4, 103, 1);
DROP TABLE film;
SELECT * FROM refused();
SELECT n_ratings FROM alike WHERE item_id = 103;
-- the owner of the model, who refreshes, reads the attributes
CREATE TABLE film AS SELECT i AS item_id, chr(97 + i % 2) AS kind FROM generate_series(1, 35) i;
CREATE ROLE regress_rec_attributes;
GRANT USAGE, CREATE ON SCHEMA refresh_attributes TO regress_rec_attributes;
GRANT SELECT, TRIGGER ON ratings, film TO regress_rec_attributes;
SET ROLE regress_rec_attributes;
SELECT rec.create_model('own', 'ratings', options => '{"factors": 2, "iterations": 2}', items => 'film');
SELECT rec.track('own');
CALL rec.train('own');
RESET ROLE;
REVOKE SELECT ON film FROM regress_rec_attributes;
INSERT INTO ratings VALUES (4, 105, 1);
SET ROLE regress_rec_attributes;
CALL rec.refresh('own'); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON film TO regress_rec_attributes;
SET ROLE regress_rec_attributes;
CALL rec.refresh('own'); \echo :SQLSTATE
RESET ROLE;

-- ---- what else a model may be

-- without a feature at all, by the time column, and with attributes that are taken away
CREATE TABLE nothing AS SELECT i AS item_id, NULL::text AS kind FROM generate_series(1, 35) i;
UPDATE ratings SET at = now() - interval '1 year';
SELECT rec.create_model('none', 'ratings', options => '{"factors": 2, "iterations": 2}', time_column => 'at', items => 'nothing', users => 'account');
CALL rec.train('none');
INSERT INTO ratings VALUES (5, 110, 2, now()), (95, 110, 2, now());
CALL rec.refresh('none');
SELECT version, (SELECT n_ratings FROM none WHERE item_id = 110) FROM rec.models WHERE model = 'none'::regclass;
SELECT rec.alter_model('none', users => '-');
INSERT INTO ratings VALUES (6, 110, 2, now());
CALL rec.refresh('none');
SELECT version, (SELECT n_ratings FROM none WHERE item_id = 110) FROM rec.models WHERE model = 'none'::regclass;

DROP OWNED BY regress_rec_attributes;
DROP ROLE regress_rec_attributes;
DROP SCHEMA refresh_attributes CASCADE;
