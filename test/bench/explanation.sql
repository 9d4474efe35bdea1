-- How far explanations of networks add up: those of rec.explain_for, leaving each item of the history out, and the gradient times the input. In an empty
-- database, from the top of the tree:
--
--   createdb explanation && psql -d explanation -f test/bench/explanation.sql
--
-- What a history is worth to a score is the score less the item's bias, which is the score after no event. Contributions would add up if their sum were that.
-- The gradient is taken by central differences: the embedding of one item of the history is made 1 % longer and shorter in the model's table.

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS rec;
\i test/bench/movielens.sql
CREATE TABLE asked AS SELECT user_id, array_agg(item_id ORDER BY rated_at, item_id) AS history FROM ratings
  GROUP BY 1 HAVING count(*) BETWEEN 20 AND 60 ORDER BY md5(user_id::text) LIMIT 40;
CREATE TABLE contribution (algorithm text, user_id int, history int[], item_id int, known_item_id int, score float8, bias float8,
                           explained float8, left_out float8, gradient float8);

CREATE FUNCTION score(history int[], item int) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT score FROM rec.recommend_for('network', history, candidates => ARRAY[item], exclude_seen => false));
END $$;
CREATE FUNCTION scaled(factors real[], by float8) RETURNS real[] LANGUAGE sql
AS 'SELECT array_agg(f * $2 ORDER BY i)::real[] FROM unnest($1) WITH ORDINALITY u (f, i)';
-- Makes an item's embedding longer, in a new file, so that sessions read the table again.
CREATE PROCEDURE scale(item int, by float8) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE network ALTER factors TYPE real[] USING CASE WHEN item_id = %s THEN movielens.scaled(factors, %s) ELSE factors END', item, by);
END $$;

-- The fall of the score without the three items that contribute most by a method.
CREATE TABLE fall (algorithm text, method text, user_id int, fall float8);

CREATE PROCEDURE measure(algorithm text) LANGUAGE plpgsql AS $$
DECLARE
  c contribution;
  longer float8;
  shorter float8;
BEGIN
  PERFORM rec.create_model('network', 'events', algorithm, time_column => 'rated_at');
  CALL rec.train('network');
  INSERT INTO contribution
    SELECT algorithm, a.user_id, a.history, r.item_id, e.known_item_id, r.score, b.bias, e.contribution,
           r.score - score(array_remove(a.history, e.known_item_id), r.item_id)
      FROM asked a, LATERAL rec.recommend_for('network', a.history, n => 1) r JOIN network b USING (item_id),
           LATERAL rec.explain_for('network', a.history, r.item_id, n => 1000) e WHERE e.known_item_id IS NOT NULL;
  -- a cursor of the loop must not read the model, whose table is altered
  FOR c IN SELECT * FROM contribution o WHERE o.algorithm = measure.algorithm LOOP
    CALL scale(c.known_item_id, 1.01);
    longer := score(c.history, c.item_id);
    CALL scale(c.known_item_id, 0.99 / 1.01);
    shorter := score(c.history, c.item_id);
    CALL scale(c.known_item_id, 1 / 0.99);
    UPDATE contribution o SET gradient = (longer - shorter) / 0.02
     WHERE (o.algorithm, o.user_id, o.known_item_id) = (measure.algorithm, c.user_id, c.known_item_id);
    COMMIT;    -- each new file is locked until the end of the transaction
  END LOOP;
  INSERT INTO fall
    SELECT f.algorithm, method, user_id,
           score - score(ARRAY(SELECT h FROM unnest(history) WITH ORDINALITY u (h, i) WHERE h <> ALL (most) ORDER BY i), item_id)
      FROM (SELECT o.algorithm, method, user_id, history, item_id, score, (array_agg(known_item_id ORDER BY amount DESC))[1:3] AS most
              FROM contribution o, LATERAL (VALUES ('explained', explained), ('leaving out', left_out), ('gradient times input', gradient)) m (method, amount)
             WHERE o.algorithm = measure.algorithm GROUP BY 1, 2, 3, 4, 5, 6) f;
  DROP TABLE network;
END $$;
CALL measure('gru');
CALL measure('lstm');
CALL measure('caser');
CALL measure('sasrec');

\echo 'Of the first item of 40 lists: the sum of the contributions as a share of what the history is worth (1: they add up), by its quartiles; how far it'
\echo 'is from 1 in the median; and how far the score falls, in the mean, without the three items that contribute most.'
SELECT algorithm, method, (percentile_cont(ARRAY[.25, .5, .75]) WITHIN GROUP (ORDER BY share))::numeric(8, 2)[] AS quartiles,
       round((percentile_cont(.5) WITHIN GROUP (ORDER BY abs(share - 1)))::numeric, 2) AS off_by, round(avg(fall)::numeric, 2) AS fall
  FROM (SELECT algorithm, method, user_id, sum(amount) / min(score - bias) AS share
          FROM contribution, LATERAL (VALUES ('explained', explained), ('leaving out', left_out), ('gradient times input', gradient)) m (method, amount)
         GROUP BY 1, 2, 3) s JOIN fall USING (algorithm, method, user_id)
 GROUP BY 1, 2 ORDER BY 1, 2;
DROP SCHEMA movielens CASCADE;
