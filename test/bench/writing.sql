-- How long a model takes to be written: 1,000,000 items x 64 factors, beside CREATE TABLE AS over the same rows. In an empty database:
--
--   createdb writing && psql -d writing -f test/bench/writing.sql
--
-- -v items=100000 for fewer. What the server reports of a training at client_min_messages = debug1 is where the seconds come from.

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
\if :{?items} \else \set items 1000000 \endif
CREATE EXTENSION IF NOT EXISTS rec;
CREATE TABLE writing_ratings AS SELECT (i % 997)::int AS user_id, i::bigint AS item_id, (1 + i % 5)::real AS rating FROM generate_series(1, :items) i;
CREATE INDEX ON writing_ratings (user_id);
ANALYZE writing_ratings;
SELECT rec.create_model('written', 'writing_ratings', options => '{"factors": 64, "iterations": 1}') \g /dev/null
\set ECHO queries
\timing on
-- the first training inserts the rows, the second replaces them
SET client_min_messages = debug1;
CALL rec.train('written');
CALL rec.train('written');
CALL rec.train('written');
RESET client_min_messages;
-- the peer, and the peer with the index that a model's table has
CREATE TABLE plain AS SELECT * FROM written;
CREATE TABLE plain_again AS SELECT * FROM written;
ALTER TABLE plain ADD PRIMARY KEY (item_id);
\timing off
\set ECHO none
DROP TABLE plain, plain_again, written, writing_ratings;
