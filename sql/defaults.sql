-- Options that are left to the source: what training decides from it.
CREATE SCHEMA defaults;
SET search_path = defaults;
\set SHOW_CONTEXT never
\set VERBOSITY terse

-- ---- by hand

-- Three users, of 1, 2 and 3 events. als: alpha = 150 / (6 / 3) = 75, but 30 at most, and regularization = 1 + 30 * 1 = 31.
CREATE TABLE events (user_id int, item_id int, PRIMARY KEY (user_id, item_id));
INSERT INTO events VALUES (1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3);
SELECT rec.create_model('m', 'events', options => '{"factors": 2}');
SELECT options -> 'alpha' AS alpha, options -> 'regularization' AS regularization, decided FROM rec.models WHERE model = 'm'::regclass;
CALL rec.train('m');
SELECT options -> 'alpha' AS alpha, options -> 'regularization' AS regularization, decided FROM rec.models WHERE model = 'm'::regclass;
-- It is decided anew by each training: with 10 more events of each user 150 / (36 / 3) = 12.5, and 13.5.
INSERT INTO events SELECT u, 10 + i FROM generate_series(1, 3) u, generate_series(1, 10) i;
CALL rec.train('m');
SELECT decided FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;
-- What is given stays, and the rest follows it: 1 + 3 * 1.
SELECT rec.create_model('m', 'events', options => '{"factors": 2, "alpha": 3, "regularization": null}');
CALL rec.train('m');
SELECT options -> 'alpha' AS alpha, decided FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;
-- Weights of 4 in the mean make alpha a quarter of what it would be: 15 / 4, and 1 + 3.75 * 4.
CREATE VIEW weighted AS SELECT user_id, item_id, 2 + 4 * ((user_id + item_id) % 2) AS rating FROM events WHERE item_id > 10;
SELECT avg(rating), count(*) FROM weighted;
SELECT rec.create_model('m', 'weighted', options => '{"factors": 2, "feedback": "implicit", "weight": "linear"}');
CALL rec.train('m');
SELECT decided FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;

-- Explicit feedback: 0.8 (n u)^(1/4). Each of 4 users has rated each of 4 items: n = u = 4, so 0.8 * 2 = 1.6.
CREATE TABLE ratings (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * i) % 5 FROM generate_series(1, 4) u, generate_series(1, 4) i;
SELECT rec.create_model('m', 'ratings', options => '{"factors": 2}');
CALL rec.train('m');
SELECT decided FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;
-- A user with all four, three with one, all of the same item: n = (16 + 3) / 7, u = (16 + 3) / 7, so 0.8 * sqrt(19 / 7).
DELETE FROM ratings WHERE user_id > 1 AND item_id > 1;
SELECT rec.create_model('m', 'ratings', options => '{"factors": 2}');
CALL rec.train('m');
SELECT abs((decided ->> 'regularization')::float8 - 0.8 * sqrt(19 / 7.0)) < 1e-12 AS decided FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;

-- ---- what is decided is what is asked with

-- A model with the same options, given, has the same tables and answers.
SELECT rec.create_model('decided', 'events', options => '{"factors": 2}');
CALL rec.train('decided');
SELECT rec.create_model('given', 'events', options => '{"factors": 2, "alpha": 12.5, "regularization": 13.5}');
CALL rec.train('given');
SELECT count(*) AS rows, count(*) FILTER (WHERE d.factors IS DISTINCT FROM g.factors) AS differences FROM decided d FULL JOIN given g USING (item_id);
SELECT count(*) AS rows, count(*) FILTER (WHERE rec.predict('decided', u, i) IS DISTINCT FROM rec.predict('given', u, i)) AS differences
  FROM generate_series(1, 3) u, generate_series(1, 3) i;
-- evaluations decide from the part that they train on, and say what
SELECT options -> 'alpha' AS alpha, options -> 'regularization' AS regularization, error
  FROM rec.compare('events', '[{"algorithm": "als", "factors": 2}]', split => 'random', test_fraction => 0.5);
-- A row that was changed by hand may lack what was decided: nothing is answered from options that are not there.
SELECT rec.create_model('m', 'events', options => '{"factors": 2}');
CALL rec.train('m');
UPDATE rec.model SET decided = NULL WHERE model = 'm'::regclass;
\set VERBOSITY default
SELECT * FROM rec.recommend('m', 1);
\set VERBOSITY terse
CALL rec.train('m');
SELECT count(*) FROM rec.recommend('m', 1);
DROP TABLE m, decided, given;

-- ---- the scale of ratings makes no difference

-- Ratings times 20 are predicted as those times 1, times 20.
CREATE TABLE liked AS SELECT u AS user_id, i AS item_id, (1 + abs(hashint4(u * 31 + i)) % 3 + 2 * ((u + i) % 2))::real AS rating
  FROM generate_series(1, 30) u, generate_series(1, 20) i WHERE abs(hashint4(u * 17 + i * 7)) % 3 = 0;
CREATE VIEW liked20 AS SELECT user_id, item_id, 20 * rating AS rating FROM liked;
SELECT rec.create_model('one', 'liked');
SELECT rec.create_model('twenty', 'liked20');
CALL rec.train('one');
CALL rec.train('twenty');
SELECT count(*) AS pairs, max(abs(20 * rec.predict('one', u, i) - rec.predict('twenty', u, i))) < 1e-3 AS equal,
       stddev(rec.predict('one', u, i)) > 0.3 AS differ
  FROM generate_series(1, 30) u, generate_series(1, 20) i;
DROP TABLE one, twenty;

-- Twenty people of two tastes over 16 films: 5 for those of theirs, 1 for the others, 138 ratings. The defaults tell them apart: of 20 pairs 19 at least are
-- on the right side of the middle.
CREATE TABLE tastes AS SELECT u AS user_id, i AS item_id, (CASE WHEN u % 2 = i % 2 THEN 5 ELSE 1 END)::real AS rating
  FROM generate_series(1, 20) u, generate_series(1, 16) i ORDER BY md5(u || ':' || i) LIMIT 138;
SELECT rec.create_model('films', 'tastes');
CALL rec.train('films');
SELECT count(*) AS pairs, count(*) FILTER (WHERE (rec.predict('films', u, i) > 3) = (u % 2 = i % 2)) > 304 AS right_side
  FROM generate_series(1, 20) u, generate_series(1, 16) i;
DROP TABLE films;

-- ---- a training from which nothing came says so

\set VERBOSITY default
SELECT rec.create_model('films', 'tastes', options => '{"regularization": 1000}');
CALL rec.train('films');
DROP TABLE films;
SELECT rec.create_model('films', 'tastes', options => '{"regularization": 1000, "feedback": "implicit"}');
CALL rec.train('films');
DROP TABLE films;
\set VERBOSITY terse

-- ---- a shop

-- 500 customers of 10 tastes; each has bought up to three of the 50 articles of their taste. Without a taste, a tenth of a list would be right.
-- There is no order.
CREATE TABLE bought AS SELECT DISTINCT u AS customer, (u % 10) * 50 + abs(hashint4(3 * u + k)) % 50 AS article
  FROM generate_series(1, 500) u, generate_series(1, 3) k;
CREATE INDEX ON bought (customer);
CREATE FUNCTION right_tastes(model regclass) RETURNS float8 LANGUAGE sql AS $$
	SELECT avg((item_id / 50 = user_id % 10)::int) FROM generate_series(1, 500) u (user_id), LATERAL rec.recommend(model, u.user_id) r $$;
CREATE FUNCTION shop(algorithm text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	share float8;
BEGIN
	PERFORM rec.create_model('shop', 'bought', algorithm, user_column => 'customer', item_column => 'article');
	CALL rec.train('shop');
	share := right_tastes('shop');
	DROP TABLE shop;
	RETURN share;
END $$;
SELECT a.algorithm, round(shop(a.algorithm)::numeric, 2) AS share FROM (SELECT DISTINCT algorithm FROM rec.algorithms
    WHERE algorithm NOT IN ('popular', 'markov', 'session_knn', 'gru', 'lstm', 'caser', 'sasrec', 'content')) a
    ORDER BY 1;

-- A training that changes nothing: of the same ratings each top ten stays the same, however often it is trained.
SELECT rec.create_model('shop', 'bought', user_column => 'customer', item_column => 'article');
CALL rec.train('shop');
CALL rec.recommend_all('shop', 'first', 10);
CALL rec.train('shop');
CALL rec.train('shop');
CALL rec.recommend_all('shop', 'third', 10);
SELECT count(*) > 1000 AS rows, count(*) FILTER (WHERE f.item_id IS DISTINCT FROM t.item_id OR f.score IS DISTINCT FROM t.score) AS differences
  FROM first f FULL JOIN third t USING (user_id, rank);
SELECT version, count(*) AS iterations FROM rec.training_log WHERE model = 'shop'::regclass AND version > 1 GROUP BY version ORDER BY version;
-- With new ratings it goes on from there, in fewer iterations, and knows them.
INSERT INTO bought VALUES (501, 49), (501, 1000), (1, 1000);
CALL rec.train('shop');
SELECT count(*) FILTER (WHERE version = 4) BETWEEN 1 AND count(*) FILTER (WHERE version = 1) - 1 AS fewer FROM rec.training_log WHERE model = 'shop'::regclass;
SELECT count(*) AS known FROM shop WHERE item_id = 1000;
DROP TABLE shop, first, third;

-- ---- by trying

-- Whatever one knows of somebody says nothing: 1,500 users each have about six of 60 items, the first ones more often. What everybody buys is the best
-- list there is, and the rule, which takes it that there are tastes, is beaten by other values. With tastes the rule stays.
SET client_min_messages = warning;
CREATE TABLE chance AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 1500) u, generate_series(1, 60) i
 WHERE abs(hashint8(u * 1000 + i)) % 1000 < 3000 / (i + 9);
SELECT count(*) BETWEEN 8000 AND 10000 AS events FROM chance;
SELECT rec.create_model('rule', 'chance', options => '{"factors": 16}');
SELECT rec.create_model('tried', 'chance', options => '{"factors": 16, "validate": true}');
CALL rec.train('rule');
CALL rec.train('tried');
SELECT (t.decided ->> 'regularization')::float8 / (r.decided ->> 'regularization')::float8 AS times,
    t.decided - 'regularization' = r.decided - 'regularization' AS others FROM rec.models t, rec.models r WHERE t.model = 'tried'::regclass
    AND r.model = 'rule'::regclass;
DROP TABLE rule, tried;
SELECT rec.create_model('rule', 'bought', user_column => 'customer', item_column => 'article');
SELECT rec.create_model('tried', 'bought', options => '{"validate": true}', user_column => 'customer', item_column => 'article');
CALL rec.train('rule');
CALL rec.train('tried');
SELECT t.decided = r.decided AS same FROM rec.models t, rec.models r WHERE t.model = 'tried'::regclass AND r.model = 'rule'::regclass;
DROP TABLE rule, tried;
-- Of both, by trying: many times the regularization of the rule where users have no tastes, and not where they have.
CREATE FUNCTION decided(algorithm text, source regclass, validate bool, user_column name, item_column name) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	result jsonb;
BEGIN
	PERFORM rec.create_model('m', source, algorithm, jsonb_build_object('validate', validate), user_column, item_column);
	CALL rec.train('m');
	SELECT decided INTO result FROM rec.models WHERE model = 'm'::regclass;
	DROP TABLE m;
	RETURN result;
END $$;
SELECT algorithm, (decided(algorithm, 'chance', true, 'user_id', 'item_id') ->> option)::float8 / (decided(algorithm, 'chance', false, 'user_id',
    'item_id') ->> option)::float8 >= 16 AS more
  FROM (VALUES ('ease', 'regularization'), ('slim', 'l2')) AS a (algorithm, option);
SELECT (decided('slim', 'bought', true, 'customer', 'article') ->> 'l2')::float8 / 30 BETWEEN 0.25 AND 4 AS about_the_rule;
-- svd keeps an eighth of the 60 items at most, 60 / 8 = 7, and 24 of more, by rule; by trying, which is what it does unless told otherwise, the one vector that
-- everybody is like.
SELECT decided('svd', 'chance', false, 'user_id', 'item_id') AS rule, decided('svd', 'chance', true, 'user_id', 'item_id') AS tried,
       decided('svd', 'bought', false, 'customer', 'article') AS rule_of_more;
SELECT rec.create_model('m', 'chance', 'svd');
SELECT options ->> 'validate' AS validate, options ->> 'factors' AS factors FROM rec.models WHERE model = 'm'::regclass;
CALL rec.train('m');
SELECT options ->> 'factors' AS factors, (SELECT min(array_length(factors, 1)) FROM m) AS shortest, (SELECT max(array_length(factors, 1)) FROM m) AS longest,
       (SELECT count(*) FROM rec.recommend('m', 1)) AS recommended
  FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;
-- Where there is no room for trying the rule stays, and the training, which has room, is done.
CREATE TABLE wide AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 2000) u, LATERAL (SELECT (u * 37 + k * 1009) % 2000 AS i
    FROM generate_series(1, 5) k) items;
SELECT rec.create_model('m', 'wide', 'svd');
SET rec.max_memory = '7MB';
SET client_min_messages = notice;
CALL rec.train('m');
SET client_min_messages = warning;
SELECT decided FROM rec.models WHERE model = 'm'::regclass;
SET rec.max_memory = '11MB';
CALL rec.train('m');
SELECT decided FROM rec.models WHERE model = 'm'::regclass;
RESET rec.max_memory;
DROP TABLE m, wide;
-- als and bpr: 128 factors where an event is of a user with fewer than 200 in the mean, of 500 users and items at least; else 64. Here 2,000
-- with 5 each, 499 of these, and 500 who have 200 of 500.
CREATE TABLE sparse AS SELECT u AS user_id, (u * 37 + k * 1009) % 2000 AS item_id FROM generate_series(1, 2000) u, generate_series(1, 5) k;
CREATE VIEW fewer AS SELECT * FROM sparse WHERE user_id < 500;
CREATE VIEW dense AS SELECT user_id, i AS item_id FROM generate_series(1, 500) user_id, generate_series(1, 500) i WHERE (user_id + i) % 5 < 2;
SELECT decided('als', 'sparse', false, 'user_id', 'item_id') -> 'factors' AS sparse, decided('als', 'fewer', false, 'user_id', 'item_id') -> 'factors' AS fewer,
       decided('als', 'dense', false, 'user_id', 'item_id') -> 'factors' AS dense,
       decided('bpr', 'sparse', false, 'user_id', 'item_id') -> 'factors' AS bpr_sparse, decided('bpr', 'fewer', false, 'user_id',
           'item_id') -> 'factors' AS bpr_fewer;
DROP VIEW fewer, dense;
DROP TABLE sparse;
-- user_knn: 2000 by the mean number of events. Each of these users has 8, so 250; 500 have about three, so 320, the most.
CREATE TABLE eight AS SELECT u AS user_id, (u + 3 * i) % 100 AS item_id FROM generate_series(1, 60) u, generate_series(1, 8) i;
SELECT decided('user_knn', 'eight', false, 'user_id', 'item_id') AS eight, decided('user_knn', 'bought', false, 'customer', 'article') AS three;
-- what is given is not tried: nothing is left to choose; of few users nothing is learned
SELECT rec.create_model('m', 'chance', options => '{"factors": 4, "validate": true, "alpha": 2, "regularization": 3, "regularization_scaling": 0.5}');
CALL rec.train('m');
SELECT decided FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;
SELECT rec.create_model('m', 'events', options => '{"factors": 2, "validate": true}');
CALL rec.train('m');
SELECT decided FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m;
