-- What reward a policy would have had, from a log of what another policy has shown.
SET client_min_messages = warning;
CREATE SCHEMA off_policy;
SET search_path = off_policy, public;

-- ---- by hand: six rows, each a list of its own
-- weights, target / propensity: .5, 1, 2, 1, .5, .5: sum 5.5, sum of squares .25 + 1 + 4 + 1 + .25 + .25 = 6.75. weights * rewards: .5 + 2 + .5 + .5 = 3.5.
-- logged: 4 / 6. ips: 3.5 / 6 = .58333. snips: 3.5 / 5.5 = .63636. Effective size: 5.5^2 / 6.75 = 4.48148.
-- dr: the mean reward of the other five is 3/5 where the reward is 1, and 4/5 where it is 0, for any item. Mean + weight * (reward - mean):
-- .6 + .5 * .4 = .8; .8 + 1 * -.8 = 0; .6 + 2 * .4 = 1.4; 0; .8; .8: 3.8 / 6 = .63333.
CREATE TABLE six (user_id int, item_id text, rank int, propensity real, shown_at timestamptz, reward int, target float8, predicted float8, expected float8);
INSERT INTO six VALUES (1, 'a', 1, .5, '2026-01-01', 1, .25, .5, .6), (2, 'b', 1, .5, '2026-01-01', 0, .5, .5, .6),
	(3, 'c', 1, .25, '2026-01-01', 1, .5, 1, .6), (4, 'd', 1, .25, '2026-01-01', 0, .25, 0, .6),
	(5, 'a', 1, .5, '2026-01-01', 1, .25, .5, .6), (6, 'a', 1, .5, '2026-01-01', 1, .25, .5, .6);
CREATE FUNCTION rounded(log regclass, target_column name = 'target', rank_column name = 'rank', user_column name = 'user_id', predicted_column name = NULL,
						expected_column name = NULL, seed int = 0)
	RETURNS TABLE (estimator text, value numeric, effective_size numeric, within bool) LANGUAGE sql AS $$
SELECT estimator, round(value::numeric, 5), round(effective_size::numeric, 5), low <= value AND value <= high
  FROM rec.off_policy(log, target_column => target_column, rank_column => rank_column, user_column => user_column, predicted_column => predicted_column,
					  expected_column => expected_column, seed => seed)
$$;
SELECT * FROM rounded('six');
-- with predictions of one's own: expected + weight * (reward - predicted):
-- .6 + .5 * .5 = .85; .6 + 1 * -.5 = .1; .6 + 2 * 0 = .6; .6 + 1 * 0 = .6; .85; .85: 3.85 / 6 = .64167
SELECT * FROM rounded('six', predicted_column => 'predicted', expected_column => 'expected') WHERE estimator = 'dr';
-- the policy of the log itself has weights of 1, and its mean reward
SELECT * FROM rounded('six', target_column => 'propensity');
-- without ranks or users it is the same
SELECT count(*) AS same FROM rounded('six') a JOIN rounded('six', rank_column => NULL) b USING (estimator, value) JOIN rounded('six', user_column => '') c
	USING (estimator, value);

-- ---- by hand: two lists of three
-- user 1: ratios 2, .5, 1: weights 2, 1, 1; rewards 1, 0, 1. user 2: ratios .5, 2, 2: weights .5, 1, 2; rewards 0, 1, 0.
-- ips: (2 + 1 + 1) / 6 = .66667. snips: 4 / 7.5 = .53333. Effective size: 7.5^2 / (4 + 1 + 1 + .25 + 1 + 4) = 5.
-- dr: for user 1 the mean of the others is 1/3; at ranks 1, 2, 3, shrunk with ten rows: (0 + 10/3) / 11 = .30303, (1 + 10/3) / 11 = .39394, .30303.
-- above * expected + weight * (reward - predicted): .30303 + 2 * .69697 = 1.69697; 2 * .39394 - .39394 = .39394; .30303 + .69697 = 1.
-- For user 2 the mean is 2/3; .69697, .60606, .69697: .69697 - .5 * .69697 = .34848; .5 * .60606 + 1 * .39394 = .69697; .69697 - 2 * .69697 = -.69697.
-- Together 3.43939 / 6 = .57323.
CREATE TABLE lists AS SELECT u AS user_id, r AS rank, timestamp '2026-01-01' AS shown_at, p AS propensity, t AS target, w AS reward
  FROM (VALUES (2, 3, .25, .5, 0), (1, 1, .25, .5, 1), (1, 2, .5, .25, 0), (1, 3, .5, .5, 1), (2, 1, .5, .25, 0), (2, 2, .25, .5, 1)) v (u, r, p, t, w);
SELECT * FROM rounded('lists');
-- each row a list: weights 2, .5, 1, .5, 2, 2; ips (2 + 1 + 2) / 6
SELECT * FROM rounded('lists', rank_column => NULL);

-- ---- the interval: percentiles over users who are drawn, in which weights are normalised anew. All rewards equal: the normalised mean of any draw is this,
-- while the plain one follows the weights.
CREATE VIEW constant AS SELECT user_id, rank, shown_at, propensity, target, .25 AS reward FROM six;
SELECT estimator, round(value::numeric, 5) AS value, round(low::numeric, 5) AS low, round(high::numeric, 5) AS high
  FROM rec.off_policy('constant', target_column => 'target') WHERE estimator <> 'ips';
SELECT low < value AND value < high AS wide FROM rec.off_policy('constant', target_column => 'target') WHERE estimator = 'ips';
-- the same seed, the same interval, in whatever order rows are
CREATE TABLE six_again AS SELECT * FROM six ORDER BY user_id DESC;
SELECT count(*) AS same
  FROM rec.off_policy('six', target_column => 'target', seed => 7) a JOIN rec.off_policy('six_again', target_column => 'target', seed => 7) b
	USING (estimator, value, low, high, effective_size);
SELECT count(*) AS same FROM rec.off_policy('six', target_column => 'target', user_column => '') a
  JOIN rec.off_policy('six_again', target_column => 'target', user_column => '') b USING (estimator, value, low, high);
-- rows of one user are drawn together: one user has no interval
SELECT estimator, round(value::numeric, 5) AS value, low, high FROM rec.off_policy('lists', target_column => 'target', user_column => 'shown_at', rank_column =>
	NULL);

-- ---- intervals: of 100 logs, how many contain the policy's true value
-- Users are of two kinds, and four items are shown with probabilities .4, .3, .2, .1 to the one kind and in the reverse order to the other. A reward of 1 comes
-- with a probability of (item + kind) / 10. The policy shows each item with .25 to everybody: its value is (1 + 2 + 3 + 4 + 2 + 3 + 4 + 5) / 80 = .3.
CREATE FUNCTION lot(text) RETURNS float8 IMMUTABLE LANGUAGE sql AS $$ SELECT ('x' || substr(md5($1), 1, 8))::bit(32)::int8 / 4294967296.0 $$;
CREATE TABLE shown AS
WITH context AS (SELECT l AS log, u AS user_id, u % 2 AS kind, lot('item' || l || ' ' || u) AS x, lot('reward' || l || ' ' || u) AS y
				   FROM generate_series(1, 100) l, generate_series(1, 300) u),
	 drawn AS (SELECT *, CASE WHEN x < .4 THEN 1 WHEN x < .7 THEN 2 WHEN x < .9 THEN 3 ELSE 4 END AS place FROM context)
SELECT log, user_id, 1 AS rank, now() AS shown_at, CASE kind WHEN 0 THEN place ELSE 5 - place END AS item_id, (5 - place) / 10.0 AS propensity,
	   .25 AS target, (y < (CASE kind WHEN 0 THEN place ELSE 5 - place END + kind) / 10.0)::int AS reward
  FROM drawn;
CREATE INDEX ON shown (log);
CREATE FUNCTION estimates(log int) RETURNS TABLE (estimator text, value float8, low float8, high float8) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE TEMP VIEW one AS SELECT * FROM shown WHERE log = %s', log);
	RETURN QUERY SELECT o.estimator, o.value, o.low, o.high FROM rec.off_policy('one', target_column => 'target') o;
END
$$;
-- The oracle knows how an estimator varies: here from the 100 logs, of which 95 are within 1.96 standard deviations.
WITH e AS (SELECT l, e.*, .3 AS truth, stddev(value) OVER (PARTITION BY estimator) AS deviation FROM generate_series(1, 100) l, estimates(l) e
			WHERE estimator <> 'logged')
SELECT estimator, count(*) FILTER (WHERE low <= truth AND truth <= high) AS covered, round(abs(avg(value) - avg(truth))::numeric, 2) AS bias,
	   max(high - low) < 2 * 2 * 1.96 * min(deviation) AS short
  FROM e GROUP BY estimator ORDER BY estimator;

-- ---- a model: with the probabilities of rec.explore as of the time of each list
CREATE TABLE events (user_id int, item_id text, at timestamp, PRIMARY KEY (user_id, item_id));
INSERT INTO events SELECT u, 'i' || i, timestamp '2026-01-01' + (u * 7 + i) % 50 * interval '1 hour' FROM generate_series(1, 60) u, generate_series(1, 40) i
 WHERE lot('event ' || u || ' ' || i) < CASE WHEN u % 2 = i % 2 THEN .5 ELSE .1 END;
SELECT rec.create_model('model', 'events', 'als', '{"factors": 4}', time_column => 'at');
CALL rec.train('model');
CREATE TABLE explored AS
SELECT user_id, rank, item_id, propensity, timestamptz '2126-01-01' + list * interval '1 hour' AS shown_at,
	   (lot('click ' || user_id || ' ' || list || ' ' || item_id) < .1 + .01 * substr(item_id, 2)::int)::int AS reward
  FROM generate_series(1, 60) u (id), generate_series(1, 2) list,
	   LATERAL (SELECT id AS user_id, * FROM rec.explore('model', id::text, 5, exploration => .5, seed => 100 * id + list)) e;
-- asked in the same way, each weight is 1: the policy is that of the log
SELECT estimator, round(value::numeric, 5) = (SELECT round(avg(reward), 5) FROM explored) AS logged, round(effective_size::numeric, 5) AS effective_size
  FROM rec.off_policy('explored', 'model', exploration => .5) WHERE estimator <> 'dr';
-- what users do when they have seen the lists is not known to the policy
INSERT INTO events SELECT user_id, item_id, timestamp '2126-01-01 02:00' FROM explored WHERE reward = 1 AND shown_at = '2126-01-01 02:00'
    ON CONFLICT DO NOTHING;
SELECT round(effective_size::numeric, 5) AS effective_size FROM rec.off_policy('explored', 'model', exploration => .5) WHERE estimator = 'ips';
-- and what they had done before is: they are not shown it again
UPDATE events SET at = '2126-01-01' WHERE at = '2126-01-01 02:00';
SELECT effective_size < 550 AS less FROM rec.off_policy('explored', 'model', exploration => .5) WHERE estimator = 'ips';
DELETE FROM events WHERE at = '2126-01-01';

-- by SQL: the softmax over the items that the user does not have, without those above on the list
CREATE TABLE scores AS SELECT id AS user_id, r.item_id, r.score FROM generate_series(1, 60) id, LATERAL rec.recommend('model', id::text, 1000) r WHERE personal;
CREATE VIEW by_sql AS
WITH temperature AS (SELECT user_id, .8 * stddev_pop(score) AS t FROM scores GROUP BY user_id),
	 means AS (SELECT user_id, (SELECT avg(reward) FROM explored o WHERE o.user_id <> u.user_id) AS mean FROM (SELECT DISTINCT user_id FROM explored) u),
	 predicted AS (SELECT user_id, item_id, (coalesce(sum, 0) + 10 * mean) / (coalesce(n, 0) + 10) AS predicted
					 FROM scores JOIN means USING (user_id),
						  LATERAL (SELECT sum(reward), count(*) AS n FROM explored o WHERE o.user_id <> scores.user_id AND o.item_id = scores.item_id) o)
SELECT l.*, w.target, p.predicted, w.expected
  FROM explored l JOIN temperature USING (user_id) JOIN predicted p USING (user_id, item_id),
	   LATERAL (SELECT max(exp(score / t)) FILTER (WHERE s.item_id = l.item_id) / sum(exp(score / t)) AS target,
					   sum(exp(score / t) * q.predicted) / sum(exp(score / t)) AS expected
				  FROM scores s JOIN predicted q USING (user_id, item_id)
				 WHERE s.user_id = l.user_id AND NOT EXISTS (
				   SELECT FROM explored a WHERE a.user_id = l.user_id AND a.shown_at = l.shown_at AND a.item_id = s.item_id
				 	AND a.rank < l.rank)) w;
SELECT m.estimator, abs(m.value - s.value) < 1e-5 AS value, abs(m.low - s.low) < 1e-5 AND abs(m.high - s.high) < 1e-5 AS interval,
	   abs(m.effective_size / s.effective_size - 1) < 1e-3 AS effective_size
  FROM rec.off_policy('explored', 'model', exploration => .8) m
  JOIN rec.off_policy('by_sql', target_column => 'target', predicted_column => 'predicted', expected_column => 'expected') s USING (estimator);
-- exploration 0: the first item of rec.recommend has a probability of 1, all others 0
CREATE VIEW first AS SELECT * FROM explored WHERE rank = 1;
SELECT round(value::numeric, 5) = (SELECT round((sum(reward / propensity) FILTER (WHERE item_id = best) / count(*))::numeric, 5)
  FROM first JOIN (SELECT DISTINCT ON (user_id) user_id, item_id AS best FROM scores ORDER BY user_id, score DESC) b USING (user_id)) AS same
  FROM rec.off_policy('first', 'model', exploration => 0) WHERE estimator = 'ips';
-- of whom nothing is known: what most users have, in its order, which is not drawn; an item that the model does not have has no probability
CREATE TABLE unknown AS SELECT 'i' AS item_id, 1 AS rank, 1.0 AS propensity, now() + interval '1 year' AS shown_at, 1 AS reward, NULL::int AS user_id LIMIT 0;
INSERT INTO unknown SELECT item_id, rank, 1, '2126-01-01', 1, 1000 FROM rec.recommend('model', '1000', 3);
INSERT INTO unknown SELECT item_id, rank, 1, '2126-01-01', 1, NULL FROM rec.recommend('model', '1000', 2);
INSERT INTO unknown VALUES ('none', 1, 1, '2126-01-02', 1, NULL), (NULL, 1, 1, '2126-01-03', 1, 1);
SET client_min_messages = error;
-- 3 + 2 of 7
SELECT estimator, round(value::numeric, 5) AS value, effective_size FROM rec.off_policy('unknown', 'model', exclude_seen => false) WHERE estimator = 'ips';
-- what came before the model, a model that knows no times, and columns that a model needs
SET client_min_messages = notice;
SET datestyle = iso;
CREATE VIEW before AS SELECT user_id, rank, item_id, propensity, date '2026-01-01' AS shown_at, reward FROM explored WHERE shown_at = '2126-01-01 01:00';
\set VERBOSITY terse
SELECT count(*) FROM rec.off_policy('before', 'model', exploration => .5);
SELECT rec.create_model('timeless', 'events', 'als', '{"factors": 4}');
CALL rec.train('timeless');
SELECT count(*) FROM rec.off_policy('explored', 'timeless', exploration => .5);
\set VERBOSITY default
CREATE TABLE no_time AS SELECT user_id, rank, item_id, propensity, NULL::timestamptz AS shown_at, reward FROM explored WHERE rank = 1
   AND shown_at = '2126-01-01 01:00';
SELECT rec.off_policy('no_time', 'model');
SELECT rec.off_policy('explored', 'model', time_column => NULL);
SELECT rec.off_policy('explored', 'model', item_column => 'item');
SELECT rec.off_policy('explored', 'model', exploration => -1);
SELECT rec.off_policy('explored', 'model', exploration => 'NaN');
SELECT rec.off_policy('explored', 'events');
ALTER TABLE no_time ALTER user_id TYPE text USING 'x' || user_id, ALTER shown_at TYPE text;
SELECT rec.off_policy('no_time', 'model');
ALTER TABLE no_time ALTER shown_at TYPE bigint USING 4922000000;
SELECT rec.off_policy('no_time', 'model');

-- ---- what the log does not cover
SET client_min_messages = notice;
-- propensity 0 where the policy shows the item: no weight. Weights 0, 1, 2, 1, .5, .5: ips (2 + .5 + .5) / 6.
CREATE VIEW impossible AS SELECT user_id, rank, shown_at, CASE user_id WHEN 1 THEN 0 ELSE propensity END AS propensity, target, reward FROM six;
SELECT * FROM rounded('impossible') WHERE estimator = 'ips';
-- where the policy does not show it either, it is nothing to warn of
CREATE VIEW neither AS SELECT user_id, rank, shown_at, propensity, CASE user_id WHEN 1 THEN 0 ELSE target END AS target, reward FROM impossible;
SELECT * FROM rounded('neither') WHERE estimator = 'ips';
-- a tiny propensity: weights 250, 1, 2, 1, .5, .5; ips (250 + 2 + .5 + .5) / 6
CREATE VIEW tiny AS SELECT user_id, rank, shown_at, CASE user_id WHEN 1 THEN .001 ELSE propensity END AS propensity, target, reward FROM six;
SELECT * FROM rounded('tiny') WHERE estimator = 'ips';
-- propensities that are not those of the log: the mean weight is 1/2 throughout, and the policy shows what the log does not
CREATE TABLE more AS SELECT 6 * i + user_id AS user_id, rank, shown_at, propensity, target, reward FROM six, generate_series(1, 10) i;
CREATE VIEW half AS SELECT user_id, rank, shown_at, propensity, propensity / 2 AS target, reward FROM more;
SELECT * FROM rounded('half') WHERE estimator = 'snips';
CREATE VIEW twice AS SELECT user_id, rank, shown_at, propensity / 2 AS propensity, propensity AS target, reward FROM more;
SELECT * FROM rounded('twice') WHERE estimator = 'snips';
-- weights that vary by chance are nothing to warn of
SELECT * FROM rounded('more') WHERE estimator = 'snips';
-- a policy that shows nothing of the log
CREATE VIEW nothing AS SELECT user_id, rank, shown_at, propensity, 0 AS target, reward FROM six;
SELECT * FROM rounded('nothing');

-- ---- hostile logs
\set VERBOSITY default
CREATE TABLE hostile (user_id text, item_id uuid, rank bigint, propensity numeric, shown_at date, reward bool, target real);
SELECT * FROM rounded('hostile');
INSERT INTO hostile VALUES ('Zoë', NULL, 1, .5, '2026-01-01', true, .25);
SELECT estimator, value, low, high, effective_size FROM rec.off_policy('hostile', target_column => 'target');
UPDATE hostile SET propensity = NULL;
SELECT * FROM rounded('hostile');
UPDATE hostile SET propensity = 'NaN';
SELECT * FROM rounded('hostile');
UPDATE hostile SET propensity = 1.5;
SELECT * FROM rounded('hostile');
UPDATE hostile SET propensity = -.5;
SELECT * FROM rounded('hostile');
UPDATE hostile SET propensity = .5, target = 'infinity';
SELECT * FROM rounded('hostile');
UPDATE hostile SET target = NULL;
SELECT * FROM rounded('hostile');
UPDATE hostile SET target = .5, reward = NULL;
SELECT * FROM rounded('hostile');
-- no user, no time: a list all the same
UPDATE hostile SET reward = false, user_id = NULL, shown_at = NULL;
SELECT * FROM rounded('hostile') WHERE estimator = 'ips';
-- ranks: NULL, twice, a gap, not from 1 on
UPDATE hostile SET rank = NULL;
SELECT * FROM rounded('hostile');
UPDATE hostile SET rank = 1;
INSERT INTO hostile SELECT * FROM hostile;
SELECT * FROM rounded('hostile');
UPDATE hostile SET rank = 2;
SELECT * FROM rounded('hostile');
SELECT * FROM rounded('hostile', rank_column => '') WHERE estimator = 'ips';
-- two times are two lists, of one user
UPDATE hostile SET user_id = 'x', rank = 1, shown_at = CASE ctid WHEN (SELECT min(ctid) FROM hostile) THEN date '2026-01-01' END;
SELECT estimator, value, low, high FROM rec.off_policy('hostile', target_column => 'target') WHERE estimator = 'ips';
-- rewards and weights that are too large
CREATE VIEW large AS SELECT user_id, rank, shown_at, propensity, target, 1.7e308 AS reward FROM six;
SELECT * FROM rounded('large');
CREATE VIEW small AS SELECT user_id, rank, shown_at, 1e-320::float8 AS propensity, target, reward FROM six;
SELECT * FROM rounded('small');
CREATE VIEW endless AS SELECT user_id, rank, shown_at, propensity, target, 'infinity'::float8 AS reward FROM six;
SELECT * FROM rounded('endless');

-- ---- arguments
SELECT rec.off_policy('six');
SELECT rec.off_policy('six', 'six', 'target');
SELECT rec.off_policy(NULL, target_column => 'target');
SELECT rec.off_policy(0, target_column => 'target');
CREATE SEQUENCE numbers;
SELECT rec.off_policy('numbers', target_column => 'target');
SELECT rec.off_policy('six', target_column => 'targt');
SELECT rec.off_policy('six', target_column => 'item_id');
SELECT rec.off_policy('six', target_column => 'target', rank_column => 'place');
SELECT rec.off_policy('six', target_column => 'target', rank_column => 'propensity');
SELECT rec.off_policy('six', target_column => 'target', time_column => 'at');
SELECT rec.off_policy('six', target_column => 'target', propensity_column => NULL);
SELECT rec.off_policy('six', target_column => 'target', predicted_column => 'predicted');
SELECT rec.off_policy('six', target_column => 'target', seed => NULL);
-- names that must be quoted
CREATE VIEW "Odd ""log" AS SELECT user_id AS "User", rank AS "select", shown_at AS "when?", propensity AS "p""", target AS "T", reward AS "re ward" FROM six;
SELECT estimator, round(value::numeric, 5) AS value FROM rec.off_policy('"Odd ""log"', target_column => 'T', user_column => 'User', rank_column => 'select',
	time_column => 'when?', propensity_column => 'p"', reward_column => 're ward');

-- ---- privileges and row security are the caller's
CREATE ROLE off_policy_reader;
GRANT USAGE ON SCHEMA off_policy TO off_policy_reader;
SET ROLE off_policy_reader;
SELECT rec.off_policy('six', target_column => 'target');
RESET ROLE;
GRANT SELECT (user_id, rank, propensity, shown_at, reward) ON six TO off_policy_reader;
SET ROLE off_policy_reader;
SELECT rec.off_policy('six', target_column => 'target');
SELECT count(*) FROM rec.off_policy('six', target_column => 'propensity');
RESET ROLE;
ALTER TABLE six ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON six USING (user_id <= 2);
SET ROLE off_policy_reader;
SELECT value, effective_size FROM rec.off_policy('six', target_column => 'propensity') WHERE estimator = 'logged';
RESET ROLE;
DROP OWNED BY off_policy_reader;
DROP ROLE off_policy_reader;

-- ---- a large log is limited by rec.max_memory
CREATE VIEW endless_log AS SELECT i AS user_id, 1 AS rank, now() AS shown_at, .5 AS propensity, .5 AS target, 0 AS reward FROM generate_series(1, 200000) i;
SET rec.max_memory = '8MB';
SELECT rec.off_policy('endless_log', target_column => 'target');
RESET rec.max_memory;
SELECT estimator, value, low, high, effective_size FROM rec.off_policy('endless_log', target_column => 'target');
SET client_min_messages = warning;
DROP SCHEMA off_policy CASCADE;
