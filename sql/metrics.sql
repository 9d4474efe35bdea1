-- Metrics of lists and predictions, against their formulas in plain SQL.

-- ---- by hand: hits at ranks 1 and 3 of 4, three items are relevant, one of them not on the list
-- precision 2/4, recall 2/3, average precision (1/1 + 2/3)/3 = 5/9, and with 1/log2(2, 3, 4) = 1, 0.63092975, 0.5
-- ndcg = 1.5 / 2.13092975 = 0.70391809
SELECT round(rec.precision(l, r)::numeric, 8) AS precision, round(rec.recall(l, r)::numeric, 8) AS recall, round(rec.ndcg(l, r)::numeric, 8) AS ndcg,
       round(rec.average_precision(l, r)::numeric, 8) AS average_precision, rec.reciprocal_rank(l, r), rec.hit_rate(l, r)
  FROM (VALUES (ARRAY[11, 12, 13, 14], ARRAY[13, 11, 99])) AS t (l, r);
-- within the first two, one is a hit: 1/2, 1/min(2, 3), (1/1)/2, 1/1.63092975 = 0.61314719
SELECT round(rec.precision(l, r, 2)::numeric, 8) AS precision, round(rec.recall(l, r, 2)::numeric, 8) AS recall, round(rec.ndcg(l, r, 2)::numeric, 8) AS ndcg,
       round(rec.average_precision(l, r, 2)::numeric, 8) AS average_precision, rec.reciprocal_rank(l, r, 2), rec.hit_rate(l, r, 2)
  FROM (VALUES (ARRAY[11, 12, 13, 14], ARRAY[13, 11, 99])) AS t (l, r);
-- ten places, four of them filled: 2/10; all else as with the whole list
SELECT round(rec.precision(l, r, 10)::numeric, 8) AS precision, round(rec.recall(l, r, 10)::numeric, 8) AS recall, round(rec.ndcg(l, r, 10)::numeric,
    8) AS ndcg,
       round(rec.average_precision(l, r, 10)::numeric, 8) AS average_precision, rec.reciprocal_rank(l, r, 10), rec.hit_rate(l, r, 10)
  FROM (VALUES (ARRAY[11, 12, 13, 14], ARRAY[13, 11, 99])) AS t (l, r);

-- ---- by the formulas, in SQL
-- The hits: the first rank of each relevant item.
CREATE FUNCTION pg_temp.hits(recommended anyarray, relevant anyarray, k int) RETURNS TABLE (rank bigint, nth bigint)
	LANGUAGE sql AS $$
	SELECT rank, row_number() OVER (ORDER BY rank)
	  FROM (SELECT item, min(rank) AS rank FROM unnest(recommended) WITH ORDINALITY AS u (item, rank) GROUP BY item) AS first
	 WHERE item = ANY (relevant) AND rank <= k $$;
CREATE FUNCTION pg_temp.formulas(recommended anyarray, relevant anyarray, k_or_null int,
	OUT "precision" float8, OUT recall float8, OUT ndcg float8, OUT average_precision float8, OUT reciprocal_rank float8, OUT hit_rate float8)
	LANGUAGE sql AS $$
	SELECT hits / k, hits / least(k, n), gain / (SELECT sum(1 / (ln(i + 1) / ln(2::float8))) FROM generate_series(1, least(k, n)) AS i),
	       precisions / least(k, n), first, least(hits, 1)
	  FROM (SELECT count(DISTINCT item) AS n FROM unnest(relevant) AS u (item) WHERE item IS NOT NULL) AS relevant_items,
	       (SELECT coalesce(k_or_null, greatest(cardinality(recommended), 1))) AS places (k),
	       LATERAL (SELECT count(*)::float8 AS hits, coalesce(sum(1 / (ln(rank + 1) / ln(2::float8))), 0) AS gain,
	                       coalesce(sum(nth::float8 / rank), 0) AS precisions, coalesce(1 / min(rank)::float8, 0) AS first
	                  FROM pg_temp.hits(recommended, relevant, k)) AS h
	 WHERE n > 0 $$;

CREATE TABLE metric_lists (what text, recommended bigint[], relevant bigint[]);
INSERT INTO metric_lists VALUES
	('all in order', '{1,2,3}', '{1,2,3}'), ('all, backwards', '{3,2,1}', '{1,2,3}'),
	('one item', '{1}', '{1}'), ('one other item', '{1}', '{2}'),
	('last of the list', '{1,2,3,4,5}', '{5}'), ('no hit', '{1,2,3}', '{4,5}'),
	('more relevant than listed', '{1,2}', '{2,3,4,5,6,1}'), ('empty list', '{}', '{1,2}'),
	('nothing relevant', '{1,2}', '{}'), ('nothing at all', '{}', '{}'), ('only NULL relevant', '{1,2}', '{NULL}'),
	('repeated in the list', '{1,2,1,3,2,4}', '{1,2,4}'), ('repeated hit after the others', '{2,1,1,1}', '{1}'),
	('repeated among the relevant', '{5,1,2}', '{1,1,1,2}'), ('NULLs', '{NULL,1,NULL,2}', '{2,NULL,1,NULL}'),
	('other bounds', '[5:7]={1,2,3}', '[-1:0]={3,1}'), ('far apart', '{9223372036854775807,-9223372036854775808,0}', '{-9223372036854775808}');
-- and random lists with repetitions: up to 20 places for 12 items
INSERT INTO metric_lists
SELECT 'random', ARRAY(SELECT ('x' || substr(md5(l || ' ' || i), 1, 6))::bit(24)::int % 12 FROM generate_series(1, 1 + l % 20) AS i),
       ARRAY(SELECT ('x' || substr(md5(l || '/' || i), 1, 6))::bit(24)::int % 12 FROM generate_series(1, l % 7) AS i)
  FROM generate_series(1, 200) AS l;

-- each metric with every k, and without: rows where both differ by more than 1e-9, or only one is NULL
CREATE FUNCTION pg_temp.agree(x float8, y float8) RETURNS bool LANGUAGE sql AS 'SELECT coalesce(abs(x - y) <= 1e-9, x IS NULL AND y IS NULL)';
CREATE TABLE metric_values AS
SELECT what, recommended, relevant, k, f.*
  FROM metric_lists, unnest('{1,2,3,5,10,100,NULL}'::int[]) AS k, LATERAL pg_temp.formulas(recommended, relevant, k) AS f;
SELECT count(*) AS compared, count(ndcg) AS defined, count(DISTINCT round(ndcg::numeric, 9)) > 100 AS not_trivial FROM metric_values;
SELECT what, k FROM metric_values
 WHERE NOT (pg_temp.agree("precision", rec.precision(recommended, relevant, k)) AND pg_temp.agree(recall, rec.recall(recommended, relevant, k))
            AND pg_temp.agree(ndcg, rec.ndcg(recommended, relevant, k)) AND pg_temp.agree(average_precision, rec.average_precision(recommended, relevant, k))
            AND pg_temp.agree(reciprocal_rank, rec.reciprocal_rank(recommended, relevant, k)) AND pg_temp.agree(hit_rate, rec.hit_rate(recommended, relevant,
                k)));
-- the same with ids of other types
CREATE TYPE metric_key AS (id bigint, shop text);
SELECT t.type, count(*) AS compared, count(*) FILTER (WHERE t.ndcg IS DISTINCT FROM rec.ndcg(recommended, relevant, k)) AS differ
  FROM metric_values,
       LATERAL (VALUES ('text', rec.ndcg(recommended::text[], relevant::text[], k)),
                       ('numeric', rec.ndcg(recommended::numeric[], relevant::numeric[], k)),
                       ('float8', rec.ndcg(ARRAY(SELECT (i % 1000)::float8 FROM unnest(recommended) AS i), ARRAY(SELECT (i % 1000)::float8
                           FROM unnest(relevant) AS i), k)),
                       ('uuid', rec.ndcg(ARRAY(SELECT md5(i::text)::uuid FROM unnest(recommended) AS i), ARRAY(SELECT md5(i::text)::uuid
                           FROM unnest(relevant) AS i), k)),
                       ('date', rec.ndcg(ARRAY(SELECT date '2000-01-01' + (i % 1000)::int FROM unnest(recommended) AS i),
                           ARRAY(SELECT date '2000-01-01' + (i % 1000)::int FROM unnest(relevant) AS i), k)),
                       ('row', rec.ndcg(ARRAY(SELECT row(i, 'x')::metric_key FROM unnest(recommended) AS i), ARRAY(SELECT row(i, 'x')::metric_key
                           FROM unnest(relevant) AS i), k))) AS t (type, ndcg)
 WHERE what <> 'NULLs' AND what <> 'only NULL relevant'
 GROUP BY t.type ORDER BY t.type;

-- ---- rules, one by one
-- an empty list hits nothing, with k or without; without relevant items the metrics are undefined
SELECT rec.precision('{}'::int[], '{1}') AS precision, rec.recall('{}'::int[], '{1}', 10) AS recall, rec.ndcg('{}'::int[], '{1}') AS ndcg,
       rec.precision('{1}'::int[], '{}') AS nothing_relevant, rec.hit_rate('{1}'::int[], '{NULL}') AS only_null;
SELECT rec.precision(NULL, ARRAY[1], 1) AS no_list, rec.recall(ARRAY[1], NULL) AS no_relevant, rec.ndcg(NULL::int[], NULL, 0) AS neither;
-- a repeated item keeps its rank: hits at 1 and 4, so (1/1 + 2/4)/2 = 0.75; counted twice it would be more than 1
SELECT rec.average_precision('{1,1,1,2}'::int[], '{1,2}') AS repeated, rec.recall('{1,1,1,2}'::int[], '{1,2}', 3) AS first_three;
-- types that convert into each other, literals, keywords, domains, enums; the collation decides what is equal
SELECT rec.recall(ARRAY[1, 2], ARRAY[2::bigint]) AS integers, rec.recall(ARRAY['a', 'b'], ARRAY['b'::varchar]) AS texts, rec.recall('{a,b}', '{b}') AS literals,
       rec.precision(relevant => ARRAY[2], recommended => ARRAY[1, 2]) AS named;
-- a keyword as the name of a function: a view with it can be dumped and read again
CREATE VIEW metric_view AS SELECT rec.precision(ARRAY[1, 2], ARRAY[2], k => 5) AS precision;
SELECT pg_get_viewdef('metric_view') LIKE '%rec."precision"(%' AS quoted;
DROP VIEW metric_view;
CREATE DOMAIN metric_id AS int CHECK (VALUE > 0);
CREATE TYPE metric_mood AS ENUM ('sad', 'happy');
SELECT rec.recall(ARRAY[1, 2]::metric_id[], ARRAY[2]::metric_id[]) AS domain, rec.recall(ARRAY['sad', 'happy']::metric_mood[],
    ARRAY['happy']::metric_mood[]) AS enum;
CREATE TABLE metric_typed (i int[], b bigint[], d metric_id[], t text[], v varchar(3)[]);
INSERT INTO metric_typed VALUES ('{1,2}', '{2}', '{2}', '{x,y}', '{y}');
SELECT rec.recall(i, b) AS bigint, rec.recall(i, d) AS domain, rec.recall(d, b) AS both, rec.recall(t, v) AS varchar, rec.recall(v, t, 1) AS text
    FROM metric_typed;
SELECT rec.recall(ARRAY[1.0, 2.50], ARRAY[2.5]) AS numeric, rec.recall('{0,NaN}'::float8[], '{NaN,-0}') AS float8, rec.recall(ARRAY['a ']::char(3)[],
    ARRAY['a']::char(3)[]) AS blanks;
SELECT rec.hit_rate(ARRAY['A'], ARRAY['a']) AS other_letter, rec.hit_rate(ARRAY['é'], ARRAY['é']) AS accent;
-- errors
SELECT rec.precision(ARRAY[[1, 2], [3, 4]], ARRAY[1]);
SELECT rec.ndcg(ARRAY[1], ARRAY[[1, 2], [3, 4]]);
\set VERBOSITY sqlstate
SELECT rec.recall(ARRAY[1], '{{1}}');
SELECT rec.recall(ARRAY[1], '{1}', 0);
SELECT rec.recall(ARRAY[1], '{1}', -1);
SELECT rec.recall('{1}'::money[], '{1}');
\set VERBOSITY default
SELECT rec.recall(ARRAY[1], '{1}', 0);
SELECT rec.recall('{1}'::money[], '{1}');
SELECT rec.recall(ARRAY[1], ARRAY['sad']::metric_mood[]);
-- the collation is ambiguous
SELECT rec.recall(ARRAY[c], ARRAY[p]) FROM (SELECT 'a' COLLATE "C", 'a' COLLATE "POSIX") AS t (c, p);
SELECT rec.recall(ARRAY[c] COLLATE "C", ARRAY[p]) FROM (SELECT 'a' COLLATE "C", 'a' COLLATE "POSIX") AS t (c, p);

-- 100,000 elements of each: every second recommended item is relevant, so precision is 1/2, recall too, and the first hit is at rank 2
CREATE TABLE metric_long AS SELECT array_agg(i ORDER BY i) AS l, array_agg(2 * i) AS r FROM generate_series(1, 100000) AS i;
SELECT rec.precision(l, r), rec.recall(l, r), rec.reciprocal_rank(l, r), round(rec.ndcg(l, r)::numeric, 2) BETWEEN 0.4 AND 0.5 AS ndcg,
       rec.precision(l::text[], r::text[]) AS precision_of_texts, rec.precision(l, r, 10) AS precision_at_10
  FROM metric_long;
-- ids of a single hash bucket: multiples of 2^20
SELECT rec.recall(array_agg(i::bigint << 20), array_agg(i::bigint << 20)) FROM generate_series(1, 100000) AS i;

-- ---- aggregates
-- y = 1..5: errors 0.1, 0.1, 0.2, 0.4, 0.8, so mse = (0.01 + 0.01 + 0.04 + 0.16 + 0.64)/5 = 0.172, rmse = 0.41472883, mae = 1.6/5 = 0.32
CREATE TABLE metric_ratings (predicted float8, actual float8);
INSERT INTO metric_ratings VALUES (1.1, 1), (1.9, 2), (2.8, 3), (3.6, 4), (4.2, 5);
SELECT round(rec.mse(predicted, actual)::numeric, 8) AS mse, round(rec.rmse(predicted, actual)::numeric, 8) AS rmse, round(rec.mae(predicted,
    actual)::numeric, 8) AS mae FROM metric_ratings;
-- labels 1, 0, 1, 0, 1: over the positives -ln 0.7 - ln 0.6 - ln 0.8 = 0.35667 + 0.51083 + 0.22314 = 1.09064;
-- over all, the mean, (1.09064 + 0.22314 + 0.10536)/5 = 0.28383
CREATE TABLE metric_labels (p float8, y int);
INSERT INTO metric_labels VALUES (0.7, 1), (0.2, 0), (0.6, 1), (0.1, 0), (0.8, 1);
SELECT round(rec.categorical_cross_entropy(p, y)::numeric, 5) AS over_positives, round(rec.cross_entropy(p, y)::numeric, 5) AS binary,
       abs(rec.cross_entropy(p, y) - avg(-(y * ln(p) + (1 - y) * ln(1 - p)))) < 1e-15 AS as_formula,
       abs(rec.categorical_cross_entropy(p, y) - sum(-y * ln(p))) < 1e-15 AS as_sum,
       abs(rec.categorical_cross_entropy(p, y) / count(*) FILTER (WHERE y = 1) - rec.cross_entropy(p, y) FILTER (WHERE y = 1)) < 1e-15 AS mean_of_positives
  FROM metric_labels;
-- the truth as a share: the entropy of a coin, ln 2
SELECT round(rec.cross_entropy(0.5, 0.3)::numeric, 8) AS share, round(ln(2::numeric), 8) AS ln2;
-- no pair, and pairs with a NULL
SELECT rec.rmse(predicted, actual), rec.mae(predicted, actual), rec.mse(predicted, actual), rec.cross_entropy(predicted, actual),
    rec.categorical_cross_entropy(predicted, actual)
  FROM metric_ratings WHERE false;
SELECT rec.rmse(x, y), rec.mae(x, y), rec.mse(x, y), rec.cross_entropy(x, y), rec.categorical_cross_entropy(x, y) FROM (VALUES (NULL::float8, 1::float8), (1,
    NULL), (NULL, NULL)) AS t (x, y);
SELECT rec.mse(x, y), rec.mae(x, y) FROM (VALUES (1, NULL), (5, 2), (NULL, 7)) AS t (x, y);
-- other types of numbers
SELECT rec.mae(1::real, 3::real) AS real, rec.mae(1, 3::bigint) AS integer, rec.mae(1.5, 3) AS numeric;
-- certain and right costs nothing, certain and wrong is infinite
SELECT rec.cross_entropy(y, y) AS "right", rec.cross_entropy(1 - y, y) AS wrong, rec.categorical_cross_entropy(0, y) AS zero FROM metric_labels;
-- NaN and infinity as in float8, and numbers that are too large
SELECT rec.mse('NaN', 1) AS nan, rec.mae('Infinity', 1) AS infinity, rec.rmse('-Infinity', 1) AS minus_infinity, rec.mae('Infinity', 'Infinity') AS both,
       rec.rmse(1e-200, 0) AS tiny, rec.mae(1e308, 0) AS huge;
SELECT rec.mse(1e200, 0);
SELECT rec.mae(1.7e308, -1.7e308);
SELECT rec.mae(1.7e308, 0) FROM generate_series(1, 2);
-- not probabilities
SELECT rec.cross_entropy(1.1, 1);
\set VERBOSITY sqlstate
SELECT rec.cross_entropy(0.5, -0.1);
SELECT rec.cross_entropy('NaN', 1);
SELECT rec.cross_entropy(0.5, 'NaN');
SELECT rec.categorical_cross_entropy('Infinity', 0);
SELECT rec.categorical_cross_entropy(0, 2);
-- states made by hand
SELECT rec.loss_mean('{1}');
SELECT rec.loss_combine('{1,2}', '{1,NULL}');
SELECT rec.loss_total('{{1,2}}');
SELECT rec.loss_root_mean('{}');
\set VERBOSITY default
WITH states AS MATERIALIZED (SELECT '{2,8}'::float8[] AS s) SELECT rec.loss_combine(s, s), s, rec.loss_root_mean(s) FROM states;
-- in groups, and in a window, where the result is computed repeatedly: 1, (1 + 9)/2, (1 + 9 + 25)/3
SELECT x, round(rec.mse(x, 0) OVER (ORDER BY x)::numeric, 6) AS so_far FROM (VALUES (1), (3), (5)) AS t (x);

-- ---- aggregates in parallel: 100,000 pairs, one in seven with a NULL
CREATE TABLE metric_pairs AS
SELECT i, i % 1000 AS g, (i::bigint * 7919 % 100003) / 100003.0::float8 AS p, CASE WHEN i % 7 > 0 THEN (i::bigint * 104729 % 100019) / 100019.0::float8 END AS y
  FROM generate_series(1, 100000) AS i;
ALTER TABLE metric_pairs SET (parallel_workers = 3);
ANALYZE metric_pairs;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE metric_serial AS
SELECT g, rec.rmse(p, y), rec.mse(p, y), rec.mae(p, y), rec.cross_entropy(p, y), rec.categorical_cross_entropy(p, y) AS categorical,
       avg((p - y) ^ 2) AS mse_formula, avg(abs(p - y)) AS mae_formula, avg(-(y * ln(p) + (1 - y) * ln(1 - p))) AS cross_entropy_formula,
           sum(-y * ln(p)) AS categorical_formula
  FROM metric_pairs GROUP BY GROUPING SETS ((), (g));
SELECT count(*), bool_and(abs(rmse - sqrt(mse_formula)) < 1e-12) AS rmse, bool_and(abs(mse - mse_formula) < 1e-12) AS mse,
    bool_and(abs(mae - mae_formula) < 1e-12) AS mae,
       bool_and(abs(cross_entropy - cross_entropy_formula) < 1e-12) AS cross_entropy,
           bool_and(abs(categorical / categorical_formula - 1) < 1e-12) AS categorical
  FROM metric_serial;
SET max_parallel_workers_per_gather = 3;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT rec.rmse(p, y), rec.mse(p, y), rec.mae(p, y), rec.cross_entropy(p, y), rec.categorical_cross_entropy(p, y) FROM metric_pairs;
SELECT abs(p.rmse - s.rmse) < 1e-13 AS rmse, abs(p.mse - s.mse) < 1e-13 AS mse, abs(p.mae - s.mae) < 1e-13 AS mae,
       abs(p.cross_entropy - s.cross_entropy) < 1e-13 AS cross_entropy, abs(p.categorical / s.categorical - 1) < 1e-13 AS categorical
  FROM (SELECT rec.rmse(p, y), rec.mse(p, y), rec.mae(p, y), rec.cross_entropy(p, y), rec.categorical_cross_entropy(p, y) AS categorical
      FROM metric_pairs) AS p, metric_serial AS s
 WHERE s.g IS NULL;
SELECT count(*), bool_and(abs(p.rmse - s.rmse) < 1e-13) AS rmse, bool_and(abs(p.cross_entropy - s.cross_entropy) < 1e-13) AS cross_entropy
  FROM (SELECT g, rec.rmse(p, y), rec.cross_entropy(p, y) FROM metric_pairs GROUP BY g) AS p JOIN metric_serial AS s USING (g);
-- states that saw no row, or no pair
SELECT rec.rmse(p, y), rec.categorical_cross_entropy(p, y) FROM metric_pairs WHERE i < 0;
SELECT rec.rmse(p, y), rec.categorical_cross_entropy(p, y) FROM metric_pairs WHERE y IS NULL;
-- and the functions of lists, in workers too
SELECT round(avg(rec.ndcg(ARRAY[g, i], ARRAY[i]))::numeric, 8) AS ndcg FROM metric_pairs WHERE i >= 1000;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- ---- all metrics
SELECT metric, kind, minimum, maximum, direction FROM rec.metrics;
SELECT metric, formula, source FROM rec.metrics;

-- every function may run in a parallel worker
SELECT p.oid::regprocedure AS not_parallel
  FROM pg_proc p
 WHERE pronamespace = 'rec'::regnamespace AND proname ~ '(precision|recall|ndcg|reciprocal_rank|hit_rate|rmse|mae|mse|entropy|loss|error)'
   AND (proparallel <> 's' OR provolatile <> 'i');

DROP TABLE metric_lists, metric_values, metric_typed, metric_long, metric_ratings, metric_labels, metric_pairs, metric_serial;
DROP DOMAIN metric_id;
DROP TYPE metric_mood, metric_key;
