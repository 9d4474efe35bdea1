-- Reading the source with parallel workers gives the same model as one process, to the last bit.

CREATE SCHEMA source_parallel;
SET search_path = source_parallel;
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- 30,000 rows, each of 500 users once with each of 60 items: a round of 500 rows has every user once, as 7 and 500 have no common divisor
CREATE TABLE ratings AS
SELECT g * 7 % 500 AS user_id, g / 500 AS item_id, (1 + (g * g + g / 7) % 5)::real AS rating, timestamp '2020-01-01' + g * interval '1 minute' AS at
  FROM generate_series(0, 29999) g;
CREATE INDEX ON ratings (user_id);
-- some pairs again, at other times, with other ratings
CREATE TABLE repeated AS
SELECT * FROM ratings UNION ALL
SELECT user_id, item_id, 6 - rating, at + (user_id % 3 - 1) * interval '1 year' FROM ratings WHERE (user_id + item_id) % 4 = 0;
CREATE INDEX ON repeated (user_id);
CREATE VIEW texts AS SELECT 'user ' || user_id AS user_id, md5(item_id::text)::uuid AS item_id, rating::numeric AS rating FROM ratings;
ANALYZE;

-- trains a model, and returns a digest of it as one number
CREATE FUNCTION pg_temp.trained(source regclass, feedback text, time_column text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	PERFORM rec.create_model('m', source, options => format('{"feedback": "%s", "factors": 2, "iterations": 1, "seed": 1}', feedback)::jsonb,
		time_column => time_column);
	CALL rec.train('m');
	EXECUTE $q$ SELECT md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM (SELECT m::text FROM m UNION ALL SELECT u::text
		FROM m_users u) AS t (row) $q$ INTO result;
	RETURN result || (SELECT format(' %s rows %s users %s items', rows, users, items) FROM rec.models WHERE model = 'm'::regclass);
END $$;
CREATE TABLE answers (source text, feedback text, time_column text, parallel bool, model text);
CREATE PROCEDURE pg_temp.train_all(parallel bool) LANGUAGE plpgsql AS $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT * FROM (VALUES ('ratings', 'explicit', NULL), ('ratings', 'explicit', 'at'), ('ratings', 'implicit', NULL),
	                               ('repeated', 'explicit', NULL), ('repeated', 'explicit', 'at'), ('repeated', 'implicit', NULL),
	                               ('texts', 'explicit', NULL), ('texts', 'implicit', NULL)) AS v (source, feedback, time_column) LOOP
		INSERT INTO answers SELECT c.source, c.feedback, c.time_column, parallel, pg_temp.trained(c.source::regclass, c.feedback, c.time_column);
		DROP TABLE m;
	END LOOP;
END $$;

SET max_parallel_workers_per_gather = 0;
CALL pg_temp.train_all(false);
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (costs off) SELECT pg_catalog.rec_read_row(0, user_id, item_id, rating, at) FROM ratings;
CALL pg_temp.train_all(true);
SET parallel_leader_participation = off;
CALL pg_temp.train_all(true);
RESET parallel_leader_participation;
SELECT a.source, a.feedback, a.time_column, substr(a.model, 34) AS model, count(*) AS readings, count(DISTINCT b.model) AS models
  FROM answers a JOIN answers b ON (b.source, b.feedback) = (a.source, a.feedback) AND b.time_column IS NOT DISTINCT FROM a.time_column
 WHERE NOT a.parallel GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3;

-- matters of the executor: row security is applied, partitions are read
CREATE TABLE parts (LIKE ratings) PARTITION BY HASH (item_id);
CREATE TABLE part_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT * FROM ratings;
ALTER TABLE ratings ENABLE ROW LEVEL SECURITY;
CREATE POLICY first_hundred ON ratings USING (user_id < 100);
ANALYZE parts;
CREATE ROLE regress_rec_parallel;
GRANT ALL ON SCHEMA source_parallel TO regress_rec_parallel;
GRANT SELECT ON ratings, parts TO regress_rec_parallel;
SET ROLE regress_rec_parallel;
SELECT rec.create_model('seen', 'ratings', options => '{"factors": 2, "iterations": 1}') \g /dev/null
SELECT rec.create_model('parted', 'parts', options => '{"factors": 2, "iterations": 1}') \g /dev/null
CALL rec.train('seen');
CALL rec.train('parted');
-- 100 x 60 = 6,000 and 500 x 60 = 30,000
SELECT model, rows, users, items FROM rec.models WHERE model IN ('seen'::regclass, 'parted'::regclass) ORDER BY rows;
RESET ROLE;
DROP TABLE seen, parted;
ALTER TABLE ratings DISABLE ROW LEVEL SECURITY;

-- rows that cannot be used are left out and counted, or refused, as with one process
RESET client_min_messages;
SELECT rec.create_model('m', 'ratings', options => '{"feedback": "implicit", "factors": 2, "iterations": 1}') \g /dev/null
INSERT INTO ratings VALUES (NULL, 1, 1, NULL), (1, NULL, 1, NULL), (1, 1000, 0, NULL);
CALL rec.train('m');
INSERT INTO ratings VALUES (1000, 1001, -2, NULL), (1000, 1002, 'NaN', NULL);
CALL rec.train('m'); \echo :SQLSTATE
DELETE FROM ratings WHERE user_id = 1000;
-- the limit on memory, whichever process reaches it
CREATE VIEW many AS SELECT user_id + 1000 * g AS user_id, item_id, rating FROM ratings, generate_series(1, 10) g;
EXPLAIN (costs off) SELECT pg_catalog.rec_read_row(0, user_id, item_id, rating, NULL::int8) FROM many;
SELECT rec.create_model('much', 'many', options => '{"factors": 2, "iterations": 1}') \g /dev/null
SET rec.max_memory = '3MB';
\set VERBOSITY sqlstate
CALL rec.train('much');
\set VERBOSITY default
RESET rec.max_memory;
CALL rec.train('m');
SELECT version FROM rec.models WHERE model = 'm'::regclass;
-- an error in a worker is the error of the call; nothing is left behind, and the next training works
CREATE VIEW failing AS SELECT user_id, item_id, rating / (CASE WHEN user_id = 77 THEN 0 ELSE 1 END)::real AS rating FROM ratings;
SELECT rec.create_model('f', 'failing', options => '{"factors": 2, "iterations": 1}') \g /dev/null
CALL rec.train('f'); \echo :SQLSTATE
CALL rec.train('m');

-- called by hand, it reads nothing
SELECT pg_catalog.rec_read_row(0, 1, 1, 1.0::float8, NULL::int8); \echo :SQLSTATE
SELECT pg_catalog.rec_read_row(NULL, 1, 1, 1.0::float8, NULL::int8); \echo :SQLSTATE
SELECT pg_catalog.rec_read_row(1234567, user_id, item_id, rating, at) FROM ratings; \echo :SQLSTATE
SELECT pg_catalog.rec_read_row_accumulate(0, -1, 1, 1, 1, 1); \echo :SQLSTATE

SET client_min_messages = warning;
DROP SCHEMA source_parallel CASCADE;
DROP ROLE regress_rec_parallel;
