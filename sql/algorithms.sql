-- What holds of every algorithm, whichever there are: for each row of rec.algorithms, on ratings and on events.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA algorithms;
SET search_path = algorithms;

-- 60 users have rated about a third of 30 items; the same with ids as text
CREATE TABLE ratings (user_id int, item_id int, rating real, at timestamp, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5, timestamp '2026-01-01' + (u + i) * interval '1 day'
  FROM generate_series(1, 60) u, generate_series(1, 30) i WHERE (7 * u + 11 * i) % 13 % 3 = 0;
CREATE VIEW text_ratings AS SELECT 'u' || lpad(user_id::text, 2, '0') AS user_id, chr(96 + item_id / 10) || item_id AS item_id, rating, at FROM ratings;
CREATE TABLE nothing (LIKE ratings);
CREATE TABLE one_row (LIKE ratings);
INSERT INTO one_row VALUES (1, 1, 3, '2026-01-01');
CREATE TABLE one_user (LIKE ratings);
INSERT INTO one_user SELECT 1, i, 1 + i % 5, '2026-01-01' FROM generate_series(1, 10) i;
CREATE TABLE one_item (LIKE ratings);
INSERT INTO one_item SELECT u, 1, 1 + u % 5, '2026-01-01' FROM generate_series(1, 10) u;
CREATE TABLE all_equal (LIKE ratings);
INSERT INTO all_equal SELECT u, i, 3, '2026-01-01' FROM generate_series(1, 10) u, generate_series(1, 10) i WHERE (u + i) % 3 > 0;
CREATE TABLE everything (LIKE ratings);
INSERT INTO everything SELECT u, i, 1 + (u * i) % 5, '2026-01-01' FROM generate_series(1, 10) u, generate_series(1, 10) i;
-- what items are worth by recency: the half-life is such that all events together weigh their number by the cube root of the number of users
CREATE VIEW ages AS SELECT item_id, extract(epoch FROM max(at) OVER () - at)::float8 AS age FROM ratings;
CREATE TABLE most_popular AS
	WITH RECURSIVE halving (step, low, high) AS (
		SELECT 0, 0::float8, 1e9::float8
		UNION ALL
		SELECT step + 1, CASE WHEN too_light THEN middle ELSE low END, CASE WHEN too_light THEN high ELSE middle END
		  FROM (SELECT step, low, high, (low + high) / 2 AS middle, (SELECT avg(0.5 ^ least(age / ((low + high) / 2), 1000)) FROM ages) < wanted AS too_light
				  FROM halving, (SELECT count(DISTINCT user_id) ^ (-1 / 3.0) AS wanted FROM ratings) w WHERE step < 60) h)
	SELECT item_id, sum(0.5 ^ least(age / high, 19.93)) / (SELECT count(DISTINCT user_id) FROM ratings) AS popularity
	  FROM ages, halving WHERE step = 60 GROUP BY item_id;
-- of each a model without a warm start, where the algorithm has one, and with one session of each user
CREATE FUNCTION has_option(name text, wanted text) RETURNS bool LANGUAGE sql AS $$ SELECT EXISTS (SELECT FROM rec.algorithms WHERE algorithm = name
    AND option = wanted) $$;
CREATE FUNCTION options_of(name text, feedback text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('feedback', feedback) || CASE WHEN has_option(name, 'warm_start') THEN '{"warm_start": false}' ELSE '{}' END::jsonb
		|| CASE WHEN has_option(name, 'session_gap') THEN '{"session_gap": "0"}' ELSE '{}' END::jsonb
$$;
-- for algorithms that learn from attributes
CREATE TABLE attributes (item_id int PRIMARY KEY, kind text, tags text[], size int);
INSERT INTO attributes SELECT i, (ARRAY['a', 'b', 'c'])[1 + i % 3], ARRAY['t' || i % 2, 'u' || i % 4], i * i % 7 FROM generate_series(1, 30) i;
CREATE VIEW attributes_of_text_ratings AS SELECT chr(96 + item_id / 10) || item_id AS item_id, kind, tags, size FROM attributes;
CREATE VIEW attributes_of_bigint_ratings AS SELECT item_id + 1099511627776 AS item_id, kind, tags, size FROM attributes;
CREATE VIEW attributes_of_numeric_ratings AS SELECT item_id / 8.0 AS item_id, kind, tags, size FROM attributes;
CREATE VIEW attributes_of_uuid_ratings AS SELECT lpad(item_id::text, 32, '0')::uuid AS item_id, kind, tags, size FROM attributes;
CREATE FUNCTION attributes_of(name text, source regclass) RETURNS regclass LANGUAGE sql AS $$
	SELECT CASE WHEN has_option(name, 'min_count') THEN coalesce(to_regclass('attributes_of_' || source::text), 'attributes') END $$;
CREATE FUNCTION new_model(model text, source regclass, name text, feedback text, options jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model(model, source, name, options_of(name, feedback) || options, time_column => 'at', items => attributes_of(name, source));
	CALL rec.train(model::regclass);
END $$;
CREATE FUNCTION contents(model regclass, without text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	sessions text;
	side regclass := (SELECT relation FROM rec.model_table t WHERE t.model = contents.model AND t.side = 'sessions');
BEGIN
	EXECUTE format('SELECT md5(string_agg((to_jsonb(m) - %L)::text, %L ORDER BY item_id)) FROM %s m', without, ' ', model) INTO result;
	IF side IS NOT NULL THEN
		EXECUTE format('SELECT md5(string_agg(s::text, %L ORDER BY session_id)) FROM %s s', ' ', side) INTO sessions;
	END IF;
	RETURN concat_ws(' ', result, sessions);
END $$;
-- the message of an error, or 'none'
CREATE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;

-- An algorithm of histories: it can't do without times. The others have a model then, which is rolled back.
CREATE FUNCTION is_of_order(name text) RETURNS bool LANGUAGE sql AS $$
	SELECT error_of(format('SELECT 1 / (rec.create_model(%L, %L, %L) IS NULL)::int', 'without_times', 'ratings', name)) LIKE '%needs the times%'
$$;

-- What does not hold of an algorithm; no rows where all does.
CREATE FUNCTION failures(name text, feedback text) RETURNS TABLE (failed text) LANGUAGE plpgsql AS $$
DECLARE
	impersonal bool := name = 'popular';
	ordered bool := is_of_order(name);
	before text;
	source text;
	chosen record;
BEGIN
	PERFORM new_model('m', 'ratings', name, feedback);

	-- lists: as long as asked, in order, without what was seen, and the score is what predict says
	RETURN QUERY SELECT format('list of user %s', u) FROM generate_series(1, 60, 7) u WHERE NOT (
		SELECT count(*) = 10 AND bool_and(r.rank = o) AND count(DISTINCT item_id) = 10
			AND bool_and(NOT EXISTS (SELECT FROM ratings t WHERE t.user_id = u AND t.item_id = r.item_id))
			AND bool_and(r.score = rec.predict('m', u, r.item_id))
		FROM rec.recommend('m', u) WITH ORDINALITY AS r (rank, item_id, score, personal, o));
	RETURN QUERY SELECT 'no personal row' WHERE NOT impersonal AND
		NOT EXISTS (SELECT FROM generate_series(1, 60, 7) u, LATERAL rec.recommend('m', u) r WHERE r.personal);
	RETURN QUERY SELECT format('personal rows come first, by score, user %s', u) FROM generate_series(1, 60, 7) u WHERE (
		SELECT bool_or(r.personal AND NOT before_personal) OR bool_or(r.score > before_score AND r.personal)
		FROM (SELECT rank, score, personal, lag(personal) OVER w AS before_personal, lag(score) OVER w AS before_score
			FROM rec.recommend('m', u, n => 100) WINDOW w AS (ORDER BY rank)) r);
	RETURN QUERY SELECT format('all items of user %s', u) FROM generate_series(1, 60, 7) u WHERE
		(SELECT array_agg(item_id ORDER BY item_id) FROM rec.recommend('m', u, n => 100)) IS DISTINCT FROM
		(SELECT array_agg(DISTINCT i.item_id ORDER BY i.item_id) FROM ratings i WHERE NOT EXISTS (SELECT FROM ratings t WHERE t.user_id = u
			AND t.item_id = i.item_id));
	RETURN QUERY SELECT 'candidates and exclude' WHERE
		(SELECT array_agg(item_id ORDER BY item_id) FROM rec.recommend('m', 1, n => 100, exclude_seen => false, candidates => '{1, 2, 3, 4, 98, 99}',
			exclude => '{2, 98}')) IS DISTINCT FROM '{1, 3, 4, 99}'::int[];

	-- someone unknown: what most users have, the more recent ones counting more, not personal, the same for all algorithms
	RETURN QUERY SELECT 'an unknown user' WHERE NOT impersonal AND
		(SELECT array_agg(item_id ORDER BY rank) FROM rec.recommend('m', 9999, n => 100)) IS DISTINCT FROM
		(SELECT array_agg(item_id ORDER BY popularity DESC, item_id) FROM m);
	RETURN QUERY SELECT 'popularity' WHERE EXISTS (SELECT FROM m FULL JOIN most_popular p USING (item_id)
		WHERE abs(m.popularity - p.popularity) < 0.01 * p.popularity IS NOT TRUE);
	RETURN QUERY SELECT 'an unknown user''s rows are not personal' WHERE (SELECT bool_or(personal) FROM rec.recommend('m', 9999, n => 100));
	RETURN QUERY SELECT 'an unknown user, an unknown item' WHERE rec.predict('m', 9999, 9999) IS NULL OR rec.predict('m', 9999, 9999) = 'NaN' OR
		rec.predict('m', 1, 9999) IS NULL OR rec.predict('m', 1, 9999) = 'NaN';
	RETURN QUERY SELECT 'an anonymous session' WHERE (SELECT count(*) FROM rec.recommend_for('m', ARRAY[1, 2, 3], n => 5)) <> 5;

	-- without clip scores are as they were computed; with it ratings end where those of the source do
	PERFORM new_model('whole', 'ratings', name, feedback, CASE WHEN has_option(name, 'clip') THEN '{"clip": false}' ELSE '{}' END::jsonb);
	RETURN QUERY SELECT format('clip, item %s for user %s', i, u) FROM generate_series(1, 60) u, generate_series(1, 30) i,
			LATERAL (SELECT rec.predict('whole', u, i) AS whole, rec.predict('m', u, i) AS shown) p
		WHERE shown <> CASE WHEN feedback = 'explicit' AND has_option(name, 'clip') THEN least(greatest(whole, 1), 5) ELSE whole END;
	RETURN QUERY SELECT 'the same order with and without clip' WHERE
		(SELECT array_agg(item_id ORDER BY u, rank) FROM generate_series(1, 60) u, LATERAL rec.recommend('whole', u, n => 100)) <>
		(SELECT array_agg(item_id ORDER BY u, rank) FROM generate_series(1, 60) u, LATERAL rec.recommend('m', u, n => 100));

	-- contributions and baseline add up to it: those of items, and those of features
	RETURN QUERY SELECT format('explanation of item %s for user %s by %s', i, u, model) FROM generate_series(1, 60, 7) u, generate_series(1, 30, 4) i,
		unnest('{m, whole}'::regclass[]) model
		WHERE (SELECT bool_or(off > 1e-4) FROM (SELECT abs(sum(contribution) + min(baseline) - rec.predict('whole', u, i)) AS off
			FROM rec.explain(model, u, i, n => 1000) GROUP BY feature IS NULL) s);
	-- of a profile given by hand, those of the user who has it; its order is that of time, and matters to some
	RETURN QUERY SELECT format('explanation of item %s for the profile of user %s', i, u) FROM generate_series(1, 60, 7) u, generate_series(1, 30, 4) i,
		LATERAL (SELECT array_agg(item_id ORDER BY place) AS items, array_agg(rating ORDER BY place) AS ratings
			FROM (SELECT item_id, rating, row_number() OVER (ORDER BY CASE WHEN ordered THEN at END, md5(item_id::text)) AS place
				FROM ratings WHERE user_id = u) r) p
		WHERE ARRAY(SELECT e::text FROM rec.explain('m', u, i, n => 5) e) IS DISTINCT FROM
			ARRAY(SELECT e::text FROM rec.explain_for('m', p.items, i, p.ratings, n => 5) e);
	DROP TABLE whole;
	RETURN QUERY SELECT 'explanation of nothing' WHERE EXISTS (SELECT FROM rec.explain('m', 9999, 1)) OR EXISTS (SELECT FROM rec.explain('m', 1, 9999));

	-- similar items: no more than asked, not the item itself, from high to low
	RETURN QUERY SELECT format('items like %s', i) FROM generate_series(1, 30, 7) i WHERE NOT (
		SELECT count(*) <= 5 AND coalesce(bool_and(item_id <> i AND similarity <= coalesce(b, 'infinity')), true)
		FROM (SELECT item_id, similarity, lag(similarity) OVER (ORDER BY rank) AS b FROM rec.similar_items('m', i, n => 5)) s);
	RETURN QUERY SELECT format('items like %s, of those that are chosen', i) FROM generate_series(1, 30, 7) i WHERE
		ARRAY(SELECT (item_id, similarity) FROM rec.similar_items('m', i, 3, ARRAY[1, 2, 3, 4, 8, 9, 15, 16, 99, 1], ARRAY[2, 4, 99]) ORDER BY rank)
			IS DISTINCT FROM
		ARRAY(SELECT (item_id, similarity) FROM rec.similar_items('m', i, n => 100) WHERE item_id IN (1, 3, 8, 9, 15, 16) ORDER BY rank LIMIT 3) OR
		ARRAY(SELECT (item_id, similarity) FROM rec.similar_items('m', i, n => 3, exclude => ARRAY[2, 4, 99]) ORDER BY rank) IS DISTINCT FROM
		ARRAY(SELECT (item_id, similarity) FROM rec.similar_items('m', i, n => 100) WHERE item_id NOT IN (2, 4) ORDER BY rank LIMIT 3);

	-- similar users: the same; where the algorithm keeps nothing of users, by the cosine of their rows, computed here once more; events count the logarithm
	-- of their weights where the algorithm has that option
	RETURN QUERY SELECT format('users like %s', u) FROM generate_series(1, 60, 7) u WHERE NOT (
		SELECT count(*) = 5 AND bool_and(user_id <> u AND similarity BETWEEN -1.00001 AND 1.00001 AND similarity <= coalesce(b, 'infinity'))
		FROM (SELECT user_id, similarity, lag(similarity) OVER (ORDER BY rank) AS b FROM rec.similar_users('m', u, n => 5)) s);
	RETURN QUERY SELECT 'users like nobody' WHERE EXISTS (SELECT FROM rec.similar_users('m', 9999));
	RETURN QUERY SELECT format('cosine of users %s and %s', s.u, s.user_id) FROM
		(SELECT u, r.user_id, r.similarity FROM generate_series(1, 60, 7) u, LATERAL rec.similar_users('m', u, n => 100) r) s
		FULL JOIN (WITH counted AS (SELECT user_id, item_id,
			CASE WHEN feedback = 'implicit' AND has_option(name, 'weight') THEN ln(1 + rating::float8) / ln(2) ELSE rating END AS w FROM ratings),
				squares AS (SELECT user_id, sum(w ^ 2) AS square FROM counted GROUP BY user_id)
			SELECT a.user_id AS u, b.user_id, sum(a.w * b.w) / sqrt(x.square * y.square) AS cosine
			FROM counted a JOIN counted b ON a.item_id = b.item_id AND a.user_id <> b.user_id
				JOIN squares x ON x.user_id = a.user_id JOIN squares y ON y.user_id = b.user_id
			WHERE a.user_id % 7 = 1 GROUP BY a.user_id, b.user_id, x.square, y.square) c ON c.u = s.u AND c.user_id = s.user_id
		WHERE NOT EXISTS (SELECT FROM rec.model_table WHERE model = 'm'::regclass AND side = 'users') AND coalesce(abs(s.similarity - c.cosine), 1) > 1e-5;

	-- whom to show an item: those for whom rec.recommend has it among the personal rows, by score
	IF impersonal THEN
		RETURN QUERY SELECT 'whom to show an item: ' || e FROM error_of('SELECT rec.recommend_users(''m'', 1)') e WHERE e NOT LIKE '%cannot say whom to show%';
	ELSE
		RETURN QUERY SELECT format('whom to show item %s, seen or not: %s', i, seen)
		  FROM generate_series(1, 30, 7) i, unnest('{true, false}'::bool[]) seen WHERE
			ARRAY(SELECT (user_id, score) FROM rec.recommend_users('m', i, 100, NOT seen) ORDER BY score DESC, user_id) IS DISTINCT FROM
			ARRAY(SELECT (u, score) FROM (SELECT DISTINCT user_id AS u FROM ratings) AS users, LATERAL rec.recommend('m', u, 100, NOT seen) r
				WHERE item_id = i AND personal ORDER BY score DESC, u)
			OR NOT (SELECT coalesce(bool_and(score <= coalesce(b, 'infinity')), true)
				FROM (SELECT score, lag(score) OVER (ORDER BY rank) AS b FROM rec.recommend_users('m', i, 100, NOT seen)) r);
	END IF;
	RETURN QUERY SELECT 'whom to show what is not there' WHERE NOT impersonal AND EXISTS (SELECT FROM rec.recommend_users('m', 9999));

	-- everybody's list is each one's
	CALL rec.recommend_all('m', 'lists', 5);
	RETURN QUERY SELECT format('list of everybody, user %s', l.user_id) FROM lists l FULL JOIN
		(SELECT u, r.* FROM (SELECT DISTINCT user_id AS u FROM ratings) AS users, LATERAL rec.recommend('m', u, n => 5) r) r
		ON l.user_id = r.u AND l.rank = r.rank WHERE (l.item_id, l.score, l.personal) IS DISTINCT FROM (r.item_id, r.score, r.personal);
	DROP TABLE lists;
	-- and of items that are chosen: few or many candidates, some that the model does not know, and that a user has seen, with and without what users have;
	-- for all users, or for some, of whom one has no row
	INSERT INTO ratings VALUES (1, 98, 3, '2026-01-01');
	FOR chosen IN SELECT * FROM (VALUES ('{1, 2, 98}'::int[]), (ARRAY(SELECT generate_series(3, 30)) || '{98, 99}'), ('{}'), (NULL)) c (candidates),
		(VALUES ('{2, 7, 99}'::int[]), (NULL)) e (exclude), unnest('{true, false}'::bool[]) seen, (VALUES ('{1, 8, 9999}'::int[]), (NULL)) u (users)
		WHERE seen OR exclude IS NULL LOOP
		CALL rec.recommend_all('m', 'lists', 5, chosen.seen, chosen.candidates, chosen.exclude, chosen.users);
		RETURN QUERY SELECT format('list of everybody with %s, user %s', chosen, coalesce(l.user_id, r.u)) FROM lists l FULL JOIN
			(SELECT u, r.* FROM (SELECT DISTINCT user_id AS u FROM ratings WHERE chosen.users IS NULL UNION SELECT unnest(chosen.users)) AS users,
				LATERAL rec.recommend('m', u, 5, chosen.seen, chosen.candidates, chosen.exclude) r) r
			ON l.user_id = r.u AND l.rank = r.rank WHERE (l.item_id, l.score, l.personal) IS DISTINCT FROM (r.item_id, r.score, r.personal);
		DROP TABLE lists;
	END LOOP;
	DELETE FROM ratings WHERE item_id = 98;

	-- trained again it is the same, and so it is in whatever order the rows lie
	before := contents('m');
	CALL rec.train('m');
	RETURN QUERY SELECT 'trained again' WHERE contents('m') <> before;
	CREATE TABLE backwards AS SELECT * FROM ratings ORDER BY item_id DESC, user_id DESC;
	PERFORM new_model('b', 'backwards', name, feedback);
	RETURN QUERY SELECT 'in another order' WHERE contents('b') <> before;
	DROP TABLE b, backwards;

	-- ids of another type, in the same order
	PERFORM new_model('t', 'text_ratings', name, feedback);
	RETURN QUERY SELECT 'ids of another type' WHERE EXISTS (
		SELECT FROM generate_series(1, 60, 7) u, generate_series(1, 30, 4) i
		WHERE abs(rec.predict('m', u, i) - rec.predict('t', 'u' || lpad(u::text, 2, '0'), chr(96 + i / 10) || i)) > 1e-4);
	DROP TABLE t, m;

	-- sources with little in them
	PERFORM rec.create_model('e', 'nothing', name, options_of(name, feedback), time_column => 'at', items => attributes_of(name, 'nothing'));
	RETURN QUERY SELECT 'an empty source: ' || e FROM error_of('CALL rec.train(''e'')') e WHERE e NOT LIKE '%has nothing to train on%';
	DROP TABLE e;
	FOREACH source IN ARRAY '{one_row, one_user, one_item, all_equal, everything}'::text[] LOOP
		PERFORM new_model('d', source::regclass, name, feedback);
		RETURN QUERY SELECT format('source %s: user %s has %s rows', source, u, n)
			FROM generate_series(1, 3) u, LATERAL (SELECT count(*) AS n FROM rec.recommend('d', u, n => 5)) r
			WHERE n <> least(5, (SELECT items FROM rec.models WHERE model = 'd'::regclass) -
				CASE source WHEN 'one_row' THEN (u = 1)::int WHEN 'one_user' THEN 10 * (u = 1)::int WHEN 'one_item' THEN 1 WHEN 'everything' THEN 10
				ELSE (SELECT count(*) FROM all_equal WHERE user_id = u) END);
		RETURN QUERY SELECT format('source %s: predictions', source)
			WHERE EXISTS (SELECT FROM generate_series(0, 3) u, generate_series(0, 3) i WHERE rec.predict('d', u, i) IS NULL OR rec.predict('d', u, i) = 'NaN');
		DROP TABLE d;
	END LOOP;
END $$;

-- What a function finds of every algorithm, each in a transaction of its own: locks on all of the tables that are made would need more room than there is.
-- A function without an argument for the feedback is called with '{NULL}'.
CREATE TABLE failure (algorithm text, feedback text, failed text);
CREATE PROCEDURE try_all(function text, feedbacks text[] DEFAULT '{explicit, implicit}') LANGUAGE plpgsql AS $$
DECLARE
	each record;
BEGIN
	TRUNCATE failure;
	FOR each IN SELECT DISTINCT algorithm, feedback FROM rec.algorithms, unnest(feedbacks) feedback ORDER BY 1, 2 LOOP
		EXECUTE format('INSERT INTO failure SELECT $1, $2, failed FROM %s(%s)', function, CASE WHEN each.feedback IS NULL THEN '$1' ELSE '$1, $2' END)
			USING each.algorithm, each.feedback;
		COMMIT;
	END LOOP;
END $$;
CALL try_all('failures');
SELECT * FROM failure ORDER BY 1, 2, 3;

-- ---- the first of a long list are a short one, and everybody's; of so many items that the best are found without scoring all, where scores are inner products

CREATE TABLE many_items AS SELECT DISTINCT u AS user_id, ((u * 37 + k * k * 101 + u * k * 13) % 1500)::int AS item_id, (1 + (u + k) % 5)::real AS rating,
	timestamp '2026-01-01' + (u * k % 97) * interval '1 day' AS at FROM generate_series(1, 400) u, generate_series(1, 25) k;
CREATE INDEX ON many_items (user_id);
CREATE FUNCTION short_and_long(name text, feedback text) RETURNS TABLE (failed text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM new_model('m', 'many_items', name, feedback, (SELECT coalesce(jsonb_object_agg(option, 4), '{}') FROM rec.algorithms
		WHERE algorithm = name AND option IN ('factors', 'iterations')));
	CALL rec.recommend_all('m', 'lists', 10);
	RETURN QUERY SELECT format('user %s: %s, %s', u, ten, everybody) FROM generate_series(1, 401, 8) u,
		LATERAL (SELECT array_agg((item_id, score, personal)::text ORDER BY rank) AS first FROM rec.recommend('m', u, n => 1000) WHERE rank <= 10) l,
		LATERAL (SELECT array_agg((item_id, score, personal)::text ORDER BY rank) AS ten FROM rec.recommend('m', u, n => 10)) s,
		LATERAL (SELECT array_agg((item_id, score, personal)::text ORDER BY rank) AS everybody FROM lists WHERE user_id = u) e
		WHERE ten IS DISTINCT FROM first OR (everybody IS DISTINCT FROM first AND u <= 400);
	DROP TABLE m, lists;
END $$;
CALL try_all('short_and_long');
SELECT * FROM failure ORDER BY 1, 2, 3;

-- ---- what others got wrong; no rows where nothing is

-- ids of other types, in the same order: beyond 32 bits, fractions, uuids
CREATE VIEW bigint_ratings AS SELECT user_id + 1099511627776 AS user_id, item_id + 1099511627776 AS item_id, rating, at FROM ratings;
CREATE VIEW numeric_ratings AS SELECT user_id / 8.0 AS user_id, item_id / 8.0 AS item_id, rating, at FROM ratings;
CREATE VIEW uuid_ratings AS SELECT lpad(user_id::text, 32, '0')::uuid AS user_id, lpad(item_id::text, 32, '0')::uuid AS item_id, rating, at FROM ratings;
-- the same data: rows that name nobody or nothing; each twice, of which the latest counts, or each with half the weight and both
CREATE VIEW null_ids AS TABLE ratings UNION ALL VALUES (NULL::int, 1, 3::real, timestamp '2026-01-01'), (1, NULL, 3, '2026-01-01'), (NULL, NULL, NULL, NULL);
CREATE VIEW twice_explicit AS TABLE ratings UNION ALL SELECT user_id, item_id, 1 + item_id % 5, at - interval '1 year' FROM ratings;
CREATE VIEW twice_implicit AS SELECT user_id, item_id, rating / 2 AS rating, at FROM ratings, generate_series(1, 2);
-- the times of a user's ratings, the first for the last
CREATE VIEW permuted AS SELECT user_id, item_id, rating, other.at FROM
	(SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY at) AS place FROM ratings) r
	JOIN (SELECT user_id, at, row_number() OVER (PARTITION BY user_id ORDER BY at DESC) AS place FROM ratings) other USING (user_id, place);
CREATE TABLE backwards AS SELECT * FROM ratings ORDER BY md5(user_id || ' ' || item_id);
-- another scale, below zero and above
CREATE VIEW signed AS SELECT user_id, item_id, rating - 3 AS rating, at FROM ratings;

CREATE FUNCTION faults(name text, feedback text) RETURNS TABLE (failed text) LANGUAGE plpgsql AS $$
DECLARE
	ordered bool := is_of_order(name);
	before text;
	learned text;
	predictions real[];
	source text;
	bad text;
	message text;
	o record;
BEGIN
	PERFORM new_model('m', 'ratings', name, feedback);
	before := contents('m');
	learned := contents('m', without => 'popularity');
	predictions := ARRAY(SELECT rec.predict('m', u, i) FROM generate_series(1, 60, 7) u, generate_series(1, 30, 4) i ORDER BY u, i);

	-- no more rows than there are candidates, none invented, none twice
	RETURN QUERY SELECT 'as many as there can be' WHERE
		(SELECT array_agg(item_id ORDER BY item_id) FROM rec.recommend('m', 1, n => 2147483647, exclude_seen => false)) IS DISTINCT FROM
		(SELECT array_agg(DISTINCT item_id ORDER BY item_id) FROM ratings);
	RETURN QUERY SELECT 'candidates that are not there, or twice, or NULL' WHERE
		(SELECT array_agg(item_id ORDER BY item_id) FROM rec.recommend('m', 1, n => 5, exclude_seen => false, candidates => ARRAY[7, NULL, 1000, 7, -1,
			8])) IS DISTINCT FROM '{-1, 7, 8, 1000}'::int[];
	RETURN QUERY SELECT 'candidates that are not there before one that is, or not as rec.predict scores them' WHERE EXISTS (
		SELECT FROM rec.recommend('m', 1, n => 5, exclude_seen => false, candidates => ARRAY[7, 1000, -1, 8])
		WHERE (rank > 2) <> (item_id NOT IN (7, 8)) OR (rank > 2 AND (item_id <> CASE rank WHEN 3 THEN -1 ELSE 1000 END OR personal OR score IS DISTINCT
			FROM rec.predict('m', 1, item_id))));
	RETURN QUERY SELECT 'no candidates' WHERE EXISTS (SELECT FROM rec.recommend('m', 1, candidates => '{}'));
	-- someone and something unknown among the others don't spoil a mean
	RETURN QUERY SELECT 'a mean' WHERE (SELECT coalesce(avg(rec.predict('m', u, i)), 'NaN') IN ('NaN', 'infinity', '-infinity') FROM generate_series(-1,
		70) u, generate_series(-1, 35) i);
	-- a rating that says nothing was seen, all the same
	FOREACH bad IN ARRAY '{NaN, infinity, -infinity, NULL}'::text[] LOOP
		INSERT INTO ratings SELECT 1, i, nullif(bad, 'NULL')::real, '2026-03-01' FROM (SELECT min(item_id) AS i FROM rec.recommend('m',
			1)) x RETURNING item_id::text INTO source;
		RETURN QUERY SELECT format('a rating of %s in a profile', bad) FROM rec.recommend('m', 1, n => 100)
			WHERE item_id::text = source OR score IS NULL OR score IN ('NaN', 'infinity', '-infinity');
		message := error_of('CALL rec.train(''m'')');
		RETURN QUERY SELECT format('a rating of %s in training: %s', bad, message) WHERE message NOT LIKE '%whose rating cannot be used'
			OR contents('m') <> before;
		DELETE FROM ratings WHERE user_id = 1 AND item_id::text = source;
	END LOOP;
	DROP TABLE m;

	-- the same data
	FOREACH source IN ARRAY ARRAY['null_ids', 'twice_' || feedback] LOOP
		PERFORM new_model('m', source::regclass, name, feedback);
		-- to histories a repeat counts
		RETURN QUERY SELECT source WHERE (contents('m') = before) <> (source = 'null_ids' OR NOT ordered);
		DROP TABLE m;
	END LOOP;

	-- times that are others' of the same user: the same model to the bit, and the same list, but of histories
	PERFORM new_model('m', 'permuted', name, feedback);
	RETURN QUERY SELECT 'times are permuted' WHERE (contents('m', without => 'popularity') = learned) = ordered OR contents('m') = before;
	DROP TABLE m;

	-- rows in any order
	PERFORM new_model('m', 'backwards', name, feedback);
	RETURN QUERY SELECT 'rows come backwards' WHERE contents('m') <> before;
	DROP TABLE m;
	PERFORM new_model('m', 'bigint_ratings', name, feedback);
	RETURN QUERY SELECT 'bigint' FROM unnest(predictions, ARRAY(SELECT rec.predict('m', u + 1099511627776, i + 1099511627776) FROM generate_series(1, 60,
		7) u, generate_series(1, 30, 4) i ORDER BY u, i)) AS x (a, b)
		HAVING max(abs(a - b)) > 1e-4;
	RETURN QUERY SELECT 'bigint: ids come back whole' FROM rec.recommend('m', 1 + 1099511627776) HAVING min(item_id) <= 1099511627776;
	DROP TABLE m;
	PERFORM new_model('m', 'numeric_ratings', name, feedback);
	RETURN QUERY SELECT 'numeric' FROM unnest(predictions, ARRAY(SELECT rec.predict('m', u / 8.0, i / 8.0) FROM generate_series(1, 60, 7) u,
		generate_series(1, 30, 4) i ORDER BY u, i)) AS x (a, b)
		HAVING max(abs(a - b)) > 1e-4;
	RETURN QUERY SELECT 'numeric: no id is rounded' WHERE (SELECT count(DISTINCT item_id) <> (SELECT count(DISTINCT i.item_id) FROM ratings i)
		OR bool_and(item_id = round(item_id))
		FROM rec.recommend('m', 1 / 8.0, n => 100, exclude_seen => false));
	DROP TABLE m;
	PERFORM new_model('m', 'uuid_ratings', name, feedback);
	RETURN QUERY SELECT 'uuid' FROM unnest(predictions, ARRAY(SELECT rec.predict('m', lpad(u::text, 32, '0'), lpad(i::text, 32, '0')) FROM generate_series(1,
		60, 7) u, generate_series(1, 30, 4) i ORDER BY u, i)) AS x (a, b)
		HAVING max(abs(a - b)) > 1e-4;
	DROP TABLE m;

	-- negative ratings are ratings, but no weights; explanations add up with them too
	IF feedback = 'implicit' THEN
		message := error_of($q$SELECT new_model('m', 'signed', '$q$ || name || $q$', 'implicit')$q$);
		RETURN QUERY SELECT 'negative weights: ' || message WHERE message NOT LIKE '%whose rating cannot be used';
	ELSE
		PERFORM new_model('m', 'signed', name, feedback);
		RETURN QUERY SELECT format('explanation of item %s for user %s, by negative ratings', i, u) FROM generate_series(1, 60, 7) u, generate_series(1, 30,
			4) i WHERE (
			SELECT abs(CASE WHEN p.ratings THEN least(greatest(sum(contribution) + min(baseline), -2),
				2) ELSE sum(contribution) + min(baseline) END - rec.predict('m', u, i)) > 1e-4
			FROM rec.explain('m', u, i, n => 1000), (SELECT bool_and(rec.predict('m', v, j) BETWEEN -2 AND 2) AS ratings FROM generate_series(1, 60) v,
				generate_series(1, 30) j) p
			WHERE feature IS NULL GROUP BY p.ratings);
		DROP TABLE m;
	END IF;

	-- numbers as large as can be: an error before anything is stored, or a model of finite numbers
	CREATE TABLE large AS SELECT user_id, item_id, (rating * 6e37)::real AS rating, at FROM ratings;
	PERFORM rec.create_model('m', 'large', name, options_of(name, feedback), time_column => 'at', items => attributes_of(name, 'large'));
	message := error_of('CALL rec.train(''m'')');
	IF message = 'none' THEN
		message := error_of($q$SELECT CASE WHEN rec.predict('m', u, i) IN ('NaN', 'infinity', '-infinity') THEN 1 / (u - u) END FROM generate_series(1, 60,
			7) u, generate_series(1, 30, 4) i$q$);
		RETURN QUERY SELECT 'ratings of 1e38, asked: ' || message WHERE message <> 'none' AND message NOT LIKE 'ratings of the profile are too large%';
	ELSE
		RETURN QUERY SELECT 'ratings of 1e38: ' || message WHERE (SELECT version FROM rec.models WHERE model = 'm'::regclass) <> 0;
	END IF;
	DROP TABLE m, large;

	-- each option at the ends of its range (so more factors than users and items, and regularization without any measure): the same; and explanations
	-- add up, of weights beside which single precision has no regularization too
	FOR o IN SELECT option, value FROM rec.algorithms, LATERAL (VALUES (minimum), (least(maximum, CASE type WHEN 'integer' THEN 100 ELSE maximum END)),
		(CASE WHEN option = 'alpha' AND maximum > 1 THEN 500000 END)) x (value)
		WHERE algorithm = name AND type IN ('real', 'integer') AND value IS NOT NULL ORDER BY 1, 2 LOOP
		PERFORM rec.create_model('m', 'ratings', name, options_of(name, feedback) || jsonb_build_object(o.option, o.value) || CASE WHEN has_option(name,
			'clip') THEN '{"clip": false}' ELSE '{}' END::jsonb, time_column => 'at', items => attributes_of(name, 'ratings'));
		message := error_of('CALL rec.train(''m'')');
		RETURN QUERY SELECT format('%s %s: %s', o.option, o.value, message) WHERE message <> 'none' AND o.option <> 'max_items'
			AND message NOT LIKE '%not finite%';
		IF message = 'none' THEN
			RETURN QUERY SELECT format('%s %s: user %s has %s rows, of scores from %s to %s', o.option, o.value, u, n, low, high) FROM generate_series(1, 60,
				29) u,
				LATERAL (SELECT count(*) AS n, min(score) AS low, max(score) AS high FROM rec.recommend('m', u)) r
				WHERE n <> 10 OR low = '-infinity' OR high IN ('NaN', 'infinity');
			RETURN QUERY SELECT format('%s %s: a prediction of %s', o.option, o.value, p) FROM (SELECT rec.predict('m', u, i) AS p FROM generate_series(0, 60,
				15) u, generate_series(0, 30, 5) i) x
				WHERE p IS NULL OR p IN ('NaN', 'infinity', '-infinity') LIMIT 1;
			RETURN QUERY SELECT format('%s %s: an explanation', o.option, o.value) FROM generate_series(1, 60, 7) u, generate_series(5, 30, 8) i
				WHERE (SELECT abs(sum(contribution::float8) + min(baseline) - rec.predict('m', u,
					i)) > 1e-5 * (1 + min(abs(baseline)) + sum(abs(contribution))) FROM rec.explain('m', u, i, n => 1000) WHERE feature IS NULL) LIMIT 1;
		ELSE
			RETURN QUERY SELECT format('%s %s: stored all the same', o.option, o.value) WHERE (SELECT version FROM rec.models WHERE model = 'm'::regclass) <> 0;
		END IF;
		DROP TABLE m;
	END LOOP;

	-- lists are cut where they are made
	FOR o IN SELECT option FROM rec.algorithms WHERE algorithm = name AND option = 'neighbors' LOOP
		PERFORM rec.create_model('m', 'ratings', name, options_of(name, feedback) || '{"neighbors": 3}', time_column => 'at',
			items => attributes_of(name, 'ratings'));
		CALL rec.train('m');
		IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'm'::regclass AND attname = 'neighbors') THEN
			RETURN QUERY EXECUTE $q$SELECT 'a list of ' || max(cardinality(neighbors)) FROM m HAVING max(cardinality(neighbors)) <> 3$q$;
		END IF;
		DROP TABLE m;
	END LOOP;
END $$;

CALL try_all('faults');
SELECT * FROM failure ORDER BY 1, 2, 3;

-- what takes memory with the square of the items is refused, and what to use instead is said
\set VERBOSITY default
SELECT rec.create_model('m', 'ratings', 'ease', '{"max_items": 29}');
CALL rec.train('m'); \echo :SQLSTATE
-- one that fails keeps others from nothing: its row says why, and comes last
CREATE VIEW huge AS SELECT user_id, item_id, rating * 1e33::real AS rating FROM ratings;
SELECT rank, algorithm, value > 0 AS measured, users, error
  FROM rec.compare('huge', '[{"algorithm": "als", "alpha": 1000000, "weight": "linear", "feedback": "implicit"}, {"algorithm": "ease", "max_items": 29,
      "feedback": "implicit"}, {"algorithm": "popular", "feedback": "implicit"}]');
DROP TABLE m;
SELECT rec.create_model('m', 'huge', 'ease', '{"feedback": "implicit", "weight": "linear", "regularization": 300}');
CALL rec.train('m'); \echo :SQLSTATE
DROP TABLE m;
SELECT rec.create_model('m', 'ratings', 'ease');
SELECT rank, options, value > 0 AS measured, test > 0 AS tested, error FROM rec.tune('m', '{"max_items": [29, 30, 28]}', split => 'random');
SELECT count(*) FROM rec.tune('m', '{"max_items": [29, 28]}', split => 'random', method => 'halving');
-- the best may fail where the rest of the ratings come to it: a row that says so, and nothing is applied. Of 100 items with one event each about 64 are in
-- the train
-- part, and 80 in both that the best is trained on
CREATE VIEW singles AS SELECT i % 20 AS user_id, i AS item_id FROM generate_series(1, 100) i;
SELECT rec.create_model('s', 'singles', 'ease');
SET client_min_messages = notice;
SELECT rank, value IS NOT NULL AS measured, test, error LIKE 'algorithm "ease" cannot train%' AS failed FROM rec.tune('s', '{"max_items": [72]}',
    split => 'random', apply => true);
SET client_min_messages = warning;
SELECT version, options->>'max_items' = '72' AS applied FROM rec.models WHERE model = 's'::regclass;
-- or where all of them do, of 100 items: the results come back, and a warning says that they are not applied
SELECT rank, value IS NOT NULL AS measured, test IS NOT NULL AS tested, error FROM rec.tune('s', '{"max_items": [90]}', split => 'random', apply => true)
    WHERE rank = 1;
SELECT version, options->>'max_items' AS max_items FROM rec.models WHERE model = 's'::regclass;
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND objid = 's'::regclass;
DROP TABLE s;
DROP VIEW singles;
-- combinations that train alike are tried once: written in another way, or differing in how a later training would begin
SET client_min_messages = notice;
SELECT count(*) FROM rec.tune('m', '{"regularization": [100, 1e2, 200]}', split => 'random');
DROP TABLE m;
SELECT rec.create_model('m', 'ratings');
SELECT count(*) FROM rec.tune('m', '{"warm_start": [true, false], "factors": [2]}', split => 'random');
SET client_min_messages = warning;
DROP TABLE m;
DROP VIEW huge;
\set VERBOSITY terse

-- ---- every option at another value than its default, wherever models are trained or described, with and without a column of ratings and one of times

CREATE TABLE rows_of AS SELECT * FROM ratings WHERE user_id <= 20 AND item_id <= 16;
CREATE VIEW pairs AS SELECT user_id, item_id FROM rows_of;
CREATE VIEW rated AS SELECT user_id, item_id, rating FROM rows_of;
CREATE VIEW timed AS SELECT user_id, item_id, at FROM rows_of;
-- what an option of type text takes is in the message that refuses another
CREATE FUNCTION other_value(name text, o rec.algorithms) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	accepted text;
BEGIN
	CASE o.type
		WHEN 'boolean' THEN RETURN to_jsonb(o."default" = 'false');
		WHEN 'integer' THEN RETURN to_jsonb(CASE WHEN split_part(o."default", ' ', 1)::float8 = least(33, o.maximum) THEN o.minimum ELSE least(33,
			o.maximum) END);
		WHEN 'real' THEN RETURN to_jsonb(CASE WHEN o."default" = '0.5' OR o.maximum < 0.5 THEN o.maximum / 4 ELSE greatest(o.minimum, 0.5) END);
		WHEN 'interval' THEN RETURN to_jsonb('7 days'::text);
		WHEN 'text' THEN
			PERFORM rec.create_model('refused', 'rated', name, jsonb_build_object(o.option, '?'));
	END CASE;
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS accepted = PG_EXCEPTION_DETAIL;
	RETURN (SELECT to_jsonb(m[1]) FROM regexp_matches(accepted, '"([^"]*)"', 'g') WITH ORDINALITY AS r (m, nth) WHERE nth > 1 AND m[1] IS DISTINCT
		FROM split_part(o."default", ' ', 1) ORDER BY nth LIMIT 1);
END $$;
CREATE FUNCTION everywhere(name text) RETURNS TABLE (failed text) LANGUAGE plpgsql AS $$
DECLARE
	o rec.algorithms;
	source regclass;
	times name;
	other jsonb;
	small jsonb;
	calls text[];
	ordered bool := is_of_order(name);
	message text;
BEGIN
	FOR o IN SELECT a.* FROM rec.algorithms a WHERE a.algorithm = name AND a.option <> 'feedback' LOOP
		other := other_value(name, o);
		RETURN QUERY SELECT format('%s has no other value', o.option) WHERE other IS NULL;
		FOREACH source IN ARRAY '{pairs, rated, timed, rows_of}'::regclass[] LOOP
			times := CASE WHEN source::text IN ('timed', 'rows_of') THEN 'at' END;
			small := (SELECT coalesce(jsonb_object_agg(x.option, 2), '{}') FROM rec.algorithms x WHERE x.algorithm = name AND x.option IN ('iterations',
				'factors')) || jsonb_build_object(o.option, other);
			message := error_of(format('SELECT rec.create_model(%L, %L, %L, %L, time_column => %L, items => %L)', 'm', source, name, small, times,
				attributes_of(name, source)));
			calls := ARRAY[format('SELECT count(*) FROM rec.compare(%L, %L, split => %L, time_column => %L, items => %L)', source,
				jsonb_build_array(small || jsonb_build_object('algorithm', name)), 'random', times, attributes_of(name, source))];
			IF times IS NULL AND ordered THEN
				RETURN QUERY SELECT format('%s %s on %s: %s', o.option, other, source, message) WHERE message NOT LIKE '%needs the times of the events';
				CONTINUE;
			ELSIF message = 'none' THEN
				calls := calls || ARRAY['CALL rec.train(''m'')', 'SELECT rec.report(''m'')'];
			ELSE
				-- the others are of a model without the option, which are given it
				PERFORM rec.create_model('m', source, name, small - o.option, time_column => times, items => attributes_of(name, source));
				RETURN QUERY SELECT format('%s %s on %s: %s', o.option, other, source, message) WHERE times IS NOT NULL
					OR message NOT LIKE '%needs the times of the ratings';
			END IF;
			calls := calls || ARRAY[format('SELECT count(*) FROM rec.evaluate(%L, %L, options => %L)', 'm', 'random', small),
				format('SELECT count(*) FROM rec.tune(%L, %L, split => %L)', 'm', jsonb_build_object(o.option, jsonb_build_array(other)), 'random')];
			RETURN QUERY SELECT format('%s %s: %s says %s, creating %s', o.option, other, c, e, message) FROM unnest(calls) c, error_of(c) e
				WHERE e <> message AND NOT (c LIKE '%tune%' AND e LIKE 'no combination%');
			DROP TABLE m;
		END LOOP;
	END LOOP;
END $$;
CALL try_all('everywhere', '{NULL}');
SELECT * FROM failure ORDER BY 1, 2, 3;

-- ---- privileges: the model and the source, nothing more and nothing less

CREATE ROLE regress_rec_reader;
GRANT USAGE ON SCHEMA algorithms TO regress_rec_reader;
CREATE FUNCTION privileges(name text) RETURNS TABLE (failed text) LANGUAGE plpgsql AS $$
DECLARE
	side regclass;
BEGIN
	PERFORM new_model('m', 'ratings', name, 'implicit');
	SET LOCAL ROLE regress_rec_reader;
	RETURN QUERY SELECT 'without any' WHERE error_of($q$SELECT rec.recommend('algorithms.m', 1)$q$) NOT LIKE 'permission denied%';
	RESET ROLE;
	GRANT SELECT ON m TO regress_rec_reader;
	FOR side IN SELECT relation FROM rec.model_table t WHERE t.model = 'm'::regclass LOOP
		EXECUTE format('GRANT SELECT ON %s TO regress_rec_reader', side);
	END LOOP;
	SET LOCAL ROLE regress_rec_reader;
	RETURN QUERY SELECT 'of the model' WHERE error_of($q$SELECT rec.recommend('algorithms.m', 1)$q$) NOT LIKE 'permission denied%';
	RETURN QUERY SELECT 'of the model, for similar users' WHERE error_of($q$SELECT rec.similar_users('algorithms.m', 1)$q$) NOT LIKE 'permission denied%';
	RETURN QUERY SELECT 'of the model, for whom to show an item' WHERE error_of($q$SELECT rec.recommend_users('algorithms.m', 1)$q$)
		NOT LIKE ALL ('{permission denied%, %cannot say whom%}');
	RETURN QUERY SELECT 'of the model, for a session' WHERE error_of($q$SELECT rec.recommend_for('algorithms.m', ARRAY[1])$q$) <> 'none';
	RESET ROLE;
	GRANT SELECT ON ratings TO regress_rec_reader;
	SET LOCAL ROLE regress_rec_reader;
	RETURN QUERY SELECT 'of both' WHERE error_of($q$SELECT rec.recommend('algorithms.m', 1), rec.predict('algorithms.m', 1, 1), rec.explain('algorithms.m', 1,
		1),
		rec.similar_items('algorithms.m', 1), rec.similar_users('algorithms.m', 1)$q$) <> 'none';
	RETURN QUERY SELECT 'of both, for whom to show an item' WHERE error_of($q$SELECT rec.recommend_users('algorithms.m', 1)$q$)
		NOT LIKE ALL ('{none, %cannot say whom%}');
	RESET ROLE;
	REVOKE SELECT ON ratings FROM regress_rec_reader;
	DROP TABLE m;
END $$;
SELECT algorithm, failed FROM (SELECT DISTINCT algorithm FROM rec.algorithms) a, LATERAL privileges(algorithm) ORDER BY 1, 2;
DROP OWNED BY regress_rec_reader;
DROP ROLE regress_rec_reader;

-- ---- warm starts: fewer iterations, a loss within a tenth; and the same after convergence, to three digits, where training converges

CREATE FUNCTION warm(name text, OUT fewer bool, OUT as_good bool, OUT difference float8) LANGUAGE plpgsql AS $$
DECLARE
	before float8[];
BEGIN
	PERFORM rec.create_model('w', 'ratings', name, '{"feedback": "implicit", "factors": 4, "iterations": 200}');
	CALL rec.train('w');
	before := ARRAY(SELECT rec.predict('w', u, i) FROM generate_series(1, 60, 7) u, generate_series(1, 30, 4) i ORDER BY u, i);
	CALL rec.train('w');
	SELECT max(iteration) FILTER (WHERE version = 2) < max(iteration) FILTER (WHERE version = 1),
		(array_agg(loss ORDER BY version DESC, iteration DESC))[1] < 1.1 * (array_agg(loss ORDER BY version, iteration DESC))[1]
		INTO fewer, as_good FROM rec.training_log WHERE model = 'w'::regclass;
	SELECT max(abs(b - p)) INTO difference FROM unnest(before, ARRAY(SELECT rec.predict('w', u, i) FROM generate_series(1, 60, 7) u, generate_series(1, 30,
		4) i ORDER BY u, i)) AS x (b, p);
	DROP TABLE w;
END $$;
-- bpr is stochastic: its steps become smaller until they end, wherever it is then
SELECT algorithm, fewer, as_good, difference < 0.01 OR algorithm = 'bpr' AS same
  FROM (SELECT algorithm FROM rec.algorithms WHERE option = 'warm_start') a, warm(algorithm) ORDER BY 1;

DROP SCHEMA algorithms CASCADE;
