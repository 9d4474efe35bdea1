-- Attributes of items: how columns are encoded, and the algorithm content.
\set VERBOSITY terse
CREATE SCHEMA attributes;
SET search_path = attributes;

-- ---- each encoding on five rows, by hand
CREATE TABLE film (item_id int PRIMARY KEY, year int, kind text, genres text[], words tsvector, place real[]);
INSERT INTO film VALUES
	(1, 1990, 'a', '{x,y}', 'cat:1,2 dog:3', '{3,4}'),
	(2, 1980, 'a', '{x}', 'cat', '{0,2}'),
	(3, 2000, 'b', '{y,z,y,NULL}', 'dog', '{1,0}'),
	(4, 1990, NULL, '{}', NULL, NULL),
	(5, 2010, 'b', NULL, 'bird', '{0,-1}');
CREATE TABLE seen (user_id int, item_id int, rating real, at timestamptz DEFAULT '2026-01-01', PRIMARY KEY (user_id, item_id));
INSERT INTO seen VALUES (1, 1, 5), (1, 2, 3), (2, 3, 4), (3, 1, 1), (3, 3, 5), (4, 4, 2);
SELECT rec.create_model('m', 'seen', 'content', '{"feedback": "implicit", "min_count": 1}', items => 'film');
CALL rec.train('m');
-- year: the mean is 1994; squares 16 + 196 + 36 + 16 + 256 = 520, by five 104: the scale is 1 / 10.19804 = 0.0980581.
-- words: two of the five rows have cat and dog, one has bird: ln 5/2 = 0.916291, ln 5 = 1.609438
SELECT feature, n_rows, number, low, high, mean, round(scale::numeric, 6) AS scale FROM m_features ORDER BY number;
-- All the features of item 1. Its year is (1990 - 1994) / 10.19804 = -0.392232, the only number. Its kind has unit length, as have its genres, which are
-- equally frequent: 0.707107 each. cat weighs 2 x 0.916291 and dog 0.916291: 2 and 1 by the root of 5: 0.894427 and 0.447214. The place is 3/5, 4/5.
-- All squares: 0.153846 + 4; so the year is -0.392232 / 2.038098 = -0.192450, the kind 0.490653, a genre 0.346944, cat 0.438853, dog 0.219427,
-- and the place 0.294392 and 0.392523.
SELECT f.feature, round(w.weight::numeric, 6) AS weight
  FROM m, LATERAL unnest(features, weights) w (number, weight) JOIN m_features f USING (number) WHERE item_id = 1 ORDER BY f.feature COLLATE "C";
-- an item that nobody has rated is one all the same, and where it is alike is recommended
SELECT item_id, n_ratings, cardinality(features) AS n FROM m ORDER BY item_id;
DROP TABLE m;

-- ---- content, by hand: of words alone the vectors are 1: cat 0.894427, dog 0.447214; 2: cat 1; 3: dog 1; 5: bird 1
CREATE VIEW worded AS SELECT item_id, words FROM film;
SELECT rec.create_model('m', 'seen', 'content', '{"min_count": 1}', rating_column => '', items => 'worded');
CALL rec.train('m');
-- user 1 has 1 and 2: 1.894427, 0.447214 in length 1.946496. Item 3 has 0.447214 / 1.946496 = 0.229753; nothing speaks for 4 and 5: popular is 4, once.
SELECT rank, item_id, round(score::numeric, 6) AS score, personal FROM rec.recommend('m', 1) ORDER BY rank;
-- similar are 1 and 2 by 0.894427, 1 and 3 by 0.447214
SELECT item_id, round(similarity::numeric, 6) AS similarity FROM rec.similar_items('m', 1);
-- of the score of 3, all is of 1: 1 x 0.447214 / 1.946496; and all is of its one word
SELECT known_item_id, feature, round(contribution::numeric, 6) AS contribution, round(baseline::numeric, 6) AS baseline FROM rec.explain('m', 1, 3)
 ORDER BY known_item_id;
SELECT round(rec.predict('m', 1, 3)::numeric, 6) AS predicted, rec.predict('m', 1, 5) AS nothing, rec.predict('m', 1, 99) AS unknown;
-- somebody known by the items given alone
SELECT item_id, round(score::numeric, 6) AS score, personal FROM rec.recommend_for('m', ARRAY[5], exclude_seen => false, n => 1);
DROP TABLE m;
-- ratings count by how far they are above the mean of all, 20 / 6: 1 by 1.666667, 2 by -0.333333. cat 1.490712 - 0.333333, dog 0.745356:
-- 1.157379, 0.745356 in length 1.376619; item 3 has 0.541439
SELECT rec.create_model('m', 'seen', 'content', '{"feedback": "explicit", "min_count": 1}', items => 'worded');
CALL rec.train('m');
SELECT item_id, round(score::numeric, 6) AS score FROM rec.recommend('m', 1) WHERE personal;
DROP TABLE m;
-- a half-life of a day: item 2 was two days before 1, and counts a quarter: cat 0.894427 + 0.25, dog 0.447214, in length 1.228704; item 3: 0.363972
CREATE VIEW later AS SELECT user_id, item_id, at + CASE WHEN item_id = 1 THEN interval '2 days' ELSE '0' END AS at FROM seen;
SELECT rec.create_model('m', 'later', 'content', '{"min_count": 1, "half_life": "1 day"}', time_column => 'at', items => 'worded');
CALL rec.train('m');
SELECT item_id, round(score::numeric, 6) AS score FROM rec.recommend('m', 1) WHERE personal;
DROP TABLE m;

-- ---- als: the prior of an item is a linear map of its features, by the normal equations
CREATE TABLE rated AS SELECT u AS user_id, i AS item_id, 1 + (u * i + u + i) % 5 AS rating
  FROM generate_series(1, 8) u, generate_series(1, 4) i WHERE (u + 2 * i) % 3 > 0;
CREATE TABLE shape (item_id int PRIMARY KEY, wide float8, tall float8);
INSERT INTO shape VALUES (1, 1, 4), (2, 2, 1), (3, 3, 9), (4, 6, 2), (5, 4, 7);
SELECT rec.create_model('m', 'rated', 'als', '{"factors": 2, "iterations": 3, "tolerance": 0, "regularization_scaling": 0.5, "attribute_regularization": 0.3}',
	rating_column => 'rating', items => 'shape');
CALL rec.train('m');
-- A is (F'WF + r)^-1 F'WY, where the rows of F are 1 and the encoded numbers, W has the square roots of the numbers of ratings, and r is 0.3 times their mean.
-- So (F'WF + r) A - F'WY is zero; of the three features, and the bias and two factors, all nine numbers.
WITH encoded AS (
  SELECT item_id, n_ratings, feature,
         CASE feature WHEN '(intercept)' THEN 1 WHEN 'wide' THEN (wide - mean) * scale ELSE (tall - mean) * scale END AS f
    FROM shape JOIN m USING (item_id), m_features
), y AS (
  SELECT item_id, sqrt(n_ratings) AS w, v.number, v.y FROM m, LATERAL (VALUES (0, bias), (1, factors[1]), (2, factors[2])) v (number, y) WHERE n_ratings > 0
), a AS (
  SELECT feature, v.number, v.a FROM m_features, LATERAL (VALUES (0, bias), (1, factors[1]), (2, factors[2])) v (number, a)
), r AS (SELECT 0.3 * avg(sqrt(n_ratings)) AS r FROM m WHERE n_ratings > 0)
SELECT count(*) AS numbers, max(abs(off)) < 1e-4 AS zero, max(abs(a)) > 0.01 AS not_all_zero
  FROM (SELECT e.feature, y.number, r.r * a.a + sum(y.w * e.f * (p.prior - y.y)) AS off, a.a
          FROM encoded e JOIN y USING (item_id) CROSS JOIN r JOIN a ON a.feature = e.feature AND a.number = y.number
               JOIN LATERAL (SELECT sum(g.f * b.a) AS prior FROM encoded g JOIN a b ON b.feature = g.feature AND b.number = y.number
                              WHERE g.item_id = e.item_id) p ON true
         GROUP BY e.feature, y.number, r.r, a.a) s;
-- an item that nobody has rated is A f
SELECT m.item_id, max(abs(v.y - p.prior)) < 1e-6 AS mapped
  FROM m, shape s, LATERAL (VALUES (0, m.bias), (1, m.factors[1]), (2, m.factors[2])) v (number, y),
       LATERAL (SELECT sum(CASE feature WHEN '(intercept)' THEN 1 WHEN 'wide' THEN (wide - mean) * scale ELSE (tall - mean) * scale END
                           * CASE v.number WHEN 0 THEN bias ELSE factors[v.number] END) AS prior FROM m_features) p
 WHERE m.item_id = 5 AND s.item_id = 5 GROUP BY 1;
SELECT count(*) AS recommended FROM rec.recommend('m', 1, candidates => ARRAY[5]) WHERE personal;
SELECT count(*) > 0 AS similar FROM rec.similar_items('m', 5) WHERE similarity <> 0;
SELECT count(*) AS "similar to one" FROM rec.similar_items('m', 1) WHERE item_id = 5 AND similarity <> 0;
-- trained again on the same, it stays as it is
CREATE TABLE before AS SELECT * FROM m;
CREATE TABLE features_before AS SELECT * FROM m_features;
CALL rec.train('m');
(TABLE m EXCEPT TABLE before) UNION ALL (TABLE before EXCEPT TABLE m);
SELECT count(*) FROM m_features JOIN features_before b USING (feature) WHERE m_features::text = b::text;
DROP TABLE m, before, features_before;
-- columns of one value, of whatever type, change nothing
CREATE TABLE same AS SELECT *, 'x'::text AS t, 5 AS i, '{a,b}'::text[] AS s, 'word'::tsvector AS w, now() AS d, true AS b, NULL::text AS n FROM shape;
SELECT rec.create_model('m', 'rated', 'als', '{"factors": 2, "min_count": 1}', rating_column => 'rating', items => 'shape');
SELECT rec.create_model('m2', 'rated', 'als', '{"factors": 2, "min_count": 1}', rating_column => 'rating', items => 'same');
CALL rec.train('m');
CALL rec.train('m2');
SELECT count(*), max(abs(m.bias - m2.bias)) < 1e-6 AND max(abs(m.factors[1] - m2.factors[1])) < 1e-6 AS same FROM m JOIN m2 USING (item_id);
SELECT array_agg(feature ORDER BY feature COLLATE "C") AS features FROM m2_features;
DROP TABLE m, m2;

-- ---- types
CREATE TYPE size AS ENUM ('small', 'large');
CREATE DOMAIN cents AS numeric CHECK (VALUE >= 0);
CREATE TABLE maker (id int PRIMARY KEY);
INSERT INTO maker SELECT generate_series(0, 2);
CREATE TABLE thing (
	sku text PRIMARY KEY, b bool, i2 smallint, i8 bigint, f4 real, f8 double precision, n numeric, c cents, d date, ts timestamp, tz timestamptz,
	v interval, t text, vc varchar(3), e size, u uuid, ip inet, made_by int REFERENCES maker, ia int[], ta text[], ea size[], ua uuid[], fa real[],
	da float8[], tv tsvector, j jsonb, bin bytea, m money, r int4range, x xml, p point, rec maker, constant int, "Strange = 'name" text, title text);
INSERT INTO thing SELECT 's' || i, i % 2 = 0, i % 3, i, i, i, i, i, date '2026-01-01' + i, timestamp '2026-01-01' + i * interval '1 s',
	timestamptz '2026-01-01', i * interval '1 day', chr(97 + i % 2), 'v' || i % 2, (ARRAY['small', 'large'])[1 + i % 2]::size,
	lpad((i % 2)::text, 32, '0')::uuid, ('10.0.0.' || i % 2)::inet, i % 3, ARRAY[i % 2, 7], ARRAY['a' || i % 2], ARRAY['small']::size[],
	ARRAY[lpad('1', 32, '0')::uuid], ARRAY[i, 1], ARRAY[i, 1, 2],
	to_tsvector('simple', 'w' || i % 2), '{}', '\x00', 1, '[1,2)', NULL, '(1,2)', ROW(1)::maker, 5, 'odd' || i % 2, 'title ' || i
  FROM generate_series(1, 40) i;
CREATE TABLE bought AS SELECT 'u' || u AS who, 's' || 1 + (u * 7 + k * 3) % 40 AS sku FROM generate_series(1, 20) u, generate_series(1, 3) k;
CREATE INDEX ON bought (who);
\set VERBOSITY default
SELECT rec.create_model('m', 'bought', 'content', user_column => 'who', item_column => 'sku', items => 'thing');
CALL rec.train('m');
\set VERBOSITY terse
SELECT count(*) > 0 AS some FROM rec.recommend('m', 'u1'::text);
SELECT split_part(feature, '=', 1) COLLATE "C" AS "column", count(*) FROM m_features GROUP BY 1 ORDER BY 1;
SELECT feature FROM m_features WHERE feature LIKE '%odd%' ORDER BY 1;
DROP TABLE m;

-- ---- the relation: its key
CREATE VIEW keyless AS SELECT sku AS code, t FROM thing;
SELECT rec.create_model('m', 'bought', 'content', user_column => 'who', item_column => 'sku', items => 'keyless'); \echo :SQLSTATE
SELECT rec.create_model('m', 'seen', 'content', items => 'm_features');
SELECT rec.create_model('m', 'seen', 'content', items => 'film_pkey');
SELECT rec.create_model('m', 'seen', 'content'); \echo :SQLSTATE
SELECT rec.create_model('m', 'seen', 'svd', items => 'film'); \echo :SQLSTATE
-- a primary key of another name will do
CREATE TABLE movie (id bigint PRIMARY KEY, kind text);
INSERT INTO movie SELECT i, chr(97 + i % 3) FROM generate_series(1, 5) i UNION ALL VALUES (5000000000, 'a');
SELECT rec.create_model('m', 'seen', 'content', '{"feedback": "implicit", "min_count": 1}', items => 'movie');
CALL rec.train('m');
SELECT count(*) AS items FROM m;
DROP TABLE m;

-- ---- hostile values
CREATE TABLE bad (item_id int, n float8, place float8[], kind text);
SELECT rec.create_model('m', 'seen', 'content', '{"feedback": "implicit", "min_count": 1}', items => 'bad');
CREATE FUNCTION training() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	CALL rec.train('m');
	RETURN 'trained';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
SET client_min_messages = warning;
SELECT training() AS empty;
SELECT (SELECT count(*) FROM m) AS items, (SELECT count(*) FROM m_features) AS features;
SELECT array_agg(personal) AS personal FROM rec.recommend('m', 1);
CREATE FUNCTION training_with(item_id int, n float8, place float8[], kind text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO bad VALUES (item_id, n, place, kind);
	RETURN training();
END $$;
CREATE FUNCTION tried(item_id int, n float8, place float8[], kind text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	said := training_with(item_id, n, place, kind);
	RAISE EXCEPTION '%', said USING ERRCODE = 'RB000';
EXCEPTION WHEN SQLSTATE 'RB000' THEN
	RETURN SQLERRM;
END $$;
SELECT training_with(1, 1, '{1, 2}', 'a');
SELECT tried(2, 'NaN', '{1, 2}', 'a') AS nan, tried(2, '-Infinity', '{1, 2}', 'a') AS infinity, tried(2, 1, '{1, 2, 3}', 'a') AS longer;
SELECT tried(2, 1, '{1, NULL}', 'a') AS with_null, tried(2, 1, '{NaN, 1}', 'a') AS with_nan, tried(2, 1, '{1e300, 1}', 'a') AS too_large;
SELECT tried(1, 1, '{1, 2}', 'a') AS twice, tried(NULL, 'NaN', '{1}', 'a') AS "null", tried(2, 1e308, '{}', repeat('long', 1000)) AS long;
SELECT tried(2, NULL, NULL, NULL) AS nulls, tried(2, -1e308, '{{1, 2}}', '') AS far, tried(99, 7, '{0, 0}', E'a=b\n"') AS strange;
-- a category each, and a hundred thousand of them
TRUNCATE bad;
INSERT INTO bad SELECT i, NULL, NULL, 'k' || i FROM generate_series(1, 100000) i;
SELECT training() AS many;
SELECT (SELECT count(*) FROM m_features) AS features, (SELECT count(*) FROM m) AS items;
SELECT count(*) FROM rec.recommend('m', 1);
-- embeddings of 768 numbers
TRUNCATE bad;
INSERT INTO bad SELECT i, i, ARRAY(SELECT sin(i * j) FROM generate_series(1, 768) j), 'k' FROM generate_series(1, 50) i;
SELECT training() AS long;
SELECT array_agg(feature ORDER BY number) AS features FROM m_features WHERE number IN (0, 767, 768);
SELECT count(*), bool_and(personal) AS personal FROM rec.recommend('m', 1, n => 3);

-- the other algorithms that learn from attributes, on the same: an empty relation, one row, NULL everywhere, a category each, long embeddings
CREATE FUNCTION trained_on(algorithm text, kind text, feedback text, rows text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	TRUNCATE bad;
	EXECUTE 'INSERT INTO bad ' || rows;
	PERFORM rec.create_model('other_m', 'seen', algorithm, jsonb_build_object('feedback', feedback, 'min_count', 1), rating_column => 'rating',
		time_column => CASE WHEN algorithm IN ('gru', 'lstm', 'caser', 'sasrec') THEN 'at' END, items => 'bad');
	CALL rec.train('other_m');
	SELECT kind || ': ' || count(*) || ' items, ' || (SELECT count(*) FROM other_m_features) || ' features, ' ||
	       (SELECT count(*) FROM rec.recommend('other_m', 1, exclude_seen => false)) || ' recommended' INTO said FROM other_m;
	DROP TABLE other_m;
	RETURN said;
END $$;
SELECT a.name, feedback, trained_on(a.name, kind, feedback, rows)
  FROM (SELECT DISTINCT algorithm AS name FROM rec.algorithms WHERE option = 'min_count') a, unnest('{explicit,implicit}'::text[]) feedback,
       (VALUES (1, 'empty', 'SELECT * FROM bad'), (2, 'one', 'VALUES (2, 1, ''{1,2}''::float8[], ''a'')'),
               (3, 'null', 'SELECT i, NULL, NULL, NULL FROM generate_series(1, 20) i'),
               (4, 'each', 'SELECT i, i, NULL, ''k'' || i FROM generate_series(1, 5000) i'),
               (5, 'long', 'SELECT i, 1e308 * (i % 3 - 1), ARRAY(SELECT sin(i * j) FROM generate_series(1, 768) j), ''k'' FROM generate_series(1, 50) i'))
         r (number, kind, rows)
 WHERE a.name <> 'content' ORDER BY a.name, feedback, number;

-- ---- items that came after the training are read and mapped when they are asked for
CREATE TABLE news AS SELECT i AS item_id, 'k' || i % 4 AS kind, ARRAY['t' || i % 3, 't' || i % 5] AS tags, i % 7 AS size,
	to_tsvector('simple', 'w' || i % 3) AS words, ARRAY[i % 4, 1, i % 3]::real[] AS place FROM generate_series(1, 60) i;
CREATE TABLE reads AS SELECT u AS user_id, i AS item_id, 1 + (u * i) % 5 AS rating,
	timestamp '2026-01-01' + (u * 7 + i * 13) % 50 * interval '1 hour' AS at FROM generate_series(1, 30) u, generate_series(1, 50) i
 WHERE (u * 7 + i * 11) % 6 = 0;
CREATE INDEX ON reads (user_id);
-- each answer about them is the same, whether they were in the relation when the model was trained, or came later
CREATE FUNCTION answers(m regclass) RETURNS TABLE (question text, answer text[]) LANGUAGE plpgsql AS $$
DECLARE
	candidates int[];
BEGIN
	RETURN QUERY VALUES
		('recommend', ARRAY(SELECT format('%s %s %s', item_id, round(score::numeric, 4), personal)
			FROM rec.recommend(m, 1, 100, candidates => ARRAY(SELECT generate_series(45, 65))) ORDER BY rank)),
		('recommend_for', ARRAY(SELECT format('%s %s %s', item_id, round(score::numeric, 4), personal)
			FROM rec.recommend_for(m, ARRAY[3, 7], n => 100, candidates => ARRAY(SELECT generate_series(45, 65))) ORDER BY rank)),
		('predict', ARRAY(SELECT format('%s %s %s', u, i, round(rec.predict(m, u, i)::numeric, 4))
			FROM generate_series(1, 3) u, generate_series(48, 62) i ORDER BY u, i)),
		('similar_items', ARRAY(SELECT format('%s %s %s', i, item_id, round(similarity::numeric, 4))
			FROM generate_series(50, 62) i, rec.similar_items(m, i, n => 100) s WHERE item_id <= 50 ORDER BY i, rank)),
		('explain', ARRAY(SELECT format('%s %s %s %s %s', i, known_item_id, feature, round(contribution::numeric, 3), round(baseline::numeric, 3))
			FROM generate_series(50, 62) i, rec.explain(m, 1, i, n => 100) ORDER BY i, known_item_id, feature COLLATE "C"));
	-- few candidates are scored one by one, and many are searched for
	FOR question, candidates IN VALUES ('recommend_all of few', ARRAY(SELECT generate_series(45, 65))),
			('recommend_all of many', ARRAY(SELECT generate_series(1, 65))) LOOP
		CALL rec.recommend_all(m, 'everybody', 100, candidates => candidates);
		answer := ARRAY(SELECT format('%s %s %s %s', user_id, item_id, round(score::numeric, 4), personal) FROM everybody ORDER BY user_id, rank);
		DROP TABLE everybody;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE TABLE asked AS SELECT 'n_' || algorithm || '_' || feedback AS model, algorithm, feedback
  FROM (SELECT DISTINCT algorithm FROM rec.algorithms WHERE option = 'min_count') a, unnest('{explicit,implicit}'::text[]) feedback;
SELECT count(rec.create_model(model, 'reads', algorithm, jsonb_build_object('feedback', feedback, 'min_count', 2), rating_column => 'rating',
	time_column => CASE WHEN algorithm IN ('gru', 'lstm', 'caser', 'sasrec') THEN 'at' END, items => 'news')) > 0 AS created FROM asked;
DO $$ DECLARE m text; BEGIN FOR m IN SELECT model FROM asked LOOP CALL rec.train(m::regclass); END LOOP; END $$;
CREATE TABLE trained_with AS SELECT model, a.* FROM asked, answers(model::regclass) a;
DO $$
DECLARE
	m text;
BEGIN
	FOR m IN SELECT model FROM asked LOOP
		EXECUTE format('CREATE TABLE kept AS SELECT * FROM %1$s WHERE item_id <= 50; TRUNCATE %1$s; INSERT INTO %1$s TABLE kept', m);
		DROP TABLE kept;
	END LOOP;
END $$;
SELECT model, question, cardinality(a.answer) AS answers, a.answer = b.answer AS same FROM trained_with a JOIN
	(SELECT model, b.* FROM asked, answers(model::regclass) b) b USING (model, question) ORDER BY model, question;
-- the models do not have the items any more
SELECT model FROM asked WHERE EXISTS (SELECT FROM rec.similar_items(model::regclass, 1, n => 100) WHERE item_id > 50);
-- what is asked for as they are now: attributes that have changed count
UPDATE news SET kind = 'k1', tags = '{t1}' WHERE item_id = 51;
SELECT model, bool_or(a.answer <> b.answer) AS changed FROM trained_with a
  JOIN (SELECT model, b.* FROM asked, answers(model::regclass) b) b USING (model, question)
 WHERE question IN ('predict', 'similar_items', 'explain') GROUP BY 1 ORDER BY 1;
-- a column that the model was trained with is missing, is another, or has embeddings of another length
BEGIN;
ALTER TABLE news DROP COLUMN kind;
SELECT rec.predict('n_als_implicit', 1, 51); \echo :SQLSTATE
ROLLBACK;
BEGIN;
ALTER TABLE news ALTER size TYPE text;
SELECT count(*) FROM rec.recommend('n_content_implicit', 1, candidates => ARRAY[51]); \echo :SQLSTATE
ROLLBACK;
UPDATE news SET place = '{1,2,3,4}' WHERE item_id = 51;
SELECT count(*) FROM rec.similar_items('n_als_explicit', 51); \echo :SQLSTATE
UPDATE news SET place = '{1,2}' WHERE item_id = 51;
SELECT count(*) FROM rec.similar_items('n_als_explicit', 51); \echo :SQLSTATE
UPDATE news SET place = '{1,2,NaN}' WHERE item_id = 51;
SELECT count(*) FROM rec.similar_items('n_als_explicit', 51); \echo :SQLSTATE
-- asking for items of the model needs no more than before; for others, SELECT on the relation and on the table of features
CREATE ROLE attributes_asker;
GRANT USAGE ON SCHEMA attributes TO attributes_asker;
GRANT SELECT ON n_als_implicit, reads TO attributes_asker;
SET ROLE attributes_asker;
SELECT count(*) FROM rec.recommend('n_als_implicit', 1, candidates => ARRAY[1, 2, 3]);
SELECT count(*) FROM rec.recommend('n_als_implicit', 1, candidates => ARRAY[1, 52]); \echo :SQLSTATE
SELECT count(*) > 0 AS reasons, count(feature) AS features FROM rec.explain('n_als_implicit', 1, 2);
RESET ROLE;
GRANT SELECT ON n_als_implicit_features TO attributes_asker;
SET ROLE attributes_asker;
SELECT rec.predict('n_als_implicit', 1, 52); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON news TO attributes_asker;
ALTER TABLE news ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON news USING (item_id <> 52);
SET ROLE attributes_asker;
SELECT item_id, personal FROM rec.recommend('n_als_implicit', 1, candidates => ARRAY[52, 53]) ORDER BY rank;
SELECT count(*) > 0 AS reasons, count(feature) > 0 AS features FROM rec.explain('n_als_implicit', 1, 2);
RESET ROLE;
DROP OWNED BY attributes_asker;
DROP ROLE attributes_asker;
-- ids by the thousand that nobody knows
SELECT count(*), count(DISTINCT item_id), bool_or(personal)
  FROM rec.recommend('n_als_implicit', 1, 100000, candidates => ARRAY(SELECT generate_series(1000, 9999)));

-- ---- sources that move: columns come and go between trainings, and the relation may be renamed, swapped and dropped
ALTER TABLE bad DROP COLUMN place;
ALTER TABLE bad ADD COLUMN tag text DEFAULT 'same';
SELECT training() AS altered;
SELECT array_agg(feature) AS features FROM m_features;
ALTER TABLE bad RENAME TO good;
SELECT training() AS renamed;
SELECT item_relation_name FROM rec.model WHERE model = 'm'::regclass;
CREATE TABLE other AS SELECT i AS item_id, i % 2 AS odd FROM generate_series(1, 10) i;
BEGIN;
ALTER TABLE good RENAME TO old;
ALTER TABLE other RENAME TO good;
COMMIT;
SELECT training() AS swapped;
SELECT array_agg(feature) AS features FROM m_features;
DROP TABLE good, old;
SELECT training() AS gone;
SELECT count(*) > 0 AS answers FROM rec.recommend('m', 1);
SELECT rec.alter_model('m', items => 'film');
SELECT version FROM rec.models WHERE model = 'm'::regclass;
SELECT training() AS another;
SELECT count(*) AS features FROM m_features;
SELECT rec.alter_model('m', algorithm => 'svd');
SELECT rec.alter_model('m', items => '-');
SELECT rec.alter_model('m', algorithm => 'svd', items => '-');
SELECT training() AS svd;
SELECT to_regclass('m_features') AS features;
SELECT rec.alter_model('m', algorithm => 'content', items => 'film', options => '{"feedback": "implicit"}');
SELECT training() AS content;
SELECT to_regclass('m_features') AS features;
DROP TABLE m;
SELECT to_regclass('m_features') AS features;

-- ---- privileges: whoever trains reads the relation as the owner, and its row security holds
CREATE ROLE attributes_owner;
GRANT USAGE, CREATE ON SCHEMA attributes TO attributes_owner;
GRANT SELECT ON seen TO attributes_owner;
SET ROLE attributes_owner;
SELECT rec.create_model('m', 'seen', 'content', '{"feedback": "implicit", "min_count": 1}', items => 'film'); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON film TO attributes_owner;
ALTER TABLE film ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON film USING (item_id < 3);
SET ROLE attributes_owner;
SELECT rec.create_model('m', 'seen', 'content', '{"feedback": "implicit", "min_count": 1}', items => 'film');
RESET ROLE;
CALL rec.train('m');
SELECT item_id, cardinality(features) > 0 AS known FROM m ORDER BY 1;
REVOKE SELECT ON film FROM attributes_owner;
CALL rec.train('m'); \echo :SQLSTATE
DROP TABLE m;
DROP OWNED BY attributes_owner;
DROP ROLE attributes_owner;
ALTER TABLE film DISABLE ROW LEVEL SECURITY;

-- ---- evaluation of items that nobody has rated: planted kinds, of which each user likes one
CREATE TABLE kinds AS SELECT i AS item_id, 'k' || i % 5 AS kind, ARRAY['t' || i % 2] AS tags FROM generate_series(1, 100) i;
CREATE TABLE liked AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 50) u, generate_series(1, 100) i WHERE i % 5 = u % 5 AND (u * i) % 3 < 2;
CREATE INDEX ON liked (user_id);
SELECT rec.create_model('m', 'liked', 'content', items => 'kinds');
SELECT metric, round(value::numeric, 4) AS value, baseline, users FROM rec.evaluate('m', 'item', 0.3, k => 5)
 WHERE metric IN ('precision', 'auc', 'unseen_items');
-- in two folds each item is tested once
SELECT sum(value) FILTER (WHERE metric = 'unseen_items') AS unseen, count(*) FILTER (WHERE metric = 'ndcg' AND value > 0.9) AS ndcg
  FROM rec.evaluate('m', 'item', folds => 2, k => 5);
SELECT algorithm, value > 0.9 AS good, error FROM rec.compare('liked', '["content"]', 'ndcg', 'item', items => 'kinds');
SELECT algorithm, value > 0.9 AS good FROM rec.compare('liked', '["content", "item_knn"]', 'hit_rate', 'random', items => 'kinds') ORDER BY 1;
SELECT * FROM rec.compare('liked', '["item_knn"]', 'ndcg', 'item', items => 'kinds'); \echo :SQLSTATE
DROP TABLE m;

-- ---- items that nobody has rated, among themselves and among all, by hand: items are directions, in degrees, and the nearer the more alike. With this seed
-- 5 and 6 are held out.
CREATE TABLE direction AS SELECT i AS item_id, ARRAY[cosd(a), sind(a)]::real[] AS place FROM unnest('{0,10,35,50,20,85}'::int[]) WITH ORDINALITY d (a, i);
CREATE TABLE took AS SELECT u AS user_id, i AS item_id, i > 4 AS cold FROM (VALUES (1, 1), (1, 5), (2, 4), (2, 6), (3, 2), (3, 3)) v (u, i);
CREATE INDEX ON took (user_id);
SELECT rec.create_model('m', 'took', 'content', items => 'direction');
-- User 1 has 0 and took 20; user 2 has 50 and took 85. Among themselves: user 1 has 20, 85, a hit at rank 1; user 2 has 20 (30 away) and 85 (35 away), a hit at
-- rank 2. ndcg (1 + 1/log2(3)) / 2 = 0.8155, map and mrr (1 + 1/2) / 2; the one pair is right for user 1, and wrong for user 2.
-- Among all, except what each has: user 1 has 10, 20, 35, 50, 85: rank 2; user 2 has 35, 20, 85, 10 (40 away), 0: rank 3, beyond the two of the list.
-- ndcg (1/log2(3) + 0) / 2 = 0.3155, map and mrr (1/2 + 0) / 2; three of four pairs are right, and two of four.
SELECT a.metric, round(a.value::numeric, 4) AS among_themselves, round(b.value::numeric, 4) AS among_all, b.baseline, b.users
  FROM rec.evaluate('m', 'item', 0.3, k => 2, seed => 17) a JOIN rec.evaluate('m', 'item', 0.3, k => 2, seed => 17) b ON b.metric = a.metric || '_among_all';
-- among all is how it is with other splits: the same, where a column holds the same rows out
SELECT a.metric, a.value = b.value AND a.low = b.low AND a.high = b.high AS same
  FROM rec.evaluate('m', 'column:cold', k => 2) a JOIN rec.evaluate('m', 'item', 0.3, k => 2, seed => 17) b ON b.metric = a.metric || '_among_all';
SELECT count(*) AS "with other splits" FROM rec.evaluate('m', 'column:cold') WHERE metric LIKE '%among_all';
-- with attributes of both, too
CREATE TABLE taker AS SELECT u AS user_id, u % 2 AS odd, u * u AS square FROM generate_series(1, 4) u;
SELECT rec.create_model('mixed', 'took', 'als', '{"factors": 3}', items => 'direction', users => 'taker');
SELECT count(*) AS metrics, bool_and(a.value = b.value AND a.low = b.low AND a.high = b.high) AS same
  FROM rec.evaluate('mixed', 'column:cold', k => 2) a JOIN rec.evaluate('mixed', 'item', 0.3, k => 2, seed => 17) b ON b.metric = a.metric || '_among_all';
DROP TABLE mixed;
SELECT algorithm, round(value::numeric, 4) AS value, round((metrics->>'ndcg')::numeric, 4) AS among_themselves, verdict
  FROM rec.compare('took', '["content"]', 'ndcg_among_all', 'item', 0.3, k => 2, seed => 17, items => 'direction');
DROP TABLE m;
SELECT rec.create_model('m', 'liked', 'content', items => 'kinds');
SELECT t.rank, t.value > 0 AS value, t.test = e.value AS "as evaluated"
  FROM rec.tune('m', '{"min_count": [1, 5]}', 'ndcg_among_all', split => 'item', test_fraction => 0.3, k => 5) t
       LEFT JOIN rec.evaluate('m', 'item', 0.3, k => 5) e ON t.rank = 1 AND e.metric = 'ndcg_among_all';
DROP SCHEMA attributes CASCADE;
