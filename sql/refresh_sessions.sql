-- A refresh of models whose items have lists of sessions.

CREATE SCHEMA refresh_sessions;
SET search_path = refresh_sessions;
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- ---- by hand

CREATE TABLE clicks (user_id text, item_id int, at int);
CREATE INDEX ON clicks (user_id);
CREATE INDEX ON clicks (item_id);
-- With pauses of more than 30: u has 1 2 from 0 on, and 2 3 from 100 on; v has 1 3 from 50 on; w has a single event. Two sessions of each item are kept.
INSERT INTO clicks VALUES ('u', 1, 0), ('u', 2, 10), ('u', 2, 100), ('u', 3, 110), ('v', 1, 50), ('v', 3, 60), ('w', 1, 40);
SELECT rec.create_model('m', 'clicks', 'session_knn', '{"session_gap": "30 seconds", "sample": 2}', time_column => 'at');
SELECT rec.track('m');
CALL rec.train('m');
CREATE VIEW stored AS SELECT 'session' AS side, session_id::text AS row, n_ratings, began / 1000000 AS began, items AS list, NULL::real AS idf FROM m_sessions
	UNION ALL SELECT 'user', user_id, n_ratings, NULL, sessions, NULL FROM m_users
	UNION ALL SELECT 'item', item_id::text, n_ratings, NULL, sessions, idf FROM m;
SELECT side, row, n_ratings, began, list, round(idf::numeric, 4) AS idf FROM stored ORDER BY 1, 2;
-- v goes on with 4, which is new: the session is the same, and is longer. w comes back, and w's first session is one now, which began at 40. The latest two of
-- 1 are those of 50 and 40, so that of 0 leaves the list, but 2 still has it. Three users have 1, as before; of 4 there is one, so that idf is log 3.
INSERT INTO clicks VALUES ('v', 4, 70), ('w', 3, 65);
CALL rec.refresh('m');
SELECT side, row, n_ratings, began, list, round(idf::numeric, 4) AS idf FROM stored ORDER BY 1, 2;
-- u's second session becomes another, 1 from 100 on, and ends: the first is on no list then, once 2 has later ones. Its number is that of the next.
INSERT INTO clicks VALUES ('x', 2, 200), ('x', 1, 210), ('x', 2, 220), ('u', 1, 120);
CALL rec.refresh('m');
SELECT side, row, n_ratings, began, list FROM stored ORDER BY 1, 2;
INSERT INTO clicks VALUES ('y', 4, 300), ('y', 3, 301);
CALL rec.refresh('m');
SELECT side, row, n_ratings, began, list FROM stored ORDER BY 1, 2;
-- without x nobody knows which session of 1 and 2 was there before; v has no session any more, and 4 a single one
DELETE FROM clicks WHERE user_id = 'x' OR (user_id = 'v' AND item_id > 1);
CALL rec.refresh('m');
SELECT side, row, n_ratings, began, list FROM stored ORDER BY 1, 2;
SELECT sessions FROM rec.model WHERE model = 'm'::regclass;
SELECT users, items, rows FROM rec.models WHERE model = 'm'::regclass;
DROP TABLE m CASCADE;

-- ---- what a training gives

-- Changes rows in rounds, refreshes after each, and trains; compares what is stored, by the times of sessions, and what is answered.
CREATE TABLE contents (stage text, side text, row text, n_ratings int, list text);
CREATE TABLE answers (stage text, question text, item_id int, score real);
CREATE PROCEDURE note(stage text) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO contents SELECT stage, 'session', began::text, n_ratings, items::text FROM m_sessions
		UNION ALL SELECT stage, 'user', u.user_id, u.n_ratings, array_agg(began ORDER BY began)::text
		  FROM m_users u LEFT JOIN m_sessions s ON session_id = ANY (sessions) GROUP BY u.user_id, u.n_ratings
		UNION ALL SELECT stage, 'item', i.item_id::text, i.n_ratings, array_agg(began ORDER BY began)::text
		  FROM m i LEFT JOIN m_sessions s ON session_id = ANY (sessions) GROUP BY i.item_id, i.n_ratings
		UNION ALL SELECT stage, 'idf', item_id::text, 0, idf::text FROM m;
	INSERT INTO answers SELECT stage, user_id, r.item_id::int, r.score
	  FROM (SELECT DISTINCT user_id FROM clicks) u, rec.recommend('m', user_id, n => 100) r WHERE personal;
	INSERT INTO answers SELECT stage, 'like ' || m.item_id, s.item_id, s.similarity FROM m, rec.similar_items('m', m.item_id, n => 100) s;
END $$;
-- Rows at times that are all different. About every fourth of a user's begins a session.
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
	TRUNCATE clicks, contents, answers;
	INSERT INTO clicks SELECT 'u' || u, (u * u + 7 * e * e + 3 * u * e + e) % 40,
			u * 7 + 700 * sum(CASE WHEN (u + e * e + 5 * e) % 4 = 0 THEN 100 ELSE 1 END) OVER (PARTITION BY u ORDER BY e) + (u * 13) % 29 * 5000
	  FROM generate_series(1, 60) u, generate_series(1, 12) e WHERE (u + 2 * e) % 5 > 0;
$$;
CREATE PROCEDURE refresh_and_train(options jsonb, changes text, rounds int = 3) LANGUAGE plpgsql AS $$
DECLARE
	result record;
BEGIN
	PERFORM fill();
	EXECUTE format('SELECT rec.create_model(''m'', ''clicks'', ''session_knn'', %L, time_column => ''at'')', options);
	PERFORM rec.track('m');
	CALL rec.train('m');
	FOR round IN 1..rounds LOOP
		EXECUTE format('SELECT %s(%s)', changes, round);
		CALL rec.refresh('m', 0);
		-- each session is on a list, and one user's; lists have nothing else
		SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM m WHERE session_id = ANY (sessions))) AS unlisted,
			count(*) FILTER (WHERE (SELECT count(*) FROM m_users WHERE session_id = ANY (sessions)) <> 1) AS unowned,
			(SELECT count(*) FROM (SELECT unnest(sessions) AS s FROM m UNION ALL SELECT unnest(sessions) FROM m_users) l
			  WHERE s NOT IN (SELECT session_id FROM m_sessions)) AS missing,
			(SELECT count(*) FROM m, unnest(sessions) s JOIN m_sessions ON session_id = s WHERE m.item_id <> ALL (items)) AS wrong
		  INTO result FROM m_sessions;
		IF (result.unlisted, result.unowned, result.missing, result.wrong) <> (0, 0, 0, 0) THEN
			RAISE WARNING 'round %: %', round, result;
		END IF;
	END LOOP;
	CALL note('refresh');
	CALL rec.train('m');
	CALL note('train');
	SELECT string_agg(format('of %s %ss %s are the same', n, side, same), ', ' ORDER BY side) AS sides INTO result
	  FROM (SELECT side, count(*) AS n, count(*) FILTER (WHERE a.list = b.list AND a.n_ratings = b.n_ratings) AS same
			  FROM (SELECT * FROM contents WHERE stage = 'refresh') a FULL JOIN (SELECT * FROM contents WHERE stage = 'train') b USING (side, row)
			 GROUP BY 1) s;
	RAISE INFO '%', result.sides;
	SELECT count(*) AS n, count(*) FILTER (WHERE a.score = b.score) AS same INTO result
	  FROM (SELECT * FROM answers WHERE stage = 'refresh') a FULL JOIN (SELECT * FROM answers WHERE stage = 'train') b USING (question, item_id);
	RAISE INFO 'of % answers % are the same', result.n, result.same;
	DROP TABLE m;
END $$;
-- events that come at the end: of users who were there, and new items
CREATE FUNCTION add(round int, last int = 60) RETURNS void LANGUAGE sql AS $$
	INSERT INTO clicks SELECT 'u' || u, CASE WHEN (u + e + round) % 9 = 0 THEN 40 + round ELSE (u * round + 5 * e * e + u) % 40 END,
			(SELECT max(at) FROM clicks) + u * 7 + 700 * e + (u + e) % 3 * 3000
	  FROM generate_series(round, last, 4) u, generate_series(1, 3) e
$$;
-- the same of a single user, which is so little that only that is read
CREATE FUNCTION add_few(round int) RETURNS void LANGUAGE sql AS $$ SELECT add(round, round) $$;
CALL refresh_and_train('{"session_gap": "1500 seconds"}', 'add');
CALL refresh_and_train('{"session_gap": "1500 seconds", "sample": 4}', 'add');
CALL refresh_and_train('{"sample": 4}', 'add');
CALL refresh_and_train('{"sample": 1}', 'add', 4);
CALL refresh_and_train('{"session_gap": "1500 seconds", "sample": 5}', 'add_few', 8);
-- earlier ones, others of other items, and of new users; without idf, as the number of all users is that of the last training
CREATE FUNCTION change(round int) RETURNS void LANGUAGE sql AS $$
	SELECT add(round);
	INSERT INTO clicks SELECT 'u' || u, (u * 3 + round) % 40, u * 7 + 3 + round FROM generate_series(round, 60, 7) u;
	INSERT INTO clicks SELECT 'new' || round, (e * e + round) % 45, 9000 * round + 700 * e + 5 FROM generate_series(1, 9) e;
	UPDATE clicks SET item_id = (item_id + round) % 40 WHERE at % 17 = round
$$;
CALL refresh_and_train('{"idf": 0, "session_gap": "1500 seconds"}', 'change');
-- and rows that go
CREATE FUNCTION remove(round int) RETURNS void LANGUAGE sql AS $$
	SELECT change(round);
	DELETE FROM clicks WHERE user_id IN ('u' || (5 * round), 'u' || (7 * round)) OR at % 11 = round OR item_id = round + 2
$$;
CALL refresh_and_train('{"idf": 0, "session_gap": "1500 seconds"}', 'remove');
CALL refresh_and_train('{"idf": 0}', 'remove');
-- what a full list has lost is replaced by what is known, which here is everything
CALL refresh_and_train('{"idf": 0, "session_gap": "1500 seconds", "sample": 4}', 'remove');

-- ---- with everything else

-- by the time column
SELECT fill();
UPDATE clicks SET at = at - 100000000 WHERE user_id IN ('u1', 'u2');
SELECT rec.create_model('m', 'clicks', 'session_knn', '{"sample": 4}', time_column => 'at');
CALL rec.train('m');
INSERT INTO clicks SELECT u, i, floor(extract(epoch FROM now())) - i FROM (VALUES ('u1', 50), ('u2', 50), ('new', 50), ('new', 3)) v (u, i);
CALL rec.refresh('m');
SELECT n_ratings, cardinality(sessions) AS sessions FROM m WHERE item_id = 50;
SELECT user_id, n_ratings, cardinality(sessions) AS sessions FROM m_users WHERE user_id IN ('u1', 'u2', 'new') ORDER BY 1;
SELECT bool_or(item_id = '3') AS listed FROM rec.recommend_for('m', '{50}');
-- rows that somebody has deleted: what they were on leaves the lists, and their numbers are free
SELECT rec.track('m');
CALL rec.train('m');
DELETE FROM m_sessions WHERE session_id IN (SELECT sessions[1] FROM m_users WHERE user_id IN ('u7', 'u9'));
DELETE FROM m_users WHERE user_id = 'u8';
INSERT INTO clicks SELECT u, i, i - 100 + at FROM unnest('{u7, u8, fresh}'::text[]) u, generate_series(60, 62) i, LATERAL (SELECT max(at) AS at FROM clicks) t;
CALL rec.refresh('m');
SELECT count(*) AS sessions, count(*) FILTER (WHERE n = 1) AS of_one_user
  FROM (SELECT (SELECT count(*) FROM m_users WHERE session_id = ANY (sessions)) AS n FROM m_sessions WHERE '{60, 62}' && items) s;
SELECT count(*) AS missing FROM (SELECT unnest(sessions) AS s FROM m UNION ALL SELECT unnest(sessions) FROM m_users) l
 WHERE s NOT IN (SELECT session_id FROM m_sessions);
SELECT count(*) > 0 AS answered FROM rec.recommend('m', 'fresh');
-- who may ask need not see whose the sessions are
CREATE ROLE regress_rec_sessions;
GRANT USAGE ON SCHEMA refresh_sessions TO regress_rec_sessions;
GRANT SELECT ON m, m_sessions TO regress_rec_sessions;
SET ROLE regress_rec_sessions;
SELECT count(*) > 0 AS answered FROM rec.recommend_for('m', '{60}');
RESET ROLE;
DROP OWNED BY regress_rec_sessions;
DROP ROLE regress_rec_sessions;
-- a model of an earlier version has no table of users; its next training creates it
SET client_min_messages = notice;
DROP TABLE m_users;
DELETE FROM rec.model_table WHERE model = 'm'::regclass AND side = 'users';
UPDATE rec.model SET user_table = NULL, user_table_oid = NULL, user_table_name = NULL WHERE model = 'm'::regclass;
SELECT count(*) > 0 AS answered FROM rec.recommend_for('m', '{60}');
INSERT INTO clicks VALUES ('u1', 3, 1);
CALL rec.refresh('m');
SELECT count(*) > 0 AS written FROM m_users;
CALL rec.refresh('m');
DROP TABLE m;

DROP SCHEMA refresh_sessions CASCADE;
