-- The data for docs/clients.md: MovieLens, whose users and items are int, and a shop with uuid and text. Both models rank by
-- popularity, so that lists depend on nothing but the data. Explanations are of two other models, as popularity has no reasons.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION rec;

CREATE TABLE film (id int PRIMARY KEY, title text, genres text);
CREATE TABLE file (user_id int, item_id int, rating real, seconds bigint);
CREATE TABLE ratings (user_id int, item_id int, rating real, rated_at timestamptz, PRIMARY KEY (user_id, item_id));
\copy film FROM 'test/data/ml-latest-small/movies.csv' (FORMAT csv, HEADER)
\copy file FROM 'test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER)
INSERT INTO ratings SELECT user_id, item_id, rating, to_timestamp(seconds) FROM file;
DROP TABLE file;

CREATE TABLE purchases (customer uuid, sku text, PRIMARY KEY (customer, sku));
INSERT INTO purchases
SELECT ('00000000-0000-4000-8000-0000000000' || to_char(c, 'FM00'))::uuid, 'sku-' || s
  FROM generate_series(1, 20) c, generate_series(1, 8) s WHERE c % (s + 1) > 0;
ANALYZE;

SELECT rec.create_model('movies', 'ratings', 'popular', '{"feedback": "implicit"}', time_column => 'rated_at');
SELECT rec.create_model('goods', 'purchases', 'popular', user_column => 'customer', item_column => 'sku');
SELECT rec.create_model('similar_movies', 'ratings', 'item_knn');
SELECT rec.create_model('similar_goods', 'purchases', 'item_knn', user_column => 'customer', item_column => 'sku');
CALL rec.train('movies');
CALL rec.train('goods');
CALL rec.train('similar_movies');
CALL rec.train('similar_goods');
