-- A refresh computes again what has changed, from all of its rows, and leaves the rest as it is.

CREATE SCHEMA refresh;
SET search_path = refresh;
SET client_min_messages = warning;
\set SHOW_CONTEXT never

CREATE TABLE ratings (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
CREATE INDEX ON ratings (item_id);
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
	TRUNCATE ratings;
	INSERT INTO ratings SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5 FROM generate_series(1, 40) u, generate_series(1, 20) i WHERE (7 * u + 11 * i) % 13 % 3 = 0
$$;

-- ---- the arithmetic: two factors, without biases

-- One side's factors by the normal equations, with the other side's fixed: for each of the ids
-- (sum y y' c + lambda s I) x = sum t y, by Cramer's rule. With explicit feedback c = 1, t = rating - mean, s the deviation; with implicit feedback
-- c = alpha r, t = 1 + alpha r, s = 1, and the Gram matrix of all y is added. r = 1. A prior x_0 adds lambda s x_0 to the right side.
CREATE FUNCTION solve(side text, ids int[], implicit bool, lambda float8, alpha float8, mean float8, deviation float8) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	other text := CASE side WHEN 'users' THEN 'items' ELSE 'users' END;
BEGIN
	EXECUTE format('DELETE FROM factors f WHERE f.side = %L AND f.id = ANY (%L)', side, ids);
	EXECUTE format($q$
		WITH gram AS (SELECT sum(a * a) AS aa, sum(a * b) AS ab, sum(b * b) AS bb FROM factors
			WHERE side = %1$L AND id IN (SELECT %3$I FROM ratings)),
		sums AS (
			SELECT r.%2$I AS id, sum(c * y.a * y.a) AS aa, sum(c * y.a * y.b) AS ab, sum(c * y.b * y.b) AS bb, sum(t * y.a) AS ta, sum(t * y.b) AS tb
			  FROM ratings r JOIN factors y ON y.side = %1$L AND y.id = r.%3$I,
				LATERAL (SELECT CASE WHEN %4$L THEN %6$s ELSE 1 END AS c, CASE WHEN %4$L THEN 1 + %6$s ELSE r.rating - %7$s END AS t) w
			 WHERE r.%2$I = ANY (%9$L) GROUP BY 1),
		matrices AS (
			SELECT s.id, s.aa + %5$s * n + CASE WHEN %4$L THEN g.aa ELSE 0 END AS aa, s.ab + CASE WHEN %4$L THEN g.ab ELSE 0 END AS ab,
				s.bb + %5$s * n + CASE WHEN %4$L THEN g.bb ELSE 0 END AS bb, ta + %5$s * n * coalesce(p.a, 0) AS ta, tb + %5$s * n * coalesce(p.b, 0) AS tb
			  FROM gram g, (SELECT CASE WHEN %4$L THEN 1 ELSE %8$s END AS n) scale, sums s LEFT JOIN priors p ON p.side = %10$L AND p.id = s.id)
		INSERT INTO factors SELECT %10$L, id, (ta * bb - tb * ab) / (aa * bb - ab * ab), (aa * tb - ab * ta) / (aa * bb - ab * ab) FROM matrices$q$,
		other, CASE side WHEN 'users' THEN 'user_id' ELSE 'item_id' END, CASE side WHEN 'users' THEN 'item_id' ELSE 'user_id' END,
		implicit, lambda, alpha, mean, deviation, ids, side);
END $$;
-- The factors of model m.
CREATE FUNCTION of_model() RETURNS TABLE (side text, id int, a float8, b float8) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT 'users', user_id, factors[1]::float8, factors[2]::float8 FROM m_users
		UNION ALL SELECT 'items', item_id, factors[1], factors[2] FROM m;
END $$;
CREATE TABLE factors (side text, id int, a float8, b float8);
CREATE TABLE priors (LIKE factors);
-- Changes of the ratings: a new item, a new user, one who goes, one with another rating, and one item with many more.
CREATE FUNCTION change() RETURNS void LANGUAGE sql AS $$
	INSERT INTO ratings VALUES (1, 100, 5), (2, 100, 4), (50, 1, 5), (50, 2, 1), (50, 100, 3);
	DELETE FROM ratings WHERE user_id = 3;
	UPDATE ratings SET rating = 6 - rating WHERE user_id = 4;
	INSERT INTO ratings SELECT u, 7, 2 FROM generate_series(5, 12) u ON CONFLICT DO NOTHING;
$$;
-- What a refresh is to do, once by the normal equations and once by itself; by how much they differ at most.
CREATE PROCEDURE compare(implicit bool) LANGUAGE plpgsql AS $$
DECLARE
	old record;
	users int[];
	items int[];
	difference float8;
	kept bool;
BEGIN
	DELETE FROM factors;
	INSERT INTO factors SELECT * FROM of_model();
	PERFORM change();
	-- those with rows that changed, and those of the model with other attributes
	users := ARRAY(SELECT DISTINCT user_id FROM m_changes
		WHERE user_id IS NOT NULL AND (item_id IS NOT NULL OR user_id IN (SELECT user_id FROM m_users)) ORDER BY 1);
	-- new ones, those of whose rows 5 % have changed, and those with other attributes
	items := ARRAY(SELECT item_id FROM m_changes WHERE item_id IS NOT NULL GROUP BY 1
		HAVING sum(came + went) >= 0.05 * coalesce((SELECT n_ratings FROM m WHERE m.item_id = m_changes.item_id), 0) OR bool_or(user_id IS NULL) ORDER BY 1);
	SELECT * INTO old FROM rec.model WHERE model = 'm'::regclass;
	PERFORM solve('users', ARRAY(SELECT u FROM unnest(users) u WHERE u NOT IN (SELECT user_id FROM m_users)), implicit, 0.5, 2, old.mean, old.deviation);
	DELETE FROM factors f WHERE f.side = 'users' AND f.id = ANY (users) AND f.id NOT IN (SELECT user_id FROM ratings);
	PERFORM solve('items', items, implicit, 0.5, 2, old.mean, old.deviation);
	INSERT INTO factors SELECT * FROM priors WHERE side = 'items' AND id = ANY (items) AND id NOT IN (SELECT item_id FROM ratings);
	PERFORM solve('users', users, implicit, 0.5, 2, old.mean, old.deviation);
	CALL rec.refresh('m');
	SELECT max(greatest(abs(a.a - b.a), abs(a.b - b.b))), count(*) FILTER (WHERE a.id IS NULL OR b.id IS NULL) = 0 INTO difference, kept
	  FROM factors a FULL JOIN of_model() b USING (side, id);
	RAISE INFO 'users %, % items, to 1e-5: %, the same rows: %', users, cardinality(items), difference < 1e-5, kept;
END $$;

SELECT fill();
SELECT rec.create_model('m', 'ratings', options => '{"factors": 2, "biases": false, "regularization": 0.5, "regularization_scaling": 0}');
SELECT rec.track('m');
CALL rec.train('m');
CALL compare(false);
SELECT version, rows, users, items, pending, refreshed, refreshed_at > trained_at AS later FROM rec.models;
SELECT count(*), count(DISTINCT user_id), count(DISTINCT item_id) FROM ratings;
-- counts are those of the rows, of what was computed again
SELECT count(*) FROM m_users u WHERE n_ratings <> (SELECT count(*) FROM ratings r WHERE r.user_id = u.user_id);
SELECT item_id, n_ratings FROM m WHERE item_id IN (7, 100) ORDER BY 1;
SELECT item_id, count(*) FROM ratings WHERE item_id IN (7, 100) GROUP BY 1 ORDER BY 1;
DROP TABLE m;

SELECT fill();
SELECT rec.create_model('m', 'ratings', rating_column => '',
	options => '{"weight": "linear", "factors": 2, "regularization": 0.5, "regularization_scaling": 0, "alpha": 2}');
SELECT rec.track('m');
CALL rec.train('m');
CALL compare(true);
DROP TABLE m;

-- ---- attributes: what is solved is drawn to the map of the present attributes

-- item 15 and user 20 have no row; nobody has item 60
CREATE TABLE film AS SELECT i AS item_id, chr(97 + i % 2) AS kind, i * 1.5 AS size FROM generate_series(1, 20) i WHERE i <> 15 UNION ALL VALUES (60, 'a', 3);
CREATE TABLE account AS SELECT u AS user_id, chr(97 + u % 3) AS kind FROM generate_series(1, 40) u WHERE u <> 20;
-- Changes of the attributes, of what has other ratings, too, of what is new, and of what else there is: user 30 and item 60; the new item 61 has no ratings.
CREATE FUNCTION change_attributes() RETURNS void LANGUAGE sql AS $$
	INSERT INTO film VALUES (100, 'b', 50), (61, 'b', 8);
	INSERT INTO account VALUES (50, 'b');
	UPDATE film SET kind = 'b', size = NULL WHERE item_id = 2;
	UPDATE film SET kind = 'never seen' WHERE item_id = 60;
	UPDATE account SET kind = 'c' WHERE user_id = 4;
	UPDATE account SET kind = 'b' WHERE user_id = 30;
$$;
-- A f, from the tables of features: numbers are (clip(x) - mean) * scale
CREATE FUNCTION map() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM priors;
	INSERT INTO priors SELECT 'users', user_id, factors[1], factors[2] FROM account JOIN m_user_features ON feature = 'kind=' || kind;
	INSERT INTO priors SELECT 'items', id, sum(x * factors[1]), sum(x * factors[2])
	  FROM (SELECT DISTINCT item_id AS id FROM ratings UNION SELECT item_id FROM film) i LEFT JOIN film ON film.item_id = id, m_features,
		LATERAL (SELECT CASE WHEN feature = '(intercept)' THEN 1 WHEN feature = 'kind=' || kind THEN 1
			WHEN feature = 'size' AND size IS NOT NULL THEN (greatest(low, least(high, size)) - mean) * scale END AS x) f
	 WHERE x IS NOT NULL GROUP BY id;
END $$;
CREATE PROCEDURE compare_attributes(implicit bool) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM change_attributes();
	PERFORM map();
	CALL compare(implicit);
END $$;
CREATE TABLE film_before AS TABLE film;
CREATE TABLE account_before AS TABLE account;
SELECT fill();
SELECT rec.create_model('m', 'ratings', options => '{"factors": 2, "biases": false, "regularization": 0.5, "regularization_scaling": 0}',
	items => 'film', users => 'account');
SELECT rec.track('m');
CALL rec.train('m');
SELECT (SELECT array_agg(feature ORDER BY feature) FROM m_features) AS of_items, (SELECT array_agg(feature ORDER BY feature) FROM m_user_features) AS of_users;
CALL compare_attributes(false);
-- an item with attributes that nobody has any more is what the map says, as in a training; one without attributes is gone; others are as they were
SELECT round(a::numeric, 4) AS a, round(b::numeric, 4) AS b FROM of_model() WHERE side = 'items' AND id = 16 \gset before_
DELETE FROM ratings WHERE item_id IN (2, 15);
SELECT map();
CALL rec.refresh('m');
SELECT id, n_ratings, abs(m.a - p.a) < 1e-5 AND abs(m.b - p.b) < 1e-5 AS mapped FROM of_model() m JOIN priors p USING (side, id) JOIN m t ON t.item_id = id
 WHERE side = 'items' AND id IN (2, 15);
SELECT round(a::numeric, 4) = :before_a AND round(b::numeric, 4) = :before_b AS kept FROM of_model() WHERE side = 'items' AND id = 16;
SELECT items = (SELECT count(*) FROM m) AS items, users = (SELECT count(*) FROM m_users) AS users, rows = (SELECT count(*) FROM ratings) AS rows
  FROM rec.models WHERE model = 'm'::regclass;
SELECT count(*) FROM rec.recommend('m', 50, n => 100) WHERE item_id IN (2, 60);
-- and rated again
INSERT INTO ratings VALUES (1, 60, 5), (2, 2, 1);
CALL rec.refresh('m');
SELECT item_id, n_ratings FROM m WHERE item_id IN (2, 60) ORDER BY 1;
DROP TABLE m;

TRUNCATE film, account;
INSERT INTO film TABLE film_before;
INSERT INTO account TABLE account_before;
SELECT fill();
SELECT rec.create_model('m', 'ratings', rating_column => '', items => 'film', users => 'account',
	options => '{"weight": "linear", "factors": 2, "regularization": 0.5, "regularization_scaling": 0, "alpha": 2}');
SELECT rec.track('m');
CALL rec.train('m');
CALL compare_attributes(true);
DROP TABLE m;

-- ---- with everything else that a model may have

-- biases, text ids, times, several rows of one user and item
CREATE TABLE events (who text, what text, stars numeric, at timestamptz);
CREATE INDEX ON events (who);
INSERT INTO events SELECT 'u' || u, 'i' || i, 1 + (u * u + 3 * i * u + i) % 5, '2026-01-01'::timestamptz + u * interval '1 hour' + i * interval '1 minute'
  FROM generate_series(1, 40) u, generate_series(1, 20) i WHERE (7 * u + 11 * i) % 13 % 3 = 0;
SELECT rec.create_model('shop', 'events', options => '{"factors": 3, "iterations": 4}', user_column => 'who', item_column => 'what', rating_column => 'stars',
	time_column => 'at');
SELECT rec.track('shop');
CALL rec.train('shop');
CREATE TEMP TABLE before AS TABLE shop;
CREATE TEMP TABLE before_users AS TABLE shop_users;
INSERT INTO events VALUES ('new', 'i1', 5, '2026-01-10'), ('new', 'brand new', 5, '2026-01-10'), ('u1', 'brand new', 4, '2026-01-10'),
	('u1', 'brand new', 1, '2026-01-11');
CALL rec.refresh('shop', item_share => 0.5);
-- one item, and the users who have it, are others
SELECT who, a.user_id IS NULL AS is_new FROM before_users a FULL JOIN shop_users b USING (user_id), LATERAL (SELECT coalesce(a.user_id, b.user_id) AS who) w
 WHERE (a.factors, a.bias, a.n_ratings) IS DISTINCT FROM (b.factors, b.bias, b.n_ratings) ORDER BY 1;
SELECT what, a.item_id IS NULL AS is_new FROM before a FULL JOIN shop b USING (item_id), LATERAL (SELECT coalesce(a.item_id, b.item_id) AS what) w
 WHERE (a.factors, a.bias, a.n_ratings, a.popularity) IS DISTINCT FROM (b.factors, b.bias, b.n_ratings, b.popularity) ORDER BY 1;
-- what has come counts as new: two of 41 users
SELECT n_ratings, round((popularity * 41)::numeric, 3) AS users FROM shop WHERE item_id = 'brand new';
-- somebody who has what those have who have the new item is shown it; a session that had asked before sees it
SELECT bool_or(item_id = 'brand new') FROM rec.recommend('shop', 'u2', n => 30);
SELECT count(*) > 0 FROM rec.similar_items('shop', 'brand new');
-- a user is computed as a question folds him in: with biases
SELECT max(abs(rec.predict('shop', user_id, item_id) - p)) < 1e-5 AS same
  FROM (SELECT u.user_id, i.item_id, least(5, greatest(1, (SELECT mean FROM rec.model WHERE model = 'shop'::regclass) + u.bias + i.bias +
		(SELECT sum(x * y) FROM unnest(u.factors, i.factors) f (x, y)))) AS p
	  FROM shop_users u, shop i WHERE u.user_id IN ('u1', 'new')) s;
-- the item that was there has changed by less than half: that is remembered, until it is enough
SELECT * FROM shop_changes ORDER BY item_id;
SELECT pending, refreshed FROM rec.models WHERE model = 'shop'::regclass;
INSERT INTO events SELECT 'u' || u, 'i1', 5, '2026-02-01' FROM generate_series(1, 9) u;
CALL rec.refresh('shop', item_share => 0.5);
SELECT n_ratings = (SELECT count(DISTINCT who) FROM events WHERE what = 'i1') AS computed FROM shop WHERE item_id = 'i1';
SELECT count(*) FROM shop_changes;
-- nothing has changed: nothing is done
SELECT version FROM rec.models WHERE model = 'shop'::regclass;
CALL rec.refresh('shop');
SELECT version, refreshed FROM rec.models WHERE model = 'shop'::regclass;
-- who and what is gone is gone
DELETE FROM events WHERE what = 'brand new' OR who IN ('u5', 'new');
CALL rec.refresh('shop');
SELECT (SELECT count(*) FROM shop WHERE item_id = 'brand new') AS items, (SELECT count(*) FROM shop_users WHERE user_id IN ('u5', 'new')) AS users;
SELECT users, items FROM rec.models WHERE model = 'shop'::regclass;
-- back again
INSERT INTO events VALUES ('u5', 'i2', 3, '2026-02-02');
CALL rec.refresh('shop');
SELECT users, items, rows = (SELECT count(*) FROM (SELECT DISTINCT who, what FROM events) e) AS rows FROM rec.models WHERE model = 'shop'::regclass;
-- a training begins the count anew; the log has the last trainings, however many refreshes there were
CALL rec.train('shop');
SELECT array_agg(DISTINCT version ORDER BY version) FROM rec.training_log WHERE model = 'shop'::regclass;
SELECT refreshed, refreshed_at FROM rec.models WHERE model = 'shop'::regclass;

-- ---- every algorithm

-- each either refuses, and changes nothing, or knows the new item and the new user then
CREATE TABLE attributes AS SELECT 'i' || i AS what, chr(97 + i % 2) AS kind FROM generate_series(1, 12) i;
CREATE FUNCTION refreshed(algorithm text, feedback text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	detail text;
BEGIN
	DELETE FROM events WHERE what = 'brand new' OR who = 'new';
	PERFORM rec.create_model('each', 'events', algorithm, jsonb_build_object('feedback', feedback), user_column => 'who', item_column => 'what',
		rating_column => 'stars', time_column => 'at',
		items => (SELECT 'attributes'::regclass FROM rec.algorithms a WHERE a.algorithm = refreshed.algorithm AND option = 'min_count'));
	PERFORM rec.track('each');
	CALL rec.train('each');
	INSERT INTO events VALUES ('new', 'brand new', 5, '2026-01-20'), ('u1', 'brand new', 5, '2026-01-20'), ('new', 'i1', 5, '2026-01-20');
	BEGIN
		CALL rec.refresh('each');
		SELECT format('version %s, %s items more, on a list %s, pending %s', version, items - (SELECT items FROM rec.models WHERE model = 'shop'::regclass),
			(SELECT count(*) FROM rec.recommend('each', 'u2', n => 100) WHERE item_id = 'brand new'), pending)
		  INTO result FROM rec.models WHERE model = 'each'::regclass;
	EXCEPTION WHEN feature_not_supported THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		SELECT format('refused, version %s, pending %s: %s', version, pending, detail) INTO result FROM rec.models WHERE model = 'each'::regclass;
	END;
	DROP TABLE each;
	RETURN result;
END $$;
SELECT algorithm, feedback, refreshed(algorithm, feedback)
  FROM (SELECT DISTINCT algorithm FROM rec.algorithms) a, unnest('{explicit, implicit}'::text[]) feedback
 ORDER BY algorithm COLLATE "C", feedback;
DELETE FROM events WHERE what = 'brand new' OR who = 'new';
CALL rec.refresh('shop');

-- ---- a source that is not tracked: by the time column

-- whatever its type; what is dated before the last training, less an hour, is not noticed
CREATE TABLE timed (user_id int, item_id int, at timestamptz);
CREATE FUNCTION by_time(type text, expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	TRUNCATE timed;
	INSERT INTO timed SELECT u, i, now() - interval '1 year' FROM generate_series(1, 20) u, generate_series(1, 9) i WHERE (u + i) % 3 > 0;
	EXECUTE format('CREATE VIEW of_time AS SELECT user_id, item_id, %s::%s AS at FROM timed', expression, type);
	PERFORM rec.create_model('t', 'of_time', options => '{"factors": 2, "iterations": 2}', time_column => 'at');
	CALL rec.train('t');
	INSERT INTO timed VALUES (1, 50, now()), (2, 51, now() - interval '3 days'), (NULL, 52, now()), (3, NULL, now());
	CALL rec.refresh('t');
	SELECT format('version %s, new %s', version, (SELECT array_agg(item_id) FROM t WHERE item_id >= 50)) INTO result
	  FROM rec.models WHERE model = 't'::regclass;
	DROP TABLE t;
	DROP VIEW of_time;
	RETURN result;
END $$;
SELECT type, by_time(type, expression) FROM (VALUES
	('timestamptz', 'at'), ('timestamp', 'at'), ('date', 'at'), ('bigint', 'extract(epoch FROM at)'), ('int', 'extract(epoch FROM at)'),
	('float8', 'extract(epoch FROM at)'), ('numeric', 'extract(epoch FROM at)')) v (type, expression);

-- ---- neighbours among the users

-- with implicit feedback a refresh gives what a training gives; explicit biases depend on each other, and move a little
CREATE TABLE bought AS SELECT user_id, item_id, rating FROM ratings;
CREATE FUNCTION lists(model regclass) RETURNS TABLE (u int, rank int, item_id int, score real) LANGUAGE sql AS $$
	SELECT u, r.rank, r.item_id, r.score FROM generate_series(1, 60) u, rec.recommend(model, u, n => 30) r $$;
SELECT rec.create_model('near', 'bought', 'user_knn', rating_column => ''), rec.create_model('rated', 'bought', 'user_knn');
SELECT rec.track('near'), rec.track('rated');
CALL rec.train('near');
CALL rec.train('rated');
INSERT INTO bought VALUES (1, 102, 5), (2, 102, 4), (51, 102, 3), (51, 1, 2), (51, 5, 4);
DELETE FROM bought WHERE user_id = 6 OR item_id = 9;
UPDATE bought SET item_id = 103 WHERE user_id = 7 AND item_id < 5;
CALL rec.refresh('near', 0);
CALL rec.refresh('rated', 0);
CREATE TEMP TABLE refreshed AS SELECT 'near' AS model, * FROM lists('near') UNION ALL SELECT 'rated', * FROM lists('rated');
CREATE TEMP TABLE refreshed_users AS TABLE near_users;
CALL rec.train('near');
CALL rec.train('rated');
SELECT count(*) AS lists, count(*) FILTER (WHERE a.score IS DISTINCT FROM b.score) AS differ
  FROM (SELECT * FROM refreshed WHERE model = 'near') a FULL JOIN lists('near') b USING (u, item_id);
SELECT count(*) FROM refreshed_users a FULL JOIN near_users b USING (user_id)
 WHERE (a.items, a.ratings, a.n_ratings) IS DISTINCT FROM (b.items, b.ratings, b.n_ratings);
SELECT corr(a.score, b.score) > 0.99 AS alike FROM (SELECT * FROM refreshed WHERE model = 'rated') a JOIN lists('rated') b USING (u, item_id);
DROP TABLE near, rated;

-- ---- popularity

-- the score is that of a training, of counts and of means; the mean of all, which damps, is the last training's
CREATE TABLE liked AS SELECT user_id, item_id, rating FROM ratings;
SELECT rec.create_model('counted', 'liked', 'popular', rating_column => ''), rec.create_model('averaged', 'liked', 'popular', '{"damping": 2}');
SELECT rec.track('counted'), rec.track('averaged');
CALL rec.train('counted');
CALL rec.train('averaged');
INSERT INTO liked VALUES (1, 101, 5), (2, 101, 5), (3, 1, 1);
DELETE FROM liked WHERE item_id = 2;
CALL rec.refresh('counted', 0);
CALL rec.refresh('averaged', 0);
SELECT count(*) FROM counted WHERE score <> (SELECT count(*) FROM liked r WHERE r.item_id = counted.item_id);
SELECT max(abs(score - (s + 2 * mean) / (n + 2))) < 1e-5 AS same, count(*) = (SELECT count(DISTINCT item_id) FROM liked) AS all
  FROM averaged JOIN (SELECT item_id, sum(rating) AS s, count(*) AS n FROM liked GROUP BY 1) r USING (item_id), rec.model WHERE model = 'averaged'::regclass;
SELECT version, rows = (SELECT count(*) FROM liked) AS rows, items, refreshed FROM rec.models WHERE model = 'counted'::regclass;
DROP TABLE counted, averaged;

-- ---- transactions

BEGIN;
INSERT INTO events VALUES ('u6', 'i1', 1, '2026-03-01');
CALL rec.refresh('shop');
SELECT pending FROM rec.models WHERE model = 'shop'::regclass;
ROLLBACK;
SELECT version, pending FROM rec.models WHERE model = 'shop'::regclass;
INSERT INTO events VALUES ('u6', 'i1', 'NaN', '2026-03-01');
CALL rec.refresh('shop'); \echo :SQLSTATE
SELECT version, pending FROM rec.models WHERE model = 'shop'::regclass;
DELETE FROM events WHERE stars = 'NaN';
BEGIN ISOLATION LEVEL REPEATABLE READ;
CALL rec.refresh('shop');
COMMIT;
SELECT version, pending FROM rec.models WHERE model = 'shop'::regclass;

-- nothing is left
BEGIN;
DELETE FROM events;
CALL rec.refresh('shop'); \echo :SQLSTATE
ROLLBACK;

-- ---- a training where it must be one

SET client_min_messages = notice;
TRUNCATE events;
INSERT INTO events SELECT 'u' || u, 'i' || i, 1 + (u * i) % 5, '2026-01-01' FROM generate_series(1, 9) u, generate_series(1, 9) i WHERE (u + i) % 3 > 0;
CALL rec.refresh('shop');
SELECT pending FROM rec.models WHERE model = 'shop'::regclass;
ALTER TABLE events DISABLE TRIGGER rec_note_changes;
CALL rec.refresh('shop');
ALTER TABLE events ENABLE TRIGGER rec_note_changes;
CALL rec.refresh('shop');
SELECT rec.track('shop');
CALL rec.refresh('shop');
CALL rec.refresh('shop');
ALTER TABLE events RENAME TO events_before;
CREATE TABLE events AS TABLE events_before;
CALL rec.refresh('shop');
CALL rec.refresh('shop');
SELECT rec.create_model('early', 'events', options => '{"factors": 2, "iterations": 2}', user_column => 'who', item_column => 'what', rating_column => 'stars');
SELECT rec.track('early');
CALL rec.refresh('early');
-- with ids of a wider type
SELECT rec.create_model('wide', 'ratings', options => '{"factors": 2, "iterations": 2}');
SELECT rec.track('wide');
CALL rec.train('wide');
ALTER TABLE ratings ALTER item_id TYPE bigint;
SELECT rec.track('wide');
CALL rec.refresh('wide');
INSERT INTO ratings VALUES (1, 5000000000, 1);
CALL rec.refresh('wide');
SELECT count(*) FROM wide WHERE item_id = 5000000000;

-- ---- what is refused

SELECT rec.untrack('wide');
CALL rec.refresh('wide'); \echo :SQLSTATE
SELECT rec.create_model('other', 'ratings', 'svd');
SELECT rec.track('other');
CALL rec.refresh('other'); \echo :SQLSTATE
SELECT rec.create_model('lately', 'events', 'popular', '{"half_life": "1 day"}', user_column => 'who', item_column => 'what', time_column => 'at');
SELECT rec.track('lately');
CALL rec.train('lately');
DO $$
DECLARE
	detail text;
	hint text;
BEGIN
	CALL rec.refresh('lately');
EXCEPTION WHEN feature_not_supported THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE INFO '%; %; %', SQLERRM, detail, hint ~ 'took [0-9]+\.[0-9] seconds the last time';
END $$;
CALL rec.refresh(NULL); \echo :SQLSTATE
CALL rec.refresh('shop', NULL); \echo :SQLSTATE
CALL rec.refresh('shop', -1); \echo :SQLSTATE
CALL rec.refresh('shop', 'NaN'); \echo :SQLSTATE
CALL rec.refresh('ratings'); \echo :SQLSTATE
CREATE ROLE regress_rec_refresher;
GRANT USAGE ON SCHEMA refresh TO regress_rec_refresher;
GRANT SELECT ON shop, events TO regress_rec_refresher;
SET ROLE regress_rec_refresher;
CALL rec.refresh('shop'); \echo :SQLSTATE
RESET ROLE;
-- rows that somebody has deleted from the model's tables
INSERT INTO events VALUES ('u1', 'i2', 1, '2026-03-02');
DELETE FROM shop WHERE item_id = 'i4';
DELETE FROM shop_users WHERE user_id = 'u2';
CALL rec.refresh('shop', 10);
SELECT (SELECT count(*) FROM shop WHERE item_id = 'i4') AS items, (SELECT count(*) FROM shop_users WHERE user_id = 'u2') AS users;
DROP OWNED BY regress_rec_refresher;
DROP ROLE regress_rec_refresher;
SET client_min_messages = warning;
DROP SCHEMA refresh CASCADE;
