-- What a release puts into an empty database for the dump that the next ones must restore: CONTRIBUTING says how it is
-- made. Releases from 0.1.0 on run it, so it keeps to what 0.1.0 had, and leaves out the algorithms that a release lacks.

CREATE EXTENSION rec;

-- 20 users have rated about half of 12 items, by taste and chance.
CREATE TABLE ratings (user_id int, item_id int, rating real, at date, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings
SELECT u, i, round(3 + 1.5 * sin(0.9 * u) * cos(0.7 * i) + sin(2.3 * u + 1.1 * i)), date '2026-01-01' + (u * 37 + i * 101) % 365
  FROM generate_series(1, 20) u, generate_series(1, 12) i
 WHERE (5 * u + 3 * i + u * i) % 17 < 9;

-- A model in another schema, whose names need quotes, on a view with ids of text; and one that was never trained.
CREATE SCHEMA shop;
CREATE VIEW shop."or ders" AS SELECT 'user ' || user_id AS who, 'item ' || item_id AS what, rating FROM ratings;
SELECT rec.create_model('shop."Al so"', 'shop."or ders"', options => '{"factors": 3, "iterations": 3, "regularization": 0.3}',
	user_column => 'who', item_column => 'what', rating_column => 'rating');
CALL rec.train('shop."Al so"');
SELECT rec.create_model('shop.untrained', 'ratings', options => '{"factors": 7, "regularization": 0.3}');

-- Models of every algorithm.
DO $$
DECLARE
	name text;
	its_algorithm text;
	its_options jsonb;
BEGIN
	FOR name, its_algorithm, its_options IN VALUES
		('als', 'als', jsonb '{"factors": 4, "iterations": 4, "regularization": 0.3}'),
		('als_cg', 'als', '{"factors": 4, "iterations": 4, "feedback": "implicit", "solver": "cg"}'),
		('svd', 'svd', '{"factors": 4}'),
		('bpr', 'bpr', '{"factors": 4, "iterations": 10, "feedback": "implicit"}'),
		('item_knn', 'item_knn', '{"neighbors": 6, "feedback": "implicit"}'),
		('user_knn', 'user_knn', '{"neighbors": 6}'),
		('ease', 'ease', '{"feedback": "implicit"}'),
		('slim', 'slim', '{"feedback": "implicit"}'),
		('markov', 'markov', '{"feedback": "implicit"}'),
		('session_knn', 'session_knn', '{"feedback": "implicit", "session_gap": "30 days"}'),
		('popular', 'popular', '{"feedback": "implicit"}'),
		('fm', 'fm', '{"factors": 2, "iterations": 4, "feedback": "implicit"}'),
		('gru', 'gru', '{"factors": 4, "iterations": 4, "feedback": "implicit"}'),
		('lstm', 'lstm', '{"factors": 4, "iterations": 4, "feedback": "implicit"}'),
		('caser', 'caser', '{"factors": 4, "iterations": 4, "feedback": "implicit"}'),
		('sasrec', 'sasrec', '{"factors": 4, "iterations": 4, "feedback": "implicit"}')
	LOOP
		CONTINUE WHEN NOT EXISTS (SELECT FROM rec.algorithms a WHERE a.algorithm = its_algorithm);
		PERFORM rec.create_model(name, 'ratings', its_algorithm, its_options, rating_column => 'rating', time_column => 'at');
		CALL rec.train(name::regclass);
	END LOOP;
END $$;

-- With attributes of items and users, and with contexts.
CREATE TABLE film AS SELECT i AS item_id, 'kind ' || i % 3 AS kind, 1980 + i AS year FROM generate_series(1, 14) i;
CREATE TABLE account AS SELECT u AS user_id, 'from ' || u % 4 AS home FROM generate_series(1, 22) u;
DO $$
BEGIN
	IF EXISTS (SELECT FROM rec.algorithms WHERE algorithm = 'content') THEN
		PERFORM rec.create_model('content', 'ratings', 'content', '{"feedback": "implicit", "min_count": 1}', items => 'film');
		PERFORM rec.create_model('als_described', 'ratings', 'als', '{"factors": 3, "iterations": 4, "regularization": 0.3, "min_count": 1}',
			rating_column => 'rating', items => 'film', users => 'account');
		PERFORM rec.create_model('fm_in_context', 'ratings', 'fm', '{"factors": 2, "iterations": 4, "feedback": "implicit", "min_count": 1}',
			rating_column => '', items => 'film', context_columns => '{rating}');
		CALL rec.train('content');
		CALL rec.train('als_described');
		CALL rec.train('fm_in_context');
	END IF;
END $$;

-- What the release says of them and answers.
CREATE TABLE models AS SELECT model::text, algorithm, version, rows, users, items FROM rec.models;
\ir ask.sql
CREATE TABLE answers AS SELECT * FROM pg_temp.ask();
