-- Evaluation by sessions, and of repeated items, against the same lists and the formulas in plain SQL.
SET client_min_messages = warning;
CREATE SCHEMA sessions;
SET search_path = sessions, public;

-- ---- by hand: sessions end with a pause of more than 30 minutes. Of the five with two events or more, two fifths are tested: D and E.
CREATE TABLE visits (user_id int, item_id text, at timestamp);
INSERT INTO visits VALUES
	(1, 'a', '2026-01-01 09:00'), (1, 'b', '2026-01-01 09:10'),									-- A
	(2, 'a', '2026-01-01 09:00'), (2, 'c', '2026-01-01 09:20'),									-- B
	(3, 'a', '2026-01-01 09:00'), (3, 'b', '2026-01-01 09:30'), (3, 'a', '2026-01-01 10:00'),	-- C, with pauses of 30 minutes
	(4, 'd', '2026-01-01 08:00'),
	(1, 'c', '2026-01-01 11:00'), (1, 'a', '2026-01-01 11:10'), (1, 'd', '2026-01-01 11:20'),	-- D
	(2, 'a', '2026-01-01 12:00'), (2, 'a', '2026-01-01 12:05'), (2, 'e', '2026-01-01 12:10'),	-- E
	(4, 'a', '2026-01-01 13:00');	-- neither trained on nor tested
-- Users who have an item in the train part: a 3, b 2, c 1, d 1. Lists of 3 of popular items, without the session so far:
--   D: c        -> a, b, d: a is next: rank 1.       With what was seen: a, b, c: rank 1.
--   D: c, a     -> b, d:    d is next: rank 2.       a, b, c: a miss.
--   E: a        -> b, c, d: a is next: a miss.       a, b, c: rank 1.
--   E: a, a     -> b, c, d: e is next, which nobody was trained on: a miss, and again.
-- hit rate and recall: 2 of 4; precision: a third of that. mrr and map: (1 + 1/2) / 4, and 2/4. ndcg: (1 + 1 / log2 3) / 4 = 0.40773, and 2/4.
-- auc: D: a before b and d: 1. D: d behind b: 0. E: a can't be on the list: 0, e neither: 0: together 1/4.
--   With what was seen: a before three: 1. d behind a and b, as popular as c: 1/2 of 3. 1. 0: (2 + 1/6) / 4 = 0.54167.
-- coverage: all four, or three of four.
SELECT rec.create_model('hand', 'visits', 'popular', '{"by": "count"}', time_column => 'at');
SELECT metric, round(e.value::numeric, 5) AS value, round(s.value::numeric, 5) AS "with seen", e.users, e.low <= e.value AND e.value <= e.high AS within
  FROM rec.evaluate('hand', 'session', 0.4, k => 3) e JOIN rec.evaluate('hand', 'session', 0.4, k => 3, exclude_seen => false) s USING (metric)
 WHERE metric IN ('precision', 'recall', 'ndcg', 'map', 'mrr', 'hit_rate', 'auc', 'coverage') OR e.low IS NULL AND metric NOT IN ('gini', 'personalisation');
-- with a pause of 29 minutes C is three sessions of one event: A, B, D, E are left, of which 2 in 5 is one
SELECT metric, value FROM rec.evaluate('hand', 'session', 0.4, session_gap => '29 minutes') WHERE metric IN ('sessions', 'predictions');
-- with two hours A and D are one: of four sessions one is tested. Without an end each user is one: 4 ends last, with two events
SELECT gap, metric, value
  FROM (VALUES (interval '2 hours'), (interval '1 month'), ('0')) g (gap), LATERAL rec.evaluate('hand', 'session', 0.4, session_gap => gap)
 WHERE metric IN ('sessions', 'predictions') ORDER BY gap, metric;
-- users with fewer events than min_ratings are not tested: users 1 and 2 have five each
SELECT value AS sessions FROM rec.evaluate('hand', 'session', 0.4, min_ratings => 5) WHERE metric = 'sessions';
SELECT * FROM rec.evaluate('hand', 'session', 0.4, min_ratings => 6);
-- events of one time are in an order that is drawn: of D's two that are predicted both are of one time, of E's one is of the time of the first
CREATE VIEW at_once AS SELECT user_id, item_id, CASE WHEN at > '2026-01-01 11:00' AND user_id = 1 THEN timestamp '2026-01-01 11:10'
    WHEN at = '2026-01-01 12:05' THEN timestamp '2026-01-01 12:00' ELSE at END AS at FROM visits;
SELECT rec.create_model('tied', 'at_once', 'popular', time_column => 'at');
SELECT metric, value FROM rec.evaluate('tied', 'session', 0.4) WHERE metric = 'tied_ratings';
SELECT metric, value FROM rec.evaluate('hand', 'session', 0.4) WHERE metric = 'tied_ratings';

-- ---- by SQL: ratings of sixty users in the order in which they were given, with repeated items
CREATE TABLE rating (user_id int, item_id int, rating real, ts bigint);
\copy rating FROM PROGRAM 'awk -F, ''NR == 1 || $1 <= 60'' test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER)
CREATE TABLE ratings AS
SELECT user_id, item_id % 150 AS item_id, rating, to_timestamp(ts) + interval '1 ms' * row_number() OVER (PARTITION BY user_id, ts ORDER BY item_id) AS at
  FROM rating;
-- sessions, and whether they are tested: of the sessions of two or more events, a fifth, rounded down, ends after the moment
CREATE TABLE session AS
WITH event AS (SELECT *, coalesce(at - lag(at) OVER w > interval '30 minutes', true) AS begins FROM ratings WINDOW w AS (PARTITION BY user_id ORDER BY at)),
	 numbered AS (SELECT *, sum(begins::int) OVER (PARTITION BY user_id ORDER BY at) AS session FROM event),
	 whole AS (SELECT user_id, session, count(*) AS n, max(at) AS ends FROM numbered GROUP BY user_id, session),
	 moment AS (SELECT ends AS moment FROM whole WHERE n > 1 ORDER BY ends DESC OFFSET (SELECT floor(0.2 * count(*)) FROM whole WHERE n > 1) LIMIT 1)
SELECT e.user_id, e.item_id, e.rating, e.at, session, n, ends > moment AS late, row_number() OVER (PARTITION BY e.user_id, session ORDER BY e.at) AS place
  FROM numbered e JOIN whole USING (user_id, session), moment;
CREATE VIEW source AS SELECT user_id, item_id, rating, at, late, ('x' || left(md5(user_id || ':' || at), 7))::bit(28)::int % 5 = 0 AS held FROM session;
CREATE VIEW events AS SELECT user_id, item_id, at, late, held FROM source;


-- Metrics of questions: a profile, for which a model of the table train ranks all items, and the right items.
CREATE TABLE question (q int, user_id int, items int[], rated float8[], targets int[], target_ratings real[]);
CREATE FUNCTION of_questions(algorithm text, given jsonb, explicit bool, weighed bool, k int, exclude bool) RETURNS TABLE (metric text,
    value float8) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('sessions.trained', CASE WHEN weighed THEN 'train' ELSE 'train_events' END, algorithm, given, time_column => 'at');
	CALL rec.train('sessions.trained');
	CREATE TABLE ranked AS SELECT q, r.rank, r.item_id, r.score, r.personal FROM question,
		LATERAL rec.recommend_for('sessions.trained', items, CASE WHEN weighed THEN rated END, n => 100000, exclude_seen => exclude) r;
	CREATE TABLE popularity AS SELECT item_id, n_ratings::float8 / (SELECT count(DISTINCT user_id) FROM train) AS share, trained.popularity AS recent
	  FROM trained;
	CREATE TABLE relevant AS SELECT q, unnest(targets) AS item_id, unnest(target_ratings) AS rating FROM question;
	CREATE INDEX ON ranked (q, item_id);
	CREATE INDEX ON relevant (q);
	CREATE INDEX ON popularity (item_id);
	ANALYZE ranked; ANALYZE relevant; ANALYZE popularity;
	RETURN QUERY
	WITH hit AS (SELECT q, rank, row_number() OVER (PARTITION BY q ORDER BY rank) AS nth FROM ranked JOIN relevant USING (q, item_id) WHERE rank <= k),
		 asked AS (SELECT cardinality(targets)::float8 AS n, (SELECT count(*) FROM hit h WHERE h.q = a.q) AS hits,
						  (SELECT coalesce(sum(1 / log(2, rank + 1)), 0) FROM hit h WHERE h.q = a.q)::float8 AS dcg,
						  (SELECT coalesce(sum(nth::float8 / rank), 0) FROM hit h WHERE h.q = a.q) AS precisions,
						  (SELECT coalesce(1.0 / min(rank), 0) FROM hit h WHERE h.q = a.q)::float8 AS first FROM question a)
	SELECT m.metric, avg(m.value) FROM asked, LATERAL (VALUES ('precision', hits / k::float8), ('recall', hits / least(k, n)),
		('ndcg', dcg / (SELECT sum(1 / log(2, i + 1)) FROM generate_series(1, least(k, n)::int) i)::float8),
		('map', precisions / least(k, n)), ('mrr', first), ('hit_rate', least(hits, 1))) m (metric, value) GROUP BY m.metric;
	-- the share of the other items that are ranked after a right one; returned ratings are clipped, ranks are not
	RETURN QUERY
	SELECT 'auc', avg(a.value)::float8
	  FROM (SELECT q.q, avg((SELECT avg(CASE WHEN r.rank IS NULL THEN 0 WHEN r.personal <> o.personal THEN r.personal::int
											 WHEN (r.personal OR algorithm = 'popular') AND r.score = o.score AND NOT (explicit AND r.score IN (0.5, 5))
												 THEN 0.5
											 WHEN NOT r.personal AND algorithm <> 'popular' AND rp.recent = op.recent THEN 0.5
											 ELSE (r.rank < o.rank)::int END)
							   FROM ranked o JOIN popularity op USING (item_id) WHERE o.q = q.q AND o.item_id <> ALL (q.targets))) AS value
			  FROM question q JOIN relevant USING (q) LEFT JOIN ranked r USING (q, item_id) LEFT JOIN popularity rp USING (item_id) GROUP BY q.q) a;
	RETURN QUERY
	SELECT 'coverage', count(DISTINCT item_id)::float8 / (SELECT count(*) FROM trained) FROM ranked WHERE rank <= k
	UNION ALL
	SELECT 'novelty', avg(-log(2, share::numeric))::float8 FROM ranked JOIN popularity USING (item_id) WHERE rank <= k
	UNION ALL
	SELECT 'popularity_bias', avg((SELECT avg(share) FROM ranked JOIN popularity USING (item_id) WHERE ranked.q = question.q AND rank <= k))
		   / avg((SELECT avg(share) FROM (SELECT DISTINCT unnest(items) AS item_id) p JOIN popularity USING (item_id)))
	  FROM question WHERE EXISTS (SELECT FROM popularity WHERE item_id = ANY (items));
	IF explicit THEN
		RETURN QUERY
		SELECT m.metric, avg(m.value)
		  FROM (SELECT score::float8 - rating AS e FROM question JOIN relevant USING (q),
				LATERAL rec.recommend_for('sessions.trained', items, rated, exclude_seen => false, candidates => ARRAY[relevant.item_id])) t, LATERAL
			   (VALUES ('mse', e * e), ('mae', abs(e))) m (metric, value) GROUP BY m.metric;
	END IF;
	DROP TABLE trained, ranked, popularity, relevant;
END $$;

-- Compares both computations, and counts the metrics that both have. Without ratings each event counts 1.
CREATE FUNCTION differences(split text, algorithm text, given jsonb, exclude bool, k int = 10, ratings bool = false) RETURNS TABLE (metric text, by_sql float8,
    evaluated float8, compared bigint) LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE expected AS SELECT * FROM of_questions(algorithm, given, ratings AND NOT given ? 'feedback', ratings, k, exclude);
	PERFORM rec.create_model('sessions.whole', CASE WHEN ratings THEN 'source' ELSE 'events' END, algorithm, given, time_column => 'at');
	RETURN QUERY
	WITH both_ways AS (
		SELECT x.metric, x.value AS expected, e.value AS evaluated
		  FROM expected x JOIN rec.evaluate('sessions.whole', split, k => k, exclude_seen => exclude) e ON e.metric = x.metric)
	SELECT b.metric, b.expected, b.evaluated, NULL::bigint FROM both_ways b WHERE NOT abs(b.expected - b.evaluated) <= 1e-9
	UNION ALL
	SELECT 'all', NULL, NULL, count(*) FROM both_ways;
	DROP TABLE whole, expected;
END $$;
CREATE TABLE train (user_id int, item_id int, rating real, at timestamptz);
CREATE VIEW train_events AS SELECT user_id, item_id, at FROM train;

-- each event of a tested session after the first is predicted from the events before it
INSERT INTO question
SELECT row_number() OVER (), user_id, before, rated, ARRAY[item_id], ARRAY[rating]
  FROM (SELECT user_id, item_id, rating, place, n, late, array_agg(item_id) OVER w AS before, array_agg(rating::float8) OVER w AS rated FROM session
		WINDOW w AS (PARTITION BY user_id, session ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) s
 WHERE late AND place > 1;
INSERT INTO train SELECT user_id, item_id, rating, at FROM session WHERE NOT late;
ANALYZE question;
SELECT count(*) AS questions, count(DISTINCT user_id) AS users, bool_or(targets[1] = ANY (items)) AS repeats FROM question;
SELECT * FROM differences('session', 'popular', '{"by": "count"}', true);
SELECT * FROM differences('session', 'popular', '{"by": "count"}', false);
SELECT * FROM differences('session', 'item_knn', '{"neighbors": 20}', false, 5);
SELECT * FROM differences('session', 'als', '{"factors": 8, "iterations": 3}', true);
SELECT * FROM differences('session:late', 'als', '{"factors": 8, "iterations": 3}', false, 20);
SELECT * FROM differences('session:late', 'user_knn', '{"neighbors": 10}', false);
SELECT * FROM differences('session', 'markov', '{"order": 3, "window": 2}', true);
SELECT * FROM differences('session:late', 'markov', '{"order": 2}', false);
SELECT * FROM differences('session', 'session_knn', '{"neighbors": 20}', false);
SELECT * FROM differences('session', 'als', '{"factors": 4, "iterations": 3, "feedback": "implicit"}', false, ratings => true);
SELECT * FROM differences('session', 'als', '{"factors": 4, "iterations": 3}', false, ratings => true);
SELECT * FROM differences('session:late', 'item_knn', '{"neighbors": 20}', true, ratings => true);
-- the numbers of sessions and predictions
SELECT rec.create_model('counted', 'events', 'popular', time_column => 'at');
SELECT metric, e.value = x.value AS same
  FROM rec.evaluate('counted', 'session') e
  JOIN (SELECT 'sessions' AS metric, count(DISTINCT (user_id, session))::float8 AS value FROM session WHERE late AND n > 1
		UNION ALL SELECT 'predictions', count(*) FROM question
		UNION ALL SELECT 'unseen_ratings', count(*) FROM question WHERE NOT EXISTS (SELECT FROM train WHERE item_id = targets[1])
		UNION ALL SELECT 'unseen_items', count(DISTINCT targets) FROM question WHERE NOT EXISTS (SELECT FROM train WHERE item_id = targets[1])
		UNION ALL SELECT 'unseen_users', count(*) FROM question WHERE NOT EXISTS (SELECT FROM train WHERE item_id = ANY (items))) x USING (metric)
 ORDER BY metric;

-- ---- repeated items with the other splits: events are divided, so that items of the train part can be right in the test part
CREATE PROCEDURE divide(tested text) LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE train, question;
	CREATE TABLE divided AS SELECT *, false AS tested FROM source LIMIT 0;
	EXECUTE 'INSERT INTO divided SELECT s.*, ' || tested || ' FROM source s WINDOW u AS (PARTITION BY user_id)';
	INSERT INTO train SELECT user_id, item_id, rating, at FROM divided WHERE NOT divided.tested;
	INSERT INTO question
	SELECT row_number() OVER (), t.user_id, items, rated, targets, target_ratings
	  FROM (SELECT user_id, array_agg(item_id ORDER BY item_id) AS targets, array_agg(rating ORDER BY item_id) AS target_ratings
			  FROM (SELECT DISTINCT ON (user_id, item_id) user_id, item_id, rating FROM divided d WHERE d.tested ORDER BY user_id, item_id, at DESC) l
			 GROUP BY user_id) t
	  LEFT JOIN (SELECT user_id, array_agg(item_id ORDER BY at) AS items, array_agg(rating::float8 ORDER BY at) AS rated FROM train GROUP BY user_id) k
		USING (user_id);
	UPDATE question SET items = '{}', rated = '{}' WHERE items IS NULL;
	DROP TABLE divided;
	ANALYZE question;
END $$;
CALL divide('rank() OVER (u ORDER BY at) > count(*) OVER u - greatest(1, floor(0.2 * count(*) OVER u))');
SELECT count(*) AS questions, sum((targets && items)::int) AS repeats FROM question;
SELECT * FROM differences('time', 'popular', '{"by": "count"}', false);
SELECT * FROM differences('time', 'item_knn', '{"neighbors": 20}', false, 5);
SELECT * FROM differences('time', 'markov', '{"order": 2, "window": 2}', false);
SELECT * FROM differences('time', 'als', '{"factors": 4, "iterations": 3}', false, ratings => true);
SELECT * FROM differences('time', 'als', '{"factors": 4, "iterations": 3, "feedback": "implicit"}', false, ratings => true);
CALL divide('rank() OVER (u ORDER BY at) = count(*) OVER u');
SELECT * FROM differences('leave_one_out', 'item_knn', '{"neighbors": 20}', false);
CALL divide('at > (SELECT at FROM source ORDER BY at DESC OFFSET (SELECT floor(0.2 * count(*))::int FROM source) LIMIT 1)');
SELECT * FROM differences('global_time', 'item_knn', '{"neighbors": 20}', false);
CALL divide('held');
SELECT * FROM differences('column:held', 'item_knn', '{"neighbors": 20}', false);
SELECT * FROM differences('column:held', 'markov', '{}', false);
SELECT * FROM differences('column:held', 'bpr', '{"factors": 4, "iterations": 3}', false);
-- the same without times, for implicit feedback, which sums; but recent popularity completes the lists
SELECT rec.create_model('timeless', 'events', 'item_knn', '{"neighbors": 20}'), rec.create_model('timed', 'events', 'item_knn', '{"neighbors": 20}',
    time_column => 'at');
SELECT count(*), bool_and(a.value = b.value OR a.metric = 'auc' AND abs(a.value - b.value) < 0.01) AS same
  FROM rec.evaluate('timeless', 'column:held', exclude_seen => false) a JOIN rec.evaluate('timed', 'column:held', exclude_seen => false) b USING (metric);
-- drawn: each event by itself, by its user, item and place among the user's
\i test/data/lot.sql
CREATE TABLE number AS SELECT user_id, item_id, at, dense_rank() OVER (ORDER BY user_id) - 1 AS u, dense_rank() OVER (ORDER BY item_id) - 1 AS i,
    row_number() OVER (PARTITION BY user_id ORDER BY at) - 1 AS place FROM events;
ALTER TABLE number ADD PRIMARY KEY (user_id, at);
CALL divide('(SELECT shifted(lot(lot(0, u, i), 0, place), 11) < 0.2::real::float8 * 2 ^ 53 FROM number n WHERE (n.user_id, n.at) = (s.user_id, s.at))');
SELECT * FROM differences('random', 'item_knn', '{"neighbors": 20}', false);

-- ---- a long session is asked about in several blocks, as its profiles are 8 million entries together and a block has 32 MB. Of items 1 to 4000 each
-- is the most popular one but for those before it, so the next is at rank 1 each time, before all that come later; of these, those of its thousand are
-- as popular, which is half. The last is asked about among nothing.
CREATE TABLE long AS SELECT 0 AS user_id, i AS item_id, timestamp '2026-01-01' + interval '1 min' * i AS at FROM generate_series(1, 4000) i;
INSERT INTO long SELECT u, i, timestamp '2025-01-01' + interval '1 min' * i FROM generate_series(1, 4) u, generate_series(1, 1000 * u) i;
SELECT rec.create_model('of_long', 'long', 'popular', '{"by": "count"}', time_column => 'at');
SELECT metric, value, users FROM rec.evaluate('of_long', 'session', k => 1) WHERE metric IN ('hit_rate', 'mrr', 'coverage', 'predictions');
SELECT abs(value - (SELECT avg(1 - (1000 - i % 1000) % 1000 * 0.5 / (4000 - i)) FROM generate_series(2, 3999) i)) < 1e-9 AS auc
  FROM rec.evaluate('of_long', 'session', k => 1) WHERE metric = 'auc';

-- ---- what is predicted is known neither to the profile that it is predicted from nor to training. Users 1 to 200 have each an item twice, one after the
-- other: after an item it comes again. Users 201 to 220 have ten items each, which nobody else of them has. An algorithm of order says that their last
-- item comes again, which it does not: no list of two has what comes next, unless the last item is that one, or training has met what comes after.
CREATE TABLE echo AS SELECT i AS user_id, i AS item_id, timestamp '2025-01-01' + interval '1 min' * n AS at, false AS held FROM generate_series(1, 200) i,
    generate_series(1, 2) n;
INSERT INTO echo SELECT 200 + u, u + 20 * ((u + 3 * n) % 10), timestamp '2026-01-01' + interval '1 day' * u + interval '1 min' * n, u > 15 AND n >= 7
  FROM generate_series(1, 20) u, generate_series(0, 9) n;
SELECT rec.create_model('echo_markov', 'echo', 'markov', '{"order": 1, "window": 1}', time_column => 'at'),
       rec.create_model('echo_session_knn', 'echo', 'session_knn', time_column => 'at');
SELECT model, s.split, exclude, e.value < 0.1 AS "on short lists", a.value AS "on lists of all", e.users
  FROM unnest('{echo_markov,echo_session_knn}'::regclass[]) model, unnest('{f,t}'::bool[]) exclude,
	   (VALUES ('session', 0.05), ('session:held', 0.05), ('leave_one_out', 0.05), ('time', 0.2), ('global_time', 0.05), ('random', 0.05), ('user', 0.5),
			   ('column:held', 0.05)) s (split, fraction),
	   LATERAL rec.evaluate(model, split, fraction, k => 2, min_ratings => 3, exclude_seen => exclude) e,
	   LATERAL rec.evaluate(model, split, fraction, k => 200, min_ratings => 3, exclude_seen => exclude) a
 WHERE e.metric = 'hit_rate' AND a.metric = 'hit_rate' ORDER BY 1, 3, 2;

-- ---- comparing and tuning on the same sessions
SELECT count(*) AS compared, bool_and((c.metrics->>e.metric)::float8 = e.value) AS same
  FROM rec.compare('events', '["item_knn", {"algorithm": "als", "factors": 8}]', 'mrr', 'session', time_column => 'at', exclude_seen => false) c,
	   LATERAL (SELECT rec.create_model('sessions.like_' || c.algorithm, 'events', c.algorithm, c.options, time_column => 'at') AS model) m,
	   LATERAL rec.evaluate(m.model, 'session', exclude_seen => false) e
 WHERE c.metrics ? e.metric;
SELECT verdict ~ '^of 100+ next items in sessions \d+ are on the list of 10 made from the items before them; with the most popular items \d+$' AS verdict
  FROM rec.compare('events', '["item_knn"]', 'mrr', 'session', time_column => 'at');
SELECT regexp_replace(verdict, '\d+', 'N', 'g') AS verdict FROM rec.compare('source', '["item_knn"]', 'mrr', 'session:late', time_column => 'at',
    relevant_from => 4);
-- the best combination of a grid is trained on the train and validation parts, and tested on the sessions that rec.evaluate
-- tests
SELECT s.split, t.rank, t.value > 0 AS value, t.test = e.value AS same
  FROM (VALUES ('session'), ('session:late'), ('time')) s (split),
	   LATERAL rec.tune('timed', '{"neighbors": [5, 20]}', 'mrr', split => s.split, exclude_seen => false) t,
	   LATERAL rec.evaluate('timed', s.split, options => t.options, exclude_seen => false) e
 WHERE e.metric = 'mrr';
-- halving uses a part of the users
SELECT count(*) FROM rec.tune('timed', '{"neighbors": [5, 10, 20]}', 'hit_rate', 'halving', split => 'session');

-- ---- errors
\set VERBOSITY terse
SELECT * FROM rec.evaluate('timeless', 'session');
SELECT * FROM rec.evaluate('timed', 'session', session_gap => NULL);
SELECT * FROM rec.evaluate('timed', 'session', session_gap => '-1 day');
SELECT * FROM rec.evaluate('timed', 'session', folds => 2);
SELECT * FROM rec.evaluate('timed', 'session:nothing');
SELECT * FROM rec.evaluate('timed', 'session:user_id');
SELECT * FROM rec.evaluate('timed', 'sessions');
SELECT * FROM rec.evaluate('timed', exclude_seen => NULL);
SELECT * FROM rec.evaluate('timed', diversity => 0.5);
SELECT * FROM rec.evaluate('timed', group_column => 'held');
SELECT * FROM rec.compare('events', '["als"]', inputs => '{events}');
SELECT * FROM rec.tune('timed', '{"neighbors": [5]}', max_per => '{}');
-- one event each: nothing to test
CREATE TABLE single AS SELECT u AS user_id, u AS item_id, timestamp '2026-01-01' + u * interval '1 day' AS at FROM generate_series(1, 9) u;
SELECT rec.create_model('of_single', 'single', 'popular', time_column => 'at');
SELECT * FROM rec.evaluate('of_single', 'session');
-- times that are infinite, or missing, which are one moment with minus infinity. Of two events or more are nine sessions of that moment, nine of 2026,
-- and one of infinity, that of user 5, who has it twice: half of 19 is nine, and after the moment that leaves nine is that one alone.
CREATE TABLE endless (user_id int, item_id int, at timestamptz);
INSERT INTO endless SELECT u, i, ('{-infinity,infinity,NULL,2026-01-01,2026-01-01 00:10}'::timestamptz[])[1 + (u + i) % 5] FROM generate_series(1, 9) u,
    generate_series(1, 6) i;
SELECT rec.create_model('of_endless', 'endless', 'popular', time_column => 'at');
SELECT metric, value FROM rec.evaluate('of_endless', 'session', 0.5) WHERE metric IN ('sessions', 'predictions');

DROP SCHEMA sessions CASCADE;
