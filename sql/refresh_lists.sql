-- A refresh of models whose items have lists of other items.

CREATE SCHEMA refresh_lists;
SET search_path = refresh_lists;
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- ---- markov: by hand

CREATE TABLE events (user_id int, item_id int, at int);
-- Three users, with a window of 2: 1 2 3, 1 2, 2 3
INSERT INTO events VALUES (1, 1, 1), (1, 2, 2), (1, 3, 3), (2, 1, 1), (2, 2, 2), (3, 2, 1), (3, 3, 2);
SELECT rec.create_model('m', 'events', 'markov', '{"window": 2}', time_column => 'at');
SELECT rec.track('m');
CALL rec.train('m');
-- 1: before 2 twice, and before 3 at distance 2; 2: before 3 twice
SELECT item_id, events, round(share::numeric, 4) AS share, transitions, next_items, next_weights FROM m ORDER BY 1;
-- 4 and 5 are new: the sequences are 1 2 3 4, 1 2, 2 3 and 4 5 1. Of the two events of 1 there are three now, so of the old items it alone is solved again.
-- It was before 2 twice, and before 3 at distance 2; 2: before 3 twice, and before 4 at distance 2; 3: before 4; 4: before 5, and before 1 at distance 2;
-- 5: before 1. There are eleven events.
INSERT INTO events VALUES (1, 4, 4), (4, 4, 1), (4, 5, 2), (4, 1, 3);
CALL rec.refresh('m');
SELECT item_id, events, round(share::numeric, 4) AS share, transitions, next_items, next_weights FROM m ORDER BY 1;
-- Without 2: 1 3 4, 1, 3 and 4 5 1. 1: before 3, and before 4 at distance 2; 3: before 4. But 1 and 3 are not solved again, and their distance is as before.
DELETE FROM events WHERE item_id = 2;
CALL rec.refresh('m');
SELECT item_id, events, transitions, next_items, next_weights FROM m ORDER BY 1;
-- what comes next is scored with it: after 3 there was 4, once
SELECT item_id, abs(score - (1 + 10 * (SELECT share FROM m WHERE item_id = 4)) / 11) < 1e-6 AS same FROM rec.recommend_for('m', '{3}', n => 1);
CALL rec.train('m');
SELECT item_id, events, transitions, next_items, next_weights FROM m ORDER BY 1;
DROP TABLE m;

-- ---- markov: what a training gives

CREATE TABLE entries (stage text, item int, next int, weight real, PRIMARY KEY (stage, item, next));
CREATE TABLE numbers (stage text, item int, share real, events real, transitions real);
CREATE FUNCTION note(stage text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO entries SELECT stage, item_id, next, weight FROM m, unnest(next_items, next_weights) l (next, weight);
	INSERT INTO numbers SELECT stage, item_id, share, events, transitions FROM m;
END $$;
-- Changes rows, refreshes and trains. The share says which items are solved again.
CREATE PROCEDURE refresh_and_train(options jsonb, item_share float8) LANGUAGE plpgsql AS $$
DECLARE
	solved int[];
	result record;
BEGIN
	TRUNCATE events, entries, numbers;
	INSERT INTO events SELECT u, 1 + (u * u + 7 * n * u + n * n) % 29, n FROM generate_series(1, 40) u, generate_series(1, 5 + u % 9) n;
	EXECUTE format('SELECT rec.create_model(''m'', ''events'', ''markov'', %L, time_column => ''at'')', options);
	PERFORM rec.track('m');
	CALL rec.train('m');
	-- new items and a new user; a user, an item and some events go; an event becomes one of another item
	INSERT INTO events VALUES (1, 100, 3), (2, 100, 50), (50, 1, 1), (50, 100, 2), (50, 101, 3), (50, 2, 4), (3, 5, 51), (4, 5, 52), (5, 5, 4);
	DELETE FROM events WHERE user_id = 6 OR item_id = 13 OR (user_id = 8 AND at < 3);
	UPDATE events SET item_id = 5 WHERE user_id = 7 AND at = 2;
	solved := ARRAY(SELECT c.item_id FROM m_changes c LEFT JOIN m USING (item_id) GROUP BY c.item_id, m.n_ratings
		HAVING sum(came + went) >= item_share * coalesce(m.n_ratings, 0));
	CALL rec.refresh('m', item_share);
	PERFORM note('refresh');
	CALL rec.train('m');
	PERFORM note('train');
	SELECT count(*) FILTER (WHERE item = ANY (solved)) AS after, count(*) FILTER (WHERE item = ANY (solved) AND abs(a.weight - b.weight) < 1e-5) AS same_after,
		count(*) FILTER (WHERE next = ANY (solved)) AS before, count(*) FILTER (WHERE next = ANY (solved) AND abs(a.weight - b.weight) < 1e-5) AS same_before
	  INTO result
	  FROM (SELECT * FROM entries WHERE stage = 'refresh') a FULL JOIN (SELECT * FROM entries WHERE stage = 'train') b USING (item, next);
	RAISE INFO 'of % items % are solved again: of % transitions from them % are the same, of % to them %', (SELECT count(*) FROM m), cardinality(solved),
		result.after, result.same_after, result.before, result.same_before;
	SELECT count(*) AS items, count(*) FILTER (WHERE abs(a.transitions - b.transitions) < 1e-4 AND a.events = b.events) AS same INTO result
	  FROM (SELECT * FROM numbers WHERE stage = 'refresh') a FULL JOIN (SELECT * FROM numbers WHERE stage = 'train') b USING (item) WHERE item = ANY (solved);
	RAISE INFO 'numbers of % items are the same, of %', result.same, result.items;
	SELECT count(*) AS items, count(*) FILTER (WHERE abs(a.transitions - l.sum) < 1e-4) AS same INTO result
	  FROM numbers a JOIN (SELECT stage, item, sum(weight) AS sum FROM entries GROUP BY 1, 2) l USING (stage, item) WHERE a.stage = 'refresh';
	RAISE INFO 'of % items % have just the transitions that are listed', result.items, result.same;
	DROP TABLE m;
END $$;
CALL refresh_and_train('{"window": 1}', 0);
CALL refresh_and_train('{"window": 3}', 0);
CALL refresh_and_train('{"window": 10}', 0.3);
-- with short lists, of which the least weights are left out: in place of what a list has lost a training may find something better
CALL refresh_and_train('{"window": 10, "transitions": 5}', 0.3);

-- by the time column
TRUNCATE events;
INSERT INTO events SELECT u, (u + n) % 7, n FROM generate_series(1, 20) u, generate_series(1, 3) n;
SELECT rec.create_model('m', 'events', 'markov', time_column => 'at');
CALL rec.train('m');
INSERT INTO events SELECT 1, 50, floor(extract(epoch FROM now())) UNION ALL SELECT 2, 51, floor(extract(epoch FROM now()));
CALL rec.refresh('m');
SELECT (SELECT array_agg(item_id ORDER BY item_id) FROM m WHERE item_id >= 50) AS new, (SELECT count(*) > 0 FROM m WHERE 50 = ANY (next_items)) AS listed;
-- tables of an earlier version have no counts
SET client_min_messages = notice;
ALTER TABLE m DROP events;
INSERT INTO events SELECT 3, 52, floor(extract(epoch FROM now()));
CALL rec.refresh('m');
SELECT count(events) FROM m;
-- all weights would be others
\set VERBOSITY terse
SELECT rec.alter_model('m', options => '{"half_life": "1 day"}');
CALL rec.train('m');
CALL rec.refresh('m'); \echo :SQLSTATE
\set VERBOSITY default
SET client_min_messages = warning;
DROP TABLE m;

-- ---- item_knn: by hand

-- Users by item: 1: a b, 2: a b c, 3: c d. Cosines: 1 and 2 have two users in common: 2 / sqrt(2 * 3); 2 and 3 one: 1 / sqrt(3 * 2).
CREATE TABLE bought (user_id text, item_id int, rating real);
INSERT INTO bought VALUES ('a', 1), ('b', 1), ('a', 2), ('b', 2), ('c', 2), ('c', 3), ('d', 3);
SELECT rec.create_model('m', 'bought', 'item_knn', '{"weighting": "none", "shrinkage": 0, "neighbors": 2}', rating_column => '');
SELECT rec.track('m');
CALL rec.train('m');
SELECT item_id, n_ratings, round((norm ^ 2)::numeric, 4) AS users, neighbors, similarities FROM m ORDER BY 1;
-- 4 is new: a c d. One user in common with 1: 1 / sqrt(3 * 2) = 0.408, two with 2: 2 / sqrt(3 * 3) = 0.667, two with 3: 2 / sqrt(3 * 2) = 0.816. So it is
-- first on the list of 3, second on that of 1, and second on that of 2, where 3 leaves. Nothing else is computed.
INSERT INTO bought VALUES ('a', 4), ('c', 4), ('d', 4);
CALL rec.refresh('m');
SELECT item_id, n_ratings, round((norm ^ 2)::numeric, 4) AS users, neighbors, similarities FROM m ORDER BY 1;
-- Without d, 3 is c alone, and 4 is a c. 3 and 2: 1 / sqrt(1 * 3) = 0.577; 3 and 4: 1 / sqrt(1 * 2) = 0.707; 4 and 1: 1 / sqrt(2 * 2) = 0.5; 4 and 2:
-- 2 / sqrt(2 * 3) = 0.816. Without 1, its place is free on the list of 2.
DELETE FROM bought WHERE user_id = 'd' OR item_id = 1;
CALL rec.refresh('m');
SELECT item_id, n_ratings, round((norm ^ 2)::numeric, 4) AS users, neighbors, similarities FROM m ORDER BY 1;
CREATE TEMP TABLE refreshed AS TABLE m;
CALL rec.train('m');
SELECT count(*) AS items, count(*) FILTER (WHERE a = b) AS same FROM refreshed a FULL JOIN m b USING (item_id);
DROP TABLE m, refreshed;

-- ---- item_knn: what a training gives

-- Changes rows, refreshes and trains; compares the lists of what is solved again, and its places on the lists of others.
CREATE PROCEDURE refresh_and_train_neighbors(options jsonb, changes text, item_share float8 = 0, tolerance float8 = 1e-5, equal bool = false)
LANGUAGE plpgsql AS $$
DECLARE
	solved int[];
	result record;
	biases record;
BEGIN
	TRUNCATE bought, entries;
	INSERT INTO bought SELECT 'u' || u, i, CASE WHEN equal THEN 2 ELSE 1 + (u * u + 3 * i * u + i) % 5 END
	  FROM generate_series(1, 60) u, generate_series(1, 40) i WHERE (7 * u * u + 11 * i + i * i) % 17 < 3;
	EXECUTE format('SELECT rec.create_model(''m'', ''bought'', ''item_knn'', %L)', options);
	PERFORM rec.track('m');
	CALL rec.train('m');
	EXECUTE format('SELECT %s()', changes);
	solved := ARRAY(SELECT c.item_id FROM m_changes c LEFT JOIN m USING (item_id) GROUP BY c.item_id, m.n_ratings
		HAVING sum(came + went) >= item_share * coalesce(m.n_ratings, 0));
	CALL rec.refresh('m', item_share);
	CREATE TEMP TABLE refreshed AS TABLE m;
	INSERT INTO entries SELECT 'refresh', item_id, neighbor, similarity FROM m, unnest(neighbors, similarities) l (neighbor, similarity);
	CALL rec.train('m');
	INSERT INTO entries SELECT 'train', item_id, neighbor, similarity FROM m, unnest(neighbors, similarities) l (neighbor, similarity);
	SELECT max(abs(a.bias - b.bias)) AS off, stddev(b.bias) AS deviation INTO biases FROM refreshed a JOIN m b USING (item_id) WHERE item_id = ANY (solved);
	SELECT count(*) FILTER (WHERE item = ANY (solved)) AS own, count(*) FILTER (WHERE item = ANY (solved) AND same) AS same_own,
		count(*) FILTER (WHERE next = ANY (solved)) AS others, count(*) FILTER (WHERE next = ANY (solved) AND same) AS same_others INTO result
	  FROM (SELECT item, next, abs(coalesce(a.weight, 0) - coalesce(b.weight, 0)) < tolerance AS same FROM (SELECT * FROM entries WHERE stage = 'refresh') a
		FULL JOIN (SELECT * FROM entries WHERE stage = 'train') b USING (item, next)) e;
	RAISE INFO 'of % items % are solved again: of % neighbours % are the same, of % places on lists %; biases are near: %', (SELECT count(*) FROM m),
		cardinality(solved), result.own, result.same_own, result.others, result.same_others, biases.off < 0.2 * biases.deviation OR biases.off = 0;
	DROP TABLE m, refreshed;
END $$;
-- measures in which neither the values of other items nor their norms change
CREATE FUNCTION change_rows() RETURNS void LANGUAGE sql AS $$
	INSERT INTO bought VALUES ('u1', 100, 5), ('u2', 100, 4), ('new', 1, 5), ('new', 100, 3), ('u7', 2, 1);
	DELETE FROM bought WHERE user_id = 'u3' OR item_id = 9 OR (user_id = 'u4' AND item_id < 12);
	UPDATE bought SET rating = 6 - rating WHERE user_id = 'u5';
	UPDATE bought SET item_id = 101 WHERE user_id = 'u6' AND item_id < 8;
$$;
CALL refresh_and_train_neighbors('{"feedback": "implicit", "weighting": "none"}', 'change_rows');
CALL refresh_and_train_neighbors('{"feedback": "implicit", "weighting": "none", "weight": "linear", "neighbors": 5}', 'change_rows');
CALL refresh_and_train_neighbors('{"feedback": "implicit", "similarity": "jaccard", "min_common": 2}', 'change_rows');
CALL refresh_and_train_neighbors('{"feedback": "implicit", "similarity": "conditional", "shrinkage": 50}', 'change_rows');
CALL refresh_and_train_neighbors('{"feedback": "explicit", "similarity": "cosine"}', 'change_rows');
CALL refresh_and_train_neighbors('{"feedback": "explicit", "similarity": "pearson", "shrinkage": 10, "neighbors": 8}', 'change_rows');
-- the first weights that are not all equal
CALL refresh_and_train_neighbors('{"feedback": "implicit", "weighting": "none", "weight": "linear"}', 'change_rows', equal => true);
-- others, where whole users come and go: then all items whose norms change are solved again
CREATE FUNCTION change_users() RETURNS void LANGUAGE sql AS $$
	INSERT INTO bought SELECT 'new' || u, i, 1 + (u * i) % 5 FROM generate_series(1, 2) u, generate_series(u, 40, 9) i;
	DELETE FROM bought WHERE user_id IN ('u3', 'u6');
$$;
CALL refresh_and_train_neighbors('{"feedback": "explicit"}', 'change_users');
CALL refresh_and_train_neighbors('{"feedback": "implicit"}', 'change_users');
CALL refresh_and_train_neighbors('{"feedback": "implicit", "weight": "linear"}', 'change_users');
-- and where not: similarities move a little with the norms of the others
CALL refresh_and_train_neighbors('{"feedback": "explicit"}', 'change_rows', tolerance => 0.02);
CALL refresh_and_train_neighbors('{"feedback": "implicit"}', 'change_rows', tolerance => 0.02);
-- only what has changed much
CALL refresh_and_train_neighbors('{"feedback": "implicit", "weighting": "none"}', 'change_rows', item_share => 0.3, tolerance => 0.02);

-- what cannot be: here each new event changes all similarities
\set VERBOSITY terse
SELECT rec.create_model('m', 'bought', 'item_knn', '{"feedback": "implicit", "similarity": "pearson"}');
SELECT rec.track('m');
CALL rec.train('m');
CALL rec.refresh('m'); \echo :SQLSTATE
SELECT rec.alter_model('m', options => '{"similarity": "cosine", "weighting": "bm25"}');
CALL rec.refresh('m'); \echo :SQLSTATE
SELECT count(*) FROM pg_attribute WHERE attrelid = 'm'::regclass AND attname IN ('norm', 'mean');
-- other options are those of the next training, and bring other columns
SELECT rec.alter_model('m', options => '{"feedback": "explicit", "similarity": "pearson"}');
SET client_min_messages = notice;
CALL rec.refresh('m');
SET client_min_messages = warning;
INSERT INTO bought VALUES ('u1', 100, 2);
CALL rec.refresh('m');
SELECT version, refreshed FROM rec.models WHERE model = 'm'::regclass;
SELECT norm, mean, neighbors <> '{}' AS similar FROM m WHERE item_id = 100;
DROP TABLE m;
\set VERBOSITY default

-- numbers that are as large as they can be
TRUNCATE bought;
INSERT INTO bought SELECT u, i, 3e38 - 1e38 * ((u + i) % 4) FROM generate_series(1, 9) u, generate_series(1, 9) i WHERE (u * i) % 4 > 0;
SELECT rec.create_model('m', 'bought', 'item_knn', '{"feedback": "implicit", "weighting": "none", "weight": "linear"}');
SELECT rec.track('m');
CALL rec.train('m');
INSERT INTO bought VALUES ('1', 100, 3e38), ('2', 100, 1e-30), ('3', 100, 2);
CALL rec.refresh('m');
SELECT max(norm), count(*) FROM m;
SELECT count(*) > 0 AS listed FROM rec.similar_items('m', '100');
DROP TABLE m;

DROP SCHEMA refresh_lists CASCADE;
