-- Lists that are diverse, within caps, calibrated: diversity, max_per, calibrate.

SET client_min_messages = warning;
CREATE SCHEMA diversity;
SET search_path = diversity;
\set SHOW_CONTEXT never

-- ---- 400 users, 300 films of 12 tastes; a film has one to three genres, or none, and a studio

CREATE TABLE film (film_id int PRIMARY KEY, genre text[], studio text, body jsonb, era int);
INSERT INTO film
SELECT i, CASE WHEN i % 11 = 0 THEN NULL WHEN i % 13 = 0 THEN '{}' WHEN i % 7 = 0 THEN ARRAY['g' || i % 12, 'g' || (i * 5) % 12, NULL, 'g' || i % 12]
               ELSE ARRAY['g' || i % 12] END,
       CASE WHEN i % 10 > 0 THEN 'studio ' || i % 6 END, jsonb_build_object('wide', i % 3 = 0), 1950 + i % 5 * 10
  FROM generate_series(1, 300) i WHERE i % 29 > 0;   -- some films are not there
CREATE TABLE seen AS
SELECT u AS user_id, i AS film_id
  FROM generate_series(1, 400) u, generate_series(1, 300) i
 WHERE abs(hashint8extended(u * 1000 + i, 1)) % 100 < CASE WHEN i % 12 = u % 12 THEN 30 WHEN i % 12 = (u + 3) % 12 THEN 12 ELSE 3 END;
SELECT rec.create_model('m', 'seen', item_column => 'film_id', items => 'film', options => '{"factors": 12, "iterations": 8, "seed": 1}');
CALL rec.train('m');

-- Whether a table of lists of at most n keeps the caps, by counting; and whether nothing is left that fits where a list is shorter. A list's groups are the
-- different values of its items.
CREATE MATERIALIZED VIEW value AS
SELECT film_id, 'genre' AS of, g AS value FROM film, unnest(genre) g WHERE g IS NOT NULL
 UNION SELECT film_id, 'studio', studio FROM film WHERE studio IS NOT NULL
 UNION SELECT film_id, 'body', body::text FROM film
 UNION SELECT film_id, 'era', era::text FROM film;
CREATE FUNCTION faults(list regclass, n int, max_per jsonb, OUT broken bigint, OUT incomplete bigint) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format($q$
    WITH list AS (SELECT user_id, item_id FROM %s),
    taken AS (SELECT user_id, of, value, count(*) FROM list JOIN value ON film_id = item_id WHERE $2 ? of GROUP BY 1, 2, 3),
    short AS (SELECT user_id FROM list GROUP BY 1 HAVING count(*) < $1),
    fits AS (SELECT user_id, item_id FROM short CROSS JOIN m EXCEPT SELECT * FROM list EXCEPT SELECT * FROM seen
             EXCEPT SELECT s.user_id, v.film_id FROM short s CROSS JOIN value v WHERE ($2 ->> v.of)::int = 0
             EXCEPT SELECT t.user_id, v.film_id FROM taken t JOIN value v USING (of, value) WHERE t.count >= ($2 ->> t.of)::int)
    SELECT (SELECT count(*) FROM taken WHERE count > ($2 ->> of)::int), (SELECT count(*) FROM fits)$q$, list) INTO broken, incomplete USING n, max_per;
END $$;

-- ---- caps: by hand for one user

SELECT count(*), max(count) <= 2 AS kept FROM (SELECT studio, count(*) FROM rec.recommend('m', 1, 8, max_per => '{"studio": 2}') JOIN film ON film_id = item_id
  WHERE studio IS NOT NULL GROUP BY 1) s;
-- 0: only items without a value, which are those of NULL, of an empty array, and those that are not in the relation
SELECT count(*), bool_or(coalesce(cardinality(genre), 0) > 0) AS any_genre FROM rec.recommend('m', 1, 1000, max_per => '{"genre": 0}') LEFT
  JOIN film ON film_id = item_id;
SELECT count(*) FROM m LEFT JOIN film ON film_id = item_id WHERE coalesce(cardinality(genre), 0) = 0 AND item_id NOT IN (SELECT film_id FROM seen
  WHERE user_id = 1);
-- no cap that binds, and one that is very large: the list is the same as without
SELECT count(*) FROM (SELECT * FROM rec.recommend('m', 1, 300) EXCEPT SELECT * FROM rec.recommend('m', 1, 300, max_per => '{"genre": 1e30}')) d;
SELECT count(*) FROM (SELECT * FROM rec.recommend('m', 1, 300) EXCEPT SELECT * FROM rec.recommend('m', 1, 300, diversity => 0, max_per => '{}')) d;
-- the best that fit: by walking down the whole ranking
CREATE FUNCTION walk(u int, n int, at_most int) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
  list int[] := '{}';
  taken jsonb := '{}';
  r record;
BEGIN
  FOR r IN SELECT item_id, studio FROM rec.recommend('m', u, 1000) LEFT JOIN film ON film_id = item_id ORDER BY rank LOOP
    IF r.studio IS NOT NULL THEN
      CONTINUE WHEN coalesce((taken ->> r.studio)::int, 0) >= at_most;
      taken := taken || jsonb_build_object(r.studio, coalesce((taken ->> r.studio)::int, 0) + 1);
    END IF;
    list := list || r.item_id;
    EXIT WHEN cardinality(list) = n;
  END LOOP;
  RETURN list;
END $$;
SELECT count(*) FILTER (WHERE walk(u, 12, 1) <> ARRAY(SELECT item_id FROM rec.recommend('m', u, 12, max_per => '{"studio": 1}') ORDER BY rank)) AS differ
  FROM generate_series(1, 60) u;

-- ---- caps: 10,000 lists and more with every kind of cap and length, never broken, and complete

CREATE TABLE trial AS
SELECT t, ('{10, 25, 3, 200, 40, 10}'::int[])[t % 6 + 1] AS n, (t % 4) / 3.0 AS diversity, CASE WHEN t % 5 = 0 THEN 'genre' END AS calibrate,
       (SELECT jsonb_object_agg(c, abs(hashint8extended(t, ascii(c))) % 4) FROM unnest('{genre,studio,body,era}'::text[]) WITH ORDINALITY u(c, o)
         WHERE (1 << (o::int - 1)) & (t % 15 + 1) > 0) AS max_per
  FROM generate_series(1, 30) t;
CREATE FUNCTION try_all(OUT lists bigint, OUT broken bigint, OUT incomplete bigint, OUT short bigint) LANGUAGE plpgsql AS $$
DECLARE
  r record;
  f record;
BEGIN
  lists := 0; broken := 0; incomplete := 0; short := 0;
  FOR r IN SELECT * FROM trial ORDER BY t LOOP
    CALL rec.recommend_all('m', 'tried', r.n, diversity => r.diversity, max_per => r.max_per, calibrate => r.calibrate);
    f := faults('tried', r.n, r.max_per);
    lists := lists + (SELECT count(DISTINCT user_id) FROM tried);
    short := short + (SELECT count(*) FROM (SELECT FROM tried GROUP BY user_id HAVING count(*) < r.n) s);
    broken := broken + f.broken;
    incomplete := incomplete + f.incomplete;
    DROP TABLE tried;
  END LOOP;
END $$;
SELECT lists >= 10000 AS many, broken, incomplete, short > 1000 AS many_are_short FROM try_all();
-- the check sees what is wrong
CALL rec.recommend_all('m', 'tried', 10);
SELECT broken > 0 AS broken FROM faults('tried', 10, '{"genre": 1}');
SELECT incomplete > 0 AS incomplete FROM faults('tried', 11, '{"era": 200}');
DROP TABLE tried;

-- ---- the same lists by rec.recommend and by rec.recommend_all, with workers and without

CREATE FUNCTION differences(n int, exclude_seen bool, diversity float8, max_per jsonb, calibrate text, candidates int[] = NULL) RETURNS bigint
  LANGUAGE plpgsql AS $$
DECLARE
  found bigint;
BEGIN
  CALL rec.recommend_all('m', 'listed', n, exclude_seen, candidates, diversity => diversity, max_per => max_per, calibrate => calibrate);
  SELECT count(*) INTO found
    FROM (SELECT user_id FROM seen GROUP BY 1) u
    CROSS JOIN LATERAL rec.recommend('m', user_id, n, exclude_seen, candidates, diversity => diversity, max_per => max_per, calibrate => calibrate) r
    FULL JOIN listed l ON l.user_id = u.user_id AND l.rank = r.rank AND l.item_id = r.item_id AND l.score = r.score AND l.personal = r.personal
   WHERE l.user_id IS NULL OR r.rank IS NULL;
  DROP TABLE listed;
  RETURN found;
END $$;
SELECT differences(10, true, 0.4, NULL, NULL), differences(10, true, 0, '{"genre": 1, "era": 2}', NULL), differences(10, false, 0, NULL, 'genre'),
       differences(30, true, 0.7, '{"studio": 3}', 'genre');
SELECT differences(260, true, 0.2, '{"genre": 9}', NULL), differences(10, true, 0.5, '{"genre": 1}', 'studio', '{3,5,6,8,9,12,15,16,29,58,299,9999}');
SET rec.max_workers = 0;
SELECT differences(10, true, 0.4, '{"genre": 2}', 'studio');
RESET rec.max_workers;
-- a shorter list is the beginning of a longer one
SELECT count(*) FROM generate_series(1, 50) u,
  LATERAL (SELECT * FROM rec.recommend('m', u, 7, diversity => 0.5, max_per => '{"genre": 2}') EXCEPT
           SELECT * FROM rec.recommend('m', u, 40, diversity => 0.5, max_per => '{"genre": 2}')) d;

-- ---- each step of diversity makes the lists of 10 more diverse, in the mean over users; and of one genre each, more genres

CREATE TABLE step (diversity float8, inside float8, genres float8);
CREATE FUNCTION take_step(d float8) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CALL rec.recommend_all('m', 'listed', diversity => d);
  INSERT INTO step
  SELECT d, (SELECT avg(1 - s.similarity) FROM listed a JOIN listed b ON a.user_id = b.user_id AND b.rank < a.rank
    JOIN alike s ON s.x = a.item_id AND s.y = b.item_id),
         (SELECT avg(n) FROM (SELECT count(DISTINCT g) AS n FROM listed JOIN film ON film_id = item_id, unnest(genre) g GROUP BY user_id) g);
  DROP TABLE listed;
END $$;
CREATE TABLE alike AS SELECT m.item_id AS x, s.item_id AS y, s.similarity FROM m, LATERAL rec.similar_items('m', m.item_id, 1000) s;
SELECT take_step(d) FROM unnest('{0, 0.2, 0.4, 0.6, 0.8, 1}'::float8[]) d;
SELECT bool_and(inside > before) AS more_diverse, bool_and(genres > genres_before) FILTER (WHERE diversity < 0.9) AS more_genres, count(*)
  FROM (SELECT *, lag(inside) OVER w AS before, lag(genres) OVER w AS genres_before FROM step WINDOW w AS (ORDER BY diversity)) s WHERE before IS NOT NULL;
-- rec.evaluate asks for such lists, and sees the same
SELECT bool_and(value > before) AS more_diverse, count(*) FROM (
  SELECT value, lag(value) OVER (ORDER BY d) AS before FROM unnest('{0, 0.3, 0.6}'::float8[]) d, LATERAL rec.evaluate('m', 'random', diversity => d)
    WHERE metric = 'diversity') e
 WHERE before IS NOT NULL;
-- with caps of 0, lists have the items alone that are in no group
SELECT round(value * 283) <= 20 AS few_items FROM rec.evaluate('m', 'random', max_per => '{"genre": 0, "era": 0}') WHERE metric = 'coverage';

-- ---- calibration: the divergence from the profile falls

CREATE VIEW share AS SELECT film_id, g, 1.0 / count(*) OVER (PARTITION BY film_id) AS w FROM (SELECT DISTINCT film_id, g FROM film, unnest(genre) g
  WHERE g IS NOT NULL) s;
CREATE FUNCTION divergence(list regclass) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  mean float8;
BEGIN
  EXECUTE format($q$
    WITH p AS (SELECT user_id, g, sum(w) / sum(sum(w)) OVER (PARTITION BY user_id) AS p FROM seen JOIN share USING (film_id) GROUP BY 1, 2),
    q AS (SELECT user_id, g, sum(w) / sum(sum(w)) OVER (PARTITION BY user_id) AS q FROM %s JOIN share ON film_id = item_id GROUP BY 1, 2)
    SELECT avg(kl) FROM (SELECT user_id, sum(p * ln(p / (0.99 * coalesce(q, 0) + 0.01 * p))) AS kl FROM p LEFT JOIN q USING (user_id, g) GROUP BY 1) u$q$, list)
    INTO mean;
  RETURN mean;
END $$;
CALL rec.recommend_all('m', 'plain', 10);
CALL rec.recommend_all('m', 'calibrated', 10, calibrate => 'genre');
SELECT divergence('calibrated') < divergence('plain') / 2 AS half, count(*) = (SELECT count(*) FROM plain) AS as_long FROM calibrated;
-- the first item by hand: the best by 0.1 z - 0.9 x divergence, among the best 200
WITH p AS (SELECT g, sum(w) / sum(sum(w)) OVER () AS p FROM seen JOIN share USING (film_id) WHERE user_id = 1 GROUP BY 1),
ranked AS (SELECT rank, item_id, score, (score - avg(score) OVER ()) / stddev_pop(score) OVER () AS z FROM rec.recommend('m', 1, 200)),
kl AS (SELECT item_id, (SELECT sum(p * ln(p / (0.99 * coalesce((SELECT w FROM share s WHERE s.film_id = r.item_id AND s.g = p.g), 0) + 0.01 * p)))
  FROM p) AS kl,
              z, rank FROM ranked r)
SELECT (SELECT item_id FROM kl ORDER BY 0.1 * z - 0.9 * kl DESC, rank LIMIT 1) = item_id AS first_by_hand FROM rec.recommend('m', 1, 1, calibrate => 'genre');
-- nobody known: the most popular, within caps; calibrated by an empty profile they stay as they are
SELECT count(*), max(count) <= 1 AS kept FROM (SELECT era, count(*) FROM rec.recommend('m', -5, 10, max_per => '{"era": 1}')
  JOIN film ON film_id = item_id GROUP BY 1) e;
SELECT count(*) FROM (SELECT * FROM rec.recommend('m', -5, 10) EXCEPT SELECT * FROM rec.recommend('m', -5, 10, calibrate => 'genre')) d;
-- a profile that is given by hand
SELECT count(*), count(DISTINCT era) FROM rec.recommend_for('m', '{12,24,36}'::int[], n => 5, max_per => '{"era": 1}', diversity => 0.2)
  JOIN film ON film_id = item_id;

-- ---- an item that came after the training has its groups from the moment it is there; two of a kind, of which one may stay

INSERT INTO film VALUES (501, '{g1}', 'new', '{}', 1950), (502, '{g1}', 'new', '{}', 1950), (503, NULL, NULL, NULL, NULL);
SELECT count(*) FILTER (WHERE item_id IN ('501', '502')) AS one, count(*)
  FROM rec.recommend('m', '1', candidates => '{501,502,503,504,1}', exclude_seen => false, max_per => '{"studio": 1}');
CALL rec.recommend_all('m', 'with_new', candidates => '{501,502,503,504,1}', exclude_seen => false, diversity => 0.5, max_per => '{"studio": 1}');
SELECT count(*) FROM (SELECT user_id FROM with_new WHERE item_id IN (501, 502) GROUP BY 1 HAVING count(*) <> 1) s;
SELECT min(count), max(count) FROM (SELECT count(*) FROM with_new GROUP BY user_id) s;

-- ---- errors

SELECT * FROM rec.recommend('m', 1, diversity => -0.1); \echo :SQLSTATE
SELECT * FROM rec.recommend('m', 1, diversity => 1.1);
SELECT * FROM rec.recommend('m', 1, diversity => 'NaN');
SELECT count(*) FROM rec.recommend('m', 1, diversity => NULL, max_per => NULL, calibrate => NULL);
SELECT * FROM rec.recommend('m', 1, max_per => '{"gnere": 2}'); \echo :SQLSTATE
SELECT * FROM rec.recommend('m', 1, max_per => '{"ctid": 2}');
SELECT * FROM rec.recommend('m', 1, calibrate => 'nothing');
SELECT * FROM rec.recommend('m', 1, calibrate => '');
SELECT * FROM rec.recommend('m', 1, max_per => '[1]'); \echo :SQLSTATE
SELECT * FROM rec.recommend('m', 1, max_per => '2');
SELECT * FROM rec.recommend('m', 1, max_per => 'null');
SELECT * FROM rec.recommend('m', 1, max_per => '{"genre": -1}'); \echo :SQLSTATE
SELECT * FROM rec.recommend('m', 1, max_per => '{"genre": 1.5}');
SELECT * FROM rec.recommend('m', 1, max_per => '{"genre": "2"}');
SELECT * FROM rec.recommend('m', 1, max_per => '{"genre": null}');
SELECT * FROM rec.recommend('m', 1, max_per => '{"genre": {"g1": 2}}');
CALL rec.recommend_all('m', 'never', diversity => 2);
CALL rec.recommend_all('m', 'never', calibrate => 'nothing'); \echo :SQLSTATE
SELECT * FROM rec.evaluate('m', 'random', max_per => '{"nothing": 2}'); \echo :SQLSTATE
SELECT * FROM rec.tune('m', '{"factors": [4]}', split => 'random', max_per => '{"genre": -2}');
SELECT to_regclass('never') IS NULL AS not_written;
-- no relation of the items
SELECT rec.create_model('bare', 'seen', 'item_knn', item_column => 'film_id');
CALL rec.train('bare');
SELECT * FROM rec.recommend('bare', 1, max_per => '{"genre": 2}'); \echo :SQLSTATE
SELECT * FROM rec.recommend('bare', 1, calibrate => 'genre');
SELECT count(*) FROM rec.recommend('bare', 1, diversity => 0.5);
SELECT * FROM rec.compare('seen', '["als"]', item_column => 'film_id', max_per => '{"genre": 2}');
SELECT algorithm, value < 0.5 AS value
  FROM rec.compare('seen', '["popular", {"algorithm": "als", "factors": 4, "iterations": 2}]', item_column => 'film_id', items => 'film',
  diversity => 0.2, max_per => '{"genre": 2}', calibrate => 'studio', split => 'random') ORDER BY 1;
SELECT options, value BETWEEN 0 AND 1 AS value FROM rec.tune('m', '{"factors": [4]}', split => 'random', diversity => 0.2,
  max_per => '{"genre": 2}', calibrate => 'studio');
-- every algorithm has a similarity that can be asked for
CREATE FUNCTION asked(algorithm text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  PERFORM rec.create_model('one', 'timed', algorithm, item_column => 'film_id', time_column => 'at',
                           items => CASE algorithm WHEN 'content' THEN 'film'::regclass END);
  CALL rec.train('one');
  SELECT count(*) INTO n FROM rec.recommend('one', 1, 10, diversity => 0.5);
  DROP TABLE one;
  RETURN n;
END $$;
CREATE TABLE timed AS SELECT user_id, film_id, timestamp '2026-01-01' + user_id * interval '1 hour' + film_id * interval '1 minute' AS at FROM seen
  WHERE user_id < 40;
SELECT algorithm FROM (SELECT DISTINCT algorithm FROM rec.algorithms WHERE algorithm <> 'blend') a WHERE asked(algorithm) <> 10;
-- columns of any type: equal values are one group by the type's own rule, and a type without one is refused
CREATE DOMAIN pair AS int[];
ALTER TABLE film ADD decimal numeric, ADD letter char(3), ADD doc jsonb, ADD pair pair, ADD "select ""all""" text, ADD json json, ADD point point,
  ADD even bool, ADD long text;
UPDATE film SET decimal = (ARRAY[1.0, 1.00, 2]::numeric[])[film_id % 3 + 1], letter = (ARRAY['a', 'a ', 'b'])[film_id % 3 + 1],
       doc = (ARRAY['{"x": 1, "y": 2}', '{"y": 2, "x": 1}', '[]']::jsonb[])[film_id % 3 + 1], pair = ARRAY[[film_id % 3, NULL], [3, 3]],
       "select ""all""" = film_id % 2, json = '{"a": 1}', point = point(1, 2), even = film_id % 2 = 0, long = repeat(md5('x'), 3000) || film_id % 2;
SELECT c, (SELECT count(*) FROM rec.recommend('m', 1, 100, max_per => jsonb_build_object(c, 1)) JOIN film ON film_id = item_id)
  FROM unnest('{decimal,letter,doc,pair,"select \"all\"",even,long}'::text[]) c;
SELECT count(*) FROM rec.recommend('m', 1, 100, max_per => '{"film_id": 1}');
SELECT * FROM rec.recommend('m', 1, max_per => '{"json": 1}'); \echo :SQLSTATE
SELECT * FROM rec.recommend('m', 1, calibrate => 'point');
-- two rows of an item
BEGIN;
ALTER TABLE film DROP CONSTRAINT film_pkey;
INSERT INTO film SELECT * FROM film WHERE film_id = 10;
SELECT * FROM rec.recommend('m', 1, 1, candidates => '{10}', exclude_seen => false, max_per => '{"era": 1}'); \echo :SQLSTATE
ROLLBACK;
-- dropped midway
BEGIN;
ALTER TABLE film RENAME TO movie;
SELECT count(*) FROM rec.recommend('m', 1, 5, max_per => '{"era": 1}');
DROP TABLE movie CASCADE;
SELECT * FROM rec.recommend('m', 1, 5, max_per => '{"era": 1}'); \echo :SQLSTATE
ROLLBACK;

-- ---- ids of text

CREATE TABLE article (sku text PRIMARY KEY, kind text);
INSERT INTO article SELECT 'ä ' || i, 'kind ' || i % 4 FROM generate_series(1, 40) i;
CREATE TABLE bought AS SELECT 'u' || u AS who, 'ä ' || i AS sku FROM generate_series(1, 30) u, generate_series(1, 40) i WHERE (u * i) % 7 < 2 OR i % 4 = u % 4;
SELECT rec.create_model('shop', 'bought', user_column => 'who', item_column => 'sku', items => 'article');
CALL rec.train('shop');
SELECT count(*), max(count) FROM (SELECT kind, count(*) FROM rec.recommend('shop', 'u1', 10, exclude_seen => false, max_per => '{"kind": 2}', diversity => 0.3)
  JOIN article ON sku = item_id GROUP BY 1) k;

-- ---- privileges: those of the caller, whose row security holds

DROP ROLE IF EXISTS regress_rec_caller;
CREATE ROLE regress_rec_caller;
GRANT USAGE ON SCHEMA diversity TO regress_rec_caller;
GRANT SELECT ON m, m_users, seen TO regress_rec_caller;
SET ROLE regress_rec_caller;
SELECT count(*) FROM rec.recommend('m', 1, 5, diversity => 0.4);
SELECT * FROM rec.recommend('m', 1, 5, max_per => '{"era": 1}'); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('m', '{1,2}'::int[], calibrate => 'era'); \echo :SQLSTATE
SELECT * FROM rec.evaluate('m', 'random', max_per => '{"era": 1}'); \echo :SQLSTATE
RESET ROLE;
-- these columns are enough
GRANT SELECT (film_id, era) ON film TO regress_rec_caller;
SET ROLE regress_rec_caller;
SELECT count(*) FROM rec.recommend('m', 1, 20, max_per => '{"era": 1}') JOIN film ON film_id = item_id;
SELECT * FROM rec.recommend('m', 1, 20, max_per => '{"studio": 1}'); \echo :SQLSTATE
RESET ROLE;
-- rows that the caller does not see are in no group
ALTER TABLE film ENABLE ROW LEVEL SECURITY;
CREATE POLICY old ON film USING (era < 1970);
SET ROLE regress_rec_caller;
SELECT count(*), count(*) FILTER (WHERE film_id IS NOT NULL) AS seen_by_caller FROM rec.recommend('m', 1, 20, max_per => '{"era": 1}') LEFT
  JOIN film ON film_id = item_id;
RESET ROLE;
SELECT count(*) FROM rec.recommend('m', 1, 20, max_per => '{"era": 1}') JOIN film ON film_id = item_id;

DROP SCHEMA diversity CASCADE;
DROP ROLE regress_rec_caller;
