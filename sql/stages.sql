-- Models whose inputs are models: blend.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA stages;
SET search_path = stages;

-- ---- by hand: two lists of the most popular items, of sources of their own
CREATE TABLE bought (user_id int, item_id text, PRIMARY KEY (user_id, item_id));
INSERT INTO bought VALUES (1, 'a'), (2, 'a'), (3, 'a'), (1, 'b'), (2, 'b'), (1, 'c');
CREATE TABLE viewed (user_id int, item_id text, PRIMARY KEY (user_id, item_id));
INSERT INTO viewed VALUES (1, 'c'), (2, 'c'), (4, 'c'), (1, 'b'), (2, 'b'), (1, 'd');
CREATE VIEW both_of_them AS TABLE bought UNION ALL TABLE viewed;
SELECT rec.create_model('buys', 'bought', 'popular'), rec.create_model('views', 'viewed', 'popular');
CALL rec.train('buys');
CALL rec.train('views');
SELECT rec.create_model('home', 'both_of_them', 'blend', '{"rank_constant": 1}', inputs => '{buys,views}');
CALL rec.train('home');
-- of 4 users 1, 2 and 3 have a, 1 and 2 b, 1, 2 and 4 c, 1 d
SELECT item_id, share FROM home ORDER BY 1;
-- buys are a, b, c and views c, b, d: a 1/2, b 1/3 + 1/3, c 1/4 + 1/2, d 1/4
SELECT rank, item_id, round(score::numeric, 6) AS score, personal FROM rec.recommend('home', '99') ORDER BY rank;
SELECT item_id, feature, round(contribution::numeric, 6) AS contribution, baseline
FROM unnest('{a,b,c,d,e}'::text[]) item_id, LATERAL rec.explain('home', '99', item_id) ORDER BY 1, 2;
-- Scores on both lists are 3, 2 and 1, of deviation sqrt(2/3), and count from the lowest: 2.449, 1.225 and 0. With weights 2 and 1: a 4.899, b 3.674, c 2.449.
SELECT rec.alter_model('home', options => '{"method": "scores", "weights": [2, 1]}');
CALL rec.train('home');
SELECT rank, item_id, round(score::numeric, 3) AS score FROM rec.recommend('home', '99') ORDER BY rank;
-- What a user has had in either source is on no list. User 4 has c.
SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('home', '4');
SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('home', '4', exclude_seen => false);
-- A list of one item each: filters come first, so that there is one of those that may be there.
SELECT rec.alter_model('home', options => '{"candidates_each": 1, "method": "ranks", "weights": []}');
CALL rec.train('home');
SELECT rank, item_id, round(score::numeric, 6) AS score FROM rec.recommend('home', '99', exclude => '{a,c}') ORDER BY rank;
SELECT rank, item_id, round(score::numeric, 6) AS score FROM rec.recommend('home', '99', candidates => '{d,b,z}') ORDER BY rank;
-- Fill-up: items on no list, by popularity, without a score.
SELECT rank, item_id, round(score::numeric, 6) AS score FROM rec.recommend('home', '99') ORDER BY rank;

-- ---- personal inputs
CREATE TABLE event (user_id int, item_id int, at timestamptz, PRIMARY KEY (user_id, item_id));
INSERT INTO event SELECT u, i, timestamptz '2026-01-01' + (u * 7 + i * 13) % 50 * interval '1 hour'
  FROM generate_series(1, 60) u, generate_series(1, 40) i WHERE (u * u + 3 * i * u + i) % 7 < 2;
SELECT rec.create_model(name, 'event', algorithm, options, time_column => 'at') FROM (VALUES
	('als', 'als', '{"factors": 4}'::jsonb), ('knn', 'item_knn', '{}'), ('trend', 'popular', '{}')) m (name, algorithm, options);
CALL rec.train('als');
CALL rec.train('knn');
CALL rec.train('trend');
SELECT rec.create_model('front', 'event', 'blend', time_column => 'at', inputs => '{als,knn,trend}');
CALL rec.train('front');

-- lists are those of the inputs, fused: reciprocal ranks added up in SQL
CREATE FUNCTION fused(u int, item int) RETURNS float8 LANGUAGE sql AS $$
	SELECT sum(1.0 / (60 + rank)) FROM unnest('{als,knn,trend}'::regclass[]) m, LATERAL rec.recommend(m, u, 100) r
	WHERE r.item_id = item AND (r.personal OR m = 'trend'::regclass) $$;
SELECT count(*) AS rows, count(*) FILTER (WHERE abs(r.score - coalesce(fused(u, r.item_id), 0)) > 1e-6) AS others,
	count(*) FILTER (WHERE r.score <> rec.predict('front', u, r.item_id)) AS not_predicted,
	count(*) FILTER (WHERE (SELECT abs(sum(contribution) + min(baseline) - r.score) > 1e-6 FROM rec.explain('front', u, r.item_id))) AS not_explained
FROM generate_series(1, 60, 7) u, LATERAL rec.recommend('front', u, 40) r;
-- the same for everybody at once, by candidates, and for the profile given by hand
CALL rec.recommend_all('front', 'lists', 7);
CREATE VIEW asked AS SELECT u, r.* FROM (SELECT DISTINCT user_id AS u FROM event) e, LATERAL rec.recommend('front', u, 7) r;
SELECT count(*) AS rows, (SELECT count(*) FROM ((TABLE lists EXCEPT TABLE asked) UNION ALL (TABLE asked EXCEPT TABLE lists)) d) AS others FROM lists;
CALL rec.recommend_all('front', 'lists', 7, exclude_seen => false, candidates => '{1,2,3,4,5,6,7,8,9,99}', exclude => '{4}');
CREATE OR REPLACE VIEW asked AS SELECT u, r.* FROM (SELECT DISTINCT user_id AS u FROM event) e,
	LATERAL rec.recommend('front', u, 7, exclude_seen => false, candidates => '{1,2,3,4,5,6,7,8,9,99}', exclude => '{4}') r;
SELECT count(*) AS rows, (SELECT count(*) FROM ((TABLE lists EXCEPT TABLE asked) UNION ALL (TABLE asked EXCEPT TABLE lists)) d) AS others FROM lists;
SELECT count(*) AS rows, count(*) FILTER (WHERE a.item_id IS DISTINCT FROM b.item_id) AS others FROM generate_series(1, 60, 7) u,
	LATERAL (SELECT array_agg(item_id ORDER BY at) AS items FROM event WHERE user_id = u) p, LATERAL rec.recommend('front', u, 5) a
	FULL JOIN LATERAL rec.recommend_for('front', p.items, n => 5) b ON a.rank = b.rank;
-- what is fresh in an input is fresh here
INSERT INTO event SELECT 1000, item_id, at FROM event WHERE user_id = 5;
SELECT (SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('front', 1000, 5)) =
	(SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('front', 5, 5)) AS same;
DELETE FROM event WHERE user_id = 1000;

-- ---- tests on held-out data train the inputs there as well
-- One input alone, with lists of all items, has the figures of that model; only how alike items are it cannot say (diversity).
SELECT rec.create_model('alone', 'event', 'blend', '{"candidates_each": 1000}', time_column => 'at', inputs => '{knn}');
CALL rec.train('alone');
SELECT count(*) > 5 AS many, string_agg(metric, ' ') FILTER (WHERE a.value IS DISTINCT FROM b.value) AS others
FROM rec.evaluate('alone', 'time') a FULL JOIN rec.evaluate('knn', 'time') b USING (metric);
-- A copy of the source as the source of an input would know the test part. It is refused.
CREATE TABLE copy AS TABLE event;
SELECT rec.create_model('leak', 'copy', 'item_knn', time_column => 'at');
CALL rec.train('leak');
SELECT rec.create_model('leaking', 'event', 'blend', time_column => 'at', inputs => '{knn,leak}');
CALL rec.train('leaking');
\set VERBOSITY default
SELECT metric FROM rec.evaluate('leaking', 'time');
\set VERBOSITY terse
-- compared with its inputs, and tuned
SELECT count(*), count(*) FILTER (WHERE error IS NOT NULL) AS errors, count(*) FILTER (WHERE value > 0) AS good
FROM rec.compare('event', '["item_knn", "popular", "blend", {"algorithm": "blend", "method": "scores"}]', split => 'time', time_column => 'at',
	inputs => '{als,knn}');
SELECT count(*), count(*) FILTER (WHERE error IS NOT NULL) AS errors
FROM rec.tune('front', '{"weights": [[1, 0, 0], [1, 1, 0], []], "rank_constant": [1, 60]}', split => 'time');

-- ---- inputs of inputs, circles
SELECT rec.create_model('outer', 'event', 'blend', inputs => '{front,knn}', time_column => 'at');
CALL rec.train('outer');
SELECT count(*) FROM rec.recommend('outer', 1, 5);
SELECT count(*) > 5 AS many FROM rec.evaluate('outer', 'time');
SELECT rec.alter_model('front', inputs => '{outer}');
SELECT rec.alter_model('front', inputs => '{front}');

-- written by hand they may be one
BEGIN;
UPDATE rec.model SET inputs = '{stages.front}', input_oids = NULL, input_owners = NULL WHERE model = 'front'::regclass;
ALTER TABLE front SET (fillfactor = 90);
SAVEPOINT s;
SELECT count(*) FROM rec.recommend('front', 1, 5);
ROLLBACK TO s;
SELECT count(*) FROM rec.evaluate('front', 'time');
ROLLBACK;

-- ---- other questions
SELECT length(rec.report('front')) > 1000 AS report;
SELECT count(*) FROM rec.similar_users('front', 1, 3);
SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('front', 1, 5, diversity => 0.5);
SELECT count(*), bool_and(propensity BETWEEN 0 AND 1) AS probable FROM rec.explore('front', 1, 5, seed => 1);
SELECT count(*) FROM rec.explore('front', 1, 5, method => 'thompson');

-- ---- refusals
SELECT rec.create_model('x', 'event', 'blend');
SELECT rec.create_model('x', 'event', 'als', inputs => '{knn}');
SELECT rec.create_model('x', 'event', 'blend', inputs => '{knn,knn}');
SELECT rec.create_model('x', 'event', 'blend', inputs => '{event}');
SELECT rec.create_model('x', 'event', 'blend', inputs => '{NULL}');
SELECT rec.create_model('x', 'event', 'blend', inputs => ARRAY(SELECT 'knn'::regclass FROM generate_series(1, 17)));
SELECT rec.create_model('x', 'event', 'blend', inputs => '{buys}');
SELECT rec.create_model('x', 'event', 'blend', '{"weights": [1, 2]}', inputs => '{knn}');
SELECT rec.create_model('x', 'event', 'blend', '{"weights": [-1]}', inputs => '{knn}');
SELECT rec.create_model('x', 'event', 'blend', '{"weights": 1}', inputs => '{knn}');
SELECT rec.create_model('x', 'event', 'blend', '{"weights": [[1]]}', inputs => '{knn}');
SELECT count(*) FROM rec.recommend_users('front', 1);
SELECT count(*) FROM rec.similar_items('front', 1);
CALL rec.refresh('front');
-- an input that is not trained, is dropped, or comes again under its name
SELECT rec.alter_model('trend', options => '{"half_life": "5 days"}');
SELECT count(*) FROM rec.recommend('front', 1, 5);
DROP TABLE trend;
SELECT count(*) FROM rec.recommend('front', 1, 5);
SELECT rec.create_model('trend', 'event', 'popular', time_column => 'at');
CALL rec.train('trend');
SELECT count(*) FROM rec.recommend('front', 1, 5);
ALTER TABLE knn RENAME TO neighbors;
SELECT count(*) FROM rec.recommend('front', 1, 5);
SELECT DISTINCT feature FROM generate_series(1, 60, 7) u, LATERAL rec.recommend('front', u, 5) r, LATERAL rec.explain('front', u, r.item_id) ORDER BY 1;

-- ---- privileges: on the model, on each input, and on the sources
CREATE ROLE stages_reader;
GRANT USAGE ON SCHEMA stages TO stages_reader;
GRANT SELECT ON front, neighbors, als, event TO stages_reader;
SET ROLE stages_reader;
SELECT count(*) FROM rec.recommend('front', 1, 5);
SELECT count(*) FROM rec.evaluate('front', 'time');
RESET ROLE;
GRANT SELECT ON trend TO stages_reader;
SET ROLE stages_reader;
SELECT count(*) FROM rec.recommend('front', 1, 5);
RESET ROLE;
DROP OWNED BY stages_reader;
DROP ROLE stages_reader;

RESET search_path;
DROP SCHEMA stages CASCADE;
