-- Cosine and Pearson's correlation: of two arrays, and as aggregates over rows.

-- ---- values worked out by hand

-- cosine: (0.02 + 0.20 + 0.06 + 0.30 + 0.12) / sqrt((0.01 + 0.16 + 0.04 + 0.25 + 0.09) * (0.04 + 0.25 + 0.09 + 0.36 + 0.16))
--       = 0.70 / sqrt(0.55 * 0.90) = 0.99493668; pearson: v is u + 0.1, so 1
SELECT round(rec.cosine(u, v)::numeric, 8) AS cosine, rec.pearson(u, v) AS pearson
  FROM (VALUES ('{0.1, 0.4, 0.2, 0.5, 0.3}'::float8[], '{0.2, 0.5, 0.3, 0.6, 0.4}'::float8[])) AS t (u, v);
SELECT round(rec.cosine(u, v)::numeric, 8) AS cosine, round(rec.pearson(u, v)::numeric, 8) AS pearson
  FROM (VALUES ('{0.1, 0.4, 0.2, 0.5, 0.3}'::real[], '{0.2, 0.5, 0.3, 0.6, 0.4}'::real[])) AS t (u, v);
SELECT round(rec.cosine(u, v)::numeric, 8) AS cosine, rec.pearson(u, v) AS pearson
  FROM (VALUES (0.1::float8, 0.2::float8), (0.4, 0.5), (0.2, 0.3), (0.5, 0.6), (0.3, 0.4)) AS t (u, v);

-- opposite order: cosine (4 + 6 + 6 + 4) / 30 = 2/3, pearson -1
-- right angles: both 0
-- opposite direction: both -1
-- means 2 and 3, deviations (-1, 0, 1) and (-2, 1, 1): cosine (1 + 8 + 12) / sqrt(14 * 33) = 0.97700842, pearson 3 / sqrt(2 * 6) = 0.86602540
SELECT round(rec.cosine(u, v)::numeric, 8) AS cosine, round(rec.pearson(u, v)::numeric, 8) AS pearson
  FROM (VALUES (1, '{1, 2, 3, 4}'::float8[], '{4, 3, 2, 1}'::float8[]),
               (2, '{1, 0, -1, 0}', '{0, 1, 0, -1}'),
               (3, '{1, 2, 3}', '{-2, -4, -6}'),
               (4, '{1, 2, 3}', '{1, 4, 4}')) AS t (n, u, v)
 ORDER BY n;

-- for exactly collinear vectors the coefficient is exactly one
SELECT bool_and(rec.cosine(v, w) = 1 AND rec.pearson(v, w) = 1) AS exact
  FROM (SELECT array_agg(x), array_agg(4 * x)
          FROM (SELECT n, sqrt(n * i) FROM generate_series(2, 60) n, generate_series(1, n) i) AS t (n, x)
         GROUP BY n) AS t (v, w);

-- types: literals of numbers are numeric[] and integer[]
SELECT round(rec.cosine(ARRAY[0.1, 0.4, 0.2, 0.5, 0.3], ARRAY[0.2, 0.5, 0.3, 0.6, 0.4])::numeric, 8) AS "numeric",
       rec.cosine(ARRAY[3, 4], ARRAY[3, 4]) AS "integer",
       rec.pearson(ARRAY[1, 2, 3], ARRAY[1.5, 2.5, 3.5]) AS "integer and numeric",
       rec.pearson(ARRAY[1, 2, 3]::bigint[], ARRAY[3, 2, 1]::bigint[]) AS "bigint",
       rec.cosine(ARRAY[3, 4]::real[], ARRAY[3, 4]::float8[]) AS "real and float8",
       rec.cosine(ARRAY[3, 4], ARRAY[3, 4]::real[]) AS "integer and real";
SELECT rec.cosine(x, y) = 1 AS integer_rows FROM (VALUES (3, 3), (4, 4)) AS t (x, y);
SELECT pg_typeof(rec.cosine(ARRAY[1::real], ARRAY[1::real]));
SELECT rec.cosine('{1, 2}', '{1, 2}');

-- an array may have any lower bound
SELECT rec.cosine('[0:1]={3, 4}'::real[], '[7:8]={3, 4}'::real[]);

-- ---- undefined: NULL

SELECT what, rec.cosine(u, v) AS cosine, rec.pearson(u, v) AS pearson
  FROM (VALUES (1, 'no pair', '{}'::float8[], '{}'::float8[]),
               (2, 'one pair', '{2}', '{3}'),
               (3, 'zeros', '{0, -0, 0}', '{1, 2, 3}'),
               (4, 'zeros on the other side', '{1, 2, 3}', '{0, 0, 0}'),
               (5, 'a constant', '{0.1, 0.1, 0.1}', '{-1, 0, 1}'),
               (6, 'a null array', NULL, '{1}')) AS t (n, what, u, v)
 ORDER BY n;
SELECT rec.cosine('{0, 0}'::real[], '{1, 2}'::real[]) AS cosine,
       rec.pearson('{0.1, 0.1}'::real[], '{1, 2}'::real[]) AS pearson;
SELECT rec.cosine(x, y), rec.pearson(x, y) FROM (VALUES (1::float8, 2::float8)) AS t (x, y) WHERE false;
SELECT rec.cosine(x, y), rec.pearson(x, y) FROM (VALUES (1::float8, NULL::float8), (NULL, 1), (NULL, NULL)) AS t (x, y);
SELECT rec.cosine(0, i), rec.pearson(0.1, i) FROM generate_series(1, 100000) AS i;
SELECT rec.pearson(1e9 + 0.1, i), rec.pearson(i, 1e-300) FROM generate_series(1, 1000) AS i;

-- a pair with a NULL is skipped: the rest is (1, 1), (2, 4), (3, 4), as above
SELECT round(rec.cosine(x, y)::numeric, 8) AS cosine, round(rec.pearson(x, y)::numeric, 8) AS pearson
  FROM (VALUES (NULL, 9::float8), (1::float8, 1), (7, NULL), (2, 4), (NULL, NULL), (3, 4)) AS t (x, y);

-- ---- NaN and infinity: the result is NaN, unless it is undefined

SELECT rec.cosine(u, v) AS cosine, rec.pearson(u, v) AS pearson
  FROM (VALUES (1, '{1, NaN, 3}'::float8[], '{1, 2, 4}'::float8[]),
               (2, '{NaN, 2, 3}', '{1, 2, 4}'),
               (3, '{1, 2, 3}', '{1, Infinity, 4}'),
               (4, '{1, 2, 3}', '{-Infinity, 2, 4}'),
               (5, '{NaN, NaN, NaN}', '{1, 2, 4}'),
               (6, '{NaN, 2, 3}', '{0, 0, 0}')) AS t (n, u, v)
 ORDER BY n;
SELECT rec.cosine('{1, NaN}'::real[], '{1, 2}'::real[]), rec.pearson('{1, 2}'::real[], '{1, -Infinity}'::real[]);
SELECT rec.cosine(x, y), rec.pearson(x, y), corr(x, y)
  FROM (VALUES (1::float8, 1::float8), ('NaN', 2), (3, 4)) AS t (x, y);

-- ---- errors

SELECT rec.cosine(ARRAY[1, 2, 3]::real[], ARRAY[1, 2]::real[]);
SELECT rec.pearson('{}'::float8[], ARRAY[1, 2]::float8[]);
SELECT rec.cosine(ARRAY[1, NULL, 3]::float8[], ARRAY[1, 2, 3]::float8[]);
SELECT rec.pearson(ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9]::real[], ARRAY[1, 2, 3, 4, 5, 6, 7, 8, NULL, NULL]::real[]);
SELECT rec.cosine(ARRAY[[1, 2], [3, 4]]::float8[], ARRAY[1, 2, 3, 4]::float8[]);
SELECT rec.pearson(ARRAY[1, 2, 3, 4]::real[], ARRAY[[1, 2], [3, 4]]::real[]);
\set VERBOSITY sqlstate
SELECT rec.cosine(ARRAY[1, 2, 3]::real[], ARRAY[1, 2]::real[]);
SELECT rec.cosine(ARRAY[1, NULL, 3]::real[], ARRAY[1, 2, 3]::real[]);
\set VERBOSITY default
-- an array that had a NULL before
SELECT rec.cosine(array_remove(ARRAY[3, NULL, 4]::real[], NULL), ARRAY[3, 4]::real[]) AS removed,
       rec.cosine(a, ARRAY[3, 4]::real[]) AS sliced
  FROM (SELECT (ARRAY[NULL, 3, 4]::real[])[2:3]) AS t (a);

-- ---- offsets: two passes in exact arithmetic agree

-- 10^9 and noise in steps of 2^-20 below 0.001, and in steps of 1/8 below 16; the steps make both exact in float8 and in numeric
CREATE TABLE pairs_with_offset AS
SELECT set, i, x, y, x::float8 AS fx, y::float8 AS fy
  FROM (SELECT 'noise of 0.001', i, 1000000000 + (i * 7919 % 1009)::numeric(40, 20) / 1048576,
               -1000000000 + ((i * 7919 % 1009 + i * 104729 % 2003) % 1024)::numeric(40, 20) / 1048576
          FROM generate_series(1, 10000) AS i
         UNION ALL
        SELECT 'noise of 16', i, 1000000000 + (i * 7919 % 127)::numeric / 8,
               300000000 - (i * 7919 % 127 + i * 104729 % 131)::numeric / 8
          FROM generate_series(1, 10000) AS i
         UNION ALL
        -- an outlier at the start: the first value must not matter
        SELECT 'outlier', i, CASE WHEN i = 1 THEN 0 ELSE 1000000000 END + (i * 7919 % 127)::numeric / 8,
               1000000000 - (i * 7919 % 127 + i * 104729 % 131)::numeric / 8
          FROM generate_series(1, 10000) AS i) AS t (set, i, x, y);
SELECT count(*) FILTER (WHERE fx::text::numeric <> x AND set <> 'noise of 0.001') AS inexact FROM pairs_with_offset;
SELECT p.set,
       abs(rec.pearson(fx, fy ORDER BY i) - exact_pearson) < 1e-12 AS pearson,
       abs(rec.pearson(fx, fy ORDER BY i DESC) - exact_pearson) < 1e-12 AS descending,
       abs(rec.pearson(array_agg(fx ORDER BY i), array_agg(fy ORDER BY i)) - exact_pearson) < 1e-12 AS arrays,
       abs(rec.cosine(fx, fy) - exact_cosine) < 1e-12 AS cosine,
       abs(exact_pearson) BETWEEN 0.000001 AND 0.9 AS not_trivial
  FROM pairs_with_offset p
  JOIN (SELECT set,
               (sum((x - mx) * (y - my)) / sqrt(sum((x - mx) * (x - mx)) * sum((y - my) * (y - my))))::float8 AS exact_pearson,
               (sum(x * y) / sqrt(sum(x * x) * sum(y * y)))::float8 AS exact_cosine
          FROM pairs_with_offset
          JOIN (SELECT set, avg(x) AS mx, avg(y) AS my FROM pairs_with_offset GROUP BY set) AS mean USING (set)
         GROUP BY set) AS two_passes USING (set)
 GROUP BY p.set, exact_pearson, exact_cosine
 ORDER BY p.set;

-- ---- the ends of the range

SELECT rec.cosine('{1e308, 1e308}'::float8[], '{1e308, 1e308}') AS huge,
       rec.cosine('{5e-324, 0, 5e-324}'::float8[], '{5e-324, 0, 5e-324}') AS smallest,
       rec.cosine('{1e308, 1e308}'::float8[], '{-1e-308, -1e-308}') AS both,
       rec.cosine('{1.7976931348623157e308, 0}'::float8[], '{0, 5e-324}') AS right_angle,
       -- (3, 4) . (4, 3) / 25
       round(rec.cosine('{3e-320, 4e-320}'::float8[], '{4e307, 3e307}')::numeric, 3) AS subnormal,
       rec.cosine('{1e-320, 1}'::float8[], '{1, 0}') AS tiny_cosine;
SELECT rec.pearson('{1.7e308, -1.7e308, 0}'::float8[], '{1.7e308, -1.7e308, 0}') AS huge,
       rec.pearson('{5e-324, 0, 1e-323}'::float8[], '{-5e-324, 0, -1e-323}') AS smallest,
       rec.pearson('{1.7e308, 1.6e308, 1.5e308}'::float8[], '{15e-324, 10e-324, 5e-324}') AS both,
       rec.pearson('{1e308, 1e308}'::float8[], '{1, 2}') AS constant,
       -- (-1, 0, 1) and (-2, 1, 1), as above
       round(rec.pearson('{1e-310, 2e-310, 3e-310}'::float8[], '{1e300, 4e300, 4e300}')::numeric, 8) AS subnormal;
SELECT rec.cosine('{3e38, 3e38}'::real[], '{3e38, 3e38}'::real[]) AS huge,
       rec.pearson('{3e38, -3e38, 0}'::real[], '{1e-45, -1e-45, 0}'::real[]) AS both;
-- powers of two change nothing, up to the ends of the range
SELECT count(*) AS scales,
       bool_and(rec.pearson(u, v) = rec.pearson('{1, 2, 4, 5}'::float8[], '{1, 4, 4, 3}')) AS pearson,
       bool_and(rec.cosine(u, v) = rec.cosine('{1, 2, 4, 5}'::float8[], '{1, 4, 4, 3}')) AS cosine
  FROM generate_series(-1070, 1020, 11) AS e, generate_series(-1070, 1020, 95) AS f,
       LATERAL (SELECT power(2::float8, e), power(2::float8, f)) AS p (p, q),
       LATERAL (SELECT ARRAY[p, 2 * p, 4 * p, 5 * p], ARRAY[q, 4 * q, 4 * q, 3 * q]) AS t (u, v);

-- ---- aggregates in parallel

-- 100,000 pairs, one in seven with a NULL
CREATE TABLE similarity_pairs AS
SELECT i, i % 1000 AS g, (i::bigint * 7919 % 100003)::float8 AS x,
       CASE WHEN i % 7 > 0 THEN (i::bigint * 7919 % 100003 + i::bigint * 104729 % 100019)::float8 END AS y
  FROM generate_series(1, 100000) AS i;
ALTER TABLE similarity_pairs SET (parallel_workers = 3);
ANALYZE similarity_pairs;

SET max_parallel_workers_per_gather = 0;
CREATE TABLE similarity_serial AS SELECT rec.cosine(x, y), rec.pearson(x, y), corr(x, y) FROM similarity_pairs;
CREATE TABLE similarity_serial_groups AS SELECT g, rec.cosine(x, y), rec.pearson(x, y) FROM similarity_pairs GROUP BY g;
SELECT abs(pearson - corr) < 1e-12 AS as_corr, corr BETWEEN 0.1 AND 0.9 AS not_trivial FROM similarity_serial;

SET max_parallel_workers_per_gather = 3;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT rec.cosine(x, y), rec.pearson(x, y) FROM similarity_pairs;
SELECT abs(p.cosine - s.cosine) < 1e-15 AS cosine, abs(p.pearson - s.pearson) < 1e-15 AS pearson
  FROM (SELECT rec.cosine(x, y), rec.pearson(x, y) FROM similarity_pairs) AS p, similarity_serial AS s;
-- with the leader idle, all states come from workers where there are any
SET parallel_leader_participation = off;
SELECT abs(p.cosine - s.cosine) < 1e-15 AS cosine, abs(p.pearson - s.pearson) < 1e-15 AS pearson
  FROM (SELECT rec.cosine(x, y), rec.pearson(x, y) FROM similarity_pairs) AS p, similarity_serial AS s;
RESET parallel_leader_participation;
SELECT count(*), bool_and(abs(p.cosine - s.cosine) < 1e-15) AS cosine, bool_and(abs(p.pearson - s.pearson) < 1e-15) AS pearson
  FROM (SELECT g, rec.cosine(x, y), rec.pearson(x, y) FROM similarity_pairs GROUP BY g) AS p JOIN similarity_serial_groups AS s USING (g);
-- states without a row, without a pair, or with a constant only
SELECT rec.cosine(x, y), rec.pearson(x, y) FROM similarity_pairs WHERE x < 0;
SELECT rec.cosine(x, y), rec.pearson(x, y) FROM similarity_pairs WHERE y IS NULL;
SELECT rec.cosine(x, y) FILTER (WHERE i IN (1, 99999)) = rec.cosine(array_agg(x) FILTER (WHERE i IN (1, 99999)), array_agg(y) FILTER (WHERE i IN (1,
    99999))) AS cosine,
       rec.pearson(x, y) FILTER (WHERE i IN (1, 99999)) AS pearson
  FROM similarity_pairs;
SELECT rec.cosine(0, y), rec.pearson(0.1, y) FROM similarity_pairs;
SELECT rec.cosine(CASE i WHEN 77778 THEN 'NaN' ELSE x END, y), rec.pearson(CASE i WHEN 77778 THEN 'Infinity' ELSE x END, y) FROM similarity_pairs;
-- offsets and scales differ from state to state
SELECT abs(rec.pearson(1e9 + x / 1e6, y) - rec.pearson(1e9 + x / 1e6 - 1e9, y)) < 1e-14 AS offset,
       abs(rec.pearson(x * 1e300, y * 1e-300) - rec.pearson(x, y)) < 1e-14 AS scale,
       abs(rec.pearson(CASE WHEN i < 50000 THEN x * 1e-300 ELSE x * 1e300 END, y)
           - rec.pearson(CASE WHEN i < 50000 THEN 0 ELSE x END, y)) < 1e-14 AS scales
  FROM similarity_pairs;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- ---- one core: arrays, stored and compressed, and rows in the same order have the same coefficient
CREATE TABLE similarity_arrays AS
SELECT array_agg(x ORDER BY i) AS u, array_agg(y ORDER BY i) AS v,
       array_agg(x::real ORDER BY i) AS ru, array_agg(y::real ORDER BY i) AS rv
  FROM similarity_pairs WHERE y IS NOT NULL;
SELECT rec.cosine(u, v) = c AS cosine, rec.pearson(u, v) = p AS pearson,
       rec.cosine(ru, rv) = c AS cosine_of_reals, rec.pearson(ru, rv) = p AS pearson_of_reals
  FROM similarity_arrays, (SELECT rec.cosine(x, y ORDER BY i), rec.pearson(x, y ORDER BY i) FROM similarity_pairs) AS t (c, p);

-- in a window, the result is computed repeatedly; the last one is of deviations
SELECT x, y, round(rec.pearson(x, y) OVER (ORDER BY x)::numeric, 8) AS so_far
  FROM (VALUES (1, 1), (2, 4), (3, 4), (4, 3)) AS t (x, y);

-- every function has a comment, and may run in a parallel worker
SELECT p.oid::regprocedure AS not_described_or_not_parallel
  FROM pg_proc p
 WHERE pronamespace = 'rec'::regnamespace AND proname ~ '^(cosine|pearson|comoment)'
   AND (obj_description(p.oid, 'pg_proc') IS NULL OR proparallel <> 's' OR provolatile <> 'i');

DROP TABLE pairs_with_offset, similarity_pairs, similarity_serial, similarity_serial_groups, similarity_arrays;
