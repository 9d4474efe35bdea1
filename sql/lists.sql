-- Lists for which the model has no information about the items.

CREATE SCHEMA lists;
SET search_path = lists;
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- Users 1 to 20 have some of the items 1 to 10; users 101 to 104 have one item each, which no other user has. So the item of
-- user 101 is related to no other item.
CREATE TABLE events (user_id int, item_id int, rating real);
CREATE INDEX ON events (user_id);
INSERT INTO events SELECT u, i, 1 + (u + i) % 3 FROM generate_series(1, 20) u, generate_series(1, 10) i WHERE (u * i) % 7 < i % 4;
INSERT INTO events SELECT u, u, 2 FROM generate_series(101, 104) u;
-- ratings that are all equal say nothing about tastes
CREATE TABLE equal AS SELECT user_id, item_id, 3::real AS rating FROM events;
CREATE INDEX ON equal (user_id);

CREATE TABLE cases (model text, source regclass, algorithm text, options jsonb);
INSERT INTO cases
	SELECT format('%s_apart', a), 'events', a, '{"feedback": "implicit"}'::jsonb FROM unnest('{svd, ease, slim, item_knn, user_knn}'::text[]) a
	UNION ALL SELECT format('%s_equal', a), 'equal', a, '{"feedback": "explicit"}' FROM unnest('{als, svd, item_knn, user_knn}'::text[]) a;
DO $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT * FROM cases LOOP
		PERFORM rec.create_model(c.model, c.source, c.algorithm, c.options);
		CALL rec.train(c.model::regclass);
		CALL rec.recommend_all(c.model::regclass, c.model || '_lists', 5);
	END LOOP;
END $$;
CREATE VIEW popular AS SELECT item_id, count(*) AS n FROM events GROUP BY item_id;

-- such a list is not personal, but has the items of most users; its scores are those of rec.predict; if these are not ratings,
-- the number of users with the item if nothing is known of the user (svd), or nothing; there are no reasons
SELECT c.model, bool_or(r.personal) AS personal, bool_and(p.place = r.rank) AS popular,
	bool_and(r.score = rec.predict(c.model::regclass, 101, r.item_id)) AS predicted,
	bool_and(abs(r.score - CASE WHEN c.source = 'equal'::regclass THEN 3 WHEN c.algorithm = 'svd' THEN p.n / 24.0 ELSE 0 END) < 1e-6) AS as_said,
	(SELECT count(*) FROM rec.explain(c.model::regclass, 101, 1)) AS reasons
  FROM cases c, LATERAL rec.recommend(c.model::regclass, 101, n => 5) r
	JOIN (SELECT item_id, n, row_number() OVER (ORDER BY n DESC, item_id) AS place FROM popular WHERE item_id <> 101) p USING (item_id)
 GROUP BY c.model, c.source, c.algorithm ORDER BY c.model COLLATE "C";
-- the lists of the other users are personal, if they have events
SELECT c.model, bool_and(r.personal) AS personal FROM cases c, LATERAL rec.recommend(c.model::regclass, 3, n => 1) r
 GROUP BY c.model ORDER BY c.model COLLATE "C";

-- the list is the same for all users, and a short list is the beginning of a long one
CREATE FUNCTION differing(model text, n int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	differing bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %I l FULL JOIN
			(SELECT u.user_id, r.* FROM (SELECT DISTINCT user_id FROM events) u, LATERAL rec.recommend(%L, u.user_id, %s) r WHERE r.rank <= 5) r
			ON r.user_id = l.user_id AND r.rank = l.rank WHERE (l.item_id, l.score, l.personal) IS DISTINCT FROM (r.item_id, r.score, r.personal)',
		model || '_lists', model, n) INTO differing;
	RETURN differing;
END $$;
SELECT model, differing(model, 5) AS of_5, differing(model, 1000) AS of_1000 FROM cases ORDER BY model COLLATE "C";

-- with candidates, few and many
SELECT model, (SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend(model::regclass, 101, candidates => '{9, 777}')) AS few,
	(SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend(model::regclass, 101, candidates => '{9, 3, 102, 6, 2, 777}')) AS many
  FROM cases ORDER BY model COLLATE "C";

-- a profile with information about some items only: the others come last, by popularity
SELECT model, array_agg(DISTINCT personal) FILTER (WHERE item_id > 100) AS apart, bool_and(personal) FILTER (WHERE item_id <= 10) AS together,
	array_agg(item_id ORDER BY rank) FILTER (WHERE item_id > 100) AS last
  FROM cases, LATERAL rec.recommend(model::regclass, 3, n => 100) WHERE model IN ('ease_apart', 'slim_apart', 'item_knn_apart', 'user_knn_apart')
 GROUP BY model ORDER BY model COLLATE "C";

-- ---- popularity with times: item 1 was popular, item 2 is, item 3 never was much
CREATE TABLE timed (user_id int, item_id int, at timestamptz);
CREATE INDEX ON timed (user_id);
INSERT INTO timed SELECT u, 1, timestamptz '2020-01-01' + u * interval '1 day' FROM generate_series(1, 50) u;
INSERT INTO timed SELECT u, 2, timestamptz '2026-01-01' - u * interval '1 hour' FROM generate_series(1, 10) u;
INSERT INTO timed SELECT u, 3, timestamptz '2020-01-01' + u * interval '1 day' FROM generate_series(1, 20) u;
CREATE FUNCTION listed(model regclass, user_id int = -1) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(item_id || CASE WHEN personal THEN ' personal' ELSE '' END, ', ' ORDER BY rank) FROM rec.recommend(model, user_id) $$;
CREATE FUNCTION has_popularity(model regclass) RETURNS bool LANGUAGE sql AS $$
	SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = model AND attname = 'popularity') $$;
SELECT rec.create_model('recent', 'timed', 'item_knn', time_column => 'at');
SELECT rec.create_model('ever', 'timed', 'item_knn');
CALL rec.train('recent');
CALL rec.train('ever');
SELECT listed('recent') AS recent, listed('ever') AS ever, has_popularity('recent') AS has, has_popularity('ever') AS has_not;
SELECT item_id, n_ratings, popularity > 0 AS some, popularity = max(popularity) OVER () AS most FROM recent ORDER BY item_id;
-- events count by their age; the half-life depends on the cube root of the number of users
SELECT round(sum(popularity)::numeric * 50, 1) AS weight, round(sum(n_ratings) / 50 ^ (1 / 3.0), 1) AS expected FROM recent;
-- the same in the lists of all users
CALL rec.recommend_all('recent', 'recent_lists', 5, users => '{30, -1}');
SELECT user_id, array_agg(item_id ORDER BY rank) AS items FROM recent_lists GROUP BY user_id ORDER BY user_id;
-- a model that was trained before this column existed, and one without times: by all users; the next training fills the column
ALTER TABLE recent DROP COLUMN popularity;
SELECT listed('recent') AS counted, has_popularity('recent') AS has;
CALL rec.train('recent');
SELECT listed('recent') AS recent, has_popularity('recent') AS has;
SELECT rec.alter_model('ever', time_column => 'at');
SELECT listed('ever') AS counted, has_popularity('ever') AS has;
CALL rec.train('ever');
SELECT listed('ever') AS recent, has_popularity('ever') AS has;
-- and a model that has lost its time column
SELECT rec.alter_model('ever', time_column => '');
SELECT listed('ever') AS counted;
CALL rec.train('ever');
SELECT listed('ever') AS counted, count(*) FROM ever;
SELECT rec.alter_model('ever', time_column => 'at');
CALL rec.train('ever');
SELECT listed('ever') AS recent FROM ever LIMIT 1;
-- a list is made from any contents of the table; an item without a value is the least popular
UPDATE recent SET popularity = NULL WHERE item_id = 2;
ALTER TABLE recent ADD COLUMN note text;
SELECT listed('recent') AS recent;
-- with another algorithm the column stays
SELECT rec.alter_model('recent', algorithm => 'ease');
SELECT has_popularity('recent') AS has;
CALL rec.train('recent');
SELECT listed('recent') AS recent;

DROP SCHEMA lists CASCADE;
