-- Weights of events: what several rows of one user and item count, linear or log, is the same wherever they are read.
CREATE SCHEMA weights;
SET search_path = weights;
SET client_min_messages = warning;

-- ---- by hand: a is played 1 + 2 and 1 times, b 7 times: log2(1 + 3) + log2(1 + 1) = 3, and log2(1 + 7) = 3; linear 4 and 7
CREATE TABLE plays (user_id int, item_id text, n int);
INSERT INTO plays VALUES (1, 'a', 1), (2, 'a', 1), (1, 'a', 2), (1, 'b', 7);
CREATE INDEX ON plays (user_id);
SELECT rec.create_model('counted', 'plays', 'popular', '{"feedback": "implicit", "weight": "log"}', rating_column => 'n');
CALL rec.train('counted');
SELECT item_id, score FROM counted ORDER BY 1;
DROP TABLE counted;
SELECT rec.create_model('counted', 'plays', 'popular', '{"feedback": "implicit", "weight": "linear"}', rating_column => 'n');
CALL rec.train('counted');
SELECT item_id, score FROM counted ORDER BY 1;
DROP TABLE counted;
-- a row that a version wrote which had no such option: weights count as they did, also after the next training
SELECT rec.create_model('counted', 'plays', 'popular', '{"feedback": "implicit", "weight": "linear"}', rating_column => 'n');
UPDATE rec.model SET options = options - 'weight' WHERE model = 'counted'::regclass;
CALL rec.train('counted');
SELECT item_id, score FROM counted ORDER BY 1;
SELECT options -> 'weight' AS weight FROM rec.models WHERE model = 'counted'::regclass;
DROP TABLE counted;
-- which algorithms have the option
SELECT algorithm, "default" FROM rec.algorithms WHERE option = 'weight' ORDER BY 1;
SELECT rec.create_model('counted', 'plays', 'als', '{"weight": "root"}', rating_column => 'n');

-- ---- log of weights w is linear of log2(1 + w), to the bit, whatever is asked
-- Of each pair the weight is 1, 3, 7 or 15, in one row or in several, and so it counts 1, 2, 3 or 4.
CREATE TABLE pairs AS
SELECT u AS user_id, i AS item_id, 1 + ('x' || substr(md5(u || ':' || i), 1, 7))::bit(28)::int % 4 AS k
  FROM generate_series(1, 40) u, generate_series(1, 30) i
 WHERE (u % 5 = i % 5) = (('x' || substr(md5(i || ':' || u), 1, 7))::bit(28)::int % 7 > 1);
CREATE TABLE logged AS SELECT user_id, item_id, k::real AS w FROM pairs;
CREATE TABLE raw AS
SELECT user_id, item_id, 1::real AS w FROM pairs UNION ALL SELECT user_id, item_id, 2 ^ k - 2 FROM pairs WHERE k > 1;
CREATE INDEX ON raw (user_id);
CREATE INDEX ON logged (user_id);
CREATE TABLE attributes AS SELECT i AS item_id, i % 7 AS n, chr(97 + i % 4) AS kind FROM generate_series(1, 60) i;
CREATE FUNCTION answers(source regclass, algorithm text, weight text, factor int[]) RETURNS TABLE (question text, answer text) LANGUAGE plpgsql AS $$
DECLARE
	options jsonb := jsonb_build_object('feedback', 'implicit', 'weight', weight);
	items regclass := (SELECT 'attributes'::regclass FROM rec.algorithms a WHERE a.algorithm = answers.algorithm AND option = 'min_count');
BEGIN
	PERFORM rec.create_model('weights.m', source, algorithm, options, rating_column => 'w', items => items);
	CALL rec.train('m');
	CALL rec.recommend_all('m', 'lists', 5);
	RETURN QUERY
	SELECT 'scale', format('%s %s %s', mean, minimum, maximum) FROM rec.model WHERE model = 'm'::regclass
	UNION ALL
	SELECT 'recommend', string_agg(l::text, ';') FROM (SELECT u, r.* FROM generate_series(1, 41) u, LATERAL rec.recommend('m', u, 5) r) l
	UNION ALL
	SELECT 'recommend_all', string_agg(l::text, ';' ORDER BY l.user_id, l.rank) FROM lists l
	UNION ALL
	SELECT 'predict', string_agg(rec.predict('m', u, i)::text, ';') FROM generate_series(1, 5) u, generate_series(1, 30) i
	UNION ALL
	SELECT 'recommend_for', string_agg(r::text, ';') FROM rec.recommend_for('m', ARRAY[3, 8, 4], factor::real[], 5) r
	UNION ALL
	SELECT 'explain', string_agg(format('%s %s %s', known_item_id, contribution, baseline), ';') FROM generate_series(1, 5) u, LATERAL rec.explain('m', u, 7) e
	UNION ALL
	SELECT 'similar_items', string_agg(s::text, ';') FROM generate_series(1, 5) i, LATERAL rec.similar_items('m', i, 5) s
	UNION ALL
	SELECT 'similar_users', string_agg(s::text, ';') FROM generate_series(1, 5) u, LATERAL rec.similar_users('m', u, 5) s
	UNION ALL
	SELECT 'evaluate', string_agg(metric || ' ' || value, ';') FROM rec.evaluate('m', 'random')
	UNION ALL
	SELECT 'compare', string_agg(value::text, ';') FROM rec.compare(source, jsonb_build_array(options || '{"algorithm": "popular"}',
		options || jsonb_build_object('algorithm', algorithm)), rating_column => 'w', items => items);
	DROP TABLE m, lists;
END $$;
-- by algorithm: how many of the questions got an answer, and which differ
SELECT algorithm, count(x.answer) AS answered, string_agg(question, ', ') FILTER (WHERE x.answer IS DISTINCT FROM y.answer) AS differ
  FROM (SELECT algorithm FROM rec.algorithms WHERE option = 'weight') o,
	   LATERAL answers('raw', algorithm, 'log', '{1,15,7}') x JOIN LATERAL answers('logged', algorithm, 'linear', '{1,4,3}') y USING (question)
 GROUP BY algorithm ORDER BY algorithm;
-- and weights do count: other answers with those as they are
SELECT algorithm, count(*) FILTER (WHERE x.answer IS DISTINCT FROM y.answer) > 0 AS differ
  FROM (SELECT algorithm FROM rec.algorithms WHERE option = 'weight') o,
	   LATERAL answers('raw', algorithm, 'linear', '{1,15,7}') x JOIN LATERAL answers('logged', algorithm, 'linear', '{1,4,3}') y USING (question)
 GROUP BY algorithm ORDER BY algorithm;

-- ---- an explanation shows the weight itself: of user 5
SELECT rec.create_model('m', 'raw', 'item_knn', '{"feedback": "implicit", "weight": "log"}', rating_column => 'w');
CALL rec.train('m');
SELECT count(*), bool_and(e.rating = r.w) FROM rec.explain('m', 5, 7, 100) e JOIN (SELECT item_id, sum(w) AS w FROM raw WHERE user_id = 5
    GROUP BY 1) r ON r.item_id = e.known_item_id;

-- ---- tuning it, on one split: the log is worth what linear is where it has been taken before
SELECT rec.create_model('taken', 'logged', 'item_knn', '{"feedback": "implicit"}', rating_column => 'w');
SELECT x.options, x.value = y.value AS same
  FROM rec.tune('m', '{"weight": ["linear", "log"]}', split => 'random', relevant_from => 7) x,
	   rec.tune('taken', '{"weight": ["linear"]}', split => 'random', relevant_from => 3) y ORDER BY x.options::text;
DROP TABLE taken;
DROP TABLE m;

-- ---- ratings are what they are
CREATE FUNCTION explicit_factors(weight text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	PERFORM rec.create_model('weights.m', 'logged', 'als', jsonb_build_object('weight', weight), rating_column => 'w');
	CALL rec.train('m');
	SELECT md5(string_agg(m::text, ';' ORDER BY item_id)) INTO result FROM m;
	DROP TABLE m;
	RETURN result;
END $$;
SELECT explicit_factors('log') = explicit_factors('linear') AS same;

-- so that there is one combination to try
SELECT rec.create_model('m', 'logged', 'als', rating_column => 'w');
SELECT count(*) FROM rec.tune('m', '{"weight": ["linear", "log"]}', split => 'random');
DROP TABLE m;

-- ---- numbers at the ends: very small weights do not become nothing, very large ones do not become infinite
CREATE TABLE ends (user_id int, item_id int, w float4);
INSERT INTO ends VALUES (1, 1, 1e-45), (1, 2, 3e38), (2, 1, 1), (2, 2, 0);
CREATE INDEX ON ends (user_id);
SET client_min_messages = notice;
SELECT rec.create_model('m', 'ends', 'popular', '{"feedback": "implicit", "weight": "log"}', rating_column => 'w');
CALL rec.train('m');
SELECT minimum > 0 AS positive, maximum < 128 AS moderate FROM rec.model WHERE model = 'm'::regclass;
-- a sum that is infinite is refused as ever
INSERT INTO ends VALUES (1, 2, 3e38);
\set VERBOSITY terse
CALL rec.train('m'); \echo :SQLSTATE
SET client_min_messages = warning;

DROP SCHEMA weights CASCADE;
