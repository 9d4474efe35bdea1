-- Alternating least squares against what it must compute: the losses it reports, the normal equations
-- of every row, an independent implementation in SQL, and a planted matrix.
--
-- Of every rating r of user u and item i, explicit feedback minimises
--     sum (r - mean - b_u - b_i - x_u . y_i)^2 + sum_u lambda_u (s |x_u|^2 + b_u^2) + sum_i lambda_i (s |y_i|^2 + b_i^2)
-- and implicit feedback, over all pairs of a user and an item, with p = 1 for an event and else 0, and c = 1 + alpha r,
--     sum c (p - x_u . y_i)^2 + sum_u lambda_u |x_u|^2 + sum_i lambda_i |y_i|^2
-- where lambda = regularization * n ^ regularization_scaling, n being the number of the row's ratings, and s their standard deviation.

CREATE SCHEMA als_reference;
SET search_path = als_reference;
\set SHOW_CONTEXT never

-- ---- six users and five items

CREATE TABLE ratings (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
--                                 item 1       2          3          4          5
INSERT INTO ratings VALUES         (1, 1, 5), (1, 2, 3),            (1, 4, 1),
                                   (2, 1, 4),                       (2, 4, 1), (2, 5, 2),
                                   (3, 1, 1), (3, 2, 1),            (3, 4, 5),
                                   (4, 1, 1),            (4, 3, 2), (4, 4, 4), (4, 5, 5),
                                              (5, 2, 1), (5, 3, 5),            (5, 5, 4),
                                              (6, 2, 4),                       (6, 5, 1);

CREATE TABLE models (name text, feedback text, factors int, regularization float8, scaling float8, alpha float8, biases bool, scale float8);
INSERT INTO models VALUES
	('ridge',          'explicit', 2, 0.3, 0,    1,  true),
	('weighted ridge', 'explicit', 3, 0.1, 1,    1,  true),
	('no biases',      'explicit', 2, 0.2, 0.5,  1,  false),
	('implicit',       'implicit', 2, 0.3, 0,    1,  true),
	('scaled',         'implicit', 3, 0.1, 1,    2,  true),
	('strong alpha',   'implicit', 2, 1.5, 0.25, 40, true);
UPDATE models SET scale = CASE feedback WHEN 'explicit' THEN (SELECT stddev_pop(rating) FROM ratings) ELSE 1 END;

-- ---- the trained numbers, in one table for each side

CREATE TABLE x (name text, id int, n int, lambda float8, b float8, f float8[], PRIMARY KEY (name, id));
CREATE TABLE y (LIKE x INCLUDING ALL);
CREATE TABLE trained (name text PRIMARY KEY, loss float8, mean float8, iterations bigint);
CREATE FUNCTION train(m models, iterations int, solver text = 'cholesky') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('m', 'ratings', options => jsonb_build_object('feedback', m.feedback, 'weight', 'linear', 'factors', m.factors,
		'regularization', m.regularization, 'regularization_scaling', m.scaling, 'alpha', m.alpha, 'biases', m.biases,
		'iterations', iterations, 'tolerance', 0, 'seed', 1, 'solver', solver));
	CALL rec.train('m');
	DELETE FROM x WHERE name = m.name;
	DELETE FROM y WHERE name = m.name;
	DELETE FROM trained WHERE name = m.name;
	INSERT INTO x SELECT m.name, user_id, n_ratings, m.regularization * n_ratings ^ m.scaling, bias, factors FROM m_users;
	INSERT INTO y SELECT m.name, item_id, n_ratings, m.regularization * n_ratings ^ m.scaling, bias, factors FROM m;
	INSERT INTO trained SELECT m.name, loss, mean, (SELECT count(*) FROM rec.training_log WHERE model = 'm'::regclass) FROM rec.model
		WHERE model = 'm'::regclass;
	DROP TABLE m;
END $$;
CREATE FUNCTION dot(a float8[], b float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(sum(u * v), 0) FROM unnest(a, b) AS t (u, v) $$;
-- every pair with its target, its weight, and its prediction; with explicit feedback only the rated pairs
CREATE VIEW pairs AS
SELECT m.name, x.id AS user_id, y.id AS item_id,
       CASE feedback WHEN 'explicit' THEN r.rating - mean ELSE (r.rating IS NOT NULL)::int END AS target,
       CASE feedback WHEN 'explicit' THEN 1 ELSE 1 + alpha * coalesce(r.rating, 0) END AS weight,
       x.b + y.b + dot(x.f, y.f) AS predicted
  FROM models m JOIN trained USING (name) JOIN x USING (name) JOIN y USING (name)
       LEFT JOIN ratings r ON r.user_id = x.id AND r.item_id = y.id
 WHERE feedback = 'implicit' OR r.rating IS NOT NULL;
CREATE VIEW losses AS
SELECT name, sum(weight * (target - predicted) ^ 2) +
       (SELECT sum(lambda * (scale * dot(f, f) + b ^ 2)) FROM (SELECT * FROM x UNION ALL SELECT * FROM y) AS s JOIN models USING (name)
           WHERE s.name = p.name) AS loss
  FROM pairs p GROUP BY name;

-- ---- the reported losses are those computed from the tables

SELECT train(m, 5) FROM models m;
SELECT name, iterations, abs(l.loss / t.loss - 1) < 1e-5 AS equal FROM trained t JOIN losses l USING (name) ORDER BY name;
-- the mean of the ratings is 50 / 18
SELECT name, abs(mean - 50 / 18.0) < 1e-12 AS mean FROM trained WHERE name IN ('ridge', 'implicit') ORDER BY name;

-- ---- the normal equations

-- The users were solved last, so at each of them the derivatives of the loss vanish, half of which are, for factor k of user u,
--     sum over the user's pairs of weight (predicted - target) y_ik + lambda_u x_uk
-- and with 1 in place of y_ik for the bias.
CREATE FUNCTION slopes(of_items bool) RETURNS TABLE (name text, id int, k int, slope float8) LANGUAGE sql AS $$
	WITH sides AS (
		SELECT name, user_id, item_id, weight * (predicted - target) AS error,
		       CASE WHEN of_items THEN y.id ELSE x.id END AS id, CASE WHEN of_items THEN x.f ELSE y.f END AS fixed,
		       CASE WHEN of_items THEN y.lambda ELSE x.lambda END AS lambda, CASE WHEN of_items THEN y.f ELSE x.f END AS solved,
		       CASE WHEN of_items THEN y.b ELSE x.b END AS bias
		  FROM pairs JOIN x USING (name) JOIN y USING (name) WHERE x.id = user_id AND y.id = item_id)
	SELECT name, id, k, sum(error * fixed[k]) + min(lambda * scale * solved[k])
	  FROM sides JOIN models USING (name), generate_series(1, cardinality(fixed)) AS k GROUP BY name, id, k
	UNION ALL
	SELECT name, id, 0, sum(error) + min(lambda * bias)
	  FROM sides JOIN models m USING (name) WHERE feedback = 'explicit' AND biases GROUP BY name, id;
$$;
-- six users by the factors, and the bias if there is one; the slopes vanish to the precision of real, with weights of up to 1 +
-- 5 alpha
SELECT name, count(*) AS equations, max(abs(slope)) < 1e-5 * (1 + 5 * alpha) AS vanish
  FROM slopes(false) JOIN models USING (name) GROUP BY name, alpha ORDER BY name;
-- the items' derivatives do not vanish, as the users changed afterwards; after a thousand iterations both do
SELECT name, count(*) AS equations, max(abs(slope)) < 1e-5 * (1 + 5 * alpha) AS vanish
  FROM slopes(true) JOIN models USING (name) GROUP BY name, alpha ORDER BY name;
SELECT count(train(m, 1000)) FROM models m;
SELECT name, max(abs(slope)) < 1e-4 * (1 + 5 * alpha) AS vanish
  FROM (SELECT * FROM slopes(true) UNION ALL SELECT * FROM slopes(false)) AS s JOIN models USING (name) GROUP BY name, alpha ORDER BY name;
SELECT name, abs(l.loss / t.loss - 1) < 1e-5 AS equal FROM trained t JOIN losses l USING (name) ORDER BY name;

-- ---- an independent implementation

-- Solves one row in a simple way: the matrix of its normal equations, with the bias as one more unknown whose feature is 1, and
-- Gaussian elimination. fixed has the factors of the other side followed by its bias; a target of NULL means that there is no
-- pair.
CREATE FUNCTION solve_row(m models, targets float8[], weights float8[], fixed float8[], lambda float8) RETURNS float8[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	k int := m.factors;
	bias bool := m.biases AND m.feedback = 'explicit';
	d int := CASE WHEN bias THEN k + 1 ELSE k END;
	a float8[] := array_fill(0::float8, ARRAY[d, d + 1]);	-- with the right side as its last column
	f float8[];
	best int;
	t float8;
	solution float8[] := array_fill(0::float8, ARRAY[k + 1]);
BEGIN
	FOR j IN 1 .. array_length(targets, 1) LOOP
		CONTINUE WHEN targets[j] IS NULL;
		FOR p IN 1 .. k LOOP
			f[p] := fixed[j][p];
		END LOOP;
		f[k + 1] := 1;
		FOR p IN 1 .. d LOOP
			FOR q IN 1 .. d LOOP
				a[p][q] := a[p][q] + weights[j] * f[p] * f[q];
			END LOOP;
			a[p][d + 1] := a[p][d + 1] + weights[j] * f[p] * (targets[j] - fixed[j][k + 1]);
		END LOOP;
	END LOOP;
	FOR p IN 1 .. d LOOP
		a[p][p] := a[p][p] + lambda * CASE WHEN p <= k THEN m.scale ELSE 1 END;
	END LOOP;
	FOR p IN 1 .. d LOOP
		best := p;
		FOR q IN p + 1 .. d LOOP
			IF abs(a[q][p]) > abs(a[best][p]) THEN best := q; END IF;
		END LOOP;
		FOR c IN p .. d + 1 LOOP
			t := a[p][c]; a[p][c] := a[best][c]; a[best][c] := t;
		END LOOP;
		FOR q IN p + 1 .. d LOOP
			t := a[q][p] / a[p][p];
			FOR c IN p .. d + 1 LOOP
				a[q][c] := a[q][c] - t * a[p][c];
			END LOOP;
		END LOOP;
	END LOOP;
	FOR p IN REVERSE d .. 1 LOOP
		t := a[p][d + 1];
		FOR c IN p + 1 .. d LOOP
			t := t - a[p][c] * solution[c];
		END LOOP;
		solution[p] := t / a[p][p];
	END LOOP;
	RETURN solution;
END $$;

-- The matrix of ratings as an argument of the function above, from both sides.
CREATE MATERIALIZED VIEW matrix AS
SELECT m.name, 'users' AS side, u AS id,
       array_agg(CASE WHEN feedback = 'implicit' THEN (rating IS NOT NULL)::int ELSE rating - mean END ORDER BY i) AS targets,
       array_agg(CASE WHEN feedback = 'implicit' THEN 1 + alpha * coalesce(rating, 0) ELSE 1 END ORDER BY i) AS weights,
       regularization * count(rating) ^ scaling AS lambda
  FROM models m CROSS JOIN (SELECT avg(rating) AS mean FROM ratings) AS r CROSS JOIN generate_series(1, 6) u CROSS JOIN generate_series(1, 5) i
       LEFT JOIN ratings ON user_id = u AND item_id = i
 GROUP BY m.name, u, regularization, scaling
UNION ALL
SELECT m.name, 'items', i,
       array_agg(CASE WHEN feedback = 'implicit' THEN (rating IS NOT NULL)::int ELSE rating - mean END ORDER BY u),
       array_agg(CASE WHEN feedback = 'implicit' THEN 1 + alpha * coalesce(rating, 0) ELSE 1 END ORDER BY u),
       regularization * count(rating) ^ scaling
  FROM models m CROSS JOIN (SELECT avg(rating) AS mean FROM ratings) AS r CROSS JOIN generate_series(1, 6) u CROSS JOIN generate_series(1, 5) i
       LEFT JOIN ratings ON user_id = u AND item_id = i
 GROUP BY m.name, i, regularization, scaling;

-- some iterations from given users, items first; rows are factors followed by the bias
CREATE FUNCTION iterate(m models, users float8[], iterations int, OUT users_after float8[], OUT items_after float8[]) LANGUAGE plpgsql AS $$
DECLARE
	row record;
BEGIN
	users_after := users;
	items_after := array_fill(0::float8, ARRAY[5, m.factors + 1]);
	FOR iteration IN 1 .. iterations LOOP
		FOR row IN SELECT id, solve_row(m, targets, weights, users_after, lambda) AS f FROM matrix WHERE name = m.name AND side = 'items' LOOP
			FOR c IN 1 .. m.factors + 1 LOOP items_after[row.id][c] := row.f[c]; END LOOP;
		END LOOP;
		FOR row IN SELECT id, solve_row(m, targets, weights, items_after, lambda) AS f FROM matrix WHERE name = m.name AND side = 'users' LOOP
			FOR c IN 1 .. m.factors + 1 LOOP users_after[row.id][c] := row.f[c]; END LOOP;
		END LOOP;
	END LOOP;
END $$;
CREATE FUNCTION difference(a float8[], b float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT max(abs(u - v)) FROM unnest(a, b) AS t (u, v) $$;

-- Step by step: the extension's users after three iterations, and a fourth iteration in SQL, give the extension's fourth
-- iteration.
SELECT count(train(m, 3)) FROM models m;
CREATE TABLE third AS
SELECT m.name, i.* FROM models m JOIN (SELECT name, array_agg(f || b ORDER BY id) AS users FROM x GROUP BY name) AS t USING (name), LATERAL iterate(m, users,
    1) AS i;
SELECT count(train(m, 4)) FROM models m;
SELECT name, difference(users_after, (SELECT array_agg(f || b ORDER BY id) FROM x WHERE x.name = t.name)) < 1e-4 AS users,
             difference(items_after, (SELECT array_agg(f || b ORDER BY id) FROM y WHERE y.name = t.name)) < 1e-4 AS items
  FROM third t ORDER BY name;

-- From another start: with a regularization that leaves fewer dimensions than factors the minimum does not depend on the start
-- (a plain ridge on both sides is the nuclear norm of the product, which is convex), so both reach the same predictions of all
-- 30 pairs.
UPDATE models SET regularization = 1.5 WHERE name = 'ridge';
UPDATE models SET regularization = 0.5 WHERE name = 'weighted ridge';
UPDATE models SET regularization = 1.5 WHERE name = 'implicit';
REFRESH MATERIALIZED VIEW matrix;
SELECT count(train(m, 2000)) FROM models m WHERE name IN ('ridge', 'weighted ridge', 'implicit');
WITH elsewhere AS (
	SELECT m.name, factors, i.*
	  FROM models m,
	       LATERAL (SELECT array_agg(v ORDER BY u) AS start
	                  FROM (SELECT u, array_agg(CASE WHEN k > m.factors THEN 0 ELSE sin(3 * u + 7 * k) END ORDER BY k) AS v
	                          FROM generate_series(1, 6) u, generate_series(1, m.factors + 1) k GROUP BY u) AS s) AS s,
	       LATERAL iterate(m, start, 150) AS i
	 WHERE name IN ('ridge', 'weighted ridge', 'implicit'))
SELECT name, count(*) AS pairs,
       max(abs(x.b + y.b + dot(x.f, y.f) - users_after[x.id][factors + 1] - items_after[y.id][factors + 1] -
           (SELECT sum(users_after[x.id][k] * items_after[y.id][k]) FROM generate_series(1, factors) k))) < 1e-4 AS equal,
       max(abs(dot(x.f, y.f))) > 0.1 AS factors_matter
  FROM elsewhere JOIN x USING (name) JOIN y USING (name) GROUP BY name ORDER BY name;

-- ---- conjugate gradient and blocks converge to the exact solver's result

SELECT count(train(m, 200, 'cholesky')) FROM models m;
CREATE TABLE exact AS SELECT name, loss FROM trained;
SELECT count(train(m, 200, 'cg')) FROM models m;
SELECT name, e.loss > 0 AS positive, abs(t.loss / e.loss - 1) < 0.01 AS within_1_percent, abs(l.loss / t.loss - 1) < 1e-5 AS true_loss
  FROM trained t JOIN exact e USING (name) JOIN losses l USING (name) ORDER BY name;
SELECT count(train(m, 200, 'block')) FROM models m;
SELECT name, e.loss > 0 AS positive, abs(t.loss / e.loss - 1) < 0.01 AS within_1_percent, abs(l.loss / t.loss - 1) < 1e-5 AS true_loss
  FROM trained t JOIN exact e USING (name) JOIN losses l USING (name) ORDER BY name;

-- ---- a planted matrix

-- 200 users and 150 items of rank 3, with factors from md5 of mean 0 and standard deviation 1, of which 40 % are observed, without noise
CREATE FUNCTION draw(what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(what), 8))::bit(32)::bigint::bit(31)::int / 2147483648.0 $$;
CREATE TABLE planted AS
WITH u AS MATERIALIZED (SELECT id, sqrt(12) * (draw('u1' || id) - 0.5) AS f1, sqrt(12) * (draw('u2' || id) - 0.5) AS f2,
    sqrt(12) * (draw('u3' || id) - 0.5) AS f3 FROM generate_series(1, 200) AS id),
     i AS MATERIALIZED (SELECT id, sqrt(12) * (draw('i1' || id) - 0.5) AS f1, sqrt(12) * (draw('i2' || id) - 0.5) AS f2,
         sqrt(12) * (draw('i3' || id) - 0.5) AS f3 FROM generate_series(1, 150) AS id)
SELECT u.id AS user_id, i.id AS item_id, u.f1 * i.f1 + u.f2 * i.f2 + u.f3 * i.f3 AS rating, draw(u.id || ',' || i.id) < 0.4 AS observed FROM u, i;
CREATE VIEW observed AS SELECT user_id, item_id, rating FROM planted WHERE observed;
SELECT count(*) AS pairs, round(avg(observed::int), 2) AS observed, round(stddev(rating)::numeric, 1) AS deviation FROM planted;
-- recovered where it was not observed; in plain SQL, as rec.predict clips to the range of the ratings
CREATE FUNCTION rmse(opts jsonb) RETURNS TABLE (observed float8, unobserved float8) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('p', 'observed', options => opts);
	CALL rec.train('p');
	RETURN QUERY
		SELECT sqrt(avg((r.rating - m.mean - u.bias - i.bias - u.f1 * i.f1 - u.f2 * i.f2 - u.f3 * i.f3) ^ 2) FILTER (WHERE r.observed)),
		       sqrt(avg((r.rating - m.mean - u.bias - i.bias - u.f1 * i.f1 - u.f2 * i.f2 - u.f3 * i.f3) ^ 2) FILTER (WHERE NOT r.observed))
		  FROM planted r
		  JOIN (SELECT user_id, bias, factors[1] AS f1, factors[2] AS f2, factors[3] AS f3 FROM p_users) AS u USING (user_id)
		  JOIN (SELECT item_id, bias, factors[1] AS f1, factors[2] AS f2, factors[3] AS f3 FROM p) AS i USING (item_id)
		  JOIN rec.model m ON m.model = 'p'::regclass;
	DROP TABLE p;
END $$;
SELECT solver, r.observed < 0.01 AS observed, r.unobserved < 0.01 AS unobserved
  FROM (VALUES ('cholesky'), ('cg'), ('block')) AS v (solver),
       LATERAL rmse(jsonb_build_object('feedback', 'explicit', 'factors', 3, 'iterations', 100, 'regularization', 0.001, 'regularization_scaling', 0,
                                       'tolerance', 0, 'seed', 1, 'solver', solver)) AS r
 ORDER BY solver;
-- and by the extension's own predictions, within the range of the observed ratings
SELECT rec.create_model('p', 'observed', options => '{"feedback": "explicit", "factors": 3, "iterations": 100, "regularization": 0.001,
    "regularization_scaling": 0, "tolerance": 0, "seed": 1}');
CALL rec.train('p');
SELECT sqrt(avg((rec.predict('p', user_id, item_id) - least(greatest(rating, minimum), maximum)) ^ 2)) < 0.01 AS predicted
  FROM planted, rec.model m WHERE m.model = 'p'::regclass AND NOT observed;

SET client_min_messages = warning;
DROP SCHEMA als_reference CASCADE;
SELECT count(*) AS models FROM rec.model;
