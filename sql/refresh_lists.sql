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

DROP SCHEMA refresh_lists CASCADE;
