-- Growth by a thousand trainings of a small model, with autovacuum on: the sizes of its tables and indexes beside those after
-- the first training. Half of each page is free, so that a row's next version finds room beside it. As a superuser, in an empty
-- database:
--
--   createdb retraining && psql -d retraining -f test/bench/retraining.sql
--
-- -v trainings=100 for fewer. autovacuum_naptime is set to a second, and reset at the end.

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
\if :{?trainings} \else \set trainings 1000 \endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS rec;
ALTER SYSTEM SET autovacuum_naptime = '1s';
SELECT pg_reload_conf() \g /dev/null
-- the rated items drift: at each training a hundredth of them is replaced
CREATE TABLE retraining_now (training int);
INSERT INTO retraining_now VALUES (0);
CREATE VIEW retraining_ratings AS
SELECT (i * 7 + k * 11) % 200 AS user_id, i AS item_id, (1 + (i + k) % 5)::real AS rating
  FROM retraining_now, generate_series(training * 10, training * 10 + 999) i, generate_series(1, 5) k;
SELECT rec.create_model('retrained', 'retraining_ratings', options => '{"factors": 32, "iterations": 1}') \g /dev/null
CREATE FUNCTION sizes() RETURNS TABLE (what text, bytes bigint) LANGUAGE sql AS $$
	SELECT t::text || p.part, CASE p.part WHEN '' THEN pg_table_size(t) ELSE pg_indexes_size(t) END
	  FROM unnest('{retrained, retrained_users}'::regclass[]) t, unnest('{""," (index)"}'::text[]) AS p (part) $$;
CALL rec.train('retrained');
CREATE TABLE first AS SELECT * FROM sizes();
-- each is a statement of its own, as counts within a statement reach autovacuum only at its end
SELECT 'UPDATE retraining_now SET training = training + 1', 'CALL rec.train(''retrained'')' FROM generate_series(1, :trainings) \gexec
SELECT what, f.bytes AS "after 1", s.bytes AS "after all", round(s.bytes::numeric / f.bytes, 2) AS ratio FROM first f JOIN sizes() s USING (what)
UNION ALL
SELECT 'all', sum(f.bytes), sum(s.bytes), round(sum(s.bytes) / sum(f.bytes), 2) FROM first f JOIN sizes() s USING (what) ORDER BY 1;
SELECT 2.2 AS "limit", (SELECT sum(n_tup_hot_upd) * 100 / sum(n_tup_upd) FROM pg_stat_user_tables WHERE relname LIKE 'retrained%')::numeric(5,
    1) AS "% of updates HOT",
       (SELECT sum(autovacuum_count) FROM pg_stat_user_tables WHERE relname LIKE 'retrained%') AS autovacuums;
ALTER SYSTEM RESET autovacuum_naptime;
SELECT pg_reload_conf() \g /dev/null
DROP TABLE retrained, first;
DROP FUNCTION sizes;
DROP VIEW retraining_ratings;
DROP TABLE retraining_now;
