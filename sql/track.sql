-- What changes in a source that a model tracks is noted; whoever writes there notices nothing.

CREATE SCHEMA track;
SET search_path = track;
SET client_min_messages = warning;
\set SHOW_CONTEXT never

CREATE TABLE ratings (user_id int, item_id int, rating real, note text, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * i) % 5 FROM generate_series(1, 6) u, generate_series(1, 5) i WHERE (u + i) % 3 > 0;
SELECT rec.create_model('m', 'ratings', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('m');

-- What was noted, and whether all of it is known; then it is forgotten.
CREATE FUNCTION noted(model text = 'm') RETURNS TABLE (changes text, pending bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT string_agg(format(''%%s:%%s +%%s -%%s'', user_id, item_id, came, went), '', '' ORDER BY user_id, item_id, came) FROM %I',
		model || '_changes') INTO changes;
	SELECT m.pending INTO pending FROM rec.models m WHERE m.model = noted.model::regclass;
	EXECUTE format('TRUNCATE %I', model || '_changes');
	DELETE FROM rec.unknown_change u WHERE u.model = noted.model::regclass;
	RETURN NEXT;
END $$;
CREATE FUNCTION our_triggers(relation regclass) RETURNS TABLE (tgname name, events text, tgenabled "char", comment text) LANGUAGE sql AS $$
	SELECT tgname, substring(pg_get_triggerdef(oid), 'AFTER (.*) ON'), tgenabled, obj_description(oid, 'pg_trigger') FROM pg_trigger
	 WHERE tgrelid = relation AND tgfoid = 'rec.note_change'::regproc ORDER BY tgname $$;

-- ---- beginning

SELECT pending FROM rec.models WHERE model = 'm'::regclass;
SELECT rec.track('m');
\d m_changes
SELECT obj_description('m_changes'::regclass);
SELECT * FROM our_triggers('ratings');
SELECT side, relation FROM rec.model_table WHERE model = 'm'::regclass ORDER BY 1;
-- what has changed since the training is not known, until the next one
SELECT pending FROM rec.models WHERE model = 'm'::regclass;
SELECT count(*) FROM rec.unknown_change;
CALL rec.train('m');
SELECT pending FROM rec.models WHERE model = 'm'::regclass;
SELECT count(*) FROM rec.unknown_change;
-- again: there is nothing to be done
SELECT rec.track('m');
SELECT pending FROM rec.models WHERE model = 'm'::regclass;
SELECT count(*) FROM our_triggers('ratings');

-- ---- whatever is written

INSERT INTO ratings VALUES (7, 1, 5), (7, 2, 3);
SELECT * FROM noted();
-- the ids before and after; what a model does not learn from is no change
UPDATE ratings SET rating = 1 WHERE user_id = 7;
SELECT * FROM noted();
UPDATE ratings SET note = 'x', rating = rating WHERE user_id = 7;
SELECT * FROM noted();
UPDATE ratings SET item_id = 9 WHERE user_id = 7 AND item_id = 2;
SELECT * FROM noted();
UPDATE ratings SET user_id = 8, item_id = item_id + 10 WHERE user_id = 7;
SELECT * FROM noted();
INSERT INTO ratings VALUES (8, 11, 4), (8, 12, 4) ON CONFLICT (user_id, item_id) DO UPDATE SET rating = 4;
SELECT * FROM noted();
INSERT INTO ratings VALUES (8, 11, 1) ON CONFLICT DO NOTHING;
SELECT * FROM noted();
DELETE FROM ratings WHERE user_id = 8;
SELECT * FROM noted();
COPY ratings (user_id, item_id, rating) FROM stdin;
9	1	2
9	2	3
\.
SELECT * FROM noted();
SELECT current_setting('server_version_num')::int >= 150000 AS has_merge \gset
\if :has_merge
MERGE INTO ratings r USING (VALUES (9, 1), (9, 3)) v (u, i) ON r.user_id = v.u AND r.item_id = v.i
	WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.u, v.i, 1);
\else
DELETE FROM ratings WHERE user_id = 9 AND item_id = 1;
INSERT INTO ratings VALUES (9, 3, 1);
\endif
SELECT * FROM noted();
WITH gone AS (DELETE FROM ratings WHERE user_id = 9 AND item_id = 2 RETURNING *) INSERT INTO ratings SELECT user_id, 4, rating FROM gone;
SELECT * FROM noted();
SET session_replication_role = replica;
INSERT INTO ratings VALUES (9, 5, 1);
RESET session_replication_role;
SELECT * FROM noted();

-- what is taken back is not noted
BEGIN;
INSERT INTO ratings VALUES (10, 1, 1);
ROLLBACK;
BEGIN;
INSERT INTO ratings VALUES (10, 2, 1);
SAVEPOINT s;
INSERT INTO ratings VALUES (10, 3, 1);
ROLLBACK TO s;
INSERT INTO ratings VALUES (10, 4, 1);
SAVEPOINT s;
INSERT INTO ratings VALUES (10, 5, 1);
RELEASE s;
COMMIT;
SELECT * FROM noted();
DO $$ BEGIN INSERT INTO ratings VALUES (11, 1, 1); RAISE EXCEPTION 'no'; EXCEPTION WHEN raise_exception THEN NULL; END $$;
SELECT * FROM noted();
-- a row without an id is nobody's
CREATE TABLE loose (user_id int, item_id int);
SELECT rec.create_model('loosely', 'loose', 'popular');
SELECT rec.track('loosely');
INSERT INTO loose VALUES (1, 1), (NULL, 2), (3, NULL);
SELECT * FROM noted('loosely');
UPDATE loose SET user_id = 2 WHERE user_id IS NULL;
SELECT * FROM noted('loosely');
-- a model learns from the context, too; in a partition the columns have other numbers
CREATE TABLE visit (user_id int, item_id int, note text, place text) PARTITION BY LIST (item_id);
CREATE TABLE visit_1 (place text, gone text, item_id int, note text, user_id int);
ALTER TABLE visit_1 DROP gone;
ALTER TABLE visit ATTACH PARTITION visit_1 FOR VALUES IN (1);
SELECT rec.create_model('situated', 'visit', 'fm', context_columns => '{place}');
SELECT rec.track('situated');
INSERT INTO visit VALUES (1, 1, 'x', 'work'), (2, 1, 'x', NULL);
SELECT * FROM noted('situated');
UPDATE visit SET place = 'home' WHERE user_id = 1;
SELECT * FROM noted('situated');
UPDATE visit SET note = 'y', place = nullif(place, '');
SELECT * FROM noted('situated');
-- a model that was never trained is not behind
SELECT * FROM noted('loosely');

-- ---- trainings

-- what the training has read is forgotten, and nothing else; in a transaction too
INSERT INTO ratings VALUES (12, 1, 1);
CALL rec.train('m');
SELECT * FROM noted();
BEGIN;
INSERT INTO ratings VALUES (12, 2, 1);
SAVEPOINT s;
INSERT INTO ratings VALUES (12, 3, 1);
RELEASE s;
CALL rec.train('m');
INSERT INTO ratings VALUES (12, 2, 1) ON CONFLICT (user_id, item_id) DO UPDATE SET rating = 2;
COMMIT;
SELECT * FROM noted();
-- a training that fails forgets nothing
INSERT INTO ratings VALUES (12, 4, 1);
BEGIN;
CALL rec.train('m');
ROLLBACK;
INSERT INTO ratings VALUES (12, 5, 'NaN');
CALL rec.train('m'); \echo :SQLSTATE
SELECT * FROM noted();
DELETE FROM ratings WHERE rating = 'NaN';
SELECT * FROM noted();

-- ---- everything may have changed

TRUNCATE ratings;
SELECT count(*) FROM rec.unknown_change;
SELECT * FROM noted();
INSERT INTO ratings SELECT u, i, 1 + (u * i) % 5 FROM generate_series(1, 6) u, generate_series(1, 5) i WHERE (u + i) % 3 > 0;
SELECT pending FROM noted();
-- once in a transaction
BEGIN;
TRUNCATE ratings;
SAVEPOINT s;
TRUNCATE ratings;
ROLLBACK TO s;
TRUNCATE ratings;
SELECT count(*) FROM rec.unknown_change;
ROLLBACK;
SELECT count(*) FROM rec.unknown_change;
-- that is noted in place of what cannot be written
ALTER TABLE m_changes ADD COLUMN more int NOT NULL;
INSERT INTO ratings VALUES (20, 1, 1), (20, 2, 1);
SELECT count(*) FROM rec.unknown_change;
SELECT * FROM noted();
ALTER TABLE m_changes DROP COLUMN more, ADD COLUMN at timestamptz;
INSERT INTO ratings VALUES (20, 3, 1);
SELECT * FROM noted();
CREATE INDEX i ON m_changes ((1 / (user_id - 20)));
INSERT INTO ratings VALUES (20, 4, 1);
SELECT * FROM noted();
DROP INDEX i;
ALTER TABLE m_changes ALTER user_id TYPE bigint;
INSERT INTO ratings VALUES (20, 5, 1);
SELECT * FROM noted();
-- mended
SELECT rec.track('m');
\d m_changes
SELECT pending FROM noted();
INSERT INTO ratings VALUES (20, 6, 1);
SELECT * FROM noted();
DROP TABLE m_changes;
INSERT INTO ratings VALUES (20, 7, 1);
SELECT count(*) FROM rec.unknown_change;
SELECT rec.track('m');
INSERT INTO ratings VALUES (20, 8, 1);
SELECT * FROM noted();
ALTER TABLE ratings DISABLE TRIGGER rec_note_changes;
SELECT rec.track('m');
SELECT * FROM our_triggers('ratings');
SELECT count(*) FROM rec.unknown_change;
SELECT pending FROM noted();
-- without the table that this is noted in
BEGIN;
DROP TABLE m_changes;
SET LOCAL session_replication_role = origin;
ALTER EXTENSION rec DROP TABLE rec.unknown_change;
DROP TABLE rec.unknown_change;
INSERT INTO ratings VALUES (20, 9, 1);
TRUNCATE ratings;
ROLLBACK;

-- ---- a source that is altered

ALTER TABLE ratings RENAME user_id TO customer;
ALTER TABLE ratings RENAME TO bought;
INSERT INTO bought VALUES (21, 1, 1);
SELECT * FROM noted();
ALTER TABLE bought ADD COLUMN user_id text;
INSERT INTO bought VALUES (21, 2, 1);
SELECT * FROM noted();
ALTER TABLE bought DROP COLUMN user_id;
INSERT INTO bought VALUES (21, 3, 1);
SELECT * FROM noted();
ALTER TABLE bought RENAME customer TO user_id;
ALTER TABLE bought RENAME TO ratings;
ALTER TABLE ratings ALTER item_id TYPE bigint;
INSERT INTO ratings VALUES (21, 4, 1);
SELECT * FROM noted();
SELECT rec.track('m');
SELECT pending FROM noted();
INSERT INTO ratings VALUES (21, 5000000000, 1);
SELECT * FROM noted();
BEGIN;
ALTER TABLE ratings DROP COLUMN rating;
INSERT INTO ratings VALUES (21, 6);
ALTER TABLE ratings DROP COLUMN item_id;
INSERT INTO ratings VALUES (21);
SELECT count(*) FROM rec.unknown_change;
ROLLBACK;
-- swapped: the next training, or rec.track, sees to the other one
CREATE TABLE other (LIKE ratings INCLUDING ALL);
INSERT INTO other SELECT * FROM ratings WHERE user_id < 5;
ALTER TABLE ratings RENAME TO before;
ALTER TABLE other RENAME TO ratings;
INSERT INTO ratings VALUES (22, 1, 1);
SELECT count(*) FROM m_changes;
SELECT * FROM our_triggers('ratings');
CALL rec.train('m');
SELECT tgname FROM our_triggers('before');
SELECT tgname FROM our_triggers('ratings');
INSERT INTO ratings VALUES (22, 2, 1);
INSERT INTO before VALUES (22, 3, 1);
SELECT * FROM noted();
ALTER TABLE ratings RENAME TO other;
ALTER TABLE before RENAME TO ratings;
SELECT rec.track('m');
INSERT INTO ratings VALUES (22, 4, 1);
INSERT INTO other VALUES (22, 5, 1);
SELECT * FROM noted();
SELECT count(*) FROM our_triggers('other');
-- another source, to which another table of changes belongs; and one that cannot be tracked
CREATE TABLE events (who text, what text, rating real);
INSERT INTO events SELECT user_id, item_id, rating FROM ratings;
CREATE VIEW shown AS SELECT * FROM ratings;
SELECT rec.create_model('n', 'ratings', 'popular');
SELECT rec.track('n');
SELECT rec.alter_model('n', source => 'other', options => '{"damping": 1}');
SELECT (SELECT count(*) FROM our_triggers('ratings')) AS ratings, (SELECT count(*) FROM our_triggers('other')) AS other;
INSERT INTO other VALUES (23, 1, 1);
SELECT * FROM noted('n');
SET client_min_messages = notice;
SELECT rec.alter_model('n', source => 'shown');
SELECT rec.untrack('n');
SET client_min_messages = warning;
SELECT to_regclass('n_changes') AS none, count(*) FROM our_triggers('other');
DROP TABLE n;
SELECT rec.create_model('n', 'events', 'popular', user_column => 'who', item_column => 'what');
SELECT rec.track('n');
INSERT INTO events VALUES ('a', repeat('long', 1000), 1), ('b', '', 1);
SELECT user_id, length(item_id) FROM n_changes ORDER BY 1;
SELECT rec.alter_model('n', user_column => 'what', item_column => 'who');
INSERT INTO events VALUES ('a', 'c', 1);
SELECT * FROM noted('n');
-- a value that is kept elsewhere is brought along
ALTER TABLE events ALTER what SET STORAGE EXTERNAL;
INSERT INTO events VALUES ('toasted', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i), 1);
UPDATE events SET rating = 2 WHERE who = 'toasted';
DELETE FROM events WHERE who = 'toasted';
VACUUM events;
SELECT length(user_id), item_id, sum(came), sum(went) FROM n_changes GROUP BY 1, 2;
DROP TABLE n;

-- ---- partitions

CREATE TABLE parted (item_id int, note text, user_id int) PARTITION BY RANGE (user_id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_2 (user_id int, item_id int, note text);
ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE parted_3 PARTITION OF parted FOR VALUES FROM (20) TO (30) PARTITION BY HASH (item_id);
CREATE TABLE parted_3_1 PARTITION OF parted_3 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO parted SELECT i, NULL, u FROM generate_series(1, 29) u, generate_series(1, 3) i;
SELECT rec.create_model('p', 'parted', 'popular');
CALL rec.train('p');
SELECT rec.track('p');
SELECT pending FROM noted('p');
SELECT r, t.tgname, t.tgenabled FROM unnest('{parted, parted_1, parted_2, parted_3, parted_3_1}'::regclass[]) r, our_triggers(r) t ORDER BY 1, 2;
INSERT INTO parted VALUES (4, '', 1), (4, '', 11), (4, '', 21);
INSERT INTO parted_2 VALUES (12, 4, '');
INSERT INTO parted_3 VALUES (4, '', 22);
COPY parted_3_1 FROM stdin;
4	x	23
\.
SELECT * FROM noted('p');
UPDATE parted SET note = 'y';
SELECT * FROM noted('p');
-- into another partition
UPDATE parted SET user_id = 13 WHERE user_id = 1 AND item_id = 4;
SELECT * FROM noted('p');
-- TRUNCATE of all, and of each
BEGIN; TRUNCATE parted; SELECT pending FROM noted('p'); ROLLBACK;
BEGIN; TRUNCATE parted_2; SELECT pending FROM noted('p'); ROLLBACK;
BEGIN; TRUNCATE parted_3_1; SELECT pending FROM noted('p'); ROLLBACK;
-- a new one is empty
CREATE TABLE parted_4 PARTITION OF parted FOR VALUES FROM (30) TO (40);
SELECT tgname FROM our_triggers('parted_4');
INSERT INTO parted_4 VALUES (1, '', 30);
SELECT * FROM noted('p');
CREATE TABLE parted_5 (LIKE parted);
ALTER TABLE parted ATTACH PARTITION parted_5 FOR VALUES FROM (40) TO (50);
INSERT INTO parted VALUES (1, '', 40);
SELECT * FROM noted('p');
-- one with rows, and those that leave
CREATE TABLE parted_6 (LIKE parted);
INSERT INTO parted_6 VALUES (1, '', 50);
ALTER TABLE parted ATTACH PARTITION parted_6 FOR VALUES FROM (50) TO (60);
SELECT * FROM noted('p');
TRUNCATE parted_6;
SELECT * FROM noted('p');
ALTER TABLE parted DETACH PARTITION parted_6;
SELECT * FROM noted('p');
SELECT tgname FROM our_triggers('parted_6');
INSERT INTO parted_6 VALUES (1, '', 51);
TRUNCATE parted_6;
SELECT * FROM noted('p');
ALTER TABLE parted DETACH PARTITION parted_5 CONCURRENTLY;
SELECT * FROM noted('p');
DROP TABLE parted_4;
SELECT * FROM noted('p');
ALTER TABLE parted_3 DETACH PARTITION parted_3_1;
SELECT * FROM noted('p');
-- other tables come and go as they like
CREATE TABLE alone PARTITION OF parted_3 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE plain ();
DROP TABLE plain;
CREATE TABLE unrelated (a int) PARTITION BY LIST (a);
CREATE TABLE unrelated_1 PARTITION OF unrelated DEFAULT;
DROP TABLE unrelated;
SELECT * FROM noted('p');
-- a partition alone is the source of another model
SELECT rec.create_model('q', 'parted_1', 'popular');
SELECT rec.track('q');
SELECT tgname FROM our_triggers('parted_1');
INSERT INTO parted VALUES (5, '', 2);
SELECT * FROM noted('p');
SELECT * FROM noted('q');
SELECT rec.untrack('p');
SELECT r, tgname FROM unnest('{parted, parted_1, parted_2}'::regclass[]) r, our_triggers(r) ORDER BY 1, 2;
INSERT INTO parted VALUES (5, '', 3), (5, '', 13);
SELECT * FROM noted('q');
SELECT rec.track('p');
INSERT INTO parted VALUES (5, '', 4);
SELECT changes FROM noted('p');
SELECT * FROM noted('q');
DROP TABLE q;
INSERT INTO parted VALUES (5, '', 5);
SELECT changes FROM noted('p');
DROP TABLE p;
SELECT (SELECT count(*) FROM our_triggers('parted')) AS parted, (SELECT count(*) FROM our_triggers('parted_1')) AS parted_1;

-- ---- what cannot be tracked

CREATE MATERIALIZED VIEW kept AS SELECT * FROM ratings;
CREATE TABLE parent (user_id int, item_id int);
CREATE TABLE child () INHERITS (parent);
SELECT rec.create_model('on_' || s, s::regclass, 'popular') FROM unnest('{shown, kept, parent}'::text[]) s;
SELECT rec.track('on_shown'); \echo :SQLSTATE
SELECT rec.track('on_kept'); \echo :SQLSTATE
SELECT rec.track('on_parent'); \echo :SQLSTATE
SELECT rec.track('ratings'); \echo :SQLSTATE
SELECT rec.track(NULL); \echo :SQLSTATE
SELECT rec.untrack(NULL); \echo :SQLSTATE
SELECT rec.pending_changes('on_shown'), rec.pending_changes(NULL), rec.pending_changes(0);

-- ---- whose

CREATE ROLE regress_rec_modeller;
CREATE ROLE regress_rec_writer;
CREATE ROLE regress_rec_stranger;
GRANT USAGE ON SCHEMA track TO regress_rec_modeller, regress_rec_writer, regress_rec_stranger;
GRANT CREATE ON SCHEMA track TO regress_rec_modeller, regress_rec_stranger;
GRANT INSERT, DELETE, SELECT ON other TO regress_rec_writer;
SET ROLE regress_rec_modeller;
SELECT rec.track('m'); \echo :SQLSTATE
SELECT rec.untrack('m'); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON other TO regress_rec_modeller;
SET ROLE regress_rec_modeller;
SELECT rec.create_model('theirs', 'other', 'popular');
SELECT rec.track('theirs'); \echo :SQLSTATE
RESET ROLE;
-- a superuser may call it, and it is done as the owner
SELECT rec.track('theirs'); \echo :SQLSTATE
GRANT TRIGGER ON other TO regress_rec_modeller;
SELECT rec.track('theirs');
SELECT relowner::regrole FROM pg_class WHERE oid = 'theirs_changes'::regclass;
-- a writer needs no privilege on the model, nor on schema rec
SET ROLE regress_rec_writer;
INSERT INTO other VALUES (31, 1, 1);
SELECT * FROM theirs_changes; \echo :SQLSTATE
RESET ROLE;
SELECT * FROM noted('theirs');
-- row security, constraints and triggers of the table are nothing to whoever writes to the source
ALTER TABLE theirs_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE theirs_changes FORCE ROW LEVEL SECURITY;
ALTER TABLE theirs_changes ADD CHECK (user_id < 0) NOT VALID;
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE TRIGGER t BEFORE INSERT ON theirs_changes FOR EACH ROW EXECUTE FUNCTION fails();
SET ROLE regress_rec_writer;
INSERT INTO other VALUES (31, 2, 1);
RESET ROLE;
SELECT * FROM noted('theirs');
-- who may not read the source any more learns nothing of it; nor does another's table
REVOKE SELECT ON other FROM regress_rec_modeller;
INSERT INTO other VALUES (31, 3, 1);
SELECT * FROM noted('theirs');
GRANT SELECT ON other TO regress_rec_modeller;
INSERT INTO other VALUES (31, 4, 1);
SELECT * FROM noted('theirs');
REVOKE SELECT ON other FROM regress_rec_modeller;
GRANT SELECT (user_id, item_id) ON other TO regress_rec_modeller;
INSERT INTO other VALUES (31, 5, 1);
SELECT * FROM noted('theirs');
ALTER TABLE theirs_changes OWNER TO regress_rec_stranger;
INSERT INTO other VALUES (31, 6, 1);
SELECT * FROM noted('theirs');
ALTER TABLE theirs_changes OWNER TO regress_rec_modeller;
INSERT INTO other VALUES (31, 8, 1);
SELECT * FROM noted('theirs');
-- given away, renamed, moved: the table goes along
GRANT SELECT ON other TO regress_rec_stranger;
ALTER TABLE theirs OWNER TO regress_rec_stranger;
ALTER TABLE theirs RENAME TO strange;
SELECT relowner::regrole FROM pg_class WHERE oid = 'strange_changes'::regclass;
INSERT INTO other VALUES (31, 7, 1);
SELECT * FROM noted('strange');
-- a trigger of somebody else that calls the function notes nothing, of whatever kind it is
SET ROLE regress_rec_stranger;
CREATE TABLE mine (user_id int, item_id int);
CREATE TRIGGER t1 AFTER INSERT OR UPDATE OR DELETE ON mine FOR EACH ROW EXECUTE FUNCTION rec.note_change();
CREATE TRIGGER t2 AFTER TRUNCATE ON mine EXECUTE FUNCTION rec.note_change('m', 'm_changes');
CREATE TRIGGER t3 AFTER INSERT ON mine EXECUTE FUNCTION rec.note_change();
CREATE CONSTRAINT TRIGGER t4 AFTER INSERT ON mine DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rec.note_change();
INSERT INTO mine VALUES (1, 1);
UPDATE mine SET item_id = 2;
DELETE FROM mine;
TRUNCATE mine;
CREATE TRIGGER t5 BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION rec.note_change();
INSERT INTO mine VALUES (1, 1); \echo :SQLSTATE
CREATE VIEW seen AS SELECT * FROM mine;
CREATE TRIGGER t6 INSTEAD OF INSERT ON seen FOR EACH ROW EXECUTE FUNCTION rec.note_change();
INSERT INTO seen VALUES (1, 1); \echo :SQLSTATE
SELECT rec.note_change(); \echo :SQLSTATE
RESET ROLE;
SELECT * FROM noted('m');
-- it is no source that could be slipped under a model, whatever its triggers
SELECT count(*) FROM m_changes;
SELECT count(*) FROM rec.unknown_change;

-- ---- the end

-- two models of one source
SELECT rec.create_model('twin', 'ratings', 'popular');
SELECT rec.track('twin');
SELECT count(*) FROM our_triggers('ratings');
INSERT INTO ratings VALUES (40, 1, 1);
SELECT * FROM noted('m');
SELECT * FROM noted('twin');
SELECT rec.untrack('twin');
SELECT to_regclass('twin_changes');
INSERT INTO ratings VALUES (40, 2, 1);
SELECT * FROM noted('m');
SELECT rec.track('twin');
DROP TABLE m;
INSERT INTO ratings VALUES (40, 3, 1);
SELECT * FROM noted('twin');
SELECT count(*) FROM our_triggers('ratings');
DROP TABLE twin;
SELECT count(*) FROM our_triggers('ratings');
INSERT INTO ratings VALUES (40, 4, 1);
SELECT to_regclass('m_changes') AS m, to_regclass('twin_changes') AS twin, count(*) FROM rec.unknown_change;
DROP OWNED BY regress_rec_modeller, regress_rec_writer, regress_rec_stranger CASCADE;
DROP ROLE regress_rec_modeller, regress_rec_writer, regress_rec_stranger;
SELECT count(*) FROM our_triggers('other');
DROP SCHEMA track CASCADE;
SELECT count(*) FROM rec.models;
