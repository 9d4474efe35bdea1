-- rec.explore: lists that are drawn at random, with their propensities.

SET client_min_messages = warning;
CREATE SCHEMA explored;
SET search_path = explored;
\set SHOW_CONTEXT never

-- 80 users and 300 items, the popular ones first; item 300 is of one user
CREATE TABLE rated AS
SELECT u AS user_id, i AS item_id, (1 + (u * 7 + i * 3) % 5)::real AS rating
FROM generate_series(1, 80) u, generate_series(1, 300) i
WHERE (u * 31 + i * 17) % (3 + i / 10) = 0;
INSERT INTO rated VALUES (80, 300, 4);
CREATE INDEX ON rated (user_id);
SELECT rec.create_model('films', 'rated', 'als', '{"factors": 6}', rating_column => 'rating');
SELECT rec.create_model('machine', 'rated', 'fm', '{"factors": 6}', rating_column => 'rating');
CALL rec.train('films');
CALL rec.train('machine');

-- a seed gives a list; without one, setseed() does
CREATE FUNCTION drawn(model regclass, user_id int, seed bigint, n int = 10, method text = 'softmax') RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT string_agg(item_id || ':' || propensity, ' ' ORDER BY rank) FROM rec.explore(model, user_id, n, seed => seed, method => method) $$;
SELECT m AS method, drawn('films', 7, 1, method => m) = drawn('films', 7, 1, method => m) AS same,
	(SELECT count(DISTINCT drawn('films', 7, s, method => m)) FROM generate_series(1, 20) s) AS lists
FROM unnest('{softmax,thompson}'::text[]) m;
SELECT setseed(0.5);
CREATE TEMP TABLE once AS SELECT drawn('films', 7, NULL) AS list;
SELECT drawn('films', 7, NULL) = list AS next_is_the_same FROM once;
SELECT setseed(0.5);
SELECT drawn('films', 7, NULL) = list AS same FROM once;
SELECT count(DISTINCT drawn('films', 7, s)) FROM unnest('{-9223372036854775808,-1,0,1,9223372036854775807}'::bigint[]) s;

-- a shorter list is the beginning of a longer one
SELECT m AS method, position(drawn('films', 7, 3, 4, m) IN drawn('films', 7, 3, 30, m)) = 1 AS begins
FROM unnest('{softmax,thompson}'::text[]) m;

-- without exploration it is the list of rec.recommend
SELECT m AS method, count(*), bool_and(e.propensity = 1 AND (e.rank, e.item_id, e.score) = (r.rank, r.item_id, r.score))
FROM unnest('{softmax,thompson}'::text[]) m,
	LATERAL rec.explore('films', 7, 50, method => m, exploration => 0) e JOIN rec.recommend('films', 7, 50) r USING (rank)
GROUP BY m ORDER BY m;

-- scores are those of rec.recommend, and not what was drawn; an item is there once
SELECT count(*), count(DISTINCT item_id), bool_and(e.score = rec.predict('films', 7, e.item_id)), bool_and(propensity > 0 AND propensity <= 1)
FROM rec.explore('films', 7, 100, seed => 4) e;

-- the best 200 are explored; what comes after them is in its order
SELECT m AS method, bool_and((e.rank <= 200) = (r.rank <= 200)) AS best, bool_and(e.rank = r.rank) FILTER (WHERE r.rank > 200) AS rest,
	bool_and(propensity = 1) FILTER (WHERE r.rank > 200) AS certain, count(*) FILTER (WHERE r.rank > 200) > 20 AS some,
	bool_or(e.rank <> r.rank) AS moved
FROM unnest('{softmax,thompson}'::text[]) m,
	LATERAL rec.explore('films', 7, 1000, seed => 5, method => m) e JOIN rec.recommend('films', 7, 1000) r USING (item_id)
GROUP BY m ORDER BY m;

-- Softmax: of four candidates, the probability of each given those above it, as the scores give it. The temperature is half their standard
-- deviation.
WITH e AS (SELECT * FROM rec.explore('films', 7, 4, false, '{11,12,13,14}', exploration => 0.5, seed => 6)),
	w AS (SELECT rank, propensity, exp(score / (0.5 * stddev_pop(score) OVER ())) AS weight FROM e)
SELECT count(*), max(abs(propensity - weight / (SELECT sum(weight) FROM w AS left_over WHERE left_over.rank >= w.rank))) < 1e-5 AS exact FROM w;

-- over many seeds, items are at the first two ranks as often as propensities say (within five standard errors)
CREATE TEMP TABLE many AS
SELECT m AS method, s AS seed, e.* FROM unnest('{softmax,thompson}'::text[]) m, generate_series(1, 2000) s,
	LATERAL rec.explore('films', 7, 3, false, '{11,12,13}', seed => s, method => m) e;
SELECT method, count(*) AS lists, bool_and(abs(n / 2000.0 - p) < 5 * sqrt(p * (1 - p) / 2000)) AS as_said
FROM (SELECT method, item_id, count(*) AS n, avg(propensity) AS p FROM many WHERE rank = 1 GROUP BY 1, 2) x GROUP BY 1 ORDER BY 1;
SELECT method, round(sum(p)::numeric, 2) AS sum FROM (SELECT method, item_id, avg(propensity) AS p FROM many WHERE rank = 1 GROUP BY 1, 2) x
GROUP BY 1 ORDER BY 1;
-- softmax: a pair's probability is the product of its propensities; Thompson: a propensity is of a rank, whatever is above it
SELECT bool_and(abs(n / 2000.0 - p) < 5 * sqrt(p * (1 - p) / 2000)) AS pairs, count(*) FROM (
	SELECT a.item_id, b.item_id, count(*) AS n, avg(a.propensity * b.propensity) AS p
	FROM many a JOIN many b USING (method, seed) WHERE method = 'softmax' AND a.rank = 1 AND b.rank = 2 GROUP BY 1, 2) x;
SELECT rank, round(sum(p)::numeric, 2) AS sum FROM (SELECT rank, item_id, avg(propensity) AS p FROM many WHERE method = 'thompson' GROUP BY 1, 2) x
GROUP BY 1 ORDER BY 1;
-- of 1,000 draws and three items: (k + 1) / 1003
SELECT bool_and(abs(propensity * 1003 - round(propensity * 1003)) < 1e-6) AS counts FROM many WHERE method = 'thompson';

-- one candidate is certain, and none gives no list
SELECT m AS method, item_id, propensity FROM unnest('{softmax,thompson}'::text[]) m, rec.explore('films', 7, 3, false, '{11}', method => m)
ORDER BY method;
SELECT * FROM rec.explore('films', 7, candidates => '{}');

-- als and fm have the same model of ratings without attributes, and so the same uncertainty
SELECT count(*), bool_and(f.errors[1] / m.errors[1] BETWEEN 0.99 AND 1.01), max(abs(f.variances[i] / m.variances[i] - 1)) < 0.01 AS same
FROM films f JOIN machine m USING (item_id), generate_subscripts(f.variances, 1) i;
-- an item of one rating is less certain than one of many, in every factor
SELECT bool_and(few.variances[i] > many.variances[i]) FROM films few, films many, generate_series(1, 7) i
WHERE few.n_ratings <= 2 AND many.n_ratings > 20;

-- seen and excluded items, candidates that are new, users who are new
SELECT count(*) FROM rec.explore('films', 7, 1000) JOIN rated USING (item_id) WHERE user_id = 7;
SELECT count(*) FROM rec.explore('films', 7, 1000, exclude_seen => false) JOIN rated USING (item_id) WHERE user_id = 7
HAVING count(*) = (SELECT count(*) FROM rated WHERE user_id = 7);
SELECT array_agg(item_id ORDER BY item_id) FROM rec.explore('films', 7, 10, false, '{11,12,13,900}', '{12,901}');
SELECT rank, item_id, propensity FROM rec.explore('films', 7, 10, false, '{900,11,901}', seed => 1) WHERE item_id >= 900;
SELECT m AS method, bool_and((e.item_id, e.score, e.propensity) = (r.item_id, r.score, 1)), count(*)
FROM unnest('{softmax,thompson}'::text[]) m, LATERAL rec.explore('films', 999, 20, method => m) e JOIN rec.recommend('films', 999, 20) r USING (rank)
GROUP BY m ORDER BY m;
-- what is not ranked by scores comes after what is: with two neighbours of each item, two ratings speak for few others
INSERT INTO rated VALUES (81, 5, 3), (81, 6, 4);
SELECT rec.create_model('near', 'rated', 'item_knn', '{"neighbors": 2}', rating_column => 'rating');
CALL rec.train('near');
SELECT bool_and(e.propensity = 1 AND e.rank = r.rank) FILTER (WHERE NOT personal) AS filled, count(*) FILTER (WHERE NOT personal) > 100 AS some,
	bool_or(e.propensity < 1) FILTER (WHERE personal) AS drawn
FROM rec.explore('near', 81, 300, seed => 3) e JOIN rec.recommend('near', 81, 300) r USING (item_id);

-- every algorithm has scores; few say how uncertain they are
SELECT rec.create_model('known', 'rated', 'popular');
CALL rec.train('known');
SELECT count(*), bool_and(propensity < 1) FROM rec.explore('known', 999, 5, seed => 1);
SELECT * FROM rec.explore('known', 999, method => 'thompson');

-- a table of an earlier version has no variances
ALTER TABLE films RENAME COLUMN variances TO kept;
SELECT * FROM rec.explore('films', 7, method => 'thompson');
SELECT count(*) FROM rec.explore('films', 7, method => 'softmax');
SELECT count(*) FROM rec.explore('films', 999, method => 'thompson');
CALL rec.train('films');
SELECT count(*) FROM rec.explore('films', 7, method => 'thompson');
-- what is written by hand is read anew when the table is another file
CREATE FUNCTION spoilt(change text, candidates int[], exploration float8 = 1) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'UPDATE films SET ' || change || ' WHERE item_id = 1';
	CLUSTER films USING films_pkey;
	RETURN QUERY SELECT item_id FROM rec.explore('films', 7, 10, false, candidates, method => 'thompson', exploration => spoilt.exploration) e;
END $$;
SELECT count(*) FROM spoilt('variances = NULL', '{2,3}');
SELECT count(*) FROM spoilt('variances = NULL', '{1,2,3}');
SELECT count(*) FROM spoilt('variances = ''{1,NaN,1,1,1,1,1}''', '{1,2,3}');
SELECT count(*) FROM spoilt('variances = ''{1,1}''', '{1,2,3}');
SELECT count(*) FROM spoilt('variances = ''{-1,3e38,3e38,1e38,1e38,1e38,3e38}''', '{1,2,3}', 1000000);
SELECT count(*) FROM spoilt('errors = ''{-1,-1,-1}''', '{1,2,3}');
SELECT count(*) FROM spoilt('errors = ''{3e38,3e38,3e38}''', '{1,2,3}', 1000000);
CALL rec.train('films');

-- events, attributes and contexts
CREATE TABLE film AS SELECT i AS item_id, chr(65 + i % 4) AS kind FROM generate_series(1, 400) i;
CREATE TABLE watched AS SELECT user_id, item_id, chr(97 + user_id % 2) AS device FROM rated
UNION ALL SELECT u, 1 + u % 3, 'a' FROM generate_series(100, 500) u;
CREATE INDEX ON watched (user_id);
ALTER TABLE film ADD PRIMARY KEY (item_id);
SELECT rec.create_model('events', 'watched', 'als', '{"factors": 6, "min_count": 1}', items => 'film');
SELECT rec.create_model('clicks', 'watched', 'fm', '{"factors": 6, "min_count": 1}', items => 'film', context_columns => '{device}');
CALL rec.train('events');
CALL rec.train('clicks');
-- A film of no event is less certain than one of at least 100, in every factor. Film 350 is in the model, film 401 came after the training.
INSERT INTO film VALUES (401, 'A');
CREATE FUNCTION wider(model text) RETURNS TABLE (events bool, films bigint, wider bool) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT many.n_ratings >= 100, count(*), bool_and(few.variances[i] > many.variances[i])
	FROM %1$I few, %1$I many, generate_subscripts(few.variances, 1) i WHERE few.item_id = 350 AND many.n_ratings >= 100 AND few.variances[i] > 0 GROUP BY 1',
		model);
END $$;
SELECT m AS model, (wider(m)).* FROM unnest('{events,clicks}'::text[]) m;
-- So with so much exploration that scores do not matter, the two new ones are first more often than the two of many events.
SELECT sum(p) FILTER (WHERE item_id > 3) > 0.54 AS more_often, round(sum(p)::numeric, 1) AS sum
FROM (SELECT item_id, avg(propensity) AS p FROM generate_series(1, 200) s,
	LATERAL rec.explore('events', 7, 1, false, '{1,2,350,401}', method => 'thompson', exploration => 1000000, seed => s) GROUP BY 1) x;
SELECT count(DISTINCT (SELECT string_agg(item_id || ':' || score, ' ' ORDER BY rank) FROM rec.explore('clicks', 7, context => c, seed => 1, method => m)))
FROM unnest('{softmax,thompson}'::text[]) m, unnest('{NULL,"{\"device\": \"a\"}","{\"device\": \"b\"}"}'::jsonb[]) c;
SELECT * FROM rec.explore('clicks', 7, context => '{"colour": 1}');

-- ids of other types
CREATE TABLE named AS SELECT 'u' || user_id AS user_id, 'i' || item_id AS item_id, rating FROM rated;
CREATE INDEX ON named (user_id);
SELECT rec.create_model('names', 'named', 'als', '{"factors": 6}', rating_column => 'rating');
CALL rec.train('names');
SELECT count(*), bool_and(item_id LIKE 'i%'), pg_typeof(min(item_id)) FROM rec.explore('names', 'u7', method => 'thompson', seed => 1);
SELECT count(*), pg_typeof(min(item_id)) FROM rec.explore('films', '7');
SELECT count(*), pg_typeof(min(item_id)) FROM rec.explore('films', 7::smallint);
SELECT count(*), pg_typeof(min(item_id)) FROM rec.explore('films', 7::bigint, candidates => '{1,2,3}'::text[], exclude => ARRAY[1]);

-- arguments that make no sense
SELECT * FROM rec.explore('films', 7, 0);
SELECT * FROM rec.explore('films', 7, -1);
SELECT count(*) FROM rec.explore('films', 7, 2147483647);
SELECT * FROM rec.explore('films', 7, exploration => -0.1);
SELECT * FROM rec.explore('films', 7, exploration => 'NaN');
SELECT * FROM rec.explore('films', 7, exploration => 'Infinity');
SELECT * FROM rec.explore('films', 7, exploration => 1000001);
SELECT count(*) FROM rec.explore('films', 7, exploration => 1e-300) a, rec.explore('films', 7, method => 'thompson', exploration => 1e-300) b;
SELECT * FROM rec.explore('films', 7, method => 'greedy');
SELECT * FROM rec.explore('films', 7, method => '');
SELECT * FROM rec.explore('films', 7, method => NULL);
SELECT * FROM rec.explore('films', 7, exploration => NULL);
SELECT count(*) FROM rec.explore(NULL, 7);
SELECT count(*) FROM rec.explore('films', NULL::int);
SELECT count(*) FROM rec.explore('films', 7, NULL);
SELECT count(*) FROM rec.explore('films', 7, exclude_seen => NULL);
SELECT * FROM rec.explore('rated', 7);
SELECT * FROM rec.explore('films', 7, candidates => '{x}');
SELECT rec.create_model('untrained', 'rated');
SELECT * FROM rec.explore('untrained', 7);

-- so far away from each other that weights are 0, or all alike
CREATE TABLE alike AS SELECT u AS user_id, i AS item_id, 3 AS rating FROM generate_series(1, 5) u, generate_series(1, 5) i WHERE u <> i;
SELECT rec.create_model('equal', 'alike', rating_column => 'rating');
CALL rec.train('equal');
SELECT m AS method, count(*), bool_and(propensity BETWEEN 0 AND 1) FROM unnest('{softmax,thompson}'::text[]) m, rec.explore('equal', 1, method => m)
GROUP BY 1 ORDER BY 1;

-- privileges are those of rec.recommend
DROP ROLE IF EXISTS regress_rec_explorer;
CREATE ROLE regress_rec_explorer;
GRANT USAGE ON SCHEMA explored TO regress_rec_explorer;
SET ROLE regress_rec_explorer;
SELECT * FROM rec.explore('films', 7); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON films TO regress_rec_explorer;
SET ROLE regress_rec_explorer;
SELECT * FROM rec.explore('films', 7); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON rated TO regress_rec_explorer;
SET ROLE regress_rec_explorer;
SELECT count(*) FROM rec.explore('films', 7, method => 'thompson');
RESET ROLE;

-- a refresh keeps it up to date: what has more ratings is more certain
SELECT rec.track('films');
CREATE TEMP TABLE before AS SELECT item_id, variances FROM films WHERE item_id IN (290, 300);
INSERT INTO rated SELECT u, 300, 1 + u % 5 FROM generate_series(1, 60) u;
CALL rec.refresh('films');
SELECT f.item_id, f.n_ratings, bool_and(f.variances[i] < b.variances[i]) AS more_certain FROM films f JOIN before b USING (item_id), generate_series(1, 7) i
WHERE item_id = 300 GROUP BY 1, 2;

DROP OWNED BY regress_rec_explorer;
DROP ROLE regress_rec_explorer;
DROP SCHEMA explored CASCADE;
