-- rec.recommend and rec.recommend_for: order, filters, whose ratings count, and errors.

CREATE SCHEMA recommend;
SET search_path = recommend;
\set SHOW_CONTEXT never

-- 40 users, ids 1 to 40, and 30 items, ids 101 to 130; half of the pairs have a rating from 1 to 5, which md5 chooses
CREATE TABLE ratings (user_id int, item_id int, rating int, PRIMARY KEY (user_id, item_id));
CREATE FUNCTION pg_temp.draw(what text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(what), 7))::bit(28)::int $$;
INSERT INTO ratings
SELECT u, i, 1 + (pg_temp.draw('u' || u) % 3 + pg_temp.draw('i' || i) % 3 + pg_temp.draw(u % 4 || 'r' || i % 5) % 5 + pg_temp.draw(u || 'r' || i) % 2) % 5
  FROM generate_series(1, 40) u, generate_series(101, 130) i
 WHERE pg_temp.draw(u || ',' || i) % 2 = 0;
CREATE VIEW events AS SELECT user_id, item_id, rating AS weight FROM ratings WHERE rating > 2;
SELECT rec.create_model('movies', 'ratings', options => '{"feedback": "explicit", "factors": 4, "iterations": 10, "regularization": 1,
    "regularization_scaling": 0.5, "tolerance": 0, "seed": 1}');
SELECT rec.create_model('clicks', 'events', options => '{"feedback": "implicit", "factors": 4, "iterations": 10, "regularization": 1,
    "regularization_scaling": 0.5, "alpha": 2, "tolerance": 0, "seed": 1}', rating_column => 'weight');
CALL rec.train('movies');
CALL rec.train('clicks');

-- ---- scores and order

-- the score from the rows of the user and the item in the model's tables: mean + biases + product of the factors, with explicit
-- feedback clipped to the range of the ratings; for all users, as the source has not changed since the training
CREATE VIEW by_hand AS
SELECT 'movies' AS model, user_id, item_id, least(greatest(m.mean + u.bias + i.bias + (SELECT sum(x * y) FROM unnest(u.factors, i.factors) AS f (x, y)),
    m.minimum), m.maximum) AS score
  FROM movies_users u, movies i, rec.model m WHERE m.model = 'movies'::regclass
UNION ALL
SELECT 'clicks', user_id, item_id, (SELECT sum(x * y) FROM unnest(u.factors, i.factors) AS f (x, y)) FROM clicks_users u, clicks i;
SELECT model, count(*) AS pairs, max(abs(r.score - h.score)) < 1e-4 AS recommended, max(abs(rec.predict(model::regclass, h.user_id,
    h.item_id) - h.score)) < 1e-4 AS predicted
  FROM by_hand h, LATERAL rec.recommend(model::regclass, h.user_id, n => 1, exclude_seen => false, candidates => ARRAY[h.item_id]) r GROUP BY model
      ORDER BY model;
-- recommend and predict agree to the last bit
SELECT m AS model, count(*) AS pairs, count(*) FILTER (WHERE r.score <> rec.predict(m::regclass, u.user_id, r.item_id)) AS different
  FROM unnest('{movies, clicks}'::text[]) AS m, (SELECT DISTINCT user_id FROM ratings) AS u, LATERAL rec.recommend(m::regclass, u.user_id, n => 100,
      exclude_seen => false) r
 GROUP BY m ORDER BY m;
-- ranks ascend from 1, scores descend; seen items are left out, all others are on the list
SELECT m AS model, count(*) AS rows,
       bool_and(r.rank = n) AS ranks, bool_and(r.score <= before) FILTER (WHERE n > 1) AS falling,
       count(*) FILTER (WHERE seen) AS seen,
       count(*) = (SELECT count(*) FROM by_hand h WHERE h.model = m AND NOT EXISTS (SELECT FROM ratings t WHERE t.user_id = h.user_id
           AND t.item_id = h.item_id AND (m = 'movies' OR rating > 2))) AS all_others
  FROM (SELECT m, u.user_id, r.*, row_number() OVER w AS n, lag(score) OVER w AS before,
               EXISTS (SELECT FROM ratings t WHERE t.user_id = u.user_id AND t.item_id = r.item_id AND (m = 'movies' OR rating > 2)) AS seen
          FROM unnest('{movies, clicks}'::text[]) AS m, generate_series(1, 40) AS u (user_id), LATERAL rec.recommend(m::regclass, u.user_id,
              n => 100) WITH ORDINALITY AS r (rank, item_id, score, personal, o)
        WINDOW w AS (PARTITION BY m, u.user_id ORDER BY o)) AS r
 GROUP BY m ORDER BY m;

-- ---- n

-- at most n, never padded: n is 10 by default; user 1 has this many left
SELECT (SELECT count(*) FROM rec.recommend('movies', 1)) AS unsaid, (SELECT count(*) FROM rec.recommend('movies', 1, 1)) AS one,
       (SELECT count(*) FROM rec.recommend('movies', 1, n => 2147483647)) AS "many", (SELECT 30 - count(*) FROM ratings WHERE user_id = 1) AS left_over;
-- a short list is the beginning of a long one
SELECT (SELECT array_agg(r ORDER BY rank) FROM rec.recommend('movies', 1, 5) r) =
       (SELECT array_agg(r ORDER BY rank) FROM rec.recommend('movies', 1, 12) r WHERE rank <= 5) AS first;
SELECT * FROM rec.recommend('movies', 1, 0); \echo :SQLSTATE
SELECT * FROM rec.recommend('movies', 1, -5); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('movies', ARRAY[101], n => 0); \echo :SQLSTATE
-- a NULL argument gives no rows, except for candidates and exclude, whose default it is
SELECT * FROM rec.recommend(NULL, 1);
SELECT * FROM rec.recommend('movies', NULL::int);
SELECT * FROM rec.recommend('movies', 1, NULL);
SELECT * FROM rec.recommend('movies', 1, exclude_seen => NULL);
SELECT count(*) FROM rec.recommend('movies', 1, candidates => NULL, exclude => NULL) r;
SELECT count(*) FROM rec.recommend('movies', 1, candidates => NULL::int[], exclude => NULL::text[]) r;

-- ---- candidates and exclude

-- arrays of any type that converts to the items' type, and untyped literals, are equivalent
SELECT n, item_id, round(score::numeric, 3) = round(rec.predict('movies', 1, item_id)::numeric, 3) AS score
  FROM (SELECT 1 AS n, * FROM rec.recommend('movies', 1, candidates => ARRAY[101, 102, 103], exclude_seen => false)
  UNION ALL SELECT 2, * FROM rec.recommend('movies', 1, candidates => ARRAY[103, 102, 101]::bigint[], exclude_seen => false)
  UNION ALL SELECT 3, * FROM rec.recommend('movies', 1, candidates => ARRAY[101, 102, 103]::smallint[], exclude_seen => false)
  UNION ALL SELECT 4, * FROM rec.recommend('movies', 1, candidates => ARRAY['101', '102', ' 103 '], exclude_seen => false)
  UNION ALL SELECT 5, * FROM rec.recommend('movies', 1, candidates => '{101,102,103}', exclude_seen => false)
  UNION ALL SELECT 6, * FROM rec.recommend('movies', 1, candidates => ARRAY[101, 102, 103]::numeric[], exclude_seen => false)
  UNION ALL SELECT 7, * FROM rec.recommend('movies', 1, candidates => ARRAY[101, 102, 103]::varchar[], exclude_seen => false)
  UNION ALL SELECT 8, * FROM rec.recommend('movies', 1, candidates => ARRAY[[101, 102], [103, 103]], exclude_seen => false)
  UNION ALL SELECT 9, * FROM rec.recommend('movies', 1, candidates => ARRAY(SELECT generate_series(101, 103)), exclude_seen => false)) AS r
 WHERE rank = 1 ORDER BY n;
-- NULLs are skipped; repetitions count once; an item that is in both is excluded
SELECT array_agg(item_id ORDER BY item_id) AS items FROM rec.recommend('movies', 1, candidates => ARRAY[101, 7, 101, NULL, 102, -1, 101],
    exclude_seen => false);
SELECT array_agg(item_id ORDER BY item_id) AS items FROM rec.recommend('movies', 1, candidates => ARRAY[101, 102, 103], exclude => ARRAY[102, 999, NULL, 102],
    exclude_seen => false);
SELECT count(*) AS rows, count(*) FILTER (WHERE item_id <= 110) AS excluded FROM rec.recommend('movies', 1, n => 100,
    exclude => ARRAY(SELECT generate_series(101, 110)), exclude_seen => false) r;
SELECT count(*) AS rows, count(*) FILTER (WHERE item_id <= 110) AS excluded FROM rec.recommend('movies', 1, n => 100,
    exclude => '{101,102,103,104,105,106,107,108,109,110}', exclude_seen => false) r;
-- no candidates
SELECT * FROM rec.recommend('movies', 1, candidates => ARRAY[]::int[]);
SELECT * FROM rec.recommend('movies', 1, candidates => '{}');
SELECT * FROM rec.recommend('movies', 1, candidates => ARRAY[1, 2, 3]);
SELECT * FROM rec.recommend('movies', 1, candidates => ARRAY[NULL]::int[]);
SELECT count(*) FROM rec.recommend('movies', 1, exclude => '{}') r;
-- items are filtered before they are ranked: ten are left of 30, and n = 10 returns these ten, although they are the worst
WITH worst AS (SELECT array_agg(item_id) AS items FROM (SELECT item_id FROM rec.recommend('movies', 1, n => 100, exclude_seen => false)
    ORDER BY rank DESC LIMIT 10) AS w)
SELECT count(*), bool_and(item_id = ANY (items)) AS worst FROM worst, LATERAL rec.recommend('movies', 1, candidates => items, exclude_seen => false) r
    GROUP BY items;
-- a seen item is no candidate, unless exclude_seen is false
SELECT min(item_id) AS seen FROM ratings WHERE user_id = 1 \gset
SELECT (SELECT count(*) FROM rec.recommend('movies', 1, candidates => ARRAY[:seen])) AS without, (SELECT count(*) FROM rec.recommend('movies', 1,
    candidates => ARRAY[:seen], exclude_seen => false)) AS "with";
-- numbers that no item can have are no candidates
SELECT * FROM rec.recommend('movies', 1, candidates => ARRAY[101, 3000000000]);
SELECT * FROM rec.recommend('movies', 1, candidates => ARRAY[101.5]);
-- Candidates that the model does not know fill the list up, behind all others and in the order of their ids: new products, say. They are not personal, and
-- scored as
-- rec.predict scores them. Those that the user has in the source, and those that are excluded, are left out as others are.
BEGIN;
INSERT INTO ratings VALUES (1, 900, 5);
SELECT m AS model, seen, array_agg(item_id ORDER BY rank) AS items, array_agg(item_id ORDER BY rank) FILTER (WHERE personal) AS personal,
    bool_and(score = rec.predict(m::regclass, 1, item_id)) AS predicted
  FROM unnest('{movies, clicks}'::text[]) m, unnest('{t, f}'::bool[]) seen, LATERAL rec.recommend(m::regclass, 1, exclude_seen => seen,
      candidates => ARRAY[1000, 20, 900, 101, 1000, 901, -5], exclude => '{901, 902}')
 GROUP BY m, seen ORDER BY m, seen;
-- at most n, and none without candidates; the same for an unknown user, and for a profile given by hand
SELECT array_agg(item_id ORDER BY rank) AS items FROM rec.recommend('movies', 1, n => 2, candidates => ARRAY[1000, 20, 900, -5]);
SELECT count(*) FILTER (WHERE item_id NOT BETWEEN 101 AND 130) AS unknown FROM rec.recommend('movies', 1, n => 1000, exclude_seen => false);
SELECT array_agg(item_id ORDER BY rank) AS items, bool_or(personal) AS personal FROM rec.recommend('movies', 9999, candidates => ARRAY[1000, 20, 101]);
SELECT array_agg(item_id ORDER BY rank) AS items FROM rec.recommend_for('movies', ARRAY[102, 900], candidates => ARRAY[1000, 20, 900, 101]);
SELECT array_agg(item_id ORDER BY rank) AS items FROM rec.recommend_for('movies', ARRAY['102', '900'], exclude_seen => false, candidates => ARRAY[1000, 20,
    900, 101]);
ROLLBACK;
-- not ids, and not arrays
SELECT * FROM rec.recommend('movies', 1, candidates => ARRAY['101', 'x']); \echo :SQLSTATE
SELECT * FROM rec.recommend('movies', 1, candidates => '101'); \echo :SQLSTATE
SELECT * FROM rec.recommend('movies', 1, candidates => '101'::varchar); \echo :SQLSTATE
-- the literal of an array is an array, of any type
SELECT count(DISTINCT answer) AS answers, count(*) AS rows FROM (SELECT rec.recommend('movies', 1, 3, false, '{101,102}')::text AS answer UNION ALL
    SELECT rec.recommend('movies', 1, 3, false, '{101,102}'::text)::text UNION ALL SELECT rec.recommend('movies', 1, 3, false, '{101,102}'::varchar)::text
    UNION ALL SELECT rec.recommend('movies', 1, 3, false, ARRAY[101, 102])::text) a;
SELECT * FROM rec.recommend('movies', 1, candidates => '{101'); \echo :SQLSTATE
SELECT * FROM rec.recommend('movies', 1, candidates => 101); \echo :SQLSTATE
SELECT * FROM rec.recommend('movies', 1, exclude => 101); \echo :SQLSTATE
SELECT * FROM rec.recommend('movies', 1, exclude => '{"items": [101]}'::jsonb); \echo :SQLSTATE

-- ---- new ratings

-- a user whom training did not know: without rows in the source, the most popular items, none of them personal; the scores are
-- the mean and the items' biases, and with implicit feedback the share of users who have the item
SELECT bool_and(abs(r.score - least(greatest(m.mean + i.bias, m.minimum), m.maximum)) < 1e-5) AS movies, bool_or(r.personal) AS personal,
       array_agg(r.item_id ORDER BY rank) = array_agg(r.item_id ORDER BY i.n_ratings DESC, r.item_id) AS order
  FROM rec.recommend('movies', 1000, n => 100) r JOIN movies i USING (item_id), rec.model m WHERE m.model = 'movies'::regclass;
SELECT bool_and(abs(r.score - i.n_ratings / m.users::float8) < 1e-6) AS clicks, count(*) - count(DISTINCT score) > 0 AS has_ties,
       array_agg(r.item_id ORDER BY rank) = array_agg(r.item_id ORDER BY i.n_ratings DESC, r.item_id) AS order
  FROM rec.recommend('clicks', 1000, n => 100) r JOIN clicks i USING (item_id), rec.model m WHERE m.model = 'clicks'::regclass;
SELECT count(*) FROM rec.recommend('movies', 1000) r;
-- after one rating, the next statement uses it: the item is no longer recommended, and the scores are those of a profile of one
-- item
INSERT INTO ratings VALUES (1000, 101, 5);
SELECT count(*) AS rows, bool_or(item_id = 101) AS again, bool_and(score = (SELECT score FROM rec.recommend_for('movies', ARRAY[101], ARRAY[5], n => 100) f
    WHERE f.item_id = r.item_id)) AS like_recommend_for
  FROM rec.recommend('movies', 1000, n => 100) r;
-- within one transaction, and gone after a rollback
BEGIN;
INSERT INTO ratings VALUES (1000, 102, 1);
SELECT bool_or(item_id = 102) AS again FROM rec.recommend('movies', 1000, n => 100) r;
DELETE FROM ratings WHERE user_id = 1000;
SELECT count(*) AS all_items FROM rec.recommend('movies', 1000, n => 100) r;
ROLLBACK;
SELECT count(*) AS all_but_101 FROM rec.recommend('movies', 1000, n => 100) r;
CREATE FUNCTION pg_temp.left_to_recommend(u int) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM rec.recommend('movies', u,
    n => 100)); END $$;
CREATE FUNCTION pg_temp.rate_and_count(u int, i int) RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	counts bigint[];
BEGIN
	counts[1] := (SELECT count(*) FROM rec.recommend('movies', u, n => 100));
	INSERT INTO ratings VALUES (u, i, 3);
	counts[2] := (SELECT count(*) FROM rec.recommend('movies', u, n => 100));
	RETURN counts;
END $$;
-- a volatile function sees its own insert at once, a stable one uses the snapshot of the statement
SELECT pg_temp.rate_and_count(1001, 101), pg_temp.left_to_recommend(1001);
SELECT pg_temp.left_to_recommend(1001);
-- a user with only items that the model does not know is like an unknown user; of several items the known ones count
INSERT INTO ratings VALUES (1002, 501, 5), (1002, 502, 1), (1003, 501, 5), (1003, 101, 5);
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend('movies', 1002, n => 100) EXCEPT SELECT * FROM rec.recommend('movies', 9999, n => 100))
    UNION ALL (SELECT * FROM rec.recommend('movies', 9999, n => 100) EXCEPT SELECT * FROM rec.recommend('movies', 1002, n => 100))) AS d;
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend('movies', 1003, n => 100) EXCEPT SELECT * FROM rec.recommend('movies', 1000, n => 100))
    UNION ALL (SELECT * FROM rec.recommend('movies', 1000, n => 100) EXCEPT SELECT * FROM rec.recommend('movies', 1003, n => 100))) AS d;
DELETE FROM ratings WHERE user_id >= 1000;
-- a user whose rows were all deleted is unknown
BEGIN;
DELETE FROM ratings WHERE user_id = 1;
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend('movies', 1, n => 100) EXCEPT SELECT * FROM rec.recommend('movies', 9999, n => 100))
    UNION ALL (SELECT * FROM rec.recommend('movies', 9999, n => 100) EXCEPT SELECT * FROM rec.recommend('movies', 1, n => 100))) AS d;
ROLLBACK;

-- ---- many users in a statement

-- one statement for all users gives the same as one for each user
CREATE TABLE one_by_one (user_id int, rank int, item_id int, score real);
DO $$ BEGIN FOR u IN 1 .. 40 LOOP INSERT INTO one_by_one SELECT u, rank, item_id, score FROM rec.recommend('movies', u, n => 3); END LOOP; END $$;
SELECT count(*) AS rows FROM one_by_one;
SELECT count(*) AS different FROM ((SELECT u, r.rank, r.item_id, r.score FROM generate_series(1, 40) u, LATERAL rec.recommend('movies', u, n => 3) r EXCEPT
    SELECT * FROM one_by_one) UNION ALL (SELECT * FROM one_by_one EXCEPT SELECT u, r.rank, r.item_id, r.score FROM generate_series(1, 40) u,
    LATERAL rec.recommend('movies', u, n => 3) r)) AS d;
-- with different arguments in each row
SELECT u, n, count(*) AS rows FROM (VALUES (1, 1), (2, 4), (9999, 2)) AS v (u, n), LATERAL rec.recommend('movies', u, n => n,
    candidates => ARRAY(SELECT generate_series(100 + n, 130))) r GROUP BY u, n ORDER BY u;
-- two models in one statement
SELECT count(*) > 0 AS both FROM rec.recommend('movies', 1, n => 100) m JOIN rec.recommend('clicks', 1, n => 100) c USING (item_id);
-- ended early by LIMIT
SELECT rank FROM rec.recommend('movies', 1, n => 100) LIMIT 1;
-- in a prepared statement, with generic and custom plans alike
PREPARE ask (int, int) AS SELECT count(*), min(rank), max(rank) FROM rec.recommend('movies', $1, n => $2);
SET plan_cache_mode = force_generic_plan;
EXECUTE ask (1, 3);
EXECUTE ask (2, 5);
SET plan_cache_mode = force_custom_plan;
EXECUTE ask (2, 5);
RESET plan_cache_mode;
-- a parameter of type text
PREPARE ask_text (text) AS SELECT count(*), pg_typeof(min(item_id)) FROM rec.recommend('movies', $1, n => 3);
EXECUTE ask_text ('1');

-- ---- recommend_for

-- the same profile gives the same answer
SELECT u, count(*) AS rows, bool_and(r IS NOT DISTINCT FROM f) AS equal
  FROM generate_series(1, 5) u,
       LATERAL (SELECT array_agg(item_id ORDER BY md5(item_id::text)) AS items, array_agg(rating::real ORDER BY md5(item_id::text)) AS ratings FROM ratings
           WHERE user_id = u) AS p,
       LATERAL (SELECT r, r.rank FROM rec.recommend('movies', u, n => 100) r) AS r FULL JOIN LATERAL (SELECT f, f.rank FROM rec.recommend_for('movies', items,
           ratings, n => 100) f) AS f USING (rank)
 GROUP BY u ORDER BY u;
SELECT u, count(*) AS rows, bool_and(r IS NOT DISTINCT FROM f) AS equal
  FROM generate_series(1, 5) u,
       LATERAL (SELECT array_agg(item_id) AS items, array_agg(weight::real) AS weights FROM events WHERE user_id = u) AS p,
       LATERAL (SELECT r, r.rank FROM rec.recommend('clicks', u, n => 100) r) AS r FULL JOIN LATERAL (SELECT f, f.rank FROM rec.recommend_for('clicks', items,
           weights, n => 100) f) AS f USING (rank)
 GROUP BY u ORDER BY u;
-- without ratings each item counts as the highest rating, 5, or with a weight of 1
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102]) EXCEPT SELECT * FROM rec.recommend_for('movies', ARRAY[101,
    102], ARRAY[5, 5])) UNION ALL (SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[5, 5]) EXCEPT SELECT * FROM rec.recommend_for('movies',
    ARRAY[101, 102]))) AS d;
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('clicks', ARRAY[101, 102]) EXCEPT SELECT * FROM rec.recommend_for('clicks', ARRAY[101,
    102], ARRAY[1, 1])) UNION ALL (SELECT * FROM rec.recommend_for('clicks', ARRAY[101, 102], ARRAY[1, 1]) EXCEPT SELECT * FROM rec.recommend_for('clicks',
    ARRAY[101, 102]))) AS d;
SELECT count(*) > 0 AS different FROM (SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102]) EXCEPT SELECT * FROM rec.recommend_for('movies', ARRAY[101,
    102], ARRAY[1, 1])) AS d;
-- the same for a NULL in the array
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[2, NULL]) EXCEPT SELECT *
    FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[2, 5])) UNION ALL (SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[2, 5]) EXCEPT
    SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[2, NULL]))) AS d;
-- the profile's items are seen; unknown items and NULLs are skipped; of repeated items the last counts, with implicit feedback
-- their sum
SELECT count(*) AS rows, bool_or(item_id IN (101, 102)) AS again FROM rec.recommend_for('movies', ARRAY[101, 102], n => 100);
SELECT count(*) AS rows, bool_or(item_id IN (101, 102)) AS again FROM rec.recommend_for('movies', ARRAY[101, 102], n => 100, exclude_seen => false);
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('movies', ARRAY[101, 7777, NULL], ARRAY[3, 1, 2]) EXCEPT SELECT *
    FROM rec.recommend_for('movies', ARRAY[101], ARRAY[3])) UNION ALL (SELECT * FROM rec.recommend_for('movies', ARRAY[101], ARRAY[3]) EXCEPT SELECT *
    FROM rec.recommend_for('movies', ARRAY[101, 7777, NULL], ARRAY[3, 1, 2]))) AS d;
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102, 101], ARRAY[5, 4, 2]) EXCEPT SELECT *
    FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[2, 4])) UNION ALL (SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[2, 4]) EXCEPT
    SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102, 101], ARRAY[5, 4, 2]))) AS d;
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('clicks', ARRAY[101, 102, 101], ARRAY[5, 4, 2]) EXCEPT SELECT *
    FROM rec.recommend_for('clicks', ARRAY[101, 102], ARRAY[7, 4])) UNION ALL (SELECT * FROM rec.recommend_for('clicks', ARRAY[101, 102], ARRAY[7, 4]) EXCEPT
    SELECT * FROM rec.recommend_for('clicks', ARRAY[101, 102, 101], ARRAY[5, 4, 2]))) AS d;
-- a profile without known items is that of an unknown user
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('movies', '{}'::int[]) EXCEPT SELECT * FROM rec.recommend('movies', 9999))
    UNION ALL (SELECT * FROM rec.recommend('movies', 9999) EXCEPT SELECT * FROM rec.recommend_for('movies', '{}'::int[]))) AS d;
SELECT count(*) AS different FROM ((SELECT * FROM rec.recommend_for('clicks', ARRAY[7777]) EXCEPT SELECT * FROM rec.recommend('clicks', 9999))
    UNION ALL (SELECT * FROM rec.recommend('clicks', 9999) EXCEPT SELECT * FROM rec.recommend_for('clicks', ARRAY[7777]))) AS d;
-- filters, types, literals
SELECT array_agg(item_id ORDER BY item_id) AS items FROM rec.recommend_for('movies', ARRAY[101], candidates => ARRAY[101, 102, 103, 104], exclude => '{104}');
SELECT pg_typeof(item_id) AS type, count(*) FROM rec.recommend_for('movies', ARRAY[101]::bigint[], n => 2) GROUP BY 1;
SELECT pg_typeof(item_id) AS type, count(*) FROM rec.recommend_for('movies', ARRAY['101'], n => 2) GROUP BY 1;
-- an untyped literal is an array of text; other types need a cast
SELECT * FROM rec.recommend_for('movies', '{101,102}', n => 2); \echo :SQLSTATE
SELECT pg_typeof(item_id) AS type, count(*) FROM rec.recommend_for('movies', '{101,102}'::int[], n => 2) GROUP BY 1;
-- NULL
SELECT * FROM rec.recommend_for(NULL, ARRAY[101]);
SELECT * FROM rec.recommend_for('movies', NULL::int[]);
SELECT * FROM rec.recommend_for('movies', ARRAY[101], n => NULL);
SELECT * FROM rec.recommend_for('movies', ARRAY[101], exclude_seen => NULL);
-- errors
SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[5]); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('movies', ARRAY[101], ARRAY[5, 4]); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], '{}'); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[5, 'NaN']::real[]); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('movies', ARRAY[101, 102], '{-Infinity, 5}'); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('clicks', ARRAY[101, 102], ARRAY[5, -1]); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend_for('movies', ARRAY[101, 102], ARRAY[5, -1]);
SELECT * FROM rec.recommend_for('movies', ARRAY['x']); \echo :SQLSTATE

-- ---- arguments for later versions are refused by name, unless they have no effect

SELECT * FROM rec.recommend('movies', 1, context => '{"device": "mobile"}'); \echo :SQLSTATE
SELECT * FROM rec.recommend('movies', 1, diversity => 0.3);
SELECT * FROM rec.recommend('movies', '1', max_per => '{"genre": 2}');
SELECT * FROM rec.recommend('movies', 1::smallint, calibrate => 'genre');
SELECT * FROM rec.recommend_for('movies', ARRAY[101], context => '{}');
SELECT * FROM rec.recommend_for('movies', '{101}', diversity => 'NaN');
SELECT * FROM rec.recommend_for('movies', ARRAY['101'], max_per => '{"genre": 2}');
SELECT * FROM rec.recommend_for('movies', ARRAY[101]::smallint[], calibrate => 'genre');
SELECT count(*) FROM rec.recommend('movies', 1, 3, true, NULL::int[], NULL::int[], NULL, 0, NULL, NULL);
SELECT count(*) FROM rec.recommend_for('movies', ARRAY[101], NULL, 3, true, NULL::int[], NULL::int[], NULL, NULL, NULL, NULL);

SET client_min_messages = warning;
DROP SCHEMA recommend CASCADE;
