-- What changes in the relations of attributes of a model is noted, as what changes in its source. (sql/refresh_attributes.sql has what comes of it.)
CREATE SCHEMA track_attributes;
SET search_path = track_attributes;
SET client_min_messages = warning;
\set VERBOSITY terse
\set SHOW_CONTEXT never

CREATE TABLE ratings (user_id int, item_id int, rating real);
INSERT INTO ratings SELECT u, i, 1 + (u * i) % 5 FROM generate_series(1, 12) u, generate_series(1, 9) i WHERE (u + i) % 3 > 0;
CREATE TABLE film (item_id int PRIMARY KEY, kind text, size float8, embedding float8[]);
INSERT INTO film SELECT i, chr(97 + i % 2), i FROM generate_series(1, 12) i;
-- its key is the primary key, and wider than the ids
CREATE TABLE account (name text, id bigint PRIMARY KEY);
INSERT INTO account SELECT chr(97 + u % 2), u FROM generate_series(1, 15) u;

CREATE FUNCTION create_model(name text, source regclass = 'ratings', items regclass = 'film', users regclass = NULL, algorithm text = 'als')
RETURNS regclass LANGUAGE sql AS
	$$ SELECT rec.create_model(name, source, algorithm, CASE algorithm WHEN 'als' THEN '{"min_count": 1, "factors": 2, "iterations": 2}' ELSE '{}' END::jsonb,
		items => items, users => users) $$;
-- What was noted, and how much of it is pending; then it is forgotten.
CREATE FUNCTION noted(model text = 'm') RETURNS TABLE (changes text, pending bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT string_agg(concat_ws('' '', ''user '' || user_id, ''item '' || item_id, ''+'' || came, ''-'' || went), '', ''
		ORDER BY user_id, item_id, came) FROM %I', model || '_changes') INTO changes;
	SELECT m.pending INTO pending FROM rec.models m WHERE m.model = noted.model::regclass;
	EXECUTE format('TRUNCATE %I', model || '_changes');
	DELETE FROM rec.unknown_change u WHERE u.model = noted.model::regclass;
	RETURN NEXT;
END $$;
CREATE FUNCTION our_triggers() RETURNS TABLE (relation regclass, triggers text) LANGUAGE sql AS $$
	SELECT c.oid::regclass, (SELECT string_agg(substring(pg_get_triggerdef(oid), 'AFTER (.*) ON') || ' ' || tgenabled::text, ', ' ORDER BY tgname)
			FROM pg_trigger t WHERE tgrelid = c.oid AND tgfoid = 'rec.note_change'::regproc) AS triggers
	  FROM pg_class c WHERE relnamespace = 'track_attributes'::regnamespace
		AND oid IN (SELECT tgrelid FROM pg_trigger WHERE tgfoid = 'rec.note_change'::regproc)
	 ORDER BY relname COLLATE "C" $$;

-- ---- whatever is written

SELECT create_model('m', users => 'account');
CALL rec.train('m');
SELECT rec.track('m');
SELECT * FROM our_triggers();
SELECT pending FROM noted();
INSERT INTO film VALUES (20, 'a', 1), (21, 'b', 2);
SELECT * FROM noted();
-- the id before and after; the same row again is no change
UPDATE film SET kind = 'b' WHERE item_id = 20;
UPDATE film SET kind = kind, size = size + 0;
SELECT * FROM noted();
UPDATE film SET item_id = 22 WHERE item_id = 21;
INSERT INTO film VALUES (22, 'b', 2), (20, 'c', 1) ON CONFLICT (item_id) DO UPDATE SET kind = excluded.kind, size = excluded.size;
SELECT * FROM noted();
DELETE FROM film WHERE item_id > 19;
SELECT * FROM noted();
COPY film FROM stdin;
30	x	\N	\N
\.
INSERT INTO account VALUES ('x', 31), ('far away', 5000000000), ('farther', -5000000000);
UPDATE account SET id = id - 4999999000, name = 'near' WHERE id = 5000000000;
UPDATE account SET name = 'y' WHERE id IN (1, 31);
SELECT * FROM noted();
-- long values that stay where they are, and that are written again
ALTER TABLE film ALTER embedding SET STORAGE EXTERNAL;
UPDATE film SET embedding = (SELECT array_agg(i / 7.0) FROM generate_series(1, 2000) i) WHERE item_id = 1;
SELECT * FROM noted();
UPDATE film SET embedding = (SELECT array_agg(i / 7.0) FROM generate_series(1, 2000) i) WHERE item_id = 1;
SELECT * FROM noted();
UPDATE film SET size = 100 WHERE item_id = 1;
UPDATE film SET embedding[2000] = 0 WHERE item_id = 1;
SELECT * FROM noted();
UPDATE film SET embedding = NULL;
SET session_replication_role = replica;
UPDATE film SET size = 1 WHERE item_id = 1;
RESET session_replication_role;
BEGIN;
DELETE FROM film;
ROLLBACK;
SELECT * FROM noted();
-- what ratings changed, too, and how many items a refresh has left, is not mixed up with it
INSERT INTO ratings VALUES (1, 2, 5);
UPDATE film SET size = 3 WHERE item_id = 2;
UPDATE account SET name = 'z' WHERE id = 1;
CALL rec.train('m');
SELECT * FROM noted();
INSERT INTO ratings VALUES (1, 3, 5);
UPDATE film SET size = 4 WHERE item_id = 2;
UPDATE account SET name = 'y' WHERE id = 1;
CALL rec.refresh('m', 1000);
SELECT * FROM noted();
-- of somebody who is not in the model nothing is computed
INSERT INTO account VALUES ('nobody', 77);
CALL rec.refresh('m');
SELECT version, pending, refreshed FROM rec.models WHERE model = 'm'::regclass;
INSERT INTO film VALUES (40, 'a', 40);
CALL rec.refresh('m');
SELECT version, pending, n_ratings FROM rec.models JOIN m ON item_id = 40 WHERE model = 'm'::regclass;

-- ---- everything may have changed

SET client_min_messages = notice;
\set VERBOSITY default
TRUNCATE account;
SELECT pending FROM rec.models WHERE model = 'm'::regclass;
INSERT INTO account SELECT chr(97 + u % 2), u FROM generate_series(1, 15) u;
CALL rec.refresh('m');
SELECT pending FROM rec.models WHERE model = 'm'::regclass;
ALTER TABLE film DISABLE TRIGGER rec_note_changes;
CALL rec.refresh('m');
SELECT rec.track('m');
SET client_min_messages = warning;
\set VERBOSITY terse
SELECT count(*) FROM rec.unknown_change;
CALL rec.train('m');
UPDATE film SET size = 5 WHERE item_id = 2;
SELECT * FROM noted();
-- noted in place of what cannot be written
ALTER TABLE m_changes ADD COLUMN more int NOT NULL;
UPDATE film SET size = 6 WHERE item_id = 2;
SELECT * FROM noted();
ALTER TABLE m_changes DROP COLUMN more;

-- ---- relations that are altered

ALTER TABLE film RENAME TO movie;
ALTER TABLE movie RENAME item_id TO movie_id;
UPDATE movie SET size = 7 WHERE movie_id = 2;
SELECT * FROM noted();
ALTER TABLE movie ADD COLUMN item_id int;
UPDATE movie SET item_id = 3 WHERE movie_id = 2;
SELECT * FROM noted();
ALTER TABLE ratings RENAME item_id TO movie_id;
UPDATE movie SET item_id = 4 WHERE movie_id = 2;
SELECT * FROM noted();
ALTER TABLE ratings RENAME movie_id TO item_id;
ALTER TABLE movie DROP COLUMN item_id;
ALTER TABLE movie RENAME movie_id TO item_id;
-- without a key, and with one of another type, it is as if it were not tracked
BEGIN;
ALTER TABLE movie ALTER item_id TYPE text;
UPDATE movie SET size = 8;
ALTER TABLE movie DROP COLUMN item_id;
UPDATE movie SET size = 9;
SELECT * FROM noted();
ROLLBACK;
-- swapped: the next training, or rec.track, sees to the other one
ALTER TABLE movie RENAME TO film;
CALL rec.train('m');
CREATE TABLE other (LIKE film INCLUDING ALL);
INSERT INTO other TABLE film;
ALTER TABLE film RENAME TO before;
ALTER TABLE other RENAME TO film;
UPDATE film SET size = 8 WHERE item_id = 2;
SELECT * FROM noted();
SET client_min_messages = notice;
\set VERBOSITY default
CALL rec.refresh('m');
SET client_min_messages = warning;
\set VERBOSITY terse
SELECT relation FROM our_triggers();
UPDATE film SET size = 9 WHERE item_id = 2;
UPDATE before SET size = 9 WHERE item_id = 3;
SELECT * FROM noted();
ALTER TABLE film RENAME TO other;
ALTER TABLE before RENAME TO film;
SELECT rec.track('m');
SELECT relation FROM our_triggers();
UPDATE other SET size = 10 WHERE item_id = 2;
UPDATE film SET size = 10 WHERE item_id = 3;
SELECT * FROM noted();
-- others, and none
SELECT rec.alter_model('m', items => 'other', users => '-');
SELECT relation FROM our_triggers();
UPDATE other SET size = 11 WHERE item_id = 2;
UPDATE film SET size = 11 WHERE item_id = 3;
SELECT * FROM noted();
SELECT rec.alter_model('m', users => 'account', items => 'film');
-- several models of one relation; and one that is several things to a model
SELECT create_model('n', algorithm => 'content');
SELECT rec.track('n');
CREATE TABLE pair (user_id int, item_id int);
SELECT create_model('friends', source => 'pair', items => 'account', users => 'account');
SELECT rec.track('friends');
UPDATE film SET size = 12 WHERE item_id = 3;
UPDATE account SET name = 'new' WHERE id = 3;
SELECT * FROM noted();
SELECT * FROM noted('n');
SELECT * FROM noted('friends');
SELECT rec.untrack('m');
SELECT relation FROM our_triggers();
DROP TABLE n;
SELECT relation FROM our_triggers();
DROP TABLE friends;
SELECT relation FROM our_triggers();

-- ---- partitions

CREATE TABLE shelf (size float8, item_id int) PARTITION BY RANGE (item_id);
CREATE TABLE shelf_1 PARTITION OF shelf FOR VALUES FROM (0) TO (10);
CREATE TABLE shelf_2 (item_id int, size float8);
INSERT INTO shelf_2 VALUES (11, 1);
SELECT rec.alter_model('m', items => 'shelf');
INSERT INTO shelf SELECT i, i FROM generate_series(1, 9) i;
CALL rec.train('m');
SELECT rec.track('m');
SELECT pending FROM noted();
ALTER TABLE shelf ATTACH PARTITION shelf_2 FOR VALUES FROM (10) TO (20);
SELECT * FROM noted();
UPDATE shelf SET item_id = 12 WHERE item_id = 2;
UPDATE shelf_2 SET size = 5 WHERE item_id = 11;
SELECT * FROM noted();
TRUNCATE shelf_2;
SELECT * FROM noted();
ALTER TABLE shelf DETACH PARTITION shelf_2;
SELECT * FROM noted();
UPDATE shelf_2 SET size = 6;
SELECT * FROM noted();
SELECT * FROM our_triggers();
-- a partition alone has attributes of another model
SELECT create_model('n', items => 'shelf_1');
SELECT rec.track('n');
UPDATE shelf SET size = 7 WHERE item_id = 3;
SELECT * FROM noted();
SELECT * FROM noted('n');
SELECT rec.untrack('m');
UPDATE shelf SET size = 8 WHERE item_id = 3;
SELECT * FROM noted('n');
SELECT relation FROM our_triggers();
DROP TABLE n;
DROP TABLE shelf_1;

-- ---- ids of other types

CREATE TABLE events (user_id int, item_id varchar(3));
CREATE TABLE product (item_id text PRIMARY KEY, kind text);
INSERT INTO product SELECT 'p' || i, 'k' FROM generate_series(1, 5) i;
CREATE DOMAIN natural_number AS int CHECK (VALUE > 0);
CREATE TABLE customer (user_id natural_number PRIMARY KEY, kind text);
SELECT create_model('t', source => 'events', items => 'product', users => 'customer');
SELECT rec.track('t');
\d t_changes
INSERT INTO product VALUES ('longer', 'k');
INSERT INTO customer VALUES (1, 'k');
SELECT * FROM noted('t');
ALTER TABLE events ALTER user_id TYPE natural_number;
INSERT INTO customer VALUES (2, 'k');
SELECT * FROM noted('t');
SELECT rec.track('t');
INSERT INTO customer VALUES (3, 'k');
SELECT * FROM noted('t');
DROP TABLE t;

-- ---- what cannot be tracked, and whose it is

CREATE VIEW shown AS SELECT item_id, kind FROM film;
CREATE ROLE regress_rec_modeller;
CREATE ROLE regress_rec_writer;
GRANT USAGE, CREATE ON SCHEMA track_attributes TO regress_rec_modeller;
GRANT USAGE ON SCHEMA track_attributes TO regress_rec_writer;
GRANT SELECT, TRIGGER ON ratings TO regress_rec_modeller;
GRANT SELECT ON film, shown, account TO regress_rec_modeller;
GRANT SELECT, INSERT, UPDATE ON film TO regress_rec_writer;
CREATE TABLE by_text (item_id text PRIMARY KEY, kind text);
CREATE TABLE parent (item_id int, kind text);
CREATE TABLE child () INHERITS (parent);
SET client_min_messages = notice;
\set VERBOSITY default
SELECT rec.alter_model('m', items => 'shown', users => 'account');
SELECT rec.track('m');
SELECT relation FROM our_triggers();
-- it does not keep a refresh from its work
CALL rec.train('m');
INSERT INTO film VALUES (50, 'b', 3);
INSERT INTO ratings VALUES (1, 50, 3);
CALL rec.refresh('m');
SELECT version, pending FROM rec.models WHERE model = 'm'::regclass;
SELECT rec.alter_model('m', items => 'by_text');
SELECT rec.alter_model('m', items => 'parent');
DROP TABLE child, parent;
SELECT rec.track('m');
DROP TABLE m;
SET ROLE regress_rec_modeller;
SELECT create_model('theirs');
SELECT rec.track('theirs');
CALL rec.train('theirs');
RESET ROLE;
SET client_min_messages = warning;
\set VERBOSITY terse
SELECT relation FROM our_triggers();
-- triggers of another model serve this one, too, and do not stay for it
SELECT create_model('m');
SELECT rec.track('m');
UPDATE film SET size = 20 WHERE item_id = 2;
SELECT * FROM noted('theirs');
SELECT rec.untrack('m');
SELECT relation FROM our_triggers();
DROP TABLE m;
GRANT TRIGGER ON film TO regress_rec_modeller;
SELECT rec.track('theirs');
SELECT relation FROM our_triggers();
CALL rec.train('theirs');
-- a writer needs no privilege on the model, nor on schema rec
SET ROLE regress_rec_writer;
INSERT INTO film VALUES (60, 'a', 1);
UPDATE film SET size = 30 WHERE item_id = 2;
RESET ROLE;
SELECT * FROM noted('theirs');
-- who may not read the attributes any more learns nothing of them, but for the key that is enough
REVOKE SELECT ON film FROM regress_rec_modeller;
UPDATE film SET size = 31 WHERE item_id = 2;
SELECT * FROM noted('theirs');
GRANT SELECT (item_id) ON film TO regress_rec_modeller;
UPDATE film SET size = 32 WHERE item_id = 2;
SELECT * FROM noted('theirs');
-- given away
ALTER TABLE theirs OWNER TO CURRENT_USER;
UPDATE film SET size = 33 WHERE item_id = 2;
SELECT * FROM noted('theirs');
-- the relation goes, and comes back
DROP TABLE film CASCADE;
INSERT INTO ratings VALUES (1, 2, 3);
CALL rec.refresh('theirs'); \echo :SQLSTATE
SELECT rec.track('theirs');
CREATE TABLE film AS SELECT i AS item_id, chr(97 + i % 2) AS kind FROM generate_series(1, 12) i;
CALL rec.refresh('theirs');
SELECT relation FROM our_triggers();
SELECT version, pending FROM rec.models WHERE model = 'theirs'::regclass;
DROP TABLE theirs;
SELECT relation FROM our_triggers();
SELECT count(*) FROM rec.unknown_change;
DROP OWNED BY regress_rec_modeller, regress_rec_writer CASCADE;
DROP ROLE regress_rec_modeller, regress_rec_writer;
DROP SCHEMA track_attributes CASCADE;
