-- Gradient-boosted trees: what the model's tables hold is what predictions are, and a single tree is that of a book. test/unit/trees_test.c has gains, leaves
-- and gradients by hand.
CREATE SCHEMA trees;
SET search_path = trees, public;
SET client_min_messages = warning;

-- ---- a single regression tree. Ratings are 1 for small items, 3 for large ones in the morning, 5 for large ones in the evening; of item 10, of unknown size,
-- they are 5 and 5. The first split is by size, as that leaves the least squared error; unknown ones go with the large ones
CREATE TABLE ratings (user_id int, item_id int, rating real, daytime text, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, CASE WHEN i = 10 THEN 5 WHEN i <= 4 THEN 1 WHEN u % 2 = 0 THEN 3 ELSE 5 END,
	CASE u % 2 WHEN 0 THEN 'morning' ELSE 'evening' END FROM generate_series(1, 20) u, generate_series(1, 10) i;
CREATE TABLE size (item_id int PRIMARY KEY, size int);
INSERT INTO size SELECT i, CASE WHEN i < 10 THEN i * 10 END FROM generate_series(1, 12) i;
SELECT rec.create_model('m', 'ratings', 'trees', '{"iterations": 1, "learning_rate": 1, "regularization": 0, "leaves": 3, "min_rows": 1, "patience": 0}',
	items => 'size', context_columns => '{daytime}');
CALL rec.train('m');
SELECT c AS context, i AS item, round(rec.predict('m', 1, i, jsonb_build_object('daytime', c))::numeric, 4) AS rating
  FROM unnest('{morning, evening}'::text[]) c, unnest('{1, 4, 5, 9, 10}'::int[]) i ORDER BY c, i;
-- items without ratings: 11 has none of a size, as 10; nor has 13, which came later; 14 is small
INSERT INTO size VALUES (13, NULL), (14, 20);
SELECT i AS item, rec.predict('m', 1, i, '{"daytime": "evening"}') = rec.predict('m', 1, 10, '{"daytime": "evening"}') AS "as 10",
	rec.predict('m', 1, i, '{"daytime": "evening"}') = rec.predict('m', 1, 1, '{"daytime": "evening"}') AS "as 1"
  FROM unnest('{11, 13, 14}'::int[]) i;
-- the mean is 2.9: (4 x 20 x 1 + 5 x 10 x (3 + 5) + 20 x 5) / 200. The first split leaves means of 1 and of (400 + 100) / 120 = 4.1667, and gains
-- 80 x (2.9 - 1)^2 + 120 x (4.1667 - 2.9)^2 = 481.33, which is that of the size
SELECT feature, round(gain::numeric, 2) AS gain FROM m_features;
-- the second leaves 60 in the evening, which are 60 x (5 - 2.9) = 126 above the mean together, and 60 x (3.3333 - 2.9) = 26. By categories, 10 is added to the
-- number of rows: (126^2 + 26^2) / 70 - 152^2 / 120 = 43.92, which goes to one of the two categories
SELECT round(sum(gain)::numeric, 2) AS gain FROM m_context_features;
SELECT round(values[1]::numeric, 2) AS items, round(values[3]::numeric, 2) AS contexts FROM m_parameters WHERE name = 'importance';
-- each kind of explanation adds up
SELECT feature ~ 'daytime' AS of_context, round((sum(contribution) + min(baseline))::numeric, 4) AS score
  FROM rec.explain('m', 1, 9, 100, '{"daytime": "evening"}') GROUP BY 1 ORDER BY 1;
SELECT feature, round(contribution::numeric, 4) AS contribution FROM rec.explain('m', 1, 9, 100, '{"daytime": "evening"}') WHERE feature IS NOT NULL ORDER BY 1;
DROP TABLE m;

-- ---- a model of many trees: a score is the base and a leaf of each tree, here found once more in SQL
CREATE TABLE taste AS SELECT u AS user_id, i AS item_id, (3 + CASE WHEN (u + i) % 3 = 0 THEN 1.5 ELSE -0.5 END + (u * 7 + i * 3) % 4 * 0.25)::real AS rating
	FROM generate_series(1, 60) u, generate_series(1, 30) i WHERE (u * 13 + i * 7 + u * i) % 4 < 2;
CREATE INDEX ON taste (user_id);
CREATE TABLE attributes AS SELECT i AS item_id, chr(97 + i % 3) AS kind, nullif(i % 5, 4) AS size, ARRAY['t' || i % 2, 'u' || i % 4] AS tags
	FROM generate_series(1, 33) i;
CREATE TABLE account AS SELECT u AS user_id, chr(97 + u % 3) AS likes FROM generate_series(1, 70) u;
-- of one who has nothing, nothing is known but attributes, and there are no matches
SET check_function_bodies = off;
CREATE FUNCTION split(parameter text, tree int, node int) RETURNS real STABLE LANGUAGE sql
	AS $$ SELECT values[(tree - 1) * shape[2] + node + 1] FROM m_parameters WHERE name = 'split_' || parameter $$;
CREATE FUNCTION goes_left(tree int, node int, item int, who int) RETURNS bool STABLE LANGUAGE plpgsql AS $$
DECLARE
	source int := split('source', tree, node);
	first int := split('feature', tree, node);
	last int := first + greatest(split('features', tree, node), 1) - 1;
	x real;
	category int := 0;
BEGIN
	x := CASE source
		WHEN 1 THEN (SELECT w FROM m, unnest(features, weights) f (f, w) WHERE item_id = item AND f BETWEEN first AND last)
		WHEN 4 THEN (SELECT n_ratings FROM m WHERE item_id = item)
		WHEN 5 THEN (SELECT mean FROM m WHERE item_id = item AND n_ratings > 0)
		WHEN 6 THEN 0 END;
	IF split('kind', tree, node) = 3 THEN
		category := coalesce(CASE source
			WHEN 1 THEN (SELECT f - first + 1 FROM m, unnest(features) f WHERE item_id = item AND f BETWEEN first AND last)
			WHEN 2 THEN (SELECT f.number - first + 1 FROM m_user_features f, account WHERE user_id = who AND feature = 'likes=' || likes
				AND f.number BETWEEN first AND last) END, 0);
		RETURN (SELECT (values[((tree - 1) * (SELECT shape[2] FROM m_parameters WHERE name = 'split_source') + node) * shape[2] + category / 24 + 1]::int
			>> category % 24) % 2 = 1 FROM m_parameters WHERE name = 'split_categories');
	END IF;
	IF x IS NULL AND split('kind', tree, node) = 2 THEN
		x := 0;
	END IF;
	RETURN coalesce(x <= split('threshold', tree, node), split('missing_left', tree, node) = 1);
END $$;
CREATE FUNCTION score(item int, who int) RETURNS float8 STABLE LANGUAGE sql AS $$
	WITH RECURSIVE walk (tree, node) AS (
		SELECT tree, CASE WHEN n > 1 THEN 0 ELSE -1 END FROM m_parameters p, unnest(values) WITH ORDINALITY l (n, tree) WHERE name = 'leaves' AND n > 0
		UNION ALL
		SELECT tree, split(CASE WHEN goes_left(tree::int, node, item, who) THEN 'left' ELSE 'right' END, tree::int, node)::int FROM walk WHERE node >= 0)
	SELECT (SELECT values[1] FROM m_parameters WHERE name = 'base') + sum(values[(tree - 1) * shape[2] - node]::float8)
	  FROM walk, m_parameters WHERE name = 'leaf_values' AND node < 0
$$;
SELECT rec.create_model('m', 'taste', 'trees', '{"iterations": 60, "leaves": 9, "min_rows": 5, "patience": 0, "clip": false}',
	items => 'attributes', users => 'account');
CALL rec.train('m');
SELECT count(*) AS n, max(abs(rec.predict('m', u, i) - score(i, u))) < 1e-5 AS equal, count(DISTINCT score(i, u)) > 2 AS "several scores"
  FROM generate_series(61, 70, 3) u, generate_series(1, 33, 4) i;
-- gains of features are the importance of their kind
SELECT round((SELECT sum(gain) FROM m_features)::numeric, 2) = round(values[1]::numeric, 2) AS items,
	round((SELECT sum(gain) FROM m_user_features)::numeric, 2) = round(values[2]::numeric, 2) AS users FROM m_parameters WHERE name = 'importance';
DROP TABLE m;

-- ---- attributes of users: those of one kind give a star less. Nobody knows users 71 and 72
CREATE TABLE harsh AS SELECT u AS user_id, i AS item_id, (3 + i % 2 - u % 2)::real AS rating FROM generate_series(1, 40) u, generate_series(1, 8) i;
CREATE TABLE mood AS SELECT u AS user_id, u % 2 AS mood FROM generate_series(1, 72) u;
CREATE TABLE odd AS SELECT i AS item_id, i % 2 AS odd FROM generate_series(1, 9) i;
SELECT rec.create_model('m', 'harsh', 'trees', '{"iterations": 1, "learning_rate": 1, "regularization": 0, "leaves": 4, "patience": 0}', users => 'mood',
	items => 'odd');
CALL rec.train('m');
SELECT u, i, rec.predict('m', u, i) AS rating FROM generate_series(71, 72) u, generate_series(8, 9) i ORDER BY 1, 2;
DROP TABLE m;

-- ---- and by the profile alone: how well items match it. Users who have one kind of item, of three, get more of that kind
CREATE TABLE events AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 90) u, generate_series(1, 60) i
	WHERE i % 3 = u % 3 AND (u * 7 + i * i) % 5 < 2;
CREATE INDEX ON events (user_id);
CREATE TABLE kinds AS SELECT i AS item_id, chr(97 + i % 3) AS kind FROM generate_series(1, 66) i;
SELECT rec.create_model('m', 'events', 'trees', items => 'kinds');
CALL rec.train('m');
SELECT bool_and(item_id % 3 = u % 3 AND personal) AS "of the user's kind" FROM (SELECT DISTINCT user_id FROM events) e (u), LATERAL rec.recommend('m', u, 5);
SELECT kind, bool_and(personal) AS personal
  FROM rec.recommend_for('m', '{61, 64}'::int[], n => 20, exclude_seen => false, candidates => '{1, 2, 3, 61, 62, 63}') JOIN kinds USING (item_id)
  GROUP BY 1 ORDER BY min(rank) LIMIT 2;
-- probabilities are those of events, and not of events among what was drawn, of which a fifth are events: here of 72 x 60 pairs one in six
SELECT abs(avg(1 / (1 + exp(-rec.predict('m', u, i)))) * 6 - 1) < 0.25 AS calibrated FROM (SELECT DISTINCT user_id FROM events) e (u), generate_series(1, 60) i;
-- what speaks for an item are the items like it
SELECT bool_and((known_item_id % 3 = 1) = (contribution > 0)) AS "those of its kind" FROM rec.explain('m', 1, 4, 100)
  WHERE feature IS NULL AND contribution <> 0;
SELECT count(*) AS n, min(similarity) > 0.5 AS alike FROM rec.similar_items('m', 64, 5);
-- the training ends early, and keeps the best
SELECT count(*) BETWEEN 1 AND 299 AS early FROM rec.training_log WHERE model = 'm'::regclass;
DROP TABLE m;

-- ---- without attributes and contexts: what is known are numbers of ratings and their means
SELECT rec.create_model('m', 'taste', 'trees');
CALL rec.train('m');
SELECT count(*) AS n FROM rec.recommend('m', 2, 10);
SELECT m.values[1] + m.values[2] + m.values[3] + m.values[8] AS others, m.values[5] > 0 AS means FROM m_parameters m WHERE name = 'importance';
-- the hint says how long a training takes
\set VERBOSITY terse
CALL rec.refresh('m'); \echo :SQLSTATE
\set VERBOSITY default

-- one tree that asks for the user's mean alone: what it adds to the mean of all ratings, 3, is of the user's ratings alike
CREATE TABLE tempers AS SELECT u AS user_id, i AS item_id, (2 + 2 * (u % 2))::real AS rating FROM generate_series(1, 40) u, generate_series(1, 8) i;
SELECT rec.create_model('one', 'tempers', 'trees', '{"iterations": 1, "learning_rate": 1, "leaves": 2, "patience": 0}');
CALL rec.train('one');
SELECT count(*) AS n, round(min(baseline)::numeric, 4) AS baseline, max(contribution) - min(contribution) < 1e-6 AS alike,
	abs(sum(contribution) - (rec.predict('one', 1, 2) - 3)) < 1e-5 AS adds_up, sum(contribution) > 0.5 AS more FROM rec.explain('one', 1, 2, 100);
DROP TABLE one;

-- ---- a table that holds what no training wrote: an error, and another training writes it anew
CREATE PROCEDURE spoil(parameter text, value real) LANGUAGE plpgsql AS $$
BEGIN
	-- as another training writes the table: sessions read it anew
	CALL rec.train('m');
	UPDATE m_parameters SET values[1] = value WHERE name = parameter;
END $$;
CREATE FUNCTION answer() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	RETURN 'finite: ' || (abs(rec.predict('m', 2, 1)) < 1e38);
EXCEPTION WHEN data_corrupted THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
CREATE TABLE damage (number serial, parameter text, value real, answer text);
INSERT INTO damage (parameter, value) VALUES ('split_left', 0), ('split_left', -33), ('split_right', 31), ('split_right', 0.5), ('split_source', 9),
	('split_source', 1.5), ('split_source', 1), ('split_kind', 0), ('leaves', 32), ('leaves', -1), ('split_categories', 16777216), ('leaf_values', 3e38),
	('base', 'NaN'), ('split_missing_left', 7), ('split_threshold', -3e38);
DO $$
DECLARE
	d damage;
BEGIN
	FOR d IN SELECT * FROM damage ORDER BY number LOOP
		CALL spoil(d.parameter, d.value);
		UPDATE damage SET answer = answer() WHERE number = d.number;
	END LOOP;
END $$;
SELECT parameter, value, answer FROM damage ORDER BY number;
CALL rec.train('m');
DELETE FROM m_parameters WHERE name LIKE 'split%';
SELECT answer();
CALL rec.train('m');
SELECT rec.predict('m', 1, 1) IS NOT NULL AS answers;
DROP TABLE m;

-- ---- more features than there may be, and more categories of a column than there are bins
CREATE TABLE crowded AS SELECT i AS item_id, ARRAY(SELECT 'w' || w FROM generate_series(1, 16001) w WHERE (w + i) % 2 = 0) AS words
  FROM generate_series(1, 30) i;
SELECT rec.create_model('m', 'taste', 'trees', '{"min_count": 1}', items => 'crowded');
CALL rec.train('m'); \echo :SQLSTATE
DROP TABLE m;
CREATE TABLE shelves AS SELECT u AS user_id, i AS item_id, (CASE WHEN i % 7 = 0 THEN 5 ELSE 1 END)::real AS rating FROM generate_series(1, 30) u,
	generate_series(1, 700) i WHERE (u + i) % 3 = 0;
CREATE TABLE shelf AS SELECT i AS item_id, 'shelf' || i % 350 AS shelf FROM generate_series(1, 700) i;
SELECT rec.create_model('m', 'shelves', 'trees', '{"min_count": 1, "learning_rate": 1, "iterations": 20, "patience": 0, "min_rows": 1}', items => 'shelf');
CALL rec.train('m');
SELECT max(abs(rec.predict('m', 1, i) - CASE WHEN i % 7 = 0 THEN 5 ELSE 1 END)) < 0.2 AS "all shelves" FROM generate_series(1, 700, 9) i;

DROP SCHEMA trees CASCADE;
