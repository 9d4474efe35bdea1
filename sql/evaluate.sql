-- Evaluation, against the same lists and the formulas in plain SQL.
SET client_min_messages = warning;
CREATE SCHEMA evaluation;
SET search_path = evaluation, public;

-- ---- by hand: four users, and a column that says what is held out
-- Trained on: a by users 1, 2, 3, 4; b by 1, 2, 3; c by 1, 2; d by 3. So lists of popular items are a, b, c, d without what the user has:
--   user 1 has a, b, c: d. Held out: d. A hit at rank 1 of 1.
--   user 2 has a, b, c: d. Held out: e, which nobody has in training: a miss.
--   user 3 has a, b, d: c. Held out: nothing: does not count.
--   user 4 has a: b, c. (k = 2) Held out: c, d. A hit at rank 2.
-- precision at 2: (1/2 + 0 + 1/2) / 3; recall: 1/1, 0, 1/2; ndcg: 1, 0, (1 / log2 3) / (1 + 1 / log2 3) = 0.63093 / 1.63093 = 0.38685;
-- map: 1, 0, (1/2) / 2; mrr: 1, 0, 1/2; hit rate: 2 of 3. auc: user 1: d alone is not held: no pairs, does not count. user 2: e is behind d: 0.
-- user 4: b (3 users) is before c (2) and d (1): 0 of 2 pairs. So 0.
-- coverage: b, c, d of 4 items. Exposure of a, b, c, d: 0, 1, 1, 2 (lists d; d; b, c): gini = 2 (1*0 + 2*1 + 3*1 + 4*2) / (4 * 4) - 5/4 = 26/16 - 20/16 =
-- 0.375.
-- novelty: -log2 of the shares d 1/4: 2, d 1/4: 2, b 3/4: 0.41504, c 2/4: 1: mean of four 1.35376.
-- popularity bias: lists 1/4, 1/4, (3/4 + 2/4) / 2 = 5/8; profiles (1 + 3/4 + 2/4) / 3 = 3/4, 3/4, 1: (9/8) / (5/2) = 0.45.
-- personalisation: pairs of lists (d, d): 1 in common; the others none: 1 - (1/3) / 2 = 0.83333.
CREATE TABLE events (user_id int, item_id text, held bool, PRIMARY KEY (user_id, item_id));
INSERT INTO events VALUES (1, 'a', false), (2, 'a', false), (3, 'a', false), (4, 'a', NULL), (1, 'b', false), (2, 'b', false), (3, 'b', false),
	(1, 'c', false), (2, 'c', false), (3, 'd', false), (1, 'd', true), (2, 'e', true), (4, 'c', true), (4, 'd', true);
SELECT rec.create_model('hand', 'events', 'popular');
SELECT metric, round(value::numeric, 5) AS value, round(baseline::numeric, 5) AS baseline, users, low <= value AND value <= high AS within
  FROM rec.evaluate('hand', 'column:held', k => 2);
-- evaluation does not train the model itself
SELECT count(*) FROM hand;

-- ---- ratings: real ones of sixty users, two parts in one source
CREATE TABLE rating (user_id int, item_id int, rating real, ts bigint);
\copy rating FROM PROGRAM 'awk -F, ''NR == 1 || $1 <= 60'' test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER)
ALTER TABLE rating ADD PRIMARY KEY (user_id, item_id);
\i test/data/lot.sql
CREATE TABLE ratings AS
SELECT user_id, item_id, rating, to_timestamp(ts) AS rated_at, ('x' || substr(md5(user_id || ':' || item_id), 1, 7))::bit(28)::int % 5 = 0 AS held,
	   row_number() OVER (PARTITION BY user_id ORDER BY ts, lot(0, user_number - 1, item_number - 1))
		 > count(*) OVER (PARTITION BY user_id) - greatest(1, floor(0.2 * count(*) OVER (PARTITION BY user_id))) AS last_fifth
  FROM (SELECT *, dense_rank() OVER (ORDER BY user_id) AS user_number, dense_rank() OVER (ORDER BY item_id) AS item_number FROM rating) r;
ALTER TABLE ratings ADD PRIMARY KEY (user_id, item_id);
CREATE VIEW events_of AS SELECT user_id, item_id, rated_at, held, last_fifth FROM ratings;

-- All metrics from the model of the train part, which is asked for the whole ranking of each user.
CREATE FUNCTION by_sql(algorithm text, given jsonb, explicit bool, k int, relevant_from real) RETURNS TABLE (metric text, value float8) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE train AS SELECT user_id, item_id, rated_at %s FROM ratings WHERE NOT held', CASE WHEN explicit THEN ', rating' END);
	ALTER TABLE train ADD PRIMARY KEY (user_id, item_id);
	PERFORM rec.create_model('evaluation.trained', 'train', algorithm, given, time_column => 'rated_at');
	CALL rec.train('evaluation.trained');
	CREATE TABLE asked AS SELECT DISTINCT user_id FROM ratings WHERE held AND (relevant_from IS NULL OR rating >= relevant_from);
	CREATE TABLE everybody AS SELECT DISTINCT user_id FROM ratings WHERE held;
	CREATE TABLE relevant AS SELECT user_id, item_id FROM ratings WHERE held AND (relevant_from IS NULL OR rating >= relevant_from);
	CREATE TABLE ranked AS SELECT user_id, r.rank, r.item_id, r.score, r.personal FROM everybody, LATERAL rec.recommend('evaluation.trained', user_id,
		n => 100000) r;
	CREATE TABLE popularity AS SELECT item_id, n_ratings::float8 / (SELECT count(DISTINCT user_id) FROM train) AS share, trained.popularity AS recent
	  FROM trained;
	ANALYZE ranked; ANALYZE relevant; ANALYZE popularity;
	CREATE TABLE placed AS SELECT ranked.*, popularity.recent, relevant.item_id IS NOT NULL AS relevant
	  FROM ranked JOIN popularity USING (item_id) LEFT JOIN relevant USING (user_id, item_id);
	ANALYZE placed;
	CREATE TABLE hit AS SELECT ranked.*, relevant.item_id IS NOT NULL AS hit FROM ranked LEFT JOIN relevant USING (user_id, item_id) WHERE rank <= k;

	RETURN QUERY
	WITH per_user AS (
		SELECT user_id, (SELECT count(*) FROM relevant r WHERE r.user_id = a.user_id)::float8 AS n,
			   (SELECT count(*) FROM hit h WHERE h.user_id = a.user_id AND h.hit)::float8 AS hits,
			   (SELECT coalesce(sum(1 / log(2, rank + 1)), 0) FROM hit h WHERE h.user_id = a.user_id AND h.hit)::float8 AS dcg,
			   (SELECT coalesce(sum(nth / rank), 0) FROM (SELECT rank, row_number() OVER (ORDER BY rank)::float8 AS nth FROM hit h WHERE h.user_id = a.user_id
			   	AND h.hit) t) AS precisions,
			   (SELECT coalesce(1.0 / min(rank), 0) FROM hit h WHERE h.user_id = a.user_id AND h.hit)::float8 AS first
		  FROM asked a)
	SELECT m.metric, m.value FROM per_user, LATERAL (VALUES ('precision', hits / k), ('recall', hits / least(k, n)),
		('ndcg', dcg / (SELECT sum(1 / log(2, i + 1)) FROM generate_series(1, least(k, n)::int) i)::float8),
		('map', precisions / least(k, n)), ('mrr', first), ('hit_rate', least(hits, 1))) m (metric, value);

	-- pairs of a relevant item and another one; an item that was not trained on is ranked last
	RETURN QUERY
	SELECT 'auc', (SELECT coalesce(sum(CASE WHEN r.personal > o.personal THEN 1 WHEN r.personal < o.personal THEN 0
								   WHEN (r.personal OR algorithm = 'popular') AND r.score <> o.score THEN (r.score > o.score)::int
								   -- returned within the range of ratings, ranked beyond it
								   WHEN r.personal AND explicit AND r.score IN (0.5, 5) THEN (r.rank < o.rank)::int
								   WHEN NOT r.personal AND algorithm <> 'popular' AND r.recent <> o.recent THEN (r.recent > o.recent)::int
								   ELSE 0.5::float8 END), 0)
					 FROM placed r JOIN placed o USING (user_id) WHERE user_id = a.user_id AND r.relevant AND NOT o.relevant)
				  / (SELECT count(*) FROM relevant x WHERE x.user_id = a.user_id)
				  / (SELECT count(*) FROM placed o WHERE o.user_id = a.user_id AND NOT o.relevant)
	  FROM asked a;

	RETURN QUERY
	WITH exposure AS (SELECT item_id, count(h.user_id)::float8 AS n FROM trained LEFT JOIN hit h USING (item_id) GROUP BY item_id),
		 ordered AS (SELECT n, row_number() OVER (ORDER BY n) AS i, count(*) OVER () AS items FROM exposure)
	SELECT 'coverage', avg((n > 0)::int)::float8 FROM exposure
	UNION ALL
	SELECT 'gini', 2 * sum(i * n) / (max(items) * sum(n)) - (max(items) + 1)::float8 / max(items) FROM ordered
	UNION ALL
	SELECT 'novelty', avg(-ln(share) / ln(2)) FROM hit JOIN popularity USING (item_id)
	UNION ALL
	SELECT 'popularity_bias', avg(l.listed) / avg(p.had)
	  FROM everybody, LATERAL (SELECT avg(share) AS listed FROM hit h JOIN popularity USING (item_id) WHERE h.user_id = everybody.user_id) l,
		   LATERAL (SELECT avg(share) AS had FROM train t JOIN popularity USING (item_id) WHERE t.user_id = everybody.user_id) p
	UNION ALL
	SELECT 'personalisation', 1 - (SELECT count(*) FROM hit x JOIN hit y USING (item_id) WHERE x.user_id < y.user_id)::float8 / k / count(*)
	  FROM everybody a JOIN everybody b ON a.user_id < b.user_id;

	-- each pair of a list, by rec.similar_items
	RETURN QUERY
	WITH alike AS MATERIALIZED (SELECT a.item_id AS a, s.item_id AS b, s.similarity FROM (SELECT DISTINCT item_id FROM hit) a,
		LATERAL rec.similar_items('evaluation.trained', a.item_id, n => 100000, candidates => (SELECT array_agg(DISTINCT item_id) FROM hit)) s)
	SELECT 'diversity', (SELECT avg(1 - similarity::float8) FROM hit x JOIN hit y ON x.user_id = y.user_id AND y.rank < x.rank JOIN alike ON a = x.item_id
		AND b = y.item_id WHERE x.user_id = e.user_id)
	  FROM everybody e;

	IF algorithm = 'bpr' OR algorithm = 'fm' AND NOT explicit THEN
		RETURN QUERY
		SELECT 'cross_entropy', ln(1 + exp(CASE WHEN relevant.item_id IS NULL THEN score::float8 ELSE -score::float8 END)) FROM ranked LEFT
			JOIN relevant USING (user_id, item_id) WHERE user_id IN (SELECT user_id FROM asked);
	END IF;
	IF explicit THEN
		RETURN QUERY
		SELECT m.metric, m.value
		  FROM (SELECT rec.predict('evaluation.trained', user_id, item_id)::float8 - rating AS e FROM ratings WHERE held ORDER BY user_id) t,
			   LATERAL (VALUES ('mse', e * e), ('mae', abs(e))) m (metric, value);
	END IF;
	DROP TABLE trained, train, asked, everybody, relevant, ranked, placed, popularity, hit;
END $$;

-- Metrics in which the two computations differ, and the number of metrics that both have.
CREATE FUNCTION differences(algorithm text, given jsonb, explicit bool, k int, relevant_from real = NULL) RETURNS TABLE (metric text, by_sql float8,
    evaluated float8, compared bigint) LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE expected AS SELECT s.metric, avg(s.value) AS value FROM by_sql(algorithm, given, explicit, k, relevant_from) s GROUP BY s.metric;
	PERFORM rec.create_model('evaluation.whole', CASE WHEN explicit THEN 'ratings' ELSE 'events_of' END, algorithm, given, time_column => 'rated_at');
	RETURN QUERY
	WITH both_ways AS (
		SELECT x.metric, x.value AS expected, e.value AS evaluated
		  FROM expected x JOIN rec.evaluate('evaluation.whole', 'column:held', k => k, relevant_from => relevant_from) e ON e.metric = x.metric)
	SELECT b.metric, b.expected, b.evaluated, NULL::bigint FROM both_ways b WHERE NOT abs(b.expected - b.evaluated) <= 1e-9
	UNION ALL
	SELECT 'all', NULL, NULL, count(*) FROM both_ways;
	DROP TABLE whole, expected;
END $$;

SELECT * FROM differences('popular', '{}', false, 10);
SELECT * FROM differences('item_knn', '{"neighbors": 20}', false, 5);
SELECT * FROM differences('bpr', '{"factors": 8, "iterations": 3}', false, 10);
SELECT * FROM differences('fm', '{"factors": 8, "iterations": 3}', false, 10);
SELECT * FROM differences('fm', '{"factors": 0}', true, 10, 4);
SELECT * FROM differences('als', '{"factors": 8, "iterations": 3}', true, 10, 4);
SELECT * FROM differences('user_knn', '{"neighbors": 3}', true, 3, 3.5);

-- ---- splits: the number of ratings that each holds out, by SQL; popularity recommends no item that was trained on
SELECT rec.create_model('counted', 'ratings', 'popular', time_column => 'rated_at');
CREATE FUNCTION held_out(split text, test_fraction real = 0.2, min_ratings int = 1, folds int = 1) RETURNS TABLE (users bigint,
    unseen_users float8) LANGUAGE sql AS $$
	SELECT max(users) FILTER (WHERE metric = 'recall'), max(value) FILTER (WHERE metric = 'unseen_users')
	  FROM rec.evaluate('counted', split, test_fraction, min_ratings => min_ratings, folds => folds) $$;
-- a column that marks the rows of the split by time
SELECT count(*) FROM rec.evaluate('counted', 'time') t JOIN rec.evaluate('counted', 'column:last_fifth') c USING (metric)
 WHERE abs(t.value - c.value) > 1e-12 OR t.users <> c.users;
-- the share of the held-out ratings for which another one of the same user and time could have been held out instead
SELECT round(value::numeric, 9) = round(expected, 9) AS tied, value > 0 AS some
  FROM rec.evaluate('counted', 'time') e, LATERAL (
	SELECT avg((EXISTS (SELECT FROM ratings o WHERE o.user_id = r.user_id AND o.rated_at = r.rated_at AND NOT o.last_fifth))::int) AS expected FROM ratings r
		WHERE last_fifth) x
 WHERE metric = 'tied_ratings';
-- if all events of a user have one time, the held-out ones are chosen at random, and another seed chooses others
CREATE TABLE at_once AS SELECT DISTINCT u AS user_id, (u * u + i * i * 7) % 40 AS item_id, date '2026-01-01' AS rated_at FROM generate_series(1, 200) u,
    generate_series(1, 8) i;
SELECT rec.create_model('ties', 'at_once', 'popular', time_column => 'rated_at');
SELECT array_agg(value ORDER BY seed) FILTER (WHERE metric = 'tied_ratings') AS tied, count(DISTINCT value) FILTER (WHERE metric = 'ndcg') AS draws
  FROM generate_series(1, 3) seed, LATERAL rec.evaluate('ties', 'leave_one_out', seed => seed);
SELECT * FROM held_out('time');
SELECT * FROM held_out('time', min_ratings => 100) AS h, LATERAL (SELECT count(*) AS expected FROM (SELECT FROM ratings
    GROUP BY user_id HAVING count(*) >= 100) u) e;
SELECT * FROM held_out('leave_one_out');
-- a fifth of the ratings comes after one moment; users whose first rating comes after it are unknown
SELECT h.users = e.users AS users, h.unseen_users = e.unseen AS unseen_users
  FROM held_out('global_time') h,
	   LATERAL (WITH moment AS (SELECT rated_at AS at FROM ratings ORDER BY rated_at DESC, item_id OFFSET (SELECT floor(0.2 * count(*))::int
	   	FROM ratings) LIMIT 1)
				SELECT count(DISTINCT user_id) AS users, count(DISTINCT user_id) FILTER (WHERE NOT EXISTS (SELECT FROM ratings b WHERE b.user_id = r.user_id
					AND b.rated_at <= at)) AS unseen
				  FROM ratings r, moment WHERE rated_at > at) e;
-- random, and users held out as a whole: about a fifth of the users; in five folds every user once
SELECT users BETWEEN 58 AND 60 AS random FROM held_out('random');
SELECT users BETWEEN 4 AND 20 AS "user", unseen_users FROM held_out('user');
SELECT users AS folds FROM held_out('user', folds => 5);
SELECT users AS "random folds" FROM held_out('random', folds => 5);
-- more folds than users: each user once, and the other folds are empty
CREATE TABLE three AS SELECT u AS user_id, i AS item_id, date '2026-01-01' AS rated_at FROM generate_series(1, 3) u, generate_series(1, 4) i;
SELECT rec.create_model('of_three', 'three', 'popular');
SELECT users AS "three users" FROM rec.evaluate('of_three', 'user', folds => 20) WHERE metric = 'recall';
SELECT users AS "twelve ratings" FROM rec.evaluate('of_three', 'random', folds => 50) WHERE metric = 'recall';
-- but not if no user has enough ratings
SELECT users FROM held_out('user', folds => 3, min_ratings => 1000);
-- the same seed gives the same answer; another seed another one
SELECT a.value = b.value AS same, a.value <> c.value AS other
  FROM rec.evaluate('counted', 'random') a JOIN rec.evaluate('counted', 'random') b USING (metric) JOIN rec.evaluate('counted', 'random',
      seed => 1) c USING (metric) WHERE metric = 'ndcg';

-- random events, from which nothing can be learnt. A leak would show as an accuracy above popularity
CREATE TABLE noise AS SELECT u AS user_id, ('x' || substr(md5(u || ' ' || n), 1, 7))::bit(28)::int % 200 AS item_id FROM generate_series(1, 400) u,
    generate_series(1, 20) n;
SELECT rec.create_model('leak_' || algorithm, 'noise', algorithm) FROM unnest('{item_knn, ease, als}'::text[]) algorithm;
SELECT model, bool_and(low <= baseline) AS "not above popularity"
  FROM unnest('{leak_item_knn, leak_ease, leak_als}'::regclass[]) model, unnest('{random, user}'::text[]) split, LATERAL rec.evaluate(model, split, k => 20) e
 WHERE metric IN ('ndcg', 'recall', 'auc') GROUP BY model ORDER BY model::text;

-- ---- several algorithms: the best first, which has no p-value; the figures are those of single evaluations
CREATE TABLE compared AS SELECT * FROM rec.compare('events_of', '["popular", "item_knn", {"algorithm": "als", "factors": 8}]', time_column => 'rated_at');
SELECT count(*), bool_and(value = (metrics->>'ndcg')::float8) AS ndcg, bool_and(low <= value AND value <= high) AS within, count(p_value) AS "p-values",
    bool_and(p_value BETWEEN 0 AND 1) AS probabilities,
	   array_agg(rank ORDER BY value DESC) AS ranks, bool_and(model_bytes > 0) AS bytes
  FROM compared;
SELECT rec.create_model('alone', 'events_of', 'item_knn', time_column => 'rated_at');
SELECT e.metric FROM rec.evaluate('alone') e, compared c WHERE c.algorithm = 'item_knn' AND metric NOT LIKE 'unseen%' AND metric <> 'tied_ratings'
    AND (c.metrics->>e.metric)::float8 IS DISTINCT FROM e.value;
-- an algorithm against itself: no difference
SELECT p_value FROM rec.compare('events_of', '["popular", "popular"]', split => 'random') WHERE rank = 2;

-- Options for all algorithms, which an algorithm's own options override.
SELECT options->>'factors' AS factors, options->>'regularization' AS regularization, options->>'feedback' AS feedback
  FROM rec.compare('ratings', '["als", {"algorithm": "als", "factors": 3}]', split => 'random',
      options => '{"feedback": "implicit", "factors": 2, "regularization": 5}') ORDER BY 1;
-- options with another feedback are combined with its defaults, as when a model is created: options for ratings do not apply to
-- events
SELECT rec.create_model('of_ratings', 'ratings', options => '{"factors": 3, "regularization": 100}');
SELECT e.value = c.value AS same, e.value <> o.value AS differs
  FROM rec.evaluate('of_ratings', 'random', options => '{"feedback": "implicit", "factors": 2}') e,
       rec.compare('ratings', '[{"algorithm": "als", "feedback": "implicit", "factors": 2}]', split => 'random') c,
       rec.compare('ratings', '[{"algorithm": "als", "feedback": "implicit", "factors": 2, "regularization": 100}]', split => 'random') o
           WHERE e.metric = 'ndcg';
DROP TABLE of_ratings;

-- In words. All of users 1 to 10 have x, 1 to 3 have b, 4 and 5 c, 4 to 8 d; held out is c of 1, 2, 6, 7 and 8, and d of 9. The most popular item that they
-- do not have is
-- d for 1, 2 and 9, and b for 6 to 8: one of six is right, 17 of 100. By cosines d is like x by 5 / sqrt 50 = 0.71, b 3 / sqrt 30 = 0.55, c 2 / sqrt 20 =
-- 0.45, and c like d by 2 / sqrt 10 = 0.63:
-- again d for 1, 2 and 9, but c for 6 to 8, who have d. Four of six are right, 67 of 100.
CREATE TABLE basket (user_id int, item_id text, held bool, rating real DEFAULT 3, PRIMARY KEY (user_id, item_id));
INSERT INTO basket SELECT u, 'x', false FROM generate_series(1, 10) u UNION ALL SELECT u, 'b', false FROM generate_series(1, 3) u UNION ALL SELECT u, 'c',
    false FROM generate_series(4, 5) u
 UNION ALL SELECT u, 'd', false FROM generate_series(4, 8) u UNION ALL SELECT u, 'c', true FROM unnest('{1, 2, 6, 7, 8}'::int[]) u UNION ALL SELECT 9, 'd',
     true;
SELECT algorithm, verdict FROM rec.compare('basket', '["popular", "item_knn"]', split => 'column:held', k => 1, options => '{"feedback": "implicit"}');
-- of ratings, only those from 4 on are relevant: those of users 6 and 9, of which popularity hits one
UPDATE basket SET rating = 5 WHERE held AND user_id IN (6, 9);
SELECT verdict FROM rec.compare('basket', '[{"algorithm": "popular", "by": "count"}]', split => 'column:held', k => 1, relevant_from => 4,
    options => '{"feedback": "explicit"}');
-- the verdict on predicted ratings, if the metric is one of predictions; none for algorithms that predict no ratings
SELECT rec.create_model('basket_model', 'basket', options => '{"factors": 1, "feedback": "explicit"}');
SELECT c.rank, verdict = format('predicted ratings are off by %s on average; by the averages of users and items alone %s', round(e.value::numeric, 2),
    round(e.baseline::numeric, 2)) AS verdict
  FROM rec.compare('basket', '[{"algorithm": "als", "factors": 1}, "slim"]', 'rmse', split => 'column:held', options => '{"feedback": "explicit"}') c,
      rec.evaluate('basket_model', 'column:held') e WHERE metric = 'mae' ORDER BY rank;
-- with times, later rows are held out; the second hit rate is that of lists of the most popular items
SELECT count(*) AS compared, bool_and(verdict ~ '^of 100 users \d+ find something on their list of 10 that they then chose; with the most popular items \d+$'
	AND substring(verdict FROM 'users (\d+)')::int = round((c.metrics->>'hit_rate')::numeric * 100) AND substring(verdict
		FROM '(\d+)$')::int = round((p.metrics->>'hit_rate')::numeric * 100)) AS same
  FROM compared c, (SELECT metrics FROM compared WHERE algorithm = 'popular') p;
CREATE TABLE rare AS SELECT u AS user_id, i AS item_id, false AS held FROM generate_series(1, 300) u, generate_series(1, 2) i WHERE i = 1 OR u <= 100
    UNION ALL SELECT u, 3 + u, false FROM generate_series(1, 300) u
 UNION ALL SELECT u, CASE WHEN u = 300 THEN 2 ELSE 4 + u END, true FROM generate_series(200, 300) u;
-- one of 101 users, the only one for whom the second item is right: 10 of 1000
SELECT verdict FROM rec.compare('rare', '["popular"]', split => 'column:held', k => 1);

-- The probability of a difference of rmse, which is of all ratings together: of ten users who change sides in each of the 1024 ways, the share in which the
-- values differ by as much. The test draws 10000 ways: within 0.02, four times the standard error.
CREATE TABLE ten AS SELECT user_id, item_id, rating, held FROM ratings WHERE user_id <= 10;
CREATE TABLE ten_known AS SELECT user_id, item_id, rating FROM ten WHERE NOT held;
SELECT rec.create_model('one', 'ten_known', 'als', '{"factors": 2}'), rec.create_model('another', 'ten_known', 'item_knn');
CALL rec.train('one');
CALL rec.train('another');
CREATE TABLE errors AS
SELECT row_number() OVER (ORDER BY user_id) - 1 AS n, count(*) AS ratings, sum((rec.predict('one', user_id, item_id)::float8 - rating) ^ 2) AS a,
    sum((rec.predict('another', user_id, item_id)::float8 - rating) ^ 2) AS b
  FROM ten WHERE held GROUP BY user_id;
SELECT count(*) AS ways, count(DISTINCT abs(p_value - exact) < 0.02) AS answers, bool_and(abs(p_value - exact) < 0.02) AS exact, bool_and(exact BETWEEN 0.01
    AND 0.99) AS telling
  FROM (SELECT 1024 AS n, avg((difference >= observed - 1e-12)::int)::float8 AS exact
		  FROM (SELECT way, abs(sqrt(sum(CASE WHEN way >> n::int & 1 = 1 THEN b ELSE a END) / sum(ratings)) - sqrt(sum(CASE WHEN way >> n::int & 1 = 1 THEN a
		  	ELSE b END) / sum(ratings))) AS difference
				  FROM errors, generate_series(0, 1023) way GROUP BY way) w,
			   (SELECT abs(sqrt(sum(a) / sum(ratings)) - sqrt(sum(b) / sum(ratings))) AS observed FROM errors) o) e,
	   rec.compare('ten', '[{"algorithm": "als", "factors": 2}, "item_knn"]', 'rmse', 'column:held') WHERE rank = 2;

-- test rows that are also in the train part are known, and are not tested; the notice has their number
CREATE TABLE overlapping AS SELECT user_id, item_id, held FROM ten UNION ALL SELECT user_id, item_id, false FROM ten WHERE held AND user_id <= 2;
SELECT count(*) AS "in both" FROM ten WHERE held AND user_id <= 2;
SET client_min_messages = notice;
SELECT max(users) AS users FROM rec.compare('overlapping', '["popular"]', split => 'column:held');
SET client_min_messages = warning;

-- ---- tuning finds the planted values: ratings of rank two; one factor is too few, and this regularization too much
CREATE TABLE planted AS
SELECT u AS user_id, i AS item_id, (3 + sin(u) * cos(i * 2) + cos(u * 3) * sin(i * 5))::real AS rating
  FROM generate_series(1, 150) u, generate_series(1, 60) i WHERE ('x' || substr(md5(u || '/' || i), 1, 7))::bit(28)::int % 3 = 0;
SELECT rec.create_model('tuned', 'planted', options => '{"factors": 1, "regularization": 100}');
SELECT method, t.options, t.rank, value < 0.1 AS good, test < 0.1 AS reported, share, (SELECT count(*) FROM rec.tune('tuned', g.grid, 'rmse', method,
    split => 'random')) AS tried
  FROM (VALUES ('grid', jsonb '{"factors": [1, 2], "regularization": [0.01, 1000]}'), ('random', '{"factors": [1, 2], "regularization": [0.01, 1000]}'),
      ('halving', '{"factors": [1, 2], "regularization": [0.01, 10, 100, 1000]}')) g (method, grid),
	   LATERAL rec.tune('tuned', grid, 'rmse', method, split => 'random') t
 WHERE t.rank = 1;
-- drawn from a range: within it, and the best combination is applied and trained
SELECT count(*), bool_and((options->>'regularization')::float8 BETWEEN 0.001 AND 1000) AS within, count(test) AS tests FROM rec.tune('tuned',
    '{"regularization": {"min": 0.001, "max": 1000}}', 'rmse', 'random', split => 'random', trials => 7, apply => true);
SELECT (options->>'regularization')::float8 < 100 AS applied, version FROM rec.models WHERE model = 'tuned'::regclass;
-- a budget that is over at once allows one trial
SET client_min_messages = notice;
SELECT count(*) FROM rec.tune('tuned', '{"factors": [1, 2, 3]}', 'rmse', split => 'random', budget => '0 s');
SET client_min_messages = warning;

-- ---- errors
\set VERBOSITY terse
SELECT * FROM rec.evaluate('tuned');
SELECT * FROM rec.evaluate('tuned', 'rndom');
SELECT * FROM rec.evaluate('tuned', 'column:nothing');
SELECT * FROM rec.evaluate('tuned', 'column:rating');
SELECT * FROM rec.evaluate('tuned', 'random', 0);
SELECT * FROM rec.evaluate('tuned', 'random', 'NaN');
SELECT * FROM rec.evaluate('tuned', 'random', k => 0);
SELECT * FROM rec.evaluate('counted', 'time', folds => 2);
SELECT * FROM rec.evaluate('tuned', 'random', folds => 0);
SELECT * FROM rec.evaluate('tuned', 'random', min_ratings => 1000);
SELECT * FROM rec.evaluate('tuned', 'random', options => '{"factor": 1}');
SELECT * FROM rec.evaluate('tuned', NULL);
SELECT * FROM rec.evaluate('planted');
SELECT * FROM rec.compare('planted', '[]');
SELECT * FROM rec.compare('planted', '"als"');
SELECT * FROM rec.compare('planted', '[{"factors": 2}]');
SELECT * FROM rec.compare('planted', '["alz"]');
SELECT * FROM rec.compare('planted', '["als", {"algorithm": "als", "feedback": "implicit"}]');
SELECT * FROM rec.compare('planted', '["als"]', 'popularity_bias');
SELECT * FROM rec.compare('planted', '["als"]', options => '[]');
SELECT * FROM rec.compare('planted', '["als"]', options => NULL);
SELECT * FROM rec.compare('planted', '["als", "popular"]', options => '{"factors": 2}');
SELECT * FROM rec.tune('tuned', '{}');
SELECT * FROM rec.tune('tuned', '[1]');
SELECT * FROM rec.tune('tuned', '{"factors": []}');
SELECT * FROM rec.tune('tuned', '{"factors": [0]}', split => 'random');
SELECT * FROM rec.tune('tuned', '{"factors": {"min": 1, "max": 8}}', split => 'random');
SELECT * FROM rec.tune('tuned', '{"factors": {"min": 8, "max": 1}}', method => 'random', split => 'random');
SELECT * FROM rec.tune('tuned', '{"factors": [2]}', 'ndgc', split => 'random');
SELECT * FROM rec.tune('tuned', '{"factors": [2]}', method => 'gird', split => 'random');
SELECT * FROM rec.tune('tuned', '{"feedback": ["explicit", "implicit"]}', 'rmse', split => 'random');
SELECT * FROM rec.tune('alone', '{"neighbors": [2]}', 'rmse');
CREATE TABLE nothing (user_id int, item_id int);
SELECT rec.create_model('of_nothing', 'nothing');
SELECT * FROM rec.evaluate('of_nothing', 'random');

-- ---- privileges are those of questions
CREATE ROLE regress_rec_evaluator;
GRANT USAGE ON SCHEMA evaluation TO regress_rec_evaluator;
SET ROLE regress_rec_evaluator;
SELECT count(*) FROM rec.evaluate('tuned', 'random');
RESET ROLE;
GRANT SELECT ON tuned TO regress_rec_evaluator;
SET ROLE regress_rec_evaluator;
SELECT count(*) FROM rec.evaluate('tuned', 'random');
RESET ROLE;
GRANT SELECT ON planted TO regress_rec_evaluator;
SET ROLE regress_rec_evaluator;
SELECT count(*) > 0 AS evaluated FROM rec.evaluate('tuned', 'random');
SELECT count(*) FROM rec.tune('tuned', '{"factors": [2]}', 'rmse', split => 'random');
SELECT count(*) FROM rec.tune('tuned', '{"factors": [2]}', 'rmse', split => 'random', apply => true);
RESET ROLE;
DROP OWNED BY regress_rec_evaluator;
DROP ROLE regress_rec_evaluator;
DROP SCHEMA evaluation CASCADE;
