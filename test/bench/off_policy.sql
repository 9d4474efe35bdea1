-- Intervals of rec.off_policy against known truths: of 100 logs each, how many intervals contain the policy's true value, how long they are beside those of an
-- oracle that knows how the estimator varies, and beside what as many rows of the policy itself would say. Prints a table; run by hand:
--   psql -d DB -f test/bench/off_policy.sql
-- Users are of two kinds. Of ten items the log draws a list by softmax with temperature 1, the policy with .3, both by the same scores, without replacement.
-- A row is clicked with a probability that depends on the item, the user's kind and whether the row above was clicked.
\set QUIET on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS off_policy_bench CASCADE;
CREATE SCHEMA off_policy_bench;
SET search_path = off_policy_bench, public;
SELECT setseed(.5) \g /dev/null

CREATE TABLE item AS SELECT kind, i AS item_id, .15 * ((i * (3 + 4 * kind)) % 10) AS score, .03 + .012 * ((i * 7 + 3 * kind) % 10) AS rate
  FROM generate_series(0, 9) i, generate_series(0, 1) kind;

-- n lists of each of the logs, with the probabilities of both policies; drawn: whose draw it is, with this temperature
CREATE FUNCTION draw(n_logs int, n_users int, length int, temperature float8, OUT log int, OUT user_id int, OUT rank int, OUT item_id int,
					 OUT propensity float8, OUT target float8, OUT reward int)
	RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
	scores float8[];
	rates float8[];
	l float8[];
	t float8[];
	left_of_log float8;
	left_of_policy float8;
	x float8;
	clicked int;
	at int;
BEGIN
	FOR g IN 1 .. n_logs LOOP
		FOR u IN 1 .. n_users LOOP
			log := g;
			user_id := u;
			SELECT array_agg(score ORDER BY i.item_id), array_agg(rate ORDER BY i.item_id) INTO scores, rates FROM item i WHERE kind = user_id % 2;
			SELECT array_agg(exp(s / 1)), array_agg(exp(s / .3)) INTO l, t FROM unnest(scores) s;
			clicked := 0;
			FOR r IN 1 .. length LOOP
				rank := r;
				SELECT sum(a), sum(b) INTO left_of_log, left_of_policy FROM unnest(l, t) u (a, b);
				x := random() * CASE temperature WHEN 1 THEN left_of_log ELSE left_of_policy END;
				at := 0;
				LOOP
					at := at + 1;
					x := x - CASE temperature WHEN 1 THEN l[at] ELSE t[at] END;
					EXIT WHEN x < 0 OR at = 10;
				END LOOP;
				item_id := at;
				propensity := l[at] / left_of_log;
				target := t[at] / left_of_policy;
				clicked := (random() < rates[at] * (1 + clicked))::int;
				reward := clicked;
				l[at] := 0;
				t[at] := 0;
				RETURN NEXT;
			END LOOP;
		END LOOP;
	END LOOP;
END
$$;

CREATE FUNCTION measure(lists int, of_each int) RETURNS TABLE (length_of_lists int, estimator text, truth numeric, mean numeric, covered bigint, length numeric,
	oracle numeric, longest numeric, own numeric) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	CREATE TEMP TABLE logs ON COMMIT DROP AS SELECT *, now() AS shown_at FROM draw(100, lists, of_each, 1);
	-- by the policy itself, many times as often
	CREATE TEMP TABLE truth ON COMMIT DROP AS SELECT avg(reward) AS truth, stddev(reward) AS deviation FROM draw(1, 400000 / of_each, of_each, .3);
	CREATE TEMP TABLE found (log int, estimator text, value float8, low float8, high float8) ON COMMIT DROP;
	FOR i IN 1 .. 100 LOOP
		EXECUTE format('CREATE OR REPLACE TEMP VIEW one AS SELECT user_id, rank, propensity, target, reward, shown_at FROM logs WHERE log = %s', i);
		INSERT INTO found SELECT i, e.estimator, value, low, high FROM rec.off_policy('one', target_column => 'target') e;
	END LOOP;
	RETURN QUERY
	SELECT of_each, f.estimator, round(max(truth), 4), round(avg(value)::numeric, 4), count(*) FILTER (WHERE low <= truth AND truth <= high),
		   round(avg(high - low)::numeric, 4), round((2 * 1.96 * stddev(value))::numeric, 4), round((max(high - low) / (2 * 1.96 * stddev(value)))::numeric, 2),
		   round((2 * 1.96 * max(deviation) / sqrt(lists * of_each))::numeric, 4)
	  FROM found f, truth WHERE f.estimator <> 'logged' GROUP BY f.estimator ORDER BY f.estimator;
	DROP VIEW one;
END
$$;

SELECT * FROM measure(1000, 1);
SELECT * FROM measure(1000, 3);
DROP SCHEMA off_policy_bench CASCADE;
