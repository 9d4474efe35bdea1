-- A refresh of models with contexts: each row counts in its own context, as in a training. (test/unit/fm_test.c has the minima of all losses.)
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA refresh_contexts;
SET search_path = refresh_contexts;

CREATE TABLE visit (user_id int, item_id int, place text, hour smallint, rating real);
INSERT INTO visit SELECT u, i, CASE (7 * u + 3 * i + n) % 3 WHEN 0 THEN 'work' WHEN 1 THEN 'home' END, 20 + (u * i + n) % 4, 1 + (u * u + 3 * i * u + i + n) % 5
  FROM generate_series(1, 60) u, generate_series(1, 30) i, generate_series(1, 2) n WHERE (7 * u + 11 * i + 5 * n) % 13 % 4 = 0;
CREATE INDEX ON visit (user_id);
CREATE INDEX ON visit (item_id);
-- the same with the users in the other order
CREATE TABLE mirror (LIKE visit);
INSERT INTO mirror SELECT -user_id, item_id, place, hour, rating FROM visit;
CREATE INDEX ON mirror (user_id);
CREATE INDEX ON mirror (item_id);
CREATE FUNCTION mirrored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'INSERT' AND OLD IS DISTINCT FROM NEW THEN
		DELETE FROM mirror m WHERE (-m.user_id, m.item_id, m.place, m.hour, m.rating) IS NOT DISTINCT FROM
			(OLD.user_id, OLD.item_id, OLD.place, OLD.hour, OLD.rating);
	END IF;
	IF TG_OP <> 'DELETE' AND OLD IS DISTINCT FROM NEW THEN
		INSERT INTO mirror SELECT -NEW.user_id, NEW.item_id, NEW.place, NEW.hour, NEW.rating;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER mirrored AFTER INSERT OR UPDATE OR DELETE ON visit FOR EACH ROW EXECUTE FUNCTION mirrored();

SELECT rec.create_model('stars', 'visit', 'fm', '{"factors": 3, "regularization": 1.5, "clip": false}', context_columns => '{place,hour}'),
	rec.create_model('linear', 'visit', 'fm', '{"factors": 0, "clip": false}', context_columns => '{place,hour}'),
	rec.create_model('taken', 'visit', 'fm', '{"factors": 3, "regularization": 0.5}', rating_column => '', context_columns => '{place,hour}');
SELECT rec.create_model(m, source, 'fm', rating_column => '', context_columns => '{place,hour}', options =>
		'{"factors": 0, "regularization": 1, "regularization_scaling": 0, "negatives": 0.5, "iterations": 100, "tolerance": 0}')
  FROM (VALUES ('odds', 'visit'), ('mirrored', 'mirror')) v (m, source);
SELECT count(rec.track(m::regclass)) FROM unnest('{stars,linear,taken,odds,mirrored}'::text[]) m;
CALL rec.train('stars');
CALL rec.train('linear');
CALL rec.train('taken');
CALL rec.train('odds');
CALL rec.train('mirrored');
CREATE TABLE users_before AS TABLE stars_users;
CREATE TABLE odds_before AS TABLE odds_users;
CREATE FUNCTION learned() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT 'stars' || f FROM stars_context_features f UNION ALL SELECT 'taken' || f FROM taken_context_features f UNION ALL
	SELECT 'odds' || f FROM odds_context_features f $$;
CREATE TABLE learned_before AS SELECT * FROM learned() AS row;

-- another context is a change: of the users and the items of these rows
UPDATE visit SET place = 'home' WHERE item_id = 5 AND place = 'work' AND user_id < 30;
SELECT count(*) > 0 AS noted, count(DISTINCT item_id) AS items, count(*) = sum(came) AND count(*) = sum(went) AS both FROM stars_changes;
-- nothing new is nothing
SELECT pending AS before FROM rec.models WHERE model = 'stars'::regclass \gset
UPDATE visit SET place = place;
SELECT pending = :before AS same FROM rec.models WHERE model = 'stars'::regclass;
-- a new item, in contexts that were there, in one that was not, and in none
INSERT INTO visit SELECT u, 100, (ARRAY['work', 'home', 'moon', NULL])[1 + u % 4], 20 + u % 5, 1 + u % 5 FROM generate_series(1, 20) u;
DELETE FROM visit WHERE item_id = 7 AND user_id < 40;
CALL rec.refresh('stars', 0);
CALL rec.refresh('odds', 0);
CALL rec.refresh('mirrored', 0);
SELECT m.model, version, items - (SELECT count(DISTINCT item_id) FROM visit) AS items, users = (SELECT count(DISTINCT user_id) FROM visit) AS users,
	rows = (SELECT count(DISTINCT (user_id, item_id, place, hour)) FROM visit) AS rows, pending
  FROM rec.models m WHERE model IN ('stars'::regclass, 'odds'::regclass) ORDER BY 1;
-- Ratings: items that are solved again are at the minimum of the loss, with the users and the contexts as they were. With q the factors of the user in the
-- context and e the error, the sum of e is lambda b_i, and that of e q is lambda s p_i, where s is the deviation.
CREATE FUNCTION dot(a float8[], b float8[]) RETURNS float8 LANGUAGE sql AS $$ SELECT sum(x * y) FROM unnest(a, b) v (x, y) $$;
CREATE FUNCTION plus(a float8[], b float8[]) RETURNS float8[] LANGUAGE sql AS $$
	SELECT array_agg(x + y ORDER BY n) FROM unnest(a, b) WITH ORDINALITY v (x, y, n) $$;
CREATE FUNCTION added(place text, hour int, OUT z float8[], OUT h float8) LANGUAGE sql AS $$
	WITH f AS (SELECT bias, factors FROM stars_context_features WHERE feature IN ('place=' || place, 'hour=' || hour)),
	s AS (SELECT d, coalesce(sum(factors[d]), 0) AS s, coalesce(sum(factors[d] * factors[d]::float8), 0) AS squares
			FROM generate_series(1, 3) d LEFT JOIN f ON true GROUP BY 1)
	SELECT array_agg(s ORDER BY d), coalesce((SELECT sum(bias) FROM f), 0) + sum(s * s - squares) / 2 FROM s $$;
CREATE FUNCTION slope(item int) RETURNS float8 LANGUAGE sql AS $$
	WITH e AS (SELECT q, i.bias, i.factors, deviation, rating - mean - i.bias - u.bias - h - dot(u.factors, z) - dot(q, i.factors) AS e
			  FROM visit v JOIN users_before u USING (user_id) JOIN stars i USING (item_id), rec.model, added(place, hour), plus(u.factors, z) q
			 WHERE item_id = item AND model = 'stars'::regclass)
	SELECT max(abs(g)) FROM (SELECT sum(e * CASE WHEN d > 0 THEN q[d] ELSE 1 END) - 1.5 * min(CASE WHEN d > 0 THEN deviation * factors[d] ELSE bias END)
		FROM e, generate_series(0, 3) d GROUP BY d) s (g) $$;
SELECT item_id, slope(item_id) < 1e-4 AS minimal FROM stars WHERE item_id IN (5, 7, 100) ORDER BY 1;
-- Events without factors: with y the score, the sum of 1 / (1 + e^y) over the events is lambda b_i and, over all missing events, that of their share times
-- c (h(x) y + 1/2), with x the root mean square of their scores. A missing event has a share in each context of the user.
CREATE FUNCTION odds_slope(item int) RETURNS float8 LANGUAGE sql AS $$
	WITH n AS (SELECT sum(n_ratings)::float8 AS events, count(*)::float8 * (SELECT users FROM rec.models WHERE model = 'odds'::regclass) AS pairs FROM odds),
	c AS (SELECT least(1, 0.5 * events / missing) AS c, ln(events / missing) - ln(least(1, 0.5 * events / missing)) AS constant
			FROM n, greatest(pairs - events, pairs / 4) missing),
	situation AS (SELECT user_id, place, hour, count(*) / sum(count(*)) OVER (PARTITION BY user_id)::float8 AS share FROM visit GROUP BY 1, 2, 3),
	scored AS (SELECT s.share, constant + u.bias + i.bias + coalesce(h, 0) AS y, EXISTS (SELECT FROM visit v
				WHERE v.item_id = item AND v.user_id = s.user_id AND v.place IS NOT DISTINCT FROM s.place AND v.hour = s.hour) AS is_event
			FROM situation s JOIN odds_before u USING (user_id), odds i, c,
				LATERAL (SELECT sum(bias) AS h FROM odds_context_features WHERE feature IN ('place=' || place, 'hour=' || hour)) h WHERE item_id = item),
	x AS (SELECT sqrt(sum(share * y * y) / sum(share)) AS x FROM scored WHERE NOT is_event)
	SELECT abs((SELECT bias FROM odds WHERE item_id = item) +
			sum(CASE WHEN is_event THEN -1 / (1 + exp(y)) ELSE c * share * (tanh(x / 2) / (2 * x) * y + 0.5) END)) FROM scored, x, c $$;
SELECT item_id, odds_slope(item_id) < 1e-4 AS minimal FROM odds WHERE item_id IN (5, 7, 100) ORDER BY 1;

-- new users, also in contexts that the training has not seen: these say nothing, as none does
INSERT INTO visit SELECT 0, i, (ARRAY['work', 'home', 'moon'])[1 + i % 3], 20 + i % 4, 1 + i % 5 FROM generate_series(2, 30, 4) i;
INSERT INTO visit SELECT u, i, CASE u WHEN 61 THEN 'moon' END, CASE u WHEN 61 THEN 3 END, 1 + i % 5 FROM generate_series(61, 62) u, generate_series(1, 30, 5) i;
INSERT INTO visit VALUES (0, 100, 'work', 20, 5);
DELETE FROM visit WHERE user_id = 33;
CREATE TABLE changed AS SELECT DISTINCT user_id FROM stars_changes WHERE user_id <> 33;
CALL rec.refresh('stars');
CALL rec.refresh('linear', 0);
CALL rec.refresh('taken');
CALL rec.refresh('odds', 0);
CALL rec.refresh('mirrored', 0);
SELECT m.model, version, items = (SELECT count(DISTINCT item_id) FROM visit) AS items, users = (SELECT count(DISTINCT user_id) FROM visit) AS users,
	rows = (SELECT count(DISTINCT (user_id, item_id, place, hour)) FROM visit) AS rows
  FROM rec.models m WHERE source IN ('visit'::regclass, 'mirror'::regclass) ORDER BY 1;
SELECT count(*) AS features, count(*) FILTER (WHERE row IN (SELECT * FROM learned())) AS same FROM learned_before;
SELECT a.factors = b.factors AND a.bias = b.bias AS stars, c.factors = d.factors AND c.bias = d.bias AS taken
  FROM stars_users a, stars_users b, taken_users c, taken_users d WHERE a.user_id = 61 AND b.user_id = 62 AND c.user_id = 61 AND d.user_id = 62;
-- whose situations they are: the new user is the first of all users in one source, and the last in the other
SELECT count(*) AS items, max(abs(a.bias - b.bias)) < 1e-4 AS same, max(abs(a.bias)) > 0.1 AS differ FROM odds a JOIN mirrored b USING (item_id);
-- two routes to one number: the users who are solved again, and their profiles, in their contexts
SELECT m, count(*) AS users, bool_and(abs(s.score - rec.predict(m::regclass, s.user_id, i)) < 1e-4) AS same
  FROM unnest('{stars,taken}'::text[]) m, unnest('{100,5,8}'::int[]) i, LATERAL rec.recommend_users(m::regclass, i, n => 1000, exclude_seen => false) s
 WHERE s.user_id IN (TABLE changed) GROUP BY 1 ORDER BY 1;
SELECT stddev(rec.predict('linear', user_id, item_id) - u.bias - i.bias) < 1e-5 AS linear FROM linear_users u JOIN changed USING (user_id), linear i;
SELECT stddev(rec.predict('odds', user_id, item_id) - u.bias - i.bias) < 1e-5 AS odds FROM odds_users u JOIN changed USING (user_id), odds i;
-- the new item is on lists, of the new user, too; what is known of a context counts for both, and what is not, does not
SELECT count(*) FILTER (WHERE item_id = 100) AS listed FROM unnest('{30, 0}'::int[]) u, rec.recommend('taken', u, n => 50, exclude_seen => false);
SELECT m, bool_and(rec.predict(m::regclass, u, 100, '{"place": "work"}') <> rec.predict(m::regclass, u, 100)) AS work,
	bool_and(rec.predict(m::regclass, u, 100, '{"place": "moon", "hour": 24}') = rec.predict(m::regclass, u, 100)) AS moon
  FROM unnest('{stars,taken}'::text[]) m, unnest('{30, 0, 61}'::int[]) u GROUP BY 1 ORDER BY 1;
SELECT m, bool_and(abs(whole - rec.predict(m::regclass, u, 100, '{"place": "home"}')) < 1e-4 * (1 + abs(whole))) AS adds_up
  FROM unnest('{stars,taken}'::text[]) m, unnest('{0, 61, 30}'::int[]) u,
	LATERAL (SELECT sum(contribution) + min(baseline) AS whole
			   FROM rec.explain(m::regclass, u, 100, 1000, '{"place": "home"}') GROUP BY known_item_id IS NULL) e
 GROUP BY 1 ORDER BY 1;
-- a training finds nearly that
CREATE FUNCTION scores() RETURNS TABLE (m text, u int, i int, score real) LANGUAGE sql AS $$
	SELECT m, u, i, rec.predict(m::regclass, u, i) FROM unnest('{stars,taken}'::text[]) m, generate_series(0, 60) u, generate_series(1, 30) i WHERE u <> 33 $$;
CREATE TABLE refreshed AS SELECT * FROM scores();
CALL rec.train('stars');
CALL rec.train('taken');
SELECT m, corr(a.score, b.score) > 0.95 AS alike FROM refreshed a JOIN scores() b USING (m, u, i) GROUP BY 1 ORDER BY 1;
-- nothing but users: then no item is solved again
UPDATE visit SET rating = 6 - rating WHERE user_id = 2;
CALL rec.refresh('stars', 1000);
CALL rec.refresh('taken', 1000);
SELECT bool_and(abs(s.score - rec.predict('taken', s.user_id, 8)) < 1e-4) AS same FROM rec.recommend_users('taken', 8, n => 1000, exclude_seen => false) s;
-- few rows: no more is read than those of the users, and those of the items
DROP TABLE users_before;
CREATE TABLE users_before AS TABLE stars_users;
INSERT INTO visit SELECT u, 101, CASE u WHEN 11 THEN 'work' END, 22, 5 FROM generate_series(10, 11) u;
CALL rec.refresh('stars', 1000);
SELECT slope(101) < 1e-4 AS minimal, bool_and(abs(score - rec.predict('stars', user_id, 101)) < 1e-4) AS same
  FROM rec.recommend_users('stars', 101, n => 1000, exclude_seen => false) WHERE user_id IN (10, 11);

-- ---- the source moves

-- a column of the context has another name
DROP TRIGGER mirrored ON visit;
ALTER TABLE visit RENAME place TO spot;
SELECT pending AS before FROM rec.models WHERE model = 'stars'::regclass \gset
UPDATE visit SET spot = 'work' WHERE user_id = 3 AND spot = 'home';
SELECT pending > :before AS noted FROM rec.models WHERE model = 'stars'::regclass;
CALL rec.refresh('stars');
SELECT abs(score - rec.predict('stars', 3, 8)) < 1e-4 AS same FROM rec.recommend_users('stars', 8, n => 1000, exclude_seen => false) WHERE user_id = 3;
-- it is gone, and then it is none of the context
ALTER TABLE visit DROP spot;
UPDATE visit SET rating = 6 - rating WHERE user_id = 4;
CALL rec.refresh('stars'); \echo :SQLSTATE
SELECT rec.alter_model('stars', context_columns => '{hour}');
SET client_min_messages = notice;
CALL rec.refresh('stars');
SET client_min_messages = warning;
-- contexts that say nothing at all
ALTER TABLE visit ADD same text DEFAULT 'x';
SELECT rec.alter_model('stars', context_columns => '{same}');
CALL rec.train('stars');
SELECT count(*) AS features FROM stars_context_features;
INSERT INTO visit SELECT 70, i, 20, 3, CASE WHEN i > 5 THEN 'y' END FROM generate_series(1, 10) i;
CALL rec.refresh('stars');
SELECT abs(score - rec.predict('stars', 70, 8)) < 1e-4 AS same FROM rec.recommend_users('stars', 8, n => 1000, exclude_seen => false) WHERE user_id = 70;

DROP SCHEMA refresh_contexts CASCADE;
