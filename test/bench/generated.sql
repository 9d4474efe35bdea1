-- Sets of events and ratings with planted tastes, for test/bench/defaults.pl; random numbers are hashes of counters. Each set
-- is a table of the schema generated, with the columns user_id, item_id, rating or count (if it has one), and at (if it has
-- times).

CREATE SCHEMA generated;
SET search_path = generated, public;

-- A number in [0, 1) of a stream of random numbers.
CREATE FUNCTION uniform(stream bigint, n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$$ SELECT (hashint8extended(n, stream) & 4503599627370495)::float8 / 4503599627370496 $$;

CREATE FUNCTION below(stream bigint, n bigint, limit_ int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$$ SELECT floor(generated.uniform(stream, n) * limit_)::int $$;

-- A nearly normal number: the sum of twelve uniform numbers.
CREATE FUNCTION about_normal(stream bigint, n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$$ SELECT sum(generated.uniform(stream, n * 12 + j)) - 6 FROM generate_series(0, 11) j $$;

CREATE FUNCTION after_days(days float8) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
	$$ SELECT timestamptz '2020-01-01 00:00:00+00' + make_interval(secs => floor(days * 86400)) $$;

-- The numbers from 1 to n in random order, so that an item's id says nothing about its popularity.
CREATE FUNCTION shuffled(stream bigint, n int) RETURNS TABLE (place int, id int) LANGUAGE sql IMMUTABLE AS
	$$ SELECT i, (row_number() OVER (ORDER BY hashint8extended(i, stream)))::int FROM generate_series(0, n - 1) i $$;

-- Draws of users with tastes: each user has a first and a second taste; a draw is of the first with a probability of 0.6, of
-- the second with 0.25, and else of any taste. The number of a taste, or of an item of a taste, is a uniform number to a power,
-- so that popularity falls. item counts from 0; draws may repeat.
CREATE FUNCTION draws(stream bigint, n_users int, fewest int, most int, n_tastes int, n_items int, skew float8)
	RETURNS TABLE (user_id int, draw int, item int, own bool) LANGUAGE sql IMMUTABLE AS $$
	SELECT u, k, t.taste * (n_items / n_tastes) + floor(n_items / n_tastes * power(generated.uniform(stream + 1, c), skew))::int, kind < 0.85
	  FROM generate_series(1, n_users) u,
	       generate_series(1, fewest + generated.below(stream + 2, u, most - fewest + 1)) k,
	       LATERAL (SELECT u::bigint * 10000 + k AS c, generated.uniform(stream + 3, u::bigint * 10000 + k) AS kind) AS d,
	       LATERAL (SELECT CASE WHEN kind < 0.6 THEN 2 * u WHEN kind < 0.85 THEN 2 * u + 1 ELSE -c END AS whose) AS w,
       LATERAL (SELECT floor(n_tastes * power(generated.uniform(stream + 4, whose), 1.5))::int AS taste) AS t
$$;

-- A shop of 50 articles, whose 2,000 customers have one of 40 tastes, and three articles each.
CREATE TABLE shop AS
SELECT u AS user_id, u % 40 * 50 + article AS item_id
  FROM generate_series(0, 1999) u,
       LATERAL (SELECT a AS article FROM generate_series(0, 49) a ORDER BY hashint8extended(u * 50 + a, 101) LIMIT 3) AS bought;

-- 20 people of two tastes, 16 films: 138 ratings, 5 for what they like and 1 for the rest.
CREATE TABLE two_tastes AS
SELECT u AS user_id, i AS item_id, (CASE WHEN u % 2 = i % 2 THEN 5 ELSE 1 END)::real AS rating
  FROM generate_series(1, 20) u, generate_series(1, 16) i ORDER BY hashint8extended(u * 16 + i, 111) LIMIT 138;

-- Sparse: a shop of 10,000 items of 100 tastes, whose 20,000 customers have bought four to nine items each.
CREATE TABLE sparse_shop AS
SELECT user_id, id AS item_id, min(after_days(700 * uniform(126, user_id) + 30 * uniform(127, user_id::bigint * 10000 + draw))) AS at
  FROM draws(120, 20000, 4, 9, 100, 10000, 2.5) JOIN shuffled(125, 10000) ON place = item
 GROUP BY 1, 2;

-- Dense ratings: 1,500 users, 800 items, about 60 ratings each; a sum of biases, a matrix of rank 8, and noise.
CREATE TABLE planted AS
WITH rated AS (
	SELECT DISTINCT u, floor(800 * power(uniform(130, u * 1000 + k), 1.6))::int AS i
	  FROM generate_series(1::bigint, 1500) u, generate_series(1, 30 + below(131, u, 80)) k),
user_factor AS (SELECT u, f, about_normal(132, u * 8 + f) AS x FROM generate_series(1::bigint, 1500) u, generate_series(0, 7) f),
item_factor AS (SELECT i, f, about_normal(133, i * 8 + f) AS y FROM generate_series(0::bigint, 799) i, generate_series(0, 7) f),
suits AS (SELECT u, i, sum(x * y) AS xy FROM rated JOIN user_factor USING (u) JOIN item_factor USING (i, f) GROUP BY 1, 2)
SELECT u::int AS user_id, id AS item_id,
       greatest(1, least(5, round(3.5 + 0.4 * about_normal(134, u) + 0.4 * about_normal(135, i)
                                  + 0.25 * xy + 0.6 * about_normal(136, u * 800 + i))))::real AS rating,
       after_days(900 * uniform(137, u * 800 + i)) AS at
  FROM suits JOIN shuffled(138, 800) ON place = i;

-- Counts as weights: plays of 2,000 artists by 3,000 users, with a heavy tail, and more plays of artists of the user's tastes.
CREATE TABLE plays AS
SELECT user_id, id AS item_id,
       sum(least(20000, ceil(power(1 - uniform(146, user_id::bigint * 10000 + draw), -1.1) * CASE WHEN own THEN 4 ELSE 1 END)))::real AS count
  FROM draws(140, 3000, 10, 60, 20, 2000, 2) JOIN shuffled(145, 2000) ON place = item
 GROUP BY 1, 2;

-- Skewed: twenty users with about a thousand events each, 8,000 users with two or three.
CREATE TABLE skewed AS
SELECT user_id, id AS item_id
  FROM (SELECT user_id, item FROM draws(150, 8000, 2, 3, 30, 3000, 2)
		UNION ALL SELECT user_id + 8000, item FROM draws(160, 20, 2000, 6000, 30, 3000, 1.2)) AS d
  JOIN shuffled(155, 3000) ON place = item
 GROUP BY 1, 2;

-- Tiny: 30 users, 40 items.
CREATE TABLE tiny AS
SELECT DISTINCT user_id, id AS item_id FROM draws(170, 30, 6, 14, 4, 40, 1.3) JOIN shuffled(175, 40) ON place = item;

-- Drifting popularity: 1,500 items appear in the course of three years and are bought soon after, by 4,000 users who come and
-- go.
CREATE TABLE drift AS
WITH drawn AS (
	SELECT user_id, draw, item, 900 * uniform(186, user_id) + 200 * uniform(187, user_id::bigint * 10000 + draw) AS day
	  FROM draws(180, 4000, 20, 80, 15, 1500, 1.5))
SELECT user_id, id AS item_id, min(after_days(day)) AS at
  FROM drawn JOIN shuffled(185, 1500) ON place = item
 WHERE day > 1100 * uniform(188, item) AND uniform(189, user_id::bigint * 10000 + draw) < exp((1100 * uniform(188, item) - day) / 200)
 GROUP BY 1, 2;

-- Dense events: 2,000 users, about thirty events each, of a catalogue of 500 items.
CREATE TABLE dense_events AS
SELECT user_id, id AS item_id, min(after_days(300 * uniform(196, user_id::bigint * 10000 + draw))) AS at
  FROM draws(190, 2000, 10, 90, 10, 500, 1.4) JOIN shuffled(195, 500) ON place = item
 GROUP BY 1, 2;

DROP FUNCTION draws, shuffled, after_days, about_normal, below, uniform;
RESET search_path;
