-- Option nonnegative of als: factors that can be read.

CREATE SCHEMA nonnegative;
SET search_path = nonnegative;
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE FUNCTION draw(what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(what), 7))::bit(28)::int / 268435456.0 $$;
CREATE FUNCTION dot(a float8[], b float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(sum(u * v), 0) FROM unnest(a, b) AS t (u, v) $$;

-- ---- 60 users and 40 items of three tastes: an item has one of them, a user one or two; a rating is a bias of both and the product of what they have

CREATE TABLE taste AS SELECT u AS user_id, t,
		CASE WHEN t = u % 3 THEN 1 + draw('u' || u) WHEN t = (u + 1) % 3 AND u % 2 = 0 THEN draw('v' || u) ELSE 0 END AS share
	FROM generate_series(1, 60) u, generate_series(0, 2) t;
CREATE TABLE has AS SELECT i AS item_id, t, CASE WHEN t = i % 3 THEN 1 + draw('i' || i) ELSE 0 END AS amount FROM generate_series(1, 40) i, generate_series(0,
	2) t;
CREATE TABLE truth AS SELECT user_id, item_id, sum(share * amount) AS liking, sum(share * amount) + draw('a' || user_id) + draw('b' || item_id) AS value
	FROM taste JOIN has USING (t) GROUP BY 1, 2;
CREATE TABLE ratings AS SELECT user_id, item_id, value::real AS rating FROM truth WHERE draw(user_id || ' ' || item_id) < 0.5;
CREATE INDEX ON ratings (user_id);
CREATE VIEW events AS SELECT user_id, item_id FROM truth WHERE liking > 0.5 AND draw(user_id || ' ' || item_id) < 0.7;
CREATE TABLE models (model text PRIMARY KEY, source text, options jsonb);
INSERT INTO models VALUES
	('rated', 'ratings', '{"feedback": "explicit", "factors": 6, "regularization": 0.2}'),
	('planted', 'ratings', '{"feedback": "explicit", "factors": 3, "regularization": 0.001, "iterations": 300, "tolerance": 1e-7}'),
	('without_biases', 'ratings', '{"feedback": "explicit", "factors": 3, "regularization": 0.1, "biases": false}'),
	('chosen', 'events', '{"factors": 6, "alpha": 5, "regularization": 1}'),
	('tastes', 'events', '{"factors": 3, "alpha": 5, "regularization": 1}'),
	('scaled', 'events', '{"factors": 20, "alpha": 10, "regularization": 2, "regularization_scaling": 1}');
CREATE FUNCTION new_model(name text, m models, other jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model(name, m.source::regclass, options => m.options || other);
	CALL rec.train(name::regclass);
END $$;
SELECT count(new_model(model, m, '{"nonnegative": true}')), count(new_model(model || '_free', m, '{}')) FROM models m;

-- no factor is negative, and many are zero, which none is by chance; the biases are free
CREATE FUNCTION factors_of(model text) RETURNS TABLE (factor float4) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT unnest(factors) FROM %1$I UNION ALL SELECT unnest(factors) FROM %1$I_users', model);
END $$;
SELECT model, (SELECT min(factor) FROM factors_of(model)) >= 0 AS nonnegative, (SELECT count(*) FILTER (WHERE factor = 0) FROM factors_of(model)) > 30 AS zeros,
	(SELECT min(factor) FROM factors_of(model || '_free')) < 0 AS free FROM models ORDER BY 1;
SELECT min(bias) < 0 AS items, (SELECT min(bias) < 0 FROM rated_users) AS users FROM rated;

-- the loss never rises, and is not below what factors of either sign reach
SELECT m.model, bool_and(loss <= before) AS falls, (array_agg(loss ORDER BY iteration DESC))[1] >= 0.999 * (SELECT (array_agg(loss ORDER BY iteration DESC))[1]
	FROM rec.training_log f WHERE f.model = (m.model || '_free')::regclass) AS not_below
  FROM models m, LATERAL (SELECT iteration, loss, coalesce(lag(loss) OVER (ORDER BY iteration), 'infinity') AS before FROM rec.training_log l
	WHERE l.model = m.model::regclass) l GROUP BY m.model ORDER BY 1;

-- each row is where the sum that it is of cannot be lowered: the gradient of the loss by a factor is zero, or positive where the factor is zero
CREATE VIEW gradients AS
WITH problem AS (SELECT mean, 0.2 AS lambda, (SELECT stddev_pop(rating) FROM ratings) AS scale FROM rec.model WHERE model = 'rated'::regclass),
	residuals AS (SELECT r.user_id, x.factors AS x, y.factors AS y, r.rating - mean - x.bias - y.bias - dot(x.factors, y.factors) AS e, lambda * scale AS weight
		FROM ratings r JOIN rated_users x USING (user_id) JOIN rated y USING (item_id), problem)
SELECT user_id, f, min(x[f]) AS factor, min(weight) * min(x[f]) - sum(e * y[f]) AS gradient FROM residuals, generate_series(1, 6) f GROUP BY user_id, f;
SELECT max(abs(gradient)) FILTER (WHERE factor > 0) < 1e-3 AS zero, min(gradient) FILTER (WHERE factor = 0) > -1e-3 AS positive,
	count(*) FILTER (WHERE factor = 0) > 0 AS some FROM gradients;

-- what was planted: pairs that were not rated; and of events each factor is a taste, which the items of that taste have, and others hardly
SELECT max(abs(t.value - rec.predict('planted', user_id, item_id))) < 0.1 AS recovered FROM truth t;
WITH shares AS (SELECT item_id, f, factors[f] / nullif((SELECT max(x) FROM unnest(factors) x), 0) AS share FROM tastes, generate_series(1, 3) f)
SELECT f, count(*) FILTER (WHERE share > 0.5) AS items, count(DISTINCT item_id % 3) FILTER (WHERE share > 0.5) AS tastes FROM shares GROUP BY f ORDER BY f;

-- ---- a profile at asking: by the same rule, so what was stored is what is asked with, and whoever came since has no negative factor either

SELECT m.model, count(*) > 2000 AS pairs, max(abs(p.score - rec.predict(m.model, u, i))) < 1e-4 AS same
  FROM models m, generate_series(1, 60) u, generate_series(1, 40) i, LATERAL (
	SELECT (SELECT r.score FROM rec.recommend_users(m.model::regclass, i, 1000, false) r WHERE r.user_id = u) AS score) p
 WHERE m.model IN ('rated', 'chosen') AND p.score IS NOT NULL GROUP BY 1 ORDER BY 1;
-- likewise the reasons add up to the score
SELECT m.model, bool_and(abs(whole - score) < 1e-4) AS add_up FROM models m, generate_series(1, 60, 7) u, generate_series(1, 40, 3) i,
	LATERAL (SELECT sum(contribution) + min(baseline) AS whole FROM rec.explain(m.model::regclass, u, i, 1000)) e,
	LATERAL (SELECT rec.predict(m.model::regclass, u, i) AS score) p
 WHERE whole IS NOT NULL AND (source = 'events' OR score BETWEEN 0.01 AND (SELECT max(rating) - 0.01 FROM ratings)) GROUP BY 1 ORDER BY 1;

-- ---- the same with any solver, which is not asked, and again

DO $$
DECLARE
	solver text;
	m models := (SELECT m FROM models m WHERE model = 'chosen');
BEGIN
	FOREACH solver IN ARRAY '{cholesky, cg, block}'::text[] LOOP
		PERFORM new_model('again', m, jsonb_build_object('nonnegative', true, 'solver', solver));
		IF EXISTS (SELECT FROM again a JOIN chosen c USING (item_id) WHERE a.factors <> c.factors) THEN
			RAISE 'solver % makes another model', solver;
		END IF;
		DROP TABLE again;
	END LOOP;
END $$;
-- a warm start goes on from where the last one ended; of a table with negative numbers it makes one without
CALL rec.train('chosen');
SELECT version, (SELECT count(*) FROM rec.training_log l WHERE l.model = 'chosen'::regclass AND l.version = m.version) AS iterations FROM rec.models m
	WHERE model = 'chosen'::regclass;
UPDATE chosen_users SET factors = ARRAY(SELECT -x FROM unnest(factors) x);
UPDATE chosen SET factors = ARRAY(SELECT -x FROM unnest(factors) x);
DELETE FROM chosen WHERE item_id = 1;
CALL rec.train('chosen');
SELECT min(factor) >= 0 AS nonnegative FROM factors_of('chosen');
-- the option comes later
SELECT rec.alter_model('chosen_free', options => '{"nonnegative": true}');
CALL rec.train('chosen_free');
SELECT min(factor) >= 0 AS nonnegative, (SELECT options -> 'nonnegative' FROM rec.models WHERE model = 'chosen_free'::regclass) FROM factors_of('chosen_free');
-- what it takes
\set VERBOSITY terse
SELECT rec.create_model('wrong', 'events', options => '{"nonnegative": 1}');
SELECT rec.create_model('wrong', 'events', 'svd', options => '{"nonnegative": true}');

DROP SCHEMA nonnegative CASCADE;
