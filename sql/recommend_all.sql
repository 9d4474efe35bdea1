-- rec.recommend_all: the lists of all users.

CREATE SCHEMA recommend_all;
SET search_path = recommend_all;
\set SHOW_CONTEXT never
\set VERBOSITY default

-- Rows in which a table of lists differs from rec.recommend for each user in the source; ids as text, so that all types are
-- compared.
CREATE FUNCTION differences(model regclass, lists text, n int = 10) RETURNS TABLE (rows bigint, differences bigint)
LANGUAGE plpgsql AS $$
DECLARE
	source regclass = (SELECT m.source FROM rec.models m WHERE m.model = $1);
BEGIN
	RETURN QUERY EXECUTE format(
		'WITH single AS (SELECT u.user_id::text, r.rank, r.item_id, r.score
		                   FROM (SELECT DISTINCT user_id FROM %s WHERE user_id IS NOT NULL) u, LATERAL rec.recommend(%L, u.user_id::text, %s) r),
		      every AS (SELECT user_id::text, rank, item_id::text, score FROM %s)
		 SELECT (SELECT count(*) FROM every),
		        (SELECT count(*) FROM (TABLE single EXCEPT TABLE every) d) + (SELECT count(*) FROM (TABLE every EXCEPT TABLE single) d)',
		source, model, n, lists);
END $$;

-- ---- the same lists as rec.recommend, for both kinds of feedback

CREATE TABLE ratings (user_id bigint, item_id bigint, rating real, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5
  FROM generate_series(1, 40) u, generate_series(1, 20) i WHERE (7 * u + 11 * i) % 13 % 3 = 0;
SELECT rec.create_model('stars', 'ratings', options => '{"factors": 4, "regularization": 0.5, "iterations": 5}');
SELECT rec.create_model('events', 'ratings', options => '{"factors": 4, "regularization": 0.5, "iterations": 5, "feedback": "implicit"}');
CALL rec.recommend_all('stars', 'lists');
CALL rec.train('stars');
CALL rec.train('events');
CALL rec.recommend_all('stars', 'lists', 3);
CALL rec.recommend_all('events', 'event_lists', n => 3);
SELECT * FROM differences('stars', 'lists', 3);
SELECT * FROM differences('events', 'event_lists', 3);
-- no list has an item of the user
SELECT count(*) FROM lists JOIN ratings USING (user_id, item_id);
\d lists
SELECT obj_description('lists'::regclass);

-- n larger than the number of items: every item is on a user's list or one of the user's, 40 * 20 in all
CALL rec.recommend_all('stars', 'lists', 2147483647);
SELECT (SELECT count(*) FROM lists) + (SELECT count(*) FROM ratings) AS all_pairs;
SELECT count(*) FROM lists GROUP BY user_id HAVING max(rank) <> count(*) OR min(rank) <> 1 OR count(DISTINCT item_id) <> count(*);
SELECT * FROM differences('stars', 'lists', 1000);

-- ---- the present rows of the source count

-- Users 41 and 42 came after the training. The only item of 41 is unknown to the model, so the list has the model's popular
-- items, whose score with events is an item's share of the 40 users. User 43 has seen all items, and has no list; 44 has rated
-- the first two.
ALTER TABLE ratings DROP CONSTRAINT ratings_pkey, ALTER item_id DROP NOT NULL, ALTER user_id DROP NOT NULL;
INSERT INTO ratings VALUES (41, 999, 5), (42, NULL, 5), (NULL, 1, 5), (44, 1, 5), (44, 2, 1);
INSERT INTO ratings SELECT 43, i, 3 FROM generate_series(1, 20) i;
DELETE FROM ratings WHERE user_id = 40;
CALL rec.recommend_all('stars', 'lists', 3);
CALL rec.recommend_all('events', 'event_lists', 3);
SELECT * FROM differences('stars', 'lists', 3);
SELECT * FROM differences('events', 'event_lists', 3);
SELECT user_id, count(*) FROM event_lists WHERE user_id >= 39 GROUP BY 1 ORDER BY 1;
SELECT l.user_id, l.rank, round(l.score::numeric, 4) AS score, round(m.n_ratings / 40.0, 4) AS share
  FROM event_lists l JOIN events m USING (item_id) WHERE user_id IN (41, 42) ORDER BY 1, 2;

-- ratings that training would refuse only mark the item as seen; several rows are merged by the usual rule
INSERT INTO ratings VALUES (45, 1, NULL), (45, 2, 'NaN'), (45, 3, 5), (46, 4, 'infinity'), (47, 5, 0), (47, 6, -1), (47, 7, 2),
	(48, 8, 'NaN'), (48, 8, 5), (49, 8, 5), (49, 8, NULL), (50, 9, 1), (50, 9, 5), (50, 10, 2), (50, 9, 3);
CALL rec.recommend_all('stars', 'lists', 20);
CALL rec.recommend_all('events', 'event_lists', 20);
SELECT * FROM differences('stars', 'lists', 20);
SELECT * FROM differences('events', 'event_lists', 20);
SELECT count(*) FROM lists JOIN ratings USING (user_id, item_id);

-- a user whose numbers are too large for a query is left out and counted
INSERT INTO ratings VALUES (51, 1, 3e38), (51, 2, -3e38), (51, 3, 3e38);
SELECT count(*) FROM rec.recommend('stars', 51::bigint);
CALL rec.recommend_all('stars', 'lists', 3);
SELECT count(*) FILTER (WHERE user_id = 51) AS of_51, count(*) FILTER (WHERE user_id = 50) AS of_50 FROM lists;
DELETE FROM ratings WHERE user_id = 51;
SELECT * FROM differences('stars', 'lists', 3);

-- the latest by time
CREATE TABLE timed (user_id int, item_id int, rating numeric, at timestamptz);
INSERT INTO timed SELECT u, i, 1 + (u * i) % 5, now() + make_interval(secs => (u * i * t) % 7)
  FROM generate_series(1, 12) u, generate_series(1, 8) i, generate_series(1, 3) t WHERE (u + i) % 3 > 0;
CREATE INDEX ON timed (user_id);
SELECT rec.create_model('latest', 'timed', options => '{"factors": 2, "iterations": 3}', time_column => 'at');
CALL rec.train('latest');
INSERT INTO timed VALUES (1, 1, 5, 'infinity'), (1, 2, 'NaN', 'infinity'), (2, 2, 5, NULL);
CALL rec.recommend_all('latest', 'timed_lists');
SELECT * FROM differences('latest', 'timed_lists');

-- ---- lists of some users

-- CALL takes no subquery, but accepts a function
CREATE FUNCTION users_of(what text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	users text[];
BEGIN
	EXECUTE format('SELECT array_agg(DISTINCT user_id::text) FROM %s', what) INTO users;
	RETURN users;
END $$;
-- rows of other users stay, rows of these users are replaced, also of a user without a row in the source
CREATE TABLE few (LIKE lists, note text DEFAULT 'new');
INSERT INTO few (user_id, rank, item_id, score, personal) VALUES (1, 1, 1, 0, false), (1, 9, 2, 0, false), (2, 1, 3, 0, false);
UPDATE few SET note = 'old';
CALL rec.recommend_all('stars', 'few', 2, users => '{1, NULL, 9999, 1}');
SELECT s.user_id, s.rank, s.note, (s.item_id, s.score, s.personal) IS NOT DISTINCT FROM (r.item_id, r.score, r.personal) AS same
  FROM few s LEFT JOIN LATERAL rec.recommend('stars', s.user_id, 2) r ON r.rank = s.rank ORDER BY 1, 2;
CALL rec.recommend_all('stars', 'few', 2, users => '{}');
SELECT count(*) FROM few;
CALL rec.recommend_all('stars', 'few', 2, users => users_of('ratings WHERE user_id < 40'));
SELECT count(*), count(*) FILTER (WHERE note = 'old') AS old FROM few;
DROP TABLE few;
-- a new table; more items than asked for, fewer users than there are
CALL rec.recommend_all('events', 'few', 3, false, candidates => '{1, 2}', users => ARRAY[3]);
SELECT user_id, rank FROM few ORDER BY 1, 2;
DROP TABLE few;
CALL rec.recommend_all('stars', 'few', users => 3); \echo :SQLSTATE
CALL rec.recommend_all('stars', 'few', users => '{x}'); \echo :SQLSTATE
CALL rec.recommend_all('stars', 'few', exclude_seen => NULL); \echo :SQLSTATE
-- arguments for later versions are refused by name
CALL rec.recommend_all('stars', 'few', diversity => 0.3); \echo :SQLSTATE
CALL rec.recommend_all('stars', 'few', max_per => '{"genre": 2}');
CALL rec.recommend_all('stars', 'few', calibrate => 'genre');

-- ---- ids of any type

CREATE DOMAIN sku AS varchar(8) CHECK (VALUE LIKE 'S%');
CREATE TYPE colour AS ENUM ('red', 'green', 'blue', 'black', 'white');
CREATE TABLE by_uuid AS SELECT md5(user_id::text)::uuid AS user_id, 'item ' || item_id AS item_id, rating FROM ratings WHERE user_id < 20 AND item_id <= 20;
CREATE TABLE by_text AS SELECT ('u' || user_id) COLLATE "C" AS user_id, md5(item_id::text)::uuid AS item_id, rating FROM ratings WHERE user_id < 20
    AND item_id <= 20;
CREATE TABLE by_domain AS SELECT ('S' || user_id)::sku AS user_id, item_id::smallint AS item_id, rating FROM ratings WHERE user_id < 20 AND item_id <= 20;
CREATE TABLE by_enum AS SELECT user_id::int::varchar(3) AS user_id, (enum_range(NULL::colour))[item_id] AS item_id, rating FROM ratings WHERE user_id < 20
    AND item_id <= 5;
DO $$
DECLARE
	kind text;
BEGIN
	SET LOCAL client_min_messages = warning;
	FOREACH kind IN ARRAY '{uuid, text, domain, enum}'::text[] LOOP
		PERFORM rec.create_model(kind || '_model', ('by_' || kind)::regclass, options => '{"factors": 3, "iterations": 3}');
	END LOOP;
END $$;
CALL rec.train('uuid_model');
CALL rec.train('text_model');
CALL rec.train('domain_model');
CALL rec.train('enum_model');
CALL rec.recommend_all('uuid_model', 'uuid_lists', 4);
CALL rec.recommend_all('text_model', 'text_lists', 4);
CALL rec.recommend_all('domain_model', 'domain_lists', 4);
CALL rec.recommend_all('enum_model', 'enum_lists', 4);
SELECT * FROM differences('uuid_model', 'uuid_lists', 4);
SELECT * FROM differences('text_model', 'text_lists', 4);
SELECT * FROM differences('domain_model', 'domain_lists', 4);
SELECT * FROM differences('enum_model', 'enum_lists', 4);
-- the same for some users, whose lists are restored
CREATE TABLE lists_before AS SELECT 'uuid' AS kind, (l.*)::text AS row FROM uuid_lists l UNION ALL SELECT 'text', (l.*)::text FROM text_lists l
    UNION ALL SELECT 'domain', (l.*)::text FROM domain_lists l UNION ALL SELECT 'enum', (l.*)::text FROM enum_lists l;
DELETE FROM uuid_lists WHERE rank = 2;
DELETE FROM text_lists WHERE rank = 2;
DELETE FROM domain_lists WHERE rank = 2;
DELETE FROM enum_lists WHERE rank = 2;
CALL rec.recommend_all('uuid_model', 'uuid_lists', 4, users => users_of('by_uuid'));
CALL rec.recommend_all('text_model', 'text_lists', 4, users => users_of('by_text'));
CALL rec.recommend_all('domain_model', 'domain_lists', 4, users => users_of('by_domain'));
CALL rec.recommend_all('enum_model', 'enum_lists', 4, users => users_of('by_enum'));
CREATE TABLE lists_after AS SELECT 'uuid' AS kind, (l.*)::text AS row FROM uuid_lists l UNION ALL SELECT 'text', (l.*)::text FROM text_lists l
    UNION ALL SELECT 'domain', (l.*)::text FROM domain_lists l UNION ALL SELECT 'enum', (l.*)::text FROM enum_lists l;
SELECT count(*) AS rows, (SELECT count(*) FROM ((TABLE lists_before EXCEPT TABLE lists_after) UNION ALL
    (TABLE lists_after EXCEPT TABLE lists_before)) d) AS different FROM lists_after;
SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), NULLIF(attcollation, 100)::regcollation AS collation FROM pg_attribute
 WHERE attrelid IN ('uuid_lists'::regclass, 'text_lists'::regclass, 'domain_lists'::regclass, 'enum_lists'::regclass) AND attname LIKE '%\_id'
     ORDER BY attrelid::regclass::text, attnum;

-- ---- an empty source: no users, so no rows

CREATE TABLE soon_empty AS SELECT * FROM timed;
CREATE INDEX ON soon_empty (user_id);
SELECT rec.create_model('of_nobody', 'soon_empty', options => '{"factors": 2, "iterations": 3}');
DELETE FROM soon_empty WHERE rating = 'NaN';
CALL rec.train('of_nobody');
CALL rec.recommend_all('of_nobody', 'nobody');
SELECT count(*) > 0 AS some FROM nobody;
TRUNCATE soon_empty;
CALL rec.recommend_all('of_nobody', 'nobody');
SELECT count(*) FROM nobody;
CALL rec.recommend_all('of_nobody', 'nobody_new');
SELECT count(*) FROM nobody_new;
-- users with only items that the model does not know
INSERT INTO soon_empty SELECT u, 1000, 3 FROM generate_series(1, 5) u;
CALL rec.recommend_all('of_nobody', 'nobody', 2);
SELECT * FROM differences('of_nobody', 'nobody', 2);

-- ---- the target table

-- names as SQL reads them
CREATE SCHEMA "Other Schema";
CALL rec.recommend_all('latest', '"Other Schema"."Everybody''s ""List"""', 2);
SELECT * FROM differences('latest', '"Other Schema"."Everybody''s ""List"""', 2);
CALL rec.recommend_all('latest', 'Folded_TO_lower', 2);
SELECT count(*) FROM folded_to_lower;
CALL rec.recommend_all('latest', 'no_such_schema.lists');
CALL rec.recommend_all('latest', 'a.b.c.d');
CALL rec.recommend_all('latest', 'not a name');
CALL rec.recommend_all('latest', '');
-- a temporary table is the session's own
CALL rec.recommend_all('latest', 'pg_temp.mine', 2);
SELECT * FROM differences('latest', 'pg_temp.mine', 2);
CALL rec.recommend_all('latest', 'pg_temp.mine', 1);
SELECT * FROM differences('latest', 'pg_temp.mine', 1);

-- an existing table: columns in any order, defaults for other columns; indexes and constraints hold
CREATE TABLE own (
	score real,
	note text DEFAULT 'list ' || 1,
	item_id int,
	id int GENERATED ALWAYS AS IDENTITY,
	dropped int,
	percent numeric GENERATED ALWAYS AS (round(score::numeric * 20)) STORED,
	rank int CHECK (rank > 0),
	nothing text,
	user_id int,
	UNIQUE (user_id, item_id)
);
ALTER TABLE own DROP dropped;
CREATE INDEX ON own (percent) WHERE rank = 1;
INSERT INTO own (user_id, rank, item_id, score) VALUES (-1, 1, 1, 1);
CALL rec.recommend_all('latest', 'own', 2);
SELECT * FROM differences('latest', 'own', 2);
SELECT count(*), count(DISTINCT id), min(note), max(note), count(nothing), count(*) FILTER (WHERE percent = round(score::numeric * 20)) AS percents FROM own;
SET enable_seqscan = off;
SELECT count(*) FROM own WHERE user_id = 1 AND item_id > 0;
RESET enable_seqscan;
CALL rec.recommend_all('latest', 'own', 2);
SELECT * FROM differences('latest', 'own', 2);
-- after a violation of a constraint the table is unchanged
ALTER TABLE own ADD CHECK (rank < 3) NOT VALID;
CALL rec.recommend_all('latest', 'own', 3);
SELECT * FROM differences('latest', 'own', 2);
CREATE TABLE only_one (user_id int UNIQUE, rank int, item_id int, score real);
CALL rec.recommend_all('latest', 'only_one', 1);
CALL rec.recommend_all('latest', 'only_one', 2);
SELECT * FROM differences('latest', 'only_one', 1);

-- all other rows are deleted; rows with the same user and rank are updated if they differ, and not touched if they are equal
CREATE TABLE messy (user_id int, rank int, item_id int, score real);
INSERT INTO messy VALUES (1, 1, 1, 1), (1, 1, 2, 2), (NULL, 1, 1, 1), (1, NULL, 1, 1), (-5, 1, 1, 1), (1, 99, 1, 1), (1, 0, 1, 1), (1, -1, 1, 1),
	(2, 1, NULL, 1), (2, 2, 1, NULL);
CALL rec.recommend_all('latest', 'messy', 2);
SELECT * FROM differences('latest', 'messy', 2);
ALTER TABLE messy ADD PRIMARY KEY (user_id, rank);
CREATE TABLE before AS SELECT ctid AS place, * FROM messy;
UPDATE messy SET score = 0, item_id = -1 WHERE user_id = 3;
DELETE FROM messy WHERE user_id = 4 AND rank = 1;
CALL rec.recommend_all('latest', 'messy', 2);
SELECT * FROM differences('latest', 'messy', 2);
SELECT user_id, rank FROM (SELECT ctid AS place, * FROM messy EXCEPT TABLE before) moved ORDER BY 1, 2;
-- shorter lists, and longer ones again
CALL rec.recommend_all('latest', 'messy', 1);
SELECT * FROM differences('latest', 'messy', 1);
CALL rec.recommend_all('latest', 'messy', 3);
SELECT * FROM differences('latest', 'messy', 3);
-- constraints that rows of the old and new lists together would violate
CREATE TABLE strict (LIKE messy);
CREATE UNIQUE INDEX ON strict (user_id, item_id);
CREATE UNIQUE INDEX ON strict ((user_id * 100 + item_id));
CREATE UNIQUE INDEX ON strict (user_id) WHERE item_id = 1;
CALL rec.recommend_all('latest', 'strict', 3);
UPDATE strict SET rank = 10 - rank, item_id = 100 + item_id;
UPDATE strict SET rank = rank - 6, item_id = item_id - 100;
CALL rec.recommend_all('latest', 'strict', 3);
SELECT * FROM differences('latest', 'strict', 3);
-- ids passed by reference
CALL rec.recommend_all('uuid_model', 'uuid_lists', 5);
CALL rec.recommend_all('uuid_model', 'uuid_lists', 5);
SELECT * FROM differences('uuid_model', 'uuid_lists', 5);

-- tables of another shape
CREATE TABLE wrong (user_id int, rank int, item_id int);
CALL rec.recommend_all('latest', 'wrong');
ALTER TABLE wrong ADD score float8;
CALL rec.recommend_all('latest', 'wrong');
ALTER TABLE wrong ALTER score TYPE real, ADD more int NOT NULL;
CALL rec.recommend_all('latest', 'wrong');
CREATE DOMAIN never_null AS int CHECK (VALUE IS NOT NULL);
ALTER TABLE wrong DROP more, ADD more never_null DEFAULT 1;
CALL rec.recommend_all('latest', 'wrong', 1);
ALTER TABLE wrong ALTER more DROP DEFAULT;
CALL rec.recommend_all('latest', 'wrong');
ALTER TABLE wrong DROP more, DROP rank, ADD rank int GENERATED ALWAYS AS (1) STORED;
CALL rec.recommend_all('latest', 'wrong');
CALL rec.recommend_all('uuid_model', 'own');
CREATE TABLE short (user_id varchar(2), rank int, item_id colour, score real);
CALL rec.recommend_all('enum_model', 'short');

-- relations other than ordinary tables
CREATE TABLE template (user_id int, rank int, item_id int, score real);
CREATE VIEW a_view AS TABLE template;
CREATE MATERIALIZED VIEW a_matview AS TABLE template;
CREATE TABLE partitioned (LIKE template, PRIMARY KEY (user_id, rank)) PARTITION BY LIST (rank);
CREATE TABLE partition PARTITION OF partitioned DEFAULT;
CREATE TABLE parent (LIKE template);
CREATE TABLE child () INHERITS (parent);
CREATE SEQUENCE a_sequence;
CALL rec.recommend_all('latest', 'a_view');
CALL rec.recommend_all('latest', 'a_matview');
CALL rec.recommend_all('latest', 'partition');
CALL rec.recommend_all('latest', 'parent');
CALL rec.recommend_all('latest', 'a_sequence');
CALL rec.recommend_all('latest', 'latest');
CALL rec.recommend_all('latest', 'events');
CALL rec.recommend_all('latest', 'latest_users');
CALL rec.recommend_all('latest', 'timed');
CALL rec.recommend_all('latest', 'pg_catalog.pg_class');
SELECT count(*) FROM timed;
-- objects that prevent replacing the rows
CREATE TABLE ruled (LIKE template);
CREATE RULE r AS ON INSERT TO ruled DO NOTHING;
CALL rec.recommend_all('latest', 'ruled');

-- ---- by INSERT and DELETE, for tables with objects that writing below the executor would bypass

CREATE TABLE first_rank PARTITION OF partitioned FOR VALUES IN (1);
CALL rec.recommend_all('latest', 'partitioned', 2);
CALL rec.recommend_all('latest', 'partitioned', 3);
SELECT * FROM differences('latest', 'partitioned', 3);
SELECT count(*) = count(DISTINCT user_id) AS one_each, max(rank) FROM first_rank;
-- this trigger lets only the first row of each list through; deleted rows are counted
CREATE TABLE triggered (LIKE template);
CREATE TABLE deleted (rows int);
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		RETURN CASE WHEN NEW.rank = 1 THEN NEW END;
	END IF;
	INSERT INTO deleted SELECT count(*) FROM gone;
	RETURN NULL;
END $$;
CREATE TRIGGER fire BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION fire();
CREATE TRIGGER count AFTER DELETE ON triggered REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION fire();
CALL rec.recommend_all('latest', 'triggered', 3);
CALL rec.recommend_all('latest', 'triggered', 3);
SELECT * FROM differences('latest', 'triggered', 1);
SELECT rows, rows = (SELECT count(*) FROM triggered) AS all_of_them FROM deleted ORDER BY rows;
-- after a violation of a foreign key the rows are unchanged, and other columns get their defaults
CREATE TABLE known AS SELECT item_id AS id FROM latest;
ALTER TABLE known ADD PRIMARY KEY (id);
CREATE TABLE linked (note text DEFAULT 'new', LIKE template, FOREIGN KEY (item_id) REFERENCES known);
CALL rec.recommend_all('latest', 'linked', 1);
SELECT count(*) = count(note) AS noted FROM linked;
ALTER TABLE linked DROP note;
SELECT * FROM differences('latest', 'linked', 1);
CREATE TABLE as_before AS TABLE linked;
DELETE FROM known WHERE id NOT IN (SELECT item_id FROM linked);
\set VERBOSITY sqlstate
CALL rec.recommend_all('latest', 'linked', 3);
\set VERBOSITY default
SELECT count(*) FROM (TABLE as_before EXCEPT TABLE linked UNION ALL (TABLE linked EXCEPT TABLE as_before)) d;
-- 6,000 users with one item each, of 12: eleven rows for each, more than the 65,536 rows that one statement inserts
CREATE TABLE clicks AS SELECT u AS user_id, u % 12 AS item_id FROM generate_series(1, 6000) u;
CREATE INDEX ON clicks (user_id);
SELECT rec.create_model('most', 'clicks', 'popular');
CALL rec.train('most');
DROP TRIGGER fire ON triggered;
CALL rec.recommend_all('most', 'triggered', 11);
CALL rec.recommend_all('most', 'many', 11);
SELECT (SELECT count(*) FROM triggered) AS rows, count(*) AS differences
  FROM (TABLE triggered EXCEPT ALL SELECT user_id, rank, item_id, score FROM many UNION ALL
        (SELECT user_id, rank, item_id, score FROM many EXCEPT ALL TABLE triggered)) d;

-- ---- in a transaction block

BEGIN;
CALL rec.recommend_all('latest', 'own', 1);
SELECT * FROM differences('latest', 'own', 1);
CALL rec.recommend_all('latest', 'in_block', 1);
CALL rec.recommend_all('latest', 'in_block', 2);
SELECT * FROM differences('latest', 'in_block', 2);
ROLLBACK;
SELECT * FROM differences('latest', 'own', 2);
SELECT to_regclass('in_block');
BEGIN ISOLATION LEVEL SERIALIZABLE;
CALL rec.recommend_all('latest', 'own', 1);
CALL rec.recommend_all('latest', 'own', 2);
COMMIT;
SELECT * FROM differences('latest', 'own', 2);
DO $$ BEGIN CALL rec.recommend_all('latest', 'own', 1); ROLLBACK; CALL rec.recommend_all('latest', 'own', 2); END $$;
SELECT * FROM differences('latest', 'own', 2);
CREATE FUNCTION as_function() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL rec.recommend_all('latest', 'recommend_all.own', 1); END $$;
SELECT as_function();
SELECT * FROM differences('latest', 'own', 1);
BEGIN READ ONLY;
CALL rec.recommend_all('latest', 'own', 1);
ROLLBACK;

-- ---- arguments

CALL rec.recommend_all(NULL, 'own');
CALL rec.recommend_all('latest', NULL);
CALL rec.recommend_all('latest', 'own', NULL);
CALL rec.recommend_all('latest', 'own', 0);
CALL rec.recommend_all('latest', 'own', -1);
CALL rec.recommend_all('no_such_model', 'own');
CALL rec.recommend_all('timed', 'own');
SET rec.max_memory = 1;
\set VERBOSITY sqlstate
CALL rec.recommend_all('latest', 'own', 1);
\set VERBOSITY default
RESET rec.max_memory;
SELECT count(*) FROM rec.training_progress;

-- ---- privileges

SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_rec_owner, regress_rec_caller;
RESET client_min_messages;
CREATE ROLE regress_rec_owner;
CREATE ROLE regress_rec_caller;
GRANT ALL ON SCHEMA recommend_all TO regress_rec_owner;
GRANT USAGE ON SCHEMA recommend_all TO regress_rec_caller;
CREATE TABLE shop_lists (LIKE template);
INSERT INTO shop_lists VALUES (0, 1, 0, 0);
SET ROLE regress_rec_owner;
CREATE TABLE shop (user_id int, item_id int, rating real, tenant text, secret text, PRIMARY KEY (user_id, item_id));
INSERT INTO shop SELECT u, i, 1 + (u * i) % 5, CASE WHEN u <= 6 THEN 'a' ELSE 'b' END FROM generate_series(1, 10) u, generate_series(1, 8) i
    WHERE (u + 3 * i) % 4 > 0;
SELECT rec.create_model('shop_model', 'shop', options => '{"factors": 2, "iterations": 3}');
CALL rec.train('shop_model');
CALL rec.recommend_all('shop_model', 'shop_lists');
CALL rec.recommend_all('shop_model', 'owned', 2);
SELECT relowner::regrole FROM pg_class WHERE oid = 'owned'::regclass;
RESET ROLE;
-- on the model, the source's columns, the table, or the schema of a new table
SET ROLE regress_rec_caller;
CALL rec.recommend_all('shop_model', 'shop_lists', 2);
RESET ROLE;
GRANT SELECT ON shop_model TO regress_rec_caller;
GRANT INSERT ON shop_lists TO regress_rec_caller;
SET ROLE regress_rec_caller;
CALL rec.recommend_all('shop_model', 'shop_lists', 2);
RESET ROLE;
GRANT DELETE ON shop_lists TO regress_rec_caller;
SET ROLE regress_rec_caller;
CALL rec.recommend_all('shop_model', 'shop_lists', 2);
RESET ROLE;
GRANT SELECT (user_id, item_id, rating) ON shop TO regress_rec_caller;
SET ROLE regress_rec_caller;
CALL rec.recommend_all('shop_model', 'new_lists', 2);
CALL rec.recommend_all('shop_model', 'shop_lists', 2);
RESET ROLE;
SELECT * FROM differences('shop_model', 'shop_lists', 2);
-- row security of the source applies: the lists are of the rows that the caller sees
ALTER TABLE shop ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON shop FOR SELECT TO regress_rec_caller USING (tenant = 'a');
SET ROLE regress_rec_caller;
CALL rec.recommend_all('shop_model', 'shop_lists', 2);
RESET ROLE;
SELECT min(user_id), max(user_id), count(DISTINCT user_id) FROM shop_lists;
-- a table with row security as the target is refused
ALTER TABLE shop_lists ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON shop_lists USING (true);
SET ROLE regress_rec_caller;
CALL rec.recommend_all('shop_model', 'shop_lists', 1);
RESET ROLE;
SELECT max(rank) FROM shop_lists;

-- ---- what weighs 0 is no event, nor in a sequence: b comes after a, and d after c; user 7 has a, and c with a weight of 0

CREATE TABLE steps (user_id int, item_id text, weight int, at int);
INSERT INTO steps SELECT u, i, 1, at FROM generate_series(1, 6) u, LATERAL (VALUES (CASE WHEN u < 4 THEN 'a' ELSE 'c' END, 1),
	(CASE WHEN u < 4 THEN 'b' ELSE 'd' END, 2)) t (i, at);
INSERT INTO steps VALUES (7, 'a', 1, 1), (7, 'c', 0, 2);
SET client_min_messages = warning;
SELECT rec.create_model('next_step', 'steps', 'markov', '{"feedback": "implicit"}', rating_column => 'weight', time_column => 'at');
CALL rec.train('next_step');
CALL rec.recommend_all('next_step', 'step_lists', 1);
SELECT l.item_id AS of_all, r.item_id AS of_one, f.item_id AS of_session
  FROM step_lists l, rec.recommend('next_step', '7', 1) r, rec.recommend_for('next_step', '{a,c}'::text[], '{1,0}', 1) f WHERE l.user_id = 7;

DROP SCHEMA recommend_all, "Other Schema" CASCADE;
DROP ROLE regress_rec_owner, regress_rec_caller;
