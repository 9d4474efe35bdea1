-- Ids of every type that can be hashed and sorted, for users and items, of the same type and of different types.

CREATE SCHEMA id_types;
SET search_path = id_types;
\set SHOW_CONTEXT never

-- 12 users and 10 items, each with a number from which the ids of all types are made, in the same order
CREATE TABLE numbers (u int, i int, rating int);
INSERT INTO numbers SELECT u, i, 1 + ('x' || left(md5(u || 'r' || i), 7))::bit(28)::int % 5 FROM generate_series(1, 12) u, generate_series(1, 10) i
    WHERE (u + 2 * i) % 4 > 0;
CREATE INDEX ON numbers (u);
CREATE DOMAIN ticket AS int CHECK (VALUE > 0);
CREATE DOMAIN isbn AS text CHECK (VALUE ~ '^[0-9]{3}$');
CREATE TYPE letter AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l');
CREATE TABLE kinds (type text PRIMARY KEY, make text);	-- how an id of the type is made from the number n
INSERT INTO kinds VALUES
	('smallint', 'n::smallint'), ('integer', 'n'), ('bigint', '(10000000000 + n)::bigint'), ('numeric', 'n / 7.0'), ('numeric(6,2)',
		'(n + 0.25)::numeric(6,2)'),
	('text', 'to_char(n, ''FM000'')'), ('varchar', '(''id '' || to_char(n, ''FM000''))::varchar'), ('varchar(5)', 'to_char(n, ''FM000'')::varchar(5)'),
		('char(4)', 'to_char(n, ''FM000'')::char(4)'),
	('uuid', '(''00000000-0000-4000-8000-0000000000'' || to_char(n, ''FM00''))::uuid'), ('ticket', 'n::ticket'), ('isbn', 'to_char(n, ''FM000'')::isbn'),
	('letter', '(enum_range(NULL::letter))[n]'), ('date', 'date ''2020-02-20'' + n'), ('timestamptz',
		'timestamptz ''2020-02-20 00:00+00'' + n * interval ''1 hour'''),
	('float8', 'n * 1.5::float8'), ('bytea', 'decode(to_char(n, ''FM00''), ''hex'')'), ('inet', '(''10.0.0.'' || n)::inet'), ('boolean', 'n > 6');

-- creates a model with these types of users and items, trains it and asks it: the score of each pair of numbers, the list of
-- each user
CREATE TABLE answers (user_type text, item_type text, u int, i int, score real, rank int);
CREATE FUNCTION try(user_type text, item_type text, opts jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	user_id text := (SELECT make FROM kinds WHERE type = user_type);
	item_id text := (SELECT make FROM kinds WHERE type = item_type);
BEGIN
	EXECUTE format('CREATE TABLE source (user_id %1$s, item_id %2$s, rating int)', user_type, item_type);
	EXECUTE format('INSERT INTO source SELECT (SELECT %s FROM (SELECT u) AS v (n)), (SELECT %s FROM (SELECT i) AS v (n)),
		rating FROM numbers ORDER BY md5(u || '','' || i)', user_id, item_id);
	CREATE INDEX ON source (user_id);
	PERFORM rec.create_model('m', 'source', options => opts);
	CALL rec.train('m');
	EXECUTE format($q$INSERT INTO answers
		SELECT %1$L, %2$L, u.n, i.n, rec.predict('m', u.id, i.id), (SELECT rank FROM rec.recommend('m', u.id::text, n => 100, exclude_seen => false) r
			WHERE r.item_id = rtrim(format('%%s', i.id)))
		  FROM (SELECT n, %3$s AS id FROM generate_series(1, 12) n) AS u, (SELECT n, %4$s AS id FROM generate_series(1, 10) n) AS i$q$, user_type, item_type,
		  	user_id, item_id);
	DROP TABLE m, source;
	RETURN 'ok';
END $$;

-- ---- every type, for users and items

-- ids in the same order start from the same random numbers, so every score is the same to the last bit; there are too few
-- booleans
SELECT type, try(type, type, '{"feedback": "explicit", "factors": 3, "iterations": 5, "regularization": 0.5, "regularization_scaling": 0, "tolerance": 0,
    "seed": 5}') AS explicit FROM kinds WHERE type <> 'boolean' ORDER BY type;
SELECT user_type AS type, count(*) AS pairs, count(*) FILTER (WHERE a.score IS DISTINCT FROM b.score) AS different_scores, count(*)
    FILTER (WHERE a.rank IS DISTINCT FROM b.rank OR a.rank IS NULL) AS different_ranks
  FROM answers a JOIN (SELECT u, i, score, rank FROM answers WHERE user_type = 'integer') AS b USING (u, i) GROUP BY user_type ORDER BY user_type;

-- ---- different types

TRUNCATE answers;
SELECT u.type AS users, i.type AS items, try(u.type, i.type, '{"feedback": "implicit", "factors": 3, "iterations": 5, "regularization": 0.5,
    "regularization_scaling": 0, "alpha": 1, "tolerance": 0, "seed": 5}') AS implicit
  FROM (VALUES ('integer', 'text'), ('uuid', 'bigint'), ('letter', 'ticket'), ('text', 'uuid'), ('bigint', 'smallint'), ('isbn', 'numeric'), ('varchar(5)',
      'letter'), ('smallint', 'bigint'), ('integer', 'integer')) AS v (u, i)
  JOIN kinds u ON u.type = v.u JOIN kinds i ON i.type = v.i ORDER BY 1, 2;
SELECT user_type AS users, item_type AS items, count(*) AS pairs, count(*) FILTER (WHERE a.score IS DISTINCT FROM b.score) AS different_scores, count(*)
    FILTER (WHERE a.rank IS DISTINCT FROM b.rank OR a.rank IS NULL) AS different_ranks
  FROM answers a JOIN (SELECT u, i, score, rank FROM answers WHERE user_type = 'integer' AND item_type = 'integer') AS b USING (u, i) GROUP BY 1, 2
      ORDER BY 1, 2;
-- two users only
SELECT try('boolean', 'boolean', '{"feedback": "explicit", "factors": 2, "iterations": 2, "regularization": 1}') AS booleans;

-- ---- questions in another type than the source's

-- the types of the model's tables are the source's, with their modifiers and collations
CREATE TABLE typed (user_id varchar(8) COLLATE "C", item_id numeric(8, 2), rating real);
CREATE INDEX ON typed (user_id);
INSERT INTO typed SELECT 'u' || u, i + 0.5, rating FROM numbers;
SELECT rec.create_model('typed_model', 'typed', options => '{"factors": 2, "iterations": 2}');
SELECT attrelid::regclass AS "table", attname AS "column", format_type(atttypid, atttypmod) AS type, collname FROM pg_attribute LEFT
    JOIN pg_collation c ON c.oid = attcollation
 WHERE attrelid IN ('typed_model'::regclass, 'typed_model_users'::regclass) AND attname LIKE '%\_id' ORDER BY attname;

CREATE TABLE big (user_id bigint, item_id bigint, rating real);
CREATE INDEX ON big (user_id);
INSERT INTO big SELECT u, i, rating FROM numbers;
INSERT INTO big VALUES (1, 5000000000, 5), (2, 5000000000, 4);
SELECT rec.create_model('bigs', 'big', options => '{"feedback": "explicit", "factors": 2, "iterations": 5, "regularization": 0.5, "seed": 1}');
CALL rec.train('bigs');
-- an integer literal: the ids are returned as integers if they fit
SELECT pg_typeof(item_id) AS type, count(*) FROM rec.recommend('bigs', 3, candidates => ARRAY[1, 2, 3], exclude_seen => false) GROUP BY 1;
SELECT * FROM rec.recommend('bigs', 3, n => 100); \echo :SQLSTATE
SELECT count(*) AS fits FROM rec.recommend('bigs', 3::bigint, n => 100) WHERE item_id = 5000000000;
SELECT count(*) AS as_text FROM rec.recommend('bigs', '3', n => 100) WHERE item_id = '5000000000';
SELECT count(*) AS fits FROM rec.recommend('bigs', 3::smallint, n => 100) WHERE item_id = 5000000000;
SELECT * FROM rec.recommend_for('bigs', ARRAY[1, 2], n => 100); \echo :SQLSTATE
SELECT count(*) AS fits FROM rec.recommend_for('bigs', ARRAY[1, 5000000000], n => 100);
SELECT * FROM rec.similar_items('bigs', 1, n => 100); \echo :SQLSTATE
-- no error if the id that does not fit is not in the answer
SELECT count(*) FROM rec.recommend('bigs', 3, n => 100, exclude => ARRAY[5000000000]) r;
-- not an id of this type
SELECT rec.predict('bigs', 1.5, 1); \echo :SQLSTATE
SELECT rec.predict('bigs', 'one', 1); \echo :SQLSTATE
SELECT rec.predict('bigs', 10000000000000000000, 1); \echo :SQLSTATE
SELECT rec.predict('bigs', NULL, 1) IS NULL AS "null", rec.predict('bigs', 1::oid, 1) = rec.predict('bigs', 1, 1) AS oid;

CREATE TABLE by_uuid (user_id uuid, item_id text, rating real);
CREATE INDEX ON by_uuid (user_id);
INSERT INTO by_uuid SELECT ('00000000-0000-4000-8000-0000000000' || to_char(u, 'FM00'))::uuid, 'item ' || i, rating FROM numbers;
SELECT rec.create_model('uuids', 'by_uuid', options => '{"feedback": "explicit", "factors": 2, "iterations": 5, "regularization": 0.5, "seed": 1}');
CALL rec.train('uuids');
-- a literal is text, and so are the items; with a uuid the items would have to be uuids, which they are not
SELECT pg_typeof(item_id) AS type, count(*) FROM rec.recommend('uuids', '00000000-0000-4000-8000-000000000002', n => 100, exclude_seen => false) GROUP BY 1;
SELECT * FROM rec.recommend('uuids', '00000000-0000-4000-8000-000000000002'::uuid); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('uuids', ('00000000-0000-4000-8000-000000000002'::uuid)::text, n => 3) r;
-- upper case is the same uuid
SELECT rec.predict('uuids', upper('00000000-0000-4000-8000-000000000002'), 'item 1') = rec.predict('uuids', '00000000-0000-4000-8000-000000000002'::uuid,
    'item 1') AS same;
SELECT * FROM rec.recommend('uuids', 42); \echo :SQLSTATE
SELECT * FROM rec.recommend('uuids', 'ann'); \echo :SQLSTATE
SELECT * FROM rec.similar_users('uuids', 42); \echo :SQLSTATE

-- a type that cannot hold an id: an error, never another id
CREATE TABLE by_day AS SELECT date '2026-01-01' + u AS user_id, timestamptz '2026-02-01 00:00:00 UTC' + i * interval '1 hour' AS item_id, rating FROM numbers;
CREATE TABLE beyond AS SELECT u::real AS user_id, 9007199254740993 + i AS item_id, rating FROM numbers;
SET timezone = 'UTC';
SELECT rec.create_model('days', 'by_day', options => '{"factors": 2}'), rec.create_model('beyonds', 'beyond', options => '{"factors": 2}');
CALL rec.train('days');
CALL rec.train('beyonds');
SELECT count(*) FROM rec.recommend('days', date '2026-01-03', n => 3); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('days', timestamptz '2026-01-03', n => 3);
SELECT count(*) FROM rec.recommend('days', timestamptz '2026-01-02 10:00', n => 3); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('days', '2026-01-03'::text, n => 3);
SELECT count(*) FROM rec.recommend('beyonds', 2::real, n => 3); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('beyonds', 2::numeric, n => 3, candidates => ARRAY[9007199254740994::numeric]);
SELECT rec.predict('beyonds', 1, 9007199254740994::float8) = rec.predict('beyonds', 1, 9007199254740994) AS same;
-- types that are cast without a function in one direction, and by their text in the other
CREATE TABLE by_oid AS SELECT u::oid AS user_id, i::oid AS item_id, rating FROM numbers;
SELECT rec.create_model('oids', 'by_oid', options => '{"factors": 2}');
CALL rec.train('oids');
SELECT count(*) AS ints, (SELECT count(*) FROM rec.recommend('oids', 2::oid, n => 3)) AS oids, (SELECT count(*) FROM rec.recommend('oids', 2::bigint,
    n => 3)) AS bigints FROM rec.recommend('oids', 2, n => 3);
SELECT rec.predict('oids', 2, 3) = rec.predict('oids', 2::oid, 3::oid) AS same;
RESET timezone;

-- text that is no value of an enum, or is too long; and text that is no value of a domain, and so is unknown
CREATE TABLE by_letter (user_id letter, item_id isbn, rating real);
CREATE INDEX ON by_letter (user_id);
INSERT INTO by_letter SELECT (enum_range(NULL::letter))[u], to_char(i, 'FM000'), rating FROM numbers;
SELECT rec.create_model('letters', 'by_letter', options => '{"feedback": "explicit", "factors": 2, "iterations": 5, "regularization": 0.5, "seed": 1}');
CALL rec.train('letters');
SELECT rec.predict('letters', 'a', '001') = rec.predict('letters', 'a'::letter, '001'::isbn) AS same;
SELECT rec.predict('letters', 'z', '001'); \echo :SQLSTATE
SELECT rec.predict('letters', 'a', 'x'); \echo :SQLSTATE
SELECT rec.predict('letters', 'a', '999') = rec.predict('letters', 'a', '998') AS unknown;
-- candidates that the model does not know are returned too: all of them as text, in the domain only its values
CREATE TABLE by_ticket AS SELECT u::ticket AS user_id, i::ticket AS item_id FROM numbers;
CREATE INDEX ON by_ticket (user_id);
SELECT rec.create_model('tickets', 'by_ticket', 'popular');
CALL rec.train('tickets');
SELECT item_id FROM rec.recommend('tickets', '1', exclude_seen => false, candidates => '{77,-5}') ORDER BY rank;
SELECT item_id, pg_typeof(item_id) FROM rec.recommend('tickets', 1::ticket, exclude_seen => false, candidates => '{77}');
SELECT item_id FROM rec.recommend('tickets', 1::ticket, exclude_seen => false, candidates => '{77,-5}'); \echo :SQLSTATE
CALL rec.train('typed_model');
SELECT rec.predict('typed_model', 'u1', 1.5) = rec.predict('typed_model', 'u1'::text, '1.50') AS same;
-- longer, or with more digits, than the column can hold: unknown, and not truncated to a known id
SELECT rec.predict('typed_model', 'unknown and long', 1.5) = rec.predict('typed_model', 'unknown', 1.5) AS "user", rec.predict('typed_model', 'u1',
    1.501) = rec.predict('typed_model', 'u1', 99) AS item, rec.predict('typed_model', 'u1', 1.501) = rec.predict('typed_model', 'u1', 1.5) AS known;

-- ---- equal values are one id

-- 1.0 and 1.00 are one number, though their text differs; 'a' and 'a  ' one char(4)
CREATE TABLE equal_ids (user_id numeric, item_id char(4), rating real);
CREATE INDEX ON equal_ids (user_id);
INSERT INTO equal_ids VALUES (1.0, 'a', 1), (1.00, 'a  ', 5), (1.000, 'b', 3), (2, 'a', 2);
SELECT rec.create_model('equals', 'equal_ids', options => '{"feedback": "explicit", "factors": 2, "iterations": 5, "regularization": 0.5, "seed": 1}');
CALL rec.train('equals');
SELECT rows, users, items FROM rec.models WHERE model = 'equals'::regclass;
SELECT count(*) FROM rec.recommend('equals', 1.00000, exclude_seen => false) r; \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('equals', '1.00000', exclude_seen => false) r;
-- a char(n) comes back as text without its blanks, as a cast does it, so that it joins
SELECT count(*) FROM rec.recommend('equals', '2', exclude_seen => false) r JOIN (SELECT DISTINCT item_id FROM equal_ids) AS e USING (item_id);
-- minus zero equals zero; infinity and NaN are ordinary numbers
CREATE TABLE float_ids (user_id float8, item_id float8, rating real);
CREATE INDEX ON float_ids (user_id);
INSERT INTO float_ids VALUES (0, 1, 5), ('-0', 2, 1), ('NaN', 1, 4), ('NaN', 'Infinity', 2), (-1, '-Infinity', 3);
SELECT rec.create_model('floats', 'float_ids', options => '{"feedback": "explicit", "factors": 2, "iterations": 5, "regularization": 0.5, "seed": 1}');
CALL rec.train('floats');
SELECT users, items FROM rec.models WHERE model = 'floats'::regclass;
SELECT array_agg(item_id ORDER BY item_id) AS items FROM rec.recommend('floats', 'NaN'::float8);
SELECT array_agg(item_id ORDER BY item_id) AS items FROM rec.recommend('floats', '-0'::float8);
-- Unicode, the empty string, quotes, blanks, a long id (stored out of line), and upper case, which is another id
CREATE TABLE texts (user_id text, item_id text, rating real);
CREATE INDEX ON texts (md5(user_id));
INSERT INTO texts VALUES ('', 'é', 5), ('', E'e\u0301', 1), ('Ж', 'é', 4), ('ж', '日本 🎬', 3), ('it''s', '"{}",\', 2), (' x ', 'x', 5), ('x', 'x', 2), ('x',
    'é', 1);
INSERT INTO texts SELECT string_agg(md5(n::text), ''), 'x', 4 FROM generate_series(1, 75) n;
SELECT rec.create_model('text_model', 'texts', options => '{"feedback": "explicit", "factors": 2, "iterations": 5, "regularization": 0.5, "seed": 1}');
CALL rec.train('text_model');
SELECT users, items FROM rec.models WHERE model = 'text_model'::regclass;
SELECT user_id, array_agg(r.item_id ORDER BY r.item_id COLLATE "C") AS items FROM (SELECT DISTINCT user_id FROM texts WHERE length(user_id) < 10) AS u,
    LATERAL rec.recommend('text_model', u.user_id) r GROUP BY user_id ORDER BY user_id COLLATE "C";
SELECT length(user_id) AS length, count(*) FROM (SELECT user_id FROM texts WHERE length(user_id) > 10) AS u, LATERAL rec.recommend('text_model', u.user_id) r
    GROUP BY user_id;
SELECT item_id FROM rec.recommend('text_model', 'x', candidates => ARRAY['"{}",\', '日本 🎬', NULL]) ORDER BY item_id COLLATE "C";
SELECT item_id FROM rec.recommend('text_model', 'x', candidates => '{"日本 🎬"}');

-- ---- errors

-- a type that can't be sorted, or not hashed
CREATE TABLE odd (id int, spot point, doc json, bits xml, tree jsonb, span int4range, several int[]);
CREATE INDEX ON odd (id);
SELECT rec.create_model('o', 'odd', user_column => 'id', item_column => 'spot'); \echo :SQLSTATE
SELECT rec.create_model('o', 'odd', user_column => 'doc', item_column => 'id'); \echo :SQLSTATE
SELECT rec.create_model('o', 'odd', user_column => 'bits', item_column => 'id'); \echo :SQLSTATE
-- other such types are accepted
INSERT INTO odd SELECT n, NULL, NULL, NULL, jsonb_build_object('n', n), int4range(n, n + 2), ARRAY[n, n] FROM generate_series(1, 4) n;
SELECT rec.create_model('o', 'odd', user_column => 'tree', item_column => 'span', options => '{"factors": 2}');
CALL rec.train('o');
SELECT users, items FROM rec.models WHERE model = 'o'::regclass;
SELECT item_id FROM rec.recommend('o', '{"n": 2}', candidates => ARRAY[int4range(1, 3), int4range(2, 4)]);
SELECT rec.create_model('p', 'odd', user_column => 'id', item_column => 'several', options => '{"factors": 2}');
CALL rec.train('p');
SELECT count(*) FROM rec.recommend('p', '1') r;

-- ---- long ids: an index has room for 2,692 bytes (a third of a page of 8 kB, less the header of an entry), compressed or not

CREATE FUNCTION pg_temp.noise(bytes int) RETURNS text LANGUAGE sql AS $$ SELECT left(string_agg(md5(g::text), '' ORDER BY g), bytes) FROM generate_series(1,
    bytes / 32 + 1) g $$;
CREATE TABLE long_items AS SELECT u AS user_id, CASE i WHEN 1 THEN pg_temp.noise(2692) WHEN 2 THEN repeat('x', 100000) ELSE i::text END AS item_id
  FROM generate_series(1, 4) u, generate_series(1, 4) i WHERE u <> i;
CREATE INDEX ON long_items (user_id);
SELECT rec.create_model('of_long_items', 'long_items', options => '{"factors": 1}');
CALL rec.train('of_long_items'); \echo :SQLSTATE
SELECT count(*), max(length(item_id)) FROM rec.recommend('of_long_items', '1'::text);
-- one byte more is refused, and the id is named, before anything is computed; the same for users
UPDATE long_items SET item_id = pg_temp.noise(2693) WHERE item_id = '3';
CALL rec.train('of_long_items'); \echo :SQLSTATE
CREATE TABLE long_users AS SELECT item_id AS user_id, user_id AS item_id FROM long_items;
SET client_min_messages = warning;
SELECT rec.create_model('of_long_users', 'long_users', options => '{"factors": 1}');
CALL rec.train('of_long_users'); \echo :SQLSTATE
-- if users are not stored there is no limit, except for lists in a new table; an existing table of lists needs no index
SELECT rec.create_model('popular_of_long_users', 'long_users', 'popular');
CALL rec.train('popular_of_long_users'); \echo :SQLSTATE
CALL rec.recommend_all('popular_of_long_users', 'lists_of_long_users'); \echo :SQLSTATE
CREATE TABLE own_lists (user_id text, rank int, item_id int, score real);
CALL rec.recommend_all('popular_of_long_users', 'own_lists'); \echo :SQLSTATE
SELECT max(length(user_id)) FROM own_lists;

DROP SCHEMA id_types CASCADE;
