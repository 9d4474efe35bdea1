-- Evaluation with contexts: each user is asked once for each context of the test rows.
SET client_min_messages = warning;
CREATE SCHEMA evaluate_contexts;
SET search_path = evaluate_contexts, public;

-- ---- by hand: a column says what is held out
-- Trained on, each pair once: a by users 1, 2, 3; b by 1, 3; c by 2; d by 3. So lists of the two most popular items are
--   user 1, who has a, b: c, d; user 2, who has a, c: b, d.
-- Held out and asked: user 1 on the phone: c, d, both hits; user 1 on tv: c, at rank 1; user 2 on the phone: b, at rank 1; user 2 on tv: d, at rank 2;
--   user 3 on tv: e, which was not trained on. User 1 has b already, from the phone: b on tv is nothing to ask about.
-- Five questions of three users. precision: (1 + 1/2 + 1/2 + 1/2 + 0) / 5; ndcg: (1 + 1 + 1 + 1 / log2 3 + 0) / 5 = 0.72619; mrr: (1 + 1 + 1 + 1/2 + 0) / 5;
-- recall, hit rate: 4 / 5. Without contexts, three questions: precision: (1 + 1 + 0) / 3, all others 2 / 3.
CREATE TABLE events (user_id int, item_id text, device text, held bool, at int);
INSERT INTO events VALUES (1, 'a', 'phone', false, 1), (1, 'a', 'tv', false, 8), (1, 'b', 'phone', false, 2), (2, 'a', 'tv', false, 1),
	(2, 'c', 'tv', false, 2), (3, 'a', 'phone', false, 1), (3, 'b', 'phone', false, 2), (3, 'd', 'tv', NULL, 3),
	(1, 'c', 'phone', true, 4), (1, 'd', 'phone', true, 5), (1, 'c', 'tv', true, 6), (1, 'b', 'tv', true, 7), (2, 'b', 'phone', true, 3),
	(2, 'd', 'tv', true, 4), (3, 'e', 'tv', true, 4);
CREATE FUNCTION compared(source regclass, contexts name[], split text, k int, exclude_seen bool = true, algorithms jsonb = '["popular"]')
	RETURNS TABLE (algorithm text, users bigint, "precision" numeric, recall numeric, ndcg numeric, mrr numeric, hit_rate numeric) LANGUAGE sql AS $$
	SELECT algorithm, users, round((metrics->>'precision')::numeric, 5), round((metrics->>'recall')::numeric, 5), round((metrics->>'ndcg')::numeric, 5),
		   round((metrics->>'mrr')::numeric, 5), round((metrics->>'hit_rate')::numeric, 5)
	  FROM rec.compare(source, algorithms || '[{"algorithm": "fm", "factors": 2}]', split => split, k => k, time_column => 'at', rating_column => '',
					   context_columns => contexts, exclude_seen => exclude_seen)
	 WHERE error IS NULL AND algorithms @> to_jsonb(algorithm) ORDER BY algorithm $$;
SELECT * FROM compared('events', '{device}', 'column:held', 2);
SELECT * FROM compared('events', '{}', 'column:held', 2);
-- No candidate uses contexts: they are not read.
SELECT algorithm, round((metrics->>'precision')::numeric, 5) AS "precision" FROM rec.compare('events', '["popular"]', split => 'column:held', k => 2,
	context_columns => '{device}');
-- What was seen may be on lists. All five held-out rows of users 1 and 2 count, b on tv too. Lists of all users: a, b, by 3 and 2 users.
-- User 1 on the phone: c, d: none; user 1 on tv: b, c: b, at rank 2; user 2 on the phone: b, at rank 2; user 2 on tv: d; user 3 on tv: e.
-- precision: (1/2 + 1/2) / 5; recall: (1/2 + 1) / 5; ndcg: (0.63093 / 1.63093 + 0.63093) / 5 = 0.20355; mrr: (1/2 + 1/2) / 5.
SELECT * FROM compared('events', '{device}', 'column:held', 2, false);
-- The last item of each user, in all of its contexts. a by users 1, 2, 3; b by 3; c by 1, 2; d by 1, 3, and user 1's last item is a, on tv at 8: at first
-- all of a is held out. Trained on: a by 2, 3; b by 1, 3; c by 1, 2; d by 1, 3; asked: user 1 on the phone and on tv: a; user 2: d on tv; user 3: e on tv.
-- User 1 has b, c, d: a at rank 1, twice. User 2 has a, b, c: d at rank 1. User 3 misses. precision at 1: 3 / 4, and 2 / 3 without contexts.
SELECT * FROM compared('events', '{device}', 'leave_one_out', 1);
SELECT * FROM compared('events', '{}', 'leave_one_out', 1);
-- A session: each event after the first is a question, with or without contexts.
SELECT c.* = n.* AS same, c.users FROM compared('events', '{device}', 'session', 2) c, compared('events', '{}', 'session', 2) n;

-- ---- planted: even items are for the morning, odd ones for the evening, and are rated higher there
CREATE FUNCTION lot(text) RETURNS float8 IMMUTABLE LANGUAGE sql AS $$ SELECT ('x' || substr(md5($1), 1, 7))::bit(28)::int / 2.0 ^ 28 $$;
CREATE TABLE planted AS
SELECT user_id, item_id, CASE WHEN evening THEN 19 ELSE 7 END AS hour, room, 'here' AS place,
	   (3 + (evening = (item_id % 2 = 1))::int + lot('quality ' || item_id))::real AS rating,
	   timestamptz '2026-01-01' + interval '1 hour' * (1000 * lot(format('at %s %s %s', user_id, item_id, n)))::int AS at,
	   lot(format('held %s %s', user_id, item_id)) < 0.2 AS held
  FROM (SELECT u AS user_id, i AS item_id, n, n % 2 AS room, (i % 2 = 1) = (lot(format('evening %s %s %s', u, i, n)) < 0.85) AS evening
		  FROM generate_series(1, 120) u, generate_series(1, 40) i, generate_series(0, 2) n WHERE lot(format('%s %s %s', u, i, n)) < 0.15) t;
CREATE VIEW planted_events AS SELECT user_id, item_id, hour, room, place, at, held FROM planted;
CREATE TABLE value AS
SELECT c.contexts, algorithm, r.value, low, high, users, metrics, error
  FROM (VALUES ('{}'::name[]), ('{hour,room}'), ('{place}')) c (contexts), rec.compare('planted_events', '["popular", "als", "fm"]', split => 'column:held',
	   time_column => 'at', context_columns => c.contexts) r;
-- Only fm knows what is asked.
SELECT contexts, algorithm, round(value::numeric, 2) AS ndcg, users, error FROM value ORDER BY 1, 2;
SELECT w.low > o.high AS better FROM value w, value o WHERE w.algorithm = 'fm' AND o.algorithm = 'fm' AND w.contexts = '{hour,room}' AND o.contexts = '{}';
-- With one context for all, everything is as without contexts.
SELECT count(*) AS different FROM value o JOIN value p USING (algorithm), jsonb_each_text(o.metrics) f
 WHERE o.contexts = '{}' AND p.contexts = '{place}' AND abs(f.value::float8 - (p.metrics->>key)::float8) > CASE algorithm WHEN 'fm' THEN 0.001 ELSE 0 END;
-- Algorithms that know nothing of contexts are trained on the same ratings and profiles with contexts as without. Where the test rows of a user have one
-- context, they are asked the same, too.
CREATE VIEW one_asked AS SELECT user_id, item_id, CASE WHEN held THEN 7 ELSE hour END AS hour, room, at, rating, held FROM planted;
SELECT feedback, exclude_seen, w.algorithm, w.metrics = o.metrics AS same
  FROM (VALUES ('implicit', true), ('implicit', false), ('explicit', true)) s (feedback, exclude_seen),
	   rec.compare('one_asked', '["als", "item_knn", "fm"]', split => 'column:held', exclude_seen => s.exclude_seen, time_column => 'at',
				   options => jsonb_build_object('feedback', feedback), context_columns => '{hour}') w
  JOIN rec.compare('one_asked', '["als", "item_knn"]', split => 'column:held', exclude_seen => s.exclude_seen, time_column => 'at',
				   options => jsonb_build_object('feedback', feedback)) o USING (algorithm) ORDER BY 1, 2, 3;

-- ---- the same lists and predictions as those of a model of the train part, of events and of ratings
CREATE VIEW train AS SELECT user_id, item_id, hour, room, rating, at FROM planted WHERE NOT held;
CREATE VIEW train_events AS SELECT user_id, item_id, hour, room, at FROM planted WHERE NOT held;
CREATE TABLE question AS SELECT user_id, hour, room, array_agg(DISTINCT item_id) AS items FROM planted WHERE held GROUP BY 1, 2, 3;
SELECT rec.create_model('of_events', 'train_events', 'fm', time_column => 'at', context_columns => '{hour,room}');
CALL rec.train('of_events');
SELECT rec.create_model('of_all', 'planted_events', 'fm', time_column => 'at', context_columns => '{hour,room}');
SELECT metric, e.users, abs(e.value - s.value) < 1e-6 AS same
  FROM rec.evaluate('of_all', 'column:held') e
  JOIN (SELECT m.metric, avg(m.value) AS value
		  FROM question q, LATERAL (SELECT array_agg(r.item_id ORDER BY rank) AS list FROM rec.recommend('of_events', q.user_id,
					context => jsonb_build_object('hour', q.hour, 'room', q.room)) r) l,
			   LATERAL (VALUES ('ndcg', rec.ndcg(list, items, 10)), ('precision', rec.precision(list, items, 10)),
					('mrr', rec.reciprocal_rank(list, items, 10))) m (metric, value)
		 GROUP BY 1) s USING (metric) ORDER BY 1;
SELECT rec.create_model('of_ratings', 'train', 'fm', time_column => 'at', context_columns => '{hour,room}');
CALL rec.train('of_ratings');
SELECT rec.create_model('of_all_ratings', 'planted', 'fm', time_column => 'at', context_columns => '{hour,room}');
-- of ratings of an item in one context, the last one counts
SELECT metric, e.users, abs(e.value - s.value) < 1e-5 AS same, e.value < e.baseline AS better
  FROM rec.evaluate('of_all_ratings', 'column:held') e,
	   (SELECT rec.rmse(rec.predict('of_ratings', user_id, item_id, context => jsonb_build_object('hour', hour, 'room', room)), rating) AS value
		  FROM (SELECT DISTINCT ON (user_id, item_id, hour, room) * FROM planted WHERE held ORDER BY user_id, item_id, hour, room, at DESC, rating DESC) h) s
 WHERE metric = 'rmse';
-- the last items of each user, sessions, items that come again, folds of users, and options
SELECT split, exclude_seen, w.value > o.value + 0.05 AS better, w.users = o.users AS same_users
  FROM (VALUES ('time', true), ('time', false), ('session', true), ('session', false), ('leave_one_out', true)) s (split, exclude_seen),
	   rec.compare('planted_events', '["fm"]', split => split, exclude_seen => s.exclude_seen, session_gap => '2 days', time_column => 'at',
				   context_columns => '{hour}') w,
	   rec.compare('planted_events', '["fm"]', split => split, exclude_seen => s.exclude_seen, session_gap => '2 days', time_column => 'at') o;
SELECT metric, value > baseline + 0.05 AS better, users FROM rec.evaluate('of_all', 'user', folds => 2) WHERE metric = 'ndcg';
SELECT error, value > 0.22 AS good, test > 0.22 AS tests FROM rec.tune('of_all', '{"factors": [2, 8]}', split => 'random') WHERE rank = 1;
-- a training that tries options asks in contexts, too: here nearly as many as ratings
SELECT rec.create_model('validated', 'planted_events', 'fm', '{"validate": true, "factors": 4}', time_column => 'at', context_columns => '{hour,at}');
CALL rec.train('validated');
SELECT version, rows FROM rec.models WHERE model = 'validated'::regclass;
SELECT metric, value > baseline + 0.05 AS better FROM rec.evaluate('validated', 'column:held') WHERE metric = 'ndcg';
-- the verdict
SELECT regexp_replace(verdict, '\d+', 'N', 'g') AS verdict FROM rec.compare('planted_events', '["fm"]', time_column => 'at', context_columns => '{hour}');
DROP SCHEMA evaluate_contexts CASCADE;
