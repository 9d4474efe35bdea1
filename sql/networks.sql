-- Networks over histories: gru, lstm, caser, sasrec.
SET client_min_messages = warning;
CREATE SCHEMA networks;
SET search_path = networks;

-- Everybody walks through 20 items in a circle, from a place of their own: 1, 2, ..., 20, 1 and so on. A tenth of the steps leads
-- somewhere else. Whoever is at item i is at i + 1 next with a probability of .905 (.9 and a twentieth of .1).
CREATE FUNCTION chance(VARIADIC text[]) RETURNS float8 IMMUTABLE LANGUAGE sql
AS $$ SELECT abs(hashtext(array_to_string($1, '/')) % 10000) / 10000.0 $$;
CREATE TABLE step (user_id int, item_id int, rating real, at timestamptz);
INSERT INTO step
WITH RECURSIVE walk (user_id, n, item) AS (
	SELECT u, 1, u % 20 FROM generate_series(1, 300) u
	UNION ALL
	SELECT user_id, n + 1, CASE WHEN chance(user_id::text, n::text) < .9 THEN item + 1 ELSE floor(chance(user_id::text, n::text, 'where') * 20)::int END % 20
	FROM walk WHERE n < 10 + user_id % 7)
SELECT user_id, item + 1, 5, timestamptz '2026-01-01' + n * interval '1 hour' FROM walk;
CREATE INDEX ON step (user_id);

CREATE FUNCTION train(name text, algorithm text, options jsonb DEFAULT '{}', items regclass DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('DROP TABLE IF EXISTS %I', name);
	PERFORM rec.create_model(name, 'step', algorithm, time_column => 'at', items => items, options =>
		'{"feedback": "implicit", "factors": 16, "batch_size": 256, "max_length": 10, "learning_rate": 0.01, "dropout": 0.1, "iterations": 12}' || options);
	EXECUTE format('CALL rec.train(%L)', name);
END $$;
SELECT algorithm, train(algorithm, algorithm) FROM unnest('{gru,lstm,caser,sasrec}'::text[]) algorithm;

-- After 3, 4, 5 comes 6, after 19, 20 comes 1.
SELECT algorithm,
	(SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend_for(algorithm, '{3,4,5}', n => 1)),
	(SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend_for(algorithm, '{19,20}', n => 1))
FROM unnest('{gru,lstm,caser,sasrec}'::text[]) algorithm;

-- How good that is for the last event of each user: lists of one item. No model can be right in more than .905 of all cases.
SELECT e.part AS algorithm, e.value > .8 AS good, e.value < .96 AS possible
FROM (SELECT 'gru' AS part, value FROM rec.evaluate('gru', 'leave_one_out', k => 1, exclude_seen => false) WHERE metric = 'hit_rate'
	UNION ALL SELECT 'lstm', value FROM rec.evaluate('lstm', 'leave_one_out', k => 1, exclude_seen => false) WHERE metric = 'hit_rate'
	UNION ALL SELECT 'caser', value FROM rec.evaluate('caser', 'leave_one_out', k => 1, exclude_seen => false) WHERE metric = 'hit_rate'
	UNION ALL SELECT 'sasrec', value FROM rec.evaluate('sasrec', 'leave_one_out', k => 1, exclude_seen => false) WHERE metric = 'hit_rate') e
ORDER BY 1;

-- An event of a moment ago is the last of the history; the list is that of the history given by hand.
INSERT INTO step VALUES (1000, 7, 5, '2026-02-01'), (1000, 8, 5, '2026-02-02');
SELECT algorithm, (SELECT item_id FROM rec.recommend(algorithm, 1000, 1)) FROM unnest('{gru,lstm,caser,sasrec}'::text[]) algorithm;
INSERT INTO step VALUES (1000, 13, 5, '2026-02-03');
SELECT algorithm, (SELECT item_id FROM rec.recommend(algorithm, 1000, 1)),
	ARRAY(SELECT ROW(item_id, score)::text FROM rec.recommend(algorithm, 1000, 20) ORDER BY rank) =
	ARRAY(SELECT ROW(item_id, score)::text FROM rec.recommend_for(algorithm, '{7,8,13}', n => 20) ORDER BY rank) AS the_same
FROM unnest('{gru,lstm,caser,sasrec}'::text[]) algorithm;

-- A score is what predict says. Contributions and baseline add up to it, and the last event contributes most.
SELECT algorithm, count(*), bool_and(rec.predict(algorithm, 1000, item_id) = score) AS predicted,
	bool_and((SELECT abs(sum(contribution) + min(baseline) - score) < 1e-4 FROM rec.explain(algorithm, 1000, item_id, 10))) AS adds_up,
	(SELECT known_item_id FROM rec.explain(algorithm, 1000, 14, 1)) AS most
FROM unnest('{gru,lstm,caser,sasrec}'::text[]) algorithm, rec.recommend(algorithm, 1000, 20)
GROUP BY algorithm ORDER BY algorithm;

-- Somebody unknown gets what is popular.
SELECT algorithm, bool_or(personal), count(*) FROM unnest('{gru,lstm,caser,sasrec}'::text[]) algorithm,
	rec.recommend(algorithm, 12345, 3) GROUP BY 1 ORDER BY 1;

-- ---- the same model with any number of workers
SET rec.max_workers = 0;
SELECT train('alone', 'sasrec'), train('alone_gru', 'gru');
SET rec.max_workers = 8;
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'regress', false);
SELECT train('others', 'sasrec'), train('others_gru', 'gru');
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'off', false);
RESET rec.max_workers;
SELECT count(*) FROM (TABLE alone EXCEPT TABLE others UNION ALL TABLE alone_gru EXCEPT TABLE others_gru) d;
SELECT count(*) > 10 AS many, count(*) FILTER (WHERE a.values = o.values AND a.shape = o.shape) = count(*) AS equal
FROM alone_parameters a FULL JOIN others_parameters o USING (name);

-- ---- when training ends
SELECT train('patient', 'gru', '{"patience": 2, "iterations": 200}');
SELECT count(*) < 200 AS ended_early, count(*) - min(iteration) FILTER (WHERE validation = best) AS after_the_best
FROM (SELECT *, max(validation) OVER () AS best FROM rec.training_log WHERE model = 'patient'::regclass) l;
SET client_min_messages = notice;
SELECT train('hurried', 'gru', '{"time_budget": "1 microsecond"}');
SET client_min_messages = warning;
SELECT count(*) FROM rec.training_log WHERE model = 'hurried'::regclass;

-- ---- candidates that are drawn
SELECT train('drawn', 'gru', '{"negatives": 8}');
SELECT array_agg(item_id) FROM rec.recommend_for('drawn', '{3,4,5}', n => 1);

-- ---- ratings: events with low ones are left out
SELECT train('liked', 'gru', '{"feedback": "explicit", "relevant_from": 3}');
INSERT INTO step VALUES (1001, 7, 5, '2026-02-01'), (1001, 8, 5, '2026-02-02'), (1001, 13, 1, '2026-02-03');
SELECT array_agg(item_id) FROM rec.recommend('liked', 1001, 1);

-- ---- attributes: what nobody has had is what its attributes say
CREATE TABLE item (item_id int PRIMARY KEY, kind text);
INSERT INTO item SELECT i, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END FROM generate_series(1, 21) i;
SELECT train('described', 'sasrec', '{"min_count": 1}', items => 'item');
SELECT n_ratings, (SELECT array_agg(feature ORDER BY feature) FROM described_features) FROM described WHERE item_id = 21;
-- A f: the map's numbers of "kind=odd" and of the intercept
SELECT abs(i.bias - (SELECT sum(f.bias) FROM described_features f WHERE feature IN ('kind=odd', '(intercept)'))) < 1e-5 AS bias,
	(SELECT max(abs(i.factors[n] - (SELECT sum(f.factors[n]) FROM described_features f WHERE feature IN ('kind=odd', '(intercept)')))) < 1e-5
	 FROM generate_series(1, 16) n) AS factors
FROM described i WHERE item_id = 21;
INSERT INTO item VALUES (22, 'even');
SELECT count(*) FROM rec.recommend_for('described', '{3,4,5}', candidates => '{21,22}');

-- ---- refusals
SELECT rec.create_model('timeless', 'step', 'gru');
DO $$ BEGIN CALL rec.refresh('gru'); EXCEPTION WHEN OTHERS THEN RAISE WARNING '% %', SQLSTATE, SQLERRM; END $$;

RESET search_path;
DROP SCHEMA networks CASCADE;
