-- The treatment of rows of a source: NULLs, duplicates, weights, values that are no ratings, and sources with hardly any rows.

CREATE SCHEMA source_rows;
SET search_path = source_rows;
\set SHOW_CONTEXT never

CREATE TABLE ratings (user_id int, item_id int, rating float8, at timestamptz);
CREATE INDEX ON ratings (user_id);
-- replaces the rows of `ratings`; a truncated table is filled from its beginning, so that the rows are read in this order
CREATE PROCEDURE pg_temp.fill(VARIADIC rows text[]) LANGUAGE sql AS $$
	TRUNCATE ratings;
	INSERT INTO ratings SELECT v[1]::int, v[2]::int, v[3]::float8, v[4]::timestamptz
	  FROM unnest(rows) WITH ORDINALITY AS r (row, n), LATERAL (SELECT string_to_array(row, ' ', '-')) AS a (v) ORDER BY n;
$$;
-- what the model `m` was trained on
CREATE VIEW figures AS SELECT version, rows, users, items, round(mean::numeric, 4) AS mean, minimum, maximum FROM rec.model WHERE model::text = 'm';

SELECT rec.create_model('m', 'ratings', options => '{"warm_start": false, "feedback": "explicit", "factors": 2, "iterations": 4, "regularization": 1,
    "regularization_scaling": 0, "tolerance": 0}');
SELECT rec.create_model('timed', 'ratings', options => '{"warm_start": false, "feedback": "explicit", "factors": 2, "iterations": 4, "regularization": 1,
    "regularization_scaling": 0, "tolerance": 0}', time_column => 'at');
SELECT rec.create_model('weighted', 'ratings', options => '{"warm_start": false, "feedback": "implicit", "weight": "linear", "factors": 2, "iterations": 4,
    "regularization": 1, "regularization_scaling": 0, "tolerance": 0, "alpha": 1}');
CREATE VIEW events AS SELECT user_id, item_id, at FROM ratings;
SELECT rec.create_model('counted', 'events', options => '{"warm_start": false, "weight": "linear", "factors": 2, "iterations": 4, "regularization": 1,
    "regularization_scaling": 0, "tolerance": 0, "alpha": 1}');

-- ---- NULL ids are skipped and counted

-- of five rows three have a NULL id, one of them without a rating as well; (5 + 1) / 2 = 3
CALL pg_temp.fill('1 10 5', '- 10 4', '1 - 4', '- - -', '2 20 1');
CALL rec.train('m');
SELECT * FROM figures;
-- the same rows are skipped in a profile
INSERT INTO ratings VALUES (2, NULL, 5, NULL);
SELECT item_id FROM rec.recommend('m', 2);

-- ---- duplicates

-- explicit feedback without a time: the last one read counts, 3 for user 1 and item 10; (3 + 4 + 2) / 3 = 3
CALL pg_temp.fill('1 10 5', '1 20 4', '1 10 1', '2 10 2', '1 10 3');
CALL rec.train('m');
SELECT * FROM figures;
SELECT user_id, n_ratings FROM m_users ORDER BY user_id;
SELECT item_id, n_ratings FROM m ORDER BY item_id;
-- with a time, the latest counts, wherever it is; a missing time is earlier than all others; (1 + 4 + 2) / 3 = 2.3333
CALL pg_temp.fill('1 10 1 2020-01-03', '1 20 4 -infinity', '1 10 5 2020-01-02', '2 10 2 -', '1 20 3 -', '1 10 3 2020-01-01');
CALL rec.train('timed');
SELECT rows, users, items, round(mean::numeric, 4) AS mean FROM rec.model WHERE model = 'timed'::regclass;
-- of the same time, the highest counts, as the order of reading may depend on the plan; (5 + 2) / 2 = 3.5
CALL pg_temp.fill('1 10 1 2020-01-01', '1 10 5 2020-01-01', '1 10 3 2020-01-01', '2 10 2 -');
CALL rec.train('timed');
SELECT rows, users, items, round(mean::numeric, 4) AS mean FROM rec.model WHERE model = 'timed'::regclass;
-- a profile uses the same rule: with the duplicate first, and last, the scores are those of the latest alone
CALL pg_temp.fill('1 10 1 2020-01-03', '1 20 4 2020-01-01', '2 10 5 2020-01-01', '2 20 1 2020-01-01', '3 10 3 2020-01-01', '3 20 3 2020-01-01');
CALL rec.train('timed');
CALL rec.train('m');
CREATE TABLE scores AS SELECT 'alone' AS profile, rec.predict('timed', 9, 20) AS timed, rec.predict('m', 9, 20) AS untimed WHERE false;
INSERT INTO ratings VALUES (9, 10, 1, '2020-01-03');
INSERT INTO scores SELECT 'alone', rec.predict('timed', 9, 20), rec.predict('m', 9, 20);
INSERT INTO ratings VALUES (9, 10, 5, '2020-01-02');
INSERT INTO scores SELECT 'then an older one', rec.predict('timed', 9, 20), rec.predict('m', 9, 20);
INSERT INTO ratings VALUES (9, 10, 1, '2020-01-01');
INSERT INTO scores SELECT 'then the oldest', rec.predict('timed', 9, 20), rec.predict('m', 9, 20);
-- without times, the last row is the older one at first, then again a 1
SELECT s.profile, s.timed = a.timed AS timed, s.untimed = a.untimed AS untimed FROM scores s, scores a WHERE a.profile = 'alone' ORDER BY s.profile;

-- implicit feedback: the sum, 2 + 0.5 + 1 = 3.5 for user 1 and item 10; mean (3.5 + 1 + 3) / 3 = 2.5
CALL pg_temp.fill('1 10 2', '1 20 1', '1 10 0.5', '2 10 3', '1 10 1');
CALL rec.train('weighted');
SELECT rows, users, items, round(mean::numeric, 4) AS mean, minimum, maximum FROM rec.model WHERE model = 'weighted'::regclass;
-- the same model as with the sum in one row
CREATE TABLE twice AS SELECT * FROM weighted;
CALL pg_temp.fill('1 10 3.5', '1 20 1', '2 10 3');
CALL rec.train('weighted');
SELECT count(*) AS equal FROM weighted JOIN twice USING (item_id, n_ratings, bias, factors);
-- events count: three for user 1 and item 10
CALL pg_temp.fill('1 10 -', '1 20 -', '1 10 -', '2 10 -', '1 10 -');
CALL rec.train('counted');
SELECT rows, users, items, round(mean::numeric, 4) AS mean, minimum, maximum FROM rec.model WHERE model = 'counted'::regclass;

-- ---- weights of zero

-- ignored and counted, as is item 30, which has no other event; twice zero is zero, and a zero adds nothing to a weight
CALL pg_temp.fill('1 10 1', '1 20 0', '2 20 2', '2 30 0', '2 30 -0', '2 20 0');
CALL rec.train('weighted');
SELECT rows, users, items, round(mean::numeric, 4) AS mean, minimum, maximum FROM rec.model WHERE model = 'weighted'::regclass;
SELECT item_id, n_ratings FROM weighted ORDER BY item_id;
-- in a profile they contribute nothing, but mark the item as seen
SELECT item_id FROM rec.recommend('weighted', 1);
INSERT INTO ratings VALUES (3, 10, 0, NULL);
SELECT u.id, rec.predict('weighted', u.id, 20) = rec.predict('weighted', 4, 20) AS like_one_unknown FROM (VALUES (3)) AS u (id);
-- a rating of zero is a rating
CALL rec.train('m');
SELECT rows, users, items, round(mean::numeric, 4) AS mean, minimum, maximum FROM rec.model WHERE model = 'm'::regclass;

-- ---- values that are no ratings

-- a first version, of two ratings, which must stay
CALL pg_temp.fill('1 10 5', '2 20 1');
CALL rec.train('m');
CALL rec.train('weighted');
SELECT version AS kept FROM rec.models WHERE model = 'm'::regclass \gset
-- each error has the number of such rows, and the value and ids of the first
CALL pg_temp.fill('1 10 5', '1 20 NaN', '2 20 NaN', '3 10 2');
CALL rec.train('m'); \echo :SQLSTATE
CALL pg_temp.fill('1 10 5', '2 20 Infinity', '3 10 2');
CALL rec.train('m'); \echo :SQLSTATE
CALL pg_temp.fill('1 10 5', '2 20 -Infinity', '3 10 NaN');
CALL rec.train('m'); \echo :SQLSTATE
CALL pg_temp.fill('1 10 5', '2 20 -', '3 10 -', '3 20 NaN');
CALL rec.train('m'); \echo :SQLSTATE
-- finite as float8, but not as real
CALL pg_temp.fill('1 10 5', '2 20 1e300');
CALL rec.train('m'); \echo :SQLSTATE
CALL pg_temp.fill('1 10 5', '2 20 -1e39');
CALL rec.train('m'); \echo :SQLSTATE
-- negative: refused as a weight, accepted as a rating
CALL pg_temp.fill('1 10 5', '2 20 -1', '2 10 -0.5', '3 10 1');
CALL rec.train('weighted'); \echo :SQLSTATE
CALL pg_temp.fill('1 10 5', '2 20 -', '3 10 1');
CALL rec.train('weighted'); \echo :SQLSTATE
CALL pg_temp.fill('1 10 5', '2 20 NaN', '3 10 1');
CALL rec.train('weighted'); \echo :SQLSTATE
-- also if no other row has its id; with a NULL id the row is skipped, whatever its rating is
CALL pg_temp.fill('1 10 5', '- 20 NaN', '2 - Infinity', '3 10 1');
CALL rec.train('m');
-- only the last training has written anything
SELECT version - :kept AS trainings_since, rows FROM rec.models WHERE model = 'm'::regclass;
CALL pg_temp.fill('1 10 5', '2 20 -1', '2 10 -3');
CALL rec.train('m');
SELECT * FROM (SELECT rows, mean, minimum, maximum FROM rec.model WHERE model = 'm'::regclass) AS f;
-- ids in the message
CREATE TABLE texts (user_id text, item_id text, rating real);
INSERT INTO texts VALUES ('ann', 'x', 1), ('bob ''s', 'ü, "y"', 'NaN');
CREATE INDEX ON texts (user_id);
SELECT rec.create_model('of_texts', 'texts');
CALL rec.train('of_texts'); \echo :SQLSTATE
-- of type numeric: not a number, too large for real, and too large for float8
CREATE TABLE numerics (user_id int, item_id int, rating numeric);
CREATE INDEX ON numerics (user_id);
INSERT INTO numerics VALUES (1, 1, 'NaN'), (1, 2, 5);
SELECT rec.create_model('of_numerics', 'numerics');
CALL rec.train('of_numerics'); \echo :SQLSTATE
UPDATE numerics SET rating = 1e40 WHERE item_id = 1;
CALL rec.train('of_numerics'); \echo :SQLSTATE
UPDATE numerics SET rating = 1e400 WHERE item_id = 1;
\set VERBOSITY sqlstate
CALL rec.train('of_numerics');
\set VERBOSITY default
-- the squares of the largest numbers of type real overflow: an error, and no model
CALL pg_temp.fill('1 10 3e38', '1 20 -3e38', '2 10 -3e38', '2 20 3e38');
CALL rec.train('m'); \echo :SQLSTATE
SELECT version - :kept AS trainings_since FROM rec.models WHERE model = 'm'::regclass;
-- a profile with a value that is no rating: the item is seen, and contributes nothing
CALL pg_temp.fill('1 10 5', '1 20 2', '2 10 4', '2 30 3', '3 20 1');
CALL rec.train('m');
INSERT INTO ratings VALUES (7, 10, 'NaN', NULL), (7, 20, NULL, NULL);
SELECT item_id, score = rec.predict('m', 8, 30) AS like_one_unknown FROM rec.recommend('m', 7);

-- ---- hardly any rows

-- no rows: an error before training starts, with the reason
DELETE FROM ratings;
CALL rec.train('m'); \echo :SQLSTATE
CALL rec.train('weighted'); \echo :SQLSTATE
CALL rec.train('counted'); \echo :SQLSTATE
CALL pg_temp.fill('- 10 5', '1 - 5', '- - 5');
CALL rec.train('m'); \echo :SQLSTATE
CALL pg_temp.fill('1 10 0', '2 10 0', '- 10 5');
CALL rec.train('weighted'); \echo :SQLSTATE

-- one rating: the model knows its mean only; an unknown user gets the same score, and there is nothing left to recommend
CALL pg_temp.fill('1 10 4');
CALL rec.train('m');
SELECT rows, users, items, mean, minimum, maximum FROM rec.model WHERE model = 'm'::regclass;
SELECT round(rec.predict('m', 1, 10)::numeric, 4) AS seen, rec.predict('m', 1, 11) AS unknown_item, rec.predict('m', 2, 10) AS unknown_user;
SELECT * FROM rec.recommend('m', 1);
SELECT * FROM rec.recommend('m', 2);
SELECT * FROM rec.similar_items('m', 10);
SELECT * FROM rec.similar_users('m', 1);
CALL rec.train('weighted');
SELECT rec.predict('weighted', 1, 10) BETWEEN 0 AND 1 AS share, rec.predict('weighted', 2, 10) AS unknown_user;
SELECT * FROM rec.recommend('weighted', 1);

-- one user: an unknown user gets the items in the order of that user's ratings; with events, all are as popular, and are
-- ordered by their ids
CALL pg_temp.fill('1 10 5', '1 20 3', '1 30 1');
CALL rec.train('m');
SELECT rank, item_id FROM rec.recommend('m', 2);
CALL rec.train('weighted');
SELECT rank, item_id, score FROM rec.recommend('weighted', 2);
-- one item
CALL pg_temp.fill('1 10 5', '2 10 3', '3 10 1');
CALL rec.train('m');
SELECT rank, item_id, score BETWEEN 1 AND 5 AS between_1_and_5 FROM rec.recommend('m', 4);
SELECT rec.predict('m', 1, 10) > rec.predict('m', 2, 10) AND rec.predict('m', 2, 10) > rec.predict('m', 3, 10) AS ordered;
SELECT * FROM rec.similar_items('m', 10);
CALL rec.train('weighted');
SELECT rank, item_id, score FROM rec.recommend('weighted', 4);
-- all ratings equal: every prediction is that rating, exactly, as there is nothing to fit
CALL pg_temp.fill('1 10 4', '1 20 4', '2 10 4', '2 30 4', '3 20 4');
CALL rec.train('m');
SELECT rec.predict('m', 1, 30) AS known, rec.predict('m', 9, 30) AS unknown_user, rec.predict('m', 9, 40) AS both_unknown, loss FROM rec.models
    WHERE model = 'm'::regclass;
SELECT rank, item_id, score FROM rec.recommend('m', 1);
-- the factors are zero, so no items are similar
SELECT * FROM rec.similar_items('m', 10);
-- a user with every item
CALL pg_temp.fill('1 10 4', '1 20 3', '2 10 5');
CALL rec.train('m');
SELECT * FROM rec.recommend('m', 1);
SELECT item_id FROM rec.recommend('m', 1, exclude_seen => false) ORDER BY item_id;

-- ---- extremes of the options

CREATE TABLE grid AS SELECT u AS user_id, i AS item_id, 1 + (u * i) % 5 AS rating FROM generate_series(1, 6) u, generate_series(1, 5) i
    WHERE (u + 2 * i) % 4 > 0;
CREATE INDEX ON grid (user_id);
-- trains with these options, and returns the outcome
CREATE FUNCTION pg_temp.trial(opts text) RETURNS TABLE (finite bool, zero_factors bool, answers bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('trial', 'grid', options => opts::jsonb || '{"warm_start": false, "seed": 3}');
	CALL rec.train('trial');
	RETURN QUERY SELECT bool_and(value > '-Infinity' AND value < 'Infinity'), bool_and(value = 0),
	                    (SELECT count(*) FROM rec.recommend('trial', 1, exclude_seen => false) r WHERE score > '-Infinity' AND score < 'Infinity')
	  FROM (SELECT unnest(factors || bias) FROM trial UNION ALL SELECT unnest(factors || bias) FROM trial_users) AS v (value);
	DROP TABLE trial;
END $$;
-- no regularization, and more factors than users or items: the systems are singular; they are solved, or an error is raised
SELECT opts, t.* FROM unnest(ARRAY[
	'{"feedback": "explicit", "factors": 3, "regularization": 0, "iterations": 20, "tolerance": 0}',
	'{"feedback": "explicit", "factors": 64, "regularization": 0, "iterations": 20, "tolerance": 0}',
	'{"feedback": "explicit", "factors": 64, "regularization": 0, "iterations": 20, "tolerance": 0, "biases": false}',
	'{"feedback": "explicit", "factors": 64, "regularization": 0, "iterations": 20, "tolerance": 0, "solver": "cg"}',
	'{"feedback": "explicit", "factors": 64, "regularization": 0.1, "iterations": 200, "tolerance": 0}',
	'{"feedback": "implicit", "factors": 3, "regularization": 0, "iterations": 20, "tolerance": 0}',
	'{"feedback": "implicit", "factors": 64, "regularization": 0, "iterations": 20, "tolerance": 0}',
	'{"feedback": "implicit", "factors": 64, "regularization": 0, "iterations": 20, "tolerance": 0, "solver": "cg"}',
	'{"feedback": "implicit", "factors": 64, "regularization": 0.1, "iterations": 200, "tolerance": 0}',
	'{"feedback": "implicit", "factors": 3, "alpha": 0, "regularization": 0.1, "regularization_scaling": 0}',
	'{"feedback": "implicit", "factors": 3, "alpha": 1e6, "regularization": 0.1, "regularization_scaling": 2}']) WITH ORDINALITY AS o (opts, n),
		LATERAL pg_temp.trial(opts) AS t ORDER BY n;
-- huge regularization: the factors vanish, and conjugate gradient does not divide by a residual of zero
SELECT opts, t.finite, t.answers FROM unnest(ARRAY[
	'{"feedback": "explicit", "factors": 3, "regularization": 1e12, "regularization_scaling": 2, "iterations": 20, "tolerance": 0}',
	'{"feedback": "explicit", "factors": 3, "regularization": 1e12, "regularization_scaling": 2, "iterations": 20, "tolerance": 0, "solver": "cg"}',
	'{"feedback": "implicit", "factors": 3, "regularization": 1e12, "regularization_scaling": 2, "iterations": 20, "tolerance": 0}',
	'{"feedback": "implicit", "factors": 3, "regularization": 1e12, "regularization_scaling": 2, "iterations": 20, "tolerance": 0, "solver": "cg"}']) WITH
		ORDINALITY AS o (opts, n), LATERAL pg_temp.trial(opts) AS t ORDER BY n;

SET client_min_messages = warning;
DROP SCHEMA source_rows CASCADE;
SELECT count(*) AS models FROM rec.model;
