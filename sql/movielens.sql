-- Real data: the accuracy of models on MovieLens, on two splits, against the figures that
-- others reach there. test/bench/accuracy.sql prints the figures themselves.
SET client_min_messages = warning;
\i test/bench/movielens.sql

CREATE VIEW time_events AS SELECT user_id, item_id FROM time_train;
CREATE VIEW md5_events AS SELECT user_id, item_id FROM md5_train;

-- the test parts are those of the published figures
SELECT count(*) FILTER (WHERE time_test) AS time_test, count(*) FILTER (WHERE md5_test) AS md5_test FROM split;

-- ---- the defaults, chosen without the test parts

SELECT rec.create_model('m', 'time_train'); CALL rec.train('m');
SELECT rmse <= 0.890 AS "rmse, time" FROM rating_errors('m', 'time_test');
-- explicit models rank too; what few people rated must not fill the lists
SELECT ndcg_10 >= 0.08 AS "explicit ndcg, time" FROM ranking_figures('m', 'time_test');
SELECT avg((n_ratings <= 3)::int) = 0 AS "nothing that three people rated"
  FROM (SELECT DISTINCT user_id FROM time_test) u, LATERAL rec.recommend('m', u.user_id) r JOIN m USING (item_id);
DROP TABLE m;

SELECT rec.create_model('m', 'md5_train'); CALL rec.train('m');
SELECT rmse <= 0.847 AS "rmse, md5" FROM rating_errors('m', 'md5_test');
DROP TABLE m;

SELECT rec.create_model('m', 'time_events'); CALL rec.train('m');
SELECT ndcg_10 >= 0.122 AS "ndcg, time" FROM ranking_figures('m', 'time_test');
DROP TABLE m;

SELECT rec.create_model('m', 'md5_events'); CALL rec.train('m');
SELECT ndcg_10 >= 0.345 AS "ndcg, md5" FROM ranking_figures('m', 'md5_test');
DROP TABLE m;

-- ---- options that suit each split best

SELECT rec.create_model('m', 'time_train', options => '{"regularization": 4, "regularization_scaling": 0.25}'); CALL rec.train('m');
SELECT rmse <= 0.8857 AS "rmse, time" FROM rating_errors('m', 'time_test');
DROP TABLE m;

SELECT rec.create_model('m', 'md5_train', options => '{"regularization": 4, "regularization_scaling": 0.25}'); CALL rec.train('m');
SELECT rmse <= 0.8425 AS "rmse, md5" FROM rating_errors('m', 'md5_test');
DROP TABLE m;

SELECT rec.create_model('m', 'time_events', options => '{"factors": 128, "regularization": 5, "regularization_scaling": 0.25, "alpha": 0.5, "tolerance": 0}'); CALL rec.train('m');
SELECT recall_20 >= 0.163 AS "recall, time", ndcg_10 >= 0.129 AS "ndcg, time" FROM ranking_figures('m', 'time_test');
DROP TABLE m;

SELECT rec.create_model('m', 'md5_events', options => '{"factors": 128, "regularization": 10, "regularization_scaling": 0.25, "alpha": 3}'); CALL rec.train('m');
SELECT recall_20 >= 0.352 AS "recall, md5", ndcg_10 >= 0.360 AS "ndcg, md5" FROM ranking_figures('m', 'md5_test');
DROP TABLE m;

DROP SCHEMA movielens CASCADE;
