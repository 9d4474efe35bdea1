-- Factorisation machines: what their tables hold is the published equation, by hand and in SQL. test/unit/fm_test.c has the
-- gradient of the loss.
CREATE SCHEMA fm;
SET search_path = fm, public;
SET client_min_messages = warning;

-- ---- without factors and attributes a linear regression. With ratings 5 3 / 3 1, mean 3, and regularization 2, the users have
-- the biases a and -a, and the items b and -b: of user 1, (2 - a - b) + (0 - a + b) = 2 a, so a = 1/2, and so is b
CREATE TABLE ratings (user_id int, item_id int, rating real);
INSERT INTO ratings VALUES (1, 1, 5), (1, 2, 3), (2, 1, 3), (2, 2, 1);
SELECT rec.create_model('m', 'ratings', 'fm', '{"factors": 0, "regularization": 2, "tolerance": 0, "iterations": 100, "clip": false}');
CALL rec.train('m');
SELECT item_id, round(bias::numeric, 4) AS bias FROM m ORDER BY item_id;
SELECT user_id, round(bias::numeric, 4) AS bias FROM m_users ORDER BY user_id;
SELECT u, i, round(rec.predict('m', u, i)::numeric, 4) AS score FROM generate_series(1, 3) u, generate_series(1, 2) i ORDER BY u, i;
-- items are ranked by what the regression says of them, and have nothing else to be alike in
SELECT item_id, round(score::numeric, 4) AS score, personal FROM rec.recommend('m', 1, exclude_seen => false) ORDER BY rank;
SELECT count(*) FROM rec.similar_items('m', 1);
SELECT count(*) FROM rec.similar_users('m', 1);
SELECT user_id, round(score::numeric, 4) AS score FROM rec.recommend_users('m', 1, exclude_seen => false) ORDER BY rank;
DROP TABLE m;

-- ---- and of events a logistic regression. Everybody has item 1, and half of the users each of the others: the odds are 1 : 1,
-- whatever missing events count
CREATE TABLE events (user_id int, item_id int);
INSERT INTO events VALUES (1, 1), (1, 2), (1, 4), (2, 1), (2, 3), (2, 5), (3, 1), (3, 2), (3, 5), (4, 1), (4, 3), (4, 4);
SELECT rec.create_model('m', 'events', 'fm', '{"factors": 0, "regularization": 0.0001, "tolerance": 0, "iterations": 300, "negatives": 0.5}');
CALL rec.train('m');
SELECT item_id, round(rec.predict('m', 1, item_id)::numeric, 2) + 0 AS score FROM generate_series(2, 5) item_id ORDER BY 1;
SELECT rec.predict('m', 1, 1) > 4 AS "nearly sure";
SELECT rec.alter_model('m', options => '{"factors": 0, "regularization": 0.0001, "tolerance": 0, "iterations": 300, "negatives": 1000}');
CALL rec.train('m');
SELECT item_id, round(rec.predict('m', 1, item_id)::numeric, 2) + 0 AS score FROM generate_series(2, 5) item_id ORDER BY 1;
DROP TABLE m;

-- ---- attributes: a row of the items' table is the equation's constants of the item. Items 31 to 33 have no rating: they are
-- nothing but their features
CREATE TABLE taste AS
	SELECT u AS user_id, i AS item_id, (3 + CASE WHEN (u + i) % 3 = 0 THEN 1.5 ELSE -0.5 END + (u * 7 + i * 3) % 4 * 0.25)::real AS rating
	  FROM generate_series(1, 60) u, generate_series(1, 30) i WHERE (u * 13 + i * 7 + u * i) % 4 < 2;
CREATE VIEW bought AS SELECT user_id, item_id FROM taste WHERE rating > 4;
CREATE TABLE attributes AS SELECT i AS item_id, chr(97 + i % 3) AS kind, i % 5 AS size FROM generate_series(1, 33) i;

-- How far the tables of a model are from the equation, for items that nobody has rated: with s = sum x v, the bias is
-- sum x w + (|s|^2 - sum x^2 |v|^2) / 2, and the factors are s
CREATE FUNCTION difference(model text) RETURNS TABLE (bias numeric, factors numeric) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH x AS (
			SELECT item_id, f.feature, CASE WHEN f.feature = 'size' THEN (greatest(f.low, least(f.high, size)) - f.mean) * f.scale ELSE 1 END AS x,
				   f.bias, f.factors
			  FROM attributes a JOIN %1$I_features f ON f.feature = 'size' OR f.feature = 'kind=' || a.kind WHERE item_id > 30),
		s AS (SELECT item_id, d, sum(x * v) AS s, sum(x * x * v * v) AS squares FROM x, unnest(factors) WITH ORDINALITY u (v, d) GROUP BY 1, 2),
		expected AS (
			SELECT item_id, (SELECT sum(x.x * x.bias) FROM x WHERE x.item_id = s.item_id) + sum(s * s - squares) / 2 AS bias, array_agg(s ORDER BY d) AS factors
			  FROM s GROUP BY item_id)
		SELECT round(max(abs(m.bias - e.bias))::numeric, 4), round(max(abs(v - w))::numeric, 4)
		  FROM expected e JOIN %1$I m USING (item_id), unnest(m.factors, e.factors) f (v, w)$sql$, model);
END $$;
SELECT rec.create_model(m, s::regclass, 'fm', '{"factors": 4}', items => 'attributes') FROM (VALUES ('rated', 'taste'), ('taken', 'bought')) v (m, s);
CALL rec.train('rated');
CALL rec.train('taken');
SELECT (SELECT count(*) FROM rated) AS items, d.* FROM difference('rated') d;
SELECT (SELECT count(*) FROM taken) AS items, d.* FROM difference('taken') d;
-- each of these suits a third of the users
SELECT m, min(score) FILTER (WHERE (u + i) % 3 = 0) > max(score) FILTER (WHERE (u + i) % 3 <> 0) AS "each suits some"
  FROM (VALUES ('rated'), ('taken')) v (m), generate_series(1, 60) u, generate_series(31, 33) i,
	LATERAL rec.predict(m::regclass, u, i) score
 GROUP BY m ORDER BY m;

-- the users are what folding in gives; an event a moment old changes the list
SELECT m, count(*) AS users, count(*) FILTER (WHERE u.score IS DISTINCT FROM rec.predict(m::regclass, u.user_id, 31)) AS different
  FROM (VALUES ('rated'), ('taken')) v (m), LATERAL rec.recommend_users(m::regclass, 31, 100) u GROUP BY m ORDER BY m;
BEGIN;
SELECT rec.predict('taken', 1, 31) AS before \gset
INSERT INTO taste VALUES (1, 28, 5);
SELECT rec.predict('taken', 1, 31) <> :before AS changed;
ROLLBACK;

-- with the same rows a training changes nothing, with attributes too
CREATE TABLE items_before AS TABLE taken;
CREATE TABLE features_before AS TABLE taken_features;
CALL rec.train('taken');
SELECT count(*) AS items, count(*) FILTER (WHERE a::text <> b::text) AS changed FROM taken a JOIN items_before b USING (item_id);
SELECT count(*) AS features, count(*) FILTER (WHERE a::text <> b::text) AS changed FROM taken_features a JOIN features_before b USING (feature);
-- scores of events are logarithms of odds, those of ratings are not
SELECT m, count(*) FILTER (WHERE metric = 'cross_entropy') AS cross_entropy, count(*) FILTER (WHERE metric = 'rmse') AS rmse
  FROM (VALUES ('rated'), ('taken')) v (m), LATERAL rec.evaluate(m::regclass, 'random') GROUP BY m ORDER BY m;

-- ---- without attributes and with ratings, als
SELECT rec.create_model('a', 'taste', 'als', '{"factors": 3}'), rec.create_model('f', 'taste', 'fm', '{"factors": 3}');
CALL rec.train('a');
CALL rec.train('f');
SELECT max(abs(rec.predict('a', u, i) - rec.predict('f', u, i))) < 0.001 AS same FROM generate_series(1, 60) u, generate_series(1, 30) i;

-- ---- options
SELECT rec.create_model('bad', 'taste', 'fm', '{"negatives": 0}');
SELECT rec.create_model('bad', 'taste', 'fm', '{"factors": -1}');

DROP SCHEMA fm CASCADE;
