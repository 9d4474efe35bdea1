-- Simulated clicks with known rates: what is lost by lists that explore, and by lists that do not.
--
-- A click on an item is a Bernoulli variable. Of 100 times that they are shown, a tenth of the items
-- are clicked on 40 times, three tenths 15 times, and the others 3 times; by users of whose style an
-- item is not, half as often. Nobody knows items and styles but by clicks. Each user comes once in each
-- round, and is shown one item, which may have been shown before. A policy decides which, by a model
-- that is trained in each round on the share of the user's clicks on each item, as far as this policy
-- has shown it. Its regret is the rate of the best item for the user minus that of the item that is
-- shown. All policies meet the same users, items and random numbers of the clicks, and start from
-- the same random item for each user.
--
--	psql -f test/bench/exploration.sql				-- -v users=, -v items=, -v rounds=, -v seed= choose others
--
-- in a database where the extension is installed. Everything is in a schema that is dropped first.

\set ON_ERROR_STOP 1
\if :{?users} \else \set users 100 \endif
\if :{?items} \else \set items 100 \endif
\if :{?seed} \else \set seed 17 \endif
\if :{?rounds} \else \set rounds 60 \endif
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS clicks CASCADE;
CREATE SCHEMA clicks;
SET search_path = clicks;

-- a number from 0 to 1 that depends on nothing but its arguments
SELECT format('CREATE FUNCTION number(VARIADIC of int[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashtextextended($1::text, %s) & 9007199254740991) / 9007199254740992.0 $$', :seed) \gexec

CREATE TABLE item AS SELECT i AS item_id FROM generate_series(1, :items) i;
CREATE TABLE rate AS
SELECT u AS user_id, i AS item_id, CASE WHEN number(1, i) < 0.1 THEN 0.4 WHEN number(1, i) < 0.4 THEN 0.15 ELSE 0.03 END
	* CASE WHEN (number(2, u) < 0.5) = (number(3, i) < 0.5) THEN 1 ELSE 0.5 END AS rate
FROM generate_series(1, :users) u, generate_series(1, :items) i;
ALTER TABLE rate ADD PRIMARY KEY (user_id, item_id);
ANALYZE rate;

CREATE TABLE shown (policy text, round int, user_id int, item_id int, propensity float8, reward real, regret float8);

CREATE PROCEDURE play(policy text, rounds int) LANGUAGE plpgsql AS $$
DECLARE
	choice record;
	u int;
BEGIN
	-- a random item for each user, for all policies alike
	DROP TABLE IF EXISTS source CASCADE;
	CREATE TABLE source (user_id int, item_id int, reward real, times int DEFAULT 1, PRIMARY KEY (user_id, item_id));
	INSERT INTO source SELECT user_id, item_id, (number(6, 0, user_id, item_id) < rate)::int
	FROM (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY number(7, user_id, item_id)) AS n FROM rate) r WHERE n = 1;
	PERFORM rec.create_model('bandit', 'source', 'als', '{"factors": 8}', rating_column => 'reward');
	FOR this IN 1 .. rounds LOOP
		CALL rec.train('bandit');
		FOR u IN SELECT DISTINCT user_id FROM rate ORDER BY 1 LOOP
			IF policy LIKE 'epsilon%' AND number(8, this, u) < split_part(policy, ' ', 2)::float8 THEN
				SELECT item_id, NULL::float8 AS propensity INTO choice FROM item
				ORDER BY number(9, this, u, item_id) LIMIT 1;
			ELSIF policy = 'greedy' OR policy LIKE 'epsilon%' THEN
				SELECT item_id, NULL::float8 AS propensity INTO choice FROM rec.recommend('bandit', u, 1, exclude_seen => false);
			ELSE
				SELECT item_id, propensity INTO choice
				FROM rec.explore('bandit', u, 1, exclude_seen => false, method => split_part(policy, ' ', 1),
					exploration => split_part(policy, ' ', 2)::float8, seed => this * 1000 + u);
			END IF;
			INSERT INTO shown SELECT play.policy, this, u, choice.item_id, choice.propensity, (number(6, this, u, choice.item_id) < r.rate)::int,
				(SELECT max(b.rate) FROM rate b WHERE b.user_id = u) - r.rate
			FROM rate r WHERE r.user_id = u AND r.item_id = choice.item_id;
		END LOOP;
		INSERT INTO source SELECT s.user_id, s.item_id, s.reward FROM shown s WHERE s.policy = play.policy AND s.round = this
		ON CONFLICT (user_id, item_id) DO UPDATE SET reward = (source.reward * source.times + excluded.reward) / (source.times + 1), times = source.times + 1;
	END LOOP;
	DROP TABLE bandit;
END $$;
CALL play('thompson 1', :rounds);
CALL play('thompson 0.5', :rounds);
CALL play('softmax 0.3', :rounds);
CALL play('epsilon 0.1', :rounds);
CALL play('epsilon 0.05', :rounds);
CALL play('greedy', :rounds);

-- The mean regret of a user in each sixth of the rounds; all of it; the exponent p with which regret grew from a third of the rounds
-- to the end, as rounds^p (1: as many are lost in each round); the share of what was clicked.
SELECT policy, round(avg(regret) FILTER (WHERE sixth = 0)::numeric, 3) AS first, round(avg(regret) FILTER (WHERE sixth = 1)::numeric, 3) AS second,
	round(avg(regret) FILTER (WHERE sixth = 2)::numeric, 3) AS third, round(avg(regret) FILTER (WHERE sixth = 3)::numeric, 3) AS fourth,
	round(avg(regret) FILTER (WHERE sixth = 4)::numeric, 3) AS fifth, round(avg(regret) FILTER (WHERE sixth = 5)::numeric, 3) AS sixth,
	round(sum(regret)::numeric) AS regret, round((ln(sum(regret) / sum(regret) FILTER (WHERE sixth <= 1)) / ln(3))::numeric, 2) AS exponent,
	round(avg(reward)::numeric, 3) AS clicked
FROM (SELECT *, (round - 1) * 6 / :rounds AS sixth FROM shown) s GROUP BY policy ORDER BY sum(regret);
