-- rec.predict: a single score in an expression, for calls in every row of a query.

CREATE SCHEMA predict;
SET search_path = predict;
\set SHOW_CONTEXT never

-- 30 users and 20 items, ids 101 to 120; half of the pairs have a rating from 1 to 5, which md5 chooses
CREATE TABLE ratings (user_id int, item_id int, rating int, PRIMARY KEY (user_id, item_id));
CREATE FUNCTION pg_temp.draw(what text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(what), 7))::bit(28)::int $$;
INSERT INTO ratings SELECT u, i, 1 + pg_temp.draw(u || 'r' || i) % 5 FROM generate_series(1, 30) u, generate_series(101, 120) i
    WHERE pg_temp.draw(u || ',' || i) % 2 = 0;
CREATE VIEW events AS SELECT user_id, item_id FROM ratings WHERE rating > 2;
SELECT rec.create_model('movies', 'ratings', options => '{"feedback": "explicit", "factors": 4, "iterations": 10, "regularization": 1,
    "regularization_scaling": 0.5, "tolerance": 0, "seed": 1}');
SELECT rec.create_model('clicks', 'events', options => '{"factors": 4, "iterations": 10, "regularization": 1, "regularization_scaling": 0.5, "alpha": 2,
    "tolerance": 0, "seed": 1}');
CALL rec.train('movies');
CALL rec.train('clicks');
SELECT pg_typeof(rec.predict('movies', 1, 101));

-- ---- unknown ids

-- an item that the model does not know: the mean and the user's bias; with implicit feedback no score
SELECT abs(rec.predict('movies', 1, 999) - (m.mean + u.bias)) < 1e-5 AS movies, rec.predict('clicks', 1, 999) AS clicks
  FROM rec.model m, movies_users u WHERE m.model = 'movies'::regclass AND u.user_id = 1;
-- a user without ratings: the mean and the item's bias; the share of users who have the item
SELECT abs(rec.predict('movies', 1000, 101) - (m.mean + i.bias)) < 1e-5 AS movies FROM rec.model m, movies i WHERE m.model = 'movies'::regclass
    AND i.item_id = 101;
SELECT abs(rec.predict('clicks', 1000, 101) - i.n_ratings / m.users::float8) < 1e-6 AS clicks FROM rec.model m, clicks i WHERE m.model = 'clicks'::regclass
    AND i.item_id = 101;
-- neither: the mean; no score
SELECT abs(rec.predict('movies', 1000, 999) - mean) < 1e-6 AS movies, rec.predict('clicks', 1000, 999) AS clicks FROM rec.model
    WHERE model = 'movies'::regclass;
-- NULL
SELECT rec.predict(NULL, 1, 101) AS model, rec.predict('movies', NULL::int, 101) AS "user", rec.predict('movies', 1, NULL) AS item;
-- over rows with known ids, unknown ids and NULLs, in any order
CREATE TABLE asked (n serial, u int, i int);
INSERT INTO asked (u, i) SELECT u, i FROM (VALUES (1), (2), (NULL), (1000), (1)) AS a (u), (VALUES (101), (NULL), (999), (120)) AS b (i)
    ORDER BY md5(u || ',' || i);
SELECT count(*) AS rows, count(p) AS predictions, count(*) FILTER (WHERE u IS NULL OR i IS NULL) AS with_null, bool_and(p BETWEEN 1 AND 5) AS in_range,
       count(DISTINCT p) = count(DISTINCT (u, i)) FILTER (WHERE p IS NOT NULL) AS one_for_each
  FROM (SELECT *, rec.predict('movies', u, i) AS p FROM asked) AS a;

-- ---- clipping to the range of the ratings

-- of ratings 1 and 5 alone, with little regularization, the formula exceeds the range for some pairs; no prediction does
CREATE VIEW extremes AS SELECT user_id, item_id, CASE WHEN rating > 2 THEN 5 ELSE 1 END AS rating FROM ratings;
SELECT rec.create_model('sharp', 'extremes', options => '{"feedback": "explicit", "factors": 8, "iterations": 30, "regularization": 0.01,
    "regularization_scaling": 0, "tolerance": 0, "seed": 1}');
CALL rec.train('sharp');
SELECT bool_or(formula > 5.1) AS above, bool_or(formula < 0.9) AS below, min(p) AS lowest, max(p) AS highest, bool_and(abs(p - least(greatest(formula, 1),
    5)) < 1e-3) AS otherwise_equal
  FROM (SELECT rec.predict('sharp', user_id, item_id) AS p, m.mean + u.bias + i.bias + (SELECT sum(x * y) FROM unnest(u.factors, i.factors) AS f (x,
      y)) AS formula
          FROM sharp_users u, sharp i, rec.model m WHERE m.model = 'sharp'::regclass) AS s;
-- with the option clip set to false no function clips; the error is then that of the formula
SELECT rec.create_model('free', 'extremes', options => '{"clip": false, "feedback": "explicit", "factors": 8, "iterations": 30, "regularization": 0.01,
    "regularization_scaling": 0, "tolerance": 0, "seed": 1}');
CALL rec.train('free');
SELECT min(p) < 0.9 AS below, max(p) > 5.1 AS above, bool_and(abs(p - formula) < 1e-3) AS the_formula, bool_and(rec.predict('sharp', user_id,
    item_id) = least(greatest(p, 1), 5)) AS otherwise_equal
  FROM (SELECT user_id, item_id, rec.predict('free', user_id, item_id) AS p, m.mean + u.bias + i.bias + (SELECT sum(x * y) FROM unnest(u.factors,
      i.factors) AS f (x, y)) AS formula
          FROM free_users u, free i, rec.model m WHERE m.model = 'free'::regclass) AS s;
SELECT bool_and(score = rec.predict('free', u, item_id)) AS recommend, max(score) > 5.1 AS above FROM generate_series(1, 40) u, LATERAL rec.recommend('free',
    u, n => 100, exclude_seen => false);
CALL rec.recommend_all('free', 'everybody', 100);
SELECT bool_and(score = rec.predict('free', user_id, item_id)) AS recommend_all, min(score) < 0.9 AS below FROM everybody;
DROP TABLE everybody;
SELECT a.value < b.value AS clipped_errs_less FROM rec.evaluate('sharp', 'random') a JOIN rec.evaluate('free', 'random') b USING (metric) WHERE metric = 'rmse';
-- items that share the highest score are ordered by the unclipped score, the same in every list
SELECT count(*) > 1 AS several FROM rec.recommend('sharp', 1, n => 100, exclude_seen => false) WHERE score = 5;
SELECT (SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('sharp', 1, n => 100, exclude_seen => false)) =
       (SELECT array_agg(item_id ORDER BY (SELECT sum(x * y) FROM unnest(u.factors, i.factors) AS f (x, y)) + i.bias DESC)
          FROM sharp_users u, sharp i WHERE user_id = 1) AS by_formula;

-- ---- new ratings count at once, within the rules of snapshots

-- the next statement sees a new rating, and so does a loop that inserts: for user 40 the first prediction is that of an unknown
-- user, the later ones are not, and differ
DO $$
DECLARE
	p real[];
BEGIN
	FOR i IN 101 .. 104 LOOP
		p := p || rec.predict('movies', 40, 110);
		INSERT INTO ratings VALUES (40, i, 5);
	END LOOP;
	RAISE NOTICE 'first is of nobody: %, different: %', p[1] = rec.predict('movies', 1000, 110), (SELECT count(DISTINCT v) FROM unnest(p) AS v);
END $$;
-- the same with the query in a function, whose plan is cached
CREATE FUNCTION pg_temp.score(u int, i int) RETURNS real LANGUAGE plpgsql AS $$ BEGIN RETURN rec.predict('movies', u, i); END $$;
SELECT pg_temp.score(40, 110) AS before \gset
INSERT INTO ratings VALUES (40, 105, 1);
SELECT pg_temp.score(40, 110) <> :before::real AS changed, pg_temp.score(40, 110) = rec.predict('movies', 40, 110) AS same;
-- a statement that inserts does not see its own rows: all predictions are from the rows before it
CREATE TABLE log (i int, p real);
WITH new AS (INSERT INTO ratings SELECT 41, i, 5 FROM generate_series(101, 105) i RETURNING item_id)
INSERT INTO log SELECT item_id, rec.predict('movies', 41, 110) FROM new;
SELECT count(*) AS rows, count(DISTINCT p) AS values, bool_and(p = rec.predict('movies', 1000, 110)) AS of_nobody, bool_and(p <> rec.predict('movies', 41,
    110)) AS now_others FROM log;
-- a volatile function in one statement sees its own inserts
CREATE FUNCTION pg_temp.rate(u int, i int) RETURNS real LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ratings VALUES (u, i, 5);
	RETURN rec.predict('movies', u, 110);
END $$;
SELECT count(DISTINCT p) AS values, count(*) AS rows FROM (SELECT pg_temp.rate(42, i) AS p FROM generate_series(101, 104) AS i) AS s;
-- as does a trigger
CREATE TABLE hints (u int, p real);
CREATE FUNCTION hint() RETURNS trigger LANGUAGE plpgsql SET search_path = predict AS $$ BEGIN INSERT INTO hints VALUES (NEW.user_id, rec.predict('movies',
    NEW.user_id, 110)); RETURN NULL; END $$;
CREATE TRIGGER hint AFTER INSERT ON ratings FOR EACH ROW EXECUTE FUNCTION hint();
INSERT INTO ratings VALUES (43, 101, 5);
INSERT INTO ratings VALUES (43, 102, 1);
SELECT count(DISTINCT p) AS values, bool_or(p = rec.predict('movies', 43, 110)) AS last_is_current FROM hints;
DROP TRIGGER hint ON ratings;
-- a failed insert has no effect
DO $$
DECLARE
	p real[];
BEGIN
	FOR i IN 101 .. 103 LOOP
		p := p || rec.predict('movies', 44, 110);
		BEGIN
			INSERT INTO ratings VALUES (44, i, 5);
			RAISE division_by_zero;
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
	END LOOP;
	RAISE NOTICE 'different: %', (SELECT count(DISTINCT v) FROM unnest(p) AS v);
END $$;
-- after rolling back to a savepoint, the rating is gone
BEGIN;
SELECT rec.predict('movies', 44, 110) AS nobody \gset
SAVEPOINT s;
INSERT INTO ratings VALUES (44, 101, 5);
SELECT rec.predict('movies', 44, 110) <> :nobody::real AS changed;
ROLLBACK TO s;
SELECT rec.predict('movies', 44, 110) = :nobody::real AS as_before;
COMMIT;
-- a cursor keeps the snapshot with which it was opened, while other statements see the present rows
BEGIN;
DECLARE c CURSOR FOR SELECT rec.predict('movies', 45, i) FROM (VALUES (110), (110)) AS v (i);
FETCH c \gset first_
INSERT INTO ratings VALUES (45, 101, 5);
SELECT rec.predict('movies', 45, 110) <> :first_predict::real AS changed;
FETCH c \gset second_
SELECT :first_predict::real = :second_predict::real AS as_before;
COMMIT;
-- a training in between is noticed by the next statement
SELECT rec.predict('movies', 1, 101) AS before \gset
PREPARE ask AS SELECT rec.predict('movies', 1, 101);
EXECUTE ask \gset now_
SELECT :now_predict::real = :before::real AS same;
DELETE FROM ratings WHERE user_id = 2;
CALL rec.train('movies');
EXECUTE ask \gset now_
SELECT :now_predict::real <> :before::real AS changed, :now_predict::real = (SELECT score FROM rec.recommend('movies', 1, candidates => ARRAY[101],
    exclude_seen => false)) AS same;

-- ---- places of a call in a query

CREATE VIEW best AS SELECT user_id, item_id, rec.predict('movies', user_id, item_id) AS score FROM generate_series(1, 5) AS user_id, generate_series(101,
    120) AS item_id;
SELECT count(*) AS pairs, count(*) FILTER (WHERE score <> (SELECT score FROM rec.recommend('movies', b.user_id, candidates => ARRAY[b.item_id],
    exclude_seen => false))) AS different FROM best b;
SELECT item_id = (SELECT r.item_id FROM rec.recommend('movies', 3, n => 1, exclude_seen => false) r) AS best FROM best WHERE user_id = 3 ORDER BY score DESC,
    item_id LIMIT 1;
SELECT count(*) > 0 AS some FROM generate_series(101, 120) AS i WHERE rec.predict('movies', 1, i) > 3;
SELECT count(*) AS rows FROM (SELECT user_id, avg(rec.predict('movies', user_id, item_id)) FROM best GROUP BY user_id HAVING max(rec.predict('movies',
    user_id, item_id)) > 1) AS g;
SELECT count(*) FROM generate_series(101, 120) AS i WHERE CASE WHEN i > 110 THEN rec.predict('movies', 1, i) END > 0;
-- the model from a column
SELECT count(DISTINCT rec.predict(m, 1, 101)) AS models FROM unnest(ARRAY['movies', 'clicks', 'movies']::regclass[]) AS m;
-- ids of several types in one statement, each in its own call
SELECT rec.predict('movies', 1, 101) = ALL (ARRAY[rec.predict('movies', '1', '101'), rec.predict('movies', 1::bigint, 101::smallint), rec.predict('movies',
    '1'::text, 101::numeric)]) AS equal;
-- the function is not called in workers of a parallel plan
SELECT proparallel, provolatile, proisstrict FROM pg_proc WHERE oid = 'rec.predict(regclass, "any", "any")'::regprocedure;

-- ---- errors

SELECT rec.predict('movies', 'x', 101); \echo :SQLSTATE
SELECT rec.predict('movies', 1, 'x'); \echo :SQLSTATE
SELECT rec.predict('movies', 3000000000, 101); \echo :SQLSTATE
SELECT rec.predict('movies', 1.5, 101); \echo :SQLSTATE
SELECT rec.predict('ratings', 1, 101); \echo :SQLSTATE

SET client_min_messages = warning;
DROP SCHEMA predict CASCADE;
