-- The function that a call is resolved to, for the types of arguments that clients send.

CREATE SCHEMA resolution;
SET search_path = resolution;
\set SHOW_CONTEXT never

CREATE DOMAIN small AS smallint;
CREATE DOMAIN number AS int;
CREATE DOMAIN code AS text;
CREATE TYPE letter AS ENUM ('a', 'b');

-- the declared argument types of the called function, without those of the model, n and later ones; or the SQLSTATE
CREATE FUNCTION resolved(call text, n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	types text;
BEGIN
	EXECUTE 'CREATE VIEW asked AS SELECT count(*) FROM ' || call;
	SELECT string_agg(format_type(t, NULL), ', ' ORDER BY i) INTO types
	  FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_proc'::regclass
	  JOIN pg_proc p ON p.oid = d.refobjid AND p.pronamespace = 'rec'::regnamespace, unnest(proargtypes::oid[]) WITH ORDINALITY AS a (t, i)
	 WHERE r.ev_class = 'asked'::regclass AND i BETWEEN 2 AND n + 1;
	DROP VIEW asked;
	RETURN types;
EXCEPTION WHEN others THEN
	RETURN SQLSTATE;
END $$;

-- ---- an id

SELECT id, resolved(format('rec.recommend(%L, %s)', 'pg_class', id), 1) AS recommend, resolved(format('rec.similar_items(%L, %s)', 'pg_class', id),
    1) AS similar_items,
	resolved(format('rec.similar_users(%L, %s, 5)', 'pg_class', id), 1) AS similar_users
  FROM unnest(ARRAY['''1''', 'NULL', '1::smallint', '1', '1::bigint', '1.0', '1::real', '1::float8', '1::oid', '''1''::text', '''1''::varchar',
      '''1''::varchar(5)', '''1''::name', '''1''::char(3)', '''1''::"char"',
	'md5(''1'')::uuid', '1::small', '1::number', '''1''::code', '''a''::letter', '''2026-01-01''::date', 'true']) WITH ORDINALITY AS k (id, o) ORDER BY o;
-- n and the arguments after it: a small number as n is an int, an untyped n is not taken for a list of candidates
SELECT call, resolved('rec.' || call, 5) FROM unnest(ARRAY['recommend(''pg_class'', 1, 5::smallint)',
    'recommend(''pg_class'', 1::smallint, 5::smallint, true)', 'recommend(''pg_class'', 1::smallint, ''5'')',
    'recommend(''pg_class'', ''1'', ''5'', ''t'', ''{1}'', ''{2}'')',
	'recommend(''pg_class'', 1::smallint, candidates => ARRAY[1], exclude => ''{2}'')']) WITH ORDINALITY AS c (call, o) ORDER BY o;

-- ---- a user and an item

SELECT string_agg(u.id, ' ' ORDER BY u.o) AS user_id, i.id AS item_id, resolved(format('rec.predict(%L, %s, %s)', 'pg_class', u.id, i.id), 2) AS predict,
    resolved(format('rec.explain(%L, %s, %s)', 'pg_class', u.id, i.id), 2) AS explain
  FROM unnest(ARRAY['''1''', 'NULL', '''1''::text', '''1''::varchar', '1::smallint', '1', '1::bigint', 'md5(''1'')::uuid',
      '1::number']) WITH ORDINALITY AS u (id, o),
	unnest(ARRAY['''1''', 'NULL', '''1''::text', '''1''::varchar', '1::smallint', '1', '1::bigint', 'md5(''1'')::uuid',
		'1::number']) WITH ORDINALITY AS i (id, o) GROUP BY i.o, i.id, predict, explain ORDER BY i.o, predict, explain;

-- ---- a profile, with and without ratings; an array of a domain over smallint or text, of name, or of char(n) needs a cast

SELECT ids, resolved(format('rec.recommend_for(%L, %s)', 'pg_class', ids), 2) AS recommend_for, resolved(format('rec.recommend_for(%L, %s, ARRAY[4.5], 5)',
    'pg_class', ids), 2) = resolved(format('rec.recommend_for(%L, %s)', 'pg_class', ids), 2) AS same_with_ratings
  FROM unnest(ARRAY['''{1}''', 'NULL', 'ARRAY[1::smallint]', 'ARRAY[1]', 'ARRAY[1::bigint]', 'ARRAY[1.0]', 'ARRAY[''1'']', 'ARRAY[''1''::varchar]',
      '''{1}''::text', '''{1}''::varchar', 'ARRAY[''1''::name]', 'ARRAY[''1''::char(3)]',
	'''{00000000-0000-4000-8000-000000000001}''::uuid[]', 'ARRAY[1::small]', 'ARRAY[1::small]::smallint[]', 'ARRAY[1::number]', 'ARRAY[''a''::letter]',
		'ARRAY[''1''::code]', 'ARRAY[''1''::code]::text[]', '1']) WITH ORDINALITY AS k (ids, o) ORDER BY o;
SELECT ratings, resolved(format('rec.recommend_for(%L, ARRAY[1], %s)', 'pg_class', ratings), 2) AS recommend_for
  FROM unnest(ARRAY['''{4.5}''', 'NULL', 'ARRAY[4::smallint]', 'ARRAY[4]', 'ARRAY[4::bigint]', 'ARRAY[4.5]', 'ARRAY[4.5::real]', 'ARRAY[4.5::float8]',
      'ARRAY[''4.5''::text]']) WITH ORDINALITY AS k (ratings, o) ORDER BY o;
-- a profile and an item
SELECT string_agg(p.ids, ' ' ORDER BY p.o) AS item_ids, i.id AS item_id, resolved(format('rec.explain_for(%L, %s, %s)', 'pg_class', p.ids, i.id),
    2) AS explain_for
  FROM unnest(ARRAY['''{1}''', 'NULL', '''{1}''::text', 'ARRAY[1::smallint]', 'ARRAY[1]', 'ARRAY[1::number]', 'ARRAY[''1'']',
      'ARRAY[''1''::varchar]']) WITH ORDINALITY AS p (ids, o),
	unnest(ARRAY['''1''', 'NULL', '''1''::text', '1::smallint', '1', '1::bigint', 'md5(''1'')::uuid']) WITH ORDINALITY AS i (id, o)
 GROUP BY i.o, i.id, explain_for ORDER BY i.o, explain_for;

-- ---- vectors

SELECT x, y, resolved(format('rec.cosine(%s, %s)', x, y), 1) AS cosine, resolved(format('rec.cosine(%s, %s)', x, y), 1) IS NOT DISTINCT
    FROM resolved(format('rec.pearson(%s, %s)', x, y), 1) AS same_pearson
  FROM unnest(ARRAY['''{1,2}''', 'ARRAY[1,2]::smallint[]', 'ARRAY[1,2]', 'ARRAY[1,2]::bigint[]', 'ARRAY[1,2]::numeric[]', 'ARRAY[1,2]::real[]',
      'ARRAY[1,2]::float8[]']) WITH ORDINALITY AS x (x, o),
	unnest(ARRAY['''{1,2}''', 'ARRAY[1,2]::smallint[]', 'ARRAY[1,2]', 'ARRAY[1,2]::bigint[]', 'ARRAY[1,2]::numeric[]', 'ARRAY[1,2]::real[]',
		'ARRAY[1,2]::float8[]']) WITH ORDINALITY AS y (y, o) WHERE x.o <= y.o ORDER BY x.o, y.o;
SELECT rec.cosine(ARRAY[3, 4]::smallint[], ARRAY[4, 3]::smallint[]) AS cosine, rec.pearson(ARRAY[1, 2, 4]::smallint[], ARRAY[2, 4,
    8]::smallint[]) AS pearson;	-- 24/25, and twice the one

-- ---- fractions

SELECT fraction, resolved(format('rec.evaluate(%L, %L, %s, relevant_from => %3$s)', 'pg_class', 'time', fraction), 2) AS evaluate,
	resolved(format('rec.tune(%L, %L, test_fraction => %s, relevant_from => %3$s)', 'pg_class', '{}', fraction), 1) AS tune,
		resolved(format('rec.compare(%L, %L, test_fraction => %s, relevant_from => %3$s)', 'pg_class', '[]', fraction), 1) AS compare
  FROM unnest(ARRAY['''1''', 'NULL', '1::smallint', '1', '1::bigint', '0.2', '0.2::real', '0.2::float8', '''0.2''::text']) WITH ORDINALITY AS k (fraction, o)
      ORDER BY o;

-- ---- parameters without a type: the type that the server chooses, or the SQLSTATE

CREATE FUNCTION parameters(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	types text;
BEGIN
	EXECUTE 'PREPARE asked AS ' || statement;
	SELECT parameter_types::text INTO types FROM pg_prepared_statements WHERE name = 'asked';
	DEALLOCATE asked;
	RETURN types;
EXCEPTION WHEN others THEN
	RETURN SQLSTATE;
END $$;
CREATE TABLE items (id int, code text, small smallint);
SELECT call, parameters('SELECT rec.' || call) FROM unnest(ARRAY[
	'recommend($1, $2)', 'recommend($1, $2, $3)', 'recommend($1, $2, n => $3, exclude_seen => $4)', 'recommend(''items'', $1::int, $2)',
		'recommend(''items'', $1::smallint, n => $2)',
	'recommend(''items'', $1, candidates => $2)', 'recommend(''items'', $1, exclude => $2)',
		'recommend(''items'', $1, candidates => $2::int[], exclude => $3::text[])',
	'recommend_for($1, $2)', 'recommend_for(''items'', $1, $2, $3)', 'recommend_for(''items'', $1::int[], ratings => $2)', 'similar_items($1, $2, $3)',
		'similar_users($1, $2, n => $3)',
	'predict($1, $2, $3)', 'predict(''items'', $1, id) FROM items', 'predict(''items'', id, $1) FROM items', 'predict(''items'', $1, code) FROM items',
		'predict(''items'', $1, small) FROM items', 'predict(''items'', $1::int, $2::uuid)',
	'explain($1, $2, $3, $4)', 'explain(''items'', $1, id) FROM items', 'explain(''items'', $1, code) FROM items', 'explain(''items'', $1, small) FROM items',
		'explain(''items'', small, $1) FROM items',
	'explain_for($1, $2, $3, $4, $5)', 'explain_for(''items'', $1::int[], $2)', 'explain_for(''items'', $1, id) FROM items',
		'similar_items(''items'', $1, candidates => $2)', 'similar_items(''items'', $1, exclude => $2::int[])',
	'evaluate($1, $2, $3, k => $4, relevant_from => $5, options => $6)', 'tune($1, $2, test_fraction => $3, budget => $4)',
		'compare($1, $2, test_fraction => $3, user_column => $4)',
	'create_model($1, $2, $3, $4, user_column => $5)', 'report($1)', 'cosine($1, $2)', 'cosine($1::float8[], $2)', 'pearson(ARRAY[1, 2], $1)',
		'precision($1, ARRAY[1], $2)', 'ndcg($1::int[], $2)']) WITH ORDINALITY AS c (call, o) ORDER BY o;

-- ---- the type of the returned ids

CREATE TABLE ratings (user_id int, item_id bigint, rating int);
CREATE INDEX ON ratings (user_id);
INSERT INTO ratings SELECT u, i, 1 + (u * i) % 5 FROM generate_series(1, 8) u, generate_series(1, 6) i WHERE (u + i) % 3 > 0;
INSERT INTO ratings VALUES (1, 5000000000, 5), (2, 5000000000, 4);
SELECT rec.create_model('movies', 'ratings', options => '{"factors": 2, "iterations": 3, "regularization": 0.5, "seed": 1}');
CALL rec.train('movies');
SELECT (SELECT DISTINCT pg_typeof(item_id) FROM rec.recommend('movies', 3::smallint)) AS recommend, (SELECT DISTINCT pg_typeof(item_id)
    FROM rec.recommend_for('movies', ARRAY[1, 2]::smallint[])) AS recommend_for,
	(SELECT DISTINCT pg_typeof(item_id) FROM rec.similar_items('movies', 1::smallint)) AS similar_items, (SELECT DISTINCT pg_typeof(user_id)
		FROM rec.similar_users('movies', 1::smallint)) AS similar_users,
	(SELECT DISTINCT pg_typeof(known_item_id) FROM rec.explain('movies', 1::smallint, 2::smallint)) AS explain, (SELECT DISTINCT pg_typeof(known_item_id)
		FROM rec.explain('movies', '1', 2::smallint)) AS explain_mixed;
SELECT (SELECT DISTINCT pg_typeof(item_id) FROM rec.recommend_for('movies', '{1,2}')) AS literal, (SELECT DISTINCT pg_typeof(item_id)
    FROM rec.recommend_for('movies', '{1,2}'::varchar)) AS "varchar",
	(SELECT DISTINCT pg_typeof(item_id) FROM rec.recommend_for('movies', ARRAY['1', '2']::varchar[])) AS "varchar[]",
		(SELECT DISTINCT pg_typeof(known_item_id) FROM rec.explain('movies', '1', '2')) AS explain;
-- the answer does not depend on the type
SELECT count(*) AS answers, count(DISTINCT answer) AS different FROM (
	SELECT array_agg(item_id ORDER BY rank)::text || array_agg(score ORDER BY rank)::text AS answer FROM rec.recommend('movies', 3::smallint)
	UNION ALL SELECT array_agg(item_id ORDER BY rank)::text || array_agg(score ORDER BY rank)::text FROM rec.recommend('movies', 3::bigint)
	UNION ALL SELECT array_agg(item_id ORDER BY rank)::text || array_agg(score ORDER BY rank)::text FROM rec.recommend('movies', '3')) AS a;
SELECT count(*) AS answers, count(DISTINCT answer) AS different FROM (
	SELECT array_agg(item_id ORDER BY rank)::text || array_agg(score ORDER BY rank)::text AS answer FROM rec.recommend_for('movies', ARRAY[1, 2]::smallint[],
		ARRAY[4, 2]::smallint[])
	UNION ALL SELECT array_agg(item_id ORDER BY rank)::text || array_agg(score ORDER BY rank)::text FROM rec.recommend_for('movies', ARRAY[1, 2]::bigint[],
		ARRAY[4.0, 2.0]::float8[])
	UNION ALL SELECT array_agg(item_id ORDER BY rank)::text || array_agg(score ORDER BY rank)::text FROM rec.recommend_for('movies', ARRAY['1',
		'2']::varchar[], ARRAY[4, 2]::real[])
	UNION ALL SELECT array_agg(item_id ORDER BY rank)::text || array_agg(score ORDER BY rank)::text FROM rec.recommend_for('movies', '{1,2}', '{4,2}')) AS a;
SELECT count(*) AS reasons, count(DISTINCT reason) AS different FROM (
	SELECT rec.explain('movies', 1::smallint, 2::smallint)::text AS reason UNION ALL SELECT rec.explain('movies', 1, 2::bigint)::text UNION ALL
		SELECT rec.explain('movies', '1', '2')::text) AS r;
SELECT rec.predict('movies', '3', '1') = rec.predict('movies', 3, 1) AND rec.predict('movies', '3', 1::smallint) = rec.predict('movies', 3, 1)
    AND rec.predict('movies', 3::smallint, '1') = rec.predict('movies', 3, 1) AS predict;
SELECT rec.recommend_for('movies', '1,2'); \echo :SQLSTATE
SELECT rec.recommend_for('movies', ''); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend_for('movies', '{}', n => 3);
SELECT rec.recommend_for('movies', '{1,2}', ARRAY[1e300, 1]::float8[]); \echo :SQLSTATE
SELECT rec.recommend_for('movies', '{1,2}', ARRAY['inf', 1]::float8[]); \echo :SQLSTATE
SELECT rec.evaluate('movies', test_fraction => 1e300); \echo :SQLSTATE
SELECT rec.evaluate('movies', 'random', relevant_from => -1e300); \echo :SQLSTATE
SELECT bool_and(a.value IS NOT DISTINCT FROM b.value) AS same FROM rec.evaluate('movies', 'random', 0.3::real, relevant_from => 4::smallint) a
    JOIN rec.evaluate('movies', 'random', 0.3::float8, relevant_from => 4.0::float8) b USING (metric);

-- ---- ids that do not fit: the error names both types, and a call that works

SELECT rec.recommend('movies', 3, n => 100, exclude_seen => false); \echo :SQLSTATE
SELECT rec.recommend_for('movies', ARRAY[1, 2]); \echo :SQLSTATE
SELECT rec.similar_items('movies', 1); \echo :SQLSTATE
SELECT rec.explain('movies', 1, 2); \echo :SQLSTATE
CREATE TABLE "Sold Goods" (user_id uuid, item_id text, rating int);
CREATE INDEX ON "Sold Goods" (user_id);
INSERT INTO "Sold Goods" SELECT ('00000000-0000-4000-8000-00000000000' || user_id)::uuid, 'sku ''' || item_id, rating FROM ratings;
SELECT rec.create_model('goods', '"Sold Goods"', options => '{"factors": 2, "iterations": 3, "regularization": 0.5, "seed": 1}');
ALTER TABLE goods RENAME TO "the goods";
CALL rec.train('"the goods"');
SELECT rec.recommend('"the goods"', '00000000-0000-4000-8000-000000000003'::uuid, candidates => ARRAY['sku ''2'], exclude_seen => false); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('resolution."the goods"', '00000000-0000-4000-8000-000000000003'::text, n => 1);
SELECT pg_typeof(user_id) AS similar_users FROM rec.similar_users('"the goods"', '00000000-0000-4000-8000-000000000003'::uuid, n => 1);
SELECT pg_typeof(item_id) AS similar_items FROM rec.similar_items('"the goods"', 'sku ''1'::varchar, n => 1);
SELECT pg_typeof(known_item_id) AS explain FROM rec.explain('"the goods"', '00000000-0000-4000-8000-000000000001'::uuid, 'sku ''2', n => 1);
CREATE DOMAIN few AS int CHECK (VALUE < 2);
SELECT rec.recommend('movies', 1::few, exclude_seen => false, candidates => ARRAY[2]); \echo :SQLSTATE
-- the user's id is a number while the source has text, and the items are text too
CREATE TABLE visits AS SELECT user_id::text, 'page ' || item_id AS item_id FROM ratings;
CREATE INDEX ON visits (user_id);
SELECT rec.create_model('pages', 'visits', options => '{"factors": 2}');
CALL rec.train('pages');
SELECT rec.recommend('pages', 3, candidates => ARRAY['page 1'], exclude_seen => false); \echo :SQLSTATE
SELECT rec.recommend('pages', 3::smallint, candidates => ARRAY['page 1'], exclude_seen => false); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('resolution.pages', '3'::text, n => 1);
-- a long list is not repeated
DO $$ BEGIN
	PERFORM rec.recommend_for('resolution.movies', array_agg(g)) FROM generate_series(1, 1000) g;
EXCEPTION WHEN others THEN
	DECLARE
		hint text;
	BEGIN
		GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
		RAISE NOTICE '%', hint;
	END;
END $$;

-- ---- ids that no item can have are not candidates, and not part of a profile

CREATE TABLE kinds (type text, o int);
INSERT INTO kinds VALUES ('smallint', 1), ('int', 2), ('bigint', 3), ('numeric(6,2)', 4), ('real', 5), ('float8', 6), ('varchar(5)', 7);
CREATE FUNCTION try(type text, list text) RETURNS text LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('CREATE TABLE source (user_id %1$s, item_id %1$s, rating int)', type);
	EXECUTE format('INSERT INTO source SELECT user_id::%1$s, item_id::%1$s, rating FROM ratings WHERE item_id < 10', type);
	PERFORM rec.create_model('m', 'source', options => '{"factors": 2, "iterations": 2}');
	CALL rec.train('m');
	EXECUTE format('SELECT string_agg(item_id::numeric::int::text, '','' ORDER BY item_id) || '' without '' || (SELECT string_agg(item_id::numeric::int::text,
		'','' ORDER BY item_id) FROM rec.recommend(''m'', ''1'', exclude_seen => false, exclude => %1$s))
		|| '' profile '' || (SELECT count(*) FROM rec.recommend_for(''m'', %1$s))
		FROM rec.recommend(''m'', ''1'', exclude_seen => false, candidates => %1$s) WHERE item_id IN (SELECT i.item_id::text FROM m i)', list) INTO answer;
	DROP TABLE m, source;
	RETURN answer;
EXCEPTION WHEN others THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
-- items 1 to 6: 3 is known, so the list for the profile has the 5 others
SELECT type, list, try(type, list) FROM kinds, unnest(ARRAY['ARRAY[3, 5000000000]', 'ARRAY[3.0, 4.5, 1e30, ''NaN'']',
    'ARRAY[3, 4.5, 1e300, ''NaN'', ''Infinity'']::float8[]', 'ARRAY[3.0, 4.5, 1e30]::real[]', '''{3.00, 1e400, -1e-400}''::numeric[]',
	'''{3,50000000000000000000}''::text', '''{3,x}''', 'ARRAY[true]']) WITH ORDINALITY AS l (list, p) WHERE type <> 'varchar(5)' ORDER BY o, p;
SELECT try('varchar(5)', 'ARRAY[''3'', ''much too long'']') AS "varchar(5)";

SET client_min_messages = warning;
DROP SCHEMA resolution CASCADE;
